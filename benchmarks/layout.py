"""`siteplan layout` from start to the whole package written: seconds and memory, by size of case.

    python benchmarks/layout.py [--quick] [--json] [--keep FOLDER]

Synthetic cities: 21 subdistricts with 60 sites, as many as a district has, and 176 with 2,000, as
many as all of Guangzhou, once with the roads of `pages.py` and once with twice as many. With
--quick the demo alone. Timed is one run of a whole process, with a warm cache. --keep leaves cities
and packages in FOLDER, and takes the cities from there the next time.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from timing import Command, Printer, Words, find_program, run_apart, summarise

DEMO = Path(__file__).parents[1]
CITIES: Mapping[str, Mapping[str, int]] = {
    "21 subdistricts, 60 sites": {
        "subdistricts": 21, "sites": 60, "nodes": 24_000, "buildings": 60_000,
        "residents": 1_400_000,
    },
    "176 subdistricts, 2,000 sites": {
        "subdistricts": 176, "sites": 2_000, "nodes": 104_000, "residents": 8_000_000,
    },
    "the same, denser": {
        "subdistricts": 176, "sites": 2_000, "nodes": 200_000, "buildings": 500_000,
        "residents": 12_700_000,
    },
}  # fmt: skip
"""Options of `synthetic_city.py`."""


def make(sizes: Mapping[str, int], keep: Path) -> Path:
    """Return the case of a city, made where it is not there yet."""
    name = "-".join(map(str, sizes.values()))
    case = keep / name
    if not case.exists():
        print(f"making {case} …", file=sys.stderr)
        beside = keep / f"{name}.part"  # half a city is none
        script = Path(__file__).with_name("synthetic_city.py")
        options = [f"--{size}={number}" for size, number in sizes.items()]
        run_apart(Command([sys.executable, script, beside, *options]))
        beside.rename(case)
    return case


def measure(label: str, case: Path, folder: Path, printer: Printer) -> None:
    """Time the package of a case, whose extract is in the cache."""
    out, cache = folder / "layout" / case.name, {"SITEPLAN_CACHE": str(folder / "cache")}
    siteplan = find_program("siteplan")
    judge: Words = [siteplan, "evaluate", case, "--out", folder / "maps" / case.name, "--quiet"]
    run_apart(Command(judge, cache))
    run = run_apart(Command([siteplan, "layout", case, "--out", out, "--quiet"], cache))
    printer.print_work("layout", label, {"siteplan": summarise([run])})


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the demo alone, in a minute")
    parser.add_argument("--json", action="store_true", help="a line for each figure")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave cities, packages here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        printer = Printer(as_json=options.json)
        if options.quick:
            measure("the demo", DEMO, folder, printer)
            return
        for label, sizes in CITIES.items():
            measure(label, make(sizes, folder), folder, printer)


if __name__ == "__main__":
    main()
