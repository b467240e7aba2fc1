"""Charts of an evaluation as drawings for a printed page; no figure is made here."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from siteplan.errors import Text
from siteplan.model import DistanceMethod, Verdict
from siteplan.outputs.measured import say_measured
from siteplan.outputs.paper.svg import (
    draw,
    draw_picture,
    draw_words,
    shorten_text,
    write_number,
    write_text,
)
from siteplan.outputs.paper.symbols import (
    COVERED_COLOUR,
    INK,
    OLDER_COLOUR,
    VERDICT_COLOURS,
    refer_to_verdict,
)

QUIET, GRID = "#5d6770", "#ddd6c8"
SMALL = 21.0  # 2.1 mm: 6 points, the least that is read on paper

CURVE_STEP_M = 100.0
CURVE_MOST_M = 3000.0
LEFT, RIGHT, TOP, BOTTOM = 76.0, 24.0, 34.0, 78.0

ROW = 46.0
NAME_WIDTH, SYMBOL_WIDTH, FIGURE_WIDTH = 240.0, 46.0, 104.0


class Curve(NamedTuple):
    """Share of residents within each of the radii from 0 to 3,000 m in steps of 100 m.

    Attributes
    ----------
    everybody, older
        nan where it is not known.
    radius_m, target
        What is asked for; nan where the standard does not say.
    method
        How distances were measured.
    """

    everybody: Sequence[float]
    older: Sequence[float]
    radius_m: float
    target: float
    method: DistanceMethod = "roads"


class Bar(NamedTuple):
    """One subdistrict of a ranking; ratios are nan where they are not known."""

    code: str
    name: str
    verdict: Verdict
    ratio: float
    straight_ratio: float
    target: float
    anchor: str


def draw_curve(curve: Curve, width: float = 640, height: float = 380) -> str:
    """Return how coverage grows with the radius, with the radius and the target asked for.

    A solid line is everybody, a dashed one older people in the time that others take. Where nothing
    is known the axes stay empty.

    Parameters
    ----------
    curve
        The shares.
    width, height
        In tenths of a millimetre.
    """

    def at_x(metres: float) -> float:
        return LEFT + (width - LEFT - RIGHT) * metres / CURVE_MOST_M

    def at_y(share: float) -> float:
        return height - BOTTOM - (height - TOP - BOTTOM) * share

    foot = at_y(0)
    rows = [at_y(quarter / 4) for quarter in range(5)]
    columns = [(metres, at_x(metres)) for metres in (0, 1000, 2000, 3000)]
    across = "".join(f"M{LEFT:g} {write_number(y)}H{width - RIGHT:g}" for y in rows)
    down = "".join(f"M{write_number(x)} {write_number(foot)}v8" for _, x in columns)
    axis = say_measured(Text("步行距离（米）", "walking distance (m)"), curve.method)
    shares = [draw("text", f"{25 * i}%", x=LEFT - 10, y=y + 7) for i, y in enumerate(rows)]
    metres = [draw("text", f"{number:,}", x=x, y=foot + 30) for number, x in columns]
    metres.append(draw_words(axis, x=at_x(CURVE_MOST_M / 2), y=height - 16))
    parts = [
        draw("path", d=across, stroke=GRID),
        draw("path", d=down, stroke=INK),
        draw("g", *shares, font_size=SMALL, text_anchor="end", fill=QUIET),
        draw("g", *metres, font_size=SMALL, text_anchor="middle", fill=QUIET),
    ]
    dots = "3 7"
    if math.isfinite(curve.target):
        y = at_y(curve.target)
        parts.append(_rule(f"M{LEFT:g} {write_number(y)}H{width - RIGHT:g}", dots))
        words = Text(f"目标 {curve.target:.0%}", f"target {curve.target:.0%}")
        parts.append(_words(words, LEFT + 8, y - 8))
    if 0 < curve.radius_m <= CURVE_MOST_M:
        x = at_x(curve.radius_m)
        parts.append(_rule(f"M{write_number(x)} {TOP:g}V{write_number(foot)}", dots))
        words = Text(f"半径 {curve.radius_m:g} 米", f"radius {curve.radius_m:g} m")
        parts.append(_words(words, x + 8, foot - 10))
    for known, colour, dashes in (
        (curve.older, OLDER_COLOUR, "14 9"),
        (curve.everybody, COVERED_COLOUR, None),
    ):
        places = [
            (at_x(i * CURVE_STEP_M), at_y(share))
            for i, share in enumerate(known)
            if math.isfinite(share)
        ]
        if places:
            line = "L".join(f"{write_number(x)} {write_number(y)}" for x, y in places)
            parts.append(
                draw(
                    "path", d=f"M{line}", fill="none", stroke=colour, stroke_width=5,
                    stroke_linejoin="round", stroke_dasharray=dashes,
                )
            )  # fmt: skip
    label = Text("各步行距离内的居民比例", "Share of residents within each walking distance")
    label = say_measured(label, curve.method)
    return draw_picture(width, height, *parts, label=label, kind="curve")


def draw_ranking(bars: Sequence[Bar], width: float = 870, method: DistanceMethod = "roads") -> str:
    """Return subdistricts as bars in the order given, each with its verdict as shape and colour.

    The bar is coverage on foot, the ring coverage by straight line, the stroke the target. Where a
    ratio is not known there is no bar, and a dash stands for the figure.

    Parameters
    ----------
    bars
        From top to bottom.
    width
        In tenths of a millimetre.
    method
        How distances were measured.
    """
    start = SYMBOL_WIDTH + NAME_WIDTH
    room = width - start - FIGURE_WIDTH
    parts = []
    for number, bar in enumerate(bars):
        top = number * ROW
        base, colour = top + 33, VERDICT_COLOURS[bar.verdict]
        name = shorten_text(bar.name, 25, NAME_WIDTH - 12)
        row = [
            refer_to_verdict(bar.verdict, 30, 6, top + 8),
            draw(
                "a",
                draw("text", write_text(name), x=SYMBOL_WIDTH, y=base, font_size=25, fill=INK),
                href=f"#{bar.anchor}",
            ),
            draw("rect", x=start, y=top + 14, width=room, height=20, fill="#e9e4d8"),
        ]
        if math.isfinite(bar.ratio):
            row.append(
                draw("rect", x=start, y=top + 14, width=room * bar.ratio, height=20, fill=colour)
            )
        if math.isfinite(bar.straight_ratio):
            x = start + room * bar.straight_ratio
            row.append(
                draw("circle", cx=x, cy=top + 24, r=8, fill="#fff", stroke=INK, stroke_width=3)
            )
        if math.isfinite(bar.target):
            x = start + room * bar.target
            row.append(
                draw("path", d=f"M{write_number(x)} {top + 8:g}v32", stroke=INK, stroke_width=4)
            )
        figure = f"{bar.ratio:.1%}" if math.isfinite(bar.ratio) else "—"
        row.append(
            draw(
                "text", figure, x=width - 2, y=base, font_size=25, text_anchor="end", fill=INK
            )
        )  # fmt: skip
        parts.append(draw("g", *row))
    label = say_measured(Text("各街道的步行覆盖率", "Coverage on foot by subdistrict"), method)
    return draw_picture(width, max(ROW, len(bars) * ROW), *parts, label=label, kind="ranking")


def _words(text: Text, x: float, y: float) -> str:
    return draw_words(text, x=x, y=y, font_size=SMALL, fill=INK)


def _rule(d: str, dashes: str) -> str:
    return draw("path", d=d, stroke=INK, stroke_width=3, stroke_dasharray=dashes, fill="none")
