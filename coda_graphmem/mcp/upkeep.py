"""Tools of the extended profile, which look after the memory."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from coda_graphmem.characters import visible
from coda_graphmem.context.quotation import NOTICE, named, quoted
from coda_graphmem.errors import ValidationError
from coda_graphmem.mcp.archive import is_undo_id, take_back
from coda_graphmem.mcp.bounds import LONGEST, Allowance
from coda_graphmem.mcp.items import MemoryItem, fitting
from coda_graphmem.mcp.labels import date_of, listed
from coda_graphmem.mcp.recall import ResponseFormat
from coda_graphmem.mcp.tool import READS, Answer, Arguments, Effect, Reply, Tool
from coda_graphmem.mcp.writes import ACTOR, unknown

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager


class StatsArguments(Arguments):
    """``memory_stats`` takes nothing."""


class StatsAnswer(Answer):
    """What ``memory_stats`` answers."""

    namespace: str
    memories: int = Field(description="Live long-term memories.")
    by_type: dict[str, int]
    short_term: int
    archived: int
    entities: int
    conversations: int
    oldest: str | None = None
    newest: str | None = None
    searches: int = Field(description="Searches so far, by all programs.")
    storage_bytes: int | None = Field(None, description="Of the whole store, all namespaces.")


async def _stats(memory: MemoryManager, _: StatsArguments) -> Reply:
    stats, searched = await memory.get_memory_stats(), await memory.get_retrieval_stats()
    answer = StatsAnswer(
        namespace=memory.namespace,
        memories=stats.total_memories,
        by_type={kind.value: count for kind, count in stats.memory_type_distribution.items()},
        short_term=stats.short_term_memories,
        archived=stats.archived_memories,
        entities=stats.total_entities,
        conversations=stats.total_conversations,
        oldest=None if stats.oldest_timestamp is None else date_of(stats.oldest_timestamp),
        newest=None if stats.newest_timestamp is None else date_of(stats.newest_timestamp),
        searches=searched.total_retrievals,
        storage_bytes=stats.storage_bytes,
    )
    kinds = ", ".join(f"{count} {kind}" for kind, count in answer.by_type.items())
    lines = [
        f"Namespace {named(memory.namespace)}: {answer.memories} memories{f' ({kinds})' if kinds else ''}, "
        f"{answer.short_term} short-term, {answer.archived} archived.",
        f"{answer.entities} entities, {answer.conversations} conversations, {answer.searches} searches.",
    ]
    if answer.oldest is not None:
        lines.append(f"From {answer.oldest} to {answer.newest}.")
    return Reply("\n".join(lines), answer)


STATS = Tool(
    "memory_stats",
    "Count memories",
    "How many memories, entities and conversations there are, of which kinds and from when until when.",
    StatsArguments,
    StatsAnswer,
    READS,
    _stats,
)


class RelatedArguments(Arguments):
    """What ``memory_related`` takes."""

    memory_id: str = Field(description="The memory to begin at.")
    max_depth: int = Field(1, ge=1, le=3, description="Steps over shared entities and neighbouring turns.")
    limit: int = Field(10, ge=1, le=50, description="How many memories at most.")
    response_format: ResponseFormat = "concise"


class RelatedAnswer(Answer):
    """What ``memory_related`` answers."""

    namespace: str
    memories: list[MemoryItem]
    shared: dict[str, list[str]] = Field(description="By memory id: some entities it shares with the one asked for.")
    note: str


async def _related(memory: MemoryManager, asked: RelatedArguments) -> Reply:
    start = await memory.get_memory(asked.memory_id)
    if start is None or start.archived_at is not None or start.expires_at is not None:
        raise unknown(asked.memory_id, memory.namespace, "memory_id")
    graph = await memory.get_graph(
        memory_ids=[asked.memory_id], max_depth=asked.max_depth, max_memories=asked.limit + 1
    )
    around = [node.node_id.removeprefix("memory:") for node in graph.nodes if node.kind == "memory"]
    found = await memory.get_memories([one for one in around if one != asked.memory_id])
    own = {entity.key: entity.name for entity in start.entities}
    items, texts, left = fitting(found, asked.response_format, Allowance(LONGEST[asked.response_format]))
    keys = {one.memory_id: [entity.key for entity in one.entities if entity.key in own] for one in found}
    shared = {item.memory_id: [visible(own[key][:40]) for key in keys[item.memory_id][:3]] for item in items}
    lines = [
        f"{len(found)} memories around {named(asked.memory_id, 512)}. {NOTICE}" if found else "Nothing is related."
    ]
    for item, text in zip(items, texts, strict=True):
        lines.append(text)
        if shared[item.memory_id]:
            lines.append(f"  shares {', '.join(map(named, shared[item.memory_id]))}")
    more = left + graph.left_out
    note = f"{more} more: lower max_depth, or search for something particular." if more else "That is all."
    answer = RelatedAnswer(
        namespace=memory.namespace,
        memories=items,
        shared={key: names for key, names in shared.items() if names},
        note=note,
    )
    return Reply("\n".join([*lines, note]), answer)


RELATED = Tool(
    "memory_related",
    "What a memory hangs on",
    "Memories that share people, places and things with a memory, or stand beside it in its conversation.",
    RelatedArguments,
    RelatedAnswer,
    READS,
    _related,
)


class ConsolidateArguments(Arguments):
    """What ``memory_consolidate`` takes."""

    time_window_hours: float = Field(24, gt=0, le=1_000_000, description="What was stored or changed so lately.")
    dry_run: bool = Field(True, description="Whether to change nothing and only say what would be merged.")


class Proposal(Answer):
    """Memories that say the same, and what becomes of them."""

    source_ids: list[str]
    merged_id: str | None = None
    content: str


class ConsolidateAnswer(Answer):
    """What ``memory_consolidate`` answers."""

    namespace: str
    dry_run: bool
    undo_id: str | None = Field(None, description="Pass it to memory_undo to take this back.")
    merged: int = Field(description="How many memories come out of merging.")
    considered: int
    proposals: list[Proposal] = Field(description="The first of them.")
    note: str


async def _consolidate(memory: MemoryManager, asked: ConsolidateArguments) -> Reply:
    done = await memory.consolidate_memories(asked.time_window_hours, dry_run=asked.dry_run)
    room = Allowance(LONGEST["concise"])
    proposals: list[Proposal] = []
    lines: list[str] = []
    for proposal in done.proposals:
        content = proposal.merged.content[:300]
        item = Proposal(
            source_ids=proposal.merged.source_ids[:50],
            merged_id=proposal.merged_id,
            content=visible(content, lines=True),
        )
        text = f"{len(item.source_ids)} memories ({listed(item.source_ids)}) as\n{quoted(content)}"
        if not room.take(text, item):
            break
        proposals.append(item)
        lines.append(text)
    hidden = done.merged_count - len(proposals)
    undo_id = done.run_id if done.proposals and not asked.dry_run else None
    if not done.proposals:
        note = "Nothing says the same."
    elif asked.dry_run:
        note = "Nothing was changed. Call again with dry_run false to merge them."
    else:
        note = f"Originals are archived. To take it back, call memory_undo with undo_id {undo_id}."
    if hidden:
        note = f"{hidden} more groups have no room: shorten time_window_hours. {note}"
    verb = "would be merged" if asked.dry_run else "were merged"
    head = (
        f"Of {done.memories_considered} memories in namespace {named(memory.namespace)}, {done.consolidated_count} "
        f"{verb} into {done.merged_count}. {NOTICE}"
    )
    answer = ConsolidateAnswer(
        namespace=memory.namespace,
        dry_run=asked.dry_run,
        undo_id=undo_id,
        merged=done.merged_count,
        considered=done.memories_considered,
        proposals=proposals,
        note=note,
    )
    return Reply("\n".join([head, *lines, note]), answer)


CONSOLIDATE = Tool(
    "memory_consolidate",
    "Merge what says the same",
    "Merge memories that say the same. It only says what would be merged unless dry_run is false; originals are "
    "archived then, and memory_undo brings them back.",
    ConsolidateArguments,
    ConsolidateAnswer,
    Effect(only_adds=False),
    _consolidate,
)


class UndoArguments(Arguments):
    """What ``memory_undo`` takes."""

    undo_id: str = Field(description="From an answer of memory_forget or memory_consolidate.")


class UndoAnswer(Answer):
    """What ``memory_undo`` answers."""

    namespace: str
    restored: list[str] = Field(description="Memories that are there again; the first 50.")
    removed: list[str] = Field(description="Merged memories that are gone; the first 50.")


async def _undo(memory: MemoryManager, asked: UndoArguments) -> Reply:
    if is_undo_id(asked.undo_id):
        restored, removed = await take_back(memory, asked.undo_id, ACTOR), []
    else:
        done = await memory.undo_consolidation(asked.undo_id)
        restored, removed = done.restored_ids, done.removed_ids
    text = f"Back again in namespace {named(memory.namespace)}: {listed(restored) or 'nothing'}."
    if removed:
        text += f" Gone are the merged {listed(removed)}."
    return Reply(text, UndoAnswer(namespace=memory.namespace, restored=restored[:50], removed=removed[:50]))


UNDO = Tool(
    "memory_undo",
    "Take back",
    "Take back what memory_forget forgot or memory_consolidate merged.",
    UndoArguments,
    UndoAnswer,
    Effect(only_adds=False),
    _undo,
)


class ExportArguments(Arguments):
    """``memory_export`` takes nothing: where files go is not for texts to say."""


class ExportAnswer(Answer):
    """What ``memory_export`` answers."""

    namespace: str
    path: str
    memories: int
    bytes: int


async def _export(memory: MemoryManager, _: ExportArguments) -> Reply:
    folder = Path(memory.config.vector_store.persist_directory) / "exports"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ValidationError(f"{folder} cannot be made ({error.strerror}).", remedy="Check its rights.") from error
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    # A name of its own each time: nothing that is there is written over.
    path = folder / f"memories-{stamp}-{secrets.token_hex(4)}.jsonl"
    done = await memory.export_memories(path)
    size = path.stat().st_size
    text = (
        f"Wrote {done.memories} memories of namespace {named(memory.namespace)} into {visible(str(path))} ({size:,} "
        "bytes, for its owner alone to read). coda-graphmem import brings them back."
    )
    return Reply(text, ExportAnswer(namespace=memory.namespace, path=str(path), memories=done.memories, bytes=size))


EXPORT = Tool(
    "memory_export",
    "Export all memories",
    "Write all memories of the namespace into a new file of JSON lines in the folder of the memory; says where it is.",
    ExportArguments,
    ExportAnswer,
    Effect(),
    _export,
)
