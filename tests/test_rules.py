"""Verdicts: facts made by hand, and what each rule says to them."""

import math
import re
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import (
    RULES as CODES,
)
from small import (
    make_area,
    make_case,
    make_coverage,
    make_network,
    make_site,
    make_standard,
    make_subdistrict,
    make_threshold,
)

from siteplan.analysis.datum import Alignment
from siteplan.analysis.rules import (
    RULES,
    combine,
    judge,
    judge_case,
    judge_unclaimed,
    select_rules,
)
from siteplan.analysis.rules.facts import Department, Doubt, Facts, Outcome, Position, lack
from siteplan.crs import GIVEN
from siteplan.errors import InputError, Text
from siteplan.model import (
    Finding,
    Gap,
    Link,
    Nearby,
    NearbyFacility,
    Pilot,
    Project,
    Services,
    Site,
    Source,
    Standard,
    StopWalk,
    Verdict,
)
from siteplan.model.standard import THRESHOLDS

INSIDE = Position(0, 0, None)
PILOT = {"pilots": {"A": Pilot("A", "街道A", "区", 1, 200.0, 100.0, 100.0)}}
PROJECT = Project(
    "A",
    "P1",
    mode=1,
    submitted=date(2010, 6, 1),
    district_reviewed=date(2010, 6, 10),
    city_approved=date(2010, 6, 20),
    tendered=date(2010, 6, 30),
    grant_wan=200.0,
    city_wan=100.0,
    district_wan=100.0,
)
NOBODY = make_coverage(
    covered_population=0.0,
    coverage_ratio=math.nan,
    straight_line_ratio=math.nan,
    older_ratio=math.nan,
)


def know(*members: Site, **rest: Any) -> Facts:  # noqa: ANN401
    """Make the facts of a subdistrict of 100 residents where all is well."""
    known: dict[str, Any] = {
        "subdistrict": make_subdistrict(),
        "standard": make_standard(),
        "candidate_headquarters": (),
        "projects": (PROJECT,),
        "day": date(2010, 7, 1),
        "gaps": (),
        "positions": {site.id: INSIDE for site in members},
        "coverage": make_coverage(),
        "network": make_network(),
        "detours": {site.id: 1.2 for site in members},
        "passages": {site.id: () for site in members},
        "demand_basis": "residents",
        "demand_total": 100.0,
        "measured_ratio": math.nan,
        "joined_ratio": 1.0,
        "method": "roads",
        "roads_known": True,
        "nearby": Nearby(
            stop_walks={site.id: StopWalk(100.0, "bus_stop", "站") for site in members},
            facilities=(
                NearbyFacility(
                    0, "library", "馆", None, "linked", inside=True, member="s", distance_m=9.0
                ),
            ),
            relations_known=True,
        ),
    }
    known |= rest
    return Facts(members=members, pilots=tuple(known["standard"].pilots.values()), **known)


def ask(code: str, facts: Facts) -> tuple[Verdict, list[Finding]]:
    """Return what one rule says."""
    verdicts, findings = judge(facts, [rule for rule in RULES if rule.code == code])
    assert list(verdicts) == [code]
    for finding in findings:
        assert finding.code == code
        check_wording(finding.message)
    return verdicts[code], findings


def check_wording(text: Text) -> None:
    """Both languages say something, and give the same figures."""
    assert re.search("[\u4e00-\u9fff]", text.zh)
    assert not re.search("[\u4e00-\u9fff，。；：]", re.sub(r"“.*”|场地\w+", "", text.en))
    chinese = text.zh.replace("模式一", "模式1").replace("模式二", "模式2")
    chinese, english = (re.sub("[a-z]+_[a-z0-9_]+", "", one) for one in (chinese, text.en))  # keys
    assert find_figures(chinese) == find_figures(english)


def find_figures(sentence: str) -> list[str]:
    return sorted(re.findall(r"\d(?:[\d.,]*\d)?", sentence))


def bind(*names: str, status: str = "adopted", **rest: Any) -> Standard:  # noqa: ANN401
    """Make the standard in which some thresholds bind."""
    standard = make_standard(**rest)
    changed = {name: replace(standard.thresholds[name], status=status) for name in names}
    return replace(standard, thresholds={**standard.thresholds, **changed})


def without(name: str, **rest: Any) -> Standard:  # noqa: ANN401
    return make_standard(thresholds={name: None}, **rest)


ONE = make_site("s")
TWO = (make_site("h", role="headquarters"), make_site("k", role="branch"))


# --- a subdistrict where all is well, and one without members


def test_where_all_is_well_every_rule_passes_and_nothing_is_found() -> None:
    verdicts, findings = judge(know(ONE, standard=make_standard(**PILOT)), RULES)
    assert findings == []
    alone = dict.fromkeys(("N06", "N07", "N08", "N09", "P06"), "na")  # no network, and no city
    assert verdicts == dict.fromkeys(CODES, "pass") | alone
    assert combine(verdicts) == "pass"


def test_without_a_member_there_is_no_centre_and_nothing_to_say_of_sites() -> None:
    coverage = make_coverage(
        covered_population=0.0, coverage_ratio=0.0, straight_line_ratio=0.0, p95_distance_m=math.nan
    )
    standard = bind("service_radius", "coverage_target", **PILOT)
    facts = know(
        standard=standard, coverage=coverage, projects=(), network=make_network(headquarters=None)
    )
    verdicts, findings = judge(facts, RULES)
    assert {code: verdicts[code] for code in CODES if code[0] in "SN"} == {
        "S01": "na", "S02": "na", "S03": "na", "S04": "na", "S05": "na", "S06": "na",
        "N01": "warn", "N02": "na", "N03": "na", "N04": "na", "N05": "na", "N06": "na", "N07": "na",
        "N08": "na", "N09": "na", "N10": "na",
    }  # fmt: skip
    assert (verdicts["D01"], verdicts["D02"], verdicts["P02"]) == ("na", "na", "na")
    assert {code: verdicts[code] for code in ("C01", "C02", "C03", "C04", "C05")} == {
        "C01": "fail", "C02": "na", "C03": "na", "C04": "na", "C05": "na",
    }  # fmt: skip
    assert {finding.code: finding.measured for finding in findings} == {"N01": 0, "C01": 0}
    told = {finding.code: finding.message.en for finding in findings}
    assert told["C01"] == "without a site nobody is covered; 80.0% asked for"


