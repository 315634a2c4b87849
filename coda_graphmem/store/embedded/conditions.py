"""Turns a `MemoryFilter` into SQL conditions over ``memories AS m``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from coda_graphmem.models import MemoryFilter, MetadataValue

Parameter = str | int | float | bytes | None

_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Conditions:
    """A conjunction: SQL text with placeholders and the values that go into them."""

    sql: str
    parameters: tuple[Parameter, ...]

    @property
    def tail(self) -> str:
        """The text to append to other conditions."""
        return f" AND {self.sql}" if self.sql else ""


def searchable(where: MemoryFilter) -> Conditions | None:
    """Conditions beyond being live and long-term; None where no live long-term memory can match."""
    if where.lifetime == "short_term" or where.archived is True:
        return None
    return _join(_common(where))


def everything(namespace_id: int, where: MemoryFilter, *, now: float) -> Conditions:
    """All conditions, namespace and lifetime included.

    Args:
        namespace_id: Row of the namespace.
        where: The filter.
        now: Short-term memories that end at or before this have expired.
    """
    if where.lifetime == "long_term" and where.archived is False:
        parts: list[tuple[str, tuple[Parameter, ...]]] = [("m.scope = ?", (scope_of(namespace_id),))]
    else:
        parts = [("m.namespace_id = ?", (namespace_id,))]
        if where.lifetime == "long_term":
            parts.append(("m.expires_at IS NULL", ()))
        elif where.lifetime == "short_term":
            parts.append(("m.expires_at > ?", (now,)))
        else:
            parts.append(("(m.expires_at IS NULL OR m.expires_at > ?)", (now,)))
        if where.archived is not None:
            parts.append((f"m.archived_at IS {'NOT ' if where.archived else ''}NULL", ()))
    return _join(parts + _common(where))


def scope_of(namespace_id: int) -> str:
    """What ``memories.scope`` holds for the live long-term memories of a namespace."""
    return f"ns{namespace_id}"


def as_json(values: Sequence[int] | Sequence[str]) -> str:
    """A list as the one parameter that ``json_each`` unfolds."""
    return json.dumps(list(values))


def _common(where: MemoryFilter) -> list[tuple[str, tuple[Parameter, ...]]]:
    parts: list[tuple[str, tuple[Parameter, ...]]] = []
    if where.memory_types is not None:
        types = as_json([kind.value for kind in where.memory_types])
        parts.append(("m.memory_type IN (SELECT value FROM json_each(?))", (types,)))
    for text, value in (
        ("m.importance_score >= ?", where.min_importance),
        ("m.importance_score <= ?", where.max_importance),
        ("m.timestamp >= ?", where.since),
        ("m.timestamp < ?", where.until),
    ):
        if value is not None:
            parts.append((text, (value,)))
    if where.conversation_id is not None:
        parts.append(("m.conversation_id = ?", (where.conversation_id,)))
    parts.extend(_metadata(key, value) for key, value in where.metadata.items())
    return parts


def _metadata(key: str, value: MetadataValue) -> tuple[str, tuple[Parameter, ...]]:
    # A path such as $."key" cannot hold every key; json_each compares the key as a value.
    prefix = "EXISTS (SELECT 1 FROM json_each(m.metadata) AS j WHERE j.key = ? AND "
    if value is None:
        return prefix + "j.type = 'null')", (key,)
    if isinstance(value, bool):
        return prefix + "j.type = ?)", (key, "true" if value else "false")
    if isinstance(value, str):
        return prefix + "j.type = 'text' AND j.atom = ?)", (key, value)
    number = float(value) if abs(value) > _LARGEST_INTEGER else value
    return prefix + "j.type IN ('integer', 'real') AND j.atom = ?)", (key, number)


def _join(parts: list[tuple[str, tuple[Parameter, ...]]]) -> Conditions:
    return Conditions(
        sql=" AND ".join(text for text, _ in parts),
        parameters=tuple(value for _, values in parts for value in values),
    )
