"""Maps on paper: every name stands, nothing is covered, and dots show no pattern of their own."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_area, make_case, make_site, make_sites, make_subdistrict, make_weights

from siteplan.evaluate import evaluate
from siteplan.model import Evaluation, Judgement
from siteplan.outputs.paper.dots import DOT_SIZES, say_dots
from siteplan.outputs.paper.ground import QUIET
from siteplan.outputs.paper.map_frame import MARGIN, SCALES
from siteplan.outputs.paper.map_labels import Box, Room, boxes_meet, turn_box
from siteplan.outputs.paper.overview_map import draw_overview
from siteplan.outputs.paper.subdistrict_map import GAP_SIZE, DrawnMap, _draw_gaps, draw_subdistrict
from siteplan.outputs.paper.svg import Paper, Sheet, fit_sheet, measure_text, wrap_text
from siteplan.outputs.paper.symbols import DOT_COLOUR

PAPER = Paper(1840, 1747, 0.15)
CELL_M = 50.0
BORDER = "22 8 4 8"


def find(drawing: str, tag: str, **attributes: str) -> list[ET.Element]:
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return [
        one
        for one in ET.fromstring(drawing).iter(tag)  # noqa: S314 - our own text
        if all(one.get(name) == value for name, value in named.items())
    ]


def read_numbers(path: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?[\d.]+", path)]


def box_names(drawing: str) -> dict[str, Box]:
    """Return where the names of subdistricts or sites stand, by what they say."""
    boxes = {}
    for one in find(drawing, "text", font_weight="600"):
        size, x, y = (float(str(one.get(name))) for name in ("font-size", "x", "y"))
        text = "".join(one.itertext())
        boxes[text] = turn_box(x, y - 0.36 * size, measure_text(text, size), size, 0)
    return boxes


def box_symbols(drawing: str, kinds: str = "headquarters|single|branch|candidate") -> list[Box]:
    uses = [one for one in find(drawing, "use") if re.match(f"#({kinds})", str(one.get("href")))]
    return [
        (x, y, x + size, y + size)
        for x, y, size in (
            tuple(float(str(one.get(name))) for name in ("x", "y", "width")) for one in uses
        )
    ]


# The overview

places = st.tuples(st.integers(50, 2950), st.integers(50, 2950))


def draw_grid(sites: list[tuple[int, int]], side_m: int = 1000) -> str:
    """Draw nine squares with sites anywhere in them."""
    squares = [
        make_subdistrict(f"{i}{j}", (side_m * i, side_m * j, side_m * (i + 1), side_m * (j + 1)))
        for i in range(3)
        for j in range(3)
    ]
    known = [
        make_site(f"s{number}", x, y, subdistrict=f"{x // side_m}{y // side_m}", role="branch")
        for number, (x, y) in enumerate(sites)
    ]
    evaluation = evaluate(make_case(make_area(*squares), make_sites(*known)))
    anchors = {one.subdistrict.code: "" for one in evaluation.judgements}
    return draw_overview(evaluation, anchors, paper=PAPER, whole=True).picture


@settings(max_examples=6, deadline=None)
@given(st.lists(places, max_size=12, unique=True))
def test_every_subdistrict_is_named_and_no_name_covers_a_site_or_another(
    sites: list[tuple[int, int]],
) -> None:
    drawing = draw_grid(sites)
    names = box_names(drawing)
    assert set(names) == {f"街道{i}{j}" for i in range(3) for j in range(3)}
    for one, other in combinations([*names.values(), *box_symbols(drawing)], 2):
        assert not boxes_meet(one, other) or {one, other}.isdisjoint(names.values())


def draw_pair(shape: shapely.Geometry) -> tuple[str, Sheet]:
    """Draw a large square and something else beside or within it."""
    large = shapely.difference(shapely.box(0, 0, 20_000, 20_000), shape)
    area = make_area(
        make_subdistrict("A", geometry=large), make_subdistrict("B", geometry=shape, name="小街道")
    )
    residents = make_weights((1.0, 1.0, 1.0), (*shapely.point_on_surface(shape).coords[0], 1.0))
    evaluation = evaluate(make_case(area, residents=residents))
    drawn = draw_overview(evaluation, {"A": "", "B": ""}, paper=PAPER, whole=True).picture
    bounds = shapely.total_bounds([large, shape]).tolist()
    return drawn, fit_sheet(tuple(bounds), PAPER, SCALES, MARGIN)[0]


def test_a_name_stands_in_the_largest_part() -> None:
    exclave, main = shapely.box(9_000, 9_000, 9_800, 9_800), shapely.box(0, 12_000, 8_000, 19_000)
    drawing, sheet = draw_pair(shapely.MultiPolygon([exclave, main]))
    west, north, east, south = box_names(drawing)["小街道"]
    x, y = (west + east) / 2, (north + south) / 2
    metres = sheet.west + x / sheet.units_per_m, sheet.north - y / sheet.units_per_m
    assert shapely.contains_xy(main, *metres)


def test_a_line_leads_from_a_name_to_ground_too_small_for_it() -> None:
    small = shapely.box(9_000, 9_000, 9_200, 9_200)
    drawing, sheet = draw_pair(small)
    (dot,) = find(drawing, "circle", r="6")
    x, y = float(str(dot.get("cx"))), float(str(dot.get("cy")))
    ground = small.buffer(1 / sheet.units_per_m)
    assert shapely.contains_xy(
        ground, sheet.west + x / sheet.units_per_m, sheet.north - y / sheet.units_per_m
    )
    line = find(drawing, "path", stroke_width="2.5")[0]
    start, end = np.array(read_numbers(str(line.get("d")))).reshape(2, 2)
    assert math.dist(start, (x, y)) <= 7
    west, north, east, south = box_names(drawing)["小街道"]
    assert west - 40 <= end[0] <= east + 40
    assert north - 40 <= end[1] <= south + 60


def test_names_stand_where_thirty_strips_are_too_narrow_for_any() -> None:
    row = [make_subdistrict(f"{i:03}", (40 * i, 0, 40 * i + 40, 4000)) for i in range(30)]
    residents = make_weights(*[(40.0 * i + 20, 2000.0, 1.0) for i in range(30)])
    evaluation = evaluate(make_case(make_area(*row), residents=residents))
    anchors = {one.subdistrict.code: "" for one in evaluation.judgements}
    drawing = draw_overview(evaluation, anchors, paper=PAPER, whole=True).picture
    names = box_names(drawing)
    assert len(names) == 30
    assert not any(boxes_meet(one, other) for one, other in combinations(names.values(), 2))


# Names of sites


@given(st.text(st.sampled_from("街道 abc（）1"), min_size=1, max_size=60), st.integers(60, 400))
def test_a_wrapped_name_fits_and_keeps_both_its_ends(name: str, most: int) -> None:
    name = " ".join(name.split()) or "x"
    lines = wrap_text(name, 10, most)
    assert 1 <= len(lines) <= 2
    assert all(measure_text(line, 10) <= most for line in lines)
    assert name.startswith(lines[0])
    assert name.endswith(lines[-1].removeprefix("…"))
    if not lines[-1].startswith("…"):
        assert "".join(lines).replace(" ", "") == name.replace(" ", "")


def draw_sites(names: list[str], at: list[tuple[float, float]]) -> DrawnMap:
    sites = [
        make_site(f"s{i}", x, y, name=name, role="branch")
        for i, (name, (x, y)) in enumerate(zip(names, at, strict=True))
    ]
    evaluation = evaluate(
        make_case(make_area(make_subdistrict(box=(0, 0, 2000, 2000))), make_sites(*sites))
    )
    return draw_subdistrict(evaluation, evaluation.judgements[0], "s", paper=PAPER)


def test_names_that_differ_at_their_end_only_stay_different() -> None:
    stem = "黄村街道社区综合服务中心"
    drawn = draw_sites(
        [f"{stem}(总部)", f"{stem}第2分站", f"{stem}第3分站"], [(500, 500), (900, 900), (900, 300)]
    )
    assert {"(总部)", "第2分站", "第3分站"} <= set(box_names(drawn.picture))


@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(900, 1000), st.integers(900, 1000)), min_size=2, max_size=12,
        unique=True,
    )
)  # fmt: skip
def test_every_site_of_a_crowd_has_a_label_of_its_own(at: list[tuple[int, int]]) -> None:
    names = [f"社区服务分站{number}" for number in range(len(at))]
    drawing = draw_sites(names, [(float(x), float(y)) for x, y in at]).picture
    boxes = box_names(drawing)
    assert set(names) <= set(boxes)
    for one, other in combinations([boxes[name] for name in names], 2):
        assert not boxes_meet(one, other)
    for name in names:
        assert not any(boxes_meet(boxes[name], one) for one in box_symbols(drawing, "branch"))


def test_a_site_without_a_name_is_labelled_by_its_id() -> None:
    drawn = draw_sites([""], [(500, 500)])
    assert "s0" in box_names(drawn.picture)


# Residents


def read_dots(drawing: str) -> dict[float, list[tuple[float, float]]]:
    """Return where dots stand, by their diameter."""
    return {
        float(str(one.get("stroke-width"))): [
            (float(x), float(y)) for x, y in re.findall(r"M(\d+) (\d+)h", str(one.get("d")))
        ]
        for one in find(drawing, "path", stroke=DOT_COLOUR, stroke_linecap="round")
    }


def draw_residents(side_m: float, **rest: Any) -> tuple[Evaluation, DrawnMap]:  # noqa: ANN401
    square = make_subdistrict(box=(1000, 2000, 1000 + side_m, 2000 + side_m), population=9000)
    evaluation = evaluate(make_case(make_area(square), **rest))
    return evaluation, draw_subdistrict(evaluation, evaluation.judgements[0], "s", paper=PAPER)


@pytest.mark.parametrize("side_m", [600, 1200, 1700, 2400, 3000, 3600, 4800])
def test_residents_who_live_evenly_look_even(side_m: float) -> None:
    _, drawn = draw_residents(side_m)
    dots = read_dots(drawn.picture)
    most = max(dots.values(), key=len)
    across = sorted({x for x, _ in most})
    steps = [b - a for a, b in pairwise(across)]
    assert max(steps) - min(steps) <= 1
    assert len(most) == len(across) * len({y for _, y in most})  # no row, no cell is left out
    edge = 2 * (len(across) + 1) + 1
    assert sum(map(len, dots.values())) - len(most) <= edge


@pytest.mark.parametrize("step_m", [103.0, 107.3, 112.0])
def test_points_farther_apart_than_dots_have_one_each(step_m: float) -> None:
    places = [
        (1100 + step_m * i + 3 * j, 2100 + step_m * j, 1.0) for i in range(12) for j in range(12)
    ]
    _, drawn = draw_residents(1800, residents=make_weights(*places))
    (dots,) = read_dots(drawn.picture).values()
    assert len(dots) == len(places)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 999), st.integers(1, 999), st.integers(1, 900)), min_size=1,
        max_size=60, unique_by=lambda one: one[:2],
    )
)  # fmt: skip
def test_no_dot_stands_for_more_than_its_legend_says(points: list[tuple[int, int, int]]) -> None:
    weights = make_weights(*[(1000.0 + x, 2000.0 + y, float(count)) for x, y, count in points])
    evaluation, drawn = draw_residents(1000, residents=weights)
    dots = read_dots(drawn.picture)
    limits = [float(one) for one in re.findall(r"[\d.]+", say_dots(drawn.dot).zh)]
    held = sum(len(dots.get(size, [])) * most for size, most in zip(DOT_SIZES, limits, strict=True))
    assert held >= evaluation.drawing.uncovered_population.sum() * (1 - 1e-9)
    assert limits[-1] <= 5 * evaluation.drawing.uncovered_population.sum()


# Borders and gaps


def test_a_border_of_two_neighbours_is_drawn_once() -> None:
    boxes = [(0, 0, 1000, 1000), (1000, 0, 2000, 500), (1000, 500, 2000, 1000)]
    area = make_area(*[make_subdistrict(code, box) for code, box in zip("ABC", boxes, strict=True)])
    evaluation = evaluate(make_case(area))
    drawing = draw_subdistrict(evaluation, evaluation.judgements[0], "s", paper=PAPER).picture
    (border,) = find(drawing, "path", stroke=QUIET, stroke_dasharray=BORDER)
    lines = []
    for start, rest in re.findall(r"M([^l]+)l([^M]+)", str(border.get("d"))):
        steps = np.array(read_numbers(start) + read_numbers(rest)).reshape(-1, 2)
        closed = rest.endswith("z")
        xy = np.cumsum(steps, axis=0)
        lines.append(shapely.LineString(np.vstack([xy, xy[:1]]) if closed else xy))
    assert shapely.union_all(lines).length == pytest.approx(sum(one.length for one in lines))


@given(
    st.lists(
        st.tuples(st.floats(300, 700), st.floats(300, 700)), min_size=5, max_size=5, unique=True
    )
)
def test_numbers_of_gaps_never_cover_one_another_or_a_site(at: list[tuple[float, float]]) -> None:
    gaps = [SimpleNamespace(x=x, y=y) for x, y in at]
    judgement = cast("Judgement", SimpleNamespace(gaps=gaps))
    sheet, site = Sheet(0, 1000, 1, 1000, 1000), (480.0, 480.0, 520.0, 520.0)
    parts = _draw_gaps(sheet, judgement, Room(sheet, [site]))
    rings = find(f"<svg>{''.join(parts)}</svg>", "circle", fill="#fff")
    middles = [(float(str(one.get("cx"))), float(str(one.get("cy")))) for one in rings]
    boxes = [turn_box(*one, GAP_SIZE - 0.2, GAP_SIZE - 0.2, 0) for one in middles]
    assert len(rings) == 5
    assert not any(boxes_meet(one, other) for one, other in combinations([*boxes, site], 2))
    lines = find(f"<svg>{''.join(parts)}</svg>", "path", stroke_width="2.5")
    moved = sum(
        math.dist(place, (x, 1000 - y)) > 1 for place, (x, y) in zip(middles, at, strict=True)
    )
    assert len(lines) == moved
