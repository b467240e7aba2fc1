"""Roads from a graph that OSMnx saved."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import osmnx as ox
import pytest
import shapely

from siteplan.crs import from_wgs84
from siteplan.errors import InputError
from siteplan.inputs.graphml import make_roads_of_graphml, read_graphml
from siteplan.model import Roads

UTM = "EPSG:32649"
BEND = shapely.LineString([(112.5, 23.0), (112.5, 23.001), (112.501, 23.001)])
NODES = {1: (112.5, 23.0), 2: (112.501, 23.001), 3: (112.502, 23.001)}


def build(*edges: tuple[int, int, dict[str, Any]], crs: str = "EPSG:4326") -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(crs=crs)
    for number, (x, y) in NODES.items():
        graph.add_node(number, x=x, y=y)
    for tail, head, tags in edges:
        graph.add_edge(tail, head, **{"osmid": 1, "length": 99.0, "oneway": False} | tags)
    return graph


def both_ways(*edges: tuple[int, int, dict[str, Any]]) -> list[tuple[int, int, dict[str, Any]]]:
    back = [
        (head, tail, {key: BEND.reverse() if key == "geometry" else tags[key] for key in tags})
        for tail, head, tags in edges
    ]  # fmt: skip
    return [*edges, *back]


@pytest.fixture
def save(tmp_path: Path) -> Callable[[nx.MultiDiGraph], Roads]:
    """Return a function that saves a graph with OSMnx and reads it as roads."""

    def save(graph: nx.MultiDiGraph) -> Roads:
        ox.save_graphml(graph, tmp_path / "a.graphml")
        return make_roads_of_graphml(read_graphml(tmp_path / "a.graphml", "a.graphml"), UTM)

    return save


def test_the_two_directions_of_a_street_are_one_edge(save: Callable[..., Roads]) -> None:
    edges = both_ways((1, 2, {"geometry": BEND}), (2, 3, {}))
    roads = save(build(*edges))
    assert len(roads.lines) == 2
    assert len(roads.node_x) == 3
    # 0.001° at 23° N are 110.75 m of latitude and 102.5 m of longitude; UTM is 0.04 % short
    assert sorted(roads.length_m) == pytest.approx([102.5, 110.75 + 102.5], rel=1e-3)


def test_the_length_attribute_is_ignored(save: Callable[..., Roads]) -> None:
    assert save(build((2, 3, {"length": 5.0}))).length_m == pytest.approx([102.5], rel=1e-3)


def test_two_streets_between_the_same_corners_are_two_edges(save: Callable[..., Roads]) -> None:
    assert len(save(build(*both_ways((1, 2, {"geometry": BEND}), (1, 2, {})))).lines) == 2


def test_a_one_way_street_is_walked(save: Callable[..., Roads]) -> None:
    assert len(save(build((3, 2, {"oneway": True}))).lines) == 1


def test_an_undirected_graph_may_draw_a_line_from_either_end(tmp_path: Path) -> None:
    graph = nx.MultiGraph(crs="EPSG:4326")
    graph.add_nodes_from((n, {"x": x, "y": y}) for n, (x, y) in NODES.items())
    graph.add_edge(1, 2, geometry=BEND.reverse().wkt)
    graph.add_edge(2, 3)
    nx.write_graphml(graph, tmp_path / "a.graphml")
    roads = make_roads_of_graphml(read_graphml(tmp_path / "a.graphml", "a"), UTM)
    assert len(roads.lines) == 2
    for edge, line in enumerate(roads.lines):
        for node, end in ((roads.tail[edge], line.coords[0]), (roads.head[edge], line.coords[-1])):
            assert (roads.node_x[node], roads.node_y[node]) == pytest.approx(end)


def test_only_what_may_be_walked_is_read(save: Callable[..., Roads]) -> None:
    roads = save(
        build(
            (1, 2, {"highway": "motorway_link"}),
            (2, 3, {"highway": ["residential", "service"]}),
            (1, 3, {"highway": "service", "access": "private"}),
        )
    )
    assert len(roads.lines) == 1
    assert len(roads.node_x) == 2


def test_without_tags_every_edge_is_walked(save: Callable[..., Roads]) -> None:
    assert save(build((1, 2, {}), (2, 3, {}))).highway.tolist() == ["", ""]


def test_a_projected_graph_keeps_its_metres(save: Callable[..., Roads]) -> None:
    graph = ox.project_graph(build((2, 3, {}), (1, 2, {"geometry": BEND})), to_crs="EPSG:4547")
    plain = save(build((2, 3, {}), (1, 2, {"geometry": BEND})))
    assert save(graph).length_m == pytest.approx(plain.length_m, abs=1e-3)


def test_the_degrees_of_a_web_map_are_undone(tmp_path: Path) -> None:
    lon, lat = from_wgs84(*np.array([*NODES.values()]).T, "gcj02")
    graph = build((1, 2, {}), (2, 3, {}))
    for number, x, y in zip(NODES, lon.tolist(), lat.tolist(), strict=True):
        graph.nodes[number].update(x=x, y=y)
    ox.save_graphml(graph, tmp_path / "a.graphml")
    read = read_graphml(tmp_path / "a.graphml", "a", "gcj02")
    assert read.x == pytest.approx([x for x, _ in NODES.values()], abs=1e-10)
    assert read.lines[0].length == pytest.approx(np.hypot(0.001, 0.001), abs=1e-9)


def test_the_order_of_edges_changes_nothing(save: Callable[..., Roads]) -> None:
    edges = both_ways((1, 2, {"geometry": BEND}), (1, 2, {}), (2, 3, {}), (3, 1, {}))
    one, other = save(build(*edges)), save(build(*edges[::-1]))
    assert [line.wkb for line in one.lines] == [line.wkb for line in other.lines]
    assert one.tail.tolist() == other.tail.tolist()
    assert one.head.tolist() == other.head.tolist()


GRAPH = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{}</graphml>'
KEYS = (
    '<key id="x" for="node" attr.name="x" attr.type="string"/>'
    '<key id="y" for="node" attr.name="y" attr.type="string"/>'
    '<key id="g" for="edge" attr.name="geometry" attr.type="string"/>'
    '<graph edgedefault="directed"><node id="1"><data key="x">{x}</data><data key="y">23</data>'
    '</node><edge source="1" target="1"><data key="g">{g}</data></edge></graph>'
)


@pytest.mark.parametrize(
    "text",
    [
        "no xml",
        GRAPH.format(""),
        GRAPH.format('<graph edgedefault="directed"><node id="1"/></graph>'),
        GRAPH.format(KEYS.format(x="here", g="LINESTRING (113 23, 114 23)")),
        GRAPH.format(KEYS.format(x="nan", g="LINESTRING (113 23, 114 23)")),
        GRAPH.format(KEYS.format(x="113", g="LINESTRING (113 23")),
        GRAPH.format(KEYS.format(x="113", g="POINT (113 23)")),
        GRAPH.format(KEYS.format(x="113", g="LINESTRING EMPTY")),
        "<graphml",
    ],
)
def test_what_is_no_graph_of_osmnx_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.graphml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"^a\.graphml: is not GraphML of OSMnx .* osmnx\.save_gr"):
        read_graphml(tmp_path / "a.graphml", "a.graphml")


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    text = "<!DOCTYPE graphml [<!ENTITY a 'aaaa'>]>" + GRAPH.format("")
    (tmp_path / "a.graphml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="declares a document type"):
        read_graphml(tmp_path / "a.graphml", "a.graphml")


@pytest.mark.real
def test_futian_is_read_as_osmnx_saved_it(real_data: Path) -> None:
    path = real_data / "shenzhen" / "futian_drive_osmnx122.graphml"
    roads = make_roads_of_graphml(read_graphml(path, "futian"), "EPSG:4547")
    graph = nx.read_graphml(path)
    streets = [
        (frozenset(pair), tags)
        for *pair, tags in graph.edges(data=True)
        if not {"motorway_link", "cycleway"} & set(re.findall(r"\w+", tags["highway"]))
        and tags.get("access") not in {"no", "private"}
    ]
    # every street is there, its two directions at most once each
    assert len({pair for pair, _ in streets}) <= len(roads.lines) <= len(streets)
    lon_lat_m = {float(tags["length"]) for _, tags in streets}
    assert roads.length_m.max() == pytest.approx(max(lon_lat_m), rel=2e-3)
    assert not {name for name in roads.highway.tolist() if "motorway" in name}
