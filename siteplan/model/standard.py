"""The planning standard (设置标准): figures with their status and source."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from siteplan.errors import Text

BINDING = frozenset({"quoted", "adopted"})
"""What a threshold must be to let a figure fail."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure of a planning standard, and where it comes from.

    Attributes
    ----------
    name
        As rules refer to it.
    value
        A number or a date.
    unit
        None for a ratio or a count.
    op
        How a measured value is held against it: `<=`, `>=` or `==`.
    status
        `quoted`: read in the cited text; `adopted`: set by the user's authority; `secondary`,
        `unverified`, `assumed`: weaker, a rule only warns on them.
    source
        Id of a source of the standard.
    clause
        Where in that source.
    """

    name: str
    value: float | date
    unit: str | None
    op: str
    status: str
    source: str
    clause: str | None

    @property
    def binding(self) -> bool:
        """Whether a figure may fail on this threshold by itself."""
        return self.status in BINDING

    @property
    def number(self) -> float:
        """The value as a number; nan for a date."""
        return float(self.value) if isinstance(self.value, int | float) else math.nan


@dataclass(frozen=True, slots=True)
class Pilot:
    """A subdistrict on the list of pilots."""

    code: str
    name: str
    district: str
    mode: int


@dataclass(frozen=True, slots=True)
class Standard:
    """A planning standard (设置标准): thresholds by name, and the rules it asks for.

    Attributes
    ----------
    thresholds
        By name.
    sources
        Title of each source by id.
    rules
        Codes of the rules to judge by, in order.
    clauses
        Clause of the planning document behind each rule.
    pilots
        Pilot subdistricts by code; empty where the standard has no such list.
    """

    id: str
    title: Text
    thresholds: Mapping[str, Threshold]
    sources: Mapping[str, Text]
    rules: tuple[str, ...]
    clauses: Mapping[str, str]
    pilots: Mapping[str, Pilot]

    def number(self, name: str) -> float | None:
        """Return a threshold's value where it is a number, None where the standard has none."""
        threshold = self.thresholds.get(name)
        return threshold.number if threshold else None
