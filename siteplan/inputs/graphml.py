"""Roads from a graph that OSMnx saved as GraphML."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj
import shapely

from siteplan.crs import WGS84, Datum, make_projection, project_geometry, to_wgs84
from siteplan.errors import Defect, InputError, Text
from siteplan.files import read_bytes
from siteplan.inputs.roads import assemble_roads
from siteplan.model import Geometries, Indices, Labels, Metres, Roads


def make_roads_of_graphml(path: Path, label: str, crs: str, datum: Datum = "wgs84") -> Roads:
    """Read a graph that OSMnx saved; its two directions of a street become one edge.

    Parameters
    ----------
    path, label
        The file and its name in messages.
    crs
        Working CRS.
    datum
        What its degrees really are.

    Raises
    ------
    InputError
        If it is not GraphML, or a node has no place.
    """
    graph = _parse_graphml(path, label)
    own_crs = graph.crs
    place = make_projection(own_crs, crs)
    moved = graph.x, graph.y
    if pyproj.CRS(own_crs).is_geographic:
        moved = to_wgs84(graph.x, graph.y, datum)
    x, y = place(*moved)

    def shift(lon: Metres, lat: Metres) -> tuple[Metres, Metres]:
        geographic = pyproj.CRS(own_crs).is_geographic
        return place(*(to_wgs84(lon, lat, datum) if geographic else (lon, lat)))

    lines = project_geometry(graph.lines, shift)
    straight = np.array([line is None for line in graph.lines])
    ends = np.stack([graph.tail[straight], graph.head[straight]], axis=1)
    lines[straight] = shapely.linestrings(np.stack([x[ends], y[ends]], axis=2))
    roads = assemble_roads(
        tail=graph.tail,
        head=graph.head,
        lines=lines,
        highway=graph.highway,
        ways=len(lines),
        missing_nodes=0,
    )
    return _drop_twins(roads)


def _drop_twins(roads: Roads) -> Roads:
    """Keep one of the edges between the same nodes along the same line."""
    shape = [line.wkb for line in roads.lines]
    keys = list(zip(roads.tail.tolist(), roads.head.tolist(), shape, strict=True))
    keep = np.array(sorted({key: index for index, key in reversed(list(enumerate(keys)))}.values()))
    return Roads(
        roads.node_x,
        roads.node_y,
        roads.tail[keep],
        roads.head[keep],
        roads.lines[keep],
        roads.length_m[keep],
        roads.highway[keep],
        len(keep),
        roads.missing_nodes,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """A graph as OSMnx saved it; a line is None where the street is straight."""

    crs: str
    x: Metres
    y: Metres
    tail: Indices
    head: Indices
    lines: Geometries
    highway: Labels


def _parse_graphml(path: Path, label: str) -> _Graph:
    import networkx as nx
    from networkx.exception import NetworkXError

    content = read_bytes(path, label)
    remedy = Text("请用 osmnx.save_graphml 重新保存", "Save it again with osmnx.save_graphml")
    if b"<!DOCTYPE" in content.upper():
        problem = Text("含有文档类型声明", "declares a document type")
        raise InputError(Defect(label, problem, Text("请删去它", "Take it out")))
    try:
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(nx.read_graphml(path, force_multigraph=True))
        names = sorted(graph.nodes)
        number = {name: index for index, name in enumerate(names)}
        x, y = (np.array([float(graph.nodes[name][axis]) for name in names]) for axis in ("x", "y"))
        edges = [
            (number[tail], number[head], values) for tail, head, values in graph.edges(data=True)
        ]
        shapes = [
            shapely.from_wkt(values["geometry"]) if "geometry" in values else None
            for _, _, values in edges
        ]
        crs = pyproj.CRS.from_user_input(graph.graph.get("crs", WGS84)).to_string()
    except (
        NetworkXError,
        SyntaxError,
        KeyError,
        ValueError,
        shapely.errors.GEOSException,
    ) as error:
        problem = Text(
            f"不是 OSMnx 的 GraphML（{error!r}）", f"is not GraphML of OSMnx ({error!r})"
        )
        raise InputError(Defect(label, problem, remedy)) from error
    if not edges or not (np.isfinite(x).all() and np.isfinite(y).all()):
        problem = Text("图中没有可用的道路", "holds no roads, or nodes without a place")
        raise InputError(Defect(label, problem, remedy))
    return _Graph(
        crs=crs,
        x=x,
        y=y,
        tail=np.array([tail for tail, _, _ in edges], dtype=np.intp),
        head=np.array([head for _, head, _ in edges], dtype=np.intp),
        lines=np.array([*shapes, None], dtype=object)[:-1],
        highway=np.array([str(values.get("highway", "")) for _, _, values in edges]),
    )
