"""Finds and runs what the documentation shows: Python and shell."""

from __future__ import annotations

import ast
import asyncio
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from coda_graphmem.cli.app import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: By the name under which the table of contents has them.
PAGES = {"README.md": ROOT / "README.md"} | {
    path.relative_to(DOCS).as_posix(): path for path in sorted(DOCS.rglob("*.md"))
}

_BLOCK = re.compile(r"^```(python|console|\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str | Path) -> list[tuple[str, str]]:
    """(language, text) of each fenced block of a page, given by its name or as a file."""
    path = page if isinstance(page, Path) else PAGES[page]
    return [(kind, text) for kind, text in _BLOCK.findall(path.read_text(encoding="utf-8"))]


def commands(text: str) -> Iterator[list[str]]:
    """The commands of a console block, each as its words; what follows without a prompt is output."""
    joined = text.replace("\\\n", " ")
    for line in joined.splitlines():
        if line.startswith("$ "):
            yield shlex.split(line[2:], comments=True)


class Page:
    """Runs the blocks of one page in their order; names that a Python block makes stay for the next one."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self._loop = asyncio.new_event_loop()

    def python(self, source: str, where: str) -> None:
        """Run a block, which may await at its top level."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(source, where, "exec", flags=flags)
        result = eval(code, self.names)
        if asyncio.iscoroutine(result):
            self._loop.run_until_complete(result)

    def command(self, words: list[str]) -> None:
        """Run one of our own commands; of others only that they exist is checked elsewhere."""
        done = CliRunner().invoke(app, words[1:])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, (words, done.stdout, done.stderr)

    def close(self) -> None:
        """End what the blocks left running."""
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
