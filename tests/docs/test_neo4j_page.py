"""What docs/neo4j.md says about files and errors is so."""

from __future__ import annotations

import re
from pathlib import Path

from coda_graphmem.store.neo4j.statements import names

ROOT = Path(__file__).parents[2]
NEO4J = (ROOT / "docs" / "neo4j.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "coda_graphmem").rglob("*.py")))


def test_every_query_to_explore_is_named() -> None:
    assert set(re.findall(r"^\| `(\w+\.cypher)` \|", NEO4J, re.MULTILINE)) == {
        f"{name.removeprefix('explore/')}.cypher" for name in names("explore")
    }


def test_errors_are_quoted_as_they_are() -> None:
    table = NEO4J.partition("| error says |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|`]+) \| `([\w.]+)` \|", table, re.MULTILINE)
    assert len(rows) == table.count("\n") - 1
    spoken = re.sub(r"\{[^{}]*\}", "…", SOURCES)
    for quoted, field in rows:
        assert f'"{field}"' in SOURCES
        for words in quoted.split(","):
            for part in words.split("…"):
                assert part.strip() in spoken, part
