"""What several tests share: where real data lies, and ways to write small files."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import osmium
import pytest
from compared import SITES, Document, Hold, Make, Sites, hold_in, judge
from hypothesis import settings

from siteplan.inputs.case import read_case
from siteplan.model import Case

# CI draws the same examples every time; elsewhere each run looks for new ones. No machine is
# so quiet that one example's time would say anything.
settings.register_profile("search", deadline=None)
settings.register_profile("same", deadline=None, derandomize=True)
settings.load_profile("same" if os.environ.get("CI") else "search")

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what the tests parse out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SITEPLAN_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data, or skip."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real data are not on this machine (../shared/data)")
    return REAL_DATA


@pytest.fixture(scope="session")
def liechtenstein(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Read the smallest complete real case."""
    folder, source = tmp_path_factory.mktemp("liechtenstein"), real_data / "liechtenstein"
    (folder / "siteplan.toml").write_text(
        f"""
        [case]
        name = "Liechtenstein"
        standard = "gb50180-2018-15min"
        [paths]
        boundaries = "{source / "municipalities.geojson"}"
        roads = "{source / "liechtenstein-latest.osm.pbf"}"
        proposals = "{source / "candidates.geojson"}"
        [columns.boundaries]
        code = "name"
        [columns.proposals]
        id = "osm_id"
        subdistrict = "municipality"
        """,
        encoding="utf-8",
    )
    return read_case(folder)


@pytest.fixture
def write_geojson() -> Callable[..., Path]:
    """Return a function that writes (geometry, properties) pairs as a FeatureCollection."""

    def write(
        path: Path,
        *features: tuple[Mapping[str, object] | None, Mapping[str, object]],
        **members: object,
    ) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        collection = {
            "type": "FeatureCollection",
            **members,
            "features": [
                {"type": "Feature", "properties": properties, "geometry": geometry}
                for geometry, properties in features
            ],
        }
        path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
        return path

    return write


@pytest.fixture
def write_osm(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes nodes, ways and relations as an OpenStreetMap file."""

    def write(
        nodes: Mapping[int, tuple[float, float]],
        ways: Mapping[int, tuple[Sequence[int], Mapping[str, str]]],
        relations: Mapping[int, tuple[Sequence[tuple[str, int, str]], Mapping[str, str]]]
        | None = None,
        name: str = "a.osm.pbf",
    ) -> Path:
        path = tmp_path / name
        path.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(path)) as writer:
            for number, place in nodes.items():
                writer.add_node(osmium.osm.mutable.Node(id=number, location=place, version=1))
            for number, (refs, tags) in ways.items():
                way = osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags, version=1)
                writer.add_way(way)
            for number, (members, tags) in (relations or {}).items():
                relation = osmium.osm.mutable.Relation(
                    id=number, members=members, tags=tags, version=1
                )
                writer.add_relation(relation)
        return path

    return write


# Two evaluations side by side: the small town, judged over and over.


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Judge the small town with other sites or residents."""

    def judge_anew(sites: Sites = SITES, **options: Any) -> Document:  # noqa: ANN401
        return judge(tmp_path_factory.mktemp("town"), sites, **options)

    return judge_anew


@pytest.fixture(scope="session")
def base(make: Make) -> Document:
    """Judge the small town as it is."""
    return make()


@pytest.fixture
def hold(tmp_path: Path) -> Hold:
    """Keep an evaluation as it is read again from its file."""
    return hold_in(tmp_path)
