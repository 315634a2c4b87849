"""What survives a fork: locks that nobody holds in the child, and things that the child must leave alone.

A forked child has the memory of its parent, but only one of its threads: a lock that another thread held stays locked
for ever there, and whatever a thread was to do is never done.
"""

import ctypes
import os
import threading
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Self


class Lock:
    """A lock that is free in a forked child, whoever held it in the parent.

    Args:
        make: Makes the lock itself.
    """

    def __init__(self, make: Callable[[], AbstractContextManager[Any]] = threading.Lock) -> None:
        self._lock = make()
        renewed_in_child(self, "_lock", make)

    def __enter__(self) -> Self:
        self._lock.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._lock.__exit__(*exception)


_RENEWED: "weakref.WeakKeyDictionary[object, tuple[str, Callable[[], object]]]" = weakref.WeakKeyDictionary()


def renewed_in_child(owner: object, name: str, make: Callable[[], object]) -> None:
    """Have an attribute made anew in every forked child; one for an owner.

    Args:
        owner: Whose attribute.
        name: Of the attribute, such as that of a lock which is used too often for a `Lock`.
        make: Makes it.
    """
    _RENEWED[owner] = name, make


def leave_alone(thing: object) -> None:
    """Keep something from being freed or closed in this process, as its parent goes on using what it stands for."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def _renew() -> None:
    for owner, (name, make) in list(_RENEWED.items()):
        setattr(owner, name, make())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
