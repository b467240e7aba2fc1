"""Sums over people: right to the last bit, in whatever order."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.analysis.sums import add_up, add_up_each

PEOPLE = st.lists(st.floats(0, 1e6), max_size=60)


@given(PEOPLE)
def test_a_sum_is_the_true_one_rounded(values: list[float]) -> None:
    total = math.fsum(values)
    assert add_up(np.array(values)) == pytest.approx(total, rel=1e-15, abs=1e-20)


@given(PEOPLE, st.randoms())
def test_the_order_of_the_people_changes_nothing(values: list[float], random: object) -> None:
    shuffled = values.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert add_up(np.array(shuffled)) == add_up(np.array(values))


ANYTHING = st.lists(st.floats(0, 1e306), max_size=20)


@given(st.lists(PEOPLE | ANYTHING, max_size=8))
def test_each_run_is_added_up_by_itself_empty_ones_too(runs: list[list[float]]) -> None:
    start = np.cumsum([0, *map(len, runs)])
    sums = add_up_each(np.array([value for run in runs for value in run]), start)
    assert sums == pytest.approx([math.fsum(run) for run in runs], rel=1e-14, abs=0)
    alone = [add_up(np.array(run)) for run in runs]
    assert sums == pytest.approx(alone, rel=1e-15, abs=0)


def test_what_lies_outside_the_runs_counts_nowhere() -> None:
    values = np.array([9.0, 1.0, 2.0, 3.0, 9.0])
    assert add_up_each(values, np.array([1, 3, 3, 4])).tolist() == [3, 0, 3]


def test_little_in_one_run_is_not_lost_beside_much_in_another() -> None:
    little = [2.5e-28, 1e-30]
    sums = add_up_each(np.array([1e9, *little, 3e200]), np.array([0, 1, 3, 4]))
    assert sums.tolist() == [1e9, math.fsum(little), 3e200]


@pytest.mark.parametrize("value", [5e-324, 1e-300, 1e300, 1.7e307])
def test_values_at_the_ends_of_the_range_are_added_too(value: float) -> None:
    assert add_up(np.array([value, 3 * value, value])) == math.fsum([value, 3 * value, value])


def test_many_small_amounts_are_not_lost_beside_a_large_one() -> None:
    values = np.r_[1e9, np.full(100_000, 0.1)]
    assert add_up(values) == math.fsum(values.tolist())
