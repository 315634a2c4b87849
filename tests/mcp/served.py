"""The command ``mcp`` in a program of its own, on the stand-in models, with faults that tests ask for.

Environment: ``GATED`` names modules whose import waits until a file of that name is in the working folder; ``NOISE``
has libraries print; ``MISSING`` hides the package ``mcp``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any


class Gate(MetaPathFinder):
    """Lets the import of some modules wait for a file."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        while fullname in self._names and not Path(fullname).exists():
            time.sleep(0.01)


def make_noise() -> None:
    """Print in all the ways there are, again and again."""
    while True:
        print("a library prints", flush=True)
        os.write(1, b"so does what is written in C\n")
        subprocess.run(["echo", "and a program"], check=True)
        time.sleep(0.02)


def maker(settings: Any) -> Callable[[], Any]:
    def make() -> Any:
        from coda_graphmem.manager import MemoryManager
        from tests.fakes import NameExtractor, WordEmbedder

        config = settings.config(scoped=True)
        memory = MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())
        return memory.scoped(**settings.scope) if settings.scope else memory

    return make


def main() -> None:
    from coda_graphmem import cli
    from coda_graphmem.cli.commands import mcp

    mcp._maker = maker
    if gated := os.environ.get("GATED"):
        sys.meta_path.insert(0, Gate(gated.split(",")))
    if os.environ.get("MISSING"):
        mcp.find_spec = lambda name: None  # type: ignore[attr-defined, assignment]
    if os.environ.get("NOISE"):
        from coda_graphmem.mcp import stdio

        class NoisyWire(stdio.Wire):
            def __init__(self, *given: Any) -> None:
                super().__init__(*given)
                threading.Thread(target=make_noise, daemon=True).start()

        stdio.Wire = NoisyWire  # type: ignore[misc]
    cli.main()


if __name__ == "__main__":
    main()
