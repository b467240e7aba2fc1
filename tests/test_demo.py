"""The demo at the root of the repository, and cities of other sizes from the same script."""

from pathlib import Path
from typing import Any

import pytest
from synthetic_city import CityPlan, make_city, plan_demo

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.inputs.osm import read_osm
from siteplan.model import Evaluation, Site
from siteplan.outputs.results import to_document

ROOT = Path(__file__).parents[1]
MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def demo() -> Evaluation:
    return evaluate(read_case(ROOT))


@pytest.fixture(scope="module")
def document(demo: Evaluation) -> Any:  # noqa: ANN401
    return to_document(demo)


def list_files(folder: Path) -> dict[str, bytes]:
    names = [folder / "siteplan.toml", folder / "standard.toml", *(folder / "data").rglob("*")]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in names if p.is_file()}


def describe(site: Site) -> tuple[object, ...]:
    return site.id, site.name, site.subdistrict, site.status, site.role, site.floor_area_m2


def test_the_script_makes_the_files_of_the_demo(tmp_path: Path) -> None:
    """Compared by content: another zlib packs the same map into other bytes."""
    make_city(tmp_path, plan_demo())
    made, kept = list_files(tmp_path), list_files(ROOT)
    assert sorted(made) == sorted(kept)
    assert sum(map(len, kept.values())) < MOST_BYTES
    for name in (name for name in kept if not name.endswith((".pbf", ".geojson"))):
        assert made[name] == kept[name], name
    ours, theirs = (read_osm(place / "data" / "roads.osm.pbf", "") for place in (ROOT, tmp_path))
    assert ours.refs.tolist() == theirs.refs.tolist()
    assert ours.lon == pytest.approx(theirs.lon, abs=1e-6)
    assert ours.lat == pytest.approx(theirs.lat, abs=1e-6)
    assert ours.levels == pytest.approx(theirs.levels, nan_ok=True)
    sites, again = (read_case(place).sites.records for place in (ROOT, tmp_path))
    assert [describe(site) for site in sites] == [describe(site) for site in again]
    assert [s.lon for s in sites] == pytest.approx([s.lon for s in again], abs=1e-6)


def test_the_demo_says_that_it_is_synthetic(document: Any) -> None:  # noqa: ANN401
    assert document["case"].startswith("演示数据")


def test_the_demo_has_200_000_residents_on_buildings(demo: Evaluation, document: Any) -> None:  # noqa: ANN401
    assert document["summary"]["population"] == 200_000
    assert document["summary"]["subdistricts"] >= 8
    assert all(one.rules["D04"] == "pass" for one in demo.judgements)


@pytest.mark.parametrize(
    ("code", "rule", "verdict", "layout"),
    [
        ("440199001", "C01", "pass", "concentrated"),
        ("440199001", "C03", "warn", "concentrated"),
        ("440199005", "S06", "warn", "dispersed"),  # the railway has one underpass
        ("440199002", "N05", "pass", "dispersed"),
        ("440199003", "C01", "fail", "dispersed"),  # branches side by side
        ("440199004", "S04", "fail", "dispersed"),
        ("440199005", "N02", "fail", "dispersed"),  # no headquarters
        ("440199006", "N02", "fail", "dispersed"),  # two headquarters
        ("440199006", "N01", "fail", "dispersed"),
        ("440199006", "P02", "warn", "dispersed"),
        ("440199007", "N01", "warn", "none"),
        ("440199008", "N05", "fail", "dispersed"),  # a branch on a sandbank
        ("440199009", "S01", "fail", "dispersed"),
        ("440199010", "S02", "fail", "concentrated"),
        ("440199010", "S03", "warn", "concentrated"),
        ("440199010", "P02", "pass", "concentrated"),  # its project gives the mode
    ],
)
def test_the_demo_shows_every_kind_of_proposal(
    demo: Evaluation, code: str, rule: str, verdict: str, layout: str
) -> None:
    (one,) = [one for one in demo.judgements if one.subdistrict.code == code]
    assert (one.rules[rule], one.layout) == (verdict, layout)


def test_good_proposals_pass_and_the_river_strands_a_branch(demo: Evaluation) -> None:
    verdicts = {one.subdistrict.code: one.verdict for one in demo.judgements}
    assert [code for code, verdict in verdicts.items() if verdict == "pass"] == ["440199002"]
    assert verdicts["440199001"] == "warn"  # all is well, but for older people's speed
    network = next(o.network for o in demo.judgements if o.subdistrict.code == "440199008")
    assert network.stranded == ("440199008-3",)


def test_a_city_of_another_size_is_a_case_too(tmp_path: Path) -> None:
    make_city(tmp_path, CityPlan(subdistricts=3, residents=30_000, road_nodes=900, sites=7, seed=3))
    evaluation = evaluate(read_case(tmp_path))
    assert evaluation.summary.subdistricts == 3
    assert evaluation.summary.population == 30_000
    assert len(evaluation.case.sites.records) == 7
    assert all(one.network.connected for one in evaluation.judgements)
