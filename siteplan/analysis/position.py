"""Where a site lies, and whether another datum would put it where it belongs."""

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import partial

import numpy as np
import shapely

from siteplan.analysis.datum import BORDER_M, Alignment, Evidence, compare_boundaries, compare_sites
from siteplan.analysis.rules.facts import Doubt, Position
from siteplan.crs import (
    GIVEN,
    WGS84,
    Datum,
    is_in_china,
    make_projection,
    project_geometry,
    to_wgs84,
)
from siteplan.model import TOLERANCE_M, Geometries, Metres, Site, StudyArea

SHIFTED: tuple[Datum, ...] = ("gcj02", "bd09")
SAME_PLACE_M = 1.0


def gather_evidence(area: StudyArea, sites: Iterable[Site]) -> dict[str, Evidence]:
    """Say of each file whether its sites lie where they claim to, as given and in another datum.

    Parameters
    ----------
    area
        All subdistricts.
    sites
        Of all files.

    Returns
    -------
    dict
        By file, with the readings `given` and, in China, `gcj02` and `bd09`. Files in metres are
        left out.
    """
    files: dict[str, list[Site]] = defaultdict(list)
    for site in sites:
        if site.given_lon_lat is not None:
            files[site.path].append(site)
    index = {code: number for number, code in enumerate(area.codes)}
    evidence = {}
    for path, members in files.items():
        claimed = np.array([index.get(site.subdistrict or "", -1) for site in members])
        x, y = np.array([(site.x, site.y) for site in members]).T
        given = [site.given_lon_lat for site in members if site.given_lon_lat is not None]
        shifted = _shift(area.crs, given)
        readings = {GIVEN: (x, y)} | {
            datum: place  # one that the case has converted is the given one
            for datum, place in shifted.items()
            if np.hypot(place[0] - x, place[1] - y).max() > SAME_PLACE_M
        }
        evidence[path] = compare_sites(area, claimed, readings)
    return evidence


def align_boundaries(area: StudyArea, roads: Geometries) -> Alignment | None:
    """Say whether the boundaries run along roads as given, and in another datum of China.

    Parameters
    ----------
    area
        All subdistricts.
    roads
        Lines in the working CRS whose datum is not in doubt.

    Returns
    -------
    Alignment | None
        With the readings `given`, `gcj02` and `bd09`; None outside China.
    """
    degrees = project_geometry(area.geometry, make_projection(area.crs, WGS84))
    lon, lat = shapely.get_coordinates(degrees).T
    if not is_in_china(lon, lat).all():
        return None
    project = make_projection(WGS84, area.crs)
    readings = {GIVEN: area.geometry}
    for datum in SHIFTED:
        undone = project_geometry(degrees, partial(to_wgs84, datum=datum))
        readings[datum] = project_geometry(undone, project)
    return compare_boundaries(readings, roads)


def locate_site(
    area: StudyArea,
    site: Site,
    index: int,
    evidence: Evidence | None = None,
    *,
    tolerance_m: float = BORDER_M,
) -> Position:
    """Say where a site lies, seen from the subdistrict that it is for.

    Parameters
    ----------
    area
        All subdistricts.
    site
        Anywhere; on a border it lies inside.
    index
        Of its own subdistrict.
    evidence
        On the datum of its file; None judges the site by itself.
    tolerance_m
        A site no farther outside its own subdistrict lies in it as far as datums go.
    """
    point = shapely.Point(site.x, site.y)
    outside_own_m = area.subdistricts[index].geometry.distance(point)
    outside_all_m = outside_own_m
    if outside_own_m > TOLERANCE_M:
        outside_all_m = float(shapely.distance(area.geometry, point).min())
    inside = outside_own_m <= tolerance_m + TOLERANCE_M
    doubt = _find_doubt(area, site, index, evidence, inside=inside)
    return Position(outside_own_m, outside_all_m, doubt)


def _find_doubt(
    area: StudyArea, site: Site, index: int, evidence: Evidence | None, *, inside: bool
) -> Doubt | None:
    """Return the datum in which a site may really be, and what speaks for it.

    The datum of its file, where that is clear; else the one that puts it into its subdistrict and
    more sites of its file into theirs than fit as given.
    """
    if site.given_lon_lat is None:
        return None
    own = area.subdistricts[index].geometry
    sure = evidence is not None and evidence.best in SHIFTED
    if inside and not sure:
        return None
    for datum, (x, y) in _shift(area.crs, [site.given_lon_lat]).items():
        fits = own.intersects(shapely.Point(x[0], y[0]))
        if (evidence.best == datum) if evidence is not None and sure else fits:
            moved_m = math.hypot(x[0] - site.x, y[0] - site.y)
            if evidence is None:
                return Doubt(datum, moved_m, 1, 0, 1, sure=False)
            there, here = evidence.fits.get(datum, 0), evidence.fits[GIVEN]
            if there <= here and not sure:
                continue
            return Doubt(datum, moved_m, there, here, evidence.compared, sure=sure)
    return None


def _shift(crs: str, places: list[tuple[float, float]]) -> dict[Datum, tuple[Metres, Metres]]:
    """Return places in the working CRS as if they were in a datum of China; none outside it."""
    lon, lat = np.array(places, dtype=np.float64).T
    if not is_in_china(lon, lat).all():
        return {}
    project = make_projection(WGS84, crs)
    return {datum: project(*to_wgs84(lon, lat, datum)) for datum in SHIFTED}
