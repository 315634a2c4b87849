"""Public data types."""

from coda_graphmem.models.consolidation import (
    ConsolidationProposal,
    ConsolidationResult,
    MergedMemory,
    PairVerdict,
    Verdict,
)
from coda_graphmem.models.explanation import Explanation, GraphPath
from coda_graphmem.models.exports import ExportFormat, ExportResult, ImportFormat, ImportReport
from coda_graphmem.models.filters import Lifetime, MemoryFilter, MetadataValue, SortOrder
from coda_graphmem.models.jobs import JobRun, RunStatus
from coda_graphmem.models.links import LinkKind, MemoryLink, MergeRecord
from coda_graphmem.models.memory import EntityMention, Memory, MemoryType
from coda_graphmem.models.modes import AggregationMethod, RetrievalMode
from coda_graphmem.models.results import CleanupResult, DeletionReceipt, Entity, MemoryStats, ReembedResult
from coda_graphmem.models.transfer import CopyReport, Inventory, NamespaceCopy

__all__ = [
    "AggregationMethod",
    "CleanupResult",
    "ConsolidationProposal",
    "ConsolidationResult",
    "CopyReport",
    "DeletionReceipt",
    "Entity",
    "EntityMention",
    "Explanation",
    "ExportFormat",
    "ExportResult",
    "GraphPath",
    "ImportFormat",
    "ImportReport",
    "Inventory",
    "JobRun",
    "Lifetime",
    "LinkKind",
    "Memory",
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
