"""Walkable roads and residential buildings out of OpenStreetMap data."""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from oracle.graph import Edge
from oracle.pbf import OsmData, Tags

WALKABLE = {
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "pedestrian",
    "track",
    "footway",
    "path",
    "steps",
    "bridleway",
    "corridor",
    "road",
}
RESIDENTIAL = {
    "apartments",
    "annexe",
    "bungalow",
    "cabin",
    "detached",
    "dormitory",
    "farm",
    "ger",
    "house",
    "houseboat",
    "residential",
    "semidetached_house",
    "static_caravan",
    "stilt_house",
    "terrace",
    "tree_house",
    "trullo",
}
OTHER_USES = {"amenity", "shop", "office", "tourism", "industrial"}
RING_REFS = 4  # the first node again at the end

Nodes = dict[int, tuple[float, float]]


class Building(NamedTuple):
    """A residential building: its demand point in the working CRS, and area x levels."""

    x: float
    y: float
    weight: float
    ref: str


def is_walkable(tags: Tags) -> bool:
    """Say whether people may walk along a way with these tags."""
    foot = tags.get("foot")
    invited = foot in {"yes", "designated", "permissive"}
    if tags.get("highway") not in WALKABLE and not (tags.get("highway") == "cycleway" and invited):
        return False
    if foot in {"no", "private", "use_sidepath"}:
        return False
    closed = tags.get("access") in {"no", "private"} or tags.get("motorroad") == "yes"
    return not closed or invited or foot == "destination"


def split_runs(refs: list[int], nodes: Nodes) -> list[list[int]]:
    """Split the refs of a way at absent nodes; keep the runs that lead somewhere."""
    runs = []
    for present, group in groupby(refs, key=nodes.__contains__):
        run = [ref for ref, _ in groupby(group)]  # a node repeated at once is one visit
        if present and len(run) > 1:
            runs.append(run)
    return runs


def split_stretches(osm: OsmData) -> list[list[int]]:
    """Cut all walkable ways at the graph nodes; one list of node ids for each edge, in order."""
    ways = [refs for tags, refs in osm.ways.values() if is_walkable(tags)]
    runs = [run for refs in ways for run in split_runs(refs, osm.nodes)]
    visits = Counter(ref for run in runs for ref in run)
    # The end of one run that another passes is visited twice, so only own ends need saying.
    stretches = []
    for run in runs:
        cuts = [at for at in range(1, len(run) - 1) if visits[run[at]] > 1]
        stretches += [run[a : b + 1] for a, b in pairwise([0, *cuts, len(run) - 1])]
    return stretches


def count_roads(osm: OsmData) -> dict[str, int]:
    """Count usable walkable ways, edges, and references to nodes that are not in the file."""
    ways = [refs for tags, refs in osm.ways.values() if is_walkable(tags)]
    return {
        "ways": sum(bool(split_runs(refs, osm.nodes)) for refs in ways),
        "edges": len(split_stretches(osm)),
        "missing_nodes": sum(ref not in osm.nodes for refs in ways for ref in refs),
    }


def project_nodes(osm: OsmData, crs: str) -> Nodes:
    """Give every node its place in the working CRS."""
    transformer = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    lons, lats = zip(*osm.nodes.values(), strict=True) if osm.nodes else ((), ())
    xs, ys = transformer.transform(lons, lats)
    return dict(zip(osm.nodes, zip(xs, ys, strict=True), strict=True))


def read_edges(osm: OsmData, crs: str) -> list[Edge]:
    """List the walkable edges; an edge's id is its position."""
    places = project_nodes(osm, crs)
    return [
        (stretch[0], stretch[-1], [places[ref] for ref in stretch])
        for stretch in split_stretches(osm)
    ]


def read_residential_buildings(osm: OsmData, crs: str) -> list[Building]:
    """List residential buildings: ways in file order, then relations."""
    places = project_nodes(osm, crs)
    shapes: list[tuple[str, Tags, BaseGeometry]] = []
    drawn_by_relation: set[int] = set()
    for number, (tags, members) in osm.relations.items():
        if tags.get("type") != "multipolygon" or "building" not in tags:
            continue
        ways = [(ref, role) for kind, ref, role in members if kind == "w"]
        outer, inner = (
            _draw_rings([ref for ref, role in ways if (role == "inner") is hole], osm, places)
            for hole in (False, True)
        )
        if outer is None or inner is None or outer.is_empty:
            continue
        shapes.append((f"r{number}", tags, outer.difference(inner)))
        drawn_by_relation |= {ref for ref, role in ways if role != "inner"}
    closed_ways: list[tuple[str, Tags, BaseGeometry]] = [
        (f"w{number}", tags, shapely.Polygon([places[ref] for ref in refs]))
        for number, (tags, refs) in osm.ways.items()
        if "building" in tags
        and number not in drawn_by_relation
        and len(refs) >= RING_REFS
        and refs[0] == refs[-1]
        and all(ref in places for ref in refs)
    ]
    return list(_weigh(closed_ways + shapes))


def _weigh(shapes: list[tuple[str, Tags, BaseGeometry]]) -> Iterator[Building]:
    for ref, tags, drawn in shapes:
        shape = drawn if drawn.is_valid else shapely.make_valid(drawn)
        if is_residential(tags) and shape.area > 0:
            point = stand_inside(shape)
            yield Building(point.x, point.y, shape.area * read_levels(tags), ref)


def is_residential(tags: Tags) -> bool:
    """Say whether people live in a building with these tags."""
    if tags.get("building") == "yes":
        return not OTHER_USES & tags.keys()
    return tags.get("building") in RESIDENTIAL


def read_levels(tags: Tags) -> float:
    """Read building:levels, 1 where it is missing or no number above 0."""
    try:
        levels = float(tags.get("building:levels", ""))
    except ValueError:
        return 1.0
    return levels if math.isfinite(levels) and levels > 0 else 1.0


def stand_inside(shape: BaseGeometry) -> shapely.Point:
    """Take the centroid, or a point on the surface where that falls outside."""
    return shape.centroid if shape.covers(shape.centroid) else shape.point_on_surface()


def _draw_rings(members: list[int], osm: OsmData, places: Nodes) -> BaseGeometry | None:
    """Join ways end to end into rings and unite them; None where that is impossible."""
    if any(way not in osm.ways for way in members):
        return None
    open_ways = [list(osm.ways[way][1]) for way in members]
    if any(ref not in places for refs in open_ways for ref in refs):
        return None
    rings = []
    while open_ways:
        ring = open_ways.pop(0)
        while ring and ring[0] != ring[-1]:
            follower = next((w for w in open_ways if w and ring[-1] in (w[0], w[-1])), None)
            if follower is None:
                return None
            open_ways.remove(follower)
            ring += (follower if follower[0] == ring[-1] else follower[::-1])[1:]
        if len(ring) < RING_REFS:
            return None
        rings.append(shapely.make_valid(shapely.Polygon([places[ref] for ref in ring])))
    return shapely.union_all(rings)
