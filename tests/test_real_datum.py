"""The datum of real files: GCJ-02 that says WGS84, over data that are in WGS84."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner
from shapely.geometry import mapping, shape

from siteplan.check import check_files
from siteplan.cli import main
from siteplan.crs import Datum, from_wgs84, project_geometry, to_wgs84
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.outputs.corrected import write_correction

pytestmark = pytest.mark.real

Write = Callable[..., Path]
FUTIAN_ROADS = "futian_drive_osmnx122.graphml"


@pytest.fixture
def futian(tmp_path: Path, real_data: Path, write_geojson: Write) -> Path:
    """Make a case of the roads of Futian, and of the subdistricts there moved to WGS84."""
    source = real_data / "shenzhen"
    raw = json.loads((source / "shenzhen_streets_raw.geojson").read_text("utf-8"))["features"]
    here = [one for one in raw if one["properties"]["DISTRICT"] == "福田区"]
    shapes = np.array([shape(one["geometry"]) for one in here], dtype=object)
    moved = project_geometry(shapes, lambda lon, lat: to_wgs84(lon, lat, "gcj02"))
    labels = [
        {"code": str(one["properties"]["ID"]), "name": one["properties"]["NAME"], "population": 1}
        for one in here
    ]
    case = tmp_path / "futian"
    write_geojson(
        case / "data/boundaries/wgs84.geojson",
        *((mapping(shape), values) for shape, values in zip(moved, labels, strict=True)),
    )
    write_geojson(
        tmp_path / "gcj02.geojson",
        *((mapping(shape), values) for shape, values in zip(shapes, labels, strict=True)),
    )
    shutil.copy(source / FUTIAN_ROADS, case / "data/roads.graphml")
    return case


def test_boundaries_of_shenzhen_are_told_by_the_roads_they_run_along(
    futian: Path, real_data: Path
) -> None:
    (checked,) = check_files([real_data / "shenzhen/shenzhen_streets_raw.geojson"], futian)
    assert (checked.kind, checked.datum, checked.usable) == ("boundaries", "gcj02", False)
    told = [d.message.en for d in checked.defects if d.stage == "place"]
    assert len(told) == 1
    share, rest = told[0].split(" ", 2)[0], told[0].split("runs along roads ")[1]
    assert int(share.removesuffix("%")) >= 90
    assert rest.startswith("after GCJ-02 → WGS84, ")
    assert rest.endswith("they move by 603 m")


def test_boundaries_that_are_right_are_not_accused(futian: Path) -> None:
    (checked,) = check_files([futian / "data/boundaries/wgs84.geojson"], futian)
    assert (checked.kind, checked.usable, checked.datum) == ("boundaries", True, "wgs84")


def test_evaluate_names_the_datum_of_boundaries_that_do_not_fit_the_roads(futian: Path) -> None:
    findings = evaluate(read_case(futian)).findings
    assert not [one for one in findings if (one.code, one.subject) == ("D01", "case")]
    shutil.copy(futian.parent / "gcj02.geojson", futian / "data/boundaries/wgs84.geojson")
    found = evaluate(read_case(futian)).findings
    (finding,) = [one for one in found if (one.code, one.subject) == ("D01", "case")]
    assert (finding.code, finding.severity, finding.department) == ("D01", "warning", "planner")
    assert finding.message.en.startswith("the boundaries look like GCJ-02: ")
    assert finding.message.en.endswith('Write boundaries = "gcj02" under [datum]')
    assert finding.measured == pytest.approx(603, abs=2)
    (futian / "siteplan.toml").write_text('[datum]\nboundaries = "gcj02"', encoding="utf-8")
    findings = evaluate(read_case(futian)).findings
    assert not [one for one in findings if (one.code, one.subject) == ("D01", "case")]


@pytest.fixture
def tianhe(tmp_path: Path, real_data: Path) -> Path:
    """Make a case of the 21 subdistricts of Tianhe, which has no roads."""
    case = tmp_path / "tianhe"
    (case / "data/boundaries").mkdir(parents=True)
    source = real_data / "guangzhou/tianhe_streets_2010.geojson"
    shutil.copy(source, case / "data/boundaries/tianhe.geojson")
    (case / "siteplan.toml").write_text(
        '[columns.boundaries]\npopulation = "population_2010"', encoding="utf-8"
    )
    return case


def test_a_district_of_datav_is_told_by_the_outline_of_the_case(
    tianhe: Path, real_data: Path, tmp_path: Path, write_geojson: Write
) -> None:
    path = real_data / "guangzhou/guangzhou_districts_datav_gcj02.json"
    features = json.loads(path.read_text("utf-8"))["features"]
    (district,) = [one for one in features if one["properties"]["name"] == "天河区"]
    sent = write_geojson(tmp_path / "sent.geojson", (district["geometry"], {"code": "1"}))
    (checked,) = check_files([sent], tianhe)
    (defect,) = checked.defects
    assert (checked.kind, checked.datum, defect.severity) == ("boundaries", "gcj02", "error")
    assert "of their outline follows that of the case after GCJ-02 → WGS84" in defect.message.en
    assert checked.correction is not None
    fixed = write_correction(checked, checked.correction, "en")
    (again,) = check_files([fixed], tianhe)
    assert again.usable


@pytest.fixture
def send(tianhe: Path, tmp_path: Path, write_geojson: Write) -> Callable[..., Path]:
    """Return a function that writes twelve proposals as a web map shows them."""
    boundaries = (tianhe / "data/boundaries/tianhe.geojson").read_text("utf-8")
    features = json.loads(boundaries)["features"][:12]

    def send(datum: Datum) -> Path:
        sites = []
        for feature in features:
            place = shapely.point_on_surface(shape(feature["geometry"]))
            (lon,), (lat,) = from_wgs84(np.array([place.x]), np.array([place.y]), datum)
            values = {
                "name": feature["properties"]["name"],
                "subdistrict": feature["properties"]["code"],
                "premises": "lease",
                "floor_area_m2": 900,
            }
            sites.append(({"type": "Point", "coordinates": [float(lon), float(lat)]}, values))
        return write_geojson(tmp_path / "sent.geojson", *sites)

    return send


@pytest.mark.parametrize(("datum", "name"), [("gcj02", "GCJ-02"), ("bd09", "BD-09")])
def test_twelve_proposals_of_tianhe_are_told_and_converted(
    tianhe: Path, send: Callable[..., Path], datum: Datum, name: str
) -> None:
    path = send(datum)
    result = CliRunner().invoke(
        main, ["check", str(path), "--case", str(tianhe), "--fix", "--lang", "en"]
    )
    assert f"12 of 12 sites fit after {name} → WGS84, " in result.stdout
    assert result.exit_code == 0
    fixed = json.loads(path.with_name("sent.fixed.geojson").read_text("utf-8"))["features"]
    for feature, meant in zip(
        fixed, json.loads(send("wgs84").read_text())["features"], strict=True
    ):
        there, here = (one["geometry"]["coordinates"] for one in (feature, meant))
        assert there == pytest.approx(here, abs=1e-8)


def test_proposals_of_tianhe_that_are_right_are_not_accused(
    tianhe: Path, send: Callable[..., Path]
) -> None:
    (checked,) = check_files([send("wgs84")], tianhe)
    assert checked.defects == ()


def test_evaluate_says_of_every_site_of_such_a_file_what_to_do(
    tianhe: Path, send: Callable[..., Path]
) -> None:
    (tianhe / "data/proposals").mkdir()
    shutil.move(send("gcj02"), tianhe / "data/proposals/sent.geojson")
    found = [one for one in evaluate(read_case(tianhe)).findings if one.code == "D01"]
    assert len(found) == 12
    assert all("12 of 12 sites of its file fit after GCJ-02 → WGS84" in f.message.en for f in found)
