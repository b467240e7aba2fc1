"""Buildings of a synthetic city: rows of rectangles inside the blocks between the streets."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from city.grid import Flags, Floats, Ints

SETBACK_M = 4.5
MAIN_SETBACK_M = 12.0
DEEP_M = 55.0
DEEP_SHARE = 0.12
TAGGED_LEVELS_SHARE = 0.8
BLOCKS_AT_A_TIME = 4_000
HAMLET_RADII_M = (24.0, 56.0)
HAMLET_HOUSES = 14
ROUNDING_M = 0.05

USES = (
    "yes",
    "residential",
    "apartments",
    "house",
    "industrial",
    "office",
    "commercial",
    "school",
    "hospital",
)
RESIDENTIAL_USES = 4  # the first four of USES


@dataclass(frozen=True, slots=True)
class Pattern:
    """How buildings stand in a block.

    Attributes
    ----------
    pitch_m, size_m
        Distance between buildings and their size, along and across the rows.
    levels
        Fewest and most storeys.
    uses
        OSM building values, repeated by frequency.
    kept_share
        Share of the places that are built on.
    """

    pitch_m: tuple[float, float]
    size_m: tuple[float, float]
    levels: tuple[int, int]
    uses: tuple[str, ...]
    kept_share: float


PATTERNS = {
    "row house": Pattern(
        (15.2, 18.5), (13.4, 14.5), (5, 9), ("yes", "yes", "residential", "house"), 0.93
    ),
    "slab": Pattern((46.0, 25.0), (38.0, 12.0), (6, 9), ("apartments", "residential", "yes"), 0.94),
    "tall slab": Pattern((40.0, 34.0), (30.0, 14.5), (11, 18), ("apartments", "yes"), 0.92),
    "tower": Pattern((42.0, 42.0), (23.0, 22.0), (15, 26), ("apartments",), 0.80),
    "village": Pattern(
        (14.2, 15.5), (12.2, 12.4), (2, 6), ("house", "yes", "yes", "residential"), 0.88
    ),
    "factory": Pattern((76.0, 48.0), (60.0, 34.0), (1, 3), ("industrial",), 0.88),
    "office": Pattern((46.0, 44.0), (31.0, 28.0), (6, 26), ("office", "commercial"), 0.85),
    "school": Pattern((64.0, 40.0), (50.0, 14.0), (3, 6), ("school",), 0.7),
    "hospital": Pattern((60.0, 42.0), (46.0, 20.0), (5, 14), ("hospital",), 0.85),
}

# For each texture of `city.blocks`: patterns of its blocks and how often they come.
MIXES: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
    "o": (("row house", "slab", "school", "office"), (0.82, 0.14, 0.02, 0.02)),
    "c": (("office", "tower", "tall slab", "slab", "hospital"), (0.36, 0.16, 0.2, 0.24, 0.04)),
    "e": (("slab", "tall slab", "tower", "school", "office"), (0.68, 0.17, 0.07, 0.05, 0.03)),
    "t": (("tower", "tall slab", "slab", "school"), (0.52, 0.28, 0.13, 0.07)),
    "v": (("village", "slab", "factory", "school"), (0.83, 0.07, 0.07, 0.03)),
    "i": (("factory", "office", "slab"), (0.84, 0.06, 0.1)),
    "f": (("village", "factory"), (0.6, 0.4)),
}
# Parks have no buildings, and most fields have none.
BUILT_SHARE = {"p": 0.0, "f": 0.3, "o": 0.97, "v": 0.95}
USUAL_BUILT_SHARE = 0.94


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The small blocks between the streets.

    Attributes
    ----------
    polygons
        Polygons in metres from the city's middle.
    cells
        Number of the cell of the grid each lies in.
    styles
        Texture letter of each.
    cell_plots
        Polygon of each cell without its main roads' edges, by cell number.
    """

    polygons: npt.NDArray[np.object_]
    cells: Ints
    styles: list[str]
    cell_plots: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Buildings:
    """Buildings as rectangles.

    Attributes
    ----------
    corners
        In metres from the city's middle, counter-clockwise, shape (n, 4, 2).
    uses
        Index into `USES`.
    levels
        Storeys; 0 = not tagged.
    storeys
        Storeys that are really there, tagged or not.
    cells
        Number of the cell of the grid.
    """

    corners: Floats
    uses: Ints
    levels: Ints
    storeys: Ints
    cells: Ints

    @property
    def centres(self) -> Floats:
        """Middle points in metres, shape (n, 2)."""
        middles: Floats = self.corners.mean(axis=1)
        return middles

    @property
    def volumes(self) -> Floats:
        """Residential floor area in square metres; 0 for other uses."""
        sides = self.corners[:, 1:3] - self.corners[:, 0:2]
        areas = np.hypot(sides[:, 0, 0], sides[:, 0, 1]) * np.hypot(sides[:, 1, 0], sides[:, 1, 1])
        is_home = (self.uses < RESIDENTIAL_USES).astype(np.float64)
        volumes: Floats = areas * self.storeys * is_home
        return volumes

    def take(self, which: Flags | Ints) -> "Buildings":
        """Take some of the buildings."""
        return Buildings(
            self.corners[which],
            self.uses[which],
            self.levels[which],
            self.storeys[which],
            self.cells[which],
        )


