"""A case cut out of an OpenStreetMap extract: the place, its subdistricts, and what is in them."""

import csv
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from xml.sax.saxutils import quoteattr

import numpy as np
import osmium
import pyproj
import pytest
import shapely
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from osmium.osm import Way

from siteplan.cli import main
from siteplan.errors import InputError, OutputExistsError, Text
from siteplan.evaluate import evaluate
from siteplan.fetch.case import Fetched, fetch_from
from siteplan.fetch.cut import cut_place
from siteplan.fetch.passes import hold, touch
from siteplan.fetch.wanted import Wanted
from siteplan.inputs.case import read_case
from siteplan.inputs.osm import read_osm

Tags = Mapping[str, str]
LON, LAT, STEP = 113.3, 23.1, 0.01  # of a grid of about a kilometre
HOSTILE = '=HYPERLINK("x")</script><b>|\'\\ & 街'

NODES: dict[int, tuple[float, float, Tags]] = {
    1: (0, 0, {}), 2: (1, 0, {}), 3: (2, 0, {}), 4: (2, 1, {}), 5: (1, 1, {}), 6: (0, 1, {}),
    21: (0.2, 0.5, {}), 22: (1.8, 0.5, {}), 23: (9, 0.5, {}),
    31: (0.3, 0.3, {}), 32: (0.4, 0.3, {}), 33: (0.4, 0.4, {}), 34: (0.3, 0.4, {}),
    35: (1.3, 0.3, {}), 36: (1.4, 0.3, {}), 37: (1.4, 0.4, {}), 38: (1.3, 0.4, {}),
    41: (1.5, 0.6, {}), 42: (8, 0.6, {}), 43: (8, 0.7, {}), 44: (1.5, 0.7, {}),
    50: (0.5, 0.6, {"amenity": "library", "name": "图书馆"}),
    51: (1.6, 0.6, {"amenity": "school", "name": "小学"}),
    52: (9, 0.6, {"amenity": "library", "name": "外地"}),
    53: (0.5, 0.7, {"natural": "tree"}),
    61: (20, 20, {}), 62: (21, 20, {}),
}  # fmt: skip
WAYS: dict[int, tuple[Sequence[int], Tags]] = {
    11: ((2, 1, 6, 5), {}),
    12: ((2, 3, 4, 5), {}),
    13: ((2, 5), {}),
    20: ((21, 22, 23), {"highway": "residential"}),
    30: ((31, 32, 33, 34, 31), {"building": "yes", "building:levels": "3"}),
    31: ((35, 36, 37, 38, 35), {"building": "yes", "amenity": "townhall"}),
    41: ((41, 42), {}),
    42: ((42, 43, 44, 41), {}),
    60: ((61, 62), {"highway": "residential"}),
}


def bound(level: int, name: str, ways: Sequence[int], **tags: str) -> tuple[Sequence[int], Tags]:
    known = {"type": "boundary", "boundary": "administrative", "admin_level": str(level)}
    return ways, known | {"name": name} | {key.replace("__", ":"): tags[key] for key in tags}


RELATIONS = {
    1: bound(6, "河东区", (11, 12), ISO3166_2="x", name__en="Hedong"),
    2: bound(8, "西街", (11, 13), population="5000", population__date="2010-11-01"),
    3: bound(8, "东街", (12, 13), population="7000"),
    40: ((41, 42), {"type": "multipolygon", "natural": "water"}),
}


