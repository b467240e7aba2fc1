"""The vector files of a layout plan: whoever reads them, the same features stand in all of them."""

import csv
import io
import json
import math
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape
from small import (
    draw_roads,
    make_area,
    make_case,
    make_site,
    make_sites,
    make_standard,
    make_subdistrict,
    make_threshold,
    make_weights,
)
from small_map import HOSTILE
from town import write_town

from siteplan.errors import CrsError
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Decision, Evaluation, Source
from siteplan.outputs.layout.catchments import draw_catchments
from siteplan.outputs.layout.columns import LayoutField
from siteplan.outputs.layout.layers import LayoutLayer, list_layers
from siteplan.outputs.layout.shapefiles import write_table
from siteplan.outputs.layout.target import choose_target
from siteplan.outputs.layout.vectors import BY_CONTENT, write_vectors
from siteplan.outputs.results import to_document

EAST, NORTH = 434_000.0, 2_559_000.0  # in the zone of 114° E, where Guangzhou lies
TEXTS = (*HOSTILE, "员村街道", "𠮷野家㐂", "a\ttab", "two\nlines", "ʼquote'\"", "%00", "NULL")
CRS = (None, "EPSG:4490", "4547", "EPSG:4526", "EPSG:4326", "EPSG:32649")
OGR = shutil.which("ogr2ogr")
QGIS_PYTHON = shutil.which("python3", path="/usr/bin")
BESIDE_M = 1e-3
KEPT = "电话 020-12345678"
MOMENT = datetime(2010, 7, 1)  # noqa: DTZ001  # a day in a file


def write_all(
    evaluation: Evaluation, folder: Path, crs: str | None, *, contacts: bool
) -> list[str]:
    """Write the layers of a plan in every vector format."""
    layers = list_layers(evaluation, crs, contacts=contacts)
    return write_vectors(evaluation.case, layers, folder, crs)


def plan(name: str = "街道", *, texts: Sequence[str] = (), **rest: Any) -> Evaluation:  # noqa: ANN401
    """Judge two squares of 1 km with a road, a headquarters with its branch, and a candidate."""
    boxes = [(EAST + 1000 * i, NORTH, EAST + 1000 * (i + 1), NORTH + 1000) for i in (0, 1)]
    area = make_area(
        make_subdistrict("A", boxes[0], 2000, name=name),
        make_subdistrict("B", boxes[1], 1500, name=f"{name}东"),
    )
    steps = [(EAST + 100.0 * step, NORTH + 100.0) for step in range(21)]
    up = [(EAST + 100.0, NORTH + 100.0 * step) for step in range(1, 10)]
    lines = [list(pair) for way in (steps, up) for pair in pairwise(way)]
    sites = [
        make_site("h", EAST + 100, NORTH + 100, role="headquarters", status="existing", name=name),
        make_site("k", EAST + 400, NORTH + 100, role="branch", others={"contact": KEPT}),
        make_site("c", EAST + 700, NORTH + 900, status="candidate", name=None),
        make_site("e", EAST + 1500, NORTH + 100, subdistrict="B", role=None),
        *(
            make_site(f"t{i:02}", EAST + 10 + 15 * i, NORTH + 300, name=text, status="candidate",
                      others={"address": text})
            for i, text in enumerate(texts)
        ),
    ]  # fmt: skip
    people = [(EAST + 50.0 + 100 * i, NORTH + 130.0 + 400 * j, 10.0)
              for i in range(20) for j in range(3)]  # fmt: skip
    known: dict[str, Any] = {
        "roads": draw_roads(*lines),
        "name": name,
        "residents": make_weights(*people),
        "standard": make_standard(
            thresholds={"gap_pop": make_threshold("gap_pop", 1, unit="person", op=">=")}
        ),
    }
    return evaluate(make_case(area, make_sites(*sites), **known | rest), radius_m=400)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return plan()


