"""Trying out schemes in the page: the page's numbers are the library's, and the panel says them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import LAPTOP, PHONE, Chromium, Visit, start_chromium
from schemes import Scheme, draw_scheme, draw_trial

from siteplan.analysis.trial import try_out
from siteplan.model import Trial, Tried
from siteplan.outputs.backdrop import Degrees
from siteplan.outputs.page import WEB, Parts, render_page
from siteplan.outputs.webmap.trials import describe_trial

pytestmark = pytest.mark.browser

DEGREES = Degrees("EPSG:4547")
TRIES = 200
HOSTILE = "<img src=x onerror=alert(1)>"
PANEL_SCRIPTS = ("words.js", "data.js", "speech.js", "draw.js", "trial.js", "trial-panel.js")
HEAD = """<style>
html, body { height: auto; overflow: auto; }
#siteplan-panel { display: block; max-width: 412px; }
</style>"""
MOUNT = """
const place = document.getElementById("siteplan-panel");
const results = window.results = [];
const decoded = window.decoded = decodeTrial(data.trial);
const mount = () => {
  document.documentElement.lang = state.lang;
  place.replaceChildren(languageButtons(), trialPanel(decoded, (one) => results.push(one)));
};
function speak(lang) { state.lang = lang; mount(); }
mount();
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with start_chromium() as browser:
        yield browser


def read_web(*names: str) -> str:
    return "\n".join((WEB / name).read_text("utf-8") for name in names)


def write_page(path: Path, payload: dict[str, object], body: str, start: str) -> Path:
    parts = Parts(("base.css", "map.css", "panel.css", "trial.css"), (), body, HEAD, start)
    path.write_text(render_page(payload, parts, title="a"), encoding="utf-8", newline="\n")
    return path


# --- figures


def reckon_in_page(
    chromium: Chromium, folder: Path, tries: Sequence[tuple[Trial, Scheme]]
) -> list[Any]:
    """Return what the page makes of schemes."""
    payload: dict[str, object] = {
        "tries": [
            {
                "trial": describe_trial(trial, DEGREES),
                "chosen": scheme.chosen.tolist(),
                "headquarters": scheme.headquarters,
                "radius": scheme.radius_m,
            }
            for trial, scheme in tries
        ]
    }
    path = write_page(folder / "figures.html", payload, "<main></main>", read_web("trial.js"))
    code = """() => JSON.parse(document.getElementById("siteplan-data").textContent).tries.map(
        ({ trial, chosen, headquarters, radius }) => {
          const tried = tryOut(decodeTrial(trial), chosen, headquarters, radius);
          return { ...tried, covered: [...tried.covered], nearest: [...tried.nearest],
            distance_m: [...tried.distance_m] };
        })"""
    with chromium.visit(path) as visit:
        found: list[Any] = visit.page.evaluate(code)
        assert visit.problems == []
    return found


def number(value: float | None) -> float:
    return math.nan if value is None else value


