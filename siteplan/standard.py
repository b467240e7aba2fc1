"""Planning standards (设置标准) as TOML: thresholds with their status and source."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

from siteplan.errors import Defect, DefectList, InputError, Text
from siteplan.files import check_keys, read_toml
from siteplan.model import Pilot, Standard, Threshold

FORMAT = 1
SHIPPED = files("siteplan") / "standards"
STATUSES = ("quoted", "adopted", "secondary", "unverified", "assumed")
OPERATORS = ("<=", ">=", "==")
UNITS: Mapping[str, str | None] = {
    "service_radius": "m",
    "coverage_target": None,
    "snap_limit": "m",
    "walk_speed": "m/s",
    "walk_speed_older": "m/s",
    "max_detour": None,
    "boundary_tolerance": "m",
    "min_floor_area": "m2",
    "premises_deadline": None,
    "hq_count": None,
    "centres_per_street": None,
}
"""Thresholds the rules ask for, and the unit in which each must be given."""
SECONDS = 60  # of a minute
BY_TIME = "--minutes"
DATES = {"premises_deadline"}
RATIOS = {"coverage_target"}
REQUIRED = ("service_radius", "coverage_target", "snap_limit")
SECTIONS: Mapping[str, type] = {
    "format": int, "profile": dict, "source": dict, "threshold": dict, "rules": dict,
    "clause": dict, "pilot": list,
}  # fmt: skip
PROFILE_KEYS = ("id", "title_zh", "title_en", "valid_from", "valid_to", "extends")
RULES_KEYS = ("enable",)
THRESHOLD_KEYS = (
    "value", "unit", "op", "status", "source", "clause", "note", "adopted_by", "adopted_on",
)  # fmt: skip
PILOT_KEYS = ("code", "name", "district", "mode")


def read_standard(name: str, folder: Path) -> Standard:
    """Read a standard that siteplan ships, by its id, or one from a TOML file.

    Parameters
    ----------
    name
        An id such as `guangzhou-2010`, or a path ending in `.toml`.
    folder
        What a relative path starts from.

    Raises
    ------
    InputError
        With every defect of the file: unknown keys, thresholds without status or source, ….

    Examples
    --------
    >>> read_standard("guangzhou-2010", Path()).thresholds["premises_deadline"].status
    'quoted'
    """
    tables = _read_tables(name, folder, seen={})
    defects = DefectList()
    sources = _as_table(tables.get("source"))
    thresholds = {}
    for key, entry in _as_table(tables.get("threshold")).items():
        with defects.collect():
            thresholds[key] = _read_threshold(key, _as_table(entry), sources, label=name)
    missing = [key for key in REQUIRED if key not in _as_table(tables.get("threshold"))]
    for key in missing:
        problem = Text(f"缺少阈值 {key}", f"has no threshold {key}")
        remedy = Text(f"请加上 [threshold.{key}]", f"Add [threshold.{key}]")
        defects.append(Defect(name, problem, remedy, stage="fields", field=f"threshold.{key}"))
    rules = _as_list(_as_table(tables.get("rules")).get("enable"))
    if not rules or not all(isinstance(code, str) for code in rules):
        problem = Text("没有要判定的规则", "does not say by which rules to judge")
        remedy = Text('请写 [rules] enable = ["C01", …]', 'Write [rules] enable = ["C01", …]')
        defects.append(Defect(name, problem, remedy, stage="fields", field="rules.enable"))
    pilots = []
    for entry in _as_list(tables.get("pilot")):
        with defects.collect():
            pilots.append(_read_pilot(_as_table(entry), label=name))
    defects.raise_errors()
    profile = _as_table(tables.get("profile"))
    return Standard(
        id=str(profile.get("id", name)),
        title=_read_title(profile),
        thresholds=thresholds,
        sources={key: _read_title(_as_table(entry)) for key, entry in sources.items()},
        rules=tuple(str(code) for code in rules),
        clauses={key: str(value) for key, value in _as_table(tables.get("clause")).items()},
        pilots={pilot.code: pilot for pilot in pilots},
    )


def override_radius(standard: Standard, radius_m: float) -> Standard:
    """Return the standard with another service radius, assumed and not adopted.

    Raises
    ------
    InputError
        If it is not a length above 0.
    """
    remedy = _check_value("service_radius", radius_m)
    if remedy:
        problem = Text(f"半径为 {radius_m}", f"the radius is {radius_m}")
        raise InputError(Defect("--radius", problem, remedy))
    source = Text("命令行 --radius", "command line, --radius")
    return _assume_radius(standard, radius_m, "--radius", source)


def override_time(standard: Standard, minutes: float) -> Standard:
    """Return the standard with the radius that people walk in a time, assumed and not adopted.

    At the standard's `walk_speed`, on the level: stairs and slopes take no longer.

    Raises
    ------
    InputError
        If it is not a time above 0, or the standard gives no speed.

    Examples
    --------
    >>> override_time(read_standard("guangzhou-2010", Path()), 15).number("service_radius")
    900.0
    """
    speed_m_s = standard.number("walk_speed")
    if speed_m_s is None:
        problem = Text("标准没有给出步行速度 walk_speed", "the standard gives no walk_speed")
        remedy = Text("请加上 [threshold.walk_speed]", "Add [threshold.walk_speed]")
        raise InputError(Defect("--minutes", problem, remedy))
    radius_m = minutes * SECONDS * speed_m_s
    remedy_ = _check_value("service_radius", radius_m)
    if remedy_:
        problem = Text(f"时间为 {minutes} 分钟", f"the time is {minutes} minutes")
        raise InputError(Defect("--minutes", problem, remedy_))
    source = Text(
        f"命令行 --minutes：步行 {minutes:g} 分钟，速度 {speed_m_s:g} 米/秒，未计台阶和坡度",
        f"command line, --minutes: {minutes:g} minutes at {speed_m_s:g} m/s, without regard to"
        " stairs and slopes",
    )
    return _assume_radius(standard, radius_m, BY_TIME, source)


def find_older_radius(standard: Standard) -> float:
    """Return how far older people walk in the time that others take for the service radius.

    nan where the standard gives no radius or no speeds.

    Examples
    --------
    >>> find_older_radius(read_standard("guangzhou-2010", Path()))
    760.0
    """
    radius_m, speed_m_s, older_m_s = (
        standard.number(name) or math.nan
        for name in ("service_radius", "walk_speed", "walk_speed_older")
    )
    return radius_m * older_m_s / speed_m_s


def _assume_radius(standard: Standard, radius_m: float, by: str, source: Text) -> Standard:
    radius = Threshold(
        name="service_radius", value=radius_m, unit="m", op="<=",
        status="assumed", source=by, clause=None,
    )  # fmt: skip
    return replace(
        standard,
        thresholds={**standard.thresholds, "service_radius": radius},
        sources={**standard.sources, by: source},
    )


def _read_tables(name: str, folder: Path, seen: Mapping[Path, str]) -> dict[str, object]:
    """Read a standard's TOML on top of the one it extends: the nearer file wins, key by key."""
    path = folder / name if name.endswith(".toml") else Path(str(SHIPPED / f"{name}.toml"))
    shipped = sorted(Path(str(entry)).stem for entry in SHIPPED.iterdir())
    if not path.is_file() or (not name.endswith(".toml") and name not in shipped):
        listed = ", ".join(shipped)
        problem = Text("没有这个标准", "there is no such standard")
        remedy = Text(f"请用 {listed} 或一个 .toml 文件", f"Use {listed}, or a .toml file")
        raise InputError(Defect(name, problem, remedy, field="standard"))
    if path.resolve() in seen:
        circle = " → ".join([*seen.values(), name])
        problem = Text(f"标准循环引用：{circle}", f"extends itself: {circle}")
        raise InputError(Defect(name, problem, Text("请断开循环", "Break the circle")))
    tables = read_toml(path, name)
    profile = _as_table(tables.get("profile"))
    defects = check_keys(tables, SECTIONS, label=name)
    defects += check_keys(profile, PROFILE_KEYS, label=name, where="profile")
    defects += check_keys(_as_table(tables.get("threshold")), UNITS, label=name, where="threshold")
    defects += check_keys(_as_table(tables.get("rules")), RULES_KEYS, label=name, where="rules")
    for key, value in tables.items():
        if key in SECTIONS and not isinstance(value, SECTIONS[key]):
            problem = Text(f"{key} 的类型不对", f"{key} is not of the right type")
            remedy = Text("请参照随附的标准", "Follow the standards that come with siteplan")
            defects.append(Defect(name, problem, remedy, stage="fields", field=key))
    if tables.get("format") != FORMAT:
        problem = Text(f"format 不是 {FORMAT}", f"format is not {FORMAT}")
        remedy = Text(f"请写 format = {FORMAT}", f"Write format = {FORMAT}")
        defects.append(Defect(name, problem, remedy, stage="fields", field="format"))
    if defects:
        raise InputError(*defects)
    base = profile.get("extends")
    if not base:
        return tables
    below = _read_tables(str(base), path.parent, {**seen, path.resolve(): name})
    return _merge(below, tables)


