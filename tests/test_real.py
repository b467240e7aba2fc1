"""Real places, held against a brute force that shares no code with siteplan."""

import csv
import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from oracle.osm import count_roads
from oracle.pbf import OsmData, read_pbf
from oracle.reference import evaluate as evaluate_slowly
from scipy.spatial import KDTree
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from siteplan.analysis.demand import place_residents
from siteplan.analysis.places import join_to_roads, make_graph
from siteplan.analysis.travel import measure_reach
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.inputs.osm import read_osm
from siteplan.inputs.roads import make_roads_of_osm
from siteplan.model import Case, Sites
from siteplan.outputs.results import to_document

pytestmark = pytest.mark.real

WRITTEN_M = 0.0006  # distances are written to 3 decimals
RADII_M = (500.0, 1000.0, 1500.0)
UTM32 = "EPSG:32632"


def project(polygon: Mapping[str, Any], crs: str) -> BaseGeometry:
    place = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return shapely.transform(
        shape(polygon), lambda xy: np.column_stack(place.transform(xy[:, 0], xy[:, 1]))
    )


def read_features(path: Path) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


@pytest.fixture(scope="module")
def raw_extract(real_data: Path) -> OsmData:
    return read_pbf(real_data / "liechtenstein" / "liechtenstein-latest.osm.pbf")


@pytest.fixture(scope="module")
def brute_force(real_data: Path, raw_extract: OsmData) -> dict[float, dict[str, Any]]:
    """Evaluate Liechtenstein slowly at each radius, from the raw files."""
    source = real_data / "liechtenstein"
    municipalities = [
        (f["properties"]["name"], project(f["geometry"], UTM32), f["properties"]["population"])
        for f in read_features(source / "municipalities.geojson")
    ]
    sites = []
    for feature in read_features(source / "candidates.geojson"):
        point, properties = project(feature["geometry"], UTM32), feature["properties"]
        name, municipality = str(properties["osm_id"]), properties["municipality"]
        sites.append((name, municipality, point.x, point.y, "proposed", None))
    return {
        radius_m: evaluate_slowly(municipalities, raw_extract, sites, radius_m, crs=UTM32)
        for radius_m in RADII_M
    }


def test_liechtenstein_is_read_whole(liechtenstein: Case) -> None:
    assert liechtenstein.area.crs == UTM32
    assert sum(s.population for s in liechtenstein.area.subdistricts) == 36_838
    assert len(liechtenstein.sites.records) == 46
    assert not liechtenstein.refused


def test_every_distance_in_liechtenstein_equals_the_brute_force(
    liechtenstein: Case, brute_force: dict[float, dict[str, Any]]
) -> None:
    slow = brute_force[1000.0]
    demand = place_residents(liechtenstein.area, None, liechtenstein.buildings)
    assert liechtenstein.roads is not None
    graph = make_graph(liechtenstein.roads)
    people = join_to_roads(demand.x, demand.y, graph, 150)
    sites = liechtenstein.sites
    reach = measure_reach(graph, join_to_roads(sites.x, sites.y, graph, 150), people)

    theirs = slow["demand"]
    gap_m, same = KDTree(np.column_stack([theirs.x, theirs.y])).query(
        np.column_stack([demand.x, demand.y])
    )
    assert len(theirs.x) == len(demand.x) > 8_000
    assert sorted(same) == list(range(len(same)))
    assert gap_m.max() < 1e-5
    assert demand.population == pytest.approx(theirs.population[same], rel=1e-6)
    compared = 0
    for index, site in enumerate(sites.records):
        points, distance_m = reach.of(index)
        expected = slow["distances"][site.id][same]
        assert np.isfinite(expected).sum() == len(points)
        assert distance_m == pytest.approx(expected[points], rel=1e-6)
        compared += len(points)
    assert compared > 300_000


@pytest.mark.parametrize("radius_m", RADII_M)
def test_every_figure_of_liechtenstein_equals_the_brute_force(
    liechtenstein: Case, brute_force: dict[float, dict[str, Any]], radius_m: float
) -> None:
    slow = brute_force[radius_m]
    document: Any = to_document(evaluate(liechtenstein, radius_m=radius_m))
    assert document["standard"]["service_radius_m"] == radius_m
    compared = compare(document["summary"], slow["summary"])
    for subdistrict in document["subdistricts"]:
        compared += compare(subdistrict, slow["subdistricts"][subdistrict["code"]])
    for site in document["sites"]:
        compared += compare(site, slow["sites"][site["id"]])
    assert compared > 11 * 12 + 46 * 7


