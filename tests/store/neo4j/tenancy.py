"""A store whose namespaces are its own, on a database that it shares with other tests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from coda_graphmem.models import Memory
from coda_graphmem.store.neo4j import Neo4jStore
from coda_graphmem.store.protocol import MemoryStore

PARTS = frozenset(name for name, value in vars(MemoryStore).items() if isinstance(value, property))


class Tenancy:
    """Passes every call on to a store, with a prefix before namespaces that nobody else has."""

    def __init__(self, store: Neo4jStore) -> None:
        self.store = store
        self.prefix = f"test-{uuid.uuid4().hex}/"

    def __getattr__(self, name: str) -> Any:
        if name in PARTS:
            return self
        method = getattr(self.store, name)

        async def call(namespace: str, *arguments: Any, **keywords: Any) -> Any:
            return self._plain(await method(self.prefix + namespace, *arguments, **keywords))

        return call

    def _plain(self, answer: Any) -> Any:
        if isinstance(answer, list) and answer and isinstance(answer[0], Memory):
            return [m.model_copy(update={"namespace": m.namespace.removeprefix(self.prefix)}) for m in answer]
        return answer

    async def namespaces(self) -> list[str]:
        found = await self.store.records.namespaces()
        return [name.removeprefix(self.prefix) for name in found if name.startswith(self.prefix)]

    async def expire(self, namespace: str | None, now: float) -> int:
        if namespace is not None:
            return await self.store.records.expire(self.prefix + namespace, now)
        return sum([await self.store.records.expire(self.prefix + name, now) for name in await self.namespaces()])

    async def info(self) -> Any:
        return await self.store.info()

    async def bind_model(self, model: str, dimension: int) -> None:
        await self.store.vectors.bind_model(model, dimension)

    async def clean(self, others: Sequence[str] = ()) -> None:
        """Remove all its namespaces."""
        for name in [*await self.namespaces(), *others]:
            await self.store.records.forget(self.prefix + name, None)
