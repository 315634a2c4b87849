"""Which words are looked for, and what share of them a text holds."""

# ruff: noqa: RUF001
from __future__ import annotations

from dataclasses import replace

import pytest

from coda_graphmem.language.words import held_words, stems
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.terms import (
    coverage,
    names,
    query_stems,
    query_terms,
    telling_share,
    term_counts,
    text_scores,
    unknown_share,
    without_names,
    wording,
)
from coda_graphmem.store.protocol import TextMatches
from tests.retrieval.build import candidate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When did Maria go hiking?", ["maria", "go", "hiking"]),
        ("hiking, Hiking & HIKING", ["hiking"]),
        ("artists/bands", ["artists", "bands"]),
        ('"garden" OR (boat) -bread*', ["garden", "boat", "bread"]),
        ("who is it", ["who", "is", "it"]),
        ("?!", []),
        ("Zürich 1999", ["zurich", "1999"]),
        ("花生在哪里\uff1f汁", ["花生", "生在", "在哪", "哪里", "汁"]),
        ("Wo wohnt die Tochter?", ["wohnt", "wohn-", "tochter", "tocht-"]),
        ("Где живёт сестра?", ["живет", "живе-", "сестра", "сест-"]),
        ("¿Cómo se llama el médico?", ["llama", "llam-", "medico", "medi-"]),
        ("Πού μένει η αδελφή;", ["μενει", "μενε-", "αδελφη", "αδελ-"]),
        ("kitaplarım nerede ve hangi odada", ["kitaplarim", "kitapl-", "odada", "odad-"]),
        ("السيارة", ["سياره", "سيار-"]),
        ("where does Жанна live", ["жанна", "жанн-", "live"]),
        ("die Uhr von 1998", ["uhr", "1998"]),
    ],
)
def test_query_terms(text: str, expected: list[str]) -> None:
    assert query_terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When did Maria and Tom meet Maria's aunt?", [("Maria",), ("Tom",)]),
        ("Was it in March or on Monday that I paid Anna?", [("Anna",)]),
        ("Who is the aunt of John A. Woodville, Earl of Kent?", [("John", "Woodville"), ("Earl",), ("Kent",)]),
        (
            "Where did Anna Sackville-West and Henry St. John meet?",
            [
                ("Anna", "Sackville", "West"),
                ("Henry", "St", "John"),
            ],
        ),
        ("does Anna Lee know Lee Anna or Anna Lee", [("Anna", "Lee"), ("Lee", "Anna")]),
        ("when did maria meet tom", []),
        ("WHO MET MARIA", []),
        ("Who Met Maria", []),
        ("plan B for The Hague", [("Hague",)]),
        ("¿Dónde vive la tía de Marta?", [("Marta",)]),
        ("Wo steht das Fahrrad von Jan?", []),
        ("Где живёт сестра Марии?", []),
        ("", []),
    ],
)
def test_names(text: str, expected: list[tuple[str, ...]]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("wanted", "texts", "share"),
    [
        (["Maria", "Tom"], ["tom's boat"], 0.5),
        (["Maria", "Tom"], ["Maria and Tom"], 0.0),
        (["Maria", "Tom"], ["Maria", "a boat", "Tom"], 0.0),
        (["Jose"], ["José"], 0.0),
        (["José"], ["Jose"], 0.0),
        (["Rex"], ["a dog"], 1.0),
        (["Rex"], [], 1.0),
        ([], ["a dog"], 0.0),
        # Two who share a part of the name each are two others.
        (["John Woodville"], ["John Ioannou", "Anthony Woodville"], 0.5),
        (["John Woodville"], ["Anthony Woodville", "Woodville, John"], 0.0),
        (["John Woodville", "Rex"], ["John Ioannou", "Rex barks"], 1 / 3),
    ],
)
def test_the_share_of_names_that_texts_do_not_hold(wanted: list[str], texts: list[str], share: float) -> None:
    assert unknown_share([name.split() for name in wanted], [stems(text) for text in texts]) == share


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("What are Maria's plans?", {"maria"}, "What are plans?"),
        ("What did maria, and Tom, plan?", {"maria", "tom"}, "What did and plan?"),
        ("Does Nora Smith ski?", {"nora smith"}, "Does ski?"),
        ("Who is Maria?", {"maria"}, "Who is Maria?"),
        ("What are Maria's plans?", set(), "What are Maria's plans?"),
    ],
)
def test_names_are_taken_out_where_something_is_left(text: str, names: set[str], expected: str) -> None:
    assert without_names(text, names) == expected


