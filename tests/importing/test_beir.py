"""The corpus of a BEIR folder becomes memories, one namespace a group."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.importing import Record, read_beir


def write(folder: Path, *documents: dict[str, Any]) -> Path:
    text = "".join(json.dumps(document) + "\n" for document in documents)
    (folder / "corpus.jsonl").write_text(text, encoding="utf-8")
    return folder


def read(folder: Path, *documents: dict[str, Any]) -> list[Record]:
    return list(read_beir(write(folder, *documents)))


def test_turns_of_a_dialogue(tmp_path: Path) -> None:
    place = {"group": "g1", "session": 3, "position": 7, "speaker": "Ann", "timestamp": 1000.0}
    [record] = read(tmp_path, {"_id": "g1/7", "title": "", "text": "Ann: Hello.", "metadata": place})
    assert record.namespace == "g1"
    assert record.memory == {
        "memory_id": "g1/7",
        "content": "Ann: Hello.",
        "metadata": {"position": 7, "speaker": "Ann"},
        "timestamp": 1000.0,
        "conversation_id": "session-3",
    }


def test_documents_with_titles(tmp_path: Path) -> None:
    [record] = read(tmp_path, {"_id": "p0", "title": "Port Blair", "text": "A town.", "metadata": {}})
    assert record.namespace is None
    assert record.memory == {"memory_id": "p0", "content": "A town.", "metadata": {"title": "Port Blair"}}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"text": "x"}, "needs _id and text"),
        ({"_id": "a"}, "needs _id and text"),
        ({"_id": "a", "text": ""}, "content is empty"),
        ({"_id": "a", "text": "x", "metadata": "group"}, "metadata must be an object"),
        ({"_id": "a", "text": "x", "metadata": {"timestamp": "noon"}}, "'noon' is not a time"),
    ],
)
def test_a_document_that_cannot_be_used_is_named(tmp_path: Path, document: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=r"corpus\.jsonl, line 1") as caught:
        read(tmp_path, document)
    assert message in str(caught.value)


def test_a_folder_without_a_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"holds no corpus\.jsonl"):
        list(read_beir(tmp_path))