# --- the case as a whole


@pytest.mark.parametrize(
    ("projects", "roles", "said"),
    [
        ({}, (), []),  # nothing of projects was given: nothing is asked, with or without a date
        ({}, ("projects",), ["P06"]),  # a table was, and the case has no date
        ({"A": (PROJECT,)}, (), ["P06"]),
    ],
)
def test_p06_is_asked_of_a_case_with_projects_only(
    projects: dict[str, tuple[Project, ...]], roles: tuple[str, ...], said: list[str]
) -> None:
    by = date(2015, 12, 31)
    rollout = make_threshold("rollout_2015", 0.5, op=">=", status="quoted", by=by)
    case = make_case(
        make_area(make_subdistrict()),
        date=None,
        standard=make_standard(thresholds={"rollout_2015": rollout}),
        projects=projects,
        sources=tuple(Source(role, "projects.csv", "", 0) for role in roles),
    )
    found = judge_case(case, None)
    assert [(finding.code, finding.severity) for finding in found] == [(c, "note") for c in said]
    dated = judge_case(replace(case, date=by), None)
    warned = [] if not said else ["warning"] * (not projects)  # P1 was approved in time
    assert [finding.severity for finding in dated] == warned


@pytest.mark.parametrize("code", ["D01", "P06"])
def test_nothing_is_said_of_the_case_by_a_rule_that_the_standard_leaves_out(code: str) -> None:
    shifted = Alignment({GIVEN: 0.1, "gcj02": 0.9}, 0.2, "gcj02", 600.0)
    case = make_case(make_area(make_subdistrict()), date=None, projects={"A": (PROJECT,)})
    asked = {finding.code for finding in judge_case(case, shifted)}
    assert asked == {"D01", "P06"}
    fewer = make_standard(rules=tuple(rule for rule in CODES if rule != code))
    left = judge_case(replace(case, standard=fewer), shifted)
    assert {finding.code for finding in left} == asked - {code}


# --- D: data


def test_d01_is_about_where_coordinates_fall() -> None:
    def place(*position: Any) -> Facts:  # noqa: ANN401
        return know(ONE, positions={"s": Position(*position)})

    assert ask("D01", know(ONE))[0] == "pass"
    assert ask("D01", place(600, 0, None))[0] == "pass"  # in another subdistrict: that is S01
    assert ask("D01", place(30 + 5e-7, 30 + 5e-7, None))[0] == "pass"
    verdict, [finding] = ask("D01", place(600, 400, Doubt("gcj02", 612.3, 12, 0, 12, sure=True)))
    assert (verdict, finding.measured, finding.unit) == ("warn", 612.3, "m")
    assert "are GCJ-02: 12 of 12 sites of its file fit after" in finding.message.en
    assert '写 proposals = "gcj02"' in finding.message.zh
    verdict, [finding] = ask("D01", place(600, 400, Doubt("bd09", 1200, 1, 0, 2, sure=False)))
    assert (verdict, finding.measured) == ("warn", 1200)
    assert finding.message.en.endswith("moves by 1,200 m. Ask where they were read")
    verdict, [finding] = ask("D01", place(600, 30.1, None))
    assert (verdict, finding.subject, finding.severity) == ("fail", "s", "violation")
    assert (finding.measured, finding.unit, finding.threshold) == (30.1, "m", 30)


def test_d01_without_a_tolerance_allows_none() -> None:
    facts = know(ONE, positions={"s": Position(1, 1, None)}, standard=without("boundary_tolerance"))
    assert ask("D01", facts)[0] == "fail"


@pytest.mark.parametrize(
    ("site", "verdict", "words"),
    [
        (make_site("s"), "pass", None),
        (make_site("s", missing=("floor_area_m2",)), "warn", "lacks floor_area_m2"),
        (make_site("s", name=None, missing=("name", "premises")), "fail", "lacks name, premises"),
        (make_site("s", invalid={"mode": "3"}), "fail", "mode “3”"),
        (make_site("s", name=None, missing=("name",), invalid={"role": "x"}), "fail", "lacks name"),
    ],
)
def test_d02_asks_for_complete_attributes(site: Site, verdict: str, words: str | None) -> None:
    found, findings = ask("D02", know(site))
    assert found == verdict
    assert [words in finding.message.en for finding in findings] == [True] * (words is not None)


def test_d02_asks_each_of_several_sites_for_its_role() -> None:
    facts = know(make_site("h", role="headquarters"), make_site("k"))
    verdict, [finding] = ask("D02", facts)
    assert (verdict, finding.subject) == ("warn", "k")
    assert (finding.message.zh, finding.message.en) == ("缺少角色", "lacks role")
    wrong = make_site("k", invalid={"role": "boss"})
    verdict, [finding] = ask("D02", know(TWO[0], wrong))
    assert (verdict, finding.message.en) == (
        "fail",
        "values outside their list or range: role “boss”",
    )


def test_the_worst_site_decides_and_each_has_its_finding() -> None:
    facts = know(
        make_site("a"),
        make_site("b", missing=("premises",), role="branch"),
        make_site("c", invalid={"mode": "3"}),
    )
    verdict, findings = ask("D02", facts)
    assert verdict == "fail"
    assert [(f.subject, f.severity) for f in findings] == [
        ("a", "warning"), ("b", "warning"), ("c", "violation"),
    ]  # fmt: skip


def test_a_site_of_no_subdistrict_is_reported_by_itself() -> None:
    lost = make_site("x", subdistrict=None, missing=("subdistrict",))
    [finding] = judge_unclaimed([lost], make_standard())
    assert (finding.code, finding.subject, finding.severity) == ("D02", "x", "violation")
    assert judge_unclaimed([lost], make_standard(rules=("C01",))) == []
    assert len(judge_unclaimed([make_site("y", subdistrict=None)], make_standard())) == 1


