"""What would be if one thing were otherwise, each as its figures and as a sentence."""

import math
from collections.abc import Sequence

from siteplan.errors import Text, join_names, shorten
from siteplan.model import TOLERANCE_M, Site
from siteplan.model.explanation import (
    Closure,
    Combination,
    Outlook,
    SiteExplanation,
    Spot,
    SubdistrictExplanation,
)
from siteplan.outputs.explanation.headships import list_headships, say_as_headquarters
from siteplan.outputs.explanation.phrases import (
    Chapter,
    Counterfactual,
    describe_outlook,
    find_target,
    say_change,
    say_degrees,
    say_missing,
    say_people,
    say_share,
    say_site,
    say_walk,
)


def list_chapters(explanation: SubdistrictExplanation) -> list[Chapter]:
    """Return what would change the verdict of a subdistrict, chapter by chapter."""
    return [
        _list_additions(explanation),
        Chapter(Text("新选址", "A new site"), [_say_spot(explanation)]),
        Chapter(Text("服务半径", "Another radius"), [_say_radius(explanation)]),
        list_headships(explanation),
        Chapter(Text("可以撤并的场地", "Sites that could close"), [_say_closure(explanation)]),
    ]


def list_site_chapters(explanation: SiteExplanation) -> list[Chapter]:
    """Return what would be without a site, of a candidate with it, and under it."""
    if explanation.today is None or explanation.otherwise is None:
        return []
    site, outlook = explanation.site, explanation.otherwise
    heading = Text("没有它", "Without it") if site.in_scheme else Text("建成它", "With it")
    changed = say_change(explanation.today, outlook, explanation.basis)
    others = _say_others(explanation, outlook)
    sentence = Text(
        f"本街道{changed.zh}。{others.zh}", f"In its subdistrict {changed.en}.{others.en}"
    )
    kind = "without_site" if site.in_scheme else "with_site"
    figures = {"site": site.id, **describe_outlook(outlook)}
    return [
        Chapter(heading, [Counterfactual(kind, figures, sentence)]),
        Chapter(Text("由它作总部", "As headquarters"), [say_as_headquarters(explanation)]),
    ]


def _say_others(explanation: SiteExplanation, outlook: Outlook) -> Text:
    """Say how many of those for whom a site makes the difference have one of another subdistrict.

    Its worth counts the sites of the whole case, coverage those of its own subdistrict: without
    this sentence the two figures would seem to contradict each other.
    """
    worth, site = explanation.worth, explanation.site
    alone = worth.lost_own if site.in_scheme else worth.added_own
    count = abs(outlook.change_population) - alone
    if not round(count) > 0:
        return Text("", "")
    people = say_people(count)
    return Text(
        f"其中 {people.zh}另有其他街道的场地覆盖。",
        f" Sites of other subdistricts cover {people.en} of these.",
    )


def _list_additions(explanation: SubdistrictExplanation) -> Chapter:
    """Say what each candidate would add, most first, and which of them are enough."""
    heading = Text("备选场地", "Candidate sites")
    sites, today = explanation.basis.case.sites.records, explanation.today
    if not explanation.additions:
        nothing = Text("本街道没有申报备选场地。", "The subdistrict has no candidate sites.")
        return Chapter(heading, [], [nothing])
    found = []
    for addition in sorted(explanation.additions, key=lambda one: -one.outlook.change_population):
        name = say_site(addition.site, sites)
        changed = say_change(today, addition.outlook, explanation.basis)
        sentence = Text(f"加上 {name}：{changed.zh}。", f"With {name}: {changed.en}.")
        figures = {"site": addition.site, **describe_outlook(addition.outlook)}
        found.append(Counterfactual("add_candidate", figures, sentence))
    if explanation.combination is not None:
        found.append(_say_combination(explanation, explanation.combination))
    return Chapter(heading, found)


