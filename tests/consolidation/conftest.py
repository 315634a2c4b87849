"""Fixtures of the consolidation tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coda_graphmem.consolidation.comparison import Comparison
from coda_graphmem.consolidation.readings import Reader, shared_reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    return shared_reader()


@pytest.fixture(scope="session")
def compare(reader: Reader) -> Callable[[str, str], Comparison]:
    def compare(a: str, b: str) -> Comparison:
        return Comparison.of(*reader.read([a, b]))

    return compare
