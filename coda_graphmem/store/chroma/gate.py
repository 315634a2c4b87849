"""Lets threads use Chroma together, or one of them alone."""

import contextlib
import threading
from collections.abc import Iterator


class Gate:
    """Many may be inside together; whoever has to be alone waits for them, and they for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._alone: int | None = None

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Be inside with others; the thread that is alone may come in as well."""
        with self._changed:
            self._changed.wait_for(lambda: self._alone in (None, threading.get_ident()))
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be inside with nobody else."""
        with self._changed:
            self._changed.wait_for(lambda: self._alone is None)
            self._alone = threading.get_ident()
            self._changed.wait_for(lambda: self._inside == 0)
        try:
            yield
        finally:
            with self._changed:
                self._alone = None
                self._changed.notify_all()
