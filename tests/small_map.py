"""What a page of the map shows, made up: two subdistricts, three sites, and hostile text."""

from typing import Any

import numpy as np

from siteplan.model import Trial
from siteplan.outputs.backdrop import Degrees
from siteplan.outputs.webmap.trials import describe_trial

Payload = dict[str, Any]

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "--><svg/onload=alert(3)>",
    "<style>*{display:none}</style>",
    "</textarea></title><script>alert(4)</script>",
    "<a href=javascript:alert(5)>x</a>",
    "javascript:alert(6)",
    "JaVaScRiPt:alert(7)//",
    "data:text/html,<script>alert(8)</script>",
    "{{ 7*7 }}",
    "{{ self.__init__.__globals__ }}",
    "{% for x in y %}",
    "{% raw %}{{7}}{% endraw %}",
    "{# comment #}",
    "${7*7}",
    "`${alert(9)}`",
    "#{7*7}",
    "<%= 7*7 %>",
    "{0} {1} {{0}}",
    "%s %d %n",
    "&lt;b&gt;",
    "&amp;&#39;&quot;",
    "\\u003c \\0 \u2028\u2029",
    "\u202eright to left\u200f",
    "\u2066isolate\u2069 \u200b\u200d\ufeff",
    "a\u0301\u0302\u0303\u0304\u0305",
    "' onmouseover='alert(10)",
    '" onfocus="alert(11)" autofocus="',
    "'; alert(12); //",
    '"; alert(13); //',
    "\\'; alert(14); //",
    "*/ alert(15) /*",
    "]]><script>alert(16)</script>",
    "<![CDATA[<script>alert(17)</script>]]>",
    "<iframe src=javascript:alert(18)>",
    "<object data=x><embed src=x>",
    "<base href=//host.example/>",
    "<meta http-equiv=refresh content=0>",
    "<link rel=stylesheet href=//host.example/a.css>",
    "<math><mi xlink:href=javascript:alert(19)>",
    "<form action=//host.example><button>x",
    "expression(alert(20))",
    "url(//host.example/a.png)",
    "__proto__",
    "constructor",
    "toString",
    "../../etc/passwd",
    "C:\\con\\nul",
    "=1+1|cmd",
)


def square(west: float) -> list[list[list[float]]]:
    return [[[west, 23.1, west + 0.02, 23.1, west + 0.02, 23.12, west, 23.12, west, 23.1]]]


def make_equity(**changes: object) -> Payload:
    spread = {"gini": 0.25, "ratio_90_10": 3.8, "excluded_population": 0}
    curve = [round(min(1, 0.04 * step), 2) for step in range(31)]
    return {
        "coverage_curve": curve, "older_coverage_curve": [0.7 * share for share in curve],
        "target_radius_m": 2125, "older_target_radius_m": None, "distance": spread,
        "supply_m2_per_1000": 12.5, "supply": spread, "balanced_supply_m2_per_1000": 12.5,
        "balanced_supply": spread, **changes,
    }  # fmt: skip


def subdistrict(code: str, name: str, west: float, **changes: object) -> Payload:
    network = {
        "headquarters": None, "connected": None, "stranded": [], "links": [], "losses": [],
        "best_headquarters": {"median": None, "center": None}, "worst_loss": None,
    }  # fmt: skip
    return {
        "code": code, "name": name, "district": "天河区", "population": 81831, "layout": "none",
        "verdict": "unknown", "rules": {"C01": "unknown"}, "covered_population": None,
        "coverage_ratio": None, "straight_line_coverage_ratio": None,
        "covered_by_any_population": None, "mean_distance_m": None, "p95_distance_m": None,
        "unreachable_population": None, "older_coverage_ratio": None, "p90_detour_factor": None,
        "sites": [], "network": network, "page": f"subdistricts/{code}.html",
        "polygons": square(west), **changes,
    }  # fmt: skip


def site(id_: str, name: str | None, lon: float, **changes: object) -> Payload:
    return {
        "id": id_, "name": name, "subdistrict": "440106002", "status": "existing", "role": None,
        "premises": None, "floor_area_m2": None, "lon": lon, "lat": 23.11, "snap_distance_m": None,
        "alone_population": 41234.5, "added_population": None, "shared_population": None,
        "lost_population": None, "catchment_population": None, "mean_distance_m": None, **changes,
    }  # fmt: skip


def finding(subject: str, message: str, **changes: object) -> Payload:
    return {
        "code": "C01", "severity": "warning", "subject": subject,
        "message": {"zh": message, "en": message}, "measured": 0.431, "unit": None,
        "threshold": 0.85, "threshold_status": "assumed", "clause": "一(一)",
        "department": "street", **changes,
    }  # fmt: skip


def make_trial() -> Payload:
    """Return three venues and two points of the first subdistrict."""
    trial = Trial(
        subdistrict="440106002",
        venues=("A", "B", "C"),
        members=np.array([True, True, False]),
        headquarters=0,
        radius_m=1000.0,
        target=0.85,
        x=np.array([428_904.0, 429_728.0]),
        y=np.array([2_556_446.0, 2_557_328.0]),
        population=np.array([500.0, 300.0]),
        groups={},
        cut_off=np.array([False, False]),
        distance_m=np.array([[400.0, 1500.0], [900.0, 1600.0], [1800.0, 300.0]]),
        link_m=np.array([[0.0, 812.3, 900.0], [812.3, 0.0, 700.0], [900.0, 700.0, 0.0]]),
        on_foot=True,
    )
    return describe_trial(trial, Degrees("EPSG:4547"))


