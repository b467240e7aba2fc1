"""What a decision stands on changes with its own subdistrict, and with nothing else."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import town
from small import make_site

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.outputs.hashes import add_hashes, hash_judgement
from siteplan.outputs.results import to_document

ENTRY: dict[str, object] = {"code": "A", "coverage_ratio": 0.9, "covered_by_any_population": 7.0}
SITE: dict[str, object] = {"id": "s", "lon": 113.3, "shared_population": 7.0}
FINDING: dict[str, object] = {"code": "N02", "subject": "A", "measured": 1}


def make_hash(**changes: dict[str, object]) -> str:
    proposed = make_site("s", 0, 0, **changes.get("proposed", {}))
    return hash_judgement(
        ENTRY | changes.get("entry", {}),
        [SITE | changes.get("site", {})],
        [FINDING | changes.get("finding", {})],
        [proposed],
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"entry": {"coverage_ratio": 0.8}},
        {"entry": {"name": "A"}},
        {"site": {"lon": 113.4}},
        {"finding": {"measured": 2}},
        {"proposed": {"premises": "new_build"}},
        {"proposed": {"others": {"cost_wan": 200}}},
    ],
)
def test_what_was_found_out_or_proposed_makes_another_hash(changes: Any) -> None:  # noqa: ANN401
    assert make_hash(**changes) != make_hash()


@pytest.mark.parametrize(
    "changes",
    [
        {"entry": {"covered_by_any_population": 8.0}},
        {"entry": {"evaluation_sha256": "0" * 64}},
        {"site": {"shared_population": 8.0}},
        {"site": {"evaluation_sha256": "0" * 64}},
        {"proposed": {"path": "elsewhere.geojson", "feature": 7}},
    ],
)
def test_what_depends_on_others_does_not(changes: Any) -> None:  # noqa: ANN401
    assert make_hash(**changes) == make_hash()


def test_the_order_in_which_figures_stand_makes_no_other_hash() -> None:
    entry, site, finding = (dict(reversed(one.items())) for one in (ENTRY, SITE, FINDING))
    assert hash_judgement(entry, [site], [finding], [make_site("s", 0, 0)]) == make_hash()


def test_attributes_that_json_has_no_form_for_are_part_of_it() -> None:
    odd = {"others": {"a": float("nan"), "b": date(2010, 7, 5), "c": "\ud800"}}
    assert make_hash(proposed=odd) == make_hash(proposed=odd) != make_hash()


def test_what_is_found_of_a_subdistrict_and_of_its_sites_is_part_of_its_hash() -> None:
    def sign(**found: str) -> list[object]:
        """Return the hashes of two subdistricts of a site each, with something found of some."""
        subdistricts: list[dict[str, object]] = [{"code": "A"}, {"code": "B"}]
        sites: list[dict[str, object]] = [
            {"id": "a", "subdistrict": "A"}, {"id": "b", "subdistrict": "B"},
        ]  # fmt: skip
        findings = [{"subject": subject, "message": said} for subject, said in found.items()]
        add_hashes(subdistricts, sites, findings, [make_site("a"), make_site("b")])
        return [one["evaluation_sha256"] for one in subdistricts]

    plain = sign()
    for subject in ("A", "a"):
        changed = sign(**{subject: "x"})
        assert changed[0] != plain[0]
        assert changed[1] == plain[1]


def test_sites_have_the_hash_of_their_subdistrict_and_one_of_none_its_own(tmp_path: Path) -> None:
    case = town.write_town(tmp_path)
    town.write(
        case / "data" / "proposals" / "lost.geojson",
        [(town.point(500, 500), {"id": "n1", "name": "A"}),
         (town.point(600, 500), {"id": "n2", "name": "B"})],
    )  # fmt: skip
    document: Any = to_document(evaluate(read_case(case)))
    of_place = {one["code"]: one["evaluation_sha256"] for one in document["subdistricts"]}
    of_site = {one["id"]: one["evaluation_sha256"] for one in document["sites"]}
    assert {of_site[id_] for id_ in ("w1", "w2", "w3")} == {of_place[town.WEST]}
    assert of_site["e1"] == of_place[town.EAST]
    assert len({*of_site.values()}) == 4

    alone: Any = to_document(evaluate(read_case(case), subdistricts=[town.EAST]))
    assert alone["subdistricts"][0]["evaluation_sha256"] == of_place[town.EAST]
