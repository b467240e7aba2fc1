"""The short table on the terminal."""

import math
from collections.abc import Mapping

from siteplan.errors import Language, Text
from siteplan.files import clean_text
from siteplan.model import DECISIVE, Case, Evaluation, Judgement, Threshold, Verdict
from siteplan.model.standard import DISTRICT_DIGITS
from siteplan.outputs.columns import align_columns
from siteplan.outputs.results import METHODS, list_notes, to_document
from siteplan.outputs.reviews import count_decisions, say_tally
from siteplan.outputs.sentences import round_people, say_count
from siteplan.outputs.thresholds import THRESHOLD_WORDS

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
MARKS: Mapping[Verdict, str] = {"fail": "!", "unknown": "?", "warn": ""}
"""What stands behind a rule that is not passed, in the order in which they weigh."""
LEGEND = Text(
    "未过规则：! 不通过，? 数据不足，无标记的只是提醒",
    "rules not passed: ! fails, ? unknown, without a mark only a warning",
)


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
    rows += [
        [
            one.subdistrict.code,
            one.subdistrict.name,
            VERDICTS[one.verdict].say(lang),
            f"{round_people(one.subdistrict.population):,}",
            _percent(one.coverage.coverage_ratio),
            _percent(one.coverage.straight_line_ratio),
            str(len(one.sites)),
            " ".join(_list_broken(one)),
        ]
        for one in judgements[:MOST_ROWS]
    ]
    lines = [_say_head(evaluation, lang)]
    lines += [clean_text(note.say(lang)) for note in say_notes(evaluation.case)]
    lines += ["", *align_columns(rows, RIGHT)]
    if hidden:
        lines.append(Text(f"…另有 {hidden} 个街道", f"… and {hidden} more").say(lang))
    if any(_list_broken(one) for one in judgements):
        lines.append(LEGEND.say(lang))
    lines += ["", _say_total(evaluation, lang)]
    if evaluation.case.reviews:
        lines.append(say_tally(count_decisions(to_document(evaluation)), lang))
    return "\n".join(lines)


def say_notes(case: Case) -> list[Text]:
    """Say what is to be known of judging a case by its standard."""
    return [Text(f"注意：{note.zh}", f"Note: {note.en}") for note in list_notes(case)]


def _say_head(evaluation: Evaluation, lang: Language) -> str:
    case = evaluation.case
    parts = [
        case.name,
        case.standard.id,
        METHODS[evaluation.method].say(lang),
        _say_radii(evaluation).say(lang),
        case.area.crs,
    ]
    return clean_text(" · ".join(parts))


def _list_broken(judgement: Judgement) -> list[str]:
    """Return the rules a subdistrict does not pass with their marks, first those that decide."""
    order = list(MARKS)
    broken = [code for code, verdict in judgement.rules.items() if verdict in MARKS]

    def weigh(code: str) -> tuple[bool, int]:
        verdict = judgement.rules[code]
        open_ = verdict == "unknown" and code not in DECISIVE
        return open_, order.index(verdict)

    return [f"{code}{MARKS[judgement.rules[code]]}" for code in sorted(broken, key=weigh)]


def _say_radii(evaluation: Evaluation) -> Text:
    """Say the service radius, and where districts have one of their own."""
    standard = evaluation.case.standard
    usual = standard.thresholds["service_radius"]
    others = {}
    for judgement in evaluation.judgements:
        code, district = judgement.subdistrict.code, judgement.subdistrict.district
        own = standard.for_subdistrict(code, district).thresholds["service_radius"]
        if own != usual:
            others[district or code[:DISTRICT_DIGITS]] = own
    told = [("", usual), *sorted(others.items())]
    named = [(f"{place} ".lstrip(), _say_radius(radius)) for place, radius in told]
    return Text(
        "，".join(f"{place}{radius.zh}" for place, radius in named),
        ", ".join(f"{place}{radius.en}" for place, radius in named),
    )


def _say_radius(radius: Threshold) -> Text:
    length, status = f"{radius.number:,g}", THRESHOLD_WORDS[radius.status]
    return Text(f"{length} 米（{status.zh}）", f"{length} m ({status.en})")


def _say_total(evaluation: Evaluation, lang: Language) -> str:
    summary, people = evaluation.summary, round_people(evaluation.summary.population)
    walked, straight = (
        _percent(summary.coverage_ratio),
        _percent(summary.straight_line_coverage_ratio),
    )
    return Text(
        f"{summary.subdistricts} 个街道，{people:,} 人；覆盖 {walked}"
        f"（直线 {straight}）；{summary.violations} 项不通过，{summary.warnings} 项提醒",
        f"{say_count(summary.subdistricts, 'subdistrict')}, {say_count(people, 'resident')};"
        f" {walked} covered (straight line {straight});"
        f" {say_count(summary.violations, 'violation')},"
        f" {say_count(summary.warnings, 'warning')}",
    ).say(lang)


def _percent(ratio: float) -> str:
    return "—" if math.isnan(ratio) else f"{ratio * 100:.1f}%"
