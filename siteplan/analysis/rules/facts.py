"""What a rule looks at, and what it answers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from siteplan.analysis.coverage import SLACK
from siteplan.errors import Text
from siteplan.model import (
    Coverage,
    DemandBasis,
    DistanceMethod,
    Gap,
    Nearby,
    Pilot,
    Project,
    ServiceNetwork,
    Site,
    Standard,
    Subdistrict,
    Threshold,
    Verdict,
)
from siteplan.model.standard import THRESHOLDS

Kind = Literal["categorical", "numeric"]
Department = Literal[
    "street", "planner", "planning", "district", "transport", "departments", "city", "finance"
]


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks for a site's coordinates being in another datum.

    Attributes
    ----------
    datum
        `gcj02` or `bd09`.
    moved_m
        How far its conversion moves the site.
    fits, fits_as_given, compared
        Sites of the same file that lie in the subdistrict they claim after conversion, and as
        given, of how many.
    sure
        Whether that leaves no doubt.
    """

    datum: str
    moved_m: float
    fits: int
    fits_as_given: int
    compared: int
    sure: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Where a site lies.

    Attributes
    ----------
    outside_own_m
        Distance to the subdistrict it claims; 0 inside, nan if it claims none.
    outside_all_m
        Distance to the nearest subdistrict of the case; 0 inside.
    doubt
        Another datum in which it may be; None where nothing speaks for one.
    """

    outside_own_m: float
    outside_all_m: float
    doubt: Doubt | None


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Everything known of one subdistrict when it is judged.

    Attributes
    ----------
    members
        Its scheme sites in order of id.
    candidate_headquarters
        Candidates for it that call themselves its headquarters.
    projects
        Filed for it.
    pilots
        Those of the standard's list that it was, or that lie in it today.
    day
        Judged for; None if the case names none.
    positions
        Where its members lie, by id.
    demand_basis, demand_total, measured_ratio
        How its residents were placed, how many there are at points, and the share of its buildings
        with storeys (nan where not on buildings).
    detours
        By member: the 90th percentile of its catchment's detour factors; nan without a catchment.
    passages
        By member: the bridges and tunnels by which the residents of its catchment walk whose detour
        is longer than the standard allows, and how many they are; most people first.
    joined_ratio
        Share of its residents joined to the main part of the roads; nan without roads or residents.
    roads_known
        Whether the case has roads at all.
    gaps
        Its uncovered residents in groups, most people first.
    nearby
        Stops and existing services around its members.
    """

    subdistrict: Subdistrict
    standard: Standard
    members: tuple[Site, ...]
    candidate_headquarters: tuple[Site, ...]
    projects: tuple[Project, ...]
    pilots: tuple[Pilot, ...]
    day: date | None
    positions: Mapping[str, Position]
    coverage: Coverage
    network: ServiceNetwork
    detours: Mapping[str, float]
    passages: Mapping[str, tuple[tuple[Text, float], ...]]
    demand_basis: DemandBasis
    demand_total: float
    measured_ratio: float
    joined_ratio: float
    method: DistanceMethod
    roads_known: bool
    nearby: Nearby
    gaps: tuple[Gap, ...]


MOST_DECIMALS = 9
HALF = 1e-10  # relative: more than the last bits, and far less than is written
NO_REASON = Text("", "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rule's answer about one subject.

    Attributes
    ----------
    verdict
        Before severity is settled by the status of the thresholds.
    subject
        Site id; None means the subdistrict.
    message
        Why; empty for pass and na.
    measured, unit
        The figure held against the threshold.
    thresholds
        What was compared with; the first is the one that is printed.
    """

    verdict: Verdict
    message: Text = NO_REASON
    subject: str | None = None
    measured: float | str | None = None
    unit: str | None = None
    thresholds: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One question that a proposal must answer.

    Attributes
    ----------
    kind
        Only a categorical rule may fail by itself; a figure fails on a binding threshold only.
    basis
        Where the rule comes from if the standard cites no clause for it.
    """

    code: str
    title: Text
    kind: Kind
    department: Department
    basis: str | None
    judge: Callable[[Facts], list[Outcome]]


PASS = Outcome("pass")
NOT_APPLICABLE = Outcome("na")


def assume(name: str, value: float | date, unit: str | None, op: str = "<=") -> Threshold:
    """Return a threshold that the rule itself sets, for standards give none."""
    return Threshold(name, value, unit, op, status="assumed", source="rule", clause=None)


def lack(name: str, subject: str | None = None) -> Outcome:
    """Return the answer where the standard does not give the threshold a rule needs."""
    title = THRESHOLDS[name].title.zh if name in THRESHOLDS else "服务项目"
    message = Text(f"标准没有给出{title}（{name}）", f"the standard gives no {name}")
    return Outcome("unknown", message, subject)


def reaches(share: float, least: float) -> bool:
    """Whether a share is large enough: one that is on paper must not miss by its last bit.

    Examples
    --------
    >>> reaches(sum([0.05] * 19), 0.95), reaches(0.9499, 0.95)
    (True, False)
    """
    return share >= least * (1 - SLACK)


def say_people(count: float) -> str:
    """Write a number of people for a sentence.

    Examples
    --------
    >>> say_people(12345.6)
    '12,346'
    """
    return f"{_lift(count):,.0f}"


def say_figure(figure: float, limit: float, decimals: int = 0) -> str:
    """Write a figure that misses a limit, with as many decimals as it takes to see that.

    Examples
    --------
    >>> say_figure(1250.3, 1000), say_figure(1000.3, 1000)
    ('1,250', '1,000.3')
    """
    figure = _lift(figure)
    while round(figure, decimals) == round(limit, decimals) and decimals < MOST_DECIMALS:
        decimals += 1
    return f"{figure:,.{decimals}f}"


def say_limit(limit: float) -> str:
    """Write a limit for a sentence: as it was set.

    Examples
    --------
    >>> say_limit(2000.0), say_limit(0.5), say_limit(1200.75)
    ('2,000', '0.5', '1,200.75')
    """
    return f"{limit:,.10g}"


def say_walk(method: DistanceMethod) -> Text:
    """Say along what distances were measured, to stand before a number of metres."""
    return Text("步行", "on foot") if method == "roads" else Text("直线", "by straight line")


def say_share(ratio: float, *others: float) -> str:
    """Write a share for a sentence, so that it can be told from others: the least it misses, ….

    Examples
    --------
    >>> say_share(0.8449), say_share(0.84996), say_share(0.84996, 0.85)
    ('84.5%', '85.0%', '84.996%')
    >>> say_share(0.4, 0.39996), say_share(0.39996, 0.6, 0.4)
    ('40.000%', '39.996%')
    """
    told = (say_figure(ratio * 100, other * 100, 1) for other in others or (math.nan,))
    return f"{max(told, key=len)}%"  # the longest can be told from all of them


def _lift(figure: float) -> float:
    """Return a figure of which a half is written as the next whole, whatever its last bits say."""
    return figure * (1 + HALF)
