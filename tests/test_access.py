"""How much floor area people can reach, how evenly, and how far a service would have to reach."""

import csv
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import make_reach

from siteplan.analysis.access import (
    RADII_M,
    BalancedAccess,
    find_target_radius,
    measure_access,
    measure_balanced_access,
    measure_curve,
    measure_spread,
)
from siteplan.analysis.coverage import find_quantile, measure_coverage
from siteplan.analysis.places import join_to_roads
from siteplan.analysis.travel import measure_reach
from siteplan.model import Demand, Reach

nan, inf = math.nan, math.inf
Floats = npt.NDArray[np.float64]


def supply(rows: list[dict[int, float]], areas_m2: list[float], people: list[float]) -> list[float]:
    """Return the floor area per 1,000 residents of each point."""
    return measure_access(make_reach(*rows), np.array(areas_m2), np.array(people)).tolist()


def balance(
    rows: list[dict[int, float]], areas_m2: list[float], people: list[float]
) -> BalancedAccess:
    return measure_balanced_access(make_reach(*rows), np.array(areas_m2), np.array(people))


# --- floor area within reach, by hand


def test_floor_area_is_shared_by_all_within_reach_and_shares_add_up() -> None:
    #           both reach the middle point; the last point is out of reach
    rows = [{0: 100, 1: 400}, {1: 300, 2: 10}]
    found = supply(rows, [1000, 600], [400, 600, 200, 999])
    assert found == [1000, 1000 + 750, 750, 0]


def test_a_site_that_reaches_nobody_gives_nothing() -> None:
    assert supply([{}, {0: 1}], [1000, 500], [0, 100]) == [0, 0]
    assert supply([{}, {1: 1}], [1000, 500], [0, 100]) == [0, 5000]


def test_unknown_floor_area_adds_nothing() -> None:
    assert supply([{0: 1}, {0: 1, 1: 1}], [nan, 300], [100, 200]) == [1000, 1000]


def test_without_sites_or_residents_there_is_no_supply() -> None:
    assert supply([], [], [5, 6]) == [0, 0]
    assert supply([{}], [100], []) == []


def test_balanced_residents_divide_themselves_among_the_sites_within_reach() -> None:
    rows = [{0: 100, 1: 400}, {1: 300, 2: 10}]
    found = balance(rows, [1000, 600], [400, 600, 200, 999])
    assert found.residents.tolist() == [400 + 300, 300 + 200]
    assert found.access_m2_per_1000 == pytest.approx([1e6 / 700, (1e6 / 700 + 1200) / 2, 1200, 0])


def test_balanced_residents_of_a_site_of_unknown_floor_area_stay_its_own() -> None:
    found = balance([{0: 1}, {}, {0: 1}], [nan, 10, 300], [100])
    assert found.residents.tolist() == [50, 0, 50]
    assert found.access_m2_per_1000.tolist() == [3000]


def test_balanced_without_sites_nobody_has_anything() -> None:
    found = balance([], [], [5])
    assert found.residents.tolist() == []
    assert found.access_m2_per_1000.tolist() == [0]


# --- floor area within reach, laws


TOWNS = st.integers(1, 6).flatmap(
    lambda sites: st.tuples(
        st.lists(
            st.dictionaries(st.integers(0, 7), st.integers(0, 1000).map(float)),
            min_size=sites,
            max_size=sites,
        ),
        st.lists(st.floats(0, 5000), min_size=sites, max_size=sites),
        st.lists(st.one_of(st.just(0.0), st.floats(0.5, 900)), min_size=8, max_size=8),
    )
)
Town = tuple[list[dict[int, float]], list[float], list[float]]


def add_up_floor_area(town: Town) -> float:
    """Return the floor area of the sites that reach anybody."""
    rows, areas_m2, people = town
    reaching = [any(people[point] for point in row) for row in rows]
    return math.fsum(area for area, some in zip(areas_m2, reaching, strict=True) if some)


@given(TOWNS)
def test_all_floor_area_that_reaches_anybody_is_handed_out_once(town: Town) -> None:
    for found in (supply(*town), balance(*town).access_m2_per_1000):
        handed_out = math.fsum(np.array(town[2]) * found / 1000)
        assert handed_out == pytest.approx(add_up_floor_area(town), rel=1e-12)


@given(TOWNS)
def test_every_resident_reached_is_allotted_once(town: Town) -> None:
    rows, _, people = town
    found = balance(*town)
    reached = math.fsum(people[point] for point in set().union(*rows))
    assert math.fsum(found.residents) == pytest.approx(reached, rel=1e-12)


