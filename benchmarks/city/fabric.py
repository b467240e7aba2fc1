"""From the grid of a synthetic city to its streets, blocks, water and barriers."""

from dataclasses import dataclass

import numpy as np
import shapely

from city.blocks import TEXTURES, divide_block
from city.buildings import MAIN_SETBACK_M, Blocks
from city.files import OsmDraft
from city.grid import (
    LAND,
    NORTH_WATER,
    OUTSIDE,
    RAIL,
    SOUTH_WATER,
    Floats,
    Grid,
    Ints,
    column_kind,
    row_kind,
    trace_cell,
    trace_column,
    trace_row,
    trace_sandbank,
    trace_strip,
)
from city.streets import Edge, Streets, prune_streets, reverse_edges

STUB_VERTICES = 3
COLUMNS_IN_WATER = 14
SHORE_M = 9.0
PARK_EDGE_M = 13.0
PLATFORM_OFFSET_M = 7.0
HAMLET_STYLE = "r"

_ROW_STEMS = ("云麓", "木棉", "文昌", "榕荫", "朝阳", "中和", "花埭", "南渡", "新港", "棠下")
_COLUMN_STEMS = ("渔歌", "宝华", "塔影", "珠澜", "東風", "石桥", "鹭汀", "康乐", "白鹤", "大观")


_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True, eq=False)
class Fabric:
    """Streets and blocks of a city.

    Attributes
    ----------
    grid
        The large pattern.
    streets
        All streets, built or not.
    ways
        Built streets that the city can reach: (street, nodes).
    blocks
        Small blocks between the streets.
    hamlets
        Cell and middle of each hamlet away from roads.
    cell_owners
        Subdistrict of each cell; the last entry is the sandbank's.
    """

    grid: Grid
    streets: Streets
    ways: list[tuple[int, list[int]]]
    blocks: Blocks
    hamlets: list[tuple[int, Floats]]
    cell_owners: Ints


class _MainRoads:
    """Main roads of a grid, each laid once."""

    def __init__(self, grid: Grid, streets: Streets) -> None:
        self.grid = grid
        self.streets = streets
        self.crossings: dict[tuple[int, int], int] = {}
        self.rows: dict[tuple[int, int], int] = {}
        self.columns: dict[tuple[int, int], int] = {}

    def lay_rows(self) -> None:
        """Lay the roads from west to east."""
        grid = self.grid
        lines, gaps = grid.nodes_uv.shape[0], len(grid.column_gaps)
        for line in range(lines):
            for gap in range(gaps):
                kind = row_kind(grid, line, gap)
                if not kind:
                    continue
                tags = {"name": _name_road(_ROW_STEMS, line, kind)}
                if grid.column_gaps[gap] != LAND and grid.row_gaps[line - 1] == LAND:
                    tags |= {"tunnel": "yes", "layer": "-1"}
                beside = grid.is_inside(line - 1, gap) or grid.is_inside(line, gap)
                road = self._lay(
                    trace_row(grid, line, gap),
                    ((line, gap), (line, gap + 1)),
                    (kind, tags),
                    beside=beside,
                )
                if road is not None:
                    self.rows[line, gap] = road

    def lay_columns(self) -> None:
        """Lay the roads from north to south; a bridge spans both halves of a river."""
        grid = self.grid
        for line in range(grid.nodes_uv.shape[1]):
            for gap, gap_kind in enumerate(grid.row_gaps):
                kind = column_kind(grid, line, gap)
                if not kind or gap_kind == SOUTH_WATER:
                    continue
                path, end = trace_column(grid, line, gap), gap + 1
                tags = {"name": _name_road(_COLUMN_STEMS, line, kind)}
                if gap_kind == NORTH_WATER:
                    path = np.concatenate([path, trace_column(grid, line, gap + 1)[1:]])
                    end = gap + 2
                    tags = {"name": _name_bridge(line), "bridge": "yes", "layer": "1"}
                beside = grid.is_inside(gap, line - 1) or grid.is_inside(gap, line)
                road = self._lay(path, ((gap, line), (end, line)), (kind, tags), beside=beside)
                if road is not None:
                    self.columns[line, gap] = road

    def _lay(
        self,
        path: Floats,
        ends: tuple[tuple[int, int], tuple[int, int]],
        road: tuple[str, dict[str, str]],
        *,
        beside: bool,
    ) -> int | None:
        """Lay a road, or only its stub where it leaves the city; None where it is far outside."""
        reach = [self._is_city(end) for end in ends]
        if "bridge" in road[1] and not all(reach):
            return None
        if not beside and any(reach) and not all(reach):
            path = path[:STUB_VERTICES] if reach[0] else path[-STUB_VERTICES:]
        elif not beside:
            return None
        nodes = [self.streets.add_node(float(x), float(y)) for x, y in path[1:-1]]
        first = self._cross(ends[0], path[0]) if beside or reach[0] else None
        last = self._cross(ends[1], path[-1]) if beside or reach[1] else None
        if first is None:
            first = self.streets.add_node(*path[0].tolist())
        if last is None:
            last = self.streets.add_node(*path[-1].tolist())
        return self.streets.add_street([first, *nodes, last], *road)

    def _is_city(self, crossing: tuple[int, int]) -> bool:
        """Tell whether a crossing touches a cell of the city."""
        row, column = crossing
        return any(
            self.grid.is_inside(row + down, column + right) for down in (-1, 0) for right in (-1, 0)
        )

    def _cross(self, crossing: tuple[int, int], place: Floats) -> int:
        """Give the node of a crossing."""
        if crossing not in self.crossings:
            self.crossings[crossing] = self.streets.add_node(*place.tolist())
        return self.crossings[crossing]

    def outline(self, row: int, column: int) -> list[Edge]:
        """List the main roads around a block, clockwise."""
        edges = self.streets.edges
        return [
            *edges(self.rows[row, column]),
            *edges(self.columns[column + 1, row]),
            *reverse_edges(edges(self.rows[row + 1, column])),
            *reverse_edges(edges(self.columns[column, row])),
        ]


