"""Two evaluations held against each other: what changed, why, and that nothing else is said."""

import io
import json
import math
import random
from typing import Any

import openpyxl
import pytest
import town
from compared import SITES, Document, Hold, Make, Sites, change_site, read, without
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.analysis.causes import find_datum
from siteplan.compare import compare_evaluations
from siteplan.errors import InputError
from siteplan.model.comparison import Cause, Comparison, SiteChange, SubdistrictChange
from siteplan.outputs.comparison import (
    describe_comparison,
    say_comparison,
    write_workbook,
)
from siteplan.outputs.comparison.words import list_notices, say_cause


def subdistrict(comparison: Comparison, code: str) -> SubdistrictChange:
    return next(one for one in comparison.subdistricts if one.code == code)


def site(comparison: Comparison, id_: str) -> SiteChange:
    return next(one for one in comparison.sites if one.id == id_)


def whats(causes: tuple[Cause, ...]) -> set[tuple[str, str | None]]:
    return {(cause.what, cause.subject) for cause in causes}


# What changed, one thing at a time


def test_an_evaluation_compared_with_itself_has_no_change(base: Document, hold: Hold) -> None:
    same = hold(base, base)
    assert not same.is_changed
    assert same.causes == same.findings == same.worse == ()
    assert all(one.causes == () for one in same.subdistricts)
    assert say_comparison(same, "en").endswith("Nothing has changed.")


def test_an_added_site_is_a_cause_of_its_own_subdistrict(
    make: Make, base: Document, hold: Hold
) -> None:
    new = ((1850, 850), {"id": "e2", "name": "东二", "subdistrict": town.EAST, "role": "branch"})
    found = hold(base, make([*SITES, new]))
    assert site(found, "e2").fate == "added"
    assert ("site_added", "e2") in whats(subdistrict(found, town.EAST).causes)
    assert ("site_added", "e2") not in whats(subdistrict(found, town.WEST).causes)
    assert site(found, "w1").fate == "kept"
    assert not site(found, "w1").is_altered


def test_a_dropped_site_takes_coverage_with_it(make: Make, base: Document, hold: Hold) -> None:
    found = hold(base, make(without("e1")))
    east = subdistrict(found, town.EAST)
    assert site(found, "e1").fate == "removed"
    assert ("site_dropped", "e1") in whats(east.causes)
    assert east.coverage_change < -0.9
    assert east.is_worse
    assert town.EAST in found.worse
    assert east.find_figure("mean_distance_m").after is None
    assert east.find_figure("mean_distance_m").change is None


def test_a_moved_site_says_how_far(make: Make, base: Document, hold: Hold) -> None:
    found = hold(base, make(change_site("e1", (1500, 800))))
    moved = site(found, "e1")
    assert moved.moved_m == pytest.approx(300, rel=0.01)
    assert moved.fate == "kept"
    assert ("site_moved", "e1") in whats(subdistrict(found, town.EAST).causes)


def test_a_branch_that_became_headquarters_is_said_with_its_links(
    make: Make, base: Document, hold: Hold
) -> None:
    found = hold(base, make(change_site("w1", role="headquarters")))
    west = subdistrict(found, town.WEST)
    turns = {turn.name: (turn.before, turn.after) for turn in west.turns}
    assert turns["headquarters"] == (None, "w1")
    assert {turn.name: turn.after for turn in west.rules}["N02"] == "pass"
    assert [(link.name, link.before) for link in west.links] == [("w2", None)]
    assert west.links[0].after == pytest.approx(100, abs=0.1)
    assert ("site_role", "w1") in whats(west.causes)
    gone = [one for one in found.findings if one.code == "N02"]
    assert {one.fate for one in gone} == {"gone"}


def test_another_floor_area_is_a_cause(make: Make, base: Document, hold: Hold) -> None:
    found = hold(base, make(change_site("e1", floor_area_m2=900)))
    assert (site(found, "e1").area.before, site(found, "e1").area.after) == (1200, 900)
    assert ("site_area", "e1") in whats(subdistrict(found, town.EAST).causes)
    assert site(found, "e1").is_altered


def test_a_candidate_that_was_promoted_has_no_area_that_changed(make: Make, hold: Hold) -> None:
    given_area = change_site("w3", floor_area_m2=500)
    promoted = [
        (at, {**own, "status": "proposed"} if own["id"] == "w3" else own) for at, own in given_area
    ]
    found = hold(make(given_area), make(promoted))
    west = whats(subdistrict(found, town.WEST).causes)
    assert ("site_status", "w3") in west
    assert ("site_area", "w3") not in west


