"""A graph is a value: it shows itself, compares, and goes to another process and back."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError

import pytest

from coda_graphmem import MemoryGraph
from tests.graphs.build import graph


def test_it_says_what_it_holds() -> None:
    assert repr(graph()) == "MemoryGraph(namespace='a <b>', memory=3, entity=2, conversation=1, edges=9)"


def test_it_comes_back_from_a_pickle() -> None:
    back = pickle.loads(pickle.dumps(graph()))
    assert type(back) is MemoryGraph
    assert back == graph() == copy.deepcopy(graph())


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        graph().left_out = 3  # type: ignore[misc]
