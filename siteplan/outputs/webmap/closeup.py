"""The page of one subdistrict: what its planners look at while they decide."""

import numpy as np
import shapely

from siteplan.model import Indices, Judgement, Metres, Shape, Site
from siteplan.outputs.backdrop import SIMPLIFY_M, describe_backdrop
from siteplan.outputs.webmap import (
    describe_bounds,
    describe_case,
    describe_findings,
    describe_links,
    join_lines,
)
from siteplan.outputs.webmap.atlas import OVERVIEW, Atlas, Document
from siteplan.outputs.webmap.trials import describe_trial

MARGIN_M = 400.0
"""How much is shown around a subdistrict and its sites."""
ASPECT = 1.55
"""At least so much wider than high: as the page shows it beside its legend."""
MOST_VERTICES = 10_000
"""Of roads, water and all else beneath the figures, so that the page stays small."""
AREA_SIMPLIFY_M = 4.0
GAP_CELL_M = 20.0
GAP_WIDEN, GAP_NARROW, GAP_ROUND = 0.8, 0.4, 0.15
"""A gap is drawn as the ground around its demand points. Squares are widened by more than half of
what links two of them, of which these are parts, so that the ground of one gap hangs together."""
GAP_SIMPLIFY_M = 6.0
NEIGHBOUR_SIMPLIFY_M = 10.0


def describe_close_up(atlas: Atlas, judgement: Judgement) -> Document:
    """Return everything the page of one subdistrict shows."""
    evaluation, degrees = atlas.evaluation, atlas.degrees
    case, code = evaluation.case, judgement.subdistrict.code
    own = [atlas.sites[id_] for id_ in evaluation.worth if atlas.sites[id_].subdistrict == code]
    ids = {site.id for site in own}
    around = find_surroundings(judgement, own)
    (described,) = (one for one in atlas.list_parts("subdistricts") if one["code"] == code)
    shape = shapely.simplify(judgement.subdistrict.geometry, SIMPLIFY_M)
    areas = {i: area for i, area in evaluation.drawing.service_areas.items() if i in ids}
    paths = {site.path for site in own}
    return {
        "kind": "subdistrict",
        "home": f"../{OVERVIEW}",
        **describe_case(atlas),
        "bounds": describe_bounds(degrees, np.array([judgement.subdistrict.geometry])),
        "subdistricts": [
            {
                **{key: value for key, value in described.items() if key not in _ELSEWHERE},
                "polygons": degrees.polygons([shape]),
            }
        ],
        "neighbours": _describe_neighbours(atlas, judgement, around),
        "sites": [one for one in atlas.list_parts("sites") if one["id"] in ids],
        "around": _describe_around(atlas, judgement, around),
        "service_areas": [
            {"site": id_, "polygons": degrees.polygons([shapely.simplify(area, AREA_SIMPLIFY_M)])}
            for id_, area in areas.items()
            if not area.is_empty
        ],
        "links": describe_links(judgement, atlas.degrees),
        "gaps": _describe_gaps(atlas, judgement, described),
        "services": _describe_services(atlas, judgement, described),
        "stops": _describe_stops(atlas, around),
        "trial": describe_trial(evaluation.trials[code], degrees),
        **describe_backdrop(case, around, degrees, most_vertices=MOST_VERTICES, margin_m=0.0),
        "findings": describe_findings(atlas.list_findings(judgement)),
        "reviews": [one for one in atlas.list_parts("reviews") if one["site"] in ids],
        "sources": [
            source
            for source in atlas.list_parts("sources")
            if source["role"] != "proposals" or source["path"] in paths
        ],
    }


_ELSEWHERE = ("facilities", "gaps")  # on the page with their places


def find_surroundings(judgement: Judgement, own: list[Site]) -> shapely.Polygon:
    """Return the rectangle that a page shows: a subdistrict and its sites, and what is near."""
    places = [judgement.subdistrict.geometry, *(shapely.Point(site.x, site.y) for site in own)]
    west, south, east, north = shapely.total_bounds(np.array(places, dtype=object)).tolist()
    height_m = north - south + 2 * MARGIN_M
    wider_m = max(MARGIN_M, (ASPECT * height_m - (east - west)) / 2)
    shown: shapely.Polygon = shapely.box(
        west - wider_m, south - MARGIN_M, east + wider_m, north + MARGIN_M
    )
    return shown


