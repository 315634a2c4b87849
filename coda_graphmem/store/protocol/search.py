"""Finds candidates for a ranking, by vector, by text and by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from coda_graphmem.models import MemoryFilter, MemoryType
from coda_graphmem.store.protocol.vectors import Vector

#: Longest part of a text that a search or a walk hands on, so that long documents do not slow a query.
EXCERPT_CHARACTERS = 16_000


NEVER = float("-inf")
"""A time before which no memory has ended."""


_ANY_ENDING = "-"


def beginning_of(words: str) -> str:
    """The term for all words that begin so, written as grammars do: "hik-". No word of a text holds a hyphen."""
    return words + _ANY_ENDING


def begins(term: str) -> str | None:
    """What all words begin with that a term stands for; None where it stands for a word."""
    return term[:-1] if term.endswith(_ANY_ENDING) else None


class Candidate(NamedTuple):
    """A memory a search or a walk found, with what ranking needs to know of it.

    A tuple, as a query makes hundreds of them.
    """

    memory_id: str
    similarity: float | None
    """Cosine to the query's vector in [-1, 1], computed exactly; None where none was given, or the memory has none."""
    excerpt: str
    """The first `EXCERPT_CHARACTERS` of the content."""
    timestamp: float
    importance_score: float
    created_at: float
    uses: int
    """How often it was recalled or repeated."""
    last_accessed: float | None
    memory_type: MemoryType
    conversation_id: str | None
    speaker: str | None
    word_count: int
    """Words of the content, without the speaker's name before it (`coda_graphmem.language.words.describe`)."""
    is_question: bool
    """Whether the content does nothing but ask."""


@dataclass(frozen=True, slots=True)
class TextMatches:
    """What a search by text found."""

    found: list[Candidate]
    """The best first, by what the store's index can tell."""
    frequencies: list[int]
    """For each term how many live long-term memories of the namespace hold it, whatever else was to match; those that
    have ended count until they are removed."""
    live: int
    """Live long-term memories of the namespace, counted alike."""


class Search(Protocol):
    """Finds candidates for a ranking, by vector, by text and by id."""

    async def search_vector(
        self, namespace: str, vector: Vector, limit: int, where: MemoryFilter, *, now: float = NEVER
    ) -> list[Candidate]:
        """The nearest live long-term memories by cosine, best first, ties by id.

        Those that end at or before ``now`` are not there any more, here as in the other searches.

        The filter is part of the search: if ``limit`` memories match it, ``limit`` come back.
        """

    async def search_text(
        self, namespace: str, terms: Sequence[str], limit: int, where: MemoryFilter, *, now: float = NEVER
    ) -> TextMatches:
        """Live long-term memories that hold most of the terms, rare ones above all.

        Terms are plain words without query syntax, or what words begin with (`beginning_of`); stemming is the store's.
        ``similarity`` is left out, as a search by
        text need not wait for a vector. How well they match is for the ranking to say.
        """

    async def similarities(self, namespace: str, memory_ids: Sequence[str], vector: Vector) -> dict[str, float]:
        """Cosines to a vector, in [-1, 1], by id of those memories that are live, long-term and have a vector."""

    async def candidates(self, namespace: str, memory_ids: Sequence[str], vector: Vector | None) -> list[Candidate]:
        """Live long-term memories by id, each once, in the order asked for; others are left out.

        ``similarity`` is filled where a vector is given.
        """

    async def nearest(
        self, namespace: str, memory_ids: Sequence[str], *, limit: int, min_similarity: float
    ) -> dict[str, list[tuple[str, float]]]:
        """The nearest live long-term memories of many, each with its cosine, best first, ties by id.

        A memory is not its own neighbour. Ids that are not live or have no vector are left out. Works in blocks,
        so that searches go on meanwhile.
        """
