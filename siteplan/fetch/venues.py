"""Public buildings that might take a community centre in: candidates, for a first look."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
import shapely
from osmium.filter import KeyFilter
from osmium.osm import Area, Node

from siteplan.errors import Text
from siteplan.fetch.wanted import CutSubdistrict
from siteplan.geometry import stand_inside
from siteplan.inputs.osm_shapes import WKB, mend_shapes, read_shapes
from siteplan.inputs.tags import SERVICES, find_name, find_service

CANDIDATES = {
    "arts_centre": Text("文化艺术中心", "arts centre"),
    "community_centre": Text("社区中心", "community centre"),
    "government": Text("政府机关", "public office"),
    "library": Text("图书馆", "library"),
    "public_building": Text("公共建筑", "public building"),
    "social_centre": Text("社会活动中心", "social centre"),
    "social_facility": Text("社会福利设施", "social facility"),
    "townhall": Text("镇政府、市政厅", "town hall"),
}
"""Kinds of public service, as `siteplan.inputs.tags` has them, whose premises a city may use.

Schools and kindergartens are left out: their grounds are closed to the public. So are hospitals,
police and fire stations, and courts."""


@dataclass(frozen=True, slots=True)
class Venue:
    """A public building.

    Attributes
    ----------
    id
        Of the proposal: `osm-` and the letter and number of the object.
    osm
        `node/ID`, `way/ID` or `relation/ID`.
    kind, name
        What it is, and what it is called; the name is empty if it has none.
    subdistrict
        Code of the one that it lies in.
    lon, lat
        Degrees.
    """

    id: str
    osm: str
    kind: str
    name: str
    subdistrict: str
    lon: float
    lat: float


def find_venues(path: Path, subdistricts: tuple[CutSubdistrict, ...]) -> tuple[Venue, ...]:
    """Return the public buildings in subdistricts, in order of subdistrict and id.

    One on a border is of the first subdistrict.

    Parameters
    ----------
    path
        OpenStreetMap file of the case.
    subdistricts
        Of the case.
    """
    rows: list[tuple[str, int, str, str]] = []
    shapes: list[str] = []
    file = osmium.io.File(str(path), "pbf")
    processor = osmium.FileProcessor(file).with_areas(KeyFilter(*SERVICES))
    for item in processor.with_filter(KeyFilter(*SERVICES)):
        if not isinstance(item, Node | Area):
            continue
        tags = {tag.k: tag.v for tag in item.tags}
        kind = find_service(tags)
        if kind not in CANDIDATES:
            continue
        if isinstance(item, Node):
            rows.append(("node", item.id, kind, find_name(tags)))
            shapes.append(WKB.create_point(item))
        else:
            what = "way" if item.from_way() else "relation"
            rows.append((what, item.orig_id(), kind, find_name(tags)))
            shapes.append(WKB.create_multipolygon(item))
    areas = mend_shapes(read_shapes(shapes))
    standing = ~shapely.is_empty(areas)
    points = stand_inside(areas[standing])
    grounds = np.array([each.shape for each in subdistricts], dtype=object)
    point, ground = shapely.STRtree(grounds).query(points, predicate="intersects")
    first: dict[int, int] = {}
    for index, where in sorted(zip(point.tolist(), ground.tolist(), strict=True)):
        first.setdefault(index, where)
    kept = [row for row, stands in zip(rows, standing.tolist(), strict=True) if stands]
    venues = [
        Venue(
            f"osm-{kept[index][0][0]}{kept[index][1]}",
            f"{kept[index][0]}/{kept[index][1]}",
            kept[index][2],
            kept[index][3],
            subdistricts[where].code,
            round(points[index].x, 7),
            round(points[index].y, 7),
        )
        for index, where in first.items()
    ]
    return tuple(sorted(venues, key=lambda each: (each.subdistrict, each.id)))
