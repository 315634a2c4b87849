"""A store whose namespaces are its own, on a database that it shares with other tests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from coda_graphmem.models import Memory
from coda_graphmem.store.neo4j import Neo4jStore
from coda_graphmem.store.protocol import Records, StoreInfo


class _Part:
    """Passes every call on to a part of a store, with a prefix before the namespace."""

    def __init__(self, part: Any, prefix: str) -> None:
        self._part = part
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        async def call(namespace: str, *arguments: Any, **keywords: Any) -> Any:
            return self._plain(await method(self._prefix + namespace, *arguments, **keywords))

        return call

    def _plain(self, answer: Any) -> Any:
        if isinstance(answer, list) and answer and isinstance(answer[0], Memory):
            return [m.model_copy(update={"namespace": m.namespace.removeprefix(self._prefix)}) for m in answer]
        return answer


class _Records(_Part):
    """The part whose calls are not all about one namespace."""

    _part: Records

    async def namespaces(self) -> list[str]:
        found = await self._part.namespaces()
        return [name.removeprefix(self._prefix) for name in found if name.startswith(self._prefix)]

    async def expire(self, namespace: str | None, now: float) -> int:
        names = await self.namespaces() if namespace is None else [namespace]
        return sum([await self._part.expire(self._prefix + name, now) for name in names])


class Tenancy:
    """A store with a prefix before namespaces that nobody else has.

    Args:
        store: The store itself.
        prefix: Of another one, to see the same namespaces over another connection.
    """

    def __init__(self, store: Neo4jStore, prefix: str | None = None) -> None:
        self.store = store
        self.prefix = prefix or f"test-{uuid.uuid4().hex}/"
        self.records = _Records(store.records, self.prefix)
        self.search = _Part(store.search, self.prefix)
        self.graph = _Part(store.graph, self.prefix)
        self.facts = _Part(store.facts, self.prefix)
        self.links = _Part(store.links, self.prefix)
        self.merges = _Part(store.merges, self.prefix)
        self.changes = _Part(store.changes, self.prefix)
        self.jobs = _Part(store.jobs, self.prefix)
        self.items = _Part(store.items, self.prefix)
        self.transfer = _Part(store.transfer, self.prefix)
        self.health = _Part(store.health, self.prefix)
        # It names no namespace: the model is that of the whole database.
        self.vectors = store.vectors

    async def info(self) -> StoreInfo:
        return await self.store.info()

    async def clean(self, others: Sequence[str] = ()) -> None:
        """Remove all its namespaces."""
        for name in [*await self.records.namespaces(), *others]:
            await self.records.forget(name, None)
