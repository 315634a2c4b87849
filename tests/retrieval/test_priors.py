"""What speaks for a turn: who says it, how much it says, when, and how strong it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from coda_graphmem.decay import TYPE_FACTORS, decay_factors
from coda_graphmem.models import MemoryType
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.priors import (
    asking_speakers,
    informativeness,
    named_speakers,
    speaker_prior,
    spellings,
    strength,
)
from coda_graphmem.retrieval.times import time_prior, time_spans
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


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("What did we do yesterday?", "2026-11-22", "2026-11-23"),
        ("What happened last week?", "2026-11-16", "2026-11-23"),
        ("What happened in March 2023?", "2023-03-01", "2023-04-01"),
        ("And this month so far?", "2026-11-01", "2026-12-01"),
        ("Where was she in March?", "2026-03-01", "2026-04-01"),
        ("where was she in march", "2026-03-01", "2026-04-01"),
        ("Who came on 5 May 2023?", "2023-05-05", "2023-05-06"),
        ("Who came on May 5th, 2023?", "2023-05-05", "2023-05-06"),
        ("The trip of August 2024", "2024-08-01", "2024-09-01"),
        ("What did I buy in 2023?", "2023-01-01", "2024-01-01"),
        ("The meeting two weeks ago", "2026-11-09", "2026-11-16"),
        ("What changed in the last 3 days?", "2026-11-20T09", "2026-11-23T09"),
        ("Who called on Friday?", "2026-11-20", "2026-11-21"),
        ("The call of 2026-02-03", "2026-02-03", "2026-02-04"),
        ("and last December?", "2025-12-01", "2026-01-01"),
    ],
)
def test_times_are_read(text: str, first: str, last: str) -> None:
    [span] = time_spans(text, MONDAY)
    stamps = [datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp() for when in (first, last)]
    assert [span.start, span.end] == stamps


@pytest.mark.parametrize(
    "text",
    ["Where may I march?", "Who is April's brother Mark?"[:5], "chapter 12", "a second one", "in time", "room 2100b"],
)
def test_other_words_are_no_times(text: str) -> None:
    assert time_spans(text, MONDAY) == []


def test_as_of_is_now() -> None:
    earlier = MONDAY - 365 * DAY
    assert time_spans("yesterday", earlier)[0].start < time_spans("yesterday", MONDAY)[0].start - 300 * DAY


def test_memories_of_the_time_are_preferred_and_none_is_lost() -> None:
    [span] = time_spans("yesterday", MONDAY)
    prior = time_prior(values(span.start, span.end - 1, span.end + DAY / 2, span.end + 9 * DAY), [span], RANKING)
    assert prior.tolist() == pytest.approx([2.0, 2.0, 2.0**0.5, 1.0])
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
        timestamp=long_ago, last_accessed=np.nan, access_count=0, reinforcement_count=0, importance=0.9,
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
