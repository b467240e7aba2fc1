"""How QGIS draws each layer: renderers and labels as QGIS 3.22 and newer read them.

The elements are those that QGIS itself writes into a style (QML) and into a project: one symbol is
a few properties, and what is not given has the default of QGIS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement

from siteplan.errors import Text
from siteplan.outputs.paper.subdistrict_map import MOST_GAPS
from siteplan.outputs.paper.symbols import (
    CLASSES,
    COVERED_COLOUR,
    DOT_COLOUR,
    INK,
    LINK_COLOUR,
    STATUS_COLOURS,
    VERDICT_COLOURS,
    VERDICT_OF,
)
from siteplan.outputs.report.words import ROLE_WORDS, STATUS_WORDS
from siteplan.outputs.results import SEVERITIES

MarkType = Literal["marker", "line", "fill"]
Properties = Mapping[str, str]
FAMILIES = ("Microsoft YaHei", "Noto Sans CJK SC", "PingFang SC", "WenQuanYi Zen Hei", "Arial")
"""The first that is there: all have Chinese."""
AROUND_POINT, OVER_POINT, HORIZONTAL, ALONG_LINE = "6", "1", "4", "2"
"""Placements of labels as QGIS counts them."""
LINE_FLAGS = "10"  # above the line, and turned with the map
AREA_FLAGS = "2"
MOST_LETTERS, MOST_CHARACTERS = 32, 12
"""Of a line of a label: beyond it QGIS breaks at a space, and we between Chinese characters."""
WHITE = "#ffffff"
SHOWN = {"enabled": "1", "locked": "0", "pass": "0"}


@dataclass(frozen=True, slots=True)
class Symbol:
    """What one class of features is drawn with.

    Attributes
    ----------
    kind
        What it is drawn on.
    layers
        Class of QGIS and its properties, the lowest first.
    """

    kind: MarkType
    layers: Sequence[tuple[str, Properties]]


@dataclass(frozen=True, slots=True)
class Label:
    """What is written beside features.

    Attributes
    ----------
    text
        An expression of QGIS.
    size
        In points.
    colour
        Of the letters; a white rim lifts them off the map.
    placement
        One of those above.
    bold
        Whether the letters are.
    """

    text: str
    size: float
    colour: str
    placement: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer is drawn.

    Attributes
    ----------
    renderer
        Element of QGIS.
    label
        None writes nothing.
    geometry
        What the layer holds, as QGIS counts it.
    """

    renderer: Element
    label: Label | None
    geometry: Literal["0", "1", "2"]


def list_styles() -> dict[str, Style]:
    """Return the style of each layer by its name, and that of boundaries alone."""
    return {
        "sites": Style(
            _render_sites(), Label(_break("name"), 9, INK, AROUND_POINT, bold=True), "0"
        ),
        "findings": Style(_render_findings(), None, "0"),
        "links": Style(
            _render_single(Symbol("line", (_stroke(WHITE, 1.6), _stroke(LINK_COLOUR, 0.8)))),
            Label("format_number(\"distance_m\", 0) || ' m'", 7, LINK_COLOUR, ALONG_LINE),
            "1",
        ),
        "gaps": Style(
            _render_single(Symbol("fill", (_hatch(DOT_COLOUR), _fill(None, DOT_COLOUR, 0.5)))),
            Label(f"if({LARGE_GAP}, format_number(\"population\", 0) || ' 人', '')", 8, DOT_COLOUR,
                  HORIZONTAL),
            "2",
        ),
        "demand": Style(_render_demand(), None, "0"),
        "service_areas": Style(_render_service_areas(), None, "2"),
        "catchments": Style(
            _render_single(Symbol("fill", (_fill(None, COVERED_COLOUR, 0.5, "dot"),))),
            Label(_break("site_name"), 7, COVERED_COLOUR, HORIZONTAL),
            "2",
        ),
        "subdistricts": Style(_render_coverage(), None, "2"),
        BOUNDARIES: Style(
            _render_single(Symbol("fill", (_fill(None, INK, 0.6, "dash dot"),))),
            Label(_break("name"), 10, INK, HORIZONTAL),
            "2",
        ),
    }  # fmt: skip


BOUNDARIES = "boundaries"
"""Of the layer of subdistricts, above all that covers their coverage."""
LARGE_GAP = f'"number" <= {MOST_GAPS} and "population" >= 1'
"""Gaps with a label: those that plates and reports number, where anybody lives in them."""


def _break(field: str) -> str:
    """Return an expression of QGIS for a name with its Chinese in lines that are not too long.

    QGIS itself breaks lines at spaces only.
    """
    chinese = f"([\\\\x{{2E80}}-\\\\x{{FFEF}}]{{{MOST_CHARACTERS}}})(?=.)"
    return f"regexp_replace(\"{field}\", '{chinese}', '\\\\1\\n')"


