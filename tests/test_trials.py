"""A centre as the page is given it: small, and exact where it matters."""

import base64
import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schemes import draw_trial

from siteplan.model import TOLERANCE_M, Trial
from siteplan.outputs.backdrop import Degrees
from siteplan.outputs.webmap.trials import FARTHEST, NONE, STEPS_MM, describe_trial, round_up

DEGREES = Degrees("EPSG:4547")
SEEDS = st.integers(0, 2**32 - 1)
RADII_MM = st.integers(0, FARTHEST)
NEXT = st.integers(-3, 3)  # floats away


def describe(trial: Trial) -> Any:  # noqa: ANN401
    return describe_trial(trial, DEGREES)


def read_walks(described: Any, points: int) -> np.ndarray:  # noqa: ANN401
    """Read walks as the page does."""
    content = np.frombuffer(base64.b64decode(described["rounded"]), np.uint8).reshape(-1, 3)
    steps = content.astype(int) @ [1, 256, 65536]
    walks_m = np.where(steps == NONE, np.inf, steps * described["step_mm"] / 1000)
    for venue, point, metres in described["exact"]:
        walks_m[venue * points + point] = metres
    return walks_m


def move(value: float, floats: int) -> float:
    for _ in range(abs(floats)):
        value = math.nextafter(value, math.copysign(math.inf, floats))
    return value


# --- rounding


@given(RADII_MM, st.floats(-0.0021, 0.0021), NEXT, st.sampled_from(STEPS_MM))
@settings(max_examples=500)
def test_rounded_walks_compare_with_any_radius_of_whole_steps_as_the_walks_do(
    radius: int, beside_m: float, floats: int, step_mm: int
) -> None:
    radius_m = radius * step_mm / 1000
    for walk_m in (
        move(radius_m + TOLERANCE_M, floats),
        move(radius_m, floats),
        radius_m + beside_m,
        move(radius_m + TOLERANCE_M + step_mm / 1000, floats),
        move(radius_m + TOLERANCE_M - step_mm / 1000, floats),
    ):
        if 0 <= walk_m < FARTHEST * step_mm / 1000:
            rounded = int(round_up(np.array([walk_m]), step_mm)[0])
            assert (rounded <= radius) == (walk_m <= radius_m + TOLERANCE_M), walk_m


@given(st.floats(0, 16_000), RADII_MM)
@settings(max_examples=300)
def test_no_walk_is_on_the_wrong_side_of_any_radius(walk_m: float, radius: int) -> None:
    rounded = int(round_up(np.array([walk_m]), 1)[0])
    assert (rounded <= radius) == (walk_m <= radius / 1000 + TOLERANCE_M)
    assert -2 * TOLERANCE_M < rounded / 1000 - walk_m < 0.001


@pytest.mark.parametrize("step_mm", STEPS_MM)
def test_radii_everywhere_are_met_to_the_last_bit(step_mm: int) -> None:
    radii = np.arange(0, FARTHEST, 17)
    limits_m = radii * step_mm / 1000 + TOLERANCE_M
    assert (round_up(limits_m, step_mm) <= radii).all()
    assert (round_up(np.nextafter(limits_m, 0), step_mm) <= radii).all()
    assert (round_up(np.nextafter(limits_m, np.inf), step_mm) > radii).all()


def test_what_is_too_far_for_three_bytes_is_still_reached() -> None:
    walks_m = np.array([16_777.21, 16_777.3, 1e9, np.inf])
    assert round_up(walks_m, 1).tolist() == [16_777_210, FARTHEST, FARTHEST, NONE]


@pytest.mark.parametrize(
    ("longest_m", "step_mm"), [(16_777, 1), (16_778, 10), (167_773, 100), (2_000_000, 1000)]
)
def test_longer_walks_take_longer_steps(longest_m: float, step_mm: int) -> None:
    walks_m = np.array([[longest_m, 0.0]])
    written = describe(replace(draw_trial(3), distance_m=walks_m))["distance_m"]
    assert written["step_mm"] == step_mm
    assert read_walks(written, 2).tolist() == [longest_m, 0.0]


