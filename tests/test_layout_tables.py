"""The workbook of a layout plan: what was found stands in it, adds up, and never runs."""

import io
import math
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import town
from openpyxl.worksheet.worksheet import Worksheet
from small import (
    make_area,
    make_case,
    make_site,
    make_sites,
    make_standard,
    make_subdistrict,
    make_threshold,
)

from siteplan.errors import Text
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation, Pilot, Project, Refused, Source
from siteplan.outputs.layout.tables import write_tables

SHEETS = [
    "汇总 summary", "街道 subdistricts", "场地 sites", "审查意见 findings", "服务网络 network",
    "覆盖盲区 gaps", "经费 funding", "数据来源 sources",
]  # fmt: skip
HOSTILE = (
    "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "{=1}", "http://example.com/", "0123", "1e5",
    "a\u3000b", "两行\n第二行", "_x0041_", "<b>&amp;</b>",
)  # fmt: skip
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(read_case(town.write_town(tmp_path_factory.mktemp("town"))))


def open_book(evaluation: Evaluation, *, values: bool = True) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(write_tables(evaluation)), data_only=values)


def find_column(sheet: Worksheet, heading: str) -> int:
    """Return the column whose Chinese heading begins so."""
    return next(c.column for c in sheet[1] if str(c.value).split("\n")[0].startswith(heading))


def read_column(sheet: Worksheet, heading: str) -> list[Any]:
    """Return what stands beneath a heading, the totals among it."""
    column = find_column(sheet, heading)
    return [sheet.cell(row, column).value for row in range(2, sheet.max_row + 1)]


def read_summary(book: openpyxl.Workbook) -> Mapping[str, Any]:
    rows = book["汇总 summary"].iter_rows(values_only=True)
    return {str(row[0]).split(" ")[0]: row[1] for row in rows if row[0]}


def offer(word: str, **rest: Any) -> Evaluation:  # noqa: ANN401
    """Judge one subdistrict with one site, both called so, without roads."""
    area = make_area(make_subdistrict("A", name=word, population=1000.0))
    site = make_site(
        "s", 500, 500, name=word, services=(word,), others={"address": word, "note": "secret"}
    )
    return evaluate(make_case(area, make_sites(site), **rest))


def test_every_sheet_prints_across_stays_in_view_and_can_be_filtered(
    evaluation: Evaluation,
) -> None:
    book = open_book(evaluation)
    assert book.sheetnames == SHEETS
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 8  # A3
    for sheet in book.worksheets[1:]:
        assert str(sheet.freeze_panes).endswith("2")
        assert sheet.print_title_rows == "$1:$1"
        for cell in sheet[1]:
            zh, en = str(cell.value).split("\n")
            assert not zh.isascii() or zh.startswith("SHA")
            assert en.isascii() or en in {"Floor area (m²)", "Offices (m²)", "m² per 1,000",
                                          "Residents per m²"}  # fmt: skip
            assert cell.alignment.wrap_text
            width = sheet.column_dimensions[cell.column_letter].width
            assert width >= 7
    filtered = {sheet.title: sheet.auto_filter.ref for sheet in book.worksheets}
    assert filtered["街道 subdistricts"].endswith("3")  # not the totals in row 4
    assert filtered["场地 sites"].endswith("5")
    assert filtered["服务网络 network"] is None  # no row


def test_figures_have_the_formats_of_their_kind(evaluation: Evaluation) -> None:
    book = open_book(evaluation)
    sheet = book["街道 subdistricts"]
    formats = {"常住人口": "#,##0", "覆盖率": "0.0%", "平均步行距离": "#,##0", "街道代码": "@"}
    for heading, shown in formats.items():
        assert sheet.cell(2, find_column(sheet, heading)).number_format == shown
    assert sheet.cell(2, 1).value == town.WEST
    assert sheet.cell(2, 1).data_type == "s"
    sites = book["场地 sites"]
    assert sites.cell(2, find_column(sites, "可用日期")).is_date
    assert read_column(sites, "可用日期")[0].date() == date(2010, 8, 1)


def test_figures_are_those_of_the_evaluation(evaluation: Evaluation) -> None:
    book = open_book(evaluation)
    judged = evaluation.judgements
    sheet = book["街道 subdistricts"]
    assert read_column(sheet, "街道代码")[:2] == [one.subdistrict.code for one in judged]
    for heading, values in {
        "覆盖人口": [one.coverage.covered_population for one in judged],
        "覆盖率": [one.coverage.coverage_ratio for one in judged],
        "直线覆盖率": [one.coverage.straight_line_ratio for one in judged],
        "平均步行距离": [one.coverage.mean_distance_m for one in judged],
        "走不到的人口": [one.coverage.unreachable_population for one in judged],
    }.items():
        assert read_column(sheet, heading)[:2] == pytest.approx(values, abs=1e-3)
    sites = book["场地 sites"]
    assert read_column(sites, "场地编号")[:-1] == list(evaluation.worth)
    assert read_column(sites, "新增覆盖人口")[:-1] == pytest.approx(
        [worth.added for worth in evaluation.worth.values()]
    )
    lost = dict(zip(evaluation.worth, read_column(sites, "撤掉即失"), strict=False))
    assert lost["w3"] is None  # a candidate
    findings = book["审查意见 findings"]
    assert read_column(findings, "意见") == [one.message.zh for one in evaluation.findings]
    gaps = book["覆盖盲区 gaps"]
    assert read_column(gaps, "未覆盖人口")[:-1] == pytest.approx(
        [gap.population for one in judged for gap in one.gaps]
    )


