"""Why a subdistrict or a site got its verdict, and what would be if one thing were otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from siteplan.model.case import Case, Site
from siteplan.model.evaluation import Finding, Judgement, SiteWorth
from siteplan.model.standard import Threshold
from siteplan.model.types import DistanceMethod

Effect = Literal["fails", "assumed", "mild", "open"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding, and what it does to the verdict.

    Attributes
    ----------
    finding
        What a rule found.
    effect
        `fails`: it does not pass; `assumed`: it would not, if the figures it was held against were
        adopted; `mild`: the rule itself asks for no more than a warning;
        `open`: it could not be told.
    decides
        Whether the verdict of the subdistrict is what it is because of this.
    """

    finding: Finding
    effect: Effect
    decides: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many own residents a scheme of a subdistrict covers, now or if it were otherwise.

    Attributes
    ----------
    covered_population, coverage_ratio
        As of `Coverage`.
    change_population
        Covered residents more than today; below 0 where they are fewer.
    missing_population
        Residents who must be covered besides to meet the target, 0 where it is met; nan without a
        target or residents.
    meets_target
        None without a target or residents.
    """

    covered_population: float
    coverage_ratio: float
    change_population: float
    missing_population: float
    meets_target: bool | None


@dataclass(frozen=True, slots=True)
class Addition:
    """A candidate, and what is covered once it is in the scheme."""

    site: str
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Combination:
    """The smallest set of candidates with which a subdistrict meets its target.

    Attributes
    ----------
    sites
        Ids in order, of the sets tried the one that covers most; empty where all candidates
        together are not enough.
    outlook
        With these sites; with all candidates where they are not enough.
    tried_size
        Every set of up to so many candidates was tried. Where the set is larger, it was put
        together greedily, and a smaller one may do.
    """

    sites: tuple[str, ...]
    outlook: Outlook
    tried_size: int

    @property
    def is_smallest(self) -> bool:
        """Whether no smaller set can be enough, even where not all of this size were tried."""
        return len(self.sites) <= self.tried_size + 1


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one more site would reach most of the residents who are not covered.

    Attributes
    ----------
    x, y
        Working CRS: where residents of the subdistrict stand.
    lon, lat
        WGS84 degrees.
    name
        Of the nearest place that has one; None where there is none nearby.
    nearest, distance_m
        The member nearest to it, and how far it is; None and inf where there is none.
    outlook
        With a site there.
    """

    x: float
    y: float
    lon: float
    lat: float
    name: str | None
    nearest: str | None
    distance_m: float
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Placing:
    """A member as headquarters: how far it is for the others.

    Attributes
    ----------
    site
        Its id.
    mean_m
        From each member to it, averaged over the residents of their catchments, among those who can
        walk there; nan without residents.
    longest_m, farthest
        The longest of these walks, and whose it is; nan and None where nobody else can walk there.
    stranded
        Members that cannot walk there, by id.
    """

    site: str
    mean_m: float
    longest_m: float
    farthest: str | None
    stranded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Headship:
    """Which member is the headquarters of a centre, and which could be.

    Attributes
    ----------
    now
        The headquarters; None without exactly one.
    best
        The member to which the residents-weighted way is shortest; None where no member can be
        walked to from all the rest.
    without
        What is covered without the headquarters; None where there is none.
    successor
        The best of the others, once the headquarters is gone; None where there is none.
    """

    now: Placing | None
    best: Placing | None
    without: Outlook | None
    successor: Placing | None


@dataclass(frozen=True, slots=True)
class Closure:
    """Members, but the headquarters, each of which may close by itself and no own resident notices.

    Attributes
    ----------
    sites
        Ids in order.
    together
        What is covered if all of them close at once.
    lost_elsewhere
        Residents of other subdistricts whom no other site of the case covers, by id; only of those
        that have any.
    """

    sites: tuple[str, ...]
    together: Outlook
    lost_elsewhere: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """By what was judged.

    Attributes
    ----------
    case
        With the radius that was tried in its standard.
    method
        How distances were measured.
    radius, target
        Of the subdistrict; None where the standard gives none.
    """

    case: Case
    method: DistanceMethod
    radius: Threshold | None
    target: Threshold | None


@dataclass(frozen=True, slots=True, eq=False)
class SubdistrictExplanation:
    """Why a subdistrict got its verdict, and what would change it.

    Attributes
    ----------
    basis
        By what was judged.
    judgement
        Of the subdistrict.
    reasons
        Those that decide first, then in order of code and subject.
    today
        What its members cover.
    additions
        Each candidate by itself, in order of id.
    combination
        None where the target is met already, there is no target, or there is no candidate.
    spot
        None where a site at no place would reach anybody more.
    headship
        Of its members; None where there are none.
    closure
        None where no member but the headquarters could be missed.
    """

    basis: Basis
    judgement: Judgement
    reasons: tuple[Reason, ...]
    today: Outlook
    additions: tuple[Addition, ...]
    combination: Combination | None
    spot: Spot | None
    headship: Headship | None
    closure: Closure | None


@dataclass(frozen=True, slots=True, eq=False)
class SiteExplanation:
    """What a site is to its subdistrict, and what would be without it.

    Attributes
    ----------
    basis
        By what was judged.
    site, worth
        What is known of it, and how many residents it matters to.
    reasons
        The findings on it.
    judgement, today
        Of its subdistrict; None where it belongs to none.
    otherwise
        What is covered without it, of a candidate with it; None where it belongs to no subdistrict.
    headquarters
        Of its centre, with the candidate itself where it is one; None without exactly one.
    as_headquarters
        If it were the headquarters; None where the centre has no other site.
    successor
        Of the headquarters, the best of the others once it is gone; else None.
    """

    basis: Basis
    site: Site
    worth: SiteWorth
    reasons: tuple[Reason, ...]
    judgement: Judgement | None = None
    today: Outlook | None = None
    otherwise: Outlook | None = None
    headquarters: Placing | None = None
    as_headquarters: Placing | None = None
    successor: Placing | None = None


Explanation = SubdistrictExplanation | SiteExplanation
