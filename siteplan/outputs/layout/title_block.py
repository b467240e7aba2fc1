"""The paper of a drawing: its scale, its frame, its title block and its legend."""

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts import Modelspace

from siteplan.errors import Text
from siteplan.model import Evaluation, Metres, Role, Status
from siteplan.outputs.layout.cad import (
    AREAS,
    GAPS,
    LINKS,
    SITES,
    STYLE,
    SUBDISTRICTS,
    TITLE,
    DrawingLayer,
    name_block,
    show_text,
)
from siteplan.outputs.layout.target import Target
from siteplan.outputs.layout.words import entitle
from siteplan.outputs.report.words import ROLE_WORDS, STATUS_WORDS
from siteplan.outputs.results import METHODS
from siteplan.outputs.thresholds import say_status
from siteplan.outputs.webmap import list_notices

SCALES = (
    500, 1_000, 2_000, 5_000, 10_000, 25_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
)  # fmt: skip
"""Of Chinese maps and plans: a millimetre on paper stands for so many on the ground."""
MAP_MM, SUBDISTRICT_MM = (780.0, 480.0), 150.0
"""What is left of a sheet of A1 across for the map; what a subdistrict should be wide."""
MARGIN_MM, KEY_MM = 12.0, 190.0
"""Around the map; width of the legend in the block beneath it."""
LEAST_WIDTH_MM = 420.0
LINE_MM, HEAD_MM, LETTER_MM = 6.5, 6.0, 3.0
MOST_TOLD = 600  # characters of a notice
LEAST_LINES = 9  # of the legend
LETTER_WIDTH = 0.7
"""Of a letter or half a Chinese character, in heights of a capital."""
TITLE_WORDS = Text("社区综合服务中心布局规划图", "Layout plan of community service centres")
ROLES: tuple[Role | None, ...] = ("headquarters", "branch", None)


@dataclass(frozen=True, slots=True)
class Paper:
    """How a case lies on paper.

    Attributes
    ----------
    bounds
        West, south, east and north of what is drawn, in metres.
    scale
        So many metres on the ground are one on a sheet of A1, on which the whole case fits.
    detail
        The same for a sheet on which the names within a subdistrict can be read: letters and
        symbols on the map have their size there.
    """

    bounds: tuple[float, float, float, float]
    scale: int
    detail: int

    @property
    def sheet_m_per_mm(self) -> float:
        """What a millimetre of the sheet of A1 stands for."""
        return self.scale / 1000

    @property
    def metres_per_mm(self) -> float:
        """What a millimetre stands for where letters and symbols on the map are measured."""
        return self.detail / 1000


def choose_paper(bounds: Metres, area_m2: Metres) -> Paper:
    """Return the largest usual scales at which a case, and half of its subdistricts, are drawn.

    Parameters
    ----------
    bounds
        West, south, east and north of what is drawn, in metres.
    area_m2
        Of each subdistrict; at least one.

    Examples
    --------
    >>> import numpy as np
    >>> city = choose_paper(np.array([0.0, 0.0, 9_000.0, 3_000.0]), np.array([1e6, 1e6]))
    >>> city.scale, city.detail
    (25000, 10000)
    """
    west, south, east, north = bounds.tolist()
    needed = 1000 * max((east - west) / MAP_MM[0], (north - south) / MAP_MM[1])
    scale = next((scale for scale in SCALES if scale >= needed), SCALES[-1])
    wanted = 1000 * math.sqrt(float(np.median(area_m2))) / SUBDISTRICT_MM
    detail = next((one for one in SCALES if one >= wanted), SCALES[-1])
    return Paper((west, south, east, north), scale, min(scale, detail))


def draw_title_block(
    space: Modelspace,
    evaluation: Evaluation,
    paper: Paper,
    target: Target,
    fallen_back: Target | None,
) -> tuple[float, float, float, float]:
    """Draw a frame around the map and a title block beneath it; return the frame.

    Parameters
    ----------
    space
        Where to draw.
    evaluation
        Whose case, date, standard and notices the block names.
    paper
        Where the map lies.
    target
        The CRS of the drawing.
    fallen_back
        The CRS that was asked for, if the drawing cannot be made in it.
    """
    unit = paper.sheet_m_per_mm
    west, south, east, north = paper.bounds
    spare = max(0.0, LEAST_WIDTH_MM * unit - (east - west)) / 2
    margin = MARGIN_MM * unit
    left, right = west - margin - spare, east + margin + spare
    most = ((right - left) / unit - KEY_MM - 12) / (LETTER_MM * LETTER_WIDTH)
    texts = [
        part
        for line in _list_lines(evaluation, paper, target, fallen_back)
        for part in _lay_out(line, most)
    ]
    height = max(LEAST_LINES, len(texts)) * LINE_MM + 18
    bottom, top = south - margin - height * unit, north + margin
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    lines = {
        "frame": corners,
        "block": [(left, south - margin), (right, south - margin)],
        "key": [(right - KEY_MM * unit, bottom), (right - KEY_MM * unit, south - margin)],
    }
    for name, points in lines.items():
        space.add_lwpolyline(
            [(round(x, 3), round(y, 3)) for x, y in points],
            close=name == "frame",
            dxfattribs={"layer": TITLE.name},
        )
    x, y = left + 6 * unit, south - margin - 10 * unit
    head = next(_break_line(_say_title(evaluation), most * LETTER_MM / HEAD_MM))
    _write(space, TITLE, head, (x, y), HEAD_MM * unit)
    for text in texts:
        y -= LINE_MM * unit
        _write(space, TITLE, text, (x, y), LETTER_MM * unit)
    _draw_key(space, (right - (KEY_MM - 6) * unit, south - margin - 10 * unit), paper)
    return left, bottom, right, top


