"""Why a subdistrict or a site got its verdict, and what would change it.

`explain` reads like the reasoning: what was found, what of it decides, what is covered today, and
what would be with a site more or less, with one at another place, under another headquarters.
"""

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from siteplan.analysis.counterfactuals import (
    combine_candidates,
    find_best_spot,
    find_closures,
    find_successor,
    look_ahead,
    look_with,
    place_headquarters,
    switch,
    try_additions,
    try_today,
    weigh_headquarters,
)
from siteplan.analysis.gaps import name_place
from siteplan.analysis.rules import judge_unclaimed, select_rules
from siteplan.analysis.rules.facts import Rule
from siteplan.analysis.sums import add_up
from siteplan.crs import WGS84, make_projection
from siteplan.errors import Defect, InputError, Text, join_names
from siteplan.evaluate import Survey, Tell, judge_subdistrict, measure_every_worth, survey_case
from siteplan.inputs.fields import parse_code
from siteplan.model import DECISIVE, Case, DistanceMethod, Finding, Standard, Verdict
from siteplan.model.explanation import (
    Basis,
    Effect,
    Explanation,
    Reason,
    SiteExplanation,
    Spot,
    SubdistrictExplanation,
)

MOST_NEAR = 6
"""Known names that are offered where one is unknown."""


class Subject(NamedTuple):
    """What is to be explained: a subdistrict by its code, or a site, which may have none."""

    code: str | None
    site: int | None


def explain(
    case: Case,
    subject: str,
    *,
    radius_m: float | None = None,
    minutes: float | None = None,
    distance: DistanceMethod | None = None,
    tell: Tell = lambda _: None,
) -> Explanation:
    """Explain the verdict of a subdistrict, or what is found and known of a site.

    Parameters
    ----------
    case
        All that was read.
    subject
        Code or name of a subdistrict, or id or name of a site. A code comes before an id, and an id
        before all names.
    radius_m, minutes, distance, tell
        As of `evaluate`.

    Raises
    ------
    InputError
        If there is no such subject, or more than one of that name; and as `evaluate`.
    """
    rules = select_rules(case.standard)
    meant = find_subject(case, subject)
    survey = survey_case(case, radius_m=radius_m, minutes=minutes, distance=distance, tell=tell)
    tell(Text("推演各种调整", "trying what would change it"))
    if meant.site is not None:
        return _explain_site(survey, rules, meant.site)
    return _explain_subdistrict(survey, rules, case.area.codes.index(str(meant.code)))


def find_subject(case: Case, word: str) -> Subject:
    """Return the subdistrict or the site of a case that a word means.

    Parameters
    ----------
    case
        All that was read.
    word
        Code or name of a subdistrict, id or name of a site.

    Raises
    ------
    InputError
        Naming those that are meant, if there are several, or those that are called much like it.
    """
    subdistricts, sites = case.area.subdistricts, case.sites.records
    if (code := parse_code(word)) in case.area.codes:
        return Subject(code, None)
    for index, site in enumerate(sites):
        if site.id == word:
            return Subject(site.subdistrict, index)
    called = [Subject(one.code, None) for one in subdistricts if one.name == word]
    called += [Subject(one.subdistrict, i) for i, one in enumerate(sites) if one.name == word]
    if len(called) == 1:
        return called[0]
    if called:
        keys = join_names(
            sites[each.site].id if each.site is not None else each.code for each in called
        )
        problem = Text(
            f"叫“{word}”的有 {len(called)} 个", f"{len(called)} of them are called “{word}”"
        )
        remedy = Text(f"请用代码或编号：{keys.zh}", f"Give a code or an id: {keys.en}")
        raise InputError(Defect("SUBJECT", problem, remedy))
    names = [*case.area.codes, *(one.name for one in subdistricts), *(site.id for site in sites)]
    near = _find_like(word, [*names, *(site.name for site in sites if site.name)])
    listed = join_names(near or case.area.codes)
    problem = Text(f"没有街道或场地“{word}”", f"there is no subdistrict or site “{word}”")
    remedy = (
        Text(f"相近的有：{listed.zh}", f"Perhaps you mean: {listed.en}")
        if near
        else Text(f"可用的街道代码：{listed.zh}", f"Known subdistricts: {listed.en}")
    )
    raise InputError(Defect("SUBJECT", problem, remedy))


def _explain_subdistrict(
    survey: Survey, rules: Sequence[Rule], index: int
) -> SubdistrictExplanation:
    judgement, findings = judge_subdistrict(survey, rules, index)
    trial = survey.measured[index].trial
    today = try_today(trial)
    ids = (site.id for site in survey.case.sites.records)
    worth = dict(zip(ids, measure_every_worth(survey), strict=True))
    return SubdistrictExplanation(
        basis=_note_basis(survey, survey.ground.standards[index]),
        judgement=judgement,
        reasons=_weigh_findings(findings, judgement.verdict),
        today=look_ahead(trial, today.covered_population),
        additions=try_additions(trial),
        combination=combine_candidates(trial),
        spot=_find_spot(survey, index),
        headship=weigh_headquarters(trial),
        closure=find_closures(trial, worth),
    )


