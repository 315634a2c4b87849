"""The commands that remove: ``delete`` and ``cleanup``."""

from __future__ import annotations

from typing import Annotated

import typer

from coda_graphmem.cli.opening import open_memory
from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import DeletionReceipt


async def delete(
    settings: Settings,
    memory_ids: Annotated[list[str] | None, typer.Argument(help="Ids of memories.")] = None,
    *,
    conversation: Annotated[str | None, typer.Option("--conversation", "-c", help="A whole conversation.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole namespace.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a whole namespace goes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove memories with everything that hangs on them; nothing brings them back."""
    if (bool(memory_ids), conversation is not None, everything).count(True) != 1:
        raise typer.BadParameter("Name either memories by their ids, or --conversation, or --all.")
    async with open_memory(settings) as memory:
        if memory_ids:
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
            return
        if everything and not yes:
            count = await memory.count()
            typer.confirm(f"Remove all {count:,} memories of namespace {memory.namespace}?", abort=True, err=True)
        receipt = await (memory.forget(everything=True) if everything else memory.forget(conversation_id=conversation))
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


COMMANDS = {"cleanup": cleanup, "delete": delete}
