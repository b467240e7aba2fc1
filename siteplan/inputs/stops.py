"""Stops of public transport: where people get on a bus, a tram, a train or a ferry."""

from collections.abc import Mapping

import numpy as np
import shapely

from siteplan.crs import WGS84, make_projection
from siteplan.geometry import even_out
from siteplan.inputs.facilities import find_twins, read_words
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.inputs.tags import SUBWAY
from siteplan.inputs.vector import Layer
from siteplan.model import Labels, Metres, Stops

FIELDS = ("lon", "lat", "kind", "name")
STOP = "stop"
"""Kind of one whose file does not say."""
ENTRANCE = "subway_entrance"
"""Each is a way of its own to the trains, however close to the next: each counts."""
BEST_KINDS = (
    SUBWAY, "station", "ferry_terminal", "bus_station", "tram_stop", "bus_stop", "platform",
)  # fmt: skip
"""Which of several drawings of one stop says best what it is."""


def make_stops_of_osm(extract: OsmExtract, crs: str) -> Stops:
    """Return the stops of an extract."""
    x, y = make_projection(WGS84, crs)(extract.stop_lon, extract.stop_lat)
    return _arrange(x, y, extract.stop_kind, extract.stop_name)


def make_stops_of_layer(layer: Layer, columns: Mapping[str, str], crs: str) -> Stops:
    """Return the stops of a layer of points.

    Parameters
    ----------
    layer
        Points.
    columns
        The file's names of `kind` and `name`, where it has them; a blank kind is `stop`.
    crs
        Working CRS.
    """
    points = layer.project(crs)
    kinds, names = (read_words(layer, field, columns) for field in ("kind", "name"))
    return _arrange(
        shapely.get_x(points),
        shapely.get_y(points),
        np.array([kind or STOP for kind in kinds], dtype=np.str_),
        np.array(names, dtype=np.str_),
    )


def _arrange(x: Metres, y: Metres, kind: Labels, name: Labels) -> Stops:
    """Return stops in order of kind, name and place, and which are counted.

    Those of one name within 100 m count once, of whatever kind: the two sides of a street, a
    station and its platforms. Those without a name do where they are of one kind.
    """
    rank = np.array([_rank(one) for one in kind.tolist()], dtype=np.intp)
    order = np.lexsort((even_out(y), even_out(x), kind, rank, name))
    x, y, kind, name = x[order], y[order], kind[order], name[order]
    numbers: dict[object, int] = {}
    like = [
        index if one == ENTRANCE else (called or one, bool(called))
        for index, (one, called) in enumerate(zip(kind.tolist(), name.tolist(), strict=True))
    ]
    group = [numbers.setdefault(key, len(numbers)) for key in like]
    first_drawn = np.ones(len(x), dtype=np.bool_)
    for first, second in find_twins(x, y, np.array(group, dtype=np.intp)):
        first_drawn[second] &= not first_drawn[first]
    order = np.lexsort((even_out(y), even_out(x), name, kind))
    return Stops(x[order], y[order], kind[order], name[order], first_drawn[order])


def _rank(kind: str) -> int:
    return BEST_KINDS.index(kind) if kind in BEST_KINDS else len(BEST_KINDS)
