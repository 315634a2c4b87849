"""A store: its life, and the parts it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from coda_graphmem.store.protocol.changes import Changes
from coda_graphmem.store.protocol.graph import Graph
from coda_graphmem.store.protocol.health import Health
from coda_graphmem.store.protocol.jobs import Jobs
from coda_graphmem.store.protocol.links import Links
from coda_graphmem.store.protocol.merges import Merges
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
    """Keeps memories, their vectors, their text and their graph; each part of it does one thing."""

    @property
    def records(self) -> Records:
        """Keeps memories: adds, changes, removes, reads and counts them."""

    @property
    def search(self) -> Search:
        """Finds candidates for a ranking, by vector, by text and by id."""

    @property
    def graph(self) -> Graph:
        """Reads entities, speakers and the neighbourhood of memories."""

    @property
    def links(self) -> Links:
        """Keeps links from one memory to another."""

    @property
    def merges(self) -> Merges:
        """Puts merged memories in the place of their originals, and takes that back."""

    @property
    def changes(self) -> Changes:
        """Says what changed since when, and keeps decay."""

    @property
    def jobs(self) -> Jobs:
        """Keeps runs of jobs, leases, settings, and sums over retrievals."""

    @property
    def transfer(self) -> Transfer:
        """Hands memories over to another store as they are, takes them in, and counts them."""

    @property
    def vectors(self) -> Vectors:
        """Binds a store to an embedding model, and changes it."""

    @property
    def health(self) -> Health:
        """Looks for what is wrong in a store, and puts it right."""

    async def open(self) -> None:
        """Open or create the store and bring its schema up to date.

        Raises:
            VectorStoreError: It cannot be opened, is not one of ours, is damaged or newer than this package.
        """

    async def close(self) -> None:
        """Finish writes and free all resources. May be called more than once."""

    async def info(self) -> StoreInfo:
        """What the store records about itself."""
