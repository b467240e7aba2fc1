"""Administrative boundaries of an extract: found by name, drawn from ways, sorted by level."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from siteplan.crs import WGS84, choose_working_crs, is_in_china, make_projection, project_geometry
from siteplan.errors import Defect, InputError, Text, join_names
from siteplan.fetch.passes import Extract, collect_places, scan_relations, scan_ways
from siteplan.fetch.wanted import check_place
from siteplan.files import clean_text
from siteplan.inputs.tags import find_name
from siteplan.model import Geometries, Shape

# https://wiki.openstreetmap.org/wiki/Tag:boundary%3Dadministrative: in China level 6 is a district
# (区、县) and level 8 a subdistrict (街道、乡镇); in most of Europe level 8 is a municipality.
SUBDISTRICT_LEVEL = 8
DISTRICT_LEVEL = 6
NAME_KEYS = ("name", "name:zh", "name:en")
BY_ID = re.compile(r"relation/(\d{1,18})\Z")
AREA_TYPES = frozenset({"boundary", "multipolygon"})
RING_ROLES = frozenset({"outer", "inner", "", "exclave", "enclave"})
LARGEST_LEVEL = 20
FULL = 0.99
"""Share of a place's ground that its subdistricts cover if they are mapped in full: the rest is
water along a coast, or drawn by another hand."""

INSIDE_M = 5.0  # a vertex so far within the place belongs to a boundary inside it
CHINA = re.compile(r"CN(-|\Z)")


@dataclass(frozen=True, slots=True)
class Boundary:
    """An administrative boundary as the extract tells it.

    Attributes
    ----------
    id
        Of the relation.
    level
        Its `admin_level`.
    tags
        All of them.
    ways
        Ids of the ways around it.
    """

    id: int
    level: int
    tags: Mapping[str, str]
    ways: tuple[int, ...]

    @property
    def osm(self) -> str:
        """How it is named to OpenStreetMap, and to `siteplan fetch`."""
        return f"relation/{self.id}"

    @property
    def title(self) -> str:
        """Its name, or what it is to OpenStreetMap if it has none."""
        return find_name(self.tags) or self.osm


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Boundaries of an extract and their polygons in WGS84 degrees, in order of id.

    Attributes
    ----------
    boundaries
        All that were drawn.
    shapes
        Polygon of each; None where its ring is not closed in the extract.
    vertices
        What the extract holds of each, as multipoints.
    """

    boundaries: tuple[Boundary, ...]
    shapes: Geometries
    vertices: Geometries


def list_boundaries(extract: Extract) -> tuple[Boundary, ...]:
    """Return the administrative boundaries of an extract in order of id."""
    found = []
    for relation in scan_relations(extract, "boundary"):
        tags = {tag.k: tag.v for tag in relation.tags}
        level = tags.get("admin_level", "")
        known = level.isascii() and level.isdigit() and int(level) <= LARGEST_LEVEL
        if tags.get("boundary") != "administrative" or tags.get("type") not in AREA_TYPES:
            continue
        ways = tuple(
            member.ref
            for member in relation.members
            if member.type == "w" and member.role in RING_ROLES
        )
        if known:
            found.append(Boundary(relation.id, int(level), tags, ways))
    return tuple(sorted(found, key=lambda each: each.id))


def find_place(boundaries: Sequence[Boundary], place: str, label: str) -> Boundary:
    """Return the boundary of a name, or of `relation/ID`.

    Parameters
    ----------
    boundaries
        Of the extract.
    place
        What `name`, `name:zh` or `name:en` says, or `relation/ID`.
    label
        The extract in messages.

    Raises
    ------
    InputError
        If there is none, or more than one, or the place is empty.
    """
    check_place(place)
    by_id = BY_ID.match(place)
    if by_id:
        found = [each for each in boundaries if each.id == int(by_id.group(1))]
    else:
        asked = place.strip().casefold()
        found = [
            each
            for each in boundaries
            if asked in {each.tags.get(key, "").strip().casefold() for key in NAME_KEYS}
        ]
    if len(found) == 1:
        return found[0]
    if found:
        listed = "; ".join(f"{each.osm} (admin_level {each.level})" for each in found[:12])
        problem = Text(
            f"有 {len(found)} 个地方叫 {place}", f"{len(found)} places are called {place}"
        )
        remedy = Text(
            f"请把地名换成其中一个，如 {found[0].osm}：{listed}",
            f"Name one of them instead, such as {found[0].osm}: {listed}",
        )
        raise InputError(Defect(label, problem, remedy, stage="place"))
    names = sorted({each.tags.get(key, "") for each in boundaries for key in NAME_KEYS} - {""})
    near = difflib.get_close_matches(place, names, n=3)
    listed_near = join_names(near)
    problem = Text(f"没有叫 {place} 的行政区", f"holds no administrative boundary called {place}")
    remedy = Text(
        f"请检查地名{f'（相近的有 {listed_near.zh}）' if near else ''}，或用 --boundary 给出边界",
        f"Check the name{f' ({listed_near.en} would be near)' if near else ''}, or give a polygon"
        " with --boundary",
    )
    raise InputError(Defect(label, problem, remedy, stage="place"))


