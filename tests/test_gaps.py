"""Where the residents live that no member covers."""

import math
import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_coverage

from siteplan.analysis.gaps import (
    LINK_M,
    Gap,
    NamedPlaces,
    find_gaps,
    find_link,
    link_points,
    name_gap,
)

inf = math.inf
Home = tuple[float, float, float, float]  # x, y, residents, metres to the nearest member
RADIUS_M = 500.0


def find(*homes: Home) -> list[Gap]:
    """Find the gaps of a subdistrict whose members are 10 (to the west of x = 0) and 11."""
    x, y, people, metres = np.array(homes, dtype=float).reshape(-1, 4).T
    coverage = make_coverage(
        covered=metres <= RADIUS_M,
        distance_m=metres,
        nearest=np.where(np.isinf(metres), -1, np.where(x < 0, 10, 11)),
    )
    return find_gaps(x, y, people, coverage)


def make_gap(x: float = 0, y: float = 0) -> Gap:
    return Gap(1.0, 0.0, x, y, 0.0, -1, inf, math.nan, math.nan, LINK_M, np.array([0]))


def stand_close(x: float = 5000.0, count: int = 20) -> list[Home]:
    """Return covered homes far away and so close together that the link is the least."""
    return [(x + 10.0 * step, 5000.0, 1.0, 100.0) for step in range(count)]


# --- by hand


def test_uncovered_residents_form_gaps_the_largest_first() -> None:
    gaps = find(
        (0, 0, 10, 600),
        (100, 0, 20, 700),  # exactly a link away
        (200.1, 0, 50, 800),  # a little more than a link away
        (100, 50, 999, 500),  # covered
        (-500, 0, 5, 900),
        *stand_close(),
    )
    assert [(gap.population, gap.points.tolist()) for gap in gaps] == [
        (50, [2]),
        (30, [0, 1]),
        (5, [4]),
    ]
    assert [(gap.x, gap.y, gap.radius_m) for gap in gaps] == [
        (200.1, 0, 0),
        (100, 0, 100),  # twice as many live there
        (-500, 0, 0),
    ]
    assert [(gap.nearest, gap.distance_m) for gap in gaps] == [(11, 800), (11, 700), (10, 900)]


def test_covered_points_and_points_without_residents_link_nothing() -> None:
    homes = [(0, 0, 1, 600), (90, 0, 0, 600), (180, 0, 1, 600), (90, 1, 5, 100)]
    gaps = find(*homes, *stand_close())
    assert [gap.points.tolist() for gap in gaps] == [[0], [2]]


def test_equally_large_gaps_come_in_order_of_place() -> None:
    gaps = find((500, 9, 7, 600), (0, 300, 7, 600), (0, 0, 7, 600), *stand_close())
    assert [gap.points.tolist() for gap in gaps] == [[2], [1], [0]]


def test_the_place_of_a_gap_is_where_somebody_lives_also_if_the_gap_is_bent() -> None:
    angles = np.radians(np.arange(0, 181, 10))
    arc = [(400 * math.cos(a), 400 * math.sin(a), 1.0, 600.0) for a in angles]
    (gap,) = find(*arc)
    assert (gap.x, gap.y) == pytest.approx((0, 400))
    assert gap.radius_m == pytest.approx(400 * math.sqrt(2))


def test_a_tie_of_places_goes_to_the_smallest_x_then_y() -> None:
    square = [(0.1, 60), (60.1, 0), (60.1, 60), (0.1, 0)]
    (gap,) = find(*((x, y, 1, 600) for x, y in square))
    assert (gap.x, gap.y) == (0.1, 0)


def test_who_can_walk_to_a_member_says_which_is_nearest() -> None:
    (gap,) = find((0, 0, 30, inf), (50, 0, 90, inf), (100, 0, 5, 840))
    assert (gap.population, gap.unreachable_population) == (125, 120)
    assert (gap.x, gap.nearest, gap.distance_m) == (100, 11, 840)


def test_where_nobody_can_walk_to_a_member_there_is_no_nearest() -> None:
    (gap,) = find((0, 0, 30, inf), (50, 0, 90, inf))
    assert (gap.x, gap.nearest, gap.distance_m) == (50, -1, inf)
    assert gap.unreachable_population == 120
    assert math.isnan(gap.mean_distance_m)
    assert math.isnan(gap.farthest_distance_m)


def test_mean_and_farthest_are_of_all_who_can_walk_not_of_the_place() -> None:
    (gap,) = find((-50, 0, 30, 900), (0, 0, 10, 600), (50, 0, 20, 1500), (60, 0, 40, inf))
    assert gap.mean_distance_m == pytest.approx((30 * 900 + 10 * 600 + 20 * 1500) / 60)
    assert (gap.farthest_distance_m, gap.unreachable_population) == (1500, 40)


