"""What a reader of one format found in a file: features, and everything that is wrong with them."""

from dataclasses import dataclass, field

import pyproj

from siteplan.crs import LON_LAT, Datum
from siteplan.errors import DefectList
from siteplan.model import Shape


@dataclass(slots=True)
class Features:
    """Features in the order of the file.

    Attributes
    ----------
    geometries
        In `crs`; None where a feature has none that can be used, with the reason among the defects.
    properties
        Attributes by the names the file gives them.
    rows
        Number of each feature as the user counts: from 1; in a table, the row of the sheet.
    crs
        Of the geometries.
    datums
        What the degrees of each feature are by its own word; None where it says nothing.
    defects
        Of every stage and severity. One that is mended stands here too, and the feature holds what
        it was mended to.
    """

    geometries: list[Shape | None]
    properties: list[dict[str, object]]
    rows: list[int]
    crs: pyproj.CRS = field(default_factory=lambda: pyproj.CRS(LON_LAT))
    datums: list[Datum | None] = field(default_factory=list)
    defects: DefectList = field(default_factory=DefectList)
