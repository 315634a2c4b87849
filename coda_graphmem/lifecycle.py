"""The life of a memory: what it is made of is opened, warmed up and closed, and moves to where its calls come from."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from coda_graphmem.errors import EmbeddingMismatchError, GraphMemoryError, StoreUnavailableError
from coda_graphmem.forks import Lock, leave_alone
from coda_graphmem.home import Home
from coda_graphmem.loops import LoopThread, brought
from coda_graphmem.runs import error_text
from coda_graphmem.services import Services
from coda_graphmem.threads import in_thread

T = TypeVar("T")

logger = logging.getLogger(__name__)

CLOSING = 8.5
"""Seconds that `Lifecycle.close` takes at most, whatever store, models and receivers do."""
#: Seconds of them for messages that wait to be kept, for learning from what was said, for counting recalls, and for
#: the models.
_MESSAGES, _LEARNING, _COUNTING, _MODELS = 1.5, 1.5, 1.5, 1.0
#: Seconds of them for reading what was stored; what is left, the next process reads.
_READING = 0.5
#: Seconds of them for calls that go on: what they have written they shall also tell.
_CALLS = 1.5
#: Seconds that a move waits for the calls that go on where the memory lives; longer ones go on there.
_MOVING = 2.0


class Lifecycle:
    """Opens and closes the services of a memory, which the views of all its namespaces share.

    Args:
        make: Makes the services of a memory that lives in a place; called again in a process that was forked.
    """

    def __init__(self, make: Callable[[Home], Services]) -> None:
        self._make = make
        self.home = Home()
        self.services = make(self.home)
        self.is_open = False
        self.was_open = False
        """Whether it was open in the process that this one was forked from."""
        self._opening: tuple[asyncio.AbstractEventLoop | None, asyncio.Lock] = (None, asyncio.Lock())
        """Held while it is opened, in the event loop that it belongs to."""
        self._warm_up: asyncio.Task[None] | None = None

    @property
    def is_asleep(self) -> bool:
        """Whether it is to be opened by a call, as it was open in the process that this one was forked from."""
        return (self.was_open and not self.is_open) or (self.is_open and self.home.is_foreign)

    async def open(self, *, check_model: bool = True) -> None:
        """Open the store and compare its embedding model with the configured one.

        Args:
            check_model: False for the re-embedding that changes the model.

        Raises:
            VectorStoreError: The store cannot be opened.
            EmbeddingMismatchError: Its vectors are of another model.
        """
        self.home.claim()
        loop = asyncio.get_running_loop()
        if self._opening[0] is not loop:
            self._opening = (loop, asyncio.Lock())
        async with self._opening[1]:
            try:
                if not self.is_open:
                    self.services.resources.embedding.open()
                    self.services.resources.extraction.open()
                    self.services.resources.reranking.open()
                    await self.services.resources.store.open()
                if check_model:
                    await self._check_model()
            except BaseException:
                await self._close(time.monotonic() + CLOSING)
                raise
            self.is_open = True

    async def _check_model(self) -> None:
        info = await self.services.resources.store.info()
        embedding = self.services.resources.embedding
        if embedding.enabled and info.embedding_model not in (None, embedding.model):
            raise EmbeddingMismatchError(
                f"the store holds vectors of {info.embedding_model} ({info.dimension} dimensions), "
                f"not of {embedding.model}.",
                field="embedding_model",
                remedy=f"Set embedding_model={info.embedding_model!r}, or re-embed: coda-graphmem reembed, "
                "or MemoryManager(config).reembed().",
            )

    def start_warm_up(self) -> None:
        """Load in the background the models that answers need."""
        if self._warm_up is not None:
            return
        loading = self.services.resources.warm_up_answers()
        self._warm_up = asyncio.create_task(loading, name="coda-graphmem-warm-up")
        self._warm_up.add_done_callback(_report)

    def start_maintenance(self) -> None:
        """Let due jobs run in the background, a while from now, unless the settings say otherwise."""
        settings = self.services.resources.config.maintenance
        if settings.enabled:
            self.services.maintenance.scheduler.start(after=settings.start_after_seconds)

    async def close(self) -> None:
        """Finish and free everything within `CLOSING` seconds; what fails or does not end keeps no other part open."""
        until = time.monotonic() + CLOSING
        loop = self.home.loop
        if self.home.is_foreign:
            # Everything is the parent's; what this process has of it was never used.
            self._begin_anew()
        elif loop is asyncio.get_running_loop():
            await self._finish(until)
        elif loop is not None and loop.is_running():
            with suppress(StoreUnavailableError, TimeoutError):
                async with asyncio.timeout(CLOSING / 2):
                    await brought(self._finish(time.monotonic() + CLOSING / 2), loop)
        if self.home.loop is not None:
            self._leave_behind()
            await self._close(until)

    async def _finish(self, until: float) -> None:
        """Let calls that go on come to their end, but not for long, take no others, and close."""
        self.is_open = self.was_open = False
        await self.home.quiet(_CALLS)
        await self._close(until)

    async def _close(self, until: float) -> None:
        services = self.services
        within = partial(_within, until)
        await within(2.0, services.maintenance.scheduler.stop(), "The schedule is still at a job.")
        # All still need the store: messages that wait are kept and learned from, and what that causes is told.
        await within(_MESSAGES + 1.0, services.links.close(_MESSAGES), "Messages of conversations were not kept.")
        await within(
            _LEARNING + 1.0, services.learning.auto.background.close(_LEARNING), "Turns were not learned from."
        )
        await within(_READING + 0.5, services.facts.reading.close(_READING), "What memories say is read next time.")
        await within(2.0, services.resources.events.close(), "Events were not delivered.")
        services.broadcasts.clear()
        services.resources.cache.clear()
        self.is_open = self.was_open = False
        if self._warm_up is not None:
            self._warm_up.cancel()
            self._warm_up = None
        await within(
            _COUNTING, services.access.close(), "The last recalls could not be counted: the store does not answer."
        )
        models = {
            "The embedding model": services.resources.embedding.close,
            "What finds entities": services.resources.extraction.close,
            "The reranker": services.resources.reranking.close,
        }
        ended = await asyncio.gather(*(in_thread(partial(close, _MODELS)) for close in models.values()))
        for what in (name for name, has_ended in zip(models, ended, strict=True) if not has_ended):
            logger.warning("%s does not answer and is left alone.", what)
        await within(
            CLOSING, services.resources.store.close(), "The store is still at work, and closes when that is done."
        )
        thread, self.home.thread, self.home.loop = self.home.thread, None, None
        if thread is not None:
            # Whoever waits for this call is in another thread.
            threading.Thread(target=thread.stop, name="coda-graphmem-end", daemon=True).start()

    # ------------------------------------------------------------------ calls from elsewhere

    async def visit(self, work: Coroutine[Any, Any, T]) -> T:
        """Do a call that came from another event loop, thread or process than this memory lives in.

        Where the process was forked, the memory is opened anew in it, by whichever call comes first; the others wait.
        Else it moves into a loop of its own, once the calls that go on where it lives are over.

        Raises:
            StoreUnavailableError: The loop in which the call was done has ended.
        """
        try:
            await self._find_home()
        except BaseException:
            work.close()
            raise
        return await self.home.done(work)

    async def _find_home(self) -> None:
        """Settle where calls are done: in this loop, or in one that others run."""
        if self.home.is_foreign:
            self._begin_anew()
        home = self.home
        while self.is_asleep:
            home.claim()
            if home.loop is asyncio.get_running_loop():
                await self.open()
                return
            if home.is_alive:
                await asyncio.sleep(0.002)
            else:
                home.abandon()
        while True:
            with home.guard:
                mine = not home.is_moving and home.thread is None and home.loop is not None
                home.is_moving = home.is_moving or mine
            if mine:
                break
            if not home.is_moving:
                return
            await asyncio.sleep(0.002)
        try:
            if await home.quiet(_MOVING):
                await asyncio.shield(asyncio.ensure_future(self._move()))
        finally:
            home.is_moving = False

    async def _move(self) -> None:
        """Go on in a loop of its own."""
        home, scheduler = self.home, self.services.maintenance.scheduler
        was_started = scheduler.is_started
        left = False
        if home.is_alive and home.loop is not None:
            with suppress(GraphMemoryError):
                await brought(self._leave(), home.loop)
                left = True
        if not left:
            self._leave_behind()
        home.calls = 0
        home.thread = LoopThread()
        home.loop = home.thread.loop
        await brought(self._arrive(schedule=was_started), home.loop)

    async def _leave(self) -> None:
        """End what goes on in this loop, so that it can go on in another one."""
        services = self.services
        until = time.monotonic() + CLOSING
        await _within(until, 2.0, services.maintenance.scheduler.stop(), "The schedule is still at a job.")
        await _within(until, _LEARNING, services.learning.auto.background.settle(), "Turns wait to be learned from.")
        await _within(until, _COUNTING, services.access.close(), "Recalls wait to be counted.")
        await _within(until, _READING, services.facts.reading.leave(), "What memories say is read in the next loop.")
        if services.resources.store.belongs_to_loop:
            await _within(until, 2.0, services.resources.store.close(), "Connections to the store were left behind.")
        self._leave_behind()

    def _leave_behind(self) -> None:
        """Forget what belongs to a loop that will not go on with it."""
        services = self.services
        services.maintenance.scheduler.forget()
        services.learning.auto.background.forget()
        services.links.forget()
        services.facts.reading.forget()
        services.access.forget()
        self._warm_up = None

    async def _arrive(self, *, schedule: bool) -> None:
        services = self.services
        if self.is_open and services.resources.store.belongs_to_loop:
            await _within(
                time.monotonic() + 2.0, 2.0, services.resources.store.close(), "Connections were left behind."
            )
            await services.resources.store.open()
        services.access.resume()
        services.facts.reading.resume()
        services.links.resume()
        if schedule:
            self.start_maintenance()

    def _begin_anew(self) -> None:
        """Make all parts anew, in a process that was forked. A call opens them, if they were open in the parent."""
        with _FORKED:
            if self.home.is_foreign:
                # To close or free them would end what the parent goes on with.
                for part in (self.services, self.home, self._opening, self._warm_up):
                    leave_alone(part)
                home = Home()
                self.services = self._make(home)
                self.was_open, self.is_open = self.is_open or self.was_open, False
                self._opening, self._warm_up = (None, asyncio.Lock()), None
                # Last, as it is what others look at who do not hold the lock.
                self.home = home


#: Held while the parts are made anew in a forked process.
_FORKED = Lock()


async def _within(until: float, seconds: float, work: Coroutine[Any, Any, Any], otherwise: str) -> None:
    """Wait for a step of the end, but not long; what fails or takes too long is logged and left behind.

    Args:
        until: When the whole has to be over, by the monotonic clock.
        seconds: How long this step may take.
        work: The step.
        otherwise: What it means if it does not end.
    """
    task = asyncio.ensure_future(work)
    await asyncio.wait({task}, timeout=max(min(seconds, until - time.monotonic()), 0.05))
    if not task.done():
        # Not waited for any longer: what it does may not heed that it is cancelled.
        task.cancel()
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        logger.warning("%s", otherwise)
    elif not task.cancelled() and task.exception() is not None:
        # Only the kind where it is no error of ours, as its text may hold content.
        logger.warning("%s (%s)", otherwise, error_text(task.exception()))


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and isinstance(task.exception(), GraphMemoryError):
        # The first call that needs the model raises the same error to its caller.
        logger.warning("Models could not be loaded ahead: %s", task.exception())
