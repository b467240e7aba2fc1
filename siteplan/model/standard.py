"""The planning standard (设置标准): figures with their status and source."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from siteplan.errors import Text

BINDING = frozenset({"quoted", "adopted"})
"""What a threshold must be to let a figure fail."""
DISTRICT_DIGITS = 6  # of an administrative code, by GB/T 2260

Form = Literal["number", "ratio", "range", "date"]


@dataclass(frozen=True, slots=True)
class ThresholdKind:
    """What a threshold of some name is, whichever standard gives it.

    Attributes
    ----------
    title
        What people call it.
    unit
        In which it must be given; None for a ratio, a count or a date.
    op
        How a measured value is held against it; `in` for a range.
    rules
        Codes of the rules that read it.
    form
        `ratio` is a number from 0 to 1, `range` a pair of numbers.
    dated
        Whether it says by when it must be met.
    whole_city
        Whether it is one for all districts: how things are measured, and what is asked of the city.
    """

    title: Text
    unit: str | None
    op: str
    rules: tuple[str, ...]
    form: Form = "number"
    dated: bool = False
    whole_city: bool = False


THRESHOLDS: Mapping[str, ThresholdKind] = {
    "service_radius": ThresholdKind(
        Text("服务半径", "service radius"), "m", "<=", ("C01", "C02", "C03", "C04", "C05")
    ),
    "coverage_target": ThresholdKind(
        Text("覆盖率目标", "coverage target"), None, ">=", ("C01", "C02", "C03"), form="ratio"
    ),
    "snap_limit": ThresholdKind(
        Text("最远离路距离", "farthest from a road"), "m", "<=", ("D05", "N05", "C01"),
        whole_city=True,
    ),
    "walk_speed": ThresholdKind(
        Text("步行速度", "walking speed"), "m/s", "==", ("C03",), whole_city=True
    ),
    "walk_speed_older": ThresholdKind(
        Text("老年人步行速度", "walking speed of older people"), "m/s", "==", ("C03",),
        whole_city=True,
    ),
    "gap_pop": ThresholdKind(
        Text("盲区人口", "residents of a gap worth naming"), "person", ">=", ("C05",)
    ),
    "pop_per_centre": ThresholdKind(
        Text("每个中心的服务人口", "residents per centre"), "person", "in", ("C06",), form="range"
    ),
    "area_per_1000": ThresholdKind(
        Text("千人建筑面积", "floor area per 1,000 residents"), "m2", ">=", ("C07",)
    ),
    "max_detour": ThresholdKind(
        Text("最大绕行系数", "largest detour factor"), None, "<=", ("S06",)
    ),
    "boundary_tolerance": ThresholdKind(
        Text("边界容差", "tolerance at boundaries"), "m", "<=", ("D01", "S01"), whole_city=True
    ),
    "min_floor_area": ThresholdKind(
        Text("最小建筑面积", "least floor area"), "m2", ">=", ("S03",)
    ),
    "premises_deadline": ThresholdKind(
        Text("场地到位期限", "day by which premises are there"), None, "<=", ("S04",), form="date"
    ),
    "transit": ThresholdKind(
        Text("距公交站点", "way to public transport"), "m", "<=", ("S05",)
    ),
    "hq_count": ThresholdKind(
        Text("总部数量", "headquarters of a centre"), None, "==", ("N02",)
    ),
    "centres_per_street": ThresholdKind(
        Text("每街道中心数量", "centres per subdistrict"), None, "==", ("N01",)
    ),
    "hq_link": ThresholdKind(
        Text("分站点距总部", "way from branch to headquarters"), "m", "<=", ("N06",)
    ),
    "min_gain": ThresholdKind(
        Text("分站点至少新增的覆盖率", "share that a branch must add"), None, ">=", ("N08",),
        form="ratio",
    ),
    "n1_coverage": ThresholdKind(
        Text("失去一个场地后的覆盖率", "coverage kept without one site"), None, ">=", ("N09",),
        form="ratio",
    ),
    "evaluation_fee": ThresholdKind(
        Text("评估费占资金比例", "fee of evaluations, share of the funds"), None, "==", ("P03",),
        form="ratio", whole_city=True,
    ),
    "tender_months": ThresholdKind(
        Text("批准后招投标期限", "tender after approval"), "month", "<=", ("P04",), whole_city=True
    ),
    "pilot_end": ThresholdKind(
        Text("试点阶段结束日期", "last day of the pilot phase"), None, "<=", ("P01",), form="date",
        whole_city=True,
    ),
    "rollout_2015": ThresholdKind(
        Text("推广阶段推进率", "roll-out, second stage"), None, ">=", ("P06",), form="ratio",
        dated=True, whole_city=True,
    ),
    "rollout_2020": ThresholdKind(
        Text("全面建设阶段推进率", "roll-out, third stage"), None, ">=", ("P06",), form="ratio",
        dated=True, whole_city=True,
    ),
}  # fmt: skip
"""Thresholds that the rules ask for. `walk_speed` also turns --minutes into a radius."""
TIER_FIGURES: Mapping[str, ThresholdKind] = {
    "walk_distance": ThresholdKind(Text("步行距离", "walking distance"), "m", "<=", ()),
    "population": ThresholdKind(Text("人口", "residents"), "person", "in", (), form="range"),
    "dwellings": ThresholdKind(Text("住宅套数", "dwellings"), "dwelling", "in", (), form="range"),
    "area": ThresholdKind(Text("用地面积", "ground"), "ha", "in", (), form="range"),
}
FACILITY_FIGURES: Mapping[str, ThresholdKind] = {
    "floor_area": ThresholdKind(Text("建筑面积", "floor area"), "m2", "in", (), form="range"),
    "service_radius": ThresholdKind(Text("服务半径", "service radius"), "m", "<=", ()),
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure of a planning standard, and where it comes from.

    Attributes
    ----------
    name
        As rules refer to it.
    value
        A number or a date; of a range the least.
    unit
        None for a ratio or a count.
    op
        How a measured value is held against it: `<=`, `>=`, `==`, or `in` for a range.
    status
        `quoted`: read in the cited text; `adopted`: set by the user's authority; `secondary`,
        `unverified`, `assumed`: weaker, a rule only warns on them.
    source
        Id of a source of the standard; of an adopted figure without one, who adopted it.
    clause
        Where in that source.
    upper
        The most of a range; None for anything else.
    by
        The day by which it must be met, where it has one.
    note
        What else there is to know of the figure.
    adopted_by, adopted_on
        Which authority set it, and when.
    """

    name: str
    value: float | date
    unit: str | None
    op: str
    status: str
    source: str
    clause: str | None
    upper: float | None = None
    by: date | None = None
    note: Text | None = None
    adopted_by: str | None = None
    adopted_on: date | None = None

    @property
    def binding(self) -> bool:
        """Whether a figure may fail on this threshold by itself."""
        return self.status in BINDING

    @property
    def number(self) -> float:
        """The value as a number, of a range the least; nan for a date."""
        return float(self.value) if isinstance(self.value, int | float) else math.nan

    @property
    def plain(self) -> float | str | list[float]:
        """The value as JSON can hold it: a number, a day as text, or least and most of a range.

        Examples
        --------
        >>> kind = {"unit": "person", "status": "assumed", "source": "us", "clause": None}
        >>> Threshold("pop_per_centre", 30000, op="in", upper=100000, **kind).plain
        [30000, 100000]
        """
        if isinstance(self.value, date):
            return self.value.isoformat()
        return self.value if self.upper is None else [self.value, self.upper]


