"""Reads Letta's agent files (``.af``): blocks of core memory, messages, and archival passages.

A file is one object, of the present form or of the one before::

    {"agents": [{"id": "agent-0", "name": "…", "block_ids": ["block-0"], "messages": [
         {"id": "message-0", "role": "user", "content": [{"type": "text", "text": "…"}], "created_at": "…",
          "tool_calls": [{"function": {"name": "send_message", "arguments": "…"}}]}]}],
     "blocks": [{"id": "block-0", "label": "human", "value": "…", "description": "…"}],
     "passages": [{"id": "…", "text": "…", "tags": ["…"], "created_at": "…"}]}
    {"agent_type": "…", "name": "…", "core_memory": [{"label": "human", "value": "…"}], "messages": […]}

A block becomes a semantic memory, the messages of an agent a conversation, as those of chats do, and a passage a
semantic memory. What an assistant says to the user by ``send_message`` are its words; what programs tell the agent, its
thoughts and its other calls are passed over. Some programs write all of it as one string, which is read as well.
"""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TextIO

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.chats import (
    ASSISTANT,
    HIDDEN,
    NO_WORDS,
    PROGRAM,
    Chat,
    Turn,
    Unread,
    join_texts,
    name_of,
    read_time,
    records_of,
    speaker_of_role,
)
from coda_graphmem.importing.foreign import Foreign, key_of, records_of_foreign, time_of
from coda_graphmem.importing.json_items import LONGEST, read_items
from coda_graphmem.importing.record import Record, RecordMaker, digest

_WRAPPED = re.compile(r'"(?:\s|\\n)*\{(?:\s|\\n)*\\"(?:agents|agent_type|core_memory)\\"')

_PASSAGES = ("archival_memory", "archival_passages", "passages")
_BLOCKS = ("blocks", "core_memory", "memory_blocks")


def is_letta(item: dict[str, Any]) -> bool:
    """Whether an object is an agent file."""
    return any(isinstance(item.get(name), list) for name in ("agents", "core_memory")) or "agent_type" in item


def read_letta(opened: Callable[[], TextIO], maker: RecordMaker, stem: str, me: str) -> Iterator[Record]:
    """The memory and the conversation of each agent of a file.

    Args:
        opened: Opens the file.
        maker: Of that file.
        stem: What an agent is called that has no name.
        me: Name of whoever talked with the agent.

    Raises:
        ValidationError: It is damaged, or a block, message or passage is not acceptable; the field names it.
    """
    with _unwrapped(opened, maker) as file:
        for document in read_items(file, maker.source, "agent file"):
            yield from _document(document, maker, stem, me)


def _document(document: dict[str, Any], maker: RecordMaker, stem: str, me: str) -> Iterator[Record]:
    if not is_letta(document):
        raise maker.fault("agent file 1", "has no agents.", "Use the .af file that Letta exported.")
    agents = document.get("agents")
    listed = agents if isinstance(agents, list) else [document]
    whole = name_of(str(document.get("name") or "")) or stem
    if listed is agents:
        name = _name(listed[0], whole) if len(listed) == 1 else whole
        yield from _memory(document, "", maker, name, _owners(listed, whole))
    for number, agent in enumerate(listed, start=1):
        place = f"agent {number}"
        if not isinstance(agent, dict):
            raise maker.fault(place, "is no object.", "Use the .af file that Letta exported.")
        name = _name(agent, whole)
        yield from _memory(agent, f"{place}, ", maker, name, {})
        messages = agent.get("messages")
        if isinstance(messages, list) and messages:
            turns = (_turn(message, index) for index, message in enumerate(messages, start=1))
            chat = Chat(digest("letta", name), name, turns, time_of(agent, place, maker))
            for record in records_of(chat, place, maker, me):
                yield replace(record, memory=record.memory | {"conversation_id": name})


def is_wrapped(head: str) -> bool:
    """Whether a file begins with an agent file that is written as one string."""
    return _WRAPPED.match(head) is not None


