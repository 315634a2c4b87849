"""LangGraph's graphs and LangMem's tools over our store: programs of ours, which are run with theirs."""

from __future__ import annotations

from tests_outside.python_tests import PythonTests

ECOSYSTEM = PythonTests(
    name="langgraph-clients",
    module=__name__,
    packages=("langgraph==1.2.22", "langgraph-checkpoint==4.3.2", "langmem==0.0.30", "langchain-core==1.8.3"),
    tests=("tests_outside/standard/langgraph.py",),
)