@dataclass(frozen=True, slots=True)
class Pilot:
    """A subdistrict on the list of pilots.

    Attributes
    ----------
    code, name, district
        Today's code; name and district as they are listed.
    mode
        1: purchase of services; 2: indirect management by the subdistrict.
    grant_wan, city_wan, district_wan
        Its grant and what city and district give of it, in 10,000 yuan; None where not listed.
    """

    code: str
    name: str
    district: str
    mode: int
    grant_wan: float | None = None
    city_wan: float | None = None
    district_wan: float | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """What a centre must offer, over all its sites together.

    Attributes
    ----------
    required, recommended
        As proposals name them: `family_service`, ….
    status, source, clause, note, adopted_by, adopted_on
        As of a threshold.
    """

    required: tuple[str, ...]
    recommended: tuple[str, ...]
    status: str
    source: str
    clause: str | None = None
    note: Text | None = None
    adopted_by: str | None = None
    adopted_on: date | None = None

    @property
    def threshold(self) -> Threshold:
        """How many services are required, as a threshold: its status decides what may fail."""
        return Threshold(
            name="services",
            value=len(self.required),
            unit="service",
            op=">=",
            status=self.status,
            source=self.source,
            clause=self.clause,
        )


@dataclass(frozen=True, slots=True)
class TierFacility:
    """A facility (配套设施) that belongs to a tier.

    Attributes
    ----------
    figures
        `floor_area` and `service_radius`, as far as the standard gives them.
    status, source, clause, note
        Of the statement that it belongs there.
    """

    name: str
    title: Text
    figures: Mapping[str, Threshold]
    status: str
    source: str
    clause: str | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """A life circle (生活圈): the neighbourhood that people walk across in some minutes.

    Attributes
    ----------
    minutes
        How long they walk.
    figures
        `walk_distance`, `population`, `dwellings`, `area`, as far as the standard gives them.
    facilities
        What such a neighbourhood has. Not nested: a facility of one tier does not stand for one of
        another.
    """

    name: str
    title: Text
    minutes: float
    clause: str | None
    figures: Mapping[str, Threshold]
    facilities: tuple[TierFacility, ...]


