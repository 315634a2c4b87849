"""Real Neo4j servers for the tests, one of each generation under test, shared by all workers of a session.

``--neo4j`` chooses the generation. Nearly all tests are the same on both, so ``make test`` takes the present one and
``make test-lts`` goes through them on 5.26 LTS; a few need but one of them, some the one, some the other.

Taken in this order: the server that ``NEO4J_URI`` names; containers, where a Docker engine answers and
testcontainers is installed; Java and Maven, whose downloads are kept between sessions. Where there is none of
these, tests that need one are skipped, and say so loudly; with ``CODA_REQUIRE_NEO4J`` set they fail.

Tests share a server's one database: each uses namespaces of its own. A test that does something to all namespaces, as
jobs do, is marked ``all_namespaces`` and has the servers alone. One that has to change what all share (the schema, the
model, the server's life) takes ``private_neo4j``.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import filelock
import pytest
from neo4j import Driver, GraphDatabase

from coda_graphmem.config import Neo4jConfig
from scripts.neo4j_server import DISTRIBUTIONS, JavaServer, ServerError, docker_answers, stop_process
from tests.asked import asked_by, parameters_of

GENERATIONS = ("5", "2026")
IMAGES = {"5": "neo4j:5.26.33", "2026": "neo4j:2026.10.2"}


@dataclass(frozen=True)
class Server:
    """A running server."""

    generation: str
    uri: str
    username: str
    password: str
    database: str | None = None
    pid: int | None = None
    """Of a Java process."""
    home: str | None = None
    http_port: int = 0

    def config(self, **changes: Any) -> Neo4jConfig:
        """Settings to reach it."""
        settings = {"uri": self.uri, "username": self.username, "password": self.password, "database": self.database}
        return Neo4jConfig(**{**settings, **changes})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--neo4j", choices=(*GENERATIONS, "all"), default="all", help="Generation of Neo4j to test on.")


def under_test(config: pytest.Config) -> tuple[str, ...]:
    """The generations that a session tests on."""
    chosen = config.getoption("--neo4j")
    return GENERATIONS if chosen == "all" else (chosen,)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs Neo4j, and leave out what needs a generation that is not under test."""
    chosen = set(under_test(config))
    left_out = [item for item in items if not _generations(item) <= chosen]
    for item in items:
        if _generations(item) or "neo4j_servers" in getattr(item, "fixturenames", ()):
            item.add_marker("neo4j")
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _generations(item: pytest.Item) -> set[str]:
    """Those a test needs."""
    asked, parameters = asked_by(item), parameters_of(item)
    named = {parameters.get("neo4j_server"), parameters.get("private_neo4j")}
    return {generation for generation in GENERATIONS if f"neo4j_{generation}" in asked or generation in named}


@pytest.fixture(autouse=True)
def _sharing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests use the servers at the same time, but for those marked ``all_namespaces``."""
    if request.node.get_closest_marker("neo4j") is None or "private_neo4j" in request.fixturenames:
        yield
        return
    lock = filelock.ReadWriteLock(_folder(tmp_path_factory) / "sharing.db")
    alone = request.node.get_closest_marker("all_namespaces") is not None
    with lock.write_lock() if alone else lock.read_lock():
        yield


@pytest.fixture(scope="session")
def neo4j_servers(request: pytest.FixtureRequest) -> list[Server]:
    """A server of each generation under test."""
    return [request.getfixturevalue(f"neo4j_{generation}") for generation in under_test(request.config)]


@pytest.fixture(scope="session")
def neo4j_5(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server of 5.26 LTS."""
    return _shared("5", request.config, tmp_path_factory)


