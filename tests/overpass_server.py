"""A server that speaks as much of Overpass as siteplan asks for, of a file, on this machine alone.

It reads a query statement by statement, knows boxes, filters by tag and `>`, and can be told to
fail in the ways that servers do.
"""

import gzip
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs
from xml.sax.saxutils import quoteattr

import osmium

XML = "application/osm3s+xml"
STATEMENT = re.compile(r"(node|way|relation)(?:\((\d+)\))?((?:\[[^\]]*\])*);")
FILTER = re.compile(r'\["([^"]+)"(?:(=|~)"((?:[^"\\]|\\.)*)")?\]')
BOX = re.compile(r"\[bbox:([^\]]*)\]")
KINDS = {"n": "node", "w": "way", "r": "relation"}
META = 'timestamp="2026-01-01T00:00:00Z" changeset="1" uid="7" user="mapper"'
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="Overpass API 0.7.62">\n'
    '<note>ODbL</note>\n<meta osm_base="MOMENT"/>\n'
)
MOMENT = "2026-02-03T04:05:06Z"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    "<osm version='0.6'><note>&b;</note></osm>"
)
PAGE = "<html><body>Error: runtime error: open64: 0 Success</body></html>"
TIMED_OUT = 'runtime error: Query timed out in "query" at line 3 after 181 seconds.'
BUSY = "runtime error: open64: 0 Success /osm3s Dispatcher_Client::request_read_and_idx::timeout."


@dataclass(frozen=True)
class Thing:
    """An object of OpenStreetMap; a node has a place, a way nodes, a relation members."""

    kind: str
    id: int
    version: int
    tags: Mapping[str, str]
    place: tuple[float, float] = (0.0, 0.0)
    members: tuple[tuple[str, int, str], ...] = ()

    def write(self, extra: str, *, meta: bool) -> str:
        """Return it as XML, with something more inside; without `meta` its tags alone."""
        attributes = f'id="{self.id}"' + (f' version="{self.version}" {META}' if meta else "")
        if self.kind == "node":
            attributes += f' lat="{self.place[0]:.7f}" lon="{self.place[1]:.7f}"'
        inner = [extra] if extra else []
        for kind, ref, role in self.members if meta else ():
            if self.kind == "way":
                inner.append(f'<nd ref="{ref}"/>')
            else:
                inner.append(f'<member type="{kind}" ref="{ref}" role={quoteattr(role)}/>')
        inner += [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in self.tags.items()]
        return f"<{self.kind} {attributes}>{''.join(inner)}</{self.kind}>"


class Planet:
    """All objects of a file, as of some moment."""

    def __init__(self, path: Path, moment: str = MOMENT) -> None:
        self.head = HEAD.replace("MOMENT", moment)
        self.things: dict[tuple[str, int], Thing] = {}
        for item in osmium.FileProcessor(str(path)):
            tags = {tag.k: tag.v for tag in item.tags}
            kind = {"n": "node", "w": "way", "r": "relation"}[item.type_str()]
            place, members = (0.0, 0.0), ()
            if kind == "node":
                place = (item.location.lat, item.location.lon)
            elif kind == "way":
                members = tuple(("node", node.ref, "") for node in item.nodes)
            else:
                members = tuple((KINDS[m.type], m.ref, m.role) for m in item.members)
            self.things[kind, item.id] = Thing(kind, item.id, item.version, tags, place, members)

    @cached_property
    def tagged(self) -> dict[str, list[Thing]]:
        """All objects with tags, by kind."""
        kinds: dict[str, list[Thing]] = {"node": [], "way": [], "relation": []}
        for thing in self.things.values():
            if thing.tags:
                kinds[thing.kind].append(thing)
        return kinds

    def list_inside(self, box: tuple[float, ...]) -> set[tuple[str, int]]:
        """Return the objects with a node in a box; a relation also by a way of it."""
        south, west, north, east = box
        inside: set[tuple[str, int]] = set()
        for kind in KINDS.values():  # nodes first, relations last
            for key, thing in self.things.items():
                lat, lon = thing.place
                stands = kind == "node" and south <= lat <= north and west <= lon <= east
                touches = any(m[:2] in inside and m[0] != "relation" for m in thing.members)
                if key[0] == kind and (stands or touches):
                    inside.add(key)
        return inside

    def recurse(self, thing: Thing) -> Iterator[Thing]:
        """Yield what a way or relation consists of, but no relations in it."""
        for member in thing.members:
            below = self.things.get(member[:2])
            if below is not None and below.kind != "relation":
                yield below
                yield from self.recurse(below)

    def answer(self, query: str) -> str:
        """Return the answer to a query of siteplan's, as Overpass would give it."""
        known = BOX.search(query)
        box = tuple(float(side) for side in known[1].split(",")) if known else ()
        inside = self.list_inside(box) if known else self.things.keys()
        found: dict[tuple[str, int], Thing] = {}
        for kind, number, filters in STATEMENT.findall(query):
            tests = FILTER.findall(filters)
            for thing in self.tagged[kind]:
                if number and thing.id != int(number):
                    continue
                if (kind, thing.id) in inside and all(matches(thing.tags, *t) for t in tests):
                    found[kind, thing.id] = thing
        meta = "out meta;" in query
        if "(._;>;);" in query:
            for thing in list(found.values()):
                found |= {(below.kind, below.id): below for below in self.recurse(thing)}
        lines = []
        for kind in KINDS.values():
            for key in sorted(key for key in found if key[0] == kind):
                extra = "" if meta else self.draw_bounds(found[key])
                lines.append(found[key].write(extra, meta=meta))
        return self.head + "\n".join(lines) + "\n</osm>\n"

    def draw_bounds(self, thing: Thing) -> str:
        """Return the box of a relation as `out bb` writes it."""
        places = [below.place for below in self.recurse(thing) if below.kind == "node"]
        if not places:
            return ""
        (south, north), (west, east) = ((min(a), max(a)) for a in zip(*places, strict=True))
        return f'<bounds minlat="{south}" minlon="{west}" maxlat="{north}" maxlon="{east}"/>'


