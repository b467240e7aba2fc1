"""A comparison as a workbook: summary, subdistricts, sites and findings, each figure three times.

Headings are in both languages, what stands below them in one. Text is written as text, whatever it
begins with; the same comparison gives the same bytes.
"""

import io
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from siteplan.errors import Language, Text
from siteplan.files import clean_text
from siteplan.model.comparison import (
    Comparison,
    SiteChange,
    SubdistrictChange,
    Turn,
)
from siteplan.model.recorded import (
    SITE_FIGURES,
    SUBDISTRICT_FIGURES,
    FigureUnit,
    RecordedFinding,
)
from siteplan.outputs.comparison.sheets import (
    A4,
    BETTER,
    HEADING_ROWS,
    LABEL,
    MIDDLE,
    NARROW,
    NUMBERS,
    OTHER,
    SIDES,
    TITLE_LENGTH,
    WHOLE,
    WIDE,
    WIDEST,
    WORSE,
    BookWriter,
    Column,
    make_figure_column,
)
from siteplan.outputs.comparison.words import (
    BY_STANDARD,
    DIRECTIONS,
    FATES,
    FIGURES,
    UNITS_OF_RULES,
    count_balance,
    list_notices,
    name_value,
    say_cause_of_kind,
    say_sides,
)
from siteplan.outputs.results import SEVERITIES

CREATED = datetime(2010, 7, 1)  # noqa: DTZ001  # the same bytes on every day, in every zone
SHORT_HASH = 12
KEY_FIGURES = (
    "population", "coverage_ratio", "covered_population", "mean_distance_m", "p95_distance_m",
)  # fmt: skip
"""Of a subdistrict: they stand first, and are printed."""
SITE_SHOWN = tuple(name for name in SITE_FIGURES if not name.endswith("_own_population"))
SHEETS = {
    "summary": Text("总览", "Summary"),
    "subdistricts": Text("街道", "Subdistricts"),
    "sites": Text("场地", "Sites"),
    "findings": Text("意见", "Findings"),
}
TITLE = Text("评审结果对比", "Comparison of two evaluations")


def write_workbook(comparison: Comparison, lang: Language) -> bytes:
    """Return the comparison as an .xlsx.

    Parameters
    ----------
    comparison
        What to write.
    lang
        Of all cells but the headings.
    """
    content = io.BytesIO()
    book = Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    title = f"{clean_text(comparison.after.case)} · {TITLE.say(lang)}"[:TITLE_LENGTH]
    book.set_properties({"title": title, "author": "siteplan", "created": CREATED})
    writer = BookWriter(book, lang)
    _write_summary(writer, comparison)
    _write_subdistricts(writer, comparison.subdistricts)
    _write_sites(writer, comparison.sites)
    _write_findings(writer, comparison)
    book.close()
    return content.getvalue()


def _choose_format(finding: RecordedFinding | None) -> str:
    """Return how what a rule measured is shown: as a share, or in whole metres and people."""
    if finding is None or isinstance(finding.threshold, str):
        return "General"
    if finding.unit is None and finding.threshold is not None and 0 < finding.threshold < 1:
        return NUMBERS["ratio"]
    return WHOLE if finding.unit in {"m", "m2", "person"} else "General"


def _write_summary(writer: BookWriter, comparison: Comparison) -> None:
    """Write what is compared, what must be known first, the totals, and all causes."""
    sheet = writer.add_sheet(SHEETS["summary"])
    big = writer.format(bold=True, font_size=14)
    plain = writer.format(text_wrap=True)
    warning = writer.format(text_wrap=True, bg_color="#FBF0D6", font_color="#5C4305")
    for column, width in enumerate((LABEL, MIDDLE, MIDDLE, MIDDLE, MIDDLE)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 26)
    writer.write_text(sheet, 0, 0, f"{TITLE.zh} {TITLE.en}", big)
    row = 1
    lines = [(writer.say(one), plain) for one in say_sides(comparison)]
    lines += [(writer.say(one), warning) for one in list_notices(comparison)]
    for said, cell in lines:
        sheet.merge_range(row, 0, row, 4, "", cell)
        writer.write_text(sheet, row, 0, said, cell)
        writer.fit_row(sheet, row, [(said, LABEL + 4 * MIDDLE)])
        row += 1
    row += 1
    heads = (Text("合计", "Total"), *SIDES, Text("差", "B − A"))
    writer.write_heads(sheet, row, heads)
    for one in comparison.summary:
        row += 1
        label = FIGURES[one.name]
        writer.write_text(sheet, row, 0, f"{label.zh} {label.en}", writer.cell())
        writer.write_difference(sheet, row, 1, one)
        writer.colour(sheet, (row, 3, 1), DIRECTIONS.get(one.name, 0))
    row = _write_balance(writer, sheet, row + 2, comparison)
    writer.write_heads(sheet, row, (Text("不同之处", "What is otherwise"), *SIDES))
    for cause in comparison.causes:
        row += 1
        said = writer.say(say_cause_of_kind(cause))
        writer.write_text(sheet, row, 0, said, writer.cell(text_wrap=True))
        writer.fit_row(sheet, row, [(said, LABEL)])
        for offset, value in enumerate((cause.before, cause.after), start=1):
            short = str(value)[:SHORT_HASH] if cause.what == "source" and value else value
            writer.write_value(sheet, row, offset, short)
    if not comparison.causes:
        writer.write_text(sheet, row + 1, 0, "没有 None", writer.cell())
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)


