"""Reach of many sites within 1,000 m on foot: siteplan beside its peers and the machine's limit.

    python benchmarks/reach.py [--quick] [--json] [--seed N] [--pbf FILE]

All search the same roads from the same nodes and must find as many pairs, or the run fails; where
places on edges are moved to nodes, to 1 % at each end. The limit is a bucket queue in C, compiled
on the spot with `cc`. Each figure is taken in a process of its own, on one core unless said
otherwise; its peak memory is what it took beyond the data it was given.
"""

import argparse
import ctypes
import importlib.util
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
import shapely
from numpy.ctypeslib import as_ctypes
from scipy.sparse import csr_array, triu
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from siteplan.analysis.coverage import count_cover, measure_coverage
from siteplan.analysis.places import Places, WalkGraph, join_to_roads, make_graph
from siteplan.analysis.travel import measure_reach
from siteplan.analysis.worth import measure_worth
from siteplan.inputs.osm import read_osm
from siteplan.inputs.roads import EdgeTags, assemble_roads, make_roads_of_osm
from siteplan.model import Demand, Indices, Metres, Reach, Residents, Roads, Site, Sites

RADIUS_M = 1000.0
NODES_PER_KM2 = 155.0
KEPT_LINKS = 0.73  # of a grid's: a median degree of 3
SNAP_LIMIT_M = 150.0
RUNS = 5
PATIENCE_S = 20.0  # no further run of a figure once its runs have taken this long
MOST_NODES = 100_000  # to search from every node
MOVED = 0.0125  # by how much counts may differ for an end moved to a node: more is reached from one
ROUNDED = 1e-3  # … and where lengths are rounded
PORTO_ALEGRE = Path(__file__).parents[2] / "shared" / "data" / "porto_alegre" / "poa_osm.pbf"
PORTO_ALEGRE_CRS = "EPSG:32722"
LIMIT_C = r"""
#include <math.h>
#include <stdlib.h>
typedef struct { double m; int node, next; } Entry;
/* Ways out of node u: way[u]..way[u + 1]; stops there: stop[u]..stop[u + 1]. best is inf throughout
   before and after. Without found, pairs are only counted. */
long reach(const int *way, const int *to, const double *way_m, const int *stop, int sites,
           const int *site, double limit, int nodes, double *best, long *begin, int *found,
           double *found_m) {
  int buckets = limit / 16 + 1; /* of 16 m */
  int *first = malloc(buckets * sizeof(int)), *touched = malloc(nodes * sizeof(int));
  Entry *queue = malloc((4L * way[nodes] + 1) * sizeof(Entry));
  for (int b = 0; b < buckets; b++) first[b] = -1;
  for (int s = 0; s < sites; s++) {
    long pairs = begin[s], touches = 1, size = 1;
    touched[0] = site[s]; best[site[s]] = 0; queue[0] = (Entry){0, site[s], -1}; first[0] = 0;
    for (int bucket = 0; bucket < buckets; bucket++)
      while (first[bucket] >= 0) {
        Entry here = queue[first[bucket]];
        first[bucket] = here.next;
        if (here.m > best[here.node]) continue;
        for (int k = way[here.node]; k < way[here.node + 1]; k++) {
          double m = here.m + way_m[k];
          int v = to[k], b = m / 16;
          if (m > limit || m >= best[v]) continue;
          if (best[v] == INFINITY) touched[touches++] = v;
          best[v] = m; queue[size] = (Entry){m, v, first[b]}; first[b] = size++;
        }
      }
    for (int t = 0; t < touches; t++) {
      for (int p = stop[touched[t]]; p < stop[touched[t] + 1]; p++, pairs++)
        if (found) found[pairs] = p, found_m[pairs] = best[touched[t]];
      best[touched[t]] = INFINITY;
    }
    begin[s + 1] = pairs;
  }
  free(first); free(touched); free(queue);
  return begin[sites];
}
"""

Search = Callable[..., int]
Run = Callable[[], Any]
Work = tuple[str, float, dict[str, "Peer"]]  # its name, how much is to be found, siteplan first


