"""What speaks for a turn: who says it, how much it says, when, and how strong it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from coda_graphmem.decay import TYPE_FACTORS, decay_factors
from coda_graphmem.language.periods import time_spans
from coda_graphmem.models import MemoryType
from coda_graphmem.retrieval.candidates import speaker_key
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.factors import (
    asking_speakers,
    dated_prior,
    informativeness,
    named_speakers,
    speaker_prior,
    spellings,
    strength,
    time_prior,
)
from tests.language.names import ASSISTANTS, PEOPLE, PEOPLE_TOO
from tests.retrieval.build import NOW, candidate, pool, values

DAY = 86_400.0
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("query", "speakers", "expected"),
    [
        ("What did Maria's sister say?", {"maria", "tom"}, {"maria"}),
        ("Did Maria meet Tom?", {"maria", "tom"}, {"maria", "tom"}),
        ("Where does Nora live?", {"nora smith"}, {"nora smith"}),
        ("Where does she live?", {"maria"}, set()),
        ("Where does Maria live?", set(), set()),
    ],
)
def test_named_speakers(query: str, speakers: set[str], expected: set[str]) -> None:
    assert named_speakers(query, speakers) == expected


def test_i_is_whoever_talks_to_the_assistant() -> None:
    assert asking_speakers("When is my birthday?", {"assistant", "nora"}) == {"nora"}
    assert asking_speakers("When is her birthday?", {"assistant", "nora"}) == set()
    assert asking_speakers("When is my birthday?", {"tom", "nora"}) == set()


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("How did you recommend planning my week?", set()),
        ("What had you already suggested for my essay?", set()),
        ("Which of the books you mentioned should I read?", set()),
        ("What did I tell you about my week?", {"nora"}),
        ("Do you know my birthday?", {"nora"}),
        ("Can you show me how to plan my week?", {"nora"}),
    ],
)
def test_a_question_for_what_was_answered_means_what_both_said(question: str, meant: set[str]) -> None:
    assert asking_speakers(question, {"assistant", "nora"}) == meant


@pytest.mark.parametrize("name", ASSISTANTS)
def test_assistants_are_known_by_name(name: str) -> None:
    assert asking_speakers("When is my birthday?", {speaker_key(name), "nora"}) == {"nora"}


@pytest.mark.parametrize("name", PEOPLE_TOO)
def test_names_of_both_are_told_by_who_else_speaks(name: str) -> None:
    key = speaker_key(name)
    assert asking_speakers("When is my birthday?", {key, "user"}) == {"user"}
    assert asking_speakers("When is my birthday?", {key, "nora"}) == set()


@pytest.mark.parametrize("name", PEOPLE)
def test_people_who_share_a_word_with_an_assistant_ask_as_well(name: str) -> None:
    key = speaker_key(name)
    assert asking_speakers("When is my birthday?", {key, "tom"}) == set()
    assert asking_speakers("When is my birthday?", {key, "chatgpt", "system"}) == {key}


def test_speaker_prior() -> None:
    turns = pool(candidate("a", speaker="Maria"), candidate("b", speaker="Tom"), candidate("c"))
    assert speaker_prior(turns, {"maria"}, RANKING).tolist() == [RANKING.speaker_factor, 1.0, 1.0]


def test_turns_that_say_more_weigh_more() -> None:
    turns = pool(
        candidate("short", speaker="Tom", word_count=3),
        candidate("long", speaker="Tom", word_count=30),
        candidate("very long", speaker="Tom", word_count=4000),
        candidate("asks", speaker="Tom", word_count=3, is_question=True),
        candidate("asks and tells", speaker="Tom", word_count=30, is_question=True),
        candidate("document", word_count=3, is_question=True),
    )
    short, long, longest, asks, tells, document = informativeness(turns, RANKING).tolist()
    assert short < long < longest == 1.0 == document
    assert asks == pytest.approx(short * RANKING.question_factor)
    assert tells == pytest.approx(long)


def test_memories_of_the_time_are_preferred_and_none_is_lost() -> None:
    [span] = time_spans("yesterday", MONDAY)
    prior = time_prior(values(span.start, span.end - 1, span.end + DAY / 2, span.end + 9 * DAY), [span], RANKING)
    assert prior.tolist() == pytest.approx([RANKING.time_factor, RANKING.time_factor, RANKING.time_factor**0.5, 1.0])
    assert time_prior(values(1.0, 2.0), [], RANKING).tolist() == [1.0, 1.0]


def test_strength_counts_only_differences() -> None:
    equal = strength(pool(candidate("a"), candidate("b")), NOW, 0.01, RANKING)
    assert not np.any(equal.importance)
    assert not np.any(equal.recency)
    uneven = strength(
        pool(candidate("strong", importance_score=0.9), candidate("weak", importance_score=0.1)), NOW, 0.01, RANKING
    )
    assert uneven.importance.tolist() == pytest.approx([0.4, -0.4])


def test_importance_fades_unless_used() -> None:
    long_ago = NOW - 100 * DAY
    rows = pool(
        candidate("unused", timestamp=long_ago, importance_score=0.9),
        candidate("used", timestamp=long_ago, last_accessed=NOW, importance_score=0.9),
    )
    unused, used = strength(rows, NOW, 0.01, RANKING).importance.tolist()
    left = decay_factors(
        timestamp=long_ago, last_accessed=np.nan, uses=0, importance=0.9,
        type_factor=TYPE_FACTORS[MemoryType.SEMANTIC], now=NOW, rate=0.01,
    )  # fmt: skip
    assert used - unused == pytest.approx(0.9 * (1 - float(left)))
    assert used > unused
    assert not np.any(strength(rows, NOW, 0.0, RANKING).importance)


def test_recency_halves() -> None:
    rows = pool(candidate("now"), candidate("month", timestamp=NOW - 30 * DAY))
    assert strength(rows, NOW, 0.01, RANKING).recency.tolist() == pytest.approx([0.25, -0.25])
    slower = strength(rows, NOW, 0.01, replace(RANKING, recency_days=1e9)).recency
    assert slower.tolist() == pytest.approx([0.0, 0.0], abs=1e-6)


def test_spellings_of_the_names_in_a_query() -> None:
    assert spellings("What did (maria) say of O’Brien's dog?") == [
        *("maria", "Maria", "say", "Say", "O’Brien", "o’brien", "O’brien", "dog", "Dog"),
    ]
    assert spellings("who is it?") == []


def test_a_question_for_a_time_prefers_turns_that_tell_one() -> None:
    told = candidate("a", excerpt="We moved last week.", speaker="Ann")
    some = pool(told, candidate("b", excerpt="We moved.", speaker="Ann"), candidate("c", excerpt="Founded in 1990."))
    assert dated_prior(some, RANKING).tolist() == [RANKING.dated_factor, 1.0, 1.0]
