"""Reads what Zep keeps of people: sessions (or threads) with their messages and facts.

A file is an object of lists, one session, or a list of either::

    {"sessions": [{"session_id": "…", "user_id": "…", "created_at": "…", "metadata": {…},
                   "messages": [{"uuid": "…", "role": "Nora", "role_type": "user", "content": "…", "created_at": "…"}],
                   "facts": [{"uuid": "…", "fact": "…", "rating": 0.8, "created_at": "…"}]}],
     "facts": […]}

Newer ones say ``threads``, ``thread_id`` and ``name`` in place of ``sessions``, ``session_id`` and ``role``. Messages
become the memories of a conversation, as those of chats do; facts become semantic memories. Graphs with nodes and edges
are read by `coda_graphmem.importing.graphiti`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TextIO

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.belongings import belongings
from coda_graphmem.importing.chats import (
    NO_WORDS,
    PROGRAM,
    USER,
    Chat,
    Turn,
    Unread,
    join_texts,
    name_of,
    read_time,
    records_of,
    speaker_of_role,
)
from coda_graphmem.importing.foreign import Foreign, key_of, records_of_foreign, time_of, unit_of
from coda_graphmem.importing.json_items import read_listed
from coda_graphmem.importing.record import Record, RecordMaker, digest

_SESSIONS, _FACTS = frozenset({"sessions", "threads"}), frozenset({"facts"})
#: Keys under which a session has its id.
SESSION = frozenset({"session_id", "thread_id", "sessionId", "threadId"})


def is_zep(item: dict[str, Any]) -> bool:
    """Whether an item of a list is a session with its messages or facts, or a fact."""
    if any(isinstance(item.get(name), list) for name in ("messages", "facts")):
        return any(name in item for name in SESSION)
    return isinstance(item.get("fact"), str) and "source_node_uuid" not in item


def read_zep(opened: Callable[[], TextIO], maker: RecordMaker, stem: str, me: str) -> Iterator[Record]:
    """The sessions of a file as conversations, and its facts as memories.

    Args:
        opened: Opens the file, which is read twice where facts stand beside sessions.
        maker: Of that file.
        stem: What becomes the conversation's id where a session has none.
        me: Name of whoever is called ``User`` in the file.

    Raises:
        ValidationError: It is damaged, or a message or fact is not acceptable; the field names it.
    """
    several = False
    with opened() as file:
        for number, (listed, item) in enumerate(read_listed(file, maker.source, "session", _SESSIONS), start=1):
            several = several or bool(listed)
            if isinstance(item.get("fact"), str):
                yield from _fact(item, f"fact {number}", maker, {})
            else:
                yield from _session(item, f"session {number}", maker, stem, me)
    if not several:
        return
    with opened() as file:
        facts = (item for key, item in read_listed(file, maker.source, "fact", _FACTS) if key)
        for number, item in enumerate(facts, start=1):
            yield from _fact(item, f"fact {number}", maker, {})


def _session(item: dict[str, Any], place: str, maker: RecordMaker, stem: str, me: str) -> Iterator[Record]:
    messages, facts = item.get("messages") or [], item.get("facts") or []
    if not isinstance(messages, list) or not isinstance(facts, list) or not (messages or facts or _id(item)):
        raise maker.fault(place, "has neither messages nor facts.", "Write the sessions as Zep gives them.")
    session_id = name_of(_id(item) or stem)
    title = item.get("name") or item.get("title")
    chat = Chat(
        digest("zep", session_id),
        title if isinstance(title, str) else "",
        (_turn(message, index, item) for index, message in enumerate(messages, start=1)),
        time_of(item, place, maker),
    )
    if messages:
        for record in records_of(chat, place, maker, me):
            # The conversation is called as its session is; the ids of its messages stay Zep's own.
            yield replace(record, memory=record.memory | {"conversation_id": session_id})
    for index, fact in enumerate(facts, start=1):
        yield from _fact(fact, f"{place}, fact {index}", maker, item)


def _id(item: dict[str, Any]) -> str:
    return next((key for name in sorted(SESSION) if (key := key_of(item.get(name)))), "")


def _turn(message: object, number: int, session: dict[str, Any]) -> Turn | Unread:
    if not isinstance(message, dict):
        raise ValidationError("is no object.", remedy="Write the messages as Zep gives them.")
    role = message.get("role_type") or message.get("role")
    name = message.get("name") or message.get("role")
    speaker = speaker_of_role(role)
    if speaker is None and message.get("role_type") is not None:
        return Unread(PROGRAM)
    if isinstance(name, str) and name_of(name) and speaker_of_role(name) is None:
        speaker = name_of(name)
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    text = join_texts(
        part for part in (one.get("text") if isinstance(one, dict) else one for one in parts) if isinstance(part, str)
    )
    if not text:
        return Unread(NO_WORDS)
    owned = belongings({"user_id": session.get("user_id")} | message)
    key = key_of(message.get("uuid")) or key_of(message.get("id")) or f"number {number}"
    at = read_time(message.get("created_at") or None, str | int | float, "created_at", "Zep")
    return Turn(key, speaker or USER, text, at, owned=owned)


def _fact(fact: object, place: str, maker: RecordMaker, session: dict[str, Any]) -> Iterator[Record]:
    if isinstance(fact, str):
        fact = {"fact": fact}
    if not isinstance(fact, dict):
        raise maker.fault(place, "is no object.", "Write the facts as Zep gives them.")
    foreign = Foreign(
        program="zep",
        key=key_of(fact.get("uuid")),
        content=fact.get("fact"),
        at=time_of(fact, place, maker, "valid_at", "created_at"),
        importance=unit_of(fact.get("rating")),
        metadata={
            "source_id": fact.get("uuid"),
            "session_id": _id(session),
            "valid_at": fact.get("valid_at"),
            "invalid_at": fact.get("invalid_at"),
        },
        said={"user_id": session.get("user_id")} | fact,
    )
    yield from records_of_foreign(foreign, place, maker)
