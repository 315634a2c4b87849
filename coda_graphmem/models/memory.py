"""A memory, its type, and the entities it mentions."""

from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel, Field

from coda_graphmem.models.explanation import Explanation
from coda_graphmem.models.passage import Passage
from coda_graphmem.models.scope import Scope

Standing = Literal["superseded", "retracted", "reinstated"]
"""What somebody said of a memory by hand: replaced, taken back, or holding again."""

MemoryLifetime = Literal["long_term", "short_term"]
"""What searches find, and what only its conversation has until it ends or is promoted."""


class MemoryType(str, Enum):
    """What kind of knowledge a memory holds."""

    EPISODIC = "episodic"
    """A specific event or experience; repeats are separate events."""
    SEMANTIC = "semantic"
    """A fact, or general knowledge."""
    PREFERENCE = "preference"
    """What somebody likes, dislikes or has set."""
    PROCEDURAL = "procedural"
    """How something is done."""
    EMOTIONAL = "emotional"
    """A feeling bound to something."""
    CONTEXTUAL = "contextual"
    """The context or pattern of a conversation; the type of short-term memories."""


#: Label of an entity that is what a document is called.
TITLE_LABEL = "TITLE"


class EntityMention(BaseModel, frozen=True):
    """An entity as one memory mentions it."""

    key: str
    """Normalised name, unique in a namespace (see `coda_graphmem.language.keys`)."""
    name: str
    """The name as it was written."""
    label: str
    """spaCy's entity label (``PERSON``, ``GPE``, …), ``CONCEPT`` for a noun chunk, ``TITLE`` for a title."""


class Memory(BaseModel):
    """One stored memory. Times are seconds since the Unix epoch, UTC."""

    memory_id: str
    content: str
    memory_type: MemoryType
    timestamp: float
    """When it happened or was said."""
    importance_score: float
    """In [0, 1]."""
    access_count: int = 0
    """How often retrieval returned it."""
    last_accessed: float | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)

    embedding: list[float] | None = None
    """The unit vector of the content, of the model's dimension; only where it was asked for."""
    relevance_score: float | None = None
    """In [0, 1], set by retrieval; ``(1 + cosine) / 2`` where nothing but the vector speaks."""
    decay_factor: float | None = None
    """In (0, 1], how much of its strength is left at read time; a store gives what the decay job last kept, if any."""

    namespace: str = "default"
    """The tenant the memory belongs to."""
    conversation_id: str | None = None
    user_id: str | None = None
    """Whose memory it is, inside the namespace; None for nobody's in particular, as with the next two."""
    agent_id: str | None = None
    """The assistant it belongs to."""
    session_id: str | None = None
    """The session it belongs to."""
    tags: list[str] = Field(default_factory=list)
    """What it was filed under, each once, in order."""
    entities: list[EntityMention] = Field(default_factory=list)
    """What it mentions, ordered by key."""
    created_at: float | None = None
    """When it was stored."""
    updated_at: float | None = None
    """When its content, metadata or importance was last changed or reinforced."""
    reinforcement_count: int = 0
    """How often the same content was stored again."""
    expires_at: float | None = None
    """When it ends, and is found no more from that moment on; None where it stays."""
    lifetime: MemoryLifetime = "long_term"
    """Whether it is a long-term memory, which may end as well, or a short-term one."""
    refresh_seconds: float | None = None
    """How long it has from each time it is recalled on; None where recalls do not put off its end."""
    archived_at: float | None = None
    """When it was set aside; archived memories are kept but not searched."""
    consolidated_into: str | None = None
    """Id of the memory it was merged into, for an archived original; None for all others."""
    possibly_outdated_by: list[str] = Field(default_factory=list)
    """Ids of live memories that say something newer about the same thing, by arrival."""
    last_said_at: float | None = None
    """When it was said last, where it was said more than once."""
    version: int = 1
    """How often it was changed, and one; see `MemoryManager.get_history`."""
    standing: Standing | None = None
    """What somebody said of it by hand; None where nobody did."""
    standing_at: float | None = None
    """From when that counts."""
    valid_until: float | None = None
    """From when nothing of what it says holds any more; None while something does, or where it says no facts."""
    superseded_by: str | None = None
    """Id of the memory that says what holds instead, where something it says does not hold any more."""
    supersedes: int = 0
    """How many outdated memories stand behind it, set by retrieval."""
    passages: list[Passage] = Field(default_factory=list)
    """The parts of a long content that are nearest to the query, best first, set by retrieval; empty for short ones."""
    explanation: Explanation | None = None
    """Why retrieval returned it, where that was asked for."""

    @property
    def scope(self) -> Scope:
        """Whose it is."""
        return Scope(user_id=self.user_id, agent_id=self.agent_id, session_id=self.session_id)

    @property
    def speaker(self) -> str | None:
        """Who said it: ``metadata["speaker"]``, kept apart from the entities."""
        value = self.metadata.get("speaker")
        return value if isinstance(value, str) else None

    def has_ended(self, now: float) -> bool:
        """Whether its time is over at a time (seconds, UTC)."""
        return self.expires_at is not None and self.expires_at <= now


REPETITIONS = "reinforcement_count"
"""The field that counts how often a memory was said again."""

USES = ("access_count", REPETITIONS)
"""Fields that count uses, which keep a memory from fading (`coda_graphmem.decay`)."""
