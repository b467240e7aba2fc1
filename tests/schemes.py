"""Centres at random to try schemes on, and a plain reckoning of what each would give."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from siteplan.model import Trial

RADII_M = (300.0, 500.0, 650.0, 1000.0)
LIMIT_OFFSETS_M = (0.0, 9e-7, 1e-6, 1.1e-6, 2e-6, 4e-4, -1e-6, -4e-4)
TOLERANCE_M = 1e-6


def draw_trial(seed: int, most_points: int = 40, most_venues: int = 6) -> Trial:
    """Draw a centre with walks that tie, that end at the limit, and that do not exist."""
    rng = np.random.default_rng(seed)
    points = 0 if rng.random() < 0.05 else int(rng.integers(1, most_points + 1))
    venues = 0 if rng.random() < 0.05 else int(rng.integers(1, most_venues + 1))
    size = (venues, points)
    distance_m = rng.uniform(0, 1500, size)
    even = rng.random(size) < 0.4
    distance_m = np.where(even, np.rint(distance_m / 150) * 150, distance_m)
    if venues and points:
        one = rng.integers(0, venues, points), np.arange(points)
        limit_m = rng.choice(RADII_M, points) + rng.choice(LIMIT_OFFSETS_M, points)
        distance_m[one] = np.where(rng.random(points) < 0.4, limit_m, distance_m[one])
        if venues > 1 and rng.random() < 0.3:  # two venues less than a millimetre apart
            distance_m[1] = distance_m[0] + rng.uniform(-8e-4, 8e-4, points)
    distance_m[rng.random(size) < 0.1] = np.inf
    link_m = np.rint(rng.uniform(0, 12, (venues, venues))) * 100 + rng.choice([0.0, 0.37])
    link_m[rng.random((venues, venues)) < rng.choice([0.0, 0.3])] = np.inf
    link_m = np.minimum(link_m, link_m.T)
    np.fill_diagonal(link_m, 0.0)
    population = rng.choice([0.0, 1.0, 12.5, 1 / 3], points) * rng.uniform(0.5, 9, points)
    members = rng.random(venues) < 0.6
    leaders = np.flatnonzero(members)
    return Trial(
        subdistrict="A",
        venues=tuple(f"v{row}" for row in range(venues)),
        members=members,
        headquarters=int(rng.choice(leaders)) if len(leaders) else -1,
        radius_m=float(rng.choice(RADII_M)),
        target=float(rng.choice([0.6, 0.85, math.nan])),
        x=np.sort(rng.uniform(536_000, 538_000, points)),
        y=rng.uniform(2_558_000, 2_560_000, points),
        population=population,
        groups={"age_60_plus": population * rng.uniform(0.1, 0.5, points)}
        if population.any() and rng.random() < 0.5
        else {},
        cut_off=rng.random(points) < 0.2,
        distance_m=distance_m,
        link_m=link_m,
        on_foot=bool(rng.random() < 0.8),
    )


@dataclass(frozen=True, eq=False)
class Scheme:
    """Which venues, which of them leads, and within which radius."""

    chosen: Any
    headquarters: int | None
    radius_m: float


def draw_scheme(trial: Trial, seed: int) -> Scheme:
    """Draw a scheme: often one whose radius ends where walks do."""
    rng = np.random.default_rng(seed)
    chosen = rng.random(len(trial.venues)) < rng.choice([0.1, 0.6, 0.9, 1.0])
    leader = int(rng.integers(-1, len(trial.venues)))
    radius_m = rng.choice(RADII_M) if rng.random() < 0.7 else rng.integers(1, 1600)
    return Scheme(chosen, None if leader < 0 else leader, float(radius_m))


def reckon(trial: Trial, scheme: Scheme) -> dict[str, Any]:
    """Reckon the figures of a scheme by their definitions, point by point."""
    rows = [row for row, on in enumerate(scheme.chosen) if on]
    people = trial.population.tolist()
    walks = [[float(trial.distance_m[row, p]) for row in rows] for p in range(len(people))]
    shortest = [min(each, default=math.inf) for each in walks]
    nearest = [
        next((r for r, d in zip(rows, each, strict=True) if d <= least + TOLERANCE_M), -1)
        if least < math.inf
        else -1
        for each, least in zip(walks, shortest, strict=True)
    ]
    limit_m = scheme.radius_m + TOLERANCE_M
    coverers = [{r for r, d in zip(rows, each, strict=True) if d <= limit_m} for each in walks]
    total = math.fsum(people)

    def count(keep: Any) -> float:  # noqa: ANN401
        return math.fsum(n for p, n in enumerate(people) if keep(p))

    reached = sorted((d, n) for d, n in zip(shortest, people, strict=True) if d < math.inf)
    walking = math.fsum(n for _, n in reached)
    p95, so_far = math.nan, 0.0
    for metres, n in reached:
        so_far += n
        if walking and so_far >= 0.95 * walking * (1 - 1e-9):
            p95 = metres
            break
    weights = {r: count(lambda p, r=r: nearest[p] == r) for r in rows}
    leader = scheme.headquarters if scheme.headquarters in rows else None
    leader = rows[0] if len(rows) == 1 else leader
    return {
        "covered": count(lambda p: coverers[p]),
        "uncovered": count(lambda p: not coverers[p]),
        "ratio": count(lambda p: coverers[p]) / total if total else math.nan,
        "unreachable": count(lambda p: shortest[p] == math.inf if rows else bool(trial.cut_off[p])),
        "mean": math.fsum(d * n for d, n in reached) / walking if walking else math.nan,
        "p95": p95,
        "groups": {
            name: math.fsum(n for p, n in enumerate(each.tolist()) if coverers[p])
            / math.fsum(each.tolist())
            for name, each in trial.groups.items()
        },
        "nearest": nearest,
        "left": {trial.venues[r]: count(lambda p, r=r: coverers[p] - {r}) / total for r in rows}
        if total
        else {},
        "redundant": [
            trial.venues[r]
            for r in rows
            if total
            and r != leader
            and not any(n and coverers[p] == {r} for p, n in enumerate(people))
        ],
        **_reckon_network(trial, rows, leader, weights),
    }


def _reckon_network(
    trial: Trial, rows: list[int], leader: int | None, weights: dict[int, float]
) -> dict[str, Any]:
    link = trial.link_m.tolist()
    reachable = [r for r in rows if any(link[r][o] < math.inf for o in rows if o != r)]
    able = [r for r in reachable if all(link[r][o] < math.inf for o in reachable)]
    if len(rows) == 1:
        reachable = able = rows
    sums = {r: math.fsum(link[r][o] * weights[o] for o in reachable) for r in able}
    farthest = {r: max(link[r][o] for o in reachable) for r in able}

    def best(figure: dict[int, float]) -> str | None:
        enough = min(figure.values(), default=0.0) * (1 + 1e-9)
        return next((trial.venues[r] for r in sorted(figure) if figure[r] <= enough), None)

    branches = [] if leader is None else [r for r in rows if r != leader]
    stranded = [trial.venues[r] for r in branches if link[r][leader] == math.inf]
    told = leader is not None and (trial.on_foot or len(rows) == 1)
    return {
        "headquarters": None if leader is None else trial.venues[leader],
        "connected": not stranded if told else None,
        "stranded": stranded,
        "links": [
            (trial.venues[r], link[r][leader]) for r in branches if link[r][leader] < math.inf
        ],
        "median": best(sums),
        "center": best(farthest),
    }
