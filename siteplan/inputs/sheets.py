"""The table in an Excel workbook: of proposals, or of residents."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from siteplan.errors import Defect, DefectList, InputError, Text, join_names, shorten
from siteplan.inputs.fields import find_name, parse_text
from siteplan.inputs.limits import Limits, check_size, say_excess
from siteplan.inputs.xlsx import Broken, Sheet, Workbook, name_cell, read_workbook
from siteplan.schema import HELP_SHEET, SHEET, find_header, fold

MOST_COLUMNS = 256
HEADER_ROWS = 10  # that hold anything; above the header there may be a title
KNOWN_NAMES = 2  # of a row that is the header: a title holds one at most
MOST_DEFECTS = 1_000  # after that nobody reads on

Row = tuple[int, dict[int, object]]
Table = list[tuple[int, dict[str, object]]]


def names_field(word: str) -> bool:
    """Whether a header names a field of a proposal."""
    return find_header(word) is not None


def read_sheet(
    path: Path,
    label: str,
    columns: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    known: Callable[[str], bool] = names_field,
) -> tuple[Table, DefectList]:
    """Read an .xlsx: (row of the sheet, values by column), blank rows left out, and its defects.

    The sheet is the one named 申报 or proposal, as in the template, or else the only visible one
    that holds anything. Rows above the header are left out; columns are called as they are headed.
    A blank cell is None; a hidden row is read like any other, and the value of merged cells stands
    in the first of them.

    Parameters
    ----------
    path, label
        The file and its name in messages.
    columns
        The file's names of our keys; a header that is one of them means nothing else.
    limits
        What it may hold at most.
    known
        Whether a word names a column, by which the header is told from titles above it.

    Raises
    ------
    InputError
        If it is no such workbook, does not say which sheet is meant, or has no rows. Columns that
        stand twice, cells without a header, error values and formulas without a value are among
        the defects.
    """
    limits = limits or Limits()
    check_size(path, label, limits)
    book = read_workbook(path, label)
    theirs = set((columns or {}).values())
    rows = _choose_rows(book, limits)
    header, start = _find_header(rows, lambda word: word in theirs or known(word))
    defects = DefectList()
    names = _name_columns(header, theirs, label, defects)
    table: list[tuple[int, dict[str, object]]] = []
    for number, cells in rows[start:]:
        values = {
            name: None if isinstance(cells.get(column), Broken) else cells.get(column)
            for column, name in names.items()
        }
        table.append((number, values))
        defects += _find_defects((number, cells), names, label)
        if len(defects) > MOST_DEFECTS:
            problem = Text(
                "错误太多，以下未再检查", "has so many defects that the rest was not read"
            )
            remedy = Text("请先更正以上各处", "Mend these first")
            defects.append(Defect(label, problem, remedy, feature=number))
            break
    if len(table) > limits.features:
        raise InputError(say_excess(label, "features", len(table), limits.features))
    if not table:
        problem = Text("表中没有数据行", "the table has no rows")
        remedy = Text("请在表头下逐行填写", "Fill in rows below the header")
        raise InputError(*defects, Defect(label, problem, remedy))
    return table, defects


def _choose_rows(book: Workbook, limits: Limits) -> list[Row]:
    """Return the rows of the sheet that is meant."""
    ours = {fold(SHEET.zh), fold(SHEET.en)}
    named = [sheet for sheet in book.sheets if fold(sheet.name) in ours]
    helping = {fold(HELP_SHEET.zh), fold(HELP_SHEET.en)}
    candidates = named or [
        sheet for sheet in book.sheets if sheet.visible and fold(sheet.name) not in helping
    ]
    found: list[tuple[Sheet, list[Row]]] = []
    for sheet in candidates:
        rows = _read_rows(book, sheet, limits)
        if rows:
            found.append((sheet, rows))
    if len(found) > 1:
        names = join_names(sheet.name for sheet, _ in found)
        problem = Text(f"有多个工作表：{names.zh}", f"has several sheets: {names.en}")
        remedy = Text(
            f"请只留一个，或把要读的一个命名为 {SHEET.zh}",
            f"Keep one, or name the one to be read {SHEET.zh} or {SHEET.en}",
        )
        raise InputError(Defect(book.label, problem, remedy))
    return found[0][1] if found else []


def _read_rows(book: Workbook, sheet: Sheet, limits: Limits) -> list[Row]:
    """Return the rows of a sheet that hold anything.

    Raises
    ------
    InputError
        If there are too many of them, or one is too wide.
    """
    rows = book.read_rows(sheet, limits.features + HEADER_ROWS)
    if len(rows) > limits.features + HEADER_ROWS:
        raise InputError(say_excess(book.label, "features", len(rows), limits.features))
    for number, cells in rows:
        if max(cells) > MOST_COLUMNS:
            cell = name_cell(number, max(cells))
            problem = Text(
                f"单元格 {cell} 在第 {MOST_COLUMNS} 列之后",
                f"cell {cell} lies beyond column {MOST_COLUMNS}",
            )
            remedy = Text("请删去它", "Clear it")
            raise InputError(Defect(book.label, problem, remedy, feature=number))
    return rows


def _find_header(rows: list[Row], known: Callable[[str], bool]) -> tuple[Row, int]:
    """Return the header and where the rows below it begin.

    It is the first row with two names that are known, or else the first one.
    """
    for index, row in enumerate(rows[:HEADER_ROWS]):
        words = [parse_text(value) or "" for value in row[1].values()]
        if sum(map(known, words)) >= KNOWN_NAMES:
            return row, index + 1
    return (rows[0], 1) if rows else ((1, {}), 0)


def _name_columns(header: Row, theirs: set[str], label: str, defects: DefectList) -> dict[int, str]:
    """Return the names of columns by number; two that mean the same are a defect."""
    number, cells = header
    names: dict[int, str] = {}
    first: dict[str, str] = {}
    for column, value in sorted(cells.items()):
        if isinstance(value, Broken):
            defects.append(_say_broken(value, label, number, column))
            continue
        word = parse_text(value) or ""
        meant = word if word in theirs else find_header(word) or word
        if meant in first:
            same = word if word == first[meant] else f"{first[meant]}, {word}"
            shown = shorten(same)
            problem = Text(f"列 {shown} 出现两次", f"column {shown} stands twice")
            remedy = Text("请删去一列", "Remove one of them")
            defects.append(Defect(label, problem, remedy, field=meant))
        names[column] = first.setdefault(meant, word)
    return names


def _find_defects(row: Row, names: Mapping[int, str], label: str) -> Iterator[Defect]:
    """Yield the cells of a row that have no header, or no value."""
    number, cells = row
    called = find_name({name: cells.get(column) for column, name in names.items()})
    for column, value in sorted(cells.items()):
        if isinstance(value, Broken):
            broken = _say_broken(value, label, number, column)
            name = names.get(column, "")
            yield replace(broken, name=called, field=find_header(name) or name or None)
        elif column not in names:
            cell, word = name_cell(number, column), _shorten(value)
            problem = Text(
                f'单元格 {cell} 为 "{word}"，该列没有表头',
                f'cell {cell} holds "{word}", and its column has no header',
            )
            remedy = Text("请在表头写上列名", "Give the column a name in the header")
            yield Defect(label, problem, remedy, feature=number, name=called)


def _say_broken(value: Broken, label: str, row: int, column: int) -> Defect:
    cell = name_cell(row, column)
    problem = Text(f"单元格 {cell} {value.problem.zh}", f"cell {cell} {value.problem.en}")
    return Defect(label, problem, value.remedy, feature=row)


def _shorten(value: object) -> str:
    """Write a value as a message can show it."""
    return shorten(parse_text(value) or "")