def write_osm(
    path: Path,
    relations: Mapping[int, tuple[Sequence[int], Tags]] = RELATIONS,
    nodes: Mapping[int, tuple[float, float, Tags]] = NODES,
) -> Path:
    """Write an extract; its nodes in the order given."""

    def write_tags(tags: Tags) -> str:
        return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())

    lines = ['<osm version="0.6" generator="test">']
    for id_, (x, y, tags) in nodes.items():
        at = f'lon="{LON + x * STEP:.7f}" lat="{LAT + y * STEP:.7f}"'
        meta = 'version="1" user="mapper" uid="7" changeset="1" timestamp="2015-01-01T00:00:00Z"'
        lines.append(f'<node id="{id_}" {meta} {at}>{write_tags(tags)}</node>')
    for id_, (refs, tags) in WAYS.items():
        refs_ = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{id_}">{refs_}{write_tags(tags)}</way>')
    for id_, (ways, tags) in relations.items():
        members = "".join(f'<member type="way" ref="{way}" role="outer"/>' for way in ways)
        lines.append(f'<relation id="{id_}">{members}{write_tags(tags)}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_osm(tmp_path / "town.osm")


def list_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_table(case: Path) -> list[dict[str, str]]:
    text = (case / "data" / "population.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def list_ids(path: Path) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {"n": [], "w": [], "r": []}
    for item in osmium.FileProcessor(str(path)):
        found[item.type_str()].append(item.id)
    return found


def refuse(path: Path, place: str = "河东区", level: int | None = None) -> str:
    with pytest.raises(InputError) as caught:
        cut_place(path, Wanted(place, level=level))
    return str(caught.value)


def test_a_place_is_cut_into_its_subdistricts_and_can_be_judged_at_once(
    extract: Path, tmp_path: Path
) -> None:
    done = fetch_from(extract, Wanted("河东区"), tmp_path / "case")
    assert (done.subdistricts, done.venues, done.unpeopled) == (2, 2, ())
    case = read_case(tmp_path / "case")
    west, east = case.area.subdistricts
    assert (west.code, west.name, west.district) == ("relation-2", "西街", "河东区")
    assert (west.population, west.population_year) == (5000, 2010)
    assert (east.population, east.population_year) == (7000, None)
    assert [(site.id, site.subdistrict, site.status) for site in case.sites.records] == [
        ("osm-n50", "relation-2", "candidate"),
        ("osm-w31", "relation-3", "candidate"),
    ]
    assert case.name == "河东区"
    assert not case.refused
    judged = evaluate(case).case.area
    assert judged.codes == ("relation-2", "relation-3")


@pytest.mark.parametrize("place", ["Hedong", "hedong ", "relation/1"])
def test_a_place_may_be_named_in_english_or_by_its_number(extract: Path, place: str) -> None:
    assert cut_place(extract, Wanted(place)).origin == "relation/1"


def test_what_is_taken_is_whole_and_nothing_else(extract: Path, tmp_path: Path) -> None:
    fetch_from(extract, Wanted("河东区"), tmp_path / "case")
    ids = list_ids(tmp_path / "case" / "data" / "roads.osm.pbf")
    assert ids["w"] == [20, 30, 31, 41, 42]
    assert ids["r"] == [40]
    assert ids["n"] == [21, 22, 23, *range(31, 39), 41, 42, 43, 44, 50, 51]


def test_the_cut_is_read_as_the_extract_is_where_nothing_lies_outside(tmp_path: Path) -> None:
    near = {id_: node for id_, node in NODES.items() if id_ not in {52, 61, 62}}
    town = write_osm(tmp_path / "near.osm", nodes=near)
    fetch_from(town, Wanted("河东区"), tmp_path / "case")
    whole = read_osm(town, "whole")
    cut = read_osm(tmp_path / "case" / "data" / "roads.osm.pbf", "cut")
    for name in ("refs", "lon", "lat", "highway", "levels", "service_kind", "service_name"):
        assert np.array_equal(getattr(cut, name), getattr(whole, name)), name
    for name in ("buildings", "water"):
        assert shapely.equals(getattr(cut, name), getattr(whole, name)).all(), name
        assert len(getattr(cut, name)) == 1


def test_ids_ascend_whatever_the_order_of_the_extract_and_mappers_are_not_named(
    tmp_path: Path,
) -> None:
    town = write_osm(tmp_path / "town.osm", nodes=dict(reversed(NODES.items())))
    fetch_from(town, Wanted("河东区"), tmp_path / "case")
    roads = tmp_path / "case" / "data" / "roads.osm.pbf"
    for ids in list_ids(roads).values():
        assert all(one < other for one, other in pairwise(ids))
    assert {item.user for item in osmium.FileProcessor(str(roads))} == {""}
    assert [path.name for path in roads.parent.iterdir() if path.is_file()].count("rough") == 0
    assert not list(roads.parent.glob("rough*"))


def test_two_places_of_one_name_are_a_question(tmp_path: Path) -> None:
    twin = RELATIONS | {9: bound(10, "河东区", (11, 13))}
    town = write_osm(tmp_path / "town.osm", twin)
    said = refuse(town)
    assert "relation/1 (admin_level 6)" in said
    assert "relation/9 (admin_level 10)" in said
    assert cut_place(town, Wanted("relation/1")).level == 8


def test_a_name_that_is_not_there_is_answered_with_those_that_are_near(extract: Path) -> None:
    assert "Hedong" in refuse(extract, "Hedng")


def test_a_boundary_that_does_not_close_is_named(tmp_path: Path) -> None:
    gap = RELATIONS | {3: bound(8, "东街", (12,))}
    said = refuse(write_osm(tmp_path / "town.osm", gap))
    assert "东街, relation/3" in said
    assert "not closed" in said
    assert "--boundary" in said
    missing = RELATIONS | {1: bound(6, "河东区", (11, 12, 999))}
    assert "河东区, relation/1" in refuse(write_osm(tmp_path / "town.osm", missing))


def test_a_closed_ring_does_not_hide_one_that_is_open(tmp_path: Path) -> None:
    loose = RELATIONS | {3: bound(8, "东街", (12, 13, 20))}
    assert "东街, relation/3" in refuse(write_osm(tmp_path / "town.osm", loose))


def test_objects_that_were_never_uploaded_are_refused(extract: Path) -> None:
    text = extract.read_text(encoding="utf-8")
    extract.write_text(re.sub(r'(node id|nd ref)="', r'\1="-', text), encoding="utf-8")
    assert "never uploaded" in refuse(extract)


def test_a_neighbour_that_does_not_close_is_no_matter(tmp_path: Path) -> None:
    beside = RELATIONS | {9: bound(8, "邻街", (12, 999))}
    cut = cut_place(write_osm(tmp_path / "town.osm", beside), Wanted("河东区"))
    assert [each.osm for each in cut.subdistricts] == ["relation/2", "relation/3"]


def test_a_level_that_is_not_mapped_in_full_is_a_question(tmp_path: Path) -> None:
    half = {id_: RELATIONS[id_] for id_ in (1, 2)}
    town = write_osm(tmp_path / "town.osm", half)
    said = refuse(town)
    assert "8: 1 (50%)" in said
    assert "--level" in said
    cut = cut_place(town, Wanted("河东区", level=8))
    assert [each.name for each in cut.subdistricts] == ["西街"]
    assert cut.share == pytest.approx(0.5, abs=0.001)
    said = refuse(write_osm(tmp_path / "town.osm", {1: RELATIONS[1]}))
    assert "--level" not in said
    assert "--boundary" in said


@pytest.mark.parametrize(("country", "level"), [("DE", 9), ("CN", None)])
def test_in_china_level_8_alone_is_taken_for_subdistricts(
    tmp_path: Path, country: str, level: int | None
) -> None:
    ways, tags = RELATIONS[1]
    deeper = {
        1: (ways, {**tags, "ISO3166-1": country}),
        2: bound(9, "西", (11, 13)),
        3: bound(9, "东", (12, 13)),
    }
    town = write_osm(tmp_path / "town.osm", deeper)
    if level is None:
        assert "admin_level 8" in refuse(town)
    else:
        assert cut_place(town, Wanted("河东区")).level == level
    assert cut_place(town, Wanted("河东区", level=9)).level == 9


def test_codes_are_those_of_a_tag_that_all_have_and_no_formula(tmp_path: Path) -> None:
    refs = RELATIONS | {
        2: bound(8, "西街", (11, 13), ref="440106002000", ref__x="1"),
        3: bound(8, "东街", (12, 13), ref="440106001000", ref__x="=1"),
    }
    cut = cut_place(write_osm(tmp_path / "town.osm", refs), Wanted("河东区"))
    assert cut.coded_by == "ref"
    assert [each.code for each in cut.subdistricts] == ["440106001", "440106002"]


def test_hostile_names_do_no_harm_in_any_file(tmp_path: Path) -> None:
    hostile = RELATIONS | {
        1: bound(6, HOSTILE, (11, 12)),
        2: bound(8, HOSTILE, (11, 13), population="9", source__population="=1+1"),
        3: bound(8, "a\x7f\u202e\x85b", (12, 13), population="many"),
    }
    town = write_osm(tmp_path / "town.osm", hostile)
    done = fetch_from(town, Wanted("relation/1"), tmp_path / "case")
    assert done.unpeopled == ("relation-3",)
    case = tmp_path / "case"
    settings = tomllib.loads((case / "siteplan.toml").read_text(encoding="utf-8"))
    assert settings["case"]["name"] == HOSTILE
    table = (case / "data" / "population.csv").read_text(encoding="utf-8-sig")
    assert all(
        cell[:1] not in {"=", "+", "@"} for row in csv.reader(table.splitlines()) for cell in row
    )
    assert "<b>" not in (case / "README.md").read_text(encoding="utf-8")
    assert "\u202e" not in "".join(path.read_text("utf-8") for path in case.rglob("*.geojson"))
    rows = table.replace("relation-3,a\ufffd\ufffd\ufffdb,,,", "relation-3,b,,8,")
    assert rows != table
    (case / "data" / "population.csv").write_text(rows, encoding="utf-8")
    assert evaluate(read_case(case)).case.area.subdistricts[0].name == HOSTILE


def test_an_empty_population_is_named_with_its_row(tmp_path: Path) -> None:
    ways, tags = RELATIONS[3]
    bare = RELATIONS | {3: (ways, {k: v for k, v in tags.items() if k != "population"})}
    done = fetch_from(write_osm(tmp_path / "town.osm", bare), Wanted("河东区"), tmp_path / "case")
    assert "population.csv" in done.next_step.en
    with pytest.raises(InputError, match=r"data/population\.csv row 3 \(东街\): population"):
        read_case(tmp_path / "case")


def write_polygons(path: Path, *features: dict[str, Any]) -> Path:
    collection = {"type": "FeatureCollection", "features": list(features)}
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def draw_box(west: float, east: float, **properties: object) -> dict[str, Any]:
    box = shapely.box(LON + west * STEP, LAT, LON + east * STEP, LAT + STEP)
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(box)}


def test_an_outline_of_ones_own_stands_for_the_place(extract: Path, tmp_path: Path) -> None:
    outline = write_polygons(tmp_path / "outline.geojson", draw_box(0, 1, title="西"))
    cut = cut_place(extract, Wanted(boundary=outline))
    assert [each.name for each in cut.subdistricts] == ["西街"]
    wider = write_polygons(tmp_path / "wider.geojson", draw_box(0, 4, title="西"))
    with pytest.raises(InputError, match=r"8: 2 \(50%\)"):
        cut_place(extract, Wanted(boundary=wider))


def test_subdistricts_of_ones_own_are_taken_as_they_are(extract: Path, tmp_path: Path) -> None:
    own = write_polygons(
        tmp_path / "own.geojson",
        draw_box(0, 1.2, code="A", name="甲街", population=100, year=2010),
        draw_box(1.2, 2, code="B"),
    )
    done = fetch_from(extract, Wanted(boundary=own), tmp_path / "case")
    assert done.unpeopled == ("B",)
    twice = write_polygons(tmp_path / "twice.geojson", draw_box(0, 1, code="A"), draw_box(1, 2))
    with pytest.raises(InputError, match="feature 2: has no code"):
        cut_place(extract, Wanted(boundary=twice))


STREETS = (
    {"乡镇码": "440106001000", "name": "甲街", "name1": "广东省街道边界", "常住人": 100},
    {"乡镇码": "440106002000", "name": "乙街", "name1": "广东省街道边界", "常住人": 200},
)


def write_streets(path: Path, streets: Sequence[Mapping[str, object]] = STREETS) -> Path:
    boxes = [draw_box(at, at + 1, **each) for at, each in enumerate(streets)]
    return write_polygons(path, *boxes)


def test_columns_are_known_by_what_planners_call_them_and_told(
    extract: Path, tmp_path: Path
) -> None:
    own, told = write_streets(tmp_path / "own.geojson"), list[Text]()
    fetch_from(extract, Wanted(boundary=own), tmp_path / "case", told.append)
    rows = read_table(tmp_path / "case")
    assert [(row["code"], row["name"], row["population"]) for row in rows] == [
        ("440106001", "甲街", "100"),
        ("440106002", "乙街", "200"),
    ]
    note = "代码取自“乡镇码”，名称取自“name”，常住人口取自“常住人”"
    assert any(note in text.zh for text in told)
    assert note in (tmp_path / "case" / "README.md").read_text(encoding="utf-8")


def test_a_year_in_the_header_of_residents_is_theirs(extract: Path, tmp_path: Path) -> None:
    streets = [{"code": "A", "population_2010": 5}, {"code": "B", "population_2010": 7}]
    own = write_streets(tmp_path / "own.geojson", streets)
    cut = cut_place(extract, Wanted(boundary=own))
    assert [(each.population, each.year) for each in cut.subdistricts] == [(5, 2010), (7, 2010)]


def test_columns_that_may_both_be_meant_are_named_and_one_is_chosen(
    extract: Path, tmp_path: Path
) -> None:
    streets = [{"code": f"{at}", "人口": at + 1, "常住人口": at + 10} for at in range(2)]
    own = write_streets(tmp_path / "own.geojson", streets)
    with pytest.raises(InputError, match=r"population: 人口, 常住人口.*--column"):
        cut_place(extract, Wanted(boundary=own))
    chosen = Wanted(boundary=own, columns={"population": "常住人口"})
    assert [each.population for each in cut_place(extract, chosen).subdistricts] == [10, 11]
    with pytest.raises(InputError, match="has no column 户籍"):
        cut_place(extract, Wanted(boundary=own, columns={"population": "户籍"}))


def test_a_column_of_tens_of_thousands_is_no_column_of_people(
    extract: Path, tmp_path: Path
) -> None:
    streets = [{"code": f"{at}", "常住人口（万人）": 4.1} for at in range(2)]
    own, told = write_streets(tmp_path / "own.geojson", streets), list[Text]()
    cut = cut_place(extract, Wanted(boundary=own), told.append)
    assert all(each.population is None for each in cut.subdistricts)
    assert any("没有认出常住人口列" in text.zh for text in told)
    with pytest.raises(InputError, match="10,000"):
        cut_place(extract, Wanted(boundary=own, columns={"population": "常住人口（万人）"}))


@pytest.mark.parametrize("value", ["5,000", "5000人", -1])
def test_residents_that_are_no_number_are_named_with_their_column(
    extract: Path, tmp_path: Path, value: object
) -> None:
    own = write_streets(tmp_path / "own.geojson", [{"code": "A", "人口": value}])
    with pytest.raises(InputError, match=rf"own\.geojson feature 1: 人口 is '{value}'"):
        cut_place(extract, Wanted(boundary=own))


def test_polygons_without_codes_are_one_outline_and_that_is_said(
    extract: Path, tmp_path: Path
) -> None:
    halves = write_streets(tmp_path / "halves.geojson", [{"街": "甲"}, {"街": "乙"}])
    told: list[Text] = []
    fetch_from(extract, Wanted(boundary=halves), tmp_path / "case", told.append)
    assert [row["name"] for row in read_table(tmp_path / "case")] == ["西街", "东街"]
    readme = (tmp_path / "case" / "README.md").read_text(encoding="utf-8")
    assert any("2 个多边形合为一个范围" in text.zh for text in told)
    assert "2 个多边形合为一个范围" in readme
    assert "taken together as one outline" in readme
    with pytest.raises(InputError, match="known to hold codes"):
        cut_place(extract, Wanted("河东区", halves))
    named = Wanted(boundary=halves, columns={"code": "街"})
    assert [each.code for each in cut_place(extract, named).subdistricts] == ["乙", "甲"]


def test_a_place_takes_its_subdistricts_from_a_file(extract: Path, tmp_path: Path) -> None:
    west = write_streets(tmp_path / "west.geojson", STREETS[:1])
    cut = cut_place(extract, Wanted("河东区", west))
    assert (cut.name, cut.origin, cut.level) == ("河东区", "relation/1", None)
    assert [each.name for each in cut.subdistricts] == ["甲街"]
    assert cut.share == pytest.approx(0.5, abs=0.001)
    away = write_polygons(tmp_path / "away.geojson", draw_box(5, 6, code="A"))
    with pytest.raises(InputError, match="lies outside 河东区"):
        cut_place(extract, Wanted("河东区", away))


def test_residents_of_openstreetmap_are_called_estimates_of_one_source(
    extract: Path, tmp_path: Path
) -> None:
    fetch_from(extract, Wanted("河东区"), tmp_path / "case")
    assert {(row["estimated"], row["source"]) for row in read_table(tmp_path / "case")} == {
        ("yes", "OpenStreetMap (population)")
    }
    manifest = json.loads((tmp_path / "case" / "fetched.json").read_bytes())
    assert manifest["population"] == {
        "relation-2": {
            "osm": "relation/2", "population": "5000", "population:date": "2010-11-01"
        },
        "relation-3": {"osm": "relation/3", "population": "7000"},
    }  # fmt: skip
    sources = read_case(tmp_path / "case").sources
    notes = [note.en for source in sources for note in source.notes]
    assert any("of 2 of 2 subdistricts is estimated" in note for note in notes)


def test_residents_of_a_file_of_ones_own_are_not_called_estimates(
    extract: Path, tmp_path: Path
) -> None:
    own = write_streets(tmp_path / "own.geojson")
    fetch_from(extract, Wanted(boundary=own), tmp_path / "case")
    assert {(row["estimated"], row["source"]) for row in read_table(tmp_path / "case")} == {
        ("", "own.geojson")
    }
    assert "均为估计" not in (tmp_path / "case" / "README.md").read_text(encoding="utf-8")


def count_residents(case: Path, table: Path) -> Result:
    words = ["data", "population", str(table), "--case", str(case), "--lang", "en"]
    return CliRunner().invoke(main, [*words, "--year", "2020", "--source", "census"])


def test_a_table_that_nobody_filled_in_is_replaced_and_again(tmp_path: Path) -> None:
    case, table = fetch_bare(tmp_path), tmp_path / "people.csv"
    for people in (8, 9):
        table.write_text(f"code,population\nrelation-2,{people}\nrelation-3,1\n", "utf-8")
        done = count_residents(case, table)
        assert done.exit_code == 0, done.output
        assert read_table(case)[0]["population"] == f"{people}"


@pytest.mark.parametrize(("old", "new"), [("东街,,,,", "东街,,7,,"), ("5000", "5001")])
def test_a_table_that_somebody_filled_in_is_never_replaced(
    tmp_path: Path, old: str, new: str
) -> None:
    case, table = fetch_bare(tmp_path), tmp_path / "people.csv"
    table.write_text("code,population\nrelation-2,8\nrelation-3,1\n", encoding="utf-8")
    own = case / "data" / "population.csv"
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace(old, new), encoding="utf-8")
    before = own.read_bytes()
    assert new in before.decode()
    assert count_residents(case, table).exit_code == OutputExistsError.exit_code
    assert own.read_bytes() == before


