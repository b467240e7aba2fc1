"""Residents at points."""

import math
from collections import defaultdict

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_area, make_subdistrict, make_weights

from siteplan.analysis.demand import locate, place_residents
from siteplan.model import Demand, Weights

SIDES = st.integers(10, 400).map(lambda number: number / 10)
DECIMETRES = st.integers(-2000, 2000).map(lambda number: number / 10)
PEOPLE = st.floats(0, 1e7)
POINTS = st.lists(
    st.tuples(st.floats(-50, 450), st.floats(-50, 150), st.floats(0, 1e6)), max_size=12
)


def count_people(demand: Demand) -> dict[int, float]:
    """Add up residents by subdistrict."""
    people: dict[int, float] = defaultdict(float)
    for owner, count in zip(demand.subdistrict.tolist(), demand.population.tolist(), strict=True):
        people[owner] += count
    return people


def list_points(demand: Demand) -> list[tuple[float, float, float]]:
    return list(zip(demand.x.tolist(), demand.y.tolist(), demand.population.tolist(), strict=True))


# --- conservation


@given(st.lists(st.tuples(SIDES, PEOPLE), min_size=1, max_size=4), POINTS, POINTS)
def test_every_subdistrict_keeps_its_residents(
    strips: list[tuple[float, float]],
    residents: list[tuple[float, float, float]],
    buildings: list[tuple[float, float, float]],
) -> None:
    west, subdistricts = 0.0, []
    for number, (width, people) in enumerate(strips):
        box = (west, 0, west + 4 * width, 100)
        subdistricts.append(make_subdistrict(f"{number}", box, people))
        west += 4 * width
    demand = place_residents(
        make_area(*subdistricts), make_weights(*residents), make_weights(*buildings)
    )
    people = count_people(demand)
    for number, (_, total) in enumerate(strips):
        assert people[number] == pytest.approx(total, rel=1e-6)
    assert (demand.population >= 0).all()


@given(st.floats(1e-300, 1e-200), st.floats(1, 1e7))
def test_the_total_wins_however_small_the_weights_are(weight: float, total: float) -> None:
    area = make_area(make_subdistrict(population=total))
    demand = place_residents(area, make_weights((1, 1, weight), (2, 2, weight)), None)
    assert demand.population.tolist() == pytest.approx([total / 2, total / 2])


# --- where people stand


def test_residents_go_before_buildings_and_buildings_before_the_ground() -> None:
    area = make_area(
        make_subdistrict("A", (0, 0, 100, 50), 10),
        make_subdistrict("B", (100, 0, 200, 50), 20),
        make_subdistrict("C", (200, 0, 275, 50), 30),
    )
    residents = make_weights((10, 10, 1), (20, 10, 4))
    buildings = make_weights((30, 10, 9), (110, 10, 1), (120, 10, 3), measured=[True, True, False])
    demand = place_residents(area, residents, buildings)
    assert demand.basis == ("residents", "buildings", "area")
    assert list_points(demand) == [
        (10, 10, pytest.approx(2)),
        (20, 10, pytest.approx(8)),
        (110, 10, pytest.approx(5)),
        (120, 10, pytest.approx(15)),
        (225, 25, pytest.approx(20)),
        (262.5, 25, pytest.approx(10)),
    ]
    assert demand.measured_ratio.tolist() == pytest.approx([math.nan, 0.5, math.nan], nan_ok=True)


def test_weights_of_nothing_do_not_count_as_a_place_of_residence() -> None:
    area = make_area(make_subdistrict(box=(0, 0, 50, 50)))
    nobody, house = make_weights((10, 10, 0)), make_weights((20, 20, 5))
    assert place_residents(area, nobody, house).basis == ("buildings",)
    assert place_residents(area, nobody, None).basis == ("area",)


def test_points_outside_all_subdistricts_count_for_nobody() -> None:
    area = make_area(make_subdistrict(box=(0, 0, 100, 100), population=10))
    demand = place_residents(area, make_weights((50, 50, 1), (100.001, 50, 9)), None)
    assert list_points(demand) == [(50, 50, 10)]


def test_cells_are_aligned_to_multiples_of_50_m_and_cut_to_the_subdistrict() -> None:
    # From 30 to 110 there is a piece of 20 m, a whole cell and a piece of 10 m.
    area = make_area(make_subdistrict(box=(30, 50, 110, 100), population=80))
    assert list_points(place_residents(area, None, None)) == [
        (40, 75, pytest.approx(20)),
        (75, 75, pytest.approx(50)),
        (105, 75, pytest.approx(10)),
    ]


def test_an_outline_off_by_its_last_bits_adds_no_cell() -> None:
    exact, off = shapely.box(0, 0, 100, 50), shapely.box(-1e-9, 0, 100 + 1e-9, 50)
    placed = [
        place_residents(make_area(make_subdistrict("A", geometry=shape)), None, None)
        for shape in (exact, off)
    ]
    assert placed[1].x == pytest.approx(placed[0].x)
    assert placed[1].x.tolist() == pytest.approx([25, 75])


