"""One HTML file with a map in it that works without the internet: what all our pages share.

Leaflet is inlined from the installed package, and our own scripts fill the page. Text from files is
never part of the markup: it goes into one JSON blob, added last, which the page reads as text. What
that blob holds is described at the top of `web/words.js` and `web/form-words.js`.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib.metadata import distribution
from importlib.resources import files
from typing import NoReturn

from siteplan.errors import Defect, InputError, Text

WEB = files("siteplan") / "outputs" / "web"
LEAFLET_PACKAGE = "django-js-lib-leaflet"
LEAFLET_SHA256: Mapping[str, str] = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
}
"""Leaflet 1.9.4 as released: a package that was changed must not run in a bureau's browser."""

POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src {images}; "
    "base-uri 'none'; form-action 'none'"
)
LANGUAGES = {"zh": "zh-CN", "en": "en"}
UNWRITABLE = re.compile("[\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
JSON_ESCAPE = re.compile(r'\\(?:(["\\nrt])|[bf]|u00[01][0-9a-f])')
REMOTE_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)
LOADING_ATTRIBUTES = frozenset({"action", "background", "data", "href", "poster", "src", "srcset"})

HEAD = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="generator" content="siteplan">{kind}
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
"""
TITLE = "<title>{title}</title>\n"
KIND = '\n<meta name="siteplan-page" content="{kind}">'
STYLES = """<link rel="icon" href="data:,">
<!--
Leaflet
{licence}
-->
<style>
{leaflet}
</style>
{head}
<style>
{ours}
</style>
"""
BODY = """</head>
<body>
<noscript><p>此页需要启用 JavaScript。 This page needs JavaScript.</p></noscript>
{body}
"""


@dataclass(frozen=True, slots=True)
class Parts:
    """What makes one kind of page.

    Attributes
    ----------
    styles, scripts
        Files of `web/` in the order in which they count; the scripts are one in the page.
    body
        Markup that our script fills; no text from a file.
    head
        Further markup of the head.
    start
        A script that runs before ours.
    kind
        Written into the head, so that siteplan knows its page again.
    images
        The one host the page may ask for images; empty where it asks nobody.
    """

    styles: tuple[str, ...]
    scripts: tuple[str, ...]
    body: str
    head: str = ""
    start: str = ""
    kind: str = ""
    images: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """A page without what it shows: the same for all pages of a kind.

    Attributes
    ----------
    policy
        What the browser may run and load.
    start, end
        What stands before and after the blob.
    """

    policy: str
    start: str
    end: str


def render_page(payload: Mapping[str, object], parts: Parts, *, title: str) -> str:
    """Write one HTML file; the same payload gives the same bytes.

    Parameters
    ----------
    payload
        What JSON can hold, as the page's scripts describe it; `lang` is `zh`, `en`, or None where
        the reader's browser decides.
    parts
        Of the kind of page.
    title
        Of the window.

    Returns
    -------
    str
        A page that loads nothing; to be written as UTF-8 with its line ends unchanged.

    Raises
    ------
    InputError
        If the installed Leaflet or folium are not those siteplan was written for.
    ValueError
        If the payload holds a NaN or an infinity.
    """
    shell = _build_shell(parts)
    lang = LANGUAGES.get(str(payload.get("lang")), "zh-CN")
    kind = KIND.format(kind=parts.kind) if parts.kind else ""
    head = HEAD.format(lang=lang, kind=kind, policy=shell.policy)
    named = TITLE.format(title=html.escape(replace_unwritable(title)))
    blob = f'<script type="application/json" id="siteplan-data">{encode_blob(payload)}</script>\n'
    return head + named + shell.start + blob + shell.end


def render_document(
    body: str, *, styles: Sequence[str], head: str = "", script: str = "", lang: str, title: str
) -> str:
    """Write one HTML file without a map to move: what is printed.

    Parameters
    ----------
    body
        Markup in which every text from a file is escaped already.
    styles
        Files of `web/` in the order in which they count.
    head
        Further markup of the head.
    script
        One that runs at the end; what it needs to be readable without one.
    lang
        `zh` or `en`.
    title
        Of the window.

    Raises
    ------
    InputError
        If the page would load anything.
    """
    ours = "\n".join(_read_web(name) for name in styles)
    ending = f"<script>{script}</script>\n" if script else ""
    rest = (
        f'<link rel="icon" href="data:,">\n<style>\n{ours}\n</style>\n{head}</head>\n'
        f"<body>\n{body}\n{ending}</body>\n</html>\n"
    )
    contents = read_contents(rest)
    refuse_remote(contents)
    hashes = " ".join(hash_script(one) for one in contents.scripts) or "'none'"
    policy = POLICY.format(scripts=hashes, images="data:")
    start = HEAD.format(lang=LANGUAGES.get(lang, "zh-CN"), kind="", policy=policy)
    return start + TITLE.format(title=html.escape(replace_unwritable(title))) + rest


@cache
def _build_shell(parts: Parts) -> Shell:
    """Put together what all pages of a kind share; neither blob nor title can hold a tag."""
    styles = STYLES.format(
        licence=read_leaflet_licence(),
        leaflet=read_leaflet_style(),
        head=parts.head,
        ours="\n".join(_read_web(name) for name in parts.styles),
    )
    start = f"{styles}<script>\n{read_leaflet_script()}\n</script>\n{BODY.format(body=parts.body)}"
    scripts = [script for script in (parts.start, read_own_script(parts.scripts)) if script]
    end = "".join(f"<script>\n{script}\n</script>\n" for script in scripts)
    end += "</body>\n</html>\n"
    contents = read_contents(start + end)
    refuse_remote(contents)
    hashes = " ".join(hash_script(script) for script in contents.scripts)
    images = " ".join(filter(None, ("data:", parts.images)))
    return Shell(POLICY.format(scripts=hashes, images=images), start, end)


def encode_blob(payload: Mapping[str, object]) -> str:
    r"""Write JSON that can stand inside a script element whatever text it holds.

    Control characters and lone surrogates, which HTML or UTF-8 cannot carry, become U+FFFD.

    Raises
    ------
    ValueError
        If the payload holds a NaN or an infinity, which JSON cannot carry.

    Examples
    --------
    >>> print(encode_blob({"name": "</script>"}))
    {"name":"\u003c/script\u003e"}
    """
    text = json.dumps(dict(payload), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = JSON_ESCAPE.sub(lambda match: match[0] if match[1] else "\ufffd", text)
    text = replace_unwritable(text)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def replace_unwritable(text: str) -> str:
    r"""Replace what HTML or UTF-8 cannot carry by U+FFFD; tabs and line ends stay.

    Examples
    --------
    >>> replace_unwritable("a\x85b\ud800c")
    'a�b�c'
    """
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "\ufffd", text)
    return UNWRITABLE.sub("\ufffd", text)


def read_own_script(names: Iterable[str]) -> str:
    """Return files of `web/` as one script, whose names stay its own."""
    parts = "\n".join(_read_web(name) for name in names)
    return f'(() => {{\n"use strict";\n{parts}\n}})();'


def read_leaflet_script() -> str:
    """Return Leaflet's script, without the pointer to a source map that is not there."""
    return re.sub(r"//# sourceMappingURL=.*", "", _read_leaflet("leaflet.js")).strip()


