"""Runs one call on every store and demands one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from coda_graphmem import GraphMemoryError, Memory, MemoryManager, ValidationError
from tests.fakes import Clock

T = TypeVar("T")
Call = Callable[[MemoryManager], Awaitable[T]]

SCORE_TOLERANCE = 2e-3
"""Half-precision vectors and int8 candidates move a relevance by less than this."""

#: Sizes on disk and times differ by nature.
_INCOMPARABLE = {"storage_bytes", "seconds", "avg_seconds", "bytes"}


@dataclass(frozen=True)
class Stores:
    """The same memory in every store."""

    managers: dict[str, MemoryManager]
    clock: Clock

    def for_namespace(self, name: str) -> Stores:
        """The same tenant in every store. Names stay unique to this test by the managers' own namespace."""
        views = {
            store: manager.for_namespace(f"{manager.namespace}/{name}") for store, manager in self.managers.items()
        }
        return Stores(views, self.clock)

    async def same(self, call: Call[T]) -> T:
        """The answer of the first store, once all others have given the same.

        An error counts as an answer: type and field have to be the same, and it is raised.
        """
        found = await asyncio.gather(*(_answer(call, manager) for manager in self.managers.values()))
        answers = dict(zip(self.managers, found, strict=True))
        (first, expected), *others = answers.items()
        for name, answer in others:
            difference = differ(expected, answer)
            assert difference is None, f"{first} and {name} differ: {difference}"
        if isinstance(expected, GraphMemoryError):
            raise expected
        return expected

    async def each(self, call: Call[T]) -> dict[str, T]:
        """The answers of all stores, to be compared by the test."""
        found = await asyncio.gather(*(_counted(call, manager) for manager in self.managers.values()))
        return dict(zip(self.managers, found, strict=True))


async def _answer(call: Call[Any], manager: MemoryManager) -> Any:
    try:
        return await _counted(call, manager)
    except GraphMemoryError as error:
        return error


async def _counted(call: Call[T], manager: MemoryManager) -> T:
    """A call that sees all recalls before it counted: in the background, one store may have written them by now
    and another not, and a read waits but a second for a server that is busy."""
    access = manager.services.access
    await access.flush()
    if access._write is not None:
        await asyncio.wait({access._write}, timeout=60)
    return await call(manager)


def differ(one: Any, other: Any, where: str = "") -> str | None:
    """What differs between two answers, or None."""
    if isinstance(one, list) and one and isinstance(one[0], Memory) and one[0].relevance_score is not None:
        return _ranked_differ(one, other, where)
    if type(one) is not type(other):
        return f"{where}: {one!r} / {other!r}"
    if isinstance(one, ValidationError | GraphMemoryError):
        return None if one.field == other.field else f"{where}: {one.field} / {other.field}"
    if isinstance(one, BaseModel):
        return next((d for name in type(one).model_fields if (d := _field(name, one, other, where))), None)
    if isinstance(one, dict):
        if one.keys() != other.keys():
            return f"{where}: keys {sorted(one)} / {sorted(other)}"
        return next((d for key in one if (d := differ(one[key], other[key], f"{where}[{key!r}]"))), None)
    if isinstance(one, list | tuple):
        if len(one) != len(other):
            return f"{where}: {len(one)} / {len(other)} items: {one!r} / {other!r}"
        pairs = enumerate(zip(one, other, strict=True))
        return next((d for i, (a, b) in pairs if (d := differ(a, b, f"{where}[{i}]"))), None)
    if isinstance(one, float):
        return None if abs(one - other) <= SCORE_TOLERANCE else f"{where}: {one} / {other}"
    return None if one == other else f"{where}: {one!r} / {other!r}"


def _field(name: str, one: BaseModel, other: BaseModel, where: str) -> str | None:
    if name in _INCOMPARABLE:
        return None
    a, b = getattr(one, name), getattr(other, name)
    if name == "namespace":
        # Each store has a namespace of its own for a test; only what follows it is the tenant.
        a, b = a.partition("/")[2], b.partition("/")[2]
    if name == "entities" and isinstance(a, list):
        a, b = sorted(a, key=lambda e: e.key), sorted(b, key=lambda e: e.key)
    return differ(a, b, f"{where}.{name}")


def _ranked_differ(one: list[Memory], other: list[Memory], where: str) -> str | None:
    """Rankings may only swap memories whose scores are the same but for rounding."""
    if len(one) != len(other):
        return f"{where}: {len(one)} / {len(other)} results"
    for i, (a, b) in enumerate(zip(one, other, strict=True)):
        if abs((a.relevance_score or 0) - (b.relevance_score or 0)) > SCORE_TOLERANCE:
            return (
                f"{where}[{i}]: {a.memory_id} {a.relevance_score} / {b.memory_id} {b.relevance_score}; "
                f"all {[(m.memory_id, m.relevance_score) for m in one]} / "
                f"{[(m.memory_id, m.relevance_score) for m in other]}"
            )
    if {m.memory_id for m in one} != {m.memory_id for m in other}:
        return f"{where}: {[m.memory_id for m in one]} / {[m.memory_id for m in other]}"
    by_id = {m.memory_id: m for m in other}
    return next((d for m in one if (d := _same_memory(m, by_id[m.memory_id], where))), None)


def _same_memory(one: Memory, other: Memory, where: str) -> str | None:
    plain = {"explanation": None}
    return differ(one.model_copy(update=plain), other.model_copy(update=plain), f"{where}<{one.memory_id}>")
