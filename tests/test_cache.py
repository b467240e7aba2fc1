import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from siteplan.errors import InputError
from siteplan.inputs import cache
from siteplan.inputs.cache import ARRAYS, MOST_ENTRIES, SHAPES, VARIABLE, read_osm_once
from siteplan.inputs.osm import read_osm
from siteplan.inputs.osm_extract import OsmExtract


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def extract(write_osm: Callable[..., Path]) -> Path:
    """Write two roads that meet, one of them clipped, a house with storeys, one without, a pond."""
    corners = {n: (113.26 + n % 7 / 1000, 23.12 + n // 7 / 1000) for n in range(1, 30)}
    return write_osm(
        corners,
        {
            1: ([1, 2, 3, 99], {"highway": "residential"}),
            2: ([2, 9, 16], {"highway": "footway"}),
            3: ([17, 18, 25, 24, 17], {"building": "apartments", "building:levels": "6"}),
            4: ([19, 20, 27, 26, 19], {"building": "yes"}),
            5: ([3, 4, 11, 10, 3], {"natural": "water"}),
            6: ([16, 17], {"highway": "footway", "bridge": "yes", "name": "海印桥"}),
            7: ([22, 23], {"railway": "rail"}),
            8: ([10, 11, 18, 17, 10], {"amenity": "school", "name": "小学"}),
        },
    )


def say(held: OsmExtract) -> dict[str, object]:
    """Return everything an extract holds in values that can be compared."""
    shapes = {name: shapely.to_wkb(getattr(held, name)).tolist() for name in SHAPES}
    arrays = {name: getattr(held, name).tolist() for name in ARRAYS if name != "levels"}
    levels = np.nan_to_num(held.levels, nan=-1).tolist()
    counts = (held.ways, held.missing_nodes, held.lost_buildings)
    return {**shapes, **arrays, "levels": levels, "counts": counts}


def forbid(*_: object) -> OsmExtract:
    raise AssertionError("parsed again")


def test_the_second_run_has_the_same_to_the_bit_without_parsing(
    folder: Path, extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_osm_once(extract, "roads")
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr(cache, "read_osm", forbid)
    assert say(read_osm_once(extract, "roads")) == say(first) == say(read_osm(extract, "roads"))


def test_another_file_or_another_datum_is_another_entry(
    folder: Path, extract: Path, tmp_path: Path
) -> None:
    read_osm_once(extract, "roads")
    moved = read_osm_once(extract, "roads", "gcj02")
    assert say(moved) == say(read_osm(extract, "roads", "gcj02"))
    same = tmp_path / "elsewhere.osm.pbf"
    same.write_bytes(extract.read_bytes())
    read_osm_once(same, "roads")
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign"])
def test_a_damaged_entry_is_made_again(folder: Path, extract: Path, damage: str) -> None:
    expected = say(read_osm_once(extract, "roads"))
    (entry,) = folder.iterdir()
    content = entry.read_bytes()
    middle = len(content) // 2
    entry.write_bytes(
        {
            "cut": content[:middle],
            "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "empty": b"",
            "foreign": b"something else altogether",
        }[damage]
    )
    assert say(read_osm_once(extract, "roads")) == expected
    assert entry.read_bytes() == content


def test_a_file_that_cannot_be_used_leaves_no_entry(
    folder: Path, extract: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(extract.read_bytes()[:120])
    for _ in range(2):
        with pytest.raises(InputError, match="not a whole OSM file"):
            read_osm_once(bad, "bad.osm.pbf")
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
    folder: Path, extract: Path
) -> None:
    folder.write_text("a file stands in the way", encoding="utf-8")
    assert say(read_osm_once(extract, "roads")) == say(read_osm(extract, "roads"))


def test_an_empty_variable_keeps_nothing(
    tmp_path: Path, extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    read_osm_once(extract, "roads")
    assert sorted(tmp_path.iterdir()) == before


def test_the_oldest_entries_are_forgotten(folder: Path, extract: Path) -> None:
    folder.mkdir()
    for number in range(MOST_ENTRIES + 3):
        (folder / f"{number}.osm").write_bytes(b"old")
        moment = time.time() - 1000 + number
        os.utime(folder / f"{number}.osm", (moment, moment))
    read_osm_once(extract, "roads")
    left = {entry.name for entry in folder.iterdir()}
    assert len(left) == MOST_ENTRIES
    assert not left & {"0.osm", "1.osm", "2.osm", "3.osm"}