def build_on_blocks(blocks: Blocks, rng: np.random.Generator) -> Buildings:
    """Put buildings into blocks: beside the streets, never on them."""
    parts = [
        _build_on_some(
            blocks, np.arange(start, min(start + BLOCKS_AT_A_TIME, len(blocks.cells))), rng
        )
        for start in range(0, len(blocks.cells), BLOCKS_AT_A_TIME)
    ]
    return join_buildings(parts)


def join_buildings(parts: list[Buildings]) -> Buildings:
    """Join lists of buildings into one."""
    return Buildings(
        np.concatenate([part.corners for part in parts]),
        np.concatenate([part.uses for part in parts]),
        np.concatenate([part.levels for part in parts]),
        np.concatenate([part.storeys for part in parts]),
        np.concatenate([part.cells for part in parts]),
    )


def thin_buildings(buildings: Buildings, count: int | None, rng: np.random.Generator) -> Buildings:
    """Take a number of buildings away by chance, so that at most `count` stay."""
    total = len(buildings.cells)
    if count is None or count >= total:
        return buildings
    return buildings.take(np.sort(rng.permutation(total)[:count]))


def build_hamlet(centre: Floats, cell: int, rng: np.random.Generator) -> Buildings:
    """Put a few houses around a point, away from every road."""
    houses = np.arange(HAMLET_HOUSES)
    angle = houses * 2.4 + rng.uniform(0.0, 1.0)  # the golden angle: no two in line
    radius = np.linspace(*HAMLET_RADII_M, HAMLET_HOUSES)[:, None]
    spots = centre + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    sizes = rng.uniform(8.5, 12.0, (HAMLET_HOUSES, 2))
    corners = _draw_rectangles(spots, sizes, rng.uniform(0.0, 0.4, HAMLET_HOUSES))
    return Buildings(
        corners,
        np.full(HAMLET_HOUSES, USES.index("house")),
        np.zeros(HAMLET_HOUSES, dtype=np.int64),
        rng.integers(1, 4, HAMLET_HOUSES),
        np.full(HAMLET_HOUSES, cell),
    )


def _build_on_some(blocks: Blocks, chosen: Ints, rng: np.random.Generator) -> Buildings:
    """Put buildings into some of the blocks."""
    plots = shapely.intersection(
        shapely.buffer(blocks.polygons[chosen], -SETBACK_M, join_style="mitre", mitre_limit=2.0),
        blocks.cell_plots[blocks.cells[chosen]],
    )
    drafts = [
        (index, pattern, rectangles)
        for index, pattern, rectangles in _fill_plots(blocks, chosen, plots, rng)
        if len(rectangles)
    ]
    if not drafts:
        return _no_buildings()
    corners = np.concatenate([rectangles for _, _, rectangles in drafts])
    counts = [len(rectangles) for _, _, rectangles in drafts]
    plot_of = np.repeat([index for index, _, _ in drafts], counts)
    pattern_of = np.repeat([list(PATTERNS).index(name) for _, name, _ in drafts], counts)
    shapes = np.asarray(shapely.polygons(corners))
    shapely.prepare(plots)
    fits = shapely.contains_properly(plots[plot_of], shapes)
    corners, shapes, plot_of, pattern_of = (
        corners[fits],
        shapes[fits],
        plot_of[fits],
        pattern_of[fits],
    )
    cells = blocks.cells[chosen][plot_of]
    to_edge_m = shapely.distance(shapes, shapely.boundary(blocks.polygons[chosen])[plot_of])
    fits = (to_edge_m < DEEP_M) | (rng.random(len(cells)) < DEEP_SHARE)
    return _furnish(corners[fits], pattern_of[fits], cells[fits], rng)


def _no_buildings() -> Buildings:
    """Make an empty list of buildings."""
    none = np.empty(0, dtype=np.int64)
    return Buildings(np.empty((0, 4, 2)), none, none, none, none)


def _fill_plots(
    blocks: Blocks, chosen: Ints, plots: npt.NDArray[np.object_], rng: np.random.Generator
) -> Iterator[tuple[int, str, Floats]]:
    """Propose rectangles for each plot: its index, the pattern's name, and their corners."""
    for index, block in enumerate(chosen):
        style = blocks.styles[block]
        chance = rng.random()
        if plots[index].is_empty or chance >= BUILT_SHARE.get(style, USUAL_BUILT_SHARE):
            continue
        names, shares = MIXES[style]
        name = names[int(np.searchsorted(np.cumsum(shares), rng.random() * sum(shares)))]
        outline = shapely.get_coordinates(plots[index])
        yield index, name, _line_up(outline, PATTERNS[name], rng)


