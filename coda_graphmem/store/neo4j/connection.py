"""The connection to the server: reads, and writes that may safely be repeated."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import random
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from coda_graphmem._version import __version__
from coda_graphmem.config import Neo4jConfig
from coda_graphmem.errors import GraphMemoryError, MemoryStorageError, NotInitializedError
from coda_graphmem.store.neo4j.faults import is_passing, is_there_already, translate
from coda_graphmem.store.neo4j.queue import Write, WriteQueue
from coda_graphmem.store.neo4j.statements import asked, statement

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

#: Locks of namespaces. Two that share one wait for one another, which does no harm.
_LOCKS = 64

#: The lock of whoever takes, gives back or clears away leases, or runs of jobs; it is taken after that of a namespace.
LEASES = "leases"

#: Names of all locks.
LOCKS = (*(f"{number:02d}" for number in range(_LOCKS)), LEASES)

#: Seconds that closing may take, also where the server does not answer any more.
_CLOSE_SECONDS = 3.0


@lru_cache(maxsize=4096)
def scope_of(namespace: str) -> str:
    """The token that stands for a namespace in every index, and in ``Memory.scope`` of live long-term memories.

    39 decimal digits of a 128-bit hash: no analyser of a full-text index splits, stems or folds a number,
    so two namespaces never become one, whatever characters their names hold.
    """
    digest = hashlib.blake2b(namespace.encode("utf-8"), digest_size=16).digest()
    return f"{int.from_bytes(digest, 'big'):039d}"


def lock_of(namespace: str) -> str:
    """The lock of a namespace."""
    return _lock_of_scope(scope_of(namespace))


def _lock_of_scope(scope: str) -> str:
    return LOCKS[int(scope) % _LOCKS]


def lost_locks() -> MemoryStorageError:
    """The error of a database in which there is no lock to take."""
    return MemoryStorageError(
        "the database has lost the nodes that writers lock.",
        field="neo4j.database",
        remedy="Open the store again, which makes what is missing.",
    )


@dataclass(frozen=True, slots=True)
class Locked:
    """What a transaction knows of the store while it holds a lock."""

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
    revised: bool = True
    """Whether the namespace holds something else now; counted recalls and decay do not count as that."""


class Transaction:
    """A transaction in one namespace; its name and scope are parameters of every statement."""

    def __init__(self, transaction: AsyncManagedTransaction, namespace: str) -> None:
        self._transaction = transaction
        self.namespace = namespace
        self.scope = scope_of(namespace)
        self._locked: Locked | None = None
        self.arrivals = 0
        """The last number given to a memory so far."""
        self.entities = 0
        """The last number given to an entity so far."""

    async def lock(self, write_id: str) -> Row:
        """Lock the namespace: whether it exists, and the answer of an earlier try of the same write."""
        rows = await self.run("lock_namespace", write_id=write_id, lock=lock_of(self.namespace))
        if not rows:
            raise lost_locks()
        [row] = rows
        self._locked = Locked(**{field: row[field] for field in Locked.__slots__})
        self.arrivals, self.entities = row["arrivals"], row["entities"]
        return row

    def number_memories(self, count: int) -> range:
        """Numbers for memories that are new, in order of arrival."""
        self.arrivals += count
        return range(self.arrivals - count + 1, self.arrivals + 1)

    def number_entities(self, count: int) -> range:
        """Numbers for entities that may be new. Those of entities that are not are never used."""
        self.entities += count
        return range(self.entities - count + 1, self.entities + 1)

    @property
    def locked(self) -> Locked:
        """What locking told."""
        assert self._locked is not None, "a transaction locks its namespace first"
        return self._locked

    async def run(self, name: str, **parameters: Any) -> list[Row]:
        """Run a statement of ``cypher/store`` and return all rows."""
        text = asked(name, parameters)
        mine = {"namespace": self.namespace, "scope": self.scope}
        result = await self._transaction.run(text, p={**mine, **parameters})
        return list((await result.to_eager_result()).records)


Work = Callable[[Transaction], Awaitable[Change]]

#: Does writes of one kind in a transaction, one after the other; an error in place of a change fails that one alone,
#: which must not have changed anything.
Together = Callable[[Transaction, Sequence[Any]], Awaitable[Sequence[Change | GraphMemoryError]]]


async def _one_by_one(transaction: Transaction, works: Sequence[Work]) -> Sequence[Change | GraphMemoryError]:
    return [await work(transaction) for work in works]


class Connection:
    """One driver. Errors leave it as ours.

    Every write takes the lock of its namespace before anything else, so writes of one namespace happen one after the
    other and never deadlock. Within a process they wait in a queue, and those that wait together share a transaction.
    It leaves a receipt with their answers: where the server went away before it confirmed a commit, the transaction
    is repeated and finds the receipt if it was committed.
    """

    def __init__(self, config: Neo4jConfig) -> None:
        self.config = config
        self._driver: AsyncDriver | None = None
        self._database: str | None = None
        self._queue = WriteQueue(self._commit)
        # Who waits for a connection waits here: in the driver's pool, those who wait while a server dies are forgotten
        # until their time is over, and nobody comes before those who have waited longer.
        self._slots = asyncio.Semaphore(config.max_connection_pool_size)

    async def open(self) -> None:
        """Connect and check credentials and database; nothing where that was done already."""
        if self._driver is not None:
            return
        from neo4j import AsyncGraphDatabase

        # A new one, as the loop may be another by now.
        self._slots = asyncio.Semaphore(self.config.max_connection_pool_size)

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
        """Close all connections; in a few seconds, also where the server does not answer any more."""
        await self._queue.close()
        driver, self._driver = self._driver, None
        if driver is not None:
            try:
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await driver.close()
            except Exception as error:
                logger.warning("%s did not say goodbye (%s).", self.config.uri, type(error).__name__)

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

    async def _repeat(
        self, attempt: Callable[[], Awaitable[T]], *, writing: bool, seconds: float, until: float | None = None
    ) -> T:
        """Do something that may be repeated until it succeeds, or fails for good, or its time is over.

        A call ends at the latest after the time for tries, or at ``until``, and the ``seconds`` of the last one.
        Between tries it holds no connection.
        """
        from neo4j.exceptions import DriverError, Neo4jError

        now = asyncio.get_running_loop().time
        deadline = now() + self.config.max_transaction_retry_time if until is None else until
        pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout_at(max(deadline, now()) + seconds):
                while True:
                    try:
                        async with self._slot():
                            return await attempt()
                    except (DriverError, Neo4jError) as error:
                        if not is_passing(error) or now() + pause > deadline:
                            raise
                        logger.debug("%s: trying again in %.1f s.", type(error).__name__, pause)
                    await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                    pause = min(2 * pause, _LONGEST_PAUSE)
        except GraphMemoryError:
            raise
        except Exception as error:
            if self._driver is None:
                raise NotInitializedError(
                    "The store was closed meanwhile.", remedy="Call initialize() again."
                ) from error
            raise translate(error, self.config, writing=writing) from error

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """Wait for leave to use a connection, as long as one may be waited for."""
        from neo4j.exceptions import ConnectionAcquisitionTimeoutError

        slots = self._slots
        try:
            async with asyncio.timeout(self.config.connection_acquisition_timeout):
                await slots.acquire()
        except TimeoutError as error:
            raise ConnectionAcquisitionTimeoutError("all connections are in use") from error
        try:
            yield
        finally:
            slots.release()

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
        return list((await self._query(asked(name, parameters), {"p": parameters}, read=True)).records)

    async def write(self, namespace: str, work: Work, *, create: bool = False, alone: bool = False) -> Any:
        """Do something in one namespace, all or nothing.

        Args:
            namespace: Is locked until the end.
            work: What to do. It runs again where the server asks for it, and must not change anything but
                through its transaction.
            create: Whether to make the namespace; else nothing is done where it does not exist.
            alone: Whether it is to have a transaction of its own: it takes long, or the namespace away.

        Returns:
            The answer of ``work``; None where the namespace does not exist.
        """
        return await self.write_together(namespace, _one_by_one, work, create=create, alone=alone)

    async def write_together(
        self, namespace: str, kind: Together, part: Any, *, create: bool = False, alone: bool = False
    ) -> Any:
        """Do something in one namespace, all or nothing, in one go with other writes of its kind that wait.

        Args:
            namespace: Is locked until the end.
            kind: Does it, and others.
            part: What to do, as ``kind`` takes it.
            create: As in `write`.
            alone: As in `write`.
        """
        _ = self.driver
        loop = asyncio.get_running_loop()
        patience, seconds = self.config.max_transaction_retry_time, self.config.query_timeout
        write = Write(kind, part, loop.create_future(), create, alone, loop.time() + patience)
        self._queue.add(namespace, write)
        try:
            async with asyncio.timeout(patience + seconds):
                return await write.answer
        except TimeoutError as error:
            raise translate(error, self.config, writing=True) from error

    async def _commit(self, namespace: str, group: Sequence[Write]) -> Sequence[Any]:
        """Do writes in one transaction; their answers, and errors of single ones that changed nothing."""
        write_id = uuid.uuid4().hex
        outcomes: list[Any] = [None] * len(group)

        async def attempt(raw: AsyncManagedTransaction) -> None:
            transaction = Transaction(raw, namespace)
            row = await transaction.lock(write_id)
            if row["answer"] is not None:
                outcomes[:] = (
                    one if isinstance(one, Exception) else kept
                    for one, kept in zip(outcomes, json.loads(row["answer"]), strict=True)
                )
                return
            changes = await self._change(transaction, group, exists=row["exists"])
            outcomes[:] = (one.answer if isinstance(one, Change) else one for one in changes)
            done = [one for one in changes if isinstance(one, Change)]
            if not done:
                # Without a change nothing stays, not even a namespace that was made for it.
                for error in outcomes:
                    if isinstance(error, Exception):
                        raise error
                return
            now = time.time()
            await transaction.run(
                "finish_write",
                write_id=write_id,
                written_at=now,
                outdated=now - _RECEIPT_SECONDS,
                answer=json.dumps([None if isinstance(one, Exception) else one for one in outcomes]),
                live_added=sum(change.live_added for change in done),
                arrivals=transaction.arrivals,
                entities=transaction.entities,
                revised=any(change.revised for change in done),
            )

        if group:
            await self.execute_write(attempt, until=max(write.give_up_at for write in group))
        return outcomes

    @staticmethod
    async def _change(
        transaction: Transaction, group: Sequence[Write], *, exists: bool
    ) -> list[Change | GraphMemoryError | None]:
        """What each write did: None where its namespace does not exist, or nobody waits for it any more."""
        changes: dict[int, Change | GraphMemoryError] = {}
        for kind, some in groupby(enumerate(group), key=lambda item: item[1].kind):
            here = []
            for number, write in some:
                if write.answer.done():
                    continue
                if not exists and write.create:
                    await transaction.run("make_namespace")
                    exists = True
                if exists:
                    here.append((number, write.part))
            if here:
                done = await kind(transaction, [part for _, part in here])
                changes |= {number: change for (number, _), change in zip(here, done, strict=True)}
        return [changes.get(number) for number in range(len(group))]

    async def execute_write(
        self, work: Callable[[AsyncManagedTransaction], Awaitable[Any]], *, until: float | None = None
    ) -> Any:
        """Run a transaction that may safely be repeated, even after a commit of unknown outcome.

        Args:
            work: What to do.
            until: When it is no longer repeated, by the clock of the event loop.
        """
        from neo4j import unit_of_work

        bounded = unit_of_work(timeout=self.config.query_timeout)(work)
        driver = self.driver

        async def attempt() -> Any:
            async with driver.session(
                database=self._database, bookmark_manager=driver.execute_query_bookmark_manager
            ) as session:
                return await session.execute_write(bounded)

        return await self._repeat(attempt, writing=True, seconds=self.config.query_timeout, until=until)

    async def drop_receipts(self) -> None:
        """Remove receipts that nobody will ask for any more, those of forgotten namespaces among them."""
        outdated = time.time() - _RECEIPT_SECONDS
        scopes: dict[str, list[str]] = {}
        for row in await self.read("outdated_receipts", outdated=outdated):
            scopes.setdefault(_lock_of_scope(row["scope"]), []).append(row["scope"])
        for lock, found in sorted(scopes.items()):
            await self.run("delete_outdated_receipts", lock=lock, scopes=found, outdated=outdated)

    async def run(self, name: str, **parameters: Any) -> list[Row]:
        """Run one statement of ``cypher/store`` that belongs to no namespace, in a transaction of its own."""

        async def work(transaction: AsyncManagedTransaction) -> list[Row]:
            return await self.run_in(transaction, name, **parameters)

        return list(await self.execute_write(work))

    @staticmethod
    async def run_in(transaction: AsyncManagedTransaction, name: str, **parameters: Any) -> list[Row]:
        """Run a statement of ``cypher/store`` that belongs to no namespace."""
        result = await transaction.run(asked(name, parameters), p=parameters)
        return list((await result.to_eager_result()).records)

    async def define(self, name: str, **parameters: Any) -> None:
        """Run one statement of ``cypher/schema``; what exists already is left as it is."""
        seconds = max(self.config.query_timeout, self.config.index_timeout)
        try:
            await self._query(statement(f"schema/{name}"), parameters, read=False, seconds=seconds)
        except GraphMemoryError as error:
            if not is_there_already(error.__cause__):
                raise
