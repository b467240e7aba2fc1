"""What changed from one evaluation to another, and why."""

from dataclasses import dataclass
from typing import Literal

from siteplan.model.recorded import (
    FigureUnit,
    RecordedEvaluation,
    RecordedFinding,
    RecordedGap,
    RecordedSite,
    RecordedSubdistrict,
    Value,
)

Fate = Literal["added", "kept", "removed", "only_a", "only_b"]
"""The last two: only one of the two evaluations looked at it, though it was there both times."""
GapFate = Literal["closed", "opened", "changed", "kept", "split", "merged"]
FindingFate = Literal["gone", "new", "changed", "only_a", "only_b"]
CauseKind = Literal["input", "standard", "method"]

WORST_FIRST = ("fail", "unknown", "warn", "pass", "na")
DECIMALS = {"person": 6, "ratio": 9, "m": 3, "m2": 1, "factor": 9, "count": 0}
"""Of a figure by its unit, as they are written in `evaluation.json`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure before and after; None where it was not there or could not be computed.

    Attributes
    ----------
    name
        Of the figure; of a link or a loss, the site.
    unit
        Of all three.
    before, after
        The figure.
    """

    name: str
    unit: FigureUnit
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """How much more it is after; None where either is not known.

        Examples
        --------
        >>> Difference("coverage_ratio", "ratio", 0.1, 0.3).change
        0.2
        """
        if self.before is None or self.after is None:
            return None
        return round(self.after - self.before, DECIMALS[self.unit]) + 0.0  # no negative zero

    @property
    def is_changed(self) -> bool:
        """Whether the two are not the same."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Turn:
    """A word before and after: a verdict, a status, a headquarters."""

    name: str
    before: str | None
    after: str | None

    @property
    def is_changed(self) -> bool:
        """Whether the two are not the same."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is otherwise in what was judged, or by what it was judged.

    Attributes
    ----------
    kind
        Whether the input, the standard or the method is another.
    what
        `site_added`, `site_dropped`, `site_moved`, `site_status`, `site_role`, `site_area`,
        `site_claim`, `sites_elsewhere`, `particulars`, `population`, `source`, `refused`, `date`,
        `unexplained`; `standard`, `threshold_value`, `threshold_status`, `threshold_op`;
        `distance`, `snap_limit`, `version`, `crs`, `datum`, `radius`.
    subject
        Id of the site, path of the file, name of the threshold; None where the case is meant.
    before, after
        What it was and what it is, where there is something to name.
    role
        Of a file.
    size
        Metres of a move, or how many sites.
    """

    kind: CauseKind
    what: str
    subject: str | None = None
    before: Value | None = None
    after: Value | None = None
    role: str | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class GapChange:
    """A gap before and after.

    Attributes
    ----------
    fate
        `split`: it lies within one that was there before, of which another is the rest; `merged`:
        it lies within one that is there now.
    before, after
        None where there was or is none.
    """

    fate: GapFate
    before: RecordedGap | None
    after: RecordedGap | None


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that is gone, is new, or says something else.

    Attributes
    ----------
    code, subject
        The rule, and whom it is about.
    fate
        What became of it.
    before, after
        None where there was or is none.
    """

    code: str
    subject: str
    fate: FindingFate
    before: RecordedFinding | None
    after: RecordedFinding | None


@dataclass(frozen=True, slots=True)
class SiteChange:
    """One site before and after.

    Attributes
    ----------
    id
        By which both are matched.
    before, after
        None where there was or is none.
    moved_m
        How far it stands from where it stood; None where it was or is not there.
    figures
        What it is worth, and its floor area.
    turns
        Name, subdistrict, status and role.
    apart
        Whether only one of the two evaluations looked at its subdistrict.
    """

    id: str
    before: RecordedSite | None
    after: RecordedSite | None
    moved_m: float | None
    figures: tuple[Difference, ...]
    turns: tuple[Turn, ...]
    apart: bool = False

    @property
    def fate(self) -> Fate:
        """Whether it is in both evaluations."""
        return find_fate(self.before, self.after, apart=self.apart)

    @property
    def is_altered(self) -> bool:
        """Whether what was proposed is another: beyond what it is worth."""
        return not self.apart and (self.has_effect or any(one.is_changed for one in self.turns))

    @property
    def has_effect(self) -> bool:
        """Whether that may change what is measured: a name does not."""
        turned = any(one.is_changed for one in self.turns if one.name != "name")
        altered = self.fate != "kept" or bool(self.moved_m) or turned or bool(self.area.change)
        return altered and not self.apart

    @property
    def area(self) -> Difference:
        """Its floor area."""
        return next(one for one in self.figures if one.name == "floor_area_m2")

    @property
    def is_changed(self) -> bool:
        """Whether anything is said otherwise of it."""
        return self.is_altered or any(one.is_changed for one in self.figures)


