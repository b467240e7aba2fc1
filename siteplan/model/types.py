"""Words that the records share: arrays with their unit, and the values of short lists."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

Metres = npt.NDArray[np.float64]
Factors = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Residents = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.str_]
Shape = BaseGeometry
Geometries = npt.NDArray[np.object_]

CrossingKind = Literal["bridge", "tunnel"]
Status = Literal["existing", "proposed", "candidate"]
Role = Literal["headquarters", "branch"]
Layout = Literal["none", "concentrated", "dispersed"]
Verdict = Literal["pass", "warn", "fail", "unknown", "na"]
DECISIVE = ("C01", "N05", "D03", "D05")
"""Rules without an answer of which a subdistrict cannot be said to pass."""
FindingSeverity = Literal["violation", "warning", "note"]
DistanceMethod = Literal["roads", "straight-line"]
DemandBasis = Literal["residents", "buildings", "area"]

TOLERANCE_M = 1e-6
"""Slack of every comparison of a distance with a limit, in metres: a distance that meets its limit
on paper must not miss it by the last bit of a float."""
