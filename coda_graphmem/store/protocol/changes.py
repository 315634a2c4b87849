"""Says what changed since when, and keeps decay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.models import MemoryType


@dataclass(frozen=True, slots=True)
class DecayRows:
    """What the forgetting curve needs to know of some live long-term memories; arrays of one length."""

    memory_ids: list[str]
    timestamp: NDArray[np.float64]
    last_accessed: NDArray[np.float64]
    """NaN where a memory was never recalled."""
    uses: NDArray[np.int64]
    """How often each was recalled or repeated."""
    importance: NDArray[np.float64]
    memory_types: list[MemoryType]
    position: int
    """Arrival of the last one: what to pass as ``after`` for the next rows."""


class Changes(Protocol):
    """Says what changed since when, and keeps decay."""

    async def revision(self, namespace: str) -> int:
        """A number that differs after every committed change of the namespace by any process.

        Recalls that are counted (`record_access`, `record_retrievals`), persisted decay, runs and leases are no
        such change. 0 for a namespace that holds nothing. Costs one look-up.
        """

    async def find_touched(self, namespace: str, since: float) -> list[str]:
        """Ids of live long-term memories that were stored or changed at or after a time, by arrival.

        A change is one of content, metadata or importance, a reinforcement, a promotion or a return from the
        archive. Comes off an index, so that the cost is that of what was touched.
        """

    async def find_recalled(self, namespace: str, since: float) -> list[str]:
        """Ids of live long-term memories whose last counted recall was at or after a time, by arrival.

        `find_touched` says nothing of them, as a recall is no change. Looks through an index of the namespace.
        """

    async def decay_rows(self, namespace: str, *, after: int, limit: int) -> DecayRows | None:
        """Up to ``limit`` live long-term memories in order of arrival, those whose position is above ``after``.

        None where there are no more; ``after`` is 0 for the first ones.
        """

    async def save_decay(self, namespace: str, memory_ids: Sequence[str], factors: Sequence[float]) -> int:
        """Persist decay factors, in a property that is part of no index; how many were kept.

        Unknown ids are passed over, and ``updated_at`` stays. `Records.get` and `Records.find` give the
        value back as `Memory.decay_factor`.
        """
