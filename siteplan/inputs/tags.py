"""What the tags of OpenStreetMap mean to us: what is walked, lived in, crossed and in the way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from siteplan.errors import Text
from siteplan.files import clean_text
from siteplan.model import Crossing, CrossingKind

# What may be walked. Values of `highway` and their meaning:
# https://wiki.openstreetmap.org/wiki/Key:highway; access on foot:
# https://wiki.openstreetmap.org/wiki/OSM_tags_for_routing/Access_restrictions
WALKABLE = frozenset({
    "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary",
    "tertiary_link", "unclassified", "residential", "living_street", "service", "pedestrian",
    "track", "footway", "path", "steps", "bridleway", "corridor", "road",
})  # fmt: skip
WALKABLE_IF_ALLOWED = frozenset({"cycleway"})
FOOT_ALLOWED = frozenset({"yes", "designated", "permissive"})
FOOT_FORBIDDEN = frozenset({"no", "private", "use_sidepath"})
ACCESS_FORBIDDEN = frozenset({"no", "private"})

# Buildings people live in: https://wiki.openstreetmap.org/wiki/Key:building#Accommodation, without
# hotels. `building=yes` is taken for one unless a tag says that something else is done there.
RESIDENTIAL = frozenset({
    "apartments", "annexe", "bungalow", "cabin", "detached", "dormitory", "farm", "ger", "house",
    "houseboat", "residential", "semidetached_house", "static_caravan", "stilt_house", "terrace",
    "tree_house", "trullo",
})  # fmt: skip
OTHER_USE = ("amenity", "shop", "office", "tourism", "industrial")

# Public services: https://wiki.openstreetmap.org/wiki/Key:amenity (community and social work,
# education, health, public offices; no shops, and no practices of one trade, such as dentists),
# https://wiki.openstreetmap.org/wiki/Key:healthcare,
# https://wiki.openstreetmap.org/wiki/Tag:office%3Dgovernment,
# https://wiki.openstreetmap.org/wiki/Tag:leisure%3Dsports_centre. Values of the first key count
# first; those of the others are given the word that `amenity` has for the same.
SERVICES: Mapping[str, Mapping[str, str]] = {
    "amenity": {
        value: value for value in (
            "arts_centre", "childcare", "clinic", "college", "community_centre", "courthouse",
            "doctors", "fire_station", "hospital", "kindergarten", "library", "nursing_home",
            "police", "post_office", "public_building", "school", "social_centre",
            "social_facility", "townhall", "university",
        )
    },
    "healthcare": {
        "centre": "clinic", "clinic": "clinic", "doctor": "doctors", "hospital": "hospital",
    },
    "office": {"government": "government"},
    "leisure": {"sports_centre": "sports_centre"},
}  # fmt: skip

# Where people board public transport: https://wiki.openstreetmap.org/wiki/Public_transport, with
# https://wiki.openstreetmap.org/wiki/Tag:highway%3Dbus_stop,
# https://wiki.openstreetmap.org/wiki/Key:railway,
# https://wiki.openstreetmap.org/wiki/Tag:amenity%3Dbus_station,
# https://wiki.openstreetmap.org/wiki/Tag:amenity%3Dferry_terminal and
# https://wiki.openstreetmap.org/wiki/Key:public_transport. Values of the first key count first.
# `public_transport=stop_position` is left out: there the vehicle halts, on the road or the rails,
# and people wait beside it.
STOPS: Mapping[str, Mapping[str, str]] = {
    "highway": {"bus_stop": "bus_stop", "platform": "platform"},
    "railway": {
        "station": "station", "halt": "station", "tram_stop": "tram_stop",
        "subway_entrance": "subway_entrance", "platform": "platform",
    },
    "amenity": {"bus_station": "bus_station", "ferry_terminal": "ferry_terminal"},
    "public_transport": {"platform": "platform", "station": "station"},
}  # fmt: skip
SUBWAY = "subway"  # https://wiki.openstreetmap.org/wiki/Key:station

# What is crossed only where a road does, unless it runs in a tunnel or on a bridge:
# https://wiki.openstreetmap.org/wiki/Key:railway (in use),
# https://wiki.openstreetmap.org/wiki/Key:waterway (too wide to step over)
RAILWAYS = frozenset({"rail", "light_rail", "narrow_gauge", "subway", "monorail"})
RIVERS = frozenset({"river", "canal"})
MOTORWAYS = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})
WALLS = frozenset({"city_wall"})

# What is drawn green beneath the figures of a map:
# https://wiki.openstreetmap.org/wiki/Key:leisure, https://wiki.openstreetmap.org/wiki/Key:landuse,
# https://wiki.openstreetmap.org/wiki/Key:natural,
# https://wiki.openstreetmap.org/wiki/Tag:amenity%3Dgrave_yard. Fields and meadows are left out:
# they are what a map of a town shows as its ground; nature reserves too, which hold whole valleys.
GREEN: Mapping[str, frozenset[str]] = {
    "leisure": frozenset({"park", "garden", "pitch", "common", "golf_course"}),
    "landuse": frozenset({
        "forest", "grass", "recreation_ground", "village_green", "cemetery", "allotments",
    }),
    "natural": frozenset({"wood", "grassland"}),
    "amenity": frozenset({"grave_yard"}),
}  # fmt: skip

# Tracks by which people find their way on a map: https://wiki.openstreetmap.org/wiki/Key:railway,
# without sidings, yards, spurs and crossovers (https://wiki.openstreetmap.org/wiki/Key:service).
RAILS = RAILWAYS | {"tram"}

# Where a road passes over or under something: https://wiki.openstreetmap.org/wiki/Key:bridge and
# https://wiki.openstreetmap.org/wiki/Key:tunnel. A passage through a building leads past nothing.
NOT_SET = frozenset({"", "no", "0", "false", "f"})
NO_CROSSING = NOT_SET | {"boardwalk", "building_passage"}
CROSSING_KINDS: tuple[CrossingKind, ...] = ("bridge", "tunnel")
LONGEST_NAME = 80


def is_walkable(tags: Mapping[str, str]) -> bool:
    """Whether people may walk along a way.

    Motorways are not walked; nor is a way closed to people on foot, or closed to everybody and not
    opened to them. Ferries have no `highway` and are left out.

    Examples
    --------
    >>> is_walkable({"highway": "residential"}), is_walkable({"highway": "motorway"})
    (True, False)
    >>> is_walkable({"highway": "service", "access": "private", "foot": "yes"})
    True
    """
    highway, foot = tags.get("highway"), tags.get("foot")
    if highway in WALKABLE_IF_ALLOWED:
        if foot not in FOOT_ALLOWED:
            return False
    elif highway not in WALKABLE:
        return False
    if foot in FOOT_FORBIDDEN:
        return False
    closed = tags.get("access") in ACCESS_FORBIDDEN or tags.get("motorroad") == "yes"
    return not closed or foot in FOOT_ALLOWED | {"destination"}


def is_walkable_throughout(tags: Mapping[str, str]) -> bool:
    """Whether people may walk along a line that was merged of several ways.

    OSMnx merges ways between two junctions and lists their tags; all of them must be walkable.

    Examples
    --------
    >>> is_walkable_throughout({"highway": "['residential', 'service']"})
    True
    >>> is_walkable_throughout({"highway": "['residential', 'motorway_link']"})
    False
    """
    keys = [key for key in ("highway", "foot", "access", "motorroad") if key in tags]
    values = product(*(re.findall(r"\w+", tags[key]) for key in keys))
    ways = [is_walkable(dict(zip(keys, way, strict=True))) for way in values]
    return bool(ways) and all(ways)


def is_residential(tags: Mapping[str, str]) -> bool:
    """Whether people may live in a building.

    Examples
    --------
    >>> is_residential({"building": "yes"}), is_residential({"building": "yes", "shop": "bakery"})
    (True, False)
    """
    building = tags.get("building")
    if building in RESIDENTIAL:
        return True
    return building == "yes" and not any(key in tags for key in OTHER_USE)


def find_service(tags: Mapping[str, str]) -> str | None:
    """Return which public service a place has; None for none.

    Examples
    --------
    >>> find_service({"amenity": "cafe;library"}), find_service({"healthcare": "centre"})
    ('library', 'clinic')
    >>> find_service({"amenity": "parking"}) is None
    True
    """
    return _find_kind(tags, SERVICES)


def find_stop(tags: Mapping[str, str]) -> str | None:
    """Return what people board at a place; None for nothing.

    Examples
    --------
    >>> find_stop({"highway": "bus_stop", "public_transport": "platform"})
    'bus_stop'
    >>> find_stop({"railway": "station", "station": "subway"})
    'subway'
    >>> find_stop({"public_transport": "stop_position"}) is None
    True
    """
    kind = _find_kind(tags, STOPS)
    return SUBWAY if kind == "station" and tags.get("station") == SUBWAY else kind


def _find_kind(tags: Mapping[str, str], kinds: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return what the first tag of a list stands for; None if a place has none of them."""
    for key, values in kinds.items():
        if key in tags:
            for value in tags[key].split(";"):
                if value.strip() in values:
                    return values[value.strip()]
    return None


