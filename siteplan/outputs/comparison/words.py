"""What a comparison is told in: names of figures, what became of things, and causes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from siteplan.errors import Text, join_names, shorten
from siteplan.model.comparison import (
    Cause,
    CauseKind,
    Comparison,
    Difference,
    SubdistrictChange,
    Turn,
)
from siteplan.model.recorded import FigureUnit, Value
from siteplan.model.standard import THRESHOLDS
from siteplan.outputs.results import METHODS, ROLES
from siteplan.outputs.sentences import say_count
from siteplan.outputs.summary import VERDICTS
from siteplan.outputs.thresholds import THRESHOLD_WORDS, UNITS

FIGURES: Mapping[str, Text] = {
    "subdistricts": Text("街道", "Subdistricts"),
    "population": Text("人口", "Residents"),
    "covered_population": Text("覆盖人口", "Residents covered"),
    "coverage_ratio": Text("覆盖率", "Coverage"),
    "straight_line_coverage_ratio": Text("直线覆盖率", "Coverage by straight line"),
    "covered_by_any_population": Text("任一中心覆盖人口", "Covered by any centre"),
    "mean_distance_m": Text("平均距离", "Mean distance"),
    "p95_distance_m": Text("95% 居民的距离", "95 % live within"),
    "unreachable_population": Text("无法到达人口", "Cannot reach any"),
    "older_coverage_ratio": Text("老年人步速覆盖率", "Covered at older people's pace"),
    "p90_detour_factor": Text("绕行系数（90%）", "Detour factor (90 %)"),
    "violations": Text("不通过", "Violations"),
    "warnings": Text("提醒", "Warnings"),
    "alone_population": Text("单独覆盖", "Covers alone"),
    "added_population": Text("新增覆盖", "Newly covered"),
    "shared_population": Text("分摊覆盖", "Shared"),
    "lost_population": Text("减少覆盖", "Lost without it"),
    "alone_own_population": Text("单独覆盖（本街道）", "Covers alone, own"),
    "added_own_population": Text("新增覆盖（本街道）", "Newly covered, own"),
    "shared_own_population": Text("分摊覆盖（本街道）", "Shared, own"),
    "lost_own_population": Text("减少覆盖（本街道）", "Lost without it, own"),
    "catchment_population": Text("最近居民", "Nearest residents"),
    "load_per_m2": Text("每平方米居民", "Residents per m²"),
    "snap_distance_m": Text("距道路", "Off the road"),
    "floor_area_m2": Text("建筑面积", "Floor area"),
}
DIRECTIONS: Mapping[str, int] = {
    "coverage_ratio": 1,
    "covered_population": 1,
    "straight_line_coverage_ratio": 1,
    "covered_by_any_population": 1,
    "older_coverage_ratio": 1,
    "mean_distance_m": -1,
    "p95_distance_m": -1,
    "unreachable_population": -1,
    "p90_detour_factor": -1,
    "violations": -1,
    "warnings": -1,
    "verdict": 1,
}
"""Figures of which more, or fewer, is better; of the others neither."""
TURNS: Mapping[str, Text] = {
    "name": Text("名称", "Name"),
    "district": Text("区", "District"),
    "subdistrict": Text("街道", "Subdistrict"),
    "verdict": Text("结论", "Verdict"),
    "layout": Text("布局", "Layout"),
    "headquarters": Text("总部", "Headquarters"),
    "connected": Text("服务网络连通", "Network connected"),
    "status": Text("状态", "Status"),
    "role": Text("角色", "Role"),
}
WORDS: Mapping[str, Text] = {
    **VERDICTS,
    "existing": Text("现有", "existing"),
    "proposed": Text("拟建", "proposed"),
    "candidate": Text("备选", "candidate"),
    "headquarters": Text("总部", "headquarters"),
    "branch": Text("分站点", "branch"),
    "none": Text("无中心", "no centre"),
    "concentrated": Text("集中布置", "concentrated"),
    "dispersed": Text("分散布置", "dispersed"),
    "yes": Text("是", "yes"),
    "no": Text("否", "no"),
}
"""Values of those turns that are words of ours; all others are text from the files."""
OWN_WORDS = frozenset({"verdict", "layout", "connected", "status", "role"})
FATES: Mapping[str, Text] = {
    "added": Text("新增", "added"),
    "removed": Text("取消", "removed"),
    "kept": Text("保留", "kept"),
    "only_a": Text("仅 A 评审", "only judged in A"),
    "only_b": Text("仅 B 评审", "only judged in B"),
    "gone": Text("消除", "gone"),
    "new": Text("新出现", "new"),
    "changed": Text("变化", "changed"),
    "closed": Text("消除", "closed"),
    "opened": Text("新出现", "opened"),
    "split": Text("由大盲区分出", "split off"),
    "merged": Text("并入大盲区", "merged"),
}
KINDS: Mapping[CauseKind, Text] = {
    "input": Text("输入", "Input"),
    "standard": Text("标准", "Standard"),
    "method": Text("方法", "Method"),
}
UNITS_OF_RULES: Mapping[str | None, Text] = {**UNITS, "point": Text("个百分点", "points")}
BY_STANDARD = Text("仅因标准不同而结论有变的街道", "Verdicts that only the standard changed")
SHOWN = ("coverage_ratio", "mean_distance_m")
"""Figures of a subdistrict that its line on the terminal has."""
MOST_TOLD = 3
NOT_SET = Text("未给出", "not given")
ACROSS = Text(
    "两次评审的方法不同（{0}），以下差别不全是方案的差别。",
    "The two were measured differently ({0}): not all of the differences below come from the plan.",
)
PERCENT = 100


def say_number(value: float | None, unit: FigureUnit) -> str:
    """Write a figure; a dash for none.

    Examples
    --------
    >>> say_number(0.4175, "ratio"), say_number(12345.6, "person"), say_number(None, "m")
    ('41.8%', '12,346', '—')
    """
    if value is None:
        return "—"
    if unit == "ratio":
        return f"{value * PERCENT:.1f}%"
    return f"{value:,.2f}" if unit == "factor" else f"{value:,.0f}"


def say_change(value: float | None, unit: FigureUnit) -> str:
    """Write a difference with its sign; of shares in percentage points.

    Examples
    --------
    >>> say_change(0.2914, "ratio"), say_change(-12.0, "m"), say_change(0.0, "m")
    ('+29.1', '−12', '0')
    """
    if value is None:
        return "—"
    if not value:
        return "0"
    shown = value * PERCENT if unit == "ratio" else value
    decimals = {"ratio": 1, "factor": 2}.get(unit, 0)
    return f"{'+' if shown > 0 else '−'}{abs(shown):,.{decimals}f}"


def name_figure(name: str) -> Text:
    """Return what a figure is called; one of a group by the group's name, as the file has it."""
    if name in FIGURES:
        return FIGURES[name]
    _, group, key = name.split(".", 1)[0], *name.split(".", 1)[1].rsplit(".", 1)
    label, shown = FIGURES[key], shorten(group)
    return Text(f"{label.zh}（{shown}）", f"{label.en} ({shown})")


