"""Prints what a maintenance job did."""

from typing import Any

from coda_graphmem.cli.output import say, when
from coda_graphmem.models import JobRun


def print_run(run: JobRun) -> None:
    """Print a run: when, which job, how it ended, how long it took, and what it changed."""
    took = "" if run.seconds is None else f" in {run.seconds:.1f} s"
    where = "" if run.namespace is None else f" of {run.namespace}"
    counts: dict[str, Any] = {key: value for key, value in run.summary.items() if isinstance(value, int) and value}
    details = ", ".join(f"{key.replace('_', ' ')} {value:,}" for key, value in counts.items())
    say(
        f"  {when(run.started_at):17}  {run.job}{where}: {run.status}{took}, changed {run.changed:,}"
        + (f" ({details})" if details else "")
    )
    say(f"      {run.run_id}", style="dim")
    if run.error:
        say(f"      {run.error}", style="red")
