"""The small town judged over and over, with other sites or residents, as `evaluation.json`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import town

from siteplan.compare import compare_evaluations
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.inputs.evaluations import read_evaluation
from siteplan.model.comparison import Comparison
from siteplan.model.recorded import RecordedEvaluation
from siteplan.outputs.results import write_json

Document = dict[str, Any]
Sites = list[tuple[tuple[float, float], dict[str, object]]]
EAST_CENTRE: Mapping[str, object] = {
    "id": "e1", "name": "东中心", "subdistrict": town.EAST, "premises": "lease",
    "floor_area_m2": 1200, "available_from": "2010-08-01", "mode": 1,
}  # fmt: skip
WEST_SITES: Sites = [
    ((150, 150), {"id": "w1", "name": "西一", "subdistrict": town.WEST, "role": "branch"}),
    ((250, 150), {"id": "w2", "name": "西二", "subdistrict": town.WEST, "role": "branch"}),
    ((750, 750), {"id": "w3", "name": "备选", "subdistrict": town.WEST, "status": "candidate"}),
]
SITES: Sites = [((1500, 500), dict(EAST_CENTRE)), *WEST_SITES]


def change_site(id_: str, place: tuple[float, float] | None = None, **values: object) -> Sites:
    """Return the sites of the town with one of them otherwise."""
    return [
        (place or where, {**own, **values}) if own["id"] == id_ else (where, own)
        for where, own in SITES
    ]


def without(id_: str) -> Sites:
    return [(where, own) for where, own in SITES if own["id"] != id_]


Make = Callable[..., Document]
Hold = Callable[..., Comparison]


def judge(
    folder: Path,
    sites: Sites = SITES,
    *,
    population: tuple[int, int] = (600, 400),
    standard: str | None = None,
    with_roads: bool = True,
    **options: Any,  # noqa: ANN401
) -> Document:
    """Judge the town as it would be, and return what is written of it."""
    town.write_town(folder, with_roads=with_roads)
    for path in (folder / "data" / "proposals").iterdir():
        path.unlink()
    for code in (town.EAST, town.WEST):
        own = [(town.point(*at), v) for at, v in sites if v["subdistrict"] == code]
        if own:
            town.write(folder / "data" / "proposals" / f"{code}.geojson", own)
    (folder / "data" / "population.csv").write_text(
        "code,name,year,population,age_60_plus\n"
        f"{town.WEST},西街道,2010,{population[0]},{population[0] // 5}\n"
        f"{town.EAST},东街道,2010,{population[1]},{population[1] // 5}\n",
        encoding="utf-8",
    )
    if standard is not None:
        (folder / "ours.toml").write_text(
            f'format = 1\n[profile]\nid = "ours"\nextends = "guangzhou-2010"\n{standard}',
            encoding="utf-8",
        )
        options["standard"] = str(folder / "ours.toml")
    named = options.pop("standard", None)
    document: Document = json.loads(
        write_json(evaluate(read_case(folder, standard=named), **options))
    )
    return document


def read(document: object, folder: Path, name: str = "a.json") -> RecordedEvaluation:
    """Read an evaluation that lies in a file."""
    path = folder / name
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return read_evaluation(path, name)


def hold_in(folder: Path) -> Hold:
    """Return a function that compares two documents."""

    def compare(before: Document, after: Document, **options: bool) -> Comparison:
        sides = read(before, folder, "a.json"), read(after, folder, "b.json")
        return compare_evaluations(*sides, **options)

    return compare
