"""Lets only errors of this package out of the façade."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from coda_graphmem.errors import GraphMemoryError

P = ParamSpec("P")
T = TypeVar("T")


def operation(
    error: type[GraphMemoryError],
) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Turn whatever is unexpected in a method into one of our errors, with the cause kept.

    Args:
        error: What the method raises where something fails that no part below has named.
    """

    def decorate(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        @wraps(method)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return await method(*args, **kwargs)
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
