"""Keeps heavy imports cheap and quiet: spaCy's without PyTorch, one at a time, and none that reports to anybody."""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from coda_graphmem.forks import Lock

#: Held while a large library is imported, so that no import meets another one half done.
HEAVY_IMPORT = Lock(threading.RLock)


class _HideFromThread(MetaPathFinder):
    """Says to one thread that a package is not installed; all other threads find it."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._thread = threading.get_ident()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the signature is importlib's
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname == self._package and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{fullname} is hidden during this import", name=fullname)
        return None


@contextmanager
def torch_hidden() -> Iterator[None]:
    """Import a library that would use PyTorch if it saw it, without the seconds that costs.

    thinc, the machine learning library of spaCy, imports PyTorch wherever it is installed, although
    the models here do not use it. Only the calling thread is kept from seeing it, and only until
    the block ends; where PyTorch was imported before, nothing is hidden, as nothing would be saved.
    """
    with HEAVY_IMPORT:
        if "torch" in sys.modules:
            yield
            return
        finder = _HideFromThread("torch")
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment while a library reads it; afterwards it is as before."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
