"""Rules on how the pilots are run: list, mode, money, steps of approval, roll-out."""

import calendar
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import MAXYEAR, date, timedelta
from itertools import pairwise
from typing import Protocol

from siteplan.analysis.rules.facts import (
    NOT_APPLICABLE,
    PASS,
    Outcome,
    lack,
    reaches,
    say_limit,
    say_share,
)
from siteplan.errors import Text, join_names, shorten
from siteplan.model import Pilot, Project, Site, Split, Standard, Threshold, find_split

ROLLOUT = ("rollout_2015", "rollout_2020")
MOST_NAMED = 12  # subdistricts without a project, in one finding
WAN = "wan"  # 10,000 yuan, the unit of all money
DAYS_OF_MONTH = 30  # of a part of a month: the standards give whole ones
PURCHASE, INDIRECT = 1, 2
MODE_NAMES = {
    PURCHASE: Text("模式一（购买服务）", "mode 1 (purchase of services)"),
    INDIRECT: Text("模式二（街道间接管理）", "mode 2 (indirect subdistrict management)"),
}
"""The modes of operation by number."""
TOWN = re.compile(r"^\d{6}[1-9]\d{2}$")
"""An official code of anything but a 街道: the last three digits are 001 to 099 for one of those,
from 100 on for towns, townships and the like (GB/T 10114, coding below the county)."""
SUMS: Mapping[str, Text] = {
    "grant_wan": Text("资助总额", "the grant in all (grant_wan)"),
    "city_wan": Text("市级负担", "what the city gives (city_wan)"),
    "district_wan": Text("区级负担", "what the district gives (district_wan)"),
}
"""The sums of a project by field."""
STEPS: Mapping[str, Text] = {
    "submitted": Text("申报", "submission"),
    "district_reviewed": Text("区审核", "district review"),
    "city_approved": Text("市审定", "city approval"),
    "tendered": Text("招投标", "tender"),
}
"""The steps of a project in the order in which the plan has them."""


class Administered(Protocol):
    """What of the facts these rules look at."""

    @property
    def standard(self) -> Standard:
        """What is judged by."""

    @property
    def members(self) -> Sequence[Site]:
        """Scheme sites of the subdistrict."""

    @property
    def projects(self) -> Sequence[Project]:
        """What was filed for the subdistrict."""

    @property
    def pilots(self) -> Sequence[Pilot]:
        """Pilots of the standard that the subdistrict was, or that lie in it today."""

    @property
    def day(self) -> date | None:
        """The day judged for."""


def judge_listing(facts: Administered) -> list[Outcome]:
    """P01: a subdistrict that proposes a centre is on the list of pilots.

    It never fails, and has nothing to say where the standard has no list, where nothing was
    proposed or filed, or after the pilot phase: then every subdistrict is to have a centre.
    """
    if not facts.standard.pilots or not (facts.members or facts.projects):
        return [NOT_APPLICABLE]
    end = facts.standard.thresholds.get("pilot_end")
    if end and facts.day and facts.day.isoformat() > str(end.value):
        return [NOT_APPLICABLE]
    if facts.pilots:
        return [PASS]
    message = Text("不在试点名单内", "is not on the list of pilots")
    return [Outcome("warn", message)]


def judge_mode(facts: Administered) -> list[Outcome]:
    """P02: a pilot declares one operating mode, the one of the list.

    Its sites or its projects declare it. Where both do they must agree, and the sites count.
    """
    if not facts.pilots or not facts.members:
        return [NOT_APPLICABLE]
    of_sites = sorted({site.mode for site in facts.members if site.mode is not None})
    of_projects = sorted({one.mode for one in facts.projects if one.mode is not None})
    modes = of_sites or of_projects
    given = ", ".join(str(mode) for mode in modes)
    wrong = _find_wrong_mode(of_sites, modes, given)
    if wrong is not None:
        return [Outcome("fail", wrong, measured=given or None)]
    listed = sorted({pilot.mode for pilot in facts.pilots})
    ours, theirs, filed = _name_modes(modes), _name_modes(listed), _name_modes(of_projects)
    if of_projects and not set(modes) <= set(of_projects):
        message = Text(
            f"场地注明{ours.zh}，项目申报为{filed.zh}",
            f"its sites have {ours.en}, its project was filed with {filed.en}",
        )
        return [Outcome("warn", message, measured=given)]
    if set(modes) <= set(listed):
        return [PASS]
    message = Text(
        f"申报为{ours.zh}，名单为{theirs.zh}", f"declares {ours.en}, listed with {theirs.en}"
    )
    return [Outcome("warn", message, measured=given)]


