"""The map on paper of one subdistrict with its sites, service areas, links and gaps.

Drawn in metres of the working CRS at a round scale, north up along its grid.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from siteplan.errors import Text
from siteplan.model import (
    Case,
    Evaluation,
    Judgement,
    Residents,
    Shape,
    Site,
    Status,
    Subdistrict,
)
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
    Label,
    Place,
    Room,
    draw_line,
    list_spots_around,
    measure_lines,
    turn_box,
    write_labels,
)
from siteplan.outputs.paper.svg import (
    Paper,
    Sheet,
    draw,
    draw_picture,
    fit_sheet,
    measure_text,
    shorten_text,
    wrap_text,
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
"""Least units of the cells by which residents are put together: one dot each."""
LEAST_STEP_M = 1.0
"""Points closer together stand on no grid that could be seen."""
DOT_SHARES = (0.1, 0.3, 0.6, 1.0)
"""Upper limits of the residents of a dot, as shares of the most that one stands for."""
DOT_SIZES = tuple(round(15.0 * math.sqrt(share), 1) for share in DOT_SHARES)
"""Diameters of dots in units: their areas are as the residents they stand for at most."""
PAPER, GROUND, QUIET = "#ece8de", "#fbf9f4", "#6f6a5f"
MOST_GAPS = 5
"""Gaps that a page names, those with the most residents."""
GAP_SIZE, GAP_DOT = 38.0, 10.0
NAME_INSET, LEAST_NAMED = 40.0, 20_000.0
"""Units from the frame within which a neighbour is named, and square units there must be of it."""
ROAD_COLOURS = {"motorway": "#e3c68d", "major": "#ffffff", "minor": "#ffffff", "path": "#b5a98f"}
ROAD_WIDTHS = {"motorway": 11.0, "major": 9.0, "minor": 4.0, "path": 1.6}
CASING_COLOUR = "#b7af9e"
NEAR_SIZE, NEAR_OPACITY = 26.0, 0.6
"""How sites of other subdistricts are drawn."""
BESIDE_FIGURES = Paper(1130, 930)


class DrawnMap(NamedTuple):
    """A map, and what is on it: what a legend has to explain.

    Attributes
    ----------
    picture
        SVG.
    scale
        Denominator.
    missing
        Sites that lie too far away to be on it.
    sites, near
        Those that are on it: its own, and pale those of others.
    areas
        Status of the sites whose service areas are drawn.
    ground
        Classes of roads, `rail`, `water`, `green`, and `border` of other subdistricts.
    dot
        Residents that the largest dot stands for at most; 0 without dots.
    """

    picture: str
    scale: int
    missing: tuple[Site, ...] = ()
    sites: tuple[Site, ...] = ()
    near: tuple[Site, ...] = ()
    areas: frozenset[Status] = frozenset()
    ground: frozenset[str] = frozenset()
    dot: float = 0.0


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
    dots = _gather_dots(sheet, evaluation, evaluation.judgements.index(judgement))
    with_area = [one for one in shown if _has_area(evaluation, one)]
    symbols = [box_site(sheet, one, size_symbol(one)) for one in shown]
    symbols += [box_site(sheet, one, NEAR_SIZE) for one in near]
    room = Room(sheet, [*symbols, *list_corners(sheet)])
    gaps = _draw_gaps(sheet, judgement, room)
    detail_m = DETAIL / sheet.units_per_m
    outline = shapely.simplify(shape, detail_m)
    parts = [
        draw("rect", width=width, height=height, fill=PAPER),
        draw("defs", draw("path", d=sheet.trace([outline]), id=f"{anchor}-o")),
        draw("use", href=f"#{anchor}-o", fill=GROUND),
        *_draw_backdrop(sheet, plain, anchor),
        *_draw_neighbours(sheet, others, detail_m),
        *_draw_areas(sheet, evaluation, with_area, detail_m),
        *[
            draw(
                "use", href=f"#{anchor}-o", fill="none", stroke=colour, stroke_width=edge,
                stroke_linejoin="round",
            )
            for colour, edge in (("#fff", 13), (INK, 7))
        ],
        *_draw_dots(dots),
        *_draw_links(sheet, judgement, sites, detail_m),
        *[draw_site(sheet, one, NEAR_SIZE, opacity=NEAR_OPACITY) for one in near],
        *[draw_site(sheet, one, size_symbol(one)) for one in put_heads_last(shown)],
        *gaps,
    ]  # fmt: skip
    labels = [_name_site(sheet, one) for one in reversed(put_heads_last(shown))]
    labels += [*_name_neighbours(sheet, others), *_name_ground(sheet, plain)]
    parts += write_labels(labels, room.taken, sheet)
    parts += finish_map(sheet, scale)
    title = f"{judgement.subdistrict.name}"
    label = Text(f"{title}：场地、服务范围和覆盖盲区", f"{title}: sites, service areas and gaps")
    picture = draw_picture(width, height, *parts, label=label, kind="map", scale=paper.unit_mm)
    return DrawnMap(
        picture,
        scale,
        missing=tuple(missing),
        sites=tuple(shown),
        near=tuple(near),
        areas=frozenset(one.status for one in with_area),
        ground=list_ground(plain) | ({"border"} if others else set()),
        dot=dots.most,
    )


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


def list_ground(plain: PlainBackdrop) -> frozenset[str]:
    """Return what a map shows of a backdrop: classes of roads, `rail`, `water` and `green`."""
    layers = {"rail": plain.rail, "water": plain.water, "green": plain.green, **dict(plain.roads)}
    return frozenset(name for name, shapes in layers.items() if len(shapes))


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
    """Return the borders of the subdistricts around.

    A border of two is drawn once: the dashes of one would fill the gaps of the other.
    """
    borders = sheet.clip(shapely.boundary(to_array([one.geometry for one in others])))
    lines = shapely.line_merge(shapely.union_all(borders))
    path = sheet.trace([shapely.simplify(lines, detail_m)])
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


def _has_area(evaluation: Evaluation, site: Site) -> bool:
    area = evaluation.drawing.service_areas.get(site.id)
    return area is not None and not area.is_empty and site.in_scheme


def _draw_areas(
    sheet: Sheet, evaluation: Evaluation, shown: Sequence[Site], detail_m: float
) -> list[str]:
    """Return service areas: a solid edge is one that exists, a dashed one is to come."""
    parts = []
    for one in shown:
        area = evaluation.drawing.service_areas[one.id]
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


class _Dots(NamedTuple):
    """Where dots stand, in whole units, with their residents and the most that one stands for."""

    places: npt.NDArray[np.int64]
    people: Residents
    most: float


def _gather_dots(sheet: Sheet, evaluation: Evaluation, index: int) -> _Dots:
    """Return the residents not covered, put together by cells of the paper.

    Residents often stand on a grid. A cell is a whole multiple of its steps, so that all cells hold
    as many of its points: else even residents would look like crosses. Where the points are farther
    apart than cells, each has its own dot.
    """
    drawing = evaluation.drawing
    mine = (drawing.uncovered_subdistrict == index) & (drawing.uncovered_population > 0)
    xy = np.column_stack([drawing.uncovered_x[mine], drawing.uncovered_y[mine]])
    people = drawing.uncovered_population[mine]
    if not len(people):
        return _Dots(np.empty((0, 2), dtype=np.int64), people, 0.0)
    cell_m, step_m = DOT_CELL / sheet.units_per_m, _find_spacing(xy)
    cells = xy
    if step_m < cell_m:
        step_m = max(step_m, LEAST_STEP_M)
        phase = np.angle(np.exp(2j * np.pi * xy / step_m).mean(axis=0)) / (2 * np.pi) * step_m
        cells = np.floor((xy - phase + step_m / 2) / (step_m * math.ceil(cell_m / step_m)))
    _, owner = np.unique(cells, axis=0, return_inverse=True)
    total = np.asarray(np.bincount(owner.ravel(), weights=people), dtype=np.float64)
    middle = [np.bincount(owner.ravel(), weights=people * along) / total for along in xy.T]
    places = sheet.place_all(np.column_stack(middle))
    return _Dots(places, total, _round_up(float(total.max())))


def _find_spacing(xy: npt.NDArray[np.float64]) -> float:
    """Return how far it is from a point to the nearest other one, in metres; the median of all."""
    spots = np.unique(xy, axis=0)
    if len(spots) < 2:  # noqa: PLR2004  # a pair
        return math.inf
    apart_m, _ = cKDTree(spots).query(spots, k=[2])  # the nearest is the spot itself
    return float(np.median(apart_m))


def _round_up(count: float) -> float:
    """Return the next 1, 2 or 5 with zeros.

    Examples
    --------
    >>> _round_up(12.0), _round_up(50.0), _round_up(0.03)
    (20.0, 50.0, 0.05)
    """
    power = math.floor(math.log10(count))
    rounded = (float(f"{digit}e{power}") for digit in (1, 2, 5, 10))
    return next(one for one in rounded if one >= count * (1 - 1e-9))


def say_dots(most: float) -> Text:
    """Return what dots stand for, from the smallest to the largest.

    Examples
    --------
    >>> say_dots(50.0).zh
    '未覆盖居民，每点至多 5/15/30/50 人'
    """
    limits = "/".join(f"{share * most:g}" for share in DOT_SHARES)
    return Text(f"未覆盖居民，每点至多 {limits} 人", f"residents not covered, up to {limits} a dot")


def _draw_dots(dots: _Dots) -> list[str]:
    """Return dots the larger the more residents they stand for."""
    if not len(dots.people):
        return []
    size = np.searchsorted(DOT_SHARES, dots.people / dots.most * (1 - 1e-9))
    parts = []
    for number, width in enumerate(DOT_SIZES):
        path = "".join(f"M{x} {y}h.1" for x, y in dots.places[size == number].tolist())
        if path:
            parts.append(
                draw(
                    "path", d=path, stroke=DOT_COLOUR, stroke_width=width, stroke_linecap="round",
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


def _draw_gaps(sheet: Sheet, judgement: Judgement, room: Room) -> list[str]:
    """Return the numbers of the gaps, as the table beside the map counts them.

    One that would cover a site or another number stands beside it, with a line to its place.
    """
    lines, rings = [], []
    for number, gap in enumerate(judgement.gaps[:MOST_GAPS], start=1):
        x, y = sheet.place(gap.x, gap.y)
        place = room.find_spot(GAP_SIZE, GAP_SIZE, [(x, y, 0.0)])
        if place is None:
            home, spots = turn_box(x, y, GAP_DOT, GAP_DOT, 0), list_spots_around(x, y, sheet)
            place = room.find_spot_apart(GAP_SIZE, GAP_SIZE, home, spots) or Place(x, y, 0.0)
            lines.append(draw("circle", cx=x, cy=y, r=GAP_DOT / 2, fill=DOT_COLOUR))
            lines.append(draw_line((x, y, place.x, place.y), DOT_COLOUR))
        rings.append(
            draw(
                "g",
                draw(
                    "circle", cx=place.x, cy=place.y, r=GAP_SIZE / 2 - 2, fill="#fff",
                    stroke=DOT_COLOUR, stroke_width=4,
                ),
                draw(
                    "text", str(number), x=place.x, y=place.y + 8.5, font_size=24,
                    font_weight="700", text_anchor="middle", fill=DOT_COLOUR,
                ),
            )
        )  # fmt: skip
    return lines + rings


# Names


def _name_site(sheet: Sheet, site: Site) -> Label:
    x, y = sheet.place(site.x, site.y)
    size, name, half = 25.0, site.name or site.id, size_symbol(site) / 2
    width, height = measure_lines(wrap_text(name, size, MOST_NAME), size)
    aside, above = half + 3 + width / 2, half + 4 + height / 2
    spots = [(x + aside, y, 0.0), (x - aside, y, 0.0), (x, y - above, 0.0), (x, y + above, 0.0)]
    home = box_site(sheet, site, size_symbol(site))
    return Label(Text(name, name), spots, size, STATUS_COLOURS[site.status], "600", home)


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
