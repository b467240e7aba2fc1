"""Which datum a file is really in."""

import math
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from small import Point, make_area, make_subdistrict

from siteplan.analysis.datum import (
    BORDER_M,
    LEAST_FIT,
    SURE,
    WRONG_CLAIM,
    Evidence,
    compare_boundaries,
    compare_outline,
    compare_sites,
)
from siteplan.crs import WGS84, Datum, from_wgs84, make_projection, project_geometry, to_wgs84
from siteplan.inputs.graphml import make_roads_of_graphml, read_graphml
from siteplan.inputs.osm import read_osm
from siteplan.inputs.roads import make_roads_of_osm
from siteplan.inputs.vector import read_layer
from siteplan.model import Geometries, Indices, Metres, StudyArea

DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
POLYGONS = ("Polygon", "MultiPolygon")
ZONE = "EPSG:4547"
UTM32 = "EPSG:32632"
AWAY = (490.0, -270.0)  # about as far as GCJ-02 is off


def tile(columns: int, rows: int, side: float = 1000) -> StudyArea:
    """Make an area of squares; the code of each tells its column and row."""
    return make_area(
        *(
            make_subdistrict(f"{i}{j}", (side * i, side * j, side * (i + 1), side * (j + 1)))
            for i in range(columns)
            for j in range(rows)
        )
    )


FOUR = tile(2, 2)  # 00, 01 above it, 10 to its right, 11
NINE = tile(3, 3)


def place(*points: Point) -> tuple[Metres, Metres]:
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    return x, y


def claim(area: StudyArea, *codes: str | None) -> Indices:
    known = area.codes
    return np.array([-1 if code is None else known.index(code) for code in codes], dtype=np.intp)


# Sites in the subdistricts they claim


def test_a_reading_that_puts_every_site_where_it_belongs_is_named_with_its_move() -> None:
    found = compare_sites(
        FOUR,
        claim(FOUR, "00", "00", "01"),
        {
            "wgs84": place((1300, 500), (1200, 400), (1300, 1500)),
            "gcj02": place((900, 500), (300, 400), (900, 1800)),  # moved by 400, 900 and 500
        },
    )
    # One of 3 other subdistricts: the odds of a site are 0.95 against 0.05 / 3, which is 57.
    assert (found.compared, found.fits) == (3, {"wgs84": 0, "gcj02": 3})
    assert found.probability == pytest.approx({"wgs84": 1 / (57**3 + 1), "gcj02": 1 - 1 / 57**3})
    assert (found.best, found.moved_m) == ("gcj02", pytest.approx(500))


def test_a_file_that_fits_as_it_is_has_moved_nowhere() -> None:
    right, wrong = place((500, 500), (600, 600)), place((1500, 500), (1600, 600))
    found = compare_sites(FOUR, claim(FOUR, "00", "00"), {"wgs84": right, "gcj02": wrong})
    assert found.best == "wgs84"
    assert math.isnan(found.moved_m)


def test_one_site_alone_convinces_nobody() -> None:
    # The odds are 114 where there are 6 other subdistricts or more: a probability of 0.983.
    sites = {"wgs84": (1500, 500), "gcj02": (500, 500), "bd09": (2500, 500)}
    alone = compare_sites(NINE, claim(NINE, "00"), {name: place(xy) for name, xy in sites.items()})
    assert alone.probability == pytest.approx(
        {"wgs84": 1 / 116, "gcj02": 114 / 116, "bd09": 1 / 116}
    )
    assert alone.best is None
    assert math.isnan(alone.moved_m)
    two = {name: place(xy, xy) for name, xy in sites.items()}
    assert compare_sites(NINE, claim(NINE, "00", "00"), two).best == "gcj02"


def test_readings_that_fit_alike_leave_it_open() -> None:
    here, there = place((500, 500), (400, 400)), place((600, 600), (700, 700))
    found = compare_sites(FOUR, claim(FOUR, "00", "00"), {"wgs84": here, "gcj02": there})
    assert found.probability == {"wgs84": 0.5, "gcj02": 0.5}
    assert found.best is None


