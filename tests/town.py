"""A small town as files: two subdistricts, a street grid, buildings, proposals with flaws."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyproj

CRS = "EPSG:4547"
EAST_M, NORTH_M = 536_000.0, 2_558_000.0  # the south-west corner, in Guangzhou
SIDE_M = 1000.0
WEST, EAST = "440199001", "440199002"
TO_DEGREES = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def place(x_m: float, y_m: float) -> list[float]:
    """Return longitude and latitude of a place in the town, metres from its corner."""
    lon, lat = TO_DEGREES.transform(EAST_M + x_m, NORTH_M + y_m)
    return [round(lon, 9), round(lat, 9)]


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> dict[str, object]:
    """Return a rectangle of the town as GeoJSON."""
    corners = [(west_m, south_m), (east_m, south_m), (east_m, north_m), (west_m, north_m)]
    return {
        "type": "Polygon",
        "coordinates": [[place(*corner) for corner in (*corners, corners[0])]],
    }


def point(x_m: float, y_m: float) -> dict[str, object]:
    """Return a point of the town as GeoJSON."""
    return {"type": "Point", "coordinates": place(x_m, y_m)}


def write(path: Path, features: list[tuple[dict[str, object], Mapping[str, object]]]) -> Path:
    """Write features as GeoJSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    collection = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": properties, "geometry": geometry}
            for geometry, properties in features
        ],
    }
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def write_town(folder: Path, *, with_roads: bool = True, name: str = "小镇") -> Path:
    """Write the town as a case: east is well served, west has two branches and no headquarters."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "siteplan.toml").write_text(
        f"[case]\nname = {json.dumps(name, ensure_ascii=False)}\ndate = 2010-07-01\n",
        encoding="utf-8",
    )
    labels = {"district": "演示区", "vintage": 2010}
    write(
        folder / "data" / "boundaries" / "town.geojson",
        [
            (box(0, 0, SIDE_M, SIDE_M), {"code": WEST, "name": "西街道", **labels}),
            (box(SIDE_M, 0, 2 * SIDE_M, SIDE_M), {"code": EAST, "name": "东街道", **labels}),
        ],
    )
    (folder / "data" / "population.csv").write_text(
        f"code,name,year,population,age_60_plus\n{WEST},西街道,2010,600,90\n{EAST},东街道,2010,400,\n",
        encoding="utf-8",
    )
    if with_roads:
        ends = np.arange(50, 2 * SIDE_M, 100)
        lines = [((50, y), (2 * SIDE_M - 50, y)) for y in ends[ends < SIDE_M]]
        lines += [((x, 50), (x, SIDE_M - 50)) for x in ends]
        write(
            folder / "data" / "roads.geojson",
            [
                ({"type": "LineString", "coordinates": [place(*a), place(*b)]}, {"name": "road"})
                for a, b in lines
            ],
        )
    offered = {
        "premises": "lease",
        "floor_area_m2": 1200,
        "available_from": "2010-08-01",
        "mode": 1,
    }
    write(
        folder / "data" / "proposals" / "east.geojson",
        [(point(1500, 500), {"id": "e1", "name": "东中心", "subdistrict": EAST, **offered})],
    )
    write(
        folder / "data" / "proposals" / "west.geojson",
        [
            (point(150, 150), {"id": "w1", "名称": "西一", "街道": "西街道", "角色": "分站点"}),
            (point(250, 150), {"id": "w2", "名称": "西二", "街道": "西街道", "角色": "分站点"}),
            (point(750, 750), {"id": "w3", "名称": "备选", "街道": "西街道", "状态": "备选"}),
        ],
    )
    return folder
