r"""A DXF document to draw in: its layers, line types, letters and blocks, and its bytes.

Format R2010: its text is UTF-8, so that Chinese names stay as they are. The letters are those of
SimSun, which every Windows has; where it is missing, programs take another font with Chinese, which
they do not for a font of strokes (SHX).
"""

import hashlib
import io
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import ezdxf
from ezdxf import units
from ezdxf.document import Drawing
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts import BlockLayout
from ezdxf.tools.juliandate import juliandate

from siteplan.errors import Text, shorten
from siteplan.files import clean_text
from siteplan.model import Role, Status

FORMAT = "R2010"
FONT_FILE, FONT_FAMILY = "simsun.ttc", "SimSun"
STYLE = APPLICATION = "SITEPLAN"
"""Name of the text style, and under which further data stand beside an entity."""
BOUNDARY, DASHED = "SITEPLAN_BOUNDARY", "SITEPLAN_DASHED"
MOST_LETTERS = 120
"""Of a name in the drawing; an entity may hold 250 characters."""
TWINS = str.maketrans({"\\": "＼", "^": "＾"})
PERCENTS = re.compile("%{2,}")
TIMES = re.compile(r"(\$TDU?(?:CREATE|UPDATE)\n 40\n)[^\n]*")
GUIDS = re.compile(r"(\$(?:FINGERPRINT|VERSION)GUID\n  2\n)[^\n]*")
HAIRLINE, THIN, MEDIUM, THICK = 13, 25, 35, 50  # hundredths of a millimetre
RED, CYAN, BLUE, MAGENTA, BLACK, ORANGE, PALE_RED, VIOLET = 1, 4, 5, 6, 7, 30, 11, 200
"""Colours by their number, which tables of pens refer to; 7 is black on paper."""


@dataclass(frozen=True, slots=True)
class DrawingLayer:
    """A layer of the drawing.

    Attributes
    ----------
    name
        ASCII: older programs take nothing else for the name of a layer.
    title
        Its description, which tells Chinese readers what it holds.
    colour
        Number of its colour.
    weight
        Of its lines, in hundredths of a millimetre.
    line
        Its type of line.
    """

    name: str
    title: Text
    colour: int
    weight: int = THIN
    line: str = "Continuous"


GAP_FILL = DrawingLayer("SITEPLAN_GAP_FILL", Text("覆盖盲区填充", "gaps, hatched"), PALE_RED,
                        HAIRLINE)  # fmt: skip
GAPS = DrawingLayer("SITEPLAN_GAPS", Text("覆盖盲区", "gaps"), RED)
GAP_NAMES = DrawingLayer("SITEPLAN_GAP_NAMES", Text("盲区人口", "residents of gaps"), RED)
AREAS = DrawingLayer(
    "SITEPLAN_SERVICE_AREAS", Text("服务范围", "service areas"), CYAN, HAIRLINE, DASHED
)
SUBDISTRICTS = DrawingLayer(
    "SITEPLAN_SUBDISTRICTS", Text("街道界线", "subdistricts"), BLACK, THICK, BOUNDARY
)
SUBDISTRICT_NAMES = DrawingLayer(
    "SITEPLAN_SUBDISTRICT_NAMES", Text("街道名称", "names of subdistricts"), BLACK
)
LINKS = DrawingLayer("SITEPLAN_LINKS", Text("服务网络", "service network"), MAGENTA, MEDIUM)
SITES: dict[Status, DrawingLayer] = {
    "existing": DrawingLayer("SITEPLAN_SITES_EXISTING", Text("现有场地", "existing sites"), BLUE),
    "proposed": DrawingLayer("SITEPLAN_SITES_PROPOSED", Text("拟建场地", "proposed sites"), ORANGE),
    "candidate": DrawingLayer(
        "SITEPLAN_SITES_CANDIDATE", Text("备选场地", "candidate sites"), VIOLET
    ),
}
SITE_NAMES = DrawingLayer("SITEPLAN_SITE_NAMES", Text("场地名称", "names of sites"), BLACK)
TITLE = DrawingLayer("SITEPLAN_TITLE", Text("图签和图例", "title block and legend"), BLACK)
DRAWING_LAYERS = (
    GAP_FILL, GAPS, GAP_NAMES, AREAS, SUBDISTRICTS, SUBDISTRICT_NAMES, LINKS, *SITES.values(),
    SITE_NAMES, TITLE,
)  # fmt: skip

SYMBOL_MM, NAME_MM = 2.0, 2.2
"""Half the size of a headquarters, and the height of a site's name, on paper."""
ATTRIBUTES = {
    "ID": Text("编号", "id"),
    "NAME": Text("名称", "name"),
    "ROLE": Text("角色", "role"),
    "STATUS": Text("状态", "status"),
    "SUBDISTRICT": Text("街道", "subdistrict"),
}
"""Of a site's block, and what a program asks for; only the name is shown."""


def make_document(metres_per_mm: float) -> Drawing:
    """Return a document without a drawing, in metres.

    Parameters
    ----------
    metres_per_mm
        What a millimetre of the paper stands for.
    """
    with _fix_metadata():
        document = ezdxf.new(FORMAT, units=units.M)
    document.header["$LASTSAVEDBY"] = APPLICATION.lower()
    document.appids.add(APPLICATION)
    style = document.styles.add(STYLE, font=FONT_FILE)
    style.set_extended_font_data(FONT_FAMILY)
    for name, dashes, told in (
        (BOUNDARY, (8.0, -1.5, 0.0, -1.5), "__ . __ . __"),
        (DASHED, (3.0, -1.5), "__ __ __"),
    ):
        lengths = [one * metres_per_mm for one in dashes]
        pattern = [sum(map(abs, lengths)), *lengths]
        document.linetypes.add(name, pattern=pattern, description=told)
    for layer in DRAWING_LAYERS:
        entry = document.layers.add(
            layer.name, color=layer.colour, linetype=layer.line, lineweight=layer.weight
        )
        entry.description = f"{layer.title.zh} {layer.title.en}"
    for role in ("headquarters", "branch", None):
        for status in SITES:
            _define_site(document, role, status, metres_per_mm)
    return document


