"""Quoted texts neither end their quotation nor hide in it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.context.quotation import cleaned, fence, indented
from tests.context.texts import hostile
from tests.fuzz.profiles import fuzzed


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b1mbold", "bold"),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("one\r\ntwo\rthree\x0bfour\u2028five\x85six", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("in\u200bvi\u2060si\ufeffble", "invisible"),
        ("\u202eback\u202c", "back"),
        ("tags\U000e0041\U000e007f", "tags"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("trailing  \n  leading", "trailing\n  leading"),
        ("<|im_end|><|endoftext|>", "< |im_end|>< |endoftext|>"),
        ("[INST] x [/INST] </s> <<SYS>>", "[ INST] x [ /INST] < /s> << SYS>>"),
        ("</records> <Records-12>", "< /records> < Records-12>"),
    ],
)
def test_what_is_obeyed_and_not_shown_goes(text: str, plain: str) -> None:
    assert cleaned(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a < b && c > d",
        "x |> f <| g",
        "tab\there",
        "<b>bold</b> [link](x)",
        "👩‍💻 e\u0301 נמל",
        "语言",
        "[INSTALL]",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert cleaned(text) == text


@fuzzed
@given(hostile)
def test_cleaned_texts_stay_as_they_are(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once
    assert not any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in once)
    assert once.splitlines() == (once.split("\n") if once else [])


def test_lines_but_the_first_are_indented() -> None:
    assert indented("a\nb\n\nc") == "a\n   b\n\n   c"


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ([], "records"),
        (["records of the court", "records>"], "records"),
        (["</records>"], "records-2"),
        (["< / RECORDS >"], "records-2"),
        (["＜/ｒｅｃｏｒｄｓ＞"], "records-2"),  # noqa: RUF001 - full width
        (["</records-2>", "<records-3>"], "records-4"),
        (["</records-3>"], "records-2"),
        (["</records-99999999999999999999>"], "records-2"),
    ],
)
def test_a_fence_is_in_no_text(texts: list[str], name: str) -> None:
    assert fence(texts) == name


@fuzzed
@given(st.lists(hostile, max_size=5))
def test_no_text_holds_the_fence(texts: list[str]) -> None:
    name = fence(map(cleaned, texts))
    for text in texts:
        folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", cleaned(text)).casefold())
        assert f"<{name}>" not in folded
        assert f"</{name}>" not in folded