@pytest.mark.parametrize(
    ("vintage", "year", "verdict"),
    [(2010, 2010, "pass"), (2008, 2010, "pass"), (2012, 2010, "pass"), (2013, 2010, "warn"),
     (2007, 2010, "warn"), (None, 2010, "unknown"), (2010, None, "unknown"),
     (None, None, "unknown")],
)  # fmt: skip
def test_d03_asks_for_boundaries_and_people_of_the_same_years(
    vintage: int | None, year: int | None, verdict: str
) -> None:
    subdistrict = make_subdistrict(vintage=vintage, population_year=year)
    found, findings = ask("D03", know(ONE, subdistrict=subdistrict))
    assert found == verdict
    if verdict == "warn":
        assert (findings[0].measured, findings[0].threshold, findings[0].unit) == (3, 2, "year")


@pytest.mark.parametrize(
    ("vintage", "year", "zh", "en"),
    [
        (None, 2010, "未注明边界年份", "the boundary has no year (vintage)"),
        (2010, None, "未注明人口年份", "the population has no year"),
        (None, None, "边界和人口均未注明年份",
         "neither the boundary (vintage) nor the population has a year"),
    ],
)  # fmt: skip
def test_d03_says_whose_year_is_missing(
    vintage: int | None, year: int | None, zh: str, en: str
) -> None:
    subdistrict = make_subdistrict(vintage=vintage, population_year=year)
    _, [finding] = ask("D03", know(ONE, subdistrict=subdistrict))
    assert finding.message == Text(zh, en)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"demand_total": 100.4}, "pass"),
        ({"demand_total": 100.6}, "fail"),
        ({"demand_total": 99.4}, "fail"),
        ({"demand_basis": "area"}, "warn"),
        ({"demand_basis": "buildings", "measured_ratio": 0.5}, "pass"),
        ({"demand_basis": "buildings", "measured_ratio": 0.499}, "warn"),
    ],
)
def test_d04_asks_that_people_are_conserved_and_names_the_fallback(
    facts: dict[str, Any], verdict: str
) -> None:
    found, findings = ask("D04", know(ONE, **facts))
    assert found == verdict
    assert [finding.subject for finding in findings] == ["A"] * (verdict != "pass")


def test_d04_allows_a_millionth_of_a_large_population() -> None:
    large = make_subdistrict(population=10_000_000)
    assert ask("D04", know(ONE, subdistrict=large, demand_total=10_000_009))[0] == "pass"
    assert ask("D04", know(ONE, subdistrict=large, demand_total=10_000_011))[0] == "fail"


@pytest.mark.parametrize(
    ("joined_ratio", "verdict"),
    [(1, "pass"), (0.95, "pass"), (sum([0.05] * 19), "pass"), (0.949, "warn"), (0.8, "warn"),
     (0.799, "unknown"), (0, "unknown"), (math.nan, "na")],
)  # fmt: skip
def test_d05_asks_that_people_live_by_the_main_roads(joined_ratio: float, verdict: str) -> None:
    found, findings = ask("D05", know(ONE, joined_ratio=joined_ratio))
    assert found == verdict
    assert [f.measured for f in findings] == [joined_ratio] * (verdict in {"warn", "unknown"})


def test_d05_is_unknown_without_roads_and_not_asked_where_they_are_left_aside() -> None:
    straight = {"method": "straight-line", "joined_ratio": math.nan}
    assert ask("D05", know(ONE, roads_known=False, **straight))[0] == "unknown"
    assert ask("D05", know(ONE, **straight))[0] == "na"


# --- S: sites


@pytest.mark.parametrize(
    ("outside_m", "verdict"),
    [(0, "pass"), (1e-7, "pass"), (1, "warn"), (30, "warn"), (30 + 5e-7, "warn"), (30.01, "fail")],
)
def test_s01_lets_a_site_lie_outside_by_the_tolerance(outside_m: float, verdict: str) -> None:
    found, findings = ask("S01", know(ONE, positions={"s": Position(outside_m, 0, None)}))
    assert found == verdict
    assert [(f.subject, f.measured, f.threshold, f.unit) for f in findings] == [
        ("s", outside_m, 30, "m")
    ] * (verdict != "pass")


def test_s01_cannot_tell_of_a_site_outside_without_a_tolerance() -> None:
    standard = without("boundary_tolerance")
    verdict, [finding] = ask(
        "S01", know(ONE, positions={"s": Position(9, 0, None)}, standard=standard)
    )
    assert (verdict, finding.subject, finding.severity) == ("unknown", "s", "note")
    assert ask("S01", know(ONE, standard=standard))[0] == "pass"


@pytest.mark.parametrize(
    ("premises", "invalid", "verdict"),
    [(each, {}, "pass") for each in ("new_build", "extension", "conversion", "lease", "existing")]
    + [("other", {}, "warn"), (None, {}, "fail"), (None, {"premises": "帐篷"}, "fail")],
)
def test_s02_asks_where_the_premises_come_from(
    premises: str | None, invalid: dict[str, str], verdict: str
) -> None:
    found, findings = ask("S02", know(make_site("s", premises=premises, invalid=invalid)))
    assert found == verdict
    assert all(word in findings[0].message.en for word in invalid.values())


@pytest.mark.parametrize(
    ("areas", "loose", "bound"),
    [
        ([1000], "pass", "pass"),
        ([400, 600], "pass", "pass"),  # the sites of a centre together
        ([999], "warn", "fail"),
        ([1000, None], "warn", "fail"),
        ([1000, 0], "warn", "fail"),
        ([-5, 2000], "warn", "fail"),
    ],
)
def test_s03_fails_only_on_a_binding_floor_area(
    areas: list[float | None], loose: str, bound: str
) -> None:
    members = [make_site(f"s{i}", floor_area_m2=area) for i, area in enumerate(areas)]
    assert ask("S03", know(*members))[0] == loose
    for status in ("quoted", "adopted"):
        assert (
            ask("S03", know(*members, standard=bind("min_floor_area", status=status)))[0] == bound
        )
    for status in ("secondary", "unverified", "assumed"):
        assert (
            ask("S03", know(*members, standard=bind("min_floor_area", status=status)))[0] == loose
        )


