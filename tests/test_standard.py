"""Planning standards: every figure has a status and a source, or the file is refused."""

import math
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from siteplan.errors import InputError, Text
from siteplan.inputs.projects import read_succession
from siteplan.model import Standard, Succession
from siteplan.model.standard import FACILITY_FIGURES, THRESHOLDS, TIER_FIGURES
from siteplan.standard import (
    FACILITY_KEYS,
    FIGURE_KEYS,
    PILOT_KEYS,
    PROFILE_DATES,
    PROFILE_TEXTS,
    SECTIONS,
    SERVICES_KEYS,
    SOURCE_KEYS,
    TIER_KEYS,
    find_older_radius,
    list_shipped,
    note_adoption,
    note_districts,
    note_validity,
    override_radius,
    override_time,
    read_standard,
)

SHIPPED_IDS = list_shipped()
DOCUMENT = (Path(__file__).parents[1] / "docs" / "files.md").read_text(encoding="utf-8")
READ_BY_RULES = {
    "boundary_tolerance", "min_floor_area", "premises_deadline", "transit", "hq_link", "min_gain",
    "n1_coverage", "coverage_target", "gap_pop", "pop_per_centre", "area_per_1000",
}  # fmt: skip
"""What the reference rules call `profile.…`."""
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
    assert binding == {
        "premises_deadline", "hq_count", "centres_per_street", "tender_months", "evaluation_fee",
        "pilot_end", "rollout_2015", "rollout_2020",
    }  # fmt: skip
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
        ({"service_radius": "1000"}, "threshold.service_radius is 1000. Write {value"),
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
            "op is '=<'. Use <=",
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


def test_what_a_standard_is_called_and_when_it_holds_is_not_inherited(tmp_path: Path) -> None:
    standard = extend(tmp_path, "own", "guangzhou-2010", "valid_from = 2031-01-01\n")
    assert (standard.valid_from, standard.valid_to) == (date(2031, 1, 1), None)
    assert standard.title == Text("own", "own")
    assert standard.note is None
    for key in ("zh", "en"):
        titled = extend(tmp_path, "own", "guangzhou-2010", f'title_{key} = "天河 2031"\n')
        assert titled.title == Text("天河 2031", "天河 2031")
        assert titled.valid_to is None
    (tmp_path / "nameless.toml").write_text(
        'format = 1\n[profile]\nextends = "guangzhou-2010"\n', encoding="utf-8"
    )
    assert read_standard("nameless.toml", tmp_path).id == "nameless.toml"


def test_extends_outside_the_profile_is_one_defect_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'format = 1\nextends = "guangzhou-2010"\n[profile]\nid = "own"\n'
        '[threshold]\ntransit = {value = 400, unit = "m", op = "<=", status = "assumed",'
        ' source = "plan"}\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refusal:
        read_standard("own.toml", tmp_path)
    [defect] = refusal.value.defects
    assert defect.say("en") == (
        "own.toml: extends stands outside [profile]. Put it under [profile]."
    )


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


def figure(value: str, unit: str = "m", op: str = "<=", more: str = "") -> str:
    """Return a figure as TOML has it."""
    return f'{{{value}, unit = "{unit}", op = "{op}", status = "assumed", source = "us"{more}}}'


def extend(folder: Path, name: str, base: str, text: str) -> Standard:
    """Read a standard that extends another."""
    head = f'format = 1\n[profile]\nid = "{name}"\nextends = "{base}"\n'
    (folder / f"{name}.toml").write_text(head + text, encoding="utf-8")
    return read_standard(f"{name}.toml", folder)


def test_every_threshold_of_the_rules_is_given_or_said_to_be_left_out() -> None:
    rows = dict(
        re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", between("| threshold |"), re.MULTILINE)
    )
    assert set(THRESHOLDS) == set(rows) >= READ_BY_RULES
    for id_ in SHIPPED_IDS:
        given = read_standard(id_, Path()).thresholds
        assert {name for name, absent in rows.items() if id_ in absent} == set(THRESHOLDS) - set(
            given
        )