def test_a_ring_is_as_far_as_its_people_are_not_as_far_as_its_place() -> None:
    angles = np.radians(np.arange(0, 360, 5))
    ring = [(900 * math.cos(a), 900 * math.sin(a), 10.0, 1600.0) for a in angles]
    (gap,) = find((900 - 80, 0, 1, 600), *ring)
    assert (gap.x, gap.distance_m) == (820, 600)  # nearest to the middle, where nobody lives
    assert gap.mean_distance_m == pytest.approx(1600, rel=0.01)
    assert gap.farthest_distance_m == 1600


def test_without_uncovered_residents_there_is_no_gap() -> None:
    assert find() == []
    assert find((0, 0, 100, 500), (9, 9, 0, 600)) == []


# --- residents on a raster


def lay_grid(
    spacing_m: float, size: int = 16, *, uneven: float = 0.0, people: float = 40.0
) -> list[Home]:
    """Return uncovered residents on a grid, each cell off by up to so much of its spacing."""
    off = np.random.default_rng(1).uniform(-uneven / 2, uneven / 2, (size, size, 2))
    return [
        ((i + off[i, j, 0]) * spacing_m, (j + off[i, j, 1]) * spacing_m, people, 900.0)
        for i in range(size)
        for j in range(size)
    ]


@pytest.mark.parametrize("spacing_m", [30.0, 50.0, 100.0, 200.0, 1000.0])
@pytest.mark.parametrize("uneven", [0.0, 0.05])
def test_a_block_of_a_grid_of_any_width_is_one_gap(spacing_m: float, uneven: float) -> None:
    (gap,) = find(*lay_grid(spacing_m, uneven=uneven))
    assert gap.population == 16 * 16 * 40


def test_a_block_of_a_raster_that_was_projected_is_one_gap() -> None:
    """Cells of 100 m elsewhere stand 103 m apart in one direction here and 112 m in the other."""
    skew = np.array([[103.0, 9.0], [-11.0, 112.0]])
    cells = [(i, j) for i in range(20) for j in range(20)]
    homes = [(*(np.array(cell) @ skew).tolist(), 40.0, 900.0) for cell in cells]
    assert len(find(*homes)) == 1


@pytest.mark.parametrize("spacing_m", [50.0, 100.0, 200.0, 1000.0])
def test_cells_that_touch_at_a_corner_are_one_gap_and_cells_farther_apart_are_two(
    spacing_m: float,
) -> None:
    covered = [(x, y, n, 100.0) for x, y, n, _ in lay_grid(spacing_m)]
    places = [(x, y) for x, y, _, _ in covered]

    def miss(*cells: tuple[int, int]) -> list[Gap]:
        wanted = {(i * spacing_m, j * spacing_m) for i, j in cells}
        metres = [900.0 if place in wanted else 100.0 for place in places]
        return find(*((x, y, 40.0, m) for (x, y), m in zip(places, metres, strict=True)))

    assert len(miss((3, 3), (4, 4), (5, 3))) == 1
    assert len(miss((3, 3), (6, 3))) == 2  # two cells between


@pytest.mark.parametrize("spacing_m", [101.0, 103.0, 200.0, 1000.0])
def test_no_gap_hangs_on_the_rounding_of_a_projection(spacing_m: float) -> None:
    """Two homes exactly one and a half times as far apart as the others stand from one another."""
    noise, counts = np.random.default_rng(5), set()
    for _ in range(40):
        others = [(i * spacing_m, 9000.0, 10.0, 100.0) for i in range(20)]
        homes = [(0.0, 0.0, 10.0, 900.0), (0.0, 1.5 * spacing_m, 10.0, 900.0), *others]
        off = noise.uniform(-1e-6, 1e-6, (len(homes), 2))
        moved = [(x + a, y + b, n, m) for (x, y, n, m), (a, b) in zip(homes, off, strict=True)]
        counts.add(len(find(*moved)))
    assert len(counts) == 1


def test_homes_counted_twice_stand_no_closer_to_their_neighbours() -> None:
    noise, grid = np.random.default_rng(5), lay_grid(200.0) * 2
    off = noise.uniform(-1e-6, 1e-6, (len(grid), 2))
    moved = [(x + a, y + b, n, m) for (x, y, n, m), (a, b) in zip(grid, off, strict=True)]
    assert len(find(*moved)) == 1


