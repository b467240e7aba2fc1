"""A case is begun from the files that planners have, whole or not at all; so is the demo."""

import json
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import town
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from siteplan import cli, start
from siteplan.cli import starting
from siteplan.errors import InputError, Text
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.inputs.headers import find_candidates, settle_columns
from siteplan.start import CasePlan, make_case, quote_toml, write_settings

ROOT = Path(__file__).parents[1]
COLUMNS = {"乡镇码": "code", "街道名称": "name", "区县": "district"}


def run(*words: object, typed: Sequence[str] = ()) -> Result:
    answers = "".join(f"{line}\n" for line in typed)
    return CliRunner().invoke(cli.main, [str(word) for word in words], input=answers)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody be there who answers."""
    monkeypatch.setattr(starting, "is_terminal", lambda: True)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder of files as a bureau has them."""
    return write_files(tmp_path / "files")


def write_files(folder: Path, **renamed: str) -> Path:
    """Write boundaries, residents and roads; `code="..."` gives a column of the former a name."""
    names = {ours: theirs for theirs, ours in COLUMNS.items()} | renamed
    rows = [(0, town.WEST, "西街道"), (1000, town.EAST, "东街道")]
    town.write(
        folder / "街道 边界.geojson",
        [
            (
                town.box(west, 0, west + 1000, 1000),
                {names["code"]: code, names["name"]: name, names["district"]: "区"},
            )
            for west, code, name in rows
        ],
    )
    (folder / "人口.csv").write_text(
        f"行政区划代码,街道,常住人口（人）,年份\n{town.WEST},西,100,2010\n{town.EAST},东,50,2010\n",
        encoding="gb18030",
    )
    line = {"type": "LineString", "coordinates": [town.place(0, 500), town.place(2000, 500)]}
    town.write(folder / "路网.geojson", [(line, {"highway": "residential"})])
    return folder


def name_files(files: Path) -> list[object]:
    return [
        "--boundaries", files / "街道 边界.geojson", "--population", files / "人口.csv",
        "--roads", files / "路网.geojson",
    ]  # fmt: skip


def list_names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_case_from_files_is_judged_at_once(files: Path, tmp_path: Path) -> None:
    words = [*name_files(files), "--name", "新区", "--date", "2010-07-01", "--lang", "en"]
    result = run("new", tmp_path / "a" / "b", *words)
    assert result.exit_code == 0, result.output
    made = tmp_path / "a" / "b"
    assert tomllib.loads((made / "siteplan.toml").read_text("utf-8")) == {
        "case": {"name": "新区", "date": date(2010, 7, 1), "standard": "guangzhou-2010"},
        "columns": {
            "boundaries": {"code": "乡镇码", "name": "街道名称", "district": "区县"},
            "population": {
                "code": "行政区划代码", "name": "街道", "year": "年份",
                "population": "常住人口（人）",
            },
        },
    }  # fmt: skip
    assert "街道 边界.geojson: code = 乡镇码" in result.stdout
    assert result.stdout.splitlines()[-2:] == [str(made), f"next: siteplan evaluate {made}"]
    evaluation = evaluate(read_case(made))
    assert evaluation.summary.population == 150
    assert evaluation.method == "roads"
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b"]


def test_the_files_are_copies(files: Path, tmp_path: Path) -> None:
    run("new", tmp_path / "c", *name_files(files))
    assert len(list_names(tmp_path / "c")) == 4
    assert not any(p.is_symlink() for p in (tmp_path / "c").rglob("*"))
    assert (tmp_path / "c/data/population.csv").read_bytes() == (files / "人口.csv").read_bytes()
    assert (tmp_path / "c" / "data" / "proposals").is_dir()


MISSING = {
    "zh": """\
尚缺 街道边界：请放入 data/boundaries/（GeoJSON、GeoPackage 或 Shapefile）
尚缺 常住人口：请放入 data/population.csv（列 code, population），或运行 siteplan data population
""",
    "en": """\
still missing: subdistrict boundaries: put GeoJSON, GeoPackage or Shapefile into data/boundaries/
still missing: residents: put data/population.csv there with columns code and population, or run \
siteplan data population
""",
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_case_says_what_is_missing(tmp_path: Path, lang: str) -> None:
    result = run("new", tmp_path / "c", "--lang", lang)
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'c'}\n{MISSING[lang]}"
    assert list_names(tmp_path / "c") == ["siteplan.toml"]


def test_boundaries_alone_lack_residents_unless_they_have_a_column(
    files: Path, tmp_path: Path
) -> None:
    path = files / "街道 边界.geojson"
    assert "still missing: residents" in run("new", tmp_path / "c", "--boundaries", path).stdout
    path.write_text(path.read_text("utf-8").replace('"区县": "区"', '"POP": 7'), "utf-8")
    result = run("new", tmp_path / "d", "--boundaries", path)
    assert "missing" not in result.stdout
    assert [one.population for one in read_case(tmp_path / "d").area.subdistricts] == [7, 7]


