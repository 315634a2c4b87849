"""Reads the ``conversations.json`` of ChatGPT's data export.

The file is one list of conversations, or several such files (``conversations-000.json`` and on) for a large account::

    {"conversation_id": "…" (older: "id"), "title": "…", "create_time": 1699564800.0, "current_node": "n7",
     "mapping": {"n7": {"id": "n7", "parent": "n6", "children": [], "message": {
         "id": "n7", "author": {"role": "assistant"}, "create_time": 1699564820.5 or null, "recipient": "all",
         "content": {"content_type": "text", "parts": ["…"]}, "metadata": {…}}}, …}}

The mapping is a tree: an edited question or a repeated answer is a second child of its parent, and what was shown
last is the way from ``current_node`` over ``parent`` to the root. The root and some nodes after it have no message,
or one that was never shown.

Taken are messages of the roles ``user`` and ``assistant`` on that way. Left out are the roles ``system`` and
``tool``, what is marked ``is_visually_hidden_from_conversation``, what an assistant says to a tool (a ``recipient``
other than ``all``), its thoughts, its programs and what came of them, and what it was told of the user. Of all other
content, of whatever type, those ``parts`` are taken that are strings or have a ``text`` (``audio_transcription``), or
its own ``text``; pictures and recordings are only pointers to other files of the export.
"""

from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.chats import (
    HIDDEN,
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

#: Content that nobody saw, or that was made by a program; content of any other type is taken for what was said.
_UNSAID = frozenset(
    {
        *("thoughts", "reasoning_recap", "user_editable_context", "model_editable_context", "code"),
        *("execution_output", "computer_output", "citable_code_output", "system_error", "app_pairing_content"),
        *("tether_browsing_code", "tether_browsing_display", "tether_quote", "sonic_webpage", "super_widget"),
    }
)


def is_chatgpt(conversation: dict[str, Any]) -> bool:
    """Whether an item of a list is a conversation of ChatGPT."""
    return isinstance(conversation.get("mapping"), dict)


def read_chatgpt(conversation: dict[str, Any]) -> Chat:
    """One conversation, along its current branch.

    Raises:
        ValidationError: It is not one.
    """
    chat_id = conversation.get("conversation_id") or conversation.get("id")
    if not is_chatgpt(conversation) or not isinstance(chat_id, str):
        raise ValidationError("has no mapping and id.", remedy="Use conversations.json of ChatGPT's data export.")
    messages = {key: _message(node) for key, node in conversation["mapping"].items()}
    parents = {key: node.get("parent") for key, node in conversation["mapping"].items() if isinstance(node, dict)}
    times = {key: _time(message) for key, message in messages.items() if message is not None}
    branch = branch_of(parents, times, conversation.get("current_node"))
    turns: list[Turn | Unread] = []
    for key in branch.keys:
        if (message := messages[key]) is not None:
            turns.append(_turn(key, message, times[key]))
    left = sum(message is not None for message in messages.values()) - len(turns)
    turns += [Unread(LEFT_BRANCH)] * left
    turns += [Unread("no message of ChatGPT")] * (len(messages) - len(parents))
    notes = tuple(
        f"the message before {key} is missing; what was said until then is taken by its time." for key in branch.broken
    )
    return Chat(chat_id, str(conversation.get("title") or ""), turns, _time(conversation), notes)


def _message(node: object) -> dict[str, Any] | None:
    message = node.get("message") if isinstance(node, dict) else None
    return message if isinstance(message, dict) else None


def _turn(key: str, message: dict[str, Any], at: float | None) -> Turn | Unread:
    """What was shown of a message, or why nothing is taken of it."""
    author, content, metadata = (message.get(key) or {} for key in ("author", "content", "metadata"))
    if not all(isinstance(part, dict) for part in (author, content, metadata)):
        return Unread("no message of ChatGPT")
    speaker = speaker_of_role(author.get("role"))
    if speaker is None or message.get("recipient", "all") not in ("all", None):
        return Unread(PROGRAM)
    if metadata.get("is_visually_hidden_from_conversation") or str(content.get("content_type")) in _UNSAID:
        return Unread(HIDDEN)
    parts = content.get("parts")
    text = join_texts(map(_part_text, parts if isinstance(parts, list) else [content]))
    return Turn(str(message.get("id") or key), speaker, text, at) if text else Unread(NO_WORDS)


def _part_text(part: object) -> str:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    return part if isinstance(part, str) else ""


def _time(item: dict[str, Any]) -> float | None:
    """When a conversation or a message was made."""
    return read_time(item.get("create_time"), str | int | float, "create_time", "ChatGPT")
