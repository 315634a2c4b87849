"""Reads the corpus of a BEIR folder: documents, or the turns of dialogues."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.account import Account
from coda_graphmem.importing.record import Record, RecordMaker, read_lines

CORPUS = "corpus.jsonl"


def read_beir(folder: Path, account: Account | None = None) -> Iterator[Record]:
    """Memories of a BEIR folder, in the order of its ``corpus.jsonl``.

    Of a document ``_id`` becomes the id, ``text`` the content and ``title`` an entity. Of its
    ``metadata``, ``group`` becomes the namespace, ``session`` a conversation of its own,
    ``timestamp`` (seconds or ISO 8601) the time; ``speaker`` and all else stay metadata.

    Args:
        folder: The folder; ``queries.jsonl`` and ``qrels.tsv`` are not read.
        account: Where lines are counted.

    Raises:
        ValidationError: There is no corpus, or a line of it is not acceptable.
    """
    path = folder / CORPUS
    if not path.is_file():
        raise ValidationError(
            f"{folder} holds no {CORPUS}.", field="path", remedy="Name a BEIR folder or a JSONL file."
        )
    with path.open(encoding="utf-8") as lines:
        yield from read_lines(lines, CORPUS, _convert, account)


def _convert(maker: RecordMaker, line: int, values: dict[str, Any]) -> Record:
    if not isinstance(values.get("_id"), str) or "text" not in values:
        raise maker.fault(line, "needs _id and text.", 'Write {"_id": "d1", "title": "", "text": "…", "metadata": {}}.')
    metadata = values.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise maker.fault(line, "metadata must be an object.", 'Write {"metadata": {"group": "…"}}.')
    kept = {key: value for key, value in metadata.items() if key not in {"group", "session", "timestamp"}}
    if values.get("title"):
        kept["title"] = values["title"]
    group, session, timestamp = (metadata.get(key) for key in ("group", "session", "timestamp"))
    memory = {
        "memory_id": values["_id"],
        "content": values["text"],
        "metadata": kept,
        "timestamp": maker.time(line, timestamp),
        "conversation_id": None if session is None else f"session-{session}",
    }
    return maker.make(line, memory, None if group is None else str(group))
