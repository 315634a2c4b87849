"""Long memories are ranked by the nearest of their passages, and show it."""

from __future__ import annotations

from math import log

import pytest

from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.passages import best_passages, by_passages, similarity_by_passages
from coda_graphmem.store.protocol import PassageMatch
from tests.retrieval.build import candidate

CONSTANTS = RankingConstants(passage_price=0.1)


def matches(*cosines: float) -> list[PassageMatch]:
    return [PassageMatch(10 * place, 10 * place + 10, cosine) for place, cosine in enumerate(cosines)]


def test_the_nearest_passage_counts_less_what_their_number_costs() -> None:
    assert similarity_by_passages(0.1, matches(0.2, 0.9, 0.3), CONSTANTS) == pytest.approx(0.9 - 0.1 * log(3))
    assert similarity_by_passages(0.1, matches(0.5), CONSTANTS) == 0.5
    assert similarity_by_passages(0.1, matches(0.9, 0.3), RankingConstants(passage_price=0.0)) == 0.9
    assert similarity_by_passages(None, matches(0.5, 0.1), CONSTANTS) == pytest.approx(0.5 - 0.1 * log(2))


def test_a_memory_never_loses_by_its_passages() -> None:
    assert similarity_by_passages(0.6, matches(0.6, 0.2), CONSTANTS) == 0.6
    assert similarity_by_passages(None, matches(-1.0, -1.0), CONSTANTS) == -1.0


def test_memories_without_passages_stay_as_they_are() -> None:
    short, long = candidate("short", similarity=0.4), candidate("long", similarity=0.3)
    found = by_passages([short, long], {"long": matches(0.5), "another": matches(0.9)}, CONSTANTS)
    assert found[0] is short
    assert found[1] == long._replace(similarity=0.5)


def test_a_result_shows_its_best_passages_and_nothing_twice() -> None:
    content = "abcdefghij" * 5
    shown = best_passages(content, matches(0.1, 0.4, 0.9, 0.3, 0.2))
    assert [(one.start, one.score) for one in shown] == [(20, 0.9), (10, 0.4), (30, 0.3)]
    assert all(one.text == content[one.start : one.end] for one in shown)
    overlapping = [PassageMatch(0, 20, 0.9), PassageMatch(5, 25, 0.8), PassageMatch(18, 40, 0.7)]
    assert [one.start for one in best_passages(content, overlapping)] == [0, 18]
    assert best_passages("shorter by now", [PassageMatch(0, 20, 0.9)]) == []
    assert best_passages(content, []) == []
