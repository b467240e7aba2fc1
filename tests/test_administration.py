"""Pilots, their money, their approval: facts made by hand, and what each rule says to them."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import make_site, make_standard, make_threshold

from siteplan.analysis.rules.administration import (
    add_months,
    judge_approval,
    judge_funding,
    judge_listing,
    judge_rollout,
    list_milestones,
)
from siteplan.analysis.rules.facts import Outcome
from siteplan.errors import Text
from siteplan.inputs.projects import read_succession
from siteplan.model import (
    FormerUnit,
    Pilot,
    Project,
    Site,
    Split,
    Standard,
    Succession,
    Verdict,
    add_up_grants,
    find_pilots,
    find_split,
)
from siteplan.standard import read_standard

# Annex 2 as the plan prints it: district, subdistrict, mode, what the city and the district give.
ANNEX = (
    ("越秀区", "广卫街", 1, 100, 100), ("越秀区", "建设街", 1, 100, 100),
    ("越秀区", "矿泉街", 1, 100, 100), ("越秀区", "北京街", 1, 100, 100),
    ("海珠区", "沙园街", 1, 100, 100), ("海珠区", "江南中街", 2, 100, 100),
    ("荔湾区", "逢源街", 2, 100, 100), ("荔湾区", "海龙街", 1, 100, 100),
    ("荔湾区", "金花街", 2, 100, 100), ("天河区", "天园街", 1, 80, 120),
    ("黄埔区", "黄埔街", 2, 80, 120), ("白云区", "三元里街", 2, 100, 100),
    ("白云区", "金沙街", 1, 100, 100), ("花都区", "新华街", 1, 80, 120),
    ("番禺区", "桥南街", 2, 80, 120), ("南沙区", "珠江街", 2, 0, 200),
    ("南沙区", "南沙街", 2, 0, 200), ("萝岗区", "夏港街", 2, 0, 200),
    ("从化市", "街口街", 2, 160, 40), ("增城市", "荔城街", 2, 120, 80),
)  # fmt: skip
SUCCESSION = read_succession()


def list_pilots() -> list[Pilot]:
    """Return the pilots of the annex under today's codes, 广卫街 under its key."""
    units = {unit.key: unit for unit in SUCCESSION.units}
    pilots = []
    for district, name, mode, city, own in ANNEX:
        unit = units[f"{district}{name}"]
        code = unit.today[0] if unit.has_heir else unit.key
        pilots.append(Pilot(code, name, district, mode, 200.0, float(city), float(own)))
    return pilots


PILOTS = list_pilots()
PILOT = Pilot("A", "甲街", "区", 1, 200, 80, 120)
DAY = date(2010, 7, 1)
TENDER = make_threshold("tender_months", 1, unit="month", status="quoted", clause="四(四)")
STANDARD = make_standard(pilots={"A": PILOT}, thresholds={"tender_months": TENDER})


@dataclass(frozen=True)
class Known:
    """What the rules look at."""

    projects: Sequence[Project] = ()
    pilots: Sequence[Pilot] = (PILOT,)
    members: Sequence[Site] = field(default_factory=lambda: (make_site("s"),))
    standard: Standard = STANDARD
    day: date | None = DAY


def make_project(id_: str = "P1", **rest: Any) -> Project:  # noqa: ANN401
    """Make a project that is tendered and gives what the list says."""
    known: dict[str, Any] = {
        "mode": 1,
        "submitted": date(2010, 6, 1),
        "district_reviewed": date(2010, 6, 8),
        "city_approved": date(2010, 6, 10),
        "tendered": date(2010, 7, 10),
        "grant_wan": 200.0,
        "city_wan": 80.0,
        "district_wan": 120.0,
    }
    return Project("A", id_, **known | rest)


def settle(outcomes: list[Outcome]) -> Verdict:
    """Return the only verdict, and see that it gives a reason in both languages if it needs one."""
    [outcome] = outcomes
    check_wording(outcome)
    return outcome.verdict