def _write_balance(writer: BookWriter, sheet: Worksheet, row: int, comparison: Comparison) -> int:
    """Write how many are better and worse; return the row for what follows."""
    fates = Counter(one.fate for one in comparison.findings)
    balance = count_balance(comparison)
    counts = (
        (Text("变好的街道", "Subdistricts better"), balance.better),
        (Text("变差的街道", "Subdistricts worse"), balance.worse),
        (BY_STANDARD, balance.by_standard),
        (Text("有变动的场地", "Sites otherwise"), sum(s.is_altered for s in comparison.sites)),
        (Text("消除的意见", "Findings gone"), fates["gone"]),
        (Text("新出现的意见", "Findings new"), fates["new"]),
        (Text("变化的意见", "Findings changed"), fates["changed"]),
        (Text("仅一方评审的意见", "Findings of one side only"), fates["only_a"] + fates["only_b"]),
    )
    for label, count in counts:
        writer.write_text(sheet, row, 0, f"{label.zh} {label.en}", writer.cell())
        sheet.write_number(row, 1, count, writer.cell(num_format=WHOLE))
        row += 1
    return row + 1


def _write_subdistricts(writer: BookWriter, subdistricts: Sequence[SubdistrictChange]) -> None:
    """Write a row for each subdistrict of both evaluations; what matters most stands first."""
    sheet = writer.add_sheet(SHEETS["subdistricts"])
    units: dict[str, FigureUnit] = {name: SUBDISTRICT_FIGURES[name] for name in KEY_FIGURES}
    units |= SUBDISTRICT_FIGURES
    units |= {one.name: one.unit for each in subdistricts for one in each.figures}
    figures = [make_figure_column(name, unit) for name, unit in units.items()]
    key = [
        Column(Text("代码", "Code"), MIDDLE),
        Column(Text("街道", "Subdistrict"), MIDDLE),
        Column(Text("变动", "Change"), NARROW),
        Column(Text("结论", "Verdict"), NARROW, SIDES),
        *figures[: len(KEY_FIGURES)],
        Column(Text("规则变化", "Rules"), WIDE),
        Column(Text("盲区 消除/新/变", "Gaps closed/opened/ changed"), MIDDLE),
        Column(Text("意见 消除/新", "Findings gone/new"), MIDDLE),
        Column(Text("原因", "Why"), WIDEST),
    ]
    columns = [
        *key,
        Column(Text("总部", "Headquarters"), MIDDLE, SIDES),
        *figures[len(KEY_FIGURES) :],
    ]
    writer.write_heading(sheet, columns)
    for row, one in enumerate(subdistricts, start=HEADING_ROWS):
        _write_subdistrict(writer, sheet, row, one, list(units))
    writer.finish(sheet, columns, len(subdistricts), kept=2, printed=len(key))


def _write_subdistrict(
    writer: BookWriter, sheet: Worksheet, row: int, one: SubdistrictChange, names: Sequence[str]
) -> None:
    side = one.after or one.before
    turns = {turn.name: turn for turn in one.turns}
    figures = {figure.name: figure for figure in one.figures}
    cell = writer.cell(num_format="@")
    writer.write_text(sheet, row, 0, one.code, cell)
    writer.write_text(sheet, row, 1, side.name if side else "", cell)
    writer.write_fate(sheet, row, 2, one.fate, changed=one.is_changed)
    column = writer.write_turn(sheet, row, 3, turns["verdict"])
    if one.step:
        better = writer.cell(**(BETTER if one.step > 0 else WORSE))
        said = writer.say(name_value("verdict", turns["verdict"].after))
        writer.write_text(sheet, row, column - 1, said, better)
    for name in names[: len(KEY_FIGURES)]:
        column = writer.write_difference(sheet, row, column, figures.get(name))
    column = _write_reasons(writer, sheet, row, column, one)
    column = writer.write_turn(sheet, row, column, turns["headquarters"])
    for name in names[len(KEY_FIGURES) :]:
        column = writer.write_difference(sheet, row, column, figures.get(name))


def _write_reasons(
    writer: BookWriter, sheet: Worksheet, row: int, column: int, one: SubdistrictChange
) -> int:
    """Write what rules, gaps and findings became, and why; return the next column."""
    gaps = Counter(gap.fate for gap in one.gaps)
    fates = Counter(finding.fate for finding in one.findings)
    told = (
        "\n".join(_say_rule(writer, turn) for turn in one.rules),
        f"{gaps['closed']} / {gaps['opened']} / {gaps['changed']}" if one.is_changed else "",
        f"{fates['gone']} / {fates['new']}" if one.findings else "",
        "\n".join(writer.say(say_cause_of_kind(cause)) for cause in one.causes),
    )
    for offset, text in enumerate(told):
        writer.write_text(sheet, row, column + offset, text, writer.cell(text_wrap=True))
    writer.fit_row(sheet, row, zip(told, (WIDE, MIDDLE, MIDDLE, WIDEST), strict=True))
    return column + len(told)


