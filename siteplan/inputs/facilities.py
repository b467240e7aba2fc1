"""Public services that exist already: schools, clinics, libraries, …."""

from collections.abc import Mapping

import numpy as np
import shapely
from scipy.spatial import cKDTree

from siteplan.crs import WGS84, make_projection
from siteplan.files import clean_text
from siteplan.geometry import stand_inside
from siteplan.inputs.fields import parse_text, pick
from siteplan.inputs.osm import OsmExtract
from siteplan.inputs.tables import require_columns
from siteplan.inputs.vector import Layer
from siteplan.model import Facilities, Labels, Metres

FIELDS = ("lon", "lat", "kind", "name")
SAME_M = 100.0
"""Within this, two of one kind and name are one: a place and its grounds are often both drawn."""
OTHER = "other"


def make_facilities_of_osm(extract: OsmExtract, crs: str) -> Facilities:
    """Return the public services of an extract."""
    x, y = make_projection(WGS84, crs)(extract.service_lon, extract.service_lat)
    return _arrange(x, y, extract.service_kind, extract.service_name)


def make_facilities_of_layer(layer: Layer, columns: Mapping[str, str], crs: str) -> Facilities:
    """Return the facilities of a layer; one whose kind is blank is `other`.

    Parameters
    ----------
    layer
        Points or polygons; a polygon stands at its centroid, or at a point inside it.
    columns
        The file's names of `kind` and `name`.
    crs
        Working CRS.

    Raises
    ------
    InputError
        If it has no column of kinds.
    """
    require_columns(layer.columns, [columns.get("kind", "kind")], layer.label)
    points = stand_inside(layer.project(crs))
    kinds, names = (
        [clean_text(parse_text(pick(values, field, columns)) or "") for values in layer.properties]
        for field in ("kind", "name")
    )
    return _arrange(
        shapely.get_x(points),
        shapely.get_y(points),
        np.array([kind or OTHER for kind in kinds], dtype=np.str_),
        np.array(names, dtype=np.str_),
    )


def _arrange(x: Metres, y: Metres, kind: Labels, name: Labels) -> Facilities:
    """Return facilities in order of kind, name and place, each once."""
    order = np.lexsort((y, x, name, kind))
    x, y, kind, name = x[order], y[order], kind[order], name[order]
    kept = np.ones(len(x), dtype=np.bool_)
    if len(x):
        new = (kind[1:] != kind[:-1]) | (name[1:] != name[:-1])
        group = np.cumsum(np.r_[0, new])
        # far apart in the third direction, so that only the like are near each other
        tree = cKDTree(np.column_stack([x, y, group * (2 * SAME_M)]))
        pairs = tree.query_pairs(SAME_M, output_type="ndarray")
        for first, second in pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))].tolist():
            kept[second] &= not kept[first]
    return Facilities(x[kept], y[kept], kind[kept], name[kept])