def test_coverage_is_a_share() -> None:
    assert coverage(["hiking", "maria", "boots"], stems("Maria hikes a lot")) == pytest.approx(2 / 3)
    assert coverage(["hiking"], stems("nothing of it")) == 0.0
    assert coverage([], stems("anything")) == 0.0


#: A question, a text with other forms of its words, and one with others.
FORMS = {
    "de": ("Wo liegen die Schlüssel?", "Den Schlüsselbund hat Jan gelegt", "Die Katze schläft"),
    "es": ("¿Quién cocinaba lentejas?", "Ayer cocinamos una lenteja", "El gato duerme"),
    "fr": ("Qui chantait des chansons ?", "Nous chantons la chanson", "Le chat dort"),
    "it": ("Chi cucinava le lenticchie?", "Cuciniamo una lenticchia", "Il gatto dorme"),
    "pl": ("Gdzie kupiłem książki?", "Kupimy książkę", "Kot śpi"),
    "ru": ("Кто готовил пельмени?", "Мы готовим пельменей на всех", "Кошка спит"),
    "el": ("Ποιος μαγείρευε φακές;", "Μαγειρέψαμε φακή και μαγειρεύουμε", "Η γάτα κοιμάται"),
    "tr": ("Kitapları nerede okudun?", "Kitabı değil, kitapları okuduk", "Kedi uyuyor"),
    "ar": ("أين مفتاح السيارة؟", "وضعت المفتاح بالسيارة", "القط نائم"),
    "hi": ("मेरी चाबियाँ कहाँ हैं?", "चाबियों का डिब्बा", "बिल्ली सो रही है"),
}


@pytest.mark.parametrize("language", FORMS)
def test_other_forms_of_a_word_count(language: str) -> None:
    question, related, other = FORMS[language]
    terms = query_terms(question)
    assert coverage(terms, stems(other)) == 0.0 < coverage(terms, stems(related))
    texts = [candidate("related", excerpt=related), candidate("other", excerpt=other)]
    asked = wording(terms, TextMatches(texts, [1] * len(terms), 9), [], RANKING)
    counts = term_counts(query_stems(terms), texts)
    assert list(text_scores(texts, counts, asked, (), RANKING)) == ["related"]
    assert telling_share(asked, stems(other)) == 0.0 < telling_share(asked, stems(related))


def test_a_word_and_its_forms_count_as_one() -> None:
    terms = query_terms("Wo wohnt die Tochter?")
    assert coverage(terms, stems("Meine Töchter schlafen hier")) == 0.5
    assert coverage(terms, stems("Die Tochter wohnte hier")) == 1.0


def test_the_very_word_counts_more_than_another_form() -> None:
    terms = ["tochter", "tocht-"]
    texts = [candidate("same", excerpt="Die Tochter"), candidate("form", excerpt="Die Tochtergesellschaft")]
    asked = wording(terms, TextMatches(texts, [1, 2], 9), [], RANKING)
    scores = text_scores(texts, term_counts(query_stems(terms), texts), asked, (), RANKING)
    assert scores["same"] > scores["form"] > 0.0
    alone = wording(terms, TextMatches(texts, [1, 2], 9), [], replace(RANKING, exact_share=0.0))
    assert alone.idf[0] == 0.0 < asked.idf[0]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("我在哪里买的茶壶？", "这个茶壶是在成都买的"),
        ("急須はどこで買った？", "京都で急須を買いました"),
        ("찻주전자는 어디서 샀지?", "찻주전자를 전주에서 샀다"),
        ("ซื้อกาน้ำชาที่ไหน", "กาน้ำชาใบนี้ซื้อที่เชียงใหม่"),
    ],
)
def test_words_that_nothing_parts_are_found(question: str, text: str) -> None:
    assert set(query_terms(question)) & set(held_words(text))
    assert coverage(query_terms(question), stems(text)) > 0.1
