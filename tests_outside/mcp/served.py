"""Our server in a program of its own, as clients start it or by HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coda_graphmem.mcp.identity import Profile
from tests_outside.ecosystem import ROOT

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/mcp")


def program(folder: Path, profile: Profile) -> list[str]:
    """How it is started: on the models that load nothing, with its memories in a folder."""
    return [sys.executable, "-m", "tests.mcp.served", "mcp", "--dir", str(folder), "--profile", profile]


def environment() -> dict[str, str]:
    """The variables it is started with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CODA_GRAPHMEM_", "NEO4J_"))}
    return {**kept, "PYTHONPATH": str(ROOT)}


@contextmanager
def served(folder: Path, profile: Profile) -> Iterator[str]:
    """The address of a server, with its memories in a folder.

    Raises:
        RuntimeError: It does not start.
    """
    command = [*program(folder, profile), "--transport", "http", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment())
    assert process.stdout is not None
    try:
        found = next((match[0] for line in process.stdout if (match := _ADDRESS.search(line))), None)
        if found is None:
            raise RuntimeError("our server does not start")
        yield found
    finally:
        process.terminate()
        process.wait()
