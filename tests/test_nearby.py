"""What is near a site: walks to the nearest stop, existing services, and rules S05 and P05."""

import math
import re
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from small import (
    draw_roads,
    make_area,
    make_site,
    make_standard,
    make_subdistrict,
    make_threshold,
)

from siteplan.analysis.nearby import (
    DEPARTMENTS,
    join_facilities,
    list_nearby,
    measure_nearest,
    measure_stop_walks,
)
from siteplan.analysis.places import WalkGraph, join_to_roads, make_graph
from siteplan.analysis.rules.facts import Outcome
from siteplan.analysis.rules.nearby import judge_resources, judge_transit
from siteplan.errors import Text
from siteplan.model import Facilities, Nearby, NearbyFacility, Stops, StopWalk

Point = tuple[float, float]
Line = list[Point]
SNAP_M = 80.0
STREET: Line = [(0, 0), (1000, 0)]


def find(
    graph: WalkGraph | None, sites: list[Point], others: list[Point]
) -> list[tuple[float, int]]:
    """Return metres and number of the nearest of other points, for each site."""
    here, there = (
        join_to_roads(*np.array(points, dtype=float).reshape(-1, 2).T, graph, SNAP_M)
        for points in (sites, others)
    )
    metres, index = measure_nearest(graph, here, there)
    return list(zip(metres.tolist(), index.tolist(), strict=True))


def build(*lines: Line) -> WalkGraph:
    return make_graph(draw_roads(*lines))


# --- walks to the nearest


def test_a_walk_goes_along_the_road_with_both_legs_off_it() -> None:
    found = find(build(STREET), [(100, 30), (600, 0)], [(300, -40), (900, 10)])
    assert found == [(pytest.approx(30 + 200 + 40), 0), (pytest.approx(310), 1)]


def test_the_nearest_on_foot_need_not_be_the_nearest_as_the_crow_flies() -> None:
    graph = build(STREET, [(0, 0), (0, 300)], [(0, 300), (1000, 300)])
    found = find(graph, [(500, 0)], [(500, 300), (500, 300), (900, 0)])
    assert found == [(pytest.approx(400), 2)]
    assert find(None, [(500, 0)], [(500, 300), (500, 300), (900, 0)]) == [(300, 0)]


@pytest.mark.parametrize("graph", [build(STREET), None])
def test_of_two_equally_near_the_lower_is_taken(graph: WalkGraph | None) -> None:
    assert find(graph, [(500, 0)], [(900, 0), (700, 0), (300, 0)]) == [(pytest.approx(200), 1)]
    assert find(graph, [(500, 0)], [(900, 0), (300, 0), (700, 0)]) == [(pytest.approx(200), 1)]
    assert find(graph, [(500, 0)], [(300, 0)] * 3) == [(pytest.approx(200), 0)]
    assert find(graph, [(500, 0)], [(500, 0), (500, 0)]) == [(pytest.approx(0), 0)]
    # nearer by a hair is not nearer
    assert find(graph, [(500, 0)], [(700, 0), (300 + 1e-9, 0)])[0][1] == 0
    assert find(graph, [(500, 0)], [(700, 0), (300.001, 0)])[0][1] == 1


def test_of_very_many_the_last_is_found_where_it_is_the_nearest() -> None:
    stops: list[Point] = [(800, 0)] * 1999 + [(799.5, 0)]
    for graph in (build(STREET), None):
        assert find(graph, [(500, 0)], stops) == [(pytest.approx(299.5), 1999)]


def test_one_that_cannot_be_reached_is_infinitely_far() -> None:
    graph = build(STREET, [(0, 500), (1000, 500)])
    assert find(graph, [(500, 10), (500, 200)], [(500, 500)]) == [(math.inf, -1)] * 2
    assert find(graph, [(500, 500)], [(500, 400)]) == [(math.inf, -1)]  # beyond the snap limit
    assert find(graph, [(500, 80), (500, 81)], [(500, 0)]) == [
        (pytest.approx(80), 0), (math.inf, -1),
    ]  # fmt: skip


@pytest.mark.parametrize("graph", [build(STREET), None])
def test_of_nothing_there_is_no_nearest(graph: WalkGraph | None) -> None:
    assert find(graph, [(0, 0)], []) == [(math.inf, -1)]
    assert find(graph, [], [(0, 0)]) == []
    assert find(graph, [], []) == []


