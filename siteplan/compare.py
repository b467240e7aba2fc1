"""Two evaluations of a case, before and after or one scheme and another: what changed, and why.

Subdistricts are matched by code and sites by id. Nothing is measured anew: the figures are those
that both evaluations wrote down.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from siteplan.analysis.causes import (
    Setting,
    find_bridges,
    find_case_causes,
    find_own_causes,
    list_altered,
    list_apart,
)
from siteplan.analysis.pairing import ROUNDING_M, measure_arc, pair_findings, pair_gaps
from siteplan.errors import Defect, InputError, Text
from siteplan.model.comparison import (
    Cause,
    Comparison,
    Difference,
    FindingChange,
    SiteChange,
    SubdistrictChange,
    Turn,
)
from siteplan.model.recorded import (
    SITE_FIGURES,
    SUBDISTRICT_FIGURES,
    SUMMARY_FIGURES,
    Figures,
    FigureUnit,
    RecordedEvaluation,
    RecordedSite,
    RecordedSubdistrict,
)

METHODS = {
    "roads": Text("沿道路步行距离", "walking distance along roads"),
    "straight-line": Text("直线距离", "straight lines"),
}


def compare_evaluations(
    before: RecordedEvaluation, after: RecordedEvaluation, *, across_methods: bool = False
) -> Comparison:
    """Find what changed from one evaluation to another, and why.

    An evaluation compared with itself has no change, and swapping the two swaps everything: what
    was added is removed, and each difference has the other sign.

    Parameters
    ----------
    before, after
        The two; of which none need be the older one.
    across_methods
        Whether to go on where distances were measured in different ways, or places stand in
        different datums. The comparison then says so.

    Raises
    ------
    InputError
        If they were, and that was not asked for.
    """
    bridged = find_bridges(before, after)
    if bridged and not across_methods:
        raise InputError(*(_refuse(one, before, after) for one in bridged))
    apart = list_apart(before, after)
    untold = frozenset({*before.missing, *after.missing})
    sites = [
        _set_apart(_compare_site(id_, before.sites.get(id_), after.sites.get(id_), untold), apart)
        for id_ in _order(before.sites, after.sites)
    ]
    unseen = apart | {one.id for one in sites if one.apart}
    findings = [
        replace(one, fate="only_a" if one.after is None else "only_b")
        if one.subject in unseen and one.fate != "changed"
        else one
        for one in pair_findings(before.findings, after.findings)
    ]
    causes = find_case_causes(before, after)
    setting = Setting(before, after, causes, list_altered(sites))
    own, told = _group_sites(sites), _group_findings(findings)
    subdistricts = []
    for code in _order(before.subdistricts, after.subdistricts):
        sides = before.subdistricts.get(code), after.subdistricts.get(code)
        here = own.get(code, [])
        about = [one for subject in (code, *(site.id for site in here)) for one in told[subject]]
        change = _compare_subdistrict(code, sides, about, untold)
        if code in apart:
            change = replace(change, apart=True, gaps=())
        subdistricts.append(replace(change, causes=find_own_causes(change, here, setting)))
    return Comparison(
        before=before,
        after=after,
        bridged=tuple(bridged),
        causes=tuple(causes),
        summary=_compare_figures(before.summary, after.summary, SUMMARY_FIGURES),
        subdistricts=tuple(subdistricts),
        sites=tuple(sites),
        findings=tuple(findings),
    )


def _set_apart(site: SiteChange, apart: frozenset[str]) -> SiteChange:
    """Note where a site is on one side only because nobody looked at its subdistrict."""
    sides = [one for one in (site.before, site.after) if one is not None]
    return replace(site, apart=len(sides) == 1 and sides[0].subdistrict in apart)


def _group_sites(sites: Iterable[SiteChange]) -> dict[str, list[SiteChange]]:
    """Return the sites that claim or claimed each subdistrict."""
    grouped: dict[str, list[SiteChange]] = {}
    for site in sites:
        claims = {one.subdistrict for one in (site.before, site.after) if one and one.subdistrict}
        for code in claims:
            grouped.setdefault(code, []).append(site)
    return grouped


def _group_findings(findings: Iterable[FindingChange]) -> defaultdict[str, list[FindingChange]]:
    grouped: defaultdict[str, list[FindingChange]] = defaultdict(list)
    for one in findings:
        grouped[one.subject].append(one)
    return grouped


def _refuse(bridge: Cause, before: RecordedEvaluation, after: RecordedEvaluation) -> Defect:
    if bridge.what == "distance":
        one, other = METHODS[before.method], METHODS[after.method]
        problem = Text(
            f"按{other.zh}量算，而 {before.label} 按{one.zh}",
            f"is measured by {other.en}, but {before.label} by {one.en}",
        )
    else:
        problem = Text(
            f"坐标系为 {after.crs}，而 {before.label} 为 {before.crs}，基准不同",
            f"is in {after.crs}, but {before.label} in {before.crs}, whose datum is another",
        )
    remedy = Text(
        "请用相同方法重新评审，或加 --across-methods 仍作比较",
        "Evaluate both alike, or give --across-methods to compare them all the same",
    )
    return Defect(after.label, problem, remedy)


def _compare_figures(
    before: Figures,
    after: Figures,
    units: Mapping[str, FigureUnit],
    untold: frozenset[str] = frozenset(),
    where: str = "",
) -> tuple[Difference, ...]:
    """Return all figures; of those that one of the two files has no key for, neither."""
    return tuple(
        Difference(name, unit, None, None)
        if f"{where}{name}" in untold
        else Difference(name, unit, before.get(name), after.get(name))
        for name, unit in units.items()
    )


def _compare_subdistrict(
    code: str,
    sides: tuple[RecordedSubdistrict | None, RecordedSubdistrict | None],
    findings: Sequence[FindingChange],
    untold: frozenset[str],
) -> SubdistrictChange:
    before, after = sides
    old, new = (one.figures if one else {} for one in sides)
    groups = sorted({*old, *new} - SUBDISTRICT_FIGURES.keys())
    units: dict[str, FigureUnit] = {
        name: "person" if name.endswith("population") else "ratio" for name in groups
    }
    rules = [one.rules if one else {} for one in sides]
    turned = [_compare_word(rule, *(each.get(rule) for each in rules)) for rule in _order(*rules)]
    links = [one.links if one else {} for one in sides]
    losses = [(one.losses or {}) if one else {} for one in sides]
    gaps = [(one.gaps or ()) if one else () for one in sides]
    told = all(one is None or one.gaps is not None for one in sides)
    return SubdistrictChange(
        code=code,
        before=before,
        after=after,
        figures=_compare_figures(
            old, new, {**SUBDISTRICT_FIGURES, **units}, untold, "subdistricts[]."
        ),
        turns=(
            *(
                _compare_word(name, *(getattr(one, name) if one else None for one in sides))
                for name in ("name", "district", "verdict", "layout", "headquarters")
            ),
            _compare_word("connected", *(_say_connected(one) for one in sides)),
        ),
        rules=tuple(turn for turn in turned if turn.is_changed),
        links=tuple(
            Difference(site, "m", *(each.get(site) for each in links)) for site in _order(*links)
        ),
        losses=tuple(
            Difference(site, "ratio", *(each.get(site) for each in losses))
            for site in _order(*losses)
        )
        if all(one is None or one.losses is not None for one in sides)
        else (),
        gaps=tuple(pair_gaps(*gaps)) if told else (),
        findings=tuple(findings),
    )


def _order(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return sorted(before.keys() | after.keys())


def _compare_word(name: str, before: str | None, after: str | None) -> Turn:
    return Turn(name, before, after)


def _say_connected(one: RecordedSubdistrict | None) -> str | None:
    return None if one is None or one.connected is None else ("yes" if one.connected else "no")


def _compare_site(
    id_: str, before: RecordedSite | None, after: RecordedSite | None, untold: frozenset[str]
) -> SiteChange:
    sides = before, after
    old, new = (one.figures if one else {} for one in sides)
    moved_m = None
    if before is not None and after is not None:
        moved_m = round(measure_arc(before.lon, before.lat, after.lon, after.lat), 3)
        moved_m = moved_m if moved_m > ROUNDING_M else 0.0
    return SiteChange(
        id=id_,
        before=before,
        after=after,
        moved_m=moved_m,
        figures=tuple(_compare_figures(old, new, SITE_FIGURES, untold, "sites[].")),
        turns=tuple(
            _compare_word(name, *(getattr(one, name) if one else None for one in sides))
            for name in ("name", "subdistrict", "status", "role")
        ),
    )
