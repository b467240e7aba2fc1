"""The table of projects, and the table of what became of old subdistricts."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.errors import DefectList, Text
from siteplan.inputs.projects import COLUMNS, read_projects, read_succession
from siteplan.inputs.sheets import Table
from siteplan.inputs.tables import parse_table, read_table
from siteplan.model import Project

CODES = {"440106012": "440106012", "天园街道": "440106012", "440106016": "440106016"}
HEADER = ",".join(COLUMNS)
FULL = (
    "440106012,P1,1,社工社,2010-06-02,2010/6/10,2010年6月21日,20100720,200,80,120.5\n"
    "440106016,P2,街道间接管理,,,,,,0,,\n"
)
DEMO = Path(__file__).parents[1] / "data" / "projects.csv"


def read(text: str) -> tuple[dict[str, tuple[Project, ...]], tuple[Text, ...], DefectList]:
    return read_projects(parse_table(text, "projects.csv"), "projects.csv", CODES.get)


def refuse(text: str) -> list[str]:
    _, _, defects = read(text)
    for defect in defects:
        assert defect.severity == "error"
        assert defect.stage == "fields"
        assert defect.message.zh
    return [defect.say("en") for defect in defects]


def test_every_column_is_read() -> None:
    projects, notes, defects = read(f"{HEADER}\n{FULL}")
    assert (notes, defects) == ((), [])
    assert projects == {
        "440106012": (
            Project(
                "440106012", "P1", 1, "社工社", date(2010, 6, 2), date(2010, 6, 10),
                date(2010, 6, 21), date(2010, 7, 20), 200, 80, 120.5, row=2,
            ),
        ),
        "440106016": (Project("440106016", "P2", 2, grant_wan=0, row=3),),
    }  # fmt: skip


def test_the_chinese_columns_mean_the_same() -> None:
    for number in range(max(map(len, COLUMNS.values()))):
        names = [others[min(number, len(others) - 1)] for others in COLUMNS.values()]
        assert read(f"{','.join(names)}\n{FULL}") == read(f"{HEADER}\n{FULL}")


def test_a_unit_may_stand_behind_a_sum_but_no_other_unit() -> None:
    text = "街道*,项目编号*,试点资金（万元）,City_wan (10,000 yuan)\n440106012,P1,200,80\n"
    text = text.replace("City_wan (10,000 yuan)", '"City_wan (10,000 yuan)"')
    projects, notes, defects = read(text)
    assert (notes, defects) == ((), [])
    assert [(one.grant_wan, one.city_wan) for one in projects["440106012"]] == [(200, 80)]
    projects, notes, _ = read("街道,项目编号,试点资金（元）\n440106012,P1,2000000\n")
    assert projects["440106012"][0].grant_wan is None
    assert [note.zh for note in notes] == ["未使用的列：试点资金（元）（可能应为 试点资金）"]


def test_a_subdistrict_is_filed_under_its_code_and_its_projects_in_order() -> None:
    text = "subdistrict,project_id\n440106016,P3\n天园街道,P2\n440106012,P1\n440106012,P10\n"
    projects, _, _ = read(text)
    assert list(projects) == ["440106012", "440106016"]
    assert [one.project_id for one in projects["440106012"]] == ["P1", "P10", "P2"]
    assert {one.subdistrict for one in projects["440106012"]} == {"440106012"}


def test_subdistricts_of_elsewhere_are_left_out_and_named_once() -> None:
    rows = "".join(f"{name},P{number}\n" for number, name in enumerate("丙乙甲乙丁戊"))
    projects, notes, defects = read(f"subdistrict,project_id\n{rows}440106012,P9\n")
    assert (list(projects), defects) == (["440106012"], [])
    assert [note.en for note in notes] == ["subdistricts of elsewhere: 丁, 丙, 乙, 戊, 甲"]


def test_an_unknown_column_is_noted_with_the_nearest_known_one() -> None:
    text = "subdistrict,project_id,tenderd,市审定日,x\n440106012,P1,2010-01-01,,7\n"
    projects, notes, defects = read(text)
    assert [note.en for note in notes] == [
        "a column that is not used: tenderd (perhaps tendered is meant)",
        "a column that is not used: 市审定日 (perhaps 市审定日期 is meant)",
        "a column that is not used: x",
    ]
    assert (projects["440106012"][0].tendered, defects) == (None, [])


def test_every_defect_is_told_at_once() -> None:
    text = (
        f"{HEADER}\n"
        ",P1,3,,8/9/2010,2010-13-01,soon,2010-02-30,many,-1,1e9\n"
        "440106012,,,,,,,,,,\n"
        "440106012,P1,,,,,,,,,\n"
        "别处,P1,,,,,,,,,\n"
    )
    twice = "project P1 stands in row 2 already. Give each project one row and its own id"
    modes = "1 purchase of services, 2 indirect management"
    date_remedy = "Give a date, year first, e.g. 2010-08-31"
    sum_remedy = "Give a number in 10,000 yuan, 0 or more"
    assert refuse(text) == [
        "projects.csv row 2: has no subdistrict. Fill it in.",
        f'projects.csv row 2: mode is "3". Choose one of {modes}.',
        f'projects.csv row 2: submitted is "8/9/2010". {date_remedy}.',
        f'projects.csv row 2: district_reviewed is "2010-13-01". {date_remedy}.',
        f'projects.csv row 2: city_approved is "soon". {date_remedy}.',
        f'projects.csv row 2: tendered is "2010-02-30". {date_remedy}.',
        f'projects.csv row 2: grant_wan is "many". {sum_remedy}.',
        f'projects.csv row 2: city_wan is "-1". {sum_remedy}.',
        f'projects.csv row 2: district_wan is "1e9". {sum_remedy}.',
        "projects.csv row 3: has no project_id. Fill it in.",
        f"projects.csv row 4: {twice}.",
        f"projects.csv row 5: {twice}.",
    ]


def test_in_chinese_a_defect_calls_its_column_what_planners_call_it() -> None:
    _, _, defects = read("街道,项目编号,运作模式,区审核日期\n440106012,,3,x\n")
    assert [defect.message.zh for defect in defects] == [
        "缺少项目编号 project_id",
        '运作模式 mode 为 "3"',
        '区审核日期 district_reviewed 为 "x"',
    ]


def test_a_table_without_its_keys_is_refused_for_that_alone() -> None:
    held = "It has street, mode"
    assert refuse("street,mode\n440106012,x\n") == [
        f"projects.csv: has no column subdistrict. {held}; subdistrict or 街道 is meant.",
        f"projects.csv: has no column project_id. {held}; project_id or 项目编号 is meant.",
    ]


def test_two_columns_for_one_are_refused() -> None:
    assert refuse("subdistrict,街道,project_id\n440106012,440106016,P1\n") == [
        "projects.csv: has several columns for subdistrict: subdistrict, 街道. Keep one of them."
    ]


def test_an_empty_table_has_no_columns() -> None:
    _, _, defects = read_projects([], "projects.csv", CODES.get)
    assert len(defects) == 2


def test_the_projects_of_the_demo_are_read_without_a_word() -> None:
    table = read_table(DEMO, "projects.csv")
    projects, notes, defects = read_projects(table, "projects.csv", lambda claimed: claimed)
    assert (notes, defects) == ((), [])
    assert sum(map(len, projects.values())) == len(table)
    assert [one.project_id for one in projects["440199006"]] == ["ZL-06A", "ZL-06B"]


@given(st.permutations(range(2, 6)))
def test_the_order_of_rows_changes_nothing_but_their_numbers(order: list[int]) -> None:
    rows: dict[int, dict[str, object]] = {
        number: {"subdistrict": "440106012", "project_id": f"P{number}", "grant_wan": number}
        for number in range(2, 6)
    }
    table: Table = [(number, rows[number]) for number in order]
    straight: Table = list(rows.items())
    assert read_projects(table, "p", CODES.get) == read_projects(straight, "p", CODES.get)


# --- what became of the subdistricts of 2010


def test_the_table_of_succession_is_whole() -> None:
    succession = read_succession()
    assert len(succession.units) == 20
    keys = [unit.key for unit in succession.units]
    assert len(set(keys)) == len(keys)
    for unit in succession.units:
        assert unit.source
        assert unit.today
        assert all(len(code) == 9 and code.isdigit() for code in unit.today)
        assert (len(unit.today) > 1) == (unit.change == "split")
        assert (unit.by_year is None) == (unit.change == "kept")
    renamed = {unit.district for unit in succession.units if unit.change.startswith("district")}
    assert renamed <= {district.name for district in succession.districts}


@pytest.mark.parametrize(
    ("listed", "today"),
    [
        ("萝岗区", "黄埔区"), ("黄浦区", "黄埔区"), ("从化市", "从化区"), ("增城市", "增城区"),
        ("增城区", "增城区"), ("越秀区", "越秀区"), ("别处", "别处"),
    ],
)  # fmt: skip
def test_a_district_has_the_name_of_today(listed: str, today: str) -> None:
    former = read_succession().find_district(listed)
    assert (former.today if former else listed) == today


@pytest.mark.parametrize(
    ("word", "today"),
    [
        ("越秀区广卫街", ("440104003",)),
        ("广卫街", ("440104003",)),
        ("新华街", ("440114001", "440114002", "440114003", "440114004")),
        ("萝岗区夏港街", ("440112011",)),
        ("夏港街道", ()),
        ("440104003", ()),
    ],
)
def test_an_old_name_leads_to_the_codes_of_today(word: str, today: tuple[str, ...]) -> None:
    assert read_succession().find_today(word) == today
