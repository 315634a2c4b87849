"""Calls code of others, asynchronous or not, without lending it the event loop."""

import asyncio
import inspect
import threading
from collections.abc import Callable
from typing import Any


class Caller:
    """Calls one function, one call at a time.

    Args:
        function: An async function, which runs in the event loop, or a plain one.
        in_thread: Whether a plain function runs in a thread of its own, so that it may take its time. False is for
            functions that belong into the event loop and never wait.
    """

    def __init__(self, function: Callable[..., Any], *, in_thread: bool) -> None:
        self._function = function
        self._in_thread = in_thread and not _is_async(function)
        self._running: asyncio.Future[Any] | None = None

    async def __call__(self, *arguments: Any) -> Any:
        """Call the function and wait for what it returns; raises what it raises.

        A caller that gives up leaves a thread behind that cannot be ended; the next call waits for it.
        """
        if self._in_thread:
            if self._running is not None:
                await asyncio.wait([self._running])
            self._running = _start_thread(self._function, arguments)
            result = await asyncio.shield(self._running)
        else:
            result = self._function(*arguments)
        return await result if inspect.isawaitable(result) else result


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def _start_thread(function: Callable[..., Any], arguments: tuple[Any, ...]) -> asyncio.Future[Any]:
    """Run a function in a daemon thread: one that hangs must not keep the program from ending, as a pool's would."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    # Whoever waited may be gone by then; asyncio would report an exception that nobody has looked at.
    future.add_done_callback(lambda done: done.cancelled() or done.exception())

    def settle(set_outcome: Callable[[Any], None], outcome: Any) -> None:
        if not future.done():
            # A future takes no StopIteration.
            set_outcome(RuntimeError("StopIteration") if isinstance(outcome, StopIteration) else outcome)

    def run() -> None:
        try:
            outcome: tuple[Callable[[Any], None], Any] = (future.set_result, function(*arguments))
        except Exception as error:
            outcome = (future.set_exception, error)
        except BaseException as error:
            # Such as SystemExit: it must end this call and not the event loop.
            outcome = (future.set_exception, RuntimeError(type(error).__name__))
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, name="coda-graphmem-receiver", daemon=True).start()
    return future
