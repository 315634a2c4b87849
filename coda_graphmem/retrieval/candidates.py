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

    def with_further(self, candidates: Iterable[Candidate], text: Mapping[str, float]) -> "Pool":
        """The pool with what the graph found besides, behind the others; the first mention of a memory counts.

        Args:
            text: BM25 of those of them that hold a word of the query.
        """
        new: dict[str, Candidate] = {}
        for one in candidates:
            if one.memory_id not in self.position:
                new.setdefault(one.memory_id, one)
        return self._joined(_columns(tuple(new.values()), text, is_found=False)) if new else self

    def _joined(self, other: "Pool") -> "Pool":
        size = len(self)
        return Pool(
            candidates=self.candidates + other.candidates,
            position=self.position | {memory_id: size + place for memory_id, place in other.position.items()},
            similarity=np.concatenate([self.similarity, other.similarity]),
            text=np.concatenate([self.text, other.text]),
            found=np.concatenate([self.found, other.found]),
            timestamp=np.concatenate([self.timestamp, other.timestamp]),
            words=np.concatenate([self.words, other.words]),
            is_question=np.concatenate([self.is_question, other.is_question]),
            is_turn=np.concatenate([self.is_turn, other.is_turn]),
            speakers=self.speakers + other.speakers,
        )


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
    scores = {} if text is None else text
    return _columns(tuple(merged.values()), scores, is_found=True).with_further(walked, scores)


def _columns(rows: tuple[Candidate, ...], text: Mapping[str, float], *, is_found: bool) -> Pool:
    """Candidates, each once, as arrays."""
    speakers = tuple([speaker_key(row.speaker) if row.speaker else "" for row in rows])
    return Pool(
        candidates=rows,
        position={row.memory_id: place for place, row in enumerate(rows)},
        similarity=np.array([row.similarity for row in rows], dtype=np.float64),  # NaN for None
        text=np.array([text.get(row.memory_id, 0.0) for row in rows], dtype=np.float64),
        found=np.full(len(rows), is_found),
        timestamp=np.array([row.timestamp for row in rows], dtype=np.float64),
        words=np.array([row.word_count for row in rows], dtype=np.float64),
        is_question=np.array([row.is_question for row in rows], dtype=np.bool_),
        is_turn=np.array([speaker != "" for speaker in speakers], dtype=np.bool_),
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