def _line_up(outline: Floats, pattern: Pattern, rng: np.random.Generator) -> Floats:
    """Line up rectangles in rows within a plot; shape (n, 4, 2).

    Rows run along the plot's longest side or square to it, whichever is nearer to east-west:
    houses face south. A plot that is not convex gets some across its edge, to be sorted out.
    """
    sides = np.diff(outline, axis=0)
    side = sides[np.argmax((sides**2).sum(axis=1))]
    angle = float(np.arctan2(side[1], side[0]))
    angle = (angle + np.pi / 4.0) % (np.pi / 2.0) - np.pi / 4.0
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    local = np.stack([outline @ along, outline @ across], axis=1)
    width_m, depth_m = pattern.size_m
    low, high = local[:, 1].min() + depth_m / 2.0, local[:, 1].max() - depth_m / 2.0
    rows = _spread(low, high, pattern.pitch_m[1])
    if not len(rows):
        return np.empty((0, 4, 2))
    starts, ends = _measure_rows(local, rows, depth_m / 2.0)
    spots = []
    for q, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True):
        places = _spread(start + width_m / 2.0, end - width_m / 2.0, pattern.pitch_m[0])
        spots.append(np.stack([places, np.full(len(places), q)], axis=1))
    spot = np.concatenate(spots)
    spot = spot[rng.random(len(spot)) < pattern.kept_share]
    size = np.array(pattern.size_m) * rng.uniform(0.84, 1.0, spot.shape)
    centres = spot[:, :1] * along + spot[:, 1:] * across
    return _draw_rectangles(centres, size, np.full(len(spot), angle))


def _measure_rows(outline: Floats, rows: Floats, half_depth_m: float) -> tuple[Floats, Floats]:
    """Measure where rows of buildings can start and end within a closed, convex outline."""
    levels = np.concatenate([rows - half_depth_m + ROUNDING_M, rows + half_depth_m - ROUNDING_M])
    tail, head = outline[:-1], outline[1:]
    rise = head[:, 1] - tail[:, 1]
    crosses = (tail[None, :, 1] < levels[:, None]) != (head[None, :, 1] < levels[:, None])
    share = (levels[:, None] - tail[None, :, 1]) / np.where(rise == 0.0, 1.0, rise)
    p = tail[None, :, 0] + share * (head - tail)[None, :, 0]
    start = np.where(crosses, p, np.inf).min(axis=1)
    end = np.where(crosses, p, -np.inf).max(axis=1)
    half = len(rows)
    starts: Floats = np.maximum(start[:half], start[half:]) + ROUNDING_M
    ends: Floats = np.minimum(end[:half], end[half:]) - ROUNDING_M
    return starts, ends


def _spread(low: float, high: float, pitch_m: float) -> Floats:
    """Spread places evenly from low to high, at least a pitch apart; none where low > high."""
    if low > high:
        return np.empty(0)
    count = int((high - low) // pitch_m) + 1
    if count == 1:
        return np.array([(low + high) / 2.0])
    return np.linspace(low, high, count)


def _draw_rectangles(centres: Floats, size: Floats, angle: Floats) -> Floats:
    """Draw rectangles around points, counter-clockwise, shape (n, 4, 2)."""
    signs = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    local = signs[None, :, :] * size[:, None, :]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    turned = np.stack(
        [
            local[:, :, 0] * cos - local[:, :, 1] * sin,
            local[:, :, 0] * sin + local[:, :, 1] * cos,
        ],
        axis=2,
    )
    corners: Floats = centres[:, None, :] + turned
    return corners


def _furnish(corners: Floats, pattern_of: Ints, cells: Ints, rng: np.random.Generator) -> Buildings:
    """Give buildings their use and storeys."""
    count = len(corners)
    use_table = [[USES.index(use) for use in pattern.uses] for pattern in PATTERNS.values()]
    width = max(len(row) for row in use_table)
    pick = rng.integers(0, 1 << 30, count)
    sizes = np.array([len(row) for row in use_table])
    padded = np.array([row + [0] * (width - len(row)) for row in use_table])
    uses = padded[pattern_of, pick % sizes[pattern_of]]
    limits = np.array([pattern.levels for pattern in PATTERNS.values()])
    storeys = rng.integers(limits[pattern_of, 0], limits[pattern_of, 1] + 1)
    levels = np.where(rng.random(count) < TAGGED_LEVELS_SHARE, storeys, 0)
    return Buildings(corners, uses, levels, storeys, cells)