@pytest.fixture(scope="session")
def neo4j_2026(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server of the present generation."""
    return _shared("2026", request.config, tmp_path_factory)


@pytest.fixture(scope="session", params=GENERATIONS)
def neo4j_server(request: pytest.FixtureRequest) -> Server:
    """Each of the servers in turn."""
    server: Server = request.getfixturevalue(f"neo4j_{request.param}")
    return server


@pytest.fixture(scope="session")
def own_servers() -> Iterator[dict[str, JavaServer]]:
    """Servers that no other worker has, by generation, started by the first module that asks for one."""
    started: dict[str, JavaServer] = {}
    yield started
    for server in started.values():
        server.stop(force=True)


@pytest.fixture(scope="module", params=GENERATIONS)
def private_neo4j(
    request: pytest.FixtureRequest, own_servers: dict[str, JavaServer], tmp_path_factory: pytest.TempPathFactory
) -> JavaServer:
    """A server of each generation that belongs to one module, which may stop it and change what it likes.

    It is empty at first. The next module gets the same one, as a server that has just started takes half a minute of
    a core until it is warm.
    """
    generation: str = request.param
    if generation not in own_servers:
        own_servers[generation] = _java(generation, tmp_path_factory.mktemp("private") / generation)
    server = own_servers[generation]
    if server.pid is None:
        try:
            server.start()
        except ServerError as error:
            _give_up(str(error))
    else:
        with driver_of(describe(generation, server)) as driver:
            clear(driver, kept=[])
    return server


@contextlib.contextmanager
def driver_of(server: Server) -> Iterator[Driver]:
    """A connection to a server, for what stores do not do."""
    with GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        yield driver


def show(driver: Driver, query: str, **parameters: Any) -> list[list[Any]]:
    """What a query answers."""
    return [record.values() for record in driver.execute_query(query, parameters).records]


def show_schema(driver: Driver) -> list[list[Any]]:
    """All constraints and then indexes: first the word by which one is dropped and its name, then what else it is."""
    # The index of a constraint goes with it.
    return [
        *show(
            driver,
            "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties "
            "RETURN 'CONSTRAINT' AS kind, name, type, labelsOrTypes, properties",
        ),
        *show(
            driver,
            "SHOW INDEXES YIELD name, type, labelsOrTypes, properties, options, state, owningConstraint "
            "WHERE type <> 'LOOKUP' AND owningConstraint IS NULL "
            "RETURN 'INDEX' AS kind, name, type, labelsOrTypes, properties, options, state",
        ),
    ]


def clear(driver: Driver, *, kept: list[list[Any]]) -> None:
    """Remove all data, and of the schema what is not to be kept."""
    driver.execute_query("MATCH (n) DETACH DELETE n")
    for row in show_schema(driver):
        if row not in kept:
            driver.execute_query(f"DROP {row[0]} `{row[1]}`")


# ---------------------------------------------------------------------- provisioning


def _shared(generation: str, config: pytest.Config, factory: pytest.TempPathFactory) -> Server:
    """The session's server of a generation; the first worker to ask starts all that are under test."""
    folder = _folder(factory)
    with filelock.FileLock(folder / "servers.lock"):
        record = folder / "servers.json"
        if not record.exists():
            record.write_text(json.dumps(_provide(folder, under_test(config))))
        found = json.loads(record.read_text())
    if generation not in found["servers"]:
        _give_up(found["reason"])
    return Server(**found["servers"][generation])


def _folder(factory: pytest.TempPathFactory) -> Path:
    """What the workers of a session share."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "neo4j"
    folder.mkdir(exist_ok=True)
    return folder


def _provide(folder: Path, generations: tuple[str, ...]) -> dict[str, Any]:
    """Servers by generation, and why others are missing."""
    if os.environ.get("NEO4J_URI"):
        server = _given()
        reason = f"NEO4J_URI names a server of generation {server.generation} only"
        return {"servers": {server.generation: asdict(server)}, "reason": reason}
    if docker_answers():
        with contextlib.suppress(ImportError):
            return {"servers": {name: asdict(_container(name)) for name in generations}, "reason": ""}
    running: list[tuple[str, JavaServer]] = []
    try:
        for generation in generations:
            server = _java(generation, folder / f"neo4j-{generation}")
            server.launch()
            running.append((generation, server))
            # Known before it answers, so that it is stopped whatever happens next.
            (folder / f"{generation}.pid").write_text(str(server.pid))
        for _, server in running:
            server.wait()
    except ServerError as error:
        return {"servers": {}, "reason": str(error)}
    return {"servers": {name: asdict(describe(name, server)) for name, server in running}, "reason": ""}


def _given() -> Server:
    environment = os.environ
    server = Server(
        generation="",
        uri=environment["NEO4J_URI"],
        username=environment.get("NEO4J_USERNAME", "neo4j"),
        password=environment.get("NEO4J_PASSWORD", ""),
        database=environment.get("NEO4J_DATABASE"),
    )
    with GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        records, _, _ = driver.execute_query(
            "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions[0] AS version",
            database_=server.database,
        )
    generation = "5" if records[0]["version"].startswith("5.") else "2026"
    return Server(**{**asdict(server), "generation": generation})


def _container(generation: str) -> Server:
    from testcontainers.neo4j import Neo4jContainer  # type: ignore[import-not-found]

    # testcontainers removes it when this process ends.
    container = Neo4jContainer(IMAGES[generation], password=secrets.token_hex(12)).start()
    return Server(generation, container.get_connection_url(), container.username, container.password)


def _java(generation: str, home: Path) -> JavaServer:
    # Servers that live for minutes gain nothing by code that takes seconds of a core to optimise.
    quick = ("-XX:TieredStopAtLevel=1",)
    # Tests fill and empty the database all the time: each statement would be planned again every ten seconds, which
    # takes more time than all that tests do.
    # Their files may be in memory, where room that is only set aside is taken.
    lasting = ("dbms.cypher.min_replan_interval=1h", "db.tx_log.preallocate=false")
    return JavaServer(
        DISTRIBUTIONS[generation], home, password=secrets.token_hex(12), java_options=quick, settings=lasting
    )


def describe(generation: str, server: JavaServer) -> Server:
    """How to reach a server that runs as a Java process."""
    return Server(
        generation, server.uri, "neo4j", server.password, None, server.pid, str(server.home), server.http_port
    )


def _give_up(reason: str) -> None:
    if os.environ.get("CODA_REQUIRE_NEO4J"):
        pytest.fail(f"No Neo4j to test on: {reason}")
    pytest.skip(f"No Neo4j to test on: {reason}")


# ---------------------------------------------------------------------- hooks


#: What servers there were.
_FOUND = pytest.StashKey[dict[str, Any]]()


@pytest.hookimpl(tryfirst=True)  # before pytest removes the folder of a session that succeeded
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the session's servers, once, after the last worker."""
    if hasattr(session.config, "workerinput"):
        return
    factory: pytest.TempPathFactory = session.config._tmp_path_factory
    if factory._basetemp is None:
        return
    folder = _folder(factory)
    for record in folder.glob("*.pid"):
        stop_process(int(record.read_text()), force=True)
        record.unlink()
    if (folder / "servers.json").exists():
        session.config.stash[_FOUND] = json.loads((folder / "servers.json").read_text())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested."""
    found = terminalreporter.config.stash.get(_FOUND, None)
    if found is None:
        return
    if missing := [name for name in under_test(terminalreporter.config) if name not in found["servers"]]:
        terminalreporter.section(f"NEO4J {' AND '.join(missing)} WAS NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(found["reason"])
