"""REST: Schemathesis, which makes requests of an OpenAPI document and holds the answers against it, in this process."""

from __future__ import annotations

from tests_outside.python_tests import PythonTests

ECOSYSTEM = PythonTests(
    name="rest",
    module=__name__,
    packages=("schemathesis==4.32.5",),
    tests=("tests_outside/standard/rest.py",),
    options=("-p", "no:randomly", "-s"),
)
