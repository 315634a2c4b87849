"""Files and folders for their owner alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from coda_graphmem.private_files import (
    is_foreign_link,
    is_open_to_others,
    is_writable_by_others,
    kind_of,
    make_file,
    make_folder,
    tighten,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_missing_is_made_private_and_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(0o755)
    for _ in range(2):
        make_folder(tmp_path / "there" / "a" / "b")
        make_file(tmp_path / "there" / "a" / "b" / "file")
    assert [mode(tmp_path / "there" / name) for name in (".", "a", "a/b", "a/b/file")] == [0o755, 0o700, 0o700, 0o600]
    (tmp_path / "there" / "a" / "b" / "file").write_text("kept")
    (tmp_path / "there" / "a" / "b" / "file").chmod(0o644)
    make_file(tmp_path / "there" / "a" / "b" / "file")
    assert (tmp_path / "there" / "a" / "b" / "file").read_text() == "kept"
    assert is_open_to_others(tmp_path / "there" / "a" / "b" / "file")
    with pytest.raises(OSError, match="exists"):
        make_folder(tmp_path / "there" / "a" / "b" / "file")


def test_a_file_is_not_made_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("victim")
    make_file(tmp_path / "link")
    assert not (tmp_path / "victim").exists()


def test_only_a_closed_folder_is_tightened(tmp_path: Path) -> None:
    for name, own in (("closed", 0o700), ("open", 0o755)):
        folder = tmp_path / name
        folder.mkdir(own)
        (folder / "file").write_text("")
        (folder / "link").symlink_to(tmp_path / "outside")
        (tmp_path / "outside").write_text("")
        tighten(folder)
    assert [mode(tmp_path / name) for name in ("closed/file", "open/file", "outside")] == [0o600, 0o644, 0o644]


def test_who_may_put_something_into_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    assert not is_writable_by_others(folder)
    folder.chmod(0o1777)
    assert is_writable_by_others(folder)
    folder.chmod(0o755)
    # Whoever may write above it can put another folder in its place, unless the sticky bit is set.
    folder.parent.chmod(0o777)
    assert is_writable_by_others(folder)
    folder.parent.chmod(0o1777)
    assert not is_writable_by_others(folder)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="gives things to another user")
def test_what_is_anothers(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir(0o755)
    link.symlink_to(folder)
    assert not is_foreign_link(link)
    os.chown(link, 1234, 1234, follow_symlinks=False)
    assert is_foreign_link(link)
    assert not is_writable_by_others(folder)
    os.chown(folder, 1234, 1234)
    assert is_writable_by_others(folder)
    os.chown(folder, 0, 1234)
    folder.chmod(0o775)
    assert is_writable_by_others(folder)


def test_what_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    found = [kind_of(tmp_path / name) for name in ("file", "missing", "pipe", "link", ".")]
    assert found == [None, None, "a pipe", "a pipe", "a directory"]
    assert kind_of(Path("/dev/null")) == "a device"