def assert_same(shown: Any, tried: Tried) -> None:  # noqa: ANN401
    people: dict[str, Any] = {"rel": 0, "abs": 1e-6, "nan_ok": True}
    walk: dict[str, Any] = {"rel": 0, "abs": 1.01e-3, "nan_ok": True}  # steps of a millimetre
    for name in ("covered_population", "uncovered_population", "unreachable_population"):
        assert shown[name] == pytest.approx(getattr(tried, name), **people), name
    assert number(shown["coverage_ratio"]) == pytest.approx(tried.coverage_ratio, **people)
    assert number(shown["mean_distance_m"]) == pytest.approx(tried.mean_distance_m, **walk)
    assert number(shown["p95_distance_m"]) == pytest.approx(tried.p95_distance_m, **walk)
    groups = {one["name"]: one["coverage_ratio"] for one in shown["groups"]}
    assert groups == pytest.approx(dict(tried.group_ratios), **people)
    assert shown["covered"] == tried.covered.astype(int).tolist()
    assert shown["nearest"] == tried.nearest.tolist()
    assert shown["distance_m"] == pytest.approx(tried.distance_m.tolist(), **walk)
    ours, network = shown["network"], tried.network
    for name in ("headquarters", "connected", "best_median", "best_center", "is_center"):
        assert ours[name] == getattr(network, name), name
    assert ours["stranded"] == list(network.stranded)
    assert ours["redundant"] == list(network.redundant)
    links = [(one["site"], one["distance_m"]) for one in ours["links"]]
    assert links == [(one.site, one.distance_m) for one in network.links]
    losses = {one["site"]: one["coverage_ratio"] for one in ours["losses"]}
    assert losses == pytest.approx(dict(network.losses), **people)
    worst = ours["worst_loss"] and ours["worst_loss"]["site"]
    assert worst == (network.worst_loss and network.worst_loss[0])
    assert number(ours["median_factor"]) == pytest.approx(network.median_factor, nan_ok=True)


def test_the_page_reckons_as_the_library_does(chromium: Chromium, tmp_path: Path) -> None:
    tries = []
    for seed in range(TRIES):
        trial = draw_trial(seed)
        tries.append((trial, draw_scheme(trial, seed + TRIES)))
    found = reckon_in_page(chromium, tmp_path, tries)
    for shown, (trial, scheme) in zip(found, tries, strict=True):
        tried = try_out(trial, scheme.chosen, scheme.headquarters, scheme.radius_m)
        assert_same(shown, tried)
        lost = {one["site"]: one["population"] for one in shown["network"]["losses"]}
        for row in np.flatnonzero(scheme.chosen):
            others = scheme.chosen.copy()
            others[row] = False
            without = try_out(trial, others, None, scheme.radius_m).covered_population
            if lost:
                alone = tried.covered_population - without
                assert lost[trial.venues[row]] == pytest.approx(alone, abs=1e-6)


def test_the_draws_hold_what_is_hard() -> None:
    """Ties, walks that end at the limit, points that nobody reaches, networks that fall apart."""
    seen = dict.fromkeys(("tie", "limit", "past", "unreachable", "apart", "exact", "none"), 0)
    for seed in range(TRIES):
        trial = draw_trial(seed)
        scheme = draw_scheme(trial, seed + TRIES)
        tried = try_out(trial, scheme.chosen, scheme.headquarters, scheme.radius_m)
        walks_m = trial.distance_m[scheme.chosen]
        beyond_m = walks_m - scheme.radius_m
        ties = np.isclose(walks_m, tried.distance_m, rtol=0, atol=1e-6) & np.isfinite(walks_m)
        seen["tie"] += bool((ties.sum(axis=0) > 1).any())
        seen["limit"] += bool(((beyond_m > 0) & (beyond_m < 1.05e-6)).any())
        seen["past"] += bool(((beyond_m > 1.05e-6) & (beyond_m < 1e-3)).any())
        seen["unreachable"] += tried.unreachable_population > 0
        seen["apart"] += bool(tried.network.stranded)
        written: Any = describe_trial(trial, DEGREES)
        seen["exact"] += bool(written["distance_m"]["exact"])
        seen["none"] += not scheme.chosen.any()
    assert min(seen.values()) >= 10, seen


def draw_large_trial(points: int, venues: int) -> Trial:
    rng = np.random.default_rng(points)
    size = (venues, points)
    return replace(
        draw_trial(0),
        venues=tuple(f"v{row:02}" for row in range(venues)),
        members=np.ones(venues, dtype=bool),
        x=np.sort(rng.uniform(536_000, 539_000, points)),
        y=rng.uniform(2_558_000, 2_561_000, points),
        population=rng.uniform(1, 40, points),
        groups={},
        cut_off=np.zeros(points, dtype=bool),
        distance_m=rng.uniform(0, 5000, size),
        link_m=np.zeros((venues, venues)),
    )


