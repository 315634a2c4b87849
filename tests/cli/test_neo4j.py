"""The same commands on Neo4j."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers import Server


@pytest.fixture
def on_neo4j(run: Run, neo4j_server: Server, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The commands, with Neo4j's own variables in the environment."""
    monkeypatch.setenv("NEO4J_URI", neo4j_server.uri)
    monkeypatch.setenv("NEO4J_USERNAME", neo4j_server.username)
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_server.password)
    # All tests share the server, and a database holds the vectors of one model.
    monkeypatch.setenv("CODA_GRAPHMEM_ENABLE_SEMANTIC_SEARCH", "false")
    return run


@pytest.mark.parametrize("neo4j_server", ["2026"], indirect=True)
def test_neo4j_uri_alone_is_enough(on_neo4j: Run, talk: Path) -> None:
    namespace = f"cli-{uuid.uuid4().hex}"
    on_neo4j("import", str(talk), "-n", namespace)
    assert on_neo4j("search", "boiler pressure", "-n", namespace, "--json").json[0]["memory_id"] == "m5"
    assert on_neo4j("stats", "-n", namespace, "--json").json["total_memories"] == 7
    assert not Path("data").exists()
    here = on_neo4j("stats", "-n", namespace, "--store", "embedded", "--json").json
    assert here["total_memories"] == 0
    assert on_neo4j("forget", "--all", "--yes", "-n", namespace, "--json").json["memories"] == 7


def test_a_wrong_password_is_not_repeated(on_neo4j: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "s3cret-and-wrong")
    failed = on_neo4j("stats", "--verbose", code=1)
    assert "s3cret" not in failed.err
    assert "Error: " in failed.err


def test_a_server_that_is_not_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_MAX_TRANSACTION_RETRY_TIME", "0.5")
    assert "127.0.0.1:1" in run("stats", code=1).err
