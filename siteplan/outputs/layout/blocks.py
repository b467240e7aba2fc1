"""What a typeset document consists of: blocks that `document.typ` knows how to set."""

from collections.abc import Iterable, Sequence

from siteplan.errors import Text
from siteplan.model import Verdict

Cell = object
"""Text in one language or both, or what one of the functions below makes of it."""
Block = dict[str, object]


def head(level: int, text: Text | str) -> Block:
    """Return a heading; those of the first level begin on a new page."""
    return {"kind": "head", "level": level, "text": text}


def paragraph(text: Text | str) -> Block:
    """Return a paragraph."""
    return {"kind": "paragraph", "text": text}


def remark(text: Text | str) -> Block:
    """Return what nobody may overlook."""
    return {"kind": "remark", "text": text}


def list_facts(rows: Iterable[tuple[Text, Cell]], columns: int = 2) -> Block:
    """Return names with values, side by side in columns."""
    return {"kind": "facts", "columns": columns, "rows": [list(row) for row in rows]}


def tabulate(
    top: Sequence[Cell],
    rows: Iterable[Sequence[Cell]],
    widths: Sequence[int],
    *,
    right: Iterable[int] = (),
) -> Block:
    """Return a table; its head stands on every page that it goes on to.

    Parameters
    ----------
    top, rows
        Cells.
    widths
        Shares of the width; 0 is as wide as its cells need.
    right
        Columns of figures, counted from 0.
    """
    return {
        "kind": "table",
        "head": list(top),
        "rows": [list(row) for row in rows],
        "widths": list(widths),
        "right": list(right),
    }


def show_verdict(verdict: Verdict, text: Text, aside: str = "") -> Block:
    """Return a verdict as a line of its own."""
    return {"kind": "verdict", "verdict": verdict, "text": text, "aside": aside}


def icon(verdict: Verdict) -> Cell:
    """Return the symbol of a verdict."""
    return {"icon": verdict}


def strong(text: Text | str) -> Cell:
    """Return text that stands out."""
    return {"strong": text}


def small(text: Text | str) -> Cell:
    """Return text that stands back."""
    return {"small": text}


def stack(*cells: Cell) -> Cell:
    """Return cells one below the other, without the empty ones."""
    return {"stack": [cell for cell in cells if cell]}
