from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

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
