"""What makes a memory itself: its id, and the key that equal memories share."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid

from coda_graphmem.models import MemoryType


def dedup_key(content: str, memory_type: MemoryType, speaker: str | None) -> str | None:
    """What two long-term memories share that are one and the same; None where repeats are separate.

    The same words (letter case, white space and Unicode form aside) of the same type, said by the
    same person, are one memory. Episodic memories are events and have no key.

    Args:
        content: What the memory says.
        memory_type: Its type.
        speaker: Who said it, without white space around the name; None where nobody is named.
    """
    if memory_type is MemoryType.EPISODIC:
        return None
    text = " ".join(unicodedata.normalize("NFC", content).casefold().split())
    identity = "\n".join((memory_type.value, speaker or "", text))
    return hashlib.sha256(identity.encode()).hexdigest()


def new_id() -> str:
    """A fresh id."""
    return uuid.uuid4().hex
