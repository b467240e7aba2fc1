"""What explanations are made of: figures in words, and what one change would do to coverage."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from siteplan.errors import Text, shorten
from siteplan.model import DistanceMethod, Site
from siteplan.model.explanation import Basis, Outlook
from siteplan.outputs.sentences import round_people, say_count

MOST_DECIMALS = 6
HALF = 1e-10  # relative: more than the last bits, and far less than is written
LEAST_PART = 1e-6  # of a resident: less is the last bits of a sum
DEGREE_DECIMALS = 5  # to a metre


class Counterfactual(NamedTuple):
    """One thing that could be otherwise.

    Attributes
    ----------
    kind
        `add_candidate`, `add_candidates`, `add_site`, `change_radius`, `lose_headquarters`,
        `move_headquarters`, `name_headquarters`, `close_idle_members`, `without_site`, `with_site`
        or `as_headquarters`.
    figures
        By name, in the order in which they are written; none where nothing can be told.
    sentence
        The same in words, or why nothing can be told.
    """

    kind: str
    figures: Mapping[str, object]
    sentence: Text


class Chapter(NamedTuple):
    """What is under one heading: things that could be otherwise, and what else there is to say."""

    heading: Text
    counterfactuals: Sequence[Counterfactual]
    remarks: Sequence[Text] = ()


def describe_outlook(outlook: Outlook) -> dict[str, object]:
    """Return what a scheme covers, as it stands in the document."""
    return {
        "covered_population": outlook.covered_population,
        "coverage_ratio": outlook.coverage_ratio,
        "change_population": outlook.change_population,
        "missing_population": outlook.missing_population,
        "meets_target": outlook.meets_target,
    }


def say_change(today: Outlook, then: Outlook, basis: Basis) -> Text:
    """Say how coverage changes, and whether that is enough; no full stop.

    Parameters
    ----------
    today, then
        What is covered now, and if one thing were otherwise.
    basis
        By what was judged.
    """
    if math.isnan(then.coverage_ratio):
        return Text("没有居民，覆盖率无法计算", "coverage cannot be told, for nobody lives there")
    target = find_target(basis)
    before, after = say_share(today.coverage_ratio, target), say_share(then.coverage_ratio, target)
    people = say_people(abs(then.change_population))
    if not round_people(abs(then.change_population)):
        change = Text(f"覆盖率仍为 {after}", f"coverage stays at {after}")
    elif then.change_population > 0:
        change = Text(
            f"覆盖率由 {before} 升至 {after}，新增覆盖 {people.zh}",
            f"coverage rises from {before} to {after}, {people.en} more",
        )
    else:
        change = Text(
            f"覆盖率由 {before} 降至 {after}，{people.zh}失去覆盖",
            f"coverage falls from {before} to {after}, {people.en} fewer",
        )
    enough = _say_enough(today, then)
    return Text(f"{change.zh}{enough.zh}", f"{change.en}{enough.en}")


def _say_enough(today: Outlook, then: Outlook) -> Text:
    """Say whether the target is met; without one there is nothing to say."""
    if then.meets_target is None:
        return Text("", "")
    if then.meets_target:
        return (
            Text("，仍达到目标", "; the target is still met")
            if today.meets_target
            else Text("，达到目标", "; the target is met")
        )
    missing = say_missing(then.missing_population)
    return Text(f"，距目标还差 {missing.zh}", f"; {missing.en} short of the target")


def say_people(count: float) -> Text:
    """Write a number of residents, which is whole in a sentence.

    Examples
    --------
    >>> say_people(1234.4).en, say_people(0.7).en
    ('1,234 residents', '1 resident')
    """
    whole = round_people(count)
    return Text(f"{whole:,} 人", say_count(whole, "resident"))


def say_missing(count: float) -> Text:
    """Write how many residents more are needed, where a part of one takes one more.

    Examples
    --------
    >>> say_missing(4756.3).en, say_missing(3.0000001).en
    ('4,757 residents', '3 residents')
    """
    return say_people(math.ceil(count - LEAST_PART))


def say_figure(figure: float, other: float, decimals: int) -> str:
    """Write a figure, with as many decimals as it takes to tell it from another one.

    A half is written as the next whole, whatever its last bits say, as in findings.

    Examples
    --------
    >>> say_figure(1250.3, 1000, 0), say_figure(1000.3, 1000, 0), say_figure(1000, 1000, 0)
    ('1,250', '1,000.3', '1,000')
    """
    differ, figure = figure != other, figure * (1 + HALF)
    while differ and round(figure, decimals) == round(other, decimals) and decimals < MOST_DECIMALS:
        decimals += 1
    return f"{figure:,.{decimals}f}"


def say_share(ratio: float, other: float = math.nan) -> str:
    """Write a share, with as many decimals as it takes to tell it from another one.

    Examples
    --------
    >>> say_share(0.8449), say_share(0.84996, 0.85), say_share(math.nan)
    ('84.5%', '84.996%', '—')
    """
    return "—" if math.isnan(ratio) else f"{say_figure(ratio * 100, other * 100, 1)}%"


def say_walk(distance_m: float, method: DistanceMethod, limit_m: float = math.nan) -> Text:
    """Write how far something is, and how that was measured; a limit it misses can be told from it.

    Examples
    --------
    >>> say_walk(1234.4, "roads").en, say_walk(80, "straight-line").zh
    ('1,234 m on foot', '直线 80 米')
    >>> say_walk(1000.3, "roads", limit_m=1000).en
    '1,000.3 m on foot'
    """
    metres = say_figure(distance_m, limit_m, 0)
    if method == "straight-line":
        return Text(f"直线 {metres} 米", f"{metres} m by straight line")
    return Text(f"步行 {metres} 米", f"{metres} m on foot")


def say_degrees(lon: float, lat: float) -> Text:
    """Write where a place is, to a metre.

    Examples
    --------
    >>> say_degrees(9.52, -47.1).en
    '9.52000° E, 47.10000° S'
    """
    east, north = f"{abs(lon):.{DEGREE_DECIMALS}f}°", f"{abs(lat):.{DEGREE_DECIMALS}f}°"
    return Text(
        f"{'东' if lon >= 0 else '西'}经 {east}、{'北' if lat >= 0 else '南'}纬 {north}",
        f"{east} {'E' if lon >= 0 else 'W'}, {north} {'N' if lat >= 0 else 'S'}",
    )


def say_site(id_: str, sites: Iterable[Site]) -> str:
    """Write the id of a site and its name, where that says more."""
    return next((site.label for site in sites if site.id == id_), shorten(id_))


def say_no_headquarters(members: Collection[str], sites: Iterable[Site]) -> Text:
    """Say why a centre of several sites has no headquarters: none is called so, or several are."""
    if any(site.role == "headquarters" for site in sites if site.id in members):
        return Text("有多个总部", "has more than one headquarters")
    return Text("没有总部", "has no headquarters")


def find_target(basis: Basis) -> float:
    """Return the share to be covered; nan where the standard gives none."""
    return basis.target.number if basis.target else math.nan
