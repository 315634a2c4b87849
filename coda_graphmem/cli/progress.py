"""Shows that something is going on when it takes longer than a moment."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from coda_graphmem.characters import visible
from coda_graphmem.cli.output import remark, stderr

#: Seconds after which a wait is worth a word.
PATIENCE = 0.7
#: Seconds between two lines where no bar can be drawn.
INTERVAL = 3.0


@asynccontextmanager
async def waiting(text: str) -> AsyncIterator[None]:
    """Show a text while the block runs, if it runs for longer than a moment."""

    async def show() -> None:
        await asyncio.sleep(PATIENCE)
        if not stderr().is_terminal:
            remark(f"{text} …")
            return
        from rich.text import Text

        # As a text, not as markup that a path may look like.
        with stderr().status(Text(visible(f"{text} …"))):
            await asyncio.Event().wait()

    shown = asyncio.create_task(show())
    try:
        yield
    finally:
        shown.cancel()
        await asyncio.gather(shown, return_exceptions=True)


@contextmanager
def bar(text: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, a line every few seconds elsewhere; the value is called with (done, total)."""
    if not stderr().is_terminal:
        yield _Lines(text)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr(), transient=True) as progress:
        task = progress.add_task(visible(text), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


class _Lines:
    """Progress where output is no terminal."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last = time.monotonic()
        remark(f"{text} …")

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last >= INTERVAL:
            self._last = now
            remark(f"{self._text}: {done:,} of {total:,}")
