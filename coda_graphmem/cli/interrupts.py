"""What Ctrl-C does before, while and after a command works: it always ends the program, and never with a traceback.

This is the first that a start imports, so it imports next to nothing: until it is there Python itself answers Ctrl-C.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # what `signal` is made of, without the milliseconds it takes
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

#: Exit code of a program that Ctrl-C stopped, as shells have it.
STOPPED = 130


def _stop(_: int, __: FrameType | None) -> None:
    # No exception: imports swallow it, or take it for an error of their own.
    os.write(2, b"Stopped.\n")
    os._exit(STOPPED)


def _replace(handler: object, by: object) -> bool:
    """Let something else answer Ctrl-C, if this does so far; in the background it may be ignored, and stays so."""
    if _signal.getsignal(_signal.SIGINT) != handler:  # methods are equal, not the same
        return False
    try:
        _signal.signal(_signal.SIGINT, by)
    except ValueError:  # in a thread that gets no signals
        return False
    return True


def stop_at_once() -> None:
    """Let Ctrl-C end the process on the spot from now on: nothing is open yet that has to be closed."""
    _replace(_signal.default_int_handler, _stop)


def end_by(end: Callable[[], None]) -> None:
    """Have something called when the process is asked to end, by Ctrl-C too; a second Ctrl-C ends it on the spot.

    Args:
        end: Called in the running event loop. It must not wait.
    """
    import asyncio
    import contextlib
    import signal

    loop = asyncio.get_running_loop()

    def first() -> None:
        with contextlib.suppress(ValueError):
            loop.remove_signal_handler(signal.SIGINT)
            signal.signal(signal.SIGINT, _stop)
        end()

    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
            loop.add_signal_handler(number, first)


class Interruptible:
    """While its block runs, Ctrl-C raises `KeyboardInterrupt` where the program is, so that what is open is closed."""

    def __enter__(self) -> None:
        before = _signal.getsignal(_signal.SIGINT)
        # An event loop would wait for the block to end by itself, as what waits for a key does not.
        self._before = before if callable(before) and _replace(before, _signal.default_int_handler) else None

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            _replace(_signal.default_int_handler, self._before)
