"""Keeps work that a long text makes long off the event loop."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SHORT = 2_000
"""Characters with which whatever is done to a text takes less time than to hand it to a thread."""


async def aside(size: int, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What a function gives; it runs in a thread where there is much to do.

    Args:
        size: Characters that it looks at.
    """
    if size <= SHORT:
        return work(*arguments, **named)
    return await asyncio.to_thread(work, *arguments, **named)
