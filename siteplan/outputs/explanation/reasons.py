"""What a verdict rests on: each finding with its figures, and why it weighs what it does."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from siteplan.errors import Text, join_names, shorten
from siteplan.model import Finding, Judgement
from siteplan.model.explanation import Reason
from siteplan.outputs.explanation.phrases import say_figure, say_share
from siteplan.outputs.results import DEPARTMENTS
from siteplan.outputs.sentences import say_count
from siteplan.outputs.thresholds import THRESHOLD_WORDS

INDENT = "    "
MOST_ALIKE = 3
"""Findings of one rule that are told one by one."""
UNITS = {
    "m": Text("米", "m"),
    "m2": Text("平方米", "m²"),
    "person": Text("人", "residents"),
    "wan": Text("万元", "× 10,000 yuan"),
}
FINE = {"", "wan"}
"""Units of which a whole is not fine enough: factors, and money."""
COUNTED = {
    "project": Text("个项目", "project"),
    "service": Text("项服务", "service"),
    "site": Text("个场地", "site"),
    "year": Text("年", "year"),
}
EFFECTS = {
    "fails": Text("不通过", "FAIL"),
    "assumed": Text("提醒", "WARN"),
    "mild": Text("提醒", "WARN"),
    "open": Text("数据不足", "UNKNOWN"),
}
WHY_SOFT = {
    "assumed": Text(
        "所依数值未经采用，只能提醒。", "It can only warn: a figure behind it is not adopted."
    ),
    "mild": Text("按本规则只作提醒。", "By the rule itself it only warns."),
}
NOTHING = Text("", "")


def say_reasons(reasons: Sequence[Reason], judgement: Judgement) -> list[Text]:
    """Say what decides the verdict of a subdistrict, what else was found, and how much is well."""
    decisive = [reason for reason in reasons if reason.decides]
    others = [reason for reason in reasons if not reason.decides]
    lines = [_say_verdict(judgement, len(decisive)), *_say_groups(decisive, judgement)]
    if others:
        lines.append(Text("以下各项不改变结论：", "These do not change the verdict:"))
        lines += _say_groups(others, judgement)
    counts = Counter(judgement.rules.values())
    met, idle = counts["pass"], counts["na"]
    lines.append(
        Text(
            f"其他规则：{met} 条通过，{idle} 条不适用。",
            f"Other rules: {met} met, {idle} not applicable.",
        )
    )
    return lines


def say_reason(reason: Reason, about: Text = NOTHING) -> list[Text]:
    """Say in one line what was found, and in the next against what it was held and whose it is.

    Parameters
    ----------
    reason
        What was found.
    about
        On which site, where that has to be said.
    """
    message = reason.finding.message
    return [
        _say_title(reason, Text(f"{about.zh}：{message.zh}。", f"{about.en}: {message.en}.")),
        _say_ground(reason, alone=True),
    ]


def _say_groups(reasons: Sequence[Reason], judgement: Judgement) -> list[Text]:
    """Say what was found, all that one rule found of several sites together."""
    lines: list[Text] = []
    for _, alike in groupby(reasons, key=lambda one: (one.finding.code, one.effect)):
        group = list(alike)
        first, subject = group[0], shorten(group[0].finding.subject)
        if len(group) > 1:
            lines += _say_group(group)
        elif first.finding.subject == judgement.subdistrict.code:
            lines += say_reason(first)
        else:
            lines += say_reason(first, Text(f"（{subject}）", f" ({subject})"))
    return lines


def _say_group(group: Sequence[Reason]) -> list[Text]:
    """Say what one rule found of several sites: of the first few each by itself."""
    first, count = group[0], len(group)
    lines = [_say_title(first, Text(f"，{count} 处场地：", f", {count} sites:"))]
    for finding in (reason.finding for reason in group[:MOST_ALIKE]):
        subject, message = shorten(finding.subject), finding.message
        lines.append(
            Text(f"{INDENT}{subject}：{message.zh}。", f"{INDENT}{subject}: {message.en}.")
        )
    rest = [reason.finding.subject for reason in group[MOST_ALIKE:]]
    if rest:
        names = join_names(rest)
        lines.append(Text(f"{INDENT}同类问题还有：{names.zh}。", f"{INDENT}Likewise {names.en}."))
    return [*lines, _say_ground(first, alone=False)]


def _say_title(reason: Reason, rest: Text) -> Text:
    finding, word = reason.finding, EFFECTS[reason.effect]
    return Text(
        f"［{word.zh}］{finding.code} {finding.title.zh}{rest.zh}",
        f"[{word.en}] {finding.code} {finding.title.en}{rest.en}",
    )


def _say_verdict(judgement: Judgement, count: int) -> Text:
    """Say why the verdict is what it is, before its reasons are listed."""
    if judgement.verdict == "fail":
        return Text(
            f"结论为“不通过”，因为有 {count} 项不通过：",
            f"The verdict is “fail” because of {say_count(count, 'violation')}:",
        )
    if judgement.verdict == "unknown":
        return Text(
            f"结论为“数据不足”：没有不通过的，但有 {count} 项关键问题无法判断：",
            "The verdict is “unknown”: nothing fails, but"
            f" {say_count(count, 'decisive question')} cannot be answered:",
        )
    if judgement.verdict == "warn":
        return Text(
            f"结论为“提醒”：没有不通过的，有 {count} 项提醒：",
            f"The verdict is “warn”: nothing fails, with {say_count(count, 'warning')}:",
        )
    return Text(
        "结论为“通过”：没有不通过的，也没有提醒。",
        "The verdict is “pass”: nothing fails, and there is no warning.",
    )


def _say_ground(reason: Reason, *, alone: bool) -> Text:
    """Say against what a finding was held, where that is asked for, who acts, and its weight.

    Of several findings what was measured is said of each.
    """
    finding = reason.finding
    zh, en = [], []
    if finding.threshold is not None:
        measured, threshold = finding.measured, finding.threshold
        wanted, status = _say_measure(finding, threshold, measured), _say_status(finding)
        if alone and measured is not None:
            there = _say_measure(finding, measured, threshold)
            zh.append(f"实际 {there.zh}")
            en.append(f"measured {there.en}")
        zh.append(f"标准 {wanted.zh}{status.zh}")
        en.append(f"threshold {wanted.en}{status.en}")
    if finding.clause:
        zh.append(f"条款 {finding.clause}")
        en.append(f"clause {finding.clause}")
    department, why = DEPARTMENTS[finding.department], WHY_SOFT.get(reason.effect, NOTHING)
    zh.append(f"由{department.zh}办理")
    en.append(f"for the {department.en}")
    said = "; ".join(en)
    return Text(
        f"{INDENT}{'；'.join(zh)}。{why.zh}",
        f"{INDENT}{said[0].upper()}{said[1:]}. {why.en}".rstrip(),
    )


def _say_status(finding: Finding) -> Text:
    word = THRESHOLD_WORDS.get(finding.threshold_status or "")
    return Text(f"（{word.zh}）", f" ({word.en})") if word else NOTHING


def _say_measure(finding: Finding, value: float | str, other: float | str | None) -> Text:
    """Write one side of a comparison, so that it can be told from the other.

    A threshold between 0 and 1 without a unit can only be a share: counts are whole, and lengths
    have a unit.
    """
    unit, threshold = finding.unit or "", finding.threshold
    if not isinstance(value, str) and not unit and isinstance(threshold, float) and threshold < 1:
        share = say_share(value, threshold)
        return Text(share, share)
    if not isinstance(value, str) and unit in COUNTED:
        number = round(value)
        return Text(f"{number:,} {COUNTED[unit].zh}", say_count(number, COUNTED[unit].en))
    word = UNITS.get(unit, NOTHING)
    if isinstance(value, str):
        zh, en = value.replace(">", "大于"), value.replace(">", "above")
        return Text(f"{zh} {word.zh}".rstrip(), f"{en} {word.en}".rstrip())
    against = other if isinstance(other, float | int) else math.nan
    figure = say_figure(value, against, 2 if unit in FINE else 0)
    figure = figure.rstrip("0").rstrip(".") if "." in figure else figure
    return Text(f"{figure} {word.zh}".rstrip(), f"{figure} {word.en}".rstrip())