def test_the_better_of_two_bad_readings_is_not_named() -> None:
    # 5 of 9 fit one reading, none the other: the odds are overwhelming, and both may be wrong.
    inside, outside = (500.0, 500.0), (2500.0, 2500.0)
    claims = claim(NINE, *["00"] * 9)
    given = place(*[outside] * 9)
    five, six = (place(*[inside] * n, *[outside] * (9 - n)) for n in (5, 6))
    found = compare_sites(NINE, claims, {"wgs84": given, "gcj02": five})
    assert found.probability["gcj02"] > SURE
    assert found.best is None
    assert compare_sites(NINE, claims, {"wgs84": given, "gcj02": six}).best == "gcj02"


@pytest.mark.parametrize(
    ("x", "tolerance_m", "fits"),
    [
        (500, BORDER_M, 1),
        (1000, 0, 1),  # on the border
        (1000.01, 0, 0),
        (1030, BORDER_M, 1),
        (1030.01, BORDER_M, 0),
        (-30, BORDER_M, 1),  # outside all
        (-31, BORDER_M, 0),
    ],
)
def test_a_site_a_little_beyond_the_border_fits(x: float, tolerance_m: float, fits: int) -> None:
    readings = {"wgs84": place((x, 500))}
    found = compare_sites(FOUR, claim(FOUR, "00"), readings, tolerance_m=tolerance_m)
    assert found.fits == {"wgs84": fits}


def test_a_site_as_far_out_as_tolerated_on_paper_fits() -> None:
    side = 1000.4
    x = 1030.4
    assert x - side > BORDER_M  # by the last bit of a float
    area = tile(2, 2, side)
    assert compare_sites(area, claim(area, "00"), {"wgs84": place((x, 500))}).fits == {"wgs84": 1}


def test_a_reading_without_a_place_fits_nowhere_and_moves_nothing() -> None:
    nan, inf = math.nan, math.inf
    found = compare_sites(
        FOUR,
        claim(FOUR, "00", "00", "00", "00", "00"),
        {
            "wgs84": place((nan, nan), (inf, 500), (1500, 500), (1500, -inf), (1500, 500)),
            "swapped": place((500, 500), (500, 500), (500, 500), (500, 500), (nan, 500)),
        },
    )
    assert found.fits == {"wgs84": 0, "swapped": 4}
    assert (found.best, found.moved_m) == ("swapped", 1000)  # of the one site placed twice


def test_where_no_site_claims_anything_nothing_is_said() -> None:
    readings = {"wgs84": place((500, 500)), "gcj02": place((600, 600))}
    found = compare_sites(FOUR, claim(FOUR, None), readings)
    assert (found.compared, found.fits, found.best) == (0, {"wgs84": 0, "gcj02": 0}, None)
    assert found.probability == {"wgs84": 0.5, "gcj02": 0.5}
    assert compare_sites(FOUR, claim(FOUR, None), {"wgs84": place((500, 500))}).best is None
    assert compare_sites(FOUR, claim(FOUR, "00"), {}).best is None
    assert compare_sites(make_area(), claim(FOUR, None), readings).best is None


def test_a_single_reading_is_named_where_it_fits() -> None:
    claims = claim(FOUR, "00", "00", "00")
    for wrong, best in ((0, "wgs84"), (1, "wgs84"), (2, None)):
        readings = {"wgs84": place(*[(1500, 500)] * wrong, *[(500, 500)] * (3 - wrong))}
        assert compare_sites(FOUR, claims, readings).best == best


def test_a_case_of_one_subdistrict_can_be_judged() -> None:
    one = make_area(make_subdistrict("A"))
    inside, outside = place(*[(500, 500)] * 3), place(*[(1500, 500)] * 3)
    found = compare_sites(one, np.zeros(3, np.intp), {"wgs84": outside, "gcj02": inside})
    assert found.probability["wgs84"] == pytest.approx(1 / (19**3 + 1))
    assert found.best == "gcj02"


def judge_slowly(
    area: StudyArea, claimed: Sequence[int], readings: Mapping[str, Sequence[Point]]
) -> tuple[dict[str, int], dict[str, Fraction]]:
    """Count by arithmetic on rectangles and apply Bayes' rule site by site, in fractions."""
    wrong = Fraction(1, 20)
    others = min(len(area.subdistricts) - 1, 6)
    fits, likelihood = {}, {}
    for name, points in readings.items():
        fits[name], likelihood[name] = 0, Fraction(1)
        for index, (x, y) in zip(claimed, points, strict=True):
            if index < 0:
                continue
            west, south, east, north = area.subdistricts[index].geometry.bounds
            gap_m = math.hypot(max(west - x, 0, x - east), max(south - y, 0, y - north))
            fits[name] += gap_m <= 30
            likelihood[name] *= 1 - wrong if gap_m <= 30 else wrong / others
    total = sum(likelihood.values())
    return fits, {name: each / total for name, each in likelihood.items()}


