"""A place of OpenStreetMap, downloaded from Overpass: the only part that uses the internet.

No address is opened but those of the endpoints that were named: the place itself is found through
Overpass. OSMnx would do most of this, and is not used for it: it finds places through Nominatim and
looks up its servers with DNS over HTTPS, which are further hosts; and where a server is busy (429,
504) it tries again without end.

A download is asked for in tiles, each of which is kept when it has come: the next run asks for what
is missing. What is written at the end is one file, the same whichever way it came.
"""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory

import shapely

from siteplan.errors import Defect, InputError, Text, join_names
from siteplan.fetch.answers import find_base, holds_objects, list_found
from siteplan.fetch.asking import Asker, Clock
from siteplan.fetch.case import Fetched, Tell, fetch_from, refuse_used
from siteplan.fetch.merging import Merge
from siteplan.fetch.queries import (
    Box,
    Found,
    ask_for_boundaries,
    ask_for_districts,
    ask_for_place,
    ask_for_tile,
    lay_tiles,
)
from siteplan.fetch.sending import AnswerError, LargeAnswerError, check_address
from siteplan.fetch.store import STALE_DAYS, TOO_LARGE, Store
from siteplan.fetch.wanted import Own, Wanted, read_own
from siteplan.inputs.cache import find_cache

VARIABLE = "SITEPLAN_OVERPASS"
ENDPOINTS = (  # https://wiki.openstreetmap.org/wiki/Overpass_API#Public_Overpass_API_instances
    "https://overpass-api.de/api/interpreter",
    "https://overpass.private.coffee/api/interpreter",
    "https://overpass.kumi.systems/api/interpreter",
)
MINUTES = 15.0
MOST_BYTES = 2 << 30  # of all answers of a place together
FOLDER, FILE = "overpass", "overpass.osm.pbf"
LABEL = "Overpass"
MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Online:
    """How to download.

    Attributes
    ----------
    endpoints
        Overpass interpreters in order of preference; none: those of `SITEPLAN_OVERPASS`, separated
        by spaces, else public ones.
    minutes
        After which to give up.
    refresh
        Whether to ask again for what a former run has kept.
    clock
        What waits and deadlines are taken from.
    """

    endpoints: tuple[str, ...] = ()
    minutes: float = MINUTES
    refresh: bool = False
    clock: Clock = field(default_factory=Clock)


def fetch_online(
    wanted: Wanted, into: Path, online: Online, tell: Tell = lambda _: None
) -> Fetched:
    """Download a place and cut a case out of it, as out of an extract on the disk.

    Parameters
    ----------
    wanted, into
        As `fetch_from` takes them.
    online, tell
        As `download_place` takes them.

    Raises
    ------
    InputError
        If the place cannot be downloaded, or leaves a question open; nothing is written then.
    OutputExistsError
        If the folder holds anything but a fetched case that nobody touched.
    """
    refuse_used(into)  # before anybody is asked
    with TemporaryDirectory() as beside:
        path = Path(beside) / FILE
        exact = download_place(wanted, path, online, tell)
        return fetch_from(path, exact, into, tell, LABEL)


def download_place(
    wanted: Wanted, path: Path, online: Online, tell: Tell = lambda _: None
) -> Wanted:
    """Write what OpenStreetMap holds of a place to a file; return the place as `relation/ID`.

    Parameters
    ----------
    wanted
        The name of an administrative boundary, in any of `name`, `name:zh` and `name:en`, or
        `relation/ID`; polygons of one's own, whose ground is downloaded as well; or both.
    path
        The file to write, `.osm.pbf`; it must not exist. There is none unless all has come.
    online
        How.
    tell
        Is told what is being done, how old it is, and what is waited for.

    Raises
    ------
    InputError
        If there is no such place, or several, or it is too large; or if no endpoint answers in
        time with what was asked for.
    """
    own = read_own(wanted)
    named = online.endpoints or tuple(os.environ.get(VARIABLE, "").split()) or ENDPOINTS
    endpoints = tuple(dict.fromkeys(check_address(url) for url in named))
    cache, clock = find_cache(), online.clock
    source = _Source(
        Asker(endpoints, clock.now() + 60 * online.minutes, clock, tell),
        Store(cache / FOLDER if cache is not None else None, refresh=online.refresh),
    )
    source.store.forget_oldest()
    found = None
    if wanted.place is not None:
        tell(Text("查找行政区边界", "looking for the boundary"))
        found = find_place(source, wanted.place)
        wanted = replace(wanted, place=f"relation/{found.relation}")
    merge = Merge()
    for body in _gather(source, found, own, tell):
        merge.add(body)
    merge.write(path, source.moment)
    for text in source.say_age():
        tell(text)
    return wanted


