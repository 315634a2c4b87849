"""Says by hand what holds: ``supersede``, ``retract``, ``reinstate``."""

from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson, At, text_or_stdin
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.session import OpenMemory, unknown_memories

#: Who changes memories here, for their history.
_ACTOR = "cli"


async def supersede(
    memory: OpenMemory,
    old_id: Annotated[str, typer.Argument(help="Id of the memory that does not hold any more.")],
    content: Annotated[str | None, typer.Argument(help="What holds instead; - reads it from standard input.")] = None,
    *,
    by: Annotated[str | None, typer.Option("--by", metavar="ID", help="Id of a memory that says it.")] = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Let a memory be replaced by another one. It stays, behind what replaces it; reinstate lets it hold again."""
    text = None if content is None else text_or_stdin(content)
    new_id = await memory.supersede_memory(old_id, text, at, new_id=by, actor=_ACTOR)
    if as_json:
        print_json({"superseded": old_id, "by": new_id})
    else:
        say(f"{old_id} is replaced by {new_id}.")


async def retract(
    memory: OpenMemory,
    memory_id: Annotated[str, typer.Argument(help="Id of the memory.")],
    *,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Take a memory back: what it says was never so. It stays, and reinstate lets it hold again."""
    if not await memory.retract_memory(memory_id, at, actor=_ACTOR):
        raise unknown_memories([memory_id], memory.namespace)
    _print("retracted", memory_id, as_json=as_json)


async def reinstate(
    memory: OpenMemory,
    memory_id: Annotated[str, typer.Argument(help="Id of the memory.")],
    *,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Let a memory hold again, whatever has replaced it."""
    if not await memory.reinstate_memory(memory_id, at, actor=_ACTOR):
        raise unknown_memories([memory_id], memory.namespace)
    _print("reinstated", memory_id, as_json=as_json)


def _print(done: str, memory_id: str, *, as_json: bool) -> None:
    if as_json:
        print_json({done: memory_id})
    else:
        say(f"{memory_id} is {done}.")
