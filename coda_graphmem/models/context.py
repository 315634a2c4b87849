"""The text that belongs into a prompt, what it is made of, and what has no place in it."""

from typing import Literal

from pydantic import BaseModel, Field

ContextSection = Literal["profile", "memories", "turns"]
"""A part of a context: what is known of somebody, what is relevant, the latest of the conversation."""

ContextKind = Literal["profile", "memory", "fact", "turn"]
"""What an item is: a line of a profile, a memory as it is, a fact in place of a memory that has no room, or a turn of
the conversation."""

LeftOutReason = Literal["does_not_fit", "repeats", "outdated"]
"""Why something is not in a context: there is no room for it, an item says it already, or it does not hold any more."""


class ContextItem(BaseModel, frozen=True, defer_build=True):
    """One numbered record of a context."""

    number: int
    """As in the text, from 1."""
    section: ContextSection
    kind: ContextKind
    text: str
    """The record as it stands in the text, without its number."""
    memory_ids: list[str]
    """The memories that it quotes or that say so."""
    date: float
    """When it was said (seconds since the Unix epoch, UTC)."""
    speaker: str | None = None
    """Who said it, as the text names them."""
    relevance_score: float | None = None
    """In [0, 1], of what a search found."""
    tokens: int
    """About what it takes of the budget; those of all items and of the frame need not add up to those of the text."""


class LeftOut(BaseModel, frozen=True, defer_build=True):
    """Something that is not in a context."""

    memory_ids: list[str]
    """The memory, or those that say a fact."""
    kind: ContextKind
    reason: LeftOutReason
    instead: int | None = None
    """The number of the item that says it, of what repeats."""


class Context(BaseModel, frozen=True, defer_build=True):
    """What belongs into a prompt."""

    text: str
    """Records of memory, numbered and dated, quoted as data; empty where there is nothing to say."""
    tokens: int = Field(ge=0)
    """Of the text, by the tokenizer that was given or by the estimate; never above the budget, 0 for an empty text."""
    max_tokens: int
    """The budget."""
    as_of: float
    """The time that counted as now (seconds since the Unix epoch, UTC)."""
    items: list[ContextItem]
    """In the order of the text."""
    left_out: list[LeftOut]
    """What was found and is not in the text, the most relevant first."""
