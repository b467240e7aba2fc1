"""Drawing service areas: siteplan beside GEOS asked in the two usual ways.

    python benchmarks/areas.py [--quick] [--json]

On Liechtenstein; on the synthetic demo with --quick or where the real data are absent. The usual
ways widen the roads between the nodes that a site reaches: all of them as one shape, or each by
itself and then united. They cut no road where the radius ends and know no water and no barrier;
siteplan does both. All are timed in this process, one after the other, several times.
"""

import argparse
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import shapely
from extracts import find_place, make_case
from timing import RUNS, Printer, Timed

from siteplan.analysis.areas import BESIDE_M, CORNERS, draw_service_areas
from siteplan.analysis.places import join_to_roads, make_graph, stand_on_nodes
from siteplan.analysis.travel import measure_reach
from siteplan.inputs.case import read_case
from siteplan.model import Case

Draw = Callable[[], object]


def prepare(case: Case, radius_m: float) -> dict[str, Draw]:
    """Return who draws the areas of all sites of a case."""
    if case.roads is None:
        message = "the case has no roads"
        raise SystemExit(message)
    graph = make_graph(case.roads, len(case.sites.records))
    sites = join_to_roads(
        case.sites.x, case.sites.y, graph, case.standard.number("snap_limit") or 0
    )
    reach = measure_reach(graph, sites, stand_on_nodes(graph), radius_m)
    chains, reached = graph.chains, []
    for site in range(len(sites.chain)):
        inside = np.isin(np.arange(len(chains.node_x)), reach.of(site)[0])
        reached.append(chains.lines[inside[chains.tail] & inside[chains.head]])

    def unite_each() -> list[object]:
        return [
            shapely.union_all(shapely.buffer(lines, BESIDE_M, quad_segs=CORNERS))
            for lines in reached
        ]

    def widen_all() -> list[object]:
        whole = [shapely.multilinestrings(lines.tolist()) for lines in reached]
        return [shapely.buffer(roads, BESIDE_M, quad_segs=CORNERS) for roads in whole]

    return {
        "siteplan": lambda: draw_service_areas(graph, sites, radius_m, case.backdrop),
        "each road widened, then united": unite_each,
        "all roads widened as one": widen_all,
    }


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the small demo, in a minute")
    parser.add_argument("--json", action="store_true", help="a line for each figure")
    options = parser.parse_args()
    place = find_place(demo=options.quick)
    with tempfile.TemporaryDirectory() as folder:
        case = read_case(make_case(place, Path(folder)))
    seconds: dict[str, list[float]] = {}
    draw = prepare(case, case.standard.number("service_radius") or 0)
    for _ in range(RUNS):
        for name, run in draw.items():
            begin_s = perf_counter()
            run()
            seconds.setdefault(name, []).append(perf_counter() - begin_s)
    sites = len(case.sites.records)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # of all three together
    timed = {name: Timed(median(some), len(some), peak_mib) for name, some in seconds.items()}
    printer = Printer(as_json=options.json)
    printer.print_work("service areas", f"{place.name}, {sites} sites", timed)
    for name, one in timed.items():
        printer.say(f"{name}: {one.seconds / sites * 1000:.2f} ms a site")


if __name__ == "__main__":
    main()
