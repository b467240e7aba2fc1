"""What would be under another headquarters, in words."""

import math

from siteplan.errors import Text, shorten
from siteplan.model.explanation import (
    Basis,
    Headship,
    Placing,
    SiteExplanation,
    SubdistrictExplanation,
)
from siteplan.outputs.explanation.phrases import (
    Chapter,
    Counterfactual,
    describe_outlook,
    say_change,
    say_no_headquarters,
    say_site,
    say_walk,
)


def list_headships(explanation: SubdistrictExplanation) -> Chapter:
    """Say what would be without the headquarters of a centre, and with another one."""
    heading, headship = Text("总部与分站点", "Headquarters and branches"), explanation.headship
    if headship is None:
        nothing = Text("没有现有或拟建场地，谈不上总部。", "There is no site to be headquarters.")
        return Chapter(heading, [], [nothing])
    if headship.now is None:
        return Chapter(heading, [_say_naming(explanation, headship)])
    found = [_say_loss(explanation, headship, headship.now)]
    if len(explanation.judgement.sites) > 1:
        found.append(_say_move(headship.now, headship.best, explanation.basis))
    return Chapter(heading, found)


def say_as_headquarters(explanation: SiteExplanation) -> Counterfactual:
    """Say how far it would be to a site if it were the headquarters."""
    basis, site = explanation.basis, explanation.site
    now, there = explanation.headquarters, explanation.as_headquarters
    figures: dict[str, object] = {
        "as_headquarters": _describe_placing(there),
        "now": _describe_placing(now),
        "successor": _describe_placing(explanation.successor),
    }
    if there is None:
        sentence = Text(
            "中心没有别的场地，无须比较。", "The centre has no other site to compare it with."
        )
        return Counterfactual("as_headquarters", figures, sentence)
    sites, way = basis.case.sites.records, _say_placing(there, basis)
    if now is None:
        members = explanation.judgement.sites if explanation.judgement else ()
        lacking = say_no_headquarters(members, sites)
        sentence = Text(
            f"目前中心{lacking.zh}。由它作总部：{way.zh}。",
            f"The centre {lacking.en} today. With this one: {way.en}.",
        )
    elif now.site == site.id:
        follow = explanation.successor
        zh, en = f"它就是总部：{way.zh}。", f"It is the headquarters: {way.en}."
        if follow is not None:
            after = _say_successor(follow, basis)
            zh += f"没有它时，{after.zh}"
            en += f" Without it {after.en}"
        sentence = Text(zh, en)
    else:
        name, here = say_site(now.site, sites), _say_placing(now, basis)
        built = Text("", "") if site.in_scheme else Text("建成后，", "Once it is built: ")
        sentence = Text(
            f"{built.zh}由它作总部：{way.zh}。由 {name} 作总部：{here.zh}。",
            f"{built.en}{'w' if built.en else 'W'}ith it as headquarters {way.en}; with {name}"
            f" {here.en}.",
        )
    return Counterfactual("as_headquarters", figures, sentence)


def _say_loss(
    explanation: SubdistrictExplanation, headship: Headship, now: Placing
) -> Counterfactual:
    """Say what is left without the headquarters, and who could follow it."""
    basis, successor = explanation.basis, headship.successor
    sites, without = basis.case.sites.records, headship.without or explanation.today
    changed = say_change(explanation.today, without, basis)
    if len(explanation.judgement.sites) == 1:
        follow = Text("它是唯一的场地，无处接替。", "It is the only site: none could follow it.")
    elif successor is None:
        follow = Text(
            "其余场地没有一个能从各处都步行到达，无处接替。",
            "None of the others can be walked to from all the rest, so none could follow it.",
        )
    else:
        follow = _say_successor(successor, basis)
    figures = {
        "site": now.site,
        **describe_outlook(without),
        "successor": _describe_placing(successor),
    }
    name = say_site(now.site, sites)
    sentence = Text(
        f"若失去总部 {name}：{changed.zh}。{follow.zh}",
        f"Without the headquarters, {name}: {changed.en}. {follow.en}",
    )
    return Counterfactual("lose_headquarters", figures, sentence)