def name_value(turn: str, value: str | None) -> Text:
    """Return a value of a turn in words; text from a file as it is."""
    if value is None:
        return Text("—", "—")
    if turn in OWN_WORDS and value in WORDS:
        return WORDS[value]
    return Text(value, value)


def say_unshown(one: SubdistrictChange) -> Text | None:
    """Return what changed of a subdistrict beyond its line on the terminal; None if nothing did.

    Words always; figures only where the line has nothing that changed.
    """
    if one.fate != "kept":
        return None
    turned = [turn for turn in one.turns if turn.is_changed and turn.name != "verdict"]
    told = [_say_turned(turn) for turn in turned]
    shown = any(one.find_figure(name).is_changed for name in SHOWN)
    if not (told or one.step or one.findings or shown):
        figures = [figure for figure in one.figures if figure.is_changed]
        told = [_say_difference(figure) for figure in figures[:MOST_TOLD]]
    if not told:
        return None
    return Text("；".join(one.zh for one in told), "; ".join(one.en for one in told))


def _say_turned(turn: Turn) -> Text:
    name = TURNS[turn.name]
    old, new = (name_value(turn.name, value) for value in (turn.before, turn.after))
    return Text(f"{name.zh} {old.zh} → {new.zh}", f"{name.en} {old.en} → {new.en}")


def _say_difference(one: Difference) -> Text:
    name, change = name_figure(one.name), say_change(one.change, one.unit)
    unit = UNITS_OF_RULES.get({"ratio": "point"}.get(one.unit, one.unit), Text("", ""))
    return Text(f"{name.zh} {change} {unit.zh}".rstrip(), f"{name.en} {change} {unit.en}".rstrip())


def say_sides(comparison: Comparison) -> tuple[Text, Text]:
    """Return how the two evaluations are called: their case, day and file."""

    def say(side: str, case: str, date: str | None, label: str) -> Text:
        parts = " · ".join(filter(None, [shorten(case), date, shorten(label)]))
        return Text(f"{side}：{parts}", f"{side}: {parts}")

    before, after = comparison.before, comparison.after
    return (
        say("A", before.case, before.date, before.label),
        say("B", after.case, after.date, after.label),
    )


