"""What a case takes of an extract: all that siteplan reads there, whole where it reaches out."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
import shapely
from osmium.osm import Node
from osmium.osm.types import OSMEntity

from siteplan.errors import Defect, InputError, Text
from siteplan.fetch.passes import (
    REPLICATED,
    Extract,
    Found,
    Ids,
    collect_in_box,
    hold,
    list_refs,
    refuse_broken,
    scan_nodes,
    scan_relations,
    scan_ways,
    touch,
)
from siteplan.inputs.osm import AREA_KEYS, KEYS
from siteplan.inputs.tags import find_service, find_stop
from siteplan.model import PLACE_KINDS, Shape

AREA_TYPES = frozenset({"multipolygon", "boundary"})  # relations that osmium makes areas of
MARGIN_M = 2000.0
"""How far beyond its subdistricts a case has roads: ways to a site inside may lead outside."""

BARE_PBF = "pbf,add_metadata=none"  # no names of mappers


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Ids of what is taken, ascending."""

    nodes: Ids
    ways: Ids
    relations: Ids


def choose_objects(extract: Extract, region: Shape) -> Chosen:
    """Choose what has a node in a region and a tag that siteplan reads.

    Ways and multipolygon relations are taken whole, as far as the extract holds them.

    Parameters
    ----------
    extract
        The file.
    region
        Polygon in WGS84 degrees.
    """
    inside = _find_inside(extract, region)
    tagged = array("q", (node.id for node in scan_nodes(extract, *KEYS) if _is_read(node)))
    standing = np.array(tagged, dtype=np.int64)
    standing = standing[hold(inside, standing)]
    ways = set(touch(scan_ways(extract, *KEYS), inside))
    areas = {
        relation.id: array("q", (each.ref for each in relation.members if each.type == "w"))
        for relation in scan_relations(extract, *AREA_KEYS)
        if relation.tags.get("type") in AREA_TYPES
    }
    members = {way for refs in areas.values() for way in refs}
    bare = (way for way in scan_ways(extract) if way.id in members)
    touching = ways | set(touch(bare, inside))
    relations = [area for area, refs in areas.items() if not touching.isdisjoint(refs)]
    ways |= {way for area in relations for way in areas[area]}
    refs = list_refs(way for way in scan_ways(extract) if way.id in ways)
    return Chosen(
        np.union1d(refs, standing),
        np.array(sorted(ways), dtype=np.int64),
        np.array(sorted(relations), dtype=np.int64),
    )


def _is_read(node: Node) -> bool:
    """Whether a node is something of itself, and no mere corner of a way."""
    tags = {tag.k: tag.v for tag in node.tags}
    found = find_service(tags) or find_stop(tags)
    return found is not None or tags.get("place") in PLACE_KINDS


def _find_inside(extract: Extract, region: Shape) -> Ids:
    """Return the nodes in a polygon.

    Raises
    ------
    InputError
        If some were drawn and never uploaded: readers of OpenStreetMap leave such nodes out.
    """
    found: Found = collect_in_box(extract, shapely.bounds(region).tolist())
    if len(found.ids) and found.ids[0] < 1:
        problem = Text(
            "含有未上传的对象（负编号）", "holds objects that were never uploaded (ids below 1)"
        )
        remedy = Text("请用 osmium renumber 重新编号", "Number it anew with osmium renumber")
        raise InputError(Defect(extract.label, problem, remedy))
    shapely.prepare(region)
    return found.ids[shapely.contains_xy(region, found.lonlat)]


def write_objects(extract: Extract, chosen: Chosen, path: Path) -> None:
    """Write what was chosen as PBF: nodes, ways and relations, each in ascending order of id.

    The bytes depend on nothing else; what is said of who edited an object is left out.
    """
    header = osmium.io.Header()
    header.set("generator", "siteplan")
    if extract.replicated:
        header.set(REPLICATED, extract.replicated)
    rough = path.with_name(f"rough-{path.name}")
    in_order = _write(extract, chosen, header, rough)
    if in_order:
        rough.replace(path)
        return
    with refuse_broken(extract.label):
        merged = osmium.MergeInputReader()
        merged.add_file(str(rough))
        writer = osmium.SimpleWriter(
            osmium.io.File(str(path), BARE_PBF), header=header, overwrite=True
        )
        merged.apply(writer)
        writer.close()
    rough.unlink()


def _write(extract: Extract, chosen: Chosen, header: osmium.io.Header, path: Path) -> bool:
    """Write objects in the order of the extract; return whether it is that of their ids."""
    in_order = True
    writer = osmium.SimpleWriter(osmium.io.File(str(path), BARE_PBF), header=header, overwrite=True)
    scans: tuple[tuple[Iterator[OSMEntity], Ids], ...] = (
        (scan_nodes(extract), chosen.nodes),
        (scan_ways(extract), chosen.ways),
        (scan_relations(extract), chosen.relations),
    )
    try:
        for found, ids in scans:
            wanted, last = frozenset(ids.tolist()), None
            for item in found:
                if item.id in wanted:
                    in_order &= last is None or 0 < last < item.id
                    last = item.id
                    writer.add(item)
    finally:
        writer.close()
    return in_order
