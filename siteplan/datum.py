"""Whether a file is in the datum it claims to be in: the evidence, in words."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from siteplan.analysis.datum import Alignment, Evidence, compare_sites
from siteplan.crs import GIVEN, WGS84, make_projection
from siteplan.errors import Defect, Text
from siteplan.geometry import stand_inside
from siteplan.inputs.readings import say_reading
from siteplan.model import Geometries, Metres, Site, StudyArea

BY_ROADS = Text("的长度沿道路", "of their length runs along roads")
BY_OUTLINE = Text("的外轮廓与本案例一致", "of their outline follows that of the case")


def compare_claims(
    sites: Sequence[Site], readings: Mapping[str, Geometries], area: StudyArea
) -> Evidence:
    """Hold every reading of the coordinates against the subdistricts that the sites claim."""
    index = {code: number for number, code in enumerate(area.codes)}
    somewhere = [~shapely.is_missing(shapes) for shapes in readings.values()]
    usable = np.flatnonzero(np.any(somewhere, axis=0))
    claimed = np.array(
        [index.get(sites[i].subdistrict or "", -1) for i in usable.tolist()], dtype=np.intp
    )
    project = make_projection(WGS84, area.crs)

    def stand(geometry: Geometries) -> tuple[Metres, Metres]:
        x, y = np.full((2, len(usable)), np.nan)
        here = ~shapely.is_missing(geometry[usable])
        points = stand_inside(geometry[usable][here])
        x[here], y[here] = project(shapely.get_x(points), shapely.get_y(points))
        lost = ~(np.isfinite(x) & np.isfinite(y))
        return np.where(lost, np.nan, x), np.where(lost, np.nan, y)

    return compare_sites(area, claimed, {name: stand(one) for name, one in readings.items()})


def judge_evidence(evidence: Evidence, label: str) -> list[Defect]:
    """Say whether the coordinates are what they claim to be, with the evidence."""
    fits, count = evidence.fits, evidence.compared
    if not count or fits[GIVEN] == count or evidence.best == GIVEN:
        return []
    if evidence.best is not None:
        how = say_reading(evidence.best)
        problem = Text(
            f"{count} 个场地中，{how.zh}后有 {fits[evidence.best]} 个位于所报街道，"
            f"原坐标 {fits[GIVEN]} 个{_say_move(evidence.moved_m).zh}",
            f"{fits[evidence.best]} of {count} sites fit {how.en}, {fits[GIVEN]} of {count} as"
            f" given{_say_move(evidence.moved_m).en}",
        )
        remedy = Text(
            "请说明坐标在何处读取；--fix 可换算",
            "Say where they were read; --fix converts them",
        )
        return [Defect(label, problem, remedy, "place", mended="wgs84")]
    others = [name for name in fits if fits[name] > fits[GIVEN]]
    if not others:
        return []
    listed = [
        Text(f"{say_reading(name).zh} {fits[name]} 个", f"{fits[name]} {say_reading(name).en}")
        for name in (GIVEN, *others)
    ]
    problem = Text(
        f"无法判断坐标基准：{count} 个场地中位于所报街道的，" + "，".join(one.zh for one in listed),
        f"the datum cannot be told: of {count} sites there fit "
        + ", ".join(one.en for one in listed),
    )
    remedy = Text(
        "请说明坐标在何处读取：GPS、高德或百度",
        "Say where they were read: by GPS, in Amap or in Baidu",
    )
    return [Defect(label, problem, remedy, "place", "warning")]


def judge_alignment(alignment: Alignment, words: Text, label: str) -> Defect:
    """Say in which datum boundaries really are, with the evidence.

    Parameters
    ----------
    alignment
        Whose best reading is not the given one.
    words
        What the shares are of: `BY_ROADS` or `BY_OUTLINE`.
    label
        The file in messages.
    """
    how = say_reading(alignment.best or GIVEN)
    there, here = alignment.shares[alignment.best or GIVEN], alignment.shares[GIVEN]
    here = 0.0 if math.isnan(here) else here
    problem = Text(
        f"{how.zh}后 {there:.0%} {words.zh}，原坐标 {here:.0%}；移动 {alignment.moved_m:.0f} 米",
        f"{there:.0%} {words.en} {how.en}, {here:.0%} as given; they move by"
        f" {alignment.moved_m:.0f} m",
    )
    remedy = Text(
        "请在 [datum] 中写 boundaries，或用 --fix 换算",
        "Say so as boundaries under [datum], or convert them with --fix",
    )
    return Defect(label, problem, remedy, "place", mended="wgs84")


def _say_move(moved_m: float) -> Text:
    """Say how far sites move; nothing where they had no place before."""
    if math.isnan(moved_m):
        return Text("", "")
    return Text(f"；移动 {moved_m:.0f} 米", f"; they move by {moved_m:.0f} m")
