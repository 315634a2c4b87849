"""How verbs are inflected."""

from __future__ import annotations

import pytest

from coda_graphmem.language.verbs import all_forms, forms_of, irregular_pasts, third_person_of


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("live", "lived"),
        ("live", "living"),
        ("study", "studies"),
        ("study", "studied"),
        ("quit", "quitting"),
        ("stop", "stopped"),
        ("play", "played"),
        ("lie", "lying"),
        ("see", "seeing"),
        ("teach", "taught"),
        ("drive", "driven"),
        ("be", "were"),
        ("go", "goes"),
    ],
)
def test_forms_are_found(verb: str, form: str) -> None:
    assert form in all_forms([verb])


def test_past_and_participle_are_told_apart() -> None:
    assert forms_of("take").past == {"took"}
    assert forms_of("take").done == {"taken"}
    assert "quit" not in irregular_pasts()
    assert "went" in irregular_pasts()


@pytest.mark.parametrize(
    ("verb", "third"),
    [("have", "has"), ("watch", "watches"), ("carry", "carries"), ("play", "plays"), ("wear", "wears")],
)
def test_the_third_person(verb: str, third: str) -> None:
    assert third_person_of(verb) == third
