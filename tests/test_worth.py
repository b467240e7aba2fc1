"""What each site is worth."""

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import (
    make_area,
    make_case,
    make_reach,
    make_site,
    make_sites,
    make_subdistrict,
    make_weights,
)

from siteplan.analysis.coverage import Catchment, count_cover
from siteplan.analysis.worth import NOBODY, measure_worth
from siteplan.evaluate import evaluate
from siteplan.model import Demand, GroupWorth, Reach, Sites, SiteWorth, Status
from siteplan.outputs.results import write_json

NAN = pytest.approx(math.nan, nan_ok=True)
CODES = ("A", "B", "C")


def stand(people: list[float], home: list[int] | None = None, **groups: list[float]) -> Demand:
    """Put people at points of a subdistrict; where exactly does not matter here."""
    homes = np.array(home or [0] * len(people), dtype=np.intp)
    return Demand(
        subdistrict=homes,
        x=np.zeros(len(people)),
        y=np.zeros(len(people)),
        population=np.array(people),
        groups={name: np.array(count) for name, count in groups.items()},
        basis=("residents",) * len(CODES),
        measured_ratio=np.full(len(CODES), np.nan),
    )


def value(
    demand: Demand, sites: Sites, reach: Reach, catchments: dict[int, Catchment] | None = None
) -> dict[str, SiteWorth]:
    cover = count_cover(reach, sites, len(demand.population))
    snap_m = np.arange(len(sites.records)) + 1.0
    found = measure_worth(demand, CODES, sites, cover, catchments or {}, snap_m)
    return {site.id: worth for site, worth in zip(sites.records, found, strict=True)}


# --- by hand


def test_a_site_is_worth_what_it_adds_and_a_candidate_is_never_counted() -> None:
    sites = make_sites(
        make_site("a-old", status="existing"),
        make_site("b-older", status="existing"),
        make_site("c-new"),
        make_site("d-newer"),
        make_site("e-maybe", status="candidate"),
        make_site("f-again", status="candidate"),
    )
    #                   0: old   1: old, new   2: new, newer   3: newest only   4: maybe only
    demand = stand([100, 10, 20, 40, 80])
    reach = make_reach({0: 1, 1: 1}, {0: 1}, {1: 1, 2: 1}, {2: 1, 3: 1}, {2: 1, 4: 1}, {4: 1})
    worth = value(demand, sites, reach)
    assert {name: (w.alone, w.added, w.shared, w.lost) for name, w in worth.items()} == {
        "a-old": (110, 10, 50 + 5, 0),  # of no other existing site: the new one does not count
        "b-older": (100, 0, 50, 0),
        "c-new": (30, 20, 5 + 10, 0),
        "d-newer": (60, 60, 10 + 40, 40),
        "e-maybe": (100, 80, NAN, NAN),
        "f-again": (80, 80, NAN, NAN),
    }


def test_a_sites_own_are_those_of_the_subdistrict_it_claims_wherever_it_lies() -> None:
    sites = make_sites(
        make_site("a", status="existing"),
        make_site("b", subdistrict="B"),
        make_site("c", subdistrict="B", status="candidate"),
        make_site("d", subdistrict="C"),
        make_site("e", subdistrict=None),
    )
    #               A:  0   1   B: 2   3
    demand = stand([10, 20, 40, 80], home=[0, 0, 1, 1])
    reach = make_reach(
        {0: 1, 2: 1}, {1: 1, 2: 1, 3: 1}, {0: 1, 3: 1}, {0: 1, 1: 1}, dict.fromkeys(range(4), 1.0)
    )
    worth = value(demand, sites, reach)
    assert {
        name: (w.alone_own, w.added_own, w.shared_own, w.lost_own) for name, w in worth.items()
    } == {
        "a": (10, 10, pytest.approx(10 / 3), 0),
        "b": (120, 80, pytest.approx(40 / 3 + 80 / 2), 0),
        "c": (80, 0, NAN, NAN),
        "d": (0, 0, 0, 0),  # nobody lives in C
        "e": (NAN, NAN, NAN, NAN),  # nobody can say who is its own
    }
    assert (worth["e"].alone, worth["d"].alone) == (150, 30)


