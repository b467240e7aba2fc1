"""Residents counted on rasters, and brought into a case."""

import csv
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pyproj
import pytest
import shapely
import town
from click.testing import CliRunner, Result

from siteplan import cli
from siteplan.errors import InputError
from siteplan.evaluate import survey_case
from siteplan.inputs import raster as module
from siteplan.inputs.boundaries import Boundaries
from siteplan.inputs.case import read_case
from siteplan.inputs.raster import count_people, note_coarse, note_holes

rasterio = pytest.importorskip("rasterio")
pytest.importorskip("exactextract")

UTM = "EPSG:32649"
EAST, NORTH = 700_000.0, 2_560_000.0
"""The north-west corner of the rasters in metres."""


def write_raster(
    path: Path,
    values: np.ndarray,
    corner: tuple[float, float] = (EAST, NORTH),
    cell: float = 100.0,
    **rest: object,
) -> Path:
    """Write a GeoTIFF with north up, or as `transform` says; layers are bands."""
    layers = values if values.ndim == 3 else values[None]
    profile = {
        "crs": UTM,
        "transform": rasterio.Affine(cell, 0, corner[0], 0, -cell, corner[1]),
        "dtype": values.dtype,
    } | rest
    height, width = layers.shape[1:]
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=len(layers), **profile
    ) as stream:
        stream.write(layers)
    return path


