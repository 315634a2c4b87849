"""spaCy's model: which files it has to be, what it is loaded with, and what is mended in its parse."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.errors import ExtractionError
from coda_graphmem.language import files
from coda_graphmem.language.pipeline import Pipeline, parsing_pipeline, tagging_pipeline


def test_changed_model_files_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(files.model_folder(), copy)
    assert files.digest(copy) == files.DIGEST
    (copy / "tagger" / "cfg").write_text("{}")
    changed = files.digest(copy)
    assert changed != files.DIGEST
    monkeypatch.setattr(files, "DIGEST", changed)
    with pytest.raises(ExtractionError, match="differ") as caught:
        tagging_pipeline().load()
    assert files.PACKAGE in str(caught.value.remedy)


def test_a_missing_model_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    with pytest.raises(ExtractionError, match="not installed") as caught:
        tagging_pipeline().map(str, ["text"])
    assert "pip install" in str(caught.value.remedy)


def test_tags_come_without_a_parse() -> None:
    [(tag, governed)] = tagging_pipeline().map(lambda doc: (doc[1].tag_, doc.has_annotation("DEP")), ["She sings."])
    assert tag.startswith("VB")
    assert not governed
    assert parsing_pipeline().map(lambda doc: doc.has_annotation("DEP"), ["Dogs bark."]) == [True]


def test_the_model_with_the_parse_is_loaded_once() -> None:
    assert parsing_pipeline() is parsing_pipeline()


def test_verbs_the_model_takes_for_others_are_mended() -> None:
    [lemmas] = parsing_pipeline().map(lambda doc: [t.lemma_ for t in doc], ["She was hoping that he hates it."])
    assert {"hope", "hate"} <= set(lemmas)


_TEXTS = [
    "Anna Berg moved from Oslo to New York in March 2021, and her sister Clara works at Siemens.",
    "",
    "Yes.",
    "I told Ben that the new bridge over the Elbe, which they had planned for years, will open on Monday at 9 am.",
    "   ",
]


@pytest.mark.parametrize("make", [tagging_pipeline, parsing_pipeline])
def test_texts_are_read_as_spacys_own_loop_reads_them(make: Callable[[], Pipeline]) -> None:
    pipeline = make()

    def read(doc: Any) -> list[tuple[Any, ...]]:
        return [(t.text, t.tag_, t.dep_, t.head.i, t.ent_type_, t.ent_iob_, t.is_sent_start) for t in doc]

    found = pipeline.map(read, _TEXTS)
    assert found == [read(doc) for doc in pipeline._nlp.pipe(_TEXTS)]
    assert {"PERSON", "GPE"} <= {token[4] for token in found[0]}
    assert pipeline.map(read, []) == []