def fetch_bare(tmp_path: Path) -> Path:
    """Fetch a case in which one subdistrict has no residents."""
    ways, tags = RELATIONS[3]
    bare = RELATIONS | {3: (ways, {k: v for k, v in tags.items() if k != "population"})}
    fetch_from(write_osm(tmp_path / "bare.osm", bare), Wanted("河东区"), tmp_path / "case")
    return tmp_path / "case"


def test_both_ways_to_residents_are_named_where_some_are_missing(tmp_path: Path) -> None:
    case = fetch_bare(tmp_path)
    done = Fetched(Path("一 案例"), 2, 0, ("relation-3",))
    for said in (done.next_step.zh, done.next_step.en):
        assert "population.csv" in said
        assert "siteplan data population" in said
        assert said.endswith("siteplan evaluate '一 案例'")
    readme = (case / "README.md").read_text(encoding="utf-8")
    assert readme.count("`siteplan data population`") == 2


def test_each_half_of_the_readme_speaks_one_language(extract: Path, tmp_path: Path) -> None:
    fetch_from(extract, Wanted("河东区"), tmp_path / "case")
    readme = (tmp_path / "case" / "README.md").read_text(encoding="utf-8")
    chinese, english = readme.split("\n---\n")
    assert "数据日期不详" in chinese
    assert "unknown date" in english
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert "0 个" not in chinese


