"""The map of a synthetic city of any size: its outline, subdistricts, rivers and neighbourhoods."""

from heapq import heappop, heappush

import numpy as np
from scipy.spatial import cKDTree

from city.grid import BLOCK_SIDE_M, MOTORWAY, OUTSIDE, RAIL, CityMap, Floats, Ints

WIDTH_TO_HEIGHT = 1.3
ROWS_BETWEEN_RIVERS = 18
FIRST_RIVER_ROW = 5
COLUMNS_BETWEEN_STRIPS = 12
FIRST_STRIP_COLUMN = 6
COLUMNS_BETWEEN_BRIDGES = 4
ROWS_BETWEEN_UNDERPASSES = 3
EVENING_ROUNDS = 12

# Neighbourhoods by distance from the middle (0) to the edge (1): letters and their shares.
BELTS: tuple[tuple[float, str, tuple[float, ...]], ...] = (
    (0.22, "oce", (0.6, 0.2, 0.2)),
    (0.50, "cetpo", (0.14, 0.46, 0.25, 0.08, 0.07)),
    (0.78, "etvipf", (0.30, 0.22, 0.24, 0.14, 0.05, 0.05)),
    (9.99, "veifrp", (0.28, 0.20, 0.14, 0.31, 0.02, 0.05)),
)

_FIRST = "榕木南塔花云渔石棠鹭枫兰桂梅竹松荷莲凤龙鹤鹏锦绣金银玉珠瑶琼"
_SECOND = "荫澜渡岗埭麓歌桥溪汀林亭苑台楼坊园湾洲浦滩泉井塘池岭坡谷田圃"
_PREFIXES = ("", "东", "西", "上", "下", "新", "前", "后")
_CODES_IN_DISTRICT = 999
_FIRST_DISTRICT = 440_199  # no real district has this code


def name_subdistricts(count: int) -> list[str]:
    """Make up as many different names as asked, in the manner of Guangzhou.

    >>> name_subdistricts(3)
    ['榕荫街道', '木澜街道', '南渡街道']
    """
    pairs = [
        _FIRST[index] + _SECOND[(index + turn) % len(_SECOND)]
        for turn in range(len(_SECOND))
        for index in range(len(_FIRST))
    ]
    if count > len(pairs) * len(_PREFIXES):
        message = f"at most {len(pairs) * len(_PREFIXES)} subdistricts have names, not {count}"
        raise ValueError(message)
    return [
        f"{_PREFIXES[index // len(pairs)]}{pairs[index % len(pairs)]}街道" for index in range(count)
    ]


def number_subdistricts(count: int) -> list[str]:
    """Make 9-digit codes that no real subdistrict has.

    >>> number_subdistricts(2)
    ['440199001', '440199002']
    """
    return [
        f"{_FIRST_DISTRICT - index // _CODES_IN_DISTRICT}{index % _CODES_IN_DISTRICT + 1:03d}"
        for index in range(count)
    ]


def grow_city(subdistricts: int, area_km2: float, rng: np.random.Generator) -> CityMap:
    """Draw the map of a city: a rounded outline, divided into subdistricts of like size.

    Parameters
    ----------
    subdistricts
        How many; each gets a block at least, and two on average.
    area_km2
        Land within the city.
    rng
        Source of chance.
    """
    blocks = max(2 * subdistricts, round(area_km2 * 1e6 / BLOCK_SIDE_M**2))
    inside, remoteness = _draw_outline(blocks)
    rows, columns = inside.shape
    # A river between two subdistricts needs one on each bank.
    rivers = tuple(range(FIRST_RIVER_ROW, rows - 4, ROWS_BETWEEN_RIVERS))[: subdistricts - 1]
    strip_columns = range(FIRST_STRIP_COLUMN, columns - 2, COLUMNS_BETWEEN_STRIPS)
    owners = np.full(inside.shape, OUTSIDE, dtype=np.int64)
    banks = np.searchsorted(np.array(rivers), np.arange(rows), side="left")
    blocks_of_bank = np.bincount(banks, weights=inside.sum(axis=1)).astype(np.int64)
    first = 0
    for bank, share in enumerate(_share_out(subdistricts, blocks_of_bank)):
        here = inside & (banks == bank)[:, None]
        if share:
            owners[here] = _divide_evenly(np.argwhere(here), int(share), rng) + first
            first += int(share)
    return CityMap(
        owners=owners,
        styles=_draw_styles(inside, remoteness, rng),
        rivers=rivers,
        strips=tuple(
            (column, MOTORWAY if index % 2 else RAIL) for index, column in enumerate(strip_columns)
        ),
        bridges=tuple(range(2, columns - 1, COLUMNS_BETWEEN_BRIDGES)),
        underpasses=tuple(range(1, rows, ROWS_BETWEEN_UNDERPASSES)),
        sandbank=None,
    )


