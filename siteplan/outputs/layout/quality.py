"""How far the figures of a layout plan can be trusted: `quality.json` and `quality.pdf`.

What is checked was checked while the case was read and judged. Here it is put together: the files,
what was mended or left out in them, whether every resident is still there, and the rules on data.
"""

import math
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from typing import NamedTuple

from siteplan.errors import Text, join_names, shorten
from siteplan.model import Case, Evaluation, Finding, Source, Verdict
from siteplan.outputs.layout.blocks import (
    Block,
    head,
    icon,
    list_facts,
    paragraph,
    remark,
    strong,
    tabulate,
)
from siteplan.outputs.layout.pictures import Printed
from siteplan.outputs.layout.report_parts import (
    SAME_BYTES,
    describe_files,
    describe_versions,
    list_versions,
)
from siteplan.outputs.layout.target import choose_target
from siteplan.outputs.layout.typesetting import print_document
from siteplan.outputs.layout.words import MOST_NAME, entitle, name_site, say_count, say_crs
from siteplan.outputs.paper.symbols import VERDICT_OF
from siteplan.outputs.report.words import VERDICT_WORDS
from siteplan.outputs.results import (
    METHODS,
    PERSONS,
    describe_defect,
    describe_finding,
    describe_source,
    describe_text,
)
from siteplan.outputs.webmap import list_notices

FORMAT = "siteplan-quality/1"
TITLE = Text("数据质量检查报告", "Quality of the data")
ON_DATA = "D"
"""Begins the code of every rule on data."""
CONSERVES = "D04"
SHIFTED = frozenset({"gcj02", "bd09"})
"""Datums of web maps in China; see `siteplan.crs`."""
WORST: tuple[Verdict, ...] = ("fail", "unknown", "warn", "pass", "na")


class Check(NamedTuple):
    """One thing that was checked, and what came out.

    Attributes
    ----------
    code
        A rule's, or a word of ours.
    title
        What was checked.
    state
        `warn` where something is to be known, `fail` where figures cannot be used.
    message
        What came out.
    """

    code: str
    title: Text
    state: Verdict
    message: Text


class Balance(NamedTuple):
    """How well residents are conserved: those placed at points against those of the table.

    Attributes
    ----------
    people
        The largest difference of a subdistrict, in residents.
    code
        Of that subdistrict; None without any.
    """

    people: float
    code: str | None


def describe_quality(evaluation: Evaluation) -> dict[str, object]:
    """Return `quality.json`, format `siteplan-quality/1`: every key present, missing is null."""
    case, balance = evaluation.case, find_balance(evaluation)
    return {
        "format": FORMAT,
        "siteplan_version": version("siteplan"),
        "case": case.name,
        "date": case.date.isoformat() if case.date else None,
        "standard": case.standard.id,
        "crs": case.area.crs,
        "distance": evaluation.method,
        "checks": [
            {
                "code": one.code,
                "state": one.state,
                "title": describe_text(one.title),
                "message": describe_text(one.message),
            }
            for one in list_checks(evaluation)
        ],
        "conservation": {
            "subdistricts": len(evaluation.judgements),
            "largest_difference": round(balance.people, PERSONS),
            "subdistrict": balance.code,
        },
        "sources": [describe_source(one) for one in case.sources],
        "refused": [
            {"path": one.path, "defects": [describe_defect(each) for each in one.defects]}
            for one in case.refused
        ],
        "findings": [describe_finding(one) for one in _list_findings(evaluation)],
        "notices": [describe_text(one) for one in list_notices(evaluation)],
        "versions": list_versions(),
        "reproducible": describe_text(SAME_BYTES),
    }


def write_quality_pdf(evaluation: Evaluation, lang: Printed) -> bytes:
    """Return `quality.pdf`: what `quality.json` says, for people.

    Parameters
    ----------
    evaluation
        What to write down.
    lang
        Language; None prints both.

    Raises
    ------
    InputError
        If there is no font with Chinese characters.
    """
    return print_document(
        evaluation.case, entitle(TITLE, evaluation), _list_blocks(evaluation), lang
    )


def list_checks(evaluation: Evaluation) -> list[Check]:
    """Return what was checked: the files, the residents, then each rule on data."""
    case = evaluation.case
    return [
        _check_files(case),
        _check_refused(case),
        _check_datum(case.sources),
        _check_mended(case.sources),
        _check_balance(evaluation),
        *[
            _check_rule(evaluation, code, title)
            for code, title in evaluation.rule_titles.items()
            if code.startswith(ON_DATA)
        ],
        Check("same", Text("可重复", "Reproducible"), "pass", SAME_BYTES),
    ]


def find_balance(evaluation: Evaluation) -> Balance:
    """Return where the residents covered and those not covered differ most from their total.

    Both were added up from the points at which residents were placed, so that the difference is
    what was lost or made up on the way.
    """
    drawing = evaluation.drawing
    worst = Balance(0.0, None)
    for index, one in enumerate(evaluation.judgements):
        left = math.fsum(
            drawing.uncovered_population[drawing.uncovered_subdistrict == index].tolist()
        )
        placed = one.coverage.covered_population + left
        off = abs(placed - one.subdistrict.population)
        if worst.code is None or off > worst.people:
            worst = Balance(off, one.subdistrict.code)
    return worst


def _check_files(case: Case) -> Check:
    count, rows = len({one.path for one in case.sources}), sum(one.rows for one in case.sources)
    message = Text(
        f"读入 {count} 个文件、{rows:,} 条记录，各有 SHA-256",
        f"{count} files with {rows:,} rows were read, each with its SHA-256",
    )
    return Check("files", Text("文件已读入", "Files read"), "pass", message)