def read_leaflet_style() -> str:
    """Return Leaflet's style sheet, without the pictures of controls the page does not use."""
    style = _read_leaflet("leaflet.css").replace("\r\n", "\n")
    return re.sub(r"url\(images/[^)]*\)", "none", style).strip()


def read_leaflet_licence() -> str:
    """Return the licence that must go wherever Leaflet goes.

    Raises
    ------
    InputError
        If the installed package does not hold it.
    """
    licence = distribution(LEAFLET_PACKAGE).read_text("LICENSE")
    if not licence or "--" in licence:
        problem = Text("没有可写入网页的许可证", "has no licence that can be written into the page")
        _refuse(LEAFLET_PACKAGE, problem)
    return licence.replace("\r\n", "\n").strip()


@dataclass(frozen=True, slots=True)
class Contents:
    """What a page runs and what it would load.

    Attributes
    ----------
    scripts
        Text of each script that runs, in order.
    styles
        Text of each style sheet.
    addresses
        Of everything the markup names, in order.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    addresses: tuple[str, ...]


def read_contents(page: str) -> Contents:
    """Take a page apart the way a browser does."""
    reader = _PageReader()
    reader.feed(page)
    reader.close()
    return Contents(
        tuple(text for kind, text in reader.texts if kind == "script"),
        tuple(text for kind, text in reader.texts if kind == "style"),
        tuple(reader.addresses),
    )


def refuse_remote(contents: Contents) -> None:
    """Make sure that a page loads nothing: a closed intranet would show it blank.

    Raises
    ------
    InputError
        With the first address it would load.
    """
    found = [address for address in contents.addresses if not address.startswith(("data:", "#"))]
    for style in contents.styles:
        found += [style[match.start() :][:80] for match in REMOTE_STYLE.finditer(style)]
    if found:
        _refuse("folium", Text(f"网页会加载 {found[0]}", f"the page would load {found[0]}"))


def hash_script(script: str) -> str:
    """Return the source expression that lets a content security policy run just this script.

    Examples
    --------
    >>> hash_script("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


class _PageReader(HTMLParser):
    """Collects scripts, styles and addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.addresses: list[str] = []
        self._kind = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.addresses += [values[name] or "" for name in values if name in LOADING_ATTRIBUTES]
        if tag == "style" or (tag == "script" and "type" not in values):
            self._kind = tag
            self.texts.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._kind:
            self._kind = ""

    def handle_data(self, data: str) -> None:
        if self._kind:
            kind, text = self.texts[-1]
            self.texts[-1] = (kind, text + data)


def _read_web(name: str) -> str:
    return (WEB / name).read_text("utf-8").replace("\r\n", "\n").strip()


def _read_leaflet(name: str) -> str:
    content = (files("js_lib_leaflet") / "static" / "js_lib_leaflet" / name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != LEAFLET_SHA256[name]:
        problem = Text(
            f"SHA-256 为 {digest}，不是 {LEAFLET_SHA256[name]}",
            f"its SHA-256 is {digest}, not {LEAFLET_SHA256[name]}",
        )
        _refuse(f"{LEAFLET_PACKAGE} {name}", problem)
    return content.decode("utf-8")


def _refuse(package: str, problem: Text) -> NoReturn:
    remedy = Text(
        "请重新安装 siteplan 要求的版本", "Install the version that siteplan asks for again"
    )
    raise InputError(Defect(package, problem, remedy))
