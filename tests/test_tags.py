"""What may be walked, where people live, and how many storeys a building has."""

from collections.abc import Mapping

import numpy as np
import pytest

from siteplan.inputs.tags import (
    find_stop,
    is_residential,
    is_walkable,
    is_walkable_throughout,
    parse_levels,
)


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "primary", "oneway": "yes"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway_link"}, False),
        ({"highway": "trunk", "motorroad": "yes"}, False),
        ({"highway": "construction"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "yes"}, True),
        ({"highway": "residential", "foot": "no"}, False),
        ({"highway": "residential", "foot": "use_sidepath"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "permissive"}, True),
        ({"highway": "track", "access": "no", "foot": "designated"}, True),
        ({"highway": "service", "access": "customers"}, True),
        ({"route": "ferry"}, False),
        ({}, False),
    ],
)
def test_a_way_is_walked_if_its_tags_allow_it(tags: Mapping[str, str], *, walked: bool) -> None:
    assert is_walkable(tags) is walked


@pytest.mark.parametrize(
    ("highway", "walked"),
    [
        ("residential", True),
        ("['residential', 'service']", True),
        ("['primary', 'motorway_link']", False),
        ("living_street;service", True),
        ("", False),
    ],
)
def test_a_merged_line_is_walked_if_all_its_ways_are(highway: str, *, walked: bool) -> None:
    assert is_walkable_throughout({"highway": highway}) is walked


def test_a_merged_line_of_which_a_part_is_closed_is_not_walked() -> None:
    assert not is_walkable_throughout({"highway": "service", "access": "['yes', 'private']"})


@pytest.mark.parametrize(
    ("tags", "lived_in"),
    [
        ({"building": "apartments"}, True),
        ({"building": "yes"}, True),
        ({"building": "yes", "amenity": "school"}, False),
        ({"building": "yes", "shop": "bakery"}, False),
        ({"building": "yes", "office": "yes"}, False),
        ({"building": "yes", "tourism": "hotel"}, False),
        ({"building": "yes", "industrial": "factory"}, False),
        ({"building": "house", "shop": "bakery"}, True),
        ({"building": "school"}, False),
        ({"building:part": "yes"}, False),
        ({"building": "no"}, False),
    ],
)
def test_people_live_in_buildings_that_are_homes_or_nothing_else(
    tags: Mapping[str, str], *, lived_in: bool
) -> None:
    assert is_residential(tags) is lived_in


@pytest.mark.parametrize(
    ("tags", "stop"),
    [
        ({"highway": "bus_stop"}, "bus_stop"),
        ({"highway": "bus_stop", "public_transport": "stop_position"}, "bus_stop"),
        ({"highway": "platform"}, "platform"),
        ({"public_transport": "platform", "railway": "platform"}, "platform"),
        ({"public_transport": "platform", "bus": "yes"}, "platform"),
        ({"public_transport": "stop_position", "bus": "yes"}, None),
        ({"public_transport": "stop_position", "railway": "stop"}, None),
        ({"public_transport": "stop_position", "railway": "halt"}, "station"),
        ({"railway": "tram_stop"}, "tram_stop"),
        ({"railway": "subway_entrance", "name": "A"}, "subway_entrance"),
        ({"railway": "station", "station": "subway"}, "subway"),
        ({"railway": "station", "public_transport": "station"}, "station"),
        ({"disused:railway": "station", "station": "subway"}, None),
        ({"amenity": "bus_station", "public_transport": "station"}, "bus_station"),
        ({"amenity": "restaurant; ferry_terminal"}, "ferry_terminal"),
        ({"public_transport": "stop_area"}, None),
        ({"railway": "rail"}, None),
        ({"highway": "residential"}, None),
    ],
)
def test_a_stop_is_where_people_wait_and_not_where_the_bus_halts(
    tags: Mapping[str, str], stop: str | None
) -> None:
    assert find_stop(tags) == stop


@pytest.mark.parametrize(
    ("value", "levels"), [("6", 6), ("2.5", 2.5), ("0", None), ("-1", None), ("5;6", None),
                          ("inf", None), ("nan", None), ("", None), (None, None)]
)  # fmt: skip
def test_storeys_are_a_number_above_zero_or_unknown(
    value: str | None, levels: float | None
) -> None:
    assert parse_levels(value) == pytest.approx(levels or np.nan, nan_ok=True)
