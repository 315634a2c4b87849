"""What parts words in full text is the same in every store."""

# ruff: noqa: RUF001
from __future__ import annotations

from coda_graphmem.models import MemoryFilter
from coda_graphmem.retrieval.terms import query_terms
from coda_graphmem.store.protocol import EXCERPT_CHARACTERS, MemoryChanges, MemoryStore
from tests.store.factory import new, unit

ALL = MemoryFilter()
TEXTS = {
    "m1": "The loan was 3,000 euros, and not 3.5 of anything.",
    "m2": "Sinéad O'Brien wrote from mail.example.com about Anna’s cafés.",
    "m3": "snake_case names, and/or half-finished ones (salt+pepper)",
}


CASES = {
    "000": ["m1"],
    "5": ["m1"],
    "brien": ["m2"],
    "sinead": ["m2"],
    "example": ["m2"],
    "cafe": ["m2"],
    "anna": ["m2"],
    "snake": ["m3"],
    "finished": ["m3"],
    "pepper": ["m3"],
    "brie": [],
    "thousand": [],
}


async def test_punctuation_parts_words(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(memory_id, text) for memory_id, text in TEXTS.items()], reinforcement=0.1)
    found = {
        term: [candidate.memory_id for candidate in (await store.search.search_text(ns, [term], 9, ALL)).found]
        for term in CASES
    }
    assert found == CASES
    matches = await store.search.search_text(ns, list(CASES), 9, ALL)
    assert (dict(zip(CASES, matches.frequencies, strict=True)), matches.live) == (
        {term: len(holding) for term, holding in CASES.items()},
        3,
    )


#: Texts, and how people ask for a word of each.
WRITTEN = {
    "Ein Straßenrand": ["STRASSENRAND", "Strassenrand", "straßenrand"],
    "İzmir yolu": ["izmir", "IZMIR", "İZMİR"],
    "the \ufb01nal o\ufb03ce": ["final", "OFFICE"],
    "\uff26\uff35\uff2c\uff2c \uff57\uff49\uff44\uff54\uff48": ["full", "Width"],
    "un cafe\u0301 noir": ["café", "CAFE"],
    "ещё ёлка": ["еще", "ЕЛКА"],
    "كِتَابٌ جديد": ["كتاب", "كـتاب"],
    "وضعت المفتاح بالسيارة": ["مفتاح", "سيارة", "السيارة", "والمفتاح"],
    "שָׁלוֹם לך": ["שלום"],
    "ο Οδυσσεύς ήρθε": ["ΟΔΥΣΣΕΥΣ", "οδυσσευσ"],
    "Łódź i Øresund": ["lodz", "oresund"],
    "mi\u00adnu\u200bten": ["minuten"],
    "我对花生过敏": ["花生", "花", "过敏"],
    "毎朝味噌汁を飲む": ["味噌汁", "味噌", "汁"],
    "しりとりとｶﾞﾑ": ["しりとり", "ガム"],
    "커피를 마셨다": ["커피", "커피를", "를"],
    "ฉันชอบกาแฟดำ": ["กาแฟ", "ชอบ"],
    "मुझे हिन्दी पसंद है": ["हिन्दी"],
    "Tokyo東京tower": ["東京", "tower", "tokyo"],
    "Zimmer ٣٤": ["34", "\uff13\uff14"],
}


#: Texts, what words of them begin with, and how many hold such a word.
BEGINNINGS = {
    "tochte-": 2,
    "schlac-": 1,
    "перехв-": 1,
    "чита-": 1,
    "σπιτ-": 1,
    "سيار-": 1,
    "किता-": 1,
    "kitapl-": 1,
    "ochter-": 0,
    "x y-": 0,
}
FORMS = [
    "Die Töchter schlafen, die Tochter schlachtet",
    "Tochtergesellschaft",
    "Он перехватил мяч и прочитал, читая",
    "στο σπιτάκι",
    "بسيارتها والسيارات",
    "किताबें",
    "kitaplarımızda",
]


async def test_forms_are_found_by_what_they_begin_with(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(str(i), text) for i, text in enumerate(FORMS)], reinforcement=0.1)
    await store.records.insert(f"{ns}-other", [new("x", FORMS[0])], reinforcement=0.1)
    matches = await store.search.search_text(ns, list(BEGINNINGS), 9, ALL)
    assert dict(zip(BEGINNINGS, matches.frequencies, strict=True)) == BEGINNINGS
    assert {candidate.memory_id for candidate in matches.found} == {str(i) for i in range(len(FORMS))}
    found = (await store.search.search_text(ns, ["schlac-", "kitapl-"], 9, ALL)).found
    assert {candidate.memory_id for candidate in found} == {"0", "6"}


async def test_words_are_found_however_they_are_written(store: MemoryStore, ns: str) -> None:
    texts = dict(enumerate(WRITTEN))
    await store.records.insert(ns, [new(str(i), text) for i, text in texts.items()], reinforcement=0.1)
    await store.records.insert(ns, [new("later", "plain")], reinforcement=0.1)
    await store.records.update(ns, "later", MemoryChanges(content="다시 쓴 글", updated_at=1.0))
    for i, text in texts.items():
        for word in WRITTEN[text]:
            matches = await store.search.search_text(ns, query_terms(word), 9, ALL)
            assert [c.memory_id for c in matches.found] == [str(i)], (word, text)
            assert set(matches.frequencies) == {1}, (word, text)
    for word, ids in (("쓴", ["later"]), ("plain", []), ("生花", []), ("리커피", [])):
        found = (await store.search.search_text(ns, query_terms(word)[:1], 9, ALL)).found
        assert [c.memory_id for c in found] == ids, word
    await store.records.delete(ns, ["later"])
    assert not (await store.search.search_text(ns, ["쓴"], 9, ALL)).found


async def test_terms_are_counted_in_the_namespace_whatever_is_searched_for(store: MemoryStore, ns: str) -> None:
    texts = ["hiking far", "they hike", "a walk"]
    await store.records.insert(ns, [new(f"m{i}", text) for i, text in enumerate(texts)], reinforcement=0.1)
    await store.records.insert(f"{ns}-other", [new("m9", "hikes")], reinforcement=0.1)
    terms = ["hike", "WALK", "absent", '"', "hike", "hiking far"]
    for where, found in ((ALL, ["m0", "m1", "m2"]), (MemoryFilter(min_importance=1.0), [])):
        matches = await store.search.search_text(ns, terms, 9, where)
        assert sorted(candidate.memory_id for candidate in matches.found) == found
        assert (matches.frequencies, matches.live) == ([2, 1, 0, 0, 2, 1], 3)
    many = await store.search.search_text(ns, [*(f"word{i}" for i in range(900)), "hike"], 9, ALL)
    assert (sum(many.frequencies), many.frequencies[-1]) == (2, 2)


async def test_searches_hand_on_the_beginning_of_a_text(store: MemoryStore, ns: str) -> None:
    text = "word " * (EXCERPT_CHARACTERS // 5) + "end"
    await store.records.insert(ns, [new("m1", text, embedding=unit(1))], reinforcement=0.1)
    (by_text,) = (await store.search.search_text(ns, ["end"], 9, ALL)).found
    (by_vector,) = await store.search.search_vector(ns, unit(1), 9, ALL)
    assert by_text.excerpt == by_vector.excerpt == text[:EXCERPT_CHARACTERS]