TIMES = """(radius) => {
  const decoded = decodeTrial(JSON.parse(
    document.getElementById("siteplan-data").textContent).trial);
  const chosen = decoded.venues.map(() => true);
  const times = Array.from({ length: 20 }, () => {
    const start = performance.now();
    tryOut(decoded, chosen, 0, radius);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[10];
}"""


def test_a_try_takes_time_in_proportion_to_its_walks(chromium: Chromium, tmp_path: Path) -> None:
    medians = []
    for points, venues in ((5000, 12), (20_000, 50)):
        payload = {"trial": describe_trial(draw_large_trial(points, venues), DEGREES)}
        page = tmp_path / f"{points}.html"
        write_page(page, payload, "<main></main>", read_web("trial.js"))
        with chromium.visit(page) as visit:
            medians.append(visit.page.evaluate(TIMES, 1000))
    assert medians[1] < 50 * max(medians[0], 0.5)  # 17 times the walks


# --- the panel


def make_centre() -> Trial:
    """Make a centre by hand.

    Walks, m    p0 100 people  p1 200  p2 300  p3 40
    a, HQ             100        450      -      -
    b, branch         600        400     900     -
    c, candidate       -         800     300     -
    d, candidate       -          -       -     200, nobody can walk from it to the others
    """
    inf = math.inf
    return replace(
        draw_trial(0),
        venues=("a", "b", "c", "d"),
        members=np.array([True, True, False, False]),
        headquarters=0,
        radius_m=500.0,
        target=0.85,
        x=np.full(4, 536_000.0),
        y=np.full(4, 2_558_000.0),
        population=np.array([100.0, 200.0, 300.0, 40.0]),
        groups={"age_60_plus": np.array([10.0, 10.0, 20.0, 0.0])},
        cut_off=np.zeros(4, dtype=bool),
        distance_m=np.array(
            [[100, 450, inf, inf], [600, 400, 900, inf], [inf, 800, 300, inf], [inf, inf, inf, 200]]
        ),
        link_m=np.array(
            [[0, 700, 1200, inf], [700, 0, 800, inf], [1200, 800, 0, inf], [inf, inf, inf, 0]]
        ),
        on_foot=True,
    )


def write_panel(path: Path, trial: Trial, lang: str = "en") -> Path:
    names = {"a": "东湖路总部", "b": "农林下路分站点", "c": HOSTILE, "d": "岛上备选"}
    kinds = {"a": ("existing", "headquarters"), "b": ("proposed", "branch"),
             "c": ("candidate", None), "d": ("candidate", None)}  # fmt: skip
    payload: dict[str, object] = {
        "lang": lang,
        "kind": "subdistrict",
        "trial": describe_trial(trial, DEGREES),
        "subdistricts": [],
        "sites": [
            {"id": id_, "name": names[id_], "status": kinds[id_][0], "role": kinds[id_][1]}
            for id_ in trial.venues
        ],
        "findings": [],
        "rule_titles": {},
    }
    script = f'(() => {{\n"use strict";\n{read_web(*PANEL_SCRIPTS)}\n{MOUNT}}})();'
    return write_page(path, payload, '<aside id="siteplan-panel"></aside>', script)


@pytest.fixture
def panel(chromium: Chromium, tmp_path: Path) -> Iterator[Visit]:
    with chromium.visit(write_panel(tmp_path / "panel.html", make_centre())) as visit:
        yield visit
        assert visit.problems == []


def read_row(visit: Visit, name: str) -> list[str]:
    head = visit.page.get_by_role("rowheader", name=name, exact=True)
    return visit.page.locator(".trial tr", has=head).locator("td").all_inner_texts()


