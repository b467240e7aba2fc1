"""The command and what it writes: terminal, JSON and workbook."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
import town
from click.testing import CliRunner, Result
from compared import Document, Hold, Make, change_site, without

from siteplan import cli
from siteplan.inputs.evaluations import FORMAT, find_evaluation
from siteplan.outputs.comparison import (
    say_comparison,
    write_comparison,
    write_workbook,
)

# The workbook


def test_the_workbook_holds_before_after_and_difference_of_every_subdistrict(
    make: Make, base: Document, hold: Hold
) -> None:
    after = make(change_site("e1", (1800, 200)))
    content = write_workbook(hold(base, after), "zh")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [
        "总览 Summary", "街道 Subdistricts", "场地 Sites", "意见 Findings"
    ]  # fmt: skip
    sheet = book.worksheets[1]
    heads = {str(cell.value): cell.column for cell in sheet[1] if cell.value}
    column = heads["覆盖率\nCoverage"]
    told = {
        str(row[0].value): [cell.value for cell in row[column - 1 : column + 2]]
        for row in sheet.iter_rows(min_row=3)
    }
    for old, new in zip(base["subdistricts"], after["subdistricts"], strict=True):
        ratio, other = old["coverage_ratio"], new["coverage_ratio"]
        assert told[old["code"]] == pytest.approx([ratio, other, (other - ratio) * 100])
    assert [str(cell.value) for cell in sheet[2][column - 1 : column + 2]] == [
        "A", "B", "百分点 points"
    ]  # fmt: skip
    for each in book.worksheets[1:]:
        assert each.freeze_panes is not None
    rules = [rule for area in sheet.conditional_formatting for rule in area.rules]
    assert {rule.operator for rule in rules} == {"greaterThan", "lessThan"}


def test_no_cell_of_the_workbook_is_a_formula_whatever_names_begin_with(
    base: Document, hold: Hold
) -> None:
    after = json.loads(json.dumps(base))
    after["case"] = "=1+1"
    for one in after["subdistricts"]:
        one["name"] = "=HYPERLINK(1)"
    for one in after["sites"]:
        one["name"] = "@SUM(1)\u0007"
    for one in after["findings"]:
        one["message"] = {"zh": "+1", "en": "-1"}
    content = write_workbook(hold(base, after), "zh")
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert "=HYPERLINK(1)" in {cell.value for cell in cells}
    assert content == write_workbook(hold(base, after), "zh")


# The document


def test_the_document_has_every_key_and_the_terminal_no_control_character(
    make: Make, base: Document, hold: Hold
) -> None:
    after = make(without("w2"))
    after["sites"][0]["name"] = "\x1b[31m红"
    found = hold(base, after)
    document = json.loads(write_comparison(found))
    assert document["format"] == "siteplan-comparison/1"
    assert list(document) == [
        "format", "siteplan_version", "across_methods", "notices", "before", "after", "changed",
        "worse", "causes", "summary", "subdistricts", "sites", "findings",
    ]  # fmt: skip
    keys = [set(one) for kind in ("subdistricts", "sites", "findings") for one in document[kind]]
    assert len({frozenset(one) for one in keys}) == 3
    assert base["format"] == FORMAT
    for lang in ("zh", "en"):
        assert "\x1b" not in say_comparison(found, lang)


# The command


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.main, ["compare", *(str(word) for word in words)])


@pytest.fixture
def cases(tmp_path: Path, base: Document, make: Make) -> tuple[Path, Path]:
    """Write two evaluated cases: the second one covers less."""
    folders = tmp_path / "one", tmp_path / "two"
    for folder, document in zip(folders, (base, make(without("e1"))), strict=True):
        town.write_town(folder)
        (folder / "maps").mkdir()
        text = json.dumps(document, ensure_ascii=False)
        (folder / "maps" / "evaluation.json").write_text(text, encoding="utf-8")
    return folders


def test_a_case_its_maps_and_the_file_mean_the_same(cases: tuple[Path, Path]) -> None:
    one, two = cases
    said = [
        run(a, b, "--lang", "en").stdout.splitlines()[2:]
        for a, b in (
            (one, two),
            (one / "maps", two / "maps"),
            (one / "maps" / "evaluation.json", two / "maps" / "evaluation.json"),
        )
    ]
    assert said[0] == said[1] == said[2]
    assert find_evaluation(one).case == one
    assert find_evaluation(one / "maps").case == one
    assert find_evaluation(one / "maps" / "evaluation.json").case == one


def test_nothing_is_written_unless_a_folder_is_named(cases: tuple[Path, Path]) -> None:
    before = sorted(path for folder in cases for path in folder.rglob("*"))
    result = run(*cases, "--lang", "en")
    assert result.exit_code == 0
    assert "site" in result.stdout
    assert sorted(path for folder in cases for path in folder.rglob("*")) == before


def test_out_gets_a_page_a_workbook_and_the_same_json_that_is_printed(
    cases: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run(*cases, "--out", out, "--json")
    names = {path.name for path in out.iterdir() if path.name[0] != "."}
    assert names == {"comparison.html", "comparison.json", "comparison.xlsx"}
    assert result.stdout == (out / "comparison.json").read_text(encoding="utf-8")
    assert result.stderr.strip() == str(out / "comparison.html")
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run(*cases, "--out", out).exit_code == 0
    assert written == {path.name: path.read_bytes() for path in out.iterdir()}
    (out / "comparison.json").write_text("{}", encoding="utf-8")
    assert run(*cases, "--out", out).exit_code == 5


def test_strict_exits_with_1_where_anything_is_worse(cases: tuple[Path, Path]) -> None:
    one, two = cases
    assert run(one, two, "--strict").exit_code == 1
    assert run(two, one, "--strict").exit_code == 0
    assert run(one, one, "--strict").exit_code == 0
    assert run(one, two).exit_code == 0


def test_defects_of_both_files_are_told_and_leave_with_3(cases: tuple[Path, Path]) -> None:
    one, two = cases
    (one / "maps" / "evaluation.json").write_text("{}", encoding="utf-8")
    result = run(one, two / "data", "--lang", "en")
    assert result.exit_code == 3
    assert len(result.stderr.splitlines()) == 2
    assert "is not a file of the format" in result.stderr
    assert "holds no evaluation.json" in result.stderr


def test_the_map_has_the_boundaries_of_the_case_and_says_if_they_are_others(
    cases: tuple[Path, Path], tmp_path: Path
) -> None:
    one, two = cases
    out = tmp_path / "out"

    def read_payload() -> Document:
        page = (out / "comparison.html").read_text(encoding="utf-8")
        blob = page.split('id="siteplan-data">', 1)[1].split("</script>", 1)[0]
        payload: Document = json.loads(blob)
        return payload

    run(one, two, "--out", out)
    payload = read_payload()
    assert all(len(each["polygons"][0][0]) == 10 for each in payload["subdistricts"])
    assert not any("boundaries" in note["en"] for note in payload["notices"])
    town.write(
        two / "data" / "boundaries" / "town.geojson",
        [(town.box(0, 0, 900, 900), {"code": town.WEST, "name": "西街道"})],
    )
    (two / "data" / "population.csv").write_text(
        f"code,name,year,population\n{town.WEST},西街道,2010,600\n", encoding="utf-8"
    )
    run(one, two, "--out", out)
    assert any("boundaries" in note["en"] for note in read_payload()["notices"])
    (two / "data" / "boundaries" / "town.geojson").write_text("{", encoding="utf-8")
    result = run(one / "maps", two, "--out", out, "--lang", "en")
    assert "the map has no boundaries" in result.stderr
    assert read_payload()["subdistricts"][0]["polygons"] is not None  # those of the other case
    loose = tmp_path / "loose.json"
    loose.write_bytes((one / "maps" / "evaluation.json").read_bytes())
    run(loose, loose, "--out", out)
    assert read_payload()["subdistricts"][0]["polygons"] is None