def draw_outlines(extract: Extract, boundaries: Sequence[Boundary]) -> Outlines:
    """Make polygons of the ways around boundaries.

    One is None where a way or a node of it is not in the extract, or its ways do not close.
    """
    wanted = {way for each in boundaries for way in each.ways}
    refs = {
        way.id: np.array([node.ref for node in way.nodes], dtype=np.int64)
        for way in scan_ways(extract)
        if way.id in wanted
    }
    found = collect_places(extract, {ref for nodes in refs.values() for ref in nodes.tolist()})
    lines: dict[int, np.ndarray] = {}
    whole = set()
    for way, nodes in refs.items():
        at = np.minimum(np.searchsorted(found.ids, nodes), max(len(found.ids) - 1, 0))
        held = found.ids[at] == nodes if len(found.ids) else np.zeros(len(nodes), dtype=np.bool_)
        lines[way] = found.lonlat[at[held]]
        if held.all() and len(nodes) > 1:
            whole.add(way)
    shapes, vertices = [], []
    for each in boundaries:
        held_lines = [lines[way] for way in each.ways if way in lines]
        points = np.concatenate(held_lines) if held_lines else np.empty((0, 2))
        vertices.append(shapely.MultiPoint(points))
        complete = bool(each.ways) and all(way in whole for way in each.ways)
        shapes.append(_close(held_lines) if complete else None)
    return Outlines(
        tuple(boundaries), np.array(shapes, dtype=object), np.array(vertices, dtype=object)
    )


def _close(lines: Sequence[np.ndarray]) -> Shape | None:
    """Return the ground within lines; None if one of them has an end that no other meets."""
    net = [shapely.LineString(line) for line in lines]
    _, cuts, dangles, invalid = shapely.polygonize_full(net)
    if not (cuts.is_empty and dangles.is_empty and invalid.is_empty):
        return None
    area = shapely.build_area(shapely.GeometryCollection(net))
    return None if area.is_empty else shapely.normalize(shapely.make_valid(area))


