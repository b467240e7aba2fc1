"""Tables on a terminal."""

import unicodedata
from collections.abc import Collection, Sequence

from siteplan.files import clean_text

WIDE = {"W", "F"}


def align_columns(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """Return rows with their columns aligned on a terminal, where Chinese is two cells wide.

    Parameters
    ----------
    rows
        Cells, as many in each; at least one row.
    right
        Columns that are aligned on their right.

    Examples
    --------
    >>> align_columns([["街道", "1"], ["a", "10"]], right={1})
    ['街道   1', 'a     10']
    """
    cleaned = [[clean_text(cell) for cell in row] for row in rows]
    widths = [max(_width(row[column]) for row in cleaned) for column in range(len(rows[0]))]
    lines = []
    for row in cleaned:
        cells = []
        for column, cell in enumerate(row):
            pad = " " * (widths[column] - _width(cell))
            cells.append(pad + cell if column in right else cell + pad)
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in WIDE else 1 for letter in text)
