"""The legend of the maps of subdistricts: drawn once, and shown under each of them."""

from siteplan.errors import Text
from siteplan.model import DistanceMethod
from siteplan.outputs.measured import say_measured
from siteplan.outputs.paper.svg import LANGUAGES, draw, measure_text, write_text
from siteplan.outputs.paper.symbols import DOT_COLOUR, LINK_COLOUR, STATUS_COLOURS

KEY = "map-key"
WIDTH, HEIGHT = 1130.0, 84.0
VIEW = f"0 0 {WIDTH:g} {HEIGHT:g}"
SIZE, ROW, FIRST = 24.0, 40.0, 30.0
ICON, GAP = 34.0, 14.0
QUIET = "#5d6770"
ENTRIES = (
    ("headquarters-existing", Text("总部", "headquarters")),
    ("branch-existing", Text("分站点", "branch")),
    ("single-existing", Text("单一场地", "single site")),
    ("single-proposed", Text("空心、虚线为拟建", "hollow, dashed: proposed")),
    ("candidate-candidate", Text("备选", "candidate")),
    ("area", Text("服务范围", "service area")),
    ("link", Text("到总部的步行路线", "walk to headquarters")),
    ("dots", Text("未覆盖居民", "residents not covered")),
    ("gap", Text("覆盖盲区", "gap")),
)


def draw_key(method: DistanceMethod = "roads") -> str:
    """Return the legend as a symbol in each language; they must stand in the page once.

    Parameters
    ----------
    method
        How distances were measured.
    """
    symbols = []
    for lang in LANGUAGES:
        parts, x, row = [], 0.0, 0
        for name, words in ENTRIES:
            text = say_measured(words, method).say(lang)
            width = ICON + 8 + measure_text(text, SIZE)
            if x + width > WIDTH:
                x, row = 0.0, row + 1
            base = FIRST + ROW * row
            parts.append(_draw_sample(name, x, base - 9))
            parts.append(draw("text", write_text(text), x=x + ICON + 8, y=base))
            x += width + GAP
        group = draw("g", *parts, font_size=SIZE, fill=QUIET)
        symbols.append(draw("symbol", group, id=f"{KEY}-{lang}", viewBox=VIEW))
    return draw("svg", draw("defs", *symbols), width=0, height=0, aria_hidden="true", class_="defs")


def refer_to_key() -> str:
    """Return the legend under a map, in each language."""
    shown = [draw("use", href=f"#{KEY}-{lang}", lang=lang) for lang in LANGUAGES]
    return draw("svg", *shown, viewBox=VIEW, class_="key-drawing")


def _draw_sample(name: str, x: float, y: float) -> str:
    """Return what an entry looks like on the map, in a box with its middle at a height."""
    if name == "area":
        colour = STATUS_COLOURS["proposed"]
        return draw(
            "rect", x=x + 1, y=y - 10, width=ICON - 2, height=20, fill=colour, fill_opacity=0.13,
            stroke=colour, stroke_width=3, stroke_dasharray="7 4",
        )  # fmt: skip
    if name == "link":
        return draw("path", d=f"M{x:g} {y:g}h{ICON:g}", stroke=LINK_COLOUR, stroke_width=6)
    if name == "dots":
        dots = "".join(f"M{x + right:g} {y:g}h0" for right in (5, 17, 29))
        return draw(
            "path", d=dots, stroke=DOT_COLOUR, stroke_width=9, stroke_linecap="round"
        )  # fmt: skip
    if name == "gap":
        ring = draw(
            "circle", cx=x + 17, cy=y, r=14, fill="#fff", stroke=DOT_COLOUR, stroke_width=3.5
        )
        return ring + draw(
            "text", "1", x=x + 17, y=y + 7, font_size=20, font_weight="700", text_anchor="middle",
            fill=DOT_COLOUR,
        )  # fmt: skip
    return draw("use", href=f"#{name}", x=x, y=y - ICON / 2, width=ICON, height=ICON)
