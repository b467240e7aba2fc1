"""The nouns of a siting study, as immutable records of arrays. Metres everywhere.

Units stand in the names; a share is a ratio from 0 to 1. Unreachable is inf or absent, no site is
-1, not computable is nan; none of the three ever enters a sum.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from siteplan.errors import Defect, Text

Metres = npt.NDArray[np.float64]
Residents = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]
Shape = BaseGeometry
Labels = npt.NDArray[np.str_]

Status = Literal["existing", "proposed", "candidate"]
Role = Literal["headquarters", "branch"]
Layout = Literal["none", "concentrated", "dispersed"]
Verdict = Literal["pass", "warn", "fail", "unknown", "na"]
FindingSeverity = Literal["violation", "warning", "note"]
DistanceMethod = Literal["roads", "straight-line"]
DemandBasis = Literal["residents", "buildings", "area"]

BINDING = frozenset({"quoted", "adopted"})

TOLERANCE_M = 1e-6
"""Slack of every comparison of a distance with a limit, in metres: a distance that meets its limit
on paper must not miss it by the last bit of a float."""


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


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure of a planning standard, and where it comes from.

    Attributes
    ----------
    name
        As rules refer to it.
    value
        A number or a date.
    unit
        None for a ratio or a count.
    op
        How a measured value is held against it: `<=`, `>=` or `==`.
    status
        `quoted`: read in the cited text; `adopted`: set by the user's authority; `secondary`,
        `unverified`, `assumed`: weaker, a rule only warns on them.
    source
        Id of a source of the standard.
    clause
        Where in that source.
    """

    name: str
    value: float | date
    unit: str | None
    op: str
    status: str
    source: str
    clause: str | None

    @property
    def binding(self) -> bool:
        """Whether a figure may fail on this threshold by itself."""
        return self.status in BINDING

    @property
    def number(self) -> float:
        """The value as a number; nan for a date."""
        return float(self.value) if isinstance(self.value, int | float) else math.nan


@dataclass(frozen=True, slots=True)
class Pilot:
    """A subdistrict on the list of pilots."""

    code: str
    name: str
    district: str
    mode: int


