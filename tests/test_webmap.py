import json
import re
from pathlib import Path
from typing import Any

import pytest
import shapely
import town

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation
from siteplan.outputs.results import to_document
from siteplan.outputs.webmap import describe_map, write_map

HOSTILE = "{{ 7*7 }}{% raw %}${7*7}</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder = town.write_town(tmp_path_factory.mktemp("town"))
    town.write(
        folder / "data" / "proposals" / "east.geojson",
        [
            (
                town.point(1250, 250),
                {"id": "e1", "名称": HOSTILE, "街道": "东街道", "角色": "总部"},
            ),
            (
                town.point(1750, 750),
                {"id": "e2", "名称": "东二", "街道": "东街道", "角色": "分站点"},
            ),
        ],
    )
    return evaluate(read_case(folder))


@pytest.fixture(scope="module")
def payload(evaluation: Evaluation) -> Any:  # noqa: ANN401
    return describe_map(evaluation)


def to_shape(polygons: list[list[list[float]]]) -> shapely.MultiPolygon:
    def pair(ring: list[float]) -> list[tuple[float, float]]:
        return list(zip(ring[::2], ring[1::2], strict=True))

    return shapely.MultiPolygon(
        [(pair(rings[0]), [pair(hole) for hole in rings[1:]]) for rings in polygons]
    )


def test_the_map_shows_the_figures_of_the_evaluation(
    evaluation: Evaluation,
    payload: Any,  # noqa: ANN401
) -> None:
    document: Any = to_document(evaluation)
    assert payload["summary"] == document["summary"]
    for shown, written in zip(payload["subdistricts"], document["subdistricts"], strict=True):
        assert written.items() <= shown.items()
    for shown, written in zip(payload["sites"], document["sites"], strict=True):
        assert written.items() <= shown.items()
    assert len(payload["findings"]) == len(document["findings"])


def test_shapes_lie_where_the_files_put_them(payload: Any) -> None:  # noqa: ANN401
    west, east = (to_shape(s["polygons"]) for s in payload["subdistricts"])
    assert west.contains(shapely.Point(town.place(500, 500)))
    assert east.contains(shapely.Point(town.place(1500, 500)))
    (south, west_edge), (north, east_edge) = payload["bounds"]
    assert south < town.place(0, 500)[1] < north
    assert west_edge < town.place(500, 0)[0] < east_edge


def test_every_site_has_a_service_area_around_it(payload: Any) -> None:  # noqa: ANN401
    areas = {area["site"]: to_shape(area["polygons"]) for area in payload["service_areas"]}
    assert set(areas) == {"e1", "e2", "w1", "w2", "w3"}
    for site in payload["sites"]:
        assert areas[site["id"]].contains(shapely.Point(site["lon"], site["lat"]))


def test_links_run_from_each_branch_to_its_headquarters(payload: Any) -> None:  # noqa: ANN401
    (link,) = payload["links"]
    assert (link["site"], link["headquarters"], link["subdistrict"]) == ("e2", "e1", town.EAST)
    assert link["distance_m"] == pytest.approx(1000, abs=1)  # two streets of 500 m
    (line,) = link["lines"]
    assert line[:2] == pytest.approx(town.place(1750, 750), abs=1e-6)
    assert line[2:] == pytest.approx(town.place(1250, 250), abs=1e-6)


def test_residents_not_covered_add_up(evaluation: Evaluation, payload: Any) -> None:  # noqa: ANN401
    missed = evaluation.summary.population - evaluation.summary.covered_population
    assert missed > 50
    assert sum(payload["uncovered"]["population"]) == pytest.approx(missed, rel=0.05)
    assert evaluation.drawing.uncovered_population.sum() == pytest.approx(missed)
    assert set(payload["uncovered"]["subdistrict"]) <= {0, 1}


def test_roads_are_drawn_by_class(payload: Any) -> None:  # noqa: ANN401
    assert {roads["class"] for roads in payload["roads"]} == {"major", "minor", "path"}
    lines = next(roads["lines"] for roads in payload["roads"] if roads["class"] == "minor")
    assert len(lines) > 100


def test_text_from_files_is_only_ever_data(evaluation: Evaluation) -> None:
    page = write_map(evaluation, "zh").decode("utf-8")
    (blob,) = re.findall(r'<script type="application/json" id="siteplan-data">(.*?)</script>', page)
    shown = json.loads(blob)
    assert next(s["name"] for s in shown["sites"] if s["id"] == "e1") == HOSTILE
    assert page.count("{{ 7*7 }}") == blob.count("{{ 7*7 }}") > 0
    assert "onerror=alert" not in page.replace(blob, "")


def test_straight_lines_are_announced_on_the_map(tmp_path: Path) -> None:
    case = read_case(town.write_town(tmp_path, with_roads=False))
    described: Any = describe_map(evaluate(case))
    assert "straight lines" in described["notices"][0]["en"]
    assert described["roads"] == []


def test_refused_files_are_announced_on_the_map(tmp_path: Path) -> None:
    town.write_town(tmp_path)
    (tmp_path / "data" / "proposals" / "bad.geojson").write_text("{", encoding="utf-8")
    described: Any = describe_map(evaluate(read_case(tmp_path)))
    assert "1 proposal files" in described["notices"][0]["en"]
    assert described["refused"][0]["path"] == "data/proposals/bad.geojson"


def test_the_same_case_gives_the_same_page(evaluation: Evaluation) -> None:
    assert write_map(evaluation, None) == write_map(evaluation, None)
