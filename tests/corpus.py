"""Files as they may arrive from a street, and what a careful reader would say of each.

A verdict is a list of marks with `;` between them, empty where all is well:

    read error 1            an error of stage `read` in feature 1 (in a table: in row 1)
    fields error+ 2 mode    one in an attribute; + where beyond doubt what was meant: --fix mends it
    place warning - datum   of the whole file
    error                   an error of any kind
    …                       more may be told; without it these are all

A file can be used unless one of its marks is an error.
"""

import codecs
import gzip
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xlsxwriter

from siteplan.crs import Datum, from_wgs84

Mark = tuple[str, str, int | None, str | None]
WEST, SOUTH, STEP = 113.30, 23.10, 0.01  # a row of squares of about a kilometre
CODES = "ABCD"
HERE = (113.305, 23.105)
ANY_ERROR, MORE = "error", "…"


@dataclass(frozen=True, slots=True)
class Sample:
    """A file, and what is right to say of it.

    Attributes
    ----------
    name
        Of the file.
    content
        Its bytes.
    verdict
        Marks, as above.
    placed
        Whether it is checked against the case, in whose subdistrict A it should lie.
    """

    name: str
    content: bytes
    verdict: str
    placed: bool = False

    @property
    def words(self) -> list[str]:
        """The marks as they are written."""
        return [mark.strip() for mark in self.verdict.split(";") if mark.strip()]

    @property
    def usable(self) -> bool:
        """Whether none of them is an error."""
        return not any("error" in mark for mark in self.words)

    @property
    def exact(self) -> bool:
        """Whether nothing else may be told."""
        return not {MORE, ANY_ERROR} & set(self.words)

    @property
    def marks(self) -> set[Mark]:
        """Stage, severity, feature and field of each."""
        return {read_mark(mark) for mark in self.words if mark not in {MORE, ANY_ERROR}}


def read_mark(mark: str) -> Mark:
    stage, severity, feature, field = [*mark.split(), "-", "-"][:4]
    return (
        stage,
        severity,
        None if feature == "-" else int(feature),
        None if field == "-" else field,
    )


def point(x: object, y: object, *rest: object) -> dict[str, object]:
    return {"type": "Point", "coordinates": [x, y, *rest]}


def shape(kind: str, coordinates: object) -> dict[str, object]:
    return {"type": kind, "coordinates": coordinates}


def site(geometry: object = point(*HERE), **values: object) -> dict[str, object]:
    """Make a feature that lacks nothing."""
    whole = {"name": "甲", "subdistrict": "A", "premises": "lease", "floor_area_m2": 900}
    return {"type": "Feature", "properties": whole | values, "geometry": geometry}


def lack(*keys: str) -> dict[str, object]:
    """Make a feature without some of its attributes."""
    whole = site()
    values = whole["properties"]
    assert isinstance(values, dict)
    return whole | {"properties": {key: values[key] for key in values if key not in keys}}


def write(*features: object, **members: object) -> str:
    collection = {"type": "FeatureCollection", **members, "features": features}
    return json.dumps(collection, ensure_ascii=False)


def one(**values: object) -> str:
    return write(site(**values))


def put(*geometries: object) -> str:
    return write(*(site(geometry) for geometry in geometries))


def say(properties: str) -> str:
    """Write a file whose attributes are given as they stand in it."""
    return one(HERE=0).replace('"HERE": 0', properties)


def stand(geometry: str) -> str:
    """Write a file whose geometry is given as it stands in it."""
    return write(site("HERE")).replace('"HERE"', geometry)


def nest(depth: int) -> str:
    return "[" * depth + "]" * depth


WHOLE = one(name="黄村社区综合服务中心")
GB = WHOLE.encode("gb18030")
UTF8 = WHOLE.encode()
MIDDLE = UTF8.index("社区".encode())

ENCODINGS: list[tuple[str, bytes, str]] = [
    ("utf8", UTF8, ""),
    ("utf8_mark", codecs.BOM_UTF8 + UTF8, ""),
    ("utf16_le_mark", codecs.BOM_UTF16_LE + WHOLE.encode("utf-16-le"), "read note"),
    ("utf16_be_mark", codecs.BOM_UTF16_BE + WHOLE.encode("utf-16-be"), "read note"),
    ("utf16_le", WHOLE.encode("utf-16-le"), "read note"),
    ("utf16_be", WHOLE.encode("utf-16-be"), "read note"),
    ("utf16_half_a_character", WHOLE.encode("utf-16-le")[:-1], "read error"),
    ("utf16_truncated", codecs.BOM_UTF16_LE + WHOLE[:80].encode("utf-16-le"), "read error; …"),
    ("gb18030", GB, "read note"),
    ("gbk", WHOLE.encode("gbk"), "read note"),
    ("gb2312", WHOLE.encode("gb2312"), "read note"),
    ("gb18030_four_bytes", one(name="黄村𠮷中心").encode("gb18030"), "read note"),
    ("gb18030_keys", say('"编号": "黄-1", "地址": "天园街"').encode("gb18030"), "read note"),
    ("gb18030_truncated", GB[: GB.index("综".encode("gb18030")) + 1], "read error"),
    ("latin1", one(name="Café Zürich").encode("latin-1"), "read error"),
    ("cp1252", one(name="“Centre” – 5 €").encode("cp1252"), "read error"),
    ("big5", one(name="黃村社區綜合服務中心").encode("big5"), "read error"),
    ("shift_jis", one(name="黄村公民館センター").encode("shift_jis"), "read error"),
    ("iso2022", WHOLE.encode("iso2022_jp_2", errors="replace"), "read error"),
    ("ebcdic", one().replace("甲", "A").encode("cp037"), "read error"),
    ("utf32_mark", WHOLE.encode("utf-32"), "read error"),
    ("utf32_le", WHOLE.encode("utf-32-le"), "read error"),
    ("utf32_be", WHOLE.encode("utf-32-be"), "read error"),
    ("utf8_cut_in_a_character", UTF8[: MIDDLE + 1], "read error"),
    ("utf8_cut_between_characters", UTF8[:MIDDLE], "read error"),
    ("utf8_damaged", UTF8[:MIDDLE] + b"\xff" + UTF8[MIDDLE + 1 :], "read error"),
    ("utf8_a_byte_lost", UTF8[:MIDDLE] + UTF8[MIDDLE + 1 :], "read error"),
    ("utf8_a_bit_flipped", UTF8[:MIDDLE] + bytes([UTF8[MIDDLE] ^ 0x40]) + UTF8[MIDDLE + 1 :],
     "read error"),
    ("utf8_overlong", one(name="黄村@").encode().replace(b"@", b"\xc0\xaf"), "read error"),
    ("utf8_surrogates", one(name="@").encode().replace(b"@", b"\xed\xa0\x80"), "read error"),
    ("utf8_two_marks", codecs.BOM_UTF8 * 2 + UTF8, "read error"),
    ("nul_in_text", one(name="@").encode().replace(b"@", b"\0"), "read error"),
    ("nul_behind", UTF8 + bytes(512), "read error"),
    ("nul_only", bytes(512), "read error"),
    ("surrogate_alone", say(r'"name": "\ud800"').encode(), "error"),
    ("surrogate_alone_in_a_key", say(r'"\udfff": 1').encode(), "error"),
    ("surrogates_in_order", say(r'"note": "\ud83c\udfe0"').encode(), ""),
    ("surrogates_reversed", say(r'"note": "\udfe0\ud83c"').encode(), "error"),
    ("escaped_chinese", json.dumps(json.loads(WHOLE)).encode(), ""),
]  # fmt: skip

VRT = ('<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource>'
       '</OGRVRTLayer></OGRVRTDataSource>')  # fmt: skip
