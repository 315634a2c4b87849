from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import ExtractionError, ValidationError
from coda_graphmem.extraction import SpacyExtractor
from coda_graphmem.models import EntityMention

extractor = SpacyExtractor()


def found(text: str) -> dict[str, str]:
    [mentions] = extractor.extract([text])
    return {mention.key: mention.label for mention in mentions}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Barack Obama was born in Honolulu.", {"barack obama": "PERSON", "honolulu": "GPE"}),
        ("I work for Microsoft in Seattle.", {"microsoft": "ORG", "seattle": "GPE"}),
        ("We visited the Eiffel Tower in Paris.", {"paris": "GPE"}),
        ("She read Pride and Prejudice by Jane Austen.", {"jane austen": "PERSON"}),
        ("My sister Anna’s new necklace is gold.", {"anna": "PERSON", "new necklace": "CONCEPT"}),
        ("Maria's dog loves the beach.", {"maria": "PERSON", "dog": "CONCEPT", "beach": "CONCEPT"}),
        ("I met Jürgen Müller in Köln.", {"jurgen muller": "PERSON"}),
        ("He adopted two dogs.", {"dog": "CONCEPT"}),
        ("I keep the red necklaces in a small box.", {"red necklace": "CONCEPT", "small box": "CONCEPT"}),
        ("I value self-care.", {"self care": "CONCEPT"}),
        ("We joined an LGBTQ support group yesterday.", {"group": "CONCEPT"}),
    ],
)
def test_entities_of_sentences(text: str, expected: dict[str, str]) -> None:
    assert expected.items() <= found(text).items()


def test_a_very_long_text_is_read_at_its_beginning() -> None:
    text = "Barack Obama was born in Honolulu. " + "!" * 20_000 + " We met Jane Austen in Seattle. " * 30_000
    started = time.process_time()
    mentions = found(text[:1_000_000])
    assert {"barack obama", "honolulu", "seattle"} <= mentions.keys()
    assert time.process_time() - started < 20.0


@pytest.mark.parametrize("text", ["", " ", "\n", "I did it.", "So do they!", "?", "😀", "Two and two is four."])
def test_nothing_to_find(text: str) -> None:
    assert found(text) == {}


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("He paid $500 for 20 percent of it in 1999.", {"500", "1999", "20 percent"}),
        ("They meet next Tuesday at 5 pm.", {"tuesday", "next tuesday", "pm", "5 pm"}),
        ("The doctor saw him yesterday.", {"yesterday", "doctor yesterday"}),
    ],
)
def test_values_are_no_entities(text: str, absent: set[str]) -> None:
    assert not absent & found(text).keys()


def test_the_last_noun_of_a_chunk_is_a_concept_too() -> None:
    assert found("The old wooden bridge collapsed.") == {"old wooden bridge": "CONCEPT", "bridge": "CONCEPT"}


def test_an_entity_that_is_a_chunk_as_well_keeps_its_label() -> None:
    assert found("I live in Berlin.") == {"berlin": "GPE"}


def test_names_keep_their_s_and_plurals_do_not() -> None:
    keys = found("James bought apples.").keys()
    assert "james" in keys
    assert "apple" in keys


def test_mentions_are_in_order_once_a_text_and_as_written() -> None:
    [mentions] = extractor.extract(["Anna likes Berlin. The cat likes Anna and BERLIN's cats."])
    assert [mention.key for mention in mentions] == ["anna", "berlin", "cat"]
    assert mentions[1] == EntityMention(key="berlin", name="Berlin", label="GPE")
    assert extractor.extract(["x"] * 0) == []


def test_the_result_does_not_depend_on_the_batch() -> None:
    texts = ["Anna lives in Berlin.", "", "Tom plays chess with Rosa in Madrid.", "nothing"] * 40
    assert extractor.extract(texts) == [extractor.extract([text])[0] for text in texts[:4]] * 40


def test_many_threads_at_once() -> None:
    expected = extractor.extract(["Anna lives in Berlin."])
    results: list[list[list[EntityMention]]] = []
    threads = [
        threading.Thread(target=lambda: results.append(extractor.extract(["Anna lives in Berlin."]))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 6


def test_loading_needs_no_torch_and_hides_it_from_nobody_afterwards() -> None:
    code = (
        "import sys\n"
        "from coda_graphmem.extraction import SpacyExtractor\n"
        "SpacyExtractor().extract(['Anna lives in Berlin.'])\n"
        "assert 'spacy' in sys.modules and 'torch' not in sys.modules\n"
        "import importlib.util\n"
        "assert importlib.util.find_spec('torch') is not None\n"
        "print('done')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "done"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna aus München kocht gern.", {"anna": "CONCEPT", "munchen": "CONCEPT"}),
        ("Marta vive en Sevilla con Luis Ortega.", {"sevilla": "MISC", "luis ortega": "MISC"}),
        ("Вчера мы были в Казани.", {"казани": "MISC"}),
        ("私は「坊っちゃん」を読んだ。", {"坊っちゃん": "MISC"}),
        ("我昨天读了《红楼梦》。", {"红楼梦": "MISC"}),
        ("제 여동생은 서울에 삽니다", {}),
        ("سارة تعيش في القاهرة", {}),
    ],
)
def test_other_languages_have_names_and_no_sentences(text: str, expected: dict[str, str]) -> None:
    assert found(text) == expected


def test_languages_may_be_mixed() -> None:
    texts = ["We visited Paris.", "Wir waren gestern in Graz.", "I met Jane Austen.", "我读了《红楼梦》。"]
    keys = [{mention.key for mention in mentions} for mentions in extractor.extract(texts)]
    assert "paris" in keys[0]
    assert keys[1] == {"graz"}
    assert "jane austen" in keys[2]
    assert keys[3] == {"红楼梦"}


def test_a_model_of_another_language_reads_all_texts(tmp_path: Path) -> None:
    import spacy

    model = spacy.blank("de")
    ruler = model.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "LOC", "pattern": "graz"}, {"label": "DATE", "pattern": "gestern"}])
    tags = model.add_pipe("attribute_ruler")
    for word, tag in {"alte": "ADJ", "brücke": "NOUN"}.items():
        tags.add([[{"LOWER": word}]], {"POS": tag})
    model.to_disk(tmp_path / "model")
    mentions = SpacyExtractor(str(tmp_path / "model")).extract(["gestern in graz die alte brücke", "the old bridge"])
    assert [[(one.key, one.label) for one in some] for some in mentions] == [
        [("graz", "LOC"), ("alte brucke", "CONCEPT")], []
    ]  # fmt: skip


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="no_such_model") as caught:
        SpacyExtractor("no_such_model").load()
    assert caught.value.field == "spacy_model"
    assert "spacy download" in str(caught.value.remedy)
    assert MemoryConfig(spacy_model="de_core_news_sm").spacy_model == "de_core_news_sm"
    with pytest.raises(ValidationError, match="spacy_model"):
        MemoryConfig(spacy_model="")
