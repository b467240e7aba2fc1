"""What a standard says besides figures for the whole city: rules, services, districts, pilots."""

import math
from collections.abc import Iterable, Mapping

from siteplan.errors import Text, join_names
from siteplan.model import Pilot, Services, Threshold
from siteplan.model.standard import THRESHOLDS, is_district_code
from siteplan.standard.figures import read_origin, read_thresholds
from siteplan.standard.keys import GRANT_KEYS, PILOT_KEYS, SERVICES_KEYS
from siteplan.standard.tables import Reader, as_list, as_table, is_number


def read_rules(reader: Reader, tables: Mapping[str, object]) -> tuple[str, ...]:
    """Read the codes of the rules to judge by."""
    rules = as_list(as_table(tables.get("rules")).get("enable"))
    codes = tuple(code for code in rules if isinstance(code, str))
    if reader.whole and (not codes or len(codes) < len(rules)):
        problem = Text("没有要判定的规则", "does not say by which rules to judge")
        remedy = Text('请写 [rules] enable = ["C01", …]', 'Write [rules] enable = ["C01", …]')
        reader.refuse(("rules", "enable"), problem, remedy)
    return codes


def read_services(reader: Reader, tables: Mapping[str, object]) -> Services | None:
    """Read what a centre must offer; None where the standard does not say."""
    path, entry = ("services",), as_table(tables.get("services"))
    if not entry:
        return None
    before = len(reader.defects)
    reader.check_keys(entry, SERVICES_KEYS, path)
    lists: dict[str, tuple[str, ...]] = {}
    for key in ("required", "recommended"):
        names = entry.get(key, [])
        lists[key] = tuple(name for name in as_list(names) if isinstance(name, str) and name)
        if not isinstance(names, list) or len(lists[key]) < len(names):
            remedy = Text('请写 ["family_service", …]', 'Write ["family_service", …]')
            reader.refuse_value(path, key, names, remedy)
    both = sorted(set(lists["required"]) & set(lists["recommended"]))
    if both:
        names_ = join_names(both)
        problem = Text(
            f"{names_.zh} 既是必备又是建议", f"{names_.en} is both required and recommended"
        )
        reader.refuse(path, problem, Text("请删去其一", "Take one of them out"))
    origin = read_origin(reader, path, entry)
    if len(reader.defects) > before or origin is None:
        return None
    return Services(**lists, **origin)


def read_districts(
    reader: Reader, entries: Mapping[str, object]
) -> dict[str, dict[str, Threshold]]:
    """Read the thresholds that differ in a district."""
    districts = {}
    for key, entry in entries.items():
        path = ("district", key)
        if not isinstance(entry, dict):
            remedy = Text(
                "请写一个表，列出不同的阈值", "Write a table of the thresholds that differ"
            )
            reader.refuse_value(("district",), key, entry, remedy)
            continue
        if not key.strip() or (key.isdigit() and not is_district_code(key)):
            problem = Text(f"区 {key!r} 不是名称或代码", f"district {key!r} is no name or code")
            remedy = Text("请写区名或六位代码", "Write its name, or its six-digit code")
            reader.refuse(path, problem, remedy)
        for name in entry:
            if name in THRESHOLDS and THRESHOLDS[name].whole_city:
                problem = Text(f"{name} 全市一致", f"{name} is one for the whole city")
                remedy = Text(f"请写在 [threshold.{name}]", f"Write it under [threshold.{name}]")
                reader.refuse((*path, name), problem, remedy)
        districts[key] = read_thresholds(reader, path, entry)
    return districts


def read_pilots(reader: Reader, entries: Iterable[object]) -> dict[str, Pilot]:
    """Read the list of pilots, by code."""
    pilots: dict[str, Pilot] = {}
    for entry in entries:
        pilot = _read_pilot(reader, as_table(entry))
        if pilot is not None and pilot.code in pilots:
            problem = Text(f"试点 {pilot.code} 重复", f"pilot {pilot.code} is listed twice")
            reader.refuse(("pilot",), problem, Text("请删去其一", "Take one of them out"))
        elif pilot is not None:
            pilots[pilot.code] = pilot
    return pilots


def _read_pilot(reader: Reader, entry: Mapping[str, object]) -> Pilot | None:
    path, before = ("pilot",), len(reader.defects)
    reader.check_keys(entry, PILOT_KEYS, path)
    code, mode = entry.get("code"), entry.get("mode")
    if not isinstance(code, str) or not code or mode not in (1, 2):
        problem = Text(f"试点 {code!r} 不完整", f"pilot {code!r} is incomplete")
        remedy = Text("请写 code（文本）和 mode（1 或 2）", "Give code (text) and mode (1 or 2)")
        reader.refuse(path, problem, remedy)
    given = [entry[key] for key in GRANT_KEYS if key in entry]
    grants = [float(one) for one in given if one == 0 or is_number(one)]
    if given and (len(grants) < len(GRANT_KEYS) or not math.isclose(grants[0], sum(grants[1:]))):
        problem = Text(f"试点 {code!r} 的经费不符", f"the grant of pilot {code!r} does not add up")
        remedy = Text(
            "请写 grant_wan、city_wan、district_wan（万元），前者为后两者之和",
            "Give grant_wan, city_wan and district_wan; the first is the sum of the rest",
        )
        reader.refuse(path, problem, remedy)
    if len(reader.defects) > before:
        return None
    return Pilot(
        str(code),
        str(entry.get("name", "")),
        str(entry.get("district", "")),
        1 if mode == 1 else 2,
        *grants,
    )