def between(start: str) -> str:
    """Return the table of the document that begins with a header."""
    head, tail = DOCUMENT[DOCUMENT.index("## Standards") :].split(start, 1)
    assert head
    return tail.split("\n\n")[0]


def test_every_key_of_a_standard_is_documented() -> None:
    text = DOCUMENT[DOCUMENT.index("## Standards") :]
    keys = {
        *SECTIONS, *PROFILE_TEXTS, *PROFILE_DATES, *SOURCE_KEYS, *FIGURE_KEYS, *SERVICES_KEYS,
        *TIER_KEYS, *FACILITY_KEYS, *PILOT_KEYS, *TIER_FIGURES, *FACILITY_FIGURES,
    }  # fmt: skip
    assert {key for key in keys if not re.search(rf"[`\[.]{key}\b", text)} == set()


def test_a_range_has_a_least_and_a_most() -> None:
    threshold = read_standard("guangzhou-2010", Path()).thresholds["pop_per_centre"]
    assert (threshold.op, threshold.number, threshold.upper) == ("in", 30000, 100000)
    assert threshold.plain == [30000, 100000]


def test_the_plain_value_is_a_number_or_a_day_as_text() -> None:
    thresholds = read_standard("guangzhou-2010", Path()).thresholds
    assert thresholds["service_radius"].plain == 1000
    assert thresholds["premises_deadline"].plain == "2010-08-31"
    assert math.isnan(thresholds["premises_deadline"].number)


def test_the_pilot_plan_says_by_when_centres_are_rolled_out_and_what_grants_are() -> None:
    standard = read_standard("guangzhou-2010", Path())
    assert standard.thresholds["rollout_2015"].by == date(2015, 12, 31)
    assert standard.number("rollout_2015") == 0.5
    grants = [(p.grant_wan, p.city_wan, p.district_wan) for p in standard.pilots.values()]
    assert len(grants) == 20
    assert [sum(filter(None, column)) for column in zip(*grants, strict=True)] == [4000, 1700, 2300]


def test_services_are_counted_with_the_status_of_their_source() -> None:
    services = read_standard("guangzhou-2010", Path()).services
    assert services is not None
    assert services.required == ("family_service",)
    assert (services.threshold.number, services.threshold.binding) == (1, True)


def test_life_circles_stand_from_the_shortest_walk_to_the_longest() -> None:
    tiers = read_standard("gb50180-2018-15min", Path()).tiers
    told = [
        (tier.minutes, tier.figures["walk_distance"].number, tier.figures["population"].plain)
        for tier in tiers
    ]
    assert told == [(5, 300, [5000, 12000]), (10, 500, [15000, 25000]), (15, 1000, [50000, 100000])]
    held = {facility.name: facility for facility in tiers[2].facilities}
    assert set(held) == {
        "community_service_centre", "cultural_activity_centre", "subdistrict_office",
    }  # fmt: skip
    assert held["community_service_centre"].figures["floor_area"].status == "unverified"


def test_a_standard_holds_on_its_first_and_last_day_and_between() -> None:
    standard = read_standard("guangzhou-2010", Path())
    assert standard.is_valid_on(date(2010, 7, 1))
    assert standard.is_valid_on(date(2020, 12, 31))
    assert not standard.is_valid_on(date(2010, 6, 30))
    assert not standard.is_valid_on(date(2021, 1, 1))
    assert replace(standard, valid_from=None, valid_to=None).is_valid_on(date(1900, 1, 1))


def test_judging_by_a_newer_or_an_expired_standard_is_noted() -> None:
    newer = note_validity(read_standard("gb50180-2018-15min", Path()), date(2010, 7, 1))
    assert newer is not None
    assert "holds from 2018-12-01, later than 2010-07-01" in newer.en
    assert "自 2018-12-01 起施行，晚于评审基准日 2010-07-01" in newer.zh
    plan = read_standard("guangzhou-2010", Path())
    expired = note_validity(plan, date(2021, 1, 1))
    assert expired is not None
    assert "held until 2020-12-31" in expired.en
    assert note_validity(plan, date(2010, 7, 1)) is None
    assert note_validity(plan, None) is None


