"""What feedback does to an importance: one signal, one credit a memory, one step that stays within [0, 1].

signal = mean of helpful (+1 / -1), relevant (+0.5 / -0.5) and rating ((rating - 3) / 2)
step   = learning rate * |signal| * credit / (1 + earlier feedback on the same memory)
m      becomes m + step * (1 - m) for a signal above 0, m * (1 - step) below
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.language.stems import without_ending
from coda_graphmem.language.stop_words import COMMON_WORDS
from coda_graphmem.language.words import long_words
from coda_graphmem.validation import check_flag, check_integer, check_text

KEYS = ("helpful", "relevant", "rating", "correction")

#: Credit of a memory that the answer does not take up: it was recalled all the same.
UNUSED_CREDIT = 0.5
#: Share of a memory's words that an answer holds where it takes it up.
_TAKEN_UP = 0.34


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a user thought of an answer; None where they did not say."""

    helpful: bool | None = None
    relevant: bool | None = None
    rating: int | None = None
    """1 (bad) to 5 (good)."""
    correction: str | None = None

    @property
    def signal(self) -> float:
        """How good it was, in [-1, 1]; 0 where nothing was said."""
        signals = []
        if self.helpful is not None:
            signals.append(1.0 if self.helpful else -1.0)
        if self.relevant is not None:
            signals.append(0.5 if self.relevant else -0.5)
        if self.rating is not None:
            signals.append((self.rating - 3) / 2)
        return sum(signals) / len(signals) if signals else 0.0


def check_feedback(value: object, field: str = "user_feedback") -> Feedback:
    """Feedback from a mapping with the keys of `KEYS`, or None for none."""
    if value is None:
        return Feedback()
    if not isinstance(value, Mapping):
        raise ValidationError(
            f"must be a mapping, not {type(value).__name__}.", field=field, remedy="Pass a dictionary."
        )
    unknown = sorted(str(key) for key in value if key not in KEYS)
    if unknown:
        raise ValidationError("no such key.", field=f"{field}.{unknown[0]}", remedy=f"Known keys: {', '.join(KEYS)}.")
    given: dict[str, Any] = {key: item for key, item in value.items() if item is not None}
    checks: dict[str, Callable[[object, str], Any]] = {
        "helpful": check_flag,
        "relevant": check_flag,
        "rating": lambda item, name: check_integer(item, name, low=1, high=5),
        "correction": check_text,
    }
    return Feedback(**{key: checks[key](item, f"{field}.{key}") for key, item in given.items()})


def moved(importance: float, signal: float, rate: float) -> float:
    """An importance after one step towards 1 or 0; within [0, 1] for any of its arguments' values.

    Args:
        importance: In [0, 1].
        signal: In [-1, 1]; its sign is the direction.
        rate: How far the step goes at full signal, in [0, 1].
    """
    step = rate * abs(signal)
    changed = importance + step * (1 - importance) if signal > 0 else importance * (1 - step)
    return min(max(changed, 0.0), 1.0)


def damped(rate: float, credit: float, earlier: int) -> float:
    """The rate for one memory: less where it had little part in the answer, and less each time.

    Args:
        rate: The learning rate.
        credit: In [0, 1].
        earlier: How often the memory was given feedback on lately.
    """
    return rate * credit / (1 + earlier)


def credit(content: str, answer: str) -> float:
    """How much a recalled memory has to do with an answer: 1 where the answer takes up its words, else less."""
    words = _words(content)
    taken = len(words & _words(answer))
    return 1.0 if words and taken >= _TAKEN_UP * len(words) else UNUSED_CREDIT


def _words(text: str) -> set[str]:
    return {without_ending(word) for word in set(long_words(text)) - COMMON_WORDS}
