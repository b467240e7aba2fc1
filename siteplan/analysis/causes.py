"""Why two evaluations differ: what was judged, by which standard, and how it was measured."""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import pyproj
from pyproj.exceptions import CRSError as ProjCrsError

from siteplan.analysis.pairing import EARTH_RADIUS_M, ROUNDING_M, measure_arc
from siteplan.crs import SAME_DATUMS
from siteplan.model.comparison import Cause, CauseKind, SiteChange, SubdistrictChange
from siteplan.model.recorded import (
    RecordedEvaluation,
    RecordedSource,
    RecordedSubdistrict,
    RecordedThreshold,
    Value,
)
from siteplan.model.standard import THRESHOLDS

MEASURES = ("service_radius", "snap_limit")
"""Thresholds whose value is how things are measured; they are told as that."""
OWN_ROLES = frozenset({"proposals"})
"""Files of which one concerns single subdistricts: what changed in them is told by their sites."""
ON_PROJECTS = ("P", "N01")
"""What the codes of all rules begin with that read projects."""
SHARED_FIGURES = frozenset({"added_population", "lost_population", "shared_population"})
"""Of a site: they count the other sites of the whole case."""
MOST_NAMED = 6
"""Sites that are named one by one."""
SPHERE_FACTOR = 1.01
"""A sphere is within 0.6 % of the ellipsoid."""
KIND_ORDER: Sequence[CauseKind] = ("input", "standard", "method")
DISTRICT_CODE = 6
"""Digits with which the code of a subdistrict names its district."""
AUTHORITY = re.compile(r"[A-Z]+:\d+")


def find_bridges(before: RecordedEvaluation, after: RecordedEvaluation) -> list[Cause]:
    """Return how the two were measured so differently that their figures do not compare.

    Distances along roads are no straight lines, and degrees in two datums are other places. WGS84
    and CGCS2000 are the same within a decimetre.
    """
    bridges = _tell("method", "distance", before.method, after.method)
    if before.crs != after.crs and find_datum(before.crs) != find_datum(after.crs):
        bridges += _tell("method", "crs", before.crs, after.crs)
    return bridges


@cache
def find_datum(crs: str) -> str:
    """Return the name of the datum of a CRS; of one without a number of an authority, all of it.

    Examples
    --------
    >>> find_datum("EPSG:4547") == find_datum("EPSG:32649"), find_datum("EPSG:2383")
    (True, 'Xian 1980')
    """
    if not AUTHORITY.fullmatch(crs):
        return crs
    try:
        geodetic = pyproj.CRS.from_user_input(crs).geodetic_crs
    except ProjCrsError:
        return crs
    name = crs if geodetic is None or geodetic.datum is None else geodetic.datum.name
    return SAME_DATUMS[0] if any(same in name for same in SAME_DATUMS) else name


def find_case_causes(before: RecordedEvaluation, after: RecordedEvaluation) -> list[Cause]:
    """Return what is otherwise in the whole case: method, standard, files, the day judged for."""
    return [
        *_find_method_causes(before, after),
        *_tell("standard", "standard", before.standard, after.standard),
        *_compare_thresholds(before.thresholds, after.thresholds),
        *_find_district_causes(before, after),
        *_tell("input", "date", before.date, after.date),
        *_find_source_causes(before.sources, after.sources),
        *(
            Cause("input", "refused", path, path if path in before.refused else None,
                  path if path in after.refused else None)
            for path in sorted(set(before.refused) ^ set(after.refused))
        ),
    ]  # fmt: skip


