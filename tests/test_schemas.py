"""The JSON Schema says what the check accepts."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siteplan.check import check_files
from siteplan.outputs.schemas import describe_proposal, write_schema
from siteplan.schema import FIELDS, Field

ROOT = Path(__file__).parents[1]
VALIDATOR = jsonschema.Draft202012Validator(describe_proposal())
WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=9).filter(
    lambda word: word.casefold() not in {"nan", "null", "none", "n/a"}
)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    match field.kind:
        case "number":
            return st.floats(field.above or field.least or 0, 1e9, exclude_min=True)
        case "date":
            return st.dates().map(str)
        case "choice":
            return st.sampled_from([w for c in field.choices for w in (c.value, c.label.zh)])
        case "list":
            return st.lists(WORDS, max_size=3)
        case _:
            return WORDS


def attributes() -> st.SearchStrategy[dict[str, Any]]:
    """Make attributes under one of the two names of each, those that are required always."""
    named = {
        field: st.tuples(st.sampled_from([field.key, field.label.zh]), values_of(field))
        for field in FIELDS
    }
    must = st.fixed_dictionaries(
        {field: one for field, one in named.items() if field.required},
        optional={field: one for field, one in named.items() if not field.required},
    )
    return must.map(lambda pairs: dict(pairs.values()))


def wrap(values: dict[str, Any], place: Any = (113.3, 23.1)) -> dict[str, Any]:  # noqa: ANN401
    geometry = {"type": "Point", "coordinates": list(place)}
    feature = {"type": "Feature", "properties": values, "geometry": geometry}
    return {"type": "FeatureCollection", "features": [feature]}


def test_the_schema_is_a_schema_and_is_written_as_such() -> None:
    document = json.loads(write_schema())
    jsonschema.Draft202012Validator.check_schema(document)
    assert document == describe_proposal()


@pytest.mark.parametrize("path", sorted((ROOT / "data/proposals").iterdir()), ids=lambda p: p.stem)
def test_the_demo_follows_the_schema(path: Path) -> None:
    VALIDATOR.validate(json.loads(path.read_text("utf-8")))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=attributes(), place=st.tuples(st.floats(-180, 180), st.floats(1, 90)))
def test_what_follows_the_schema_has_no_error(
    tmp_path: Path, values: dict[str, Any], place: tuple[float, float]
) -> None:
    document = wrap(values, place)
    VALIDATOR.validate(document)
    (tmp_path / "p.geojson").write_text(json.dumps(document), encoding="utf-8")
    (checked,) = check_files([tmp_path / "p.geojson"])
    assert checked.usable, checked.defects


@pytest.mark.parametrize(
    "values",
    [
        {"name": "A"},
        {"name": " ", "subdistrict": "B"},
        {"name": "A", "subdistrict": "B", "floor_area_m2": 0},
        {"name": "A", "subdistrict": "B", "建筑面积": "many"},
        {"name": "A", "subdistrict": "B", "cost_wan": -1},
        {"name": "A", "subdistrict": "B", "status": "open"},
        {"name": "A", "subdistrict": "B", "mode": 3},
        {"name": "A", "subdistrict": "B", "available_from": "8/9/2010"},
        {"name": "A", "subdistrict": "B", "services": [["a"]]},
    ],
)
def test_what_the_check_calls_an_error_does_not_follow_the_schema(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    document = wrap(values)
    assert not VALIDATOR.is_valid(document)
    (tmp_path / "p.geojson").write_text(json.dumps(document), encoding="utf-8")
    (checked,) = check_files([tmp_path / "p.geojson"])
    assert not checked.usable
