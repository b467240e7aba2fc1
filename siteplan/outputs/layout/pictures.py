"""Drawings of our pages as pictures that stand by themselves, as a typeset page takes them."""

from siteplan.errors import Language, Text
from siteplan.model import Verdict
from siteplan.outputs.paper.svg import draw_picture
from siteplan.outputs.paper.symbols import draw_symbols, refer_to_verdict

Picture = str
"""SVG: made by us, with text from files escaped in it."""
Printed = Language | None
"""The language of a printed page; None prints both, Chinese first."""

SVG = '<svg xmlns="http://www.w3.org/2000/svg"'
ICON = 24.0
VERDICTS: tuple[Verdict, ...] = ("pass", "warn", "fail", "unknown", "na")


def let_stand(picture: Picture, lang: Printed, font: str) -> Picture:
    """Return a drawing of a page with all that it refers to there, in one language.

    Parameters
    ----------
    picture
        As it stands in a page.
    lang
        A map in both languages would need room for every name twice: it is Chinese then.
    font
        Of its letters.
    """
    hidden: Language = "zh" if lang == "en" else "en"
    symbols = draw_symbols()
    defs = symbols[symbols.index("<defs>") : symbols.rindex("</svg>")]
    start, end = picture.split(">", 1)
    style = f"<style>[lang={hidden}]{{display:none}}svg{{font-family:'{font}'}}</style>"
    return f"{start.replace('<svg', SVG, 1)}>{style}{defs}{end}"


def draw_verdicts() -> dict[str, Picture]:
    """Return the symbol of each verdict, by the name `verdict-…`."""
    return {
        f"verdict-{one}": let_stand(
            draw_picture(ICON, ICON, refer_to_verdict(one, ICON), label=Text("", ""), kind="icon"),
            "zh",
            "sans-serif",
        )
        for one in VERDICTS
    }
