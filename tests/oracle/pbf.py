"""Read OpenStreetMap PBF files by hand, following the published format.

Source: https://wiki.openstreetmap.org/wiki/PBF_Format; field numbers of ``fileformat.proto`` and
``osmformat.proto``. History files, LZMA and zstd are not read.
"""

import zlib
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # protobuf wire types
READABLE_FEATURES = {b"OsmSchema-V0.6", b"DenseNodes"}
NANODEGREES = 10**9
MEMBER_TYPES = "nwr"

Tags = dict[str, str]
Member = tuple[str, int, str]


class OsmData(NamedTuple):
    """Everything of a file, in file order; a later object of the same id replaces the earlier."""

    nodes: dict[int, tuple[float, float]]
    ways: dict[int, tuple[Tags, list[int]]]
    relations: dict[int, tuple[Tags, list[Member]]]


def read_pbf(path: Path | str) -> OsmData:
    """Read nodes (longitude, latitude), ways (tags, refs) and relations (tags, members).

    Raises
    ------
    ValueError
        Where the file needs something that this reader doesn't know.
    """
    osm = OsmData({}, {}, {})
    for kind, block in _blocks(Path(path).read_bytes()):
        if kind == b"OSMHeader":
            required = {name for field, name in _messages(block) if field == 4}
            if not required <= READABLE_FEATURES:
                raise ValueError(f"{path}: needs {sorted(required - READABLE_FEATURES)}")
        elif kind == b"OSMData":
            _read_block(block, osm)
    return osm


def _blocks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the type and the unpacked content of every blob."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        at += 4
        kind, blob_size = b"", 0
        for field, value in _fields(data[at : at + size]):
            if field == 1 and isinstance(value, bytes):
                kind = value
            elif field == 3 and isinstance(value, int):
                blob_size = value
        at += size
        yield kind, _unpack(data[at : at + blob_size])
        at += blob_size


def _unpack(blob: bytes) -> bytes:
    for field, value in _messages(blob):
        if field == 1:
            return value
        if field == 3:
            return zlib.decompress(value)
    raise ValueError("a blob is neither raw nor zlib")


class _Grid(NamedTuple):
    """How a block writes coordinates: in steps from an offset, all in nanodegrees."""

    step: int
    lat: int
    lon: int

    def place(self, lon: int, lat: int) -> tuple[float, float]:
        return (
            (self.lon + self.step * lon) / NANODEGREES,
            (self.lat + self.step * lat) / NANODEGREES,
        )


def _read_block(block: bytes, osm: OsmData) -> None:
    """Add one PrimitiveBlock; strings and coordinate grid hold for the whole of it."""
    numbers = {field: value for field, value in _fields(block) if isinstance(value, int)}
    grid = _Grid(numbers.get(17, 100), *(_signed(numbers.get(key, 0)) for key in (19, 20)))
    parts = list(_messages(block))
    strings = [
        text.decode() for field, table in parts if field == 1 for _, text in _messages(table)
    ]
    groups = [group for field, group in parts if field == 2]
    for field, message in (entry for group in groups for entry in _messages(group)):
        if field == 1:
            _read_node(dict(_fields(message)), grid, osm)
        elif field == 2:
            _read_dense_nodes(dict(_messages(message)), grid, osm)
        elif field == 3:
            _read_way(dict(_fields(message)), strings, osm)
        elif field == 4:
            _read_relation(dict(_fields(message)), strings, osm)


def _read_node(node: dict[int, int | bytes], grid: _Grid, osm: OsmData) -> None:
    number, lat, lon = (_zigzag(_number(node[key])) for key in (1, 8, 9))
    osm.nodes[number] = grid.place(lon, lat)


def _read_dense_nodes(dense: dict[int, bytes], grid: _Grid, osm: OsmData) -> None:
    numbers, lats, lons = (_deltas(dense.get(key, b"")) for key in (1, 8, 9))
    osm.nodes.update(zip(numbers, map(grid.place, lons, lats), strict=True))


def _read_way(way: dict[int, int | bytes], strings: list[str], osm: OsmData) -> None:
    refs = _deltas(_packed(way, 8))
    osm.ways[_signed(_number(way[1]))] = (_tags(way, strings), refs)


def _read_relation(relation: dict[int, int | bytes], strings: list[str], osm: OsmData) -> None:
    kinds = (MEMBER_TYPES[kind] for kind in _varints(_packed(relation, 10)))
    refs = _deltas(_packed(relation, 9))
    roles = (strings[role] for role in _varints(_packed(relation, 8)))
    members = list(zip(kinds, refs, roles, strict=True))
    osm.relations[_signed(_number(relation[1]))] = (_tags(relation, strings), members)


def _tags(message: dict[int, int | bytes], strings: list[str]) -> Tags:
    keys, values = (_varints(_packed(message, field)) for field in (2, 3))
    return {strings[key]: strings[value] for key, value in zip(keys, values, strict=True)}


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of every field of a protobuf message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        if wire == VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if wire == BYTES:
            size, at = _varint(message, at)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
        else:
            raise ValueError(f"unknown protobuf wire type {wire}")
        if at + size > len(message):
            raise ValueError("a protobuf message ends too early")
        yield key >> 3, message[at : at + size]
        at += size


def _messages(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield only the fields that are bytes: strings, packed arrays, messages."""
    return ((field, value) for field, value in _fields(message) if isinstance(value, bytes))


def _number(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise TypeError("a number was expected")
    return value


def _packed(message: dict[int, int | bytes], field: int) -> bytes:
    value = message.get(field, b"")
    if isinstance(value, int):
        raise TypeError("a packed array was expected")
    return value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read one base-128 number; return it and where the next byte is."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _varints(data: bytes) -> list[int]:
    numbers = []
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
        else:
            shift += 7
    return numbers


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _signed(value: int) -> int:
    """Undo the two's complement in which protobuf writes a negative int64."""
    return value - (1 << 64) if value >= 1 << 63 else value


def _deltas(data: bytes) -> list[int]:
    return list(accumulate(map(_zigzag, _varints(data))))
