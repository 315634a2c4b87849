"""Files and folders that their owner alone may read, and what stands in the way of one.

Modes are those of POSIX; elsewhere folders of a user are private by their place, and nothing here looks at modes.
"""

import contextlib
import os
import stat
from pathlib import Path

FILE_MODE, FOLDER_MODE = 0o600, 0o700

#: Opens what is there and follows no link in its place; where a system knows no such flag, links are rare.
NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
#: Does not wait for the other end of a pipe.
NO_WAIT: int = getattr(os, "O_NONBLOCK", 0)

_OTHERS = 0o077
_POSIX = os.name == "posix"


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, each for its owner alone; one that is there stays as it is.

    Raises:
        OSError: One of them cannot be made, or is no folder.
    """
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(FOLDER_MODE, exist_ok=True)


def make_file(path: Path) -> None:
    """Make an empty file for its owner alone; one that is there stays as it is.

    Raises:
        OSError: It cannot be made.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINK, FILE_MODE))


def tighten(folder: Path) -> None:
    """Take from others what they may do with the contents of a folder that is closed to them.

    A folder that its owner has opened to others stays as it is, with all that is in it.

    Raises:
        OSError: Something in it cannot be looked at.
    """
    if not _POSIX or not _is_ours(folder) or is_open_to_others(folder):
        return
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            found = path.lstat()
            if found.st_mode & _OTHERS and not stat.S_ISLNK(found.st_mode):
                path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)


def is_open_to_others(path: Path) -> bool:
    """Whether others than its owner may read or write it, by its mode."""
    return _POSIX and bool(path.stat().st_mode & _OTHERS)


def is_writable_by_others(path: Path) -> bool:
    """Whether others than its owner and the system's may change what is in a folder, or put another in its place."""
    if not _POSIX:
        return False
    path = path.resolve()
    return _lets_others_in(path.stat()) or any(
        # Of a folder with the sticky bit nobody can take away what is another's.
        _lets_others_in(found) and not found.st_mode & stat.S_ISVTX
        for found in (parent.stat() for parent in path.parents)
    )


def _lets_others_in(found: os.stat_result) -> bool:
    if found.st_uid not in (0, os.geteuid()) or found.st_mode & stat.S_IWOTH:
        return True
    return bool(found.st_mode & stat.S_IWGRP) and not _is_group_of_one(found.st_gid)


def _is_group_of_one(group: int) -> bool:
    """Whether a group is that of this user alone, as many systems make one for each user."""
    import grp
    import pwd

    try:
        return grp.getgrgid(group).gr_name == pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False


def _is_ours(path: Path) -> bool:
    return not _POSIX or path.lstat().st_uid == os.geteuid()


def is_foreign_link(path: Path) -> bool:
    """Whether it is a link that somebody else made, so that where it leads is theirs to say."""
    return _POSIX and path.is_symlink() and path.lstat().st_uid not in (0, os.geteuid())


def kind_of(path: Path) -> str | None:
    """What stands there that is neither a file nor missing, in a word: what it leads to where it is a link."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    names = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFREG: None}
    return names.get(stat.S_IFMT(mode), "a device")