def test_s03_names_both_areas_and_is_unknown_without_a_threshold() -> None:
    small = make_site("s", floor_area_m2=750)
    _, [finding] = ask("S03", know(small))
    assert (finding.measured, finding.threshold, finding.unit) == (750, 1000, "m2")
    assert "750" in finding.message.zh
    assert "1,000" in finding.message.en
    assert ask("S03", know(small, standard=without("min_floor_area")))[0] == "unknown"


@pytest.mark.parametrize(
    ("day", "status", "verdict"),
    [
        (date(2010, 8, 31), "proposed", "pass"),
        (date(2010, 9, 1), "proposed", "fail"),
        (date(2010, 9, 1), "existing", "fail"),
        (None, "proposed", "warn"),
        (None, "existing", "pass"),
    ],
)
def test_s04_asks_that_the_premises_of_a_pilot_are_ready_in_time(
    day: date | None, status: str, verdict: str
) -> None:
    site = make_site("s", available_from=day, status=status)
    assert ask("S04", know(site, standard=make_standard(**PILOT)))[0] == verdict
    assert ask("S04", know(site))[0] == "na"  # not on the list


def test_s04_fails_only_on_a_binding_deadline_and_is_unknown_without_one() -> None:
    late = make_site("s", available_from=date(2011, 1, 1))
    loose = bind("premises_deadline", status="assumed", **PILOT)
    verdict, [finding] = ask("S04", know(late, standard=loose))
    assert (verdict, finding.measured, finding.threshold) == ("warn", "2011-01-01", "2010-08-31")
    assert ask("S04", know(late, standard=without("premises_deadline", **PILOT)))[0] == "unknown"


def test_s06_warns_of_a_detour_and_names_where_people_get_across() -> None:
    assert ask("S06", know(ONE))[0] == "pass"
    assert ask("S06", know(ONE, detours={ONE.id: 1.5 * (1 + 1e-12)}))[0] == "pass"
    far = know(ONE, detours={ONE.id: 1.96})
    verdict, [finding] = ask("S06", far)
    assert (verdict, finding.subject, finding.measured) == ("warn", ONE.id, 1.96)
    assert (finding.threshold, finding.threshold_status) == (1.5, "assumed")
    assert "1.96 times" in finding.message.en
    assert "across" not in finding.message.en
    names = ("甲桥", "乙桥", "丙桥", "丁桥")
    ways = tuple((Text(f"桥梁“{name}”", f"bridge “{name}”"), 900.0) for name in names)
    _, [finding] = ask("S06", know(ONE, detours={ONE.id: 1.96}, passages={ONE.id: ways}))
    assert finding.message.en.endswith(
        "“甲桥” (900 residents), bridge “乙桥” (900 residents), bridge “丙桥” (900 residents)"
    )
    assert ask("S06", know(ONE, detours={ONE.id: 1.96}, standard=bind("max_detour")))[0] == "warn"


def test_s06_says_nothing_without_a_catchment_roads_or_a_limit() -> None:
    assert ask("S06", know(ONE, detours={ONE.id: math.nan}))[0] == "na"
    assert ask("S06", know())[0] == "na"
    assert ask("S06", know(ONE, method="straight-line"))[0] == "unknown"
    assert ask("S06", know(ONE, standard=without("max_detour")))[0] == "unknown"
    two = know(*TWO, detours={TWO[0].id: math.nan, TWO[1].id: 1.1})
    assert ask("S06", two)[0] == "pass"


# --- N: the network


def test_n01_asks_for_one_centre() -> None:
    assert ask("N01", know(ONE))[0] == "pass"
    assert ask("N01", know(ONE, projects=()))[0] == "pass"
    verdict, [finding] = ask("N01", know(ONE, projects=(Project("A", "P1"), Project("A", "P2"))))
    assert (verdict, finding.measured, finding.unit) == ("fail", 2, "project")
    assert "P1, P2" in finding.message.en
    verdict, [finding] = ask("N01", know(projects=()))
    assert (verdict, finding.measured, finding.unit) == ("warn", 0, "site")


def test_n02_asks_for_exactly_one_headquarters_of_several_sites() -> None:
    none = [make_site("a"), make_site("b", role="branch")]
    two = [make_site("a", role="headquarters"), make_site("b", role="headquarters")]
    assert ask("N02", know(ONE))[0] == "pass"
    assert ask("N02", know(*TWO))[0] == "pass"
    for members, count in ((none, 0), (two, 2)):
        verdict, [finding] = ask("N02", know(*members, network=make_network(best_median="b")))
        assert (verdict, finding.measured, finding.subject) == ("fail", count, "A")
        assert "b is best placed" in finding.message.en
    assert ask("N02", know(*none, network=make_network(best_median=None)))[0] == "fail"


def test_n03_asks_that_the_headquarters_is_a_site_of_the_centre() -> None:
    none = [make_site("a"), make_site("b")]
    assert ask("N03", know(*TWO))[0] == "pass"
    assert (
        ask("N03", know(ONE, candidate_headquarters=(make_site("c"),)))[0] == "pass"
    )  # it is alone
    assert ask("N03", know(*none))[0] == "na"
    verdict, [finding] = ask("N03", know(*none, candidate_headquarters=(make_site("c"),)))
    assert verdict == "fail"
    assert "headquarters c" in finding.message.en


@pytest.mark.parametrize(
    ("network", "verdict"),
    [
        ({"headquarters": "h"}, "pass"),
        ({"headquarters": "h", "connected": False, "stranded": ("k",)}, "fail"),
        ({"headquarters": "h", "connected": None}, "unknown"),
        ({"headquarters": None, "connected": None}, "unknown"),
    ],
)
def test_n05_asks_that_branches_reach_the_headquarters_on_foot(
    network: dict[str, Any], verdict: str
) -> None:
    heads = TWO if network["headquarters"] else (TWO[0], make_site("k", role="headquarters"))
    found, findings = ask("N05", know(*heads, network=make_network(**network)))
    assert found == verdict
    if verdict == "fail":
        assert (findings[0].measured, findings[0].unit) == (1, "site")
        assert "headquarters h 场地h: k 场地k" in findings[0].message.en
    if network["headquarters"] is None:
        assert "more than one headquarters" in findings[0].message.en
    assert ask("N05", know(ONE, network=make_network(**network)))[0] == "pass"