def _say_combination(
    explanation: SubdistrictExplanation, combination: Combination
) -> Counterfactual:
    """Say with which of the candidates the target is met."""
    sites, outlook = explanation.basis.case.sites.records, combination.outlook
    names = [say_site(id_, sites) for id_ in combination.sites]
    zh, en = "、".join(names), " and ".join(names)
    size, tried, count = len(names), combination.tried_size, len(explanation.additions)
    reached = say_share(outlook.coverage_ratio, find_target(explanation.basis))
    more = say_people(outlook.change_population)
    result = Text(
        f"{zh}，覆盖率达到 {reached}，新增覆盖 {more.zh}。",
        f"{en} bring coverage to {reached}, {more.en} more.",
    )
    missing = say_missing(outlook.missing_population)
    if not names and count == 1:
        sentence = Text(
            f"没有别的备选，仅靠备选达不到目标：覆盖率 {reached}，新增覆盖 {more.zh}，"
            f"还差 {missing.zh}。",
            f"There is no other candidate, so the target cannot be met: {reached}, {more.en} more,"
            f" {missing.en} short of it.",
        )
    elif not names:
        sentence = Text(
            f"即使 {count} 处备选全部建成，覆盖率也只有 {reached}，新增覆盖 {more.zh}，"
            f"距目标还差 {missing.zh}。",
            f"Even with all {count} candidates coverage is only {reached}, {more.en} more;"
            f" {missing.en} short of the target.",
        )
    elif size == 1:
        sentence = Text(
            f"只需 {zh} 一处即可达到目标：覆盖率 {reached}，新增覆盖 {more.zh}。",
            f"{en} alone is enough for the target: {reached}, {more.en} more.",
        )
    elif size <= tried:
        sentence = Text(
            f"少于 {size} 处备选都达不到目标；需要 {size} 处：{result.zh}",
            f"Fewer than {size} candidates cannot meet the target; it takes {size}: {result.en}",
        )
    else:
        sentence = Text(
            f"组合太多，只逐一试算到 {tried} 处，都达不到目标；逐次加入新增最多的一处，"
            f"共 {size} 处：{result.zh}可能有更好的组合。",
            f"There are too many sets to try them all; of up to {tried} none is enough. Adding the"
            f" best candidate each time takes {size}: {result.en} There may be a better set.",
        )
    figures = {
        "sites": list(combination.sites),
        "smallest": combination.is_smallest,
        "tried_size": tried,
        **describe_outlook(outlook),
    }
    return Counterfactual("add_candidates", figures, sentence)


def _say_spot(explanation: SubdistrictExplanation) -> Counterfactual:
    """Say where one more site would do most, or why no place would do anything."""
    if explanation.spot is not None:
        return _say_best_spot(explanation, explanation.spot)
    covered = explanation.judgement.coverage.covered
    if not len(covered):
        sentence = Text("没有居民，无从选址。", "Nobody lives there, so no place is better.")
    elif covered.all():
        sentence = Text("居民已全部覆盖，无须新选址。", "Everybody is covered already.")
    else:
        sentence = Text(
            "未覆盖的居民都没有连通道路，设在哪里都到不了。",
            "No road leads to those who are not covered: no place could reach them.",
        )
    return Counterfactual("add_site", {}, sentence)


def _say_best_spot(explanation: SubdistrictExplanation, spot: Spot) -> Counterfactual:
    basis, place = explanation.basis, say_degrees(spot.lon, spot.lat)
    zh, en = [place.zh], [place.en]
    if spot.name:
        zh.append(f"“{shorten(spot.name)}”附近")
        en.append(f"near “{shorten(spot.name)}”")
    if spot.nearest is not None:
        walk = say_walk(spot.distance_m, basis.method)
        name = say_site(spot.nearest, basis.case.sites.records)
        zh.append(f"最近的场地 {name}（{walk.zh}）")
        en.append(f"{walk.en} from the nearest site, {name}")
    changed = say_change(explanation.today, spot.outlook, basis)
    sentence = Text(
        f"再设一处时覆盖最多的位置：{'，'.join(zh)}。{_begin(changed.zh)}。"
        "这是一处居民点，未核查用地条件。",
        f"One more site would cover most at {', '.join(en)}. {_begin(changed.en)}."
        " Residents stand there; whether land is available was not looked at.",
    )
    figures = {
        "lon": spot.lon,
        "lat": spot.lat,
        "name": spot.name,
        "nearest": spot.nearest,
        "distance_m": spot.distance_m,
        **describe_outlook(spot.outlook),
    }
    return Counterfactual("add_site", figures, sentence)


