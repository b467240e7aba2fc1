"""Cutting a case out of an extract: seconds and memory, by the size of extract and place.

    python benchmarks/fetching.py [--quick] [--json]

The extracts are synthetic: streets and buildings on a grid, with ids that are as far apart as those
of an extract of today (the largest is above 10 billion). The place is a tenth of the ground, or all
of it. With --quick a tenth of the sizes.
"""

import argparse
import tempfile
from pathlib import Path

import osmium
from osmium.osm import mutable
from timing import Command, Printer, find_program, run_apart, summarise

SIZES = (2_500_000, 5_000_000)  # nodes
RUNS = 1
SPREAD = 2_100  # from one id to the next: 5 million nodes reach 10.5 billion
STEP = 0.0001  # degrees between neighbours, some 10 m
WEST, SOUTH = 10.0, 50.0
RUN = 8  # nodes of a street; half of the rows are buildings of 4
SHARE = 0.1


def write_extract(path: Path, nodes: int) -> None:
    """Write a grid of streets and buildings, and the boundaries of `part` and of `whole`."""
    columns = int(nodes**0.5) // RUN * RUN
    rows = nodes // columns
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number in range(rows * columns):
            row, column = divmod(number, columns)
            place = (WEST + column * STEP, SOUTH + row * STEP)
            writer.add_node(mutable.Node(id=1 + number * SPREAD, location=place))
        corners = _write_corners(writer, rows * columns, (columns, rows))
        way = 0
        for first in range(0, rows * columns, RUN // 2):
            building = first // columns % 2 == 1
            if not building and first % RUN:
                continue
            way += 1
            numbers = list(range(first, first + (RUN // 2 if building else RUN)))
            refs = [1 + number * SPREAD for number in numbers]
            tags = {"building": "yes"} if building else {"highway": "residential"}
            closed = [*refs, refs[0]] if building else refs
            writer.add_way(mutable.Way(id=way, nodes=closed, tags=tags))
        relations = []
        for level, name, refs in corners:
            way += 1
            writer.add_way(mutable.Way(id=way, nodes=[*refs, refs[0]]))
            tags = {"type": "boundary", "boundary": "administrative", "name": name}
            relations.append((tags | {"admin_level": level, "population": "1000"}, way))
        for number, (tags, ring) in enumerate(relations, start=1):
            members = [("w", ring, "outer")]
            writer.add_relation(mutable.Relation(id=number, members=members, tags=tags))


def _write_corners(
    writer: osmium.SimpleWriter, number: int, size: tuple[int, int]
) -> list[tuple[str, str, list[int]]]:
    """Write the corners of two places, each with one subdistrict that fills it."""
    width, height = (count * STEP for count in size)
    rings = []
    for name, share in (("whole", 1.0), ("part", SHARE**0.5)):
        places = [(0, 0), (width * share, 0), (width * share, height * share), (0, height * share)]
        refs = []
        for x, y in places:
            number += 1
            refs.append(1 + number * SPREAD)
            writer.add_node(mutable.Node(id=refs[-1], location=(WEST + x, SOUTH + y)))
        rings += [("6", name, refs), ("8", f"{name} town", refs)]
    return rings


def main() -> None:
    """Make extracts and cut a case out of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="A tenth of the sizes.")
    parser.add_argument("--json", action="store_true", help="A line of JSON for each figure.")
    options = parser.parse_args()
    printer = Printer(as_json=options.json)
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            nodes = size // 10 if options.quick else size
            extract = Path(folder) / "grid.osm.pbf"
            write_extract(extract, nodes)
            for place, id_ in (("a tenth", 3), ("all of it", 1)):
                words = (find_program("siteplan"), "fetch", f"relation/{id_}", "--quiet")
                into = ("--from", extract, "--into", Path(folder) / "case")
                runs = [run_apart(Command((*words, *into))) for _ in range(RUNS)]
                sides = {"siteplan": summarise(runs)}
                printer.print_work(f"fetch {place}", f"{nodes:,} nodes", sides)


if __name__ == "__main__":
    main()
