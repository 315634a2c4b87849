"""Public data types."""

from coda_graphmem.models.caching import CachePartStatistics, CacheStatistics
from coda_graphmem.models.consolidation import (
    ConsolidationProposal,
    ConsolidationResult,
    MergedMemory,
    PairVerdict,
    Verdict,
)
from coda_graphmem.models.events import EventMemory, EventName, MemoryEvent
from coda_graphmem.models.explanation import Explanation, GraphPath
from coda_graphmem.models.filters import Lifetime, MemoryFilter, MetadataValue, SortOrder
from coda_graphmem.models.jobs import JobRun, RunStatus
from coda_graphmem.models.links import LinkKind, MemoryLink, MergeRecord
from coda_graphmem.models.memory import EntityMention, Memory, MemoryType
from coda_graphmem.models.modes import AggregationMethod, RetrievalMode
from coda_graphmem.models.results import CleanupResult, DeletionReceipt, Entity, MemoryStats, ReembedResult
from coda_graphmem.models.transfer import CopyReport, Inventory, NamespaceCopy

__all__ = [
    "AggregationMethod",
    "CachePartStatistics",
    "CacheStatistics",
    "CleanupResult",
    "ConsolidationProposal",
    "ConsolidationResult",
    "CopyReport",
    "DeletionReceipt",
    "Entity",
    "EntityMention",
    "EventMemory",
    "EventName",
    "Explanation",
    "GraphPath",
    "Inventory",
    "JobRun",
    "Lifetime",
    "LinkKind",
    "Memory",
    "MemoryEvent",
    "MemoryFilter",
    "MemoryLink",
    "MemoryStats",
    "MemoryType",
    "MergeRecord",
    "MergedMemory",
    "MetadataValue",
    "NamespaceCopy",
    "PairVerdict",
    "ReembedResult",
    "RetrievalMode",
    "RunStatus",
    "SortOrder",
    "Verdict",
]
