"""What was found in a text, what was learned from an interaction, and why a memory counts as important."""

from typing import Literal

from pydantic import BaseModel, Field

from coda_graphmem.models.memory import MemoryType

#: What `MemoryManager.extract_key_information` finds by itself.
InformationType = Literal[
    "job", "company", "project", "person", "relationship", "place", "home", "date", "event", "birthday",
    "preference", "goal", "plan", "task", "skill", "health", "possession", "contact", "procedure", "emotion",
]  # fmt: skip


class ExtractedInfo(BaseModel, frozen=True, defer_build=True):
    """One fact about the user, found in what they said."""

    content: str
    """A sentence that stands on its own, in the third person: ``User works as a nurse at St. Mary's.``"""
    info_type: str
    """One of `InformationType`, or the name of a matcher of one's own."""
    value: str
    """The words that matter, as they were written: ``nurse``."""
    suggested_type: MemoryType
    """What kind of memory it should become."""
    importance_score: float = Field(ge=0.0, le=1.0)
    """How important such a memory would be, in [0, 1]."""
    confidence: float = Field(ge=0.0, le=1.0)
    """How often what was found in this way is right, in [0, 1]."""
    span: tuple[int, int]
    """Where the value stands in the text: first character, and the one after the last."""


class InformationMatch(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """What a matcher of one's own found; see `MemoryManager.register_information_matcher`."""

    value: str = Field(min_length=1)
    content: str = Field(min_length=1)
    """The fact as a sentence that stands on its own."""
    span: tuple[int, int]
    """Where the value stands in the text."""
    suggested_type: MemoryType = MemoryType.SEMANTIC
    importance_score: float | None = Field(default=None, ge=0.0, le=1.0)
    """In [0, 1]; None for what the formula of `explain_importance` gives."""
    confidence: float = Field(default=0.8, ge=0.0, le=1.0)


class ImportanceExplanation(BaseModel, frozen=True, defer_build=True):
    """The parts of an importance; their sum, kept within [0, 1], is the score."""

    score: float = Field(ge=0.0, le=1.0)
    parts: dict[str, float]
    """``type``, ``entities``, ``first_person``, ``dates`` and ``emphasis``; ``question`` where it only asks."""


class LearningResult(BaseModel, frozen=True, defer_build=True):
    """What an interaction changed in the memory."""

    stored: list[str] = Field(default_factory=list)
    """Ids of new memories."""
    strengthened: list[str] = Field(default_factory=list)
    """Ids of memories that grew more important, by feedback or by being said again."""
    weakened: list[str] = Field(default_factory=list)
    """Ids of memories that lost importance."""
    outdated: list[str] = Field(default_factory=list)
    """Ids of memories that something newer speaks against; they stay, with `Memory.possibly_outdated_by`."""
    extracted: list[ExtractedInfo] = Field(default_factory=list)
    """What was found in the user's words, whether or not it was worth storing."""

    @property
    def changed(self) -> bool:
        """Whether anything was stored, strengthened, weakened or outdated."""
        return bool(self.stored or self.strengthened or self.weakened or self.outdated)


class AutoLearningSettings(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """How a conversation is learned from by itself."""

    learning_rate: float = Field(gt=0.0, le=1.0)
    """How far repetition and feedback move an importance, in (0, 1]."""
    importance_threshold: float = Field(ge=0.0, le=1.0)
    """Importance from which a fact is kept, in [0, 1]."""
