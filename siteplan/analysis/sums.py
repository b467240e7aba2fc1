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
        Run i holds values[start[i]:start[i + 1]]; shape (runs + 1,), never falling. What comes
        before the first run or after the last counts nowhere.

    Examples
    --------
    >>> import numpy as np
    >>> add_up_each(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2, 3]))
    array([3., 0., 4.])
    """
    sums = np.zeros(len(start) - 1)
    values, start = values[start[0] : start[-1]], start - start[0]
    lengths = np.diff(start)
    full = np.flatnonzero(lengths)
    if not len(full):
        return sums
    most = np.maximum.reduceat(np.abs(values), start[full])
    room = int(lengths.max()).bit_length()
    exponent = np.frexp(most)[1] + room  # of each run: what is much elsewhere drowns nothing here
    extreme = (np.abs(exponent) > LARGEST_EXPONENT) & (most > 0)
    exponent[extreme] = 0
    high = _round_off(values, exponent, lengths[full])
    low = values - high  # exactly
    low = _round_off(low, exponent - np.finfo(np.float64).nmant + room, lengths[full])
    sums[full] = np.add.reduceat(high, start[full]) + np.add.reduceat(low, start[full])
    for run in full[extreme]:
        sums[run] = math.fsum(values[start[run] : start[run + 1]].tolist())
    return sums


def _round_off(values: Floats, exponent: Indices, lengths: Indices) -> Floats:
    """Return values rounded to what a float just above 2 to the power of their run can tell."""
    anchor = np.repeat(np.ldexp(1.0, exponent), lengths)
    rounded: Floats = (values + anchor) - anchor
    return rounded
