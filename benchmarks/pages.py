"""How large the pages of a city are, and how soon a browser shows them.

    python benchmarks/pages.py [--quick] [--json] [--keep FOLDER]

A synthetic city of 176 subdistricts and 2,000 sites; the demo with --quick. A page is shown when
its scripts have run and the browser has painted twice; each time is the median of 5 loads by
Chromium without a network, beside a page that holds Leaflet and nothing to show. Trying out a
scheme is timed inside a page, the median of 20, with 20,000 points and 50 venues. --keep leaves the
city and its pages in FOLDER.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from synthetic_city import CityPlan, make_city, plan_demo

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Trial
from siteplan.outputs.backdrop import Degrees
from siteplan.outputs.folder import write_folder
from siteplan.outputs.page import Parts, render_page
from siteplan.outputs.webmap.trials import describe_trial

LOADS, TRIES = 5, 20
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
CITY = CityPlan(
    subdistricts=176, residents=8_000_000, sites=2_000, road_nodes=104_000, nodes_per_km2=155.0
)
PAINTED = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"""
"""Milliseconds since the page was asked for, once it has been painted twice."""
TIME = """(tries) => {
  const times = [];
  for (let i = 0; i < tries; i += 1) {
    const start = performance.now();
    window.tried(i);
    times.push(performance.now() - start);
  }
  return times;
}"""
TRY = """
window.siteplan_trial = decodeTrial(JSON.parse(
  document.getElementById("siteplan-data").textContent).trial);
window.tried = (i) => tryOut(window.siteplan_trial,
  window.siteplan_trial.venues.map((_, venue) => (venue + i) % 3 > 0), 0, 1000 + i);
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """How large a page is, and when it is shown."""

    megabytes: float
    shown_ms: float


@contextmanager
def open_page(browser: Browser, path: Path) -> Iterator[Page]:
    """Open a file with a profile of its own and no network."""
    context = browser.new_context(offline=True, locale="zh-CN")
    page = context.new_page()
    page.goto(path.as_uri())
    yield page
    context.close()


def measure_page(browser: Browser, path: Path) -> Shown:
    """Open a page several times."""
    times = []
    for _ in range(LOADS):
        with open_page(browser, path) as page:
            times.append(page.evaluate(PAINTED))
    return Shown(path.stat().st_size / 1e6, median(times))


def draw_trial(points: int, venues: int) -> Trial:
    """Draw a centre with a walk from every point to every venue."""
    rng = np.random.default_rng(7)
    return Trial(
        subdistrict="440100001",
        venues=tuple(f"v{venue:02}" for venue in range(venues)),
        members=np.ones(venues, dtype=np.bool_),
        headquarters=0,
        radius_m=1000.0,
        target=0.85,
        x=np.sort(rng.uniform(436_000, 439_000, points)),
        y=rng.uniform(2_558_000, 2_561_000, points),
        population=rng.uniform(1, 40, points),
        groups={},
        cut_off=np.zeros(points, dtype=np.bool_),
        distance_m=rng.uniform(0, 5000, (venues, points)),
        link_m=np.zeros((venues, venues)),
        on_foot=True,
    )


def write_trial(folder: Path, points: int, venues: int) -> Path:
    """Write a page that holds one large trial and what tries schemes out on it."""
    trial = describe_trial(draw_trial(points, venues), Degrees("EPSG:4547"))
    glue = folder / "try.js"
    glue.write_text(TRY, encoding="utf-8")
    path = folder / "trial.html"
    page = render_page(
        {"trial": trial}, Parts((), ("trial.js", str(glue)), "<main></main>"), title=""
    )
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def measure_trial(browser: Browser, path: Path) -> float:
    """Return how many milliseconds it takes to try out a scheme."""
    with open_page(browser, path) as page:
        times: list[float] = page.evaluate(TIME, TRIES)
    return median(times)


def write_empty(folder: Path) -> Path:
    """Write a page with Leaflet and nothing to show."""
    path = folder / "empty.html"
    page = render_page({}, Parts((), (), "<main></main>"), title="empty")
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def measure(folder: Path, plan: CityPlan) -> Mapping[str, float]:
    """Make the city, write its pages, and open them."""
    make_city(folder / "city", plan)
    evaluation = evaluate(read_case(folder / "city"))
    start_s = perf_counter()
    write_folder(evaluation, folder / "maps", "zh")
    written_s = perf_counter() - start_s
    pages = sorted(
        (folder / "maps" / "subdistricts").iterdir(), key=lambda page: page.stat().st_size
    )
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        overview = measure_page(browser, folder / "maps" / "index.html")
        report = measure_page(browser, folder / "maps" / "report.html")
        largest = measure_page(browser, pages[-1])
        empty = measure_page(browser, write_empty(folder))
        trial_ms = measure_trial(browser, write_trial(folder, 20_000, 50))
        browser.close()
    return {
        "subdistricts": len(evaluation.judgements),
        "sites": len(evaluation.worth),
        "overview_mb": overview.megabytes,
        "overview_ms": overview.shown_ms,
        "subdistrict_largest_mb": largest.megabytes,
        "subdistrict_median_mb": pages[len(pages) // 2].stat().st_size / 1e6,
        "subdistrict_largest_ms": largest.shown_ms,
        "report_mb": report.megabytes,
        "report_ms": report.shown_ms,
        "empty_ms": empty.shown_ms,
        "written_s": written_s,
        "trial_20000x50_ms": trial_ms,
    }


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the small demo")
    parser.add_argument("--json", action="store_true", help="a line for each figure")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave city and pages here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        figures = measure(options.keep or Path(name), plan_demo() if options.quick else CITY)
    if options.json:
        for figure, value in figures.items():
            print(json.dumps({"figure": figure, "value": value}))
        return
    print("| figure | value |\n| --- | ---: |")
    for figure, value in figures.items():
        print(f"| {figure} | {value:,.3f} |")


if __name__ == "__main__":
    main()
