"""Writes of a namespace that wait for their turn: first come, first served, and what waits together goes together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import GraphMemoryError, NotInitializedError, StoreUnavailableError

#: Writes that share a transaction at most.
MOST_TOGETHER = 64

#: Seconds for which more writes are waited for at once, and how often.
_PAUSE, _PAUSES = 0.002, 10

#: Seconds that writes under way get to end where the connection is closed.
_LAST_SECONDS = 2.0


@dataclass(frozen=True, eq=False, slots=True)
class Write:
    """A write that somebody waits for."""

    kind: Callable[..., Awaitable[Any]]
    """Does such writes, as many as stand one after the other in a transaction, each given by its ``part``."""
    part: Any
    answer: asyncio.Future[Any]
    create: bool
    """Whether it makes the namespace; else there is nothing to do where that does not exist."""
    alone: bool
    """Whether it gets a transaction of its own, as it is long or removes the namespace."""
    give_up_at: float
    """When it is no longer tried again, by the clock of the event loop."""

    def settle(self, outcome: Any) -> None:
        """Give the answer, or raise the error that is one, unless whoever asked has gone."""
        if self.answer.done():
            return
        if isinstance(outcome, Exception):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


#: Commits some writes of a namespace and gives their answers, errors of single ones among them.
Commit = Callable[[str, Sequence[Write]], Coroutine[Any, Any, Sequence[Any]]]


class WriteQueue:
    """One transaction a namespace at a time, of the writes that came first.

    By that the writes of a process never compete for a lock among themselves, nobody is overtaken, and under load
    one commit serves many. A write that fails does not fail those beside it: they are done again without it.

    Args:
        commit: Does it.
    """

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._waiting: dict[str, deque[Write]] = {}
        self._serving: set[asyncio.Task[None]] = set()

    def add(self, namespace: str, write: Write) -> None:
        """Let a write wait for its turn."""
        if namespace in self._waiting:
            self._waiting[namespace].append(write)
            return
        self._waiting[namespace] = deque([write])
        task = asyncio.create_task(self._serve(namespace), name="coda-graphmem-writes")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def close(self) -> None:
        """End: what waits fails, what is under way has a moment to be done."""
        waiting, self._waiting = self._waiting, {}
        for write in (write for some in waiting.values() for write in some):
            write.settle(_closed())
        waiting.clear()
        tasks = list(self._serving)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_LAST_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _serve(self, namespace: str) -> None:
        waiting = self._waiting[namespace]
        try:
            while waiting:
                group = _next(waiting)
                await self._do(namespace, group)
                await _gather(waiting, len(group))
        finally:
            if self._waiting.get(namespace) is waiting:
                del self._waiting[namespace]

    async def _do(self, namespace: str, group: Sequence[Write]) -> None:
        try:
            outcomes = await self._commit(namespace, group)
        except asyncio.CancelledError:
            for write in group:
                write.settle(_closed())
            raise
        except Exception as error:
            # Where it is one write that fails, the others are kept without it; a server that is away fails all.
            if len(group) > 1 and not isinstance(error, StoreUnavailableError):
                for write in group:
                    await self._do(namespace, [write])
                return
            for write in group:
                write.settle(error)
        else:
            for write, outcome in zip(group, outcomes, strict=True):
                write.settle(outcome)


def _next(waiting: deque[Write]) -> list[Write]:
    group = [waiting.popleft()]
    while waiting and len(group) < MOST_TOGETHER and not (group[0].alone or waiting[0].alone):
        group.append(waiting.popleft())
    return [write for write in group if not write.answer.done()]


async def _gather(waiting: deque[Write], number: int) -> None:
    """Wait a moment for as many writes as there just were: those who got their answers are likely to write again.

    The first of them would otherwise have a transaction to itself while all others wait for it.
    """
    pauses = _PAUSES if number > 1 else 0
    while len(waiting) < min(number, MOST_TOGETHER) and pauses:
        await asyncio.sleep(_PAUSE)
        pauses -= 1


def _closed() -> GraphMemoryError:
    return NotInitializedError("The store is being closed.", remedy="Call initialize() again.")
