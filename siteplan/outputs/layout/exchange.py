"""The layout plan in the formats other programs ask for: FileGDB and GeoJSON."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import shapely

from siteplan.crs import WGS84, make_projection, project_geometry
from siteplan.model import Geometries
from siteplan.outputs.layout.geopackage import write_layer
from siteplan.outputs.layout.layers import LayoutLayer
from siteplan.outputs.layout.target import Target

ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
STEP = 1e-7
"""Of a degree, about a centimetre: the seven decimals that GeoJSON is written with."""


def write_geodatabase(layers: Sequence[LayoutLayer], target: Target, path: Path) -> None:
    """Write all layers as a FileGDB: a folder of files.

    It holds ids that are made by chance and the time of writing, so that two of the same layers
    differ in their bytes and not in what they hold. Days are moments there, at midnight.

    Parameters
    ----------
    layers
        Those on top of a map first.
    target
        Their CRS.
    path
        A folder that does not exist yet.
    """
    for number, layer in enumerate(layers):
        write_layer(
            layer, target, path, "OpenFileGDB", append=number > 0,
            options={"LAYER_ALIAS": layer.title.zh},
        )  # fmt: skip


def write_geojson(layer: LayoutLayer, target: Target) -> bytes:
    """Return a layer as GeoJSON (RFC 7946): WGS84, longitude first, rings by the right-hand rule.

    What is narrower than a centimetre vanishes; a feature of nothing else has no geometry then.

    Parameters
    ----------
    layer
        Any of a layout plan.
    target
        Its CRS.
    """
    names = [field.name for field in layer.fields]
    lines = [
        f'{{"type":"Feature","geometry":{geometry},"properties":{_describe(names, row)}}}'
        for geometry, row in zip(_list_geometries(layer.shapes, target), layer.rows, strict=True)
    ]
    start = f'{{"type":"FeatureCollection","name":{json.dumps(layer.name)},"features":['
    return "\n".join([start, ",\n".join(lines), "]}", ""]).encode()


def _describe(names: list[str], row: tuple[object, ...]) -> str:
    values = [one.isoformat() if isinstance(one, date) else one for one in row]
    return ENCODER.encode(dict(zip(names, values, strict=True)))


def _list_geometries(shapes: Geometries, target: Target) -> Iterator[str]:
    """Return each geometry as GeoJSON, null where there is none."""
    degrees: Geometries = shapes.copy()
    there = ~shapely.is_missing(shapes)
    degrees[there] = project_geometry(shapes[there], make_projection(target.crs, WGS84))
    rounded = shapely.set_precision(degrees, STEP)
    turned = shapely.orient_polygons(rounded, exterior_cw=False)
    empty = shapely.is_empty(turned) | shapely.is_missing(turned)
    texts = np.asarray(shapely.to_geojson(turned), dtype=object)
    for text, is_empty in zip(texts.tolist(), empty.tolist(), strict=True):
        yield "null" if is_empty else text
