"""Who is meant by a pronoun."""

from __future__ import annotations

import pytest

from coda_graphmem.language.pronouns import (
    ASKS_ABOUT_ONESELF,
    OWN_SUBJECTS,
    OWNERS,
    PERSONS,
    PRONOUNS,
    TELLS_OF_ONESELF,
    TOLD_BY_OTHERS,
    VAGUE,
)


def test_persons() -> None:
    assert (PERSONS["ours"], PERSONS["your"], PERSONS["him"], PERSONS["hers"]) == ("i", "you", "he", "she")
    assert {PERSONS[word] for word in OWN_SUBJECTS | OWNERS | TOLD_BY_OTHERS.keys()} == {"i"}
    assert PERSONS.keys() < PRONOUNS.keys()
    assert {"he", "she", "it", "they", "who", "that", "which"} == VAGUE


@pytest.mark.parametrize(
    ("text", "asks", "tells"),
    [
        ("When is my birthday?", True, True),
        ("I'm late.", True, True),
        ("Where do we live?", False, True),
        ("Tell me of Anna.", True, False),
        ("User lives in Oslo.", False, True),
        ("Mia is ill.", False, False),
    ],
)
def test_who_speaks_of_themselves(text: str, asks: bool, tells: bool) -> None:
    assert bool(ASKS_ABOUT_ONESELF.search(text)) is asks
    assert bool(TELLS_OF_ONESELF.search(text)) is tells
