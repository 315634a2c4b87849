"""Conditions of `where` as JSON schemas, which other schemas of the document refer to.

What conditions may be is checked by `coda_graphmem.where`; what stands here says the same to clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coda_graphmem.conditions import COMPARABLE, FieldKind
from coda_graphmem.models import MemoryType
from coda_graphmem.where import MAX_OPERANDS

_READABLE = {"type": "string", "pattern": r"^[^\u0000]*$"}
#: Keys of metadata after one another, with a dot between them; a dot or a backslash in a key has a backslash before it.
_PATH = r"^metadata\.([^\\\u0000]|\\[.\\])*$"
#: An object with a key of this kind is taken for operators.
_NO_OPERATOR = r"^([^$\u0000][^\u0000]*)?$"


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


WHERE = _ref("Conditions")
JSON_VALUE = _ref("JsonValue")
JSON_OBJECT = {"type": "object", "propertyNames": _READABLE, "additionalProperties": JSON_VALUE}


def schemas(time: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The schemas that `WHERE` and `JSON_VALUE` refer to, by name.

    Args:
        time: The schema of a time.
    """
    values: Mapping[FieldKind, Mapping[str, Any]] = {
        "text": _READABLE,
        "texts": _READABLE,
        "number": {"type": "number"},
        "time": time,
    }
    names = {
        "text": "TextComparison",
        "texts": "TextComparison",
        "number": "NumberComparison",
        "time": "TimeComparison",
    }
    compared = {names[kind]: _comparison(value, value) for kind, value in values.items()}
    kinds = {"type": "string", "enum": [kind.value for kind in MemoryType]}
    fields = {name: _ref(names[kind]) for name, kind in COMPARABLE.items()}
    ordered = {"anyOf": [_READABLE, {"type": "number"}]}
    plain = {
        "anyOf": [
            {"type": ["number", "boolean"]},
            _READABLE,
            {"type": "array", "items": JSON_VALUE},
            {"type": "object", "propertyNames": {"pattern": _NO_OPERATOR}, "additionalProperties": JSON_VALUE},
        ]
    }
    several = {"type": "array", "minItems": 1, "items": WHERE}
    return {
        "JsonValue": {
            "description": "Anything JSON can hold, in texts without NUL.",
            "anyOf": [
                {"type": ["number", "boolean", "null"]},
                _READABLE,
                {"type": "array", "items": JSON_VALUE},
                JSON_OBJECT,
            ],
        },
        **compared,
        "TypeComparison": _comparison(kinds, kinds),
        "MetadataComparison": _comparison(plain, ordered, any_operand=JSON_VALUE),
        "Conditions": {
            "type": "object",
            "description": "Conditions that all have to hold, up to 200 comparisons, at most 20 in one another.",
            "minProperties": 1,
            "properties": {
                "$and": {**several, "description": "All of these have to hold."},
                "$or": {**several, "description": "At least one of these has to hold."},
                "$not": {**WHERE, "description": "What must not hold."},
                **fields,
                "memory_type": _ref("TypeComparison"),
                "speaker": {**fields["speaker"], "description": "Whose words it is."},
            },
            "patternProperties": {_PATH: _ref("MetadataComparison")},
            "additionalProperties": False,
        },
    }


def _comparison(
    plain: Mapping[str, Any], ordered: Mapping[str, Any], *, any_operand: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What a field is compared with: a value, or operators.

    Args:
        plain: A value that is not null.
        ordered: What is greater or less than others.
        any_operand: What operators of equality take; None for what `plain` or null is.
    """
    either = any_operand or {"anyOf": [plain, {"type": "null"}]}
    several = {"type": "array", "items": either, "maxItems": MAX_OPERANDS}
    operators = {
        "$eq": either,
        "$ne": either,
        **dict.fromkeys(("$gt", "$gte", "$lt", "$lte"), ordered),
        "$in": several,
        "$nin": several,
        "$contains": either,
        "$exists": {"type": "boolean"},
    }
    return {
        "description": "A value to be equal to, or operators with their operands, all of which have to hold.",
        "anyOf": [
            plain,
            {"type": "null"},
            {"type": "object", "minProperties": 1, "properties": operators, "additionalProperties": False},
        ],
    }
