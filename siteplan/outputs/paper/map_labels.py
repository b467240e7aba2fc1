"""Names on a drawn map: each where it covers nothing else, or nowhere."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from siteplan.errors import Language, Text
from siteplan.outputs.paper.svg import (
    LANGUAGES,
    Sheet,
    draw,
    measure_text,
    shorten_text,
    write_text,
)

MOST_NAME = 300.0
"""How wide a name may be, in units."""
LABEL_ROOM = 6.0
LINE = 1.1  # height of a line in terms of its letters
BASELINE = 0.36  # from the middle of letters down to where they stand

Box = tuple[float, float, float, float]


class Label(NamedTuple):
    """A name with the places where it may stand, the best first.

    Attributes
    ----------
    text
        Text from a file, maybe.
    spots
        Of its middle, in units, with an angle in degrees.
    size, colour, weight
        Of its letters.
    """

    text: Text
    spots: Sequence[tuple[float, float, float]]
    size: float
    colour: str
    weight: str | None = None


def write_labels(labels: Sequence[Label], taken: Sequence[Box], sheet: Sheet) -> list[str]:
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


def _place_labels(
    labels: Sequence[Label], taken: Sequence[Box], sheet: Sheet, lang: Language
) -> list[str]:
    boxes, parts = list(taken), []
    for label in labels:
        name = shorten_text(label.text.say(lang), label.size, MOST_NAME)
        width, height = measure_text(name, label.size), label.size * LINE
        for x, y, angle in label.spots:
            box = turn_box(x, y, width + LABEL_ROOM, height, angle)
            inside = box[0] > 0 and box[1] > 0 and box[2] < sheet.width and box[3] < sheet.height
            if not inside or any(boxes_meet(box, other) for other in boxes):
                continue
            boxes.append(box)
            turn = (
                f"rotate({angle:.0f} {x:.0f} {y:.0f})"
                if angle else None
            )  # fmt: skip
            parts.append(
                draw(
                    "text", write_text(name), x=round(x), y=round(y + label.size * BASELINE),
                    font_size=label.size, font_weight=label.weight, fill=label.colour,
                    transform=turn,
                )
            )  # fmt: skip
            break
    return parts


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
