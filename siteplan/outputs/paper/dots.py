"""Residents on paper: dots, the larger the more of them one stands for."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from siteplan.errors import Text
from siteplan.geometry import find_spacing
from siteplan.model import Evaluation, Residents
from siteplan.outputs.paper.svg import Sheet, draw
from siteplan.outputs.paper.symbols import DOT_COLOUR

DOT_CELL = 14.0
"""Least units of the cells by which residents are put together: one dot each."""
LEAST_STEP_M = 1.0
"""Points closer together stand on no grid that could be seen."""
DOT_SHARES = (0.1, 0.3, 0.6, 1.0)
"""Upper limits of the residents of a dot, as shares of the most that one stands for."""
DOT_SIZES = tuple(round(15.0 * math.sqrt(share), 1) for share in DOT_SHARES)
"""Diameters of dots in units: their areas are as the residents they stand for at most."""


class Dots(NamedTuple):
    """Where dots stand, in whole units, with their residents and the most that one stands for."""

    places: npt.NDArray[np.int64]
    people: Residents
    most: float


def gather_dots(sheet: Sheet, evaluation: Evaluation, index: int) -> Dots:
    """Return the residents not covered, put together by cells of the paper.

    Residents often stand on a grid. A cell is a whole multiple of its steps, so that all cells hold
    as many of its points: else even residents would look like crosses. Where the points are farther
    apart than cells, each has its own dot.
    """
    drawing = evaluation.drawing
    mine = (drawing.uncovered_subdistrict == index) & (drawing.uncovered_population > 0)
    xy = np.column_stack([drawing.uncovered_x[mine], drawing.uncovered_y[mine]])
    people = drawing.uncovered_population[mine]
    if not len(people):
        return Dots(np.empty((0, 2), dtype=np.int64), people, 0.0)
    cell_m, step_m = DOT_CELL / sheet.units_per_m, find_spacing(np.unique(xy, axis=0))
    cells = xy
    if step_m < cell_m:
        step_m = max(step_m, LEAST_STEP_M)
        phase = np.angle(np.exp(2j * np.pi * xy / step_m).mean(axis=0)) / (2 * np.pi) * step_m
        cells = np.floor((xy - phase + step_m / 2) / (step_m * math.ceil(cell_m / step_m)))
    _, owner = np.unique(cells, axis=0, return_inverse=True)
    total = np.asarray(np.bincount(owner.ravel(), weights=people), dtype=np.float64)
    middle = [np.bincount(owner.ravel(), weights=people * along) / total for along in xy.T]
    places = sheet.place_all(np.column_stack(middle))
    return Dots(places, total, _round_up(float(total.max())))


def _round_up(count: float) -> float:
    """Return the next 1, 2 or 5 with zeros.

    Examples
    --------
    >>> _round_up(12.0), _round_up(50.0), _round_up(0.03)
    (20.0, 50.0, 0.05)
    """
    power = math.floor(math.log10(count))
    rounded = (float(f"{digit}e{power}") for digit in (1, 2, 5, 10))
    return next(one for one in rounded if one >= count * (1 - 1e-9))


def say_dots(most: float) -> Text:
    """Return what dots stand for, from the smallest to the largest.

    Examples
    --------
    >>> say_dots(50.0).zh
    '未覆盖居民，每点至多 5/15/30/50 人'
    """
    limits = "/".join(f"{share * most:g}" for share in DOT_SHARES)
    return Text(f"未覆盖居民，每点至多 {limits} 人", f"residents not covered, up to {limits} a dot")


def draw_dots(dots: Dots) -> list[str]:
    """Return dots the larger the more residents they stand for."""
    if not len(dots.people):
        return []
    size = np.searchsorted(DOT_SHARES, dots.people / dots.most * (1 - 1e-9))
    parts = []
    for number, width in enumerate(DOT_SIZES):
        path = "".join(f"M{x} {y}h.1" for x, y in dots.places[size == number].tolist())
        if path:
            parts.append(
                draw(
                    "path", d=path, stroke=DOT_COLOUR, stroke_width=width, stroke_linecap="round",
                    stroke_opacity=0.75,
                )
            )  # fmt: skip
    return parts
