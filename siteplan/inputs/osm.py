"""OpenStreetMap extracts, read once into arrays: roads, buildings, services, stops and water.

An extract is usually clipped: a way goes on outside it, and some of its nodes are not in the file.
Such a way is read as far as it goes, and what is lost is counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import osmium
import shapely
from osmium.filter import KeyFilter
from osmium.osm import Area, Node, Relation, Way

from siteplan.crs import Datum, project_geometry, to_wgs84
from siteplan.errors import Defect, InputError, Text
from siteplan.files import refuse_doctype
from siteplan.geometry import stand_inside
from siteplan.inputs.tags import (
    SERVICES,
    Crossings,
    find_name,
    find_service,
    find_stop,
    is_barrier,
    is_residential,
    is_walkable,
    is_water,
    parse_levels,
)
from siteplan.model import Crossing, Geometries, Labels, Metres

LICENCE = "ODbL 1.0, © OpenStreetMap contributors"
SUFFIXES = {".osm.pbf": "pbf", ".pbf": "pbf", ".osm": "osm"}
PROLOGUE = 4096  # bytes of an XML file in which a document type would be declared

AREA_KEYS = ("building", "natural", "waterway", "railway", "public_transport", *SERVICES)
KEYS = ("highway", "barrier", *AREA_KEYS)
SMALLEST_RING = 4  # references of a closed way, the first one twice
SMALLEST_LINE = 2
WKB = osmium.geom.WKBFactory()


@dataclass(frozen=True, slots=True, eq=False)
class OsmExtract:
    """What an OpenStreetMap file holds for us, in WGS84 degrees.

    Attributes
    ----------
    refs
        Node ids of all walkable ways, one run of present nodes after the other.
    lon, lat
        Of these nodes, shape (refs,).
    run
        Number of the run each reference belongs to, ascending.
    highway
        Tag of each run.
    crossing
        Number of the bridge or tunnel that each run is, -1 for none.
    crossing_kind, crossing_name
        Of each bridge and tunnel; the name is empty if there is none.
    ways, missing_nodes
        Walkable ways of which something is left, and references to nodes that are not in the file.
    buildings
        Polygons where people may live.
    levels
        Number of storeys of each; nan if not given.
    lost_buildings
        Residential buildings whose outline is not whole.
    water
        Polygons.
    barriers
        Lines that are crossed only where a road does.
    service_kind, service_name
        Of each public service; the name is empty if there is none.
    service_lon, service_lat
        Where it stands; an area at its centroid, or at a point inside.
    stop_kind, stop_name
        Of each place where people board public transport.
    stop_lon, stop_lat
        Where it is, as a service; a line at its middle.
    """

    refs: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    run: npt.NDArray[np.intp]
    highway: Labels
    crossing: npt.NDArray[np.intp]
    crossing_kind: Labels
    crossing_name: Labels
    ways: int
    missing_nodes: int
    buildings: Geometries
    levels: npt.NDArray[np.float64]
    lost_buildings: int
    water: Geometries
    barriers: Geometries
    service_kind: Labels
    service_name: Labels
    service_lon: npt.NDArray[np.float64]
    service_lat: npt.NDArray[np.float64]
    stop_kind: Labels
    stop_name: Labels
    stop_lon: npt.NDArray[np.float64]
    stop_lat: npt.NDArray[np.float64]

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """Bridges and tunnels in order of number."""
        found = zip(self.crossing_kind.tolist(), self.crossing_name.tolist(), strict=True)
        return tuple(Crossing(kind, name) for kind, name in found)


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
        outlines, homes = _find_outlines(path, kind)
        gathered.lost_buildings = len(homes)  # until their areas turn up
        for item in _iterate(path, kind):
            if isinstance(item, Way):
                gathered.take_way(item, outlines)
            elif isinstance(item, Node):
                gathered.take_node(item)
            else:
                gathered.take_area(item, homes)
    except (RuntimeError, OSError) as error:  # what osmium raises on a file it cannot parse
        problem = Text(f"不是完整的 OSM 文件（{error}）", f"is not a whole OSM file ({error})")
        remedy = Text(
            "请重新下载，或用 osmium sort 排序", "Download it again, or sort it with osmium sort"
        )
        raise InputError(Defect(label, problem, remedy)) from error
    return gathered.to_extract(datum, label)


@dataclass(slots=True)
class _Spots:
    """Places of some kind and name: rings of ways, and other shapes, as hexadecimal WKB."""

    rings: list[tuple[str, str, str]] = field(default_factory=list)
    shapes: list[tuple[str, str, str]] = field(default_factory=list)

    def place(self) -> tuple[Labels, Labels, Geometries]:
        """Return kind, name and point of each; one whose shape comes to nothing is left out."""
        found = self.rings + self.shapes
        rings = shapely.polygons(_close(_read([ring for ring, _, _ in self.rings])))
        shapes = _mend(np.r_[rings, _read([shape for shape, _, _ in self.shapes])])
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

    `outlines` are rings of ways, `areas` those of relations; each has whether people may live
    there and its storeys.
    """

    refs: list[int] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    highway: list[str] = field(default_factory=list)
    crossing: list[int] = field(default_factory=list)
    crossings: Crossings = field(default_factory=Crossings)
    ways: int = 0
    missing_nodes: int = 0
    outlines: list[tuple[str, bool, float]] = field(default_factory=list)
    areas: list[tuple[str, bool, float]] = field(default_factory=list)
    lost_buildings: int = 0
    barriers: list[str] = field(default_factory=list)
    services: _Spots = field(default_factory=_Spots)
    stops: _Spots = field(default_factory=_Spots)

    def take_node(self, node: Node) -> None:
        """Keep a node that is a public service or a stop."""
        tags = {tag.k: tag.v for tag in node.tags}
        for spots, kind in self._sort(tags):
            if node.location.valid():
                spots.shapes.append((WKB.create_point(node), kind, find_name(tags)))

    def take_way(self, way: Way, outlines: frozenset[int]) -> None:
        """Keep a way that is walked, a barrier, a building, water, a service or a stop."""
        tags = {tag.k: tag.v for tag in way.tags}
        if is_walkable(tags):
            self._take_road(way, tags)
        elif is_barrier(tags):
            self.barriers += [line for _, line in _split(way)[0]]
        home, kinds = is_residential(tags), self._sort(tags)
        counted = way.id in outlines or not (home or is_water(tags))
        if counted and not kinds:
            return
        closed = len(way.nodes) >= SMALLEST_RING and way.is_closed()
        ring = _draw(way) if closed else None
        for spots, kind in kinds:
            if ring is not None:
                spots.rings.append((ring, kind, find_name(tags)))
            elif spots is self.stops:  # a platform may be drawn as a line, also a clipped one
                spots.shapes += [(line, kind, find_name(tags)) for _, line in _split(way)[0][:1]]
        if counted:
            return
        if ring is not None:
            self.outlines.append((ring, home, parse_levels(tags.get("building:levels"))))
        elif home:
            self.lost_buildings += 1

    def take_area(self, area: Area, homes: frozenset[int]) -> None:
        """Keep a multipolygon relation that is a building, water, a service or a stop."""
        if area.from_way():
            return
        tags = {tag.k: tag.v for tag in area.tags}
        home, kinds = is_residential(tags), self._sort(tags)
        self.lost_buildings -= area.orig_id() in homes
        if not (home or kinds or is_water(tags)):
            return
        outline = WKB.create_multipolygon(area)
        for spots, kind in kinds:
            spots.shapes.append((outline, kind, find_name(tags)))
        if home or is_water(tags):
            self.areas.append((outline, home, parse_levels(tags.get("building:levels"))))

    def _sort(self, tags: Mapping[str, str]) -> list[tuple[_Spots, str]]:
        """Return where a place belongs, among services, stops or both, and its kind there."""
        kinds = ((self.services, find_service(tags)), (self.stops, find_stop(tags)))
        return [(spots, kind) for spots, kind in kinds if kind is not None]

    def _take_road(self, way: Way, tags: Mapping[str, str]) -> None:
        """Keep every run of at least two nodes that the file holds."""
        runs, missing = _split(way)
        self.missing_nodes += missing
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

        places, run = shapely.get_coordinates(_read(self.runs), return_index=True)
        polygons = np.r_[
            shapely.polygons(_close(_read([line for line, _, _ in self.outlines]))),
            _read([area for area, _, _ in self.areas]),
        ]
        home = np.array([home for _, home, _ in self.outlines + self.areas], dtype=np.bool_)
        levels = np.array([levels for _, _, levels in self.outlines + self.areas])
        polygons = _mend(polygons)
        whole = ~shapely.is_empty(polygons)
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
            water=project_geometry(polygons[~home & whole], move),
            barriers=project_geometry(_read(self.barriers), move),
            service_kind=service_kind,
            service_name=service_name,
            service_lon=service_lon,
            service_lat=service_lat,
            stop_kind=stop_kind,
            stop_name=stop_name,
            stop_lon=stop_lon,
            stop_lat=stop_lat,
        )


