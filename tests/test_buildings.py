"""Buildings as places where people live."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import mapping

from siteplan.inputs.buildings import make_weights_of_layer, make_weights_of_osm
from siteplan.inputs.osm import read_osm
from siteplan.inputs.vector import POLYGONS, read_layer
from siteplan.model import Weights

Write = Callable[..., Path]
CRS = {"type": "name", "properties": {"name": "EPSG:4547"}}
X, Y = 430_000.0, 2_550_000.0
SMALL, LARGE = shapely.box(X, Y, X + 10, Y + 10), shapely.box(X + 20, Y, X + 40, Y + 20)


@pytest.fixture
def weigh(tmp_path: Path, write_geojson: Write) -> Callable[..., Weights]:
    """Return a function that weighs (shape, attributes) pairs."""

    def weigh(
        *features: tuple[shapely.Polygon, Mapping[str, Any]],
        columns: Mapping[str, str] | None = None,
    ) -> Weights:
        pairs = [(mapping(shape), tags) for shape, tags in features]
        path = write_geojson(tmp_path / "buildings.geojson", *pairs, crs=CRS)
        layer = read_layer(path, "buildings", kinds=POLYGONS)
        return make_weights_of_layer(layer, columns or {}, "EPSG:4547")

    return weigh


def test_a_building_weighs_its_footprint_times_its_storeys(weigh: Callable[..., Weights]) -> None:
    weights = weigh((SMALL, {"building:levels": "6"}), (LARGE, {}))
    assert weights.weight == pytest.approx([600, 400])
    assert weights.measured.tolist() == [True, False]
    assert weights.x == pytest.approx([X + 5, X + 30])
    assert weights.y == pytest.approx([Y + 5, Y + 10])


def test_without_a_building_column_all_are_homes(weigh: Callable[..., Weights]) -> None:
    assert len(weigh((SMALL, {"use": "school"}), (LARGE, {})).x) == 2


def test_with_a_building_column_only_homes_count(weigh: Callable[..., Weights]) -> None:
    weights = weigh(
        (SMALL, {"building": "school"}),
        (SMALL, {"building": "yes", "shop": "bakery"}),
        (SMALL, {"building": None}),
        (LARGE, {"building": "apartments"}),
    )
    assert weights.weight == pytest.approx([400])


def test_a_layer_without_any_home_weighs_nothing(weigh: Callable[..., Weights]) -> None:
    assert len(weigh((SMALL, {"building": "school"})).weight) == 0


def test_the_columns_may_have_other_names(weigh: Callable[..., Weights]) -> None:
    feature = (SMALL, {"FLOORS": 3, "TYPE": "house"})
    columns = {"levels": "FLOORS", "building": "TYPE"}
    assert weigh(feature, columns=columns).weight == pytest.approx([300])


@pytest.mark.parametrize("levels", ["ground", "0", -2, None])
def test_storeys_that_are_no_number_count_as_one_unknown(
    weigh: Callable[..., Weights], levels: object
) -> None:
    weights = weigh((SMALL, {"building:levels": levels}))
    assert weights.weight == pytest.approx([100])
    assert not weights.measured.any()


def test_storeys_with_blanks_between_come_as_floats_from_a_geopackage(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"FLOORS": [4.0, None]}, geometry=[SMALL, LARGE], crs="EPSG:4547")
    frame.to_file(tmp_path / "b.gpkg")
    layer = read_layer(tmp_path / "b.gpkg", "b", kinds=POLYGONS)
    weights = make_weights_of_layer(layer, {"levels": "FLOORS"}, "EPSG:4547")
    assert weights.weight == pytest.approx([400, 400])


def test_a_building_around_a_court_stands_on_itself(weigh: Callable[..., Weights]) -> None:
    ring = LARGE - LARGE.buffer(-5)
    weights = weigh((ring, {}))
    assert ring.covers(shapely.Point(weights.x[0], weights.y[0]).buffer(1e-3))
    assert weights.weight == pytest.approx([300])


def test_the_buildings_of_an_extract_are_weighed_in_metres(write_osm: Callable[..., Path]) -> None:
    nodes = {1: (9.5, 47.1), 2: (9.501, 47.1), 3: (9.501, 47.101), 4: (9.5, 47.101)}
    tags = {"building": "house", "building:levels": "2"}
    extract = read_osm(write_osm(nodes, {1: ([1, 2, 3, 4, 1], tags)}), "a")
    weights = make_weights_of_osm(extract, "EPSG:32632")
    # 0.001° at 47.1° N are 75.9 m of longitude and 111.2 m of latitude
    assert weights.weight == pytest.approx([2 * 75.9 * 111.2], rel=2e-3)
    assert weights.measured.all()
