"""The page of a comparison in a browser: what a bureau sees, clicks and sorts."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import town
from browser import PHONE, Chromium, Visit, start_chromium
from compared import SITES, Document, change_site, judge, read
from small_map import HOSTILE

from siteplan.compare import compare_evaluations
from siteplan.inputs.case import read_place
from siteplan.model import StudyArea
from siteplan.outputs.comparison import write_page
from siteplan.outputs.page import WEB

pytestmark = pytest.mark.browser
NEW = ((1850, 850), {"id": "e2", "name": "东二", "subdistrict": town.EAST, "role": "branch"})


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with start_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> StudyArea:
    return read_place(town.write_town(tmp_path_factory.mktemp("area"))).area


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Document]:
    """Judge the town before and after: a site moved, one is new, one is gone, one was promoted."""
    after = [
        (where, {**own, "status": "proposed"} if own["id"] == "w3" else own)
        for where, own in change_site("e1", (1400, 300))
        if own["id"] != "w2"
    ]
    folder = tmp_path_factory.mktemp
    return judge(folder("before"), SITES), judge(folder("after"), [*after, NEW])


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, sides: tuple[Document, Document], area: StudyArea) -> Write:
    def write_it(
        change: Callable[[Document], object] = lambda _: None,
        *,
        lang: Any = None,  # noqa: ANN401
        with_boundaries: bool = True,
    ) -> Path:
        before, after = json.loads(json.dumps(sides))
        change(after)
        evaluations = read(before, tmp_path, "a.json"), read(after, tmp_path, "b.json")
        comparison = compare_evaluations(*evaluations, across_methods=True)
        path = tmp_path / "comparison.html"
        path.write_bytes(write_page(comparison, area if with_boundaries else None, lang))
        return path

    return write_it


def list_rows(visit: Visit) -> list[str]:
    rows = visit.page.locator("#siteplan-panel tr[data-code]")
    return [row.get_attribute("data-code") or "" for row in rows.all()]


@pytest.mark.parametrize("with_boundaries", [True, False])
def test_page_opens_without_a_complaint_and_asks_no_host(
    chromium: Chromium, write: Write, *, with_boundaries: bool
) -> None:
    path = write(with_boundaries=with_boundaries)
    with chromium.visit(path) as visit:
        assert visit.page.locator(".site .altered").count() == 4
        assert visit.problems == []
        asked = {url for url in visit.requests if not url.startswith("data:")}
        assert asked == {path.as_uri()}
        said = "There are no boundaries" in visit.text(".legend")
        assert said is not with_boundaries


def test_equal_evaluations_open_too(
    chromium: Chromium, tmp_path: Path, sides: tuple[Document, Document], area: StudyArea
) -> None:
    one = read({**sides[0], "subdistricts": [], "sites": [], "findings": []}, tmp_path)
    path = tmp_path / "same.html"
    path.write_bytes(write_page(compare_evaluations(one, one), area, "en"))
    with chromium.visit(path) as visit:
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
        assert visit.problems == []
        assert "No change" in visit.text("#siteplan-panel")


def test_a_row_opens_what_changed_and_why(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        row = visit.page.locator(f"tr[data-code='{town.EAST}'] button")
        row.focus()
        visit.page.keyboard.press("Enter")
        detail = visit.text(".detail")
        assert "site e1 moved by 224 m" in detail  # 100 m west and 200 m south
        assert "site e2 added (proposed)" in detail
        assert "Mean distance" in detail
        assert row.get_attribute("aria-expanded") == "true"
        visit.page.keyboard.press("Enter")
        assert visit.page.locator(".detail").count() == 0


def test_map_tells_what_became_of_sites_and_opens_them(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        fates = {
            fate: visit.page.locator(f".site .altered.{fate}").count()
            for fate in ("added", "removed", "kept")
        }
        assert fates == {"added": 1, "removed": 1, "kept": 2}
        visit.page.locator(".site[title='东二']").click()
        assert visit.page.locator("#tab-sites").get_attribute("aria-selected") == "true"
        assert visit.text("tr.selected th").startswith("东二")


def test_lists_are_sorted_by_what_their_heads_say(chromium: Chromium, write: Write) -> None:
    def rise(after: Document) -> None:
        after["subdistricts"][0]["coverage_ratio"] = 0.999

    with chromium.visit(write(rise)) as visit:
        visit.page.locator("#sort-name").click()
        assert list_rows(visit) == [town.WEST, town.EAST]
        assert visit.page.locator("th[aria-sort=ascending]").inner_text().startswith("Subdistrict")
        visit.page.locator("#sort-name").click()
        assert list_rows(visit) == [town.EAST, town.WEST]
        for key in ("before", "after", "change", "mean", "findings", "verdict"):
            visit.page.locator(f"#sort-{key}").click()
            assert visit.page.locator(f"th[aria-sort=descending] #sort-{key}").count() == 1
        visit.page.locator("#sort-change").click()
        figures = visit.page.locator("tr[data-code] td.delta:nth-child(5)").all_inner_texts()
        values = [float(text.replace("−", "-").replace("<", "")) for text in figures]
        assert values == sorted(values, reverse=True)
        assert visit.problems == []


@pytest.mark.parametrize("ratio", [0.001, 0.999])
def test_what_changed_comes_first_for_better_or_worse(
    ratio: float, chromium: Chromium, write: Write, sides: tuple[Document, Document]
) -> None:
    codes = [one["code"] for one in reversed(sides[0]["subdistricts"])]

    def change(after: Document) -> None:
        after.update(json.loads(json.dumps(sides[0])))
        after["subdistricts"][1]["coverage_ratio"] = ratio

    with chromium.visit(write(change)) as visit:
        for _ in range(2):
            assert list_rows(visit) == codes
            visit.page.locator("#sort-change").click()


def test_what_has_no_figure_is_sorted_last(chromium: Chromium, write: Write) -> None:
    def forget(after: Document) -> None:
        after["subdistricts"][0]["coverage_ratio"] = None

    with chromium.visit(write(forget)) as visit:
        for _ in range(2):
            visit.page.locator("#sort-after").click()
            assert list_rows(visit)[-1] == town.WEST


def test_findings_are_filtered_by_what_became_of_them(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("#tab-findings").click()
        every = visit.page.locator(".finding").count()
        counts = []
        for fate in ("new", "gone", "changed"):
            visit.page.locator(f"#show-{fate}").click()
            found = visit.page.locator(".finding").count()
            assert visit.page.locator(f".fate:text-is('{fate}')").count() == found
            counts.append(found)
        assert sum(counts) == every
        assert every > 0


@pytest.mark.parametrize(("locale", "word"), [("zh-CN", "评审结果对比"), ("en-GB", "Comparison")])
def test_page_speaks_the_language_of_the_browser_and_switches(
    chromium: Chromium, write: Write, locale: str, word: str
) -> None:
    with chromium.visit(write(), locale=locale) as visit:
        assert word in visit.text("h1")
        visit.page.get_by_role("button", name="English").click()
        assert "Coverage" in visit.text(".figures")
        visit.page.get_by_role("button", name="中文").click()
        assert "覆盖率" in visit.text(".figures")
        assert visit.page.evaluate("document.documentElement.lang") == "zh-CN"


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_no_word_is_missing_in_either_language(
    chromium: Chromium, write: Write, locale: str
) -> None:
    with chromium.visit(write(), locale=locale) as visit:
        seen = []
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
            for row in visit.page.locator("button.row").all()[:4]:
                row.click()
                seen.append(visit.text("body"))
            seen.append(visit.text("body"))
        found = [re.search(r"\b[a-z]+_[a-z_]+\b|undefined|NaN|\{\d\}", text) for text in seen]
        assert [hit[0] for hit in found if hit] == []


def test_comparison_across_methods_and_other_radius_are_said_above_the_map(
    chromium: Chromium, write: Write
) -> None:
    def turn(after: Document) -> None:
        after["distance"]["method"] = "straight-line"
        after["standard"]["service_radius_m"] = 500

    with chromium.visit(write(turn)) as visit:
        notices = visit.page.locator("#siteplan-notices p").all_inner_texts()
        assert "measured differently" in notices[0]
        assert "1,000 m → 500 m" in notices[1]


@pytest.mark.parametrize("size", [(1366, 768), PHONE])
def test_hostile_text_stays_text(chromium: Chromium, write: Write, size: tuple[int, int]) -> None:
    def poison(after: Document) -> None:
        words = itertools.cycle(HOSTILE)
        for one in after["subdistricts"]:
            one["name"], one["district"] = next(words), next(words)
            for gap in one["gaps"]:
                gap["name"] = next(words)
        for one in after["sites"]:
            one["name"], one["subdistrict"] = next(words), next(words)
        for one in after["findings"]:
            one["message"] = {"zh": next(words), "en": next(words)}
            one["title"] = {"zh": next(words), "en": next(words)}
            one["subject"] = next(words)
        after["sources"] += [
            {**after["sources"][0], "path": word, "role": word} for word in HOSTILE
        ]
        after["case"], after["standard"]["id"] = HOSTILE[1], HOSTILE[0]
        after["standard"]["thresholds"] |= {
            word: {"value": word, "unit": None, "op": "<=", "status": word, "source": "",
                   "clause": None}
            for word in HOSTILE
        }  # fmt: skip

    with chromium.visit(write(poison), size=size) as visit:
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
            for row in visit.page.locator("button.row").all()[:3]:
                row.click()
        assert visit.problems == []
        assert visit.page.locator("#siteplan-panel :is(img, iframe, script, style)").count() == 0
        assert "<img src=x onerror=alert(1)>" in visit.text("#siteplan-panel")
        assert {url for url in visit.requests if not url.startswith(("data:", "file:"))} == set()


def test_phone_shows_everything_without_scrolling_sideways(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(), size=PHONE) as visit:
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
            for row in visit.page.locator("button.row").all()[:2]:
                row.click()
            width = visit.page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE[0]


# Colours


def list_colours() -> list[tuple[float, float, float]]:
    """Return the colours from worse to better as shares of red, green and blue light."""
    script = (WEB / "compare-map.js").read_text("utf-8")
    (listed,) = re.findall(r"const DIVERGING = \[(.*?)\]", script)
    return [
        tuple(_to_linear(int(code[i : i + 2], 16) / 255) for i in (0, 2, 4))  # type: ignore[misc]
        for code in re.findall(r"#([0-9a-f]{6})", listed)
    ]


def _to_linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


SEEN_BY = {  # Viénot, Brettel and Mollon (1999), in linear RGB; anybody; printed in grey
    "anybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "deuteranopes": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
}


def _to_lab(rgb: tuple[float, ...]) -> tuple[float, float, float]:
    red, green, blue = (min(1.0, max(0.0, each)) for each in rgb)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (
        each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("eye", SEEN_BY)
def test_colours_of_change_are_told_apart_by_every_eye(eye: str) -> None:
    seen = [
        _to_lab(tuple(sum(f * c for f, c in zip(row, rgb, strict=True)) for row in SEEN_BY[eye]))
        for rgb in list_colours()
    ]
    assert len(seen) == 7
    for one, other in itertools.combinations(seen, 2):
        apart = sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        assert apart > 8, (one, other)


def test_colours_grow_darker_from_no_change_to_both_ends() -> None:
    light = [_to_lab(rgb)[0] for rgb in list_colours()]
    assert light[:4] == sorted(light[:4])
    assert light[3:] == sorted(light[3:], reverse=True)
    assert abs(light[0] - light[6]) < 8


def test_a_subdistrict_that_is_gone_is_drawn_hatched(
    chromium: Chromium, tmp_path: Path, sides: tuple[Document, Document], area: StudyArea
) -> None:
    after = json.loads(json.dumps(sides[1]))
    after["subdistricts"] = [one for one in after["subdistricts"] if one["code"] != town.EAST]
    for one in after["sources"]:
        one["sha256"] = "0" * 64
    comparison = compare_evaluations(
        read(sides[0], tmp_path, "a.json"), read(after, tmp_path, "b.json")
    )
    rest = replace(
        area, subdistricts=tuple(one for one in area.subdistricts if one.code != town.EAST)
    )
    path = tmp_path / "comparison.html"
    path.write_bytes(write_page(comparison, rest, "en", former=area))
    with chromium.visit(path) as visit:
        assert visit.page.locator("path[fill='url(#siteplan-hatch)']").count() == 1
        assert visit.problems == []
