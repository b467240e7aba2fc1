"""JSON from outside, read so that nothing odd in it is passed over: depth, doubled keys, NaN."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from siteplan.errors import Defect, InputError, Text, shorten
from siteplan.inputs.limits import say_excess

MOST_COMMAS = 20  # told one by one
MOST_VALUES = 10_000
"""Values in the attributes of one feature; no table is as wide."""
SURROGATE = re.compile("[\ud800-\udfff]")
OPENING, CLOSING = np.frombuffer(b"[{", np.uint8), np.frombuffer(b"]}", np.uint8)
STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
TRAILING_COMMA = re.compile(r'"(?:[^"\\]|\\.)*+"?|,(?=\s*[}\]])', re.DOTALL)
"""Strings, which are stepped over, and commas after which nothing follows."""


class Doubled(dict[str, object]):
    """An object of JSON in which one key stood twice; the key is its only attribute."""

    key = ""


@dataclass(slots=True)
class Parsed:
    """JSON as it was read, and what was odd about it.

    Attributes
    ----------
    document
        The value; an object in which a key stood twice is a `Doubled`.
    commas
        Defects that were mended: commas after which nothing follows.
    oddities
        Keys that stand twice, and constants that are not JSON, wherever they stand.
    """

    document: object = None
    commas: list[Defect] = field(default_factory=list)
    oddities: list[Text] = field(default_factory=list)


def parse_json(text: str, label: str, *, nesting: int, values: float = math.inf) -> Parsed:
    """Read JSON; commas after which nothing follows are mended.

    Parameters
    ----------
    text
        The file.
    label
        Its name in messages.
    nesting
        How deep lists and objects may stand in each other.
    values
        How many values there may be.

    Raises
    ------
    InputError
        If it is not JSON, with line and column, or holds more than allowed.
    """
    depth, count = _measure_size(text)
    if depth > nesting:
        raise InputError(say_excess(label, "nesting", depth, nesting))
    if count > values:
        raise InputError(say_excess(label, "values", count, values))
    parsed = Parsed()
    hooks = _make_hooks(parsed.oddities)
    try:
        parsed.document = json.loads(text, **hooks)
    except json.JSONDecodeError as error:
        commas = [match.start() for match in TRAILING_COMMA.finditer(text) if match[0] == ","]
        try:
            parsed.document = json.loads(_blank_out(text, commas), **hooks) if commas else None
        except ValueError:
            parsed.document = None
        if parsed.document is None:
            raise InputError(_say_json_error(error, label)) from error
        parsed.commas += _say_commas(text, commas, label)
    except ValueError as error:
        problem = Text("JSON 中有过长的数", "is JSON with a number too long to read")
        remedy = Text("请重新导出", "Export it again")
        raise InputError(Defect(label, problem, remedy)) from error
    return parsed


def say_doubled(table: Doubled) -> Text:
    """Return what is wrong with an object in which a key stood twice."""
    key = shorten(table.key)
    return Text(f"键 {key} 出现两次", f"has the key {key} twice")


def find_value_problem(value: object) -> Text | None:
    """Return what makes the value of an attribute unfit: no number, no text, too much of it."""
    level, count = [value], 0
    while level:
        count += len(level)
        if count > MOST_VALUES:
            return Text("的值过于庞大", "has too large a value")
        if doubled := [one for one in level if isinstance(one, Doubled)]:
            return say_doubled(doubled[0])
        if any(SURROGATE.search(text) for one in level for text in _list_texts(one)):
            return Text("含有不是文字的字符", "holds what is no text: half of a character")
        if any(isinstance(one, float) and not math.isfinite(one) for one in level):
            return Text("含有 NaN 或无穷大", "holds NaN or an infinity, which is no number")
        level = [
            inner
            for one in level
            if isinstance(one, list | dict)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return None


def _measure_size(text: str) -> tuple[int, int]:
    """Return how deep lists and objects stand in each other, and how many values there are."""
    content = np.frombuffer(STRING.sub("", text).encode("utf-8", errors="replace"), dtype=np.uint8)
    opened = np.isin(content, OPENING).astype(np.int32)
    depth = (opened - np.isin(content, CLOSING)).cumsum(dtype=np.int32).max(initial=0)
    return int(depth), int((content == ord(",")).sum())


def _make_hooks(oddities: list[Text]) -> dict[str, Any]:
    """Return what JSON is read with, so that nothing that is odd in it is passed over."""

    def take_constant(name: str) -> float:
        oddities.append(Text(f"含有 {name}，不是 JSON", f"holds {name}, which is not JSON"))
        return float(name)

    def take_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) < len(pairs):
            table = Doubled(table)
            ((table.key, _),) = Counter(key for key, _ in pairs).most_common(1)
            oddities.append(say_doubled(table))
        return table

    return {"object_pairs_hook": take_pairs, "parse_constant": take_constant}


def _blank_out(text: str, places: Sequence[int]) -> str:
    parts = [
        text[start + 1 : end]
        for start, end in zip([-1, *places], [*places, len(text)], strict=True)
    ]
    return " ".join(parts)


def _say_json_error(error: json.JSONDecodeError, label: str) -> Defect:
    place = f"{error.lineno}:{error.colno}"
    problem = Text(
        f"第 {error.lineno} 行第 {error.colno} 列不是有效的 JSON",
        f"is not valid JSON at line {error.lineno}, column {error.colno}",
    )
    remedy = Text(f"请检查 {place} 附近的逗号和括号", f"Check commas and brackets near {place}")
    return Defect(label, problem, remedy)


def _say_commas(text: str, places: Sequence[int], label: str) -> Iterator[Defect]:
    """Yield each of the first commas too many, and how many more there are."""
    line, start = 1, 0
    remedy = Text("请删去它", "Take it out")
    for place in places[:MOST_COMMAS]:
        line += text.count("\n", start, place)
        start = place
        column = place - text.rfind("\n", 0, place)
        problem = Text(
            f"第 {line} 行第 {column} 列多了一个逗号",
            f"has a comma too many at line {line}, column {column}",
        )
        yield Defect(label, problem, remedy, mended="")
    rest = len(places) - MOST_COMMAS
    if rest > 0:
        problem = Text(f"另有 {rest} 处多了逗号", f"has {rest} more commas too many")
        yield Defect(label, problem, remedy, mended="")


def _list_texts(value: object) -> Iterable[str]:
    """Return a text, or the keys of an object."""
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, dict) else []