def _describe_neighbours(
    atlas: Atlas, judgement: Judgement, around: shapely.Polygon
) -> list[Document]:
    """Return the subdistricts around, as far as they are seen: ground, and borders as lines."""
    described: list[Document] = []
    for one in atlas.evaluation.case.area.subdistricts:
        if one is judgement.subdistrict or not shapely.intersects(around, one.geometry):
            continue
        shape = shapely.simplify(one.geometry, NEIGHBOUR_SIMPLIFY_M)
        ground = shapely.clip_by_rect(shape, *around.bounds)
        border = join_lines([shapely.clip_by_rect(shape.boundary, *around.bounds)])
        if ground.is_empty:
            continue
        described.append(
            {
                "code": one.code,
                "name": one.name,
                "page": atlas.link(one.code),
                "polygons": atlas.degrees.polygons([ground]),
                "lines": atlas.degrees.lines(border),
            }
        )
    return described


def _describe_around(atlas: Atlas, judgement: Judgement, around: shapely.Polygon) -> list[Document]:
    """Return the sites of others that are seen on the page."""
    west, south, east, north = around.bounds
    return [
        {
            "name": site.name,
            "subdistrict": site.subdistrict,
            "status": site.status,
            "role": site.role,
            "lon": round(site.lon, 6),
            "lat": round(site.lat, 6),
        }
        for site in atlas.evaluation.case.sites.records
        if site.subdistrict != judgement.subdistrict.code
        and west <= site.x <= east
        and south <= site.y <= north
    ]


def _describe_gaps(atlas: Atlas, judgement: Judgement, described: Document) -> list[Document]:
    """Return the gaps with the ground they cover, most residents first."""
    x, y = _find_uncovered(atlas, judgement)
    rank = np.cumsum(~judgement.coverage.covered) - 1
    gaps = described["gaps"]
    return [
        {
            "subdistrict": judgement.subdistrict.code,
            "number": number,
            **written,
            "polygons": atlas.degrees.polygons(
                [draw_gap(x[rank[gap.points]], y[rank[gap.points]], gap.link_m)]
            ),
        }
        for number, (gap, written) in enumerate(
            zip(judgement.gaps, gaps if isinstance(gaps, list) else [], strict=True)
        )
    ]


def draw_gap(x: Metres, y: Metres, link_m: float) -> Shape:
    """Return the ground around the demand points of a gap: squares of a grid, united and rounded.

    Parameters
    ----------
    x, y
        Working CRS, shape (points,).
    link_m
        Longest step by which two of them are linked.

    Examples
    --------
    >>> ground = draw_gap(np.array([0.0, 100.0]), np.array([0.0, 0.0]), 100.0)
    >>> ground.geom_type, ground.covers(shapely.LineString([(0, 0), (100, 0)]))
    ('Polygon', True)
    """
    cells = np.unique(np.round(np.column_stack([x, y]) / GAP_CELL_M), axis=0) * GAP_CELL_M
    wide_m = GAP_WIDEN * link_m
    squares = shapely.box(*(cells - wide_m).T, *(cells + wide_m).T)
    ground = shapely.buffer(shapely.union_all(squares), -GAP_NARROW * link_m)
    ground = ground.buffer(GAP_ROUND * link_m)
    return shapely.simplify(ground, GAP_SIMPLIFY_M)


def _describe_services(atlas: Atlas, judgement: Judgement, described: Document) -> list[Document]:
    """Return the services in the subdistrict or near its centre, with their places."""
    facilities, known = atlas.evaluation.case.facilities, judgement.nearby.facilities
    written = described["facilities"]
    if facilities is None or known is None or not isinstance(written, list):
        return []
    at: Indices = np.array([one.index for one in known], dtype=np.intp)
    lon, lat = atlas.degrees.places(facilities.x[at], facilities.y[at])
    return [
        {**one, "lon": east, "lat": north}
        for one, east, north in zip(written, lon, lat, strict=True)
    ]


def _describe_stops(atlas: Atlas, around: shapely.Polygon) -> list[Document]:
    stops = atlas.evaluation.case.stops
    if stops is None:
        return []
    west, south, east, north = around.bounds
    seen = (stops.x >= west) & (stops.x <= east) & (stops.y >= south) & (stops.y <= north)
    near = np.flatnonzero(seen & stops.first)
    lon, lat = atlas.degrees.places(stops.x[near], stops.y[near])
    return [
        {"kind": str(stops.kind[i]), "name": str(stops.name[i]) or None, "lon": x, "lat": y}
        for i, x, y in zip(near, lon, lat, strict=True)
    ]


def _find_uncovered(atlas: Atlas, judgement: Judgement) -> tuple[Metres, Metres]:
    """Return where the residents are whom their own centre does not cover."""
    drawing = atlas.evaluation.drawing
    own = drawing.uncovered_subdistrict == atlas.evaluation.judgements.index(judgement)
    return drawing.uncovered_x[own], drawing.uncovered_y[own]
