"""Attribute values as files give them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.inputs.fields import (
    find_name,
    is_missing,
    parse_code,
    parse_date,
    parse_list,
    parse_number,
    parse_text,
    parse_whole,
    pick,
    require_text,
)

ISO = st.dates(min_value=date(1900, 1, 1))


@pytest.mark.parametrize("value", [None, "", "  ", float("nan"), "NaN", "null", "N/A", "<NA>"])
def test_blank_null_and_nan_are_missing(value: object) -> None:
    assert is_missing(value)
    assert parse_text(value) is None
    assert parse_number(value) is None


@pytest.mark.parametrize("value", [0, 0.0, False, "0", "no"])
def test_zero_and_no_are_values(value: object) -> None:
    assert not is_missing(value)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("440106012000", "440106012"),
        (440106012000, "440106012"),
        (440106012000.0, "440106012"),
        (" 440106012 ", "440106012"),
        ("010203", "010203"),
        ("440106012001", "440106012001"),
        ("440106000", "440106000"),
    ],
)
def test_a_code_is_text_and_an_official_one_has_nine_digits(value: object, code: str) -> None:
    assert parse_code(value) == code


@pytest.mark.parametrize(
    ("value", "number"), [("1200", 1200), (" 1.5 ", 1.5), ("-3", -3), ("1e3", 1000), (7, 7)]
)
def test_a_number_may_stand_in_quotes(value: object, number: float) -> None:
    assert parse_number(value) == number


@pytest.mark.parametrize(
    "value", ["many", "1,200", "12人", "0x10", "1_000", True, [1], float("inf"), "9" * 400, "1 2"]
)
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_number(value)


def test_a_year_is_whole() -> None:
    assert parse_whole("2010") == 2010
    assert parse_whole(2010.0) == 2010
    with pytest.raises(ValueError, match=r"2010\.5"):
        parse_whole("2010.5")


@given(ISO)
def test_a_date_is_read_as_it_is_written(day: date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(day) == day
    assert parse_date(datetime(day.year, day.month, day.day, 23)) == day  # noqa: DTZ001


@pytest.mark.parametrize("value", ["31/08/2010", "2010-02-30", "8月", 5])
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_date(value)


@pytest.mark.parametrize(
    "text", ["养老、青少年", "养老,青少年", "养老;青少年", "养老，青少年|", ["养老", "青少年"]]
)
def test_a_list_may_be_one_text_with_separators(text: object) -> None:
    assert parse_list(text) == ("养老", "青少年")


@pytest.mark.parametrize("value", [["a"], {"a": 1}, True])
def test_a_list_a_table_and_a_truth_are_no_text(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        require_text(value)


def test_a_number_is_text_without_its_point() -> None:
    assert require_text(12.0) == "12"
    assert require_text(12.5) == "12.5"


def test_a_column_is_found_under_the_name_the_file_has_for_it() -> None:
    assert pick({"乡镇码": 7}, "code", {"code": "乡镇码"}) == 7
    assert pick({"code": 8}, "code", {}) == 8


def test_a_feature_is_called_by_either_key() -> None:
    assert find_name({"名称": "黄村中心"}) == "黄村中心"
    assert find_name({"name": " ", "名称": "黄村中心"}) == "黄村中心"
    assert find_name({"name": 3}) is None
    assert find_name({"name": None, "*名称 Name": "黄村中心"}) == "黄村中心"
