"""The layout plan as Shapefiles, with a table that says what their short column names mean."""

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyogrio.raw
import shapely

from siteplan.errors import Text
from siteplan.files import defuse_cell
from siteplan.outputs.layout.columns import MOST_BYTES, LayoutField
from siteplan.outputs.layout.geopackage import KINDS
from siteplan.outputs.layout.layers import LayoutLayer, Value
from siteplan.outputs.layout.target import Target

HEADER_BYTES, FIELD_BYTES = 32, 32
END_OF_FIELDS, END_OF_FILE = b"\r", b"\x1a"
DBASE = 3
TABLE_TYPES = {"text": b"C", "integer": b"N", "real": b"N", "date": b"D"}
PARTS = (".shp", ".shx", ".prj")
"""What GDAL writes; the table and its encoding are written here, with widths of its own."""
DICTIONARY_COLUMNS = (
    "layer", "layer_zh", "layer_en", "short_name", "name", "alias_zh", "alias_en", "unit_zh",
    "unit_en", "type", "width", "decimals", "note_zh", "note_en",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """The attributes of a Shapefile.

    Attributes
    ----------
    content
        The `.dbf`.
    widths
        Bytes of each column.
    cut
        How many texts of each column are longer than a Shapefile can hold, and end early.
    """

    content: bytes
    widths: tuple[int, ...]
    cut: tuple[int, ...]


def write_shapefile(
    layer: LayoutLayer, target: Target, moment: datetime
) -> tuple[dict[str, bytes], Table]:
    """Return the files of a layer by their endings, and its table.

    Parameters
    ----------
    layer
        Any of a layout plan.
    target
        Its CRS.
    moment
        When the table says it was made.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{layer.name}.shp"
        pyogrio.raw.write(
            path, shapely.to_wkb(layer.shapes), [], [], driver="ESRI Shapefile",
            geometry_type=KINDS[layer.geometry], crs=target.crs,
        )  # fmt: skip
        files = {end: path.with_suffix(end).read_bytes() for end in PARTS}
    table = write_table(layer.fields, layer.rows, moment)
    return {**files, ".dbf": table.content, ".cpg": b"UTF-8"}, table


def write_table(
    fields: Sequence[LayoutField], rows: Sequence[tuple[Value, ...]], moment: datetime
) -> Table:
    """Return the attributes as dBASE III, texts in UTF-8, each column as wide as it has to be."""
    columns, widths, cut = [], [], []
    for number, field in enumerate(fields):
        values = [row[number] for row in rows]
        cells = [_write_cell(field, value) for value in values]
        longest = max((len(cell) for cell in cells), default=1)
        width = max(1, longest) if field.kind == "text" else field.width
        cut.append(sum(_is_cut(field, value) for value in values))
        widths.append(width)
        columns.append([_fill(field, cell, width) for cell in cells])
    described = b"".join(
        field.short.encode("ascii").ljust(11, b"\0")
        + TABLE_TYPES[field.kind]
        + bytes(4)
        + bytes([width, field.precision])
        + bytes(14)
        for field, width in zip(fields, widths, strict=True)
    )
    start = HEADER_BYTES + len(described) + len(END_OF_FIELDS)
    header = (
        bytes([DBASE, moment.year - 1900, moment.month, moment.day])
        + len(rows).to_bytes(4, "little")
        + start.to_bytes(2, "little")
        + (1 + sum(widths)).to_bytes(2, "little")
        + bytes(20)
    )
    records = b"".join(b" " + b"".join(cells) for cells in zip(*columns, strict=True))
    content = header + described + END_OF_FIELDS + records + END_OF_FILE
    return Table(content, tuple(widths), tuple(cut))


def cut_text(text: str) -> bytes:
    """Return a text in UTF-8 as a Shapefile can hold it: it ends early, but with a whole character.

    Examples
    --------
    >>> len(cut_text("街" * 100)), cut_text("街" * 100).decode() == "街" * 84
    (252, True)
    """
    return text.encode()[:MOST_BYTES].decode(errors="ignore").encode()


def _is_cut(field: LayoutField, value: Value) -> bool:
    return field.kind == "text" and isinstance(value, str) and len(value.encode()) > MOST_BYTES


def _write_cell(field: LayoutField, value: Value) -> bytes:
    if value is None:
        return b""
    if isinstance(value, date):
        return f"{value:%Y%m%d}".encode()
    if isinstance(value, str):
        return cut_text(value)
    text = f"{value:.{field.precision}f}" if field.kind == "real" else f"{value:d}"
    return (text if len(text) <= field.width else f"{value:.5e}").encode()


def _fill(field: LayoutField, cell: bytes, width: int) -> bytes:
    """Return a cell as wide as its column; what is absent is marked as GDAL and ArcGIS do."""
    if field.kind == "text":
        return cell.ljust(width)
    if not cell:
        return (b"*" if field.kind != "date" else b"0") * width
    return cell.rjust(width)


def write_dictionary(described: Sequence[tuple[LayoutLayer, Table]]) -> bytes:
    """Return what the columns of all Shapefiles mean, and where texts had to be cut, as CSV."""
    stream = io.StringIO(newline="")
    table = csv.writer(stream)
    table.writerow(DICTIONARY_COLUMNS)
    for layer, written in described:
        for field, width, cut in zip(layer.fields, written.widths, written.cut, strict=True):
            note = _say_cut(cut)
            cells = (
                layer.name, layer.title.zh, layer.title.en, field.short, field.name,
                field.alias.zh, field.alias.en, field.unit.zh, field.unit.en, field.kind, width,
                field.precision, note.zh, note.en,
            )  # fmt: skip
            table.writerow([defuse_cell(cell) for cell in cells])
    return stream.getvalue().encode("utf-8-sig")


def _say_cut(count: int) -> Text:
    if not count:
        return Text("", "")
    return Text(
        f"{count} 条文字超过 {MOST_BYTES} 字节，已截断，全文见 GeoPackage",
        f"{count} texts are longer than {MOST_BYTES} bytes and end early: see the GeoPackage",
    )
