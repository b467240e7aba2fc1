"""Decisions of several reviewers add up to the same, whatever comes first; from page to case."""

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import town
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from siteplan import cli
from siteplan.cli import reviewing
from siteplan.evaluate import evaluate
from siteplan.files import lock_folder, write_files
from siteplan.inputs.case import read_case
from siteplan.inputs.reviews import read_reviews
from siteplan.model import Decision, Standing
from siteplan.outputs.results import to_document
from siteplan.outputs.reviews import MARK, NAME, write_reviews
from siteplan.review import find_standing, merge_reviews

NOW, BEFORE = "a" * 64, "b" * 64
START = datetime(2010, 7, 5, 9, tzinfo=UTC)
HASHES = {"a": NOW, "b": NOW}


def at(minute: float, offset_hours: float = 0) -> datetime:
    return (START + timedelta(minutes=minute)).astimezone(timezone(timedelta(hours=offset_hours)))


def make(minute: float, reviewer: str, decision: Any, **rest: Any) -> Decision:  # noqa: ANN401
    known: dict[str, Any] = {"site": "a", "subdistrict": "A", "comment": "", "hash": NOW}
    known |= rest
    return Decision(
        known["site"], known["subdistrict"], decision, known["comment"], reviewer, at(minute),
        known["hash"], known.get("settles", False),
    )  # fmt: skip


def stand(*decisions: Decision) -> Standing:
    (standing,) = find_standing(decisions, HASHES)
    return standing


decisions = st.builds(
    Decision,
    site=st.sampled_from(["a", "b", "gone"]),
    subdistrict=st.sampled_from(["A", None]),
    decision=st.sampled_from(["accept", "return", "reject"]),
    comment=st.sampled_from(["", "why"]),
    reviewer=st.sampled_from(["Li", "li", "Wang"]),
    decided=st.builds(at, st.integers(0, 3), st.sampled_from([0, 8])),
    evaluation_sha256=st.sampled_from([NOW, BEFORE]),
    settles=st.booleans(),
)
files = st.lists(decisions, max_size=6)


# Laws of merging


@given(files, files)
def test_merging_a_file_twice_changes_nothing(
    first: list[Decision], second: list[Decision]
) -> None:
    once = merge_reviews(first, second)
    again = merge_reviews(once.decisions, second)
    assert repr(again.decisions) == repr(once.decisions)
    assert again.added == ()


@given(st.lists(files, max_size=4), st.randoms())
def test_the_order_of_files_makes_no_difference(saved: list[list[Decision]], chance: Any) -> None:  # noqa: ANN401
    shuffled = chance.sample(saved, len(saved))
    results = []
    for order in (saved, shuffled):
        kept: tuple[Decision, ...] = ()
        for file in order:
            kept = merge_reviews(kept, file).decisions
        results.append(repr(kept))  # also the offset of each time
    assert results[0] == results[1]


@given(files, files)
def test_no_decision_is_lost_and_none_is_made_up(
    first: list[Decision], second: list[Decision]
) -> None:
    merged = merge_reviews(first, second)
    assert set(map(repr, merged.decisions)) == set(map(repr, [*first, *second]))
    assert len(merged.decisions) == len(set(map(repr, merged.decisions)))
    assert set(map(repr, merged.added)) == set(map(repr, second)) - set(map(repr, first))


@given(files, st.randoms())
def test_how_a_site_stands_does_not_depend_on_the_order(
    made: list[Decision],
    chance: Any,  # noqa: ANN401
) -> None:
    shuffled = chance.sample(made, len(made))
    assert repr(find_standing(made, HASHES)) == repr(find_standing(shuffled, HASHES))


@given(files)
def test_every_site_that_was_decided_on_stands_somehow(made: list[Decision]) -> None:
    standings = find_standing(made, HASHES)
    assert [one.site for one in standings] == sorted({one.site for one in made})
    for one in standings:
        assert set(map(repr, one.decisions)) <= set(map(repr, made))
        kinds = {decision.decision for decision in one.decisions}
        assert (len(one.decisions) == 1, len(kinds) > 1) == (not one.conflict, one.conflict)
        current = [
            d for d in made if (d.site, d.evaluation_sha256) == (one.site, HASHES.get(one.site))
        ]
        assert one.outdated == (not current)


# Which decision is in force


