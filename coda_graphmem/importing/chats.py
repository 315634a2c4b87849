"""What the exports of chat programs have in common: conversations of turns, said by the user or by the assistant."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Literal

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.record import Record, RecordMaker, digest
from coda_graphmem.validation import MAX_CONTENT_LENGTH, parse_time

Role = Literal["user", "assistant"]

#: Who speaks in an export, which knows no names.
USER, ASSISTANT = "User", "Assistant"

#: What no memory may hold: NUL, and halves of characters that lost the other half.
_UNACCEPTABLE = re.compile("[\x00\ud800-\udfff]")

#: Marks of citations, which programs replace by links: private characters around a reference.
_CITATION = re.compile("\ue200[^\ue200\ue201]*\ue201")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message that was shown."""

    message_id: str
    role: Role
    text: str
    at: float | None
    """Seconds since the Unix epoch, UTC; None where the export does not say."""


@dataclass(frozen=True, slots=True)
class Chat:
    """One conversation, as it was shown last."""

    chat_id: str
    title: str
    turns: list[Turn] = field(default_factory=list)
    started: float | None = None
    """When it began; turns before the first that says its own time take this one."""


def records_of(chat: Chat, place: str, maker: RecordMaker, me: str) -> Iterator[Record]:
    """The memories of one conversation, in its order.

    Each message becomes an episodic memory. Its id follows from the ids of conversation and message alone, so that
    a later export, in which the conversation has grown or has another title, adds only what is new. The title is
    kept as ``metadata["conversation_title"]``, not as ``title``, which would make it an entity of every turn.
    A turn without a time takes that of the turn before it, the first that of the conversation. Messages over the limit
    are kept in parts.

    Args:
        chat: The conversation.
        place: Where it stands in the file, for messages.
        maker: Of that file.
        me: Name of the one who talked with the assistant.

    Raises:
        ValidationError: A message is not acceptable; the field names file and conversation.
    """
    at = chat.started
    title = _acceptable(chat.title)
    for turn in chat.turns:
        at = at if turn.at is None else turn.at
        text = _acceptable(_CITATION.sub("", turn.text)).strip()
        for part, start in enumerate(range(0, len(text), MAX_CONTENT_LENGTH)):
            metadata = {"speaker": me if turn.role == "user" else ASSISTANT}
            metadata |= {"conversation_title": title} if title else {}
            memory = {
                "memory_id": digest(chat.chat_id, turn.message_id, *([part] if part else [])),
                "content": text[start : start + MAX_CONTENT_LENGTH],
                "metadata": metadata,
                "conversation_id": chat.chat_id,
                "timestamp": at,
            }
            yield maker.make(place, memory, once=True)


def read_time(value: object, accepted: type | UnionType, key: str, program: str) -> float | None:
    """A time as an export writes it; None where it writes none.

    Args:
        value: What stands in the file.
        accepted: The types in which this program writes times.
        key: Where it stands, for the message.
        program: Whose export it is, for the message.

    Raises:
        ValidationError: It is no time.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, accepted) or not isinstance(value, str | int | float):
        raise ValidationError(f"{key} is not a time.", remedy=f"Use the file as {program} exported it.")
    return parse_time(value)


def path_from_root(leaf: object, parents: Mapping[str, object]) -> list[str]:
    """The way through a tree of messages from the first to a given one.

    Args:
        leaf: Where the way ends; nothing is found where it is no key of the tree.
        parents: The parent of each message; that of the first is no key.
    """
    way: dict[str, None] = {}
    while isinstance(leaf, str) and leaf in parents and leaf not in way:
        way[leaf] = None
        leaf = parents[leaf]
    return list(reversed(way))


def join_texts(texts: Iterable[str]) -> str:
    """The parts of a message that say something, one below the other."""
    return "\n".join(text for text in texts if text.strip())


def _acceptable(text: str) -> str:
    return _UNACCEPTABLE.sub("\ufffd", text)
