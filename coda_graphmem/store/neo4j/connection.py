"""The connection to the server: reads, and writes that may safely be repeated."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from coda_graphmem._version import __version__
from coda_graphmem.config import Neo4jConfig
from coda_graphmem.errors import GraphMemoryError, NotInitializedError
from coda_graphmem.store.neo4j.faults import is_gone, is_there_already, translate
from coda_graphmem.store.neo4j.statements import statement

if TYPE_CHECKING:
    from neo4j import AsyncDriver, AsyncManagedTransaction, EagerResult

T = TypeVar("T")

logger = logging.getLogger(__name__)

#: One row of an answer, by column.
Row = Mapping[str, Any]

#: Seconds for which the receipt of a write is kept: much longer than any write is tried again.
_RECEIPT_SECONDS = 900.0

#: Seconds between tries: doubled each time up to the longest, so that a server that is back is soon found.
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0


@lru_cache(maxsize=4096)
def scope_of(namespace: str) -> str:
    """The token that stands for a namespace in every index, and in ``Memory.scope`` of live long-term memories.

    39 decimal digits of a 128-bit hash: no analyser of a full-text index splits, stems or folds a number,
    so two namespaces never become one, whatever characters their names hold.
    """
    digest = hashlib.blake2b(namespace.encode("utf-8"), digest_size=16).digest()
    return f"{int.from_bytes(digest, 'big'):039d}"


@dataclass(frozen=True, slots=True)
class Locked:
    """What a transaction knows of the namespace it has locked."""

    arrivals: int
    """Number of the memory that arrived last."""
    entities: int
    """Number of the entity that was made last."""
    vector_property: str
    embedding_model: str | None
    dimension: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction did."""

    answer: Any = None
    """What the caller gets back; JSON."""
    live_added: int = 0
    """Live long-term memories that came, less those that went."""
    arrived: int = 0
    """Memories that came, of any lifetime."""
    revised: bool = True
    """Whether the namespace holds something else now; counted recalls and decay do not count as that."""


class Transaction:
    """A transaction in one namespace; its name and scope are parameters of every statement."""

    def __init__(self, transaction: AsyncManagedTransaction, namespace: str) -> None:
        self._transaction = transaction
        self.namespace = namespace
        self.scope = scope_of(namespace)
        self._locked: Locked | None = None
        self._entities = 0

    async def lock(self, name: str, write_id: str) -> Row | None:
        """Lock the namespace by one of two statements; None where it does not exist."""
        rows = await self.run(name, write_id=write_id)
        if not rows:
            return None
        [row] = rows
        self._locked = Locked(**{field: row[field] for field in Locked.__slots__})
        self._entities = self._locked.entities
        return row

    def number_entities(self, count: int) -> range:
        """Numbers for entities that may be new. Those of entities that are not are never used."""
        first = self._entities + 1
        self._entities += count
        return range(first, first + count)

    @property
    def entities(self) -> int:
        """The last number given to an entity so far."""
        return self._entities

    @property
    def locked(self) -> Locked:
        """What locking told."""
        assert self._locked is not None, "a transaction locks its namespace first"
        return self._locked

    async def run(self, name: str, **parameters: Any) -> list[Row]:
        """Run a statement of ``cypher/store`` and return all rows."""
        text = statement(f"store/{name}")
        mine = {"namespace": self.namespace, "scope": self.scope}
        result = await self._transaction.run(text, p={**mine, **parameters})
        return list((await result.to_eager_result()).records)


Work = Callable[[Transaction], Awaitable[Change]]


