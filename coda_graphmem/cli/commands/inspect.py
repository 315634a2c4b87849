"""The command that opens the memory in the browser: ``inspect``."""

from typing import Annotated

import typer

from coda_graphmem.cli.output import remark, say
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings, location

PORT = 8777


async def inspect(
    settings: Settings,
    *,
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port; 0 for any that is free.")] = PORT,
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; other machines can reach all but the default.")
    ] = "127.0.0.1",
    read_only: Annotated[bool, typer.Option("--read-only", help="Refuse every change.")] = False,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the address and open no browser.")] = False,
) -> None:
    """Look at the memory in the browser: its graph, why answers come, what is merged, what happens now."""
    from coda_graphmem.hosts import is_loopback
    from coda_graphmem.inspector.app import check_built
    from coda_graphmem.inspector.launch import Launcher
    from coda_graphmem.inspector.server import Door, ServerOptions, serve

    settings.check_whole()
    check_built()
    if not is_loopback(host):
        remark("Whoever on your network sees the address below can read this memory: it is not encrypted on its way.")
    async with open_memory(settings) as memory:
        launcher, opened = Launcher(), False

        def ready(door: Door) -> None:
            nonlocal opened
            launcher.close()
            if opened:
                say(f"  {door.address}")
                remark("The first one was used; this one opens one more.")
                return
            opened = True
            say(f"{location(memory.config)}, namespace {memory.namespace}{', read only' if read_only else ''}:")
            say(f"  {door.address}")
            remark("The address opens one page, once. Ctrl-C ends it.")
            if not no_open and not launcher.open(door):
                remark("No browser was found here: open the address yourself.")

        try:
            await serve(memory, ServerOptions(host, port, read_only), ready)
        finally:
            launcher.close()
