"""What of a backdrop one map shows: chosen and simplified in the working CRS until it fits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from siteplan.errors import Text
from siteplan.model import (
    NAMED_ROADS,
    PLACE_KINDS,
    Case,
    Geometries,
    Indices,
    Labels,
    PlaceNames,
    RoadNames,
    Shape,
)

ROAD_CLASSES = {
    "major": (
        "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
        "tertiary", "tertiary_link",
    ),
    "path": ("footway", "path", "steps", "track", "cycleway", "bridleway", "corridor"),
}  # fmt: skip
OTHER_ROADS = "minor"
CLASSES = ("motorway", "major", OTHER_ROADS, "path")
"""Classes of roads, those that matter most first."""

MARGIN_M = 500.0
"""How much is shown around a place: what lies at its edge has next to it."""
TOLERANCES_M = (1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 13.0, 20.0, 30.0, 45.0, 70.0, 100.0, 150.0, 250.0)
COARSE_M = 6.0
"""Up to this tolerance all roads stay; beyond it paths are given up first, then minor roads. It is
1.5 pixels at zoom 15 of a web map, and a quarter of a millimetre at 1:25,000."""
SMALLEST = 4.0
"""An area, or a hole in one, smaller than a square of this many tolerances is left out."""
NAME_SIMPLIFY_M = 15.0
"""Of the line a name is written along: it must be smooth, not exact."""
NAMES_APART_M = 1000.0
"""Two stretches of one name farther apart are named both: many villages have a high street."""
NAMES_SHARE = 10
"""A tenth of the vertices may go to lines of names, and one name to so many hundred vertices."""
LEAST_NAMES = 8

Layers = dict[str, Geometries]


class PlaceName(NamedTuple):
    """A name at a point of the working CRS; the rank counts from 0, the most important."""

    x: float
    y: float
    kind: str
    rank: int
    name: Text


class RoadName(NamedTuple):
    """A name along a line of the working CRS; the rank counts from 0, the most important."""

    line: Shape
    rank: int
    name: Text


@dataclass(frozen=True, slots=True, eq=False)
class PlainBackdrop:
    """A backdrop as one map shows it. Working CRS, valid, clipped to what the map shows.

    Attributes
    ----------
    roads
        LineStrings by class, in the order of `CLASSES`; classes without any, and those that had to
        be given up, are left out.
    water, green
        Polygons that do not overlap one another.
    rail
        LineStrings.
    road_names, places
        In order of rank; most of one rank may collide, which is for the page to settle.
    tolerance_m
        How far a line may be from where it was.
    """

    roads: tuple[tuple[str, Geometries], ...]
    water: Geometries
    green: Geometries
    rail: Geometries
    road_names: tuple[RoadName, ...]
    places: tuple[PlaceName, ...]
    tolerance_m: float

    @property
    def vertices(self) -> int:
        """Vertices of all of it, those of the lines of names as well."""
        shapes = [self.water, self.green, self.rail, *(lines for _, lines in self.roads)]
        named = to_array([name.line for name in self.road_names])
        return sum(map(count_vertices, (*shapes, named)))


def simplify_backdrop(
    case: Case,
    place: Shape,
    *,
    most_vertices: int,
    margin_m: float = MARGIN_M,
    classes: Sequence[str] = CLASSES,
    finest_m: float = 0.0,
) -> PlainBackdrop:
    """Choose what of a backdrop a map of some size shows.

    The smallest of `TOLERANCES_M` is taken at which everything fits. Beyond `COARSE_M` paths are
    given up, then minor roads, and only then do lines become coarser. What is smaller than can be
    seen at a tolerance goes with it: areas and holes below (`SMALLEST` × tolerance)², lines shorter
    than the tolerance. Where not even the coarsest fits, the smallest areas and the shortest lines
    are left out. Neither the order nor the direction in which things were drawn changes anything.

    Parameters
    ----------
    case, place, most_vertices, margin_m
        As in `siteplan.outputs.backdrop.describe_backdrop`.
    classes
        Of roads that the map shows at most.
    finest_m
        What nobody can see on the map: no tolerance below it is tried.
    """
    near = place.buffer(margin_m, quad_segs=4) if margin_m else place
    shapely.prepare(near)
    road_names = _name_roads(case.backdrop.road_names, near, most_vertices // NAMES_SHARE)
    most = most_vertices - count_vertices(to_array([one.line for one in road_names]))
    unwanted = set(CLASSES) - set(classes)
    ground = {
        name: shapes for name, shapes in _gather_ground(case, near).items() if name not in unwanted
    }
    at_tolerance: dict[float, Layers] = {}
    chosen, tolerance = ground, 0.0
    for given_up, tolerance in _list_choices(finest_m):
        if tolerance not in at_tolerance:
            at_tolerance[tolerance] = {
                name: _simplify(shapes, tolerance) for name, shapes in ground.items()
            }
        simple = at_tolerance[tolerance]
        chosen = {name: simple[name] for name in simple if name not in given_up}
        if sum(map(count_vertices, chosen.values())) <= most:
            break
    else:
        chosen = _keep_largest(chosen, most)
    return PlainBackdrop(
        roads=tuple((name, chosen[name]) for name in CLASSES if len(chosen.get(name, ()))),
        water=chosen["water"],
        green=chosen["green"],
        rail=chosen["rail"],
        road_names=road_names,
        places=_name_places(case.backdrop.places, near, max(LEAST_NAMES, most_vertices // 100)),
        tolerance_m=tolerance,
    )


def _list_choices(finest_m: float) -> Iterable[tuple[tuple[str, ...], float]]:
    """Yield classes of roads to give up, and how coarse the rest is, the best choice first."""
    for given_up in ((), CLASSES[3:], CLASSES[2:]):
        for tolerance in TOLERANCES_M:
            wanted = given_up == CLASSES[2:] or tolerance <= max(COARSE_M, 2 * finest_m)
            if wanted and tolerance >= min(finest_m, TOLERANCES_M[-1]):
                yield given_up, tolerance


def _gather_ground(case: Case, near: Shape) -> Layers:
    """Return what there is near a place, in one order however it was drawn."""
    backdrop = case.backdrop
    layers = {
        "motorway": _join_lines(_clip(backdrop.motorways, near)[0]),
        **_sort_roads(case, near),
        "rail": _join_lines(_clip(backdrop.rail, near)[0]),
        "water": _join_areas(_clip(backdrop.water, near)[0]),
        "green": _join_areas(_clip(backdrop.green, near)[0]),
    }
    return {name: _put_in_order(shapes) for name, shapes in layers.items()}


def _sort_roads(case: Case, near: Shape) -> Layers:
    if case.roads is None:
        return {}
    lines, index = _clip(case.roads.lines, near)
    classes = classify_roads(case.roads.highway[index])
    return {name: _join_lines(lines[classes == name]) for name in CLASSES[1:]}


def classify_roads(highway: Labels) -> Labels:
    """Return the class of each OSM `highway` value: `major`, `minor` or `path`."""
    named = {value: name for name, values in ROAD_CLASSES.items() for value in values}
    return np.array([named.get(value, OTHER_ROADS) for value in highway.tolist()], dtype=np.str_)


def _clip(shapes: Geometries, near: Shape) -> tuple[Geometries, Indices]:
    """Return what of the shapes lies near, and which of them that is."""
    touching = np.flatnonzero(shapely.intersects(near, shapes))
    clipped = shapes[touching]
    cut = ~shapely.contains_properly(near, clipped)
    bad = cut & ~shapely.is_valid(clipped)  # a projection may turn a spike inside out
    clipped[bad] = shapely.make_valid(clipped[bad], method="structure", keep_collapsed=False)
    clipped[cut] = shapely.intersection(clipped[cut], near)
    return clipped, touching


def _join_lines(shapes: Geometries) -> Geometries:
    """Return lines joined where exactly two of them meet."""
    lines = _take(shapes, shapely.GeometryType.LINESTRING)
    if not len(lines):
        return lines
    merged = np.array([shapely.line_merge(shapely.multilinestrings(lines))], dtype=object)
    return _take(merged, shapely.GeometryType.LINESTRING)


def _join_areas(shapes: Geometries) -> Geometries:
    """Return areas united, so that none is drawn over another."""
    areas = _take(shapes, shapely.GeometryType.POLYGON)
    bad = ~shapely.is_valid(areas)
    areas[bad] = shapely.make_valid(areas[bad], method="structure", keep_collapsed=False)
    united = np.array([shapely.union_all(areas)], dtype=object)
    return _take(united, shapely.GeometryType.POLYGON)


def _take(shapes: Geometries, kind: shapely.GeometryType) -> Geometries:
    """Return the parts of one kind that are not empty."""
    parts = shapely.get_parts(shapes)
    wanted = (shapely.get_type_id(parts) == kind) & ~shapely.is_empty(parts)
    return np.asarray(parts[wanted], dtype=object)


def _put_in_order(shapes: Geometries) -> Geometries:
    """Return shapes that begin, run and follow one another in a way that their form alone says."""
    plain = np.asarray(shapely.normalize(shapes), dtype=object)
    return plain[np.argsort(shapely.to_wkb(plain, hex=True), kind="stable")]


def _simplify(shapes: Geometries, tolerance_m: float) -> Geometries:
    """Return lines or polygons with fewer vertices, without those too small to be seen.

    A polygon that would cross itself stays as it was.
    """
    simple = np.asarray(shapely.simplify(shapes, tolerance_m), dtype=object)
    bad = ~shapely.is_valid(simple)
    simple[bad] = shapes[bad]
    least_m2 = (SMALLEST * tolerance_m) ** 2
    linear = shapely.get_dimensions(simple) == 1
    seen = np.where(linear, shapely.length(simple) >= tolerance_m, shapely.area(simple) >= least_m2)
    simple = np.asarray(simple[seen], dtype=object)
    pierced = np.flatnonzero(shapely.get_num_interior_rings(simple) > 0)
    for index in pierced.tolist():
        outer, *holes = shapely.get_rings(simple[index])
        large = [hole for hole in holes if shapely.Polygon(hole).area >= least_m2]
        simple[index] = shapely.Polygon(outer, large)
    return simple


def _keep_largest(layers: Layers, most: int) -> Layers:
    """Return of each layer, in their order, the largest shapes while all together fit."""
    kept: Layers = {}
    for name, shapes in layers.items():
        size = np.where(
            shapely.get_dimensions(shapes) == 1, shapely.length(shapes), shapely.area(shapes)
        )
        order = np.argsort(-size, kind="stable")
        total = np.cumsum(shapely.get_num_coordinates(shapes[order]))
        kept[name] = shapes[np.sort(order[total <= most])]
        most -= count_vertices(kept[name])
    return kept


def _name_roads(roads: RoadNames, near: Shape, most: int) -> tuple[RoadName, ...]:
    """Return the names of roads, each along its longest stretches, while their lines fit."""
    lines, index = _clip(roads.lines, near)
    ways: dict[tuple[str, str], list[int]] = {}
    names = zip(roads.zh[index].tolist(), roads.en[index].tolist(), strict=True)
    for number, name in enumerate(names):
        ways.setdefault(name, []).append(number)
    found = []
    for (zh, en), numbers in ways.items():
        level = min(NAMED_ROADS.index(kind) for kind in roads.highway[index][numbers].tolist())
        stretches = _take_apart(_put_in_order(_join_lines(lines[numbers])))
        found += [(level, -line.length, zh, en, line) for line in stretches]
    found.sort(key=lambda one: one[:4])
    kept = to_array([shapely.simplify(line, NAME_SIMPLIFY_M) for *_, line in found])
    fitting = int((np.cumsum(shapely.get_num_coordinates(kept)) <= most).sum())
    return tuple(
        RoadName(kept[rank], rank, Text(zh, en))
        for rank, (_, _, zh, en, _) in enumerate(found[:fitting])
    )


def _take_apart(lines: Geometries) -> list[Shape]:
    """Return the longest line, and those far from it that may be another road of its name."""
    kept: list[Shape] = []
    for line in lines[np.argsort(-shapely.length(lines), kind="stable")]:
        if all(shapely.distance(line, other) > NAMES_APART_M for other in kept):
            kept.append(line)
    return kept


def _name_places(places: PlaceNames, near: Shape, most: int) -> tuple[PlaceName, ...]:
    """Return the names of places, the most important ones."""
    inside = np.flatnonzero(shapely.intersects_xy(near, places.x, places.y))
    found = sorted(
        (
            PLACE_KINDS.index(str(places.kind[i])),
            str(places.zh[i]),
            str(places.en[i]),
            float(places.x[i]),
            float(places.y[i]),
        )
        for i in inside.tolist()
    )
    return tuple(
        PlaceName(x, y, PLACE_KINDS[kind], rank, Text(zh, en))
        for rank, (kind, zh, en, x, y) in enumerate(found[:most])
    )


def count_vertices(shapes: Geometries) -> int:
    """Return how many vertices shapes have together."""
    return int(shapely.get_num_coordinates(shapes).sum())


def to_array(shapes: Sequence[Shape]) -> Geometries:
    """Return shapes as an array, also where there is none."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array
