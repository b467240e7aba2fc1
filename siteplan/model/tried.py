"""What a scheme that is only tried would give."""

from collections.abc import Mapping
from dataclasses import dataclass

from siteplan.model.evaluation import ServiceNetwork
from siteplan.model.types import Flags, Indices, Metres


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """The figures of one scheme of a `Trial`, defined as those of `Coverage` are.

    Attributes
    ----------
    covered_population, uncovered_population
        Own residents within the radius of a chosen venue, and the others.
    coverage_ratio
        Share of the covered; nan without residents.
    unreachable_population
        Residents without a nearest venue; where none is chosen, those not joined to a road.
    mean_distance_m, p95_distance_m
        Over residents with a finite distance; nan if there are none.
    group_ratios
        Share covered of each group with locations of its own.
    covered
        Whether each point is within the radius of a chosen venue.
    nearest
        Index of the nearest chosen venue among all venues, for each point; -1 if none.
    distance_m
        Walk to it; inf if there is none.
    network
        Of the chosen venues.
    """

    covered_population: float
    uncovered_population: float
    coverage_ratio: float
    unreachable_population: float
    mean_distance_m: float
    p95_distance_m: float
    group_ratios: Mapping[str, float]
    covered: Flags
    nearest: Indices
    distance_m: Metres
    network: ServiceNetwork
