"""What every store offers. A store keeps, filters and finds; it ranks nothing.

Every call takes the namespace it works in, and nothing of another namespace is read, counted or
changed. Calls that change something are atomic: after an error nothing of them is kept.
Stores raise `VectorStoreError` (cannot be opened, damaged, unreachable), `MemoryStorageError`
(a write failed) and `ValidationError` (an id that exists with other content), nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.models import (
    DeletionReceipt,
    EntityMention,
    Inventory,
    Memory,
    MemoryFilter,
    MemoryStats,
    MemoryType,
    SortOrder,
)
from coda_graphmem.store.upkeep import UpkeepStore

#: A unit vector, or rows of unit vectors, in single precision.
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A validated memory on its way into a store."""

    memory_id: str
    content: str
    memory_type: MemoryType
    timestamp: float
    importance_score: float
    created_at: float
    metadata: Mapping[str, Any] = field(default_factory=dict)
    embedding: Vector | None = None
    """Shape (dimension,); None where semantic search is switched off."""
    conversation_id: str | None = None
    entities: tuple[EntityMention, ...] = ()
    """Each key once."""
    expires_at: float | None = None
    """Set for short-term memories."""
    dedup_key: str | None = None
    """Equal for memories that are one and the same; None where repeats are separate memories."""
    explicit: frozenset[str] = frozenset()
    """Which of ``memory_id``, ``timestamp``, ``importance_score`` the caller gave: an existing id
    is a harmless retry only if everything given is equal."""


@dataclass(frozen=True, slots=True)
class StoredMemory:
    """A memory with all that a store keeps of it, on its way into another store."""

    memory: Memory
    """Its ``embedding`` is left out."""
    embedding: Vector | None
    dedup_key: str | None
    position: int
    """Its place in the order of arrival."""
    run_id: str | None = None
    """The run that merged it, for an archived original (``memory.consolidated_into``)."""


class Outcome(str, Enum):
    """What became of a `NewMemory`."""

    CREATED = "created"
    REINFORCED = "reinforced"
    """The same content was there already and grew more important."""
    UNCHANGED = "unchanged"
    """The same id with the same content was there already: a retry."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The answer to one `NewMemory`."""

    memory_id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class MemoryChanges:
    """What to change of a memory; None leaves a field as it is."""

    content: str | None = None
    metadata: Mapping[str, Any] | None = None
    """Replaces the metadata as a whole."""
    importance_score: float | None = None
    embedding: Vector | None = None
    """Goes with ``content``."""
    entities: tuple[EntityMention, ...] | None = None
    """Replaces the mentions; goes with ``content`` or a changed title."""
    dedup_key: str | None = None
    """Goes with ``content``."""
    updated_at: float = 0.0


#: Longest part of a text that a search or a walk hands on, so that long documents do not slow a query.
EXCERPT_CHARACTERS = 10_000


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
    access_count: int
    last_accessed: float | None
    reinforcement_count: int
    memory_type: MemoryType
    conversation_id: str | None
    speaker: str | None
    word_count: int
    """Words of the content, without the speaker's name before it (`coda_graphmem.models.text.describe`)."""
    is_question: bool
    """Whether the content does nothing but ask."""


@dataclass(frozen=True, slots=True)
class TextMatches:
    """What a search by text found."""

    found: list[Candidate]
    """The best first, by what the store's index can tell."""
    frequencies: list[int]
    """For each term how many live long-term memories of the namespace hold it, whatever else was to match."""
    live: int
    """Live long-term memories of the namespace."""


@dataclass(frozen=True, slots=True)
class EntityNode:
    """An entity of a namespace."""

    key: str
    name: str
    label: str
    mention_count: int
    """Live long-term memories that mention it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a neighbourhood may spread, so that no query grows with the graph."""

    entities_per_memory: int = 20
    """The rarest first, ties by key."""
    memories_per_entity: int = 40
    """The newest first, ties by id."""
    min_mentions: int = 1
    """Entities of memories with fewer mentions are not followed; with 1 a memory's only bridge is to itself."""
    max_mentions: int = 1_000_000
    """Entities with more mentions than this (hubs) are not followed."""
    conversation_steps: int = 1
    """How many memories before and after each one in its conversation; 0 for none."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A bounded part of the memory graph. Edges only join memories and entities that it holds, in any order."""

    depths: Mapping[str, int]
    """By memory id, in order of arrival: steps from the start to each memory, 0 for the start itself, 1 over one entity
    or one conversation step, and so on. Memories of entities that were given to start with have 1."""
    entities: Mapping[str, EntityNode]
    """By key."""
    mentions: Sequence[tuple[str, str]]
    """(memory id, entity key)"""
    follows: Sequence[tuple[str, str]]
    """(memory id, id of the next memory of its conversation)"""


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What a store records about itself."""

    schema_version: int
    embedding_model: str | None
    """None until the first vector is kept."""
    dimension: int | None
    location: str
    """Path or address, without any secret."""


class MemoryStore(UpkeepStore, Protocol):
    """Keeps memories, their vectors, their text and their graph."""

    async def open(self) -> None:
        """Open or create the store and bring its schema up to date.

        Raises:
            VectorStoreError: It cannot be opened, is not one of ours, is damaged or newer than this package.
        """

    async def close(self) -> None:
        """Finish writes and free all resources. May be called more than once."""

    async def info(self) -> StoreInfo:
        """What the store records about itself."""

    async def bind_model(self, model: str, dimension: int) -> None:
        """Record the embedding model with the first vectors, or check it against the record.

        Raises:
            EmbeddingMismatchError: The store holds vectors of another model or dimension.
        """

    # ------------------------------------------------------------------ writing

    async def insert(self, namespace: str, rows: Sequence[NewMemory], *, reinforcement: float) -> list[Stored]:
        """Keep new memories, all or none, in the order given.

        A row whose ``dedup_key`` belongs to a live long-term memory (or to an earlier row of the
        call) and whose id was not given by the caller reinforces that memory instead: its
        importance becomes ``m + reinforcement * (1 - m)`` with m the larger of both importances,
        its metadata gains the keys it lacked, ``updated_at`` and ``reinforcement_count`` follow.
        A row with an id of its own is always a memory of its own. A row whose id exists is
        `Outcome.UNCHANGED` where content, type, metadata, conversation and whatever else is in
        ``explicit`` are equal.

        Raises:
            ValidationError: An id exists with other content (field ``memory_id``).
        """

    async def update(self, namespace: str, memory_id: str, changes: MemoryChanges) -> bool:
        """Change one memory, live, archived or short-term. False where there is none of that id.

        New content removes its links to other memories, which spoke of the old one.
        """

    async def delete(self, namespace: str, memory_ids: Sequence[str]) -> DeletionReceipt:
        """Remove memories with everything that hangs on them; ids that do not exist are passed over.

        With a merged memory its archived originals go as well, as they hold the same; with an original alone
        the merged memory stays. Links between memories go with either of the two.
        """

    async def forget(self, namespace: str, where: MemoryFilter | None) -> DeletionReceipt:
        """Remove all memories that match, or with None the whole namespace, traces in indexes included."""

    async def archive(self, namespace: str, memory_ids: Sequence[str], at: float) -> int:
        """Take live memories out of search, keeping them; the number of those that were live."""

    async def promote(self, namespace: str, memory_id: str, *, dedup_key: str | None, at: float) -> bool:
        """Turn a short-term memory into a long-term one, which counts as touched at ``at`` (seconds, UTC).

        It gets the ``dedup_key`` unless a live memory has it. Nothing is changed about one that is long-term already.
        False where there is none of that id.
        """

    async def expire(self, namespace: str | None, now: float) -> int:
        """Remove short-term memories whose time is over, of one namespace or all; how many."""

    async def record_access(self, namespace: str, counts: Mapping[str, int], at: float) -> None:
        """Add to the access counts of memories and set their last access; unknown ids are passed over."""

    # ------------------------------------------------------------------ reading

    async def get(self, namespace: str, memory_ids: Sequence[str], *, with_embedding: bool = False) -> list[Memory]:
        """Memories by id, in the order asked for; those that do not exist are left out."""

    async def find(
        self,
        namespace: str,
        where: MemoryFilter,
        *,
        order: SortOrder = "newest",
        limit: int | None = None,
        offset: int = 0,
        now: float,
        with_embedding: bool = False,
    ) -> list[Memory]:
        """Memories that match.

        ``newest`` and ``oldest`` order by timestamp, then arrival; ``weakest`` by importance, then
        the last access (or creation), then arrival. ``now`` decides which short-term memories have expired.
        """

    async def count(self, namespace: str, where: MemoryFilter, *, now: float) -> int:
        """How many memories match."""

    async def live_count(self, namespace: str) -> int:
        """Live long-term memories of a namespace, from a counter that is kept, not by counting."""

    async def stats(self, namespace: str, *, now: float) -> MemoryStats:
        """Counts of one namespace."""

    async def namespaces(self) -> list[str]:
        """Names of all namespaces that hold anything, sorted."""

    async def search_vector(self, namespace: str, vector: Vector, limit: int, where: MemoryFilter) -> list[Candidate]:
        """The nearest live long-term memories by cosine, best first, ties by id.

        The filter is part of the search: if ``limit`` memories match it, ``limit`` come back.
        """

    async def search_text(self, namespace: str, terms: Sequence[str], limit: int, where: MemoryFilter) -> TextMatches:
        """Live long-term memories that hold at least one term.

        Args:
            terms: Plain words without query syntax; stemming is the store's.

        Returns:
            Those that hold most of the terms, rare ones above all, without ``similarity``: a search by text need not
            wait for a vector. How well they match is for the ranking to say.
        """

    async def similarities(self, namespace: str, memory_ids: Sequence[str], vector: Vector) -> dict[str, float]:
        """Cosines to a vector, in [-1, 1], by id of those memories that are live, long-term and have a vector."""

    async def candidates(self, namespace: str, memory_ids: Sequence[str], vector: Vector | None) -> list[Candidate]:
        """Live long-term memories by id, in the order asked for; others are left out.

        Args:
            memory_ids: Which, each once.
            vector: Where given, ``similarity`` is filled.
        """

    async def find_entities(self, namespace: str, keys: Sequence[str]) -> list[EntityNode]:
        """Those of the given keys that are entities of the namespace, in any order."""

    async def find_speakers(self, namespace: str, names: Sequence[str]) -> list[str]:
        """For each name the speakers of live long-term memories of just that name, and the first that begins with it.

        Args:
            namespace: Where to look.
            names: As they may have been written, case included; "Nora" finds "Nora" and one of "Nora Ek", "Nora Woo".

        Returns:
            Names of speakers, each once, in any order.
        """

    async def list_entities(self, namespace: str, *, limit: int, offset: int = 0) -> list[EntityNode]:
        """Entities, most mentioned first, ties by key."""

    async def neighbourhood(
        self,
        namespace: str,
        memory_ids: Sequence[str],
        entity_keys: Sequence[str],
        *,
        bounds: Bounds,
        depth: int,
        where: MemoryFilter,
    ) -> Neighbourhood:
        """The graph around memories and entities, ``depth`` steps wide (0 gives the start alone).

        One step leads from a memory over its entities to their memories and, along the
        conversation, to its neighbours. Only live long-term memories that match ``where`` are
        part of it, the start included; ids that do not exist are passed over.
        """

    # ------------------------------------------------------------------ copying

    async def export_memories(self, namespace: str, *, after: int, limit: int) -> list[StoredMemory]:
        """Up to ``limit`` memories of any lifetime in order of arrival, those whose position is above ``after``."""

    async def import_memories(
        self, namespace: str, rows: Sequence[StoredMemory], entities: Sequence[EntityNode]
    ) -> int:
        """Keep memories exactly as they are, all or none, as arriving in the order given.

        Args:
            namespace: Where to.
            rows: A memory whose id exists is passed over. Archived originals stay bound to what they were merged
                into, whichever of the two arrives first. One whose ``dedup_key`` a live memory has
                is kept without it.
            entities: Names and labels for entities that are new; others take those of their first mention.

        Returns:
            How many were kept.
        """

    async def inventory(self, namespace: str) -> Inventory:
        """What the namespace holds, by looking at all of it."""

    # ------------------------------------------------------------------ re-embedding

    async def pending_reembed(self, model: str, dimension: int, limit: int) -> list[tuple[str, str, str]]:
        """Up to ``limit`` memories of any namespace without a vector of this model.

        The first call with a new model starts the change, which survives a restart: until
        `finish_reembed` searches go on with the old vectors.

        Returns:
            (namespace, memory id, content)
        """

    async def save_reembedded(self, rows: Sequence[tuple[str, str, str, Vector]]) -> dict[str, int]:
        """Keep new vectors: (namespace, memory id, the content that was embedded, vector).

        A memory whose content has changed since is left for the next round. Returns how many were kept of each
        namespace of which any was.
        """

    async def reembed_progress(self) -> tuple[int, int]:
        """Memories that have a vector of the new model, and all memories."""

    async def finish_reembed(self) -> None:
        """Put the new vectors in place of the old and record model and dimension.

        Raises:
            MemoryStorageError: Memories without a new vector came in meanwhile; another round takes them along.
        """
