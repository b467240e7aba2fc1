"""What is found out about a case: measures, judgements, and all of it together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from siteplan.errors import Text
from siteplan.model.case import Case, Subdistrict
from siteplan.model.trial import Trial
from siteplan.model.types import (
    TOLERANCE_M,
    DemandBasis,
    DistanceMethod,
    Factors,
    FindingSeverity,
    Flags,
    Indices,
    Layout,
    Metres,
    Residents,
    Shape,
    Verdict,
)


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
class Reach:
    """Distances from sites to the demand points within reach of them, sparse, by site.

    Attributes
    ----------
    start
        The pairs of site i are start[i]:start[i + 1]; shape (sites + 1,).
    demand
        Demand point of each pair; within a site in no particular order.
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

    def within(self, limit_m: float) -> "Reach":
        """Return the pairs within a smaller limit, inclusive: one search serves several radii."""
        return self._keep(self.distance_m <= limit_m + TOLERANCE_M)

    def within_each(self, limit_m: Metres) -> "Reach":
        """Return the pairs within a limit of each site's own, inclusive; shape (sites,)."""
        owner = np.repeat(np.arange(len(limit_m)), np.diff(self.start))
        return self._keep(self.distance_m <= limit_m[owner] + TOLERANCE_M)

    def _keep(self, near: Flags) -> "Reach":
        return Reach(
            np.r_[0, np.cumsum(near)][self.start], self.demand[near], self.distance_m[near]
        )


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
    older_ratio
        Share within what older people walk in the time that others take for the radius: of those
        aged 60 and over where they have locations of their own, else of all; nan without residents
        or where the standard gives no speeds.
    detour_factor
        Way along the roads to the nearest member / straight line, both from where one is joined to
        the roads, for each own demand point; nan where there is nothing to compare.
    p90_detour_factor
        The smallest factor that 90 % of the residents at least 300 m away do not exceed, of all
        where nobody lives farther; nan without any.
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
    older_ratio: float
    detour_factor: Factors
    p90_detour_factor: float


class LinkCrossing(NamedTuple):
    """A bridge or tunnel on the walk from a branch to its headquarters.

    Attributes
    ----------
    name
        What to call it.
    distance_without_m
        How far the walk is while just this one is closed; inf where there is no way then.
    """

    name: Text
    distance_without_m: float


@dataclass(frozen=True, slots=True)
class Link:
    """The walk from a branch to its headquarters, off-road legs included.

    Attributes
    ----------
    site
        The branch.
    distance_m
        How far it is.
    line
        Where it runs, from the branch to the headquarters, in the working CRS: for maps only. None
        where it was not traced.
    crossings
        The bridges and tunnels on it, in order.
    """

    site: str
    distance_m: float
    line: Shape | None = field(default=None, compare=False, repr=False)
    crossings: tuple[LinkCrossing, ...] = ()


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
    losses
        Ratio of own coverage left without each member, by id.
    median_factor
        Residents-weighted distance to the headquarters / to the best median; 1 is best placed, nan
        where there is nothing to compare, inf where a member cannot reach it.
    is_center
        Whether no member has a smaller largest distance than the headquarters; None where
        `median_factor` is nan.
    median_saving_m
        Residents-weighted mean of the distance to the headquarters less that to the best median; 0
        is best placed, nan where there is nothing to compare, inf where a member cannot reach it.
    redundant
        Members other than the headquarters without each of whom, by itself, every own resident
        covered stays covered, by id; without residents there is nothing to say. Residents of other
        subdistricts may have no other site.
    services
        All that the members offer, in order.
    """

    headquarters: str | None
    connected: bool | None
    stranded: tuple[str, ...]
    links: tuple[Link, ...]
    best_median: str | None
    best_center: str | None
    worst_loss: tuple[str, float] | None
    losses: Mapping[str, float] = field(default_factory=dict)
    median_factor: float = math.nan
    is_center: bool | None = None
    median_saving_m: float = math.nan
    redundant: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


class GroupWorth(NamedTuple):
    """What one site is worth to one group of residents.

    Attributes
    ----------
    alone, added
        As of `SiteWorth`, in residents of the group; nan where a point within reach of the site
        lies in a subdistrict that has no locations of the group: part of a number is no number.
    """

    alone: float
    added: float


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
    alone_own, added_own, shared_own, lost_own
        Those of them who live in the subdistrict that the site claims; the others are served across
        its boundary. nan where it claims none: then nobody can say who is its own and who is not.
    catchment
        Residents of its subdistrict nearest to it; nan if it is no member.
    load_per_m2
        The same for each square metre of its floor area; nan if that is not known.
    mean_distance_m
        Over its catchment; nan if empty.
    p90_detour_factor
        Over its catchment, as in `Coverage`; nan if empty.
    snap_distance_m
        To the nearest road; nan without roads.
    groups
        By group, of those with locations of their own somewhere in the case.
    """

    alone: float
    added: float
    shared: float
    lost: float
    alone_own: float
    added_own: float
    shared_own: float
    lost_own: float
    catchment: float
    load_per_m2: float
    mean_distance_m: float
    p90_detour_factor: float
    snap_distance_m: float
    groups: Mapping[str, GroupWorth]


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
    eased
        Whether it only warns because a figure behind it is not adopted.
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
    eased: bool = False


