"""Rules on administration: what the pilot asks beyond the map."""

from siteplan.analysis.rules.facts import NOT_APPLICABLE, PASS, Facts, Outcome
from siteplan.errors import Text

MODE_NAMES = {
    1: Text("模式一（购买服务）", "mode 1 (purchase of services)"),
    2: Text("模式二（街道间接管理）", "mode 2 (indirect subdistrict management)"),
}


def judge_mode(facts: Facts) -> list[Outcome]:
    """P02: a pilot declares one operating mode, the one of the list."""
    if not facts.pilots or not facts.members:
        return [NOT_APPLICABLE]
    modes = sorted({site.mode for site in facts.members if site.mode is not None})
    if not modes:
        message = Text("未注明运作模式", "declares no operating mode")
        return [Outcome("fail", message)]
    given = ", ".join(str(mode) for mode in modes)
    if len(modes) > 1:
        message = Text(f"各场地运作模式不一：{given}", f"its sites differ in their mode: {given}")
        return [Outcome("fail", message, measured=given)]
    if modes[0] not in MODE_NAMES:
        message = Text(f"运作模式 {given} 不存在", f"there is no mode {given}")
        return [Outcome("fail", message, measured=given)]
    listed = sorted({pilot.mode for pilot in facts.pilots})
    if modes[0] in listed:
        return [PASS]
    ours, theirs = MODE_NAMES[modes[0]], MODE_NAMES[listed[0]]
    message = Text(
        f"申报为{ours.zh}，名单为{theirs.zh}", f"declares {ours.en}, listed with {theirs.en}"
    )
    return [Outcome("warn", message, measured=given)]
