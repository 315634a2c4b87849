"""LangChain's standard tests: classes of the package ``langchain-tests``, which our file fills in."""

from __future__ import annotations

from tests_outside.python_tests import PythonTests

ECOSYSTEM = PythonTests(
    name="langchain",
    module=__name__,
    packages=("langchain-core==1.8.3", "langchain-tests==1.1.9"),
    tests=("tests_outside/standard/langchain.py",),
)
