"""The candidates of one query as arrays, so that every later step is arithmetic over arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.language.keys import entity_key
from coda_graphmem.store.protocol import Candidate

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pool:
    """n candidates, each once; all arrays have shape (n,)."""

    candidates: tuple[Candidate, ...]
    position: dict[str, int]
    """Of each memory id."""
    similarity: Floats
    """Cosine in [-1, 1]; NaN without a vector."""
    text: Floats
    """BM25 (`coda_graphmem.retrieval.terms`), 0 where it holds no word of the query."""
    found: Flags
    """Found by a search, not only by the graph."""
    timestamp: Floats
    """Seconds."""
    words: Floats
    is_question: Flags
    is_turn: Flags
    """Somebody said it."""
    speakers: tuple[str, ...]
    """Key of each speaker, empty where there is none."""

    def __len__(self) -> int:
        return len(self.candidates)

    @property
    def speaker_keys(self) -> frozenset[str]:
        """All who speak."""
        return frozenset(self.speakers) - {""}


def make_pool(
    searched: Iterable[Iterable[Candidate]],
    walked: Iterable[Candidate] = (),
    *,
    text: Mapping[str, float] | None = None,
) -> Pool:
    """Join what searches and a walk found; the first mention of a memory decides its place.

    Args:
        text: BM25 of those that hold a word of the query.
    """
    merged: dict[str, Candidate] = {}
    for results in searched:
        for candidate in results:
            merged.setdefault(candidate.memory_id, candidate)
    searched_count = len(merged)
    for candidate in walked:
        merged.setdefault(candidate.memory_id, candidate)
    rows = tuple(merged.values())
    columns = dict(zip(Candidate._fields, zip(*rows, strict=True), strict=True)) if rows else {}
    position = {memory_id: i for i, memory_id in enumerate(merged)}
    scores = np.zeros(len(rows))
    if text:
        scores[[position[memory_id] for memory_id in text]] = list(text.values())
    speakers = tuple(speaker_key(name) if name else "" for name in columns.get("speaker", ()))
    return Pool(
        candidates=rows,
        position=position,
        similarity=np.array(columns.get("similarity", ()), dtype=np.float64),  # NaN for None
        text=scores,
        found=np.arange(len(rows)) < searched_count,
        timestamp=np.array(columns.get("timestamp", ()), dtype=np.float64),
        words=np.array(columns.get("word_count", ()), dtype=np.float64),
        is_question=np.array(columns.get("is_question", ()), dtype=np.bool_),
        is_turn=np.array([bool(speaker) for speaker in speakers], dtype=np.bool_),
        speakers=speakers,
    )


def ranking(pool: Pool, scores: Floats) -> list[int]:
    """Positions in the pool, best score first, ties by id."""
    ids = np.array([row.memory_id for row in pool.candidates], dtype=np.str_)
    return [int(i) for i in np.lexsort((ids, -scores))]


@lru_cache(maxsize=4096)
def speaker_key(name: str) -> str:
    """The key of a speaker's name, as entities have one."""
    return entity_key(name) or name.casefold()
