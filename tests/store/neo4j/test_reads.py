"""How many an index is asked for, by how large a namespace and its store are."""

from __future__ import annotations

import pytest

from coda_graphmem.store.neo4j.dialect import Dialect
from coda_graphmem.store.neo4j.reads import EXACT_BELOW, MAX_FETCH, Size, index_fetch

FILTERING = Dialect("2026.08.1", "community", filters_in_index=True)
PLAIN = Dialect("5.26.30", "community", filters_in_index=False)


@pytest.mark.parametrize("dialect", [FILTERING, PLAIN])
def test_a_small_namespace_is_looked_at_whole(dialect: Dialect) -> None:
    assert index_fetch(dialect, Size(EXACT_BELOW, 10**6, 0.0), 10, at_least=50) is None
    assert index_fetch(dialect, Size(EXACT_BELOW + 1, EXACT_BELOW + 1, 0.0), 10, at_least=50) == 50


def test_so_is_one_of_which_all_are_wanted() -> None:
    assert index_fetch(FILTERING, Size(5_000, 5_000, 0.0), 5_000, at_least=50) is None


def test_more_are_asked_for_than_are_wanted() -> None:
    size = Size(10_000, 10_000, 0.0)
    assert index_fetch(FILTERING, size, 100, at_least=50) == 200
    assert index_fetch(FILTERING, size, 100, at_least=50, times=4) == 400


def test_an_index_that_cannot_filter_gives_others_as_well() -> None:
    size = Size(10_000, 40_000, 0.0)
    assert index_fetch(FILTERING, size, 100, at_least=50) == 200
    assert index_fetch(PLAIN, size, 100, at_least=50) == 800
    assert index_fetch(PLAIN, Size(10_000, 10_000 * MAX_FETCH, 0.0), 100, at_least=50) is None
