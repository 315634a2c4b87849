"""What of a text is a fact about the user, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import pytest

from coda_graphmem.errors import ExtractionError, ValidationError
from coda_graphmem.facts.contractions import spell
from coda_graphmem.facts.reader import FactReader
from coda_graphmem.facts.table import load_table, read_table
from coda_graphmem.models import InformationMatch, InformationType, MemoryType

WORK = "I work as a software engineer at TechCorp and I'm working on a new AI project"


def facts(reader: FactReader, text: str, subject: str = "User") -> dict[str, str]:
    return {info.info_type: info.value for info in reader.read(text, subject)}


def test_job_company_and_project(reader: FactReader) -> None:
    found = reader.read(WORK, types=["job", "company", "project"])
    assert [(i.info_type, i.value, i.content) for i in found] == [
        ("job", "software engineer", "User works as a software engineer at TechCorp."),
        ("company", "TechCorp", "User works as a software engineer at TechCorp."),
        ("project", "new AI project", "User is working on a new AI project."),
    ]
    assert {i.suggested_type for i in found} == {MemoryType.SEMANTIC}
    assert all(0 < i.importance_score <= 1 and 0 < i.confidence <= 1 for i in found)


def test_only_the_types_asked_for(reader: FactReader) -> None:
    assert [i.info_type for i in reader.read(WORK, types=["project"])] == ["project"]


@pytest.mark.parametrize(
    "text",
    [
        WORK,
        "hey, im allergic to peanuts and ive got a dog named Rex",
        "My birthday’s on March 3rd",
        "I'm from Oslo but live in Rome.",
        "🥜🥜 i dont eat the \ufb01sh soup, and we've moved to Sa\u0303o Paulo",
        "I live in New\nYork and I gotta visit Oslo, but i can't stand cheese",
        "I am from Oslo. " + "It rained a lot on that day. " * 200 + "I'm from Oslo but live in Rome.",
    ],
)
def test_spans_point_into_the_text_as_it_was_given(reader: FactReader, text: str) -> None:
    found = reader.read(text)
    assert found
    for info in found:
        assert text[slice(*info.span)] == info.value
        assert "NewYork" not in info.content
    if "Rome" in text:
        assert ("Rome", (len(text) - 5, len(text) - 1)) in [(info.value, info.span) for info in found]


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("I love my dog", "User loves their dog."),
        ("We live in Oslo", "User lives in Oslo."),
        ("I don't like coffee any more", "User does not like coffee any more."),
        ("I'm allergic to nuts", "User is allergic to nuts."),
        ("I have asthma", "User has asthma."),
        ("My favorite color is green", "User's favorite color is green."),
        ("Well, I can play the violin", "User can play the violin."),
        ("By the way, I am allergic to peanuts.", "User is allergic to peanuts."),
        ("For the record, I work at Bosch.", "User works at Bosch."),
        ("I've been diabetic since I was ten", "User has been diabetic since they were ten."),
        ("To reset my router, I hold the button", "To reset their router, User holds the button."),
        ("I live in Oslo and work at Equinor", "User works at Equinor."),
        ("I enjoy trying new recipes", "User enjoys trying new recipes."),
        ("I live in Bergen, actually", "User lives in Bergen."),
        ("My sister Anna is a nurse", "Anna is User's sister."),
        ("Please remind me to call mom", "User needs to call mom."),
        ("As a nurse, I work night shifts", "As a nurse, User works night shifts."),
        ("As a paramedic, I see a lot", "User is a paramedic."),
    ],
)
def test_statements_stand_on_their_own(reader: FactReader, text: str, statement: str) -> None:
    assert statement in [info.content for info in reader.read(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Do I work at TechCorp?",
        "Am I a nurse?",
        "I'm a nurse, right?",
        "Do you think I'm a good cook?",
        "If I were a pilot, I would live in Dubai",
        "I wish I had a dog",
        "Maybe I'm a perfectionist",
        "I don't work at X any more",
        "I no longer live in Madrid",
        "I used to work at IBM",
        "I'm neither a doctor nor a lawyer",
        '"I am a pilot", said the man',
        "Translate into French: I live in Paris",
        "She told me I have asthma",
        "Tom works at Google and lives in Rome",
        "Her birthday is on July 4th",
        "I have a question",
        "I'm happy to help",
        "I love it",
        "I almost bought a boat",
    ],
)
def test_what_is_not_asserted_of_the_user_is_left_alone(reader: FactReader, text: str) -> None:
    assert reader.read(text) == []


def test_other_peoples_facts_are_not_the_users(reader: FactReader) -> None:
    assert facts(reader, "My sister Anna is a nurse at St. Mary's") == {
        "relationship": "sister Anna",
        "person": "Anna",
    }


def test_a_statement_before_a_question_counts(reader: FactReader) -> None:
    assert facts(reader, "I live in Oslo, what should I see?") == {"home": "Oslo"}


def test_the_subject_is_what_the_user_is_called(reader: FactReader) -> None:
    [info] = reader.read("I live in Oslo", "Nora")
    assert info.content == "Nora lives in Oslo."
    assert facts(reader, "Nora lives in Oslo") == {}
    assert facts(reader, "Nora lives in Oslo", "Nora") == {"home": "Oslo"}
    assert facts(reader, "User prefers morning meetings") == {"preference": "morning meetings"}


def test_a_birthday_is_no_other_date_as_well(reader: FactReader) -> None:
    assert facts(reader, "My birthday is March 15th") == {"birthday": "March 15th"}


# ------------------------------------------------------------------------------------------------- matchers


def orders(text: str) -> Iterable[InformationMatch]:
    at = text.find("#")
    if at >= 0:
        yield InformationMatch(value=text[at : at + 3], content="User has an order.", span=(at, at + 3))


def test_a_matcher_of_ones_own() -> None:
    reader = FactReader()
    reader.register("order", orders)
    assert reader.check_types(["order"], "extract_types") == ("order",)
    [info] = reader.read("I hate waiting for #12", types=["order"])
    assert (info.info_type, info.value, info.span) == ("order", "#12", (19, 22))
    assert info.importance_score > 0.5
    assert {i.info_type for i in reader.read("I hate crowds and wait for #12")} == {"preference", "order"}
    reader.register("order", lambda text: [])
    assert reader.read("I wait for #12", types=["order"]) == []


def test_a_matcher_that_fails_is_named() -> None:
    reader = FactReader()
    reader.register("bad", lambda text: [InformationMatch(value=text[99], content="x", span=(0, 1))])
    with pytest.raises(ExtractionError, match="'bad' failed"):
        reader.read("short")


@pytest.mark.parametrize(
    ("name", "matcher", "field"),
    [
        ("Job!", orders, "name"),
        ("", orders, "name"),
        ("job", orders, "name"),
        (3, orders, "name"),
        ("x", "re", "matcher"),
    ],
)
def test_matchers_are_checked(name: object, matcher: object, field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        FactReader().register(name, matcher)
    assert caught.value.field == field


def test_an_unknown_type_names_those_there_are() -> None:
    with pytest.raises(ValidationError) as caught:
        FactReader().check_types(["job", "shoe"], "extract_types")
    assert all(name in str(caught.value) for name in get_args(InformationType))


# ------------------------------------------------------------------------------------------------- the table


def test_every_type_has_a_rule_or_is_found_among_mentions() -> None:
    table = load_table()
    assert set(table.types) == set(get_args(InformationType))
    assert {rule.type for rule in table.rules if rule.type} | {"date", "contact"} == set(table.types)


@pytest.mark.parametrize(
    "rule",
    [
        'shape = "square"',
        'subject = "he"',
        'verb = "@unheard_of"',
        "colour = 3",
        'negated = "perhaps"',
        'time = "soon"',
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: str) -> None:
    rules = {"type": '"job"', "subject": '"self"', "verb": '"work"', "value": '"as"', "confidence": "0.5"}
    key, _, value = rule.partition(" = ")
    written = "\n".join(f"{k} = {v}" for k, v in (rules | {key: value}).items())
    text = f'[types]\njob = {{ memory = "semantic", importance = 0.8 }}\n[words]\n[patterns]\n[[rule]]\n{written}\n'
    with pytest.raises((ValueError, TypeError)):
        read_table(text)


def test_spelling_remembers_where_letters_came_from() -> None:
    spelled = spell("so im here", load_table().spellings)
    assert spelled.text == "so I am here"
    at = spelled.text.index("here")
    assert spelled.original(at, at + 4) == (6, 10)
