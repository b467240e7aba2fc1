"""Planning standards: every figure has a status and a source, or the file is refused."""

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from siteplan.errors import InputError
from siteplan.standard import (
    SHIPPED,
    find_older_radius,
    override_radius,
    override_time,
    read_standard,
)

SHIPPED_IDS = sorted(Path(str(entry)).stem for entry in SHIPPED.iterdir())
MINIMAL: dict[str, Any] = {
    "format": "1",
    "service_radius": '{value = 800, unit = "m", op = "<=", status = "assumed", source = "us"}',
    "coverage_target": '{value = 0.9, op = ">=", status = "assumed", source = "us"}',
    "snap_limit": '{value = 150, unit = "m", op = "<=", status = "assumed", source = "us"}',
    "more": "",
    "rules": '[rules]\nenable = ["C01"]',
    "end": "",
}


def write(folder: Path, **changes: str) -> Path:
    parts = MINIMAL | changes
    path = folder / "own.toml"
    path.write_text(
        f"""
        format = {parts["format"]}
        [profile]
        id = "own"
        title_zh = "自定标准"
        [source.us]
        title_en = "us"
        [threshold]
        service_radius = {parts["service_radius"]}
        coverage_target = {parts["coverage_target"]}
        snap_limit = {parts["snap_limit"]}
        {parts["more"]}
        {parts["rules"]}
        {parts["end"]}
        """,
        encoding="utf-8",
    )
    return path


def snap(**changes: str) -> dict[str, str]:
    """Return a snap limit with other words in it."""
    words = {
        "value": "1", "unit": '"m"', "op": '"<="', "status": '"assumed"', "source": '"us"',
    } | changes  # fmt: skip
    return {"snap_limit": f"{{{', '.join(f'{key} = {word}' for key, word in words.items())}}}"}


def refuse(folder: Path, **changes: str) -> str:
    write(folder, **changes)
    with pytest.raises(InputError) as refusal:
        read_standard("own.toml", folder)
    return str(refusal.value)


@pytest.mark.parametrize("name", SHIPPED_IDS)
def test_a_shipped_standard_is_whole_and_says_where_every_figure_comes_from(name: str) -> None:
    standard = read_standard(name, Path())
    assert standard.id == name
    assert standard.title.zh
    assert standard.title.en
    assert standard.rules
    for threshold in standard.thresholds.values():
        assert standard.sources[threshold.source].en


def test_the_pilot_plan_binds_only_what_its_text_says() -> None:
    standard = read_standard("guangzhou-2010", Path())
    binding = {name for name, threshold in standard.thresholds.items() if threshold.binding}
    assert binding == {"premises_deadline", "hq_count", "centres_per_street"}
    assert standard.thresholds["premises_deadline"].value == date(2010, 8, 31)
    assert standard.number("service_radius") == 1000
    assert standard.number("walk_speed") == 1.0
    assert standard.number("walking_speed") is None


def test_a_standard_of_ones_own_is_read_relative_to_the_case(tmp_path: Path) -> None:
    write(tmp_path)
    standard = read_standard("own.toml", tmp_path)
    assert standard.number("service_radius") == 800
    assert standard.title.en == "自定标准"
    assert standard.rules == ("C01",)


def test_an_unknown_standard_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"guangzhou-2011: there is no such standard\. Use gb50180"
    ):
        read_standard("guangzhou-2011", tmp_path)


