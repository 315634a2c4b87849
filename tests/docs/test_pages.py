"""Every block of README and docs works, every command and setting has its place, and the site builds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from coda_graphmem.cli.app import app
from coda_graphmem.config import DEFAULT_MODEL
from tests.docs.blocks import PAGES, ROOT, Page, blocks, commands

pytestmark = pytest.mark.slow

#: What is not run here: installing is tested with the wheel, servers with the scripts that start them.
OTHERS = {
    "make",
    "python",
    "python3",
    "pip",
    "pipx",
    "uv",
    "docker",
    "export",
    "git",
    "cd",
    ".venv/bin/python",
    ".ci/run",
}
#: Files that the blocks import, by name.
FILES = {
    "conversation.jsonl": '{"text": "Tom sings bass.", "memory_id": "ID"}\n',
    "conversations.json": json.dumps(
        [
            {
                "uuid": "c",
                "name": "Choir",
                "chat_messages": [{"uuid": "m", "sender": "human", "text": "Margit sings alto."}],
            }
        ]
    ),
    "WhatsApp Chat with Ida.txt": "14/03/26, 19:13 - Ida: Are you coming?\n14/03/26, 19:14 - Nora: Yes.\n",
    "mem0_export.json": json.dumps({"results": [{"id": "1", "memory": "Plays the cello", "user_id": "nora"}]}),
    "agent.af": json.dumps({"agents": [], "blocks": [{"id": "block-0", "label": "human", "value": "Name: Nora"}]}),
    "Notes/Tea.md": "# Tea\n\nGreen tea wants [[Water]].\n",
    "Library/guides/repair.md": "# Repair\n\nGlue a patch on a hole.\n",
    "Library/pegs.txt": "Pegs are made of titanium.\n",
    "talk.md": "**Nora:** Is Ida in the choir?\n\n**Ida:** Yes, I sing soprano.\n",
}
#: Pages of frameworks are run by tests/integrations, where their framework is there, the server's by tests/server.
RUNNABLE = [
    name
    for name in PAGES
    if not name.startswith("integrations/")
    and name != "server.md"
    and any(kind in ("python", "console") for kind, _ in blocks(name))
]


@pytest.mark.parametrize("name", RUNNABLE)
def test_blocks_run_in_their_order(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file, content in FILES.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(content, encoding="utf-8")
    page = Page()
    try:
        for i, (kind, text) in enumerate(blocks(name)):
            if kind == "python":
                page.python(text, f"{name}, block {i}")
            elif kind == "console":
                for words in commands(text):
                    if words[:2] == ["coda-graphmem", "inspect"]:
                        continue  # serves until it is stopped: tests/inspector opens it
                    if words[0] == "coda-graphmem":
                        page.command([DEFAULT_MODEL if word == "NAME" else word for word in words])
                    else:
                        assert words[0].partition("=")[0] in OTHERS | {"TORCH_BACKEND"} or "/bin/" in words[0], words
    finally:
        page.close()


def test_every_block_names_its_language() -> None:
    for name in PAGES:
        for kind, text in blocks(name):
            assert kind, (name, text[:40])


def named_commands() -> dict[str, Any]:
    """All commands by how they are called; those of a group with its name before theirs."""
    found: dict[str, Any] = {}
    for name, command in get_command(app).commands.items():
        inner = getattr(command, "commands", None)
        found |= {name: command} if inner is None else {f"{name} {one}": each for one, each in inner.items()}
    return found


def test_every_command_has_help_a_page_and_a_test() -> None:
    page = PAGES["cli.md"].read_text(encoding="utf-8")
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "cli").glob("test_*.py"))
    for name, command in named_commands().items():
        assert command.help, name
        assert f"\n## {name}\n" in page
        assert re.search(", ".join(f'"{word}"' for word in name.split()), tests), name
        for option in command.params:
            assert getattr(option, "help", None), (name, option.name)


def test_pages_made_from_the_code_are_up_to_date() -> None:
    script = ROOT / "scripts" / "generate_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_setting_has_a_meaning() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", PAGES["settings.md"].read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 30
    assert [name for name, meaning in rows if not re.sub(r"\(.*\)", "", meaning).strip()] == []


def test_every_page_is_in_the_table_of_contents() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert {name for name in PAGES if name != "README.md"} == set(re.findall(r"([\w/-]+\.md)$", text, re.MULTILINE))


def test_the_site_builds_without_warnings_and_asks_no_other_host(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    loaded = re.findall(r'<(?:script|img|iframe)[^>]+src="([^"]+)"|<link[^>]+stylesheet[^>]+href="([^"]+)"', page)
    assert loaded
    assert not any(address.startswith(("http", "//")) for pair in loaded for address in pair)
