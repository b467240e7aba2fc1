"""The last pages of the report: how it was measured, by which figures, and from which files."""

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version

from siteplan.errors import Text
from siteplan.model import Case, DistanceMethod, Evaluation, Source, Verdict
from siteplan.model.standard import THRESHOLDS
from siteplan.outputs.paper.svg import write_text
from siteplan.outputs.report.markup import mark, quote, say, tabulate, tell
from siteplan.outputs.report.words import draw_icon
from siteplan.outputs.results import METHODS, ROLES, list_notes
from siteplan.outputs.thresholds import say_status, say_threshold

ASKED: tuple[Verdict, ...] = ("fail", "warn", "unknown")
RESIDENTS = Text(
    "居民：以人为单位，按居民点、住宅建筑或均匀网格分布，每个街道的合计与人口数据一致。",
    "Residents, never points, are counted: they stand where a file puts them, on residential"
    " buildings, or evenly, and add up to each subdistrict's total.",
)
MEASURED: Mapping[DistanceMethod, tuple[Text, Text]] = {
    "roads": (
        Text(
            "步行距离：沿道路量算，包括两端离路的部分；天桥、地道只在相接处相通。直线结果仅供"
            "对照。",
            "Walking distance runs along roads, both legs off the road included; bridges and"
            " tunnels meet other roads only where they join. Straight lines stand beside it for"
            " comparison.",
        ),
        Text(
            "覆盖：居民到本街道任一现有或拟建场地的步行距离不超过服务半径，即为覆盖；备选场地不计入。",
            "Covered is who walks no farther than the service radius to an existing or proposed"
            " site of their own subdistrict; candidates do not count.",
        ),
    ),
    "straight-line": (
        Text(
            "距离：按直线计算，未沿道路量算；实际步行更远，覆盖率偏高，服务网络是否连通无法判断。",
            "Distances are straight lines and do not follow roads: walks are longer, coverage is"
            " overstated, and whether a service network is connected cannot be told.",
        ),
        Text(
            "覆盖：居民到本街道任一现有或拟建场地的直线距离不超过服务半径，即为覆盖；备选场地不计入。",
            "Covered is who lives within the service radius, by straight line, of an existing or"
            " proposed site of their own subdistrict; candidates do not count.",
        ),
    ),
}
JUDGED = (
    Text(
        "结论：有一项不通过即不通过；所据标准未经引用或采用的，只作提醒；没有总分。",
        "Verdicts: one failed rule fails a subdistrict; a figure whose threshold is neither quoted"
        " nor adopted only warns; there is no total score.",
    ),
    Text(
        "场地的作用：“单独”为半径内全部居民；“新增”为其中没有其他现有场地覆盖的，备选场地则为没有"
        "现有或拟建场地覆盖的；“撤掉即失”为没有其他现有或拟建场地覆盖的。均计全区居民。",
        "What a site is worth, among the residents of all subdistricts: alone, all within its"
        " radius; added, those whom no other existing site covers, for a candidate no existing or"
        " proposed one; lost, those whom no other existing or proposed site covers.",
    ),
    Text(
        "底图、服务范围和路线只供阅读，所有数字都不取自图形。",
        "Backdrop, service areas and routes are for reading; no figure is taken from a drawing.",
    ),
)


def list_paragraphs(method: DistanceMethod) -> tuple[Text, ...]:
    """Return how residents are counted, distances measured and verdicts found."""
    return (RESIDENTS, *MEASURED[method], *JUDGED)


def write_method(evaluation: Evaluation) -> str:
    """Return how figures were measured, and what they are held against."""
    case = evaluation.case
    facts = [
        (tell("评判日期", "Judged for"), case.date.isoformat() if case.date else "—"),
        (tell("设置标准", "Standard"), quote(case.standard.id) + " " + say(case.standard.title)),
        (tell("距离", "Distance"), say(METHODS[evaluation.method])),
        (tell("坐标系", "Working CRS"), quote(case.area.crs)),
        (tell("程序", "Program"), f"siteplan {version('siteplan')}"),
    ]
    items = [mark("dt", name) + mark("dd", value) for name, value in facts]
    notes = [mark("p", say(note)) for note in list_notes(case)]
    return mark(
        "section",
        mark("h2", tell("方法与标准", "Method and standard")),
        mark("dl", *items, class_="facts-list wide"),
        *[mark("p", say(one)) for one in list_paragraphs(evaluation.method)],
        *notes,
        mark("h3", tell("规则", "Rules")),
        _write_rules(evaluation),
        mark("h3", tell("标准数值", "Figures of the standard")),
        _write_thresholds(case),
        class_="sheet method",
    )


def _write_rules(evaluation: Evaluation) -> str:
    """Return what each rule asks, and in how many subdistricts it does not pass."""
    standard = evaluation.case.standard
    items = []
    for code, title in evaluation.rule_titles.items():
        verdicts = Counter(one.rules.get(code, "na") for one in evaluation.judgements)
        counts = [
            mark("span", draw_icon(verdict), str(verdicts[verdict]))
            for verdict in ASKED
            if verdicts[verdict]
        ]
        clause = quote(standard.clauses[code]) if code in standard.clauses else ""
        items.append(mark("li", mark("b", code), " ", say(title), " ", clause, " ", *counts))
    return mark("ul", *items, class_="rules")


def _write_thresholds(case: Case) -> str:
    standard = case.standard
    head = [
        tell("名称", "Figure"),
        tell("数值", "Value"),
        tell("状态", "Status"),
        tell("来源", "Source"),
        tell("条款", "Clause"),
        tell("规则", "Rules"),
    ]
    rows = []
    for name, threshold in sorted(standard.thresholds.items()):
        kind = THRESHOLDS.get(name)
        source = standard.sources.get(threshold.source, Text(threshold.source, threshold.source))
        rows.append(
            [
                say(kind.title) if kind else quote(name),
                say(say_threshold(threshold)),
                say(say_status(threshold.status)),
                say(source),
                quote(threshold.clause),
                " ".join(kind.rules) if kind else "",
            ]
        )
    return tabulate(head, rows, kind="thresholds")


def write_sources(case: Case) -> str:
    """Return the files that were read, so that anybody can evaluate them again."""
    head = [
        tell("用途", "Role"),
        tell("文件", "File"),
        tell("记录", "Rows"),
        tell("坐标系", "CRS"),
        tell("许可", "Licence"),
    ]
    rows = [
        [
            say(ROLES.get(source.role, Text(source.role, source.role))),
            _write_file(source),
            f"{source.rows:,}",
            quote(" ".join(filter(None, [source.crs, source.datum]))),
            quote(source.licence),
        ]
        for source in case.sources
    ]
    refused = [
        mark("li", quote(one.path), mark("ul", *[
            mark("li", tell(defect.say("zh"), defect.say("en"))) for defect in one.defects
        ]))
        for one in case.refused
    ]  # fmt: skip
    return mark(
        "section",
        mark("h2", tell("数据来源", "Sources")),
        tabulate(head, rows, numbers=(2,), kind="sources"),
        mark("h3", tell("未能使用的文件", "Files left out")) + mark("ul", *refused)
        if refused
        else "",
        class_="sheet method",
    )


def _write_file(source: Source) -> str:
    notes = [mark("small", say(note)) for note in source.notes]
    return mark("b", quote(source.path)) + mark("code", write_text(source.sha256)) + "".join(notes)
