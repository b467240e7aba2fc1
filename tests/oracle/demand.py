"""Residents at points: where they are known to live, on buildings, or evenly over the ground."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from oracle.osm import stand_inside

CELL_M = 50

Subdistrict = tuple[str, BaseGeometry, float]  # code, polygon in the working CRS, population
Weighted = tuple[float, float, float]  # x, y, weight


class Demand(NamedTuple):
    """Residents at points of the working CRS; `method` names by code how they got there."""

    subdistrict: NDArray[np.str_]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    population: NDArray[np.float64]
    method: dict[str, str]


def place_residents(
    subdistricts: Sequence[Subdistrict],
    residents: Sequence[Weighted] | None = None,
    buildings: Sequence[Weighted] | None = None,
) -> Demand:
    """Spread each population over residents' points, else buildings, else 50 m cells."""
    shapes = {code: shape for code, shape, _ in sorted(subdistricts, key=lambda each: each[0])}
    known = {
        "residents": _sort_into(shapes, residents or ()),
        "buildings": _sort_into(shapes, buildings or ()),
    }
    rows: list[tuple[str, float, float, float]] = []
    method = {}
    for code, _, population in sorted(subdistricts, key=lambda each: each[0]):
        method[code] = next((name for name, by_code in known.items() if by_code[code]), "cells")
        points = known[method[code]][code] if method[code] in known else cut_cells(shapes[code])
        total = math.fsum(weight for _, _, weight in points)
        rows += [(code, x, y, population * weight / total) for x, y, weight in points]
    codes = np.array([row[0] for row in rows], dtype=np.str_)
    x, y, people = np.array([row[1:] for row in rows], dtype=float).reshape(-1, 3).T
    return Demand(codes, x, y, people, method)


def _sort_into(
    shapes: dict[str, BaseGeometry], points: Sequence[Weighted]
) -> dict[str, list[Weighted]]:
    """Give each point to the subdistrict that covers it, the lowest code of several."""
    kept = [(float(x), float(y), float(weight)) for x, y, weight in points if weight > 0]
    free = np.ones(len(kept), dtype=bool)
    places = shapely.points(np.array([point[:2] for point in kept]).reshape(-1, 2))
    by_code = {}
    for code, shape in shapes.items():
        shapely.prepare(shape)
        inside = free & shapely.covers(shape, places)
        by_code[code] = [kept[position] for position in np.flatnonzero(inside)]
        free &= ~inside
    return by_code


def cut_cells(shape: BaseGeometry) -> list[Weighted]:
    """Cut a shape along the multiples of 50 m; a point and an area for each piece of ground."""
    x0, y0, x1, y1 = shape.bounds
    columns = range(math.floor(x0 / CELL_M), math.ceil(x1 / CELL_M))
    rows = range(math.floor(y0 / CELL_M), math.ceil(y1 / CELL_M))
    cells = []
    for column in columns:
        for row in rows:
            west, south = column * CELL_M, row * CELL_M
            piece = shape.intersection(shapely.box(west, south, west + CELL_M, south + CELL_M))
            if piece.area > 0:
                point = stand_inside(piece)
                cells.append((point.x, point.y, piece.area))
    return cells