def find_name(tags: Mapping[str, str]) -> str:
    """Return what a place is called, as one short line; empty if it has no name."""
    return clean_text(tags.get("name", "")).strip()[:LONGEST_NAME]


def find_names(tags: Mapping[str, str]) -> Text:
    """Return what a place is called in Chinese and English: failing that its plain, or other, name.

    Examples
    --------
    >>> find_names({"name": "天河路", "name:en": "Tianhe Road"})
    Text(zh='天河路', en='Tianhe Road')
    """
    plain = find_name(tags)
    zh, en = (find_name({"name": tags.get(f"name:{lang}", "")}) for lang in ("zh", "en"))
    return Text(zh or plain or en, en or plain or zh)


def is_green(tags: Mapping[str, str]) -> bool:
    """Whether an area is a park, a wood, a lawn, a cemetery or a pitch, for the backdrop of maps.

    Examples
    --------
    >>> is_green({"leisure": "park"}), is_green({"landuse": "farmland"})
    (True, False)
    """
    return any(tags.get(key) in values for key, values in GREEN.items())


def is_rail(tags: Mapping[str, str]) -> bool:
    """Whether a way is a track that a map shows: in a tunnel only where it is an underground's.

    Examples
    --------
    >>> is_rail({"railway": "rail"}), is_rail({"railway": "rail", "service": "siding"})
    (True, False)
    >>> [is_rail({"railway": kind, "tunnel": "yes"}) for kind in ("rail", "subway")]
    [False, True]
    """
    railway = tags.get("railway")
    if railway not in RAILS or "service" in tags:
        return False
    return railway == SUBWAY or tags.get("tunnel", "") in NOT_SET


