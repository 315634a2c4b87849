"""The commands that remove, and bring back: ``delete``, ``forget``, ``cleanup`` and ``unarchive``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from coda_graphmem.cli.options import (
    AsJson,
    Conversation,
    Metadata,
    Since,
    Types,
    Until,
    moment,
    parse_metadata,
)
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import DeletionReceipt


async def delete(
    settings: Settings,
    memory_ids: Annotated[list[str], typer.Argument(help="Ids of memories.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Remove memories by their ids, with everything that hangs on them; nothing brings them back."""
    async with open_memory(settings) as memory:
        gone = [memory_id for memory_id in memory_ids if await memory.delete_memory(memory_id)]
        missing = [memory_id for memory_id in memory_ids if memory_id not in gone]
        if as_json:
            print_json({"deleted": gone, "missing": missing})
        elif gone:
            say(f"Removed {_counted(len(gone), 'memory', 'memories')}.")
        if missing:
            raise ValidationError(
                f"there is no memory {', '.join(missing)} in namespace {memory.namespace}.",
                remedy="Look for its id with search or list.",
            )


async def forget(
    settings: Settings,
    *,
    conversation: Conversation = None,
    types: Types = None,
    since: Since = None,
    until: Until = None,
    max_importance: Annotated[
        float | None, typer.Option("--max-importance", help="Only memories of at most this importance, 0 to 1.")
    ] = None,
    metadata: Metadata = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole namespace; excludes the other filters.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a whole namespace goes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove all memories that match, archived and short-term ones too, without a trace; nothing brings them back."""
    filters: dict[str, Any] = {
        "conversation_id": conversation,
        "memory_types": types,
        "since": moment(since, "--since"),
        "until": moment(until, "--until"),
        "max_importance": max_importance,
        "metadata": parse_metadata(metadata or ()) or None,
    }
    if everything == any(value is not None for value in filters.values()):
        raise typer.BadParameter("Give filters, or --all alone to remove the whole namespace.")
    async with open_memory(settings) as memory:
        if everything and not yes:
            _ask(memory.namespace, await memory.count())
        receipt = await (memory.forget(everything=True) if everything else memory.forget(**filters))
    if as_json:
        print_json(receipt.model_dump(mode="json"))
    else:
        say(_written(receipt))


async def cleanup(
    settings: Settings,
    *,
    days: Annotated[float, typer.Option("--days", help="Stored and happened longer ago than this.")] = 30.0,
    below: Annotated[float, typer.Option("--below", help="Less important than this, 0 to 1.")] = 0.3,
    recalls: Annotated[int, typer.Option("--recalls", help="Recalled at most this often.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing; list the ids that would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove old, unimportant memories that were hardly ever recalled; nothing brings them back."""
    async with open_memory(settings) as memory:
        result = await memory.cleanup_old_memories(days, below, recalls, dry_run=dry_run)
    if as_json:
        print_json(result.model_dump(mode="json"))
        return
    if not dry_run:
        say(_written(result.removed))
        return
    for memory_id in result.memory_ids:
        say(memory_id)
    say(f"{_counted(len(result.memory_ids), 'memory', 'memories')} would go.")


async def unarchive(
    settings: Settings,
    memory_ids: Annotated[list[str], typer.Argument(help="Ids of archived memories (list --archived).")],
    *,
    as_json: AsJson = False,
) -> None:
    """Bring archived memories back into search; originals of a merge come back by undo."""
    async with open_memory(settings) as memory:
        result = await memory.unarchive_memories(memory_ids)
        if as_json:
            print_json(result.model_dump(mode="json"))
        elif result.restored_ids:
            say(f"Brought back {_counted(len(result.restored_ids), 'memory', 'memories')}.")
        if result.live_ids and not as_json:
            say(f"Not archived: {', '.join(result.live_ids)}.")
        if result.merged:
            memory_id, run_id = next(iter(result.merged.items()))
            raise ValidationError(
                f"merged into another memory: {', '.join(result.merged)}.",
                remedy=f"Undo the run that merged {memory_id}: coda-graphmem undo {run_id}"
                if run_id is not None
                else "Run the import that brought it again: it was stopped before the merged memory.",
            )
        if result.missing_ids:
            raise ValidationError(
                f"there is no memory {', '.join(result.missing_ids)} in namespace {memory.namespace}.",
                remedy="Look for its id with list --archived.",
            )


def _ask(namespace: str, count: int) -> None:
    """Go on only where somebody agrees."""
    try:
        agreed = typer.confirm(f"Remove all {count:,} memories of namespace {namespace}?", err=True)
    except typer.Abort:
        if sys.stdin.isatty():
            raise KeyboardInterrupt from None
        raise ValidationError(
            f"would remove all {count:,} memories of namespace {namespace}, and nobody can be asked.",
            field="--all",
            remedy="Add --yes.",
        ) from None
    if not agreed:
        raise typer.Abort


def _written(receipt: DeletionReceipt) -> str:
    if not receipt.memories:
        return "There was nothing to remove."
    parts = [
        _counted(receipt.memories, "memory", "memories"),
        _counted(receipt.vectors, "vector", "vectors"),
        _counted(receipt.text_rows, "row of the text index", "rows of the text index"),
        _counted(receipt.mentions, "mention", "mentions"),
        _counted(receipt.links, "link", "links"),
        _counted(receipt.entities, "entity", "entities"),
    ]
    return f"Removed {', '.join(parts)}."


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


COMMANDS = {"cleanup": cleanup, "delete": delete, "forget": forget, "unarchive": unarchive}