def bound(*shapes: shapely.Geometry, crs: str = UTM) -> Boundaries:
    codes = tuple(f"s{index}" for index in range(len(shapes)))
    none = (None,) * len(shapes)
    return Boundaries(
        codes=codes,
        names=codes,
        districts=none,
        vintages=none,
        populations=none,
        geometry=np.array(shapes, dtype=object),
        crs=crs,
        notes=(),
    )


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a rectangle, metres from the south-west corner of a raster 1 km high."""
    low = NORTH - 1000
    return shapely.box(EAST + west, low + south, EAST + east, low + north)


def refuse(path: Path, *shapes: shapely.Geometry) -> list[str]:
    with pytest.raises(InputError) as refusal:
        count_people(path, path.name, bound(*(shapes or (box(100, 100, 900, 900),))))
    return [defect.say("en") for defect in refusal.value.defects]


def count_by_hand(values: np.ndarray, shape: shapely.Geometry, cell: float) -> float:
    """Sum people times the area of the cell within the shape, by overlaying every cell."""
    sums = []
    for (row, column), people in np.ndenumerate(values):
        west, north = EAST + column * cell, NORTH - row * cell
        piece = shapely.box(west, north - cell, west + cell, north)
        sums.append(people * piece.intersection(shape).area / cell**2)
    return math.fsum(sums)


@pytest.mark.parametrize("seed", range(5))
def test_people_are_counted_by_the_exact_part_of_each_cell(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(0, 50, (10, 10)).astype("float32")
    angles = np.sort(random.uniform(0, 2 * np.pi, 9))
    reach = random.uniform(80, 480, 9)
    x, y = EAST + 500 + reach * np.cos(angles), NORTH - 500 + reach * np.sin(angles)
    star = shapely.Polygon(np.column_stack([x, y])).buffer(0)
    path = write_raster(tmp_path / "p.tif", values)
    (count,) = count_people(path, "p.tif", bound(star))
    assert count.people == pytest.approx(count_by_hand(values, star, 100), rel=1e-5)
    assert count.weight.sum() == pytest.approx(count.people, rel=1e-9)


def test_subdistricts_that_tile_the_raster_share_all_of_its_people(tmp_path: Path) -> None:
    values = np.arange(100, dtype="int32").reshape(10, 10)
    path = write_raster(tmp_path / "p.tif", values)
    parts = (box(0, 0, 333, 1000), box(333, 0, 1000, 456), box(333, 456, 1000, 1000))
    counts = count_people(path, "p.tif", bound(*parts))
    assert math.fsum(count.people for count in counts) == pytest.approx(values.sum(), rel=1e-6)


def test_a_raster_in_degrees_is_met_by_the_boundaries_and_not_resampled(tmp_path: Path) -> None:
    """A subdistrict in metres, one side 8 km long, over cells of a hundredth of a degree."""
    values = np.arange(400, dtype="float64").reshape(20, 20)
    path = write_raster(tmp_path / "p.tif", values, (113.9, 23.3), 0.01, crs="EPSG:4326")
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True)
    west, south = to_metres.transform(113.95, 23.15)
    shape = shapely.box(west, south, west + 8000, south + 5000)
    (count,) = count_people(path, "p.tif", bound(shape, crs="EPSG:4547"))
    fine = shapely.segmentize(shape, 5.0)
    degrees = shapely.transform(
        fine,
        lambda xy: np.column_stack(to_metres.transform(xy[:, 0], xy[:, 1], direction="INVERSE")),
    )
    sums = []
    for (row, column), people in np.ndenumerate(values):
        left, top = 113.9 + column * 0.01, 23.3 - row * 0.01
        cell = shapely.box(left, top - 0.01, left + 0.01, top)
        sums.append(people * cell.intersection(degrees).area / cell.area)
    assert count.people == pytest.approx(math.fsum(sums), rel=1e-6)


@pytest.mark.parametrize("nothing", [-99999.0, math.nan])
def test_cells_without_data_have_nobody(tmp_path: Path, nothing: float) -> None:
    values = np.full((10, 10), 2, "float32")
    values[:, :5] = nothing
    path = write_raster(tmp_path / "p.tif", values, nodata=nothing)
    counts = count_people(path, "p.tif", bound(box(0, 0, 1000, 1000)))
    assert counts[0].people == pytest.approx(100)
    assert counts[0].held == pytest.approx(0.5)
    (note,) = note_holes(counts)
    assert note.en == "s0 has no data for 50% of its area, counted as nobody"


CELL = 33.3
"""Metres: edges of such cells are no binary numbers, so windows miss the grid by a last bit."""


def cut_boxes(count: int) -> list[shapely.Polygon]:
    """Return rectangles on a raster of 40 x 40 such cells."""
    random = np.random.default_rng(0)
    corners = CELL * np.sort(random.uniform(1, 39, (2, count, 2)))
    return [
        shapely.box(EAST + west, NORTH - low, EAST + east, NORTH - high)
        for (west, east), (high, low) in zip(*corners, strict=True)
    ]


def count_known(shape: shapely.Polygon) -> float:
    """Return the area in cells of the part in the west, where there are data."""
    west = shapely.box(EAST, NORTH - 40 * CELL, EAST + 25 * CELL, NORTH)
    return float(shape.intersection(west).area / CELL**2)


@pytest.mark.parametrize("internal", ["YES", "NO"])
def test_cells_under_a_mask_have_nobody(tmp_path: Path, internal: str) -> None:
    """The mask lies in the file or beside it; no value stands for no data."""
    values = np.ones((40, 40), "float32")
    values[:, 25:] = 1000
    mask = np.where(values == 1, 255, 0).astype("uint8")
    path = write_raster(tmp_path / "p.tif", values, cell=CELL)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=internal), rasterio.open(path, "r+") as stream:
        stream.write_mask(mask)
    shapes = [shape for shape in cut_boxes(40) if count_known(shape)]
    for count, shape in zip(count_people(path, "p.tif", bound(*shapes)), shapes, strict=True):
        assert count.people == pytest.approx(count_known(shape), rel=1e-4)
        assert count.held == pytest.approx(count.people * CELL**2 / shape.area, rel=1e-4)


@pytest.mark.parametrize("kind", ["int16", "float32"])
@pytest.mark.parametrize(("scale", "offset"), [(0.1, 0.0), (1.0, 3.0), (0.5, 2.0)])
def test_a_scaled_raster_keeps_its_cells_without_data(
    tmp_path: Path, kind: str, scale: float, offset: float
) -> None:
    values = np.full((40, 40), 4, kind)
    values[:, 25:] = -1
    path = write_raster(tmp_path / "p.tif", values, cell=CELL, nodata=-1)
    with rasterio.open(path, "r+") as stream:
        stream.scales, stream.offsets = (scale,), (offset,)
    shapes = [shape for shape in cut_boxes(40) if count_known(shape)]
    for count, shape in zip(count_people(path, "p.tif", bound(*shapes)), shapes, strict=True):
        assert count.people == pytest.approx((4 * scale + offset) * count_known(shape), rel=1e-4)


def test_subdistricts_smaller_than_a_cell_are_named(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", np.ones((10, 10), "float32"))
    counts = count_people(path, "p.tif", bound(box(0, 0, 300, 300), box(300, 0, 390, 90)))
    (note,) = note_coarse(counts)
    assert (
        note.en == "smaller than a cell, so their people are a share of it by area and no count: s1"
    )
    assert note_coarse(counts[:1]) == ()


def test_places_lie_in_their_subdistrict_and_empty_cells_have_none(tmp_path: Path) -> None:
    values = np.ones((10, 10), "float32")
    values[:3] = 0
    path = write_raster(tmp_path / "p.tif", values)
    horseshoe = box(120, 130, 880, 880) - box(210, 250, 790, 880)
    counts = count_people(path, "p.tif", bound(horseshoe, box(210, 250, 790, 880)))
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True)
    for count, shape in zip(counts, (horseshoe, box(210, 250, 790, 880)), strict=True):
        points = shapely.points(*to_metres.transform(count.lon, count.lat))
        assert shapely.dwithin(points, shape, 0.01).all()
        assert (count.weight > 0).all()
        assert shapely.get_y(points).max() <= NORTH - 300
    assert math.fsum(count.people for count in counts) == pytest.approx(7.6 * 5.7, rel=1e-6)


def test_a_subdistrict_in_several_pieces_counts_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.arange(10_000, dtype="float64").reshape(100, 100) / 1000
    path = write_raster(
        tmp_path / "p.tif", values, cell=10, tiled=True, blockxsize=16, blockysize=16
    )
    shape = bound(box(33, 44, 777, 888))
    (whole,) = count_people(path, "p.tif", shape)
    monkeypatch.setattr(module, "CELLS_AT_ONCE", 300)
    (pieces,) = count_people(path, "p.tif", shape)
    assert pieces.people == pytest.approx(whole.people, rel=1e-9)
    assert sorted(pieces.weight) == pytest.approx(sorted(whole.weight))


def test_of_a_large_raster_only_what_is_needed_is_read(tmp_path: Path) -> None:
    """A square of 40,000 cells a side: 6.4 GB as a whole, all but a corner of it left out."""
    path = tmp_path / "big.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=40_000, width=40_000, count=1, dtype="float32", crs=UTM,
        transform=rasterio.Affine(10, 0, EAST, 0, -10, NORTH), tiled=True, sparse_ok=True,
    ) as stream:  # fmt: skip
        stream.write(np.ones((100, 100), "float32"), 1, window=((0, 100), (0, 100)))
    code = (
        "import resource, sys; from pathlib import Path; import test_raster_population as t\n"
        "from siteplan.inputs.raster import count_people\n"
        "shape = t.bound(t.box(0, 0, 1000, 1000))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "count, = count_people(Path(sys.argv[1]), 'big.tif', shape)\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(round(count.people), (after - before) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parent,
    )  # fmt: skip
    people, megabytes = map(int, done.stdout.split())
    assert people == 10_000
    assert megabytes < 400


ONES = np.ones((10, 10), "float32")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"crs": None}, "p.tif: says no CRS. Take a GeoTIFF with a CRS."),
        (
            {"transform": rasterio.Affine(100, 10, EAST, 10, -100, NORTH)},
            "p.tif: is rotated or upside down. Warp it so that north is up.",
        ),
        (
            {"transform": rasterio.Affine(100, 0, EAST, 0, 100, NORTH - 1000)},
            "p.tif: is rotated or upside down. Warp it so that north is up.",
        ),
        ({"values": np.stack([ONES, ONES])}, "p.tif: has 2 bands."),
        ({"values": ONES.astype("complex64")}, "p.tif: has complex values."),
        ({"crs": "EPSG:2383"}, "Xian"),
        ({"values": ONES * np.inf}, "p.tif (s0): has a cell of inf in s0."),
        ({"values": -ONES}, "p.tif (s0): has a cell of -1 in s0."),
        ({"nodata": 1.0}, "p.tif (s0): has no data in subdistrict s0."),
        ({"values": ONES * 0}, "p.tif: has nobody in any subdistrict. Look at the raster"),
        (
            {"values": ONES * 10_001},
            "p.tif (s0): has 1,000,100 people per km² in s0, and 1,000,000 are too many anywhere.",
        ),
    ],
)
def test_a_raster_that_cannot_be_counted_on_is_refused(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    values = change.pop("values", ONES)
    assert isinstance(values, np.ndarray)
    path = write_raster(tmp_path / "p.tif", values, **change)  # type: ignore[arg-type]
    assert any(message in line for line in refuse(path))


def test_every_subdistrict_that_the_raster_does_not_cover_is_named(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", ONES)
    outside, half = box(5000, 0, 6000, 1000), box(500, 0, 1500, 1000)
    assert refuse(path, box(0, 0, 500, 1000), outside, half) == [
        f"p.tif ({code}): does not cover subdistrict {code}. Take a raster of a larger area."
        for code in ("s1", "s2")
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<VRTDataset rasterXSize='1' rasterYSize='1'/>",
        b"II*\0" + b"\xff" * 40,
        b"II*\0\x08\0\0\0",
    ],
)
def test_what_is_no_raster_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.tif").write_bytes(content)
    (message,) = refuse(tmp_path / "p.tif")
    assert message.startswith("p.tif: ")


# The command


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Return the town without residents."""
    folder = town.write_town(tmp_path / "town")
    (folder / "data" / "population.csv").unlink()
    return folder


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Return a raster over the town whose only people live more than 500 m north of its corner."""
    lon, lat = town.place(-1500, 2500)
    values = np.zeros((60, 60), "float32")
    values[:18] = 5
    return write_raster(tmp_path / "worldpop.tif", values, (lon, lat), 0.001, crs="EPSG:4326")


def populate(case: Path, path: Path, *words: object) -> Result:
    return run(
        "data", "population", path, "--case", case, "--year", 2020, "--source", "WorldPop 2020",
        "--lang", "en", "--quiet", *words,
    )  # fmt: skip


def read_rows(case: Path, name: str = "population.csv") -> list[dict[str, str]]:
    with (case / "data" / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_residents_of_a_raster_stand_where_it_has_them(case: Path, people: Path) -> None:
    result = populate(case, people)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    read = read_case(case)
    rows = read_rows(case)
    assert [row["code"] for row in rows] == [town.WEST, town.EAST]
    assert {(row["year"], row["estimated"], row["source"]) for row in rows} == {
        ("2020", "yes", "WorldPop 2020")
    }
    assert read.residents is not None
    survey = survey_case(read)
    for row, one in zip(rows, read.area.subdistricts, strict=True):
        assert one.population == float(row["population"]) > 0
        (index,) = np.flatnonzero(np.array(read.area.codes) == one.code)
        here = survey.demand.subdistrict == index
        assert survey.demand.population[here].sum() == pytest.approx(one.population)
        assert survey.demand.y[here].min() > town.NORTH_M + 480
    assert read.residents.weight.sum() == pytest.approx(
        sum(one.population for one in read.area.subdistricts), rel=1e-6
    )


def test_every_output_says_that_the_population_is_an_estimate(case: Path, people: Path) -> None:
    populate(case, people)
    run("evaluate", case, "--quiet")
    document = json.loads((case / "maps" / "evaluation.json").read_text(encoding="utf-8"))
    (source,) = [one for one in document["sources"] if one["role"] == "population"]
    assert [note["en"] for note in source["notes"]] == [
        "the population of 2 of 2 subdistricts is estimated",
        "population from WorldPop 2020",
    ]


def test_the_census_wins_and_is_compared(case: Path, people: Path, tmp_path: Path) -> None:
    census = tmp_path / "census.csv"
    census.write_text(f"行政区划代码,常住人口（人）,年份\n{town.WEST},100,2010\n", "utf-8")
    alone = populate(case, people).stdout
    before = read_rows(case)
    result = populate(case, people, "--census", census)
    west, east = read_rows(case)
    assert (west["population"], west["estimated"], west["source"], west["year"]) == (
        "100", "no", "census.csv", "2010",
    )  # fmt: skip
    assert east == before[1]
    figure = float(before[0]["population"])
    assert f"{(figure - 100) / 100:+.1%}" in result.stdout
    assert "difference" not in alone
    assert "difference" in result.stdout
    weights = [float(row["population"]) for row in read_rows(case, "residents.csv")]
    assert sum(weights) == pytest.approx(100 + float(east["population"]), rel=1e-5)


def test_the_raster_is_told_though_a_census_gives_every_figure(
    case: Path, people: Path, tmp_path: Path
) -> None:
    census = tmp_path / "census.csv"
    census.write_text(f"code,population,year\n{town.WEST},9,2010\n{town.EAST},8,2010\n", "utf-8")
    assert populate(case, people, "--census", census).exit_code == 0
    assert {(row["source"], row["year"]) for row in read_rows(case)} == {("census.csv", "2010")}
    run("evaluate", case, "--quiet")
    document = json.loads((case / "maps" / "evaluation.json").read_text(encoding="utf-8"))
    notes = {one["role"]: one["notes"] for one in document["sources"]}
    assert notes["residents"] == [
        {
            "zh": "居住地点来源：WorldPop 2020（2020 年）",
            "en": "places of residents from WorldPop 2020 (2020)",
        }
    ]


def test_a_table_keeps_its_groups_and_says_what_it_is(case: Path, tmp_path: Path) -> None:
    table = tmp_path / "pop.csv"
    table.write_text(
        f"代码,街道名称,常住人口,60岁以上,估算\n{town.WEST}000,西,100,20,否\n{town.EAST},东,50,,\n9,x,1,,\n",
        "utf-8",
    )
    result = populate(case, table)
    assert result.exit_code == 0, result.output
    west, east = read_rows(case)
    assert (west["60岁以上"], east["60岁以上"]) == ("20", "")
    assert (west["estimated"], east["estimated"]) == ("no", "yes")
    assert "rows of no subdistrict here: 9" in result.stdout
    assert not (case / "data" / "residents.csv").exists()
    assert [one.population for one in read_case(case).area.subdistricts] == [100, 50]


def test_a_group_that_the_settings_name_is_written_and_read_under_that_name(
    case: Path, tmp_path: Path
) -> None:
    with (case / "siteplan.toml").open("a", encoding="utf-8") as stream:
        stream.write('[columns.population]\nage_60_plus = "老年"\n')
    table = tmp_path / "pop.csv"
    table.write_text(f"code,population,老年\n{town.WEST},9,2\n{town.EAST},8,1\n", "utf-8")
    assert populate(case, table).exit_code == 0
    assert [row["老年"] for row in read_rows(case)] == ["2", "1"]
    groups = [one.groups for one in read_case(case).area.subdistricts]
    assert groups == [{"age_60_plus": 2}, {"age_60_plus": 1}]


def test_the_columns_are_called_as_the_case_calls_them(case: Path, people: Path) -> None:
    with (case / "siteplan.toml").open("a", encoding="utf-8") as stream:
        stream.write('[columns.population]\npopulation = "常住人口"\n')
        stream.write('[columns.residents]\nlon = "经"\n[datum]\nresidents = "gcj02"\n')
    assert populate(case, people).exit_code == 0
    assert list(read_rows(case)[0])[3] == "常住人口"
    read = read_case(case)
    assert read.residents is not None
    assert read.residents.y.max() < town.NORTH_M + 1100  # no datum was undone


@pytest.mark.parametrize("name", ["population.csv", "residents.geojson", "residents.csv"])
def test_what_siteplan_did_not_write_stays(case: Path, people: Path, name: str) -> None:
    path = case / "data" / name
    path.write_text("mine", encoding="utf-8")
    result = populate(case, people)
    assert (result.exit_code, path.read_text(encoding="utf-8")) == (5, "mine")
    assert f"data/{name}: " in result.stderr
    assert "Move it away" in result.stderr
    written = {p.name for p in (case / "data").iterdir()} & {"population.csv", "residents.csv"}
    assert written <= {name}


def test_a_path_in_the_settings_is_not_gone_around(case: Path, people: Path) -> None:
    with (case / "siteplan.toml").open("a", encoding="utf-8") as stream:
        stream.write('[paths]\npopulation = "p.csv"\n')
    result = populate(case, people)
    assert result.exit_code == 5
    assert "Take paths.population out of siteplan.toml" in result.stderr


def test_a_second_run_gives_the_same_bytes(case: Path, people: Path) -> None:
    populate(case, people)
    first = {p.name: p.read_bytes() for p in (case / "data").glob("*.csv")}
    assert set(first) == {"population.csv", "residents.csv"}
    assert populate(case, people).exit_code == 0
    assert {p.name: p.read_bytes() for p in (case / "data").glob("*.csv")} == first


def test_two_columns_for_one_are_named_and_none_is_taken(case: Path, tmp_path: Path) -> None:
    table = tmp_path / "pop.csv"
    table.write_text(f"code,总人口,常住人口\n{town.WEST},1,2\n", "utf-8")
    result = populate(case, table)
    assert result.exit_code == 3
    assert "several columns may be population: 总人口, 常住人口" in result.stderr
    assert "--column population.population=NAME" in result.stderr
    table.write_text(f"code,总人口,常住人口\n{town.WEST},1,2\n{town.EAST},3,4\n", "utf-8")
    assert populate(case, table, "--column", "population.population=常住人口").exit_code == 0
    assert [row["population"] for row in read_rows(case)] == ["2", "4"]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("population.population=x", "pop.csv: has no column x. It has code, population"),
        (
            "boundaries.code=code",
            "--column is 'boundaries.code=code'. Write it as population.code=",
        ),
    ],
)
def test_a_column_of_no_table_is_refused(
    case: Path, tmp_path: Path, column: str, message: str
) -> None:
    (tmp_path / "pop.csv").write_text(f"code,population\n{town.WEST},1\n", "utf-8")
    result = populate(case, tmp_path / "pop.csv", "--column", column)
    assert result.exit_code == 3
    assert message in result.stderr


@pytest.mark.parametrize("words", [(), ("--column", "population.population=常住人口（万人）")])
def test_tens_of_thousands_are_no_people(
    case: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    table = tmp_path / "pop.csv"
    table.write_text(f"code,常住人口（万人）\n{town.WEST},4.2\n{town.EAST},3.1\n", "utf-8")
    result = populate(case, table, *words)
    assert result.exit_code == 3
    assert "column 常住人口（万人） counts thousands or the like, and not people" in result.stderr
    assert "万人 by 10,000" in result.stderr
    assert not (case / "data" / "population.csv").exists()


def test_a_workbook_is_a_table_too(case: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["各街道常住人口"], [], ["镇街代码", "常住人口", "60岁以上", "邮编"]):
        book.worksheets[0].append(row)
    for code, people in ((town.WEST, 100), (town.EAST, 50)):
        book.worksheets[0].append([code, people, 20, 510630])
    book.save(tmp_path / "pop.xlsx")
    result = populate(case, tmp_path / "pop.xlsx")
    assert result.exit_code == 0, result.output
    assert "columns left aside: 邮编" in result.stdout
    assert [(row["population"], row["60岁以上"]) for row in read_rows(case)] == [
        ("100", "20"), ("50", "20"),
    ]  # fmt: skip


def test_a_subdistrict_without_a_figure_is_named(case: Path, tmp_path: Path) -> None:
    table = tmp_path / "pop.csv"
    table.write_text(f"code,population\n{town.WEST},1\n", "utf-8")
    result = populate(case, table)
    assert result.exit_code == 3
    assert f"lacks subdistrict {town.EAST}. Add its row" in result.stderr


def test_boundaries_of_a_chinese_web_map_are_told(case: Path, people: Path) -> None:
    assert "boundaries are taken as WGS84" in populate(case, people).stdout
    with (case / "siteplan.toml").open("a", encoding="utf-8") as stream:
        stream.write('[datum]\nboundaries = "gcj02"\n')
    assert "boundaries converted from GCJ-02 to WGS84" in populate(case, people).stdout


def test_a_source_is_text_in_its_cell_and_nothing_else(case: Path, people: Path) -> None:
    words = ("data", "population", people, "--case", case, "--year", 2020, "--source")
    assert run(*words, "=1+1\x1b[31m").exit_code == 0
    assert {row["source"] for row in read_rows(case)} == {"'=1+1\ufffd[31m"}
    assert run(*words, " ").exit_code == 3
    assert run(*words, "x" * 201).exit_code == 3


def test_without_the_libraries_it_says_what_to_install(
    case: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "exactextract", None)
    result = populate(case, people)
    assert result.exit_code == 3
    assert "needs exactextract, which is not installed. Install siteplan[raster]." in result.stderr


def test_it_speaks_chinese(case: Path, people: Path) -> None:
    result = run(
        "data", "population", people, "--case", case, "--year", 2020, "--source", "WorldPop",
        "--lang", "zh",
    )  # fmt: skip
    assert "统计栅格人口…" in result.stderr
    assert "写入人口" in result.stdout
