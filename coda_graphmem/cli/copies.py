"""What the commands share that move whole stores: both sides, progress, and the report."""

from dataclasses import replace
from pathlib import Path

from coda_graphmem.cli.output import print_json, remark, say
from coda_graphmem.cli.progress import bar
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.config import MemoryConfig, StoreType
from coda_graphmem.models import CopyReport, Inventory, NamespaceCopy
from coda_graphmem.times import utc_datetime

#: What the folder of a backup ends in until it is whole.
UNFINISHED = ".part"

#: Namespaces that differ, and memories of each, that are named.
_NAMED = 10


async def run_copy(
    here: MemoryConfig, there: MemoryConfig, names: list[str] | None, *, anew: bool = False
) -> CopyReport:
    """Copy with progress; say how to go on where it is stopped, or that it will begin ``anew``."""
    from coda_graphmem.manager import MemoryManager

    memory = MemoryManager(here)
    done = total = 0
    try:
        with bar(f"Copying to {location(there)}") as progress:

            def note(looked_at: int, of: int) -> None:
                nonlocal done, total
                done, total = looked_at, of
                progress(done, total)

            return await memory.copy_to(there, namespaces=names, progress=note)
    except BaseException:
        if total:
            further = (
                "The next run begins anew."
                if anew
                else ("Run the same command again to continue: what is copied is passed over.")
            )
            remark(f"{done:,} of {total:,} memories are copied. {further}")
        raise
    finally:
        await memory.cleanup()


def store_config(settings: Settings, store: StoreType, directory: Path | None) -> MemoryConfig:
    """The configuration of one side of a copy: a store, and its folder where it has one."""
    # Environment variables that are meant for Chroma must not make the other side a contradiction.
    plain = None if store == "chroma" else {"chroma_host": None, "chroma_port": None, "distance_metric": "cosine"}
    return replace(settings, store=store, directory=directory).config(vector_store=plain)


def print_report(report: CopyReport, here: MemoryConfig, there: MemoryConfig, *, as_json: bool) -> None:
    """Print what a copy did: the count by kind over all namespaces, what was copied, and what differs."""
    if as_json:
        namespaces = [{**part.model_dump(mode="json"), "complete": part.complete} for part in report.namespaces]
        as_of = None if report.as_of is None else utc_datetime(report.as_of).isoformat(timespec="milliseconds")
        print_json(
            {
                "complete": report.complete,
                "as_of": as_of,
                "seconds": round(report.seconds, 3),
                "namespaces": namespaces,
            }
        )
        return
    parts = report.namespaces
    sources, targets = [part.source for part in parts], [part.target for part in parts]
    say(f"{'':21}{'from':>12} {'to':>12}", style="dim")
    for name in Inventory.model_fields:
        first, second = ([getattr(side, name) for side in sides] for sides in (sources, targets))
        style = None if first == second else "bold red"
        say(f"{name.replace('_', ' '):21}{sum(first):>12,} {sum(second):>12,}", style=style)
    present = sum(part.present for part in parts)
    say(
        f"Copied {sum(part.copied for part in parts):,} memories of {_namespaces(parts)} from {location(here)} "
        f"to {location(there)} in {report.seconds:.1f} s" + (f"; {present:,} were there already." if present else ".")
    )
    if report.as_of is None:
        say("The first store was changed while it was copied, so that the copy is of no one moment.", style="bold red")
    elif report.complete:
        moment = utc_datetime(report.as_of).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
        say(f"As the first one stood at {moment} UTC: Both stores hold the same, by kind and memory by memory.")
        return
    differing = [part for part in parts if not part.complete]
    for part in differing[:_NAMED]:
        say(f"Namespace {part.namespace} differs: {_difference(part)}.", style="bold red")
    if len(differing) > _NAMED:
        say(f"So do {len(differing) - _NAMED:,} more.", style="bold red")


def _namespaces(parts: list[NamespaceCopy]) -> str:
    return f"namespace {parts[0].namespace}" if len(parts) == 1 else f"{len(parts):,} namespaces"


def _difference(part: NamespaceCopy) -> str:
    if part.differing:
        more = len(part.differing) - _NAMED
        return f"memories or items {', '.join(part.differing[:_NAMED])}" + (f" and {more:,} more" if more > 0 else "")
    more = part.target.memories - part.source.memories
    if more > 0:
        return f"every memory was copied, and the target holds {more:,} more, which were there before"
    return "every memory was copied, but one of the stores holds more than the other"
