"""Make a synthetic Chinese city as a siteplan case: the demo, or one of any size to measure with.

    python benchmarks/synthetic_city.py OUT --subdistricts 176 --nodes 200000 --buildings 500000
    python benchmarks/synthetic_city.py --demo OUT

Everything follows from the seed: two runs write the same bytes. Nothing here is a real place.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from city import demo, stories
from city.buildings import (
    USES,
    build_hamlet,
    build_on_blocks,
    join_buildings,
    thin_buildings,
)
from city.fabric import draft_osm, weave_fabric
from city.files import OsmDraft, write_csv, write_geojson, write_osm, write_text
from city.grid import Floats, build_grid
from city.growth import grow_city, name_subdistricts, number_subdistricts
from city.people import VINTAGE, City, Labels, count_residents, draw_borders, find_spots
from city.proposals import propose_plainly, share_sites

NODES_PER_SUBDISTRICT = 450
SITES_PER_SUBDISTRICT = 2
# Counted in what this script makes: nodes of main roads, and those that each small block adds.
MAIN_NODES_PER_KM2 = 34.0
NODES_PER_BLOCK = 2.09
DEMO_NODES_PER_KM2 = 215.0
PROJECT_COLUMNS = (
    "subdistrict",
    "project_id",
    "mode",
    "operator",
    "submitted",
    "district_reviewed",
    "city_approved",
    "tendered",
    "grant_wan",
    "city_wan",
    "district_wan",
)
VENUES = (
    ("community_centre", "文化站"),
    ("library", "图书馆"),
    ("clinic", "社区卫生服务中心"),
    ("social_facility", "长者服务站"),
    ("kindergarten", "幼儿园"),
)
CASE = """\
# 合成数据,不对应任何真实地方。 Synthetic data: no real place.
# python benchmarks/synthetic_city.py, seed {seed}
[case]
name = "合成城市"
date = 2010-07-01
standard = "standard.toml"
"""


@dataclass(frozen=True, slots=True)
class CityPlan:
    """Sizes of a synthetic city.

    Attributes
    ----------
    subdistricts, residents, sites
        Exact numbers.
    road_nodes
        Nodes of streets that one can walk on, to about 5 %.
    nodes_per_km2
        How dense they are; with `road_nodes` this gives the area.
    buildings
        At most this many; None = as many as the blocks hold.
    seed
        Source of all chance.
    demo
        Draw the demo's map and proposals. Only `residents`, `nodes_per_km2` and `seed` count then.
    """

    subdistricts: int = 9
    residents: int = 200_000
    sites: int = 18
    road_nodes: int = 4_050
    nodes_per_km2: float = 155.0
    buildings: int | None = None
    seed: int = 7
    demo: bool = False


def make_city(out: Path, plan: CityPlan) -> None:
    """Make a city and write it as a case.

    Parameters
    ----------
    out
        Folder of the case; files of the same names are replaced.
    plan
        Sizes and seed.

    Raises
    ------
    ValueError
        If the sizes cannot go together: fewer sites than subdistricts, more
        subdistricts than names, or too few road nodes for the main roads.
    """
    if not plan.demo and plan.sites < plan.subdistricts:
        message = f"{plan.sites} sites are fewer than {plan.subdistricts} subdistricts"
        raise ValueError(message)
    city = build_city(plan)
    data = out / "data"
    data.mkdir(parents=True, exist_ok=True)
    _write_osm(data / "roads.osm.pbf", city)
    borders = draw_borders(city.fabric.grid, city.labels)
    write_geojson(data / "boundaries" / "subdistricts.geojson", borders)
    columns = (city.labels.codes, city.labels.names, city.residents, city.older)
    write_csv(
        data / "population.csv",
        ("code", "name", "year", "population", "age_60_plus"),
        [(code, name, VINTAGE, *people) for code, name, *people in zip(*columns, strict=True)],
    )
    proposals = stories.propose(city) if plan.demo else _propose(city, plan.sites)
    for code, features in proposals.items():
        write_geojson(data / "proposals" / f"申报_{code}.geojson", features)
    projects = demo.PROJECTS if plan.demo else _list_projects(city.labels)
    write_csv(data / "projects.csv", PROJECT_COLUMNS, projects)
    case = demo.CASE if plan.demo else CASE.format(seed=plan.seed)
    write_text(out / "siteplan.toml", case)
    modes = demo.PILOT_MODES if plan.demo else {}
    write_text(out / "standard.toml", demo.write_standard(city.labels, modes))


def build_city(plan: CityPlan) -> City:
    """Build a city in memory."""
    rng = np.random.default_rng(plan.seed)
    area_km2 = plan.road_nodes / plan.nodes_per_km2
    city_map = demo.draw_map() if plan.demo else grow_city(plan.subdistricts, area_km2, rng)
    labels = demo.LABELS if plan.demo else _label(plan.subdistricts)
    grid = build_grid(city_map, rng)
    fabric = weave_fabric(grid, _measure_block(plan.nodes_per_km2), plan.seed)
    hamlets = [build_hamlet(centre, cell, rng) for cell, centre in fabric.hamlets]
    buildings = build_on_blocks(fabric.blocks, rng)
    buildings = thin_buildings(join_buildings([buildings, *hamlets]), plan.buildings, rng)
    owners = fabric.cell_owners[buildings.cells]
    floor_area_m2: Floats = np.zeros(len(labels.codes))
    np.add.at(floor_area_m2, owners, buildings.volumes)
    residents, older = count_residents(floor_area_m2, plan.residents, rng)
    spots = find_spots(fabric, buildings, owners, rng)
    return City(fabric, buildings, labels, owners, residents, older, spots)


def _measure_block(nodes_per_km2: float) -> float:
    """Find the block size in square metres that gives a density of road nodes."""
    if nodes_per_km2 < 2.0 * MAIN_NODES_PER_KM2:
        message = f"nodes_per_km2 is {nodes_per_km2}; at least {2.0 * MAIN_NODES_PER_KM2} is needed"
        raise ValueError(message)
    return NODES_PER_BLOCK * 1e6 / (nodes_per_km2 - MAIN_NODES_PER_KM2)


def _label(count: int) -> Labels:
    """Make up codes and names."""
    codes, names = number_subdistricts(count), name_subdistricts(count)
    return Labels(tuple(codes), tuple(names), "合成区")


def _propose(city: City, sites: int) -> dict[str, list[dict[str, Any]]]:
    """Propose a plain centre in each subdistrict, by code."""
    counts = share_sites(city.residents, sites)
    return {
        code: propose_plainly(city, number, int(counts[number]))
        for number, code in enumerate(city.labels.codes)
    }


def _list_projects(labels: Labels) -> list[tuple[object, ...]]:
    """List one project for each subdistrict, half-way through its approval."""
    return [
        (code, f"P{code}", 1 + number % 2, "", "2010-07-05", "2010-07-12", "", "", 200, 100, 100)
        for number, code in enumerate(labels.codes)
    ]


def _write_osm(path: Path, city: City) -> None:
    """Write streets, water, barriers, public venues and buildings."""
    draft = draft_osm(city.fabric)
    _draft_venues(draft, city)
    stock = city.buildings
    first = draft.add_nodes(stock.corners.reshape(-1, 2))
    for index, (use, levels) in enumerate(
        zip(stock.uses.tolist(), stock.levels.tolist(), strict=True)
    ):
        tags = {"building": USES[use]}
        if levels:
            tags["building:levels"] = str(levels)
        corner = first + 4 * index
        draft.ways.append((tags, (corner, corner + 1, corner + 2, corner + 3, corner)))
    write_osm(path, draft)


def _draft_venues(draft: OsmDraft, city: City) -> None:
    """Draft a few public venues in each subdistrict, in buildings beside a road."""
    for number, name in enumerate(city.labels.names):
        own = city.spots.xy[(city.spots.subdistricts == number) & ~city.spots.on_sandbank]
        for index, (amenity, word) in enumerate(VENUES):
            if len(own):
                place = own[(index * 37 + 11) % len(own)]
                full_name = f"{name.removesuffix('街道')}{word}"
                draft.add_point(place, {"amenity": amenity, "name": full_name})


def _read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Make a synthetic city as a siteplan case.")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of the case")
    parser.add_argument("--demo", action="store_true", help="the demo case; ignores the sizes")
    parser.add_argument("--subdistricts", type=int, default=9)
    parser.add_argument("--residents", type=int, default=200_000)
    parser.add_argument("--sites", type=int, help="default: 2 for each subdistrict")
    parser.add_argument("--nodes", type=int, help="road nodes; default: 450 for each subdistrict")
    parser.add_argument("--nodes-per-km2", type=float, default=155.0)
    parser.add_argument("--buildings", type=int, help="at most; default: as many as fit")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def main() -> None:
    """Make the city that the command line asks for, and say how long it took."""
    options = _read_arguments()
    plan = CityPlan(
        subdistricts=options.subdistricts,
        residents=options.residents,
        sites=options.sites or SITES_PER_SUBDISTRICT * options.subdistricts,
        road_nodes=options.nodes or NODES_PER_SUBDISTRICT * options.subdistricts,
        nodes_per_km2=options.nodes_per_km2,
        buildings=options.buildings,
        seed=options.seed,
    )
    if options.demo:
        plan = plan_demo()
    start_s = perf_counter()
    try:
        make_city(options.out, plan)
    except ValueError as error:
        raise SystemExit(str(error)) from error
    print(f"{options.out}: made in {perf_counter() - start_s:.1f} s")


def plan_demo() -> CityPlan:
    """Give the plan of the demo at the root of the repository."""
    return CityPlan(subdistricts=10, residents=200_000, nodes_per_km2=DEMO_NODES_PER_KM2, demo=True)


if __name__ == "__main__":
    main()