def test_residents_are_a_cause_and_their_file_only_where_they_changed(
    make: Make, hold: Hold
) -> None:
    found = hold(make(population=(600, 400)), make(population=(700, 400)))
    assert ("population", town.WEST) in whats(subdistrict(found, town.WEST).causes)
    assert not subdistrict(found, town.EAST).is_changed
    assert subdistrict(found, town.EAST).causes == ()
    assert ("source", "data/population.csv") in whats(found.causes)
    assert subdistrict(found, town.WEST).find_figure("population").change == 100


def test_another_radius_is_said_first_and_is_a_cause_everywhere(
    make: Make, base: Document, hold: Hold
) -> None:
    found = hold(base, make(radius_m=400))
    assert list_notices(found)[0].en == "Service radius: 1,000 m → 400 m."
    for one in found.subdistricts:
        assert ("radius", None) in whats(one.causes)
    assert say_comparison(found, "zh").splitlines()[2] == "! 服务半径由 1,000 米变为 400 米。"


def test_a_threshold_is_a_cause_where_a_rule_that_reads_it_judges_otherwise(
    make: Make, hold: Hold
) -> None:
    stricter = (
        '[threshold.coverage_target]\nvalue = 0.99\nop = ">="\nstatus = "adopted"\n'
        'adopted_by = "甲"\nadopted_on = 2010-06-01\n'
        '[threshold.rollout_2020]\nvalue = 0.5\nop = ">="\nby = 2020-12-31\nstatus = "assumed"\n'
        'source = "authors"\n'
    )
    found = hold(make(standard=""), make(standard=stricter))
    west = whats(subdistrict(found, town.WEST).causes)
    assert ("threshold_value", "coverage_target") in west
    assert ("threshold_status", "coverage_target") in west
    assert ("threshold_value", "rollout_2020") in whats(found.causes)
    assert ("threshold_value", "rollout_2020") not in west
    assert "3 figures" not in say_comparison(found, "en").splitlines()[0]
    assert any("Their standards differ" in one.en for one in list_notices(found))


def test_a_changed_proposal_without_changed_sites_is_called_a_particular(
    make: Make, base: Document, hold: Hold
) -> None:
    found = hold(base, make(change_site("e1", premises=None)))
    east = subdistrict(found, town.EAST)
    assert east.is_changed
    assert whats(east.causes) == {("particulars", town.EAST)}


def test_a_result_that_changed_alone_is_not_explained_away(base: Document, hold: Hold) -> None:
    after = json.loads(json.dumps(base))
    after["subdistricts"][0]["mean_distance_m"] += 1
    (cause,) = subdistrict(hold(base, after), base["subdistricts"][0]["code"]).causes
    assert cause.what == "unexplained"
    assert "does not tell" in say_cause(cause).en


def test_sites_of_others_are_a_cause_only_where_they_may_reach_somebody(
    make: Make, base: Document, hold: Hold
) -> None:
    near = change_site("e1", (1100, 500))
    found = hold(base, make(near))
    assert ("sites_elsewhere", "e1") in whats(subdistrict(found, town.WEST).causes)
    far = json.loads(json.dumps(base))
    for one in far["sites"]:
        if one["id"] == "e1":
            one["lon"] += 1  # a hundred kilometres away
    away = json.loads(json.dumps(far))
    for one in away["sites"]:
        if one["id"] == "e1":
            one["lat"] += 0.1
    away["subdistricts"][0]["covered_by_any_population"] -= 1
    unseen = subdistrict(hold(far, away), away["subdistricts"][0]["code"])
    assert "sites_elsewhere" not in {cause.what for cause in unseen.causes}


def test_subdistricts_that_only_one_side_judged_are_named_and_are_no_change_of_sites_elsewhere(
    make: Make, base: Document, hold: Hold
) -> None:
    found = hold(make(subdistricts=(town.WEST,)), base)
    assert subdistrict(found, town.EAST).fate == "added"
    assert subdistrict(found, town.EAST).causes == ()
    assert not subdistrict(found, town.WEST).is_changed
    assert any(town.EAST in one.en and "totals" in one.en for one in list_notices(found))
    assert found.worse == ()


def test_a_file_that_lies_elsewhere_with_the_same_bytes_is_the_same(
    base: Document, hold: Hold
) -> None:
    renamed = json.loads(json.dumps(base))
    for one in renamed["sources"]:
        one["path"] = f"final/{one['path']}"
    assert hold(base, renamed).causes == ()
    for one in renamed["sources"]:
        if one["role"] == "roads":
            one["sha256"] = "0" * 64
    told = [(cause.what, cause.role, cause.subject) for cause in hold(base, renamed).causes]
    assert told == [
        ("source", "roads", "data/roads.geojson"),
        ("source", "roads", "final/data/roads.geojson"),
    ]


