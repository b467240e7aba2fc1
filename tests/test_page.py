import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import PHONE, Chromium, start_chromium
from hypothesis import given
from hypothesis import strategies as st

from siteplan.errors import InputError
from siteplan.outputs import page
from siteplan.outputs.webmap import SCRIPTS, render_map

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "${7*7}",
    "&lt;b&gt;",
    "\\u003c \\0 \u2028\u2029",
    "\u202eright to left\u200f",
)
Payload = dict[str, object]


def square(west: float) -> list[list[list[float]]]:
    return [[[west, 23.1, west + 0.02, 23.1, west + 0.02, 23.12, west, 23.12, west, 23.1]]]


def subdistrict(code: str, name: str, west: float, **changes: object) -> Payload:
    network = {
        "headquarters": None, "connected": None, "stranded": [], "links": [],
        "best_headquarters": {"median": None, "center": None}, "worst_loss": None,
    }  # fmt: skip
    return {
        "code": code, "name": name, "district": "天河区", "population": 81831, "layout": "none",
        "verdict": "unknown", "rules": {"C01": "unknown"}, "covered_population": None,
        "coverage_ratio": None, "straight_line_coverage_ratio": None,
        "covered_by_any_population": None, "mean_distance_m": None, "p95_distance_m": None,
        "unreachable_population": None, "groups": {}, "sites": [], "network": network,
        "polygons": square(west), **changes,
    }  # fmt: skip


def site(id_: str, name: str, lon: float, **changes: object) -> Payload:
    return {
        "id": id_, "name": name, "subdistrict": "440106002", "status": "existing", "role": None,
        "premises": None, "floor_area_m2": None, "lon": lon, "lat": 23.11, "snap_distance_m": None,
        "alone_population": 41234.5, "added_population": None, "shared_population": None,
        "lost_population": None, "catchment_population": None, "mean_distance_m": None, **changes,
    }  # fmt: skip


def finding(subject: str, message: str, **changes: object) -> Payload:
    return {
        "code": "C01", "severity": "warning", "subject": subject,
        "title": {"zh": "步行覆盖率", "en": "Coverage on foot"},
        "message": {"zh": message, "en": message}, "measured": 0.431, "unit": None,
        "threshold": 0.85, "threshold_status": "assumed", "clause": "一(一)",
        "department": {"zh": "街道", "en": "subdistrict office"}, **changes,
    }  # fmt: skip


def make_payload(*, name: str = "员村街道", **changes: object) -> Payload:
    """Return two subdistricts: one with three sites and figures, one with neither."""
    network = {
        "headquarters": "A", "connected": True, "stranded": [],
        "links": [{"site": "B", "distance_m": 812.3}],
        "best_headquarters": {"median": "A", "center": "B"},
        "worst_loss": {"site": "A", "coverage_ratio": 0.2},
    }  # fmt: skip
    judged = subdistrict(
        "440106002", name, 113.3, verdict="warn", layout="dispersed", covered_population=35269.2,
        coverage_ratio=0.431, straight_line_coverage_ratio=0.655, rules={"C01": "warn"},
        groups={"age_60_plus": {"population": 9000, "coverage_ratio": None}}, sites=["A", "B"],
        network=network,
    )  # fmt: skip
    return {
        "lang": None, "case": name, "date": "2010-07-01", "generator": "siteplan 0.1.0",
        "notices": [{"zh": name, "en": name}],
        "standard": {
            "id": "guangzhou-2010", "title": {"zh": name, "en": name}, "radius_m": 1000,
            "radius_status": "assumed", "coverage_target": 0.85, "target_status": "assumed",
        },
        "crs": "EPSG:4547", "distance": {"method": "roads", "snap_limit_m": 150},
        "summary": {
            "subdistricts": 2, "population": 163662, "covered_population": 35269.2,
            "coverage_ratio": 0.2155, "straight_line_coverage_ratio": 0.3275,
            "covered_by_any_population": 35269.2, "unreachable_population": 12,
            "violations": 0, "warnings": 1,
        },
        "bounds": [[23.1, 113.3], [23.12, 113.34]],
        "subdistricts": [judged, subdistrict("440106003", "车陂街道", 113.32)],
        "sites": [
            site("A", name, 113.305, role="headquarters"),
            site("B", "分站", 113.315, role="branch", status="proposed"),
            site("C", "备选", 113.33, status="candidate", subdistrict=None),
        ],
        "service_areas": [{"site": "A", "polygons": square(113.3)}],
        "links": [{"subdistrict": "440106002", "site": "B", "headquarters": "A",
                   "distance_m": 812.3, "lines": [[113.315, 23.11, 113.305, 23.11]]}],
        "uncovered": {"lon": [113.31, 113.33], "lat": [23.105, 23.115], "population": [4, 90.5],
                      "subdistrict": [0, 1]},
        "roads": [{"class": "major", "lines": [[113.3, 23.11, 113.34, 23.11]]}],
        "water": square(113.3),
        "findings": [finding("440106002", name), finding("A", name, code="S03", unit="m2",
                     measured=600, threshold=1000), finding("case", name, threshold=None)],
        "sources": [{"role": "boundaries", "path": name, "sha256": "0" * 64, "rows": 2,
                     "crs": None, "datum": None, "licence": None}],
        "refused": [{"path": name, "defects": [{"feature": 3, "name": name, "field": None,
                     "message": {"zh": name, "en": name}, "remedy": {"zh": name, "en": name}}]}],
        **changes,
    }  # fmt: skip


