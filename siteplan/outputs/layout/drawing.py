"""The drawing of a layout plan, `layout.dxf`, as a planning bureau takes it into its own plan.

Boundaries, sites, service areas, links and gaps in metres, each kind on a layer of its own. The
same evaluation gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

import numpy as np
import pyproj
import shapely
from ezdxf.colors import BYLAYER
from ezdxf.entities import Hatch, LWPolyline
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts import Modelspace

from siteplan.crs import make_projection, project_geometry
from siteplan.geometry import stand_inside
from siteplan.model import Evaluation, Geometries, Role, Shape, Status, StudyArea
from siteplan.outputs.layout.cad import (
    APPLICATION,
    AREAS,
    ATTRIBUTES,
    GAP_FILL,
    GAP_NAMES,
    GAPS,
    LINKS,
    NAME_MM,
    SITE_NAMES,
    SITES,
    STYLE,
    SUBDISTRICT_NAMES,
    SUBDISTRICTS,
    SYMBOL_MM,
    DrawingLayer,
    make_document,
    name_block,
    place_attribute,
    show_text,
    write_document,
)
from siteplan.outputs.layout.layers import LayoutLayer
from siteplan.outputs.layout.moment import find_file_time
from siteplan.outputs.layout.target import Target, choose_target
from siteplan.outputs.layout.title_block import (
    LETTER_WIDTH,
    Paper,
    choose_paper,
    count_letters,
    draw_title_block,
)
from siteplan.outputs.layout.words import say_people, say_share

DECIMALS = 3
"""Of coordinates: 1 mm, as in `evaluation.json`."""
UNIT_NAME_MM, UNIT_FIGURE_MM, GAP_MM = 4.0, 2.5, 2.0
"""Heights of letters on paper."""
MOST_STEPS = 8
"""Half lines by which a name gives way to sites above or beneath it."""
HATCH, HATCH_SCALE = "ANSI31", 1.2
OUTER, INNER = 1, 16
"""Slanted lines 4 mm apart on paper; the flags of the outer ring of a hatch, and of a hole."""
DRAWN = ("subdistricts", "sites", "service_areas", "links", "gaps")
Values = Mapping[str, object]
Feature = tuple[Shape, Values]


def write_drawing(evaluation: Evaluation, layers: Sequence[LayoutLayer], crs: str | None) -> bytes:
    """Return `layout.dxf` in metres.

    Parameters
    ----------
    evaluation
        For what the title block says.
    layers
        As `list_layers` gives them.
    crs
        What `list_layers` was asked for. A drawing in degrees would be useless: such layers are
        taken back to the working CRS, and so are those in other units than metres; the title block
        says so.

    Raises
    ------
    CrsError
        As `choose_target`.
    """
    area = evaluation.case.area
    asked = choose_target(crs, area)
    target = choose_drawing_target(crs, area)
    content = {
        layer.name: list(_list_features(layer, asked, target))
        for layer in layers
        if layer.name in DRAWN
    }
    shapes = np.array([shape for features in content.values() for shape, _ in features])
    paper = choose_paper(shapely.total_bounds(shapes), shapely.area(area.geometry))
    document = make_document(paper.metres_per_mm)
    space = document.modelspace()
    _draw_gaps(space, content["gaps"], paper)
    _draw_polygons(space, AREAS, content["service_areas"], ("site", "subdistrict"))
    _draw_subdistricts(space, content["subdistricts"], content["sites"], paper)
    for line, values in content["links"]:
        for part in shapely.get_parts(line):
            _draw_line(space, LINKS, part, _note(values, ("site", "headquarters")))
    _draw_sites(space, content["sites"], paper)
    fallen_back = asked if asked.crs != target.crs else None
    frame = draw_title_block(space, evaluation, paper, target, fallen_back)
    west, south, east, north = frame
    space.reset_extents((west, south, 0), (east, north, 0))
    space.reset_limits((west, south), (east, north))
    height = 1.05 * max(north - south, (east - west) * 0.6)
    document.set_modelspace_vport(height, ((west + east) / 2, (south + north) / 2))
    return write_document(document, find_file_time(evaluation.case))


def choose_drawing_target(crs: str | None, area: StudyArea) -> Target:
    """Return the CRS in which a drawing is made: the one asked for if it is in metres.

    Parameters
    ----------
    crs, area
        As of `choose_target`.

    Raises
    ------
    CrsError
        As `choose_target`.
    """
    asked = choose_target(crs, area)
    axes = pyproj.CRS.from_user_input(asked.crs).axis_info
    if not asked.geographic and all(axis.unit_name == "metre" for axis in axes):
        return asked
    return choose_target(None, area)


def _list_features(layer: LayoutLayer, asked: Target, target: Target) -> Iterator[Feature]:
    """Yield what a layer holds that has a place, in the CRS of the drawing."""
    shapes: Geometries = layer.shapes.copy()
    there = ~shapely.is_missing(shapes)
    if asked.crs != target.crs:
        shapes[there] = project_geometry(shapes[there], make_projection(asked.crs, target.crs))
    names = [field.name for field in layer.fields]
    for shape, row in zip(shapes[there], [r for r, t in zip(layer.rows, there, strict=True) if t],
                          strict=True):  # fmt: skip
        yield shape, dict(zip(names, row, strict=True))


def _say(values: Values, name: str) -> str:
    value = values.get(name)
    return show_text(None if value is None else str(value))


def _note(values: Values, names: Iterable[str]) -> list[tuple[int, str]]:
    """Return what is kept beside an entity, for programs: pairs of a name and a text."""
    return [tag for name in names for tag in ((1000, name), (1000, _say(values, name)))]


def _draw_line(
    space: Modelspace, layer: DrawingLayer, line: Shape, note: list[tuple[int, str]]
) -> LWPolyline:
    """Draw a line, or the closed ring of a polygon."""
    closed = isinstance(line, shapely.LinearRing)
    points = shapely.get_coordinates(line).round(DECIMALS)[: -1 if closed else None]
    drawn = space.add_lwpolyline(points.tolist(), close=closed, dxfattribs={"layer": layer.name})
    drawn.set_xdata(APPLICATION, note)
    return drawn


def _list_rings(shape: Shape) -> Iterator[tuple[Shape, bool]]:
    """Yield the rings of polygons, and whether each is the outer one of its polygon."""
    for part in shapely.get_parts(shape):
        yield part.exterior, True
        for hole in part.interiors:
            yield hole, False


def _draw_polygons(
    space: Modelspace, layer: DrawingLayer, features: Sequence[Feature], names: Sequence[str]
) -> None:
    """Draw each ring of each polygon; islands and holes are rings too."""
    for shape, values in features:
        note = _note(values, names)
        for ring, _ in _list_rings(shape):
            _draw_line(space, layer, ring, note)


def _draw_gaps(space: Modelspace, gaps: Sequence[Feature], paper: Paper) -> None:
    """Draw gaps with a light hatch, and how many people live in each."""
    for shape, _ in gaps:
        hatch: Hatch = space.add_hatch(color=BYLAYER, dxfattribs={"layer": GAP_FILL.name})
        hatch.set_pattern_fill(HATCH, color=BYLAYER, scale=HATCH_SCALE * paper.metres_per_mm)
        for ring, outer in _list_rings(shape):
            points = shapely.get_coordinates(ring).round(DECIMALS)[:-1].tolist()
            hatch.paths.add_polyline_path(points, flags=OUTER if outer else INNER)
    _draw_polygons(space, GAPS, gaps, ("subdistrict", "number", "population"))
    middles = _find_middles([shape for shape, _ in gaps])
    for middle, (_, values) in zip(middles, gaps, strict=True):
        population = values["population"]
        told = say_people(population if isinstance(population, float) else None).zh
        _write(space, GAP_NAMES, told, middle, GAP_MM * paper.metres_per_mm)


def _find_middles(shapes: Sequence[Shape]) -> list[tuple[float, float]]:
    """Return a place in the largest part of each shape."""
    largest = np.empty(len(shapes), dtype=object)
    for index, shape in enumerate(shapes):
        parts = shapely.get_parts(shape)
        largest[index] = parts[int(np.argmax(shapely.area(parts)))]
    return [(x, y) for x, y in shapely.get_coordinates(stand_inside(largest)).tolist()]


def _draw_subdistricts(
    space: Modelspace, features: Sequence[Feature], sites: Sequence[Feature], paper: Paper
) -> None:
    """Draw boundaries, and within each its name, its code and its coverage, clear of its sites."""
    _draw_polygons(space, SUBDISTRICTS, features, ("code", "name"))
    name, figure = UNIT_NAME_MM * paper.metres_per_mm, UNIT_FIGURE_MM * paper.metres_per_mm
    middles = _find_middles([shape for shape, _ in features])
    taken = shapely.STRtree([_bound_site(point, values, paper) for point, values in sites])
    for middle, (_, values) in zip(middles, features, strict=True):
        ratio = values["coverage_ratio"]
        told = say_share(ratio if isinstance(ratio, float) else None).zh
        lines = _say(values, "name"), f"{_say(values, 'code')}  {told}"
        widths = (_measure(line, size) for line, size in zip(lines, (name, figure), strict=True))
        x, y = _find_room(middle, (max(widths), 2 * (name + figure)), taken)
        _write(space, SUBDISTRICT_NAMES, lines[0], (x, y), name)
        below = (x, y - 0.75 * (name + figure))
        _write(space, SUBDISTRICT_NAMES, lines[1], below, figure)


def _measure(text: str, height: float) -> float:
    """Return how wide a line of text is, about."""
    return count_letters(text) * LETTER_WIDTH * height


def _bound_site(point: Shape, values: Values, paper: Paper) -> Shape:
    """Return the box of a site's symbol and name."""
    (x, y), unit = shapely.get_coordinates(point)[0].tolist(), paper.metres_per_mm
    around, (beside, _) = 1.4 * SYMBOL_MM * unit, place_attribute("NAME", unit)
    width = _measure(_name_site(values), NAME_MM * unit)
    box: Shape = shapely.box(x - around, y - around, x + beside + width, y + around)
    return box