COORDINATE = st.integers(-400, 3400)
SITES = st.lists(
    st.tuples(st.integers(-1, 8), *[st.tuples(COORDINATE, COORDINATE)] * 3), max_size=12
)
Drawn = list[tuple[int, Point, Point, Point]]


def judge(sites: Drawn, names: Sequence[str] = DATUMS) -> Evidence:
    claimed = np.array([site[0] for site in sites], dtype=np.intp)
    places = (place(*(site[1 + k] for site in sites)) for k in range(3))
    return compare_sites(NINE, claimed, dict(zip(names, places, strict=True)))


@given(SITES)
def test_counts_and_probabilities_equal_those_of_a_brute_force(sites: Drawn) -> None:
    found = judge(sites)
    claimed = [site[0] for site in sites]
    readings = {name: [site[1 + k] for site in sites] for k, name in enumerate(DATUMS)}
    fits, probability = judge_slowly(NINE, claimed, readings)
    compared = sum(index >= 0 for index in claimed)
    assert (found.compared, found.fits) == (compared, fits)
    assert found.probability == pytest.approx({n: float(p) for n, p in probability.items()})
    sure = [
        name
        for name in DATUMS
        if compared and probability[name] >= 0.99 and 3 * fits[name] >= 2 * compared
    ]
    assert found.best == (sure[0] if sure else None)


@given(SITES, st.randoms(use_true_random=False))
def test_the_order_of_sites_and_sites_without_a_claim_change_nothing(
    sites: Drawn, chance: random.Random
) -> None:
    mixed = [site for site in sites if site[0] >= 0]
    chance.shuffle(mixed)
    assert repr(judge(mixed)) == repr(judge(sites))  # repr, as nan is not nan


@given(SITES)
def test_readings_are_judged_alike_whatever_they_are_called(sites: Drawn) -> None:
    found, renamed = judge(sites), judge(sites, ("a", "b", "c"))
    assert list(renamed.fits.values()) == list(found.fits.values())
    assert list(renamed.probability.values()) == list(found.probability.values())
    assert renamed.best == (found.best and dict(zip(DATUMS, "abc", strict=True))[found.best])


def test_the_right_reading_seldom_fits_too_few_sites() -> None:
    # Of files with 10 sites or more in fewer than 2 of 1,000, by the binomial distribution.
    for sites in range(10, 60):
        most = math.floor(sites * (1 - LEAST_FIT) + 1e-9)
        kept = sum(
            math.comb(sites, wrong) * WRONG_CLAIM**wrong * (1 - WRONG_CLAIM) ** (sites - wrong)
            for wrong in range(most + 1)
        )
        assert kept > 0.998


# Drawings along lines


def shift(shapes: Geometries, by: Point) -> Geometries:
    return np.asarray(shapely.transform(shapes, lambda xy: xy + by), dtype=object)


def collect(*shapes: BaseGeometry) -> Geometries:
    return np.array(shapes, dtype=object)


def draw_town(side: float, wobble: float) -> tuple[Geometries, Geometries]:
    """Draw a town of 12 × 12 crooked blocks: its roads, and two wards of 3 × 4 blocks."""
    rng = np.random.default_rng(7)
    corner = side * np.stack(np.meshgrid(*[np.arange(13.0)] * 2, indexing="ij"), axis=2)
    corner += rng.uniform(-wobble, wobble, corner.shape)
    roads = [shapely.LineString(line) for line in (*corner, *corner.transpose(1, 0, 2))]
    wards = []
    for west in (3, 6):
        around = (
            corner[west : west + 4, 4],
            corner[west + 3, 5:9],
            corner[west : west + 3, 8][::-1],
            corner[west, 5:8][::-1],
        )
        wards.append(shapely.Polygon(np.concatenate(around)))
    return collect(*roads), collect(*wards)


STREETS, WARDS = draw_town(1000, 200)
FRAME = shapely.box(-9000, -9000, 9000, 9000).exterior  # a road all around, along nothing


