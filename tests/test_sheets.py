"""The table of proposals in a workbook: what is read of it, and what is refused."""

import io
import random
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from siteplan.errors import InputError
from siteplan.inputs import sheets
from siteplan.inputs.limits import Limits

Rows = list[list[object]]
HEADER: list[object] = ["名称", "街道"]
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def write(path: Path, rows: Rows, name: str = "申报", formats: Mapping[str, str] = {}) -> Path:
    """Write rows as a sheet; `formats` gives the number formats of cells."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    for row, values in enumerate(rows, start=1):
        for column, value in enumerate(values, start=1):
            sheet.cell(row, column, value)  # type: ignore[arg-type]
    for cell, shown in formats.items():
        sheet[cell].number_format = shown
    book.save(path)
    return path


def change(path: Path, part: str, edit: Callable[[bytes], bytes]) -> Path:
    """Write a workbook anew with one part changed, or added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = edit(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def put(path: Path, rows: str) -> Path:
    """Write a workbook whose sheet holds these rows of XML."""
    sheet = b"<worksheet %b><sheetData>%b</sheetData></worksheet>" % (NAMESPACE, rows.encode())
    return change(write(path, []), SHEET, lambda _: sheet)


def read_sheet(
    path: Path,
    label: str,
    columns: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> list[tuple[int, dict[str, object]]]:
    """Return the table of a sheet without defects."""
    table, defects = sheets.read_sheet(path, label, columns, limits)
    defects.raise_errors()
    return table


def refuse(path: Path, limits: Limits | None = None) -> list[str]:
    with pytest.raises(InputError) as refusal:
        read_sheet(path, "a.xlsx", limits=limits)
    assert all(defect.say("zh") for defect in refusal.value.defects)
    return [defect.say("en") for defect in refusal.value.defects]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.xlsx"


def test_rows_are_counted_as_in_the_sheet_and_blank_ones_left_out(path: Path) -> None:
    write(path, [HEADER, [" A ", "B"], [None, "  "], [None, "C"]])
    assert read_sheet(path, "a.xlsx") == [
        (2, {"名称": "A", "街道": "B"}),
        (4, {"名称": None, "街道": "C"}),
    ]


def test_values_keep_their_kind(path: Path) -> None:
    write(path, [[*HEADER, "a", "b"], [440106012, 113.25, True, "001"]])
    ((_, values),) = read_sheet(path, "a.xlsx")
    assert list(values.values()) == [440106012, 113.25, True, "001"]


@pytest.mark.parametrize(
    ("shown", "value", "read"),
    [
        ("yyyy-mm-dd", 40421, date(2010, 8, 31)),
        ('yyyy"年"m"月"d"日";@', 40421, date(2010, 8, 31)),
        ("[$-804]aaaa, mmm d", 40421.5, datetime(2010, 8, 31, 12)),  # noqa: DTZ001
        ("h:mm", 0.25, "06:00:00"),
        ('0.00 "days"', 40421, 40421),
        ("[Red]0.00", 40421, 40421),
        ("0.00E+00", 40421, 40421),
        ("yyyy-mm-dd", 59, date(1900, 2, 28)),
    ],
)
def test_a_number_is_what_its_format_shows(
    path: Path, shown: str, value: float, read: object
) -> None:
    write(path, [HEADER, ["A", value]], formats={"B2": shown})
    assert read_sheet(path, "a.xlsx")[0][1]["街道"] == read


@pytest.mark.parametrize("number", [14, 31, 57, 58])
def test_the_built_in_date_formats_of_chinese_excel_are_known(path: Path, number: int) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("申报")
    sheet.write_row(0, 0, HEADER)
    sheet.write_number(1, 0, 40421, book.add_format({"num_format": number}))
    book.close()
    assert read_sheet(path, "a.xlsx")[0][1]["名称"] == date(2010, 8, 31)


def test_a_workbook_may_count_days_from_1904(path: Path) -> None:
    book = xlsxwriter.Workbook(path, {"date_1904": True})
    sheet = book.add_worksheet("申报")
    sheet.write_row(0, 0, HEADER)
    shown = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_datetime(1, 0, datetime(2010, 8, 31), shown)  # noqa: DTZ001
    book.close()
    assert read_sheet(path, "a.xlsx")[0][1]["名称"] == date(2010, 8, 31)


def test_the_value_of_a_formula_counts_and_one_without_is_a_defect(path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="str"><v>名称</v></c><c r="B1" t="str"><v>街道</v></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    )
    assert read_sheet(put(path, rows), "a") == [(2, {"名称": 2, "街道": None})]
    rows += '<row r="3"><c r="A3" t="str"><v>x</v></c><c r="B3"><f>1+1</f><v></v></c></row>'
    (told,) = refuse(put(path, rows))
    assert told.startswith("a.xlsx row 3 (x): cell B3 is a formula without a value. Save it")


def test_every_error_value_and_every_cell_without_a_header_is_named(path: Path) -> None:
    write(path, [HEADER, ["A", "#REF!"], ["#N/A", "B", None, "beyond"]])
    told = refuse(path)
    assert told[:2] == [
        "a.xlsx row 2 (A): cell B2 holds the error #REF!. Mend the formula, or type the value.",
        "a.xlsx row 3: cell A3 holds the error #N/A. Mend the formula, or type the value.",
    ]
    assert 'a.xlsx row 3: cell D3 holds "beyond", and its column has no header' in told[2]


def test_text_is_read_without_its_formats_and_pronunciation(path: Path) -> None:
    text = (
        "<r><rPr><b/></rPr><t>天</t></r><r><t>园街</t></r>"
        '<rPh sb="0" eb="1"><t>tian</t></rPh><phoneticPr fontId="1"/>'
    )
    rows = f'<row><c t="inlineStr"><is>{text}</is></c></row><row><c><v>1</v></c></row>'
    assert read_sheet(put(path, rows), "a") == [(2, {"天园街": 1})]


@pytest.mark.parametrize(
    "header",
    [
        ["名称*", "建筑面积（平方米）"],
        ["*名称 Name", "建筑面积(㎡)"],
        ["NAME", "floor_area_m2"],
        ["名称 name", "Floor area (m²)"],
    ],
)
def test_headers_are_known_and_stay_as_people_write_them(path: Path, header: list[str]) -> None:
    write(path, [["title"], header, ["A", 5]])
    assert read_sheet(path, "a.xlsx") == [(3, dict(zip(header, ["A", 5], strict=True)))]


def test_a_column_in_another_unit_is_not_taken_for_ours(path: Path) -> None:
    write(path, [["名称", "建设费用（元）"], ["A", 5]])
    assert read_sheet(path, "a.xlsx") == [(2, {"名称": "A", "建设费用（元）": 5})]


def test_a_title_may_stand_above_the_header(path: Path) -> None:
    write(path, [["天河区申报表"], [], ["名称", "街道", "x"], ["A", "B", 1]])
    assert read_sheet(path, "a.xlsx") == [(4, {"名称": "A", "街道": "B", "x": 1})]


def test_columns_named_in_the_settings_keep_their_names(path: Path) -> None:
    write(path, [["title"], ["名称", "点名"], ["A", "B"]])
    columns = {"name": "点名", "subdistrict": "名称"}
    assert read_sheet(path, "a.xlsx", columns) == [(3, {"名称": "A", "点名": "B"})]


def test_a_column_that_stands_twice_is_a_defect(path: Path) -> None:
    write(path, [["名称", "name", "x", "x"], ["A", "B", 1, 2]])
    assert refuse(path) == [
        "a.xlsx: column 名称, name stands twice. Remove one of them.",
        "a.xlsx: column x stands twice. Remove one of them.",
    ]


def write_sheets(path: Path, **sheets: Rows) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def test_the_sheet_named_as_in_the_template_is_read(path: Path) -> None:
    write_sheets(path, 别的=[["x"], [1]], 申报=[HEADER, ["A", "B"]])
    assert read_sheet(path, "a.xlsx")[0][1]["名称"] == "A"
    write_sheets(path, 别的=[["x"], [1]], Proposal=[HEADER, ["A", "B"]])
    assert read_sheet(path, "a.xlsx")[0][1]["名称"] == "A"


def test_else_the_only_visible_sheet_that_holds_anything(path: Path) -> None:
    book = write_sheets(path, a=[], b=[HEADER, ["A", "B"]], 填写说明=[["x"]], c=[["hidden"]])
    book["c"].sheet_state = "hidden"
    book.save(path)
    assert read_sheet(path, "a.xlsx")[0][1]["名称"] == "A"


def test_of_several_sheets_none_is_guessed(path: Path) -> None:
    write_sheets(path, a=[["x"], [1]], b=[["x"], [1]])
    assert refuse(path) == [
        "a.xlsx: has several sheets: a, b. Keep one, or name the one to be read 申报 or proposal."
    ]


def test_hidden_rows_and_merged_cells_are_read(path: Path) -> None:
    book = write_sheets(path, 申报=[HEADER, ["A", "B"], [None, None], ["C", "D"]])
    book["申报"].row_dimensions[4].hidden = True
    book["申报"].merge_cells("A2:A3")
    book.save(path)
    assert [row for row, _ in read_sheet(path, "a.xlsx")] == [2, 4]


@pytest.mark.parametrize("rows", [[], [HEADER], [["title"]]])
def test_a_sheet_without_rows_is_refused(path: Path, rows: Rows) -> None:
    assert "the table has no rows" in refuse(write(path, rows))[0]


def test_too_many_rows_or_columns_are_refused(path: Path) -> None:
    write(path, [HEADER, *([["A", "B"]] * 3)])
    assert "more than the 2 allowed" in refuse(path, Limits(features=2))[0]
    assert len(read_sheet(path, "a.xlsx", limits=Limits(features=3))) == 3
    write(path, [["x"] * 257])
    assert refuse(path) == ["a.xlsx row 1: cell IW1 lies beyond column 256. Clear it."]
    assert "megabytes" in refuse(path, Limits(megabytes=0.001))[0]


def test_far_cells_cost_nothing(path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    start = time.perf_counter()
    assert "XFD1048576" in refuse(put(path, far))[0]
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('<row r="1048577"/>', "is damaged"),
        ('<row r="x"/>', "is damaged"),
        ("<row><c><v>nan</v></c></row>", "is damaged"),
        ("<row><c><v>1e999</v></c></row>", "is damaged"),
        ('<row><c t="s"><v>7</v></c></row>', "is damaged"),
        ('<row><c t="s"><v>-1</v></c></row>', "is damaged"),
        ('<row><c t="d"><v>soon</v></c></row>', "is damaged"),
        ("<row><c></row>", "is damaged"),
        ("<a/>" * 1_000_001, "unpacks to far more than a table of proposals holds"),
        (f'<row><c t="str"><v>{"x" * 2_000_000}</v></c></row>', "unpacks to far more"),
    ],
)  # fmt: skip
def test_a_sheet_that_is_not_one_is_refused(path: Path, rows: str, message: str) -> None:
    assert message in refuse(put(path, rows))[0]


def test_a_text_longer_than_a_cell_holds_is_refused(path: Path) -> None:
    rows = "<row><c><v>1</v></c></row>" * 2
    put(path, rows + f'<row><c t="str"><v>{"x" * 32_768}</v></c></row>')
    assert "cell A3 holds a longer text than Excel allows" in refuse(path)[0]


def test_what_is_no_xlsx_is_refused(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    assert "protected by a password, or an old .xls" in refuse(path)[0]
    path.write_text("<html><table></table></html>", encoding="utf-8")
    assert "is not an .xlsx file, whatever its name says" in refuse(path)[0]
    path.write_bytes(b"")
    assert "the file is empty" in refuse(path)[0]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    assert "is damaged (xl/workbook.xml)" in refuse(path)[0]


@pytest.mark.parametrize("kind", [b"sheet.macroEnabled", b"sheet.binary.macroEnabled"])
def test_macros_and_the_binary_format_are_refused(path: Path, kind: bytes) -> None:
    write(path, [HEADER, ["A", "B"]])
    change(path, "[Content_Types].xml", lambda part: part.replace(b"sheet.main", kind + b".main"))
    assert "carries macros, or is an .xlsb" in refuse(path)[0]


@pytest.mark.parametrize("name", ["../a.xml", "/a.xml", "C:/a.xml", r"..\a.xml", "XL/workbook.xml"])
def test_names_that_leave_the_package_or_stand_twice_are_refused(path: Path, name: str) -> None:
    change(write(path, [HEADER]), name, lambda _: b"<a/>")
    assert "holds names of parts that no workbook has" in refuse(path)[0]


@pytest.mark.parametrize("part", [SHEET, STRINGS, "docProps/core.xml", "customXml/item1.xml"])
def test_a_document_type_is_refused_in_every_part(path: Path, part: str) -> None:
    doctype = b'<!DOCTYPE a [<!ENTITY b "c">]>'
    change(write(path, [HEADER, ["A", "B"]]), part, lambda old: doctype + old)
    assert "declares a document type" in refuse(path)[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gb18030"])
def test_a_part_in_another_encoding_is_refused(path: Path, encoding: str) -> None:
    write(path, [HEADER, ["A", "B"]])
    change(path, SHEET, lambda old: f"{old.decode()}<!--街-->".encode(encoding))
    assert "is damaged (xl/worksheets/sheet1.xml)" in refuse(path)[0]


def test_an_encoding_that_is_only_declared_changes_nothing(path: Path) -> None:
    write(path, [HEADER, ["街", "B"]])
    declared = b'<?xml version="1.0" encoding="cp037"?>'
    change(path, STRINGS, lambda old: declared + re.sub(rb"<\?.*?\?>", b"", old))
    assert read_sheet(path, "a.xlsx")[0][1]["名称"] == "街"


def test_what_unpacks_to_too_much_is_refused_before_it_is(path: Path) -> None:
    change(write(path, [HEADER]), "a.bin", lambda _: bytes(2 << 20))
    assert "unpacks to far more" in refuse(path)[0]
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}.xml", "")
    assert "unpacks to far more" in refuse(path)[0]


def test_an_archive_that_lies_is_refused(path: Path) -> None:
    content = write(path, [HEADER, ["A", "B"]]).read_bytes()
    start = content.rindex(b"PK\x01\x02")  # where the directory tells of the last part
    for offset in (16, 24):  # checksum, unpacked size
        lie = bytearray(content)
        lie[start + offset] ^= 1
        path.write_bytes(lie)
        assert "is damaged" in refuse(path)[0]
    lie = bytearray(content)
    lie[start + 8] |= 1
    path.write_bytes(lie)
    assert "is protected by a password" in refuse(path)[0]


def test_a_flood_of_defects_ends(path: Path) -> None:
    write(path, [HEADER, *([["#REF!"] * 2] * 900)])
    told = refuse(path)
    assert len(told) == 1003
    assert "so many defects that the rest was not read" in told[-1]


def test_whatever_bytes_come_a_table_or_a_refusal_follows(path: Path) -> None:
    """A few hundred of the mutations by which the reader was tried out."""
    draw = random.Random(1)  # noqa: S311
    rows: Rows = [[*HEADER, "可用日期"], ["A", 5, date(2010, 8, 31)], ["B", 113.25, True]]
    content = write(path, rows).read_bytes()
    words = [b"-1", b"1e999", b"<", b"&#xD800;", b"\xff", b"", b"inlineStr", "²".encode(), b"A1"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in parts if "theme" not in name]
    read = 0
    for number in range(600):
        if number % 3 == 0:
            damaged = bytearray(content)
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
            path.write_bytes(damaged)
        else:
            name = draw.choice(names)
            places = [match.span(1) for match in re.finditer(rb'="([^"]*)"|>[^<]*<', parts[name])]
            begin, end = draw.choice([place for place in places if place[0] >= 0])
            part = parts[name][:begin] + draw.choice(words) + parts[name][end:]
            with zipfile.ZipFile(path, "w") as archive:
                for each, old in parts.items():
                    archive.writestr(each, part if each == name else old)
        with suppress(InputError):
            read += bool(read_sheet(path, "a.xlsx"))
    assert 0 < read < 600


def test_what_openpyxl_prints_of_damage_stays_off_stdout(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(path, [HEADER, ["A", "B"]])
    change(path, "xl/styles.xml", lambda part: part.replace(b'xfId="0"', b'xfId="9"'))
    with suppress(InputError):
        read_sheet(path, "a.xlsx")
    assert capsys.readouterr().out == ""
