import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import town

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation
from siteplan.outputs.results import to_document
from siteplan.outputs.webmap.atlas import OVERVIEW, Atlas, name_pages
from siteplan.outputs.webmap.basemap import parse_basemap
from siteplan.outputs.webmap.closeup import describe_close_up, draw_gap
from siteplan.outputs.webmap.overview import (
    CLOSE_UP_ONLY,
    SITE_KEYS,
    describe_overview,
    simplify_areas,
)
from siteplan.outputs.webmap.pages import write_pages

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
def atlas(evaluation: Evaluation) -> Atlas:
    return Atlas(evaluation)


@pytest.fixture(scope="module")
def payload(atlas: Atlas) -> Any:  # noqa: ANN401
    return describe_overview(atlas)


@pytest.fixture(scope="module")
def close_ups(atlas: Atlas) -> dict[str, Any]:
    return {
        one.subdistrict.code: describe_close_up(atlas, one) for one in atlas.evaluation.judgements
    }


def to_shape(polygons: list[list[list[float]]]) -> shapely.MultiPolygon:
    def pair(ring: list[float]) -> list[tuple[float, float]]:
        return list(zip(ring[::2], ring[1::2], strict=True))

    return shapely.MultiPolygon(
        [(pair(rings[0]), [pair(hole) for hole in rings[1:]]) for rings in polygons]
    )


def test_the_overview_shows_the_figures_of_the_evaluation(
    evaluation: Evaluation,
    payload: Any,  # noqa: ANN401
) -> None:
    document: Any = to_document(evaluation)
    assert payload["summary"] == document["summary"]
    for shown, written in zip(payload["subdistricts"], document["subdistricts"], strict=True):
        assert set(CLOSE_UP_ONLY).isdisjoint(shown)
        kept = {key: written[key] for key in written if key not in {*CLOSE_UP_ONLY, "network"}}
        assert kept.items() <= shown.items()
        assert shown["network"].items() <= written["network"].items()
    for shown, written in zip(payload["sites"], document["sites"], strict=True):
        assert {key: written[key] for key in SITE_KEYS}.items() <= shown.items()
    assert len(payload["findings"]) == len(document["findings"])
    assert sum(len(one["gaps"]) for one in document["subdistricts"]) == len(payload["gaps"])


def test_the_page_of_a_subdistrict_shows_its_own_figures_and_no_others(
    evaluation: Evaluation, close_ups: dict[str, Any]
) -> None:
    document: Any = to_document(evaluation)
    for written in document["subdistricts"]:
        shown = close_ups[written["code"]]
        (one,) = shown["subdistricts"]
        assert {key: written[key] for key in written if key in one}.items() <= one.items()
        assert one["equity"] == written["equity"]
        own = [site for site in document["sites"] if site["subdistrict"] == written["code"]]
        assert [site["id"] for site in shown["sites"]] == [site["id"] for site in own]
        for site, known in zip(shown["sites"], own, strict=True):
            assert known.items() <= site.items()
        subjects = {written["code"], *(site["id"] for site in own)}
        assert {finding["subject"] for finding in shown["findings"]} <= subjects
        assert {area["site"] for area in shown["service_areas"]} <= subjects
    count = sum(len(shown["findings"]) for shown in close_ups.values())
    assert count == sum(finding["subject"] != "case" for finding in document["findings"])


def test_residents_of_a_page_are_those_of_its_subdistrict(
    evaluation: Evaluation, close_ups: dict[str, Any]
) -> None:
    for one in evaluation.judgements:
        trial = close_ups[one.subdistrict.code]["trial"]
        assert trial["subdistrict"] == one.subdistrict.code
        assert len(trial["lon"]) == len(one.coverage.covered)


def test_gaps_are_drawn_around_the_residents_in_them(
    evaluation: Evaluation, close_ups: dict[str, Any]
) -> None:
    for one in evaluation.judgements:
        gaps = close_ups[one.subdistrict.code]["gaps"]
        assert [gap["population"] for gap in gaps] == sorted(
            (gap["population"] for gap in gaps), reverse=True
        )
        for gap in gaps:
            assert to_shape(gap["polygons"]).contains(shapely.Point(gap["lon"], gap["lat"]))


@pytest.mark.parametrize("link_m", [100.0, 150.25, 1500.25])
def test_ground_of_a_gap_hangs_together_where_its_points_are_linked(link_m: float) -> None:
    for angle in np.linspace(0, np.pi / 2, 19):
        for start in range(0, 20, 3):
            x = start + np.cos(angle) * np.array([0.0, link_m])
            y = start / 2 + np.sin(angle) * np.array([0.0, link_m])
            assert draw_gap(x, y, link_m).geom_type == "Polygon"


def test_neighbours_lead_to_their_pages_and_to_no_page_that_is_not_written(
    close_ups: dict[str, Any], tmp_path: Path
) -> None:
    (neighbour,) = close_ups[town.WEST]["neighbours"]
    assert (neighbour["code"], neighbour["page"]) == (town.EAST, f"{town.EAST}.html")
    alone = Atlas(evaluate(read_case(town.write_town(tmp_path)), subdistricts=[town.WEST]))
    described: Any = describe_close_up(alone, alone.evaluation.judgements[0])
    (neighbour,) = described["neighbours"]
    assert neighbour["page"] is None
    assert set(write_pages(alone.evaluation, None)) == {
        OVERVIEW,
        f"subdistricts/{town.WEST}.html",
    }


