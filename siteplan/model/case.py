"""What is read of a case: the place, its people, its roads and its venues."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import shapely

from siteplan.errors import Defect, Text, shorten
from siteplan.model.administration import Project, Succession
from siteplan.model.review import Decision
from siteplan.model.standard import Standard
from siteplan.model.types import (
    CrossingKind,
    Flags,
    Geometries,
    Indices,
    Labels,
    Metres,
    Residents,
    Role,
    Status,
)


@dataclass(frozen=True, slots=True)
class Source:
    """One input file, so that a third party can run the evaluation again.

    Attributes
    ----------
    role
        What the file was read as: boundaries, population, roads, …
    path
        Relative to the case, with forward slashes.
    sha256
        Hash of the file's bytes; of all its parts, in order of name, for a Shapefile.
    rows
        Features, table rows or road edges used.
    crs, datum, licence
        As far as they are known.
    notes
        What was mended, left out or assumed while reading.
    """

    role: str
    path: str
    sha256: str
    rows: int
    crs: str | None = None
    datum: str | None = None
    licence: str | None = None
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Subdistrict:
    """A 街道: the unit that proposes a centre and is judged.

    Attributes
    ----------
    code
        Key of every join, always text.
    name, district
        Labels.
    geometry
        Polygon or MultiPolygon in the working CRS.
    population
        Residents.
    groups
        Residents by group (`age_60_plus`, …).
    vintage
        Year the boundary dates from.
    population_year
        Year of the population figure.
    """

    code: str
    name: str
    district: str | None
    geometry: shapely.Polygon | shapely.MultiPolygon
    population: float
    groups: Mapping[str, float] = field(default_factory=dict)
    vintage: int | None = None
    population_year: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StudyArea:
    """All subdistricts of a case, in order of code, and the CRS in which everything is measured.

    Attributes
    ----------
    subdistricts
        In order of code.
    crs
        Working CRS in metres, as `EPSG:…` where it has a number.
    """

    subdistricts: tuple[Subdistrict, ...]
    crs: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes in order."""
        return tuple(subdistrict.code for subdistrict in self.subdistricts)

    @property
    def geometry(self) -> Geometries:
        """Polygons in order of code, working CRS."""
        return np.array([s.geometry for s in self.subdistricts], dtype=object)


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Where people are likely to be, before the totals of the subdistricts are spread over it.

    Attributes
    ----------
    x, y
        Working CRS, shape (points,).
    weight
        People, or floor area in m², ≥ 0.
    groups
        People of each group at the same points; only where a file gives them.
    measured
        Whether the weight was known in full (a building with its number of storeys).
    """

    x: Metres
    y: Metres
    weight: npt.NDArray[np.float64]
    groups: Mapping[str, Residents]
    measured: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One venue as its street describes it.

    Attributes
    ----------
    id
        Unique in the case.
    name
        None if missing (finding D02).
    subdistrict
        Code of the subdistrict that claims it; None if missing (finding D02).
    x, y
        Working CRS.
    lon, lat
        WGS84 degrees.
    given_lon_lat
        The position as the file gives it, before any conversion of the datum; None for metres.
    role, premises, floor_area_m2, office_area_m2, available_from, mode, services
        As the street gives them; None or empty if missing.
    invalid
        Fields whose value is outside its list or range, with that value.
    missing
        Fields that were not given, among those rule D02 asks for.
    others
        Every further attribute, as the file has it.
    path, feature
        Where it was read.
    """

    id: str
    name: str | None
    subdistrict: str | None
    x: float
    y: float
    lon: float
    lat: float
    status: Status = "proposed"
    role: Role | None = None
    premises: str | None = None
    floor_area_m2: float | None = None
    office_area_m2: float | None = None
    available_from: date | None = None
    mode: int | None = None
    services: tuple[str, ...] = ()
    invalid: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    given_lon_lat: tuple[float, float] | None = None
    others: Mapping[str, object] = field(default_factory=dict)
    path: str = ""
    feature: int = 0

    @property
    def label(self) -> str:
        """Its id and, where that says more, its name: what a sentence calls it."""
        named = self.name and self.name != self.id
        return f"{shorten(self.id)} {shorten(self.name)}" if named else shorten(self.id)

    @property
    def in_scheme(self) -> bool:
        """Whether the site is built or proposed, and not only a candidate."""
        return self.status != "candidate"


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """All sites of a case in order of id.

    Attributes
    ----------
    records
        In order of id.
    """

    records: tuple[Site, ...]

    @property
    def x(self) -> Metres:
        """Working CRS, shape (sites,)."""
        return np.array([site.x for site in self.records], dtype=np.float64)

    @property
    def y(self) -> Metres:
        """Working CRS, shape (sites,)."""
        return np.array([site.y for site in self.records], dtype=np.float64)

    @property
    def in_scheme(self) -> Flags:
        """Existing and proposed sites, shape (sites,)."""
        return np.array([site.in_scheme for site in self.records], dtype=np.bool_)

    @property
    def existing(self) -> Flags:
        """Existing sites, shape (sites,)."""
        return np.array([site.status == "existing" for site in self.records], dtype=np.bool_)

    def members(self, code: str) -> Indices:
        """Scheme sites that claim a subdistrict, wherever they lie, in order of id."""
        return np.array(
            [i for i, s in enumerate(self.records) if s.in_scheme and s.subdistrict == code],
            dtype=np.intp,
        )


