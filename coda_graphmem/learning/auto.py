"""Which conversations are learned from by themselves; kept in the store, so that a restart changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from coda_graphmem.models import AutoLearningSettings
from coda_graphmem.store.protocol import MemoryStore

PREFIX = "auto_learning/"
FRESH = 2.0
"""Seconds for which what was read of the store holds; another process's change is seen after them."""


class AutoLearning:
    """Settings of automatic learning by namespace and conversation.

    Args:
        store: Where they are kept.
        clock: Seconds since the Unix epoch, UTC.
    """

    def __init__(self, store: MemoryStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[float, dict[str, AutoLearningSettings]]] = {}

    async def enable(self, namespace: str, conversation_id: str, settings: AutoLearningSettings) -> None:
        """Keep the settings of a conversation."""
        await self._store.jobs.save_setting(namespace, PREFIX + conversation_id, settings.model_dump())
        self._known.pop(namespace, None)

    async def disable(self, namespace: str, conversation_id: str) -> bool:
        """Remove them; False where there were none."""
        known = await self._store.jobs.settings(namespace, PREFIX + conversation_id)
        if PREFIX + conversation_id not in known:
            return False
        await self._store.jobs.save_setting(namespace, PREFIX + conversation_id, None)
        self._known.pop(namespace, None)
        return True

    async def any(self, namespace: str) -> bool:
        """Whether any conversation of a namespace is learned from."""
        return bool(await self._all(namespace))

    async def settings(self, namespace: str, conversation_id: str | None) -> AutoLearningSettings | None:
        """Those of a conversation, None where it is not learned from."""
        return None if conversation_id is None else (await self._all(namespace)).get(conversation_id)

    async def _all(self, namespace: str) -> dict[str, AutoLearningSettings]:
        now = self._clock()
        at, known = self._known.get(namespace, (float("-inf"), {}))
        if not at <= now < at + FRESH:
            rows = await self._store.jobs.settings(namespace, PREFIX)
            known = {key.removeprefix(PREFIX): AutoLearningSettings.model_validate(row) for key, row in rows.items()}
            self._known[namespace] = now, known
        return known
