"""Subdistrict boundaries: codes, labels, and polygons that tile the ground."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import mapping

from siteplan.errors import InputError
from siteplan.inputs.boundaries import SLIVER_WIDTH_M, Boundaries, read_boundaries
from siteplan.inputs.vector import POLYGONS, Layer, read_layer
from siteplan.model import Shape

Write = Callable[..., Path]
CRS = {"type": "name", "properties": {"name": "EPSG:4547"}}
X, Y = 430_000.0, 2_550_000.0  # in Guangzhou, EPSG:4547
TIANHE = {"code": "乡镇码", "name": "乡镇", "population": "常住人"}


def block(west: float, south: float, east: float, north: float) -> Shape:
    return shapely.box(X + west, Y + south, X + east, Y + north)


WEST, EAST = block(0, 0, 1000, 1000), block(1000, 0, 2000, 1000)


@pytest.fixture
def read(tmp_path: Path, write_geojson: Write) -> Callable[..., Boundaries]:
    """Return a function that reads (shape, attributes) pairs as boundaries."""

    def read(
        *features: tuple[Shape, Mapping[str, Any]], columns: Mapping[str, str] | None = None
    ) -> Boundaries:
        pairs = [(mapping(shape), attributes) for shape, attributes in features]
        path = write_geojson(tmp_path / "b.geojson", *pairs, crs=CRS)
        return read_boundaries([read_layer(path, "b.geojson", kinds=POLYGONS)], columns or {})

    return read


def refuse(read: Callable[..., Boundaries], *features: object) -> list[str]:
    with pytest.raises(InputError) as refusal:
        read(*features)
    return [defect.say("en") for defect in refusal.value.defects]


def test_residents_in_tens_of_thousands_are_refused(read: Callable[..., Boundaries]) -> None:
    column = "常住人口（万人）"
    with pytest.raises(InputError, match="counts thousands or the like, and not people"):
        read((WEST, {"code": "a", column: 4.2}), columns={"population": column})
    assert read((WEST, {"code": "a", column: 4.2})).populations == (None,)


def test_subdistricts_are_read_in_order_of_code(read: Callable[..., Boundaries]) -> None:
    attributes = {"name": "天园街", "district": "天河区", "population": 1200, "vintage": 2010}
    boundaries = read((EAST, {"code": "440106013000"}), (WEST, {"code": 440106012, **attributes}))
    assert boundaries.codes == ("440106012", "440106013")
    assert boundaries.names == ("天园街", "440106013")
    assert boundaries.districts == ("天河区", None)
    assert boundaries.populations == (1200, None)
    assert boundaries.vintages == (2010, None)
    assert boundaries.crs == "EPSG:4547"
    assert boundaries.notes == ()
    assert shapely.hausdorff_distance(boundaries.geometry[0], WEST) < 1e-4


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp"])
def test_every_format_gives_the_same_boundaries(tmp_path: Path, suffix: str) -> None:
    columns = {"code": ["b", "a"], "name": ["东街", "西街"], "population": [10, 20]}
    frame = gpd.GeoDataFrame(columns, geometry=[EAST, WEST], crs="EPSG:4547")
    path = tmp_path / f"b{suffix}"
    frame.to_crs("EPSG:4326").to_file(path, engine="pyogrio")
    boundaries = read_boundaries([read_layer(path, "b", kinds=POLYGONS)], {})
    assert boundaries.codes == ("a", "b")
    assert boundaries.names == ("西街", "东街")
    assert boundaries.populations == (20, 10)
    assert shapely.area(boundaries.geometry) == pytest.approx([1e6, 1e6], rel=1e-5)


def test_the_working_crs_may_be_given(tmp_path: Path, write_geojson: Write) -> None:
    path = write_geojson(tmp_path / "b.geojson", (mapping(WEST), {"code": "a"}), crs=CRS)
    layer = read_layer(path, "b", kinds=POLYGONS)
    assert read_boundaries([layer], {}, "EPSG:32649").crs == "EPSG:32649"


def test_the_working_crs_is_that_of_the_centre_of_all_files(
    tmp_path: Path, write_geojson: Write
) -> None:
    def layer(name: str, lon: float) -> Layer:
        shape = shapely.box(lon, 23, lon + 0.1, 23.1)
        path = write_geojson(tmp_path / name, (mapping(shape), {"code": name}))
        return read_layer(path, name, kinds=POLYGONS)

    # 110.3° E alone lies in the zone of 111° E, 117° E alone in that of 117° E
    layers = [layer("a.geojson", 110.3), layer("b.geojson", 117.0)]
    assert read_boundaries(layers, {}).crs == "EPSG:4547"
    assert read_boundaries(layers[:1], {}).crs == "EPSG:4546"


def test_the_order_of_features_changes_nothing(read: Callable[..., Boundaries]) -> None:
    features = [
        (block(i * 500, j * 500, i * 500 + 501, j * 500 + 500), {"code": f"{i}{j}"})
        for i in range(4)
        for j in range(4)
    ]
    straight = read(*features)
    np.random.default_rng(1).shuffle(features)
    shuffled = read(*features)
    assert shuffled.codes == straight.codes
    assert [s.wkb for s in shuffled.geometry] == [s.wkb for s in straight.geometry]
    assert shuffled.notes == straight.notes


def test_an_overlap_is_refused_naming_both(read: Callable[..., Boundaries]) -> None:
    told = refuse(read, (block(0, 0, 1100, 1000), {"code": "w"}), (EAST, {"code": "e"}))
    assert told == ["b.geojson: subdistricts e and w overlap by 100000 m². Correct the boundaries."]


def test_one_subdistrict_inside_another_is_an_overlap(read: Callable[..., Boundaries]) -> None:
    told = refuse(read, (WEST, {"code": "w"}), (block(400, 400, 600, 600), {"code": "inner"}))
    assert "subdistricts inner and w overlap by 40000 m²" in told[0]


@pytest.mark.parametrize("gap_m", [-4.0, 4.0])
def test_a_sliver_is_closed_and_reported(read: Callable[..., Boundaries], gap_m: float) -> None:
    boundaries = read(
        (block(0, -1000, 2000, 0), {"code": "south"}),
        (WEST, {"code": "west"}),
        (block(1000 + gap_m, 0, 2000, 1000), {"code": "east"}),
        (block(0, 1000, 2000, 2000), {"code": "north"}),
    )
    assert shapely.area(boundaries.geometry).sum() == pytest.approx(6e6, rel=1e-9)
    assert shapely.coverage_is_valid(boundaries.geometry)
    (note,) = boundaries.notes
    overlap, gap = ("1 overlaps of 4000", "0") if gap_m < 0 else ("0 overlaps of 0", "4000")
    assert note.en == (
        f"closed slivers narrower than {SLIVER_WIDTH_M:g} m: {overlap} m² in all, gaps of {gap} m²"
    )


def test_a_gap_wider_than_a_sliver_is_ground_that_is_nobodys(
    read: Callable[..., Boundaries],
) -> None:
    boundaries = read((WEST, {"code": "w"}), (block(1020, 0, 2000, 1000), {"code": "e"}))
    assert shapely.area(boundaries.geometry).sum() == pytest.approx(1.98e6, rel=1e-6)
    assert boundaries.notes == ()


def test_a_subdistrict_thinner_than_a_sliver_is_never_dropped(
    read: Callable[..., Boundaries],
) -> None:
    pieces = [(WEST, {"code": "w"}), (block(998, 0, 1002, 1000), {"code": "thin"})]
    told = refuse(read, *pieces, (block(998, 0, 2000, 1000), {"code": "e"}))
    assert "thin" in told[0]


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({}, "has no code (column code). Give each subdistrict a code of its own."),
        ({"code": " "}, "has no code (column code)"),
        ({"code": "w"}, "code w stands twice"),
        ({"code": ["e"]}, "code is ['e']. Give text."),
        ({"code": "e", "name": {"zh": "东"}}, "name is {'zh': '东'}. Give text."),
        ({"code": "e", "population": -1}, "population is -1. Give the residents, 0 or more."),
        ({"code": "e", "population": "many"}, "population is 'many'"),
        ({"code": "e", "vintage": "today"}, "vintage is 'today'. Give its year, e.g. 2010."),
        ({"code": "e", "vintage": 2010.5}, "vintage is 2010.5"),
    ],
)
def test_a_bad_attribute_is_refused_with_its_feature(
    read: Callable[..., Boundaries], attributes: dict[str, object], message: str
) -> None:
    (told,) = refuse(read, (WEST, {"code": "w"}), (EAST, attributes))
    assert told.startswith("b.geojson feature 2")
    assert message in told


def test_all_bad_attributes_are_told_at_once(read: Callable[..., Boundaries]) -> None:
    told = refuse(
        read, (WEST, {"name": "西街", "population": -3}), (EAST, {"code": "e", "vintage": "x"})
    )
    assert [line.split(":")[0] for line in told] == [
        "b.geojson feature 1 (西街)", "b.geojson feature 1 (西街)", "b.geojson feature 2",
    ]  # fmt: skip


def test_one_code_in_two_files_is_refused(tmp_path: Path, write_geojson: Write) -> None:
    layers = []
    for name, shape in (("a.geojson", WEST), ("b.geojson", EAST)):
        path = write_geojson(tmp_path / name, (mapping(shape), {"code": "440106012"}), crs=CRS)
        layers.append(read_layer(path, name, kinds=POLYGONS))
    with pytest.raises(InputError, match=r"^b\.geojson feature 1: code 440106012 stands twice"):
        read_boundaries(layers, {})


@pytest.mark.parametrize("seed", range(5))
def test_blocks_drawn_each_by_itself_tile_the_ground_and_keep_their_areas(
    read: Callable[..., Boundaries], seed: int
) -> None:
    chance = np.random.default_rng(seed)
    blocks = [block(i * 400, j * 400, i * 400 + 400, j * 400 + 400)
              for i in range(4) for j in range(4)]  # fmt: skip
    corners = [shapely.get_coordinates(shape.segmentize(100))[:-1] for shape in blocks]
    rings = [shapely.Polygon(xy + chance.uniform(-1, 1, xy.shape)) for xy in corners]
    boundaries = read(*((ring, {"code": f"{n:02}"}) for n, ring in enumerate(rings)))
    assert shapely.coverage_is_valid(boundaries.geometry)
    assert shapely.area(boundaries.geometry) == pytest.approx(shapely.area(rings), abs=2500)
    assert shapely.get_num_interior_rings(shapely.union_all(boundaries.geometry)) == 0


@pytest.mark.real
def test_tianhe_as_found_is_cleaned_and_reported(real_data: Path) -> None:
    path = real_data / "guangzhou" / "tianhe_streets_raw.json"
    layer = read_layer(path, "tianhe", kinds=POLYGONS)
    boundaries = read_boundaries([layer], TIANHE)
    assert boundaries.crs == "EPSG:4547"
    assert len(boundaries.codes) == 21
    assert {len(code) for code in boundaries.codes} == {9}
    assert "440106012" in boundaries.codes
    assert sum(p or 0 for p in boundaries.populations) == 1_432_426
    assert len(boundaries.notes) == 1
    assert shapely.coverage_is_valid(boundaries.geometry, gap_width=SLIVER_WIDTH_M)
    before = shapely.area(layer.project("EPSG:4547")).sum()
    assert shapely.area(boundaries.geometry).sum() == pytest.approx(before, rel=1e-4)


@pytest.mark.real
def test_tianhe_is_the_same_from_whatever_end_it_is_read(real_data: Path) -> None:
    path = real_data / "guangzhou" / "tianhe_streets_raw.json"
    layer = read_layer(path, "tianhe", kinds=POLYGONS)
    turned = Layer(
        layer.label, layer.geometry[::-1], layer.properties[::-1], layer.rows[::-1], layer.crs,
        layer.given[::-1], layer.raw[::-1], layer.datums,
    )  # fmt: skip
    one, other = (read_boundaries([which], TIANHE) for which in (layer, turned))
    assert one.codes == other.codes
    assert all(np.equal([s.wkb for s in one.geometry], [s.wkb for s in other.geometry]))


def test_a_column_that_is_not_there_is_told_once_with_those_that_are(
    tmp_path: Path, write_geojson: Callable[..., Path]
) -> None:
    square = {"type": "Polygon", "coordinates": [[[9, 47], [9.1, 47], [9.1, 47.1], [9, 47]]]}
    path = write_geojson(tmp_path / "b.geojson", *[(square, {"NAME": "x", "ID": 1})] * 3)
    layer = read_layer(path, "b.geojson", kinds=POLYGONS)
    with pytest.raises(InputError) as refused:
        read_boundaries([layer], {})
    (defect,) = refused.value.defects
    assert defect.say("en").startswith("b.geojson: has no column code. It has ID, NAME;")