def test_a_catchment_belongs_to_a_member_and_its_mean_and_load_are_over_people() -> None:
    sites = make_sites(
        make_site("a", floor_area_m2=16.0),
        make_site("b"),
        make_site("c"),
        make_site("d", floor_area_m2=None),
    )
    near = Catchment(np.array([10.0, 30.0]), np.array([100.0, 200.0]), 1.25)
    reach, catchments = make_reach({}, {}, {}, {}), {0: near, 1: NOBODY, 3: near}
    a, b, c, d = value(stand([1]), sites, reach, catchments).values()
    assert (a.catchment, a.load_per_m2, a.mean_distance_m, a.snap_distance_m) == (40, 2.5, 175, 1)
    assert a.p90_detour_factor == 1.25
    assert (b.catchment, b.load_per_m2, b.snap_distance_m) == (0, 0, 2)
    assert b.mean_distance_m == NAN
    assert (c.catchment, c.load_per_m2) == (NAN, NAN)
    assert (d.catchment, d.load_per_m2) == (40, NAN)


def test_a_group_counts_only_where_it_is_known_at_every_point_in_reach() -> None:
    sites = make_sites(make_site("a"), make_site("b"), make_site("c"), make_site("d"))
    nan = math.nan
    demand = stand([10, 20, 40, 80], home=[0, 0, 1, 1], young=[3, 4, 5, 6], older=[1, 2, nan, nan])
    reach = make_reach({0: 1, 1: 1}, {1: 1, 2: 1}, {3: 1}, {})
    sites = replace(
        sites, records=(replace(sites.records[0], status="existing"), *sites.records[1:])
    )
    groups = {name: dict(one.groups) for name, one in value(demand, sites, reach).items()}
    assert groups == {
        "a": {"older": GroupWorth(3, 3), "young": GroupWorth(7, 7)},
        "b": {"older": GroupWorth(NAN, NAN), "young": GroupWorth(9, 5)},  # a has the other 4
        "c": {"older": GroupWorth(NAN, NAN), "young": GroupWorth(6, 6)},
        "d": {"older": GroupWorth(0, 0), "young": GroupWorth(0, 0)},
    }
    assert {tuple(one) for one in groups.values()} == {("older", "young")}  # in order of name
    assert dict(value(stand([1]), make_sites(make_site()), make_reach({0: 1}))["s"].groups) == {}


def test_two_sums_that_round_apart_leave_nobody_less_than_nobody() -> None:
    small = [
        5.8523564232487835e-08, 0.009523257665046067, 8.41740600154606, 1.295305030387971,
        295.2146389376518, 4661.806297995265, 6227333.862228478, 4.951602645410851e-06,
        6.750491370725773e-05, 302.0242649173355,
    ]  # fmt: skip
    # the sum of the first alone is smaller beside the seventh than without it
    demand = stand(small, home=[0, 0, 0, 0, 0, 1, 1, 0, 1, 0])
    reach = make_reach({0: 1}, dict.fromkeys(range(1, 10), 1.0), dict.fromkeys(range(1, 10), 1.0))
    sites = make_sites(*(make_site(id_, status="existing") for id_ in "abc"))
    for one in value(demand, sites, reach).values():
        assert one.alone_own <= one.alone
        assert one.lost <= one.added <= one.alone


# --- laws


class Town(NamedTuple):
    """Sites with the subdistrict they claim, whom they cover, and where people live."""

    statuses: list[Status]
    claims: list[str | None]
    covers: list[set[int]]
    people: list[float]
    home: list[int]
    older: list[float]  # nan in subdistricts where it is unknown