def check_wording(outcome: Outcome) -> None:
    text = outcome.message
    if outcome.verdict in {"pass", "na"}:
        assert text == Text("", "")
        return
    assert re.search("[\u4e00-\u9fff]", text.zh)
    assert not re.search("[\u4e00-\u9fff，。；：]", re.sub("“.*?”", "", text.en))
    find = re.compile(r"\d(?:[\d.,]*\d)?")
    assert sorted(find.findall(text.zh)) == sorted(find.findall(text.en))


# --- P01


def test_p01_a_pilot_is_on_the_list() -> None:
    assert settle(judge_listing(Known())) == "pass"


def test_p01_another_subdistrict_that_proposes_or_files_is_not_and_only_warned() -> None:
    assert settle(judge_listing(Known(pilots=()))) == "warn"
    assert settle(judge_listing(Known(pilots=(), members=(), projects=[make_project()]))) == "warn"


def test_p01_says_nothing_without_a_list_or_without_a_proposal() -> None:
    assert settle(judge_listing(Known(pilots=(), standard=make_standard()))) == "na"
    assert settle(judge_listing(Known(pilots=(), members=()))) == "na"


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        (date(2010, 7, 1), "warn"),
        (date(2012, 9, 30), "warn"),
        (date(2012, 10, 1), "na"),
        (date(2014, 6, 1), "na"),
        (None, "warn"),
    ],
)
def test_p01_asks_nothing_after_the_pilot_phase(day: date | None, verdict: str) -> None:
    end = read_standard("guangzhou-2010", Path()).thresholds["pilot_end"]
    standard = make_standard(pilots={"A": PILOT}, thresholds={"pilot_end": end})
    assert settle(judge_listing(Known(pilots=(), day=day, standard=standard))) == verdict
    assert settle(judge_listing(Known(pilots=(), day=day))) == "warn"  # no last day is given


# --- P03


def test_p03_passes_where_the_split_is_that_of_the_list() -> None:
    assert settle(judge_funding(Known([make_project()]))) == "pass"
    close = make_project(city_wan=80.004, district_wan=119.996)
    assert settle(judge_funding(Known([close]))) == "pass"


def test_p03_warns_where_the_split_differs_from_the_list() -> None:
    project = make_project(city_wan=100.0, district_wan=100.0)
    [outcome] = judge_funding(Known([project]))
    check_wording(outcome)
    assert (outcome.verdict, outcome.measured, outcome.unit) == ("warn", 100, "wan")
    assert [limit.value for limit in outcome.thresholds] == [80]
    assert outcome.message.en == (
        "project “P1” has 200 (city 100, district 100, in ten thousand yuan), "
        "the list 200 (city 80, district 120, in ten thousand yuan)"
    )
    more = make_project(grant_wan=300.0, city_wan=80.0, district_wan=220.0)
    [outcome] = judge_funding(Known([more]))
    [limit] = outcome.thresholds  # the first sum that differs
    assert (limit.name, outcome.measured, limit.value) == ("grant_wan", 300, 200)
    cent = make_project(city_wan=80.01, district_wan=119.99)
    assert settle(judge_funding(Known([cent]))) == "warn"


@pytest.mark.parametrize(("city", "excess"), [(80.01, 0.01), (79.99, -0.01), (0.0, -80)])
def test_p03_fails_where_the_shares_do_not_make_up_the_grant(city: float, excess: float) -> None:
    project = make_project(city_wan=city)
    split = find_split(project)
    assert split is not None
    assert split.excess_wan == excess
    [outcome] = judge_funding(Known([project], pilots=()))  # whether it is a pilot or not
    check_wording(outcome)
    assert (outcome.verdict, outcome.measured) == ("fail", city + 120)
    assert outcome.thresholds == ()  # its own sums are no standard
    assert f"市级 {city:g} 万元加区级 120 万元共 {city + 120:g} 万元" in outcome.message.zh


