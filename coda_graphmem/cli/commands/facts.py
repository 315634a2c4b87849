"""Tells what is known: ``facts``, ``profile``."""

import time
from typing import Annotated

import typer

from coda_graphmem.cli.facts import print_fact
from coda_graphmem.cli.options import AsJson, AsOf
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import OpenMemory


async def facts(
    memory: OpenMemory,
    subject: Annotated[str | None, typer.Argument(help="Of whom or what; everybody if it is left out.")] = None,
    *,
    attribute: Annotated[str | None, typer.Option("--attribute", "-a", help="Only this attribute.")] = None,
    as_of: AsOf = None,
    past: Annotated[bool, typer.Option("--past", help="Also what held before, or is yet to hold.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what holds, by what memories say: of whom or what, since when, and which memories say so."""
    async with waiting("Reading"):
        found = await memory.get_facts(subject, attribute, as_of, include_past=past)
    if as_json:
        print_json(found)
        return
    for fact in found:
        print_fact(fact, at=time.time() if as_of is None else as_of)
    if not found:
        say("Nothing is known." if past else "Nothing is known to hold. --past shows what held before.")


async def profile(
    memory: OpenMemory,
    subject: Annotated[str, typer.Argument(help="Of whom or what.")] = "User",
    *,
    as_of: AsOf = None,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", min=1, help="Size of the text in tokens, by an estimate.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is known of somebody or something now, as a text for a prompt."""
    async with waiting("Reading"):
        found = await memory.get_profile(subject, as_of, max_tokens)
    if as_json:
        print_json(found)
    elif found.lines:
        for line in found.text.splitlines():
            say(line)
    else:
        say(f"Nothing is known of {subject}.")
