"""The legend of a plate: what its map shows, and nothing that is not there."""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from siteplan.errors import Text
from siteplan.model import DistanceMethod, Evaluation, Judgement, Site, Status, Verdict
from siteplan.outputs.layout.pictures import Picture, let_stand
from siteplan.outputs.measured import say_measured
from siteplan.outputs.paper.dots import DOT_SIZES, say_dots
from siteplan.outputs.paper.ground import CASING_COLOUR, QUIET, ROAD_COLOURS, ROAD_WIDTHS
from siteplan.outputs.paper.subdistrict_map import NEAR_OPACITY, NEAR_SIZE, DrawnMap
from siteplan.outputs.paper.svg import draw, draw_picture
from siteplan.outputs.paper.symbols import (
    CLASSES,
    DOT_COLOUR,
    GREEN_COLOUR,
    INK,
    LINK_COLOUR,
    RAIL_COLOUR,
    STATUS_COLOURS,
    WATER_COLOUR,
    name_symbol,
    refer_to_site,
    refer_to_verdict,
)
from siteplan.outputs.report.words import ROLE_WORDS, STATUS_WORDS, VERDICT_WORDS

WIDTH, HEIGHT = 60.0, 34.0
MIDDLE = HEIGHT / 2
ROAD_WORDS = {
    "motorway": Text("高速公路、快速路", "motorway"),
    "major": Text("干路", "main road"),
    "minor": Text("支路", "minor road"),
    "path": Text("人行路", "footpath"),
}
VERDICTS: tuple[Verdict, ...] = ("fail", "unknown", "warn", "pass")
DRAWN_STATUSES: tuple[Status, ...] = ("existing", "proposed")


class Entry(NamedTuple):
    """A sample of what a map shows, and what it means."""

    picture: Picture
    text: Text


def list_entries(evaluation: Evaluation, judgement: Judgement, drawn: DrawnMap) -> list[Entry]:
    """Return the legend of the map of one subdistrict."""
    return [
        *_list_sites([*drawn.sites, *drawn.near]),
        *([_sample_near(drawn.near)] if drawn.near else []),
        *_list_areas(drawn.areas),
        *([_sample_link(evaluation.method)] if judgement.network.links else []),
        *([_sample_dots(drawn.dot)] if drawn.dot else []),
        *([_sample_gap()] if judgement.gaps else []),
        _sample_line(Text("本街道界", "its boundary"), INK, 7),
        *([_sample_border()] if "border" in drawn.ground else []),
        *_list_ground(drawn.ground),
    ]


def list_overview_entries(evaluation: Evaluation, drawn: DrawnMap) -> list[Entry]:
    """Return the legend of the map of all subdistricts."""
    verdicts = {one.verdict for one in evaluation.judgements}
    unknown = any(math.isnan(one.coverage.coverage_ratio) for one in evaluation.judgements)
    return [
        *[
            _sample_fill(Text(f"覆盖率 {share}", f"coverage {share}"), colour)
            for share, colour in zip(CLASS_SHARES, CLASSES, strict=True)
        ],
        *([_sample_fill(Text("覆盖率未知", "coverage unknown"), "url(#hatch)")] if unknown else []),
        *[_sample_verdict(one) for one in VERDICTS if one in verdicts],
        *_list_sites(drawn.sites),
        _sample_line(Text("街道界", "boundaries"), QUIET, 4),
        *_list_overview_ground(drawn.ground),
    ]


CLASS_SHARES = tuple(f"{20 * step}–{20 * (step + 1)}%" for step in range(len(CLASSES)))


def _list_sites(sites: Iterable[Site]) -> Iterator[Entry]:
    """Yield each kind of site that there is, headquarters first."""
    kinds = {name_symbol(site): (site.role, site.status) for site in sites}
    order = list(ROLE_WORDS)
    for symbol, (role, status) in sorted(
        kinds.items(), key=lambda one: (list(STATUS_WORDS).index(one[1][1]), order.index(one[1][0]))
    ):
        zh = f"{STATUS_WORDS[status].zh}{ROLE_WORDS[role].zh}"
        en = f"{STATUS_WORDS[status].en} {ROLE_WORDS[role].en}"
        if status == "candidate" and role is None:
            zh, en = "备选场地", "candidate site"
        size = HEIGHT
        picture = draw("use", href=f"#{symbol}", x=(WIDTH - size) / 2, y=0, width=size, height=size)
        yield _make(Text(zh, en), picture)


def _sample_near(sites: Sequence[Site]) -> Entry:
    """Return a sample of the sites of others: pale, whatever they are."""
    symbol = refer_to_site(sites[0], NEAR_SIZE, (WIDTH - NEAR_SIZE) / 2, (HEIGHT - NEAR_SIZE) / 2)
    text = Text("其他街道场地", "sites of others")
    return _make(text, draw("g", symbol, opacity=NEAR_OPACITY))


