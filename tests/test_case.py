"""A case is a directory: all its files, and all that is wrong with them."""

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely
from shapely.geometry import mapping, shape

from siteplan.check import check_files
from siteplan.crs import Datum, from_wgs84, make_projection, project_geometry
from siteplan.errors import InputError
from siteplan.inputs.case import read_case
from siteplan.model import Case
from siteplan.outputs.corrected import write_correction
from siteplan.outputs.template import write_template
from siteplan.schema import find_header

Write = Callable[..., Path]
WriteOsm = Callable[..., Path]
WEST, EAST = shapely.box(113.30, 23.10, 113.31, 23.11), shapely.box(113.31, 23.10, 113.32, 23.11)
TABLE = """code,name,year,population,age_60_plus
440106012,天园街,2010,1200,300
440106013,冼村街,2010,800,100
"""
NODES = {
    1: (113.301, 23.101), 2: (113.309, 23.101), 3: (113.319, 23.101), 4: (113.309, 23.109),
    5: (113.302, 23.105), 6: (113.303, 23.105), 7: (113.303, 23.106), 8: (113.302, 23.106),
}  # fmt: skip
WAYS = {
    1: ([1, 2, 3], {"highway": "residential"}),
    2: ([2, 4], {"highway": "footway"}),
    3: ([5, 6, 7, 8, 5], {"building": "apartments", "building:levels": "6"}),
    4: ([5, 6, 7, 5], {"natural": "water"}),
}  # fmt: skip


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


@pytest.fixture
def case(tmp_path: Path, write_geojson: Write, write_osm: WriteOsm) -> Path:
    """Make a whole case of two subdistricts."""
    folder = tmp_path / "case"
    data = folder / "data"
    write_geojson(
        data / "boundaries" / "streets.geojson",
        (mapping(EAST), {"code": "440106013", "name": "冼村街"}),
        (mapping(WEST), {"code": "440106012000", "name": "天园街"}),
    )
    (data / "population.csv").write_text(TABLE, encoding="utf-8")
    shutil.move(write_osm(NODES, WAYS), data / "roads.osm.pbf")
    site = {"名称": "天园中心", "街道": "天园街", "编号": "T-1"}
    write_geojson(data / "proposals" / "tianyuan.geojson", (point(113.305, 23.105), site))
    site = {"name": "冼村中心", "subdistrict": "440106013", "id": "X-1"}
    write_geojson(data / "proposals" / "xiancun.geojson", (point(113.315, 23.105), site))
    return folder


def refuse(folder: Path, **more: str) -> list[str]:
    with pytest.raises(InputError) as refusal:
        read_case(folder, **more)
    return [defect.say("en") for defect in refusal.value.defects]


