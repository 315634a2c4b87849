"""Texts of a value that are embedded: which ones a field names. Pure functions.

A field is ``$`` for the whole value as JSON, or keys joined by dots. Beside a key it may name an item of a list
(``[0]``, ``[-1]``), all items or all values (``[*]``, ``*``), and several keys at once (``{title,author.name}``), which
is where it ends. What is not there, is null or says nothing gives no text.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

WHOLE = "$"
"""The field that stands for the whole value."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PART = re.compile(r"\[[^\[\]]*\]?|\{[^{}]*\}?|[^.\[{]+")


def texts_of(value: Mapping[str, Any], fields: Iterable[str]) -> list[str]:
    """All texts of some fields of a value, in order. Lone surrogates, which no model takes, are replaced."""
    found = (text for field in fields for text in _texts_at(value, field) if text.strip())
    return [text if text.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text) for text in found]


def _texts_at(value: Mapping[str, Any], field: str) -> Iterator[str]:
    if field == WHOLE:
        yield _written(value)
    else:
        yield from _texts(value, _PART.findall(field))


def _texts(value: Any, parts: list[str]) -> Iterator[str]:
    if not parts:
        yield from _said(value)
        return
    part, rest = parts[0], parts[1:]
    if part.startswith("{"):
        if isinstance(value, dict):
            for field in part.strip("{}").split(","):
                yield from _said(_at(value, _PART.findall(field.strip())))
        return
    for found in _chosen(value, part):
        yield from _texts(found, rest)


def _chosen(value: Any, part: str) -> Iterable[Any]:
    """What one part of a field leads to."""
    if part.startswith("["):
        index = part.strip("[]")
        if not isinstance(value, list):
            return ()
        if index == "*":
            return value
        number = int(index) if re.fullmatch(r"-?[0-9]{1,9}", index) else len(value)
        return value[number : number + 1 or None] if -len(value) <= number < len(value) else ()
    if part == "*":
        return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (value[part],) if isinstance(value, dict) and part in value else ()


def _at(value: Any, keys: list[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if keys else None


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, str | int | float):
        yield str(value)
    elif value is not None:
        yield _written(value)


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
