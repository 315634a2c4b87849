"""Fixtures of the facts tests."""

from __future__ import annotations

import pytest

from coda_graphmem.facts.reader import FactReader


@pytest.fixture(scope="session")
def reader() -> FactReader:
    return FactReader()
