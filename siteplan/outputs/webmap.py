"""The interactive map: what `index.html` is given to show, in longitude and latitude."""

from collections.abc import Iterable
from importlib.metadata import version
from itertools import pairwise

import numpy as np
import shapely

from siteplan.crs import WGS84, make_projection, project_geometry
from siteplan.errors import Language, Text
from siteplan.model import Evaluation, Geometries, Judgement, Shape, Site, Standard
from siteplan.outputs.page import render_page
from siteplan.outputs.results import (
    DEPARTMENTS,
    describe_defect,
    describe_judgement,
    describe_site,
    describe_text,
    to_document,
)
from siteplan.standard import BY_TIME

DECIMALS = 6  # of a degree: 0.1 m
SIMPLIFY_M = 2.0
ROAD_SIMPLIFY_M = 4.0
MOST_ROAD_VERTICES = 150_000
"""Beyond this the smaller roads are left out of the backdrop, so that the page opens at once."""
ROAD_CLASSES = {
    "major": (
        "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
        "tertiary", "tertiary_link",
    ),
    "path": ("footway", "path", "steps", "track", "cycleway", "bridleway", "corridor"),
}  # fmt: skip
OTHER_ROADS = "minor"


def write_map(evaluation: Evaluation, lang: Language | None) -> bytes:
    """Return `index.html`: one file that needs nothing else and asks no host for anything.

    Parameters
    ----------
    evaluation
        What to show.
    lang
        Language the page opens in; None leaves it to the browser.
    """
    payload = {"lang": lang, **describe_map(evaluation)}
    page = render_page(payload, title=evaluation.case.name)
    return page.encode("utf-8", errors="replace")


def describe_map(evaluation: Evaluation) -> dict[str, object]:
    """Return everything the page shows; the figures are those of `evaluation.json`."""
    case, document = evaluation.case, to_document(evaluation)
    degrees = _Degrees(case.area.crs)
    shapes = shapely.simplify(
        np.array([one.subdistrict.geometry for one in evaluation.judgements], dtype=object),
        SIMPLIFY_M,
    )
    west, south, east, north = shapely.total_bounds(degrees.project(shapes)).tolist()
    sites = {site.id: site for site in case.sites.records}
    return {
        "case": case.name,
        "date": document["date"],
        "generator": f"siteplan {version('siteplan')}",
        "notices": [describe_text(notice) for notice in _list_notices(evaluation)],
        "standard": _describe_standard(case.standard),
        "crs": case.area.crs,
        "distance": document["distance"],
        "summary": document["summary"],
        "bounds": [[south, west], [north, east]],
        "subdistricts": [
            {**describe_judgement(one), "polygons": degrees.polygons([shape])}
            for one, shape in zip(evaluation.judgements, shapes, strict=True)
        ],
        "sites": [
            {**describe_site(sites[id_], worth), **_describe_premises(sites[id_])}
            for id_, worth in evaluation.worth.items()
        ],
        "service_areas": [
            {"site": id_, "polygons": degrees.polygons([ground])}
            for id_, ground in evaluation.drawing.service_areas.items()
            if not ground.is_empty
        ],
        "links": [link for one in evaluation.judgements for link in _describe_links(one, sites)],
        "uncovered": degrees.describe_residents(evaluation),
        "roads": degrees.describe_roads(evaluation),
        "water": degrees.polygons(shapely.simplify(case.backdrop.water, SIMPLIFY_M)),
        "rule_titles": {
            code: describe_text(title) for code, title in evaluation.rule_titles.items()
        },
        "findings": [
            {
                **finding,
                "department": describe_text(DEPARTMENTS[record.department]),
            }
            for finding, record in zip(
                _as_dicts(document["findings"]), evaluation.findings, strict=True
            )
        ],
        "sources": document["sources"],
        "refused": [
            {"path": refused.path, "defects": [describe_defect(d) for d in refused.defects]}
            for refused in case.refused
        ],
    }


