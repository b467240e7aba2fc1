"""The pages of the map in a browser: what a planner sees, clicks, types and prints."""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import pytest
from browser import LAPTOP, PHONE, Chromium, Visit, start_chromium
from small_map import HOSTILE, make_payload, site, subdistrict

from siteplan.outputs.webmap.pages import render_map

pytestmark = pytest.mark.browser
KINDS = ("overview", "subdistrict")
PAGES = {
    ("overview", "A4"): 2,
    ("overview", "A3"): 2,
    ("subdistrict", "A4"): 4,
    ("subdistrict", "A3"): 3,
}  # the map, then what is listed
PRINTED_MM = {"A4": (277, 190), "A3": (400, 277)}  # within the margins
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with start_chromium() as browser:
        yield browser


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a page where it belongs: the overview, or the page of a subdistrict below it."""

    def write_page(*, kind: str = "overview", **changes: object) -> Path:
        name = "index.html" if kind == "overview" else "subdistricts/440106002.html"
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        html = render_map(make_payload(kind=kind, **changes), title="a")
        path.write_text(html, encoding="utf-8", newline="\n")
        return path

    return write_page


def list_foreign(visit: Visit) -> set[str]:
    """List what was asked for beside the files of the map."""
    return {url for url in visit.requests if not url.startswith(("data:", "file:"))}


def wait_for_page(visit: Visit, name: str) -> None:
    visit.page.wait_for_url(re.compile(re.escape(name)))


# Opening


@pytest.mark.parametrize("kind", KINDS)
def test_page_opens_without_a_complaint_and_asks_no_host(
    kind: str, chromium: Chromium, write: Write
) -> None:
    path = write(kind=kind)
    with chromium.visit(path) as visit:
        assert visit.page.locator("canvas").count() > 0
        assert visit.problems == []
        assert {url for url in visit.requests if not url.startswith("data:")} == {path.as_uri()}


@pytest.mark.parametrize("kind", KINDS)
def test_case_with_nothing_in_it_opens_too(kind: str, chromium: Chromium, write: Write) -> None:
    nothing = (
        "sites", "service_areas", "links", "roads", "water", "findings", "sources", "refused",
        "notices", "gaps", "services", "stops", "around", "neighbours", "rail", "places",
        "road_names",
    )  # fmt: skip
    bare = subdistrict("440106003", "车陂街道", 113.3, district=None)
    if kind == "subdistrict":
        payload = make_payload(kind=kind)
        bare |= {"equity": payload["subdistricts"][0]["equity"], "stops": None}
    path = write(kind=kind, date=None, subdistricts=[bare], **{name: [] for name in nothing})
    with chromium.visit(path) as visit:
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
        assert visit.problems == []


@pytest.mark.parametrize(("locale", "label"), [("zh-CN", "居民"), ("en-GB", "Residents")])
def test_page_speaks_the_language_of_the_browser(
    locale: str, label: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(), locale=locale) as visit:
        assert visit.text(".figure dt >> nth=0") == label


def test_language_asked_for_wins_over_the_browser(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(lang="zh"), locale="en-GB") as visit:
        assert visit.text(".figure dt >> nth=0") == "居民"


def test_button_switches_the_language_of_everything(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(), locale="zh-CN") as visit:
        visit.page.locator("tr[data-code] button").first.click()
        assert "提醒" in visit.text(".leaflet-popup")
        visit.page.get_by_role("button", name="English").click()
        assert "Warning" in visit.text(".leaflet-popup")
        assert visit.text("#tab-findings").startswith("Findings")
        assert visit.text(".legend summary") == "Legend and layers"
        assert visit.page.locator("#search-input").get_attribute("placeholder").startswith("Search")
        assert visit.page.evaluate("document.documentElement.lang") == "en"
        visit.page.get_by_role("button", name="中文").click()
        assert visit.text("#tab-findings").startswith("意见")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_word_is_missing_in_either_language(
    kind: str, locale: str, chromium: Chromium, write: Write
) -> None:
    """A word without a translation would show as its key, which has an underscore or is no name."""
    with chromium.visit(write(kind=kind), locale=locale) as visit:
        seen = []
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
            seen.append(visit.text("body"))
        assert [text for text in seen if re.search(r"\b[a-z]+_[a-z_]+\b|undefined|NaN", text)] == []


# From page to page


def test_double_click_opens_the_page_of_a_subdistrict_and_its_link_leads_back(
    chromium: Chromium, write: Write
) -> None:
    write(kind="subdistrict")
    with chromium.visit(write(sites=[], gaps=[])) as visit:
        box = visit.page.locator(".name:not(.place)", has_text="员村街道").bounding_box()
        assert box is not None
        visit.page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        wait_for_page(visit, "subdistricts/440106002.html")
        visit.page.locator("a.back").click()
        wait_for_page(visit, "index.html")
        assert visit.problems == []


def test_card_and_table_link_to_the_page(chromium: Chromium, write: Write) -> None:
    write(kind="subdistrict")
    with chromium.visit(write()) as visit:
        links = visit.page.locator("tr[data-code='440106002'] a, .leaflet-popup a.page-link")
        visit.page.locator("tr[data-code='440106002'] button").click()
        hrefs = [link.get_attribute("href") or "" for link in links.all()]
        assert len(hrefs) == 2
        assert all(href.startswith("subdistricts/440106002.html#") for href in hrefs)
        links.first.click()
        wait_for_page(visit, "subdistricts/440106002.html")


def test_language_chosen_on_one_page_is_that_of_the_next(chromium: Chromium, write: Write) -> None:
    write(kind="subdistrict")
    with chromium.visit(write(), locale="en-GB") as visit:
        visit.page.get_by_role("button", name="中文").click()
        visit.page.locator("tr[data-code='440106002'] a").click()
        wait_for_page(visit, "subdistricts/440106002.html")
        assert visit.text(".figure dt >> nth=0") == "居民"


def test_what_was_looked_at_is_there_again_after_a_reload_and_on_the_way_back(
    chromium: Chromium, write: Write
) -> None:
    write(kind="subdistrict")
    with chromium.visit(write(), locale="zh-CN") as visit:
        visit.page.get_by_role("button", name="English").click()
        visit.page.locator("#tab-sites").click()
        visit.page.locator("tr[data-site='B'] button").click()

        def check() -> None:
            assert visit.text("[role=tab][aria-selected=true]").startswith("Sites")
            assert "Branch" in visit.text(".leaflet-popup")

        visit.page.reload()
        check()
        visit.page.locator(".leaflet-popup a.page-link").click()
        wait_for_page(visit, "subdistricts/440106002.html")
        visit.page.go_back()
        wait_for_page(visit, "index.html")
        check()
        visit.page.locator(".leaflet-popup-close-button").click()
        visit.page.reload()
        assert visit.page.locator(".leaflet-popup").count() == 0


def test_link_to_a_site_opens_its_card_on_the_other_page(chromium: Chromium, write: Write) -> None:
    write(kind="subdistrict")
    with chromium.visit(write()) as visit:
        visit.page.locator(".site[title='分站']").click()
        visit.page.locator(".leaflet-popup a.page-link").click()
        wait_for_page(visit, "at=site")
        assert "Branch" in visit.text(".leaflet-popup")


@pytest.mark.parametrize(
    "hash_", ["tab=__proto__", "at=javascript:alert(1)", "lang=xx&at=site:__proto__", "%E0%A4"]
)
def test_address_made_up_by_others_opens_nothing(
    hash_: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write()) as visit:
        visit.page.goto(f"{visit.page.url}#{hash_}")
        visit.page.reload()
        assert visit.page.locator(".leaflet-popup").count() == 0
        assert visit.problems == []


# Cards and lists


def test_row_opens_the_figures_of_its_subdistrict(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("tr[data-code='440106002'] button").click()
        card = visit.text(".leaflet-popup")
        for figure in ("81,831 people", "35,269 people · 43.1%", "65.5%", "812 m", "85.0%"):
            assert figure in card
        assert visit.text(".leaflet-popup .chip >> nth=0") == "assumed"
        assert visit.page.locator("tr.selected").get_attribute("data-code") == "440106002"


def test_row_opens_from_the_keyboard_and_escape_closes_it(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("tr[data-code] button").nth(1).focus()
        visit.page.keyboard.press("Enter")
        assert "车陂街道" in visit.text(".leaflet-popup")
        visit.page.keyboard.press("Escape")
        visit.page.locator(".leaflet-popup").wait_for(state="detached")


def test_symbol_opens_the_worth_of_its_site(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator(".site[title='备选']").click()
        card = visit.text(".leaflet-popup")
        assert "41,235 people" in card
        assert "No subdistrict" in card
        assert "Covers alone" in card


def test_card_of_a_branch_says_what_a_crossing_saves(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(kind="subdistrict")) as visit:
        visit.page.locator(".site[title='分站']").click()
        card = visit.text(".leaflet-popup")
        assert "812 m" in card
        assert "without it: 1,900 m" in card
        assert "40.0%" in card  # what is left without this branch


def test_land_opens_the_subdistrict_under_the_pointer(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(sites=[])) as visit:
        box = visit.page.locator(".name", has_text="车陂街道").bounding_box()
        assert box is not None
        visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert "440106003" in visit.text(".leaflet-popup")


@pytest.mark.parametrize("kind", KINDS)
def test_finding_opens_its_subject_with_clause_and_threshold(
    kind: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind=kind)) as visit:
        visit.page.locator("#tab-findings").click()
        visit.page.locator(".finding[data-subject='A']").click()
        card = visit.text(".leaflet-popup")
        for figure in ("Headquarters · Existing · A", "600 m²", "1,000 m²", "Clause 一(一)"):
            assert figure in card


def test_gap_service_and_stop_open_with_what_is_known_of_them(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind="subdistrict")) as visit:
        visit.page.locator("#tab-gaps").click()
        visit.page.locator("tr[data-gap] button").click()
        assert "1,235 people" in visit.text(".leaflet-popup")
        assert "1,480 m" in visit.text(".leaflet-popup")
        assert "1,710 m" in visit.text(".leaflet-popup")
        visit.page.locator("#tab-near").click()
        visit.page.locator("tr[data-service] button").click()
        assert "450 m" in visit.text(".leaflet-popup")
        assert visit.page.locator(".name.gap-name").inner_text().startswith("1,235 people")


def test_words_say_what_a_figure_is_of_and_no_word_stands_twice(
    chromium: Chromium, write: Write
) -> None:
    payload = make_payload(kind="subdistrict")
    (one,) = payload["subdistricts"]
    one["groups"] = {"age_60_plus": {"population": 900, "coverage_ratio": None}}
    with chromium.visit(write(kind="subdistrict", subdistricts=[one])) as visit:
        assert "At older walkers' speed (all residents)" in visit.text("#sheet-summary")
        visit.page.locator("#tab-gaps").click()
        assert visit.text("tr[data-gap] button") == "near 员村街道"
        visit.page.locator("#tab-sites").click()
        assert visit.text("tr[data-site='C'] small") == "Candidate"
        assert visit.text(".sites thead th >> nth=-1") == "Lost without it (all)"
        assert "this subdistrict only" in visit.text("#sheet-sites p")
    one["groups"]["age_60_plus"]["coverage_ratio"] = 0.4
    with chromium.visit(write(kind="subdistrict", subdistricts=[one])) as visit:
        assert "At older walkers' speed (60 and over)" in visit.text("#sheet-summary")


@pytest.mark.parametrize("kind", ["overview", "subdistrict"])
def test_straight_lines_are_never_called_walks(kind: str, chromium: Chromium, write: Write) -> None:
    path = write(kind=kind, distance={"method": "straight-line", "snap_limit_m": 150})
    with chromium.visit(path) as visit:
        tabs = visit.page.locator("[role=tab]")
        for number in range(tabs.count()):
            tabs.nth(number).click()
            shown = visit.text(f"#sheet-{str(tabs.nth(number).get_attribute('id'))[4:]}")
            assert "On foot" not in shown
            assert "alking distance" not in shown
        assert "Covered, straight line" in visit.text(".figures")
        assert visit.page.locator("i.straight").count() == 0  # it would stand where the bar ends


def test_one_thing_is_counted_in_the_singular(chromium: Chromium, write: Write) -> None:
    summary = {**make_payload()["summary"], "subdistricts": 1}
    with chromium.visit(write(summary=summary)) as visit:
        assert visit.text(".figure small >> nth=0") == "1 subdistrict"


def test_row_of_a_site_shows_how_its_decisions_stand(chromium: Chromium, write: Write) -> None:
    known = {
        "subdistrict": "440106002", "reviewer": "王", "decided": "2010-07-05T09:30:00+08:00",
        "comment": "", "evaluation_sha256": "0" * 64, "outdated": False,
    }  # fmt: skip
    reviews = [
        {**known, "site": "A", "decision": "accept", "conflict": False},
        {**known, "site": "B", "decision": "accept", "conflict": True},
        {**known, "site": "B", "decision": "reject", "conflict": True},
    ]
    with chromium.visit(write(kind="subdistrict", reviews=reviews)) as visit:
        visit.page.locator("#tab-sites").click()
        marks = [
            visit.page.locator(f"tr[data-site='{id_}'] .review-mark").all_inner_texts()
            for id_ in "ABC"
        ]
        assert marks == [["Accept"], ["Conflict"], []]


def test_summary_draws_the_curve_and_says_where_it_meets_the_target(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind="subdistrict")) as visit:
        label = visit.page.locator("svg.curve").get_attribute("aria-label") or ""
        assert "Within 1,000 m, 43.1% are covered; the target of 85.0% would need 2,125 m" in label
        assert visit.page.locator("svg.curve path").count() == 2  # of all, and of older people
        assert visit.page.locator("svg.curve circle").count() == 2


def test_curve_passes_through_the_shares_it_is_given(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(kind="subdistrict")) as visit:
        path = visit.page.locator("svg.curve path").nth(1).get_attribute("d") or ""
        steps = [tuple(map(float, step.split())) for step in re.split("[ML]", path) if step]
        assert len(steps) == 31
        left, right, bottom, top = steps[0][0], steps[-1][0], steps[0][1], steps[-1][1]
        assert (left, right, top, bottom) == (38, 366, 14, 162)
        assert steps[10] == pytest.approx((38 + 328 / 3, 162 - 0.4 * 148), abs=0.1)


def test_what_could_not_be_computed_is_a_dash(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        assert visit.text("tr[data-code='440106003'] .coverage") == "—"


def test_long_list_shows_its_beginning_and_the_rest_when_asked(
    chromium: Chromium, write: Write
) -> None:
    payload = make_payload()
    many = [{**payload["findings"][0], "code": f"X{i}"} for i in range(250)]
    with chromium.visit(write(findings=many)) as visit:
        visit.page.locator("#tab-findings").click()
        assert visit.page.locator("button.finding").count() == 200
        visit.page.locator("button.more").click()
        assert visit.page.locator("button.finding").count() == 250


def test_ranking_follows_the_column_that_was_chosen(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("#sort-verdict").click()
        codes = [
            row.get_attribute("data-code") for row in visit.page.locator("tr[data-code]").all()
        ]
        assert codes == ["440106003", "440106002"]  # unknown is worse than a warning
        assert visit.text("tr[data-code] .rank >> nth=1") == "2"


# Thousands of sites


def test_sites_drawn_together_open_where_they_are_clicked(chromium: Chromium, write: Write) -> None:
    sites = [
        {**make_payload()["sites"][1], "id": f"s{i}", "name": f"场地{i}",
         "lon": 113.301 + 0.0002 * i, "lat": 23.118 if i % 2 else 23.102}
        for i in range(150)
    ]  # fmt: skip
    sites[75] |= {"lat": 23.11}
    with chromium.visit(write(sites=sites, gaps=[])) as visit:
        assert visit.page.locator(".site").count() == 0
        x, y = visit.page.evaluate(
            "() => { const {x, y} = siteplan_map.latLngToContainerPoint([23.11, 113.316]);"
            " const box = siteplan_map.getContainer().getBoundingClientRect();"
            " return [box.x + x, box.y + y]; }"
        )
        visit.page.mouse.click(x, y)
        assert "场地75" in visit.text(".leaflet-popup")
        visit.page.evaluate("siteplan_map.setView([23.11, 113.316], 17, {animate: false})")
        assert visit.page.locator(".site[title='场地75']").count() == 1


# Search


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("overview", "440106003", "车陂街道"),
        ("overview", "车陂", "车陂街道"),
        ("overview", "分站", "分站"),
        ("subdistrict", "员村", "员村街道"),
        ("subdistrict", "b", "分站"),
    ],
)
def test_search_finds_by_name_and_code(
    kind: str, text: str, found: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind=kind)) as visit:
        visit.page.keyboard.press("/")
        visit.page.keyboard.type(text)
        first = visit.page.locator("#search-list [role=option]").first
        assert first.locator("span bdi").first.inner_text() == found


def test_search_finds_by_what_a_thing_is(chromium: Chromium, write: Write) -> None:
    payload = make_payload(kind="subdistrict")
    services = [{**payload["services"][0], "kind": "library", "name": "阅览处"}]
    gaps = [payload["gaps"][0], {**payload["gaps"][0], "number": 1, "name": None}]
    with chromium.visit(write(kind="subdistrict", services=services, gaps=gaps)) as visit:
        for text, found in [
            ("图书馆", ["阅览处"]), ("library", ["阅览处"]), ("Gap 2", ["Gap 2"]),
            ("盲区", ["near 员村街道", "Gap 2"]),
        ]:  # fmt: skip
            visit.page.locator("#search-input").fill(text)
            options = visit.page.locator("#search-list [role=option] span > bdi")
            assert options.all_inner_texts() == found, text
    with chromium.visit(write()) as visit:  # which has no services
        asked = visit.page.locator("#search-input").get_attribute("placeholder") or ""
        assert "services" not in asked


def test_search_is_walked_with_arrows_and_taken_with_enter(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind="subdistrict")) as visit:
        visit.page.keyboard.press("/")
        visit.page.keyboard.type("员村")
        options = visit.page.locator("#search-list [role=option]")
        assert options.count() >= 5  # subdistrict, site, gap, service and stop bear this name
        for _ in range(3):
            visit.page.keyboard.press("ArrowDown")
        active = visit.page.locator("#search-input").get_attribute("aria-activedescendant")
        assert active == "search-2"
        assert options.nth(2).get_attribute("aria-selected") == "true"
        visit.page.keyboard.press("Enter")
        assert "1,235 people" in visit.text(".leaflet-popup")
        assert visit.page.locator("#search-list").is_hidden()


def test_search_says_that_nothing_has_such_a_name(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("#search-input").fill("<b>nowhere")
        assert "<b>nowhere" in visit.text("#search-list")
        assert visit.page.locator("#search-list b").count() == 0


# Layers, legend, measuring


def test_layer_goes_and_comes_back_and_so_does_its_key(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("[data-layer='sites']").uncheck()
        assert visit.page.locator(".site").count() == 1
        assert visit.page.locator(".site-key").count() == 0
        visit.page.locator("[data-layer='sites']").check()
        assert visit.page.locator(".site").count() == 3
        assert visit.page.locator(".site-key").count() == 1


def test_legend_explains_only_what_is_on_the_page(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(sites=make_payload()["sites"][:1], water=[])) as visit:
        assert visit.page.locator("[data-layer='water'], [data-layer='candidates']").count() == 0
        rows = visit.page.locator(".site-key tbody th").all_inner_texts()
        columns = visit.page.locator(".site-key thead th").all_inner_texts()
        assert (rows, columns) == (["Headquarters"], ["Existing"])
        assert set(visit.page.locator(".legend .verdicts li").all_inner_texts()) == {
            "Warning",
            "Unknown",
        }


def test_no_name_lies_under_the_legend_or_the_tools(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(kind="subdistrict", gaps=[])) as visit:
        overlaps = visit.page.evaluate(
            """() => {
              const box = (one) => one.getBoundingClientRect();
              const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom
                && b.top < a.bottom;
              const controls = [...document.querySelectorAll(".leaflet-control")].map(box);
              const step = siteplan_map.getSize().x / 8;
              const found = [];
              for (let i = 0; i < 8; i += 1) {
                siteplan_map.panBy([i < 4 ? step : -step, 0], { animate: false });
                for (const name of document.querySelectorAll(".name")) {
                  if (name.style.visibility === "visible"
                    && controls.some((one) => meet(one, box(name)))) found.push(name.textContent);
                }
              }
              return found;
            }"""
        )
        assert overlaps == []


def test_coverage_is_told_apart_where_the_colours_of_pages_are_not_shown(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write()) as visit:
        visit.page.emulate_media(forced_colors="active")
        colours = visit.page.locator(".ramp i").evaluate_all(
            "all => all.map(one => getComputedStyle(one).backgroundColor)"
        )
        assert len(set(colours[:5])) == 5
        assert visit.page.locator(".bar .fill").first.evaluate(
            "one => getComputedStyle(one).backgroundColor"
        ) == "rgb(51, 117, 138)"  # fmt: skip
        pressed = visit.page.locator(".languages [aria-pressed=true]")
        assert "underline" in pressed.evaluate("one => getComputedStyle(one).textDecoration")


def great_circle(west: float, south: float, east: float, north: float) -> float:
    half = sin(radians(north - south) / 2) ** 2
    half += cos(radians(south)) * cos(radians(north)) * sin(radians(east - west) / 2) ** 2
    return 2 * 6371008.8 * asin(sqrt(half))


def test_ruler_measures_metres_by_great_circle_and_opens_no_card(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write()) as visit:
        visit.page.get_by_role("button", name="Measure a distance").click()
        box = visit.page.locator("#siteplan_map").bounding_box()
        assert box is not None
        places = [(400.0, 300.0), (700.0, 300.0), (700.0, 450.0)]
        for x, y in places[:2]:
            visit.page.mouse.click(box["x"] + x, box["y"] + y)
            visit.page.wait_for_timeout(350)  # a second click at once would be a double one
        visit.page.mouse.dblclick(box["x"] + places[2][0], box["y"] + places[2][1])
        lonlat = [
            visit.page.evaluate(f"siteplan_map.containerPointToLatLng([{x}, {y}])")
            for x, y in places
        ]
        total = sum(
            great_circle(a["lng"], a["lat"], b["lng"], b["lat"]) for a, b in pairwise(lonlat)
        )
        said = visit.text(".ruler-point b >> nth=-1")
        assert float(re.sub(r"[^\d]", "", said)) == pytest.approx(total, abs=5)
        assert visit.page.locator(".leaflet-popup").count() == 0
        assert visit.page.locator("#measure").get_attribute("aria-pressed") == "false"
        assert visit.problems == []


def test_ruler_works_from_the_keyboard(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("#measure").focus()
        for key in ("Enter", "Enter"):  # switches it on, sets a point in the middle of the map
            visit.page.keyboard.press(key)
        visit.page.evaluate("siteplan_map.panBy([80, 0], {animate: false})")
        visit.page.keyboard.press("Enter")
        assert re.search(r"\d m in all", visit.text(".ruler-note"))
        visit.page.keyboard.press("Backspace")
        assert visit.page.locator(".ruler-point").count() == 1
        visit.page.keyboard.press("Escape")
        assert visit.page.locator(".ruler-note").is_hidden()


def test_scheme_that_is_tried_recolours_the_residents(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(kind="subdistrict")) as visit:
        frame = visit.page.locator("#siteplan-frame")
        before = frame.screenshot()
        visit.page.locator("#tab-trial").click()
        visit.page.locator("#sheet-trial input[type=checkbox]").last.check()  # the candidate
        visit.page.wait_for_timeout(300)
        assert frame.screenshot() != before
        assert visit.problems == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_map_of_a_scheme_that_is_tried_says_so_on_every_tab_until_it_is_reset(
    size: tuple[int, int], chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind="subdistrict"), size=size) as visit:
        note, frame = visit.page.locator(".trial-note"), visit.page.locator("#siteplan_map")
        visit.page.locator("#tab-trial").click()
        assert note.is_hidden()
        visit.page.locator("#sheet-trial input[type=checkbox]").last.check()
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
            assert "Trying out: not the evaluation" in note.inner_text()
            assert "trying" in (frame.get_attribute("class") or "").split()
        visit.page.get_by_role("button", name="中文").click()
        assert "试算中，不是评估结果" in note.inner_text()
        note.get_by_role("button").click()
        assert note.is_hidden()
        assert "trying" not in (frame.get_attribute("class") or "").split()
        visit.page.locator("#tab-trial").click()
        assert not visit.page.locator("#sheet-trial input[type=checkbox]").last.is_checked()
        assert visit.page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_paper_shows_the_scheme_evaluated_whatever_is_tried(
    chromium: Chromium, write: Write
) -> None:
    copies = "all => all.map(one => one.toDataURL())"
    with chromium.visit(write(kind="subdistrict")) as visit:

        def see_paper() -> list[str]:
            visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
            drawn: list[str] = visit.page.locator(".leaflet-map-pane canvas").evaluate_all(copies)
            assert visit.page.locator(".trial-note").is_hidden()
            visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
            return drawn

        visit.page.locator("#tab-trial").click()
        evaluated = see_paper()
        visit.page.locator("#sheet-trial input[type=checkbox]").last.check()
        assert see_paper() == evaluated
        assert visit.page.locator(".trial-note").is_visible()  # on the screen it goes on


# Keyboard, phone, paper


@pytest.mark.parametrize("kind", KINDS)
def test_keyboard_alone_reaches_everything_in_order(
    kind: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind=kind)) as visit:
        where = (
            "(() => { const at = document.activeElement;"
            " return at.closest('#siteplan-skip, #siteplan-head, #siteplan-search,"
            " #siteplan-frame, #siteplan-panel')?.id ?? ''; })()"
        )
        seen: list[str] = []
        for _ in range(70):
            visit.page.keyboard.press("Tab")
            place = visit.page.evaluate(where)
            if not seen or seen[-1] != place:
                seen.append(place)
            if place == "siteplan-panel":
                break
        assert seen == [
            "siteplan-skip", "siteplan-head", "siteplan-search", "siteplan-frame", "siteplan-panel"
        ]  # fmt: skip
        visit.page.keyboard.press("ArrowRight")  # from the tab that has the focus
        assert visit.page.locator("[role=tab]").nth(1).get_attribute("aria-selected") == "true"


def test_keyboard_comes_to_the_tools_of_the_map_before_its_sites(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("#search-input").focus()
        where = "document.activeElement.closest('.leaflet-control, .site')?.className ?? ''"
        seen = []
        for _ in range(40):
            visit.page.keyboard.press("Tab")
            seen.append("site" if "site" in visit.page.evaluate(where).split() else "tool")
            if visit.page.evaluate("!document.activeElement.closest('#siteplan-frame')"):
                break
        assert "site" in seen
        assert "tool" not in seen[seen.index("site") : -1]


def test_skip_link_leads_past_the_map(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.id") == "siteplan-skip"
        visit.page.keyboard.press("Enter")
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.closest('#siteplan-panel') !== null")
        assert "lang=en" in visit.page.url  # the address keeps what it is for


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_can_be_pressed_has_a_name(
    kind: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind=kind)) as visit:
        nameless = (
            "[...document.querySelectorAll('button, a[href], input, summary, [role=button]')]"
            ".filter((one) => !(one.getAttribute('aria-label') || one.title || one.textContent"
            " || one.closest('label')?.textContent || one.labels?.length))"
            ".map((one) => one.outerHTML)"
        )
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
            assert [one for one in visit.page.evaluate(nameless) if 'type="file"' not in one] == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
@pytest.mark.parametrize("name", ["一个很长的名称" * 6, "Unbreakable" * 12])
@pytest.mark.parametrize("kind", KINDS)
def test_long_names_are_shown_without_scrolling_sideways(
    kind: str, name: str, size: tuple[int, int], chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind=kind, name=name), size=size) as visit:
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
            assert visit.page.evaluate("document.documentElement.scrollWidth") == size[0]
            assert visit.page.evaluate(
                "(one => one.scrollWidth - one.clientWidth)(document.querySelector('.sheets'))"
            ) == 0  # fmt: skip
        assert visit.problems == []


def test_phone_shows_the_whole_card_of_every_site(chromium: Chromium, write: Write) -> None:
    sites = [
        site(f"s{i}", f"场地{i}", 113.302 + 0.004 * i, lat=23.12 - 0.004 * i, floor_area_m2=500,
             sentence={"zh": "长", "en": "A long sentence. " * 30})
        for i in range(5)
    ]  # fmt: skip
    with chromium.visit(write(kind="subdistrict", sites=sites, links=[]), size=PHONE) as visit:
        visit.page.locator("#tab-sites").click()
        for row in visit.page.locator("tr[data-site] button").all():
            row.click()
            visit.page.wait_for_timeout(400)  # the map moves to make room
            frame, card, legend = (
                visit.page.locator(selector).bounding_box() or {}
                for selector in ("#siteplan-frame", ".leaflet-popup", ".legend")
            )
            assert card["y"] >= legend["y"] + legend["height"] >= frame["y"]
            assert card["y"] + card["height"] <= frame["y"] + frame["height"]


@pytest.mark.parametrize("kind", KINDS)
def test_printing_yields_pages_and_leaves_the_map_as_it_was(
    kind: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind=kind)) as visit:
        for step in (1, -1):  # Leaflet draws to parts of a pixel once the view has changed
            visit.page.evaluate(
                "step => siteplan_map.setView(siteplan_map.getCenter(),"
                " siteplan_map.getZoom() + step, {animate: false})",
                step,
            )
        before = visit.page.locator("#siteplan-frame").screenshot()
        pdf = visit.page.pdf(prefer_css_page_size=True)
        assert pdf.startswith(b"%PDF")
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2  # the map, then what was found
        visit.page.wait_for_timeout(200)
        assert visit.page.locator("#siteplan-frame").screenshot() == before
        assert visit.problems == []


@pytest.mark.parametrize(("paper", "width_pt"), [("A4", 842), ("A3", 1191)])
def test_paper_is_the_one_that_was_chosen(
    paper: str, width_pt: int, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write()) as visit:
        visit.page.evaluate("window.print = () => {}")
        visit.page.get_by_role("button", name=f"Print {paper}").click()
        pdf = visit.page.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)", pdf)
        assert {round(float(width)) for width in boxes} == {width_pt}


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("paper", ["A4", "A3"])
@pytest.mark.parametrize("kind", KINDS)
def test_map_fills_the_first_page_and_no_page_is_blank(
    kind: str, paper: str, locale: str, chromium: Chromium, write: Write
) -> None:
    notice = {"zh": "不可忽略的提示" * 20, "en": "What nobody may overlook. " * 12}
    path = write(kind=kind, notices=[notice] * 3, findings=[], sources=[], refused=[])
    with chromium.visit(path, locale=locale) as visit:
        visit.page.evaluate("window.print = () => {}")
        visit.page.locator(".papers button", has_text=paper).click()
        pdf = visit.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == PAGES[kind, paper]
        width, height = (round(side * 96 / 25.4) for side in PRINTED_MM[paper])
        visit.page.set_viewport_size({"width": width, "height": height})
        visit.page.emulate_media(media="print")
        visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        frame = visit.page.locator("#siteplan-frame").bounding_box()
        assert frame is not None
        assert height - 8 <= frame["y"] + frame["height"] <= height


def test_paper_has_the_decisions_that_stand_and_no_drafts(chromium: Chromium, write: Write) -> None:
    decided = {
        "site": "A", "subdistrict": "440106002", "decision": "return", "reviewer": "王",
        "decided": "2010-07-05T09:30:00+08:00", "comment": "太远", "evaluation_sha256": "0" * 64,
        "outdated": False, "conflict": True,
    }  # fmt: skip
    for reviews, shown in (([decided], True), ([], False)):
        with chromium.visit(write(kind="subdistrict", reviews=reviews)) as visit:
            visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
            visit.page.emulate_media(media="print")
            assert visit.page.locator("#sheet-review").is_visible() == shown
            assert visit.page.locator(".review-actions, .review-made").first.is_hidden()
            if shown:
                assert "太远" in visit.text("#sheet-review")
                assert "Conflict" in visit.text("#sheet-review")


# Tiles


@pytest.fixture
def tiled(tmp_path: Path) -> Path:
    """Write an overview that asks a host for tiles; there is no such host."""
    tiles = {
        "tiles": ["https://tile.example/{z}/{x}/{y}.png"], "link": "https://tile.example/about",
        "attribution": {"zh": "某图", "en": "© Tile Example"}, "max_zoom": 19,
    }  # fmt: skip
    html = render_map(make_payload(basemap=tiles), title="a", host="https://tile.example")
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    return tmp_path / "index.html"


def test_tiles_are_asked_for_only_from_the_host_of_the_page(
    chromium: Chromium, tiled: Path
) -> None:
    with chromium.visit(tiled) as visit:
        visit.page.wait_for_timeout(300)
        assert {url.split("/")[2] for url in list_foreign(visit)} == {"tile.example"}
        assert "© Tile Example" in visit.text(".attribution")
        assert visit.page.locator(".leaflet-attribution-flag").count() == 0


def test_where_no_tile_comes_the_page_shows_its_own_ground_and_says_so(
    chromium: Chromium, tiled: Path
) -> None:
    swatch = "one => Number(getComputedStyle(one).opacity)"
    with chromium.visit(tiled) as visit:
        visit.page.get_by_text("The online map cannot be loaded").wait_for()
        for layer in ("roads", "water", "places"):
            assert visit.page.locator(f"[data-layer='{layer}']").is_checked()
        assert not visit.page.locator("[data-layer='basemap']").is_checked()
        assert visit.page.locator(".ramp i").first.evaluate(swatch) == 1
    pixel = b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
    with chromium.visit(tiled) as visit:
        visit.page.context.set_offline(False)
        visit.page.route(
            "https://tile.example/**", lambda route: route.fulfill(body=pixel,
                                                                   content_type="image/gif")
        )  # fmt: skip
        visit.page.reload()
        visit.page.locator(".leaflet-tile-loaded").first.wait_for(state="attached")
        assert visit.page.get_by_text("The online map cannot be loaded").count() == 0
        assert not visit.page.locator("[data-layer='roads']").is_checked()
        assert visit.page.locator(".ramp i").first.evaluate(swatch) == 0.5  # as the land is drawn


def test_tiles_of_another_host_are_not_asked_for(chromium: Chromium, tmp_path: Path) -> None:
    tiles = {
        "tiles": ["https://other.example/{z}/{x}/{y}.png"], "link": "https://tile.example",
        "attribution": {"zh": "某图", "en": "x"}, "max_zoom": 19,
    }  # fmt: skip
    html = render_map(make_payload(basemap=tiles), title="a", host="https://tile.example")
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    with chromium.visit(tmp_path / "index.html") as visit:
        visit.page.wait_for_timeout(300)
        assert any("Content Security Policy" in problem for problem in visit.problems)


# Text written by others


STRANGERS = "img, iframe, object, embed, base, form, svg[onload], [onerror], [onfocus], main script"


def spread(payload: dict[str, Any]) -> dict[str, Any]:
    """Give every list of a page one entry for each hostile text, bearing it as its name."""

    def name_each(key: str, **fields: Callable[[int, str], object]) -> None:
        first = payload[key][0]
        payload[key] += [
            {**first, "name": text, **{field: make(i, text) for field, make in fields.items()}}
            for i, text in enumerate(HOSTILE)
        ]

    def both(_: int, text: str) -> dict[str, str]:
        return {"zh": text, "en": text}

    if payload["kind"] == "overview":
        first = payload["subdistricts"][0]
        payload["subdistricts"] += [
            {**first, "code": f"c{i}", "name": text, "district": text, "sites": []}
            for i, text in enumerate(HOSTILE)
        ]
    else:
        name_each("services", kind=lambda _, text: text, relation=lambda _, text: text,
                  department=both)  # fmt: skip
        name_each("stops", kind=lambda _, text: text)
        name_each("neighbours", code=lambda i, _: f"n{i}")
    name_each("sites", id=lambda i, text: text if i % 2 else f"s{i}", sentence=both)
    name_each("gaps", number=lambda i, _: i)
    name_each("places", name=both)
    name_each("sources", path=lambda _, text: text, licence=lambda _, text: text)
    name_each("findings", subject=lambda i, text: text if i % 2 else "A", message=both)
    return payload


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_is_shown_as_typed_in_every_list_and_runs_nothing(
    kind: str, chromium: Chromium, tmp_path: Path
) -> None:
    html = render_map(spread(make_payload(kind=kind)), title=HOSTILE[0])
    (tmp_path / "index.html").write_text(html, encoding="utf-8", newline="\n")
    names = "all => all.map(one => one.textContent)"
    with chromium.visit(tmp_path / "index.html") as visit:
        shown: dict[str, set[str | None]] = {}
        for tab in visit.page.locator("[role=tab]").all():
            tab.click()
            rows = visit.page.locator(".sheets section:not(.folded) .row")
            texts = [text.removeprefix("near ") for text in rows.evaluate_all(names)]
            shown[tab.get_attribute("id") or ""] = set(texts)
            for row in rows.all():
                row.click()
                card = visit.page.locator(".leaflet-popup h3 bdi").text_content()
                assert card == row.text_content()
        lists = {"tab-sites", "tab-gaps"}
        lists |= {"tab-subdistricts"} if kind == "overview" else {"tab-near"}
        for tab_id in lists:
            assert set(HOSTILE) <= shown[tab_id], tab_id
        visit.page.locator("#tab-findings").click()
        messages = visit.page.locator(".finding p bdi").evaluate_all(names)
        visit.page.locator(".sources summary").click()
        paths = visit.page.locator(".files b bdi").evaluate_all(names)
        titles = visit.page.locator(".site").evaluate_all("all => all.map(one => one.title)")
        for text in HOSTILE:
            assert text in messages
            assert text in paths
            assert text in titles
        assert visit.page.title() == HOSTILE[0]
        assert visit.page.locator(STRANGERS).count() == 0
        protocols = visit.page.locator("a").evaluate_all("all => all.map(one => one.protocol)")
        assert set(protocols) <= {"file:"}
        assert visit.problems == []
        assert list_foreign(visit) == set()


@pytest.mark.parametrize("text", [HOSTILE[0], HOSTILE[1], "{{ 7*7 }}", "\u202eRTL", "__proto__"])
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_name_of_the_case_and_of_the_subdistrict_is_shown_as_typed(
    kind: str, text: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(kind=kind, name=text)) as visit:
        assert visit.page.locator("h1 bdi").text_content() == text
        assert text in visit.page.locator(".name bdi").all_text_contents()
        assert visit.page.locator("#siteplan-notices bdi").text_content() == text
        visit.page.locator("#search-input").fill(text)
        assert visit.page.locator("#search-list span > bdi").first.text_content() == text
        visit.page.locator("#search-input").press("Enter")
        assert visit.page.locator(STRANGERS).count() == 0
        assert visit.problems == []


def test_nul_and_lone_surrogate_are_replaced_and_the_rest_is_shown(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(name="a\0b\ud800c")) as visit:
        assert visit.page.locator("h1 bdi").text_content() == "a\ufffdb\ufffdc"
        assert visit.problems == []


def test_code_that_is_hostile_makes_a_name_that_is_not(chromium: Chromium, write: Write) -> None:
    code = "javascript:alert(1)"
    payload = make_payload()
    payload["subdistricts"][0] |= {"code": code, "page": "subdistricts/javascript_alert_1_-0.html"}
    with chromium.visit(write(subdistricts=payload["subdistricts"])) as visit:
        link = visit.page.locator(f"tr[data-code={json.dumps(code)}] a")
        assert (link.get_attribute("href") or "").startswith("subdistricts/javascript_alert_1_-0")
        assert visit.problems == []