def name_block(role: Role | None, status: Status) -> str:
    """Return the name of the block that draws a site.

    Examples
    --------
    >>> name_block("branch", "existing"), name_block(None, "candidate")
    ('SITEPLAN_BRANCH_EXISTING', 'SITEPLAN_SINGLE_CANDIDATE')
    """
    return f"SITEPLAN_{role or 'single'}_{status}".upper()


def _define_site(
    document: Drawing, role: Role | None, status: Status, metres_per_mm: float
) -> None:
    """Define a site's block as maps draw it: the shape tells the role, filled means existing."""
    block = document.blocks.new(name_block(role, status))
    size = SYMBOL_MM * metres_per_mm
    if role == "branch":
        size *= 0.65
    if status == "candidate":
        _draw_ring(block, [(size, 0), (0, size), (-size, 0), (0, -size)])
    elif role is None:
        side = 0.8 * size
        corners = [(side, side), (-side, side), (-side, -side), (side, -side)]
        _draw_ring(block, corners, filled=status == "existing")
    else:
        _draw_disc(block, size, filled=status == "existing")
    if role == "headquarters":  # a second ring, as maps mark the seat of an office
        _draw_disc(block, 1.4 * size, filled=False)
    height = NAME_MM * metres_per_mm
    for tag, asked in ATTRIBUTES.items():
        shown = tag == "NAME"
        entry = block.add_attdef(
            tag,
            text="",
            height=height,
            dxfattribs={
                "layer": SITE_NAMES.name,
                "style": STYLE,
                "prompt": f"{asked.zh} {asked.en}",
            },
        )
        entry.set_placement(place_attribute(tag, metres_per_mm), align=TextEntityAlignment.LEFT)
        entry.is_invisible = not shown


def place_attribute(tag: str, metres_per_mm: float) -> tuple[float, float]:
    """Return where an attribute stands beside its site; the invisible ones in lines beneath."""
    line = list(ATTRIBUTES).index(tag) - list(ATTRIBUTES).index("NAME")
    beside = (1.4 * SYMBOL_MM + 0.8) * metres_per_mm
    return beside, -(0.5 + 1.5 * line) * NAME_MM * metres_per_mm


def _draw_ring(
    block: BlockLayout, corners: list[tuple[float, float]], *, filled: bool = False
) -> None:
    if filled:
        block.add_hatch(color=0).paths.add_polyline_path(corners)
    block.add_lwpolyline(corners, close=True, dxfattribs={"color": 0})


def _draw_disc(block: BlockLayout, radius: float, *, filled: bool) -> None:
    if filled:
        halves = [(radius, 0.0, 1.0), (-radius, 0.0, 1.0)]  # a bulge of 1 is half a circle
        block.add_hatch(color=0).paths.add_polyline_path(halves)
    block.add_circle((0, 0), radius, dxfattribs={"color": 0})


def show_text(text: str | None, most: int = MOST_LETTERS) -> str:
    r"""Return text from a file for one line of a drawing; no program finds a code in it.

    What begins a code (`\P`, `\U+4E00`, `%%c`, `^J`) becomes its twin of full width, since DXF has
    no way to write it that all programs undo. Ends of lines become blanks, other control characters
    U+FFFD.

    Parameters
    ----------
    text
        As it was typed; None is empty.
    most
        Characters that are shown; a longer text ends in an ellipsis.

    Examples
    --------
    >>> show_text("a\\Pb%%c 50%^J"), show_text("{\\H9;x}\n\0y"), show_text(None)
    ('a＼Pb％％c 50%＾J', '{＼H9;x} \ufffdy', '')
    """
    line = " ".join((text or "").splitlines())
    plain = clean_text(line).translate(TWINS)
    return shorten(PERCENTS.sub(lambda run: "％" * len(run[0]), plain), most=most)


def write_document(document: Drawing, made: datetime) -> bytes:
    """Return a document as DXF: the same drawing gives the same bytes.

    Parameters
    ----------
    document
        Changed in what the format wants to be set at the end.
    made
        When it is said to be made. Instead of numbers by chance it bears those of its content.
    """
    for name in sorted(document.entitydb.dxf_types_in_use()):  # ezdxf takes them as a set lies
        document.classes.add_class(name)
    stream = io.StringIO()
    with _fix_metadata():
        document.write(stream)
    text = TIMES.sub(rf"\g<1>{juliandate(made.replace(tzinfo=None))}", stream.getvalue())
    digest = hashlib.sha256(document.encode(text)).digest()
    name = str(uuid.UUID(bytes=digest[:16], version=4)).upper()
    return document.encode(GUIDS.sub(rf"\g<1>{{{name}}}", text))


@contextmanager
def _fix_metadata() -> Iterator[None]:
    """Keep ezdxf from writing the present time and numbers by chance."""
    before = ezdxf.options.write_fixed_meta_data_for_testing
    ezdxf.options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        ezdxf.options.write_fixed_meta_data_for_testing = before
