"""Keeps NumPy's matrix products to one core, so that whoever else computes has the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from coda_graphmem.forks import Lock


class _Blas:
    """The BLAS of this process, and how many blocks want one thread of it at present."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._blocks = 0
        self._limit: Any = None

    @contextmanager
    def one_core(self) -> Iterator[None]:
        """Let BLAS use one thread inside the block, in the whole process; blocks of several threads may overlap."""
        with self._lock:
            if self._blocks == 0:
                self._limit = self._controller.limit(limits=1)
            self._blocks += 1
        try:
            yield
        finally:
            with self._lock:
                self._blocks -= 1
                if self._blocks == 0:
                    self._limit.restore_original_limits()

    @cached_property
    def _controller(self) -> Any:
        import numpy as np  # noqa: F401 - a BLAS has to be loaded to be found
        from threadpoolctl import ThreadpoolController

        return ThreadpoolController().select(user_api="blas")


one_core = _Blas().one_core