def judge_funding(facts: Administered) -> list[Outcome]:
    """P03: what city and district give makes up the grant, and is what the list says.

    Sums are the same if they are so to 0.01. Where two pilots lie in one subdistrict of today, a
    project may have the split of either.
    """
    return [_judge_funding(facts, project) for project in facts.projects] or [NOT_APPLICABLE]


def judge_approval(facts: Administered) -> list[Outcome]:
    """P04: a project takes its steps in order, and a tender follows its approval soon.

    Two steps on one day are in order. A step that was not taken yet leaves nothing to say, one that
    was passed over does. Only mode 1 is put to tender.
    """
    return [_judge_approval(facts, project) for project in facts.projects] or [NOT_APPLICABLE]


def judge_rollout(
    names: Mapping[str, str],
    projects: Mapping[str, Sequence[Project]] | None,
    day: date | None,
    milestones: Iterable[Threshold],
) -> list[Outcome]:
    """P06: as many subdistricts have an approved project as should have one by now.

    Of the case as a whole; it never fails. Before the first day that is set all is well, and where
    the case has no table of projects nothing is asked.

    Parameters
    ----------
    names
        Name of each subdistrict of the case by its code: together they are the denominator, but for
        towns, which the plan does not name.
    projects
        Filed for each subdistrict, by code; None without a table of projects.
    day
        The day judged for; an approval after it does not count.
    milestones
        Shares that must be reached `by` a day; that day is included.
    """
    if projects is None:
        return [NOT_APPLICABLE]
    dated = sorted(
        ((by, milestone) for milestone in milestones if (by := milestone.by)),
        key=lambda pair: pair[0],
    )
    if not dated:
        return [lack(ROLLOUT[0])]
    if day is None:
        message = Text("未给出评审基准日，无法判断", "cannot be told without the day judged for")
        return [Outcome("unknown", message, thresholds=(dated[0][1],))]
    due = [milestone for by, milestone in dated if by <= day]
    return [_judge_rollout(names, projects, day, due[-1]) if due else PASS]


def list_milestones(standard: Standard) -> list[Threshold]:
    """Return the roll-out a standard asks for, as `judge_rollout` takes it."""
    return [standard.thresholds[name] for name in ROLLOUT if name in standard.thresholds]


def add_months(day: date, months: float) -> date:
    """Return the same day some months later, the month's last day where it is shorter.

    Examples
    --------
    >>> str(add_months(date(2010, 8, 31), 1)), str(add_months(date(2010, 12, 5), 1))
    ('2010-09-30', '2011-01-05')
    >>> str(add_months(date(2010, 6, 21), 0.5))
    '2010-07-06'
    """
    part, whole = math.modf(months)
    years, month = divmod(day.month - 1 + int(whole), 12)
    year, month = day.year + years, month + 1
    if year >= MAXYEAR:
        return date.max
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day.day, last)) + timedelta(days=round(part * DAYS_OF_MONTH))


def _find_wrong_mode(of_sites: list[int], modes: list[int], given: str) -> Text | None:
    """Say why no one mode was declared; None where one was."""
    if not modes:
        return Text("未注明运作模式", "declares no operating mode")
    if len(of_sites) > 1:
        return Text(f"各场地运作模式不一：{given}", f"its sites differ in their mode: {given}")
    if not set(modes) <= set(MODE_NAMES):
        return Text(f"运作模式 {given} 不存在", f"there is no mode {given}")
    return None


