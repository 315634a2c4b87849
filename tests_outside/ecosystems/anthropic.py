"""Claude's memory tool: the tests of the one that Anthropic keeps in files, with ours in its place."""

from __future__ import annotations

import importlib
from typing import Any

from tests_outside.python_tests import PythonTests

_FILES = "about links, modes and races of a file system"
_SIZE = "a file with more lines is refused when it is made, not when it is read"
_DISK = "writes its file to the disk; the same test of the other tool is run"
_PATH = "about a method that turns a path into one of the disk"

ECOSYSTEM = PythonTests(
    name="anthropic",
    module=__name__,
    packages=("anthropic==2.14.0",),
    sdist="anthropic==2.14.0",
    tests=("tests/lib/tools/memory_tools/test_filesystem.py",),
    options=("--noconftest",),  # theirs wants a server
    left_out={
        **dict.fromkeys(
            (
                "test_mkdir_parents_not_world_writable_under_permissive_umask",
                "test_read_rejects_symlink_created_after_validation",
                "test_read_rejects_file_replaced_with_symlink_before_open",
                "test_view_rejects_directory_symlink_created_after_validation",
                "test_symlink_validation_reject_symlink_pointing_outside_memories",
                "test_view_lists_symlinks_only_when_they_stay_inside_memories",
                "test_symlink_validation_reject_creating_files_through_symlink_pointing_outside",
                "test_symlink_validation_reject_parent_directory_that_is_symlink_pointing_outside",
            ),
            _FILES,
        ),
        **dict.fromkeys(
            (
                "TestBetaAsyncLocalFilesystemMemoryTool.test_view_preserves_crlf_line_endings",
                "TestBetaAsyncLocalFilesystemMemoryTool.test_str_replace_preserves_crlf_line_endings",
                "TestBetaAsyncLocalFilesystemMemoryTool.test_insert_preserves_crlf_line_endings",
            ),
            _DISK,
        ),
        "test_view_error_for_files_with_too_many_lines": _SIZE,
        "test_validate_path_returns_resolved_path_not_symlink_target": _PATH,
    },
)

_memories: dict[str, Any] = {}
"""By the folder that a test would keep its files in."""


def pytest_configure() -> None:
    """Put our tools where their tests expect theirs."""
    from coda_graphmem.integrations.anthropic import AsyncGraphMemoryTool, GraphMemoryTool
    from tests_outside.memories import opened

    module = importlib.import_module("anthropic.lib.tools._beta_builtin_memory_tool")
    for name, kind in (
        ("BetaLocalFilesystemMemoryTool", GraphMemoryTool),
        ("BetaAsyncLocalFilesystemMemoryTool", AsyncGraphMemoryTool),
    ):

        def init(self: Any, base_path: str, kind: Any = kind) -> None:
            self.base_path = base_path
            _memories[base_path] = opened()
            kind.__init__(self, _memories[base_path])
            self.memory_root = _Folder(_memories[base_path], awaits=kind is AsyncGraphMemoryTool)

        setattr(module, name, type(name, (kind,), {"__init__": init}))


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Let them look at what our tools keep as they look at a folder."""
    for module in {item.module for item in items}:
        module.get_directory_snapshot = _snapshot


def pytest_runtest_teardown() -> None:
    """Close the memory of a test."""
    while _memories:
        _memories.popitem()[1].cleanup()


class _Folder:
    """Stands for the folder that the files would be in."""

    def __init__(self, memory: Any, *, awaits: bool) -> None:
        self._memory = memory
        self._awaits = awaits

    def __truediv__(self, name: str) -> _File:
        return _File(self._memory, f"/memories/{name}")

    def is_dir(self) -> Any:
        """Whether there is a folder to look into."""
        from coda_graphmem.integrations.anthropic import GraphMemoryTool

        tool: Any = GraphMemoryTool(self._memory)
        found = "directories" in tool.call({"command": "view", "path": "/memories"})
        return _later(found) if self._awaits else found


class _File:
    """Stands for a file in it."""

    def __init__(self, memory: Any, path: str) -> None:
        self._memory = memory
        self._path = path

    def write_bytes(self, data: bytes) -> None:
        """Make it."""
        from coda_graphmem.integrations.anthropic import files

        assert self._memory.run(lambda memory: files.create(memory, self._path, data.decode()))

    def read_bytes(self) -> bytes:
        """What it holds."""
        from coda_graphmem.integrations.anthropic import files

        held: str = self._memory.run(files.listed)[self._path].text
        return held.encode()


async def _later(value: bool) -> bool:
    return value


def _snapshot(base_path: str) -> dict[str, str]:
    from coda_graphmem.integrations.anthropic import files

    found = _memories[str(base_path)].run(files.listed)
    return {path.removeprefix("/"): file.text for path, file in found.items()}
