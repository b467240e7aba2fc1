"""The first sheet of the workbook: the case, what nobody may overlook, and the figures in sum."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from siteplan.errors import Text
from siteplan.model import Evaluation
from siteplan.outputs.layout.sheets import Kind, Sheet, is_number, put_together
from siteplan.outputs.layout.target import Target
from siteplan.outputs.layout.words import entitle
from siteplan.outputs.layout.workbook import (
    FORMATS,
    TOTAL_COLOUR,
    Book,
    add_up,
    clean_cell,
    divide,
    find_height,
    write_cell,
)
from siteplan.outputs.measured import say_measured
from siteplan.outputs.report.words import LAYOUT_WORDS, STATUS_WORDS, VERDICT_WORDS
from siteplan.outputs.results import METHODS, RATIO, SEVERITIES
from siteplan.outputs.template import LINE_COLOUR, REQUIRED_COLOUR
from siteplan.outputs.thresholds import say_status
from siteplan.outputs.webmap import list_notices

TITLE = Text("布局规划成果表", "Tables of the layout plan")
TITLE_HEIGHT = 30.0
WIDTHS = (44.0, 44.0, 44.0)
NO_NOTE = Text("", "")


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """What the first sheet is written from: all of it, its CRS, and the sheets it adds up."""

    evaluation: Evaluation
    target: Target
    subdistricts: Sheet
    sites: Sheet
    findings: Sheet


def write_summary(book: Book, page: Worksheet, summary: Digest) -> None:
    """Write the case in figures, and refer to the columns that they add up."""
    for position, width in enumerate(WIDTHS):
        page.set_column(position, position, width)
    page.set_row(0, TITLE_HEIGHT)
    strong = book.shape(bold=True, font_size=14, valign="vcenter")
    page.write_string(0, 0, put_together(entitle(TITLE, summary.evaluation)), strong)
    row = 2
    for name, value in _list_facts(summary.evaluation, summary.target):
        _write_name(book, page, row, name)
        write_cell(book, page, (row, 1), value, "text")
        page.set_row(row, find_height([(value, WIDTHS[1])]))
        row += 1
    for notice in list_notices(summary.evaluation):
        wrapped = book.shape(text_wrap=True, font_color="#A61B1B")
        told = clean_cell(f"{notice.zh}\n{notice.en}")
        page.merge_range(row, 0, row, len(WIDTHS) - 1, "", wrapped)
        page.write_string(row, 0, told, wrapped)
        page.set_row(row, find_height([(told, sum(WIDTHS))]))
        row += 1
    head = book.shape(bold=True, bg_color=REQUIRED_COLOUR, font_color="white", border=1)
    row += 1
    for position, word in enumerate(
        (Text("指标", "Figure"), Text("数值", "Value"), Text("说明", "Where it is from"))
    ):
        page.write_string(row, position, put_together(word), head)
    for line in _list_lines(summary):
        row += 1
        _write_name(book, page, row, line.name)
        look = book.shape(border=4, border_color=LINE_COLOUR, align="left", indent=1,
                          num_format=FORMATS[line.kind][0])  # fmt: skip
        if line.formula:
            page.write_formula(row, 1, line.formula, look, line.value)
        elif is_number(line.value):
            page.write_number(row, 1, line.value, look)
        else:
            page.write_blank(row, 1, None, look)
        write_cell(book, page, (row, 2), put_together(line.note), "text")


def _write_name(book: Book, page: Worksheet, row: int, name: Text) -> None:
    look = book.shape(bold=True, bg_color=TOTAL_COLOUR, border=4, border_color=LINE_COLOUR)
    page.write_string(row, 0, put_together(name), look)


def _list_facts(evaluation: Evaluation, target: Target) -> list[tuple[Text, str]]:
    case, standard = evaluation.case, evaluation.case.standard
    radius = standard.thresholds.get("service_radius")
    status = radius and say_status(radius.status)
    return [
        (Text("案例", "Case"), case.name),
        (Text("评判日期", "Judged for"), case.date.isoformat() if case.date else "—"),
        (Text("设置标准", "Standard"), f"{standard.id}\n{put_together(standard.title)}"),
        (
            Text("服务半径", "Service radius"),
            f"{radius.number:g} m, {put_together(status)}" if radius and status else "—",
        ),
        (Text("距离", "Distance"), put_together(METHODS[evaluation.method])),
        (
            Text("场地、盲区坐标的坐标系", "CRS of sites and gaps"),
            f"{target.crs} {target.name}\n{put_together(target.datum)}",
        ),
        (Text("量算所用坐标系", "Working CRS"), case.area.crs),
        (Text("程序", "Program"), f"siteplan {version('siteplan')}"),
    ]


@dataclass(frozen=True, slots=True)
class _Line:
    """One figure of the summary, with the formula that finds it in the other sheets."""

    name: Text
    kind: Kind
    value: float | str
    formula: str = ""
    note: Text = NO_NOTE


def _list_lines(summary: Digest) -> Iterator[_Line]:
    figures, judged = summary.evaluation.summary, summary.subdistricts
    totals = add_up(judged)

    def add(name: Text, key: str) -> _Line:
        return _Line(name, "people", totals[key], f"=SUM({_refer(judged, key)})", _say_sum(judged))

    def count(name: Text, sheet: Sheet, key: str) -> _Line:
        word = put_together(name)
        found = sum(row[key] == word for row in sheet.rows)
        formula = f'=COUNTIF({_refer(sheet, key)},"{word}")' if sheet.rows else ""
        return _Line(name, "count", found, formula, _say_count(sheet))

    population, covered = Text("常住人口", "Residents"), Text("覆盖人口", "Covered residents")
    yield _Line(Text("街道", "Subdistricts"), "count", figures.subdistricts)
    yield _Line(
        Text("场地（含备选）", "Sites, candidates included"),
        "count",
        len(summary.evaluation.worth),
    )
    for status in STATUS_WORDS.values():
        yield count(status, summary.sites, "status")
    yield add(population, "population")
    yield add(covered, "covered")
    whole, part = (f"SUM({_refer(judged, key)})" for key in ("population", "covered"))
    yield _Line(
        Text("覆盖率", "Coverage"),
        "ratio",
        divide(totals["covered"], totals["population"]),
        f'=IF({whole}=0,"",{part}/{whole})',
        Text(f"{covered.zh} ÷ {population.zh}", "covered / residents"),
    )
    straight = figures.straight_line_coverage_ratio
    yield _Line(Text("直线覆盖率", "By straight line"), "ratio", round(straight, RATIO))
    yield add(Text("含邻街道场地的覆盖人口", "Covered by any site"), "by_any")
    unreachable = Text("走不到的人口", "Unreachable residents")
    yield add(say_measured(unreachable, summary.evaluation.method), "unreachable")
    for word in VERDICT_WORDS.values():
        yield count(word, judged, "verdict")
    for word in LAYOUT_WORDS.values():
        yield count(word, judged, "layout")
    for word in SEVERITIES.values():
        yield count(word, summary.findings, "severity")


def _refer(sheet: Sheet, key: str) -> str:
    """Return the cells of a column as another sheet refers to them."""
    position = next(i for i, column in enumerate(sheet.columns) if column.key == key)
    cells = xl_range_abs(1, position, max(1, len(sheet.rows)), position)
    return f"'{put_together(sheet.title)}'!{cells}"


def _say_sum(sheet: Sheet) -> Text:
    return Text(f"“{sheet.title.zh}”表合计", f"sum of {sheet.title.en}")


def _say_count(sheet: Sheet) -> Text:
    return Text(f"“{sheet.title.zh}”表计数", f"count in {sheet.title.en}")
