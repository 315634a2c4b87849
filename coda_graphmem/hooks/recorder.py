"""Keeps what was said in a conversation, each turn once, and learns from what the user said."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.hooks.state import write
from coda_graphmem.hooks.transcript import Turn, read_turns
from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH

if TYPE_CHECKING:
    from coda_graphmem.hooks.queue import Note
    from coda_graphmem.manager import MemoryManager

logger = logging.getLogger(__name__)

#: Turns that are kept at a time: each time it is written down how far reading has come.
_AT_A_TIME = 50
SOURCE = "claude-code"
"""What turns have as ``source`` in their metadata."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a conversation has been read."""

    offset: int = 0
    """In bytes of its file."""
    shortened_at: float | None = None
    """When the assistant forgot last what had been said in it (seconds, UTC)."""


class Recorder:
    """Keeps conversations.

    Args:
        folder: Where it is written down how far each has been read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def record(self, memory: MemoryManager, note: Note) -> int:
        """Keep what was said since it was read last.

        A turn has the id of its line, so that it is kept once even where it stands in several files, as it does when a
        session goes on in a new one, or where this ended half way.

        Args:
            memory: Where, in its namespace.
            note: Which conversation.

        Returns:
            How many turns were read.

        Raises:
            GraphMemoryError: They could not be kept; what was kept before is written down.
            OSError: The file cannot be read, or progress not be written.
        """
        place = self._place(memory.namespace, note.session_id)
        progress = self.progress(memory.namespace, note.session_id)
        count = 0
        with closing(read_turns(Path(note.transcript), progress.offset)) as turns:
            while chunk := await asyncio.to_thread(lambda: list(islice(turns, _AT_A_TIME))):
                await _keep(memory, note.session_id, chunk)
                progress = replace(progress, offset=chunk[-1].end)
                await asyncio.to_thread(write, place, _written(progress))
                count += len(chunk)
        if note.is_shortened:
            await asyncio.to_thread(write, place, _written(replace(progress, shortened_at=note.noted_at)))
        return count

    def progress(self, namespace: str, session_id: str) -> Progress:
        """How far a conversation has been read; the beginning where nobody knows."""
        try:
            return Progress(**json.loads(self._place(namespace, session_id).read_bytes()))
        except (OSError, ValueError, TypeError):
            return Progress()

    def _place(self, namespace: str, session_id: str) -> Path:
        key = hashlib.sha256(json.dumps([namespace, session_id]).encode()).hexdigest()[:32]
        return self._folder / f"{key}.json"


async def _keep(memory: MemoryManager, session_id: str, turns: Sequence[Turn]) -> None:
    """Keep some turns, and learn from those of the user."""
    known = {one.memory_id: one for one in await memory.get_memories([_id(turn) for turn in turns])}
    # Of an earlier session, which this one goes on from: it was learned from then.
    earlier = {key for key, one in known.items() if one.conversation_id != session_id}
    own = [turn for turn in turns if _id(turn) not in earlier]
    entries = [_entry(turn, session_id) for turn in own]
    try:
        if entries:
            await memory.store_memories_batch(entries, on_conflict="keep")
    except ValidationError:
        # One that cannot be kept must not keep the others out.
        for entry in entries:
            try:
                await memory.store_memories_batch([entry], on_conflict="keep")
            except ValidationError as error:
                logger.warning("A turn of the conversation cannot be kept: %s", error.field)
    for turn in own:
        if turn.speaker == "user":
            await memory.learn_from_interaction(
                turn.text[:MAX_CONTENT_LENGTH], None, None, session_id, timestamp=turn.said_at
            )


def _id(turn: Turn) -> str:
    return f"{SOURCE}-{turn.turn_id}"


def _entry(turn: Turn, session_id: str) -> dict[str, Any]:
    return {
        "content": turn.text[:MAX_CONTENT_LENGTH],
        "memory_id": _id(turn),
        "conversation_id": session_id,
        "timestamp": turn.said_at,
        "metadata": {"speaker": turn.speaker, "source": SOURCE},
    }


def _written(progress: Progress) -> bytes:
    return json.dumps(asdict(progress)).encode()
