"""Which language a text is in, and what the forms of its words begin with."""

# ruff: noqa: RUF001
from __future__ import annotations

import pytest

from coda_graphmem.language.languages import function_words, language_of, word_beginning
from coda_graphmem.language.normal_form import folded
from coda_graphmem.language.tables import table

TEXTS = {
    "en": "Where did I leave the keys of the cabin?",
    "de": "Wo habe ich die Schlüssel der Hütte gelassen?",
    "fr": "Où ai-je laissé les clés du chalet ?",
    "es": "¿Dónde dejé las llaves de la cabaña?",
    "it": "Dove ho lasciato le chiavi della baita?",
    "pt": "Onde é que eu deixei as chaves da cabana?",
    "nl": "Waar heb ik de sleutels van het huisje gelaten?",
    "sv": "Var har jag lämnat nycklarna till stugan?",
    "da": "Hvornår har jeg fået nøglerne af dig?",
    "pl": "Gdzie zostawiłem klucze do domku?",
    "cs": "Kde jsem nechal klíče od chaty?",
    "tr": "Kulübenin anahtarlarını nereye bıraktım, hangi odaya?",
    "vi": "Tôi đã để chìa khóa của căn nhà ở đâu?",
    "id": "Di mana saya menyimpan kunci rumah itu?",
    "ru": "Где я оставил ключи от дачи?",
    "uk": "Де я залишив ключі від дачі, що біля річки?",
    "el": "Πού άφησα τα κλειδιά του σπιτιού;",
    "ar": "أين وضعت مفاتيح البيت؟",
    "fa": "کلید خانه را کجا گذاشتم؟",
    "he": "איפה השארתי את המפתחות?",
    "hi": "मैंने घर की चाबी कहाँ रखी?",
    "ko": "열쇠를 어디에 두었지?",
    "ja": "鍵はどこに置きましたか？",
    "zh": "我把钥匙放在哪里了？",
    "th": "ฉันวางกุญแจไว้ที่ไหน",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_question_tells_its_language(language: str) -> None:
    assert language_of(TEXTS[language]) == language


@pytest.mark.parametrize("text", ["", "?!", "12 345", "Oslo", "Hochzeit", "Caroline adoption agencies"])
def test_what_tells_nothing_is_of_no_language(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Los Muchachos de Oro was shown in a cinema", "en"),
        ("Did Søren Kierkegaard write in Danish?", "en"),
        ("She moved to 北京 in the spring", "en"),
        ("Internet2 คืออะไร", "th"),
        ("Wer spielt bei The Police?", "de"),
        ("我用Python写程序", "zh"),
        ("東京のタワー", "ja"),
    ],
)
def test_names_of_another_language_decide_nothing(text: str, language: str) -> None:
    assert language_of(text) == language


def test_of_a_long_text_the_beginning_decides() -> None:
    assert language_of("Где я оставил ключи от дачи? " * 100 + "where is the key " * 1_000) == "ru"


def test_function_words_are_kept_as_words_are_searched() -> None:
    assert {"fur", "uber"} <= function_words("de")
    assert "the" in function_words("en")
    assert function_words("zz") == frozenset()
    assert all(word == folded(word) for language in table("function_words") for word in function_words(language))


@pytest.mark.parametrize(
    ("word", "beginning"),
    [
        ("перехватил", "перехв"),
        ("перехватам", "перехв"),
        ("punkte", "punk"),
        ("haus", "haus"),
        ("evlerimizden", "evleri"),
        ("uhr", None),
        ("1998", None),
        ("拦截次数", None),
        ("한국어를", None),
    ],
)
def test_forms_of_a_word_begin_alike(word: str, beginning: str | None) -> None:
    assert word_beginning(word) == beginning