def test_p03_is_unknown_where_a_sum_is_missing() -> None:
    outcomes = judge_funding(Known([make_project(city_wan=None)], pilots=()))
    assert settle(outcomes) == "unknown"
    assert outcomes[0].message.en.endswith("does not give what the city gives (city_wan)")
    assert outcomes[0].message.zh == "项目“P1”未注明市级负担"
    nothing = make_project(grant_wan=None, city_wan=None, district_wan=None)
    assert settle(judge_funding(Known([nothing]))) == "unknown"
    assert settle(judge_funding(Known([nothing], pilots=()))) == "na"
    unlisted = Pilot("A", "甲街", "区", 1)
    assert settle(judge_funding(Known([make_project()], pilots=[unlisted]))) == "unknown"


def test_p03_has_nothing_to_say_where_nothing_was_filed() -> None:
    assert settle(judge_funding(Known())) == "na"


def test_p03_holds_a_project_of_two_old_pilots_against_either() -> None:
    pilots = (PILOT, Pilot("B", "乙街", "区", 1, 200, 100, 100))
    even = make_project(city_wan=100.0, district_wan=100.0)
    none = make_project("P2", city_wan=120.0, district_wan=80.0)
    assert settle(judge_funding(Known([even], pilots=pilots))) == "pass"
    first, second = judge_funding(Known([even, none], pilots=pilots))
    check_wording(second)
    assert (first.verdict, second.verdict) == ("pass", "warn")
    assert "或" in second.message.zh


# --- P04


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"district_reviewed": date(2010, 6, 1), "city_approved": date(2010, 6, 10)},  # one day
        {"tendered": None},  # there is time until 10 July
        {"city_approved": None, "tendered": None},
        {"district_reviewed": None, "city_approved": None, "tendered": None},
        {"mode": 2, "tendered": None},
        {"mode": 2, "tendered": date(2011, 1, 1)},
    ],
)
def test_p04_passes_where_the_steps_are_in_order(changes: dict[str, Any]) -> None:
    assert settle(judge_approval(Known([make_project(**changes)]))) == "pass"


@pytest.mark.parametrize(
    ("tendered", "day", "measured"),
    [
        (date(2010, 7, 11), DAY, "2010-07-11"),
        (date(2010, 7, 11), None, "2010-07-11"),
        (None, date(2010, 7, 11), "2010-07-11"),
    ],
)
def test_p04_warns_of_a_late_tender(tendered: date | None, day: date | None, measured: str) -> None:
    [outcome] = judge_approval(Known([make_project(tendered=tendered)], day=day))
    check_wording(outcome)
    assert (outcome.verdict, outcome.measured, outcome.unit) == ("warn", measured, "date")
    [limit] = outcome.thresholds
    assert (limit.value, limit.status, limit.clause) == (date(2010, 7, 10), "quoted", "四(四)")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"city_approved": date(2010, 6, 7)},
            "its city approval (2010-06-07) comes before its district review (2010-06-08)",
        ),
        (
            {"district_reviewed": date(2010, 5, 31)},
            "its district review (2010-05-31) comes before its submission (2010-06-01)",
        ),
        (
            {"tendered": date(2010, 6, 9)},
            "its tender (2010-06-09) comes before its city approval (2010-06-10)",
        ),
        (
            {"district_reviewed": None, "city_approved": date(2010, 5, 1)},
            "its city approval (2010-05-01) comes before its submission (2010-06-01)",
        ),
    ],
)
def test_p04_fails_where_a_step_comes_before_the_one_it_needs(
    changes: dict[str, Any], words: str
) -> None:
    [outcome] = judge_approval(Known([make_project(**changes)]))
    check_wording(outcome)
    assert (outcome.verdict, outcome.unit, outcome.thresholds) == ("fail", "date", ())
    assert outcome.message.en == f"project “P1”: {words}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"district_reviewed": None}, "district review"),
        ({"submitted": None, "city_approved": None}, "submission, city approval"),
        (
            dict.fromkeys(["submitted", "district_reviewed", "city_approved", "tendered"]),
            "submission, district review, city approval, tender",
        ),
    ],
)
def test_p04_is_unknown_where_a_step_was_passed_over(changes: dict[str, Any], words: str) -> None:
    [outcome] = judge_approval(Known([make_project(**changes)]))
    check_wording(outcome)
    assert outcome.verdict == "unknown"
    assert outcome.message.en == f"project “P1” gives no date of: {words}"


