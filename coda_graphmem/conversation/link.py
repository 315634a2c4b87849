"""Remembers what is said in other programs' conversations, in order and off their path."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from coda_graphmem.conversation.attachment import Detach, attach, told
from coda_graphmem.conversation.turns import Turn, read_turn
from coda_graphmem.errors import StoreUnavailableError

logger = logging.getLogger(__name__)

#: Messages that are kept in one go.
BATCH = 100

#: Seconds until a store that cannot be reached is tried again.
RETRY = 1.0

CLOSING = 60.0
"""Seconds in which messages that wait are still kept when a link is closed."""

#: Takes turns, all or none; taking some of them again changes nothing.
Keep = Callable[[Sequence[Turn]], Awaitable[None]]


class ConversationLink:
    """The way of messages from one conversation manager into the memory.

    Args:
        namespace: Where they go.
        manager: Where they come from.
        keep: What is done with them.
        clock: Seconds since the Unix epoch, UTC.
        queue_size: Messages that may wait; what comes when the queue is full is dropped and counted.
    """

    def __init__(
        self, namespace: str, manager: object, keep: Keep, clock: Callable[[], float], *, queue_size: int
    ) -> None:
        self.namespace = namespace
        self.manager = manager
        self.kept = 0
        """Messages that are done with."""
        self.dropped = 0
        """Messages that found the queue full, or that an unreachable store could not take before the end."""
        self.failed = 0
        """Messages that could not be read or kept."""
        self._keep = keep
        self._clock = clock
        self._size = queue_size
        self._queue: deque[Turn] = deque()
        self._loop = asyncio.get_running_loop()
        self._worker: asyncio.Task[None] | None = None
        self._ending = False
        self._detach: Detach | None = None

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            ValidationError: The manager offers no way to do so.
        """
        self._detach = await attach(self.manager, self._hear)

    async def flush(self) -> None:
        """Wait until every message so far is done with."""
        self._start()
        if self._worker is not None:
            await asyncio.shield(self._worker)

    async def close(self, seconds: float = CLOSING) -> None:
        """Listen no more, and keep what is queued.

        Args:
            seconds: How long at most; what is left then is dropped and counted.
        """
        try:
            if self._detach is not None:
                async with asyncio.timeout(seconds):
                    await self._detach()
        except Exception as error:
            logger.warning("A conversation manager would not let its listener go (%s).", type(error).__name__)
        self._ending = True
        self._start()
        worker = self._worker
        if worker is not None:
            await asyncio.wait([worker], timeout=seconds)
            if not worker.done():
                worker.cancel()
                logger.warning("%d messages of a conversation were not kept before the end.", len(self._queue))
                self.dropped += len(self._queue)
                self._queue.clear()

    def forget(self) -> None:
        """Keep what is queued, and nothing that belongs to the event loop in which it was to be kept."""
        self._worker = None

    def resume(self) -> None:
        """Keep what is queued, and what is heard from now on, in this event loop."""
        self._loop = asyncio.get_running_loop()
        self._start()

    def _hear(self, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        """Queue a message; runs in any thread, inside the conversation, so it neither waits nor raises."""
        try:
            conversation, message = told(arguments, named)
            if conversation is None or message is None:
                self._fail("it has no conversation or no message")
            elif (turn := read_turn(str(conversation), message, self._clock())) is None:
                return
            elif len(self._queue) >= self._size:
                self._drop(1)
            else:
                self._queue.append(turn)
                self._loop.call_soon_threadsafe(self._start)
        except Exception as error:
            self._fail(type(error).__name__)

    def _start(self) -> None:
        if self._queue and (self._worker is None or self._worker.done()):
            self._worker = asyncio.create_task(self._work(), name="coda-graphmem-conversation")

    async def _work(self) -> None:
        singly = 0
        while self._queue:
            turns = [self._queue[i] for i in range(min(1 if singly else BATCH, len(self._queue)))]
            try:
                await self._keep(turns)
                self.kept += len(turns)
            except StoreUnavailableError as error:
                if not self._ending:
                    logger.warning("Messages of a conversation wait for the store: %s", error)
                    await asyncio.sleep(RETRY)
                    continue
                turns = list(self._queue)
                self._drop(len(turns))
            except Exception as error:
                if len(turns) > 1:
                    # One message must not take the others with it.
                    singly = len(turns)
                    continue
                self._fail(type(error).__name__)
            for _ in turns:
                self._queue.popleft()
            singly = max(0, singly - len(turns))

    def _drop(self, count: int) -> None:
        if not self.dropped:
            logger.warning(
                "Messages of a conversation come faster than they can be kept: some are dropped and counted."
            )
        self.dropped += count

    def _fail(self, why: str) -> None:
        # Only the kind: the text of an error may hold what was said.
        logger.warning("A message of a conversation was not kept (%s).", why)
        self.failed += 1


class ConversationLinks:
    """All links of one memory.

    Args:
        clock: Seconds since the Unix epoch, UTC.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._links: list[ConversationLink] = []

    async def connect(self, namespace: str, manager: object, keep: Keep, *, queue_size: int) -> ConversationLink:
        """Hear the messages of a manager from now on; a link the two had is ended first.

        Raises:
            ValidationError: The manager offers no way to listen to it.
        """
        await self.disconnect(namespace, manager)
        link = ConversationLink(namespace, manager, keep, self._clock, queue_size=queue_size)
        await link.open()
        self._links.append(link)
        return link

    async def disconnect(self, namespace: str, manager: object | None) -> bool:
        """End the link to a manager, or with None all of a namespace; whether there was one."""
        ended = [k for k in self._links if k.namespace == namespace and (manager is None or k.manager is manager)]
        self._links = [link for link in self._links if link not in ended]
        await asyncio.gather(*(link.close() for link in ended))
        return bool(ended)

    async def close(self, seconds: float = CLOSING) -> None:
        """End all links; what they have not kept after so many seconds is dropped and counted."""
        links, self._links = self._links, []
        await asyncio.gather(*(link.close(seconds) for link in links))

    def forget(self) -> None:
        """Let all links keep what is queued, and nothing that belongs to the event loop in which it was to be kept."""
        for link in self._links:
            link.forget()

    def resume(self) -> None:
        """Let all links keep what is queued, and what is heard from now on, in the running event loop."""
        for link in self._links:
            link.resume()
