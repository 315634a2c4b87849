"""Answers that stand open: they end with the server, and with the key of whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coda_graphmem.server.callers import Caller
    from coda_graphmem.server.state import ServerState


async def until_ended(work: Awaitable[None], state: ServerState, caller: Caller, grace: float = 0.0) -> bool:
    """Do something that may stand open, until the server ends or whoever asked for it may no more.

    Args:
        work: What is done.
        state: Says when the server ends, and whose keys are good.
        caller: Who asked.
        grace: Seconds it still gets when the server ends.

    Returns:
        Whether it was done to its end.
    """
    task, ended = asyncio.ensure_future(work), asyncio.ensure_future(state.ending.wait())
    try:
        while not task.done() and not ended.done() and state.reception.is_still_good(caller):
            await asyncio.wait({task, ended}, timeout=state.options.heartbeat, return_when=asyncio.FIRST_COMPLETED)
        if not task.done() and ended.done() and grace:
            await asyncio.wait({task}, timeout=grace)
        if task.done():
            task.result()
        return task.done()
    finally:
        ended.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
