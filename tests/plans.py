"""Made-up towns on a lattice, full of exact ties and limits, written as files in many ways."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

CRS = "EPSG:4547"
TO_DEGREES = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
CORNER_M = (436_000.0, 2_558_000.0)  # in Guangzhou
CODES = ("440199001", "440199002", "440199003")
WIDTH_M, HEIGHT_M, STREET_M = 600, 600, 100
Feature = tuple[BaseGeometry, dict[str, object]]

SETTINGS = """
[case]
name = "格子镇"
date = 2016-07-01
standard = "standard.toml"
"""
LIMITS = {
    "service_radius": 'value = 300, unit = "m", op = "<="',
    "coverage_target": 'value = 0.6, op = ">="',
    "hq_link": 'value = 400, unit = "m", op = "<="',
    "transit": 'value = 200, unit = "m", op = "<="',
    "snap_limit": 'value = 50, unit = "m", op = "<="',
    "gap_pop": 'value = 100, unit = "person", op = ">="',
    "pop_per_centre": 'min = 500, max = 900, unit = "person", op = "in"',
}
ADOPTED = 'status = "adopted", adopted_by = "甲", adopted_on = 2010-06-01'
STANDARD = """
format = 1
[profile]
id = "lattice"
title_zh = "格子"
title_en = "lattice"
extends = "guangzhou-2010"
[threshold]
""" + "\n".join(f"{name} = {{{figure}, {ADOPTED}}}" for name, figure in LIMITS.items())


@dataclass(frozen=True)
class Plan:
    """A town in metres from its corner: features by role, and rows of tables."""

    layers: Mapping[str, Sequence[Feature]]
    tables: Mapping[str, Sequence[Mapping[str, object]]]


@dataclass(frozen=True)
class Manner:
    """How a town is written down.

    Attributes
    ----------
    metres
        GeoPackage in metres of `CRS`, or GeoJSON in degrees.
    shift
        Of everything, in metres.
    seed
        Of the order of features and rows; None keeps it.
    files
        Into how many files boundaries and proposals go.
    osm
        Roads, stops and facilities as OpenStreetMap XML.
    """

    metres: bool = False
    shift: tuple[float, float] = (0.0, 0.0)
    seed: int | None = None
    files: int = 1
    osm: bool = False


def make_plan(seed: int) -> Plan:
    """Make three subdistricts in a row; every coordinate is a multiple of 25 m.

    By the seed, roads meet at their ends or cross between them, and residents are known by place,
    stand on buildings or on the bare ground.
    """
    rng = np.random.default_rng(seed)
    first = seed % 2 * STREET_M // 2  # where along a street its first piece begins
    east, north = WIDTH_M * len(CODES), HEIGHT_M
    along = [((0, y), (east, y)) for y in range(STREET_M // 2, north, STREET_M)]
    across = [((x, 0), (x, north)) for x in range(STREET_M // 2, east, STREET_M)]
    roads: list[Feature] = []
    for begin, end in along + across:
        line = shapely.LineString([begin, end])
        steps = np.arange(first, line.length + 1, STREET_M)
        for start in steps[:-1][rng.random(len(steps) - 1) < 0.8]:
            spots = [line.interpolate(start), line.interpolate(start + STREET_M)]
            tags = {"highway": "residential", "bridge": "", "name": ""}
            if rng.random() < 0.1:
                tags |= {"bridge": "yes", "name": str(rng.choice(["", "甲桥", "乙桥"]))}
            roads.append((shapely.LineString(spots), tags))

    def place(count: int) -> list[BaseGeometry]:
        spots = zip(
            (25 * rng.integers(0, east // 25 + 1, count)).tolist(),
            (25 * rng.integers(0, north // 25 + 1, count)).tolist(),
            strict=True,
        )
        return [shapely.Point(spot) for spot in spots]

    people = [
        (spot, {"population": int(count), "age_60_plus": int(count) // 4})
        for spot, count in zip(place(90), rng.integers(1, 5, 90) * 10, strict=True)
    ]
    stops = [
        (spot, {"kind": "bus_stop", "name": str(rng.choice(["东站", "西站", ""]))})
        for spot in place(8)
    ]
    facilities = [
        (spot, {"kind": str(rng.choice(["library", "school"])), "name": f"馆{number % 3}"})
        for number, spot in enumerate(place(10))
    ]
    sites = []
    for number, spot in enumerate(place(9)):
        own = min(int(spot.x // WIDTH_M), len(CODES) - 1)
        values: dict[str, object] = {
            "id": f"s{number}",
            "name": f"场地{number}",
            "subdistrict": CODES[own],
            "status": str(rng.choice(["existing", "proposed", "proposed", "candidate"])),
            "role": str(rng.choice(["headquarters", "branch", "branch"])),
            "premises": "lease",
            "floor_area_m2": int(rng.integers(1, 9)) * 100,
            "mode": int(rng.integers(1, 3)),
            "services": "家庭服务",
        }
        sites.append((spot, values))
    total = [int(sum(v["population"] for _, v in people)) // d for d in (2, 3, 6)]
    population = [
        {"code": code, "year": 2016, "population": count, "age_60_plus": count // 5}
        for code, count in zip(CODES, total, strict=True)
    ]
    projects = [
        {"subdistrict": code, "project_id": f"P{number}", "city_approved": day}
        for number, (code, day) in enumerate(
            [(CODES[0], "2012-01-01"), (CODES[1], ""), (CODES[1], "2013-01-01"),
             ("440199777", "2014-01-01"), ("440199666", "")]
        )
    ]  # fmt: skip
    homes = [
        (shapely.box(spot.x, spot.y, spot.x + 25, spot.y + 25), {"building": "yes"})
        for spot, _ in people
    ]
    layers: dict[str, Sequence[Feature]] = {
        "boundaries": draw_boundaries(), "roads": roads, "stops": stops, "facilities": facilities,
        "proposals": sites,
    }  # fmt: skip
    layers |= ({"residents": people}, {"buildings": homes}, {})[seed % 3]
    return Plan(layers, {"population": population, "projects": projects})


def make_exact_plan() -> Plan:
    """Make a town by hand in which everything meets its limit exactly.

    The western subdistrict has a headquarters `a` and, 30 m beyond its border, a branch `b`, 400 m
    away. Of its 400 residents 240 are covered: 100 as near to one as to the other, 60 on the edge
    of the town and at the radius from `a`, 40 at the snap limit, 40 on the border with the east.
    """
    road, lane = shapely.LineString([(0, 300), (1800, 300)]), [(230, 100), (230, 600)]
    west, east, last = CODES
    people = {
        (430, 300): 100, (230, 600): 60, (100, 350): 40, (600, 350): 40, (500, 100): 160,
        (1000, 300): 80, (1500, 300): 50,
    }  # fmt: skip
    site = {"subdistrict": west, "premises": "lease", "floor_area_m2": 500, "status": "proposed"}
    layers: dict[str, Sequence[Feature]] = {
        "boundaries": draw_boundaries(),
        "roads": [(road, {"name": "路"}), (shapely.LineString(lane), {"name": "巷"})],
        "residents": [(shapely.Point(at), {"population": count}) for at, count in people.items()],
        "stops": [(shapely.Point(at), {"kind": "bus_stop"}) for at in ((230, 100), (830, 300))],
        "proposals": [
            (shapely.Point(230, 300), {"id": "a", "name": "甲", "role": "headquarters", **site}),
            (shapely.Point(630, 300), {"id": "b", "name": "乙", "role": "branch", **site}),
        ],
    }
    population = [
        {"code": code, "year": 2016, "population": count}
        for code, count in ((west, 400), (east, 80), (last, 50))
    ]
    return Plan(layers, {"population": population})


def draw_boundaries() -> list[Feature]:
    """Return the subdistricts, one beside the other."""
    return [
        (
            shapely.box(WIDTH_M * i, 0, WIDTH_M * (i + 1), HEIGHT_M),
            {"code": code, "name": f"街道{i}", "district": "演示区", "vintage": 2015},
        )
        for i, code in enumerate(CODES)
    ]


def write_plan(folder: Path, plan: Plan, manner: Manner = Manner()) -> Path:
    """Write a town as a case."""
    rng = None if manner.seed is None else np.random.default_rng(manner.seed)
    data = folder / "data"
    data.mkdir(parents=True)
    (folder / "siteplan.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "standard.toml").write_text(STANDARD, encoding="utf-8")
    for role, rows in plan.tables.items():
        keys = ",".join(rows[0])
        lines = [",".join(map(str, row.values())) for row in mix(rows, rng)]
        (data / f"{role}.csv").write_text("\n".join([keys, *lines]), encoding="utf-8")
    for role, features in plan.layers.items():
        mixed = [(_move(shape, manner.shift), values) for shape, values in mix(features, rng)]
        if role in {"boundaries", "proposals"}:
            for number in range(manner.files):
                part = mixed[number :: manner.files]
                _write_layer(data / role / f"{number}", part, metres=manner.metres)
        elif not (manner.osm and role in {"roads", "stops", "facilities"}):
            _write_layer(data / role, mixed, metres=manner.metres)
    if manner.osm:
        drawn = {role: plan.layers[role] for role in ("roads", "stops", "facilities")}
        (data / "roads.osm").write_text(draw_osm(drawn, rng), encoding="utf-8")
    return folder


def draw_osm(layers: Mapping[str, Iterable[Feature]], rng: np.random.Generator | None) -> str:
    """Return roads, stops and facilities as OpenStreetMap XML, numbered in any order.

    Nodes come before ways, and both in order of id, as in every such file.
    """
    spots: list[tuple[tuple[float, float], dict[str, object]]] = []
    for role, key in (("stops", "highway"), ("facilities", "amenity")):
        for shape, values in layers[role]:
            spots.append((shape.coords[0], {key: values["kind"], "name": values["name"]}))
    corners = {corner for shape, _ in layers["roads"] for corner in shape.coords}
    spots = mix([*spots, *((corner, {}) for corner in sorted(corners))], rng)
    number = {corner: ref for ref, (corner, tags) in enumerate(spots, 1) if not tags}
    drawn = ["<osm version='0.6'>"]
    for ref, (spot, tags) in enumerate(spots, 1):
        lon, lat = _to_degrees(shapely.Point(spot)).coords[0]
        inner = _tag(tags)
        drawn.append(f'<node id="{ref}" lon="{lon:.7f}" lat="{lat:.7f}" version="1">{inner}</node>')
    for ref, (shape, values) in enumerate(mix(list(layers["roads"]), rng), 1):
        inner = "".join(f'<nd ref="{number[corner]}"/>' for corner in shape.coords) + _tag(values)
        drawn.append(f'<way id="{ref}" version="1">{inner}</way>')
    return "\n".join([*drawn, "</osm>"])


def _tag(tags: Mapping[str, object]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(str(v))}/>" for k, v in tags.items() if v)


def mix(items: Sequence[Any], rng: np.random.Generator | None) -> list[Any]:
    """Return things in another order; as they are without a generator."""
    return list(items) if rng is None else [items[i] for i in rng.permutation(len(items))]


def _move(shape: BaseGeometry, by: tuple[float, float]) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: xy + by)


def _to_degrees(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape of the town in degrees."""
    return shapely.transform(
        shape, lambda xy: np.column_stack(TO_DEGREES.transform(*(xy + CORNER_M).T))
    )


def _write_layer(stem: Path, features: Sequence[Feature], *, metres: bool) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    if metres:
        frame = gpd.GeoDataFrame(
            [values for _, values in features],
            geometry=[_move(shape, CORNER_M) for shape, _ in features],
            crs=CRS,
        )
        frame.to_file(stem.with_suffix(".gpkg"), driver="GPKG", engine="pyogrio")
        return
    collection = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": values, "geometry": mapping(_to_degrees(shape))}
            for shape, values in features
        ],
    }
    text = json.dumps(collection, ensure_ascii=False)
    stem.with_suffix(".geojson").write_text(text, encoding="utf-8")
