"""Refusals: place, problem and remedy, in both languages, all at once."""

import pytest

from siteplan.errors import (
    CrsError,
    Defect,
    DefectList,
    InfeasibleError,
    InputError,
    OutputExistsError,
    SiteplanError,
    Text,
    join_names,
)

PROBLEM = Text('floor_area_m2 为 "many"', 'floor_area_m2 is "many"')
REMEDY = Text("请以平方米填写，大于 0", "Give square metres, a number above 0")


def test_a_defect_names_file_feature_problem_and_remedy_in_english() -> None:
    defect = Defect("proposals/huangcun.geojson", PROBLEM, REMEDY, feature=3, name="黄村中心")
    assert defect.say("en") == (
        'proposals/huangcun.geojson feature 3 (黄村中心): floor_area_m2 is "many". '
        "Give square metres, a number above 0."
    )


def test_a_defect_names_file_feature_problem_and_remedy_in_chinese() -> None:
    defect = Defect("proposals/huangcun.geojson", PROBLEM, REMEDY, feature=3, name="黄村中心")
    assert defect.say("zh") == (
        'proposals/huangcun.geojson 第 3 个要素（黄村中心）：floor_area_m2 为 "many"。'
        "请以平方米填写，大于 0。"
    )


@pytest.mark.parametrize("path", ["population.csv", "申报.XLSX"])
def test_a_table_counts_rows_and_not_features(path: str) -> None:
    defect = Defect(path, PROBLEM, REMEDY, feature=7)
    assert defect.say("en").startswith(f"{path} row 7: ")
    assert defect.say("zh").startswith(f"{path} 第 7 行：")


def test_a_value_of_the_command_line_has_no_place() -> None:
    assert Defect("", PROBLEM, REMEDY).say("en").startswith("floor_area_m2 is")
    assert Defect("", PROBLEM, REMEDY).say("zh").startswith("floor_area_m2 为")


@pytest.mark.parametrize(
    ("error", "code"),
    [(InputError, 3), (CrsError, 3), (InfeasibleError, 4), (OutputExistsError, 5)],
)
def test_each_kind_of_refusal_has_its_exit_code(error: type[SiteplanError], code: int) -> None:
    assert error.exit_code == code


def test_an_error_says_all_its_defects() -> None:
    error = InputError(Defect("a", PROBLEM, REMEDY), Defect("b", PROBLEM, REMEDY))
    assert [line.split(":")[0] for line in str(error).splitlines()] == ["a", "b"]


def test_defects_of_several_steps_are_raised_together() -> None:
    defects = DefectList()
    for path in ("a", "b"):
        with defects.collect():
            raise InputError(Defect(path, PROBLEM, REMEDY))
    with pytest.raises(InputError) as refusal:
        defects.raise_errors()
    assert [defect.path for defect in refusal.value.defects] == ["a", "b"]


def test_warnings_and_notes_alone_are_not_raised() -> None:
    defects = DefectList([Defect("a", PROBLEM, REMEDY, severity="warning")])
    defects.raise_errors()
    assert len(defects) == 1


def test_a_bug_is_not_collected() -> None:
    with pytest.raises(ZeroDivisionError), DefectList().collect():
        raise ZeroDivisionError


def test_a_long_list_of_names_is_cut_and_counted() -> None:
    assert join_names("abcdefgh").en == "a, b, c, d, e, f and 2 more"
    assert join_names("abcdefgh").zh == "a、b、c、d、e、f等 8 个"
    assert join_names("ab").en == "a, b"
