"""LangGraph's store of items, kept beside memories in a namespace of a memory."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Generic, Self, TypeVar

from langgraph.store.base import BaseStore, Op, Result, TTLConfig

from coda_graphmem.errors import ValidationError
from coda_graphmem.integrations.calls import AnyMemory, Calls
from coda_graphmem.integrations.langgraph.connection_string import config_of
from coda_graphmem.integrations.langgraph.index import Index, read_index
from coda_graphmem.integrations.langgraph.operations import read_operations, write_result
from coda_graphmem.integrations.langgraph.sweeper import Sweeper
from coda_graphmem.manager import MemoryManager
from coda_graphmem.sync import SyncMemoryManager

#: Minutes between two sweeps where nobody says.
_SWEEP_MINUTES = 5.0


class GraphMemoryStore(BaseStore):
    """``compile(store=GraphMemoryStore(memory))``: LangGraph's long-term store over a memory.

    What LangGraph calls a namespace is the path of an item. All items lie in the namespace of the memory, so that
    ``memory.for_namespace("tenant")`` keeps tenants apart. Items are no memories: no search for memories finds them,
    and nothing fades or merges them.

    An item whose time is over is gone at that moment, whether it was swept or not (``omit_expired`` is always so), and
    the job ``expire`` of the memory removes it later, as does `sweep_ttl`.

    Args:
        memory: An open memory.
        index: How items are searched by meaning; None for not at all. Keys: ``fields`` (``["$"]`` where left out),
            ``embed`` (LangChain's embeddings, a function, or a name; where it is left out, the memory's own model),
            ``dims``, and ``model`` (the name that vectors of ``embed`` are kept under: only those of one name are
            compared with one another).
        ttl: ``default_ttl`` (minutes), ``refresh_on_read`` and ``sweep_interval_minutes``.

    Raises:
        ValidationError: An argument is not acceptable.
    """

    supports_ttl = True

    def __init__(
        self, memory: AnyMemory, *, index: Mapping[str, Any] | None = None, ttl: TTLConfig | None = None
    ) -> None:
        self._calls = Calls(memory)
        self._index = None if index is None else read_index(index)
        self.index_config = None if index is None else dict(index)
        """As it was given."""
        self.embeddings = None if self._index is None else self._index.embeddings
        """LangChain's embeddings; None where the memory's own model is used."""
        self.ttl_config = ttl
        self._sweeper = Sweeper(lambda: self._calls.waited_for(_swept))

    @classmethod
    def from_conn_string(
        cls,
        conn_string: str,
        *,
        index: Mapping[str, Any] | None = None,
        ttl: TTLConfig | None = None,
        namespace: str | None = None,
    ) -> "Opening[Self]":
        """A store that opens a memory of its own, and closes it: for ``with``, or ``async with``.

        Args:
            conn_string: A folder for the embedded file, or an address such as ``neo4j://user:password@host/database``;
                what an address leaves out is read from the environment (``NEO4J_USERNAME`` and so on).
            index: As of the store. With ``embed`` that is the model of the items.
            ttl: As of the store.
            namespace: Of the memory; None for the configured one.

        Raises:
            ValidationError: An argument is not acceptable.
        """
        return Opening(cls, conn_string, namespace, {"index": index, "ttl": ttl})

    # ------------------------------------------------------------------ operations

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do operations, all or none: those that read see what was there before the first write.

        Raises:
            InvalidNamespaceError: A label is not acceptable; nothing was done.
            ValidationError: Something else is not; nothing was done.
            InvalidStateError: It is called from the event loop that a `MemoryManager` works in.
        """
        self._check_thread("batch")
        work = self._work(ops)
        return self._calls.waited_for(work)

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """See `batch`; to be awaited from any loop."""
        return await self._calls.awaited(self._work(ops))

    def _work(self, ops: Iterable[Op]) -> Any:
        return partial(_done, operations=read_operations(ops, self._index), index=self._index)

    def _check_thread(self, name: str) -> None:
        """Refuse to wait in an event loop for what is done in one.

        Raises:
            InvalidStateError: A loop runs in this thread, and the memory is an asynchronous one.
        """
        if isinstance(self._calls.memory, SyncMemoryManager):
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        raise asyncio.InvalidStateError(
            f"{name}() of {type(self).__name__} was called from a running event loop, which would wait for itself. "
            f"Await a{name}() instead, or give the store a SyncMemoryManager."
        )

    # ------------------------------------------------------------------ life

    def setup(self) -> None:
        """Nothing is left to do: a memory that is open has all that items need. For programs that call it."""

    async def asetup(self) -> None:
        """See `setup`."""

    def sweep_ttl(self) -> int:
        """Remove items whose time is over, of this namespace; how many."""
        self._check_thread("sweep_ttl")
        return self._calls.waited_for(_swept)

    async def asweep_ttl(self) -> int:
        """See `sweep_ttl`."""
        return await self._calls.awaited(_swept)

    def start_ttl_sweeper(self, sweep_interval_minutes: float | None = None) -> None:
        """Let a thread do `sweep_ttl` from now on. The job ``expire`` of an open memory does the same every hour.

        Args:
            sweep_interval_minutes: How often; None for that of ``ttl``, or five minutes.

        Raises:
            ValidationError: It is not above 0.
        """
        given = (self.ttl_config or {}).get("sweep_interval_minutes")
        minutes = sweep_interval_minutes or given or _SWEEP_MINUTES
        if minutes <= 0:
            raise ValidationError(
                f"{minutes} is not above 0.", field="sweep_interval_minutes", remedy="Give some minutes."
            )
        self._sweeper.start(60.0 * minutes)

    def stop_ttl_sweeper(self, timeout: float = 0.5) -> bool:
        """End that thread.

        Args:
            timeout: Seconds to wait for a sweep that goes on.

        Returns:
            Whether it has ended.
        """
        return self._sweeper.stop(timeout)


async def _done(memory: MemoryManager, *, operations: list[Any], index: Index | None) -> list[Any]:
    embedder = None if index is None else index.embedder
    return [write_result(one) for one in await memory.batch_items(operations, embedder=embedder)]


async def _swept(memory: MemoryManager) -> int:
    return await memory.expire_items()


S = TypeVar("S", bound=GraphMemoryStore)


class Opening(Generic[S]):
    """A store that is opened by ``with`` or ``async with``, and closed behind it."""

    def __init__(self, kind: type[S], conn_string: str, namespace: str | None, options: Mapping[str, Any]) -> None:
        self._kind = kind
        self._config = config_of(conn_string, namespace)
        self._options = options
        self._store: S | None = None
        self._memory: AnyMemory | None = None

    def __enter__(self) -> S:
        # Items need no entities, so that models are left to the first call that wants them.
        self._memory = memory = SyncMemoryManager(self._config)
        self._store = self._kind(memory, **self._options)
        try:
            memory.initialize(warm_up=False)
        except BaseException:
            memory.cleanup()
            raise
        return self._store

    def __exit__(self, *exception: object) -> None:
        assert isinstance(self._memory, SyncMemoryManager)
        assert self._store is not None
        self._store.stop_ttl_sweeper()
        self._memory.cleanup()

    async def __aenter__(self) -> S:
        self._memory = memory = MemoryManager(self._config)
        self._store = self._kind(memory, **self._options)
        await memory.initialize(warm_up=False)
        return self._store

    async def __aexit__(self, *exception: object) -> None:
        assert isinstance(self._memory, MemoryManager)
        assert self._store is not None
        # A sweep that goes on needs this loop to end.
        await asyncio.to_thread(self._store.stop_ttl_sweeper)
        await self._memory.cleanup()
