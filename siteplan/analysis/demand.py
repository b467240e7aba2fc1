"""Residents as people standing at points, summing to each subdistrict's total."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import shapely

from siteplan.analysis.sums import add_up
from siteplan.geometry import stand_inside
from siteplan.model import (
    TOLERANCE_M,
    Demand,
    DemandBasis,
    Flags,
    Indices,
    Metres,
    Residents,
    StudyArea,
    Subdistrict,
    Weights,
)

CELL_M = 50.0
"""Side of the cells people are spread over where nothing is known of where they live."""


def place_residents(
    area: StudyArea, residents: Weights | None, buildings: Weights | None
) -> Demand:
    """Put each subdistrict's residents where they are likely to live.

    In this order of preference: where a file says that people live, on buildings by floor area, or
    evenly over the ground. The choice is made for each subdistrict by itself, and the subdistrict's
    total always wins.

    Parameters
    ----------
    area
        Subdistricts with their totals.
    residents
        Points with people, if a file gives them.
    buildings
        Residential buildings with floor area.

    Returns
    -------
    Demand
        Points in order of subdistrict, x and y. None stands where nobody lives.
    """
    layers: list[tuple[DemandBasis, Weights, Indices]] = []
    if residents is not None:
        layers.append(("residents", residents, locate(area, residents.x, residents.y)))
    if buildings is not None:
        layers.append(("buildings", buildings, locate(area, buildings.x, buildings.y)))
    parts: list[tuple[Weights, Residents, Mapping[str, Residents]]] = []
    basis: list[DemandBasis] = []
    measured_ratio = []
    for index, subdistrict in enumerate(area.subdistricts):
        here, points = _choose_points(subdistrict, index, layers)
        basis.append(here)
        measured_ratio.append(points.measured.mean() if here == "buildings" else math.nan)
        if not subdistrict.population:
            points = _select(points, np.empty(0, dtype=np.intp))
        points = _select(points, np.lexsort((points.weight, points.y, points.x)))
        groups = {
            name: _scale(count, subdistrict.groups[name])
            for name, count in points.groups.items()
            if name in subdistrict.groups and add_up(count) > 0
        }
        parts.append((points, _scale(points.weight, subdistrict.population), groups))
    sizes = [len(points.x) for points, _, _ in parts]
    located = sorted({name for _, _, groups in parts for name in groups})
    return Demand(
        subdistrict=np.repeat(np.arange(len(parts)), sizes),
        x=np.concatenate([points.x for points, _, _ in parts]),
        y=np.concatenate([points.y for points, _, _ in parts]),
        population=np.concatenate([people for _, people, _ in parts]),
        groups={
            name: np.concatenate(
                [
                    groups.get(name, np.full(size, np.nan))
                    for (_, _, groups), size in zip(parts, sizes, strict=True)
                ]
            )
            for name in located
        },
        basis=tuple(basis),
        measured_ratio=np.array(measured_ratio),
    )


def locate(area: StudyArea, x: Metres, y: Metres) -> Indices:
    """Return the subdistrict each point lies in; -1 outside all, the lowest code on a border.

    What lies within `TOLERANCE_M` of a border is on it, whatever the last bit says.
    """
    owner = np.full(len(x), -1, dtype=np.intp)
    points = np.asarray(shapely.points(x, y), dtype=object)
    tree = shapely.STRtree(points)
    for index, polygon in reversed(list(enumerate(area.geometry))):  # the lowest is written last
        shapely.prepare(polygon)
        around = shapely.box(*polygon.bounds).buffer(2 * TOLERANCE_M)
        near = tree.query(around)
        owner[near[shapely.dwithin(polygon, points[near], TOLERANCE_M)]] = index
    return owner


def _choose_points(
    subdistrict: Subdistrict, index: int, layers: list[tuple[DemandBasis, Weights, Indices]]
) -> tuple[DemandBasis, Weights]:
    """Return the first layer that knows where people of a subdistrict live; else its ground."""
    for name, weights, owner in layers:
        here = (owner == index) & (weights.weight > 0)
        if here.any():
            return name, _select(weights, here)
    return "area", _spread_evenly(subdistrict)


def _spread_evenly(subdistrict: Subdistrict) -> Weights:
    """Return the centres of cells of `CELL_M`, cut to the subdistrict and weighted by area."""
    polygon = subdistrict.geometry
    west, south, east, north = polygon.bounds
    columns = np.arange(math.floor(west / CELL_M), math.ceil(east / CELL_M)) * CELL_M
    rows = np.arange(math.floor(south / CELL_M), math.ceil(north / CELL_M)) * CELL_M
    x, y = (grid.ravel() for grid in np.meshgrid(columns, rows))
    cells = shapely.box(x, y, x + CELL_M, y + CELL_M)
    shapely.prepare(polygon)
    touched = shapely.intersects(polygon, cells)
    cells = cells[touched]
    cut = ~shapely.contains_properly(polygon, cells)
    cells[cut] = shapely.intersection(polygon, cells[cut])
    area_m2 = shapely.area(cells)
    wide = area_m2 > CELL_M * TOLERANCE_M  # a narrower strip is the rounding of the outline
    cells, area_m2 = cells[wide], area_m2[wide]
    points = stand_inside(cells)
    return Weights(
        x=shapely.get_x(points),
        y=shapely.get_y(points),
        weight=area_m2,
        groups={},
        measured=np.ones(len(cells), dtype=np.bool_),
    )


def _select(weights: Weights, index: Flags | Indices) -> Weights:
    return Weights(
        weights.x[index],
        weights.y[index],
        weights.weight[index],
        {name: count[index] for name, count in weights.groups.items()},
        weights.measured[index],
    )


def _scale(weight: npt.NDArray[np.float64], total: float) -> Residents:
    """Return the weights scaled to a total; each is a share first, lest a tiny sum overflow."""
    return weight / add_up(weight) * total