def test_boundaries_along_roads_are_recognised_in_whichever_reading() -> None:
    readings = {"wgs84": WARDS, "gcj02": shift(WARDS, AWAY)}
    found = compare_boundaries(readings, STREETS)
    assert found.shares["wgs84"] == 1
    assert found.shares["gcj02"] < found.by_chance < 1
    assert found.best == "wgs84"
    assert math.isnan(found.moved_m)
    turned = compare_boundaries({"wgs84": readings["gcj02"], "gcj02": WARDS}, STREETS)
    assert turned.best == "gcj02"
    assert turned.moved_m == pytest.approx(math.hypot(*AWAY))


def test_boundaries_off_the_roads_accuse_nobody() -> None:
    off = shift(WARDS, (120, 90))
    found = compare_boundaries({"wgs84": off, "gcj02": shift(off, AWAY)}, STREETS)
    assert found.best is None


def test_where_all_blocks_are_alike_roads_tell_nothing() -> None:
    lines = [((0, at), (12000, at)) for at in range(0, 12001, 150)]
    lines += [((at, 0), (at, 12000)) for at in range(0, 12001, 150)]
    blocks = collect(*map(shapely.LineString, lines))
    wards = collect(shapely.box(3000, 3000, 6000, 7500), shapely.box(6000, 3000, 9000, 7500))
    found = compare_boundaries({"wgs84": wards, "gcj02": shift(wards, AWAY)}, blocks)
    assert found.shares["wgs84"] == found.by_chance == 1
    assert found.best is None


@pytest.mark.parametrize(("gap_m", "share"), [(0, 1), (14, 1), (26, 0)])
def test_a_road_beside_a_boundary_counts_up_to_20_metres(gap_m: float, share: float) -> None:
    ward = shapely.box(0, 0, 3000, 3000)
    ring = collect(ward.buffer(gap_m, join_style="mitre").exterior)
    found = compare_boundaries({"wgs84": collect(ward)}, collect(*ring, FRAME))
    assert found.shares["wgs84"] == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(("degrees", "share"), [(0, 1), (12, 1), (17, 0), (90, 0)])
def test_a_road_across_a_boundary_does_not_count(degrees: float, share: float) -> None:
    # Short roads across the middle of every 20 m of boundary, at an angle.
    ward = shapely.box(0, 0, 3000, 3000)
    middles = shapely.line_interpolate_point(ward.exterior, np.arange(10, 12000, 20))
    x, y = shapely.get_coordinates(middles).T
    level = (y == 0) | (y == 3000)
    turn = np.radians(degrees) + np.where(level, 0, np.pi / 2)
    step = 5 * np.column_stack([np.cos(turn), np.sin(turn)])
    middle = np.column_stack([x, y])
    roads = shapely.linestrings(np.stack([middle - step, middle + step], axis=1))
    found = compare_boundaries({"wgs84": collect(ward)}, collect(*roads, FRAME))
    assert found.shares["wgs84"] == pytest.approx(share, abs=0.02)


def test_only_boundaries_among_the_roads_count() -> None:
    # A second copy of the town's wards lies 20 km beyond its last road, a third far away.
    twice = collect(*WARDS, *shift(WARDS, (2e4, 0)))
    found = compare_boundaries({"wgs84": twice, "far": shift(WARDS, (9e6, 0))}, STREETS)
    assert found.shares["wgs84"] == 1
    assert math.isnan(found.shares["far"])
    assert found.best == "wgs84"


def test_a_short_way_along_a_road_proves_nothing() -> None:
    road = shapely.LineString([(0, 0), (800, 0)])
    for ward, share in ((shapely.box(0, 0, 200, 200), 0.25), (shapely.box(0, 0, 800, 800), 0.25)):
        found = compare_boundaries({"wgs84": collect(ward)}, collect(road, FRAME))
        assert found.shares["wgs84"] == pytest.approx(share, abs=0.02)
        assert found.best is None


def test_a_scrap_of_boundary_among_the_roads_is_no_rival() -> None:
    scrap = shapely.LineString(STREETS[3].coords[:2]).buffer(1)
    off = collect(*WARDS, shapely.box(400, 400, 410, 9000))
    found = compare_boundaries(
        {"wgs84": off, "gcj02": collect(shapely.box(*scrap.bounds))}, STREETS
    )
    assert found.best == "wgs84"
    clipped = shapely.line_interpolate_point(STREETS[3], [100, 300])
    thin = shapely.LineString(clipped).buffer(1, cap_style="flat")
    found = compare_boundaries({"wgs84": off, "gcj02": collect(thin)}, STREETS)
    assert found.shares["wgs84"] < found.shares["gcj02"]
    assert found.best == "wgs84"