def test_figures_adopted_after_the_day_judged_for_are_noted_and_bind(tmp_path: Path) -> None:
    adopted = (
        '{value = 500, unit = "m", op = "<=", status = "adopted", adopted_by = "规划局",'
        " adopted_on = 2011-03-01}"
    )
    text = f'[threshold]\nservice_radius = {adopted}\n[district."天河区"]\ntransit = {adopted}\n'
    standard = extend(tmp_path, "own", "guangzhou-2010", text)
    note = note_adoption(standard, date(2011, 2, 28))
    assert note is not None
    assert "after 2011-02-28, the day judged for" in note.en
    assert "service radius (2011-03-01), way to public transport (2011-03-01)" in note.en
    assert "服务半径（2011-03-01）" in note.zh
    assert standard.thresholds["service_radius"].binding
    assert note_adoption(standard, date(2011, 3, 1)) is None
    assert note_adoption(standard, None) is None


def test_figures_count_in_the_documented_order(tmp_path: Path) -> None:
    by_name = f'[district."天河区"]\nservice_radius = {figure("value = 700")}\n'
    gap = figure("value = 50", "person", ">=")
    write(tmp_path, more=f"gap_pop = {gap}", end=by_name + f"min_gain = {share(0.02)}")
    above = (
        f"[threshold]\nservice_radius = {figure('value = 900')}\nmin_gain = {share(0.03)}\n"
        f'[district."天河区"]\nmin_gain = {share(0.04)}\n'
        f'[district."440106"]\nhq_link = {figure("value = 1500")}\n'
        f"service_radius = {figure('value = 600')}\n"
    )
    standard = extend(tmp_path, "above", "own.toml", above)
    assert standard.number("service_radius") == 900  # the nearer file wins
    assert standard.number("gap_pop") == 50  # what it leaves out stays
    named = standard.for_district("天河区")
    assert named.number("service_radius") == 700  # a district wins over the city, in any file
    assert named.number("min_gain") == 0.04  # districts are laid over each other by threshold
    assert named.number("hq_link") is None
    both = standard.for_subdistrict("440106012", "天河区")
    assert both.number("service_radius") == 600  # the code wins over the name
    assert both.number("min_gain") == 0.04
    assert both.number("hq_link") == 1500
    tried = override_radius(standard, 500)
    assert tried.for_subdistrict("440106012", "天河区").number("service_radius") == 500
    assert tried.for_subdistrict("440106012", "天河区").number("hq_link") == 1500


def share(value: float) -> str:
    return f'{{value = {value}, op = ">=", status = "assumed", source = "us"}}'


def test_elsewhere_the_figures_of_the_city_count(tmp_path: Path) -> None:
    write(tmp_path, end=f'[district."A"]\nservice_radius = {figure("value = 700")}')
    standard = read_standard("own.toml", tmp_path)
    assert standard.for_district("越秀区") is standard
    assert standard.for_subdistrict("440104003", "越秀区") is standard
    assert standard.for_subdistrict("440104003", None) is standard
    assert standard.for_subdistrict("A", "B") is standard  # a name is no code


def test_a_district_that_the_case_does_not_have_is_noted(tmp_path: Path) -> None:
    radius = f"service_radius = {figure('value = 700')}\n"
    districts = "".join(f'[district."{key}"]\n{radius}' for key in ("天河区", "天可区", "440106"))
    write(tmp_path, end=districts)
    standard = read_standard("own.toml", tmp_path)
    note = note_districts(standard, [("440106012", "天河区"), ("440106013", None)], Succession())
    assert note is not None
    assert "the case has no district 天可区" in note.en
    assert "districts of the case: 天河区" in note.en
    assert "440106" not in note.en
    shipped = read_standard("guangzhou-2010", Path())
    assert note_districts(shipped, [("1", None)], Succession()) is None


