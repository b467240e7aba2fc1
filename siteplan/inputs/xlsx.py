"""The cells of an Excel workbook from outside, read by openpyxl after the package was searched.

A workbook is a zip of XML. What openpyxl would be harmed by (a small file that unpacks to a
gigabyte, a document type, another encoding, names that leave the package) is refused before.
"""

import io
import math
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.exceptions import InvalidFileException

from siteplan.errors import Defect, InputError, Text
from siteplan.files import read_bytes, refuse_doctype

OLE_START = bytes.fromhex("d0cf11e0a1b11ae1")
"""Begins the container of an .xls, and of an .xlsx under a password ([MS-CFB] 2.2)."""
ZIP_START = b"PK\x03\x04"
XML_SUFFIXES = (".xml", ".rels")
TYPES, SHEET_FOLDER, STRINGS = "[content_types].xml", "xl/worksheets/", "xl/sharedstrings.xml"
MOST_ENTRIES = 1_000
MOST_BYTES = 64 << 20  # unpacked, of all entries
MOST_CELL_BYTES = 16 << 20  # of the parts that hold cells; a second to parse
MOST_OTHER_BYTES = 2 << 20  # of each other part that is parsed
MOST_RATIO = 250  # unpacked to packed; sheets of ten thousand like rows stay under 100
MOST_TAGS, MOST_ATTRIBUTES = 1_000_000, 600_000
"""Of all parts: five thousand full rows of our columns have two thirds of each."""
SMALL_BYTES = 1 << 20  # whatever its ratio, it does no harm
LAST_ROW = 1_048_576
LONGEST_TEXT = 32_767  # characters in a cell; both are Excel's own limits
ENCRYPTED = 0x1  # bit of an entry's flags
CHINESE_DATES = frozenset((*range(27, 32), 36, *range(50, 59)))
"""Built-in formats that show a date in Excel for China (ECMA-376 part 1, 18.8.30, zh-cn), which
openpyxl does not know."""
DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, ParseError, InvalidFileException, LookupError,
    ValueError, TypeError, AttributeError, ArithmeticError, OSError, EOFError, NotImplementedError,
    RuntimeError, AssertionError,
)  # fmt: skip
"""What `zipfile` and openpyxl raise on a package that is damaged: on purpose, or by stumbling over
a part that is missing, or holds something else than they take for granted."""
SAVE_AS = Text("请在 Excel 中另存为 .xlsx", "Save it as .xlsx in Excel")


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands in a cell without a value that could be read."""

    problem: Text
    remedy: Text


NOT_COMPUTED = Broken(
    Text("的公式没有算出的值", "is a formula without a value"),
    Text("请在 Excel 中打开并保存，或填写数值", "Save it in Excel, or type the value"),
)
TOO_LONG = Broken(
    Text("的文字过长", "holds a longer text than Excel allows"), Text("请缩短", "Shorten it")
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its place among them, its name, and whether a reader sees its tab."""

    index: int
    name: str
    visible: bool


@dataclass(frozen=True, slots=True, eq=False)
class Workbook:
    """A workbook whose sheets can be read.

    Attributes
    ----------
    label
        The file in messages.
    sheets
        Worksheets in the order of their tabs.
    values, formulas
        The workbook as openpyxl reads it: with the values that formulas had when it was saved, and,
        where there are any, with the formulas themselves.
    """

    label: str
    sheets: tuple[Sheet, ...]
    values: openpyxl.Workbook
    formulas: openpyxl.Workbook | None

    def read_rows(self, sheet: Sheet, most: int) -> list[tuple[int, dict[int, object]]]:
        """Return the rows of a sheet that hold anything: number, and values by column from 1.

        A value is text, a number, true or false, a date (with a time where there is one), or
        `Broken`. A time alone is text. A formula counts as the value it had when it was saved.
        Hidden rows are rows; the value of merged cells stands in the first of them. After `most`
        rows that hold anything only one more is read.

        Raises
        ------
        InputError
            If the part is damaged.
        """
        rows: list[tuple[int, dict[int, object]]] = []
        with _name_damage(self.label, sheet.name):
            written = None if self.formulas is None else self._list_rows(self.formulas, sheet)
            for number, cells in self._list_rows(self.values, sheet):
                values = {
                    column: _read_value(cell, self.values.epoch) for column, cell in cells.items()
                }
                if written is not None:
                    values |= _find_uncomputed(next(written)[1], cells, values)
                found = {column: value for column, value in values.items() if value is not None}
                if found:
                    rows.append((number, found))
                if len(rows) > most:
                    break
        return rows

    def _list_rows(
        self, book: openpyxl.Workbook, sheet: Sheet
    ) -> Iterator[tuple[int, dict[int, ReadOnlyCell]]]:
        """Yield every row: its number, and the cells that hold anything by column."""
        part = book.worksheets[sheet.index]
        part.reset_dimensions()  # what the file says of its size may be anything
        for number, row in enumerate(part.rows, start=1):
            if number > LAST_ROW:
                raise InputError(_say_damage(self.label, sheet.name))
            if row:  # openpyxl fills the gaps between rows with empty ones
                cells = cast("tuple[ReadOnlyCell | EmptyCell, ...]", row)  # as it reads them
                numbered = enumerate(cells, start=1)
                yield number, {i: cell for i, cell in numbered if isinstance(cell, ReadOnlyCell)}


