"""An evaluation that was written before, as a file from outside."""

import json
from pathlib import Path
from typing import Any

import pytest
from compared import Document, Hold, read
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.compare import compare_evaluations
from siteplan.errors import InputError
from siteplan.inputs.evaluations import read_evaluation
from siteplan.outputs.comparison import (
    say_comparison,
    write_comparison,
)
from siteplan.outputs.comparison.words import list_notices


def refuse(document: object, folder: Path) -> list[str]:
    with pytest.raises(InputError) as refused:
        read(document, folder)  # type: ignore[arg-type]
    assert all(one.message.zh != one.message.en for one in refused.value.defects)
    return [one.message.en for one in refused.value.defects]


def test_all_defects_are_told_at_once(base: Document, tmp_path: Path) -> None:
    bad = json.loads(json.dumps(base))
    bad["crs"] = 7
    bad["date"] = "2010-13-01"
    del bad["standard"]["service_radius_m"]
    bad["subdistricts"][0]["coverage_ratio"] = 1.5
    bad["subdistricts"][1]["verdict"] = "excellent"
    bad["subdistricts"][1]["rules"] = []
    bad["sites"][0]["lat"] = 91
    bad["sites"][1]["id"] = bad["sites"][0]["id"]
    bad["findings"][0]["message"] = {"zh": "a"}
    bad["sources"].append("a file")
    told = "\n".join(refuse(bad, tmp_path))
    for words in (
        "crs is 7, not text", "date is '2010-13-01'", "has no standard.service_radius_m",
        "subdistricts[0].coverage_ratio is 1.5, not a number from 0 to 1",
        "subdistricts[1].verdict is 'excellent', not one of pass/warn", "subdistricts[1].rules is",
        "sites[0].lat is 91", "2 times in sites", "has no findings[0].message.en",
        "is not an object",
    ):  # fmt: skip
        assert words in told, words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("[]", "is not a file of the format"),
        ("null", "is not a file of the format"),
        ('{"format": "siteplan-evaluation/2"}', "siteplan-evaluation/2"),
        ('{"format": "siteplan-comparison/1"}', "siteplan-comparison/1"),
        ("[" * 100, "levels of nesting"),
        ('{"format": "siteplan-evaluation/1", "format": "siteplan-evaluation/1"}', "twice"),
        ('{"format": "siteplan-evaluation/1", "crs": NaN}', "NaN"),
        ("{'format': 1}", "not valid JSON"),
        ('{"format": "siteplan-evaluation/1", "date": ' + "9" * 5000 + "}", "too long"),
    ],
)
def test_what_is_no_evaluation_is_refused(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_evaluation(path, "a.json")


def list_places(document: object, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value of a document."""
    items = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    return [place, *(deep for key, one in items for deep in list_places(one, (*place, key)))]


JUNK = (None, True, -1, 1e300, "", "\ud800", [], {}, [[]], {"a": 1}, "__proto__", 10**40)


@settings(max_examples=150)
@given(st.data())
def test_a_file_with_anything_in_any_place_is_read_or_refused(
    base: Document, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    document = json.loads(json.dumps(base))
    place = data.draw(st.sampled_from(list_places(base)[1:]))
    junk = data.draw(st.sampled_from(JUNK))
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = junk
    path = tmp_path_factory.mktemp("junk") / "a.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    try:
        changed = read_evaluation(path, "a.json")
    except InputError:
        return
    path.write_text(json.dumps(base), encoding="utf-8")
    found = compare_evaluations(read_evaluation(path, "a"), changed, across_methods=True)
    json.loads(write_comparison(found))
    assert say_comparison(found, "zh")


def test_missing_keys_of_an_older_version_are_named_and_are_no_change(
    base: Document, hold: Hold
) -> None:
    old = json.loads(json.dumps(base))
    for one in old["subdistricts"]:
        del one["older_coverage_ratio"], one["gaps"], one["evaluation_sha256"]
        del one["network"]["losses"]
    for one in old["sites"]:
        del one["lost_own_population"], one["load_per_m2"]
    found = hold(old, base)
    assert found.before.missing == (
        "sites[].load_per_m2", "sites[].lost_own_population", "subdistricts[].evaluation_sha256",
        "subdistricts[].gaps", "subdistricts[].network.losses",
        "subdistricts[].older_coverage_ratio",
    )  # fmt: skip
    assert not found.is_changed
    assert "lost_own_population" in list_notices(found)[0].en


def test_gaps_of_an_older_version_have_no_mean_and_are_no_change(
    base: Document, hold: Hold
) -> None:
    old = json.loads(json.dumps(base))
    gaps = [gap for one in old["subdistricts"] for gap in one["gaps"]]
    assert gaps
    for gap in gaps:
        del gap["mean_distance_m"], gap["farthest_distance_m"]
    found = hold(old, base)
    assert found.before.missing == ("subdistricts[].gaps[].farthest_distance_m",)
    assert not found.is_changed


def test_a_gap_whose_people_walk_farther_is_another(base: Document, hold: Hold) -> None:
    new = json.loads(json.dumps(base))
    (gap, *_) = (
        gap for one in new["subdistricts"] for gap in one["gaps"] if gap["mean_distance_m"]
    )
    gap["farthest_distance_m"] += 50
    fates = [gap.fate for one in hold(base, new).subdistricts for gap in one.gaps]
    assert fates.count("changed") == 1


def test_a_key_that_is_missing_here_and_there_is_a_defect(base: Document, tmp_path: Path) -> None:
    bad = json.loads(json.dumps(base))
    del bad["subdistricts"][0]["gaps"]
    assert refuse(bad, tmp_path) == ["has no subdistricts[].gaps in 1 places"]
    worse = json.loads(json.dumps(base))
    del worse["subdistricts"][0]["coverage_ratio"]
    assert refuse(worse, tmp_path) == ["has no subdistricts[0].coverage_ratio"]


def test_of_very_many_defects_the_first_are_told(base: Document, tmp_path: Path) -> None:
    bad = {**base, "findings": [7] * 5000}
    told = refuse(bad, tmp_path)
    assert len(told) == 101
    assert told[-1] == "has 4900 more defects"
