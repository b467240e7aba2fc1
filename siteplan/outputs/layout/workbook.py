"""A sheet of a workbook: headings, values in the format of their kind, totals, how it prints."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from siteplan.errors import Text, shorten
from siteplan.files import clean_text
from siteplan.outputs.layout.sheets import Column, Figure, Kind, Sheet, is_number, put_together
from siteplan.outputs.results import METRES, PERSONS, RATIO
from siteplan.outputs.template import A3, FONT, LINE_COLOUR, REQUIRED_COLOUR

FORMATS: Mapping[Kind, tuple[str, int]] = {
    "text": ("@", 0),
    "code": ("@", 0),
    "date": ("yyyy-mm-dd", 0),
    "count": ("#,##0", 0),
    "people": ("#,##0", PERSONS),
    "metres": ("#,##0", METRES),
    "area": ("#,##0.0", METRES),
    "ratio": ("0.0%", RATIO),
    "factor": ("0.00", RATIO),
    "money": ("#,##0.00", RATIO),
    "degrees": ("0.000000", 7),
    "coordinate": ("0.000", METRES),
    "figure": ("#,##0.####", RATIO),
}
"""How each kind of value is shown, and the decimals that are kept: those of `evaluation.json`."""
TEXTS = {"text", "code"}
FIRST_YEAR = 1901
"""Excel takes 1900 for a leap year and knows no day before it: such days are written as text."""
MOST_TEXT = 16_000  # characters; a cell holds twice as many units of UTF-16
MOST_HEIGHT, LINE_HEIGHT = 400.0, 15.0
"""Of rows, in points; Excel knows none above 409."""
PAGE_WIDTH = 230.0
"""Digits across a sheet of A3 that can still be read."""
TOTAL_COLOUR = "#DCE6F1"
TOTAL = Text("合计", "Total")


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook, and the formats that its cells share.

    Attributes
    ----------
    workbook
        Of XlsxWriter.
    case
        What stands at the top of each printed sheet.
    formats
        By their properties, each made once.
    """

    workbook: Workbook
    case: str
    formats: dict[tuple[tuple[str, object], ...], Format] = field(default_factory=dict)

    def shape(self, **properties: object) -> Format:
        """Return a format, made once."""
        known = tuple(sorted(properties.items()))
        if known not in self.formats:
            self.formats[known] = self.workbook.add_format(
                {"font_name": FONT, "font_size": 10, "valign": "vcenter"} | properties
            )
        return self.formats[known]

    def add_sheet(self, title: Text) -> Worksheet:
        """Add a sheet that prints on A3 across, as wide as the paper."""
        sheet = self.workbook.add_worksheet(put_together(title))
        sheet.set_landscape()
        sheet.set_paper(A3)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.set_header(f"&L{self.case.replace('&', '&&')}&R&A")
        sheet.set_footer("&C&P / &N")
        return sheet


def clean_cell(text: str) -> str:
    """Return text as XML and a cell can hold it; other characters become U+FFFD.

    Blanks as wide as a Chinese character and the ends of lines stay.
    """
    if text.isprintable():
        return shorten(text, most=MOST_TEXT)
    shown = "\n".join(clean_text(line) for line in re.split(r"\r\n|\r|\n", text[: MOST_TEXT + 1]))
    return shorten(shown, most=MOST_TEXT)


def write_sheet(book: Book, sheet: Sheet) -> Worksheet:
    """Write a sheet: its heading, its rows, and their totals where it has any."""
    page = book.add_sheet(sheet.title)
    _write_heading(book, page, sheet.columns)
    for number, row in enumerate(sheet.rows, start=1):
        texts = []
        for position, column in enumerate(sheet.columns):
            value = row.get(column.key)
            write_cell(book, page, (number, position), value, column.kind)
            texts.append((value, column.width))
        page.set_row(number, find_height(texts))
    page.freeze_panes(1, sheet.frozen)
    page.repeat_rows(0)
    pages = math.ceil(sum(column.width for column in sheet.columns) / PAGE_WIDTH)
    page.fit_to_pages(pages, 0)
    if pages > 1:
        page.repeat_columns(0, sheet.frozen - 1)
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    last = len(sheet.rows)
    if last:
        page.autofilter(0, 0, last, len(sheet.columns) - 1)
    if last and any(column.total for column in sheet.columns):
        _write_totals(book, page, sheet)
    return page


