"""A headless Chromium without a network, for tests of the pages siteplan writes."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAPTOP, PHONE = (1366, 768), (390, 844)


@dataclass
class Visit:
    """An open page, and what went wrong or was asked for since it was opened."""

    page: "playwright.sync_api.Page"  # noqa: F821 - imported only where there is a browser
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        """Return what a reader sees of one element."""
        return self.page.locator(selector).inner_text()


class Chromium:
    """A running browser; every visit gets a profile of its own."""

    def __init__(self, browser: "playwright.sync_api.Browser") -> None:  # noqa: F821
        self._browser = browser

    @contextmanager
    def visit(
        self, path: Path, *, locale: str = "en-GB", size: tuple[int, int] = LAPTOP
    ) -> Iterator[Visit]:
        """Open a file and watch its console, its errors, its dialogs and its requests."""
        width, height = size
        context = self._browser.new_context(
            offline=True, locale=locale, viewport={"width": width, "height": height}
        )
        visit = Visit(context.new_page())
        visit.page.on("console", lambda message: visit.problems.append(message.text))
        visit.page.on("pageerror", lambda error: visit.problems.append(str(error)))
        visit.page.on("dialog", lambda dialog: visit.problems.append(dialog.message))
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        try:
            visit.page.goto(path.as_uri())
            yield visit
        finally:
            context.close()


@contextmanager
def start_chromium() -> Iterator[Chromium]:
    """Run the Chromium of this computer, or skip the test, saying what is missing."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"there is no browser: none of {', '.join(NAMES)}")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield Chromium(browser)
        finally:
            browser.close()
