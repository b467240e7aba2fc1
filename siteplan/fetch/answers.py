"""Whether what a server said is what was asked for: whole OpenStreetMap XML without a complaint."""

import re
from collections.abc import Iterator
from html import unescape
from xml.etree.ElementTree import Element, ParseError, fromstring

import osmium

from siteplan.errors import Text, shorten
from siteplan.fetch.queries import Box, Found
from siteplan.fetch.sending import CUT, Answer, AnswerError, LargeAnswerError

XML_KINDS = frozenset({"application/osm3s+xml", "application/xml", "text/xml"})
REMARK = re.compile(rb"<remark>(.*?)</remark>", re.DOTALL)
TOO_MUCH = re.compile(r"timed out|out of memory|exceed|memory", re.IGNORECASE)
BASE = re.compile(rb'<meta\s[^>]*osm_base="([0-9TZ:.-]{10,30})"')
HEAD_BYTES = 4096
OBJECT = re.compile(rb"<(node|way|relation)\s")
OTHER_ENCODING = re.compile(rb'<\?xml[^>]*encoding=["\'](?!utf-8)', re.IGNORECASE)
OK, TOO_MANY = 200, 429
STATUS_WORDS = {
    400: Text("服务器不接受这个查询", "it does not accept the query"),
    TOO_MANY: Text("请求过多，要求稍后再来", "it asks to come back later"),
    504: Text("服务器太忙", "it is too busy"),
}


def check_answer(answer: Answer) -> None:
    """Refuse what is not whole OpenStreetMap data.

    Raises
    ------
    LargeAnswerError
        If Overpass says that the query takes more time or memory than it grants.
    AnswerError
        If the answer is of another kind, cut off, or Overpass complains otherwise.
    """
    if answer.status != OK:
        other = Text(f"HTTP 状态 {answer.status}", f"HTTP status {answer.status}")
        raise AnswerError(STATUS_WORDS.get(answer.status, other))
    body = answer.body.strip()
    if not body:
        raise AnswerError(Text("回答是空的", "the answer is empty"))
    if answer.kind not in XML_KINDS or re.match(rb"(?i)<!doctype html|<html", body):
        detail = shorten(answer.kind)
        raise AnswerError(
            Text(f"回答是网页或别的内容（{detail}）", f"the answer is no map data ({detail})")
        )
    if OTHER_ENCODING.search(body[:HEAD_BYTES]) or not body.startswith((b"<", b"\xef\xbb\xbf<")):
        raise AnswerError(Text("回答不是 UTF-8 的 XML", "the answer is no XML in UTF-8"))
    if b"<!DOCTYPE" in body.upper():  # entities are declared in one
        raise AnswerError(Text("回答含有文档类型声明", "the answer declares a document type"))
    if not body.endswith(b"</osm>") or b"<osm" not in body[:HEAD_BYTES]:
        raise AnswerError(CUT)
    for remark in REMARK.findall(body):
        _refuse_remark(unescape(remark.decode("utf-8", errors="replace")).strip())
    try:
        osmium.MergeInputReader().add_buffer(body, "osm")
    except (RuntimeError, ValueError) as error:  # what osmium raises on what it cannot parse
        detail = shorten(error)
        raise AnswerError(
            Text(f"回答不是完整的 OSM 数据（{detail}）", f"the answer is no OSM data ({detail})")
        ) from error


def _refuse_remark(remark: str) -> None:
    reason = Text(f"Overpass 报告：{shorten(remark)}", f"Overpass says: {shorten(remark)}")
    if "error" not in remark.lower():
        return  # it may remark on things that are not amiss
    if TOO_MUCH.search(remark):
        raise LargeAnswerError(reason)
    raise AnswerError(reason)


def holds_objects(body: bytes) -> bool:
    """Whether an answer has any node, way or relation."""
    return OBJECT.search(body) is not None


def find_base(body: bytes) -> str:
    """Return the moment of OpenStreetMap that an answer is of; empty if it does not say.

    Examples
    --------
    >>> find_base(b'<osm><meta osm_base="2026-01-01T00:00:00Z"/></osm>')
    '2026-01-01T00:00:00Z'
    """
    known = BASE.search(body[:HEAD_BYTES])
    return known[1].decode() if known else ""


def list_found(body: bytes) -> tuple[Found, ...]:
    """Return the boundaries that an answer of `ask_for_place` names, by id.

    Raises
    ------
    AnswerError
        If it says too little of one.
    """
    try:
        found = list(_parse_found(fromstring(body)))  # noqa: S314  # without a document type
    except (ParseError, KeyError, ValueError) as error:
        raise AnswerError(
            Text("回答里没有边界的范围", "the answer does not say where boundaries lie")
        ) from error
    return tuple(sorted(found, key=lambda one: one.relation))


def _parse_found(root: Element) -> Iterator[Found]:
    for relation in root.iter("relation"):
        tags = {tag.attrib["k"]: tag.attrib["v"] for tag in relation.iter("tag")}
        bounds = relation.find("bounds")
        if bounds is None:
            raise KeyError(relation.attrib["id"])
        sides = [
            float(bounds.attrib[f"{side}"]) for side in ("minlat", "minlon", "maxlat", "maxlon")
        ]
        box = Box(*sides)
        if not box.is_on_earth:
            raise ValueError(relation.attrib["id"])
        yield Found(
            int(relation.attrib["id"]), tags.get("name", ""), tags.get("admin_level", ""), box
        )