class AlteredPlace(NamedTuple):
    """Where a site that is otherwise stands or stood."""

    lat: float
    lon: float
    id: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What a subdistrict shares with all others.

    Attributes
    ----------
    before, after
        The two evaluations.
    causes
        What is otherwise in the whole case.
    altered
        Sites that are otherwise, but those of subdistricts that only one evaluation looked at; from
        south to north.
    """

    before: RecordedEvaluation
    after: RecordedEvaluation
    causes: Sequence[Cause]
    altered: Sequence[AlteredPlace]


def list_apart(before: RecordedEvaluation, after: RecordedEvaluation) -> frozenset[str]:
    """Return the subdistricts that only one evaluation judged, though both had the same ones."""
    files = [{one.sha256 for one in each.sources if one.role == "boundaries"}
             for each in (before, after)]  # fmt: skip
    if files[0] != files[1]:
        return frozenset()
    return frozenset(before.subdistricts.keys() ^ after.subdistricts.keys())


def list_altered(sites: Iterable[SiteChange]) -> list[AlteredPlace]:
    """Return where sites are otherwise in what may change a figure of others."""
    return sorted(
        {
            AlteredPlace(one.lat, one.lon, site.id)
            for site in sites
            if site.has_effect
            for one in (site.before, site.after)
            if one is not None
        }
    )


def find_own_causes(
    change: SubdistrictChange, own: Sequence[SiteChange], setting: Setting
) -> tuple[Cause, ...]:
    """Return why a subdistrict is judged otherwise; nothing where it is not, or is only in one.

    Parameters
    ----------
    change
        The subdistrict, without its causes.
    own
        The sites that claim or claimed it.
    setting
        What it shares with the others.
    """
    old, new = change.before, change.after
    if old is None or new is None or not change.is_changed:
        return ()
    causes = [cause for site in own if site.is_altered for cause in _find_site_causes(site)]
    people = change.find_figure("population")
    causes += _tell("input", "population", people.before, people.after, subject=change.code)
    thresholds = _find_thresholds(setting.before, old), _find_thresholds(setting.after, new)
    changed = _compare_thresholds(*thresholds)
    read = [one for one in changed if _is_read(one, change)]
    causes += read
    radii = [_read_value(each, "service_radius") for each in thresholds]
    causes += _tell("method", "radius", *radii)
    elsewhere = _find_near(change, own, setting, radii) if _counts_others(change, own) else []
    if elsewhere:
        listed = ", ".join(elsewhere[:MOST_NAMED])
        causes.append(Cause("input", "sites_elsewhere", listed, size=float(len(elsewhere))))
    causes += [one for one in setting.causes if _matters(one, change)]
    causes = causes or changed or [_explain_rest(old, new, setting.causes)]
    return tuple(sorted(causes, key=lambda one: KIND_ORDER.index(one.kind)))


def _find_near(
    change: SubdistrictChange,
    own: Sequence[SiteChange],
    setting: Setting,
    radii: Sequence[Value | None],
) -> list[str]:
    """Return the sites of others that are otherwise and may reach somebody who counts here.

    Whoever lives in the subdistrict, or counts for one of its sites, lives within the radius of one
    of these or in a gap; no walk is shorter than the straight line. So a site that reaches any of
    them is at most a radius away from a gap's edge, or two from an own site. Where the file has no
    gaps or no radius, all of them may.
    """
    ids = {site.id for site in own}
    sides = [one for one in (change.before, change.after) if one is not None]
    known = [radius for radius in radii if isinstance(radius, float)]
    if len(known) < len(radii) or any(one.gaps is None for one in sides):
        return sorted({one.id for one in setting.altered} - ids)
    radius_m = max(known)
    spots = {
        (one.lon, one.lat, 2 * radius_m)
        for site in own
        for one in (site.before, site.after)
        if one is not None
    }
    spots |= {
        (gap.lon, gap.lat, gap.radius_m + radius_m) for one in sides for gap in one.gaps or ()
    }
    near = set()
    for lon, lat, reach_m in spots:
        limit_m = SPHERE_FACTOR * reach_m + ROUNDING_M
        step = math.degrees(limit_m / EARTH_RADIUS_M)
        first = bisect_left(setting.altered, (lat - step,))
        last = bisect_right(setting.altered, (lat + step, math.inf))
        near |= {
            one.id
            for one in setting.altered[first:last]
            if measure_arc(lon, lat, one.lon, one.lat) <= limit_m
        }
    return sorted(near - ids)


def _is_read(threshold: Cause, change: SubdistrictChange) -> bool:
    """Whether a rule that reads a threshold judges the subdistrict otherwise."""
    kind = THRESHOLDS.get(threshold.subject or "")
    return kind is None or not _list_judged(change).isdisjoint(kind.rules)


def _list_judged(change: SubdistrictChange) -> set[str]:
    """Return the rules that judge a subdistrict, or one of its sites, otherwise."""
    return {turn.name for turn in change.rules} | {one.code for one in change.findings}


def _tell(
    kind: CauseKind,
    what: str,
    before: Value | None,
    after: Value | None,
    *,
    subject: str | None = None,
) -> list[Cause]:
    """Return a cause, if the two are not the same."""
    return [] if before == after else [Cause(kind, what, subject, before, after)]


def _find_method_causes(before: RecordedEvaluation, after: RecordedEvaluation) -> list[Cause]:
    datums = [{(one.role, one.path): one for one in each.sources} for each in (before, after)]
    return [
        *_tell("method", "distance", before.method, after.method),
        *_tell("method", "radius", before.radius_m, after.radius_m),
        *_tell("method", "snap_limit", before.snap_limit_m, after.snap_limit_m),
        *_tell("method", "crs", before.crs, after.crs),
        *(
            replace(cause, role=key[0])
            for key in sorted(datums[0].keys() & datums[1].keys())
            for cause in _tell(
                "method", "datum", datums[0][key].datum, datums[1][key].datum, subject=key[1]
            )
        ),
        *_tell("method", "version", before.version, after.version),
    ]


def _compare_thresholds(
    before: Mapping[str, RecordedThreshold], after: Mapping[str, RecordedThreshold]
) -> list[Cause]:
    """Return which thresholds have another value, comparison or status."""
    causes = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if name not in MEASURES:
            values = (_read_value(side, name) for side in (before, after))
            causes += _tell("standard", "threshold_value", *values, subject=name)
        if old and new:
            signs = (f"{one.op} {one.unit or ''}".strip() for one in (old, new))
            causes += _tell("standard", "threshold_op", *signs, subject=name)
            causes += _tell("standard", "threshold_status", old.status, new.status, subject=name)
    return causes


def _read_value(thresholds: Mapping[str, RecordedThreshold], name: str) -> Value | None:
    return thresholds[name].value if name in thresholds else None


def _find_district_causes(before: RecordedEvaluation, after: RecordedEvaluation) -> list[Cause]:
    """Return which figures that differ by district are others now."""
    causes = []
    for district in sorted(before.districts.keys() | after.districts.keys()):
        old, new = (each.districts.get(district, {}) for each in (before, after))
        for name in sorted(old.keys() | new.keys()):
            subject = f"{district}: {name}"
            causes += _tell(
                "standard", "threshold_value", old.get(name), new.get(name), subject=subject
            )
    return causes


def _find_thresholds(
    evaluation: RecordedEvaluation, subdistrict: RecordedSubdistrict
) -> dict[str, RecordedThreshold]:
    """Return the thresholds that count for a subdistrict: its district's by name, then by code."""
    thresholds = dict(evaluation.thresholds)
    for district in (subdistrict.district, subdistrict.code[:DISTRICT_CODE]):
        for name, value in evaluation.districts.get(district or "", {}).items():
            base = thresholds.get(name, RecordedThreshold(None, None, "", ""))
            thresholds[name] = replace(base, value=value)
    return thresholds