def _unwrapped(opened: Callable[[], TextIO], maker: RecordMaker) -> TextIO:
    """The file, or what the one string in it says."""
    with opened() as file:
        try:
            text = file.read(1)
            if text != '"':
                return opened()
            text += file.read(LONGEST)
        except UnicodeDecodeError:
            raise ValidationError("is not UTF-8 text.", field=maker.source, remedy="Save it as UTF-8.") from None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, str):
        raise maker.fault("agent file 1", "is a string that is damaged or too long.", "Export it again.")
    return io.StringIO(value)


def _name(agent: object, otherwise: str) -> str:
    name = agent.get("name") if isinstance(agent, dict) else None
    return (name_of(name) if isinstance(name, str) else "") or otherwise


def _owners(agents: list[Any], otherwise: str) -> dict[str, str]:
    """The first agent that each block belongs to, by the block's id."""
    owners: dict[str, str] = {}
    for agent in agents:
        ids = agent.get("block_ids") if isinstance(agent, dict) else None
        for block_id in ids if isinstance(ids, list) else []:
            if isinstance(block_id, str):
                owners.setdefault(block_id, _name(agent, otherwise))
    return owners


def _memory(
    holder: dict[str, Any], inside: str, maker: RecordMaker, otherwise: str, owners: Mapping[str, str]
) -> Iterator[Record]:
    """Blocks and passages that an object holds; those that ``owners`` does not name are of ``otherwise``."""
    for key in (*_BLOCKS, *_PASSAGES):
        items = holder.get(key)
        if not isinstance(items, list):
            continue
        for number, item in enumerate(items, start=1):
            kind = "block" if key in _BLOCKS else "passage"
            place = f"{inside}{kind} {number}"
            if not isinstance(item, dict):
                raise maker.fault(place, "is no object.", "Use the .af file that Letta exported.")
            own = item.get("metadata") or item.get("metadata_")
            label = item.get("label")
            agent = owners.get(key_of(item.get("id")) or "", otherwise)
            foreign = Foreign(
                program="letta",
                # Ids are counted within a file (block-0), so that the agent has to be named beside them.
                key=f"{agent} {kind} {key_of(item.get('id')) or label or number}",
                content=item.get("value") if kind == "block" else item.get("text"),
                at=time_of(item, place, maker),
                metadata={
                    **(own if isinstance(own, dict) else {}),
                    "block": label,
                    "description": item.get("description"),
                    "source_id": item.get("id"),
                },
                said={"agent_id": agent},
                tags=item.get("tags"),
            )
            yield from records_of_foreign(foreign, place, maker)


def _turn(message: object, number: int) -> Turn | Unread:
    if not isinstance(message, dict):
        raise ValidationError("is no object.", remedy="Use the .af file that Letta exported.")
    speaker = speaker_of_role(message.get("role"))
    if speaker is None:
        return Unread(PROGRAM)
    text = _said(message)
    if speaker == ASSISTANT:
        # Where it talks by a call, what stands beside that are its thoughts.
        text = join_texts(_sent(message)) or text
    else:
        unpacked = _unpacked(text)
        if unpacked is None:
            return Unread(HIDDEN)
        text = unpacked
    if not text:
        return Unread(NO_WORDS)
    at = read_time(message.get("created_at") or None, str | int | float, "created_at", "Letta")
    # Ids are counted within a file, so that what is said has to be named beside them.
    return Turn(f"{key_of(message.get('id')) or number} {digest(text)}", speaker, text, at)


def _said(message: dict[str, Any]) -> str:
    content = message.get("content", message.get("text"))
    parts = content if isinstance(content, list) else [content]
    texts = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return join_texts(text for text in texts if isinstance(text, str))


def _sent(message: dict[str, Any]) -> Iterator[str]:
    """What an assistant says to the user by calls."""
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and function.get("name") == "send_message":
            arguments = _loaded(function.get("arguments"))
            if arguments is not None and isinstance(arguments.get("message"), str):
                yield arguments["message"]


def _unpacked(text: str) -> str | None:
    """What a user said, without the wrapping that older servers put around it; None where a program says it."""
    packed = _loaded(text)
    if packed is None or not isinstance(packed.get("type"), str):
        return text
    said = packed.get("message")
    return said if packed["type"] == "user_message" and isinstance(said, str) else None


def _loaded(text: object) -> dict[str, Any] | None:
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
