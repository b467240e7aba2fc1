"""Words and figures of the report."""

import math
from collections.abc import Mapping

from siteplan.errors import Text
from siteplan.model import Role, Site, Status, Verdict
from siteplan.outputs.paper.svg import draw
from siteplan.outputs.paper.symbols import name_symbol
from siteplan.outputs.report.markup import mark

VERDICT_WORDS: Mapping[Verdict, Text] = {
    "pass": Text("通过", "Pass"),
    "warn": Text("提醒", "Warning"),
    "fail": Text("不通过", "Fail"),
    "unknown": Text("数据不足", "Unknown"),
    "na": Text("不适用", "Not applicable"),
}
STATUS_WORDS: Mapping[Status, Text] = {
    "existing": Text("现有", "existing"),
    "proposed": Text("拟建", "proposed"),
    "candidate": Text("备选", "candidate"),
}
ROLE_WORDS: Mapping[Role | None, Text] = {
    "headquarters": Text("总部", "headquarters"),
    "branch": Text("分站点", "branch"),
    None: Text("单一场地", "single site"),
}
LAYOUT_WORDS = {
    "none": Text("无中心", "no centre"),
    "concentrated": Text("集中布置", "concentrated layout"),
    "dispersed": Text("分散布置", "dispersed layout"),
}


def say_people(count: float | None) -> str:
    """Return a number of residents; a dash where it is not known."""
    return f"{count:,.0f}" if count is not None and math.isfinite(count) else "—"


def say_percent(ratio: float) -> str:
    """Return a share; a dash where it is not known."""
    return f"{ratio:.1%}" if math.isfinite(ratio) else "—"


def say_metres(distance_m: float | None) -> str:
    """Return a distance; a dash where there is none."""
    if distance_m is None or not math.isfinite(distance_m):
        return "—"
    return f"{distance_m:,.0f} m"


def draw_icon(verdict: Verdict) -> str:
    """Return the symbol of a verdict in a line of text."""
    use = draw("use", href=f"#verdict-{verdict}")
    return mark("svg", use, class_="icon")


def draw_site_icon(site: Site) -> str:
    """Return the symbol of a site in a line of text."""
    use = draw("use", href=f"#{name_symbol(site)}")
    return mark("svg", use, class_="icon site")