def test_a_former_district_of_the_standard_is_noted_with_the_one_it_is_today(
    tmp_path: Path,
) -> None:
    write(tmp_path, end=f'[district."萝岗区"]\nservice_radius = {figure("value = 700")}\n')
    places = [("440112011", "黄埔区")]
    note = note_districts(read_standard("own.toml", tmp_path), places, read_succession())
    assert note is not None
    assert "萝岗区（到 2014 年已撤销，今属黄埔区）" in note.zh
    assert "萝岗区 (by 2014 abolished, in 黄埔区 today)" in note.en


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"more": f"transt = {figure('value = 500')}"}, "threshold.transt. Perhaps transit"),
        (
            {"more": f"pop_per_centre = {figure('value = 1', 'person', 'in')}"},
            "pop_per_centre.value is 1. This is a range: give min and max",
        ),
        (
            {"more": f"pop_per_centre = {figure('min = 9, max = 5', 'person', 'in')}"},
            "pop_per_centre.max is 5. Give a number above 9",
        ),
        (
            {"more": f"pop_per_centre = {figure('min = 9', 'person', 'in')}"},
            "pop_per_centre.max is None. Give a number above 0",
        ),
        ({"more": f"transit = {figure('value = 5, max = 9')}"}, "transit.max is 9. Give value"),
        ({"more": f"transit = {figure('value = 5, by = 2015-12-31')}"}, "Take by out"),
        ({"more": "rollout_2015 = " + share(0.5)}, "rollout_2015.by is None. Give a date"),
        ({"more": "n1_coverage = " + share(60)}, "Write a share from 0 to 1"),
        ({"more": f"min_gain = {figure('value = 0.1', 'm', '>=')}"}, "unit is 'm'. Take unit out"),
        ({"more": f"transit = {figure('value = 5, clause = 4')}"}, "transit.clause is 4. Write te"),
        (
            {"more": f"transit = {figure('value = 5, adopted_on = 2010')}"},
            "transit.adopted_on is 2010. Give a date",
        ),
        (
            {"end": '[services]\nrequired = "elderly"\nstatus = "assumed"\nsource = "us"'},
            "services.required is 'elderly'. Write [",
        ),
        ({"end": '[services]\nrequired = ["elderly"]'}, "services.status is None"),
        ({"end": '[services]\nneeded = ["elderly"]'}, "unknown key services.needed"),
        (
            {"end": '[services]\nrequired = ["elderly"]\nrecommended = ["elderly"]'},
            "elderly is both required and recommended",
        ),
        ({"end": '[district]\n"天河区" = 700'}, "district.天河区 is 700. Write a table"),
        (
            {"end": f'[district."天河区"]\nservice_radus = {figure("value = 1")}'},
            "district.天河区.service_radus. Perhaps service_radius is meant",
        ),
        (
            {"end": f'[district."天河区"]\nsnap_limit = {figure("value = 1")}'},
            "snap_limit is one for the whole city. Write it under [threshold.snap_limit]",
        ),
        (
            {"end": f'[district."44010"]\ntransit = {figure("value = 1")}'},
            "district '44010' is no name or code. Write its name, or its six-digit code",
        ),
        ({"end": '[tier.t5]\ntitle_zh = "五"\nminute = 5'}, "key tier.t5.minute. Perhaps minutes"),
        (
            {"end": '[tier.t5]\ntitle_zh = "五"\nminutes = "5"'},
            "tier.t5.minutes is '5'. Give a num",
        ),
        ({"end": "[tier.t5]\nminutes = 5"}, "tier.t5 has no title. Give title_zh and title_en"),
        (
            {
                "end": '[tier.t5]\ntitle_zh = "五"\nminutes = 5\n'
                '[tier.t5.facility.a]\ntitle_zh = "a"'
            },
            "tier.t5.facility.a.status is None",
        ),
        ({"end": "[source.x]\nurl = 'y'"}, "source.x has no title"),
        ({"end": "[clause]\nC01 = 4"}, "clause.C01 is 4. Write text"),
        (
            {
                "end": '[[pilot]]\ncode = "1"\nmode = 1\n'
                "grant_wan = 9\ncity_wan = 4\ndistrict_wan = 4"
            },
            "the grant of pilot '1' does not add up",
        ),
        (
            {"end": '[[pilot]]\ncode = "1"\nmode = 1\n[[pilot]]\ncode = "1"\nmode = 2'},
            "pilot 1 is listed twice",
        ),
    ],
)
def test_what_a_bureau_gets_wrong_is_refused_with_the_remedy(
    tmp_path: Path, change: dict[str, str], message: str
) -> None:
    assert message in refuse(tmp_path, **change)


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ('valid_from = "2010-07-01"', "profile.valid_from is '2010-07-01'. Give a date"),
        ("valid_to = 2010-07-01T12:00:00", "profile.valid_to is"),
        (
            "valid_from = 2010-07-01\nvalid_to = 2010-06-30",
            "profile.valid_to is 2010-06-30, before valid_from 2010-07-01",
        ),
        ("valid_form = 2010-07-01", "profile.valid_form. Perhaps valid_from is meant"),
    ],
)
def test_bad_dates_of_validity_are_refused(tmp_path: Path, days: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        extend(tmp_path, "own", "guangzhou-2010", days)
    assert message in str(refusal.value)


def test_tiers_grow_with_their_minutes(tmp_path: Path) -> None:
    people = figure("min = 1, max = 9", "person", "in")
    tiers = "".join(
        f'[tier.{name}]\ntitle_zh = "{name}"\nminutes = {minutes}\n'
        f"walk_distance = {figure(f'value = {metres}')}\npopulation = {people}\n"
        for name, minutes, metres in (("b", 10, 600), ("a", 5, 300), ("c", 15, 500), ("d", 15, 900))
    )
    told = refuse(tmp_path, end=tiers)
    assert "tier.c.walk_distance is 500, not above the 600 of tier.b, which is a shorter" in told
    assert "tier.d.minutes is 15. tier.c has as many: correct one" in told
    assert "tier.b.population is 9, not above the 9 of tier.a" in told
    assert "tier.b.walk_distance" not in told


def test_defects_of_all_sections_and_of_the_file_below_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, snap_limit=figure("value = -1"), end='[profil]\nid = "x"')
    text = (
        "valid_from = 2\n[threshold]\ntransit = 5\n[services]\nrequired = 1\n[rules]\nenable = 1\n"
        '[district."越秀区"]\nhq_lnk = 1\n[tier.t]\nminutes = 0\n[[pilot]]\nmode = 3\n'
    )
    with pytest.raises(InputError) as refusal:
        extend(tmp_path, "above", "own.toml", text)
    told = str(refusal.value)
    for part in (
        "own.toml: unknown key profil. Perhaps profile",
        "own.toml: threshold.snap_limit.value is -1",
        "above.toml: profile.valid_from is 2",
        "above.toml: threshold.transit is 5. Write {value",
        "above.toml: services.required is 1",
        "above.toml: does not say by which rules",
        "above.toml: unknown key district.越秀区.hq_lnk. Perhaps hq_link is meant",
        "above.toml: tier.t.minutes is 0",
        "above.toml: tier.t has no title",
        "above.toml: pilot None is incomplete",
    ):
        assert part in told


def test_a_missing_base_is_told_together_with_the_rest_and_nothing_that_follows_from_it(
    tmp_path: Path,
) -> None:
    cited = figure("value = -5").replace('"us"', '"plan"')
    with pytest.raises(InputError) as refusal:
        extend(tmp_path, "own", "guangzhou-2011", f"[threshold]\ntransit = {cited}\n")
    told = [defect.say("en") for defect in refusal.value.defects]
    assert len(told) == 2
    assert told[0].startswith("guangzhou-2011: there is no such standard")
    assert told[1] == "own.toml: threshold.transit.value is -5. Give a number above 0."


def test_services_of_a_bureau_replace_those_below_with_their_status(tmp_path: Path) -> None:
    own = '[services]\nrequired = ["elderly"]\nstatus = "assumed"\nsource = "authors"\n'
    services = extend(tmp_path, "own", "guangzhou-2010", own).services
    assert services is not None
    assert services.required == ("elderly",)
    assert not services.threshold.binding
    assert services.clause is None
