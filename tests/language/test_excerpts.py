"""Long texts are cut into passages that a model reads whole."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from coda_graphmem.language.excerpts import LONG, MOST, Stretch, excerpts

SENTENCE = "The quick brown fox jumps over the lazy dog near the old river bank. "


def pieces(text: str) -> list[str]:
    return [text[one.start : one.end] for one in excerpts(text)]


def test_a_short_text_has_none() -> None:
    assert excerpts("x" * LONG) == []
    assert excerpts("") == []
    assert excerpts("x " * LONG)


def test_passages_hold_all_and_repeat_whole_sentences() -> None:
    text = "".join(f"{number}: {SENTENCE}" for number in range(60))
    found = pieces(text)
    assert all(30 <= len(one.split()) <= 65 for one in found[:-1])
    assert {line.strip() for one in found for line in one.split(". ")} >= {
        f"{n}: {SENTENCE.strip()[:-1]}" for n in range(59)
    }
    for one, following in pairwise(found):
        assert following.split(". ")[0] in one
        assert one.endswith("bank.")
    assert found[0].startswith("0:")
    assert found[-1].endswith("bank.")


def test_passages_end_with_paragraphs_where_these_are_long_enough() -> None:
    paragraph = SENTENCE * 3
    text = "\n\n".join([paragraph.strip()] * 10)
    assert pieces(text) == [paragraph.strip()] * 10


def test_what_is_left_at_the_end_joins_the_passage_before_it() -> None:
    paragraph = (SENTENCE * 3).strip()
    *_, last = pieces("\n\n".join([*[paragraph] * 8, "The end."]))
    assert last == f"{paragraph}\n\nThe end."


@pytest.mark.parametrize("text", ["记忆会随着时间慢慢变得模糊。" * 120, "記憶" * 700, "word" * 700])
def test_what_has_no_spaces_or_no_sentences_is_cut_all_the_same(text: str) -> None:
    found = excerpts(text)
    assert len(found) > 2
    assert found[0].start == 0
    assert found[-1].end == len(text)
    assert all(one.end - one.start <= 1050 for one in found)
    assert all(following.start <= one.end for one, following in pairwise(found))


def test_only_so_many_are_made_of_a_giant_text_and_soon() -> None:
    began = time.perf_counter()
    found = excerpts(SENTENCE * 14_000)
    assert len(found) == MOST
    assert found[-1].end > 100_000
    assert len(excerpts("a" * 1_000_000)) == MOST
    assert excerpts("\n" * 900_000 + "x") == [Stretch(900_000, 900_001)]
    assert time.perf_counter() - began < 20.0