def _draw(way: Way) -> str | None:
    """Return the line of a way as WKB; None if the file does not hold all of its nodes."""
    try:
        return str(WKB.create_linestring(way, osmium.geom.ALL))
    except osmium.InvalidLocationError:
        return None


def _split(way: Way) -> tuple[list[tuple[list[int], str]], int]:
    """Return the runs of nodes of a way that the file holds, and how many nodes it does not.

    Each run as the ids of its nodes and its line; a node that follows itself stands once.
    """
    refs = [node.ref for node in way.nodes]
    line = _draw(way) if len(refs) >= SMALLEST_LINE else None
    if line is not None and all(one != next_ for one, next_ in pairwise(refs)):
        return [(refs, line)], 0
    runs: list[list[tuple[int, float, float]]] = [[]]
    missing = 0
    for node in way.nodes:
        if not node.location.valid():
            missing += 1
            runs.append([])
        elif not runs[-1] or runs[-1][-1][0] != node.ref:
            runs[-1].append((node.ref, node.lon, node.lat))
    return [
        ([ref for ref, _, _ in run], shapely.LineString([at for _, *at in run]).wkb_hex)
        for run in runs
        if len(run) >= SMALLEST_LINE
    ], missing


def _read(shapes: Sequence[str]) -> Geometries:
    return np.asarray(shapely.from_wkb(np.array(shapes, dtype=object)), dtype=object)


