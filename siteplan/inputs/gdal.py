"""GeoPackage and Shapefile through GDAL, which is given nothing that only claims to be one."""

import re
from pathlib import Path

import pyproj

from siteplan.crs import LON_LAT
from siteplan.errors import Defect, InputError, Text
from siteplan.files import decode_text, read_bytes
from siteplan.inputs.features import Features

OFFLINE = {"GDAL_HTTP_PROXY": "127.0.0.1:9", "CPL_VSIL_CURL_ALLOWED_FILENAME": "none"}
"""Settings of GDAL with which nothing it reads can reach the network: port 9 discards."""
SHAPEFILE = ".shp"
GEOPACKAGE = ".gpkg"
HEADER_BYTES = 100
DBF_LANGUAGE = 29  # the byte of a .dbf that says in which code page its texts are
MAGIC = {
    GEOPACKAGE: re.compile(rb"SQLite format 3\0.{52}GP", re.DOTALL),
    SHAPEFILE: re.compile(rb"\x00\x00\x27\x0a"),
}
"""First bytes of the formats that GDAL reads for us. GDAL chooses its driver by content: a file
named .gpkg that holds something else must not reach it."""


def read_with_gdal(path: Path, label: str) -> Features:
    """Read the one layer of a GeoPackage or a Shapefile.

    Raises
    ------
    InputError
        If it is neither, cannot be read, or does not hold just one layer with features.
    """
    import geopandas as gpd
    import pyogrio

    pyogrio.set_gdal_config_options(OFFLINE)
    suffix, path = path.suffix.lower(), path.resolve()  # `a:b` must not look like an address
    layers: list[str] = []
    frame = None
    try:
        with path.open("rb") as stream:
            genuine = MAGIC[suffix].match(stream.read(HEADER_BYTES))
        if genuine is None:
            problem = Text(f"不是 {suffix} 文件", f"is not a {suffix} file, whatever its name says")
            raise InputError(Defect(label, problem, Text("请重新导出", "Export it again")))
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
        if len(layers) == 1:
            frame = gpd.read_file(
                path,
                layer=layers[0],
                engine="pyogrio",
                on_invalid="ignore",
                encoding=_find_encoding(path, label),
            )
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        problem = Text(f"文件读不出来（{error}）", f"cannot be read ({error})")
        raise InputError(Defect(label, problem, Text("请重新导出", "Export it again"))) from error
    if frame is None:
        held = ", ".join(layers) or "—"
        problem = Text(f"应只有一个图层，现有：{held}", f"must hold one layer, holds: {held}")
        remedy = Text("请把一个图层单独导出", "Export one layer by itself")
        raise InputError(Defect(label, problem, remedy))
    if frame.empty:
        problem = Text("没有任何要素", "holds no features")
        raise InputError(Defect(label, problem, Text("请重新导出", "Export it again")))
    crs = pyproj.CRS(LON_LAT) if frame.crs is None else pyproj.CRS(frame.crs)
    table = frame.drop(columns=frame.geometry.name).astype(object)
    attributes = table.where(table.notna(), None).to_dict("records")
    rows = list(range(1, len(attributes) + 1))
    return Features(list(frame.geometry.to_numpy()), attributes, rows, crs)


def _find_encoding(path: Path, label: str) -> str | None:
    """Return the encoding of a Shapefile's table where no file beside it says so."""
    table = next(
        (path.with_suffix(end) for end in (".dbf", ".DBF") if path.with_suffix(end).exists()), None
    )
    named = any(path.with_suffix(end).exists() for end in (".cpg", ".CPG"))
    if path.suffix.lower() != SHAPEFILE or table is None or named:
        return None
    content = read_bytes(table, label)
    header_bytes = int.from_bytes(content[8:10], "little")
    if content[DBF_LANGUAGE : DBF_LANGUAGE + 1] not in {b"\0", b""}:
        return None  # GDAL knows what the language byte stands for
    text = content[header_bytes:]
    return None if text.isascii() else decode_text(text, label)[1]
