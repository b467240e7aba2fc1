"""The map on paper of all judged subdistricts."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from siteplan.errors import Text
from siteplan.model import Evaluation, Geometries, Judgement, Shape
from siteplan.outputs.paper.ground import PAPER, QUIET, list_ground
from siteplan.outputs.paper.map_frame import (
    MARGIN,
    SCALES,
    box_site,
    draw_site,
    finish_map,
    list_corners,
)
from siteplan.outputs.paper.map_labels import (
    MOST_NAME,
    Box,
    Place,
    Room,
    Spot,
    draw_line,
    list_spots_around,
    turn_box,
)
from siteplan.outputs.paper.subdistrict_map import DETAIL, DrawnMap, put_heads_last
from siteplan.outputs.paper.svg import (
    Paper,
    Sheet,
    draw,
    draw_picture,
    fit_sheet,
    measure_text,
    shorten_text,
    write_text,
)
from siteplan.outputs.paper.symbols import (
    CLASSES,
    INK,
    RAIL_COLOUR,
    WATER_COLOUR,
    refer_to_verdict,
)
from siteplan.outputs.plain_backdrop import simplify_backdrop, to_array

PAGE = Paper(1800, 1800)
MANY = 40
"""Above this many subdistricts their names are smaller."""
SIZE, SMALL_SIZE = 27.0, 21.0
LEAST_WIDTH = 110.0
"""Of a verdict with its figure, in units."""
DOT = 12.0
"""Diameter of the dot to which a line leads, in units."""
LEAST_SHARE = 0.6
"""Of a name must be on its own ground, or it seems to be of another."""
GRID, MOST_SPOTS = 10.0, 900
"""Units between spots for a name, and how many of them are tried."""
FARTHER = 250.0
"""Units that blank paper may be farther away than the ground of another subdistrict."""


def draw_overview(
    evaluation: Evaluation,
    anchors: Mapping[str, str],
    *,
    paper: Paper = PAGE,
    whole: bool = False,
    most_vertices: int = 12_000,
) -> DrawnMap:
    """Return the map of all judged subdistricts by coverage.

    Parameters
    ----------
    evaluation
        What was found out.
    anchors
        Where each subdistrict stands in the page, by code.
    paper
        What it is drawn on.
    whole
        Whether the map fills the paper; else it is no higher than what is shown needs.
    most_vertices
        What the backdrop may carry.
    """
    case = evaluation.case
    shapes = to_array([one.subdistrict.geometry for one in evaluation.judgements])
    bounds = tuple(shapely.total_bounds(shapes).tolist())
    sheet, scale = fit_sheet(bounds, paper, SCALES, MARGIN)
    if not whole:
        needed = (bounds[3] - bounds[1]) * sheet.units_per_m + 3 * MARGIN
        paper = paper._replace(height=min(paper.height, needed))
        sheet, scale = fit_sheet(bounds, paper, SCALES, MARGIN)
    width, height = paper.width, paper.height
    plain = simplify_backdrop(
        case, sheet.ground, most_vertices=most_vertices, margin_m=0, classes=("motorway", "major")
    )
    parts = [draw("rect", width=width, height=height, fill=PAPER)]
    outlines = shapely.coverage_simplify(shapes, DETAIL / sheet.units_per_m)
    for one, outline in zip(evaluation.judgements, outlines, strict=True):
        parts.append(
            draw(
                "a",
                draw("path", d=sheet.trace([outline]), fill=_shade(one.coverage.coverage_ratio)),
                href=f"#{anchors[one.subdistrict.code]}",
            )
        )
    water = draw("path", d=sheet.trace(plain.water), fill=WATER_COLOUR)
    rail = draw(
        "path", d=sheet.trace(plain.rail), fill="none", stroke=RAIL_COLOUR, stroke_width=3,
        stroke_dasharray="14 6",
    )  # fmt: skip
    roads = [
        draw(
            "path", d=sheet.trace(lines), fill="none", stroke="#fff", stroke_opacity=0.75,
            stroke_width=6 if name == "motorway" else 4,
        )
        for name, lines in reversed(plain.roads)
    ]  # fmt: skip
    edges = draw(
        "path", d=sheet.trace(outlines), fill="none", stroke=QUIET, stroke_width=4,
        stroke_linejoin="round",
    )  # fmt: skip
    sites = {site.id: site for site in case.sites.records}
    shown = [
        sites[i] for i in evaluation.worth
        if sites[i].in_scheme and shapely.intersects_xy(sheet.ground, sites[i].x, sites[i].y)
    ]  # fmt: skip
    size = max(12.0, min(30.0, 320 / math.sqrt(max(1, len(shown)))))
    parts += [water, rail, *roads, edges]
    parts += [draw_site(sheet, one, size) for one in put_heads_last(shown)]
    taken = [box_site(sheet, one, size) for one in shown] + list_corners(sheet)
    parts += _name_subdistricts(sheet, evaluation.judgements, outlines, taken)
    parts += finish_map(sheet, scale)
    label = Text("各街道的覆盖率和结论", "Coverage and verdict of each subdistrict")
    picture = draw_picture(width, height, *parts, label=label, kind="map", scale=paper.unit_mm)
    ground = list_ground(plain)
    return DrawnMap(picture, scale, sites=tuple(shown), ground=ground)


def _shade(ratio: float) -> str:
    if math.isnan(ratio):
        return "url(#hatch)"
    return CLASSES[min(len(CLASSES) - 1, int(ratio * len(CLASSES)))]


def _name_subdistricts(
    sheet: Sheet, judgements: Sequence[Judgement], outlines: Geometries, taken: Sequence[Box]
) -> list[str]:
    """Return names with verdicts: each on its own ground, or elsewhere with a line to it.

    Those with the least ground choose first: the others have more spots to choose from.
    """
    size = SIZE if len(judgements) <= MANY else SMALL_SIZE
    grounds = to_array([_take_largest(outline) for outline in outlines])
    circles = shapely.maximum_inscribed_circle(grounds)
    room, parts, apart = Room(sheet, taken), [], []
    for index in np.argsort(shapely.length(circles), kind="stable").tolist():
        one, (middle, *_) = judgements[index], circles[index].coords
        name = shorten_text(one.subdistrict.name, size, MOST_NAME)
        width, height = max(measure_text(name, size), LEAST_WIDTH) + 8, 2.4 * size
        spots = _list_spots(sheet, grounds[index], middle, (width, height))
        place = room.find_spot(width, height, spots)
        if place is None:
            dots = _list_spots(sheet, grounds[index], middle, (DOT, DOT))
            dot = room.find_spot(DOT, DOT, dots) or Place(*sheet.place(*middle), 0)
            apart.append((one, name, dot, (width, height)))
        else:
            parts += _write_name(one, name, size, place)
    ground = shapely.union_all(outlines)
    for one, name, (x, y, *_), (width, height) in apart:
        spots = _prefer_blank(sheet, ground, (x, y), (width, height))
        place = room.find_spot_apart(width, height, turn_box(x, y, DOT, DOT, 0), spots)
        parts += _write_name(one, name, size, place or Place(x, y, 0))
    return parts


def _take_largest(shape: Shape) -> Shape:
    parts = shapely.get_parts(shape)
    largest: Shape = parts[np.argmax(shapely.area(parts))]
    return largest


def _list_spots(
    sheet: Sheet, ground: Shape, middle: tuple[float, float], room: tuple[float, float]
) -> list[Spot]:
    """Return spots for a name on its ground: those with most of it there, then the most central."""
    west, south, east, north = ground.bounds
    step = max(GRID / sheet.units_per_m, math.sqrt((east - west) * (north - south) / MOST_SPOTS))
    grid = np.meshgrid(np.arange(west, east, step), np.arange(south, north, step))
    x, y = (np.r_[at, ticks.ravel()] for at, ticks in zip(middle, grid, strict=True))
    across, down = (side / 2 / sheet.units_per_m for side in room)
    boxes = shapely.box(x - across, y - down, x + across, y + down)
    shapely.prepare(ground)
    share = shapely.area(shapely.intersection(ground, boxes)) / (4 * across * down)
    away = np.hypot(x - middle[0], y - middle[1])
    order = np.lexsort((away, -np.round(share, 1)))
    return [(*sheet.place(x[i], y[i]), 0.0) for i in order.tolist() if share[i] >= LEAST_SHARE]


def _prefer_blank(
    sheet: Sheet, ground: Shape, at: tuple[float, float], room: tuple[float, float]
) -> list[Spot]:
    """Return spots around a place, the nearest first; blank paper may lie farther away."""
    spots = list(list_spots_around(*at, sheet))
    x, y, _ = np.array(spots).T
    across, down = (side / 2 for side in room)
    west, north = sheet.west, sheet.north
    boxes = shapely.box(
        west + (x - across) / sheet.units_per_m, north - (y + down) / sheet.units_per_m,
        west + (x + across) / sheet.units_per_m, north - (y - down) / sheet.units_per_m,
    )  # fmt: skip
    shapely.prepare(ground)
    away = np.hypot(x - at[0], y - at[1]) + FARTHER * shapely.intersects(ground, boxes)
    return [spots[i] for i in np.argsort(away, kind="stable").tolist()]


def _write_name(one: Judgement, name: str, size: float, place: Place) -> list[str]:
    """Return the name of a subdistrict, its verdict and its coverage."""
    x, y, _, line = place
    ratio = one.coverage.coverage_ratio
    figure = "—" if math.isnan(ratio) else f"{ratio:.1%}"
    words: dict[str, float | str] = {
        "text_anchor": "middle", "stroke": "#fff", "stroke_width": 6, "stroke_opacity": 0.9,
        "paint_order": "stroke",
    }  # fmt: skip
    lead = []
    if line is not None:
        lead = [draw_line(line), draw("circle", cx=line[0], cy=line[1], r=DOT / 2, fill=INK)]
    return [
        *lead,
        draw(
            "text", write_text(name), x=x, y=y - 2, font_size=size, font_weight="600", fill=INK,
            **words,
        ),
        refer_to_verdict(one.verdict, size, x - 1.9 * size, y + 4),
        draw(
            "text", figure, x=x + 0.6 * size, y=y + 4 + 0.84 * size, font_size=size - 2,
            fill=INK, **words,
        ),
    ]  # fmt: skip
