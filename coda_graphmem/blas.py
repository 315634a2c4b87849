"""Keeps NumPy's matrix products to one core, so that whoever else computes has the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_state: dict[str, Any] = {"inside": 0, "limit": None}


@contextmanager
def one_core() -> Iterator[None]:
    """Let BLAS use one thread inside the block, in the whole process; blocks of several threads may overlap."""
    with _lock:
        _state["inside"] += 1
        if _state["inside"] == 1:
            _state["limit"] = _controller().limit(limits=1)
    try:
        yield
    finally:
        with _lock:
            _state["inside"] -= 1
            if _state["inside"] == 0:
                _state.pop("limit").restore_original_limits()


@cache
def _controller() -> Any:
    import numpy as np  # noqa: F401 - its BLAS has to be loaded to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
