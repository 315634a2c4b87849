"""What is over, and says what holds again."""

from __future__ import annotations

import numpy as np
import pytest

from coda_graphmem.language.question_time import QuestionTime
from coda_graphmem.models import Fact, Outdated
from coda_graphmem.retrieval.bequests import judge
from coda_graphmem.retrieval.candidates import Floats, ranking
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.succession import Succession, holding_again, next_values
from tests.retrieval.build import candidate, pool

PLACES = ("Lyon", "Grenoble", "Lyon")
OVER = {
    name: Outdated(
        memory_id=name, superseded_by=by, since=float(by), reason="residence", share=1.0, known_from=float(by)
    )
    for name, by in (("0", "1"), ("1", "2"))
}
FACTS = [
    Fact(
        fact_id=str(i),
        subject="User",
        subject_key="user",
        attribute="residence",
        value=value,
        value_key=value.lower(),
        polarity=True,
        valid_from=float(i),
        valid_until=float(i + 1) if i < 2 else None,
        known_from=float(i),
        memory_ids=[str(i)],
        confidence=1.0,
    )
    for i, value in enumerate(PLACES)
]


def test_who_came_back_says_again_what_held_at_first() -> None:
    assert holding_again(OVER, FACTS, 9.0) == {"0"}
    assert not holding_again(OVER, FACTS[:2], 9.0)
    assert not holding_again({}, FACTS, 9.0)


def test_what_holds_again_is_none_of_the_past() -> None:
    rows = [candidate(str(i), excerpt=f"I live in {place}", timestamp=float(i)) for i, place in enumerate(PLACES)]
    found, scores = pool(*rows), np.array([1.2, 1.0, 1.0])

    def factor(again: frozenset[str]) -> Floats:
        succession = Succession(OVER, next_values(OVER, FACTS, 9.0), again)
        verdict = judge(found, scores, succession, QuestionTime("past"), RANKING, terms=["live"])
        assert verdict is not None
        return verdict.factor

    known = factor(holding_again(OVER, FACTS, 9.0))
    assert ranking(found, scores * known)[0] == 1
    assert known[0] == pytest.approx(RANKING.outdated_factor)
    assert factor(frozenset())[0] > known[0]