def test_p04_is_unknown_where_the_tender_cannot_be_judged() -> None:
    waiting = make_project(tendered=None)
    assert settle(judge_approval(Known([waiting], day=None))) == "unknown"
    late = make_project(mode=None, tendered=date(2010, 8, 1))
    assert settle(judge_approval(Known([late]))) == "unknown"
    assert settle(judge_approval(Known([make_project(mode=None)]))) == "pass"
    without = make_standard(thresholds={"tender_months": None})
    assert settle(judge_approval(Known([waiting], standard=without))) == "unknown"


def test_p04_has_nothing_to_say_where_nothing_was_filed() -> None:
    assert settle(judge_approval(Known())) == "na"


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_keep_the_day_or_end_with_the_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    if later.day != day.day:
        assert later.day < day.day
        assert date.fromordinal(later.toordinal() + 1).day == 1


def test_months_stop_at_the_end_of_the_calendar() -> None:
    assert add_months(date.max, 1) == add_months(DAY, 1e6) == date.max


# --- P06


MILESTONES = [
    make_threshold("rollout_2020", 1.0, op=">=", status="quoted", by=date(2020, 12, 31)),
    make_threshold("rollout_2015", 0.5, op=">=", status="quoted", by=date(2015, 12, 31)),
]
NAMES = {
    "440106012": "天园街道", "440106016": "黄村街道", "440111002": "三元里街道",
    "440111103": "人和镇", "440117404": "黄龙带水库",
}  # fmt: skip
ONE = {"440106012": (make_project(),)}
TWO = {**ONE, "440106016": (make_project(city_approved=None), make_project("P2"))}


@pytest.mark.parametrize(
    ("projects", "day", "verdict"),
    [
        ({}, date(2015, 12, 30), "pass"),
        (ONE, date(2015, 12, 31), "warn"),
        (TWO, date(2015, 12, 31), "pass"),
        (TWO, date(2020, 12, 30), "pass"),
        (TWO, date(2020, 12, 31), "warn"),
        ({**TWO, "440111002": [make_project()]}, date(2030, 1, 1), "pass"),
        ({"440106012": [make_project(city_approved=None)]}, date(2016, 1, 1), "warn"),
        ({"440111103": [make_project()]}, date(2016, 1, 1), "warn"),  # a town is not counted
        ({}, date(2016, 1, 1), "warn"),  # a table that names none of them
        (TWO, None, "unknown"),
    ],
)
def test_p06_counts_subdistricts_with_an_approved_project(
    projects: dict[str, Sequence[Project]], day: date | None, verdict: Verdict
) -> None:
    assert settle(judge_rollout(NAMES, projects, day, MILESTONES)) == verdict


def test_p06_states_its_denominator_and_who_is_without() -> None:
    [outcome] = judge_rollout(NAMES, ONE, date(2016, 1, 1), MILESTONES)
    assert outcome.measured == pytest.approx(1 / 3)
    assert [limit.name for limit in outcome.thresholds] == ["rollout_2015"]
    assert outcome.message == Text(
        "本案例 3 个街道（不计 2 个镇等）中 1 个有获批项目，占 33.3%，2015-12-31 起应达 50.0%；"
        "尚无：黄村街道、三元里街道",
        "1 of the 3 subdistricts of the case (without 2 towns and the like) have an approved "
        "project, 33.3%; 50.0% are asked for from 2015-12-31 on; still without: "
        "“黄村街道, 三元里街道”",
    )