def brute_force(lines: list[Line], sites: list[Point], others: list[Point]) -> list[list[float]]:
    """Return all walks by Floyd and Warshall over every end, site and goal cut into the lines."""
    spots = sites + others
    nodes = {end: number for number, end in enumerate({e for line in lines for e in line})}
    size = len(nodes) + len(spots)
    on_line: list[list[tuple[float, int]]] = [[] for _ in lines]
    for number, line in enumerate(lines):
        on_line[number] = [(0.0, nodes[line[0]]), (math.dist(*line), nodes[line[1]])]
    legs = []
    for number, point in enumerate(spots):
        shapes = [shapely.LineString(line) for line in lines]
        leg, nearest = min(
            (shape.distance(shapely.Point(point)), n) for n, shape in enumerate(shapes)
        )
        legs.append(leg)
        if leg <= SNAP_M:
            along = shapes[nearest].project(shapely.Point(point))
            on_line[nearest].append((along, len(nodes) + number))
    ways = np.full((size, size), np.inf)
    np.fill_diagonal(ways, 0)
    for here in on_line:
        for (a, one), (b, other) in product(here, here):
            ways[one, other] = min(ways[one, other], abs(a - b))
    for middle in range(size):
        ways = np.minimum(ways, ways[:, [middle]] + ways[[middle]])
    joined = [leg <= SNAP_M for leg in legs]
    first = len(sites)
    return [
        [
            legs[i] + ways[len(nodes) + i, len(nodes) + first + j] + legs[first + j]
            if joined[i] and joined[first + j]
            else math.inf
            for j in range(len(others))
        ]
        for i in range(len(sites))
    ]


@given(st.integers(0, 10**9))
def test_brute_force_finds_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def draw(many: int, side: float) -> list[Point]:
        return [tuple(each) for each in (rng.random((many, 2)) * side).tolist()]

    corners = draw(int(rng.integers(2, 9)), 400)
    ends = [rng.choice(len(corners), 2, replace=False) for _ in range(int(rng.integers(1, 9)))]
    pairs = sorted({(int(min(pair)), int(max(pair))) for pair in ends})
    lines = [[corners[a], corners[b]] for a, b in pairs]
    sites, others = draw(6, 450), draw(int(rng.integers(1, 7)), 450)
    others += [others[0], sites[0], corners[0]]
    expected = brute_force(lines, sites, others)
    for (metres, index), walks in zip(find(build(*lines), sites, others), expected, strict=True):
        least = min(walks)
        assert metres == pytest.approx(least, abs=3e-6)
        assert index == (-1 if math.isinf(least) else next(
            n for n, walk in enumerate(walks) if walk <= least + 1e-6
        ))  # fmt: skip


def test_the_walk_to_a_stop_names_it() -> None:
    stops = Stops(
        np.array([300.0, 900.0]),
        np.zeros(2),
        np.array(["bus_stop", "subway"]),
        np.array(["", "乙"]),
        np.ones(2, dtype=np.bool_),
    )
    graph = build(STREET)
    places = join_to_roads(np.array([0.0, 800.0, 0.0]), np.array([0.0, 0.0, 99.0]), graph, SNAP_M)
    assert measure_stop_walks(graph, places, stops, SNAP_M) == [
        StopWalk(pytest.approx(300), "bus_stop", ""), StopWalk(pytest.approx(100), "subway", "乙"),
        StopWalk(math.inf, "", ""),
    ]  # fmt: skip


# --- existing services


def make_facilities(*x: float, **rest: Any) -> Facilities:  # noqa: ANN401
    known: dict[str, Any] = {
        "kind": np.array(["library"] * len(x)),
        "name": np.array([f"馆{n}" for n in range(len(x))]),
    }
    return Facilities(np.array(x), np.zeros(len(x)), **known | rest)


def look(
    facilities: Facilities, sites: list[Point], members: list[int], *, on_foot: bool = True
) -> tuple[NearbyFacility, ...]:
    """List what is near the members of the first of two subdistricts.

    The second site has a radius of 100 m, every other one of 400 m.
    """
    area = make_area(
        make_subdistrict("A", (0, -100, 500, 100)), make_subdistrict("B", (500, -100, 1000, 100))
    )
    graph = build(STREET) if on_foot else None
    places = join_to_roads(*np.array(sites, dtype=float).reshape(-1, 2).T, graph, SNAP_M)
    radius_m = np.array([400.0 if index != 1 else 100.0 for index in range(len(sites))])
    joined = join_facilities(area, facilities, graph, places, SNAP_M, radius_m)
    ids = {member: f"s{member}" for member in members}
    return list_nearby(graph, joined, 0, places.take(np.array(members, dtype=np.intp)), ids)


