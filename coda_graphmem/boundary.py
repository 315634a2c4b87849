"""Checks what comes in at the façade, lets only errors of this package out, and no write end half known inside."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.validation import Arguments

P = ParamSpec("P")
T = TypeVar("T")


def operation(error: type[GraphMemoryError]) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Check the arguments of a method, and turn whatever is unexpected in it into one of our errors, the cause kept.

    Args:
        error: What the method raises where something fails that no part below has named.
    """

    def decorate(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        arguments = Arguments(method)

        @wraps(method)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                placed, named = arguments.checked(args, kwargs)
                return await method(*placed, **named)
            except GraphMemoryError:
                raise
            except Exception as cause:
                # Only the kind: the text of a foreign error may hold content or secrets.
                raise error(
                    f"{method.__name__} failed unexpectedly ({type(cause).__name__}).",
                    remedy="The cause is attached; please report it if it is not of your own making.",
                ) from cause

        return call

    return decorate


def plain_operation(method: Callable[P, T]) -> Callable[P, T]:
    """Check the arguments of a method that is not asynchronous."""
    arguments = Arguments(method)

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        placed, named = arguments.checked(args, kwargs)
        return method(*placed, **named)

    return call


async def to_its_end(write: Coroutine[Any, Any, T]) -> tuple[T, asyncio.CancelledError | None]:
    """What a write gives, which is waited for even where the task that asks is cancelled, and the cancellation.

    Whoever calls it notes what was done and then raises the cancellation, if there is one: nothing is done that
    nobody knows of.
    """
    task = asyncio.create_task(write)
    try:
        return await asyncio.shield(task), None
    except asyncio.CancelledError as stopped:
        return await task, stopped