def _say_successor(successor: Placing, basis: Basis) -> Text:
    """Say who could follow the headquarters, and how far it would be for the others."""
    name, way = say_site(successor.site, basis.case.sites.records), _say_placing(successor, basis)
    if successor.farthest is None and not successor.stranded:
        return Text(
            f"只剩 {name} 一处，由它接替。", f"{name} alone would be left, and could follow it."
        )
    return Text(f"最适合接替的是 {name}：{way.zh}。", f"{name} could best follow it: {way.en}.")


def _say_move(now: Placing, best: Placing | None, basis: Basis) -> Counterfactual:
    """Say by how much ways would be shorter with the best-placed member as headquarters."""
    figures = {"now": _describe_placing(now), "best": _describe_placing(best)}
    here = _say_placing(now, basis)
    if best is None:
        sentence = Text(
            f"总部现状：{here.zh}。没有一个场地能从其余各处都步行到达，移动总部无济于事。",
            f"The headquarters now: {here.en}. No site can be walked to from all the rest, so"
            " moving it would not help.",
        )
    elif best.site == now.site:
        sentence = Text(
            f"总部已设在最合适的场地：{here.zh}。", f"The headquarters is best placed: {here.en}."
        )
    else:
        name, there = say_site(best.site, basis.case.sites.records), _say_placing(best, basis)
        gain = say_shorter(now, best)
        sentence = Text(
            f"若总部移到 {name}：{there.zh}；现状：{here.zh}。{gain.zh}",
            f"With {name} as headquarters: {there.en}. Now: {here.en}. {gain.en}",
        )
    return Counterfactual("move_headquarters", figures, sentence)


def say_shorter(now: Placing, best: Placing) -> Text:
    """Say by how much the mean way is shorter, where the two can be compared."""
    if now.stranded != best.stranded or math.isnan(now.mean_m):
        return Text(
            "两者能走到的场地不同，平均距离不能相比。",
            "The two can be walked to from different sites, so their means cannot be compared.",
        )
    shorter = f"{round(now.mean_m) - round(best.mean_m):,}"  # as the two are told
    return Text(f"平均缩短 {shorter} 米。", f"The mean is {shorter} m shorter.")


def _say_naming(explanation: SubdistrictExplanation, headship: Headship) -> Counterfactual:
    """Say which member would do best where none, or more than one, is the headquarters."""
    basis, best = explanation.basis, headship.best
    sites = basis.case.sites.records
    lacking = say_no_headquarters(explanation.judgement.sites, sites)
    figures = {"best": _describe_placing(best)}
    if best is None:
        sentence = Text(
            f"中心{lacking.zh}；没有一个场地能从其余各处都步行到达，无法推荐。",
            f"The centre {lacking.en}, and no site can be walked to from all the rest, so none can"
            " be recommended.",
        )
        return Counterfactual("name_headquarters", figures, sentence)
    name, there = say_site(best.site, sites), _say_placing(best, basis)
    sentence = Text(
        f"中心{lacking.zh}。最适合作总部的是 {name}：{there.zh}。",
        f"The centre {lacking.en}. Best placed is {name}: {there.en}.",
    )
    return Counterfactual("name_headquarters", figures, sentence)


def _say_placing(placing: Placing, basis: Basis) -> Text:
    """Say how far it is to a headquarters: the mean, the longest, and who cannot walk there."""
    if placing.farthest is None and not placing.stranded:
        return Text("没有其他场地", "no other site is left")
    zh, en = [], []
    if placing.farthest is not None and not math.isnan(placing.mean_m):
        walk = say_walk(placing.mean_m, basis.method)
        zh.append(f"按居民加权平均{walk.zh}")
        en.append(f"{walk.en} on average, weighted by residents")
    if placing.farthest is not None:
        far, name = f"{placing.longest_m:,.0f}", shorten(placing.farthest)
        zh.append(f"最远的 {name} 为 {far} 米")
        en.append(f"{far} m from the farthest, {name}")
    if placing.stranded:
        names = [shorten(one) for one in placing.stranded]
        zh.append(f"步行到不了 {'、'.join(names)}")
        en.append(f"no way on foot to {', '.join(names)}")
    return Text("，".join(zh), ", ".join(en))


def _describe_placing(placing: Placing | None) -> dict[str, object] | None:
    if placing is None:
        return None
    return {
        "site": placing.site,
        "mean_distance_m": placing.mean_m,
        "longest_distance_m": placing.longest_m,
        "farthest": placing.farthest,
        "stranded": list(placing.stranded),
    }
