"""What the pages of docs/ say about settings, files and errors is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coda_graphmem import Neo4jConfig
from coda_graphmem.store.neo4j.statements import names

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
NEO4J = (ROOT / "docs" / "neo4j.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "coda_graphmem").rglob("*.py")))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readme_leads_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"(docs/{page.name})" not in readme] == []


def test_every_setting_of_neo4j_stands_with_its_variable_and_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| ([^|]+) \|", NEO4J, re.MULTILINE)
    assert [name for name, _, _ in rows] == list(Neo4jConfig.model_fields)
    for name, variable, default in rows:
        assert variable == f"NEO4J_{name.upper()}"
        value = Neo4jConfig.model_fields[name].default
        if isinstance(value, int | float):
            assert default.split()[0] == f"{value:g}"


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
