"""Looks for what is not as it should be: ``health``."""

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import OpenMemory

_STYLES = {"critical": "bold red", "warning": "yellow", "info": None}


async def health(memory: OpenMemory, *, as_json: AsJson = False) -> None:
    """Look for what is not as it should be, and say what to do about it."""
    async with waiting("Looking at everything"):
        result = await memory.check_memory_health()
    if as_json:
        print_json(result)
        return
    say(f"Health of namespace {memory.namespace}: {result.overall_score:.2f}", style="bold")
    for issue in result.issues:
        say(f"  {issue.severity:8} {issue.message}", style=_STYLES[issue.severity])
        say(f"           {issue.remedy}", style="dim")
    if not result.issues:
        say("  All is well.")