def _list_areas(statuses: Collection[Status]) -> Iterator[Entry]:
    for status in DRAWN_STATUSES:
        if status in statuses:
            colour = STATUS_COLOURS[status]
            words = STATUS_WORDS[status]
            yield _make(
                Text(f"{words.zh}场地服务范围", f"service area, {words.en}"),
                draw(
                    "rect", x=3, y=4, width=WIDTH - 6, height=HEIGHT - 8, fill=colour,
                    fill_opacity=0.13, stroke=colour, stroke_width=4, stroke_opacity=0.75,
                    stroke_dasharray=None if status == "existing" else "16 9",
                ),
            )  # fmt: skip


def _list_overview_ground(shown: Collection[str]) -> Iterator[Entry]:
    """Yield what the overview shows of it: larger roads in one colour, railways, water."""
    path = f"M0 {MIDDLE:g}h{WIDTH:g}"
    if not {"motorway", "major"}.isdisjoint(shown):
        ground = draw("rect", x=0, y=4, width=WIDTH, height=HEIGHT - 8, fill=CLASSES[2])
        road = draw("path", d=path, stroke="#fff", stroke_width=6, stroke_opacity=0.75)
        yield _make(Text("主要道路", "main roads"), ground, road)
    if "rail" in shown:
        rail = draw("path", d=path, stroke=RAIL_COLOUR, stroke_width=3, stroke_dasharray="14 6")
        yield _make(Text("铁路、轨道交通", "railway"), rail)
    if "water" in shown:
        yield _sample_fill(Text("水域", "water"), WATER_COLOUR)


def _list_ground(shown: Collection[str]) -> Iterator[Entry]:
    """Yield what lies beneath."""
    for name in ROAD_WORDS:
        if name in shown:
            yield _sample_road(name)
    if "rail" in shown:
        rail = draw("path", d=f"M0 {MIDDLE:g}h{WIDTH:g}", stroke=RAIL_COLOUR, stroke_width=5)
        dash = draw(
            "path", d=f"M0 {MIDDLE:g}h{WIDTH:g}", stroke="#fff", stroke_width=2.6,
            stroke_dasharray="12 12",
        )  # fmt: skip
        yield _make(Text("铁路、轨道交通", "railway"), rail, dash)
    if "water" in shown:
        yield _sample_fill(Text("水域", "water"), WATER_COLOUR)
    if "green" in shown:
        yield _sample_fill(Text("绿地", "green"), GREEN_COLOUR)


def _sample_road(name: str) -> Entry:
    path = f"M0 {MIDDLE:g}h{WIDTH:g}"
    dashes = "6 5" if name == "path" else None
    casing = draw("path", d=path, stroke=CASING_COLOUR, stroke_width=ROAD_WIDTHS[name] + 3)
    line = draw(
        "path", d=path, stroke=ROAD_COLOURS[name], stroke_width=ROAD_WIDTHS[name],
        stroke_dasharray=dashes,
    )  # fmt: skip
    return _make(ROAD_WORDS[name], "" if name == "path" else casing, line)


def _sample_border() -> Entry:
    return _sample_line(Text("其他街道界", "other boundaries"), QUIET, 4, "22 8 4 8")


def _sample_link(method: DistanceMethod) -> Entry:
    path = f"M0 {MIDDLE:g}h{WIDTH:g}"
    return _make(
        say_measured(Text("到总部步行路线", "walk to headquarters"), method),
        draw("path", d=path, stroke=LINK_COLOUR, stroke_width=6),
    )


def _sample_dots(most: float) -> Entry:
    dots = [
        draw("path", d=f"M{x} {MIDDLE:g}h.1", stroke=DOT_COLOUR, stroke_width=width,
             stroke_linecap="round", stroke_opacity=0.75)
        for x, width in zip((8, 20, 33, 49), DOT_SIZES, strict=True)
    ]  # fmt: skip
    return _make(say_dots(most), *dots)


def _sample_gap() -> Entry:
    ring = draw(
        "circle", cx=WIDTH / 2, cy=MIDDLE, r=15, fill="#fff", stroke=DOT_COLOUR, stroke_width=4
    )
    number = draw(
        "text", "1", x=WIDTH / 2, y=MIDDLE + 8, font_size=22, font_weight="700",
        text_anchor="middle", fill=DOT_COLOUR,
    )  # fmt: skip
    return _make(Text("覆盖盲区及编号", "gap and its number"), ring, number)


def _sample_line(text: Text, colour: str, width: float, dashes: str | None = None) -> Entry:
    path = f"M0 {MIDDLE:g}h{WIDTH:g}"
    return _make(
        text, draw("path", d=path, stroke=colour, stroke_width=width, stroke_dasharray=dashes)
    )


def _sample_fill(text: Text, colour: str) -> Entry:
    return _make(
        text,
        draw(
            "rect", x=2, y=4, width=WIDTH - 4, height=HEIGHT - 8, fill=colour, stroke=QUIET,
            stroke_width=2,
        ),
    )  # fmt: skip


def _sample_verdict(verdict: Verdict) -> Entry:
    return _make(VERDICT_WORDS[verdict], refer_to_verdict(verdict, 30, (WIDTH - 30) / 2, 2))


def _make(text: Text, *parts: str) -> Entry:
    picture = draw_picture(WIDTH, HEIGHT, *parts, label=text, kind="sample")
    return Entry(let_stand(picture, "zh", "sans-serif"), text)
