"""What both kinds of page of the map show, in longitude and latitude."""

import math
from collections.abc import Iterable
from importlib.metadata import version

import numpy as np
import shapely

from siteplan.errors import Text
from siteplan.model import Evaluation, Geometries, Judgement, Shape, Standard
from siteplan.outputs.backdrop import SIMPLIFY_M, Degrees
from siteplan.outputs.results import DEPARTMENTS, describe_defect, describe_text, list_notes
from siteplan.outputs.webmap.atlas import Atlas, Document
from siteplan.standard import BY_TIME


def describe_case(atlas: Atlas) -> Document:
    """Return what every page says of the case as a whole."""
    evaluation, document = atlas.evaluation, atlas.document
    case, tiles = evaluation.case, atlas.basemap
    return {
        "case": case.name,
        "date": document["date"],
        "generator": f"siteplan {version('siteplan')}",
        "notices": [describe_text(notice) for notice in list_notices(evaluation)],
        "standard": _describe_standard(case.standard),
        "crs": case.area.crs,
        "distance": document["distance"],
        "rule_titles": {
            code: describe_text(title) for code, title in evaluation.rule_titles.items()
        },
        "departments": {name: describe_text(text) for name, text in DEPARTMENTS.items()},
        "refused": [
            {"path": refused.path, "defects": [describe_defect(d) for d in refused.defects]}
            for refused in case.refused
        ],
        "basemap": tiles
        and {
            "tiles": list(tiles.tiles),
            "attribution": describe_text(tiles.attribution),
            "link": tiles.link,
            "max_zoom": tiles.max_zoom,
        },
    }


def describe_findings(findings: Iterable[Document]) -> list[Document]:
    """Return findings without their titles, which stand once in `rule_titles`."""
    return [
        {key: value for key, value in one.items() if key != "title" and value is not None}
        for one in findings
    ]


def join_lines(lines: Iterable[Shape]) -> Geometries:
    """Return LineStrings put together where two of them meet and no third does."""
    parts = shapely.get_parts(np.array(list(lines), dtype=object))
    linear = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
    joined = shapely.line_merge(shapely.multilinestrings(linear))
    merged: Geometries = shapely.get_parts(joined)
    return merged[~shapely.is_empty(merged)]


def describe_links(
    judgement: Judgement, degrees: Degrees, simplify_m: float = SIMPLIFY_M
) -> list[Document]:
    """Return the links of one centre, drawn as one walks from branch to headquarters."""
    network = judgement.network
    return [
        {
            "subdistrict": judgement.subdistrict.code,
            "site": link.site,
            "headquarters": network.headquarters,
            "distance_m": round(link.distance_m, 1),
            "lines": degrees.lines(shapely.simplify([link.line], simplify_m)),
            "crossings": [
                {
                    "name": describe_text(crossing.name),
                    "distance_without_m": round_walk(crossing.distance_without_m),
                }
                for crossing in link.crossings
            ],
        }
        for link in network.links
        if link.line is not None
    ]


def round_walk(distance_m: float) -> float | None:
    """Return a walk to 0.1 m; None where there is no way.

    Examples
    --------
    >>> round_walk(812.34), round_walk(math.inf)
    (812.3, None)
    """
    return round(distance_m, 1) if math.isfinite(distance_m) else None


def describe_bounds(degrees: Degrees, shapes: Geometries) -> list[list[float]]:
    """Return the south-western and the north-eastern corner of shapes."""
    west, south, east, north = shapely.total_bounds(degrees.project(shapes)).tolist()
    return [[south, west], [north, east]]


def list_notices(evaluation: Evaluation) -> list[Text]:
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
        files = "proposal file" if count == 1 else "proposal files"
        are = "is" if count == 1 else "are"
        notices.append(
            Text(
                f"{count} 个申报文件无法使用，未计入，见“数据与方法”",
                f"{count} {files} could not be used and {are} left out: see sources",
            )
        )
    return notices


def _describe_standard(standard: Standard) -> Document:
    radius, target = standard.thresholds["service_radius"], standard.thresholds["coverage_target"]
    return {
        "id": standard.id,
        "title": describe_text(standard.title),
        "radius_m": radius.number,
        "radius_status": radius.status,
        "coverage_target": target.number,
        "target_status": target.status,
    }
