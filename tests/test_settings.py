"""siteplan.toml: what differs from the layout that is expected."""

from datetime import date
from pathlib import Path

import pytest

from siteplan.errors import InputError
from siteplan.inputs.settings import COLUMNS, SECTIONS, Settings, read_settings


def read(folder: Path, text: str) -> Settings:
    (folder / "siteplan.toml").write_text(text, encoding="utf-8")
    return read_settings(folder)


def refuse(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as refusal:
        read(folder, text)
    return [defect.say("en") for defect in refusal.value.defects]


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)
    assert settings.name == tmp_path.name
    assert settings.day is None
    assert settings.standard == "guangzhou-2010"
    assert settings.crs is None
    assert settings.paths == settings.columns == settings.datum == {}


def test_the_example_of_the_design_is_read(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """
        [case]
        name = "天河区"
        date = 2010-07-01
        standard = "guangzhou-2010"
        crs = "EPSG:4547"
        [paths]
        roads = "../osm/guangdong.osm.pbf"
        [columns.boundaries]
        code = "乡镇码"
        population = "常住人"
        [datum]
        boundaries = "gcj02"
        """,
    )
    assert (settings.name, settings.day, settings.crs) == ("天河区", date(2010, 7, 1), "EPSG:4547")
    assert settings.paths == {"roads": "../osm/guangdong.osm.pbf"}
    assert settings.columns["boundaries"] == {"code": "乡镇码", "population": "常住人"}
    assert settings.columns["proposals"] == {}
    assert settings.datum == {"boundaries": "gcj02"}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_documented_key_is_known(tmp_path: Path, section: str) -> None:
    for key in SECTIONS[section]:
        if section == "columns":
            lines = [f'{ours} = "theirs"' for ours in COLUMNS[key]]
            text = f"[columns.{key}]\n" + "\n".join(lines)
        else:
            value = "3" if section == "limits" else {"date": "2010-07-01"}.get(key, '"bd09"')
            text = f"[{section}]\n{key} = {value}"
        assert read(tmp_path, text) != read_settings(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[cases]\n", "unknown key cases. Perhaps case is meant."),
        ('[case]\nstadard = "x"', "unknown key case.stadard. Perhaps standard is meant."),
        ('[paths]\nroad = "x"', "unknown key paths.road. Perhaps roads is meant."),
        ("[limits]\nfeatures = 0", "limits.features is 0. Write a number above 0."),
        ("[limits]\nfeature = 9", "unknown key limits.feature. Perhaps features is meant."),
        ('[columns.boundary]\ncode = "x"', "unknown key columns.boundary. Perhaps boundaries is"),
        ('[columns.boundaries]\ncod = "x"', "unknown key columns.boundaries.cod. Perhaps code is"),
        ('[datum]\nroad = "gcj02"', "unknown key datum.road"),
        ('[datum]\nroads = "gcj-02"', "datum.roads is 'gcj-02'. Use one of wgs84, gcj02, bd09."),
        ('[datum]\nroads = ["gcj02"]', "datum.roads is ['gcj02']. Use one of"),
        ('[case]\ndate = "2010-07-01"', "case.date is '2010-07-01'. Write a date without quotes"),
        ("[case]\ndate = 2010-07-01T10:00:00", "Write a date without quotes: 2010-07-01."),
        ("[case]\ncrs = 4547", "case.crs is 4547. Write text in quotes."),
        ("[case]\nname = ''", "case.name is ''. Write text in quotes."),
        ("[columns.boundaries]\ncode = 3", "columns.boundaries is {'code': 3}. Write our key ="),
        ('[columns]\nboundaries = "x"', "columns.boundaries is 'x'"),
        ('case = "天河区"', "case is not a table. Write [case]."),
        ("[case\n", "is not valid TOML"),
    ],
)
def test_a_bad_setting_is_refused_with_the_remedy(tmp_path: Path, text: str, message: str) -> None:
    (told,) = refuse(tmp_path, text)
    assert told.startswith("siteplan.toml: ")
    assert message in told


def test_all_bad_settings_are_told_at_once_in_both_languages(tmp_path: Path) -> None:
    text = '[case]\nnam = "x"\ncrs = 1\n[datum]\nroads = "x"\n[path]\n'
    with pytest.raises(InputError) as refusal:
        read(tmp_path, text)
    assert {defect.field for defect in refusal.value.defects} == {
        "case.nam", "case.crs", "datum.roads", "path",
    }  # fmt: skip
    assert all(defect.say("zh").endswith("。") for defect in refusal.value.defects)
