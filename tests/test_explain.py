"""Why a verdict, and what would change it: by hand, by brute force, and as `evaluate` has it."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import town
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from small import (
    draw_roads,
    fits_one_line,
    make_area,
    make_case,
    make_site,
    make_sites,
    make_standard,
    make_subdistrict,
    make_threshold,
    make_weights,
)

from siteplan import cli
from siteplan.analysis.counterfactuals import combine_candidates
from siteplan.analysis.sums import add_up
from siteplan.errors import InputError, Text
from siteplan.evaluate import evaluate, survey_case
from siteplan.explain import explain
from siteplan.inputs.case import read_case
from siteplan.model import Case, Finding, Judgement, Roads, Sites
from siteplan.model.explanation import (
    Combination,
    Effect,
    Explanation,
    Outlook,
    Placing,
    Reason,
    SiteExplanation,
    SubdistrictExplanation,
)
from siteplan.outputs.explanation import say_explanation, write_explanation
from siteplan.outputs.explanation.headships import say_shorter
from siteplan.outputs.explanation.phrases import say_people
from siteplan.outputs.explanation.reasons import say_reason

ROOT = Path(__file__).parents[1]

# Everything stands along one street, so every walk is a difference of x:
#
#   h  p0      p1 i b           p2 c1      p3    c2 p4          p5 c3            c4 p6
#   50 100    400 450 500      900 1000  1300  1500 1600      2100             2900
PEOPLE = {100: 10, 400: 20, 900: 30, 1300: 5, 1600: 15, 2100: 12, 2900: 8}
VENUES = {"h": 50, "b": 500, "i": 450, "c1": 1000, "c2": 1500, "c3": 2100, "c4": 2900}
AREA = make_area(make_subdistrict("A", (0, -500, 3000, 500), 100))
SITES = make_sites(
    make_site("h", 50, 0, role="headquarters"),
    make_site("b", 500, 0, role="branch"),
    make_site("i", 450, 0, role="branch", status="existing"),
    *(make_site(id_, VENUES[id_], 0, status="candidate") for id_ in ("c1", "c2", "c3", "c4")),
)
STANDARD = make_standard(
    thresholds={"service_radius": make_threshold("service_radius", 300, unit="m")}
)
STREET = make_case(
    AREA,
    SITES,
    draw_roads([(0, 0), (3000, 0)]),
    residents=make_weights(*((x, 0, count) for x, count in PEOPLE.items())),
    standard=STANDARD,
)


def explain_subdistrict(case: Case, subject: str = "A", **options: Any) -> SubdistrictExplanation:  # noqa: ANN401
    explanation = explain(case, subject, **options)
    assert isinstance(explanation, SubdistrictExplanation)
    return explanation


def explain_site(case: Case, subject: str, **options: Any) -> SiteExplanation:  # noqa: ANN401
    explanation = explain(case, subject, **options)
    assert isinstance(explanation, SiteExplanation)
    return explanation


def change_site(case: Case, id_: str, **changes: Any) -> Case:  # noqa: ANN401
    records = (replace(s, **changes) if s.id == id_ else s for s in case.sites.records)
    return replace(case, sites=Sites(tuple(records)))


def drop_site(case: Case, *ids: str) -> Case:
    return replace(case, sites=make_sites(*(s for s in case.sites.records if s.id not in ids)))


def judge(case: Case, code: str = "A") -> Judgement:
    return next(one for one in evaluate(case).judgements if one.subdistrict.code == code)


def figures(outlook: Outlook | None) -> tuple[float, float, float, bool | None]:
    assert outlook is not None
    return (
        outlook.covered_population,
        outlook.change_population,
        outlook.missing_population,
        outlook.meets_target,
    )


# --- the street by hand


def test_residents_missing_to_the_target_are_counted() -> None:
    assert figures(explain_subdistrict(STREET).today) == (30, 0, 50, False)


def test_each_candidate_is_tried_by_itself() -> None:
    found = explain_subdistrict(STREET)
    assert {one.site: figures(one.outlook) for one in found.additions} == {
        "c1": (65, 35, 15, False),
        "c2": (50, 20, 30, False),
        "c3": (42, 12, 38, False),
        "c4": (38, 8, 42, False),
    }
    best = max(found.additions, key=lambda one: one.outlook.covered_population)
    assert best.site == "c1"


def test_the_smallest_set_that_meets_the_target_is_found() -> None:
    combination = explain_subdistrict(STREET).combination
    assert combination is not None
    assert (combination.sites, combination.tried_size) == (("c1", "c2"), 2)
    assert figures(combination.outlook) == (80, 50, 0, True)  # just enough
    assert combination.is_smallest


def test_where_all_candidates_are_not_enough_that_is_said() -> None:
    short = drop_site(STREET, "c2", "c4")
    explanation = explain_subdistrict(short)
    assert explanation.combination is not None
    assert explanation.combination.sites == ()
    assert figures(explanation.combination.outlook) == (77, 47, 3, False)
    zh, en = say_both(explanation)
    assert "覆盖率也只有 77.0%，新增覆盖 47 人，距目标还差 3 人" in zh
    assert "only 77.0%, 47 residents more; 3 residents short of the target" in en


def test_one_candidate_that_is_enough_is_named_alone() -> None:
    target = {"coverage_target": make_threshold("coverage_target", 0.6, op=">=")}
    radius = {"service_radius": make_threshold("service_radius", 300, unit="m")}
    case = replace(STREET, standard=make_standard(thresholds=target | radius))
    explanation = explain_subdistrict(case)
    assert explanation.combination is not None
    assert explanation.combination.sites == ("c1",)
    assert "c1 场地c1 alone is enough" in say_explanation(explanation, "en")


def test_where_sets_are_too_many_the_greedy_answer_says_so() -> None:
    trial = survey_case(STREET).measured[0].trial
    greedy = combine_candidates(trial, most_sets=4)  # of one site only
    assert greedy is not None
    assert (greedy.sites, greedy.tried_size) == (("c1", "c2"), 1)
    assert greedy.is_smallest  # of one none is enough, so two are the least
    blind = combine_candidates(trial, most_sets=3)
    assert blind is not None
    assert (blind.sites, blind.tried_size, blind.is_smallest) == (("c1", "c2"), 0, False)
    explanation = replace(explain_subdistrict(STREET), combination=blind)
    assert "可能有更好的组合" in say_explanation(explanation, "zh")
    assert "There may be a better set" in say_explanation(explanation, "en")


def test_the_best_spot_is_a_point_of_residents() -> None:
    spot = explain_subdistrict(STREET).spot
    assert spot is not None
    assert (spot.x, spot.y, spot.nearest, spot.distance_m) == (900, 0, "b", 400)
    assert figures(spot.outlook) == (60, 30, 20, False)


def test_of_two_spots_equally_good_the_western_one_is_taken() -> None:
    even = make_weights((100, 0, 10), (1000, 0, 20), (2000, 0, 20), (2000, 10, 0))
    spot = explain_subdistrict(replace(drop_site(STREET, "c1"), residents=even)).spot
    assert spot is not None
    assert spot.x == 1000


def test_the_radius_that_meets_the_target_is_told_in_whole_metres() -> None:
    explanation = explain_subdistrict(STREET)
    assert explanation.judgement.equity.target_radius_m == pytest.approx(1100)
    assert "放宽到 1,100 米才达到目标，比现行 300 米多 800 米" in say_explanation(explanation, "zh")


def test_another_headquarters_shortens_the_way() -> None:
    headship = explain_subdistrict(STREET).headship
    assert headship is not None
    assert headship.now == Placing("h", pytest.approx(395), pytest.approx(450), "b", ())
    assert headship.best == Placing("b", pytest.approx(55), pytest.approx(450), "h", ())
    saving_m = judge(STREET).network.median_saving_m
    assert headship.now.mean_m - headship.best.mean_m == pytest.approx(saving_m)


def test_losing_the_headquarters_leaves_what_the_branches_cover() -> None:
    headship = explain_subdistrict(STREET).headship
    assert headship is not None
    assert figures(headship.without) == (20, -10, 60, False)
    assert headship.successor == Placing("b", pytest.approx(15), pytest.approx(50), "i", ())


def test_without_exactly_one_headquarters_the_best_placed_is_named() -> None:
    headship = explain_subdistrict(change_site(STREET, "h", role="branch")).headship
    assert headship is not None
    assert (headship.now, headship.without, headship.successor) == (None, None, None)
    assert headship.best is not None
    assert headship.best.site == "b"


def test_members_that_could_close_are_listed_and_tried_together() -> None:
    closure = explain_subdistrict(STREET).closure
    assert closure is not None
    assert closure.sites == ("b", "i")
    assert figures(closure.together) == (10, -20, 70, False)
    assert closure.lost_elsewhere == {}
    assert explain_subdistrict(drop_site(STREET, "i")).closure is None


def test_a_site_that_neighbours_need_does_not_close_unnoticed() -> None:
    """All of A live by its headquarters; i serves two homes of B, which has no site."""
    area = make_area(
        make_subdistrict("A", (0, -500, 450, 500), 100),
        make_subdistrict("B", (450, -500, 3000, 500), 60),
    )
    homes = make_weights((100, 0, 10), (500, 0, 1), (600, 0, 2), (2900, 0, 3))
    sites = make_sites(
        make_site("h", 90, 0, role="headquarters"), make_site("i", 380, 0, role="branch")
    )
    roads = draw_roads([(0, 0), (3000, 0)])
    case = make_case(area, sites, roads, residents=homes, standard=STANDARD)
    explanation = explain_subdistrict(case)
    assert explanation.closure is not None
    assert explanation.closure.lost_elsewhere == {"i": pytest.approx(30)}
    zh, en = say_both(explanation)
    assert "撤掉 i 场地i，本街道无人失去覆盖，但其他街道 30 人会失去覆盖。" in zh
    assert "nobody of this subdistrict would lose cover, but 30 residents of other" in en
    written = json.loads(write_explanation(explanation))["counterfactuals"]
    (close,) = (one for one in written if one["kind"] == "close_idle_members")
    assert close["lost_elsewhere_population"] == 30
    twin = make_site("j", 90, 0, role="branch")
    more = explain_subdistrict(replace(case, sites=make_sites(*sites.records, twin)))
    zh, en = say_both(more)
    assert "i 场地i、j 场地j。但撤掉 i 场地i，其他街道 30 人会失去覆盖。若这 2 处全部撤掉" in zh
    assert "But without i 场地i 30 residents of other subdistricts would. Without any" in en


def test_a_successor_that_stands_alone_has_no_way_to_tell() -> None:
    zh, en = say_both(explain_subdistrict(drop_site(STREET, "i")))
    assert "只剩 b 场地b 一处，由它接替。" in zh
    assert "b 场地b alone would be left, and could follow it." in en
    zh, en = say_both(explain_site(drop_site(STREET, "i"), "h"))
    assert "没有它时，只剩 b 场地b 一处，由它接替。" in zh
    assert "Without it b 场地b alone would be left, and could follow it." in en


def test_a_gap_is_told_by_the_mean_and_the_farthest_walk_of_its_people() -> None:
    homes = make_weights((100, 0, 50), (900, 0, 30), (960, 0, 10), (1020, 0, 10))
    case = replace(drop_site(STREET, "b"), residents=homes)
    zh, en = say_both(explain_subdistrict(case))
    assert "最近的场地 i 场地i 平均步行 486 米，最远 570 米。" in zh
    assert "the nearest site, i 场地i, is 486 m on foot on average, 570 m at most." in en


def test_a_site_says_what_would_be_without_it_and_under_it() -> None:
    branch = explain_site(STREET, "b")
    assert figures(branch.otherwise) == (30, 0, 50, False)
    assert branch.headquarters == Placing("h", pytest.approx(395), pytest.approx(450), "b", ())
    assert branch.as_headquarters == Placing("b", pytest.approx(55), pytest.approx(450), "h", ())
    assert branch.successor is None
    head = explain_site(STREET, "h")
    assert figures(head.otherwise) == (20, -10, 60, False)
    assert head.successor == Placing("b", pytest.approx(15), pytest.approx(50), "i", ())


def test_a_candidate_says_what_would_be_with_it() -> None:
    candidate = explain_site(STREET, "c1")
    assert figures(candidate.otherwise) == (65, 35, 15, False)
    # with c1: h has 10 people, i 20, b 0, c1 the rest; c1 is 950, 550 and 500 from them
    assert candidate.as_headquarters is not None
    assert candidate.as_headquarters.mean_m == pytest.approx((10 * 950 + 20 * 550 + 30 * 0) / 100)
    assert candidate.as_headquarters.farthest == "h"
    assert candidate.reasons == ()


def test_sites_of_others_that_cover_the_same_people_are_named() -> None:
    """Its worth counts the case, coverage the subdistrict: the two must not seem to differ."""
    area = make_area(
        make_subdistrict("A", (0, -500, 3000, 0.1), 100), make_subdistrict("B", (0, 1, 3000, 9), 1)
    )
    sites = make_sites(*SITES.records, make_site("x", 900, 0, subdistrict="B"))
    people = make_weights(*((x, 0, count) for x, count in PEOPLE.items()), (1250, 5, 1))
    case = replace(STREET, area=area, sites=sites, residents=people)
    candidate = explain_site(case, "c1")
    assert figures(candidate.otherwise) == (65, 35, 15, False)
    assert candidate.worth.added_own == 5  # x covers the 30 at 900
    assert "其中 30 人另有其他街道的场地覆盖" in say_explanation(candidate, "zh")
    assert "cover 30 residents of these" in say_explanation(candidate, "en")
    built = explain_site(change_site(case, "c1", status="proposed"), "c1")
    assert figures(built.otherwise) == (30, -35, 50, False)
    assert "35 人失去覆盖，距目标还差 50 人。其中 30 人另有" in say_explanation(built, "zh")
    assert "of these" not in say_explanation(explain(case, "c2"), "en")  # x is too far


# --- what a verdict rests on


def test_reasons_say_which_of_them_decide_and_why_others_only_warn() -> None:
    adopted = {"status": "adopted", "source": "us"}
    thresholds = {
        "service_radius": make_threshold("service_radius", 300, unit="m", **adopted),
        "coverage_target": make_threshold("coverage_target", 0.8, op=">=", **adopted),
    }
    case = replace(STREET, standard=make_standard(thresholds=thresholds))
    explanation = explain_subdistrict(case)
    assert explanation.judgement.verdict == "fail"
    effects = {one.finding.code: (one.effect, one.decides) for one in explanation.reasons}
    assert effects["C01"] == ("fails", True)
    assert effects["C02"] == ("mild", False)  # the figure is binding, but the rule only screens
    assert effects["N09"] == ("mild", False)  # it never fails, whatever is adopted
    assert effects["S05"] == ("open", False)
    assert [one.decides for one in explanation.reasons] == sorted(
        (one.decides for one in explanation.reasons), reverse=True
    )
    bare = {
        one.finding.code: one for one in explain_subdistrict(drop_site(case, "h", "b", "i")).reasons
    }
    assert bare["N01"].effect == "mild"  # no figure, so no threshold to adopt
    tried = explain_subdistrict(case, radius_m=300)  # on the command line it is assumed
    assert {one.finding.code: one.effect for one in tried.reasons}["C01"] == "assumed"


def test_an_unknown_verdict_rests_on_the_decisive_questions_alone() -> None:
    undated = make_subdistrict("A", (0, -500, 3000, 500), 100, vintage=None)
    explanation = explain_subdistrict(replace(STREET, area=make_area(undated)))
    assert explanation.judgement.verdict == "unknown"
    deciding = {one.finding.code for one in explanation.reasons if one.decides}
    assert deciding == {"D03"}


def test_a_warning_verdict_rests_on_every_warning() -> None:
    explanation = explain_subdistrict(STREET)
    assert explanation.judgement.verdict == "warn"
    for one in explanation.reasons:
        assert one.decides == (one.finding.severity == "warning")


# --- as `evaluate` has it


@pytest.mark.parametrize("case", [STREET, replace(STREET, roads=None)], ids=["roads", "straight"])
def test_every_counterfactual_equals_the_evaluation_of_that_case(case: Case) -> None:
    explanation = explain_subdistrict(case)
    for addition in explanation.additions:
        built = judge(change_site(case, addition.site, status="proposed"))
        assert_same(addition.outlook, built)
        assert_same(explain_site(case, addition.site).otherwise, built)
    for member in ("h", "b", "i"):
        assert_same(explain_site(case, member).otherwise, judge(drop_site(case, member)))
    combination, spot, closure = explanation.combination, explanation.spot, explanation.closure
    assert combination is not None
    everything = case
    for id_ in combination.sites:
        everything = change_site(everything, id_, status="proposed")
    assert_same(combination.outlook, judge(everything))
    assert spot is not None
    there = make_site("new", spot.x, spot.y, role="branch")
    assert_same(spot.outlook, judge(replace(case, sites=make_sites(*case.sites.records, there))))
    assert closure is not None
    assert_same(closure.together, judge(drop_site(case, *closure.sites)))


def test_moving_the_headquarters_gives_the_links_of_that_case() -> None:
    headship = explain_subdistrict(STREET).headship
    assert headship is not None
    assert headship.best is not None
    moved = change_site(change_site(STREET, "h", role="branch"), "b", role="headquarters")
    network = judge(moved).network
    assert network.median_factor == 1
    assert max(link.distance_m for link in network.links) == pytest.approx(
        headship.best.longest_m, abs=1e-6
    )


def assert_same(outlook: Outlook | None, judgement: Judgement) -> None:
    assert outlook is not None
    coverage = judgement.coverage
    assert outlook.covered_population == pytest.approx(coverage.covered_population, abs=1e-6)
    assert outlook.coverage_ratio == pytest.approx(coverage.coverage_ratio, abs=1e-6)
    assert outlook.meets_target == (judgement.rules["C01"] == "pass")


# --- brute force

STEP_M = 100
SIDE = 4
NODES = [(column, row) for row in range(SIDE) for column in range(SIDE)]
BLOCKS = [
    (one, other)
    for one in NODES
    for other in NODES
    if (other[0] - one[0], other[1] - one[1]) in {(1, 0), (0, 1)}
]
Node = tuple[int, int]
Walks = dict[Node, dict[Node, float]]


@st.composite
def towns(draw: st.DrawFn) -> tuple[Case, list[tuple[Node, int]], list[tuple[Node, str]], Walks]:
    """Draw a case on a grid with gaps, its people and venues by node, and every walk."""
    chosen = draw(st.lists(st.sampled_from(BLOCKS), min_size=3, unique=True))
    straight = draw(st.booleans())
    nodes = sorted({node for block in chosen for node in block})
    people = [
        (node, draw(st.integers(1, 9)))
        for node in draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=9, unique=True))
    ]
    venues = [
        (node, draw(st.sampled_from(["proposed", "candidate", "candidate"])))
        for node in draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=7))
    ]
    total = sum(count for _, count in people)
    case = make_case(
        make_area(make_subdistrict("A", (-1000, -1000, 1000, 1000), total)),
        make_sites(
            *(
                make_site(f"s{i}", STEP_M * x, STEP_M * y, status=status)
                for i, ((x, y), status) in enumerate(venues)
            )
        ),
        None if straight else draw_blocks(chosen),
        residents=make_weights(*((STEP_M * x, STEP_M * y, n) for (x, y), n in people)),
        standard=make_standard(
            thresholds={
                "service_radius": make_threshold(
                    "service_radius", draw(st.sampled_from([50, 100, 150, 200])), unit="m"
                ),
                "coverage_target": make_threshold(
                    "coverage_target", draw(st.sampled_from([0.5, 0.8, 1.0])), op=">="
                ),
            }
        ),
    )
    return case, people, venues, walk_everywhere(nodes, chosen, straight=straight)


def draw_blocks(blocks: Sequence[tuple[Node, Node]]) -> Roads:
    return draw_roads(
        *([(STEP_M * x, STEP_M * y) for x, y in (one, other)] for one, other in blocks)
    )


def walk_everywhere(
    nodes: Sequence[Node], blocks: Sequence[tuple[Node, Node]], *, straight: bool
) -> Walks:
    """Measure all walks by Floyd and Warshall, or as the crow flies."""
    if straight:
        return {a: {b: STEP_M * math.dist(a, b) for b in nodes} for a in nodes}
    walks: Walks = {a: {b: 0.0 if a == b else math.inf for b in nodes} for a in nodes}
    for one, other in blocks:
        walks[one][other] = walks[other][one] = STEP_M
    for via in nodes:
        for a in nodes:
            for b in nodes:
                walks[a][b] = min(walks[a][b], walks[a][via] + walks[via][b])
    return walks


@settings(max_examples=60)
@given(towns())
def test_the_best_spot_equals_a_search_of_every_place(
    drawn: tuple[Case, list[tuple[Node, int]], list[tuple[Node, str]], Walks],
) -> None:
    case, people, venues, walks = drawn
    radius_m = case.standard.number("service_radius") or 0
    members = [node for node, status in venues if status == "proposed"]
    missed = [(node, n) for node, n in people if all(walks[m][node] > radius_m for m in members)]
    best, most = None, 0
    for node, _ in sorted(people):
        gain = sum(n for other, n in missed if walks[node][other] <= radius_m)
        if gain > most:
            best, most = node, gain
    spot = explain_subdistrict(case).spot
    if best is None:
        assert spot is None
        return
    assert spot is not None
    assert (spot.x, spot.y) == (STEP_M * best[0], STEP_M * best[1])
    assert spot.outlook.change_population == pytest.approx(most)


@settings(max_examples=60)
@given(towns())
def test_the_smallest_set_equals_a_search_of_every_set(
    drawn: tuple[Case, list[tuple[Node, int]], list[tuple[Node, str]], Walks],
) -> None:
    case, people, venues, walks = drawn
    radius_m, target = (
        case.standard.number("service_radius"),
        case.standard.number("coverage_target"),
    )
    assert radius_m
    assert target
    total = sum(count for _, count in people)

    def cover(chosen: Sequence[int]) -> int:
        sites = [n for i, (n, status) in enumerate(venues) if status == "proposed" or i in chosen]
        return sum(n for node, n in people if any(walks[s][node] <= radius_m for s in sites))

    candidates = [i for i, (_, status) in enumerate(venues) if status == "candidate"]
    expected: Combination | None = explain_subdistrict(case).combination
    if not candidates or cover([]) >= target * total - 1e-9:
        assert expected is None
        return
    assert expected is not None
    enough = [
        chosen
        for size in range(1, len(candidates) + 1)
        for chosen in combinations(candidates, size)
        if cover(chosen) >= target * total - 1e-9
    ]
    if not enough:
        assert expected.sites == ()
        assert expected.outlook.covered_population == pytest.approx(cover(candidates))
        return
    size = min(map(len, enough))
    most = max(cover(chosen) for chosen in enough if len(chosen) == size)
    first = next(chosen for chosen in enough if len(chosen) == size and cover(chosen) == most)
    assert expected.sites == tuple(f"s{i}" for i in first)
    assert expected.outlook.covered_population == pytest.approx(most)


# --- what cannot be told


def test_without_roads_it_says_that_walks_are_straight_lines() -> None:
    zh, en = say_both(explain(replace(STREET, roads=None), "A"))
    assert "没有道路数据" in zh
    assert "直线 400 米" in zh
    assert "The case has no roads" in en
    assert "on foot" not in en[en.index("Who is reached") :]


def test_without_a_target_it_says_so_and_tries_no_set() -> None:
    thresholds = {"coverage_target": None, "service_radius": STANDARD.thresholds["service_radius"]}
    explanation = explain_subdistrict(
        replace(STREET, standard=make_standard(thresholds=thresholds))
    )
    assert explanation.today.meets_target is None
    assert explanation.combination is None
    zh, en = say_both(explanation)
    assert "标准没有给出覆盖率目标" in zh
    assert "The standard gives no coverage target" in en
    assert "达到目标" not in zh.replace("没有目标或没有居民", "")


def test_without_members_it_says_what_cannot_be_told() -> None:
    empty = drop_site(STREET, "h", "b", "i")
    explanation = explain_subdistrict(empty)
    assert (explanation.headship, explanation.closure) == (None, None)
    zh, en = say_both(explanation)
    assert "没有现有或拟建场地，100 人都未覆盖" in zh
    assert "It cannot be told without a site" in en
    assert "There is no site to be headquarters" in en


def test_nobody_living_there_is_no_error() -> None:
    empty = replace(STREET, area=make_area(make_subdistrict("A", (0, -500, 3000, 500), 0)))
    zh, en = say_both(explain(empty, "A"))
    assert "没有居民，覆盖率无法计算" in zh
    assert "nobody lives there" in en.lower()
    for id_ in VENUES:
        say_both(explain(empty, id_))


def test_nobody_who_can_be_reached_leaves_no_spot() -> None:
    far = make_weights((100, 0, 50), (2000, 400, 50))  # 400 m from any road
    explanation = explain_subdistrict(replace(STREET, residents=far))
    assert explanation.spot is None
    zh, en = say_both(explanation)
    assert "未覆盖的居民都没有连通道路" in zh
    assert "No road leads to those who are not covered" in en
    assert "放宽半径也达不到目标：50 人" in zh


def test_a_centre_that_covers_everybody_needs_no_spot() -> None:
    near = make_weights((100, 0, 100))
    zh, en = say_both(explain(replace(STREET, residents=near), "A"))
    assert "居民已全部覆盖" in zh
    assert "Everybody is covered already" in en
    assert "300 m is enough for the target, as is any radius from 50 m" in en


def test_stranded_branches_are_named_and_no_means_compared() -> None:
    apart = change_site(STREET, "b", x=1500.0, y=450.0)  # off the road by more than the snap limit
    zh, en = say_both(explain(apart, "A"))
    assert "步行到不了 b" in zh
    assert "no way on foot to b" in en
    branch = say_explanation(explain(apart, "b"), "en")
    assert "a branch with no way on foot to the headquarters, h" in branch


def test_a_site_of_no_subdistrict_counts_for_no_centre() -> None:
    lost = change_site(STREET, "c1", subdistrict=None, missing=("subdistrict",))
    explanation = explain_site(lost, "c1")
    assert (explanation.judgement, explanation.otherwise) == (None, None)
    assert [one.finding.code for one in explanation.reasons] == ["D02"]
    zh, en = say_both(explanation)
    assert "未注明所属街道" in zh
    assert "names no subdistrict" in en
    json.loads(write_explanation(explanation))


def say_both(explanation: Explanation) -> tuple[str, str]:
    return say_explanation(explanation, "zh"), say_explanation(explanation, "en")


# --- sentences and figures


def tell_ground(**changes: Any) -> tuple[str, str]:  # noqa: ANN401
    """Return against what a finding was held, in both languages."""
    known: dict[str, Any] = {
        "code": "P03", "severity": "warning", "subject": "A", "title": Text("题", "title"),
        "message": Text("因", "why"), "measured": None, "unit": None, "threshold": None,
        "threshold_status": None, "clause": None, "department": "finance",
    }  # fmt: skip
    finding = Finding(**known | changes)
    effect: Effect = "assumed" if finding.eased else "mild"
    ground = say_reason(Reason(finding, effect, decides=False))[1]
    return ground.zh.strip(), ground.en.strip()


@pytest.mark.parametrize(
    ("unit", "measured", "threshold", "zh", "en"),
    [
        ("wan", 100.4, 200.4, "实际 100.4 万元；标准 200.4 万元", "100.4 × 10,000 yuan; thr"),
        ("m", 1000.3, 1000.0, "实际 1,000.3 米；标准 1,000 米", "Measured 1,000.3 m; threshold"),
        ("m2", 0.0, "> 0", "实际 0 平方米；标准 大于 0 平方米", "threshold above 0 m²"),
        (None, 0.5725, 0.6, "实际 57.3%；标准 60.0%", "Measured 57.3%; threshold 60.0%"),
        (None, 1.501, 1.5, "实际 1.501；标准 1.5", "Measured 1.501; threshold 1.5"),
        ("person", 28e3, "30,000–1,500,000", "标准 30,000–1,500,000 人", "00,000 residents"),
    ],
)
def test_both_sides_of_a_comparison_have_their_unit_and_can_be_told_apart(
    unit: str | None, measured: float, threshold: float | str, zh: str, en: str
) -> None:
    told = tell_ground(unit=unit, measured=measured, threshold=threshold)
    assert zh in told[0]
    assert en in told[1]


def test_that_a_figure_is_not_adopted_is_said_only_where_it_would_else_fail() -> None:
    held: dict[str, Any] = {"threshold": 0.6, "threshold_status": "assumed", "measured": 0.5}
    zh, en = tell_ground(**held, eased=True)
    assert "所依数值未经采用" in zh
    assert "is not adopted" in en
    zh, en = tell_ground(**held)
    assert zh.endswith("按本规则只作提醒。")
    assert en.endswith("By the rule itself it only warns.")


def test_half_a_person_is_one_in_every_sentence() -> None:
    assert [say_people(count).en for count in (0.5, 1.5, 2.5)] == [
        "1 resident", "2 residents", "3 residents",
    ]  # fmt: skip


def test_a_saving_is_the_difference_of_the_walks_as_they_are_told() -> None:
    now, best = Placing("a", 184.4, 300.0, "c", ()), Placing("b", 109.6, 200.0, "c", ())
    assert say_shorter(now, best).zh == "平均缩短 74 米。"


def test_a_centre_without_a_headquarters_is_told_from_one_with_two() -> None:
    none = change_site(STREET, "h", role="branch")
    zh, en = say_both(explain(none, "A"))
    assert "中心没有总部。最适合作总部的是" in zh
    assert "The centre has no headquarters. Best placed is" in en
    assert "申报为分站点；中心没有总部" in say_explanation(explain(none, "b"), "zh")
    two = change_site(STREET, "b", role="headquarters")
    zh, en = say_both(explain(two, "A"))
    assert "中心有多个总部。" in zh
    assert "The centre has more than one headquarters." in en


def test_what_is_to_be_known_of_the_standard_is_said_and_written() -> None:
    later = replace(STREET.standard, valid_from=date(2031, 1, 1))
    case = replace(STREET, standard=later, date=date(2010, 7, 1))
    explanation = explain(case, "A")
    assert say_explanation(explanation, "zh").splitlines()[2].startswith("注意：标准《")
    [note] = json.loads(write_explanation(explanation))["notes"]
    assert "2031-01-01" in note["en"]


def list_numbers(figures: Any) -> list[str]:  # noqa: ANN401
    """List what a sentence must hold of the figures, as it is written."""
    numbers = []
    for name, value in figures.items():
        if isinstance(value, dict) and name != "sentence":
            numbers += list_numbers(value)
        elif name == "coverage_ratio":
            numbers.append(f"{value * 100:.1f}%")
        elif name in {"change_population", "missing_population"} and value and round(abs(value)):
            numbers.append(f"{abs(value):,.0f}")
        elif name in {"mean_distance_m", "longest_distance_m", "target_radius_m"} and value:
            numbers.append(f"{value:,.0f}")
    return numbers


@pytest.mark.parametrize("subject", ["A", *VENUES])
def test_every_sentence_holds_its_figures_in_both_languages(subject: str) -> None:
    document = json.loads(write_explanation(explain(STREET, subject)))
    assert document["format"] == "siteplan-explanation/1"
    assert document["counterfactuals"]
    for one in document["counterfactuals"]:
        if "radius" in one["kind"]:
            one["target_radius_m"] = math.ceil(one["target_radius_m"])
        for lang in ("zh", "en"):
            for number in list_numbers(one):
                assert number in one["sentence"][lang], (one["kind"], lang, number)


def test_the_document_has_every_counterfactual_with_its_kind() -> None:
    document = json.loads(write_explanation(explain(STREET, "A")))
    assert [one["kind"] for one in document["counterfactuals"]] == [
        *["add_candidate"] * 4, "add_candidates", "add_site", "change_radius",
        "lose_headquarters", "move_headquarters", "close_idle_members",
    ]  # fmt: skip
    assert [one["site"] for one in document["counterfactuals"][:4]] == ["c1", "c2", "c3", "c4"]
    assert document["today"]["coverage_ratio"] == 0.3
    assert document["subject"] == {"kind": "subdistrict", "id": "A", "name": "街道A"}
    site = json.loads(write_explanation(explain(STREET, "b")))
    assert [one["kind"] for one in site["counterfactuals"]] == ["without_site", "as_headquarters"]
    assert site["site"]["id"] == "b"


def test_findings_of_one_rule_on_many_sites_are_told_together() -> None:
    flawed = STREET
    for id_ in ("h", "b", "i"):
        flawed = change_site(flawed, id_, premises=None)
    more = [make_site(f"m{i}", 500, 0, role="branch", premises=None) for i in range(5)]
    flawed = replace(flawed, sites=make_sites(*flawed.sites.records, *more))
    zh, en = say_both(explain(flawed, "A"))
    assert zh.count("S02 ") == en.count("S02 ") == 1
    assert "S02 场地来源合规，8 处场地：" in zh
    assert "Likewise m1, m2, m3, m4" in en.replace("m0, ", "")


def test_of_many_candidates_only_those_that_add_most_are_spoken_of() -> None:
    many = [make_site(f"d{i:02}", 2000 + 10 * i, 0, status="candidate") for i in range(12)]
    case = replace(STREET, sites=make_sites(*SITES.records, *many))
    explanation = explain_subdistrict(case)
    zh, en = say_both(explanation)
    assert zh.count("加上 ") == en.count("  With d") + en.count("  With c") == 8
    assert "另有 8 处备选" in zh
    assert "8 more candidates" in en
    kinds = [one["kind"] for one in json.loads(write_explanation(explanation))["counterfactuals"]]
    assert kinds.count("add_candidate") == 16


# --- which subject is meant


def test_a_subject_is_found_by_code_id_or_name() -> None:
    assert isinstance(explain(STREET, "街道A"), SubdistrictExplanation)
    assert explain_site(STREET, "场地b").site.id == "b"
    named = change_site(STREET, "b", name="A")  # a code comes before a name
    assert isinstance(explain(named, "A"), SubdistrictExplanation)


def test_a_name_of_several_is_refused_with_their_ids() -> None:
    twins = change_site(change_site(STREET, "b", name="双子"), "i", name="双子")
    with pytest.raises(InputError) as error:
        explain(twins, "双子")
    assert "b, i" in str(error.value)
    both = change_site(STREET, "b", name="街道A")
    with pytest.raises(InputError, match="A, b"):
        explain(both, "街道A")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("街道", "街道A"),
        ("C1", "c1"),
        ("场地bb", "场地b"),
        ("nowhere at all", "Known subdistricts: A"),
    ],
)
def test_an_unknown_subject_is_refused_with_what_is_called_much_like_it(
    word: str, expected: str
) -> None:
    with pytest.raises(InputError) as error:
        explain(STREET, word)
    assert expected in str(error.value)


# --- the command


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return town.write_town(tmp_path / "town")


def test_the_command_explains_a_subdistrict_and_a_site(case: Path) -> None:
    result = run("explain", town.WEST, "--case", case, "--lang", "en")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"西街道 {town.WEST}: fail\n")
    assert "trying what would change it" in result.stderr
    site = run("explain", "w3", "--case", case, "--lang", "zh", "--quiet")
    assert site.stdout.startswith(f"w3 备选（西街道 {town.WEST}）\n")
    assert site.stderr == ""


def test_the_command_takes_the_current_directory(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(case)
    document = json.loads(run("explain", "东街道", "--json", "--quiet").stdout)
    assert (document["subject"]["id"], document["verdict"]) == (town.EAST, "warn")


def test_the_command_tries_another_radius(case: Path) -> None:
    words = ("explain", town.EAST, "--case", case, "--json", "--quiet")
    document = json.loads(run(*words, "--radius", 300).stdout)
    assert document["service_radius"] == {
        "value": 300, "unit": "m", "status": "assumed", "source": "--radius", "clause": None,
    }  # fmt: skip
    assert json.loads(run(*words, "--minutes", 5).stdout)["service_radius"]["value"] == 300
    assert json.loads(run(*words, "--distance", "straight-line").stdout)["distance"] == (
        "straight-line"
    )
    assert run(*words, "--minutes", 5, "--radius", 300).exit_code == 2


def test_the_command_refuses_an_unknown_subject(case: Path) -> None:
    result = run("explain", "西", "--case", case, "--lang", "zh", "--quiet")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "没有街道或场地“西”。相近的有：西街道、西一、西二。" in result.stderr


def test_the_command_names_proposals_that_were_left_out(case: Path) -> None:
    (case / "data" / "proposals" / "bad.geojson").write_text("{", encoding="utf-8")
    result = run("explain", town.EAST, "--case", case, "--lang", "en", "--quiet")
    assert result.exit_code == 3
    assert "bad.geojson" in result.stderr
    assert result.stdout.startswith("东街道")


def test_hostile_names_print_safely(case: Path) -> None:
    evil = "\x1b[2J中心\n\r\x07\u202eX" + "长" * 300
    offered = {"id": "w1\x1b[31m", "name": evil, "subdistrict": town.WEST, "role": "branch"}
    town.write(
        case / "data" / "proposals" / "west.geojson",
        [
            (town.point(150, 150), offered),
            (town.point(160, 150), {"id": "w2", "name": evil, "subdistrict": town.WEST}),
            (
                town.point(750, 750),
                {"id": "w3", "name": evil, "subdistrict": town.WEST, "status": "candidate"},
            ),
        ],
    )
    for subject in (town.WEST, "w2", "w3", "w1\x1b[31m"):
        for lang in ("zh", "en"):
            result = run("explain", subject, "--case", case, "--lang", lang, "--quiet")
            assert result.exit_code == 0, result.stderr
            assert all(map(fits_one_line, result.stdout.split("\n")))
            assert "长" * 100 not in result.stdout
    refused = run("explain", evil, "--case", case, "--quiet")
    assert refused.exit_code == 3
    assert "\x1b" not in refused.stderr


# --- the demo


@pytest.fixture(scope="module")
def demo() -> Case:
    return read_case(ROOT)


def test_every_subject_of_the_demo_can_be_explained(demo: Case) -> None:
    subjects = [*demo.area.codes, *(site.id for site in demo.sites.records)]
    assert len(subjects) > 30
    for subject in subjects:
        explanation = explain(demo, subject)
        zh, en = say_both(explanation)
        assert "nan" not in zh + en
        assert not re.search(r"None(?!: | of )", zh + en)
        json.loads(write_explanation(explanation))


def test_the_candidate_of_the_demo_that_meets_the_target_is_found(demo: Case) -> None:
    explanation = explain_subdistrict(demo, "440199004")
    assert explanation.combination is not None
    assert explanation.combination.sites == ("440199004-3",)
    built = judge(change_site(demo, "440199004-3", status="proposed"), "440199004")
    assert_same(explanation.additions[0].outlook, built)


def test_the_best_spot_of_the_demo_holds_when_it_is_proposed(demo: Case) -> None:
    explanation = explain_subdistrict(demo, "440199003")
    spot = explanation.spot
    assert spot is not None
    there = make_site("new", spot.x, spot.y, subdistrict="440199003", role="branch")
    sites = make_sites(*demo.sites.records, there)
    assert_same(spot.outlook, judge(replace(demo, sites=sites), "440199003"))


# --- Liechtenstein


@pytest.mark.real
def test_vaduz_is_explained(liechtenstein: Case) -> None:
    read = liechtenstein
    explanation = explain_subdistrict(read, "Vaduz")
    coverage = explanation.judgement.coverage
    population = add_up(survey_case(read).measured[read.area.codes.index("Vaduz")].trial.population)
    assert population == pytest.approx(5229)
    assert explanation.today.missing_population == pytest.approx(
        0.85 * population - coverage.covered_population
    )
    assert explanation.headship is not None
    assert explanation.headship.now is None  # no site is called headquarters
    assert explanation.headship.best is not None
    assert explanation.headship.best.site == explanation.judgement.network.best_median
    spot = explanation.spot
    assert spot is not None
    there = make_site("new", spot.x, spot.y, subdistrict="Vaduz", role="branch")
    proposed = replace(read, sites=make_sites(*read.sites.records, there))
    assert_same(spot.outlook, judge(proposed, "Vaduz"))
    zh, en = say_both(explanation)
    assert f"还差 {math.ceil(explanation.today.missing_population):,} 人" in zh
    assert "The centre has no headquarters. Best placed is" in en
    assert max(map(len, en.splitlines())) < 600
