"""Passes over an OpenStreetMap extract of any size: what is kept of it is what was asked for.

Ids are looked up in sets of Python. The filters of osmium by id keep a bit for each id up to the
largest there is, which are 1.6 GiB for nodes, and refuse the negative ids of files that are drawn.
"""

from array import array
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt
import osmium
from osmium.osm import Node, Relation, Way
from osmium.osm.types import OSMEntity

from siteplan.errors import Defect, InputError, Text
from siteplan.files import refuse_doctype
from siteplan.inputs.osm import PROLOGUE, is_osm

REPLICATED = "osmosis_replication_timestamp"  # key of the header
UNITS = 10_000_000  # of a degree, in which osmium has its places
BATCH = 1 << 20  # references that are looked up at once

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Extract:
    """An OpenStreetMap file to pass over.

    Attributes
    ----------
    path
        The file.
    kind
        `pbf` or `osm`.
    label
        Its name in messages.
    replicated
        Up to when it holds the edits of OpenStreetMap, as its header says; empty if it does not.
    """

    path: Path
    kind: str
    label: str
    replicated: str


class Found(NamedTuple):
    """Nodes in ascending order of id, with longitude and latitude, shape (nodes, 2)."""

    ids: Ids
    lonlat: npt.NDArray[np.float64]


def open_extract(path: Path, label: str | None = None) -> Extract:
    """Look at the header of an extract; its file name is its label unless another is given.

    Raises
    ------
    InputError
        If it is no OpenStreetMap file, declares a document type, or holds a history.
    """
    label = label or path.name
    if not is_osm(path):
        problem = Text("不是 OpenStreetMap 文件", "is not an OpenStreetMap file")
        remedy = Text("请给出 .osm.pbf 或 .osm 文件", "Give a .osm.pbf or .osm file")
        raise InputError(Defect(label, problem, remedy))
    kind = "osm" if path.name.lower().endswith(".osm") else "pbf"
    with refuse_broken(label):
        if kind == "osm":
            with path.open("rb") as stream:
                refuse_doctype(stream.read(PROLOGUE), label)
        reader = osmium.io.Reader(osmium.io.File(str(path), kind), osmium.osm.NOTHING)
        try:
            header = reader.header()
        finally:
            reader.close()
    if header.has_multiple_object_versions:
        problem = Text("是历史文件", "holds a history")
        remedy = Text("请用普通的 .osm.pbf", "Take a plain .osm.pbf")
        raise InputError(Defect(label, problem, remedy))
    return Extract(path, kind, label, header.get(REPLICATED))


@contextmanager
def refuse_broken(label: str) -> Iterator[None]:
    """Turn what osmium raises on a file that it cannot parse into an `InputError`."""
    try:
        yield
    except (RuntimeError, OSError) as error:
        problem = Text(f"不是完整的 OSM 文件（{error}）", f"is not a whole OSM file ({error})")
        raise InputError(Defect(label, problem, Text("请重新下载", "Download it again"))) from error


def _scan(extract: Extract, kind: osmium.osm.osm_entity_bits, *keys: str) -> Iterator[OSMEntity]:
    """Yield the objects of one type; with keys only those that have a tag of one of them.

    Raises
    ------
    InputError
        If the file is not whole.
    """
    filters = [osmium.filter.KeyFilter(*keys)] if keys else []
    file = osmium.io.File(str(extract.path), extract.kind)
    with refuse_broken(extract.label), osmium.io.Reader(file, kind) as reader:
        yield from osmium.OsmFileIterator(reader, *filters)


def scan_nodes(extract: Extract, *keys: str) -> Iterator[Node]:
    """Yield nodes."""
    return cast("Iterator[Node]", _scan(extract, osmium.osm.NODE, *keys))


def scan_ways(extract: Extract, *keys: str) -> Iterator[Way]:
    """Yield ways, their nodes without places."""
    return cast("Iterator[Way]", _scan(extract, osmium.osm.WAY, *keys))


def scan_relations(extract: Extract, *keys: str) -> Iterator[Relation]:
    """Yield relations."""
    return cast("Iterator[Relation]", _scan(extract, osmium.osm.RELATION, *keys))


def collect_places(extract: Extract, wanted: Collection[int]) -> Found:
    """Return where nodes are; those that the file does not hold are missing in it."""
    ids, lonlat = array("q"), array("d")
    for node in scan_nodes(extract):
        if node.id in wanted and node.location.valid():
            ids.append(node.id)
            lonlat.extend((node.lon, node.lat))
    return _order(ids, np.array(lonlat, dtype=np.float64))


def collect_in_box(extract: Extract, box: Sequence[float]) -> Found:
    """Return the nodes in a box of degrees: west, south, east, north."""
    west, south, east, north = (round(bound * UNITS) for bound in box)
    ids, units = array("q"), array("q")
    for node in scan_nodes(extract):
        place = node.location  # without a place its units are larger than any
        if south <= (y := place.y) <= north and west <= (x := place.x) <= east:
            ids.append(node.id)
            units.extend((x, y))
    return _order(ids, np.array(units, dtype=np.float64) / UNITS)


def _order(ids: "array[int]", lonlat: npt.NDArray[np.float64]) -> Found:
    known = np.array(ids, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    order = order[np.diff(known[order], prepend=known.min(initial=0) - 1) > 0]
    return Found(known[order], lonlat.reshape(-1, 2)[order])


def hold(known: Ids, ids: Ids) -> npt.NDArray[np.bool_]:
    """Whether each id is among the known, which ascend."""
    if not len(known):
        return np.zeros(len(ids), dtype=np.bool_)
    at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.asarray(known[at] == ids, dtype=np.bool_)


def touch(ways: Iterator[Way], nodes: Ids) -> Iterator[int]:
    """Yield those of the ways of which a node is among the given ones, which ascend."""
    ids, counts, refs = array("q"), array("q"), array("q")
    for way in chain(ways, [None]):
        if way is not None and len(way.nodes):
            before = len(refs)
            refs.extend([node.ref for node in way.nodes])
            ids.append(way.id)
            counts.append(len(refs) - before)
        if ids and (way is None or len(refs) >= BATCH):
            starts = np.r_[0, np.cumsum(counts)[:-1]]
            inside = np.logical_or.reduceat(hold(nodes, np.array(refs, dtype=np.int64)), starts)
            yield from np.array(ids, dtype=np.int64)[inside].tolist()
            ids, counts, refs = array("q"), array("q"), array("q")


def list_refs(ways: Iterator[Way]) -> Ids:
    """Return the ids of all nodes of ways, ascending."""
    parts: list[Ids] = []
    refs = array("q")
    for way in chain(ways, [None]):
        if way is not None:
            refs.extend([node.ref for node in way.nodes])
        if way is None or len(refs) >= BATCH:
            parts.append(_sort_ids(np.array(refs, dtype=np.int64)))
            refs = array("q")
    return _sort_ids(np.concatenate(parts))


def _sort_ids(ids: Ids) -> Ids:
    """Return ids ascending, each once: several times as fast as NumPy does it by hashing."""
    ids.sort()
    return ids[np.diff(ids, prepend=ids.min(initial=0) - 1) > 0]
