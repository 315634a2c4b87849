"""Reads what was said in a conversation of Claude Code, from where it was read last; pure but for the file.

The file holds a JSON object a line, and grows. Users and the assistant say something in it, and much else stands there
that nobody said: calls of tools and their results, thoughts, notes of the program, summaries that stand for what was
said before, and what subagents talk about with the assistant.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from coda_graphmem.private_files import kind_of

#: Bytes of a line at most that is read; longer ones hold files and pictures.
LONGEST_LINE = 8 * 1024 * 1024
#: What the program puts beside the words of users, or in their place.
_BESIDE = re.compile(
    r"<(system-reminder|ide_[a-z_]+|command-[a-z]+|local-command-[a-z]+|bash-[a-z]+|task-notification|user-memory-input)>"
    r".*?</\1>",
    re.DOTALL,
)
_INTERRUPTED = re.compile(r"\[Request interrupted by user[^\]]*\]")
#: Marks of lines that nobody said.
_UNSAID = ("isMeta", "isSidechain", "isCompactSummary", "isVisibleInTranscriptOnly", "isApiErrorMessage")
_ROLES = {"user": "user", "assistant": "assistant"}


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that was said."""

    turn_id: str
    """The same whenever it is read, in whatever file."""
    speaker: str
    """``user`` or ``assistant``."""
    text: str
    said_at: float | None
    """Seconds, UTC; None where nobody knows."""
    end: int
    """Where the next line begins, in bytes."""


def read_turns(path: Path, start: int) -> Generator[Turn, None, None]:
    """What was said since.

    Args:
        path: The file.
        start: Where reading ended last, in bytes; a file that is shorter is read from its beginning.

    Raises:
        FileNotFoundError: There is none, or it is no file.
        OSError: It cannot be read.
    """
    kind = kind_of(path)
    if kind is not None:
        raise FileNotFoundError(f"{path} is {kind}.")
    with path.open("rb") as file:
        file.seek(start if start <= os.fstat(file.fileno()).st_size else 0)
        for line, end in _lines(file):
            turn = _turn(line, end)
            if turn is not None:
                yield turn


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Whole lines and where they end; the last is left alone while it is being written."""
    while line := file.readline(LONGEST_LINE):
        while not line.endswith(b"\n"):
            # Of one that is too long nothing is kept.
            line = file.readline(LONGEST_LINE)
            if not line:
                return
            if line.endswith(b"\n"):
                line = b"\n"
        yield line, file.tell()


def _turn(line: bytes, end: int) -> Turn | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("type") not in _ROLES or any(said.get(mark) for mark in _UNSAID):
        return None
    turn_id, message = said.get("uuid"), said.get("message")
    if not isinstance(turn_id, str) or not turn_id.isprintable() or not 0 < len(turn_id) <= 200:
        return None
    text = _said(message.get("content") if isinstance(message, dict) else None)
    return Turn(turn_id, _ROLES[said["type"]], text, _time(said.get("timestamp")), end) if text else None


def _said(content: Any) -> str:
    """The words of a message; empty where there are none."""
    if isinstance(content, str):
        parts = [content]
    elif isinstance(content, list):
        parts = [part["text"] for part in content if _is_text(part)]
    else:
        return ""
    text = "\n".join(_INTERRUPTED.sub("", _BESIDE.sub("", part)) for part in parts)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip()


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)


def _time(value: Any) -> float | None:
    try:
        said_at = datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return said_at if said_at is not None and said_at >= 0 else None
