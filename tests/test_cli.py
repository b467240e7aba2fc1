import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import town
from click.testing import CliRunner, Result

from siteplan import cli


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return town.write_town(tmp_path / "town")


def test_every_command_and_option_has_help() -> None:
    for name, command in cli.main.commands.items():
        assert command.help, name
        options = [p for p in command.params if p.param_type_name == "option"]
        assert all(getattr(p, "help", None) for p in options), name


def test_evaluate_ends_with_the_path_of_the_map(case: Path) -> None:
    result = run("evaluate", case, "--lang", "en")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[-1] == str(case / "maps" / "index.html")
    assert lines[0].startswith(
        "小镇 · guangzhou-2010 · walking distance along roads · 1,000 m (assumed)"
    )
    assert {p.name for p in (case / "maps").iterdir() if p.name[0] != "."} == {
        "index.html",
        "subdistricts",
        "report.html",
        "evaluation.json",
        "findings.csv",
    }


def test_evaluate_without_a_case_takes_the_current_directory(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(case)
    assert run("evaluate", "--quiet").exit_code == 0
    assert Path("maps/index.html").exists()


def test_progress_goes_to_stderr_unless_quiet(case: Path) -> None:
    assert "judging" in run("evaluate", case, "--lang", "en").stderr
    quiet = run("evaluate", case, "--lang", "en", "--quiet")
    assert quiet.stderr == ""
    assert "judging" not in quiet.stdout


def test_messages_are_chinese_where_the_system_is(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "个街道" in run("evaluate", case).stdout
    assert "subdistricts" in run("evaluate", case, "--lang", "en").stdout


def test_json_prints_what_is_written(case: Path) -> None:
    result = run("evaluate", case, "--json", "--quiet")
    written = (case / "maps" / "evaluation.json").read_text(encoding="utf-8")
    assert result.stdout == written
    assert json.loads(written)["summary"]["population"] == 1000


def test_out_names_another_folder(case: Path, tmp_path: Path) -> None:
    result = run("evaluate", case, "--out", tmp_path / "elsewhere", "--quiet")
    assert result.stdout.endswith(f"{tmp_path / 'elsewhere' / 'index.html'}\n")
    assert not (case / "maps").exists()


def test_strict_exits_with_1_on_violations(case: Path) -> None:
    assert run("evaluate", case, "--strict").exit_code == 1
    assert run("evaluate", case, "--strict", "--subdistrict", "东街道").exit_code == 0


def test_minutes_are_walked_at_the_standards_speed_and_said_on_the_map(case: Path) -> None:
    result = run("evaluate", case, "--minutes", 5, "--json", "--quiet")
    radius = json.loads(result.stdout)["standard"]["thresholds"]["service_radius"]
    assert (radius["value"], radius["status"], radius["source"]) == (300, "assumed", "--minutes")
    page = (case / "maps" / "index.html").read_text(encoding="utf-8")
    assert "5 minutes at 1 m/s, without regard to stairs and slopes" in page
    both = run("evaluate", case, "--minutes", 5, "--radius", 300)
    assert both.exit_code == 2
    assert "not both" in both.stderr


def test_radius_counts_as_assumed(case: Path) -> None:
    document = json.loads(run("evaluate", case, "--radius", 300, "--json", "--quiet").stdout)
    radius = document["standard"]["thresholds"]["service_radius"]
    assert (radius["value"], radius["status"], radius["source"]) == (300, "assumed", "--radius")


def test_subdistrict_filters_what_is_written_and_changes_no_figure(case: Path) -> None:
    everything = json.loads(run("evaluate", case, "--json", "--quiet").stdout)
    alone = json.loads(
        run("evaluate", case, "--subdistrict", town.EAST, "--json", "--quiet").stdout
    )
    assert alone["subdistricts"] == [
        s for s in everything["subdistricts"] if s["code"] == town.EAST
    ]
    assert alone["sites"] == [s for s in everything["sites"] if s["subdistrict"] == town.EAST]


def test_standard_may_be_a_file_beside_the_caller(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ours.toml").write_text(
        'format = 1\n[profile]\nid = "ours"\nextends = "guangzhou-2010"\n'
        '[threshold]\nservice_radius = {value = 400, unit = "m", op = "<=", status = "adopted", '
        'source = "authors", adopted_by = "x", adopted_on = 2010-06-01}\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    result = run("evaluate", case, "--standard", "ours.toml", "--json", "--quiet")
    assert json.loads(result.stdout)["standard"]["service_radius_m"] == 400


def test_straight_line_is_said_on_every_output(tmp_path: Path) -> None:
    case = town.write_town(tmp_path, with_roads=False)
    result = run("evaluate", case, "--lang", "en", "--quiet")
    assert "straight line" in result.stdout
    for name in ("index.html", "findings.csv", "evaluation.json"):
        assert "straight-line" in (case / "maps" / name).read_text(encoding="utf-8"), name


def test_distance_along_roads_needs_roads(tmp_path: Path) -> None:
    case = town.write_town(tmp_path, with_roads=False)
    result = run("evaluate", case, "--distance", "roads", "--quiet", "--lang", "en")
    assert result.exit_code == 3
    assert "the case has no roads" in result.stderr


def test_an_input_that_cannot_be_used_exits_with_3_and_writes_nothing(case: Path) -> None:
    (case / "data" / "population.csv").write_text(
        f"code,population\n{town.WEST},-5\n{town.EAST},many\n", encoding="utf-8"
    )
    result = run("evaluate", case, "--lang", "en", "--quiet")
    assert result.exit_code == 3
    assert not (case / "maps").exists()
    assert "Error: data/population.csv row 2: population is '-5'." in result.stderr
    assert "Error: data/population.csv row 3: population is 'many'." in result.stderr
    assert "错误：data/population.csv 第 2 行" in run("evaluate", case, "--lang", "zh").stderr


def test_refused_proposals_exit_with_3_and_the_rest_is_judged(case: Path) -> None:
    town.write(
        case / "data" / "proposals" / "bad.geojson",
        [(town.point(5, 5), {"name": "x", "subdistrict": "999"})],
    )
    result = run("evaluate", case, "--lang", "en", "--quiet")
    assert result.exit_code == 3
    assert "bad.geojson feature 1 (x): subdistrict 999 is not in the case" in result.stderr
    document = json.loads((case / "maps" / "evaluation.json").read_text(encoding="utf-8"))
    assert [refused["path"] for refused in document["refused"]] == ["data/proposals/bad.geojson"]
    assert document["summary"]["coverage_ratio"] > 0


def test_a_file_that_siteplan_did_not_write_is_never_replaced(case: Path) -> None:
    (case / "maps").mkdir()
    (case / "maps" / "findings.csv").write_text("mine", encoding="utf-8")
    result = run("evaluate", case, "--quiet")
    assert result.exit_code == 5
    assert (case / "maps" / "findings.csv").read_text(encoding="utf-8") == "mine"
    assert not (case / "maps" / "index.html").exists()


def test_a_second_run_replaces_the_first_byte_for_byte(case: Path) -> None:
    def written() -> dict[str, bytes]:
        written = (p for p in (case / "maps").rglob("*") if p.is_file() and p.name[0] != ".")
        return {str(p): p.read_bytes() for p in written}

    assert run("evaluate", case, "--quiet").exit_code == 0
    first = written()
    assert run("evaluate", case, "--quiet").exit_code == 0
    assert written() == first


@pytest.mark.parametrize(
    "words", [["evaluate", "nowhere"], ["evaluate", "--radius", "-1"], ["fly"]]
)
def test_wrong_usage_exits_with_2(words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_text_from_files_cannot_steer_the_terminal(tmp_path: Path) -> None:
    case = town.write_town(tmp_path, name="\x1b[2J小镇")
    assert "\x1b" not in run("evaluate", case, "--quiet").stdout


def test_an_interrupted_run_exits_with_130_and_writes_nothing(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("siteplan.inputs.case.read_case", interrupt)
    assert run("evaluate", case, "--quiet").exit_code == 130
    assert not (case / "maps").exists()


def test_a_command_that_is_printed_can_be_pasted(case: Path, tmp_path: Path) -> None:
    files = ["--boundaries", case / "data/boundaries/town.geojson"]
    files += ["--population", case / "data/population.csv", "--yes"]
    for command, *words in (["demo", "演示 案例"], ["new", "it's new", *files]):
        folder = tmp_path / str(words[0])
        done = run(command, folder, *words[1:], "--lang", "en")
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("next: ")]
        assert shlex.split(line) == ["next:", "siteplan", "evaluate", str(folder)]


@pytest.mark.parametrize("words", [["demo", "case"], ["evaluate", "town"]])
def test_a_terminated_run_exits_with_143_and_leaves_nothing_half_written(
    case: Path, words: list[str]
) -> None:
    before = sorted(case.parent.rglob("*"))
    code = (
        "import os, shutil, time, siteplan.cli as c\n"
        "def wait(*_): print('writing', flush=True); time.sleep(60)\n"
        "shutil.copyfile = os.fsync = wait\n"
        "c.main()"
    )
    command = [sys.executable, "-c", code, *words]
    with subprocess.Popen(command, cwd=case.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        halves = {path.name for path in case.parent.rglob(".siteplan-*")}
        process.terminate()
        assert process.wait(30) == 143
    assert len(halves) == 1
    left = {path for path in case.parent.rglob("*") if path not in before}
    assert {path.name for path in left} <= {".siteplan.lock", "maps"}


def test_a_bug_shows_as_a_traceback(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("siteplan.evaluate.evaluate", fail)
    assert isinstance(run("evaluate", case, "--quiet").exception, ZeroDivisionError)


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    """Write a table with one number in words, and one site without premises."""
    text = "name,subdistrict,lon,lat,premises,floor_area_m2\n甲,A,113.3,23.1,,1200㎡\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    return tmp_path / "a.csv"


def test_check_prints_every_defect_and_a_line_for_each_file(flawed: Path) -> None:
    result = run("check", flawed, "--lang", "en")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f'Error: {flawed} row 2 (甲): floor_area_m2 is "1200㎡". Give a number in m², above 0.',
        f"Warning: {flawed} row 2 (甲): has no premises. Fill it in: Where the premises come from.",
        f"{flawed}: 1 site, 1 error, 1 warning, to be corrected first, --fix corrects 1 of these.",
    ]
    chinese = run("check", flawed, "--lang", "zh").stdout.splitlines()
    assert (
        chinese[1] == f"提醒：{flawed} 第 2 行（甲）：缺少场地来源 premises。请填写：场地从何而来。"
    )


def test_check_calls_boundaries_what_they_are(case: Path) -> None:
    (path,) = (case / "data" / "boundaries").iterdir()
    assert run("check", path, "--lang", "zh").stdout == f"{path}：2 个街道，可以用作街道边界。\n"
    assert run("check", path, "--lang", "en").stdout == f"{path}: 2 subdistricts, ready to use.\n"


def test_check_fixes_beside_the_file_and_is_judged_by_what_it_wrote(flawed: Path) -> None:
    result = run("check", flawed, "--fix", "--lang", "en")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"wrote {flawed.with_name('a.fixed.csv')}"
    assert run("check", flawed, "--fix", "--strict").exit_code == 1  # a warning is left


def test_check_as_json_has_every_key(flawed: Path) -> None:
    document = json.loads(run("check", flawed, flawed, "--json").stdout)
    assert list(document) == ["format", "files"]
    assert document["format"] == "siteplan-check/1"
    first, second = document["files"]
    assert first == second
    assert {key: first[key] for key in ("kind", "usable", "features", "datum")} == {
        "kind": "proposals", "usable": False, "features": 1, "datum": "wgs84",
    }  # fmt: skip
    assert list(first["defects"][0]) == [
        "stage", "severity", "feature", "name", "field", "message", "remedy", "mended",
    ]  # fmt: skip


def test_check_exits_with_3_if_the_case_cannot_be_used(flawed: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("check", flawed, "--case", tmp_path / "empty").exit_code == 3
    assert run("check").exit_code == 2


def test_schema_prints_a_json_schema() -> None:
    document = json.loads(run("schema", "proposal").stdout)
    assert document["$schema"].startswith("https://json-schema.org/")


def test_form_writes_a_page_for_one_subdistrict_or_for_all(case: Path) -> None:
    result = run("form", case, "--subdistrict", town.WEST, "--lang", "zh")
    assert result.exit_code == 0
    assert result.stdout.strip() == str(case / "maps" / f"form_{town.WEST}.html")
    page = (case / "maps" / f"form_{town.WEST}.html").read_text("utf-8")
    assert '<html lang="zh-CN">' in page
    assert run("form", case).stdout.strip() == str(case / "maps" / "form.html")
    assert run("form", case, "--subdistrict", "Z").exit_code == 3


def test_form_writes_a_workbook_that_check_reads(case: Path) -> None:
    for _ in range(2):  # one of its own is replaced
        result = run("form", case, "--xlsx", "--lang", "zh")
        assert result.stdout.strip() == str(case / "maps" / "form.xlsx")
    checked = run("check", case / "maps" / "form.xlsx", "--lang", "en")
    assert checked.exit_code == 1
    assert "the table has no rows. Fill in rows below the header." in checked.stdout
    (case / "maps" / "form.xlsx").write_bytes(b"mine")
    assert run("form", case, "--xlsx").exit_code == 5


@pytest.mark.parametrize(
    ("command", "strict"),
    [
        ("evaluate", "Exit with 1 if there is a violation."),
        ("check", "Exit with 1 on a warning too."),
        ("review", "Exit with 1 where reviewers contradict each other."),
        ("compare", "Exit with 1 if the verdict of a subdistrict is worse or its coverage lower."),
        ("standards validate", "Exit with 1 on a warning too."),
    ],
)
def test_help_says_when_this_very_command_exits_with_1(command: str, strict: str) -> None:
    told = " ".join(run(*command.split(), "--help").stdout.split())
    assert strict in told
    assert told.count("Exit with 1") == 1
    if "too" in strict:
        assert "Exits with 1 if there is an error" in told


@pytest.mark.parametrize(
    ("command", "language"),
    [
        ("evaluate", "Language of messages, and the one that pages open in."),
        ("compare", "Language of messages, and the one that pages open in."),
        ("layout", "Language of messages, and of what is printed. [default: the system's; in"),
        ("data population", "Language of messages. [default: the system's]"),
        ("standards", "Language of messages. [default: the system's]"),
    ],
)
def test_help_says_what_has_the_language_that_is_chosen(command: str, language: str) -> None:
    assert language in " ".join(run(*command.split(), "--help").stdout.split())


def test_standards_are_listed_shown_and_validated(tmp_path: Path) -> None:
    listed = run("standards", "--lang", "en").stdout
    assert "guangzhou-2010" in listed
    assert json.loads(run("standards", "--json").stdout)["format"] == "siteplan-standards/1"
    shown = run("standards", "show", "guangzhou-2010", "--lang", "zh").stdout
    assert "1000" in shown.replace(",", "")
    assert "萝岗区（到 2014 年已撤销，今属黄埔区）" in shown
    as_json = json.loads(run("standards", "show", "guangzhou-2010", "--json").stdout)
    assert "黄埔区" in {(one["district_today"] or {}).get("name") for one in as_json["pilots"]}
    assert run("standards", "show", "nowhere").exit_code == 3
    own = 'format = 1\n[profile]\nid = "own"\ntitle_zh = "本区"\ntitle_en = "own"\n'
    figure = 'service_radius = {value = -1, unit = "m", op = "<=", status = "adopted"}'
    (tmp_path / "own.toml").write_text(
        f'{own}extends = "guangzhou-2010"\n[threshold]\n{figure}\n', encoding="utf-8"
    )
    result = run("standards", "validate", tmp_path / "own.toml", "--lang", "en")
    assert result.exit_code == 1
    assert "service_radius" in result.stdout


def test_a_copy_that_cannot_be_written_does_not_hide_the_others(
    flawed: Path, tmp_path: Path
) -> None:
    other = tmp_path / "b.csv"
    other.write_bytes(flawed.read_bytes())
    (tmp_path / "b.fixed.csv").write_text("mine", encoding="utf-8")
    result = run("check", flawed, other, "--fix", "--lang", "en")
    assert result.exit_code == 5
    assert f"wrote {flawed.with_name('a.fixed.csv')}" in result.stdout
    assert "b.fixed.csv: exists, and is not as siteplan left it" in result.stderr


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.geojson")
    result = run("check", tmp_path / "a.geojson", "--lang", "en")
    assert "is not a plain file" in result.stdout


@pytest.mark.parametrize("command", ["evaluate", "form", "layout", "compare"])
def test_nothing_is_written_among_the_input_of_a_case(command: str, case: Path) -> None:
    run("evaluate", case, "--quiet")
    before = sorted(path for path in (case / "data").rglob("*"))
    cases = [case, case] if command == "compare" else [case]
    for inner in ("data", "data/proposals/layout"):
        result = run(command, *cases, "--out", case / inner, "--lang", "en")
        assert result.exit_code == 5
        assert "would be taken for input" in result.stderr
    assert sorted(path for path in (case / "data").rglob("*")) == before
