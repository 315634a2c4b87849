"""Tools that write: ``memory_remember``, ``memory_update``, ``memory_supersede`` and ``memory_forget``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from coda_graphmem.context.quotation import NOTICE, named
from coda_graphmem.errors import MemoryStorageError, ValidationError
from coda_graphmem.mcp.archive import forget, take_back
from coda_graphmem.mcp.bounds import LONGEST, Allowance
from coda_graphmem.mcp.items import MemoryItem, fitting
from coda_graphmem.mcp.labels import listed
from coda_graphmem.mcp.recall import Kind
from coda_graphmem.mcp.tool import Answer, Arguments, Effect, Reply, Tool
from coda_graphmem.validation.limits import MAX_QUERY_LENGTH

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.models import Memory

#: Who does it, for the history of a memory.
ACTOR = "mcp"

#: Relevance from which a memory that is there is like a new one, and how many of them are told.
_ALIKE = 0.85
_ALIKE_LIMIT = 3


class RememberArguments(Arguments):
    """What ``memory_remember`` takes."""

    content: str = Field(
        description="One fact in a sentence that can be understood alone: who (The user, a name), what, when (a date)."
    )
    memory_type: Kind = Field(
        "semantic",
        description="semantic: facts. preference: likes and wishes. procedural: how something is done. episodic: what "
        "happened; repeats are kept apart. emotional: a feeling. contextual: a circumstance.",
    )
    importance: float | None = Field(None, ge=0, le=1, description="0 to 1; left out, it is judged by the content.")
    happened_at: str | None = Field(None, description="When it happened (ISO 8601, UTC), if not now.")
    conversation_id: str | None = Field(None, description="The conversation it comes from.")
    speaker: str | None = Field(None, description="Whose words they are, where not the user's.")
    source: str | None = Field(None, description="Where it comes from: a file, a page, a tool.")
    metadata: dict[str, Any] | None = Field(None, description="Anything else, as JSON.")


class RememberAnswer(Answer):
    """What ``memory_remember`` answers."""

    namespace: str
    memory_id: str
    version: int
    is_new: bool = Field(description="False where the same was known; it grew more important.")
    similar: list[MemoryItem] = Field(
        description="What was known that is alike; supersede what does not hold any more."
    )
    note: str


async def _remember(memory: MemoryManager, asked: RememberArguments) -> Reply:
    metadata = dict(asked.metadata or {})
    for name in ("speaker", "source"):
        value = getattr(asked, name)
        if value is not None and metadata.setdefault(name, value) != value:
            raise ValidationError("is also in metadata, as something else.", field=name, remedy="Give it once.")
    memory_id = await memory.store_memory(
        asked.content,
        asked.memory_type,  # type: ignore[arg-type] # the name of a type will do
        metadata,
        asked.importance,
        conversation_id=asked.conversation_id,
        timestamp=asked.happened_at,
    )
    [kept] = await memory.get_memories([memory_id])
    is_new = not kept.reinforcement_count
    alike = await _alike(memory, kept) if is_new else []
    items, texts, _ = fitting(alike, "concise", Allowance(LONGEST["concise"]))
    if not is_new:
        note = f"It was known already and was said {kept.reinforcement_count + 1} times now."
    elif items:
        note = (
            "If one of these does not hold any more, call memory_supersede with its id as old_id, this one as new_id."
        )
    else:
        note = "Nothing like it was known."
    head = f"Kept as {named(memory_id, 512)} in namespace {named(memory.namespace)}."
    text = "\n".join([head, *([f"Alike. {NOTICE}"] if items else []), *texts, note])
    answer = RememberAnswer(
        namespace=memory.namespace,
        memory_id=memory_id,
        version=kept.version,
        is_new=is_new,
        similar=items,
        note=note,
    )
    return Reply(text, answer)


async def _alike(memory: MemoryManager, kept: Memory) -> list[Memory]:
    found = await memory.retrieve_memories(
        kept.content[:MAX_QUERY_LENGTH], limit=_ALIKE_LIMIT + 1, min_relevance=_ALIKE, count_recall=False
    )
    return [one for one in found if one.memory_id != kept.memory_id][:_ALIKE_LIMIT]


REMEMBER = Tool(
    "memory_remember",
    "Remember",
    "Keep one fact for later conversations: about the user, a preference, a decision and its reason, a correction, how "
    "something is done, what a task came to. Call it as soon as you learn it. It is kept when the answer is there, "
    "which names memories that are alike.",
    RememberArguments,
    RememberAnswer,
    Effect(),
    _remember,
)


class UpdateArguments(Arguments):
    """What ``memory_update`` takes."""

    memory_id: str
    expected_version: int = Field(ge=1, description="The version you saw: a memory that changed since stays as it is.")
    content: str | None = Field(None, description="The whole new text.")
    memory_type: Kind | None = None
    importance: float | None = Field(None, ge=0, le=1)
    metadata: dict[str, Any] | None = Field(None, description="Replaces all metadata.")


class UpdateAnswer(Answer):
    """What ``memory_update`` answers."""

    namespace: str
    memory_id: str
    version: int


async def _update(memory: MemoryManager, asked: UpdateArguments) -> Reply:
    try:
        done = await memory.update_memory(
            asked.memory_id,
            asked.content,
            asked.metadata,
            asked.importance,
            memory_type=asked.memory_type,  # type: ignore[arg-type] # the name of a type will do
            expected_version=asked.expected_version,
            actor=ACTOR,
        )
    except MemoryStorageError as error:
        if error.field != "expected_version":
            raise
        present = await memory.get_memory(asked.memory_id)
        raise MemoryStorageError(
            f"the memory has version {present.version if present else 'no'} by now, not {asked.expected_version}; "
            "nothing was changed.",
            field="expected_version",
            remedy="Read it with memory_get, and change what it says now.",
        ) from error
    changed = await memory.get_memory(asked.memory_id) if done else None
    if changed is None:
        raise unknown(asked.memory_id, memory.namespace, "memory_id")
    text = (
        f"Changed {named(asked.memory_id, 512)} in namespace {named(memory.namespace)}; version {changed.version} now."
    )
    return Reply(text, UpdateAnswer(namespace=memory.namespace, memory_id=asked.memory_id, version=changed.version))


UPDATE = Tool(
    "memory_update",
    "Correct a memory",
    "Change a memory that was kept wrongly: a slip, a missing part, its type or importance. How it was before stays in "
    "its history. For what was true and is not any more, call memory_supersede instead.",
    UpdateArguments,
    UpdateAnswer,
    Effect(only_adds=False, is_repeatable=True),
    _update,
)


class SupersedeArguments(Arguments):
    """What ``memory_supersede`` takes."""

    old_id: str = Field(description="The memory that does not hold any more.")
    content: str | None = Field(None, description="What holds instead; or give new_id.")
    new_id: str | None = Field(None, description="A memory that says what holds instead; or give content.")
    at: str | None = Field(None, description="Since when (ISO 8601, UTC); left out, now.")


class SupersedeAnswer(Answer):
    """What ``memory_supersede`` answers."""

    namespace: str
    old_id: str
    new_id: str


async def _supersede(memory: MemoryManager, asked: SupersedeArguments) -> Reply:
    for field in ("old_id", "new_id"):
        one = getattr(asked, field)
        if one is not None and await memory.get_memory(one) is None:
            raise unknown(one, memory.namespace, field)
    new_id = await memory.supersede_memory(asked.old_id, asked.content, asked.at, new_id=asked.new_id, actor=ACTOR)
    text = (
        f"{named(asked.old_id, 512)} is outdated now, and {named(new_id, 512)} holds instead, in namespace "
        f"{named(memory.namespace)}. The old one is kept, and is found behind the new one."
    )
    return Reply(text, SupersedeAnswer(namespace=memory.namespace, old_id=asked.old_id, new_id=new_id))


SUPERSEDE = Tool(
    "memory_supersede",
    "Replace what changed",
    "Say that something changed: the old memory stays with its time and is found behind what replaces it. Call it when "
    "the user moved, changed their mind, or a decision was reversed.",
    SupersedeArguments,
    SupersedeAnswer,
    Effect(),
    _supersede,
)


class ForgetArguments(Arguments):
    """What ``memory_forget`` takes."""

    memory_ids: list[str] | None = Field(None, min_length=1, max_length=20, description="What to forget.")
    undo_id: str | None = Field(None, description="Instead: takes an earlier call back.")


class ForgetAnswer(Answer):
    """What ``memory_forget`` answers."""

    namespace: str
    forgotten: list[str]
    restored: list[str]
    undo_id: str | None = Field(None, description="Pass it to memory_forget to take this back.")
    forgotten_before: list[str]
    missing: list[str]


async def _forget(memory: MemoryManager, asked: ForgetArguments) -> Reply:
    if (asked.memory_ids is None) == (asked.undo_id is None):
        both = asked.undo_id is not None
        raise ValidationError(
            "excludes undo_id." if both else "is missing, and so is undo_id.",
            field="memory_ids",
            remedy="Give ids of what to forget, or the undo_id of an earlier answer.",
        )
    where = f"in namespace {named(memory.namespace)}"
    if asked.undo_id is not None:
        restored = await take_back(memory, asked.undo_id, ACTOR)
        text = f"Back again {where}: {listed(restored)}."
        return Reply(text, _forgotten(memory.namespace, restored=restored))
    assert asked.memory_ids is not None
    done = await forget(memory, asked.memory_ids, ACTOR)
    lines = []
    if done.forgotten:
        lines.append(
            f"Forgotten {where}: {listed(done.forgotten)}. They are archived: no search "
            f"finds them and no fact comes from them. To take it back, call memory_forget with undo_id {done.undo_id}."
        )
    if done.forgotten_before:
        lines.append(f"Archived before: {listed(done.forgotten_before)}.")
    if done.missing:
        lines.append(f"No such memory {where}: {listed(done.missing)}.")
    if not (done.forgotten or done.forgotten_before):
        raise ValidationError(lines[0], field="memory_ids", remedy="Take ids from memory_search.")
    answer = _forgotten(
        memory.namespace,
        forgotten=done.forgotten,
        undo_id=done.undo_id,
        forgotten_before=done.forgotten_before,
        missing=done.missing,
    )
    return Reply("\n".join(lines), answer)


def _forgotten(namespace: str, **what: Any) -> ForgetAnswer:
    return ForgetAnswer(
        namespace=namespace, **{"forgotten": [], "restored": [], "forgotten_before": [], "missing": []} | what
    )


FORGET = Tool(
    "memory_forget",
    "Forget, or take that back",
    "Take memories out of use when the user wants something forgotten, or when one is wrong altogether. They are "
    "archived, not erased: the answer holds an undo_id that brings them back.",
    ForgetArguments,
    ForgetAnswer,
    Effect(only_adds=False, is_repeatable=True),
    _forget,
)


def unknown(memory_id: str, namespace: str, field: str) -> ValidationError:
    """The error for an id that a namespace does not hold."""
    return ValidationError(
        f"there is no memory {named(memory_id, 512)} in namespace {named(namespace)}.",
        field=field,
        remedy="Take ids from memory_search; what was deleted is gone.",
    )
