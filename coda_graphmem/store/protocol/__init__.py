"""What every store offers. A store keeps, filters and finds; it ranks nothing.

Every call takes the namespace it works in, and nothing of another namespace is read, counted or
changed. Calls that change something are atomic: after an error nothing of them is kept.
Stores raise `VectorStoreError` (cannot be opened, damaged, unreachable), `MemoryStorageError`
(a write failed) and `ValidationError` (an id that exists with other content), nothing else.
"""

from coda_graphmem.store.protocol.changes import Changes, DecayRows
from coda_graphmem.store.protocol.facts import Facts, ReadMemory
from coda_graphmem.store.protocol.graph import Bounds, EntityNode, Graph, Neighbourhood
from coda_graphmem.store.protocol.health import Diagnosis, Health, Repaired
from coda_graphmem.store.protocol.items import Items, NewItem, StoredItem
from coda_graphmem.store.protocol.jobs import Jobs, RetrievalTotals
from coda_graphmem.store.protocol.links import Links
from coda_graphmem.store.protocol.merges import Merge, Merges, UndoneMerge
from coda_graphmem.store.protocol.passages import LongMemory, NewPassages, PassageMatch, Passages
from coda_graphmem.store.protocol.records import (
    MemoryChanges,
    NewMemory,
    Outcome,
    OutdatedChangesError,
    Records,
    Saying,
    Stored,
)
from coda_graphmem.store.protocol.search import (
    EXCERPT_CHARACTERS,
    NEVER,
    Candidate,
    Search,
    TextMatches,
    beginning_of,
    begins,
)
from coda_graphmem.store.protocol.store import MemoryStore, StoreInfo
from coda_graphmem.store.protocol.transfer import StoredMemory, Transfer
from coda_graphmem.store.protocol.vectors import Vector, Vectors, mismatch

__all__ = [
    "EXCERPT_CHARACTERS",
    "NEVER",
    "Bounds",
    "Candidate",
    "Changes",
    "DecayRows",
    "Diagnosis",
    "EntityNode",
    "Facts",
    "Graph",
    "Health",
    "Items",
    "Jobs",
    "Links",
    "LongMemory",
    "MemoryChanges",
    "MemoryStore",
    "Merge",
    "Merges",
    "Neighbourhood",
    "NewItem",
    "NewMemory",
    "NewPassages",
    "Outcome",
    "OutdatedChangesError",
    "PassageMatch",
    "Passages",
    "ReadMemory",
    "Records",
    "Repaired",
    "RetrievalTotals",
    "Saying",
    "Search",
    "StoreInfo",
    "Stored",
    "StoredItem",
    "StoredMemory",
    "TextMatches",
    "Transfer",
    "UndoneMerge",
    "Vector",
    "Vectors",
    "beginning_of",
    "begins",
    "mismatch",
]