def test_covered_residents_say_how_wide_the_grid_is_too() -> None:
    """Two groups that are alike but for those who are covered around them."""
    pair = [(0.0, 0.0, 10.0, 900.0), (130.0, 0.0, 10.0, 900.0)]
    near = [(i * 20.0, 300.0, 5.0, 100.0) for i in range(20)]
    far = [(i * 130.0, 300.0, 5.0, 100.0) for i in range(20)]
    assert len(find(*pair, *near)) == 2
    assert len(find(*pair, *far)) == 1


def test_points_without_residents_do_not_say_how_wide_the_grid_is() -> None:
    empty = [(i * 10.0, 9.0, 0.0, 900.0) for i in range(400)]
    assert len(find(*lay_grid(200.0), *empty)) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_of_a_single_home_the_link_is_the_least(count: int) -> None:
    assert find_link(np.zeros(count), np.zeros(count)) == LINK_M
    assert find_link(np.zeros(4), np.zeros(4)) == LINK_M  # one place, told four times


# --- laws


GRID = st.integers(-8, 8)
HOMES = st.lists(
    st.tuples(
        GRID.map(lambda step: step * 45.0),
        GRID.map(lambda step: step * 45.0),
        st.integers(0, 60).map(float),
        st.sampled_from([100.0, 500.0, 600.0, 700.0, 800.0, inf]),
    ),
    max_size=30,
)


def group_slowly(spots: list[tuple[float, float]], link_m: float = LINK_M) -> set[frozenset[int]]:
    """Return which points belong together, by comparing every one with every other."""
    leader = list(range(len(spots)))

    def follow(point: int) -> int:
        while leader[point] != point:
            point = leader[point]
        return point

    for one, other in combinations(range(len(spots)), 2):
        if math.dist(spots[one], spots[other]) <= link_m + 1e-6:
            leader[follow(one)] = follow(other)
    groups: dict[int, set[int]] = {}
    for point in range(len(spots)):
        groups.setdefault(follow(point), set()).add(point)
    return {frozenset(group) for group in groups.values()}


@given(HOMES)
def test_gaps_are_what_comparing_every_pair_finds(homes: list[Home]) -> None:
    missed = [i for i, (_, _, people, metres) in enumerate(homes) if people and metres > RADIUS_M]
    x, y = np.array([home[:2] for home in homes if home[2]], dtype=float).reshape(-1, 2).T
    slowly = group_slowly([homes[i][:2] for i in missed], find_link(x, y))
    expected = {frozenset(missed[i] for i in group) for group in slowly}
    assert {frozenset(gap.points.tolist()) for gap in find(*homes)} == expected


@given(HOMES)
def test_gaps_partition_the_uncovered_residents(homes: list[Home]) -> None:
    gaps = find(*homes)
    missed = [i for i, (_, _, people, metres) in enumerate(homes) if people and metres > RADIUS_M]
    assert sorted(point for gap in gaps for point in gap.points.tolist()) == missed
    assert sum(gap.population for gap in gaps) == sum(homes[i][2] for i in missed)
    for gap in gaps:
        members = [homes[point] for point in gap.points]
        assert gap.population == sum(people for _, _, people, _ in members)
        cut_off = sum(people for _, _, people, metres in members if metres == inf)
        assert gap.unreachable_population == cut_off
        walks = [metres for _, _, _, metres in members if metres < inf]
        assert np.isnan(gap.mean_distance_m) == (not walks)
        assert not walks or min(walks) <= gap.mean_distance_m + 1e-9
        assert not walks or gap.mean_distance_m <= max(walks) + 1e-9
        assert not walks or gap.farthest_distance_m == max(walks)
    assert [gap.population for gap in gaps] == sorted((g.population for g in gaps), reverse=True)


@given(HOMES)
def test_the_place_has_the_least_sum_of_squares_and_the_radius_holds_the_gap(
    homes: list[Home],
) -> None:
    for gap in find(*homes):
        members = [homes[point] for point in gap.points]

        def add_squares(x: float, y: float, members: list[Home] = members) -> float:
            return sum(n * math.dist((x, y), (a, b)) ** 2 for a, b, n, _ in members)

        walking = [home for home in members if home[3] < inf] or members
        least = min(add_squares(x, y) for x, y, _, _ in walking)
        assert add_squares(gap.x, gap.y) == pytest.approx(least)
        assert (gap.x, gap.y) in {(x, y) for x, y, _, _ in walking}
        farthest = max(math.dist((gap.x, gap.y), (x, y)) for x, y, _, _ in members)
        assert gap.radius_m == pytest.approx(farthest)


def describe(gap: Gap) -> tuple[object, ...]:
    way = (str(gap.mean_distance_m), str(gap.farthest_distance_m), gap.link_m)
    return gap.population, gap.x, gap.y, gap.radius_m, gap.nearest, gap.distance_m, way


