"""The drawing of a layout plan: what other programs read in it is what was found."""

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pyogrio.raw
import pytest
import shapely
import town
from ezdxf.document import Drawing
from ezdxf.tools.juliandate import calendardate
from pyogrio import set_gdal_config_options
from small import make_area, make_case, make_site, make_sites, make_subdistrict

from siteplan.errors import CrsError
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation
from siteplan.outputs.layout.cad import DRAWING_LAYERS, show_text
from siteplan.outputs.layout.drawing import choose_drawing_target, write_drawing
from siteplan.outputs.layout.layers import list_layers
from siteplan.outputs.webmap import list_notices

HOSTILE = (
    "%%c%%d 50%", "a\\Pb\\U+4E00\\M+1B0A1", "{\\H99;x}", "^J^M^I", "=1+1", "\\~\\S1/2;", "%%%",
    "<b>&amp;", "  a ", "999", "EOF",
)  # fmt: skip
TWINS = str.maketrans("％＼＾", "%\\^")
LONG = "榕荫街道社区综合服务中心"
EAST_M, NORTH_M = 536_000.0, 2_558_000.0
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(read_case(town.write_town(tmp_path_factory.mktemp("town"))))


def write(evaluation: Evaluation, crs: str | None = None) -> bytes:
    return write_drawing(evaluation, list_layers(evaluation, crs, contacts=False), crs)


def read(content: bytes) -> Drawing:
    """Read a drawing as strictly as ezdxf can."""
    document = ezdxf.read(io.StringIO(content.decode("utf-8")))  # type: ignore[attr-defined]
    audit = document.audit()
    assert not audit.errors
    assert not audit.fixes
    return document


def pick(document: Drawing, kind: str, layer: str) -> list[Any]:
    return list(document.modelspace().query(f'{kind}[layer=="SITEPLAN_{layer}"]'))


def list_sites(document: Drawing) -> list[Any]:
    return list(document.modelspace().query('INSERT[layer ? "SITEPLAN_SITES_.*"]'))


def list_texts(document: Drawing, layer: str) -> list[str]:
    return [str(entry.dxf.text) for entry in pick(document, "TEXT", layer)]


def read_note(entry: Any) -> dict[str, str]:  # noqa: ANN401
    """Return what is kept beside an entity."""
    values = [str(tag.value) for tag in entry.get_xdata("SITEPLAN") if tag.code == 1000]
    return dict(zip(values[::2], values[1::2], strict=True))


def draw_plan(word: str, **rest: Any) -> Evaluation:  # noqa: ANN401
    """Judge a place in the middle of Guangzhou with one site, all called so, without roads."""
    box = (EAST_M, NORTH_M, EAST_M + 3000, NORTH_M + 2000)
    area = make_area(make_subdistrict("A", box, name=word, population=1000.0))
    site = make_site("s", EAST_M + 500.1234, NORTH_M + 500, name=word)
    return evaluate(make_case(area, make_sites(site), **rest))


def test_a_program_reads_the_same_places_and_names_again(evaluation: Evaluation) -> None:
    document = read(write(evaluation))
    assert document.dxfversion == "AC1024"  # R2010
    assert document.header["$INSUNITS"] == 6  # metres
    rings = pick(document, "LWPOLYLINE", "SUBDISTRICTS")
    drawn = {read_note(ring)["code"]: ring for ring in rings}
    for one in evaluation.judgements:
        ring = drawn[one.subdistrict.code]
        assert ring.closed
        assert read_note(ring)["name"] == one.subdistrict.name
        shape = shapely.Polygon(ring.get_points("xy"))
        assert shape.equals(one.subdistrict.geometry) or (
            shape.hausdorff_distance(one.subdistrict.geometry) < 1e-3
        )
    assert list_texts(document, "SUBDISTRICT_NAMES")[0] == "西街道"
    sites = {site.id: site for site in evaluation.case.sites.records}
    inserts = list_sites(document)
    assert [one.get_attrib_text("ID") for one in inserts] == list(evaluation.worth)
    for one in inserts:
        site = sites[one.get_attrib_text("ID")]
        assert one.get_attrib_text("NAME") == site.name
        assert one.dxf.insert.x == pytest.approx(site.x, abs=1e-3)
        assert one.dxf.insert.y == pytest.approx(site.y, abs=1e-3)
        assert one.dxf.layer == f"SITEPLAN_SITES_{site.status.upper()}"
    roles = {one.get_attrib_text("ID"): one.get_attrib_text("ROLE") for one in inserts}
    assert roles["w1"] == "分站点"
    assert roles["e1"] == "单一场地"


def test_every_kind_has_a_layer_with_a_chinese_description(evaluation: Evaluation) -> None:
    document = read(write(evaluation))
    used = {entry.dxf.layer for entry in document.modelspace()}
    for layer in DRAWING_LAYERS:
        assert layer.name.isascii()
        entry = document.layers.get(layer.name)
        assert not entry.description.isascii()
        assert entry.color == layer.colour
        assert entry.dxf.linetype in document.linetypes
    assert used <= {layer.name for layer in DRAWING_LAYERS}
    for entry in document.modelspace().query("TEXT"):
        assert document.styles.get(entry.dxf.style).get_extended_font_data()[0] == "SimSun"


