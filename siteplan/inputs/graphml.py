"""Roads from a graph that OSMnx saved as GraphML."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from siteplan.crs import WGS84, Datum, make_projection, project_geometry, to_wgs84
from siteplan.errors import Defect, InputError, Text
from siteplan.files import read_bytes, refuse_doctype
from siteplan.inputs.roads import EdgeTags, assemble_roads
from siteplan.inputs.tags import Crossings, is_walkable_throughout
from siteplan.model import Crossing, Geometries, Indices, Labels, Metres, Roads, Shape

TAGS = ("highway", "foot", "access", "motorroad", "bridge", "tunnel", "name")


@dataclass(frozen=True, slots=True, eq=False)
class RoadGraph:
    """A graph as OSMnx saved it; only what may be walked, where its edges have a `highway`.

    Attributes
    ----------
    crs
        Of the coordinates.
    x, y
        Of the nodes, shape (nodes,).
    tail, head
        Node at the start and the end of each edge, shape (edges,).
    lines
        From tail to head, shape (edges,).
    highway
        Tag of each edge.
    crossing, crossings
        Which bridge or tunnel each edge is part of, -1 for none; and what there are.
    """

    crs: str
    x: Metres
    y: Metres
    tail: Indices
    head: Indices
    lines: Geometries
    highway: Labels
    crossing: Indices
    crossings: tuple[Crossing, ...]


def read_graphml(path: Path, label: str, datum: Datum = "wgs84") -> RoadGraph:
    """Read a graph that OSMnx saved.

    Parameters
    ----------
    path, label
        The file and its name in messages.
    datum
        What its degrees really are; converted to WGS84.

    Raises
    ------
    InputError
        If it is not GraphML of OSMnx: a node without a place, an edge that is not a line, ….
    """
    import networkx as nx
    from networkx.exception import NetworkXError

    refuse_doctype(read_bytes(path, label), label)
    try:
        graph = nx.read_graphml(path, force_multigraph=True)
        names = sorted(graph.nodes)
        x, y = (np.array([float(graph.nodes[name][axis]) for name in names]) for axis in ("x", "y"))
        number = {name: index for index, name in enumerate(names)}
        edges = [(number[tail], number[head], tags) for tail, head, tags in graph.edges(data=True)]
        shapes = [shapely.from_wkt(tags.get("geometry")) for _, _, tags in edges]
        crs = pyproj.CRS.from_user_input(graph.graph.get("crs", WGS84))
    except (
        NetworkXError,
        SyntaxError,
        KeyError,
        ValueError,
        pyproj.exceptions.CRSError,
        shapely.errors.GEOSException,
    ) as error:
        reason = f"{type(error).__name__}: {error}"
        raise _refuse(label, reason) from error
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise _refuse(label, "x, y")
    if any(shape is not None and not _is_line(shape) for shape in shapes):
        raise _refuse(label, "geometry")
    ends = np.array([edge[:2] for edge in edges], dtype=np.intp).reshape(-1, 2)
    lines = _make_lines(shapes, np.stack([x[ends], y[ends]], axis=2))
    if crs.is_geographic:
        x, y = to_wgs84(x, y, datum, label)
        lines = project_geometry(lines, lambda lon, lat: to_wgs84(lon, lat, datum, label))
    tags = [{key: str(tags[key]) for key in TAGS if key in tags} for _, _, tags in edges]
    tagged = any("highway" in edge for edge in tags)
    walked = np.array([not tagged or is_walkable_throughout(edge) for edge in tags], dtype=np.bool_)
    crossings = Crossings()
    return RoadGraph(
        crs=crs.to_string(),
        x=x,
        y=y,
        tail=ends[walked, 0],
        head=ends[walked, 1],
        lines=lines[walked],
        highway=np.array([edge.get("highway", "") for edge in tags], dtype=np.str_)[walked],
        crossing=np.array([crossings.number(edge) for edge in tags], dtype=np.intp)[walked],
        crossings=tuple(crossings.found),
    )


def make_roads_of_graphml(graph: RoadGraph, crs: str) -> Roads:
    """Make roads of a graph; its two directions of a street become one edge.

    Parameters
    ----------
    graph
        As read.
    crs
        Working CRS.
    """
    roads = assemble_roads(
        tail=graph.tail,
        head=graph.head,
        lines=project_geometry(graph.lines, make_projection(graph.crs, crs)),
        tags=EdgeTags(graph.highway, graph.crossing, graph.crossings),
        ways=len(graph.lines),
    )
    return _drop_twins(roads)


def _drop_twins(roads: Roads) -> Roads:
    """Keep one of the edges between the same nodes along the same line."""
    shapes = [line.wkb for line in roads.lines]
    keys = list(zip(roads.tail.tolist(), roads.head.tolist(), shapes, strict=True))
    first = {key: index for index, key in reversed(list(enumerate(keys)))}
    keep = np.array(sorted(first.values()), dtype=np.intp)
    return replace(
        roads,
        tail=roads.tail[keep],
        head=roads.head[keep],
        lines=roads.lines[keep],
        length_m=roads.length_m[keep],
        highway=roads.highway[keep],
        crossing=roads.crossing[keep],
        ways=len(keep),
    )


def _make_lines(shapes: Sequence[Shape | None], ends: npt.NDArray[np.float64]) -> Geometries:
    """Return lines from tail to head, straight ones where an edge has no line of its own.

    An undirected graph holds each line once, drawn in either direction.
    """
    lines = np.asarray(shapely.linestrings(ends), dtype=object)
    drawn = np.array([shape is not None for shape in shapes], dtype=np.bool_)
    lines[drawn] = [shape for shape in shapes if shape is not None]
    begin = shapely.get_coordinates(shapely.get_point(lines, 0))
    from_tail, from_head = (np.hypot(*(begin - ends[:, end]).T) for end in (0, 1))
    backward = from_tail > from_head
    lines[backward] = shapely.reverse(lines[backward])
    return lines


def _is_line(shape: Shape) -> bool:
    return shape.geom_type == "LineString" and not shape.is_empty and shape.is_valid


def _refuse(label: str, reason: str) -> InputError:
    problem = Text(f"不是 OSMnx 的 GraphML（{reason}）", f"is not GraphML of OSMnx ({reason})")
    remedy = Text("请用 osmnx.save_graphml 重新保存", "Save it again with osmnx.save_graphml")
    return InputError(Defect(label, problem, remedy))
