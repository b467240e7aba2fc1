"""The whole method on a town that can be computed by hand, and the laws that hold for any town."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate
from small import (
    draw_roads,
    find_differences,
    make_area,
    make_case,
    make_site,
    make_sites,
    make_standard,
    make_subdistrict,
    make_threshold,
    make_weights,
    move_roads,
)

from siteplan.analysis.areas import BESIDE_M, SIMPLIFY_M
from siteplan.errors import InputError, Text
from siteplan.evaluate import evaluate
from siteplan.model import Case, Evaluation, Judgement, Link, Sites, Weights

# A river runs along y = 500. A lies on both banks, B east of it; one bridge joins the banks.
#
#   600   p1 ----------- p2 - a2 ---+
#   500   ~~~~~~~~~~~~~~~~~~~~~~~~~~| bridge ~~~~~~~~~~
#   400   p0 = a1 ------------------+--- q0 - c -- q1
#         200           700  800   1000  1200 1500 1800
SOUTH = [(0, 400), (1000, 400)], [(1000, 400), (2000, 400)]
NORTH = [(0, 600), (1000, 600)]
BRIDGE = [(1000, 400), (1000, 600)]
PEOPLE = make_weights(
    (200, 390, 40),  # p0
    (200, 610, 30),  # p1
    (700, 610, 20),  # p2
    (500, 850, 10),  # p3: 250 m from any road
    (1200, 410, 30),  # q0
    (1800, 410, 20),  # q1
)
AREA = make_area(
    make_subdistrict("A", (0, 0, 1000, 1000), 100), make_subdistrict("B", (1000, 0, 2000, 1000), 50)
)
SITES = make_sites(
    make_site("a1", 200, 400, role="headquarters"),
    make_site("a2", 800, 600, role="branch", status="existing"),
    make_site("c", 1500, 400, subdistrict="B", status="candidate"),
)
RADIUS = {"service_radius": make_threshold("service_radius", 650, unit="m", clause="一(一)")}
TOWN = make_case(
    AREA,
    SITES,
    draw_roads(*SOUTH, NORTH, BRIDGE),
    residents=PEOPLE,
    standard=make_standard(thresholds=RADIUS),
)
NAN = pytest.approx(math.nan, nan_ok=True)


def find(evaluation: Evaluation, code: str) -> Judgement:
    return next(one for one in evaluation.judgements if one.subdistrict.code == code)


# --- the town by hand


def test_a_subdistrict_is_judged_on_its_own_residents_and_its_own_members() -> None:
    a = find(evaluate(TOWN), "A").coverage
    assert (a.covered_population, a.coverage_ratio) == (90, 0.9)
    assert a.straight_line_ratio == 1  # by straight line even p3 is near
    assert a.by_any_population == 90
    assert a.mean_distance_m == pytest.approx((40 * 10 + 30 * 610 + 20 * 110) / 90)
    assert a.p95_distance_m == pytest.approx(610)
    assert a.unreachable_population == 10


def test_a_neighbours_site_covers_but_is_no_member() -> None:
    b = find(evaluate(TOWN), "B")
    assert (b.layout, b.sites) == ("none", ())
    assert (b.coverage.covered_population, b.coverage.coverage_ratio) == (0, 0)
    assert b.coverage.by_any_population == 30  # a2 reaches q0 over the bridge: 610 m
    assert b.coverage.mean_distance_m == NAN
    assert b.coverage.unreachable_population == 0


def test_without_a_member_those_off_the_roads_are_unreachable() -> None:
    alone = evaluate(replace(TOWN, sites=make_sites()))
    assert find(alone, "A").coverage.unreachable_population == 10


def test_headquarters_and_branch_are_linked_over_the_bridge() -> None:
    network = find(evaluate(TOWN), "A").network
    assert find(evaluate(TOWN), "A").layout == "dispersed"
    assert (network.headquarters, network.connected) == ("a1", True)
    assert network.links == (Link("a2", pytest.approx(800 + 200 + 200)),)
    assert (network.best_median, network.best_center) == ("a2", "a1")  # 50 people against 40; a tie
    assert network.worst_loss == ("a2", pytest.approx(0.4))


def test_without_the_bridge_the_branch_is_stranded_and_the_subdistrict_fails() -> None:
    cut = evaluate(replace(TOWN, roads=draw_roads(*SOUTH, NORTH)))
    a = find(cut, "A")
    assert (a.network.connected, a.network.stranded, a.network.links) == (False, ("a2",), ())
    assert (a.rules["N05"], a.verdict) == ("fail", "fail")
    assert [finding.subject for finding in cut.findings if finding.severity == "violation"] == ["A"]


def test_sites_are_worth_residents_of_the_whole_case() -> None:
    worth = evaluate(TOWN).worth
    assert {
        id_: (one.alone, one.added, one.shared, one.lost, one.catchment)
        for id_, one in worth.items()
    } == {
        "a1": (40, 40, 40, 40, 40),
        "a2": (80, 80, 80, 80, 50),
        "c": (50, 20, NAN, NAN, NAN),  # a2 covers q0 already
    }
    assert worth["a2"].mean_distance_m == pytest.approx((30 * 610 + 20 * 110) / 50)
    assert worth["a2"].snap_distance_m == 0


def test_the_summary_adds_up_the_subdistricts() -> None:
    summary = evaluate(TOWN).summary
    assert (summary.subdistricts, summary.population) == (2, 150)
    assert (summary.covered_population, summary.covered_by_any_population) == (90, 120)
    assert summary.coverage_ratio == pytest.approx(0.6)
    assert summary.straight_line_coverage_ratio == pytest.approx(100 / 150)
    assert summary.unreachable_population == 10
    assert (summary.violations, summary.warnings) == (0, 5)


def test_every_finding_says_why() -> None:
    evaluation = evaluate(TOWN)
    assert [(f.code, f.subject, f.severity, f.measured) for f in evaluation.findings] == [
        ("C01", "B", "warning", 0),
        ("C03", "A", "warning", 0.6),
        ("D05", "A", "warning", pytest.approx(0.9)),
        ("N01", "B", "warning", 0),
        ("N09", "A", "warning", 0.4),  # without a2 only p0 and p1 of 100 residents stay covered
        ("S05", "A", "note", None),  # the town has no stops
    ]
    assert [one.verdict for one in evaluation.judgements] == ["warn", "warn"]
    assert find(evaluation, "A").rules["C01"] == "pass"


def test_residents_by_a_smaller_part_of_the_roads_are_not_by_the_main_one() -> None:
    cut = evaluate(replace(TOWN, roads=draw_roads(*SOUTH, NORTH)))
    [finding] = [each for each in cut.findings if each.code == "D05"]
    assert (finding.subject, finding.measured) == ("A", pytest.approx(0.4))  # only p0
    assert find(cut, "A").rules["D05"] == "unknown"


def test_a_candidate_cannot_be_headquarters() -> None:
    a1, a2, _ = (replace(site, role="branch") for site in SITES.records)
    wish = make_site("z", 100, 400, status="candidate", role="headquarters")
    assert find(evaluate(replace(TOWN, sites=make_sites(a1, a2))), "A").rules["N03"] == "na"
    evaluation = evaluate(replace(TOWN, sites=make_sites(a1, a2, wish)))
    [finding] = [each for each in evaluation.findings if each.code == "N03"]
    assert (finding.subject, finding.severity) == ("A", "violation")
    assert "headquarters z" in finding.message.en


def test_two_headquarters_make_connection_unknown_but_the_best_is_given() -> None:
    sites = replace(SITES, records=tuple(replace(s, role="headquarters") for s in SITES.records))
    a = find(evaluate(replace(TOWN, sites=sites)), "A")
    assert (a.network.headquarters, a.network.connected, a.network.worst_loss) == (None, None, None)
    assert a.network.best_median == "a2"
    assert (a.rules["N02"], a.rules["N05"], a.verdict) == ("fail", "unknown", "fail")


def test_a_site_off_the_roads_covers_nobody_and_is_stranded() -> None:
    far = replace(SITES.records[1], y=760.0)
    evaluation = evaluate(replace(TOWN, sites=make_sites(SITES.records[0], far)))
    a = find(evaluation, "A")
    assert a.network.stranded == ("a2",)
    assert (evaluation.worth["a2"].alone, evaluation.worth["a2"].catchment) == (0, 0)
    assert evaluation.worth["a2"].snap_distance_m == 160
    assert evaluation.drawing.service_areas["a2"].is_empty


def test_a_site_of_no_subdistrict_covers_but_counts_for_nobodys_centre() -> None:
    lost = make_site("x", 1800, 400, subdistrict=None, missing=("subdistrict",))
    evaluation = evaluate(replace(TOWN, sites=Sites((*SITES.records, lost))))
    assert find(evaluation, "B").layout == "none"
    assert find(evaluation, "B").coverage.by_any_population == 50
    assert evaluation.worth["x"].alone == 50
    assert ("D02", "x") in [(finding.code, finding.subject) for finding in evaluation.findings]
    assert "x" not in evaluate(evaluation.case, subdistricts=["A"]).worth


def test_where_nobody_lives_nothing_can_be_computed_and_nothing_breaks() -> None:
    empty = make_area(AREA.subdistricts[0], replace(AREA.subdistricts[1], population=0.0))
    own = make_site("b", 1500, 400, subdistrict="B")
    evaluation = evaluate(replace(TOWN, area=empty, sites=Sites((*SITES.records[:2], own))))
    b = find(evaluation, "B")
    assert (b.coverage.coverage_ratio, b.coverage.straight_line_ratio) == (NAN, NAN)
    assert (b.rules["C01"], b.rules["D05"], b.verdict) == ("unknown", "na", "unknown")
    assert evaluation.summary.coverage_ratio == pytest.approx(0.9)
    assert evaluation.summary.straight_line_coverage_ratio == 1
    assert evaluation.drawing.uncovered_population.tolist() == [10]


def test_a_group_with_places_of_its_own_has_its_own_coverage() -> None:
    elderly = {"age_60_plus": np.array([1, 0, 0, 3, 5, 5.0])}
    groups = {"age_60_plus": 8.0}
    area = make_area(*(replace(each, groups=groups) for each in AREA.subdistricts))
    evaluation = evaluate(replace(TOWN, area=area, residents=replace(PEOPLE, groups=elderly)))
    assert find(evaluation, "A").coverage.group_ratios == {"age_60_plus": 0.25}


def test_older_people_come_less_far_in_the_time_that_others_take() -> None:
    speeds = {
        "walk_speed": make_threshold("walk_speed", 1.2, unit="m/s", op="=="),
        "walk_speed_older": make_threshold("walk_speed_older", 0.9, unit="m/s", op="=="),
    }
    equity = find(
        evaluate(replace(TOWN, standard=make_standard(thresholds=RADIUS | speeds))), "A"
    ).equity
    assert equity.target_radius_m == pytest.approx(610)  # p1 is who makes it four fifths
    assert equity.older_target_radius_m == pytest.approx(610 * 1.2 / 0.9)
    assert (equity.curve[6], equity.curve[7]) == (0.6, 0.9)
    assert (equity.older_curve[8], equity.older_curve[9]) == (0.6, 0.9)  # 600 m, then 675 m


# --- how it is asked


def test_without_roads_straight_lines_are_measured_and_the_verdict_is_unknown() -> None:
    evaluation = evaluate(replace(TOWN, roads=None))
    a = find(evaluation, "A")
    assert evaluation.method == "straight-line"
    assert (a.coverage.coverage_ratio, a.coverage.straight_line_ratio) == (1, 1)
    assert a.coverage.unreachable_population == 0
    assert a.network.links == (Link("a2", pytest.approx(math.hypot(600, 200))),)
    assert (a.rules["D05"], a.rules["N05"], a.verdict) == ("unknown", "unknown", "unknown")
    assert evaluation.worth["a1"].snap_distance_m == NAN


def test_roads_can_be_left_aside() -> None:
    evaluation = evaluate(TOWN, distance="straight-line")
    assert evaluation.method == "straight-line"
    assert find(evaluation, "A").coverage.coverage_ratio == 1
    assert find(evaluation, "A").rules["D05"] == "na"


def test_roads_that_are_not_there_cannot_be_asked_for() -> None:
    with pytest.raises(InputError, match="the case has no roads"):
        evaluate(replace(TOWN, roads=None), distance="roads")


def test_another_radius_is_tried_as_an_assumption() -> None:
    strict = {
        name: replace(each, status="adopted") for name, each in TOWN.standard.thresholds.items()
    }
    case = replace(TOWN, standard=replace(TOWN.standard, thresholds=strict))
    own, other = evaluate(case), evaluate(case, radius_m=600)
    assert find(own, "B").rules["C01"] == "fail"
    radius = other.case.standard.thresholds["service_radius"]
    assert (radius.value, radius.status, radius.source) == (600, "assumed", "--radius")
    assert find(other, "A").coverage.covered_population == 60  # p1 is 610 m away
    assert find(other, "A").rules["C01"] == "warn"
    assert find(other, "B").rules["C01"] == "warn"
    assert other.worth["a2"].alone == 20


def test_the_radius_is_inclusive_from_end_to_end() -> None:
    assert find(evaluate(TOWN, radius_m=610), "A").coverage.covered_population == 90
    assert find(evaluate(TOWN, radius_m=609.99), "A").coverage.covered_population == 60


@pytest.mark.parametrize("name", ["C", "街道C", ""])
def test_an_unknown_subdistrict_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(InputError, match=r"is not in the case.*Known codes: A, B"):
        evaluate(TOWN, subdistricts=["A", name])


def test_a_name_that_two_subdistricts_have_is_refused() -> None:
    same = make_area(*(replace(each, name="中街") for each in AREA.subdistricts))
    with pytest.raises(InputError, match="more than one has that name"):
        evaluate(replace(TOWN, area=same), subdistricts=["中街"])


def test_a_subdistrict_is_named_by_its_name_or_by_either_form_of_its_code() -> None:
    official = make_area(AREA.subdistricts[0], replace(AREA.subdistricts[1], code="440106012"))
    case = replace(TOWN, area=official)
    for name in ("440106012", "440106012000", "街道B"):
        [one] = evaluate(case, subdistricts=[name]).judgements
        assert one.subdistrict.code == "440106012"


def test_what_is_being_done_is_told_in_both_languages() -> None:
    told: list[Text] = []
    evaluate(TOWN, tell=told.append)
    assert [text.en for text in told] == [
        "placing residents",
        "joining residents and sites to roads",
        "measuring walking distances",
        "judging",
        "drawing service areas",
    ]
    assert all(text.zh for text in told)


# --- what is drawn


def test_service_areas_hold_the_reached_roads_and_nothing_far_from_them() -> None:
    area = evaluate(TOWN).drawing.service_areas["a2"]
    # 650 m from (800, 600): to (150, 600); over the bridge 250 m along the south bank either way
    reached = shapely.MultiLineString(
        [[(150, 600), (1000, 600), (1000, 400)], [(750, 400), (1250, 400)]]
    )
    assert area.covers(reached)
    assert reached.buffer(BESIDE_M + SIMPLIFY_M).covers(area)


def test_residents_not_covered_by_their_own_centre_are_drawn() -> None:
    drawing = evaluate(TOWN).drawing
    assert drawing.uncovered_population.tolist() == [10, 30, 20]
    assert drawing.uncovered_subdistrict.tolist() == [0, 1, 1]
    assert drawing.uncovered_x.tolist() == [500, 1200, 1800]
    only = evaluate(TOWN, subdistricts=["B"]).drawing
    assert only.uncovered_subdistrict.tolist() == [0, 0]


# --- laws


SEEDS = st.integers(0, 10**9)
CODES = ("A", "B", "C")


def make_town(seed: int) -> Case:
    """Make three subdistricts in a row, one without known residents, with bent roads and sites."""
    rng = np.random.default_rng(seed)
    area = make_area(
        *(
            make_subdistrict(code, (300 * i, 0, 300 * i + 300, 300), float(rng.integers(1, 1000)))
            for i, code in enumerate(CODES)
        )
    )
    spots = [tuple(each) for each in (rng.random((10, 2)) * (900, 300)).tolist()]
    pairs = {tuple(sorted(rng.choice(10, 2, replace=False).tolist())) for _ in range(13)}
    bends = [tuple(each) for each in (rng.random((len(pairs), 2)) * (900, 300)).tolist()]
    lines = [[spots[a], bend, spots[b]] for (a, b), bend in zip(sorted(pairs), bends, strict=True)]
    homes = rng.random((20, 3)) * (600, 300, 50)  # in A and B only
    sites = [
        make_site(
            f"s{number}",
            *(rng.random(2) * (900, 300)).tolist(),
            subdistrict=str(rng.choice(CODES)),
            status=str(rng.choice(["existing", "proposed", "proposed", "candidate"])),
            role=rng.choice([None, "branch", "headquarters"]),
        )
        for number in range(int(rng.integers(0, 7)))
    ]
    thresholds = {
        "service_radius": make_threshold("service_radius", 300, unit="m", status="adopted"),
        "snap_limit": make_threshold("snap_limit", 60, unit="m"),
    }
    return make_case(
        area,
        make_sites(*sites),
        draw_roads(*lines),
        residents=make_weights(*map(tuple, homes.tolist())),
        standard=make_standard(thresholds=thresholds),
    )


def reorder(weights: Weights, order: np.ndarray) -> Weights:
    return Weights(
        weights.x[order], weights.y[order], weights.weight[order], {}, weights.measured[order]
    )


@settings(max_examples=40)
@given(SEEDS)
def test_a_shift_of_a_kilometre_changes_nothing(seed: int) -> None:
    case = make_town(seed)
    moved = replace(
        case,
        area=make_area(
            *(
                replace(s, geometry=translate(s.geometry, 1000, -1000))
                for s in case.area.subdistricts
            )
        ),
        sites=Sites(tuple(replace(s, x=s.x + 1000, y=s.y - 1000) for s in case.sites.records)),
        roads=move_roads(case.roads, (1000, -1000)),
        residents=replace(case.residents, x=case.residents.x + 1000, y=case.residents.y - 1000),
    )
    assert find_differences(evaluate(case), evaluate(moved)) == {}


@settings(max_examples=40)
@given(SEEDS)
def test_the_order_of_residents_and_roads_and_their_direction_change_nothing(seed: int) -> None:
    case = make_town(seed)
    rng = np.random.default_rng(seed + 1)
    lines = [list(line.coords) for line in case.roads.lines]
    lines = [lines[i][:: rng.choice([1, -1])] for i in rng.permutation(len(lines))]
    other = replace(
        case,
        roads=draw_roads(*lines),
        residents=reorder(case.residents, rng.permutation(len(case.residents.x))),
    )
    assert find_differences(evaluate(case), evaluate(other)) == {}


@settings(max_examples=40)
@given(SEEDS, st.permutations(range(3)))
def test_other_codes_and_ids_change_only_the_names(seed: int, order: list[int]) -> None:
    case = make_town(seed)
    names = {code: CODES[new] for code, new in zip(CODES, order, strict=True)}
    other = replace(
        case,
        area=make_area(*(replace(s, code=names[s.code]) for s in case.area.subdistricts)),
        sites=make_sites(
            *(
                replace(s, id=f"t{9 - i}", subdistrict=names[s.subdistrict])
                for i, s in enumerate(case.sites.records)
            )
        ),
    )
    first, second = evaluate(case), evaluate(other)
    for one in first.judgements:
        twin = find(second, names[one.subdistrict.code])
        assert twin.coverage.covered_population == pytest.approx(one.coverage.covered_population)
        assert twin.coverage.by_any_population == pytest.approx(one.coverage.by_any_population)
        assert dict(twin.rules) == dict(one.rules)
        assert twin.verdict == one.verdict
    for i, site in enumerate(case.sites.records):
        mine, theirs = first.worth[site.id], second.worth[f"t{9 - i}"]
        assert theirs.shared == pytest.approx(mine.shared, nan_ok=True)
        assert theirs.catchment == pytest.approx(mine.catchment, nan_ok=True)


@settings(max_examples=40)
@given(SEEDS, st.sampled_from(CODES))
def test_one_subdistrict_alone_is_that_subdistrict_among_all(seed: int, code: str) -> None:
    case = make_town(seed)
    everything, alone = evaluate(case), evaluate(case, subdistricts=[code])
    claimed = {site.id for site in case.sites.records if site.subdistrict == code}
    part = replace(
        everything,
        judgements=(find(everything, code),),
        worth={id_: one for id_, one in everything.worth.items() if id_ in claimed},
        findings=tuple(f for f in everything.findings if f.subject in {code, "case", *claimed}),
    )
    assert find_differences(part, alone) == {}
    assert alone.summary.covered_population == find(everything, code).coverage.covered_population
    for id_ in claimed:
        assert alone.drawing.service_areas[id_].equals(everything.drawing.service_areas[id_])


@settings(max_examples=40)
@given(SEEDS, st.sampled_from(CODES))
def test_adding_a_site_never_lowers_coverage(seed: int, code: str) -> None:
    case = make_town(seed)
    x, y = (np.random.default_rng(seed + 1).random(2) * (900, 300)).tolist()
    more = replace(
        case, sites=make_sites(*case.sites.records, make_site("z", x, y, subdistrict=code))
    )
    before, after = evaluate(case), evaluate(more)
    for one, other in zip(before.judgements, after.judgements, strict=True):
        assert other.coverage.covered_population >= one.coverage.covered_population
        assert other.coverage.by_any_population >= one.coverage.by_any_population
        if len(one.sites):
            assert other.coverage.unreachable_population <= one.coverage.unreachable_population
    gain = after.summary.covered_by_any_population - before.summary.covered_by_any_population
    assert after.worth["z"].lost == pytest.approx(gain, abs=1e-6)


@settings(max_examples=40)
@given(SEEDS)
def test_votes_and_catchments_add_up(seed: int) -> None:
    evaluation = evaluate(make_town(seed))
    scheme = [site.id for site in evaluation.case.sites.records if site.in_scheme]
    votes = math.fsum(evaluation.worth[id_].shared for id_ in scheme)
    assert votes == pytest.approx(evaluation.summary.covered_by_any_population)
    for one in evaluation.judgements:
        catchments = math.fsum(evaluation.worth[id_].catchment for id_ in one.sites)
        if one.sites:
            reached = one.subdistrict.population - one.coverage.unreachable_population
            assert catchments == pytest.approx(reached)
        assert one.coverage.covered_population <= one.coverage.by_any_population + 1e-9
        assert one.coverage.coverage_ratio <= one.coverage.straight_line_ratio + 1e-12


@settings(max_examples=40)
@given(SEEDS)
def test_candidates_change_nothing_for_the_scheme(seed: int) -> None:
    case = make_town(seed)
    scheme = Sites(tuple(site for site in case.sites.records if site.in_scheme))
    # a candidate called headquarters is named by N03
    silent = [replace(s, role=s.role if s.in_scheme else None) for s in case.sites.records]
    with_them = evaluate(replace(case, sites=Sites(tuple(silent))))
    kept = {site.id for site in scheme.records}
    part = replace(with_them, worth={id_: w for id_, w in with_them.worth.items() if id_ in kept})
    assert find_differences(part, evaluate(replace(case, sites=scheme))) == {}


def test_a_district_may_have_a_radius_of_its_own() -> None:
    near = make_threshold("service_radius", 60, unit="m")
    standard = replace(TOWN.standard, districts={"北区": {"service_radius": near}})
    north = [replace(one, district="北区") if one.code == "A" else one for one in AREA.subdistricts]
    mixed = evaluate(replace(TOWN, standard=standard, area=make_area(*north)))
    narrow = evaluate(TOWN, radius_m=60)
    plain = evaluate(TOWN)
    assert (
        find(mixed, "A").coverage.covered_population < find(plain, "A").coverage.covered_population
    )
    assert (
        find(mixed, "A").coverage.covered_population
        == find(narrow, "A").coverage.covered_population
    )
    assert find(mixed, "B").coverage.coverage_ratio == find(plain, "B").coverage.coverage_ratio
    for id_, worth in mixed.worth.items():
        site = next(one for one in SITES.records if one.id == id_)
        same = narrow if site.subdistrict == "A" else plain
        assert worth.alone == same.worth[id_].alone
        areas = (one.drawing.service_areas[id_].area for one in (mixed, same))
        assert next(areas) == pytest.approx(next(areas))
