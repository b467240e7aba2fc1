import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import town

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation, Verdict
from siteplan.outputs.summary import say_summary


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder: Path = tmp_path_factory.mktemp("town")
    return evaluate(read_case(town.write_town(folder)))


def test_the_table_has_a_line_for_each_subdistrict_and_the_totals(evaluation: Evaluation) -> None:
    lines = say_summary(evaluation, "en").splitlines()
    assert lines[2].split()[:3] == ["code", "subdistrict", "verdict"]
    assert lines[3].split()[:4] == [town.WEST, "西街道", "fail", "600"]
    assert lines[4].split()[:6] == [town.EAST, "东街道", "warn", "400", "99.2%", "100.0%"]
    assert lines[-1].startswith("2 subdistricts, 1,000 residents;")


def test_rules_not_passed_are_listed_with_their_marks_those_that_decide_first(
    evaluation: Evaluation,
) -> None:
    rules: dict[str, Verdict] = {
        "D03": "unknown", "D04": "warn", "S02": "fail", "S05": "unknown", "N01": "pass",
        "N05": "unknown", "C01": "fail", "C08": "na", "P01": "warn",
    }  # fmt: skip
    first, *rest = evaluation.judgements
    changed = replace(evaluation, judgements=(replace(first, rules=rules), *rest))
    lines = say_summary(changed, "en").splitlines()
    assert lines[3].endswith("  S02! C01! D03? N05? D04 P01 S05?")
    assert "rules not passed: ! fails, ? unknown, without a mark only a warning" in lines
    assert "未过规则：! 不通过，? 数据不足，无标记的只是提醒" in say_summary(changed, "zh")


def test_without_a_rule_that_is_not_passed_no_mark_is_explained(evaluation: Evaluation) -> None:
    judgements = tuple(replace(one, rules={"C01": "pass"}) for one in evaluation.judgements)
    assert "! fails" not in say_summary(replace(evaluation, judgements=judgements), "en")


def test_the_head_says_the_radius_in_words_and_where_a_district_has_its_own(
    evaluation: Evaluation,
) -> None:
    case = evaluation.case
    radius = replace(case.standard.thresholds["service_radius"], value=1000, status="assumed")
    own = replace(radius, value=600, status="adopted")
    standard = replace(
        case.standard,
        thresholds={**case.standard.thresholds, "service_radius": radius},
        districts={"天河区": {"service_radius": own}, "番禺区": {"service_radius": own}},
    )
    first, *rest = evaluation.judgements
    there = replace(first, subdistrict=replace(first.subdistrict, district="天河区"))
    changed = replace(evaluation, case=replace(case, standard=standard), judgements=(there, *rest))
    head = say_summary(changed, "zh").splitlines()[0]
    assert "· 1,000 米（假定），天河区 600 米（已采用） ·" in head
    head = say_summary(changed, "en").splitlines()[0]
    assert "· 1,000 m (assumed), 天河区 600 m (adopted) ·" in head


def test_what_is_to_be_known_of_the_standard_stands_under_the_head(evaluation: Evaluation) -> None:
    standard = replace(evaluation.case.standard, valid_from=date(2031, 1, 1), valid_to=None)
    case = replace(evaluation.case, standard=standard, date=date(2010, 7, 1))
    lines = say_summary(replace(evaluation, case=case), "zh").splitlines()
    assert lines[1].startswith("注意：标准《")
    assert "自 2031-01-01 起施行，晚于评审基准日 2010-07-01" in lines[1]


def test_one_of_a_thing_is_counted_as_one(evaluation: Evaluation) -> None:
    summary = replace(evaluation.summary, subdistricts=1, population=1.0, violations=1, warnings=1)
    told = say_summary(replace(evaluation, summary=summary), "en").splitlines()[-1]
    assert told.startswith("1 subdistrict, 1 resident;")
    assert told.endswith("; 1 violation, 1 warning")


def test_columns_are_aligned_though_chinese_is_two_cells_wide(evaluation: Evaluation) -> None:
    def cells_before(line: str, text: str) -> int:
        wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line[: line.index(text)])
        return line.index(text) + wide

    header, west, east = say_summary(evaluation, "zh").splitlines()[2:5]
    assert cells_before(west, "600") == cells_before(east, "400")
    assert (
        cells_before(west, "不通过") == cells_before(east, "提醒") == cells_before(header, "结论")
    )
