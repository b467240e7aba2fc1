"""Who is covered, by whom, and what each site is worth."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_reach, make_site, make_sites

from siteplan.analysis.coverage import (
    NOBODY,
    OLDER,
    Catchment,
    count_cover,
    find_older,
    find_quantile,
    measure_coverage,
    measure_losses,
    measure_older_coverage,
    measure_worth,
)
from siteplan.model import Coverage, Demand, Reach, Sites, SiteWorth

RADIUS_M = 500.0
PEOPLE = st.lists(st.integers(0, 50).map(float), min_size=1, max_size=8)


def stand(people: list[float], owner: list[int] | None = None, **groups: list[float]) -> Demand:
    """Put people at points; where exactly does not matter here."""
    owners = np.array(owner or [0] * len(people), dtype=np.intp)
    return Demand(
        subdistrict=owners,
        x=np.zeros(len(people)),
        y=np.zeros(len(people)),
        population=np.array(people),
        groups={name: np.array(count) for name, count in groups.items()},
        basis=("residents",) * (owners.max(initial=0) + 1),
        measured_ratio=np.full(owners.max(initial=0) + 1, np.nan),
    )


def cover(demand: Demand, *walks: dict[int, float], radius_m: float = RADIUS_M) -> Coverage:
    """Measure the coverage of one subdistrict by members 10, 11, …."""
    own, members = np.arange(len(demand.population)), np.arange(len(walks)) + 10
    return measure_coverage(demand, own, members, make_reach(*walks), radius_m=radius_m)


def value(demand: Demand, sites: Sites, reach: Reach) -> dict[str, SiteWorth]:
    found = measure_worth(
        demand,
        sites,
        reach,
        count_cover(reach, sites, len(demand.population)),
        {},
        np.zeros(len(sites.records)),
    )
    return {site.id: worth for site, worth in zip(sites.records, found, strict=True)}


# --- coverage, by hand


def test_people_are_counted_and_not_points() -> None:
    found = cover(stand([90, 5, 5]), {0: 100, 1: 600, 2: 700})
    assert (found.covered_population, found.coverage_ratio) == (90, 0.9)


def test_the_radius_is_inclusive() -> None:
    demand = stand([1, 2, 4, 8])
    found = cover(demand, {0: 499.9, 1: 500, 2: 500 + 5e-7, 3: 500.001})
    assert found.covered.tolist() == [True, True, True, False]
    assert found.covered_population == 7


def test_mean_and_p95_are_over_residents_who_can_walk_to_a_member() -> None:
    found = cover(stand([50, 45, 5, 900]), {0: 100, 1: 200, 2: 1000})
    assert found.mean_distance_m == pytest.approx((50 * 100 + 45 * 200 + 5 * 1000) / 100)
    assert found.p95_distance_m == 200
    assert found.unreachable_population == 900
    assert found.distance_m.tolist() == [100, 200, 1000, math.inf]
    assert found.nearest.tolist() == [10, 10, 10, -1]


def test_the_nearest_member_is_found_beyond_the_radius_and_a_tie_goes_to_the_smallest_id() -> None:
    found = cover(stand([1, 1, 1, 1]), {0: 300, 1: 9000, 3: 70}, {0: 300, 1: 8000, 3: 70 - 1e-9})
    assert found.nearest.tolist() == [10, 11, -1, 10]
    assert found.distance_m.tolist() == [300, 8000, math.inf, 70 - 1e-9]


def test_without_a_member_nobody_is_covered() -> None:
    found = cover(stand([3, 4]))
    assert (found.covered_population, found.coverage_ratio) == (0, 0)
    assert math.isnan(found.mean_distance_m)
    assert math.isnan(found.p95_distance_m)


def test_without_residents_no_ratio_can_be_computed() -> None:
    found = cover(stand([]), {})
    assert found.covered_population == 0
    assert math.isnan(found.coverage_ratio)
    assert math.isnan(found.p95_distance_m)


def test_a_group_has_a_ratio_only_where_it_has_places_of_its_own() -> None:
    demand = stand([10, 30], elderly=[6, 2], children=[math.nan, math.nan], nobody=[0, 0])
    assert cover(demand, {0: 100, 1: 900}).group_ratios == {"elderly": 0.75}


def test_older_residents_are_counted_where_they_live_or_else_everybody() -> None:
    walks = {0: 100, 1: 300, 2: 400}
    nan = math.nan
    people = stand([10, 20, 30, 40], **{OLDER: [1, 1, 2, 0]})
    own = np.arange(4)
    assert measure_older_coverage(find_older(people, own), cover(people, walks), 300) == 0.5
    unknown = stand([10, 20, 30, 40], **{OLDER: [nan, nan, nan, nan]})
    assert measure_older_coverage(find_older(unknown, own), cover(unknown, walks), 300) == 0.3
    assert measure_older_coverage(find_older(unknown, own), cover(unknown), 300) == 0
    none = stand([0])
    assert math.isnan(
        measure_older_coverage(find_older(none, np.arange(1)), cover(none, {0: 1}), 300)
    )


@pytest.mark.parametrize(
    ("share", "distance_m"), [(0.05, 10), (0.5, 20), (0.51, 30), (0.95, 40), (0.951, 50), (1, 50)]
)
def test_a_quantile_is_the_smallest_distance_that_reaches_the_share(
    share: float, distance_m: float
) -> None:
    distances = np.array([50.0, 10.0, 20.0, 40.0, 30.0])
    assert find_quantile(distances, np.array([5.0, 25, 25, 20, 25]), share) == distance_m


def test_a_share_met_on_paper_is_met() -> None:
    """The sum of 19 times a third is below 95 % of 20 thirds in floats."""
    thirds = np.full(20, 1 / 3)
    assert np.cumsum(thirds)[18] < 0.95 * math.fsum(thirds)
    assert find_quantile(np.arange(20.0), thirds, 0.95) == 18


# --- laws of coverage


WALKS = st.lists(
    st.dictionaries(st.integers(0, 7), st.integers(0, 1000).map(float)), min_size=1, max_size=5
)


@given(PEOPLE, WALKS)
def test_adding_a_site_never_lowers_coverage(
    people: list[float], walks: list[dict[int, float]]
) -> None:
    demand = stand(people)
    walks = [{p: m for p, m in walk.items() if p < len(people)} for walk in walks]
    before, after = cover(demand, *walks[:-1]), cover(demand, *walks)
    assert after.covered_population >= before.covered_population
    assert after.unreachable_population <= before.unreachable_population
    assert (after.distance_m <= before.distance_m).all()


@given(PEOPLE, WALKS)
def test_catchments_partition_the_reached_residents(
    people: list[float], walks: list[dict[int, float]]
) -> None:
    demand = stand(people)
    walks = [{p: m for p, m in walk.items() if p < len(people)} for walk in walks]
    found = cover(demand, *walks)
    reached = [any(point in walk for walk in walks) for point in range(len(people))]
    assert (found.nearest >= 0).tolist() == reached
    for point, nearest in enumerate(found.nearest.tolist()):
        if nearest >= 0:
            ways = [walk.get(point, math.inf) for walk in walks]
            assert ways.index(min(ways)) == nearest - 10
    catchments = [demand.population[found.nearest == 10 + i].sum() for i in range(len(walks))]
    assert sum(catchments) + found.unreachable_population == pytest.approx(sum(people))


# --- losses


def test_a_loss_is_the_share_that_stays_covered_without_a_member() -> None:
    walks = make_reach({0: 100, 1: 500}, {1: 100, 2: 501}, {2: 300})
    left = measure_losses(
        np.array([10.0, 20, 30, 40]), np.array([3, 5, 8]), walks, radius_m=RADIUS_M
    )
    assert left == {3: 0.5, 5: 0.6, 8: 0.3}


def test_without_residents_there_is_nothing_to_lose() -> None:
    assert measure_losses(np.array([]), np.array([0]), make_reach({}), radius_m=RADIUS_M) == {}


# --- worth, by hand


def test_a_site_is_worth_what_it_adds_and_a_candidate_is_never_counted() -> None:
    sites = make_sites(
        make_site("a-old", status="existing"),
        make_site("b-older", status="existing"),
        make_site("c-new"),
        make_site("d-newer"),
        make_site("e-maybe", status="candidate"),
        make_site("f-again", status="candidate"),
    )
    #                   0: old   1: old, new   2: new, newer   3: newest only   4: maybe only
    demand = stand([100, 10, 20, 40, 80])
    reach = make_reach({0: 1, 1: 1}, {0: 1}, {1: 1, 2: 1}, {2: 1, 3: 1}, {2: 1, 4: 1}, {4: 1})
    worth = value(demand, sites, reach)
    assert {name: (w.alone, w.added, w.shared, w.lost) for name, w in worth.items()} == {
        "a-old": (110, 10, 50 + 5, 0),  # of no other existing site: the new one does not count
        "b-older": (100, 0, 50, 0),
        "c-new": (30, 20, 5 + 10, 0),
        "d-newer": (60, 60, 10 + 40, 40),
        "e-maybe": (
            100,
            80,
            pytest.approx(math.nan, nan_ok=True),
            pytest.approx(math.nan, nan_ok=True),
        ),
        "f-again": (
            80,
            80,
            pytest.approx(math.nan, nan_ok=True),
            pytest.approx(math.nan, nan_ok=True),
        ),
    }


def test_a_catchment_belongs_to_a_member_and_its_mean_is_over_people() -> None:
    sites = make_sites(make_site("a"), make_site("b"), make_site("c"))
    reach, demand = make_reach({}, {}, {}), stand([1])
    catchments = {
        0: Catchment(np.array([10.0, 30.0]), np.array([100.0, 200.0]), 1.25),
        1: NOBODY,
    }
    a, b, c = measure_worth(
        demand, sites, reach, count_cover(reach, sites, 1), catchments, np.array([1.0, 2.0, 3.0])
    )
    assert (a.catchment, a.mean_distance_m, a.snap_distance_m) == (40, 175, 1)
    assert a.p90_detour_factor == 1.25
    assert (b.catchment, b.snap_distance_m) == (0, 2)
    assert math.isnan(b.mean_distance_m)
    assert math.isnan(c.catchment)


# --- laws of worth


STATUSES = st.sampled_from(["existing", "proposed", "candidate"])
TOWNS = st.integers(1, 5).flatmap(
    lambda count: st.tuples(
        st.lists(STATUSES, min_size=count, max_size=count),
        st.lists(st.sets(st.integers(0, 7)), min_size=count, max_size=count),
        st.lists(st.integers(0, 50).map(float), min_size=8, max_size=8),
    )
)
Town = tuple[list[str], list[set[int]], list[float]]


def value_town(town: Town) -> tuple[list[SiteWorth], list[int]]:
    """Return what sites are worth, and which of them are in the scheme."""
    statuses, covers, people = town
    sites = make_sites(*(make_site(f"{i}", status=each) for i, each in enumerate(statuses)))
    worth = value(stand(people), sites, make_reach(*(dict.fromkeys(each, 1.0) for each in covers)))
    scheme = [index for index, status in enumerate(statuses) if status != "candidate"]
    return list(worth.values()), scheme


@given(TOWNS)
def test_lost_is_at_most_added_and_added_at_most_alone(town: Town) -> None:
    worth, scheme = value_town(town)
    assert all(one.added <= one.alone for one in worth)
    assert all(worth[index].lost <= worth[index].added for index in scheme)
    assert all(worth[index].lost <= worth[index].shared + 1e-9 for index in scheme)


@given(TOWNS)
def test_votes_add_up_to_the_people_covered_by_any(town: Town) -> None:
    worth, scheme = value_town(town)
    _, covers, people = town
    covered = set().union(*(covers[index] for index in scheme))
    votes = sum(worth[index].shared for index in scheme)
    assert votes == pytest.approx(sum(people[point] for point in covered))


@settings(max_examples=60)
@given(TOWNS)
def test_worth_is_what_brute_force_finds_over_all_orders_of_building(town: Town) -> None:
    statuses, covers, people = town
    worth, scheme = value_town(town)

    def count(sites: set[int]) -> float:
        return sum(people[point] for point in set().union(*(covers[site] for site in sites)))

    existing = {index for index, status in enumerate(statuses) if status == "existing"}
    for index, one in enumerate(worth):
        rivals = (existing if index in scheme else set(scheme)) - {index}
        assert one.alone == count({index})
        assert one.added == count(rivals | {index}) - count(rivals)
    orders = list(permutations(scheme))
    for index in scheme:
        gains = [
            count(set(order[: order.index(index) + 1])) - count(set(order[: order.index(index)]))
            for order in orders
        ]
        assert worth[index].shared == pytest.approx(sum(gains) / len(orders))
        assert worth[index].lost == count(set(scheme)) - count(set(scheme) - {index})


@given(TOWNS)
def test_candidates_change_nothing_for_the_scheme(town: Town) -> None:
    statuses, covers, people = town
    worth, scheme = value_town(town)
    alone, _ = value_town(([statuses[i] for i in scheme], [covers[i] for i in scheme], people))
    for index, one in zip(scheme, alone, strict=True):
        found = worth[index]
        assert (one.alone, one.added, one.shared, one.lost) == (
            found.alone, found.added, found.shared, found.lost,
        )  # fmt: skip
