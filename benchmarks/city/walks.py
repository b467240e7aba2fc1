"""Rough walking distances in a synthetic city, to place the demo's sites well or badly."""

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from city.fabric import Fabric
from city.grid import Floats


class Walks:
    """Distances on foot along the built streets, joined at the nearest node."""

    def __init__(self, fabric: Fabric) -> None:
        streets = fabric.streets
        xy = np.stack([streets.xs, streets.ys], axis=1)
        tails = np.concatenate([nodes[:-1] for _, nodes in fabric.ways])
        heads = np.concatenate([nodes[1:] for _, nodes in fabric.ways])
        lengths_m = np.hypot(*(xy[heads] - xy[tails]).T)
        shape = (len(xy), len(xy))
        self._graph = csr_array(coo_array((lengths_m, (tails, heads)), shape=shape))
        self._nodes = np.unique(np.concatenate([tails, heads]))
        self._tree = cKDTree(xy[self._nodes])

    def measure(self, here: Floats, there: Floats) -> Floats:
        """Measure walks in metres, shape (here, there); inf where there is no way.

        Too long by up to the way along half a street piece, and never too short.
        """
        leave_m, start = self._tree.query(here)
        arrive_m, end = self._tree.query(there)
        along_m = dijkstra(self._graph, directed=False, indices=self._nodes[np.asarray(start)])
        to_end_m = along_m[:, self._nodes[np.asarray(end)]]
        walks: Floats = np.asarray(leave_m)[:, None] + to_end_m + np.asarray(arrive_m)[None, :]
        return walks