def is_motorway(tags: Mapping[str, str]) -> bool:
    """Whether a way is a road for cars alone, in the open air or on a bridge.

    Examples
    --------
    >>> is_motorway({"highway": "motorway", "bridge": "yes"}), is_motorway({"highway": "trunk"})
    (True, False)
    """
    in_open = tags.get("tunnel", "") in NOT_SET
    return tags.get("highway") in MOTORWAYS and in_open and not is_walkable(tags)


def is_water(tags: Mapping[str, str]) -> bool:
    """Whether an area is water, for the backdrop of maps."""
    return tags.get("natural") == "water" or tags.get("waterway") == "riverbank"


def is_barrier(tags: Mapping[str, str]) -> bool:
    """Whether a way keeps people apart who live on its two sides: rails, rivers, motorways.

    Examples
    --------
    >>> is_barrier({"railway": "rail"}), is_barrier({"railway": "subway", "tunnel": "yes"})
    (True, False)
    >>> is_barrier({"highway": "trunk"}), is_barrier({"highway": "trunk", "foot": "no"})
    (False, True)
    """
    if any(tags.get(key, "") not in NOT_SET for key in ("tunnel", "bridge")):
        return False
    return (
        tags.get("railway") in RAILWAYS
        or tags.get("waterway") in RIVERS
        or tags.get("barrier") in WALLS
        or (tags.get("highway") in MOTORWAYS and not is_walkable(tags))
    )


@dataclass(slots=True)
class Crossings:
    """Bridges and tunnels in the order in which they were met; parts of one name are one.

    Examples
    --------
    >>> crossings = Crossings()
    >>> crossings.number({"bridge": "yes", "name": "Bahnweg", "bridge:name": "Bahnbrücke"})
    0
    >>> crossings.number({"tunnel": "building_passage"})
    -1
    >>> crossings.found
    [Crossing(kind='bridge', name='Bahnbrücke')]
    """

    found: list[Crossing] = field(default_factory=list)
    known: dict[Crossing, int] = field(default_factory=dict)

    def number(self, tags: Mapping[str, str]) -> int:
        """Return the number of what a road crosses by; -1 if it is neither bridge nor tunnel."""
        for kind in CROSSING_KINDS:
            if tags.get(kind, "").lower() not in NO_CROSSING:
                name = clean_text(tags.get(f"{kind}:name") or tags.get("name") or "")
                crossing = Crossing(kind, name.strip()[:LONGEST_NAME])
                if not crossing.name or crossing not in self.known:
                    self.known[crossing] = len(self.found)
                    self.found.append(crossing)
                return self.known[crossing]
        return -1


def parse_levels(value: str | None) -> float:
    """Return a number of storeys above 0; nan if there is none.

    Examples
    --------
    >>> parse_levels("6"), parse_levels("ground")
    (6.0, nan)
    """
    try:
        levels = float(value or "nan")
    except ValueError:
        return float("nan")
    return levels if 0 < levels < float("inf") else float("nan")
