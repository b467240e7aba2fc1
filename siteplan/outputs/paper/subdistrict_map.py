"""The map on paper of one subdistrict with its sites, service areas, links and gaps.

Drawn in metres of the working CRS at a round scale, north up along its grid.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from siteplan.errors import Text
from siteplan.model import (
    Evaluation,
    Judgement,
    Shape,
    Site,
    Status,
)
from siteplan.outputs.paper.dots import draw_dots, gather_dots
from siteplan.outputs.paper.ground import (
    GROUND,
    PAPER,
    draw_backdrop,
    draw_neighbours,
    list_ground,
    list_neighbours,
    name_ground,
    name_neighbours,
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
    wrap_text,
)
from siteplan.outputs.paper.symbols import (
    DOT_COLOUR,
    INK,
    LINK_COLOUR,
    STATUS_COLOURS,
    size_symbol,
)
from siteplan.outputs.plain_backdrop import simplify_backdrop, to_array

AROUND = 0.35
"""Sites farther outside than this share of a subdistrict's larger side are not drawn: one put down
in another town must not make the map a dot."""
DETAIL = 2.0
"""Units to which outlines are simplified: a fifth of a millimetre."""
MOST_GAPS = 5
"""Gaps that a page names, those with the most residents."""
GAP_SIZE, GAP_DOT = 38.0, 10.0
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
    others = list_neighbours(sheet, case, code)
    dots = gather_dots(sheet, evaluation, evaluation.judgements.index(judgement))
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
        *draw_backdrop(sheet, plain, anchor),
        *draw_neighbours(sheet, others, detail_m),
        *_draw_areas(sheet, evaluation, with_area, detail_m),
        *[
            draw(
                "use", href=f"#{anchor}-o", fill="none", stroke=colour, stroke_width=edge,
                stroke_linejoin="round",
            )
            for colour, edge in (("#fff", 13), (INK, 7))
        ],
        *draw_dots(dots),
        *_draw_links(sheet, judgement, sites, detail_m),
        *[draw_site(sheet, one, NEAR_SIZE, opacity=NEAR_OPACITY) for one in near],
        *[draw_site(sheet, one, size_symbol(one)) for one in put_heads_last(shown)],
        *gaps,
    ]  # fmt: skip
    labels = [_name_site(sheet, one) for one in reversed(put_heads_last(shown))]
    labels += [*name_neighbours(sheet, others), *name_ground(sheet, plain)]
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
