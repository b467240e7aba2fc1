"""Who is covered, and by whom."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import make_reach

from siteplan.analysis.coverage import (
    OLDER,
    find_older,
    find_quantile,
    list_groups,
    measure_coverage,
    measure_losses,
    measure_older_coverage,
)
from siteplan.model import Coverage, Demand

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
    groups = list_groups(demand, np.arange(len(demand.population)))
    members, reach = np.arange(len(walks)) + 10, make_reach(*walks)
    return measure_coverage(demand.population, groups, members, reach, radius_m=radius_m)


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