class Connection:
    """One driver. Errors leave it as ours.

    Every write locks the node of its namespace before anything else, so writes of one namespace happen
    one after the other and never deadlock, and leaves a receipt with its answer. Where the server went
    away before it confirmed a commit, the write is repeated and finds the receipt if it was committed.
    """

    def __init__(self, config: Neo4jConfig) -> None:
        self.config = config
        self._driver: AsyncDriver | None = None
        self._database: str | None = None

    async def open(self) -> None:
        """Connect and check credentials and database; nothing where that was done already."""
        if self._driver is not None:
            return
        from neo4j import AsyncGraphDatabase

        try:
            self._driver = AsyncGraphDatabase.driver(
                self.config.uri,
                auth=self._auth(),
                user_agent=f"coda-graphmem/{__version__}",
                max_connection_pool_size=self.config.max_connection_pool_size,
                connection_timeout=self.config.connection_timeout,
                connection_acquisition_timeout=self.config.connection_acquisition_timeout,
                # Tries are repeated here, where pauses are bounded and lost confirmations are understood.
                max_transaction_retry_time=0.0,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
            )
            # Not verify_connectivity(), which does not tell whether the database exists.
            self._database = (await self._query("RETURN 1", {}, read=True)).summary.database or self.config.database
        except GraphMemoryError:
            await self.close()
            raise
        except Exception as error:
            await self.close()
            raise translate(error, self.config, writing=False) from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close all connections."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    def _auth(self) -> Any:
        from neo4j import basic_auth, bearer_auth

        if self.config.token is not None:
            return bearer_auth(self.config.token.get_secret_value())
        if self.config.password is not None:
            return basic_auth(self.config.username, self.config.password.get_secret_value())
        return None

    @property
    def database(self) -> str | None:
        """Name of the database, once open."""
        return self._database

    @property
    def driver(self) -> AsyncDriver:
        """The open driver."""
        if self._driver is None:
            raise NotInitializedError("The store is not open.", remedy="Call initialize() first.")
        return self._driver

    async def _repeat(self, attempt: Callable[[], Awaitable[T]], *, writing: bool, seconds: float) -> T:
        """Do something that may be repeated until it succeeds, or fails for good, or its time is over.

        A call ends at the latest after the time for tries and the ``seconds`` of the last one.
        """
        from neo4j.exceptions import DriverError, IncompleteCommit, Neo4jError

        deadline = time.monotonic() + self.config.max_transaction_retry_time
        pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout(self.config.max_transaction_retry_time + seconds):
                while True:
                    try:
                        return await attempt()
                    except (DriverError, Neo4jError) as error:
                        passing = error.is_retryable() or isinstance(error, IncompleteCommit) or is_gone(error)
                        if not passing or time.monotonic() + pause > deadline:
                            raise
                        logger.debug("%s: trying again in %.1f s.", type(error).__name__, pause)
                    await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                    pause = min(2 * pause, _LONGEST_PAUSE)
        except GraphMemoryError:
            raise
        except Exception as error:
            raise translate(error, self.config, writing=writing) from error

    async def _query(
        self, text: str, parameters: Mapping[str, Any], *, read: bool, seconds: float | None = None
    ) -> EagerResult:
        """Run one statement in a transaction of its own, of at most ``seconds`` or the query time-out."""
        from neo4j import Query, RoutingControl

        driver = self.driver
        seconds = seconds or self.config.query_timeout
        query = Query(text, timeout=seconds)
        routing = RoutingControl.READ if read else RoutingControl.WRITE
        database = self._database or self.config.database

        async def attempt() -> EagerResult:
            return await driver.execute_query(query, dict(parameters), database_=database, routing_=routing)

        return await self._repeat(attempt, writing=False, seconds=seconds)

    async def read(self, name: str, **parameters: Any) -> list[Row]:
        """Run one statement of ``cypher/store`` in a read transaction, on any server of a cluster."""
        return list((await self._query(statement(f"store/{name}"), {"p": parameters}, read=True)).records)

    async def write(self, namespace: str, work: Work, *, create: bool = False) -> Any:
        """Do something in one namespace, all or nothing.

        Args:
            namespace: Is locked until the end.
            work: What to do. It runs again where the server asks for it, and must not change anything but
                through its transaction.
            create: Whether to make the namespace; else nothing is done where it does not exist.

        Returns:
            The answer of ``work``; None where the namespace does not exist.
        """
        write_id = uuid.uuid4().hex

        async def attempt(raw: AsyncManagedTransaction) -> Any:
            transaction = Transaction(raw, namespace)
            row = await transaction.lock("lock_namespace", write_id)
            if row is None and not create:
                receipts = await transaction.run("read_receipt", write_id=write_id)
                return json.loads(receipts[0]["answer"]) if receipts else None
            row = row or await transaction.lock("make_namespace", write_id)
            if row is not None and row["answer"] is not None:
                return json.loads(row["answer"])
            change = await work(transaction)
            now = time.time()
            await transaction.run(
                "finish_write",
                write_id=write_id,
                written_at=now,
                outdated=now - _RECEIPT_SECONDS,
                answer=json.dumps(change.answer),
                live_added=change.live_added,
                arrived=change.arrived,
                entities=transaction.entities,
                revised=change.revised,
            )
            return change.answer

        return await self.execute_write(attempt)

    async def execute_write(self, work: Callable[[AsyncManagedTransaction], Awaitable[Any]]) -> Any:
        """Run a transaction that may safely be repeated, even after a commit of unknown outcome."""
        from neo4j import unit_of_work

        bounded = unit_of_work(timeout=self.config.query_timeout)(work)
        driver = self.driver

        async def attempt() -> Any:
            async with driver.session(
                database=self._database, bookmark_manager=driver.execute_query_bookmark_manager
            ) as session:
                return await session.execute_write(bounded)

        return await self._repeat(attempt, writing=True, seconds=self.config.query_timeout)

    async def drop_receipts(self) -> None:
        """Remove receipts that nobody will ask for any more, those of forgotten namespaces among them."""
        await self.run("delete_outdated_receipts", outdated=time.time() - _RECEIPT_SECONDS)

    async def run(self, name: str, **parameters: Any) -> list[Row]:
        """Run one statement of ``cypher/store`` that belongs to no namespace, in a transaction of its own."""

        async def work(transaction: AsyncManagedTransaction) -> list[Row]:
            return await self.run_in(transaction, name, **parameters)

        return list(await self.execute_write(work))

    @staticmethod
    async def run_in(transaction: AsyncManagedTransaction, name: str, **parameters: Any) -> list[Row]:
        """Run a statement of ``cypher/store`` that belongs to no namespace."""
        result = await transaction.run(statement(f"store/{name}"), p=parameters)
        return list((await result.to_eager_result()).records)

    async def define(self, name: str, **parameters: Any) -> None:
        """Run one statement of ``cypher/schema``; what exists already is left as it is."""
        seconds = max(self.config.query_timeout, self.config.index_timeout)
        try:
            await self._query(statement(f"schema/{name}"), parameters, read=False, seconds=seconds)
        except GraphMemoryError as error:
            if not is_there_already(error.__cause__):
                raise
