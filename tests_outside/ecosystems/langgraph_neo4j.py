"""LangGraph on Neo4j: the same tests with ours on a server, that of ``NEO4J_URI`` or one that is started for them."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from functools import partial
from pathlib import Path

from tests_outside import langgraph_stores
from tests_outside.python_tests import PythonTests

ECOSYSTEM = PythonTests(
    name="langgraph-neo4j",
    module=__name__,
    packages=langgraph_stores.PACKAGES,
    sdist=langgraph_stores.SDIST,
    tests=langgraph_stores.TESTS,
    left_out=langgraph_stores.LEFT_OUT,
)

_started = contextlib.ExitStack()
"""What is to be ended after the run."""


def pytest_configure() -> None:
    """Put our store where their tests expect theirs."""
    langgraph_stores.swap(langgraph_stores.on_neo4j(_settings()))


def pytest_unconfigure() -> None:
    """Stop the server that was started."""
    _started.close()


def _settings() -> dict[str, str | None]:
    """How to reach a server, which is started where none is named."""
    if "NEO4J_URI" in os.environ:
        return {}  # Settings are read from the environment.
    from scripts.neo4j_server import DISTRIBUTIONS, JavaServer

    home = Path(
        _started.enter_context(tempfile.TemporaryDirectory(prefix="outside-neo4j-", ignore_cleanup_errors=True))
    )
    server = JavaServer(DISTRIBUTIONS["2026"], home, password=secrets.token_hex(12))
    _started.callback(partial(server.stop, force=True))
    server.start()
    return {"uri": server.uri, "username": "neo4j", "password": server.password}
