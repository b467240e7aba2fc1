"""What was parsed of an OpenStreetMap extract, kept for the next run.

An entry is found by the hash of the extract's bytes, by what was asked of it and by the version of
this code, so it is never stale; and it begins with a hash of itself, so a damaged one is not
trusted but made again. The folder is the user's cache; `SITEPLAN_CACHE` names another, or none if
it is empty.
"""

import hashlib
import io
import os
from contextlib import suppress
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import numpy as np
import platformdirs
import shapely

from siteplan.crs import Datum
from siteplan.files import hash_file
from siteplan.inputs.osm import read_osm
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.model import Geometries

VARIABLE = "SITEPLAN_CACHE"
LAYOUT = 7  # of an entry; a change of it, or of what `read_osm` returns, counts this up
DIGEST_BYTES = 32
MOST_ENTRIES = 12
ARRAYS = (
    "refs", "lon", "lat", "run", "highway", "crossing", "crossing_kind", "crossing_name", "levels",
    "service_kind", "service_name", "service_lon", "service_lat",
    "stop_kind", "stop_name", "stop_lon", "stop_lat",
    "place_kind", "place_zh", "place_en", "place_lon", "place_lat",
    "named_highway", "named_zh", "named_en",
)  # fmt: skip
COUNTS = ("ways", "missing_nodes", "lost_buildings")
SHAPES = ("buildings", "water", "barriers", "green", "rail", "motorways", "named_roads")


def read_osm_once(path: Path, label: str, datum: Datum = "wgs84") -> OsmExtract:
    """Read an extract as `read_osm` does, from the cache where the same one was read before.

    Raises
    ------
    InputError
        As `read_osm`.
    """
    folder = find_cache()
    if folder is None:
        return read_osm(path, label, datum)
    words = (hash_file(path), datum, str(LAYOUT), version("siteplan"), version("osmium"))
    key = hashlib.sha256("\n".join(words).encode()).hexdigest()
    entry = folder / f"{key}.osm"
    extract = _load(entry)
    if extract is None:
        extract = read_osm(path, label, datum)
        with suppress(OSError):  # a full disk or a folder that is not ours costs time, nothing else
            _save(entry, extract)
            _forget_oldest(folder)
    return extract


def find_cache() -> Path | None:
    """Return the folder of what is kept for later runs; None if nothing is to be kept."""
    named = os.environ.get(VARIABLE)
    if named is None:
        return Path(platformdirs.user_cache_dir("siteplan", appauthor=False))
    return Path(named) if named else None


def _load(entry: Path) -> OsmExtract | None:
    """Return what an entry holds; None if there is none, or it is not what was written."""
    try:
        content = entry.read_bytes()
    except OSError:
        return None
    payload = content[DIGEST_BYTES:]
    if hashlib.sha256(payload).digest() != content[:DIGEST_BYTES]:
        return None
    with np.load(io.BytesIO(payload), allow_pickle=False) as held:
        values: dict[str, object] = {name: held[name] for name in ARRAYS}
        values |= {name: int(held[name]) for name in COUNTS}
        values |= {name: _unpack(held[name], held[f"{name}_start"]) for name in SHAPES}
    return OsmExtract(**values)  # type: ignore[arg-type]  # each as `_save` took it


def _save(entry: Path, extract: OsmExtract) -> None:
    """Write an entry whole, beside its place first."""
    values = {name: getattr(extract, name) for name in (*ARRAYS, *COUNTS)}
    for name in SHAPES:
        values[name], values[f"{name}_start"] = _pack(getattr(extract, name))
    stream = io.BytesIO()
    np.savez(stream, **values)
    payload = stream.getvalue()
    entry.parent.mkdir(parents=True, exist_ok=True)
    beside = entry.with_suffix(f".{os.getpid()}")
    beside.write_bytes(hashlib.sha256(payload).digest() + payload)
    beside.replace(entry)


def _forget_oldest(folder: Path) -> None:
    entries = sorted(folder.glob("*.osm"), key=lambda entry: entry.stat().st_mtime)
    for entry in entries[:-MOST_ENTRIES]:
        entry.unlink()


def _pack(shapes: Geometries) -> tuple[np.ndarray, np.ndarray]:
    """Return shapes as one run of bytes, and where each begins."""
    written = shapely.to_wkb(shapes).tolist()
    start = np.cumsum([0, *map(len, written)])
    return np.frombuffer(b"".join(written), dtype=np.uint8), start


def _unpack(content: np.ndarray, start: np.ndarray) -> Geometries:
    """Return the shapes that `_pack` wrote, to the bit."""
    whole = content.tobytes()
    parts = [whole[begin:end] for begin, end in pairwise(start)]
    return np.asarray(shapely.from_wkb(np.array(parts, dtype=object)), dtype=object)
