"""One request and its answer, within bounds of time and size, from the host that was named.

The standard library does it: `requests` would add to the request what a `.netrc` holds, follows
redirects unless told otherwise, and has no limit to how long a whole answer may take. Here an
opener is put together of what speaks HTTP and HTTPS and nothing else, so that no other address is
ever opened: a redirect is an answer like any other, and there is no `file:` or `ftp:`. A proxy that
the system names is used. What must be done by a certain moment is cut off at that moment, however
slowly it drips.
"""

import http.client
import socket
import threading
import urllib.request
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode, urlsplit

from siteplan.errors import Defect, InputError, Text, shorten

USER_AGENT = f"siteplan/{version('siteplan')} (planning of public-service sites)"
CONNECT_S = 15.0
READ_S = 200.0  # without a byte: longer than a query may take before its answer begins
MOST_BYTES = 256 << 20  # of one answer, unpacked
CHUNK_BYTES = 1 << 16
GZIP = 16 + zlib.MAX_WBITS


class AnswerError(Exception):
    """What came is no answer, or none came; `reason` says why, to the user."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(reason.en)


class LargeAnswerError(AnswerError):
    """The answer is larger than it may be, or takes Overpass more than it grants one query."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said.

    Attributes
    ----------
    status
        The HTTP status.
    kind
        Its content type, in lower case, without parameters.
    body
        Unpacked.
    retry_after
        The header of that name; empty if there is none.
    """

    status: int
    kind: str
    body: bytes
    retry_after: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a connection, for a byte, and for all of an answer, in seconds."""

    whole_s: float
    connect_s: float = CONNECT_S
    read_s: float = READ_S


def check_address(url: str) -> str:
    """Return the address of an endpoint as it was given.

    Raises
    ------
    InputError
        If it is not one of HTTP or HTTPS, or holds a password, which messages would show.

    Examples
    --------
    >>> check_address("https://overpass-api.de/api/interpreter")
    'https://overpass-api.de/api/interpreter'
    """
    try:
        parts = urlsplit(url)
        plain = url.isascii() and url.isprintable() and " " not in url
        fine = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        plain = fine = False
    else:
        plain = plain and "@" not in parts.netloc and not parts.query and not parts.fragment
    if not (plain and fine):
        problem = Text(
            f"不是可用的 Overpass 地址：{shorten(url)}",
            f"is no address of an Overpass server: {shorten(url)}",
        )
        remedy = Text(
            "请写 https://…/api/interpreter，不带口令",
            "Write https://…/api/interpreter, no password",
        )
        raise InputError(Defect("--overpass", problem, remedy))
    return url


def send(url: str, query: str | None, patience: Patience) -> Answer:
    """Ask a server: with a query by POST, without one by GET.

    Raises
    ------
    LargeAnswerError
        If the answer has more bytes than any of ours should.
    AnswerError
        If the server is not reached, or breaks off, or is too slow.
    """
    body = None if query is None else urlencode({"data": query}).encode()
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310  # see `check_address`
    watch = _Watch(patience)
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.ProxyHandler(), _Plain(watch), _Secure(watch)):
        opener.add_handler(handler)
    try:
        response = opener.open(request, timeout=patience.connect_s)
        with response:
            encoding = response.headers.get("Content-Encoding", "identity").lower()
            content, whole = _read(response, encoding)
            if watch.over or not whole:
                raise AnswerError(SLOW if watch.over else CUT)
            return Answer(
                status=response.status,
                kind=response.headers.get_content_type(),
                body=content,
                retry_after=response.headers.get("Retry-After", ""),
            )
    except (OSError, http.client.HTTPException, zlib.error) as error:
        raise AnswerError(_explain(error, watch)) from error
    finally:
        watch.end()


@dataclass(slots=True)
class _Watch:
    """Cuts a connection when all the time for its answer is over."""

    patience: Patience
    over: bool = False
    timers: list[threading.Timer] = field(default_factory=list)

    def begin(self, connected: socket.socket) -> None:
        connected.settimeout(self.patience.read_s)
        timer = threading.Timer(self.patience.whole_s, self._cut, (connected,))
        timer.daemon = True
        timer.start()
        self.timers.append(timer)

    def _cut(self, connected: socket.socket) -> None:
        self.over = True
        with suppress(OSError):  # it has just ended by itself
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    def end(self) -> None:
        for timer in self.timers:
            timer.cancel()


class _Connection(http.client.HTTPConnection):
    def __init__(self, host: str, *, watch: _Watch, **options: Any) -> None:  # noqa: ANN401
        super().__init__(host, **options)
        self.watch = watch

    def connect(self) -> None:
        super().connect()
        self.watch.begin(self.sock)


class _SecureConnection(_Connection, http.client.HTTPSConnection):
    """The same over TLS: `super()` of what it inherits first is the secure one."""


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self.watch = watch

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req, watch=self.watch)  # type: ignore[arg-type]


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self.watch = watch

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, req, watch=self.watch)  # type: ignore[arg-type]


def _read(response: http.client.HTTPResponse, encoding: str) -> tuple[bytes, bool]:
    """Return the body, unpacked, and whether it is whole; never more than `MOST_BYTES` of it."""
    if encoding not in {"identity", "gzip"}:
        raise AnswerError(Text("压缩方式不认识", "the answer is packed in an unknown way"))
    unpack = zlib.decompressobj(GZIP) if encoding == "gzip" else None
    parts, size = [], 0
    while part := response.read(CHUNK_BYTES):
        if unpack is not None:
            part = unpack.decompress(part, MOST_BYTES + 1 - size)
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise LargeAnswerError(
                Text(
                    f"回答超过 {MOST_BYTES >> 20} MiB", f"the answer exceeds {MOST_BYTES >> 20} MiB"
                )
            )
    # A read by pieces does not mind what is missing at the end.
    whole = not response.length and (unpack is None or unpack.eof)
    return b"".join(parts), whole


CUT = Text("回答不完整，连接中断", "the answer is cut off")
SLOW = Text("等待超时", "it takes too long")


def _explain(error: Exception, watch: _Watch) -> Text:
    reason = getattr(error, "reason", error)
    if watch.over or isinstance(reason, TimeoutError):
        return SLOW
    if isinstance(error, http.client.IncompleteRead | zlib.error | ConnectionResetError):
        return CUT
    if isinstance(error, http.client.HTTPException):
        return Text("不是 HTTP 回答", "it does not speak HTTP")
    detail = shorten(reason)
    return Text(f"连接失败（{detail}）", f"cannot be reached ({detail})")
