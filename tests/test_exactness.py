"""The laws of the whole evaluation.json.

One subdistrict alone is that subdistrict among all; neither the order of a file, nor how it is cut
into several, nor its CRS, nor where on earth a case lies changes what is found; and the figures
hang together as the method says, worked out again from the JSON alone.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import Manner, Plan, make_exact_plan, make_plan, mix, write_plan

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Case
from siteplan.outputs.results import write_json

ROOT = Path(__file__).parents[1]
DEMO_CODES = [f"4401990{number:02}" for number in range(1, 11)]
MUNICIPALITIES = [
    "Balzers", "Eschen", "Gamprin", "Mauren", "Planken", "Ruggell", "Schaan", "Schellenberg",
    "Triesen", "Triesenberg", "Vaduz",
]  # fmt: skip
FEW = settings(max_examples=10)
SEEDS = st.integers(0, 10**9)
CLOSE = 1e-6  # relative
WRITTEN = {"_m": 0.0011, "": 1.1e-6}  # absolute: what the decimals of the format leave open
Document = dict[str, Any]


def judge(case: Case, **how: Any) -> Document:  # noqa: ANN401
    """Return the document as it stands in the file."""
    document: Document = json.loads(write_json(evaluate(case, **how)))
    return document


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Plan, Manner], Document]:
    """Return a function that writes a town in some manner and judges it."""

    def write_and_judge(plan: Plan, manner: Manner) -> Document:
        number = len(list(tmp_path.iterdir()))
        return judge(read_case(write_plan(tmp_path / str(number), plan, manner)))

    return write_and_judge


# --- one alone, and among all


def take_part(document: Document, code: str) -> bytes:
    """Return everything a document says of one subdistrict, as it is written."""
    sites = [site for site in document["sites"] if site["subdistrict"] == code]
    subjects = {code, *(site["id"] for site in sites)}
    part = {
        "subdistricts": [one for one in document["subdistricts"] if one["code"] == code],
        "sites": sites,
        "findings": [one for one in document["findings"] if one["subject"] in subjects],
    }
    return json.dumps(part, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def demo() -> Case:
    return read_case(ROOT)


@pytest.fixture(scope="module")
def demo_among_all(demo: Case) -> Document:
    return judge(demo)


@pytest.fixture(scope="module")
def liechtenstein_among_all(liechtenstein: Case) -> Document:
    return judge(liechtenstein)


def check_alone(case: Case, among_all: Document, code: str) -> None:
    alone = judge(case, subdistricts=[code])
    assert [one["code"] for one in alone["subdistricts"]] == [code]
    assert take_part(alone, code) == take_part(among_all, code)
    of_the_case = ("case", "date", "standard", "crs", "distance", "sources", "refused")
    assert {key: alone[key] for key in of_the_case} == {key: among_all[key] for key in of_the_case}
    (one,) = alone["subdistricts"]
    assert alone["summary"]["covered_population"] == one["covered_population"]
    # nothing is said of others, and of the case the same
    subjects = {code, "case", *(site["id"] for site in alone["sites"])}
    assert {finding["subject"] for finding in alone["findings"]} <= subjects
    assert pick(alone, "case") == pick(among_all, "case")


def pick(document: Document, subject: str) -> list[Any]:
    return [finding for finding in document["findings"] if finding["subject"] == subject]


@pytest.mark.parametrize("code", DEMO_CODES)
def test_a_subdistrict_of_the_demo_alone_is_the_same_as_among_all(
    demo: Case, demo_among_all: Document, code: str
) -> None:
    check_alone(demo, demo_among_all, code)


@pytest.mark.real
@pytest.mark.parametrize("code", MUNICIPALITIES)
def test_a_municipality_of_liechtenstein_alone_is_the_same_as_among_all(
    liechtenstein: Case, liechtenstein_among_all: Document, code: str
) -> None:
    check_alone(liechtenstein, liechtenstein_among_all, code)


def test_these_are_all_subdistricts_of_the_demo(demo: Case) -> None:
    assert list(demo.area.codes) == DEMO_CODES


# --- in any order


def drop_files(document: Document) -> bytes:
    """Return a document without the hashes of its files, and without which file was which."""
    kept = ("role", "rows", "crs", "datum", "licence", "notes")
    sources = [{key: source[key] for key in kept} for source in document["sources"]]
    return json.dumps(document | {"sources": sources}, ensure_ascii=False).encode()


@FEW
@given(seed=SEEDS, order=SEEDS, osm=st.booleans())
def test_the_order_of_features_rows_and_elements_changes_no_byte(
    seed: int, order: int, tmp_path_factory: pytest.TempPathFactory, *, osm: bool
) -> None:
    plan, folder = make_plan(seed), tmp_path_factory.mktemp("order")
    one, other = (
        judge(read_case(write_plan(folder / name, plan, manner)))
        for name, manner in (("one", Manner(osm=osm)), ("other", Manner(osm=osm, seed=order)))
    )
    assert drop_files(one) == drop_files(other)
    assert [source["path"] for source in one["sources"]] == [
        source["path"] for source in other["sources"]
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("files", [2, 5])
def test_how_boundaries_and_proposals_are_cut_into_files_changes_nothing_else(
    run: Callable[[Plan, Manner], Document], seed: int, files: int
) -> None:
    plan = make_plan(seed)
    whole, parts = run(plan, Manner()), run(plan, Manner(files=min(files, 3), seed=files))
    assert len(parts["sources"]) > len(whole["sources"])
    assert json.dumps(parts | {"sources": []}) == json.dumps(whole | {"sources": []})


@pytest.mark.parametrize("order", range(2))
def test_no_order_of_the_files_of_the_demo_changes_a_byte(
    demo_among_all: Document, tmp_path: Path, order: int
) -> None:
    case = shuffle_demo(tmp_path / "demo", order)
    assert drop_files(judge(read_case(case))) == drop_files(demo_among_all)


def shuffle_demo(folder: Path, order: int) -> Path:
    """Write the demo with its features, rows and OpenStreetMap elements in another order."""
    rng = np.random.default_rng(order)
    for path in sorted((ROOT / "data").rglob("*")):
        there = folder / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".geojson":
            held = json.loads(path.read_text("utf-8"))
            held["features"] = mix(held["features"], rng)
            there.write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
        elif path.suffix == ".csv":
            header, *rows = path.read_text("utf-8").splitlines()
            there.write_text("\n".join([header, *mix(rows, rng)]), encoding="utf-8")
        elif path.suffix == ".pbf":
            renumber_osm(path, there, rng)
    for name in ("siteplan.toml", "standard.toml"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def renumber_osm(source: Path, target: Path, rng: np.random.Generator) -> None:
    """Write an extract with new ids. Elements stand in order of id, so theirs is another one."""
    read: dict[str, list[Any]] = {"n": [], "w": [], "r": []}
    for item in osmium.FileProcessor(str(source)):
        tags = {tag.k: tag.v for tag in item.tags}
        if item.is_node():
            read["n"].append((item.id, tags, (item.location.lon, item.location.lat)))
        elif item.is_way():
            read["w"].append((item.id, tags, [node.ref for node in item.nodes]))
        else:
            members = [(member.type, member.ref, member.role) for member in item.members]
            read["r"].append((item.id, tags, members))
    mixed = {kind: mix(items, rng) for kind, items in read.items()}
    new = {
        (kind, old): number
        for kind, items in mixed.items()
        for number, (old, _, _) in enumerate(items, 1)
    }
    mutable = osmium.osm.mutable
    with osmium.SimpleWriter(str(target)) as writer:
        for number, (_, tags, place) in enumerate(mixed["n"], 1):
            writer.add_node(mutable.Node(id=number, location=place, tags=tags, version=1))
        for number, (_, tags, refs) in enumerate(mixed["w"], 1):
            nodes = [new["n", ref] for ref in refs]
            writer.add_way(mutable.Way(id=number, nodes=nodes, tags=tags, version=1))
        for number, (_, tags, members) in enumerate(mixed["r"], 1):
            there = [(kind, new[kind, ref], role) for kind, ref, role in members]
            writer.add_relation(mutable.Relation(id=number, members=there, tags=tags, version=1))


# --- in degrees or in metres, here or elsewhere


def list_leaves(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value of a document with its place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from list_leaves(inner, f"{place}.{key}")
    elif isinstance(value, list):
        yield place, len(value)
        for number, inner in enumerate(value):
            yield from list_leaves(inner, f"{place}[{number}]")
    else:
        yield place, value


def find_changes(one: Document, other: Document) -> list[tuple[str, object, object]]:
    """Return the values in which two documents differ by more than their decimals leave open.

    Not what says where on earth something is, nor which file it was read from.
    """
    ours, theirs = (
        {place: value for place, value in list_leaves(document) if not is_place(place)}
        for document in (one, other)
    )
    return [
        (place, ours.get(place, "absent"), theirs.get(place, "absent"))
        for place in sorted(ours.keys() | theirs.keys())
        if not is_close(place, ours.get(place, "absent"), theirs.get(place, "absent"))
    ]


def is_place(place: str) -> bool:
    return place.endswith((".lon", ".lat", "sha256")) or (
        place.startswith(".sources") and place.endswith((".path", ".crs", ".datum"))
    )


def is_close(place: str, one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        written_m = place.rsplit(".", 1)[-1].endswith("_m") or ".findings" in place
        least = WRITTEN["_m" if written_m else ""]
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=least)
    if isinstance(one, str) and isinstance(other, str):
        return re.sub(PLACE, "", one) == re.sub(PLACE, "", other)
    return one == other


PLACE = r"\d+\.\d{5}, \d+\.\d{5}"  # of a bridge without a name, in a sentence


@FEW
@given(seed=SEEDS)
def test_degrees_or_metres_are_the_same_case(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plan, folder = make_plan(seed), tmp_path_factory.mktemp("crs")
    degrees, metres = (
        judge(read_case(write_plan(folder / name, plan, Manner(metres=name == "metres"))))
        for name in ("degrees", "metres")
    )
    assert find_changes(degrees, metres) == []


@FEW
@given(seed=SEEDS, shift=st.sampled_from([(1000.0, -1000.0), (37_000.0, 37_000.0)]))
def test_a_town_elsewhere_is_the_same_town(
    seed: int, shift: tuple[float, float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On a lattice, where distances meet their limits exactly and people live on borders."""
    plan, folder = make_plan(seed), tmp_path_factory.mktemp("shift")
    here = judge(read_case(write_plan(folder / "here", plan, Manner(metres=True))))
    there = judge(read_case(write_plan(folder / "there", plan, Manner(metres=True, shift=shift))))
    assert find_changes(here, there) == []
    lons = [[site["lon"] for site in document["sites"]] for document in (here, there)]
    assert all(b - a > 0.009 for a, b in zip(*lons, strict=True))  # it did move