def _draw_outline(blocks: int) -> tuple[Ints, Floats]:
    """Choose the blocks nearest to the middle; give them and their remoteness, 0 to 1."""
    rows = int(np.ceil(np.sqrt(blocks * 1.4 / WIDTH_TO_HEIGHT))) + 3
    columns = int(np.ceil(np.sqrt(blocks * 1.4 * WIDTH_TO_HEIGHT))) + 3
    y = (np.arange(rows) - (rows - 1) / 2.0)[:, None] * WIDTH_TO_HEIGHT
    x = (np.arange(columns) - (columns - 1) / 2.0)[None, :]
    distance = (np.abs(x) ** 2.6 + np.abs(y) ** 2.6) ** (1.0 / 2.6)
    distance[[0, -1], :] = np.inf
    distance[:, [0, -1]] = np.inf
    chosen = np.argsort(distance, axis=None, kind="stable")[:blocks]
    inside = np.zeros(distance.size, dtype=bool)
    inside[chosen] = True
    return inside.reshape(distance.shape), distance / distance.ravel()[chosen[-1]]


def _share_out(total: int, weights: Ints) -> Ints:
    """Share out a whole number by weights, largest remainders first; at least 1 for any weight."""
    shares = np.where(weights > 0, 1, 0)
    exact = weights / weights.sum() * (total - shares.sum())
    shares += np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - np.floor(exact)), kind="stable")
    shares[order[: total - int(shares.sum())]] += 1
    return shares


def _divide_evenly(blocks: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Divide blocks into connected parts of like size; give the part of each block."""
    centres = blocks[rng.permutation(len(blocks))[:count]].astype(np.float64)
    for _ in range(EVENING_ROUNDS):
        nearest = cKDTree(centres).query(blocks)[1]
        sizes = np.maximum(np.bincount(nearest, minlength=count), 1)
        for axis in (0, 1):
            sums = np.bincount(nearest, weights=blocks[:, axis], minlength=count)
            centres[:, axis] = np.where(sums > 0.0, sums / sizes, centres[:, axis])
    position = {(int(row), int(column)): index for index, (row, column) in enumerate(blocks)}
    part = np.full(len(blocks), -1, dtype=np.int64)
    sizes = np.zeros(count, dtype=np.int64)
    waiting: list[tuple[float, int, int]] = []
    for number, seed in enumerate(_nearest_free(blocks, centres)):
        heappush(waiting, (0.0, int(seed), number))
    while waiting:
        _, index, number = heappop(waiting)
        if part[index] != -1:
            continue
        part[index] = number
        sizes[number] += 1
        row, column = (int(value) for value in blocks[index])
        for step in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            there = position.get(step)
            if there is not None and part[there] == -1:
                away = float(np.hypot(*(blocks[there] - centres[number])))
                heappush(waiting, (away + 0.02 * float(sizes[number]), there, number))
    return part


def _nearest_free(blocks: Ints, centres: Floats) -> Ints:
    """Give each centre the nearest block that no earlier centre has."""
    taken: set[int] = set()
    seeds = []
    for centre in centres:
        order = np.argsort(((blocks - centre) ** 2).sum(axis=1), kind="stable")
        seed = next(int(index) for index in order if int(index) not in taken)
        taken.add(seed)
        seeds.append(seed)
    return np.array(seeds, dtype=np.int64)


def _draw_styles(
    inside: Ints, remoteness: Floats, rng: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    """Give each block a neighbourhood, by its belt."""
    styles = np.full(inside.shape, "f")
    for row, column in np.argwhere(inside):
        away = float(remoteness[row, column]) + rng.normal(0.0, 0.06)
        letters, shares = next(
            (letters, shares) for limit, letters, shares in BELTS if away <= limit
        )
        styles[row, column] = letters[int(rng.choice(len(letters), p=shares))]
    return styles
