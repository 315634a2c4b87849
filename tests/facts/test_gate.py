"""Which texts are read at all."""

from __future__ import annotations

import pytest

from coda_graphmem.facts.gate import MOST_SENTENCES, may_state, passages_to_read


@pytest.mark.parametrize(
    "text",
    [
        "I live in Oslo.",
        "im allergic to nuts",
        "we've been based in Leeds for years",
        "My sister's moving to Rome.",
        "Maria works at Shell.",
        "The deadline was moved to Friday.",
        "My boss is Anna.",
        "User prefers tea.",
        "I no longer have a cat.",
        "I got rid of my landline.",
        "I wear hearing aids.",
        "My wife runs marathons.",
        "We don't own a car, and rent one now and then.",
        "Not a fan of opera.",
        "They promoted me to head chef.",
        "Hi, I'm Dragan.",
        "Our database is MariaDB.",
        "Our team lead is Petra.",
        "The opening slipped to October.",
        "Liv has started fencing.",
        "Grew up in Malmö.",
    ],
)
def test_what_may_state_something(text: str) -> None:
    assert may_state(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thanks, that is great!",
        "Where do I live?",
        "Rome was founded in antiquity and became the centre of an empire that spanned the Mediterranean.",
        "def f(x): return my_limit",
        "I'll make sure to do it.",
        "I would live there if I could.",
        "I think so too.",
        "I see how you handle this.",
        "He lives next door.",
        "1. Open the settings.\n2. Click on Save.",
    ],
)
def test_what_states_nothing(text: str) -> None:
    assert not may_state(text)


@pytest.mark.parametrize("speaker", ["assistant", "ChatGPT", "system"])
def test_assistants_and_programs_state_nothing(speaker: str) -> None:
    assert may_state("I live in Oslo.", "Caroline")
    assert not may_state("I live in Oslo.", speaker)


def test_sentences_are_read_together_where_they_stand_together() -> None:
    text = "I live in Oslo. I work at Shell. What a day! My boss is Dr. Lee."
    assert [text[p.start : p.start + len(p.text)] for p in passages_to_read(text)] == [
        p.text for p in passages_to_read(text)
    ]
    assert [p.text.strip() for p in passages_to_read(text)] == [
        "I live in Oslo. I work at Shell.",
        "My boss is Dr. Lee.",
    ]
    assert "".join(p.text for p in passages_to_read("I live in Oslo. " * 50)).count("Oslo") == MOST_SENTENCES


def test_he_and_she_are_somebody_behind_a_sentence_that_names_one() -> None:
    text = "My sister Mia lives in Bonn. She works at Siemens."
    assert "".join(p.text for p in passages_to_read(text)) == text
