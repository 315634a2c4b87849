"""When something is, by the form of its verb."""

from __future__ import annotations

from typing import Any

import pytest

from coda_graphmem.language.pipeline import parsing_pipeline
from coda_graphmem.language.tense import Tenses, tenses


def read(text: str) -> Tenses:
    def work(doc: Any) -> Tenses:
        return tenses(list(doc), {token.i: token.lemma_ for token in doc})

    [found] = parsing_pipeline().map(work, [text])
    return found


@pytest.mark.parametrize(
    ("text", "verb", "tense"),
    [
        ("I must still pay rent.", "pay", "now"),
        ("I had to pay rent.", "pay", "past"),
        ("I am buying a house.", "buy", "doing"),
        ("I have bought a house.", "buy", "done"),
        ("My uncle used to smoke.", "smoke", "past"),
        ("We didn't move.", "move", "past"),
        ("The shop is open.", "be", "now"),
    ],
)
def test_a_verb_has_a_tense(text: str, verb: str, tense: str) -> None:
    assert read(text)[verb] == {tense}


@pytest.mark.parametrize("text", ["A man walked along the pool.", "I will move.", "She said that it rains."])
def test_scenes_plans_and_words_of_saying_have_none_that_counts(text: str) -> None:
    assert not read(text).keys() & {"walk", "move", "say"}
