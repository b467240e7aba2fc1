"""What only maps need of an OpenStreetMap extract: ground, tracks and names."""

import numpy as np

from siteplan.crs import WGS84, make_projection, project_geometry
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.model import Backdrop, PlaceNames, RoadNames


def make_backdrop_of_osm(extract: OsmExtract, crs: str) -> Backdrop:
    """Take what is drawn beneath the figures to the working CRS."""
    project = make_projection(WGS84, crs)
    x, y = project(extract.place_lon, extract.place_lat)
    return Backdrop(
        water=project_geometry(extract.water, project),
        barriers=project_geometry(extract.barriers, project),
        green=project_geometry(extract.green, project),
        rail=project_geometry(extract.rail, project),
        motorways=project_geometry(extract.motorways, project),
        places=PlaceNames(x, y, extract.place_kind, extract.place_zh, extract.place_en),
        road_names=RoadNames(
            project_geometry(extract.named_roads, project),
            extract.named_highway,
            extract.named_zh,
            extract.named_en,
        ),
    )


def make_bare_backdrop() -> Backdrop:
    """Return the backdrop of a case whose roads are no extract: there is nothing to draw."""
    return Backdrop(np.empty(0, dtype=object), np.empty(0, dtype=object))