def _explain_site(survey: Survey, rules: Sequence[Rule], number: int) -> SiteExplanation:
    case = survey.case
    site, worth = case.sites.records[number], measure_every_worth(survey)[number]
    if site.subdistrict is None:
        reasons = _weigh_findings(judge_unclaimed([site], case.standard), "na")
        basis = _note_basis(survey, case.standard)
        return SiteExplanation(basis, site, worth, reasons)
    index = case.area.codes.index(site.subdistrict)
    judgement, findings = judge_subdistrict(survey, rules, index)
    trial = survey.measured[index].trial
    venue, head = trial.venues.index(site.id), judgement.network.headquarters
    scheme = switch(trial.members, venue, on=True)
    otherwise = scheme if not site.in_scheme else switch(trial.members, venue, on=False)
    several = scheme.sum() > 1
    return SiteExplanation(
        basis=_note_basis(survey, survey.ground.standards[index]),
        site=site,
        worth=worth,
        reasons=tuple(
            reason
            for reason in _weigh_findings(findings, judgement.verdict)
            if reason.finding.subject == site.id
        ),
        judgement=judgement,
        today=look_with(trial, trial.members),
        otherwise=look_with(trial, otherwise),
        headquarters=place_headquarters(trial, scheme, head) if head else None,
        as_headquarters=place_headquarters(trial, scheme, site.id) if several else None,
        successor=find_successor(trial, otherwise) if site.id == head else None,
    )


def _note_basis(survey: Survey, standard: Standard) -> Basis:
    """Note by what a subdistrict was judged: districts may have figures of their own."""
    radius, target = (
        standard.thresholds.get(name) for name in ("service_radius", "coverage_target")
    )
    return Basis(survey.case, survey.method, radius, target)


def _weigh_findings(findings: Iterable[Finding], verdict: Verdict) -> tuple[Reason, ...]:
    """Say what each finding does to a verdict, those that decide it first."""
    reasons = [
        Reason(finding, _find_effect(finding), _decides(finding, verdict)) for finding in findings
    ]
    reasons.sort(
        key=lambda one: (
            not one.decides,
            one.effect == "open",
            one.finding.code,
            one.finding.subject,
        )
    )
    return tuple(reasons)


def _find_effect(finding: Finding) -> Effect:
    """Say why a finding weighs what it does."""
    if finding.severity == "violation":
        return "fails"
    if finding.severity == "note":
        return "open"
    return "assumed" if finding.eased else "mild"


def _decides(finding: Finding, verdict: Verdict) -> bool:
    """Whether a verdict is what it is because of a finding, as `combine` makes it."""
    if verdict == "unknown":
        return finding.severity == "note" and finding.code in DECISIVE
    return finding.severity == {"fail": "violation", "warn": "warning"}.get(verdict)


def _find_spot(survey: Survey, index: int) -> Spot | None:
    """Find the best place for one more site, and say where it is."""
    measured, ground = survey.measured[index], survey.ground
    trial, coverage = measured.trial, measured.coverage
    people = ground.residents.take(measured.own)
    best = find_best_spot(ground.graph, people, trial, coverage.covered)
    if best is None:
        return None
    x, y = float(people.x[best.point]), float(people.y[best.point])
    (lon,), (lat,) = make_projection(survey.case.area.crs, WGS84)(np.array([x]), np.array([y]))
    nearest = int(coverage.nearest[best.point])
    covered = add_up(trial.population[coverage.covered | best.covered])
    return Spot(
        x=x,
        y=y,
        lon=float(lon),
        lat=float(lat),
        name=name_place(x, y, ground.named),
        nearest=None if nearest < 0 else survey.case.sites.records[nearest].id,
        distance_m=float(coverage.distance_m[best.point]),
        outlook=look_ahead(trial, covered),
    )


def _find_like(word: str, known: Sequence[str]) -> list[str]:
    """Return known names that hold a word, whatever their case, then those much like it."""
    lower: dict[str, str] = {}
    for name in known:
        lower.setdefault(name.casefold(), name)
    wanted = word.strip().casefold()
    inside = [name for key, name in lower.items() if wanted and wanted in key]
    close = difflib.get_close_matches(wanted, lower, n=MOST_NEAR)
    near = dict.fromkeys([*inside, *(lower[key] for key in close)])
    return list(near)[:MOST_NEAR]