def _check_refused(case: Case) -> Check:
    title = Text("未能使用的文件", "Files left out")
    if not case.refused:
        return Check("refused", title, "pass", Text("全部文件可用", "all files could be used"))
    names = join_names(one.path for one in case.refused)
    message = Text(
        f"{len(case.refused)} 个申报文件未计入：{names.zh}",
        f"{len(case.refused)} proposal files are left out: {names.en}",
    )
    return Check("refused", title, "warn", message)


def _check_datum(sources: Sequence[Source]) -> Check:
    """Say in which datums files came; those shifted ones were brought back while reading."""
    read = {(one.path, " ".join(filter(None, [one.crs, one.datum]))) for one in sources if one.crs}
    counts = Counter(name for _, name in read)
    listed = join_names(f"{name} ×{count}" for name, count in sorted(counts.items()))
    shifted = sorted({one.path for one in sources if one.datum in SHIFTED})
    title = Text("坐标基准", "Datum")
    if not shifted:
        return Check("datum", title, "pass", listed)
    names = join_names(shifted)
    message = Text(f"{listed.zh}；已换算：{names.zh}", f"{listed.en}; converted: {names.en}")
    return Check("datum", title, "warn", message)


def _check_mended(sources: Sequence[Source]) -> Check:
    title = Text("读入时的修正", "Mended while reading")
    noted = [one.path for one in sources if one.notes]
    if not noted:
        return Check("mended", title, "pass", Text("几何和属性均按原样使用",
                     "geometry and attributes are used as they came"))  # fmt: skip
    names = join_names(sorted(set(noted)))
    message = Text(
        f"修正、略去或假定之处见资料来源：{names.zh}",
        f"what was mended, left out or assumed is told with the sources: {names.en}",
    )
    return Check("mended", title, "warn", message)


def _check_balance(evaluation: Evaluation) -> Check:
    """Say how well residents are conserved; whether that will do is judged by its rule."""
    balance = find_balance(evaluation)
    broken = [one for one in evaluation.judgements if one.rules.get(CONSERVES) == "fail"]
    message = Text(
        f"{len(evaluation.judgements)} 个街道分布后的人口与人口表相差最多 {balance.people:.6f} 人",
        f"over {len(evaluation.judgements)} subdistricts, residents at points differ from the table"
        f" by {balance.people:.6f} at most",
    )
    title = Text("人口复算", "Residents counted again")
    return Check("conserved", title, "fail" if broken else "pass", message)


def _check_rule(evaluation: Evaluation, code: str, title: Text) -> Check:
    verdicts = Counter(one.rules.get(code, "na") for one in evaluation.judgements)
    for one in evaluation.findings:
        if one.code == code and one.subject == "case":
            verdicts[VERDICT_OF[one.severity]] += 1
    worst: Verdict = next((verdict for verdict in WORST if verdicts[verdict]), "na")
    told = [(VERDICT_WORDS[verdict], verdicts[verdict]) for verdict in WORST if verdicts[verdict]]
    return Check(
        code,
        title,
        worst,
        Text(
            "，".join(f"{words.zh} {count}" for words, count in told),
            ", ".join(f"{words.en.lower()} {count}" for words, count in told),
        ),
    )


def _list_findings(evaluation: Evaluation) -> list[Finding]:
    return [one for one in evaluation.findings if one.code.startswith(ON_DATA)]


def _list_blocks(evaluation: Evaluation) -> list[Block]:
    case = evaluation.case
    target = choose_target(None, case.area)
    return [
        head(1, Text("检查结果", "What was checked")),
        *[remark(one) for one in list_notices(evaluation)],
        list_facts(
            [
                (Text("坐标系", "CRS"), say_crs(target.crs, target.name)),
                (Text("大地基准", "Datum"), target.datum),
                (Text("距离", "Distance"), METHODS[evaluation.method]),
                (Text("设置标准", "Standard"), case.standard.title),
            ],
            columns=1,
        ),
        tabulate(
            ["", Text("检查", "Check"), Text("结果", "Result")],
            [[icon(one.state), _say_title(one), one.message] for one in list_checks(evaluation)],
            (0, 3, 7),
        ),
        head(1, Text("数据方面的意见", "Findings on the data")),
        *_describe_findings(evaluation),
        *describe_files(case),
        *describe_versions(),
    ]


def _say_title(check: Check) -> object:
    if check.code.startswith(ON_DATA):
        return strong(Text(f"{check.code} {check.title.zh}", f"{check.code} {check.title.en}"))
    return strong(check.title)


def _describe_findings(evaluation: Evaluation) -> list[Block]:
    found = _list_findings(evaluation)
    if not found:
        return [paragraph(Text("没有意见。", "Nothing was found."))]
    subjects: dict[str, Text] = {"case": Text("全案", "the case")}
    for one in evaluation.judgements:
        name = shorten(one.subdistrict.name, MOST_NAME)
        subjects[one.subdistrict.code] = Text(name, name)
    for site in evaluation.case.sites.records:
        name = name_site(site)
        subjects[site.id] = Text(name, name)
    rows = [
        [
            icon(VERDICT_OF[one.severity]),
            strong(one.code),
            subjects.get(one.subject, Text(one.subject, one.subject)),
            one.message,
        ]
        for one in found
    ]
    count = say_count(len(found))
    top = ["", Text("规则", "Rule"), Text("对象", "Of"), Text("意见", "Finding")]
    return [
        paragraph(Text(f"共 {count} 条。", f"{count} finding{'s' * (len(found) != 1)}.")),
        tabulate(top, rows, (0, 0, 3, 7)),
    ]
