"""The Excel template in which a street fills in what it proposes."""

import io
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from siteplan.errors import Language, Text
from siteplan.files import clean_text
from siteplan.model import Subdistrict
from siteplan.schema import FIELDS, HELP_SHEET, POSITION, REQUIRED, SHEET, Choice, Field

ROWS = 200
"""Prepared for entries; the formats of the columns hold below them too."""
LISTS = Text("选项", "lists")
CREATED = datetime(2010, 7, 1)  # noqa: DTZ001  # the same bytes on every day, in every zone
FIRST_DAY, LAST_DAY = date(1955, 1, 1), date(2099, 12, 31)
"""Days that are read as such even where a cell has lost its date format."""
LONGEST_TITLE, LONGEST_HELP = 32, 255  # characters of a message beside a cell; Excel's limits
LONGEST_CASE = 80
WIDTHS = {"text": 18.0, "number": 15.0, "date": 13.0, "choice": 18.0, "list": 22.0}
WIDER = {"name": 26.0, "address": 26.0, "note": 26.0}
HELP_WIDTHS = (24.0, 12.0, 44.0, 50.0, 24.0)
"""Of columns, in digits of the usual font, as Excel counts."""
LINE_HEIGHT = 16.0
HEADER_HEIGHT = 36.0
FONT = "Microsoft YaHei"
A3, A4 = 8, 9
REQUIRED_COLOUR, EXPECTED_COLOUR, OTHER_COLOUR = "#1F4E79", "#5B87B5", "#DCE6F1"
LINE_COLOUR = "#BFBFBF"

Words = dict[str, Text]
WORDS: Words = {
    "title": Text("社区综合服务中心场地申报表：填写说明", "Proposal of venues: how to fill it in"),
    "row": Text(
        f"在“{SHEET.zh}”表中每个场地填写一行，从第 2 行开始；不要改动表头、表名。",
        f'Fill in one row for each venue on the sheet "{SHEET.en}", from row 2 on; leave the header'
        " and the names of the sheets as they are.",
    ),
    "required": Text(
        f"带 {REQUIRED} 的深色列必填，较浅的列请尽量填写，其余按需填写。",
        f"Dark columns marked {REQUIRED} are required, lighter ones are asked for, the others may"
        " be left empty.",
    ),
    "several": Text(
        "一个街道有几个场地就填几行，其中一处的角色为总部，其余为分站点。",
        "A subdistrict with several venues has a row for each: one is the headquarters, the others"
        " are branches.",
    ),
    "degrees": Text(
        "经纬度以度填写小数，如 113.3612 和 23.1301；不要写度分秒，也不要颠倒。",
        "Longitude and latitude are decimal degrees, such as 113.3612 and 23.1301: no minutes, and"
        " not the one for the other.",
    ),
    "datum": Text(
        "坐标来源写明坐标在哪里读取：手机地图的坐标有意偏移，不写明会差几百米。GPS、天地图、CGCS2000"
        " 选 GPS；高德、腾讯选高德；百度选百度。",
        "Say where the coordinates were read: web maps in China shift theirs by hundreds of metres."
        " GPS also stands for Tianditu and CGCS2000, Amap also for Tencent.",
    ),
    "send": Text(
        "填好后保存为 .xlsx 交回；不要设密码，不要含宏。",
        "Save it as .xlsx and send it back, without a password and without macros.",
    ),
    "column": Text("列", "Column"),
    "help": Text("填写内容", "What to fill in"),
    "allowed": Text("可填的值", "Values"),
    "example": Text("示例", "Example"),
    "need": Text("是否必填", "Needed"),
    "needed": Text("必填", "Required"),
    "expected": Text("请填写", "Asked for"),
    "optional": Text("可留空", "Optional"),
    "suggested": Text("例如：", "such as "),
    "above": Text("大于 {}", "above {}"),
    "least": Text("不小于 {}", "{} or more"),
    "between": Text("{} 至 {}", "{} to {}"),
    "choose": Text("请从列表中选择", "Choose from the list"),
    "subdistricts": Text("本案例的街道", "Subdistricts of this case"),
    "code": Text("代码", "Code"),
    "name": Text("名称", "Name"),
    "fill": Text("街道一列填写", "Choose as subdistrict"),
    "wrong": Text("填写有误", "This cannot be read"),
}
STEPS = ("row", "required", "several", "degrees", "datum", "send")
ORDER = (
    *(field for field in FIELDS if field.required),
    *POSITION,
    *(field for field in FIELDS if not field.required),
)
"""What is required stands first."""


