"""What each site is worth: whom it covers, whom only it covers, and how many share its floor."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from siteplan.analysis.coverage import Catchment, Cover, average, find_ratio
from siteplan.analysis.sums import add_up, add_up_each
from siteplan.model import Demand, Flags, GroupWorth, Indices, Metres, Residents, Sites, SiteWorth

NOBODY = Catchment(np.empty(0), np.empty(0), math.nan)
NO_CLAIM = -1


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The pairs of a site and a demand point within its radius, by site.

    Attributes
    ----------
    start
        The pairs of site i are start[i]:start[i + 1]; shape (sites + 1,).
    point
        Demand point of each pair.
    others
        Number of other scheme sites that cover it.
    new
        Whether no rival covers it: of a scheme site the other existing sites, of a candidate the
        whole scheme.
    own
        Whether it lies in the subdistrict that the site claims.
    """

    start: Indices
    point: Indices
    others: Indices
    new: Flags
    own: Flags


def measure_worth(
    demand: Demand,
    codes: Sequence[str],
    sites: Sites,
    cover: Cover,
    catchments: Mapping[int, Catchment],
    snap_distance_m: Metres,
) -> list[SiteWorth]:
    """Return what each site is worth, in residents of the whole case.

    Parameters
    ----------
    demand
        Of the case.
    codes
        Of its subdistricts, in order.
    sites
        Of the case.
    cover
        Who is within the radius of which site.
    catchments
        Of each member, by site index.
    snap_distance_m
        From each site to the nearest road.

    Returns
    -------
    list of SiteWorth
        In the order of the sites. `shared` is the Shapley value of coverage: everybody has one vote
        and splits it among the scheme sites that cover them (Shapley 1953; the game of coverage is
        a sum of unanimity games, so the split is exact).
    """
    claimed = _find_claimed(sites, codes)
    pairs = _pair(demand, sites, cover, claimed)
    people = demand.population[pairs.point]
    counted = {
        "alone": people,
        "added": people * pairs.new,
        "shared": people / (pairs.others + 1),
        "lost": people * (pairs.others == 0),
    }
    every = {name: add_up_each(part, pairs.start) for name, part in counted.items()}
    every["added"] = np.minimum(every["added"], every["alone"])  # two sums may round apart
    every["lost"] = np.minimum(every["lost"], every["added"])
    own = {
        name: _add_up_own(part, every[name], pairs, claimed != NO_CLAIM)
        for name, part in counted.items()
    }
    groups = {name: _measure_group(count, pairs) for name, count in sorted(demand.groups.items())}
    worth = []
    for index, site in enumerate(sites.records):
        near = catchments.get(index, NOBODY)
        catchment = add_up(near.population) if index in catchments else math.nan
        alone, added, shared, lost = (float(part[index]) for part in every.values())
        alone_own, added_own, shared_own, lost_own = (float(part[index]) for part in own.values())
        worth.append(
            SiteWorth(
                alone=alone,
                added=added,
                shared=shared if site.in_scheme else math.nan,
                lost=lost if site.in_scheme else math.nan,
                alone_own=alone_own,
                added_own=added_own,
                shared_own=shared_own if site.in_scheme else math.nan,
                lost_own=lost_own if site.in_scheme else math.nan,
                catchment=catchment,
                load_per_m2=find_ratio(catchment, site.floor_area_m2 or 0.0),
                mean_distance_m=average(near.distance_m, near.population),
                p90_detour_factor=near.p90_detour_factor,
                snap_distance_m=float(snap_distance_m[index]),
                groups={name: found[index] for name, found in groups.items()},
            )
        )
    return worth


def _find_claimed(sites: Sites, codes: Sequence[str]) -> Indices:
    """Return which subdistrict each site claims, shape (sites,)."""
    place = {code: index for index, code in enumerate(codes)}
    claimed = [place.get(site.subdistrict or "", NO_CLAIM) for site in sites.records]
    return np.array(claimed, dtype=np.intp)


def _pair(demand: Demand, sites: Sites, cover: Cover, claimed: Indices) -> Pairs:
    """Look at each pair of a site and a demand point within its radius."""
    start, point = cover.reach.start, cover.reach.demand
    owner = np.repeat(np.arange(len(sites.records)), np.diff(start))
    in_scheme = sites.in_scheme[owner]
    others = cover.scheme[point] - in_scheme
    others_existing = cover.existing[point] - sites.existing[owner]
    return Pairs(
        start=start,
        point=point,
        others=others,
        new=np.where(in_scheme, others_existing, others) == 0,
        own=demand.subdistrict[point] == claimed[owner],
    )


def _add_up_own(part: Residents, every: Residents, pairs: Pairs, claims: Flags) -> Residents:
    """Return how many of the residents counted live in the subdistrict that each site claims.

    Never more than there are; nan where a site claims none.
    """
    own = np.minimum(add_up_each(part * pairs.own, pairs.start), every)
    return np.where(claims, own, math.nan)


def _measure_group(count: Residents, pairs: Pairs) -> list[GroupWorth]:
    """Return what each site is worth to a group; nan where it is unknown at a point in reach."""
    people = count[pairs.point]
    known = np.isfinite(people)
    people = np.where(known, people, 0.0)
    complete = add_up_each((~known).astype(np.float64), pairs.start) == 0
    alone, added = (
        np.where(complete, add_up_each(part, pairs.start), math.nan).tolist()
        for part in (people, people * pairs.new)
    )
    return [GroupWorth(*each) for each in zip(alone, added, strict=True)]
