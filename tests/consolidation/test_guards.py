"""What may be merged and what may not, text by text."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from coda_graphmem.consolidation.comparison import Comparison
from coda_graphmem.consolidation.guards import GUARDS, first_refusal
from coda_graphmem.consolidation.readings import Reader, Reading
from coda_graphmem.consolidation.updates import update_reason
from tests.consolidation.pairs import NO_UPDATES, SAME, TRAPS, UPDATES, rows

Compare = Callable[[str, str], Comparison]

#: By kind and judgement ("same", "different"), pairs of texts.
KINDS = {
    (kind, judgement): rows(pairs)
    for kind, by_judgement in tomllib.loads(Path(__file__).with_name("kinds.toml").read_text("utf-8")).items()
    for judgement, pairs in by_judgement.items()
}


@pytest.fixture(scope="module")
def readings(reader: Reader) -> Mapping[str, Reading]:
    texts = [text for pairs in KINDS.values() for pair in pairs for text in pair]
    return dict(zip(texts, reader.read(texts), strict=True))


@pytest.mark.parametrize(("kind", "judgement"), KINDS)
def test_each_kind_of_difference_is_told_from_other_words_for_the_same(
    kind: str, judgement: str, readings: Mapping[str, Reading]
) -> None:
    wrong = []
    for a, b in KINDS[kind, judgement]:
        for x, y in ((a, b), (b, a)):
            pair = Comparison.of(readings[x], readings[y])
            why = first_refusal(pair) or update_reason(pair)
            if (why is None) != (judgement == "same"):
                wrong.append((x, y, why))
    assert not wrong


@pytest.mark.parametrize(("a", "b"), rows(SAME))
def test_no_guard_objects_to_what_says_the_same(compare: Compare, a: str, b: str) -> None:
    for x, y in ((a, b), (b, a)):
        assert first_refusal(compare(x, y)) is None
        assert update_reason(compare(x, y)) is None


@pytest.mark.parametrize(("guard", "a", "b"), rows(TRAPS))
def test_the_guard_for_it_objects_to_what_differs(compare: Compare, guard: str, a: str, b: str) -> None:
    for x, y in ((a, b), (b, a)):
        assert GUARDS[guard](compare(x, y)), f"{guard} is silent, refused by {first_refusal(compare(x, y))}"
        assert first_refusal(compare(x, y)) is not None


@pytest.mark.parametrize("text", [row[0] for row in rows(SAME)[::3]])
def test_no_text_differs_from_itself(compare: Compare, text: str) -> None:
    pair = compare(text, text)
    assert first_refusal(pair) is None
    assert not pair.only_a
    assert not pair.only_b


@pytest.mark.parametrize(("older", "newer"), rows(UPDATES))
def test_a_newer_statement_about_the_same_thing_is_an_update(compare: Compare, older: str, newer: str) -> None:
    assert update_reason(compare(older, newer))


@pytest.mark.parametrize(("older", "newer"), rows(NO_UPDATES))
def test_what_stays_true_is_not_outdated(compare: Compare, older: str, newer: str) -> None:
    assert update_reason(compare(older, newer)) is None


def test_every_guard_is_shown_by_a_pair() -> None:
    assert {row[0] for row in rows(TRAPS)} == set(GUARDS)


def test_a_refusal_names_its_guard_and_what_differs(compare: Compare) -> None:
    refusal = first_refusal(compare("The ticket costs $20.", "The ticket costs $25."))
    assert refusal is not None
    assert refusal.guard == "money"
    assert "20" in refusal.reason
    assert "25" in refusal.reason


def test_each_text_is_compared_by_its_meaning_not_its_speaker(reader: Reader) -> None:
    said, plain = reader.read(["Anna: I like plums.", "I like plums."], ["Anna", "Ben"])
    assert said.text == plain.text
    assert said.words == plain.words


def test_texts_of_any_kind_can_be_read(compare: Compare) -> None:
    for text in ("", "   ", "?!", "🎉🎉", "İstanbul 12 May", "日本語のテキスト", "a" * 5000, "one\n\ntwo\tthree"):
        assert first_refusal(compare(text, text)) is None


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("The boiler is serviced in September.", "The boiler is serviced in October.", "September against October"),
        ("We meet at 9:05.", "We meet at 17:30.", "09:05 against 17:30"),
        ("We meet on Monday.", "We meet on Friday.", "Monday against Friday"),
        ("She has two dogs.", "She has dogs.", "2 against none"),
    ],
)
def test_a_reason_is_written_as_people_say_it(compare: Compare, a: str, b: str, reason: str) -> None:
    refusal = first_refusal(compare(a, b))
    assert refusal is not None
    assert refusal.reason == reason