def weave_fabric(grid: Grid, block_area_m2: float, seed: int) -> Fabric:
    """Lay the main roads of a grid and divide its blocks."""
    streets = Streets()
    roads = _MainRoads(grid, streets)
    roads.lay_rows()
    roads.lay_columns()
    columns = len(grid.column_gaps)
    sandbank_cell = len(grid.row_gaps) * columns
    plots = np.full(sandbank_cell + 1, None, dtype=np.object_)
    leaves: list[tuple[int, str, Floats]] = []
    hamlets = []
    for row, column in np.argwhere(grid.owners != OUTSIDE).tolist():
        if not grid.is_block(row, column):
            continue
        cell, style = row * columns + column, str(grid.styles[row, column])
        ring = trace_cell(grid, row, column)
        plots[cell] = _clear_edges(ring)
        if style == HAMLET_STYLE:
            hamlets.append((cell, ring.mean(axis=0)))
            continue
        rng = np.random.default_rng([seed, cell])
        outline = roads.outline(row, column)
        parts = divide_block(streets, outline, TEXTURES[style], block_area_m2, rng)
        leaves += [(cell, style, part) for part in parts]
    island: frozenset[int] = frozenset()
    shore = trace_sandbank(grid)
    if shore is not None:
        plots[sandbank_cell] = _clear_edges(shore)
        first = len(streets.all)
        parts = _settle_sandbank(streets, shore, block_area_m2, seed)
        leaves += [(sandbank_cell, "v", part) for part in parts]
        island = frozenset(range(first, len(streets.all)))
    blocks = Blocks(
        polygons=np.array([shapely.Polygon(part) for _, _, part in leaves], dtype=np.object_),
        cells=np.array([cell for cell, _, _ in leaves], dtype=np.int64),
        styles=[style for _, style, _ in leaves],
        cell_plots=plots,
    )
    owners = np.append(grid.owners.ravel(), _own_sandbank(grid))
    return Fabric(grid, streets, prune_streets(streets, island), blocks, hamlets, owners)


def _clear_edges(ring: Floats) -> shapely.Geometry:
    """Keep what lies within a ring of main roads and clear of them."""
    return shapely.buffer(shapely.Polygon(ring), -MAIN_SETBACK_M, join_style="mitre")


def _settle_sandbank(
    streets: Streets, shore: Floats, block_area_m2: float, seed: int
) -> list[Floats]:
    """Lay a road around the sandbank and lanes across it."""
    nodes = [streets.add_node(float(x), float(y)) for x, y in shore]
    road = streets.add_street([*nodes, nodes[0]], "residential", {"name": "沙洲环路"})
    rng = np.random.default_rng([seed, 1 << 20])
    return divide_block(streets, streets.edges(road), TEXTURES["v"], block_area_m2, rng)


def _own_sandbank(grid: Grid) -> int:
    """Give the subdistrict of the sandbank; `OUTSIDE` where there is none."""
    return OUTSIDE if grid.sandbank is None else int(grid.owners[grid.sandbank])


def _name_road(stems: tuple[str, ...], line: int, kind: str) -> str:
    """Name a main road by its line; every round of stems has a suffix of its own."""
    rank = {"primary": "大道", "secondary": "路"}.get(kind, "街")
    turn = line // len(stems)
    number = "".join(_DIGITS[int(digit)] for digit in str(turn + 1)) if turn else ""
    return f"{stems[line % len(stems)]}{number}{rank}"