def test_the_latest_decision_of_a_reviewer_is_in_force() -> None:
    first, second = make(1, "Li", "reject"), make(2, "Li", "accept")
    assert stand(second, first) == Standing("a", (second,), conflict=False, outdated=False)


def test_two_reviewers_who_differ_are_in_conflict_whoever_came_later() -> None:
    li, wang = make(1, "Li", "accept"), make(2, "Wang", "reject")
    assert stand(wang, li) == Standing("a", (li, wang), conflict=True, outdated=False)


def test_two_reviewers_who_agree_are_not() -> None:
    li, wang = make(1, "Li", "accept"), make(2, "Wang", "accept", comment="too")
    assert stand(li, wang) == Standing("a", (wang,), conflict=False, outdated=False)


def test_a_conflict_ends_where_one_follows_the_other() -> None:
    li, wang, again = make(1, "Li", "accept"), make(2, "Wang", "reject"), make(3, "Li", "reject")
    assert stand(li, wang, again).decisions == (again,)


def test_a_conflict_ends_with_a_decision_that_settles_it() -> None:
    li, wang = make(1, "Li", "accept"), make(2, "Wang", "reject")
    settled = make(3, "Chen", "return", settles=True)
    assert stand(li, wang, settled) == Standing("a", (settled,), conflict=False, outdated=False)
    unsettled = make(3, "Chen", "return")
    assert stand(li, wang, unsettled).decisions == (li, wang, unsettled)


def test_what_is_decided_after_a_settlement_counts_again() -> None:
    li, settled = make(1, "Li", "accept"), make(3, "Chen", "return", settles=True)
    later = make(4, "Wang", "reject")
    assert stand(li, settled, later) == Standing(
        "a", (settled, later), conflict=True, outdated=False
    )


def test_names_in_another_case_or_width_are_one_reviewer() -> None:
    first, second = make(1, "Li Wei", "reject"), make(2, "ＬＩ wei ", "accept")
    assert stand(first, second).decisions == (second,)


def test_a_decision_on_the_present_evaluation_goes_before_a_later_one_on_another() -> None:
    current, stale = make(1, "Li", "accept"), make(2, "Wang", "reject", hash=BEFORE)
    assert stand(current, stale) == Standing("a", (current,), conflict=False, outdated=False)


def test_a_decision_on_another_evaluation_stays_and_is_outdated() -> None:
    stale = make(1, "Li", "accept", hash=BEFORE)
    assert stand(stale) == Standing("a", (stale,), conflict=False, outdated=True)
    older = make(0, "Wang", "reject", hash="c" * 64)
    assert stand(stale, older) == Standing("a", (stale,), conflict=False, outdated=True)


def test_a_site_that_is_gone_has_only_outdated_decisions() -> None:
    gone = make(1, "Li", "accept", site="gone")
    assert stand(gone) == Standing("gone", (gone,), conflict=False, outdated=True)


# From page to case


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return town.write_town(tmp_path / "town")


def judge(case: Path) -> Any:  # noqa: ANN401
    return to_document(evaluate(read_case(case)))


Item = tuple[str, str, str]


def save(path: Path, document: Any, reviewer: str, items: Sequence[Item], **rest: Any) -> Path:  # noqa: ANN401
    """Write decisions on (site, decision, comment) as a page with this evaluation saves them."""
    sites = {site["id"]: site for site in document["sites"]}
    known = {"minute": 1, "settles": False} | rest
    saved = {
        "format": "siteplan-review/1",
        "case": document["case"],
        "reviewer": reviewer,
        "saved": at(60, 8).isoformat(),
        "decisions": [
            {
                "site": site,
                "subdistrict": sites[site]["subdistrict"],
                "decision": decision,
                "comment": comment,
                "decided": at(known["minute"], 8).isoformat(timespec="milliseconds"),
                "evaluation_sha256": sites[site]["evaluation_sha256"],
                "settles": known["settles"],
            }
            for site, decision, comment in items
        ],
    }
    path.write_text(json.dumps(saved, ensure_ascii=False), encoding="utf-8")
    return path


def list_states(document: Any) -> dict[tuple[str, str], tuple[bool, bool]]:  # noqa: ANN401
    return {
        (one["site"], one["decision"]): (one["outdated"], one["conflict"])
        for one in document["reviews"]
    }


