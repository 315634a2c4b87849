"""Memories and graphs for tests of exports, hostile ones among them."""

from __future__ import annotations

from typing import Any

from coda_graphmem.graphs.memory_graph import MemoryGraph, build_graph
from coda_graphmem.models import EntityMention, LinkKind, Memory, MemoryLink, MemoryType
from coda_graphmem.store.protocol import EntityNode

#: Content that would be markup, a script, a formula, a statement or a control sequence if somebody forgot to escape it.
HOSTILE = (
    """</script><img src=x onerror="alert(1)"> & 'quoted' "twice" \\u0041 $x^2$ $rows `key` ]]> \x1b[31m\x07 é 😀"""
)


def memory(memory_id: str, content: str | None = None, *, entities: tuple[str, ...] = (), **values: Any) -> Memory:
    defaults: dict[str, Any] = {"memory_type": MemoryType.EPISODIC, "timestamp": 1000.5, "importance_score": 0.5}
    return Memory(
        memory_id=memory_id,
        content=content or f"content of {memory_id}",
        created_at=2000.25,
        entities=[EntityMention(key=key, name=key.title(), label="PERSON") for key in entities],
        **{**defaults, **values},
    )


def entity(key: str, mentions: int = 1) -> EntityNode:
    return EntityNode(key=key, name=key.title(), label="PERSON", mention_count=mentions)


def link(source: str, target: str, kind: LinkKind = LinkKind.SIMILAR_TO, **values: Any) -> MemoryLink:
    return MemoryLink(source_id=source, target_id=target, kind=kind, **{"score": 0.75, "created_at": 9.5, **values})


def graph(*extra: Memory) -> MemoryGraph:
    memories = [
        memory("m1", HOSTILE, entities=("ann", "bob"), conversation_id="c<1>", metadata={"speaker": "Ann"}),
        memory("m2", entities=("ann",), conversation_id="c<1>", memory_type=MemoryType.PREFERENCE, decay_factor=0.5),
        memory("m3", archived_at=5.0, consolidated_into="m2"),
        *extra,
    ]
    links = [
        link("m1", "m2", guard="numbers", reason="3 | 4"),
        link("m1", "m2", LinkKind.POSSIBLY_OUTDATED_BY),
        link("m1", "gone"),
    ]
    entities = {key: entity(key, 2) for key in ("ann", "bob")}
    return build_graph("a <b>", memories, entities, links, [("m1", "m2"), ("m2", "gone")], left_out=4)
