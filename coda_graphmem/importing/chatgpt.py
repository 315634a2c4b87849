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
other than ``all``), its thoughts, and all content but ``text`` and ``multimodal_text``. Of the latter's parts
strings and transcribed speech (``audio_transcription``, in ``text``) are taken; pictures and recordings are only
pointers to other files of the export.
"""

from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.chats import Chat, Turn, join_texts, path_from_root, read_time

_SHOWN = frozenset({"text", "multimodal_text"})


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
    mapping: dict[str, Any] = conversation["mapping"]
    nodes = {key: node for key, node in mapping.items() if isinstance(node, dict)}
    started = _time(conversation)
    turns: list[Turn] = []
    for key in _branch(nodes, conversation.get("current_node")):
        message = nodes[key].get("message")
        if isinstance(message, dict) and (text := _shown_text(message)):
            turns.append(Turn(str(message.get("id") or key), message["author"]["role"], text, _time(message)))
    return Chat(chat_id, str(conversation.get("title") or ""), turns, started)


def _branch(nodes: dict[str, Any], current: object) -> list[str]:
    """Keys from the root to the current node; where that is unknown, to the leaf that was said last."""
    parents = {key: node.get("parent") for key, node in nodes.items()}

    def said(key: str) -> float:
        message = nodes[key].get("message")
        return (_time(message) or 0.0) if isinstance(message, dict) else 0.0

    leaves = parents.keys() - parents.values()
    known = isinstance(current, str) and current in nodes
    return path_from_root(
        current if known else max(filter(leaves.__contains__, nodes), key=said, default=None), parents
    )


def _shown_text(message: dict[str, Any]) -> str:
    """What was shown of a message; empty where it was not shown or holds no words."""
    author, content, metadata = (message.get(key) or {} for key in ("author", "content", "metadata"))
    if not all(isinstance(part, dict) for part in (author, content, metadata)):
        return ""
    if author.get("role") not in ("user", "assistant") or message.get("recipient", "all") not in ("all", None):
        return ""
    if metadata.get("is_visually_hidden_from_conversation") or content.get("content_type") not in _SHOWN:
        return ""
    parts = content.get("parts")
    return join_texts(map(_part_text, parts)) if isinstance(parts, list) else ""


def _part_text(part: object) -> str:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    return part if isinstance(part, str) else ""


def _time(item: dict[str, Any]) -> float | None:
    """When a conversation or a message was made."""
    return read_time(item.get("create_time"), str | int | float, "create_time", "ChatGPT")
