"""Figures of a layout plan as a planner writes them, in both languages."""

import math

from siteplan.crs import FIRST_CENTRAL_MERIDIAN, FIRST_CGCS2000_ZONE, ZONES
from siteplan.errors import Text, join_names, shorten
from siteplan.model import Evaluation, Site

UNKNOWN = Text("—", "—")
MOST_NAME = 48
"""Letters of a name that a heading shows."""
MOST_LISTED = 3
"""Subdistricts that a title names."""


def say_people(count: float | None) -> Text:
    """Return a number of residents where it says that they are; a dash where it is not known."""
    if count is None or not math.isfinite(count):
        return UNKNOWN
    return Text(f"{count:,.0f} 人", f"{count:,.0f}")


def say_residents(count: float) -> Text:
    """Return a number of residents as part of a sentence.

    Examples
    --------
    >>> say_residents(1234.4).zh, say_residents(1).en
    ('1,234 人', '1 resident')
    """
    whole = f"{count:,.0f}"
    return Text(f"{whole} 人", f"{whole} resident{'s' * (whole != '1')}")


def say_share(ratio: float | None) -> Text:
    """Return a share; a dash where it is not known."""
    if ratio is None or not math.isfinite(ratio):
        return UNKNOWN
    return Text(f"{ratio:.1%}", f"{ratio:.1%}")


def say_metres(distance_m: float | None) -> Text:
    """Return a distance; a dash where there is none."""
    if distance_m is None or not math.isfinite(distance_m):
        return UNKNOWN
    return Text(f"{distance_m:,.0f} 米", f"{distance_m:,.0f} m")


def say_square_metres(area_m2: float | None) -> Text:
    """Return an area; a dash where it is not known."""
    if area_m2 is None or not math.isfinite(area_m2):
        return UNKNOWN
    return Text(f"{area_m2:,.0f} 平方米", f"{area_m2:,.0f} m²")


def say_count(count: int) -> str:
    """Return a whole number."""
    return f"{count:,}"


def say_scale(scale: int) -> str:
    """Return a scale.

    Examples
    --------
    >>> say_scale(10_000)
    '1:10 000'
    """
    return f"1:{scale:,}".replace(",", " ")


def say_crs(crs: str, name: str) -> Text:
    """Return what a CRS is called: a zone of CGCS2000 in the planners' own words.

    Parameters
    ----------
    crs, name
        Its number, and what its register calls it.

    Examples
    --------
    >>> say_crs("EPSG:4547", "CGCS2000 / 3-degree Gauss-Kruger CM 114E").zh
    'CGCS2000 高斯-克吕格投影 3 度带，中央子午线 114°E（EPSG:4547）'
    """
    english = f"{name} ({crs})" if name != crs else crs
    number = crs.removeprefix("EPSG:")
    zone = int(number) - FIRST_CGCS2000_ZONE if number.isdigit() else -1
    if not 0 <= zone < ZONES:
        return Text(english, english)
    meridian = FIRST_CENTRAL_MERIDIAN + 3 * zone
    return Text(f"CGCS2000 高斯-克吕格投影 3 度带，中央子午线 {meridian}°E（{crs}）", english)


def name_site(site: Site) -> str:
    """Return what a site is called, its id where it has no name."""
    return shorten(site.name or site.id, MOST_NAME)


def say_part(evaluation: Evaluation) -> Text | None:
    """Return which subdistricts were judged; None where all were."""
    judged, there = len(evaluation.judgements), len(evaluation.case.area.subdistricts)
    if judged == there:
        return None
    if judged > MOST_LISTED:
        return Text(f"仅 {there} 个街道中的 {judged} 个", f"only {judged} of {there} subdistricts")
    names = join_names(shorten(one.subdistrict.name, MOST_NAME) for one in evaluation.judgements)
    return Text(f"仅{names.zh}", f"only {names.en}")


def entitle(title: Text, evaluation: Evaluation) -> Text:
    """Return a title that says so where it is about a part of the subdistricts only."""
    part = say_part(evaluation)
    if part is None:
        return title
    return Text(f"{title.zh}（{part.zh}）", f"{title.en} ({part.en})")
