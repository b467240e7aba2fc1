"""The one call for a street's own check: files → everything that is wrong with them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from siteplan.analysis.datum import (
    compare_boundaries,
    compare_outline,
)
from siteplan.analysis.position import locate_site
from siteplan.crs import GIVEN, WGS84, make_projection, project_geometry
from siteplan.datum import (
    BY_OUTLINE,
    BY_ROADS,
    compare_claims,
    judge_alignment,
    judge_evidence,
)
from siteplan.errors import Defect, DefectList, InputError, Text, join_names, say_feature, shorten
from siteplan.inputs.boundaries import read_boundaries
from siteplan.inputs.case import Place, read_place
from siteplan.inputs.faults import say_place
from siteplan.inputs.mending import correct_layer
from siteplan.inputs.proposals import list_lacking, scan_proposal
from siteplan.inputs.readings import find_metres, list_readings
from siteplan.inputs.settings import Settings, read_settings
from siteplan.inputs.vector import POINTS, POLYGONS, Layer, scan_layer
from siteplan.model import (
    TOLERANCE_M,
    CheckedFile,
    FileKind,
    Geometries,
    Site,
    StudyArea,
)
from siteplan.schema import KEYS, find_header

STAGES = ("read", "fields", "place")
AREAS = {3, 6}  # polygons and multipolygons, as shapely numbers types


def check_files(paths: Sequence[Path], case: Path | None = None) -> list[CheckedFile]:
    """Find everything that is wrong with files that a street is about to send.

    Parameters
    ----------
    paths
        Proposals, or boundaries.
    case
        With it places are checked too, against its subdistricts, roads and other proposals; without
        it everything else is.

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
    scans = [_scan(path, settings) for path in paths]
    roads = any(scan.kind == "boundaries" for scan in scans)
    place = None if case is None else read_place(case, roads=roads)
    return [_check(scan, settings, place) for scan in scans]


@dataclass(frozen=True, slots=True, eq=False)
class _Scan:
    """A file as far as it could be read; without a layer the defects say why."""

    path: Path
    kind: FileKind
    layer: Layer | None
    defects: tuple[Defect, ...] = ()


def _scan(path: Path, settings: Settings) -> _Scan:
    """Read a file as proposals; if it holds boundaries, as those."""
    try:
        layer = _read(path, "proposals", settings)
        kind = _tell_kind(layer, settings)
        if kind == "boundaries":
            layer = _read(path, "boundaries", settings)
    except InputError as error:
        return _Scan(path, "unknown", None, error.defects)
    return _Scan(path, kind, layer)


def _read(path: Path, role: str, settings: Settings) -> Layer:
    return scan_layer(
        path,
        str(path),
        kinds=POINTS | POLYGONS,
        datum=settings.datum.get(role, "wgs84"),
        columns=settings.columns.get(role, {}),
        limits=settings.limits,
    )


def _tell_kind(layer: Layer, settings: Settings) -> FileKind:
    """Tell what a file holds: nothing but areas that are for no subdistrict are boundaries."""
    columns = settings.columns.get("proposals", {})
    known = {find_header(key) or key for key in layer.columns}
    known |= {ours for ours, theirs in columns.items() if theirs in known}
    shapes = set(shapely.get_type_id(layer.geometry[~shapely.is_missing(layer.geometry)]).tolist())
    if shapes and shapes <= AREAS and "subdistrict" not in known:
        return "boundaries"
    return "proposals" if known & set(KEYS) else "unknown"


