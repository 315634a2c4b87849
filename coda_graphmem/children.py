"""Starts children: processes that do one kind of work for this one, and end with it.

A child is started by command line, so programs need no guard around their main part. It speaks over pipes, which nobody
else has, and ends with its parent, as its input does then.

It runs no code but that of the interpreter, of installed packages and of this one: neither the folder the program
works in nor an environment variable adds to where it looks for modules.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import coda_graphmem
from coda_graphmem.private_files import is_writable_by_others

#: What a child begins with: its modules are the interpreter's own and installed ones first, then those of the folders
#: it is told; this package is the one that its parent runs, without the folder it lies in.
_BEGINNING = """
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
package, module, count, *rest = sys.argv[1:]
sys.path += rest[:int(count)]
sys.argv[1:] = rest[int(count):]
found = spec_from_file_location("coda_graphmem", package)
sys.modules["coda_graphmem"] = module_from_spec(found)
found.loader.exec_module(sys.modules["coda_graphmem"])
import_module(module).main()
"""


class ChildError(Exception):
    """A child could not be started."""


def start_child(module: str, needed: Sequence[str], arguments: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start a child, with pipes as its standard input and output.

    Args:
        module: Of this package; its ``main`` is what the child does.
        needed: Packages that it imports, wherever this process finds them.
        arguments: What it finds in ``sys.argv[1:]``.

    Raises:
        ChildError: It cannot be started.
    """
    # Programs that were frozen, and servers that embed Python, would start themselves once more.
    name = Path(sys.executable or "").name.lower()
    if getattr(sys, "frozen", False) or not name.startswith(("python", "pypy", "graalpy")):
        raise ChildError("this program is no Python interpreter that could be started.")
    package = Path(coda_graphmem.__file__).resolve()
    folders = folders_of(needed)
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-c", _BEGINNING, str(package), module, str(len(folders)), *folders, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing that is looked up without a path is found where the program works.
            cwd=package.parent,
        )
    except (OSError, ValueError) as error:
        raise ChildError(f"{type(error).__name__}: {error}") from error


def end_child(child: subprocess.Popen[bytes]) -> None:
    """End a child at once; whoever waits for an answer of it finds its output at an end."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        try:
            pipe.close()
        except BrokenPipeError:  # A question that was never read is written once more.
            continue


def folders_of(packages: Sequence[str]) -> list[str]:
    """Where this process finds packages: folders into which nobody else may write."""
    specs = [spec for spec in map(find_spec, packages) if spec is not None]
    found = dict.fromkeys(Path(place).parent for spec in specs for place in spec.submodule_search_locations or ())
    here = Path.cwd().resolve()
    return [str(folder) for folder in found if folder.resolve() != here and not is_writable_by_others(folder)]


def be_child(serve: Callable[[BinaryIO, BinaryIO], None]) -> None:
    """What the ``main`` of a child does.

    Args:
        serve: Reads questions and writes answers, until there are no more questions.
    """
    # Ctrl-C reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print must not get between the answers.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        serve(sys.stdin.buffer, answers)