class _Degrees:
    """Geometry of the working CRS as flat lists of longitude and latitude."""

    def __init__(self, crs: str) -> None:
        self._project = make_projection(crs, WGS84)

    def project(self, shapes: Geometries) -> Geometries:
        """Return the shapes in degrees."""
        return project_geometry(shapes, self._project)

    def flatten(self, lines: Geometries) -> list[list[float]]:
        """Return the vertices of each line or ring already in degrees."""
        vertices, line = shapely.get_coordinates(lines, return_index=True)
        values = np.round(vertices, DECIMALS).ravel().tolist()
        start = 2 * np.searchsorted(line, np.arange(len(lines) + 1))
        return [values[begin:end] for begin, end in pairwise(start.tolist())]

    def polygons(self, shapes: Iterable[Shape]) -> list[list[list[float]]]:
        """Return every polygon of the shapes as its rings, the outer one first."""
        parts = shapely.get_parts(np.array(list(shapes), dtype=object))
        areal = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        return [
            self.flatten(shapely.get_rings(polygon))
            for polygon in self.project(areal)
            if not polygon.is_empty
        ]

    def describe_residents(self, evaluation: Evaluation) -> dict[str, list[float]]:
        """Return the residents that their own centre does not cover."""
        drawing = evaluation.drawing
        lon, lat = self._project(drawing.uncovered_x, drawing.uncovered_y)
        return {
            "lon": np.round(lon, DECIMALS).tolist(),
            "lat": np.round(lat, DECIMALS).tolist(),
            "population": np.round(drawing.uncovered_population, 1).tolist(),
            "subdistrict": drawing.uncovered_subdistrict.tolist(),
        }

    def describe_roads(self, evaluation: Evaluation) -> list[dict[str, object]]:
        """Return the roads of the judged subdistricts by class, as many as a page can carry."""
        roads = evaluation.case.roads
        if roads is None:
            return []
        place = shapely.union_all([one.subdistrict.geometry for one in evaluation.judgements])
        shapely.prepare(place)
        near = shapely.intersects(place, roads.lines)
        lines, highway = roads.lines[near], roads.highway[near]
        lines = shapely.simplify(lines, ROAD_SIMPLIFY_M)
        named = {value: name for name, values in ROAD_CLASSES.items() for value in values}
        classes = np.array([named.get(str(value), OTHER_ROADS) for value in highway])
        described: list[dict[str, object]] = []
        left = MOST_ROAD_VERTICES
        for name in ("major", OTHER_ROADS, "path"):
            some = lines[classes == name]
            left -= len(shapely.get_coordinates(some))
            if left < 0:
                break
            described.append({"class": name, "lines": self.flatten(self.project(some))})
        return described


def _describe_standard(standard: Standard) -> dict[str, object]:
    radius, target = standard.thresholds["service_radius"], standard.thresholds["coverage_target"]
    return {
        "id": standard.id,
        "title": describe_text(standard.title),
        "radius_m": radius.number,
        "radius_status": radius.status,
        "coverage_target": target.number,
        "target_status": target.status,
    }


def _describe_premises(site: Site) -> dict[str, object]:
    return {"premises": site.premises, "floor_area_m2": site.floor_area_m2}


def _describe_links(judgement: Judgement, sites: dict[str, Site]) -> list[dict[str, object]]:
    """Return the links of one centre, drawn straight from branch to headquarters."""
    network = judgement.network
    if network.headquarters is None:
        return []
    head = sites[network.headquarters]
    return [
        {
            "subdistrict": judgement.subdistrict.code,
            "site": link.site,
            "headquarters": head.id,
            "distance_m": round(link.distance_m, 1),
            "lines": [
                [
                    round(value, DECIMALS)
                    for value in (sites[link.site].lon, sites[link.site].lat, head.lon, head.lat)
                ]
            ],
        }
        for link in network.links
    ]


def _list_notices(evaluation: Evaluation) -> list[Text]:
    """Return what nobody may overlook."""
    notices = []
    if evaluation.method == "straight-line":
        why = (
            Text("没有道路数据", "the case has no roads")
            if evaluation.case.roads is None
            else Text("按要求", "as asked")
        )
        notices.append(
            Text(
                f"{why.zh}，距离按直线计算：覆盖率偏高，连通性无法判断",
                f"Distances are straight lines ({why.en}): coverage is overstated, and connection"
                " on foot cannot be told",
            )
        )
    standard = evaluation.case.standard
    if standard.thresholds["service_radius"].source == BY_TIME:
        notices.append(standard.sources[BY_TIME])
    count = len(evaluation.case.refused)
    if count:
        notices.append(
            Text(
                f"{count} 个申报文件无法使用，未计入，见“数据与方法”",
                f"{count} proposal files could not be used and are left out: see sources",
            )
        )
    return notices


def _as_dicts(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []
