"""What is asked of Overpass, in its own language, and the tiles in which a place is asked for.

Of a place its boundary and the smaller ones within it are needed whole, and of every tile what
`siteplan.inputs.osm` reads. Overpass QL: https://wiki.openstreetmap.org/wiki/Overpass_API
"""

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from siteplan.crs import LAT_LIMIT, LON_LIMIT
from siteplan.errors import Defect, InputError, Text
from siteplan.fetch.administration import DISTRICT_LEVEL
from siteplan.fetch.choosing import AREA_TYPES, MARGIN_M
from siteplan.fetch.wanted import check_place
from siteplan.inputs.osm import AREA_KEYS, KEYS

QUERY_S = 180  # Overpass's own time limit for one query; more is granted later, or not at all
QUERY_BYTES = 512 << 20  # of memory, Overpass's own default
TILE_DEGREES = 0.25  # about 27 km; a tile with too much in it is asked for in quarters
SMALLEST_TILE_DEGREES = 0.02
MOST_TILES = 64
STEEPEST_LAT = 85.0  # beyond it the margin is no wider
DEEPEST_LEVEL = 12  # of `admin_level`; https://wiki.openstreetmap.org/wiki/Key:admin_level
LONGEST_PLACE = 200  # characters
RELATION = re.compile(r"relation/([1-9]\d{0,17})")
NAMES = ("name", "name:zh", "name:en")

MARGIN_DEGREES = 1.25 * MARGIN_M / 111_195  # of a great circle; the rest is for its rounding
AREAS = "|".join(sorted(AREA_TYPES))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in WGS84 degrees."""

    south: float
    west: float
    north: float
    east: float

    @property
    def is_on_earth(self) -> bool:
        """Whether it has an extent within the limits of degrees; none that crosses 180° has."""
        lon, lat = LON_LIMIT, LAT_LIMIT
        return -lat <= self.south < self.north <= lat and -lon <= self.west < self.east <= lon

    def write(self) -> str:
        """Return it as Overpass reads it, to 7 decimals, as exact as OpenStreetMap is.

        Examples
        --------
        >>> Box(47, 9.4, 47.3, 9.7).write()
        '47.0000000,9.4000000,47.3000000,9.7000000'
        """
        return f"{self.south:.7f},{self.west:.7f},{self.north:.7f},{self.east:.7f}"

    def join(self, other: Self) -> Self:
        """Return the box around both."""
        return type(self)(
            min(self.south, other.south),
            min(self.west, other.west),
            max(self.north, other.north),
            max(self.east, other.east),
        )

    def widen(self) -> Self:
        """Return the box with the margin that a case has around its subdistricts."""
        poleward = min(max(abs(self.south), abs(self.north)), STEEPEST_LAT)
        lon = MARGIN_DEGREES / math.cos(math.radians(poleward))
        return type(self)(
            max(self.south - MARGIN_DEGREES, -LAT_LIMIT),
            max(self.west - lon, -LON_LIMIT),
            min(self.north + MARGIN_DEGREES, LAT_LIMIT),
            min(self.east + lon, LON_LIMIT),
        )

    def quarter(self) -> tuple[Self, ...]:
        """Return its quarters; none if they were smaller than anything worth asking for."""
        if max(self.north - self.south, self.east - self.west) < 2 * SMALLEST_TILE_DEGREES:
            return ()
        lat, lon = (self.south + self.north) / 2, (self.west + self.east) / 2
        make = type(self)
        return (
            make(self.south, self.west, lat, lon),
            make(self.south, lon, lat, self.east),
            make(lat, self.west, self.north, lon),
            make(lat, lon, self.north, self.east),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A boundary that Overpass knows by the name asked for.

    Attributes
    ----------
    relation
        Its id.
    name, level
        What it is called, and its `admin_level`; empty if it has none.
    box
        What it lies in.
    """

    relation: int
    name: str
    level: str
    box: Box


