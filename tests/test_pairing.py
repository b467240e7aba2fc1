"""What of one evaluation is what of another."""

import math
from pathlib import Path

import pytest
from compared import Document, read

from siteplan.analysis.pairing import measure_arc, pair_findings, pair_gaps
from siteplan.model.comparison import GapChange
from siteplan.model.recorded import RecordedGap


def gap(lon: float, radius_m: float, population: float = 100.0) -> RecordedGap:
    return RecordedGap(population, 0.0, lon, 0.0, radius_m, None, None, None)


METRE = 1 / 111_195.08  # degrees of longitude at the equator, on the sphere


def fates(before: list[RecordedGap], after: list[RecordedGap]) -> list[str]:
    return [one.fate for one in pair_gaps(before, after)]


def test_gaps_are_the_same_where_one_lies_within_the_radius_of_the_other() -> None:
    old = gap(0, 100)
    assert fates([old], [gap(99 * METRE, 50)]) == ["changed"]
    assert fates([old], [gap(99 * METRE, 150)]) == ["changed"]
    assert fates([old], [gap(101 * METRE, 50)]) == ["opened", "closed"]
    assert fates([old], [gap(101 * METRE, 102)]) == ["changed"]
    assert fates([old], [old]) == ["kept"]
    assert fates([], []) == []


def test_the_nearest_gaps_are_matched_first_and_pieces_are_no_new_gaps() -> None:
    large = gap(0, 1000, 5000)
    piece, rest, new = gap(300 * METRE, 50), gap(10 * METRE, 200), gap(3000 * METRE, 50)
    assert pair_gaps([large], [piece, rest, new]) == [
        GapChange("split", None, piece),
        GapChange("changed", large, rest),
        GapChange("opened", None, new),
    ]
    assert pair_gaps([piece, rest, new], [large]) == [
        GapChange("changed", rest, large),
        GapChange("merged", piece, None),
        GapChange("closed", new, None),
    ]


def test_of_gaps_as_near_those_with_the_most_similar_residents_are_matched() -> None:
    here = gap(0, 10, 100)
    alike, unlike = gap(5 * METRE, 10, 101), gap(-5 * METRE, 10, 400)
    found = pair_gaps([here], [unlike, alike])
    assert [one.fate for one in found] == ["split", "changed"]


def test_arc_is_a_quarter_of_the_circle_from_pole_to_equator() -> None:
    assert measure_arc(0, 0, 0, 90) == pytest.approx(math.pi / 2 * 6_371_008.8)
    assert measure_arc(179.9, 10, -179.9, 10) == pytest.approx(21_902, abs=5)
    assert measure_arc(0, 0, 180, 0) == pytest.approx(math.pi * 6_371_008.8)


def test_findings_that_say_the_same_are_left_out_however_often_they_stand(
    base: Document, tmp_path: Path
) -> None:
    findings = read(base, tmp_path).findings
    assert pair_findings(findings, tuple(reversed(findings))) == []
    twice = [*findings, findings[0]]
    assert [one.fate for one in pair_findings(findings, twice)] == ["new"]
    assert [one.fate for one in pair_findings(twice, findings)] == ["gone"]
