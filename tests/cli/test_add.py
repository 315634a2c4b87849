"""``add``."""

from __future__ import annotations

import time

import pytest

from tests.cli.conftest import Run


def test_add_says_under_which_id_it_stored(run: Run) -> None:
    stored = run("add", "Nora rows on Sundays.").out.strip()
    memory_id = stored.removeprefix("Stored as ").removesuffix(".")
    assert run("show", memory_id, "--json").json["content"] == "Nora rows on Sundays."


def test_add_keeps_what_its_options_say(run: Run) -> None:
    done = run(
        *("add", "Tea, not coffee.", "--type", "preference", "--importance", "0.9", "--conversation", "c1"),
        *("--speaker", "Nora", "--at", "2026-03-02T12:00:00+00:00", "--meta", "cups=3", "--meta", "place=at home"),
        *("--id", "tea", "--namespace", "alice", "--json"),
    )
    assert done.json == {"memory_id": "tea", "namespace": "alice"}
    memory = run("show", "tea", "-n", "alice", "--json").json
    assert memory["memory_type"] == "preference"
    assert memory["importance_score"] == 0.9
    assert memory["conversation_id"] == "c1"
    assert memory["metadata"] == {"speaker": "Nora", "cups": 3, "place": "at home"}
    assert memory["timestamp"] == 1772452800.0
    run("show", "tea", code=1)


def test_add_takes_a_time_that_is_told_in_words(run: Run) -> None:
    for at, hours in (("2h ago", 2), ("90 min", 1.5)):
        memory_id = run("add", f"Tea, {at}", "--at", at, "--json").json["memory_id"]
        assert abs(run("show", memory_id, "--json").json["timestamp"] - (time.time() - 3600 * hours)) < 300


def test_add_reads_standard_input(run: Run) -> None:
    run("add", "-", "--id", "piped", stdin="Two lines\nof text\n")
    assert run("show", "piped", "--json").json["content"] == "Two lines\nof text"


def test_adding_an_id_again_is_harmless_and_with_other_words_an_error(run: Run) -> None:
    run("add", "The code is 12.", "--id", "code")
    run("add", "The code is 12.", "--id", "code")
    failed = run("add", "The code is 13.", "--id", "code", code=1)
    assert "memory_id" in failed.err
    assert failed.out == ""
    assert run("stats", "--json").json["total_memories"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["   "], 1, "content: is empty"),
        (["x", "--importance", "2"], 2, "--importance"),
        (["x", "--meta", "novalue"], 2, "'novalue' has no key and value"),
        (["x", "--at", "soon"], 2, "'soon' is not a time"),
        (["x", "--namespace", ""], 1, "namespace"),
    ],
)
def test_add_refuses_what_is_not_acceptable(run: Run, arguments: list[str], code: int, message: str) -> None:
    failed = run("add", *arguments, code=code)
    assert message in failed.err
    assert "Traceback" not in failed.err
    assert run("stats", "--json").json["total_memories"] == 0
