"""The estimate of tokens beside what real tokenizers count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.language.tokens import estimated_tokens
from tests.fuzz.profiles import fuzzed

ENGLISH = (
    "Margit asked whether the workshop could start an hour later, because the early train from Grenoble is always "
    "crowded. She will bring her notes and two boxes of seedlings."
)
GERMAN = (
    "Die Hausverwaltung teilte gestern mit, dass die Heizungsanlage im nächsten Frühjahr erneuert wird und die "
    "Nebenkostenabrechnung sich deshalb verzögert."
)
CHINESE = "明天上午我们在图书馆门口见面，然后一起坐地铁去机场接她的父母。"  # noqa: RUF001 - as it is written
CODE = (
    "def mean(values: list[float]) -> float:\n    if not values:\n        return 0.0\n"
    "    return sum(values) / len(values)\n"
)
HEX = '{"id": "9f3b6c1e-77aa-4c1d-9a52-0d6f1b2c3e4f", "count": 1204, "ok": true}'
#: What cl100k_base, o200k_base and Llama 3 count.
COUNTED = {
    ENGLISH: (35, 33, 35),
    GERMAN: (45, 32, 45),
    CHINESE: (36, 25, 25),
    CODE: (31, 32, 31),
    HEX: (50, 50, 50),
}


def test_an_empty_text_takes_none_and_any_other_some() -> None:
    assert estimated_tokens("") == 0
    for text in ("a", "7", "\n", ".", "é", "語", "😀"):
        assert estimated_tokens(text) >= 1


@pytest.mark.parametrize(("text", "counted"), COUNTED.items())
def test_it_is_near_what_models_count(text: str, counted: tuple[int, int, int]) -> None:
    estimate = estimated_tokens(text)
    assert 0.8 * min(counted) <= estimate <= 1.3 * max(counted)


def test_words_of_a_language_without_spaces_are_counted_by_their_signs() -> None:
    assert estimated_tokens("語" * 100) >= 100
    assert estimated_tokens("ก" * 100) >= 50


@fuzzed
@given(st.text(max_size=200), st.text(max_size=200))
def test_lines_take_as_much_together_as_apart(one: str, other: str) -> None:
    """What adds up lines never comes to less than their text takes."""
    assert estimated_tokens(f"{one}\n{other}") <= estimated_tokens(one) + estimated_tokens(f"\n{other}")