def test_n05_says_whether_there_is_no_headquarters_or_more_than_one() -> None:
    open_ = make_network(headquarters=None, connected=None)
    branches = make_site("h", role="branch"), make_site("k", role="branch")
    _, [finding] = ask("N05", know(*branches, network=open_))
    assert finding.message.zh == "没有总部，无法判断"
    heads = make_site("h", role="headquarters"), make_site("k", role="headquarters")
    _, [finding] = ask("N05", know(*heads, network=open_))
    assert finding.message.zh == "总部不止一个，无法判断"


def test_n04_asks_for_rooms_of_the_headquarters() -> None:
    office = {"office_area_m2": 60.0}
    head, branch = make_site("h", role="headquarters", **office), make_site("k", role="branch")
    at_h = make_network(headquarters="h")
    assert ask("N04", know(head, branch, network=at_h))[0] == "pass"
    assert ask("N04", know(make_site("s", **office)))[0] == "pass"  # the only one is headquarters
    silent = make_site("h", role="headquarters", office_area_m2=None)
    verdict, [finding] = ask("N04", know(silent, branch, network=at_h))
    assert (verdict, finding.subject, finding.measured) == ("warn", "h", None)
    none = make_site("h", office_area_m2=0.0)
    verdict, [finding] = ask("N04", know(none, network=at_h))
    assert (verdict, finding.measured, finding.threshold) == ("warn", 0, "> 0")  # nothing binds it
    assert ask("N04", know(*TWO, network=make_network(headquarters=None)))[0] == "na"


@pytest.mark.parametrize(
    ("distance_m", "status", "verdict"),
    [
        (2000 + 5e-7, "adopted", "pass"),
        (2001, "adopted", "warn"),
        (3000 + 5e-7, "adopted", "warn"),
        (3001, "adopted", "fail"),
        (3001, "assumed", "warn"),
    ],
)
def test_n06_asks_that_branches_are_near_the_headquarters(
    distance_m: float, status: str, verdict: str
) -> None:
    limit = {"hq_link": make_threshold("hq_link", 2000, unit="m")}
    network = make_network(headquarters="h", links=(Link("k", distance_m),))
    standard = bind("hq_link", status=status, thresholds=limit)
    found, findings = ask("N06", know(*TWO, network=network, standard=standard))
    assert found == verdict
    assert [(f.subject, f.measured) for f in findings] == (
        [] if verdict == "pass" else [("k", distance_m)]
    )


def test_n06_is_not_asked_where_there_is_nothing_to_measure() -> None:
    standard = make_standard(thresholds={"hq_link": make_threshold("hq_link", 2000, unit="m")})
    assert ask("N06", know(ONE, standard=standard))[0] == "na"
    stranded = make_network(headquarters="h", stranded=("k",))
    assert ask("N06", know(*TWO, network=stranded, standard=standard))[0] == "na"
    nobody = make_network(headquarters=None)
    assert ask("N06", know(*TWO, network=nobody, standard=standard))[0] == "na"  # that is N02
    assert ask("N06", know(*TWO, standard=without("hq_link")))[0] == "unknown"


@pytest.mark.parametrize(
    ("factor", "center", "verdict"),
    [
        (1.0, False, "pass"),
        (1.1, False, "pass"),
        (1.2, True, "pass"),
        (1.2, False, "warn"),
        (math.inf, False, "warn"),
        (math.nan, None, "na"),
    ],
)
def test_n07_asks_for_a_headquarters_as_well_placed_as_any(
    factor: float, verdict: str, *, center: bool | None
) -> None:
    network = make_network(
        headquarters="h", best_median="k", median_factor=factor, is_center=center
    )
    found, findings = ask("N07", know(*TWO, network=network))
    assert found == verdict
    if verdict == "warn":
        assert findings[0].subject == "h"
        assert findings[0].measured == (None if math.isinf(factor) else factor)


def test_n08_asks_that_each_branch_covers_somebody_alone() -> None:
    least = {"min_gain": make_threshold("min_gain", 0.01, op=">=")}
    standard = make_standard(thresholds=least)
    members = (make_site("h", role="headquarters"), make_site("k"), make_site("m"))
    network = make_network(headquarters="h", losses={"h": 0.9, "k": 0.89, "m": 0.895})
    facts = know(*members, network=network, standard=standard)
    verdict, [finding] = ask("N08", facts)
    assert (verdict, finding.subject) == ("warn", "m")
    assert finding.measured == pytest.approx(0.005)
    assert ask("N08", know(ONE, standard=standard))[0] == "na"
    assert ask("N08", know(*TWO, standard=without("min_gain")))[0] == "unknown"


def test_n09_asks_for_coverage_without_the_member_that_matters_most() -> None:
    least = {"n1_coverage": make_threshold("n1_coverage", 0.6, op=">=")}
    standard = make_standard(thresholds=least)
    for left, verdict in ((0.6, "pass"), (0.59, "warn")):
        network = make_network(headquarters="h", worst_loss=("k", left))
        found, findings = ask("N09", know(*TWO, network=network, standard=standard))
        assert found == verdict
        assert [finding.measured for finding in findings] == ([] if found == "pass" else [left])
    assert ask("N09", know(ONE, standard=standard))[0] == "na"
    near = make_network(headquarters="h", worst_loss=("k", 0.39996))
    _, [finding] = ask(
        "N09",
        know(*TWO, network=near, standard=standard, coverage=make_coverage(coverage_ratio=0.4)),
    )
    assert "falls from 40.000% to 39.996%," in finding.message.en
    same = make_network(headquarters="h", worst_loss=("k", 0.4))
    _, [finding] = ask(
        "N09",
        know(*TWO, network=same, standard=standard, coverage=make_coverage(coverage_ratio=0.4)),
    )
    assert "whichever site closes, coverage stays at 40.0%," in finding.message.en
    assert ask("N09", know(*TWO, standard=without("n1_coverage")))[0] == "unknown"


