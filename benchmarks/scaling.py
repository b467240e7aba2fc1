"""How seconds and memory of `siteplan evaluate` grow with the city, on synthetic cities of 4 sizes.

    python benchmarks/scaling.py [--quick] [--json] [--keep FOLDER] [--cores N]

The largest has 176 subdistricts, 200,000 road nodes, 500,000 buildings and 2,000 sites, the others
a half, a quarter and an eighth of everything; with --quick they are a 16th, a 32nd and a 64th, run
once each. Timed is a whole process, from its start to its files written, with a warm cache, on one
core unless said otherwise. A slope of 1 means that twice the city takes twice as much. Making the
largest city takes about two minutes; with --keep the cities stay for the next time.
"""

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple

from timing import Command, Printer, Timed, find_program, run_apart, run_in_turn, summarise

SUBDISTRICTS, NODES, BUILDINGS, SITES = 176, 200_000, 500_000, 2_000
RESIDENTS = 12_700_000  # of Guangzhou in the census of 2010
PARTS, QUICK_PARTS = (8, 4, 2, 1), (64, 32, 16)
RUNS = 3


class City(NamedTuple):
    """Sizes of a city that is one of so many parts of the largest."""

    part: int

    @property
    def sizes(self) -> dict[str, int]:
        """Sizes by the option of `synthetic_city.py` that asks for them."""
        whole = {"subdistricts": SUBDISTRICTS, "nodes": NODES, "buildings": BUILDINGS}
        whole |= {"sites": SITES, "residents": RESIDENTS}
        return {name: math.ceil(size / self.part) for name, size in whole.items()}

    @property
    def label(self) -> str:
        """Sizes for a reader."""
        words = (f"{size:,} {name}" for name, size in self.sizes.items() if name != "residents")
        return ", ".join(words)

    @property
    def folder(self) -> str:
        """Name of a folder in which no other city can be."""
        return "-".join(map(str, self.sizes.values()))


def make(city: City, keep: Path) -> Path:
    """Return the case of a city, made where it is not there yet."""
    case = keep / city.folder
    if not case.exists():
        print(f"making {city.label} …", file=sys.stderr)
        beside = keep / f"{city.folder}.part"  # half a city is none
        script = Path(__file__).with_name("synthetic_city.py")
        options = [f"--{name}={size}" for name, size in city.sizes.items()]
        run_apart(Command([sys.executable, script, beside, *options]))
        beside.rename(case)
    return case


def measure(cases: Mapping[str, Path], runs: int) -> dict[str, Timed]:
    """Time the evaluation of cases by their label, in turn, each with its extract in the cache."""
    with tempfile.TemporaryDirectory() as folder:
        commands = {}
        for label, case in cases.items():
            out, cache = str(Path(folder, case.name)), str(Path(folder, "cache"))
            words = [str(find_program("siteplan")), "evaluate", str(case), "--out", out, "--quiet"]
            commands[label] = Command(words, {"SITEPLAN_CACHE": cache})
            run_apart(commands[label])
        sides = {label: partial(Command, *command) for label, command in commands.items()}
        done = run_in_turn(sides, runs, math.inf)
    return {label: summarise(some) for label, some in done.items()}


def find_slope(cities: Sequence[City], measured: Sequence[float]) -> float:
    """Return the slope of a line through the logarithms of sizes and of what was measured."""
    sizes = [-math.log(city.part) for city in cities]
    return linear_regression(sizes, [math.log(one) for one in measured]).slope


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cities, once each")
    parser.add_argument("--json", action="store_true", help="a line for each figure")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="cities stay here")
    parser.add_argument("--cores", type=int, default=1, help="default: 1")
    options = parser.parse_args()
    cities = [City(part) for part in (QUICK_PARTS if options.quick else PARTS)]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])  # ours inherit it
    with tempfile.TemporaryDirectory() as folder:
        keep = options.keep or Path(folder)
        keep.mkdir(parents=True, exist_ok=True)
        cases = {city.label: make(city, keep) for city in cities}
        timed = measure(cases, 1 if options.quick else RUNS)
    printer = Printer(as_json=options.json)
    for label, one in timed.items():
        printer.print_work("evaluate", label, {"siteplan": one})
    slopes = {
        "seconds": find_slope(cities, [one.seconds for one in timed.values()]),
        "peak memory": find_slope(cities, [one.peak_mib for one in timed.values()]),
    }
    for what, slope in slopes.items():
        if options.json:
            printer.print_line({"work": f"evaluate: slope of {what} over sizes", "slope": slope})
        else:
            printer.say(f"\nSlope of {what} over sizes, both as logarithms: {slope:.2f}")


if __name__ == "__main__":
    main()
