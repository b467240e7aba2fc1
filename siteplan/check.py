"""The one call for a street's own check: files → everything that is wrong with them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from siteplan.analysis.datum import Evidence, compare_sites
from siteplan.analysis.position import locate_site
from siteplan.crs import WGS84, make_projection
from siteplan.errors import Defect, DefectList, InputError, Text, join_names, shorten
from siteplan.geometry import stand_inside
from siteplan.inputs.case import Place, read_place
from siteplan.inputs.mending import correct_layer
from siteplan.inputs.proposals import list_gaps, scan_proposal
from siteplan.inputs.readings import GIVEN, SWAPPED, list_readings
from siteplan.inputs.settings import Settings, read_settings
from siteplan.inputs.vector import POINTS, POLYGONS, Layer, scan_layer
from siteplan.model import (
    TOLERANCE_M,
    CheckedFile,
    FileKind,
    Geometries,
    Metres,
    Site,
    StudyArea,
)
from siteplan.schema import KEYS

STAGES = ("read", "fields", "place")
READINGS = {
    GIVEN: Text("原坐标", "as given"),
    "wgs84": Text("按 WGS84", "as WGS84"),
    "gcj02": Text("经 GCJ-02 → WGS84 换算", "after GCJ-02 → WGS84"),
    "bd09": Text("经 BD-09 → WGS84 换算", "after BD-09 → WGS84"),
    SWAPPED: Text("对调经纬度", "with latitude and longitude swapped"),
}


def check_files(paths: Sequence[Path], case: Path | None = None) -> list[CheckedFile]:
    """Find everything that is wrong with files that a street is about to send.

    Parameters
    ----------
    paths
        Proposals.
    case
        With it places are checked too, against its subdistricts and its other proposals; without it
        everything else is.

    Returns
    -------
    list
        One for each file, in the order given. Nothing is converted: `correction` says what the
        file was meant to be, where that is beyond doubt.

    Raises
    ------
    InputError
        If the case itself cannot be used.
    """
    settings = Settings("") if case is None else read_settings(case)
    place = None if case is None else read_place(case)
    return [_check_file(path, settings, place) for path in paths]


def _check_file(path: Path, settings: Settings, place: Place | None) -> CheckedFile:
    label, columns = str(path), settings.columns.get("proposals", {})
    try:
        layer = scan_layer(
            path,
            label,
            kinds=POINTS | POLYGONS,
            datum=settings.datum.get("proposals", "wgs84"),
            columns=columns,
            limits=settings.limits,
        )
    except InputError as error:
        return CheckedFile(label, "unknown", 0, None, error.defects)
    draft = scan_proposal(layer, columns, place.area if place else None)
    defects = DefectList(draft.defects)
    for site in draft.sites:
        defects += list_gaps(site)
    defects += _check_centres(draft.sites)
    defects += _check_same_place(draft.sites)
    reading, geometry = GIVEN, layer.project(WGS84)
    if place is not None:
        defects += _check_ids(draft.sites, place.owners, path.name)
        readings = list_readings(layer)
        evidence = _compare(draft.sites, readings, place.area)
        defects += _judge_datum(evidence, label)
        reading = evidence.best or GIVEN
        geometry = readings[reading]
        if reading == GIVEN:
            defects += _check_places(draft.sites, place)
    datum = None if reading == GIVEN else reading
    return CheckedFile(
        label,
        _tell_kind(layer),
        len(layer.rows),
        datum or _say_datum(layer),
        tuple(sorted(defects, key=lambda one: (STAGES.index(one.stage), one.feature or 0))),
        correct_layer(layer, defects, geometry, datum, columns),
    )


def _tell_kind(layer: Layer) -> FileKind:
    """Tell what a file holds by the names of its attributes."""
    known = {key for key in layer.columns if key in KEYS or key in KEYS.values()}
    return "proposals" if known else "unknown"


def _say_datum(layer: Layer) -> str | None:
    """Return what the coordinates are by the word of the file; None if it has several."""
    if not layer.crs.is_geographic:
        return str(layer.crs.to_string())
    datums = set(layer.datums)
    return datums.pop() if len(datums) == 1 else None


def _at(site: Site) -> Defect:
    """Return the place of a site, for a defect to be filled in."""
    nothing = Text("", "")
    return Defect(site.path, nothing, nothing, "fields", feature=site.feature, name=site.name)


def _check_centres(sites: Sequence[Site]) -> Iterator[Defect]:
    """Yield what is wrong with the sites of each subdistrict together."""
    centres: dict[str, list[Site]] = defaultdict(list)
    for site in sites:
        if site.subdistrict is not None and site.in_scheme:
            centres[site.subdistrict].append(site)
    for claimed, members in centres.items():
        code = shorten(claimed)
        named = [site for site in members if site.role == "headquarters"]
        remedy = Text(
            "请只定一个总部，其余为分站点", "Name one headquarters; the others are branches"
        )
        if len(members) > 1 and not named:
            problem = Text(
                f"街道 {code} 的 {len(members)} 个场地都不是总部",
                f"none of the {len(members)} sites of subdistrict {code} is headquarters",
            )
            yield replace(_at(members[0]), message=problem, remedy=remedy, field="role")
        for site in named[1:]:
            first = shorten(named[0].name or named[0].id or named[0].feature)
            problem = Text(
                f"街道 {code} 已有总部（{first}）",
                f"subdistrict {code} has a headquarters already ({first})",
            )
            yield replace(_at(site), message=problem, remedy=remedy, field="role")
        modes = sorted({site.mode for site in members if site.mode is not None})
        if len(modes) > 1:
            listed = join_names(modes)
            problem = Text(
                f"街道 {code} 的场地有多种运作模式：{listed.zh}",
                f"the sites of subdistrict {code} have several modes: {listed.en}",
            )
            remedy = Text("请统一运作模式", "Give all of them the same")
            warning = replace(_at(members[0]), message=problem, remedy=remedy, field="mode")
            yield replace(warning, severity="warning")


def _check_same_place(sites: Sequence[Site]) -> Iterator[Defect]:
    """Yield sites that stand where an earlier one stands."""
    taken: dict[tuple[float, float], Site] = {}
    for site in sites:
        if not np.isfinite([site.lon, site.lat]).all():
            continue
        here = (round(site.lon, 5), round(site.lat, 5))  # a metre
        first = taken.setdefault(here, site)
        if first is not site:
            problem = Text(
                f"与第 {first.feature} 个场地位于同一处",
                f"stands where number {first.feature} does",
            )
            remedy = Text("如为重复请删去一个", "Remove one if it is the same venue")
            yield replace(
                _at(site), message=problem, remedy=remedy, stage="place", severity="warning"
            )


def _check_ids(sites: Sequence[Site], owners: Mapping[str, str], own_name: str) -> Iterator[Defect]:
    """Yield ids that another file of the case has; one of the same name is an earlier version."""
    for site in sites:
        owner = owners.get(site.id)
        if owner is not None and owner != own_name:
            shown = shorten(site.id)
            problem = Text(f"编号 {shown} 已用于 {owner}", f"id {shown} is taken by {owner}")
            remedy = Text("请换一个编号", "Give another id")
            yield replace(_at(site), message=problem, remedy=remedy, stage="place", field="id")


def _check_places(sites: Sequence[Site], place: Place) -> Iterator[Defect]:
    """Yield sites outside their own subdistrict, as the rules D01 and S01 judge them."""
    tolerance_m = place.standard.number("boundary_tolerance") or 0.0
    index = {code: number for number, code in enumerate(place.area.codes)}
    for site in sites:
        if site.subdistrict not in index or np.isnan(site.x):
            continue
        position = locate_site(place.area, site, index[site.subdistrict])
        away_m = position.outside_own_m
        if away_m <= TOLERANCE_M:
            continue
        where = _name_subdistrict(place.area, site)
        problem = Text(
            f"位于所报街道之外 {away_m:.0f} 米{where.zh}",
            f"lies {away_m:.0f} m outside the subdistrict it is for{where.en}",
        )
        remedy = Text(
            "请核对坐标及其来源，或更正街道",
            "Check the coordinates and where they were read, or the subdistrict",
        )
        outside = replace(_at(site), message=problem, remedy=remedy, stage="place")
        yield replace(
            outside, severity="warning" if away_m <= tolerance_m + TOLERANCE_M else "error"
        )


def _name_subdistrict(area: StudyArea, site: Site) -> Text:
    """Say in which subdistrict a site lies instead of its own."""
    here = shapely.intersects_xy(area.geometry, site.x, site.y)
    if not here.any():
        return Text("，不在任何街道内", ", and in no other")
    name = area.subdistricts[int(np.argmax(here))].name
    return Text(f"，在 {name} 内", f", in {name}")


def _compare(
    sites: Sequence[Site], readings: Mapping[str, Geometries], area: StudyArea
) -> Evidence:
    """Hold every reading of the coordinates against the subdistricts that the sites claim."""
    index = {code: number for number, code in enumerate(area.codes)}
    usable = np.flatnonzero(~shapely.is_missing(readings[GIVEN]))
    claimed = np.array(
        [index.get(sites[i].subdistrict or "", -1) for i in usable.tolist()], dtype=np.intp
    )
    project = make_projection(WGS84, area.crs)

    def stand(geometry: Geometries) -> tuple[Metres, Metres]:
        points = stand_inside(geometry[usable])
        x, y = project(shapely.get_x(points), shapely.get_y(points))
        lost = ~(np.isfinite(x) & np.isfinite(y))
        return np.where(lost, np.nan, x), np.where(lost, np.nan, y)

    return compare_sites(area, claimed, {name: stand(one) for name, one in readings.items()})


def _judge_datum(evidence: Evidence, label: str) -> list[Defect]:
    """Say whether the coordinates are what they claim to be, with the evidence."""
    fits, count = evidence.fits, evidence.compared
    if not count or fits[GIVEN] == count or evidence.best == GIVEN:
        return []
    if evidence.best is not None:
        how = READINGS[evidence.best]
        problem = Text(
            f"{count} 个场地中，{how.zh}后有 {fits[evidence.best]} 个位于所报街道，"
            f"原坐标仅 {fits[GIVEN]} 个；移动 {evidence.moved_m:.0f} 米",
            f"{fits[evidence.best]} of {count} sites fit {how.en}, {fits[GIVEN]} of {count} as"
            f" given; they move by {evidence.moved_m:.0f} m",
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
        Text(f"{READINGS[name].zh} {fits[name]} 个", f"{fits[name]} {READINGS[name].en}")
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
