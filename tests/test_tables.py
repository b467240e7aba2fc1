"""Tables whose rows say where they are."""

from pathlib import Path

import pytest
import shapely

from siteplan.errors import InputError
from siteplan.inputs.features import Features
from siteplan.inputs.limits import Limits
from siteplan.inputs.tables import parse_table, read_points


def read(tmp_path: Path, text: str, encoding: str = "utf-8", **columns: str) -> Features:
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    return read_points(tmp_path / "a.csv", "a.csv", columns)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_cells_are_separated_as_excel_separates_them(separator: str) -> None:
    text = separator.join(["名称", "a,b" if separator != "," else "c", "d"])
    header = text.replace("a,b", '"a,b"')
    assert parse_table(f"{header}\n1{separator}2{separator}3\n", "") == [
        (2, dict(zip(text.split(separator), "123", strict=True)))
    ]


@pytest.mark.parametrize(
    "header", ["lon,lat", "经度,纬度", "Longitude,LATITUDE", "lng,latitude", "经度 , 纬度"]
)
def test_columns_of_position_have_many_names(tmp_path: Path, header: str) -> None:
    features = read(tmp_path, f"{header},名称\n113.36,23.13,甲\n")
    assert features.geometries == [shapely.Point(113.36, 23.13)]
    assert features.properties == [{"名称": "甲"}]
    assert features.defects == []


def test_the_settings_name_columns_first(tmp_path: Path) -> None:
    text = "lon,lat,x,y\n1,2,113,23\n"
    assert read(tmp_path, text, lon="x", lat="y").geometries == [shapely.Point(113, 23)]
    with pytest.raises(InputError, match="has no column east"):
        read(tmp_path, text, lon="east")


@pytest.mark.parametrize(
    ("word", "datum"),
    [("高德", "gcj02"), ("GCJ-02", "gcj02"), ("百度", "bd09"), ("gps", "wgs84"), ("", None)],
)
def test_a_row_may_say_where_its_coordinates_were_read(
    tmp_path: Path, word: str, datum: str | None
) -> None:
    features = read(tmp_path, f"经度,纬度,坐标来源\n113.36,23.13,{word}\n")
    assert features.datums == [datum]
    assert features.defects == []


def test_an_unknown_origin_of_coordinates_is_refused(tmp_path: Path) -> None:
    (defect,) = read(tmp_path, "lon,lat,datum,name\n113,23,北斗,甲\n").defects
    assert defect.say("en") == 'a.csv row 2 (甲): datum is "北斗". Choose one of GPS, Amap, Baidu.'
    assert (defect.stage, defect.field) == ("fields", "datum")


@pytest.mark.parametrize(
    ("text", "number"),
    [("113°21′36″", 113.36), ("１１３．３６", 113.36), ("113.36°", 113.36), ("E113°21.6'", 113.36)],
)
def test_degrees_that_are_written_otherwise_are_refused_but_understood(
    tmp_path: Path, text: str, number: float
) -> None:
    features = read(tmp_path, f"lon,lat\n{text},23\n")
    assert features.geometries == [shapely.Point(number, 23)]
    assert [(one.severity, one.field, one.mended) for one in features.defects] == [
        ("error", "lon", "113.36")
    ]


@pytest.mark.parametrize("text", ["", "n/a", "113,36", "113 36", "东", "1e999", "113°61′0″"])
def test_a_row_without_a_place_is_kept_without_geometry(tmp_path: Path, text: str) -> None:
    features = read(tmp_path, f'lon,lat\n"{text}",23\n113,23\n')
    assert features.geometries == [None, shapely.Point(113, 23)]
    assert [(one.feature, one.field, one.mended) for one in features.defects] == [(2, "lon", None)]


def test_the_example_is_of_the_axis_that_is_wrong(tmp_path: Path) -> None:
    remedies = [one.remedy.en for one in read(tmp_path, "lon,lat\nx,y\n").defects]
    assert remedies == ["Give degrees, e.g. 113.3612", "Give degrees, e.g. 23.1301"]


def test_the_encoding_is_noted_where_it_was_told_from_the_bytes(tmp_path: Path) -> None:
    text = "lon,lat,名称\n113,23,天园街\n"
    for encoding, noted in [("utf-8", 0), ("utf-8-sig", 0), ("gb18030", 1), ("utf-16", 1)]:
        features = read(tmp_path, text, encoding)
        assert features.properties == [{"名称": "天园街"}]
        assert [one.severity for one in features.defects] == ["note"] * noted


def test_a_table_has_its_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("lon,lat\n" + "113,23\n" * 4, encoding="utf-8")
    with pytest.raises(InputError, match="has 4 features, more than the 3 allowed"):
        read_points(path, "a.csv", {}, Limits(features=3))
    with pytest.raises(InputError, match="megabytes, more than the 1e-05 allowed"):
        read_points(path, "a.csv", {}, Limits(megabytes=0.00001))
    assert len(read_points(path, "a.csv", {}, Limits(features=4)).rows) == 4
