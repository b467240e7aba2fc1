"""The report for paper: one file in both languages, a page for each subdistrict.

What is shown was found out before; here it is only written down. The page needs no script: the
language is a switch of the style sheet, and the few lines of script only set it to the reader's.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from siteplan.errors import Language, Text
from siteplan.files import clean_text
from siteplan.model import DistanceMethod, Evaluation, Judgement, Summary, Verdict
from siteplan.outputs.measured import say_measured
from siteplan.outputs.page import render_document, replace_unwritable
from siteplan.outputs.paper.overview_map import draw_overview
from siteplan.outputs.paper.symbols import CLASSES, VERDICT_OF, draw_symbols
from siteplan.outputs.report.charts import Bar, draw_ranking
from siteplan.outputs.report.decisions import say_decided, write_decisions
from siteplan.outputs.report.map_key import draw_key
from siteplan.outputs.report.markup import mark, quote, say, tabulate, tell
from siteplan.outputs.report.method import write_method, write_sources
from siteplan.outputs.report.subdistrict import write_subdistrict
from siteplan.outputs.report.words import (
    VERDICT_WORDS,
    draw_icon,
    say_metres,
    say_people,
    say_percent,
)
from siteplan.outputs.results import DEPARTMENTS, METHODS, list_decided
from siteplan.outputs.webmap import list_notices

MOST_VERTICES = 120_000
"""Of the backdrops of all maps together: with 176 subdistricts the report stays below 5 MB."""
LEAST_PER_MAP, MOST_PER_MAP = 600, 12_000
FEW, ROWS = 24, 48
"""Rows of a ranking in one wide column, and the most in each of two narrow ones."""
WIDE = 1810.0
ORDER: tuple[Verdict, ...] = ("fail", "unknown", "warn", "pass")
SCRIPT = (
    'const en=document.getElementById("say-en");'
    'if(document.body.dataset.lang==="")en.checked=!navigator.language.startsWith("zh");'
    'const tell=()=>{document.documentElement.lang=en.checked?"en":"zh-CN"};'
    'for(const one of document.querySelectorAll("input[name=say]"))one.onchange=tell;tell();'
)
"""Opens the report in the language of the browser where none was asked for."""


def write_report(evaluation: Evaluation, lang: Language | None) -> bytes:
    """Return `report.html`: it loads nothing, and the same evaluation gives the same bytes.

    Parameters
    ----------
    evaluation
        What to write down.
    lang
        Language it opens in; None leaves it to the browser.

    Raises
    ------
    InputError
        If the page would load anything.
    """
    opens = lang or "zh"
    anchors = {one.subdistrict.code: f"s{i}" for i, one in enumerate(evaluation.judgements, 1)}
    count = max(1, len(anchors))
    most = max(LEAST_PER_MAP, min(MOST_PER_MAP, MOST_VERTICES // count))
    decided = list_decided(evaluation)
    of_site = {one.site: say_decided(one) for one in decided}
    sections = [
        _write_summary(evaluation, anchors),
        _write_ranking(evaluation, anchors),
        _write_departments(evaluation),
        write_decisions(evaluation, decided),
        *(
            write_subdistrict(
                evaluation, one, anchors[one.subdistrict.code], of_site, most_vertices=most
            )
            for one in evaluation.judgements
        ),
        write_method(evaluation),
        write_sources(evaluation.case),
    ]
    body = "\n".join([_write_switch(opens), draw_symbols(), draw_key(evaluation.method),
                      mark("main", *sections)])  # fmt: skip
    body = f'<div id="report" data-lang="{lang or ""}">{body}</div>'
    page = render_document(
        body,
        styles=("report.css",),
        head=_write_running_head(evaluation),
        script=SCRIPT.replace("document.body", 'document.getElementById("report")'),
        lang=opens,
        title=f"{evaluation.case.name} · 评估报告 Report",
    )
    return page.encode("utf-8", errors="replace")


def _write_switch(opens: str) -> str:
    """Return the two buttons that choose the language; they stand before what they switch."""
    parts = []
    for lang, word in (("zh", "中文"), ("en", "English")):
        checked = " checked" if lang == opens else ""
        parts.append(f'<input type="radio" name="say" id="say-{lang}"{checked}>')
        parts.append(mark("label", word, for_=f"say-{lang}"))
    return "".join(parts)


def _write_running_head(evaluation: Evaluation) -> str:
    """Return what stands at the top of every sheet: of a name only escapes reach the style."""
    case = evaluation.case
    day = case.date.isoformat() if case.date else ""
    words = " · ".join(filter(None, [clean_text(case.name), day, case.standard.id]))
    licences = sorted({source.licence for source in case.sources if source.licence})
    boxes = (("top-left", words), ("bottom-left", " · ".join(licences)))
    rules = "".join(f'@{place}{{content:"{_escape_style(text)}"}}' for place, text in boxes)
    return f"<style>@page{{{rules}}}</style>\n"


def _escape_style(text: str) -> str:
    """Return text as it may stand in a string of a style sheet, whatever it holds."""
    return "".join(
        letter if letter.isascii() and letter.isalnum() else f"\\{ord(letter):x} "
        for letter in replace_unwritable(clean_text(text))
    )


def _write_summary(evaluation: Evaluation, anchors: Mapping[str, str]) -> str:
    case, summary = evaluation.case, evaluation.summary
    radius = case.standard.number("service_radius")
    drawing = draw_overview(evaluation, anchors).picture
    facts = [
        say(METHODS[evaluation.method]),
        tell("服务半径 ", "service radius ") + say_metres(radius),
        quote(case.standard.id),
        quote(case.area.crs),
        case.date.isoformat() if case.date else "",
    ]
    notices = [mark("p", say(notice)) for notice in list_notices(evaluation)]
    return mark(
        "section",
        mark("p", tell("社区综合服务中心选址评估报告", "Evaluation of community service centres"),
             class_="kicker"),
        mark("h1", quote(case.name)),
        mark("p", " · ".join(filter(None, facts)), class_="facts"),
        mark("div", *notices, class_="notices") if notices else "",
        _write_figures(summary, evaluation.method),
        _write_verdicts(evaluation),
        mark("figure", drawing, mark("figcaption", _write_overview_key(evaluation.method))),
        class_="sheet summary",
        id="summary",
    )  # fmt: skip


def _write_figures(summary: Summary, method: DistanceMethod) -> str:
    def figure(name: str, value: str, under: str = "") -> str:
        return mark("div", mark("dt", name), mark("dd", value, mark("small", under)))

    return mark(
        "dl",
        figure(tell("街道", "Subdistricts"), str(summary.subdistricts)),
        figure(tell("居民（人）", "Residents"), say_people(summary.population)),
        figure(
            say(say_measured(Text("步行覆盖率", "Covered on foot"), method)),
            say_percent(summary.coverage_ratio),
            tell(
                f"{summary.covered_population:,.0f} 人",
                f"{summary.covered_population:,.0f} residents",
            ),
        ),
        figure(
            tell("直线覆盖率", "By straight line"),
            say_percent(summary.straight_line_coverage_ratio),
            tell("仅供对照", "for comparison"),
        ),
        figure(
            tell("无法到达（人）", "Unreachable"), say_people(summary.unreachable_population)
        ),
        figure(
            tell("不通过／提醒", "Violations / warnings"),
            f"{summary.violations} / {summary.warnings}",
        ),
        class_="figures",
    )  # fmt: skip


def _write_verdicts(evaluation: Evaluation) -> str:
    counts = Counter(one.verdict for one in evaluation.judgements)
    items = [
        mark("li", draw_icon(one), say(VERDICT_WORDS[one]), mark("b", str(counts[one])))
        for one in ORDER
    ]
    return mark("ul", *items, class_="verdicts")


def _write_overview_key(method: DistanceMethod) -> str:
    def swatch(style: str) -> str:
        return mark("i", class_="swatch", style=style)

    steps = [
        mark("span", swatch(f"background:{colour}"), f"{20 * i}–{20 * (i + 1)}%")
        for i, colour in enumerate(CLASSES)
    ]
    title = say_measured(Text("步行覆盖率", "Coverage on foot"), method)
    return "".join([mark("span", say(title), class_="key-title"), *steps])


def _write_ranking(evaluation: Evaluation, anchors: Mapping[str, str]) -> str:
    bars = [
        Bar(
            code=one.subdistrict.code,
            name=one.subdistrict.name,
            verdict=one.verdict,
            ratio=one.coverage.coverage_ratio,
            straight_ratio=one.coverage.straight_line_ratio,
            target=_find_target(evaluation, one),
            anchor=anchors[one.subdistrict.code],
        )
        for one in evaluation.judgements
    ]
    method = evaluation.method
    bars.sort(key=lambda bar: (math.isnan(bar.ratio), -bar.ratio, bar.code))
    if len(bars) <= FEW:
        columns = [draw_ranking(bars, WIDE, method)]
    else:
        size = min(ROWS, math.ceil(len(bars) / 2))
        columns = [
            draw_ranking(bars[i : i + size], method=method) for i in range(0, len(bars), size)
        ]
    key = [
        say(say_measured(Text("条：步行覆盖率", "bar: coverage on foot"), method)),
        tell("○：直线覆盖率", "○: by straight line"),
        tell("│：目标", "│: target"),
    ]
    return mark(
        "section",
        mark("h2", tell("各街道覆盖率排序", "Subdistricts by coverage")),
        mark("p", " · ".join(key), class_="key"),
        mark("div", *columns, class_="columns"),
        class_="sheet",
    )


def _find_target(evaluation: Evaluation, judgement: Judgement) -> float:
    own = evaluation.case.standard.for_subdistrict(
        judgement.subdistrict.code, judgement.subdistrict.district
    )
    target = own.number("coverage_target")
    return math.nan if target is None else target


def _write_departments(evaluation: Evaluation) -> str:
    """Return who has to act on how much, and on which rules."""
    rows = []
    for department, title in DEPARTMENTS.items():
        found = [one for one in evaluation.findings if one.department == department]
        if found:
            counts = Counter(one.severity for one in found)
            rows.append(
                [
                    say(title),
                    *(str(counts[severity] or "") for severity in VERDICT_OF),
                    _list_rules((one.code, one.title) for one in found),
                ]
            )
    head = [
        tell("责任部门", "Department"),
        *(draw_icon(verdict) + say(VERDICT_WORDS[verdict]) for verdict in VERDICT_OF.values()),
        tell("涉及规则", "Rules"),
    ]
    return mark(
        "section",
        mark("h2", tell("各部门需办理的意见", "What each department has to act on")),
        tabulate(head, rows, numbers=(1, 2, 3), kind="departments")
        if rows
        else mark("p", tell("没有意见。", "Nothing was found.")),
        class_="block",
    )


def _list_rules(rules: Iterable[tuple[str, Text]]) -> str:
    counts: Counter[str] = Counter()
    titles: dict[str, Text] = {}
    for code, title in rules:
        counts[code] += 1
        titles[code] = title
    ordered: Sequence[str] = sorted(counts)
    return "; ".join(
        f"{mark('b', code)} {say(titles[code])} ×{counts[code]}" for code in ordered
    )  # fmt: skip
