"""Shows one memory: ``show``."""

import json
from typing import Annotated, Any

import typer

from coda_graphmem.cli.memories import memory_json, print_memory
from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say, when
from coda_graphmem.cli.session import OpenMemory, unknown_memories


async def show(
    memory: OpenMemory, memory_id: Annotated[str, typer.Argument(help="Id of the memory.")], *, as_json: AsJson = False
) -> None:
    """Show all that is known of one memory."""
    item = await memory.get_memory(memory_id)
    if item is None:
        raise unknown_memories([memory_id], memory.namespace)
    if as_json:
        print_json(memory_json(item))
        return
    print_memory(item)
    fields: dict[str, Any] = {
        "importance": f"{item.importance_score:.2f}",
        "entities": ", ".join(f"{entity.name} ({entity.label})" for entity in item.entities),
        "of": ", ".join(f"{name} {value}" for name, value in item.scope.ids.items()),
        "tags": ", ".join(item.tags),
        "metadata": json.dumps(item.metadata, ensure_ascii=False) if item.metadata else "",
        "recalled": f"{item.access_count} times" + (f", last {when(item.last_accessed)}" if item.last_accessed else ""),
        "strength": "" if item.decay_factor is None else f"{100 * item.decay_factor:.0f} % left",
        "reinforced": f"{item.reinforcement_count} times" if item.reinforcement_count else "",
        "stored": when(item.created_at) if item.created_at else "",
        "changed": when(item.updated_at) if item.updated_at and item.updated_at != item.created_at else "",
        "expires": when(item.expires_at) if item.expires_at else "",
        "archived": when(item.archived_at) if item.archived_at else "",
        "merged into": item.consolidated_into or "",
        "version": str(item.version) if item.version > 1 else "",
        "standing": " since ".join([item.standing, when(item.standing_at or item.timestamp)]) if item.standing else "",
        "said last": when(item.last_said_at) if item.last_said_at else "",
        "outdated by": ", ".join(item.possibly_outdated_by),
    }
    for name, value in fields.items():
        if value:
            say(f"      {name:12}{value}")
