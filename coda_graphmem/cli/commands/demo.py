"""The command that shows what the memory can do: ``demo``."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from coda_graphmem.cli.memories import explain, print_memory, seeds_of
from coda_graphmem.cli.output import say, when
from coda_graphmem.cli.progress import bar
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings, location

if TYPE_CHECKING:
    from coda_graphmem.demo import Question
    from coda_graphmem.manager import MemoryManager

_DIRECTORY = Path("data/demo")
_NAMESPACE = "demo"

#: Memories shown for a question.
_SHOWN = 4

#: How many the search without the graph may return in the comparison.
_COMPARED = 10


async def demo(settings: Settings) -> None:
    """Import a sample conversation of seven weeks and ask it questions.

    It works in a folder and a namespace of its own (data/demo, demo) and may be run again.
    """
    from coda_graphmem.demo import QUESTIONS, read_sample
    from coda_graphmem.importing import Loader

    # NEO4J_URI alone does not choose the store here: the first thing to try should need no server.
    settings = settings.with_defaults(store="embedded", namespace=_NAMESPACE)
    if settings.store != "neo4j":
        settings = settings.with_defaults(directory=_DIRECTORY)
    records = read_sample()
    async with open_memory(settings) as memory:
        with bar("Importing a sample conversation") as progress:
            result = await Loader(memory).load(records, progress)
        numbers = await memory.get_memory_stats()
        first, last = numbers.oldest_timestamp or 0.0, numbers.newest_timestamp or 0.0
        say(
            f"A person and an assistant, {numbers.total_memories} turns of {numbers.total_conversations} conversations "
            f"from {when(first)} to {when(last)},"
        )
        say(
            f"with {numbers.total_entities} people, places and things: "
            f"stored in {location(memory.config)} in {result.seconds:.1f} s."
        )
        for number, question in enumerate(QUESTIONS, start=1):
            await _ask(memory, number, question)
    _say_what_next(settings)


async def _ask(memory: MemoryManager, number: int, question: Question) -> None:
    from coda_graphmem.importing import parse_time

    since = None if question.since is None else parse_time(question.since)
    start = time.perf_counter()
    found = await memory.retrieve_memories(
        question.text, limit=_SHOWN, min_relevance=question.min_relevance, since=since, explain=True
    )
    took = time.perf_counter() - start
    say()
    say(f"{number}. {question.text}", style="bold")
    say(f"   {question.shows}; {1000 * took:.0f} ms", style="dim")
    seeds = await seeds_of(memory, found)
    for item in found:
        print_memory(item, explain(item.explanation, seeds, paths=1, factors=False), brief=True, marked=question.answer)
    if not found:
        say(f"Nothing relevant was found: no memory reaches a relevance of {question.min_relevance:.2f}.")
    if question.needs_graph and question.answer:
        plain = await memory.retrieve_memories(question.text, limit=_COMPARED, min_relevance=0.0, mode="hybrid")
        if not any(question.answer in item.content for item in plain):
            say(f"Without the graph, “{question.answer}” is not among the first {_COMPARED}.", style="bold")


def _say_what_next(settings: Settings) -> None:
    options = f"--namespace {settings.namespace}"
    if settings.store != "embedded":
        options += f" --store {settings.store}"
    if settings.directory is not None:
        options += f" --dir {shlex.quote(str(settings.directory))}"
    command = _own_command()
    say()
    say("What to type next", style="bold")
    say(f'  {command} search "Who can\'t eat gluten?" --explain {options}')
    say(f"  {command} context relay {options}")
    say(f"  {command} stats {options}")
    say("and with memories of your own:")
    say(f'  {command} add "Margit sings alto." && {command} search "choir"')
    say(f"  {command} --help")


def _own_command() -> str:
    """How this program is called from here: by its name where the shell would find it."""
    here, found = Path(sys.argv[0]), shutil.which("coda-graphmem")
    if found is not None and Path(found).resolve() == here.resolve():
        return "coda-graphmem"
    return shlex.quote(str(here)) if here.name.startswith("coda-graphmem") else "coda-graphmem"
