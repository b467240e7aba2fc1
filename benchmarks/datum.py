"""How often the datum of a file is recognised, and how often it is taken for another.

    python benchmarks/datum.py [--quick] [--json]

Sites: files drawn at random, each site uniform in a random subdistrict, the datum WGS84, GCJ-02 or
BD-09 by lot; 5 % of the claims name any other subdistrict, or 5 % and 15 % name a neighbour, while
all sites lie 30 m off. Then files whose datum is none of the three: shifted any way by so many
metres. Outlines and roads: the real ones, written in each datum, with the seconds of one core it
takes; and boundaries laid anywhere on the roads of another town, where every reading is wrong and
none should be named. On Tianhe, Shenzhen and Liechtenstein, or the synthetic demo where the real
data are absent.
"""

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import process_time
from typing import NamedTuple

import numpy as np
import shapely

from siteplan.analysis.datum import compare_boundaries, compare_outline, compare_sites
from siteplan.crs import WGS84, Datum, from_wgs84, make_projection, project_geometry, to_wgs84
from siteplan.inputs.graphml import make_roads_of_graphml, read_graphml
from siteplan.inputs.osm import read_osm
from siteplan.inputs.roads import make_roads_of_osm
from siteplan.inputs.vector import read_layer
from siteplan.model import Geometries, Indices, Metres, Shape, StudyArea, Subdistrict

DEMO = Path(__file__).parents[1]
REAL = DEMO.parent / "shared" / "data"
ZONE, UTM32, UTM22 = "EPSG:4547", "EPSG:32632", "EPSG:32722"
DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
POOL = 20_000
SIZES = range(10, 41)
JITTER_M = 30.0
STREETS = 226  # crossings a side: 10⁵ edges
OFFSETS_M = (100, 200, 300, 600, 1000, 1500, 3000)

XY = tuple[Metres, Metres]
Random = np.random.Generator


class Claims(NamedTuple):
    """What is wrong with claims: how many, what they name, and how far sites are off."""

    label: str
    wrong: float
    near: bool
    jitter_m: float


ANY = Claims("5 % any other", 0.05, near=False, jitter_m=0)
NEAR = Claims("5 % a neighbour, 30 m off", 0.05, near=True, jitter_m=JITTER_M)
MANY = Claims("15 % a neighbour, 30 m off", 0.15, near=True, jitter_m=JITTER_M)


