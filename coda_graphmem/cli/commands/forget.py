"""Removes all memories that match: ``forget``."""

import sys
from typing import Annotated, Any

import typer

from coda_graphmem.characters import visible
from coda_graphmem.cli.interrupts import Interruptible
from coda_graphmem.cli.options import (
    AsJson,
    Conversation,
    Metadata,
    Since,
    Types,
    Until,
    Where,
    check_order,
    parse_metadata,
)
from coda_graphmem.cli.output import print_json, print_receipt
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import ValidationError


async def forget(
    settings: Settings,
    *,
    conversation: Conversation = None,
    types: Types = None,
    since: Since = None,
    until: Until = None,
    max_importance: Annotated[
        float | None,
        typer.Option("--max-importance", min=0.0, max=1.0, help="Only memories of at most this importance, 0 to 1."),
    ] = None,
    metadata: Metadata = None,
    where: Where = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole namespace; excludes the other filters.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a whole namespace goes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove all memories that match, archived and short-term ones too, without a trace; nothing brings them back."""
    check_order(since, until)
    filters: dict[str, Any] = {
        "conversation_id": conversation,
        "memory_types": types,
        "since": since,
        "until": until,
        "max_importance": max_importance,
        "metadata": parse_metadata(metadata) or None,
        "where": where,
    }
    if everything == any(value is not None for value in filters.values()):
        raise typer.BadParameter("Give filters, or --all alone to remove the whole namespace.")
    async with open_memory(settings) as memory:
        if everything and not yes:
            items = (await memory.get_memory_stats()).total_items
            what = f"{await memory.count():,} memories" + (f" and {items:,} items" if items else "")
            _confirm(memory.namespace, what)
        receipt = await (memory.forget(everything=True) if everything else memory.forget(**filters))
    if as_json:
        print_json(receipt)
    else:
        print_receipt(receipt)


def _confirm(namespace: str, what: str) -> None:
    """Go on only where somebody agrees."""
    try:
        with Interruptible():
            agreed = typer.confirm(f"Remove all {what} of namespace {visible(namespace)}?", err=True)
    except typer.Abort:
        if sys.stdin.isatty():
            raise KeyboardInterrupt from None
        raise ValidationError(
            f"would remove all {what} of namespace {namespace}, and nobody can be asked.",
            field="--all",
            remedy="Add --yes.",
        ) from None
    if not agreed:
        raise typer.Abort
