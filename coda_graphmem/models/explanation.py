"""Why a memory was returned."""

from pydantic import BaseModel, Field

from coda_graphmem.models.passage import Passage


class GraphPath(BaseModel, frozen=True):
    """How the graph led to a memory: from one that matched, over an entity or along a conversation."""

    seed_id: str | None
    """The matching memory the path starts at; None where it starts at an entity named in the query."""
    via: str
    """Name of the entity, or ``conversation`` where the two memories follow one another."""
    entity_key: str | None = None
    """Key of the entity, None for a step along a conversation."""
    depth: int = 1
    """Steps from the seed."""

    def __str__(self) -> str:
        """Short form for people, such as ``via Maria``."""
        return f"via {self.via}"


class Explanation(BaseModel, frozen=True):
    """The parts of a relevance score; see ``docs/retrieval.md`` for the formula that joins them."""

    similarity: float | None = None
    """Cosine of query and memory in [-1, 1]; None where there is no vector."""
    passage: Passage | None = None
    """The passage of a long memory that is nearest to the query; ``similarity`` is then that of the passage, less what
    its length costs, where that is more than what the memory as a whole has."""
    text_score: float = 0.0
    """BM25 of the query's terms in the memory, 0 where none matches."""
    parts: dict[str, float] = Field(default_factory=dict)
    """The named parts of the relevance (``vector``, ``text``, ``graph``, ``unknown``, ``importance``, ``recency``,
    ``order``); their sum is the score."""
    factors: dict[str, float] = Field(default_factory=dict)
    """The named factors of the ranking (``graph``, ``match``, ``speaker``, ``informativeness``, ``time``,
    ``importance``, ``recency``, and where they matter ``reranker``, ``figure``, ``validity`` and ``change``); results
    are ordered by their product. Empty for one way of search alone."""
    sources: list[str] = Field(default_factory=list)
    """Which of ``vector``, ``text``, ``graph`` brought the memory."""
    paths: list[GraphPath] = Field(default_factory=list)
    """The strongest paths first; empty where the graph had no part."""
