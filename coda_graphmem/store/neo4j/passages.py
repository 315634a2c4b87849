"""Passages of long memories as nodes, whose vectors are compared one by one."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from coda_graphmem.language.excerpts import LONG
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.neo4j.connection import Change, Transaction, scope_of
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.rows import as_list, filter_parameters, is_searchable
from coda_graphmem.store.protocol import NEVER, LongMemory, NewPassages, PassageMatch, Passages, Vector

#: Memories that one statement looks through for long ones.
_PAGE = 1_000


class Neo4jPassages(StorePart, Passages):
    """``(:Memory)-[:HAS_PASSAGE]->(:Passage)``, each with the positions of its characters, its vector and the model."""

    @override
    async def pending(self, namespace: str, *, after: int, limit: int) -> list[LongMemory]:
        found: list[LongMemory] = []
        position: int | None = after
        while position is not None and len(found) < limit:
            [page] = await self._connection.read(
                "pending_passages", namespace=namespace, after=position, limit=_PAGE, long=LONG
            )
            found += [LongMemory(*values) for values in page["memories"]]
            position = page["position"]
        return sorted(found)[:limit]

    @override
    async def save(self, namespace: str, rows: Sequence[NewPassages], *, model: str | None = None) -> int:
        vectors = [vector for row in rows for vector in row.vectors]
        await self._database.bind_to(vectors, model)
        values: list[dict[str, Any]] = [
            {
                "memory_id": row.memory_id,
                "content": row.content,
                "stretches": [list(stretch) for stretch in row.stretches],
                "embeddings": [as_list(vector) for vector in row.vectors],
            }
            for row in rows
            if row.vectors
        ]

        async def work(transaction: Transaction) -> Change:
            self._database.check_vectors(transaction.locked, vectors)
            [done] = await transaction.run("save_passages", rows=values, model=transaction.locked.embedding_model)
            return Change(done["kept"], revised=done["kept"] > 0)

        return int(await self._connection.write(namespace, work) or 0)

    @override
    async def nearest(
        self, namespace: str, vector: Vector, limit: int, where: MemoryFilter, *, now: float = NEVER
    ) -> list[tuple[str, float]]:
        self._database.check_length(vector)
        if not is_searchable(where) or limit < 1:
            return []
        rows = await self._connection.read(
            "nearest_passages",
            namespace=namespace,
            scope=scope_of(namespace),
            vector=as_list(vector),
            limit=limit,
            model=self._database.model,
            **filter_parameters(where, now=now),
        )
        return [(memory_id, cosine) for memory_id, cosine in rows[0]["nearest"]] if rows else []

    @override
    async def matches(self, namespace: str, memory_ids: Sequence[str], vector: Vector) -> dict[str, list[PassageMatch]]:
        self._database.check_length(vector)
        if not memory_ids:
            return {}
        rows = await self._connection.read(
            "passage_matches",
            namespace=namespace,
            scope=scope_of(namespace),
            memory_ids=list(memory_ids),
            vector=as_list(vector),
            model=self._database.model,
        )
        found: dict[str, list[PassageMatch]] = {}
        for memory_id, first, last, cosine in rows[0]["matches"] if rows else ():
            found.setdefault(memory_id, []).append(PassageMatch(first, last, cosine))
        return {memory_id: sorted(some) for memory_id, some in found.items()}
