"""Lets the texts of many callers go through a model together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")

#: Characters that go through a model together at most, so that long texts do not take memory at the same time.
_MOST_CHARACTERS = 20_000


@dataclass(eq=False, slots=True)
class _Call(Generic[T]):
    texts: Sequence[str]
    size: int
    results: Sequence[T] | None = None


class Gathering(Generic[T]):
    """Calls of a model by one thread: those that came while it was at something else are done in one go.

    A model takes half as long for forty short texts at once as for one after the other, or less.

    Args:
        work: What the model makes of texts, one result a text.
        most: Texts at a time; a call with more than that is not split.
    """

    def __init__(self, work: Callable[[Sequence[str]], Sequence[T]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[_Call[T]] = deque()

    def call(self, texts: Sequence[str]) -> Callable[[], Sequence[T]]:
        """What the thread has to do for the results of texts, in the order of the calls; they may be there already."""
        one = _Call[T](texts, sum(map(len, texts)))
        self._waiting.append(one)
        return partial(self._results, one)

    def _results(self, one: _Call[T]) -> Sequence[T]:
        if one.results is None:
            calls = self._with_others(one)
            try:
                texts = [text for call in calls for text in call.texts]
                found = self._work(texts)
                if len(calls) > 1 and len(found) != len(texts):
                    raise ValueError("one result a text is due")
            except Exception:
                if len(calls) == 1:
                    raise
                # Nobody fails by what another has asked.
                self._waiting.extendleft(reversed(calls[1:]))
                return self._work(one.texts)
            start = 0
            for call in calls:
                call.results = found[start : start + len(call.texts)]
                start += len(call.texts)
        assert one.results is not None
        return one.results

    def _with_others(self, one: _Call[T]) -> list[_Call[T]]:
        """The call and those after it, as many as go in one go. What stands before it was given up by its caller."""
        while self._waiting and self._waiting.popleft() is not one:
            pass
        calls, texts, size = [one], len(one.texts), one.size
        while self._waiting:
            following = self._waiting[0]
            texts, size = texts + len(following.texts), size + following.size
            if texts > self._most or size > _MOST_CHARACTERS:
                break
            calls.append(self._waiting.popleft())
        return calls