@pytest.mark.parametrize(
    ("offered", "status", "verdict"),
    [
        ([("family_service",), ("elderly",)], "quoted", "pass"),
        ([("family_service",), ()], "quoted", "warn"),
        ([("elderly",), ("youth",)], "quoted", "fail"),
        ([("elderly",), ("youth",)], "assumed", "warn"),
        ([(), ()], "quoted", "warn"),
    ],
)
def test_n10_asks_for_services_at_any_of_the_sites(
    offered: list[tuple[str, ...]], status: str, verdict: str
) -> None:
    services = Services(("family_service",), ("elderly",), status, "plan")
    members = [make_site(f"s{i}", services=each) for i, each in enumerate(offered)]
    found, findings = ask("N10", know(*members, standard=make_standard(services=services)))
    assert found == verdict
    if any(offered) and verdict != "pass":
        assert findings[0].message.en.startswith("offered at none of its sites: ")
    assert ask("N10", know(ONE, standard=make_standard(services=None)))[0] == "unknown"


def test_n10_counts_how_many_of_the_required_services_are_offered() -> None:
    services = Services(("family_service", "elderly", "youth"), ("sports",), "quoted", "plan")
    for offered, count in ((), 0), (("sports",), 0), (("elderly",), 1), (("elderly", "youth"), 2):
        site = make_site("s", services=offered)
        _, [finding] = ask("N10", know(site, standard=make_standard(services=services)))
        assert (finding.measured, finding.unit, finding.threshold) == (count, "service", 3)


# --- C: coverage


def cover(ratio: float, **rest: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"coverage": make_coverage(coverage_ratio=ratio, covered_population=100 * ratio, **rest)}


@pytest.mark.parametrize(
    ("ratio", "loose", "bound"),
    [(1, "pass", "pass"), (0.8, "pass", "pass"), (0.8 - 1e-15, "pass", "pass"),
     (0.799, "warn", "warn"), (0.72, "warn", "warn"), (0.719, "warn", "fail"), (0, "warn", "fail")],
)  # fmt: skip
def test_c01_fails_below_nine_tenths_of_a_target_that_binds(
    ratio: float, loose: str, bound: str
) -> None:
    assert ask("C01", know(ONE, **cover(ratio)))[0] == loose
    for status in ("quoted", "adopted"):
        standard = bind("coverage_target", "service_radius", status=status)
        assert ask("C01", know(ONE, **cover(ratio), standard=standard))[0] == bound


@pytest.mark.parametrize("only", ["coverage_target", "service_radius"])
def test_c01_needs_both_radius_and_target_to_bind(only: str) -> None:
    verdict, [finding] = ask("C01", know(ONE, **cover(0.1), standard=bind(only)))
    assert (verdict, finding.threshold_status) == ("warn", "assumed")


def test_c01_names_its_figures() -> None:
    standard = bind("coverage_target", "service_radius", status="quoted")
    _, [finding] = ask("C01", know(ONE, **cover(0.5), standard=standard))
    assert (finding.measured, finding.threshold, finding.threshold_status) == (0.5, 0.8, "quoted")
    assert (finding.subject, finding.clause, finding.department) == ("A", "一(一)", "planning")
    assert finding.message.en == (
        "50.0% covered, 80.0% asked for; 50 residents are not within 500 m on foot"
    )
    assert "50.0%" in finding.message.zh
    straight = know(ONE, **cover(0.5), standard=standard, method="straight-line")
    assert ask("C01", straight)[1][0].message.en.endswith("not within 500 m by straight line")


def test_a_figure_that_misses_its_threshold_never_reads_as_if_it_met_it() -> None:
    short = know(
        make_site("s", floor_area_m2=999.9),
        **cover(0.79999, straight_line_ratio=0.79999, p95_distance_m=500.2),
    )
    messages = {code: ask(code, short)[1][0].message.en for code in ("C01", "C02", "C04", "S03")}
    assert "79.999% covered, 80.0% asked for" in messages["C01"]
    assert "79.999% covered" in messages["C02"]
    assert "have at most 500.2 m on foot to a site, the radius is 500 m" in messages["C04"]
    assert "999.9 m² of floor area, at least 1,000 m²" in messages["S03"]


def test_c03_holds_older_walkers_coverage_against_the_same_target() -> None:
    assert ask("C03", know(ONE, coverage=make_coverage(older_ratio=0.8)))[0] == "pass"
    few = know(ONE, coverage=make_coverage(older_ratio=0.61))
    verdict, [finding] = ask("C03", few)
    assert (verdict, finding.measured, finding.threshold) == ("warn", 0.61, 0.8)
    assert finding.message.en == (
        "at older people's speed (0.76 m/s, others 1 m/s) the same time is enough for 380 m: "
        "61.0% of the residents covered, 80.0% asked for"
    )
    placed = make_coverage(older_ratio=0.61, group_ratios={"age_60_plus": 0.7})
    assert (
        "of the residents of 60 and over" in ask("C03", know(ONE, coverage=placed))[1][0].message.en
    )
    bound = bind("coverage_target", "walk_speed_older")
    assert ask("C03", know(ONE, coverage=few.coverage, standard=bound))[0] == "warn"


@pytest.mark.parametrize("code", ["C01", "C02", "C03"])
def test_coverage_of_nobody_is_unknown(code: str) -> None:
    verdict, [finding] = ask(code, know(ONE, coverage=NOBODY))
    assert (verdict, finding.severity, finding.measured) == ("unknown", "note", None)


@pytest.mark.parametrize(
    ("code", "name"),
    [("C01", "coverage_target"), ("C01", "service_radius"), ("C02", "coverage_target"),
     ("C04", "service_radius"), ("S03", "min_floor_area")],
)  # fmt: skip
def test_a_threshold_that_the_standard_does_not_give_is_unknown(code: str, name: str) -> None:
    verdict, [finding] = ask(code, know(ONE, standard=without(name)))
    assert (verdict, finding.severity) == ("unknown", "note")
    assert name in finding.message.en
    assert name in finding.message.zh


