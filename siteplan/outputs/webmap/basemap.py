"""Tiles beneath the map, which only a page that was asked for them requests from anybody."""

import re
from dataclasses import dataclass

from siteplan.errors import Defect, InputError, Text

OPTION = "--basemap"
TIANDITU_KEY = re.compile(r"[0-9a-f]{32}\Z")
TIANDITU_HOST = "https://t0.tianditu.gov.cn"
TIANDITU_TILE = (
    "{host}/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}"
    "&tk={key}"
)
SHIFTED = {
    "amap": "GCJ-02", "autonavi": "GCJ-02", "baidu": "BD-09", "gaode": "GCJ-02",
    "google": "GCJ-02", "qq": "GCJ-02", "tencent": "GCJ-02", "高德": "GCJ-02", "百度": "BD-09",
    "腾讯": "GCJ-02",
}  # fmt: skip
"""Map services whose tiles of China are drawn in a shifted datum."""
CHOICES = Text("请用 osm 或 tianditu:密钥", "Use osm or tianditu:KEY")


@dataclass(frozen=True, slots=True)
class Basemap:
    """Tiles in Web Mercator, in WGS84 or CGCS2000, which are the same to a metre.

    Attributes
    ----------
    host
        The only one the page may ask, as a source of a content security policy.
    tiles
        Addresses of the layers, the lowest first, with `{z}`, `{x}` and `{y}`.
    attribution
        Whose they are.
    link
        Where that is explained.
    max_zoom
        Of the tiles; beyond it they are enlarged.
    """

    host: str
    tiles: tuple[str, ...]
    attribution: Text
    link: str
    max_zoom: int


def parse_basemap(text: str) -> Basemap:
    """Return the tiles that an option names.

    Parameters
    ----------
    text
        `osm`, or `tianditu:KEY` with the key of the reader's own agreement.

    Raises
    ------
    InputError
        If they are none of these, are drawn in GCJ-02 or BD-09, or the key cannot be one.

    Examples
    --------
    >>> parse_basemap("osm").host
    'https://tile.openstreetmap.org'
    """
    name, _, key = text.strip().partition(":")
    if name.lower() == "osm" and not key:
        return Basemap(
            host="https://tile.openstreetmap.org",
            tiles=("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
            attribution=Text("© OpenStreetMap 贡献者", "© OpenStreetMap contributors"),
            link="https://www.openstreetmap.org/copyright",
            max_zoom=19,
        )
    if name.lower() == "tianditu":
        return _take_tianditu(key)
    datum = next((SHIFTED[word] for word in SHIFTED if word in text.lower()), None)
    if datum is None:
        problem = Text("没有这种底图", "there are no such tiles")
    else:
        problem = Text(
            f"该底图采用 {datum}，会与本图相差 300 至 600 米以上",
            f"these tiles are drawn in {datum} and would lie 300 to 600 m off, or more",
        )
    raise InputError(Defect(OPTION, problem, CHOICES))


def _take_tianditu(key: str) -> Basemap:
    """Return streets and their names; both need the key."""
    if not TIANDITU_KEY.match(key):
        problem = Text(
            "天地图密钥应为 32 位小写十六进制字符",
            "a key of Tianditu has 32 hexadecimal digits in lower case",
        )
        remedy = Text("请写 tianditu:密钥", "Write tianditu:KEY")
        raise InputError(Defect(OPTION, problem, remedy))
    return Basemap(
        host=TIANDITU_HOST,
        tiles=tuple(
            TIANDITU_TILE.format(host=TIANDITU_HOST, layer=layer, key=key)
            for layer in ("vec", "cva")
        ),
        attribution=Text(
            "天地图 · 国家地理信息公共服务平台",
            "Tianditu, National Platform for Common Geospatial Information Services",
        ),
        link="https://www.tianditu.gov.cn",
        max_zoom=18,
    )
