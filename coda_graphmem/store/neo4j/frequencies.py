"""Remembers how many memories hold a common word, which the index has to count one by one."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

COMMON = 5_000
"""From so many memories on a word is common: it takes long to count them, and a few more or less change nothing."""
SECONDS = 300.0
"""For so long a count is used."""
DRIFT = 0.01
"""By this share of all memories may their number change meanwhile."""

#: Words that are remembered, the ones used last.
_MOST = 5_000


@dataclass(frozen=True, slots=True)
class _Count:
    memories: int
    live: int
    """Of how many."""
    at: float


class CommonWords:
    """Counts of common words, by namespace.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def known(self, namespace: str, word: str, live: int) -> int | None:
        """How many memories hold a word; None where it is to be counted.

        Args:
            live: How many memories there are now.
        """
        found = self._counts.get((namespace, word))
        if found is None:
            return None
        if self._clock() - found.at > SECONDS or abs(live - found.live) > DRIFT * found.live:
            del self._counts[namespace, word]
            return None
        self._counts.move_to_end((namespace, word))
        return found.memories

    def note(self, namespace: str, word: str, memories: int, live: int) -> None:
        """Remember a count, if it is one of a common word."""
        if memories >= COMMON:
            self._counts[namespace, word] = _Count(memories, live, self._clock())
            while len(self._counts) > _MOST:
                self._counts.popitem(last=False)
