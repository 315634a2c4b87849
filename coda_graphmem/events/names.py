"""Which events somebody wants to hear of; their names themselves are `coda_graphmem.models.events.EventName`."""

from collections.abc import Iterable
from typing import Annotated, Any, get_args

from pydantic import PlainValidator

from coda_graphmem.models import EventName
from coda_graphmem.validation.refusal import refusal, shown

PREFIX = "memory_"
"""Stands before the name of an event in a broadcast."""

ALL: frozenset[EventName] = frozenset(get_args(EventName))
UPDATES = ALL - {"retrieved"}
"""Events that tell of a change of what is remembered."""


def _wanted(value: object) -> frozenset[EventName]:
    """The events asked for, each with or without ``memory_`` before it."""
    remedy = f"Pass some of {', '.join(get_args(EventName))}, or None for all."
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise refusal("must be a list of names of events.", remedy)
    names: list[Any] = [name.removeprefix(PREFIX) if isinstance(name, str) else shown(name) for name in value]
    unknown = next((name for name in names if name not in ALL), None)
    if unknown is not None or not names:
        raise refusal(f"{shown(unknown)} is not an event." if names else "is empty, so nothing would be heard.", remedy)
    return frozenset(names)


EventNames = Annotated[Iterable[EventName], PlainValidator(_wanted)]
"""Names of events to hear of, each with or without ``memory_`` before it."""


def wanted_events(events: Iterable[EventName] | None) -> frozenset[EventName]:
    """The events of a checked argument; None stands for all."""
    return ALL if events is None else frozenset(events)
