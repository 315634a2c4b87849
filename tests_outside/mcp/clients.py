"""Clients in Python that others made: each lists and calls every tool of our server, by standard input and output."""

from __future__ import annotations

from tests_outside.python_tests import PythonTests

ECOSYSTEM = PythonTests(
    name="clients",
    module=__name__,
    packages=("mcp==2.3.0", "fastmcp==4.2.3", "openai-agents==0.24.0", "pydantic-ai-slim[mcp]==2.68.0"),
    tests=("tests_outside/mcp/client_tests.py",),
)
