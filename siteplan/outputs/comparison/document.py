"""A comparison as JSON, format `siteplan-comparison/1`.

The same two evaluations give the same bytes. Every key is present at all times; what was not there,
or could not be computed, is null, and so is a difference with it.
"""

import json
from collections.abc import Iterable
from importlib.metadata import version

from siteplan.model.comparison import (
    Cause,
    Comparison,
    Difference,
    FindingChange,
    GapChange,
    SiteChange,
    SubdistrictChange,
    Turn,
)
from siteplan.model.recorded import RecordedEvaluation, RecordedFinding, RecordedGap
from siteplan.outputs.comparison.words import list_notices, say_cause
from siteplan.outputs.results import describe_text

FORMAT = "siteplan-comparison/1"


def write_comparison(comparison: Comparison) -> bytes:
    """Return the comparison as JSON: RFC 8259, UTF-8."""
    text = json.dumps(
        describe_comparison(comparison), ensure_ascii=False, allow_nan=False, indent=1
    )
    return f"{text}\n".encode("utf-8", errors="replace")


def describe_comparison(comparison: Comparison) -> dict[str, object]:
    """Return the comparison as a document."""
    return {
        "format": FORMAT,
        "siteplan_version": version("siteplan"),
        "across_methods": bool(comparison.bridged),
        "notices": [describe_text(one) for one in list_notices(comparison)],
        "before": _describe_side(comparison.before),
        "after": _describe_side(comparison.after),
        "changed": comparison.is_changed,
        "worse": list(comparison.worse),
        "causes": _describe_causes(comparison.causes),
        "summary": _describe_figures(comparison.summary),
        "subdistricts": [_describe_subdistrict(one) for one in comparison.subdistricts],
        "sites": [_describe_site(one) for one in comparison.sites],
        "findings": [_describe_finding(one) for one in comparison.findings],
    }


def _describe_side(one: RecordedEvaluation) -> dict[str, object]:
    return {
        "label": one.label,
        "sha256": one.sha256,
        "siteplan_version": one.version,
        "case": one.case,
        "date": one.date,
        "standard": one.standard,
        "service_radius_m": one.radius_m,
        "crs": one.crs,
        "distance": one.method,
        "missing": list(one.missing),
    }


def _describe_figures(figures: Iterable[Difference]) -> dict[str, object]:
    return {one.name: _describe_difference(one) for one in figures}


def _describe_difference(one: Difference) -> dict[str, float | None]:
    return {"before": one.before, "after": one.after, "difference": one.change}


def _describe_turns(turns: Iterable[Turn]) -> dict[str, object]:
    return {one.name: {"before": one.before, "after": one.after} for one in turns}


def _describe_by_site(figures: Iterable[Difference]) -> list[dict[str, object]]:
    return [{"site": one.name, **_describe_difference(one)} for one in figures]


def _describe_causes(causes: Iterable[Cause]) -> list[dict[str, object]]:
    return [
        {
            "kind": one.kind,
            "what": one.what,
            "subject": one.subject,
            "role": one.role,
            "before": one.before,
            "after": one.after,
            "size": one.size,
            "sentence": describe_text(say_cause(one)),
        }
        for one in causes
    ]


def _describe_subdistrict(one: SubdistrictChange) -> dict[str, object]:
    return {
        "code": one.code,
        "fate": one.fate,
        "changed": one.is_changed,
        "better": one.is_better,
        "worse": one.is_worse,
        "by_standard": one.is_by_standard,
        "turns": _describe_turns(one.turns),
        "figures": _describe_figures(one.figures),
        "rules": _describe_turns(one.rules),
        "links": _describe_by_site(one.links),
        "losses": _describe_by_site(one.losses),
        "gaps": [_describe_gap(gap) for gap in one.gaps],
        "causes": _describe_causes(one.causes),
    }


def _describe_gap(one: GapChange) -> dict[str, object]:
    def describe(gap: RecordedGap | None) -> dict[str, object] | None:
        if gap is None:
            return None
        return {
            "population": gap.population,
            "unreachable_population": gap.unreachable_population,
            "name": gap.name,
            "lon": gap.lon,
            "lat": gap.lat,
            "radius_m": gap.radius_m,
            "nearest": gap.nearest,
            "distance_m": gap.distance_m,
            "mean_distance_m": gap.mean_distance_m,
            "farthest_distance_m": gap.farthest_distance_m,
        }

    return {"fate": one.fate, "before": describe(one.before), "after": describe(one.after)}


def _describe_site(one: SiteChange) -> dict[str, object]:
    def place(side: str) -> list[float] | None:
        site = one.before if side == "before" else one.after
        return None if site is None else [site.lon, site.lat]

    return {
        "id": one.id,
        "fate": one.fate,
        "changed": one.is_changed,
        "altered": one.is_altered,
        "turns": _describe_turns(one.turns),
        "place": {side: place(side) for side in ("before", "after")},
        "moved_m": one.moved_m,
        "figures": _describe_figures(one.figures),
    }


def _describe_finding(one: FindingChange) -> dict[str, object]:
    def describe(finding: RecordedFinding | None) -> dict[str, object] | None:
        if finding is None:
            return None
        return {
            "severity": finding.severity,
            "title": describe_text(finding.title),
            "message": describe_text(finding.message),
            "measured": finding.measured,
            "unit": finding.unit,
            "threshold": finding.threshold,
            "threshold_status": finding.threshold_status,
        }

    return {
        "fate": one.fate,
        "code": one.code,
        "subject": one.subject,
        "before": describe(one.before),
        "after": describe(one.after),
    }
