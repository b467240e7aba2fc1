"""The large pattern of a synthetic city: main roads, river, railway, subdistricts.

A grid of lines is laid out in metres (u to the east, v to the north), then bent, turned and
moved to its place in EPSG:4547. A gap between two lines is land, half a river, or a narrow strip
that carries a railway or a motorway. Every line along land is a main road; a cell of land is a
block that `city.blocks` divides further. Subdistricts are unions of cells, so that their borders
follow main roads and the middle of the river and share every vertex.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CENTRE_LON = 113.5
CENTRE_LAT = 22.95
WORKING_CRS = "EPSG:4547"

LAND, NORTH_WATER, SOUTH_WATER = "land", "north water", "south water"
RAIL, MOTORWAY = "rail", "motorway"
OUTSIDE = -1

BLOCK_SIDE_M = 570.0
STRIP_WIDTH_M = {RAIL: 46.0, MOTORWAY: 84.0}
RIVER_WIDTH_M = 238.0
RIVER_WAVE_M = 42.0
SANDBANK_SWELL_M = 230.0
SANDBANK_SPREAD_M = 430.0
VERTEX_SPACING_M = 105.0
TURN_RAD = np.radians(-9.0)
LINE_KINDS = ("primary", "tertiary", "secondary", "tertiary")


@dataclass(frozen=True, slots=True, eq=False)
class CityMap:
    """What lies where, in blocks of land.

    Attributes
    ----------
    owners
        Subdistrict of each block, shape (rows from north to south, columns from west to east);
        `OUTSIDE` = no part of the city. The outer ring must be outside.
    styles
        One letter for each block, see `city.blocks.TEXTURES`; same shape.
    rivers
        Rows south of which a river flows.
    strips
        Column east of which a barrier runs, and its kind.
    bridges
        Column lines (0 = west of column 0) that cross the rivers.
    underpasses
        Row lines (0 = north of row 0) that cross the strips.
    sandbank
        Column line where the first river widens around a sandbank, or None.
    """

    owners: Ints
    styles: npt.NDArray[np.str_]
    rivers: tuple[int, ...]
    strips: tuple[tuple[int, str], ...]
    bridges: tuple[int, ...]
    underpasses: tuple[int, ...]
    sandbank: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The lines of a city map, with rivers and strips as gaps of their own.

    Attributes
    ----------
    row_gaps, column_gaps
        Kind of the gap after each row or column line.
    owners, styles
        As in `CityMap`, for every gap of rows and columns. Water and strips belong to the
        subdistrict whose land they touch.
    nodes_uv
        Crossing points before bending, in metres, shape (row lines, column lines, 2).
    bridges, underpasses
        As in `CityMap`, as lines of this grid.
    sandbank
        Row line of the north bank and column line of the sandbank, or None.
    phases
        Random phases of the bending, in radians.
    """

    row_gaps: tuple[str, ...]
    column_gaps: tuple[str, ...]
    owners: Ints
    styles: npt.NDArray[np.str_]
    nodes_uv: Floats
    bridges: frozenset[int]
    underpasses: frozenset[int]
    sandbank: tuple[int, int] | None
    phases: Floats

    def is_inside(self, row: int, column: int) -> bool:
        """Tell whether a cell exists and belongs to a subdistrict."""
        rows, columns = self.owners.shape
        return (
            0 <= row < rows and 0 <= column < columns and bool(self.owners[row, column] != OUTSIDE)
        )

    def is_block(self, row: int, column: int) -> bool:
        """Tell whether a cell is land of a subdistrict, neither water nor a strip."""
        return (
            self.row_gaps[row] == LAND
            and self.column_gaps[column] == LAND
            and self.is_inside(row, column)
        )


def build_grid(city: CityMap, rng: np.random.Generator) -> Grid:
    """Lay out the lines of a city map."""
    rows = _split_rows(city)
    columns = _split_columns(city)
    row_v = -_line_positions([kind for _, kind in rows], rng)
    column_u = _line_positions([kind for _, kind in columns], rng)
    nodes = np.stack(np.meshgrid(column_u, row_v), axis=-1)
    nodes += rng.uniform(-38.0, 38.0, nodes.shape)
    _straighten_barriers(nodes, (row_v, column_u), rows, columns)
    nodes -= nodes.mean(axis=(0, 1))
    row_line = _line_numbers(rows, city.owners.shape[0])
    column_line = _line_numbers(columns, city.owners.shape[1])
    inside = np.ix_([row for row, _ in rows], [column for column, _ in columns])
    sandbank = None
    if city.sandbank is not None:
        north_bank = next(i for i, (_, kind) in enumerate(rows) if kind == NORTH_WATER)
        sandbank = (north_bank, column_line[city.sandbank])
    return Grid(
        row_gaps=tuple(kind for _, kind in rows),
        column_gaps=tuple(kind for _, kind in columns),
        owners=city.owners[inside],
        styles=city.styles[inside],
        nodes_uv=nodes,
        bridges=frozenset(column_line[line] for line in city.bridges),
        underpasses=frozenset(row_line[line] for line in city.underpasses),
        sandbank=sandbank,
        phases=rng.uniform(0.0, 2.0 * np.pi, 8),
    )