@given(HOMES, st.randoms(use_true_random=False))
def test_the_order_of_points_changes_no_bit(homes: list[Home], random: object) -> None:
    homes = [(x + 0.1, y - 0.3, people / 7, metres) for x, y, people, metres in homes]
    shuffled = homes.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [describe(gap) for gap in find(*shuffled)] == [describe(gap) for gap in find(*homes)]


@given(HOMES)
def test_a_case_shifted_by_a_kilometre_has_the_same_gaps(homes: list[Home]) -> None:
    shifted = [(x + 1000, y + 1000, people, metres) for x, y, people, metres in homes]
    before, after = find(*homes), find(*shifted)
    assert [gap.points.tolist() for gap in after] == [gap.points.tolist() for gap in before]
    assert [gap.x - 1000 for gap in after] == pytest.approx([gap.x for gap in before])


@settings(max_examples=40)
@given(
    st.integers(0, 10_000),
    st.sampled_from([3.0, 15.0, 40.0, 70.0, 90.0, 130.0]),
    st.sampled_from([1, 7, 40]),
)
def test_links_are_exact_at_any_density_in_clumps_and_far_from_the_origin(
    seed: int, spacing_m: float, clump: int
) -> None:
    generator = np.random.default_rng(seed)
    count = 240
    width_m = spacing_m * math.sqrt(count)
    corner = np.array([4.3e5, 2.56e6])
    centers = corner + generator.uniform(0, width_m, (-(-count // clump), 2))
    spots = np.repeat(centers, clump, axis=0)[:count] + generator.uniform(0, 20, (count, 2))
    number = link_points(*spots.T)
    groups: dict[int, set[int]] = {}
    for point, group in enumerate(number.tolist()):
        groups.setdefault(group, set()).add(point)
    slowly = group_slowly([(x, y) for x, y in spots.tolist()])
    assert {frozenset(group) for group in groups.values()} == slowly


@pytest.mark.parametrize(("apart_m", "groups"), [(100, 1), (100 + 5e-7, 1), (100.001, 2)])
@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135, 200])
def test_a_link_is_inclusive_whatever_its_direction(
    apart_m: float, groups: int, angle: float
) -> None:
    """Two dense clumps, so that the nearest neighbours of all points are in their own."""
    across = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    along = np.outer(np.arange(12.0), across)  # each stretches away from the other
    spots = np.concatenate([-along, across * apart_m + along]) + 7.7
    assert len(set(link_points(*spots.T).tolist())) == groups


@pytest.mark.parametrize("spacing_m", [5.0, 50.0, 101.0, 1000.0])
def test_a_hundred_thousand_points_take_seconds_at_most(spacing_m: float) -> None:
    step = np.arange(100_000)
    x, y = (step % 400) * spacing_m, (step // 400) * spacing_m
    coverage = make_coverage(
        covered=np.zeros(len(step), dtype=bool),
        distance_m=np.full(len(step), 900.0),
        nearest=np.zeros(len(step), dtype=np.intp),
    )
    begin = time.process_time()
    gaps = find_gaps(x, y, np.ones(len(step)), coverage)
    assert time.process_time() - begin < 5  # 0.3 to 0.8 s on a quiet machine
    assert sum(gap.population for gap in gaps) == len(step)
    assert len(gaps) == 1


# --- names


def places(*named: tuple[float, float, str]) -> NamedPlaces:
    x, y = (np.array([each[axis] for each in named], dtype=float) for axis in (0, 1))
    return NamedPlaces(x, y, np.array([each[2] for each in named], dtype=np.str_))


def test_a_gap_has_the_name_of_the_nearest_named_place() -> None:
    named = places((0, 250, "黄村大道"), (200, 0, "Library"), (10, 0, ""))
    assert name_gap(make_gap(), named) == "Library"
    assert name_gap(make_gap(0, 240), named) == "黄村大道"


def test_a_tie_of_names_goes_to_the_first_in_order() -> None:
    assert name_gap(make_gap(), places((0, 60, "b"), (60, 0, "a"), (-60, 0, "c"))) == "a"


@pytest.mark.parametrize(("away_m", "name"), [(300, "x"), (300 + 5e-7, "x"), (300.001, None)])
def test_a_name_that_is_too_far_names_nothing(away_m: float, name: str | None) -> None:
    assert name_gap(make_gap(), places((away_m, 0, "x"))) == name


def test_without_named_places_a_gap_has_no_name() -> None:
    assert name_gap(make_gap(), places()) is None
    assert name_gap(make_gap(), places((0, 0, ""))) is None
