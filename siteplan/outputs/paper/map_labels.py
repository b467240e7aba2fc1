"""Names on a drawn map: each where it covers nothing else, beside its place or led there by a line.

A name that must stand goes farther away until there is room, and a line tells where it belongs. All
others stand at their place or nowhere.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from siteplan.errors import Language, Text
from siteplan.model import Flags
from siteplan.outputs.paper.svg import (
    LANGUAGES,
    Sheet,
    draw,
    measure_text,
    shorten_text,
    wrap_text,
    write_text,
)
from siteplan.outputs.paper.symbols import INK

MOST_NAME = 300.0
"""How wide a name may be, in units; one that must stand has two lines."""
LABEL_ROOM = 6.0
LINE = 1.1  # height of a line in terms of its letters
BASELINE = 0.36  # from the middle of letters down to where they stand
STEP = 20.0
"""Units between the rings of spots around a place."""
MOST_TRIED = 200
"""Free spots that are tried before a line may cross something."""
LINE_ROOM = 8.0
"""Width of what a line keeps free of names."""

Box = tuple[float, float, float, float]
Boxes = Sequence[Box] | npt.NDArray[np.float64]
Spot = tuple[float, float, float]
"""Middle of a name in units, and its angle in degrees."""


class Label(NamedTuple):
    """A name with the places where it may stand, the best first.

    Attributes
    ----------
    text
        Text from a file, maybe.
    spots
        Of its middle.
    size, colour, weight
        Of its letters.
    home
        What it names, in units, if it must stand: where no spot is free it goes farther away, and a
        line leads back here.
    """

    text: Text
    spots: Sequence[Spot]
    size: float
    colour: str
    weight: str | None = None
    home: Box | None = None


class Place(NamedTuple):
    """Where a name stands, with the line that leads from its home, if one is needed."""

    x: float
    y: float
    angle: float
    line: tuple[float, float, float, float] | None = None


class Room:
    """What of a sheet is taken already: names, symbols, and lines that lead from one to the other.

    Attributes
    ----------
    taken
        Boxes, shape (boxes, 4).
    """

    def __init__(self, sheet: Sheet, taken: Boxes) -> None:
        self.sheet = sheet
        self.taken = np.array(taken, dtype=np.float64).reshape(-1, 4)

    def find_spot(self, width: float, height: float, spots: Iterable[Spot]) -> Place | None:
        """Return the first spot at which something has room, and take it; None if there is none."""
        for x, y, angle in spots:
            box = turn_box(x, y, width, height, angle)
            if self._is_free(box):
                self._take([box])
                return Place(x, y, angle)
        return None

    def find_spot_apart(
        self, width: float, height: float, home: Box, spots: Iterable[Spot]
    ) -> Place | None:
        """Return the first spot that has room for something and for a line from its home.

        In a crowd there may be none whose line crosses nothing: then the first with room.
        """
        middle = (home[0] + home[2]) / 2, (home[1] + home[3]) / 2
        others = self.taken[~_meet(self.taken, home)]
        found: list[tuple[Place, Box]] = []
        for x, y, angle in spots:
            box = turn_box(x, y, width, height, angle)
            if not self._is_free(box) or boxes_meet(box, home):
                continue
            line = (*find_nearest(home, (x, y)), *find_nearest(box, middle))
            found.append((Place(x, y, angle, line), box))
            if not any(_meet(others, step).any() for step in _cut_line(line)):
                found = found[-1:]
                break
            if len(found) == MOST_TRIED:
                break
        if not found:
            return None
        place, box = found[0]
        self._take([box, *(_cut_line(place.line) if place.line else ())])
        return place

    def _is_free(self, box: Box) -> bool:
        west, north, east, south = box
        inside = west > 0 and north > 0 and east < self.sheet.width and south < self.sheet.height
        return inside and not _meet(self.taken, box).any()

    def _take(self, boxes: Sequence[Box]) -> None:
        self.taken = np.vstack([self.taken, boxes])


def _meet(boxes: npt.NDArray[np.float64], box: Box) -> Flags:
    """Return which of some boxes have ground in common with another."""
    lower, upper = boxes[:, :2] < box[2:], boxes[:, 2:] > box[:2]
    return np.asarray((lower & upper).all(axis=1))


def list_spots_around(x: float, y: float, sheet: Sheet) -> Iterator[Spot]:
    """Yield spots in rings around a place, the nearest first, as far as the sheet reaches."""
    for ring in range(1, math.ceil(max(sheet.width, sheet.height) / STEP)):
        count = max(8, 2 * ring)
        for number in range(count):
            turn = 2 * math.pi * number / count
            yield x + ring * STEP * math.cos(turn), y + ring * STEP * math.sin(turn), 0.0


def draw_line(line: tuple[float, float, float, float], colour: str = INK) -> str:
    """Return the line from something to the name that stands away from it."""
    x0, y0, x1, y1 = (round(value) for value in line)
    path = f"M{x0} {y0}L{x1} {y1}"
    return "".join(
        draw("path", d=path, fill="none", stroke=stroke, stroke_width=width)
        for stroke, width in (("#fff", 6), (colour, 2.5))
    )


def write_labels(labels: Sequence[Label], taken: Boxes, sheet: Sheet) -> list[str]:
    """Return the names that find room, in each language by itself."""
    groups = {lang: _place_labels(labels, taken, sheet, lang) for lang in LANGUAGES}
    if groups["zh"] == groups["en"]:
        return _write_group(groups["zh"], None)
    return [part for lang in LANGUAGES for part in _write_group(groups[lang], lang)]


def _write_group(parts: Sequence[str], lang: Language | None) -> list[str]:
    """Return names together: what they share is said once."""
    if not parts:
        return []
    return [
        draw(
            "g", *parts, lang=lang, text_anchor="middle", stroke="#fff", stroke_width=5,
            stroke_opacity=0.85, paint_order="stroke",
        )
    ]  # fmt: skip


def _place_labels(labels: Sequence[Label], taken: Boxes, sheet: Sheet, lang: Language) -> list[str]:
    room, parts = Room(sheet, taken), []
    for label in labels:
        name = label.text.say(lang)
        lines = [shorten_text(name, label.size, MOST_NAME)]
        if label.home is not None:
            lines = wrap_text(name, label.size, MOST_NAME)
        width, height = measure_lines(lines, label.size)
        place = room.find_spot(width, height, label.spots)
        if place is None and label.home is not None:
            place = _lead_away(room, width, height, label.home)
        if place is not None:
            parts += _write_lines(lines, place, label)
    return parts


def _lead_away(room: Room, width: float, height: float, home: Box) -> Place:
    """Return where a name stands that has no room beside its place; over others at the worst."""
    x, y = (home[0] + home[2]) / 2, (home[1] + home[3]) / 2
    spots = list_spots_around(x, y, room.sheet)
    place = room.find_spot_apart(width, height, home, spots)
    return place or Place(x, home[3] + height / 2, 0.0)


def _write_lines(lines: Sequence[str], place: Place, label: Label) -> list[str]:
    x, y, angle, line = place
    turn = f"rotate({angle:.0f} {x:.0f} {y:.0f})" if angle else None
    top = y - (len(lines) - 1) / 2 * LINE * label.size
    return [
        *([draw_line(line, label.colour)] if line else []),
        *[
            draw(
                "text", write_text(words), x=round(x),
                y=round(top + number * LINE * label.size + label.size * BASELINE),
                font_size=label.size, font_weight=label.weight, fill=label.colour, transform=turn,
            )
            for number, words in enumerate(lines)
        ],
    ]  # fmt: skip


def measure_lines(lines: Sequence[str], size: float) -> tuple[float, float]:
    """Return how wide and how high lines of a name are, with the room around them."""
    width = max(measure_text(line, size) for line in lines)
    return width + LABEL_ROOM, len(lines) * size * LINE


def turn_box(x: float, y: float, width: float, height: float, angle: float) -> Box:
    """Return the box around a rectangle that is turned about its middle."""
    cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    across, down = (width * cos + height * sin) / 2, (width * sin + height * cos) / 2
    return x - across, y - down, x + across, y + down


def boxes_meet(one: Box, other: Box) -> bool:
    """Whether two boxes have ground in common.

    Examples
    --------
    >>> boxes_meet((0, 0, 2, 2), (1, 1, 3, 3)), boxes_meet((0, 0, 2, 2), (2, 0, 3, 3))
    (True, False)
    """
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]


def find_nearest(box: Box, point: tuple[float, float]) -> tuple[float, float]:
    """Return the place of a box that is nearest to a point.

    Examples
    --------
    >>> find_nearest((0, 0, 2, 2), (5, 1))
    (2, 1)
    """
    x, y = point
    return min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])


def _cut_line(line: tuple[float, float, float, float]) -> Iterator[Box]:
    """Yield small boxes that together cover a line, without its ends."""
    x0, y0, x1, y1 = line
    count = math.ceil(math.hypot(x1 - x0, y1 - y0) / LINE_ROOM)
    for number in range(1, count):
        x, y = x0 + (x1 - x0) * number / count, y0 + (y1 - y0) * number / count
        yield turn_box(x, y, LINE_ROOM, LINE_ROOM, 0.0)
