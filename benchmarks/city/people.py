"""Subdistricts of a synthetic city: their borders, residents, and where a centre could stand."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from city.buildings import USES, Buildings
from city.fabric import Fabric
from city.files import to_lonlat
from city.grid import OUTSIDE, Flags, Floats, Grid, Ints, trace_cell

VINTAGE = 2010
OLDER_SHARE = (0.10, 0.21)
NEAR_ROAD_M = 33.0
SPOTS_PER_SUBDISTRICT = 420
SITES_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class Labels:
    """What the subdistricts are called, in the order of their numbers."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    district: str


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Buildings beside a road in which a centre could stand.

    Attributes
    ----------
    xy
        Middle points in metres from the city's middle, shape (n, 2).
    buildings
        Number of each building.
    subdistricts
        Subdistrict of each.
    on_sandbank
        Whether it stands on the sandbank.
    """

    xy: Floats
    buildings: Ints
    subdistricts: Ints
    on_sandbank: Flags


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """A finished city, before its files are written.

    Attributes
    ----------
    fabric, buildings, labels
        What was built, and what its subdistricts are called.
    owners
        Subdistrict of each building.
    residents, older
        People in each subdistrict, and those over 60.
    spots
        Where sites may stand.
    """

    fabric: Fabric
    buildings: Buildings
    labels: Labels
    owners: Ints
    residents: Ints
    older: Ints
    spots: Spots

    def people_of(self, number: int) -> tuple[Floats, Floats]:
        """Give the homes of a subdistrict: coordinates in metres, and residents at each."""
        own = np.flatnonzero(self.owners == number)
        volumes = self.buildings.volumes[own]
        residents = volumes / max(float(volumes.sum()), 1.0) * self.residents[number]
        return self.buildings.centres[own], residents


def draw_borders(grid: Grid, labels: Labels) -> list[dict[str, Any]]:
    """Draw the subdistricts as GeoJSON features that share their vertices exactly.

    Vertices are rounded before the cells are joined, so that neighbours keep the same numbers.
    """
    cells: list[list[shapely.Polygon]] = [[] for _ in labels.codes]
    for row, column in np.argwhere(grid.owners != OUTSIDE).tolist():
        ring = to_lonlat(trace_cell(grid, row, column))
        cells[int(grid.owners[row, column])].append(shapely.Polygon(ring))
    features = []
    for number, parts in enumerate(cells):
        shape = shapely.orient_polygons(shapely.coverage_union_all(parts))
        if shape.geom_type == "GeometryCollection":
            shape = shapely.union_all(shape)
        properties = {
            "code": labels.codes[number],
            "name": labels.names[number],
            "district": labels.district,
            "vintage": VINTAGE,
        }
        features.append(
            {
                "type": "Feature",
                "properties": properties,
                "geometry": shapely.geometry.mapping(shape),
            }
        )
    return features


def count_residents(
    floor_area_m2: Floats, total: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Give each subdistrict residents by its residential floor area, and how many are over 60.

    Residents sum to `total` exactly (largest remainders).
    """
    crowded_m2 = floor_area_m2 * rng.normal(1.0, 0.05, len(floor_area_m2))
    exact = crowded_m2 / crowded_m2.sum() * total
    residents = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - residents), kind="stable")
    residents[order[: total - int(residents.sum())]] += 1
    older = np.round(residents * rng.uniform(*OLDER_SHARE, len(residents))).astype(np.int64)
    return residents, older


def find_spots(
    fabric: Fabric, buildings: Buildings, owners: Ints, rng: np.random.Generator
) -> Spots:
    """Find buildings beside a road, at most `SPOTS_PER_SUBDISTRICT` in each subdistrict."""
    order = rng.permutation(len(owners))
    order = order[np.argsort(owners[order], kind="stable")]
    starts = np.searchsorted(owners[order], np.arange(owners.max() + 1))
    rank = np.arange(len(order)) - starts[owners[order]]
    factory = buildings.uses[order] == USES.index("industrial")
    sandbank = buildings.cells == len(fabric.cell_owners) - 1
    chosen = np.sort(order[((rank < SPOTS_PER_SUBDISTRICT) & ~factory) | sandbank[order]])
    centres = buildings.centres[chosen]
    streets = fabric.streets
    xy = np.stack([streets.xs, streets.ys], axis=1)
    tree = shapely.STRtree([shapely.LineString(xy[nodes]) for _, nodes in fabric.ways])
    points = shapely.points(centres)
    near = np.unique(tree.query(points, predicate="dwithin", distance=NEAR_ROAD_M)[0])
    chosen = chosen[near]
    return Spots(centres[near], chosen, owners[chosen], sandbank[chosen])


def cover_greedily(reached: Flags, weights: Floats) -> list[int]:
    """Order spots by the residents each adds, most first, at most `SITES_AT_MOST`.

    Parameters
    ----------
    reached
        Whether each spot reaches each home, shape (spots, homes).
    weights
        Residents of each home. Ties go to the lower number.
    """
    open_weights = weights.copy()
    order: list[int] = []
    while len(order) < min(len(reached), SITES_AT_MOST):
        gains = reached @ open_weights
        gains[order] = -1.0
        best = int(np.argmax(gains))
        order.append(best)
        open_weights[reached[best]] = 0.0
    return order


def choose_headquarters(between_m: Floats, to_homes_m: Floats, weights: Floats) -> int:
    """Choose the site that is nearest to the others, weighed by the residents of each.

    Parameters
    ----------
    between_m
        Distances between the sites, shape (sites, sites).
    to_homes_m
        Distances from sites to homes, shape (sites, homes).
    weights
        Residents of each home.
    """
    nearest = np.argmin(to_homes_m, axis=0)
    load = np.bincount(nearest, weights=weights, minlength=len(between_m))
    return int(np.argmin(between_m @ load))


def measure_distances(here: Floats, there: Floats) -> Floats:
    """Measure straight-line distances in metres, shape (here, there)."""
    distances: Floats = np.hypot(
        here[:, None, 0] - there[None, :, 0], here[:, None, 1] - there[None, :, 1]
    )
    return distances
