"""`SyncMemoryManager`: every method of `MemoryManager` without ``await``, for scripts and notebooks.

There is no second implementation: a thread of its own runs an event loop, and each call waits for
the method of the same name. What type checkers see (``sync.pyi``) is generated from `MemoryManager`
by ``scripts/generate_sync_stub.py``.
"""

import asyncio
import functools
import inspect
import logging
import math
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError
from coda_graphmem.forks import Lock
from coda_graphmem.loops import LoopThread, awaited
from coda_graphmem.manager import MemoryManager

T = TypeVar("T")

logger = logging.getLogger(__name__)

_CLOSING = 9.0
"""Seconds that `SyncMemoryManager.cleanup` waits for the loop: a little more than the end of a memory takes."""

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
        self._loop = _Loop()
        self._manager = MemoryManager(config, **options)

    @classmethod
    def _over(cls, loop: "_Loop", manager: MemoryManager) -> Self:
        """A view in a thread that is there: of this class, whatever the constructor of a subclass takes."""
        view = cls.__new__(cls)
        view._loop = loop
        view._manager = manager
        return view

    def initialize(self, *, warm_up: bool = True, maintain: bool = True) -> None:
        """Open the store and start the thread."""
        with self._loop.starting():
            self._loop.run(self._manager.initialize(warm_up=warm_up, maintain=maintain))

    def cleanup(self) -> None:
        """Finish writes, free everything and end the thread, within some ten seconds. May be called again."""
        if self._loop.is_running:
            try:
                self._loop.run(self._manager.cleanup(), _CLOSING)
            except TimeoutError:
                logger.warning("The thread of the memory does not answer, as something blocks it: it is left alone.")
            finally:
                self._loop.stop()

    def for_namespace(self, namespace: str) -> "SyncMemoryManager":
        """A view of another tenant that shares everything with this one."""
        return self._over(self._loop, self._manager.for_namespace(namespace))

    def scoped(self, **ids: str | None) -> "SyncMemoryManager":
        """A view of the memories of a user, an assistant or a session, as `MemoryManager.scoped` makes it."""
        return self._over(self._loop, self._manager.scoped(**ids))

    def run(self, work: Callable[[MemoryManager], Coroutine[Any, Any, T]]) -> T:
        """Do something asynchronous with the manager that this one stands for, and wait for it.

        Args:
            work: Takes the `MemoryManager`.
        """
        return self._loop.run(work(self._manager))

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


class _Loop:
    """The event loop of a memory, in a thread that lasts as long as the memory is open."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._thread: LoopThread | None = None
        self._starting = 0
        """Threads that are opening the memory."""

    @property
    def is_running(self) -> bool:
        return self._thread is not None

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Have a loop for what opens the memory; where that fails, and nobody else does it, the loop ends again."""
        with self._lock:
            was_open = self.is_running and not self._starting
            self._starting += 1
            self._loop()
        has_failed = True
        try:
            yield
            has_failed = False
        finally:
            with self._lock:
                self._starting -= 1
                ends = has_failed and not was_open and not self._starting
            if ends:
                self.stop()

    def stop(self) -> None:
        """End the thread; calls that still wait fail."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.stop()

    def run(self, coroutine: Coroutine[Any, Any, T], seconds: float = math.inf) -> T:
        """Wait for a coroutine, but not longer than that; Ctrl-C cancels it before it is raised here."""
        with self._lock:
            loop = self._loop() if self.is_running else None
        if loop is None:
            coroutine.close()
            raise NotInitializedError("the memory is not open.", remedy="Call initialize(), or use with.")
        return awaited(coroutine, loop, seconds)

    def _loop(self) -> asyncio.AbstractEventLoop:
        """The loop; begun anew in a forked process, which has not got the thread."""
        if self._thread is None or self._thread.pid != os.getpid():
            self._thread = LoopThread()
        return self._thread.loop
