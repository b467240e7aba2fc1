"""Values and tables as TOML holds them, and the reader that notes what is wrong with them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TypeGuard

from siteplan.errors import Defect, DefectList, Text, shorten
from siteplan.files import check_keys
from siteplan.standard.keys import NOTE_KEYS, TITLE_KEYS

WRITE_TEXT = Text("请写文本", "Write text in quotes")
WRITE_DATE = Text("请写日期，如 2010-08-31，不加引号", "Give a date without quotes: 2010-08-31")
WRITE_NUMBER = Text("请写大于 0 的数", "Give a number above 0")
WRITE_RATIO = Text("请写 0 到 1 的比率：0.85，不是 85", "Write a share from 0 to 1: 0.85, not 85")


@dataclass(frozen=True, slots=True)
class Layer:
    """One file of those that a standard is made of."""

    label: str
    tables: Mapping[str, object]
    path: Path


@dataclass(slots=True)
class Reader:
    """The files of a standard, the one that is extended first, and what is wrong with them."""

    layers: list[Layer]
    sources: Mapping[str, object] = field(default_factory=dict)
    defects: DefectList = field(default_factory=DefectList)

    def refuse(self, path: tuple[str, ...], problem: Text, remedy: Text) -> None:
        """Note a defect of what stands at a path of keys."""
        label = self.find_label(path)
        self.defects.append(Defect(label, problem, remedy, stage="fields", field=".".join(path)))

    def refuse_value(self, path: tuple[str, ...], key: str, value: object, remedy: Text) -> None:
        """Note that the value of a key is not what it should be."""
        where, shown = ".".join([*path, key]), shorten(repr(value))
        self.refuse(path, Text(f"{where} 为 {shown}", f"{where} is {shown}"), remedy)

    def check_keys(self, given: Iterable[str], known: Iterable[str], path: tuple[str, ...]) -> None:
        """Note the keys nobody knows at a path."""
        label = self.find_label(path)
        self.defects += check_keys(given, known, label=label, where=".".join(path))

    @property
    def whole(self) -> bool:
        """Whether every file it is made of could be read."""
        first = self.layers[0].tables
        return "extends" not in {*first, *as_table(first.get("profile"))}

    def find_label(self, path: tuple[str, ...]) -> str:
        """Return the file in which what stands at a path was given; the last one if in none."""
        for layer in reversed(self.layers):
            table: object = layer.tables
            for key in path:
                table = as_table(table).get(key)
            if table is not None:
                return layer.label
        return self.layers[-1].label


def check_texts(
    reader: Reader, table: Mapping[str, object], keys: Iterable[str], path: tuple[str, ...]
) -> None:
    """Note what is given under one of the keys and is no text, or an empty one."""
    for key in keys:
        value = table.get(key, "—")
        if not isinstance(value, str) or not value.strip():
            reader.refuse_value(path, key, value, WRITE_TEXT)


def require_title(reader: Reader, table: Mapping[str, object], path: tuple[str, ...]) -> None:
    """Note that a table has no title in either language."""
    if not set(TITLE_KEYS) & set(table):
        where = ".".join(path)
        remedy = Text("请写 title_zh 和 title_en", "Give title_zh and title_en")
        reader.refuse(path, Text(f"{where} 没有名称", f"{where} has no title"), remedy)


def read_title(entry: Mapping[str, object], stem: str = "title") -> Text:
    """Return a title in both languages, or the same one twice."""
    zh, en = entry.get(f"{stem}_zh"), entry.get(f"{stem}_en")
    return Text(str(zh or en or ""), str(en or zh or ""))


def read_note(entry: Mapping[str, object]) -> Text | None:
    """Return a note in both languages, or the same one twice; None without any."""
    if not set(NOTE_KEYS) & set(entry):
        return None
    note = entry.get("note")
    return read_title({"note_zh": note, "note_en": note, **entry}, "note")


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number above 0."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def as_day(value: object) -> date | None:
    """Return a value that is a day, without a time; None for anything else."""
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def as_text(value: object) -> str | None:
    """Return a value that is text; None for anything else."""
    return value if isinstance(value, str) else None


def as_table(value: object) -> dict[str, object]:
    """Return a value that is a table; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Return a value that is a list; an empty one for anything else."""
    return value if isinstance(value, list) else []
