"""The map on paper of all judged subdistricts."""

import math
from collections.abc import Mapping

import shapely

from siteplan.errors import Text
from siteplan.model import Evaluation
from siteplan.outputs.paper.map_frame import MARGIN, SCALES, draw_site, finish_map
from siteplan.outputs.paper.map_labels import MOST_NAME, Box, boxes_meet, turn_box
from siteplan.outputs.paper.subdistrict_map import DETAIL, PAPER, QUIET, DrawnMap, put_heads_last
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
    VERDICT_COLOURS,
    WATER_COLOUR,
    refer_to_verdict,
)
from siteplan.outputs.plain_backdrop import simplify_backdrop, to_array

PAGE = Paper(1800, 1800)
MANY = 40
"""Above this many subdistricts their names are smaller."""


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
    parts += _name_subdistricts(sheet, evaluation)
    parts += finish_map(sheet, scale)
    label = Text("各街道的步行覆盖率和结论", "Coverage on foot and verdict of each subdistrict")
    picture = draw_picture(width, height, *parts, label=label, kind="map", scale=paper.unit_mm)
    return DrawnMap(picture, scale)


def _shade(ratio: float) -> str:
    if math.isnan(ratio):
        return "url(#hatch)"
    return CLASSES[min(len(CLASSES) - 1, int(ratio * len(CLASSES)))]


def _name_subdistricts(sheet: Sheet, evaluation: Evaluation) -> list[str]:
    """Return names with verdicts, the worst first; one that would cover another is left out."""
    order = ("fail", "unknown", "warn", "pass", "na")
    ranked = sorted(
        evaluation.judgements,
        key=lambda one: (order.index(one.verdict), -one.subdistrict.population),
    )
    boxes: list[Box] = []
    parts = []
    size = 27.0 if len(ranked) <= MANY else 21.0
    for one in ranked:
        point = shapely.point_on_surface(one.subdistrict.geometry)
        x, y = sheet.place(point.x, point.y)
        name = shorten_text(one.subdistrict.name, size, MOST_NAME)
        ratio = one.coverage.coverage_ratio
        figure = "—" if math.isnan(ratio) else f"{ratio:.1%}"
        box = turn_box(x, y, max(measure_text(name, size), 110) + 8, size * 2.4, 0)
        if any(boxes_meet(box, other) for other in boxes):
            parts.append(refer_to_verdict(one.verdict, 24, x - 12, y - 12))
            continue
        boxes.append(box)
        words: dict[str, float | str] = {
            "text_anchor": "middle", "stroke": "#fff", "stroke_width": 6, "stroke_opacity": 0.9,
            "paint_order": "stroke",
        }  # fmt: skip
        parts += [
            draw(
                "text", write_text(name), x=x, y=y - 2, font_size=size, font_weight="600", fill=INK,
                **words,
            ),
            refer_to_verdict(one.verdict, size, x - 1.9 * size, y + 4),
            draw(
                "text", figure, x=x + 0.6 * size, y=y + 4 + 0.84 * size, font_size=size - 2,
                fill=VERDICT_COLOURS[one.verdict], **words,
            ),
        ]  # fmt: skip
    return parts
