"""Who and what stands where in a clause."""

from __future__ import annotations

from typing import Any

import pytest

from coda_graphmem.language.pipeline import parsing_pipeline
from coda_graphmem.language.syntax import auxiliaries, fill, follow, infinitive, own_subjects, subjects


def verb(text: str, lemma: str) -> Any:
    [doc] = parsing_pipeline().map(lambda doc: doc, [text])
    return next(token for token in doc if token.lemma_ == lemma)


def test_subjects_and_helping_verbs() -> None:
    bought = verb("Tom has bought a boat.", "buy")
    assert [token.text for token in subjects(bought)] == [token.text for token in own_subjects(bought)] == ["Tom"]
    assert [token.text for token in auxiliaries(bought)] == ["has"]


def test_infinitives() -> None:
    assert infinitive(verb("She wants to sail.", "sail"))
    assert not infinitive(verb("She sails.", "sail"))


@pytest.mark.parametrize(
    ("text", "lemma", "path", "filler"),
    [
        ("Tom bought a boat.", "buy", "object", "boat"),
        ("Anna is the head of Acme.", "be", "is.of", "Acme"),
        ("We live in Oslo.", "live", "in", "Oslo"),
        ("They moved back to Rome.", "move", "back", "Rome"),
        ("She wants to sail.", "want", "to do", "sail"),
        ("She started singing.", "start", "doing", "singing"),
        ("I have a dog called Rex.", "have", "object.called", "Rex"),
    ],
)
def test_places_of_a_clause(text: str, lemma: str, path: str, filler: str) -> None:
    assert [token.text for token in follow(verb(text, lemma), path.split("."))] == [filler]


def test_an_empty_place_is_empty() -> None:
    assert fill(verb("Tom sleeps.", "sleep"), "object") == []
