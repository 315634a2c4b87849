"""Checks what comes in at the façade and where it is done, lets only our errors out, and no write end half known."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from coda_graphmem.errors import GraphMemoryError, ValidationError
from coda_graphmem.telemetry import WatchedCall, is_watched
from coda_graphmem.validation.arguments import Arguments

P = ParamSpec("P")
T = TypeVar("T")


def operation(
    error: type[GraphMemoryError], *, opens: bool = False, scoped: bool = False
) -> Callable[[Callable[P, Coroutine[Any, Any, T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """Check the arguments of a method, and turn whatever is unexpected in it into one of our errors, the cause kept.

    The method is done where the memory lives, which need not be the loop that it is called in. Arguments that it does
    not know are a plain `TypeError`, as of any function. Where anybody watches, the whole is a span of OpenTelemetry's.

    Args:
        error: What the method raises where something fails that no part below has named.
        opens: Whether the method opens the memory, which lives in this loop from then on unless it is open.
        scoped: Whether it keeps to the scope of a view (`MemoryManager.scoped`); others are refused to such a view.
    """

    def decorate(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        arguments = Arguments(method)

        async def done(args: tuple[Any, ...], kwargs: dict[str, Any], watched: WatchedCall | None) -> T:
            try:
                placed, named = arguments.checked(args, kwargs)
            except GraphMemoryError:
                raise
            except Exception as cause:
                raise _unexpected(method.__name__, error, cause) from cause
            if watched is not None:
                watched.accept(arguments.by_name(placed, named))
            if not scoped:
                _check_whole(placed[0], method.__name__)
            work = method(*placed, **named)
            lifecycle = placed[0].lifecycle
            try:
                if opens:
                    lifecycle.home.claim()
                if (lifecycle.is_asleep and not opens) or not lifecycle.home.enter():
                    return cast("T", await lifecycle.visit(work))
                try:
                    return await work
                finally:
                    lifecycle.home.leave()
            except GraphMemoryError:
                raise
            except Exception as cause:
                raise _unexpected(method.__name__, error, cause) from cause

        @wraps(method)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            manager: Any = args[0] if args else None
            if manager is None or not is_watched(manager.config):
                return await done(args, kwargs, None)
            given = arguments.by_name(args, kwargs)
            with WatchedCall(method.__name__, manager.config, manager.namespace, given) as watched:
                result = await done(args, kwargs, watched)
                watched.tell(result)
                return result

        return call

    return decorate


def _check_whole(view: Any, name: str) -> None:
    """Refuse a call about a whole namespace to a view that is bound to a scope.

    Raises:
        ValidationError: The view is.
    """
    if view.scope:
        ids = ", ".join(f"{key}={value!r}" for key, value in view.scope.ids.items())
        raise ValidationError(
            f"is bound to {ids}, and {name} is about the whole namespace.",
            field="scope",
            remedy="Call it on the manager that the view was made from.",
        )


def _unexpected(name: str, error: type[GraphMemoryError], cause: Exception) -> GraphMemoryError:
    # Only the kind: the text of a foreign error may hold content or secrets.
    return error(
        f"{name} failed unexpectedly ({type(cause).__name__}).",
        remedy="The cause is attached; please report it if it is not of your own making.",
    )


def plain_operation(method: Callable[P, T]) -> Callable[P, T]:
    """Check the arguments of a method that is not asynchronous. Whether it keeps to a scope is for itself to say."""
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
    task, stopped = asyncio.create_task(write), None
    while True:
        try:
            return await asyncio.shield(task), stopped
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            # It may be cancelled again meanwhile, as by a time limit around another.
            stopped = error
