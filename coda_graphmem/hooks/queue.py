"""What is to be kept, noted as files until it is: a process that ends, or a machine, loses nothing of it."""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from coda_graphmem.hooks.state import write


@dataclass(frozen=True, slots=True)
class Note:
    """A conversation of which something is to be kept."""

    namespace: str
    session_id: str
    transcript: str
    """The file that holds it."""
    is_shortened: bool = False
    """Whether the assistant is about to forget what was said in it so far."""
    noted_at: float = 0.0
    """When (seconds, UTC)."""


def add_note(folder: Path, note: Note) -> None:
    """Note something.

    Raises:
        OSError: It cannot be written.
    """
    write(folder / f"{time.time_ns():020}-{os.getpid()}.json", json.dumps(asdict(note)).encode())


def read_notes(folder: Path) -> list[tuple[Path, Note | None]]:
    """What is noted, the oldest first, with its file; None for what nobody can read.

    Raises:
        OSError: The folder cannot be read.
    """
    found: list[tuple[Path, Note | None]] = []
    for path in sorted(folder.glob("[0-9]*.json")):
        try:
            found.append((path, Note(**json.loads(path.read_bytes()))))
        except (ValueError, TypeError):
            found.append((path, None))
    return found
