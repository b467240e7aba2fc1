"""Files of decisions: what is read, what is refused and why, and that writing loses nothing."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small import make_area, make_case, make_site, make_sites, make_subdistrict

from siteplan.errors import DefectList, InputError
from siteplan.inputs.reviews import read_review, read_reviews
from siteplan.model import Case, Decision, Review
from siteplan.outputs.reviews import MARK, write_reviews
from siteplan.outputs.schemas import describe_review, write_schema
from siteplan.review import merge_reviews

HASH = "0123456789abcdef" * 4
CASE = make_case(
    make_area(make_subdistrict()),
    name="小镇",
    sites=make_sites(make_site("e1", 0, 0), make_site("w1", 1, 1)),
)
VALIDATOR = jsonschema.Draft202012Validator(describe_review())
BEYOND_SCHEMA = (
    "\ud800", "2010-13-05T09:30:00Z", "2010-07-05T09:30:00+99:00", "2010-07-05T09:30:00Z\n"
)  # fmt: skip
"""What no pattern tells: half a character, days and hours that are none; and what the `$` of Python
lets through, but not that of JSON Schema."""
FAST = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def decision(site: str = "e1", **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    known = {
        "site": site,
        "subdistrict": "A",
        "decision": "return",
        "comment": "请补充",
        "decided": "2010-07-05T09:30:00.250+08:00",
        "evaluation_sha256": HASH,
    }
    return {**known, **changes}


def review(*decisions: Any, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    known = {
        "format": "siteplan-review/1",
        "case": "小镇",
        "reviewer": "李",
        "saved": "2010-07-05T10:00:00+08:00",
        "decisions": list(decisions) or [decision()],
    }
    return {**known, **changes}


Read = Callable[..., tuple[Review, DefectList]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(content: Any, case: Case = CASE) -> tuple[Review, DefectList]:  # noqa: ANN401
        path = tmp_path / "li.json"
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return read_review(path, "li.json", case)

    return write_and_read


def refuse(read: Read, content: Any) -> list[str]:  # noqa: ANN401
    with pytest.raises(InputError) as caught:
        read(content)
    assert all(defect.message.zh and defect.remedy.zh for defect in caught.value.defects)
    return [defect.say("en") for defect in caught.value.defects]


# What is read


def test_decisions_are_read_with_who_and_when(read: Read) -> None:
    found, remarks = read(review(decision(settles=True), decision("w1", subdistrict=None)))
    half_past_nine = datetime(2010, 7, 5, 9, 30, 0, 250_000, timezone(timedelta(hours=8)))
    first = Decision("e1", "A", "return", "请补充", "李", half_past_nine, HASH, settles=True)
    assert found.decisions[0] == first
    assert found.decisions[1].subdistrict is None
    assert (found.case, found.reviewer, found.saved.hour) == ("小镇", "李", 10)
    assert remarks == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_files_with_a_mark_or_in_an_encoding_of_windows_are_read(read: Read, encoding: str) -> None:
    found, _ = read(json.dumps(review(), ensure_ascii=False).encode(encoding))
    assert found.decisions[0].comment == "请补充"


def test_unknown_keys_are_noted_and_left_aside(read: Read) -> None:
    found, remarks = read(review(decision(colour="red"), mood="good"))
    assert [(one.severity, one.field) for one in remarks] == [("note", "mood"), ("note", "colour")]
    assert remarks[1].say("en") == (
        "li.json decision 1 (e1): unknown key colour. It is left aside."
    )
    assert remarks[1].say("zh") == "li.json 第 1 项决定（e1）：不认识的键 colour。已忽略。"
    assert len(found.decisions) == 1


def test_a_site_that_is_gone_is_a_warning_and_its_decision_is_kept(read: Read) -> None:
    found, remarks = read(review(decision(), decision("gone")))
    (said,) = (one.say("en") for one in remarks)
    assert said.startswith("li.json decision 2 (gone): the site is not in the case. The decision")
    assert len(found.decisions) == 2


def test_a_case_of_another_name_and_a_clock_set_back_are_warnings(read: Read) -> None:
    early = review(case="大镇", saved="2010-07-05T09:00:00+08:00")
    _, remarks = read(early)
    assert [(one.severity, one.field) for one in remarks] == [
        ("warning", "case"), ("warning", "saved")
    ]  # fmt: skip


def test_the_same_decision_twice_counts_once(read: Read) -> None:
    found, remarks = read(review(decision(), decision()))
    assert len(found.decisions) == 1
    assert "decision 2 (e1): is the same as decision 1" in remarks[0].say("en")


# What is refused


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"site": ""}, "site is empty"),
        ({"site": 7}, "site is 7, not text"),
        ({"site": "x" * 501}, "site is longer than 500"),
        ({"subdistrict": []}, "subdistrict is [], not text"),
        ({"decision": "maybe"}, "decision is 'maybe', not accept/return/reject"),
        ({"decision": ["accept"]}, "decision is ['accept'], not accept/return/reject"),
        ({"comment": None}, "comment is None, not text"),
        ({"comment": "\ud800"}, "comment holds half of a character"),
        ({"comment": "x" * 5001}, "comment is longer than 5,000"),
        ({"decided": "2010-07-05"}, "decided is '2010-07-05', not a time"),
        ({"decided": "2010-07-05T09:30:00"}, "decided is '2010-07-05T09:30:00', not a time"),
        ({"decided": "2010-13-05T09:30:00Z"}, "decided is '2010-13-05T09:30:00Z', not a time"),
        ({"decided": "2010-07-05T09:30:00+99:00"}, "not a time"),
        ({"decided": "1970-01-01T00:00:00Z"}, "not a time"),
        ({"decided": "2010-07-05T09:30:00Z\n"}, "not a time"),
        ({"decided": 1278322200}, "decided is 1278322200, not a time"),
        ({"evaluation_sha256": HASH[1:]}, "not 64 hexadecimal digits"),
        ({"evaluation_sha256": HASH.upper()}, "not 64 hexadecimal digits"),
        ({"settles": 1}, "settles is 1, not true or false"),
    ],
)  # fmt: skip
def test_what_is_no_decision_is_refused_with_its_place_and_value(
    read: Read, changes: dict[str, Any], told: str
) -> None:
    (said,) = refuse(read, review(decision("w1"), decision(**changes)))
    place = "li.json decision 2" if "site" in changes else "li.json decision 2 (e1)"
    assert said.startswith(place)
    assert told in said
    assert said.endswith("Save it from the page again.")
    follows = VALIDATOR.is_valid(review(decision(**changes)))
    assert follows == (next(iter(changes.values())) in BEYOND_SCHEMA)


@pytest.mark.parametrize("key", ["site", "subdistrict", "decision", "comment", "decided",
                                 "evaluation_sha256"])  # fmt: skip
def test_every_key_of_a_decision_must_be_there(read: Read, key: str) -> None:
    lacking = decision()
    del lacking[key]
    (said,) = refuse(read, review(lacking))
    assert f"has no {key}" in said
    assert not VALIDATOR.is_valid(review(lacking))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": "siteplan-reviews/1"}, "is not a file of the format siteplan-review/1"),
        ({"case": 1}, "case is 1, not text"),
        ({"reviewer": " "}, "reviewer is empty"),
        ({"reviewer": None}, "reviewer is None, not text"),
        ({"saved": "yesterday"}, "saved is 'yesterday', not a time"),
        ({"decisions": {}}, "has no list “decisions”"),
        ({"decisions": ["accept"]}, "decision 1: is not a decision"),
    ],
)
def test_what_is_no_review_is_refused(read: Read, changes: dict[str, Any], told: str) -> None:
    (said,) = refuse(read, review(**changes))
    assert told in said
    assert not VALIDATOR.is_valid(review(**changes))


def test_everything_that_is_wrong_is_told_at_once(read: Read) -> None:
    told = refuse(read, review(decision(site=1, decision=2), 3, decision(decided=4), saved=5))
    assert [line.split(":")[0] for line in told] == [
        "li.json", "li.json decision 1", "li.json decision 1", "li.json decision 2",
        "li.json decision 3 (e1)",
    ]  # fmt: skip


def test_two_decisions_on_a_site_at_one_time_are_refused(read: Read) -> None:
    (said,) = refuse(read, review(decision(), decision(decision="accept")))
    assert "decision 2 (e1): differs from decision 1" in said


def test_a_file_that_decides_on_no_site_of_the_case_is_refused(read: Read) -> None:
    (said,) = refuse(read, review(decision("x"), decision("y"), case="大镇"))
    assert "none of the sites of this case; it was made for 大镇" in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("[]", "is not a file of the format"),
        ("{", "is not valid JSON at line 1, column 2"),
        ("[" * 100_000, "100,000 levels of nesting, more than the 8 allowed"),
        (json.dumps(review()).replace('"case"', '"case": 1, "case"'), "has the key case twice"),
        (json.dumps(review()).replace('"site"', '"site": 1, "site"'), "has the key site twice"),
        (json.dumps(review(decision(x=0.5))).replace("0.5", "NaN"), "holds NaN"),
        (json.dumps(review()).replace("}]", "},]"), "has a comma too many"),
        ('{"format": ' + "9" * 5000 + "}", "a number too long"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(read: Read, text: str, told: str) -> None:
    assert told in refuse(read, text)[0]


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "li.json"
    with path.open("wb") as stream:
        stream.truncate(20_000_001)
    with pytest.raises(InputError, match="megabytes"):
        read_review(path, "li.json", CASE)


def test_more_decisions_than_any_city_has_sites_are_refused(read: Read) -> None:
    assert "more than 20,000 decisions" in refuse(read, review(decisions=[0] * 20_001))[0]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from(["accept", HASH, "2010-07-05T09:30:00Z", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
MUTATIONS = st.one_of(
    st.builds(lambda key, value: review(decision(**{key: value})),
              st.sampled_from([*decision(), "settles", "x"]), VALUES),
    st.builds(lambda key, value: review(**{key: value}), st.sampled_from(list(review())), VALUES),
    VALUES,
)  # fmt: skip


@FAST
@given(content=MUTATIONS)
def test_no_change_of_a_value_ends_in_a_traceback(read: Read, content: Any) -> None:  # noqa: ANN401
    try:
        found, _ = read(json.dumps(content))
    except InputError as error:
        assert error.defects  # noqa: PT017
    else:
        merged = merge_reviews((), found.decisions)
        assert json.loads(write_reviews(merged.decisions))


@FAST
@given(place=st.integers(0, 400), length=st.integers(0, 30), instead=st.binary(max_size=8))
def test_no_change_of_bytes_ends_in_a_traceback(
    read: Read, place: int, length: int, instead: bytes
) -> None:
    content = json.dumps(review(), ensure_ascii=False).encode()
    try:
        read(content[:place] + instead + content[place + length :])
    except InputError as error:
        assert error.defects  # noqa: PT017


# The schema


def test_the_schema_is_a_schema_and_is_written_as_such() -> None:
    document = json.loads(write_schema("review"))
    jsonschema.Draft202012Validator.check_schema(document)
    assert document == describe_review()


LETTERS = st.characters(exclude_categories=("Cs",))
TEXTS = st.text(LETTERS, min_size=1, max_size=100).filter(str.strip)


@FAST
@given(
    site=st.sampled_from(["e1", "w1"]),
    subdistrict=st.none() | TEXTS,
    comment=st.text(LETTERS, max_size=2000),
    reviewer=TEXTS,
    decided=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    kind=st.sampled_from(["accept", "return", "reject"]),
)
def test_what_follows_the_schema_is_read(read: Read, **values: Any) -> None:  # noqa: ANN401
    made = decision(
        values["site"],
        subdistrict=values["subdistrict"],
        comment=values["comment"],
        decided=values["decided"].isoformat(),
        decision=values["kind"],
    )
    document = review(made, reviewer=values["reviewer"])
    VALIDATOR.validate(document)
    found, _ = read(document)
    assert found.decisions[0].comment == values["comment"]


# What a case keeps


decisions = st.builds(
    Decision,
    site=TEXTS,
    subdistrict=st.none() | st.just("A"),
    decision=st.sampled_from(["accept", "return", "reject"]),
    comment=st.text(LETTERS, max_size=2000),
    reviewer=st.sampled_from(["李", "</script>", "\u202eabc"]),
    decided=st.datetimes(
        datetime(2000, 1, 2), datetime(2099, 12, 30),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, *(timezone(timedelta(hours=h)) for h in (8, -3))]),
    ),
    evaluation_sha256=st.just(HASH),
    settles=st.booleans(),
)  # fmt: skip


@FAST
@given(made=st.lists(decisions, max_size=5))
def test_what_is_written_is_read_again(tmp_path: Path, made: list[Decision]) -> None:
    kept = merge_reviews((), made).decisions
    path = tmp_path / "reviews.json"
    path.write_bytes(write_reviews(kept))
    assert MARK in path.read_bytes()[:1024]
    read = read_reviews(path, "reviews.json")
    assert read == kept
    assert write_reviews(read) == path.read_bytes()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sites": {}}, "has no list “sites”"),
        ({"sites": [1]}, "has no list “decisions”"),
        ({"sites": [{"site": "a", "decisions": [{}]}]}, "has no decision"),
        ({"sites": [{"site": "a", "decisions": [], "x": 1}]}, "unknown key x"),
        ({"x": 1}, "unknown key x"),
    ],
)
def test_a_damaged_file_of_the_case_is_refused(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    """An unknown key is an error here: writing the file again would lose it."""
    path = tmp_path / "reviews.json"
    document = {"format": "siteplan-reviews/1", "sites": [], **changes}
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError, match=told) as caught:
        read_reviews(path, "data/reviews.json")
    assert "Restore the file" in str(caught.value)