def _find_source_causes(
    before: Sequence[RecordedSource], after: Sequence[RecordedSource]
) -> list[Cause]:
    """Return which files are others; one that lies elsewhere with the same bytes is the same."""
    old, new = ({(one.role, one.path): one.sha256 for one in each} for each in (before, after))
    kept = {(role, sha) for (role, _), sha in old.items()} & {
        (role, sha) for (role, _), sha in new.items()
    }
    causes = []
    for role, path in sorted(old.keys() | new.keys()):
        here = [side.get((role, path)) for side in (old, new)]
        alone = None in here
        if not (alone and (role, here[0] or here[1]) in kept):
            told = _tell("input", "source", *here, subject=path)
            causes += [replace(cause, role=role) for cause in told]
    return causes


def _find_site_causes(site: SiteChange) -> Iterator[Cause]:
    """Yield what became of a site."""
    old, new = site.before, site.after
    if old is None or new is None:
        one, what = (new, "site_added") if old is None else (old, "site_dropped")
        status = one.status if one else None
        yield Cause(
            "input", what, site.id, status if new is None else None, status if old is None else None
        )
        return
    if site.moved_m:
        was, now = (f"{one.lon:.7f}, {one.lat:.7f}" for one in (old, new))
        yield Cause("input", "site_moved", site.id, was, now, size=site.moved_m)
    turns = {turn.name: turn for turn in site.turns}
    for name, what in (("subdistrict", "site_claim"), ("status", "site_status"),
                       ("role", "site_role")):  # fmt: skip
        yield from _tell("input", what, turns[name].before, turns[name].after, subject=site.id)
    if site.area.change:
        yield Cause("input", "site_area", site.id, site.area.before, site.area.after)


def _counts_others(change: SubdistrictChange, own: Collection[SiteChange]) -> bool:
    """Whether what changed are also figures that count sites of other subdistricts."""
    return change.find_figure("covered_by_any_population").is_changed or any(
        figure.is_changed
        for site in own
        for figure in site.figures
        if figure.name in SHARED_FIGURES
    )


def _matters(cause: Cause, change: SubdistrictChange) -> bool:
    """Whether something that is otherwise in the whole case may change this subdistrict."""
    if cause.what == "source" and cause.role == "population":
        return any(
            one.is_changed and (one.name == "population" or one.name.startswith("groups."))
            for one in change.figures
        )
    if cause.what == "source" and cause.role == "projects":
        return any(code.startswith(ON_PROJECTS) for code in _list_judged(change))
    if cause.what == "source":
        return cause.role not in OWN_ROLES
    return cause.what in {
        "distance", "snap_limit", "crs", "datum", "version", "date", "standard",
    }  # fmt: skip


def _explain_rest(
    old: RecordedSubdistrict, new: RecordedSubdistrict, shared: Iterable[Cause]
) -> Cause:
    """Return what else it may be: what proposals say beyond place, status and role."""
    proposed = any(one.what in {"source", "refused"} for one in shared)
    if proposed and (old.sha256 is None or old.sha256 != new.sha256):
        return Cause("input", "particulars", new.code)
    return Cause("input", "unexplained", new.code)
