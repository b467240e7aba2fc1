"""The layout plan as a GeoPackage: all layers in one file, which QGIS opens already drawn."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np
import numpy.typing as npt
import pyogrio
import pyogrio.raw
import shapely

from siteplan.files import clean_text
from siteplan.model import Case
from siteplan.outputs.layout.layers import LayoutLayer
from siteplan.outputs.layout.moment import find_file_time
from siteplan.outputs.layout.qgis import write_style
from siteplan.outputs.layout.styles import BOUNDARIES, list_styles, say_both
from siteplan.outputs.layout.target import Target

GEOPACKAGE_VERSION = "1.2"  # what every GDAL and ArcGIS of the last years reads in full
GEOMETRY = "geom"
KINDS = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon", "none": None}
TYPES = {"text": "O", "integer": "i4", "real": "f8", "date": "M8[D]"}
EMPTY = {"integer": 0, "real": np.nan, "date": "NaT", "text": None}
LANGUAGE = "zh"
STYLES = """
CREATE TABLE layer_styles (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
 f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
 styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
 owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
"""As QGIS makes it."""
COLUMNS = """
CREATE TABLE gpkg_data_columns (
 table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
 mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
 CONSTRAINT gdc_tn UNIQUE (table_name, name))
"""
METADATA = """
CREATE TABLE gpkg_metadata (
 id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
 md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml',
 metadata TEXT NOT NULL DEFAULT '')
"""
REFERENCES = """
CREATE TABLE gpkg_metadata_reference (
 reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
 timestamp DATETIME NOT NULL, md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
 CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
 CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id))
"""
"""As the standard has them: https://www.geopackage.org/spec121/."""
EXTENSIONS = {
    "gpkg_metadata": ("gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
    "gpkg_metadata_reference": (
        "gpkg_metadata",
        "http://www.geopackage.org/spec121/#extension_metadata",
    ),
    "gpkg_data_columns": ("gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
}
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"


def write_geopackage(case: Case, layers: Sequence[LayoutLayer], target: Target, path: Path) -> None:
    """Write all layers with their styles, the names of their columns, and where all comes from.

    The same layers give the same bytes.

    Parameters
    ----------
    case
        Whose name, date and sources stand in the metadata.
    layers
        Those on top of a map first.
    target
        Their CRS.
    path
        A file that does not exist yet.
    """
    moment = find_file_time(case)
    with _settle_gdal(moment):
        for number, layer in enumerate(layers):
            write_layer(
                layer, target, path, "GPKG", append=number > 0,
                options={"GEOMETRY_NAME": GEOMETRY, "SPATIAL_INDEX": "YES"},
            )  # fmt: skip
    with closing(sqlite3.connect(path)) as base, base:
        _add_titles(base, layers)
        _add_columns(base, layers)
        _add_styles(base, layers, moment)
        _add_metadata(base, describe_case(case, target), moment)


def write_layer(  # as the library takes it
    layer: LayoutLayer,
    target: Target,
    path: Path,
    driver: str,
    *,
    append: bool,
    options: Mapping[str, str],
) -> None:
    """Write one layer through GDAL."""
    columns = list(zip(*layer.rows, strict=True)) if layer.rows else [()] * len(layer.fields)
    data: list[npt.NDArray[np.generic]] = []
    masks: list[npt.NDArray[np.bool_]] = []
    for field, column in zip(layer.fields, columns, strict=True):
        absent = np.array([value is None for value in column], dtype=np.bool_)
        filled = [EMPTY[field.kind] if value is None else value for value in column]
        typed = np.array(filled, dtype=TYPES[field.kind])
        if field.kind == "date" and driver == "OpenFileGDB":  # it knows moments alone
            typed = typed.astype("datetime64[ms]")
        data.append(typed)
        masks.append(absent)
    first = driver == "GPKG" and not append
    pyogrio.raw.write(
        path,
        shapely.to_wkb(layer.shapes),
        data,
        [field.name for field in layer.fields],
        masks,
        layer=layer.name,
        driver=driver,
        geometry_type=KINDS[layer.geometry],
        crs=target.crs,
        append=append,
        dataset_options={"VERSION": GEOPACKAGE_VERSION} if first else None,
        layer_options=dict(options),
    )


@contextmanager
def _settle_gdal(moment: datetime) -> Iterator[None]:
    """Let GDAL write nothing of today, and nothing that depends on which thread is faster."""
    settings = {
        "OGR_CURRENT_DATE": _say_moment(moment),
        "OGR_GPKG_ALLOW_THREADED_RTREE": "NO",
    }
    before = {name: pyogrio.get_gdal_config_option(name) for name in settings}
    pyogrio.set_gdal_config_options(settings)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _say_moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _add_titles(base: sqlite3.Connection, layers: Sequence[LayoutLayer]) -> None:
    base.executemany(
        "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
        [(say_both(layer.title), layer.title.en, layer.name) for layer in layers],
    )


def _add_columns(base: sqlite3.Connection, layers: Sequence[LayoutLayer]) -> None:
    """Add what columns are called: GDAL's alternative name is the `name` of the standard."""
    base.execute(COLUMNS)
    base.executemany(
        "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)",
        [
            (
                layer.name,
                field.name,
                field.alias.zh,
                field.alias.en,
                " ".join(filter(None, (field.alias.en, field.unit.en and f"[{field.unit.en}]"))),
            )
            for layer in layers
            for field in layer.fields
        ],
    )
    _add_extension(base, "gpkg_data_columns")


def _add_styles(base: sqlite3.Connection, layers: Sequence[LayoutLayer], moment: datetime) -> None:
    styles = list_styles()
    base.execute(STYLES)
    base.execute(
        "INSERT INTO gpkg_contents VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?,"
        " NULL, NULL, NULL, NULL, 0)",
        (_say_moment(moment),),
    )
    by_name = {layer.name: layer for layer in layers}
    for number, (name, style) in enumerate(styles.items()):
        layer = by_name["subdistricts" if name == BOUNDARIES else name]
        base.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner,"
            " ui, update_time) VALUES ('', '', ?, ?, ?, ?, '', ?, ?, '', NULL, ?)",
            (
                layer.name,
                GEOMETRY,
                name,
                write_style(layer, style),
                int(name != BOUNDARIES),
                layer.title.en,
                _say_moment(moment + timedelta(seconds=number)),  # QGIS tells them apart by it
            ),
        )


def _add_metadata(base: sqlite3.Connection, document: str, moment: datetime) -> None:
    base.execute(METADATA)
    base.execute(REFERENCES)
    base.execute(
        "INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'text/xml', ?)",
        (DUBLIN_CORE, document),
    )
    base.execute(
        "INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, ?, 1, NULL)",
        (_say_moment(moment),),
    )
    for table in ("gpkg_metadata", "gpkg_metadata_reference"):
        _add_extension(base, table)


def _add_extension(base: sqlite3.Connection, table: str) -> None:
    name, definition = EXTENSIONS[table]
    base.execute(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')",
        (table, name, definition),
    )


def describe_case(case: Case, target: Target) -> str:
    """Return title, date, coordinates, sources and licences as Dublin Core."""
    root = Element("metadata", {"xmlns:dc": DUBLIN_CORE})

    def add(name: str, text: str) -> None:
        SubElement(root, f"dc:{name}").text = clean_text(text)

    add("title", case.name)
    if case.date is not None:
        add("date", case.date.isoformat())
    add("creator", f"siteplan {version('siteplan')}")
    add("language", LANGUAGE)
    add("coverage", f"{target.crs} {target.name}; {say_both(target.datum)}")
    for source in case.sources:
        licence = f" ({source.licence})" if source.licence else ""
        add("source", f"{source.role}: {source.path}{licence} sha256 {source.sha256}")
    for licence in sorted({source.licence for source in case.sources if source.licence}):
        add("rights", licence)
    indent(root, " ")
    return tostring(root, encoding="unicode") + "\n"