def test_sites_that_nobody_looked_at_before_are_no_cause(
    make: Make, base: Document, hold: Hold
) -> None:
    after = json.loads(json.dumps(base))
    after["subdistricts"][0]["covered_by_any_population"] -= 1
    found = hold(make(subdistricts=(town.WEST,)), after)
    assert site(found, "e1").fate == "added"
    assert {one.what for one in subdistrict(found, town.WEST).causes} == {"unexplained"}


# Methods that do not compare


def test_roads_and_straight_lines_are_refused_by_name_with_the_option(
    make: Make, base: Document, hold: Hold
) -> None:
    with pytest.raises(InputError) as refused:
        hold(base, make(with_roads=False))
    said = str(refused.value)
    for word in ("a.json", "b.json", "along roads", "straight lines", "--across-methods"):
        assert word in said


def test_what_is_compared_across_methods_says_so_in_every_output(
    make: Make, base: Document, hold: Hold
) -> None:
    found = hold(base, make(with_roads=False), across_methods=True)
    document = describe_comparison(found)
    assert document["across_methods"] is True
    assert "measured differently" in say_comparison(found, "en").splitlines()[2]
    sheet = openpyxl.load_workbook(io.BytesIO(write_workbook(found, "en"))).worksheets[0]
    assert "measured differently" in " ".join(str(row[0].value) for row in sheet.iter_rows())
    assert ("distance", None) in whats(subdistrict(found, town.EAST).causes)


def test_another_datum_is_refused_and_another_zone_is_not(base: Document, hold: Hold) -> None:
    zone, datum = ({**base, "crs": crs} for crs in ("EPSG:32649", "EPSG:2383"))
    assert {cause.what for cause in hold(base, zone).causes} == {"crs"}
    with pytest.raises(InputError, match="datum"):
        hold(base, datum)
    assert hold(base, datum, across_methods=True).bridged[0].what == "crs"
    assert find_datum("+init=/etc/passwd:x") == "+init=/etc/passwd:x"  # is never looked up


# Laws


def mirror(document: Document) -> Document:
    """Swap both sides of a comparison, knowing nothing of how it was made."""
    swapped = {
        "added": "removed", "removed": "added", "gone": "new", "new": "gone", "opened": "closed",
        "closed": "opened", "split": "merged", "merged": "split", "site_added": "site_dropped",
        "site_dropped": "site_added",
    }  # fmt: skip

    def swap(value: Any, key: str = "") -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            turned = {name: swap(one, name) for name, one in value.items()}
            if {"before", "after"} <= turned.keys():
                turned["before"], turned["after"] = turned["after"], turned["before"]
            if isinstance(turned.get("difference"), float):
                turned["difference"] = 0.0 - turned["difference"]
            return turned
        if isinstance(value, list):
            return [swap(one) for one in value]
        return swapped.get(value, value) if key in {"fate", "what"} else value

    turned: Document = swap(document)
    return turned


