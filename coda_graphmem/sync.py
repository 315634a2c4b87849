"""`SyncMemoryManager`: every method of `MemoryManager` without ``await``, for scripts and notebooks.

There is no second implementation: a thread of its own runs an event loop, and each call waits for
the method of the same name. What type checkers see (``sync.pyi``) is generated from `MemoryManager`
by ``scripts/generate_sync_stub.py``.
"""

import asyncio
import functools
import inspect
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError
from coda_graphmem.manager import MemoryManager

T = TypeVar("T")

#: What is waited for in an event loop, and so makes no sense without one.
_LOOP_ONLY = frozenset({"events"})


class SyncMemoryManager:
    """`MemoryManager` for code that is not asynchronous, notebooks with a running loop included.

    Args:
        config: Settings; None for the defaults and the environment.
        options: What else the constructor of `MemoryManager` takes.

    Example:
        ```python
        with SyncMemoryManager() as memory:
            memory.store_memory("User prefers morning meetings")
        ```
    """

    def __init__(self, config: MemoryConfig | None = None, **options: Any) -> None:
        self._loop = _LoopThread()
        self._manager = MemoryManager(config, **options)

    @classmethod
    def _over(cls, loop: "_LoopThread", manager: "MemoryManager") -> Self:
        """A view in a thread that is there: of this class, whatever the constructor of a subclass takes."""
        view = cls.__new__(cls)
        view._loop = loop
        view._manager = manager
        return view

    def initialize(self, *, warm_up: bool = True, maintain: bool = True) -> None:
        """Open the store and start the thread."""
        self._loop.start()
        try:
            self._loop.run(self._manager.initialize(warm_up=warm_up, maintain=maintain))
        except BaseException:
            self._loop.stop()
            raise

    def cleanup(self) -> None:
        """Finish writes, free everything and end the thread. May be called again."""
        if self._loop.is_running:
            try:
                self._loop.run(self._manager.cleanup())
            finally:
                self._loop.stop()

    def for_namespace(self, namespace: str) -> "SyncMemoryManager":
        """A view of another tenant that shares everything with this one."""
        return self._over(self._loop, self._manager.for_namespace(namespace))

    def __enter__(self) -> Self:
        self.initialize()
        return self

    def __exit__(self, *exception: object) -> None:
        self.cleanup()

    def __repr__(self) -> str:
        return f"Sync{self._manager!r}"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self._manager._repr_html_()

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self._manager)} - _LOOP_ONLY)

    def __getattr__(self, name: str) -> Any:
        """A method of `MemoryManager` that waits, or one of its attributes."""
        if name.startswith("_") or name in _LOOP_ONLY:
            raise AttributeError(name)
        value = getattr(self._manager, name)
        if not inspect.iscoroutinefunction(value):
            return value
        return self._waiting(value)

    def _waiting(self, method: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., T]:
        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> T:
            return self._loop.run(method(*args, **kwargs))

        return call


class _LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        return self._loop is not None

    def start(self) -> None:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="coda-graphmem", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Wait for a coroutine; Ctrl-C cancels it before it is raised here."""
        if self._loop is None:
            coroutine.close()
            raise NotInitializedError("the memory is not open.", remedy="Call initialize(), or use with.")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise
