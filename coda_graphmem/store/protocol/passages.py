"""Keeps vectors of the passages of long memories, and finds these by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from coda_graphmem.language.excerpts import Stretch
from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol.search import NEVER
from coda_graphmem.store.protocol.vectors import Vector


class LongMemory(NamedTuple):
    """A memory that is to have passages and has none."""

    position: int
    """Where it stands among all, for the next call."""
    memory_id: str
    content: str


@dataclass(frozen=True, slots=True)
class NewPassages:
    """The passages of a memory on their way into a store."""

    memory_id: str
    content: str
    """What they are of."""
    stretches: Sequence[Stretch]
    vectors: Sequence[Vector]
    """Of each, of the model of the store."""


class PassageMatch(NamedTuple):
    """How near a passage of a memory is to a vector."""

    start: int
    end: int
    similarity: float
    """Cosine in [-1, 1], computed exactly."""


class Passages(Protocol):
    """Keeps vectors of the passages of long memories, and finds these by them.

    They are derived: nothing is lost with them that could not be made anew. Whatever takes a memory away takes its
    passages along, and so does another content; another model of the store takes all of them away.
    """

    async def pending(self, namespace: str, *, after: int, limit: int) -> list[LongMemory]:
        """Memories of any lifetime that are longer than `LONG`, that nobody says, and that have no passages.

        Args:
            namespace: The tenant.
            after: `LongMemory.position` of the last one before; 0 for the first ones.
            limit: How many at most.
        """

    async def save(self, namespace: str, rows: Sequence[NewPassages], *, model: str | None = None) -> int:
        """Keep passages in place of those there are; of how many memories.

        A memory that is gone, or says something else by now, is passed over. ``model`` as in `Records.insert`.

        Raises:
            EmbeddingMismatchError: The store holds vectors of another model or dimension.
        """

    async def nearest(
        self, namespace: str, vector: Vector, limit: int, where: MemoryFilter, *, now: float = NEVER
    ) -> list[tuple[str, float]]:
        """The live long-term memories with the nearest passages, and the cosine of the nearest one of each.

        Best first, ties by id. The filter is part of the search, and what has ended is not there any more.
        """

    async def matches(self, namespace: str, memory_ids: Sequence[str], vector: Vector) -> dict[str, list[PassageMatch]]:
        """How near each passage of live long-term memories is, in the order of the text; those without are left out."""