@given(TOWNS, st.integers(0, 5), st.floats(0, 9000))
def test_more_floor_area_never_lowers_anybodys_access(
    town: Town, site: int, more_m2: float
) -> None:
    rows, areas_m2, people = town
    larger = areas_m2.copy()
    larger[site % len(larger)] += more_m2
    for before, after in (
        (supply(*town), supply(rows, larger, people)),
        (balance(*town).access_m2_per_1000, balance(rows, larger, people).access_m2_per_1000),
    ):
        assert (np.array(after) >= np.array(before) * (1 - 1e-12)).all()


@given(TOWNS, st.randoms(use_true_random=False))
def test_the_order_of_sites_and_points_changes_no_bit(town: Town, random: object) -> None:
    rows, areas_m2, people = town
    sites, points = list(range(len(rows))), list(range(len(people)))
    random.shuffle(sites)  # type: ignore[attr-defined]
    random.shuffle(points)  # type: ignore[attr-defined]
    moved: Town = (
        [{points.index(point): metres for point, metres in rows[site].items()} for site in sites],
        [areas_m2[site] for site in sites],
        [people[point] for point in points],
    )
    assert supply(*moved) == [supply(*town)[point] for point in points]
    before, after = balance(*town), balance(*moved)
    assert after.residents.tolist() == before.residents[sites].tolist()
    assert after.access_m2_per_1000.tolist() == before.access_m2_per_1000[points].tolist()


@given(TOWNS, st.integers(0, 7))
def test_residents_who_stand_at_two_points_instead_of_one_change_nothing(
    town: Town, split: int
) -> None:
    rows, areas_m2, people = town
    halves: Town = (
        [row | ({8: row[split]} if split in row else {}) for row in rows],
        areas_m2,
        [n / 2 if point == split else n for point, n in enumerate(people)] + [people[split] / 2],
    )
    assert supply(*halves)[:8] == pytest.approx(supply(*town), rel=1e-12)
    before, after = balance(*town), balance(*halves)
    assert after.access_m2_per_1000[:8] == pytest.approx(before.access_m2_per_1000, rel=1e-12)


@given(TOWNS)
def test_balanced_access_is_what_the_standardised_matrices_give(town: Town) -> None:
    """Dense matrices, columns standardised over residents, each of them a row of the paper's."""
    rows, areas_m2, people = town
    within = np.array([[point in row for row in rows] for point in range(8)], dtype=float)
    by_row = within / np.where(within.any(1), within.sum(1), 1)[:, None]
    flows = np.array(people)[:, None] * by_row
    by_column = flows / np.where(flows.sum(0) > 0, flows.sum(0), 1)
    had = by_column @ np.array(areas_m2)
    assert balance(*town).access_m2_per_1000 * people / 1000 == pytest.approx(had, rel=1e-12)


@given(TOWNS)
def test_both_are_the_same_where_nobody_can_choose(town: Town) -> None:
    rows, areas_m2, people = town
    apart = [{p: m for p, m in row.items() if p % len(rows) == i} for i, row in enumerate(rows)]
    balanced = balance(apart, areas_m2, people)
    assert supply(apart, areas_m2, people) == balanced.access_m2_per_1000.tolist()


# --- floor area within reach, beside a peer


@pytest.mark.real
def test_floor_area_within_reach_is_what_pysal_finds_in_a_real_city(real_data: Path) -> None:
    """1,227 hexagons of Porto Alegre, with as many m² of each school as make no round figure."""
    fca = pytest.importorskip("access.fca", reason="access (PySAL) is not installed")
    pd = pytest.importorskip("pandas")
    with (real_data / "porto_alegre" / "poa_hexgrid.csv").open(encoding="utf-8") as file:
        hexagons = list(csv.DictReader(file))
    lon, lat, people, schools = (
        np.array([float(row[name]) for row in hexagons])
        for name in ("lon", "lat", "population", "schools")
    )
    x, y = np.radians(lon) * 6371e3 * math.cos(math.radians(-30)), np.radians(lat) * 6371e3
    has = schools > 0
    areas_m2 = schools[has] * (700 + np.arange(has.sum()) / 7)
    places = [join_to_roads(*at, None, 0) for at in ((x[has], y[has]), (x, y))]
    reach = measure_reach(None, *places, 1500)
    ours = measure_access(reach, areas_m2, people) / 1000

    pairs = pd.DataFrame(
        {
            "origin": reach.demand,
            "dest": np.repeat(np.arange(len(areas_m2)), np.diff(reach.start)),
            "cost": reach.distance_m,
        }
    )
    index = {"name": "geoid"}
    theirs = fca.two_stage_fca(
        pd.DataFrame({"demand": people}, index=pd.RangeIndex(len(people), **index)),
        pd.DataFrame({"supply": areas_m2}, index=pd.RangeIndex(len(areas_m2), **index)),
        pairs,
        max_cost=1500,
    )
    assert len(theirs) == (ours > 0).sum() > 1000
    assert ours[theirs.index] == pytest.approx(theirs.to_numpy(), rel=1e-9, abs=0)