def _merge(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """Lay one file over another: tables by key, a threshold or a list as a whole."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = (
            {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return merged


def _read_threshold(
    name: str, entry: Mapping[str, object], sources: Mapping[str, object], *, label: str
) -> Threshold:
    field = f"threshold.{name}"
    defects = check_keys(entry, THRESHOLD_KEYS, label=label, where=field)

    def refuse(zh: str, en: str, remedy: Text) -> None:
        defects.append(Defect(label, Text(zh, en), remedy, stage="fields", field=field))

    value, status, source = entry.get("value"), entry.get("status"), entry.get("source")
    if status not in STATUSES:
        listed = ", ".join(STATUSES)
        remedy = Text(f"请用 {listed}", f"Use one of {listed}")
        refuse(f"{field}.status 为 {status!r}", f"{field}.status is {status!r}", remedy)
    cited = isinstance(source, str) and source in sources
    if not cited and not (status == "adopted" and source is None):
        remedy = Text("请在 [source] 中列出", "List it under [source]")
        refuse(f"{field}.source 为 {source!r}", f"{field}.source is {source!r}", remedy)
    if status == "adopted" and not (
        entry.get("adopted_by") and isinstance(entry.get("adopted_on"), date)
    ):
        remedy = Text("请写明 adopted_by 和 adopted_on", "Give adopted_by and adopted_on")
        refuse(f"{field} 未写明由谁采纳", f"{field} does not say who adopted it and when", remedy)
    if entry.get("op") not in OPERATORS:
        remedy = Text("请用 <=、>= 或 ==", "Use <=, >= or ==")
        refuse(f"{field}.op 为 {entry.get('op')!r}", f"{field}.op is {entry.get('op')!r}", remedy)
    if entry.get("unit") != UNITS[name]:
        wanted = UNITS[name] or "—"
        remedy = Text(f"单位应为 {wanted}", f"The unit is {wanted}")
        refuse(
            f"{field}.unit 为 {entry.get('unit')!r}",
            f"{field}.unit is {entry.get('unit')!r}",
            remedy,
        )
    problem = _check_value(name, value)
    if problem:
        refuse(f"{field}.value 为 {value!r}", f"{field}.value is {value!r}", problem)
    if defects or not isinstance(value, int | float | date):
        raise InputError(*defects)
    return Threshold(
        name=name,
        value=value,
        unit=UNITS[name],
        op=str(entry["op"]),
        status=str(status),
        source=str(source or entry.get("adopted_by")),  # who adopts a figure is its source
        clause=str(entry["clause"]) if "clause" in entry else None,
    )


def _check_value(name: str, value: object) -> Text | None:
    if name in DATES:
        good = isinstance(value, date) and not isinstance(value, datetime)
        return None if good else Text("请写日期，如 2010-08-31", "Give a date, e.g. 2010-08-31")
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < value < float("inf")
    ):
        return Text("请写大于 0 的数", "Give a number above 0")
    if name in RATIOS and value > 1:
        return Text("请写 0 到 1 的比率：0.85，不是 85", "Write a share from 0 to 1: 0.85, not 85")
    return None


def _read_pilot(entry: Mapping[str, object], *, label: str) -> Pilot:
    defects = check_keys(entry, PILOT_KEYS, label=label, where="pilot")
    code, mode = entry.get("code"), entry.get("mode")
    if not isinstance(code, str) or not code or mode not in (1, 2):
        problem = Text(f"试点 {code!r} 不完整", f"pilot {code!r} is incomplete")
        remedy = Text("请写 code（文本）和 mode（1 或 2）", "Give code (text) and mode (1 or 2)")
        defects.append(Defect(label, problem, remedy, stage="fields", field="pilot"))
    if defects:
        raise InputError(*defects)
    return Pilot(
        str(code), str(entry.get("name", "")), str(entry.get("district", "")), 1 if mode == 1 else 2
    )


def _read_title(entry: Mapping[str, object]) -> Text:
    zh, en = entry.get("title_zh"), entry.get("title_en")
    return Text(str(zh or en or ""), str(en or zh or ""))


def _as_table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