def test_links_gaps_and_service_areas_are_where_they_were_found(tmp_path: Path) -> None:
    folder = town.write_town(tmp_path)
    offered = {"subdistrict": town.WEST, "名称": "点"}
    town.write(
        folder / "data" / "proposals" / "west.geojson",
        [
            (town.point(150, 150), {"id": "w1", "角色": "总部", **offered}),
            (town.point(250, 150), {"id": "w2", "角色": "分站点", **offered}),
        ],
    )
    evaluation = evaluate(read_case(folder), radius_m=300)
    document = read(write(evaluation))
    links = [link for one in evaluation.judgements for link in one.network.links]
    (drawn,) = pick(document, "LWPOLYLINE", "LINKS")
    assert read_note(drawn) == {"site": "w2", "headquarters": "w1"}
    line = shapely.LineString(drawn.get_points("xy"))
    assert links[0].line is not None
    assert line.hausdorff_distance(links[0].line) < 1e-3
    gaps = [gap for one in evaluation.judgements for gap in one.gaps]
    assert len(pick(document, "HATCH", "GAP_FILL")) == len(gaps) > 0
    told = list_texts(document, "GAP_NAMES")
    assert told == [f"{gap.population:,.0f} 人" for gap in gaps]
    layer = {one.name: one for one in list_layers(evaluation, None, contacts=False)}
    for name, place in (("GAPS", "gaps"), ("SERVICE_AREAS", "service_areas")):
        rings = [shapely.LinearRing(r.get_points("xy")) for r in pick(document, "LWPOLYLINE", name)]
        edges = shapely.boundary(layer[place].shapes)
        assert shapely.length(rings).sum() == pytest.approx(shapely.length(edges).sum(), abs=0.1)
        assert shapely.union_all(rings).hausdorff_distance(shapely.union_all(edges)) < 1e-3


def test_islands_and_holes_are_rings_of_the_same_subdistrict() -> None:
    lake = shapely.box(400, 400, 600, 600)
    shape = shapely.multipolygons(
        [shapely.box(0, 0, 1000, 1000).difference(lake), shapely.box(1200, 0, 1400, 200)]
    )
    area = make_area(make_subdistrict("A", geometry=shape))
    rings = pick(read(write(evaluate(make_case(area)))), "LWPOLYLINE", "SUBDISTRICTS")
    assert [read_note(ring)["code"] for ring in rings] == ["A", "A", "A"]
    areas = sorted(shapely.Polygon(ring.get_points("xy")).area for ring in rings)
    assert areas == [40_000, 40_000, 1_000_000]


@pytest.mark.parametrize("word", HOSTILE)
def test_a_name_is_shown_as_typed_whatever_codes_it_holds(word: str, tmp_path: Path) -> None:
    content = write(draw_plan(word, name=word))
    document = read(content)
    name = list_texts(document, "SUBDISTRICT_NAMES")[0]
    (site,) = list_sites(document)
    assert name == site.get_attrib_text("NAME") == show_text(word)
    assert name.translate(TWINS) == word
    entry = pick(document, "TEXT", "SUBDISTRICT_NAMES")[0]
    assert entry.plain_text() == name  # no code in it
    path = tmp_path / "layout.dxf"
    path.write_bytes(content)
    set_gdal_config_options({"DXF_ENCODING": "UTF-8"})  # it goes by a code page that is not used
    try:
        meta, _, _, fields = pyogrio.raw.read(path)
    finally:
        set_gdal_config_options({"DXF_ENCODING": None})
    columns = dict(zip(meta["fields"], fields, strict=True))
    here = columns["Layer"] == "SITEPLAN_SUBDISTRICT_NAMES"
    assert word.strip() in [str(text).translate(TWINS).strip() for text in columns["Text"][here]]


def test_control_characters_and_ends_of_lines_break_no_line_of_the_file() -> None:
    word = "甲\0乙\n  0\r\nEOF\x1b[1m\ud800\u3000丙" + "街" * 500
    document = read(write(draw_plan(word, name=word)))
    name = list_texts(document, "SUBDISTRICT_NAMES")[0]
    assert name.startswith("甲\ufffd乙   0 EOF\ufffd[1m?\u3000丙街街")
    assert len(name) == 121
    assert name.endswith("…")
    assert max(len(str(entry.dxf.text)) for entry in document.modelspace().query("TEXT")) < 250


def test_coordinates_are_those_of_the_crs_asked_for(evaluation: Evaluation) -> None:
    plain, prefixed = (read(write(evaluation, crs)) for crs in (None, "EPSG:4526"))
    for one, other in zip(
        pick(plain, "LWPOLYLINE", "SUBDISTRICTS"),
        pick(prefixed, "LWPOLYLINE", "SUBDISTRICTS"),
        strict=True,
    ):
        shift = np.array(other.get_points("xy")) - np.array(one.get_points("xy"))
        assert shift == pytest.approx(np.tile([38_000_000.0, 0.0], (len(shift), 1)), abs=1e-3)
    assert any("EPSG:4526" in text for text in list_texts(prefixed, "TITLE"))


