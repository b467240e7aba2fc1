"""Small records to test with: metres on a plain sheet, and only what a test names differs."""

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import shapely

from siteplan.errors import Text
from siteplan.model import (
    Backdrop,
    Case,
    Coverage,
    Evaluation,
    Reach,
    Roads,
    ServiceNetwork,
    Services,
    Site,
    Sites,
    Standard,
    StudyArea,
    Subdistrict,
    Threshold,
    Weights,
)

CRS = "EPSG:4547"
Point = tuple[float, float]
Edge = tuple[int, int, Sequence[Point]]  # tail, head, line

RULES = (
    "D01", "D02", "D03", "D04", "D05", "S01", "S02", "S03", "S04", "S05", "S06", "N01", "N02",
    "N03", "N04", "N05", "N06", "N07", "N08", "N09", "N10", "C01", "C02", "C03", "C04", "C05",
    "C06", "C07", "C08", "P01", "P02", "P03", "P04", "P05", "P06",
)  # fmt: skip


def make_subdistrict(
    code: str = "A",
    box: tuple[float, float, float, float] = (0, 0, 1000, 1000),
    population: float = 100,
    **rest: Any,  # noqa: ANN401
) -> Subdistrict:
    """Make a rectangle with a population; `geometry=` gives another shape."""
    shape = rest.pop("geometry", shapely.box(*box))
    known = {"name": f"街道{code}", "district": "区", "vintage": 2010, "population_year": 2010}
    return Subdistrict(code=code, geometry=shape, population=population, **known | rest)


def make_area(*subdistricts: Subdistrict) -> StudyArea:
    return StudyArea(tuple(sorted(subdistricts, key=lambda each: each.code)), CRS)


def make_weights(*points: tuple[float, float, float], **rest: Any) -> Weights:  # noqa: ANN401
    """Make weighted points of (x, y, weight); `measured` says which are known in full."""
    x, y, weight = np.array(points, dtype=float).reshape(-1, 3).T
    measured = np.array(rest.get("measured", [True] * len(points)), dtype=bool)
    groups = {name: np.array(count, float) for name, count in rest.get("groups", {}).items()}
    return Weights(x, y, weight, groups, measured)


def make_site(id_: str = "s", x: float = 0, y: float = 0, **rest: Any) -> Site:  # noqa: ANN401
    """Make a proposed site of subdistrict A that lacks nothing."""
    known = {
        "name": f"场地{id_}",
        "subdistrict": "A",
        "premises": "lease",
        "floor_area_m2": 1000.0,
        "available_from": date(2010, 8, 1),
        "mode": 1,
        "office_area_m2": 100.0,
        "services": ("family_service",),
    }
    return Site(id=id_, x=float(x), y=float(y), **{"lon": 113.0, "lat": 23.0} | known | rest)


def make_sites(*sites: Site) -> Sites:
    return Sites(tuple(sorted(sites, key=lambda site: site.id)))


def join_roads(places: Sequence[Point], edges: Iterable[Edge]) -> Roads:
    """Make roads of numbered places and the lines between them."""
    edges = list(edges)
    lines = np.empty(len(edges), dtype=object)
    lines[:] = [shapely.LineString(line) for _, _, line in edges]
    xy = np.array(places, dtype=float).reshape(-1, 2)
    return Roads(
        node_x=xy[:, 0],
        node_y=xy[:, 1],
        tail=np.array([tail for tail, _, _ in edges], dtype=np.intp),
        head=np.array([head for _, head, _ in edges], dtype=np.intp),
        lines=lines,
        length_m=shapely.length(lines),
        highway=np.full(len(edges), "residential"),
        crossing=np.full(len(edges), -1),
        crossings=(),
        ways=len(edges),
    )


def draw_roads(*lines: Sequence[Point]) -> Roads:
    """Make roads of lines that meet where they begin or end at the same point."""
    places = sorted({end for line in lines for end in (line[0], line[-1])})
    number = {place: index for index, place in enumerate(places)}
    return join_roads(places, [(number[line[0]], number[line[-1]], line) for line in lines])


def make_reach(*rows: Mapping[int, float]) -> Reach:
    """Make distances: of each site, metres by demand point."""
    pairs = [(point, metres) for row in rows for point, metres in sorted(row.items())]
    return Reach(
        start=np.cumsum([0, *map(len, rows)]).astype(np.intp),
        demand=np.array([point for point, _ in pairs], dtype=np.intp),
        distance_m=np.array([metres for _, metres in pairs], dtype=float),
    )


def make_threshold(name: str, value: float | date, **rest: Any) -> Threshold:  # noqa: ANN401
    known = {"unit": None, "op": "<=", "status": "assumed", "source": "authors", "clause": None}
    return Threshold(name=name, value=value, **known | rest)


