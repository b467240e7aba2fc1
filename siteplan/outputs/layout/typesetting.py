"""Pages typeset by Typst: PDF, and the same page as an image.

A template is one of our own files; whatever it shows reaches it as JSON, never as markup. Nothing
is fetched and no file is read: a template imports no package, and the fonts are the system's.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import typst

from siteplan.errors import Defect, InputError, Text, join_names, shorten
from siteplan.files import hash_file
from siteplan.model import Case
from siteplan.outputs.layout.moment import find_file_time
from siteplan.outputs.layout.pictures import Picture, Printed, draw_verdicts
from siteplan.outputs.layout.words import MOST_NAME
from siteplan.outputs.paper.symbols import VERDICT_COLOURS

FONT_FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "思源黑体",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "Heiti SC", "SimHei", "DengXian",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Serif CJK SC", "Source Han Serif SC",
    "SimSun", "Songti SC",
)  # fmt: skip
"""Fonts with all simplified characters, the best first: of Linux, Windows and macOS."""
TEMPLATES = files("siteplan") / "outputs" / "layout"
COMMON, DOCUMENT = "common.typ", "document.typ"
UNSHOWN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of all that follows them, the words of others included."""
SPACES = re.compile(r"[\t\n\v\f\r\u2028\u2029]+")


@cache
def load_fonts() -> typst.Fonts:
    """Return the fonts of the system, found once."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)


def list_fonts() -> list[dict[str, str]]:
    """Return the files of the font that pages are set in, each with its SHA-256.

    Raises
    ------
    InputError
        If there is no font with Chinese characters.
    """
    fonts = load_fonts()
    family = find_font(fonts.families())
    paths = {Path(one.path) for one in fonts.fonts() if one.family == family and one.path}
    return [
        {"family": family, "file": path.name, "sha256": hash_file(path)} for path in sorted(paths)
    ]


def find_font(families: Sequence[str]) -> str:
    """Return the best font for Chinese among some.

    Parameters
    ----------
    families
        Names of the fonts there are.

    Raises
    ------
    InputError
        If none of them is known to have Chinese characters.

    Examples
    --------
    >>> find_font(["Arial", "SimSun", "Noto Sans CJK SC"])
    'Noto Sans CJK SC'
    """
    known = set(families)
    font = next((name for name in FONT_FAMILIES if name in known), None)
    if font is None:
        listed = join_names(FONT_FAMILIES)
        problem = Text(
            f"本机没有中文字体（如 {listed.zh}），无法排印图纸和报告",
            f"this computer has no font with Chinese characters ({listed.en}), so plates and"
            " reports cannot be typeset",
        )
        remedy = Text(
            "请安装字体后重试：Debian、Ubuntu 执行 sudo apt install fonts-noto-cjk；Windows 在"
            "“设置 → 时间和语言 → 语言”中添加中文；macOS 自带苹方，可在“字体册”中启用",
            "Install one and try again: on Debian or Ubuntu run sudo apt install fonts-noto-cjk; on"
            " Windows add Chinese under Settings → Time & language → Language; macOS has PingFang,"
            " which Font Book can enable",
        )
        raise InputError(Defect("", problem, remedy))
    return font


def tidy_text(text: str) -> str:
    r"""Return text from a file as it can stand in a line of print.

    What no font can show becomes U+FFFD, and so do marks that would turn the words around it; ends
    of lines become spaces. All else stays as it was typed.

    Examples
    --------
    >>> tidy_text("a\0b\n#c\u202e")
    'a�b #c�'
    """
    return SPACES.sub(" ", TURNING.sub("\ufffd", UNSHOWN.sub("\ufffd", text)))


def prepare(value: object) -> object:
    """Return for JSON what a template shows: texts in both languages, every text tidied.

    Parameters
    ----------
    value
        Text, `Text`, a number, None, or a list, tuple or mapping of them.

    Raises
    ------
    TypeError
        If it is anything else: every figure is written out before it gets here.
    """
    if isinstance(value, Text):
        return {"zh": tidy_text(value.zh), "en": tidy_text(value.en)}
    if isinstance(value, str):
        return tidy_text(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return {str(key): prepare(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [prepare(one) for one in value]
    problem = f"{value!r} cannot be shown"
    raise TypeError(problem)


@dataclass(frozen=True, slots=True)
class Press:
    """What all pages of a case are printed with.

    Attributes
    ----------
    lang
        In which language; None prints both.
    font
        The family.
    made
        When its files are said to be made.
    dated
        Whether that is the day the case is judged for.
    """

    lang: Printed
    font: str
    made: datetime
    dated: bool

    def typeset(
        self, template: str, data: Mapping[str, object], pictures: Mapping[str, Picture]
    ) -> "Sheets":
        """Return pages to be written as PDF or as an image.

        Parameters
        ----------
        template
            A file of ours.
        data
            As `prepare` takes it.
        pictures
            Drawings by name.
        """
        day = self.made if self.dated else None
        inputs = {
            "data": json.dumps(prepare(data), ensure_ascii=False, allow_nan=False),
            "pictures": json.dumps({**draw_verdicts(), **pictures}, ensure_ascii=False),
            "lang": self.lang or "both",
            "font": self.font,
            "day": "" if day is None else day.date().isoformat(),
            "colours": json.dumps(dict(VERDICT_COLOURS)),
        }
        source = "\n".join(
            (TEMPLATES / name).read_text(encoding="utf-8") for name in (COMMON, template)
        )
        return Sheets(
            source.encode(),
            typst.Compiler(font_paths=load_fonts(), ignore_system_fonts=True, sys_inputs=inputs),
            self.made,
        )


@dataclass(frozen=True, slots=True)
class Sheets:
    """Pages that are laid out."""

    source: bytes
    compiler: typst.Compiler
    made: datetime

    def write_pdf(self) -> bytes:
        """Return them as PDF: the same pages give the same bytes."""
        return _join(self.compiler.compile(self.source, format="pdf", timestamp=self.made))

    def draw(self, dots_per_inch: int) -> bytes:
        """Return the only page as PNG."""
        return _join(self.compiler.compile(self.source, format="png", ppi=dots_per_inch))


def _join(output: bytes | list[bytes] | None) -> bytes:
    """Return the one file that was made."""
    if not isinstance(output, bytes):
        problem = f"one file was asked for, not {output and len(output)}"
        raise TypeError(problem)
    return output


def make_press(case: Case, lang: Printed) -> Press:
    """Return what the pages of a case are printed with.

    Raises
    ------
    InputError
        If there is no font with Chinese characters.
    """
    font = find_font(load_fonts().families())
    return Press(lang, font, find_file_time(case), case.date is not None)


def print_document(
    case: Case, title: Text, blocks: Sequence[Mapping[str, object]], lang: Printed
) -> bytes:
    """Return a document of several pages as PDF: the same blocks give the same bytes.

    Parameters
    ----------
    case
        Whose name and day it bears.
    title
        Of the document.
    blocks
        What it says, in order.
    lang
        Language; None prints both.

    Raises
    ------
    InputError
        If there is no font with Chinese characters.
    """
    data = {
        "case": shorten(case.name, 2 * MOST_NAME),
        "title": title,
        "program": f"siteplan {version('siteplan')}",
        "blocks": blocks,
    }
    return make_press(case, lang).typeset(DOCUMENT, data, {}).write_pdf()
