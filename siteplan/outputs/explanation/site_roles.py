"""What a site is to its centre, how many residents it matters to, and what was found on it."""

import math

from siteplan.errors import Text
from siteplan.model import Judgement
from siteplan.model.explanation import SiteExplanation
from siteplan.outputs.explanation.phrases import (
    say_no_headquarters,
    say_people,
    say_site,
    say_walk,
)
from siteplan.outputs.explanation.reasons import say_reason
from siteplan.outputs.sentences import round_people, say_count, say_worth
from siteplan.outputs.summary import VERDICTS

STATUSES = {
    "existing": Text("现有场地", "Existing site"),
    "proposed": Text("拟建场地", "Proposed site"),
    "candidate": Text("备选场地", "Candidate"),
}
ROLES = {
    "headquarters": Text("申报为总部", "called headquarters"),
    "branch": Text("申报为分站点", "called a branch"),
}


def say_role(explanation: SiteExplanation) -> list[Text]:
    """Say what a site is in its centre, and what became of that."""
    site, judgement = explanation.site, explanation.judgement
    status = STATUSES[site.status]
    if judgement is None:
        return [
            Text(
                f"{status.zh}；未注明所属街道，不计入任何中心。",
                f"{status.en}; it names no subdistrict, so it counts for no centre.",
            )
        ]
    verdict = VERDICTS[judgement.verdict]
    home = Text(
        f"所属街道的结论：{verdict.zh}。", f"The verdict of its subdistrict is “{verdict.en}”."
    )
    if not site.in_scheme:
        return [
            Text(
                f"{status.zh}：不计入方案，也不评判。",
                f"{status.en}: it is not part of the scheme, and no rule judges it.",
            ),
            home,
        ]
    part = _say_part(explanation, judgement)
    return [Text(f"{status.zh}，{part.zh}。", f"{status.en}, {part.en}."), home]


def say_site_worth(explanation: SiteExplanation) -> list[Text]:
    """Say how many residents a site matters to."""
    site, worth, method = explanation.site, explanation.worth, explanation.basis.method
    lines = [say_worth(site, worth, method)]
    if not math.isnan(worth.catchment) and round_people(worth.catchment):
        near, mean = say_people(worth.catchment), say_walk(worth.mean_distance_m, method)
        lines.append(
            Text(
                f"本街道有 {near.zh}以它为最近的场地，平均{mean.zh}。",
                f"For {near.en} of its subdistrict it is the nearest site, {mean.en} on average.",
            )
        )
    if not math.isnan(worth.shared) and round_people(worth.alone):
        shared = say_people(worth.shared)
        lines.append(
            Text(
                f"若每位居民由覆盖他的各场地平分，它分得 {shared.zh}。",
                f"Where all sites that cover a resident share them equally, it has {shared.en}.",
            )
        )
    return lines


def say_site_reasons(explanation: SiteExplanation) -> list[Text]:
    """Say what was found on a site."""
    if not explanation.site.in_scheme and explanation.judgement is not None:
        return [Text("备选场地不评判。", "Candidates are not judged.")]
    if not explanation.reasons:
        return [Text("没有针对它的意见。", "Nothing was found on it.")]
    return [line for one in explanation.reasons for line in say_reason(one)]


def _say_part(explanation: SiteExplanation, judgement: Judgement) -> Text:
    """Say whether a member is headquarters or branch, and how far it is between them."""
    site, network = explanation.site, judgement.network
    others = len(judgement.sites) - 1
    if not others:
        return Text("中心唯一的场地", "the only one of its centre")
    if network.headquarters == site.id:
        return Text(
            f"总部，另有 {others} 个分站点", f"headquarters of {say_count(others, 'branch')}"
        )
    if network.headquarters is None:
        role = ROLES.get(site.role or "", Text("未注明角色", "without a role"))
        lacking = say_no_headquarters(judgement.sites, explanation.basis.case.sites.records)
        return Text(f"{role.zh}；中心{lacking.zh}", f"{role.en}; its centre {lacking.en}")
    head = say_site(network.headquarters, explanation.basis.case.sites.records)
    if site.id in network.stranded:
        return Text(
            f"分站点，步行到不了总部 {head}",
            f"a branch with no way on foot to the headquarters, {head}",
        )
    way_m = next(link.distance_m for link in network.links if link.site == site.id)
    walk = say_walk(way_m, explanation.basis.method)
    return Text(
        f"分站点，到总部 {head} {walk.zh}", f"a branch, {walk.en} from the headquarters, {head}"
    )
