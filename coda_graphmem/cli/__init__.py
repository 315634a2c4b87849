"""The command line: ``coda-graphmem``."""

from __future__ import annotations

import os
import sys

# As in `typing`, which takes its time to be imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["main"]


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _look_elsewhere()
    if sys.argv[1:2] == ["hook"]:
        # An assistant waits for it at every turn.
        from coda_graphmem.hooks.command import run

        run(sys.argv[2:])
    from coda_graphmem.cli.interrupts import stop_at_once

    stop_at_once()
    _open_streams()
    sys.excepthook = _show_error
    from coda_graphmem.cli.app import app

    app(prog_name="coda-graphmem")


def _look_elsewhere() -> None:
    """Find no module in the folder a command is run in, which others may write, unless this package lies there.

    Python looks there where ``PYTHONPATH`` has an empty part, as it easily gets when something is added to nothing.
    """
    own = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))  # noqa: PTH120 - pathlib is slow
    try:
        here = os.path.realpath(os.getcwd())  # noqa: PTH109
    except OSError:  # It is gone.
        return
    sys.path[:] = [part for part in sys.path if part and (os.path.realpath(part) != here or here == own)]


def _open_streams() -> None:
    """Make up for standard streams that the program was started without, as services are."""
    # No file that is opened later may get one of their numbers, and with it what others write to them.
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the process ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the process ends


def _show_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show an error that nobody expected, whatever characters it holds."""
    import traceback

    from coda_graphmem.characters import visible

    sys.stderr.write(visible("".join(traceback.format_exception(kind, error, trace)), lines=True))
