"""Residents by subdistrict, and the places where a file says that people live."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from siteplan.errors import Defect, DefectList, Text, join_names, shorten
from siteplan.geometry import stand_inside
from siteplan.inputs.boundaries import Boundaries
from siteplan.inputs.fields import (
    mend_number,
    parse_code,
    parse_number,
    parse_text,
    parse_whole,
    pick,
)
from siteplan.inputs.headers import is_group, refuse_multiples
from siteplan.inputs.tables import read_table, require_columns
from siteplan.inputs.vector import Layer
from siteplan.model import StudyArea, Subdistrict, Weights
from siteplan.schema import fold

FIELDS = ("code", "name", "year", "population", "estimated", "source")
RESIDENTS_FIELDS = ("lon", "lat", "population")
GROUPS = ("age_60_plus",)
"""Groups that the settings may name a column for; others are called by their header."""
UNITS = ("人", "persons", "people")  # behind a number, in small letters
TIMES: Mapping[str, float] = {"千": 1e3, "万": 1e4, "亿": 1e8}
YES, NO = ("yes", "true", "1", "是"), ("no", "false", "0", "否")
COUNT_REMEDY = Text("请填人数，不小于 0", "Give a number of people, 0 or more")


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """Residents of one subdistrict, in all and by group, the year of the figure and its origin.

    Attributes
    ----------
    population
        In all.
    year
        Of the figure.
    groups
        Residents of each group that was counted.
    estimated
        Whether the figure says of itself that nobody counted it; None if it says nothing.
    source
        Where it is from, in the words of the file.
    """

    population: float
    year: int | None = None
    groups: Mapping[str, float] = field(default_factory=dict)
    estimated: bool | None = None
    source: str | None = None


def read_population(
    path: Path, label: str, columns: Mapping[str, str]
) -> tuple[dict[str, PopulationRow], tuple[Text, ...]]:
    """Read `code,name,year,population[,estimated,source][,group…]`, and say what is left aside.

    A further column is a group if its header says so, or the settings.

    Parameters
    ----------
    path, label
        The CSV and its name in messages.
    columns
        The file's names of our columns.

    Raises
    ------
    InputError
        With every doubled or missing code, and every population that is missing, negative, not a
        number, or smaller than one of its groups; every year that is none, or answer to
        `estimated` that is neither yes nor no; and columns that do not count single people.
    """
    table = read_table(path, label)
    require_columns(
        list(table[0][1]), [columns.get(name, name) for name in ("code", "population")], label
    )
    groups, unused = _find_groups(table, columns)
    refuse_multiples([columns.get(name, name) for name in ("population", *groups)], label)
    defects, rows = DefectList(), dict[str, PopulationRow]()
    for number, values in table:
        code = parse_code(pick(values, "code", columns))
        name = parse_text(pick(values, "name", columns))
        counts = _read_counts(values, columns, groups, (label, number), defects)
        year = None
        try:
            year = parse_whole(pick(values, "year", columns))
        except ValueError:
            shown = pick(values, "year", columns)
            problem = Text(f"year 为 {shown!r}", f"year is {shown!r}")
            meant = mend_number(shown, ("年",))
            example = "2010" if meant is None else f"{meant:.12g}"
            remedy = Text(f"请填年份，如 {example}", f"Give a year, e.g. {example}")
            defects.append(Defect(label, problem, remedy, "fields", "error", number, name, "year"))
        estimated = _read_estimated(values, columns, (label, number), defects)
        source = parse_text(pick(values, "source", columns))
        if code is None or code in rows:
            problem = (
                Text("没有街道代码", "has no subdistrict code")
                if code is None
                else Text(f"代码 {code} 重复", f"code {code} stands twice")
            )
            remedy = Text("每个街道一行", "Give one row for each subdistrict")
            defects.append(Defect(label, problem, remedy, "fields", "error", number, name, "code"))
        else:
            people = counts.pop("population")
            rows[code] = PopulationRow(people, year, counts, estimated, source)
    defects.raise_errors()
    return rows, _note_columns(unused)


def make_study_area(
    boundaries: Boundaries, table: Mapping[str, PopulationRow] | None, label: str
) -> StudyArea:
    """Join residents to boundaries by code.

    Parameters
    ----------
    boundaries
        Subdistricts.
    table
        Rows of `data/population.csv`; None takes the column of the boundaries.
    label
        Name of the file the residents come from, for messages.

    Raises
    ------
    InputError
        Naming every subdistrict without a population.
    """
    if table is None:
        table = {
            code: PopulationRow(population)
            for code, population in zip(boundaries.codes, boundaries.populations, strict=True)
            if population is not None
        }
    defects = DefectList()
    for code, name in zip(boundaries.codes, boundaries.names, strict=True):
        if code not in table:
            problem = Text(f"街道 {code} 没有人口", f"subdistrict {code} has no population")
            remedy = Text(
                "请补上一行，或在 [columns.boundaries] 指明人口列",
                "Add its row, or name the column of residents under [columns.boundaries]",
            )
            defects.append(Defect(label, problem, remedy, stage="place", name=name))
    defects.raise_errors()
    subdistricts = tuple(
        Subdistrict(
            code=code,
            name=boundaries.names[index],
            district=boundaries.districts[index],
            geometry=boundaries.geometry[index],
            population=table[code].population,
            groups=table[code].groups,
            vintage=boundaries.vintages[index],
            population_year=table[code].year,
        )
        for index, code in enumerate(boundaries.codes)
    )
    return StudyArea(subdistricts, boundaries.crs)


def note_unused(table: Mapping[str, PopulationRow], codes: Iterable[str]) -> tuple[Text, ...]:
    """Say which rows of the population table belong to no subdistrict of the case."""
    unused = sorted(set(table) - set(codes))
    if not unused:
        return ()
    names = join_names(unused)
    return (Text(f"不属于本案例的行：{names.zh}", f"rows of no subdistrict here: {names.en}"),)


def note_estimates(table: Mapping[str, PopulationRow]) -> tuple[Text, ...]:
    """Say how many figures of the population table are estimates, and where all are from."""
    notes = []
    if estimated := sum(row.estimated is True for row in table.values()):
        notes.append(
            Text(
                f"{len(table)} 个街道中 {estimated} 个的人口为估算值",
                f"the population of {estimated} of {len(table)} subdistricts is estimated",
            )
        )
    if sources := sorted({row.source for row in table.values() if row.source}):
        names = join_names(sources)
        notes.append(Text(f"人口来源：{names.zh}", f"population from {names.en}"))
    return tuple(notes)


def read_residents(
    layer: Layer, columns: Mapping[str, str], crs: str, groups: Iterable[str]
) -> Weights:
    """Make weights of points or polygons with a population: census blocks, a grid.

    A polygon counts at its centroid, or at a point inside it where that lies outside.

    Raises
    ------
    InputError
        With every population that is missing, negative or not a number; and columns that do not
        count single people.
    """
    defects = DefectList()
    theirs = {group: columns.get(group, group) for group in groups}
    held = [group for group in theirs if any(theirs[group] in row for row in layer.properties)]
    refuse_multiples([columns.get(name, name) for name in ("population", *held)], layer.label)
    counts = [
        _read_counts(values, columns, held, (layer.label, row), defects)
        for row, values in zip(layer.rows, layer.properties, strict=True)
    ]
    defects.raise_errors()
    points = stand_inside(layer.project(crs))
    return Weights(
        x=shapely.get_x(points),
        y=shapely.get_y(points),
        weight=np.array([count["population"] for count in counts], dtype=np.float64),
        groups={group: np.array([count.get(group, 0.0) for count in counts]) for group in held},
        measured=np.ones(len(counts), dtype=np.bool_),
    )


def note_places(layer: Layer) -> tuple[Text, ...]:
    """Say where the places of residents are from, as far as the file tells."""
    told = sorted(
        {
            (source, parse_text(row.get("year")))
            for row in layer.properties
            if (source := parse_text(row.get("source")))
        }
    )
    if not told:
        return ()
    zh = join_names(source + (f"（{year} 年）" if year else "") for source, year in told).zh
    en = join_names(source + (f" ({year})" if year else "") for source, year in told).en
    return (Text(f"居住地点来源：{zh}", f"places of residents from {en}"),)


def _find_groups(
    table: list[tuple[int, dict[str, object]]], columns: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Return the groups, and the columns that hold numbers of something else.

    A column without any number is a remark.
    """
    header = [name for name in table[0][1] if name]
    ours = {columns.get(name, name) for name in (*FIELDS, *GROUPS)}
    groups = [name for name in GROUPS if columns.get(name, name) in header]
    names = [name for name in header if name not in ours]

    def is_number(value: object) -> bool:
        try:
            return parse_number(value) is not None
        except ValueError:
            return False

    numbers = [name for name in names if any(is_number(values.get(name)) for _, values in table)]
    groups += [name for name in numbers if is_group(name)]
    return groups, [name for name in numbers if name not in groups]


