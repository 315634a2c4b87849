"""A question for the past finds the turn that tells the state it asks for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from coda_graphmem.language.question_time import question_time
from coda_graphmem.models import Outdated
from coda_graphmem.retrieval.candidates import ranking
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.earlier import Asking, earlier_factor
from coda_graphmem.retrieval.succession import NOTHING_OVER, Succession
from coda_graphmem.retrieval.terms import Wording, query_stems, query_terms
from tests.retrieval.build import NOW, candidate, pool

DAY = 86_400.0


def first(
    question: str,
    *said: str,
    match: Sequence[float] | None = None,
    speakers: Sequence[str] = (),
    follows: Sequence[tuple[str, str]] = (),
    succession: Succession = NOTHING_OVER,
    apart: float = 1.0,
    similar: Sequence[float] = (),
) -> str | None:
    """Which of some texts comes first, said one a day, the last one yesterday; None where nothing is told of it.

    Args:
        match: How well each answers; the later the better where it is left out.
        apart: Days between them.
        similar: The cosine of each; 0 where it is left out.
    """
    cosines = [*similar, *[0.0] * len(said)]
    names = [*speakers, *["user"] * len(said)][: len(said)]
    found = pool(
        *(
            candidate(
                str(i),
                excerpt=text,
                timestamp=NOW - (len(said) - i) * apart * DAY,
                speaker=name,
                similarity=cosines[i],
                word_count=len(text.split()),
                is_question=text.endswith("?"),
            )
            for i, (text, name) in enumerate(zip(said, names, strict=True))
        )
    )
    matches = np.array(match if match is not None else [0.9**i for i in range(len(said))][::-1])
    stems = query_stems(query_terms(question))
    asking = Asking(question, question_time(question, NOW), Wording(stems, np.ones(len(stems)), 10.0), NOW)
    factor = earlier_factor(found, matches, matches, asking, succession=succession, follows=follows, constants=RANKING)
    return None if factor is None else said[ranking(found, matches * factor)[0]]


TEA, COFFEE, MATCHA = "I drink tea", "switched to coffee", "I drink matcha now"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What did I drink before?", COFFEE),
        ("What did I drink before matcha?", COFFEE),
        ("What did I drink originally?", TEA),
        ("What did I drink before coffee?", TEA),
        ("What did I drink after coffee?", MATCHA),
    ],
)
def test_changes_part_the_states(question: str, answer: str) -> None:
    assert first(question, TEA, COFFEE, MATCHA) == answer


def test_a_time_asks_for_what_held_then() -> None:
    said = "our host is Heroku", "our host is Fly now", "moved our host to Hetzner"
    assert first("What was our host in April 2025?", *said, apart=40.0) == said[1]  # NOW is in June 2025
    assert first("What did we do in April 2025?", *said, apart=40.0) is None  # of what happened none outdates another


def test_what_only_ends_is_no_answer() -> None:
    said = "I'm a barista at Kaffa, that's my job", "I quit my job", "my job is freelancing now"
    assert first("What was my job before?", *said) == said[0]
    assert first("What was my job before?", *said[:2]) == said[0]


def test_another_figure_is_another_state() -> None:
    said = "Miso weighs 3.8 kg", "Miso weighs 4.6 kg", "Miso weighs 4.1 kg", "I ran 10 km"
    assert first("How much did Miso weigh before?", *said, match=(0.8, 0.7, 0.9, 0.3)) == said[1]
    assert first("How much did Miso weigh at first?", *said, match=(0.8, 0.7, 0.9, 0.3)) == said[0]


def test_turns_take_up_what_an_earlier_one_named() -> None:
    said = "we're hosted on Heroku", "migrated from Heroku to Fly", "everything runs on Hetzner now, no more Fly"
    assert first("What was our previous host?", *said, match=(1.0, 0.1, 0.1)) == said[1]


def test_it_stands_for_the_turn_before() -> None:
    said = "my hair is blonde", "dyed it red!", "my hair is black now"
    match = (0.9, 0.1, 1.0)
    assert first("What colour was my hair before?", *said, match=match) == said[0]
    assert first("What colour was my hair before?", *said, match=match, follows=[("0", "1")]) == said[1]


def test_an_assistant_may_answer_in_between() -> None:
    said = "my hair is blonde", "Lovely.", "dyed it red!", "my hair is black now"
    found = first(
        "What colour was my hair before?",
        *said,
        match=(0.9, 0.1, 0.1, 1.0),
        speakers=("user", "assistant"),
        follows=[("0", "1"), ("1", "2")],
    )
    assert found == said[2]


def test_facts_link_turns_that_share_no_word() -> None:
    said = "I'm at Delmas", "signed with Korr"
    over = Outdated(memory_id="0", superseded_by="1", since=NOW, reason="employer", share=1.0, known_from=NOW)
    question = "Where did I work before?"
    assert first(question, *said, match=(0.1, 1.0)) is None
    assert first(question, *said, match=(0.1, 1.0), succession=Succession({"0": over})) == said[0]


def test_without_a_change_only_words_for_another_state_part_them() -> None:
    said = "Tom is our team lead", "Yara is our team lead"
    assert first("Who was our team lead before?", *said) == said[0]
    assert first("Where did Tom live?", "Tom lives in Bonn", "Tom lives by the river") is None


@pytest.mark.parametrize(
    "said",
    [
        (TEA, "Should I have switched to matcha, what I drink?"),
        (TEA, "I drink matcha now, " + "and more " * 40),
    ],
)
def test_questions_and_long_texts_tell_nothing(said: tuple[str, str]) -> None:
    assert first("What did I drink before?", *said) is None


def test_assistants_tell_nothing() -> None:
    assert first("What did I drink before?", TEA, MATCHA, speakers=("user", "assistant")) is None


def test_somebody_else_tells_nothing_of_ones_own() -> None:
    said = "my hair is blonde", "Anna dyed her hair red", "my hair is black now"
    assert first("What colour was my hair before?", *said) == said[0]


def test_what_answers_much_worse_tells_of_something_else() -> None:
    said = "I drink tea", "started pottery", "I drink matcha now"
    assert first("What did I drink before?", *said, match=(0.9, 0.6, 1.0)) == said[0]


def test_the_present_is_what_was_told_last() -> None:
    assert first("What do I drink?", TEA, COFFEE, MATCHA, match=(1.0, 0.9, 0.9)) == MATCHA
    assert first("Which host do we use?", "we use Heroku", "we quit Heroku", match=(1.0, 0.9)) == "we quit Heroku"
    assert first("What do I drink?", TEA, "I drink tea a lot", match=(1.0, 0.9)) is None  # nothing has changed
    assert first("Have I ever had tea?", TEA, MATCHA) is None


def test_of_few_the_similar_count_that_tell_of_a_change() -> None:
    said = "I sing alto", "they moved me to the tenors"
    assert first("Which voice do I sing?", *said, match=(1.0, 0.1), similar=(0.6, 0.44)) == said[1]
    assert first("Which voice do I sing?", *said, match=(1.0, 0.1), similar=(0.6, 0.29)) is None
    assert first("Which voice do I sing?", said[0], "they like tenors", match=(1.0, 0.1), similar=(0.6, 0.5)) is None
    others = [f"line {i}" for i in range(RANKING.candidates)]
    found = first("Which voice do I sing?", *said, *others, match=(1.0, 0.1, *[0.0] * len(others)), similar=(0.6, 0.5))
    assert found is None  # of many the match says as much


def test_what_held_first_is_what_was_told_first() -> None:
    said = "I bench 60 kilos", "benched 70 today!", "back down to 55 on the bench"
    assert first("What was my bench press at the beginning?", *said, match=(0.8, 1.0, 0.6)) == said[0]


def test_a_turn_may_tell_just_the_time_that_is_asked_for() -> None:
    said = "my rating is 1480", "my rating went up to 1550 after the open", "my rating is 1510 now"
    assert first("What was my rating after the open?", *said) == said[1]


def test_who_takes_the_place_of_another_begins_a_state() -> None:
    said = "Ravi is my tennis partner", "Ravi is ill, my tennis partner is Simone", "my new tennis partner is Abel"
    assert first("Who was my tennis partner before Abel?", *said, match=(0.9, 0.8, 1.0)) == said[1]


def test_an_earlier_turn_names_what_a_later_one_replaces() -> None:
    said = "we marry at Linden Hall", "no Linden Hall, the venue is the Boathouse instead"
    assert first("What was the first venue?", *said, match=(0.6, 1.0)) == said[0]
    assert first("What was the first venue?", "we marry in May", said[1], match=(0.6, 1.0)) == said[1]


def test_a_figure_needs_no_word_of_what_it_is_of_where_the_turn_answers_well() -> None:
    said = "I earn 2,900 a month", "I earn 3,150 a month now", "another raise, 3,400 a month"
    assert first("How much did I earn before?", *said, match=(0.9, 1.0, 0.95)) == said[1]
