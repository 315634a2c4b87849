"""Answers a hook of a coding assistant: ``hook``."""

import time
from typing import Annotated

import typer

from coda_graphmem.cli.settings import Settings
from coda_graphmem.hooks.client import call
from coda_graphmem.hooks.command import options_of
from coda_graphmem.hooks.event import NAMES


async def hook(
    settings: Settings, event: Annotated[str, typer.Argument(help=f"What happened: {', '.join(NAMES)}.")]
) -> None:
    """Answer a hook of Claude Code, which calls this by itself: say what is known, or keep what was said.

    It takes JSON on standard input and answers within a second. Memories are those of the project, in a namespace of
    its own in ~/.coda-graphmem, unless --dir, --namespace or the environment name others.
    """
    settings.check_whole()
    directory = None if settings.directory is None else str(settings.directory)
    code = call(event, options_of(settings.store, directory), settings.namespace, time.monotonic())
    raise typer.Exit(code)
