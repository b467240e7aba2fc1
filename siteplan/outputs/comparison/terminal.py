"""A comparison on the terminal: what changed, where, and why."""

from collections import Counter
from collections.abc import Iterator, Sequence

from siteplan.errors import Language, Text, shorten
from siteplan.files import clean_text
from siteplan.model.comparison import (
    Cause,
    Comparison,
    Difference,
    SiteChange,
    SubdistrictChange,
)
from siteplan.outputs.columns import align_columns
from siteplan.outputs.comparison.words import (
    BY_STANDARD,
    FATES,
    FIGURES,
    TURNS,
    count_balance,
    list_notices,
    name_value,
    say_cause_of_kind,
    say_change,
    say_number,
    say_sides,
    say_unshown,
)
from siteplan.outputs.sentences import say_count

HEADER = (
    Text("代码", "code"),
    Text("街道", "subdistrict"),
    Text("结论", "verdict"),
    Text("覆盖率 A", "covered A"),
    Text("B", "B"),
    Text("差（百分点）", "points"),
    Text("平均距离差（米）", "mean, m"),
    Text("意见 −/+", "findings −/+"),
)
RIGHT = {3, 4, 5, 6, 7}
MOST_ROWS, MOST_CAUSES, MOST_SITES = 40, 6, 40
INDENT = "  "
TOTALS = (
    "population", "covered_population", "coverage_ratio", "straight_line_coverage_ratio",
    "violations", "warnings",
)  # fmt: skip


def say_comparison(comparison: Comparison, lang: Language) -> str:
    """Return what is compared, what must be known first, the totals, and what changed and why.

    Subdistricts and sites of which nothing is said otherwise are only counted.
    """
    lines = [one.say(lang) for one in say_sides(comparison)]
    lines += [f"! {one.say(lang)}" for one in list_notices(comparison)]
    lines = [clean_text(line) for line in lines]
    if not comparison.is_changed:
        return "\n".join([*lines, "", _say_nothing(comparison).say(lang)])
    return "\n".join(
        [
            *lines,
            "",
            *_say_totals(comparison, lang),
            "",
            *_say_subdistricts(comparison, lang),
            *_say_unshown(comparison, lang),
            *_say_sites(comparison, lang),
            *_say_causes(comparison, lang),
            "",
            _say_balance(comparison).say(lang),
        ]
    )


def _say_nothing(comparison: Comparison) -> Text:
    if comparison.causes:
        return Text(
            "输入、标准或方法有变，但结果没有变化。",
            "Input, standard or method are otherwise, but the result has not changed.",
        )
    return Text("没有变化。", "Nothing has changed.")


def _say_totals(comparison: Comparison, lang: Language) -> list[str]:
    rows = [
        [Text("合计", "total").say(lang), "A", "B", Text("差", "change").say(lang)],
        *(_say_row(one, lang) for one in comparison.summary if one.name in TOTALS),
    ]
    return align_columns(rows, right={1, 2, 3})


def _say_row(one: Difference, lang: Language) -> list[str]:
    figures = [say_number(each, one.unit) for each in (one.before, one.after)]
    return [FIGURES[one.name].say(lang), *figures, say_change(one.change, one.unit)]


def _say_subdistricts(comparison: Comparison, lang: Language) -> Iterator[str]:
    changed = [one for one in comparison.subdistricts if one.is_changed]
    same = len(comparison.subdistricts) - len(changed)
    hidden = max(0, len(changed) - MOST_ROWS)
    if hidden:  # of many the ones that fell most, then the ones that rose most
        changed.sort(key=lambda one: (not one.is_worse, -abs(one.coverage_change), one.code))
    rows = [[text.say(lang) for text in HEADER]]
    rows += [_say_subdistrict(one, lang) for one in changed[:MOST_ROWS]]
    yield from align_columns(rows, RIGHT)
    if hidden:
        yield Text(f"…另有 {hidden} 个街道有变化", f"… and {hidden} more changed").say(lang)
    if same:
        yield Text(f"{same} 个街道没有变化", f"{say_count(same, 'subdistrict')} unchanged").say(
            lang
        )


def _say_subdistrict(one: SubdistrictChange, lang: Language) -> list[str]:
    side = one.after or one.before
    verdict = next(turn for turn in one.turns if turn.name == "verdict")
    words = [name_value("verdict", each).say(lang) for each in (verdict.before, verdict.after)]
    said = words[0] if words[0] == words[1] else " → ".join(words)
    coverage, mean = one.find_figure("coverage_ratio"), one.find_figure("mean_distance_m")
    count = Counter(finding.fate for finding in one.findings)
    return [
        one.code,
        side.name if side else "",
        said if one.fate == "kept" else FATES[one.fate].say(lang),
        say_number(coverage.before, "ratio"),
        say_number(coverage.after, "ratio"),
        say_change(coverage.change, "ratio"),
        say_change(mean.change, "m"),
        f"{count['gone']}/{count['new']}",
    ]


