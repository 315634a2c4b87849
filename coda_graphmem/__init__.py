"""Graph-augmented memory for assistants.

Memories are nodes with vectors, linked to the entities they mention, to their conversation and to
one another. `MemoryManager` is where to start.
"""

from __future__ import annotations

from coda_graphmem._version import __version__ as __version__

# As in `typing`, which like all else is not imported before somebody needs it: a program that starts is not halted
# half-way by Ctrl-C, and has said something before it has read all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from coda_graphmem.config import MaintenanceConfig, MemoryConfig, Neo4jConfig, TelemetryConfig, VectorStoreConfig
    from coda_graphmem.errors import (
        EmbeddingError,
        EmbeddingMismatchError,
        ExtractionError,
        GraphMemoryError,
        MemoryConsolidationError,
        MemoryRetrievalError,
        MemoryStorageError,
        MissingPackageError,
        NotInitializedError,
        StoreUnavailableError,
        ValidationError,
        VectorStoreError,
    )
    from coda_graphmem.errors import MemoryError as MemoryError  # noqa: A004
    from coda_graphmem.graphs.memory_graph import MemoryGraph
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.models import (
        AggregationMethod,
        ArchiveResult,
        AutoLearningSettings,
        CachePartStatistics,
        CacheStatistics,
        CleanupResult,
        ConsolidationProposal,
        ConsolidationResult,
        CopyReport,
        DecayResult,
        DeleteItem,
        DeletionReceipt,
        Entity,
        EntityMention,
        EventMemory,
        Explanation,
        ExportResult,
        ExtractedInfo,
        GetItem,
        GraphPath,
        HealthIssue,
        ImportanceExplanation,
        ImportReport,
        InformationMatch,
        InformationType,
        Inventory,
        Item,
        JobRun,
        JobStatus,
        LearningResult,
        LinkKind,
        LinkResult,
        ListItemPaths,
        Memory,
        MemoryEvent,
        MemoryHealth,
        MemoryLink,
        MemoryStats,
        MemoryType,
        MergedMemory,
        MergeRecord,
        MergeResult,
        NamespaceCopy,
        OptimizationResult,
        PairVerdict,
        Passage,
        PutItem,
        ReembedResult,
        RetrievalMode,
        RetrievalStats,
        SearchItems,
        UnarchiveResult,
        UndoResult,
    )
    from coda_graphmem.sync import SyncMemoryManager

# `MemoryError` is importable by name but shadows a builtin, so `import *` leaves it out.
__all__ = [
    "AggregationMethod", "ArchiveResult", "AutoLearningSettings", "CachePartStatistics", "CacheStatistics",
    "CleanupResult", "ConsolidationProposal", "ConsolidationResult", "CopyReport", "DecayResult", "DeleteItem",
    "DeletionReceipt", "EmbeddingError", "EmbeddingMismatchError", "Entity", "EntityMention", "EventMemory",
    "Explanation", "ExportResult", "ExtractedInfo", "ExtractionError", "GetItem", "GraphMemoryError", "GraphPath",
    "HealthIssue", "ImportReport", "ImportanceExplanation", "InformationMatch", "InformationType", "Inventory",
    "Item", "JobRun", "JobStatus", "LearningResult", "LinkKind", "LinkResult", "ListItemPaths", "MaintenanceConfig",
    "Memory", "MemoryConfig", "MemoryConsolidationError", "MemoryEvent", "MemoryGraph", "MemoryHealth",
    "MemoryLink", "MemoryManager", "MemoryRetrievalError", "MemoryStats", "MemoryStorageError", "MemoryType",
    "MergeRecord", "MergeResult", "MergedMemory", "MissingPackageError", "NamespaceCopy", "Neo4jConfig",
    "NotInitializedError", "OptimizationResult", "PairVerdict", "Passage", "PutItem", "ReembedResult",
    "RetrievalMode", "RetrievalStats", "SearchItems", "StoreUnavailableError", "SyncMemoryManager",
    "TelemetryConfig", "UnarchiveResult", "UndoResult", "ValidationError", "VectorStoreConfig", "VectorStoreError",
]  # fmt: skip


#: Where to find names that are imported when they are first asked for: data types alone need none of what these need.
_LATER = {
    "MemoryGraph": "coda_graphmem.graphs.memory_graph",
    "MemoryManager": "coda_graphmem.manager",
    "SyncMemoryManager": "coda_graphmem.sync",
}

#: Where all others are.
_HOMES = ("models", "config", "errors")


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return _imported(f"coda_graphmem.{name}")
    if name in _LATER:
        return getattr(_imported(_LATER[name]), name)
    if name in __all__ or name == "MemoryError":
        for home in map(__getattr__, _HOMES):
            if hasattr(home, name):
                return getattr(home, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _imported(module: str) -> Any:
    """A module, imported without looking for garbage: there is none, and looking takes a tenth of the time."""
    import gc
    from importlib import import_module

    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return import_module(module)
    finally:
        if was_enabled:
            gc.enable()


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_HOMES, "MemoryError"})
