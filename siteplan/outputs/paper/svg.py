"""Drawings as text: SVG written from numbers and from escaped text alone.

Texts in both languages stand in the drawing twice, marked by `lang`; the page shows one of them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt
import shapely

from siteplan.errors import Language, Text
from siteplan.model import Geometries, Shape
from siteplan.outputs.page import replace_unwritable

FONTS = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',Arial,sans-serif"
LANGUAGES: tuple[Language, Language] = ("zh", "en")
WIDE_FROM = 0x2E80
"""Characters from here on are about as wide as high: CJK and what goes with it."""
NARROW_EM, WIDE_EM = 0.56, 1.0


def write_text(text: str) -> str:
    """Return text as markup that shows it, whatever it holds.

    Examples
    --------
    >>> write_text("<b>&")
    '&lt;b&gt;&amp;'
    """
    return escape(replace_unwritable(text))


def write_number(value: float) -> str:
    """Return a number with at most one decimal.

    Examples
    --------
    >>> write_number(12.04), write_number(-0.01), write_number(3.16)
    ('12', '0', '3.2')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def draw(tag: str, *children: str, **attributes: float | str | None) -> str:
    r"""Return an element; an underscore in a name stands for a hyphen, None leaves one out.

    Parameters
    ----------
    tag
        Of the element; ours, never text from a file.
    children
        Markup.
    attributes
        Numbers, or text that is escaped here.

    Examples
    --------
    >>> draw("circle", cx=1.25, r=3, stroke_width=2, fill='"')
    '<circle cx="1.2" r="3" stroke-width="2" fill=\'"\'/>'
    """
    written = "".join(
        f" {name.rstrip('_').replace('_', '-')}={_write_value(value)}"
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{''.join(children)}</{tag}>" if children else f"<{tag}{written}/>"


def _write_value(value: float | str) -> str:
    if isinstance(value, str):
        return quoteattr(replace_unwritable(value))
    return f'"{write_number(value)}"'


def draw_words(text: Text, **attributes: float | str | None) -> str:
    """Return a text in both languages at one place; once where both are the same."""
    if text.zh == text.en:
        return draw("text", write_text(text.zh), **attributes)
    return "".join(
        draw("text", write_text(text.say(lang)), lang=lang, **attributes) for lang in LANGUAGES
    )


def draw_picture(
    width: float, height: float, *children: str, label: Text, kind: str, scale: float = 0.1
) -> str:
    """Return a drawing as an element of a page.

    Parameters
    ----------
    width, height
        In units; a unit is `scale` millimetres on paper.
    children
        Markup.
    label
        What it shows, for those who cannot see it.
    kind
        Class of the element.
    """
    return draw(
        "svg",
        draw("title", write_text(f"{label.zh} / {label.en}")),
        *children,
        viewBox=f"0 0 {write_number(width)} {write_number(height)}",
        width=f"{write_number(width * scale)}mm",
        height=f"{write_number(height * scale)}mm",
        role="img",
        class_=kind,
        font_family=FONTS,
    )


def measure_text(text: str, size: float) -> float:
    """Return about how wide a text is, in the unit of its size.

    Examples
    --------
    >>> measure_text("员村", 10), round(measure_text("ab", 10), 1)
    (20.0, 11.2)
    """
    return size * sum(WIDE_EM if ord(letter) >= WIDE_FROM else NARROW_EM for letter in text)


def shorten_text(text: str, size: float, most: float) -> str:
    """Return the beginning of a text that is no wider than there is room.

    Examples
    --------
    >>> shorten_text("员村街道社区", 10, 40)
    '员村街…'
    """
    if measure_text(text, size) <= most:
        return text
    text = text[: math.ceil(most / (NARROW_EM * size))]  # no more can fit, however long it is
    while text and measure_text(text, size) + size > most:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrap_text(text: str, size: float, most: float) -> list[str]:
    """Return a text in one line or in two, without its middle where even these have no room.

    What tells names apart stands at their end as often as at their beginning.

    Examples
    --------
    >>> wrap_text("员村街道社区中心(总部)", 10, 80)
    ['员村街道社区中心', '(总部)']
    >>> wrap_text("员村街道社区综合服务中心第2分站", 10, 50)
    ['员村街道社', '…第2分站']
    """
    if measure_text(text, size) <= most:
        return [text]
    first, rest = _split_text(text, size, most)
    if measure_text(rest, size) > most:
        end, _ = _split_text(rest[::-1], size, most - size)
        rest = f"…{end[::-1]}"
    return [first, rest]


def _split_text(text: str, size: float, most: float) -> tuple[str, str]:
    """Return what of a text fits, up to a space in its second half if it has one, and the rest."""
    fitting = math.ceil(most / (NARROW_EM * size))
    while fitting > 1 and measure_text(text[:fitting], size) > most:
        fitting -= 1
    space = text.rfind(" ", fitting // 2, fitting + 1)
    end = space if space > 0 else fitting
    end -= end > 1 and text[end - 1] in "(（"
    return text[:end].rstrip(), text[end:].lstrip()


class Paper(NamedTuple):
    """What a map is drawn on.

    Attributes
    ----------
    width, height
        In units.
    unit_mm
        How large a unit is, in millimetres: letters and symbols grow with it.
    """

    width: float
    height: float
    unit_mm: float = 0.1


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where metres of the working CRS lie on a drawing.

    Attributes
    ----------
    west, north
        Of its upper left corner, in metres.
    units_per_m
        How large a metre is.
    width, height
        In units.
    """

    west: float
    north: float
    units_per_m: float
    width: float
    height: float

    @property
    def ground(self) -> shapely.Polygon:
        """What is shown, in the working CRS."""
        across, down = self.width / self.units_per_m, self.height / self.units_per_m
        return shapely.box(self.west, self.north - down, self.west + across, self.north)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the working CRS is."""
        return (x - self.west) * self.units_per_m, (self.north - y) * self.units_per_m

    def place_all(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return where points are, in whole units, shape (points, 2)."""
        units = np.column_stack([xy[:, 0] - self.west, self.north - xy[:, 1]]) * self.units_per_m
        return np.rint(units).astype(np.int64)

    def trace(self, shapes: Iterable[Shape]) -> str:
        """Return lines and polygons as the data of one path, in whole units."""
        parts = shapely.get_parts(_as_array(shapes))
        polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
        closed = shapely.get_rings(parts[polygons])
        lines = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
        return "".join(
            [
                *(self._trace_one(ring, closed=True) for ring in closed),
                *(self._trace_one(line, closed=False) for line in lines),
            ]
        )

    def _trace_one(self, line: Shape, *, closed: bool) -> str:
        points = self.place_all(shapely.get_coordinates(line))
        steps = np.diff(points, axis=0)
        steps = steps[(steps != 0).any(axis=1)]
        if closed:
            steps = steps[:-1]
        if not len(steps):
            return ""
        (x, y), run = points[0].tolist(), _write_steps(steps.tolist())
        return f"M{x} {y}l{run}{'z' if closed else ''}"

    def clip(self, shapes: Geometries, margin: float = 20) -> Geometries:
        """Return what of some shapes can be seen, a margin in units around it included."""
        frame = self.ground.buffer(margin / self.units_per_m, join_style="mitre")
        touching = shapes[shapely.intersects(frame, shapes)]
        return np.asarray(shapely.intersection(touching, frame), dtype=object)


def _as_array(shapes: Iterable[Shape]) -> Geometries:
    listed = list(shapes)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _write_steps(steps: Sequence[Sequence[int]]) -> str:
    """Return pairs of numbers with as few separators as a path needs."""
    written = " ".join(f"{x} {y}" for x, y in steps)
    return written.replace(" -", "-")


def fit_sheet(
    bounds: tuple[float, float, float, float],
    paper: Paper,
    scales: Sequence[int],
    margin: float,
) -> tuple[Sheet, int]:
    """Return a sheet on which something fits at the first of some scales, and that scale.

    Parameters
    ----------
    bounds
        West, south, east and north of what must fit, in metres.
    paper
        What it is drawn on.
    scales
        Denominators, ascending; beyond the last the smallest whole multiple of it that fits.
    margin
        What stays free around, in units.
    """
    west, south, east, north = bounds
    width, height = paper.width, paper.height
    full_size = MM_PER_M / paper.unit_mm
    room = min(
        (width - 2 * margin) / max(east - west, 1.0),
        (height - 2 * margin) / max(north - south, 1.0),
    )
    needed = full_size / room
    scale = next((one for one in scales if one >= needed), None)
    if scale is None:
        scale = scales[-1] * math.ceil(needed / scales[-1])
    per_m = full_size / scale
    left = (west + east) / 2 - width / 2 / per_m
    top = (south + north) / 2 + height / 2 / per_m
    return Sheet(left, top, per_m, width, height), scale


MM_PER_M = 1000.0
