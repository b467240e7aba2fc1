"""What streets propose, in English or Chinese keys and values."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import mapping

from siteplan.errors import InputError
from siteplan.inputs.proposals import (
    Proposal,
    find_subdistrict,
    gather_sites,
    read_proposal,
)
from siteplan.inputs.vector import POINTS, POLYGONS, read_layer
from siteplan.model import Site, StudyArea, Subdistrict
from siteplan.schema import FIELDS, KEYS, Field

Write = Callable[..., Path]
HERE = {"type": "Point", "coordinates": [113.36, 23.13]}
NAMES = {"440106012": "天园街", "440106013": "冼村街", "440106014": "冼村街"}
AREA = StudyArea(
    tuple(
        Subdistrict(code, name, None, shapely.box(4e5, 2e6, 5e5, 3e6), 1.0)
        for code, name in NAMES.items()
    ),
    "EPSG:4547",
)  # fmt: skip
WHOLE = {"name": "黄村中心", "subdistrict": "440106012"}
ENGLISH = {
    "id": "HC-1", "name": "黄村中心", "subdistrict": "天园街", "status": "existing",
    "role": "headquarters", "premises": "lease", "floor_area_m2": 1200, "office_area_m2": "90",
    "available_from": "2010-08-31", "mode": 2, "services": ["elderly", "youth"],
    "cost_wan": 200, "annual_cost_wan": 20, "parcel_id": 7, "land_use": "A", "address": "B",
    "contact": "C", "note": "D",
}  # fmt: skip


@pytest.fixture
def propose(tmp_path: Path, write_geojson: Write) -> Callable[..., Proposal]:
    """Return a function that reads attributes of sites, all at one place."""

    def propose(
        *sites: Mapping[str, Any], columns: Mapping[str, str] | None = None, name: str = "p.geojson"
    ) -> Proposal:
        path = write_geojson(tmp_path / name, *((HERE, site) for site in sites))
        layer = read_layer(path, name, kinds=POINTS | POLYGONS)
        return read_proposal(layer, columns or {}, AREA)

    return propose


def refuse(propose: Callable[..., Proposal], *sites: Mapping[str, Any]) -> list[str]:
    with pytest.raises(InputError) as refusal:
        propose(*sites)
    return [defect.say("en") for defect in refusal.value.defects]


def show(site: Site) -> tuple[object, ...]:
    return (
        site.id, site.name, site.subdistrict, site.status, site.role, site.premises,
        site.floor_area_m2, site.office_area_m2, site.available_from, site.mode, site.services,
        site.invalid, site.missing,
    )  # fmt: skip


def test_english_keys_and_values_are_read(propose: Callable[..., Proposal]) -> None:
    proposal = propose(ENGLISH)
    assert show(proposal.sites[0]) == (
        "HC-1", "黄村中心", "440106012", "existing", "headquarters", "lease", 1200, 90,
        date(2010, 8, 31), 2, ("elderly", "youth"), {}, (),
    )  # fmt: skip
    assert proposal.notes == ()


def test_chinese_keys_and_values_say_the_same(propose: Callable[..., Proposal]) -> None:
    words = {"status": "现有", "role": "总部", "premises": "租赁", "mode": "街道间接管理"}
    chinese = {KEYS[key]: words.get(key, value) for key, value in ENGLISH.items()}
    proposal = propose(chinese)
    assert show(proposal.sites[0]) == show(propose(ENGLISH).sites[0])
    assert proposal.notes == ()


def test_what_is_not_said_is_proposed_and_missing(propose: Callable[..., Proposal]) -> None:
    (site,) = propose({}).sites
    assert show(site) == (
        "", None, None, "proposed", None, None, None, None, None, None, (), {},
        ("name", "subdistrict", "premises", "floor_area_m2"),
    )  # fmt: skip


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_blanks_are_missing(propose: Callable[..., Proposal], blank: str | None) -> None:
    (site,) = propose(dict.fromkeys(KEYS, blank)).sites
    assert show(site) == show(propose({}).sites[0])


@pytest.mark.parametrize("field", [f for f in FIELDS if f.choices], ids=lambda field: field.key)
def test_every_word_of_a_list_is_known_in_both_languages(
    propose: Callable[..., Proposal], field: Field
) -> None:
    for choice in field.choices:
        words = (choice.value, choice.label.zh, choice.label.en.upper(), *choice.others)
        sites = propose(*({field.key: word} for word in words)).sites
        assert not any(site.invalid for site in sites)
        value = (choice.value,) if field.kind == "list" else choice.value
        assert {getattr(site, field.key) for site in sites} == {value}


@pytest.mark.parametrize(
    ("value", "mode"), [(1, 1), ("2", 2), (2.0, 2), ("购买服务", 1), ("街道间接管理", 2)]
)
def test_a_mode_is_a_number_or_its_name(
    propose: Callable[..., Proposal], value: object, mode: int
) -> None:
    assert propose({"mode": value}).sites[0].mode == mode


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("status", "open", "open"),
        ("role", "main", "main"),
        ("premises", "tent", "tent"),
        ("floor_area_m2", 0, "0"),
        ("floor_area_m2", -5.5, "-5.5"),
        ("office_area_m2", "-1", "-1"),
        ("mode", 3, "3"),
        ("mode", 0, "0"),
        ("mode", "both", "both"),
        ("mode", 1.5, "1.5"),
        ("cost_wan", -1, "-1"),
    ],
)
def test_a_value_out_of_range_is_kept_for_the_rule_that_judges_it(
    propose: Callable[..., Proposal], key: str, value: object, kept: str
) -> None:
    (site,) = propose({key: value}).sites
    assert site.invalid == {key: kept}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("floor_area_m2", "many", 'floor_area_m2 is "many". Give a number in m², above 0.'),
        ("floor_area_m2", [900], 'floor_area_m2 is "[900]"'),
        ("office_area_m2", True, 'office_area_m2 is "True"'),
        ("available_from", "next year", 'available_from is "next year". Write it as 2010-08-31.'),
        ("available_from", "2010-02-30", 'available_from is "2010-02-30"'),
        ("cost_wan", "cheap", 'cost_wan is "cheap". Give a number in 10,000 yuan, 0 or more.'),
        ("status", ["existing"], "status is \"['existing']\". Choose one of"),
        ("id", {"a": 1}, "id is \"{'a': 1}\". Give text."),
        ("address", ["a"], "address is"),
        ("subdistrict", "黄埔街", "subdistrict 黄埔街 is not in the case. Give its code or name"),
        ("subdistrict", "440106099", "subdistrict 440106099 is not in the case"),
        ("subdistrict", "冼村街", "subdistrict 冼村街 is not in the case"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_feature(
    propose: Callable[..., Proposal], key: str, value: object, message: str
) -> None:
    (told,) = refuse(propose, WHOLE, WHOLE | {key: value})
    assert told.startswith("p.geojson feature 2 (黄村中心): ")
    assert message in told


def test_all_bad_values_are_told_at_once_with_their_fields(
    propose: Callable[..., Proposal],
) -> None:
    with pytest.raises(InputError) as refusal:
        propose({"cost_wan": "x", "subdistrict": "y"}, {"名称": "甲", "建筑面积": "z"})
    assert [(d.feature, d.field, d.stage, d.name) for d in refusal.value.defects] == [
        (1, "cost_wan", "fields", None),
        (1, "subdistrict", "place", None),
        (2, "floor_area_m2", "fields", "甲"),
    ]
    assert refusal.value.defects[2].say("zh") == (
        'p.geojson 第 2 个要素（甲）：建筑面积 floor_area_m2 为 "z"。请填数字（平方米），大于 0。'
    )


def test_a_subdistrict_is_found_by_code_or_by_a_name_that_only_it_has() -> None:
    assert find_subdistrict("440106012000", AREA) == "440106012"
    assert find_subdistrict("天园街", AREA) == "440106012"
    assert find_subdistrict("冼村街", AREA) is None
    assert find_subdistrict(None, AREA) is None


def test_an_id_that_stands_twice_is_refused_at_both(propose: Callable[..., Proposal]) -> None:
    told = refuse(propose, {"id": "A"}, {"id": "B"}, {"编号": "A", "name": "乙"})
    assert told == [
        "p.geojson feature 1: id A stands twice. Give each site an id of its own.",
        "p.geojson feature 3 (乙): id A stands twice. Give each site an id of its own.",
    ]


def test_unknown_keys_are_kept_and_noted(propose: Callable[..., Proposal]) -> None:
    proposal = propose({"楼层": 3, "phone": "1", "地址": "一路"}, {"phone": "2"})
    (note,) = proposal.notes
    assert note.en == "kept unknown attributes: phone, 楼层"
    assert proposal.sites[0].others == {"楼层": 3, "phone": "1", "address": "一路"}


def test_the_file_may_have_names_of_its_own(propose: Callable[..., Proposal]) -> None:
    columns = {"id": "osm_id", "subdistrict": "municipality", "name": "label"}
    properties = {"osm_id": 123, "municipality": "天园街", "label": None}
    proposal = propose(properties, columns=columns)
    assert show(proposal.sites[0])[:3] == ("123", None, "440106012")
    assert proposal.notes == ()


def test_of_two_columns_for_one_key_the_named_then_the_english_one_counts(
    propose: Callable[..., Proposal],
) -> None:
    both = {"name": "A", "名称": "B", "label": "C"}
    assert propose(both).sites[0].name == "A"
    assert propose(both, columns={"name": "label"}).sites[0].name == "C"
    assert propose(both | {"name": None}).sites[0].name == "B"


def test_a_header_of_the_template_is_understood(propose: Callable[..., Proposal]) -> None:
    (site,) = propose({"名称*": "甲", "Floor area (m²)": 900, "Subdistrict*": "天园街"}).sites
    assert (site.name, site.floor_area_m2, site.subdistrict) == ("甲", 900, "440106012")
    assert propose({"建设费用（元）": 900}).sites[0].others == {"建设费用（元）": 900}


def test_a_point_keeps_its_degrees(propose: Callable[..., Proposal]) -> None:
    (site,) = propose(WHOLE).sites
    assert (site.lon, site.lat) == pytest.approx((113.36, 23.13), abs=1e-9)
    assert site.given_lon_lat == (113.36, 23.13)
    # 0.64° west of the meridian at 114° E: about 65.5 km
    assert site.x == pytest.approx(500_000 - 65_500, abs=100)
    assert (site.path, site.feature) == ("p.geojson", 1)


def test_a_parcel_stands_inside_itself(tmp_path: Path, write_geojson: Write) -> None:
    square = shapely.box(113.360, 23.130, 113.361, 23.131)
    ring = square - square.buffer(-0.0002)
    path = write_geojson(tmp_path / "p.geojson", (mapping(square), {}), (mapping(ring), {}))
    layer = read_layer(path, "p", kinds=POINTS | POLYGONS)
    first, second = read_proposal(layer, {}, AREA).sites
    assert (first.lon, first.lat) == pytest.approx((113.3605, 23.1305), abs=1e-7)
    assert ring.buffer(1e-7).covers(shapely.Point(second.lon, second.lat))


def test_metres_have_no_given_degrees(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["A"]}, geometry=[shapely.Point(43e4, 255e4)], crs=AREA.crs)
    frame.to_file(tmp_path / "p.gpkg")
    layer = read_layer(tmp_path / "p.gpkg", "p", kinds=POINTS)
    (site,) = read_proposal(layer, {}, AREA).sites
    assert site.given_lon_lat is None
    assert (site.x, site.y) == pytest.approx((43e4, 255e4), abs=1e-6)


def test_a_table_has_its_positions_in_columns(tmp_path: Path) -> None:
    text = "名称,街道,经度,纬度,建筑面积\n甲,天园街,113.36,23.13,900\n乙,天园街,113.37,23.13,many\n"
    (tmp_path / "p.csv").write_text(text, encoding="gb18030")
    layer = read_layer(tmp_path / "p.csv", "p.csv", kinds=POINTS)
    with pytest.raises(InputError, match=r"^p\.csv row 3 \(乙\): floor_area_m2 is"):
        read_proposal(layer, {}, AREA)
    (tmp_path / "p.csv").write_text(text.replace("many", "90"), encoding="gb18030")
    proposal = read_proposal(read_layer(tmp_path / "p.csv", "p.csv", kinds=POINTS), {}, AREA)
    assert [site.name for site in proposal.sites] == ["甲", "乙"]
    assert [site.feature for site in proposal.sites] == [2, 3]
    assert [note.en for note in proposal.notes] == ["its text is read as GB18030"]


def test_a_geopackage_with_a_date_and_a_blank_is_read(tmp_path: Path) -> None:
    import pandas as pd

    columns = {"available_from": pd.to_datetime(["2010-08-31", None]), "mode": [1.0, np.nan]}
    frame = gpd.GeoDataFrame(columns, geometry=[shapely.Point(113.36, 23.13)] * 2, crs="EPSG:4326")
    frame.to_file(tmp_path / "p.gpkg")
    layer = read_layer(tmp_path / "p.gpkg", "p", kinds=POINTS)
    first, second = read_proposal(layer, {}, AREA).sites
    assert (first.available_from, first.mode) == (date(2010, 8, 31), 1)
    assert (second.available_from, second.mode) == (None, None)


def test_ids_are_made_of_code_and_order_and_noted(propose: Callable[..., Proposal]) -> None:
    first = propose(WHOLE, WHOLE, {"id": "440106012-2"}, name="a.geojson")
    second = propose(WHOLE, {}, name="b.geojson")
    sites, notes, refused = gather_sites([first, second])
    assert [(site.id, site.path, site.feature) for site in sites.records] == [
        ("440106012-1", "a.geojson", 1), ("440106012-2", "a.geojson", 3),
        ("440106012-3", "a.geojson", 2), ("440106012-4", "b.geojson", 1),
        ("site-1", "b.geojson", 2),
    ]  # fmt: skip
    assert [note[0].en for note in notes] == ["made an id for 2 sites"] * 2
    assert refused == [[], []]


def test_a_file_with_an_id_of_an_earlier_file_is_refused_by_itself(
    propose: Callable[..., Proposal],
) -> None:
    files = [
        propose({"id": "A"}, name="a.geojson"),
        propose({"id": "B"}, {"id": "A", "name": "乙"}, name="b.geojson"),
        propose({"id": "B"}, name="c.geojson"),
    ]
    sites, _, refused = gather_sites(files)
    assert [(site.id, site.path) for site in sites.records] == [
        ("A", "a.geojson"), ("B", "c.geojson"),
    ]  # fmt: skip
    assert [[defect.say("en") for defect in defects] for defects in refused] == [
        [],
        ["b.geojson feature 2 (乙): id A is taken by a.geojson. Give another id."],
        [],
    ]


def test_no_files_are_no_sites() -> None:
    sites, notes, refused = gather_sites([])
    assert (len(sites.records), notes, refused) == (0, [], [])
