"""``show``, ``list``, ``entities``, ``stats``, ``delete``, ``forget``, ``cleanup`` and ``reembed``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Run


def ids(run: Run, *arguments: str) -> list[str]:
    return [item["memory_id"] for item in run("list", *arguments, "--json").json]


def test_show_prints_everything(filled: Run) -> None:
    told = filled("show", "m3").out
    for part in ("Margit goes through", "baking", "preference", "importance 0.30", "Margit (", "entities"):
        assert part in " ".join(told.split())


def test_show_of_an_unknown_id_fails(filled: Run) -> None:
    failed = filled("show", "m99", code=1)
    assert "there is no memory m99" in failed.err


def test_list_pages(filled: Run) -> None:
    assert ids(filled, "--limit", "2") == ["m6", "m5"]
    assert ids(filled, "--limit", "2", "--offset", "2") == ["m4", "m3"]
    assert ids(filled, "--order", "oldest", "--limit", "1") == ["m0"]
    assert ids(filled, "--order", "weakest", "--limit", "1") == ["m0"]
    assert "3 to 4 of 7" in filled("list", "--limit", "2", "--offset", "2").out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--type", "procedural"], ["m4"]),
        (["--since", "2026-03-10"], ["m6", "m5"]),
        (["--until", "2026-03-02"], ["m0"]),
        (["--conversation", "baking"], ["m4", "m3"]),
        (["--archived"], []),
    ],
)
def test_list_filters(filled: Run, options: list[str], expected: list[str]) -> None:
    assert ids(filled, *options) == expected


def test_archived_memories_are_listed_apart(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_MAX_MEMORIES", "7")
    filled("add", "One too many.", "--id", "new", "--importance", "0.9")
    assert ids(filled, "--archived") == ["m0"]
    assert "m0" not in ids(filled)


def test_an_empty_list_says_so(run: Run) -> None:
    assert "Nothing to list" in run("list").out


def test_stats(filled: Run) -> None:
    numbers = filled("stats", "--json").json
    assert numbers["total_memories"] == 7
    assert numbers["total_conversations"] == 3
    told = " ".join(filled("stats").out.split())
    for part in ("Namespace default", "memories 7", "conversations 3", "Margit 2"):
        assert part in told


def test_stats_of_all_namespaces(filled: Run) -> None:
    filled("add", "x", "-n", "bob")
    told = filled("stats", "--all").out
    assert [line.split()[:2] for line in told.splitlines()] == [["bob", "1"], ["default", "7"]]
    assert set(filled("stats", "--all", "--json").json) == {"bob", "default"}


def test_delete_by_id(filled: Run) -> None:
    assert "Removed 2 memories" in filled("delete", "m0", "m1").out
    filled("show", "m0", code=1)
    failed = filled("delete", "m2", "m0", code=1)
    assert "Removed 1 memory" in failed.out
    assert "there is no memory m0" in failed.err


def test_delete_as_json(filled: Run) -> None:
    assert filled("delete", "m0", "m99", "--json", code=1).json == {"deleted": ["m0"], "missing": ["m99"]}


def test_forget_a_conversation(filled: Run) -> None:
    receipt: dict[str, Any] = filled("forget", "--conversation", "trip", "--json").json
    assert receipt["memories"] == 3
    assert ids(filled, "--conversation", "trip") == []
    assert "nothing to remove" in filled("forget", "--conversation", "trip").out


def test_forget_a_namespace_asks_first(filled: Run) -> None:
    filled("add", "x", "-n", "bob", "--id", "b")
    refused = filled("forget", "--all", stdin="n\n", code=1)
    assert "Remove all 7 memories" in refused.err
    assert len(ids(filled)) == 7
    assert "nobody can be asked. Add --yes." in filled("forget", "--all", stdin="", code=1).err
    assert "Removed 7 memories" in filled("forget", "--all", stdin="y\n").out
    assert ids(filled, "-n", "bob") == ["b"]
    filled("forget", "--all", "--yes", "-n", "bob")
    assert ids(filled, "-n", "bob") == []


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--type", "preference", "--type", "procedural"], ["m0", "m1", "m2", "m5", "m6"]),
        (["--since", "2026-03-04"], ["m0", "m1"]),
        (["--until", "2026-03-04"], ["m2", "m3", "m4", "m5", "m6"]),
        (["--max-importance", "0.2"], ["m3", "m4", "m5", "m6"]),
        (["--meta", "speaker=Nora"], ["m0", "m1", "m3", "m4", "m5", "m6"]),
    ],
)
def test_forget_filters(filled: Run, options: list[str], left: list[str]) -> None:
    filled("forget", *options)
    assert sorted(ids(filled)) == left


@pytest.mark.parametrize("options", [[], ["--all", "--conversation", "trip"]])
def test_forget_wants_filters_or_all(filled: Run, options: list[str]) -> None:
    filled("forget", *options, "--yes", code=2)
    assert len(ids(filled)) == 7


def test_entities_are_listed_by_mentions(filled: Run) -> None:
    found = filled("entities", "--limit", "2", "--json").json
    assert [(entity["name"], entity["mention_count"]) for entity in found] == [("boiler", 2), ("Margit", 2)]
    assert filled("entities", "--limit", "1", "--offset", "1", "--json").json == found[1:]
    assert filled("entities", "--limit", "1").out.split()[:2] == ["boiler", "2"]


def test_without_memories_nothing_is_mentioned(run: Run) -> None:
    assert "Nothing is mentioned" in run("entities").out


def test_reembed_says_what_it_did(filled: Run) -> None:
    assert filled("reembed", "--json").json["dimension"] == 384
    assert "all-MiniLM-L6-v2" in filled("reembed").out


def test_reembed_to_a_model_that_is_not_there(filled: Run) -> None:
    failed = filled("reembed", "--model", "./no-such-folder", code=1)
    assert "no-such-folder" in failed.err
    assert len(ids(filled)) == 7


def test_cleanup_can_be_looked_at_first(filled: Run) -> None:
    always = ("cleanup", "--days", "0.000000001")
    assert "m0\nm1\nm2\n3 memories would go." in filled(*always, "--dry-run").out
    assert filled(*always, "--below", "0.1", "--dry-run", "--json").json["memory_ids"] == ["m0"]
    assert len(ids(filled)) == 7
    filled("search", "tent", "--limit", "1", "--mode", "text")
    done = filled(*always, "--recalls", "0", "--json").json
    assert (done["memory_ids"], done["removed"]["memories"]) == (["m1", "m2"], 2)
    assert "Removed 1 memory" in filled(*always).out
    assert "nothing to remove" in filled("cleanup").out
