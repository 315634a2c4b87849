"""What a terminal would obey is shown; what people write is left as it is."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.characters import visible, visible_json

#: Signs that are printed though Unicode counts them among the format controls.
PRINTED = {chr(code) for code in (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)}
PRINTED |= {chr(code) for code in range(0x13430, 0x13440)}

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Mn")),
        st.sampled_from("\x1b\x9b\u200c\u200d\u202e\ufe0f\U000e0041\U000e007f\U0001f3f4क👩م"),
    )
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x1b]52;c;aGk=\x07", r"\x1b]52;c;aGk=\x07"),
        ("\x9b31m\x9d0;t\x9c\x90q", r"\x9b31m\x9d0;t\x9c\x90q"),
        ("a\x00b\x08c\x0bd\x0ce\x7f", r"a\x00b\x08c\x0bd\x0ce\x7f"),
        ("one\rtwo\nthree\tfour", r"one\rtwo\nthree\tfour"),
        ("pay \u202eEUR 01\u202c, \u2066x\u2069", r"pay \u202eEUR 01\u202c, \u2066x\u2069"),
        ("\u200ex\u200fy\u061cz", r"\u200ex\u200fy\u061cz"),
        ("pass\u200bword pass\u200dword pass\u200cword", r"pass\u200bword pass\u200dword pass\u200cword"),
        ("pass\u2060word \ufeffx so\xadft", r"pass\u2060word \ufeffx so\xadft"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("hidden\U000e0041\U000e0042", r"hidden\U000e0041\U000e0042"),
        ("😀\ufe00\ufe01", "😀\ufe00" + r"\ufe01"),
        ("no\udcffutf", r"no\udcffutf"),
        ("ㅤ\u115f", r"\u3164\u115f"),
    ],
)  # fmt: skip
def test_what_is_obeyed_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert json.loads(visible_json(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.parametrize(
    "text",
    [
        "Straße, İzmir, naïve “quotes” … – 5 €",
        "日本語、한국어、中文",
        "می‌خواهم",  # a non-joiner
        "क्‍ष",  # a joiner
        "👩‍⚕️ 🏳️‍🌈 ❤️‍🔥 👍🏽 1️⃣ 🇩🇪",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",  # England's flag
        "葛󠄀城",  # a form of a letter
        "ᠮᠣᠩᠭᠣᠯ᠋",
        r"\x1b is how it is written",
    ],
)
def test_what_people_write_is_left_alone(text: str) -> None:
    assert visible(text) == text
    assert visible_json(text) == text


def test_lines_and_tabs_stay_where_there_may_be_lines() -> None:
    assert visible("one\r\ntwo\n\tthree\rfour", lines=True) == "one\ntwo\n\tthree" + r"\rfour"


@given(HOSTILE)
def test_nothing_that_is_obeyed_is_left(text: str) -> None:
    for character in visible(text).replace("\u200c", "").replace("\u200d", ""):
        assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or (
            character in PRINTED or "\U000e0030" <= character <= "\U000e007f"
        )
    assert visible(visible(text)) == visible(text)


@given(st.dictionaries(HOSTILE, st.one_of(HOSTILE, st.integers())))
def test_json_means_the_same(value: dict[str, str | int]) -> None:
    shown = visible_json(json.dumps(value, ensure_ascii=False, indent=2))
    assert json.loads(shown) == value
    assert not any(character in shown for character in "\x1b\x9b\u202e\u2028\x7f")


def test_long_texts_take_no_time() -> None:
    # Quadratic work would take minutes.
    for part in ("\x1b", "a", "\u200d", "\ufe0f", "\U0001f3f4\U000e0067", "\n", "x\u202e"):
        assert len(visible(part * (100_000 // len(part)), lines=True)) >= 100_000 // len(part)