def test_p06_an_approval_counts_from_its_own_day() -> None:
    names = {"A": "甲街道"}
    for approved, verdict in ((date(2016, 1, 1), "pass"), (date(2016, 1, 2), "warn")):
        projects = {"A": [make_project(city_approved=approved)]}
        assert settle(judge_rollout(names, projects, date(2016, 1, 1), MILESTONES)) == verdict


@pytest.mark.parametrize("day", [None, DAY, date(2030, 1, 1)])
def test_p06_asks_nothing_of_a_case_without_a_table_of_projects(day: date | None) -> None:
    assert settle(judge_rollout(NAMES, None, day, MILESTONES)) == "na"
    assert settle(judge_rollout(NAMES, None, day, [])) == "na"


def test_p06_needs_a_share_with_a_day_and_subdistricts() -> None:
    assert settle(judge_rollout(NAMES, ONE, DAY, [])) == "unknown"
    assert (
        settle(judge_rollout(NAMES, ONE, DAY, [make_threshold("rollout_2015", 0.5)])) == "unknown"
    )
    towns = {"440111103": "人和镇"}
    assert settle(judge_rollout(towns, ONE, date(2016, 1, 1), MILESTONES)) == "na"


def test_p06_takes_the_milestones_of_the_standard() -> None:
    standard = make_standard(thresholds={one.name: one for one in MILESTONES})
    assert list_milestones(standard) == MILESTONES[::-1]
    assert list_milestones(make_standard()) == []


# --- pilots by the codes of today


def name_pilots(code: str) -> set[str]:
    return {pilot.name for pilot in find_pilots(code, PILOTS, SUCCESSION)}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("440106012", {"天园街"}),
        ("440104003", {"北京街", "广卫街"}),  # two in one
        ("越秀区广卫街", {"广卫街"}),
        ("越秀区北京街", {"北京街"}),
        ("440114001", {"新华街"}),
        ("440114003", {"新华街"}),  # carved out of it
        ("花都区新华街", {"新华街"}),
        ("440112011", {"夏港街"}),  # its district was abolished
        ("萝岗区夏港街", {"夏港街"}),
        ("440104011", set()),
        ("广卫街", set()),  # a name is no code
        ("天园街", set()),
    ],
)
def test_a_code_finds_the_pilots_of_2010(code: str, names: set[str]) -> None:
    assert name_pilots(code) == names


def test_every_pilot_is_found_and_only_by_the_codes_of_the_table() -> None:
    today = {code for unit in SUCCESSION.units for code in unit.today}
    assert len(today) == 22  # 20 pilots, two in one, one in four
    assert {name for code in today for name in name_pilots(code)} == {row[1] for row in ANNEX}
    for unit in SUCCESSION.units:
        assert name_pilots(unit.key) == {unit.name}


def test_a_former_code_finds_the_pilot_that_had_it() -> None:
    succession = Succession(
        (
            FormerUnit("区", "甲", ("new",), "kept", "us", codes=("old",)),
            FormerUnit("区", "乙", ("new",), "merged", "us", codes=("gone",)),
        )
    )
    heir, taken = Pilot("new", "甲", "区", 1), Pilot("gone", "乙", "区", 2)
    assert find_pilots("new", [heir, taken], succession) == (taken, heir)
    assert find_pilots("old", [heir, taken], succession) == (heir,)
    assert find_pilots("gone", [heir, taken], succession) == (taken,)
    assert find_pilots("gone", [heir], succession) == ()  # the heir was another unit
    assert find_pilots("else", [heir, taken], succession) == ()


