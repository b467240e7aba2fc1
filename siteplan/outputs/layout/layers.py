"""The layers of a layout plan: what stands in all of its vector files, and nowhere else twice.

Figures are those of `evaluation.json`, in its order and with its decimals; what cannot be computed
is None. Texts come from files: whoever writes them to a page or a table has to make them safe.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from typing import Literal

import numpy as np
import shapely

from siteplan.errors import Text
from siteplan.geometry import stand_inside
from siteplan.model import Evaluation, Geometries, Judgement, Shape, Site
from siteplan.outputs.layout.catchments import draw_catchments
from siteplan.outputs.layout.columns import (
    CATCHMENTS,
    DEMAND,
    FINDINGS,
    GAPS,
    LINKS,
    SERVICE_AREAS,
    SITES,
    SITES_PRIVATE,
    SUBDISTRICTS,
    LayoutField,
)
from siteplan.outputs.layout.target import Target, choose_target, project_shapes
from siteplan.outputs.measured import say_measured
from siteplan.outputs.plain_backdrop import to_array
from siteplan.outputs.report.words import (
    LAYOUT_WORDS,
    ROLE_WORDS,
    STATUS_WORDS,
    VERDICT_WORDS,
)
from siteplan.outputs.results import DEPARTMENTS, METRES, PERSONS, SEVERITIES, to_document
from siteplan.outputs.webmap.closeup import draw_gap
from siteplan.review import DECISIONS
from siteplan.schema import find_field

__all__ = ["LayoutField", "LayoutLayer", "Row", "list_layers"]

LayoutGeometry = Literal["point", "line", "polygon", "none"]
Value = str | int | float | date | None
Row = tuple[Value, ...]
Entry = Mapping[str, object]
SEPARATOR = "；"
CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], "\ufffd")
"""Characters that some of the formats cannot hold; a tab and the ends of lines are none of them."""


@dataclass(frozen=True, slots=True, eq=False)
class LayoutLayer:
    """One layer of a layout plan.

    Attributes
    ----------
    name
        Of the layer in files: ASCII.
    title
        What it is called where people read it.
    geometry
        What its shapes are. Polygons and lines are always multi ones.
    fields
        Its attributes.
    shapes
        In the CRS asked for, shape (rows,); None where a row has no place.
    rows
        Values in order of the fields, None where there is none.
    """

    name: str
    title: Text
    geometry: LayoutGeometry
    fields: tuple[LayoutField, ...]
    shapes: Geometries
    rows: tuple[Row, ...]


def list_layers(
    evaluation: Evaluation, crs: str | None, *, contacts: bool
) -> tuple[LayoutLayer, ...]:
    """Return the layers of a layout plan, those on top of a map first.

    Parameters
    ----------
    evaluation
        With its trials: they know where residents stand.
    crs
        As `choose_target` takes it.
    contacts
        Whether to tell whom to ask about a site, what else the street noted, and who decided why.

    Raises
    ------
    CrsError
        As `choose_target`.
    """
    area = evaluation.case.area
    ledger = _Ledger(evaluation, choose_target(crs, area))
    return (
        _list_sites(ledger, contacts=contacts),
        _list_findings(ledger),
        _list_links(ledger),
        _list_gaps(ledger),
        _list_demand(ledger),
        _list_service_areas(ledger),
        _list_catchments(ledger),
        _list_subdistricts(ledger),
    )


class _Ledger:
    """An evaluation and what every layer looks up in it."""

    def __init__(self, evaluation: Evaluation, target: Target) -> None:
        self.evaluation, self.target = evaluation, target
        self.document = to_document(evaluation)
        self.sites: dict[str, Site] = {site.id: site for site in evaluation.case.sites.records}
        self.units = {one.code: one for one in evaluation.case.area.subdistricts}

    def list_parts(self, name: str) -> list[dict[str, object]]:
        part = self.document[name]
        return part if isinstance(part, list) else []

    def name_site(self, id_: str | None) -> str | None:
        return self.sites[id_].name if id_ in self.sites else None

    def name_unit(self, code: str | None) -> str | None:
        return self.units[code].name if code in self.units else None

    def make_layer(
        self,
        name: str,
        title: Text,
        geometry: LayoutGeometry,
        fields: tuple[LayoutField, ...],
        features: Iterable[tuple[Shape | None, Entry]],
    ) -> LayoutLayer:
        """Put a layer together of shapes in the working CRS and what is known of each by field."""
        drawn: list[Shape | None] = []
        rows: list[Row] = []
        for shape, entry in features:  # of a city there are hundreds of thousands
            drawn.append(_make_multi(shape, geometry))
            rows.append(tuple(_clean(entry.get(field.name), field) for field in fields))
        shapes = np.empty(len(drawn), dtype=object)
        shapes[:] = drawn
        method = self.evaluation.method
        return LayoutLayer(
            name=name,
            title=say_measured(title, method),
            geometry=geometry,
            fields=tuple(replace(one, alias=say_measured(one.alias, method)) for one in fields),
            shapes=project_shapes(shapes, self.evaluation.case.area, self.target),
            rows=tuple(rows),
        )


def _list_subdistricts(ledger: _Ledger) -> LayoutLayer:
    entries = ledger.list_parts("subdistricts")
    features = [
        (
            judgement.subdistrict.geometry,
            {
                **entry,
                "layout_zh": LAYOUT_WORDS[judgement.layout].zh,
                "verdict_zh": VERDICT_WORDS[judgement.verdict].zh,
                "sites": len(judgement.sites),
                "headquarters": judgement.network.headquarters,
                "gaps": len(judgement.gaps),
            },
        )
        for judgement, entry in zip(ledger.evaluation.judgements, entries, strict=True)
    ]
    title = Text("街道评价", "Subdistricts judged")
    return ledger.make_layer("subdistricts", title, "polygon", SUBDISTRICTS, features)


def _list_sites(ledger: _Ledger, *, contacts: bool) -> LayoutLayer:
    decided: dict[object, Entry] = {}
    for entry in ledger.list_parts("reviews"):
        decided[entry["site"]] = {} if entry["conflict"] else entry
    features: list[tuple[Shape, Entry]] = []
    for entry in ledger.list_parts("sites"):
        site, review = ledger.sites[str(entry["id"])], decided.get(entry["id"], {})
        kind, day = review.get("decision"), review.get("decided")
        others = {key: site.others.get(key) for key in ("address", "parcel_id", "land_use")}
        if contacts:
            others |= {"contact": site.others.get("contact"), "note": site.others.get("note")}
            others |= {"reviewer": review.get("reviewer"), "comment": review.get("comment")}
        features.append(
            (
                shapely.Point(site.x, site.y),
                {
                    **entry,
                    **others,
                    "subdistrict_name": ledger.name_unit(site.subdistrict),
                    "status_zh": STATUS_WORDS[site.status].zh,
                    "role_zh": ROLE_WORDS[site.role].zh,
                    "premises": site.premises,
                    "premises_zh": _say_choice("premises", site.premises),
                    "floor_area_m2": site.floor_area_m2,
                    "office_area_m2": site.office_area_m2,
                    "available_from": site.available_from,
                    "mode": site.mode,
                    "services": SEPARATOR.join(site.services) or None,
                    "services_zh": SEPARATOR.join(
                        str(_say_choice("services", one)) for one in site.services
                    )
                    or None,
                    "decision": kind,
                    "decision_zh": next((DECISIONS[k].zh for k in DECISIONS if k == kind), None),
                    "decided": datetime.fromisoformat(str(day)).date() if day else None,
                    "decision_outdated": review.get("outdated"),
                },
            )
        )
    fields = (*SITES, *SITES_PRIVATE) if contacts else SITES
    return ledger.make_layer("sites", Text("服务场地", "Sites"), "point", fields, features)


def _list_service_areas(ledger: _Ledger) -> LayoutLayer:
    standard = ledger.evaluation.case.standard
    features: list[tuple[Shape, Entry]] = []
    for entry in ledger.list_parts("sites"):
        site = ledger.sites[str(entry["id"])]
        ground = ledger.evaluation.drawing.service_areas.get(site.id)
        if ground is None or ground.is_empty:
            continue
        unit = ledger.units.get(site.subdistrict or "")
        own = standard.for_subdistrict(unit.code, unit.district) if unit else standard
        features.append(
            (
                ground,
                {
                    **_describe_owner(ledger, site),
                    "radius_m": own.number("service_radius"),
                    "population": entry["alone_population"],
                },
            )
        )
    title = Text("服务范围", "Service areas")
    return ledger.make_layer("service_areas", title, "polygon", SERVICE_AREAS, features)


def _list_catchments(ledger: _Ledger) -> LayoutLayer:
    known = {str(entry["id"]): entry for entry in ledger.list_parts("sites")}
    records = ledger.evaluation.case.sites.records
    features: list[tuple[Shape, Entry]] = []
    for judgement in ledger.evaluation.judgements:
        trial = ledger.evaluation.trials[judgement.subdistrict.code]
        grounds = draw_catchments(
            trial.x, trial.y, judgement.coverage.nearest, judgement.subdistrict.geometry
        )
        for index, ground in grounds.items():
            site = records[index]
            population = known[site.id]["catchment_population"]
            features.append((ground, {**_describe_owner(ledger, site), "population": population}))
    title = Text("就近服务分区（示意）", "Catchments (drawn for maps only)")
    return ledger.make_layer("catchments", title, "polygon", CATCHMENTS, features)


def _describe_owner(ledger: _Ledger, site: Site) -> Entry:
    """Return what a polygon says of the site it belongs to."""
    return {
        "site": site.id,
        "site_name": site.name,
        "subdistrict": site.subdistrict,
        "subdistrict_name": ledger.name_unit(site.subdistrict),
        "status": site.status,
        "status_zh": STATUS_WORDS[site.status].zh,
        "role": site.role,
    }


def _list_links(ledger: _Ledger) -> LayoutLayer:
    features: list[tuple[Shape, Entry]] = []
    for judgement in ledger.evaluation.judgements:
        head = judgement.network.headquarters
        for link in judgement.network.links:
            ends = [(ledger.sites[i].x, ledger.sites[i].y) for i in (link.site, head or link.site)]
            names = [crossing.name for crossing in link.crossings]
            entry = {
                "site": link.site,
                "site_name": ledger.name_site(link.site),
                "headquarters": head,
                "headquarters_name": ledger.name_site(head),
                "subdistrict": judgement.subdistrict.code,
                "subdistrict_name": judgement.subdistrict.name,
                "distance_m": round(link.distance_m, METRES),
                "crossings": len(names),
                "crossings_zh": SEPARATOR.join(name.zh for name in names) or None,
                "crossings_en": "; ".join(name.en for name in names) or None,
                "traced": link.line is not None,
            }
            line = shapely.LineString(ends) if link.line is None else link.line
            features.append((line, entry))
    title = Text("总部与分站点联系", "Walks from branches to headquarters")
    return ledger.make_layer("links", title, "line", LINKS, features)


def _list_gaps(ledger: _Ledger) -> LayoutLayer:
    features: list[tuple[Shape, Entry]] = []
    entries = ledger.list_parts("subdistricts")
    for judgement, entry in zip(ledger.evaluation.judgements, entries, strict=True):
        described = entry["gaps"]
        trial = ledger.evaluation.trials[judgement.subdistrict.code]
        for number, (gap, one) in enumerate(
            zip(judgement.gaps, described if isinstance(described, list) else [], strict=True),
            start=1,
        ):
            features.append(
                (
                    draw_gap(trial.x[gap.points], trial.y[gap.points], gap.link_m),
                    {
                        **one,
                        "subdistrict": judgement.subdistrict.code,
                        "subdistrict_name": judgement.subdistrict.name,
                        "number": number,
                        "nearest_name": ledger.name_site(one["nearest"]),
                    },
                )
            )
    title = Text("覆盖盲区", "Gaps")
    return ledger.make_layer("gaps", title, "polygon", GAPS, features)


def _list_findings(ledger: _Ledger) -> LayoutLayer:
    inside = stand_inside(ledger.evaluation.case.area.geometry)
    places: dict[str, Shape] = {
        **{id_: shapely.Point(site.x, site.y) for id_, site in ledger.sites.items()},
        **dict(zip(ledger.units, inside, strict=True)),
    }
    entries = ledger.list_parts("findings")
    features = [
        (
            places.get(finding.subject),
            {
                **entry,
                "severity_zh": SEVERITIES[finding.severity].zh,
                "subject_name": ledger.name_unit(finding.subject)
                or ledger.name_site(finding.subject),
                "title_zh": finding.title.zh,
                "title_en": finding.title.en,
                "message_zh": finding.message.zh,
                "message_en": finding.message.en,
                "measured": _say_figure(entry["measured"]),
                "threshold": _say_figure(entry["threshold"]),
                "department_zh": DEPARTMENTS[finding.department].zh,
            },
        )
        for finding, entry in zip(ledger.evaluation.findings, entries, strict=True)
    ]
    return ledger.make_layer("findings", Text("审查意见", "Findings"), "point", FINDINGS, features)


def _list_demand(ledger: _Ledger) -> LayoutLayer:
    cells = (_list_cells(ledger, judgement) for judgement in ledger.evaluation.judgements)
    features = chain.from_iterable(cells)
    return ledger.make_layer("demand", Text("人口点", "Residents"), "point", DEMAND, features)


def _list_cells(ledger: _Ledger, judgement: Judgement) -> Iterator[tuple[Shape, Entry]]:
    trial = ledger.evaluation.trials[judgement.subdistrict.code]
    coverage, records = judgement.coverage, ledger.evaluation.case.sites.records
    columns = (
        np.asarray(shapely.points(np.column_stack([trial.x, trial.y])), dtype=object).tolist(),
        trial.population.round(PERSONS).tolist(),
        coverage.covered.tolist(),
        coverage.nearest.tolist(),
        coverage.distance_m.round(METRES).tolist(),
    )
    for point, population, covered, nearest, distance_m in zip(*columns, strict=True):
        yield (
            point,
            {
                "subdistrict": judgement.subdistrict.code,
                "population": population,
                "covered": covered,
                "nearest": None if nearest < 0 else records[nearest].id,
                "distance_m": distance_m,
            },
        )


def _say_choice(key: str, value: object) -> str | None:
    """Return the Chinese word for a value of a list; the value itself if it is none of them."""
    if value is None:
        return None
    choices = find_field(key).choices
    return next((one.label.zh for one in choices if one.value == value), str(value))


def _say_figure(value: object) -> str | None:
    """Return a figure that may be a number, a day or a word, as text."""
    return f"{value:.12g}" if isinstance(value, float) else None if value is None else str(value)


_MULTI: Mapping[str, tuple[int, Callable[[Geometries], Shape]]] = {
    "line": (shapely.GeometryType.LINESTRING, lambda parts: shapely.MultiLineString(list(parts))),
    "polygon": (shapely.GeometryType.POLYGON, lambda parts: shapely.MultiPolygon(list(parts))),
}


def _make_multi(shape: Shape | None, geometry: LayoutGeometry) -> Shape | None:
    """Return a shape as the one kind that its layer holds; None if nothing is left of it."""
    if geometry == "point" or shape is None:
        return shape
    if shape.is_empty or geometry == "none":
        return None
    kind, put_together = _MULTI[geometry]
    parts = shapely.get_parts(shapely.get_parts(to_array([shape])))
    multi: Shape = put_together(parts[shapely.get_type_id(parts) == kind])
    return None if multi.is_empty else multi


def _clean(value: object, field: LayoutField) -> Value:
    """Return a value as every format can hold it in a field of its kind."""
    if value is None:
        return None
    if field.kind == "text":
        return str(value).translate(CONTROLS).encode(errors="replace").decode()
    if field.kind == "date":
        return value if isinstance(value, date) else None
    if not isinstance(value, int | float) or not np.isfinite(value):
        return None
    return int(value) if field.kind == "integer" else float(value) + 0.0