def _check(scan: _Scan, settings: Settings, place: Place | None) -> CheckedFile:
    if scan.layer is None:
        return CheckedFile(str(scan.path), scan.kind, 0, None, scan.defects)
    columns = settings.columns.get("boundaries" if scan.kind == "boundaries" else "proposals", {})
    readings = list_readings(scan.layer, place.area.crs if place else None)
    if scan.kind == "boundaries":
        found = _check_boundaries(scan.path, scan.layer, readings, columns, place)
    else:
        found = _check_proposals(scan.path, scan.layer, readings, columns, place)
    datum = None if found.reading == GIVEN else found.reading
    chosen = readings[found.reading]
    geometry = np.where(shapely.is_missing(chosen), readings[GIVEN], chosen)
    defects = sorted(found.defects, key=lambda one: (STAGES.index(one.stage), one.feature or 0))
    return CheckedFile(
        str(scan.path),
        scan.kind,
        len(scan.layer.rows),
        datum or _say_datum(scan.layer),
        tuple(defects),
        correct_layer(scan.layer, defects, geometry, datum, columns),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What is wrong with a file, and how its coordinates are to be read."""

    defects: DefectList
    reading: str = GIVEN


def _check_proposals(
    path: Path,
    layer: Layer,
    readings: Mapping[str, Geometries],
    columns: Mapping[str, str],
    place: Place | None,
) -> _Found:
    """Check what a street proposes."""
    draft = scan_proposal(layer, columns, place.area if place else None)
    defects = DefectList(draft.defects)
    for site, properties, raw in zip(draft.sites, layer.properties, layer.raw, strict=True):
        if properties or raw is not None:  # else it is no feature, and that is said already
            defects += list_lacking(site)
    defects += _check_centres(draft.sites)
    defects += _check_same_place(draft.sites)
    if place is None:
        return _Found(defects)
    defects += _check_ids(draft.sites, place.owners, path.name)
    evidence = compare_claims(draft.sites, readings, place.area)
    defects += judge_evidence(evidence, str(path))
    if evidence.best in {None, GIVEN}:
        defects += _check_places(draft.sites, place)
    elif evidence.best.startswith(place.area.crs):
        defects = _mend_metres(layer, defects, readings[evidence.best])
    return _Found(defects, evidence.best or GIVEN)


def _mend_metres(layer: Layer, defects: DefectList, geometry: Geometries) -> DefectList:
    """Return the defects with the place of every feature whose metres are now understood."""
    metres = find_metres(layer)
    placed = {
        layer.rows[index]: say_place(geometry[index]) for index in np.flatnonzero(metres).tolist()
    }
    return DefectList(
        replace(one, mended=placed[one.feature])
        if one.stage == "read" and one.feature in placed
        else one
        for one in defects
    )


def _check_boundaries(
    path: Path,
    layer: Layer,
    readings: Mapping[str, Geometries],
    columns: Mapping[str, str],
    place: Place | None,
) -> _Found:
    """Check boundaries: their attributes, whether they overlap, and along which roads they run."""
    defects = DefectList(layer.defects)
    if not defects.errors:
        with defects.collect():
            read_boundaries([layer], columns)
    if place is None:
        return _Found(defects)
    project = make_projection(WGS84, place.area.crs)
    drawn = {name: project_geometry(shapes, project) for name, shapes in readings.items()}
    own = path.resolve() in {other.resolve() for other in place.boundaries}
    alignments = []
    if place.roads is not None:
        roads = place.roads.lines
        alignments.append((compare_boundaries(drawn, roads), BY_ROADS))
    if not own:
        alignments.append((compare_outline(drawn, place.area.geometry), BY_OUTLINE))
    for alignment, words in alignments:
        if alignment.best not in {None, GIVEN}:
            defects.append(judge_alignment(alignment, words, str(path)))
            return _Found(defects, alignment.best)
    return _Found(defects)


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
        if len(members) > 1 and named:
            for site in members:
                if site.role is None and "role" not in site.invalid:
                    problem = Text("未注明角色 role", "has no role beside the headquarters")
                    gap = replace(_at(site), message=problem, remedy=remedy, field="role")
                    yield replace(gap, severity="warning")
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
            yield replace(_at(members[0]), message=problem, remedy=remedy, field="mode")


def _check_same_place(sites: Sequence[Site]) -> Iterator[Defect]:
    """Yield sites that stand where an earlier one stands."""
    taken: dict[tuple[float, float], Site] = {}
    for site in sites:
        if not np.isfinite([site.lon, site.lat]).all():
            continue
        here = (round(site.lon, 5), round(site.lat, 5))  # a metre
        first = taken.setdefault(here, site)
        if first is not site:
            there = say_feature(first.path, first.feature)
            problem = Text(f"与{there.zh}位于同一处", f"stands where {there.en} does")
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