def _name_bridge(line: int) -> str:
    """Name a bridge after its road."""
    return f"{_COLUMN_STEMS[line % len(_COLUMN_STEMS)]}大桥"


def draft_osm(fabric: Fabric) -> OsmDraft:
    """Draft the streets and, below them, water, railways, motorways, parks and bus stops."""
    draft = OsmDraft()
    streets = fabric.streets
    used = np.zeros(len(streets.xs), dtype=bool)
    for _, nodes in fabric.ways:
        used[nodes] = True
    number = np.cumsum(used) - 1
    draft.add_nodes(np.stack([streets.xs, streets.ys], axis=1)[used])
    for street, nodes in fabric.ways:
        tags = {"highway": streets.all[street].kind, **streets.all[street].tags}
        draft.ways.append((tags, number[nodes].tolist()))
    _draft_strips(draft, fabric.grid)
    _draft_water(draft, fabric.grid)
    _draft_parks(draft, fabric.grid)
    _draft_stops(draft, fabric)
    return draft


def _draft_strips(draft: OsmDraft, grid: Grid) -> None:
    """Draft railways and motorways, broken where a bridge begins or ends."""
    runs: list[list[int]] = []
    for row, kind in enumerate(grid.row_gaps):
        if runs and (grid.row_gaps[runs[-1][-1]] == LAND) == (kind == LAND):
            runs[-1].append(row)
        else:
            runs.append([row])
    for column, kind in enumerate(grid.column_gaps):
        if kind == LAND:
            continue
        lanes = ((0.5, 1),) if kind == RAIL else ((0.36, 1), (0.64, -1))
        base = (
            {"railway": "rail", "name": "珠澜铁路"}
            if kind == RAIL
            else {"highway": "motorway", "oneway": "yes", "name": "珠澜高速"}
        )
        for run in runs:
            over = {} if grid.row_gaps[run[0]] == LAND else {"bridge": "yes", "layer": "2"}
            for share, way in lanes:
                parts = [trace_strip(grid, column, row, share) for row in run]
                path = np.concatenate([parts[0][:1], *(part[1:] for part in parts)])
                draft.add_line(path[::way], {**base, **over})


def _draft_water(draft: OsmDraft, grid: Grid) -> None:
    """Draft the rivers as closed ways, a few columns long, around the sandbank."""
    shore = trace_sandbank(grid)
    bank = None if shore is None else shapely.buffer(shapely.Polygon(shore), SHORE_M)
    columns = range(len(grid.column_gaps))
    cuts = set(columns[::COLUMNS_IN_WATER])
    if grid.sandbank is not None:
        cuts.add(grid.sandbank[1])  # through the sandbank: no piece has a hole
    starts = sorted(cuts)
    for row, kind in enumerate(grid.row_gaps):
        if kind != NORTH_WATER:
            continue
        for start, end in zip(starts, [*starts[1:], len(columns)], strict=True):
            cells = [
                shapely.Polygon(trace_cell(grid, row + half, column))
                for column in columns[start:end]
                for half in (0, 1)
            ]
            water = shapely.union_all(cells)
            if bank is not None:
                water = shapely.difference(water, bank)
            ring = shapely.get_coordinates(shapely.get_exterior_ring(water))[:-1]
            draft.add_ring(ring, {"natural": "water", "water": "river", "name": "珠澜江"})


def _draft_parks(draft: OsmDraft, grid: Grid) -> None:
    """Draft a park for each cell of that style."""
    for row, column in np.argwhere(grid.styles == "p").tolist():
        if grid.is_block(row, column):
            park = shapely.buffer(
                shapely.Polygon(trace_cell(grid, row, column)), -PARK_EDGE_M, join_style="mitre"
            )
            ring = shapely.get_coordinates(shapely.get_exterior_ring(park))[:-1]
            draft.add_ring(
                ring, {"leisure": "park", "name": f"{_ROW_STEMS[row % len(_ROW_STEMS)]}公园"}
            )


def _draft_stops(draft: OsmDraft, fabric: Fabric) -> None:
    """Draft a bus stop beside the middle of each main road piece."""
    streets = fabric.streets
    for street, nodes in fabric.ways:
        tags = streets.all[street].tags
        if "name" not in tags or "bridge" in tags or "tunnel" in tags:
            continue
        middle = len(nodes) // 2
        tail, head = nodes[middle - 1], nodes[middle]
        ahead = np.array([streets.xs[head] - streets.xs[tail], streets.ys[head] - streets.ys[tail]])
        place = np.array([streets.xs[tail], streets.ys[tail]]) + ahead / 2.0
        aside = np.array([ahead[1], -ahead[0]]) / np.hypot(*ahead) * PLATFORM_OFFSET_M
        draft.add_point(
            place + aside,
            {"highway": "bus_stop", "public_transport": "platform", "name": f"{tags['name']}站"},
        )