def ask_for_place(place: str) -> str:
    r"""Return the query for the boundaries of a name, or of `relation/ID`.

    Raises
    ------
    InputError
        If the name is empty, too long for one, or not printable.

    Examples
    --------
    >>> print(ask_for_place('relation/7').splitlines()[1])
    relation(7)["boundary"="administrative"];
    >>> print(ask_for_place('a"];\\').splitlines()[2])
    relation["boundary"="administrative"]["name"="a\"];\\"];
    """
    head, tail = f"[out:xml][timeout:{QUERY_S}];", "out tags bb;"
    if known := RELATION.fullmatch(place):
        return f'{head}\nrelation({known[1]})["boundary"="administrative"];\n{tail}'
    check_place(place)
    if len(place) > LONGEST_PLACE or not place.isprintable():
        problem = Text("地名过长或含有控制字符", "the place is too long, or no text")
        remedy = Text("请写行政区的名称或 relation/编号", "Give a name, or relation/ID")
        raise InputError(Defect("", problem, remedy))
    quoted = place.strip().replace("\\", "\\\\").replace('"', '\\"')
    named = [f'relation["boundary"="administrative"]["{key}"="{quoted}"];' for key in NAMES]
    return "\n".join([head, "(", *named, ");", tail])


def ask_for_boundaries(found: Found) -> str:
    """Return the query for a boundary and the smaller ones in its box, whole, and districts."""
    level = int(found.level) if re.fullmatch(r"[0-9]{1,2}", found.level) else 0
    first = min(level + 1, DISTRICT_LEVEL)
    return _ask_for_levels(found.box, first, f"relation({found.relation});")


def ask_for_districts(box: Box) -> str:
    """Return the query for all boundaries in a box, whole, from districts down."""
    return _ask_for_levels(box, DISTRICT_LEVEL)


def _ask_for_levels(box: Box, first: int, *more: str) -> str:
    levels = "|".join(str(number) for number in range(first, DEEPEST_LEVEL + 1))
    within = f'relation["boundary"="administrative"]["admin_level"~"^({levels})$"];'
    return "\n".join([_start(box), "(", *more, within, ");", "(._;>;);", "out meta;"])


def ask_for_tile(box: Box) -> str:
    """Return the query for roads, buildings, services and what else is read, within a box."""
    return "\n".join(
        [
            _start(box),
            "(",
            *(f'{kind}["{key}"];' for kind in ("node", "way") for key in KEYS),
            *(f'relation["type"~"^({AREAS})$"]["{key}"];' for key in AREA_KEYS),
            ");",
            "(._;>;);",
            "out meta;",
        ]
    )


def _start(box: Box) -> str:
    return f"[out:xml][timeout:{QUERY_S}][maxsize:{QUERY_BYTES}][bbox:{box.write()}];"


def lay_tiles(box: Box) -> tuple[Box, ...]:
    """Return tiles of a grid that cover a box, cut to it, from south to north and west to east.

    Raises
    ------
    InputError
        If there were more of them than a public server should be asked for.

    Examples
    --------
    >>> [tile.write() for tile in lay_tiles(Box(0.1, 0.2, 0.2, 0.3))]
    ['0.1000000,0.2000000,0.2000000,0.2500000', '0.1000000,0.2500000,0.2000000,0.3000000']
    """
    rows, columns = _cut(box.south, box.north), _cut(box.west, box.east)
    count = len(rows) * len(columns)
    if count > MOST_TILES:
        problem = Text(
            f"范围太大：要分 {count} 块下载，上限 {MOST_TILES} 块",
            f"the place is too large: {count} tiles to download, and {MOST_TILES} are allowed",
        )
        remedy = Text(
            "请选小一些的行政区，或下载区域文件后用 --from",
            "Name a smaller one, or download an extract of the region and give it with --from",
        )
        raise InputError(Defect("", problem, remedy))
    return tuple(Box(row[0], column[0], row[1], column[1]) for row in rows for column in columns)


def _cut(low: float, high: float) -> list[tuple[float, float]]:
    """Return the pieces of a stretch between the lines of the grid; at least one."""
    first = math.floor(low / TILE_DEGREES)
    last = max(first + 1, math.ceil(high / TILE_DEGREES))
    lines = [number * TILE_DEGREES for number in range(first, last + 1)]
    return [(max(begin, low), min(end, high)) for begin, end in pairwise(lines)]
