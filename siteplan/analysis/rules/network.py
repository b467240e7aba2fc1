"""Rules on the centre as a whole: one project, one headquarters, one network."""

from siteplan.analysis.rules.facts import NOT_APPLICABLE, PASS, Facts, Outcome
from siteplan.errors import Text, join_names


def judge_centre(facts: Facts) -> list[Outcome]:
    """N01: the subdistrict has one centre."""
    limit = facts.standard.thresholds.get("centres_per_street")
    used = (limit,) if limit else ()
    if len(facts.projects) > 1:
        names = join_names(facts.projects)
        message = Text(f"申报了多个项目：{names.zh}", f"several projects are filed: {names.en}")
        return [Outcome("fail", message, None, float(len(facts.projects)), "project", used)]
    if not facts.members:
        message = Text("没有现有或拟建的场地", "no site is there or proposed")
        return [Outcome("warn", message, None, 0.0, "project", used)]
    return [PASS]


def judge_headquarters(facts: Facts) -> list[Outcome]:
    """N02: a dispersed centre has exactly one headquarters."""
    if not facts.members:
        return [NOT_APPLICABLE]
    named = [site.id for site in facts.members if site.role == "headquarters"]
    if len(facts.members) == 1 or len(named) == 1:
        return [PASS]
    best = facts.network.best_median
    hint = Text(f"；最适合的是 {best}", f"; {best} is best placed") if best else Text("", "")
    count = len(facts.members)
    if named:
        names = join_names(named)
        message = Text(
            f"有 {len(named)} 个总部：{names.zh}{hint.zh}",
            f"{len(named)} sites are called headquarters: {names.en}{hint.en}",
        )
    else:
        message = Text(
            f"{count} 个场地都不是总部{hint.zh}",
            f"none of its {count} sites is headquarters{hint.en}",
        )
    limit = facts.standard.thresholds.get("hq_count")
    used = (limit,) if limit else ()
    return [Outcome("fail", message, None, float(len(named)), "site", used)]


def judge_headquarters_place(facts: Facts) -> list[Outcome]:
    """N03: the headquarters is one of the centre's own sites, and not only a candidate."""
    if not facts.members:
        return [NOT_APPLICABLE]
    named = [site.id for site in facts.members if site.role == "headquarters"]
    if len(facts.members) == 1 or named:
        return [PASS]
    if not facts.candidate_headquarters:
        return [NOT_APPLICABLE]
    names = join_names(facts.candidate_headquarters)
    message = Text(
        f"总部 {names.zh} 只是备选场地", f"the headquarters {names.en} is only a candidate"
    )
    return [Outcome("fail", message)]


def judge_connection(facts: Facts) -> list[Outcome]:
    """N05: every branch can be reached on foot from the headquarters."""
    if not facts.members:
        return [NOT_APPLICABLE]
    if len(facts.members) == 1:
        return [PASS]
    network = facts.network
    if network.headquarters is None:
        message = Text("总部不唯一，无法判断", "cannot be told without exactly one headquarters")
        return [Outcome("unknown", message)]
    if network.connected is None:
        message = Text("没有道路，无法判断是否连通", "cannot be told without roads")
        return [Outcome("unknown", message)]
    if network.connected:
        return [PASS]
    names = join_names(network.stranded)
    message = Text(
        f"从总部 {network.headquarters} 步行到不了：{names.zh}",
        f"cannot be reached on foot from the headquarters {network.headquarters}: {names.en}",
    )
    return [Outcome("fail", message, None, float(len(network.stranded)), "site")]
