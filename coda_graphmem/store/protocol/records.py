"""Keeps memories: adds, changes, removes, reads and counts them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from pydantic import BaseModel, Field

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.models import (
    DeletionReceipt,
    EntityMention,
    Memory,
    MemoryFilter,
    MemoryLifetime,
    MemoryStats,
    MemoryType,
    OnConflict,
    SortOrder,
)
from coda_graphmem.store.protocol.vectors import Vector


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
    user_id: str | None = None
    agent_id: str | None = None
    session_id: str | None = None
    tags: tuple[str, ...] = ()
    """Each once."""
    entities: tuple[EntityMention, ...] = ()
    """Each key once."""
    expires_at: float | None = None
    """When it ends; always set for short-term memories."""
    lifetime: MemoryLifetime = "long_term"
    refresh_seconds: float | None = None
    """How far each recall puts off its end; None where it does not."""
    dedup_key: str | None = None
    """Equal for memories that are one and the same; None where repeats are separate memories."""
    to_read: bool = False
    """Whether its statements are to be read (`Facts.unread`)."""
    explicit: frozenset[str] = frozenset()
    """Which of ``memory_id``, ``timestamp``, ``importance_score``, ``tags``, ``expires_at`` the caller gave: an
    existing id is a harmless retry only if everything given is equal."""


class Saying(BaseModel, frozen=True, extra="forbid"):
    """What one conversation says of a memory that several share."""

    conversation_id: str | None = None
    timestamp: float
    """When it was said there first (seconds, UTC)."""
    created_at: float
    """When that was stored (seconds, UTC)."""
    importance_score: float
    """In [0, 1], with its own repetitions."""
    metadata: dict[str, Any] = Field(default_factory=dict)
    content: str | None = None
    """How it was written there, where that is not how the memory is."""
    mentions: tuple[EntityMention, ...] = ()
    """What it mentions beyond its content: titles; all of it where the content is its own. The first has none, as the
    memory itself mentions that."""
    repeated: int = 0
    """How often it was stored again for the same conversation."""
    is_changed: bool = False
    """Of the first: whether the content of the memory was changed since, so that the others do not say it."""


class Outcome(str, Enum):
    """What became of a `NewMemory`."""

    CREATED = "created"
    REINFORCED = "reinforced"
    """The same content was there already and grew more important."""
    UPDATED = "updated"
    """The same id was there with something else, and says now what was given."""
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
    memory_type: MemoryType | None = None
    tags: tuple[str, ...] | None = None
    """Replaces the tags as a whole; each once."""
    expires_at: float | None = None
    """When it is to end; infinity for never."""
    embedding: Vector | None = None
    """Goes with ``content``."""
    entities: tuple[EntityMention, ...] | None = None
    """Replaces the mentions; goes with ``content`` or a changed title."""
    dedup_key: str | None = None
    """Goes with ``content`` and ``memory_type``."""
    updated_at: float = 0.0
    actor: str = "caller"
    """Who changes it, for its history."""
    expected_version: int | None = None
    """The version that was seen; None for any."""
    seen_content: str | None = None
    """What ``entities`` were found in, where they are given without ``content``."""
    seen_metadata: Mapping[str, Any] | None = None
    """What said title and speaker when ``entities`` were found, where they are given without ``metadata``."""


class OutdatedChangesError(MemoryStorageError):
    """Changes were made of what a memory was, and it is something else by now; nothing of them was kept."""

    def __init__(self) -> None:
        super().__init__("the memory was changed by others meanwhile.", remedy="Change it again.")


class Records(Protocol):
    """Keeps memories: adds, changes, removes, reads and counts them."""

    async def insert(
        self,
        namespace: str,
        rows: Sequence[NewMemory],
        *,
        reinforcement: float,
        model: str | None = None,
        on_conflict: OnConflict = "error",
    ) -> list[Stored]:
        """Keep new memories, all or none, in the order given.

        A row whose ``dedup_key`` belongs to a live long-term memory (or to an earlier row of the
        call) and whose id was not given by the caller reinforces that memory instead: its
        importance becomes ``m + reinforcement * (1 - m)`` with m the larger of both importances,
        its metadata gains the keys it lacked and it the tags, it ends when the later of the two does (never, where one
        never does), ``updated_at`` and the count of repetitions follow. One that has ended by the row's ``created_at``
        is reinforced no more: the row is a memory of its own.
        A row with an id of its own is always a memory of its own. A row whose id exists is
        `Outcome.UNCHANGED` where content, type, metadata, conversation and whatever else is in
        ``explicit`` are equal.

        With ``on_conflict`` ``keep`` a row whose id exists is `Outcome.UNCHANGED` whatever it says. With ``update``
        content, type and metadata become what the row says, and of importance, tags and end what is in ``explicit``
        (`Outcome.UPDATED`), as `update` would do it; another conversation, owner or time is refused.

        ``model`` names the model of the vectors, if any: it is bound as `Vectors.bind_model` does.

        Raises:
            ValidationError: An id exists with other content (field ``memory_id``).
            EmbeddingMismatchError: The store holds vectors of another model or dimension.
        """

    async def update(self, namespace: str, memory_id: str, changes: MemoryChanges, *, model: str | None = None) -> bool:
        """Change one memory, live, archived or short-term. False where there is none of that id.

        New content removes its links to other memories and its statements, which spoke of the old one; it is to be
        read again. How it was before is kept as a version. ``model`` as in `insert`.

        Raises:
            OutdatedChangesError: What ``changes`` were made of was changed by others meanwhile.
            MemoryStorageError: It is not of the expected version any more (field ``expected_version``).
        """

    async def delete(self, namespace: str, memory_ids: Sequence[str]) -> DeletionReceipt:
        """Remove memories with everything that hangs on them; ids that do not exist are passed over.

        With a merged memory its archived originals go as well, as they hold the same. Where originals go, the merged
        memory holds nothing of theirs any more: it is made anew from those that remain, gives way to the last one,
        which is in its place as it was before, or goes; so over all generations, and what was changed of the merged
        memory since goes, too. Links between memories go with either of the two, and an entity has no name that only
        those used that are gone. The receipt says what is still to be cleaned.
        """

    async def forget(self, namespace: str, where: MemoryFilter | None) -> DeletionReceipt:
        """Remove all memories that match, or with None the whole namespace, traces in indexes included.

        Originals go and stay as with `delete`. Those of a merged memory that matches go with it, but for what somebody
        else says: one of another conversation than the one asked for, or one that does not match while another original
        does.
        """

    async def archive(self, namespace: str, memory_ids: Sequence[str], at: float) -> int:
        """Take live memories out of search, keeping them; the number of those that were live."""

    async def unarchive(self, namespace: str, memory_ids: Sequence[str], at: float) -> list[str]:
        """Bring archived memories back into search; ids of those that are live again.

        Those that were merged into another stay: `undo_merge` is their way back. One whose ``dedup_key`` a live
        memory has comes back without it. ``updated_at`` becomes ``at``.
        """

    async def promote(self, namespace: str, memory_id: str, *, dedup_key: str | None, at: float) -> bool:
        """Turn a short-term memory into a long-term one, which counts as touched at ``at`` (seconds, UTC).

        It gets the ``dedup_key`` unless a live memory has it. Nothing is changed about one that is long-term already.
        False where there is none of that id.
        """

    async def expire(self, namespace: str | None, now: float) -> int:
        """Remove memories whose time is over, short-term or not, of one namespace or all; how many.

        With long-term ones goes and stays what goes and stays with `delete`.
        """

    async def record_access(self, namespace: str, counts: Mapping[str, int], at: float) -> None:
        """Add to the access counts of memories and set their last access; unknown ids are passed over.

        Those with `Memory.refresh_seconds` that have not ended at ``at`` end no sooner than so long after it.
        """

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
        the last access (or creation), then arrival. Memories that end at or before ``now`` are not there.
        """

    async def count(self, namespace: str, where: MemoryFilter, *, now: float) -> int:
        """How many memories match; those that end at or before ``now`` are not there."""

    async def live_count(self, namespace: str) -> int:
        """Live long-term memories of a namespace, from a counter that is kept, not by counting.

        Those that have ended count until they are removed.
        """

    async def stats(self, namespace: str, *, now: float) -> MemoryStats:
        """Counts of one namespace, without memories that end at or before ``now``.

        Entities and mentions are counted with them until they are removed.
        """

    async def namespaces(self) -> list[str]:
        """Names of all namespaces that hold anything, sorted."""
