import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import town
from small import make_threshold

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation
from siteplan.outputs.results import to_document, write_findings, write_json

SECTION_6 = {
    "": "format siteplan_version case date standard crs distance sources refused summary "
    "subdistricts sites findings",
    "standard": "id service_radius_m thresholds",
    "distance": "method snap_limit_m",
    "sources": "role path sha256 rows crs datum licence",
    "summary": "subdistricts population covered_population coverage_ratio "
    "straight_line_coverage_ratio covered_by_any_population unreachable_population violations "
    "warnings",
    "subdistricts": "code name district population layout verdict rules covered_population "
    "coverage_ratio straight_line_coverage_ratio covered_by_any_population mean_distance_m "
    "p95_distance_m unreachable_population groups sites network",
    "subdistricts.network": "headquarters connected stranded links best_headquarters worst_loss",
    "sites": "id name subdistrict status role lon lat snap_distance_m alone_population "
    "added_population shared_population lost_population catchment_population mean_distance_m",
    "findings": "code severity subject message measured unit threshold threshold_status clause "
    "department",
}
"""Keys of the format, as they were agreed."""


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(read_case(town.write_town(tmp_path_factory.mktemp("town"))))


@pytest.fixture(scope="module")
def document(evaluation: Evaluation) -> Any:  # noqa: ANN401
    return json.loads(write_json(evaluation))


@pytest.mark.parametrize("place", SECTION_6)
def test_every_key_of_the_format_is_there(document: Any, place: str) -> None:  # noqa: ANN401
    records = [document]
    for name in filter(None, place.split(".")):
        values = [record[name] for record in records]
        records = [r for v in values for r in (v if isinstance(v, list) else [v])]
    assert records
    for record in records:
        assert set(SECTION_6[place].split()) <= set(record)


def test_everything_stands_in_order(document: Any) -> None:  # noqa: ANN401
    findings = [(f["code"], f["subject"]) for f in document["findings"]]
    assert findings == sorted(findings)
    assert [s["code"] for s in document["subdistricts"]] == [town.WEST, town.EAST]
    assert [s["id"] for s in document["sites"]] == ["e1", "w1", "w2", "w3"]
    paths = [s["path"] for s in document["sources"]]
    assert paths == sorted(paths)
    assert paths[0] == "data/boundaries/town.geojson"


def test_the_order_in_which_a_standard_gives_its_figures_is_not_written(tmp_path: Path) -> None:
    case = read_case(town.write_town(tmp_path))
    gap, transit = (make_threshold(name, 800.0) for name in ("gap_pop", "transit"))
    own = {
        "甲区": {"transit": transit, "gap_pop": gap},
        "丙区": {"gap_pop": gap, "transit": transit},
    }
    standard = replace(case.standard, districts=own)
    turned = replace(
        standard,
        thresholds=dict(reversed(standard.thresholds.items())),
        sources=dict(reversed(standard.sources.items())),
        districts={name: dict(reversed(each.items())) for name, each in reversed(own.items())},
    )
    one, other = (write_json(evaluate(replace(case, standard=each))) for each in (standard, turned))
    assert one == other


def test_numbers_have_the_decimals_of_the_format(evaluation: Evaluation) -> None:
    text = write_json(evaluation).decode("utf-8")
    for name, decimals in (("_population", 6), ("_distance_m", 3), ("_ratio", 9)):
        written = re.findall(rf'{name}": (\d+\.\d+)', text)
        assert written
        assert all(len(number.split(".")[1]) <= decimals for number in written)


def test_what_cannot_be_computed_is_null(document: Any) -> None:  # noqa: ANN401
    candidate = next(s for s in document["sites"] if s["id"] == "w3")
    assert candidate["shared_population"] is None
    assert candidate["lost_population"] is None
    assert candidate["added_population"] > 0
    west = next(s for s in document["subdistricts"] if s["code"] == town.WEST)
    assert west["network"]["headquarters"] is None
    assert west["network"]["best_headquarters"]["median"] in {"w1", "w2"}
    assert west["groups"] == {"age_60_plus": {"population": 90.0, "coverage_ratio": None}}


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (
        evaluate(read_case(town.write_town(tmp_path / folder))) for folder in ("one", "two")
    )
    assert write_json(first) == write_json(second)
    assert write_findings(first) == write_findings(second)


def test_members_are_listed_and_candidates_are_not(evaluation: Evaluation) -> None:
    west: Any = to_document(evaluation)["subdistricts"][0]  # type: ignore[index]
    assert west["sites"] == ["w1", "w2"]


def test_findings_csv_says_case_and_method_on_every_line(evaluation: Evaluation) -> None:
    content = write_findings(evaluation)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == len(evaluation.findings) > 3
    assert {(row["case"], row["distance"]) for row in rows} == {("小镇", "roads")}
    missing_head = next(row for row in rows if row["code"] == "N02")
    assert missing_head["severity"] == "violation"
    assert missing_head["subject"] == town.WEST
    assert missing_head["clause"] == "四(二)"


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_of_findings_csv_runs_as_a_formula(tmp_path: Path, start: str) -> None:
    evaluation = evaluate(read_case(town.write_town(tmp_path, name=start + "小镇")))
    rows = list(csv.reader(io.StringIO(write_findings(evaluation).decode("utf-8-sig"))))
    assert all(
        not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row
    )


def test_control_characters_do_not_reach_the_json_raw(tmp_path: Path) -> None:
    evaluation = evaluate(read_case(town.write_town(tmp_path, name="小\x1b[31m镇\u2028")))
    text = write_json(evaluation).decode("utf-8")
    assert "\x1b" not in text
    assert json.loads(text)["case"] == "小\x1b[31m镇\u2028"
