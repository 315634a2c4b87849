"""Items as a dictionary keeps them: what every store has to answer like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coda_graphmem.models import DeleteItem, GetItem, Item, ItemOperation, ListItemPaths, PutItem, SearchItems
from tests.fakes import WordEmbedder

Place = tuple[tuple[str, ...], str]


@dataclass(frozen=True)
class Held:
    """An item, with what it was written with."""

    item: Item
    number: int
    ttl: float | None
    texts: tuple[str, ...]


class Model:
    """Does batches by looking at everything there is. Fields are plain keys; filters have one condition a key."""

    def __init__(self) -> None:
        self.held: dict[Place, Held] = {}
        self.number = 0
        self.embedder = WordEmbedder()

    def batch(self, operations: Sequence[ItemOperation], now: float) -> list[Any]:
        self.held = {place: one for place, one in self.held.items() if (one.item.expires_at or math.inf) > now}
        before = dict(self.held)
        answers = [self._read(one, before, now) for one in operations]
        last = {(tuple(one.path), one.key): one for one in operations if isinstance(one, PutItem | DeleteItem)}
        order = [(tuple(one.path), one.key) for one in operations if isinstance(one, PutItem | DeleteItem)]
        for place in dict.fromkeys(reversed(order)).__reversed__():
            self._write(place, last[place], now)
        return answers

    def _write(self, place: Place, one: ItemOperation, now: float) -> None:
        kept = self.held.pop(place, None)
        if isinstance(one, PutItem):
            self.number += 1
            item = Item(
                path=place[0],
                key=place[1],
                value=dict(one.value),
                created_at=now if kept is None else kept.item.created_at,
                updated_at=now,
                expires_at=None if one.ttl is None else now + float(one.ttl),  # type: ignore[arg-type]
            )
            texts = tuple(str(one.value[name]) for name in one.fields if one.value.get(name) not in (None, ""))
            self.held[place] = Held(item, self.number, one.ttl, texts)  # type: ignore[arg-type]

    def _read(self, one: ItemOperation, before: dict[Place, Held], now: float) -> Any:
        match one:
            case PutItem():
                return None
            case DeleteItem():
                return (tuple(one.path), one.key) in before
            case GetItem():
                found = before.get((tuple(one.path), one.key))
                return None if found is None else self._given(found, now, refresh=one.refresh)
            case ListItemPaths():
                return self._paths(one, before)
            case SearchItems():
                return self._search(one, before, now)
        raise AssertionError(one)

    def _given(self, held: Held, now: float, *, refresh: bool, score: float | None = None) -> Item:
        if refresh and held.ttl is not None:
            held = replace(held, item=held.item.model_copy(update={"expires_at": now + held.ttl}))
            self.held[held.item.path, held.item.key] = held
        return held.item.model_copy(update={"score": score})

    def _paths(self, one: ListItemPaths, before: dict[Place, Held]) -> list[tuple[str, ...]]:
        def begins(path: Sequence[str], wanted: Sequence[str]) -> bool:
            return len(path) >= len(wanted) and all(w in ("*", p) for p, w in zip(path, wanted, strict=False))

        found = {
            path[: one.max_depth]
            for path, _ in before
            if all(begins(path, wanted) for wanted in one.prefixes)
            and all(begins(path[::-1], tuple(wanted)[::-1]) for wanted in one.suffixes)
        }
        return sorted(found)[one.offset : one.offset + one.limit]

    def _search(self, one: SearchItems, before: dict[Place, Held], now: float) -> list[Item]:
        prefix = tuple(one.prefix)
        found = [
            held
            for held in before.values()
            if held.item.path[: len(prefix)] == prefix and _fits(one.where or {}, held.item.value)
        ]
        scores: dict[int, float] = {}
        if one.query is None:
            found.sort(key=lambda held: (-held.item.updated_at, -held.number))
        else:
            query = self.embedder.embed([one.query])[0]
            found = [held for held in found if held.texts]
            for held in found:
                scores[held.number] = round(float(np.max(self.embedder.embed(held.texts) @ query)), 6)
            found.sort(key=lambda held: (-round(scores[held.number], 4), -held.number))
        return [
            self._given(held, now, refresh=one.refresh, score=scores.get(held.number))
            for held in found[one.offset : one.offset + one.limit]
        ]


def _fits(where: Any, value: dict[str, Any]) -> bool:
    for key, wanted in where.items():
        found = value.get(key)
        for name, operand in wanted.items() if isinstance(wanted, dict) else [("$eq", wanted)]:
            same = found == operand and isinstance(found, bool) == isinstance(operand, bool)
            if name in ("$eq", "$ne"):
                if same != (name == "$eq"):
                    return False
                continue
            numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (found, operand))
            texts = isinstance(found, str) and isinstance(operand, str)
            below, above = (found < operand, found > operand) if numbers or texts else (None, None)
            if not {"$lt": below, "$lte": below or same, "$gt": above, "$gte": above or same}[name] or below is None:
                return False
    return True
