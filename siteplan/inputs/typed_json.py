"""Values of a JSON document of siteplan's own, taken out by key and checked for what they are.

A value that is not what it should be is a defect, and something harmless stands in its place, so
that all defects of a document are found in one pass: what was read counts only where there is none.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from siteplan.errors import Defect, InputError, Text, shorten
from siteplan.inputs.strict_json import SURROGATE, Doubled, say_doubled
from siteplan.model.recorded import Value

MOST_TOLD = 100
"""Defects of one file that are told one by one."""
MOST_LETTERS = 20_000
LARGEST = 1e15
INDEX = re.compile(r"\[\d+\]")

Table = Mapping[str, object]


@dataclass(slots=True)
class DocumentReader:
    """Reads one document, and collects what is wrong with it.

    Attributes
    ----------
    label
        The file in messages.
    remedy
        What to do where it is wrong.
    later
        Keys that the format has not had from the start: they may be missing, of all entries of a
        list alike.
    problems
        Each once, in order.
    absent, present
        How often a later key is missing and how often it is there, by where it belongs.
    """

    label: str
    remedy: Text
    later: frozenset[str] = frozenset()
    problems: dict[Text, None] = field(default_factory=dict)
    absent: Counter[str] = field(default_factory=Counter)
    present: Counter[str] = field(default_factory=Counter)

    @property
    def missing(self) -> tuple[str, ...]:
        """Later keys that the document does not have, by where they belong."""
        return tuple(sorted(self.absent))

    def tell(self, problem: Text) -> None:
        """Note what is wrong."""
        self.problems.setdefault(problem)

    def raise_defects(self) -> None:
        """Raise all that is wrong.

        Raises
        ------
        InputError
            If anything is.
        """
        for name in sorted(self.absent.keys() & self.present.keys()):
            count = self.absent[name]
            self.tell(Text(f"有 {count} 处缺少 {name}", f"has no {name} in {count} places"))
        told = list(self.problems)
        rest = len(told) - MOST_TOLD
        if rest > 0:
            told[MOST_TOLD:] = [Text(f"另有 {rest} 处问题", f"has {rest} more defects")]
        if told:
            raise InputError(*(Defect(self.label, one, self.remedy) for one in told))

    def refuse(self, table: Table, key: str, where: str, wanted: Text) -> None:
        """Note that a value is not what it should be; that a key is missing is told already."""
        if key in table:
            shown, name = shorten(repr(table[key])), f"{where}{shorten(key)}"
            self.tell(
                Text(f"{name} 为 {shown}，应为{wanted.zh}", f"{name} is {shown}, not {wanted.en}")
            )

    def _take(self, table: Table, key: str, where: str) -> object:
        """Return a value; None, and a defect, if the key is missing that must be there."""
        if key in self.later:
            counter = self.present if key in table else self.absent
            counter[INDEX.sub("[]", f"{where}{key}")] += 1
        elif key not in table:
            self.tell(Text(f"缺少 {where}{key}", f"has no {where}{key}"))
        return table.get(key)

    def has(self, table: Table, key: str, where: str = "") -> bool:
        """Whether a later key is there; that it is missing is noted."""
        if key not in table:
            self._take(table, key, where)
        return key in table

    def read_table(self, table: Table, key: str, where: str = "") -> Table:
        """Return an object; an empty one, and a defect, if it is none."""
        value = self._take(table, key, where)
        if isinstance(value, Doubled):
            self.tell(say_doubled(value))
        if isinstance(value, dict):
            return value
        self.refuse(table, key, where, Text("对象", "an object"))
        return {}

    def read_list(self, table: Table, key: str, where: str = "") -> Sequence[object]:
        """Return a list; an empty one, and a defect, if it is none."""
        value = self._take(table, key, where)
        if isinstance(value, list):
            return value
        self.refuse(table, key, where, Text("列表", "a list"))
        return ()

    def read_tables(self, table: Table, key: str, where: str = "") -> Iterator[tuple[Table, str]]:
        """Yield the objects of a list, each with its place in front of its keys."""
        for number, value in enumerate(self.read_list(table, key, where)):
            place = f"{where}{key}[{number}]"
            if isinstance(value, dict):
                yield value, f"{place}."
            else:
                self.tell(Text(f"{place} 不是对象", f"{place} is not an object"))

    def read_texts(self, table: Table, key: str, where: str = "") -> tuple[str, ...]:
        """Return the texts of a list; what is none is a defect."""
        values = self.read_list(table, key, where)
        texts = [self.read_text({key: value}, key, where) for value in values]
        return tuple(texts)

    def read_figure(
        self, table: Table, key: str, where: str = "", most: float = LARGEST, least: float = 0.0
    ) -> float | None:
        """Return a number within bounds; None for null."""
        value = self._take(table, key, where)
        if value is None:
            return None
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and least <= value <= most
        ):
            return float(value)
        wanted = Text(f" {least:g} 至 {most:g} 的数", f"a number from {least:g} to {most:g}")
        self.refuse(table, key, where, wanted)
        return None

    def read_number(
        self, table: Table, key: str, where: str = "", most: float = LARGEST, least: float = 0.0
    ) -> float:
        """Return a number within bounds; 0, and a defect, if it is none."""
        value = self.read_figure(table, key, where, most, least)
        if value is None and table.get(key) is None:
            self.refuse(table, key, where, Text("数", "a number"))
        return value or 0.0

    def read_flag(self, table: Table, key: str, where: str = "") -> bool | None:
        """Return true or false; None for null."""
        value = self._take(table, key, where)
        if value is not None and not isinstance(value, bool):
            self.refuse(table, key, where, Text("true 或 false", "true or false"))
            return None
        return value

    def read_label(self, table: Table, key: str, where: str = "") -> str | None:
        """Return a text, which may be empty; None for null."""
        value = self._take(table, key, where)
        if value is None:
            return None
        if isinstance(value, str) and len(value) <= MOST_LETTERS and not SURROGATE.search(value):
            return value
        self.refuse(table, key, where, Text("文字", "text"))
        return None

    def read_text(self, table: Table, key: str, where: str = "") -> str:
        """Return a text; an empty one, and a defect, if it is none or blank."""
        value = self.read_label(table, key, where)
        if value is not None and value.strip():
            return value
        if not table.get(key) or value is not None:
            self.refuse(table, key, where, Text("文字", "text"))
        return ""

    def read_word(self, table: Table, key: str, words: Sequence[str], where: str = "") -> str:
        """Return one of some words; the first, and a defect, if it is none of them."""
        value = self._take(table, key, where)
        if isinstance(value, str) and value in words:
            return value
        listed = "/".join(words)
        self.refuse(table, key, where, Text(f" {listed} 之一", f"one of {listed}"))
        return words[0]

    def read_pair(self, table: Table, key: str, where: str = "") -> Text:
        """Return a text in both languages; empty where a later key is missing, or at a defect."""
        if key in self.later and not self.has(table, key, where):
            return Text("", "")
        pair, place = self.read_table(table, key, where), f"{where}{key}."
        if not pair:
            return Text("", "")
        return Text(
            self.read_label(pair, "zh", place) or "", self.read_label(pair, "en", place) or ""
        )

    def read_value(self, table: Table, key: str, where: str = "") -> Value | None:
        """Return a number, a text, or a range as it is written; None for null."""
        value = table.get(key)
        if isinstance(value, list) and len(value) == 2:  # noqa: PLR2004  # from, to
            ends = [self.read_number({key: end}, key, where, LARGEST, -LARGEST) for end in value]
            return f"{ends[0]:g}–{ends[1]:g}"
        if isinstance(value, str):
            return self.read_label(table, key, where)
        return self.read_figure(table, key, where, LARGEST, -LARGEST)

    def read_day(self, table: Table, key: str, where: str = "") -> str | None:
        """Return a day as it is written; None for null, and for what is no day, with a defect."""
        value = self.read_label(table, key, where)
        try:
            return value and date.fromisoformat(value).isoformat()
        except ValueError:
            self.refuse(table, key, where, Text("日期", "a day such as 2010-07-01"))
            return None