def refuse_open(boundaries: Sequence[Boundary], label: str) -> InputError:
    """Return the error for boundaries that are not closed."""
    problem = Text("边界在该文件中不闭合", "its boundary is not closed in this extract")
    remedy = Text(
        "请换更大的提取文件，或在 OpenStreetMap 中改正，或用 --boundary 给出带代码列的街道边界",
        "Take a larger extract, mend it in OpenStreetMap, or give subdistricts with a column of"
        " codes by --boundary",
    )
    return InputError(
        *(
            Defect(label, problem, remedy, stage="place", name=f"{each.title}, {each.osm}")
            for each in boundaries
        )
    )


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Boundaries of one level within a place.

    Attributes
    ----------
    level
        Their `admin_level`.
    chosen
        Their numbers among the outlines.
    share
        Of the ground of the place that they cover.
    open
        Those that reach into it and are not closed.
    beside
        Those that lie along its border and are not closed: within it or without, nobody can say.
    """

    level: int
    chosen: tuple[int, ...]
    share: float
    open: tuple[Boundary, ...]
    beside: tuple[Boundary, ...]

    @property
    def is_full(self) -> bool:
        """Whether they leave nothing of the place out."""
        return not self.open and self.share >= FULL


def sort_levels(outlines: Outlines, place: Shape, above: int) -> tuple[Level, ...]:
    """Return the levels that are mapped within a place, the largest areas first.

    A boundary is within it if a point inside the boundary is.

    Parameters
    ----------
    outlines
        All that were drawn.
    place
        Polygon in WGS84 degrees.
    above
        Level of the place itself; only deeper ones count.
    """
    project = _make_projection(place)
    (ground,) = project(np.array([place], dtype=object))
    core, rim = ground.buffer(-INSIDE_M), ground.buffer(INSIDE_M)
    shapely.prepare([core, rim])
    shapely.prepare(place)
    closed = ~shapely.is_missing(outlines.shapes)
    within = np.zeros(len(closed), dtype=np.bool_)
    within[closed] = shapely.covers(place, shapely.point_on_surface(outlines.shapes[closed]))
    levels = np.array([each.level for each in outlines.boundaries], dtype=np.intp)
    sorted_levels = []
    for level in np.unique(levels[levels > above]).tolist():
        chosen = np.flatnonzero(within & (levels == level))
        parts = np.flatnonzero(~closed & (levels == level))
        vertices = project(outlines.vertices[parts])
        reaching = shapely.intersects(core, vertices)
        along = ~reaching & shapely.intersects(rim, vertices)
        left, beside = (
            tuple(outlines.boundaries[index] for index in parts[which])
            for which in (reaching, along)
        )
        if not len(chosen) and not left:
            continue
        share = _cover(ground, project(outlines.shapes[chosen]))
        sorted_levels.append(Level(level, tuple(chosen.tolist()), share, left, beside))
    return tuple(sorted_levels)


def cover_place(place: Shape, shapes: Geometries) -> float:
    """Return the share of the ground of a place that polygons cover; all in WGS84 degrees."""
    project = _make_projection(place)
    (ground,) = project(np.array([place], dtype=object))
    return _cover(ground, project(shapes))


def _cover(ground: Shape, shapes: Geometries) -> float:
    covered = shapely.intersection(shapely.union_all(shapes), ground)
    return float(covered.area / ground.area)


def choose_level(
    levels: Sequence[Level], asked: int | None, *, in_china: bool, label: str
) -> Level:
    """Return the level of the subdistricts.

    The one that is asked for; else 8 where it covers the place in full, which in China alone will
    do; else the next below the place that does.

    Raises
    ------
    InputError
        If none does, with the share that each covers; or if one that is asked for is not mapped, or
        holds a boundary that is not closed.
    """
    by_level = {each.level: each for each in levels}
    full = [each for each in levels if each.is_full]
    usual = by_level.get(SUBDISTRICT_LEVEL)
    if asked is not None and asked in by_level:
        chosen = by_level[asked]
        if chosen.open:
            raise refuse_open(chosen.open, label)
        return chosen
    if asked is None and usual is not None and usual.is_full:
        return usual
    if asked is None and not in_china and full:
        return full[0]
    if asked is None and usual is not None and usual.chosen and (usual.open or usual.beside):
        raise refuse_open(usual.open + usual.beside, label)
    shares = "; ".join(
        f"{each.level}: {len(each.chosen)} ({min(each.share, 1):.0%})" for each in levels
    )
    wanted = asked or (SUBDISTRICT_LEVEL if in_china else None)
    problem = (
        Text(
            f"admin_level {wanted} 的边界没有完整覆盖该地",
            f"boundaries of admin_level {wanted} do not cover the place",
        )
        if wanted
        else Text(
            "没有任何一级行政区边界能完整覆盖该地",
            "no admin_level has boundaries that cover the place",
        )
    )
    remedy = Text("请用 --boundary 给出", "Give subdistricts")
    if levels:
        remedy = Text(
            f"请用 --level 选一级（级别：个数、覆盖率 {shares}），或用 --boundary 给出",
            f"Choose one by --level (level: number, share covered; {shares}), or give subdistricts",
        )
    remedy = Text(
        f"{remedy.zh}带代码列的街道边界", f"{remedy.en} with a column of codes by --boundary"
    )
    raise InputError(Defect(label, problem, remedy, stage="place"))


def is_chinese(outlines: Outlines, place: Shape, own: Mapping[str, str]) -> bool:
    """Whether a place lies in China: by the country around it, else by the box of its degrees."""
    point = shapely.point_on_surface(place)
    around = [own]
    for each, shape in zip(outlines.boundaries, outlines.shapes, strict=True):
        if shape is not None and shapely.covers(shape, point):
            around.append(each.tags)
    countries = [tags[key] for tags in around for key in ("ISO3166-1", "ISO3166-2") if key in tags]
    if countries:
        return any(CHINA.match(country) for country in countries)
    return bool(is_in_china(np.array([point.x]), np.array([point.y]))[0])


def find_districts(outlines: Outlines, shapes: Geometries) -> tuple[str | None, ...]:
    """Return the name of the district (level 6) around each shape; None where there is none."""
    districts = [
        (clean_text(each.title), shape)
        for each, shape in zip(outlines.boundaries, outlines.shapes, strict=True)
        if each.level == DISTRICT_LEVEL and shape is not None
    ]
    points = shapely.point_on_surface(shapes)
    return tuple(
        next((title for title, shape in districts if shapely.covers(shape, point)), None)
        for point in points
    )


def grow(shape: Shape, margin_m: float) -> Shape:
    """Return a polygon of WGS84 degrees with a margin around it, simplified within a tenth."""
    working = _choose_crs(shape)
    (ground,) = project_geometry(np.array([shape], dtype=object), make_projection(WGS84, working))
    wider = ground.simplify(margin_m / 20).buffer(margin_m).simplify(margin_m / 20)
    back = make_projection(working, WGS84)
    (grown,) = project_geometry(np.array([wider], dtype=object), back)
    margin: Shape = shapely.make_valid(grown)
    return margin


def _choose_crs(shape: Shape) -> str:
    west, south, east, north = shapely.bounds(shape)
    return choose_working_crs((west + east) / 2, (south + north) / 2)


def _make_projection(shape: Shape) -> Callable[[Geometries], Geometries]:
    project = make_projection(WGS84, _choose_crs(shape))
    return lambda shapes: project_geometry(shapes, project)