class StopWalk(NamedTuple):
    """The walk from a site to the nearest stop of public transport.

    Attributes
    ----------
    distance_m
        inf where no stop can be reached.
    kind, name
        Of that stop; empty where there is none, or it has no name.
    """

    distance_m: float
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class NearbyFacility:
    """An existing service in a subdistrict, or within the service radius of its centre.

    Attributes
    ----------
    index
        Its number among the facilities of the case.
    kind, name
        As the file has them; the name is empty if it has none.
    department
        Which one it belongs to; None if unknown.
    relation
        To the centre: `integrated`, `linked`, `referred`, or the file's own word; empty if none.
    inside
        Whether it lies in the subdistrict.
    member
        Id of the member nearest on foot, ties to the smallest; None where none can be reached.
    distance_m
        To that member; inf where none can be reached.
    """

    index: int
    kind: str
    name: str
    department: Text | None
    relation: str
    inside: bool
    member: str | None
    distance_m: float


@dataclass(frozen=True, slots=True)
class Nearby:
    """What is known around the members of one centre.

    Attributes
    ----------
    stop_walks
        By member; None where the case has no stops.
    facilities
        In order of their number; None where the case has none.
    relations_known
        Whether a file says of any facility how it stands to the centre.
    """

    stop_walks: Mapping[str, StopWalk] | None = None
    facilities: tuple[NearbyFacility, ...] | None = None
    relations_known: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Uncovered residents who live close to one another.

    Attributes
    ----------
    population
        Residents.
    unreachable_population
        Those of them who can walk to no member.
    x, y
        Its place, where one of its demand points is; working CRS.
    radius_m
        From there to its farthest demand point, by straight line.
    nearest
        Index of the member nearest to its place among all sites; -1 if there is none.
    distance_m
        Walking distance from its place to that member; inf if there is none.
    mean_distance_m, farthest_distance_m
        From its demand points, each to its own nearest member, over residents who can walk to one;
        the mean is weighted by residents. nan if nobody can.
    link_m
        Longest step by which two of its demand points are linked.
    points
        Its demand points, counted as they were given, ascending.
    name
        Of the nearest place that has one; None where there is none nearby.
    """

    population: float
    unreachable_population: float
    x: float
    y: float
    radius_m: float
    nearest: int
    distance_m: float
    mean_distance_m: float
    farthest_distance_m: float
    link_m: float
    points: Indices
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How unevenly something is spread over people.

    Attributes
    ----------
    gini
        0 if all have the same, towards 1 if few have it all; nan without people or amount.
    ratio_90_10
        What 90 % of the people do not exceed, in terms of what 10 % do not; nan if that is 0.
    population
        People counted.
    excluded_population
        People without a finite value, who count in neither figure.
    """

    gini: float
    ratio_90_10: float
    population: float
    excluded_population: float


@dataclass(frozen=True, slots=True)
class Equity:
    """How far residents live from their centre, and how much of it there is for each.

    Attributes
    ----------
    curve, older_curve
        Share of residents, and of older ones in the time that others take, within each of the radii
        from 0 to 3,000 m in steps of 100 m.
    target_radius_m, older_target_radius_m
        Radius at which the coverage target would be met; nan if at none.
    distance
        Spread of the walking distance.
    supply, balanced_supply
        Spread of the floor area within reach, by 2SFCA and balanced.
    supply_m2_per_1000, balanced_supply_m2_per_1000
        Their residents-weighted mean; nan without residents.
    """

    curve: tuple[float, ...]
    older_curve: tuple[float, ...]
    target_radius_m: float
    older_target_radius_m: float
    distance: Spread
    supply: Spread
    balanced_supply: Spread
    supply_m2_per_1000: float
    balanced_supply_m2_per_1000: float


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
    nearby: Nearby
    gaps: tuple[Gap, ...]
    equity: Equity


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
    rule_titles
        The rules judged by, in order, and what each asks.
    drawing
        Geometry for maps.
    trials
        The centre of each judged subdistrict as it can be tried otherwise, by code.
    """

    case: Case
    method: DistanceMethod
    summary: Summary
    judgements: tuple[Judgement, ...]
    worth: Mapping[str, SiteWorth]
    findings: tuple[Finding, ...]
    rule_titles: Mapping[str, Text]
    drawing: Drawing
    trials: Mapping[str, Trial] = field(default_factory=dict)
