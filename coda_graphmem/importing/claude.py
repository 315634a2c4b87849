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

from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.chats import Chat, Role, Turn, join_texts, path_from_root, read_time


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
    started = _time(conversation)
    turns: list[Turn] = []
    for number, message in enumerate(_branch(messages, conversation.get("current_leaf_message_uuid"))):
        text = _shown_text(message)
        if text and message.get("sender") in ("human", "assistant"):
            role: Role = "user" if message["sender"] == "human" else "assistant"
            turns.append(Turn(str(message.get("uuid") or number), role, text, _time(message)))
    return Chat(chat_id, str(conversation.get("name") or ""), turns, started)


def _branch(messages: list[dict[str, Any]], current: object) -> list[dict[str, Any]]:
    """The messages that were shown last, in order; all of them where they do not branch."""
    parents = [message.get("parent_message_uuid") for message in messages]
    if any(parent is None for parent in parents) or len(set(parents)) == len(parents):
        return messages
    by_id = {str(message.get("uuid")): message for message in messages}
    last = max(enumerate(messages), key=lambda pair: (_time(pair[1]) or 0.0, pair[0]))[1]
    leaf = current if current in by_id else last.get("uuid")
    way = path_from_root(leaf, {name: message.get("parent_message_uuid") for name, message in by_id.items()})
    return [by_id[name] for name in way]


def _shown_text(message: dict[str, Any]) -> str:
    """What was shown of a message; empty where it holds no words."""
    blocks = message.get("content")
    shown = join_texts(
        block["text"]
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)
    )
    plain = message.get("text")
    return shown or (plain.strip() if isinstance(plain, str) and not blocks else "")


def _time(item: dict[str, Any]) -> float | None:
    """When a conversation or a message was made."""
    return read_time(item.get("created_at"), str, "created_at", "Claude")