class Town(NamedTuple):
    """Roads, nodes, sites and residents on edges; `starts` and `homes`: nodes nearest to them.

    `ways`: the length of the shortest edge between two nodes, both ways, for the peers.
    """

    graph: WalkGraph
    ways: csr_array[np.float64, tuple[int, int]]
    nodes: Places
    sites: Places
    starts: Indices
    residents: Places
    population: Residents
    homes: Indices


class Peer(NamedTuple):
    """Who answers: `make` builds and returns what is timed; counts may differ by `tolerance`."""

    make: Callable[[], Run]
    tolerance: float = 0.0
    cores: int = 1


class Timed(NamedTuple):
    """Seconds of a run (the median), of building and of the first run; memory; what was found."""

    run_s: float
    runs: int
    build_s: float
    first_s: float
    peak_mib: float
    found: float


def make_grid_roads(nodes: int, rng: np.random.Generator) -> Roads:
    """Make a jittered grid with missing links, in the shuffled order of a file."""
    side, step_m = math.isqrt(nodes), 1000 / math.sqrt(NODES_PER_KM2)
    number = rng.permutation(side * side).reshape(side, side)
    place = np.empty((side * side, 2))
    place[number.ravel()] = np.indices((side, side)).reshape(2, -1).T * step_m
    place += rng.uniform(-0.3, 0.3, place.shape) * step_m
    right, up = (number[:, :-1], number[:, 1:]), (number[:-1], number[1:])
    link = np.stack([np.r_[one.ravel(), two.ravel()] for one, two in zip(right, up, strict=True)])
    link = link[:, rng.permutation(np.flatnonzero(rng.random(link.shape[1]) < KEPT_LINKS))]
    lines = np.asarray(shapely.linestrings(place[link.T]), dtype=object)
    highway = np.full(len(lines), "residential")
    tags = EdgeTags(highway, np.full(len(lines), -1), ())
    return assemble_roads(tail=link[0], head=link[1], lines=lines, tags=tags, ways=len(lines))