@pytest.mark.parametrize(
    "manner",
    [
        Manner(),
        Manner(metres=True),
        Manner(metres=True, shift=(1000.0, -1000.0)),
        Manner(metres=True, shift=(37_000.0, 37_000.0)),
        Manner(seed=1),
    ],
)
def test_what_meets_its_limit_exactly_meets_it_however_it_is_written(
    run: Callable[[Plan, Manner], Document], manner: Manner
) -> None:
    """By hand: all at their limits, on a border, or as near to one as to the other."""
    document = run(make_exact_plan(), manner)
    west, east, _ = document["subdistricts"]
    assert (west["covered_population"], west["coverage_ratio"]) == (240, 0.6)
    assert (east["covered_population"], east["covered_by_any_population"]) == (0, 0)
    catchments = {site["id"]: site["catchment_population"] for site in document["sites"]}
    assert catchments == {"a": 200, "b": 40}  # the tie goes to the smaller id
    assert [link["distance_m"] for link in west["network"]["links"]] == [400]
    assert {stop["distance_m"] for stop in west["stops"]} == {200}
    verdicts = {rule: west["rules"][rule] for rule in ("C01", "N06", "S01", "S05")}
    assert verdicts == {"C01": "pass", "N06": "pass", "S01": "warn", "S05": "pass"}


