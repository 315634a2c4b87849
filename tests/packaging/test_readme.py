"""What the README shows works."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from coda_graphmem.cli.app import app
from coda_graphmem.config import DEFAULT_MODEL

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    shlex.split(line, comments=True)[1:] for line in re.findall(r"^\$ (coda-graphmem .*)$", README, re.MULTILINE)
]


def test_the_two_commands_come_first() -> None:
    assert re.findall(r"^\$ (.*?)\s*(?:#.*)?$", README, re.MULTILINE)[:2] == ["make demo", "make test"]


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_snippets_run(snippet: str) -> None:
    done = subprocess.run([sys.executable, "-c", snippet], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_commands_work_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "conversation.jsonl").write_text('{"text": "Tom sings bass.", "memory_id": "ID"}\n', encoding="utf-8")
    for arguments in COMMANDS:
        given = [DEFAULT_MODEL if argument == "NAME" else argument for argument in arguments]
        done = CliRunner().invoke(app, given)
        assert done.exit_code == 0, (arguments, done.stderr)


def test_every_command_is_mentioned() -> None:
    commands = set(get_command(app).commands)
    assert commands == {arguments[0] for arguments in COMMANDS} | {"demo"}


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b", " ".join(re.findall(r"^\$ .*$", README + contributing, re.M))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
