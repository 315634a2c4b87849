"""Makes candidates and neighbourhoods for tests, with everything that does not matter filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from coda_graphmem.models import Memory, MemoryType
from coda_graphmem.retrieval.candidates import Pool, make_pool
from coda_graphmem.retrieval.relevance import Ranked, Result
from coda_graphmem.store.protocol import Candidate, EntityNode, Neighbourhood

NOW = 1_750_000_000.0


def candidate(memory_id: str, similarity: float | None = 0.5, **fields: Any) -> Candidate:
    values: dict[str, Any] = {
        "excerpt": "",
        "timestamp": NOW,
        "importance_score": 0.5,
        "created_at": NOW,
        "uses": 0,
        "last_accessed": None,
        "memory_type": MemoryType.SEMANTIC,
        "conversation_id": None,
        "speaker": None,
        "word_count": 10,
        "is_question": False,
    }
    return Candidate(memory_id=memory_id, similarity=similarity, **values | fields)


def pool(*candidates: Candidate, text: Mapping[str, float] | None = None) -> Pool:
    return make_pool([candidates], text=text)


def neighbourhood(
    mentions: Mapping[str, Iterable[str]],
    follows: Iterable[tuple[str, str]] = (),
    counts: Mapping[str, int] | None = None,
) -> Neighbourhood:
    """Memories with the keys they mention; entities are mentioned as often as here, or as ``counts`` says."""
    pairs = [(memory, key) for memory, keys in mentions.items() for key in keys]
    totals = {key: sum(1 for _, other in pairs if other == key) for _, key in pairs} | dict(counts or {})
    return Neighbourhood(
        depths=dict.fromkeys(mentions, 0),
        entities={key: EntityNode(key, key.title(), "NAME", totals[key]) for _, key in pairs},
        mentions=pairs,
        follows=list(follows),
    )


def result(memory_id: str, relevance: float, content: str = "") -> Result:
    memory = Memory(
        memory_id=memory_id,
        content=content or memory_id,
        memory_type=MemoryType.SEMANTIC,
        timestamp=NOW,
        importance_score=0.5,
    )
    return Result(memory, {"vector": relevance}, Ranked(pool(candidate(memory_id)), [0]), 0)


def values(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float64)
