"""What a rule needs of the words of a sentence."""

from __future__ import annotations

import pytest

from coda_graphmem.facts.signs import Form, Words, signs, spread


def is_met(verb: str, form: int, sentence: str) -> bool:
    words = Words.of(sentence.split())
    following = words.written[words.low.index(verb) + 1] if verb in words.low[:-1] else ""
    return any(sign.is_met(words, following, form) for sign in signs().get(verb, ()))


@pytest.mark.parametrize(
    ("verb", "form", "sentence"),
    [
        ("moved", Form.FINITE, "I moved to Rome"),
        ("moving", Form.DOING, "I am moving to Rome in May"),
        ("adopted", Form.FINITE, "we adopted a puppy"),
        ("love", Form.FINITE, "I love hiking"),
        ("drive", Form.FINITE, "I drive a Volvo"),
        ("eat", Form.ABLE, "I can not eat gluten"),
        ("diagnosed", Form.DONE, "I was diagnosed with asthma"),
    ],
)
def test_a_sentence_that_a_rule_may_fit_has_its_sign(verb: str, form: int, sentence: str) -> None:
    assert is_met(verb, form, sentence)


@pytest.mark.parametrize(
    ("verb", "form", "sentence"),
    [
        ("love", Form.FINITE, "I love it"),  # what, only the text before tells
        ("live", Form.FINITE, "we live well"),  # none of the words of the rules
        ("speak", Form.FINITE, "I speak slowly"),  # no name
        ("moving", Form.FINITE, "I moving to Rome"),  # another form
        ("eat", Form.ABLE, "I can eat gluten"),  # nothing denied
        ("think", Form.FINITE, "I think so"),  # no rule
    ],
)
def test_a_sentence_that_no_rule_can_fit_has_none(verb: str, form: int, sentence: str) -> None:
    assert not is_met(verb, form, sentence)


def test_words_of_a_list_stand_in_plural_and_without_what_tells_them_apart() -> None:
    assert {"hay-fever", "fever", "fevers", "allergy", "allergies"} <= spread(("hay-fever", "allergy"))


def test_names_figures_and_denials_are_seen() -> None:
    words = Words.of("I do not live at 4 Rue Cler".split())
    assert (words.has_name, words.has_figure, words.denies) == (True, True, True)
    plain = Words.of("I live here this week".split())
    assert (plain.has_name, plain.has_figure, plain.has_time, plain.denies) == (False, False, True, False)
