"""Walking distances by brute force: plain dictionaries, a binary heap, every segment looked at."""

import heapq
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CELL_M = 200.0

Edge = tuple[Hashable, Hashable, Sequence[tuple[float, float]]]  # tail, head, line


class Snap(NamedTuple):
    """Where a point joins the roads: edge -1 where there is none to join."""

    edge: int
    offset_m: float
    leg_m: float


class Streets:
    """Edges to walk on, both ways, in metres; an edge's id is its position.

    Edges meet where they share a tail or head, not where their lines cross.
    """

    def __init__(self, edges: Iterable[Edge]) -> None:
        self.edges: list[tuple[Hashable, Hashable, float]] = []
        self.neighbours: dict[Hashable, list[tuple[Hashable, float]]] = defaultdict(list)
        segments: list[tuple[float, float, float, float]] = []
        self._segment_start: list[tuple[int, float]] = []  # edge, metres from its tail
        for number, (tail, head, line) in enumerate(edges):
            length = 0.0
            for a, b in pairwise(line):
                segments.append((*a, *b))
                self._segment_start.append((number, length))
                length += math.dist(a, b)
            self.edges.append((tail, head, length))
            self.neighbours[tail].append((head, length))
            self.neighbours[head].append((tail, length))
        self._segments = np.array(segments, dtype=float).reshape(-1, 4)
        self._cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, (ax, ay, bx, by) in enumerate(segments):
            for cell in _cells_of(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)):
                self._cells[cell].append(number)

    def snap(self, x: float, y: float, limit_m: float) -> Snap:
        """Join a point to the nearest place of all edges, ties to the lower edge id.

        A segment not farther than CELL_M runs through a cell that touches the square of that
        half-width around the point. So the best of those cells is the best of all if it is not
        farther; otherwise all segments are looked at. Beyond `limit_m` the edge is -1 and
        the leg still says how far the roads are (inf: there are none).
        """
        if not len(self._segments):
            return Snap(-1, math.nan, math.inf)
        cells = _cells_of(x - CELL_M, y - CELL_M, x + CELL_M, y + CELL_M)
        near = sorted({number for cell in cells for number in self._cells.get(cell, ())})
        edge, offset, leg = self._nearest(x, y, np.array(near, dtype=int))
        if leg > CELL_M:
            edge, offset, leg = self._nearest(x, y, np.arange(len(self._segments)))
        return Snap(edge if leg <= limit_m else -1, offset, leg)

    def _nearest(self, x: float, y: float, among: NDArray[np.int_]) -> Snap:
        if not len(among):
            return Snap(-1, math.nan, math.inf)
        ax, ay, bx, by = self._segments[among].T
        dx, dy = bx - ax, by - ay
        squared = dx * dx + dy * dy
        safe = np.where(squared > 0, squared, 1.0)  # a segment without length is its first point
        share = np.clip(((x - ax) * dx + (y - ay) * dy) / safe, 0.0, 1.0)
        # At the far end take the end itself, so that all edges of a crossing tie exactly.
        distance = np.where(
            share < 1,
            np.hypot(ax + share * dx - x, ay + share * dy - y),
            np.hypot(bx - x, by - y),
        )
        best = int(np.argmin(distance))  # the first of equals: segments stand in edge order
        edge, start = self._segment_start[int(among[best])]
        along = float(share[best]) * math.hypot(dx[best], dy[best])
        return Snap(edge, start + along, float(distance[best]))

    def walk_from(self, start: Snap) -> dict[Hashable, float]:
        """Measure the way from a joined point to every node it reaches (Dijkstra 1959)."""
        tail, head, length = self.edges[start.edge]
        settled: dict[Hashable, float] = {}
        count = 0  # breaks ties, so that nodes never have to be comparable
        heap = [(start.offset_m, -2, tail), (length - start.offset_m, -1, head)]
        heapq.heapify(heap)
        while heap:
            metres, _, node = heapq.heappop(heap)
            if node in settled:
                continue
            settled[node] = metres
            for other, step in self.neighbours[node]:
                if other not in settled:
                    heapq.heappush(heap, (metres + step, count, other))
                    count += 1
        return settled

    def measure(self, start: Snap, stops: Sequence[Snap]) -> NDArray[np.float64]:
        """Measure the way from one point to others, both legs included; inf = unreachable."""
        metres = np.full(len(stops), np.inf)
        if start.edge < 0:
            return metres
        reached = self.walk_from(start)
        for position, stop in enumerate(stops):
            if stop.edge < 0:
                continue
            tail, head, length = self.edges[stop.edge]
            ways = [
                reached.get(tail, math.inf) + stop.offset_m,
                reached.get(head, math.inf) + (length - stop.offset_m),
            ]
            if stop.edge == start.edge:
                ways.append(abs(stop.offset_m - start.offset_m))
            metres[position] = start.leg_m + min(ways) + stop.leg_m
        return metres


def _cells_of(x0: float, y0: float, x1: float, y1: float) -> Iterable[tuple[int, int]]:
    """List the cells that a box touches."""
    return product(
        range(math.floor(x0 / CELL_M), math.floor(x1 / CELL_M) + 1),
        range(math.floor(y0 / CELL_M), math.floor(y1 / CELL_M) + 1),
    )
