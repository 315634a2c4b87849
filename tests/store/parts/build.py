"""Makes links, merges and runs for tests of upkeep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coda_graphmem.models import JobRun, LinkKind, MemoryLink, MemoryType, MergedMemory
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore, Merge
from tests.store.factory import mention, new, unit

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


#: Of what `fill_for_merges` stores; the last is a merge of what another one made.
MERGES = [
    merge(
        "a",
        ["m1", "m2"],
        kept="m2",
        dedup_key="k1",
        entities=["e1", "e2", "new"],
        conversation_id="c1",
        versions={"m1": None, "m2": 2500.0},
    ),
    merge("b", ["m3", "m5", "m7"], kept="m5", entities=["e0"], conversation_id="c1"),
    merge("c", ["a", "m4"], dedup_key="k2"),
]


async def fill_for_merges(store: MemoryStore, ns: str) -> None:
    """Memories that have all that `MERGES` may change, and that undoing these has to bring back."""
    rows = [
        new(
            f"m{i}",
            f"some words of {i % 4}",
            entities=[f"e{i % 3}", f"only{i}"],
            conversation_id=f"c{i % 2}",
            timestamp=float(i // 3),
            dedup_key=f"k{i}" if i % 3 else None,
            embedding=unit(i) if i != 5 else None,
            metadata={"speaker": "Anna"} if i % 2 else {},
        )
        for i in range(12)
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.update(ns, "m2", MemoryChanges(importance_score=0.9, updated_at=2500.0))
    await store.records.record_access(ns, {"m1": 2, "m2": 1}, 2600.0)
    await store.changes.save_decay(ns, ["m1", "m4"], [0.5, 0.25])
    await store.links.save_links(
        ns, [link("m1", "m2"), link("m3", "m7", OUTDATED, run_id="r"), link("m8", "m1", OUTDATED)]
    )


async def merge_one(store: MemoryStore, ns: str, *arguments: Any, **values: Any) -> None:
    """Merge, and see that it was done."""
    assert await store.merges.merge(ns, [merge(*arguments, **values)], run_id=f"{ns}-run", at=4000.0) == [True]


def run(run_id: str, job: str, namespace: str | None, **values: Any) -> JobRun:
    defaults: dict[str, Any] = {"holder": "somebody", "started_at": 1000.0}
    return JobRun(run_id=run_id, job=job, namespace=namespace, **{**defaults, **values})
