"""Attribute values as files give them: text, numbers, years, dates and codes."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from siteplan.schema import find_header

OFFICIAL_CODE = re.compile(r"^(\d{9})000$")
NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$")
SIDES = {"lon": "EWew东西", "lat": "NSns北南"}
DEGREE_SIGNS = ("°", "度")
DEGREES_MINUTES = re.compile(
    r"^([NSEW东西南北]?)[经纬]?\s*(\d{1,3})\s*[°度]\s*(\d{1,2}(?:\.\d+)?)\s*['′分]"
    r"\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″秒]|''|′′)\s*)?([NSEW]?)$",
    re.IGNORECASE,
)
WRITTEN_DATE = re.compile(r"^(\d{4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})\s*[日号]?$")
PLAIN_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
EXCEL_START = date(1899, 12, 30)
"""Day 0 of Excel's calendar as it counts from March 1900 on (ECMA-376 part 1, 18.17.4.1)."""
EXCEL_DAYS = (20_000, 73_050)  # 1954 to 2099: other numbers are no days of our time
SIXTY = 60
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
    keys = ("name", "名称", *(key for key in properties if find_header(key) == "name"))
    names = (properties.get(key) for key in keys)
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


def mend_number(value: object, units: Sequence[str] = ()) -> float | None:
    """Return the number that a text can only mean; None if that is in doubt.

    Digits of full width, a separator of thousands, and one of the units behind the number.

    Examples
    --------
    >>> mend_number("１２００㎡", ["m2"]), mend_number("1,200"), mend_number("1.2万", ["m2"])
    (1200.0, 1200.0, None)
    """
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFKC", value).strip()
    unit = next((unit for unit in units if text.lower().endswith(unit)), "")
    text = text[: len(text) - len(unit)].strip()
    if THOUSANDS.match(text):
        text = text.replace(",", "")
    try:
        return parse_number(text)
    except ValueError:
        return None


def mend_degrees(value: object, axis: str) -> float | None:
    """Return the longitude or latitude that a text can only mean; None if that is in doubt.

    As `mend_number`, and degrees with minutes and seconds. A letter for the side must fit the axis,
    `lon` or `lat`.

    Examples
    --------
    >>> mend_degrees("113°21′36″E", "lon"), mend_degrees("113.36°", "lon")
    (113.36, 113.36)
    >>> mend_degrees("113°21′36″N", "lon"), mend_degrees("113 36", "lon")
    (None, None)
    """
    text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else ""
    parts = DEGREES_MINUTES.match(text)
    if parts is None:
        return mend_number(value, DEGREE_SIGNS)
    before, degrees, minutes, seconds, after = parts.groups()
    minute, second = float(minutes), float(seconds or 0)
    sides = {before, after} - {""}
    if minute >= SIXTY or second >= SIXTY or any(side not in SIDES[axis] for side in sides):
        return None
    sign = -1 if sides & {*"SWsw南西"} else 1
    return sign * round(int(degrees) + minute / SIXTY + second / SIXTY**2, 9)


def parse_date(value: object) -> date | None:
    """Return a date written with the year first; None if missing.

    Raises
    ------
    ValueError
        If it is neither. Whether 8/9/2010 is in August or in September nobody can tell.

    Examples
    --------
    >>> str(parse_date("2010年8月31日")), str(parse_date("2010/8/31")), str(parse_date("20100831"))
    ('2010-08-31', '2010-08-31', '2010-08-31')
    """
    if is_missing(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = unicodedata.normalize("NFKC", parse_text(value) or "").split("T")[0]
    written = WRITTEN_DATE.match(text) or PLAIN_DATE.match(text)
    if written is None:
        raise ValueError(value)
    year, month, day = (int(part) for part in written.groups())
    return date(year, month, day)


def read_excel_day(value: object) -> date | None:
    """Return the date that a number of days stands for in Excel; None for any other value.

    Examples
    --------
    >>> str(read_excel_day(40421)), read_excel_day(12)
    ('2010-08-31', None)
    """
    try:
        days = parse_number(value)
    except ValueError:
        return None
    if days is None or not EXCEL_DAYS[0] <= days <= EXCEL_DAYS[1]:
        return None
    return EXCEL_START + timedelta(days=int(days))


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
