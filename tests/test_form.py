"""The page on which a street draws its proposal: what it holds, and what it does in a browser."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from browser import PHONE, Chromium, Visit, start_chromium
from small import (
    draw_roads,
    make_area,
    make_case,
    make_site,
    make_sites,
    make_standard,
    make_subdistrict,
)
from town import EAST_M, NORTH_M, box, place, point

from siteplan.check import check_files
from siteplan.crs import CHINA_BOX, Datum, from_wgs84, to_wgs84
from siteplan.errors import InputError
from siteplan.inputs.proposals import Proposal, read_proposal
from siteplan.inputs.vector import POINTS, POLYGONS, read_layer
from siteplan.model import Backdrop, Case, Facilities
from siteplan.outputs import page
from siteplan.outputs.form import PARTS, describe_form, write_form
from siteplan.schema import FIELDS

WEST, EAST = "440199001", "440199002"
HOSTILE = (
    "<img src=x onerror=alert(1)></script><script>alert(2)</script><!--<script>"
    "{{ 7*7 }}{% raw %}${7*7}&lt;b&gt;\u2028\u202eright to left\u200f"
)
DATUMS: tuple[Datum, ...] = ("gcj02", "bd09")
METRE = 1e-5  # degrees, about


def make_town(name: str = "小镇", **changes: Any) -> Case:  # noqa: ANN401
    """Make two squares of 1 km side by side, with a road, a pond, a school and a centre."""

    def ground(west_m: float) -> tuple[float, float, float, float]:
        return (EAST_M + west_m, NORTH_M, EAST_M + west_m + 1000, NORTH_M + 1000)

    lon, lat = place(1500, 500)
    centre = make_site("e1", EAST_M + 1500, NORTH_M + 500, name=changes.pop("site", "东中心"),
                       subdistrict=EAST, status="existing", lon=lon, lat=lat)  # fmt: skip
    known: dict[str, Any] = {
        "name": name,
        "standard": make_standard(),
        "sites": make_sites(centre),
        "roads": draw_roads([(EAST_M - 900, NORTH_M + 500), (EAST_M + 2900, NORTH_M + 500)]),
        "backdrop": Backdrop(
            np.array([shapely.box(EAST_M + 100, NORTH_M + 100, EAST_M + 200, NORTH_M + 200)]),
            np.empty(0, dtype=object),
        ),
        "facilities": Facilities(
            np.array([EAST_M + 300, EAST_M + 9000]), np.array([NORTH_M + 800.0] * 2),
            np.array(["school", "clinic"]), np.array([changes.pop("school", "小学"), ""]),
        ),
    }  # fmt: skip
    area = make_area(
        make_subdistrict(WEST, ground(0), name=changes.pop("west", "西街道")),
        make_subdistrict(EAST, ground(1000), name="东街道"),
    )
    return make_case(**{"area": area, **known, **changes})


def read_blob(html: str) -> Any:  # noqa: ANN401
    (blob,) = re.findall(r'<script type="application/json" id="siteplan-data">(.*?)</script>', html)
    return json.loads(blob)


def west_page(case: Case | None = None) -> str:
    return write_form(case or make_town(), [WEST], None).decode("utf-8")


# The file


def test_same_case_gives_the_same_bytes() -> None:
    assert write_form(make_town(), [WEST, EAST], "zh") == write_form(
        make_town(), [WEST, EAST], "zh"
    )


def test_page_without_a_backdrop_is_small_enough_to_send_by_mail() -> None:
    empty = np.empty(0, dtype=object)
    bare = make_town(roads=None, backdrop=Backdrop(empty, empty), facilities=None)
    assert len(write_form(bare, [WEST], None)) < 600_000


def test_policy_names_the_hash_of_every_script_and_no_other() -> None:
    html = west_page()
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    allowed = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert f"default-src 'none'; script-src {' '.join(allowed)}; style-src" in policy
    assert html.count("<script") == len(scripts) + 1


def test_page_names_no_address_and_says_whose_leaflet_it_is() -> None:
    html = west_page()
    assert page.read_contents(html).addresses == ("data:,",)
    assert "BSD 2-Clause License" in html
    assert b'<meta name="generator" content="siteplan">' in html.encode()[:1024]


def test_our_scripts_write_no_markup_and_run_no_text() -> None:
    script = page.read_own_script(PARTS.scripts)
    forbidden = r"(inner|outer|insertAdjacent)HTML\s*=|document\.write|DOMParser|eval\(|Function\("
    assert re.search(forbidden, script) is None


def test_no_field_is_written_into_the_scripts_twice() -> None:
    script = page.read_own_script(PARTS.scripts)
    special = {"id", "name", "subdistrict", "status", "role", "mode", "note"}  # they mean more
    assert [f.key for f in FIELDS if f.key not in special and f'"{f.key}"' in script] == []


def test_page_holds_what_lies_in_the_subdistrict_and_500_m_around() -> None:
    described: Any = describe_form(make_town(), [WEST])
    assert [one["name"] for one in described["facilities"]] == ["小学"]
    assert [one["id"] for one in described["sites"]] == []  # 500 m from the edge, and a little
    ((line,),) = (roads["lines"] for roads in described["roads"])
    west, east = place(-500, 500)[0], place(1500, 500)[0]
    assert min(line[::2]) == pytest.approx(west, abs=30 * METRE)
    assert max(line[::2]) == pytest.approx(east, abs=30 * METRE)
    assert [one["name"] for one in described["others"]] == ["东街道"]
    assert len(described["water"]) == 1


def test_existing_site_of_another_subdistrict_is_shown() -> None:
    described: Any = describe_form(make_town(), [EAST])
    assert [(one["id"], one["subdistrict"]) for one in described["sites"]] == [("e1", EAST)]


@pytest.mark.parametrize("codes", [[], ["440199009"]])
def test_subdistrict_that_is_not_in_the_case_is_refused(codes: list[str]) -> None:
    with pytest.raises(InputError, match="Name one of 440199001, 440199002"):
        write_form(make_town(), codes, None)


def test_text_of_the_case_is_only_ever_data() -> None:
    hostile = make_town(HOSTILE, site=HOSTILE, school=HOSTILE, west=HOSTILE)
    pages = [west_page(case) for case in (make_town("a"), hostile)]
    plain, other = (re.sub(r'(id="siteplan-data">).*|<title>.*', r"\1", html) for html in pages)
    assert other == plain
    blob = read_blob(pages[1])
    assert blob["case"] == blob["facilities"][0]["name"] == HOSTILE
    assert blob["subdistricts"][0]["name"] == HOSTILE


# In a browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with start_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def west(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("form") / "form.html"
    path.write_bytes(write_form(make_town(), [WEST], None))
    return path


def click_at(visit: Visit, x_m: float, y_m: float) -> None:
    """Click where a place of the town is on the map, by the corners of the subdistrict."""
    outline = visit.page.locator(".leaflet-edges-pane path[stroke='#b3401f']").bounding_box()
    assert outline is not None
    x = outline["x"] + outline["width"] * x_m / 1000
    y = outline["y"] + outline["height"] * (1 - y_m / 1000)
    visit.page.mouse.click(x, y)


def paste(visit: Visit, text: str, datum: str = "wgs84") -> None:
    visit.page.locator("#datum").select_option(datum)
    visit.page.locator("#paste").fill(text)
    visit.page.locator("#paste").press("Enter")


def fill(visit: Visit, **values: str) -> None:
    for key, value in values.items():
        field = visit.page.locator(f"#field-{key}")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def position(visit: Visit) -> tuple[float, float]:
    lon, lat = (float(visit.page.locator(f"#{key}").input_value()) for key in ("lon", "lat"))
    return lon, lat


def open_file(visit: Visit, content: object, name: str = "a.geojson") -> None:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    file: Any = {"name": name, "mimeType": "application/json", "buffer": raw}
    visit.page.locator("#file").set_input_files(file)
    visit.page.locator("#siteplan-toast p, dialog[open] p, dialog[open] li").first.wait_for()


def collect(*features: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": properties, "geometry": geometry}
            for geometry, properties in features
        ],
    }


def download(visit: Visit, folder: Path) -> Path:
    with visit.page.expect_download() as started:
        visit.page.locator("#download").click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def read_back(path: Path) -> Proposal:
    layer = read_layer(path, path.name, kinds=POINTS | POLYGONS)
    return read_proposal(layer, {}, make_town().area)


@pytest.mark.browser
def test_page_opens_without_a_complaint_and_asks_no_host(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        assert visit.text("h1") == "西街道 · Venue proposal"
        assert visit.page.locator("#download").get_attribute("aria-disabled") == "true"
        for field in FIELDS:
            assert visit.page.locator(f"#field-{field.key}").count() == 1
        assert visit.problems == []
        assert {url for url in visit.requests if not url.startswith("data:")} == {west.as_uri()}


@pytest.mark.browser
def test_drawn_and_filled_in_proposal_is_what_the_bureau_reads(
    chromium: Chromium, west: Path, tmp_path: Path
) -> None:
    with chromium.visit(west) as visit:
        click_at(visit, 250, 750)
        fill(visit, name="黄村中心", premises="lease", floor_area_m2="１，２００ ㎡", mode="2",
             available_from="2010-08-31", cost_wan="0")  # fmt: skip
        visit.page.get_by_label("Elderly").check()
        visit.page.get_by_label("Others, separated by commas").fill("法律援助、青少年")
        assert visit.text("#status") == "Complete, ready to download"
        path = download(visit, tmp_path)
        assert "申报_440199001.geojson was downloaded" in visit.text("#siteplan-toast")
        assert visit.problems == []
    assert path.name == "申报_440199001.geojson"
    feature = json.loads(path.read_text(encoding="utf-8"))["features"][0]
    assert list(feature["properties"].items()) == [
        ("name", "黄村中心"), ("subdistrict", WEST), ("id", "440199001-1"), ("status", "proposed"),
        ("premises", "lease"), ("floor_area_m2", 1200), ("available_from", "2010-08-31"),
        ("mode", 2), ("services", ["elderly", "youth", "法律援助"]), ("cost_wan", 0),
    ]  # fmt: skip
    assert feature["geometry"]["coordinates"] == pytest.approx(place(250, 750), abs=4 * METRE)
    (checked,) = check_files([path])
    assert checked.defects == ()
    (site,) = read_back(path).sites
    assert (site.id, site.name, site.subdistrict) == ("440199001-1", "黄村中心", WEST)
    assert (site.floor_area_m2, site.mode, site.missing, dict(site.invalid)) == (1200, 2, (), {})


WRITTEN = (
    "{lon}，{lat}",
    "{lon}、{lat}",
    " {lon}  {lat} ",
    "{lat}, {lon}",
    "经度{lon} 纬度{lat}",
    "纬度：{lat}；经度：{lon}",
    "北纬{lat}°，东经{lon}°",
    "{lon}°E {lat}°N",
    "N{lat} E{lon}",
    '{{"lng": {lon}, "lat": {lat}}}',
    "（{lon}，{lat}）",
)


@pytest.mark.browser
def test_pasted_coordinates_are_understood(chromium: Chromium, west: Path) -> None:
    full_width = str.maketrans("0123456789.", "０１２３４５６７８９．")
    with chromium.visit(west) as visit:
        for number, text in enumerate(WRITTEN, start=1):
            lon, lat = place(50 * number, 500)
            paste(visit, text.format(lon=f"{lon}".translate(full_width), lat=lat))
            assert position(visit) == pytest.approx((lon, lat), abs=1e-7), text
        paste(visit, "113°２１′36″E, 23°07′30″N")
        assert position(visit) == (113.36, 23.125)
        assert visit.problems == []


NO_PLACE = {
    "": "First paste coordinates",
    "113.36": "does not hold two coordinates",
    "113.36, 23.13, 5": "does not hold two coordinates",
    "somewhere": "does not hold two coordinates",
    "纬度23.13 纬度24": "does not hold two coordinates",
    "536000, 2558000": "perhaps metres",
    "0, 0": "no real place",
    "经度 200 纬度 23": "out of range",
}


@pytest.mark.browser
def test_what_cannot_be_two_coordinates_is_refused(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        for text, said in NO_PLACE.items():
            paste(visit, text)
            assert said in visit.text("#paste-reply"), text
        assert visit.page.locator(".site").count() == 0


@pytest.mark.browser
def test_order_that_nobody_can_tell_is_asked_for(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        paste(visit, "9.5, 47.1")  # both are places, neither is in China
        assert "Both orders are possible" in visit.text("#paste-reply")
        visit.page.get_by_role("button", name="Latitude first").click()
        assert position(visit) == (47.1, 9.5)


@pytest.mark.browser
@pytest.mark.parametrize(("datum", "way"), [("gcj02", (400, 800)), ("bd09", (900, 1500))])
def test_coordinates_of_web_maps_are_taken_back_to_wgs84(
    chromium: Chromium,
    west: Path,
    tmp_path: Path,
    datum: Datum,
    way: tuple[int, int],
) -> None:
    lon, lat = (np.array([value]) for value in place(500, 500))
    given = [f"{value[0]:.6f}" for value in from_wgs84(lon, lat, datum)]
    with chromium.visit(west) as visit:
        paste(visit, "，".join(given), datum)
        assert position(visit) == pytest.approx(place(500, 500), abs=0.1 * METRE)
        (moved,) = re.findall(r"moved by ([\d,]+) m", visit.text("#paste-reply"))
        assert way[0] < int(moved.replace(",", "")) < way[1]
        fill(visit, name="a")
        path = download(visit, tmp_path)
        click_at(visit, 300, 300)
        properties = json.loads(path.read_text(encoding="utf-8"))["features"][0]["properties"]
        again = download(visit, tmp_path)
    numbers = [float(value) for value in properties["original_coordinates"].split(", ")]
    assert numbers == [float(value) for value in given]
    assert properties["original_datum"] == datum
    assert "original_datum" not in again.read_text(encoding="utf-8")


@pytest.mark.browser
def test_page_converts_as_python_does_all_over_china(chromium: Chromium, west: Path) -> None:
    west_edge, south, east, north = CHINA_BOX
    random = np.random.default_rng(7)
    lon, lat = random.uniform(west_edge, east, 500), random.uniform(south, north, 500)
    script = (page.WEB / "form-datum.js").read_text("utf-8")
    code = (
        f"([points, china, datum]) => {{ const data = {{ china }}; {script}\n"
        "return points.map(([lon, lat]) => toWgs84(lon, lat, datum)); }"
    )
    points = np.column_stack([lon, lat])
    with chromium.visit(west) as visit:
        for datum in DATUMS:
            given = [points.tolist(), list(CHINA_BOX), datum]
            converted = np.array(visit.page.evaluate(code, given))
            expected = np.column_stack(to_wgs84(lon, lat, datum))
            assert np.abs(converted - expected).max() < 1e-9  # a tenth of a millimetre


@pytest.mark.browser
def test_web_map_datum_is_refused_outside_china(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        paste(visit, "经度9.5 纬度47.1", "gcj02")
        assert "(9.5, 47.1) is outside China" in visit.text("#paste-reply")
        assert visit.page.locator(".site").count() == 0


@pytest.mark.browser
def test_place_that_another_datum_would_explain_is_offered_and_not_converted(
    chromium: Chromium, west: Path
) -> None:
    lon, lat = (np.array([value]) for value in place(900, 100))
    given = [round(float(value[0]), 7) for value in from_wgs84(lon, lat, "gcj02")]
    with chromium.visit(west) as visit:
        paste(visit, f"{given[0]}, {given[1]}")
        assert position(visit) == pytest.approx(given, abs=1e-7)
        assert "outside the subdistrict" in visit.text("#message-place")
        visit.page.get_by_role("button", name="Convert from Amap").click()
        assert position(visit) == pytest.approx(place(900, 100), abs=0.1 * METRE)
        assert visit.page.locator("#message-place").text_content() == ""
        assert "moved by" in visit.text("#shift")


@pytest.mark.browser
def test_place_outside_is_told_with_its_distance_and_may_be_so_by_the_tolerance(
    chromium: Chromium, west: Path, tmp_path: Path
) -> None:
    with chromium.visit(west) as visit:
        fill(visit, name="a")
        lon, lat = place(-200, 500)
        paste(visit, f"{lon}, {lat}")
        assert "It lies 200 m outside the subdistrict" in visit.text("#message-place")
        assert visit.page.locator("#download").get_attribute("aria-disabled") == "true"
        lon, lat = place(-20, 500)
        paste(visit, f"{lon}, {lat}")
        assert "It lies 20 m outside the subdistrict" in visit.text("#message-place")
        assert download(visit, tmp_path).exists()


@pytest.mark.browser
def test_second_headquarters_is_refused_and_can_take_over(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        fill(visit, name="甲", role="headquarters")
        visit.page.locator("#add").click()
        fill(visit, name="乙", role="headquarters")
        role = visit.page.locator("#field-role")
        assert role.input_value() == ""
        assert '"甲" is the headquarters already' in visit.text("#message-role")
        visit.page.get_by_role("button", name='Make "乙" the headquarters').click()
        assert role.input_value() == "headquarters"
        visit.page.locator("#venue-1").click()
        assert role.input_value() == "branch"


@pytest.mark.browser
def test_of_several_venues_one_must_be_the_headquarters(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        fill(visit, name="甲")
        visit.page.locator("#add").click()
        fill(visit, name="乙", role="branch")
        problems = visit.page.locator(".problem")
        assert problems.filter(has_text="None of the 2 venues is the headquarters").count() == 1
        fill(visit, status="candidate")  # one venue remains that is to be built
        assert problems.filter(has_text="headquarters").count() == 0


@pytest.mark.browser
def test_mode_is_the_same_for_all_venues(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        fill(visit, name="甲", mode="1")
        visit.page.locator("#add").click()
        assert visit.page.locator("#field-mode").input_value() == "1"
        fill(visit, mode="2")
        assert 'Mode of operation differs from that of "甲"' in visit.text("#message-mode")
        visit.page.get_by_role("button", name='Use "Indirect management" for all').click()
        visit.page.locator("#venue-1").click()
        assert visit.page.locator("#field-mode").input_value() == "2"


WRONG = {
    "name": (" ", "It is missing"),
    "floor_area_m2": ("0", "It must be above 0"),
    "office_area_m2": ("many", '"many" is not a number'),
    "cost_wan": ("-1", "It must be at least 0"),
    "id": ("e1", "Id e1 is taken by another subdistrict"),
}


@pytest.mark.browser
def test_field_says_what_is_wrong_with_it(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        for key, (value, said) in WRONG.items():
            fill(visit, **{key: value})
            assert said in visit.text(f"#message-{key}")
            assert visit.page.locator(f"#field-{key}").get_attribute("aria-invalid") == "true"
            visit.page.locator(f".problem[data-field={key}]").click()
            assert visit.page.evaluate("document.activeElement.id") == f"field-{key}"


@pytest.mark.browser
def test_download_waits_until_nothing_is_wrong(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        visit.page.on("download", lambda started: visit.requests.append(started.url))
        visit.page.locator("#download").click(force=True)
        assert "It has no place" in visit.text("#message-place")
        assert "It is missing" in visit.text("#message-name")
        assert not [url for url in visit.requests if url.startswith("blob:")]


@pytest.mark.browser
def test_draft_survives_and_is_cleared_only_after_asking(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        click_at(visit, 500, 500)
        fill(visit, name="草稿")
        visit.page.reload()
        assert visit.page.locator("#field-name").input_value() == "草稿"
        assert visit.page.locator(".site").count() == 1
        assert visit.text("#saved").startswith("Draft saved")
        visit.page.locator("#act-anew").click()
        visit.page.keyboard.press("Escape")
        assert visit.page.locator("#field-name").input_value() == "草稿"
        visit.page.locator("#act-anew").click()
        visit.page.locator("dialog .main").click()
        visit.page.locator("#undo").wait_for()
        assert visit.page.locator("#field-name").input_value() == ""
        visit.page.locator("#undo").click()
        assert visit.page.locator("#field-name").input_value() == "草稿"


@pytest.mark.browser
def test_browser_without_storage_says_so(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        visit.page.evaluate(
            "() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }"
        )
        fill(visit, name="a")
        visit.page.locator("#siteplan-notices p").wait_for()
        assert "keeps no drafts" in visit.text("#siteplan-notices")


@pytest.mark.browser
def test_deleted_venue_comes_back(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        fill(visit, name="甲")
        visit.page.locator("#add").click()
        visit.page.get_by_role("button", name="Delete this venue").click()
        assert visit.page.locator("#venues button").count() == 1
        visit.page.locator("#undo").click()
        assert visit.page.locator("#venues button").count() == 2


@pytest.mark.browser
def test_own_file_is_opened_edited_and_written_again(
    chromium: Chromium, west: Path, tmp_path: Path
) -> None:
    parcel = box(600, 600, 800, 700)
    given = collect(
        (point(250, 250), {"name": "甲", "subdistrict": WEST, "role": "branch", "osm_id": 7,
                           "__proto__x": [1, {"a": None}], "empty": None}),
        (parcel, {"name": "乙", "subdistrict": "西街道", "role": "headquarters", "id": "x"}),
    )  # fmt: skip
    raw = json.dumps(given, ensure_ascii=False).replace("__proto__x", "__proto__").encode()
    with chromium.visit(west) as visit:
        open_file(visit, raw)
        assert visit.page.locator(".site").count() == 2
        fill(visit, floor_area_m2="1500.5")
        path = download(visit, tmp_path)
        assert visit.problems == []
    first, second = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert first["properties"] == {
        "name": "甲", "subdistrict": WEST, "id": "440199001-1", "role": "branch",
        "floor_area_m2": 1500.5, "osm_id": 7, "__proto__": [1, {"a": None}],
    }  # fmt: skip
    assert second["geometry"] == parcel
    assert second["properties"]["id"] == "x"
    assert [site.name for site in read_back(path).sites] == ["甲", "乙"]


@pytest.mark.browser
def test_chinese_keys_and_values_are_opened_as_ours(
    chromium: Chromium, west: Path, tmp_path: Path
) -> None:
    values = {
        "名称": "西中心", "街道": "440199001000", "状态": "现有", "角色": "总部",
        "场地来源": "整合现有", "建筑面积": "1,650 平方米", "可用日期": "2010年8月5日",
        "运作模式": "模式二", "服务项目": "家庭服务、养老、书法", "备注": " ", "楼层": 3,
    }  # fmt: skip
    with chromium.visit(west, locale="zh-CN") as visit:
        open_file(visit, collect((point(500, 500), values)))
        assert "已打开 a.geojson：1 个场地" in visit.text("#siteplan-toast")
        assert "楼层" in (visit.page.locator(".kept").text_content() or "")
        path = download(visit, tmp_path)
    (feature,) = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert feature["properties"] == {
        "name": "西中心", "subdistrict": WEST, "id": "440199001-1", "status": "existing",
        "role": "headquarters", "premises": "existing", "floor_area_m2": 1650,
        "available_from": "2010-08-05", "mode": 2,
        "services": ["family_service", "elderly", "书法"], "楼层": 3,
    }  # fmt: skip


DEEP = "[" * 100_000 + "]" * 100_000
HERE = json.dumps(point(500, 500))
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[place(*at) for at in ((1, 1), (9, 9), (9, 1), (1, 9), (1, 1))]],
}


UNUSABLE: tuple[tuple[object, str], ...] = (
    (b"{", "not valid JSON"),
    (b"\xff\xfe\xfd", "not text in UTF-8"),
    (b"[1]", "not a GeoJSON FeatureCollection"),
    (b'{"type":"FeatureCollection","features":[]}', "holds no venues"),
    (b" " * 2_100_000, "2.1 MB, more than the 2 MB allowed"),
    (DEEP.encode(), "not a GeoJSON FeatureCollection"),
    (collect(*[(point(1, 1), {})] * 201), "201 features"),
    (collect((point(1, 1), {"街道": "东街道"})), 'for subdistrict "东街道"'),
    (collect((point(1, 1), {"name": {"toString": 1}})), "neither text nor a number"),
    (collect((point(1, 1), {"osm_id": 2**60})), "too large to be kept exactly"),
    (collect(({"type": "Point", "coordinates": ["1", 2]}, {})), "coordinates are not valid"),
    (collect(({"type": "Point", "coordinates": [0, 0]}, {})), "coordinates are not valid"),
    (collect(({"type": {"toString": 1}, "coordinates": [0, 0]}, {})), "Geometry type —"),
    (collect((BOW_TIE, {})), "coordinates are not valid"),
    (collect(({"type": "LineString", "coordinates": []}, {})), "Geometry type LineString"),
    ({**collect((point(1, 1), {})), "crs": {"properties": {"name": "EPSG:4547"}}}, "in WGS84"),
    (
        f'{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":{HERE},'
        f'"properties":{{"a":{DEEP}}}}}]}}'.encode(),
        "nested too deep",
    ),
)


@pytest.mark.browser
def test_file_that_cannot_be_used_changes_nothing(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        fill(visit, name="草稿")
        for content, said in UNUSABLE:
            open_file(visit, content)
            assert said in visit.text("dialog")
            visit.page.locator("dialog .plain").click()
            assert visit.page.locator("#field-name").input_value() == "草稿"
            assert visit.page.locator("#venues button").count() == 1
        assert visit.problems == []


@pytest.mark.browser
def test_all_defects_of_a_file_are_named_at_once(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west, locale="zh-CN") as visit:
        bad = {"type": "Point", "coordinates": [200, 2]}
        open_file(visit, collect((bad, {"名称": "甲"}), (point(1, 1), {}), (bad, {"name": "丙"})))
        items = visit.page.locator("dialog li").all_inner_texts()
        assert items == [
            "第 1 个要素（甲）：坐标无效。请重新绘制该场地。",
            "第 3 个要素（丙）：坐标无效。请重新绘制该场地。",
        ]


@pytest.mark.browser
def test_hostile_text_is_shown_as_typed_and_does_nothing(
    chromium: Chromium, tmp_path: Path
) -> None:
    case = make_town(HOSTILE, site=HOSTILE, school=HOSTILE, west=HOSTILE)
    path = tmp_path / "form.html"
    path.write_bytes(write_form(case, [WEST], "en"))
    name = f"{HOSTILE}\0"
    properties = {"name": name, "role": HOSTILE, "available_from": HOSTILE, HOSTILE: HOSTILE,
                  "constructor": "c", "services": [HOSTILE]}  # fmt: skip
    with chromium.visit(path) as visit:
        open_file(visit, collect((point(500, 500), properties)), f"{HOSTILE.replace('/', '')}.json")
        assert visit.page.locator("h1 bdi").text_content() == HOSTILE
        assert visit.page.locator("#venue-1 bdi").text_content() == name
        assert HOSTILE in (visit.page.locator("#field-role").text_content() or "")
        assert "is not a date" in visit.text("#message-available_from")
        fill(visit, role="", available_from="2010-08-31")
        path = download(visit, tmp_path)
        visit.page.reload()
        assert visit.page.locator("#venue-1 bdi").text_content() == name
        assert visit.page.locator("img, main script").count() == 0
        assert visit.problems == []
    (feature,) = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert feature["properties"]["name"] == name
    assert feature["properties"]["constructor"] == "c"
    assert feature["properties"][HOSTILE] == HOSTILE


@pytest.mark.browser
def test_code_that_is_no_file_name_leaves_only_letters(chromium: Chromium, tmp_path: Path) -> None:
    area = make_area(
        make_subdistrict("../a\\b:东*1_-", (EAST_M, NORTH_M, EAST_M + 1000, NORTH_M + 1000))
    )
    path = tmp_path / "form.html"
    path.write_bytes(write_form(make_town(area=area), ["../a\\b:东*1_-"], "zh"))
    with chromium.visit(path) as visit:
        click_at(visit, 500, 500)
        fill(visit, name="a")
        assert download(visit, tmp_path).name == "申报_ab东1_-.geojson"


@pytest.mark.browser
def test_button_switches_the_language_of_everything(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west, locale="zh-CN") as visit:
        click_at(visit, 500, 500)
        fill(visit, name="甲", floor_area_m2="-5")
        assert visit.text("h1") == "西街道 · 场地申报"
        assert "须大于 0" in visit.text("#message-floor_area_m2")
        visit.page.get_by_role("button", name="English").click()
        assert "It must be above 0" in visit.text("#message-floor_area_m2")
        assert visit.text("label[for='field-name']").startswith("Name")
        assert visit.page.locator("#field-floor_area_m2").input_value() == "-5"
        assert visit.page.evaluate("document.documentElement.lang") == "en"
        chinese = visit.page.locator("#siteplan-panel").inner_text()
        assert re.findall("[\u4e00-\u9fff]+", chinese) == ["甲"]


@pytest.mark.browser
def test_page_can_be_used_without_a_mouse(chromium: Chromium, west: Path, tmp_path: Path) -> None:
    lon, lat = place(500, 500)
    with chromium.visit(west) as visit:
        keys = visit.page.keyboard
        for key, text in (("lon", str(lon)), ("lat", str(lat)), ("field-name", "甲")):
            visit.page.locator(f"#{key}").focus()
            keys.type(text)
            keys.press("Tab")
        visit.page.locator(".site").focus()
        for _ in range(3):
            keys.press("ArrowRight")
        moved = position(visit)
        assert moved[0] > lon
        assert moved[1] == pytest.approx(lat, abs=METRE)
        visit.page.locator("#download").focus()
        with visit.page.expect_download() as started:
            keys.press("Enter")
        started.value.save_as(tmp_path / "a.geojson")
    (site,) = read_back(tmp_path / "a.geojson").sites
    assert (site.lon, site.lat) == pytest.approx(moved, abs=1e-7)


@pytest.mark.browser
def test_marker_is_dragged_and_the_move_undone(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        visit.page.locator("#siteplan_map").press("Enter")  # in the middle of the map
        before = position(visit)
        assert before == pytest.approx(place(500, 500), abs=20 * METRE)
        marker = visit.page.locator(".site").bounding_box()
        assert marker is not None
        x, y = marker["x"] + marker["width"] / 2, marker["y"] + marker["height"] / 2
        visit.page.mouse.move(x, y)
        visit.page.mouse.down()
        visit.page.mouse.move(x - 60, y, steps=4)
        visit.page.mouse.up()
        assert position(visit)[0] < before[0] - 50 * METRE
        assert "moved by" in visit.text("#siteplan-toast")
        visit.page.locator("#undo").click()
        assert position(visit) == before
        assert visit.problems == []


@pytest.mark.browser
def test_every_input_has_a_name_for_those_who_cannot_see(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        nameless = visit.page.evaluate(
            "[...document.querySelectorAll('input, select')].filter((node) => !node.hidden"
            " && !node.labels.length && !node.ariaLabel).map((node) => node.id)"
        )
        assert nameless == []


@pytest.mark.browser
def test_page_for_several_subdistricts_lets_one_choose(chromium: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "form.html"
    path.write_bytes(write_form(make_town(), [WEST, EAST], "en"))
    with chromium.visit(path) as visit:
        assert "First choose a subdistrict" in visit.text("#siteplan-panel")
        visit.page.locator("#chooser").select_option(WEST)
        fill(visit, name="甲")
        visit.page.locator("#chooser").select_option(EAST)
        assert visit.page.locator("#field-name").input_value() == ""
        open_file(visit, collect((point(500, 500), {"name": "乙", "subdistrict": WEST})))
        assert "replaces the present draft of 1 venues" in visit.text("dialog")
        visit.page.locator("dialog .main").click()
        visit.page.locator("#undo").wait_for()
        assert visit.text("h1") == "西街道 · Venue proposal"
        assert visit.page.locator("#field-name").input_value() == "乙"
        assert visit.problems == []


@pytest.mark.browser
def test_phone_shows_everything_without_scrolling_sideways(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west, size=PHONE) as visit:
        fill(visit, name="一个很长的名称" * 6)
        visit.page.locator("#download").click(force=True)
        assert visit.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
        assert visit.problems == []


@pytest.mark.browser
def test_paper_shows_every_venue(chromium: Chromium, west: Path) -> None:
    with chromium.visit(west) as visit:
        fill(visit, name="甲", mode="1")
        assert visit.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
        visit.page.wait_for_timeout(100)
        paper = visit.page.locator("#siteplan-paper").text_content() or ""
        assert "甲" in paper
        assert "Purchase of services" in paper
        assert visit.problems == []
