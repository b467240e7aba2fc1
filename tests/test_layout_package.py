"""The layout-plan package as one: what is in it, that it is whole, and that it comes out again."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import pytest
import town
from click.testing import CliRunner
from paper import require_font

from siteplan.cli import main
from siteplan.errors import CrsError, OutputExistsError
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.inputs.provenance import hash_settings
from siteplan.model import Evaluation
from siteplan.outputs.layout.package import KINDS, MANIFEST, PackageChoice, write_package

SITE = {"id": "e1", "名称": "东一", "街道": "东街道", "角色": "总部", "联系人": "李 13800138000"}


@pytest.fixture(scope="module", autouse=True)
def _font() -> None:
    require_font()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = town.write_town(tmp_path_factory.mktemp("town"))
    town.write(folder / "data" / "proposals" / "east.geojson", [(town.point(1250, 250), SITE)])
    return folder


@pytest.fixture(scope="module")
def evaluation(case: Path) -> Evaluation:
    return evaluate(read_case(case))


def write(evaluation: Evaluation, folder: Path, **choice: Any) -> Path:  # noqa: ANN401
    return write_package(evaluation, folder, PackageChoice(**choice), lambda _: None)


@pytest.fixture(scope="module")
def package(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(evaluation, tmp_path_factory.mktemp("plan") / "layout")


def read(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def read_manifest(folder: Path) -> Any:  # noqa: ANN401
    return json.loads((folder / MANIFEST).read_bytes())


def to_texts(values: Any) -> Any:  # noqa: ANN401  # so that a missing number equals another
    return np.asarray(values).astype(str)


def test_every_part_of_the_plan_is_there(package: Path) -> None:
    assert {name.split("/")[0] for name in read(package)} == {*KINDS, MANIFEST}


def test_manifest_lists_every_file_with_its_hash_and_every_source(
    package: Path, evaluation: Evaluation, case: Path
) -> None:
    manifest, files = read_manifest(package), read(package)
    listed = {one["path"]: one for one in manifest["files"]}
    assert set(listed) == set(files) - {MANIFEST}
    for name, one in listed.items():
        assert one["sha256"] == hashlib.sha256(files[name]).hexdigest()
        assert one["bytes"] == len(files[name])
        assert one["compared_by"] == ("content" if ".gdb/" in name else "bytes")
    sources = {one["path"]: one["sha256"] for one in manifest["sources"]}
    proposal = case / "data" / "proposals" / "east.geojson"
    assert (
        sources["data/proposals/east.geojson"] == hashlib.sha256(proposal.read_bytes()).hexdigest()
    )
    assert len(sources) == len(evaluation.case.sources)
    assert manifest["crs"]["code"] == "EPSG:4547"
    assert "2000" in manifest["crs"]["datum"]["en"]
    assert {"siteplan", "GEOS", "PROJ", "GDAL"} <= set(manifest["versions"])


def test_zip_holds_the_folder(package: Path) -> None:
    with zipfile.ZipFile(package.with_name("layout.zip")) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(read(package))
        assert {name: archive.read(name) for name in archive.namelist()} == read(package)
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(2010, 7, 1)}


def test_the_same_case_gives_the_same_bytes_but_for_the_geodatabase(
    package: Path, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    again = write(evaluate(read_case(case)), tmp_path / "layout")
    first, second = read(package), read(again)
    exact = {name for name in first if ".gdb/" not in name and name != MANIFEST}
    assert exact == {name for name in second if ".gdb/" not in name and name != MANIFEST}
    assert [name for name in sorted(exact) if first[name] != second[name]] == []
    for layer, _ in pyogrio.list_layers(package / "layout.gdb"):
        one, other = (
            pyogrio.raw.read(folder / "layout.gdb", layer=layer) for folder in (package, again)
        )
        assert one[0]["fields"].tolist() == other[0]["fields"].tolist()
        assert str(one[2]) == str(other[2])  # geometries as bytes
        assert all(map(np.array_equal, map(to_texts, one[3]), map(to_texts, other[3])))
    known = [
        [entry for entry in read_manifest(folder)["files"] if entry["compared_by"] == "bytes"]
        for folder in (package, again)
    ]
    assert known[0] == known[1]


def test_contacts_stay_at_home_unless_asked_for(evaluation: Evaluation, tmp_path: Path) -> None:
    for contacts in (False, True):
        folder = write(evaluation, tmp_path / str(contacts), contacts=contacts)
        table = pyogrio.read_dataframe(folder / "layout.gpkg", layer="sites")
        told = table.astype(str).to_numpy().ravel().tolist()
        assert any("13800138000" in str(value) for value in told) == contacts
        text = (folder / "geojson" / "sites.geojson").read_text("utf-8")
        assert ("13800138000" in text) == contacts
        assert read_manifest(folder)["contacts"] == contacts
    quiet = b"".join(read(tmp_path / "False").values())
    assert b"13800138000" not in quiet


@pytest.mark.parametrize("crs", ["4490", "EPSG:4526"])
def test_layers_are_in_the_crs_asked_for_and_the_drawing_in_metres(
    evaluation: Evaluation, tmp_path: Path, crs: str
) -> None:
    folder = write(evaluation, tmp_path / "layout", crs=crs)
    manifest = read_manifest(folder)
    assert manifest["crs"]["code"] == f"EPSG:{crs.rsplit(':', maxsplit=1)[-1]}"
    x, _, _, _ = pyogrio.read_bounds(folder / "layout.gpkg", layer="sites")[1][:, 0].tolist()
    assert (x < 180) == (crs == "4490")
    drawn = manifest["drawing_crs"]["code"]
    assert drawn == ("EPSG:4547" if crs == "4490" else "EPSG:4526")
    if crs == "4526":
        assert np.floor(x / 1e6) == 38


def test_a_crs_of_another_country_leaves_nothing_behind(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    with pytest.raises(CrsError, match="--crs"):
        write(evaluation, tmp_path / "layout", crs="EPSG:2056")
    assert list(tmp_path.iterdir()) == []


def test_a_package_replaces_the_former_one_as_a_whole(
    evaluation: Evaluation, case: Path, tmp_path: Path
) -> None:
    folder = write(evaluation, tmp_path / "layout")
    west = evaluate(read_case(case), subdistricts=[town.WEST])
    write(west, folder)
    plates = sorted(path.name for path in (folder / "plates").iterdir())
    assert all(town.EAST not in name for name in plates)
    assert {one["path"] for one in read_manifest(folder)["files"]} == set(read(folder)) - {MANIFEST}
    assert {path.name for path in tmp_path.iterdir()} == {
        "layout",
        "layout.zip",
        ".siteplan.lock",
    }


def test_what_somebody_else_put_there_is_never_replaced(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    folder = write(evaluation, tmp_path / "layout")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    before = read(folder)
    with pytest.raises(OutputExistsError, match="did not write it"):
        write(evaluation, folder)
    assert read(folder) == before
    (tmp_path / "other.zip").write_bytes(b"mine")
    with pytest.raises(OutputExistsError, match=r"other\.zip"):
        write(evaluation, tmp_path / "other")
    assert (tmp_path / "other.zip").read_bytes() == b"mine"
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(OutputExistsError):
        write(evaluation, tmp_path / "link" / ".." / "link2" / ".." / "link")


def test_a_run_that_fails_leaves_the_former_package(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(evaluation, tmp_path / "layout")
    before = read(folder)

    def break_down(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("siteplan.outputs.layout.package.write_plates", break_down)
    with pytest.raises(KeyboardInterrupt):
        write(evaluation, folder)
    assert read(folder) == before
    assert {path.name for path in tmp_path.iterdir()} == {
        "layout",
        "layout.zip",
        ".siteplan.lock",
    }


def test_the_command_ends_with_the_path_of_the_package(case: Path) -> None:
    done = CliRunner().invoke(main, ["layout", str(case), "--lang", "en", "--quiet"])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == str(case / "maps" / "layout")
    assert (case / "maps" / "layout" / MANIFEST).is_file()
    assert (case / "maps" / "layout.zip").is_file()


def test_the_manifest_is_enough_to_make_the_package_again(case: Path, tmp_path: Path) -> None:
    given = ["--crs", "4526", "--lang", "en", "--standard", "gb50180-2018-15min"]
    given += ["--subdistrict", "西街道", "--distance", "straight-line", "--contacts", "--quiet"]
    manifests = []
    for name in ("first", "again"):
        folder = tmp_path / name
        done = CliRunner().invoke(main, ["layout", str(case), "--out", str(folder), *given])
        assert done.exit_code == 0, done.output
        manifests.append(read_manifest(folder))
        given = [*manifests[0]["arguments"], "--quiet"]
    first, again = (
        [one for one in manifest.pop("files") if one["compared_by"] == "bytes"]
        for manifest in manifests
    )
    assert first == again
    assert manifests[0] == manifests[1]
    assert manifests[0]["subdistricts"] == {"judged": [town.WEST], "of": 2}


def test_the_manifest_tells_settings_standard_and_fonts_by_their_hash(
    package: Path, case: Path
) -> None:
    found = hash_settings(case, None)
    assert (
        found["siteplan.toml"] == hashlib.sha256((case / "siteplan.toml").read_bytes()).hexdigest()
    )
    assert set(found) == {"siteplan.toml", "guangzhou-2010"}
    ours = case / "ours.toml"
    ours.write_text('format = 1\n[profile]\nid = "o"\nextends = "guangzhou-2010"\n', "utf-8")
    assert set(hash_settings(case, str(ours))) == {"siteplan.toml", "guangzhou-2010", "ours.toml"}
    ours.unlink()
    manifest = read_manifest(package)
    assert all(len(one["sha256"]) == 64 for one in manifest["fonts"])
    assert manifest["fonts"]
    assert {"ezdxf", "pillow", "xlsxwriter", "typst"} <= set(manifest["versions"])


def test_a_file_in_the_way_is_named_and_those_of_the_system_are_not(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    folder = write(evaluation, tmp_path / "layout")
    (folder / "plates" / ".DS_Store").write_bytes(b"system")
    (folder / "Thumbs.db").write_bytes(b"system")
    write(evaluation, folder)
    assert not (folder / "Thumbs.db").exists()
    (folder / "plates" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=r"plates.notes\.txt"):
        write(evaluation, folder)
    assert (folder / "plates" / "notes.txt").read_text("utf-8") == "mine"


def test_a_wrong_crs_is_told_before_anything_is_judged(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(*_: object, **__: object) -> None:
        pytest.fail("the case was judged")

    monkeypatch.setattr("siteplan.evaluate.evaluate", judge)
    command = ["layout", str(case), "--out", str(tmp_path / "p"), "--crs", "EPSG:2056", "--quiet"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == CrsError.exit_code
    assert "--crs" in done.stderr