def _name_modes(modes: list[int]) -> Text:
    """Name modes in a sentence."""
    names = [MODE_NAMES[mode] for mode in modes]
    return Text("和".join(name.zh for name in names), " and ".join(name.en for name in names))


def _judge_funding(facts: Administered, project: Project) -> Outcome:
    name = shorten(project.project_id)
    split = find_split(project)
    if split is None:
        return _judge_missing_funding(facts, project)
    if split.excess_wan:
        shares_wan = split.grant_wan + split.excess_wan
        shares, grant, city, district = (
            say_limit(sum_wan)
            for sum_wan in (shares_wan, split.grant_wan, split.city_wan, split.district_wan)
        )
        message = Text(
            f"项目“{name}”市级 {city} 万元加区级 {district} 万元共 {shares} 万元，"
            f"不等于总额 {grant} 万元",
            f"project “{name}”: {city} from the city and {district} from the district make "
            f"{shares}, not the grant of {grant} (in ten thousand yuan)",
        )
        return Outcome("fail", message, None, shares_wan, WAN)
    if not facts.pilots:
        return PASS
    listed = [wanted for pilot in facts.pilots if (wanted := find_split(pilot))]
    if not listed:
        message = Text("名单没有列出补助", "the list gives no grants")
        return Outcome("unknown", message)
    differing = [split.find_difference(wanted) for wanted in listed]
    if None in differing:
        return PASS
    ours, theirs = _say_split(split), [_say_split(wanted) for wanted in _drop_same(listed)]
    message = Text(
        f"项目“{name}”为{ours.zh}，名单为{'或'.join(each.zh for each in theirs)}",
        f"project “{name}” has {ours.en}, the list {' or '.join(each.en for each in theirs)}",
    )
    name = str(differing[0])
    limit = Threshold(
        name, getattr(listed[0], name), WAN, "==",
        status="quoted", source=facts.standard.id, clause=None,
    )  # fmt: skip
    return Outcome("warn", message, None, getattr(split, name), WAN, (limit,))


def _judge_missing_funding(facts: Administered, project: Project) -> Outcome:
    """Say that a project does not give its funding in full: that matters if it gives any."""
    missing = [title for key, title in SUMS.items() if getattr(project, key) is None]
    if len(missing) == len(SUMS) and not facts.pilots:
        return NOT_APPLICABLE
    name = shorten(project.project_id)
    chinese = join_names(title.zh for title in missing).zh
    english = join_names(title.en for title in missing).en
    message = Text(f"项目“{name}”未注明{chinese}", f"project “{name}” does not give {english}")
    return Outcome("unknown", message)


def _judge_approval(facts: Administered, project: Project) -> Outcome:
    name = shorten(project.project_id)
    taken = _list_steps(project)
    for (earlier, first), (later, second) in pairwise(taken):
        if second < first:
            one, other = STEPS[earlier], STEPS[later]
            message = Text(
                f"项目“{name}”的{other.zh}（{second}）早于{one.zh}（{first}）",
                f"project “{name}”: its {other.en} ({second}) comes before its {one.en} ({first})",
            )
            return Outcome("fail", message, None, second.isoformat(), "date")
    skipped = _find_skipped(project)
    if not taken or skipped:
        steps = [STEPS[step] for step in skipped or STEPS]
        chinese = join_names(step.zh for step in steps).zh
        english = join_names(step.en for step in steps).en
        message = Text(
            f"项目“{name}”未注明日期：{chinese}", f"project “{name}” gives no date of: {english}"
        )
        return Outcome("unknown", message)
    if project.city_approved is None or project.mode == INDIRECT:
        return PASS
    return _judge_tender(facts, project, project.city_approved)


