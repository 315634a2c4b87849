"""Removes items whose time is over, every now and then, in a thread of its own."""

import logging
import threading
from collections.abc import Callable

from coda_graphmem.errors import GraphMemoryError

logger = logging.getLogger(__name__)


class Sweeper:
    """Calls something at an interval until it is stopped.

    Args:
        sweep: What to do; an error of the memory is logged, and it is tried again.
    """

    def __init__(self, sweep: Callable[[], int]) -> None:
        self._sweep = sweep
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, seconds: float) -> None:
        """Begin; nothing where it has begun already."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop = threading.Event()
        arguments = (self._stop, seconds)
        self._thread = threading.Thread(target=self._run, args=arguments, name="coda-graphmem-sweep", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """End it.

        Args:
            seconds: How long to wait for a sweep that goes on.

        Returns:
            Whether it has ended.
        """
        self._stop.set()
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self, stop: threading.Event, seconds: float) -> None:
        while not stop.wait(seconds):
            try:
                self._sweep()
            except GraphMemoryError as error:
                logger.warning("Items whose time is over were not removed: %s", error)
