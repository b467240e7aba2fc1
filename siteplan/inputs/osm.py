"""OpenStreetMap extracts, read once into arrays: what is walked, lived in, used, and drawn.

An extract is usually clipped: a way goes on outside it, and some of its nodes are not in the file.
Such a way is read as far as it goes, and what is lost is counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import osmium
import shapely
from osmium.filter import KeyFilter
from osmium.osm import Area, Node, Relation, Way

from siteplan.crs import Datum, project_geometry, to_wgs84
from siteplan.errors import Defect, InputError, Text
from siteplan.files import refuse_doctype
from siteplan.geometry import stand_inside
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.inputs.osm_shapes import (
    WKB,
    close_lines,
    draw_way,
    mend_shapes,
    read_shapes,
    split_way,
)
from siteplan.inputs.tags import (
    GREEN,
    SERVICES,
    Crossings,
    find_name,
    find_names,
    find_service,
    find_stop,
    is_barrier,
    is_green,
    is_motorway,
    is_rail,
    is_residential,
    is_walkable,
    is_water,
    parse_levels,
)
from siteplan.model import NAMED_ROADS, PLACE_KINDS, Geometries, Labels, Metres

LICENCE = "ODbL 1.0, © OpenStreetMap contributors"
SUFFIXES = {".osm.pbf": "pbf", ".pbf": "pbf", ".osm": "osm"}
PROLOGUE = 4096  # bytes of an XML file in which a document type would be declared

GROUND_KEYS = ("building", "natural", "waterway", *GREEN)
AREA_KEYS = tuple(dict.fromkeys((*GROUND_KEYS, "railway", "public_transport", *SERVICES)))
KEYS = ("highway", "barrier", "place", *AREA_KEYS)
OUTER = ("w", "outer")  # type and role of a way around an area
SMALLEST_RING = 4  # references of a closed way, the first one twice

Ground = Literal["home", "water", "green"]


def is_osm(path: Path) -> bool:
    """Whether a file is an OpenStreetMap extract by its name."""
    return _find_format(path) is not None


def read_osm(path: Path, label: str, datum: Datum = "wgs84") -> OsmExtract:
    """Read an extract in PBF or XML.

    Parameters
    ----------
    path, label
        The file and its name in messages.
    datum
        What its degrees really are; converted to WGS84.

    Raises
    ------
    InputError
        If it is not an OpenStreetMap file, is cut off, or declares a document type.
    """
    kind = _find_format(path) or "pbf"
    if kind == "osm":
        with path.open("rb") as stream:
            refuse_doctype(stream.read(PROLOGUE), label)
    gathered = _Gathered()
    try:
        drawn = _find_drawn(path, kind)
        gathered.lost_buildings = len(drawn.homes)  # until their areas turn up
        for item in _iterate(path, kind):
            if isinstance(item, Way):
                gathered.take_way(item, drawn)
            elif isinstance(item, Node):
                gathered.take_node(item)
            else:
                gathered.take_area(item, drawn.homes)
    except (RuntimeError, OSError) as error:  # what osmium raises on a file it cannot parse
        problem = Text(f"不是完整的 OSM 文件（{error}）", f"is not a whole OSM file ({error})")
        remedy = Text(
            "请重新下载，或用 osmium sort 排序", "Download it again, or sort it with osmium sort"
        )
        raise InputError(Defect(label, problem, remedy)) from error
    return gathered.to_extract(datum, label)


class _Drawn(NamedTuple):
    """What relations draw: the area of such a way counts once, with its relation.

    Attributes
    ----------
    outlines
        Outer ways of buildings and water.
    green
        Outer ways of green areas.
    homes
        Relations people live in.
    """

    outlines: frozenset[int]
    green: frozenset[int]
    homes: frozenset[int]

    def holds(self, way: int, ground: Ground) -> bool:
        return way in (self.green if ground == "green" else self.outlines)


@dataclass(slots=True)
class _Spots:
    """Places of some kind and name: rings of ways, and other shapes, as hexadecimal WKB."""

    rings: list[tuple[str, str, str]] = field(default_factory=list)
    shapes: list[tuple[str, str, str]] = field(default_factory=list)

    def place(self) -> tuple[Labels, Labels, Geometries]:
        """Return kind, name and point of each; one whose shape comes to nothing is left out."""
        found = self.rings + self.shapes
        rings = shapely.polygons(close_lines(read_shapes([ring for ring, _, _ in self.rings])))
        shapes = mend_shapes(np.r_[rings, read_shapes([shape for shape, _, _ in self.shapes])])
        lines = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
        shapes[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
        standing = ~shapely.is_empty(shapes)
        kind, name = (
            np.array([words[index] for words in found], dtype=np.str_)[standing] for index in (1, 2)
        )
        return kind, name, stand_inside(shapes[standing])


@dataclass(slots=True)
class _Gathered:
    """What has been read so far; lines and areas as hexadecimal WKB, made into shapes at once.

    `outlines` are rings of ways, `areas` those of relations; each has what ground it is and its
    storeys. `places` are points, `named` lines; each has its tag and its name in both languages.
    """

    refs: list[int] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    highway: list[str] = field(default_factory=list)
    crossing: list[int] = field(default_factory=list)
    crossings: Crossings = field(default_factory=Crossings)
    ways: int = 0
    missing_nodes: int = 0
    outlines: list[tuple[str, Ground, float]] = field(default_factory=list)
    areas: list[tuple[str, Ground, float]] = field(default_factory=list)
    lost_buildings: int = 0
    barriers: list[str] = field(default_factory=list)
    rail: list[str] = field(default_factory=list)
    motorways: list[str] = field(default_factory=list)
    places: list[tuple[str, str, Text]] = field(default_factory=list)
    named: list[tuple[str, str, Text]] = field(default_factory=list)
    services: _Spots = field(default_factory=_Spots)
    stops: _Spots = field(default_factory=_Spots)

    def take_node(self, node: Node) -> None:
        """Keep a node that is a public service, a stop or the name of a place."""
        tags = {tag.k: tag.v for tag in node.tags}
        if not node.location.valid():
            return
        for spots, kind in self._sort(tags):
            spots.shapes.append((WKB.create_point(node), kind, find_name(tags)))
        place = tags.get("place")
        if place in PLACE_KINDS:
            names = find_names(tags)
            if names.zh:
                self.places.append((WKB.create_point(node), place, names))

    def take_way(self, way: Way, drawn: _Drawn) -> None:
        """Keep a way that is walked, a barrier, rails, an area, a service or a stop."""
        tags = {tag.k: tag.v for tag in way.tags}
        self._take_line(way, tags)
        ground, kinds = _find_ground(tags), self._sort(tags)
        counted = ground is None or drawn.holds(way.id, ground)
        if counted and not kinds:
            return
        closed = len(way.nodes) >= SMALLEST_RING and way.is_closed()
        ring = draw_way(way) if closed else None
        for spots, kind in kinds:
            if ring is not None:
                spots.rings.append((ring, kind, find_name(tags)))
            elif spots is self.stops:  # a platform may be drawn as a line, also a clipped one
                spots.shapes += [(line, kind, find_name(tags)) for _, line in split_way(way)[0][:1]]
        if counted or ground is None:
            return
        if ring is not None:
            self.outlines.append((ring, ground, parse_levels(tags.get("building:levels"))))
        elif ground == "home":
            self.lost_buildings += 1

    def take_area(self, area: Area, homes: frozenset[int]) -> None:
        """Keep a multipolygon relation that is a building, water, green, a service or a stop."""
        if area.from_way():
            return
        tags = {tag.k: tag.v for tag in area.tags}
        ground, kinds = _find_ground(tags), self._sort(tags)
        self.lost_buildings -= area.orig_id() in homes
        if not (ground or kinds):
            return
        outline = WKB.create_multipolygon(area)
        for spots, kind in kinds:
            spots.shapes.append((outline, kind, find_name(tags)))
        if ground:
            self.areas.append((outline, ground, parse_levels(tags.get("building:levels"))))

    def _sort(self, tags: Mapping[str, str]) -> list[tuple[_Spots, str]]:
        """Return where a place belongs, among services, stops or both, and its kind there."""
        kinds = ((self.services, find_service(tags)), (self.stops, find_stop(tags)))
        return [(spots, kind) for spots, kind in kinds if kind is not None]

    def _take_line(self, way: Way, tags: Mapping[str, str]) -> None:
        """Keep what the file holds of a road, a barrier, or rails: every run of nodes."""
        highway = tags.get("highway", "")
        walked, rail = bool(highway) and is_walkable(tags), is_rail(tags)
        barrier, motorway = not walked and is_barrier(tags), not walked and is_motorway(tags)
        named = highway in NAMED_ROADS and bool(find_name(tags))
        if not (walked or barrier or rail or motorway or named):
            return
        runs, missing = split_way(way)
        lines = [line for _, line in runs]
        if walked:
            self._take_road(runs, tags)
            self.missing_nodes += missing
        elif barrier:
            self.barriers += lines
        if rail:
            self.rail += lines
        if motorway:
            self.motorways += lines
        if named:
            names = find_names(tags)
            self.named += [(line, highway, names) for line in lines]

    def _take_road(self, runs: Sequence[tuple[list[int], str]], tags: Mapping[str, str]) -> None:
        """Keep every run of at least two nodes that the file holds."""
        self.ways += bool(runs)
        crossing = self.crossings.number(tags)
        for refs, line in runs:
            self.refs += refs
            self.runs.append(line)
            self.highway.append(tags["highway"])
            self.crossing.append(crossing)

    def to_extract(self, datum: Datum, label: str) -> OsmExtract:
        """Return it as arrays in WGS84."""

        def move(lon: Metres, lat: Metres) -> tuple[Metres, Metres]:
            return to_wgs84(lon, lat, datum, label)

        places, run = shapely.get_coordinates(read_shapes(self.runs), return_index=True)
        polygons = np.r_[
            shapely.polygons(close_lines(read_shapes([line for line, _, _ in self.outlines]))),
            read_shapes([area for area, _, _ in self.areas]),
        ]
        ground = np.array([kind for _, kind, _ in self.outlines + self.areas], dtype=np.str_)
        levels = np.array([levels for _, _, levels in self.outlines + self.areas])
        polygons = mend_shapes(polygons)
        whole = ~shapely.is_empty(polygons)
        home = ground == "home"
        place_lon, place_lat = move(
            *shapely.get_coordinates(read_shapes([point for point, _, _ in self.places])).T
        )
        service_kind, service_name, services = self.services.place()
        stop_kind, stop_name, stops = self.stops.place()
        service_lon, service_lat = move(shapely.get_x(services), shapely.get_y(services))
        stop_lon, stop_lat = move(shapely.get_x(stops), shapely.get_y(stops))
        lon, lat = move(*places.T)
        return OsmExtract(
            refs=np.array(self.refs, dtype=np.int64),
            lon=lon,
            lat=lat,
            run=run,
            highway=np.array(self.highway, dtype=np.str_),
            crossing=np.array(self.crossing, dtype=np.intp),
            crossing_kind=np.array([c.kind for c in self.crossings.found], dtype=np.str_),
            crossing_name=np.array([c.name for c in self.crossings.found], dtype=np.str_),
            ways=self.ways,
            missing_nodes=self.missing_nodes,
            buildings=project_geometry(polygons[home & whole], move),
            levels=levels[home & whole].astype(np.float64),
            lost_buildings=self.lost_buildings + int((home & ~whole).sum()),
            water=project_geometry(polygons[(ground == "water") & whole], move),
            barriers=project_geometry(read_shapes(self.barriers), move),
            green=project_geometry(polygons[(ground == "green") & whole], move),
            rail=project_geometry(read_shapes(self.rail), move),
            motorways=project_geometry(read_shapes(self.motorways), move),
            place_kind=np.array([kind for _, kind, _ in self.places], dtype=np.str_),
            place_zh=np.array([name.zh for _, _, name in self.places], dtype=np.str_),
            place_en=np.array([name.en for _, _, name in self.places], dtype=np.str_),
            place_lon=place_lon,
            place_lat=place_lat,
            named_roads=project_geometry(read_shapes([line for line, _, _ in self.named]), move),
            named_highway=np.array([kind for _, kind, _ in self.named], dtype=np.str_),
            named_zh=np.array([name.zh for _, _, name in self.named], dtype=np.str_),
            named_en=np.array([name.en for _, _, name in self.named], dtype=np.str_),
            service_kind=service_kind,
            service_name=service_name,
            service_lon=service_lon,
            service_lat=service_lat,
            stop_kind=stop_kind,
            stop_name=stop_name,
            stop_lon=stop_lon,
            stop_lat=stop_lat,
        )


def _find_format(path: Path) -> str | None:
    name = path.name.lower()
    return next((kind for suffix, kind in SUFFIXES.items() if name.endswith(suffix)), None)


def _find_ground(tags: Mapping[str, str]) -> Ground | None:
    """Return what an area is, the first that it may be; None for nothing of ours."""
    if is_residential(tags):
        return "home"
    if is_water(tags):
        return "water"
    return "green" if is_green(tags) else None


def _find_drawn(path: Path, kind: str) -> _Drawn:
    """Return what relations of buildings, water and green areas draw."""
    processor = osmium.FileProcessor(osmium.io.File(str(path), kind), osmium.osm.RELATION)
    outlines: set[int] = set()
    green: set[int] = set()
    homes: set[int] = set()
    for relation in processor.with_filter(KeyFilter(*GROUND_KEYS)):
        if not isinstance(relation, Relation):
            continue
        tags = {tag.k: tag.v for tag in relation.tags}
        if tags.get("type") != "multipolygon":
            continue
        outer = {member.ref for member in relation.members if (member.type, member.role) == OUTER}
        if "building" in tags or is_water(tags):
            outlines |= outer
            homes |= {relation.id} if is_residential(tags) else set()
        elif is_green(tags):
            green |= outer
    return _Drawn(frozenset(outlines), frozenset(green), frozenset(homes))


def _iterate(path: Path, kind: str) -> Iterator[Node | Way | Area]:
    """Yield nodes, ways with the places of their nodes, and areas of multipolygon relations."""
    file = osmium.io.File(str(path), kind)
    processor = osmium.FileProcessor(file).with_areas(KeyFilter(*AREA_KEYS))
    for item in processor.with_filter(KeyFilter(*KEYS)):
        if isinstance(item, Node | Way | Area):
            yield item