@pytest.fixture(scope="module")
def folder(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vectors")
    write_all(evaluation, path, None, contacts=False)
    return path


def pick(layers: Sequence[LayoutLayer], name: str) -> LayoutLayer:
    return next(layer for layer in layers if layer.name == name)


def list_rows(layer: LayoutLayer) -> list[dict[str, Any]]:
    names = [field.name for field in layer.fields]
    return [dict(zip(names, row, strict=True)) for row in layer.rows]


def open_with_gdal(path: Path, name: str, tmp_path: Path) -> list[dict[str, Any]]:
    """Read a layer with the GDAL of the system, another one than the one that wrote it."""
    if OGR is None:
        pytest.skip("no ogr2ogr (Debian: gdal-bin)")
    out = tmp_path / f"{path.suffix[1:]}-{name}.geojson"
    command = [OGR, "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=12", str(out), str(path), name]
    subprocess.run(command, check=True, capture_output=True)
    return list(json.loads(out.read_text(encoding="utf-8"))["features"])


def hold_same(layer: LayoutLayer, features: Sequence[Mapping[str, Any]], *, short: bool) -> None:
    """Hold what was read against the layer: number, order, attributes and places."""
    assert len(features) == len(layer.rows)
    for feature, row, place in zip(features, layer.rows, layer.shapes, strict=True):
        read = feature["properties"]
        assert len(read) == len(layer.fields)
        for field, value in zip(layer.fields, row, strict=True):
            hold_value(field, value, read[field.short if short else field.name])
        if place is None:
            assert feature["geometry"] is None
        else:
            # decimals of GeoJSON hide less than a nanometre
            allowed = BESIDE_M if place.bounds[0] > 1000 else BESIDE_M / 111_000
            again = shape(feature["geometry"])
            assert np.allclose(again.bounds, place.bounds, rtol=0, atol=allowed)
            assert again.hausdorff_distance(place) < allowed


def hold_value(field: LayoutField, value: object, read: object) -> None:
    if isinstance(value, float):
        assert read == pytest.approx(value, abs=1e-9), field.name
    elif isinstance(value, date):
        assert str(read).startswith(value.isoformat()), field.name
    else:
        assert read == value, field.name


# The list of layers


def test_the_layers_say_what_evaluation_json_says(evaluation: Evaluation) -> None:
    document: Any = to_document(evaluation)
    layers = list_layers(evaluation, None, contacts=False)
    assert [layer.name for layer in layers] == [
        "sites", "findings", "links", "gaps", "demand", "service_areas", "catchments",
        "subdistricts",
    ]  # fmt: skip
    for name, key in (("subdistricts", "code"), ("sites", "id"), ("findings", "code")):
        rows = list_rows(pick(layers, name))
        assert [row[key] for row in rows] == [entry[key] for entry in document[name]]
        for row, entry in zip(rows, document[name], strict=True):
            for field, value in row.items():
                if field in entry and not isinstance(entry[field], list | dict):
                    same = value == entry[field] or str(entry[field]) == value
                    assert same or float(str(value)) == pytest.approx(entry[field]), field
    (link,) = list_rows(pick(layers, "links"))
    assert (link["site"], link["headquarters"], link["distance_m"]) == ("k", "h", 300.0)
    assert link["traced"] == 1
    demand = list_rows(pick(layers, "demand"))
    assert math.fsum(row["population"] for row in demand) == pytest.approx(3500)
    covered = math.fsum(row["population"] for row in demand if row["covered"])
    assert covered == pytest.approx(document["summary"]["covered_population"])


def test_gaps_are_drawn_around_their_residents(evaluation: Evaluation) -> None:
    layers = list_layers(evaluation, None, contacts=False)
    gaps, cells = pick(layers, "gaps"), pick(layers, "demand")
    assert gaps.rows
    ground = shapely.union_all(gaps.shapes)
    for row, point in zip(list_rows(cells), cells.shapes, strict=True):
        inside = shapely.intersects(ground, point)
        assert inside or row["covered"] == 1, "a gap leaves out somebody"


def test_findings_stand_where_their_subject_is(evaluation: Evaluation) -> None:
    layer = pick(list_layers(evaluation, None, contacts=False), "findings")
    squares = {one.subdistrict.code: one.subdistrict.geometry for one in evaluation.judgements}
    for row, place in zip(list_rows(layer), layer.shapes, strict=True):
        if row["subject"] in squares:
            assert squares[row["subject"]].contains(place)
        elif row["subject"] == "case":
            assert place is None
        else:
            assert (place.x, place.y) == {
                site.id: (site.x, site.y) for site in evaluation.case.sites.records
            }[row["subject"]]


def test_names_fit_every_format(evaluation: Evaluation) -> None:
    for contacts in (False, True):
        for layer in list_layers(evaluation, None, contacts=contacts):
            assert layer.name.isascii()
            for values in (
                [field.short for field in layer.fields],
                [field.name for field in layer.fields],
                [field.alias.zh for field in layer.fields],
            ):
                assert len({value.casefold() for value in values}) == len(values)
            for field in layer.fields:
                assert re.fullmatch(r"[a-z][a-z0-9_]{0,9}", field.short)
                assert not {"fid", "geom", "objectid", "shape"} & {field.name, field.short}


def test_whom_to_ask_is_told_only_where_that_is_wanted(tmp_path: Path) -> None:
    decision = Decision("k", "A", "accept", "因为", "审查人甲", datetime.fromisoformat(
        "2010-06-01T12:00:00+08:00"), "0" * 64)  # fmt: skip
    evaluation = plan(reviews=(decision,))
    open_to_all, kept = tmp_path / "open", tmp_path / "kept"
    for path, contacts in ((open_to_all, False), (kept, True)):
        path.mkdir()
        write_all(evaluation, path, None, contacts=contacts)
    for path, told in ((open_to_all, False), (kept, True)):
        contents = b"".join(file.read_bytes() for file in path.rglob("*") if file.is_file())
        for secret in (KEPT, "审查人甲"):
            found = secret.encode() in contents or secret.encode("utf-16-le") in contents
            assert found is told
    sites = list_rows(pick(list_layers(evaluation, None, contacts=False), "sites"))
    branch = next(row for row in sites if row["id"] == "k")
    assert (branch["decision"], branch["decision_zh"], branch["decided"]) == (
        "accept", "同意", date(2010, 6, 1),
    )  # fmt: skip
    assert branch["decision_outdated"] == 1


# Coordinates


@pytest.mark.parametrize("crs", CRS)
def test_every_program_reads_the_same_features(
    crs: str | None, evaluation: Evaluation, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    write_all(evaluation, folder, crs, contacts=False)
    target = choose_target(crs, evaluation.case.area)
    for layer in list_layers(evaluation, crs, contacts=False):
        for path, short in (
            (folder / "layout.gpkg", False),
            (folder / "layout.gdb", False),
            (folder / "shapefiles" / f"{layer.name}.shp", True),
        ):
            hold_same(layer, open_with_gdal(path, layer.name, tmp_path), short=short)
    prj = (folder / "shapefiles" / "sites.prj").read_text()
    assert pyproj.CRS.from_wkt(prj).is_geographic is target.geographic
    assert pyproj.CRS.from_wkt(prj).to_epsg(min_confidence=20) == int(target.crs[5:])


def test_eastings_have_their_zone_in_front_where_that_is_asked_for(evaluation: Evaluation) -> None:
    plain = pick(list_layers(evaluation, "EPSG:4547", contacts=False), "sites").shapes
    prefixed = pick(list_layers(evaluation, "EPSG:4526", contacts=False), "sites").shapes
    away = shapely.get_coordinates(prefixed) - shapely.get_coordinates(plain)
    assert np.allclose(away, [38_000_000, 0], atol=BESIDE_M)


@pytest.mark.parametrize(
    ("crs", "why"),
    [
        ("EPSG:3857", "Mercator"),
        ("EPSG:4978", "neither projected nor geographic"),
        ("EPSG:4979", "neither projected nor geographic"),
        ("EPSG:5773", "neither projected nor geographic"),
        ("EPSG:4549", "is for"),
        ("EPSG:2056", "is for"),
        ("EPSG:4610", "shift from WGS84 is not known"),
        ("nonsense", "unknown"),
        ("99999999", "unknown"),
        ("", "unknown"),
    ],
)
def test_coordinates_that_would_mislead_are_refused(
    crs: str, why: str, evaluation: Evaluation, tmp_path: Path
) -> None:
    with pytest.raises(CrsError, match=why):
        write_all(evaluation, tmp_path, crs, contacts=False)
    assert not list(tmp_path.iterdir())


def test_the_datum_is_named(evaluation: Evaluation) -> None:
    area = evaluation.case.area
    assert "CGCS2000" in choose_target(None, area).datum.zh
    assert choose_target("4326", area).datum.en == "WGS 84"
    assert "CGCS2000" in choose_target("4490", area).datum.zh


# GeoPackage


def test_a_geopackage_read_as_a_database_holds_the_same(
    evaluation: Evaluation, folder: Path
) -> None:
    with sqlite3.connect(folder / "layout.gpkg") as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        for layer in list_layers(evaluation, None, contacts=False):
            names = ", ".join(f'"{field.name}"' for field in layer.fields)
            rows = base.execute(f"SELECT geom, {names} FROM {layer.name} ORDER BY fid").fetchall()  # noqa: S608
            assert len(rows) == len(layer.rows)
            for (blob, *values), row, place in zip(rows, layer.rows, layer.shapes, strict=True):
                assert [one.isoformat() if isinstance(one, date) else one for one in row] == values
                if place is None:
                    assert blob is None
                    continue
                assert blob[:2] == b"GP"
                envelope = {0: 0, 1: 32}[blob[3] >> 1 & 7]
                assert shapely.from_wkb(blob[8 + envelope :]) == place
            told = base.execute(
                "SELECT column_name, name FROM gpkg_data_columns WHERE table_name = ?",
                (layer.name,),
            ).fetchall()
            assert dict(told) == {field.name: field.alias.zh for field in layer.fields}
            (system,) = base.execute(
                "SELECT srs_id FROM gpkg_contents WHERE table_name = ?", (layer.name,)
            ).fetchone()
            assert system == 4547


def test_a_geopackage_says_where_it_comes_from(tmp_path: Path) -> None:
    source = Source("boundaries", "data/<&>.geojson", "ab" * 32, 2, licence="CC BY 4.0")
    write_all(plan("</x>&\u202e", sources=(source,)), tmp_path, None, contacts=False)
    with sqlite3.connect(tmp_path / "layout.gpkg") as base:
        (document,) = base.execute("SELECT metadata FROM gpkg_metadata").fetchone()
        moments = base.execute("SELECT last_change FROM gpkg_contents").fetchall()
        moments += base.execute("SELECT timestamp FROM gpkg_metadata_reference").fetchall()
    said = {child.tag.split("}")[1]: child.text or "" for child in ET.fromstring(document)}  # noqa: S314
    assert said["title"].startswith("</x>&")
    assert said["date"] == "2010-07-01"
    assert said["rights"] == "CC BY 4.0"
    assert source.path in said["source"]
    assert source.sha256 in said["source"]
    assert re.fullmatch(r"siteplan \d+\.\d+\.\d+", said["creator"])
    assert "EPSG:4547" in said["coverage"]
    assert set(moments) == {("2010-07-01T00:00:00.000Z",)}


def test_every_layer_has_a_style_that_is_used_at_once(folder: Path) -> None:
    with sqlite3.connect(folder / "layout.gpkg") as base:
        styles = base.execute(
            "SELECT f_table_name, styleQML, useAsDefault, update_time FROM layer_styles"
        ).fetchall()
        tables = {name for (name,) in base.execute("SELECT table_name FROM gpkg_geometry_columns")}
        columns = {
            name: {column[1] for column in base.execute(f"PRAGMA table_info({name})")}
            for name in tables
        }
    assert sorted(name for name, _, default, _ in styles if default) == sorted(tables)
    assert len({moment for *_, moment in styles}) == len(styles)  # QGIS tells them apart by it
    for name, qml, _, _ in styles:
        root = ET.fromstring(qml)  # noqa: S314
        renderer = root.find("renderer-v2")
        assert renderer is not None
        symbols = {one.get("name") for one in renderer.iter("symbol")}
        used = {one.get("symbol") for tag in ("category", "range") for one in renderer.iter(tag)}
        assert used <= symbols
        named = set(re.findall(r'"(\w+)"', renderer.get("attr") or ""))
        for label in root.iter("text-style"):
            text = label.get("fieldName") or ""
            named |= set(re.findall(r'"(\w+)"', text)) if '"' in text else {text}
        assert named <= columns[name]
        assert {one.get("field") for one in root.iter("alias")} <= columns[name]


def test_every_site_falls_into_a_class_of_the_style(folder: Path) -> None:
    with sqlite3.connect(folder / "layout.gpkg") as base:
        (qml,) = base.execute(
            "SELECT styleQML FROM layer_styles WHERE f_table_name = 'sites'"
        ).fetchone()
        seen = {
            f"{status}|{role or 'single'}"
            for status, role in base.execute("SELECT status, role FROM sites")
        }
    classes = {one.get("value") for one in ET.fromstring(qml).iter("category")}  # noqa: S314
    assert seen <= classes
    assert len(classes) == 9


# The project


def read_project(path: Path) -> ET.Element:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        assert name == "layout.qgs"
        return ET.fromstring(archive.read(name))  # noqa: S314


def test_the_project_refers_to_the_geopackage_beside_it(folder: Path) -> None:
    root = read_project(folder / "layout.qgz")
    layers = {one.findtext("id"): one.findtext("datasource") for one in root.iter("maplayer")}
    listed = [one.get("id") for one in root.iter("layer-tree-layer")]
    assert sorted(listed, key=str) == sorted(layers, key=str)
    assert all(len(str(id_)) >= 10 for id_ in layers)  # QGIS gives others an id of its own
    with sqlite3.connect(folder / "layout.gpkg") as base:
        tables = {name for (name,) in base.execute("SELECT table_name FROM gpkg_geometry_columns")}
    assert {str(source) for source in layers.values()} == {
        f"./layout.gpkg|layername={table}" for table in tables
    }
    assert root.findtext("projectCrs/spatialrefsys/authid") == "EPSG:4547"
    assert root.findtext("properties/Paths/Absolute") == "false"
    assert len(root.findall("layer-tree-group/layer-tree-group")) == 3


OPEN_PROJECT = """
import sys
from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsProject
from qgis.PyQt.QtCore import QSize
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
print(project.read(sys.argv[1]), project.crs().authid(), project.title())
for layer in sorted(project.mapLayers().values(), key=lambda one: one.id()):
    print(layer.id(), layer.isValid(), layer.featureCount(), type(layer.renderer()).__name__)
settings = QgsMapSettings()
settings.setLayers(project.layerTreeRoot().layerOrder())
settings.setDestinationCrs(project.crs())
settings.setExtent(project.viewSettings().defaultViewExtent())
settings.setOutputSize(QSize(400, 300))
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
print(len(job.errors()), len({image.pixel(x, y) for x in range(400) for y in range(300)}) > 20)
"""


def test_qgis_opens_the_project_and_draws_it(folder: Path, tmp_path: Path) -> None:
    if (
        QGIS_PYTHON is None
        or subprocess.run(
            [QGIS_PYTHON, "-c", "import qgis.core"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no QGIS (Debian: python3-qgis)")
    done = subprocess.run(
        [QGIS_PYTHON, "-c", OPEN_PROJECT, str(folder / "layout.qgz")],
        capture_output=True, text=True, check=True,
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "LANG": "C.UTF-8"},
    )  # fmt: skip
    first, *layers, last = done.stdout.strip().splitlines()
    assert first == "True EPSG:4547 街道"
    assert [line.split()[1] for line in layers] == ["True"] * 9
    kinds = {line.split()[0]: line.split()[3] for line in layers}
    assert kinds["siteplan_sites"] == "QgsCategorizedSymbolRenderer"
    assert kinds["siteplan_subdistricts"] == "QgsGraduatedSymbolRenderer"
    assert last == "0 True"


# Shapefiles


def read_table(content: bytes) -> tuple[list[str], list[dict[str, str | None]]]:
    """Read a dBASE table by its description, sharing nothing with what wrote it."""
    assert content[0] == 3
    rows, start, width = (
        int.from_bytes(content[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12))
    )
    fields = []
    at = 32
    while content[at] != 0x0D:
        name = content[at : at + 11].split(b"\0")[0].decode("ascii")
        fields.append((name, chr(content[at + 11]), content[at + 16]))
        at += 32
    assert at + 1 == start
    assert width == 1 + sum(size for *_, size in fields)
    assert len(content) == start + rows * width + 1
    table = []
    for number in range(rows):
        at = start + number * width + 1
        row: dict[str, str | None] = {}
        for name, kind, size in fields:
            cell = content[at : at + size].decode("utf-8").rstrip(" ")
            at += size
            absent = cell == "" or (kind == "N" and cell.strip("*") == "")
            row[name] = None if absent or (kind == "D" and not cell.strip("0")) else cell.lstrip()
            if kind == "C" and not absent:
                row[name] = cell
        table.append(row)
    return [name for name, *_ in fields], table


def test_tables_of_shapefiles_hold_the_same(evaluation: Evaluation, folder: Path) -> None:
    for layer in list_layers(evaluation, None, contacts=False):
        names, rows = read_table((folder / "shapefiles" / f"{layer.name}.dbf").read_bytes())
        assert names == [field.short for field in layer.fields]
        assert (folder / "shapefiles" / f"{layer.name}.cpg").read_bytes() == b"UTF-8"
        for row, values in zip(rows, layer.rows, strict=True):
            for field, value in zip(layer.fields, values, strict=True):
                read = row[field.short]
                if isinstance(value, float):
                    assert float(str(read)) == pytest.approx(value, abs=1e-9)
                elif isinstance(value, date):
                    assert read == value.strftime("%Y%m%d")
                else:
                    assert read == (None if value is None else str(value))


def test_a_long_text_ends_with_a_whole_character_and_that_is_said(tmp_path: Path) -> None:
    long = "街" * 84 + "道" + "路"  # 258 bytes: the limit lies within a character
    write_all(plan(texts=["a" + long, "街" * 84]), tmp_path, None, contacts=False)
    _, rows = read_table((tmp_path / "shapefiles" / "sites.dbf").read_bytes())
    names = {row["id"]: row["name"] for row in rows}
    assert names["t00"] == "a" + "街" * 84
    assert names["t01"] == "街" * 84
    told = (tmp_path / "shapefiles" / "fields.csv").read_text("utf-8-sig")
    notes = {
        (row["layer"], row["name"]): row["note_zh"] for row in csv.DictReader(io.StringIO(told))
    }
    assert notes["sites", "name"].startswith("1 条文字超过 254 字节")
    assert notes["sites", "id"] == ""


def test_the_dictionary_explains_every_column(evaluation: Evaluation, folder: Path) -> None:
    text = (folder / "shapefiles" / "fields.csv").read_text("utf-8-sig")
    told = {(row["layer"], row["short_name"]): row for row in csv.DictReader(io.StringIO(text))}
    for layer in list_layers(evaluation, None, contacts=False):
        names, _ = read_table((folder / "shapefiles" / f"{layer.name}.dbf").read_bytes())
        for name in names:
            row = told.pop((layer.name, name))
            assert row["alias_zh"]
            assert row["alias_en"].isprintable()
    assert not told


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120)
NUMBERS = st.floats(-1e9, 1e9).map(lambda number: round(number, 6) + 0.0)
FIELDS = (
    LayoutField("t", "t", make_standard().title),
    LayoutField("r", "r", make_standard().title, "real", 18, 6),
    LayoutField("i", "i", make_standard().title, "integer", 9),
    LayoutField("d", "d", make_standard().title, "date", 8),
)
ROWS = st.tuples(
    st.none() | ANY_TEXT,
    st.none() | NUMBERS,
    st.none() | st.integers(-(10**7), 10**8),
    st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
)


@given(st.lists(ROWS, max_size=5))
def test_whatever_stands_in_a_table_is_read_again(rows: list[tuple[Any, ...]]) -> None:
    written = write_table(FIELDS, rows, MOMENT)
    _, read = read_table(written.content)
    assert len(read) == len(rows)
    for row, (text, number, count, day) in zip(read, rows, strict=True):
        whole = (text or "").rstrip(" ")
        kept = row["t"] or ""
        assert whole.startswith(kept.rstrip(" "))
        if len(whole.encode()) <= 254:
            assert kept == whole
        else:
            assert len(kept.encode()) > 254 - 4 - (len(kept) - len(kept.rstrip(" ")))
        assert (row["r"] is None) is (number is None)
        if number is not None:
            assert float(str(row["r"])) == pytest.approx(number, rel=1e-9, abs=1e-6)
        assert row["i"] == (None if count is None else str(count))
        assert row["d"] == (None if day is None else f"{day.year:04}{day.month:02}{day.day:02}")


# GeoJSON


def test_geojson_is_what_its_standard_asks_for(evaluation: Evaluation, folder: Path) -> None:
    place = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True)
    for layer in list_layers(evaluation, None, contacts=False):
        text = (folder / "geojson" / f"{layer.name}.geojson").read_text(encoding="utf-8")
        document = json.loads(text)
        assert "crs" not in document
        assert document["type"] == "FeatureCollection"
        assert len(document["features"]) == len(layer.rows)
        for feature, row, whole in zip(document["features"], layer.rows, layer.shapes, strict=True):
            assert set(feature) == {"type", "geometry", "properties"}
            for field, value in zip(layer.fields, row, strict=True):
                hold_value(field, value, feature["properties"][field.name])
            if whole is None:
                assert feature["geometry"] is None
                continue
            decimals = re.findall(r"\.(\d+)", json.dumps(feature["geometry"]["coordinates"]))
            assert max(map(len, decimals)) <= 7
            again = shape(feature["geometry"])
            assert again.is_valid
            for polygon in shapely.get_parts(again) if layer.geometry == "polygon" else ():
                assert polygon.exterior.is_ccw
                assert not any(ring.is_ccw for ring in polygon.interiors)
            metres = shapely.transform(
                again, lambda xy: np.column_stack(place.transform(xy[:, 0], xy[:, 1]))
            )
            assert metres.hausdorff_distance(whole) < 0.02


# Hostile names, nothing at all, and the same again


def test_no_name_changes_on_its_way_through_any_format(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    evaluation = plan(HOSTILE[1], texts=TEXTS)
    write_all(evaluation, folder, None, contacts=False)
    wanted = {f"t{i:02}": text for i, text in enumerate(TEXTS)}
    assert len(wanted) > 50
    found = {
        "json": [
            feature["properties"]
            for feature in json.loads((folder / "geojson" / "sites.geojson").read_bytes())[
                "features"
            ]
        ],
        "dbf": read_table((folder / "shapefiles" / "sites.dbf").read_bytes())[1],
        "gdb": [
            feature["properties"]
            for feature in open_with_gdal(folder / "layout.gdb", "sites", tmp_path)
        ],
        "shp": [
            feature["properties"]
            for feature in open_with_gdal(folder / "shapefiles" / "sites.shp", "sites", tmp_path)
        ],
    }
    with sqlite3.connect(folder / "layout.gpkg") as base:
        found["gpkg"] = [
            {"id": id_, "name": name, "address": address}
            for id_, name, address in base.execute("SELECT id, name, address FROM sites")
        ]
    for program, rows in found.items():
        for key in ("name", "address"):
            read = {row["id"]: row[key] for row in rows if row["id"] in wanted}
            assert read == wanted, program
    root = read_project(folder / "layout.qgz")
    assert root.findtext("title") == HOSTILE[1]


@pytest.mark.parametrize("character", ["\0", "\x1a", "\x7f", "\ud800"])
def test_what_no_format_can_hold_is_replaced_and_not_lost(character: str, tmp_path: Path) -> None:
    write_all(plan(texts=[f"甲{character}乙"]), tmp_path, None, contacts=False)
    with sqlite3.connect(tmp_path / "layout.gpkg") as base:
        (name,) = base.execute("SELECT name FROM sites WHERE id = 't00'").fetchone()
    assert re.fullmatch(r"甲[\ufffd?]乙", name)
    _, rows = read_table((tmp_path / "shapefiles" / "sites.dbf").read_bytes())
    assert name in {row["name"] for row in rows}


@pytest.mark.parametrize("when", [date(2010, 7, 1), None])
def test_the_same_input_gives_the_same_bytes(
    when: date | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first, second = tmp_path / "1", tmp_path / "2"
    for path in (first, second):
        path.mkdir()
        written = write_all(plan(date=when), path, "4490", contacts=False)
        assert written == sorted(written)
        assert {name for name in written if name.startswith(BY_CONTENT)}
        present = [one.relative_to(path).as_posix() for one in path.rglob("*") if one.is_file()]
        assert written == sorted(present)
    for name in written:
        if not name.startswith(BY_CONTENT):
            assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_a_case_without_sites_gives_empty_layers_that_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    full = plan()
    bare = evaluate(replace(full.case, sites=make_sites()))
    write_all(bare, folder, None, contacts=True)
    layers = list_layers(bare, None, contacts=True)
    counts = {layer.name: len(layer.rows) for layer in layers}
    assert (counts["sites"], counts["links"], counts["service_areas"], counts["catchments"]) == (
        0, 0, 0, 0,
    )  # fmt: skip
    assert counts["subdistricts"] == 2
    for layer in layers:
        for path, short in (
            (folder / "layout.gpkg", False),
            (folder / "layout.gdb", False),
            (folder / "shapefiles" / f"{layer.name}.shp", True),
        ):
            hold_same(layer, open_with_gdal(path, layer.name, tmp_path), short=short)
        document = json.loads((folder / "geojson" / f"{layer.name}.geojson").read_bytes())
        assert len(document["features"]) == len(layer.rows)


def test_a_case_without_roads_is_written_too(tmp_path: Path) -> None:
    evaluation = plan(roads=None)
    assert evaluation.method == "straight-line"
    write_all(evaluation, tmp_path, None, contacts=False)
    sites = list_rows(pick(list_layers(evaluation, None, contacts=False), "sites"))
    assert {row["snap_distance_m"] for row in sites} == {None}


# Catchments


PLACES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(-1, 3)), min_size=1, max_size=25
)
GROUND = shapely.Polygon([(0, 0), (20, 0), (20, 20), (10, 8), (0, 20)])


@given(PLACES)
@settings(max_examples=60)
def test_a_catchment_is_the_ground_nearest_to_its_residents(
    places: list[tuple[int, int, int]],
) -> None:
    known = {(x, y): owner for x, y, owner in reversed(places)}  # the first at a place counts
    x, y, owner = (np.array(column) for column in zip(*places, strict=True))
    grounds = draw_catchments(x.astype(float), y.astype(float), owner.astype(np.intp), GROUND)
    assert list(grounds) == sorted(grounds)
    for one in grounds.values():
        assert one.is_valid
        assert one.difference(GROUND).area < 1e-6
    for east in np.arange(0.37, 20, 1.3):
        for north in np.arange(0.41, 20, 1.3):
            point = shapely.Point(east, north)
            if not GROUND.contains(point):
                continue
            far = {at: math.dist(at, (east, north)) for at in known}
            least = min(far.values())
            nearest = {known[at] for at in known if far[at] < least + 1e-6}
            found = {member for member, one in grounds.items() if one.intersects(point)}
            if len(nearest) == 1:
                assert found == nearest - {-1}


def test_a_catchment_needs_residents() -> None:
    nobody = np.empty(0)
    assert draw_catchments(nobody, nobody, nobody.astype(np.intp), GROUND) == {}
    alone = draw_catchments(np.array([1.0]), np.array([1.0]), np.array([3]), GROUND)
    assert alone == {3: GROUND}


def test_no_field_tells_of_walks_where_straight_lines_were_measured(
    tmp_path: Path,
) -> None:
    case = read_case(write_town(tmp_path / "case"))
    for layer in list_layers(evaluate(case, distance="straight-line"), None, contacts=False):
        for one in (layer.title, *(field.alias for field in layer.fields)):
            assert "步行" not in one.zh
            assert "walk" not in one.en.lower()
            assert "on foot" not in one.en
