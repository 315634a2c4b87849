"""What the best of so many memories has in common with a question by chance, and what more is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.retrieval.chance import chance_level, evidence
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.relevance import relevance_parts, total
from coda_graphmem.retrieval.terms import Wording, telling_share
from tests.retrieval.build import values

UNIT = st.floats(0.0, 1.0)


def test_meaning_and_words_remove_doubt_one_after_the_other() -> None:
    assert evidence(values(0.5), values(0.0), 0.0, RANKING) == pytest.approx(0.5)
    assert evidence(values(0.5), values(0.4), 0.0, RANKING) == pytest.approx(0.7)
    assert evidence(values(-0.3), values(0.4), 0.0, RANKING) == pytest.approx(0.4)
    assert evidence(values(np.nan), values(0.4), 0.0, RANKING) == pytest.approx(0.4)


def test_the_best_result_decides_whichever_it_is() -> None:
    assert evidence(values(0.2, 0.6, 0.1), values(0.5, 0.0, 0.1), 0.0, RANKING) == pytest.approx(0.6)
    # Not the cosine of one and the words of another.
    assert evidence(values(0.5, 0.0), values(0.0, 0.5), 0.0, RANKING) == pytest.approx(0.5)
    assert evidence(values(), values(), 0.0, RANKING) == 0.0


def test_names_that_nobody_holds_speak_against_it() -> None:
    constants = replace(RANKING, chance_unknown=0.4)
    assert evidence(values(0.5), values(0.0), 0.5, constants) == pytest.approx(0.4)
    assert evidence(values(0.5), values(0.0), 1.0, constants) == pytest.approx(0.3)


def test_more_memories_have_more_in_common_by_chance_up_to_a_bound() -> None:
    constants = replace(RANKING, chance_one=0.1, chance_growth=0.05, chance_most=0.4)
    levels = [chance_level(among, constants) for among in (1, 7, 50, 400, 7_000, 1_000_000)]
    assert levels == pytest.approx([0.1, 0.1973, 0.2956, 0.3996, 0.4, 0.4], abs=1e-4)
    assert chance_level(0, constants) == chance_level(1, constants)


def test_less_is_asked_for_where_a_question_is_about_those_who_speak() -> None:
    constants = replace(RANKING, chance_about=0.5)
    assert chance_level(50, constants, about_them=True) == pytest.approx(chance_level(50, constants) / 2)


def test_a_word_counts_by_how_rare_it_is() -> None:
    asked = Wording(("film", "zombi"), values(1.0, 3.0), 10.0)
    assert telling_share(asked, {"film", "director"}) == pytest.approx(0.25)
    assert telling_share(asked, {"zombi"}) == pytest.approx(0.75)
    assert telling_share(asked, {"zombi", "film"}) == 1.0
    assert telling_share(asked, set()) == 0.0
    assert telling_share(Wording((), values(), 1.0), {"film"}) == 0.0


def test_where_nothing_answers_links_and_words_keep_nothing() -> None:
    similarity, covered, walked = values(0.45, 0.1), values(0.2, 0.5), values(1.0, 0.8)
    unasked = np.array([False, False])
    kept = relevance_parts(similarity, covered, walked, None, RANKING, unasked=unasked)
    left = relevance_parts(similarity, covered, walked, None, RANKING, unasked=unasked, unanswered=True)
    assert "chance" not in kept
    assert (left["chance"] < 0).all()
    assert total(kept).min() > 0.5 > total(left).max()
    # They keep their distances, so that a lower threshold still tells them apart.
    assert total(left).tolist() == pytest.approx((RANKING.chance_left * total(kept)).tolist())


@given(st.lists(st.tuples(st.floats(-1.0, 1.0), UNIT, UNIT), min_size=1, max_size=20), UNIT)
def test_what_comes_by_chance_is_below_a_half_and_never_rises(rows: list[tuple[float, ...]], unknown: float) -> None:
    similarity, coverage, walked = np.array(rows).T
    similarity = np.minimum(similarity, RANKING.chance_most)
    parts = relevance_parts(similarity, coverage, walked, None, RANKING, unknown=unknown, unanswered=True)
    scores = total(parts)
    assert scores.max() < 0.5
    assert np.all(np.diff(scores) <= 1e-12)
