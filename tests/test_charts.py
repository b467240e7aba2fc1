"""Drawings for paper: what stands in them, that text stays text, and that colours are the map's."""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from small import draw_roads, make_area, make_case, make_site, make_sites, make_subdistrict

import siteplan
from siteplan.errors import Text
from siteplan.evaluate import evaluate
from siteplan.model import Evaluation, Facilities
from siteplan.outputs.paper import symbols
from siteplan.outputs.paper.map_frame import SCALES
from siteplan.outputs.paper.map_labels import Label, write_labels
from siteplan.outputs.paper.overview_map import draw_overview
from siteplan.outputs.paper.subdistrict_map import MOST_GAPS, draw_subdistrict
from siteplan.outputs.paper.svg import (
    Paper,
    Sheet,
    draw,
    fit_sheet,
    shorten_text,
    write_number,
    write_text,
)
from siteplan.outputs.report.charts import Bar, Curve, draw_curve, draw_ranking
from siteplan.outputs.report.map_key import draw_key

HOSTILE = "</svg><script>alert(1)</script>\"' & {{7*7}} \ud800\x00\u202e"
WEB = Path(siteplan.__file__).parent / "outputs" / "web"


def parse(drawing: str) -> ET.Element:
    """Read a drawing as XML, which refuses what is not well formed."""
    return ET.fromstring(drawing)  # noqa: S314 - our own text


def find(drawing: str, tag: str) -> list[ET.Element]:
    return list(parse(drawing).iter(tag))


def list_texts(drawing: str) -> list[str]:
    return ["".join(one.itertext()) for one in find(drawing, "text")]


