"""All vector files of a layout plan."""

from collections.abc import Sequence
from pathlib import Path

from siteplan.model import Case
from siteplan.outputs.layout.exchange import write_geodatabase, write_geojson
from siteplan.outputs.layout.geopackage import write_geopackage
from siteplan.outputs.layout.layers import LayoutLayer
from siteplan.outputs.layout.moment import find_file_time
from siteplan.outputs.layout.qgis import write_project
from siteplan.outputs.layout.shapefiles import write_dictionary, write_shapefile
from siteplan.outputs.layout.target import choose_target

GEOPACKAGE, PROJECT, GEODATABASE = "layout.gpkg", "layout.qgz", "layout.gdb"
SHAPEFILES, DICTIONARY, GEOJSON = "shapefiles", "fields.csv", "geojson"
BY_CONTENT = f"{GEODATABASE}/"
"""Begins the names of files that differ in their bytes each time: they are compared by content."""


def write_vectors(
    case: Case, layers: Sequence[LayoutLayer], folder: Path, crs: str | None
) -> list[str]:
    """Write the layers of a layout plan in every vector format; return what was written.

    GeoJSON is in WGS84 as its standard asks; all else is in the CRS asked for. The same input gives
    the same bytes, but for the files that begin as `BY_CONTENT` says.

    Parameters
    ----------
    case
        What the layers tell of.
    layers
        As `list_layers` gives them.
    folder
        An empty one that exists.
    crs
        What `list_layers` was asked for.

    Returns
    -------
    list
        File names relative to the folder, with forward slashes, in order of name.

    Raises
    ------
    CrsError
        As `choose_target`; nothing is written then.
    """
    target, moment = choose_target(crs, case.area), find_file_time(case)
    write_geopackage(case, layers, target, folder / GEOPACKAGE)
    (folder / PROJECT).write_bytes(write_project(case, layers, target, GEOPACKAGE))
    write_geodatabase(layers, target, folder / GEODATABASE)
    described = []
    for inner in (SHAPEFILES, GEOJSON):
        (folder / inner).mkdir()
    for layer in layers:
        files, table = write_shapefile(layer, target, moment)
        described.append((layer, table))
        for end, content in files.items():
            (folder / SHAPEFILES / f"{layer.name}{end}").write_bytes(content)
        name = f"{layer.name}.geojson"
        (folder / GEOJSON / name).write_bytes(write_geojson(layer, target))
    (folder / SHAPEFILES / DICTIONARY).write_bytes(write_dictionary(described))
    written = [path for path in folder.rglob("*") if path.is_file() and _is_ours(path, folder)]
    return sorted(path.relative_to(folder).as_posix() for path in written)


def _is_ours(path: Path, folder: Path) -> bool:
    first = path.relative_to(folder).parts[0]
    return first in {GEOPACKAGE, PROJECT, GEODATABASE, SHAPEFILES, GEOJSON}
