"""What is said of walks where none was measured: a case without roads knows straight lines only.

Labels are written as for walks; those that would be untrue of straight lines are told anew here.
"""

from collections.abc import Mapping

from siteplan.errors import Text
from siteplan.model import DistanceMethod

MEAN = Text("平均直线距离", "Mean straight line")
LINE = Text("直线距离", "Straight line")
NO_SITE = Text("没有场地", "there is no site")
HEAD_LINE = Text("到总部连线", "line to headquarters")
STRAIGHT: Mapping[str, Text] = {
    "步行覆盖率": Text("覆盖率（按直线）", "Coverage (straight line)"),
    "步行覆盖": Text("覆盖（按直线）", "Covered (straight line)"),
    "步行覆盖人口": Text("覆盖人口（按直线）", "Residents covered (straight line)"),
    "各街道的步行覆盖率": Text("各街道的直线覆盖率", "Coverage by subdistrict, straight line"),
    "条：步行覆盖率": Text("条：直线覆盖率", "bar: coverage by straight line"),
    "步行距离": LINE,
    "步行距离（米）": Text("直线距离（米）", "Straight line (m)"),
    "平均步行": MEAN,
    "平均步行距离": MEAN,
    "平均步行距离（米）": Text("平均直线距离（米）", "Mean straight line (m)"),
    "就近居民平均步行距离": Text("就近居民平均直线距离", "Mean straight line of those nearest"),
    "95% 居民步行距离（米）": Text("95% 居民直线距离（米）", "95% within, straight line (m)"),
    "95% 居民步行距离不超过": Text(
        "95% 居民直线距离不超过", "Straight line that 95 % do not exceed"
    ),
    "各步行距离内的居民比例": Text(
        "各直线距离内的居民比例", "Share of residents within each straight-line distance"
    ),
    "到最近场地平均距离": Text("到最近场地平均距离", "Mean straight line to the nearest site"),
    "到最近场地最远距离": Text("到最近场地最远距离", "Farthest straight line to it"),
    "居民平均步行距离（米）": Text("居民平均直线距离（米）", "Mean straight line (m)"),
    "最远步行距离（米）": Text("最远直线距离（米）", "Farthest straight line (m)"),
    "无法步行到达人口": Text("无场地可到人口", "Residents without a site"),
    "走不到的人口": Text("无场地可到的人口", "Residents without a site"),
    "其中走不到的": Text("其中无场地可到的", "Without a site among them"),
    "步行无法到达": NO_SITE,
    "步行连通": Text("连通", "Connected"),
    "到总部的步行距离": Text("到总部的直线距离", "Straight line to headquarters"),
    "到总部的步行路线": HEAD_LINE,
    "到总部步行路线": HEAD_LINE,
    "总部与分站点联系": Text("总部与分站点联系", "Lines from branches to headquarters"),
    "总距离最短的总部": Text("总距离最短的总部", "Least total distance as headquarters"),
    "最远距离最短的总部": Text("最远距离最短的总部", "Least farthest distance"),
}
"""By the Chinese of the label, which may have several in English."""


def say_measured(label: Text, method: DistanceMethod) -> Text:
    """Return a label that is true of how distances were measured.

    Examples
    --------
    >>> say_measured(Text("平均步行距离", "Mean walk"), "straight-line").en
    'Mean straight line'
    >>> say_measured(Text("平均步行距离", "Mean walk"), "roads").en
    'Mean walk'
    """
    return label if method == "roads" else STRAIGHT.get(label.zh, label)
