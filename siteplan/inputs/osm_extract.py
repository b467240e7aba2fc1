"""What is read of an OpenStreetMap file: arrays, which a cache can keep."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siteplan.model import Crossing, Geometries, Labels


@dataclass(frozen=True, slots=True, eq=False)
class OsmExtract:
    """What an OpenStreetMap file holds for us, in WGS84 degrees.

    Attributes
    ----------
    refs
        Node ids of all walkable ways, one run of present nodes after the other.
    lon, lat
        Of these nodes, shape (refs,).
    run
        Number of the run each reference belongs to, ascending.
    highway
        Tag of each run.
    crossing
        Number of the bridge or tunnel that each run is, -1 for none.
    crossing_kind, crossing_name
        Of each bridge and tunnel; the name is empty if there is none.
    ways, missing_nodes
        Walkable ways of which something is left, and references to nodes that are not in the file.
    buildings
        Polygons where people may live.
    levels
        Number of storeys of each; nan if not given.
    lost_buildings
        Residential buildings whose outline is not whole.
    water
        Polygons.
    barriers
        Lines that are crossed only where a road does.
    green
        Polygons of parks, woods, lawns, cemeteries and pitches.
    rail
        Lines of railways, trams and undergrounds.
    motorways
        Lines of roads for cars alone.
    place_kind, place_zh, place_en
        Of each place with a name: the OSM `place` value, and the name in both languages.
    place_lon, place_lat
        Where that is written.
    named_roads
        Lines of the larger roads with a name, walked or not, one for each run of nodes.
    named_highway, named_zh, named_en
        Tag of each of them, and the name in both languages.
    service_kind, service_name
        Of each public service; the name is empty if there is none.
    service_lon, service_lat
        Where it stands; an area at its centroid, or at a point inside.
    stop_kind, stop_name
        Of each place where people board public transport.
    stop_lon, stop_lat
        Where it is, as a service; a line at its middle.
    """

    refs: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    run: npt.NDArray[np.intp]
    highway: Labels
    crossing: npt.NDArray[np.intp]
    crossing_kind: Labels
    crossing_name: Labels
    ways: int
    missing_nodes: int
    buildings: Geometries
    levels: npt.NDArray[np.float64]
    lost_buildings: int
    water: Geometries
    barriers: Geometries
    green: Geometries
    rail: Geometries
    motorways: Geometries
    place_kind: Labels
    place_zh: Labels
    place_en: Labels
    place_lon: npt.NDArray[np.float64]
    place_lat: npt.NDArray[np.float64]
    named_roads: Geometries
    named_highway: Labels
    named_zh: Labels
    named_en: Labels
    service_kind: Labels
    service_name: Labels
    service_lon: npt.NDArray[np.float64]
    service_lat: npt.NDArray[np.float64]
    stop_kind: Labels
    stop_name: Labels
    stop_lon: npt.NDArray[np.float64]
    stop_lat: npt.NDArray[np.float64]

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """Bridges and tunnels in order of number."""
        found = zip(self.crossing_kind.tolist(), self.crossing_name.tolist(), strict=True)
        return tuple(Crossing(kind, name) for kind, name in found)
