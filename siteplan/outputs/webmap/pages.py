"""The map as files: an overview, and a page for each subdistrict, all from the same scripts.

Text from files never passes through folium or branca, which run what they find in it.
"""

import re
from collections.abc import Mapping
from functools import cache

import folium

from siteplan.errors import Language
from siteplan.model import Evaluation
from siteplan.outputs.page import Parts, render_page
from siteplan.outputs.webmap.atlas import CLOSE_UPS, OVERVIEW, Atlas
from siteplan.outputs.webmap.basemap import Basemap
from siteplan.outputs.webmap.closeup import describe_close_up
from siteplan.outputs.webmap.overview import describe_overview

STYLES = ("base.css", "map.css", "panel.css", "trial.css", "review.css", "print.css")
SCRIPTS = (
    "words.js",
    "data.js",
    "speech.js",
    "draw.js",
    "shapes.js",
    "form-facilities.js",
    "trial.js",
    "trial-panel.js",
    "review.js",
    "marks.js",
    "subjects.js",
    "ground.js",
    "services.js",
    "sites.js",
    "labels.js",
    "curve.js",
    "cards.js",
    "facts.js",
    "tables.js",
    "search.js",
    "panel.js",
    "legend.js",
    "measure.js",
    "trial-map.js",
    "paper.js",
    "map.js",
)
MAP_ID = "siteplan_map"  # web/map.js and web/map.css know it too
KINDS = {"overview": "overview", "subdistrict": "subdistrict"}
BODY = """<a id="siteplan-skip" href="#siteplan-panel"></a>
<header id="siteplan-head"></header>
<div id="siteplan-notices"></div>
<main>
<search id="siteplan-search"></search>
<section id="siteplan-frame">
{frame}
</section>
<aside id="siteplan-panel" tabindex="-1"></aside>
</main>
<div id="siteplan-said" role="status" aria-live="polite"></div>"""


def write_pages(
    evaluation: Evaluation, lang: Language | None, basemap: Basemap | None = None
) -> dict[str, bytes]:
    """Return every page of the map by file name, each a file that needs nothing else.

    Parameters
    ----------
    evaluation
        What to show.
    lang
        Language the pages open in; None leaves it to the browser.
    basemap
        Tiles that the pages ask a host for; None asks nobody.
    """
    atlas = Atlas(evaluation, basemap)
    host = basemap.host if basemap else ""
    title = evaluation.case.name
    overview = {"lang": lang, **describe_overview(atlas)}
    pages = {OVERVIEW: render_map(overview, title=title, host=host)}
    for one in evaluation.judgements:
        payload = {"lang": lang, **describe_close_up(atlas, one)}
        page = render_map(payload, title=f"{one.subdistrict.name} · {title}", host=host)
        pages[f"{CLOSE_UPS}/{atlas.pages[one.subdistrict.code]}"] = page
    return {name: page.encode("utf-8", errors="replace") for name, page in pages.items()}


def render_map(payload: Mapping[str, object], *, title: str, host: str = "") -> str:
    """Write the page of a payload as `web/data.js` describes it, in the frame folium draws.

    Parameters
    ----------
    payload
        What the page shows.
    title
        Of the window.
    host
        The one it may ask for tiles.
    """
    head, body, start = draw_frame()
    kind = KINDS[str(payload["kind"])]
    parts = Parts(STYLES, SCRIPTS, BODY.format(frame=body), head, start, kind, host)
    return render_page(payload, parts, title=title)


@cache
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
        attribution_control=False,  # its prefix is a flag; web/legend.js says whose data they are
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