@dataclass(slots=True)
class _Source:
    """Where answers come from: a former run, or Overpass.

    Attributes
    ----------
    asker, store
        Who asks, and what was kept.
    size
        Bytes of all answers.
    days
        Age of the oldest answer used.
    bases
        Moments of OpenStreetMap that the answers are of.
    """

    asker: Asker
    store: Store
    size: int = 0
    days: float = 0.0
    bases: set[str] = field(default_factory=set)

    @property
    def moment(self) -> str:
        """The earliest moment that an answer is of; empty if none says."""
        return min(self.bases, default="")

    def get(self, query: str, *, empty_lasts: bool = True) -> bytes:
        """Return an answer, and keep it; one with nothing in it only if that lasts.

        Raises
        ------
        LargeAnswerError
            If the query asks for too much.
        InputError
            If there is none.
        """
        kept = self.store.find(query)
        if kept is None:
            try:
                body = self.asker.ask(query)
            except LargeAnswerError:
                self.store.keep(query, TOO_LARGE)
                raise
            if empty_lasts or holds_objects(body):
                self.store.keep(query, body)
        elif kept.body == TOO_LARGE:
            raise LargeAnswerError(Text("这一块太大", "there is too much in this tile"))
        else:
            body = kept.body
            self.days = max(self.days, kept.days)
        self.size += len(body)
        self.bases |= {find_base(body)} - {""}
        if self.size > MOST_BYTES:
            raise _refuse_size(Text("数据太多", "there is too much of it"))
        return body

    def say_age(self) -> Iterator[Text]:
        """Yield of when the data are, and that they are old if they are."""
        if self.moment:
            day = self.moment[:10]
            yield Text(f"OpenStreetMap 数据日期 {day}", f"OpenStreetMap as of {day}")
        if self.days > STALE_DAYS:
            yield Text(
                f"用的是 {self.days:.0f} 天前下载的数据，加 --refresh 可重新下载",
                f"some of it was downloaded {self.days:.0f} days ago; --refresh downloads it again",
            )


def find_place(source: _Source, place: str) -> Found:
    """Return the one boundary of a name.

    Raises
    ------
    InputError
        If there is none or several, with what tells them apart.
    """
    try:
        body = source.get(ask_for_place(place), empty_lasts=False)  # a name may yet be mapped
        found = list_found(body)
    except AnswerError as error:
        raise _refuse_size(error.reason) from error
    if len(found) == 1:
        return found[0]
    if not found:
        problem = Text("没有叫这个名字的行政区边界", "no administrative boundary is called that")
        remedy = Text(
            "请按 OpenStreetMap 上的全称写（如“天河区”），或写 relation/编号",
            "Give its full name on OpenStreetMap, or relation/ID",
        )
    else:
        listed = [
            f"relation/{one.relation} (admin_level {one.level or '?'},"
            f" {(one.box.south + one.box.north) / 2:.3f}, {(one.box.west + one.box.east) / 2:.3f})"
            for one in found
        ]
        names = join_names(listed, MOST_LISTED)
        problem = Text(
            f"有 {len(found)} 个同名行政区：{names.zh}",
            f"{len(found)} boundaries are called that: {names.en}",
        )
        remedy = Text(
            f"请写其中一个，如 relation/{found[0].relation}",
            f"Name one of them, such as relation/{found[0].relation}",
        )
    raise InputError(Defect("", problem, remedy, name=place))


def _gather(source: _Source, found: Found | None, own: Own | None, tell: Tell) -> Iterator[bytes]:
    """Yield the answers of which a place consists, or polygons of one's own, or both.

    Raises
    ------
    InputError
        If one does not come, or there is nothing in any.
    """
    boxes = [found.box] if found is not None else []
    boxes += [_box_polygons(own)] if own is not None else []
    box = reduce(Box.join, boxes)
    waiting = deque(lay_tiles(box.widen()))
    if found is not None or (own is not None and own.is_outline):
        tell(Text("下载行政区边界", "downloading the boundaries"))
        query = ask_for_districts(box) if found is None else ask_for_boundaries(found)
        try:
            boundaries = source.get(query)
        except LargeAnswerError as error:
            raise _refuse_size(error.reason) from error
        if not holds_objects(boundaries):
            raise _refuse_nothing()
        yield boundaries
    done, empty = 0, True
    while waiting:
        box = waiting.popleft()
        count = done + len(waiting) + 1
        tell(
            Text(f"下载第 {done + 1} 块，共 {count} 块", f"downloading tile {done + 1} of {count}")
        )
        try:
            body = source.get(ask_for_tile(box))
        except LargeAnswerError as error:
            quarters = box.quarter()
            if not quarters:
                raise _refuse_size(error.reason) from error
            waiting.extendleft(reversed(quarters))
        else:
            done += 1
            empty &= not holds_objects(body)
            yield body
    if empty:
        raise _refuse_nothing()


def _box_polygons(own: Own) -> Box:
    west, south, east, north = shapely.total_bounds(own.shapes).tolist()
    return Box(south, west, north, east)


def _refuse_nothing() -> InputError:
    problem = Text("那里没有任何数据", "there is nothing on the map there")
    remedy = Text("请核对地名，或换一个服务器", "Check the place, or name another server")
    return InputError(Defect(LABEL, problem, remedy))


def _refuse_size(reason: Text) -> InputError:
    remedy = Text(
        "请选小一些的行政区，或下载区域文件后用 --from",
        "Name a smaller place, or download an extract of the region and give it with --from",
    )
    return InputError(Defect(LABEL, reason, remedy))
