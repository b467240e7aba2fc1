"""The files of a standard: the one that is asked for, and before it those it extends."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from siteplan.errors import Defect, DefectList, InputError, Text
from siteplan.files import read_toml
from siteplan.model.standard import THRESHOLDS
from siteplan.standard.keys import (
    FORMAT,
    PROFILE_DATES,
    PROFILE_TEXTS,
    RULES_KEYS,
    SECTIONS,
    SOURCE_KEYS,
)
from siteplan.standard.tables import (
    WRITE_DATE,
    Layer,
    Reader,
    as_day,
    as_table,
    check_texts,
    require_title,
)

SHIPPED = files("siteplan") / "standards"


def list_shipped() -> list[str]:
    """Return the ids of the standards that come with siteplan."""
    return sorted(Path(str(entry)).stem for entry in SHIPPED.iterdir())


def name_standard(name: str) -> str:
    """Return the id or path of a standard without the folders of one computer.

    Examples
    --------
    >>> name_standard("gb50180-2018"), name_standard("ours.toml")
    ('gb50180-2018', 'ours.toml')
    """
    return Path(name).name if Path(name).is_absolute() else Path(name).as_posix()


def read_layers(
    name: str, folder: Path, seen: Mapping[Path, str], defects: DefectList
) -> list[Layer]:
    """Read a standard's TOML and before it the one it extends, or why that cannot be read."""
    path = folder / name if name.endswith(".toml") else Path(str(SHIPPED / f"{name}.toml"))
    shipped = list_shipped()
    if not path.is_file() or (not name.endswith(".toml") and name not in shipped):
        listed = ", ".join(shipped)
        problem = Text("没有这个标准", "there is no such standard")
        remedy = Text(f"请用 {listed} 或一个 .toml 文件", f"Use {listed}, or a .toml file")
        raise InputError(Defect(name, problem, remedy, field="standard"))
    if path.resolve() in seen:
        circle = " → ".join([*seen.values(), name])
        problem = Text(f"标准循环引用：{circle}", f"extends itself: {circle}")
        raise InputError(Defect(name, problem, Text("请断开循环", "Break the circle")))
    layer = Layer(name, read_toml(path, name), path)
    base = as_table(layer.tables.get("profile")).get("extends")
    below: list[Layer] = []
    if isinstance(base, str) and base.strip():
        with defects.collect():
            below = read_layers(base, path.parent, {**seen, path.resolve(): name}, defects)
    return [*below, layer]


def check_layer(layer: Layer, defects: DefectList) -> None:
    """Note what is wrong with one file by itself: its format, its keys, types of its sections."""
    label, tables = layer.label, layer.tables
    reader = Reader([layer], defects=defects)
    reader.check_keys((key for key in tables if key != "extends"), SECTIONS, ())
    if "extends" in tables:
        problem = Text("extends 写在 [profile] 之外", "extends stands outside [profile]")
        remedy = Text("请移到 [profile] 之下", "Put it under [profile]")
        reader.refuse(("extends",), problem, remedy)
    for key, value in tables.items():
        if key in SECTIONS and not isinstance(value, SECTIONS[key]):
            problem = Text(f"{key} 的类型不对", f"{key} is not of the right type")
            remedy = Text("请参照随附的标准", "Follow the standards that come with siteplan")
            defects.append(Defect(label, problem, remedy, stage="fields", field=key))
    if tables.get("format") != FORMAT:
        problem = Text(f"format 不是 {FORMAT}", f"format is not {FORMAT}")
        remedy = Text(f"请写 format = {FORMAT}", f"Write format = {FORMAT}")
        defects.append(Defect(label, problem, remedy, stage="fields", field="format"))
    profile = as_table(tables.get("profile"))
    reader.check_keys(profile, (*PROFILE_TEXTS, *PROFILE_DATES), ("profile",))
    check_texts(reader, profile, PROFILE_TEXTS, ("profile",))
    for key in PROFILE_DATES:
        if key in profile and as_day(profile[key]) is None:
            reader.refuse_value(("profile",), key, profile[key], WRITE_DATE)
    for id_, source in as_table(tables.get("source")).items():
        path = ("source", id_)
        reader.check_keys(as_table(source), SOURCE_KEYS, path)
        check_texts(reader, as_table(source), SOURCE_KEYS, path)
        require_title(reader, as_table(source), path)
    reader.check_keys(as_table(tables.get("threshold")), THRESHOLDS, ("threshold",))
    for district, own in as_table(tables.get("district")).items():
        reader.check_keys(as_table(own), THRESHOLDS, ("district", district))
    clauses = as_table(tables.get("clause"))
    check_texts(reader, clauses, clauses, ("clause",))
    reader.check_keys(as_table(tables.get("rules")), RULES_KEYS, ("rules",))


def merge_tables(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """Lay one file over another: tables by key; a threshold, a tier, services, a list as a whole.

    What `district` holds is laid over threshold by threshold. A `profile` is no one else's: what a
    file is called and when it holds is not inherited.
    """
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        whole = key in {"profile", "services"}
        if whole or not isinstance(old, dict) or not isinstance(value, dict):
            merged[key] = value
        elif key == "district":
            merged[key] = {
                district: {**as_table(old.get(district)), **as_table(value.get(district))}
                for district in [*old, *(name for name in value if name not in old)]
            }
        else:
            merged[key] = {**old, **value}
    return merged