# --- what is written


@given(SEEDS)
@settings(max_examples=200)
def test_of_any_two_venues_the_nearer_one_stays_the_nearer_one(seed: int) -> None:
    trial = draw_trial(seed)
    shown_m = read_walks(describe(trial)["distance_m"], len(trial.x))
    shown_m = shown_m.reshape(trial.distance_m.shape)
    assert np.array_equal(np.isinf(shown_m), np.isinf(trial.distance_m))
    for one in range(len(shown_m)):
        told = shown_m[one] < shown_m - TOLERANCE_M
        assert np.array_equal(told, trial.distance_m[one] < trial.distance_m - TOLERANCE_M)


def test_walks_are_exact_only_where_rounding_would_mislead() -> None:
    walks_m = np.array([[100.0003, 100.0, 250.0, 70.0], [100.0001, 100.0, 260.0, 70.0000005]])
    trial = replace(
        draw_trial(0),
        venues=("a", "b"),
        x=np.full(4, 536_000.0),
        y=np.full(4, 2_558_000.0),
        distance_m=walks_m,
        link_m=np.zeros((2, 2)),
    )
    written = describe(trial)["distance_m"]
    assert written["exact"] == [[0, 0, 100.0003], [1, 0, 100.0001]]


@given(SEEDS, st.floats(0.1, 1600))
def test_the_radius_judged_by_parts_the_walks_as_it_does_in_the_library(
    seed: int, radius_m: float
) -> None:
    trial = replace(draw_trial(seed), radius_m=radius_m)
    for beside_m in (-4e-4, -1e-7, 0.0, TOLERANCE_M, 4e-4):
        walks_m = np.where(trial.distance_m < radius_m, radius_m + beside_m, trial.distance_m)
        written = describe(replace(trial, distance_m=walks_m))["distance_m"]
        shown_m = read_walks(written, len(trial.x)).reshape(walks_m.shape)
        limit_m = radius_m + TOLERANCE_M
        assert np.array_equal(shown_m <= limit_m, walks_m <= limit_m)


@given(SEEDS)
def test_everything_else_is_written_without_loss(seed: int) -> None:
    trial = draw_trial(seed)
    written = json.loads(json.dumps(describe(trial), allow_nan=False))

    def read(text: str) -> np.ndarray:
        return np.frombuffer(base64.b64decode(text), "<f8")

    assert np.array_equal(read(written["population"]), trial.population)
    assert np.array_equal(read(written["link_m"]), trial.link_m.ravel())
    groups = {one["name"]: read(one["population"]) for one in written["groups"]}
    assert list(groups) == list(trial.groups)
    assert all(np.array_equal(groups[name], trial.groups[name]) for name in groups)
    assert written["members"] == trial.members.tolist()
    assert written["headquarters"] == (None if trial.headquarters < 0 else trial.headquarters)
    assert written["target"] == (None if math.isnan(trial.target) else trial.target)
    assert written["cut_off"] == np.flatnonzero(trial.cut_off).tolist()
    lon, lat = DEGREES.places(trial.x, trial.y)
    assert np.cumsum(written["lon"]) / 1e6 == pytest.approx(np.array(lon), abs=1e-9)
    assert np.cumsum(written["lat"]) / 1e6 == pytest.approx(np.array(lat), abs=1e-9)


def test_five_thousand_points_and_twelve_venues_take_less_than_350_kb() -> None:
    rng = np.random.default_rng(1)
    size = (12, 5000)
    trial = replace(
        draw_trial(0),
        venues=tuple(f"440106002-{row:03}" for row in range(12)),
        members=rng.random(12) < 0.6,
        x=np.sort(rng.uniform(536_000, 539_000, 5000)),
        y=rng.uniform(2_558_000, 2_561_000, 5000),
        population=rng.uniform(1, 40, 5000),
        groups={},
        cut_off=rng.random(5000) < 0.01,
        distance_m=rng.uniform(0, 5000, size),
        link_m=rng.uniform(0, 5000, (12, 12)),
    )
    assert len(json.dumps(describe(trial), separators=(",", ":"))) < 350_000
