"""The map on paper of one subdistrict with its sites, service areas, links and gaps.

Drawn in metres of the working CRS at a round scale, north up along its grid.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from siteplan.errors import Text
from siteplan.model import Case, Evaluation, Judgement, Shape, Site, Subdistrict
from siteplan.outputs.paper.map_frame import (
    ARROW_BOX,
    MARGIN,
    SCALES,
    box_bar,
    draw_site,
    finish_map,
)
from siteplan.outputs.paper.map_labels import MOST_NAME, Box, Label, turn_box, write_labels
from siteplan.outputs.paper.svg import (
    Paper,
    Sheet,
    draw,
    draw_picture,
    fit_sheet,
    measure_text,
    shorten_text,
)
from siteplan.outputs.paper.symbols import (
    DOT_COLOUR,
    GREEN_COLOUR,
    INK,
    LINK_COLOUR,
    RAIL_COLOUR,
    STATUS_COLOURS,
    WATER_COLOUR,
    size_symbol,
)
from siteplan.outputs.plain_backdrop import PlainBackdrop, simplify_backdrop, to_array

AROUND = 0.35
"""Sites farther outside than this share of a subdistrict's larger side are not drawn: one put down
in another town must not make the map a dot."""
DETAIL = 2.0
"""Units to which outlines are simplified: a fifth of a millimetre."""
DOT_CELL = 14.0
"""Units of the cells by which residents are put together: one dot each."""
DOT_SIZES = (5.0, 8.0, 11.0, 15.0)
"""Diameters of dots, from the fewest residents to the most; the area of each is its upper limit."""
PAPER, GROUND, QUIET = "#ece8de", "#fbf9f4", "#6f6a5f"
MOST_GAPS = 5
"""Gaps that a page names, those with the most residents."""
GAP_SIZE = 38.0
NAME_INSET, LEAST_NAMED = 40.0, 20_000.0
"""Units from the frame within which a neighbour is named, and square units there must be of it."""
ROAD_COLOURS = {"motorway": "#e3c68d", "major": "#ffffff", "minor": "#ffffff", "path": "#b5a98f"}
ROAD_WIDTHS = {"motorway": 11.0, "major": 9.0, "minor": 4.0, "path": 1.6}
CASING_COLOUR = "#b7af9e"


BESIDE_FIGURES = Paper(1130, 930)


class DrawnMap(NamedTuple):
    """A map, its scale, and the sites that lie too far away to be on it."""

    picture: str
    scale: int
    missing: tuple[Site, ...] = ()


def draw_subdistrict(
    evaluation: Evaluation,
    judgement: Judgement,
    anchor: str,
    *,
    paper: Paper = BESIDE_FIGURES,
    most_vertices: int = 10_000,
) -> DrawnMap:
    """Return the map of one subdistrict.

    Parameters
    ----------
    evaluation, judgement
        What was found out. Service areas and gaps are those of the subdistrict's own sites; sites
        of others are drawn pale.
    anchor
        Begins the ids of what the drawing refers to; no other drawing of the page may have it.
    paper
        What it is drawn on.
    most_vertices
        What the backdrop may carry.
    """
    case, code = evaluation.case, judgement.subdistrict.code
    width, height = paper.width, paper.height
    sites = {site.id: site for site in case.sites.records}
    own = [sites[i] for i in evaluation.worth if sites[i].subdistrict == code]
    shape = judgement.subdistrict.geometry
    shown, missing = _split_sites(own, shape)
    bounds = shapely.total_bounds(
        np.array([shape, *(shapely.Point(one.x, one.y) for one in shown)], dtype=object)
    ).tolist()
    sheet, scale = fit_sheet(tuple(bounds), paper, SCALES, MARGIN)
    plain = simplify_backdrop(
        case,
        sheet.ground,
        most_vertices=most_vertices,
        margin_m=0,
        finest_m=1 / sheet.units_per_m,
    )
    near = [
        one
        for one in case.sites.records
        if one.in_scheme
        and one.subdistrict != code
        and shapely.intersects_xy(sheet.ground, one.x, one.y)
    ]
    others = _list_neighbours(sheet, case, code)
    detail_m = DETAIL / sheet.units_per_m
    outline = shapely.simplify(shape, detail_m)
    parts = [
        draw("rect", width=width, height=height, fill=PAPER),
        draw("defs", draw("path", d=sheet.trace([outline]), id=f"{anchor}-o")),
        draw("use", href=f"#{anchor}-o", fill=GROUND),
        *_draw_backdrop(sheet, plain, anchor),
        *_draw_neighbours(sheet, others, detail_m),
        *_draw_areas(sheet, evaluation, shown, detail_m),
        *[
            draw(
                "use", href=f"#{anchor}-o", fill="none", stroke=colour, stroke_width=edge,
                stroke_linejoin="round",
            )
            for colour, edge in (("#fff", 13), (INK, 7))
        ],
        *_draw_dots(sheet, evaluation, evaluation.judgements.index(judgement)),
        *_draw_links(sheet, judgement, sites, detail_m),
        *[draw_site(sheet, one, 26, opacity=0.6) for one in near],
        *[draw_site(sheet, one, size_symbol(one)) for one in put_heads_last(shown)],
        *_draw_gaps(sheet, judgement),
    ]  # fmt: skip
    taken = [_box_of(sheet, one, size_symbol(one)) for one in shown]
    taken += [_box_of(sheet, one, 26) for one in near]
    taken += [
        box_bar(sheet),
        (width - ARROW_BOX[0], 0, width, ARROW_BOX[1]),
        *(
            turn_box(*sheet.place(gap.x, gap.y), GAP_SIZE, GAP_SIZE, 0)
            for gap in judgement.gaps[:MOST_GAPS]
        ),
    ]
    labels = [_name_site(sheet, one) for one in shown if one.name]
    labels += [*_name_neighbours(sheet, others), *_name_ground(sheet, plain)]
    parts += write_labels(labels, taken, sheet)
    parts += finish_map(sheet, scale)
    title = f"{judgement.subdistrict.name}"
    label = Text(f"{title}：场地、服务范围和覆盖盲区", f"{title}: sites, service areas and gaps")
    picture = draw_picture(width, height, *parts, label=label, kind="map", scale=paper.unit_mm)
    return DrawnMap(picture, scale, tuple(missing))


def _split_sites(own: Sequence[Site], shape: Shape) -> tuple[list[Site], list[Site]]:
    """Return the sites near a subdistrict, and those too far away to be drawn."""
    west, south, east, north = shape.bounds
    near = shape.buffer(AROUND * max(east - west, north - south))
    shown = [one for one in own if shapely.intersects_xy(near, one.x, one.y)]
    return shown, [one for one in own if one not in shown]


def put_heads_last(sites: Sequence[Site]) -> list[Site]:
    """Return sites in the order in which they are drawn: the ones that matter most on top."""
    return sorted(sites, key=lambda one: (one.in_scheme, one.role == "headquarters", one.id))


# What lies beneath


def _draw_backdrop(sheet: Sheet, plain: PlainBackdrop, anchor: str) -> list[str]:
    parts = [
        draw("path", d=sheet.trace(plain.green), fill=GREEN_COLOUR),
        draw("path", d=sheet.trace(plain.water), fill=WATER_COLOUR),
    ]
    if len(plain.rail):
        track = sheet.trace(plain.rail)
        parts.append(draw("path", d=track, fill="none", stroke=RAIL_COLOUR, stroke_width=5))
        dashes = "12 12"
        parts.append(
            draw(
                "path", d=track, fill="none", stroke="#fff", stroke_width=2.6,
                stroke_dasharray=dashes,
            )
        )  # fmt: skip
    roads = {name: sheet.trace(lines) for name, lines in reversed(plain.roads)}
    names = {name: f"{anchor}-r{number}" for number, name in enumerate(roads)}
    parts.append(
        draw("defs", *[draw("path", d=path, id=names[name]) for name, path in roads.items()])
    )

    def stroke(name: str, colour: str, width: float, dashes: str | None = None) -> str:
        return draw(
            "use", href=f"#{names[name]}", fill="none", stroke=colour, stroke_width=width,
            stroke_dasharray=dashes, stroke_linecap="round" if dashes is None else None,
        )  # fmt: skip

    parts += [
        stroke(name, CASING_COLOUR, ROAD_WIDTHS[name] + 3) for name in roads if name != "path"
    ]
    parts += [
        stroke(name, ROAD_COLOURS[name], ROAD_WIDTHS[name], "6 5" if name == "path" else None)
        for name in roads
    ]
    return parts


def _list_neighbours(sheet: Sheet, case: Case, code: str) -> list[Subdistrict]:
    """Return the other subdistricts of which something is seen."""
    others = [one for one in case.area.subdistricts if one.code != code]
    frame = sheet.ground
    shapely.prepare(frame)
    seen = shapely.intersects(frame, to_array([one.geometry for one in others]))
    return [one for one, is_seen in zip(others, seen.tolist(), strict=True) if is_seen]


def _draw_neighbours(sheet: Sheet, others: Sequence[Subdistrict], detail_m: float) -> list[str]:
    """Return the borders of the subdistricts around."""
    borders = sheet.clip(shapely.boundary(to_array([one.geometry for one in others])))
    path = sheet.trace(shapely.simplify(borders, detail_m))
    dashes = "22 8 4 8"
    if not path:
        return []
    return [
        draw("path", d=path, fill="none", stroke=QUIET, stroke_width=4, stroke_dasharray=dashes)
    ]


def _name_neighbours(sheet: Sheet, others: Sequence[Subdistrict]) -> list[Label]:
    """Return the names of who is beyond the borders, where there is room for them."""
    frame = sheet.ground.buffer(-NAME_INSET / sheet.units_per_m)
    labels = []
    for one in others:
        ground = shapely.intersection(one.geometry, frame)
        if ground.area * sheet.units_per_m**2 < LEAST_NAMED:
            continue
        point = shapely.point_on_surface(ground)
        x, y = sheet.place(point.x, point.y)
        half = measure_text(shorten_text(one.name, 27, MOST_NAME), 27) / 2 + 8
        x = min(max(x, half), sheet.width - half)
        spots = [(x, y + down, 0.0) for down in (0, -40, 40)]
        labels.append(Label(Text(one.name, one.name), spots, 27, QUIET))
    return labels


# What was found out


def _draw_areas(
    sheet: Sheet, evaluation: Evaluation, shown: Sequence[Site], detail_m: float
) -> list[str]:
    """Return service areas: a solid edge is one that exists, a dashed one is to come."""
    parts = []
    for one in shown:
        area = evaluation.drawing.service_areas.get(one.id)
        if area is None or area.is_empty or not one.in_scheme:
            continue
        colour = STATUS_COLOURS[one.status]
        simple = shapely.simplify(sheet.clip(to_array([area])), 1.5 * detail_m)
        path = sheet.trace(simple)
        dashes = None if one.status == "existing" else "16 9"
        parts.append(
            draw(
                "path", d=path, fill=colour, fill_opacity=0.13, fill_rule="evenodd", stroke=colour,
                stroke_width=4, stroke_opacity=0.75, stroke_dasharray=dashes,
            )
        )  # fmt: skip
    return parts


def _draw_dots(sheet: Sheet, evaluation: Evaluation, index: int) -> list[str]:
    """Return the residents not covered, put together by cells of the paper."""
    drawing = evaluation.drawing
    mine = drawing.uncovered_subdistrict == index
    xy = np.column_stack([drawing.uncovered_x[mine], drawing.uncovered_y[mine]])
    people = drawing.uncovered_population[mine]
    if not len(people) or people.max() <= 0:
        return []
    cell_m = DOT_CELL / sheet.units_per_m
    cells, owner = np.unique(np.floor(xy / cell_m), axis=0, return_inverse=True)
    total = np.bincount(owner.ravel(), weights=people, minlength=len(cells))
    middle = sheet.place_all((cells + 0.5) * cell_m)
    area = np.square(np.array(DOT_SIZES) / DOT_SIZES[-1])
    size = np.searchsorted(area, total / total.max() * (1 - 1e-9))
    parts = []
    for number, width in enumerate(DOT_SIZES):
        dots = "".join(f"M{x} {y}h.1" for x, y in middle[size == number].tolist())
        if dots:
            parts.append(
                draw(
                    "path", d=dots, stroke=DOT_COLOUR, stroke_width=width, stroke_linecap="round",
                    stroke_opacity=0.75,
                )
            )  # fmt: skip
    return parts


def _draw_links(
    sheet: Sheet, judgement: Judgement, sites: Mapping[str, Site], detail_m: float
) -> list[str]:
    """Return the walks from branches to their headquarters, straight where none was traced."""
    head = judgement.network.headquarters
    if head is None:
        return []
    lines = [
        link.line
        if link.line is not None
        else shapely.LineString([(sites[i].x, sites[i].y) for i in (link.site, head)])
        for link in judgement.network.links
    ]
    path = sheet.trace(shapely.simplify(to_array(lines), detail_m / 2))
    if not path:
        return []
    return [
        draw(
            "path", d=path, fill="none", stroke=colour, stroke_width=width, stroke_linejoin="round"
        )
        for colour, width in (("#fff", 13), (LINK_COLOUR, 6))
    ]


def _draw_gaps(sheet: Sheet, judgement: Judgement) -> list[str]:
    """Return the numbers of the gaps, as the table beside the map counts them."""
    parts = []
    for number, gap in enumerate(judgement.gaps[:MOST_GAPS], start=1):
        x, y = sheet.place(gap.x, gap.y)
        parts.append(
            draw(
                "g",
                draw(
                    "circle", cx=x, cy=y, r=GAP_SIZE / 2 - 2, fill="#fff", stroke=DOT_COLOUR,
                    stroke_width=4,
                ),
                draw(
                    "text", str(number), x=x, y=y + 8.5, font_size=24, font_weight="700",
                    text_anchor="middle", fill=DOT_COLOUR,
                ),
            )
        )  # fmt: skip
    return parts


# Names


def _name_site(sheet: Sheet, site: Site) -> Label:
    x, y = sheet.place(site.x, site.y)
    size, name = 25.0, shorten_text(site.name or "", 25, MOST_NAME)
    aside = size_symbol(site) / 2 + 6 + measure_text(name, size) / 2
    above = size_symbol(site) / 2 + 18
    spots = [(x + aside, y, 0.0), (x - aside, y, 0.0), (x, y - above, 0.0), (x, y + above, 0.0)]
    return Label(Text(name, name), spots, size, STATUS_COLOURS[site.status], "600")


def _name_ground(sheet: Sheet, plain: PlainBackdrop) -> list[Label]:
    """Return names of places and roads, those that matter most first."""
    labels = []
    for one in plain.places:
        x, y = sheet.place(one.x, one.y)
        labels.append(Label(one.name, [(x, y, 0.0)], 26, QUIET, "600"))
    for road in plain.road_names:
        points = sheet.place_all(shapely.get_coordinates(road.line)).astype(float)
        steps = np.diff(points, axis=0)
        length = np.hypot(*steps.T)
        spots = []
        for index in np.argsort(-length, kind="stable")[:2].tolist():
            (x0, y0), (dx, dy) = points[index], steps[index]
            if length[index] < 0.8 * min(measure_text(n, 22) for n in (road.name.zh, road.name.en)):
                break
            angle = (math.degrees(math.atan2(dy, dx)) + 90) % 180 - 90
            spots.append((x0 + dx / 2, y0 + dy / 2, angle))
        if spots:
            labels.append(Label(road.name, spots, 22, INK))
    return labels


def _box_of(sheet: Sheet, site: Site, size: float) -> Box:
    return turn_box(*sheet.place(site.x, site.y), size, size, 0)
