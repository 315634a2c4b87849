"""LangGraph: the tests of its SQLite store, with ours on the embedded file in its place."""

from __future__ import annotations

from tests_outside import langgraph_stores
from tests_outside.python_tests import PythonTests

ECOSYSTEM = PythonTests(
    name="langgraph",
    module=__name__,
    packages=langgraph_stores.PACKAGES,
    sdist=langgraph_stores.SDIST,
    tests=langgraph_stores.TESTS,
    left_out=langgraph_stores.LEFT_OUT,
)


def pytest_configure() -> None:
    """Put our store where their tests expect theirs."""
    langgraph_stores.swap(langgraph_stores.in_folders)
