"""The layout plan as QGIS opens it: a style for each layer, and a project of all of them."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np
import pyproj
import shapely

from siteplan.errors import Text
from siteplan.files import clean_text
from siteplan.model import Case
from siteplan.outputs.layout.layers import LayoutLayer
from siteplan.outputs.layout.styles import BOUNDARIES, Style, list_styles, say_both, write_label
from siteplan.outputs.layout.target import Target

VERSION = "3.22.0"
DOCTYPE = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
PROJECT = "layout.qgs"
PREFIX = "siteplan_"
"""Of the ids of layers: QGIS takes none of fewer than ten characters."""
FILE_TIME = (1980, 1, 1, 0, 0, 0)
MARGIN = 0.05
"""How much is shown around the case, as a share of its larger side."""
BOUNDARIES_TITLE = Text("街道界线", "Boundaries")
COVERAGE_TITLE = Text("覆盖率", "Coverage")
WKB_TYPES = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}
GEOMETRIES = {"point": "Point", "line": "Line", "polygon": "Polygon"}
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Shown:
    """One entry of the project's list of layers."""

    id: str
    layer: str
    visible: bool = True


GROUPS = (
    (Text("中心布局", "Centres"), (
        _Shown("sites", "sites"),
        _Shown("findings", "findings", visible=False),
        _Shown("links", "links"),
    )),
    (Text("服务覆盖", "Coverage"), (
        _Shown("gaps", "gaps"),
        _Shown("demand", "demand", visible=False),
        _Shown("service_areas", "service_areas"),
        _Shown("catchments", "catchments", visible=False),
    )),
    (Text("街道", "Subdistricts"), (
        _Shown(BOUNDARIES, "subdistricts"),
        _Shown("subdistricts", "subdistricts"),
    )),
)  # fmt: skip
"""Of the project, those on top of the map first."""


def write_style(layer: LayoutLayer, style: Style) -> str:
    """Return a style as QGIS keeps it in a GeoPackage (QML)."""
    root = Element("qgis", {"version": VERSION, **_describe_drawing(style)})
    _add_style(root, layer, style)
    return _write(root).decode()


def write_project(case: Case, layers: Sequence[LayoutLayer], target: Target, source: str) -> bytes:
    """Return a QGIS project (`.qgz`) that shows the layers of a GeoPackage beside it.

    Parameters
    ----------
    case
        Its name is the title.
    layers
        All of a layout plan.
    target
        The CRS of the layers.
    source
        File name of the GeoPackage.
    """
    by_name = {layer.name: layer for layer in layers}
    styles = list_styles()
    title = clean_text(case.name)
    root = Element("qgis", version=VERSION, projectname=title)
    SubElement(root, "homePath", path="")
    _add_text(root, "title", title)
    _add_crs(SubElement(root, "projectCrs"), target)
    tree = SubElement(root, "layer-tree-group")
    order = SubElement(root, "layerorder")
    projected = SubElement(root, "projectlayers")
    for heading, entries in GROUPS:
        group = SubElement(
            tree, "layer-tree-group", name=say_both(heading), checked="Qt::Checked", expanded="1"
        )
        for one in entries:
            layer, id_ = by_name[one.layer], f"{PREFIX}{one.id}"
            SubElement(
                group, "layer-tree-layer", id=id_, name=say_both(name_layer(one.id, layer)),
                source=_refer(source, layer), providerKey="ogr", expanded="1",
                checked="Qt::Checked" if one.visible else "Qt::Unchecked",
            )  # fmt: skip
            SubElement(order, "layer", id=id_)
            _add_layer(projected, one.id, layer, styles[one.id], (source, target))
    SubElement(tree, "custom-order", enabled="0")
    _add_view(root, find_extent(by_name["subdistricts"]), target)
    _add_properties(root, case, title)
    return _zip(PROJECT, _write(root))


def name_layer(id_: str, layer: LayoutLayer) -> Text:
    """Return what an entry of the project is called: one layer may be there twice."""
    return {BOUNDARIES: BOUNDARIES_TITLE, "subdistricts": COVERAGE_TITLE}.get(id_, layer.title)


def find_extent(subdistricts: LayoutLayer) -> Box:
    """Return what the project shows at first, in the CRS of the layer."""
    shapes = subdistricts.shapes
    if not len(shapes):
        return (0.0, 0.0, 1.0, 1.0)
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    margin = MARGIN * max(east - west, north - south)
    return (west - margin, south - margin, east + margin, north + margin)