@pytest.mark.parametrize("place", ["", " ", "\u3000"])
def test_a_place_without_a_name_is_refused(extract: Path, place: str) -> None:
    assert "the place is empty" in refuse(extract, place)


@pytest.mark.parametrize("into", ["街" * 90, "/proc/nothing/case", "town.osm/case"])
def test_a_folder_that_cannot_be_made_is_refused_in_words(
    extract: Path, tmp_path: Path, into: str
) -> None:
    words = ["fetch", "河东区", "--from", str(extract), "--into", str(tmp_path / into)]
    done = CliRunner().invoke(main, [*words, "--lang", "en"])
    assert done.exit_code == OutputExistsError.exit_code, done.output
    assert "cannot be written to" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["town.osm"]


@pytest.mark.parametrize(
    "words", [[], ["--boundary", "a.geojson", "--column", "population.code=a"]]
)
def test_columns_are_those_of_a_boundary(
    extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_streets(tmp_path / "a.geojson")
    start = ["fetch", "河东区", "--from", str(extract), "--into", "case"]
    done = CliRunner().invoke(main, [*start, "--column", "boundaries.code=a", *words])
    assert done.exit_code == 2


def test_neither_a_place_nor_a_boundary_is_too_little(extract: Path) -> None:
    with pytest.raises(InputError, match="neither PLACE nor --boundary"):
        cut_place(extract, Wanted())


def test_the_same_extract_gives_the_same_bytes_in_place_of_the_former(
    extract: Path, tmp_path: Path
) -> None:
    case = tmp_path / "case"
    case.mkdir()
    fetch_from(extract, Wanted("河东区"), case)
    before = list_files(case)
    fetch_from(extract, Wanted("河东区"), case)
    assert list_files(case) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case", "town.osm"]


@pytest.mark.parametrize("name", ["data/population.csv", "note.txt", "fetched.json"])
def test_what_somebody_changed_or_added_is_never_replaced(
    extract: Path, tmp_path: Path, name: str
) -> None:
    case = tmp_path / "case"
    fetch_from(extract, Wanted("河东区"), case)
    (case / name).write_text("{}", encoding="utf-8")
    before = list_files(case)
    with pytest.raises(OutputExistsError, match="--into"):
        fetch_from(extract, Wanted("河东区"), case)
    assert list_files(case) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case", "town.osm"]


def test_what_comes_in_while_a_case_is_made_is_left_alone(
    extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "case" / "note.txt"

    def come_in(*_: object) -> str:
        note.parent.mkdir()
        note.write_text("mine", encoding="utf-8")
        return ""

    monkeypatch.setattr("siteplan.fetch.case.write_readme", come_in)
    with pytest.raises(OutputExistsError, match="note"):
        fetch_from(extract, Wanted("河东区"), tmp_path / "case")
    assert list_files(tmp_path / "case") == {"note.txt": b"mine"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case", "town.osm"]


@pytest.mark.parametrize("content", [b"", b"\0\0\0\x0d junk", b"<osm", b"<!DOCTYPE x><osm/>"])
@pytest.mark.parametrize("name", ["bad.osm", "bad.osm.pbf", "bad.zip"])
def test_a_file_that_is_no_extract_is_refused_and_nothing_is_left(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError):
        fetch_from(tmp_path / name, Wanted("河东区"), tmp_path / "case")
    assert [path.name for path in tmp_path.iterdir()] == [name]


ids = st.integers(-50, 50)


@given(st.sets(ids), st.lists(st.lists(ids, max_size=4), max_size=30))
def test_ways_that_touch_are_those_with_a_node_inside(
    nodes: set[int], ways: Sequence[Sequence[int]]
) -> None:
    known = np.array(sorted(nodes), dtype=np.int64)

    def draw() -> Iterator[Way]:
        for number, refs in enumerate(ways):
            held = [SimpleNamespace(ref=ref) for ref in refs]
            yield cast("Way", SimpleNamespace(id=number, nodes=held))

    expected = [number for number, refs in enumerate(ways) if nodes & set(refs)]
    assert list(touch(draw(), known)) == expected
    flat = np.array([ref for refs in ways for ref in refs], dtype=np.int64)
    assert hold(known, flat).tolist() == [ref in nodes for ref in flat.tolist()]


def test_the_command_says_where_the_case_is_and_what_to_do_next(
    extract: Path, tmp_path: Path
) -> None:
    words = ["fetch", "河东区", "--from", str(extract), "--into", str(tmp_path / "case")]
    done = CliRunner().invoke(main, [*words, "--lang", "en", "--quiet"])
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'case'}\n"
    assert "siteplan evaluate" in done.stderr
    again = CliRunner().invoke(main, [*words, "--level", "3", "--lang", "en"])
    assert again.exit_code == InputError.exit_code
    assert "--level" in again.stderr


@pytest.mark.real
def test_liechtenstein_is_cut_into_its_eleven_municipalities(
    real_data: Path, tmp_path: Path
) -> None:
    source, case = real_data / "liechtenstein", tmp_path / "case"
    extract = source / "liechtenstein-latest.osm.pbf"
    done = fetch_from(extract, Wanted("Liechtenstein"), case)
    assert (done.subdistricts, len(done.unpeopled)) == (11, 11)
    collection = json.loads((source / "municipalities.geojson").read_text(encoding="utf-8"))
    known = {each["properties"]["name"]: each for each in collection["features"]}
    people = {name: each["properties"]["population"] for name, each in known.items()}
    table = (case / "data" / "population.csv").read_text(encoding="utf-8-sig").splitlines()
    rows = list(csv.reader(table[1:]))
    filled = [table[0], *(f"{row[0]},{row[1]},2014,{people[row[1]]},no,test," for row in rows)]
    (case / "data" / "population.csv").write_text("\n".join(filled), encoding="utf-8")
    evaluation = evaluate(read_case(case))
    assert {each.name for each in evaluation.case.area.subdistricts} == set(known)
    place = pyproj.Transformer.from_crs("EPSG:4326", evaluation.case.area.crs, always_xy=True)
    for each in evaluation.case.area.subdistricts:
        outline = shapely.geometry.shape(known[each.name]["geometry"])
        ground = shapely.transform(
            outline, lambda xy: np.column_stack(place.transform(xy[:, 0], xy[:, 1]))
        )
        assert each.geometry.area == pytest.approx(ground.area, rel=1e-3)
    whole, cut = (read_osm(path, "x") for path in (extract, case / "data" / "roads.osm.pbf"))
    assert set(cut.refs.tolist()) <= set(whole.refs.tolist())
    assert len(cut.refs) > 0.9 * len(whole.refs)
