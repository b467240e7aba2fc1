"""The short table on the terminal."""

import math

from siteplan.errors import Language, Text
from siteplan.files import clean_text
from siteplan.model import Evaluation
from siteplan.outputs.columns import align_columns
from siteplan.outputs.results import METHODS, to_document
from siteplan.outputs.reviews import count_decisions, say_tally

VERDICTS = {
    "pass": Text("通过", "pass"),
    "warn": Text("提醒", "warn"),
    "fail": Text("不通过", "fail"),
    "unknown": Text("数据不足", "unknown"),
    "na": Text("不适用", "n/a"),
}
HEADER = (
    Text("代码", "code"),
    Text("街道", "subdistrict"),
    Text("结论", "verdict"),
    Text("人口", "population"),
    Text("覆盖率", "covered"),
    Text("直线", "straight"),
    Text("场地", "sites"),
    Text("未过规则", "rules not passed"),
)
RIGHT = {3, 4, 5, 6}
MOST_ROWS = 40


def say_summary(evaluation: Evaluation, lang: Language) -> str:
    """Return the case, its figures, and a line for each subdistrict.

    Of many subdistricts only those that do not pass are listed, the worst first.
    """
    rows = [[text.say(lang) for text in HEADER]]
    order = ("fail", "unknown", "warn", "pass")
    judgements = list(evaluation.judgements)
    hidden = max(0, len(judgements) - MOST_ROWS)
    if hidden:
        judgements.sort(key=lambda one: (order.index(one.verdict), one.subdistrict.code))
    for one in judgements[:MOST_ROWS]:
        broken = [code for code, verdict in one.rules.items() if verdict in {"fail", "warn"}]
        rows.append(
            [
                one.subdistrict.code,
                one.subdistrict.name,
                VERDICTS[one.verdict].say(lang),
                f"{one.subdistrict.population:,.0f}",
                _percent(one.coverage.coverage_ratio),
                _percent(one.coverage.straight_line_ratio),
                str(len(one.sites)),
                " ".join(broken),
            ]
        )
    lines = [_say_head(evaluation, lang), "", *align_columns(rows, RIGHT)]
    if hidden:
        lines.append(Text(f"…另有 {hidden} 个街道", f"… and {hidden} more").say(lang))
    lines += ["", _say_total(evaluation, lang)]
    if evaluation.case.reviews:
        lines.append(say_tally(count_decisions(to_document(evaluation)), lang))
    return "\n".join(lines)


def _say_head(evaluation: Evaluation, lang: Language) -> str:
    case = evaluation.case
    radius = case.standard.thresholds["service_radius"]
    parts = [
        case.name,
        case.standard.id,
        METHODS[evaluation.method].say(lang),
        f"{radius.number:g} m ({radius.status})",
        case.area.crs,
    ]
    return clean_text(" · ".join(parts))


def _say_total(evaluation: Evaluation, lang: Language) -> str:
    summary = evaluation.summary
    walked, straight = (
        _percent(summary.coverage_ratio),
        _percent(summary.straight_line_coverage_ratio),
    )
    return Text(
        f"{summary.subdistricts} 个街道，{summary.population:,.0f} 人；覆盖 {walked}"
        f"（直线 {straight}）；{summary.violations} 项不通过，{summary.warnings} 项提醒",
        f"{summary.subdistricts} subdistricts, {summary.population:,.0f} residents; {walked}"
        f" covered (straight line {straight}); {summary.violations} violations,"
        f" {summary.warnings} warnings",
    ).say(lang)


def _percent(ratio: float) -> str:
    return "—" if math.isnan(ratio) else f"{ratio * 100:.1f}%"
