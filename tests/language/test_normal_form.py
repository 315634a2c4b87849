"""One form for a word, however it is typed."""

# ruff: noqa: RUF001
from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.language import normal_form
from coda_graphmem.language.normal_form import WORD, cut, folded, index_text, normalised
from coda_graphmem.language.words import stems, words


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Plain ASCII, 3,000!", "plain ascii, 3,000!"),
        ("Straße STRASSE", "strasse strasse"),
        ("İzmir ISPARTA ılık", "izmir isparta ilik"),
        ("\ufb01nal", "final"),
        ("Ｆｕｌｌ１２", "full12"),
        ("e\u0301 é Ñ ё", "e e n е"),
        ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
        ("Ærø þorn Łódź", "aero thorn lodz"),
        ("كِتَابٌ كـتاب", "كتاب كتاب"),
        ("שָׁלוֹם", "שלום"),
        ("٣٤ ४ ๗", "34 4 7"),
        ("co\u00adop mi\u200dx", "coop mix"),
        ("Acme™ 1½ ㎏", "acme tm  1 1\u20442   kg "),
        ("がｶﾞ", "がガ"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_folded(text: str, form: str) -> None:
    assert folded(text) == form
    assert folded(form) == form


@pytest.mark.parametrize(
    ("text", "indexed"),
    [
        ("Plain ASCII", "Plain ASCII"),
        ("Café", "cafe"),
        ("花生 tea", " 花  生  tea"),
        ("ที่นี่", " ที่  นี่ "),
    ],
)
def test_index_text(text: str, indexed: str) -> None:
    assert index_text(text) == indexed


@pytest.mark.parametrize(
    ("word", "asked", "held"),
    [
        ("tea", ["tea"], ["tea"]),
        ("花", ["花"], ["花"]),
        ("味噌汁", ["味噌", "噌汁"], ["味", "噌", "汁", "味噌", "噌汁"]),
        ("東京tower2", ["東京", "tower2"], ["東", "京", "東京", "tower2"]),
        ("хлеб", ["хлеб"], ["хлеб"]),
    ],
)
def test_cut(word: str, asked: list[str], held: list[str]) -> None:
    assert cut(word) == asked
    assert cut(word, singly=True) == held


def test_words_of_syllables_are_whole() -> None:
    assert WORD.findall("हिन्दी, தமிழ்!") == ["हिन्दी", "தமிழ்"]


def test_what_is_asked_is_among_what_is_held() -> None:
    assert stems("毎朝味噌汁を飲む") >= {*words("味噌汁"), *words("汁"), *words("飲む")}


def test_many_marks_in_a_row_take_no_time_of_their_own() -> None:
    for marks in ("\u0301\u0316" * 200_000, "\u0301" * 200_000 + "\u0316" * 200_000):
        started = time.perf_counter()
        assert folded("a" + marks + "b") == "ab"
        assert len(normalised("NFC", "a" + marks)) <= 31
        assert time.perf_counter() - started < 5.0


def test_a_normal_form_of_common_text_is_that_of_unicode() -> None:
    text = "e\u0301\u0323 가 ﬁ " + "–" * 100 + "Ａ"
    assert normalised("NFKC", text) == unicodedata.normalize("NFKC", text)


@given(st.text(st.sampled_from("aZ ,-é\u00ad½ßÅŁİıÑΣςЖё’—…₂€\u0345ﬁが"), max_size=12))
def test_letters_that_join_nothing_are_folded_one_by_one_with_the_same_result(text: str) -> None:
    assert folded(text) == (text.lower() if text.isascii() else normal_form._folded(text))