def test_cells_west_and_south_of_the_origin_are_aligned_too() -> None:
    area = make_area(make_subdistrict(box=(-60, -50, 0, 0), population=6))
    assert list_points(place_residents(area, None, None)) == [
        (-55, -25, pytest.approx(1)),
        (-25, -25, pytest.approx(5)),
    ]


def test_a_subdistrict_smaller_than_a_cell_is_one_point() -> None:
    area = make_area(make_subdistrict(box=(110, 110, 114, 118), population=7))
    assert list_points(place_residents(area, None, None)) == [(112, 114, 7)]


def test_a_point_stands_inside_where_the_centroid_does_not() -> None:
    two_strips = shapely.union(shapely.box(0, 0, 10, 50), shapely.box(40, 0, 50, 50))
    area = make_area(make_subdistrict(geometry=two_strips, population=10))
    [(x, y, people)] = list_points(place_residents(area, None, None))
    assert two_strips.contains(shapely.Point(x, y))
    assert people == pytest.approx(10)


@settings(max_examples=60)
@given(st.lists(st.tuples(DECIMETRES, DECIMETRES), min_size=3, max_size=7))
def test_cells_are_inside_and_weighted_by_their_ground(corners: list[tuple[float, float]]) -> None:
    shape = shapely.convex_hull(shapely.MultiPoint(corners))
    if shape.geom_type != "Polygon" or shape.area < 1:
        return
    demand = place_residents(make_area(make_subdistrict(geometry=shape, population=1)), None, None)
    for x, y, people in list_points(demand):
        west, south = 50 * math.floor(x / 50), 50 * math.floor(y / 50)
        piece = shape.intersection(shapely.box(west, south, west + 50, south + 50))
        assert shape.distance(shapely.Point(x, y)) < 1e-9
        assert people == pytest.approx(piece.area / shape.area, rel=1e-6, abs=1e-9)


def test_where_nobody_lives_no_point_stands() -> None:
    area = make_area(
        make_subdistrict("A", (0, 0, 100, 100), 0), make_subdistrict("B", (100, 0, 150, 50), 5)
    )
    demand = place_residents(area, make_weights((10, 10, 3)), None)
    assert list_points(demand) == [(125, 25, 5)]
    assert demand.subdistrict.tolist() == [1]


# --- borders


@pytest.mark.parametrize("off_m", [-1e-7, 0, 1e-7])
def test_a_point_on_a_border_but_for_its_last_bits_is_on_it(off_m: float) -> None:
    area = make_area(
        make_subdistrict("A", (0, 0, 100, 100)), make_subdistrict("B", (100, 0, 200, 100))
    )
    x = np.array([100.0, 200.0, 0.0, 100.1]) + off_m
    assert locate(area, x, np.full(4, 50.0)).tolist() == [0, 1, 0, 1]
    assert locate(area, np.array([200.1]), np.array([50.0])).tolist() == [-1]


def test_a_point_on_a_border_belongs_to_the_lowest_code() -> None:
    area = make_area(
        make_subdistrict("B", (0, 0, 100, 100)),
        make_subdistrict("A", (100, 0, 200, 100)),
        make_subdistrict("C", (0, 100, 200, 200)),
    )
    x = np.array([50, 100, 100, 150, 150, 500.0])
    y = np.array([50, 50, 100, 50, 100, 500.0])
    owners = [area.codes[owner] if owner >= 0 else None for owner in locate(area, x, y)]
    assert owners == ["B", "A", "A", "A", "A", None]


# --- groups


def test_groups_with_places_of_their_own_are_scaled_to_their_own_total() -> None:
    area = make_area(
        make_subdistrict("A", (0, 0, 100, 100), 100, groups={"age_60_plus": 30}),
        make_subdistrict("B", (100, 0, 200, 100), 50, groups={"age_60_plus": 5}),
    )
    residents = make_weights((10, 10, 10), (20, 10, 30), groups={"age_60_plus": [2, 1]})
    demand = place_residents(area, residents, make_weights((150, 50, 1)))
    assert demand.population.tolist() == pytest.approx([25, 75, 50])
    elderly = demand.groups["age_60_plus"].tolist()
    assert elderly == pytest.approx([20, 10, math.nan], nan_ok=True)


def test_a_group_without_places_or_without_a_total_has_none() -> None:
    residents = make_weights((10, 10, 1), groups={"children": [1]})
    area = make_area(make_subdistrict(groups={"age_60_plus": 30}))
    assert place_residents(area, residents, None).groups == {}
    assert place_residents(area, None, None).groups == {}


# --- order


@given(st.permutations(range(6)), st.integers(0, 10**6))
def test_the_order_of_the_input_changes_nothing(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 4, 6) * 10.0, rng.integers(0, 4, 6) * 10.0
    people = rng.random(6)

    def place(index: list[int]) -> Demand:
        elderly = {"age_60_plus": people[index] / 3}
        weights = Weights(x[index], y[index], people[index], elderly, np.ones(6, dtype=bool))
        area = make_area(make_subdistrict(box=(-1, -1, 50, 50), groups={"age_60_plus": 20}))
        return place_residents(area, weights, None)

    first, second = place(list(range(6))), place(order)
    assert list_points(first) == list_points(second)
    assert first.groups["age_60_plus"].tolist() == second.groups["age_60_plus"].tolist()
