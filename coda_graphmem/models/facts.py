"""What memories say as statements, the facts they make, what is known of somebody, and versions of a memory."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from coda_graphmem.models.memory import MemoryType

Validity = Literal["current", "all", "past"]
"""Which memories a question is after: what holds first, everything alike, or what held before."""

Operation = Literal[
    "created", "updated", "promoted", "merged", "archived", "unarchived", "superseded", "retracted", "reinstated"
]
"""What made a version of a memory."""


class Statement(BaseModel, frozen=True):
    """One thing that a text says of somebody or something, as it was read."""

    subject: str
    """Who or what it is about, as it is shown: ``User``, ``Maria``, ``API rate limit``."""
    subject_key: str
    """Its normal form (`coda_graphmem.facts.values.subject_key`)."""
    attribute: str
    """What is said of it: a name of ``facts/attributes.toml``, or words of the text (``favorite color``)."""
    value: str
    """As it was written; empty for an ending that names none ("I quit my job")."""
    value_key: str
    """Its normal form, equal for equal values (`coda_graphmem.facts.values.value_key`)."""
    polarity: bool = True
    """False where it is denied or ended: from then on the value does not hold, or with an empty one none does."""
    valid_from: float | None = None
    """From when it holds, where the text says so (seconds since the Unix epoch, UTC)."""
    valid_until: float | None = None
    """Until when, where the text says that it is over; not included."""
    confidence: float = Field(default=0.9, ge=0.0, le=1.0)
    """How often what was read in this way is right."""


class Fact(BaseModel, frozen=True):
    """Something that holds or held for a while, whoever said so. Times are seconds since the Unix epoch, UTC."""

    fact_id: str
    """Unique in its namespace, and the same for the same statements."""
    subject: str
    subject_key: str
    attribute: str
    value: str
    value_key: str
    polarity: bool = True
    """False for what is known not to hold."""
    valid_from: float | None
    """From when it holds as far as is known; None where it was over when it was first told."""
    valid_until: float | None = None
    """Until when, not included; None while it holds."""
    known_from: float
    """When it was first said."""
    known_until: float | None = None
    """When what ended it was said; None while nothing has."""
    confidence: float
    memory_ids: list[str]
    """The memories that say so, the earliest first."""
    ended_by: str | None = None
    """The memory that says what ended it."""


class Outdated(BaseModel, frozen=True):
    """A memory of which something does not hold any more."""

    memory_id: str
    share: float = Field(gt=0.0, le=1.0)
    """How much of what it says is over; 1 for all of it."""
    since: float
    """From when (seconds since the Unix epoch, UTC)."""
    superseded_by: str | None = None
    """The memory that says what holds instead, or that it is over; None where nobody says more."""
    known_from: float
    """When that was said or done (seconds since the Unix epoch, UTC)."""
    reason: str
    """The attribute of a fact, ``superseded`` or ``retracted`` by hand, ``update`` for a link `POSSIBLY_OUTDATED_BY`,
    ``past`` for what was told as over."""


class ProfileLine(BaseModel, frozen=True):
    """One line of what is known of somebody."""

    section: str
    """Its kind: ``identity``, ``home``, ``work``, ``people``, ``health``, ``preferences``, ``plans``, ``things`` …"""
    text: str
    """For people and prompts to read: ``Lives in Rome (since May 2024)``."""
    fact: Fact


class Profile(BaseModel, frozen=True):
    """What is known of somebody or something at a time."""

    subject: str
    as_of: float
    """Seconds since the Unix epoch, UTC."""
    lines: list[ProfileLine]
    """By section, the surest and latest first."""
    text: str
    """The lines as a text that fits the size asked for, with the headings of its sections; what does not fit is left
    out, and the next line that does is not."""
    omitted: int = 0
    """Lines that the text has no room for."""


class MemoryVersion(BaseModel, frozen=True):
    """How a memory was from one change to the next; never changed, and gone with the memory."""

    memory_id: str
    version: int
    """1 for the first."""
    operation: Operation
    """What made it."""
    at: float
    """When (seconds since the Unix epoch, UTC)."""
    actor: str
    """Who did it: ``caller`` unless the call says otherwise, ``consolidation``, ``learning``, ``cleanup``."""
    content_hash: str
    """SHA-256 of content, type and metadata, in hexadecimal digits."""
    content: str
    memory_type: MemoryType
    metadata: dict[str, Any]
    importance_score: float