def _say_unshown(comparison: Comparison, lang: Language) -> Iterator[str]:
    """Yield what the table has no column for, or rows of zeros would hide."""
    told = [(one, said) for one in comparison.subdistricts if (said := say_unshown(one))]
    if not told:
        return
    yield ""
    yield Text("其他变化", "Other changes").say(lang)
    for one, said in told[:MOST_ROWS]:
        side = one.after or one.before
        name = shorten(side.name) if side else ""
        colon = "：" if lang == "zh" else ": "
        yield INDENT + clean_text(f"{one.code} {name}{colon}{said.say(lang)}")
    rest = len(told) - MOST_ROWS
    if rest > 0:
        yield INDENT + Text(f"…另有 {rest} 个街道", f"… and {rest} more").say(lang)


def _say_sites(comparison: Comparison, lang: Language) -> Iterator[str]:
    altered = [one for one in comparison.sites if one.is_altered]
    if not altered:
        return
    yield ""
    yield Text("场地", "Sites").say(lang)
    for one in altered[:MOST_SITES]:
        yield f"{INDENT}{clean_text(_say_site(one, lang))}"
    rest = len(altered) - MOST_SITES
    if rest > 0:
        yield INDENT + Text(f"…另有 {rest} 处", f"… and {rest} more").say(lang)


def _say_site(one: SiteChange, lang: Language) -> str:
    side = one.after or one.before
    name = shorten(side.name) if side and side.name else ""
    told = [] if one.fate == "kept" else [FATES[one.fate].say(lang)]
    if one.moved_m:
        told.append(Text(f"移动 {one.moved_m:,.0f} 米", f"moved {one.moved_m:,.0f} m").say(lang))
    for turn in one.turns:
        if turn.is_changed and one.fate == "kept":
            values = (name_value(turn.name, each).say(lang) for each in (turn.before, turn.after))
            told.append(f"{TURNS[turn.name].say(lang)} {' → '.join(map(shorten, values))}")
    if one.area.change:
        values = (say_number(each, "m2") for each in (one.area.before, one.area.after))
        told.append(f"{FIGURES['floor_area_m2'].say(lang)} {' → '.join(values)} m²")
    comma, colon = ("，", "：") if lang == "zh" else (", ", ": ")
    return f"{shorten(one.id)} {name}{colon}{comma.join(told)}"


def _say_causes(comparison: Comparison, lang: Language) -> Iterator[str]:
    """Yield why, and what all that changed have in common only once."""
    told = [one for one in comparison.subdistricts if one.causes]
    if not told:
        return
    yield ""
    yield Text("变化的原因", "Why").say(lang)
    common: list[Cause] = []
    if len(told) > 1:
        common = [one for one in told[0].causes if all(one in each.causes for each in told)]
    if common:
        yield INDENT + Text("以上各街道", "all of these subdistricts").say(lang)
        yield from _list_causes(common, lang)
    for one in told[:MOST_ROWS]:
        own = [cause for cause in one.causes if cause not in common]
        side = one.after or one.before
        if own:
            yield INDENT + clean_text(f"{one.code} {shorten(side.name) if side else ''}")
            yield from _list_causes(own, lang)


def _list_causes(causes: Sequence[Cause], lang: Language) -> Iterator[str]:
    for cause in causes[:MOST_CAUSES]:
        yield INDENT * 2 + clean_text(say_cause_of_kind(cause).say(lang))
    rest = len(causes) - MOST_CAUSES
    if rest > 0:
        yield INDENT * 2 + Text(f"…另有 {rest} 项", f"… and {rest} more").say(lang)


def _say_balance(comparison: Comparison) -> Text:
    better, worse, by_standard = count_balance(comparison)
    count = Counter(one.fate for one in comparison.findings)
    alone = count["only_a"] + count["only_b"]
    zh = [f"{better} 个街道变好，{worse} 个变差"]
    en = [f"{say_count(better, 'subdistrict')} better, {worse} worse"]
    if by_standard:
        zh.append(f"{BY_STANDARD.zh} {by_standard} 个")
        en.append(f"{BY_STANDARD.en}: {by_standard}")
    zh.append(f"意见消除 {count['gone']} 条，新出现 {count['new']} 条，变化 {count['changed']} 条")
    en.append(f"findings: {count['gone']} gone, {count['new']} new, {count['changed']} changed")
    if alone:
        zh.append(f"另有 {alone} 条只在一方评审过，不计入")
        en.append(f"{alone} more were judged on one side only and do not count")
    return Text("；".join(zh), "; ".join(en))
