"""`siteplan evaluate` from start to files written, beside the script a planner would write.

    python benchmarks/whole.py [--quick] [--json] [--keep FOLDER]

On Liechtenstein; on the synthetic demo with --quick or where the real data are absent. Every run is
a process of its own, timed from start to end. The second run has a warm cache; the first has empty
folders for all that siteplan and Numba keep. The script is benchmarks/planner_script.py, which
reads ways filtered and converted beforehand; it is timed also with its graph kept from a run
before. The limit is Python importing GeoPandas and folium. --keep leaves what the script reads in
FOLDER.
"""

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from extracts import Place, convert, find_place, make_case
from timing import (
    PATIENCE_S,
    QUICK_S,
    Command,
    Printer,
    Words,
    find_program,
    run_apart,
    run_in_turn,
    summarise,
)

SECOND, FIRST = "siteplan, second run", "siteplan, first run after installing"
SCRIPT, KEPT = "planner's script", "planner's script, graph kept"
IMPORTS = "import geopandas, folium"


def evaluate(case: Path, out: Path, cache: Path, compiled: Path) -> Command:
    """Return the command that judges a case."""
    words: Words = [find_program("siteplan"), "evaluate", case, "--out", out, "--quiet"]
    return Command(words, {"SITEPLAN_CACHE": str(cache), "NUMBA_CACHE_DIR": str(compiled)})


def evaluate_first(case: Path, out: Path, fresh: Iterator[Path]) -> Command:
    """Return the command that judges a case with nothing kept from before."""
    return evaluate(case, out, next(fresh), next(fresh))


def run_python(*words: str | Path) -> Command:
    """Return a command of this Python."""
    return Command([sys.executable, *words])


def read_json(path: Path) -> Any:  # noqa: ANN401  (as the file has it)
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_features(path: Path, features: list[dict[str, Any]]) -> None:
    """Write GeoJSON in WGS84."""
    collection = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")


def make_source(place: Place, document: Any, folder: Path) -> None:  # noqa: ANN401  (JSON)
    """Write what the planner's script reads: the same places and people that siteplan has read."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(place.extract, folder / "extract.osm.pbf")
    convert(place.extract, folder / "ways.osm", walkable=True)
    known = {one["code"]: one for one in document["subdistricts"]}
    outlines = [
        {"type": "Feature", "geometry": feature["geometry"], "properties": properties}
        for feature in read_json(place.boundaries)["features"]
        if (one := known.get(feature["properties"][place.code]))
        and (properties := {key: one[key] for key in ("code", "name", "population")})
    ]
    write_features(folder / "subdistricts.geojson", outlines)
    sites = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [site["lon"], site["lat"]]},
            "properties": {"id": site["id"], "subdistrict": site["subdistrict"]},
        }
        for site in document["sites"]
        if site["status"] != "candidate"
    ]
    write_features(folder / "sites.geojson", sites)


def describe(place: Place, document: Any) -> str:  # noqa: ANN401  (JSON)
    """Say how large a case is."""
    subdistricts, sites = len(document["subdistricts"]), len(document["sites"])
    return f"{place.name}, {subdistricts} subdistricts, {sites} sites"


def print_ratios(document: Any, table: Path, printer: Printer) -> None:  # noqa: ANN401  (JSON)
    """Print the coverage that both have found, beside each other."""
    with table.open(encoding="utf-8", newline="") as stream:
        theirs = {row["code"]: row for row in csv.DictReader(stream)}
    people = sum(float(row["population"]) for row in theirs.values())
    columns = ("covered_population", "circled_population")
    sums = [sum(float(row[column]) for row in theirs.values()) / people for column in columns]
    summary = document["summary"]
    rows = [
        (one["name"], one["coverage_ratio"], float(theirs[one["code"]]["coverage_ratio"]))
        for one in document["subdistricts"]
    ]
    rows.append(("all", summary["coverage_ratio"], sums[0]))
    rows.append(("all, by straight line", summary["straight_line_coverage_ratio"], sums[1]))
    printer.say("\n| covered on foot | siteplan, from edges | planner's script, from nodes |")
    printer.say("| --- | ---: | ---: |")
    for name, ours, other in rows:
        printer.say(f"| {name} | {ours:.1%} | {other:.1%} |")


def compare(place: Place, folder: Path, source: Path, patience_s: float, printer: Printer) -> None:
    """Time all sides, print them, and what both have found."""
    case, out, page = make_case(place, folder / "case"), folder / "maps", folder / "planner.html"
    second = evaluate(case, out, folder / "cache", folder / "compiled")
    run_apart(second)  # fills the cache
    document = read_json(out / "evaluation.json")
    make_source(place, document, source)
    radius_m = str(document["standard"]["service_radius_m"])
    script = run_python(
        *(Path(__file__).with_name("planner_script.py"), source, page),
        *("--crs", document["crs"], "--radius", radius_m),
    )
    kept = Command([*script.words, "--graph", folder / "roads.graphml"])
    run_apart(kept)  # keeps the graph
    fresh = (folder / f"empty-{number}" for number in count())
    sides: dict[str, Callable[[], Command]] = {
        SECOND: lambda: second,
        SCRIPT: lambda: script,
        KEPT: lambda: kept,
        IMPORTS: lambda: run_python("-c", "import geopandas, folium"),
        FIRST: partial(evaluate_first, case, out, fresh),
    }
    runs = run_in_turn(sides, patience_s=patience_s)
    timed = {side: summarise(some) for side, some in runs.items()}
    printer.print_work("evaluate", describe(place, document), timed, IMPORTS)
    helps: dict[str, Callable[[], Command]] = {
        "siteplan --help": lambda: Command([find_program("siteplan"), "--help"]),
        "import geopandas": lambda: run_python("-c", "import geopandas"),
    }
    runs = run_in_turn(helps, patience_s=patience_s)
    timed = {side: summarise(some) for side, some in runs.items()}
    printer.print_work("help", "a page", timed, "import geopandas")
    print_ratios(document, page.with_suffix(".csv"), printer)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the small demo, in a minute")
    parser.add_argument("--json", action="store_true", help="a line for each figure")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the script's files here")
    options = parser.parse_args()
    place = find_place(demo=options.quick)
    printer = Printer(as_json=options.json)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = options.keep or folder / "source"
        compare(place, folder, source, QUICK_S if options.quick else PATIENCE_S, printer)


if __name__ == "__main__":
    main()
