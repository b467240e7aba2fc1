"""Standards in words and as JSON: what there is, what one says, what is wrong with one."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from siteplan.analysis.rules import RULES
from siteplan.errors import Language, Text
from siteplan.inputs.projects import read_succession
from siteplan.model import Standard, Threshold
from siteplan.model.standard import FACILITY_FIGURES, THRESHOLDS, TIER_FIGURES
from siteplan.outputs.standard_checks import (
    CheckedStandard,
    check_standards,
    say_checks,
    write_checks,
)
from siteplan.outputs.standards import say_list, say_standard, write_list, write_standard
from siteplan.outputs.thresholds import UNITS, say_threshold
from siteplan.standard import list_shipped, read_standard

CODES = {rule.code for rule in RULES}
LANGUAGES: tuple[Language, ...] = ("zh", "en")
ADOPTED = """
[threshold.transit]
value = 300
unit = "m"
op = "<="
status = "adopted"
adopted_by = "规划局"
adopted_on = 2010-06-01
[district."天河区".service_radius]
value = 800
unit = "m"
op = "<="
status = "quoted"
source = "plan"
"""


@pytest.fixture
def shipped() -> list[Standard]:
    return [read_standard(name, Path()) for name in list_shipped()]


def check(folder: Path, text: str) -> CheckedStandard:
    path = folder / "own.toml"
    head = 'format = 1\n[profile]\nid = "own"\nextends = "guangzhou-2010"\n'
    path.write_text(head + text, encoding="utf-8")
    return check_standards([str(path)], CODES)[0]


def find(checked: CheckedStandard, severity: str) -> list[str]:
    """Return what is said in one severity, without the file."""
    found = [defect for defect in checked.defects if defect.severity == severity]
    return [defect.say("en").removeprefix(defect.say_place("en")) for defect in found]


def test_the_list_gives_title_validity_and_figures_by_status(shipped: list[Standard]) -> None:
    told = say_list(shipped, "en")
    assert "guangzhou-2010  Guangzhou community" in told
    assert "valid from 2010-07-01 to 2020-12-31; 23 thresholds (8 quoted, 1 secondary," in told
    assert "valid from 2018-12-01; 15 thresholds (2 secondary, 3 unverified, 10 assumed)" in told
    assert "有效期 2010-07-01 至 2020-12-31；23 项阈值（引自原文 8、" in say_list(shipped, "zh")


def test_the_list_as_json_counts_every_status(shipped: list[Standard]) -> None:
    document = json.loads(write_list(shipped))
    assert document["format"] == "siteplan-standards/1"
    last = document["standards"][-1]
    assert last["id"] == "guangzhou-2010"
    assert last["valid_to"] == "2020-12-31"
    assert last["thresholds"] == {
        "quoted": 8, "adopted": 0, "secondary": 1, "unverified": 2, "assumed": 12,
    }  # fmt: skip
    assert document["standards"][0]["valid_to"] is None


def test_validity_is_said_whichever_end_is_open(shipped: list[Standard]) -> None:
    day = date(2020, 1, 2)
    ends = replace(shipped[0], valid_from=None, valid_to=day)
    never = replace(shipped[0], valid_from=None, valid_to=None)
    assert "valid until 2020-01-02" in say_list([ends], "en")
    assert "no dates of validity" in say_list([never], "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_standard_is_shown_with_every_figure_source_and_clause(
    shipped: list[Standard], lang: Language
) -> None:
    for standard in shipped:
        told = say_standard(standard, lang)
        for name, one in standard.thresholds.items():
            assert f"\n  {name}" in told
            assert standard.sources[one.source].say(lang) in told
            assert (one.clause or "") in told
            assert one.note is None or one.note.say(lang) in told
        assert all(pilot.code in told for pilot in standard.pilots.values())
        assert all(tier.title.say(lang) in told for tier in standard.tiers)
        assert all(url in told for url in standard.urls.values())


def test_a_figure_is_shown_with_value_unit_and_status(shipped: list[Standard]) -> None:
    told = say_standard(shipped[1], "en")
    for line in (
        "service_radius (service radius): ≤ 1,000 m, assumed",
        "pop_per_centre (residents per centre): 30,000–100,000 people, assumed",
        "premises_deadline (day by which premises are there): ≤ 2010-08-31, quoted",
        "rollout_2015 (roll-out, second stage): ≥ 50% by 2015-12-31, quoted",
        "required: family_service (family service), quoted",
    ):
        assert f"  {line}\n" in told
    assert "5-minute pedestrian neighbourhood (t5, 5 minutes on foot)" in say_standard(
        shipped[0], "en"
    )


def test_who_adopted_a_figure_and_what_differs_in_a_district_is_shown(tmp_path: Path) -> None:
    standard = check(tmp_path, ADOPTED).standard
    assert standard is not None
    told = say_standard(standard, "en")
    assert "transit (way to public transport): ≤ 300 m, adopted" in told
    assert "规划局; adopted by 规划局 on 2010-06-01" in told
    assert "Otherwise in 天河区\n  service_radius (service radius): ≤ 800 m, quoted" in told
    assert "规划局 于 2010-06-01 采用" in say_standard(standard, "zh")


@pytest.mark.parametrize(
    ("name", "value", "unit", "op", "told"),
    [
        ("coverage_target", 0.85, None, ">=", Text("≥ 85%", "≥ 85%")),
        ("n1_coverage", 0.07, None, ">=", Text("≥ 7%", "≥ 7%")),
        ("max_detour", 0.5, None, "<=", Text("≤ 0.5", "≤ 0.5")),
        ("gap_pop", 1234567, "person", ">=", Text("≥ 1,234,567 人", "≥ 1,234,567 people")),
        ("tender_months", 1, "month", "<=", Text("≤ 1 个月", "≤ 1 month")),
        ("walk_speed", 1, "m/s", "==", Text("= 1 米/秒", "= 1 m/s")),
        ("own", 3, "bench", "<=", Text("≤ 3 bench", "≤ 3 bench")),
    ],
)
def test_a_figure_is_told_with_its_unit_and_a_share_in_percent(
    name: str, value: float, unit: str | None, op: str, told: Text
) -> None:
    assert say_threshold(Threshold(name, value, unit, op, "assumed", "us", None)) == told


def test_every_unit_of_a_standard_has_a_word() -> None:
    kinds = (*THRESHOLDS.values(), *TIER_FIGURES.values(), *FACILITY_FIGURES.values())
    assert {kind.unit for kind in kinds if kind.unit} == set(UNITS)


def test_a_standard_shown_says_where_its_pilots_and_their_districts_are_today() -> None:
    standard, succession = read_standard("guangzhou-2010", Path()), read_succession()
    chinese, english = (say_standard(standard, lang, succession) for lang in LANGUAGES)
    assert chinese.count("萝岗区（到 2014 年已撤销，今属黄埔区）") == 2
    assert chinese.count("从化市（到 2014 年已更名为从化区）") == 2
    assert "广卫街（到 2015 年已并入 440104003）" in chinese
    assert "440114001, 440114002, 440114003, 440114004" in english
    assert english.count("增城市 (by 2014 renamed 增城区)") == 2
    assert "天河区 (" not in english


def test_a_standard_as_json_says_where_its_pilots_and_their_districts_are_today() -> None:
    standard, succession = read_standard("guangzhou-2010", Path()), read_succession()
    document = json.loads(write_standard(standard, succession))
    pilots = {pilot["code"]: pilot for pilot in document["pilots"]}
    assert pilots["越秀区广卫街"]["today"] == {
        "codes": ["440104003"], "change": "merged", "by_year": 2015,
    }  # fmt: skip
    assert pilots["440106012"]["today"] is None
    abolished = {"name": "黄埔区", "change": "abolished", "by_year": 2014}
    assert pilots["440112011"]["district_today"] == abolished
    today = {one["district"]: one["district_today"] for one in document["grants"]["districts"]}
    assert today["萝岗区"] == abolished
    assert today["天河区"] is None
    assert set(today) == {pilot.district for pilot in standard.pilots.values()}


def test_a_standard_as_json_has_every_key(tmp_path: Path) -> None:
    standard = check(tmp_path, ADOPTED).standard
    assert standard is not None
    document = json.loads(write_standard(standard))
    assert document["format"] == "siteplan-standard/1"
    assert document["thresholds"]["transit"] == {
        "value": 300, "unit": "m", "op": "<=", "by": None, "status": "adopted", "source": "规划局",
        "clause": None, "note": None, "adopted_by": "规划局", "adopted_on": "2010-06-01",
    }  # fmt: skip
    assert document["thresholds"]["pop_per_centre"]["value"] == [30000, 100000]
    assert document["districts"]["天河区"]["service_radius"]["value"] == 800
    assert document["services"]["required"] == ["family_service"]
    assert document["pilots"][0]["grant_wan"] == 200
    grants = document["grants"]
    assert (grants["grant_wan"], grants["city_wan"], grants["district_wan"]) == (4000, 1700, 2300)
    assert (grants["pilots"], grants["without"], grants["fee_wan"]) == (20, 0, 80)
    assert sum(one["grant_wan"] for one in grants["districts"]) == 4000
    tiers = json.loads(write_standard(read_standard("gb50180-2018-15min", Path())))["tiers"]
    assert [tier["minutes"] for tier in tiers] == [5, 10, 15]
    assert tiers[0]["facilities"][0]["figures"]["floor_area"]["value"] == [600, 1000]


def test_shipped_standards_have_neither_error_nor_warning() -> None:
    for checked in check_standards(list_shipped(), CODES):
        assert checked.usable
        assert {defect.severity for defect in checked.defects} <= {"note"}


def test_a_quoted_figure_without_a_clause_is_a_warning(tmp_path: Path) -> None:
    checked = check(tmp_path, ADOPTED)
    assert checked.usable
    (told,) = find(checked, "warning")
    assert told.startswith("district.天河区.service_radius is quoted without a clause. Give its")


def test_an_adopted_figure_that_nobody_adopted_is_an_error(tmp_path: Path) -> None:
    checked = check(tmp_path, ADOPTED.replace('adopted_by = "规划局"\n', ""))
    assert not checked.usable
    assert checked.standard is None
    assert any("does not say who adopted it and when" in told for told in find(checked, "error"))


def test_figures_that_no_rule_reads_and_those_that_rules_lack_are_noted(tmp_path: Path) -> None:
    rules = '[rules]\nenable = ["C01", "N06"]\n[clause]\nX01 = "1"\n'
    told = find(check(tmp_path, rules), "note")
    unread = next(one for one in told if "no rule that it enables reads" in one)
    assert "hq_link" not in unread
    assert "walk_speed," not in unread  # --minutes does
    assert "walk_speed_older" in unread
    assert "services" in unread
    assert any("clause: there is no rule" in one and "X01" in one for one in told)
    lacking = find(check_standards(["gb50180-2018-15min"], CODES)[0], "note")
    assert any("gives no hq_count (N02)" in one for one in lacking)


def test_a_rule_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    checked = check(tmp_path, '[rules]\nenable = ["C01", "C99"]\n')
    assert not checked.usable
    assert any("rules.enable: there is no rule C99" in told for told in find(checked, "error"))


def test_services_are_named_as_in_proposals(tmp_path: Path) -> None:
    names = '["养老", "famly_service", "family_service"]'
    text = f'[services]\nrequired = {names}\nstatus = "assumed"\nsource = "authors"\n'
    checked = check(tmp_path, text)
    assert "services has 养老. Write elderly." in find(checked, "warning")
    assert any("famly_service. Proposals are offered family_service" in one
               for one in find(checked, "note"))  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_wrong_is_told_file_by_file_and_summed_up(tmp_path: Path, lang: Language) -> None:
    good = check(tmp_path, "")
    bad = check_standards([str(tmp_path / "none.toml")], CODES)[0]
    told = say_checks([good, bad], lang)
    assert ("可以使用" if lang == "zh" else "ready to use") in told
    assert ("1 个错误，须先更正" if lang == "zh" else "1 error, to be corrected first") in told
    document = json.loads(write_checks([good, bad]))
    assert document["format"] == "siteplan-standards-check/1"
    assert [file["usable"] for file in document["files"]] == [True, False]
    assert [file["id"] for file in document["files"]] == ["own", None]
    assert document["files"][1]["defects"][0]["severity"] == "error"


def test_what_a_file_holds_cannot_steer_the_terminal(tmp_path: Path) -> None:
    checked = check(tmp_path, '[source.x]\ntitle_zh = "a\\u001b[31m"\n')
    assert checked.standard is not None
    assert "\x1b" not in say_standard(checked.standard, "zh")
