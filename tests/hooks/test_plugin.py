"""The plugin that is written for Claude Code."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from coda_graphmem.hooks.event import NAMES
from coda_graphmem.hooks.plugin import NAME, plugin_files
from coda_graphmem.hooks.project import project_folder, project_namespace


def test_its_files_fit_together() -> None:
    files = plugin_files("/opt/my tools/coda-graphmem", ["--namespace", "it's ours"], windows=False)
    held = {name: json.loads(text) for name, text in files.items() if name.endswith(".json")}
    marketplace = held[".claude-plugin/marketplace.json"]
    [offered] = marketplace["plugins"]
    folder = offered["source"].removeprefix("./")
    manifest = held[f"{folder}/.claude-plugin/plugin.json"]
    # What Claude Code wants of those that others install.
    assert manifest["license"] == "Apache-2.0"
    assert len(files[f"{folder}/README.md"].split()) > 40
    assert marketplace["name"] == offered["name"] == manifest["name"] == NAME
    hooks = held[f"{folder}/hooks/hooks.json"]["hooks"]
    assert tuple(hooks) == NAMES
    for name, [group] in hooks.items():
        [hook] = group["hooks"]
        assert hook["type"] == "command"
        assert shlex.split(hook["command"]) == [
            "/opt/my tools/coda-graphmem", "hook", name, "--namespace", "it's ours"
        ]  # fmt: skip
    server = held[f"{folder}/.mcp.json"]["mcpServers"]["memory"]
    assert server["command"] == "/opt/my tools/coda-graphmem"
    assert server["args"] == ["mcp", "--project", "--namespace", "it's ours"]


def test_on_windows_commands_are_such_that_every_shell_takes_them() -> None:
    program = r"C:\Programs\bin\coda-graphmem.exe"
    files = plugin_files(program, ["--dir", r"D:\memory"], windows=True)
    [group] = json.loads(files["plugin/hooks/hooks.json"])["hooks"]["Stop"]
    assert group["hooks"][0]["command"] == (
        "C:/Programs/bin/coda-graphmem.exe hook Stop --dir D:/memory"
    )  # fmt: skip
    assert json.loads(files["plugin/.mcp.json"])["mcpServers"]["memory"]["command"] == program
    for path in (r"C:\Program Files\coda-graphmem.exe", r"C:\$HOME\x.exe", r"C:\it's\x.exe", r"C:\a&b\x.exe"):
        with pytest.raises(ValueError, match="characters that shells of Windows read"):
            plugin_files(path, [], windows=True)


def test_each_project_has_a_namespace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = {project_namespace(tmp_path / name) for name in ("shop", "a/shop", "Zoë & Co.", "...", "x" * 200)}
    assert len(names) == 5
    assert all(name.isprintable() and len(name) <= 200 and " " not in name for name in names)
    assert sorted(name[:5] for name in names if "shop" in name) == ["shop-", "shop-"]
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert project_folder(str(tmp_path / "link")) == tmp_path / "real"
    monkeypatch.setenv("CLAUDE_PROJECT_DIR", str(tmp_path))
    assert project_folder(str(tmp_path / "real")) == tmp_path