@pytest.mark.parametrize("on_foot", [True, False])
def test_listed_is_what_lies_inside_or_within_the_radius_of_a_member(*, on_foot: bool) -> None:
    facilities = make_facilities(0, 450, 500, 800, 801, 1200)
    found = look(facilities, [(400, 0), (900, 0)], [0], on_foot=on_foot)
    assert [(one.index, one.inside, one.member) for one in found] == [
        (0, True, "s0"), (1, True, "s0"), (2, True, "s0"), (3, False, "s0"),
    ]  # fmt: skip
    assert [one.distance_m for one in found] == pytest.approx([400, 50, 100, 400])
    assert (found[0].kind, found[0].name) == ("library", "馆0")


def test_each_site_has_a_radius_of_its_own() -> None:
    found = look(make_facilities(600, 799, 800, 1001), [(0, 0), (900, 0)], [0, 1])
    assert [one.index for one in found] == [2]


def test_the_nearest_member_is_named_the_lower_of_two() -> None:
    found = look(make_facilities(100, 200, 300, 499), [(100, 0), (900, 0), (300, 0)], [0, 2])
    assert [(one.member, one.distance_m) for one in found] == [
        ("s0", pytest.approx(0)), ("s0", pytest.approx(100)), ("s2", pytest.approx(0)),
        ("s2", pytest.approx(199)),
    ]  # fmt: skip


def test_without_a_member_what_lies_inside_is_listed_without_a_distance() -> None:
    for on_foot in (True, False):
        found = look(make_facilities(100, 900), [(900, 0)], [], on_foot=on_foot)
        assert [(one.index, one.member, one.distance_m) for one in found] == [(0, None, math.inf)]
    assert look(make_facilities(), [(100, 0)], [0]) == ()


def test_relation_and_department_are_told_as_far_as_they_are_known() -> None:
    facilities = make_facilities(
        100, 200, 300,
        relation=np.array(["linked", "", "待定"]), department=np.array(["health", "", "外办"]),
    )  # fmt: skip
    found = look(facilities, [(100, 0)], [0])
    assert [(one.relation, one.department) for one in found] == [
        ("linked", DEPARTMENTS["health"]), ("", None), ("待定", Text("“外办”", "“外办”")),
    ]  # fmt: skip
    (plain,) = look(make_facilities(100), [(100, 0)], [0])
    assert (plain.relation, plain.department) == ("", None)


# --- rules


def know(*ids: str, status: str = "adopted", **nearby: Any) -> Any:  # noqa: ANN401
    """Make what the rules look at, with a limit of 500 m to the next stop."""
    transit = make_threshold("transit", 500, unit="m", status=status, clause="附件1-六")
    return SimpleNamespace(
        members=tuple(make_site(id_) for id_ in ids),
        standard=make_standard(thresholds={"transit": transit}),
        method="roads",
        nearby=Nearby(**nearby),
    )


def check(outcome: Outcome) -> Outcome:
    """Both languages say something, and give the same figures."""
    zh, en = (re.sub("“[^”]*”", "", text) for text in (outcome.message.zh, outcome.message.en))
    assert re.search("[\u4e00-\u9fff]", zh)
    assert not re.search("[\u4e00-\u9fff，。；：]", en)
    figures = r"\d(?:[\d.,]*\d)?"
    assert sorted(re.findall(figures, zh)) == sorted(re.findall(figures, en))
    return outcome


@pytest.mark.parametrize(
    ("distance_m", "verdict", "figure"),
    [
        (0, "pass", ""),
        (500 + 5e-7, "pass", ""),
        (500.3, "warn", "500.3 m"),
        (750 + 5e-7, "warn", "750 m"),
        (750.1, "fail", "750 m"),
        (3210, "fail", "3,210 m"),
    ],
)
def test_s05_asks_for_a_stop_near_each_site(distance_m: float, verdict: str, figure: str) -> None:
    walks = {"s": StopWalk(distance_m, "bus_stop", "天河")}
    (outcome,) = judge_transit(know("s", stop_walks=walks))
    assert (outcome.verdict, outcome.subject) == (verdict, "s")
    if verdict != "pass":
        check(outcome)
        assert figure in outcome.message.en
        assert "“天河”" in outcome.message.en
        assert (outcome.measured, outcome.unit) == (distance_m, "m")
        assert [limit.name for limit in outcome.thresholds] == ["transit"]


