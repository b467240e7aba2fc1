"""What of one evaluation is what of another: gaps by where they are, findings by their subject."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest

from siteplan.model.comparison import FindingChange, GapChange
from siteplan.model.recorded import RecordedFinding, RecordedGap

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the ellipsoid WGS 84, (2a + b) / 3."""
ROUNDING_M = 0.05
"""Places are written to 7 decimals of a degree, a centimetre; two are the same within this."""

FindingKey = tuple[str, str]


def measure_arc(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return the great-circle distance between two places in degrees, in metres.

    The haversine formula, on a sphere: within 0.6 % of the ellipsoid, which is enough to tell how
    far something moved, and whether two gaps are near each other.

    Examples
    --------
    >>> round(measure_arc(113.0, 23.0, 113.0, 24.0)), measure_arc(9.5, 47.1, 9.5, 47.1)
    (111195, 0.0)
    """
    south, north = math.radians(lat), math.radians(other_lat)
    up = math.sin((north - south) / 2) ** 2
    across = math.sin(math.radians(other_lon - lon) / 2) ** 2
    chord = up + math.cos(south) * math.cos(north) * across
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def pair_gaps(before: Sequence[RecordedGap], after: Sequence[RecordedGap]) -> list[GapChange]:
    """Match the gaps of a subdistrict before and after, each with one other at most.

    Two gaps are near each other if the place of one lies within the radius of the other. Of all
    that are, the two whose places are nearest are matched first; of several as near, those whose
    residents are most alike, then those that stand first. What is left is `closed` or `opened`,
    unless it is near a gap of the other side: then it is a part that came off it (`split`) or went
    into it (`merged`). Swapping both sides swaps the result.

    Returns
    -------
    list
        Those that are there after in their order, then those that are not.
    """
    near = [
        (distance_m, abs(one.population - other.population), min(i, j), max(i, j), i, j)
        for i, one in enumerate(before)
        for j, other in enumerate(after)
        if (distance_m := _measure_between(one, other)) <= _reach(one, other)
    ]
    matched: dict[int, int] = {}
    for *_, i, j in sorted(near):
        if i not in matched.values() and j not in matched:
            matched[j] = i
    touching = {i for *_, i, _ in near}, {j for *_, j in near}
    changes = []
    for j, gap in enumerate(after):
        if j in matched:
            old = before[matched[j]]
            changes.append(GapChange("kept" if _is_same(old, gap) else "changed", old, gap))
        else:
            changes.append(GapChange("split" if j in touching[1] else "opened", None, gap))
    left = [i for i in range(len(before)) if i not in matched.values()]
    fates = ["merged" if i in touching[0] else "closed" for i in left]
    return [
        *changes,
        *(
            GapChange("merged" if fate == "merged" else "closed", before[i], None)
            for i, fate in zip(left, fates, strict=True)
        ),
    ]


def _is_same(old: RecordedGap, new: RecordedGap) -> bool:
    """Whether two gaps say the same, as far as both files tell: an older one has no mean."""
    if old.mean_distance_m is None or new.mean_distance_m is None:
        old, new = (
            replace(one, mean_distance_m=None, farthest_distance_m=None) for one in (old, new)
        )
    return old == new


def _measure_between(one: RecordedGap, other: RecordedGap) -> float:
    return measure_arc(one.lon, one.lat, other.lon, other.lat)


def _reach(one: RecordedGap, other: RecordedGap) -> float:
    return max(one.radius_m, other.radius_m) + ROUNDING_M


def pair_findings(
    before: Iterable[RecordedFinding], after: Iterable[RecordedFinding]
) -> list[FindingChange]:
    """Match findings by rule and subject; those that say the same are left out.

    Of several by one rule on one subject, those that say the same are matched first, then the rest
    in the order of what they say.

    Returns
    -------
    list
        In order of code and subject.
    """
    sides = _group(before), _group(after)
    changes = []
    for key in sorted(sides[0].keys() | sides[1].keys()):
        old, new = (list(side.get(key, ())) for side in sides)
        for one in list(old):
            if one in new:
                old.remove(one)
                new.remove(one)
        for one, other in zip_longest(sorted(old, key=_rank), sorted(new, key=_rank)):
            fate: FindingChange
            if one is None or other is None:
                fate = FindingChange(*key, "new" if one is None else "gone", one, other)
            else:
                fate = FindingChange(*key, "changed", one, other)
            changes.append(fate)
    return changes


def _group(findings: Iterable[RecordedFinding]) -> dict[FindingKey, list[RecordedFinding]]:
    grouped: dict[FindingKey, list[RecordedFinding]] = {}
    for one in findings:
        grouped.setdefault((one.code, one.subject), []).append(one)
    return grouped


def _rank(finding: RecordedFinding) -> tuple[str, str, str]:
    return finding.message.zh, finding.message.en, repr(finding)
