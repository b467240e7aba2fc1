"""Sums over people that are the same in whatever order the people come, and to the last bit right.

Each value is split at a bit so high that all the upper parts add up without rounding, then the rest
once more (the first two steps of AccSum: Rump, Ogita & Oishi 2008, Accurate floating-point
summation, part I).
"""

import math

import numpy as np
import numpy.typing as npt

from siteplan.model import Indices

Floats = npt.NDArray[np.float64]

LARGEST_EXPONENT = 900  # beyond it a split would leave the range of a float


def add_up(values: Floats) -> float:
    """Return the sum of all values.

    Examples
    --------
    >>> import numpy as np
    >>> add_up(np.array([0.1] * 10)), add_up(np.array([]))
    (1.0, 0.0)
    """
    bounds = np.array([0, len(values)])
    return float(add_up_each(values, bounds)[0])


def add_up_each(values: Floats, start: Indices) -> Floats:
    """Return the sum of each run of values.

    Parameters
    ----------
    values
        Finite.
    start
        Run i holds values[start[i]:start[i + 1]]; shape (runs + 1,).

    Examples
    --------
    >>> import numpy as np
    >>> add_up_each(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2, 3]))
    array([3., 0., 4.])
    """
    sums = np.zeros(len(start) - 1)
    full = np.flatnonzero(np.diff(start))
    most = float(np.abs(values).max(initial=0.0))
    if not most:
        return sums
    exponent = math.frexp(most)[1] + len(values).bit_length()
    if abs(exponent) > LARGEST_EXPONENT:
        runs = (values[start[run] : start[run + 1]] for run in full)
        sums[full] = [math.fsum(run.tolist()) for run in runs]
        return sums
    high = _round_off(values, exponent)
    low = values - high  # exactly
    low = _round_off(low, exponent - np.finfo(np.float64).nmant + len(values).bit_length())
    sums[full] = np.add.reduceat(high, start[full]) + np.add.reduceat(low, start[full])
    return sums


def _round_off(values: Floats, exponent: int) -> Floats:
    """Return values rounded to what a float just above 2 to some power can tell apart."""
    anchor = math.ldexp(1.0, exponent)
    rounded: Floats = (values + anchor) - anchor
    return rounded
