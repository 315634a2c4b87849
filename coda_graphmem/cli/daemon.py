"""The program that answers hooks, as ``python -m``; `coda_graphmem.hooks.client` starts it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from coda_graphmem.hooks.daemon import run
from coda_graphmem.hooks.state import StateFolder

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager


def main(options: tuple[str, ...]) -> None:
    """Serve the memory that options mean."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--store")
    parser.add_argument("--dir", type=Path)
    given = parser.parse_args(options)

    def make() -> MemoryManager:
        from coda_graphmem.cli.settings import Settings
        from coda_graphmem.manager import MemoryManager

        # Each question says in which namespace.
        return MemoryManager(Settings(given.store, given.dir).of_project(Path()).config())

    run(StateFolder(options), make)


if __name__ == "__main__":
    import sys

    main(tuple(sys.argv[1:]))
