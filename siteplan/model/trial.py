"""One centre laid out so that other schemes of it can be tried: every walk is measured already."""

from collections.abc import Mapping
from dataclasses import dataclass

from siteplan.model.types import Flags, Matrix, Metres, Residents


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The venues of one subdistrict as they can be switched on and off, and who walks how far.

    Attributes
    ----------
    subdistrict
        Its code.
    venues
        Ids of all sites that claim it, candidates too, ascending.
    members
        Which of them are in the scheme today, existing or proposed, shape (venues,).
    headquarters
        Index into the venues of today's headquarters; -1 without exactly one.
    radius_m
        Service radius it is judged by.
    target
        Share of its residents to be covered; nan where the standard gives none.
    x, y
        Its own demand points in the working CRS, shape (points,).
    population
        Residents at each point.
    groups
        Residents of each group at each point, of the groups with locations of their own here.
    cut_off
        Whether the residents of each point could not be joined to a road: the unreachable ones
        where there is no venue to reach.
    distance_m
        Walk from each venue to each point, off-road legs included, shape (venues, points); inf
        where there is none.
    link_m
        Walk between each two venues, shape (venues, venues), symmetric, 0 from one to itself; inf
        where there is none.
    on_foot
        Whether the walks follow roads; else they are straight lines, which connect nothing.
    """

    subdistrict: str
    venues: tuple[str, ...]
    members: Flags
    headquarters: int
    radius_m: float
    target: float
    x: Metres
    y: Metres
    population: Residents
    groups: Mapping[str, Residents]
    cut_off: Flags
    distance_m: Matrix
    link_m: Matrix
    on_foot: bool
