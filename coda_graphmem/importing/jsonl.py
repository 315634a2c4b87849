"""Reads conversations and other memories from JSON lines."""

from collections.abc import Iterable, Iterator
from typing import Any

from coda_graphmem.importing.account import Account
from coda_graphmem.importing.record import Record, RecordMaker, read_lines

_TAKEN_AS_THEY_ARE = ("memory_type", "type", "importance_score", "conversation_id", "memory_id")
_KNOWN = ("text", "content", "timestamp", "speaker", "title", "metadata", *_TAKEN_AS_THEY_ARE)


def read_jsonl(lines: Iterable[str], source: str, account: Account | None = None) -> Iterator[Record]:
    """Memories of a JSONL file, an object a line.

    ``text`` or ``content`` is needed. ``conversation_id``, ``speaker``, ``timestamp`` (seconds, or
    ISO 8601; UTC where no zone is given), ``title``, ``metadata``, ``type`` or ``memory_type``,
    ``importance_score`` and ``memory_id`` may be there; any other key is an error.

    Args:
        lines: The file.
        source: Its name, for messages.
        account: Where lines are counted.

    Raises:
        ValidationError: A line is not acceptable; the field names file and line.
    """
    return read_lines(lines, source, _convert, account)


def _convert(maker: RecordMaker, line: int, values: dict[str, Any]) -> Record:
    unknown = ", ".join(sorted(set(values) - set(_KNOWN)))
    if unknown:
        raise maker.fault(line, f"has keys nobody reads: {unknown}.", f"Known keys: {', '.join(sorted(_KNOWN))}.")
    if ("text" in values) == ("content" in values):
        raise maker.fault(line, "needs either text or content.", 'Write {"text": "what was said"}.')
    memory: dict[str, Any] = {key: values[key] for key in _TAKEN_AS_THEY_ARE if key in values}
    memory["content"] = values.get("text", values.get("content"))
    metadata = values.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise maker.fault(line, "metadata must be an object.", 'Write {"metadata": {"key": "value"}}.')
    memory["metadata"] = metadata | {key: values[key] for key in ("speaker", "title") if values.get(key)}
    memory["timestamp"] = maker.time(line, values.get("timestamp"))
    return maker.make(line, memory)