def test_totals_are_formulas_that_give_the_evaluations_totals(evaluation: Evaluation) -> None:
    formulas, values = (open_book(evaluation, values=values) for values in (False, True))
    totals = {
        ("街道 subdistricts", "常住人口"): evaluation.summary.population,
        ("街道 subdistricts", "覆盖人口"): evaluation.summary.covered_population,
        ("街道 subdistricts", "覆盖率"): evaluation.summary.coverage_ratio,
        ("街道 subdistricts", "含邻街道"): evaluation.summary.covered_by_any_population,
        ("街道 subdistricts", "走不到"): evaluation.summary.unreachable_population,
        ("场地 sites", "分摊覆盖人口"): evaluation.summary.covered_by_any_population,
    }
    for (name, heading), total in totals.items():
        last = values[name].max_row
        column = find_column(values[name], heading)
        assert values[name].cell(last, column).value == pytest.approx(total, abs=1e-4)
        assert str(formulas[name].cell(last, column).value).startswith(("=SUM(", "=IF("))
    told = read_summary(values)
    assert told["常住人口"] == pytest.approx(evaluation.summary.population)
    assert told["覆盖率"] == pytest.approx(evaluation.summary.coverage_ratio)
    assert told["直线覆盖率"] == pytest.approx(evaluation.summary.straight_line_coverage_ratio)
    severities = [one.severity for one in evaluation.findings]
    found = {row[0]: row[1] for row in values["汇总 summary"].iter_rows(values_only=True)}
    assert found["不通过 violation"] == severities.count("violation") > 0
    assert found["提醒 warning"] == severities.count("warning")
    assert read_summary(formulas)["常住人口"] == "=SUM('街道 subdistricts'!$D$2:$D$3)"


def test_every_sum_covers_its_column_and_nothing_else(evaluation: Evaluation) -> None:
    formulas, values = (open_book(evaluation, values=values) for values in (False, True))
    sums = 0
    for sheet in formulas.worksheets[1:]:
        for cell in (c for row in sheet for c in row if str(c.value).startswith("=SUM(")):
            cells = sheet[str(cell.value)[5:-1]]
            numbers = [values[sheet.title][one.coordinate].value for (one,) in cells]
            assert [one.row for (one,) in cells] == list(range(2, sheet.max_row))
            told = values[sheet.title][cell.coordinate].value
            assert told == pytest.approx(math.fsum(n for n in numbers if n is not None))
            sums += 1
    assert sums > 8


@pytest.mark.parametrize("word", HOSTILE)
def test_text_from_a_file_is_text_whatever_it_begins_with(word: str) -> None:
    source = Source("roads", word, "0" * 64, 1, notes=(Text(word, word),))
    project = Project("A", word, operator=word)
    hostile = offer(
        word, name=word, sources=(source,), projects={"A": (project,)},
        refused=(Refused(word, ()),),
    )  # fmt: skip
    content = write_tables(hostile)
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = 0
    for sheet in book.worksheets:
        for cell in (c for row in sheet for c in row):
            assert cell.hyperlink is None
            if cell.data_type == "f":
                assert str(cell.value).startswith(("=SUM(", "=IF(", "=COUNTIF(", "=SUMIF("))
            raw = str(cell.value).replace("_x005F_", "_")
            if cell.data_type == "s" and raw == word:
                found += 1
                assert cell.number_format == "@"
    assert found >= 8
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any("rels" in name and "sheet" in name for name in archive.namelist())


def test_what_xml_cannot_hold_is_replaced() -> None:
    book = open_book(offer("a\0b\x0b\ud800\ufffe\u202ec"))
    names = read_column(book["场地 sites"], "场地名称")
    assert names[0] == "a\ufffdb\ufffd\ufffd\ufffd\ufffdc"


def test_a_name_longer_than_a_cell_is_cut_and_opens() -> None:
    name = read_column(open_book(offer("街" * 70_000))["场地 sites"], "场地名称")[0]
    assert name.endswith("街…")
    assert 10_000 < len(name) < 32_767


def test_contacts_and_notes_of_a_street_stay_out() -> None:
    book = open_book(offer("甲"))
    cells = [str(cell.value) for sheet in book for row in sheet for cell in row]
    assert "secret" not in cells


def test_the_case_cannot_write_the_head_of_a_printed_sheet() -> None:
    evaluation = offer("甲")
    hostile = replace(evaluation, case=replace(evaluation.case, name="&D&Z 甲&\n" + "x" * 999))
    sheet = open_book(hostile)["街道 subdistricts"]
    with zipfile.ZipFile(io.BytesIO(write_tables(hostile))) as archive:
        page = archive.read("xl/worksheets/sheet2.xml").decode()
    assert "&amp;L&amp;&amp;D&amp;&amp;Z 甲&amp;&amp;" in page
    assert sheet.title == SHEETS[1]


