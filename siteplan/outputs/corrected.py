"""A corrected copy of a file beside it, and the log of what was corrected."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import shapely
import xlsxwriter

from siteplan.errors import Defect, InputError, Language, OutputExistsError, Text, shorten
from siteplan.files import (
    LOG_START,
    clean_text,
    defuse_cell,
    hash_file,
    name_corrected,
    name_log,
    read_log,
    write_files,
)
from siteplan.model import CheckedFile, Correction, Shape
from siteplan.schema import SHEET, find_field

LONGEST_NAME = 255  # bytes, of a file on every system in use
DECIMALS = 9  # of a degree: a tenth of a millimetre
CREATED = datetime(2010, 7, 1)  # noqa: DTZ001  # the same bytes whenever it is written
NO_TEXT = Text("", "")
ONE_SHEET = Text(
    "更正后的文件只有申报的工作表；其他工作表、标题行、格式和批注见原文件",
    "The corrected file holds the sheet that proposes; for other sheets, titles above the header,"
    " formats and remarks see the original",
)


def write_correction(file: CheckedFile, correction: Correction, lang: Language) -> Path:
    """Write NAME.fixed.EXT beside NAME.EXT, and NAME.fixed.EXT.log with every change.

    Parameters
    ----------
    file
        As it was checked.
    correction
        Of that file.
    lang
        Language of the log.

    Returns
    -------
    Path
        Of the corrected file.

    Raises
    ------
    InputError
        If the format is none that can be written.
    OutputExistsError
        If a file of that name stands there that is not as siteplan left it.
    """
    source = Path(file.path)
    write = WRITERS.get(source.suffix.lower())
    if write is None:
        problem = Text(f"不能更正 {source.suffix} 文件", f"{source.suffix} files are not corrected")
        listed = ", ".join(WRITERS)
        remedy = Text(f"请另存为 {listed}", f"Save it as one of {listed}")
        raise InputError(Defect(file.path, problem, remedy))
    target, log = name_corrected(source), name_log(source)
    if len(os.fsencode(log.name)) > LONGEST_NAME:
        problem = Text("文件名太长", "has too long a name for a copy beside it")
        raise InputError(Defect(shorten(file.path), problem, Text("请缩短", "Shorten it")))
    known = read_log(log)
    if target.exists() and (known is None or known.corrected != hash_file(target)):
        problem = Text(
            "已存在，且不是 siteplan 留下的样子", "exists, and is not as siteplan left it"
        )
        raise OutputExistsError(Defect(str(target), problem, Text("请移走它", "Move it away")))
    content = write(correction)
    head = [
        f"{LOG_START} {version('siteplan')}",
        f"source\t{hash_file(source)}\t{clean_text(source.name)}",
        f"corrected\t{hashlib.sha256(content).hexdigest()}\t{clean_text(target.name)}",
        "",
    ]
    changes = _say_changes(source.name, correction, lang)
    if source.suffix.lower() == ".xlsx":
        changes.append(ONE_SHEET.say(lang))
    lines = [clean_text(line) for line in changes]
    text = "\n".join([*head, *lines, ""]).encode("utf-8", errors="replace")
    marks = {target.name: b"", log.name: LOG_START.encode()}
    write_files(source.parent, {target.name: content, log.name: text}, marks)
    return target


def _say_changes(name: str, correction: Correction, lang: Language) -> list[str]:
    """Return a line for each change: where, what was wrong, what stands there now."""
    lines = []
    for change in correction.changes:
        place = Defect(name, NO_TEXT, NO_TEXT, feature=change.feature, name=change.name)
        after = change.after or Text("删去", "taken out").say(lang)
        if change.after is None:
            after = Text("未能保留，见原文件", "not kept, see the original").say(lang)
        lines.append(f"{place.say_place(lang)}{change.problem.say(lang)} → {after}")
    return lines


def _write_geojson(correction: Correction) -> bytes:
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {key: _plain(value) for key, value in properties.items()},
                "geometry": _describe(geometry),
            },
            ensure_ascii=False,
        )
        for properties, geometry in correction.features
    ]
    lines = ",\n".join(features)
    text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
    return text.encode("utf-8", errors="replace")


def _describe(geometry: Shape | None) -> dict[str, object] | None:
    if geometry is None:
        return None
    rounded = shapely.transform(geometry, lambda xy: xy.round(DECIMALS))
    document: dict[str, object] = json.loads(shapely.to_geojson(rounded))
    return document


def _write_csv(correction: Correction) -> bytes:
    stream = io.StringIO(newline="")
    table = csv.writer(stream)
    table.writerows([defuse_cell(cell) for cell in row] for row in _list_rows(correction))
    return stream.getvalue().encode("utf-8-sig", errors="replace")


def _write_xlsx(correction: Correction) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet(SHEET.zh)
    for number, row in enumerate(_list_rows(correction)):
        for column, cell in enumerate(row):
            if isinstance(cell, bool):
                sheet.write_boolean(number, column, cell)
            elif isinstance(cell, int | float):
                sheet.write_number(number, column, cell)
            elif cell not in {None, ""}:
                sheet.write_string(number, column, clean_text(str(cell)))
    book.close()
    return stream.getvalue()


def _list_rows(correction: Correction) -> list[list[object]]:
    """Return header and rows of a table: the file's own columns, then the place in WGS84."""
    columns = list(dict.fromkeys(key for values, _ in correction.features for key in values))
    chinese = any(not key.isascii() for key in columns)
    place = [find_field(key).label.zh if chinese else key for key in ("lon", "lat")]
    rows: list[list[object]] = [[*columns, *place]]
    for values, geometry in correction.features:
        cells = [_plain(values.get(key)) for key in columns]
        at = [None, None] if geometry is None else shapely.get_coordinates(geometry)[0].tolist()
        rows.append([*cells, *(degrees and round(degrees, DECIMALS) for degrees in at)])
    return rows


def _plain(value: object) -> object:
    """Return what JSON and cells can hold."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    return value


WRITERS: Mapping[str, Callable[[Correction], bytes]] = {
    ".geojson": _write_geojson,
    ".json": _write_geojson,
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
}
