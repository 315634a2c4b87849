"""Reads the ``conversations.json`` of Claude's data export.

The file is one list of conversations::

    {"uuid": "…", "name": "…", "created_at": "2026-03-02T19:12:00.123456Z", "chat_messages": [
        {"uuid": "…", "sender": "human" or "assistant", "created_at": "…", "text": "…",
         "content": [{"type": "text", "text": "…"}, {"type": "thinking", …}, {"type": "tool_use", …}, …],
         "attachments": [{"file_name": "…", "extracted_content": "…"}], "files": […], "parent_message_uuid": "…"}]}

What was shown of a message are its blocks that have a ``text``, of type ``text`` or ``voice_note`` for example. The
``text`` beside them is the older form, and holds placeholders for the other blocks; it is taken where the blocks say
nothing and one is of a type that is not known. Where messages name their parents, what counts is the way from
``current_leaf_message_uuid``, or from the message that was said last, back to the first: questions that were edited and
answers that were repeated have several children.

Left out are blocks of thinking, of tools and their results, and the contents of attached files.
"""

import re
from collections.abc import Iterator
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.chats import (
    LEFT_BRANCH,
    NO_WORDS,
    PROGRAM,
    Chat,
    Turn,
    Unread,
    join_texts,
    read_time,
    speaker_of_role,
)
from coda_graphmem.importing.message_tree import branch_of

#: Types of blocks that say nothing to the reader.
_UNSAID = frozenset(
    {"thinking", "redacted_thinking", "tool_use", "tool_result", "server_tool_use", "token_budget", "flag"}
)
#: Blocks within blocks that are looked into.
_DEEPEST = 5

#: What stands in ``text`` for a block that the exporting program does not know.
_PLACEHOLDER = re.compile(r"(?:```\s{0,3})?This block is not supported on your current device yet\.?(?:\s{0,3}```)?")


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
    by_key: dict[str, dict[str, Any]] = {}
    for number, message in enumerate(messages):
        key = str(message.get("uuid") or number)
        by_key[f"{key} {number}" if key in by_key else key] = message
    times = {key: _time(message) for key, message in by_key.items()}
    parents = {key: message.get("parent_message_uuid") for key, message in by_key.items()}
    leaf = conversation.get("current_leaf_message_uuid")
    shown, notes = list(by_key), tuple[str, ...]()
    if any(parent is not None for parent in parents.values()):
        # Where the export says which branch was shown, that one alone counts.
        branch = branch_of(parents, times, leaf, joined=leaf not in by_key)
        shown = branch.keys
        notes = tuple(f"the message before {key} is missing." for key in branch.broken)
    turns = [_turn(key, by_key[key], times[key]) for key in shown]
    turns += [Unread(LEFT_BRANCH)] * (len(by_key) - len(shown))
    unread = len(conversation["chat_messages"]) - len(by_key)
    turns += [Unread("no message of Claude")] * unread
    return Chat(chat_id, str(conversation.get("name") or ""), turns, _time(conversation), notes)


def _turn(key: str, message: dict[str, Any], at: float | None) -> Turn | Unread:
    """What was shown of a message, or why nothing is taken of it."""
    speaker = speaker_of_role(message.get("sender"))
    if speaker is None:
        return Unread(PROGRAM)
    text = _shown_text(message)
    return Turn(key, speaker, text, at) if text else Unread(NO_WORDS)


def _shown_text(message: dict[str, Any]) -> str:
    """What was shown of a message; empty where it holds no words."""
    content = message.get("content")
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    said = [block for block in blocks if str(block.get("type")) not in _UNSAID]
    shown = join_texts(text for block in said for text in _block_texts(block))
    if isinstance(content, str) and not shown:
        shown = content
    plain = message.get("text")
    if not shown and isinstance(plain, str) and (said or not blocks):
        shown = _PLACEHOLDER.sub("", plain)
    return shown.strip()


def _block_texts(block: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """The words of a block and, where it has none itself, of the blocks in it."""
    texts = [text for name in ("text", "transcript", "content") if isinstance(text := block.get(name), str)]
    yield from texts
    inner = block.get("content")
    if not texts and isinstance(inner, list) and depth < _DEEPEST:
        for item in inner:
            if isinstance(item, dict) and str(item.get("type")) not in _UNSAID:
                yield from _block_texts(item, depth + 1)


def _time(item: dict[str, Any]) -> float | None:
    """When a conversation or a message was made."""
    return read_time(item.get("created_at"), str, "created_at", "Claude")