class Printer:
    """Prints tables, or a line of JSON for each row."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def open_table(self, title: str, *columns: str) -> None:
        """Begin a table."""
        self.title, self.columns = title, columns
        if not self.as_json:
            print(f"\n{title}\n\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}", flush=True)

    def print_row(self, *cells: str | float) -> None:
        """Print a row; a float is a share or seconds."""
        if self.as_json:
            known = [
                None if isinstance(cell, float) and math.isnan(cell) else cell for cell in cells
            ]
            row = dict(zip(self.columns, known, strict=True))
            print(json.dumps({"table": self.title} | row, ensure_ascii=False), flush=True)
            return
        words = (f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in cells)
        print(f"| {' | '.join(words)} |", flush=True)


def read_polygons(path: Path, crs: str, datum: Datum = "wgs84") -> Geometries:
    """Read polygons into a CRS."""
    kinds = ("Polygon", "MultiPolygon")
    return read_layer(path, path.name, kinds=kinds, datum=datum).project(crs)


def read_again(x: Metres, y: Metres, datum: Datum) -> dict[str, XY]:
    """Return the readings of places that a file gives in a datum without saying so."""
    to_lonlat, to_metres = make_projection(ZONE, WGS84), make_projection(WGS84, ZONE)
    written = from_wgs84(*to_lonlat(x, y), datum)
    return {reading: to_metres(*to_wgs84(*written, reading)) for reading in DATUMS}


def redraw(shapes: Geometries, datum: Datum) -> dict[str, Geometries]:
    """Return the readings of polygons that a file gives in a datum without saying so."""

    def read(reading: Datum) -> Callable[[Metres, Metres], XY]:
        return lambda x, y: read_again(x, y, datum)[reading]

    return {reading: project_geometry(shapes, read(reading)) for reading in DATUMS}


@dataclass(frozen=True)
class Town:
    """Subdistricts to simulate files in."""

    name: str
    polygons: Geometries

    @cached_property
    def area(self) -> StudyArea:
        """The same as records."""
        return StudyArea(
            tuple(
                Subdistrict(f"{index:03}", f"{index}", None, polygon, 0)
                for index, polygon in enumerate(self.polygons)
            ),
            ZONE,
        )

    @cached_property
    def neighbours(self) -> list[Indices]:
        """The subdistricts around each."""
        tree = shapely.STRtree(self.polygons)
        one, other = tree.query(self.polygons, predicate="dwithin", distance=JITTER_M)
        return [other[(one == index) & (other != index)] for index in range(len(self.polygons))]

    def draw_sites(self, number: int, rng: Random) -> tuple[Indices, Metres, Metres]:
        """Draw sites uniform in random subdistricts: which, and where."""
        home = rng.integers(len(self.polygons), size=number)
        x, y, open_ = np.empty(number), np.empty(number), np.arange(number)
        shapely.prepare(self.polygons)
        while len(open_):
            west, south, east, north = shapely.bounds(self.polygons[home[open_]]).T
            x[open_], y[open_] = rng.uniform(west, east), rng.uniform(south, north)
            inside = shapely.contains_xy(self.polygons[home[open_]], x[open_], y[open_])
            open_ = open_[~inside]
        return home, x, y

    def draw_claims(self, home: Indices, claims: Claims, rng: Random) -> Indices:
        """Draw what sites claim: their own subdistrict, but for a few."""
        claimed = home.copy()
        for site in np.flatnonzero(rng.random(len(home)) < claims.wrong):
            others = np.delete(np.arange(len(self.polygons)), home[site])
            claimed[site] = rng.choice(self.neighbours[home[site]] if claims.near else others)
        return claimed


def count_answers(
    town: Town, pool: Sequence[tuple[Indices, Mapping[str, XY]]], sizes: Sequence[int], rng: Random
) -> Iterator[tuple[int, str | None]]:
    """Yield, for a file of each size, which part of the pool it is from and what is said of it."""
    for size in sizes:
        part = int(rng.integers(len(pool)))
        claimed, readings = pool[part]
        some = rng.integers(len(claimed), size=size)
        taken = {name: (x[some], y[some]) for name, (x, y) in readings.items()}
        yield part, compare_sites(town.area, claimed[some], taken).best


def measure_sites(town: Town, claims: Claims, sizes: Sequence[int], rng: Random) -> list[float]:
    """Return the shares of files judged rightly, left open, and judged wrongly."""
    pool = []
    for datum in DATUMS:
        home, x, y = town.draw_sites(POOL, rng)
        x, y = x + rng.normal(0, claims.jitter_m, POOL), y + rng.normal(0, claims.jitter_m, POOL)
        pool.append((town.draw_claims(home, claims, rng), read_again(x, y, datum)))
    answers = Counter(
        "open" if best is None else "right" if best == DATUMS[part] else "wrong"
        for part, best in count_answers(town, pool, sizes, rng)
    )
    return [answers[name] / len(sizes) for name in ("right", "open", "wrong")]


def measure_offsets(town: Town, offset_m: float, sizes: Sequence[int], rng: Random) -> list[float]:
    """Return the shares of files off by some metres that are left, left open, and accused."""
    pool = []
    for way in rng.uniform(0, 2 * math.pi, 24):
        home, x, y = town.draw_sites(POOL // 24, rng)
        x, y = x + offset_m * math.cos(way), y + offset_m * math.sin(way)
        pool.append((town.draw_claims(home, ANY, rng), read_again(x, y, "wgs84")))
    answers = Counter(
        "open" if best is None else "left" if best == "wgs84" else "accused"
        for _, best in count_answers(town, pool, sizes, rng)
    )
    return [answers[name] / len(sizes) for name in ("left", "open", "accused")]


def print_sites(towns: Sequence[Town], files: int, printer: Printer) -> None:
    """Print how files of sites are judged."""
    rng = np.random.default_rng(20100701)
    sizes = rng.choice(SIZES, size=files)
    few = {f"{n}": np.full(files // 3, n) for n in (*range(1, 10), 10, 15, 20, 40)}
    title = "Sites in one of the three datums"
    printer.open_table(title, "town", "wrong claims", "sites", "files", "right", "open", "wrong")
    for town in towns:
        for claims in (ANY, NEAR, MANY):
            for label, each in ({"10 to 40": sizes} | few).items():
                rates = measure_sites(town, claims, each.tolist(), rng)
                printer.print_row(town.name, claims.label, label, len(each), *rates)
    title = "Sites in none of the three datums, 10 to 40 a file"
    printer.open_table(title, "town", "off by m", "files", "left as given", "open", "accused")
    for town in towns:
        for offset_m in OFFSETS_M:
            rates = measure_offsets(town, offset_m, sizes[: files // 3].tolist(), rng)
            printer.print_row(town.name, offset_m, files // 3, *rates)


def print_drawings(
    drawings: Mapping[str, tuple[Geometries, Geometries, str]], printer: Printer
) -> None:
    """Print what outlines and roads say of polygons written in each datum."""
    columns = ("drawing", "written in", *DATUMS, "by chance", "said", "s")
    printer.open_table("Drawings: share along the lines as each reading has them", *columns)
    for name, (polygons, lines, kind) in drawings.items():
        for datum in DATUMS:
            readings = redraw(polygons, datum)
            begin_s = process_time()
            compare = compare_outline if kind == "outline" else compare_boundaries
            found = compare(readings, lines)
            seconds = process_time() - begin_s
            shares = (found.shares[reading] for reading in DATUMS)
            said = found.best or "nothing"
            printer.print_row(name, datum, *shares, found.by_chance, said, seconds)


def lay(shapes: Geometries, hull: Shape, rng: Random) -> Geometries:
    """Lay shapes somewhere on a hull, half of them turned."""
    west, south, east, north = hull.bounds
    middle = shapely.get_coordinates(shapely.centroid(shapes[rng.integers(len(shapes))]))[0]
    turn = rng.uniform(0, 2 * math.pi) * rng.integers(2)
    turning = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    to = np.array([rng.uniform(west, east), rng.uniform(south, north)])
    moved = shapely.transform(shapes, lambda xy: (xy - middle) @ turning + to)
    return np.asarray(moved, dtype=object)


def shift(shapes: Geometries, by: Metres) -> Geometries:
    """Move shapes."""
    return np.asarray(shapely.transform(shapes, lambda xy: xy + by), dtype=object)


def print_alarms(
    towns: Mapping[str, Geometries], roads: Mapping[str, Geometries], times: int, printer: Printer
) -> None:
    """Print how often a reading is named where all are wrong."""
    rng = np.random.default_rng(20100701)
    columns = ("boundaries", "roads", "laid", "named")
    printer.open_table("Boundaries laid anywhere on roads that are not theirs", *columns)
    for name, polygons in towns.items():
        for place, lines in roads.items():
            hull = shapely.GeometryCollection(list(lines)).convex_hull
            named = 0
            for _ in range(times):
                laid, way = lay(polygons, hull, rng), rng.uniform(0, 2 * math.pi)
                step = np.array([math.cos(way), math.sin(way)])
                readings = {f"{by} m": shift(laid, by * step) for by in (0, 600, 1200)}
                named += compare_boundaries(readings, lines).best is not None
            printer.print_row(name, place, times, named)


def print_controls(polygons: Geometries, lines: Geometries, printer: Printer) -> None:
    """Print how correct boundaries fare outside China, and what is said when they are moved."""
    printer.open_table("Correct boundaries outside China", "boundaries", "laid", "named")
    whole = compare_boundaries({"as given": polygons}, lines).best
    printer.print_row("Liechtenstein, all 11", 1, int(whole is not None))
    alone = [compare_boundaries({"as given": one}, lines).best for one in polygons.reshape(-1, 1)]
    printer.print_row("each municipality alone", len(alone), len(alone) - alone.count(None))
    moved = []
    for way in np.arange(0, 2 * math.pi, math.pi / 6):
        step = np.array([math.cos(way), math.sin(way)])
        readings = {f"{by} m": shift(polygons, by * step) for by in (600, -600, 1200)}
        moved.append(compare_boundaries(readings, lines).best)
    printer.print_row("all 11, off in every reading", len(moved), len(moved) - moved.count(None))


def draw_streets(middle: Metres, side: int, rng: Random) -> Geometries:
    """Draw crooked streets between side × side crossings some 100 m apart."""
    steps = 100.0 * (np.arange(side) - side / 2)
    crossing = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=2) + middle
    crossing += rng.normal(0, 10, crossing.shape)
    north = np.stack([crossing[:, :-1], crossing[:, 1:]], axis=2).reshape(-1, 2, 2)
    east = np.stack([crossing[:-1], crossing[1:]], axis=2).reshape(-1, 2, 2)
    return np.asarray(shapely.linestrings(np.concatenate([north, east])), dtype=object)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few files, in a minute")
    parser.add_argument("--json", action="store_true", help="a line for each figure")
    options = parser.parse_args()
    printer = Printer(as_json=options.json)
    files, times = (150, 2) if options.quick else (9_000, 100)
    if not REAL.is_dir():
        print(f"{REAL} is absent: the synthetic demo instead", file=sys.stderr)
        demo = read_polygons(DEMO / "data" / "boundaries" / "subdistricts.geojson", ZONE)
        lines = make_roads_of_osm(read_osm(DEMO / "data" / "roads.osm.pbf", "roads"), ZONE).lines
        print_sites([Town("demo (synthetic)", demo)], files, printer)
        print_drawings({"demo (synthetic) on its roads": (demo, lines, "roads")}, printer)
        return
    guangzhou, shenzhen = REAL / "guangzhou", REAL / "shenzhen"
    tianhe = read_polygons(guangzhou / "tianhe_streets_2010.geojson", ZONE)
    city = read_polygons(shenzhen / "shenzhen_streets_raw.geojson", ZONE, "gcj02")
    districts = read_polygons(guangzhou / "guangzhou_districts_datav_gcj02.json", ZONE, "gcj02")
    overlap_m2 = shapely.area(shapely.intersection(districts, shapely.union_all(tianhe)))
    outline = districts[[np.argmax(overlap_m2)]]
    graph = read_graphml(shenzhen / "futian_drive_osmnx122.graphml", "roads")
    roads = {"Futian": make_roads_of_graphml(graph, ZONE).lines}
    extract = read_osm(REAL / "liechtenstein" / "liechtenstein-latest.osm.pbf", "roads")
    roads["Liechtenstein"] = make_roads_of_osm(extract, UTM32).lines
    extract = read_osm(REAL / "porto_alegre" / "poa_osm.pbf", "roads")
    roads["Porto Alegre"] = make_roads_of_osm(extract, UTM22).lines
    print_sites([Town("Tianhe, 21", tianhe), Town("Shenzhen, 74", city)], files, printer)
    streets = draw_streets(
        shapely.get_coordinates(shapely.centroid(city[0]))[0], STREETS, np.random.default_rng(0)
    )
    print_drawings(
        {
            "Tianhe's 21 in the district": (tianhe, outline, "outline"),
            "the district around Tianhe's 21": (outline, tianhe, "outline"),
            "Shenzhen's 74 on the roads of Futian": (city, roads["Futian"], "roads"),
            f"Shenzhen's 74 on {len(streets):,} made up": (city, streets, "roads"),
        },
        printer,
    )
    municipalities = read_polygons(REAL / "liechtenstein" / "municipalities.geojson", UTM32)
    print_controls(municipalities, roads["Liechtenstein"], printer)
    print_alarms({"Tianhe": tianhe, "Shenzhen": city}, roads, times, printer)


if __name__ == "__main__":
    main()
