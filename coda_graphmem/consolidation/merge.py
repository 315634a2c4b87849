"""Makes one memory of several that say the same."""

from collections.abc import Sequence

from coda_graphmem.consolidation.readings import Reading
from coda_graphmem.models import Memory, MergedMemory
from coda_graphmem.store.union import METADATA_KEY, unite

__all__ = ["METADATA_KEY", "merge"]


def merge(memories: Sequence[Memory], readings: Sequence[Reading], *, reinforcement: float) -> MergedMemory:
    """Unite memories that say the same (`unite`), the most informative one (`Reading.information`) first.

    Of equals the newest is first, then the longest.

    Args:
        memories: At least two, of one type.
        readings: What their contents say, in the same order.
        reinforcement: How far each repetition moves the importance towards 1, in [0, 1].
    """
    ranked = sorted(
        zip(memories, readings, strict=True),
        key=lambda pair: (-pair[1].information, -pair[0].timestamp, -len(pair[0].content), pair[0].memory_id),
    )
    return unite([memory for memory, _ in ranked], reinforcement=reinforcement)
