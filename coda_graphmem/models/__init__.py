"""Public data types."""

from coda_graphmem.models.consolidation import (
    ConsolidationProposal,
    ConsolidationResult,
    MergedMemory,
    MergeResult,
    PairVerdict,
    UndoResult,
    Verdict,
)
from coda_graphmem.models.context import Context, ContextItem, ContextKind, ContextSection, LeftOut, LeftOutReason
from coda_graphmem.models.events import EventMemory, EventName, MemoryEvent
from coda_graphmem.models.explanation import Explanation, GraphPath
from coda_graphmem.models.exports import ExportFormat, ExportResult, ImportFormat, ImportReport
from coda_graphmem.models.facts import (
    Fact,
    MemoryVersion,
    Operation,
    Outdated,
    Profile,
    ProfileLine,
    Statement,
    Validity,
)
from coda_graphmem.models.filters import (
    AggregationMethod,
    Lifetime,
    MemoryFilter,
    MetadataValue,
    OnConflict,
    RetrievalMode,
    SortOrder,
)
from coda_graphmem.models.items import (
    DeleteItem,
    GetItem,
    Item,
    ItemOperation,
    ItemPath,
    ListItemPaths,
    PutItem,
    SearchItems,
)
from coda_graphmem.models.jobs import JobRun, JobStatus, RunStatus
from coda_graphmem.models.learning import (
    AutoLearningSettings,
    ExtractedInfo,
    ImportanceExplanation,
    InformationMatch,
    InformationType,
    LearningResult,
)
from coda_graphmem.models.links import LinkKind, MemoryLink, MergeRecord
from coda_graphmem.models.maintenance import (
    DecayResult,
    HealthIssue,
    LinkResult,
    MemoryHealth,
    OptimizationResult,
    Severity,
)
from coda_graphmem.models.memory import EntityMention, Memory, MemoryLifetime, MemoryType, Standing
from coda_graphmem.models.passage import Passage
from coda_graphmem.models.results import (
    ArchiveResult,
    CachePartStatistics,
    CacheStatistics,
    CleanupResult,
    DeletionReceipt,
    Entity,
    MemoryStats,
    ReembedResult,
    RetrievalStats,
    Trace,
    UnarchiveResult,
)
from coda_graphmem.models.scope import NOBODYS, Scope
from coda_graphmem.models.transfer import CopyReport, Inventory, NamespaceCopy

__all__ = [
    "NOBODYS", "AggregationMethod", "ArchiveResult", "AutoLearningSettings", "CachePartStatistics", "CacheStatistics",
    "CleanupResult", "ConsolidationProposal", "ConsolidationResult", "Context", "ContextItem", "ContextKind",
    "ContextSection", "CopyReport", "DecayResult", "DeleteItem", "DeletionReceipt", "Entity", "EntityMention",
    "EventMemory", "EventName", "Explanation", "ExportFormat", "ExportResult", "ExtractedInfo", "Fact", "GetItem",
    "GraphPath", "HealthIssue", "ImportFormat", "ImportReport", "ImportanceExplanation", "InformationMatch",
    "InformationType", "Inventory", "Item", "ItemOperation", "ItemPath", "JobRun", "JobStatus", "LearningResult",
    "LeftOut", "LeftOutReason", "Lifetime", "LinkKind", "LinkResult", "ListItemPaths", "Memory", "MemoryEvent",
    "MemoryFilter", "MemoryHealth", "MemoryLifetime", "MemoryLink", "MemoryStats", "MemoryType", "MemoryVersion",
    "MergeRecord", "MergeResult", "MergedMemory", "MetadataValue", "NamespaceCopy", "OnConflict", "Operation",
    "OptimizationResult", "Outdated", "PairVerdict", "Passage", "Profile", "ProfileLine", "PutItem", "ReembedResult",
    "RetrievalMode", "RetrievalStats", "RunStatus", "Scope", "SearchItems", "Severity", "SortOrder", "Standing",
    "Statement", "Trace", "UnarchiveResult", "UndoResult", "Validity", "Verdict",
]  # fmt: skip
