"""``keys``: made, listed, revoked."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.conftest import Run


def test_a_key_is_printed_once_and_listed_without_it(run: Run, tmp_path: Path) -> None:
    where = ("--dir", str(tmp_path))
    made = run("keys", "create", "--name", "phone", *where, "--namespace", "home")
    key = made.out.strip()
    assert re.fullmatch(r"cgm_[0-9a-f]{8}_[\w-]{43}", key)
    assert "phone: read, write in home. This is the only time" in made.err
    assert str(tmp_path / "api-keys.json") in made.err.replace("\n", "")
    listed = run("keys", "list", *where)
    assert listed.out.strip() == f"{key[4:12]}  phone: read, write in home; good until it is revoked"
    assert key not in (tmp_path / "api-keys.json").read_text()
    assert run("keys", "revoke", key[4:12], *where).out == f"Revoked {key[4:12]} (phone).\n"
    assert "; revoked " in run("keys", "list", *where).out
    assert "revoked already" in run("keys", "revoke", key[4:12], *where, code=1).err


def test_options_say_where_it_is_for_and_what_it_allows(run: Run, tmp_path: Path) -> None:
    keys = ("--keys", str(tmp_path / "other.json"))
    assert "There are no keys" in run("keys", "list", *keys).err
    for options, places, rights, has_end in (
        (("--for", "a", "--for", "b"), (["a", "b"], []), ["read", "write"], False),
        (("--for", "a", "--for-prefix", "acme-", "--right", "read"), (["a"], ["acme-"]), ["read"], False),
        (("--for-prefix", "acme-", "--right", "write", "--right", "read"), ([], ["acme-"]), ["read", "write"], False),
        (("--all-namespaces", "--right", "administer", "--expires", "30d"), ([], [""]), ["administer"], True),
    ):
        made = run("keys", "create", "--name", "x", *options, *keys, "--json").json
        assert ((made["namespaces"], made["prefixes"]), made["rights"]) == (places, rights)
        assert (made["expires_at"] is not None) == has_end
        assert made["key"].startswith(f"cgm_{made['key_id']}_")
    listed = run("keys", "list", *keys, "--json").json
    assert len(listed) == 4
    assert all("key" not in one and "sha256" not in one for one in listed)
    assert listed[3]["expires_at"] - listed[3]["created_at"] == 30 * 86_400


def test_what_makes_no_sense_is_refused(run: Run) -> None:
    assert "--all-namespaces" in run("keys", "create", "--name", "x", "--for-prefix", "", code=2).err
    assert "--name" in run("keys", "create", code=2).err
    assert "administer" in run("keys", "create", "--name", "x", "--right", "all", code=2).err
    assert "length of time" in run("keys", "create", "--name", "x", "--expires", "soon", code=2).err
    assert "is no key" in run("keys", "revoke", "nope", code=1).err
