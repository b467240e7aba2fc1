"""The Excel template: what it offers is understood, and what is filled in comes back."""

import io
import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from small import make_subdistrict

from siteplan.errors import Language
from siteplan.inputs.sheets import read_sheet
from siteplan.model import Subdistrict
from siteplan.outputs.template import write_template
from siteplan.schema import FIELDS, HELP_SHEET, POSITION, SHEET, find_field, find_header

LANGUAGES: tuple[Language, ...] = ("zh", "en")
SUBDISTRICTS = [
    make_subdistrict("440106012", name="天园街"),
    make_subdistrict("440106013", name='引"号,街'),
    make_subdistrict("440106014", name="=HYPERLINK(1)"),
    make_subdistrict("440106015", name="同名街"),
    make_subdistrict("440106016", name="同名街"),
]
FIRST_ROW = {
    "name": "黄村中心",
    "subdistrict": "天园街",
    "lon": 113.3612,
    "lat": 23.1301,
    "id": "1-2",
    "floor_area_m2": 1200,
    "available_from": date(2010, 8, 31),
    "services": "家庭服务、养老",
    "contact": "020 8765 4321",
    "note": "=1+1",
}


def open_template(lang: Language, cases: list[Subdistrict] | None = None) -> openpyxl.Workbook:
    content = write_template("天河区", SUBDISTRICTS if cases is None else cases, lang)
    return openpyxl.load_workbook(io.BytesIO(content))


def list_offers(book: openpyxl.Workbook) -> dict[str, list[str]]:
    """Return what the drop-down list of each column holds, by key."""
    sheet, offers = book.worksheets[0], {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            column = next(iter(rule.sqref.ranges)).min_col
            name, cells = re.fullmatch(r"'(.+)'!(.+)", rule.formula1).groups()  # type: ignore[union-attr]
            key = find_header(str(sheet.cell(1, column).value))
            offers[str(key)] = [str(cell.value) for (cell,) in book[name][cells]]
    return offers


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_field_has_a_column_that_is_read_as_its_key(lang: Language) -> None:
    header = [cell.value for cell in open_template(lang).worksheets[0][1]]
    keys = [find_header(str(word)) for word in header]
    assert sorted(map(str, keys)) == sorted(field.key for field in (*FIELDS, *POSITION))
    required = [find_field(str(key)).required for key in keys]
    assert [str(word).endswith("*") for word in header] == required
    assert required == sorted(required, reverse=True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_value_offered_is_understood(lang: Language) -> None:
    offers = list_offers(open_template(lang))
    fields = [field for field in (*FIELDS, *POSITION) if field.choices]
    assert set(offers) == {"subdistrict", *(field.key for field in fields)}
    for field in fields:
        chosen = [field.choose(word) for word in offers[field.key]]
        assert chosen == [choice.value for choice in field.choices]


def test_subdistricts_are_offered_by_name_or_else_by_code() -> None:
    offered = list_offers(open_template("zh"))["subdistrict"]
    assert offered == ["天园街", '引"号,街', "440106014", "440106015", "440106016"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_filled_in_comes_back(tmp_path: Path, lang: Language) -> None:
    book = open_template(lang)
    sheet = book.worksheets[0]
    columns = {find_header(str(cell.value)): cell.column for cell in sheet[1]}
    for key, value in FIRST_ROW.items():
        cell = sheet.cell(2, columns[key])
        cell.value = value
        cell.data_type = "s" if isinstance(value, str) else cell.data_type
    for key, words in list_offers(book).items():
        if key in {"status", "role", "premises", "mode", "datum"}:
            sheet.cell(2, columns[key]).value = words[0]
    book.save(tmp_path / "a.xlsx")
    ((row, cells),), defects = read_sheet(tmp_path / "a.xlsx", "a.xlsx")
    values = {find_header(header): value for header, value in cells.items()}
    assert defects == []
    assert row == 2
    assert {key: values[key] for key in FIRST_ROW} == FIRST_ROW
    assert find_field("datum").choose(str(values["datum"])) == "wgs84"
    assert find_field("mode").choose(str(values["mode"])) == 1


def test_ids_and_codes_stay_text_and_dates_dates() -> None:
    sheet = open_template("en").worksheets[0]
    shown = {find_header(str(cell.value)): sheet.cell(2, cell.column) for cell in sheet[1]}
    kinds = {"id": "@", "subdistrict": "@", "contact": "@", "available_from": "yyyy-mm-dd"}
    assert {key: shown[key].number_format for key in kinds} == kinds


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_says_what_belongs_there(lang: Language) -> None:
    rules = open_template(lang).worksheets[0].data_validations.dataValidation
    assert len(rules) == len(FIELDS) + len(POSITION)
    assert all(rule.prompt and len(rule.prompt) <= 255 for rule in rules)
    spans = [(span.min_row, span.max_row) for rule in rules for span in rule.sqref.ranges]
    assert set(spans) == {(2, 201)}


def test_nothing_is_a_formula_and_the_bytes_are_the_same_every_time() -> None:
    evil = [make_subdistrict(code, name=f"{code}1+1") for code in "=+-@\t"]
    book = open_template("zh", evil)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    once, again = (write_template("=1", evil, "zh") for _ in range(2))
    assert once == again


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_help_names_every_column_and_every_subdistrict(lang: Language) -> None:
    book = open_template(lang)
    assert book.sheetnames[:2] == [SHEET.say(lang), HELP_SHEET.say(lang)]
    assert [sheet.sheet_state for sheet in book] == ["visible", "visible", "hidden"]
    told = {str(cell.value) for row in book.worksheets[1].iter_rows() for cell in row}
    assert {field.name_column(lang) for field in (*FIELDS, *POSITION)} <= told
    assert {field.help.say(lang) for field in FIELDS} <= told
    assert {each.code for each in SUBDISTRICTS} <= told
    assert {each.name for each in SUBDISTRICTS} <= told


def test_a_case_without_a_name_or_with_many_subdistricts_has_a_template() -> None:
    many = [make_subdistrict(f"{index:09d}", name=f"街{index}") for index in range(1500)]
    book = openpyxl.load_workbook(io.BytesIO(write_template("", many, "en")))
    assert len(list_offers(book)["subdistrict"]) == 1500