def _split_rows(city: CityMap) -> list[tuple[int, str]]:
    """List the gaps from north to south: the land row each belongs to, and its kind."""
    gaps = []
    for row in range(city.owners.shape[0]):
        gaps.append((row, LAND))
        if row in city.rivers:
            gaps += [(row, NORTH_WATER), (row + 1, SOUTH_WATER)]
    return gaps


def _split_columns(city: CityMap) -> list[tuple[int, str]]:
    """List the gaps from west to east: the land column each belongs to, and its kind."""
    kinds = dict(city.strips)
    gaps = []
    for column in range(city.owners.shape[1]):
        gaps.append((column, LAND))
        if column in kinds:
            gaps.append((column, kinds[column]))
    return gaps


def _line_numbers(gaps: list[tuple[int, str]], count: int) -> list[int]:
    """Map the lines of the land map to lines of the grid: the line before each land gap."""
    before = [index for index, (_, kind) in enumerate(gaps) if kind == LAND]
    return [*before[:count], len(gaps)]


def _line_positions(kinds: list[str], rng: np.random.Generator) -> Floats:
    """Sum the widths of the gaps, in metres; one position more than gaps."""
    widths = [
        STRIP_WIDTH_M[kind]
        if kind in STRIP_WIDTH_M
        else RIVER_WIDTH_M / 2.0
        if kind in {NORTH_WATER, SOUTH_WATER}
        else BLOCK_SIDE_M * rng.uniform(0.76, 1.24)
        for kind in kinds
    ]
    return np.concatenate([[0.0], np.cumsum(widths)])


def _straighten_barriers(
    nodes: Floats,
    lines: tuple[Floats, Floats],
    rows: list[tuple[int, str]],
    columns: list[tuple[int, str]],
) -> None:
    """Undo the jitter across rivers and strips, in place, so that their width stays even."""
    row_v, column_u = lines
    for index, (_, kind) in enumerate(rows):
        if kind != LAND:
            nodes[index : index + 2, :, 1] = row_v[index : index + 2, None]
            nodes[index + 1, :, 0] = nodes[index, :, 0]
    for index, (_, kind) in enumerate(columns):
        if kind != LAND:
            nodes[:, index : index + 2, 0] = column_u[None, index : index + 2]
            nodes[:, index + 1, 1] = nodes[:, index, 1]


def place_points(grid: Grid, uv: Floats) -> Floats:
    """Bend, turn and move points of the plan, shape (n, 2), before its projection offset.

    The shift of each coordinate depends on the other one, with slopes below 1/2, so that lines
    wind and never cross each other.
    """
    u, v = uv[:, 0], uv[:, 1]
    p = grid.phases
    bent_u = (
        u
        + 95.0 * np.sin(v / 620.0 + p[0])
        + 55.0 * np.sin(v / 270.0 + u / 2600.0 + p[1])
        + 160.0 * np.sin(v / 2100.0 + u / 5200.0 + p[2])
    )
    bent_v = (
        v
        + 150.0 * np.sin(u / 760.0 + p[3])
        + 48.0 * np.sin(u / 300.0 + v / 2900.0 + p[4])
        + 210.0 * np.sin(u / 2700.0 + v / 6100.0 + p[5])
    )
    cos, sin = np.cos(TURN_RAD), np.sin(TURN_RAD)
    return np.stack([cos * bent_u - sin * bent_v, sin * bent_u + cos * bent_v], axis=1)


def river_offset(grid: Grid, line: int, u: Floats) -> Floats:
    """Shift of a row line to the north, in metres: rivers swell, and most at the sandbank."""
    before = grid.row_gaps[line - 1] if line > 0 else LAND
    after = grid.row_gaps[line] if line < len(grid.row_gaps) else LAND
    if LAND == before == after:
        return np.zeros_like(u)
    wave: Floats = RIVER_WAVE_M / 2.0 * np.sin(u / 640.0 + grid.phases[6])
    swell: Floats = np.zeros_like(u)
    if grid.sandbank is not None and grid.sandbank[0] in {line, line - 1, line - 2}:
        middle_u = grid.nodes_uv[grid.sandbank[0], grid.sandbank[1], 0]
        swell = SANDBANK_SWELL_M * np.exp(-(((u - middle_u) / SANDBANK_SPREAD_M) ** 2))
    if after == NORTH_WATER:
        shift: Floats = wave + 0.5 * swell
    elif before == SOUTH_WATER:
        shift = -wave - 0.5 * swell
    else:
        # The border keeps to the south channel, so that the sandbank lies in one subdistrict.
        shift = -0.38 * swell
    return shift


