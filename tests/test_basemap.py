from pathlib import Path

import pytest
from click.testing import CliRunner

from siteplan.cli import main
from siteplan.errors import InputError
from siteplan.outputs.webmap.basemap import parse_basemap

KEY = "0123456789abcdef0123456789abcdef"


def test_every_tile_comes_from_the_one_host() -> None:
    for text in ("osm", f"tianditu:{KEY}"):
        basemap = parse_basemap(text)
        assert all(address.startswith(f"{basemap.host}/") for address in basemap.tiles)
        assert basemap.host.startswith("https://")
        assert basemap.attribution.zh
        assert basemap.attribution.en


def test_tianditu_is_asked_for_its_layers_in_web_mercator_with_the_key() -> None:
    vec, cva = parse_basemap(f"tianditu:{KEY}").tiles
    assert "/vec_w/" in vec
    assert "LAYER=vec" in vec
    assert "/cva_w/" in cva
    assert all("TILEMATRIXSET=w" in tiles and f"tk={KEY}" in tiles for tiles in (vec, cva))
    assert all(part in vec for part in ("{z}", "{x}", "{y}"))


@pytest.mark.parametrize(
    "key", ["", "abc", KEY.upper(), KEY + "0", KEY[:-1] + "g", KEY + "&x=1", KEY[:-1] + "\n"]
)
def test_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(InputError, match="32 hexadecimal digits"):
        parse_basemap(f"tianditu:{key}")


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("gaode", "GCJ-02"),
        ("Amap:key", "GCJ-02"),
        ("高德", "GCJ-02"),
        ("autonavi", "GCJ-02"),
        ("tencent", "GCJ-02"),
        ("baidu:abc", "BD-09"),
        ("https://webrd01.is.autonavi.com/x", "GCJ-02"),
    ],
)
def test_tiles_in_a_shifted_datum_are_refused_with_the_reason(text: str, datum: str) -> None:
    with pytest.raises(InputError, match=f"{datum}.*300 to 600 m off"):
        parse_basemap(text)


@pytest.mark.parametrize("text", ["", "osm:x", "bing", "https://tile.example/{z}/{x}/{y}.png"])
def test_other_tiles_are_refused_with_the_choices(text: str) -> None:
    with pytest.raises(InputError, match=r"no such tiles.*osm or tianditu:KEY"):
        parse_basemap(text)


def test_command_refuses_them_before_it_reads_or_writes_anything(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["evaluate", str(tmp_path), "--basemap", "baidu", "--lang", "en"]
    )
    assert result.exit_code == InputError.exit_code
    assert "--basemap: these tiles are drawn in BD-09" in result.stderr
    assert list(tmp_path.iterdir()) == []
