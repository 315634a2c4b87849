"""Keeps memories apart for good: ``refuse-merge``."""

from coda_graphmem.cli.options import AsJson, MergedIds
from coda_graphmem.cli.output import counted, print_json, say
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings


async def refuse_merge(settings: Settings, memory_ids: MergedIds, *, as_json: AsJson = False) -> None:
    """Keep memories apart: no run proposes or merges any two of them again, until allow-merge or new content."""
    async with open_memory(settings) as memory:
        pairs = await memory.refuse_merge(memory_ids)
    if as_json:
        print_json({"pairs": pairs})
    else:
        say(f"Kept apart from now on: {counted(pairs, 'pair', 'pairs')}.")
