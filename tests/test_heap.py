"""Memory that was freed is given back."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from coda_graphmem import heap
from coda_graphmem.embedding import onnx


def test_it_is_asked_of_the_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def trim(kept: int) -> int:
        asked.append(kept)
        return 1

    monkeypatch.setattr(heap, "_trimming", lambda: trim)
    heap.give_back()
    assert asked == [0]


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_where_the_library_has_no_such_thing_nothing_is_done(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    find: Callable[[], object] = heap._trimming.__wrapped__
    monkeypatch.setattr(sys, "platform", platform)
    assert find() is None
    monkeypatch.setattr(heap, "_trimming", find)
    heap.give_back()


def test_a_model_that_was_loaded_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(onnx, "give_back", lambda: asked.append(1))
    model = onnx.OnnxMiniLM()
    model.load()
    model.load()
    assert asked == [1]