def say_both(text: Text) -> str:
    """Return a text in both languages, as a legend has it that knows only one.

    Examples
    --------
    >>> say_both(Text("现有", "existing"))
    '现有 existing'
    """
    return text.zh if text.zh == text.en else f"{text.zh} {text.en}"


# Renderers


def _render_single(symbol: Symbol) -> Element:
    renderer = _start_renderer("singleSymbol")
    _add_symbols(renderer, [symbol])
    return renderer


def _render_classes(expression: str, classes: Sequence[tuple[str, str, Symbol]]) -> Element:
    """Draw features by a value: each class is a value, its label, and a symbol."""
    renderer = _start_renderer("categorizedSymbol", attr=expression)
    categories = SubElement(renderer, "categories")
    for number, (value, label, _) in enumerate(classes):
        SubElement(
            categories, "category", value=value, label=label, symbol=str(number), render="true",
            type="string",
        )  # fmt: skip
    _add_symbols(renderer, [symbol for _, _, symbol in classes])
    return renderer


def _render_coverage() -> Element:
    """Draw subdistricts by fifths of their coverage on foot."""
    renderer = _start_renderer(
        "graduatedSymbol", attr="coverage_ratio", graduatedMethod="GraduatedColor"
    )
    ranges = SubElement(renderer, "ranges")
    step = 1 / len(CLASSES)
    for number in range(len(CLASSES)):
        SubElement(
            ranges, "range", lower=f"{number * step:.1f}", upper=f"{(number + 1) * step:.1f}",
            label=f"{number * step:.0%}–{(number + 1) * step:.0%}", symbol=str(number),
            render="true",
        )  # fmt: skip
    _add_symbols(renderer, [Symbol("fill", (_fill(colour, "#8f8b7f", 0.2),)) for colour in CLASSES])
    return renderer


def _render_sites() -> Element:
    """Draw sites as the map does: the shape tells the role, filled what exists already."""
    classes = []
    for status, status_words in STATUS_WORDS.items():
        colour = STATUS_COLOURS[status]
        fill = colour if status == "existing" else WHITE
        ink = WHITE if status == "existing" else colour
        for role, role_words in ROLE_WORDS.items():
            shape = {"headquarters": "circle", "branch": "circle"}.get(role or "", "square")
            shape = "diamond" if status == "candidate" else shape
            size = {"headquarters": 5.2, "branch": 3.4}.get(role or "", 4.0)
            layers = [_marker(shape, fill, colour, size)]
            if role == "headquarters":
                layers.append(_marker("star", ink, ink, 2.8))
            label = f"{say_both(status_words)} · {say_both(role_words)}"
            value = f"{status}|{role or 'single'}"
            classes.append((value, label, Symbol("marker", layers)))
    return _render_classes("\"status\" || '|' || coalesce(\"role\", 'single')", classes)


def _render_service_areas() -> Element:
    classes = []
    for status, words in STATUS_WORDS.items():
        colour = STATUS_COLOURS[status]
        edge = "solid" if status == "existing" else "dash"
        layers = (_fill(colour, None, 0, alpha=28), _fill(None, colour, 0.5, edge))
        classes.append((status, say_both(words), Symbol("fill", layers)))
    return _render_classes('"status"', classes)


def _render_findings() -> Element:
    classes = []
    for severity, verdict in VERDICT_OF.items():
        colour, words = VERDICT_COLOURS[verdict], SEVERITIES[severity]
        layers = [_marker("triangle", colour, WHITE, 3.4)]
        classes.append((severity, say_both(words), Symbol("marker", layers)))
    return _render_classes('"severity"', classes)


def _render_demand() -> Element:
    classes = [
        ("1", say_both(Text("已覆盖", "covered")), COVERED_COLOUR),
        ("0", say_both(Text("未覆盖", "not covered")), DOT_COLOUR),
    ]
    return _render_classes(
        'to_string("covered")',
        [
            (value, label, Symbol("marker", (_marker("circle", colour, None, 1.0),)))
            for value, label, colour in classes
        ],
    )


def _start_renderer(kind: str, **rest: str) -> Element:
    drawing = {"forceraster": "0", "symbollevels": "0", "enableorderby": "0"}
    return Element("renderer-v2", {"type": kind, "referencescale": "-1", **drawing, **rest})


