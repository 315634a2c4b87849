"""A store: its life, and the parts it is made of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, Self

from coda_graphmem.store.protocol.changes import Changes
from coda_graphmem.store.protocol.facts import Facts
from coda_graphmem.store.protocol.graph import Graph
from coda_graphmem.store.protocol.health import Health
from coda_graphmem.store.protocol.items import Items
from coda_graphmem.store.protocol.jobs import Jobs
from coda_graphmem.store.protocol.links import Links
from coda_graphmem.store.protocol.merges import Merges
from coda_graphmem.store.protocol.passages import Passages
from coda_graphmem.store.protocol.records import Records
from coda_graphmem.store.protocol.search import Search
from coda_graphmem.store.protocol.transfer import Transfer
from coda_graphmem.store.protocol.vectors import Vectors


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What a store records about itself."""

    schema_version: int
    embedding_model: str | None
    """None until the first vector is kept."""
    dimension: int | None
    location: str
    """Path or address, without any secret."""


class MemoryStore(Protocol):
    """Keeps memories, their vectors, their text and their graph, and items; each part of it does one thing."""

    belongs_to_loop: bool = False
    """Whether it works in the event loop alone that it was opened in, and has to be opened anew in another one."""

    records: Records
    search: Search
    passages: Passages
    graph: Graph
    facts: Facts
    links: Links
    merges: Merges
    changes: Changes
    jobs: Jobs
    items: Items
    transfer: Transfer
    vectors: Vectors
    health: Health

    async def open(self) -> None:
        """Open or create the store and bring its schema up to date.

        Raises:
            VectorStoreError: It cannot be opened, is not one of ours, is damaged or newer than this package.
        """

    async def close(self) -> None:
        """Finish writes and free all resources. May be called more than once."""

    async def info(self) -> StoreInfo:
        """What the store records about itself."""

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[Self | None]:
        """The store as it is at one moment, to be read while others write; None where it can only be read as it goes.

        In the latter case `Changes.revision` tells whether a namespace was changed meanwhile.
        """
        yield None