# --- how the figures hang together


def check_sums(document: Document) -> None:
    """Hold the figures of a document against one another."""
    people = pytest.approx
    worth = {site["id"]: site for site in document["sites"]}
    for one in document["subdistricts"]:
        missed = one["population"] - one["covered_population"]
        unreached = one["unreachable_population"]
        assert math.fsum(gap["population"] for gap in one["gaps"]) == people(missed, abs=1e-4)
        cut_off = math.fsum(gap["unreachable_population"] for gap in one["gaps"])
        catchments = math.fsum(worth[id_]["catchment_population"] for id_ in one["sites"])
        if one["sites"]:
            assert catchments == people(one["population"] - unreached, abs=1e-4)
            assert cut_off == people(unreached, abs=1e-4)
        else:
            assert (catchments, one["covered_population"]) == (0, 0)
        radius_m = find_radius(document, one)
        curve = one["equity"]["coverage_curve"]
        if radius_m % 100 == 0 and radius_m <= 3000:
            assert curve[int(radius_m // 100)] == one["coverage_ratio"]
        assert [share for share in curve if share is not None] == sorted(curve, key=float)
        if one["population"]:
            ratio = one["covered_population"] / one["population"]
            assert one["coverage_ratio"] == people(ratio, abs=2e-9)
            assert ratio <= one["straight_line_coverage_ratio"] + 1e-9
        check_losses(one)
    summary = document["summary"]
    for key in ("population", "covered_population", "covered_by_any_population"):
        assert summary[key] == people(math.fsum(s[key] for s in document["subdistricts"]), abs=1e-4)
    votes = math.fsum(site["shared_population"] or 0 for site in document["sites"])
    assert votes == people(summary["covered_by_any_population"], abs=1e-3)
    for site in document["sites"]:
        assert site["added_population"] <= site["alone_population"]
        assert site["lost_population"] is None or (
            site["lost_population"] <= site["added_population"]
        )


def find_radius(document: Document, subdistrict: Mapping[str, Any]) -> float:
    standard = document["standard"]
    own = standard["districts"].get(subdistrict["district"], {}).get("service_radius")
    return float(own or standard["service_radius_m"])


def check_losses(one: Mapping[str, Any]) -> None:
    network = one["network"]
    left = {loss["site"]: loss["coverage_ratio"] for loss in network["losses"]}
    if one["population"]:
        assert sorted(left) == one["sites"]
    if network["worst_loss"] is None:
        assert network["headquarters"] is None or not left
        return
    assert network["worst_loss"]["coverage_ratio"] == min(left.values())
    assert left[network["worst_loss"]["site"]] == min(left.values())
    assert max(left.values()) <= one["coverage_ratio"]


def check_verdicts(document: Document) -> None:
    """Work the verdicts out again from the findings, and those of subdistricts from the rules."""
    said = {"violation": "fail", "warning": "warn", "note": "unknown"}
    for one in document["subdistricts"]:
        found: dict[str, set[str]] = {}
        for finding in document["findings"]:
            if finding["subject"] in {one["code"], *one["sites"]}:
                found.setdefault(finding["code"], set()).add(said[finding["severity"]])
        for rule, verdict in one["rules"].items():
            worst = [v for v in ("fail", "unknown", "warn") if v in found.get(rule, set())]
            assert verdict == worst[0] if worst else verdict in {"pass", "na"}, (one["code"], rule)
        rules = one["rules"].values()
        decisive = [one["rules"].get(rule) for rule in ("C01", "N05", "D03", "D05")]
        expected = (
            "fail" if "fail" in rules
            else "unknown" if "unknown" in decisive
            else "warn" if "warn" in rules
            else "pass"
        )  # fmt: skip
        assert one["verdict"] == expected
        assert one["layout"] == ("none", "concentrated", "dispersed")[min(len(one["sites"]), 2)]
    for finding in document["findings"]:
        binding = finding["threshold_status"] in {"quoted", "adopted"}
        categorical = finding["code"] in CATEGORICAL
        assert finding["severity"] != "violation" or binding or categorical, finding
    severities = [finding["severity"] for finding in document["findings"]]
    assert document["summary"]["violations"] == severities.count("violation")
    assert document["summary"]["warnings"] == severities.count("warning")


CATEGORICAL = {
    "D01", "D02", "D04", "S01", "S02", "N01", "N02", "N03", "N05", "P02", "P03", "P04",
}  # fmt: skip
"""Rules that may fail by themselves."""


@FEW
@given(seed=SEEDS)
def test_the_figures_of_any_town_hang_together(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sums")
    document = judge(read_case(write_plan(folder / "town", make_plan(seed))))
    check_sums(document)
    check_verdicts(document)


def test_the_figures_of_the_demo_hang_together(demo_among_all: Document) -> None:
    check_sums(demo_among_all)
    check_verdicts(demo_among_all)


@pytest.mark.real
def test_the_figures_of_liechtenstein_hang_together(liechtenstein_among_all: Document) -> None:
    check_sums(liechtenstein_among_all)
    check_verdicts(liechtenstein_among_all)