def configure(folder: Path, text: str) -> Path:
    (folder / "siteplan.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_whole_case_is_read(case: Path) -> None:
    told: list[str] = []
    read = read_case(case, tell=lambda text: told.append(text.en))
    assert read.name == "case"
    assert read.date is None
    assert read.standard.id == "guangzhou-2010"
    assert read.area.crs == "EPSG:4547"
    assert [(s.code, s.name, s.population) for s in read.area.subdistricts] == [
        ("440106012", "天园街", 1200), ("440106013", "冼村街", 800),
    ]  # fmt: skip
    assert [site.id for site in read.sites.records] == ["T-1", "X-1"]
    assert read.roads is not None
    assert len(read.roads.lines) == 3
    assert read.buildings is not None
    assert read.buildings.weight == pytest.approx([6 * 102.5 * 110.75], rel=1e-2)
    assert len(read.backdrop.water) == 1
    assert read.residents is None
    assert read.projects == {}
    assert read.refused == ()
    assert told == ["reading boundaries and population", "reading roads and buildings",
                    "reading proposals"]  # fmt: skip


def test_every_source_has_its_hash_and_rows(case: Path) -> None:
    sources = read_case(case).sources
    assert [(s.role, s.path, s.rows, s.crs, s.datum) for s in sources] == [
        ("boundaries", "data/boundaries/streets.geojson", 2, "EPSG:4326", "wgs84"),
        ("population", "data/population.csv", 2, None, None),
        ("proposals", "data/proposals/tianyuan.geojson", 1, "EPSG:4326", "wgs84"),
        ("proposals", "data/proposals/xiancun.geojson", 1, "EPSG:4326", "wgs84"),
        ("buildings", "data/roads.osm.pbf", 1, "EPSG:4326", "wgs84"),
        ("roads", "data/roads.osm.pbf", 3, "EPSG:4326", "wgs84"),
    ]
    for source in sources:
        content = (case / source.path).read_bytes()
        assert source.sha256 == hashlib.sha256(content).hexdigest()
        assert (source.licence is not None) == source.path.endswith(".pbf")


def test_settings_name_files_anywhere_and_the_day(case: Path) -> None:
    shutil.move(case / "data" / "roads.osm.pbf", case.parent / "city.pbf")
    configure(case, '[case]\nname = "天河区"\ndate = 2010-07-01\n[paths]\nroads = "../city.pbf"')
    read = read_case(case)
    assert (read.name, read.date) == ("天河区", date(2010, 7, 1))
    assert "../city.pbf" in {source.path for source in read.sources}


def test_the_standard_of_the_caller_wins_over_the_case(case: Path) -> None:
    configure(case, '[case]\nstandard = "guangzhou-2010"')
    assert read_case(case, standard="gb50180-2018-15min").standard.id == "gb50180-2018-15min"


def test_without_roads_buildings_and_proposals_a_case_is_still_one(case: Path) -> None:
    (case / "data" / "roads.osm.pbf").unlink()
    shutil.rmtree(case / "data" / "proposals")
    read = read_case(case)
    assert read.roads is None
    assert read.buildings is None
    assert read.sites.records == ()


def test_without_a_table_the_boundaries_hold_the_residents(
    case: Path, write_geojson: Write
) -> None:
    (case / "data" / "population.csv").unlink()
    feature = (mapping(WEST), {"乡镇码": "440106012", "常住人": 7})
    write_geojson(case / "data" / "boundaries" / "streets.geojson", feature)
    shutil.rmtree(case / "data" / "proposals")
    configure(case, '[columns.boundaries]\ncode = "乡镇码"\npopulation = "常住人"')
    assert [s.population for s in read_case(case).area.subdistricts] == [7]


def test_remarks_hidden_files_and_parts_of_other_files_are_no_data(case: Path) -> None:
    for folder in ("boundaries", "proposals"):
        for name in ("README.md", ".DS_Store", "Thumbs.db", "~$a.xlsx", "a.gpkg-wal", "a.prj"):
            (case / "data" / folder / name).write_bytes(b"\0")
        (case / "data" / folder / "old").mkdir()
    assert read_case(case).refused == ()


def test_defects_of_several_files_are_told_together(case: Path) -> None:
    (case / "data" / "boundaries" / "streets.geojson").write_text("{", encoding="utf-8")
    (case / "data" / "population.csv").write_text("code,population\na,-1\n", encoding="utf-8")
    (case / "data" / "roads.osm.pbf").write_bytes(b"no roads")
    (case / "data" / "buildings.geojson").write_text("[]", encoding="utf-8")
    (case / "data" / "residents.csv").write_text("lon,lat\n1,\n", encoding="utf-8")
    configure(case, '[case]\nstandard = "guangzhou-2011"')
    assert [line.split(":")[0] for line in refuse(case)] == [
        "guangzhou-2011", "data/boundaries/streets.geojson", "data/population.csv row 2",
        "data/roads.osm.pbf", "data/buildings.geojson", "data/residents.csv row 2",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["roads.graphml", "roads.geojson"])
def test_bad_roads_are_told_beside_bad_boundaries_in_every_format(case: Path, name: str) -> None:
    (case / "data" / "boundaries" / "streets.geojson").write_text("{", encoding="utf-8")
    (case / "data" / "roads.osm.pbf").unlink()
    (case / "data" / name).write_text("{", encoding="utf-8")
    assert [line.split(":")[0] for line in refuse(case)] == [
        "data/boundaries/streets.geojson", f"data/{name}",
    ]  # fmt: skip


def test_a_bad_population_table_is_told_once_and_nothing_else(case: Path) -> None:
    (case / "data" / "population.csv").write_text("code,population\na,x\n", encoding="utf-8")
    assert len(refuse(case)) == 1


def test_a_row_for_each_subdistrict_is_asked_for(case: Path) -> None:
    text = TABLE.replace("440106013", "440106099")
    (case / "data" / "population.csv").write_text(text, encoding="utf-8")
    (told,) = refuse(case)
    assert told.startswith("data/population.csv (冼村街): subdistrict 440106013 has no population.")


def test_rows_of_other_districts_are_noted_at_the_source(case: Path) -> None:
    with (case / "data" / "population.csv").open("a", encoding="utf-8") as stream:
        stream.write("440106099,别处,2010,5,1\n")
    (source,) = [source for source in read_case(case).sources if source.role == "population"]
    assert [note.en for note in source.notes] == ["rows of no subdistrict here: 440106099"]


def test_without_boundaries_there_is_no_case(case: Path) -> None:
    shutil.rmtree(case / "data" / "boundaries")
    (told,) = refuse(case)
    assert told == (
        "data/boundaries: holds no subdistrict boundaries. "
        "Put GeoJSON, GeoPackage or Shapefile into data/boundaries/."
    )


@pytest.mark.parametrize("role", ["boundaries", "population", "roads", "residents", "buildings",
                                  "projects", "proposals"])  # fmt: skip
def test_a_path_that_is_not_there_is_told_once(case: Path, role: str) -> None:
    configure(case, f'[paths]\n{role} = "nowhere.geojson"')
    (told,) = refuse(case)
    assert told == (
        f"siteplan.toml: paths.{role} is not there: nowhere.geojson. "
        "Correct it; paths start at the case."
    )


def test_two_files_of_roads_are_refused_with_their_names(case: Path) -> None:
    (case / "data" / "roads.geojson").write_text("{}", encoding="utf-8")
    assert refuse(case) == [
        "data: holds several files of roads: roads.geojson, roads.osm.pbf. Keep one of them."
    ]


def test_roads_of_which_none_is_walked_are_refused(case: Path, write_osm: WriteOsm) -> None:
    path = write_osm(NODES, {1: ([1, 2], {"highway": "motorway"})})
    shutil.move(path, case / "data" / "roads.osm.pbf")
    (told,) = refuse(case)
    assert told.startswith("data/roads.osm.pbf: holds no road that may be walked.")


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4326", "EPSG:0"])
def test_a_working_crs_that_does_not_measure_is_refused(case: Path, crs: str) -> None:
    (told,) = refuse(configure(case, f'[case]\ncrs = "{crs}"'))
    assert told.startswith("siteplan.toml: crs ")


def test_the_working_crs_may_be_another_one_in_metres(case: Path) -> None:
    assert read_case(configure(case, '[case]\ncrs = "EPSG:32649"')).area.crs == "EPSG:32649"


def test_a_bad_proposals_file_is_refused_by_itself(case: Path, write_geojson: Write) -> None:
    site = {"name": "甲", "subdistrict": "黄埔街", "floor_area_m2": "many"}
    write_geojson(case / "data" / "proposals" / "bad.geojson", (point(113.305, 23.105), site))
    (case / "data" / "proposals" / "申报.docx").write_bytes(b"text")
    read = read_case(case)
    assert [site.id for site in read.sites.records] == ["T-1", "X-1"]
    assert [refused.path for refused in read.refused] == [
        "data/proposals/bad.geojson", "data/proposals/申报.docx",
    ]  # fmt: skip
    assert {defect.field for defect in read.refused[0].defects} == {"subdistrict", "floor_area_m2"}
    assert "proposals/bad" not in " ".join(source.path for source in read.sources)


def test_a_file_with_an_id_taken_elsewhere_is_refused_and_no_source(
    case: Path, write_geojson: Write
) -> None:
    path = case / "data" / "proposals" / "z.geojson"
    write_geojson(path, (point(113.305, 23.105), {"id": "T-1"}))
    read = read_case(case)
    assert [refused.path for refused in read.refused] == ["data/proposals/z.geojson"]
    assert "id T-1 is taken by data/proposals/tianyuan.geojson" in (
        read.refused[0].defects[0].message.en
    )
    assert "data/proposals/z.geojson" not in {source.path for source in read.sources}


def test_notes_on_proposals_stand_at_their_source(case: Path, write_geojson: Write) -> None:
    path = case / "data" / "proposals" / "z.geojson"
    write_geojson(path, (point(113.305, 23.105), {"subdistrict": "天园街", "phone": "1"}))
    (source,) = [s for s in read_case(case).sources if s.path == "data/proposals/z.geojson"]
    assert [note.en for note in source.notes] == [
        "kept unknown attributes: phone", "made an id for 1 site",
    ]  # fmt: skip


def test_proposals_in_excel_are_read_as_those_in_geojson(case: Path) -> None:
    before = read_case(case).sites.records
    proposals = case / "data" / "proposals"
    (proposals / "tianyuan.geojson").unlink()
    area = read_case(case).area
    content = write_template("案例", area.subdistricts, "zh")
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["申报"]
    row = {"name": "天园中心", "subdistrict": "天园街", "id": "T-1", "lon": 113.305, "lat": 23.105}
    for cell in sheet[1]:
        sheet.cell(2, cell.column, row.get(find_header(str(cell.value)) or ""))
    book.save(proposals / "tianyuan.xlsx")
    case_ = read_case(case)
    assert case_.refused == ()
    for after, site in zip(case_.sites.records, before, strict=True):
        same = ("id", "name", "subdistrict", "x", "y", "status", "missing", "given_lon_lat")
        assert [getattr(after, key) for key in same] == [getattr(site, key) for key in same]


def test_a_corrected_copy_is_read_in_place_of_its_original_until_that_changes(
    case: Path, write_geojson: Write
) -> None:
    flawed = {"name": "冼村中心", "subdistrict": "440106013", "id": "X-1", "floor_area_m2": "900㎡"}
    path = case / "data" / "proposals" / "xiancun.geojson"
    write_geojson(path, (point(113.315, 23.105), flawed))
    assert [refused.path for refused in read_case(case).refused] == [
        "data/proposals/xiancun.geojson"
    ]
    (checked,) = check_files([path])
    assert checked.correction is not None
    write_correction(checked, checked.correction, "en")
    read = read_case(case)
    assert read.refused == ()
    assert [site.path for site in read.sites.records if site.id == "X-1"] == [
        "data/proposals/xiancun.fixed.geojson"
    ]
    write_geojson(path, (point(113.316, 23.105), flawed))
    (refused,) = read_case(case).refused
    assert refused.defects[0].say("en") == (
        "data/proposals/xiancun.fixed.geojson: was made of an earlier xiancun.geojson, or has no"
        " log. Run siteplan check --fix again, or remove it."
    )


def test_buildings_of_their_own_file_replace_those_of_the_extract(
    case: Path, write_geojson: Write
) -> None:
    homes = [shapely.box(x, 23.102, x + 0.0001, 23.1021) for x in (113.302, 113.303)]
    write_geojson(case / "data" / "buildings.geojson", *((mapping(home), {}) for home in homes))
    read = read_case(case)
    assert read.buildings is not None
    assert len(read.buildings.x) == 2
    (source,) = [source for source in read.sources if source.role == "buildings"]
    assert source.path == "data/buildings.geojson"
    assert source.licence is None


def test_public_services_come_from_the_extract_or_from_their_own_file(
    case: Path, write_geojson: Write, write_osm: WriteOsm
) -> None:
    assert read_case(case).facilities is None
    school = {5: ([5, 6, 7, 8, 5], {"amenity": "school", "name": "小学"})}
    shutil.move(write_osm(NODES, WAYS | school), case / "data" / "roads.osm.pbf")
    read = read_case(case)
    assert read.facilities is not None
    assert read.facilities.name.tolist() == ["小学"]
    assert ("facilities", "data/roads.osm.pbf", 1) in {
        (s.role, s.path, s.rows) for s in read.sources
    }
    write_geojson(case / "data" / "facilities.geojson", (point(113.305, 23.105), {"类": "clinic"}))
    configure(case, '[columns.facilities]\nkind = "类"')
    read = read_case(case)
    assert read.facilities is not None
    assert read.facilities.kind.tolist() == ["clinic"]
    assert "facilities" in {s.role for s in read.sources if s.path == "data/facilities.geojson"}


def test_residents_may_have_a_file_of_their_own(case: Path) -> None:
    text = "lon,lat,population,age_60_plus\n113.305,23.105,5,1\n113.315,23.105,6,\n"
    (case / "data" / "residents.csv").write_text(text, encoding="utf-8")
    residents = read_case(case).residents
    assert residents is not None
    assert residents.weight.tolist() == [5, 6]
    assert residents.groups["age_60_plus"].tolist() == [1, 0]


def test_projects_are_filed_by_code_or_name(case: Path) -> None:
    text = "subdistrict,project_id,grant_wan\n天园街,P2,200\n440106012,P1,\n别处,P9,\n"
    (case / "data" / "projects.csv").write_text(text, encoding="utf-8")
    filed = read_case(case).projects
    assert {code: [one.project_id for one in them] for code, them in filed.items()} == {
        "440106012": ["P1", "P2"]
    }
    assert [one.grant_wan for one in filed["440106012"]] == [None, 200]


def test_a_project_without_an_id_is_refused(case: Path) -> None:
    (case / "data" / "projects.csv").write_text(
        "subdistrict,project_id\n天园街,\n", encoding="utf-8"
    )
    (told,) = refuse(case)
    assert told == "data/projects.csv row 2: has no project_id. Fill it in."


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shifted_files_are_taken_back_when_the_settings_say_so(
    case: Path, write_osm: WriteOsm, datum: Datum
) -> None:
    plain = read_case(case)

    def shift(geometry: shapely.Geometry) -> shapely.Geometry:
        return project_geometry(np.array([geometry]), lambda x, y: from_wgs84(x, y, datum))[0]

    lon, lat = from_wgs84(*np.array([*NODES.values()]).T, datum)
    nodes = dict(zip(NODES, zip(lon.tolist(), lat.tolist(), strict=True), strict=True))
    shutil.move(write_osm(nodes, WAYS), case / "data" / "roads.osm.pbf")
    for path in (case / "data").rglob("*.geojson"):
        document = json.loads(path.read_text(encoding="utf-8"))
        for feature in document["features"]:
            feature["geometry"] = mapping(shift(shape(feature["geometry"])))
        path.write_text(json.dumps(document), encoding="utf-8")
    lines = "\n".join(f'{role} = "{datum}"' for role in ("boundaries", "roads", "proposals"))
    read = read_case(configure(case, f"[datum]\n{lines}"))
    for one, other in ((plain.sites.x, read.sites.x), (plain.sites.y, read.sites.y)):
        assert one == pytest.approx(other, abs=1e-6)
    assert plain.roads is not None
    assert read.roads is not None
    assert read.roads.length_m == pytest.approx(plain.roads.length_m, abs=0.05)
    assert read.buildings is not None
    assert plain.buildings is not None
    assert read.buildings.weight == pytest.approx(plain.buildings.weight, rel=1e-3)
    assert read.backdrop.water[0].distance(plain.backdrop.water[0]) == 0
    given = read.sites.records[0].given_lon_lat
    assert given is not None
    assert given[0] - read.sites.records[0].lon > 0.004
    assert {s.datum for s in read.sources if s.role != "population"} == {datum}


def test_roads_may_be_a_layer_of_lines(case: Path, write_geojson: Write) -> None:
    (case / "data" / "roads.osm.pbf").unlink()
    lines = [[[113.301, 23.101], [113.309, 23.101]], [[113.305, 23.1], [113.305, 23.102]]]
    write_geojson(
        case / "data" / "roads.geojson",
        *(({"type": "LineString", "coordinates": line}, {}) for line in lines),
    )
    roads = read_case(case).roads
    assert roads is not None
    assert len(roads.lines) == 4


def describe(case: Case) -> tuple[object, ...]:
    roads, buildings = case.roads, case.buildings
    assert roads is not None
    assert buildings is not None
    return (
        [(s.code, s.name, s.population, s.geometry.wkb) for s in case.area.subdistricts],
        [(s.id, s.name, s.subdistrict, s.x, s.y) for s in case.sites.records],
        [line.wkb for line in roads.lines], roads.tail.tolist(), roads.head.tolist(),
        sorted(zip(buildings.x, buildings.y, buildings.weight, strict=True)),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_features_and_rows_changes_nothing(
    case: Path, write_osm: WriteOsm, seed: int
) -> None:
    straight = describe(read_case(case))
    chance = np.random.default_rng(seed)
    for path in (case / "data").rglob("*.geojson"):
        document = json.loads(path.read_text(encoding="utf-8"))
        chance.shuffle(document["features"])
        path.write_text(json.dumps(document), encoding="utf-8")
    head, *rows = TABLE.splitlines()
    chance.shuffle(rows)
    (case / "data" / "population.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    ways = list(WAYS.values())
    chance.shuffle(ways)
    path = write_osm(NODES, dict(enumerate(ways, start=1)))
    shutil.move(path, case / "data" / "roads.osm.pbf")
    assert describe(read_case(case)) == straight


@pytest.mark.real
def test_the_subdistricts_of_tianhe_are_a_case(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "guangzhou" / "tianhe_streets_raw.json"
    configure(
        tmp_path,
        f"""
        [paths]
        boundaries = "{source}"
        [columns.boundaries]
        code = "乡镇码"
        population = "常住人"
        """,
    )
    read = read_case(tmp_path)
    assert len(read.area.subdistricts) == 21
    assert sum(s.population for s in read.area.subdistricts) == 1_432_426
    (boundaries,) = read.sources
    assert "closed slivers" in boundaries.notes[0].en


@pytest.mark.real
def test_a_graph_of_osmnx_may_be_the_roads(real_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "boundaries"
    folder.mkdir(parents=True)
    shutil.copy(real_data / "shenzhen" / "shenzhen_streets_raw.geojson", folder / "a.geojson")
    document = json.loads((folder / "a.geojson").read_text(encoding="utf-8"))
    for number, feature in enumerate(document["features"]):
        feature["properties"] = {"code": str(number), "population": 1}
    (folder / "a.geojson").write_text(json.dumps(document), encoding="utf-8")
    graph = real_data / "shenzhen" / "futian_drive_osmnx122.graphml"
    configure(tmp_path, f'[paths]\nroads = "{graph}"\n[datum]\nboundaries = "gcj02"')
    read = read_case(tmp_path)
    assert read.roads is not None
    ends = shapely.points(read.roads.node_x, read.roads.node_y)
    inside = shapely.intersects(shapely.union_all(read.area.geometry), ends)
    assert inside.mean() > 0.99
    place = make_projection(read.area.crs, "EPSG:4326")
    assert place(read.roads.node_x[:1], read.roads.node_y[:1])[0][0] == pytest.approx(114, abs=0.2)