def _note_columns(unused: Iterable[str]) -> tuple[Text, ...]:
    """Say which columns of numbers are no group that anybody could know."""
    listed = join_names(unused)
    if not listed.en:
        return ()
    return (
        Text(
            f"未用的列：{listed.zh}（人群的列名应写明年龄或性别，如 60岁以上）",
            f"columns left aside: {listed.en} (a group is named by age or sex: age_60_plus)",
        ),
    )


def _read_estimated(
    values: Mapping[str, object],
    columns: Mapping[str, str],
    place: tuple[str, int],
    defects: DefectList,
) -> bool | None:
    """Return whether a row says that it is an estimate; None if it does not say."""
    word = parse_text(pick(values, "estimated", columns))
    if word is None or fold(word) in (*YES, *NO):
        return None if word is None else fold(word) in YES
    shown = shorten(word)
    problem = Text(f"estimated 为 {shown!r}", f"estimated is {shown!r}")
    remedy = Text("请填 是 或 否", "Give yes or no")
    called = parse_text(pick(values, "name", columns))
    defects.append(
        Defect(place[0], problem, remedy, "fields", "error", place[1], called, "estimated")
    )
    return None


def _read_counts(
    values: Mapping[str, object],
    columns: Mapping[str, str],
    groups: Iterable[str],
    place: tuple[str, int],
    defects: DefectList,
) -> dict[str, float]:
    """Return the people of one row, in all and by group; what is wrong joins `defects`."""
    label, row = place
    called = parse_text(pick(values, "name", columns))
    broken = False
    counts: dict[str, float] = {}
    for name in ("population", *groups):
        value = pick(values, name, columns)
        try:
            number = parse_number(value)
        except ValueError:
            number = -1.0
        if number is None and name != "population":
            continue  # nobody counted this group here: unknown, not zero
        counts[name] = number or 0.0
        problem, remedy = None, COUNT_REMEDY
        if number is None:
            problem = Text(f"{name} 为空", f"{name} is missing")
        elif number < 0:
            problem = Text(f"{name} 为 {value!r}", f"{name} is {value!r}")
            if (meant := _find_meant(value)) is not None:
                remedy = Text(
                    f"只填数字，不带逗号和单位：{meant:.12g}",
                    f"Give the number without separators and units: {meant:.12g}",
                )
        elif number > counts["population"] and not broken:
            total = counts["population"]
            problem = Text(
                f"{name} 为 {number:.12g}，多于常住人口 {total:.12g}",
                f"{name} is {number:.12g}, more than the population of {total:.12g}",
            )
        if problem is not None:
            broken = True
            defects.append(Defect(label, problem, remedy, "fields", "error", row, called, name))
    return counts


def _find_meant(value: object) -> float | None:
    """Return how many people a text can only mean; None if that is in doubt.

    Examples
    --------
    >>> _find_meant("5,000"), _find_meant("5000人"), _find_meant("5.2万人"), _find_meant("many")
    (5000.0, 5000.0, 52000.0, None)
    """
    word = str(value).strip().removesuffix("人")
    meant = mend_number(word[:-1] if word[-1:] in TIMES else word, UNITS)
    if meant is None or meant < 0:
        return None
    return round(meant * TIMES.get(word[-1:], 1.0), 6)
