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
    stamp = f", {cut.extract.replicated}" if cut.extract.replicated else ""
    return (
        f"# {LICENCE}: {COPYRIGHT_URL}\n"
        f"# {clean_text(cut.extract.label + stamp)}\n"
        "[case]\n"
        f"name = {json.dumps(clean_text(cut.name), ensure_ascii=False)}\n"
    )


def write_readme(cut: Cut, venues: int) -> str:
    """Return `README.md`, Chinese first."""
    name, origin = escape_markup(cut.name), escape_markup(cut.origin)
    file, day = escape_markup(cut.extract.label), _say_day(cut)
    bounds, people, found = _say_bounds(cut), _say_people(cut), _say_venues(venues)
    told = cut.own.note if cut.own is not None else None
    own = Text(
        f"\n- 边界文件：{escape_markup(told.zh)}。" if told is not None else "",
        f"\n- File of boundaries: {escape_markup(told.en)}." if told is not None else "",
    )
    return f"""# {name}

由 `siteplan fetch` 取自 {file}（{day.zh}）；范围：{origin}。

- 街道边界：{bounds.zh}。{own.zh}
- 道路、建筑、设施、站点、水域、绿地、铁路：截至街道外 {MARGIN_M:g} 米，未经核对。
- 常住人口：{people.zh}。
- 备选场地：{found.zh}。
- 缺：街道申报、规划标准的选择（现为默认标准）、评审基准日、各年龄人口。

许可：{LICENCE}（{COPYRIGHT_URL}）。公开使用须注明来源。

---

Made by `siteplan fetch` of {file} ({day.en}); place: {origin}.

- Subdistricts: {bounds.en}.{own.en}
- Roads, buildings, services, stops, water, green and rail: up to {MARGIN_M:g} m beyond them,
  unchecked.
- Residents: {people.en}.
- Candidates: {found.en}.
- Missing: proposals of the streets, a choice of standard (now the default), the day judged for,
  residents by age.

Licence: {LICENCE} ({COPYRIGHT_URL}). Whoever publishes it names the source.
"""


def _say_bounds(cut: Cut) -> Text:
    """Say where the subdistricts are from, what they cover, and what their codes are."""
    count, share = len(cut.subdistricts), f"{min(cut.share, 1):.1%}"
    if cut.level is None:
        label = cut.own.layer.label if cut.own is not None else ""
        file = escape_markup(label)
        taken = Text(f"{count} 个，取自 {file}", f"{count}, of {file}")
        if cut.origin != label:
            taken = Text(
                f"{taken.zh}，覆盖范围的 {share}", f"{taken.en}, covering {share} of the place"
            )
        return taken
    coded = Text(
        " OpenStreetMap 关系编号（没有官方代码）",
        "ids of OpenStreetMap relations (there are no official codes)",
    )
    if cut.coded_by:
        coded = Text(f"标签 `{cut.coded_by}`", f"of the tag `{cut.coded_by}`")
    return Text(
        f"{count} 个（OpenStreetMap admin_level {cut.level}），覆盖范围的 {share}；"
        f"代码取自{coded.zh}",
        f"{count} (OpenStreetMap, admin_level {cut.level}), covering {share} of the place; codes"
        f" are {coded.en}",
    )


def _say_people(cut: Cut) -> Text:
    """Say how many subdistricts have residents, where these are from, and what is to be done."""
    given = [each for each in cut.subdistricts if each.population is not None]
    missing = len(cut.subdistricts) - len(given)
    undated = sum(each.year is None for each in given)
    zh, en = [], []
    if given and cut.level is None:
        zh.append(f"{len(given)} 个街道取自同一文件")
        en.append(f"of {len(given)} subdistricts from the same file")
    elif given:
        zh.append(f"{len(given)} 个街道取自 OpenStreetMap 的标签 population，均为估计，须核对")
        en.append(
            f"of {len(given)} subdistricts from the tag population of OpenStreetMap, all of them"
            " estimates to check"
        )
    if undated:
        zh.append(f"其中 {undated} 个没有年份，请在 year 列补上")
        en.append(f"{undated} of these have no year: add it in the column year")
    if missing:
        zh.append(
            f"{missing} 个街道没有，评估前须在 `data/population.csv` 的 population 列和 year 列"
            "填写，或用 `siteplan data population` 从人口栅格（如 WorldPop）或 CSV 统计全部街道"
            "（须在手工填写之前：填过的表不会被替换）"
        )
        en.append(
            f"missing for {missing} subdistricts; before anything is judged fill in the columns"
            " population and year of `data/population.csv`, or count all subdistricts with"
            " `siteplan data population` on a raster of people (such as WorldPop) or from a CSV"
            " (before you fill anything in: a table that was filled in is never replaced)"
        )
    return Text("；".join(zh), "; ".join(en))


def _say_venues(venues: int) -> Text:
    kinds = Text(
        "、".join(kind.zh for kind in CANDIDATES.values()),
        ", ".join(kind.en for kind in CANDIDATES.values()),
    )
    if not venues:
        return Text(
            f"没有，OpenStreetMap 在此没有可作备选的公共建筑（{kinds.zh}）",
            f"none; OpenStreetMap has no public buildings here that could be ({kinds.en})",
        )
    return Text(
        f"{venues} 处，是 OpenStreetMap 中的公共建筑（{kinds.zh}），\n"
        "  未征得任何单位同意，建筑面积、可用日期等均缺；学校、医院不列入",
        f"{venues}, the public buildings of OpenStreetMap ({kinds.en}).\n"
        "  Nobody was asked; floor areas and dates are missing. Schools and hospitals are left out",
    )


def escape_markup(text: str) -> str:
    r"""Return one line that Markdown shows as it is.

    Examples
    --------
    >>> escape_markup("<b>[a](b)")
    '\\<b\\>\\[a\\]\\(b\\)'
    """
    return MARKUP.sub(r"\\\1", clean_text(text))


def _say_day(cut: Cut) -> Text:
    """Say up to when the extract holds edits."""
    stamp = clean_text(cut.extract.replicated)
    if not stamp:
        return Text("OpenStreetMap，数据日期不详", "OpenStreetMap, of an unknown date")
    return Text(f"OpenStreetMap 数据截至 {stamp}", f"OpenStreetMap as of {stamp}")
