"""BM25 of what was found, the same for every store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coda_graphmem.language.words import stem, words
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.terms import Wording, bm25, inverse_frequencies, term_counts, text_scores, wording
from coda_graphmem.store.protocol import Candidate, TextMatches
from tests.retrieval.build import candidate, values

WORDS = ["hike", "hiking", "hiked", "thiking", "company", "companies", "compan", "café", "cafes", "y", "Straße", "bus"]


def asked(idf: tuple[float, ...], mean_length: float) -> Wording:
    return Wording(tuple("abc"[: len(idf)]), values(*idf), mean_length)


def scored(candidates: Sequence[Candidate], of_query: Wording, matched: Collection[str]) -> dict[str, float]:
    return text_scores(candidates, term_counts(of_query.stems, candidates), of_query, matched, RANKING)


def test_the_formula() -> None:
    often, rare = inverse_frequencies(values(5, 1), 100).tolist()
    assert (often, rare) == pytest.approx((np.log(1 + 95.5 / 5.5), np.log(1 + 99.5 / 1.5)))
    counts = np.array([[1.0, 0.0], [3.0, 1.0], [0.0, 0.0]])
    scores = bm25(counts, values(10, 40, 20), asked((often, rare), 20.0), RANKING)
    short, long = 1.2 * (0.25 + 0.75 * 0.5), 1.2 * (0.25 + 0.75 * 2)
    assert scores.tolist() == pytest.approx(
        [often * 2.2 / (1 + short), often * 3 * 2.2 / (3 + long) + rare * 2.2 / (1 + long), 0.0]
    )


def test_its_constants() -> None:
    counts, lengths = np.array([[1.0], [4.0]]), values(10, 30)

    def ratio(**changed: float) -> float:
        once, often = bm25(counts, lengths, asked((1.0,), 20.0), replace(RANKING, **changed)).tolist()
        return float(often / once)

    assert ratio(bm25_k1=0.0) == 1.0
    assert ratio(bm25_k1=3.0) > ratio()
    assert ratio(bm25_b=0.0) == pytest.approx(4 * 2.2 / 5.2)
    assert ratio(bm25_b=1.0) < ratio(bm25_b=0.0)


def test_a_word_that_more_hold_than_there_were_still_counts() -> None:
    every, none = inverse_frequencies(values(4, 0), 3).tolist()
    assert 0.0 < every < none


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(st.sampled_from(" \n.-_aeiksy’éß²")) | st.lists(st.sampled_from(WORDS)).map(" ".join), max_size=4),
    st.lists(st.sampled_from(WORDS), max_size=4),
)
def test_stems_are_counted_as_parting_the_texts_would(texts: list[str], terms: list[str]) -> None:
    stems = list(dict.fromkeys(map(stem, map(str.casefold, terms))))
    expected = [[list(map(stem, words(text))).count(wanted) for wanted in stems] for text in texts]
    assert term_counts(stems, [candidate("m", excerpt=text) for text in texts]).tolist() == expected


def test_whatever_holds_a_word_is_scored_alike() -> None:
    near = [candidate("near", excerpt="She hikes a lot", word_count=4), candidate("else", excerpt="Tea", word_count=1)]
    by_text = [candidate("text", None, excerpt="Hiking and hiking", word_count=3)]
    of_query = wording(["hike", "hikes", "far"], TextMatches(by_text, [7, 9, 0], 50), near)
    # Two words of one stem are one term, and the mean length is that of what is near.
    assert of_query.stems == ("hik", "far")
    assert of_query.idf.tolist() == inverse_frequencies(values(9, 0), 50).tolist()
    assert of_query.mean_length == 2.5
    scores = scored([*near, *by_text], of_query, ["text"])
    assert set(scores) == {"near", "text"}
    assert scores["text"] > scores["near"] > 0.0
    assert scored(near, of_query, ()) == {"near": scores["near"]}
    assert scored([], of_query, ()) == {}
    assert wording(["hike"], TextMatches(by_text, [7], 50), []).mean_length == 3.0
    nothing = wording([], TextMatches([], [], 0), [])
    assert nothing.mean_length == 1.0
    assert scored(near, nothing, ()) == {}


def test_what_only_the_store_sees_counts_as_the_commonest_word_once() -> None:
    seen = candidate("seen", excerpt="the common word", word_count=3)
    unseen = candidate("unseen", excerpt="organisers met here", word_count=3)
    of_query = wording(["common", "organisation"], TextMatches([seen, unseen], [20, 2], 50), [])
    scores = scored([seen, unseen], of_query, ["seen", "unseen"])
    assert scores["unseen"] == pytest.approx(scores["seen"])
    # Found otherwise, nothing says that it holds a word.
    assert "unseen" not in scored([seen, unseen], of_query, ["seen"])


def test_words_of_scripts_that_do_not_part_them_are_counted() -> None:
    texts = ["커피를 마시고 커피", "味噌汁 tea TEA", "plain tea", "Straße und Tee"]
    stems = ["커피", "피를", "味噌", "汁", "tea", "strass"]
    assert term_counts(stems, [candidate("m", excerpt=text) for text in texts]).tolist() == [
        [2, 1, 0, 0, 0, 0],
        [0, 0, 1, 1, 2, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 1],
    ]
