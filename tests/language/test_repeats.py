"""Which texts are one and the same."""

from __future__ import annotations

import pytest

from coda_graphmem.language.repeats import repeat_form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I like tea.", "i like  tea."),
        ("I LIKE TEA.", "i like tea."),
        ("I like tea\nand milk", "I like\ttea and milk "),
        ("I use my iPhone", "i use my iphone"),
        ("My dog is REX", "my dog is Rex"),
        ("Meet at 3PM in room B12", "meet at 3pm in room b12"),
        ("The door code is aB3x", "the door code is aB3x"),
        ("Cafe\u0301 au lait", "café au LAIT"),
        ("for x in y:\n    a()  \n    b()", "for x in y:\n    a()\n    b()\n"),
    ],
)
def test_what_differs_by_accident_is_the_same(one: str, other: str) -> None:
    assert repeat_form(one) == repeat_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The door code is aB3x", "The door code is Ab3X"),
        ("My seed: xK9 Lm", "My seed: Xk9 Lm"),
        ("The wifi password is Sunshine", "The wifi password is sunshine"),
        ("Das Passwort ist Hase", "Das Passwort ist hase"),
        ("密码是Abc", "密码是abc"),
        ("unpack with tar -x", "unpack with tar -X"),
        ("It is in /Home/Bob", "It is in /home/bob"),
        ("See https://ex.am/AbC", "See https://ex.am/aBc"),
        ("for x in y:\n    a()\n    b()", "for x in y:\n    a()\nb()"),
        ("key:\n\tvalue", "key:\n        value"),
        ("It prints 'a  b'", "It prints 'a b'"),
        ("She works in IT", "She works in it"),
        ("We love Turkey", "We love turkey"),
    ],
)
def test_what_carries_meaning_counts(one: str, other: str) -> None:
    assert repeat_form(one) != repeat_form(other)
