"""Keys of the API: who may do what, in which namespaces. Kept as hashes, in a private file of their own.

A key is 256 random bits, so its SHA-256 sum is all that has to be kept: nobody finds a text for it by trying, however
fast a sum is made. The slow functions for passwords exist because people choose them; here they would only cost every
request a tenth of a second.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from coda_graphmem.errors import ValidationError
from coda_graphmem.private_files import is_open_to_others, make_file, make_folder
from coda_graphmem.transfer.files import written
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.types import Id, Namespace

if sys.platform != "win32":
    import fcntl

Right = Literal["read", "write", "administer"]
"""What a key allows: to read memories, to store and change them, and to look after a namespace as a whole."""

RIGHTS: tuple[Right, ...] = get_args(Right)

#: What a key begins with, so that people and programs that look for lost keys know one.
PREFIX = "cgm_"
#: The form of the file.
_VERSION = 1
#: Of no key; what is shown is compared with it where there is none of its id.
_NONE = "0" * 64


class KeyRecord(BaseModel):
    """What is kept of a key: everything but the key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_id: str
    """Stands in the key, too, and tells one from another where people speak of them."""
    name: str
    """Whose it is or what for, in the words of whoever made it."""
    sha256: str = Field(repr=False)
    rights: tuple[Right, ...]
    namespaces: tuple[str, ...] = ()
    """Namespaces that it is for."""
    prefixes: tuple[str, ...] = ()
    """What names of further namespaces begin with that it is for; an empty one for all."""
    created_at: float
    """Seconds since the Unix epoch, UTC, as with the next two."""
    expires_at: float | None = None
    revoked_at: float | None = None

    def covers(self, namespace: str) -> bool:
        """Whether it is for a namespace."""
        return namespace in self.namespaces or any(namespace.startswith(prefix) for prefix in self.prefixes)

    @property
    def covers_all(self) -> bool:
        """Whether it is for every namespace."""
        return "" in self.prefixes

    def is_good(self, now: float) -> bool:
        """Whether it opens anything at a time (seconds, UTC)."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    keys: list[KeyRecord]


class KeyFile:
    """The file of keys, which other processes may change at any time.

    Args:
        path: Where it is, or will be.
        clock: Seconds since the Unix epoch, UTC.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._seen: tuple[int, ...] | None = None
        self._records: dict[str, KeyRecord] = {}

    def records(self) -> dict[str, KeyRecord]:
        """What is known of all keys by their ids, revoked ones too; read anew where the file has changed.

        Raises:
            ValidationError: The file cannot be read, is damaged, or is open to others.
        """
        try:
            found = self.path.stat()
            state = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode)
            if state != self._seen:
                self._check_private()
                self._records = _read(self.path, self.path.read_bytes())
                self._seen = state
        except FileNotFoundError:
            if self._seen is not None:
                # There were keys: that nobody needs one any more is said by no file that went.
                raise _damaged(self.path, "is gone", "Bring it back, or restart the server.") from None
            return {}
        except OSError as error:
            raise _damaged(self.path, f"cannot be read ({error.strerror})", "Check its rights.") from None
        return self._records

    def find(self, shown: str) -> KeyRecord | None:
        """The key that somebody shows, as long as it is good; None for any other text."""
        record = self.records().get(shown.removeprefix(PREFIX).partition("_")[0])
        # Compared in any case, and in constant time: how long it takes says nothing of a key.
        same = hmac.compare_digest(_sum(shown), _NONE if record is None else record.sha256)
        return record if record is not None and same and record.is_good(self._clock()) else None

    def is_good(self, key_id: str) -> bool:
        """Whether a key that was found before still opens anything."""
        record = self.records().get(key_id)
        return record is not None and record.is_good(self._clock())

    def create(
        self,
        name: str,
        rights: Sequence[Right],
        *,
        namespaces: Sequence[str] = (),
        prefixes: Sequence[str] = (),
        seconds: float | None = None,
    ) -> tuple[KeyRecord, str]:
        """Make a key.

        Args:
            name: Whose it is or what for, one line.
            rights: What it allows, at least one.
            namespaces: Namespaces it is for.
            prefixes: Beginnings of names of namespaces it is for; "" for all. At least one of both.
            seconds: For how long it is good; None for as long as nobody revokes it.

        Returns:
            What is kept of it, and the key, which is kept nowhere.

        Raises:
            ValidationError: An argument is not acceptable, or the file cannot be written.
        """
        if not rights:
            raise ValidationError("names none.", field="rights", remedy=f"Give some of {', '.join(RIGHTS)}.")
        if not namespaces and not prefixes:
            raise ValidationError("names none.", field="namespaces", remedy="Give a namespace or a prefix.")
        now = self._clock()
        with self._changing() as records:
            key_id = secrets.token_hex(4)
            while key_id in records:
                key_id = secrets.token_hex(4)
            key = f"{PREFIX}{key_id}_{secrets.token_urlsafe(32)}"
            record = KeyRecord(
                key_id=key_id,
                name=check(Id, name, "name"),
                sha256=_sum(key),
                rights=tuple(right for right in RIGHTS if right in rights),
                namespaces=tuple(dict.fromkeys(check(Namespace, one, "namespace") for one in namespaces)),
                prefixes=tuple(dict.fromkeys(check(Namespace, one, "prefix") if one else "" for one in prefixes)),
                created_at=now,
                expires_at=None if seconds is None else now + seconds,
            )
            records[key_id] = record
        return record, key

    def revoke(self, key_id: str) -> KeyRecord:
        """End a key, for good; it stays in the list.

        Raises:
            ValidationError: There is no such key, or it is revoked already.
        """
        with self._changing() as records:
            record = records.get(key_id)
            if record is None or record.revoked_at is not None:
                raise ValidationError(
                    f"{key_id[:100]!r} is " + ("no key." if record is None else "revoked already."),
                    field="key",
                    remedy="coda-graphmem keys list shows the ids.",
                )
            records[key_id] = record.model_copy(update={"revoked_at": self._clock()})
        return records[key_id]

    @contextmanager
    def _changing(self) -> Iterator[dict[str, KeyRecord]]:
        """The records, to be changed; written when the block ends. One process at a time."""
        make_folder(self.path.parent)
        lock = self.path.with_name(f"{self.path.name}.lock")
        make_file(lock)
        with lock.open("rb") as held:
            if sys.platform != "win32":
                fcntl.flock(held, fcntl.LOCK_EX)
            records = dict(self.records())
            yield records
            kept = _Kept(version=_VERSION, keys=list(records.values()))
            with written(self.path) as file:
                file.write(kept.model_dump_json(indent=1).encode() + b"\n")

    def _check_private(self) -> None:
        if is_open_to_others(self.path):
            raise _damaged(self.path, "can be read or written by others", f"Close it: chmod 600 {self.path}.")


def default_path(folder: str | Path) -> Path:
    """Where the keys of a memory are kept, unless another place is named.

    Args:
        folder: Where the settings have the memory.
    """
    return Path(folder) / "api-keys.json"


def _read(path: Path, content: bytes) -> dict[str, KeyRecord]:
    try:
        kept = _Kept.model_validate_json(content)
    except (pydantic.ValidationError, json.JSONDecodeError):
        raise _damaged(path, "is no file of keys of this version", "Restore it, or make new keys elsewhere.") from None
    return {record.key_id: record for record in kept.keys}


def _damaged(path: Path, message: str, remedy: str) -> ValidationError:
    return ValidationError(f"{message}.", field=os.fspath(path), remedy=remedy)


def _sum(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
