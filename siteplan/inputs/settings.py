"""`siteplan.toml`: what differs from the layout of a case that siteplan expects."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path

from siteplan.crs import Datum
from siteplan.errors import Defect, InputError, Text
from siteplan.files import check_keys, read_toml
from siteplan.inputs import boundaries, buildings, facilities, population, roads, stops
from siteplan.inputs.limits import Limits
from siteplan.schema import KEYS, POSITION

NAME = "siteplan.toml"
DEFAULT_STANDARD = "guangzhou-2010"
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "case": ("name", "date", "standard", "crs"),
    "paths": (
        "boundaries", "population", "residents", "roads", "buildings", "facilities", "stops",
        "proposals", "projects",
    ),
    "datum": ("boundaries", "residents", "roads", "buildings", "facilities", "stops", "proposals"),
    "limits": tuple(limit.name for limit in fields(Limits)),
    "columns": (
        "boundaries", "population", "residents", "roads", "buildings", "facilities", "stops",
        "proposals",
    ),
}  # fmt: skip
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "boundaries": boundaries.FIELDS,
    "population": (*population.FIELDS, *population.GROUPS),
    "residents": (*population.RESIDENTS_FIELDS, *population.GROUPS),
    "roads": roads.LINE_FIELDS,
    "buildings": buildings.FIELDS,
    "facilities": facilities.FIELDS,
    "stops": stops.FIELDS,
    "proposals": (*(field.key for field in POSITION), *KEYS),
}
DATUMS: Mapping[str, Datum] = {"wgs84": "wgs84", "gcj02": "gcj02", "bd09": "bd09"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a case, with the defaults where the file says nothing.

    Attributes
    ----------
    name
        Title; the folder's name by default.
    day
        The day judged for.
    standard
        Id or path of the planning standard.
    crs
        Working CRS; None chooses it.
    paths
        Files by role, relative to the case.
    columns
        Theirs by ours, by role.
    datum
        What the degrees of a file really are, by role.
    limits
        What a proposals file may hold at most.
    """

    name: str
    day: date | None = None
    standard: str = DEFAULT_STANDARD
    crs: str | None = None
    paths: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    datum: Mapping[str, Datum] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


def read_settings(case: Path) -> Settings:
    """Read `siteplan.toml` of a case; without one everything is as expected.

    Raises
    ------
    InputError
        With every unknown key (and the nearest known one) and every value of the wrong type.
    """
    name = case.resolve().name
    path = case / NAME
    if not path.exists():
        return Settings(name)
    tables = read_toml(path, NAME)
    defects = check_keys(tables, SECTIONS, label=NAME)
    for section, keys in SECTIONS.items():
        table = tables.get(section, {})
        if not isinstance(table, dict):
            problem = Text(f"{section} 应是一个表", f"{section} is not a table")
            remedy = Text(f"请写 [{section}]", f"Write [{section}]")
            defects.append(Defect(NAME, problem, remedy, stage="fields", field=section))
            continue
        defects += check_keys(table, keys, label=NAME, where=section)
        for key, value in table.items():
            if key in keys:
                defects += _check_value(section, key, value)
    if defects:
        raise InputError(*defects)
    case_table = _table(tables, "case")
    day = case_table.get("date")
    datums = {role: DATUMS[str(value)] for role, value in _table(tables, "datum").items()}
    return Settings(
        name=str(case_table.get("name", name)),
        day=day if isinstance(day, date) else None,
        standard=str(case_table.get("standard", DEFAULT_STANDARD)),
        crs=str(case_table["crs"]) if "crs" in case_table else None,
        paths={role: str(value) for role, value in _table(tables, "paths").items()},
        columns={
            role: {
                ours: str(theirs)
                for ours, theirs in _table(_table(tables, "columns"), role).items()
            }
            for role in COLUMNS
        },
        datum=datums,
        limits=replace(Limits(), **_table(tables, "limits")),  # type: ignore[arg-type]  # checked
    )


def _check_value(section: str, key: str, value: object) -> list[Defect]:
    """Return what is wrong with one value of the settings."""
    where = f"{section}.{key}"
    if section == "columns":
        if isinstance(value, dict) and all(isinstance(theirs, str) for theirs in value.values()):
            return check_keys(value, COLUMNS[key], label=NAME, where=where)
        remedy = Text('请写 我们的键 = "文件的列名"', 'Write our key = "column of the file"')
    elif section == "datum":
        if isinstance(value, str) and value in DATUMS:
            return []
        listed = ", ".join(DATUMS)
        remedy = Text(f"请用 {listed}", f"Use one of {listed}")
    elif section == "limits":
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return []
        remedy = Text("请写大于 0 的数", "Write a number above 0")
    elif where == "case.date":
        if isinstance(value, date) and not isinstance(value, datetime):
            return []
        remedy = Text(
            "请写日期，如 2010-07-01，不加引号", "Write a date without quotes: 2010-07-01"
        )
    else:
        if isinstance(value, str) and value.strip():
            return []
        remedy = Text("请写文本", "Write text in quotes")
    problem = Text(f"{where} 为 {value!r}", f"{where} is {value!r}")
    return [Defect(NAME, problem, remedy, stage="fields", field=where)]


def _table(tables: Mapping[str, object], key: str) -> dict[str, object]:
    value = tables.get(key, {})
    return value if isinstance(value, dict) else {}
