"""The page on which a subdistrict office draws and fills in its proposal, in a browser alone.

What a venue has to say comes from `siteplan.schema`: the page knows no fields of its own.
"""

from collections.abc import Iterable, Sequence
from importlib.metadata import version

import numpy as np
import shapely

from siteplan.crs import CHINA_BOX
from siteplan.errors import Defect, InputError, Language, Text, join_names
from siteplan.model import Case, Geometries, Shape, Subdistrict
from siteplan.outputs.backdrop import SIMPLIFY_M, Degrees, describe_backdrop
from siteplan.outputs.page import Parts, render_page
from siteplan.schema import FIELDS, ORIGINAL, POSITION, describe_fields

PARTS = Parts(
    styles=("base.css", "form.css"),
    scripts=(
        "form-words.js",
        "speech.js",
        "draw.js",
        "shapes.js",
        "form-facilities.js",
        "form-datum.js",
        "form-read.js",
        "form-draft.js",
        "form-check.js",
        "form-file.js",
        "form-map.js",
        "form-place.js",
        "form-fill.js",
        "form-finish.js",
        "form.js",
    ),
    body="""<header id="siteplan-head"></header>
<div id="siteplan-notices"></div>
<main>
<section id="siteplan-frame"><div id="siteplan_map"></div></section>
<form id="siteplan-panel" novalidate autocomplete="off"></form>
</main>
<section id="siteplan-paper"></section>
<div id="siteplan-toast" role="status" aria-live="polite"></div>
<dialog id="siteplan-dialog" aria-labelledby="dialog-title"></dialog>""",
)
MARGIN_M = 500.0
"""How much is shown around the subdistricts: what a venue at the edge has next to it."""
BOUNDARY_SIMPLIFY_M = 1.0  # web/form-check.js takes a venue for inside as far as twice this
NEAR_SIMPLIFY_M = 20.0
BACKDROP = ("roads", "water", "green", "rail")
MOST_VERTICES = 60_000
"""What the page may carry of them, so that it opens at once on an old laptop."""


def write_form(case: Case, codes: Sequence[str], lang: Language | None) -> bytes:
    """Return the page as HTML: one file that needs nothing else and asks no host for anything.

    Parameters
    ----------
    case
        What the page shows as a backdrop: boundaries, roads, water, facilities, existing sites.
    codes
        Subdistricts the page is for, in this order; of several one chooses on the page.
    lang
        Language the page opens in; None leaves it to the browser.

    Raises
    ------
    InputError
        If a code is not in the case, or there is none.
    """
    described = describe_form(case, codes)
    page = render_page({"lang": lang, **described}, PARTS, title=case.name)
    return page.encode("utf-8", errors="replace")


def describe_form(case: Case, codes: Sequence[str]) -> dict[str, object]:
    """Return everything the page knows, as described at the top of `web/form-words.js`.

    Raises
    ------
    InputError
        If a code is not in the case, or there is none.
    """
    chosen = _choose(case, codes)
    degrees = Degrees(case.area.crs)
    shapes = np.array([one.geometry for one in chosen], dtype=object)
    near = shapely.union_all(shapes).buffer(MARGIN_M).simplify(NEAR_SIMPLIFY_M)
    shapely.prepare(near)
    drawn = describe_backdrop(case, near, degrees, most_vertices=MOST_VERTICES, margin_m=0)
    others = [one for one in case.area.subdistricts if one not in chosen]
    return {
        "case": case.name,
        "generator": f"siteplan {version('siteplan')}",
        "fields": describe_fields(FIELDS),
        "position": describe_fields(POSITION),
        "original": describe_fields(ORIGINAL),
        "china": list(CHINA_BOX),
        "tolerance_m": case.standard.number("boundary_tolerance") or 0.0,
        "subdistricts": [
            {
                "code": one.code,
                "name": one.name,
                "district": one.district,
                "polygons": degrees.polygons([shapely.simplify(one.geometry, BOUNDARY_SIMPLIFY_M)]),
            }
            for one in chosen
        ],
        "near": degrees.polygons([near]),
        "others": _describe_others(others, near, degrees),
        **{name: drawn[name] for name in BACKDROP},
        "facilities": _describe_facilities(case, near, degrees),
        "sites": _describe_sites(case, near),
        "taken": [[site.id, site.subdistrict] for site in case.sites.records],
        "licences": sorted({source.licence for source in case.sources if source.licence}),
    }


def _choose(case: Case, codes: Sequence[str]) -> list[Subdistrict]:
    known = {one.code: one for one in case.area.subdistricts}
    unknown = [code for code in codes if code not in known]
    if unknown or not codes:
        problem = (
            Text("没有指定街道", "names no subdistrict")
            if not codes
            else Text(f"没有街道 {unknown[0]}", f"has no subdistrict {unknown[0]}")
        )
        held = join_names(known, most=12)
        remedy = Text(f"请指定其中之一：{held.zh}", f"Name one of {held.en}")
        raise InputError(Defect(case.name, problem, remedy, stage="place", field="subdistrict"))
    return [known[code] for code in dict.fromkeys(codes)]


def _clip(shapes: Geometries, near: Shape) -> Geometries:
    """Return what of the shapes lies near."""
    touching = shapes[shapely.intersects(near, shapes)]
    return np.asarray(shapely.intersection(touching, near), dtype=object)


def _describe_others(
    others: Iterable[Subdistrict], near: Shape, degrees: Degrees
) -> list[dict[str, object]]:
    """Return the subdistricts around: their boundaries as lines, not the edge of what is shown."""
    described: list[dict[str, object]] = []
    for one in others:
        boundary = shapely.simplify(one.geometry.boundary, SIMPLIFY_M)
        here = _clip(np.array([boundary, one.geometry], dtype=object), near)
        if len(here) == 2:  # noqa: PLR2004  # its boundary and its ground
            described.append(
                {
                    "name": one.name,
                    "lines": degrees.lines(_list_lines(here[:1])),
                    "at": degrees.lines(shapely.point_on_surface(here[1:]))[0],
                }
            )
    return described


def _list_lines(shapes: Iterable[Shape]) -> Geometries:
    parts = shapely.get_parts(np.array(list(shapes), dtype=object))
    lines: Geometries = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
    return lines


def _describe_facilities(case: Case, near: Shape, degrees: Degrees) -> list[dict[str, object]]:
    facilities = case.facilities
    if facilities is None:
        return []
    inside = shapely.intersects_xy(near, facilities.x, facilities.y)
    lon, lat = degrees.places(facilities.x[inside], facilities.y[inside])
    return [
        {"kind": str(kind), "name": str(name), "lon": x, "lat": y}
        for kind, name, x, y in zip(
            facilities.kind[inside], facilities.name[inside], lon, lat, strict=True
        )
    ]


def _describe_sites(case: Case, near: Shape) -> list[dict[str, object]]:
    """Return the venues that exist already, whichever subdistrict they are of."""
    return [
        {
            "id": site.id,
            "name": site.name,
            "subdistrict": site.subdistrict,
            "role": site.role,
            "lon": round(site.lon, 7),
            "lat": round(site.lat, 7),
        }
        for site in case.sites.records
        if site.status == "existing" and shapely.intersects_xy(near, site.x, site.y)
    ]