def make_town(roads: Roads, sites: int, people: int, rng: np.random.Generator) -> Town:
    """Put sites and residents on edges, as many on each as it is long."""

    def scatter(count: int) -> Metres:
        edge = rng.choice(len(roads.lines), count, p=roads.length_m / roads.length_m.sum())
        on = shapely.line_interpolate_point(roads.lines[edge], rng.random(count), normalized=True)
        return shapely.get_coordinates(on)

    graph = make_graph(roads, sites)
    join = partial(join_to_roads, graph=graph, snap_limit_m=SNAP_LIMIT_M)
    nodes, places = np.column_stack([roads.node_x, roads.node_y]), scatter(sites + sites // 4)
    doors, tree = scatter(people), KDTree(nodes)
    starts, homes = (np.asarray(tree.query(one)[1], np.intp) for one in (places, doors))
    chosen = np.sort(np.unique(starts, return_index=True)[1])[:sites]  # no two at one node
    population = rng.integers(1, 10, people).astype(np.float64)
    joined = [join(*points.T) for points in (nodes, places[chosen], doors)]
    return Town(
        graph, list_ways(roads), joined[0], joined[1], starts[chosen], joined[2], population, homes
    )


def list_ways(roads: Roads) -> csr_array[np.float64, tuple[int, int]]:
    """Return the length of the shortest edge between two nodes, shape (nodes, nodes)."""
    ends = {"one": np.r_[roads.tail, roads.head], "other": np.r_[roads.head, roads.tail]}
    ways = pd.DataFrame({**ends, "m": np.r_[roads.length_m, roads.length_m]})
    shortest = ways[ways.one != ways.other].groupby(["one", "other"], as_index=False).m.min()
    size, places = len(roads.node_x), (shortest.one.to_numpy(), shortest.other.to_numpy())
    return csr_array((shortest.m.to_numpy(), places), shape=(size, size))


def prepare_siteplan(town: Town, sources: Places, stops: Places, threads: int = 1) -> Run:
    """Search with siteplan."""
    return partial(measure_reach, town.graph, sources, stops, RADIUS_M, threads=threads)


def prepare_first_call(nodes: int, sites: int) -> Run:
    """Search with siteplan in a process that has not done it yet."""
    rng = np.random.default_rng(1)
    town = make_town(make_grid_roads(nodes, rng), sites, 1, rng)
    return prepare_siteplan(town, town.sites, town.nodes)


def prepare_limit(search: Search, town: Town, sources: Indices, stops: Indices) -> Run:
    """Lay out a search in C, from nodes to stops at nodes, along a Z-curve (Morton 1966)."""
    cells = [((m - m.min()) / 4).astype(np.int64) for m in (town.nodes.x, town.nodes.y)]
    bits = [(cells[i] >> bit & 1) << (2 * bit + i) for i in range(2) for bit in range(20)]
    order = np.argsort(np.sum(bits, axis=0), kind="stable")
    rank, ways = np.argsort(order), town.ways[order][:, order]
    number = np.argsort(rank[stops], kind="stable")
    stop = np.searchsorted(rank[stops][number], np.arange(len(rank) + 1))
    start = np.zeros(len(sources) + 1, dtype=np.int64)
    whole = (ways.indptr, ways.indices, stop, rank[sources])
    way, to, at, site = (as_ctypes(np.ascontiguousarray(one, np.int32)) for one in whole)
    best, begin = as_ctypes(np.full(len(rank), np.inf)), as_ctypes(start)
    way_m, limit = as_ctypes(np.asarray(ways.data, np.float64)), ctypes.c_double(RADIUS_M)
    call = partial(search, way, to, way_m, at, len(sources), site, limit, len(rank), best, begin)
    pairs = call(None, None)

    def run() -> Reach:
        found, found_m = np.empty(pairs, dtype=np.int32), np.empty(pairs)
        call(as_ctypes(found), as_ctypes(found_m))
        return Reach(start, number[found], found_m)

    return run


def prepare_networkx(town: Town, *, ego: bool = False) -> Run:
    """Search with NetworkX for distances, or as its users write first."""
    roads = nx.from_scipy_sparse_array(town.ways, edge_attribute="m")
    starts, search = town.starts.tolist(), nx.single_source_dijkstra_path_length
    if ego:
        return lambda: [nx.ego_graph(roads, n, RADIUS_M, distance="m") for n in starts]
    return lambda: [search(roads, n, RADIUS_M, "m") for n in starts]


def prepare_scipy(town: Town, stops: Indices | None = None) -> Run:
    """Search with SciPy, whose rows are dense, and take the pairs out if there are stops."""

    def run() -> object:
        rows_m: Metres = dijkstra(town.ways, indices=town.starts, limit=RADIUS_M)
        if stops is None:
            return rows_m
        site, node = np.nonzero(np.isfinite(rows_m))
        pairs_m = csr_array((rows_m[site, node], (site, node)), shape=rows_m.shape)
        return csr_array(pairs_m[:, stops]).data

    return run


def prepare_pandana(town: Town, *, every: bool = False) -> Run:
    """Search with pandana from the sites, or add up the people around every node."""
    ends = triu(town.ways).tocoo()
    columns = (pd.Series(one) for one in (town.nodes.x, town.nodes.y, *ends.coords))
    network = importlib.import_module("pandana").Network(*columns, pd.DataFrame({"m": ends.data}))
    if every:
        network.set(pd.Series(town.homes), pd.Series(town.population))
        return lambda: network.aggregate(RADIUS_M, type="sum", decay="flat").sum()
    return lambda: network.nodes_in_range(town.starts, RADIUS_M)


def add_up_around(town: Town, search: Run) -> float:
    """Count the people within the radius of each source of a search to nodes; add them all up."""
    reach, people = search(), np.bincount(town.homes, town.population, len(town.nodes.x))
    return float(np.diff(np.r_[0.0, np.cumsum(people[reach.demand])][reach.start]).sum())


def credit_sites(town: Town, reach: Reach) -> float:
    """Find who is covered, by whom nearest, and what each site is worth; return all credit."""
    spots = enumerate(zip(town.sites.x.tolist(), town.sites.y.tolist(), strict=True))
    sites = Sites(tuple(Site(f"{i:05}", None, "0", x, y, 0, 0) for i, (x, y) in spots))
    points, homes, nan = np.arange(len(town.homes)), town.residents, np.array([math.nan])
    demand = Demand(0 * points, homes.x, homes.y, town.population, {}, ("residents",), nan)
    cover = count_cover(reach, sites, len(points))
    measure_coverage(town.population, {}, sites.members("0"), reach, radius_m=RADIUS_M)
    worth = measure_worth(demand, ("0",), sites, cover, {}, town.sites.leg_m)
    return math.fsum(one.shared for one in worth)


def list_works(name: str, town: Town, search: Search) -> Iterator[Work]:
    """List the questions about a town."""
    sites, size, homes = len(town.starts), len(town.nodes.x), len(town.homes)
    every, starts = np.arange(size), town.nodes.take(town.starts)
    ours, limit = partial(prepare_siteplan, town), prepare_limit(search, town, town.starts, every)
    peers = {
        "siteplan": Peer(lambda: ours(starts, town.nodes)),
        "limit in C": Peer(lambda: limit),
        "siteplan, 2 cores": Peer(lambda: ours(starts, town.nodes, 2), cores=2),
        "siteplan from edges": Peer(lambda: ours(town.sites, town.nodes), MOVED),
        "pandana nodes_in_range": Peer(lambda: prepare_pandana(town), ROUNDED),
        "scipy dijkstra(limit=)": Peer(lambda: prepare_scipy(town)),
        "scipy, pairs taken out": Peer(lambda: prepare_scipy(town, every)),
        "networkx": Peer(lambda: prepare_networkx(town)),
        "networkx ego_graph": Peer(lambda: prepare_networkx(town, ego=True)),
    }
    yield f"{name}: {sites:,} sites to {size:,} nodes", count(limit()), peers

    limit = prepare_limit(search, town, town.starts, town.homes)
    reach = limit()
    peers = {
        "siteplan": Peer(lambda: ours(town.sites, town.residents), 2 * MOVED),
        "limit in C, at nodes": Peer(lambda: limit),
        "siteplan, 2 cores": Peer(lambda: ours(town.sites, town.residents, 2), 2 * MOVED, 2),
        "scipy, at nodes": Peer(lambda: prepare_scipy(town, town.homes)),
    }
    yield f"{name}: {sites:,} sites to {homes:,} residents", count(reach), peers

    order = np.lexsort((reach.demand, np.repeat(np.arange(sites), np.diff(reach.start))))
    reach = Reach(reach.start, reach.demand[order], reach.distance_m[order])
    covered = town.population[np.unique(reach.demand)].sum()
    peers = {"siteplan": Peer(lambda: partial(credit_sites, town, reach), ROUNDED)}
    yield f"{name}: cover, nearest and worth of {len(order):,} pairs", covered, peers

    if size <= MOST_NODES:
        run, limit = ours(town.nodes, town.nodes), prepare_limit(search, town, every, every)
        peers = {
            "siteplan": Peer(lambda: partial(add_up_around, town, run), ROUNDED),
            "limit in C": Peer(lambda: partial(add_up_around, town, limit), ROUNDED),
            "pandana aggregate": Peer(lambda: prepare_pandana(town, every=True), ROUNDED),
        }
        yield f"{name}: people around each of {size:,} nodes", add_up_around(town, limit), peers


def count(found: Any) -> float:  # noqa: ANN401  (every peer has its own)
    """Return the number of pairs found, or the sum that was asked for."""
    if isinstance(found, list):
        return sum(map(len, found))
    found = getattr(found, "demand", found)
    if isinstance(found, np.ndarray):
        return float(np.isfinite(found).sum())
    return found if isinstance(found, float) else len(found)


def time_here(peer: Peer, sender: Connection) -> None:
    """Time a peer in this process and send what was measured."""
    os.dup2(2, 1)  # pandana says what it builds
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: peer.cores])
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin_s = perf_counter()
    run = peer.make()
    build_s = perf_counter() - begin_s
    runs_s: list[float] = []
    while len(runs_s) <= RUNS and sum(runs_s) < PATIENCE_S:
        begin_s = perf_counter()
        found = run()
        runs_s.append(perf_counter() - begin_s)
    warm_s = runs_s[1:] or runs_s
    run_s, runs = float(np.median(warm_s)), len(warm_s)
    peak_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    sender.send(Timed(run_s, runs, build_s, runs_s[0], peak_mib, count(found)))