@st.composite
def draw_town(draw: st.DrawFn) -> Town:
    count = draw(st.integers(1, 5))

    def several(values: st.SearchStrategy[Any], size: int) -> Any:  # noqa: ANN401
        return draw(st.lists(values, min_size=size, max_size=size))

    home = sorted(several(st.integers(0, 2), 8))
    known = several(st.booleans(), 3)
    older = several(st.integers(0, 9).map(float), 8)
    return Town(
        statuses=several(st.sampled_from(["existing", "proposed", "candidate"]), count),
        claims=several(st.sampled_from([*CODES, None]), count),
        covers=several(st.sets(st.integers(0, 7)), count),
        people=several(st.integers(0, 50).map(float), 8),
        home=home,
        older=[one if known[place] else math.nan for one, place in zip(older, home, strict=True)],
    )


TOWNS = draw_town()


def value_town(town: Town) -> tuple[list[SiteWorth], list[int]]:
    """Return what sites are worth, and which of them are in the scheme."""
    described = enumerate(zip(town.statuses, town.claims, strict=True))
    sites = make_sites(
        *(make_site(f"{i}", status=status, subdistrict=claim) for i, (status, claim) in described)
    )
    reach = make_reach(*(dict.fromkeys(each, 1.0) for each in town.covers))
    worth = value(stand(town.people, town.home, older=town.older), sites, reach)
    scheme = [index for index, status in enumerate(town.statuses) if status != "candidate"]
    return list(worth.values()), scheme


@given(TOWNS)
def test_lost_is_at_most_added_and_added_at_most_alone(town: Town) -> None:
    worth, scheme = value_town(town)
    assert all(one.added <= one.alone for one in worth)
    assert all(worth[index].lost <= worth[index].added for index in scheme)
    assert all(worth[index].lost <= worth[index].shared + 1e-9 for index in scheme)


@given(TOWNS)
def test_own_residents_and_those_across_the_boundary_are_all(town: Town) -> None:
    """Those across the boundary are the own ones of the same site, claimed by all the others."""
    worth, scheme = value_town(town)
    for index, one in enumerate(worth):
        if town.claims[index] is None:
            assert math.isnan(one.alone_own)
            continue
        names = ("alone", "added", "shared", "lost") if index in scheme else ("alone", "added")
        for name in names:
            parts = []
            for code in CODES:
                claims = [*town.claims]
                claims[index] = code
                moved, _ = value_town(town._replace(claims=claims))
                assert getattr(moved[index], name) == getattr(one, name)
                parts.append(getattr(moved[index], f"{name}_own"))
            assert sum(parts) == pytest.approx(getattr(one, name))
            assert 0 <= getattr(one, f"{name}_own") <= getattr(one, name)


@given(TOWNS)
def test_votes_add_up_to_the_people_covered_by_any(town: Town) -> None:
    worth, scheme = value_town(town)
    covered = set().union(*(town.covers[index] for index in scheme))
    votes = sum(worth[index].shared for index in scheme)
    assert votes == pytest.approx(sum(town.people[point] for point in covered))
    for place, code in enumerate(CODES):
        own = sum(worth[index].shared_own for index in scheme if town.claims[index] == code)
        there = sum(town.people[point] for point in covered if town.home[point] == place)
        assert own <= there + 1e-9


@settings(max_examples=60)
@given(TOWNS)
def test_worth_is_what_brute_force_finds_over_all_orders_of_building(town: Town) -> None:
    worth, scheme = value_town(town)
    existing = {index for index, status in enumerate(town.statuses) if status == "existing"}
    orders = list(permutations(scheme))
    for index, one in enumerate(worth):
        claim, rivals = town.claims[index], (existing if index in scheme else set(scheme)) - {index}
        for suffix in ("", "_own"):

            def count(
                sites: Iterable[int], *, only: bool = bool(suffix), claim: str | None = claim
            ) -> float:
                if only and claim is None:
                    return math.nan
                people = 0.0
                for point in range(8):
                    if any(point in town.covers[site] for site in sites) and (
                        not only or CODES[town.home[point]] == claim
                    ):
                        people += town.people[point]
                return people

            found = {name: getattr(one, name + suffix) for name in ("alone", "added")}
            wanted = {"alone": count({index}), "added": count(rivals | {index}) - count(rivals)}
            if index in scheme:
                gains = [
                    count(order[: order.index(index) + 1]) - count(order[: order.index(index)])
                    for order in orders
                ]
                found |= {name: getattr(one, name + suffix) for name in ("shared", "lost")}
                wanted["shared"] = sum(gains) / len(orders)
                wanted["lost"] = count(scheme) - count(set(scheme) - {index})
            assert found == pytest.approx(wanted, nan_ok=True)


