"""Cells of a comparison's workbook: headings in both languages, figures with their difference."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from siteplan.errors import Language, Text
from siteplan.files import clean_text
from siteplan.model.comparison import Difference, Fate, Turn
from siteplan.model.recorded import FigureUnit, Value
from siteplan.outputs.comparison.words import (
    DIRECTIONS,
    FATES,
    PERCENT,
    name_figure,
    name_value,
)
from siteplan.outputs.paper.svg import measure_text

FONT = "Microsoft YaHei"
A3, A4 = 8, 9
HEAD_COLOUR, SUBHEAD_COLOUR, LINE_COLOUR = "#1F4E79", "#DCE6F1", "#BFBFBF"
BETTER = {"bg_color": "#D5E8EA", "font_color": "#1F5A6B"}
WORSE = {"bg_color": "#F7DFC9", "font_color": "#8A3E0B"}
OTHER = {"bg_color": "#ECE9F3", "font_color": "#3F3A5A"}
"""Blue and orange, which nobody confuses; lilac where neither way is better."""
NUMBERS = {"ratio": "0.0%", "factor": "0.00", "m2": "#,##0.0"}
WHOLE = "#,##0"
CHANGES = {"ratio": "+0.0;-0.0;0", "factor": "+0.00;-0.00;0", "m2": "+#,##0.0;-#,##0.0;0"}
WHOLE_CHANGE = "+#,##0;-#,##0;0"
LONGEST_CELL = 32_000
TITLE_LENGTH = 250
NARROW, MIDDLE, WIDE, LABEL, WIDEST = 10.0, 16.0, 26.0, 44.0, 60.0
"""Of columns, in digits of the usual font, as Excel counts."""
HEADING_ROWS = 2
LINE_HEIGHT = 16.0
DIGIT = 1.75
"""Size at which `measure_text` counts in digits of the usual font, about."""
MOST_LINES = 12
UNCHANGED = Text("不变", "unchanged")
CHANGE = Text("差", "B − A")
POINTS = Text("百分点", "points")
UNITS: dict[FigureUnit, Text] = {
    "person": Text("人", "people"),
    "m": Text("米", "m"),
    "m2": Text("平方米", "m²"),
}


class Column(NamedTuple):
    """One figure or word of a sheet: alone, before and after, or with the difference too.

    Attributes
    ----------
    title
        Heading above its cells.
    width
        Of each of its cells.
    parts
        Headings of the cells.
    unit
        None for text.
    direction
        1 if more is better, -1 if less is, 0 if neither.
    """

    title: Text
    width: float
    parts: tuple[Text, ...] = (Text("", ""),)
    unit: FigureUnit | None = None
    direction: int = 0


SIDES = (Text("A", "A"), Text("B", "B"))


def make_figure_column(name: str, unit: FigureUnit) -> Column:
    """Return the three columns of a figure, by its name in `evaluation.json`."""
    label = name_figure(name)
    if unit in UNITS:
        label = Text(f"{label.zh}（{UNITS[unit].zh}）", f"{label.en} ({UNITS[unit].en})")
    change = POINTS if unit == "ratio" else CHANGE
    return Column(label, NARROW, (*SIDES, change), unit, DIRECTIONS.get(name, 0))


class BookWriter:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Workbook, lang: Language) -> None:
        self._book = book
        self._lang = lang
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}

    def format(self, **properties: object) -> Format:
        """Return a format, of which one of the same properties is made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": FONT, "font_size": 10, "valign": "top"}
            self._formats[key] = self._book.add_format(base | properties)
        return self._formats[key]

    def cell(self, **properties: object) -> Format:
        """Return the format of a cell with a thin frame."""
        return self.format(border=1, border_color=LINE_COLOUR, **properties)

    def say(self, text: Text) -> str:
        """Return a text in the language of the cells."""
        return text.say(self._lang)

    def add_sheet(self, name: Text) -> Worksheet:
        """Add an empty sheet."""
        return self._book.add_worksheet(f"{name.zh} {name.en}")

    def write_text(self, sheet: Worksheet, row: int, column: int, text: str, cell: Format) -> None:
        """Write text, which is never taken for a formula."""
        lines = "\n".join(clean_text(line) for line in text.split("\n"))
        sheet.write_string(row, column, lines[:LONGEST_CELL], cell)

    def write_value(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        value: Value | None,
        shown: str = "General",
    ) -> None:
        """Write a figure or a text; nothing where there is none."""
        if value is None:
            sheet.write_blank(row, column, None, self.cell())
        elif isinstance(value, str):
            self.write_text(sheet, row, column, value, self.cell(num_format="@"))
        else:
            sheet.write_number(row, column, value, self.cell(num_format=shown))

    def write_heading(self, sheet: Worksheet, columns: Sequence[Column], row: int = 0) -> None:
        """Write two rows of headings: what it is, and of which evaluation."""
        head = self.format(
            bold=True, bg_color=HEAD_COLOUR, font_color="white", text_wrap=True, border=1,
            align="center",
        )  # fmt: skip
        below = self.format(bg_color=SUBHEAD_COLOUR, border=1, align="center", text_wrap=True)
        start = 0
        for one in columns:
            title = f"{one.title.zh}\n{one.title.en}"
            end = start + len(one.parts) - 1
            if len(one.parts) == 1:
                sheet.write_string(row, start, title, head)
            else:
                sheet.merge_range(row, start, row, end, "", head)
                sheet.write_string(row, start, title, head)
            for offset, part in enumerate(one.parts):
                said = part.zh if part.zh == part.en else f"{part.zh} {part.en}"
                sheet.write_string(row + 1, start + offset, said, below)
            sheet.set_column(start, end, one.width)
            start = end + 1
        sheet.set_row(row, 3 * LINE_HEIGHT)
        sheet.set_row(row + 1, LINE_HEIGHT)

    def finish(
        self, sheet: Worksheet, columns: Sequence[Column], rows: int, kept: int, printed: int = 0
    ) -> None:
        """Freeze the headings and the first columns, colour changes, and set up the paper.

        Of the columns all are printed, or the first so many.
        """
        width = sum(len(one.parts) for one in columns)
        last = sum(len(one.parts) for one in columns[: printed or None])
        sheet.freeze_panes(HEADING_ROWS, kept)
        if rows:
            sheet.autofilter(HEADING_ROWS - 1, 0, HEADING_ROWS - 1 + rows, width - 1)
        start = 0
        for one in columns:
            start += len(one.parts)
            if rows and one.unit is not None:
                self.colour(sheet, (HEADING_ROWS, start - 1, rows), one.direction)
        sheet.set_landscape()
        sheet.set_paper(A3)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, HEADING_ROWS - 1 + rows, last - 1)
        sheet.repeat_rows(0, HEADING_ROWS - 1)
        sheet.set_footer("&C&P / &N")

    def colour(self, sheet: Worksheet, where: tuple[int, int, int], direction: int) -> None:
        """Colour the differences of one column: what is better, and what is worse."""
        top, column, rows = where
        cells = xl_range(top, column, top + rows - 1, column)
        more, less = {1: (BETTER, WORSE), -1: (WORSE, BETTER)}.get(direction, (OTHER, OTHER))
        for criteria, colours in ((">", more), ("<", less)):
            rule = {"type": "cell", "criteria": criteria, "value": 0}
            sheet.conditional_format(cells, rule | {"format": self._book.add_format(colours)})

    def write_difference(
        self, sheet: Worksheet, row: int, column: int, one: Difference | None
    ) -> int:
        """Write a figure before, after and the difference; return the next column."""
        unit = one.unit if one else "count"
        change = one.change if one else None
        shown = change * PERCENT if change is not None and unit == "ratio" else change
        values = (one.before, one.after, shown) if one else (None, None, None)
        plain, signed = NUMBERS.get(unit, WHOLE), CHANGES.get(unit, WHOLE_CHANGE)
        for offset, value in enumerate(values):
            cell = self.cell(num_format=signed if offset == len(SIDES) else plain)
            if value is None:
                sheet.write_blank(row, column + offset, None, cell)
            else:
                sheet.write_number(row, column + offset, value, cell)
        return column + len(values)

    def write_turn(self, sheet: Worksheet, row: int, column: int, turn: Turn) -> int:
        """Write a word before and after; return the next column."""
        colours: dict[str, object] = dict(OTHER) if turn.is_changed else {}
        for offset, value in enumerate((turn.before, turn.after)):
            said = "" if value is None else self.say(name_value(turn.name, value))
            self.write_text(
                sheet, row, column + offset, said, self.cell(**(colours if offset else {}))
            )
        return column + len(SIDES)

    def write_fate(
        self, sheet: Worksheet, row: int, column: int, fate: Fate, *, changed: bool
    ) -> None:
        """Write what became of a row's subject."""
        said = FATES["changed" if fate == "kept" else fate] if changed else UNCHANGED
        self.write_text(sheet, row, column, self.say(said), self.cell(**(OTHER if changed else {})))

    def fit_row(self, sheet: Worksheet, row: int, cells: Iterable[tuple[str, float]]) -> None:
        """Make a row as high as its longest text needs, within reason."""
        lines = [
            sum(math.ceil(max(1.0, measure_text(line, DIGIT) / width)) for line in text.split("\n"))
            for text, width in cells
        ]
        sheet.set_row(row, LINE_HEIGHT * min(MOST_LINES, max(lines, default=1)))

    def write_heads(self, sheet: Worksheet, row: int, heads: Sequence[Text]) -> None:
        """Write one row of headings; nothing where one is empty."""
        head = self.format(bold=True, bg_color=HEAD_COLOUR, font_color="white", border=1)
        for column, text in enumerate(heads):
            if text.en:
                said = text.zh if text.zh == text.en else f"{text.zh} {text.en}"
                sheet.write_string(row, column, said, head)
