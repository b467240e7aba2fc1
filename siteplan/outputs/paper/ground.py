"""What lies beneath a map on paper: roads, water, green, rail, and the subdistricts around."""

import math
from collections.abc import Sequence

import numpy as np
import shapely

from siteplan.errors import Text
from siteplan.model import Case, Subdistrict
from siteplan.outputs.paper.map_labels import MOST_NAME, Label
from siteplan.outputs.paper.svg import Sheet, draw, measure_text, shorten_text
from siteplan.outputs.paper.symbols import GREEN_COLOUR, INK, RAIL_COLOUR, WATER_COLOUR
from siteplan.outputs.plain_backdrop import PlainBackdrop, to_array

PAPER, GROUND, QUIET = "#ece8de", "#fbf9f4", "#6f6a5f"
NAME_INSET, LEAST_NAMED = 40.0, 20_000.0
"""Units from the frame within which a neighbour is named, and square units there must be of it."""
ROAD_COLOURS = {"motorway": "#e3c68d", "major": "#ffffff", "minor": "#ffffff", "path": "#b5a98f"}
ROAD_WIDTHS = {"motorway": 11.0, "major": 9.0, "minor": 4.0, "path": 1.6}
CASING_COLOUR = "#b7af9e"


def list_ground(plain: PlainBackdrop) -> frozenset[str]:
    """Return what a map shows of a backdrop: classes of roads, `rail`, `water` and `green`."""
    layers = {"rail": plain.rail, "water": plain.water, "green": plain.green, **dict(plain.roads)}
    return frozenset(name for name, shapes in layers.items() if len(shapes))


def draw_backdrop(sheet: Sheet, plain: PlainBackdrop, anchor: str) -> list[str]:
    """Return green, water, rail and roads, in this order; the anchor begins the ids of roads."""
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


def list_neighbours(sheet: Sheet, case: Case, code: str) -> list[Subdistrict]:
    """Return the other subdistricts of which something is seen."""
    others = [one for one in case.area.subdistricts if one.code != code]
    frame = sheet.ground
    shapely.prepare(frame)
    seen = shapely.intersects(frame, to_array([one.geometry for one in others]))
    return [one for one, is_seen in zip(others, seen.tolist(), strict=True) if is_seen]


def draw_neighbours(sheet: Sheet, others: Sequence[Subdistrict], detail_m: float) -> list[str]:
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


def name_neighbours(sheet: Sheet, others: Sequence[Subdistrict]) -> list[Label]:
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


def name_ground(sheet: Sheet, plain: PlainBackdrop) -> list[Label]:
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
