"""A file is written whole or not at all."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.transfer import files
from coda_graphmem.transfer.files import reopened, spooled, written, written_folder


def test_the_name_comes_last(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    with written(path) as file:
        file.write(b"after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")

    def fail() -> None:
        with written(path) as file:
            file.write(b"after")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_killed_process_leaves_what_was_there_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    code = (
        "import os, signal, sys; from pathlib import Path; from coda_graphmem.transfer.files import written\n"
        "with written(Path(sys.argv[1])) as file:\n"
        "    file.write(b'x' * 100_000); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -9
    assert path.read_text() == "before"
    with written(path) as file:
        file.write(b"after")
    assert path.read_text() == "after"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with written(path) as file:
        with pytest.raises(ValidationError, match="being written by another"), written(path):
            pass
        file.write(b"mine")
    assert path.read_text() == "mine"


def test_a_name_may_be_as_long_as_a_file_system_takes(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 120 + ".jsonl")
    with written(path) as file:
        file.write(b"whole")
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="cannot be written") as caught, written(tmp_path / "no" / "a.txt"):
        pass
    assert caught.value.field == str(tmp_path / "no" / "a.txt")


posix = pytest.mark.skipif(os.name != "posix", reason="pipes, links and modes as POSIX has them")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write(path: Path, data: bytes = b"after") -> None:
    with written(path) as file:
        file.write(data)


@posix
def test_what_is_planted_is_neither_followed_nor_touched(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "a.txt"
    victim.write_text("before")
    for name in ("a.txt.part", "a.txt.0123456789abcdef.part"):
        (tmp_path / name).symlink_to(victim)
    os.mkfifo(tmp_path / "a.txt.1123456789abcdef.part")
    (tmp_path / "a.txt.2123456789abcdef.part").hardlink_to(victim)
    (tmp_path / "a.txt.3123456789abcdef.part").mkdir()
    planted = sorted(entry.name for entry in tmp_path.iterdir())
    write(path)
    assert (path.read_text(), victim.read_text()) == ("after", "before")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([*planted, "a.txt"])


@posix
def test_a_file_is_for_its_owner_alone_unless_it_was_opened_to_others(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write(tmp_path / "new")
        (tmp_path / "open").write_text("before")
        (tmp_path / "open").chmod(0o640)
        write(tmp_path / "open")
        with written(tmp_path / "now"):
            [part] = tmp_path.glob("now.*.part")
            assert mode(part) == 0o600
    finally:
        os.umask(before)
    assert (mode(tmp_path / "new"), mode(tmp_path / "open")) == (0o600, 0o640)


@posix
def test_a_link_stays_and_other_names_keep_what_they_had(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before")
    (tmp_path / "other").hardlink_to(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert ((tmp_path / "real").read_text(), (tmp_path / "other").read_text()) == ("after", "before")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(ValidationError, match="cannot be written"):
        write(tmp_path / "circle")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="makes a link of another user")
def test_a_link_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("victim")
    os.chown(tmp_path / "link", 1234, 1234, follow_symlinks=False)
    with pytest.raises(ValidationError, match="somebody else"):
        write(tmp_path / "link")
    assert not (tmp_path / "victim").exists()


@posix
def test_what_is_no_file_is_written_to_or_refused_and_stays(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    with pytest.raises(ValidationError, match="nobody reads"):
        write(pipe)
    got: list[bytes] = []
    reading = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reading.start()
    for _ in range(200):
        try:
            write(pipe)
        except ValidationError:
            reading.join(0.05)
        else:
            break
    reading.join(10)
    assert got == [b"after"]
    write(Path("/dev/null"))
    for place, words in ((folder, "is a directory"), (Path("/dev/full"), "No space left")):
        if place.exists():
            with pytest.raises(ValidationError, match=words):
                write(place)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(tmp_path / "socket"))
        with pytest.raises(ValidationError, match="cannot be written"):
            write(tmp_path / "socket")
    kinds = {stat.S_IFMT(path.lstat().st_mode) for path in (pipe, Path("/dev/null"))}
    assert kinds == {stat.S_IFIFO, stat.S_IFCHR}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs paths of descriptors")
def test_what_this_process_has_open_is_written_on(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb", buffering=0) as out:
        out.write(b"before ")
        for path in (f"/dev/fd/{out.fileno()}", f"/proc/self/fd/{out.fileno()}"):
            write(Path(path), b"after ")
        out.write(b"end")
    assert (tmp_path / "out").read_bytes() == b"before after after end"


@posix
def test_a_pipe_is_read_once_and_can_be_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(files, "_WAIT", 0.0)
    with pytest.raises(ValidationError, match="nobody writes"):
        spooled(pipe)
    monkeypatch.undo()
    writing = threading.Thread(target=lambda: pipe.write_bytes(b"one\ntwo\n"))
    writing.start()
    with spooled(pipe) as kept:
        writing.join(10)
        for _ in range(2):
            with reopened(kept)() as file:
                assert list(file) == ["one\n", "two\n"]


def test_a_folder_takes_its_name_last_or_not_at_all(tmp_path: Path) -> None:
    with written_folder(tmp_path / "saved") as part:
        (part / "a").write_text("whole")
        assert [entry.name for entry in tmp_path.iterdir()] == [part.name]
        if os.name == "posix":
            assert mode(part) == 0o700
        # Another one at the same time takes nothing away.
        with written_folder(tmp_path / "saved"):
            pass
        assert (part / "a").exists()
        (tmp_path / "saved").rmdir()
    assert [entry.name for entry in tmp_path.iterdir()] == ["saved"]

    def fail() -> None:
        with written_folder(tmp_path / "other") as part:
            (part / "a").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [entry.name for entry in tmp_path.iterdir()] == ["saved"]
