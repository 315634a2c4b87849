"""What one retrieval asks for: made once from checked arguments, never changed, and the key its results are kept by."""

import math
from dataclasses import dataclass, field, replace

from coda_graphmem.models import NOBODYS, AggregationMethod, MemoryFilter, RetrievalMode, Scope, Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What all retrievals have in common."""

    namespace: str
    where: MemoryFilter = field(default_factory=MemoryFilter)
    """What results must match; part of every search and of the walk."""
    scope: Scope = NOBODYS
    """Whose view asks: what others say supersedes nothing there."""
    limit: int
    """Results at most."""
    min_relevance: float = 0.0
    """Least relevance of a result, in [0, 1]."""
    max_depth: int = 1
    """Steps of the walk through the graph; 0 for none."""
    as_of: float | None = None
    """The time that counts as now, in seconds: what was said later is not there. None for the clock."""
    validity: Validity | None = None
    """Whether what holds comes first, or what held before, or neither; None where the words of the query say so."""
    explain: bool = False
    """Whether results carry an explanation."""

    @property
    def known(self) -> MemoryFilter:
        """What results must match, with what was said later than ``as_of`` left out."""
        if self.as_of is None:
            return self.where
        after = math.nextafter(self.as_of, math.inf)
        until = after if self.where.until is None else min(after, self.where.until)
        return self.where.model_copy(update={"until": until})

    def at_least(self, candidates: int) -> int:
        """So many candidates, or more where many results are wanted."""
        return max(candidates, 3 * self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Request):
    """Memories relevant to a question or some words."""

    text: str
    mode: RetrievalMode = "graph"
    """``vector`` or ``text`` alone, ``hybrid`` for both, ``graph`` for these, the walk and what else speaks for a
    memory; with ``max_depth`` 0 ``graph`` is ``hybrid``."""
    diverse: bool = True
    """Whether near-duplicates give way to others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiQuery(Request):
    """Memories relevant to several queries together."""

    texts: tuple[str, ...]
    """At least one."""
    aggregation_method: AggregationMethod = "weighted_average"
    """See `coda_graphmem.retrieval.multi_query.aggregate`."""
    weights: tuple[float, ...] | None = None
    """One a query, not negative and not all 0; None for equal ones."""
    mode: RetrievalMode = "graph"
    """As in `Query`, as is ``diverse``."""
    diverse: bool = True

    def queries(self, limit: int) -> list[Query]:
        """Each query by itself, near-duplicates included.

        Args:
            limit: Results at most of each.
        """
        first = Query(
            namespace=self.namespace,
            text=self.texts[0],
            where=self.where,
            scope=self.scope,
            limit=limit,
            mode=self.mode,
            max_depth=self.max_depth,
            as_of=self.as_of,
            validity=self.validity,
            diverse=False,
        )
        return [replace(first, text=text) for text in self.texts]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextQuery(Request):
    """Memories that belong to a conversation: its latest ones, and what the graph links to them."""

    conversation_id: str
    include_related: bool = True
    """Whether other memories than the conversation's own are part of it."""


AnyQuery = Query | MultiQuery | ContextQuery
