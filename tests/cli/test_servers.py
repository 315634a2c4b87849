"""The same commands on Neo4j."""

from __future__ import annotations

import multiprocessing
import os
import signal
import uuid
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from coda_graphmem import services
from scripts.neo4j_server import JavaServer
from tests.cli import crashes
from tests.cli.conftest import Run
from tests.servers import Server

#: A server of the command's own is one of the present generation; ``congruence/test_real_models`` has the other.
on_one = pytest.mark.parametrize("private_neo4j", ["2026"], indirect=True)


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


@on_one
def test_the_demo_runs_on_neo4j_where_it_is_asked_to(
    run: Run, private_neo4j: JavaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", private_neo4j.uri)
    monkeypatch.setenv("NEO4J_PASSWORD", private_neo4j.password)
    told = run("demo", "--store", "neo4j").out
    assert "over Margit" in told
    assert "Without the graph, “ginger marmalade” is not among the first 10." in told
    assert "--namespace demo --store neo4j" in told


@on_one
def test_copy_to_neo4j_and_back(
    run: Run, talk: Path, private_neo4j: JavaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", private_neo4j.uri)
    monkeypatch.setenv("NEO4J_PASSWORD", private_neo4j.password)
    run("import", str(talk), "--store", "embedded", "-n", "moved")
    there = run("copy", "--from", "embedded", "--to", "neo4j", "-n", "moved", "--json").json
    [part] = there["namespaces"]
    assert there["complete"]
    assert (part["copied"], part["target"]["vectors"]) == (7, 7)
    assert run("search", "who lends us a tent?", "-n", "moved", "--json").json[0]["memory_id"] == "m0"
    told = run("copy", "--from", "neo4j", "--to", "embedded", "--dir", "back", "-n", "moved").out
    assert f"Copied 7 memories of namespace moved from {private_neo4j.uri} to back" in told
    for place in ("--store", "neo4j"), ("--store", "embedded", "--dir", "back"):
        listed = run("list", "--json", "-n", "moved", *place).json
        assert len(listed) == 7
        assert [m["memory_id"] for m in listed] == [f"m{6 - i}" for i in range(7)]
    run("forget", "--all", "--yes", "-n", "moved")


@on_one
def test_kill_9_during_reembed(
    run: Run, talk: Path, private_neo4j: JavaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", private_neo4j.uri)
    monkeypatch.setenv("NEO4J_PASSWORD", private_neo4j.password)
    monkeypatch.setattr(services, "shared_embedder", crashes.stand_in)
    # Vectors of the tests before, which had another model, are of "words" afterwards too.
    run("reembed", "--model", "words")
    monkeypatch.setenv("CODA_GRAPHMEM_EMBEDDING_MODEL", "words")
    run("import", str(talk), "-n", "killed")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.cli.crashes"])
    auth = ("neo4j", private_neo4j.password)
    with GraphDatabase.driver(private_neo4j.uri, auth=auth, notifications_min_severity="OFF") as driver:
        for name in ("start_reembed", "save_reembedded", "finish_reembed", "clear_vectors"):
            ours, theirs = context.Pipe(duplex=False)
            command = ("reembed", "--model", "other")
            child = context.Process(
                target=crashes.run_until_statement, args=(theirs, command, name, tmp_path, dict(os.environ))
            )
            child.start()
            child.join(120)
            assert child.exitcode == -signal.SIGKILL, name
            assert not ours.poll()
            # Until the last step all goes on with the old model, and then with the new one.
            model = "other" if name == "clear_vectors" else "words"
            monkeypatch.setenv("CODA_GRAPHMEM_EMBEDDING_MODEL", model)
            found = run("search", "boiler", "-n", "killed", "-r", "0", "--mode", "vector", "--json").json
            assert len(found) == 7, name
        run("reembed", "--model", "other")
        rows, _, _ = driver.execute_query(
            "MATCH (meta:GraphMemoryMeta) MATCH (m:Memory) RETURN DISTINCT meta.embedding_model AS model, "
            "size(m[meta.vector_property]) AS used, "
            "m.embedding IS NOT NULL AND m.embedding_alternate IS NOT NULL AS both"
        )
        assert [row.data() for row in rows] == [{"model": "other", "used": 24, "both": False}]
    run("forget", "--all", "--yes", "-n", "killed")


def test_a_server_that_is_not_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_MAX_TRANSACTION_RETRY_TIME", "0.5")
    assert "127.0.0.1:1" in run("stats", code=1).err
