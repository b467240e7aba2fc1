"""A corrected copy beside the file, and the log of what was corrected."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import shapely
from shapely.geometry import mapping

from siteplan.check import check_files
from siteplan.errors import InputError, OutputExistsError
from siteplan.files import hash_file, read_log
from siteplan.model import Change, CheckedFile, Correction
from siteplan.outputs.corrected import write_correction

Write = Callable[..., Path]
ATTRIBUTES = {"name": "甲", "subdistrict": "A", "premises": "lease", "floor_area_m2": "1,200㎡"}


def fix(path: Path) -> Path:
    (checked,) = check_files([path])
    assert checked.correction is not None
    return write_correction(checked, checked.correction, "en")


@pytest.fixture
def flawed(tmp_path: Path, write_geojson: Write) -> Path:
    """Write a file with a number in words and latitude first."""
    here = {"type": "Point", "coordinates": [23.13, 113.36]}
    return write_geojson(tmp_path / "a.geojson", (here, ATTRIBUTES | {"楼层": 3}))


def test_the_copy_stands_beside_the_file_which_stays_as_it_is(flawed: Path) -> None:
    before = flawed.read_bytes()
    target = fix(flawed)
    assert target == flawed.with_name("a.fixed.geojson")
    assert flawed.read_bytes() == before
    (feature,) = json.loads(target.read_text("utf-8"))["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [113.36, 23.13]}
    assert feature["properties"] == {
        **ATTRIBUTES, "floor_area_m2": 1200, "楼层": 3,
        "original_coordinates": "23.13, 113.36", "original_datum": "wgs84",
    }  # fmt: skip
    (checked,) = check_files([target])
    assert checked.usable
    assert checked.correction is None


def test_the_log_names_every_change_and_both_files(flawed: Path) -> None:
    target = fix(flawed)
    log = flawed.with_name("a.fixed.geojson.log")
    text = log.read_text("utf-8")
    assert text.startswith("siteplan check --fix ")
    assert text.splitlines()[4:] == [
        "a.geojson feature 1 (甲): has latitude and longitude swapped → (113.3600000, 23.1300000)",
        'a.geojson feature 1 (甲): floor_area_m2 is "1,200㎡" → 1200',
    ]
    known = read_log(log)
    assert known is not None
    assert (known.source, known.corrected) == (hash_file(flawed), hash_file(target))


def test_it_is_made_again_but_never_over_what_somebody_changed(flawed: Path) -> None:
    target = fix(flawed)
    first = target.read_bytes()
    assert fix(flawed).read_bytes() == first
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExistsError, match="exists, and is not as siteplan left it"):
        fix(flawed)
    assert target.read_text("utf-8") == "mine"


def test_a_link_is_not_followed(flawed: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("secret", encoding="utf-8")
    flawed.with_name("a.fixed.geojson").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputExistsError):
        fix(flawed)
    flawed.with_name("a.fixed.geojson").unlink()
    flawed.with_name("a.fixed.geojson.log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputExistsError):
        fix(flawed)
    assert (tmp_path / "elsewhere").read_text("utf-8") == "secret"


def test_a_parcel_keeps_its_shape_and_its_original(tmp_path: Path, write_geojson: Write) -> None:
    parcel = shapely.box(23.13, 113.36, 23.14, 113.37)
    path = write_geojson(tmp_path / "a.geojson", (mapping(parcel), ATTRIBUTES))
    (feature,) = json.loads(fix(path).read_text("utf-8"))["features"]
    meant = shapely.box(113.36, 23.13, 113.37, 23.14)
    assert shapely.equals(shapely.geometry.shape(feature["geometry"]), meant)
    assert shapely.equals(shapely.from_wkt(feature["properties"]["original_coordinates"]), parcel)


def test_a_table_is_written_as_a_table_without_formulas(tmp_path: Path) -> None:
    text = "名称,街道,经度,纬度,备注\n=1+1,A,113°21′36″,23.13,@x\n乙,A,113.4,-23.2,-5\n"
    (tmp_path / "a.csv").write_text(text, encoding="gb18030")
    target = fix(tmp_path / "a.csv")
    with target.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["名称", "街道", "备注", "经度", "纬度"],
        ["'=1+1", "A", "'@x", "113.36", "23.13"],
        ["乙", "A", "-5", "113.4", "-23.2"],
    ]


def test_a_workbook_keeps_its_headings_and_the_log_says_what_it_loses(tmp_path: Path) -> None:
    header = ["名称*", "所属", "建筑面积（平方米）", "街道*", "经度（度）", "纬度（度）"]
    book = openpyxl.Workbook()
    book.worksheets[0].title = "申报"
    book.worksheets[0].append(header)
    book.worksheets[0].append(["甲", "x", "1,200", "A", 113.36, 23.13])
    book.create_sheet("附表").append(["y"])
    book.save(tmp_path / "a.xlsx")
    (sheet,) = openpyxl.load_workbook(fix(tmp_path / "a.xlsx")).worksheets
    assert list(sheet.values) == [
        ("名称*", "所属", "建筑面积（平方米）", "街道*", "经度", "纬度"),
        ("甲", "x", 1200, "A", 113.36, 23.13),
    ]
    lines = (tmp_path / "a.fixed.xlsx.log").read_text("utf-8").splitlines()
    assert lines[4].startswith('a.xlsx row 2 (甲): floor_area_m2 is "1,200"')
    assert lines[5].startswith("The corrected file holds the sheet that proposes; for other sheets")


def test_a_row_read_in_a_web_map_is_written_in_wgs84_with_its_original(tmp_path: Path) -> None:
    text = "name,subdistrict,lon,lat,datum\n甲,A,113.3700°,23.13,高德\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with fix(tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, row = csv.reader(stream)
    values = dict(zip(header, row, strict=True))
    assert values["original_coordinates"] == "113.37, 23.13"
    assert values["original_datum"] == "gcj02"
    assert float(values["lon"]) == pytest.approx(113.3647, abs=1e-3)
    assert "datum" not in values


def test_other_formats_are_not_corrected(tmp_path: Path) -> None:
    checked = CheckedFile(str(tmp_path / "a.gpkg"), "proposals", 1, None, ())
    change = Change(1, None, None, None, "")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"\.gpkg files are not corrected"):
        write_correction(checked, Correction((), (change,)), "en")


def test_features_without_a_place_are_kept_beside_one_that_is_corrected(
    tmp_path: Path, write_geojson: Write
) -> None:
    swapped = {"type": "Point", "coordinates": [23.13, 113.36]}
    metres = {"type": "Point", "coordinates": [500_000, 2_558_000]}  # of a zone nobody names
    path = write_geojson(
        tmp_path / "a.geojson", (swapped, ATTRIBUTES), (None, ATTRIBUTES), (metres, ATTRIBUTES)
    )
    there, *nowhere = json.loads(fix(path).read_text("utf-8"))["features"]
    assert there["properties"]["original_coordinates"] == "23.13, 113.36"
    for feature in nowhere:
        assert feature["geometry"] is None
        assert feature["properties"] == ATTRIBUTES | {"floor_area_m2": 1200}


def test_what_is_corrected_again_remembers_where_it_was_first(
    tmp_path: Path, write_geojson: Write
) -> None:
    swapped = {"type": "Point", "coordinates": [23.13, 113.36]}
    first = {"original_coordinates": "12689258, 2648000", "original_datum": "EPSG:3857"}
    path = write_geojson(tmp_path / "a.geojson", (swapped, ATTRIBUTES | first))
    (feature,) = json.loads(fix(path).read_text("utf-8"))["features"]
    assert feature["geometry"]["coordinates"] == [113.36, 23.13]
    assert {key: feature["properties"][key] for key in first} == first


def test_what_could_not_be_read_is_named_in_the_log(tmp_path: Path, write_geojson: Write) -> None:
    line = {"type": "LineString", "coordinates": [[113, 23], [113.1, 23]]}
    here = {"type": "Point", "coordinates": [113.36, 23.13]}
    path = write_geojson(tmp_path / "a.geojson", (here, ATTRIBUTES), (line, ATTRIBUTES))
    fix(path)
    lines = (tmp_path / "a.fixed.geojson.log").read_text("utf-8").splitlines()
    assert lines[-1] == ("a.geojson feature 2 (甲): is a LineString → not kept, see the original")