def test_two_candidates_are_an_error_that_names_both(tmp_path: Path) -> None:
    files = write_files(tmp_path / "f", district="街道代码")
    words = ["new", tmp_path / "c", *name_files(files), "--yes", "--lang", "en"]
    result = run(*words)
    assert result.exit_code == 3
    assert (
        "街道 边界.geojson: several columns may be code: 乡镇码, 街道代码. Say which under"
        " [columns.boundaries], or with --column boundaries.code=NAME."
    ) in result.stderr
    assert not (tmp_path / "c").exists()
    assert run(*words, "--column", "boundaries.code=乡镇码").exit_code == 0


def test_a_needed_column_that_nobody_can_guess_is_an_error(tmp_path: Path) -> None:
    files = write_files(tmp_path / "f", code="OBJ")
    result = run("new", tmp_path / "c", *name_files(files), "--lang", "en")
    assert result.exit_code == 3
    assert "has no column code. It has OBJ, 区县, 街道名称; say which with" in result.stderr
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("x", "--column is 'x'. Write it as boundaries.code=NAME."),
        ("roads.name=x", "--column is 'roads.name=x'."),
        ("boundaries.code=", "--column is 'boundaries.code='."),
        ("boundaries.cod=x", "unknown key boundaries.cod. Perhaps code is meant."),
    ],
)
def test_a_column_that_is_given_wrongly_is_refused(tmp_path: Path, word: str, message: str) -> None:
    result = run("new", tmp_path / "c", "--column", word, "--lang", "en")
    assert result.exit_code == 3
    assert message in result.stderr


