"""Links between memories: similar ones, and older statements with newer ones."""

from collections.abc import Iterable, Sequence
from typing import Any

from typing_extensions import override

from coda_graphmem.models import LinkKind, MemoryLink
from coda_graphmem.store.neo4j.connection import Change, Transaction
from coda_graphmem.store.neo4j.database import StorePart
from coda_graphmem.store.neo4j.rows import complete, unique
from coda_graphmem.store.protocol import Links


class Neo4jLinks(StorePart, Links):
    """Links are relationships of a type for each kind."""

    @override
    async def save_links(self, namespace: str, links: Sequence[MemoryLink], *, replace: bool = False) -> int:
        rows = link_rows(links)

        async def work(transaction: Transaction) -> Change:
            if replace:
                await transaction.run("unlink_pairs", rows=rows)
            [done] = await transaction.run("link_memories", rows=rows)
            return Change(done["links"], revised=done["links"] > 0)

        return int(await self._connection.write(namespace, work) or 0) if rows else 0

    @override
    async def delete_links(self, namespace: str, run_id: str) -> int:
        async def work(transaction: Transaction) -> Change:
            [done] = await transaction.run("unlink_run", run_id=run_id)
            return Change(done["links"], revised=done["links"] > 0)

        return int(await self._connection.write(namespace, work) or 0)

    @override
    async def find_links(
        self, namespace: str, memory_ids: Sequence[str], kinds: Sequence[LinkKind] | None = None
    ) -> list[MemoryLink]:
        wanted = [kind.value for kind in (LinkKind if kinds is None else kinds)]
        rows = await self._connection.read(
            "memory_links", namespace=namespace, memory_ids=unique(memory_ids), kinds=wanted
        )
        kept = complete(rows, "source_id", "target_id", "kind", "score", "created_at")
        return [MemoryLink(**dict(row)) for row in kept]


def link_rows(links: Iterable[MemoryLink]) -> list[dict[str, Any]]:
    """Links as ``store/link_memories`` takes them, the first of each pair and kind."""
    wanted: dict[tuple[str, ...], MemoryLink] = {}
    for one in links:
        ends = [one.source_id, one.target_id]
        pair = sorted(ends) if one.kind is LinkKind.SIMILAR_TO else ends
        wanted.setdefault((one.kind.value, *pair), one)
    return [
        {
            "source_id": one.source_id,
            "target_id": one.target_id,
            "kind": one.kind.value,
            "properties": one.model_dump(include={"score", "guard", "reason", "created_at", "run_id"}),
        }
        for one in wanted.values()
    ]
