"""Symbols and colours of drawings on paper, the same as `web/draw.js` has for the screen."""

from collections.abc import Mapping

from siteplan.model import FindingSeverity, Site, Status, Verdict
from siteplan.outputs.paper.svg import draw

CLASSES = ("#fdf3d8", "#dbdb9f", "#9ec3a8", "#5f9da2", "#2b6d8a")
"""Fifths of coverage, light to dark: also in black and white."""
DOT_COLOUR = "#b3203f"
COVERED_COLOUR = "#4b8a9b"
OLDER_COLOUR = "#8d62c0"
LINK_COLOUR = "#1d3557"
WATER_COLOUR = "#bfd5de"
GREEN_COLOUR = "#d9e4cb"
RAIL_COLOUR = "#8b8b86"
INK = "#22303a"
LAND = "#e4e1da"
STATUS_COLOURS = {"existing": "#1d3557", "proposed": "#c8551b", "candidate": "#8d62c0"}
VERDICT_COLOURS = {
    "fail": "#a61b1b", "warn": "#b87400", "unknown": "#66707a", "pass": "#1f7a5a", "na": "#8c949b",
}  # fmt: skip
VERDICT_OF: Mapping[FindingSeverity, Verdict] = {
    "violation": "fail",
    "warning": "warn",
    "note": "unknown",
}
SITE_SHAPES: dict[str, tuple[str, dict[str, float | str]]] = {
    "headquarters": ("circle", {"cx": 12, "cy": 12, "r": 9.5}),
    "branch": ("circle", {"cx": 12, "cy": 12, "r": 6}),
    "single": ("rect", {"x": 4.5, "y": 4.5, "width": 15, "height": 15, "rx": 2}),
    "candidate": ("path", {"d": "M12 4.5 19.5 12 12 19.5 4.5 12z"}),
    "candidate_headquarters": ("path", {"d": "M12 .5 23.5 12 12 23.5 .5 12z"}),
    "candidate_branch": ("path", {"d": "M12 6 18 12 12 18 6 12z"}),
}
STAR = "M12 5.6l1.9 4 4.4.5-3.3 3 .9 4.3L12 15.2l-3.9 2.2.9-4.3-3.3-3 4.4-.5z"
SMALL_STAR = "translate(3.6 3.6) scale(.7)"
ICON_SIZE = {"headquarters": 46.0, "single": 40.0, "branch": 38.0}
CANDIDATE_SIZE = 34.0


def draw_symbols() -> str:
    """Return what the symbols of a page refer to; it must stand in the page once, before them."""
    verdicts: tuple[Verdict, ...] = ("pass", "warn", "fail", "unknown", "na")
    statuses: tuple[Status, ...] = ("existing", "proposed", "candidate")
    symbols = [
        draw("symbol", *_draw_verdict(one), id=f"verdict-{one}", viewBox="0 0 24 24")
        for one in verdicts
    ]
    symbols += [
        draw("symbol", *_draw_site(shape, status), id=f"{shape}-{status}", viewBox="0 0 24 24")
        for shape in SITE_SHAPES
        for status in statuses
        if shape.startswith("candidate") == (status == "candidate")
    ]
    hatch = draw(
        "pattern",
        draw("rect", width=16, height=16, fill=LAND),
        draw("path", d="M-4 4 4-4M0 16 16 0M12 20 20 12", stroke="#8f8b7f", stroke_width=2),
        id="hatch",
        width=16,
        height=16,
        patternUnits="userSpaceOnUse",
    )
    defs = draw("defs", *symbols, hatch)
    return draw("svg", defs, width=0, height=0, aria_hidden="true", class_="defs")


def refer_to_verdict(verdict: str, size: float, x: float = 0, y: float = 0) -> str:
    """Return the symbol of a verdict within a drawing."""
    return draw("use", href=f"#verdict-{verdict}", x=x, y=y, width=size, height=size)


def refer_to_site(site: Site, size: float, x: float = 0, y: float = 0) -> str:
    """Return the symbol of a site within a drawing."""
    return draw("use", href=f"#{name_symbol(site)}", x=x, y=y, width=size, height=size)


def name_symbol(site: Site) -> str:
    """Return the id of a site's symbol: the shape tells the role, the colour the status."""
    shape: str = site.role or "single"
    if site.status == "candidate":
        shape = f"candidate_{site.role}" if site.role else "candidate"
    return f"{shape}-{site.status}"


def size_symbol(site: Site) -> float:
    """Return how large a site's symbol is on a map of one subdistrict, in units."""
    return CANDIDATE_SIZE if site.status == "candidate" else ICON_SIZE[site.role or "single"]


def _draw_verdict(verdict: Verdict) -> tuple[str, ...]:
    colour = VERDICT_COLOURS[verdict]
    disc = draw("circle", cx=12, cy=12, r=10.5, fill=colour)
    ring = draw(
        "circle", cx=12, cy=12, r=9.5, fill="#fff", stroke=colour, stroke_width=2,
        stroke_dasharray="3.2 2.4",
    )  # fmt: skip

    def line(d: str, stroke: str = "#fff", width: float = 2.6) -> str:
        return draw(
            "path", d=d, fill="none", stroke=stroke, stroke_width=width, stroke_linecap="round"
        )

    return {
        "pass": (disc, line("M7 12.5l3.4 3.4 6.4-7.2")),
        "warn": (
            draw("path", d="M12 2 23 21.5H1z", fill=colour, stroke=colour, stroke_linejoin="round"),
            line("M12 9v5.6M12 18v.1"),
        ),
        "fail": (
            draw("path", d="M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z", fill=colour),
            line("M8 8l8 8M16 8l-8 8"),
        ),
        "unknown": (
            ring,
            line("M9 9.6a3 3 0 1 1 4.6 2.5c-1.1.8-1.6 1.3-1.6 2.4M12 18v.1", colour, 2.2),
        ),
        "na": (ring, line("M8.5 12h7", colour)),
    }[verdict]


def _draw_site(shape: str, status: Status) -> tuple[str, ...]:
    """Return a symbol: filled means existing, hollow means still to come."""
    colour = STATUS_COLOURS[status]
    tag, place = SITE_SHAPES[shape]
    halo = draw(tag, **place, fill="none", stroke="#fff", stroke_width=4.6, stroke_opacity=0.9)
    filled = status == "existing"
    body = draw(
        tag, **place, fill=colour if filled else "#fff", stroke=colour,
        stroke_width=1 if filled else 2.4,
    )  # fmt: skip
    ink = "#fff" if filled else colour
    glyph = {
        "headquarters": draw("path", d=STAR, fill=ink),
        "candidate_headquarters": draw("path", d=STAR, transform=SMALL_STAR, fill=ink),
        "candidate_branch": draw("circle", cx=12, cy=12, r=1.8, fill=ink),
    }.get(shape, "")
    return halo, body, glyph