# --- how evenly


def test_the_gini_coefficient_is_half_the_mean_difference_by_the_mean() -> None:
    # three people at 100 m, one at 300 m: 6 of 16 ordered pairs differ, by 200 m; the mean is 150 m
    assert measure_spread(np.array([100.0, 300]), np.array([3.0, 1])).gini == pytest.approx(
        6 * 200 / 16 / 2 / 150
    )


def test_one_of_many_has_it_all() -> None:
    found = measure_spread(np.array([0.0, 40.0]), np.array([99.0, 1.0]))
    assert found.gini == pytest.approx(0.99)
    assert math.isnan(found.ratio_90_10)  # nine in ten, and one in ten, have nothing


def test_who_reaches_no_site_is_counted_apart() -> None:
    found = measure_spread(np.array([100.0, inf, 100.0, nan]), np.array([1.0, 7, 2, 8]))
    assert (found.gini, found.ratio_90_10) == (0, 1)
    assert (found.population, found.excluded_population) == (3, 15)


def test_the_ratio_divides_quantiles_over_people() -> None:
    distances_m = np.array([800.0, 50.0, 200.0, 400.0])
    assert measure_spread(distances_m, np.array([10.0, 10, 40, 40])).ratio_90_10 == 400 / 50
    assert measure_spread(distances_m, np.array([11.0, 9, 40, 40])).ratio_90_10 == 800 / 200


@pytest.mark.parametrize(("values", "people"), [([], []), ([5, 6], [0, 0]), ([inf], [3])])
def test_without_people_nothing_is_uneven(values: list[float], people: list[float]) -> None:
    found = measure_spread(np.array(values, dtype=float), np.array(people, dtype=float))
    assert math.isnan(found.gini)
    assert math.isnan(found.ratio_90_10)
    assert found.population == 0


def test_where_nobody_has_anything_it_is_unknown_how_evenly() -> None:
    assert math.isnan(measure_spread(np.zeros(2), np.ones(2)).gini)


WALKS = st.lists(
    st.tuples(st.integers(0, 3000).map(float) | st.just(inf), st.integers(0, 60).map(float)),
    min_size=1,
    max_size=25,
)
Walks = list[tuple[float, float]]


def split(walks: Walks) -> tuple[Floats, Floats]:
    """Return distances and people."""
    distances_m, people = np.array(walks).T
    return distances_m, people


@given(WALKS)
def test_the_gini_coefficient_is_its_definition_over_all_pairs(walks: Walks) -> None:
    found = measure_spread(*split(walks)).gini
    known = [(metres, people) for metres, people in walks if metres < inf]
    total = sum(people for _, people in known)
    amount = sum(metres * people for metres, people in known)
    apart = sum(abs(a - b) * n * m for a, n in known for b, m in known)
    if amount:
        assert found == pytest.approx(apart / (2 * total * amount), abs=1e-12)
        assert 0 <= found < 1
    else:
        assert math.isnan(found)


@given(WALKS, st.randoms(use_true_random=False))
def test_the_order_of_people_changes_no_bit_of_the_spread(walks: Walks, random: object) -> None:
    walks = [(metres, people / 7) for metres, people in walks]
    shuffled = walks.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    before, after = (repr(measure_spread(*split(each))) for each in (walks, shuffled))
    assert before == after


@given(WALKS)
def test_a_spread_does_not_depend_on_the_unit(walks: Walks) -> None:
    distances_m, people = split(walks)
    metres, kilometres = (measure_spread(d, people) for d in (distances_m, distances_m / 1000))
    assert kilometres.gini == pytest.approx(metres.gini, abs=1e-12, nan_ok=True)
    assert kilometres.ratio_90_10 == pytest.approx(metres.ratio_90_10, nan_ok=True)


# --- the coverage curve