@given(TOWNS)
def test_a_group_is_what_brute_force_counts_at_points_in_reach(town: Town) -> None:
    worth, scheme = value_town(town)
    for index, one in enumerate(worth):
        alone = added = 0.0
        for point in town.covers[index]:
            rivals = [
                site
                for site, status in enumerate(town.statuses)
                if site != index
                and status in ({"existing"} if index in scheme else {"existing", "proposed"})
                and point in town.covers[site]
            ]
            alone += town.older[point]  # nan stays nan
            added += town.older[point] * (not rivals)
        assert one.groups["older"] == pytest.approx((alone, added), nan_ok=True)


@given(TOWNS)
def test_candidates_change_nothing_for_the_scheme(town: Town) -> None:
    worth, scheme = value_town(town)
    kept = {name: [getattr(town, name)[i] for i in scheme] for name in ("statuses", "claims")}
    alone, _ = value_town(town._replace(**kept, covers=[town.covers[i] for i in scheme]))
    for index, one in zip(scheme, alone, strict=True):
        names = ("alone", "added", "shared", "lost")
        names += tuple(f"{name}_own" for name in names)
        pairs = [(getattr(one, name), getattr(worth[index], name)) for name in names]
        assert all(x == y or (math.isnan(x) and math.isnan(y)) for x, y in pairs)


# --- in a whole case


def test_the_evaluation_tells_own_residents_groups_and_load() -> None:
    area = make_area(
        make_subdistrict("A", (0, 0, 1000, 1000), 60, groups={"older": 9.0}),
        make_subdistrict("B", (1000, 0, 2000, 1000), 40, groups={"older": 7.0}),
    )
    people = make_weights(
        (900, 500, 60), (1100, 500, 30), (1900, 500, 10), groups={"older": [9, 5, 2]}
    )
    sites = make_sites(
        make_site("b", 1000, 500, subdistrict="B", floor_area_m2=20.0),
        make_site("x", 1900, 500, subdistrict=None),
        make_site("y", 1900, 500, subdistrict="B", status="candidate"),
    )
    evaluation = evaluate(make_case(area, sites, residents=people))
    document: Any = json.loads(write_json(evaluation))
    b, x, y = document["sites"]
    assert (b["alone_population"], b["alone_own_population"]) == (90, 30)
    assert (b["added_own_population"], b["shared_own_population"]) == (30, 30)
    assert (b["lost_own_population"], b["load_per_m2"]) == (30, 2)  # the 10 have no nearer member
    assert b["groups"] == {"older": {"alone_population": 14, "added_population": 14}}
    assert b["sentence"] == {
        "zh": "按直线距离，建成后，它单独可覆盖 90 人，其中 30 人住在本街道；"
        "全部为新增覆盖，没有其他场地能覆盖他们；"
        "按就近分配，每平方米建筑面积服务本街道居民 2.0 人。",
        "en": "By straight line, once built, it would cover 90 residents by itself, 30 of them in"
        " its own subdistrict; no other site covers them; as the nearest site it would serve 2.0"
        " residents of its subdistrict per m² of floor area.",
    }
    assert (x["alone_population"], x["alone_own_population"], x["load_per_m2"]) == (10, None, None)
    assert (y["lost_own_population"], y["added_own_population"]) == (None, 0)