@pytest.mark.parametrize("name", ["../standards/guangzhou-2010", "/etc/passwd", ""])
def test_an_id_is_no_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such standard"):
        read_standard(name, tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "2"}, "format is not 1"),
        ({"service_radius": "1000"}, "threshold.service_radius.status is None"),
        ({"snap_limit": '{value = 150, unit = "m", op = "<=", source = "us"}'}, "status is None"),
        (
            snap(status='"sure"'),
            "status is 'sure'. Use one of quoted, adopted",
        ),
        (
            snap(source='"x"'),
            "threshold.snap_limit.source is 'x'. List it under [source]",
        ),
        (
            snap(status='["a"]', source='["us"]'),
            "source is ['us']",
        ),
        (
            snap(unit='"km"'),
            "unit is 'km'. The unit is m",
        ),
        (
            snap(value="-1"),
            "value is -1. Give a number above 0",
        ),
        (
            snap(value="true"),
            "value is True",
        ),
        (
            snap(value="nan"),
            "value is nan",
        ),
        (
            snap(op='"=<"'),
            "op is '=<'. Use <=, >= or ==",
        ),
        (
            {"coverage_target": '{value = 85, op = ">=", status = "assumed", source = "us"}'},
            "coverage_target.value is 85. Write a share from 0 to 1: 0.85, not 85",
        ),
        (
            {"coverage_target": '{value = 0.9, op = ">=", status = "adopted", source = "us"}'},
            "does not say who adopted it and when. Give adopted_by and adopted_on",
        ),
        (
            {"more": 'premises_deadline = {value = "2010-08-31", op = "<=", status = "assumed",'
                     ' source = "us"}'},
            "premises_deadline.value is '2010-08-31'. Give a date",
        ),
        (
            {"more": 'premises_deadline = {value = 2010-08-31T00:00:00, op = "<=",'
                     ' status = "assumed", source = "us"}'},
            "Give a date",
        ),
        ({"more": "service_radus = {value = 1}"}, "unknown key threshold.service_radus"),
        ({"snap_limit": '{valu = 1, unit = "m"}'}, "unknown key threshold.snap_limit.valu"),
        ({"rules": '[rules]\nenabled = ["C01"]'}, "unknown key rules.enabled. Perhaps enable is"),
        ({"rules": ""}, "does not say by which rules to judge"),
        ({"rules": "[rules]\nenable = []"}, "does not say by which rules to judge"),
        ({"rules": "[rules]\nenable = [1]"}, "does not say by which rules to judge"),
        ({"end": "[[pilot]]\ncode = 440106012\nmode = 1"}, "pilot 440106012 is incomplete"),
        ({"end": '[[pilot]]\ncode = "440106012"\nmode = [1]'}, "pilot '440106012' is incomplete"),
        ({"end": '[pilot]\ncode = "440106012"'}, "pilot is not of the right type"),
    ],
)  # fmt: skip
def test_a_bad_standard_is_refused_with_the_place_and_the_remedy(
    tmp_path: Path, change: dict[str, str], message: str
) -> None:
    assert message in refuse(tmp_path, **change)


def test_all_defects_of_a_standard_are_told_at_once(tmp_path: Path) -> None:
    bad = '{value = -1, unit = "km", op = "<=", status = "assumed", source = "us"}'
    told = refuse(tmp_path, snap_limit=bad, service_radius=bad)
    for place in ("snap_limit.unit", "snap_limit.value", "service_radius.unit"):
        assert f"own.toml: threshold.{place} is" in told


def test_a_standard_extends_another_threshold_by_threshold(tmp_path: Path) -> None:
    (tmp_path / "bureau.toml").write_text(
        """
        format = 1
        [profile]
        id = "bureau"
        extends = "guangzhou-2010"
        [threshold.service_radius]
        value = 700
        unit = "m"
        op = "<="
        status = "adopted"
        adopted_by = "规划局"
        adopted_on = 2010-06-01
        """,
        encoding="utf-8",
    )
    standard, base = read_standard("bureau.toml", tmp_path), read_standard("guangzhou-2010", Path())
    assert standard.thresholds["service_radius"].binding
    assert standard.number("service_radius") == 700
    assert standard.number("coverage_target") == base.number("coverage_target")
    assert standard.rules == base.rules
    assert standard.pilots == base.pilots


def test_a_circle_of_standards_is_refused(tmp_path: Path) -> None:
    for name, base in (("a", "b"), ("b", "./a")):
        text = f'format = 1\n[profile]\nextends = "{base}.toml"\n'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"extends itself: a\.toml → b\.toml → \./a\.toml"):
        read_standard("a.toml", tmp_path)


def test_files_of_one_name_in_two_folders_are_no_circle(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    write(tmp_path / "city")
    text = 'format = 1\n[profile]\nid = "district"\nextends = "city/own.toml"\n'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    assert read_standard("own.toml", tmp_path).id == "district"


def test_a_time_needs_a_speed_and_is_a_radius_within_bounds() -> None:
    shipped = read_standard("guangzhou-2010", Path())
    assert override_time(shipped, 10).number("service_radius") == 600
    assert find_older_radius(override_time(shipped, 10)) == pytest.approx(456)
    slow = replace(shipped, thresholds={"service_radius": shipped.thresholds["service_radius"]})
    assert math.isnan(find_older_radius(slow))
    with pytest.raises(InputError, match="no walk_speed"):
        override_time(slow, 10)
    with pytest.raises(InputError, match="the time is 0"):
        override_time(shipped, 0)


def test_a_radius_from_the_command_line_is_assumed_and_binds_nobody(tmp_path: Path) -> None:
    write(tmp_path)
    standard = read_standard("own.toml", tmp_path)
    tried = override_radius(standard, 500)
    assert tried.number("service_radius") == 500
    assert tried.thresholds["service_radius"].status == "assumed"
    assert tried.thresholds["service_radius"].source == "--radius"
    assert tried.thresholds["snap_limit"] == standard.thresholds["snap_limit"]
    assert standard.number("service_radius") == 800


@pytest.mark.parametrize("radius_m", [0.0, -5.0, math.inf, math.nan])
def test_a_radius_that_is_no_length_is_refused(radius_m: float) -> None:
    standard = read_standard("guangzhou-2010", Path())
    with pytest.raises(InputError, match="Give a number above 0"):
        override_radius(standard, radius_m)