def test_the_panel_opens_on_the_scheme_evaluated(panel: Visit) -> None:
    assert read_row(panel, "Coverage") == ["46.9%", "46.9%"]  # 300 of 640
    assert read_row(panel, "Residents covered") == ["300 people", "300 people"]
    assert read_row(panel, "Not covered") == ["340 people", "340 people"]
    assert read_row(panel, "Unreachable") == ["40 people", "40 people"]
    assert read_row(panel, "Longest link to the headquarters") == ["700 m", "700 m"]
    assert read_row(panel, "60 and over") == ["50.0%", "50.0%"]
    assert panel.text(".tried-said") == (
        "Tried: 46.9% covered, the scheme as evaluated;"
        " 244 people more must be covered to meet the target of 85.0%;"
        " every branch can be walked to."
    )
    assert panel.page.locator(".tried-reset").is_disabled()
    assert panel.page.evaluate("results.length") == 0


def test_the_panel_says_that_it_changes_nothing_and_gives_no_verdict(panel: Visit) -> None:
    note = panel.text(".tried-note")
    assert "changes nothing" in note
    assert "gives no verdict" in note
    assert "evaluate again" in note


def test_a_venue_switched_on_changes_the_figures_and_tells_the_map(panel: Visit) -> None:
    panel.page.get_by_role("checkbox", name=HOSTILE).check()
    assert read_row(panel, "Coverage") == ["46.9%", "93.8%"]
    assert read_row(panel, "Residents gained") == ["300 people"]
    assert read_row(panel, "Residents lost") == ["0 people"]
    assert read_row(panel, "Longest link to the headquarters") == ["700 m", "1,200 m"]
    assert panel.text(".tried-said") == (
        "Tried: 93.8% covered (46.9% as evaluated); 300 people gained, 0 people lost;"
        " the target of 85.0% is met; every branch can be walked to."
    )
    assert panel.page.evaluate("[...results.at(-1).covered]") == [1, 1, 1, 0]
    venue = panel.page.locator(".venue", has=panel.page.locator("[data-venue=c]"))
    assert "without it 300 people of this subdistrict lose coverage" in venue.inner_text()


def test_a_venue_that_adds_nobody_is_told(panel: Visit) -> None:
    venue = panel.page.locator(".venue", has=panel.page.locator("[data-venue=b]"))
    assert "without it nobody of this subdistrict loses coverage" in venue.inner_text()


def test_a_branch_that_cannot_be_walked_to_is_named(panel: Visit) -> None:
    panel.page.locator("[data-venue=d]").check()
    assert "branches that cannot reach the headquarters: 岛上备选" in panel.text(".tried-said")
    assert read_row(panel, "Service network") == ["Connected", "Not connected"]


def test_the_headquarters_can_be_moved_and_left_out(panel: Visit) -> None:
    panel.page.locator("[data-headquarters=b]").check()
    assert panel.page.evaluate("results.at(-1).network.headquarters") == "b"
    panel.page.locator("[data-venue=c]").check()
    panel.page.locator("[data-venue=b]").uncheck()
    assert "no headquarters is chosen" in panel.text(".tried-said")
    assert panel.page.locator("[data-headquarters=b]").is_disabled()
    panel.page.locator("[data-venue=c]").uncheck()
    assert panel.page.locator("[data-headquarters=a]").is_checked()  # it stands alone
    panel.page.locator("[data-venue=a]").uncheck()
    assert "no site is chosen" in panel.text(".tried-said")
    assert read_row(panel, "Coverage") == ["46.9%", "0.0%"]


def test_any_whole_metre_can_be_typed_and_nothing_else(panel: Visit) -> None:
    field, wrong = panel.page.locator("[type=number]"), panel.page.locator(".wrong")
    field.fill("600")
    assert panel.page.evaluate("decoded.scheme.radius") == 600
    assert panel.page.locator("[type=range]").get_attribute("aria-valuetext") == "600 m"
    for text in ("", "0", "449.5", "20000", "-5"):
        field.fill(text)
        assert wrong.inner_text() == "Give whole metres from 1 to 10,000"
        assert field.get_attribute("aria-invalid") == "true"
        assert panel.page.evaluate("decoded.scheme.radius") == 600
    field.fill("399")
    assert wrong.inner_text() == ""
    assert read_row(panel, "Residents lost") == ["200 people"]
    assert field.input_value() == "399"


