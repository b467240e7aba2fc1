"""The overview of the map: every judged subdistrict, as finely as one sees them all at once."""

from urllib.parse import quote

import numpy as np
import shapely

from siteplan.model import Geometries, Shape
from siteplan.outputs.backdrop import SIMPLIFY_M, describe_backdrop
from siteplan.outputs.webmap import (
    describe_bounds,
    describe_case,
    describe_findings,
    describe_links,
)
from siteplan.outputs.webmap.atlas import CLOSE_UPS, Atlas, Document

SCREEN = 2400
"""Units into which the longer side of what is shown is divided: about half a pixel of the page."""
MOST_VERTICES = 30_000
"""Of roads, water and all else beneath the figures, so that the page opens at once."""
MARGIN_PIXELS = 40
SITE_KEYS = (
    "id", "name", "subdistrict", "status", "role", "lon", "lat", "alone_population",
    "added_population", "lost_population",
)  # fmt: skip
CLOSE_UP_ONLY = ("equity", "facilities", "gaps", "groups", "stops")
"""What only the page of a subdistrict says of it."""


def describe_overview(atlas: Atlas) -> Document:
    """Return everything the overview shows; the figures are those of `evaluation.json`."""
    evaluation, degrees = atlas.evaluation, atlas.degrees
    case, judgements = evaluation.case, evaluation.judgements
    shapes = np.array([one.subdistrict.geometry for one in judgements], dtype=object)
    simplify_m = find_scale(shapes)
    ground = shapely.union_all(shapely.simplify(shapes, simplify_m))
    return {
        "kind": "overview",
        **describe_case(atlas),
        "summary": atlas.document["summary"],
        "bounds": describe_bounds(degrees, shapes),
        "subdistricts": [
            {
                **{key: value for key, value in one.items() if key not in CLOSE_UP_ONLY},
                "network": _describe_network(one),
                "page": f"{CLOSE_UPS}/{quote(atlas.pages[str(one['code'])])}",
                "polygons": degrees.polygons([shape]),
            }
            for one, shape in zip(
                atlas.list_parts("subdistricts"), simplify_areas(shapes, simplify_m), strict=True
            )
        ],
        "neighbours": [],
        "sites": [
            {key: one[key] for key in (*SITE_KEYS, *_keep_hash(one))}
            for one in atlas.list_parts("sites")
        ],
        "around": [],
        "service_areas": [
            {"status": status, "polygons": degrees.polygons([reached])}
            for status, reached in join_areas(atlas, simplify_m).items()
        ],
        "links": [link for one in judgements for link in describe_links(one, degrees, simplify_m)],
        "gaps": [
            {"subdistrict": one["code"], "number": number, **gap}
            for one in atlas.list_parts("subdistricts")
            for number, gap in enumerate(_list_gaps(one))
        ],
        "services": [],
        "stops": [],
        **describe_backdrop(
            case, ground, degrees, most_vertices=MOST_VERTICES, margin_m=MARGIN_PIXELS * simplify_m
        ),
        "road_names": [],
        "findings": describe_findings(atlas.list_parts("findings")),
        "reviews": atlas.document["reviews"],
        "sources": atlas.document["sources"],
    }


def find_scale(shapes: Geometries) -> float:
    """Return how far a line may move without anybody seeing it, in metres.

    Examples
    --------
    >>> find_scale(np.array([shapely.box(0, 0, 24_000, 12_000)]))
    10.0
    """
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    scale_m: float = max(SIMPLIFY_M, (east - west) / SCREEN, (north - south) / SCREEN)
    return scale_m


def simplify_areas(shapes: Geometries, simplify_m: float) -> Geometries:
    """Simplify polygons so that those that had a border in common still have one."""
    if not shapely.coverage_is_valid(shapes):
        return shapely.simplify(shapes, simplify_m)
    simplified: Geometries = shapely.coverage_simplify(shapes, simplify_m)
    return simplified


def join_areas(atlas: Atlas, simplify_m: float) -> dict[str, Shape]:
    """Return the ground within reach of all existing and of all proposed sites, without specks."""
    joined: dict[str, Shape] = {}
    for status in ("existing", "proposed"):
        areas = [
            area
            for id_, area in atlas.evaluation.drawing.service_areas.items()
            if atlas.sites[id_].status == status
        ]
        simple = shapely.simplify(np.array(areas, dtype=object), simplify_m)
        whole = shapely.simplify(shapely.union_all(simple), 2 * simplify_m)
        parts = [drop_holes(part, (8 * simplify_m) ** 2) for part in shapely.get_parts(whole)]
        joined[status] = shapely.MultiPolygon(
            [part for part in parts if part.area > (8 * simplify_m) ** 2]
        )
    return joined


def drop_holes(polygon: shapely.Polygon, least_m2: float) -> shapely.Polygon:
    """Return a polygon without its small holes.

    Examples
    --------
    >>> hole = shapely.box(1, 1, 2, 2).exterior
    >>> len(drop_holes(shapely.Polygon(shapely.box(0, 0, 9, 9).exterior, [hole]), 2).interiors)
    0
    """
    holes = [ring for ring in polygon.interiors if shapely.Polygon(ring).area > least_m2]
    return shapely.Polygon(polygon.exterior, holes)


def _describe_network(described: Document) -> Document:
    """Return a network without its links, which are drawn, and what losing each site would do."""
    network = described["network"]
    known = network if isinstance(network, dict) else {}
    return {key: value for key, value in known.items() if key not in {"links", "losses"}}


def _keep_hash(site: Document) -> list[str]:
    """Name what a decision on a site stands on where the site has no subdistrict that says it."""
    return [key for key in ("evaluation_sha256",) if key in site and site["subdistrict"] is None]


def _list_gaps(described: Document) -> list[Document]:
    gaps = described["gaps"]
    return gaps if isinstance(gaps, list) else []
