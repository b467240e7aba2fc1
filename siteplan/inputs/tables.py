"""Tables with a header: CSV, and the sheets of Excel; and the points whose places they give."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import cast

import shapely

from siteplan.crs import Datum
from siteplan.errors import Defect, DefectList, InputError, Text, join_names, shorten
from siteplan.files import decode_text, read_bytes, read_text
from siteplan.inputs.features import Features
from siteplan.inputs.fields import find_name, is_missing, mend_degrees, parse_number, parse_text
from siteplan.inputs.headers import names_column
from siteplan.inputs.limits import Limits, check_size, say_excess
from siteplan.inputs.sheets import Table, read_sheet
from siteplan.schema import POSITION, Field, find_header, fold

SEPARATORS = ",;\t"
MOST_COLUMNS = 1_000
MOST_BLANK = 100_000  # rows between others
PLACE = {field.key: field for field in POSITION}
OTHER_NAMES = {"lon": ("longitude", "lng"), "lat": ("latitude",), "datum": ()}
"""Further names of the columns that say where a point is."""


def read_table(path: Path, label: str) -> Table:
    """Read a CSV or .xlsx with a header: (row, values by column), blank rows left out.

    In a workbook titles may stand above the header. In a CSV a row that is shorter than the header
    has blanks at its end; cells are separated by commas, or by the semicolons or tabs of which the
    first line holds more: so Excel saves in some countries, and as Unicode text.

    Raises
    ------
    InputError
        If it has no rows, no header, a column twice, or a row with more cells than the header.
    """
    if path.suffix.lower() == ".xlsx":
        table, defects = read_sheet(path, label, known=names_column)
        defects.raise_errors()
        return table
    return parse_table(read_text(path, label), label)


def parse_table(text: str, label: str, limits: Limits | None = None) -> Table:
    """Read the text of a CSV; see `read_table`.

    Raises
    ------
    InputError
        As `read_table` does, or if it has more rows or columns than allowed.
    """
    defects = DefectList()
    sheet = _read_rows(text, label, limits)
    (_, header), *lines = sheet or [(1, [])]
    counts = Counter(header)
    doubled = sorted(name for name in header if name and counts[name] > 1)
    for name in dict.fromkeys(doubled):
        shown = shorten(name)
        problem = Text(f"列 {shown} 出现两次", f"column {shown} stands twice")
        remedy = Text("请删去一列", "Remove one of them")
        defects.append(Defect(label, problem, remedy, field=name))
    rows: Table = []
    for number, cells in lines:
        if any(cells[len(header) :]):
            problem = Text(
                f"有 {len(cells)} 格，表头只有 {len(header)} 格",
                f"has {len(cells)} cells, the header {len(header)}",
            )
            remedy = Text("请检查多余的逗号", "Look for a comma too many")
            defects.append(Defect(label, problem, remedy, feature=number))
        blanks = [""] * (len(header) - len(cells))
        values: dict[str, object] = dict(zip(header, [*cells, *blanks], strict=False))
        cut = zip(header, cells, strict=False)
        if nameless := [cell for name, cell in cut if cell and not name]:
            listed = join_names(nameless)
            problem = Text(f"{listed.zh} 所在列没有表头", f"{listed.en}: its column has no header")
            remedy = Text("请在表头写上列名", "Give the column a name in the header")
            defects.append(Defect(label, problem, remedy, feature=number))
        values.pop("", None)
        rows.append((number, values))
    if not rows:
        problem = Text("表中没有数据行", "the table has no rows")
        defects.append(Defect(label, problem, Text("请重新导出", "Export it again")))
    defects.raise_errors()
    return rows


def _read_rows(text: str, label: str, limits: Limits | None) -> list[tuple[int, list[str]]]:
    """Return the rows that hold anything, header first, with their numbers."""
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text.rstrip(), newline=""), strict=True, delimiter=separator)
    sheet: list[tuple[int, list[str]]] = []
    try:
        for row, cells in enumerate(reader, start=1):
            stripped = [*map(str.strip, cells)]
            if any(stripped):
                sheet.append((row, stripped))
            if len(cells) > MOST_COLUMNS:
                raise InputError(_say_wide(label, row, len(cells)))
            if limits and (len(sheet) - 1 > limits.features or row > MOST_BLANK + limits.features):
                raise InputError(say_excess(label, "features", row - 1, limits.features))
    except csv.Error as error:
        line = reader.line_num
        problem = Text(
            f"第 {line} 行不是有效的 CSV（{error}）", f"is not a valid CSV at line {line} ({error})"
        )
        remedy = Text("请检查引号，或重新导出", "Check the quotes, or export it again")
        raise InputError(Defect(label, problem, remedy)) from error
    return sheet


def _say_wide(label: str, row: int, columns: int) -> Defect:
    problem = Text(
        f"有 {columns} 列，最多 {MOST_COLUMNS} 列",
        f"has {columns} columns, more than {MOST_COLUMNS}",
    )
    remedy = Text("请只保留申报的列", "Keep only the columns that are meant")
    return Defect(label, problem, remedy, feature=row)


def require_columns(given: Sequence[str], wanted: Collection[str], label: str) -> None:
    """Refuse a file that lacks a column, naming those it has.

    Raises
    ------
    InputError
        For each column that is not there.
    """
    held = join_names(given, most=12)
    remedy = Text(
        f"现有的列：{held.zh}；可在 siteplan.toml 的 [columns] 中对应",
        f"It has {held.en}; say under [columns] in siteplan.toml which one is meant",
    )
    missing = [name for name in wanted if name not in given]
    if missing:
        raise InputError(
            *(
                Defect(label, Text(f"没有列 {n}", f"has no column {n}"), remedy, "fields", field=n)
                for n in missing
            )
        )


def read_points(
    path: Path, label: str, columns: Mapping[str, str], limits: Limits | None = None
) -> Features:
    """Read a CSV or .xlsx of points with longitude and latitude, and all that is wrong with it.

    Parameters
    ----------
    path, label
        The file and its name in messages.
    columns
        The file's names of `lon`, `lat` and `datum`; the usual ones are known anyway.
    limits
        What it may hold at most; None sets no limit.

    Raises
    ------
    InputError
        If it is no table, or has no columns of longitude and latitude.
    """
    if limits:
        check_size(path, label, limits)
    defects = DefectList()
    if path.suffix.lower() == ".xlsx":
        table, defects = read_sheet(path, label, columns, limits)
    else:
        text, encoding = decode_text(read_bytes(path, label), label)
        table = parse_table(text, label, limits)
        defects += note_encoding(encoding, label)
    if limits and len(table) > limits.features:
        raise InputError(say_excess(label, "features", len(table), limits.features))
    features = make_points(table, label, columns)
    features.defects += defects
    return features


def make_points(table: Table, label: str, columns: Mapping[str, str]) -> Features:
    """Make points of the rows of a table; see `read_points`.

    Raises
    ------
    InputError
        If it has no columns of longitude and latitude.
    """
    header = list(table[0][1])
    found = {key: find_columns(header, PLACE[key], columns) for key in PLACE}
    wanted = [columns.get(key, key) for key in ("lon", "lat") if not found[key]]
    require_columns(header, wanted, label)
    doubled = [join_names(names) for names in found.values() if len(names) > 1]
    if doubled:
        problem = Text(
            f"列 {doubled[0].zh} 是同一项", f"has several columns for one: {doubled[0].en}"
        )
        raise InputError(Defect(label, problem, Text("请删去一列", "Remove one of them")))
    names = {key: next(iter(names), None) for key, names in found.items()}
    features = Features([], [], [])
    for row, values in table:
        place = (label, row, find_name(values))
        position = [
            _read_degrees(values.get(names[key] or ""), PLACE[key], place, features.defects)
            for key in ("lon", "lat")
        ]
        lon, lat = position
        features.geometries.append(None if lon is None or lat is None else shapely.Point(lon, lat))
        features.datums.append(
            _read_datum(values.get(names["datum"] or ""), place, features.defects)
        )
        used = set(names.values())
        features.properties.append({key: value for key, value in values.items() if key not in used})
        features.rows.append(row)
    return features


def find_columns(header: Sequence[str], field: Field, columns: Mapping[str, str]) -> list[str]:
    """Return which columns hold a field: the one named in the settings, else all that mean it."""
    if field.key in columns:
        return [name for name in header if name == columns[field.key]]
    others = OTHER_NAMES.get(field.key, ())
    return [name for name in header if find_header(name) == field.key or fold(name) in others]


def note_encoding(encoding: str, label: str) -> list[Defect]:
    """Return a note where the encoding of a text had to be told from its bytes."""
    if encoding.startswith("utf-8"):
        return []
    name = encoding.upper()
    problem = Text(f"文字按 {name} 读取", f"its text is read as {name}")
    remedy = Text("请核对名称，最好另存为 UTF-8", "Check the names; UTF-8 is better")
    return [Defect(label, problem, remedy, severity="note")]


def _read_degrees(
    value: object, field: Field, place: tuple[str, int, str | None], defects: DefectList
) -> float | None:
    """Return a longitude or latitude; None with the reason among the defects."""
    label, row, name = place
    mended = None
    try:
        number = parse_number(value)
    except ValueError:
        number = mended = mend_degrees(value, field.key)
    if number is None or mended is not None:
        shown = shorten(parse_text(value) or "")
        problem = Text(f'{field.title.zh}为 "{shown}"', f'{field.key} is "{shown}"')
        if is_missing(value):
            problem = Text(f"缺少{field.title.zh.strip()}", f"has no {field.key}")
        remedy = Text(f"请以度填写，如 {field.example}", f"Give degrees, e.g. {field.example}")
        after = None if mended is None else f"{mended:.9g}"
        defects.append(
            Defect(label, problem, remedy, feature=row, name=name, field=field.key, mended=after)
        )
    return number


def _read_datum(
    value: object, place: tuple[str, int, str | None], defects: DefectList
) -> Datum | None:
    """Return where the coordinates were read; None if the row does not say."""
    label, row, name = place
    field = PLACE["datum"]
    word = parse_text(value)
    if word is None:
        return None
    chosen = field.choose(word)
    if chosen is None:
        shown = shorten(word)
        problem = Text(f'{field.title.zh}为 "{shown}"', f'datum is "{shown}"')
        chinese = join_names(choice.label.zh for choice in field.choices).zh
        english = join_names(choice.label.en for choice in field.choices).en
        remedy = Text(f"请从中选择：{chinese}", f"Choose one of {english}")
        defects.append(
            Defect(label, problem, remedy, "fields", feature=row, name=name, field="datum")
        )
    return cast("Datum | None", chosen)