def test_the_curve_counts_people_within_each_radius_inclusive() -> None:
    distances_m = np.array([0.0, 100, 100 + 5e-7, 100.1, 2999, 3000, 3000.1, inf])
    people = np.array([1.0, 2, 4, 8, 16, 32, 64, 128])
    curve = measure_curve(distances_m, people)
    assert (len(curve), RADII_M[0], RADII_M[1], RADII_M[-1]) == (31, 0, 100, 3000)
    within = (curve * 255).round(9)
    assert within[[0, 1, 2, 29, 30]].tolist() == [1, 7, 15, 15, 63]


def test_without_residents_there_is_no_curve() -> None:
    assert np.isnan(measure_curve(np.empty(0), np.empty(0))).all()
    assert np.isnan(measure_curve(np.array([5.0]), np.array([0.0]))).all()


def test_slower_walkers_come_less_far_in_the_same_time() -> None:
    distances_m, people = np.array([70.0, 76.0, 80.0]), np.array([1.0, 1.0, 2.0])
    assert measure_curve(distances_m, people, pace=0.76)[:3].tolist() == [0, 0.5, 1]
    assert find_target_radius(distances_m, people, 0.5, pace=0.76) == pytest.approx(100)


def stand(people: Floats) -> Demand:
    """Put people of one subdistrict anywhere."""
    nowhere = np.zeros(len(people))
    owner = np.zeros(len(people), dtype=np.intp)
    return Demand(owner, nowhere, nowhere, people, {}, ("area",), np.array([nan]))


@given(WALKS, st.sampled_from(RADII_M))
def test_at_the_service_radius_the_curve_is_the_coverage(walks: Walks, radius_m: float) -> None:
    distances_m, people = split([(metres, count / 3) for metres, count in walks])
    reached = {i: metres for i, metres in enumerate(distances_m.tolist()) if metres < inf}
    coverage = measure_coverage(people, {}, np.array([0]), make_reach(reached), radius_m=radius_m)
    here = measure_curve(coverage.distance_m, people)[RADII_M.index(radius_m)]
    assert here == coverage.coverage_ratio or not people.any()


@given(WALKS)
def test_a_curve_never_falls(walks: Walks) -> None:
    curve = measure_curve(*split(walks))
    assert (np.diff(curve) >= 0).all() or np.isnan(curve).all()


# --- the radius at which a target would be met


def test_the_target_radius_is_the_distance_of_somebody_and_no_step_of_the_curve() -> None:
    distances_m, people = np.array([712.5, 310.25, inf]), np.array([30.0, 50.0, 20.0])
    found = [find_target_radius(distances_m, people, target) for target in (0.5, 0.51, 0.8)]
    assert found == [310.25, 712.5, 712.5]


@pytest.mark.parametrize(
    ("walks", "target"),
    [([(5, 80), (inf, 20)], 0.81), ([(5, 100)], 1.01), ([(inf, 3)], 0.1), ([(5, 0)], 0.5)],
)
def test_a_target_that_no_radius_meets_has_none(walks: Walks, target: float) -> None:
    assert math.isnan(find_target_radius(*split(walks), target))


def test_a_target_met_on_paper_is_met() -> None:
    thirds = np.full(20, 1 / 3)
    assert find_target_radius(np.arange(20.0), thirds, 0.95) == 18


@given(WALKS, st.floats(0.01, 1), st.sampled_from([1.0, 0.76]))
def test_the_target_is_met_at_that_radius_and_at_none_below(
    walks: Walks, target: float, pace: float
) -> None:
    found = find_target_radius(*split(walks), target, pace=pace)
    total = sum(people for _, people in walks)

    def share(radius_m: float) -> float:
        return sum(people for metres, people in walks if metres <= radius_m * pace + 1e-6) / total

    if total and share(1e9) >= target * (1 - 1e-9):
        assert share(found) >= target * (1 - 1e-9)
        assert share(found - 0.01) < target
    else:
        assert math.isnan(found)


def test_the_target_radius_for_95_percent_is_the_p95_where_all_can_walk() -> None:
    generator = np.random.default_rng(0)
    distances_m, people = generator.uniform(0, 2000, 500), generator.uniform(0, 9, 500)
    assert find_target_radius(distances_m, people, 0.95) == find_quantile(distances_m, people, 0.95)


def test_a_shorter_reach_gives_no_more_sites_to_anybody() -> None:
    reach = make_reach({0: 100, 1: 400}, {1: 300, 2: 10})
    near: Reach = reach.within(350)
    found = measure_access(near, np.array([1000.0, 600.0]), np.array([400.0, 600, 200]))
    assert found.tolist() == [2500, 750, 750]
