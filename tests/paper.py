"""What several tests of printed pages share: their text, and lengths measured on their image."""

import io
import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pypdf
import pytest
from PIL import Image

from siteplan.errors import InputError
from siteplan.outputs.layout.typesetting import find_font, load_fonts

INK = (0x22, 0x30, 0x3A)
MM_PER_INCH = 25.4
Pixels = npt.NDArray[np.bool_]


def require_font() -> None:
    """Skip the test where pages cannot be typeset, saying why."""
    try:
        find_font(load_fonts().families())
    except InputError as error:
        pytest.skip(str(error))


def open_pdf(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content), strict=True)


def squeeze(text: str) -> str:
    """Return text without what lines and fonts change: spaces, and marks that nobody sees."""
    visible = (one for one in text if unicodedata.category(one) not in {"Cf", "Zs", "Zl", "Zp"})
    return unicodedata.normalize("NFC", re.sub(r"\s", "", "".join(visible)))


def read_words(content: bytes) -> str:
    """Return the text of all pages, squeezed."""
    return squeeze("".join(page.extract_text() for page in open_pdf(content).pages))


def find_ink(jpg: bytes) -> Pixels:
    """Return which pixels have the colour of outlines and bars, shape (rows, columns)."""
    with Image.open(io.BytesIO(jpg)) as image:
        pixels = np.asarray(image.convert("RGB"), dtype=np.int16)
    near: Pixels = (np.abs(pixels - np.array(INK, dtype=np.int16)) < 30).all(axis=2)
    return near


def find_runs(row: Pixels, least: int) -> list[tuple[int, int]]:
    """Return where runs of a row that are long enough begin and end."""
    edges = np.flatnonzero(np.diff(np.r_[0, row.astype(np.int8), 0]))
    runs = edges.reshape(-1, 2).tolist()
    return [(start, end) for start, end in runs if end - start >= least]


HOSTILE = (
    '#eval("1")',
    '#import "@preview/x:0.1.0": *',
    '#include "/etc/passwd"',
    '#read("/etc/passwd")',
    '#image("/etc/passwd")',
    "#set page(width: 1pt)",
    "#panic()",
    "#let x = 1",
    "#{7*7}",
    "#(7*7)",
    "#x.y",
    "##",
    "$x$",
    "$ sum_(i=0)^n $",
    "*b*",
    "_i_",
    "**b** __i__",
    "`raw`",
    "```py raw```",
    "= heading",
    "== two",
    "- list",
    "+ list",
    "1. list",
    "/ term: meaning",
    "@label",
    "<label>",
    "https://host.example/a",
    "//comment",
    "/* comment */",
    "\\",
    "\\\\",
    "\\n \\u{41}",
    '"',
    "'quoted' \"quoted\"",
    "[content]",
    "]]} )",
    "{code}",
    "~",
    "-- --- ...",
    "a\0b",
    "a\nb\tc",
    "\u202eturned\u202c",
    "\u2066isolate\u2069",
    "\u200fmark\u200e",
    "אבג",
    "<img src=x onerror=alert(1)>",
    "</svg><script>alert(1)</script>",
    "{{7*7}} ${7*7} %s &lt; &amp;",
    "]]><![CDATA[x",
)
"""Names that would be markup, code or another direction wherever they are not only shown."""
