"""Colours that must be told apart, measured as readers see them who lack red or green cones."""

import re
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pytest

from siteplan.outputs.page import WEB

Triple = npt.NDArray[np.float64]

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear sRGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
XYZ_OF_SRGB = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
D65 = np.array([0.95047, 1.0, 1.08883])


def read_colours(name: str) -> list[str]:
    """Return the colours of one constant of `draw.js`."""
    text = (WEB / "draw.js").read_text("utf-8")
    found = re.search(rf"const {name} = ([\[{{].*?[\]}}]|\"#\w+\");", text, re.DOTALL)
    assert found is not None
    return re.findall(r"#[0-9a-f]{6}", found[1])


def to_lab(colour: str, sight: str) -> Triple:
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = XYZ_OF_SRGB @ np.clip(SIGHT[sight] @ linear, 0, 1) / D65
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def measure_difference(one: Triple, other: Triple) -> float:
    """Return CIEDE2000 (Sharma, Wu and Dalal 2005); 1 is just noticeable side by side."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * stretch)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    lightness, mean = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    wide = 2 * np.sqrt(mean**7 / (mean**7 + 25**7))
    rotation = -wide * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    light = (l2 - l1) / (1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2))
    strong = (c2 - c1) / (1 + 0.045 * mean)
    round_ = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * mean * t)
    return float(np.sqrt(light**2 + strong**2 + round_**2 + rotation * strong * round_))


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [  # from the test data published with the formula
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_difference_is_the_published_one(one: Triple, other: Triple, difference: float) -> None:
    assert measure_difference(one, other) == pytest.approx(difference, abs=1e-4)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    ("name", "least"), [("STATUS_COLOURS", 20), ("VERDICT_COLOURS", 3), ("CLASSES", 9)]
)
def test_no_two_colours_of_one_kind_look_alike(name: str, least: float, sight: str) -> None:
    """Verdicts also differ in shape; statuses and classes of coverage must by colour alone."""
    seen = [to_lab(colour, sight) for colour in read_colours(name)]
    assert len(seen) >= 3
    assert min(measure_difference(*pair) for pair in combinations(seen, 2)) >= least


@pytest.mark.parametrize("sight", SIGHT)
def test_classes_of_coverage_grow_darker_for_everybody(sight: str) -> None:
    lightness = [to_lab(colour, sight)[0] for colour in read_colours("CLASSES")]
    assert all(lighter - darker >= 6 for lighter, darker in pairwise(lightness))


@pytest.mark.parametrize("sight", SIGHT)
def test_residents_covered_and_not_covered_are_told_apart(sight: str) -> None:
    (missed,), (covered,) = read_colours("DOT_COLOUR"), read_colours("COVERED_COLOUR")
    assert measure_difference(to_lab(missed, sight), to_lab(covered, sight)) >= 20
