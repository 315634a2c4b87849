"""Reads the ``result.json`` of Telegram Desktop: the export of one chat, or of all of an account.

A chat is an object, alone in the file or in ``chats.list`` (and ``left_chats.list``) of a whole export::

    {"name": "Ida" or null, "type": "personal_chat", "id": 4711, "messages": [
        {"id": 1, "type": "message", "date": "2026-03-12T19:13:05", "date_unixtime": "1773342785",
         "from": "Ida", "from_id": "user1", "text": "…" or ["See ", {"type": "link", "text": "https://…"}, …],
         "forwarded_from": "Nora", "reply_to_message_id": 7, "photo": "photos/…", "poll": {"question": "…", …}},
        {"id": 2, "type": "service", "actor": "Ida", "action": "pin_message", …}]}

Each message becomes a memory of whoever sent it; whom it was forwarded from and what it answers are kept as
``metadata["forwarded_from"]`` and ``metadata["reply_to"]`` (an id of a memory). Of a poll the question and its answers
are taken. Passed over are service messages, and what holds no words.
"""

from collections.abc import Iterator
from typing import Any, TextIO

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.chats import NO_WORDS, Chat, Turn, Unread, acceptable, name_of, read_time, records_of
from coda_graphmem.importing.json_items import read_nested
from coda_graphmem.importing.record import Record, RecordMaker, digest

_INSIDE = frozenset({"chats", "left_chats", "list"})
_LISTS = frozenset({"messages"})
SERVICE = "service messages"


def is_telegram(keys: dict[str, str]) -> bool:
    """Whether an object is an export of Telegram.

    Args:
        keys: Its first keys, each with the character its value begins with.
    """
    if keys.get("chats") == "{" or keys.get("left_chats") == "{":
        return True
    return keys.get("messages") == "[" and "id" in keys and ("type" in keys or "name" in keys)


def read_telegram(file: TextIO, maker: RecordMaker, stem: str, me: str) -> Iterator[Record]:
    """The messages of all chats of a file, chat by chat.

    Args:
        file: Open for reading; one message of it is held at a time.
        maker: Of that file.
        stem: What becomes the conversation's id where a chat has none.
        me: Name of whoever is called ``User`` in the file.

    Raises:
        ValidationError: It is no such file, or a message is not acceptable; the field names it.
    """
    items = read_nested(file, maker.source, "message", _INSIDE, _LISTS)
    number = 0
    while (found := next(items, None)) is not None:
        number += 1
        said, first = found
        chat_id = name_of(f"telegram-{said['id']}" if isinstance(said.get("id"), str | int) else stem)
        name = said.get("name")
        title = name if isinstance(name, str) else str(said.get("type") or "").replace("_", " ")
        chat = Chat(chat_id, title, _turns(chat_id, first, items))
        yield from records_of(chat, f"chat {number}", maker, me)
    if not number:
        raise ValidationError(
            "holds no chat.",
            field=maker.source,
            remedy="Use result.json of Telegram Desktop's export (JSON, not HTML).",
        )


def _turns(
    chat_id: str, message: dict[str, Any] | None, items: Iterator[tuple[dict[str, Any], dict[str, Any] | None]]
) -> Iterator[Turn | Unread]:
    """The messages of one chat, of which the first has been read already."""
    number = 0
    while message is not None:
        number += 1
        yield _turn(chat_id, number, message)
        message = next(items, ({}, None))[1]


def _turn(chat_id: str, number: int, message: dict[str, Any]) -> Turn | Unread:
    if message.get("type", "message") != "message":
        return Unread(SERVICE)
    said = _text(message.get("text")) or _text(message.get("text_entities"))
    text = "\n".join(filter(str.strip, (said, _poll(message.get("poll")))))
    if not text.strip():
        return Unread(NO_WORDS)
    metadata: dict[str, Any] = {}
    if isinstance(forwarded := message.get("forwarded_from"), str) and name_of(forwarded):
        metadata["forwarded_from"] = name_of(forwarded)
    if isinstance(answered := message.get("reply_to_message_id"), int):
        metadata["reply_to"] = digest(chat_id, answered)
    speakers = (message.get(key) for key in ("from", "actor", "from_id"))
    speaker = next((name for name in speakers if isinstance(name, str) and name.strip()), None)
    return Turn(str(message.get("id", f"number {number}")), speaker, text, _time(message), metadata)


def _text(text: object) -> str:
    """A text, or the pieces of one: words, links, names, code."""
    pieces = text if isinstance(text, list) else [text]
    texts = (piece.get("text") if isinstance(piece, dict) else piece for piece in pieces)
    return acceptable("".join(piece for piece in texts if isinstance(piece, str)))


def _poll(poll: object) -> str:
    if not isinstance(poll, dict):
        return ""
    answers = poll.get("answers")
    lines = [_text(poll.get("question"))]
    lines += [f"- {said}" for said in map(_text, answers if isinstance(answers, list) else []) if said.strip()]
    return "\n".join(lines)


def _time(message: dict[str, Any]) -> float | None:
    """When a message was sent: seconds where the export has them, else the time of the machine that wrote it."""
    seconds = message.get("date_unixtime")
    if isinstance(seconds, str) and seconds.isdecimal() and len(seconds) < 16:
        return float(seconds)
    return read_time(message.get("date"), str, "date", "Telegram")
