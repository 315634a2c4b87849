"""What the exports of chat programs have in common: conversations of messages, said by somebody at some time."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from types import UnionType
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.record import Record, RecordMaker, digest
from coda_graphmem.language.roles import is_assistant, is_user
from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH, MAX_ID_LENGTH
from coda_graphmem.validation.moments import parse_time

#: Who speaks in an export, which knows no names.
USER, ASSISTANT = "User", "Assistant"

#: Why a message is passed over.
NO_WORDS, LEFT_BRANCH, HIDDEN, PROGRAM = (
    "without words",
    "on a branch that was left",
    "hidden",
    "instructions and results of programs",
)

#: What no memory may hold: NUL, and halves of characters that lost the other half.
_UNACCEPTABLE = re.compile("[\x00\ud800-\udfff]")

#: What no name or id may hold.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")

#: Marks of citations, which programs replace by links: private characters around a reference.
_CITATION = re.compile("\ue200[^\ue200\ue201]*\ue201")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message that was shown."""

    message_id: str
    speaker: str | None
    """`USER` for whoever made the export, where it knows no names; None where it does not say."""
    text: str
    at: float | None
    """Seconds since the Unix epoch, UTC; None where the export does not say."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What else is kept of it."""
    owned: dict[str, Any] = field(default_factory=dict)
    """Whose it is, as `coda_graphmem.importing.belongings.belongings` gives it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """One message that is passed over."""

    reason: str


@dataclass(frozen=True, slots=True)
class Chat:
    """One conversation, as it was shown last."""

    chat_id: str
    title: str
    turns: Iterable[Turn | Unread] = ()
    """All its messages; gone through once."""
    started: float | None = None
    """When it began; turns before the first that says its own time take this one."""
    notes: tuple[str, ...] = ()
    """What a reader should know of it."""


def records_of(chat: Chat, place: str, maker: RecordMaker, me: str) -> Iterator[Record]:
    """The memories of one conversation, in its order; its messages are counted.

    Each message becomes an episodic memory. Its id follows from the ids of conversation and message alone, so that
    a later export, in which the conversation has grown or has another title, adds only what is new. The title is
    kept as ``metadata["conversation_title"]``, not as ``title``, which would make it an entity of every turn.
    A turn without a time takes that of the turn before it, the first that of the conversation. Messages over the limit
    are kept in parts.

    Args:
        chat: The conversation.
        place: Where it stands in the file, for messages; empty where it is all of the file.
        maker: Of that file.
        me: Name of the one who talked with the assistant.

    Raises:
        ValidationError: A message is not acceptable; the field names file and conversation, and the message where
            that is read only now.
    """
    at = chat.started
    title = acceptable(chat.title).strip()
    taken = False
    for note in chat.notes:
        maker.account.note(f"{maker.place(place)}: {note}" if place else f"{maker.source}: {note}")
    turns = iter(chat.turns)
    for number in count(1):
        where = f"{place}, message {number}" if place else f"message {number}"
        try:
            turn = next(turns, None)
        except ValidationError as error:
            raise error if error.field else maker.fault(where, error.message, error.remedy) from None
        if turn is None:
            break
        reason = turn.reason if isinstance(turn, Unread) else NO_WORDS
        text = "" if isinstance(turn, Unread) else acceptable(_CITATION.sub("", turn.text)).strip()
        if isinstance(turn, Unread) or not text:
            maker.account.pass_over("messages", reason, maker.place(where))
            continue
        at = at if turn.at is None else turn.at
        metadata = {"conversation_title": title} if title else {}
        if speaker := name_of(me if turn.speaker == USER else turn.speaker or ""):
            metadata = {"speaker": speaker} | metadata
        for part, start in enumerate(range(0, len(text), MAX_CONTENT_LENGTH)):
            if content := text[start : start + MAX_CONTENT_LENGTH].strip():
                memory = {
                    "memory_id": digest(chat.chat_id, turn.message_id, *([part] if part else [])),
                    "content": content,
                    "metadata": metadata | turn.metadata,
                    **turn.owned,
                    "conversation_id": chat.chat_id,
                    "timestamp": at,
                }
                yield maker.make(place or where, memory, once=True)
        maker.account.take("messages")
        taken = True
    if taken:
        maker.account.take("conversations")
    else:
        maker.account.pass_over("conversations", "without messages to remember", maker.place(place or "all of it"))


def speaker_of_role(role: object) -> str | None:
    """Whom a role of a chat with an assistant stands for: `USER` or `ASSISTANT`; None for programs and others."""
    if not isinstance(role, str):
        return None
    return USER if is_user(role) else ASSISTANT if is_assistant(role) else None


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
    try:
        return parse_time(value)
    except ValidationError as error:
        # Without a field, so that whoever knows the place in the file names it.
        raise ValidationError(f"{key}: {error.message}", remedy=error.remedy) from None


def join_texts(texts: Iterable[str]) -> str:
    """The parts of a message that say something, one below the other."""
    return "\n".join(text for text in texts if text.strip())


def acceptable(text: str) -> str:
    """A text with a sign of replacement for what no memory may hold."""
    return _UNACCEPTABLE.sub("\ufffd", text)


def name_of(text: str) -> str:
    """A text as a name or an id on one line; it may be empty."""
    return " ".join(acceptable(_CONTROL.sub(" ", text)).split())[:MAX_ID_LENGTH].strip()