def make_standard(**rest: Any) -> Standard:  # noqa: ANN401
    """Make a standard with every rule; thresholds given here replace or, if None, leave."""
    thresholds: dict[str, Threshold | None] = {
        "service_radius": make_threshold("service_radius", 500, unit="m", clause="一(一)"),
        "coverage_target": make_threshold("coverage_target", 0.8, op=">="),
        "snap_limit": make_threshold("snap_limit", 150, unit="m"),
        "transit": make_threshold("transit", 500, unit="m"),
        "boundary_tolerance": make_threshold("boundary_tolerance", 30, unit="m"),
        "min_floor_area": make_threshold("min_floor_area", 1000, unit="m2", op=">="),
        "walk_speed": make_threshold("walk_speed", 1.0, unit="m/s", op="=="),
        "walk_speed_older": make_threshold("walk_speed_older", 0.76, unit="m/s", op="=="),
        "max_detour": make_threshold("max_detour", 1.5),
        "tender_months": make_threshold("tender_months", 1, unit="month"),
        "gap_pop": make_threshold("gap_pop", 500, unit="person", op=">="),
        "hq_link": make_threshold("hq_link", 2000, unit="m"),
        "min_gain": make_threshold("min_gain", 0.01, op=">="),
        "n1_coverage": make_threshold("n1_coverage", 0.6, op=">="),
        "pop_per_centre": make_threshold(
            "pop_per_centre", 50, unit="person", op="in", upper=100_000
        ),
        "area_per_1000": make_threshold("area_per_1000", 15, unit="m2", op=">="),
        "premises_deadline": make_threshold(
            "premises_deadline", date(2010, 8, 31), status="quoted", clause="四(三)"
        ),
    }
    thresholds |= rest.pop("thresholds", {})
    known: dict[str, Any] = {
        "id": "test",
        "title": Text("试", "test"),
        "thresholds": {name: each for name, each in thresholds.items() if each is not None},
        "sources": {"authors": Text("作者", "the authors")},
        "rules": RULES,
        "clauses": {"C01": "一(一)", "S01": "四(二)"},
        "pilots": {},
        "services": Services(("family_service",), (), "assumed", "authors"),
    }
    return Standard(**known | rest)


def make_case(
    area: StudyArea,
    sites: Sites | None = None,
    roads: Roads | None = None,
    **rest: Any,  # noqa: ANN401
) -> Case:
    known: dict[str, Any] = {
        "name": "小城",
        "date": date(2010, 7, 1),
        "standard": make_standard(),
        "residents": None,
        "buildings": None,
        "projects": {},
        "sources": (),
        "refused": (),
        "backdrop": Backdrop(np.empty(0, dtype=object), np.empty(0, dtype=object)),
    }
    return Case(area=area, sites=sites or make_sites(), roads=roads, **known | rest)


def make_coverage(**rest: Any) -> Coverage:  # noqa: ANN401
    """Make the coverage of a subdistrict where all is well."""
    known: dict[str, Any] = {
        "covered_population": 90.0,
        "coverage_ratio": 0.9,
        "straight_line_ratio": 0.95,
        "by_any_population": 90.0,
        "nearest": np.zeros(1, dtype=np.intp),
        "distance_m": np.array([100.0]),
        "covered": np.array([True]),
        "mean_distance_m": 100.0,
        "p95_distance_m": 100.0,
        "unreachable_population": 0.0,
        "group_ratios": {},
        "older_ratio": 0.85,
        "detour_factor": np.array([1.2]),
        "p90_detour_factor": 1.2,
    }
    return Coverage(**known | rest)


def make_network(**rest: Any) -> ServiceNetwork:  # noqa: ANN401
    known: dict[str, Any] = {
        "headquarters": "s",
        "connected": True,
        "stranded": (),
        "links": (),
        "best_median": "s",
        "best_center": "s",
        "worst_loss": ("s", 0.0),
        "losses": {"s": 0.0},
    }
    return ServiceNetwork(**known | rest)


def move_roads(roads: Roads, by: Point) -> Roads:
    """Shift roads as a whole."""
    return replace(
        roads,
        node_x=roads.node_x + by[0],
        node_y=roads.node_y + by[1],
        lines=shapely.transform(roads.lines, lambda xy: xy + by),
    )


def list_figures(evaluation: Evaluation) -> dict[tuple[str, str], Any]:
    """List everything that was found out, by subject and name."""
    figures: dict[tuple[str, str], Any] = {}
    names = (
        "covered_population", "coverage_ratio", "straight_line_ratio", "by_any_population",
        "mean_distance_m", "p95_distance_m", "unreachable_population",
    )  # fmt: skip
    for one in evaluation.judgements:
        code = one.subdistrict.code
        figures |= {(code, name): getattr(one.coverage, name) for name in names}
        figures |= {(code, rule): verdict for rule, verdict in one.rules.items()}
        network = one.network
        figures |= {
            (code, "verdict"): one.verdict,
            (code, "layout"): one.layout,
            (code, "sites"): one.sites,
            (code, "headquarters"): network.headquarters,
            (code, "connected"): network.connected,
            (code, "stranded"): network.stranded,
            (code, "best"): (network.best_median, network.best_center),
            (code, "worst"): network.worst_loss and network.worst_loss[0],
            (code, "worst left"): network.worst_loss and network.worst_loss[1],
        }
        figures |= {(code, f"link {link.site}"): link.distance_m for link in network.links}
    for id_, worth in evaluation.worth.items():
        figures |= {
            (id_, name): getattr(worth, name)
            for name in ("alone", "added", "shared", "lost", "catchment", "mean_distance_m")
        }
    for finding in evaluation.findings:
        figures[finding.subject, f"finding {finding.code}"] = finding.severity
    return figures


def find_differences(first: Evaluation, second: Evaluation) -> dict[tuple[str, str], Any]:
    """Return the figures in which two evaluations differ by more than the last bits."""
    ours, theirs = list_figures(first), list_figures(second)
    return {
        key: (ours.get(key, "absent"), theirs.get(key, "absent"))
        for key in ours.keys() | theirs.keys()
        if not _is_same(ours.get(key, "absent"), theirs.get(key, "absent"))
    }


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, abs_tol=1e-6) or (math.isnan(one) and math.isnan(other))
    return one == other


def fits_one_line(text: str) -> bool:
    """Tell whether text ends no line and controls no terminal; blanks of any width may stand."""
    unsafe = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return unsafe.isdisjoint(map(unicodedata.category, text))
