"""BM25 of what was found, the same for every store."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coda_graphmem.retrieval.bm25 import bm25, term_counts, text_scores
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.terms import stem, words
from coda_graphmem.store.protocol import TextMatches
from tests.retrieval.build import candidate, values

WORDS = ["hike", "hiking", "hiked", "thiking", "company", "companies", "compan", "café", "cafes", "y", "Straße", "bus"]


def test_the_formula() -> None:
    counts = np.array([[1.0, 0.0], [3.0, 1.0], [0.0, 0.0]])
    scores = bm25(counts, values(10, 40, 20), values(5, 1), 100, RANKING, mean_length=20.0)
    often, rare = np.log(1 + 95.5 / 5.5), np.log(1 + 99.5 / 1.5)
    short, long = 1.2 * (0.25 + 0.75 * 0.5), 1.2 * (0.25 + 0.75 * 2)
    assert scores.tolist() == pytest.approx(
        [often * 2.2 / (1 + short), often * 3 * 2.2 / (3 + long) + rare * 2.2 / (1 + long), 0.0]
    )


def test_its_constants() -> None:
    counts, lengths = np.array([[1.0], [4.0]]), values(10, 30)

    def ratio(**changed: float) -> float:
        once, often = bm25(counts, lengths, values(2), 9, replace(RANKING, **changed), mean_length=20.0).tolist()
        return float(often / once)

    assert ratio(bm25_k1=0.0) == 1.0
    assert ratio(bm25_k1=3.0) > ratio()
    assert ratio(bm25_b=0.0) == pytest.approx(4 * 2.2 / 5.2)
    assert ratio(bm25_b=1.0) < ratio(bm25_b=0.0)


def test_no_fewer_memories_hold_a_term_than_are_seen_to() -> None:
    counts, lengths = np.ones((4, 1)), values(5, 5, 5, 5)
    known = bm25(counts, lengths, values(4), 4, RANKING, mean_length=5.0)
    assert bm25(counts, lengths, values(0), 0, RANKING, mean_length=5.0).tolist() == known.tolist()
    assert (known > 0.0).all()
    assert bm25(np.zeros((1, 0)), values(5), values(), 3, RANKING, mean_length=0.0).tolist() == [0.0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(st.sampled_from(" \n.-_aeiksy’éß²")) | st.lists(st.sampled_from(WORDS)).map(" ".join), max_size=4),
    st.lists(st.sampled_from(WORDS), max_size=4),
)
def test_stems_are_counted_as_parting_the_texts_would(texts: list[str], terms: list[str]) -> None:
    stems = list(dict.fromkeys(map(stem, map(str.casefold, terms))))
    expected = [[list(map(stem, words(text))).count(wanted) for wanted in stems] for text in texts]
    assert term_counts(stems, texts).tolist() == expected


def test_what_any_search_found_is_scored() -> None:
    near = [candidate("near", excerpt="She hikes a lot", word_count=4), candidate("else", excerpt="Tea", word_count=1)]
    by_text = [candidate("text", None, excerpt="Hiking and hiking", word_count=3)]
    scores = text_scores(["hike", "hikes", "far"], TextMatches(by_text, [7, 7, 0], 50), near, RANKING)
    assert set(scores) == {"near", "text"}
    assert scores["text"] > scores["near"] > 0.0
    # Two words of one stem are one term, and the mean length is that of what is near.
    alone = text_scores(["hike", "far"], TextMatches(by_text, [7, 0], 50), near, RANKING)
    assert alone == scores
    assert text_scores(["hike"], TextMatches(by_text, [7], 50), [], RANKING)["text"] != scores["text"]
    assert text_scores(["hike"], TextMatches([], [0], 50), [], RANKING) == {}


def test_what_only_the_store_sees_counts_as_the_commonest_word_once() -> None:
    seen = candidate("seen", excerpt="the common word", word_count=3)
    unseen = candidate("unseen", excerpt="organisers met here", word_count=3)
    matches = TextMatches([seen, unseen], [20, 2], 50)
    scores = text_scores(["common", "organisation"], matches, [], RANKING)
    assert scores["unseen"] == pytest.approx(scores["seen"])
    # Found by vector alone, nothing says that it holds a word.
    assert "unseen" not in text_scores(["common", "organisation"], TextMatches([seen], [20, 2], 50), [unseen], RANKING)
