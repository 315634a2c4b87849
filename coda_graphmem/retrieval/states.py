"""The states of one thing that turns tell one after the other, and which of them a question for the past asks for.

"I live in Lyon", "we moved to Rome", "in Turin now": three states. A state begins with the turn that says that
something became otherwise, and what is said after it without such a word belongs to it. A turn that only says that
something is over ("I quit my job") ends a state and begins none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coda_graphmem.language.periods import Span
from coda_graphmem.language.question_time import QuestionTime


@dataclass(frozen=True, slots=True)
class Telling:
    """A turn that tells of the thing a question asks about."""

    place: int
    """In the pool."""
    at: float
    """When it was said, in seconds."""
    opens: bool = False
    """Whether it says that something became otherwise than what was told before."""
    ends: bool = False
    """Whether all it says is that something is over."""
    named: float = 0.0
    """Share of the words it holds by which the question names what stood before or after, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class State:
    """What held from one telling until the next one that opens a state."""

    tellings: tuple[Telling, ...]

    @property
    def places(self) -> list[int]:
        """Of its turns in the pool, the one that opens it first; of those that only end it there are none."""
        return [one.place for one in self.tellings if not one.ends]

    @property
    def start(self) -> float:
        """When it was first told."""
        return self.tellings[0].at

    @property
    def is_end(self) -> bool:
        """Whether nothing took the place of what is over."""
        return all(one.ends for one in self.tellings)

    @property
    def named(self) -> float:
        """How much its first turn holds of the name of something, in [0, 1]; later ones tell of what was already."""
        return self.tellings[0].named


def states(tellings: Sequence[Telling]) -> list[State]:
    """The states that turns tell, in their order.

    Args:
        tellings: By time.
    """
    found: list[list[Telling]] = []
    for one in tellings:
        if found and not one.opens and not one.ends and not found[-1][-1].ends:
            found[-1].append(one)
        else:
            found.append([one])
    return [State(tuple(some)) for some in found]


def asked_state(told: Sequence[State], asked: QuestionTime, now: float) -> State | None:
    """The state that a question asks for; None where it is not among those told.

    - ``current``: the last of several, and the word that it is over where nothing took its place.
    - ``past``: the last one that is over, which is the last of all where nothing took its place.
    - ``first``: the first.
    - ``before`` and ``after`` something that is named: the one beside the first state whose first turn names most of
      it, and where none does, for ``before`` the last one that is over.
    - ``at`` a time: the one that held for most of it; where it ended before the first, that.

    Args:
        told: In their order.
        now: Until when the last one holds, in seconds.
    """
    held = [state for state in told if not state.is_end]
    if asked.wish == "current":
        return told[-1] if len(told) > 1 else None
    if not held or asked.wish == "first":
        return held[0] if held else None
    if asked.wish == "at" and asked.span is not None:
        return _at(told, asked.span, now)
    if asked.wish == "past":
        return _last_over(told)
    return _beside(told, asked) if asked.wish in ("before", "after") else None


def _last_over(told: Sequence[State]) -> State | None:
    over = [state for state in told[:-1] if not state.is_end]
    return over[-1] if over else None


def _beside(told: Sequence[State], asked: QuestionTime) -> State | None:
    best = max(state.named for state in told)
    is_before = asked.wish == "before"
    if best <= 0.0:
        return _last_over(told) if is_before else None
    # What stood before the first that is told nobody can say, so that another one is meant that names it as much.
    at = next((i for i, state in enumerate(told) if state.named == best and (i > 0 or not is_before)), None)
    if at is None:
        return None
    beside = told[:at] if is_before else told[at + 1 :]
    held = [state for state in beside if not state.is_end]
    return (held[-1] if is_before else held[0]) if held else None


def _at(told: Sequence[State], span: Span, now: float) -> State | None:
    ends = [*(state.start for state in told[1:]), max(now, span.end)]
    shares = [min(span.end, end) - max(span.start, state.start) for state, end in zip(told, ends, strict=True)]
    best = max(range(len(told)), key=lambda i: shares[i])
    found = told[best] if shares[best] > 0.0 else told[0]
    return None if found.is_end else found
