"""Layers of every format as one record, and tables."""

import json
import shutil
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from siteplan.crs import Datum, from_wgs84
from siteplan.errors import InputError
from siteplan.inputs.tables import read_table
from siteplan.inputs.vector import LINES, POINTS, POLYGONS, read_layer

Write = Callable[..., Path]
VRT = """<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{source}</SrcDataSource>
</OGRVRTLayer></OGRVRTDataSource>"""


class Listener:
    """Counts who calls on a port of this machine."""

    def __init__(self) -> None:
        self.requests = 0
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.requests += 1
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Return a server that nobody may call."""
    here = Listener()
    thread = Thread(target=here.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield here
    here.server.shutdown()
    thread.join()
    here.server.server_close()


GUANGZHOU = shapely.box(113.30, 23.10, 113.31, 23.11)


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def polygon(*places: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [places]}


def refuse(path: Path, kinds: frozenset[str] = POINTS, datum: Datum = "wgs84") -> list[str]:
    with pytest.raises(InputError) as refusal:
        read_layer(path, path.name, kinds=kinds, datum=datum)
    return [defect.say("en") for defect in refusal.value.defects]


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    columns = {"code": ["440106012", "440106013"], "name": ["天园街", "冼村街"], "people": [7, 8]}
    shapes = [GUANGZHOU, shapely.box(113.31, 23.10, 113.32, 23.11)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".GEOJSON", ".gpkg", ".shp"])
def test_every_format_gives_the_same_layer(
    tmp_path: Path, frame: gpd.GeoDataFrame, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    driver = {".gpkg": "GPKG", ".shp": "ESRI Shapefile"}.get(suffix, "GeoJSON")
    frame.to_file(path, driver=driver, engine="pyogrio")
    layer = read_layer(path, "a", kinds=POLYGONS)
    assert [row["name"] for row in layer.properties] == ["天园街", "冼村街"]
    assert [row["people"] for row in layer.properties] == [7, 8]
    assert layer.rows == [1, 2]
    assert shapely.equals(layer.geometry, frame.geometry.to_numpy()).all()
    assert layer.project("EPSG:4547")[0].area == pytest.approx(1025 * 1107.5, rel=1e-3)


@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_metres_with_their_crs_are_taken_to_the_working_crs(
    tmp_path: Path, frame: gpd.GeoDataFrame, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    frame.to_crs("EPSG:32649").to_file(path, engine="pyogrio")
    metres = read_layer(path, "a", kinds=POLYGONS)
    assert not metres.crs.is_geographic
    off_m = shapely.hausdorff_distance(
        metres.project("EPSG:4547"), frame.to_crs("EPSG:4547").geometry.to_numpy()
    )
    assert off_m.max() < 1e-3


def test_a_blank_is_none_in_whatever_column(tmp_path: Path) -> None:
    columns = {
        "floor": [1.5, None],
        "mode": pd.array([1, None], dtype="Int64"),
        "ready": pd.to_datetime(["2010-08-31", None]),
        "name": ["A", None],
    }
    frame = gpd.GeoDataFrame(columns, geometry=[shapely.Point(113, 23)] * 2, crs="EPSG:4326")
    frame.to_file(tmp_path / "a.gpkg")
    first, second = read_layer(tmp_path / "a.gpkg", "a", kinds=POINTS).properties
    assert set(second.values()) == {None}
    assert None not in first.values()


def test_a_shapefile_in_metres_without_a_prj_is_refused(
    tmp_path: Path, frame: gpd.GeoDataFrame
) -> None:
    frame.to_crs("EPSG:4547").to_file(tmp_path / "a.shp", engine="pyogrio")
    (tmp_path / "a.prj").unlink()
    told = refuse(tmp_path / "a.shp", POLYGONS)
    assert len(told) == 2
    assert told[0].startswith(
        "a.shp feature 1 (天园街): has coordinates (428286, 2555779) in metres"
    )
    assert told[0].endswith("the file names no CRS in metres. Export in WGS84, or with its CRS.")


def test_geojson_in_metres_without_a_crs_is_refused(tmp_path: Path, write_geojson: Write) -> None:
    path = write_geojson(tmp_path / "a.geojson", (point(428321, 2555000), {}))
    assert "has coordinates (428321, 2555000) in metres" in refuse(path)[0]


def test_latitude_before_longitude_is_named_in_china(tmp_path: Path, write_geojson: Write) -> None:
    path = write_geojson(tmp_path / "a.geojson", (point(23.13, 113.36), {"name": "黄村"}))
    assert refuse(path) == [
        "a.geojson feature 1 (黄村): has latitude and longitude swapped. Write the longitude first."
    ]


def test_the_point_zero_zero_is_no_place(tmp_path: Path, write_geojson: Write) -> None:
    path = write_geojson(tmp_path / "a.geojson", (point(0, 0), {}), (point(0, 1), {}))
    (told,) = refuse(path)
    assert told.startswith("a.geojson feature 1: stands at (0, 0), which is no place.")


def test_a_bow_tie_is_refused_with_where_it_crosses(tmp_path: Path, write_geojson: Write) -> None:
    tie = polygon((113, 23), (114, 24), (114, 23), (113, 24), (113, 23))
    (told,) = refuse(write_geojson(tmp_path / "a.geojson", (tie, {})), POLYGONS)
    assert "is not a valid shape (Self-intersection[113.5 23.5])" in told


def test_a_shape_of_another_kind_is_refused(tmp_path: Path, write_geojson: Write) -> None:
    path = write_geojson(tmp_path / "a.geojson", (point(113, 23), {}))
    assert refuse(path, LINES) == [
        "a.geojson feature 1: is a Point. Give LineString / MultiLineString here."
    ]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg"])
def test_all_bad_features_are_told_at_once(tmp_path: Path, suffix: str) -> None:
    shapes = [None, shapely.Point(0, 0), shapely.Point(113, 23), shapely.Point(23, 113)]
    path = tmp_path / f"a{suffix}"
    frame = gpd.GeoDataFrame({"name": list("abcd")}, geometry=shapes, crs="EPSG:4326")
    frame.iloc[1:].to_file(path) if suffix == ".geojson" else frame.to_file(path)
    told = refuse(path)
    assert [line.split(": ")[1][:11] for line in told][-2:] == ["stands at (", "has latitud"]
    assert len(told) == (2 if suffix == ".geojson" else 3)


@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_gdal_never_sees_a_file_that_is_not_what_its_name_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_text(VRT.format(source="CSV:/etc/passwd"), encoding="utf-8")
    assert refuse(path, POLYGONS) == [
        f"a{suffix}: is not a {suffix} file, whatever its name says. Export it again."
    ]


def test_a_vrt_named_geojson_is_broken_json(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(VRT.format(source="CSV:/etc/passwd"), encoding="utf-8")
    assert "is not valid JSON at line 1, column 1" in refuse(tmp_path / "a.geojson")[0]


def test_a_database_that_is_no_geopackage_is_refused(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        database.execute("create table secrets (word text)")
    database.close()
    assert "is not a .gpkg file" in refuse(tmp_path / "a.gpkg")[0]


@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_a_file_cut_off_is_refused(tmp_path: Path, frame: gpd.GeoDataFrame, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    frame.to_file(path, engine="pyogrio")
    path.write_bytes(path.read_bytes()[:104])
    assert len(refuse(path, POLYGONS)) >= 1


def test_a_geopackage_of_two_layers_is_refused_with_their_names(
    tmp_path: Path, frame: gpd.GeoDataFrame
) -> None:
    for name in ("streets", "districts"):
        frame.to_file(tmp_path / "a.gpkg", layer=name)
    assert refuse(tmp_path / "a.gpkg", POLYGONS) == [
        "a.gpkg: must hold one layer, holds: streets, districts. Export one layer by itself."
    ]


def test_a_geopackage_without_features_is_refused(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    frame.iloc[:0].to_file(tmp_path / "a.gpkg")
    assert "holds no features" in refuse(tmp_path / "a.gpkg", POLYGONS)[0]


@pytest.mark.parametrize("suffix", [".kml", ".dwg", ".xls", ""])
def test_another_format_is_refused_with_those_that_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_text("x", encoding="utf-8")
    assert "Save it as one of .geojson, .json, .gpkg, .shp, .csv" in refuse(path)[0]


@pytest.mark.parametrize("name", ["EPSG:4978", "EPSG:5773"])
def test_a_crs_that_is_not_of_maps_is_refused(
    tmp_path: Path, write_geojson: Write, name: str
) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    path = write_geojson(tmp_path / "a.geojson", (point(1, 2), {}), crs=crs)
    assert "crs is not one of maps" in refuse(path)[0]


def test_a_feature_without_a_place_in_the_working_crs_is_named(
    tmp_path: Path, write_geojson: Write
) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:4547"}}
    far = point(1e11, 1e11)
    path = write_geojson(tmp_path / "a.geojson", (point(4e5, 2.5e6), {}), (far, {}), crs=crs)
    with pytest.raises(InputError, match=r"a\.geojson feature 2: has no place in EPSG:4326"):
        read_layer(path, "a.geojson", kinds=POINTS).project("EPSG:4326")


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_the_datum_is_undone_and_the_given_place_kept(
    tmp_path: Path, write_geojson: Write, datum: Datum
) -> None:
    lon, lat = from_wgs84(np.array([113.3]), np.array([23.1]), datum)
    path = write_geojson(tmp_path / "a.geojson", (point(float(lon[0]), float(lat[0])), {}))
    layer = read_layer(path, "a", kinds=POINTS, datum=datum)
    assert layer.geometry[0].distance(shapely.Point(113.3, 23.1)) < 1e-10
    assert layer.given[0] == shapely.Point(lon[0], lat[0])


def test_a_datum_of_china_does_not_fit_elsewhere_or_metres(
    tmp_path: Path, write_geojson: Write
) -> None:
    path = write_geojson(tmp_path / "a.geojson", (point(9.5, 47.1), {}))
    assert refuse(path, datum="gcj02")[0].startswith(
        "a.geojson feature 1: (9.5, 47.1) is outside China."
    )
    crs = {"type": "name", "properties": {"name": "EPSG:4547"}}
    path = write_geojson(tmp_path / "b.geojson", (point(4e5, 2.5e6), {}), crs=crs)
    assert "datum says gcj02, but it is in metres" in refuse(path, datum="gcj02")[0]


@pytest.mark.parametrize("header", ["lon,lat,name", "经度,纬度,name"])
def test_a_csv_of_points_has_longitude_and_latitude(tmp_path: Path, header: str) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n113.3,23.1,A\n", encoding="utf-8")
    layer = read_layer(tmp_path / "a.csv", "a.csv", kinds=POINTS)
    assert layer.geometry[0] == shapely.Point(113.3, 23.1)
    assert layer.properties[0]["name"] == "A"
    assert layer.rows == [2]


def test_the_columns_of_a_csv_may_have_other_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("X,Y\n113.3,23.1\n", encoding="utf-8")
    layer = read_layer(tmp_path / "a.csv", "", kinds=POINTS, columns={"lon": "X", "lat": "Y"})
    assert layer.geometry[0] == shapely.Point(113.3, 23.1)


def test_a_csv_without_a_position_says_which_columns_it_has(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x;y\n1;2\n", encoding="utf-8")
    told = refuse(tmp_path / "a.csv")
    assert told[0].startswith("a.csv: has no column lon. It has x, y; say under [columns]")
    assert len(told) == 2


def test_a_csv_row_without_a_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lon,lat,name\n113,23,A\n,north,B\n", encoding="utf-8")
    told = refuse(tmp_path / "a.csv")
    assert told == [
        "a.csv row 3 (B): has no lon. Give degrees, e.g. 113.3612.",
        'a.csv row 3 (B): lat is "north". Give degrees, e.g. 23.1301.',
    ]


def test_polygons_do_not_come_from_a_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lon,lat\n1,2\n", encoding="utf-8")
    assert "is not a format read here" in refuse(tmp_path / "a.csv", POLYGONS)[0]


def test_rows_are_counted_as_in_the_sheet(tmp_path: Path) -> None:
    text = '\ncode,note\n\n1,"two\nlines"\n\n2,\n,\n3\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert read_table(tmp_path / "a.csv", "a.csv") == [
        (4, {"code": "1", "note": "two\nlines"}),
        (6, {"code": "2", "note": ""}),
        (8, {"code": "3", "note": ""}),
    ]


def test_commas_at_the_end_of_a_row_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code,\n1,,,\n", encoding="utf-8")
    assert read_table(tmp_path / "a.csv", "")[0][1]["code"] == "1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code\n", "a.csv: the table has no rows"),
        ("\ufeff", "a.csv: the table has no rows"),
        ("code,code\n1,2\n", "a.csv: column code stands twice. Remove one of them."),
        ("code,name\n1,2,3\n", "a.csv row 2: has 3 cells, the header 2. Look for a comma"),
        ('code,name\n1,"2\n3,4\n', "a.csv: is not a valid CSV at line 3 (unexpected end of data)"),
    ],
)  # fmt: skip
def test_a_broken_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        read_table(tmp_path / "a.csv", "a.csv")
    assert message in str(refusal.value)


def test_geojson_that_is_cut_off_is_refused_with_line_and_column(
    tmp_path: Path, write_geojson: Write
) -> None:
    path = write_geojson(tmp_path / "a.geojson", (point(113, 23), {}))
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-5], encoding="utf-8")
    assert f"line 1, column {len(text) - 4}" in refuse(path)[0]


def test_the_features_of_gdal_stand_in_the_order_of_the_file(
    tmp_path: Path, frame: gpd.GeoDataFrame
) -> None:
    frame.iloc[::-1].to_file(tmp_path / "a.gpkg")
    shutil.copy(tmp_path / "a.gpkg", tmp_path / "b.gpkg")
    layer = read_layer(tmp_path / "b.gpkg", "b", kinds=POLYGONS)
    assert [row["name"] for row in layer.properties] == ["冼村街", "天园街"]
    assert json.dumps(layer.properties[0])


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".shp", ".csv", ".xlsx"])
@pytest.mark.parametrize("source", ["/etc/passwd", "WFS:http://127.0.0.1:{port}/"])
def test_a_file_that_sends_gdal_elsewhere_never_reaches_it(
    tmp_path: Path, listener: Listener, suffix: str, source: str
) -> None:
    content = VRT.format(source=source.format(port=listener.port))
    (tmp_path / f"a{suffix}").write_text(content, encoding="utf-8")
    assert "root" not in " ".join(refuse(tmp_path / f"a{suffix}"))
    assert listener.requests == 0


def test_gdal_itself_cannot_reach_the_network(tmp_path: Path, listener: Listener) -> None:
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(113, 23)], crs="EPSG:4326")
    frame.to_file(tmp_path / "a.gpkg")
    read_layer(tmp_path / "a.gpkg", "a", kinds=POINTS)
    for source in (
        f"WFS:http://127.0.0.1:{listener.port}/",
        f"/vsicurl/http://127.0.0.1:{listener.port}/a.geojson",
    ):
        with pytest.raises(pyogrio.errors.DataSourceError):
            pyogrio.read_info(source)
    assert listener.requests == 0
