"""Residents by subdistrict, and where a file says that they live."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import mapping

from siteplan.errors import InputError
from siteplan.inputs.boundaries import Boundaries
from siteplan.inputs.population import (
    PopulationRow,
    make_study_area,
    note_estimates,
    note_places,
    note_unused,
    read_population,
    read_residents,
)
from siteplan.inputs.vector import POINTS, POLYGONS, read_layer
from siteplan.model import Weights

Write = Callable[..., Path]
TABLE = "code,name,year,population,age_60_plus,note\n440106012000,天园街,2010,1200,300,x\n"


def read(
    folder: Path, text: str, encoding: str = "utf-8", columns: Mapping[str, str] | None = None
) -> dict[str, PopulationRow]:
    (folder / "population.csv").write_bytes(text.encode(encoding))
    return read_population(folder / "population.csv", "population.csv", columns or {})[0]


def refuse(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as refusal:
        read(folder, text)
    return [defect.say("en") for defect in refusal.value.defects]


def bound(*populations: float | None) -> Boundaries:
    codes = tuple("abc"[: len(populations)])
    return Boundaries(
        codes=codes,
        names=tuple(code.upper() for code in codes),
        districts=(None,) * len(codes),
        vintages=(2010,) * len(codes),
        populations=populations,
        geometry=np.array([shapely.box(i, 0, i + 1, 1) for i in range(len(codes))]),
        crs="EPSG:4547",
        notes=(),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_in_every_encoding_of_excel(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, TABLE, encoding) == {
        "440106012": PopulationRow(1200, 2010, {"age_60_plus": 300})
    }


def test_the_columns_may_have_other_names(tmp_path: Path) -> None:
    columns = {"code": "代码", "population": "常住人口", "year": "年份"}
    table = read(tmp_path, "代码,年份,常住人口\na,2020,7\n", columns=columns)
    assert table == {"a": PopulationRow(7, 2020, {})}


def test_a_group_that_was_not_counted_is_unknown_and_not_zero(tmp_path: Path) -> None:
    table = read(tmp_path, "code,population,age_60_plus\na,10,\nb,10,0\n")
    assert table["a"].groups == {}
    assert table["b"].groups == {"age_60_plus": 0}


def test_a_group_is_found_where_the_first_row_ends_early(tmp_path: Path) -> None:
    table = read(tmp_path, "code,population,age_60_plus\na,10\nb,10,4\n")
    assert table["b"].groups == {"age_60_plus": 4}


def test_a_row_may_say_that_it_is_an_estimate_and_where_it_is_from(tmp_path: Path) -> None:
    table = read(tmp_path, "code,population,estimated,source\na,1,是,W\nb,2,No,\nc,3,1,W\nd,4,,V\n")
    assert [row.estimated for row in table.values()] == [True, False, True, None]
    assert [row.source for row in table.values()] == ["W", None, "W", "V"]
    assert all(row.groups == {} for row in table.values())
    assert [note.en for note in note_estimates(table)] == [
        "the population of 2 of 4 subdistricts is estimated",
        "population from V, W",
    ]
    assert note_estimates(read(tmp_path, "code,population\na,1\n")) == ()


def test_an_answer_that_is_neither_yes_nor_no_is_refused(tmp_path: Path) -> None:
    (message,) = refuse(tmp_path, "code,name,population,estimated\na,A,1,maybe\n")
    assert message == "population.csv row 2 (A): estimated is 'maybe'. Give yes or no."


def test_what_counts_nobody_is_no_group_and_is_named(tmp_path: Path) -> None:
    text = "code,population,邮编,户数,面积,60岁以上占比,备注,女\na,9,510630,3,0.5,20,x,4\n"
    (tmp_path / "p.csv").write_text(text, "utf-8")
    table, notes = read_population(tmp_path / "p.csv", "p.csv", {})
    assert table["a"].groups == {"女": 4}
    (note,) = notes
    assert note.en.startswith("columns left aside: 邮编, 户数, 面积, 60岁以上占比 (a group")


@pytest.mark.parametrize(
    ("word", "people"), [("5,000", "5000"), ("５，０００人", "5000"), ("4.32万人", "43200")]
)
def test_a_number_that_is_written_otherwise_is_refused_with_the_one_to_write(
    tmp_path: Path, word: str, people: str
) -> None:
    (message,) = refuse(tmp_path, f'code,population,year\na,"{word}",2010\n')
    assert message.endswith(f"Give the number without separators and units: {people}.")
    (message,) = refuse(tmp_path, "code,population,year\na,5,2020年\n")
    assert message.endswith("year is '2020年'. Give a year, e.g. 2020.")


@pytest.mark.parametrize("word", ["万人", "万", "千人", "10k", "10,000 persons", "thousand"])
def test_people_in_another_unit_are_refused_in_every_column_and_file(
    tmp_path: Path, word: str, write_geojson: Write
) -> None:
    header = f"人数（{word}）"
    text = f'code,population,"{header}"\na,9,1\n'
    with pytest.raises(InputError, match="and not people"):
        read(tmp_path, text, columns={"population": header})
    with pytest.raises(InputError, match="and not people"):
        read(tmp_path, text, columns={"age_60_plus": header})
    path = write_geojson(tmp_path / "r.geojson", (mapping(shapely.Point(114, 23)), {header: 9}))
    with pytest.raises(InputError, match="and not people"):
        locate(path, {"population": header})


def test_the_place_of_residents_may_say_where_it_is_from(tmp_path: Path) -> None:
    text = "lon,lat,population,source,year\n114,23,5,W,2020\n114,24,0,V,\n114,24,1,,\n"
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    (note,) = note_places(read_layer(tmp_path / "r.csv", "r.csv", kinds=POINTS))
    assert note.en == "places of residents from V, W (2020)"
    (tmp_path / "r.csv").write_text("lon,lat,population\n114,23,5\n", encoding="utf-8")
    assert note_places(read_layer(tmp_path / "r.csv", "r.csv", kinds=POINTS)) == ()


def test_nobody_is_a_population(tmp_path: Path) -> None:
    assert read(tmp_path, "code,population\na,0\n")["a"].population == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",A,2010,5,1", "has no subdistrict code. Give one row for each subdistrict."),
        ("x,A,2010,5,1", "code x stands twice. Give one row for each subdistrict."),
        ("a,A,2010,,1", "population is missing. Give a number of people, 0 or more."),
        ("a,A,2010,-5,1", "population is '-5'. Give a number of people, 0 or more."),
        ("a,A,2010,many,1", "population is 'many'"),
        ("a,A,2010,nan,1", "population is missing"),
        ("a,A,2010,inf,1", "population is 'inf'"),
        ('a,A,2010,"1,200",1', "population is '1,200'"),
        ("a,A,today,5,1", "year is 'today'. Give a year, e.g. 2010."),
        ("a,A,2010,5,-1", "age_60_plus is '-1'"),
        ("a,A,2010,5,6", "age_60_plus is 6, more than the population of 5"),
    ],
)
def test_a_bad_row_is_refused_with_its_number_and_name(
    tmp_path: Path, row: str, message: str
) -> None:
    head = "code,name,year,population,age_60_plus\nx,X,2010,1432426,1\n"
    (told,) = refuse(tmp_path, f"{head}{row}\n")
    assert told.startswith(f"population.csv row 3 (A): {message}")


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    told = refuse(tmp_path, "code,year,population\na,x,-1\n,2010,y\n")
    assert len(told) == 4


def test_a_missing_column_is_named_once_with_those_there(tmp_path: Path) -> None:
    (told,) = refuse(tmp_path, "code,people\na,1\nb,2\n")
    assert told.startswith("population.csv: has no column population. It has code, people")


def test_residents_are_joined_by_code_and_the_table_wins() -> None:
    table = {"a": PopulationRow(5, 2020, {"old": 1}), "b": PopulationRow(6)}
    area = make_study_area(bound(1, None), table, "population.csv")
    assert [s.population for s in area.subdistricts] == [5, 6]
    assert area.subdistricts[0].groups == {"old": 1}
    assert area.subdistricts[0].population_year == 2020
    assert area.subdistricts[0].vintage == 2010
    assert area.crs == "EPSG:4547"


def test_without_a_table_the_column_of_the_boundaries_counts() -> None:
    area = make_study_area(bound(3, 4), None, "b.geojson")
    assert [(s.code, s.name, s.population) for s in area.subdistricts] == [
        ("a", "A", 3), ("b", "B", 4),
    ]  # fmt: skip


def test_every_subdistrict_without_residents_is_named() -> None:
    with pytest.raises(InputError) as refusal:
        make_study_area(bound(1, 2, 3), {"b": PopulationRow(1)}, "population.csv")
    told = [defect.say("en") for defect in refusal.value.defects]
    assert [line.split(".")[1] for line in told] == [
        "csv (A): subdistrict a has no population", "csv (C): subdistrict c has no population",
    ]  # fmt: skip


def test_rows_of_other_subdistricts_are_noted() -> None:
    table = {"a": PopulationRow(1), "z": PopulationRow(1)}
    (note,) = note_unused(table, ["a"])
    assert note.en == "rows of no subdistrict here: z"
    assert note_unused(table, ["a", "z"]) == ()


def locate(
    path: Path, columns: Mapping[str, str] | None = None, groups: tuple[str, ...] = ()
) -> Weights:
    layer = read_layer(path, path.name, kinds=POINTS | POLYGONS)
    return read_residents(layer, columns or {}, "EPSG:4547", groups)


def test_residents_may_stand_at_points_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("lon,lat,population\n114,23,5\n114,24,0\n", encoding="utf-8")
    weights = locate(tmp_path / "r.csv")
    assert weights.weight.tolist() == [5, 0]
    assert weights.x == pytest.approx([500_000, 500_000], abs=1e-3)
    assert weights.measured.all()


def test_residents_may_live_in_polygons_and_stand_inside(
    tmp_path: Path, write_geojson: Write
) -> None:
    square = shapely.box(113.999, 22.999, 114.001, 23.001)
    court = square - shapely.box(113.9995, 22.9995, 114.0005, 23.0005)
    path = write_geojson(
        tmp_path / "r.geojson",
        (mapping(square), {"people": 9, "age_60_plus": 2}),
        (mapping(court), {"people": 1}),
    )
    weights = locate(path, {"population": "people"}, ("age_60_plus", "age_0_6"))
    assert weights.weight.tolist() == [9, 1]
    assert weights.groups["age_60_plus"].tolist() == [2, 0]
    assert set(weights.groups) == {"age_60_plus"}
    named = locate(path, {"population": "people", "age_0_6": "age_60_plus"}, ("age_0_6",))
    assert named.groups["age_0_6"].tolist() == [2, 0]
    assert weights.x[0] == pytest.approx(500_000, abs=0.01)
    assert abs(weights.x[1] - 500_000) + abs(weights.y[1] - weights.y[0]) > 30


@pytest.mark.parametrize("population", [None, -1, "many", [1], True])
def test_a_bad_number_of_residents_is_refused(
    tmp_path: Path, write_geojson: Write, population: object
) -> None:
    place = {"type": "Point", "coordinates": [114, 23]}
    path = write_geojson(tmp_path / "r.geojson", (place, {"population": population}))
    with pytest.raises(InputError, match=r"^r\.geojson feature 1: population is .*0 or more\.$"):
        locate(path)
