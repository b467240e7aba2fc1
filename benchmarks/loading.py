"""Reading an extract into roads, buildings and boundaries: siteplan, from its cache, and its peers.

    python benchmarks/loading.py [--quick] [--json]

On Liechtenstein; on the synthetic demo with --quick or where the real data are absent. Every run is
a process of its own. It is timed from start to end, and again by itself once it has imported what
it needs. OSMnx reads XML, into which the extract is converted beforehand: the whole of it, and,
as an experienced user would, only the ways that are walked for its graph. GeoPandas reads lines
and polygons through GDAL and makes no graph. The limit is one pass of pyosmium that only counts.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from extracts import Place, convert, find_place
from timing import PATIENCE_S, QUICK_S, Command, Printer, run_apart, run_in_turn, summarise

Work = Callable[[], dict[str, int]]  # returns how many it has read

SITEPLAN, CACHED = "siteplan", "siteplan, from its cache"
OSMNX, FILTERED = "OSMnx", "OSMnx, walkable ways filtered beforehand"
GDAL, LIMIT = "GeoPandas through GDAL, no graph", "pyosmium, counting only"
MUNICIPALITY = "8"  # admin_level
TAGS: dict[str, bool | str | list[str]] = {"building": True, "admin_level": MUNICIPALITY}


def prepare_siteplan(place: Place) -> Work:
    """Read with siteplan, from its cache where the environment names one."""
    from siteplan.inputs.buildings import make_weights_of_osm
    from siteplan.inputs.cache import read_osm_once
    from siteplan.inputs.roads import make_roads_of_osm
    from siteplan.inputs.vector import POLYGONS, read_layer

    def work() -> dict[str, int]:
        extract = read_osm_once(place.extract, place.extract.name)
        roads = make_roads_of_osm(extract, place.crs)
        buildings = make_weights_of_osm(extract, place.crs)
        boundaries = read_layer(place.boundaries, place.boundaries.name, kinds=POLYGONS)
        outlines = boundaries.project(place.crs)
        return _count(roads.lines, buildings.x, outlines)

    return work


def prepare_osmnx(place: Place, whole: Path, ways: Path) -> Work:
    """Read with OSMnx: the graph from one XML file, buildings and boundaries from another."""
    import geopandas
    import osmnx

    def work() -> dict[str, int]:
        graph = osmnx.graph_from_xml(ways, retain_all=True)
        graph = osmnx.project_graph(graph, to_crs=place.crs)
        features = osmnx.features_from_xml(whole, tags=TAGS).to_crs(place.crs)
        buildings = features[features["building"].notna()]
        boundaries = features[features.geom_type.isin(["Polygon", "MultiPolygon"])]
        if "admin_level" in features:
            boundaries = boundaries[boundaries["admin_level"].eq(MUNICIPALITY)]
        else:
            boundaries = geopandas.read_file(place.boundaries).to_crs(place.crs)
        return _count(graph.edges, buildings, boundaries)

    return work


def prepare_geopandas(place: Place) -> Work:
    """Read lines and polygons with GeoPandas, which makes no graph of them."""
    import geopandas

    def work() -> dict[str, int]:
        read = partial(geopandas.read_file, place.extract)
        roads = read(layer="lines", where="highway IS NOT NULL").to_crs(place.crs)
        where = f"building IS NOT NULL OR admin_level = '{MUNICIPALITY}'"
        areas = read(layer="multipolygons", where=where).to_crs(place.crs)
        buildings = areas[areas["building"].notna()]
        boundaries = areas[areas["admin_level"].eq(MUNICIPALITY)]
        if boundaries.empty:
            boundaries = geopandas.read_file(place.boundaries).to_crs(place.crs)
        return _count(roads, buildings, boundaries)

    return work


def prepare_pass(place: Place) -> Work:
    """Pass over all objects with the places of their nodes, and count them."""
    import osmium

    def work() -> dict[str, int]:
        objects = osmium.FileProcessor(str(place.extract)).with_locations()
        return {"objects": sum(1 for _ in objects)}

    return work


def _count(roads: Any, buildings: Any, boundaries: Any) -> dict[str, int]:  # noqa: ANN401
    return {"roads": len(roads), "buildings": len(buildings), "boundaries": len(boundaries)}


def work_here(side: str, place: Place, xml: Path) -> None:
    """Do the work of one side in this process; print its seconds and how much it has read."""
    whole, ways = xml / "whole.osm", xml / "ways.osm"
    prepare: dict[str, Callable[[], Work]] = {
        SITEPLAN: lambda: prepare_siteplan(place),
        CACHED: lambda: prepare_siteplan(place),
        OSMNX: lambda: prepare_osmnx(place, whole, whole),
        FILTERED: lambda: prepare_osmnx(place, whole, ways),
        GDAL: lambda: prepare_geopandas(place),
        LIMIT: lambda: prepare_pass(place),
    }
    work = prepare[side]()
    begin_s = perf_counter()
    found = work()
    print(json.dumps({"seconds": perf_counter() - begin_s, "found": found}))


def compare(place: Place, folder: Path, *, demo: bool, printer: Printer) -> None:
    """Time all sides, print them, and say what each has read."""
    convert(place.extract, folder / "whole.osm")
    convert(place.extract, folder / "ways.osm", walkable=True)
    options = ["--quick"] if place.synthetic else []
    words = [sys.executable, __file__, *options, "--xml", str(folder), "--side"]
    caches = dict.fromkeys((SITEPLAN, CACHED, OSMNX, FILTERED, GDAL, LIMIT), "")
    caches[CACHED] = str(folder / "cache")
    commands = {
        side: Command([*words, side], {"SITEPLAN_CACHE": cache}) for side, cache in caches.items()
    }
    run_apart(commands[CACHED])  # fills the cache
    sides = {side: partial(Command, *one) for side, one in commands.items()}
    runs = run_in_turn(sides, patience_s=QUICK_S if demo else PATIENCE_S)
    said = {side: [json.loads(run.output) for run in some] for side, some in runs.items()}
    size = f"{place.name}, {place.extract.stat().st_size / 1e6:.1f} MB"
    whole = {side: summarise(some) for side, some in runs.items()}
    inner = {
        side: summarise(some, [one["seconds"] for one in said[side]]) for side, some in runs.items()
    }
    printer.print_work("reading, without imports", size, inner, LIMIT)
    printer.print_work("reading, the whole process", size, whole, LIMIT)
    printer.say("")
    for side, some in said.items():
        found = (f"{number:,} {what}" for what, number in some[-1]["found"].items())
        printer.say(f"{side} read {', '.join(found)}.")
    printer.say(
        "siteplan reads the buildings people may live in, the others all; OSMnx counts both ways."
    )


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the small demo, in a minute")
    parser.add_argument("--json", action="store_true", help="a line for each figure")
    parser.add_argument("--side", help=argparse.SUPPRESS)  # how this script starts itself
    parser.add_argument("--xml", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    place = find_place(demo=options.quick)
    if options.side:
        work_here(options.side, place, options.xml)
        return
    with tempfile.TemporaryDirectory() as folder:
        printer = Printer(as_json=options.json)
        compare(place, Path(folder), demo=options.quick, printer=printer)


if __name__ == "__main__":
    main()