def write_template(case: str, subdistricts: Sequence[Subdistrict], lang: Language) -> bytes:
    """Return the template as an .xlsx: a sheet to fill in, one that explains it, and its lists.

    Text is written as text, whatever it begins with; the same case gives the same bytes.

    Parameters
    ----------
    case
        Title of the case.
    subdistricts
        Whose venues may be proposed; they are offered by name, or by code where the name does not
        tell which one is meant.
    lang
        Of headers, lists and help; each is read back from either.
    """
    content = io.BytesIO()
    book = Workbook(content, {"in_memory": True})
    case = clean_text(case)[:LONGEST_CASE]
    title = f"{case} · {WORDS['title'].say(lang)}" if case else WORDS["title"].say(lang)
    book.set_properties({"title": title, "author": "siteplan", "created": CREATED})
    main = book.add_worksheet(SHEET.say(lang))
    helping = book.add_worksheet(HELP_SHEET.say(lang))
    lists = book.add_worksheet(LISTS.say(lang))
    lists.hide()
    named = list(_name_subdistricts(subdistricts))
    sources: dict[str, list[str]] = {
        field.key: [choice.label.say(lang) for choice in field.choices] for field in ORDER
    }
    sources["subdistrict"] = [word for word, _ in named]
    ranges = _write_lists(lists, {key: words for key, words in sources.items() if words})
    _write_main(book, main, ranges, lang)
    _write_help(book, helping, title, named, lang)
    main.activate()
    book.close()
    return content.getvalue()


def _name_subdistricts(subdistricts: Sequence[Subdistrict]) -> Iterator[tuple[str, Subdistrict]]:
    """Yield what is offered for each subdistrict: its name, or the code if that alone is clear.

    A name that a spreadsheet could take for a formula is not offered.
    """
    names = Counter(each.name for each in subdistricts)
    codes = {each.code for each in subdistricts}
    for each in subdistricts:
        clear = each.name.strip() == each.name and each.name.isprintable() and names[each.name] == 1
        safe = bool(each.name) and each.name[0] not in "=+-@"
        yield (each.name if clear and safe and each.name not in codes else each.code), each


def _write_lists(sheet: Worksheet, sources: dict[str, list[str]]) -> dict[str, str]:
    """Write the values to choose from, a column for each field; return their ranges."""
    ranges: dict[str, str] = {}
    for column, (key, words) in enumerate(sources.items()):
        sheet.write_string(0, column, key)
        for row, word in enumerate(words, start=1):
            sheet.write_string(row, column, word)
        ranges[key] = f"='{sheet.get_name()}'!{xl_range_abs(1, column, len(words), column)}"
    return ranges


def _write_main(book: Workbook, sheet: Worksheet, ranges: dict[str, str], lang: Language) -> None:
    for column, field in enumerate(ORDER):
        colour = OTHER_COLOUR
        if field.required or field.expected:
            colour = REQUIRED_COLOUR if field.required else EXPECTED_COLOUR
        header = _add_format(
            book, bold=True, bg_color=colour, align="center", valign="vcenter", text_wrap=True,
            border=1, font_color="black" if colour == OTHER_COLOUR else "white",
        )  # fmt: skip
        shown = {"date": "yyyy-mm-dd", "number": "General"}.get(field.kind, "@")
        cell = _add_format(book, num_format=shown, border=4, border_color=LINE_COLOUR)
        plain = _add_format(book, num_format=shown)
        sheet.set_column(column, column, WIDER.get(field.key, WIDTHS[field.kind]), plain)
        sheet.write_string(0, column, field.name_column(lang), header)
        for row in range(1, ROWS + 1):
            sheet.write_blank(row, column, None, cell)
        sheet.data_validation(1, column, ROWS, column, _validate(field, ranges, lang))
    sheet.set_row(0, HEADER_HEIGHT)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C&P / &N")


def _validate(field: Field, ranges: dict[str, str], lang: Language) -> dict[str, object]:
    """Return what may stand in a column, and what is said beside its cells."""
    allowed = _say_allowed(field, lang)
    told = field.help.say(lang) + ("。" if lang == "zh" else ". ")
    example = f"{WORDS['example'].say(lang)}: {_say_example(field, lang)}" if field.example else ""
    said: dict[str, object] = {
        "input_title": field.label.say(lang)[:LONGEST_TITLE],
        "input_message": f"{told}{example}"[:LONGEST_HELP],
        "error_title": WORDS["wrong"].say(lang)[:LONGEST_TITLE],
        "error_message": f"{field.name_column(lang)}: {allowed or told}"[:LONGEST_HELP],
    }
    if field.key in ranges:
        said["error_message"] = f"{field.label.say(lang)}: {WORDS['choose'].say(lang)}"
        # several values in one cell stand in no list, and may be others than those suggested
        return said | {
            "validate": "list",
            "source": ranges[field.key],
            "show_error": field.kind != "list",
        }
    if field.kind == "date":
        days = {"minimum": FIRST_DAY, "maximum": LAST_DAY}
        return said | {"validate": "date", "criteria": "between"} | days
    if field in POSITION and field.least is not None:
        limits = {"minimum": field.least, "maximum": -field.least}
        return said | {"validate": "decimal", "criteria": "between"} | limits
    if field.kind == "number":
        above = field.above is not None
        bound = {"criteria": ">" if above else ">=", "value": field.above or field.least or 0}
        return said | {"validate": "decimal"} | bound
    return said | {"validate": "any"}


