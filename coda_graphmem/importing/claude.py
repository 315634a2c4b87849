"""Reads the ``conversations.json`` of Claude's data export.

The file is one list of conversations::

    {"uuid": "…", "name": "…", "created_at": "2026-03-02T19:12:00.123456Z", "chat_messages": [
        {"uuid": "…", "sender": "human" or "assistant", "created_at": "…", "text": "…",
         "content": [{"type": "text", "text": "…"}, {"type": "thinking", …}, {"type": "tool_use", …}, …],
         "attachments": [{"file_name": "…", "extracted_content": "…"}], "files": […], "parent_message_uuid": "…"}]}

``text`` is the older form of a message; where ``content`` has blocks of type ``text`` these are what was shown, while
``text`` may hold placeholders for the others. Where messages name their parents and one of them has several children
(an edited question, a repeated answer), what counts is the way from ``current_leaf_message_uuid``, or from the
message that was said last, back to the first.

Left out are blocks of other types (thinking, tools and their results) and the contents of attached files.
"""

from __future__ import annotations

from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.chats import Chat, Turn
from coda_graphmem.validation import parse_time


def is_claude(conversation: dict[str, Any]) -> bool:
    """Whether an item of a list is a conversation of Claude."""
    return isinstance(conversation.get("chat_messages"), list)


def read_claude(conversation: dict[str, Any]) -> Chat:
    """One conversation, along its current branch.

    Raises:
        ValidationError: It is not one.
    """
    chat_id = conversation.get("uuid")
    if not is_claude(conversation) or not isinstance(chat_id, str):
        raise ValidationError(
            "has no chat_messages and uuid.", remedy="Use conversations.json of Claude's data export."
        )
    messages = [message for message in conversation["chat_messages"] if isinstance(message, dict)]
    started = _time(conversation.get("created_at"))
    turns: list[Turn] = []
    for number, message in enumerate(_branch(messages, conversation.get("current_leaf_message_uuid"))):
        text = _shown_text(message)
        if not text or message.get("sender") not in ("human", "assistant"):
            continue
        at = _time(message.get("created_at"))
        turns.append(
            Turn(
                message_id=str(message.get("uuid") or number),
                role="user" if message["sender"] == "human" else "assistant",
                text=text,
                at=started if at is None and not turns else at,
            )
        )
    return Chat(chat_id, str(conversation.get("name") or ""), turns)


def _branch(messages: list[dict[str, Any]], current: object) -> list[dict[str, Any]]:
    """The messages that were shown last, in order; all of them where they do not branch."""
    parents = [message.get("parent_message_uuid") for message in messages]
    if any(parent is None for parent in parents) or len(set(parents)) == len(parents):
        return messages
    by_id = {str(message.get("uuid")): message for message in messages}
    last = max(enumerate(messages), key=lambda pair: (_time(pair[1].get("created_at")) or 0.0, pair[0]))[1]
    key: object = current if current in by_id else last.get("uuid")
    way: dict[str, dict[str, Any]] = {}
    while isinstance(key, str) and key in by_id and key not in way:
        way[key] = by_id[key]
        key = by_id[key].get("parent_message_uuid")
    return list(reversed(way.values()))


def _shown_text(message: dict[str, Any]) -> str:
    blocks = message.get("content")
    texts = [
        block["text"]
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)
    ]
    shown = "\n".join(text for text in texts if text.strip())
    plain = message.get("text")
    return shown or (plain.strip() if isinstance(plain, str) and not blocks else "")


def _time(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValidationError("created_at is not a time.", remedy="Use the file as Claude exported it.")
    return parse_time(value)
