import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_map import HOSTILE, Payload, make_payload

from siteplan.errors import InputError
from siteplan.outputs import page
from siteplan.outputs.webmap.pages import SCRIPTS, render_map


def read_blob(html: str) -> Payload:
    (blob,) = re.findall(r'<script type="application/json" id="siteplan-data">(.*?)</script>', html)
    return json.loads(blob)


# The file


def test_same_payload_gives_the_same_bytes() -> None:
    assert render_map(make_payload(), title="a") == render_map(make_payload(), title="a")


def test_policy_names_the_hash_of_every_script_and_no_other() -> None:
    html = render_map(make_payload(), title="a")
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    allowed = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert f"default-src 'none'; script-src {' '.join(allowed)}; style-src" in policy
    assert html.count("<script") == len(scripts) + 1


def test_policy_stands_before_anything_it_governs() -> None:
    html = render_map(make_payload(), title="a")
    assert html.index("Content-Security-Policy") < min(html.index(tag) for tag in ("<sc", "<sty"))


def test_markup_names_no_address() -> None:
    html = render_map(make_payload(), title="a")
    markup = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    assert re.findall(r"""(?:src|href|srcset|data|action)\s*=\s*["']?([^"'>\s]*)""", markup) == [
        "data:,",
        "#siteplan-panel",
    ]


def test_images_come_from_nowhere_but_the_host_asked_for() -> None:
    plain = render_map(make_payload(), title="a")
    tiled = render_map(make_payload(), title="a", host="https://tile.example")
    assert "img-src data:;" in plain
    assert "img-src data: https://tile.example;" in tiled
    assert plain.count("https://tile.example") == 0


@pytest.mark.parametrize("kind", ["overview", "subdistrict"])
def test_page_says_of_what_kind_it_is(kind: str) -> None:
    html = render_map(make_payload(kind=kind), title="a")
    assert f'<meta name="siteplan-page" content="{kind}">' in html[:400]


def test_styles_load_nothing() -> None:
    html = render_map(make_payload(), title="a")
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    assert "@import" not in styles
    assert set(re.findall(r"url\(([^)]*)\)", styles)) <= {"#default#VML"}


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cdn.example/leaflet.js"></script>',
        "<link rel=stylesheet href=//cdn.example/a.css>",
        "<img srcset='a.png 2x'>",
        "<style>@import 'a.css';</style>",
        "<style>a{background:url( 'http://example/a.png')}</style>",
        "<style>a{background:URL(images/layers.png)}</style>",
    ],
)
def test_page_that_would_load_a_file_is_refused(markup: str) -> None:
    with pytest.raises(InputError, match="the page would load"):
        page.refuse_remote(page.read_contents(markup))


@pytest.mark.parametrize("name", ["leaflet.js", "leaflet.css"])
def test_leaflet_that_was_changed_by_one_byte_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "static" / "js_lib_leaflet"
    folder.mkdir(parents=True)
    for file in ("leaflet.js", "leaflet.css"):
        content = (page.files("js_lib_leaflet") / "static" / "js_lib_leaflet" / file).read_bytes()
        (folder / file).write_bytes(content + b" " if file == name else content)
    monkeypatch.setattr(page, "files", lambda _: tmp_path)
    parts = page.Parts((), (), f"<p>{name}</p>")  # of a kind that was not put together before
    with pytest.raises(InputError, match=rf"{name}: its SHA-256 is .* Install the version"):
        page.render_page({}, parts, title="a")


def test_licence_of_leaflet_goes_with_it() -> None:
    html = render_map(make_payload(), title="a")
    assert "BSD 2-Clause License" in html
    assert "(c) 2010-2023 Vladimir Agafonkin" in html


def test_siteplan_recognises_its_own_page_by_the_first_kilobyte() -> None:
    html = render_map(make_payload(), title="长" * 2000)
    assert b'<meta name="generator" content="siteplan">' in html.encode()[:1024]


@pytest.mark.parametrize(("lang", "written"), [("zh", "zh-CN"), ("en", "en"), (None, "zh-CN")])
def test_language_of_the_page_is_written_down(lang: str | None, written: str) -> None:
    assert f'<html lang="{written}">' in render_map(make_payload(lang=lang), title="a")


def test_our_scripts_write_no_markup_and_run_no_text() -> None:
    script = page.read_own_script(SCRIPTS)
    forbidden = r"(inner|outer|insertAdjacent)HTML|document\.write|DOMParser|eval\(|Function\("
    assert re.search(forbidden, script) is None


# Text written by others


@pytest.mark.parametrize("text", HOSTILE)
def test_text_comes_out_as_it_went_in(text: str) -> None:
    payload = make_payload(name=text)
    assert read_blob(render_map(payload, title="a")) == payload


@pytest.mark.parametrize("text", HOSTILE)
def test_text_leaves_everything_around_it_unchanged(text: str) -> None:
    pages = [render_map(make_payload(name=name), title="a") for name in ("a", text)]
    plain, hostile = (re.sub(r'(id="siteplan-data">).*', r"\1", html) for html in pages)
    assert hostile == plain


def test_title_cannot_leave_its_element() -> None:
    html = render_map(make_payload(), title="</title><script>alert(1)</script>{{7*7}}\ud800")
    title = "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}\ufffd"
    assert f"<title>{title}</title>" in html


def test_characters_that_a_page_cannot_carry_are_replaced() -> None:
    html = render_map(make_payload(name="a\0b\x1bc\x85d\ud800e\x7ff\b"), title="a")
    assert read_blob(html)["case"] == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffd"
    html.encode("utf-8")


def test_line_ends_and_tabs_stay() -> None:
    assert json.loads(page.encode_blob({"a": "b\n\t\r\nc"})) == {"a": "b\n\t\r\nc"}


@given(st.text())
def test_no_text_ends_the_blob_or_is_lost(text: str) -> None:
    blob = page.encode_blob({text: [text]})
    assert not set("<>&\u2028\u2029") & set(blob)
    ((key, (value,)),) = json.loads(blob).items()
    assert key == value == page.replace_unwritable(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_number_that_json_cannot_carry_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        render_map(make_payload(crs=value), title="a")