def time_apart(peer: Peer, context: ForkContext | SpawnContext) -> Timed:
    """Time a peer in a process of its own, which shares our data or starts with nothing."""
    ctypes.CDLL(None).malloc_trim(0)  # what we have freed shall not hide what it takes
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=time_here, args=(peer, sender))
    process.start()
    sender.close()
    timed: Timed = receiver.recv()
    process.join()
    return timed


def answer(work: Work, *, as_json: bool) -> None:
    """Time all who answer a question and print a table, or a line of JSON for each peer."""
    name, expected, peers = work
    if not as_json:
        print(f"\n{name}\n\n| | s | runs | siteplan = 1 | found | build s | first s | MiB |")
        print("| --- |" + 7 * " ---: |")
    ours, limit_s = None, None
    for who, peer in peers.items():
        if who.startswith("pandana") and not importlib.util.find_spec("pandana"):
            print(f"{who}: not installed", file=sys.stderr)
            continue
        timed = time_apart(peer, get_context("fork"))
        if abs(timed.found - expected) > peer.tolerance * expected:
            sys.exit(f"{name}: {who} finds {timed.found:,}, not {expected:,}")
        ours, limit_s = ours or timed, timed.run_s if who.startswith("limit") else limit_s
        if as_json:
            line = {"work": name, "ours_s": ours.run_s, "peer": who, "peer_s": timed.run_s}
            line |= {"limit_s": limit_s, "peak_mib": ours.peak_mib, "peer_peak_mib": timed.peak_mib}
            print(json.dumps(line | {"peer_build_s": timed.build_s}), flush=True)
        else:
            cells = [who, f"{timed.run_s:.3g}", timed.runs, f"{timed.run_s / ours.run_s:.3g}"]
            cells += [f"{timed.found:,.0f}", f"{timed.build_s:.2g}", f"{timed.first_s:.2g}"]
            print("|", *(f"{cell} |" for cell in cells), f"{timed.peak_mib:,.0f} |", flush=True)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small town only, in a minute")
    parser.add_argument("--json", action="store_true", help="a line for each figure")
    parser.add_argument("--seed", type=int, default=1, help="of the grid, the sites and the people")
    parser.add_argument("--pbf", type=Path, default=PORTO_ALEGRE, help="left out if missing")
    options = parser.parse_args()
    nodes, sites, people = (20_000, 500, 100_000) if options.quick else (212_000, 2_000, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        source, binary = Path(folder, "limit.c"), Path(folder, "limit.so")
        source.write_text(LIMIT_C, encoding="utf-8")
        command = f"cc -O3 -march=native -shared -fPIC {source} -o {binary} -lm".split()
        subprocess.run(command, check=True)  # noqa: S603  (our own words)
        library = ctypes.CDLL(str(binary))
        library.reach.restype = ctypes.c_long
        os.environ["NUMBA_CACHE_DIR"] = folder
        call, spawn = Peer(partial(prepare_first_call, nodes, sites)), get_context("spawn")
        for what in ("first call ever", "first call of a process"):
            timed = time_apart(call, spawn)
            line = json.dumps({"work": what, "ours_s": timed.first_s, "peak_mib": timed.peak_mib})
            print(line if options.json else f"{what}: {timed.first_s:.2f} s", flush=True)
        rng = np.random.default_rng(options.seed)
        towns = {"grid": make_grid_roads(nodes, rng)}
        if options.pbf.exists() and not options.quick:
            extract = read_osm(options.pbf, options.pbf.name)
            towns[options.pbf.stem] = make_roads_of_osm(extract, PORTO_ALEGRE_CRS)
        for name, roads in towns.items():
            for work in list_works(name, make_town(roads, sites, people, rng), library.reach):
                answer(work, as_json=options.json)


if __name__ == "__main__":
    main()