@dataclass(frozen=True, slots=True)
class Standard:
    """A planning standard (设置标准): thresholds by name, and the rules it asks for.

    Attributes
    ----------
    thresholds
        By name.
    sources
        Title of each source by id.
    rules
        Codes of the rules to judge by, in order.
    clauses
        Clause of the planning document behind each rule.
    pilots
        Pilot subdistricts by code; empty where the standard has no such list.
    """

    id: str
    title: Text
    thresholds: Mapping[str, Threshold]
    sources: Mapping[str, Text]
    rules: tuple[str, ...]
    clauses: Mapping[str, str]
    pilots: Mapping[str, Pilot]

    def number(self, name: str) -> float | None:
        """Return a threshold's value where it is a number, None where the standard has none."""
        threshold = self.thresholds.get(name)
        return threshold.number if threshold else None


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
class Demand:
    """Residents standing at points; they sum to each subdistrict's total.

    Attributes
    ----------
    subdistrict
        Index into the study area, shape (points,), ascending.
    x, y
        Working CRS, shape (points,).
    population
        Residents at each point.
    groups
        Residents of each group at each point, for groups with locations of their own; nan in
        subdistricts where they have none.
    basis
        How each subdistrict's residents were placed, one entry per subdistrict.
    measured_ratio
        Share of a subdistrict's buildings with a number of storeys; nan where not on buildings.
    """

    subdistrict: Indices
    x: Metres
    y: Metres
    population: Residents
    groups: Mapping[str, Residents]
    basis: tuple[DemandBasis, ...]
    measured_ratio: npt.NDArray[np.float64]


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
        DESIGN of a proposal; None or empty if missing.
    invalid
        Fields whose value is outside its list or range, with that value.
    missing
        Fields that were not given, among those rule D02 asks for.
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
    path: str = ""
    feature: int = 0

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
    ways: int
    missing_nodes: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """What is drawn beneath the figures and never measured.

    Attributes
    ----------
    water
        Polygons in the working CRS.
    """

    water: Geometries


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Distances from sites to the demand points within reach of them, sparse, by site.

    Attributes
    ----------
    start
        The pairs of site i are start[i]:start[i + 1]; shape (sites + 1,).
    demand
        Demand point of each pair, ascending within a site.
    distance_m
        Distance of each pair. A pair that is absent is beyond the limit or unreachable.
    """

    start: Indices
    demand: Indices
    distance_m: Metres

    def of(self, site: int) -> tuple[Indices, Metres]:
        """Return the demand points one site reaches, and how far they are."""
        part = slice(self.start[site], self.start[site + 1])
        return self.demand[part], self.distance_m[part]


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """How well one subdistrict's own members reach its own residents.

    Attributes
    ----------
    covered_population
        Residents within the service radius of a member.
    coverage_ratio
        Their share; nan without residents.
    straight_line_ratio
        The same by straight line.
    by_any_population
        Residents within the radius of any scheme site of the case.
    nearest
        Index of the nearest member among all sites, for each own demand point; -1 if none.
    distance_m
        Walking distance to it; inf if none.
    covered
        Whether each own demand point is within the radius of a member.
    mean_distance_m, p95_distance_m
        Over own residents with a finite distance; nan if there are none.
    unreachable_population
        Own residents without a nearest member; without members, those not joined to a road.
    group_ratios
        Share covered of each group with locations of its own.
    """

    covered_population: float
    coverage_ratio: float
    straight_line_ratio: float
    by_any_population: float
    nearest: Indices
    distance_m: Metres
    covered: Flags
    mean_distance_m: float
    p95_distance_m: float
    unreachable_population: float
    group_ratios: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Link:
    """The walk from a branch to its headquarters, off-road legs included."""

    site: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class ServiceNetwork:
    """A headquarters with its branches (服务网络).

    Attributes
    ----------
    headquarters
        Site id; None without exactly one.
    connected
        Whether every branch can be walked to; None where that cannot be known.
    stranded
        Branches that cannot reach the headquarters, by id.
    links
        The other branches, by id.
    best_median, best_center
        The members best placed as headquarters: least residents-weighted, least largest distance.
    worst_loss
        The member without which own coverage falls lowest, and the ratio left.
    """

    headquarters: str | None
    connected: bool | None
    stranded: tuple[str, ...]
    links: tuple[Link, ...]
    best_median: str | None
    best_center: str | None
    worst_loss: tuple[str, float] | None


@dataclass(frozen=True, slots=True)
class SiteWorth:
    """What one site is worth, in residents of the whole case.

    Attributes
    ----------
    alone
        Within its radius.
    added
        And of no other existing site; for a candidate, of no scheme site.
    shared
        Each resident's one vote split among the scheme sites that cover them: the Shapley value of
        coverage. nan for a candidate.
    lost
        Within its radius and of no other scheme site; nan for a candidate.
    catchment
        Residents of its subdistrict nearest to it; nan if it is no member.
    mean_distance_m
        Over its catchment; nan if empty.
    snap_distance_m
        To the nearest road; nan without roads.
    """

    alone: float
    added: float
    shared: float
    lost: float
    catchment: float
    mean_distance_m: float
    snap_distance_m: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One judgement with its reason, like a linter's.

    Attributes
    ----------
    code
        Rule.
    severity
        From the verdict: fail → violation, warn → warning, unknown → note.
    subject
        Subdistrict code, site id, or `case`.
    title, message
        The rule, and the reason with its figures.
    measured, threshold
        The two sides of the comparison, in `unit`; None where the rule compares none.
    threshold_status
        Where the threshold comes from; only `quoted` and `adopted` ones let a figure fail.
    clause
        Where the planning document asks for it.
    department
        Who acts on it.
    """

    code: str
    severity: FindingSeverity
    subject: str
    title: Text
    message: Text
    measured: float | str | None
    unit: str | None
    threshold: float | str | None
    threshold_status: str | None
    clause: str | None
    department: str


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Everything found out about one subdistrict."""

    subdistrict: Subdistrict
    layout: Layout
    verdict: Verdict
    rules: Mapping[str, Verdict]
    coverage: Coverage
    network: ServiceNetwork
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Geometry made for maps only; no figure is ever taken from it. Working CRS.

    Attributes
    ----------
    service_areas
        Polygon of the ground within the radius, by site id.
    uncovered_x, uncovered_y, uncovered_population, uncovered_subdistrict
        Residents not covered by their own centre; the subdistrict is an index into `judgements`.
    """

    service_areas: Mapping[str, Shape]
    uncovered_x: Metres
    uncovered_y: Metres
    uncovered_population: Residents
    uncovered_subdistrict: Indices


@dataclass(frozen=True, slots=True)
class Refused:
    """A proposals file that was left out, with its defects."""

    path: str
    defects: tuple[Defect, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The judged subdistricts together; ratios are nan without residents."""

    subdistricts: int
    population: float
    covered_population: float
    coverage_ratio: float
    straight_line_coverage_ratio: float
    covered_by_any_population: float
    unreachable_population: float
    violations: int
    warnings: int


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
        Ids of the projects filed for each subdistrict, by code.
    sources, refused
        Files read, and proposal files left out.
    backdrop
        What only maps need.
    """

    name: str
    date: date | None
    standard: Standard
    area: StudyArea
    roads: Roads | None
    sites: Sites
    residents: Weights | None
    buildings: Weights | None
    projects: Mapping[str, tuple[str, ...]]
    sources: tuple[Source, ...]
    refused: tuple[Refused, ...]
    backdrop: Backdrop


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A case judged: what every output receives.

    Attributes
    ----------
    case
        What was judged.
    method
        How distances were measured.
    summary
        The judged subdistricts together.
    judgements
        In order of code; only those asked for.
    worth
        What each site of the judged subdistricts is worth, by id.
    findings
        In order of code and subject.
    drawing
        Geometry for maps.
    """

    case: Case
    method: DistanceMethod
    summary: Summary
    judgements: tuple[Judgement, ...]
    worth: Mapping[str, SiteWorth]
    findings: tuple[Finding, ...]
    drawing: Drawing