def _say_title(evaluation: Evaluation) -> str:
    title = entitle(TITLE_WORDS, evaluation).zh
    return f"{show_text(title)}  {show_text(evaluation.case.name)}"


def _list_lines(
    evaluation: Evaluation, paper: Paper, target: Target, fallen_back: Target | None
) -> list[Text]:
    case, standard = evaluation.case, evaluation.case.standard
    radius = standard.thresholds.get("service_radius")
    lines = [
        Text(f"坐标系 {target.crs}  {target.datum.zh}  单位：米", f"CRS {target.name}, in metres"),
        Text(f"比例 1:{paper.scale:,}（A1）", f"scale 1:{paper.scale:,} on A1"),
        Text(f"设置标准 {standard.id}", f"standard {standard.id}"),
        METHODS[evaluation.method],
        Text(f"程序 siteplan {version('siteplan')}", ""),
    ]
    if fallen_back is not None:
        said = Text(
            f"所要求的 {fallen_back.crs} 不以米为单位，CAD 图改用工作坐标系 {target.crs}",
            f"{fallen_back.crs} was asked for; a drawing needs metres, so it is in {target.crs}",
        )
        lines.insert(1, said)
    if case.date is not None:
        day = case.date.isoformat()
        lines.insert(0, Text(f"评判日期 {day}", f"judged for {day}"))
    if radius is not None:
        status = say_status(radius.status)
        lines.insert(
            -1,
            Text(
                f"服务半径 {radius.number:g} 米（{status.zh}）",
                f"service radius {radius.number:g} m ({status.en})",
            ),
        )
    lines += list_notices(evaluation)
    return lines


def _lay_out(text: Text, most: float) -> Iterator[str]:
    """Yield both languages in one line if they fit, else one after the other."""
    zh, en = show_text(text.zh, MOST_TOLD), show_text(text.en, MOST_TOLD)
    both = f"{zh}  {en}" if en else zh
    if count_letters(both) <= most:
        yield both
    else:
        yield from _break_line(zh, most)
        yield from _break_line(en, most)


def count_letters(text: str) -> int:
    """Return how many letters a text is as wide as; Chinese ones count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _break_line(text: str, most: float) -> Iterator[str]:
    """Yield a text in parts that are no wider than so many letters, broken at blanks if possible.

    Examples
    --------
    >>> list(_break_line("街道 abc def", 10)), list(_break_line("街道街道", 5))
    (['街道 abc', 'def'], ['街道', '街道'])
    """
    while count_letters(text) > most:
        fits = len(text)
        while fits > 1 and count_letters(text[:fits]) > most:
            fits -= 1
        blank = text.rfind(" ", 0, fits + 1)
        cut = blank if blank > fits / 2 else fits
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def _draw_key(space: Modelspace, place: tuple[float, float], paper: Paper) -> None:
    """Draw the legend: a sample of each kind of line, and of each symbol.

    They stand on the layer of the title block, so that no other layer holds what is not on the map.
    """
    unit, grown = paper.sheet_m_per_mm, paper.scale / paper.detail
    x, y = place
    _write(space, TITLE, "图例  Legend", (x, y), LETTER_MM * 1.3 * unit)
    for layer in (SUBDISTRICTS, AREAS, LINKS, GAPS):
        y -= LINE_MM * unit
        line = [(round(x + mm * unit, 3), round(y + unit, 3)) for mm in (0.0, 16.0)]
        looks = {"color": layer.colour, "linetype": layer.line, "lineweight": layer.weight}
        attributes = {"layer": TITLE.name, "ltscale": grown, **looks}
        space.add_lwpolyline(line, dxfattribs=attributes)
        told = f"{layer.title.zh} {layer.title.en}"
        _write(space, TITLE, told, (x + 20 * unit, y), LETTER_MM * unit)
    column = 92 * unit
    y = place[1]
    statuses: tuple[Status, ...] = ("existing", "proposed", "candidate")
    for role in ROLES:
        for status in statuses:
            y -= LINE_MM * unit
            where = (round(x + column, 3), round(y + unit, 3))
            sizes = {"xscale": grown, "yscale": grown, "zscale": grown}
            attributes = {"layer": TITLE.name, "color": SITES[status].colour, **sizes}
            space.add_blockref(name_block(role, status), where, dxfattribs=attributes)
            words = (STATUS_WORDS[status], ROLE_WORDS[role])
            told = f"{words[0].zh}{words[1].zh} {words[0].en} {words[1].en}"
            _write(space, TITLE, told, (x + column + 5 * unit, y), LETTER_MM * unit)


def _write(
    space: Modelspace, layer: DrawingLayer, text: str, place: tuple[float, float], height: float
) -> None:
    attributes = {"layer": layer.name, "style": STYLE}
    entry = space.add_text(text, height=height, dxfattribs=attributes)
    entry.set_placement((round(place[0], 3), round(place[1], 3)), align=TextEntityAlignment.LEFT)
