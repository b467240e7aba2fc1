"""Blocks of a synthetic city: each is cut by lanes until its parts are as small as wanted.

A block is cut in two along a line across its longer side, again and again, until its parts are
as small as its texture asks. Each cut is a street; where it ends it puts a node on the street it
meets, so that both share that node. Some cuts are not built, or only part of the way: those are
the dead ends and missing links of a grown city.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from city.grid import Floats
from city.streets import Edge, Streets, reverse_edges

Point = tuple[float, float]

CUT_TRIES = 8
COLLECTOR_AREA_M2 = 95_000.0
COLLECTOR_SHARE = 0.4
BEND_LENGTH_M = 70.0
ROUNDING_M4 = 1e-6


@dataclass(frozen=True, slots=True)
class Texture:
    """How a kind of neighbourhood is divided into blocks.

    Attributes
    ----------
    area_factor
        Block size, relative to the city's own.
    angle_rad
        Standard deviation of a cut's direction.
    diagonal_share, missing_share, dead_end_share
        Shares of cuts that run askew, that are not built, that end half-way.
    kinds
        OSM highway values of its lanes, repeated by frequency.
    """

    area_factor: float
    angle_rad: float
    diagonal_share: float
    missing_share: float
    dead_end_share: float
    kinds: tuple[str, ...]


_LANES = ("residential", "residential", "residential", "living_street", "service")
_ALLEYS = ("residential", "living_street", "living_street", "pedestrian", "footway", "footway")
_PATHS = ("footway",) * 5 + ("path", "path", "steps")

TEXTURES = {
    "o": Texture(0.62, 0.15, 0.10, 0.05, 0.10, _ALLEYS),  # old town
    "c": Texture(0.95, 0.05, 0.03, 0.02, 0.03, ("residential", "residential", "service")),
    "e": Texture(1.15, 0.07, 0.03, 0.05, 0.07, _LANES),  # housing estates
    "t": Texture(1.55, 0.05, 0.04, 0.05, 0.05, _LANES),  # towers
    "v": Texture(0.80, 0.22, 0.14, 0.09, 0.16, _ALLEYS),  # urban villages
    "i": Texture(3.00, 0.04, 0.02, 0.06, 0.08, ("service", "residential")),  # industry
    "p": Texture(1.70, 0.35, 0.30, 0.10, 0.14, _PATHS),  # parks
    "f": Texture(4.20, 0.16, 0.08, 0.10, 0.20, ("path", "service", "residential")),  # fields
}


def divide_block(
    streets: Streets,
    outline: list[Edge],
    texture: Texture,
    block_area_m2: float,
    rng: np.random.Generator,
) -> list[Floats]:
    """Cut a block into small ones, adding a street for each cut.

    Parameters
    ----------
    streets
        Receives the new streets and nodes.
    outline
        Sides of the block, head to tail, closed, clockwise.
    texture
        How to divide it.
    block_area_m2
        Area of a block of middle size in the city.
    rng
        Source of chance.

    Returns
    -------
    list of arrays
        Corners of the small blocks, shape (n, 2), not closed; they tile the block.
    """
    leaves = []
    pending = [outline]
    while pending:
        block = pending.pop()
        corners = [(streets.xs[edge.tail], streets.ys[edge.tail]) for edge in block]
        area_m2 = abs(measure_area(corners))
        limit_m2 = texture.area_factor * block_area_m2 * (0.75 + 0.6 * rng.random())
        halves = None
        if area_m2 > 1.3 * limit_m2:
            for _ in range(CUT_TRIES):
                halves = _cut(streets, block, corners, texture, rng)
                if halves is not None:
                    break
        if halves is None:
            leaves.append(np.array(corners))
        else:
            pending += halves
    return leaves


def measure_area(corners: list[Point]) -> float:
    """Measure the signed area of a polygon in square metres; clockwise is negative."""
    total = 0.0
    x0, y0 = corners[0]
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        total += (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    return total / 2.0


def _aim_cut(
    corners: list[Point], texture: Texture, rng: np.random.Generator
) -> tuple[Point, Point]:
    """Choose a point and a unit direction for a cut across the longer side of a block."""
    sides = [
        (x2 - x1, y2 - y1)
        for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    dx, dy = max(sides, key=lambda side: side[0] * side[0] + side[1] * side[1])
    length = (dx * dx + dy * dy) ** 0.5
    dx, dy = dx / length, dy / length
    along = [x * dx + y * dy for x, y in corners]
    across = [y * dx - x * dy for x, y in corners]
    low_p, high_p, low_q, high_q = min(along), max(along), min(across), max(across)
    p, q = (low_p + high_p) / 2.0, (low_q + high_q) / 2.0
    shift = rng.normal(0.0, 0.07)
    if high_p - low_p >= high_q - low_q:
        p += shift * (high_p - low_p)
        angle = float(np.pi / 2.0)
    else:
        q += shift * (high_q - low_q)
        angle = 0.0
    angle += rng.normal(0.0, texture.angle_rad)
    if rng.random() < texture.diagonal_share:
        angle += rng.choice((-0.6, 0.6))
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    return (p * dx - q * dy, p * dy + q * dx), (dx * cos - dy * sin, dx * sin + dy * cos)


def _find_crossings(
    corners: list[Point], point: Point, way: Point
) -> tuple[tuple[int, float], tuple[int, float]] | None:
    """Find the longest part of a line within a polygon, as (side, share of the side) twice."""
    offsets = [(x - point[0]) * way[1] - (y - point[1]) * way[0] for x, y in corners]
    crossings = []
    for side, (here, there) in enumerate(zip(offsets, offsets[1:] + offsets[:1], strict=True)):
        if (here < 0.0) != (there < 0.0):
            share = here / (here - there)
            x1, y1 = corners[side]
            x2, y2 = corners[(side + 1) % len(corners)]
            x, y = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
            crossings.append((x * way[0] + y * way[1], side, share))
    crossings.sort()
    pairs = list(zip(crossings[::2], crossings[1::2], strict=False))
    if not pairs:
        return None
    first, last = max(pairs, key=lambda pair: pair[1][0] - pair[0][0])
    return (first[1], first[2]), (last[1], last[2])


def _cut(
    streets: Streets,
    block: list[Edge],
    corners: list[Point],
    texture: Texture,
    rng: np.random.Generator,
) -> list[list[Edge]] | None:
    """Cut a block in two by a new street; None where the cut would leave a sliver."""
    point, way = _aim_cut(corners, texture, rng)
    crossings = _find_crossings(corners, point, way)
    if crossings is None:
        return None
    ends = sorted(crossings)
    if _smaller_share(corners, ends) < 0.26:  # noqa: PLR2004 - a quarter: thinner parts are slivers
        return None
    nodes = [streets.put_node(block[side], share) for side, share in ends]
    opened = _open_outline(
        streets, block, list(zip([side for side, _ in ends], nodes, strict=True))
    )
    tails = [edge.tail for edge in opened]
    first, last = sorted((tails.index(nodes[0]), tails.index(nodes[1])))
    if last - first < 2 or len(opened) - (last - first) < 2:  # noqa: PLR2004 - no area between
        return None
    path = _choose_path(streets, (tails[first], tails[last]), corners, texture, rng)
    if path is None:
        return None
    street = _build_cut(streets, path, abs(measure_area(corners)), texture, rng)
    edges = streets.edges(street)
    return [
        opened[first:last] + reverse_edges(edges),
        opened[last:] + opened[:first] + edges,
    ]


def _smaller_share(corners: list[Point], ends: list[tuple[int, float]]) -> float:
    """Measure the smaller part that a cut leaves, as a share of the block."""
    (first, _), (last, _) = ends
    points = []
    for side, share in ends:
        x1, y1 = corners[side]
        x2, y2 = corners[(side + 1) % len(corners)]
        points.append((x1 + share * (x2 - x1), y1 + share * (y2 - y1)))
    part = measure_area([points[0], *corners[first + 1 : last + 1], points[1]])
    share = part / measure_area(corners)
    return min(share, 1.0 - share)


def _open_outline(streets: Streets, block: list[Edge], ends: list[tuple[int, int]]) -> list[Edge]:
    """Split the sides of a block at the nodes a cut ends on."""
    opened = []
    for side, edge in enumerate(block):
        inner = [node for at, node in ends if at == side and node not in {edge.tail, edge.head}]
        if not inner:
            opened.append(edge)
            continue
        node = inner[0]
        at_m = streets.distance_along(edge.street, node)
        opened.append(Edge(edge.street, edge.tail, edge.tail_m, node, at_m))
        opened.append(Edge(edge.street, node, at_m, edge.head, edge.head_m))
    return opened


def _choose_path(
    streets: Streets,
    ends: tuple[int, int],
    corners: list[Point],
    texture: Texture,
    rng: np.random.Generator,
) -> list[int] | None:
    """Choose the nodes of a cut, with a bend where it is long; None where it would leave the block.

    Its ends may have been moved to a node nearby, so that even a straight cut can fail.
    """
    (x1, y1), (x2, y2) = ((streets.xs[node], streets.ys[node]) for node in ends)
    length_m = float(np.hypot(x2 - x1, y2 - y1))
    share, bend = rng.uniform(0.35, 0.65), rng.normal(0.0, 0.25) * texture.angle_rad
    middle = (
        x1 + share * (x2 - x1) - bend * (y2 - y1),
        y1 + share * (y2 - y1) + bend * (x2 - x1),
    )
    if length_m > BEND_LENGTH_M and not _leaves([(x1, y1), middle, (x2, y2)], corners):
        return [ends[0], streets.add_node(*middle), ends[1]]
    return None if _leaves([(x1, y1), (x2, y2)], corners) else list(ends)


def _leaves(path: list[Point], corners: list[Point]) -> bool:
    """Tell whether a path crosses a side of a block; touching it with an end is no crossing."""
    sides = list(zip(corners, corners[1:] + corners[:1], strict=True))
    return any(
        _turn(a, b, c) * _turn(a, b, d) < -ROUNDING_M4
        and _turn(c, d, a) * _turn(c, d, b) < -ROUNDING_M4
        for a, b in pairwise(path)
        for c, d in sides
    )


def _turn(a: Point, b: Point, c: Point) -> float:
    """Measure twice the signed area of a triangle, in square metres."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])


def _build_cut(
    streets: Streets, path: list[int], area_m2: float, texture: Texture, rng: np.random.Generator
) -> int:
    """Add the street of a cut: a collector across a large block, else a lane."""
    kind = str(rng.choice(texture.kinds))
    chance = rng.random()
    is_collector = area_m2 > COLLECTOR_AREA_M2 and "residential" in texture.kinds
    if is_collector:
        kind = "tertiary" if rng.random() < COLLECTOR_SHARE else "residential"
    elif chance < texture.missing_share:
        kind = ""
    number = streets.add_street(path, kind, {})
    if 1.0 - chance < texture.dead_end_share and not is_collector:
        street = streets.all[number]
        reach_m = street.built_m * rng.uniform(0.45, 0.7)
        edge = next(edge for edge in streets.edges(number) if edge.head_m > reach_m)
        node = streets.put_node(edge, (reach_m - edge.tail_m) / (edge.head_m - edge.tail_m))
        street.built_m = streets.distance_along(number, node)
    return number
