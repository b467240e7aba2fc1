"""A comparison as one page that needs nothing else: a map of differences, and lists beside it."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

import numpy as np
import shapely

from siteplan.errors import Language, Text
from siteplan.model import StudyArea
from siteplan.model.comparison import Comparison
from siteplan.outputs.backdrop import SIMPLIFY_M, Degrees
from siteplan.outputs.comparison.document import describe_comparison
from siteplan.outputs.comparison.words import (
    DIRECTIONS,
    FATES,
    KINDS,
    OWN_WORDS,
    TURNS,
    WORDS,
    name_figure,
)
from siteplan.outputs.page import Parts, render_page
from siteplan.outputs.results import describe_text

PARTS = Parts(
    styles=("base.css", "map.css", "panel.css", "compare.css"),
    scripts=(
        "compare-words.js",
        "speech.js",
        "draw.js",
        "shapes.js",
        "compare-map.js",
        "compare-tables.js",
        "compare.js",
    ),
    body="""<a id="siteplan-skip" href="#siteplan-panel"></a>
<header id="siteplan-head"></header>
<div id="siteplan-notices"></div>
<main>
<section id="siteplan-frame"><div id="siteplan_map"></div></section>
<aside id="siteplan-panel" tabindex="-1"></aside>
</main>""",
    kind="comparison",
)
MARGIN_DEGREES = 0.005
"""About half a kilometre: what is shown around sites where there are no boundaries."""
MOVED_BOUNDARIES = Text(
    "地图上的边界不是这两次评审所用的，已有改动。",
    "The boundaries on the map are others than those that were judged.",
)

Box = list[list[float]]


def write_page(
    comparison: Comparison,
    area: StudyArea | None,
    lang: Language | None,
    *,
    former: StudyArea | None = None,
    as_judged: bool = True,
) -> bytes:
    """Return the page as HTML: one file that asks no host for anything.

    Parameters
    ----------
    comparison
        What to show.
    area
        Boundaries of its subdistricts; None draws the sites on a blank ground.
    lang
        Language the page opens in; None leaves it to the browser.
    former
        Boundaries of those subdistricts that `area` has no more; None if there are none.
    as_judged
        Whether the boundaries are those that were judged; else the page says so.
    """
    described = describe_page(comparison, area, former=former, as_judged=as_judged)
    payload = {"lang": lang, **described}
    page = render_page(payload, PARTS, title=comparison.after.case)
    return page.encode("utf-8", errors="replace")


def describe_page(
    comparison: Comparison,
    area: StudyArea | None,
    *,
    former: StudyArea | None = None,
    as_judged: bool = True,
) -> dict[str, object]:
    """Return everything the page knows, as described at the top of `web/compare-words.js`."""
    document = describe_comparison(comparison)
    polygons, bounds = _describe_area(comparison, [one for one in (area, former) if one])
    notices = document["notices"]
    if isinstance(notices, list) and area is not None and not as_judged:
        notices.append(describe_text(MOVED_BOUNDARIES))
    subdistricts = document["subdistricts"]
    if isinstance(subdistricts, list):
        for one in subdistricts:
            one["polygons"] = polygons.get(one["code"])
            one["gaps"] = [gap for gap in one["gaps"] if gap["fate"] != "kept"]
            for key in ("links", "losses"):
                one[key] = [each for each in one[key] if each["before"] != each["after"]]
    names = {one.name for each in comparison.subdistricts for one in each.figures}
    names |= {one.name for each in comparison.sites for one in each.figures}
    names |= {one.name for one in comparison.summary}
    return {
        "case": comparison.after.case,
        "generator": f"siteplan {version('siteplan')}",
        **document,
        "bounds": bounds,
        "figure_names": {name: describe_text(name_figure(name)) for name in sorted(names)},
        "turn_names": _describe_words(TURNS),
        "fates": _describe_words(FATES),
        "kinds": _describe_words({str(kind): text for kind, text in KINDS.items()}),
        "values": _describe_words(WORDS),
        "own_words": sorted(OWN_WORDS),
        "directions": dict(DIRECTIONS),
    }


def _describe_words(words: Mapping[str, Text]) -> dict[str, dict[str, str]]:
    return {name: describe_text(text) for name, text in words.items()}


def _describe_area(
    comparison: Comparison, areas: Sequence[StudyArea]
) -> tuple[dict[str, list[list[list[float]]]], Box]:
    """Return the boundaries of each subdistrict by code, and what must be in view."""
    sides = [one for each in comparison.sites for one in (each.before, each.after) if one]
    places = [(one.lon, one.lat) for one in sides]
    codes = {one.code for one in comparison.subdistricts}
    polygons: dict[str, list[list[list[float]]]] = {}
    for area in areas:  # what the first has no more stands in the second
        degrees = Degrees(area.crs)
        for one in area.subdistricts:
            if one.code in codes and one.code not in polygons:
                shape = shapely.simplify(one.geometry, SIMPLIFY_M)
                polygons[one.code] = degrees.polygons([shape])
    if areas:
        places = [
            (ring[i], ring[i + 1])
            for each in polygons.values()
            for rings in each
            for ring in rings[:1]
            for i in range(0, len(ring), 2)
        ] or places
    if not places:
        return polygons, [[-60.0, -180.0], [75.0, 180.0]]
    corners = np.array(places)
    margin = 0.0 if polygons else MARGIN_DEGREES
    (west, south), (east, north) = corners.min(axis=0) - margin, corners.max(axis=0) + margin
    return polygons, [[float(south), float(west)], [float(north), float(east)]]