def read_blob(html: str) -> Payload:
    (blob,) = re.findall(r'<script type="application/json" id="siteplan-data">(.*?)</script>', html)
    return json.loads(blob)


# The file


def test_same_payload_gives_the_same_bytes() -> None:
    assert render_map(make_payload(), title="a") == render_map(make_payload(), title="a")


def test_policy_names_the_hash_of_every_script_and_no_other() -> None:
    html = render_map(make_payload(), title="a")
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    allowed = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert f"default-src 'none'; script-src {' '.join(allowed)}; style-src" in policy
    assert html.count("<script") == len(scripts) + 1


def test_policy_stands_before_anything_it_governs() -> None:
    html = render_map(make_payload(), title="a")
    assert html.index("Content-Security-Policy") < min(html.index(tag) for tag in ("<sc", "<sty"))


def test_markup_names_no_address() -> None:
    html = render_map(make_payload(), title="a")
    markup = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    assert re.findall(r"""(?:src|href|srcset|data|action)\s*=\s*["']?([^"'>\s]*)""", markup) == [
        "data:,"
    ]


def test_styles_load_nothing() -> None:
    html = render_map(make_payload(), title="a")
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    assert "@import" not in styles
    assert set(re.findall(r"url\(([^)]*)\)", styles)) <= {"#default#VML"}


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cdn.example/leaflet.js"></script>',
        "<link rel=stylesheet href=//cdn.example/a.css>",
        "<img srcset='a.png 2x'>",
        "<style>@import 'a.css';</style>",
        "<style>a{background:url( 'http://example/a.png')}</style>",
        "<style>a{background:URL(images/layers.png)}</style>",
    ],
)
def test_page_that_would_load_a_file_is_refused(markup: str) -> None:
    with pytest.raises(InputError, match="the page would load"):
        page.refuse_remote(page.read_contents(markup))


@pytest.mark.parametrize("name", ["leaflet.js", "leaflet.css"])
def test_leaflet_that_was_changed_by_one_byte_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "static" / "js_lib_leaflet"
    folder.mkdir(parents=True)
    for file in ("leaflet.js", "leaflet.css"):
        content = (page.files("js_lib_leaflet") / "static" / "js_lib_leaflet" / file).read_bytes()
        (folder / file).write_bytes(content + b" " if file == name else content)
    monkeypatch.setattr(page, "files", lambda _: tmp_path)
    with pytest.raises(InputError, match=rf"{name}: its SHA-256 is .* Install the version"):
        render_map(make_payload(), title="a")


def test_licence_of_leaflet_goes_with_it() -> None:
    html = render_map(make_payload(), title="a")
    assert "BSD 2-Clause License" in html
    assert "(c) 2010-2023 Vladimir Agafonkin" in html


