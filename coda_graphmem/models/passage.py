"""A passage of a long memory."""

from pydantic import BaseModel


class Passage(BaseModel, frozen=True):
    """A stretch of a memory's content that answers a query."""

    start: int
    """Where it begins in the content, in characters."""
    end: int
    """Behind its last character."""
    text: str
    """``content[start:end]``."""
    score: float
    """Cosine of query and passage, in [-1, 1]."""