def test_two_readings_that_follow_the_roads_alike_leave_it_open() -> None:
    found = compare_boundaries({"wgs84": WARDS, "EPSG:4547": WARDS}, STREETS)
    assert found.shares == {"wgs84": 1, "EPSG:4547": 1}
    assert found.best is None


def test_where_blocks_are_nearly_alike_roads_prove_nothing() -> None:
    # Only two streets are off the chessboard: the border between the wards, and that in the south.
    at = range(0, 12001, 450)
    roads = [shapely.LineString([(0, y), (12000, y)]) for y in (*at, 3700)]
    roads += [shapely.LineString([(x, 0), (x, 12000)]) for x in (*at, 5500)]
    wards = collect(shapely.box(3600, 3700, 5500, 7200), shapely.box(5500, 3700, 7200, 7200))
    found = compare_boundaries({"wgs84": wards}, collect(*roads))
    assert found.shares == {"wgs84": 1}
    assert found.by_chance == pytest.approx(1 - 3600 / 21200, abs=0.02)  # all but the south
    assert found.best is None


def test_a_few_streets_leave_too_little_to_compare_with() -> None:
    streets, wards = draw_town(120, 50)
    found = compare_boundaries({"wgs84": wards}, streets)
    assert found.shares == {"wgs84": 1}
    assert found.best is None


def test_small_bends_do_not_hide_where_a_boundary_runs() -> None:
    ward = shapely.box(0, 0, 3000, 3000)
    corners = shapely.get_coordinates(ward.segmentize(5).exterior)
    corners[1::2] += 2  # teeth of 2 m
    found = compare_boundaries(
        {"wgs84": collect(shapely.Polygon(corners))}, collect(ward.exterior, FRAME)
    )
    assert found.shares["wgs84"] == pytest.approx(1, abs=0.02)


def test_nothing_is_said_without_roads_or_boundaries_or_a_place() -> None:
    readings = {"wgs84": WARDS, "gcj02": shift(WARDS, AWAY)}
    none = collect()
    assert compare_boundaries(readings, none).best is None
    for found in (
        compare_boundaries({}, STREETS),
        compare_boundaries({"wgs84": none}, STREETS),
        compare_outline({"wgs84": none}, WARDS),
        compare_outline(readings, none),
    ):
        assert found.best is None
        assert math.isnan(found.moved_m)


def test_a_reading_at_infinity_has_no_place() -> None:
    nowhere = shapely.transform(WARDS, lambda xy: np.full_like(xy, np.inf))
    for compare, lines in ((compare_boundaries, STREETS), (compare_outline, WARDS)):
        found = compare({"swapped": nowhere, "wgs84": WARDS}, lines)
        assert math.isnan(found.shares["swapped"])
        assert found.best == "wgs84"
        assert math.isnan(found.moved_m)  # from nowhere is no distance


@settings(max_examples=8)
@given(st.randoms(use_true_random=False))
def test_the_order_and_direction_of_polygons_and_roads_change_nothing(
    chance: random.Random,
) -> None:
    def mix(shapes: Geometries) -> Geometries:
        mixed = [shape.reverse() if chance.random() < 0.5 else shape for shape in shapes]
        chance.shuffle(mixed)
        return collect(*mixed)

    found = compare_boundaries({"wgs84": shift(WARDS, AWAY), "gcj02": WARDS}, STREETS)
    wards = mix(WARDS)
    again = compare_boundaries({"wgs84": shift(wards, AWAY), "gcj02": wards}, mix(STREETS))
    assert again.shares == pytest.approx(found.shares, abs=0.01)
    assert again.best == found.best == "gcj02"


