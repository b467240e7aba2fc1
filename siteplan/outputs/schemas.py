"""What is sent to siteplan as JSON Schema: a proposal, and the decisions of a reviewer.

Both are made from what their readers go by.
"""

import json

from siteplan.review import (
    DECISION_KINDS,
    DECISIONS,
    MOST_DECISIONS,
    MOST_LETTERS,
    REVIEW_FORMAT,
    SHA256,
    TIME,
)
from siteplan.schema import FIELDS, ORIGINAL, Choice, Field

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DATE = r"^\d{4}-\d{2}-\d{2}$"
NOT_BLANK = r"\S"


def write_schema(name: str = "proposal") -> bytes:
    """Return a JSON Schema: `proposal`, in GeoJSON, English keys or Chinese; or `review`.

    Raises
    ------
    KeyError
        If there is none of that name.
    """
    describe = {"proposal": describe_proposal, "review": describe_review}[name]
    return f"{json.dumps(describe(), ensure_ascii=False, indent=2)}\n".encode()


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


def describe_review() -> dict[str, object]:
    """Return the schema of the decisions that a page saves.

    What it accepts, `siteplan review` accepts as well, as far as the days exist, no two decisions
    on one site were made at the same time, and at least one site is in the case.
    """
    kinds = "; ".join(f"{kind}: {DECISIONS[kind].zh}" for kind in DECISION_KINDS)
    decision = {
        "site": _describe_text("site", "场地编号。Id of the site."),
        "subdistrict": {
            "anyOf": [
                _describe_text("subdistrict", "街道代码。Code of the subdistrict."),
                {"type": "null"},
            ]
        },
        "decision": {"enum": list(DECISION_KINDS), "description": kinds},
        "comment": _describe_text("comment", "说明，可为空。Why; may be empty."),
        "decided": _describe_time("作出决定的时间。When it was decided."),
        "evaluation_sha256": {"type": "string", "pattern": f"^{SHA256.pattern}$"},
        "settles": {
            "type": "boolean",
            "description": "以此决定了结意见冲突。Whether it was made to end a conflict.",
        },
    }
    return {
        "$schema": DIALECT,
        "title": REVIEW_FORMAT,
        "description": "What one reviewer decided on sites, as a page of siteplan saves it.",
        "type": "object",
        "required": ["format", "case", "reviewer", "saved", "decisions"],
        "properties": {
            "format": {"const": REVIEW_FORMAT},
            "case": _describe_text("case", "案例名称。Title of the case."),
            "reviewer": _describe_text("reviewer", "审查人。Who decided."),
            "saved": _describe_time("保存时间。When it was saved."),
            "decisions": {
                "type": "array",
                "maxItems": MOST_DECISIONS,
                "items": {
                    "type": "object",
                    "required": [name for name in decision if name != "settles"],
                    "properties": decision,
                },
            },
        },
    }


def _describe_text(name: str, what: str) -> dict[str, object]:
    said = {"type": "string", "maxLength": MOST_LETTERS[name], "description": what}
    return said if name in {"case", "comment"} else said | {"pattern": NOT_BLANK}


def _describe_time(what: str) -> dict[str, object]:
    return {
        "type": "string",
        "format": "date-time",
        "pattern": f"^{TIME.pattern}$",
        "description": what,
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
