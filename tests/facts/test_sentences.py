"""Facts are found in sentences of all sorts, and traps are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from benchmarks.extraction import Sentence, is_same, read_sentences, score, total
from coda_graphmem.facts.reader import FactReader
from coda_graphmem.models import InformationType

SENTENCES = read_sentences(Path(__file__).parent / "sentences.jsonl")


@pytest.mark.parametrize("half", ["first", "second"])
def test_precision_and_recall(reader: FactReader, half: str) -> None:
    found = total(score([s for s in SENTENCES if s.half == half], reader))
    assert found.precision >= 0.90, found.wrong
    assert found.recall >= 0.70, found.missed


def test_traps_alone(reader: FactReader) -> None:
    """Nearly nothing is found in what is no statement of the user about themselves."""
    traps = [s for s in SENTENCES if s.trap]
    assert len(total(score(traps, reader)).wrong) <= 0.02 * len(traps)


def test_the_sentences_cover_what_they_shall() -> None:
    for half in ("first", "second"):
        chosen = [s for s in SENTENCES if s.half == half]
        assert len(chosen) >= 150
        assert sum(s.trap for s in chosen) >= len(chosen) / 2
        assert {kind for s in chosen for kind, _ in s.expected} == set(get_args(InformationType))
    texts = [s.text for s in SENTENCES]
    assert len(set(texts)) == len(texts)


def test_what_counts_as_found() -> None:
    assert is_same(("job", "nurse"), ("job", "head nurse"))
    assert not is_same(("job", "nurse"), ("company", "nurse"))
    assert not is_same(("job", "head nurse"), ("job", "nurse"))
    assert not is_same(("job", "nurse"), ("job", "nurse at the hospital in the north of Leeds"))


def test_scores_count_what_is_wrong_and_missed(reader: FactReader) -> None:
    wrong = [Sentence("I live in Oslo", [("home", "Rome")], False, "first")]
    found = total(score(wrong, reader))
    assert (found.right, found.precision, found.recall) == (0, 0.0, 0.0)