@dataclass(frozen=True, slots=True)
class Crossing:
    """A bridge or a tunnel by which a road passes what cannot be crossed elsewhere.

    Attributes
    ----------
    kind
        `bridge` or `tunnel`, an underpass among them.
    name
        Its own, or that of its road; empty if neither has one.
    """

    kind: CrossingKind
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """What people walk on: edges between nodes, walked both ways.

    Attributes
    ----------
    node_x, node_y
        Working CRS, shape (nodes,).
    tail, head
        Node at the start and the end of each edge, shape (edges,).
    lines
        LineStrings in the working CRS from tail to head, shape (edges,). The order of edges follows
        from their geometry, never from the order of a file.
    length_m
        Planar length of the lines.
    highway
        The OSM `highway` value, empty if unknown.
    crossing
        Which of the crossings each edge is part of, shape (edges,); -1 for none.
    crossings
        Bridges and tunnels.
    ways
        Ways or lines read.
    missing_nodes
        References to nodes that a clipped file does not hold.
    """

    node_x: Metres
    node_y: Metres
    tail: Indices
    head: Indices
    lines: Geometries
    length_m: Metres
    highway: Labels
    crossing: Indices
    crossings: tuple[Crossing, ...]
    ways: int
    missing_nodes: int = 0


PLACE_KINDS = (
    "city", "borough", "town", "suburb", "village", "quarter", "neighbourhood", "hamlet",
)  # fmt: skip
"""Parts of a town whose names stand on a map, the most important first:
https://wiki.openstreetmap.org/wiki/Key:place."""
NAMED_ROADS = ("trunk", "primary", "secondary", "tertiary")
"""Roads whose names stand on a map, the most important first:
https://wiki.openstreetmap.org/wiki/Key:highway."""


def _draw_nothing() -> Geometries:
    return np.empty(0, dtype=object)


def _name_nothing() -> Labels:
    return np.empty(0, dtype=np.str_)


@dataclass(frozen=True, slots=True, eq=False)
class PlaceNames:
    """What parts of a town are called; text from a file.

    Attributes
    ----------
    x, y
        Working CRS, shape (places,).
    kind
        What each is, one of `PLACE_KINDS`.
    zh, en
        The name in Chinese and in English; the plain name where it has no other.
    """

    x: Metres = field(default_factory=lambda: np.empty(0))
    y: Metres = field(default_factory=lambda: np.empty(0))
    kind: Labels = field(default_factory=_name_nothing)
    zh: Labels = field(default_factory=_name_nothing)
    en: Labels = field(default_factory=_name_nothing)


