"""What a fetched case says of itself: its settings, and a README in both languages."""

import json
import re

from siteplan.errors import Text
from siteplan.fetch.choosing import MARGIN_M
from siteplan.fetch.cut import Cut
from siteplan.fetch.venues import CANDIDATES
from siteplan.files import clean_text
from siteplan.inputs.osm import LICENCE

COPYRIGHT_URL = "https://www.openstreetmap.org/copyright"
MARKUP = re.compile(r"([\\`*_{}\[\]()<>#|!&~])")


def write_settings(cut: Cut) -> str:
    """Return `siteplan.toml`."""
    return (
        f"# {LICENCE}: {COPYRIGHT_URL}\n"
        f"# {clean_text(cut.extract.label)}, {_say_day(cut)}\n"
        "[case]\n"
        f"name = {json.dumps(clean_text(cut.name), ensure_ascii=False)}\n"
    )


def write_readme(cut: Cut, venues: int) -> str:
    """Return `README.md`, Chinese first."""
    name, origin = escape_markup(cut.name), escape_markup(cut.origin)
    file, day = escape_markup(cut.extract.label), _say_day(cut)
    count = len(cut.subdistricts)
    peopled = sum(each.population is not None for each in cut.subdistricts)
    share = f"{min(cut.share, 1):.1%}"
    level = f"admin_level {cut.level}" if cut.level is not None else origin
    kinds = Text(
        "、".join(kind.zh for kind in CANDIDATES.values()),
        ", ".join(kind.en for kind in CANDIDATES.values()),
    )
    coded = Text(
        " OpenStreetMap 关系编号（没有官方代码）",
        "the ids of OpenStreetMap relations (there are no official codes)",
    )
    if cut.coded_by:
        coded = Text(f"标签或列 `{cut.coded_by}`", f"of the tag or column `{cut.coded_by}`")
    return f"""# {name}

由 `siteplan fetch` 从 {file}（{day}）截取；范围：{origin}。

- 街道边界：{count} 个（{level}），覆盖范围的 {share}；代码取自{coded.zh}。
- 道路、建筑、设施、站点、水域、绿地、铁路：截至街道外 {MARGIN_M:g} 米，未经核对。
- 常住人口：{peopled} 个街道有数，均为估计，须核对（`data/population.csv` 的 source 列）；
  {count - peopled} 个缺，须填写 population 列后才能评估。年份缺的请一并填写。
- 备选场地：{venues} 处，是 OpenStreetMap 中的公共建筑（{kinds.zh}），
  未征得任何单位同意，建筑面积、可用日期等均缺；学校、医院不列入。
- 缺：街道申报、规划标准的选择（默认）、评审基准日、各年龄人口。

许可：{LICENCE}（{COPYRIGHT_URL}）。公开使用须注明来源。

---

Cut by `siteplan fetch` out of {file} ({day}); place: {origin}.

- Subdistricts: {count} ({level}), covering {share} of the place; codes are {coded.en}.
- Roads, buildings, services, stops, water, green and rail: up to {MARGIN_M:g} m beyond them,
  unchecked.
- Residents: given for {peopled} subdistricts, all of them estimates to check (column source of
  `data/population.csv`); missing for {count - peopled}, to be filled in before anything is judged.
- Candidates: {venues} public buildings of OpenStreetMap ({kinds.en}).
  Nobody was asked; floor areas and dates are missing. Schools and hospitals are left out.
- Missing: proposals of the streets, a choice of standard (the default holds), the day judged for,
  residents by age.

Licence: {LICENCE} ({COPYRIGHT_URL}). Whoever publishes it names the source.
"""


def escape_markup(text: str) -> str:
    r"""Return one line that Markdown shows as it is.

    Examples
    --------
    >>> escape_markup("<b>[a](b)")
    '\\<b\\>\\[a\\]\\(b\\)'
    """
    return MARKUP.sub(r"\\\1", clean_text(text))


def _say_day(cut: Cut) -> str:
    """Return up to when the extract holds edits."""
    stamp = clean_text(cut.extract.replicated)
    return f"OpenStreetMap {stamp}" if stamp else "OpenStreetMap, 日期未注明 date not given"
