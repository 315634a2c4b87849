"""The command line: ``coda-graphmem``."""

import os
import sys
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _look_elsewhere()
    from coda_graphmem.cli.app import app

    # Where a program is started without these, as services are, Python has none at all.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the process ends
    if sys.stderr is None:
        sys.stderr = sys.stdout
    app(prog_name="coda-graphmem")


def _look_elsewhere() -> None:
    """Find no module in the folder a command is run in, which others may write, unless this package lies there.

    Python looks there where ``PYTHONPATH`` has an empty part, as it easily gets when something is added to nothing.
    """
    own = Path(__file__).resolve().parents[2]
    try:
        here = Path.cwd()
    except OSError:  # It is gone.
        return
    sys.path[:] = [part for part in sys.path if part and (Path(part).resolve() != here or here == own)]