def test_an_outline_is_compared_whatever_is_drawn_inside() -> None:
    whole = collect(shapely.box(0, 0, 4000, 3000))
    parts = collect(shapely.box(0, 0, 2100, 3000), shapely.box(2100, 0, 4000, 3000))
    for outline, reference in ((whole, parts), (parts, whole)):
        readings = {"wgs84": shift(outline, AWAY), "gcj02": outline}
        found = compare_outline(readings, reference)
        assert found.shares == pytest.approx({"wgs84": 0, "gcj02": 1})
        # Shifted along two of its sides by 300 m, the least of the grid: 2 × 3,700 m of 14,000.
        assert found.by_chance == pytest.approx(7400 / 14000, abs=0.01)
        assert found.best == "gcj02"
        assert found.moved_m == pytest.approx(math.hypot(*AWAY))


@pytest.mark.parametrize(("gap_m", "share"), [(45, 1), (60, 0)])
def test_outlines_may_be_some_fifty_metres_apart(gap_m: float, share: float) -> None:
    here = shapely.box(0, 0, 4000, 3000)
    found = compare_outline({"wgs84": collect(here)}, collect(here.buffer(gap_m)))
    assert found.shares["wgs84"] == pytest.approx(share, abs=0.02)


def test_what_two_editions_of_an_outline_draw_differently_decides_nothing() -> None:
    whole = shapely.box(0, 0, 4000, 3000)
    newer = whole.union(shapely.box(4000, 700, 5200, 2200))
    found = compare_outline(
        {"wgs84": shift(collect(newer), AWAY), "gcj02": collect(newer)}, collect(whole)
    )
    assert found.shares["gcj02"] == pytest.approx((14000 - 1500) / (14000 + 2400), abs=0.01)
    assert found.best == "gcj02"


def test_the_outline_of_another_place_tells_nothing() -> None:
    there, here = shapely.Point(9000, 9000).buffer(2000), shapely.box(0, 0, 4000, 3000)
    readings = {"wgs84": collect(there), "gcj02": shift(collect(there), AWAY)}
    found = compare_outline(readings, collect(here))
    assert (found.shares, found.best) == ({"wgs84": 0, "gcj02": 0}, None)


# Real places


def read_polygons(path: Path, crs: str = WGS84, datum: Datum = "wgs84") -> Geometries:
    return read_layer(path, path.name, kinds=POLYGONS, datum=datum).project(crs)


def pretend(shapes: Geometries, datum: Datum) -> dict[str, Geometries]:
    """Return the readings of a file that is in a datum and does not say so."""
    to_lonlat, to_metres = make_projection(ZONE, WGS84), make_projection(WGS84, ZONE)

    def read(x: Metres, y: Metres, reading: Datum) -> tuple[Metres, Metres]:
        written = from_wgs84(*to_lonlat(x, y), datum)
        return to_metres(*to_wgs84(*written, reading))

    return {
        reading: project_geometry(shapes, lambda x, y, reading=reading: read(x, y, reading))
        for reading in DATUMS
    }


@pytest.fixture(scope="module")
def tianhe(real_data: Path) -> Geometries:
    return read_polygons(real_data / "guangzhou" / "tianhe_streets_2010.geojson", ZONE)


@pytest.fixture(scope="module")
def shenzhen(real_data: Path) -> Geometries:
    path = real_data / "shenzhen" / "shenzhen_streets_raw.geojson"
    return read_polygons(path, ZONE, "gcj02")


def draw_points(polygons: Geometries, index: Indices, rng: np.random.Generator) -> Geometries:
    """Draw a point uniformly in each of the polygons of an index."""
    west, south, east, north = shapely.bounds(polygons[index]).T
    points = np.empty(len(index), dtype=object)
    missing = np.arange(len(index))
    while len(missing):
        x, y = (
            rng.uniform(west[missing], east[missing]),
            rng.uniform(south[missing], north[missing]),
        )
        points[missing] = shapely.points(x, y)
        missing = missing[~shapely.contains(polygons[index[missing]], points[missing])]
    return points


def simulate(polygons: Geometries, files: int, seed: int) -> dict[str, float]:
    """Return the rates of right and wrong answers for files of 10 to 40 sites, 5 % misclaimed."""
    area = make_area(
        *(make_subdistrict(f"{i:02}", geometry=shape) for i, shape in enumerate(polygons))
    )
    shapely.prepare(area.geometry)
    rng = np.random.default_rng(seed)
    answers = {"right": 0, "wrong": 0}
    for _ in range(files):
        datum, size = DATUMS[rng.integers(3)], rng.integers(10, 41)
        home = rng.integers(len(polygons), size=size)
        points = draw_points(area.geometry, home, rng)
        elsewhere = (home + rng.integers(1, len(polygons), size=size)) % len(polygons)
        claimed = np.where(rng.random(size) < 0.05, elsewhere, home)
        readings = {
            name: place(*shapely.get_coordinates(shapes).tolist())
            for name, shapes in pretend(points, datum).items()
        }
        best = compare_sites(area, claimed, readings).best
        answers["right"] += best == datum
        answers["wrong"] += best not in (datum, None)
    return {name: count / files for name, count in answers.items()}


