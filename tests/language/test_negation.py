"""Whether a text denies."""

from __future__ import annotations

from typing import Any

import pytest

from coda_graphmem.language.negation import NEGATION, count_negations, denied, shares_denial
from coda_graphmem.language.pipeline import parsing_pipeline
from coda_graphmem.language.syntax import VERB_TAGS


def parsed(text: str) -> Any:
    [doc] = parsing_pipeline().map(lambda doc: doc, [text])
    return doc


def verb(text: str) -> Any:
    return next(token for token in parsed(text) if token.tag_ in VERB_TAGS and token.dep_ == "ROOT")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("I eat meat.", 0),
        ("I don't eat meat.", 1),
        ("I never said that nobody came.", 2),
        ("Not only Tom came.", 0),
        ("He is no doubt late.", 0),
        ("Neither Tom nor Anna came.", 1),
        ("She lacks time.", 1),
    ],
)
def test_denials_of_a_text_are_counted(text: str, count: int) -> None:
    assert count_negations(list(parsed(text))) == count


@pytest.mark.parametrize("text", ["I do not smoke.", "I never smoke.", "I have no dog.", "I no longer smoke."])
def test_a_clause_denies(text: str) -> None:
    assert denied(verb(text))


@pytest.mark.parametrize("text", ["I smoke.", "No, I live in Bergen.", "I do not only sing.", "I hate no-one's dog."])
def test_a_clause_denies_nothing(text: str) -> None:
    assert not denied(verb(text))


def test_or_carries_a_denial_on() -> None:
    assert shares_denial(verb("I don't cook or bake."))
    assert not shares_denial(verb("I don't cook and bake."))


def test_a_text_denies_without_a_parse() -> None:
    assert NEGATION.are_in("I don’t know")
    assert NEGATION.are_in("Nobody came")
    assert not NEGATION.are_in("a notice")
