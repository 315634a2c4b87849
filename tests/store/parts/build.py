"""Makes links, merges and runs for tests of upkeep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coda_graphmem.models import JobRun, LinkKind, MemoryLink, MemoryType, MergedMemory
from coda_graphmem.store.protocol import MemoryStore, Merge
from tests.store.factory import mention

SIMILAR = LinkKind.SIMILAR_TO
OUTDATED = LinkKind.POSSIBLY_OUTDATED_BY


def link(source: str, target: str, kind: LinkKind = SIMILAR, **values: Any) -> MemoryLink:
    defaults: dict[str, Any] = {"score": 0.875, "created_at": 3000.0}
    return MemoryLink(source_id=source, target_id=target, kind=kind, **{**defaults, **values})


def merge(
    memory_id: str,
    sources: Sequence[str],
    *,
    kept: str | None = None,
    dedup_key: str | None = None,
    entities: Sequence[str] = (),
    versions: dict[str, float | None] | None = None,
    **values: Any,
) -> Merge:
    """A merge of memories that were never changed, unless ``versions`` says otherwise."""
    defaults: dict[str, Any] = {
        "content": f"merged text of {memory_id}",
        "memory_type": MemoryType.SEMANTIC,
        "timestamp": 1500.0,
        "first_timestamp": 1000.0,
        "importance_score": 0.75,
        "access_count": 0,
        "last_accessed": None,
        "reinforcement_count": 2,
        "conversation_id": None,
        "metadata": {"consolidated": {"sources": len(sources)}},
    }
    merged = MergedMemory(
        source_ids=list(sources),
        kept_id=kept or sources[0],
        entities=[mention(key) for key in entities],
        **{**defaults, **values},
    )
    return Merge(memory_id, merged, dedup_key, dict.fromkeys(sources) if versions is None else versions)


async def merge_one(store: MemoryStore, ns: str, *arguments: Any, **values: Any) -> None:
    """Merge, and see that it was done."""
    assert await store.merges.merge(ns, [merge(*arguments, **values)], run_id=f"{ns}-run", at=4000.0) == [True]


def run(run_id: str, job: str, namespace: str | None, **values: Any) -> JobRun:
    defaults: dict[str, Any] = {"holder": "somebody", "started_at": 1000.0}
    return JobRun(run_id=run_id, job=job, namespace=namespace, **{**defaults, **values})
