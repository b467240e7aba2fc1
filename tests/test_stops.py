"""Stops of public transport: from their own layer, or from OpenStreetMap."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from math import dist
from pathlib import Path

import osmium
import pyproj
import pytest
import shapely

from siteplan.inputs import tags
from siteplan.inputs.osm import read_osm
from siteplan.inputs.stops import make_stops_of_layer, make_stops_of_osm
from siteplan.inputs.vector import POINTS, read_layer
from siteplan.model import Stops

Write = Callable[..., Path]
CRS = "EPSG:4547"
STEP = 0.0007  # of longitude: about 72 m


def say(found: Stops) -> list[tuple[str, str]]:
    """Return kind and name of those that count."""
    kind, name = found.kind[found.first], found.name[found.first]
    return list(zip(kind.tolist(), name.tolist(), strict=True))


def at(steps: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [113.3 + steps * STEP, 23.1]}


def read(path: Path, **columns: str) -> Stops:
    layer = read_layer(path, path.name, kinds=POINTS, columns=columns)
    return make_stops_of_layer(layer, columns, CRS)


def test_a_layer_gives_kind_name_and_place_in_that_order(
    tmp_path: Path, write_geojson: Write
) -> None:
    path = write_geojson(
        tmp_path / "stops.geojson",
        (at(40), {"kind": "地铁站", "name": "体育西路"}),
        (at(20), {"name": "天河路\n"}),
        (at(0), {"name": "天河路"}),
        (at(60), {"kind": " "}),
    )
    found = read(path)
    assert say(found) == [
        ("stop", ""), ("stop", "天河路"), ("stop", "天河路"), ("地铁站", "体育西路"),
    ]  # fmt: skip
    assert found.x[1] < found.x[2]
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform
    assert back(found.x[1], found.y[1]) == pytest.approx((113.3, 23.1), abs=1e-9)


def test_a_layer_may_be_a_table_of_places_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lon,lat\n113.3,23.1\n113.4,23.1\n", encoding="utf-8")
    assert say(read(tmp_path / "a.csv")) == [("stop", ""), ("stop", "")]
    (tmp_path / "a.csv").write_text("lon,lat,站名,类\n113.3,23.1,甲,公交\n", encoding="utf-8")
    assert say(read(tmp_path / "a.csv", name="站名", kind="类")) == [("公交", "甲")]


def test_one_name_within_100_m_is_one_stop_of_whatever_kind(
    tmp_path: Path, write_geojson: Write
) -> None:
    path = write_geojson(
        tmp_path / "a.geojson",
        (at(0), {"kind": "platform", "name": "A"}),
        (at(1), {"kind": "bus_stop", "name": "A"}),
        (at(2), {"kind": "bus_stop", "name": "A"}),
        (at(3), {"kind": "bus_stop", "name": "A"}),
        (at(0), {"kind": "bus_stop", "name": "B"}),
    )
    found = read(path)
    assert say(found) == [("bus_stop", "A"), ("bus_stop", "A"), ("bus_stop", "B")]
    west, east, _ = found.x[found.first].tolist()
    assert east - west == pytest.approx(2 * 71.7, abs=1)
    assert found.kind.tolist() == [*4 * ["bus_stop"], "platform"]  # walks lead to each of them


def test_without_a_name_only_one_kind_is_one(tmp_path: Path, write_geojson: Write) -> None:
    kinds = ("bus_stop", "bus_stop", "platform", "tram_stop")
    path = write_geojson(
        tmp_path / "a.geojson", *((at(0.1 * i), {"kind": k}) for i, k in enumerate(kinds))
    )
    assert say(read(path)) == [("bus_stop", ""), ("platform", ""), ("tram_stop", "")]
    # a kind is no name
    path = write_geojson(tmp_path / "a.geojson", (at(0), {"kind": "x"}), (at(0), {"name": "x"}))
    assert say(read(path)) == [("stop", "x"), ("x", "")]


def test_every_entrance_of_the_underground_is_kept(tmp_path: Path, write_geojson: Write) -> None:
    entrance = {"kind": "subway_entrance", "name": "A"}
    path = write_geojson(
        tmp_path / "a.geojson", *((at(0.2 * n), entrance) for n in range(3)),
        (at(0), {"kind": "bus_stop", "name": "A"}),
    )  # fmt: skip
    assert say(read(path)) == [("bus_stop", "A"), *3 * [("subway_entrance", "A")]]


def test_an_extract_gives_its_stops(tmp_path: Path) -> None:
    def node(number: int, steps: float, **tags: str) -> str:
        said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        lon = 113.3 + steps * STEP
        return f'<node id="{number}" lon="{lon}" lat="23.1" version="1">{said}</node>'

    nodes = [
        node(1, 0, highway="bus_stop", name="天河"),
        node(2, 0.2, public_transport="platform", name="天河", bus="yes"),
        node(3, 0.1, public_transport="stop_position", name="天河", bus="yes"),
        node(4, 0.1, public_transport="stop_position"),
        node(5, 0.3, railway="station", station="subway", name="天河"),
        node(6, 5, railway="subway_entrance", ref="A"),
        node(7, 5.1, railway="subway_entrance", ref="B"),
        node(8, 9, highway="crossing"),
    ]
    path = tmp_path / "a.osm"
    path.write_text(f'<osm version="0.6">{"".join(nodes)}</osm>', encoding="utf-8")
    found = make_stops_of_osm(read_osm(path, "a.osm"), CRS)
    assert say(found) == [("subway", "天河"), ("subway_entrance", ""), ("subway_entrance", "")]


def test_an_extract_without_stops_has_none(write_osm: Write) -> None:
    path = write_osm({1: (113.3, 23.1), 2: (113.4, 23.1)}, {1: ([1, 2], {"highway": "path"})})
    assert say(make_stops_of_osm(read_osm(path, "a"), CRS)) == []


def test_every_tag_of_a_stop_is_documented() -> None:
    method = (Path(__file__).parents[1] / "docs" / "method.md").read_text(encoding="utf-8")
    section = method.split("## Stops of public transport")[1].split("\n## ")[0]
    rows = re.findall(
        r"^\| \[`(\w+)`\]\(https://wiki\.openstreetmap\.org/\S+\) \|(.*)\|$", section, re.MULTILINE
    )
    documented = {key: set(re.findall(r"`(\w+)`", row)) for key, row in rows}
    assert documented == {key: set(values) for key, values in tags.STOPS.items()}


# What an independent reader finds. Written from docs/method.md, sharing nothing with the code.
KINDS = ["subway", "station", "ferry_terminal", "bus_station", "tram_stop", "bus_stop", "platform"]


def kind_of(tags: dict[str, str]) -> str | None:
    wanted = [
        tags.get("highway") in {"bus_stop", "platform"} and tags["highway"],
        tags.get("railway") in {"tram_stop", "subway_entrance", "platform"} and tags["railway"],
        tags.get("railway") in {"station", "halt"} and "station",
        tags.get("amenity") in {"bus_station", "ferry_terminal"} and tags["amenity"],
        tags.get("public_transport") in {"platform", "station"} and tags["public_transport"],
    ]
    kind = next(filter(None, wanted), None)
    return "subway" if kind == "station" and tags.get("station") == "subway" else kind


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "crs"),
    [("liechtenstein/liechtenstein-latest.osm.pbf", "EPSG:32632"),
     ("porto_alegre/poa_osm.pbf", "EPSG:32722")],
)  # fmt: skip
def test_real_extracts_have_what_an_independent_reader_finds(
    real_data: Path, name: str, crs: str
) -> None:
    path = real_data / name
    found = make_stops_of_osm(read_osm(path, "roads"), crs)
    project = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    groups = defaultdict(list)
    for index, (kind, called, point) in enumerate(list_stops(path)):
        key = (index,) if kind == "subway_entrance" else ("", kind) if not called else (called,)
        rank = KINDS.index(kind) if kind in KINDS else len(KINDS)
        groups[key].append((rank, kind, *project(*point), called))
    expected = []
    for stops in groups.values():
        kept: list[tuple[float, float]] = []
        for _, kind, x, y, called in sorted(stops):
            if all(dist((x, y), other) > 100 for other in kept):
                kept.append((x, y))
                expected.append((kind, called))
    assert say(found) == sorted(expected)
    assert len(found.x) == sum(map(len, groups.values()))
    assert len(expected) > 100


def list_stops(path: Path) -> Iterator[tuple[str, str, tuple[float, float]]]:
    """Yield kind, name and place: of nodes, of ways whole or in part, of multipolygons."""
    for item in osmium.FileProcessor(path).with_areas():
        tags = {tag.k: tag.v for tag in item.tags}
        kind, name = kind_of(tags), tags.get("name", "")
        if kind is None:
            continue
        if item.is_node():
            yield kind, name, (item.lon, item.lat)
        elif item.is_way():
            line = [(node.lon, node.lat) for node in item.nodes if node.location.valid()]
            if item.is_closed() and len(line) == len(item.nodes) > 3:
                yield kind, name, shapely.Polygon(line).centroid.coords[0]
            elif len(line) > 1:
                yield (
                    kind,
                    name,
                    shapely.LineString(line).interpolate(0.5, normalized=True).coords[0],
                )
        elif item.is_area() and not item.from_way():
            (ring, *_) = item.outer_rings()
            outline = shapely.Polygon([(node.lon, node.lat) for node in ring])
            yield kind, name, outline.centroid.coords[0]