def read_workbook(path: Path, label: str) -> Workbook:
    """Open an .xlsx.

    Every entry is unpacked, within bounds, and its checksum compared, before any is parsed.

    Raises
    ------
    InputError
        If it is no such package, is damaged or protected, carries macros, or unpacks to far more
        than any proposal holds.
    """
    content = read_bytes(path, label)
    parts = _unpack(content, label)
    types = parts.get(TYPES, b"").lower()
    if b"macroenabled" in types or b"vbaproject" in types:
        problem = Text("含有宏，或是 .xlsb", "carries macros, or is an .xlsb")
        raise InputError(Defect(label, problem, SAVE_AS))
    computed = any(b"<f" in part for name, part in parts.items() if name.startswith(SHEET_FOLDER))
    with _name_damage(label, "xl/workbook.xml"):
        values = _open(content, data_only=True)
        formulas = _open(content, data_only=False) if computed else None
        sheets = tuple(
            Sheet(index, sheet.title.strip(), sheet.sheet_state == "visible")
            for index, sheet in enumerate(values.worksheets)
        )
    if not sheets:
        raise InputError(_say_damage(label, "xl/workbook.xml"))
    return Workbook(label, sheets, values, formulas)


def name_cell(row: int, column: int) -> str:
    """Return what Excel calls a cell.

    Examples
    --------
    >>> name_cell(3, 1), name_cell(7, 703)
    ('A3', 'AAA7')
    """
    return f"{get_column_letter(column)}{row}"


def _open(content: bytes, *, data_only: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False
    )


@contextmanager
def _name_damage(label: str, part: str) -> Iterator[None]:
    """Turn what openpyxl stumbles over into a refusal; what it does not support is no matter."""
    said = io.StringIO()  # of some damage openpyxl prints to stdout, which carries our result
    with warnings.catch_warnings(), redirect_stdout(said):
        warnings.simplefilter("ignore", UserWarning)
        try:
            yield
        except InputError:
            raise
        except DAMAGE as error:
            raise InputError(_say_damage(label, part)) from error


def _find_uncomputed(
    written: Mapping[int, ReadOnlyCell],
    cells: Mapping[int, ReadOnlyCell],
    values: Mapping[int, object],
) -> dict[int, Broken]:
    """Return the formulas of a row whose value was not saved; an empty text is a value."""
    return {
        column: NOT_COMPUTED
        for column, cell in written.items()
        if cell.data_type == "f" and values[column] is None and cells[column].data_type == "n"
    }


def _read_value(cell: ReadOnlyCell, epoch: datetime) -> object:
    """Return the value of a cell; None if it is blank."""
    value = cell.value
    if isinstance(value, str):
        return _read_text(value, cell.data_type)
    if isinstance(value, int | float) and cell.style_array.numFmtId in CHINESE_DATES:
        value = from_excel(value, epoch)
    if isinstance(value, datetime):
        return value.date() if value.time() == time.min else value
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(value)  # XML may write it, Excel never does
    return value


