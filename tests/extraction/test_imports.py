from __future__ import annotations

import importlib.util
import sys
import threading
from types import ModuleType

import pytest

from coda_graphmem.imports import torch_hidden


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)


def test_torch_is_hidden_from_this_thread_only(without_torch: None) -> None:
    seen: list[bool] = []
    finders = list(sys.meta_path)
    with torch_hidden():
        with pytest.raises(ModuleNotFoundError):
            importlib.util.find_spec("torch")
        assert importlib.util.find_spec("json") is not None
        other = threading.Thread(target=lambda: seen.append(importlib.util.find_spec("torch") is not None))
        other.start()
        other.join()
    assert seen == [True]
    assert importlib.util.find_spec("torch") is not None
    assert sys.meta_path == finders


def test_torch_is_found_again_after_an_error(without_torch: None) -> None:
    finders = list(sys.meta_path)
    with pytest.raises(ZeroDivisionError), torch_hidden():
        raise ZeroDivisionError
    assert sys.meta_path == finders


def test_what_is_imported_already_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("torch")
    monkeypatch.setitem(sys.modules, "torch", module)
    with torch_hidden():
        import torch

        assert torch is module
