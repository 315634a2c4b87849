"""Conditions of `where` as JSON schemas, which other schemas of the document refer to.

What conditions may be is checked by `coda_graphmem.where`; what stands here says the same to clients. Fields and
operators that take the same stand together, as tools try all that a document names one by one, at each depth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from coda_graphmem.conditions import COMPARABLE
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
#: What metadata are; lists and objects in them hold anything, but for texts with NUL.
JSON_OBJECT = {"type": "object", "propertyNames": _READABLE, "additionalProperties": _ref("JsonValue")}


def schemas(time: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The schemas that `WHERE` and `JSON_OBJECT` refer to, by name.

    Args:
        time: The schema of a time.
    """
    kinds = {"type": "string", "enum": [kind.value for kind in MemoryType]}
    text = {"type": ["string", "null"], "pattern": _READABLE["pattern"]}
    number = {"type": ["number", "null"]}
    kind = {"enum": [*kinds["enum"], None]}
    moment = {"anyOf": [*time["anyOf"], {"type": "null"}]}
    scalar = {"type": ["string", "number", "boolean", "null"], "pattern": _READABLE["pattern"]}
    any_list = {"type": "array", "items": _ref("JsonValue")}
    plain = {
        "anyOf": [
            scalar,
            any_list,
            {"type": "object", "propertyNames": {"pattern": _NO_OPERATOR}, "additionalProperties": _ref("JsonValue")},
        ]
    }
    fields = {held: [name for name, each in COMPARABLE.items() if each == held and name != "memory_type"]
              for held in COMPARABLE.values()}  # fmt: skip
    return {
        "JsonValue": {
            "description": "Anything JSON can hold, in texts without NUL.",
            "anyOf": [scalar, any_list, JSON_OBJECT],
        },
        "TextComparison": _comparison(text, text, _READABLE),
        "NumberComparison": _comparison(number, number, {"type": "number"}),
        "TimeComparison": _comparison(moment, moment, time),
        "TypeComparison": _comparison(kind, kind, kinds),
        "MetadataComparison": _comparison(
            plain, _ref("JsonValue"), {"type": ["string", "number"], "pattern": _READABLE["pattern"]}
        ),
        "Conditions": {
            "type": "object",
            "description": "Conditions that all have to hold, up to 200 comparisons, at most 20 in one another.",
            "minProperties": 1,
            "patternProperties": {
                r"^\$(and|or)$": {
                    "type": "array",
                    "minItems": 1,
                    "items": WHERE,
                    "description": "All of these have to hold, or at least one of these.",
                },
                r"^\$not$": {**WHERE, "description": "What must not hold."},
                _any_of((*fields["text"], *fields["texts"])): _ref("TextComparison"),
                _any_of(fields["number"]): _ref("NumberComparison"),
                _any_of(fields["time"]): _ref("TimeComparison"),
                _any_of(["memory_type"]): _ref("TypeComparison"),
                _PATH: _ref("MetadataComparison"),
            },
            "additionalProperties": False,
        },
    }


def _any_of(names: Iterable[str]) -> str:
    return f"^({'|'.join(names)})$"


def _comparison(plain: Mapping[str, Any], operand: Mapping[str, Any], ordered: Mapping[str, Any]) -> dict[str, Any]:
    """What a field is compared with: a value, or operators.

    Args:
        plain: A value, or null.
        operand: The same behind an operator.
        ordered: What is greater or less than others.
    """
    operators = {
        r"^\$(eq|ne|contains)$": operand,
        r"^\$[gl]te?$": ordered,
        r"^\$n?in$": {"type": "array", "items": operand, "maxItems": MAX_OPERANDS},
        r"^\$exists$": {"type": "boolean"},
    }
    return {
        "description": "A value to be equal to, or operators with their operands, all of which have to hold.",
        "anyOf": [
            plain,
            {"type": "object", "minProperties": 1, "patternProperties": operators, "additionalProperties": False},
        ],
    }
