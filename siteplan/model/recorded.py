"""An evaluation as `evaluation.json` has it: figures that were written down, not measured anew.

What the file says of is null where it could not be computed, so figures are None here and never
nan: two evaluations that say the same are equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from siteplan.errors import Text
from siteplan.model.types import DistanceMethod, FindingSeverity, Layout, Role, Status, Verdict

FigureUnit = Literal["person", "ratio", "m", "m2", "factor", "count"]
Value = float | str
"""Of a threshold or of what a rule measured: a number, a day, or a range as it is written."""

SUMMARY_FIGURES: Mapping[str, FigureUnit] = {
    "subdistricts": "count",
    "population": "person",
    "covered_population": "person",
    "coverage_ratio": "ratio",
    "straight_line_coverage_ratio": "ratio",
    "covered_by_any_population": "person",
    "unreachable_population": "person",
    "violations": "count",
    "warnings": "count",
}
SUBDISTRICT_FIGURES: Mapping[str, FigureUnit] = {
    "population": "person",
    "covered_population": "person",
    "coverage_ratio": "ratio",
    "straight_line_coverage_ratio": "ratio",
    "covered_by_any_population": "person",
    "mean_distance_m": "m",
    "p95_distance_m": "m",
    "unreachable_population": "person",
    "older_coverage_ratio": "ratio",
    "p90_detour_factor": "factor",
}
SITE_FIGURES: Mapping[str, FigureUnit] = {
    "alone_population": "person",
    "added_population": "person",
    "shared_population": "person",
    "lost_population": "person",
    "alone_own_population": "person",
    "added_own_population": "person",
    "shared_own_population": "person",
    "lost_own_population": "person",
    "catchment_population": "person",
    "floor_area_m2": "m2",
    "load_per_m2": "factor",
    "mean_distance_m": "m",
    "p90_detour_factor": "factor",
    "snap_distance_m": "m",
}
"""Names as in `evaluation.json`, in the order in which they are shown."""

Figures = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class RecordedGap:
    """Uncovered residents who live close to one another, as of `Gap`.

    Attributes
    ----------
    population, unreachable_population
        Residents, and those of them who can walk to no member.
    lon, lat
        Its place, degrees.
    radius_m
        From there to its farthest demand point.
    distance_m
        From its place to the nearest member; None where there is none.
    nearest, name
        That member, and the nearest place that has a name.
    mean_distance_m, farthest_distance_m
        Over its residents who can walk to a member; None where nobody can, or the file has none.
    """

    population: float
    unreachable_population: float
    lon: float
    lat: float
    radius_m: float
    distance_m: float | None
    nearest: str | None
    name: str | None
    mean_distance_m: float | None = None
    farthest_distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class RecordedSource:
    """A file that was read.

    Attributes
    ----------
    role, path
        What it was read as, and where it lay in the case.
    sha256
        Of its bytes.
    datum
        In which its degrees were taken to be.
    """

    role: str
    path: str
    sha256: str
    datum: str | None


@dataclass(frozen=True, slots=True)
class RecordedThreshold:
    """One figure of the planning standard."""

    value: Value | None
    unit: str | None
    op: str
    status: str


@dataclass(frozen=True, slots=True)
class RecordedFinding:
    """One finding, as of `Finding`."""

    code: str
    severity: FindingSeverity
    subject: str
    title: Text
    message: Text
    measured: Value | None
    unit: str | None
    threshold: Value | None
    threshold_status: str | None


@dataclass(frozen=True, slots=True)
class RecordedSite:
    """One site and its figures, by the names of `SITE_FIGURES`."""

    id: str
    name: str | None
    subdistrict: str | None
    status: Status
    role: Role | None
    lon: float
    lat: float
    figures: Figures


@dataclass(frozen=True, slots=True)
class RecordedSubdistrict:
    """One subdistrict as it was judged.

    Attributes
    ----------
    code, name, district
        What it is called.
    layout, verdict, rules
        As of `Judgement`.
    figures
        By the names of `SUBDISTRICT_FIGURES`, and `groups.NAME.population` and
        `groups.NAME.coverage_ratio` of every group.
    sites
        Ids of its members.
    headquarters, connected
        As of `ServiceNetwork`.
    links
        From each branch to the headquarters, in metres, by id.
    losses
        Coverage left without each member, by id; None where the file has none.
    gaps
        As in the file; None where the file has none.
    sha256
        Of all that was found out about it; None where the file has none.
    """

    code: str
    name: str
    district: str | None
    layout: Layout
    verdict: Verdict
    rules: Mapping[str, Verdict]
    figures: Figures
    sites: tuple[str, ...]
    headquarters: str | None
    connected: bool | None
    links: Mapping[str, float | None]
    losses: Mapping[str, float | None] | None = None
    gaps: tuple[RecordedGap, ...] | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedEvaluation:
    """All of an `evaluation.json` that can be held against another one.

    Attributes
    ----------
    label, sha256
        The file as the reader knows it, and the SHA-256 of its bytes.
    case, date, version, crs, method
        What was judged, for which day, by which siteplan, in which CRS, along what.
    standard, title, radius_m, snap_limit_m
        Id and title of the standard, its service radius, and how far off the roads one may be.
    thresholds
        By name.
    districts
        Values that differ in a district, by its name or six-digit code and the threshold's name.
    sources, refused
        Files that were read, and paths of those that were left out.
    summary
        By the names of `SUMMARY_FIGURES`.
    subdistricts, sites
        By code and by id, in order.
    findings
        In the order of the file.
    missing
        Keys of the format that the file does not have: it is older than they are.
    """

    label: str
    sha256: str
    case: str
    date: str | None
    version: str
    crs: str
    method: DistanceMethod
    standard: str
    title: Text
    radius_m: float | None
    snap_limit_m: float | None
    thresholds: Mapping[str, RecordedThreshold]
    districts: Mapping[str, Mapping[str, Value | None]]
    sources: tuple[RecordedSource, ...]
    refused: tuple[str, ...]
    summary: Figures
    subdistricts: Mapping[str, RecordedSubdistrict]
    sites: Mapping[str, RecordedSite]
    findings: tuple[RecordedFinding, ...]
    missing: tuple[str, ...] = field(default=())