def _read_text(value: str, kind: str) -> object:
    if kind == "e":
        shown = "".join(filter(str.isprintable, value))[:20]
        return Broken(
            Text(f"是错误值 {shown}", f"holds the error {shown}"),
            Text("请更正公式，或填写数值", "Mend the formula, or type the value"),
        )
    if len(value) > LONGEST_TEXT:
        return TOO_LONG
    return value.strip() or None


def _unpack(content: bytes, label: str) -> dict[str, bytes]:
    """Return the XML parts of a package by name; what is beside them is unpacked and dropped."""
    if content.startswith(OLE_START):
        problem = Text(
            "有密码保护，或是旧的 .xls 格式", "is protected by a password, or an old .xls"
        )
        remedy = Text(
            "请取消密码，在 Excel 中另存为 .xlsx", "Take the password off and save it as .xlsx"
        )
        raise InputError(Defect(label, problem, remedy))
    if not content.startswith(ZIP_START):
        problem = Text("不是 Excel 的 .xlsx 文件", "is not an .xlsx file, whatever its name says")
        raise InputError(Defect(label, problem, SAVE_AS))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, label)
            unpacked = [(entry, _read_entry(archive, entry)) for entry in entries]
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(_say_damage(label, "zip")) from error
    parts: dict[str, bytes] = {}
    for entry, part in unpacked:
        name = entry.filename.replace("\\", "/").lower()
        if len(part) != entry.file_size:
            raise InputError(_say_damage(label, entry.filename))
        if name.endswith(XML_SUFFIXES):
            _check_xml(part, entry.filename, label)
            parts[name] = part
    tags = sum(part.count(b"<") for part in parts.values())
    attributes = sum(part.count(b"=") for part in parts.values())
    if tags > MOST_TAGS or attributes > MOST_ATTRIBUTES:
        raise InputError(_say_too_large(label))
    return parts


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return what an entry holds, never more than it declares, after comparing its checksum."""
    with archive.open(entry) as stream:
        return stream.read(entry.file_size)  # without a size, all it unpacks to would be made


def _check_entries(entries: list[zipfile.ZipInfo], label: str) -> None:
    """Refuse, before anything is unpacked, an archive that is not what Excel writes."""
    names = [entry.filename.replace("\\", "/").lower() for entry in entries]
    strange = [n for n in names if n.startswith("/") or ":" in n or ".." in n.split("/")]
    if strange or len(set(names)) < len(names):
        problem = Text("压缩包中的文件名不合规", "holds names of parts that no workbook has")
        raise InputError(Defect(label, problem, SAVE_AS))
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        problem = Text("有密码保护", "is protected by a password")
        raise InputError(Defect(label, problem, Text("请取消密码", "Take the password off")))
    swollen = any(
        entry.file_size > max(SMALL_BYTES, MOST_RATIO * entry.compress_size) for entry in entries
    )
    cells = sum(entry.file_size for entry in entries if _holds_cells(entry))
    largest = max(
        (entry.file_size for entry in entries if _is_xml(entry) and not _holds_cells(entry)),
        default=0,
    )
    total = sum(entry.file_size for entry in entries)
    too_much = total > MOST_BYTES or cells > MOST_CELL_BYTES or largest > MOST_OTHER_BYTES
    if len(entries) > MOST_ENTRIES or swollen or too_much:
        raise InputError(_say_too_large(label))


def _is_xml(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.lower().endswith(XML_SUFFIXES)


def _holds_cells(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.replace("\\", "/").lower().startswith((SHEET_FOLDER, STRINGS))


def _check_xml(content: bytes, name: str, label: str) -> None:
    """Refuse XML that could hide a document type, or declares one."""
    refuse_doctype(content, label)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(_say_damage(label, name)) from error
    if b"\0" in content:  # UTF-16
        raise InputError(_say_damage(label, name))


def _say_damage(label: str, part: str) -> Defect:
    name = "".join(filter(str.isprintable, part))[:80]
    problem = Text(f"文件已损坏（{name}）", f"is damaged ({name})")
    return Defect(label, problem, SAVE_AS)


def _say_too_large(label: str) -> Defect:
    problem = Text(
        "展开后太大，远超一份申报表", "unpacks to far more than a table of proposals holds"
    )
    remedy = Text(
        "请把申报的行复制到新的工作簿", "Copy the rows that are proposed into a new workbook"
    )
    return Defect(label, problem, remedy)