def compare(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> int:
    """Hold every figure that both have against each other; return how many there were."""
    compared = 0
    for key in sorted(set(ours) & set(theirs)):
        mine, other = ours[key], theirs[key]
        if isinstance(mine, dict) and isinstance(other, dict):
            compared += compare(mine, other)
        elif isinstance(mine, float) and isinstance(other, int | float):
            written = WRITTEN_M if key.endswith("_m") else 1e-6
            assert math.isclose(mine, other, rel_tol=1e-6, abs_tol=written), (key, mine, other)
            compared += 1
        elif key == "links":
            assert [link["site"] for link in mine] == [link["site"] for link in other]
            for one, two in zip(mine, other, strict=True):
                compared += compare(one, two)
        elif not isinstance(mine, list):
            assert mine == other, (key, mine, other)
            compared += 1
    return compared


def test_older_walkers_are_covered_as_everybody_within_what_they_walk_in_the_same_time(
    liechtenstein: Case,
) -> None:
    usual = evaluate(liechtenstein, radius_m=1000.0).judgements
    slower = evaluate(liechtenstein, radius_m=760.0).judgements
    ratios = [one.coverage.older_ratio for one in usual]
    assert ratios == pytest.approx([one.coverage.coverage_ratio for one in slower])
    assert max(ratios) > 0.7


def test_nobody_in_liechtenstein_walks_less_than_the_straight_line(liechtenstein: Case) -> None:
    evaluation = evaluate(liechtenstein)
    factors = np.concatenate([one.coverage.detour_factor for one in evaluation.judgements])
    known = factors[np.isfinite(factors)]
    assert len(known) > 5_000
    assert known.min() > 1 - 1e-6
    named = [finding.message.en for finding in evaluation.findings if finding.code == "S06"]
    assert any("bridge “Zollstrasse”" in message for message in named)


def test_every_link_of_liechtenstein_is_drawn_as_long_as_it_is(liechtenstein: Case) -> None:
    first = {site.subdistrict: site.id for site in reversed(liechtenstein.sites.records)}
    records = tuple(
        replace(site, role="headquarters" if site.id == first[site.subdistrict] else "branch")
        for site in liechtenstein.sites.records
    )
    evaluation = evaluate(replace(liechtenstein, sites=Sites(records)))
    found = [link for one in evaluation.judgements for link in one.network.links]
    walked = sum(
        len(one.sites) - 1 - len(one.network.stranded) for one in evaluation.judgements if one.sites
    )
    assert len(found) == walked > 30
    for link in found:
        assert link.line is not None
        assert link.line.length == pytest.approx(link.distance_m, abs=1e-6)
    crossings = [(link, crossing) for link in found for crossing in link.crossings]
    assert len(crossings) > 10
    for link, crossing in crossings:
        assert crossing.distance_without_m > link.distance_m - 1e-6


def test_two_municipalities_propose_nothing_and_several_lack_a_headquarters(
    liechtenstein: Case,
) -> None:
    document: Any = to_document(evaluate(liechtenstein))
    without = [s["code"] for s in document["subdistricts"] if s["layout"] == "none"]
    assert without == ["Mauren", "Ruggell"]
    for subdistrict in document["subdistricts"]:
        several = subdistrict["layout"] == "dispersed"
        expected = "fail" if several else "na" if subdistrict["layout"] == "none" else "pass"
        assert subdistrict["rules"]["N02"] == expected


def test_the_order_of_proposals_changes_nothing(liechtenstein: Case) -> None:
    turned = Sites(tuple(sorted(liechtenstein.sites.records, key=lambda site: site.id)))
    assert to_document(evaluate(replace(liechtenstein, sites=turned))) == to_document(
        evaluate(liechtenstein)
    )


def test_circles_overstate_coverage_and_most_at_a_small_radius(liechtenstein: Case) -> None:
    summaries = [evaluate(liechtenstein, radius_m=radius_m).summary for radius_m in RADII_M]
    overstated = [s.straight_line_coverage_ratio / s.coverage_ratio - 1 for s in summaries]
    assert overstated == pytest.approx([0.62, 0.26, 0.08], abs=0.005)


def read_road_counts(path: Path, crs: str) -> dict[str, int]:
    extract = read_osm(path, path.name)
    roads = make_roads_of_osm(extract, crs)
    return {"ways": roads.ways, "edges": len(roads.tail), "missing_nodes": roads.missing_nodes}


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("liechtenstein/liechtenstein-latest.osm.pbf", UTM32),
        ("porto_alegre/poa_osm.pbf", "EPSG:32722"),
    ],
)
def test_roads_are_counted_as_a_second_reader_counts_them(
    real_data: Path, name: str, crs: str
) -> None:
    counts = read_road_counts(real_data / name, crs)
    assert counts == count_roads(read_pbf(real_data / name))
    assert counts["edges"] > 5_000


