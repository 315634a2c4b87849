"""The store on Neo4j: opens and closes the database, and is made of its parts."""

from typing_extensions import override

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError
from coda_graphmem.store.neo4j.changes import Neo4jChanges
from coda_graphmem.store.neo4j.database import Database
from coda_graphmem.store.neo4j.facts import Neo4jFacts
from coda_graphmem.store.neo4j.graph import Neo4jGraph
from coda_graphmem.store.neo4j.health import Neo4jHealth
from coda_graphmem.store.neo4j.items import Neo4jItems
from coda_graphmem.store.neo4j.jobs import Neo4jJobs
from coda_graphmem.store.neo4j.links import Neo4jLinks
from coda_graphmem.store.neo4j.merges import Neo4jMerges
from coda_graphmem.store.neo4j.passages import Neo4jPassages
from coda_graphmem.store.neo4j.records import Neo4jRecords
from coda_graphmem.store.neo4j.schema import read_meta
from coda_graphmem.store.neo4j.search import Neo4jSearch
from coda_graphmem.store.neo4j.transfer import Neo4jTransfer
from coda_graphmem.store.neo4j.vectors import Neo4jVectors
from coda_graphmem.store.protocol import MemoryStore, StoreInfo


class Neo4jStore(MemoryStore):
    """Memories as a graph in Neo4j 5.26 or later.

    Several processes may use one database at once. Writes of one namespace happen one after the other.
    A call that gets no answer is tried again for ``neo4j.max_transaction_retry_time`` seconds.

    Args:
        config: Says how to reach the server, and whether vector indexes are quantised.
    """

    belongs_to_loop = True

    def __init__(self, config: MemoryConfig) -> None:
        self._database = Database(config)
        self.records = Neo4jRecords(self._database, reinforcement=config.learning_rate)
        self.search = Neo4jSearch(self._database)
        self.passages = Neo4jPassages(self._database)
        self.graph = Neo4jGraph(self._database)
        self.facts = Neo4jFacts(self._database)
        self.links = Neo4jLinks(self._database)
        self.merges = Neo4jMerges(self._database)
        self.changes = Neo4jChanges(self._database)
        self.jobs = Neo4jJobs(self._database)
        self.items = Neo4jItems(self._database)
        self.transfer = Neo4jTransfer(self._database)
        self.vectors = Neo4jVectors(self._database)
        self.health = Neo4jHealth(self._database)

    @override
    async def open(self) -> None:
        await self._database.open()

    @override
    async def close(self) -> None:
        await self._database.close()

    @override
    async def info(self) -> StoreInfo:
        connection = self._database.connection
        meta = await read_meta(connection)
        if meta is None:
            raise NotInitializedError("The store is not open.", remedy="Call initialize() first.")
        location = f"{connection.config.uri}/{connection.database or ''}"
        return StoreInfo(meta.schema_version, meta.embedding_model, meta.dimension, location)
