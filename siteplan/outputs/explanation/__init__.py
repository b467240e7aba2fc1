"""Why a verdict is what it is: in sentences under headings, and as JSON."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

import numpy as np

from siteplan.crs import WGS84, make_projection
from siteplan.errors import Language, Text, shorten
from siteplan.files import clean_text
from siteplan.model import Gap, Judgement, Threshold
from siteplan.model.explanation import (
    Basis,
    Explanation,
    Outlook,
    SiteExplanation,
    SubdistrictExplanation,
)
from siteplan.outputs.explanation.phrases import (
    Chapter,
    describe_outlook,
    find_target,
    say_degrees,
    say_figure,
    say_missing,
    say_people,
    say_share,
    say_site,
    say_walk,
)
from siteplan.outputs.explanation.reasons import say_reasons
from siteplan.outputs.explanation.site_roles import say_role, say_site_reasons, say_site_worth
from siteplan.outputs.explanation.whatif import list_chapters, list_site_chapters
from siteplan.outputs.results import (
    DEGREES,
    METHODS,
    METRES,
    PERSONS,
    RATIO,
    describe_finding,
    describe_judgement,
    describe_site,
    describe_text,
    list_notes,
)
from siteplan.outputs.sentences import round_people, say_count
from siteplan.outputs.summary import VERDICTS, say_notes
from siteplan.outputs.thresholds import THRESHOLD_WORDS

Section = tuple[Text, Sequence[Text]]

FORMAT = "siteplan-explanation/1"
INDENT = "  "
MOST_GAPS = 3
MOST_ADDITIONS = 8
"""Candidates that are spoken of; the JSON has them all."""
DECIMALS = {"_population": PERSONS, "_ratio": RATIO, "_m": METRES, "lon": DEGREES, "lat": DEGREES}
"""By how the name of a figure ends."""


def say_explanation(explanation: Explanation, lang: Language) -> str:
    """Return the reasoning in short paragraphs under headings."""
    lines = [text.say(lang) for text in _say_head(explanation)]
    for heading, paragraphs in _list_sections(explanation):
        lines += ["", heading.say(lang), *(INDENT + text.say(lang) for text in paragraphs)]
    return "\n".join(clean_text(line) for line in lines)


def write_explanation(explanation: Explanation) -> bytes:
    """Return the explanation as JSON, format `siteplan-explanation/1`: figures and sentences."""
    basis, judgement = explanation.basis, explanation.judgement
    case, today = basis.case, explanation.today
    document: dict[str, object] = {
        "format": FORMAT,
        "siteplan_version": version("siteplan"),
        "case": case.name,
        "date": case.date.isoformat() if case.date else None,
        "standard": case.standard.id,
        "service_radius": _describe_threshold(basis.radius),
        "coverage_target": _describe_threshold(basis.target),
        "notes": [describe_text(note) for note in list_notes(case)],
        "crs": case.area.crs,
        "distance": basis.method,
        "subject": _describe_subject(explanation),
        "verdict": judgement.verdict if judgement else None,
        "reasons": [
            {**describe_finding(one.finding), "effect": one.effect, "decides": one.decides}
            for one in explanation.reasons
        ],
        "today": _tidy(describe_outlook(today)) if today else None,
        "counterfactuals": [
            {"kind": one.kind, **_tidy(one.figures), "sentence": describe_text(one.sentence)}
            for chapter in _list_chapters(explanation)
            for one in chapter.counterfactuals
        ],
        "subdistrict": describe_judgement(judgement, case) if judgement else None,
        "site": describe_site(explanation.site, explanation.worth, basis.method)
        if isinstance(explanation, SiteExplanation)
        else None,
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    return f"{text}\n".encode("utf-8", errors="replace")


def _list_sections(explanation: Explanation) -> Iterator[Section]:
    """Yield headings and what is said under them."""
    if isinstance(explanation, SiteExplanation):
        yield Text("角色", "What it is"), say_role(explanation)
        yield Text("作用", "What it is worth"), say_site_worth(explanation)
        yield Text("对它的意见", "Findings on it"), say_site_reasons(explanation)
    else:
        judgement = explanation.judgement
        yield Text("结论由来", "Why this verdict"), say_reasons(explanation.reasons, judgement)
        yield Text("覆盖情况", "Who is reached"), _say_coverage(explanation)
        if judgement.gaps:
            yield Text("最大的盲区", "The largest gaps"), _say_gaps(explanation)
    for chapter in _list_chapters(explanation):
        yield chapter.heading, _say_chapter(chapter)


def _list_chapters(explanation: Explanation) -> list[Chapter]:
    if isinstance(explanation, SiteExplanation):
        return list_site_chapters(explanation)
    return list_chapters(explanation)


def _say_chapter(chapter: Chapter) -> list[Text]:
    """Return its sentences; of many candidates only those that would add most."""
    additions = [one for one in chapter.counterfactuals if one.kind == "add_candidate"]
    hidden = additions[MOST_ADDITIONS:]
    lines = [one.sentence for one in chapter.counterfactuals if one not in hidden]
    if hidden:
        count = len(hidden)
        more = Text(
            f"另有 {count} 处备选新增更少。", f"{count} more candidates add no more than these."
        )
        lines.insert(MOST_ADDITIONS, more)
    return [*lines, *chapter.remarks]


def _say_head(explanation: Explanation) -> list[Text]:
    """Say what is explained, its verdict, and by what it was judged."""
    basis, judgement = explanation.basis, explanation.judgement
    if isinstance(explanation, SiteExplanation):
        site = say_site(explanation.site.id, [explanation.site])
        home = _name_subdistrict(judgement) if judgement else Text("无街道", "no subdistrict")
        title = Text(f"{site}（{home.zh}）", f"{site} ({home.en})")
    else:
        name = _name_subdistrict(explanation.judgement)
        verdict = VERDICTS[explanation.judgement.verdict]
        title = Text(f"{name.zh}：{verdict.zh}", f"{name.en}: {verdict.en}")
    lines = [title, _say_basis(basis), *say_notes(basis.case)]
    if basis.case.roads is None:
        lines.append(
            Text(
                "没有道路数据：距离都是直线距离，实际步行更远，是否连通也无法判断。",
                "The case has no roads: distances are straight lines, walks are longer, and whether"
                " sites are connected cannot be told.",
            )
        )
    return lines


def _say_basis(basis: Basis) -> Text:
    """Say by what was judged: standard, distance, radius and target with their status."""
    name, standard = shorten(basis.case.name), basis.case.standard.id
    parts = [
        Text(name, name),
        Text(f"标准 {standard}", f"standard {standard}"),
        METHODS[basis.method],
    ]
    if basis.radius:
        radius, status = f"{basis.radius.number:,g}", THRESHOLD_WORDS[basis.radius.status]
        parts.append(
            Text(f"服务半径 {radius} 米（{status.zh}）", f"radius {radius} m ({status.en})")
        )
    if basis.target:
        target, status = say_share(basis.target.number), THRESHOLD_WORDS[basis.target.status]
        parts.append(Text(f"覆盖率目标 {target}（{status.zh}）", f"target {target} ({status.en})"))
    return Text(" · ".join(part.zh for part in parts), " · ".join(part.en for part in parts))


def _say_coverage(explanation: SubdistrictExplanation) -> list[Text]:
    """Say how many are reached on foot and by straight line, and how many are missing."""
    coverage, people = explanation.judgement.coverage, explanation.judgement.subdistrict.population
    if math.isnan(coverage.coverage_ratio):
        return [Text("没有居民，覆盖率无法计算。", "Nobody lives there: no coverage can be told.")]
    if not explanation.judgement.sites:
        all_of_them = say_people(people)
        return [
            Text(
                f"没有现有或拟建场地，{all_of_them.zh}都未覆盖。",
                f"There is no existing or proposed site: none of the {all_of_them.en} is covered.",
            ),
            _say_target(explanation.basis, explanation.today),
            *_say_neighbours(explanation),
        ]
    return [
        _say_covered(explanation),
        _say_target(explanation.basis, explanation.today),
        *_say_neighbours(explanation),
        *_say_distances(explanation),
    ]


def _say_covered(explanation: SubdistrictExplanation) -> Text:
    basis, coverage = explanation.basis, explanation.judgement.coverage
    people = say_people(explanation.judgement.subdistrict.population)
    share = say_share(coverage.coverage_ratio, find_target(basis))
    covered, straight = (
        f"{coverage.covered_population:,.0f}",
        say_share(coverage.straight_line_ratio),
    )
    if basis.method == "straight-line":
        return Text(
            f"按直线覆盖 {share}：{people.zh}中的 {covered} 人。",
            f"By straight line {share} are covered, {covered} of {people.en}.",
        )
    return Text(
        f"步行覆盖 {share}：{people.zh}中的 {covered} 人。若按直线则为 {straight}。",
        f"On foot {share} are covered, {covered} of {people.en}. By straight line it would be"
        f" {straight}.",
    )


def _say_target(basis: Basis, today: Outlook) -> Text:
    """Say how many residents are missing to the target."""
    if basis.target is None or today.meets_target is None:
        return Text("标准没有给出覆盖率目标。", "The standard gives no coverage target.")
    target = say_share(basis.target.number)
    if today.meets_target:
        return Text(f"已达到目标 {target}。", f"The target of {target} is met.")
    missing = say_missing(today.missing_population)
    return Text(
        f"目标为 {target}，还差 {missing.zh}。",
        f"The target is {target}: {missing.en} short of it.",
    )


def _say_neighbours(explanation: SubdistrictExplanation) -> list[Text]:
    """Say whom the sites of others cover, if anybody."""
    coverage = explanation.judgement.coverage
    more = coverage.by_any_population - coverage.covered_population
    if not round_people(more) > 0:
        return []
    people = say_people(more)
    return [
        Text(
            f"另有 {people.zh}由其他街道的场地覆盖，不计入本街道。",
            f"Sites of other subdistricts cover {people.en} besides; they do not count here.",
        )
    ]


def _say_distances(explanation: SubdistrictExplanation) -> list[Text]:
    """Say how far the nearest site is, if it can be walked to."""
    coverage = explanation.judgement.coverage
    away = say_people(coverage.unreachable_population)
    nobody = not round_people(coverage.unreachable_population)
    if math.isnan(coverage.mean_distance_m):
        return [Text("没有居民能走到任何场地。", "No resident can walk to any of the sites.")]
    radius = explanation.basis.radius
    far = say_figure(coverage.p95_distance_m, radius.number if radius else math.nan, 0)
    mean = f"{coverage.mean_distance_m:,.0f}"
    return [
        Text(
            f"到最近场地平均 {mean} 米，95% 的居民在 {far} 米以内"
            f"{'' if nobody else f'；{away.zh}走不到'}。",
            f"The nearest site is {mean} m away on average, and within {far} m for 95%"
            f"{'' if nobody else f'; {away.en} cannot walk to any'}.",
        )
    ]


def _say_gaps(explanation: SubdistrictExplanation) -> list[Text]:
    """Say where most of those live who are not covered."""
    gaps, basis = explanation.judgement.gaps, explanation.basis
    lines = []
    for gap in gaps[:MOST_GAPS]:
        people, place = say_people(gap.population), _say_place(gap, basis)
        way = _say_way(gap, explanation) if explanation.judgement.sites else Text("", "")
        wide = (
            Text(f"，方圆 {gap.radius_m:,.0f} 米", f", within {gap.radius_m:,.0f} m")
            if round(gap.radius_m)
            else Text("", "")
        )
        lines.append(
            Text(
                f"{people.zh}：{place.zh}{wide.zh}{way.zh}。",
                f"{people.en} {place.en}{wide.en}{way.en}.",
            )
        )
    rest = gaps[MOST_GAPS:]
    if rest:
        people = say_people(math.fsum(gap.population for gap in rest))
        lines.append(
            Text(
                f"其余 {len(rest)} 处共 {people.zh}。",
                f"{say_count(len(rest), 'smaller gap')} with {people.en} in all.",
            )
        )
    return lines


def _say_place(gap: Gap, basis: Basis) -> Text:
    if gap.name:
        name = shorten(gap.name)
        return Text(f"“{name}”附近", f"near “{name}”")
    project = make_projection(basis.case.area.crs, WGS84)
    (lon,), (lat,) = project(np.array([gap.x]), np.array([gap.y]))
    place = say_degrees(float(lon), float(lat))
    return Text(place.zh, f"at {place.en}")


def _say_way(gap: Gap, explanation: SubdistrictExplanation) -> Text:
    """Say how far it is from where people live in a gap to the nearest site, which if it is one."""
    if gap.nearest < 0:
        return Text("；走不到本街道的任何场地", "; no site of the subdistrict can be walked to")
    basis, nearest = explanation.basis, explanation.judgement.coverage.nearest[gap.points]
    sites = basis.case.sites.records
    zh, en = "各自最近的场地", "the site nearest to each"
    if not (set(nearest.tolist()) - {gap.nearest, -1}):
        name = say_site(sites[gap.nearest].id, sites)
        zh, en = f"最近的场地 {name} ", f"the nearest site, {name},"
    limit_m = basis.radius.number if basis.radius else math.nan
    farthest = say_figure(gap.farthest_distance_m, limit_m, 0)
    mean = say_walk(gap.mean_distance_m, basis.method, limit_m)
    far = say_walk(gap.farthest_distance_m, basis.method, limit_m)
    if mean == far:
        return Text(f"；到{zh}{far.zh}", f"; {en} is {far.en}")
    return Text(
        f"；到{zh}平均{mean.zh}，最远 {farthest} 米",
        f"; {en} is {mean.en} on average, {farthest} m at most",
    )


def _name_subdistrict(judgement: Judgement) -> Text:
    code, name = judgement.subdistrict.code, judgement.subdistrict.name
    both = shorten(name) if code == name else f"{shorten(name)} {shorten(code)}"
    return Text(both, both)


def _describe_subject(explanation: Explanation) -> dict[str, str | None]:
    if isinstance(explanation, SiteExplanation):
        return {"kind": "site", "id": explanation.site.id, "name": explanation.site.name}
    subdistrict = explanation.judgement.subdistrict
    return {"kind": "subdistrict", "id": subdistrict.code, "name": subdistrict.name}


def _describe_threshold(threshold: Threshold | None) -> dict[str, object] | None:
    if threshold is None:
        return None
    return {
        "value": threshold.plain,
        "unit": threshold.unit,
        "status": threshold.status,
        "source": threshold.source,
        "clause": threshold.clause,
    }


def _tidy(figures: Mapping[str, object]) -> dict[str, object]:
    """Round figures by what their names say they are; null for what is not computable."""
    return {name: _tidy_figure(name, figure) for name, figure in figures.items()}


def _tidy_figure(name: str, figure: object) -> object:
    if isinstance(figure, dict):
        return _tidy(figure)
    if not isinstance(figure, float):
        return figure
    if not math.isfinite(figure):
        return None
    decimals = next(count for end, count in DECIMALS.items() if name.endswith(end))
    return round(figure, decimals) + 0.0  # no negative zero