def _judge_tender(facts: Administered, project: Project, approved: date) -> Outcome:
    """Judge whether an approved project was put to tender in time, or still can be."""
    name = shorten(project.project_id)
    limit = facts.standard.thresholds.get("tender_months")
    if limit is None:
        return lack("tender_months")
    deadline = add_months(approved, limit.number)
    used = (replace(limit, value=deadline, unit=None),)
    day = project.tendered or facts.day
    if day is None:
        message = Text(
            f"项目“{name}”未注明招投标日期，也没有评审基准日",
            f"project “{name}” gives no date of its tender, nor the case the day judged for",
        )
        return Outcome("unknown", message, thresholds=used)
    if day <= deadline:
        return PASS
    if project.mode != PURCHASE:
        message = Text(
            f"项目“{name}”未注明运作模式，无法判断招投标是否逾期",
            f"project “{name}” gives no mode: whether its tender is late cannot be told",
        )
        return Outcome("unknown", message, thresholds=used)
    if project.tendered:
        message = Text(
            f"项目“{name}”{project.tendered} 才完成招投标，应不晚于 {deadline}",
            f"project “{name}” was put to tender on {project.tendered}, {deadline} was the last "
            "day for it",
        )
    else:
        message = Text(
            f"项目“{name}”到 {day} 尚未招投标，应不晚于 {deadline}",
            f"project “{name}” had not been put to tender by {day}, {deadline} was the last day "
            "for it",
        )
    return Outcome("warn", message, None, day.isoformat(), "date", used)


def _list_steps(project: Project) -> list[tuple[str, date]]:
    """Return the steps a project took, in the order of the plan."""
    days = (getattr(project, step) for step in STEPS)
    return [(step, day) for step, day in zip(STEPS, days, strict=True) if day is not None]


def _find_skipped(project: Project) -> list[str]:
    """Return the steps without a date before one that has a date."""
    taken = [step for step, _ in _list_steps(project)]
    order = list(STEPS)
    reached = order[: order.index(taken[-1])] if taken else []
    return [step for step in reached if step not in taken]


def _judge_rollout(
    names: Mapping[str, str],
    projects: Mapping[str, Sequence[Project]],
    day: date,
    milestone: Threshold,
) -> Outcome:
    """Judge the roll-out by the milestone that is due."""
    codes = sorted(code for code in names if not TOWN.match(code))
    if not codes:
        return NOT_APPLICABLE
    without = [
        code for code in codes if not any(each.is_approved(day) for each in projects.get(code, ()))
    ]
    every, approved, towns = len(codes), len(codes) - len(without), len(names) - len(codes)
    ratio, least = approved / every, milestone.number
    if reaches(ratio, least):
        return PASS
    share, wanted, by = say_share(ratio, least), say_share(least), milestone.by
    listed = join_names((names[code] for code in without), most=MOST_NAMED)
    left_out = Text("", "")
    if towns:
        left_out = Text(f"（不计 {towns} 个镇等）", f" (without {towns} towns and the like)")
    message = Text(
        f"本案例 {every} 个街道{left_out.zh}中 {approved} 个有获批项目，占 {share}，"
        f"{by} 起应达 {wanted}；尚无：{listed.zh}",
        f"{approved} of the {every} subdistricts of the case{left_out.en} have an approved project,"
        f" {share}; {wanted} are asked for from {by} on; still without: “{listed.en}”",
    )
    return Outcome("warn", message, None, ratio, None, (milestone,))


def _say_split(split: Split) -> Text:
    grant, city, district = split.grant_wan, split.city_wan, split.district_wan
    return Text(
        f"总额 {say_limit(grant)} 万元（市 {say_limit(city)}、区 {say_limit(district)}）",
        f"{say_limit(grant)} (city {say_limit(city)}, district {say_limit(district)}, in ten "
        "thousand yuan)",
    )


def _drop_same(splits: Iterable[Split]) -> list[Split]:
    """Return each split once, in order of first appearance."""
    return list(dict.fromkeys(splits))