def test_pages_have_names_that_no_system_confuses() -> None:
    codes = ["a", "A", "a/b", "a\\b", "..", "440106012", "街道"]
    names = name_pages(codes)
    assert len({name.casefold() for name in names.values()}) == len(codes)
    assert all(re.fullmatch(r"[\w-]+\.html", name) for name in names.values())


def test_simplified_neighbours_still_have_their_border_in_common() -> None:
    wave = [(x, 1000 + 40 * np.sin(x / 90)) for x in range(0, 2001, 10)]
    south = shapely.Polygon([*wave, (2000, 0), (0, 0)])
    north = shapely.Polygon([*wave, (2000, 2000), (0, 2000)])
    one, other = simplify_areas(np.array([south, north], dtype=object), 30)
    assert shapely.get_num_coordinates(one) < shapely.get_num_coordinates(south) / 2
    assert one.intersection(other).area == pytest.approx(0, abs=1e-6)
    assert shapely.union(one, other).area == pytest.approx(one.area + other.area)


def test_shapes_lie_where_the_files_put_them(payload: Any) -> None:  # noqa: ANN401
    west, east = (to_shape(s["polygons"]) for s in payload["subdistricts"])
    assert west.contains(shapely.Point(town.place(500, 500)))
    assert east.contains(shapely.Point(town.place(1500, 500)))
    (south, west_edge), (north, east_edge) = payload["bounds"]
    assert south < town.place(0, 500)[1] < north
    assert west_edge < town.place(500, 0)[0] < east_edge


def test_every_site_has_a_service_area_around_it(close_ups: dict[str, Any]) -> None:
    for shown in close_ups.values():
        areas = {area["site"]: to_shape(area["polygons"]) for area in shown["service_areas"]}
        for site in shown["sites"]:
            assert areas[site["id"]].contains(shapely.Point(site["lon"], site["lat"]))


def test_the_overview_joins_what_sites_of_one_status_reach(payload: Any) -> None:  # noqa: ANN401
    areas = {area["status"]: to_shape(area["polygons"]) for area in payload["service_areas"]}
    for site in payload["sites"]:
        if site["status"] == "proposed":
            assert areas["proposed"].contains(shapely.Point(site["lon"], site["lat"]))


def test_links_run_from_each_branch_to_its_headquarters(close_ups: dict[str, Any]) -> None:
    (link,) = close_ups[town.EAST]["links"]
    assert (link["site"], link["headquarters"], link["subdistrict"]) == ("e2", "e1", town.EAST)
    assert link["distance_m"] == pytest.approx(1000, abs=1)  # two streets of 500 m
    line = [value for part in link["lines"] for value in part]
    assert line[:2] == pytest.approx(town.place(1750, 750), abs=1e-5)
    assert line[-2:] == pytest.approx(town.place(1250, 250), abs=1e-5)


def test_roads_are_drawn_by_class(payload: Any, close_ups: dict[str, Any]) -> None:  # noqa: ANN401
    for shown in (payload, *close_ups.values()):
        assert {roads["class"] for roads in shown["roads"]} == {"minor"}
        assert sum(len(roads["lines"]) for roads in shown["roads"]) > 20


def test_text_from_files_is_only_ever_data(evaluation: Evaluation) -> None:
    for page in (page.decode("utf-8") for page in write_pages(evaluation, "zh").values()):
        (blob,) = re.findall(
            r'<script type="application/json" id="siteplan-data">(.*?)</script>', page
        )
        names = [site["name"] for site in json.loads(blob)["sites"] if site["id"] == "e1"]
        assert set(names) <= {HOSTILE}
        assert page.count("{{ 7*7 }}") == blob.count("{{ 7*7 }}")
        assert "onerror=alert" not in page.replace(blob, "")


def test_pages_name_a_host_only_where_tiles_were_asked_for(evaluation: Evaluation) -> None:
    host = "https://tile.openstreetmap.org"
    for page in write_pages(evaluation, None).values():
        assert host not in page.decode("utf-8")
    for page in write_pages(evaluation, None, parse_basemap("osm")).values():
        assert f"img-src data: {host};" in page.decode("utf-8")


def test_straight_lines_are_announced_on_the_map(tmp_path: Path) -> None:
    case = read_case(town.write_town(tmp_path, with_roads=False))
    described: Any = describe_overview(Atlas(evaluate(case)))
    assert "straight lines" in described["notices"][0]["en"]
    assert described["roads"] == []


def test_refused_files_are_announced_on_the_map(tmp_path: Path) -> None:
    town.write_town(tmp_path)
    (tmp_path / "data" / "proposals" / "bad.geojson").write_text("{", encoding="utf-8")
    described: Any = describe_overview(Atlas(evaluate(read_case(tmp_path))))
    assert "1 proposal file could not be used and is left out" in described["notices"][0]["en"]
    assert described["refused"][0]["path"] == "data/proposals/bad.geojson"


def test_the_same_case_gives_the_same_pages(evaluation: Evaluation) -> None:
    assert write_pages(evaluation, None) == write_pages(evaluation, None)
