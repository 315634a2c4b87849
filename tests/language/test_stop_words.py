"""Words that say nothing, by what they are left out of."""

from __future__ import annotations

from coda_graphmem.language.words import COMMON_WORDS, DETERMINERS, LIGHT_WORDS, NAMELESS, STOP_STEMS, STOP_WORDS, stem


def test_lists_differ_by_their_use() -> None:
    assert {"the", "not", "before"} <= STOP_WORDS
    assert {stem(word) for word in STOP_WORDS} == STOP_STEMS
    assert DETERMINERS < NAMELESS
    assert {"two", "tenth", "don't", "me"} <= NAMELESS
    # Without these two statements that say the contrary would look alike.
    assert LIGHT_WORDS.isdisjoint({"not", "never", "before", "after", "with", "without"})
    assert all(len(word) > 2 for word in COMMON_WORDS)
