"""A street's own check: every defect at once, and what the file was meant to be."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import mapping

from siteplan.check import check_files
from siteplan.crs import WGS84, Datum, from_wgs84, make_projection
from siteplan.model import CheckedFile

Write = Callable[..., Path]
WHOLE = {
    "name": "黄村中心", "subdistrict": "A", "premises": "lease", "floor_area_m2": 900,
}  # fmt: skip
WEST, SOUTH, STEP = 113.30, 23.10, 0.01  # a row of squares of about a kilometre
CODES = "ABCD"


def at(lon: float, lat: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [lon, lat]}


HERE = at(WEST + STEP / 2, SOUTH + STEP / 2)


@pytest.fixture
def case(tmp_path: Path, write_geojson: Write) -> Path:
    """Make a case of four squares in a row, A to D from the west."""
    squares = [
        (
            mapping(shapely.box(WEST + i * STEP, SOUTH, WEST + (i + 1) * STEP, SOUTH + STEP)),
            {"code": code, "name": f"{code}街道", "population": 1000, "vintage": 2010},
        )
        for i, code in enumerate(CODES)
    ]
    write_geojson(tmp_path / "case/data/boundaries/a.geojson", *squares)
    return tmp_path / "case"


@pytest.fixture
def check(tmp_path: Path, write_geojson: Write) -> Callable[..., CheckedFile]:
    """Return a function that checks one file of features."""

    def check(
        *features: tuple[Mapping[str, Any] | None, Mapping[str, Any]],
        case: Path | None = None,
        **members: object,
    ) -> CheckedFile:
        path = write_geojson(tmp_path / "p.geojson", *features, **members)
        (checked,) = check_files([path], case)
        return checked

    return check


def tell(checked: CheckedFile) -> list[tuple[object, ...]]:
    return [(d.stage, d.severity, d.feature, d.field) for d in checked.defects]


def test_a_whole_proposal_has_nothing_wrong(check: Callable[..., CheckedFile], case: Path) -> None:
    for place in (None, case):
        checked = check((HERE, WHOLE), case=place)
        assert checked.defects == ()
        assert (checked.kind, checked.usable, checked.features) == ("proposals", True, 1)
        assert checked.datum == "wgs84"
        assert checked.correction is None


def test_everything_is_told_at_once_by_stage_and_feature(
    check: Callable[..., CheckedFile], case: Path
) -> None:
    checked = check(
        (at(WEST + STEP * 1.5, SOUTH + STEP / 2), WHOLE | {"floor_area_m2": -1}),
        (None, {"subdistrict": "Z", "available_from": "8/9/2010"}),
        ({"type": "Point", "coordinates": [113.3, "x"]}, WHOLE | {"status": "open", "phone": 1}),
        case=case,
    )
    assert tell(checked) == [
        ("read", "error", 2, None),
        ("read", "error", 3, None),
        ("fields", "note", None, None),
        ("fields", "error", 1, "floor_area_m2"),
        ("fields", "error", 1, "role"),
        ("fields", "error", 2, "available_from"),
        ("fields", "error", 2, "name"),
        ("fields", "warning", 2, "premises"),
        ("fields", "warning", 2, "floor_area_m2"),
        ("fields", "error", 3, "status"),
        ("place", "warning", None, None),  # one site does not tell the datum
        ("place", "error", 1, None),
        ("place", "error", 2, "subdistrict"),
    ]
    assert not checked.usable


def test_without_a_case_a_subdistrict_is_taken_as_it_is_claimed(
    check: Callable[..., CheckedFile],
) -> None:
    assert check((HERE, WHOLE | {"subdistrict": "nowhere"})).defects == ()


def test_a_file_that_cannot_be_read_is_of_no_kind(tmp_path: Path) -> None:
    (tmp_path / "p.geojson").write_text("{", encoding="utf-8")
    (checked,) = check_files([tmp_path / "p.geojson"])
    assert (checked.kind, checked.features, checked.datum, checked.usable) == (
        "unknown", 0, None, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "wrong"),
    [
        (["headquarters", "branch"], []),
        ([None], []),
        ([None, "branch"], [1]),
        (["branch", "branch", "branch"], [1]),
        (["headquarters", "branch", "headquarters", "总部"], [3, 4]),
    ],
)
def test_of_several_sites_one_is_headquarters(
    check: Callable[..., CheckedFile], roles: list[str | None], wrong: list[int]
) -> None:
    sites = [
        (at(WEST + i * STEP / 10, SOUTH), WHOLE | {"role": role}) for i, role in enumerate(roles)
    ]
    other = (HERE, WHOLE | {"subdistrict": "B", "role": "headquarters"})
    candidate = (at(WEST, SOUTH + STEP / 3), WHOLE | {"status": "candidate", "role": "总部"})
    checked = check(*sites, other, candidate)
    errors = [one for one in tell(checked) if one[1] == "error"]
    assert errors == [("fields", "error", feature, "role") for feature in wrong]


def test_a_site_beside_the_headquarters_says_what_it_is(check: Callable[..., CheckedFile]) -> None:
    first, second = WHOLE | {"role": "总部"}, WHOLE
    assert tell(check((HERE, first), (at(WEST, SOUTH), second))) == [
        ("fields", "warning", 2, "role")
    ]


def test_sites_of_a_centre_have_one_mode(check: Callable[..., CheckedFile]) -> None:
    first, second = WHOLE | {"role": "总部", "mode": 1}, WHOLE | {"role": "分站点", "mode": 2}
    assert tell(check((HERE, first), (at(WEST, SOUTH), second))) == [("fields", "error", 1, "mode")]


def test_two_sites_at_one_place_may_be_one(check: Callable[..., CheckedFile]) -> None:
    sites = [(HERE, WHOLE | {"subdistrict": code}) for code in "AB"]
    checked = check(*sites)
    assert tell(checked) == [("place", "warning", 2, None)]
    assert "stands where feature 1 does" in checked.defects[0].say("en")


def test_in_a_table_the_site_at_one_place_is_named_by_its_row(tmp_path: Path) -> None:
    rows = "".join(f"{name},A,113.36,23.13,租赁\n" for name in "甲乙")
    (tmp_path / "a.csv").write_text(f"名称,街道,经度,纬度,场地来源\n{rows}", encoding="utf-8")
    (checked,) = check_files([tmp_path / "a.csv"])
    (defect,) = [one for one in checked.defects if one.stage == "place"]
    assert defect.say("zh").endswith("第 3 行（乙）：与第 2 行位于同一处。如为重复请删去一个。")


@pytest.mark.parametrize(
    ("east", "severity", "where"),
    [
        (1.0, None, ""),
        (1.02, "warning", "lies 20 m outside the subdistrict it is for, in B街道"),
        (1.5, "error", "lies 5"),
        (-0.5, "error", "m outside the subdistrict it is for, and in no other"),
    ],
)
def test_a_site_outside_its_subdistrict_is_told_with_the_distance(
    check: Callable[..., CheckedFile], case: Path, east: float, severity: str | None, where: str
) -> None:
    checked = check((at(WEST + east * STEP, SOUTH + STEP / 2), WHOLE), case=case)
    defects = [defect for defect in checked.defects if defect.feature == 1]
    assert [defect.severity for defect in defects] == ([severity] if severity else [])
    assert all(where in defect.message.en for defect in defects)


def test_an_id_of_another_file_is_refused_and_one_of_an_earlier_version_is_not(
    case: Path, write_geojson: Write
) -> None:
    proposals = case / "data/proposals"
    write_geojson(proposals / "b.geojson", (HERE, WHOLE | {"id": "b-1"}))
    path = write_geojson(case / "sent/a.geojson", (HERE, WHOLE | {"id": "b-1"}))
    (checked,) = check_files([path], case)
    assert ("place", "error", 1, "id") in tell(checked)
    newer = write_geojson(case / "sent/b.geojson", (HERE, WHOLE | {"id": "b-1"}))
    (checked,) = check_files([newer], case)
    assert checked.usable


def shift(
    datum: Datum, count: int, east: float = 0.6
) -> list[tuple[dict[str, object], dict[str, object]]]:
    """Return sites near the middles of the squares, as a web map in China shows them."""
    sites = []
    for i in range(count):
        code, order = CODES[i % 4], i // 4
        lon = np.array([WEST + (i % 4 + east + order / 100) * STEP])
        lat = np.array([SOUTH + 0.5 * STEP])
        (x,), (y,) = from_wgs84(lon, lat, datum)
        role = "headquarters" if order == 0 else "branch"
        sites.append((at(float(x), float(y)), WHOLE | {"subdistrict": code, "role": role}))
    return sites


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_datum_is_told_by_the_subdistricts_with_the_evidence(
    check: Callable[..., CheckedFile], case: Path, datum: Datum
) -> None:
    checked = check(*shift(datum, 12), case=case)
    (defect,) = checked.defects
    name = {"gcj02": "GCJ-02", "bd09": "BD-09"}[datum]
    assert defect.message.en.startswith(f"12 of 12 sites fit after {name} → WGS84, ")
    assert " as given; they move by " in defect.message.en
    assert (defect.stage, defect.severity) == ("place", "error")
    assert checked.datum == datum
    assert checked.correction is not None
    for i, (values, place) in enumerate(checked.correction.features):
        assert place is not None
        assert place.x == pytest.approx(WEST + (i % 4 + 0.6 + i // 4 / 100) * STEP, abs=1e-9)
        assert place.y == pytest.approx(SOUTH + STEP / 2, abs=1e-9)
        assert values["original_datum"] == datum
        lon, lat = shift(datum, 12)[i][0]["coordinates"]
        assert values["original_coordinates"] == f"{lon:.12g}, {lat:.12g}"


def test_a_datum_that_the_case_states_is_not_doubted(
    check: Callable[..., CheckedFile], case: Path
) -> None:
    (case / "siteplan.toml").write_text('[datum]\nproposals = "gcj02"', encoding="utf-8")
    checked = check(*shift("gcj02", 12), case=case)
    assert (checked.usable, checked.datum) == (True, "gcj02")
    (case / "siteplan.toml").write_text('[datum]\nproposals = "bd09"', encoding="utf-8")
    wrong = check(*shift("wgs84", 12, east=0.3), case=case)
    assert (wrong.usable, wrong.datum) == (False, "wgs84")
    assert wrong.defects[0].message.en.startswith("12 of 12 sites fit as WGS84, 0 of 12 as given")


def test_what_cannot_be_told_is_asked_and_never_converted(
    check: Callable[..., CheckedFile], case: Path
) -> None:
    sites = [*shift("gcj02", 1), *shift("wgs84", 2)[1:]]
    checked = check(*sites, case=case)
    asked = [defect for defect in checked.defects if "cannot be told" in defect.message.en]
    assert [defect.severity for defect in asked] == ["warning"]
    assert asked[0].message.en.endswith("fit 1 as given, 2 after GCJ-02 → WGS84")
    assert checked.correction is None


def test_latitude_first_is_told_by_the_numbers_in_china(
    check: Callable[..., CheckedFile], case: Path
) -> None:
    checked = check((at(SOUTH + STEP / 2, WEST + STEP / 2), WHOLE), case=case)
    assert tell(checked) == [("read", "error", 1, None)]
    assert checked.correction is not None
    ((values, place),) = checked.correction.features
    assert place == shapely.Point(WEST + STEP / 2, SOUTH + STEP / 2)
    assert values["original_coordinates"] == "23.105, 113.305"


def test_an_export_of_nothing_we_know_is_of_unknown_kind(
    check: Callable[..., CheckedFile],
) -> None:
    checked = check((HERE, {"OBJECTID": 1, "SHAPE_LEN": 2.5}))
    assert checked.kind == "unknown"
    assert not checked.usable


def test_the_order_of_the_features_does_not_change_what_is_found(
    check: Callable[..., CheckedFile], case: Path
) -> None:
    sites = shift("gcj02", 11)
    forward, backward = check(*sites, case=case), check(*sites[::-1], case=case)
    assert sorted(d.message.en for d in forward.defects) == sorted(
        d.message.en for d in backward.defects
    )


@pytest.mark.parametrize("north_first", [False, True])
def test_metres_of_no_named_zone_are_told_by_the_case(
    check: Callable[..., CheckedFile], case: Path, *, north_first: bool
) -> None:
    project = make_projection(WGS84, "EPSG:4547")
    sites = []
    for place, values in shift("wgs84", 12):
        lon, lat = place["coordinates"]
        (x,), (y,) = project(np.array([lon]), np.array([lat]))
        sites.append((at(float(y), float(x)) if north_first else at(float(x), float(y)), values))
    alone = check(*sites)
    assert alone.correction is None
    assert not alone.usable
    checked = check(*sites, case=case)
    (told,) = [d.message.en for d in checked.defects if d.stage == "place"]
    how = "as metres of EPSG:4547" + (" with the northing first" if north_first else "")
    assert told == f"12 of 12 sites fit {how}, 0 of 12 as given"
    assert checked.correction is not None
    assert all(defect.mended for defect in checked.defects)
    for (values, place), (meant, _) in zip(
        checked.correction.features, shift("wgs84", 12), strict=True
    ):
        assert place is not None
        assert (place.x, place.y) == pytest.approx(tuple(meant["coordinates"]), abs=1e-9)
        assert values["original_datum"].startswith("EPSG:4547")