@pytest.mark.parametrize("name", [*THRESHOLDS, "services"])
def test_a_threshold_that_is_not_given_is_called_what_planners_call_it(name: str) -> None:
    title = THRESHOLDS[name].title.zh if name in THRESHOLDS else "服务项目"
    assert lack(name).message == Text(
        f"标准没有给出{title}（{name}）", f"the standard gives no {name}"
    )


@pytest.mark.parametrize(("ratio", "verdict"), [(0.8, "pass"), (0.79, "warn"), (0, "warn")])
def test_c02_never_fails(ratio: float, verdict: str) -> None:
    """It is not asked where nothing but straight lines was measured: C01 has said it."""
    standard = bind("coverage_target", "service_radius")
    coverage = make_coverage(straight_line_ratio=ratio)
    found, findings = ask("C02", know(ONE, coverage=coverage, standard=standard))
    assert found == verdict
    assert [finding.measured for finding in findings] == [ratio] * (verdict == "warn")
    straight = know(ONE, coverage=coverage, standard=standard, method="straight-line")
    assert ask("C02", straight)[0] == "na"


@pytest.mark.parametrize(
    ("p95_m", "verdict"),
    [(500, "pass"), (500 + 5e-7, "pass"), (501, "warn"), (9000, "warn"), (math.nan, "unknown")],
)
def test_c04_compares_the_farthest_with_the_radius_and_never_fails(
    p95_m: float, verdict: str
) -> None:
    facts = know(ONE, coverage=make_coverage(p95_distance_m=p95_m), standard=bind("service_radius"))
    found, findings = ask("C04", facts)
    assert found == verdict
    assert [finding.unit for finding in findings] == ["m"] * (verdict != "pass")


def test_c05_names_the_largest_of_the_large_gaps() -> None:
    def gap(people: float, name: str | None = None) -> Gap:
        return Gap(people, 0.0, 0.0, 0.0, 150.0, 0, 600.0, 900.0, 1300.0, 100.0, np.arange(3), name)

    assert ask("C05", know(ONE, gaps=(gap(499.9),)))[0] == "pass"
    verdict, [finding] = ask("C05", know(ONE, gaps=(gap(1200, "东校"), gap(500), gap(20))))
    assert (verdict, finding.measured, finding.threshold) == ("warn", 1200, 500)
    assert finding.message.en == (
        "2 gaps of 500 residents or more, the largest near “东校”: 1,200 residents within 150 m, "
        "900 m on foot from the nearest site on average, 1,300 m at most"
    )
    [finding] = ask("C05", know(ONE, gaps=(gap(800),)))[1]
    assert finding.message.zh == (
        "有 1 处 500 人以上的盲区：800 人，半径 150 米，到最近场地步行平均 900 米、最远 1,300 米"
    )
    even = replace(gap(800), farthest_distance_m=900.0, unreachable_population=30.0)
    [finding] = ask("C05", know(ONE, gaps=(even,)))[1]
    assert finding.message.zh.endswith("到最近场地步行 900 米，其中 30 人走不到任何场地")
    away = replace(
        gap(800), distance_m=math.inf, mean_distance_m=math.nan, farthest_distance_m=math.nan
    )
    [finding] = ask("C05", know(ONE, gaps=(away,)))[1]
    assert finding.message.en.endswith(": 800 residents within 150 m, and no site can be walked to")
    assert ask("C05", know(ONE, standard=without("gap_pop")))[0] == "unknown"


@pytest.mark.parametrize(
    ("people", "verdict"), [(50, "pass"), (100_000, "pass"), (49, "warn"), (100_001, "warn")]
)
def test_c06_asks_for_as_many_residents_as_a_centre_can_serve(people: float, verdict: str) -> None:
    facts = know(ONE, subdistrict=make_subdistrict(population=people))
    found, findings = ask("C06", facts)
    assert found == verdict
    assert [finding.measured for finding in findings] == ([] if verdict == "pass" else [people])
    if people > 100_000:
        assert findings[0].message.en.endswith("; a branch may help")
        none = ask("C06", know(subdistrict=make_subdistrict(population=people)))[1]
        assert none[0].message.en.endswith("are meant for one centre")  # nothing to branch off yet
    assert ask("C06", know(ONE, standard=without("pop_per_centre")))[0] == "unknown"


@pytest.mark.parametrize(
    ("areas", "status", "verdict"),
    [
        ([1.0, 0.5], "adopted", "pass"),
        ([1.0, 0.4], "adopted", "fail"),
        ([1.0, 0.4], "assumed", "warn"),
        ([9.0, None], "adopted", "unknown"),
    ],
)
def test_c07_asks_for_floor_area_per_resident(
    areas: list[float | None], status: str, verdict: str
) -> None:
    members = [make_site(f"s{i}", floor_area_m2=area) for i, area in enumerate(areas)]
    facts = know(*members, standard=bind("area_per_1000", status=status))
    found, findings = ask("C07", facts)  # of 100 residents: 15 m² for 1,000 are 1.5 m²
    assert found == verdict
    if verdict in {"fail", "warn"}:
        assert findings[0].measured == pytest.approx(14)
    assert ask("C07", know(standard=bind("area_per_1000")))[0] == "na"
    nobody = know(ONE, subdistrict=make_subdistrict(population=0))
    assert ask("C07", nobody)[0] == "unknown"
    assert ask("C07", know(ONE, standard=without("area_per_1000")))[0] == "unknown"


def test_c08_only_informs() -> None:
    assert ask("C08", know(ONE)) == ("pass", [])


# --- P: policy


@pytest.mark.parametrize(
    ("modes", "verdict"),
    [([1], "pass"), ([1, 1], "pass"), ([1, None], "pass"), ([2], "warn"), ([None], "fail"),
     ([3], "fail"), ([1, 2], "fail")],
)  # fmt: skip
def test_p02_asks_for_the_mode_of_the_list(modes: list[int | None], verdict: str) -> None:
    members = [make_site(f"s{i}", mode=mode) for i, mode in enumerate(modes)]
    found, findings = ask("P02", know(*members, projects=(), standard=make_standard(**PILOT)))
    assert found == verdict
    assert all(finding.department == "district" for finding in findings)
    assert ask("P02", know(*members))[0] == "na"


