"""Figures of a standard: what they are, and where they come from."""

from collections.abc import Mapping
from datetime import date
from typing import TypedDict

from siteplan.errors import Text, shorten
from siteplan.model import Threshold, ThresholdKind
from siteplan.model.standard import THRESHOLDS
from siteplan.standard.keys import FIGURE_KEYS, NOTE_KEYS, REQUIRED, STATUSES
from siteplan.standard.tables import (
    WRITE_DATE,
    WRITE_NUMBER,
    WRITE_RATIO,
    Reader,
    as_day,
    as_table,
    as_text,
    check_texts,
    is_number,
    read_note,
)


class Origin(TypedDict):
    """Where a statement of a standard comes from."""

    status: str
    source: str
    clause: str | None
    note: Text | None
    adopted_by: str | None
    adopted_on: date | None


def require_thresholds(reader: Reader, tables: Mapping[str, object]) -> None:
    """Note which of the thresholds are missing that no standard can do without."""
    given = as_table(tables.get("threshold"))
    for key in REQUIRED:
        if key not in given and reader.whole:
            problem = Text(f"缺少阈值 {key}", f"has no threshold {key}")
            remedy = Text(f"请加上 [threshold.{key}]", f"Add [threshold.{key}]")
            reader.refuse(("threshold", key), problem, remedy)


def read_thresholds(
    reader: Reader, path: tuple[str, ...], entries: Mapping[str, object]
) -> dict[str, Threshold]:
    """Read the thresholds among the entries, by name."""
    figures = {name: THRESHOLDS[name] for name in entries if name in THRESHOLDS}
    return read_figures(reader, path, entries, figures)


def read_figures(
    reader: Reader,
    path: tuple[str, ...],
    entries: Mapping[str, object],
    kinds: Mapping[str, ThresholdKind],
) -> dict[str, Threshold]:
    """Read those of the entries that are figures; what is wrong with the others is noted."""
    figures = {}
    for name, kind in kinds.items():
        if name in entries:
            figure = _read_figure(reader, (*path, name), entries[name], kind)
            if figure is not None:
                figures[name] = figure
    return figures


def read_origin(
    reader: Reader, path: tuple[str, ...], entry: Mapping[str, object]
) -> Origin | None:
    """Read where a statement comes from: nothing stands in a standard without that."""
    where, before = ".".join(path), len(reader.defects)
    check_texts(reader, entry, ("clause", *NOTE_KEYS, "adopted_by"), path)
    status, source, day = entry.get("status"), entry.get("source"), entry.get("adopted_on")
    if status not in STATUSES:
        listed = ", ".join(STATUSES)
        remedy = Text(f"请用 {listed}", f"Use one of {listed}")
        reader.refuse_value(path, "status", status, remedy)
    cited = isinstance(source, str) and (source in reader.sources or not reader.whole)
    if not cited and not (status == "adopted" and source is None):
        remedy = Text("请在 [source] 中列出", "List it under [source]")
        reader.refuse_value(path, "source", source, remedy)
    if "adopted_on" in entry and as_day(day) is None:
        reader.refuse_value(path, "adopted_on", day, WRITE_DATE)
    if status == "adopted" and not {"adopted_by", "adopted_on"} <= set(entry):
        problem = Text(f"{where} 未写明由谁采纳", f"{where} does not say who adopted it and when")
        remedy = Text("请写明 adopted_by 和 adopted_on", "Give adopted_by and adopted_on")
        reader.refuse(path, problem, remedy)
    if len(reader.defects) > before:
        return None
    return Origin(
        status=str(status),
        source=str(source or entry["adopted_by"]),  # who adopts a figure is its source
        clause=as_text(entry.get("clause")),
        note=read_note(entry),
        adopted_by=as_text(entry.get("adopted_by")),
        adopted_on=as_day(day),
    )


def _read_figure(
    reader: Reader, path: tuple[str, ...], entry: object, kind: ThresholdKind
) -> Threshold | None:
    where = ".".join(path)
    if not isinstance(entry, dict):
        what = "min = …, max = …" if kind.form == "range" else "value = …"
        told = f"{{{what}, unit = …, op = …, status = …, source = …}}"
        remedy = Text(f"请写 {told}", f"Write {told}")
        shown = shorten(repr(entry))
        reader.refuse(path, Text(f"{where} 为 {shown}", f"{where} is {shown}"), remedy)
        return None
    before = len(reader.defects)
    reader.check_keys(entry, FIGURE_KEYS, path)
    origin = read_origin(reader, path, entry)
    if entry.get("op") != kind.op:
        remedy = Text(f"请用 {kind.op}", f"Use {kind.op}")
        reader.refuse_value(path, "op", entry.get("op"), remedy)
    if entry.get("unit") != kind.unit:
        remedy = (
            Text(f"单位应为 {kind.unit}", f"The unit is {kind.unit}")
            if kind.unit
            else Text("请删去 unit", "Take unit out")
        )
        reader.refuse_value(path, "unit", entry.get("unit"), remedy)
    value, upper = _read_value(reader, path, entry, kind)
    by = as_day(entry.get("by"))
    if kind.dated and by is None:
        reader.refuse_value(path, "by", entry.get("by"), WRITE_DATE)
    elif not kind.dated and "by" in entry:
        remedy = Text("请删去 by", "Take by out")
        reader.refuse_value(path, "by", entry.get("by"), remedy)
    if len(reader.defects) > before or value is None or origin is None:
        return None
    return Threshold(
        name=path[-1], value=value, unit=kind.unit, op=kind.op, upper=upper, by=by, **origin
    )


def _read_value(
    reader: Reader, path: tuple[str, ...], entry: Mapping[str, object], kind: ThresholdKind
) -> tuple[float | date | None, float | None]:
    """Return the value of a figure, and the most of a range; None for what is none."""
    ranged = kind.form == "range"
    for key in ("value",) if ranged else ("min", "max"):
        if key in entry:
            remedy = (
                Text("这是范围，请写 min 和 max", "This is a range: give min and max")
                if ranged
                else Text("请写 value", "Give value")
            )
            reader.refuse_value(path, key, entry[key], remedy)
    if not ranged:
        value = entry.get("value")
        remedy_ = _check_value(value, kind)
        if remedy_:
            reader.refuse_value(path, "value", value, remedy_)
        return (value if isinstance(value, int | float | date) else None), None
    least, most = entry.get("min"), entry.get("max")
    for key, limit in (("min", least), ("max", most)):
        if not is_number(limit):
            reader.refuse_value(path, key, limit, WRITE_NUMBER)
    if not is_number(least) or not is_number(most):
        return None, None
    if least >= most:
        remedy = Text(f"请写大于 {least:g} 的数", f"Give a number above {least:g}")
        reader.refuse_value(path, "max", most, remedy)
    return least, most


def _check_value(value: object, kind: ThresholdKind) -> Text | None:
    """Return what to write instead of a single value; None if it is good."""
    if kind.form == "date":
        return None if as_day(value) else WRITE_DATE
    if not is_number(value):
        return WRITE_NUMBER
    return WRITE_RATIO if kind.form == "ratio" and value > 1 else None
