"""A headquarters with its branches."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
import shapely
from small import make_network, make_reach, make_site, make_sites

from siteplan.analysis.links import LinkWalk
from siteplan.analysis.network import (
    check_network,
    complete_network,
    find_headquarters,
    find_redundant,
)
from siteplan.errors import Text
from siteplan.model import Link, LinkCrossing, Role, ServiceNetwork

HQ: Role = "headquarters"


def connect(
    roles: Mapping[str, Role | None],
    ways: Mapping[tuple[str, str], float],
    people: Mapping[str, float] | None = None,
    left: Mapping[str, float] | None = None,
    *,
    on_foot: bool = True,
) -> ServiceNetwork:
    """Check a network of members by id, with the ways there are between them."""
    ids = sorted(roles)
    # a stranger stands first, so that positions among sites and among members differ
    sites = make_sites(
        make_site("0-stranger", subdistrict="B"), *(make_site(i, role=roles[i]) for i in ids)
    )
    both = {**ways, **{(b, a): metres for (a, b), metres in ways.items()}}
    walks = make_reach(
        *({ids.index(b): metres for (a, b), metres in both.items() if a == row} for row in ids)
    )
    members = sites.members("A")
    index = {sites.records[m].id: int(m) for m in members}
    return check_network(
        {member: id_ for id_, member in index.items()},
        find_headquarters(sites, members),
        walks,
        {index[id_]: count for id_, count in (people or dict.fromkeys(ids, 1.0)).items()},
        {index[id_]: ratio for id_, ratio in (left or {}).items()},
        on_foot=on_foot,
    )


# --- headquarters


def test_a_single_member_is_headquarters_whatever_it_says() -> None:
    for role in (None, "branch", HQ):
        network = connect({"a": role}, {}, left={"a": 0})
        assert (network.headquarters, network.connected) == ("a", True)
        assert (network.stranded, network.links) == ((), ())
        assert (network.best_median, network.best_center) == ("a", "a")
        assert network.worst_loss == ("a", 0)


def test_a_single_member_is_connected_even_without_roads() -> None:
    assert connect({"a": None}, {}, on_foot=False).connected is True


@pytest.mark.parametrize("roles", [{"a": None, "b": "branch"}, {"a": HQ, "b": HQ}])
def test_without_exactly_one_headquarters_only_the_best_are_known(
    roles: dict[str, Role | None],
) -> None:
    network = connect(roles, {("a", "b"): 700}, {"a": 10, "b": 20}, {"a": 0.5, "b": 0.4})
    assert network.headquarters is None
    assert network.connected is None
    assert network.worst_loss is None
    assert (network.stranded, network.links) == ((), ())
    assert (network.best_median, network.best_center) == ("b", "a")


def test_no_member_is_no_network() -> None:
    network = connect({}, {})
    assert (network.headquarters, network.links, network.best_median) == (None, (), None)
    assert network.losses == {}


def test_a_candidate_is_no_member_and_no_headquarters() -> None:
    sites = make_sites(
        make_site("a", role=HQ, status="candidate"), make_site("b"), make_site("c", role="branch")
    )
    assert find_headquarters(sites, sites.members("A")) is None
    assert [sites.records[m].id for m in sites.members("A")] == ["b", "c"]


# --- links


def test_links_run_from_each_branch_to_the_headquarters_in_order_of_id() -> None:
    ways = {("b", "a"): 900, ("b", "c"): 700, ("a", "c"): 1600}
    network = connect({"a": "branch", "b": HQ, "c": None}, ways)
    assert network.links == (Link("a", 900), Link("c", 700))
    assert network.connected is True


def test_a_branch_that_cannot_reach_the_headquarters_is_stranded_and_has_no_link() -> None:
    network = connect({"a": None, "b": HQ, "c": None, "d": None}, {("a", "b"): 5, ("c", "d"): 5})
    assert network.stranded == ("c", "d")
    assert network.links == (Link("a", 5),)
    assert network.connected is False


def test_a_straight_line_cannot_show_that_a_branch_is_connected() -> None:
    network = connect({"a": HQ, "b": None}, {("a", "b"): 5}, on_foot=False)
    assert network.connected is None
    assert network.links == (Link("b", 5),)


# --- the best headquarters


def test_the_median_weighs_residents_and_the_centre_the_longest_way() -> None:
    ways = {("a", "b"): 10, ("a", "c"): 10, ("b", "c"): 20,
            ("a", "d"): 500, ("b", "d"): 495, ("c", "d"): 505}  # fmt: skip
    few = connect(dict.fromkeys("abcd"), ways, {"a": 1, "b": 1, "c": 1, "d": 1})
    many = connect(dict.fromkeys("abcd"), ways, {"a": 1, "b": 1, "c": 1, "d": 50})
    assert (few.best_median, few.best_center) == ("a", "b")  # in all 520 m; at most 495 m
    assert (many.best_median, many.best_center) == ("d", "b")


def test_ties_go_to_the_smallest_id_even_if_the_last_bit_disagrees() -> None:
    ways = {("a", "b"): 0.1 + 0.2, ("b", "c"): 0.3, ("a", "c"): 0.3}
    network = connect(dict.fromkeys("abc"), ways)
    assert (network.best_median, network.best_center) == ("a", "a")


def test_a_member_that_nobody_can_walk_to_neither_counts_nor_competes() -> None:
    ways = {("b", "c"): 100, ("c", "d"): 100, ("b", "d"): 200}
    network = connect(dict.fromkeys("abcd"), ways, {"a": 1000, "b": 1, "c": 1, "d": 1})
    assert (network.best_median, network.best_center) == ("c", "c")


def test_of_two_groups_apart_no_member_reaches_all_others() -> None:
    network = connect(dict.fromkeys("abcd"), {("a", "b"): 1, ("c", "d"): 1})
    assert (network.best_median, network.best_center) == (None, None)


def test_of_members_that_all_stand_alone_none_is_best() -> None:
    assert connect(dict.fromkeys("ab"), {}).best_median is None


# --- the worst loss


def test_the_worst_loss_is_the_member_without_which_coverage_falls_lowest() -> None:
    network = connect({"a": HQ, "b": None, "c": None}, {}, left={"a": 0.6, "b": 0.4, "c": 0.5})
    assert network.worst_loss == ("b", 0.4)


def test_of_equal_losses_the_smallest_id_is_named() -> None:
    left = {"a": 0.5, "b": 0.1 + 0.2, "c": 0.3}
    network = connect({"a": HQ, "b": None, "c": None}, {}, left=left)
    assert network.worst_loss == ("b", pytest.approx(0.3))
    assert math.isfinite(network.worst_loss[1])


def test_without_residents_there_is_no_worst_loss() -> None:
    assert connect({"a": None}, {}, left={}).worst_loss is None
    assert np.isfinite(connect({"a": HQ, "b": None}, {("a", "b"): 3}).links[0].distance_m)


def test_the_headquarters_is_held_against_the_best_placed_member() -> None:
    ways = {("a", "b"): 100, ("a", "c"): 300, ("b", "c"): 200}
    people = {"a": 10.0, "b": 20.0, "c": 70.0}
    # to a: 20 × 100 + 70 × 300 = 23,000; to b: 10 × 100 + 70 × 200 = 15,000; to c: 7,000
    network = connect({"a": HQ, "b": None, "c": None}, ways, people)
    assert (network.best_median, network.best_center) == ("c", "b")
    assert network.median_factor == pytest.approx(23 / 7)
    assert network.is_center is False
    network = connect({"a": None, "b": HQ, "c": None}, ways, people)
    assert network.median_factor == pytest.approx(15 / 7)
    assert network.is_center is True
    assert connect({"a": None, "b": None, "c": HQ}, ways, people).median_factor == 1


def test_a_headquarters_that_not_all_can_reach_is_infinitely_worse() -> None:
    network = connect({"a": HQ, "b": None, "c": None}, {("b", "c"): 5})
    assert (network.median_factor, network.is_center) == (math.inf, False)
    assert math.isnan(connect({"a": HQ}, {}).median_factor)
    assert connect({"a": HQ, "b": None}, {}).is_center is None
    alone = connect({"a": HQ}, {})
    assert alone.is_center is None  # there is no other place for it
    assert math.isnan(alone.median_saving_m)


def test_what_is_left_without_each_member_is_known_by_id() -> None:
    left = {"a": 0.5, "b": 0.8}
    assert connect({"a": HQ, "b": None}, {("a", "b"): 5}, left=left).losses == left
    assert connect({"a": None, "b": None}, {("a", "b"): 5}, left=left).losses == left


# --- how much nearer the best headquarters would be


def test_the_saving_is_how_much_nearer_the_best_median_is_on_average() -> None:
    ways = {("a", "b"): 10, ("a", "c"): 10, ("b", "c"): 20,
            ("a", "d"): 500, ("b", "d"): 495, ("c", "d"): 505}  # fmt: skip
    roles: dict[str, Role | None] = {"a": None, "b": None, "c": None, "d": HQ}
    few = connect(roles, ways, dict.fromkeys("abcd", 1))
    many = connect(roles, ways, {"a": 1, "b": 1, "c": 1, "d": 50})
    assert few.median_saving_m == (1500 - 520) / 4  # in all 1,500 m to d, 520 m to a
    assert many.median_saving_m == 0
    some = connect(roles, ways, {"a": 3, "b": 0, "c": 0, "d": 2})
    assert some.median_saving_m == pytest.approx((3 * 500 - 2 * 500) / 5)


def test_where_nothing_can_be_compared_there_is_no_saving() -> None:
    assert math.isnan(connect({"a": HQ}, {}).median_saving_m)
    assert math.isnan(connect({"a": HQ, "b": None}, {}).median_saving_m)
    nobody = connect({"a": HQ, "b": None}, {("a", "b"): 5}, {"a": 0, "b": 0})
    assert math.isnan(nobody.median_saving_m)
    assert math.isnan(connect({"a": None, "b": None}, {("a", "b"): 5}).median_saving_m)


def test_a_headquarters_that_a_member_cannot_reach_saves_beyond_measure() -> None:
    ways = {("b", "c"): 100, ("c", "d"): 100, ("b", "d"): 200}
    assert connect({"a": HQ, "b": None, "c": None, "d": None}, ways).median_saving_m == math.inf


# --- members that are not needed


def find_needless(*reached: set[int], population: tuple[float, ...]) -> list[int]:
    near = make_reach(*(dict.fromkeys(points, 100.0) for points in reached))
    return find_redundant(near, np.array(population))


def test_a_member_is_redundant_if_others_cover_everybody_it_covers() -> None:
    # 10 only by the first, 20 by two, an empty house only by the second, 5 only by the third
    found = find_needless({0, 1}, {1, 2}, {3}, set(), population=(10, 20, 0, 5))
    assert found == [1, 3]


def test_two_members_that_cover_the_same_people_are_redundant_each_by_itself() -> None:
    assert find_needless({0}, {0}, population=(7,)) == [0, 1]
    assert find_needless({0}, population=(7,)) == []


def test_one_resident_too_few_to_be_seen_in_the_ratio_makes_a_member_needed() -> None:
    assert find_needless({0, 1}, {0}, population=(1e9, 1e-9)) == [1]


def test_without_residents_nobody_is_redundant() -> None:
    assert find_needless({0}, set(), population=(0, 0)) == []
    assert find_needless(set(), population=()) == []


def test_a_network_is_completed_by_site() -> None:
    members = [
        make_site("a", role="branch", services=("youth", "elderly")),
        make_site("b", role="branch", services=()),
        make_site("h", role=HQ, services=("elderly", "family_service")),
    ]
    network = make_network(
        headquarters="h", stranded=("a",), links=(Link("b", 5),), losses={}, worst_loss=None
    )
    line = shapely.LineString([(0, 0), (3, 4)])
    crossing = LinkCrossing(Text("桥梁", "the bridge"), 900.0)
    near = make_reach({0: 1}, {0: 1}, {0: 1})
    walks = [None, LinkWalk(line, (crossing,)), None]
    done = complete_network(network, members, walks, near, np.array([1.0]))
    assert done.links == (Link("b", 5, crossings=(crossing,)),)
    assert done.links[0].line is line
    assert done.redundant == ("a", "b")  # the headquarters is never named
    assert done.services == ("elderly", "family_service", "youth")


def test_a_line_makes_no_two_links_different() -> None:
    assert Link("b", 5, shapely.LineString([(0, 0), (3, 4)])) == Link("b", 5)
