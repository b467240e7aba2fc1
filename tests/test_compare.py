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
from siteplan.analysis.pairing import measure_arc
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
    assert moved.before is not None
    assert moved.after is not None
    there = moved.after.lon, moved.after.lat
    assert moved.moved_m == round(measure_arc(moved.before.lon, moved.before.lat, *there), 3)
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


def test_a_group_is_compared_as_all_residents_are(make: Make, hold: Hold) -> None:
    before, after = make(population=(600, 400)), make(population=(700, 400))
    for document, share in ((before, 0.5), (after, 0.75)):
        for one in document["subdistricts"]:
            one["groups"]["age_60_plus"]["coverage_ratio"] = share
    west = subdistrict(hold(before, after), town.WEST)
    older = west.find_figure("groups.age_60_plus.population")
    assert (older.before, older.after, older.unit) == (120, 140, "person")
    covered = west.find_figure("groups.age_60_plus.coverage_ratio")
    assert (covered.before, covered.after, covered.unit) == (0.5, 0.75, "ratio")


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


@pytest.mark.parametrize(
    ("by", "metres", "named"),
    [("site", 1900, True), ("site", 2100, False), ("gap", 1400, True), ("gap", 1600, False)],
)
def test_a_site_of_others_is_a_cause_within_two_radii_of_own_sites_or_one_of_the_edge_of_a_gap(
    base: Document,
    hold: Hold,
    by: str,
    metres: float,
    *,
    named: bool,
) -> None:
    before = json.loads(json.dumps(base))
    foreign, own = ([one for one in before["sites"] if one["subdistrict"] == code]
                    for code in (town.EAST, town.WEST))  # fmt: skip
    place = {"lon": own[0]["lon"], "lat": own[0]["lat"]}
    for one in own:
        one.update(place)
    gap = {
        "population": 1.0, "unreachable_population": 0.0, "name": None, "nearest": None,
        "radius_m": 500.0, "distance_m": None, "mean_distance_m": None,
        "farthest_distance_m": None, "lon": place["lon"], "lat": place["lat"] + 0.2,
    }  # fmt: skip
    (west,) = (one for one in before["subdistricts"] if one["code"] == town.WEST)
    west["gaps"] = [gap] if by == "gap" else []
    start = gap if by == "gap" else place
    for one in foreign:
        one.update(lon=start["lon"], lat=start["lat"] + metres / 111_195)  # metres of a degree
    after = json.loads(json.dumps(before))
    for one in after["sites"]:
        one["floor_area_m2"] = 900 if one["subdistrict"] == town.EAST else one["floor_area_m2"]
    for one in after["subdistricts"]:
        one["covered_by_any_population"] -= 1
    told = whats(subdistrict(hold(before, after), town.WEST).causes)
    assert (("sites_elsewhere", "e1") in told) is named


def test_subdistricts_that_only_one_side_judged_are_named_and_are_no_change_of_sites_elsewhere(
    make: Make, base: Document, hold: Hold
) -> None:
    found = hold(make(subdistricts=(town.WEST,)), base)
    assert subdistrict(found, town.EAST).fate == "only_b"
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
    assert site(found, "e1").fate == "only_b"
    assert {one.what for one in subdistrict(found, town.WEST).causes} == {"unexplained"}


def test_proposals_that_were_or_are_refused_are_a_cause_of_the_case(
    base: Document, hold: Hold
) -> None:
    refused = {**base, "refused": [{"path": "data/proposals/x.geojson", "defects": []}]}
    (now,), (before,) = hold(base, refused).causes, hold(refused, base).causes
    assert (now.what, now.before, now.after) == ("refused", None, "data/proposals/x.geojson")
    assert say_cause(now).en == "proposals data/proposals/x.geojson could not be used"
    assert (before.what, before.before, before.after) == (
        "refused", "data/proposals/x.geojson", None,
    )  # fmt: skip
    assert say_cause(before).en == "proposals data/proposals/x.geojson are no longer refused"
    assert hold(refused, refused).causes == ()


def test_a_network_that_came_to_hang_together_is_said(base: Document, hold: Hold) -> None:
    apart, whole = (json.loads(json.dumps(base)) for _ in range(2))
    for document, connected in ((apart, False), (whole, True)):
        for one in document["subdistricts"]:
            one["network"]["connected"] = connected
    for sides, told in (((apart, whole), ("no", "yes")), ((whole, apart), ("yes", "no"))):
        for one in hold(*sides).subdistricts:
            (turn,) = (each for each in one.turns if each.name == "connected")
            assert (turn.before, turn.after) == told


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
    assert find_datum("EPSG:5773") == "EPSG:5773"  # heights stand on no such datum
    assert find_datum("EPSG:1") == "EPSG:1"  # there is none of this number


# Laws


