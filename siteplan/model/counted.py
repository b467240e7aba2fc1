"""Residents brought into a case: of each subdistrict how many, and who says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from siteplan.errors import Text
from siteplan.model.types import Metres

WRITTEN = "written_by_siteplan"
"""Column of the tables that siteplan writes into a case: no other table is ever replaced."""


@dataclass(frozen=True, slots=True)
class CountedRow:
    """One subdistrict.

    Attributes
    ----------
    code, name
        Of the subdistrict.
    people
        What is written: the census where it has the subdistrict, else the figure of the file.
    figure
        Of the file; None if it does not have the subdistrict.
    census
        Of the census; None if it does not have the subdistrict, or there is none.
    estimated
        Whether nobody counted `people`.
    source
        Where `people` is from.
    year
        Of `people`; None if nobody knows.
    groups
        People of each group that was counted.
    """

    code: str
    name: str
    people: float
    figure: float | None
    census: float | None
    estimated: bool
    source: str
    year: int | None
    groups: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where people live.

    Attributes
    ----------
    lon, lat
        WGS84 degrees.
    weight
        People there.
    source, year
        Of the raster that has them there, however many a census counts in all.
    """

    lon: Metres
    lat: Metres
    weight: Metres
    source: str
    year: int


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """The residents of a case.

    Attributes
    ----------
    rows
        In order of code.
    places
        Where they live; None if the file does not say.
    columns
        What the case calls our columns, by role.
    notes
        What a reader must know.
    """

    rows: tuple[CountedRow, ...]
    places: Places | None
    columns: Mapping[str, Mapping[str, str]]
    notes: tuple[Text, ...]
