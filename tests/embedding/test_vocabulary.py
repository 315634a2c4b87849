"""How far a model knows the language of a text."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from coda_graphmem.embedding.files import TOKENIZER
from coda_graphmem.embedding.onnx import OnnxMiniLM
from coda_graphmem.embedding.vocabulary import Vocabulary
from tests.language.test_languages import TEXTS


@pytest.fixture(scope="module")
def english() -> Vocabulary:
    return Vocabulary(Tokenizer.from_str(TOKENIZER.read().decode()))


@pytest.mark.parametrize(
    "text",
    [
        TEXTS["en"],
        "What did Szymborska's translator Barańczak tell Kwakwaka'wakw chiefs in Przemyśl?",
        "Oslo",
        "GmbH Nürnberg Straßenbahn",
        "",
        "12 + 3",
    ],
)
def test_english_is_known_whoever_it_names(english: Vocabulary, text: str) -> None:
    assert english.known_share(text) == 1.0


@pytest.mark.parametrize("language", ["ru", "uk", "el", "ar", "fa", "he", "hi", "ko", "ja", "zh", "th"])
def test_of_other_scripts_nothing_is_known(english: Vocabulary, language: str) -> None:
    assert english.known_share(TEXTS[language]) == 0.0


@pytest.mark.parametrize("language", ["fr", "it", "nl", "pl", "tr", "vi", "cs"])
def test_of_other_languages_in_latin_letters_a_part_is_known(english: Vocabulary, language: str) -> None:
    assert 0.0 <= english.known_share(TEXTS[language]) < 1.0


def test_a_mixed_text_is_known_in_part(english: Vocabulary) -> None:
    assert 0.3 < english.known_share("the keys are here ключи от нашей дачи") < 0.7


def made(entries: list[str]) -> Vocabulary:
    tokenizer = Tokenizer(
        models.WordLevel({entry: i for i, entry in enumerate(["[UNK]", *entries])}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return Vocabulary(tokenizer)


def letters(first: int, count: int, length: int) -> list[str]:
    return [chr(first + i % 20) * length + chr(first + i // 20) for i in range(count)]


def test_a_vocabulary_with_words_of_a_script_knows_it() -> None:
    assert made(letters(0x430, 400, 1)).known_share(TEXTS["ru"]) == 1.0
    assert made(letters(0x430, 50, 1)).known_share(TEXTS["ru"]) == 0.0
    assert made([chr(0x4E00 + i) for i in range(2_100)]).known_share(TEXTS["zh"]) == 1.0
    assert made([chr(0x4E00 + i) for i in range(400)]).known_share(TEXTS["zh"]) == 0.0


def test_one_of_many_scripts_is_trusted_with_words_in_parts() -> None:
    many = [entry for first in (0x3B1, 0x430, 0x5D0, 0x628) for entry in letters(first, 400, 1)]
    assert made(many).known_share(TEXTS["de"]) == 1.0
    assert made(letters(0x430, 400, 1)).known_share(TEXTS["de"]) == 0.0


def test_a_vocabulary_of_bytes_tells_nothing() -> None:
    assert made(["\u0120the"]).known_share(TEXTS["ru"]) == 1.0


def test_the_default_model_says_what_it_knows() -> None:
    embedder = OnnxMiniLM()
    assert (embedder.known_share(TEXTS["en"]), embedder.known_share(TEXTS["th"])) == (1.0, 0.0)