@dataclass(frozen=True, slots=True)
class Standard:
    """A planning standard (设置标准): thresholds by name, and the rules it asks for.

    Attributes
    ----------
    thresholds
        By name.
    sources
        Title of each source by id.
    rules
        Codes of the rules to judge by, in order.
    clauses
        Clause of the planning document behind each rule.
    pilots
        Pilot subdistricts by code; empty where the standard has no such list.
    valid_from, valid_to
        First and last day on which it holds; None where that is open.
    note
        What else there is to know of it.
    urls
        Where a source can be read, by id.
    services
        What a centre must offer; None where it does not say.
    tiers
        Life circles, the shortest walk first.
    districts
        Thresholds that differ in a district, by its name or six-digit code.
    """

    id: str
    title: Text
    thresholds: Mapping[str, Threshold]
    sources: Mapping[str, Text]
    rules: tuple[str, ...]
    clauses: Mapping[str, str]
    pilots: Mapping[str, Pilot]
    valid_from: date | None = None
    valid_to: date | None = None
    note: Text | None = None
    urls: Mapping[str, str] = field(default_factory=dict)
    services: Services | None = None
    tiers: tuple[Tier, ...] = ()
    districts: Mapping[str, Mapping[str, Threshold]] = field(default_factory=dict)

    def number(self, name: str) -> float | None:
        """Return a threshold's value where it is a number, None where the standard has none."""
        threshold = self.thresholds.get(name)
        return threshold.number if threshold else None

    def is_valid_on(self, day: date) -> bool:
        """Whether it holds on a day; its first and last day included."""
        starts, ends = self.valid_from or date.min, self.valid_to or date.max
        return starts <= day <= ends

    def for_district(self, name_or_code: str) -> "Standard":
        """Return it with the thresholds that differ in a district; itself where none does."""
        own = self.districts.get(name_or_code)
        return replace(self, thresholds={**self.thresholds, **own}) if own else self

    def for_subdistrict(self, code: str, district: str | None) -> "Standard":
        """Return it with the thresholds that differ in the district of a subdistrict.

        What is given under the district's code wins over what is given under its name.

        Parameters
        ----------
        code
            Of the subdistrict; its first six digits are the district's.
        district
            Name of the district, as the boundaries have it.
        """
        named = self.for_district(district) if district else self
        start = code[:DISTRICT_DIGITS]
        return named.for_district(start) if is_district_code(start) else named


def is_district_code(word: str) -> bool:
    """Whether a word is a district's administrative code and no name: six digits.

    Examples
    --------
    >>> is_district_code("440106"), is_district_code("天河区"), is_district_code("44010")
    (True, False, False)
    """
    return len(word) == DISTRICT_DIGITS and word.isascii() and word.isdigit()
