"""Downloads from a server that fails in every way that servers do, on this machine alone."""

import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import osmium
import overpass_server
import pytest
import shapely
from click.testing import CliRunner
from overpass_server import Planet, Service, serve

import siteplan
from siteplan.cli import main
from siteplan.errors import InputError, OutputExistsError, Text
from siteplan.fetch import asking, sending, store
from siteplan.fetch.asking import Clock
from siteplan.fetch.case import fetch_from
from siteplan.fetch.overpass import Online, download_place, fetch_online
from siteplan.fetch.passes import open_extract
from siteplan.fetch.queries import Box, ask_for_place, lay_tiles
from siteplan.fetch.sending import check_address
from siteplan.fetch.wanted import Wanted
from siteplan.inputs.osm import read_osm

WriteOsm = Callable[..., Path]

ROAD, HOME = {"highway": "residential"}, {"building": "apartments"}
REQUESTS = 4  # for the town: its name, its boundaries, and two tiles


class Watch:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    def sleep(self, wait_s: float) -> None:
        """Let time pass at once."""
        self.waits.append(wait_s)
        self.seconds += wait_s

    def clock(self) -> Clock:
        """Return it as what is waited by."""
        return Clock(now=lambda: self.seconds, sleep=self.sleep)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test its own cache, and no proxy."""
    monkeypatch.setenv("SITEPLAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SITEPLAN_OVERPASS", raising=False)
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def town(write_osm: WriteOsm) -> Path:
    """Write a town of two subdistricts on the line between two tiles, and one elsewhere."""
    nodes = {
        1: (113.24, 23.10), 2: (113.25, 23.10), 3: (113.26, 23.10),
        4: (113.26, 23.12), 5: (113.25, 23.12), 6: (113.24, 23.12),
        11: (113.242, 23.11), 12: (113.258, 23.11), 13: (113.258, 23.111), 14: (113.2581, 23.111),
        21: (120.0, 30.0), 22: (120.1, 30.0), 23: (120.1, 30.1),
    }  # fmt: skip
    ways = {
        101: ([2, 3, 4, 5], {}),
        102: ([5, 6, 1, 2], {}),
        103: ([2, 5], {}),
        104: ([11, 12], ROAD | {"name": "A < B & “C”"}),
        105: ([12, 13, 14, 12], HOME),
        106: ([21, 22, 23, 21], {}),
    }

    def bound(level: int, name: str, *refs: int) -> tuple[object, dict[str, str]]:
        members = [("w", ref, "outer") for ref in refs]
        tags = {"boundary": "administrative", "type": "boundary", "admin_level": str(level)}
        return members, tags | {"name": name, "population": "100"}

    relations = {
        201: bound(6, "小镇", 101, 102),
        202: bound(8, "西街道", 102, 103),
        203: bound(8, "东街道", 101, 103),
        204: bound(8, "双名", 106),
        205: bound(6, "双名", 106),
    }
    return write_osm(nodes, ways, relations, name="town.osm.pbf")


@pytest.fixture
def server(town: Path) -> Iterator[Service]:
    with serve(Planet(town)) as service:
        yield service


def go_online(server: Service, watch: Watch | None = None, **options: object) -> Online:
    clock = (watch or Watch()).clock()
    return Online((server.url,), clock=clock, **options)  # type: ignore[arg-type]


def list_objects(path: Path) -> list[tuple[str, int, int, str]]:
    return [
        (item.type_str(), item.id, item.uid if hasattr(item, "uid") else 0, str(dict(item.tags)))
        for item in osmium.FileProcessor(str(path))
    ]


def test_a_place_comes_whole_sorted_and_once(server: Service, tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    found = download_place(Wanted("小镇"), path, go_online(server))
    assert found == Wanted("relation/201")
    held = list_objects(path)
    assert [item[:2] for item in held] == [
        *(("n", number) for number in (1, 2, 3, 4, 5, 6, 11, 12, 13, 14)),
        *(("w", number) for number in range(101, 106)),
        *(("r", number) for number in (201, 202, 203)),
    ]
    assert {item[2] for item in held} == {0}  # nobody's name
    assert len(server.queries) == REQUESTS
    assert server.agents == {sending.USER_AGENT}
    assert sending.USER_AGENT.startswith("siteplan/")


def test_the_same_bytes_come_of_the_next_run_without_a_request(
    server: Service, tmp_path: Path
) -> None:
    for name in ("a.osm.pbf", "b.osm.pbf"):
        download_place(Wanted("小镇"), tmp_path / name, go_online(server))
    assert (tmp_path / "a.osm.pbf").read_bytes() == (tmp_path / "b.osm.pbf").read_bytes()
    assert len(server.queries) == REQUESTS
    download_place(Wanted("小镇"), tmp_path / "c.osm.pbf", go_online(server, refresh=True))
    assert len(server.queries) == 2 * REQUESTS


def test_old_answers_are_used_and_their_age_is_told(server: Service, tmp_path: Path) -> None:
    told: list[Text] = []
    download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server), told.append)
    assert not [text for text in told if "--refresh" in text.en]
    assert [text for text in told if "2026-02-03" in text.en]
    (entry, *_) = sorted((tmp_path / "cache" / "overpass").iterdir())
    then = time.time() - 45 * store.DAY_S
    os.utime(entry, (then, then))
    download_place(Wanted("小镇"), tmp_path / "b.osm.pbf", go_online(server), told.append)
    (text,) = [text for text in told if "--refresh" in text.en]
    assert "45 days" in text.en
    assert "45 天" in text.zh


@pytest.mark.parametrize(("begin", "end"), [(0, -1), (0, 5), (0, 0), (5, None)])
def test_a_damaged_answer_is_asked_for_again(
    server: Service, tmp_path: Path, begin: int, end: int | None
) -> None:
    download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server))
    (entry, *_) = sorted((tmp_path / "cache" / "overpass").iterdir())
    entry.write_bytes(entry.read_bytes()[begin:end])
    download_place(Wanted("小镇"), tmp_path / "b.osm.pbf", go_online(server))
    assert len(server.queries) == REQUESTS + 1
    assert (tmp_path / "a.osm.pbf").read_bytes() == (tmp_path / "b.osm.pbf").read_bytes()


PASSING = (
    "429", "504", "cut", "truncated", "broken", "html", "html as xml", "json", "empty", "utf-16",
    "bomb", "busy", "redirect",
)  # fmt: skip


@pytest.mark.parametrize("fault", PASSING)
def test_what_fails_twice_is_tried_again_after_longer_and_longer(
    server: Service, tmp_path: Path, fault: str
) -> None:
    watch = Watch()
    server.faults.extend([fault, fault])
    download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server, watch))
    assert len(server.queries) == REQUESTS + 2
    first, second = watch.waits
    low, high = 1 - asking.JITTER, 1 + asking.JITTER
    assert low <= first / asking.FIRST_WAIT_S <= high
    assert low <= second / (2 * asking.FIRST_WAIT_S) <= high


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("429", Text("请求过多", "come back later")),
        ("504", Text("太忙", "too busy")),
        ("cut", Text("连接中断", "cut off")),
        ("truncated", Text("连接中断", "cut off")),
        ("unchecked", Text("连接中断", "cut off")),
        ("broken", Text("不是完整的 OSM", "no OSM data")),
        ("html", Text("网页", "no map data (text/html)")),
        ("html as xml", Text("网页", "no map data")),
        ("json", Text("application/json", "application/json")),
        ("empty", Text("空的", "is empty")),
        ("utf-16", Text("UTF-8", "UTF-8")),
        ("bomb", Text("文档类型", "document type")),
        ("busy", Text("Overpass 报告", "Overpass says")),
        ("redirect", Text("302", "302")),
    ],
)
def test_what_fails_each_time_says_why_and_leaves_nothing(
    server: Service, tmp_path: Path, fault: str, reason: Text
) -> None:
    server.faults.extend([fault] * 100)
    with pytest.raises(InputError) as caught:
        fetch_online(Wanted("小镇"), tmp_path / "case", go_online(server))
    (defect,) = caught.value.defects
    assert defect.path == server.url
    assert reason.zh in defect.message.zh
    assert reason.en in defect.message.en
    assert "--overpass" in defect.remedy.en
    assert len(server.queries) == asking.TRIES
    assert {path.name for path in tmp_path.iterdir()} <= {"town.osm.pbf", "cache"}


def test_a_server_that_says_when_it_has_room_is_asked_then(server: Service, tmp_path: Path) -> None:
    watch = Watch()
    server.faults.append("429 after 7")
    download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server, watch))
    assert watch.waits == [7]
    assert "/api/status" not in server.paths


def test_the_status_of_a_server_says_when_it_has_room(server: Service, tmp_path: Path) -> None:
    watch = Watch()
    server.faults.append("429")
    server.status = (
        "Rate limit: 2\nSlot available after: 2026-02-03T04:05:06Z, in 31 seconds.\n"
        "Slot available after: 2026-02-03T04:05:06Z, in 12 seconds.\n"
    )
    download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server, watch))
    assert watch.waits == [12]
    assert server.paths.count("/api/status") == 1


def test_nobody_is_waited_for_longer_than_is_bearable(server: Service, tmp_path: Path) -> None:
    watch = Watch()
    server.faults.append("429")
    server.status = "Slot available after: 2026-02-03T04:05:06Z, in 86400 seconds.\n"
    download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server, watch))
    assert watch.waits == [asking.LONGEST_WAIT_S]


def test_a_wait_beyond_the_deadline_is_not_begun(server: Service, tmp_path: Path) -> None:
    watch = Watch()
    server.faults.extend(["429 after 7"] * 100)
    with pytest.raises(InputError, match="come back later"):
        download_place(Wanted("小镇"), tmp_path / "a", go_online(server, watch, minutes=10 / 60))
    assert watch.waits == [7]


def test_the_next_server_is_asked_while_one_is_busy(
    server: Service, town: Path, tmp_path: Path
) -> None:
    watch = Watch()
    with serve(Planet(town)) as other:
        server.faults.append("504")
        online = Online((server.url, other.url), clock=watch.clock())
        download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", online)
        assert watch.waits == []
        assert len(server.queries) == 1
        assert len(other.queries) == REQUESTS


def test_all_that_fail_are_named(server: Service, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/api/interpreter"
        server.faults.extend(["504"] * 100)
        online = Online((server.url, url), clock=Watch().clock())
        with pytest.raises(InputError) as caught:
            download_place(Wanted("小镇"), tmp_path / "a", online)
    assert [defect.path for defect in caught.value.defects] == [server.url, url]
    assert "cannot be reached" in caught.value.defects[1].message.en


@pytest.mark.parametrize("fault", ["drip", "drip head"])
def test_a_slow_drip_ends_with_the_deadline(server: Service, tmp_path: Path, fault: str) -> None:
    server.faults.extend([fault] * 100)
    online = Online((server.url,), minutes=0.5 / 60)
    with pytest.raises(InputError, match="takes too long"):
        download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", online)
    assert not (tmp_path / "a.osm.pbf").exists()
    assert len(server.queries) == 1


def test_an_answer_that_unpacks_to_too_much_is_refused(
    server: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_BYTES", 1 << 20)
    server.faults.extend(["", "", *["burst"] * 1000])
    with pytest.raises(InputError, match="exceeds 1 MiB"):
        download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server))


def test_a_tile_with_too_much_in_it_is_asked_for_in_quarters(
    server: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    download_place(Wanted("小镇"), tmp_path / "whole.osm.pbf", go_online(server))
    monkeypatch.setenv("SITEPLAN_CACHE", str(tmp_path / "another"))
    server.queries.clear()
    server.faults.extend(["", "", "timed out"])
    told: list[Text] = []
    download_place(Wanted("小镇"), tmp_path / "parts.osm.pbf", go_online(server), told.append)
    assert len(server.queries) == REQUESTS + 4
    assert list_objects(tmp_path / "parts.osm.pbf") == list_objects(tmp_path / "whole.osm.pbf")
    assert "downloading tile 5 of 5" in [text.en for text in told]
    server.queries.clear()  # the next run knows that the tile is too large
    download_place(Wanted("小镇"), tmp_path / "again.osm.pbf", go_online(server))
    assert server.queries == []
    assert (tmp_path / "again.osm.pbf").read_bytes() == (tmp_path / "parts.osm.pbf").read_bytes()


@pytest.mark.parametrize(
    "faults", [["timed out"], ["", "timed out"], ["", "", *["timed out"] * 99]]
)
def test_what_stays_too_much_is_refused_with_what_the_server_says(
    server: Service, tmp_path: Path, faults: list[str]
) -> None:
    server.faults.extend(faults)
    with pytest.raises(InputError, match=r"timed out.*--from"):
        download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server))
    assert not (tmp_path / "a.osm.pbf").exists()


def test_what_was_cut_off_goes_on_with_what_is_missing(server: Service, tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"

    def interrupt(text: Text) -> None:
        if text.en.startswith("downloading tile 2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_place(Wanted("小镇"), path, go_online(server), interrupt)
    assert not path.exists()
    assert len(server.queries) == REQUESTS - 1
    before = set(server.queries)
    server.queries.clear()
    download_place(Wanted("小镇"), path, go_online(server))
    (only,) = server.queries
    assert only not in before


def test_nothing_is_kept_where_nothing_shall_be(
    server: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITEPLAN_CACHE", "")
    for name in ("a.osm.pbf", "b.osm.pbf"):
        download_place(Wanted("小镇"), tmp_path / name, go_online(server))
    assert len(server.queries) == 2 * REQUESTS
    assert not (tmp_path / "cache").exists()


def test_of_two_versions_of_an_object_the_later_one_is_taken(
    server: Service, tmp_path: Path
) -> None:
    road = server.planet.things["way", 104]
    told = 0

    def edit(text: Text) -> None:
        nonlocal told
        if text.en.startswith("downloading tile"):
            told += 1
            version, name = ((5, "later"), (4, "earlier"))[told - 1]
            tags = ROAD | {"name": name}
            edited = overpass_server.Thing("way", 104, version, tags, members=road.members)
            server.planet.things["way", 104] = edited
            del server.planet.tagged

    download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server), edit)
    (held,) = [item for item in list_objects(tmp_path / "a.osm.pbf") if item[:2] == ("w", 104)]
    assert told == 2
    assert "later" in held[3]


def test_a_name_that_several_have_is_refused_with_all_of_them(
    server: Service, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        download_place(Wanted("双名"), tmp_path / "a", go_online(server))
    (defect,) = caught.value.defects
    assert "relation/204 (admin_level 8, 30.050, 120.050)" in defect.message.en
    assert "relation/205 (admin_level 6" in defect.message.zh
    assert "relation/204" in defect.remedy.en
    exact = Wanted("relation/202")
    assert download_place(exact, tmp_path / "b.osm.pbf", go_online(server)) == exact


def test_a_name_that_nobody_has_is_refused_and_asked_for_again(
    server: Service, tmp_path: Path
) -> None:
    for count in (1, 2):
        with pytest.raises(InputError, match="no administrative boundary is called that"):
            download_place(Wanted("大城"), tmp_path / "a", go_online(server))
        assert len(server.queries) == count


def test_a_place_with_nothing_in_it_is_refused(server: Service, tmp_path: Path) -> None:
    server.faults.extend(["", "", "nothing", "nothing"])
    with pytest.raises(InputError, match="nothing on the map"):
        download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server))
    assert not (tmp_path / "a.osm.pbf").exists()


@pytest.mark.parametrize("name", ['a"];out;', "a\\", '小镇"][x="'])
def test_a_name_cannot_say_anything_else_to_the_server(name: str) -> None:
    lines = ask_for_place(name).splitlines()
    assert len(lines) == len(ask_for_place("a").splitlines())
    for line in lines[2:5]:
        assert overpass_server.STATEMENT.fullmatch(line) or '\\"' in line
        (filtered,) = overpass_server.FILTER.findall(line)[1:]
        assert filtered[2].replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\") == name


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 300])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="relation/ID"):
        ask_for_place(name)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a/b", "https://", "a", "http://u:p@a/api", "http://a b/", "http://[",
     "http://a/api?x=1", "http://例/api"],
)  # fmt: skip
def test_only_plain_addresses_of_the_web_are_endpoints(url: str) -> None:
    with pytest.raises(InputError, match="no address of an Overpass server"):
        check_address(url)


def test_tiles_cover_the_box_and_do_not_overlap() -> None:
    box = Box(-0.3, 9.4, 0.6, 10.1)
    tiles = lay_tiles(box)
    areas = [(tile.north - tile.south) * (tile.east - tile.west) for tile in tiles]
    assert sum(areas) == pytest.approx(0.9 * 0.7)
    assert len(tiles) == 5 * 4
    for tile in tiles:
        quarters = tile.quarter()
        parts = [(q.north - q.south) * (q.east - q.west) for q in quarters]
        assert not quarters or sum(parts) == pytest.approx(
            (tile.north - tile.south) * (tile.east - tile.west)
        )


def test_a_place_of_too_many_tiles_is_refused_before_it_is_downloaded() -> None:
    with pytest.raises(InputError, match="--from"):
        lay_tiles(Box(0, 0, 10, 10))


def test_one_module_alone_knows_the_internet() -> None:
    knowing = {
        path.name
        for path in Path(siteplan.__file__).parent.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*(import|from) (socket|http|urllib\.request|requests|osmnx|ssl)\b", line)
    }
    assert knowing == {"sending.py"}


def test_a_tile_with_nothing_in_it_is_kept_too(server: Service, tmp_path: Path) -> None:
    server.faults.extend(["", "", "nothing"])
    download_place(Wanted("小镇"), tmp_path / "a.osm.pbf", go_online(server))
    download_place(Wanted("小镇"), tmp_path / "b.osm.pbf", go_online(server))
    assert len(server.queries) == REQUESTS


def test_what_is_older_than_half_a_year_is_removed_and_not_used(
    server: Service, tmp_path: Path
) -> None:
    download_place(Wanted("relation/202"), tmp_path / "a.osm.pbf", go_online(server))
    then = time.time() - 200 * store.DAY_S
    for entry in (tmp_path / "cache" / "overpass").iterdir():
        os.utime(entry, (then, then))
    server.queries.clear()
    download_place(Wanted("小镇"), tmp_path / "b.osm.pbf", go_online(server))
    assert len(server.queries) == REQUESTS
    assert len(list((tmp_path / "cache" / "overpass").iterdir())) == REQUESTS


def test_no_other_host_is_ever_asked(
    server: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = set()
    connect, look_up = socket.create_connection, socket.getaddrinfo

    def note_connection(address: tuple[str, int], *rest: object, **more: object) -> socket.socket:
        hosts.add(address[0])
        return connect(address, *rest, **more)  # type: ignore[arg-type]

    def note_name(host: str, *rest: object, **more: object) -> object:
        hosts.add(host)
        return look_up(host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "create_connection", note_connection)
    monkeypatch.setattr(socket, "getaddrinfo", note_name)
    monkeypatch.setenv("SITEPLAN_OVERPASS", server.url)
    server.faults.extend(["redirect", "429 after 7"])
    online = Online(clock=Watch().clock())
    fetch_online(Wanted("小镇"), tmp_path / "case", online)
    assert hosts == {"127.0.0.1"}


def test_the_command_makes_the_case_that_an_extract_makes(
    server: Service, town: Path, tmp_path: Path
) -> None:
    into = tmp_path / "online"
    arguments = ["fetch", "小镇", "--into", str(into), "--overpass", server.url, "--lang", "en"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    fetch_from(town, Wanted("小镇"), tmp_path / "offline")
    for name in (
        "data/boundaries/subdistricts.geojson",
        "data/population.csv",
        "data/roads.osm.pbf",
    ):
        online, offline = into / name, tmp_path / "offline" / name
        if name.endswith(".pbf"):
            assert list_objects(online) == list_objects(offline)
        else:
            assert online.read_bytes() == offline.read_bytes()
    manifest = json.loads((into / "fetched.json").read_bytes())
    assert manifest["replicated"] == "2026-02-03T04:05:06Z"


def test_the_command_fails_with_3_and_without_a_trace(server: Service, tmp_path: Path) -> None:
    into = tmp_path / "case"
    done = CliRunner().invoke(
        main, ["fetch", "大城", "--into", str(into), "--overpass", server.url, "--lang", "zh"]
    )
    assert done.exit_code == InputError.exit_code
    assert "没有叫这个名字的行政区边界" in done.output
    assert not into.exists()


def test_a_folder_in_use_is_refused_before_anybody_is_asked(
    server: Service, tmp_path: Path
) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "a.txt").write_text("mine")
    with pytest.raises(OutputExistsError):
        fetch_online(Wanted("小镇"), tmp_path / "case", go_online(server))
    assert server.queries == []


@pytest.mark.parametrize("options", [["--refresh"], ["--timeout", "3"], ["--overpass", "http://a"]])
def test_options_of_a_download_are_none_of_an_extract(
    town: Path, tmp_path: Path, options: list[str]
) -> None:
    arguments = ["fetch", "小镇", "--from", str(town), "--into", str(tmp_path / "case"), *options]
    assert CliRunner().invoke(main, arguments).exit_code == 2


def draw_streets(path: Path, *corners: tuple[float, float], **properties: str) -> Path:
    """Write boxes of a hundredth of a degree, each with a code of its own unless told otherwise."""
    features = [
        {
            "type": "Feature",
            "properties": properties or {"乡镇码": f"44010600{number}", "乡镇名": f"街{number}"},
            "geometry": shapely.geometry.mapping(shapely.box(lon, lat, lon + 0.01, lat + 0.01)),
        }
        for number, (lon, lat) in enumerate(corners)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_where_no_subdistricts_are_mapped_a_file_of_them_is_the_way_out(
    server: Service, tmp_path: Path
) -> None:
    for number in (202, 203):
        del server.planet.things["relation", number]
    words = ["fetch", "小镇", "--overpass", server.url, "--into", str(tmp_path / "case")]
    done = CliRunner().invoke(main, [*words, "--lang", "zh"])
    assert done.exit_code == InputError.exit_code
    assert "Overpass：" in done.stderr
    assert "osm.pbf" not in done.stderr
    assert "--boundary" in done.stderr
    own = draw_streets(tmp_path / "own.geojson", (113.24, 23.10), (113.25, 23.10))
    asked = len(server.queries)
    done = CliRunner().invoke(main, [*words, "--boundary", str(own)])
    assert done.exit_code == 0, done.output
    assert len(server.queries) == asked  # all of it had come already
    collection = json.loads(
        (tmp_path / "case" / "data/boundaries/subdistricts.geojson").read_text()
    )
    labels = [each["properties"] for each in collection["features"]]
    assert labels == [
        {"code": "440106000", "name": "街0"},
        {"code": "440106001", "name": "街1"},
    ]
    readme = (tmp_path / "case" / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# 小镇\n")
    assert "取自 Overpass（OpenStreetMap 数据截至 2026-02-03T04:05:06Z）" in readme
    assert "of Overpass (OpenStreetMap as of 2026-02-03T04:05:06Z)" in readme
    assert "osm.pbf" not in readme


def test_polygons_without_a_place_are_downloaded_by_their_box(
    server: Service, town: Path, tmp_path: Path
) -> None:
    own = draw_streets(tmp_path / "own.geojson", (113.24, 23.10), (113.25, 23.10))
    outline = draw_streets(tmp_path / "outline.geojson", (113.24, 23.10), (113.25, 23.10), a="b")
    for file, asked in ((own, 2), (outline, 3)):
        server.queries.clear()
        online, offline = tmp_path / f"{file.stem}-online", tmp_path / f"{file.stem}-offline"
        fetch_online(Wanted(boundary=file), online, go_online(server, refresh=True))
        fetch_from(town, Wanted(boundary=file), offline)
        assert len(server.queries) == asked
        for name in ("data/boundaries/subdistricts.geojson", "data/population.csv"):
            assert (online / name).read_bytes() == (offline / name).read_bytes()
        roads = "data/roads.osm.pbf"
        assert list_objects(online / roads) == list_objects(offline / roads)


def test_ground_of_a_file_beyond_the_place_is_downloaded_too(
    server: Service, tmp_path: Path
) -> None:
    own = draw_streets(tmp_path / "own.geojson", (113.24, 23.10), (113.24, 23.30))
    download_place(Wanted("小镇", own), tmp_path / "a.osm.pbf", go_online(server))
    north = [float(box.split(",")[2]) for query in server.queries if (box := read_box(query))]
    assert max(north) > 23.31


def read_box(query: str) -> str:
    found = overpass_server.BOX.search(query)
    return found[1] if found else ""


def test_neither_a_place_nor_polygons_is_nothing_to_download(
    server: Service, tmp_path: Path
) -> None:
    for wanted in (Wanted(), Wanted(" ")):
        with pytest.raises(InputError):
            fetch_online(wanted, tmp_path / "case", go_online(server))
    assert server.queries == []


@pytest.mark.real
def test_liechtenstein_online_is_liechtenstein_of_the_extract(
    real_data: Path, tmp_path: Path
) -> None:
    extract = real_data / "liechtenstein" / "liechtenstein-latest.osm.pbf"
    online, offline = tmp_path / "online", tmp_path / "offline"
    moment = open_extract(extract).replicated
    with serve(Planet(extract, moment)) as server:
        fetch_online(Wanted("Liechtenstein"), online, go_online(server))
        assert len(server.queries) == 2 + 4
    fetch_from(extract, Wanted("Liechtenstein"), offline)
    files = [path for path in offline.rglob("data/**/*") if path.is_file()]
    names = [path.relative_to(offline).as_posix() for path in files]
    assert sorted(names) == [
        "data/boundaries/subdistricts.geojson", "data/population.csv",
        "data/proposals/candidates.geojson", "data/roads.osm.pbf",
    ]  # fmt: skip
    for name in names:
        assert (online / name).read_bytes() == (offline / name).read_bytes(), name
    assert len(read_osm(online / "data" / "roads.osm.pbf", "roads").buildings) > 5000
