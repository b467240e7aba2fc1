"""A figure of a standard and its status in words, the same wherever they are told."""

from collections.abc import Mapping

from siteplan.errors import Text
from siteplan.model import Threshold
from siteplan.model.standard import THRESHOLDS

THRESHOLD_WORDS: Mapping[str, Text] = {
    "quoted": Text("引自原文", "quoted"),
    "adopted": Text("已采用", "adopted"),
    "secondary": Text("转引", "secondary"),
    "unverified": Text("未核实", "unverified"),
    "assumed": Text("假定", "assumed"),
}
SIGNS = {"<=": "≤ ", ">=": "≥ ", "==": "= ", "in": ""}
UNITS: Mapping[str | None, Text] = {
    "m": Text("米", "m"),
    "m2": Text("平方米", "m²"),
    "m/s": Text("米/秒", "m/s"),
    "ha": Text("公顷", "ha"),
    "person": Text("人", "people"),
    "dwelling": Text("套", "dwellings"),
    "month": Text("个月", "months"),
}
ONE = {"month": "month", "person": "person", "dwelling": "dwelling"}
"""Units of a single one in English, where they differ."""
PERCENT = 100


def say_status(status: str) -> Text:
    """Return what a status is called; one that nobody knows is told as it stands."""
    return THRESHOLD_WORDS.get(status, Text(status, status))


def say_threshold(threshold: Threshold) -> Text:
    """Return sign, figure, unit and day of a threshold; a share in percent.

    Examples
    --------
    >>> kind = {"status": "assumed", "source": "us", "clause": None}
    >>> say_threshold(Threshold("coverage_target", 0.85, None, ">=", **kind)).en
    '≥ 85%'
    >>> say_threshold(Threshold("pop_per_centre", 3e4, "person", "in", upper=1e5, **kind)).en
    '30,000–100,000 people'
    """
    figures = (threshold.value, threshold.upper)
    told = "–".join(_say_number(threshold, one) for one in figures if isinstance(one, int | float))
    figure = SIGNS.get(threshold.op, "") + (told or str(threshold.value))
    unit = threshold.unit or ""
    words = UNITS.get(unit, Text(unit, unit))
    english = ONE.get(unit, words.en) if threshold.plain == 1 else words.en
    by = Text(f"（{threshold.by} 前）", f"by {threshold.by}") if threshold.by else Text("", "")
    return Text(
        f"{figure} {words.zh}".strip() + by.zh,
        " ".join(part for part in (figure, english, by.en) if part),
    )


def _say_number(threshold: Threshold, number: float) -> str:
    kind = THRESHOLDS.get(threshold.name)
    if kind and kind.form == "ratio":
        return f"{number * PERCENT:.10g}%"
    return f"{number:,.10g}"
