"""The pilots as they are administered: what was filed, what became of their codes, their money."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from siteplan.errors import Text
from siteplan.model.standard import Pilot

DECIMALS = 2
"""Money is exact to 0.01 of its unit, 10,000 yuan: to 100 yuan."""
TENTHS = 10  # the list gives its ratios in parts of ten: 4:6
NO_FEE = Text("", "")

ChangeOfUnit = Literal["kept", "merged", "split", "district_renamed", "district_abolished"]


@dataclass(frozen=True, slots=True)
class Project:
    """A centre as it was filed for approval: one subdistrict, one project.

    Attributes
    ----------
    subdistrict
        Code of the subdistrict that filed it.
    project_id
        Unique among all projects.
    mode
        1: purchase of services; 2: indirect management by the subdistrict; None where not given.
    operator
        Who runs the centre.
    submitted, district_reviewed, city_approved, tendered
        The day of each step; None where the step was not taken, or not noted.
    grant_wan, city_wan, district_wan
        The grant, and what city and district give of it, in 10,000 yuan; None where not given.
    row
        Of the table it was read from.
    """

    subdistrict: str
    project_id: str
    mode: int | None = None
    operator: str | None = None
    submitted: date | None = None
    district_reviewed: date | None = None
    city_approved: date | None = None
    tendered: date | None = None
    grant_wan: float | None = None
    city_wan: float | None = None
    district_wan: float | None = None
    row: int = 0

    def is_approved(self, day: date) -> bool:
        """Whether the city has approved it on or before a day."""
        return self.city_approved is not None and self.city_approved <= day


@dataclass(frozen=True, slots=True)
class FormerUnit:
    """A subdistrict as an old list names it, and where it is today.

    Attributes
    ----------
    district, name
        As listed. The two together are a name by which the unit may stand where it has no code.
    today
        Codes of the subdistricts in which it is today, wholly or in part.
    change
        `kept`: the same unit; `merged`: it is inside another one now; `split`: others were carved
        out of it; `district_renamed`, `district_abolished`: it is the same, its district is not.
    source
        Where that is said, as an id of the table of succession.
    codes
        Former codes, where they differ from those of today.
    by_year
        The year by which the change had happened; None where nothing changed or nobody says.
    """

    district: str
    name: str
    today: tuple[str, ...]
    change: ChangeOfUnit
    source: str
    codes: tuple[str, ...] = ()
    by_year: int | None = None

    @property
    def key(self) -> str:
        """District and name in one word: the code of a unit that has none."""
        return f"{self.district}{self.name}"

    @property
    def has_heir(self) -> bool:
        """Whether a subdistrict of today is the unit itself, and not another that took it in."""
        return self.change != "merged"

    @property
    def fate(self) -> Text | None:
        """What became of the unit itself; None where only its district changed, or nothing."""
        by, codes = _say_year(self.by_year), (", ".join(self.today), "、".join(self.today))
        if self.change == "merged":
            return Text(f"{by.zh}已并入 {codes[1]}", f"{by.en}merged into {codes[0]}")
        if self.change == "split":
            return Text(f"{by.zh}已分为 {codes[1]}", f"{by.en}divided into {codes[0]}")
        return None

    def is_called(self, word: str) -> bool:
        """Whether a word is one of its former codes or its key."""
        return word == self.key or word in self.codes


@dataclass(frozen=True, slots=True)
class FormerDistrict:
    """A district under a name that it has no longer, or never had.

    Attributes
    ----------
    name
        As listed.
    today
        Name of the district it is, or is in, today.
    change
        `renamed`, `abolished`, or `misspelt`.
    source
        Where that is said.
    by_year
        The year by which the change had happened; None for a slip of the pen.
    """

    name: str
    today: str
    change: Literal["renamed", "abolished", "misspelt"]
    source: str
    by_year: int | None = None

    @property
    def fate(self) -> Text:
        """What became of it.

        Examples
        --------
        >>> FormerDistrict("萝岗区", "黄埔区", "abolished", "notes", 2014).fate.en
        'by 2014 abolished, in 黄埔区 today'
        """
        by = _say_year(self.by_year)
        if self.change == "renamed":
            return Text(f"{by.zh}已更名为{self.today}", f"{by.en}renamed {self.today}")
        if self.change == "abolished":
            return Text(
                f"{by.zh}已撤销，今属{self.today}", f"{by.en}abolished, in {self.today} today"
            )
        return Text(f"应为{self.today}", f"{self.today} is meant")


@dataclass(frozen=True, slots=True)
class Succession:
    """What became of the subdistricts and districts of an old list."""

    units: tuple[FormerUnit, ...] = ()
    districts: tuple[FormerDistrict, ...] = ()

    def find_unit(self, word: str) -> FormerUnit | None:
        """Return the unit of which a word is a former code or the key; None if there is none."""
        return next((unit for unit in self.units if unit.is_called(word)), None)

    def find_today(self, word: str) -> tuple[str, ...]:
        """Return today's codes for a former code, a key, or a name that only one unit had.

        Empty if the word is none of these: a code of today is not looked up here.
        """
        unit = self.find_unit(word)
        named = [unit] if unit else [each for each in self.units if each.name == word]
        return named[0].today if len(named) == 1 else ()

    def find_district(self, name: str) -> FormerDistrict | None:
        """Return what became of a district; None where it is what it was, or nothing is known."""
        return next((each for each in self.districts if each.name == name), None)

    def find_pilot(self, pilot: Pilot) -> FormerUnit | None:
        """Return the unit that a pilot was; None where nothing is known of it."""
        return next((unit for unit in self.units if _is_same(pilot, unit)), None)


def find_pilots(code: str, pilots: Iterable[Pilot], succession: Succession) -> tuple[Pilot, ...]:
    """Return the pilots that a subdistrict was, or that lie in it today, in order of code.

    Codes are compared, and what the table of succession says of them; names never are.

    Parameters
    ----------
    code
        Today's code: it finds every pilot that lies in it, wholly or in part, so there may be two.
        Or a former one: it finds the pilot that had it.
    pilots
        Those of a standard. Their codes are today's; one without a code has the key of its
        `FormerUnit`.
    succession
        What became of them.
    """
    unit = succession.find_unit(code)
    if unit is not None:
        found = [pilot for pilot in pilots if _is_same(pilot, unit)]
    else:
        inside = [unit for unit in succession.units if code in unit.today]
        found = [
            pilot
            for pilot in pilots
            if pilot.code == code or any(_is_same(pilot, unit) for unit in inside)
        ]
    return tuple(sorted(found, key=lambda pilot: pilot.code))


def _is_same(pilot: Pilot, unit: FormerUnit) -> bool:
    return unit.is_called(pilot.code) or (unit.has_heir and pilot.code in unit.today)


class Granted(Protocol):
    """A pilot or a project: what is given for it."""

    @property
    def grant_wan(self) -> float | None:
        """In all."""

    @property
    def city_wan(self) -> float | None:
        """By the city."""

    @property
    def district_wan(self) -> float | None:
        """By the district."""


@dataclass(frozen=True, slots=True)
class Split:
    """A grant, and what city and district give of it, in 10,000 yuan."""

    grant_wan: float
    city_wan: float
    district_wan: float

    @property
    def excess_wan(self) -> float:
        """By how much the two shares together exceed the grant; 0 where they make it up."""
        return _round(self.city_wan + self.district_wan - self.grant_wan)

    @property
    def ratio(self) -> str:
        """City to district in parts of ten, as the list has it.

        Examples
        --------
        >>> Split(200, 80, 120).ratio, Split(200, 0, 200).ratio, Split(0, 0, 0).ratio
        ('4:6', '0:10', '')
        """
        whole = self.city_wan + self.district_wan
        if whole <= 0:
            return ""
        city = round(TENTHS * self.city_wan / whole, 2)
        return f"{city:g}:{TENTHS - city:g}"

    def find_difference(self, other: "Split") -> str | None:
        """Return the first of the three sums that differs by 0.01; None where all are the same.

        Examples
        --------
        >>> Split(200, 80, 120).find_difference(Split(200, 100, 100))
        'city_wan'
        """
        sums = ("grant_wan", "city_wan", "district_wan")
        differing = (sum_ for sum_ in sums if _round(getattr(self, sum_) - getattr(other, sum_)))
        return next(differing, None)


@dataclass(frozen=True, slots=True)
class GrantLine:
    """The grants of one district.

    Attributes
    ----------
    district
        As given.
    count
        Grants that are in the sum.
    split
        The sum.
    """

    district: str
    count: int
    split: Split


@dataclass(frozen=True, slots=True)
class GrantTable:
    """Grants per district and in all, every sum made anew from the single ones.

    Attributes
    ----------
    lines
        In order of district.
    total
        Of all districts.
    count
        Grants in the total.
    without
        How many have no full split, and so are in no sum.
    fee_ratio, fee_wan
        The fee of the evaluations as a share of the total, and in 10,000 yuan; None where no share
        is given. It is a line of its own, and in no sum.
    """

    lines: tuple[GrantLine, ...]
    total: Split
    count: int
    without: int
    fee_ratio: float | None
    fee_wan: float | None

    @property
    def fee_note(self) -> Text:
        """What is not said of the fee; empty where there is none."""
        if self.fee_wan is None:
            return NO_FEE
        return Text(
            "评估费单列：方案未说明它在补助之外另计，还是从补助中支出",
            "the fee stands apart: the plan does not say whether it comes on top of the grants or "
            "out of them",
        )


def find_split(granted: Granted) -> Split | None:
    """Return the grant with its two shares; None where one of the three is not given."""
    grant, city, district = granted.grant_wan, granted.city_wan, granted.district_wan
    if grant is None or city is None or district is None:
        return None
    return Split(grant, city, district)


def add_up_grants(
    granted: Iterable[tuple[str, Granted]], fee_ratio: float | None = None
) -> GrantTable:
    """Add up the grants of pilots or projects by district.

    Parameters
    ----------
    granted
        District and pilot, or district and project. Districts are put together by this name: give
        today's or the listed one, but the same kind for all.
    fee_ratio
        The fee of the evaluations as a share of all funds.

    Examples
    --------
    >>> pilots = [Pilot("1", "甲", "区", 1, 200, 80, 120), Pilot("2", "乙", "区", 1, 200, 100, 100)]
    >>> table = add_up_grants([(pilot.district, pilot) for pilot in pilots], fee_ratio=0.02)
    >>> table.total, table.total.ratio, table.fee_wan
    (Split(grant_wan=400.0, city_wan=180.0, district_wan=220.0), '4.5:5.5', 8.0)
    """
    by_district: dict[str, list[Split]] = {}
    without = 0
    for district, each in granted:
        split = find_split(each)
        if split is None:
            without += 1
        else:
            by_district.setdefault(district, []).append(split)
    lines = tuple(
        GrantLine(district, len(splits), _add_up(splits))
        for district, splits in sorted(by_district.items())
    )
    total = _add_up([split for splits in by_district.values() for split in splits])
    return GrantTable(
        lines=lines,
        total=total,
        count=sum(line.count for line in lines),
        without=without,
        fee_ratio=fee_ratio,
        fee_wan=None if fee_ratio is None else _round(fee_ratio * total.grant_wan),
    )


def _add_up(splits: Sequence[Split]) -> Split:
    return Split(
        _round(math.fsum(split.grant_wan for split in splits)),
        _round(math.fsum(split.city_wan for split in splits)),
        _round(math.fsum(split.district_wan for split in splits)),
    )


def _say_year(by_year: int | None) -> Text:
    """Begin a sentence with the year by which a change had happened."""
    return Text(f"到 {by_year} 年", f"by {by_year} ") if by_year else Text("", "")


def _round(amount_wan: float) -> float:
    """Return an amount in whole hundredths."""
    return round(amount_wan, DECIMALS)
