"""Turns an asynchronous function into a command: shared options, errors for people, exit codes."""

import asyncio
import inspect
import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import typer

from coda_graphmem.cli.options import Directory, Namespace, Store, Verbose
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import GraphMemoryError

Command = Callable[..., Awaitable[None]]
"""Takes `Settings` first; what follows are its own arguments and options."""

FAILED, STOPPED = 1, 130


def register(app: typer.Typer, name: str, function: Command) -> None:
    """Add a command to the application. The shared options may stand before it or after it."""

    def run(context: typer.Context, **values: Any) -> None:
        shared = Settings(*(values.pop(option) for option in _SHARED))
        settings = context.obj.refined(shared)
        if settings.verbose:
            logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
            logging.getLogger("coda_graphmem").setLevel(logging.DEBUG)
        _finish(function(settings, **values), verbose=settings.verbose)

    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
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
    app.command(name)(run)


def _finish(work: Awaitable[None], *, verbose: bool) -> None:
    async def awaited() -> None:
        await work

    try:
        asyncio.run(awaited())
        # Now, as an error at the end of the process would be nobody's.
        sys.stdout.flush()
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        raise typer.Exit(STOPPED) from None
    except GraphMemoryError as error:
        if verbose:
            traceback.print_exc()
        hint = " Add --verbose to see where it comes from." if error.__cause__ and not verbose else ""
        typer.echo(f"Error: {error}{hint}", err=True)
        raise typer.Exit(FAILED) from None
    except BrokenPipeError:
        # Whoever read along has seen enough.
        _drop_output()
        raise typer.Exit(FAILED) from None
    except OSError as error:
        if verbose:
            traceback.print_exc()
        _drop_output()
        place = error.filename or "standard output"
        typer.echo(f"Error: {place} cannot be used ({error.strerror}). Check its rights and the free space.", err=True)
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
    )
}
