"""Asks a child for the words of PDF files, and does not wait for ever."""

from __future__ import annotations

import hashlib
import json
import queue
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, BinaryIO, cast

from coda_graphmem.children import ChildError, end_child, start_child
from coda_graphmem.errors import MissingPackageError

#: What begins a PDF file.
_MARK = b"%PDF-"

#: Bytes of the largest file that is read.
MOST_BYTES = 200_000_000

#: Seconds that are waited for a page, for a document, and for a child to begin, which a busy machine may put off.
PAGE_SECONDS, DOCUMENT_SECONDS, START_SECONDS = 60.0, 600.0, 300.0

#: Bytes of words that are kept in memory; more go into a file without a name.
_IN_MEMORY = 1 << 23


def is_pdf(name: str, begins: bytes) -> bool:
    """Whether a file is a PDF, by its first bytes; in one that is called so, something else may stand before."""
    return begins.startswith(_MARK) or (name.lower().endswith(".pdf") and _MARK in begins[:1024])


class PdfError(Exception):
    """A PDF file that cannot be read; the message says what it is, such as ``encrypted``."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """What a PDF file says."""

    pages: tuple[str | None, ...]
    """The words of each page; None for one that is damaged."""
    title: str | None
    created: float | None
    """When it was made, in seconds since the Unix epoch."""
    headings: tuple[tuple[int, int, str], ...]
    """Its outline: the page of each heading, from 0, how deep it stands, and its words."""


class PdfReader:
    """Reads PDF files; each content once, however often it is asked for. One thread at a time may use it.

    Args:
        page_seconds: How long a page may take before the file is given up.
        document_seconds: How long a file may take.
    """

    def __init__(self, page_seconds: float = PAGE_SECONDS, document_seconds: float = DOCUMENT_SECONDS) -> None:
        self._page_seconds, self._document_seconds = page_seconds, document_seconds
        self._child: _Child | None = None
        self._kept: BinaryIO | None = None
        self._places: dict[bytes, tuple[int, int]] = {}

    def read(self, data: bytes) -> Pdf:
        """What a file says.

        Raises:
            PdfError: It cannot be read.
            MissingPackageError: What reads PDF is not installed.
        """
        key = hashlib.blake2b(data, digest_size=16).digest()
        if self._kept is None:
            self._kept = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - lives on
            weakref.finalize(self, self._kept.close)
        if key not in self._places:
            written = json.dumps(self._asked(data)).encode()
            self._places[key] = self._kept.seek(0, 2), len(written)
            self._kept.write(written)
        start, length = self._places[key]
        self._kept.seek(start)
        found = json.loads(self._kept.read(length))
        if "refused" in found:
            raise PdfError(found["refused"])
        about = found["about"]
        headings = tuple((page, depth, title) for page, depth, title in about["headings"])
        return Pdf(tuple(found["pages"]), about["title"], about["created"], headings)

    def rest(self) -> None:
        """End the child; the next file that was not read yet starts another one."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def close(self) -> None:
        """End the child, and forget what was read."""
        self.rest()
        self._places.clear()
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _asked(self, data: bytes) -> dict[str, Any]:
        if find_spec("pypdf") is None:
            raise MissingPackageError(
                "is not installed, and reads PDF.",
                field="pypdf",
                remedy='Install the extra: pip install "coda-graphmem[documents]".',
            )
        for _ in range(2):
            found: dict[str, Any] = {"pages": []}
            try:
                return self._answered(data, found)
            except TimeoutError:
                self.rest()
                return {"refused": f"taking too long to read (page {len(found['pages']) + 1})"}
            except (OSError, EOFError):
                # It may have ended for another reason, once.
                self.rest()
            except ChildError:
                return {"refused": "nothing that can be read here, as no other process can be started"}
        return {"refused": "damaged"}

    def _answered(self, data: bytes, found: dict[str, Any]) -> dict[str, Any]:
        """What a child says of a file; added to what is found by then.

        Raises:
            TimeoutError: It takes too long.
            OSError, EOFError: It has ended.
            ChildError: It cannot be started.
        """
        self._child = self._child or _Child()
        for answer in self._child.answers(data, self._page_seconds, self._document_seconds):
            if "page" in answer:
                found["pages"].append(answer["page"])
            else:
                found |= answer
        return found


class _Child:
    """A child that reads PDF files.

    Raises:
        ChildError: It cannot be started.
    """

    def __init__(self) -> None:
        child = start_child("coda_graphmem.importing.pdf_text", ("pypdf", "typing_extensions"))
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._child = child
        self._is_ready = False
        # A pipe is not waited for with an end in sight on every system; a thread is.
        threading.Thread(target=_pass_on, args=(child, self._lines), daemon=True, name="coda-graphmem-pdf").start()
        # Whoever forgets to close it has no child left with it.
        self.close = weakref.finalize(self, end_child, child)

    def answers(self, data: bytes, page_seconds: float, document_seconds: float) -> Iterator[dict[str, Any]]:
        """What it answers of a file, but the end.

        Raises:
            TimeoutError: An answer takes too long.
            EOFError, OSError: It has ended.
        """
        questions = self._child.stdin
        assert questions is not None
        if not self._is_ready:
            self._next(START_SECONDS)
            self._is_ready = True
        until = time.monotonic() + document_seconds
        # The whole question is read before anything is answered, so this waits for nobody.
        questions.write(b"%d\n" % len(data))
        questions.write(data)
        questions.flush()
        while True:
            answer = self._next(max(0.0, min(page_seconds, until - time.monotonic())))
            if "end" in answer:
                return
            yield answer
            if "refused" in answer:
                return

    def _next(self, seconds: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if not line:
            raise EOFError
        answer: dict[str, Any] = json.loads(line)
        return answer


def _pass_on(child: subprocess.Popen[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Put the lines that a child writes into a queue, and nothing at their end."""
    assert child.stdout is not None
    try:
        for line in child.stdout:
            lines.put(line)
    except (OSError, ValueError):  # It was closed meanwhile.
        pass
    finally:
        lines.put(b"")