@dataclass(frozen=True, slots=True, eq=False)
class RoadNames:
    """What the larger roads are called, walked or not; text from a file.

    Attributes
    ----------
    lines
        LineStrings in the working CRS, shape (ways,); one road is many of them.
    highway
        What each is, one of `NAMED_ROADS`.
    zh, en
        The name in Chinese and in English; the plain name where it has no other.
    """

    lines: Geometries = field(default_factory=_draw_nothing)
    highway: Labels = field(default_factory=_name_nothing)
    zh: Labels = field(default_factory=_name_nothing)
    en: Labels = field(default_factory=_name_nothing)


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """What is drawn beneath the figures, or ends what is drawn, and is never measured.

    What only an OpenStreetMap extract tells is empty where there is none.

    Attributes
    ----------
    water
        Polygons in the working CRS.
    barriers
        Lines in the working CRS that are crossed only where a road does.
    green
        Polygons of parks, woods, lawns, cemeteries and pitches in the working CRS.
    rail
        Lines of railways, trams and undergrounds in the working CRS.
    motorways
        Lines of roads for cars alone in the working CRS, which are not among the roads of a case.
    places, road_names
        What is written on a map.
    """

    water: Geometries
    barriers: Geometries
    green: Geometries = field(default_factory=_draw_nothing)
    rail: Geometries = field(default_factory=_draw_nothing)
    motorways: Geometries = field(default_factory=_draw_nothing)
    places: PlaceNames = field(default_factory=PlaceNames)
    road_names: RoadNames = field(default_factory=RoadNames)


@dataclass(frozen=True, slots=True, eq=False)
class Facilities:
    """Public services that exist already: schools, clinics, libraries, ….

    Attributes
    ----------
    x, y
        Working CRS, shape (facilities,), in order of kind, name and place.
    kind
        What each is, as an OpenStreetMap value such as `library`.
    name
        Its own; empty if it has none.
    relation
        What it is to the centre: `integrated`, `linked`, `referred`, or the file's own word; empty
        if it has none. None where no file says so of any.
    department
        Which one it belongs to, as `health`, or the file's own word; empty if unknown. None where
        it is known of none.
    """

    x: Metres
    y: Metres
    kind: Labels
    name: Labels
    relation: Labels | None = None
    department: Labels | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Stops:
    """Where people board public transport.

    Attributes
    ----------
    x, y
        Working CRS, shape (stops,), in order of kind, name and place.
    kind
        What each is: `bus_stop`, `subway_entrance`, …, or the file's own word.
    name
        Its own; empty if it has none.
    first
        Whether it is the first drawing of its stop. Walks lead to all of them, the two sides of a
        street among them; only these are counted.
    """

    x: Metres
    y: Metres
    kind: Labels
    name: Labels
    first: Flags


@dataclass(frozen=True, slots=True)
class Refused:
    """A proposals file that was left out, with its defects."""

    path: str
    defects: tuple[Defect, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """All that was read of a case: the input of an evaluation.

    Attributes
    ----------
    name
        Title of the case.
    date
        The day judged for; None if the case names none.
    standard
        What is judged by.
    area, roads, sites
        The place, what people walk on (None: straight lines), and the venues.
    residents, buildings
        Where people may be; None where there is no such file.
    projects
        Projects filed for each subdistrict, by code.
    sources, refused
        Files read, and proposal files left out.
    backdrop
        What only maps need.
    facilities
        Public services that exist already; None where no file tells.
    succession
        What has become of former subdistricts and districts.
    stops
        Where people board public transport; None where no file tells.
    reviews
        What the planning bureau has decided on sites, in order of site and time.
    """

    name: str
    date: date | None
    standard: Standard
    area: StudyArea
    roads: Roads | None
    sites: Sites
    residents: Weights | None
    buildings: Weights | None
    projects: Mapping[str, tuple[Project, ...]]
    sources: tuple[Source, ...]
    refused: tuple[Refused, ...]
    backdrop: Backdrop
    facilities: Facilities | None = None
    stops: Stops | None = None
    succession: Succession = field(default_factory=Succession)
    reviews: tuple[Decision, ...] = ()
