"""The group that all commands belong to, and how they speak and leave."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import click

from siteplan.errors import Language, SiteplanError, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteplan.model import Case

VIOLATIONS = 1
INTERRUPTED, TERMINATED = 130, 143  # as shells count them: 128 and the number of the signal


class Reporting(click.Group):
    """A group that shows siteplan's own errors as messages, and lets bugs through as tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the chosen command."""
        try:
            with leave_on_sigterm():
                return super().invoke(ctx)
        except SiteplanError as error:
            lang: Language = ctx.obj or choose_language()
            for line in say_error(error, lang):
                click.echo(line, err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@contextmanager
def leave_on_sigterm() -> Iterator[None]:
    """Leave by an exception when the system asks to: what is half written is then removed."""

    def leave(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # nothing shall break the tidying off
        sys.exit(TERMINATED)

    before = signal.getsignal(signal.SIGTERM)
    alone = threading.current_thread() is threading.main_thread()
    if before is not signal.SIG_DFL or not alone:  # whoever runs us has a will of their own
        yield
        return
    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@click.group(cls=Reporting, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="siteplan")
def main() -> None:
    """Plan public-service sites: who is reached on foot, by which site, and why."""


def settle_language(ctx: click.Context, asked: Language | None) -> Language:
    """Return the language of messages, also of errors: Chinese where the system speaks it."""
    lang = asked or choose_language()
    ctx.find_root().obj = lang
    return lang


def choose_language() -> Language:
    """Return the language of messages: Chinese where the system speaks it."""
    spoken = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "zh" if spoken.lower().startswith("zh") else "en"


def print_result(result: str | bytes) -> None:
    """Write a result to stdout; bytes as they are."""
    if isinstance(result, bytes):
        sys.stdout.buffer.write(result)
    else:
        click.echo(result)


def report_refused(ctx: click.Context, case: "Case", lang: Language) -> None:
    """Say why proposals were left out, and leave if any were."""
    from siteplan.errors import InputError
    from siteplan.files import clean_text

    for refused in case.refused:
        for defect in refused.defects:
            click.echo(f"{_error_word(lang)}{clean_text(defect.say(lang))}", err=True)
    if case.refused:
        ctx.exit(InputError.exit_code)


def say_error(error: SiteplanError, lang: Language) -> list[str]:
    """Return the lines in which an error is told."""
    from siteplan.files import clean_text

    return [f"{_error_word(lang)}{clean_text(defect.say(lang))}" for defect in error.defects]


def _error_word(lang: Language) -> str:
    return Text("错误：", "Error: ").say(lang)


def report_progress(lang: Language, *, quiet: bool) -> "Callable[[Text], None]":
    """Return what tells on stderr what is being done."""

    def tell(text: Text) -> None:
        if not quiet:
            click.echo(f"{text.say(lang)}…", err=True)

    return tell
