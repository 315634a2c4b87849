"""Counts of common words are remembered while little changes."""

from __future__ import annotations

import pytest

from coda_graphmem.store.neo4j import frequencies
from coda_graphmem.store.neo4j.frequencies import COMMON, SECONDS, CommonWords


class Watch:
    """A clock that goes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_common_words_are_remembered_and_others_are_not() -> None:
    words = CommonWords()
    words.note("ns", "the", COMMON, 100_000)
    words.note("ns", "rare", COMMON - 1, 100_000)
    assert words.known("ns", "the", 100_000) == COMMON
    assert words.known("ns", "rare", 100_000) is None
    assert words.known("other", "the", 100_000) is None


@pytest.mark.parametrize(("live", "count"), [(101_000, COMMON), (99_000, COMMON), (101_001, None), (98_999, None)])
def test_where_the_namespace_has_changed_they_are_counted_again(live: int, count: int | None) -> None:
    words = CommonWords()
    words.note("ns", "the", COMMON, 100_000)
    assert words.known("ns", "the", live) == count
    assert words.known("ns", "the", 100_000) == count


def test_after_a_while_they_are_counted_again() -> None:
    clock = Watch()
    words = CommonWords(clock)
    words.note("ns", "the", COMMON, 100_000)
    clock.now = SECONDS
    assert words.known("ns", "the", 100_000) == COMMON
    clock.now = SECONDS + 1.0
    assert words.known("ns", "the", 100_000) is None


def test_the_words_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frequencies, "_MOST", 2)
    words = CommonWords()
    for word in ("a", "the"):
        words.note("ns", word, COMMON, 100_000)
    words.known("ns", "a", 100_000)
    words.note("ns", "of", COMMON, 100_000)
    assert [words.known("ns", word, 100_000) is not None for word in ("a", "the", "of")] == [True, False, True]