def trace_row(grid: Grid, line: int, column: int) -> Floats:
    """Trace a row line across one column gap, west to east, placed; shape (n, 2)."""
    ends = grid.nodes_uv[line, column : column + 2]
    uv = _interpolate(ends)
    uv[:, 1] += river_offset(grid, line, uv[:, 0])
    return place_points(grid, uv)


def trace_column(grid: Grid, line: int, row: int) -> Floats:
    """Trace a column line across one row gap, north to south, placed; shape (n, 2)."""
    return _trace_down(grid, grid.nodes_uv[row : row + 2, line], row)


def trace_strip(grid: Grid, column: int, row: int, share: float) -> Floats:
    """Trace a line along a strip, at a share of its width from the west, north to south."""
    west = grid.nodes_uv[row : row + 2, column]
    east = grid.nodes_uv[row : row + 2, column + 1]
    return _trace_down(grid, west * (1.0 - share) + east * share, row)


def _trace_down(grid: Grid, ends: Floats, row: int) -> Floats:
    """Trace a straight line of the plan across one row gap, placed."""
    shifted = ends.copy()
    for end in (0, 1):
        shifted[end, 1] += river_offset(grid, row + end, ends[end, :1])[0]
    return place_points(grid, _interpolate(shifted))


def _interpolate(ends: Floats) -> Floats:
    """Put vertices on a straight line about `VERTEX_SPACING_M` apart."""
    length_m = float(np.hypot(*(ends[1] - ends[0])))
    pieces = max(1, round(length_m / VERTEX_SPACING_M))
    share = np.linspace(0.0, 1.0, pieces + 1)[:, None]
    points: Floats = ends[0] * (1.0 - share) + ends[1] * share
    return points


def trace_cell(grid: Grid, row: int, column: int) -> Floats:
    """Trace the outline of a cell clockwise from its north-west corner, not closed."""
    return np.concatenate(
        [
            trace_row(grid, row, column)[:-1],
            trace_column(grid, column + 1, row)[:-1],
            trace_row(grid, row + 1, column)[:0:-1],
            trace_column(grid, column, row)[:0:-1],
        ]
    )


def trace_sandbank(grid: Grid) -> Floats | None:
    """Trace the shore road of the sandbank, clockwise and not closed; None where there is none."""
    if grid.sandbank is None:
        return None
    line, column = grid.sandbank
    middle_u, bank_v = grid.nodes_uv[line, column]
    width_m = RIVER_WIDTH_M + SANDBANK_SWELL_M
    middle_v = bank_v + 0.5 * SANDBANK_SWELL_M - 0.42 * width_m
    angle = -np.linspace(0.0, 2.0 * np.pi, 18, endpoint=False)
    radius = 1.0 + 0.09 * np.sin(3.0 * angle + grid.phases[7])
    uv = np.stack(
        [middle_u + 275.0 * radius * np.cos(angle), middle_v + 88.0 * radius * np.sin(angle)],
        axis=1,
    )
    return place_points(grid, uv)


def row_kind(grid: Grid, line: int, column: int) -> str:
    """Name the road on a row line across one column gap; empty where there is none."""
    before = grid.row_gaps[line - 1] if line > 0 else LAND
    if before == NORTH_WATER:
        return ""
    if grid.column_gaps[column] != LAND and line not in grid.underpasses:
        return ""
    is_bank = before == SOUTH_WATER or (
        line < len(grid.row_gaps) and grid.row_gaps[line] == NORTH_WATER
    )
    return "secondary" if is_bank else LINE_KINDS[line % len(LINE_KINDS)]


def column_kind(grid: Grid, line: int, row: int) -> str:
    """Name the road on a column line across one row gap; empty where there is none."""
    if grid.row_gaps[row] != LAND:
        return "primary" if line in grid.bridges else ""
    if line in grid.bridges:
        return "primary"
    beside_strip = any(
        0 <= gap < len(grid.column_gaps) and grid.column_gaps[gap] != LAND
        for gap in (line - 1, line)
    )
    return "tertiary" if beside_strip else LINE_KINDS[line % len(LINE_KINDS)]