def test_decisions_reach_the_next_evaluation(case: Path, tmp_path: Path) -> None:
    before = judge(case)
    assert before["reviews"] == []
    items = [("e1", "accept", "同意"), ("w1", "return", "缺总部")]
    saved = save(tmp_path / "li.json", before, "李", items)
    done = run("review", saved, "--case", case, "--lang", "en", "--quiet")
    assert done.exit_code == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[-1] == "decisions: 1 accepted, 1 returned, 1 undecided (2 new)"
    assert lines[3].split() == ["e1", town.EAST, "accept", "李", "2010-07-05", "17:01", "—", "同意"]

    after = judge(case)
    assert after["reviews"][1] == {
        "site": "w1",
        "subdistrict": town.WEST,
        "decision": "return",
        "reviewer": "李",
        "decided": "2010-07-05T17:01:00+08:00",
        "comment": "缺总部",
        "outdated": False,
        "conflict": False,
        "evaluation_sha256": before["sites"][1]["evaluation_sha256"],
    }
    printed = run("evaluate", case, "--lang", "zh", "--quiet").stdout
    assert "审查决定：同意 1，退回修改 1，未决定 1" in printed


def test_decisions_change_no_figure_of_the_judgement(case: Path, tmp_path: Path) -> None:
    before = judge(case)
    run("review", save(tmp_path / "a", before, "李", [("e1", "reject", "")]), "--case", case)
    after = judge(case)
    (source,) = (one for one in after["sources"] if one["role"] == "reviews")
    assert (source["path"], source["rows"]) == ("data/reviews.json", 1)
    before["reviews"], before["sources"] = after["reviews"], [
        *before["sources"], source
    ]  # fmt: skip
    for document in (before, after):
        document["sources"].sort(key=lambda one: one["path"])
    assert after == before


def test_what_changes_in_one_subdistrict_outdates_only_its_decisions(
    case: Path, tmp_path: Path
) -> None:
    items = [("e1", "accept", ""), ("w1", "return", "")]
    before = judge(case)
    run("review", save(tmp_path / "a", before, "李", items), "--case", case)
    path = case / "data" / "proposals" / "west.geojson"
    proposal = json.loads(path.read_text("utf-8"))
    proposal["features"][0]["geometry"] = town.point(650, 250)  # covers other residents, east too
    path.write_text(json.dumps(proposal), encoding="utf-8")
    after = judge(case)
    shared = [one["sites"][0]["shared_population"] for one in (before, after)]
    assert shared[0] != shared[1]  # what e1 is worth changes all the same
    assert list_states(after) == {
        ("e1", "accept"): (False, False),
        ("w1", "return"): (True, False),
    }
    shown = run("review", "--case", case, "--lang", "en", "--quiet").stdout
    assert "decisions: 1 accepted, 1 undecided, 1 decided on an earlier evaluation (0 new)" in shown


def test_a_changed_proposal_is_another_one_though_its_verdict_stays(
    case: Path, tmp_path: Path
) -> None:
    run("review", save(tmp_path / "a", judge(case), "李", [("e1", "accept", "")]), "--case", case)
    path = case / "data" / "proposals" / "east.geojson"
    path.write_text(path.read_text("utf-8").replace('"lease"', '"new_build"'), encoding="utf-8")
    assert list_states(judge(case)) == {("e1", "accept"): (True, False)}


def test_a_withdrawn_site_keeps_its_decision(case: Path, tmp_path: Path) -> None:
    run("review", save(tmp_path / "a", judge(case), "李", [("e1", "accept", "")]), "--case", case)
    (case / "data" / "proposals" / "east.geojson").unlink()
    assert list_states(judge(case)) == {("e1", "accept"): (True, False)}


def test_one_subdistrict_alone_shows_its_own_decisions(case: Path, tmp_path: Path) -> None:
    items = [("e1", "accept", ""), ("w1", "return", "")]
    run("review", save(tmp_path / "a", judge(case), "李", items), "--case", case)
    alone: Any = to_document(evaluate(read_case(case), subdistricts=[town.EAST]))
    assert list_states(alone) == {("e1", "accept"): (False, False)}


