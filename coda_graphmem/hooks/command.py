"""The command line of a hook, where it is written as assistants are told to write it.

Everything else, such as ``--help``, is read like the other commands, which takes ten times as long.
"""

from __future__ import annotations

import os
import sys
import time

from coda_graphmem.hooks.client import call

_OPTIONS = ("--store", "--dir", "--namespace")


def run(arguments: list[str]) -> None:
    """Do what the arguments of ``coda-graphmem hook`` say and end the process; return where they say something else."""
    started = time.monotonic()
    event, options = arguments[:1], arguments[1:]
    names, values = options[::2], options[1::2]
    given = dict(zip(names, values, strict=False))
    is_plain = bool(event) and not event[0].startswith("-") and len(names) == len(values) == len(given)
    if is_plain and given.keys() <= set(_OPTIONS):
        sys.exit(
            call(event[0], options_of(given.get("--store"), given.get("--dir")), given.get("--namespace"), started)
        )


def options_of(store: str | None, directory: str | None) -> tuple[str, ...]:
    """The options that say which memory is meant, as they are passed on."""
    # The daemon works in a folder of its own.
    place = None if directory is None else os.path.abspath(directory)  # noqa: PTH100
    pairs = (("--store", store), ("--dir", place))
    return tuple(part for name, value in pairs if value is not None for part in (name, value))
