r"""How much of a memory's strength is left: a forgetting curve that is computed, never accumulated.

With t the days since the memory was made or last recalled, whichever is later:

.. math:: d = \left(1 + \frac{\lambda t}{\psi}\right)^{-\psi}, \qquad
          \lambda = r \cdot f_{type} \cdot \frac{1 - 0.8\, i}{1 + \ln(1 + n)}, \qquad \psi = 0.5

- Forgetting follows a power function rather than an exponential one: what has lasted goes on lasting
  (Ebbinghaus 1885; Wickelgren 1974, whose ``(1 + βt)^-ψ`` this is; Wixted and Ebbesen 1991).
  ψ = 0.5 is the decay of ACT-R's base-level activation (Anderson and Schooler 1991).
- λ is the share lost in the first day: r (``importance_decay_rate``) for an unimportant episodic memory
  that was never recalled.
- Importance i slows forgetting: one of importance 1 fades at a fifth of the rate.
- Each recall or repetition starts the curve anew and makes it flatter, with diminishing effect: n of
  them divide λ by 1 + ln(1 + n), as strength grows with the logarithm of practice in ACT-R.
- Kinds of knowledge last differently (`TYPE_FACTORS`).

Only absolute times enter, so computing it twice, late, or for another day gives what it would have given.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import Memory, MemoryType
from coda_graphmem.models.memory import USES
from coda_graphmem.times import SECONDS_PER_DAY

EXPONENT = 0.5
"""ψ of the power function."""
IMPORTANCE_EFFECT = 0.8
"""By which share full importance slows forgetting."""

TYPE_FACTORS = {
    MemoryType.PREFERENCE: 0.25,
    MemoryType.PROCEDURAL: 0.25,
    MemoryType.SEMANTIC: 0.5,
    MemoryType.EMOTIONAL: 0.75,
    MemoryType.EPISODIC: 1.0,
    MemoryType.CONTEXTUAL: 4.0,
}
"""How fast a type fades, against an episodic memory."""


def decay_factors(
    *,
    timestamp: ArrayLike,
    last_accessed: ArrayLike,
    uses: ArrayLike,
    importance: ArrayLike,
    type_factor: ArrayLike,
    now: ArrayLike,
    rate: float,
) -> NDArray[np.float64]:
    """Decay factors of many memories. All arguments but ``rate`` may be arrays of one shape, or single values.

    Args:
        timestamp: When each was made (seconds since the Unix epoch, UTC).
        last_accessed: When each was last recalled (seconds, UTC); NaN for never.
        uses: How often each was recalled or repeated, at least 0.
        importance: In [0, 1].
        type_factor: From `TYPE_FACTORS`.
        now: The time to compute for (seconds, UTC); before ``timestamp`` nothing has faded.
        rate: r, the share an unimportant episodic memory loses in its first day, in [0, 1]; 0 for no decay.

    Returns:
        Values in (0, 1], of the shape the arguments broadcast to.

    Raises:
        ValidationError: ``rate`` is outside [0, 1].
    """
    if not 0.0 <= rate <= 1.0:
        raise ValidationError(f"must lie in [0, 1], not {rate!r}.", field="rate", remedy="Pass a share lost in a day.")
    made = np.asarray(timestamp, dtype=np.float64)
    since = np.fmax(made, np.asarray(last_accessed, dtype=np.float64))
    days = np.maximum(np.asarray(now, dtype=np.float64) - since, 0.0) / SECONDS_PER_DAY
    loss = daily_losses(uses=uses, importance=importance, type_factor=type_factor, rate=rate)
    return np.asarray((1.0 + loss * days / EXPONENT) ** -EXPONENT, dtype=np.float64)


def daily_losses(*, uses: ArrayLike, importance: ArrayLike, type_factor: ArrayLike, rate: float) -> NDArray[np.float64]:
    """λ of many memories: the share of its strength that each loses in the first day.

    Args:
        uses: How often each was recalled or repeated, at least 0.
        importance: In [0, 1].
        type_factor: From `TYPE_FACTORS`.
        rate: r, in [0, 1].

    Returns:
        Values of at least 0, of the shape the arguments broadcast to.
    """
    lasting = 1.0 + np.log1p(np.asarray(uses, dtype=np.float64))
    slowed = (1.0 - IMPORTANCE_EFFECT * np.asarray(importance, dtype=np.float64)) / lasting
    return np.asarray(rate * np.asarray(type_factor, dtype=np.float64) * slowed, dtype=np.float64)


def decay_factors_of(memories: Sequence[Memory], *, now: float, rate: float) -> NDArray[np.float64]:
    """Decay factors of memories, shape (len(memories),); see `decay_factors`."""
    return decay_factors(
        timestamp=[memory.timestamp for memory in memories],
        last_accessed=[np.nan if memory.last_accessed is None else memory.last_accessed for memory in memories],
        uses=[sum(getattr(memory, name) for name in USES) for memory in memories],
        importance=[memory.importance_score for memory in memories],
        type_factor=[TYPE_FACTORS[memory.memory_type] for memory in memories],
        now=now,
        rate=rate,
    )


def with_decay(memories: list[Memory], *, now: float, rate: float) -> list[Memory]:
    """The same memories, their ``decay_factor`` set for a time; see `decay_factors`."""
    for memory, factor in zip(memories, decay_factors_of(memories, now=now, rate=rate).tolist(), strict=True):
        memory.decay_factor = factor
    return memories
