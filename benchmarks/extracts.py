"""The extract that the benchmarks read, and the same as XML, which is what OSMnx reads.

    python benchmarks/extracts.py EXTRACT OUT.osm [--walkable]

With --walkable only the ways that siteplan walks along and their nodes are written.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

from timing import Command, run_apart

DEMO = Path(__file__).parents[1]
LIECHTENSTEIN = DEMO.parent / "shared" / "data" / "liechtenstein"
LIECHTENSTEIN_CASE = """\
[case]
name = "Liechtenstein"
standard = "gb50180-2018-15min"
[paths]
boundaries = {boundaries}
roads = {extract}
proposals = {proposals}
[columns.boundaries]
code = "name"
[columns.proposals]
id = "osm_id"
subdistrict = "municipality"
"""


class Place(NamedTuple):
    """A place with an extract of OpenStreetMap and boundaries, and the column of their codes."""

    name: str
    extract: Path
    boundaries: Path
    code: str
    crs: str
    synthetic: bool = False


def find_place(*, demo: bool) -> Place:
    """Return Liechtenstein; the synthetic demo if asked for or where the real data are absent."""
    if not (demo or LIECHTENSTEIN.is_dir()):
        print(f"{LIECHTENSTEIN} is absent: the synthetic demo instead", file=sys.stderr)
    if demo or not LIECHTENSTEIN.is_dir():
        boundaries = DEMO / "data" / "boundaries" / "subdistricts.geojson"
        extract = DEMO / "data" / "roads.osm.pbf"
        return Place("demo (synthetic)", extract, boundaries, "code", "EPSG:4547", synthetic=True)
    extract = LIECHTENSTEIN / "liechtenstein-latest.osm.pbf"
    boundaries = LIECHTENSTEIN / "municipalities.geojson"
    return Place("Liechtenstein", extract, boundaries, "name", "EPSG:32632")


def make_case(place: Place, folder: Path) -> Path:
    """Return the case of a place, made in a folder if it is not one by itself."""
    if place.synthetic:
        return DEMO
    paths = {"boundaries": place.boundaries, "extract": place.extract}
    paths["proposals"] = LIECHTENSTEIN / "candidates.geojson"
    quoted = {role: json.dumps(str(path)) for role, path in paths.items()}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "siteplan.toml").write_text(LIECHTENSTEIN_CASE.format(**quoted), encoding="utf-8")
    return folder


def convert(extract: Path, out: Path, *, walkable: bool = False) -> Path:
    """Write an extract as XML, in a process of its own; return the path."""
    options = ["--walkable"] if walkable else []
    run_apart(Command([sys.executable, __file__, str(extract), str(out), *options]))
    return out


def write_xml(extract: Path, out: Path, *, walkable: bool) -> None:
    """Write an extract as XML without the history of its objects, which nobody here reads."""
    import osmium  # large: not for those who only ask where a place is

    from siteplan.inputs.tags import is_walkable

    file = osmium.io.File(str(out), "osm,add_metadata=none")
    if not walkable:
        with osmium.SimpleWriter(file, overwrite=True) as writer:
            for item in osmium.FileProcessor(str(extract)):
                writer.add(item)
        return
    ways = osmium.FileProcessor(str(extract), osmium.osm.WAY)
    with osmium.BackReferenceWriter(file, ref_src=str(extract), overwrite=True) as writer:
        for way in ways.with_filter(osmium.filter.KeyFilter("highway")):
            if is_walkable({tag.k: tag.v for tag in way.tags}):
                writer.add(way)


def main() -> None:
    """Convert the extract that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extract", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--walkable", action="store_true", help="ways that are walked, only")
    options = parser.parse_args()
    write_xml(options.extract, options.out, walkable=options.walkable)


if __name__ == "__main__":
    main()
