"""Trying out schemes: the figures are those of an evaluation, whatever is switched."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import town
from hypothesis import given, settings
from hypothesis import strategies as st
from schemes import Scheme, draw_scheme, draw_trial, reckon
from small import (
    draw_roads,
    make_area,
    make_case,
    make_site,
    make_sites,
    make_subdistrict,
    make_weights,
)

from siteplan.analysis.trial import try_out
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Case, Evaluation, Judgement, Trial, Tried

SEEDS = st.integers(0, 2**32 - 1)

# A river runs along y = 500 with one bridge; v3 stands 400 m from any road, v4 on an island road.
LINES = [(0, 400), (1000, 400)], [(0, 600), (1000, 600)], [(1000, 400), (1000, 600)]
ISLAND = [(0, 960), (200, 960)]
PEOPLE = make_weights(
    (100, 390, 40), (200, 610, 31), (700, 610, 22), (900, 400, 13), (50, 950, 7), (500, 850, 2),
    groups={"age_60_plus": [4, 3, 9, 1, 2, 1]},
)  # fmt: skip
VENUES = make_sites(
    make_site("v0", 200, 400, role="headquarters", status="existing"),
    make_site("v1", 800, 600, role="branch"),
    make_site("v2", 400, 600, status="candidate"),
    make_site("v3", 500, 10, status="candidate"),
    make_site("v4", 100, 960, role="branch"),
    make_site("w", 500, 400, subdistrict="B"),
)
AREA = make_area(
    make_subdistrict("A", (0, 0, 1000, 1000), 115, groups={"age_60_plus": 20}),
    make_subdistrict("B", (1000, 0, 2000, 1000), 0),
)
RIVER = make_case(AREA, VENUES, draw_roads(*LINES, ISLAND), residents=PEOPLE)


def find(evaluation: Evaluation) -> tuple[Judgement, Trial]:
    judgement = evaluation.judgements[0]
    return judgement, evaluation.trials[judgement.subdistrict.code]


def try_today(trial: Trial) -> Tried:
    return try_out(trial, trial.members, trial.headquarters, trial.radius_m)


def assert_same(tried: Tried, trial: Trial, judgement: Judgement, case: Case) -> None:
    """Hold a scheme against the judgement of the same scheme: nothing may differ by a bit."""
    coverage, network = judgement.coverage, judgement.network
    for field in fields(tried):
        ours = getattr(tried, field.name)
        if field.name == "network":
            assert repr(replace(ours, services=(), links=())) == repr(
                replace(network, services=(), links=())
            )
            assert [(link.site, link.distance_m) for link in ours.links] == [
                (link.site, link.distance_m) for link in network.links
            ]
        elif field.name == "uncovered_population":
            total = judgement.subdistrict.population
            assert ours == pytest.approx(total - coverage.covered_population, abs=1e-6)
        elif field.name == "nearest":
            named = [trial.venues[row] if row >= 0 else None for row in ours]
            ids = [case.sites.records[i].id if i >= 0 else None for i in coverage.nearest]
            assert named == ids
        else:
            np.testing.assert_array_equal(ours, getattr(coverage, field.name))


# --- the scheme of today


@pytest.mark.parametrize("with_roads", [True, False])
def test_the_scheme_of_today_gives_the_figures_of_the_evaluation(
    tmp_path: Path, *, with_roads: bool
) -> None:
    case = read_case(town.write_town(tmp_path, with_roads=with_roads))
    evaluation = evaluate(case)
    assert sorted(evaluation.trials) == [town.WEST, town.EAST]
    for judgement in evaluation.judgements:
        trial = evaluation.trials[judgement.subdistrict.code]
        assert_same(try_today(trial), trial, judgement, case)


def test_venues_are_all_sites_that_claim_the_subdistrict_and_members_those_in_the_scheme() -> None:
    _, trial = find(evaluate(RIVER))
    assert trial.venues == ("v0", "v1", "v2", "v3", "v4")
    assert trial.members.tolist() == [True, True, False, False, True]
    assert (trial.headquarters, trial.radius_m, trial.target) == (0, 500, 0.8)
    assert np.isinf(trial.distance_m[3]).all()  # too far from any road
    assert np.isfinite(trial.distance_m).sum(axis=1).tolist() == [4, 4, 4, 0, 1]
    assert trial.link_m[0, 1] == 800 + 200 + 200
    assert np.isinf(trial.link_m[[0, 3], 4]).all()
    assert (np.diag(trial.link_m) == 0).all()


def test_only_the_subdistricts_judged_can_be_tried() -> None:
    assert list(evaluate(RIVER, subdistricts=["B"]).trials) == ["B"]


def test_a_centre_without_sites_can_be_tried_too() -> None:
    case = replace(RIVER, sites=make_sites())
    judgement, trial = find(evaluate(case))
    assert trial.headquarters == -1
    assert_same(try_today(trial), trial, judgement, case)
    assert judgement.coverage.unreachable_population == 2  # of them, p5 is joined to no road


# --- another scheme


def enact(case: Case, trial: Trial, scheme: Scheme) -> Case:
    """Return the case with the scheme proposed, and everything else of the centre a candidate."""
    chosen = {id_ for id_, on in zip(trial.venues, scheme.chosen, strict=True) if on}
    leader = None if scheme.headquarters is None else trial.venues[scheme.headquarters]
    sites = [
        replace(
            site,
            status="proposed" if site.id in chosen else "candidate",
            role="headquarters" if site.id == leader else "branch",
        )
        if site.id in trial.venues
        else site
        for site in case.sites.records
    ]
    return replace(case, sites=make_sites(*sites))


@given(SEEDS, st.booleans())
@settings(max_examples=60)
def test_a_scheme_tried_is_a_scheme_evaluated(seed: int, on_foot: bool) -> None:  # noqa: FBT001
    case = RIVER if on_foot else replace(RIVER, roads=None)
    _, trial = find(evaluate(case))
    scheme = draw_scheme(trial, seed)
    tried = try_out(trial, scheme.chosen, scheme.headquarters, scheme.radius_m)
    enacted = enact(case, trial, scheme)
    judgement, other = find(evaluate(enacted, radius_m=scheme.radius_m))
    assert_same(tried, other, judgement, enacted)


def compare(trial: Trial, scheme: Scheme) -> None:
    tried = try_out(trial, scheme.chosen, scheme.headquarters, scheme.radius_m)
    wanted, network = reckon(trial, scheme), tried.network
    near: dict[str, Any] = {"rel": 1e-9, "abs": 1e-9, "nan_ok": True}
    assert tried.covered_population == pytest.approx(wanted["covered"], **near)
    assert tried.uncovered_population == pytest.approx(wanted["uncovered"], **near)
    assert tried.coverage_ratio == pytest.approx(wanted["ratio"], **near)
    assert tried.unreachable_population == pytest.approx(wanted["unreachable"], **near)
    assert tried.mean_distance_m == pytest.approx(wanted["mean"], **near)
    assert tried.p95_distance_m == pytest.approx(wanted["p95"], **near)
    assert tried.group_ratios == pytest.approx(wanted["groups"], **near)
    assert tried.nearest.tolist() == wanted["nearest"]
    assert network.losses == pytest.approx(wanted["left"], **near)
    assert list(network.redundant) == wanted["redundant"]
    assert [(link.site, link.distance_m) for link in network.links] == wanted["links"]
    assert (network.headquarters, network.connected, list(network.stranded)) == (
        wanted["headquarters"],
        wanted["connected"],
        wanted["stranded"],
    )
    assert (network.best_median, network.best_center) == (wanted["median"], wanted["center"])


@given(SEEDS)
@settings(max_examples=300)
def test_every_figure_is_what_its_definition_says(seed: int) -> None:
    trial = draw_trial(seed)
    compare(trial, draw_scheme(trial, seed))


@given(SEEDS)
def test_one_more_venue_never_lowers_coverage(seed: int) -> None:
    trial = draw_trial(seed)
    scheme = draw_scheme(trial, seed)
    before = try_out(trial, scheme.chosen, None, scheme.radius_m)
    every = np.ones(len(trial.venues), dtype=bool)
    after = try_out(trial, every, None, scheme.radius_m)
    assert after.covered_population >= before.covered_population
    assert (after.covered >= before.covered).all()


def test_a_headquarters_that_is_not_chosen_is_none() -> None:
    _, trial = find(evaluate(RIVER))
    chosen = np.array([False, True, True, False, False])
    for leader in (0, -1, None):
        assert try_out(trial, chosen, leader, 500.0).network.headquarters is None
    assert try_out(trial, chosen, 2, 500.0).network.headquarters == "v2"
    only = np.array([False, True, False, False, False])
    assert try_out(trial, only, None, 500.0).network.headquarters == "v1"
