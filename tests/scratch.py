"""Has tests write into memory where there is room, as they make thousands of small files and wait for each.

Whoever names a folder (``--basetemp``, ``TMPDIR``) has them write there. What failed tests have written is moved to
where temporary files are kept otherwise.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")
#: Folders there are called after the process they belong to.
_PREFIX = "coda-graphmem-tests-"
#: Bytes that must be free there, and in all: several times what a session keeps at once, its servers included.
_FREE_THERE = 4 << 30
_FREE_IN_ALL = 8 << 30

_FOLDER = pytest.StashKey[Path]()
_FAILED = pytest.StashKey[bool]()


def _remove_abandoned() -> None:
    """Remove what sessions that were killed have left there."""
    for folder in _MEMORY.glob(f"{_PREFIX}*-*"):
        number = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if number.isdigit() and folder.stat().st_uid == os.getuid() and not Path("/proc", number).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _is_room() -> bool:
    if not os.access(_MEMORY, os.W_OK):
        return False
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    available = next((int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")), 0)
    return shutil.disk_usage(_MEMORY).free >= _FREE_THERE and available >= _FREE_IN_ALL


def pytest_configure(config: pytest.Config) -> None:
    """Set the folder for temporary files, which workers and all that tests start inherit."""
    if hasattr(config, "workerinput") or config.option.basetemp or "TMPDIR" in os.environ or not _is_room():
        return
    _remove_abandoned()
    config.stash[_FOLDER] = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_MEMORY))
    os.environ["TMPDIR"] = str(config.stash[_FOLDER])
    tempfile.tempdir = None  # it is looked up once


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_FAILED] = exitstatus == pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing in memory."""
    folder = config.stash.get(_FOLDER, None)
    if folder is None:
        return
    del os.environ["TMPDIR"]
    tempfile.tempdir = None
    if config.stash.get(_FAILED, False):
        kept = Path(tempfile.gettempdir()) / folder.name
        shutil.copytree(folder, kept, symlinks=True, ignore=_no_plain_files)
        print(f"What failed tests have written is in {kept}")
    shutil.rmtree(folder, ignore_errors=True)


def _no_plain_files(folder: str, names: list[str]) -> set[str]:
    """Sockets and pipes, which cannot be copied."""
    paths = (Path(folder, name) for name in names)
    return {path.name for path in paths if not (path.is_symlink() or path.is_dir() or path.is_file())}
