"""Threads that compute: one that does one thing after the other for many callers, and what matrix products take."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from queue import Empty, SimpleQueue
from typing import Any, Generic, ParamSpec, TypeVar

from coda_graphmem.forks import renewed_in_child

P = ParamSpec("P")
T = TypeVar("T")

SHORT = 2_000
"""Characters with which whatever is done to a text takes less time than to hand it to a thread."""

_Work = tuple[Future[Any], Callable[[], Any]]
#: What is waited for; None ends the thread.
_Queue = SimpleQueue[_Work | None]


#: Characters that go through a model together at most, so that long texts do not take memory at the same time.
_MOST_CHARACTERS = 20_000


class WorkerClosedError(Exception):
    """The worker takes nothing, or was closed before it had done what it was asked for."""


class Worker:
    """One thread that does one thing after the other. It begins with the first of them.

    It is a daemon: work that never ends keeps no program from ending, as that of a pool would.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._is_open = True
        self._queue: _Queue | None = None
        self._thread: threading.Thread | None = None
        self._doing: Future[Any] | None = None

    def open(self) -> None:
        """Take work again after `close`; nothing where it does so anyway."""
        self._is_open = True

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have something done.

        Raises:
            WorkerClosedError: It is closed.
        """
        future: Future[T] = Future()
        with self._lock:
            if not self._is_open:
                raise WorkerClosedError
            if self._queue is None:
                self._queue = SimpleQueue()
                self._thread = threading.Thread(target=self._run, args=(self._queue,), name=self._name, daemon=True)
                self._thread.start()
            self._queue.put((future, work))
        return future

    def close(self, seconds: float) -> bool:
        """Finish what waits, take nothing more and end the thread. May be called more than once.

        Args:
            seconds: How long to wait. What is not done by then fails with a `WorkerClosedError`.

        Returns:
            Whether the thread has ended.
        """
        with self._lock:
            self._is_open = False
            queue, thread, self._queue, self._thread = self._queue, self._thread, None, None
        if queue is None or thread is None:
            return True
        queue.put(None)
        thread.join(max(seconds, 0.0))
        if not thread.is_alive():
            return True
        doing = self._doing
        for future in [*_waiting(queue), *([] if doing is None else [doing])]:
            with suppress(InvalidStateError):
                future.set_exception(WorkerClosedError())
        queue.put(None)
        return False

    def _run(self, queue: _Queue) -> None:
        while (item := queue.get()) is not None:
            future, work = item
            if not future.set_running_or_notify_cancel():
                continue
            self._doing = future
            try:
                result = work()
            except BaseException as error:
                with suppress(InvalidStateError):  # given up by `close`
                    future.set_exception(error)
            else:
                with suppress(InvalidStateError):
                    future.set_result(result)
            self._doing = None
            # Nothing is kept alive while the next is waited for.
            del item, future, work


def close_all(workers: list[Worker], seconds: float) -> bool:
    """Close several workers within a time; whether the threads of all have ended."""
    until = time.monotonic() + seconds
    ended = [worker.close(until - time.monotonic()) for worker in workers]
    return all(ended)


@dataclass(eq=False, slots=True)
class _Call(Generic[T]):
    texts: Sequence[str]
    size: int
    results: Sequence[T] | None = None


class Gathering(Generic[T]):
    """Calls of a model by one thread: those that came while it was at something else are done in one go.

    A model takes half as long for forty short texts at once as for one after the other, or less.

    Args:
        work: What the model makes of texts, one result a text.
        most: Texts at a time; a call with more than that is not split.
    """

    def __init__(self, work: Callable[[Sequence[str]], Sequence[T]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[_Call[T]] = deque()

    def call(self, texts: Sequence[str]) -> Callable[[], Sequence[T]]:
        """What the thread has to do for the results of texts, in the order of the calls; they may be there already."""
        one = _Call[T](texts, sum(map(len, texts)))
        self._waiting.append(one)
        return partial(self._results, one)

    def _results(self, one: _Call[T]) -> Sequence[T]:
        if one.results is None:
            calls = self._with_others(one)
            try:
                texts = [text for call in calls for text in call.texts]
                found = self._work(texts)
                if len(calls) > 1 and len(found) != len(texts):
                    raise ValueError("one result a text is due")
            except Exception:
                if len(calls) == 1:
                    raise
                # Nobody fails by what another has asked.
                self._waiting.extendleft(reversed(calls[1:]))
                return self._work(one.texts)
            start = 0
            for call in calls:
                call.results = found[start : start + len(call.texts)]
                start += len(call.texts)
        assert one.results is not None
        return one.results

    def _with_others(self, one: _Call[T]) -> list[_Call[T]]:
        """The call and those after it, as many as go in one go. What stands before it was given up by its caller."""
        while self._waiting and self._waiting.popleft() is not one:
            pass
        calls, texts, size = [one], len(one.texts), one.size
        while self._waiting:
            following = self._waiting[0]
            texts, size = texts + len(following.texts), size + following.size
            if texts > self._most or size > _MOST_CHARACTERS:
                break
            calls.append(self._waiting.popleft())
        return calls


async def in_thread(work: Callable[[], T]) -> T:
    """What work gives that is done in a daemon thread of its own, which keeps neither loop nor program from ending."""
    future: Future[T] = Future()

    def run() -> None:
        future.set_running_or_notify_cancel()
        try:
            result = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, name="coda-graphmem-work", daemon=True).start()
    return await asyncio.wrap_future(future)


async def aside(size: int, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What a function gives that a long text makes long; it runs off the event loop where there is much to do.

    Args:
        size: Characters that it looks at.
    """
    if size <= SHORT:
        return work(*arguments, **named)
    return await asyncio.to_thread(work, *arguments, **named)


def _waiting(queue: _Queue) -> list[Future[Any]]:
    found = []
    with suppress(Empty):
        while True:
            item = queue.get_nowait()
            if item is not None:
                found.append(item[0])
    return found


class _Blas:
    """The BLAS of this process, and how many blocks want one thread of it at present.

    Its matrix products are kept to one core, so that whoever else computes has the others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        renewed_in_child(self, "_lock", threading.Lock)
        self._blocks = 0
        self._limit: Any = None

    @contextmanager
    def one_core(self) -> Iterator[None]:
        """Let BLAS use one thread inside the block, in the whole process; blocks of several threads may overlap."""
        with self._lock:
            if self._blocks == 0:
                self._limit = self._controller.limit(limits=1)
            self._blocks += 1
        try:
            yield
        finally:
            with self._lock:
                self._blocks -= 1
                if self._blocks == 0:
                    self._limit.restore_original_limits()

    @cached_property
    def _controller(self) -> Any:
        import numpy as np  # noqa: F401 - a BLAS has to be loaded to be found
        from threadpoolctl import ThreadpoolController

        return ThreadpoolController().select(user_api="blas")


one_core = _Blas().one_core