WFS = "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>"
FOREIGN: list[tuple[str, bytes]] = [
    ("html", b"<!DOCTYPE html><html><body>404 Not Found</body></html>"),
    ("xml", b'<?xml version="1.0"?><a/>'),
    ("xml_entities", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ("vrt", VRT.encode()),
    ("wfs", WFS.encode()),
    ("kml", b'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark/></kml>'),
    ("svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    ("zip", b"PK\x03\x04" + bytes(60)),
    ("gzip", gzip.compress(UTF8, mtime=0)),
    ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
    ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ("jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
    ("sqlite", b"SQLite format 3\0\x10\0"),
    ("ole", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(60)),
    ("executable", b"MZ\x90\0\x03\0\0\0"),
    ("rtf", rb"{\rtf1\ansi hello}"),
    ("shell", b"#!/bin/sh\necho hello\n"),
    ("toml", b'[case]\nname = "a"\n'),
]  # fmt: skip

JSON: list[tuple[str, str, str]] = [
    ("comma_behind_an_item", put(point(*HERE))[:-2] + ",]}", "read error+"),
    ("comma_behind_a_member", one()[:-1] + ",}", "read error+"),
    ("comma_behind_both", one()[:-2] + ", ]\n,\n}", "read error+"),
    ("comma_doubled", put(point(*HERE), point(113.306, 23.105)).replace("}}, {", "}},, {"),
     "read error"),
    ("comma_missing", put(point(*HERE), point(113.306, 23.105)).replace("}}, {", "}} {"),
     "read error"),
    ("comma_inside_a_text", one(note=",]},}"), ""),
    ("comment_of_a_line", "// proposal\n" + one(), "read error"),
    ("comment_of_a_block", one()[:-1] + "/* end */}", "read error"),
    ("quotes_single", one().replace('"', "'"), "read error"),
    ("quotes_chinese", one().replace('"', "“"), "read error"),
    ("quotes_none", one().replace('"name"', "name"), "read error"),
    ("colon_chinese", one().replace(":", "："), "read error"),
    ("python", str(json.loads(one())), "read error"),
    *((f"cut_at_{part}_tenths", WHOLE[: len(WHOLE) * part // 10], "read error")
      for part in range(1, 10)),
    ("cut_before_the_end", WHOLE[:-1], "read error"),
    ("nan_in_an_attribute", one(floor_area_m2=np.nan), "read error 1 floor_area_m2; …"),
    ("infinity_in_an_attribute", one(floor_area_m2=np.inf), "read error 1 floor_area_m2; …"),
    ("too_large_in_an_attribute", say('"cost_wan": 1e999'), "read error 1 cost_wan; …"),
    ("nan_in_an_unknown_attribute", one(extra=[{"a": np.nan}]), "read error 1 extra; fields note"),
    ("nan_in_a_position", put(point(np.nan, 23.105)), "read error 1"),
    ("infinity_in_a_position", put(point(113.305, -np.inf)), "read error 1"),
    ("too_large_in_a_position", stand('{"type": "Point", "coordinates": [1e999, 23]}'),
     "read error 1"),
    ("nan_in_a_height", put(point(*HERE, np.nan)), "read error 1"),
    ("nan_beside_the_features", write(site(), bbox=[np.nan, 23, 114, 24]), "error"),
    ("nan_beside_the_attributes", write(site() | {"bbox": [np.nan]}), "error"),
    ("twice_features", one()[:-1] + ', "features": []}', "read error"),
    ("twice_type", '{"type": "Feature", ' + one()[1:], "read error"),
    ("twice_geometry", one().replace('"geometry"', '"geometry": null, "geometry"'),
     "read error 1 geometry"),
    ("twice_properties", one().replace('"properties"', '"properties": {}, "properties"'),
     "read error 1 properties"),
    ("twice_coordinates", one().replace('"coordinates"', '"coordinates": [1, 2], "coordinates"'),
     "read error 1 coordinates"),
    ("twice_name", say('"name": "乙"'), "read error 1 name"),
    ("twice_the_same", say('"name": "甲"'), "read error 1 name"),
    ("twice_inside_a_value", say('"extra": {"a": 1, "a": 2}'), "read error 1 extra; fields note"),
    ("twice_in_the_crs", one()[:-1] + ', "crs": {"type": "name", "properties":'
     ' {"name": "EPSG:3857", "name": "EPSG:4326"}}}', ANY_ERROR),
    ("deep_100000", nest(100_000), "read error"),
    ("deep_100000_in_a_value", say(f'"extra": {nest(100_000)}'), "read error"),
    ("deep_900_in_a_value", say(f'"name": {nest(900)}'), ANY_ERROR),
    ("deep_40_in_a_value", say(f'"extra": {nest(40)}'), "read error"),
    ("deep_20_in_a_value", say(f'"extra": {nest(20)}'), "fields note"),
    ("deep_40_in_a_position", stand(f'{{"type": "Point", "coordinates": {nest(40)}}}'),
     "read error"),
    ("deep_40_beside_the_features", one()[:-1] + f', "x": {nest(40)}}}', "read error"),
    ("deep_900_in_a_position", stand(f'{{"type": "Point", "coordinates": {nest(900)}}}'),
     ANY_ERROR),
    ("deep_900_for_a_type", stand(f'{{"type": {nest(900)}}}'), ANY_ERROR),
    ("digits_5000", say(f'"cost_wan": {"9" * 5000}'), "read error"),
    ("digits_4000", say(f'"cost_wan": {"9" * 4000}'), "fields error 1 cost_wan"),
    ("digits_4000_in_a_position", put(point(int("9" * 4000), 23)), "read error 1"),
    ("digits_4000_in_an_unknown_attribute", say(f'"extra": {"9" * 4000}'), "fields note"),
    ("number_with_a_zero", say('"cost_wan": 0900'), "read error"),
    ("number_with_a_plus", say('"cost_wan": +900'), "read error"),
    ("number_in_hexadecimal", say('"cost_wan": 0x90'), "read error"),
    ("number_without_a_whole", say('"cost_wan": .5'), "read error"),
    ("number_with_a_comma", say('"cost_wan": 1,200'), "read error"),
    ("number_of_full_width", say('"cost_wan": ９００'), "read error"),
    ("escape_unknown", say(r'"note": "\x41"'), "read error"),
    ("escape_of_windows", say(r'"note": "C:\users"'), "read error"),
    ("tab_in_a_text", say('"note": "a\tb"'), "read error"),
    ("line_break_in_a_text", say('"note": "a\nb"'), "read error"),
    ("true_of_python", say('"note": None'), "read error"),
    ("undefined", say('"note": undefined'), "read error"),
    ("nothing", "", "read error"),
    ("blanks", " \n\t\r\n", "read error"),
    ("mark_only", "\ufeff", "read error"),
    ("blank_of_no_break", "\u00a0" + one(), "read error"),
    ("script", "var data = " + one() + ";", "read error"),
    ("call", "show(" + one() + ")", "read error"),
    ("two_documents", one() + "\n" + one(), "read error"),
    ("lines", json.dumps(site()) + "\n" + json.dumps(site()) + "\n", "read error"),
    ("sequence", "\x1e" + json.dumps(site()) + "\n", "read error"),
    ("table", "name,subdistrict,lon,lat\n甲,A,113.305,23.105\n", "read error"),
    ("base64", "eyJ0eXBlIjogIkZlYXR1cmVDb2xsZWN0aW9uIn0=", "read error"),
    ("long_line_of_commas", "[" + "," * 5000, "read error"),
    ("windows_lines", json.dumps(json.loads(one()), indent=1).replace("\n", "\r\n"), ""),
    ("old_mac_lines", json.dumps(json.loads(one()), indent=1).replace("\n", "\r"), ""),
    ("blanks_around", "\n\n  " + one() + "\n\n", ""),
]  # fmt: skip

BARE = {"type": "Feature", "geometry": point(*HERE)}
LACKING = (
    "fields error 1 name; fields error 1 subdistrict; fields warning 1 premises;"
    " fields warning 1 floor_area_m2"
)
STRUCTURES: list[tuple[str, str, str]] = [
    ("feature_alone", json.dumps(site()), "read error"),
    ("geometry_alone", json.dumps(point(*HERE)), "read error"),
    ("list", json.dumps([site()]), "read error"),
    ("list_empty", "[]", "read error"),
    ("object_empty", "{}", "read error"),
    ("null", "null", "read error"),
    ("number", "1", "read error"),
    ("text", '"FeatureCollection"', "read error"),
    ("type_missing", json.dumps({"features": [site()]}), "read error"),
    ("type_null", one().replace('"FeatureCollection"', "null"), "read error"),
    ("type_small", one().replace("FeatureCollection", "featurecollection"), "read error"),
    ("type_with_a_blank", one().replace("FeatureCollection", "FeatureCollection "), "read error"),
    ("type_list", one().replace('"FeatureCollection"', '["FeatureCollection"]'), "read error"),
    ("features_none", write(), "read error"),
    ("features_missing", '{"type": "FeatureCollection"}', "read error"),
    ("features_null", '{"type": "FeatureCollection", "features": null}', "read error"),
    ("features_object", '{"type": "FeatureCollection", "features": {"0": {}}}', "read error"),
    ("features_text", '{"type": "FeatureCollection", "features": "[]"}', "read error"),
    ("features_with_another_case", '{"type": "FeatureCollection", "Features": []}', "read error"),
    ("feature_null", write(site(), None), "read error 2; …"),
    ("feature_number", write(1, site()), "read error 1; …"),
    ("feature_text", write(json.dumps(site())), "read error 1; …"),
    ("feature_list", write([site()]), "read error 1; …"),
    ("feature_empty", write({}), "read error 1; …"),
    ("feature_without_a_type", write({"geometry": point(*HERE)}), "read error 1; …"),
    ("feature_type_small", one().replace('"Feature"', '"feature"'), "read error 1; …"),
    ("feature_type_null", one().replace('"Feature"', "null"), "read error 1; …"),
    ("feature_is_a_collection", write(json.loads(one())), "read error 1; …"),
    ("feature_is_a_geometry", write(point(*HERE)), "read error 1; …"),
    ("properties_missing", write(BARE), LACKING),
    ("properties_null", write(BARE | {"properties": None}), LACKING),
    ("properties_empty", write(BARE | {"properties": {}}), LACKING),
    ("properties_list", write(BARE | {"properties": [1]}), "read error 1; …"),
    ("properties_text", write(BARE | {"properties": "name"}), "read error 1; …"),
    ("properties_number", write(BARE | {"properties": 0}), "read error 1; …"),
    ("attributes_beside_properties", write(BARE | {"name": "甲", "subdistrict": "A"}),
     LACKING + "; …"),
    ("of_esri", json.dumps({"features": [{"attributes": {}, "geometry": {"x": 1, "y": 2}}]}),
     "read error"),
    ("of_topojson", json.dumps({"type": "Topology", "objects": {}, "arcs": []}), "read error"),
    ("of_an_api", json.dumps({"code": 0, "data": json.loads(one())}), "read error"),
    ("second_one_broken", write(site(), site(None)), "read error 2; fields error 1 role"),
    ("foreign_members", write(site() | {"x": 1}, name="proposals", generator="QGIS"), ""),
    ("box", write(site() | {"bbox": [*HERE, *HERE]}, bbox=[*HERE, *HERE]), ""),
    ("id_of_the_feature", write(site() | {"id": 7}), ""),
]  # fmt: skip


def square(x: float = 113.304, y: float = 23.104, size: float = 0.001) -> list[list[float]]:
    ring = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return [[round(x + size * i, 6), round(y + size * j, 6)] for i, j in ring]


RING = square()
HOLE = square(113.3042, 23.1042, 0.0002)
GEOMETRIES: list[tuple[str, object, str]] = [
    ("null", None, "read error 1"),
    ("empty", {}, "read error 1"),
    ("list", [113.305, 23.105], "read error 1"),
    ("text", "POINT (113.305 23.105)", "read error 1"),
    ("number", 0, "read error 1"),
    ("false", False, "read error 1"),
    ("type_missing", {"coordinates": HERE}, "read error 1"),
    ("type_small", shape("point", HERE), "read error 1"),
    ("type_unknown", shape("Circle", HERE), "read error 1"),
    ("type_number", {"type": 1, "coordinates": HERE}, "read error 1"),
    ("type_feature", site(), "read error 1"),
    ("coordinates_missing", {"type": "Point"}, "read error 1"),
    ("coordinates_null", shape("Point", None), "read error 1"),
    ("coordinates_none", shape("Point", []), "read error 1"),
    ("coordinates_object", shape("Point", {"lon": 113.305, "lat": 23.105}), "read error 1"),
    ("coordinates_in_one_text", shape("Point", "113.305, 23.105"), "read error 1"),
    ("coordinates_of_a_polygon_none", shape("Polygon", []), "read error 1"),
    ("coordinates_of_a_ring_none", shape("Polygon", [[]]), "read error 1"),
    ("line", shape("LineString", [HERE, [113.306, 23.106]]), "read error 1"),
    ("lines", shape("MultiLineString", [[HERE, [113.306, 23.106]]]), "read error 1"),
    ("collection", {"type": "GeometryCollection", "geometries": [point(*HERE)]}, "read error 1"),
    ("collection_empty", {"type": "GeometryCollection", "geometries": []}, "read error 1"),
    ("points_one", shape("MultiPoint", [HERE]), "read error+ 1"),
    ("points_two", shape("MultiPoint", [HERE, [113.306, 23.106]]), "read error 1"),
    ("points_none", shape("MultiPoint", []), "read error 1"),
    ("position_of_one", shape("Point", [113.305]), "read error 1"),
    ("position_of_three", point(*HERE, 12.5), "read note"),
    ("position_of_four", point(*HERE, 12.5, 1), "read note"),
    ("position_with_a_height_of_null", point(*HERE, None), "read error 1"),
    ("position_in_quotes", point("113.305", "23.105"), "read error+ 1"),
    ("position_half_in_quotes", point("113.305", 23.105), "read error+ 1"),
    ("position_in_words", point("east", "north"), "read error 1"),
    ("position_in_blanks", point("", ""), "read error 1"),
    ("position_in_nan", point("NaN", "NaN"), "read error 1"),
    ("position_in_minutes", point("113°18′18″", "23°6′18″"), "read error+ 1"),
    ("position_in_full_width", point("１１３.３０５", "２３.１０５"), "read error+ 1"),
    ("position_of_null", point(None, None), "read error 1"),
    ("position_of_true", shape("Point", [True, False]), "read error 1"),
    ("position_of_lists", point([113.305], [23.105]), "read error 1"),
    ("position_nested", shape("Point", [HERE]), "read error 1"),
    ("polygon_flat", shape("Polygon", RING), "read error 1"),
    ("polygon_nested", shape("Polygon", [[RING]]), "read error 1"),
    ("polygon_with_a_position_of_null", shape("Polygon", [[*RING[:2], None, *RING[2:]]]),
     "read error 1"),
    ("polygon_open", shape("Polygon", [RING[:-1]]), "read error+ 1"),
    ("polygon_open_triangle", shape("Polygon", [RING[:3]]), "read error+ 1"),
    ("ring_of_one", shape("Polygon", [RING[:1]]), "read error 1"),
    ("ring_of_two", shape("Polygon", [RING[:2]]), "read error 1"),
    ("ring_of_three_closed", shape("Polygon", [[RING[0], RING[1], RING[0]]]), "read error 1"),
    ("ring_at_one_place", shape("Polygon", [[RING[0]] * 4]), "read error 1"),
    ("ring_without_area", shape("Polygon", [[RING[0], RING[1], RING[2], RING[1], RING[0]]]),
     "read error 1"),
    ("bow_tie", shape("Polygon", [[RING[0], RING[2], RING[1], RING[3], RING[0]]]), "read error 1"),
    ("hole_outside", shape("Polygon", [RING, square(113.32)]), "read error 1"),
    ("hole_as_large", shape("Polygon", [RING, RING]), "read error 1"),
    ("hole_open", shape("Polygon", [RING, HOLE[:-1]]), "read error+ 1"),
    ("parts_over_each_other", shape("MultiPolygon", [[RING], [square(113.3045)]]), "read error 1"),
    ("parts_none", shape("MultiPolygon", []), "read error 1"),
    ("swapped", point(*HERE[::-1]), "read error+ 1"),
    ("swapped_parcel", shape("Polygon", [[xy[::-1] for xy in RING]]), "read error+ 1"),
    ("swapped_with_a_height", point(*HERE[::-1], 5), "read error+ 1; read note"),
    ("beyond_180", point(200, 23.105), "read error 1"),
    ("beyond_90", point(113.305, 95), "read error 1"),
    ("both_beyond", point(1000, 1000), "read error 1"),
    ("decimals_lost", point(113305, 23105), "read error 1"),
    ("microdegrees", point(113_305_000, 23_105_000), "read error 1"),
    ("zero", point(0, 0), "read error 1"),
    ("zero_negative", point(-0.0, -0.0), "read error 1"),
    ("zero_parcel", shape("Polygon", [[[0, 0]] * 4]), "read error 1"),
    ("metres", point(429_000, 2_556_000), "read error 1"),
    ("metres_northing_first", point(2_556_000, 429_000), "read error 1"),
    ("metres_of_zone_38", point(38_429_000, 2_556_000), "read error+ 1"),
    ("metres_of_zone_38_northing_first", point(2_556_000, 38_429_000), "read error+ 1"),
    ("metres_of_zone_19", point(19_736_000, 2_557_000), "read error+ 1"),
    ("metres_of_zone_38_parcel", shape("Polygon", [square(38_429_000, 2_556_000, 50)]),
     "read error+ 1"),
    ("metres_of_utm", point(736_000, 2_557_000), "read error 1"),
    ("metres_of_the_web", point(12_613_000, 2_646_000), "read error 1"),
    ("metres_of_the_web_in_shanghai", point(13_525_000, 3_662_000), "read error 1"),
    ("metres_of_the_web_in_fuzhou", point(13_280_000, 3_010_000), "read error 1"),
    ("metres_of_the_web_in_harbin", point(14_099_000, 5_744_000), "read error 1"),
    ("metres_too_many", point(1e15, 1e15), "read error 1"),
    ("polygon", shape("Polygon", [RING]), ""),
    ("polygon_clockwise", shape("Polygon", [RING[::-1]]), ""),
    ("polygon_with_a_hole", shape("Polygon", [RING, HOLE]), ""),
    ("polygons_one", shape("MultiPolygon", [[RING]]), ""),
    ("polygons_two", shape("MultiPolygon", [[RING], [square(113.308)]]), ""),
    ("polygon_with_heights", shape("Polygon", [[[*xy, 3] for xy in RING]]), "read note"),
    ("with_a_box", point(*HERE) | {"bbox": [*HERE, *HERE]}, ""),
    ("of_many_decimals", point(113.30500000000000012, 23.105000000000000004), ""),
    ("elsewhere", point(9.52, 47.14), ""),
]  # fmt: skip


def name_crs(name: object) -> dict[str, object]:
    return {"type": "name", "properties": {"name": name}}


METRES = point(429_000, 2_556_000)
NO_CRS = "read error - crs"
CRS: list[tuple[str, object, object, str]] = [
    ("crs84", name_crs("urn:ogc:def:crs:OGC:1.3:CRS84"), point(*HERE), ""),
    ("epsg_4326", name_crs("EPSG:4326"), point(*HERE), ""),
    ("urn_4326", name_crs("urn:ogc:def:crs:EPSG::4326"), point(*HERE), ""),
    ("cgcs2000", name_crs("EPSG:4490"), point(*HERE), ""),
    ("urn_cgcs2000", name_crs("urn:ogc:def:crs:EPSG::4490"), point(*HERE), ""),
    ("zone_without_number", name_crs("EPSG:4547"), METRES, ""),
    ("zone_with_number", name_crs("EPSG:4526"), point(38_429_000, 2_556_000), ""),
    ("utm", name_crs("EPSG:32649"), point(736_000, 2_557_000), ""),
    ("web_mercator", name_crs("EPSG:3857"), point(12_613_000, 2_646_000), ""),
    ("null", None, point(*HERE), "…"),
    ("swapped_as_4326", name_crs("EPSG:4326"), point(*HERE[::-1]), "read error+ 1"),
    ("unknown", name_crs("EPSG:99999"), point(*HERE), NO_CRS),
    ("in_words", name_crs("广州2000坐标系"), point(*HERE), NO_CRS),
    ("blank", name_crs(""), point(*HERE), NO_CRS),
    ("name_null", name_crs(None), point(*HERE), NO_CRS),
    ("name_list", name_crs(["EPSG:4326"]), point(*HERE), NO_CRS),
    ("name_true", {"properties": {"name": True}}, point(*HERE), NO_CRS),
    ("name_number", name_crs(4547), point(*HERE), ANY_ERROR),
    ("name_object", name_crs({"proj": "longlat"}), point(*HERE), NO_CRS),
    ("empty", {}, point(*HERE), NO_CRS),
    ("text", "EPSG:4326", point(*HERE), NO_CRS),
    ("number", 4326, point(*HERE), NO_CRS),
    ("link", {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}, point(*HERE),
     NO_CRS),
    ("code", {"type": "EPSG", "properties": {"code": 4326}}, point(*HERE), NO_CRS),
    ("xian_1980", name_crs("EPSG:4610"), point(*HERE), NO_CRS),
    ("xian_1980_metres", name_crs("EPSG:2383"), METRES, NO_CRS),
    ("beijing_1954", name_crs("EPSG:4214"), point(*HERE), NO_CRS),
    ("heights_only", name_crs("EPSG:5773"), point(*HERE), NO_CRS),
    ("geocentric", name_crs("EPSG:4978"), point(*HERE), NO_CRS),
    ("engineering", name_crs('LOCAL_CS["site",UNIT["metre",1]]'), point(*HERE), NO_CRS),
    ("a_file", name_crs("/etc/passwd"), point(*HERE), NO_CRS),
    ("a_file_by_proj", name_crs("+init=/etc/passwd:x"), point(*HERE), NO_CRS),
    ("an_address", name_crs("http://127.0.0.1:9/4326"), point(*HERE), NO_CRS),
    ("of_old_proj", name_crs("+init=epsg:4326"), point(*HERE), NO_CRS),
    ("a_megabyte", name_crs("EPSG:" + "9" * 1_000_000), point(*HERE), NO_CRS),
    ("metres_with_degrees", name_crs("EPSG:4547"), point(*HERE), "read error 1"),
    ("web_mercator_with_degrees", name_crs("EPSG:3857"), point(*HERE), "read error 1"),
    ("degrees_with_metres", name_crs("EPSG:4326"), METRES, "read error 1"),
    ("metres_that_are_nowhere", name_crs("EPSG:4547"), point(1e11, 1e11), "place error 1; …"),
    ("metres_with_the_northing_first", name_crs("EPSG:4547"), point(2_556_000, 429_000), "…"),
]  # fmt: skip

DAY, AREA, COST = "available_from", "floor_area_m2", "cost_wan"
VALUES: list[tuple[str, dict[str, object], str]] = [
    *((f"{key}_{label}", {key: value}, f"fields error 1 {key}")
      for key in ("name", "subdistrict")
      for label, value in (("null", None), ("blank", ""), ("blanks", "  \u3000"), ("true", True),
                           ("none", "null"), ("na", "N/A"), ("list", ["甲"]), ("object", {}),
                           ("list_empty", []))),
    *((f"{key}_number", {key: 440106012}, "") for key in ("name", "subdistrict")),
    *((f"{key}_{label}", {key: value}, f"fields error 1 {key}")
      for key in (AREA, "office_area_m2", COST, "annual_cost_wan")
      for label, value in (("words", "many"), ("about", "约1200"), ("range", "900-1200"),
                           ("true", True), ("list", [900]), ("object", {"value": 900}),
                           ("negative", -5), ("negative_text", "-5"), ("foreign_unit", "900英尺"),
                           ("date", "2010-08-31"), ("infinity", "Infinity"))),
    *((f"{key}_zero", {key: 0}, f"fields error 1 {key}") for key in (AREA, "office_area_m2")),
    *((f"{key}_zero", {key: 0}, "") for key in (COST, "annual_cost_wan")),
    ("area_text", {AREA: "900"}, ""),
    ("area_text_with_blanks", {AREA: " 900 "}, ""),
    ("area_with_a_plus", {AREA: "+900"}, ""),
    ("area_with_an_exponent", {AREA: "9e2"}, ""),
    ("area_with_an_exponent_too_large", {AREA: "9e999"}, f"fields error 1 {AREA}"),
    ("area_tiny", {AREA: 1e-300}, ""),
    ("area_of_full_width", {AREA: "９００"}, ""),
    ("area_with_thousands", {AREA: "1,200"}, f"fields error+ 1 {AREA}"),
    ("area_with_thousands_of_full_width", {AREA: "１，２００"}, f"fields error+ 1 {AREA}"),
    ("area_with_thousands_and_decimals", {AREA: "1,200.50"}, f"fields error+ 1 {AREA}"),
    ("area_with_thousands_misplaced", {AREA: "12,00"}, f"fields error 1 {AREA}"),
    ("area_of_germany", {AREA: "1.200,50"}, f"fields error 1 {AREA}"),
    ("area_in_square_metres", {AREA: "900平方米"}, f"fields error+ 1 {AREA}"),
    ("area_in_signs", {AREA: "900 ㎡"}, f"fields error+ 1 {AREA}"),
    ("area_in_m2", {AREA: "900m²"}, f"fields error+ 1 {AREA}"),
    ("area_in_ten_thousands", {AREA: "1.2万"}, f"fields error 1 {AREA}"),
    ("area_in_yuan", {AREA: "900万元"}, f"fields error 1 {AREA}"),
    ("area_in_degrees", {AREA: "900度"}, f"fields error 1 {AREA}"),
    ("area_in_minutes", {AREA: "113°21′36″"}, f"fields error 1 {AREA}"),
    ("area_in_hectares", {AREA: "0.12公顷"}, f"fields error 1 {AREA}"),
    ("area_in_square_kilometres", {AREA: "1.2km²"}, f"fields error 1 {AREA}"),
    ("area_in_chinese", {AREA: "九百"}, f"fields error 1 {AREA}"),
    ("area_a_formula", {AREA: "=30*30"}, f"fields error 1 {AREA}"),
    ("area_null", {AREA: None}, f"fields warning 1 {AREA}"),
    ("area_blank", {AREA: ""}, f"fields warning 1 {AREA}"),
    ("cost_in_ten_thousands", {COST: "200万"}, f"fields error+ 1 {COST}"),
    ("cost_in_ten_thousand_yuan", {COST: "200万元"}, f"fields error+ 1 {COST}"),
    ("cost_in_yuan", {COST: "2000000元"}, f"fields error 1 {COST}"),
    ("cost_in_square_metres", {COST: "200平方米"}, f"fields error 1 {COST}"),
    ("cost_with_a_sign", {COST: "¥200"}, f"fields error 1 {COST}"),
    *((f"day_{label}", {DAY: value}, "") for label, value in (
        ("iso", "2010-08-31"), ("slashes", "2010/8/31"), ("points", "2010.8.31"),
        ("chinese", "2010年8月31日"), ("plain", "20100831"), ("plain_number", 20100831),
        ("with_a_time", "2010-08-31T00:00:00Z"), ("full_width", "２０１０－０８－３１"),
        ("null", None), ("leap", "2012-02-29"), ("blanks", " 2010-08-31 "))),
    *((f"day_{label}", {DAY: value}, f"fields error 1 {DAY}") for label, value in (
        ("ambiguous", "8/9/2010"), ("ambiguous_points", "8.9.2010"), ("two_digits", "10-08-31"),
        ("of_america", "08/31/2010"), ("month_13", "2010-13-01"), ("day_30", "2010-02-30"),
        ("no_leap", "2010-02-29"), ("zero", "0000-00-00"), ("month_only", "2010-08"),
        ("year", 2010), ("year_text", "2010年"), ("words", "明年上半年"), ("true", True),
        ("list", ["2010-08-31"]), ("object", {"date": "2010-08-31"}), ("negative", -1),
        ("milliseconds", 1283212800000), ("in_chinese", "二〇一〇年八月三十一日"))),
    *((f"day_{label}", {DAY: value}, f"fields warning+ 1 {DAY}") for label, value in (
        ("serial", 40421), ("serial_text", "40421"), ("serial_with_a_time", 40421.5))),
    *((f"{key}_{label}", {key: value}, f"fields error 1 {key}")
      for key in ("status", "role", "premises", "mode")
      for label, value in (("unknown", "whatever"), ("number", 9), ("true", True),
                           ("list", ["existing"]), ("object", {}))),
    ("status_chinese", {"status": "现有"}, ""),
    ("status_capitals", {"status": "EXISTING"}, ""),
    ("status_null", {"status": None}, ""),
    ("role_chinese", {"role": "总部"}, ""),
    ("role_misspelt", {"role": "headquarter"}, "fields error 1 role"),
    ("premises_chinese", {"premises": "整合现有"}, ""),
    ("premises_blank", {"premises": " "}, "fields warning 1 premises"),
    ("mode_one", {"mode": 1}, ""),
    ("mode_two_as_a_float", {"mode": 2.0}, ""),
    ("mode_chinese", {"mode": "街道间接管理"}, ""),
    ("mode_half", {"mode": 1.5}, "fields error 1 mode"),
    ("services_list", {"services": ["养老", "youth"]}, ""),
    ("services_text", {"services": "养老、青少年"}, ""),
    ("services_unknown", {"services": ["理发"]}, ""),
    ("services_nested", {"services": [["养老"]]}, "fields error 1 services"),
    ("services_object", {"services": {"养老": True}}, "fields error 1 services"),
    ("services_true", {"services": True}, "fields error 1 services"),
    *((f"{key}_{label}", {key: value}, f"fields error 1 {key}")
      for key in ("address", "contact", "note", "parcel_id", "land_use", "id")
      for label, value in (("list", ["a"]), ("object", {"a": 1}), ("true", True))),
    ("contact_number", {"contact": 13800138000}, ""),
    ("id_number", {"id": 7}, ""),
    ("id_null", {"id": None}, ""),
    ("key_unknown", {"phone": "020"}, "fields note"),
    ("key_unknown_with_an_object", {"style": {"color": "red", "dash": [1, 2]}}, "fields note"),
    ("key_blank", {"": 1}, "fields note"),
    ("keys_both_and_different_case", {"Name": "乙"}, "fields warning 1 name"),
    ("keys_for_scripts", {"__proto__": {"polluted": 1}, "constructor": 1, "toString": 1},
     "fields note"),
    ("keys_for_python", {"__class__": "a", "self": 1, "path": "b", "x": 1, "lon": 5},
     "fields note"),
    ("keys_many", {f"key{number}": number for number in range(10_000)}, "fields note"),
    ("keys_both_the_same", {"名称": "甲", "街道": "A"}, ""),
    ("keys_both_and_different", {"名称": "乙"}, "fields warning 1 name"),
    ("keys_both_and_different_areas", {"建筑面积": 1200}, f"fields warning 1 {AREA}"),
    ("name_a_megabyte", {"name": "长" * 333_333}, MORE),
    ("note_a_megabyte", {"note": "a" * 1_000_000}, MORE),
    ("unknown_value_of_20000", {"extra": [0] * 20_000}, "read error 1 extra; fields note"),
]  # fmt: skip

TEXTS: list[tuple[str, str]] = [
    ("script", "<script>alert(1)</script>"),
    ("image", '"><img src=x onerror=alert(1)>'),
    ("entity", "&lt;b&gt; &amp;"),
    ("jinja", "{{7*7}}"),
    ("jinja_call", "{% for a in ().__class__.__base__.__subclasses__() %}{{a}}{% endfor %}"),
    ("shell", "${7*7} $(id) `id`"),
    ("format", "%s%n%d {0.__class__} {name}"),
    ("formula", "=cmd|' /C calc'!A0"),
    ("formula_at", "@SUM(1+1)*cmd|' /C calc'!A0"),
    ("link", "javascript:alert(1)"),
    ("data_link", "data:text/html;base64,PHNjcmlwdD4="),
    ("sql", "'; DROP TABLE sites; --"),
    ("path", "../../../../etc/passwd"),
    ("nul", "a\0b"),
    ("escape", "\x1b[31mred\x1b]0;title\x07"),
    ("control_8_bit", "a\x9b31mb"),
    ("backspace", "a\b\b\bb\x7f"),
    ("lines", "a\nb\r\nc\u2028d\u2029e"),
    ("direction", "\u202egnp.exe\u2066"),
    ("no_width", "a\u200bb\u200dc\ufeff"),
    ("private", "\ue000\U000f0000"),
    ("no_character", "\ufffe\uffff"),
    ("combining", "Z" + "\u0301" * 200),
    ("emoji", "👨‍👩‍👧‍👦🏠"),
    ("replacement", "黄村\ufffd中心"),
]  # fmt: skip


def number(count: int, **values: object) -> list[dict[str, object]]:
    """Make whole sites side by side, the first of them the headquarters."""
    return [
        site(
            point(round(113.301 + 0.008 * i / max(count, 10), 7), 23.105),
            role="branch" if i else "headquarters",
            **values,
        )
        for i in range(count)
    ]


def change(*changes: Mapping[str, object]) -> str:
    """Write sites side by side with these changes to their attributes."""
    sites = number(len(changes))
    for whole, values in zip(sites, changes, strict=True):
        properties = whole["properties"]
        assert isinstance(properties, dict)
        properties |= values
    return write(*sites)


SEVERAL: list[tuple[str, str, str]] = [
    ("two", change({}, {}), ""),
    ("twenty", write(*number(20)), ""),
    ("no_headquarters", change({"role": "branch"}, {}), "fields error 1 role"),
    ("no_roles", change({"role": None}, {"role": None}), "fields error 1 role"),
    ("two_headquarters", change({}, {"role": "总部"}), "fields error 2 role"),
    ("three_headquarters", change({}, {"role": "总部"}, {"role": "headquarters"}),
     "fields error 2 role; fields error 3 role"),
    ("a_candidate_beside", change({}, {"status": "candidate", "role": None}), ""),
    ("two_subdistricts", change({}, {"subdistrict": "B", "role": None}), ""),
    ("one_branch_alone", change({"role": "branch"}), ""),
    ("modes_alike", change({"mode": 1}, {"mode": "购买服务"}), ""),
    ("modes_mixed", change({"mode": 1}, {"mode": 2}), "fields error 1 mode"),
    ("modes_of_two_subdistricts", change({"mode": 1}, {"mode": 2, "subdistrict": "B"}), ""),
    ("at_one_place", write(site(role="总部"), site(role="分站点")), "place warning 2"),
    ("at_one_place_three", write(site(role="总部"), *[site(role="分站点")] * 2),
     "place warning 2; place warning 3"),
    ("half_a_metre_apart", write(site(role="总部"), site(point(113.305002, 23.105), role="branch")),
     "place warning 2"),
    ("ids", change({"id": "A-1"}, {"id": "A-2"}), ""),
    ("ids_twice", change({"id": "A-1"}, {"id": "A-1"}), "fields error 1 id; fields error 2 id"),
    ("ids_number_and_text", change({"id": 7}, {"id": "7"}), "fields error 1 id; fields error 2 id"),
    ("ids_number_and_float", change({"id": 7}, {"id": 7.0}),
     "fields error 1 id; fields error 2 id"),
    ("ids_with_blanks", change({"id": "a"}, {"id": " a "}), "fields error 1 id; fields error 2 id"),
    ("ids_blank", change({"id": ""}, {"id": ""}), ""),
    ("many_defects", write(site(None, name=None), site(point(0, 0), mode=3), site(status="x")),
     ("read error 1; read error 2; fields error 1 name; fields error 2 mode;"
      " fields error 3 status; fields error 1 role")),
    ("a_line_among_points", write(*number(2), site(shape("LineString", [HERE, [113.3, 23.1]]),
                                                   role="branch")), "read error 3"),
    ("a_point_and_a_parcel", write(site(role="总部"), site(shape("Polygon", [square(113.308)]),
                                                          role="branch")), ""),
    ("swapped_and_not", write(site(role="总部"), site(point(23.106, 113.306), role="branch")),
     "read error+ 2"),
]  # fmt: skip

HEAD = "name,subdistrict,premises,floor_area_m2,lon,lat"
ROW = "甲,A,lease,900,113.305,23.105"
TABLE = f"{HEAD}\n{ROW}\n"
CHINESE_HEAD = "名称,街道,场地来源,建筑面积,经度,纬度"
CHINESE_TABLE = f"{CHINESE_HEAD}\n甲,A,租赁,900,113.305,23.105\n"
NO_PLACE = "fields error - lon; fields error - lat"


def row(**cells: str) -> str:
    """Write a table of one row with these cells, in columns that it has or gets."""
    values = dict(zip(HEAD.split(","), ROW.split(","), strict=True)) | cells
    return ",".join(values) + "\n" + ",".join(values.values()) + "\n"


def lay(x: str, y: str) -> str:
    return row(lon=f'"{x}"', lat=f'"{y}"')


TABLES: list[tuple[str, str | bytes, str]] = [
    ("plain", TABLE, ""),
    ("mark", codecs.BOM_UTF8 + TABLE.encode(), ""),
    ("chinese", CHINESE_TABLE, ""),
    ("chinese_gb18030", CHINESE_TABLE.encode("gb18030"), "read note"),
    ("utf16_mark", CHINESE_TABLE.encode("utf-16"), "read note"),
    ("utf16_le", TABLE.encode("utf-16-le"), "read note"),
    ("utf16_of_excel", CHINESE_TABLE.replace(",", "\t").encode("utf-16"), "read note"),
    ("big5", TABLE.replace("甲", "黃村社區綜合服務中心").encode("big5"), "read error"),
    ("latin1", TABLE.replace("甲", "Zürich").encode("latin-1"), "read error"),
    ("utf8_damaged", CHINESE_TABLE.encode()[:20] + b"\xff" + CHINESE_TABLE.encode()[20:],
     "read error"),
    ("nul", TABLE.encode().replace("甲".encode(), b"a\0b"), "error"),
    ("nul_behind", TABLE.encode() + bytes(64), "error"),
    ("semicolons", TABLE.replace(",", ";"), ""),
    ("tabs", TABLE.replace(",", "\t"), ""),
    ("bars", TABLE.replace(",", "|"), NO_PLACE),
    ("commas_of_chinese", TABLE.replace(",", "，"), NO_PLACE),
    ("separator_first", "sep=;\n" + TABLE.replace(",", ";"), ANY_ERROR),
    ("windows_lines", TABLE.replace("\n", "\r\n"), ""),
    ("old_mac_lines", TABLE.replace("\n", "\r"), ""),
    ("no_last_line_break", TABLE.rstrip("\n"), ""),
    ("blank_rows", f"\n{HEAD}\n\n{ROW}\n,,,,,\n\n", ""),
    ("blanks_around", TABLE.replace(",", " , "), ""),
    ("quoted", "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in (HEAD, ROW)), ""),
    ("quoted_line_break", row(name='"甲\n乙"'), ""),
    ("quoted_comma", row(address='"天河路, 1"'), ""),
    ("quote_open", row(address='"天河路'), "read error"),
    ("quote_closed_early", row(address='"天"河路'), "read error"),
    ("quote_inside", row(address='天"河"路'), ""),
    ("row_too_long", TABLE.rstrip() + ",x\n", "read error 2"),
    ("row_too_long_with_blanks", TABLE.rstrip() + ",,,\n", ""),
    ("row_too_short", f"{HEAD}\n甲,A,lease\n",
     "read error 2 lon; read error 2 lat; fields warning 2 floor_area_m2"),
    ("comma_for_the_point", TABLE.replace("113.305", "113,305"), "read error 2"),
    ("header_doubled", HEAD + ",name\n" + ROW + ",乙\n", "read error - name"),
    ("header_missing", ROW + "\n" + ROW + "\n", NO_PLACE),
    ("header_only", HEAD + "\n", "read error"),
    ("header_below_a_title", "申报表,,,,,\n" + TABLE, ANY_ERROR),
    ("header_with_blanks", f"{HEAD},,\n{ROW},,\n", ""),
    ("header_blank_over_a_value", f"{HEAD},\n{ROW},x\n", ANY_ERROR),
    ("header_capitals", TABLE.replace("lon,lat", "LON,LAT"), ""),
    ("header_of_the_template", TABLE.replace(
        HEAD, "名称*,街道*,场地来源,建筑面积（平方米）,经度（度）*,纬度（度）*"), ""),
    ("header_of_the_english_template", TABLE.replace(
        HEAD, "Name*,Subdistrict*,Premises,Floor area (m²),Longitude (degrees)*,"
        "Latitude (degrees)*"), ""),
    ("header_in_yuan", row(**{"建设费用（元）": "2000000"}), "fields note"),
    ("header_longitude", TABLE.replace("lon,lat", "longitude,latitude"), ""),
    ("header_x_and_y", TABLE.replace("lon,lat", "x,y"), NO_PLACE),
    ("header_without_lat", TABLE.replace(",lat", ",latt"), "fields error - lat"),
    ("header_lon_and_longitude", row(longitude="113.9"), ANY_ERROR),
    ("header_in_two_languages", f"{HEAD},名称\n{ROW},乙\n", "fields warning 2 name"),
    ("unknown_column", row(phone="020"), "fields note"),
    ("lon_blank", lay("", "23.105"), "read error 2 lon"),
    ("both_blank", lay("", ""), "read error 2 lon; read error 2 lat"),
    ("lon_words", lay("east", "23.105"), "read error 2 lon"),
    ("lon_nan", lay("nan", "23.105"), "read error 2 lon"),
    ("lon_infinity", lay("inf", "23.105"), "read error 2 lon"),
    ("lon_too_large", lay("1e999", "23.105"), "read error 2 lon"),
    ("lon_large", lay("1e300", "23.105"), "read error 2"),
    ("lon_formula", lay("=113.305", "23.105"), "read error 2 lon"),
    ("lon_error_of_excel", lay("#REF!", "23.105"), "read error 2 lon"),
    ("lon_with_letters", lay("E113.305", "N23.105"), "read error 2 lon; read error 2 lat"),
    ("degrees_with_a_sign", lay("113.305°", "23.105°"), "read error+ 2 lon; read error+ 2 lat"),
    ("minutes", lay("113°18′18″", "23°6′18″"), "read error+ 2 lon; read error+ 2 lat"),
    ("minutes_chinese", lay("东经113度18分18秒", "北纬23度6分18秒"),
     "read error+ 2 lon; read error+ 2 lat"),
    ("minutes_with_letters", lay("113°18'18''E", "23°6'18''N"),
     "read error+ 2 lon; read error+ 2 lat"),
    ("minutes_beyond_60", lay("113°78′18″", "23.105"), "read error 2 lon"),
    ("minutes_south_for_a_longitude", lay("S113°18′18″", "23.105"), "read error 2 lon"),
    ("minutes_swapped", lay("N23°6′18″", "E113°18′18″"), ANY_ERROR),
    ("swapped", lay("23.105", "113.305"), "read error+ 2"),
    ("zero", lay("0", "0"), "read error 2"),
    ("beyond_90", lay("113.305", "95"), "read error 2"),
    ("metres", lay("429000", "2556000"), "read error 2"),
    ("metres_of_zone_38", lay("38429000", "2556000"), "read error+ 2"),
    ("metres_of_zone_38_northing_first", lay("2556000", "38429000"), "read error+ 2"),
    ("metres_of_the_web_in_shanghai", lay("13525000", "3662000"), "read error 2"),
    *((f"datum_{label}", row(datum=word), "") for label, word in (
        ("gps", "GPS"), ("amap", "高德"), ("amap_english", "Amap"), ("gcj", "GCJ-02"),
        ("mars", "火星坐标"), ("baidu", "百度"), ("bd", "bd09"), ("blank", ""),
        ("tianditu", "天地图"))),
    ("datum_unknown", row(datum="北斗"), "fields error 2 datum"),
    ("datum_outside_china", row(lon="9.52", lat="47.14", datum="高德"), "place error 2 datum"),
    ("datum_for_metres", row(lon="38429000", lat="2556000", datum="高德"), "read error+ 2; …"),
    ("datum_for_swapped", row(lon="23.105", lat="113.305", datum="高德"), "read error+ 2"),
    ("area_with_thousands", row(floor_area_m2='"1,200"'), "fields error+ 2 floor_area_m2"),
    ("area_with_a_formula", row(floor_area_m2="=30*30"), "fields error 2 floor_area_m2"),
    ("area_with_an_error", row(floor_area_m2="#VALUE!"), "fields error 2 floor_area_m2"),
    ("area_with_a_plus_and_a_day", row(floor_area_m2="+900", available_from="40421"),
     "fields warning+ 2 available_from"),
    ("day_serial", row(available_from="40421"), "fields warning+ 2 available_from"),
    ("day_ambiguous", row(available_from="8/9/2010"), "fields error 2 available_from"),
    ("name_formula", row(name="=1+1"), ""),
    ("name_call", row(name="\"=cmd|' /C calc'!A0\""), ""),
    ("name_link", row(name='"=HYPERLINK(""http://127.0.0.1:9"",""x"")"'), ""),
    ("name_blank", row(name=""), "fields error 2 name"),
    ("code_in_scientific_notation", row(subdistrict="4.40106E+08"), "…"),
    ("code_of_twelve", row(subdistrict="440106012000"), ""),
    ("ids_twice", f"{HEAD},id,role\n{ROW},1,总部\n{ROW.replace('305', '306', 1)},1,branch\n",
     "fields error 2 id; fields error 3 id"),
    ("row_in_quotes", f'{HEAD}\n"{ROW}"\n', "read error 2 lon; read error 2 lat; …"),
    ("cell_of_200000", row(note="a" * 200_000), "read error"),
    ("json_in_a_table", one(), ANY_ERROR),
    ("nothing", "", "read error"),
    ("blanks", " \n , \n", ANY_ERROR),
    ("commas", ",,,\n,,,\n", ANY_ERROR),
    ("mark_only", codecs.BOM_UTF8, "read error"),
]  # fmt: skip

LIMITS: list[tuple[str, str, str]] = [
    ("bytes_more.geojson", one() + " " * 10_000_000, "read error"),
    ("bytes_most.geojson", one() + " " * 9_900_000, ""),
    ("bytes_more.csv", TABLE + "\n" * 10_000_000, "read error"),
    ("features_more.geojson", write(*[{}] * 5_001), "read error"),
    ("features_most.geojson", write(*number(5_000)), "…"),
    ("features_empty.geojson", write(*[{}] * 5_000), "read error 1; read error 5000; …"),
    ("features_null.geojson", write(*[None] * 5_000), "read error 1; read error 5000; …"),
    ("features_alike.geojson", write(*[site()] * 5_000), "fields error 1 role; place warning 2; …"),
    ("features_swapped.geojson", write(*[site(point(*HERE[::-1]))] * 5_000), "read error+ 5000; …"),
    ("rows_more.csv", TABLE + f"{ROW}\n" * 5_000, "read error"),
    ("rows_alike.csv", TABLE + f"{ROW}\n" * 4_999, "fields error 2 role; …"),
    ("rows_broken.csv", TABLE + "x\n" * 4_999, "read error 5001 lon; …"),
    ("rows_blank.csv", TABLE + "\n" * 1_000_000, ""),
    ("rows_blank_between.csv", TABLE + ",,,,,\n" * 1_000_000 + ROW, "read error"),
    ("vertices_more.geojson", put(shape("Polygon", [[*[RING[0]] * 200_001, *RING]])), "read error"),
    ("vertices_many.geojson", put(shape("Polygon", [[[round(113.304 + 0.001 * float(np.cos(a)), 9),
     round(23.104 + 0.001 * float(np.sin(a)), 9)] for a in np.linspace(0, 2 * np.pi, 50_000,
     endpoint=False)]])), "read error+ 1"),
    ("keys_twice.geojson", say(", ".join(['"note": 1'] * 20_000)), "read error 1 note"),
    ("commas_many.geojson", say(f'"extra": [{"[1,]," * 20_000} 1]'), "read error+; …"),
    ("columns_most.csv", f"{HEAD},{','.join(f'c{n}' for n in range(900))}\n{ROW}\n",
     "fields note"),
    ("columns_more.csv", f"{HEAD},{','.join(f'c{n}' for n in range(5000))}\n{ROW}\n",
     "read error 1"),
]  # fmt: skip

LONG = "很长" * 20
NAMES: list[tuple[str, str, str]] = [
    ("with blanks in it.geojson", one(), ""),
    ("申报 天园街（2010）.geojson", one(), ""),
    ("ünïcode 🏠.csv", TABLE, ""),
    ("..two.points..geojson", one(), ""),
    ("a.fixed.geojson", one(), ""),
    (f"{LONG}.geojson", one(), ""),
    (f"{'n' * 246}.geojson", one(floor_area_m2="1,200"), "fields error+ 1 floor_area_m2"),
    ("CAPITALS.GEOJSON", one(), ""),
    ("CAPITALS.CSV", TABLE, ""),
    ("Mixed.GeoJson", one(), ""),
    ("plain.json", one(), ""),
    ("wrong.txt", one(), "read error"),
    ("wrong.geojson.txt", one(), "read error"),
    ("wrong.gpkg", one(), "read error"),
    ("wrong.shp", one(), "read error"),
    ("wrong.xls", one(), "read error"),
    ("wrong.zip", one(), "read error"),
    ("wrong.vrt", VRT, "read error"),
    ("wrong.tsv", TABLE.replace(",", "\t"), "read error"),
    ("no_suffix", one(), "read error"),
    (".geojson", one(), "read error"),
    ("suffix_only.", one(), "read error"),
    ("line\nbreak.geojson", one(status="x"), "fields error 1 status"),
    ("\x1b[31mred.geojson", one(floor_area_m2="1,200"), "fields error+ 1 floor_area_m2"),
    ("=1+1.geojson", one(), ""),
    ("-rf.csv", TABLE, ""),
    ("<script>.geojson", one(), ""),
    ("{{7*7}}.geojson", one(), ""),
]  # fmt: skip


def shift(datum: Datum, count: int = 12, code: str | None = None) -> str:
    """Write sites near the middles of the squares, as a web map in China shows them."""
    sites = []
    for i in range(count):
        square_code, order = CODES[i % 4], i // 4
        lon = np.array([WEST + (i % 4 + 0.6 + order / 100) * STEP])
        lat = np.array([SOUTH + 0.5 * STEP])
        (x,), (y,) = from_wgs84(lon, lat, datum)
        role = "branch" if order else "headquarters"
        place = point(round(float(x), 7), round(float(y), 7))
        sites.append(site(place, subdistrict=code or square_code, role=role))
    return write(*sites)


EAST = (WEST + STEP, SOUTH + STEP / 2)  # on the border of A and B
PLACES: list[tuple[str, str, str]] = [
    ("inside.geojson", one(), ""),
    ("inside_by_name.geojson", one(subdistrict="A街道"), ""),
    ("inside_as_a_parcel.geojson", put(shape("Polygon", [RING])), ""),
    ("inside_in_metres.geojson", write(site(point(428_801.0, 2_556_335.0)),
                                       crs=name_crs("EPSG:4547")), ""),
    ("on_the_border.geojson", put(point(*EAST)), ""),
    ("20_metres_off.geojson", put(point(EAST[0] + 0.0002, EAST[1])), "place warning 1"),
    ("500_metres_off.geojson", put(point(EAST[0] + 0.005, EAST[1])), "place error 1; …"),
    ("in_no_subdistrict.geojson", put(point(113.2, 23.105)), "place error 1; …"),
    ("on_another_continent.geojson", put(point(9.52, 47.14)), "place error 1; …"),
    ("at_the_pole.geojson", put(point(113.305, 90)), "place error 1; …"),
    ("at_the_other_side.geojson", put(point(-66.7, -23.105)), "place error 1; …"),
    ("latitude_lost.geojson", put(point(113.305, 0)), "place error 1; …"),
    ("of_another_subdistrict.geojson", one(subdistrict="C"), "place error 1; …"),
    ("of_an_unknown_subdistrict.geojson", one(subdistrict="Z"), "place error 1 subdistrict"),
    ("of_an_unknown_name.geojson", one(subdistrict="Z街道"), "place error 1 subdistrict"),
    ("without_a_subdistrict.geojson", write(lack("subdistrict")), "fields error 1 subdistrict"),
    ("id_taken.geojson", one(id="taken"), "place error 1 id"),
    ("id_of_its_own.geojson", one(id="free"), ""),
    ("swapped.geojson", put(point(*HERE[::-1])), "read error+ 1"),
    ("metres_of_zone_38.geojson", put(point(38_428_801, 2_556_335)), "read error+ 1"),
    ("wgs84.geojson", shift("wgs84"), ""),
    ("gcj02.geojson", shift("gcj02"), "place error+"),
    ("bd09.geojson", shift("bd09"), "place error+"),
    ("gcj02_one.geojson", shift("gcj02", 1), "place warning; place error 1"),
    ("gcj02_named_baidu.csv", "\n".join([HEAD + ",datum,role", *(
        f"甲,{f['properties']['subdistrict']},lease,900,{f['geometry']['coordinates'][0]},"
        f"{f['geometry']['coordinates'][1]},百度,{f['properties']['role']}"
        for f in json.loads(shift("gcj02"))["features"])]), "place error+"),
    ("gcj02_named.csv", "\n".join([HEAD + ",datum,role", *(
        f"甲,{f['properties']['subdistrict']},lease,900,{f['geometry']['coordinates'][0]},"
        f"{f['geometry']['coordinates'][1]},高德,{f['properties']['role']}"
        for f in json.loads(shift("gcj02"))["features"])]), ""),
    ("table.csv", TABLE, ""),
    ("table_of_another.csv", row(subdistrict="D"), "place error 2; …"),
    ("table_broken.csv", row(lon="x"), "read error 2 lon"),
    ("not_json.geojson", "{", "read error"),
    ("metres_that_are_nowhere.geojson", write(site(point(1e11, 1e11)), crs=name_crs("EPSG:4547")),
     "place error 1; …"),
]  # fmt: skip


def make_book(rows: Sequence[Sequence[object]], *more: str, name: str = "申报") -> bytes:
    """Make a workbook with these rows on one sheet, and further sheets with a word on each."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "nan_inf_to_errors": True})
    for sheet_name, cells in ((name, rows), *((other, [["x"]]) for other in more)):
        sheet = book.add_worksheet(sheet_name)
        for number_, values in enumerate(cells):
            for column, value in enumerate(values):
                sheet.write(number_, column, value)
    book.close()
    return stream.getvalue()


def edit_book(edit: Mapping[str, bytes | None], content: bytes) -> bytes:
    """Make a workbook anew with parts replaced, added, or (None) taken out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (parts | dict(edit)).items():
            if part is not None:
                archive.writestr(name, part)
    return stream.getvalue()


COLUMNS = HEAD.split(",")
CELLS: list[object] = ["甲", "A", "lease", 900, 113.305, 23.105]
BOOK = make_book([COLUMNS, CELLS])
SHEET = "xl/worksheets/sheet1.xml"


def book_row(**cells: object) -> bytes:
    values = dict(zip(COLUMNS, CELLS, strict=True)) | cells
    return make_book([[*values], [*values.values()]])


BOOKS: list[tuple[str, bytes, str]] = [
    ("plain", BOOK, ""),
    ("chinese", make_book([CHINESE_HEAD.split(","), CELLS]), ""),
    ("template", make_book([["名称*", "街道*", "场地来源", "建筑面积（平方米）", "经度（度）*",
                             "纬度（度）*"], CELLS]), ""),
    ("title_above", make_book([["申报表"], [], COLUMNS, CELLS]), ""),
    ("one_sheet_of_another_name", make_book([COLUMNS, CELLS], name="Sheet1"), ""),
    ("sheets_of_which_one_is_ours", make_book([COLUMNS, CELLS], "其他"), ""),
    ("sheets_of_which_none_is_ours", make_book([COLUMNS, CELLS], "b", name="a"), "read error"),
    ("header_only", make_book([COLUMNS]), "read error"),
    ("nothing", make_book([]), "read error"),
    ("header_doubled", make_book([[*COLUMNS, "名称"], [*CELLS, "乙"]]), "read error - name"),
    ("header_missing_over_a_value", make_book([COLUMNS, [*CELLS, "x"]]), "read error 2"),
    ("without_a_place", make_book([COLUMNS[:4], CELLS[:4]]), NO_PLACE),
    ("lon_text", book_row(lon="113.305"), ""),
    ("lon_words", book_row(lon="east"), "read error 2 lon"),
    ("lon_blank", book_row(lon=None), "read error 2 lon"),
    ("lon_true", book_row(lon=True), "read error 2 lon"),
    ("minutes", book_row(lon="113°18′18″", lat="23°6′18″"),
     "read error+ 2 lon; read error+ 2 lat"),
    ("swapped", book_row(lon=23.105, lat=113.305), "read error+ 2"),
    ("zero", book_row(lon=0, lat=0), "read error 2"),
    ("metres_of_zone_38", book_row(lon=38_429_000, lat=2_556_000), "read error+ 2"),
    ("datum", book_row(datum="高德"), ""),
    ("datum_unknown", book_row(datum="北斗"), "fields error 2 datum"),
    ("name_blank", book_row(name=None), "fields error 2 name"),
    ("name_number", book_row(name=12), ""),
    ("area_with_a_unit", book_row(floor_area_m2="1,200㎡"), "fields error+ 2 floor_area_m2"),
    ("area_negative", book_row(floor_area_m2=-1), "fields error 2 floor_area_m2"),
    ("area_an_error", book_row(floor_area_m2=float("nan")), "read error 2 floor_area_m2; …"),
    ("day_serial", book_row(available_from=40421), "fields warning+ 2 available_from"),
    ("day_text", book_row(available_from="2010年8月31日"), ""),
    ("day_ambiguous", book_row(available_from="8/9/2010"), "fields error 2 available_from"),
    ("unknown_column", book_row(phone="020"), "fields note"),
    ("script", book_row(note="<script>{{7*7}}</script>"), ""),
    ("truncated", BOOK[: len(BOOK) // 2], "read error"),
    ("damaged", BOOK[:200] + bytes(50) + BOOK[250:], "read error"),
    ("empty", b"", "read error"),
    ("table", TABLE.encode(), "read error"),
    ("json", UTF8, "read error"),
    ("old_xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "read error"),
    ("zip_of_something", edit_book({}, BOOK)[:0] + edit_book(
        dict.fromkeys(("[Content_Types].xml", "xl/workbook.xml")), BOOK), "read error"),
    ("macros", edit_book({"[Content_Types].xml": b'<Types xmlns="a"><Default Extension="bin"'
     b' ContentType="application/vnd.ms-office.vbaProject"/></Types>'}, BOOK), "read error"),
    ("entities", edit_book({SHEET: b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'}, BOOK),
     "read error"),
    ("not_xml", edit_book({SHEET: b"<worksheet><sheetData>"}, BOOK), "read error"),
    ("bomb", edit_book({"xl/media/a.bin": bytes(50_000_000)}, BOOK), "read error"),
    ("strange_names", edit_book({"../../evil.xml": b"<a/>"}, BOOK), "read error"),
]  # fmt: skip


MISSING = [
    (f"{key}_missing", write(lack(key)), f"fields {severity} 1 {key}")
    for key, severity in (("name", "error"), ("subdistrict", "error"), ("premises", "warning"),
                          (AREA, "warning"))
]  # fmt: skip
SECTIONS: list[tuple[str, Sequence[tuple[str, str | bytes, str]]]] = [
    ("encoding_{}.geojson", ENCODINGS),
    ("foreign_{}.geojson", [(name, content, "read error") for name, content in FOREIGN]),
    ("foreign_{}.csv", [(name, content, ANY_ERROR) for name, content in FOREIGN]),
    ("json_{}.geojson", JSON),
    ("structure_{}.geojson", STRUCTURES),
    ("geometry_{}.geojson", [(name, put(each), verdict) for name, each, verdict in GEOMETRIES]),
    ("crs_{}.geojson", [(name, write(site(geometry), crs=crs), verdict)
                        for name, crs, geometry, verdict in CRS]),
    ("value_{}.geojson", [(name, one(**values), verdict) for name, values, verdict in VALUES]),
    ("value_{}.geojson", MISSING),
    ("text_{}.geojson", [(name, one(name=text, note=text, address=text), "")
                         for name, text in TEXTS]),
    ("text_{}_unknown.geojson", [(name, one(name=text, status=text, **{f"k{text}": text}),
                                  "fields error 1 status; fields note") for name, text in TEXTS]),
    ("several_{}.geojson", SEVERAL),
    ("table_{}.csv", TABLES),
    ("{}", LIMITS),
    ("{}", NAMES),
    ("placed_{}", PLACES),
    ("book_{}.xlsx", BOOKS),
]  # fmt: skip


def encode(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


SAMPLES = tuple(
    Sample(pattern.format(name), encode(content), verdict, placed=pattern.startswith("placed"))
    for pattern, samples in SECTIONS
    for name, content, verdict in samples
)
