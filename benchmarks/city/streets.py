"""Streets of a synthetic city: polylines that share their nodes where they meet."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from city.grid import Ints

SNAP_M = 17.0


class Edge(NamedTuple):
    """One straight side of a block: from `tail` to `head` along a street."""

    street: int
    tail: int
    tail_m: float
    head: int
    head_m: float


@dataclass(slots=True)
class Street:
    """A polyline and the nodes on it.

    Attributes
    ----------
    kind
        OSM highway value; empty where nothing is built.
    tags
        Further OSM tags.
    stops
        (distance from the start in metres, node), sorted.
    built_m
        Where the built part ends.
    """

    kind: str
    tags: dict[str, str]
    stops: list[tuple[float, int]]
    built_m: float


@dataclass(slots=True)
class Streets:
    """All streets of a city while it is being built.

    Attributes
    ----------
    xs, ys
        Node coordinates in metres from the city's middle, in the order of node numbers.
    all
        Streets in the order of their numbers.
    """

    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)
    all: list[Street] = field(default_factory=list)

    def add_node(self, x: float, y: float) -> int:
        """Add a node and give its number."""
        self.xs.append(x)
        self.ys.append(y)
        return len(self.xs) - 1

    def add_street(self, nodes: list[int], kind: str, tags: dict[str, str]) -> int:
        """Add a street through existing nodes and give its number."""
        distance_m = 0.0
        stops = [(0.0, nodes[0])]
        for tail, head in pairwise(nodes):
            distance_m += float(
                np.hypot(self.xs[head] - self.xs[tail], self.ys[head] - self.ys[tail])
            )
            stops.append((distance_m, head))
        self.all.append(Street(kind, tags, stops, distance_m))
        return len(self.all) - 1

    def edges(self, street: int) -> list[Edge]:
        """List the pieces of a street in its own direction."""
        stops = self.all[street].stops
        return [
            Edge(street, tail, tail_m, head, head_m)
            for (tail_m, tail), (head_m, head) in pairwise(stops)
        ]

    def put_node(self, edge: Edge, share: float) -> int:
        """Give the node at a share of an edge: one within `SNAP_M`, or else a new one."""
        length_m = abs(edge.head_m - edge.tail_m)
        at_m = edge.tail_m + share * (edge.head_m - edge.tail_m)
        if share * length_m < SNAP_M:
            return edge.tail
        if (1.0 - share) * length_m < SNAP_M:
            return edge.head
        stops = self.all[edge.street].stops
        low, high = sorted((edge.tail_m, edge.head_m))
        index = bisect_left(stops, (at_m, -1))
        for there_m, node in stops[max(0, index - 1) : index + 1]:
            if abs(there_m - at_m) < SNAP_M and low < there_m < high:
                return node
        x = self.xs[edge.tail] + share * (self.xs[edge.head] - self.xs[edge.tail])
        y = self.ys[edge.tail] + share * (self.ys[edge.head] - self.ys[edge.tail])
        node = self.add_node(x, y)
        insort(stops, (at_m, node))
        return node

    def distance_along(self, street: int, node: int) -> float:
        """Find how far along a street one of its nodes lies, in metres."""
        return next(at_m for at_m, stop in self.all[street].stops if stop == node)


def reverse_edges(edges: list[Edge]) -> list[Edge]:
    """Walk the same edges the other way."""
    return [Edge(e.street, e.head, e.head_m, e.tail, e.tail_m) for e in reversed(edges)]


def prune_streets(streets: Streets, island: frozenset[int]) -> list[tuple[int, list[int]]]:
    """List the built streets that the city can reach, each with its nodes.

    Parameters
    ----------
    streets
        All streets.
    island
        Streets that stay though nothing joins them to the city.

    Returns
    -------
    list of (street, nodes)
        In the order of street numbers.
    """
    built: list[tuple[int, list[int]]] = []
    for number, street in enumerate(streets.all):
        nodes = [node for at_m, node in street.stops if at_m <= street.built_m + 1e-6]
        if street.kind and len(nodes) > 1:
            built.append((number, nodes))
    component = _label_components(len(streets.xs), [nodes for _, nodes in built])
    largest = int(np.argmax(np.bincount(component)))
    islands = {int(component[nodes[0]]) for number, nodes in built if number in island}
    keep = {largest} | islands
    return [(number, nodes) for number, nodes in built if int(component[nodes[0]]) in keep]


def _label_components(count: int, ways: list[list[int]]) -> Ints:
    """Label each node with the connected part of the streets it lies in."""
    tails = np.concatenate([nodes[:-1] for nodes in ways])
    heads = np.concatenate([nodes[1:] for nodes in ways])
    graph = coo_array((np.ones(len(tails), dtype=np.int8), (tails, heads)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)
