"""The schema of a proposal as a JSON Schema, from the same list of fields as everything else."""

import json

from siteplan.schema import FIELDS, ORIGINAL, Choice, Field

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DATE = r"^\d{4}-\d{2}-\d{2}$"
NOT_BLANK = r"\S"


def write_schema() -> bytes:
    """Return the JSON Schema of a proposal in GeoJSON, English keys or Chinese."""
    text = json.dumps(describe_proposal(), ensure_ascii=False, indent=2)
    return f"{text}\n".encode()


def describe_proposal() -> dict[str, object]:
    """Return the schema as a document.

    What it accepts, `siteplan check` accepts as well; the reverse does not hold, since a check also
    understands numbers written as text, other ways to write a date, and further words.
    """
    fields = (*FIELDS, *ORIGINAL)
    keys = {name: field for field in fields for name in (field.key, field.label.zh)}
    return {
        "$schema": DIALECT,
        "title": "siteplan proposal",
        "description": "What a subdistrict proposes: one feature for each venue.",
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/feature"}},
        },
        "$defs": {
            "feature": {
                "type": "object",
                "required": ["type", "properties", "geometry"],
                "properties": {
                    "type": {"const": "Feature"},
                    "properties": {
                        "type": "object",
                        "properties": {
                            name: {"$ref": f"#/$defs/{field.key}"} for name, field in keys.items()
                        },
                        "allOf": [
                            {
                                "oneOf": [
                                    {"required": [field.key]},
                                    {"required": [field.label.zh]},
                                ]
                            }
                            for field in FIELDS
                            if field.required
                        ],
                    },
                    "geometry": {"oneOf": [_describe_point(), _describe_polygon()]},
                },
            },
            "position": {
                "type": "array",
                "prefixItems": [
                    {"type": "number", "minimum": -180, "maximum": 180},
                    {"type": "number", "minimum": -90, "maximum": 90},
                    {"type": "number"},
                ],
                "minItems": 2,
                "maxItems": 3,
            },
            **{field.key: describe_field(field) for field in fields},
        },
    }


def describe_field(field: Field) -> dict[str, object]:
    """Return the schema of one attribute."""
    said: dict[str, object] = {
        "title": f"{field.label.zh} {field.label.en}",
        "description": f"{field.help.zh}。{field.help.en}.",
    }
    match field.kind:
        case "number":
            said["type"] = "number"
            if field.above is not None:
                said["exclusiveMinimum"] = field.above
            if field.least is not None:
                said["minimum"] = field.least
        case "date":
            said |= {"type": "string", "format": "date", "pattern": DATE}
        case "choice":
            said["enum"] = [word for choice in field.choices for word in _list_words(choice)]
        case "list":
            said |= {"type": "array", "items": {"type": "string"}}
            said["examples"] = [[choice.value for choice in field.choices]]
        case _:
            said["type"] = "string"
            if field.required:
                said["pattern"] = NOT_BLANK
    return said


def _list_words(choice: Choice) -> tuple[str | int, ...]:
    return tuple(dict.fromkeys((choice.value, choice.label.zh)))


def _describe_point() -> dict[str, object]:
    return {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"const": "Point"}, "coordinates": {"$ref": "#/$defs/position"}},
    }


def _describe_polygon() -> dict[str, object]:
    ring = {"type": "array", "minItems": 4, "items": {"$ref": "#/$defs/position"}}
    return {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"const": "Polygon"},
            "coordinates": {"type": "array", "minItems": 1, "items": ring},
        },
    }