def test_without_a_table_of_succession_codes_are_compared() -> None:
    assert find_pilots("A", [PILOT], Succession()) == (PILOT,)
    assert find_pilots("甲街", [PILOT], Succession()) == ()


# --- grants


def test_the_sums_of_the_annex_are_made_anew() -> None:
    table = add_up_grants(((pilot.district, pilot) for pilot in PILOTS), fee_ratio=0.02)
    assert (table.total, table.count, table.without) == (Split(4000, 1700, 2300), 20, 0)
    assert (table.fee_wan, table.total.ratio) == (80, "4.25:5.75")
    assert "does not say" in table.fee_note.en
    assert {
        line.district: (line.count, line.split.city_wan, line.split.district_wan, line.split.ratio)
        for line in table.lines
    } == {
        "越秀区": (4, 400, 400, "5:5"), "海珠区": (2, 200, 200, "5:5"),
        "荔湾区": (3, 300, 300, "5:5"), "白云区": (2, 200, 200, "5:5"),
        "天河区": (1, 80, 120, "4:6"), "黄埔区": (1, 80, 120, "4:6"),
        "花都区": (1, 80, 120, "4:6"), "番禺区": (1, 80, 120, "4:6"),
        "南沙区": (2, 0, 400, "0:10"), "萝岗区": (1, 0, 200, "0:10"),
        "从化市": (1, 160, 40, "8:2"), "增城市": (1, 120, 80, "6:4"),
    }  # fmt: skip
    assert all(line.split.grant_wan == 200 * line.count for line in table.lines)
    assert not any(line.split.excess_wan for line in table.lines)


def test_a_pilot_is_found_in_the_table_of_succession() -> None:
    found = {one.code: SUCCESSION.find_pilot(one) for one in PILOTS}
    assert all(found.values())
    assert {code for code, unit in found.items() if unit and unit.fate} == {
        "越秀区广卫街", "440114001",
    }  # fmt: skip
    assert SUCCESSION.find_pilot(replace(PILOTS[0], code="1")) is None


def test_grants_may_be_put_together_by_the_districts_of_today() -> None:
    former = {one.name: one.today for one in SUCCESSION.districts}
    table = add_up_grants((former.get(one.district, one.district), one) for one in PILOTS)
    lines = {line.district: line.split for line in table.lines}
    assert lines["黄埔区"] == Split(400, 80, 320)
    assert {"从化区", "增城区"} <= set(lines)
    assert (table.total, table.fee_wan, table.fee_note.zh) == (Split(4000, 1700, 2300), None, "")


def test_a_grant_that_is_not_given_in_full_is_counted_and_in_no_sum() -> None:
    half = make_project(city_wan=None)
    table = add_up_grants([("区", make_project()), ("区", half), ("县", half)], fee_ratio=0.02)
    assert (table.count, table.without, table.total) == (1, 2, Split(200, 80, 120))
    assert [line.district for line in table.lines] == ["区"]


def test_no_grants_add_up_to_nothing() -> None:
    table = add_up_grants([], fee_ratio=0.02)
    assert (table.lines, table.total, table.fee_wan) == ((), Split(0, 0, 0), 0)


AMOUNT = st.integers(0, 10**7).map(lambda cents: cents / 100)


@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), AMOUNT, AMOUNT)), st.randoms())
def test_sums_are_exact_and_in_no_order(rows: list[tuple[str, float, float]], random: Any) -> None:  # noqa: ANN401
    granted = [
        (name, make_project(grant_wan=round(city + own, 2), city_wan=city, district_wan=own))
        for name, city, own in rows
    ]
    table = add_up_grants(granted)
    random.shuffle(granted)
    assert add_up_grants(granted) == table
    exact = sum((Fraction(str(city)) for _, city, _ in rows), Fraction())
    assert math.isclose(table.total.city_wan, float(exact), abs_tol=1e-9)
    assert not table.total.excess_wan
    assert table.count == sum(line.count for line in table.lines) == len(rows)