def test_the_slider_has_steps_of_50_m_and_the_radius_of_the_standard(
    chromium: Chromium, tmp_path: Path
) -> None:
    path = write_panel(tmp_path / "panel.html", replace(make_centre(), radius_m=903.6))
    with chromium.visit(path) as visit:
        slider = visit.page.locator("[type=range]")
        assert slider.get_attribute("aria-valuetext") == "904 m"
        assert slider.get_attribute("max") == "59"  # 59 steps, and 903.6 m
        slider.press("ArrowRight")
        assert visit.page.evaluate("decoded.scheme.radius") == 950
        slider.press("ArrowLeft")
        slider.press("ArrowLeft")
        assert visit.page.evaluate("decoded.scheme.radius") == 900
        visit.page.locator("[type=number]").fill("903.6")
        assert visit.page.evaluate("decoded.scheme.radius") == 903.6
        slider.press("Home")
        assert visit.page.evaluate("decoded.scheme.radius") == 100
        slider.press("End")
        assert visit.page.evaluate("decoded.scheme.radius") == 3000
        assert visit.problems == []


def test_reset_goes_back_to_the_scheme_evaluated(panel: Visit) -> None:
    panel.page.locator("[data-venue=c]").check()
    panel.page.locator("[data-headquarters=c]").check()
    panel.page.locator("[type=number]").fill("1000")
    panel.page.locator(".tried-reset").click()
    assert "the scheme as evaluated" in panel.text(".tried-said")
    assert panel.page.locator("[type=number]").input_value() == "500"
    assert panel.page.locator("[data-headquarters=a]").is_checked()
    assert not panel.page.locator("[data-venue=c]").is_checked()
    assert panel.page.evaluate("[...results.at(-1).covered]") == [1, 1, 0, 0]


def test_what_is_tried_outlives_a_change_of_language(panel: Visit) -> None:
    panel.page.locator("[data-venue=c]").check()
    panel.page.locator("[type=number]").fill("600")
    panel.page.get_by_role("button", name="中文").click()
    assert panel.page.locator("[data-venue=c]").is_checked()
    assert panel.page.locator("[type=number]").input_value() == "600"
    assert panel.text(".tried-said") == (
        "试算覆盖率 93.8%（评估方案 46.9%）：新增覆盖 300 人，失去覆盖 0 人；"
        "达到覆盖目标 85.0%；各分站点均可步行到总部。"
    )


def test_a_target_missed_by_little_does_not_look_met(chromium: Chromium, tmp_path: Path) -> None:
    people = np.array([84_999.0, 0.0, 0.0, 15_001.0])
    trial = replace(make_centre(), population=people, groups={})
    with chromium.visit(write_panel(tmp_path / "panel.html", trial)) as visit:
        assert read_row(visit, "Coverage") == ["84.999%", "84.999%"]
        assert "1 people more must be covered" in visit.text(".tried-said")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_the_panel_fits_its_place(
    chromium: Chromium, tmp_path: Path, size: tuple[int, int], lang: str
) -> None:
    path = write_panel(tmp_path / "panel.html", make_centre(), lang)
    with chromium.visit(path, size=size) as visit:
        visit.page.locator("[data-venue=c]").check()
        wide = "node => node.scrollWidth - node.clientWidth"
        assert visit.page.locator("#siteplan-panel").evaluate(wide) <= 0
        for control in visit.page.locator(".trial :is(input, button)").all():
            box = control.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= size[0]
        visit.page.screenshot(path=tmp_path / f"{lang}-{size[0]}.png", full_page=True)