@dataclass(frozen=True, slots=True)
class SubdistrictChange:
    """One subdistrict before and after.

    Attributes
    ----------
    code
        By which both are matched; one that was split under new codes is removed and added.
    before, after
        None where there was or is none.
    figures
        All of them, of groups too.
    turns
        Name, district, verdict, layout, headquarters and whether the network is connected.
    rules
        Verdicts of rules that are not the same.
    links, losses
        By site, the walk to the headquarters and the coverage left without it.
    gaps
        All of both.
    findings
        Those on it and on its sites that are not the same.
    causes
        Why; none where nothing changed, or where it is not in both.
    apart
        Whether only one of the two evaluations judged it, though both had it.
    """

    code: str
    before: RecordedSubdistrict | None
    after: RecordedSubdistrict | None
    figures: tuple[Difference, ...]
    turns: tuple[Turn, ...]
    rules: tuple[Turn, ...]
    links: tuple[Difference, ...]
    losses: tuple[Difference, ...]
    gaps: tuple[GapChange, ...]
    findings: tuple[FindingChange, ...]
    causes: tuple[Cause, ...] = ()
    apart: bool = False

    @property
    def fate(self) -> Fate:
        """Whether it is in both evaluations."""
        return find_fate(self.before, self.after, apart=self.apart)

    @property
    def is_changed(self) -> bool:
        """Whether anything is said otherwise of it."""
        figures = (*self.figures, *self.links, *self.losses)
        return (
            self.fate != "kept"
            or any(one.is_changed for one in figures)
            or any(one.is_changed for one in self.turns)
            or bool(self.rules or self.findings)
            or any(one.fate != "kept" for one in self.gaps)
        )

    @property
    def step(self) -> int:
        """How the verdict moved: above 0 for the better; 0 where it is not in both."""
        if self.before is None or self.after is None:
            return 0
        rank = WORST_FIRST.index
        return rank(self.after.verdict) - rank(self.before.verdict)

    @property
    def coverage_change(self) -> float:
        """Change of its coverage as a share; 0 where it is not known."""
        return self.find_figure("coverage_ratio").change or 0.0

    @property
    def is_worse(self) -> bool:
        """Whether its verdict is worse or its coverage lower."""
        return self.step < 0 or self.coverage_change < 0

    @property
    def is_better(self) -> bool:
        """Whether its verdict is better or its coverage higher."""
        return self.step > 0 or self.coverage_change > 0

    @property
    def is_by_standard(self) -> bool:
        """Whether its verdict moved because it is judged by other figures, and nothing else did."""
        kinds = {one.kind for one in self.causes}
        unmoved = self.step != 0 and not self.coverage_change
        return unmoved and "standard" in kinds and "input" not in kinds

    def find_figure(self, name: str) -> Difference:
        """Return a figure by its name."""
        return next(one for one in self.figures if one.name == name)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two evaluations held against each other.

    Attributes
    ----------
    before, after
        The two.
    bridged
        Methods that are not the same although figures depend on them: what the two say is compared
        all the same, because it was asked for.
    causes
        What is otherwise in the whole case.
    summary
        Figures of the judged subdistricts together.
    subdistricts, sites, findings
        By code, by id, and by code and subject: of the first two all of both.
    """

    before: RecordedEvaluation
    after: RecordedEvaluation
    bridged: tuple[Cause, ...]
    causes: tuple[Cause, ...]
    summary: tuple[Difference, ...]
    subdistricts: tuple[SubdistrictChange, ...]
    sites: tuple[SiteChange, ...]
    findings: tuple[FindingChange, ...]

    @property
    def is_changed(self) -> bool:
        """Whether anything is said otherwise; other input with the same result is no change."""
        return (
            any(one.is_changed for one in self.summary)
            or any(one.is_changed for one in self.subdistricts)
            or any(one.is_changed for one in self.sites)
            or bool(self.findings)
        )

    @property
    def worse(self) -> tuple[str, ...]:
        """Codes of the subdistricts whose verdict is worse or whose coverage is lower."""
        return tuple(one.code for one in self.subdistricts if one.is_worse)


def find_fate(before: object, after: object, *, apart: bool = False) -> Fate:
    """Return what became of something that is None where it is not there.

    Parameters
    ----------
    before, after
        It, on either side.
    apart
        Whether it is missing because nobody looked at it.

    Examples
    --------
    >>> find_fate(None, 1), find_fate(1, None), find_fate(1, 2)
    ('added', 'removed', 'kept')
    >>> find_fate(1, None, apart=True)
    'only_a'
    """
    if before is None:
        return "only_b" if apart else "added"
    if after is None:
        return "only_a" if apart else "removed"
    return "kept"