def _say_allowed(field: Field, lang: Language) -> str:
    """Say which values a field takes; empty if any text will do."""
    if field.choices:
        words = ("、" if lang == "zh" else ", ").join(_say_choice(c, lang) for c in field.choices)
        return (WORDS["suggested"].say(lang) if field.kind == "list" else "") + words
    if field in POSITION and field.least is not None:
        return WORDS["between"].say(lang).format(f"{field.least:g}", f"{-field.least:g}")
    if field.kind == "number":
        word = "above" if field.above is not None else "least"
        return WORDS[word].say(lang).format(f"{field.above or field.least or 0:g}")
    if field.kind == "date":
        return WORDS["between"].say(lang).format(FIRST_DAY, LAST_DAY)
    return ""


def _say_example(field: Field, lang: Language) -> str:
    """Write the example as the list of the field has it, if it has one."""
    if field.kind != "choice":
        return field.example
    chosen = field.choose(field.example)
    return next(c.label.say(lang) for c in field.choices if c.value == chosen)


def _say_choice(choice: Choice, lang: Language) -> str:
    """Write a value with the further words that are understood for it."""
    others = ("、" if lang == "zh" else ", ").join(choice.others)
    left, right = ("（", "）") if lang == "zh" else (" (", ")")
    return choice.label.say(lang) + (f"{left}{others}{right}" if others else "")


def _write_help(
    book: Workbook,
    sheet: Worksheet,
    title: str,
    named: Sequence[tuple[str, Subdistrict]],
    lang: Language,
) -> None:
    strong = _add_format(book, font_size=14, bold=True)
    text = _add_format(book, text_wrap=True, valign="top")
    for column, width in enumerate(HELP_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, title, strong)
    for row, step in enumerate(STEPS, start=1):
        told = f"{row}. {WORDS[step].say(lang)}"
        sheet.merge_range(row, 0, row, len(HELP_WIDTHS) - 1, "", text)
        sheet.write_string(row, 0, told, text)
        sheet.set_row(row, LINE_HEIGHT * math.ceil(_count_widths(told) / sum(HELP_WIDTHS)))
    explained = [_explain(field, lang) for field in ORDER]
    header = ("column", "need", "help", "allowed", "example")
    row = _write_rows(book, sheet, len(STEPS) + 2, [header, *explained], lang)
    sheet.write_string(row + 1, 0, WORDS["subdistricts"].say(lang), strong)
    listed = [(word, each.code, clean_text(each.name)) for word, each in named]
    _write_rows(book, sheet, row + 2, [("fill", "code", "name"), *listed], lang)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)


def _write_rows(
    book: Workbook, sheet: Worksheet, row: int, rows: Sequence[Sequence[str]], lang: Language
) -> int:
    """Write a table, the names of whose columns are words; return the row below it."""
    head = _add_format(book, bold=True, bg_color=REQUIRED_COLOUR, font_color="white", border=1)
    cell = _add_format(book, valign="top", text_wrap=True, num_format="@", border=1)
    header, *lines = rows
    for column, word in enumerate(header):
        sheet.write_string(row, column, WORDS[word].say(lang), head)
    for number, line in enumerate(lines, start=row + 1):
        needed = [
            math.ceil(_count_widths(word) / width)
            for word, width in zip(line, HELP_WIDTHS, strict=False)
        ]
        sheet.set_row(number, LINE_HEIGHT * max(needed))
        for column, word in enumerate(line):
            sheet.write_string(number, column, word, cell)
    return row + len(rows)


def _explain(field: Field, lang: Language) -> tuple[str, ...]:
    needed = "optional"
    if field.required or field.expected:
        needed = "needed" if field.required else "expected"
    said = (field.name_column(lang), WORDS[needed].say(lang), field.help.say(lang))
    return (*said, _say_allowed(field, lang), _say_example(field, lang))


def _count_widths(text: str) -> float:
    """Return how many digits a text is as wide as, about."""
    return sum(2.0 if unicodedata.east_asian_width(c) in {"W", "F"} else 0.9 for c in text)


def _add_format(book: Workbook, **properties: object) -> Format:
    return book.add_format({"font_name": FONT, "font_size": 10} | properties)
