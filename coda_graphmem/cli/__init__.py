"""The command line: ``coda-graphmem``."""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from coda_graphmem.cli.app import app

    # Where a program is started without these, as services are, Python has none at all.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the process ends
    if sys.stderr is None:
        sys.stderr = sys.stdout
    app(prog_name="coda-graphmem")
