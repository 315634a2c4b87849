"""What docs/server.md shows works: commands, curl, Python and JavaScript, against a server of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from coda_graphmem.cli.app import app
from coda_graphmem.server.limits import Limits
from tests.cli.test_serve import serving
from tests.docs.blocks import PAGES, blocks, commands
from tests.server.conftest import OPERATIONS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("ctrl_c")]

TEXT = PAGES["server.md"].read_text(encoding="utf-8")


def test_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__PERSIST_DIRECTORY", str(tmp_path))
    made = ""
    for kind, text in blocks("server.md"):
        for words in commands(text) if kind == "console" else ():
            if words[:2] == ["coda-graphmem", "keys"]:
                done = CliRunner().invoke(app, words[1:])
                assert done.exit_code == 0, done.stderr
                made = made or done.stdout.strip()
            else:
                assert words[0] == "pip" or words == ["coda-graphmem", "serve"]
    monkeypatch.setenv("KEY", made)
    outputs: dict[str, str] = {}
    with serving(tmp_path) as (_, address):
        for kind, shown in blocks("server.md"):
            text = shown.replace("http://127.0.0.1:8779", address)
            if kind == "python":
                exec(compile(text, "server.md", "exec"), {"__name__": "__main__"})
                outputs[kind] = capsys.readouterr().out
            elif kind == "bash" and shutil.which("curl"):
                outputs[kind] = _run(["sh", "-e", "-c", text])
            elif kind == "js" and shutil.which("node"):
                outputs[kind] = _run(["node", "--input-type=module", "-e", text])
    assert "Nora rows on Sundays" in outputs["python"]
    assert "Margit sings alto" in outputs.get("bash", "Margit sings alto")
    assert "Margit sings alto" in outputs.get("js", "Margit sings alto")


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_route_is_in_the_table() -> None:
    named = set(re.findall(r"[/…][\w/{}-]*\w[}\w]*|…/[\w-]+", TEXT))
    for one in OPERATIONS:
        end = "…/" + one.path.rpartition("/")[2]
        assert one.path in named or end in named or one.path in TEXT, one.path


def test_limits_are_those_of_the_code() -> None:
    limits = Limits()
    for option in get_command(app).commands["serve"].params:  # type: ignore[attr-defined]
        value = getattr(limits, option.opts[0].removeprefix("--max-").removeprefix("--"), None)
        if value is not None:
            # Bodies are counted in megabytes.
            assert f"({value / 2**20 if value >= 2**20 else value:g})" in option.help
    row = dict(re.findall(r"^\| `(--[\w-]+)`[^|]*\| ([\d,]+)", TEXT, re.MULTILINE))
    shown = {name: int(value.replace(",", "")) for name, value in row.items()}
    assert shown == {
        "--max-body": limits.body / 2**20,
        "--max-upload": limits.upload / 2**20,
        "--max-batch": limits.batch,
        "--rate": limits.rate,
        "--max-requests": limits.requests,
        "--max-streams": limits.streams,
    }