def _find_room(
    middle: tuple[float, float], size: tuple[float, float], taken: shapely.STRtree
) -> tuple[float, float]:
    """Return where two lines of text of a size fit, as near above or beneath a place as can be."""
    (x, y), (width, height) = middle, size
    for step in range(2 * MOST_STEPS + 1):
        up = (step + 1) // 2 * (1 if step % 2 else -1) * height / 2
        box = shapely.box(x - width / 2, y + up - height / 2, x + width / 2, y + up + height / 4)
        if not len(taken.query(box, predicate="intersects")):
            return x, y + up
    return middle


def _write(
    space: Modelspace, layer: DrawingLayer, text: str, place: tuple[float, float], height: float
) -> None:
    attributes = {"layer": layer.name, "style": STYLE}
    entry = space.add_text(text, height=height, dxfattribs=attributes)
    middle = (round(place[0], DECIMALS), round(place[1], DECIMALS))
    entry.set_placement(middle, align=TextEntityAlignment.MIDDLE_CENTER)


def _name_site(values: Values) -> str:
    return _say(values, "name") or _say(values, "id")


def _draw_sites(space: Modelspace, features: Sequence[Feature], paper: Paper) -> None:
    """Insert the block of each site, with what is known of it as attributes."""
    places = {tag: place_attribute(tag, paper.metres_per_mm) for tag in ATTRIBUTES}
    height = NAME_MM * paper.metres_per_mm
    for point, values in features:
        status = cast("Status", values["status"])
        role = cast("Role | None", values["role"])
        x, y = shapely.get_coordinates(point)[0].round(DECIMALS).tolist()
        block = space.add_blockref(
            name_block(role, status), (x, y), dxfattribs={"layer": SITES[status].name}
        )
        told = {
            "ID": _say(values, "id"),
            "NAME": _name_site(values),
            "ROLE": _say(values, "role_zh"),
            "STATUS": _say(values, "status_zh"),
            "SUBDISTRICT": _say(values, "subdistrict"),
        }
        for tag, (east, north) in places.items():
            entry = block.add_attrib(
                tag,
                told[tag],
                (x + east, y + north),
                {"layer": SITE_NAMES.name, "style": STYLE, "height": height},
            )
            entry.is_invisible = tag != "NAME"
