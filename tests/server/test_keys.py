"""Keys: made, kept as hashes in a private file, compared, revoked at once."""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.server import keys as module
from coda_graphmem.server.keys import KeyFile, default_path
from tests.fakes import Clock


@pytest.fixture
def file(tmp_path: Path, clock: Clock) -> KeyFile:
    return KeyFile(tmp_path / "made" / "api-keys.json", clock)


def test_a_key_is_kept_nowhere_but_known_again(file: KeyFile) -> None:
    record, key = file.create("phone", ["write", "read"], namespaces=["home"])
    assert key.startswith(f"cgm_{record.key_id}_")
    assert len(key) > 50
    text = file.path.read_text()
    assert key not in text
    assert key.partition(record.key_id)[2] not in text
    assert key not in repr(record)
    assert record.sha256 not in repr(record)
    for known in (file, KeyFile(file.path)):
        assert known.find(key) == record
        assert known.find(key + "x") is None
        assert known.find(key[:-1]) is None
        assert known.find("") is None
        assert known.find(f"cgm_{record.key_id}_") is None
        assert known.find("cgm_ffffffff_guess") is None
    assert record.rights == ("read", "write")


def test_what_is_shown_is_compared_in_constant_time(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    _, key = file.create("phone", ["read"], namespaces=["home"])
    compared = []
    monkeypatch.setattr(module.hmac, "compare_digest", lambda one, other: compared.append((one, other)) or one == other)
    for shown in (key, key + "x", "cgm_ffffffff_guess", "nothing like it"):
        file.find(shown)
    assert [len(one) == len(other) == 64 for one, other in compared] == [True] * 4


def test_namespaces_are_exact_or_begin_alike(file: KeyFile) -> None:
    exact, _ = file.create("a", ["read"], namespaces=["home", "home"])
    assert exact.namespaces == ("home",)
    assert [exact.covers(name) for name in ("home", "home2", "Home", "")] == [True, False, False, False]
    prefix, _ = file.create("b", ["read"], prefixes=["acme-"])
    assert [prefix.covers(name) for name in ("acme-1", "acme-", "acme", "x-acme-")] == [True, True, False, False]
    everything, _ = file.create("c", ["read"], prefixes=[""])
    assert everything.covers_all
    assert everything.covers("anything")
    assert not prefix.covers_all


def test_it_ends_when_its_time_is_over(file: KeyFile, clock: Clock) -> None:
    record, key = file.create("phone", ["read"], namespaces=["home"], seconds=60)
    assert file.find(key) == record
    clock.advance(59.9)
    assert file.find(key) is not None
    clock.advance(0.1)
    assert file.find(key) is None
    assert not file.is_good(record.key_id)


def test_revoking_is_seen_by_others_at_once_and_stays(file: KeyFile) -> None:
    record, key = file.create("phone", ["read"], namespaces=["home"])
    other = KeyFile(file.path)
    assert other.find(key)
    file.revoke(record.key_id)
    assert other.find(key) is None
    assert list(other.records()) == [record.key_id]
    with pytest.raises(ValidationError, match="revoked already"):
        other.revoke(record.key_id)
    with pytest.raises(ValidationError, match="no key"):
        other.revoke("nope")


def test_what_makes_no_key_is_refused(file: KeyFile) -> None:
    with pytest.raises(ValidationError, match="rights: names none"):
        file.create("a", [], namespaces=["home"])
    with pytest.raises(ValidationError, match="namespaces: names none"):
        file.create("a", ["read"])
    with pytest.raises(ValidationError, match="name"):
        file.create("a\nb", ["read"], namespaces=["home"])
    with pytest.raises(ValidationError, match="namespace"):
        file.create("a", ["read"], namespaces=["ho\tme"])
    assert file.records() == {}


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_the_file_is_its_owners_alone(file: KeyFile) -> None:
    before = os.umask(0)
    try:
        file.create("a", ["read"], namespaces=["home"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    file.path.chmod(0o644)
    with pytest.raises(ValidationError, match=r"can be read or written by others.*chmod 600"):
        KeyFile(file.path).records()


def test_a_file_that_cannot_be_read_lets_nobody_in(file: KeyFile) -> None:
    record, key = file.create("a", ["read"], namespaces=["home"])
    whole = json.loads(file.path.read_text())
    for damaged in ("", "{", json.dumps(whole | {"version": 2}), json.dumps(whole | {"more": 1})):
        file.path.write_text(damaged)
        for known in (file, KeyFile(file.path)):
            with pytest.raises(ValidationError, match="no file of keys"):
                known.find(key)
    file.path.write_text(json.dumps(whole))
    assert file.find(key) == record
    file.path.unlink()
    with pytest.raises(ValidationError, match="is gone"):
        file.records()
    assert KeyFile(file.path).records() == {}


def test_keys_that_are_made_at_the_same_time_are_all_kept(file: KeyFile) -> None:
    makers = [
        threading.Thread(target=lambda: KeyFile(file.path).create("a", ["read"], namespaces=["home"])) for _ in range(8)
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(file.records()) == 8
    assert sorted(path.name for path in file.path.parent.iterdir()) == ["api-keys.json", "api-keys.json.lock"]


def test_they_are_beside_the_memory_unless_another_place_is_named(tmp_path: Path) -> None:
    assert default_path(str(tmp_path)) == tmp_path / "api-keys.json"