def matches(tags: Mapping[str, str], key: str, sign: str, value: str) -> bool:
    if key not in tags:
        return False
    value = re.sub(r"\\(.)", r"\1", value)
    return not sign or (tags[key] == value if sign == "=" else bool(re.search(value, tags[key])))


@dataclass
class Service:
    """What a server does, and what it was asked.

    Attributes
    ----------
    planet
        What it knows.
    faults
        What goes wrong with the next queries, one after the other; an empty one is none.
    status
        What /api/status says.
    queries, agents, paths
        What came.
    """

    planet: Planet
    url: str = ""
    faults: deque[str] = field(default_factory=deque)
    status: str = "Rate limit: 2\n2 slots available now.\n"
    queries: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serve(planet: Planet) -> Iterator[Service]:
    """Run a server on a free port of this machine."""
    service = Service(planet)

    class Handler(_Handler):
        pass

    Handler.service = service
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_port}/api/interpreter"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        service.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    service: Service
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.service.paths.append(self.path)
        self.give(200, "text/plain", self.service.status.encode())

    def do_POST(self) -> None:
        service = self.service
        length = int(self.headers["Content-Length"])
        query = parse_qs(self.rfile.read(length).decode())["data"][0]
        service.queries.append(query)
        service.agents.add(self.headers["User-Agent"])
        service.paths.append(self.path)
        fault = service.faults.popleft() if service.faults else ""
        FAULTS[fault](self, query)

    def give(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        if status == 200 and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def give_data(self, query: str) -> None:
        self.give(200, XML, self.service.planet.answer(query).encode())

    def cut(self, query: str) -> None:
        body = self.service.planet.answer(query).encode()
        self.send_response(200)
        self.send_header("Content-Type", XML)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def drop_checksum(self, query: str) -> None:
        """Send all of the data, but not the end of their packing."""
        body = gzip.compress(self.service.planet.answer(query).encode(), 1)[:-4]
        self.send_response(200)
        self.send_header("Content-Type", XML)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip_body(self, query: str) -> None:
        """Drip an answer."""
        self.send_response(200)
        self.send_header("Content-Type", XML)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.drip(query)

    def drip(self, _: str) -> None:
        """Say a little, again and again: no wait for a byte is ever long."""
        try:
            while not self.service.over.is_set():
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def drip_head(self, query: str) -> None:
        """Drip before the answer has even begun."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.drip(query)

    def burst(self, _: str) -> None:
        """Send a little that unpacks to very much."""
        self.give(200, XML, b" " * (4 << 20))


def _say(body: str, kind: str = XML, status: int = 200, **headers: str) -> Callable[..., None]:
    return lambda handler, _: handler.give(status, kind, body.encode(), **headers)


FAULTS: dict[str, Callable[[_Handler, str], None]] = {
    "": _Handler.give_data,
    "429": _say("", "text/html", 429),
    "429 after 7": _say("", "text/html", 429, Retry_After="7"),
    "504": _say(PAGE, "text/html", 504),
    "redirect": _say("", "text/html", 302, Location="http://elsewhere.invalid/api/interpreter"),
    "cut": _Handler.cut,
    "drip": _Handler.drip_body,
    "drip head": _Handler.drip_head,
    "unchecked": _Handler.drop_checksum,
    "burst": _Handler.burst,
    "truncated": lambda handler, query: handler.give(
        200, XML, handler.service.planet.answer(query).encode()[:-20]
    ),
    "broken": _say(HEAD + "<node id='1'></way></osm>"),
    "html": _say(PAGE, "text/html"),
    "html as xml": _say(PAGE),
    "json": _say("{}", "application/json"),
    "empty": _say(""),
    "utf-16": _say("<?xml version='1.0' encoding='utf-16'?><osm></osm>"),
    "bomb": _say(BOMB),
    "busy": _say(f"{HEAD}<remark> {quoteattr(BUSY)[1:-1]} </remark></osm>"),
    "timed out": _say(f"{HEAD}<remark> {TIMED_OUT.replace('<', '')} </remark></osm>"),
    "nothing": _say(f"{HEAD}</osm>"),
}
