"""Child processes that run a module of this package: work that would hold Python's lock, or that may be killed.

A child is started by command line, so programs need no guard around their main part. It runs no code but that of the
interpreter, of installed packages and of this one: neither the folder the program works in nor an environment variable
adds to where it looks for modules.
"""

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from coda_graphmem.private_files import is_writable_by_others

#: What the child begins with: its modules are the interpreter's own and installed ones first, then those of the folders
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


def start_child(
    module: str, arguments: Sequence[str] = (), *, needed: Sequence[str], answers: bool
) -> "subprocess.Popen[bytes]":
    """Run ``main()`` of a module in a child, whose input is a pipe that ends with this process.

    Args:
        module: Of this package, by its full name.
        arguments: What it finds in ``sys.argv[1:]``.
        needed: Packages it imports, where they are not installed where the interpreter looks by itself.
        answers: Whether its output is a pipe too; else nobody reads it.

    Raises:
        ChildError: It cannot be started.
    """
    # Programs that were frozen, and servers that embed Python, would start themselves once more.
    name = Path(sys.executable or "").name.lower()
    if getattr(sys, "frozen", False) or not name.startswith(("python", "pypy", "graalpy")):
        raise ChildError("this program is no Python interpreter that could be started.")
    package = Path(__file__).resolve().with_name("__init__.py")
    folders = _folders(needed)
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-c", _BEGINNING, str(package), module, str(len(folders)), *folders, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if answers else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Nothing that is looked up without a path is found where the program works.
            cwd=package.parent,
        )
    except (OSError, ValueError) as error:
        raise ChildError(f"{type(error).__name__}: {error}") from error


def _folders(needed: Sequence[str]) -> list[str]:
    """Where this process finds the packages that a child needs: folders into which nobody else may write."""
    specs = [spec for spec in map(find_spec, needed) if spec is not None]
    found = dict.fromkeys(Path(place).parent for spec in specs for place in spec.submodule_search_locations or ())
    here = Path.cwd().resolve()
    return [str(folder) for folder in found if folder.resolve() != here and not is_writable_by_others(folder)]
