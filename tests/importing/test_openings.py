"""A line of a transcript begins with a name, of whatever characters, and prose with a colon does not."""

from __future__ import annotations

import unicodedata

import pytest

from coda_graphmem.importing.openings import certainty_of, key_of, opening_of

NAMES = [
    *("Nora", "Nora Ek", "Margit K.", "J. R. R. Tolkien", "O’Neil & Sons", "van der Berg, Jan-Willem", "Ek, Nora"),
    *("Nora 🚣", "👩\u200d👩\u200d👧 Family", "Nora ❤\ufe0f", "Nora (work)", "Müller, Hans (Büro)", "Ольга [офис]"),
    *("+44 20 7946 0000", "(0171) 1234567", "00 49 171 123", "@nora", "@nora.ek", "nora_92", "Nora | Team A"),
    *(
        "नीना",
        "ندى",
        "李小龙",
        "김민준",
        "สมชาย ใจดี",
        "Łukasz",
        "N\u0303ora",
        "Nora\u0301",
        "א\u05f3",
        "Speaker 1",
        "GPT-4o",
    ),
    "Dr. Maria Magdalena von Hohenstein-Oettingen (Cologne)",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "line", ["{}: Hello: there", "**{}:** Hello: there", "__{}__: Hello: there", "{}\uff1aHello: there"]
)
def test_names_of_any_characters(name: str, line: str) -> None:
    opening = opening_of(line.format(name))
    assert opening is not None
    shown = name.removeprefix("👩\u200d👩\u200d👧 ") if line[0] in "*_" else name
    assert (opening.name, opening.certainty, opening.text) == (shown, "name", "Hello: there")
    heading = opening_of(f"## {name}")
    assert heading is not None
    assert heading.style == "heading ##"
    assert opening_of(f"\u200e{name}\u200e: Hi", {key_of(name)}) is not None


@pytest.mark.parametrize(
    "line",
    [
        *("12:30: late", "https://example.org/x", "see://x: y", "- milk: two", "* milk: two", "> Nora: quoted"),
        *(
            "1. First: this",
            "1) one: x",
            "  Nora: indented",
            ": x",
            "…: x",
            "#Nora: x",
            "####### Nora",
            "**bold** text",
        ),
        *("** **: x", "| a: b", "• a: b", "— a: b", "a" * 101 + ": x", "no colon", "a:b"),
    ],
)
def test_other_lines_begin_no_turn(line: str) -> None:
    assert opening_of(line) is None


@pytest.mark.parametrize(
    "phrase",
    [
        *("a, b, c", "“Well”", "{key}", "x = y", "3 Musketeers", "<nora>", "@nora:example.org", "(Note", "see [x](y"),
        *("Well, actually", "what we need", "He said that", "The boat", "Really? No", "my plan", "Die Straße"),
        "There is one more thing that we have to talk about",
    ],
)
def test_what_may_be_a_sentence_is_a_name_only_perhaps(phrase: str) -> None:
    assert certainty_of(phrase) == "perhaps"


def test_who_was_given_may_be_called_anything() -> None:
    for name in ("weird: name", "12", "a = b", "- x", "🚣"):
        opening = opening_of(f"{name}: Hello", {key_of(name)})
        assert opening is not None
        assert (opening.name, opening.text) == (name, "Hello")
    for line in ("Nora:Hello", "  Nora: Hello", "- Nora: Hello", "[10:31] Nora:Hello"):
        opening = opening_of(line, {"nora"})
        assert opening is not None
        assert (opening.name, opening.text) == ("Nora", "Hello")
    assert opening_of("### 🚣 Nora", {"nora"}) == opening_of("### Nora", {"nora"})
    assert opening_of("Ida: Hello", {"nora"}) is None


def test_a_name_is_the_same_however_it_is_written() -> None:
    forms = ["Norá", unicodedata.normalize("NFD", "Norá"), "NORÁ", "\u200eNorá\u200f", " Norá :"]
    assert len(set(map(key_of, forms))) == 1


@pytest.mark.parametrize(
    ("line", "stamp"),
    [
        ("[2026-03-02 19:12] Nora: Hi", "2026-03-02 19:12"),
        ("2026-03-02T19:12:05Z - Nora: Hi", "2026-03-02T19:12:05Z"),
        ("Nora (2026-03-02 19:12): Hi", "2026-03-02 19:12"),
        ("**Nora** (2026-03-02 19:12): Hi", "2026-03-02 19:12"),
        ("[10:31] Nora: Hi", None),
        ("(00:01:05.250) Nora: Hi", None),
        ("Nora [10:31 pm]: Hi", None),
    ],
)
def test_times_are_no_part_of_a_name(line: str, stamp: str | None) -> None:
    opening = opening_of(line)
    assert opening is not None
    assert (opening.name, opening.text, opening.stamp) == ("Nora", "Hi", stamp)
