"""Reads the words of PDF files in a child (`coda_graphmem.children`), which may be ended where it takes too long.

Asked is a line with the number of bytes and a file of so many; answered are lines of JSON: one about the document, one
for each page, and one that ends it, or one that says why it cannot be read. A first line says that it can be asked.
"""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from coda_graphmem.children import be_child

#: Bytes of memory a document may take, where the system can be told so; pages and characters of the longest one.
MOST_MEMORY, MOST_PAGES, MOST_CHARACTERS = 3 << 30, 20_000, 20_000_000

#: Headings of an outline that are looked at, and headings in one another.
_HEADINGS, _DEEP = 5_000, 12

#: A word that was divided at the end of a line, and letters that are set as one.
_DIVIDED = re.compile(r"(?<=[^\W\d_])(?:\u00ad|-)\n(?=[^\W\d_])")
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
_LIGATURE = re.compile("[\ufb00-\ufb06]")


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions."""
    from pypdf import PdfReader

    _bound_memory()
    answers.write(b"{}\n")
    answers.flush()
    while line := questions.readline():
        for answer in _answers(PdfReader, questions.read(int(line))):
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such bound; that on time holds there as well.
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (OSError, ValueError):  # Some systems know the bound and set none.
        return


def _answers(read: Any, data: bytes) -> Iterator[dict[str, Any]]:
    from pypdf.errors import DependencyError

    try:
        reader = read(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            yield {"refused": "encrypted"}
            return
        if len(reader.pages) > MOST_PAGES:
            yield {"refused": f"too large (more than {MOST_PAGES:,} pages)"}
            return
        yield {"about": _about(reader)}
        length = 0
        for page in reader.pages:
            text = _words(page)
            length += len(text or "")
            if length > MOST_CHARACTERS:
                yield {"refused": f"too large (more than {MOST_CHARACTERS:,} characters)"}
                return
            yield {"page": text}
        yield {"end": True}
    except DependencyError:
        # Ciphers that need another package guard what a reader has to ask a password for anyway.
        yield {"refused": "encrypted"}
    except MemoryError:
        yield {"refused": "too large (its pages need too much memory)"}
    except Exception:
        # Files that are damaged, or made to do harm, come to any error of Python.
        yield {"refused": "damaged"}


def _words(page: Any) -> str | None:
    """The words of a page; None where it is damaged."""
    try:
        text = str(page.extract_text())
    except MemoryError:
        raise
    except Exception:
        return None
    text = _LIGATURE.sub(lambda found: _LIGATURES[found[0]], text)
    return _DIVIDED.sub("", text).strip("\n")


def _about(reader: Any) -> dict[str, Any]:
    """What a document says of itself: title, time, and headings, each with the number of its page and its depth."""
    about: dict[str, Any] = {"title": None, "created": None, "headings": []}
    for name, read in (("title", _title), ("created", _created), ("headings", _headings)):
        try:
            about[name] = read(reader)
        except MemoryError:
            raise
        except Exception:
            # What is damaged there is no reason to leave the pages unread.
            continue
    return about


def _title(reader: Any) -> str | None:
    title = reader.metadata.title if reader.metadata else None
    return None if title is None else str(title)


def _created(reader: Any) -> float | None:
    moment = reader.metadata.creation_date if reader.metadata else None
    return None if moment is None else float(moment.timestamp())


def _headings(reader: Any) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    waiting: list[tuple[int, Any]] = [(0, iter(reader.outline))]
    while waiting and len(found) < _HEADINGS:
        depth, rest = waiting[-1]
        entry = next(rest, None)
        if entry is None:
            waiting.pop()
        elif isinstance(entry, list):
            if depth < _DEEP:
                waiting.append((depth + 1, iter(entry)))
        elif (number := reader.get_destination_page_number(entry)) is not None and number >= 0:
            found.append((int(number), depth, str(entry.title)))
    return found


def main() -> None:
    """Be the child."""
    be_child(serve)
