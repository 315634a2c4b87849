"""Which events somebody wants to hear of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import EventName

PREFIX = "memory_"
"""Stands before the name of an event in a broadcast."""

ALL: frozenset[EventName] = frozenset(get_args(EventName))
UPDATES = ALL - {"retrieved"}
"""Events that tell of a change of what is remembered."""


def check_events(value: object) -> frozenset[EventName]:
    """The events asked for, each with or without ``memory_`` before it; None for all."""
    if value is None:
        return ALL
    known = ", ".join(get_args(EventName))
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValidationError(
            "must be a list of names of events.", field="events", remedy=f"Pass some of {known}, or None for all."
        )
    names: list[Any] = [name.removeprefix(PREFIX) if isinstance(name, str) else repr(name) for name in value]
    unknown = next((name for name in names if name not in ALL), None)
    if unknown is not None or not names:
        raise ValidationError(
            f"{unknown!r} is not an event." if names else "is empty, so nothing would be heard.",
            field="events",
            remedy=f"Pass some of {known}, or None for all.",
        )
    return frozenset(names)
