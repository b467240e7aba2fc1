"""A file as it was meant: what was wrong beyond doubt put right, and what stood there kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from siteplan.crs import recognise_zone
from siteplan.errors import Defect
from siteplan.geometry import stand_inside
from siteplan.inputs.fields import is_missing
from siteplan.inputs.vector import Layer
from siteplan.model import Change, Correction, Geometries, Shape
from siteplan.schema import KEYS, find_field, find_header

MOST_VERTICES = 500  # of a shape that is kept beside the one it became
MOVED_DEGREES = 1e-9  # a tenth of a millimetre: below it nothing has moved


def correct_layer(
    layer: Layer,
    defects: Sequence[Defect],
    geometry: Geometries,
    datum: str | None,
    columns: Mapping[str, str],
) -> Correction | None:
    """Return a file as it was meant; None if nothing is to be corrected.

    What could not be read cannot be kept either, and is named among the changes.

    A feature that is moved keeps its coordinates under `original_coordinates` (unless it is larger
    than any parcel: the file itself stays), and what they were taken for under `original_datum`.

    Parameters
    ----------
    layer
        The file.
    defects
        Of it; those that are mended become changes.
    geometry
        Where its features really are, WGS84 longitude and latitude; None where that is unknown.
    datum
        What their coordinates are in, if it is not what the file says.
    columns
        The file's names of our keys.
    """
    mended: dict[int | None, dict[str, str]] = defaultdict(dict)
    changes = []
    for defect in defects:
        if defect.mended is not None:
            here = (defect.feature, defect.name, defect.field)
            changes.append(Change(*here, defect.message, defect.mended))
            if defect.field is not None:
                mended[defect.feature][defect.field] = defect.mended
    if not changes:
        return None
    changes += [
        Change(defect.feature, defect.name, defect.field, defect.message, None)
        for defect in defects
        if defect.stage == "read" and defect.severity == "error" and defect.mended is None
    ]
    features: list[tuple[Mapping[str, object], Shape | None]] = []
    for index, properties in enumerate(layer.properties):
        values = dict(properties)
        for key, after in mended[layer.rows[index]].items():
            values |= _replace_value(values, key, after, columns)
        values |= _keep_original(layer, index, geometry[index], datum)
        features.append((values, geometry[index]))
    return Correction(tuple(features), tuple(changes))


def _replace_value(
    values: Mapping[str, object], key: str, after: str, columns: Mapping[str, str]
) -> dict[str, object]:
    """Return the corrected value under the name that the file has for its key."""
    meant = [name for name in values if find_header(name) == key]
    names = [columns.get(key, key), key, KEYS.get(key, key), *meant]
    name = next((name for name in names if not is_missing(values.get(name))), None)
    if name is None:
        return {}  # longitude and latitude stand in the geometry
    if find_field(key).kind != "number":
        return {name: after}
    number = float(after)
    return {name: int(number) if number.is_integer() else number}


def _keep_original(
    layer: Layer, index: int, geometry: Shape | None, datum: str | None
) -> dict[str, object]:
    """Return what a corrected feature remembers of where it was."""
    before = layer.raw[index]
    if geometry is None or before is None or "original_coordinates" in layer.properties[index]:
        return {}
    if shapely.get_num_coordinates(before) > MOST_VERTICES:
        return {"original_datum": datum or layer.datums[index]}
    there, here = stand_inside(np.array([before, geometry], dtype=object))
    if shapely.distance(there, here) <= MOVED_DEGREES:
        return {}
    zone = recognise_zone(there.x, there.y)
    text = f"{there.x:.12g}, {there.y:.12g}" if before == there else shapely.to_wkt(before)
    taken_for = zone[0] if zone else datum or layer.datums[index]
    return {"original_coordinates": text, "original_datum": taken_for}
