"""Buildings as places where people live: floor area, as far as it is known."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import shapely

from siteplan.crs import WGS84, make_projection, project_geometry
from siteplan.geometry import stand_inside
from siteplan.inputs.fields import parse_text, pick
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.inputs.tags import is_residential, parse_levels
from siteplan.inputs.vector import Layer
from siteplan.model import Geometries, Weights

FIELDS = ("building", "levels", "amenity", "shop", "office", "tourism", "industrial")


def make_weights_of_osm(extract: OsmExtract, crs: str) -> Weights:
    """Weigh the residential buildings of an extract by footprint × storeys."""
    return _weigh(project_geometry(extract.buildings, make_projection(WGS84, crs)), extract.levels)


def make_weights_of_layer(layer: Layer, columns: Mapping[str, str], crs: str) -> Weights:
    """Weigh the buildings of a layer; with a column `building`, only the residential ones.

    Parameters
    ----------
    layer
        Polygons.
    columns
        The file's names of `building`, `levels` and the tags of other uses. The column of storeys
        is called `building:levels` as in OpenStreetMap where it has no name here.
    crs
        Working CRS.
    """
    columns = {"levels": "building:levels", **columns}
    rows = [
        {f: text for f in FIELDS if (text := parse_text(pick(properties, f, columns)))}
        for properties in layer.properties
    ]
    tagged = any("building" in row for row in rows)
    lived_in = np.array([not tagged or is_residential(row) for row in rows], dtype=np.bool_)
    levels = np.array([parse_levels(row.get("levels")) for row in rows])
    return _weigh(layer.project(crs)[lived_in], levels[lived_in])


def _weigh(polygons: Geometries, levels: npt.NDArray[np.float64]) -> Weights:
    points = stand_inside(polygons)
    measured = np.isfinite(levels)
    return Weights(
        x=shapely.get_x(points),
        y=shapely.get_y(points),
        weight=shapely.area(polygons) * np.where(measured, levels, 1.0),
        groups={},
        measured=measured,
    )