def test_money_adds_up_by_basis_and_the_fee_stands_apart() -> None:
    pilots = {
        "A": Pilot("A", "甲", "区", 1, 200.0, 80.0, 120.0),
        "B": Pilot("B", "乙", "区", 2, 100.5, 50.25, 50.25),
        "Z": Pilot("Z", "不在", "别区", 1, 999.0, 999.0, 0.0),
    }
    fee = make_threshold("evaluation_fee", 0.02, op="==", status="quoted")
    standard = make_standard(pilots=pilots, thresholds={"evaluation_fee": fee})
    area = make_area(make_subdistrict("A"), make_subdistrict("B", (1000, 0, 2000, 1000)))
    projects = {
        "A": (
            Project("A", "P1", 1, "机构", date(2010, 7, 5), None, None, None, 60.0, 20.0, 40.0),
            Project("A", "P2", None, None, grant_wan=7.0),
        )
    }
    book = open_book(evaluate(make_case(area, standard=standard, projects=projects)))
    sheet = book["经费 funding"]
    rows = {(row[0], row[4]): row[11:15] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["项目申报 filed project", "P1"] == (60, 20, 40, "3.33:6.67")
    assert rows["合计 Total: 项目申报 filed project", None][:3] == (67, 20, 40)
    assert rows["合计 Total: 试点名单 list of pilots", None][:3] == (300.5, 130.25, 170.25)
    fees = [row for (name, _), row in rows.items() if str(name).startswith("评估费（")]
    assert fees == [(6.01, None, None, None)]
    assert "Z" not in read_column(sheet, "街道代码")
    assert read_column(sheet, "申报")[0].date() == date(2010, 7, 5)


def test_without_sites_or_roads_or_people_there_is_still_a_workbook() -> None:
    area = make_area(make_subdistrict("A", population=0.0))
    book = open_book(evaluate(make_case(area, date=None)))
    assert book.sheetnames == SHEETS
    assert read_summary(book)["覆盖率"] is None
    assert read_summary(book)["评判日期"] == "—"
    assert book["场地 sites"].max_row == 1
    notices = [str(row[0]) for row in book["汇总 summary"].iter_rows(values_only=True)]
    assert any("距离按直线计算" in notice for notice in notices)


def test_the_same_case_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    town.write_town(tmp_path / "case")
    code = (
        "import sys, hashlib; from pathlib import Path;"
        "from siteplan.evaluate import evaluate; from siteplan.inputs.case import read_case;"
        "from siteplan.outputs.layout.tables import write_tables;"
        "content = write_tables(evaluate(read_case(Path(sys.argv[1]))));"
        "print(hashlib.sha256(content).hexdigest())"
    )
    said = set()
    for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai")):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "case")],
            capture_output=True, text=True, check=True, cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        )  # fmt: skip
        said.add(done.stdout)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("day", "second", "made"),
    [
        (date(2010, 7, 1), "0", date(2010, 7, 1)),
        (None, "1300000000", date(2011, 3, 13)),
        (None, "", date(1980, 1, 1)),
    ],
)
def test_the_day_of_the_file_is_that_of_the_case_never_todays(
    monkeypatch: pytest.MonkeyPatch, day: date | None, second: str, made: date
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", second)
    book = open_book(offer("甲", date=day))
    assert book.properties.created is not None
    assert book.properties.created.date() == made


def test_places_are_in_the_crs_of_the_package_and_headings_name_it(
    evaluation: Evaluation,
) -> None:
    content = write_tables(evaluation, "EPSG:4526")
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    sheet = book["场地 sites"]
    eastings = read_column(sheet, "横坐标（东，米，EPSG:4526）")
    assert all(38e6 < x < 39e6 for x in eastings if x)
    assert "EPSG:4526" in read_summary(book)["场地、盲区坐标的坐标系"]
    assert read_summary(book)["量算所用坐标系"] == "EPSG:4547"
    degrees = openpyxl.load_workbook(io.BytesIO(write_tables(evaluation, "4490")))
    find_column(degrees["场地 sites"], "横坐标（东，米，EPSG:4547）")  # never degrees in metres


def test_the_summary_counts_candidates_apart(evaluation: Evaluation) -> None:
    told = read_summary(open_book(evaluation))
    sites = [one.status for one in evaluation.case.sites.records if one.id in evaluation.worth]
    assert told["场地（含备选）"] == len(sites)
    for word, status in (("现有", "existing"), ("拟建", "proposed"), ("备选", "candidate")):
        assert told[word] == sites.count(status)


def test_no_heading_tells_of_walks_where_straight_lines_were_measured() -> None:
    for sheet in open_book(offer("甲")).worksheets[1:-1]:
        for cell in sheet[1]:
            assert "步行距离" not in str(cell.value)
            assert "walk (m)" not in str(cell.value).lower()
