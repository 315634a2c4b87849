"""Learning by itself: from which conversations, and off the caller's path."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.memories.draft import Draft
from coda_graphmem.memories.speakers import voice_of
from coda_graphmem.models import AutoLearningSettings
from coda_graphmem.resources import Resources

logger = logging.getLogger(__name__)

MOST_WAITING = 1000
"""Turns that wait at most; further ones are stored, but not learned from."""
CLOSING = 10.0
"""Seconds that `Background.close` gives what still waits."""
PREFIX = "auto_learning/"
FRESH = 2.0
"""Seconds for which what was read of the store holds; another process's change is seen after them."""


class AutoLearning:
    """Learns from conversations by itself; which ones, is kept in the store and outlasts a restart.

    Args:
        observe: Learns from a message: `coda_graphmem.learning.service.LearningService.observe`.
    """

    def __init__(self, resources: Resources, observe: Callable[..., Awaitable[object]]) -> None:
        self._jobs = resources.store.jobs
        self._clock = resources.clock
        self._allowed = resources.config.enable_auto_learning
        self._observe = observe
        self._known: dict[str, tuple[float, dict[str, AutoLearningSettings]]] = {}
        self.background = Background()

    async def enable(self, namespace: str, conversation_id: str, settings: AutoLearningSettings) -> None:
        """Learn from a conversation from now on."""
        await self._jobs.save_setting(namespace, PREFIX + conversation_id, settings.model_dump())
        self._known.pop(namespace, None)

    async def disable(self, namespace: str, conversation_id: str) -> bool:
        """No longer; False where it was not on."""
        known = await self._jobs.settings(namespace, PREFIX + conversation_id)
        if PREFIX + conversation_id not in known:
            return False
        await self._jobs.save_setting(namespace, PREFIX + conversation_id, None)
        self._known.pop(namespace, None)
        return True

    async def let_go(self, namespace: str, conversation_id: str | None) -> None:
        """Do what waits, before memories are forgotten that it would bring back.

        Args:
            namespace: The tenant.
            conversation_id: The conversation that is forgotten as a whole, which is not learned from any more; None
                where none is.
        """
        await self.background.settle()
        if conversation_id is not None:
            await self.disable(namespace, conversation_id)
        self._known.pop(namespace, None)

    async def any(self, namespace: str) -> bool:
        """Whether any conversation of a namespace is learned from."""
        return bool(await self._all(namespace))

    async def settings(self, namespace: str, conversation_id: str | None) -> AutoLearningSettings | None:
        """Those of a conversation; None where it is not learned from, or the configuration forbids it for all."""
        return None if conversation_id is None else (await self._all(namespace)).get(conversation_id)

    async def notice(self, namespace: str, said: Sequence[tuple[Draft, str]]) -> None:
        """Learn from memories that were just stored, where that is on, off the caller's path.

        Never raises an error of ours: what was stored is stored.

        Args:
            said: The memories with their ids.
        """
        for draft, memory_id in said:
            conversation_id = draft.conversation_id
            try:
                if await self.settings(namespace, conversation_id) is None:
                    continue
            except GraphMemoryError as error:
                logger.warning("Whether to learn from a conversation could not be read: %s", error)
                continue
            speaker, said_at = voice_of(draft.metadata), draft.timestamp
            self.background.add(
                partial(
                    self._observe,
                    namespace,
                    conversation_id,
                    speaker,
                    draft.content,
                    said_at=self._clock() if said_at is None else said_at,
                    besides=[memory_id],
                    owner=draft.owner,
                )
            )

    async def _all(self, namespace: str) -> dict[str, AutoLearningSettings]:
        if not self._allowed:
            return {}
        now = self._clock()
        at, known = self._known.get(namespace, (float("-inf"), {}))
        if not at <= now < at + FRESH:
            rows = await self._jobs.settings(namespace, PREFIX)
            known = {key.removeprefix(PREFIX): AutoLearningSettings.model_validate(row) for key, row in rows.items()}
            self._known[namespace] = now, known
        return known


class Background:
    """A queue of work with one worker, which runs only while there is any."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Callable[[], Awaitable[object]]] = asyncio.Queue(MOST_WAITING)
        self._worker: asyncio.Task[None] | None = None
        self.dropped = 0
        """How often the queue was full."""

    def add(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do it soon. Never waits; an error is logged, and work beyond `MOST_WAITING` is dropped and counted."""
        try:
            self._waiting.put_nowait(work)
        except asyncio.QueueFull:
            self.dropped += 1
            logger.warning("Turns come faster than they can be learned from; %d were passed over.", self.dropped)
            return
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._run(), name="coda-graphmem-learning")

    async def settle(self) -> None:
        """Wait until nothing waits."""
        while self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])

    def forget(self) -> None:
        """Begin again with what waits when there is more, where the event loop that it was done in has ended."""
        self._worker = None

    async def close(self, seconds: float = CLOSING) -> None:
        """Do what waits, as far as so many seconds allow, and end."""
        worker = self._worker
        if worker is None or worker.done():
            return
        await asyncio.wait([worker], timeout=seconds)
        if not worker.done():
            logger.warning("%d turns were not learned from, as the memory was closed.", self._waiting.qsize())
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    async def _run(self) -> None:
        while not self._waiting.empty():
            work = self._waiting.get_nowait()
            try:
                await work()
            except Exception as error:
                # The turn itself is kept. Only the kind of the error: its text may hold content.
                logger.warning("A turn could not be learned from (%s).", type(error).__name__)