def test_s05_fails_where_no_stop_can_be_walked_to() -> None:
    (outcome,) = judge_transit(know("s", stop_walks={"s": StopWalk(math.inf, "", "")}))
    assert (check(outcome).verdict, outcome.measured) == ("fail", None)


def test_s05_says_nothing_of_the_name_of_a_stop_without_one() -> None:
    walks = {"a": StopWalk(10, "bus_stop", ""), "b": StopWalk(600, "bus_stop", "")}
    near, far = judge_transit(know("a", "b", stop_walks=walks))
    assert (near.verdict, near.subject, far.subject) == ("pass", "a", "b")
    assert "“" not in check(far).message.zh + far.message.en


def test_s05_is_unknown_without_stops_or_a_limit_and_na_without_sites() -> None:
    (outcome,) = judge_transit(know("s"))
    assert check(outcome).verdict == "unknown"
    facts = know("s", stop_walks={"s": StopWalk(9, "", "")})
    facts.standard = make_standard(thresholds={"transit": None})
    (outcome,) = judge_transit(facts)
    assert (outcome.verdict, "transit" in outcome.message.en) == ("unknown", True)
    assert [one.verdict for one in judge_transit(know(stop_walks={}))] == ["na"]


def make_facility(index: int, relation: str, **rest: Any) -> NearbyFacility:  # noqa: ANN401
    known = {"kind": "library", "name": f"馆{index}", "department": DEPARTMENTS["culture"],
             "inside": True, "member": "s", "distance_m": 100.0}  # fmt: skip
    return NearbyFacility(index=index, relation=relation, **known | rest)


def judge_services(*facilities: NearbyFacility, known: bool = True) -> Outcome:
    (outcome,) = judge_resources(know("s", facilities=facilities, relations_known=known))
    return outcome


def test_p05_asks_for_a_relation_of_each_service_inside() -> None:
    related = [
        make_facility(n, word) for n, word in enumerate(("integrated", "linked", "referred"))
    ]
    assert judge_services(*related).verdict == "pass"
    assert judge_services(*related, make_facility(3, "", inside=False)).verdict == "pass"
    outcome = check(judge_services(*related, make_facility(3, "")))
    assert (outcome.verdict, outcome.measured, outcome.subject) == ("warn", 1, None)
    assert outcome.message.en.endswith("1 of 4 existing facilities are neither integrated, linked "
                                       "nor referred: “馆3” (culture)")  # fmt: skip
    assert outcome.message.zh.endswith("“馆3”（文化）")


def test_p05_names_the_first_few_with_what_is_known_of_them() -> None:
    outcome = check(judge_services(
        make_facility(0, "待定"), make_facility(1, "未对接", department=None),
        make_facility(2, "", name="", department=None), make_facility(3, ""), make_facility(4, ""),
    ))  # fmt: skip
    assert outcome.measured == 5
    assert outcome.message.en.endswith(
        "“馆0” (culture, “待定”), “馆1” (“未对接”), “library” and others"
    )
    assert outcome.message.zh.endswith("“馆0”（文化，“待定”）、“馆1”（“未对接”）、“library”等")


@pytest.mark.parametrize(
    ("many", "said"), [(1, "the 1 existing facility of"), (2, "the 2 existing facilities of")]
)
def test_p05_counts_the_services_of_which_no_file_says(many: int, said: str) -> None:
    outcome = judge_services(*(make_facility(n, "") for n in range(many)), known=False)
    assert said in check(outcome).message.en
    assert f"{many} 处现有设施" in outcome.message.zh


def test_p05_is_unknown_where_no_file_says_and_na_where_there_is_nothing_to_relate() -> None:
    outcome = check(judge_services(make_facility(0, ""), known=False))
    assert outcome.verdict == "unknown"
    assert judge_services(make_facility(0, "", inside=False), known=False).verdict == "na"
    assert judge_services().verdict == "na"
    assert [one.verdict for one in judge_resources(know("s"))] == ["na"]
    facts = know(facilities=(make_facility(0, ""),), relations_known=True)
    assert [one.verdict for one in judge_resources(facts)] == ["na"]
