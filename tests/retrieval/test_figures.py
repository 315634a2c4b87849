"""Which figure a question asks for, and what a text says of it."""

from __future__ import annotations

import pytest

from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.figure_question import asked_figure
from coda_graphmem.retrieval.figure_reader import Reader, Stated


def stated(question: str, text: str) -> Stated:
    asked = asked_figure(question)
    assert asked is not None
    return Reader(asked, {}, 1.0, RANKING).read(text)


@pytest.mark.parametrize(
    ("question", "kinds", "head"),
    [
        ("How many stamps are in my album?", {"count", "ratio"}, ("stamp",)),
        ("How many hours a week do I paint?", {"duration"}, ("paint",)),
        ("What's the load time of the shop page?", {"duration"}, ("load",)),
        ("When is my blood test?", {"day", "hour"}, ("blood", "test")),
        ("Remind me, what time is the choir rehearsal?", {"day", "hour"}, ("choir", "rehearsal")),
        ("What is the rent of the studio?", {"money", "count"}, ("rent",)),
        ("What is the weight of my bag?", {"mass", "count"}, ("weight",)),
        ("How much does the cat weigh?", {"mass", "count"}, ("cat", "weigh")),
        ("Which version of Python do we run?", {"version", "count"}, ("python", "run")),
    ],
)
def test_a_question_asks_for_a_figure_of_some_thing(question: str, kinds: set[str], head: tuple[str, ...]) -> None:
    asked = asked_figure(question)

    assert asked is not None
    assert asked.kinds == kinds
    assert asked.head == head


@pytest.mark.parametrize(
    "question",
    [
        "What is the name of my cat?",
        "Where do I live?",
        "When did I visit Oslo?",
        "How many days passed between the exam and the party?",
        "How many weeks after the move did I buy the sofa?",
        "How many times have I been to Rome?",
        "What is the date of birth of Ada Lovelace?",
        "Which of the two came first?",
        "the response time",
    ],
)
def test_other_questions_ask_for_none(question: str) -> None:
    assert asked_figure(question) is None


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("How many stamps are in my album?", "My album holds 1,250 stamps, on 40 pages.", "1250"),
        ("How many dogs do we have?", "We have three dogs and a pond.", "3"),
        ("What is the rent of the studio?", "The rent of the studio is $1,100 since 2024.", "$1100"),
        ("When is my eye test?", "My eye test is on 3rd of May.", "5-3"),
        ("When is my eye test?", "My eye test is on 2026-05-03.", "5-3"),
        ("What time is the rehearsal?", "The rehearsal begins at 7:00 pm.", "7pm"),
        ("What is the accuracy of the model?", "The accuracy of the model went from 81% to 88%.", "88"),
        ("What score did I get in the quiz?", "I got a score of 17 out of 20 in the quiz.", "17/20"),
        ("What is the timeout of the client?", "The timeout of the client is 30s.", "30"),
        ("How much does the cat weigh?", "The cat weighs 4.6 kg, and I ran 10 km.", "4.6"),
        ("How far do I run?", "I run 8 km on 3 days.", "8"),
        ("When is the rehearsal?", "The rehearsal is on Thursdays.", "thursday"),
        ("When is the rehearsal?", "The rehearsal moved to 10.", "10"),
        ("How old is Ida?", "Ida is 3 years old and has 2 cats.", "3"),
        ("How old is Ida?", "Ida turned 4!", "4"),
        ("What is the dose of the syrup?", "The dose of the syrup is 15 ml.", "15"),
        ("What is the temperature of the cellar?", "The temperature of the cellar is 12°C.", "12"),
        ("What is my rent?", "My rent is 900.", "900"),
        ("What is my rent?", "Our landlord raised the rent to 980.", "980"),
        ("What is the coverage of the parser?", "I want to achieve 95% coverage of the parser, it has 70% now.", "70"),
    ],
)
def test_the_figure_that_belongs_to_the_thing_is_read(question: str, text: str, value: str) -> None:
    found = stated(question, text)

    assert value in found.values
    assert found.belongs


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many stamps are in my album?", "I read 3 chapters about stamps."),
        ("How many equations have I solved?", "I solved equations like x = 4 * y + 7."),
        ("How many stamps are in my album?", "I bought stamps in 2019."),
        ("How much does the cat weigh?", "The cat ran 2 km."),
        ("What is the temperature of the cellar?", "The cellar is room 12."),
        ("What is my rent?", "For my rent I do 3 jobs."),
        ("What is the limit of requests?", "```\nlimit = 50  # requests\n```"),
        ("When is my eye test?", "My eye test was all right."),
    ],
)
def test_other_numbers_are_none(question: str, text: str) -> None:
    assert stated(question, text).closeness == 0.0


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is the memory usage of the worker?", "The peak memory usage is 300 MB."),
        ("What is the error rate of the payment service?", "The error rate of the search service is 4%."),
        ("What is my rent?", "Tom's rent is $900."),
        ("How many stamps do I have?", "My brother has 90 stamps."),
        ("How many stamps do I have?", "She sorted 90 stamps."),
        # which one it is was said before
        ("How many hours did I train for my rowing test?", "My spelling test went well, I train 7 hours for my test."),
        ("What mark did I get in the test about rivers?", "In a test I took on volcanoes my mark was 80%."),
    ],
)
def test_figures_of_something_else_do_not_belong(question: str, text: str) -> None:
    assert not stated(question, text).belongs


def test_who_is_asked_about_is_nobody_else() -> None:
    assert stated("How many stamps does my brother have?", "My brother has 90 stamps.").belongs


def test_a_change_tells_what_was_before() -> None:
    found = stated("What is the rent of the studio?", "They raised the rent of the studio from $1,100 to $1,250.")

    assert found.is_change
    assert found.was == {"$1100"}
    assert found.values == {"$1250"}


def test_another_case_is_none_of_the_question() -> None:
    question = "What is my accuracy after 15 puzzles?"

    assert stated(question, "My accuracy after 12 puzzles was good, at 70%.").is_other_case
    assert not stated(question, "My accuracy after 15 puzzles is 85%.").is_other_case
    assert stated("When does the first sprint end?", "Sprint 2 ends on May 9.").is_other_case


def test_a_day_goes_with_its_hour() -> None:
    question = "When is my eye test?"
    day, both, other = (
        stated(question, f"My eye test is on {when}.") for when in ("May 3", "May 3 at 9 am", "May 3 at 11 am")
    )

    assert not day.differs(both.values)
    assert both.differs(other.values)


@pytest.mark.parametrize(
    "text", ["I try to learn more to raise my coverage to 95%.", "My coverage should be 95% or higher one day."]
)
def test_a_figure_to_be_reached_counts_less_than_one_that_is(text: str) -> None:
    question = "What is my coverage?"

    assert 0.0 < stated(question, text).closeness < stated(question, "My coverage rose to 95% one day.").closeness
