"""What is put right in a parse."""

from __future__ import annotations

import pytest

from coda_graphmem.facts.mends import mended
from coda_graphmem.facts.reader import FactReader
from coda_graphmem.language.pipeline import parsing_pipeline
from tests.facts.test_statements import read, told


def test_words_with_a_hyphen_are_one(reader: FactReader) -> None:
    assert told(read(reader, "I bought an e-bike.")) == {"possession=e-bike"}
    assert told(read(reader, "My mother-in-law is retired.")) == {"User's mother-in-law/employer!="}


def test_a_participle_with_a_hyphen_is_how_somebody_is() -> None:
    [doc] = parsing_pipeline().map(mended, ["I am left-handed."])
    assert {token.text: (token.dep_, token.head.text) for token in doc if token.is_alpha} == {
        "I": ("nsubj", "am"),
        "am": ("ROOT", "am"),
        "left": ("compound", "handed"),
        "handed": ("acomp", "am"),
    }


@pytest.mark.parametrize(("text", "tag"), [("I brew my own beer in the shed.", "VBP"), ("I put it away.", "VBD")])
def test_a_verb_in_the_present_is_not_taken_for_the_past(text: str, tag: str) -> None:
    [doc] = parsing_pipeline().map(mended, [text])
    assert doc[1].tag_ == tag


def test_a_word_with_a_hyphen_hangs_on_none_of_its_parts() -> None:
    texts = [
        "I have an e-bike, a t-shirt and a fixer-upper that I do up on-and-off with my co-worker.",
        "It is a win-win, go-to, follow-up kind of well-being check-in I look forward-to.",
        "Knitting is good for de-stressing and letting go of work.",
    ]
    for doc in parsing_pipeline().map(mended, texts):
        for token in doc:
            assert token not in set(token.ancestors)
            assert token.head == token or len(list(token.ancestors)) < len(doc)