def read_points(path: str) -> list[tuple[float, float]]:
    numbers = [float(one) for one in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


# Text and numbers


@given(st.text(), st.text())
def test_no_text_leaves_its_place(text: str, value: str) -> None:
    (element,) = parse(f"<svg>{draw('a', write_text(text), title=value)}</svg>")
    assert len(element) == 0
    unwritable = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
    assert element.text == (re.sub("\r\n?", "\n", unwritable.sub("\ufffd", text)) or None)


@given(st.floats(-1e6, 1e6))
def test_numbers_are_written_to_a_tenth_of_a_unit(value: float) -> None:
    written = write_number(value)
    assert re.fullmatch(r"-?\d+(\.[1-9])?", written)
    assert abs(float(written) - value) <= 0.05 + 1e-6
    assert written != "-0"


def test_a_name_too_long_is_cut_where_there_is_room() -> None:
    assert shorten_text("员村街道", 10, 40) == "员村街道"
    assert shorten_text("员村街道办", 10, 40) == "员村街…"
    assert shorten_text("员", 10, 5) == "…"


# On the sheet


def test_a_map_has_the_first_round_scale_at_which_it_fits() -> None:
    # 1,000 m on 1,000 units of a tenth of a millimetre, of which 100 stay free on each side
    sheet, scale = fit_sheet((0, 0, 1000, 500), Paper(1000, 800), SCALES, 100)
    assert scale == 12_500
    assert sheet.units_per_m == pytest.approx(0.8)
    assert sheet.place(500, 250) == pytest.approx((500, 400))
    assert sheet.place(0, 500)[1] < sheet.place(0, 0)[1]  # north is up


def test_a_case_larger_than_any_scale_still_fits() -> None:
    sheet, scale = fit_sheet((0, 0, 3e6, 1e6), Paper(1000, 800), SCALES, 100)
    assert scale % SCALES[-1] == 0
    assert sheet.place(3e6, 0)[0] <= 900


def test_a_path_holds_whole_units_and_closes_rings() -> None:
    sheet = Sheet(west=0, north=100, units_per_m=1, width=100, height=100)
    hole = shapely.box(40, 40, 60, 60).exterior
    square = shapely.Polygon(shapely.box(10, 10, 90, 90).exterior, [hole])
    path = sheet.trace([square, shapely.LineString([(0, 0), (0.2, 0.2), (50.4, 0)])])
    assert path.count("z") == 2
    assert path.endswith("M0 100l50 0")  # the first step is no unit long
    assert not re.search(r"\.", path)


def test_of_two_names_at_one_place_the_first_stays() -> None:
    sheet = Sheet(0, 0, 1, 1000, 1000)
    names = [Label(Text(name, name), [(500.0, 500.0, 0.0)], 20, "#000") for name in ("甲", "乙")]
    assert list_texts("".join(["<svg>", *write_labels(names, [], sheet), "</svg>"])) == ["甲"]
    moved = [*names, Label(Text("丙", "丙"), [(500.0, 500.0, 0.0), (500.0, 600.0, 45.0)], 20, "")]
    assert list_texts("".join(["<svg>", *write_labels(moved, [], sheet), "</svg>"])) == ["甲", "丙"]
    taken = [(0.0, 0.0, 1000.0, 1000.0)]
    assert write_labels(names, taken, sheet) == []


# Symbols


def read_constants() -> str:
    return (WEB / "draw.js").read_text(encoding="utf-8")


def test_colours_are_those_of_the_map_on_the_screen() -> None:
    script = read_constants()
    for name in ("DOT_COLOUR", "LINK_COLOUR", "WATER_COLOUR", "INK", "LAND", "COVERED_COLOUR"):
        (colour,) = re.findall(rf'const {name} = "([^"]+)"', script)
        assert getattr(symbols, name) == colour, name
    for name in ("STATUS_COLOURS", "VERDICT_COLOURS"):
        (listed,) = re.findall(rf"const {name} = \{{(.*?)\}};", script, re.DOTALL)
        assert dict(re.findall(r'(\w+): "([^"]+)"', listed)) == getattr(symbols, name)
    (listed,) = re.findall(r"const CLASSES = \[(.*?)\]", script)
    assert tuple(re.findall(r'"([^"]+)"', listed)) == symbols.CLASSES


def test_shapes_are_those_of_the_map_on_the_screen() -> None:
    script = read_constants()
    (listed,) = re.findall(r"const SHAPES = \{(.*?)\n\};", script, re.DOTALL)
    theirs = dict(re.findall(r'(\w+): \["\w+", \{(.*?)\}\]', listed))
    assert set(theirs) == set(symbols.SITE_SHAPES)
    for name, (_, place) in symbols.SITE_SHAPES.items():
        for value in place.values():
            assert (f'"{value}"' if isinstance(value, str) else f"{value:g}") in theirs[name]
    assert f'const STAR = "{symbols.STAR}"' in script
    for path in re.findall(r' d: "([^"]+)"', script.split("const SHAPES")[0]):
        assert path in symbols.draw_symbols()


def test_every_symbol_that_is_referred_to_is_drawn() -> None:
    drawn = {one.get("id") for one in find(symbols.draw_symbols(), "symbol")}
    for status in ("existing", "proposed", "candidate"):
        for role in ("headquarters", "branch", None):
            assert symbols.name_symbol(make_site(status=status, role=role)) in drawn
    referred = {str(one.get("href"))[1:] for one in find(draw_key(), "use")}
    assert referred <= drawn
    assert {f"verdict-{one}" for one in symbols.VERDICT_COLOURS} <= drawn


def test_filled_exists_and_hollow_is_to_come() -> None:
    bodies = {
        one.get("id"): [shape.get("fill") for shape in one][1]
        for one in find(symbols.draw_symbols(), "symbol")
    }
    assert bodies["single-existing"] == symbols.STATUS_COLOURS["existing"]
    assert bodies["single-proposed"] == bodies["candidate-candidate"] == "#fff"


# Charts

SHARES = [min(1.0, i / 20) for i in range(31)]


def make_curve(**changes: Any) -> Curve:  # noqa: ANN401
    known: dict[str, Any] = {
        "everybody": SHARES, "older": [share / 2 for share in SHARES], "radius_m": 1000,
        "target": 0.85,
    }  # fmt: skip
    return Curve(**known | changes)


def list_curves(drawing: str) -> list[ET.Element]:
    return [one for one in find(drawing, "path") if one.get("stroke-width") == "5"]


def test_a_curve_goes_through_its_shares_and_older_people_are_dashed() -> None:
    older, everybody = list_curves(draw_curve(make_curve(), width=640, height=380))
    assert older.get("stroke-dasharray")
    assert everybody.get("stroke-dasharray") is None
    points = read_points(str(everybody.get("d")))
    assert len(points) == 31
    # 76 units on the left, 24 on the right, 34 above and 78 below
    assert points[0] == (76, 380 - 78)
    assert points[10] == (76 + 180, 302 - 134)
    assert points[30] == (640 - 24, 34)


def test_radius_and_target_are_marked_where_they_are() -> None:
    drawing = draw_curve(make_curve(), width=640, height=380)
    dotted = [one.get("d") for one in find(drawing, "path") if one.get("stroke-dasharray") == "3 7"]
    assert dotted == [f"M76 {write_number(302 - 0.85 * 268)}H616", "M256 34V302"]
    assert {"目标 85%", "target 85%", "半径 1000 米"} <= set(list_texts(drawing))


def test_what_is_not_known_is_not_drawn() -> None:
    nothing = [math.nan] * 31
    blank = draw_curve(make_curve(everybody=nothing, older=nothing, radius_m=math.nan,
                                  target=math.nan))  # fmt: skip
    assert list_curves(blank) == []
    assert "nan" not in blank
    assert not [one for one in find(blank, "path") if one.get("stroke-dasharray")]


def make_bar(**changes: Any) -> Bar:  # noqa: ANN401
    known: dict[str, Any] = {
        "code": "1", "name": "员村", "verdict": "warn", "ratio": 0.5, "straight_ratio": 0.75,
        "target": 0.85, "anchor": "s1",
    }  # fmt: skip
    return Bar(**known | changes)


def test_a_bar_is_as_long_as_its_ratio_and_says_its_verdict_by_shape() -> None:
    drawing = draw_ranking([make_bar()], width=870)
    track, bar = find(drawing, "rect")
    assert float(str(bar.get("width"))) == float(str(track.get("width"))) / 2
    assert bar.get("fill") == symbols.VERDICT_COLOURS["warn"]
    (ring,) = find(drawing, "circle")
    left, room = float(str(track.get("x"))), float(str(track.get("width")))
    assert float(str(ring.get("cx"))) == left + 0.75 * room
    assert [one.get("href") for one in find(drawing, "use")] == ["#verdict-warn"]
    assert list_texts(drawing) == ["员村", "50.0%"]


def test_a_ratio_that_is_not_known_has_no_bar() -> None:
    drawing = draw_ranking([make_bar(ratio=math.nan, straight_ratio=math.nan, target=math.nan)])
    assert len(find(drawing, "rect")) == 1
    assert list_texts(drawing) == ["员村", "—"]
    assert "nan" not in drawing


def test_an_empty_ranking_is_a_drawing_too() -> None:
    assert list_texts(draw_ranking([])) == []


# Maps


def make_evaluation(name: str = "街道", sites: Sequence[Any] | None = None) -> Evaluation:
    """Evaluate two squares of 1 km with a road through both, a centre with a branch in the west."""
    area = make_area(
        make_subdistrict("A", (0, 0, 1000, 1000), 400, name=name),
        make_subdistrict("B", (1000, 0, 2000, 1000), 300, name=name + "东"),
    )
    roads = draw_roads(*([(float(x), y), (float(x) + 100, y)] for y in (100.0, 500.0, 900.0)
                         for x in range(0, 2000, 100)))  # fmt: skip
    known = sites or [
        make_site("h", 100, 100, role="headquarters", status="existing", name=name),
        make_site("k", 400, 100, role="branch"),
        make_site("c", 700, 900, status="candidate"),
        make_site("e", 1500, 500, subdistrict="B"),
    ]
    facilities = Facilities(
        np.array([500.0]), np.array([900.0]), np.array(["library"]), np.array([name])
    )
    return evaluate(
        make_case(area, make_sites(*known), roads, name=name, facilities=facilities), radius_m=300
    )


def draw_first(evaluation: Evaluation) -> tuple[str, tuple[Any, ...]]:
    drawn = draw_subdistrict(evaluation, evaluation.judgements[0], "s1")
    return drawn.picture, drawn.missing


def test_a_map_shows_sites_by_role_and_status_and_others_pale() -> None:
    drawing, missing = draw_first(make_evaluation())
    assert missing == ()
    referred = [one.get("href") for one in find(drawing, "use")]
    assert referred.count("#headquarters-existing") == 1
    assert referred.count("#branch-proposed") == 1
    assert referred.count("#candidate-candidate") == 1
    assert "1:" in "".join(list_texts(drawing))
    assert {"北", "N", "0"} <= set(list_texts(drawing))


def test_a_site_stands_where_it_is() -> None:
    evaluation = make_evaluation()
    drawing, _ = draw_first(evaluation)
    (use,) = (one for one in find(drawing, "use") if one.get("href") == "#headquarters-existing")
    x, y, size = (float(str(use.get(name))) for name in ("x", "y", "width"))
    sheet, _ = fit_sheet((0, 0, 1000, 1000), Paper(1130, 930), SCALES, 60)
    assert (x + size / 2, y + size / 2) == pytest.approx(sheet.place(100, 100), abs=0.11)


def test_gaps_are_numbered_as_the_report_lists_them() -> None:
    evaluation = make_evaluation()
    drawing, _ = draw_first(evaluation)
    count = min(MOST_GAPS, len(evaluation.judgements[0].gaps))
    assert count > 0
    numbers = [one for one in list_texts(drawing) if one.isdigit() and one != "0"]
    assert numbers == [str(number + 1) for number in range(count)]


def test_a_site_in_another_town_does_not_make_the_map_a_dot() -> None:
    far = make_site("far", 900_000, 0)
    drawing, missing = draw_first(make_evaluation(sites=[make_site("s", 500, 500), far]))
    assert [one.id for one in missing] == ["far"]
    (scale,) = (text for text in list_texts(drawing) if text.startswith("1:"))
    assert int(scale[2:].replace(" ", "")) <= 12_500


def test_everybody_covered_leaves_no_dots_and_nobody_there_draws_too() -> None:
    covered = make_evaluation(sites=[make_site("s", 500, 500)])
    near = evaluate(replace(covered.case, roads=None), radius_m=3000)
    drawing, _ = draw_first(near)
    assert symbols.DOT_COLOUR not in drawing
    empty = replace(covered.case, sites=make_sites(), roads=None)
    bare, missing = draw_first(evaluate(empty))
    assert missing == ()
    assert parse(bare).tag == "svg"


def test_the_overview_shades_by_coverage_and_leads_to_each_page() -> None:
    evaluation = make_evaluation()
    drawing = draw_overview(evaluation, {"A": "s1", "B": "s2"}).picture
    links = find(drawing, "a")
    assert [one.get("href") for one in links] == ["#s1", "#s2"]
    ratios = [one.coverage.coverage_ratio for one in evaluation.judgements]
    assert [one[0].get("fill") for one in links] == [
        symbols.CLASSES[min(4, int(ratio * 5))] for ratio in ratios
    ]


def test_a_subdistrict_without_residents_is_hatched() -> None:
    area = make_area(make_subdistrict(population=0))
    drawing = draw_overview(evaluate(make_case(area)), {"A": "s1"}).picture
    assert find(drawing, "a")[0][0].get("fill") == "url(#hatch)"
    assert "—" in list_texts(drawing)


def test_hostile_names_stay_text_and_nothing_is_added() -> None:
    plain, hostile = make_evaluation("街"), make_evaluation(HOSTILE)
    for draw_it in (
        lambda one: draw_first(one)[0],
        lambda one: draw_overview(one, {"A": "s1", "B": "s2"}).picture,
    ):
        drawing = draw_it(hostile)
        tags = {one.tag for one in parse(drawing).iter()}
        assert tags == {one.tag for one in parse(draw_it(plain)).iter()}
        assert "script" not in tags


def test_the_same_evaluation_is_the_same_drawing() -> None:
    assert draw_first(make_evaluation()) == draw_first(make_evaluation())
