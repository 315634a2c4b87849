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
    """A progress bar on a terminal, a line every few seconds elsewhere; the value is called with (done, total).

    Both say how many are done a second and how long the rest will take.
    """
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
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    pace = _Pace()
    with Progress(*columns, console=stderr(), transient=True) as progress:
        task = progress.add_task(visible(text), total=None, rate="")

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, rate=pace.rate(done))

        yield show


class _Lines:
    """Progress where output is no terminal."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last = time.monotonic()
        self._pace = _Pace()
        remark(f"{text} …")

    def __call__(self, done: int, total: int) -> None:
        now, rate = time.monotonic(), self._pace.rate(done)
        if now - self._last >= INTERVAL:
            self._last = now
            told = [f"{done:,} of {total:,}", rate, self._pace.left(done, total)]
            remark(f"{self._text}: {', '.join(filter(None, told))}")


class _Pace:
    """How fast it goes, from the first time that something was done: what comes before it is no part of the work."""

    def __init__(self) -> None:
        self._start: tuple[int, float] | None = None
        self._speed = 0.0

    def rate(self, done: int) -> str:
        """How many are done a second, so far; empty where that is not known yet."""
        now = time.monotonic()
        if self._start is None:
            self._start = done, now
        before, since = self._start
        self._speed = (done - before) / (now - since) if now > since else 0.0
        return f"{self._speed:,.0f} a second" if self._speed >= 1 else ""

    def left(self, done: int, total: int) -> str:
        """How long the rest takes at the rate that was asked for last; empty where that is not known."""
        if self._speed <= 0 or done >= total:
            return ""
        minutes, seconds = divmod(round((total - done) / self._speed), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02} left"