def test_degrees_become_the_working_crs_and_the_drawing_says_so(evaluation: Evaluation) -> None:
    asked, plain = (read(write(evaluation, crs)) for crs in ("EPSG:4490", None))
    first, second = (pick(one, "LWPOLYLINE", "SUBDISTRICTS")[0] for one in (asked, plain))
    assert first.get_points("xy") == [
        pytest.approx(point, abs=1e-3) for point in second.get_points("xy")
    ]
    told = "".join(list_texts(asked, "TITLE"))
    assert "所要求的 EPSG:4490 不以米为单位，CAD 图改用工作坐标系 EPSG:4547" in told
    assert "EPSG:4490" not in "".join(list_texts(plain, "TITLE"))
    area = evaluation.case.area
    assert choose_drawing_target("EPSG:4490", area).crs == area.crs
    assert choose_drawing_target("EPSG:4526", area).crs == "EPSG:4526"
    with pytest.raises(CrsError):
        choose_drawing_target("EPSG:3857", area)


def test_the_title_block_says_what_nobody_may_overlook() -> None:
    told = "".join(list_texts(read(write(draw_plan("甲"))), "TITLE"))
    assert "小城" in told
    assert "评判日期 2010-07-01" in told
    assert "CGCS2000" in told
    assert "1:5,000" in told
    assert "距离按直线计算" in told
    told = " ".join(list_texts(read(write(draw_plan("甲"))), "TITLE"))
    for notice in list_notices(draw_plan("甲")):
        assert "".join(notice.en.split()) in "".join(told.split())


def test_a_case_without_sites_date_or_people_is_drawn() -> None:
    area = make_area(make_subdistrict("A", (0, 0, 10, 10), population=0.0))
    document = read(write(evaluate(make_case(area, date=None))))
    assert len(pick(document, "LWPOLYLINE", "SUBDISTRICTS")) == 1
    assert not list_sites(document)
    assert "judged for" not in "".join(list_texts(document, "TITLE"))


def test_the_same_case_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    town.write_town(tmp_path / "case")
    code = (
        "import sys, hashlib; from pathlib import Path;"
        "from siteplan.evaluate import evaluate; from siteplan.inputs.case import read_case;"
        "from siteplan.outputs.layout.drawing import write_drawing;"
        "from siteplan.outputs.layout.layers import list_layers;"
        "e = evaluate(read_case(Path(sys.argv[1])));"
        "content = write_drawing(e, list_layers(e, None, contacts=False), None);"
        "print(hashlib.sha256(content).hexdigest())"
    )
    said = set()
    for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai")):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "case")],
            capture_output=True, text=True, check=True, cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        )  # fmt: skip
        said.add(done.stdout)
    assert len(said) == 1


def test_the_file_bears_the_day_of_the_case_and_a_number_of_its_content() -> None:
    evaluation = draw_plan("甲")
    later = replace(evaluation, case=replace(evaluation.case, date=date(2012, 2, 29)))
    first, second = (write(one) for one in (evaluation, later))
    assert b"siteplan" in first[:1024]
    for content, day in ((first, date(2010, 7, 1)), (second, date(2012, 2, 29))):
        times = re.findall(rb"\$TDU?(?:CREATE|UPDATE)\n 40\n(.+)\n", content)
        assert [calendardate(float(time)).date() for time in times] == [day] * 4
    numbers = {read(content).header["$FINGERPRINTGUID"] for content in (first, second)}
    assert len(numbers) == 2
    assert not ezdxf.options.write_fixed_meta_data_for_testing  # type: ignore[attr-defined]


def test_the_order_of_a_set_in_memory_changes_no_byte() -> None:
    code = (
        "import hashlib; from datetime import datetime;"
        "from siteplan.outputs.layout.cad import make_document, write_document;"
        "content = write_document(make_document(1.0), datetime(2010, 7, 1));"
        "print(hashlib.sha256(content).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(10)
    }  # fmt: skip
    assert len(said) == 1


def test_the_name_of_a_subdistrict_gives_way_to_its_sites() -> None:
    box = (EAST_M, NORTH_M, EAST_M + 3000, NORTH_M + 2000)
    area = make_area(make_subdistrict("A", box, name="榕荫街道"))
    middle = EAST_M + 1500, NORTH_M + 1000
    near, far = (
        read(write(evaluate(make_case(area, make_sites(make_site("s", *place, name=LONG))))))
        for place in (middle, (EAST_M + 100, NORTH_M + 100))
    )
    name, figures = pick(near, "TEXT", "SUBDISTRICT_NAMES")
    (shown,) = [one for one in list_sites(near)[0].attribs if one.dxf.tag == "NAME"]
    top = name.dxf.align_point.y + name.dxf.height / 2
    bottom = figures.dxf.align_point.y - figures.dxf.height / 2
    assert top < shown.dxf.insert.y or bottom > shown.dxf.insert.y + shown.dxf.height
    undisturbed, _ = pick(far, "TEXT", "SUBDISTRICT_NAMES")
    assert undisturbed.dxf.align_point.y == pytest.approx(middle[1], abs=1)
