"""``facts``, ``profile``, ``history``, ``supersede``, ``retract``, ``reinstate``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, write_jsonl

HOMES = [
    {"text": "I live in Paris.", "memory_id": "paris", "timestamp": 1772323200},
    {"text": "I live in Rome now.", "memory_id": "rome", "timestamp": 1772409600},
]


@pytest.fixture
def moved(run: Run, tmp_path: Path) -> Run:
    """The commands, over a store that knows where the user lived on the first two days of March 2026."""
    run("import", str(write_jsonl(tmp_path / "homes.jsonl", HOMES)))
    return run


def test_facts_of_now_of_then_and_of_the_past(moved: Run) -> None:
    told = moved("facts").out
    assert told.splitlines()[0] == "User · residence: Rome"
    assert "rome" in told.splitlines()[1]
    assert "Paris" in moved("facts", "User", "--past").out
    [fact] = moved("facts", "me", "-a", "residence", "--as-of", "2026-03-01T12:00", "--json").json
    assert (fact["value"], fact["memory_ids"]) == ("Paris", ["paris"])
    assert "--past shows" in moved("facts", "Maria").out
    assert moved("facts", "Maria", "--past").out == "Nothing is known.\n"


def test_a_search_says_what_is_outdated_and_asks_for_now_or_then(moved: Run) -> None:
    question = ("search", "where does the user live", "--min-relevance", "0")
    now = moved(*question, "--validity", "current").out
    assert now.index("Rome") < now.index("Paris")
    assert "outdated since 2 Mar 2026" in now
    past = moved(*question, "--validity", "past", "--json").json
    assert [item["memory_id"] for item in past] == ["paris", "rome"]
    then = moved(*question, "--as-of", "2026-03-01T12:00", "--json").json
    assert [item["memory_id"] for item in then] == ["paris"]


def test_a_profile_and_its_size(moved: Run) -> None:
    assert moved("profile").out == "Home:\n- Lives in Rome\n"
    assert moved("profile", "User", "--as-of", "2026-03-01T12:00").out == "Home:\n- Lives in Paris\n"
    assert moved("profile", "--max-tokens", "3", "--json").json["omitted"] == 1
    assert moved("profile", "Maria").out == "Nothing is known of Maria.\n"


def test_a_memory_is_replaced_taken_back_and_holds_again(moved: Run) -> None:
    new = moved("supersede", "rome", "I live in Oslo.", "--json").json["by"]
    assert moved("profile").out == "Home:\n- Lives in Oslo\n"
    assert "outdated since" in moved("show", "rome").out
    assert moved("retract", new).out == f"{new} is retracted.\n"
    assert moved("reinstate", "rome", "--json").json == {"reinstated": "rome"}
    assert moved("profile").out == "Home:\n- Lives in Rome\n"
    assert moved("supersede", "rome", "--by", "paris", "--at", "2026-03-05").out == "rome is replaced by paris.\n"
    told = moved("history", "rome").out
    for part in ("1  created", "superseded", "reinstated", "by cli"):
        assert part in told
    assert told.count("I live in Rome now.") == 1
    assert [version["version"] for version in moved("history", "rome", "--json").json] == [1, 2, 3, 4]


def test_what_does_not_exist_fails(moved: Run) -> None:
    for command in (
        ["supersede", "nobody", "x"],
        ["retract", "nobody"],
        ["reinstate", "nobody"],
        ["history", "nobody"],
    ):
        failed = moved(*command, code=1)
        assert "there is no memory" in failed.err
        assert failed.out == ""