def test_merging_twice_or_in_another_order_changes_no_byte(case: Path, tmp_path: Path) -> None:
    document, kept = judge(case), case / "data" / "reviews.json"
    li = save(tmp_path / "li.json", document, "李", [("e1", "accept", "a"), ("w2", "return", "")])
    wang = save(tmp_path / "wang.json", document, "王", [("e1", "accept", "b")], minute=2)
    contents = []
    for order in ([li, wang], [wang, li], [wang, li, wang]):
        kept.unlink(missing_ok=True)
        for file in order:
            assert run("review", file, "--case", case, "--quiet").exit_code == 0
        contents.append(kept.read_bytes())
    kept.unlink()
    run("review", wang, li, li, "--case", case)
    assert {kept.read_bytes(), *contents} == {contents[0]}


def test_a_conflict_is_shown_with_both_and_strict_fails_until_it_is_settled(
    case: Path, tmp_path: Path
) -> None:
    document = judge(case)
    li = save(tmp_path / "li.json", document, "Li", [("e1", "accept", "")])
    wang = save(tmp_path / "wang.json", document, "Wang", [("e1", "reject", "far")], minute=2)
    assert run("review", li, "--case", case, "--strict").exit_code == 0
    done = run("review", wang, "--case", case, "--strict", "--lang", "en")
    assert done.exit_code == 1
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("e1")]
    assert [(row[2], row[3], row[6]) for row in rows] == [
        ("accept", "Li", "conflict"), ("reject", "Wang", "conflict")
    ]  # fmt: skip
    assert "2 undecided, 1 in conflict" in done.stdout
    chen = save(tmp_path / "c", document, "Chen", [("e1", "accept", "")], minute=3, settles=True)
    assert run("review", chen, "--case", case, "--strict").exit_code == 0
    assert list_states(judge(case)) == {("e1", "accept"): (False, False)}


def test_json_says_the_same(case: Path, tmp_path: Path) -> None:
    saved = save(tmp_path / "li.json", judge(case), "李", [("w1", "reject", "")])
    done = run("review", saved, "--case", case, "--json", "--quiet")
    printed = json.loads(done.stdout)
    assert printed["format"] == "siteplan-decided/1"
    assert printed["added"] == 1
    assert printed["counts"] == {
        "accept": 0, "return": 0, "reject": 1, "undecided": 2, "outdated": 0, "conflict": 0
    }  # fmt: skip
    assert printed["reviews"] == judge(case)["reviews"]


def test_one_file_that_cannot_be_used_keeps_all_out(case: Path, tmp_path: Path) -> None:
    good = save(tmp_path / "li.json", judge(case), "李", [("e1", "accept", "")])
    bad = tmp_path / "bad.json"
    bad.write_text(good.read_text("utf-8").replace('"accept"', '"maybe"'), encoding="utf-8")
    done = run("review", good, bad, "--case", case, "--lang", "en")
    assert done.exit_code == 3
    assert "bad.json decision 1 (e1): decision is 'maybe'" in done.stderr
    assert not (case / "data" / "reviews.json").exists()


def test_a_reviews_file_that_siteplan_did_not_write_is_an_error_like_any_input(case: Path) -> None:
    (case / "data" / "reviews.json").write_text("{}", encoding="utf-8")
    for command in (("review", "--case", case), ("evaluate", case)):
        done = run(*command, "--lang", "en", "--quiet")
        assert done.exit_code == 3
        assert "data/reviews.json: is not a file of the format siteplan-reviews/1" in done.stderr
    assert (case / "data" / "reviews.json").read_text("utf-8") == "{}"


def test_a_case_without_decisions_says_so(case: Path) -> None:
    done = run("review", "--case", case, "--lang", "en", "--quiet")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "decisions: 3 undecided (0 new)"
    assert not (case / ".siteplan.lock").exists()  # it only looked
    assert "decisions:" not in run("evaluate", case, "--lang", "en", "--quiet").stdout


def test_of_two_who_merge_at_a_time_neither_loses_what_the_other_adds(case: Path) -> None:
    li, wang = make(1, "Li", "accept"), make(2, "Wang", "reject")
    keep = threading.Thread(target=reviewing._keep_decisions, args=(case, [li]))  # noqa: SLF001
    with lock_folder(case):
        keep.start()
        keep.join(0.3)
        assert keep.is_alive()
        write_files(case / "data", {NAME: write_reviews([wang])}, {NAME: MARK})
    keep.join()
    assert read_reviews(case / "data" / NAME, NAME) == (li, wang)
