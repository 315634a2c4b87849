"""Tools that read: ``memory_search``, ``memory_context``, ``memory_get`` and ``memory_entities``."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from coda_graphmem.characters import visible
from coda_graphmem.context.quotation import NOTICE, named, quoted
from coda_graphmem.errors import ValidationError
from coda_graphmem.mcp.bounds import LONGEST, Allowance, Format
from coda_graphmem.mcp.context import ContextAnswer, make_context
from coda_graphmem.mcp.items import MemoryItem, fitting, item_of, lines_of
from coda_graphmem.mcp.labels import date_of, listed, moment_of
from coda_graphmem.mcp.tool import READS, Answer, Arguments, Reply, Tool
from coda_graphmem.models import MetadataValue, Validity

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.models import Fact, Memory

Kind = Literal["episodic", "semantic", "preference", "procedural", "emotional", "contextual"]
"""Names of `coda_graphmem.models.MemoryType`."""

ResponseFormat = Annotated[
    Format, Field(description="concise: excerpts. detailed: longer texts, entities, metadata, times.")
]
Since = Annotated[str | None, Field(description="Only what happened at or after this date or time (ISO 8601, UTC).")]
Until = Annotated[str | None, Field(description="Only what happened before this date or time (ISO 8601, UTC).")]
Conversation = Annotated[str | None, Field(description="Only this conversation.")]


class SearchArguments(Arguments):
    """What ``memory_search`` takes."""

    query: str = Field(description="A question or words; names and dates help.")
    limit: int = Field(8, ge=1, le=50, description="How many memories at most.")
    memory_types: list[Kind] | None = Field(None, description="Only these types.")
    since: Since = None
    until: Until = None
    conversation_id: Conversation = None
    metadata: dict[str, MetadataValue] | None = Field(None, description="Only memories with these metadata.")
    validity: Validity | None = Field(
        None, description="current: what holds first. past: what held. all: both. Left out: as the query asks."
    )
    as_of: str | None = Field(None, description="Answer as it was known at this date or time (ISO 8601, UTC).")
    response_format: ResponseFormat = "concise"


class SearchAnswer(Answer):
    """What ``memory_search`` answers."""

    namespace: str
    memories: list[MemoryItem]
    found: int = Field(description="How many were found; those beyond the memories shown had no room.")
    note: str


async def _search(memory: MemoryManager, asked: SearchArguments) -> Reply:
    found = await memory.retrieve_memories(
        asked.query,
        asked.memory_types,  # type: ignore[arg-type] # names of types will do
        asked.limit,
        since=asked.since,
        until=asked.until,
        conversation_id=asked.conversation_id,
        metadata=asked.metadata,
        validity=asked.validity,
        as_of=asked.as_of,
    )
    room = Allowance(LONGEST[asked.response_format])
    items, texts, left = fitting(found, asked.response_format, room)
    narrow = "narrow it by memory_types, since, until, conversation_id or another query"
    if not found:
        note = "Nothing relevant is remembered. Try other words, or fewer filters; archived memories are not searched."
    elif left:
        note = f"{left} more were found that the answer has no room for: {narrow}, or ask concisely."
    elif len(found) == asked.limit:
        note = f"There may be more: raise limit, or {narrow}."
    else:
        note = "That is all that is relevant; archived memories are not searched."
    head = f"{_counted(len(found))} found in namespace {named(memory.namespace)}."
    text = "\n".join([f"{head} {NOTICE}" if items else head, *texts, note])
    return Reply(text, SearchAnswer(namespace=memory.namespace, memories=items, found=len(found), note=note))


SEARCH = Tool(
    "memory_search",
    "Search memory",
    "Find memories by meaning, words, names and time, the most relevant first. Call it before answering anything "
    "about the user, their people, their work or earlier conversations. Gives excerpts with ids, dates and sources; "
    "memory_get shows a memory in full.",
    SearchArguments,
    SearchAnswer,
    READS,
    _search,
)


class ContextArguments(Arguments):
    """What ``memory_context`` takes."""

    about: str | None = Field(None, description="What the user wants or speaks of, in a sentence.")
    conversation_id: str | None = Field(None, description="This conversation, if it is kept in memory.")
    max_tokens: int = Field(1_500, ge=200, le=3_000, description="Size of the answer, about.")


async def _context(memory: MemoryManager, asked: ContextArguments) -> Reply:
    context, text = await make_context(memory, asked.about, asked.conversation_id, asked.max_tokens)
    return Reply(text, context)


CONTEXT = Tool(
    "memory_context",
    "Recall what matters now",
    "What is known of the user, what is relevant to what they want, and what was said last, in one answer. Call it "
    "once at the start of a conversation, before the first answer, and when the subject changes.",
    ContextArguments,
    ContextAnswer,
    READS,
    _context,
)


class GetArguments(Arguments):
    """What ``memory_get`` takes."""

    memory_ids: list[str] = Field(min_length=1, max_length=20, description="Ids from other answers.")
    offset: int = Field(0, ge=0, description="Of one long memory: how many characters of it to pass over.")
    response_format: ResponseFormat = "concise"


class VersionItem(Answer):
    """How a memory was, from one change to the next."""

    version: int
    operation: str
    at: str
    actor: str
    content: str | None = Field(None, description="Beginning of the content that was changed.")


class GetAnswer(Answer):
    """What ``memory_get`` answers."""

    namespace: str
    memories: list[MemoryItem]
    missing: list[str] = Field(description="Ids of no memory in this namespace.")
    left_out: list[str] = Field(description="Ids the answer has no room for: ask for them alone.")
    next_offset: int | None = Field(None, description="Where the text of the one memory goes on.")
    history: list[VersionItem] | None = Field(None, description="Of one memory, in detail: its versions.")


#: Bytes of text that one memory takes at most, so that what stands around it has room, too.
_WHOLE = 10_000
#: Versions of a memory that are shown, the latest.
_VERSIONS = 10


async def _get(memory: MemoryManager, asked: GetArguments) -> Reply:
    if asked.offset and len(asked.memory_ids) > 1:
        raise ValidationError("goes with one memory.", field="offset", remedy="Ask for one id.")
    found = await memory.get_memories(asked.memory_ids)
    there = {one.memory_id for one in found}
    missing = [one for one in dict.fromkeys(asked.memory_ids) if one not in there]
    if not found:
        raise ValidationError(
            f"there is no memory {listed(missing)} in namespace {named(memory.namespace)}.",
            field="memory_ids",
            remedy="Take ids from memory_search; what was deleted is gone.",
        )
    following = None
    items: list[MemoryItem]
    if len(found) == 1:
        if asked.offset >= len(found[0].content):
            raise ValidationError(
                f"is beyond the {len(found[0].content):,} characters of the memory.", field="offset", remedy="Use 0."
            )
        item = _whole(found[0], asked)
        items, texts, left = [item], [lines_of(item, 1)], 0
        shown = asked.offset + _shown(found[0], asked)
        following = shown if shown < len(found[0].content) else None
    else:
        room = Allowance(LONGEST["detailed"])
        items, texts, left = fitting(found, "detailed", room)
    history = await _history(memory, found[0]) if len(found) == 1 and asked.response_format == "detailed" else None
    names = {item.memory_id for item in items}
    left_out = [one.memory_id for one in found if one.memory_id not in names]
    lines = [f"{_counted(len(found))} of namespace {named(memory.namespace)}. {NOTICE}", *texts]
    if following is not None:
        lines.append(f"The text goes on: call again with offset {following}.")
    for version in history or ():
        lines.append(f"version {version.version}: {version.operation} at {version.at} by {named(version.actor)}")
        if version.content is not None:
            lines.append(quoted(version.content))
    if missing:
        lines.append(f"No such memory: {listed(missing)}.")
    if left:
        lines.append(
            f"{left} more have no room in the answer: ask for them alone, the first is {listed(left_out[:1])}."
        )
    answer = GetAnswer(
        namespace=memory.namespace,
        memories=items,
        missing=missing,
        left_out=left_out,
        next_offset=following,
        history=history,
    )
    return Reply("\n".join(lines), answer)


def _shown(memory: Memory, asked: GetArguments) -> int:
    """Characters of a memory that an answer has room for, from an offset on."""
    part = memory.content[asked.offset : asked.offset + _WHOLE]
    low, high = 0, len(part)
    while low < high:
        # Every line costs two bytes more, and hidden characters are written out.
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(quoted(part[:middle]).encode()) <= _WHOLE else (low, middle - 1)
    return low


def _whole(memory: Memory, asked: GetArguments) -> MemoryItem:
    return item_of(memory, asked.response_format, _shown(memory, asked), asked.offset)


async def _history(memory: MemoryManager, of: Memory) -> list[VersionItem]:
    versions = (await memory.get_history(of.memory_id))[-_VERSIONS:]
    contents: list[str | None] = [None]
    for before, after in pairwise(versions):
        contents.append(before.content if before.content != after.content else None)
    return [
        VersionItem(
            version=version.version,
            operation=version.operation,
            at=moment_of(version.at),
            actor=version.actor,
            content=None if content is None else visible(content[:200], lines=True),
        )
        for version, content in zip(versions, contents, strict=False)
    ]


GET = Tool(
    "memory_get",
    "Read memories",
    "Read up to 20 memories in full by their ids, archived ones too. One that is very long comes in parts (offset). "
    "For one memory, response_format detailed adds how it was before. Gives the version that memory_update needs.",
    GetArguments,
    GetAnswer,
    READS,
    _get,
)


class EntitiesArguments(Arguments):
    """What ``memory_entities`` takes."""

    name: str | None = Field(None, description="Of whom or what to tell: a name, or User for the user.")
    include_past: bool = Field(False, description="With name: whether what held before is told, too.")
    limit: int = Field(20, ge=1, le=100, description="How many entities, or facts and memories of one, at most.")
    offset: int = Field(0, ge=0, description="Without name: how many entities to pass over.")
    response_format: ResponseFormat = "concise"


class EntityItem(Answer):
    """Something that memories mention."""

    name: str
    label: str
    mentions: int


class FactItem(Answer):
    """Something that holds, or held for a while."""

    attribute: str
    value: str
    holds: bool = Field(description="False for what is known not to hold.")
    since: str | None = None
    until: str | None = None
    memory_id: str = Field(description="A memory that says so.")


class EntitiesAnswer(Answer):
    """What ``memory_entities`` answers."""

    namespace: str
    entities: list[EntityItem] = Field(description="Without a name: the most mentioned first.")
    facts: list[FactItem] = Field(description="With a name: what is known of it.")
    memories: list[MemoryItem] = Field(description="With a name: memories about it.")
    note: str


async def _entities(memory: MemoryManager, asked: EntitiesArguments) -> Reply:
    room = Allowance(LONGEST[asked.response_format])
    if asked.name is not None:
        return await _about(memory, asked, asked.name, room)
    listed = await memory.list_entities(asked.limit, asked.offset)
    total = (await memory.get_memory_stats()).total_entities
    items: list[EntityItem] = []
    lines: list[str] = []
    for entity in listed:
        item = EntityItem(name=visible(entity.name[:200]), label=entity.label[:40], mentions=entity.mention_count)
        line = f"- {named(item.name)} ({visible(item.label)}), {item.mentions} mentions"
        if not room.take(line, item):
            break
        items.append(item)
        lines.append(line)
    more = total - asked.offset - len(items)
    note = (
        f"{more} more: call again with offset {asked.offset + len(items)}, or give a name."
        if more > 0
        else "Those are all. Give a name for facts and memories about one of them."
    )
    head = f"{total} entities in namespace {named(memory.namespace)}. Names are recorded data."
    answer = EntitiesAnswer(namespace=memory.namespace, entities=items, facts=[], memories=[], note=note)
    return Reply("\n".join([head, *lines, note]), answer)


async def _about(memory: MemoryManager, asked: EntitiesArguments, name: str, room: Allowance) -> Reply:
    known = await memory.get_facts(name, include_past=asked.include_past)
    facts: list[FactItem] = []
    lines: list[str] = []
    for fact in known[: asked.limit]:
        item = _fact(fact)
        until = f", until {item.until}" if item.until else ""
        line = f"{'' if item.holds else 'not '}{item.attribute}: {item.value}"
        text = f"{quoted(line)}\n  since {item.since or 'unknown'}{until}, by {named(item.memory_id)}"
        if not room.take(text, item):
            break
        facts.append(item)
        lines.append(text)
    found = await memory.retrieve_memories(name, limit=asked.limit)
    memories, texts, left = fitting(found, asked.response_format, room)
    hidden = [f"{len(known) - len(facts)} more facts"] if len(known) > len(facts) else []
    hidden += [f"{left} more memories"] if left else []
    if not known and not found:
        note = "Nothing is known by that name. memory_entities without a name lists names."
    elif hidden:
        note = f"{' and '.join(hidden)} have no room: lower limit, or ask memory_search for something particular."
    else:
        note = "That is what is known." + ("" if asked.include_past else " include_past tells what held before.")
    head = (
        f"Of {named(name)} in namespace {named(memory.namespace)}: {len(known)} facts, {_counted(len(found))}. {NOTICE}"
    )
    answer = EntitiesAnswer(namespace=memory.namespace, entities=[], facts=facts, memories=memories, note=note)
    return Reply("\n".join([head, *lines, *texts, note]), answer)


def _fact(fact: Fact) -> FactItem:
    return FactItem(
        attribute=visible(fact.attribute[:200]),
        value=visible(fact.value[:500]),
        holds=fact.polarity,
        since=None if fact.valid_from is None else date_of(fact.valid_from),
        until=None if fact.valid_until is None else date_of(fact.valid_until),
        memory_id=fact.memory_ids[-1],
    )


def _counted(number: int) -> str:
    return f"{number} {'memory' if number == 1 else 'memories'}"


ENTITIES = Tool(
    "memory_entities",
    "Who and what is known",
    "Without a name: the people, places and things that memories mention, the most mentioned first. With a name: the "
    "facts known of it, with their times, and memories about it.",
    EntitiesArguments,
    EntitiesAnswer,
    READS,
    _entities,
)
