"""Attribute values as files give them: text, numbers, years, dates and codes."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

OFFICIAL_CODE = re.compile(r"^(\d{9})000$")
NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
MISSING_TEXT = {"", "nan", "null", "none", "n/a", "<na>"}


def is_missing(value: object) -> bool:
    """Whether a value stands for nothing: null, NaN, blank.

    Examples
    --------
    >>> is_missing(" "), is_missing(float("nan")), is_missing(0)
    (True, True, False)
    """
    if value is None:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, str) and value.strip().lower() in MISSING_TEXT


def pick(properties: Mapping[str, object], field: str, columns: Mapping[str, str]) -> object:
    """Return the value of one of our fields under the name the file has for it."""
    return properties.get(columns.get(field, field))


def find_name(properties: Mapping[str, object]) -> str | None:
    """Return what a feature calls itself, for messages; None if it has no name."""
    names = (properties.get(key) for key in ("name", "名称"))
    return next((name for name in names if isinstance(name, str) and name.strip()), None)


def parse_text(value: object) -> str | None:
    """Return text without blanks around it; a whole number without its `.0`; None if missing."""
    if is_missing(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def require_text(value: object) -> str | None:
    """Return text as `parse_text` does, but only of text or a number.

    Raises
    ------
    ValueError
        If it is a list, a table, or true or false.
    """
    if isinstance(value, list | tuple | dict | bool):
        raise ValueError(value)  # noqa: TRY004  # callers treat every bad value alike
    return parse_text(value)


def parse_code(value: object) -> str | None:
    """Return a code as the key of joins: text, a 12-digit official code in its 9-digit form.

    Examples
    --------
    >>> parse_code(440106012000), parse_code("440106012"), parse_code("Vaduz")
    ('440106012', '440106012', 'Vaduz')
    """
    text = parse_text(value)
    if text is None:
        return None
    official = OFFICIAL_CODE.match(text)
    return official.group(1) if official else text


def parse_number(value: object) -> float | None:
    """Return a finite number, also from text such as "1200"; None if missing.

    Raises
    ------
    ValueError
        If it is neither missing nor a finite number.
    """
    if is_missing(value):
        return None
    text = str(value).strip()  # True, a list or a date is no number either
    if not NUMBER.match(text) or not math.isfinite(float(text)):
        raise ValueError(value)
    return float(text)


def parse_whole(value: object) -> int | None:
    """Return a whole number; None if missing.

    Raises
    ------
    ValueError
        If it is neither.
    """
    number = parse_number(value)
    if number is None:
        return None
    if not number.is_integer():
        raise ValueError(value)
    return int(number)


def parse_date(value: object) -> date | None:
    """Return an ISO date; None if missing.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if is_missing(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return date.fromisoformat(str(value).strip())


def parse_list(value: object) -> tuple[str, ...]:
    """Return a list of texts, also from one text with separators between its items.

    Examples
    --------
    >>> parse_list("养老、青少年"), parse_list(["elderly", " youth "])
    (('养老', '青少年'), ('elderly', 'youth'))
    """
    if is_missing(value):
        return ()
    items: Sequence[object] = (
        value if isinstance(value, list | tuple) else re.split(r"[,;，；、|]", str(value))
    )
    return tuple(text for item in items if (text := parse_text(item)))