def make_payload(*, name: str = "员村街道", kind: str = "overview", **changes: object) -> Payload:
    """Return what a page shows: `name` stands wherever a text comes from a file."""
    text = {"zh": name, "en": name}
    network = {
        "headquarters": "A", "connected": True, "stranded": [],
        "links": [{"site": "B", "distance_m": 812.3}],
        "losses": [{"site": "A", "coverage_ratio": 0.2}, {"site": "B", "coverage_ratio": 0.4}],
        "best_headquarters": {"median": "A", "center": "B"},
        "worst_loss": {"site": "A", "coverage_ratio": 0.2},
    }  # fmt: skip
    judged = subdistrict(
        "440106002", name, 113.3, verdict="warn", layout="dispersed", covered_population=35269.2,
        coverage_ratio=0.431, straight_line_coverage_ratio=0.655, rules={"C01": "warn"},
        district=name, sites=["A", "B"], network=network,
    )  # fmt: skip
    other = subdistrict("440106003", "车陂街道", 113.32)
    sites = [
        site("A", name, 113.305, role="headquarters", sentence=text, premises="lease"),
        site("B", "分站", 113.315, role="branch", status="proposed"),
        site("C", "备选", 113.318, status="candidate",
             subdistrict=None if kind == "overview" else "440106002"),
    ]  # fmt: skip
    gap = {
        "subdistrict": "440106002", "number": 0, "population": 1234.5, "name": name, "lon": 113.31,
        "lat": 23.104, "unreachable_population": 4.0, "radius_m": 310.0, "nearest": "A",
        "distance_m": 1500.0, "mean_distance_m": 1480.0, "farthest_distance_m": 1710.0,
    }  # fmt: skip
    shared = {
        "kind": kind, "lang": None, "case": name, "date": "2010-07-01",
        "generator": "siteplan 0.1.0", "notices": [text],
        "standard": {
            "id": "guangzhou-2010", "title": text, "radius_m": 1000, "radius_status": "assumed",
            "coverage_target": 0.85, "target_status": "assumed",
        },
        "crs": "EPSG:4547", "distance": {"method": "roads", "snap_limit_m": 150},
        "rule_titles": {"C01": {"zh": "步行覆盖率", "en": "Coverage on foot"}},
        "departments": {"street": {"zh": "街道", "en": "subdistrict office"}}, "basemap": None,
        "bounds": [[23.1, 113.3], [23.12, 113.34]], "sites": sites,
        "service_areas": [{"site": "A", "polygons": square(113.3)}],
        "links": [{"subdistrict": "440106002", "site": "B", "headquarters": "A",
                   "distance_m": 812.3, "lines": [[113.315, 23.11, 113.305, 23.11]],
                   "crossings": [{"name": text, "distance_without_m": 1900.0}]}],
        "roads": [{"class": "major", "lines": [[113.3, 23.11, 113.34, 23.11]]}],
        "water": square(113.3), "green": [], "rail": [[113.3, 23.101, 113.34, 23.101]],
        "places": [{"lon": 113.301, "lat": 23.118, "kind": "suburb", "rank": 0, "name": text}],
        "road_names": [{"name": text, "rank": 0, "line": [113.302, 23.115, 113.306, 23.116]}],
        "findings": [finding("440106002", name), finding("A", name, code="S03", unit="m2",
                     measured=600, threshold=1000), finding("case", name, threshold=None)],
        "reviews": [],
        "sources": [{"role": "boundaries", "path": name, "sha256": "0" * 64, "rows": 2,
                     "crs": None, "datum": None, "licence": name}],
        "refused": [{"path": name, "defects": [{"feature": 3, "name": name, "field": None,
                     "message": text, "remedy": text}]}],
    }  # fmt: skip
    if kind == "overview":
        summary = {
            "subdistricts": 2, "population": 163662, "covered_population": 35269.2,
            "coverage_ratio": 0.2155, "straight_line_coverage_ratio": 0.3275,
            "covered_by_any_population": 35269.2, "unreachable_population": 12,
            "violations": 0, "warnings": 1,
        }  # fmt: skip
        own = {
            "summary": summary, "subdistricts": [judged, other], "neighbours": [], "around": [],
            "gaps": [gap], "services": [], "stops": [],
        }  # fmt: skip
        return {**shared, **own, **changes}
    judged |= {
        "equity": make_equity(), "groups": {name: {"population": 9000, "coverage_ratio": None}},
        "stops": [{"site": "A", "distance_m": 120.0, "kind": "bus_stop", "name": name}],
    }  # fmt: skip
    own = {
        "home": "../index.html", "subdistricts": [judged], "trial": make_trial(),
        "neighbours": [{"code": "440106003", "name": name, "page": "440106003.html",
                        "polygons": square(113.32), "lines": [[113.32, 23.1, 113.32, 23.12]]}],
        "around": [{"name": name, "subdistrict": "440106003", "status": "existing", "role": None,
                    "lon": 113.33, "lat": 23.105}],
        "gaps": [{**gap, "polygons": square(113.305)}],
        "services": [{"kind": name, "name": name, "department": text, "relation": name,
                      "inside": True, "nearest": "A", "distance_m": 450.0, "lon": 113.311,
                      "lat": 23.112}],
        "stops": [{"kind": name, "name": name, "lon": 113.312, "lat": 23.113}],
    }  # fmt: skip
    return {**shared, **own, **changes}