def _write_heading(book: Book, page: Worksheet, columns: Sequence[Column]) -> None:
    head = book.shape(
        bold=True, bg_color=REQUIRED_COLOUR, font_color="white", text_wrap=True, border=1,
        align="center",
    )  # fmt: skip
    titles = [(f"{column.title.zh}\n{column.title.en}", column.width) for column in columns]
    page.set_row(0, find_height(titles) + LINE_HEIGHT)
    for position, (title, width) in enumerate(titles):
        page.set_column(position, position, width)
        page.write_string(0, position, clean_cell(title), head)


def find_height(texts: Iterable[tuple[object, float]]) -> float:
    """Return how high a row must be for its texts to be read, each with the width of its column."""
    lines = max(
        (
            sum(max(1, math.ceil(_count_digits(line) / (width - 2))) for line in text.split("\n"))
            for text, width in texts
            if isinstance(text, str)
        ),
        default=1,
    )
    return min(MOST_HEIGHT, LINE_HEIGHT * lines)


def _count_digits(text: str) -> float:
    """Return how many digits a text is as wide as, about."""
    return sum(2.0 if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in text[:MOST_TEXT])


def write_cell(
    book: Book, page: Worksheet, place: tuple[int, int], value: object, kind: Kind
) -> None:
    """Write a value by its kind; text where it is no such value, nothing where there is none."""
    if isinstance(value, Figure):
        kind, value = value.kind, value.value
    shown, decimals = FORMATS[kind]
    looks: dict[str, object] = {"border": 4, "border_color": LINE_COLOUR}
    if kind not in TEXTS and is_number(value):
        number = round(float(value), decimals) + 0.0  # no negative zero
        page.write_number(*place, number, book.shape(**looks, num_format=shown))
    elif kind == "date" and isinstance(value, date) and value.year >= FIRST_YEAR:
        page.write_datetime(*place, value, book.shape(**looks, num_format=shown))
    elif value is None or (isinstance(value, float) and not math.isfinite(value)):
        page.write_blank(*place, None, book.shape(**looks))
    else:
        plain = book.shape(**looks, num_format="@", text_wrap=True, indent=1)
        page.write_string(*place, clean_cell(str(value)), plain)


def _write_totals(book: Book, page: Worksheet, sheet: Sheet) -> None:
    """Write the totals beneath the rows, where no filter hides them."""
    below = len(sheet.rows) + 1
    totals = add_up(sheet)
    places = {column.key: position for position, column in enumerate(sheet.columns)}
    strong: dict[str, object] = {"bold": True, "bg_color": TOTAL_COLOUR, "top": 1}
    for position, column in enumerate(sheet.columns):
        look = book.shape(**strong, num_format=FORMATS[column.kind][0])
        page.write_blank(below, position, None, look)
        if column.total == "sum":
            formula = f"=SUM({xl_range(1, position, below - 1, position)})"
            page.write_formula(below, position, formula, look, totals[column.key])
        elif column.total == "share":
            part, whole = (xl_rowcol_to_cell(below, places[key]) for key in column.parts)
            formula = f'=IF({whole}=0,"",{part}/{whole})'
            value = divide(*(totals[key] for key in column.parts))
            page.write_formula(below, position, formula, look, value)
    page.write_string(below, 0, put_together(TOTAL), book.shape(**strong, num_format="@"))


def add_up(sheet: Sheet) -> dict[str, float]:
    """Return the sums of a sheet as a spreadsheet finds them, by column."""
    return {
        column.key: math.fsum(list_numbers(sheet, column))
        for column in sheet.columns
        if column.total == "sum"
    }


def list_numbers(sheet: Sheet, column: Column) -> Iterator[float]:
    """Yield the numbers of a column as they are written."""
    decimals = FORMATS[column.kind][1]
    for row in sheet.rows:
        value = row.get(column.key)
        if is_number(value):
            yield round(float(value), decimals)


def divide(part: float, whole: float) -> float | str:
    """Return a share; nothing where there is no whole."""
    return part / whole if whole else ""
