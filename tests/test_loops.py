"""What takes long is done beside the event loop."""

from __future__ import annotations

import threading

from coda_graphmem.loops import SHORT, aside


async def test_only_much_work_goes_to_a_thread() -> None:
    here = threading.get_ident()
    assert await aside(SHORT, threading.get_ident) == here
    assert await aside(SHORT + 1, threading.get_ident) != here
    assert await aside(SHORT + 1, sorted, [1, 2], reverse=True) == [2, 1]
