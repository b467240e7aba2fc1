"""Files of a synthetic city: OSM PBF, GeoJSON, CSV and TOML, the same bytes on every run."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import osmium
from osmium.io import File, Header
from osmium.osm.mutable import Node, Way
from pyproj import Transformer

from city.grid import CENTRE_LAT, CENTRE_LON, WORKING_CRS, Floats

DECIMALS = 7
FIRST_NODE_ID = 9_100_000_001
FIRST_WAY_ID = 910_000_001
NODES_AT_A_TIME = 100_000


@cache
def _transformer() -> Transformer:
    """Make the transformation from the working CRS to WGS84, once."""
    return Transformer.from_crs(WORKING_CRS, "EPSG:4326", always_xy=True)


@cache
def _centre_m() -> tuple[float, float]:
    """Find the city's middle in the working CRS."""
    x, y = Transformer.from_crs("EPSG:4326", WORKING_CRS, always_xy=True).transform(
        CENTRE_LON, CENTRE_LAT
    )
    return float(x), float(y)


def to_lonlat(xy: Floats) -> Floats:
    """Convert metres from the city's middle into WGS84, shape (n, 2), rounded to 7 decimals."""
    east, north = _centre_m()
    lon, lat = _transformer().transform(xy[:, 0] + east, xy[:, 1] + north)
    lonlat: Floats = np.round(np.stack([lon, lat], axis=1), DECIMALS)
    return lonlat


@dataclass(slots=True)
class OsmDraft:
    """Nodes and ways for an OSM file, collected before they are written.

    Attributes
    ----------
    xy
        Chunks of node coordinates in metres from the city's middle.
    node_tags
        Tags by node number, for the few nodes that have any.
    ways
        Chunks of ways: tags and node numbers.
    count
        Nodes so far.
    """

    xy: list[Floats] = field(default_factory=list)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: list[tuple[dict[str, str], Sequence[int]]] = field(default_factory=list)
    count: int = 0

    def add_nodes(self, xy: Floats) -> int:
        """Add nodes and give the number of the first."""
        first = self.count
        self.xy.append(xy)
        self.count += len(xy)
        return first

    def add_line(self, xy: Floats, tags: dict[str, str]) -> None:
        """Add a way with nodes of its own."""
        first = self.add_nodes(xy)
        self.ways.append((tags, range(first, first + len(xy))))

    def add_ring(self, xy: Floats, tags: dict[str, str]) -> None:
        """Add a closed way with nodes of its own; the first corner is not repeated in `xy`."""
        first = self.add_nodes(xy)
        self.ways.append((tags, [*range(first, first + len(xy)), first]))

    def add_point(self, xy: Floats, tags: dict[str, str]) -> None:
        """Add one node with tags."""
        self.node_tags[self.add_nodes(xy.reshape(1, 2))] = tags


def write_osm(path: Path, draft: OsmDraft) -> None:
    """Write an OSM PBF file, sorted by type and id, without authors and dates."""
    header = Header()
    header.set("generator", "siteplan synthetic_city.py; 演示数据, not OpenStreetMap data")
    header.set("sorting", "Type_then_ID")
    target = File(str(path), "pbf,add_metadata=none")
    with osmium.SimpleWriter(target, header=header, overwrite=True) as writer:
        number = 0
        for chunk in draft.xy:
            for start in range(0, len(chunk), NODES_AT_A_TIME):
                for lon, lat in to_lonlat(chunk[start : start + NODES_AT_A_TIME]).tolist():
                    tags = draft.node_tags.get(number)
                    writer.add_node(Node(id=FIRST_NODE_ID + number, location=(lon, lat), tags=tags))
                    number += 1
        for index, (way_tags, nodes) in enumerate(draft.ways):
            ids = [FIRST_NODE_ID + node for node in nodes]
            writer.add_way(Way(id=FIRST_WAY_ID + index, nodes=ids, tags=way_tags))


def write_geojson(path: Path, features: Iterable[Mapping[str, Any]]) -> None:
    """Write a FeatureCollection (RFC 7946), one feature a line."""
    lines = ",\n".join(
        json.dumps(feature, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        for feature in features
    )
    write_text(path, f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n')


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file in UTF-8 with Unix line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 with Unix line ends, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
