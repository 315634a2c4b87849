"""Graph-augmented memory for assistants.

Memories are nodes with vectors, linked to the entities they mention, to their conversation and to
one another. `MemoryManager` is where to start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coda_graphmem.config import MemoryConfig, Neo4jConfig, VectorStoreConfig
from coda_graphmem.errors import (
    EmbeddingError,
    EmbeddingMismatchError,
    ExtractionError,
    GraphMemoryError,
    MemoryConsolidationError,
    MemoryRetrievalError,
    MemoryStorageError,
    NotInitializedError,
    StoreUnavailableError,
    ValidationError,
    VectorStoreError,
)
from coda_graphmem.errors import MemoryError as MemoryError  # noqa: A004
from coda_graphmem.models import (
    AggregationMethod,
    CleanupResult,
    CopyReport,
    DeletionReceipt,
    Entity,
    EntityMention,
    Explanation,
    GraphPath,
    Inventory,
    Memory,
    MemoryStats,
    MemoryType,
    NamespaceCopy,
    ReembedResult,
    RetrievalMode,
)

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.sync import SyncMemoryManager

__version__ = "0.1.0"

# `MemoryError` is importable by name but shadows a builtin, so `import *` leaves it out.
__all__ = [
    "AggregationMethod",
    "CleanupResult",
    "CopyReport",
    "DeletionReceipt",
    "EmbeddingError",
    "EmbeddingMismatchError",
    "Entity",
    "EntityMention",
    "Explanation",
    "ExtractionError",
    "GraphMemoryError",
    "GraphPath",
    "Inventory",
    "Memory",
    "MemoryConfig",
    "MemoryConsolidationError",
    "MemoryManager",
    "MemoryRetrievalError",
    "MemoryStats",
    "MemoryStorageError",
    "MemoryType",
    "NamespaceCopy",
    "Neo4jConfig",
    "NotInitializedError",
    "ReembedResult",
    "RetrievalMode",
    "StoreUnavailableError",
    "SyncMemoryManager",
    "ValidationError",
    "VectorStoreConfig",
    "VectorStoreError",
]


def __getattr__(name: str) -> Any:
    """Import the managers when they are first asked for: data types alone need none of what they need."""
    if name == "MemoryManager":
        from coda_graphmem.manager import MemoryManager

        return MemoryManager
    if name == "SyncMemoryManager":
        from coda_graphmem.sync import SyncMemoryManager

        return SyncMemoryManager
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), "MemoryManager", "SyncMemoryManager"])
