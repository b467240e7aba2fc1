"""Roads as arrays of nodes and edges, from OpenStreetMap or from lines."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from siteplan.crs import WGS84, make_projection
from siteplan.errors import Defect, DefectList, InputError, Text
from siteplan.geometry import even_out
from siteplan.inputs.fields import parse_number, parse_text, pick
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.inputs.tags import NOT_SET, Crossings, is_walkable_throughout
from siteplan.inputs.vector import Layer
from siteplan.model import (
    TOLERANCE_M,
    Crossing,
    Flags,
    Geometries,
    Indices,
    Labels,
    Metres,
    Roads,
    Shape,
)

LINE_FIELDS = ("highway", "level", "foot", "access", "bridge", "tunnel", "layer", "name")
MEET_M = 0.01
"""Line ends nearer than this to another line meet it: a centimetre is below any survey's accuracy
and above the rounding of the projections."""
ONE_CROSSING_M = 100.0
"""Bridges of one name no farther apart are one: its carriageways, footways and ramps."""


def make_roads_of_osm(extract: OsmExtract, crs: str) -> Roads:
    """Cut walkable ways into edges at their ends and at the nodes they share.

    Parameters
    ----------
    extract
        Ways as read.
    crs
        Working CRS.
    """
    x, y = make_projection(WGS84, crs)(extract.lon, extract.lat)
    _, node, uses = np.unique(extract.refs, return_inverse=True, return_counts=True)
    first = np.r_[True, extract.run[1:] != extract.run[:-1]] if len(node) else np.empty(0, bool)
    last = np.r_[first[1:], True] if len(node) else first
    cut = first | last | (uses[node] > 1)
    stops = np.flatnonzero(cut)
    starts, ends = stops[:-1], stops[1:]
    same_run = extract.run[starts] == extract.run[ends]
    starts, ends = starts[same_run], ends[same_run]
    lengths = ends - starts + 1
    # positions of every edge's vertices: start, start + 1, …, end, one edge after the other
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    vertex = np.repeat(starts, lengths) + within
    lines = shapely.linestrings(
        np.column_stack([x[vertex], y[vertex]]), indices=np.repeat(np.arange(len(starts)), lengths)
    )
    return assemble_roads(
        tail=node[starts],
        head=node[ends],
        lines=np.asarray(lines, dtype=object),
        tags=EdgeTags(
            extract.highway[extract.run[starts]],
            extract.crossing[extract.run[starts]],
            extract.crossings,
        ),
        ways=extract.ways,
        missing_nodes=extract.missing_nodes,
    )


def make_roads_of_lines(layer: Layer, crs: str, columns: Mapping[str, str]) -> Roads:
    """Make roads of any line layer: lines meet at their ends, and where they cross at one level.

    The level is `layer`, or the number `level`; a bridge without one stands at 1, a tunnel at -1.
    A line's end that touches another line joins it at whatever level; a line that meets itself has
    ends there. With a column `highway` only what may be walked is read, as from OpenStreetMap;
    without one every line is walked.

    Parameters
    ----------
    layer
        LineStrings and MultiLineStrings.
    crs
        Working CRS.
    columns
        The file's names of `LINE_FIELDS`.

    Raises
    ------
    InputError
        With every level that is not a number.
    """
    defects = DefectList()
    highway = columns.get("highway", "highway")
    tagged = any(highway in properties for properties in layer.properties)
    lines, levels, highways, crossing, ways = [], [], [], [], 0
    crossings = Crossings()
    for geometry, properties, row in zip(
        layer.project(crs), layer.properties, layer.rows, strict=True
    ):
        tags = {f: text for f in LINE_FIELDS if (text := parse_text(pick(properties, f, columns)))}
        with defects.collect():
            level = _read_level(tags, layer.label, row)
            if not tagged or is_walkable_throughout(tags):
                parts = _open(shapely.get_parts(geometry))
                ways += 1
                lines += parts
                levels += [level] * len(parts)
                highways += [tags.get("highway", "")] * len(parts)
                crossing += [crossings.number(tags)] * len(parts)
    defects.raise_errors()
    if not lines:
        none, empty = np.empty(0, dtype=np.intp), np.empty(0)
        nothing = np.array([], object)
        return Roads(empty, empty, none, none, nothing, empty, np.empty(0, str), none, (), 0)
    pieces, origin = _cut_at_crossings(np.array(lines, dtype=object), np.array(levels))
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(pieces, i)) for i in (0, -1)])
    node = _number_places(ends)
    return assemble_roads(
        tail=node[: len(pieces)],
        head=node[len(pieces) :],
        lines=pieces,
        tags=EdgeTags(
            np.array(highways, dtype=np.str_)[origin],
            np.array(crossing, dtype=np.intp)[origin],
            tuple(crossings.found),
        ),
        ways=ways,
    )


class EdgeTags(NamedTuple):
    """What is known of each edge, as `Roads` has it."""

    highway: Labels
    crossing: Indices
    crossings: tuple[Crossing, ...]


def assemble_roads(
    *,
    tail: Indices,
    head: Indices,
    lines: Geometries,
    tags: EdgeTags,
    ways: int,
    missing_nodes: int = 0,
) -> Roads:
    """Put edges in an order that follows from their geometry alone, and keep the nodes they use.

    Each line runs from its smaller end to its larger, so that neither the direction in which a way
    was drawn nor its place in the file changes the number of an edge.
    """
    if not len(lines):
        empty = np.empty(0)
        none = np.empty(0, dtype=np.intp)
        edges = (none, none, lines, empty, *tags)
        return Roads(empty, empty, *edges, ways, missing_nodes)
    backward = _run_backward(lines)
    lines = np.where(backward, shapely.reverse(lines), lines)
    tail, head = np.where(backward, head, tail), np.where(backward, tail, head)
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    start = np.searchsorted(line, np.arange(len(lines) + 1))
    first, second, last = vertices[start[:-1]], vertices[start[:-1] + 1], vertices[start[1:] - 1]
    length_m = shapely.length(lines)
    crossed = np.array([crossing.name for crossing in tags.crossings] + [""])[tags.crossing]
    keys = (*second.T, length_m, *last.T[::-1], *first.T[::-1])
    order = np.lexsort((crossed, tags.highway, *map(even_out, keys)))
    tail, head, first, last = tail[order], head[order], first[order], last[order]
    _, number = np.unique(np.r_[tail, head], return_inverse=True)
    place = np.empty((number.max() + 1, 2))
    tail, head = number[: len(order)], number[len(order) :]
    place[head[::-1]], place[tail[::-1]] = last[::-1], first[::-1]  # the first edge's word counts
    nodes = np.lexsort((even_out(place[:, 1]), even_out(place[:, 0])))
    rank = np.empty(len(nodes), dtype=np.intp)
    rank[nodes] = np.arange(len(nodes))
    crossing, crossings = _number_crossings(lines[order], tags.crossing[order], tags.crossings)
    return Roads(
        node_x=place[nodes, 0],
        node_y=place[nodes, 1],
        tail=rank[tail],
        head=rank[head],
        lines=lines[order],
        length_m=length_m[order],
        highway=tags.highway[order],
        crossing=crossing,
        crossings=crossings,
        ways=ways,
        missing_nodes=missing_nodes,
    )


def _number_crossings(
    lines: Geometries, crossing: Indices, crossings: Sequence[Crossing]
) -> tuple[Indices, tuple[Crossing, ...]]:
    """Give bridges and tunnels numbers in the order of their lowest edges; -1 stays none.

    Parts of one name are one where they lie close together; a road that crosses a river here and a
    railway there, and gives both bridges its name, has two.
    """
    edge = np.flatnonzero(crossing >= 0)
    near = shapely.STRtree(lines[edge]).query(lines[edge], "dwithin", ONE_CROSSING_M + TOLERANCE_M)
    one, other = near[:, crossing[edge[near[0]]] == crossing[edge[near[1]]]]
    together = coo_array((np.ones(len(one)), (one, other)), shape=(len(edge), len(edge)))
    _, group = connected_components(together, directed=False)
    _, first, number = np.unique(group, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    numbered = np.full(len(crossing), -1, dtype=np.intp)
    numbered[edge] = rank[number]
    return numbered, tuple(crossings[old] for old in crossing[edge[np.sort(first)]].tolist())


def _run_backward(lines: Geometries) -> Flags:
    """Whether each line begins at its larger end; of a loop, with the larger of its two ways."""
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    start, stop = (np.searchsorted(line, np.arange(len(lines)) + i) for i in (0, 1))
    begin, end = (
        np.hstack([vertices[first], vertices[second]])
        for first, second in ((start, start + 1), (stop - 1, stop - 2))
    )
    backward = np.zeros(len(lines), dtype=np.bool_)
    begin, end = even_out(begin), even_out(end)
    for here, there in reversed(list(zip(begin.T, end.T, strict=True))):
        backward = (here > there) | ((here == there) & backward)
    return backward


def _open(lines: Geometries) -> list[Shape]:
    """Cut lines where they cross or touch themselves; each runs as `_run_backward` wants it."""
    backward = _run_backward(lines)
    lines = np.where(backward, shapely.reverse(lines), lines)
    pieces = [line if line.is_simple else shapely.node(line) for line in lines]
    parts = shapely.get_parts(np.array(pieces, dtype=object))
    return list(np.where(_run_backward(parts), shapely.reverse(parts), parts))


def _read_level(tags: Mapping[str, str], label: str, row: int) -> float:
    for field in ("level", "layer"):
        if field in tags:
            try:
                return parse_number(tags[field]) or 0.0
            except ValueError as error:
                problem = Text(f"{field} 为 {tags[field]!r}", f"{field} is {tags[field]!r}")
                remedy = Text("请填层数，地面为 0", "Give the level as a number, the ground as 0")
                defect = Defect(label, problem, remedy, feature=row, field=field)
                raise InputError(defect) from error
    if tags.get("bridge", "").lower() not in NOT_SET:
        return 1.0
    return -1.0 if tags.get("tunnel", "").lower() not in NOT_SET else 0.0


def _cut_at_crossings(
    lines: Geometries, level: npt.NDArray[np.float64]
) -> tuple[Geometries, Indices]:
    """Cut lines where they cross or touch at one level, and where an end of one touches another.

    Returns
    -------
    tuple
        The pieces, and the line each was cut from.
    """
    tree = shapely.STRtree(lines)
    first, second = tree.query(lines, predicate="dwithin", distance=MEET_M)
    first, second = first[first != second], second[first != second]
    vertices = [shapely.points(shapely.get_coordinates(line)) for line in lines]
    cuts: dict[int, list[Shape]] = {}
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        theirs, mine = vertices[other], vertices[one]
        if level[one] == level[other]:
            crossing = _take_points(lines[one].intersection(lines[other]))
            mine = mine[shapely.dwithin(mine, lines[other], MEET_M)]
        else:
            crossing, theirs, mine = [], theirs[[0, -1]], mine[:0]
        touching = theirs[shapely.dwithin(theirs, lines[one], MEET_M)]
        cuts.setdefault(one, []).extend([*touching, *mine, *crossing])
    pieces: list[Shape] = []
    origin: list[int] = []
    for index, line in enumerate(lines):
        parts = _cut(line, cuts.get(index, []))
        pieces += parts
        origin += [index] * len(parts)
    return np.array(pieces, dtype=object), np.array(origin, dtype=np.intp)


def _take_points(shape: Shape) -> list[Shape]:
    """Return where two lines meet: the points, and the ends of the stretches they share."""
    points: list[Shape] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Point":
            points.append(part)
        elif not part.is_empty:
            points += [shapely.get_point(part, 0), shapely.get_point(part, -1)]
    return points


def _cut(line: Shape, points: Sequence[Shape]) -> list[Shape]:
    """Cut a line at points on it (or within `MEET_M` of it); the points become vertices."""
    if not points:
        return [line]
    vertices = shapely.get_coordinates(line)
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))]
    places = shapely.get_coordinates(points)
    offset = shapely.line_locate_point(np.array([line], dtype=object), np.array(points))
    inner = (offset > MEET_M) & (offset < along[-1] - MEET_M)
    order = np.lexsort((places[inner, 1], places[inner, 0], offset[inner]))
    offset, places = offset[inner][order], places[inner][order]
    pieces: list[Shape] = []
    start, begin = 0.0, vertices[0]
    for end, place in zip([*offset, along[-1]], [*places, vertices[-1]], strict=True):
        if end - start <= MEET_M and end != along[-1]:
            continue  # the same crossing, found from several sides
        between = vertices[(along > start + MEET_M / 2) & (along < end - MEET_M / 2)]
        pieces.append(shapely.LineString([begin, *between, place]))
        start, begin = end, place
    return pieces


def _number_places(places: Metres) -> Indices:
    """Give places within `MEET_M` of one another the same number."""
    pairs = KDTree(places).query_pairs(MEET_M, output_type="ndarray")
    links = coo_array(
        (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(places), len(places))
    )
    _, number = connected_components(links, directed=False)
    return np.asarray(number, dtype=np.intp)
