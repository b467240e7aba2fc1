"""The interactive map: what `index.html` is given to show, in longitude and latitude."""

import re
from collections.abc import Mapping
from importlib.metadata import version

import folium
import numpy as np
import shapely

from siteplan.errors import Language, Text
from siteplan.model import Evaluation, Judgement, Site, Standard
from siteplan.outputs.backdrop import DECIMALS, SIMPLIFY_M, Degrees, group_roads
from siteplan.outputs.page import Parts, render_page
from siteplan.outputs.results import (
    DEPARTMENTS,
    describe_defect,
    describe_judgement,
    describe_site,
    describe_text,
    list_notes,
    to_document,
)
from siteplan.standard import BY_TIME

STYLES = ("base.css", "map.css")
SCRIPTS = ("words.js", "speech.js", "draw.js", "shapes.js", "cards.js", "panel.js", "map.js")
MAP_ID = "siteplan_map"  # web/map.js and web/map.css know it too
BODY = """<header id="siteplan-head"></header>
<div id="siteplan-notices"></div>
<main>
<section id="siteplan-frame">
{frame}
</section>
<aside id="siteplan-panel"></aside>
</main>"""
ROAD_SIMPLIFY_M = 4.0
MOST_ROAD_VERTICES = 150_000
"""Beyond this the smaller roads are left out of the backdrop, so that the page opens at once."""


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
    page = render_map(payload, title=evaluation.case.name)
    return page.encode("utf-8", errors="replace")


def render_map(payload: Mapping[str, object], *, title: str) -> str:
    """Write the page of a payload as `web/words.js` describes it, in the frame folium draws.

    Text from files never passes through folium or branca, which run what they find in it.
    """
    head, body, start = draw_frame()
    parts = Parts(STYLES, SCRIPTS, BODY.format(frame=body), head, start)
    return render_page(payload, parts, title=title)


def draw_frame() -> tuple[str, str, str]:
    """Let folium draw an empty map that loads nothing, with the same id every time.

    Returns
    -------
    tuple
        Styles and the switches Leaflet reads when it starts; the element the map stands in; the
        script that makes the map, in the variable `MAP_ID`.
    """
    drawn = folium.Map(
        location=(0, 0),
        zoom_start=2,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,  # web/map.js adds it, in the reader's language
        attribution_control=False,
        zoom_snap=0.25,  # without tiles any zoom is as sharp, and the case fills the page
    )
    drawn.default_js, drawn.default_css = [], []
    figure = folium.Figure()
    drawn.add_to(figure)
    figure.render()
    head, body, script = (
        part.render().replace(drawn.get_name(), MAP_ID).strip()
        for part in (figure.header, figure.html, figure.script)
    )
    return re.sub(r"<meta\b[^>]*>\s*", "", head), body, script  # page.py has better ones


def describe_map(evaluation: Evaluation) -> dict[str, object]:
    """Return everything the page shows; the figures are those of `evaluation.json`."""
    case, document = evaluation.case, to_document(evaluation)
    degrees = Degrees(case.area.crs)
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
            {**describe_judgement(one, case), "polygons": degrees.polygons([shape])}
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
        "uncovered": _describe_residents(evaluation, degrees),
        "roads": _describe_roads(evaluation, degrees),
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


def _describe_residents(evaluation: Evaluation, degrees: Degrees) -> dict[str, list[float]]:
    """Return the residents that their own centre does not cover."""
    drawing = evaluation.drawing
    lon, lat = degrees.places(drawing.uncovered_x, drawing.uncovered_y)
    return {
        "lon": lon,
        "lat": lat,
        "population": np.round(drawing.uncovered_population, 1).tolist(),
        "subdistrict": drawing.uncovered_subdistrict.tolist(),
    }


def _describe_roads(evaluation: Evaluation, degrees: Degrees) -> list[dict[str, object]]:
    """Return the roads of the judged subdistricts by class, as many as a page can carry."""
    roads = evaluation.case.roads
    if roads is None:
        return []
    place = shapely.union_all([one.subdistrict.geometry for one in evaluation.judgements])
    shapely.prepare(place)
    near = shapely.intersects(place, roads.lines)
    lines = shapely.simplify(roads.lines[near], ROAD_SIMPLIFY_M)
    groups = group_roads(lines, roads.highway[near], MOST_ROAD_VERTICES)
    return [{"class": name, "lines": degrees.lines(some)} for name, some in groups]


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
    notices += list_notes(evaluation.case)
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
