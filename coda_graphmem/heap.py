"""Gives memory back that was freed."""

import sys
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Give the system back what was freed after large work, as far as the C library does that when it is told to.

    That of GNU keeps freed memory for later where other memory lies above it: some sixty megabytes after a model was
    loaded. It takes a few milliseconds.
    """
    trim = _trimming()
    if trim is not None:
        trim(0)


@cache
def _trimming() -> Callable[[int], int] | None:
    """The function of the C library, None where it has none: only that of GNU does."""
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        function = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
    function.argtypes, function.restype = (ctypes.c_size_t,), ctypes.c_int
    trim: Callable[[int], int] = function
    return trim
