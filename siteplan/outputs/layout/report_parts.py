"""What typeset documents say of how a case was judged: method, standard, sources, versions."""

from collections.abc import Sequence
from importlib.metadata import version

import pyogrio
import pyproj
import shapely

from siteplan.errors import Text
from siteplan.model import Case, Evaluation, Source
from siteplan.model.standard import THRESHOLDS
from siteplan.outputs.layout.blocks import (
    Block,
    Cell,
    head,
    list_facts,
    paragraph,
    small,
    stack,
    strong,
    tabulate,
)
from siteplan.outputs.layout.target import choose_target, say_targets
from siteplan.outputs.layout.words import say_count, say_metres
from siteplan.outputs.report.method import list_paragraphs
from siteplan.outputs.results import METHODS, ROLES
from siteplan.outputs.thresholds import say_status, say_threshold

PACKAGES = (
    "siteplan", "numpy", "scipy", "shapely", "pyproj", "osmium", "typst", "ezdxf", "pillow",
    "xlsxwriter",
)  # fmt: skip
SAME_BYTES = Text(
    "相同的输入文件（以 SHA-256 为准）、相同的程序版本和相同的字体，得到逐字节相同的结果；"
    "日期取评审基准日，不取当前时间；居民按固定顺序相加。",
    "The same input files (by their SHA-256), versions and fonts give the same bytes. Dates are the"
    " day judged for, never the present one, and residents are added up in one order.",
)


def list_versions() -> dict[str, str]:
    """Return what computed the figures, and what set them in type."""
    return {
        **{name: version(name) for name in PACKAGES},
        "GDAL": pyogrio.__gdal_version_string__,
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
    }


def describe_method(evaluation: Evaluation, crs: str | None = None) -> list[Block]:
    """Return how figures were measured, and what they are held against."""
    case = evaluation.case
    target = choose_target(None, case.area)
    return [
        head(1, Text("方法", "Method")),
        list_facts(
            [
                (Text("设置标准", "Standard"), case.standard.title),
                (Text("距离", "Distance"), METHODS[evaluation.method]),
                (
                    Text("服务半径", "Service radius"),
                    say_metres(case.standard.number("service_radius")),
                ),
                (Text("坐标系", "CRS"), say_targets(crs, case.area)),
                (Text("大地基准", "Datum"), target.datum),
            ],
            columns=1,
        ),
        *[paragraph(text) for text in list_paragraphs(evaluation.method)],
    ]


def describe_standard(evaluation: Evaluation) -> list[Block]:
    """Return every figure of the standard with its source, and every rule with its clause."""
    standard = evaluation.case.standard
    rows: list[Sequence[Cell]] = []
    for name, threshold in sorted(standard.thresholds.items()):
        kind = THRESHOLDS.get(name)
        source = standard.sources.get(threshold.source, Text(threshold.source, threshold.source))
        rows.append(
            [
                kind.title if kind else name,
                say_threshold(threshold),
                say_status(threshold.status),
                source,
                threshold.clause or "—",
                " ".join(kind.rules) if kind else "",
            ]
        )
    rules = [
        [strong(code), title, standard.clauses.get(code) or "—"]
        for code, title in evaluation.rule_titles.items()
    ]
    return [
        head(1, Text("标准", "Standard")),
        paragraph(standard.title),
        *([paragraph(standard.note)] if standard.note else []),
        head(2, Text("标准数值", "Figures")),
        tabulate(
            [
                Text("名称", "Figure"),
                Text("数值", "Value"),
                Text("状态", "Status"),
                Text("来源", "Source"),
                Text("条款", "Clause"),
                Text("规则", "Rules"),
            ],
            rows,
            (8, 5, 0, 9, 4, 4),
        ),
        head(2, Text("规则", "Rules")),
        tabulate(
            [Text("编号", "Code"), Text("要求", "What it asks"), Text("条款", "Clause")],
            rules,
            (0, 4, 2),
        ),
    ]


def describe_files(case: Case) -> list[Block]:
    """Return the files that were read, with their hashes, and those left out."""
    refused = [
        [strong(one.path), stack(*[Text(d.say("zh"), d.say("en")) for d in one.defects])]
        for one in case.refused
    ]
    return [
        head(1, Text("资料来源", "Sources")),
        tabulate(
            [
                Text("用途", "Role"),
                Text("文件、SHA-256、说明", "File, SHA-256, notes"),
                Text("记录", "Rows"),
                Text("坐标系、许可", "CRS, licence"),
            ],
            [_describe_source(one) for one in case.sources],
            (2, 9, 0, 3),
            right=(2,),
        ),
        *(
            [
                head(2, Text("未能使用的文件", "Files left out")),
                tabulate([Text("文件", "File"), Text("原因", "Why")], refused, (2, 5)),
            ]
            if refused
            else []
        ),
    ]


def _describe_source(source: Source) -> list[Cell]:
    return [
        ROLES.get(source.role, Text(source.role, source.role)),
        stack(strong(source.path), small(source.sha256), *[small(note) for note in source.notes]),
        say_count(source.rows),
        stack(source.crs or "", source.datum or "", small(source.licence or "")),
    ]


def describe_versions() -> list[Block]:
    """Return what makes an evaluation the same one when it is made again."""
    return [
        head(1, Text("可重复性", "Reproducibility")),
        paragraph(SAME_BYTES),
        tabulate(
            [Text("程序", "Program"), Text("版本", "Version")],
            list(list_versions().items()),
            (1, 2),
        ),
    ]