def test_siteplan_recognises_its_own_page_by_the_first_kilobyte() -> None:
    html = render_map(make_payload(), title="长" * 2000)
    assert b'<meta name="generator" content="siteplan">' in html.encode()[:1024]


@pytest.mark.parametrize(("lang", "written"), [("zh", "zh-CN"), ("en", "en"), (None, "zh-CN")])
def test_language_of_the_page_is_written_down(lang: str | None, written: str) -> None:
    assert f'<html lang="{written}">' in render_map(make_payload(lang=lang), title="a")


def test_our_scripts_write_no_markup_and_run_no_text() -> None:
    script = page.read_own_script(SCRIPTS)
    forbidden = r"(inner|outer|insertAdjacent)HTML|document\.write|DOMParser|eval\(|Function\("
    assert re.search(forbidden, script) is None


# Text written by others


@pytest.mark.parametrize("text", HOSTILE)
def test_text_comes_out_as_it_went_in(text: str) -> None:
    payload = make_payload(name=text)
    assert read_blob(render_map(payload, title="a")) == payload


@pytest.mark.parametrize("text", HOSTILE)
def test_text_leaves_everything_around_it_unchanged(text: str) -> None:
    pages = [render_map(make_payload(name=name), title="a") for name in ("a", text)]
    plain, hostile = (re.sub(r'(id="siteplan-data">).*', r"\1", html) for html in pages)
    assert hostile == plain


def test_title_cannot_leave_its_element() -> None:
    html = render_map(make_payload(), title="</title><script>alert(1)</script>{{7*7}}\ud800")
    title = "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}\ufffd"
    assert f"<title>{title}</title>" in html


def test_characters_that_a_page_cannot_carry_are_replaced() -> None:
    html = render_map(make_payload(name="a\0b\x1bc\x85d\ud800e\x7ff\b"), title="a")
    assert read_blob(html)["case"] == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffd"
    html.encode("utf-8")


def test_line_ends_and_tabs_stay() -> None:
    assert json.loads(page.encode_blob({"a": "b\n\t\r\nc"})) == {"a": "b\n\t\r\nc"}


@given(st.text())
def test_no_text_ends_the_blob_or_is_lost(text: str) -> None:
    blob = page.encode_blob({text: [text]})
    assert not set("<>&\u2028\u2029") & set(blob)
    ((key, (value,)),) = json.loads(blob).items()
    assert key == value == page.replace_unwritable(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_number_that_json_cannot_carry_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        render_map(make_payload(crs=value), title="a")


# In a browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with start_chromium() as browser:
        yield browser


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_page(**changes: object) -> Path:
        path = tmp_path / "index.html"
        html = render_map(make_payload(**changes), title="a")
        path.write_text(html, encoding="utf-8", newline="\n")
        return path

    return write_page


Write = Callable[..., Path]


@pytest.mark.browser
def test_page_opens_without_a_complaint_and_asks_no_host(chromium: Chromium, write: Write) -> None:
    path = write()
    with chromium.visit(path) as visit:
        assert visit.page.locator("canvas").count() > 0
        assert visit.problems == []
        assert {url for url in visit.requests if not url.startswith("data:")} == {path.as_uri()}


@pytest.mark.browser
def test_case_with_nothing_in_it_opens_too(chromium: Chromium, write: Write) -> None:
    empty = {"lon": [], "lat": [], "population": [], "subdistrict": []}
    path = write(
        sites=[], service_areas=[], links=[], uncovered=empty, roads=[], water=[], findings=[],
        sources=[], refused=[], notices=[], date=None,
        subdistricts=[subdistrict("440106003", "车陂街道", 113.3, district=None)],
    )  # fmt: skip
    with chromium.visit(path) as visit:
        visit.page.locator("tr[data-code] button").click()
        assert "车陂街道" in visit.text(".leaflet-popup")
        assert visit.problems == []


@pytest.mark.browser
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_typed_and_runs_nothing(
    text: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(name=text)) as visit:
        visit.page.locator("tr[data-code] button").first.click()
        for tab in ("sites", "findings"):
            visit.page.locator(f"#tab-{tab}").click()
        visit.page.locator(".sources summary").click()
        for selector in ("h1", ".leaflet-popup h3", ".finding .subject", ".files b"):
            assert visit.page.locator(selector).first.text_content() == text
        assert visit.page.locator("img, main script").count() == 0
        assert visit.problems == []


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "label"), [("zh-CN", "居民"), ("en-GB", "Residents")])
def test_page_speaks_the_language_of_the_browser(
    locale: str, label: str, chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(), locale=locale) as visit:
        assert visit.text(".figure dt >> nth=0") == label