def _add_layer(
    parent: Element, id_: str, layer: LayoutLayer, style: Style, place: tuple[str, Target]
) -> None:
    source, target = place
    drawing = {
        "type": "vector",
        "geometry": GEOMETRIES[layer.geometry],
        "wkbType": WKB_TYPES[layer.geometry],
        **_describe_drawing(style),
    }
    element = SubElement(parent, "maplayer", drawing)
    placed = layer.shapes[~shapely.is_missing(layer.shapes)]
    if len(placed):
        _add_extent(element, "extent", shapely.total_bounds(placed).tolist())
    _add_text(element, "id", f"{PREFIX}{id_}")
    _add_text(element, "datasource", _refer(source, layer))
    _add_text(element, "layername", say_both(name_layer(id_, layer)))
    _add_crs(SubElement(element, "srs"), target)
    provider = SubElement(element, "provider", encoding="UTF-8")
    provider.text = "ogr"
    _add_style(element, layer, style)


def _refer(source: str, layer: LayoutLayer) -> str:
    return f"./{source}|layername={layer.name}"


def _describe_drawing(style: Style) -> dict[str, str]:
    return {
        "styleCategories": "AllStyleCategories",
        "labelsEnabled": str(int(style.label is not None)),
        "hasScaleBasedVisibilityFlag": "0",
        "minScale": "100000000",
        "maxScale": "0",
        "simplifyDrawingHints": "1",
        "simplifyDrawingTol": "1",
        "simplifyMaxScale": "1",
        "simplifyAlgorithm": "0",
        "simplifyLocal": "1",
        "symbologyReferenceScale": "-1",
        "readOnly": "0",
    }


def _add_style(root: Element, layer: LayoutLayer, style: Style) -> None:
    """Add what QML and a project say alike of how a layer is drawn, and what its columns mean."""
    root.append(style.renderer)
    if style.label is not None:
        root.append(write_label(style.label))
    for name, value in (("blendMode", "0"), ("featureBlendMode", "0"), ("layerOpacity", "1")):
        _add_text(root, name, value)
    aliases = SubElement(root, "aliases")
    for number, field in enumerate(layer.fields, start=1):  # after the one that counts features
        SubElement(aliases, "alias", field=field.name, name=say_both(field.alias),
                   index=str(number))  # fmt: skip
    named = {field.name for field in layer.fields}
    shown = next(name for name in ("name", "site_name", "title_zh", "subdistrict") if name in named)
    _add_text(root, "previewExpression", f'"{shown}"')
    _add_text(root, "layerGeometryType", style.geometry)


def _add_crs(parent: Element, target: Target) -> None:
    crs = pyproj.CRS.from_user_input(target.crs)
    system = SubElement(parent, "spatialrefsys")
    _add_text(system, "wkt", crs.to_wkt())
    if target.crs.startswith("EPSG:"):
        _add_text(system, "srid", target.crs.removeprefix("EPSG:"))
        _add_text(system, "authid", target.crs)
    _add_text(system, "description", target.name)
    _add_text(system, "geographicflag", "true" if target.geographic else "false")


def _add_view(root: Element, extent: Box, target: Target) -> None:
    canvas = SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    _add_text(canvas, "units", "degrees" if target.geographic else "meters")
    _add_extent(canvas, "extent", extent)
    _add_text(canvas, "rotation", "0")
    _add_crs(SubElement(canvas, "destinationsrs"), target)
    view = SubElement(root, "ProjectViewSettings", UseProjectScales="0")
    west, south, east, north = (repr(value) for value in extent)
    box = SubElement(view, "DefaultViewExtent", xmin=west, ymin=south, xmax=east, ymax=north)
    _add_crs(box, target)


def _add_properties(root: Element, case: Case, title: str) -> None:
    properties = SubElement(root, "properties")
    paths = SubElement(properties, "Paths")
    SubElement(paths, "Absolute", type="bool").text = "false"
    systems = SubElement(properties, "SpatialRefSys")
    SubElement(systems, "ProjectionsEnabled", type="int").text = "1"  # else it reads no CRS
    about = SubElement(root, "projectMetadata")
    _add_text(about, "type", "project")
    _add_text(about, "title", title)
    if case.date is not None:
        _add_text(about, "creation", f"{case.date.isoformat()}T00:00:00")


def _add_extent(parent: Element, name: str, extent: Sequence[float]) -> None:
    element = SubElement(parent, name)
    for key, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        _add_text(element, key, repr(float(np.float64(value))))


def _add_text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _write(root: Element) -> bytes:
    indent(root, " ")
    document: bytes = tostring(root, encoding="utf-8")
    return DOCTYPE + document + b"\n"


def _zip(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name, FILE_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, content)
    return stream.getvalue()
