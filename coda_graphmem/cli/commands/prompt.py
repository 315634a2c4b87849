"""Makes the text that belongs into a prompt: ``prompt``."""

from typing import Annotated, cast, get_args

import typer

from coda_graphmem.cli.options import AsJson, AsOf, Limit, Since, Types, Until, check_order, text_or_stdin
from coda_graphmem.cli.output import counted, print_json, print_text, remark
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings
from coda_graphmem.models import Context, ContextSection, Validity


async def prompt(
    settings: Settings,
    query: Annotated[
        str | None, typer.Argument(help="A question or what was just said; - reads it from standard input.")
    ] = None,
    *,
    conversation: Annotated[
        str | None, typer.Option("--conversation", "-c", help="Whose latest turns are part of it.")
    ] = None,
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=0, help="Its size in tokens, by an estimate.")] = 1000,
    subject: Annotated[str, typer.Option("--subject", help="Whose profile is part of it.")] = "User",
    sections: Annotated[
        list[str] | None,
        typer.Option(
            "--section", help="Only this part: profile, memories or turns; may be repeated, and says their order."
        ),
    ] = None,
    limit: Limit = None,
    turns: Annotated[int, typer.Option("--turns", min=1, help="How many turns at most.")] = 10,
    min_relevance: Annotated[
        float | None,
        typer.Option("--min-relevance", "-r", min=0.0, max=1.0, help="From 0 to 1; 0.5 if nothing else is set."),
    ] = None,
    types: Types = None,
    since: Since = None,
    until: Until = None,
    validity: Annotated[
        Validity | None,
        typer.Option("--validity", help="Only what holds, or also what held; else as the question asks."),
    ] = None,
    as_of: AsOf = None,
    profile_always: Annotated[
        bool, typer.Option("--profile-always", help="The profile even where nothing relevant is found.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the text that belongs into a prompt: what is known, what is relevant, the latest of a conversation.

    Nothing is printed where there is nothing to say.
    """
    check_order(since, until)
    text = None if query is None else text_or_stdin(query)
    async with open_memory(settings) as memory, waiting("Searching"):
        made = await memory.build_context(
            text,
            conversation,
            max_tokens,
            subject=subject,
            limit=limit,
            max_turns=turns,
            min_relevance=min_relevance,
            memory_types=types,
            since=since,
            until=until,
            validity=validity,
            as_of=as_of,
            sections=_chosen(sections),
            profile_always=profile_always,
        )
    if as_json:
        print_json(made)
        return
    if made.text:
        print_text(made.text)
    remark(_account(made))


def _chosen(names: list[str] | None) -> list[ContextSection]:
    """The parts asked for, each once; wrong usage where there is no such part."""
    known = get_args(ContextSection)
    unknown = next((name for name in names or () if name not in known), None)
    if unknown is not None:
        raise typer.BadParameter(f"{unknown!r} is none of {', '.join(known)}.", param_hint="--section")
    return cast("list[ContextSection]", list(dict.fromkeys(names or known)))


def _account(made: Context) -> str:
    """What became of what was found, in one line."""
    if not made.items and not made.left_out:
        return "Nothing is known that belongs here."
    unfit = sum(left.reason == "does_not_fit" for left in made.left_out)
    kept = f"{counted(len(made.items), 'record', 'records')}, {made.tokens:,} of {made.max_tokens:,} tokens"
    return f"{kept}; {counted(unfit, 'has', 'have')} no room." if unfit else f"{kept}."
