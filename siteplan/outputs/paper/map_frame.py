"""What frames a drawn map: its scale, the scale bar, and the arrow to the north."""

import math

from siteplan.errors import Text
from siteplan.model import Site
from siteplan.outputs.paper.map_labels import Box, turn_box
from siteplan.outputs.paper.svg import Sheet, draw, draw_words, write_number
from siteplan.outputs.paper.symbols import INK, refer_to_site

SCALES = (
    2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 7_500, 10_000, 12_500, 15_000, 20_000, 25_000, 30_000,
    40_000, 50_000, 60_000, 75_000, 100_000, 125_000, 150_000, 200_000, 250_000, 300_000, 400_000,
    500_000,
)  # fmt: skip
MARGIN = 60.0
"""Units that stay free around what must be seen."""
LONGEST_BAR = 0.21
"""The most of a map's width that its scale bar takes."""
BAR_ROOM, BAR_HEIGHT = 200.0, 86.0
ARROW_BOX = (80.0, 110.0)
"""Width and height of what stands in the upper right corner."""
KILOMETRE = 1000


def draw_site(sheet: Sheet, site: Site, size: float, opacity: float | None = None) -> str:
    """Return the symbol of a site where it is."""
    x, y = sheet.place(site.x, site.y)
    symbol = refer_to_site(site, size, x - size / 2, y - size / 2)
    return symbol if opacity is None else draw("g", symbol, opacity=opacity)


def box_site(sheet: Sheet, site: Site, size: float) -> Box:
    """Return where the symbol of a site is: left, top, right and bottom."""
    return turn_box(*sheet.place(site.x, site.y), size, size, 0)


def list_corners(sheet: Sheet) -> list[Box]:
    """Return where the scale bar and the arrow to the north stand."""
    width, height = sheet.width, sheet.height
    return [
        (0, height - BAR_HEIGHT, LONGEST_BAR * width + BAR_ROOM, height),
        (width - ARROW_BOX[0], 0, width, ARROW_BOX[1]),
    ]


def finish_map(sheet: Sheet, scale: int) -> list[str]:
    """Return a frame, a scale bar and an arrow to the north."""
    width, height = sheet.width, sheet.height
    longest_m = LONGEST_BAR * width / sheet.units_per_m
    step = 10 ** math.floor(math.log10(longest_m))
    bar_m = max(one * step for one in (1, 2, 5) if one * step <= longest_m)
    bar = bar_m * sheet.units_per_m
    figure = f"{bar_m:g} m" if bar_m < KILOMETRE else f"{bar_m / KILOMETRE:g} km"
    x, y = 36.0, height - 34
    half = write_number(bar / 2)
    plate = draw(
        "rect", x=16, y=y - 46, width=bar + 176, height=64, fill="#fff", fill_opacity=0.85, rx=4
    )
    return [
        plate,
        draw("rect", x=x, y=y - 10, width=bar, height=10, fill="#fff", stroke=INK, stroke_width=2),
        draw("path", d=f"M{x:g} {y - 10:g}h{half}v10h-{half}z", fill=INK),
        draw("text", "0", x=x, y=y - 18, font_size=20, text_anchor="middle", fill=INK),
        draw("text", figure, x=x + bar, y=y - 18, font_size=20, text_anchor="middle", fill=INK),
        draw(
            "text", f"1:{scale:,}".replace(",", " "), x=x + bar + 52, y=y, font_size=20, fill=INK
        ),
        draw(
            "g",
            draw("circle", cx=0, cy=0, r=38, fill="#fff", fill_opacity=0.85),
            draw("path", d="M0-14 13 26 0 17-13 26z", fill=INK),
            draw("path", d="M0-14V17L-13 26z", fill="#fff", stroke=INK, stroke_width=2),
            draw_words(Text("北", "N"), x=0, y=-17, font_size=20, text_anchor="middle", fill=INK),
            transform=f"translate({write_number(width - 52)} 54)",
        ),
        draw(
            "rect", x=1.5, y=1.5, width=width - 3, height=height - 3, fill="none", stroke=INK,
            stroke_width=3,
        ),
    ]  # fmt: skip