def strip(document: Document) -> Document:
    """Leave out what is said in words, and sort what has no order of its own."""
    plain: Document = {k: v for k, v in document.items() if k not in {"notices", "worse"}}

    def tidy(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            inner = {
                name: tidy(one)
                for name, one in value.items()
                if name not in {"sentence", "better", "worse"}
            }
            for name in ("causes", "gaps"):
                if isinstance(inner.get(name), list):
                    inner[name] = sorted(inner[name], key=repr)
            return inner
        return [tidy(one) for one in value] if isinstance(value, list) else value

    tidied: Document = tidy(plain)
    return tidied


def shuffle(document: Document, seed: int) -> Document:
    """Return another evaluation of the same town: sites, figures, gaps, findings, thresholds."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    other: Document = json.loads(json.dumps(document))
    other["sites"] = [one for one in other["sites"] if rng.random() < 0.8]
    for one in other["sites"]:
        one["lon"] += rng.choice([0, 0, 0.001, 1e-8])
        one["status"] = rng.choice([one["status"], "candidate"])
        one["role"] = rng.choice([one["role"], None, "branch"])
        one["subdistrict"] = rng.choice([one["subdistrict"], town.EAST, None])
        one["shared_population"] = rng.choice([one["shared_population"], None, 12.5])
        one["load_per_m2"] = rng.choice([one["load_per_m2"], 0.5])
    for one in other["subdistricts"]:
        one["coverage_ratio"] = rng.choice([one["coverage_ratio"], None, 0.1, 0.9])
        one["verdict"] = rng.choice([one["verdict"], "pass", "fail", "unknown"])
        one["rules"] = {code: rng.choice([v, "na"]) for code, v in one["rules"].items()}
        one["network"]["links"] = [{"site": "w2", "distance_m": rng.choice([1.5, None])}]
        places = [113.351 + 0.001 * step for step in range(6)]
        one["gaps"] = [
            {
                "population": rng.choice([10.0, 20.0]), "unreachable_population": 0.0,
                "name": None, "lon": rng.choice(places), "lat": 23.123, "nearest": None,
                "radius_m": rng.choice([0.0, 100.0, 150.0, 400.0]), "distance_m": None,
            }
            for _ in range(rng.randrange(5))
        ]  # fmt: skip
    if rng.random() < 0.3:
        del other["subdistricts"][rng.randrange(2)]
    other["findings"] = [one for one in other["findings"] if rng.random() < 0.7]
    other["findings"] += [one for one in other["findings"] if rng.random() < 0.2]
    for one in other["findings"]:
        if rng.random() < 0.3:
            one["message"] = {"zh": "另", "en": rng.choice(["other", "another"])}
    target = other["standard"]["thresholds"]["coverage_target"]
    target["value"] = rng.choice([target["value"], 0.5])
    other["standard"]["districts"] = rng.choice([{}, {"演示区": {"coverage_target": 0.4}}])
    other["sources"] = [one for one in other["sources"] if rng.random() < 0.8]
    for one in other["sources"]:
        one["sha256"] = rng.choice([one["sha256"], "0" * 64])
    return other


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_comparing_the_other_way_round_mirrors_everything(
    base: Document, tmp_path_factory: pytest.TempPathFactory, one: int, other: int
) -> None:
    folder = tmp_path_factory.mktemp("mirror")
    sides = [
        read(shuffle(base, seed), folder, name)
        for seed, name in ((one, "a.json"), (other, "b.json"))
    ]
    there = strip(describe_comparison(compare_evaluations(*sides)))
    back = strip(describe_comparison(compare_evaluations(*reversed(sides))))
    assert strip(mirror(there)) == back


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_whatever_is_compared_with_itself_has_no_change(
    base: Document, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("same")
    one = read(shuffle(base, seed), folder)
    same = compare_evaluations(one, one)
    assert not same.is_changed
    assert same.causes == ()


@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(1, 19), st.integers(1, 9), st.booleans()), max_size=4))
def test_schemes_at_random_mirror_and_differ_as_their_figures_do(
    make: Make,
    base: Document,
    tmp_path_factory: pytest.TempPathFactory,
    spots: list[tuple[int, int, bool]],
) -> None:
    scheme: Sites = [
        (
            (100 * x, 100 * y),
            {
                "id": f"s{number}", "name": f"场地{number}",
                "subdistrict": town.WEST if x < 10 else town.EAST,
                "role": "headquarters" if leads else "branch",
            },
        )
        for number, (x, y, leads) in enumerate(spots)
    ]  # fmt: skip
    folder, other = tmp_path_factory.mktemp("schemes"), make(scheme)
    sides = read(base, folder, "a.json"), read(other, folder, "b.json")
    there = describe_comparison(compare_evaluations(*sides))
    back = describe_comparison(compare_evaluations(*reversed(sides)))
    assert strip(mirror(there)) == strip(back)
    check_differences(there, base, other)


def check_differences(found: Document, before: Document, after: Document) -> None:
    """Hold every difference of a comparison against the raw documents, with loops of its own."""
    counted = 0
    for kind, key in (("subdistricts", "code"), ("sites", "id")):
        for one in found[kind]:
            sides = []
            for document in (before, after):
                matching = [raw for raw in document[kind] if raw[key] == one[key]]
                assert len(matching) < 2
                sides.append(matching[0] if matching else None)
            for name, told in one["figures"].items():
                if name.startswith("groups."):
                    continue
                old, new = (side[name] if side else None for side in sides)
                assert (told["before"], told["after"]) == (old, new)
                if old is None or new is None:
                    assert told["difference"] is None
                else:
                    assert math.isclose(told["difference"], new - old, abs_tol=1e-9)
                    counted += 1
    for name, told in found["summary"].items():
        assert (told["before"], told["after"]) == (before["summary"][name], after["summary"][name])
    assert counted


def test_every_difference_is_after_less_before(make: Make, base: Document, hold: Hold) -> None:
    other = make(change_site("e1", (1250, 250)), population=(650, 410), radius_m=500)
    check_differences(describe_comparison(hold(base, other)), base, other)