def _mend(shapes: Geometries) -> Geometries:
    """Return shapes of which none crosses itself; one that collapses is empty."""
    bad = ~shapely.is_valid(shapes)
    # the other method fails on some shapes (GEOS 3.14)
    shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    return shapes


def _close(lines: Geometries) -> Geometries:
    """Return closed lines as rings."""
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    return np.asarray(shapely.linearrings(vertices, indices=line), dtype=object)


def _find_format(path: Path) -> str | None:
    name = path.name.lower()
    return next((kind for suffix, kind in SUFFIXES.items() if name.endswith(suffix)), None)


def _find_outlines(path: Path, kind: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the outer ways of building and water relations, and the relations people live in.

    The area of such a way counts once, with its relation.
    """
    processor = osmium.FileProcessor(osmium.io.File(str(path), kind), osmium.osm.RELATION)
    outlines: set[int] = set()
    homes: set[int] = set()
    for relation in processor.with_filter(KeyFilter("building", "natural", "waterway")):
        if not isinstance(relation, Relation):
            continue
        tags = {tag.k: tag.v for tag in relation.tags}
        if tags.get("type") == "multipolygon" and ("building" in tags or is_water(tags)):
            outlines.update(m.ref for m in relation.members if m.type == "w" and m.role == "outer")
            if is_residential(tags):
                homes.add(relation.id)
    return frozenset(outlines), frozenset(homes)


def _iterate(path: Path, kind: str) -> Iterator[Node | Way | Area]:
    """Yield nodes, ways with the places of their nodes, and areas of multipolygon relations."""
    file = osmium.io.File(str(path), kind)
    processor = osmium.FileProcessor(file).with_areas(KeyFilter(*AREA_KEYS))
    for item in processor.with_filter(KeyFilter(*KEYS)):
        if isinstance(item, Node | Way | Area):
            yield item