@pytest.mark.parametrize(
    ("of_site", "of_project", "verdict", "words"),
    [
        (None, 1, "pass", None),
        (None, 2, "warn", "listed with mode 1"),
        (None, None, "fail", "declares no operating mode"),
        (1, None, "pass", None),
        (1, 1, "pass", None),
        (2, 1, "warn", "its sites have mode 2 (indirect subdistrict management), its project was"),
        (1, 2, "warn", "its project was filed with mode 2"),
    ],
)
def test_p02_takes_the_mode_of_the_project_where_no_site_says_it_and_warns_where_they_differ(
    of_site: int | None, of_project: int | None, verdict: str, words: str | None
) -> None:
    projects = (replace(PROJECT, mode=of_project),)
    known = know(make_site("s", mode=of_site), projects=projects, standard=make_standard(**PILOT))
    found, findings = ask("P02", known)
    assert found == verdict
    assert [words in finding.message.en for finding in findings if words] == [True] * bool(words)


# --- verdicts together

VERDICTS: tuple[Verdict, ...] = ("pass", "warn", "fail", "unknown", "na")


@given(st.dictionaries(st.sampled_from(CODES), st.sampled_from(VERDICTS)))
def test_a_subdistrict_fails_then_is_unknown_then_warns_then_passes(
    verdicts: dict[str, Verdict],
) -> None:
    if "fail" in verdicts.values():
        expected = "fail"
    elif "unknown" in [verdicts.get(code) for code in ("C01", "N05", "D03", "D05")]:
        expected = "unknown"
    else:
        expected = "warn" if "warn" in verdicts.values() else "pass"
    assert combine(verdicts) == expected


@pytest.mark.parametrize("code", CODES)
def test_only_what_is_decisive_leaves_a_subdistrict_unknown(code: str) -> None:
    decisive = code in {"C01", "N05", "D03", "D05"}
    assert combine({code: "unknown", "other": "warn"}) == ("unknown" if decisive else "warn")
    assert combine({code: "unknown"}) == ("unknown" if decisive else "pass")


@given(st.lists(st.sampled_from(VERDICTS), min_size=1))
def test_over_sites_the_worst_verdict_is_the_rules(given_verdicts: list[Verdict]) -> None:
    outcomes = [Outcome(verdict, Text("因", "why"), "s") for verdict in given_verdicts]
    rule = replace(RULES[0], judge=lambda _: outcomes)
    verdicts, findings = judge(know(ONE), [rule])
    order = ["fail", "unknown", "warn", "pass", "na"]
    assert verdicts == {rule.code: next(each for each in order if each in given_verdicts)}
    said = {"fail": "violation", "unknown": "note", "warn": "warning"}
    assert [f.severity for f in findings] == [said[v] for v in given_verdicts if v in said]


def test_severity_follows_from_the_verdict_and_pass_and_na_are_silent() -> None:
    found = {
        finding.code: finding.severity
        for finding in judge(
            know(
                make_site("a", premises=None, available_from=None),
                make_site("b", premises="other"),
                subdistrict=make_subdistrict(vintage=None),
                network=make_network(headquarters=None, connected=None),
            ),
            RULES,
        )[1]
    }
    assert found == {
        "D02": "warning",
        "D03": "note",
        "N02": "violation",
        "N05": "note",
        "N08": "warning",
        "N09": "warning",
        "S02": "warning",  # the last of two: of b
    }


def test_a_finding_says_whether_it_only_warns_for_want_of_an_adopted_figure() -> None:
    low = make_coverage(coverage_ratio=0.5)
    [finding] = ask("C01", know(ONE, coverage=low))[1]
    assert (finding.severity, finding.eased) == ("warning", True)
    nearly = make_coverage(coverage_ratio=0.75)
    [finding] = ask("C01", know(ONE, coverage=nearly))[1]
    assert (finding.severity, finding.eased) == ("warning", False)
    both = bind("coverage_target", "service_radius")
    [finding] = ask("C01", know(ONE, coverage=low, standard=both))[1]
    assert (finding.severity, finding.eased) == ("violation", False)
    far = make_coverage(p95_distance_m=2000)
    [finding] = ask("C04", know(ONE, coverage=far))[1]
    assert (finding.severity, finding.eased) == ("warning", False)


def test_a_range_is_printed_in_full() -> None:
    limits = make_threshold("pop_per_centre", 30_000, op="in", upper=1_500_000, unit="person")
    standard = make_standard(thresholds={"pop_per_centre": limits})
    [finding] = ask("C06", know(ONE, standard=standard))[1]
    assert finding.threshold == "30,000–1,500,000"


def test_every_rule_has_a_department_and_both_titles() -> None:
    assert [rule.code for rule in RULES] == list(CODES)
    for rule in RULES:
        assert rule.department in get_args(Department)
        check_wording(rule.title)


def test_a_clause_comes_from_the_threshold_then_from_the_standard_then_from_the_rule() -> None:
    far = {"positions": {"s": Position(99, 99, None)}}
    assert (
        ask("C04", know(ONE, coverage=make_coverage(p95_distance_m=900)))[1][0].clause == "一(一)"
    )
    assert ask("S01", know(ONE, **far))[1][0].clause == "四(二)"
    assert ask("D01", know(ONE, **far))[1][0].clause == "RFC 7946"
    assert ask("N02", know(make_site("a"), make_site("b")))[1][0].clause is None


def test_a_count_is_held_against_the_threshold_of_the_standard() -> None:
    one = make_threshold("hq_count", 1, op="==", status="quoted", clause="四(二)")
    standard = make_standard(thresholds={"hq_count": one})
    _, [finding] = ask("N02", know(make_site("a"), make_site("b"), standard=standard))
    assert (finding.measured, finding.threshold, finding.threshold_status) == (0, 1, "quoted")
    assert finding.clause == "四(二)"


# --- which rules


def test_a_standard_chooses_its_rules_and_their_order_is_ours() -> None:
    chosen = select_rules(make_standard(rules=("C01", "D01", "N05")))
    assert [rule.code for rule in chosen] == ["D01", "N05", "C01"]


def test_a_rule_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="there is no rule X99"):
        select_rules(make_standard(rules=("C01", "X99")))