def test_helsinki_is_clipped_and_read_as_far_as_it_goes() -> None:
    """The extract comes with a wheel: name its place in SITEPLAN_HELSINKI."""
    place = os.environ.get("SITEPLAN_HELSINKI")
    if not place:
        pytest.skip("SITEPLAN_HELSINKI does not name the extract")
    counts = read_road_counts(Path(place), "EPSG:32635")
    assert counts == count_roads(read_pbf(place))
    assert counts["missing_nodes"] > 0
    assert counts["edges"] > 1_000


def test_porto_alegre_keeps_everybody_in_the_hexagons(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "porto_alegre"
    with (source / "poa_hexgrid.csv").open(encoding="utf-8") as stream:
        cells = [
            (float(row["lon"]), float(row["lat"]), int(row["population"]))
            for row in csv.DictReader(stream)
        ]
    west, east = min(c[0] for c in cells) - 0.01, max(c[0] for c in cells) + 0.01
    south, north = min(c[1] for c in cells) - 0.01, max(c[1] for c in cells) + 0.01
    middle = (west + east) / 2
    halves = []
    for code, left, right in (("west", west, middle), ("east", middle, east)):
        ring = [[left, south], [right, south], [right, north], [left, north], [left, south]]
        people = sum(c[2] for c in cells if left < c[0] < right)
        properties = {"code": code, "name": code, "population": people, "vintage": 2010}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        halves.append({"type": "Feature", "properties": properties, "geometry": geometry})
    case = tmp_path / "data"
    (case / "boundaries").mkdir(parents=True)
    collection = {"type": "FeatureCollection", "features": halves}
    (case / "boundaries" / "halves.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (case / "residents.csv").write_bytes((source / "poa_hexgrid.csv").read_bytes())
    (case / "roads.osm.pbf").write_bytes((source / "poa_osm.pbf").read_bytes())
    market = {"type": "Point", "coordinates": [-51.227811, -30.027565]}
    site = {"type": "Feature", "geometry": market, "properties": {"name": "m", "街道": "west"}}
    (case / "proposals").mkdir()
    (case / "proposals" / "west.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [site]}), encoding="utf-8"
    )

    read = read_case(tmp_path)
    demand = place_residents(read.area, read.residents, read.buildings)
    assert demand.basis == ("residents", "residents")
    assert math.fsum(demand.population) == pytest.approx(812_935)
    assert len(demand.x) == sum(c[2] > 0 for c in cells)
    summary = evaluate(read).summary
    assert 0 < summary.coverage_ratio < summary.straight_line_coverage_ratio


@pytest.fixture
def tianhe(real_data: Path, tmp_path: Path, write_geojson: Callable[..., Path]) -> Case:
    (tmp_path / "siteplan.toml").write_text(
        f"""
        [case]
        name = "天河区"
        [paths]
        boundaries = "{real_data / "guangzhou" / "tianhe_streets_raw.json"}"
        [columns.boundaries]
        code = "乡镇码"
        district = "区县级"
        population = "常住人"
        """,
        encoding="utf-8",
    )
    places = {"天园街道": (113.3657, 23.1275), "石牌街道": (113.3480, 23.1330)}
    write_geojson(
        tmp_path / "data" / "proposals" / "申报.geojson",
        *(
            ({"type": "Point", "coordinates": place}, {"名称": f"{name}中心", "街道": name})
            for name, place in places.items()
        ),
    )
    return read_case(tmp_path)


def test_tianhe_is_judged_as_found(tianhe: Case, real_data: Path) -> None:
    evaluation = evaluate(tianhe)
    document: Any = to_document(evaluation)
    assert document["crs"] == "EPSG:4547"
    assert document["summary"]["subdistricts"] == 21
    assert document["summary"]["population"] == 1_432_426
    with (real_data / "guangzhou" / "guangzhou_street_codes_2023.csv").open(
        encoding="utf-8-sig"
    ) as stream:
        official = {row["code"]: row["name"] for row in csv.DictReader(stream)}
    for subdistrict in document["subdistricts"]:
        assert official[subdistrict["code"]] == subdistrict["name"]
    notes = [note["en"] for source in document["sources"] for note in source["notes"]]
    assert any("slivers" in note for note in notes)


def test_tianhe_without_roads_says_so_everywhere(tianhe: Case) -> None:
    document: Any = to_document(evaluate(tianhe))
    assert document["distance"]["method"] == "straight-line"
    for subdistrict in document["subdistricts"]:
        assert subdistrict["rules"]["D05"] == "unknown"
        assert subdistrict["coverage_ratio"] == subdistrict["straight_line_coverage_ratio"]
    covered = {s["name"]: s["coverage_ratio"] for s in document["subdistricts"]}
    assert covered["天园街道"] > 0.4
    assert covered["凤凰街道"] == 0
