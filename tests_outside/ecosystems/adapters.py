"""Our own tests of all adapters, which are left out elsewhere because their frameworks are missing there."""

from __future__ import annotations

from tests_outside.python_tests import PythonTests

ECOSYSTEM = PythonTests(
    name="adapters",
    module=__name__,
    packages=(
        "langchain-core==1.8.3",
        "langgraph-checkpoint==4.3.2",
        "openai-agents==0.24.0",
        "anthropic==2.14.0",
        "pydantic-ai-slim==2.68.0",
        "llama-index-core==0.14.25",
    ),
    tests=("tests/integrations",),
)