def _add_symbols(renderer: Element, symbols: Sequence[Symbol]) -> None:
    all_of_them = SubElement(renderer, "symbols")
    for number, symbol in enumerate(symbols):
        element = SubElement(
            all_of_them, "symbol", type=symbol.kind, name=str(number), alpha="1", force_rhr="0",
            clip_to_extent="1",
        )  # fmt: skip
        for class_name, properties in symbol.layers:
            layer = SubElement(element, "layer", {"class": class_name, **SHOWN})
            options = SubElement(layer, "Option", type="Map")
            for name, value in properties.items():
                SubElement(options, "Option", type="QString", name=name, value=value)


# Layers of symbols


def _marker(shape: str, fill: str, edge: str | None, size: float) -> tuple[str, Properties]:
    return "SimpleMarker", {
        "name": shape,
        "color": _colour(fill),
        "outline_color": _colour(edge or fill),
        "outline_style": "solid" if edge else "no",
        "outline_width": "0.5",
        "outline_width_unit": "MM",
        "size": f"{size:g}",
        "size_unit": "MM",
        "scale_method": "diameter",
    }


def _stroke(colour: str, width: float) -> tuple[str, Properties]:
    return "SimpleLine", {
        "line_color": _colour(colour),
        "line_style": "solid",
        "line_width": f"{width:g}",
        "line_width_unit": "MM",
        "capstyle": "round",
        "joinstyle": "round",
    }


def _fill(
    fill: str | None, edge: str | None, width: float, dashes: str = "solid", alpha: int = 255
) -> tuple[str, Properties]:
    return "SimpleFill", {
        "color": _colour(fill or WHITE, alpha),
        "style": "solid" if fill else "no",
        "outline_color": _colour(edge or WHITE),
        "outline_style": dashes if edge else "no",
        "outline_width": f"{width:g}",
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }


def _hatch(colour: str) -> tuple[str, Properties]:
    return "SimpleFill", {
        "color": _colour(colour),
        "style": "f_diagonal",
        "outline_style": "no",
    }


def _colour(colour: str, alpha: int = 255) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"


def write_label(label: Label) -> Element:
    """Return the element by which QGIS writes beside features."""
    labeling = Element("labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    text = SubElement(
        settings, "text-style", fieldName=label.text, isExpression="1",
        fontFamily=FAMILIES[0], fontSize=f"{label.size:g}", fontSizeUnit="Point",
        fontSizeMapUnitScale="3x:0,0,0,0,0,0", fontWeight="75" if label.bold else "50",
        namedStyle="Bold" if label.bold else "Regular", fontItalic="0", fontKerning="1",
        fontStrikeout="0", fontUnderline="0", fontLetterSpacing="0", fontWordSpacing="0",
        capitalization="0", textColor=_colour(label.colour), textOpacity="1",
        textOrientation="horizontal", multilineHeight="1", blendMode="0", allowHtml="0",
        useSubstitutions="0",
    )  # fmt: skip
    families = SubElement(text, "families")
    for name in FAMILIES[1:]:
        SubElement(families, "family", name=name)
    SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferSizeMapUnitScale="3x:0,0,0,0,0,0", bufferColor=_colour(WHITE), bufferOpacity="0.9",
        bufferNoFill="1", bufferJoinStyle="128", bufferBlendMode="0",
    )  # fmt: skip
    SubElement(
        settings,
        "text-format",
        multilineAlign="1",
        autoWrapLength=str(MOST_LETTERS),
        useMaxLineLengthForAutoWrap="1",
        formatNumbers="0",
    )
    flags = LINE_FLAGS if label.placement == ALONG_LINE else AREA_FLAGS
    SubElement(
        settings, "placement", placement=label.placement, placementFlags=flags,
        polygonPlacementFlags=AREA_FLAGS, dist="2" if label.placement == AROUND_POINT else "0",
        distUnits="MM", distMapUnitScale="3x:0,0,0,0,0,0", quadOffset="4", priority="5",
        predefinedPositionOrder="TR,TL,BR,BL,R,L,TSR,BSR", offsetType="1", offsetUnits="MM",
        xOffset="0", yOffset="0", rotationAngle="0", preserveRotation="1", centroidInside="1",
        centroidWhole="0", fitInPolygonOnly="0", repeatDistance="0", overrunDistance="0",
        maxCurvedCharAngleIn="25", maxCurvedCharAngleOut="-25", lineAnchorPercent="0.5",
        lineAnchorType="0", geometryGeneratorEnabled="0",
    )  # fmt: skip
    SubElement(
        settings, "rendering", drawLabels="1", obstacle="1", obstacleFactor="1", obstacleType="1",
        displayAll="0", limitNumLabels="0", maxNumLabels="2000", scaleVisibility="0",
        fontLimitPixelSize="0", mergeLines="0", minFeatureSize="0", upsidedownLabels="0",
        labelPerPart="0", unplacedVisibility="0", zIndex="0",
    )  # fmt: skip
    return labeling
