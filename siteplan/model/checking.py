"""What is found out about a file before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from siteplan.errors import Defect, Text
from siteplan.model.types import Shape

FileKind = Literal["proposals", "boundaries", "unknown"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was corrected.

    Attributes
    ----------
    feature
        As a defect counts it; None if it is the whole file.
    name
        The feature's own name, as far as it has one.
    field
        The attribute; None if it is the place.
    problem
        What was wrong, with the value that stood there.
    after
        What stands there now; None for what could not be kept.
    """

    feature: int | None
    name: str | None
    field: str | None
    problem: Text
    after: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """A file as it was meant.

    Attributes
    ----------
    features
        Attributes and geometry (WGS84 longitude and latitude, or None) of each, in order.
    changes
        Everything that differs from the file.
    """

    features: tuple[tuple[Mapping[str, object], Shape | None], ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CheckedFile:
    """One file with everything that is wrong with it.

    Attributes
    ----------
    path
        As the user named it.
    kind
        What it holds, as far as that can be told.
    features
        How many it has.
    datum
        What its coordinates were taken for: `wgs84`, `gcj02`, `bd09` or an `EPSG:…`; None if it has
        none, or several.
    defects
        By stage, then by feature.
    correction
        The file as it was meant; None if there is nothing to correct, or nothing to read.
    """

    path: str
    kind: FileKind
    features: int
    datum: str | None
    defects: tuple[Defect, ...]
    correction: Correction | None = None

    @property
    def usable(self) -> bool:
        """Whether nothing in it is an error."""
        return not any(defect.severity == "error" for defect in self.defects)