@pytest.mark.browser
def test_language_asked_for_wins_over_the_browser(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(lang="zh"), locale="en-GB") as visit:
        assert visit.text(".figure dt >> nth=0") == "居民"


@pytest.mark.browser
def test_button_switches_the_language_of_everything(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(), locale="zh-CN") as visit:
        visit.page.locator("tr[data-code] button").first.click()
        assert "提醒" in visit.text(".leaflet-popup")
        visit.page.get_by_role("button", name="English").click()
        assert "Warning" in visit.text(".leaflet-popup")
        assert visit.text("#tab-findings").startswith("Findings")
        assert visit.text(".legend summary") == "Legend and layers"
        assert visit.page.evaluate("document.documentElement.lang") == "en"
        visit.page.get_by_role("button", name="中文").click()
        assert visit.text("#tab-findings").startswith("审查意见")


@pytest.mark.browser
def test_row_opens_the_figures_of_its_subdistrict(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("tr[data-code='440106002']").click()
        card = visit.text(".leaflet-popup")
        for figure in ("81,831 people", "35,269 people · 43.1%", "65.5%", "812 m", "85.0%"):
            assert figure in card
        assert visit.text(".leaflet-popup .chip >> nth=0") == "assumed"
        assert visit.page.locator("tr.selected").get_attribute("data-code") == "440106002"


@pytest.mark.browser
def test_row_opens_from_the_keyboard_and_escape_closes_it(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("tr[data-code] button").nth(1).focus()
        visit.page.keyboard.press("Enter")
        assert "车陂街道" in visit.text(".leaflet-popup")
        visit.page.keyboard.press("Escape")
        visit.page.locator(".leaflet-popup").wait_for(state="detached")


@pytest.mark.browser
def test_symbol_opens_the_worth_of_its_site(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator(".site[title='备选']").click()
        card = visit.text(".leaflet-popup")
        assert "41,235 people" in card
        assert "No subdistrict" in card
        assert "Covers alone" in card


@pytest.mark.browser
def test_land_opens_the_subdistrict_under_the_pointer(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write(sites=[])) as visit:
        box = visit.page.locator(".name").nth(1).bounding_box()
        assert box is not None
        visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert "440106003" in visit.text(".leaflet-popup")


@pytest.mark.browser
def test_finding_opens_its_subject_with_clause_and_threshold(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("#tab-findings").click()
        visit.page.locator(".finding[data-subject='A']").click()
        card = visit.text(".leaflet-popup")
        for figure in ("Headquarters · Existing · A", "600 m²", "1,000 m²", "Clause 一(一)"):
            assert figure in card


@pytest.mark.browser
def test_what_could_not_be_computed_is_a_dash(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        assert visit.text("tr[data-code='440106003'] .coverage") == "—"


@pytest.mark.browser
def test_layer_goes_and_comes_back(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("[data-layer='candidates']").uncheck()
        assert visit.page.locator(".site").count() == 2
        visit.page.locator("[data-layer='candidates']").check()
        assert visit.page.locator(".site").count() == 3


@pytest.mark.browser
def test_phone_shows_everything_without_scrolling_sideways(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write(name="一个很长的名称" * 6), size=PHONE) as visit:
        assert visit.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
        assert visit.problems == []


@pytest.mark.browser
def test_printing_leaves_the_map_as_it_was(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        before = visit.page.locator("#siteplan-frame").screenshot()
        assert visit.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
        visit.page.wait_for_timeout(200)
        assert visit.page.locator("#siteplan-frame").screenshot() == before
        assert visit.problems == []
