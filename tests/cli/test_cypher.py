"""``cypher``: every statement can be listed, and printed as the server gets it."""

from __future__ import annotations

import re

import pytest

from coda_graphmem.store.neo4j.statements import names, statement
from tests.cli.conftest import Run


def test_all_statements_are_listed_with_what_they_do(run: Run) -> None:
    lines = [line.split(None, 1) for line in run("cypher").out.splitlines()]
    assert [line[0] for line in lines] == names()
    assert all(len(line) == 2 and line[1][0].isupper() for line in lines)


@pytest.mark.parametrize("name", ["store/get_memories", "export/memories", "explore/overview", "schema/index_run_job"])
def test_a_statement_is_printed_whole(run: Run, name: str) -> None:
    printed = run("cypher", name).out
    comments = [line for line in printed.splitlines() if line.startswith("//")]
    assert comments
    assert printed == "\n".join([*comments, f"{statement(name)};", ""])
    assert not re.search(r"/\*|;\s*;", printed)


def test_statements_for_programs(run: Run) -> None:
    listed = run("cypher", "--json").json
    assert [item["name"] for item in listed] == names()
    [about] = [item["comment"] for item in listed if item["name"] == "store/get_memories"]
    assert run("cypher", "store/get_memories", "--json").json == {
        "name": "store/get_memories",
        "comment": about,
        "statement": statement("store/get_memories"),
    }


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("get_memories", "store/get_memories"),
        ("store/get_memorys", "store/get_memories"),
        ("../pyproject", "Leave the name out"),
        ("parts/filter", "Leave the name out"),
    ],
)
def test_an_unknown_name_is_wrong_usage(run: Run, name: str, hint: str) -> None:
    failed = run("cypher", name, code=2)
    assert failed.out == ""
    assert hint in re.sub(r"[\s│]+", " ", failed.err)
