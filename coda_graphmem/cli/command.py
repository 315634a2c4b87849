"""Turns an asynchronous function into a command: shared options, errors for people, exit codes."""

import asyncio
import inspect
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer
from typer.core import TyperGroup

from coda_graphmem.characters import visible
from coda_graphmem.cli.interrupts import STOPPED, Interruptible
from coda_graphmem.cli.options import Agent, Directory, Namespace, Session, Store, User, Verbose
from coda_graphmem.cli.output import VisibleFormatter, accept_all_characters, complain, print_traceback
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import GraphMemoryError

Command = Callable[..., Awaitable[None]]
"""Takes an open memory first, or ``settings`` to open one itself; what follows are its own arguments and options."""

FAILED = 1


class Commands(TyperGroup):
    """All commands; what is wrong with how they are called is told like everything else."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; output takes whatever characters memories hold, and warnings go to standard error."""
        accept_all_characters()
        # Where nobody set up a log, warnings go to standard error.
        if logging.lastResort is not None:
            logging.lastResort.setFormatter(VisibleFormatter())
        return super().main(*args, **kwargs)

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the options before the command; what is wrong with them is told without hidden characters."""
        with _visible_usage_errors():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named, after its options are read in the same way."""
        with _visible_usage_errors():
            return super().invoke(ctx)


@contextmanager
def _visible_usage_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # The class of these errors is not public in all versions of Typer.
        if tell := getattr(error, "format_message", None):
            message = visible(tell())
            error.format_message = lambda: message  # type: ignore[attr-defined]
        raise


def register(app: typer.Typer, function: Command) -> None:
    """Add a command of the function's name to the application. The shared options may stand before it or after it."""
    # The class of the memory is loaded when one is opened.
    parameters = inspect.signature(function, locals={"MemoryManager": object}, eval_str=True).parameters.values()
    first, *own = parameters

    def run(context: typer.Context, **values: Any) -> None:
        shared = Settings(*(values.pop(option) for option in _SHARED))
        settings = context.obj.refined(shared)
        if settings.verbose:
            shown = logging.StreamHandler()
            shown.setFormatter(VisibleFormatter("%(levelname)s %(name)s: %(message)s"))
            logging.basicConfig(handlers=[shown])
            logging.getLogger("coda_graphmem").setLevel(logging.DEBUG)
        values = {name: _decoded(value) for name, value in values.items()}
        takes_settings = first.name == "settings"
        work = function(settings, **values) if takes_settings else _with_memory(function, settings, values)
        _finish(work, verbose=settings.verbose)

    signature = inspect.Signature(
        [
            inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            *_SHARED.values(),
        ]
    )
    run.__signature__ = signature  # type: ignore[attr-defined] # what inspect reads first
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature.parameters.values()}
    run.__doc__ = function.__doc__
    app.command(function.__name__.strip("_").replace("_", "-"))(run)


def _decoded(value: Any) -> Any:
    """An argument as it was typed, where the locale took it for ASCII; paths stay as the system has them."""
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if not isinstance(value, str) or value.isprintable():
        return value
    with suppress(UnicodeError):
        return value.encode("utf-8", "surrogateescape").decode("utf-8")
    return value


async def _with_memory(function: Command, settings: Settings, values: dict[str, Any]) -> None:
    async with open_memory(settings) as memory:
        await function(memory, **values)


def _finish(work: Awaitable[None], *, verbose: bool) -> None:
    async def awaited() -> None:
        await work

    try:
        with Interruptible():
            asyncio.run(awaited())
        # Now, as an error at the end of the process would be nobody's.
        sys.stdout.flush()
    except KeyboardInterrupt:
        complain("Stopped.")
        raise typer.Exit(STOPPED) from None
    except GraphMemoryError as error:
        if verbose:
            print_traceback()
        hint = " Add --verbose to see where it comes from." if error.__cause__ and not verbose else ""
        complain(f"Error: {error}{hint}")
        raise typer.Exit(FAILED) from None
    except BrokenPipeError:
        # Whoever read along has seen enough.
        _drop_output()
        raise typer.Exit(FAILED) from None
    except OSError as error:
        if verbose:
            print_traceback()
        _drop_output()
        place = error.filename or "standard output"
        complain(f"Error: {place} cannot be used ({error.strerror}). Check its rights and the free space.")
        raise typer.Exit(FAILED) from None


def _drop_output() -> None:
    """Let what was not written yet go nowhere, so that the end of the process does not stumble over it again."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the process ends


_SHARED = {
    name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
    for name, annotation, default in (
        ("store", Store, None),
        ("directory", Directory, None),
        ("namespace", Namespace, None),
        ("verbose", Verbose, False),
        ("user", User, None),
        ("agent", Agent, None),
        ("session", Session, None),
    )
}
