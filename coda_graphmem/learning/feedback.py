"""What feedback does to an importance: one signal, one credit a memory, one step that stays within [0, 1].

It reaches what was recalled for the present turn, see `coda_graphmem.memories.access.RecentRecalls`.

signal = mean of helpful (+1 / -1), relevant (+0.5 / -0.5) and rating ((rating - 3) / 2)
step   = learning rate * |signal| * credit / (1 + earlier feedback on the same memory)
m      becomes m + step * (1 - m) for a signal above 0, m * (1 - step) below
"""

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import TypedDict

from coda_graphmem.errors import ValidationError
from coda_graphmem.language.words import COMMON_WORDS, long_words, without_ending
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.types import Content, Flag, Rating

#: Credit of a memory that the answer does not take up: it was recalled all the same.
UNUSED_CREDIT = 0.5
#: Share of a memory's words that an answer holds where it takes it up.
_TAKEN_UP = 0.34
#: Characters of a text whose words are compared.
_BEGINNING = 20_000


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


class _Given(TypedDict, total=False):
    """What callers pass as feedback."""

    helpful: Flag | None
    relevant: Flag | None
    rating: Rating | None
    correction: Content | None


def read_feedback(value: object, field: str = "user_feedback") -> Feedback:
    """Feedback from a mapping with the fields of `Feedback` as keys, or None for none.

    Raises:
        ValidationError: A key is unknown, or its value does not fit.
    """
    if value is None:
        return Feedback()
    if not isinstance(value, Mapping):
        raise ValidationError(
            f"must be a mapping, not {type(value).__name__}.", field=field, remedy="Pass a dictionary."
        )
    known = _Given.__annotations__
    unknown = sorted(str(key) for key in value if key not in known)
    if unknown:
        raise ValidationError("no such key.", field=f"{field}.{unknown[0]}", remedy=f"Known keys: {', '.join(known)}.")
    return Feedback(**check(_Given, dict(value), field))


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
    return {without_ending(word) for word in set(long_words(text[:_BEGINNING])) - COMMON_WORDS}
