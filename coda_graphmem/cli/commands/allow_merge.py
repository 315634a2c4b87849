"""Takes back that memories are kept apart: ``allow-merge``."""

from coda_graphmem.cli.options import AsJson, MergedIds
from coda_graphmem.cli.output import counted, print_json, say
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings


async def allow_merge(settings: Settings, memory_ids: MergedIds, *, as_json: AsJson = False) -> None:
    """Take back what refuse-merge refused between any two of some memories."""
    async with open_memory(settings) as memory:
        pairs = await memory.allow_merge(memory_ids)
    if as_json:
        print_json({"pairs": pairs})
    else:
        say(f"No longer kept apart: {counted(pairs, 'pair', 'pairs')}.")