def list_notices(comparison: Comparison) -> list[Text]:
    """Return what must be known before any difference is read, the gravest first."""
    before, after = comparison.before, comparison.after
    notices = []
    if comparison.bridged:
        said = [say_cause(one) for one in comparison.bridged]
        zh, en = "；".join(one.zh for one in said), "; ".join(one.en for one in said)
        notices.append(Text(ACROSS.zh.replace("{0}", zh), ACROSS.en.replace("{0}", en)))
    said = [say_cause(one) for one in comparison.causes if one.what in {"radius", "standard"}]
    notices += [Text(f"{one.zh}。", f"{one.en[:1].upper()}{one.en[1:]}.") for one in said]
    count = sum(one.what.startswith("threshold_") for one in comparison.causes)
    if count:
        notices.append(
            Text(
                f"标准中有 {count} 处不同。",
                f"Their standards differ: {say_count(count, 'figure')}.",
            )
        )
    if before.case != after.case:
        one, other = shorten(before.case), shorten(after.case)
        notices.append(
            Text(f"两个案例：{one}、{other}。", f"These are two cases: {one}, and {other}.")
        )
    if before.subdistricts.keys() != after.subdistricts.keys():
        only = [one for one in comparison.subdistricts if one.fate != "kept"]
        listed = join_names(one.code for one in only)
        notices.append(
            Text(
                f"评审的街道不同，合计不能直接比较；只在一方的有 {listed.zh}。",
                "They judge other subdistricts, so totals do not compare; only one of them has"
                f" {listed.en}.",
            )
        )
    for side, evaluation in (("A", before), ("B", after)):
        if evaluation.missing:
            listed = join_names(evaluation.missing, most=len(evaluation.missing))
            notices.append(
                Text(
                    f"{side} 由较早版本写出，没有：{listed.zh}；这些不作比较。",
                    f"{side} is of an earlier version and has no {listed.en}; these are not"
                    " compared.",
                )
            )
    return notices


class Balance(NamedTuple):
    """How many subdistricts are better, worse, or only judged by another standard."""

    better: int
    worse: int
    by_standard: int


def count_balance(comparison: Comparison) -> Balance:
    """Return how many subdistricts are better and worse, those apart that the standard moved."""
    moved = [one for one in comparison.subdistricts if not one.is_by_standard]
    return Balance(
        sum(one.is_better and not one.is_worse for one in moved),
        sum(one.is_worse for one in moved),
        len(comparison.subdistricts) - len(moved),
    )


def say_cause(cause: Cause) -> Text:
    """Return why something is otherwise, in words; no full stop."""
    subject, size = shorten(cause.subject or ""), cause.size or 0.0
    if cause.what.startswith("threshold_") or cause.what == "standard":
        return _say_standard(cause, subject)
    if cause.what in METHOD_CAUSES:
        return _say_method(cause, subject)
    if cause.what.startswith("site_"):
        return _say_site(cause, subject)
    if cause.what in {"source", "refused"}:
        return _say_file(cause, subject)
    told = {
        "population": _say_turn(Text("人口", "residents"), cause),
        "date": _say_turn(Text("评审基准日", "the day judged for"), cause),
        "sites_elsewhere": Text(
            f"其他街道的 {size:,.0f} 处场地有变：{subject}",
            f"{say_count(round(size), 'site')} of other subdistricts changed: {subject}",
        ),
        "particulars": Text(
            "申报文件有变：场地的位置、状态、角色之外的内容",
            "the proposals are otherwise, beyond place, status and role of the sites",
        ),
        "unexplained": Text(
            "evaluation.json 中看不出原因", "evaluation.json does not tell the reason"
        ),
    }
    return told[cause.what]


def say_cause_of_kind(cause: Cause) -> Text:
    """Return the same with its kind in front; what nothing explains is of none."""
    said, kind = say_cause(cause), KINDS[cause.kind]
    if cause.what == "unexplained":
        return said
    return Text(f"{kind.zh}：{said.zh}", f"{kind.en}: {said.en}")


METHOD_CAUSES: Mapping[str, Text] = {
    "distance": Text("距离", "distance"),
    "radius": Text("服务半径", "service radius"),
    "snap_limit": Text("离路上限", "snap limit"),
    "crs": Text("坐标系", "working CRS"),
    "datum": Text("坐标基准", "datum"),
    "version": Text("siteplan 版本", "version of siteplan"),
}