def test_a_column_that_the_file_does_not_have_is_refused(files: Path, tmp_path: Path) -> None:
    result = run(
        "new", tmp_path / "c", *name_files(files), "--column", "boundaries.code=X", "--lang", "en"
    )
    assert result.exit_code == 3
    assert "has no column X. It has" in result.stderr


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_everything_is_asked(files: Path, tmp_path: Path) -> None:
    typed = [
        "我的案例", "2010-07-01", "",
        f"'{files / '街道 边界.geojson'}'", str(files / "人口.csv"), "",
        "y", "n", "", "",  # code; not the name; none instead; district
        "", "", "", "",
    ]  # fmt: skip
    result = run("new", tmp_path / "c", "--lang", "zh", typed=typed)
    assert result.exit_code == 0, result.output
    assert "街道代码取自“乡镇码”列，对吗 [Y/n]: y" in result.stdout
    settings = tomllib.loads((tmp_path / "c" / "siteplan.toml").read_text("utf-8"))
    assert settings["case"] == {
        "name": "我的案例", "date": date(2010, 7, 1), "standard": "guangzhou-2010",
    }  # fmt: skip
    assert settings["columns"]["boundaries"] == {"code": "乡镇码", "district": "区县"}
    assert read_case(tmp_path / "c").area.subdistricts[0].name == town.WEST


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_two_candidates_are_asked_until_the_answer_is_a_column(
    tmp_path: Path,
) -> None:
    files = write_files(tmp_path / "f", district="街道代码")
    flags = ["--name", "x", "--date", "2010-07-01", "--standard", "guangzhou-2010"]
    typed = ["", "nothing", "乡镇码", "y"]
    result = run(
        "new", tmp_path / "c", "--boundaries", files / "街道 边界.geojson", *flags, "--lang", "en",
        typed=["", "", *typed],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Which column is the code (乡镇码, 街道代码)" in result.stdout
    assert result.stdout.count("There is no such column. Copy the name of one.") == 2
    assert 'code = "乡镇码"' in (tmp_path / "c" / "siteplan.toml").read_text("utf-8")


@pytest.mark.usefixtures("terminal")
def test_with_yes_nothing_is_asked(files: Path, tmp_path: Path) -> None:
    assert run("new", tmp_path / "c", *name_files(files), "--yes").exit_code == 0


@pytest.mark.parametrize("command", ["new", "demo"])
def test_a_folder_that_holds_anything_is_refused(tmp_path: Path, command: str) -> None:
    (tmp_path / "mine.txt").touch()
    result = run(command, tmp_path, "--lang", "en")
    assert result.exit_code == 5
    assert "is not an empty folder. Name a new or an empty folder." in result.stderr
    assert list_names(tmp_path) == ["mine.txt"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert run("new", tmp_path / "link").exit_code == 5


def test_an_empty_folder_is_filled_and_stays_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    folder.mkdir()
    before = folder.stat().st_ino
    assert run("new", folder).exit_code == 0
    assert folder.stat().st_ino == before
    assert (folder / "siteplan.toml").is_file()


def test_files_that_cannot_be_used_leave_nothing_behind(files: Path, tmp_path: Path) -> None:
    (files / "人口.csv").write_text(f"code,population\n{town.WEST},-1\n", "utf-8")
    result = run("new", tmp_path / "out" / "c", *name_files(files), "--lang", "en")
    assert result.exit_code == 3
    assert "population is '-1'" in result.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_is_blamed_by_its_own_name(files: Path, tmp_path: Path) -> None:
    (files / "人口.csv").write_text(f"code,population\n{town.WEST},1\n", "utf-8")
    result = run("new", tmp_path / "c", *name_files(files), "--lang", "en")
    assert f"人口.csv (东街道): subdistrict {town.EAST} has no population" in result.stderr
    assert "data/population.csv" not in result.stderr


def test_people_in_another_unit_cannot_be_mapped(files: Path, tmp_path: Path) -> None:
    text = f"code,常住人口（万人）\n{town.WEST},1\n{town.EAST},2\n"
    (files / "人口.csv").write_text(text, "utf-8")
    column = ["--column", "population.population=常住人口（万人）"]
    for words in ([], column):
        result = run("new", tmp_path / "c", *name_files(files), *words, "--lang", "en")
        assert result.exit_code == 3
        assert "人口.csv: column 常住人口（万人） counts thousands" in result.stderr
    assert not (tmp_path / "c").exists()


@pytest.mark.usefixtures("terminal")
def test_a_wrong_answer_is_told_in_the_language_and_asked_again(
    files: Path, tmp_path: Path
) -> None:
    (files / "人口.csv").write_text("code,人（万）,x\n1,1,2\n", "utf-8")
    typed = [
        "", "2010-13-01", "2010-07-01", "nowhere", "", str(files / "no"), "",
        str(files / "人口.csv"), "", "maybe", "y", "人（万）", "x",
    ]  # fmt: skip
    result = run("new", tmp_path / "c", "--lang", "zh", typed=typed)
    assert result.exit_code == 0, result.output
    for said in (
        "不是日期。请写成 2010-07-01。", "没有这个标准", "没有这个文件。请更正路径。",
        "请答 y（是）或 n（否）。", "列 人（万） 以万人等为单位，不是人数", "常住人口在哪一列: x",
    ):  # fmt: skip
        assert said in result.stdout
    assert "Error" not in result.stdout


@pytest.mark.usefixtures("terminal")
def test_a_standard_that_is_given_wrongly_is_refused_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    result = run("new", tmp_path / "c", "--standard", "nowhere", "--lang", "zh")
    assert (result.exit_code, result.stdout) == (3, "")


def test_what_breaks_half_way_is_taken_back(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "c"
    folder.mkdir()
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if self.name == "siteplan.toml":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    result = run("new", folder, *name_files(files))
    assert result.exit_code == 5
    assert list(folder.iterdir()) == []


def test_a_shapefile_comes_with_all_its_parts(files: Path, tmp_path: Path) -> None:
    import geopandas as gpd

    frame = gpd.read_file(files / "街道 边界.geojson").rename(columns={"乡镇码": "CODE"})
    frame = frame[["CODE", "geometry"]].assign(POP=5)
    frame.to_file(files / "a.b.shp", engine="pyogrio")
    (files / "a.b.xml").touch()
    result = run("new", tmp_path / "c", "--boundaries", files / "a.b.shp")
    assert result.exit_code == 0, result.output
    suffixes = {p.suffix for p in (tmp_path / "c" / "data" / "boundaries").iterdir()}
    assert suffixes == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    assert read_case(tmp_path / "c").area.codes == (town.WEST, town.EAST)


def test_a_standard_of_ones_own_is_copied(files: Path, tmp_path: Path) -> None:
    result = run("new", tmp_path / "c", *name_files(files), "--standard", ROOT / "standard.toml")
    assert result.exit_code == 0, result.output
    assert read_case(tmp_path / "c").standard.id == "demo"
    assert run("new", tmp_path / "d", "--standard", "nowhere-1999").exit_code == 3
    assert not (tmp_path / "d").exists()


def test_a_format_that_is_not_read_is_refused_by_role(files: Path, tmp_path: Path) -> None:
    (files / "人口.xlsx").write_bytes(b"PK")
    result = run("new", tmp_path / "c", "--population", files / "人口.xlsx", "--lang", "en")
    assert result.exit_code == 3
    assert ".xlsx cannot be population. Save it as one of .csv." in result.stderr


def test_hostile_names_reach_neither_terminal_nor_settings(files: Path, tmp_path: Path) -> None:
    evil = '\x1b[31m"]\n[paths]\nroads = "/etc"'
    header = 'code\x1b"\\'
    path = files / "街道 边界.geojson"
    text = path.read_text("utf-8").replace("乡镇码", json.dumps(header)[1:-1])
    (files / "..;rm.geojson").write_text(text.replace("区县", "code"), "utf-8")
    result = run(
        "new", tmp_path / "c", "--boundaries", files / "..;rm.geojson",
        "--column", f"boundaries.code={header}", "--lang", "en",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    made = tomllib.loads((tmp_path / "c" / "siteplan.toml").read_text("utf-8"))
    assert made["columns"]["boundaries"]["code"] == header
    assert "\x1b" not in result.output
    result = run(
        "new", tmp_path / "d", "--name", evil, "--population", files / "人口.csv", "--lang", "en"
    )
    assert "\x1b" not in result.output
    settings = tomllib.loads((tmp_path / "d" / "siteplan.toml").read_text("utf-8"))
    assert "paths" not in settings
    assert settings["case"]["name"].startswith("\ufffd[31m")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(min_size=1))
def test_settings_come_back_as_they_were_written(name: str, header: str) -> None:
    assert tomllib.loads(f"x = {quote_toml(name)}")["x"] == name
    plan = CasePlan("x", columns={"boundaries": {"code": header, "name": "name"}})
    columns = tomllib.loads(write_settings(plan)).get("columns", {})
    assert columns == ({} if header == "code" else {"boundaries": {"code": header}})


@pytest.mark.parametrize(
    ("header", "role", "found"),
    [
        (["CODE", "POP"], "boundaries", {"code": "CODE", "population": "POP"}),
        (["Town_Code", "town name"], "boundaries", {"code": "Town_Code", "name": "town name"}),
        (["ｃｏｄｅ"], "population", {"code": "ｃｏｄｅ"}),
        ([" 常住 人口 (人)"], "population", {"population": " 常住 人口 (人)"}),
        (["人口密度", "户籍人口", "常住人口（万人）", "id"], "boundaries", {}),
        (["年份", "2010", "populations"], "boundaries", {}),
        (["population_2010"], "boundaries", {"population": "population_2010"}),
        (["2020年常住人口（人）"], "population", {"population": "2020年常住人口（人）"}),
    ],
)  # fmt: skip
def test_headers_are_known_by_what_people_call_them(
    header: list[str], role: str, found: dict[str, str]
) -> None:
    assert settle_columns(find_candidates(header, role), {}, "f", role) == found


def test_figures_of_two_years_are_two_candidates() -> None:
    header = ["pop2010", "pop2020"]
    assert find_candidates(header, "boundaries") == {"population": tuple(header)}


def test_what_is_given_settles_what_is_ambiguous() -> None:
    candidates = find_candidates(["code", "街道代码", "名称", "街道"], "boundaries")
    with pytest.raises(InputError) as refusal:
        settle_columns(candidates, {"code": "code"}, "f", "boundaries")
    assert [defect.field for defect in refusal.value.defects] == ["name"]


def test_the_missing_are_texts_in_both_languages(tmp_path: Path) -> None:
    missing = make_case(tmp_path / "c", CasePlan("x"))
    assert all(isinstance(text, Text) and text.zh and text.en for text in missing)


# The demo


def test_the_demo_is_copied_whole(tmp_path: Path) -> None:
    result = run("demo", tmp_path / "d", "--lang", "zh")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"下一步：siteplan evaluate {tmp_path / 'd'}"
    for name in list_names(tmp_path / "d"):
        assert (tmp_path / "d" / name).read_bytes() == (ROOT / name).read_bytes()
    assert read_case(tmp_path / "d").name == read_case(ROOT).name


def test_what_others_did_with_the_demo_is_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("demo", tmp_path / "root")
    (tmp_path / "root" / "data" / "reviews.json").touch()
    (tmp_path / "root" / "data" / ".siteplan.lock").touch()
    monkeypatch.setattr(start, "__file__", str(tmp_path / "root" / "siteplan" / "start.py"))
    assert run("demo", tmp_path / "d").exit_code == 0
    left = set(list_names(tmp_path / "root")) - set(list_names(tmp_path / "d"))
    assert left == {"data/reviews.json", "data/.siteplan.lock"}


def test_a_siteplan_without_the_demo_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "__file__", str(tmp_path / "siteplan" / "start.py"))
    result = run("demo", tmp_path / "d", "--lang", "en")
    assert result.exit_code == 3
    assert "the demo did not come with this siteplan" in result.stderr
    assert not (tmp_path / "d").exists()


def test_a_built_wheel_carries_the_demo(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, cwd=ROOT, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from siteplan.cli import main;"
        "import siteplan; assert siteplan.__file__.startswith(sys.argv[1]);"
        "main(['demo', sys.argv[2]])"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(site), str(tmp_path / "d")], check=True, cwd=tmp_path
    )
    run("demo", tmp_path / "e")
    assert list_names(tmp_path / "d") == list_names(tmp_path / "e") != []