def allow(rate: float, files: int) -> float:
    """Return three standard errors of a rate found in so many files."""
    return 3 * math.sqrt(rate * (1 - rate) / files)


@pytest.mark.real
def test_files_of_tianhe_are_recognised_and_almost_never_wrongly(tianhe: Geometries) -> None:
    rates = simulate(tianhe, 400, seed=20100701)
    assert rates["right"] >= 0.99 - allow(0.99, 400)
    assert rates["wrong"] <= 0.003 + allow(0.003, 400)


@pytest.mark.real
def test_files_of_a_city_with_wide_subdistricts_are_almost_never_recognised_wrongly(
    shenzhen: Geometries,
) -> None:
    # Half of the shift stays within the same subdistrict here: some files of 10 sites stay open.
    rates = simulate(shenzhen, 400, seed=20100701)
    assert rates["right"] >= 0.97 - allow(0.97, 400)
    assert rates["wrong"] <= 0.003 + allow(0.003, 400)


@pytest.mark.real
@pytest.mark.parametrize("datum", DATUMS)
def test_the_outline_of_tianhe_tells_the_datum_of_its_subdistricts(
    real_data: Path, tianhe: Geometries, datum: Datum
) -> None:
    path = real_data / "guangzhou" / "guangzhou_districts_datav_gcj02.json"
    layer = read_layer(path, path.name, kinds=POLYGONS, datum="gcj02")
    districts = [properties["name"] for properties in layer.properties]
    reference = layer.project(ZONE)[[districts.index("天河区")]]
    assert compare_outline(pretend(tianhe, datum), reference).best == datum


@pytest.mark.real
def test_the_districts_of_guangzhou_are_recognised_as_gcj02(
    real_data: Path, tianhe: Geometries
) -> None:
    path = real_data / "guangzhou" / "guangzhou_districts_datav_gcj02.json"
    districts = {datum: read_polygons(path, ZONE, datum) for datum in DATUMS}
    index = np.argmax(
        shapely.area(shapely.intersection(districts["gcj02"], shapely.union_all(tianhe)))
    )
    found = compare_outline({name: each[[index]] for name, each in districts.items()}, tianhe)
    assert found.best == "gcj02"
    assert found.shares["gcj02"] > 0.5
    assert found.shares["wgs84"] < 0.1
    assert 560 < found.moved_m < 640


@pytest.mark.real
@pytest.mark.parametrize("datum", DATUMS)
def test_the_roads_of_futian_tell_the_datum_of_the_subdistricts_of_shenzhen(
    real_data: Path, shenzhen: Geometries, datum: Datum
) -> None:
    path = real_data / "shenzhen" / "futian_drive_osmnx122.graphml"
    roads = make_roads_of_graphml(read_graphml(path, path.name), ZONE)
    found = compare_boundaries(pretend(shenzhen, datum), roads.lines)
    assert found.best == datum
    assert found.shares[datum] > 0.9
    assert max(share for name, share in found.shares.items() if name != datum) < 0.3


@pytest.mark.real
def test_roads_do_not_accuse_the_municipalities_of_liechtenstein(real_data: Path) -> None:
    folder = real_data / "liechtenstein"
    municipalities = read_polygons(folder / "municipalities.geojson", UTM32)
    extract = read_osm(folder / "liechtenstein-latest.osm.pbf", "roads")
    roads = make_roads_of_osm(extract, UTM32).lines
    as_given = compare_boundaries({"wgs84": municipalities}, roads)
    assert as_given.best == "wgs84"
    for by in ((490, -270), (-1000, -700)):
        off = shift(municipalities, by)
        assert compare_boundaries({"wgs84": municipalities, "gcj02": off}, roads).best == "wgs84"
        assert compare_boundaries({"wgs84": off, "gcj02": municipalities}, roads).best == "gcj02"
        assert compare_boundaries({"wgs84": off}, roads).best is None