def _say_radius(explanation: SubdistrictExplanation) -> Counterfactual:
    """Say at which radius the target would be met."""
    radius, judgement = explanation.basis.radius, explanation.judgement
    radius_m, needed_m = radius.number if radius else math.nan, judgement.equity.target_radius_m
    figures = {"radius_m": radius_m, "target_radius_m": needed_m}
    now = f"{radius_m:,.0f}"
    if explanation.today.meets_target is None:
        sentence = Text(
            "没有目标或没有居民，无法推算。", "It cannot be told without a target and residents."
        )
    elif not judgement.sites:
        sentence = Text("没有现有或拟建场地，无法推算。", "It cannot be told without a site.")
    elif math.isnan(needed_m):
        away = say_people(judgement.coverage.unreachable_population)
        sentence = Text(
            f"放宽半径也达不到目标：{away.zh}走不到任何场地。",
            f"No radius is enough for the target: {away.en} cannot walk to any site.",
        )
    else:
        least_m = math.ceil(needed_m - TOLERANCE_M)
        more = f"{least_m - radius_m:,.0f}"
        sentence = (
            Text(
                f"现行 {now} 米已达到目标；不小于 {least_m:,} 米都能达到。",
                f"The present {now} m is enough for the target, as is any radius from"
                f" {least_m:,} m.",
            )
            if explanation.today.meets_target
            else Text(
                f"放宽到 {least_m:,} 米才达到目标，比现行 {now} 米多 {more} 米。",
                f"It would take {least_m:,} m to meet the target, {more} m more than the present"
                f" {now} m.",
            )
        )
    return Counterfactual("change_radius", figures, sentence)


def _say_closure(explanation: SubdistrictExplanation) -> Counterfactual:
    """Say which members may close without an own resident losing cover, and who else would."""
    closure, basis = explanation.closure, explanation.basis
    if closure is None:
        return Counterfactual("close_idle_members", {"sites": []}, _say_no_closure(explanation))
    names = [say_site(id_, basis.case.sites.records) for id_ in closure.sites]
    lost_elsewhere = math.fsum(closure.lost_elsewhere.values())
    if len(names) == 1:
        people = say_people(lost_elsewhere)
        others = Text(
            f"，但其他街道 {people.zh}会失去覆盖", f", but {people.en} of other subdistricts would"
        )
        others = others if closure.lost_elsewhere else Text("", "")
        sentence = Text(
            f"撤掉 {names[0]}，本街道无人失去覆盖{others.zh}。",
            f"Without {names[0]} nobody of this subdistrict would lose cover{others.en}.",
        )
    else:
        elsewhere = _say_elsewhere(closure, basis.case.sites.records)
        changed = say_change(explanation.today, closure.together, basis)
        listed = join_names(names)
        sentence = Text(
            f"单独撤掉其中任何一处，本街道都无人失去覆盖：{listed.zh}。{elsewhere.zh}"
            f"若这 {len(names)} 处全部撤掉，本街道{changed.zh}。",
            f"Without any one of these nobody of this subdistrict would lose cover: {listed.en}."
            f"{elsewhere.en} Without any of the {len(names)} the subdistrict's {changed.en}.",
        )
    figures = {
        "sites": list(closure.sites),
        "lost_elsewhere_population": lost_elsewhere,
        **describe_outlook(closure.together),
    }
    return Counterfactual("close_idle_members", figures, sentence)


def _say_elsewhere(closure: Closure, sites: Sequence[Site]) -> Text:
    """Say how many residents of other subdistricts would lose cover, site by site."""
    zh, en = [], []
    for id_, count in closure.lost_elsewhere.items():
        name, people = say_site(id_, sites), say_people(count)
        zh.append(f"撤掉 {name}，其他街道 {people.zh}会失去覆盖")
        en.append(f"without {name} {people.en} of other subdistricts would")
    return Text(f"但{'；'.join(zh)}。", f" But {'; '.join(en)}.") if zh else Text("", "")


def _say_no_closure(explanation: SubdistrictExplanation) -> Text:
    members, headship = len(explanation.judgement.sites), explanation.headship
    if math.isnan(explanation.today.coverage_ratio):
        return Text("没有居民，无从判断。", "It cannot be told, for nobody lives there.")
    if not members:
        return Text("没有现有或拟建场地。", "There are no sites.")
    if members == 1:
        return Text("只有一处场地，不能撤。", "There is only one site, and it must stay.")
    if headship is not None and headship.now is not None:
        return Text(
            "没有：撤掉任何一个分站点，本街道都有居民失去覆盖。",
            "None: without any one of its branches a resident of it would lose cover.",
        )
    return Text(
        "没有：撤掉任何一处，本街道都有居民失去覆盖。",
        "None: without any one of them a resident of the subdistrict would lose cover.",
    )


def _begin(sentence: str) -> str:
    """Let a sentence begin with a capital."""
    return f"{sentence[0].upper()}{sentence[1:]}"
