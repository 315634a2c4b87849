"""Remembers what was recalled for the present turn, so that feedback reaches it."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

WINDOW = 900.0
"""Seconds after which a recall is no longer one for the present turn."""
MOST = 50
"""Memories a turn can have recalled; beyond it the oldest are left out."""
REPEAT_WINDOW = 86_400.0
"""Seconds during which feedback on one memory counts as repeated."""
_TENANTS = 1000
_MEMORIES = 20_000

#: (namespace, conversation); None for recalls that belong to no conversation.
_Turn = tuple[str, str | None]


class RecentRecalls:
    """What was recalled lately, by namespace and conversation, in this process.

    Args:
        clock: Seconds since the Unix epoch, UTC.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._turns: OrderedDict[_Turn, deque[tuple[float, str]]] = OrderedDict()
        self._feedback: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def note(self, namespace: str, memory_ids: Iterable[str], conversation_id: str | None) -> None:
        """Keep what a retrieval returned."""
        now = self._clock()
        turn = self._turns.setdefault((namespace, conversation_id), deque(maxlen=MOST))
        self._turns.move_to_end((namespace, conversation_id))
        turn.extend((now, memory_id) for memory_id in memory_ids)
        while len(self._turns) > _TENANTS:
            self._turns.popitem(last=False)

    def take(self, namespace: str, conversation_id: str | None) -> list[str]:
        """What was recalled for this turn, and forget it: the turn ends with its feedback.

        Args:
            namespace: The tenant.
            conversation_id: Recalls of this conversation count and, where there are none, those of no conversation.

        Returns:
            Ids, each once, the earliest first.
        """
        since = self._clock() - WINDOW
        for key in dict.fromkeys(((namespace, conversation_id), (namespace, None))):
            recalled = [memory_id for at, memory_id in self._turns.pop(key, ()) if at >= since]
            if recalled:
                return list(dict.fromkeys(recalled))
        return []

    def judged(self, namespace: str, memory_id: str) -> int:
        """Note feedback on a memory; how often there was some in the last day before this time."""
        now = self._clock()
        known = self._feedback.setdefault((namespace, memory_id), [])
        self._feedback.move_to_end((namespace, memory_id))
        known[:] = [at for at in known if at > now - REPEAT_WINDOW]
        known.append(now)
        while len(self._feedback) > _MEMORIES:
            self._feedback.popitem(last=False)
        return len(known) - 1
