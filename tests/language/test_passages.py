"""Long texts are cut where they may be."""

from __future__ import annotations

import pytest

from coda_graphmem.language.passages import LONGEST, MOST_WORDS, passages

SENTENCE = "Anna went to the market with Tom. "


def test_a_short_text_is_one_passage_as_it_is() -> None:
    for text in ("", "  ", " Anna. ", SENTENCE * 20):
        assert list(passages(text)) == [(0, text)]


def test_passages_are_the_text() -> None:
    text = (SENTENCE * 7 + "\n\n") * 60
    found = list(passages(text))
    assert "".join(passage.text for passage in found) == text
    assert all(text.startswith(passage.text, passage.start) for passage in found)
    assert max(len(passage.text) for passage in found) <= LONGEST
    assert all(passage.text.endswith("\n\n") for passage in found)


@pytest.mark.parametrize(
    ("part", "end"), [(SENTENCE, ". "), ("one line\n", "\n"), ("a, b", ","), ("word ", " "), ("花生。", "。")]
)
def test_a_cut_is_at_the_best_place(part: str, end: str) -> None:
    first, *_ = passages(part * 2_000)
    assert first.text.endswith(end) or first.text.endswith(f"{end} ")


def test_what_is_no_word_is_passed_over() -> None:
    text = "Before. " + "!" * 5_000 + " after. " + "x" * 1_000_000
    assert [passage.text.strip() for passage in passages(text)] == ["Before.", "after."]
    assert "".join(passage.text for passage in passages("花" * 5_000)) == "花" * 5_000


@pytest.mark.parametrize("part", ["word ", "1 ", "( ", "花", "커피를 ", "x\n"])
def test_of_a_very_long_text_a_beginning_is_read(part: str) -> None:
    read = "".join(passage.text for passage in passages(part * (1_000_000 // len(part))))
    assert MOST_WORDS <= len(read) <= 6 * MOST_WORDS + LONGEST
