"""Scopes, conditions, tags and ends on the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run, listed_ids


@pytest.fixture
def filled(run: Run) -> Run:
    run("add", "Anna likes tea", "--id", "a", "--user", "anna", "--tag", "drinks", "--tag", "home", "-m", "year=2020")
    run("add", "Bob likes beer", "--id", "b", "--user", "bob", "--session", "s1", "--tag", "drinks", "-m", "year=2021")
    return run


def test_a_scope_is_asked_for_before_or_after_the_command(filled: Run) -> None:
    assert listed_ids(filled, "--user", "anna") == ["a"]
    assert [item["memory_id"] for item in filled("--user", "bob", "list", "--json").json] == ["b"]
    assert listed_ids(filled, "--session", "s1", "--user", "bob") == ["b"]
    assert listed_ids(filled, "--agent", "nobody") == []
    assert "no memory a" in filled("show", "a", "--user", "bob", code=1).err
    shown = filled("show", "b").out
    assert "user_id bob, session_id s1" in shown
    assert "drinks" in shown
    found = filled("search", "likes", "--user", "anna", "--min-relevance", "0", "--json").json
    assert [item["memory_id"] for item in found] == ["a"]
    assert {item["name"] for item in filled("entities", "--user", "bob", "--json").json} == {"Bob", "beer"}


@pytest.mark.parametrize("command", [("inspect",), ("reembed",), ("backup", "there.jsonl"), ("stats",), ("health",)])
def test_commands_about_everything_refuse_a_scope(run: Run, command: tuple[str, ...]) -> None:
    assert "anna" in (error := run(*command, "--user", "anna", code=1).err) or "--user" in error


def test_conditions(filled: Run) -> None:
    assert listed_ids(filled, "--where", '{"metadata.year": {"$gt": 2020}}') == ["b"]
    assert listed_ids(filled, "-w", '{"tags": {"$nin": ["home"]}}') == ["b"]
    found = filled("search", "likes", "-w", '{"tags": "home"}', "--min-relevance", "0", "--json").json
    assert [item["memory_id"] for item in found] == ["a"]
    assert "no JSON object" in filled("list", "--where", "[1]", code=2).err
    assert "metadata.year" in filled("list", "--where", '{"year": 1}', code=1).err
    assert filled("forget", "--where", '{"user_id": "anna"}', "--json").json["memories"] == 1
    assert listed_ids(filled) == ["b"]


def test_several_namespaces_are_searched(filled: Run) -> None:
    filled("add", "Carol likes milk", "--namespace", "other", "--id", "c")
    found = filled("search", "likes", "--in", "default", "--in", "other", "--min-relevance", "0", "--json").json
    assert {(item["namespace"], item["memory_id"]) for item in found} == {
        ("default", "a"), ("default", "b"), ("other", "c"),
    }  # fmt: skip


def test_ends_and_tags_are_given_and_changed(run: Run) -> None:
    run("add", "The code is 4711", "--id", "x", "--ttl", "2h", "--refresh", "--tag", "door")
    [kept] = run("list", "--json").json
    assert (kept["tags"], kept["refresh_seconds"], kept["lifetime"]) == (["door"], 7200.0, "long_term")
    assert kept["expires_at"] == pytest.approx(kept["created_at"] + 7200, abs=5)
    run("edit", "x", "--expires", "never", "--tag", "gate", "--tag", "code")
    [kept] = run("list", "--json").json
    assert (kept["tags"], kept["expires_at"]) == (["gate", "code"], None)
    run("edit", "x", "--expires", "2099-01-01")
    assert run("list", "--json").json[0]["expires_at"] > 4e9
    assert "over already" in run("edit", "x", "--expires", "2001-01-01", code=1).err
    assert "no length of time" in run("add", "y", "--ttl", "soon", code=2).err
    assert "over already" in run("add", "y", "--expires", "2001-01-01", code=1).err


def test_an_id_that_exists(run: Run) -> None:
    run("add", "one", "--id", "x")
    assert "exists" in run("add", "two", "--id", "x", code=1).err
    run("add", "two", "--id", "x", "--on-conflict", "keep")
    assert run("list", "--json").json[0]["content"] == "one"
    run("add", "two", "--id", "x", "--on-conflict", "update")
    assert run("list", "--json").json[0]["content"] == "two"
