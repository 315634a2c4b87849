"""Public data types."""

from coda_graphmem.models.consolidation import (
    ConsolidationProposal,
    ConsolidationResult,
    MergedMemory,
    PairVerdict,
    Verdict,
)
from coda_graphmem.models.explanation import Explanation, GraphPath
from coda_graphmem.models.filters import Lifetime, MemoryFilter, MetadataValue, SortOrder
from coda_graphmem.models.memory import EntityMention, Memory, MemoryType
from coda_graphmem.models.modes import AggregationMethod, RetrievalMode
from coda_graphmem.models.results import DeletionReceipt, Entity, MemoryStats, ReembedResult

__all__ = [
    "AggregationMethod",
    "ConsolidationProposal",
    "ConsolidationResult",
    "DeletionReceipt",
    "Entity",
    "EntityMention",
    "Explanation",
    "GraphPath",
    "Lifetime",
    "Memory",
    "MemoryFilter",
    "MemoryStats",
    "MemoryType",
    "MergedMemory",
    "MetadataValue",
    "PairVerdict",
    "ReembedResult",
    "RetrievalMode",
    "SortOrder",
    "Verdict",
]
