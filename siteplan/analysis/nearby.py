"""What is near a site on foot: the nearest stop of public transport, and existing services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siteplan.analysis.coverage import find_nearest
from siteplan.analysis.demand import locate
from siteplan.analysis.places import Places, WalkGraph, join_to_roads
from siteplan.analysis.travel import measure_reach
from siteplan.errors import Text
from siteplan.model import (
    TOLERANCE_M,
    Facilities,
    Geometries,
    Indices,
    Labels,
    Metres,
    NearbyFacility,
    Reach,
    Stops,
    StopWalk,
    StudyArea,
)

RELATIONS: Mapping[str, Text] = {
    "integrated": Text("整合", "integrated"),
    "linked": Text("对接", "linked"),
    "referred": Text("转介", "referred"),
}
"""How an existing service can stand to the centre (work plan 2010, 二(二))."""
DEPARTMENTS: Mapping[str, Text] = {
    "human_resources": Text("人力资源", "human resources"),
    "health": Text("卫生", "health"),
    "culture": Text("文化", "culture"),
    "youth_league": Text("团委", "Youth League"),
    "women": Text("妇联", "Women’s Federation"),
    "disabled": Text("残联", "Disabled Persons’ Federation"),
    "civil_affairs": Text("民政", "civil affairs"),
    "education": Text("教育", "education"),
    "sports": Text("体育", "sports"),
    "police": Text("公安", "police"),
    "fire": Text("消防", "fire service"),
}
"""To whom existing services belong; the first six are those of the work plan 2010, 附件1-七."""


@dataclass(frozen=True, slots=True, eq=False)
class JoinedFacilities:
    """The existing services of a case, joined to the roads.

    Attributes
    ----------
    facilities, places
        All of them, and where they are joined.
    subdistrict
        Which one each lies in, as an index, the lower on a common border; -1 for none.
    reach
        From each site of the case to those within the service radius.
    """

    facilities: Facilities
    places: Places
    subdistrict: Indices
    reach: Reach


def measure_nearest(
    graph: WalkGraph | None, sites: Places, others: Places
) -> tuple[Metres, Indices]:
    """Measure how far it is on foot from each site to the nearest of other places.

    One search from all of these places together, however far it is.

    Parameters
    ----------
    graph
        Roads; None measures straight lines.
    sites, others
        Places joined to these roads.

    Returns
    -------
    tuple
        Metres within `TOLERANCE_M` of the least, both legs off the road included, and which place
        that is, ties to the lower; inf and -1 where none can be reached.
    """
    if graph is None:
        return _measure_straight(sites, others)
    count = len(sites.chain)
    nearest_m, nearest = np.full(count, np.inf), np.full(count, -1, dtype=np.intp)
    goals, begun = np.flatnonzero(others.chain >= 0), np.flatnonzero(sites.chain >= 0)
    if not len(goals) or not len(begun):
        return nearest_m, nearest
    goal, start = others.take(goals), sites.take(begun)
    # each place is put off by its number times this, so that the lower wins a tie
    put_off_m = TOLERANCE_M / len(goals)
    head_m = graph.chains.length_m[start.chain] - start.offset_m
    node_m, source = _search_from_all(graph, goal, put_off_m)
    tail, head = graph.chains.tail[start.chain], graph.chains.head[start.chain]
    own, beside = _pair_on_chains(start, goal)
    along_m = np.abs(start.offset_m[own] - goal.offset_m[beside]) + goal.leg_m[beside]
    walk_m = np.r_[
        node_m[tail] + start.offset_m, node_m[head] + head_m, along_m + put_off_m * beside
    ]
    to = np.r_[source[tail], source[head], beside]
    of = np.r_[np.arange(len(begun)), np.arange(len(begun)), own]
    order = np.lexsort((to, walk_m, of))
    best = order[np.searchsorted(of[order], np.arange(len(begun)))]
    reached = np.isfinite(walk_m[best])
    best, begun, leg_m = best[reached], begun[reached], start.leg_m[reached]
    nearest_m[begun] = walk_m[best] - put_off_m * to[best] + leg_m
    nearest[begun] = goals[to[best]]
    return nearest_m, nearest


def measure_stop_walks(
    graph: WalkGraph | None, sites: Places, stops: Stops, snap_limit_m: float
) -> list[StopWalk]:
    """Measure the walk from each site to the nearest stop.

    Parameters
    ----------
    graph
        Roads; None measures straight lines.
    sites
        Joined to them.
    stops
        Of the case.
    snap_limit_m
        Farther than this from every road, a stop cannot be reached.
    """
    places = join_to_roads(stops.x, stops.y, graph, snap_limit_m)
    nearest_m, nearest = measure_nearest(graph, sites, places)
    return [
        StopWalk(metres, str(stops.kind[stop]), str(stops.name[stop]))
        if stop >= 0
        else StopWalk(metres, "", "")
        for metres, stop in zip(nearest_m.tolist(), nearest.tolist(), strict=True)
    ]


def join_facilities(
    area: StudyArea,
    facilities: Facilities,
    graph: WalkGraph | None,
    sites: Places,
    snap_limit_m: float,
    radius_m: Metres,
) -> JoinedFacilities:
    """Join existing services to the roads, and find which are near the sites of a case.

    Parameters
    ----------
    area, facilities
        Of the case.
    graph
        Roads; None measures straight lines.
    sites
        Joined to them.
    snap_limit_m
        Farther than this from every road, a facility cannot be reached.
    radius_m
        Service radius of each site, shape (sites,).
    """
    places = join_to_roads(facilities.x, facilities.y, graph, snap_limit_m)
    subdistrict = locate(area, facilities.x, facilities.y)
    reach = measure_reach(graph, sites, places, radius_m.max(initial=0.0))
    return JoinedFacilities(facilities, places, subdistrict, reach.within_each(radius_m))


def list_nearby(
    graph: WalkGraph | None,
    joined: JoinedFacilities,
    index: int,
    members: Places,
    ids: Mapping[int, str],
) -> tuple[NearbyFacility, ...]:
    """List existing services in a subdistrict or within the service radius of a member.

    Parameters
    ----------
    graph
        Roads; None measures straight lines.
    joined
        Of the case.
    index
        Of the subdistrict.
    members
        Of its centre, in order of id.
    ids
        Of these members, by their number among the sites of the case, in the same order.

    Returns
    -------
    tuple
        In order of their number.
    """
    reached = [joined.reach.of(member)[0] for member in ids]
    inside = np.flatnonzero(joined.subdistrict == index)
    listed = np.unique(np.concatenate([inside, *reached]))
    names: Sequence[str] = list(ids.values())
    walks = measure_reach(graph, members, joined.places.take(listed))
    nearest, distance_m = find_nearest(walks, np.arange(len(names)), len(listed))
    facilities = joined.facilities
    return tuple(
        NearbyFacility(
            index=number,
            kind=str(facilities.kind[number]),
            name=str(facilities.name[number]),
            department=name_department(_pick(facilities.department, number)),
            relation=_pick(facilities.relation, number),
            inside=bool(joined.subdistrict[number] == index),
            member=names[member] if member >= 0 else None,
            distance_m=metres,
        )
        for number, member, metres in zip(
            listed.tolist(), nearest.tolist(), distance_m.tolist(), strict=True
        )
    )


def name_department(word: str) -> Text | None:
    """Return what a department is called; one that is not ours, in the file's own word.

    Examples
    --------
    >>> name_department("health").en, name_department("外办").en, name_department("")
    ('health', '“外办”', None)
    """
    if not word:
        return None
    return DEPARTMENTS.get(word) or Text(f"“{word}”", f"“{word}”")


def _measure_straight(sites: Places, others: Places) -> tuple[Metres, Indices]:
    count = len(sites.x)
    if not len(others.x) or not count:
        return np.full(count, np.inf), np.full(count, -1, dtype=np.intp)
    spots = shapely.points(sites.x, sites.y)
    goals: Geometries = np.asarray(shapely.points(others.x, others.y), dtype=object)
    tree = shapely.STRtree(goals)
    _, nearest_m = tree.query_nearest(spots, all_matches=False, return_distance=True)
    of, to = tree.query(spots, predicate="dwithin", distance=nearest_m + TOLERANCE_M)
    nearest = np.full(count, len(others.x), dtype=np.intp)
    np.minimum.at(nearest, of, to)
    return nearest_m, nearest


def _search_from_all(graph: WalkGraph, goals: Places, put_off_m: float) -> tuple[Metres, Indices]:
    """Return how far each node is from the nearest goal, and which that is; -1 for none.

    Each goal becomes a node of its own with one-way edges to both ends of the chain it is joined
    to, so that no search can pass through another goal.
    """
    chains, nodes, many = graph.chains, len(graph.chains.node_x), len(goals.chain)
    ends = np.column_stack([chains.tail[goals.chain], chains.head[goals.chain]])
    to_ends_m = np.column_stack([goals.offset_m, chains.length_m[goals.chain] - goals.offset_m])
    first_m = to_ends_m + (goals.leg_m + put_off_m * np.arange(many))[:, None]
    old, size = graph.adjacency, nodes + many
    extended = csr_array(
        (
            np.r_[old.data, first_m.ravel()],
            np.r_[old.indices, ends.ravel()],
            np.r_[old.indptr, old.indptr[-1] + 2 * np.arange(1, many + 1)],
        ),
        shape=(size, size),
    )
    node_m, _, source = dijkstra(
        extended,
        directed=True,
        indices=np.arange(nodes, size),
        return_predecessors=True,
        min_only=True,
    )
    found = np.where(np.isfinite(node_m), source - nodes, -1)
    return node_m[:nodes], found[:nodes].astype(np.intp)


def _pair_on_chains(sites: Places, goals: Places) -> tuple[Indices, Indices]:
    """Return all pairs of a site and a goal that are joined to the same chain."""
    order = np.argsort(goals.chain, kind="stable")
    sorted_chain = goals.chain[order]
    begin = np.searchsorted(sorted_chain, sites.chain, side="left")
    many = np.searchsorted(sorted_chain, sites.chain, side="right") - begin
    site = np.repeat(np.arange(len(sites.chain)), many)
    turn = np.arange(len(site)) - np.repeat(np.cumsum(many) - many, many)
    return site, order[np.repeat(begin, many) + turn]


def _pick(labels: Labels | None, number: int) -> str:
    return "" if labels is None else str(labels[number])