def _say_rule(writer: BookWriter, turn: Turn) -> str:
    words = (writer.say(name_value("verdict", each)) for each in (turn.before, turn.after))
    return f"{turn.name} {' → '.join(words)}"


def _write_sites(writer: BookWriter, sites: Sequence[SiteChange]) -> None:
    """Write a row for each site of both evaluations."""
    sheet = writer.add_sheet(SHEETS["sites"])
    columns = [
        Column(Text("编号", "Id"), MIDDLE),
        Column(Text("名称", "Name"), WIDE),
        Column(Text("变动", "Change"), NARROW),
        Column(Text("街道", "Subdistrict"), MIDDLE, SIDES),
        Column(Text("状态", "Status"), NARROW, SIDES),
        Column(Text("角色", "Role"), NARROW, SIDES),
        Column(Text("移动（米）", "Moved (m)"), NARROW),
        *(make_figure_column(name, SITE_FIGURES[name]) for name in SITE_SHOWN),
    ]
    writer.write_heading(sheet, columns)
    for row, one in enumerate(sites, start=HEADING_ROWS):
        _write_site(writer, sheet, row, one)
    writer.finish(sheet, columns, len(sites), kept=2)


def _write_site(writer: BookWriter, sheet: Worksheet, row: int, one: SiteChange) -> None:
    side = one.after or one.before
    turns = {turn.name: turn for turn in one.turns}
    figures = {figure.name: figure for figure in one.figures}
    cell = writer.cell(num_format="@")
    writer.write_text(sheet, row, 0, one.id, cell)
    writer.write_text(sheet, row, 1, (side.name or "") if side else "", cell)
    writer.write_fate(sheet, row, 2, one.fate, changed=one.is_altered or one.apart)
    column = 3
    for name in ("subdistrict", "status", "role"):
        column = writer.write_turn(sheet, row, column, turns[name])
    moved = writer.cell(num_format=WHOLE)
    if one.moved_m:
        sheet.write_number(row, column, one.moved_m, moved)
    else:
        sheet.write_blank(row, column, None, moved)
    column += 1
    for name in SITE_SHOWN:
        column = writer.write_difference(sheet, row, column, figures[name])


def _write_findings(writer: BookWriter, comparison: Comparison) -> None:
    """Write a row for each finding that is gone, new or changed."""
    sheet = writer.add_sheet(SHEETS["findings"])
    columns = [
        Column(Text("变动", "Change"), NARROW),
        Column(Text("规则", "Rule"), NARROW),
        Column(Text("对象", "Subject"), MIDDLE),
        Column(Text("内容", "What it asks"), WIDE),
        Column(Text("级别", "Severity"), NARROW, SIDES),
        Column(Text("实际", "Measured"), MIDDLE, SIDES),
        Column(Text("标准", "Threshold"), MIDDLE, SIDES),
        Column(Text("单位", "Unit"), NARROW),
        Column(Text("说明", "Message"), WIDEST, SIDES),
    ]
    writer.write_heading(sheet, columns)
    wrapped = writer.cell(text_wrap=True)
    colours = {"gone": BETTER, "new": WORSE, "changed": OTHER}
    for row, one in enumerate(comparison.findings, start=HEADING_ROWS):
        sides = one.before, one.after
        side = one.after or one.before
        writer.write_text(
            sheet, row, 0, writer.say(FATES[one.fate]), writer.cell(**colours.get(one.fate, OTHER))
        )
        writer.write_value(sheet, row, 1, one.code)
        writer.write_value(sheet, row, 2, one.subject)
        writer.write_text(sheet, row, 3, writer.say(side.title) if side else "", wrapped)
        for offset, each in enumerate(sides):
            severity = writer.say(SEVERITIES[each.severity]) if each else ""
            writer.write_text(sheet, row, 4 + offset, severity, writer.cell())
            shown = _choose_format(each)
            measured, threshold = (each.measured, each.threshold) if each else (None, None)
            writer.write_value(sheet, row, 6 + offset, measured, shown)
            writer.write_value(sheet, row, 8 + offset, threshold, shown)
            said = writer.say(each.message) if each else ""
            writer.write_text(sheet, row, 11 + offset, said, wrapped)
        unit = UNITS_OF_RULES.get(side.unit) if side else None
        given = side.unit if side else None
        writer.write_value(sheet, row, 10, writer.say(unit) if unit else given)
        told = [(writer.say(each.message), WIDEST) for each in sides if each]
        writer.fit_row(sheet, row, told)
    writer.finish(sheet, columns, len(comparison.findings), kept=3)