def _say_turn(name: Text, cause: Cause, unit: Text | None = None) -> Text:
    """Say from what to what something turned."""

    def write(value: Value | None) -> Text:
        said = _write_value(value)
        if unit is None or value is None:
            return said
        return Text(f"{said.zh} {unit.zh}", f"{said.en} {unit.en}")

    old, new = write(cause.before), write(cause.after)
    gap = "" if unit and cause.before is not None else " "
    return Text(f"{name.zh}由 {old.zh}{gap}变为 {new.zh}", f"{name.en}: {old.en} → {new.en}")


def _write_value(value: Value | None) -> Text:
    if value is None:
        return NOT_SET
    if isinstance(value, str):
        shown = shorten(value)
        return Text(shown, shown)
    shown = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"  # noqa: PLR2004  # millions
    return Text(shown, shown)


def _say_standard(cause: Cause, subject: str) -> Text:
    if cause.what == "standard":
        return _say_turn(Text("设置标准", "planning standard"), cause)
    kind = THRESHOLDS.get(subject.rsplit(": ", 1)[-1])
    name = Text(f"{kind.title.zh}（{subject}）", f"{kind.title.en} ({subject})") if kind else None
    name = name or Text(subject, subject)
    if cause.what == "threshold_status":
        words = [
            THRESHOLD_WORDS.get(str(one), Text(shorten(one), shorten(one)))
            for one in (cause.before, cause.after)
        ]
        return Text(
            f"{name.zh}的依据由“{words[0].zh}”变为“{words[1].zh}”",
            f"status of {name.en}: {words[0].en} → {words[1].en}",
        )
    if cause.what == "threshold_value" and kind and kind.form == "ratio":
        old, new = (
            f"{one * PERCENT:g}%" if isinstance(one, float | int) else one
            for one in (cause.before, cause.after)
        )
        return _say_turn(name, replace(cause, before=old, after=new))
    unit = kind.unit if kind and cause.what == "threshold_value" else None
    return _say_turn(name, cause, UNITS_OF_RULES.get(unit))


def _say_method(cause: Cause, subject: str) -> Text:
    name = METHOD_CAUSES[cause.what]
    if cause.what == "distance":
        old, new = (METHODS.get(str(one), NOT_SET) for one in (cause.before, cause.after))
        return Text(f"由{old.zh}改为{new.zh}", f"{old.en} → {new.en}")
    if cause.what == "datum":
        name = Text(f"{subject} 的{name.zh}", f"{name.en} of {subject}")
    unit = Text("米", "m") if cause.what in {"radius", "snap_limit"} else None
    return _say_turn(name, cause, unit)


def _say_site(cause: Cause, subject: str) -> Text:
    old, new = (
        WORDS.get(str(one), Text(shorten(one), shorten(one))) if one is not None else NOT_SET
        for one in (cause.before, cause.after)
    )
    told = {
        "site_added": Text(f"新增场地 {subject}（{new.zh}）", f"site {subject} added ({new.en})"),
        "site_dropped": Text(
            f"取消场地 {subject}（{old.zh}）", f"site {subject} dropped ({old.en})"
        ),
        "site_moved": Text(
            f"场地 {subject} 移动 {cause.size or 0:,.0f} 米",
            f"site {subject} moved by {cause.size or 0:,.0f} m",
        ),
        "site_status": Text(
            f"场地 {subject} 由{old.zh}改为{new.zh}", f"site {subject}: {old.en} → {new.en}"
        ),
        "site_role": Text(
            f"场地 {subject} 的角色由{old.zh}改为{new.zh}",
            f"role of site {subject}: {old.en} → {new.en}",
        ),
        "site_claim": Text(
            f"场地 {subject} 由 {old.zh} 改属 {new.zh}",
            f"site {subject} claims {new.en} instead of {old.en}",
        ),
    }
    if cause.what == "site_area":
        name = Text(f"场地 {subject} 的建筑面积", f"floor area of site {subject}")
        return _say_turn(name, cause, Text("平方米", "m²"))
    return told[cause.what]


def _say_file(cause: Cause, subject: str) -> Text:
    if cause.what == "refused":
        if cause.before is None:
            return Text(f"申报文件 {subject} 未能使用", f"proposals {subject} could not be used")
        return Text(f"申报文件 {subject} 不再被拒", f"proposals {subject} are no longer refused")
    role = ROLES.get(cause.role or "", Text(shorten(cause.role), shorten(cause.role)))
    if cause.before is None:
        return Text(f"新增{role.zh}文件 {subject}", f"{role.en} file added: {subject}")
    if cause.after is None:
        return Text(f"不再有{role.zh}文件 {subject}", f"{role.en} file no longer there: {subject}")
    return Text(f"{role.zh}文件有变：{subject}", f"{role.en} file changed: {subject}")