def mirror(document: Document) -> Document:
    """Swap both sides of a comparison, knowing nothing of how it was made."""
    swapped = {
        "added": "removed", "removed": "added", "gone": "new", "new": "gone", "opened": "closed",
        "closed": "opened", "split": "merged", "merged": "split", "only_a": "only_b",
        "only_b": "only_a", "site_added": "site_dropped",
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
        one["groups"]["age_60_plus"]["coverage_ratio"] = rng.choice([None, 0.2, 0.7])
        one["verdict"] = rng.choice([one["verdict"], "pass", "fail", "unknown"])
        one["rules"] = {code: rng.choice([v, "na"]) for code, v in one["rules"].items()}
        one["network"]["links"] = [{"site": "w2", "distance_m": rng.choice([1.5, None])}]
        places = [113.351 + 0.001 * step for step in range(6)]
        one["gaps"] = [
            {
                "population": rng.choice([10.0, 20.0]), "unreachable_population": 0.0,
                "name": None, "lon": rng.choice(places), "lat": 23.123, "nearest": None,
                "radius_m": rng.choice([0.0, 100.0, 150.0, 400.0]), "distance_m": None,
                "mean_distance_m": rng.choice([None, 900.0]), "farthest_distance_m": None,
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


def find_raw(raw: Document, name: str) -> Any:  # noqa: ANN401
    """Return a figure as a document has it; one of a group by the group's name."""
    if not name.startswith("groups."):
        return raw[name]
    _, group, key = name.split(".")
    return raw["groups"][group][key]


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
                old, new = (find_raw(side, name) if side else None for side in sides)
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


# What only one side looked at, and what only a name or a standard changed


def test_what_only_one_evaluation_judged_is_neither_dropped_nor_gone(
    make: Make, base: Document, hold: Hold
) -> None:
    found = hold(base, make(subdistricts=(town.WEST,)))
    assert subdistrict(found, town.EAST).fate == site(found, "e1").fate == "only_a"
    assert not site(found, "e1").is_altered
    assert {one.fate for one in found.findings} <= {"only_a", "changed"}
    said = say_comparison(found, "zh")
    assert "仅 A 评审" in said
    assert "取消" not in said
    assert "意见消除 0 条" in said


def test_a_subdistrict_that_is_gone_from_the_boundaries_takes_its_sites_with_it(
    make: Make, base: Document, hold: Hold
) -> None:
    after = make(subdistricts=(town.WEST,))
    for one in after["sources"]:
        if one["role"] in {"boundaries", "projects"}:
            one["sha256"] = "0" * 64
    after["sources"].append({**after["sources"][0], "role": "projects", "path": "data/p.csv"})
    before = json.loads(json.dumps(base))
    for document in (before, after):
        west = next(one for one in document["subdistricts"] if one["code"] == town.WEST)
        west["gaps"] = [
            {
                "population": 1.0, "unreachable_population": 0.0, "name": None, "nearest": None,
                "lon": document["sites"][0]["lon"], "lat": document["sites"][0]["lat"],
                "radius_m": 9000.0, "distance_m": None, "mean_distance_m": None,
                "farthest_distance_m": None,
            }
        ]  # fmt: skip
    west["covered_by_any_population"] -= 1
    found = hold(before, after)
    assert subdistrict(found, town.EAST).fate == site(found, "e1").fate == "removed"
    told = subdistrict(found, town.WEST).causes
    assert (told[0].what, told[0].subject) == ("sites_elsewhere", "e1")
    assert "projects" not in {cause.role for cause in told}


def test_another_name_of_a_site_is_no_cause_for_its_neighbours(
    make: Make, base: Document, hold: Hold
) -> None:
    after = make(change_site("e1", name="新名"))
    after["subdistricts"][0]["covered_by_any_population"] -= 1
    found = hold(base, after)
    assert site(found, "e1").is_altered
    for one in found.subdistricts:
        assert "sites_elsewhere" not in {cause.what for cause in one.causes}


def test_rows_of_zeros_say_what_changed(base: Document, hold: Hold) -> None:
    after = json.loads(json.dumps(base))
    after["subdistricts"][0]["name"] = "新街道"
    after["subdistricts"][1]["covered_by_any_population"] -= 100
    said = say_comparison(hold(base, after), "zh")
    assert f"名称 {base['subdistricts'][0]['name']} → 新街道" in said
    assert "任一中心覆盖人口 −100 人" in said


def test_a_verdict_that_only_the_standard_changed_is_no_improvement(make: Make, hold: Hold) -> None:
    adopted = (
        '[threshold.coverage_target]\nvalue = 0.99\nop = ">="\nstatus = "adopted"\n'
        'adopted_by = "甲"\nadopted_on = 2010-06-01\n'
    )
    sites = change_site("e1", (1900, 100))
    stricter = adopted + (
        '[threshold.min_floor_area]\nvalue = 5000\nunit = "m2"\nop = ">="\nstatus = "adopted"\n'
        'adopted_by = "甲"\nadopted_on = 2010-06-01\n'
    )
    found = hold(make(sites, standard=adopted), make(sites, standard=stricter))
    moved = [one for one in found.subdistricts if one.step]
    assert moved
    assert all(one.is_by_standard for one in moved)
    said = say_comparison(found, "zh")
    assert "0 个街道变好，0 个变差" in said
    assert f"仅因标准不同而结论有变的街道 {len(moved)} 个" in said


def test_thresholds_are_told_with_their_unit() -> None:
    for name, values, said in (
        ("min_floor_area", (1000.0, 700.0), "由 1,000 平方米变为 700 平方米"),
        ("coverage_target", (0.95, 0.9), "由 95% 变为 90%"),
        ("番禺区: min_floor_area", (1000.0, None), "由 1,000 平方米变为 未给出"),
    ):
        cause = Cause("standard", "threshold_value", name, *values)
        assert said in say_cause(cause).zh
