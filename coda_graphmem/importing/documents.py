"""Reads documents, as libraries of them are kept in folders: Markdown, plain text and PDF.

A section becomes a memory (`coda_graphmem.importing.sections`): what stands below a heading of Markdown, a page of a
PDF, and of a plain text all of it; what is longer than some 2,000 words comes in parts. It begins with the headings it
stands below, and knows where it is from::

    {"title": "Handbook", "source": "guide/handbook.md", "headings": ["Handbook", "Installation"],
     "position": {"ordinal": 3, "line": 41, "last_line": 57}}

A PDF has a ``page`` in place of lines. The sections of a document are a conversation, so that each follows the one
before it. The head of a Markdown file is read as that of a note (`coda_graphmem.importing.markdown`), its links are
replaced by the words they show.

One that cannot be read does not keep others from being read: it is passed over, with the reason. Where it is the only
one, that is an error.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.account import BLANK, Account
from coda_graphmem.importing.chats import NO_WORDS, acceptable, name_of
from coda_graphmem.importing.foreign import Foreign, records_of_foreign
from coda_graphmem.importing.markdown import HEAD, SILENT, Note, lines_of, note_of, words_and_links
from coda_graphmem.importing.pdf import MOST_BYTES, PdfError, PdfReader, is_pdf
from coda_graphmem.importing.record import Record, RecordMaker, digest
from coda_graphmem.importing.sections import (
    Divided,
    Section,
    sections_of_markdown,
    sections_of_pages,
    sections_of_text,
)
from coda_graphmem.transfer.front_matter import split_front_matter
from coda_graphmem.transfer.parts import Part

#: Bytes of the longest text.
MOST_TEXT = 20_000_000

#: How files of each kind are called.
MARKDOWN = re.compile(r"\.(?:md|markdown)$", re.IGNORECASE)
NO_MARKDOWN = re.compile(r"\.(?:pdf|txt|text)$", re.IGNORECASE)
DOCUMENT = re.compile(rf"^(?!.*/\.)[^.].*(?:{MARKDOWN.pattern}|{NO_MARKDOWN.pattern})", re.IGNORECASE)

#: What is between headings.
_BETWEEN = " > "

#: Why a page is passed over, and a document none of whose pages has words.
NO_PAGE_WORDS, DAMAGED_PAGE, SCANNED = "without words", "damaged", "without words: a scan, or empty"

#: Marks of the byte order, with what is written after them; the longer ones first.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

#: Titles that programs give a PDF, which are names of other files.
_FILE_NAME = re.compile(r"\.(?:docx?|odt|rtf|tex|dvi|indd|pages|pptx?|xlsx?|html?|qxd|eps|ps|pdf)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Document:
    """What is known of a document when its sections are made."""

    note: Note
    divided: Divided
    words: Callable[[str], tuple[str, list[str], list[str]]]
    """The words of a section's text, where it links to, and its tags."""
    is_paged: bool = False


def read_documents(
    parts: Sequence[Part], path: Callable[[Part], str], account: Account, pdfs: PdfReader, *, alone: bool
) -> Iterator[Record]:
    """The sections of documents, one document after another.

    Args:
        parts: The documents.
        path: Where each is in its folder.
        account: Where files, lines and pages are counted.
        pdfs: Reads those that are PDF.
        alone: Whether a document is all there is.

    Raises:
        ValidationError: The one document there is cannot be read.
        MissingPackageError: One is PDF, and what reads it is not installed.
    """
    for part in parts:
        own = Account()
        try:
            # All of it before any of it: what is damaged at its end is passed over as a whole.
            records = list(_read(part, path(part), own, pdfs))
        except ValidationError as error:
            if alone:
                raise
            account.pass_over("files", error.message.removeprefix("is ").rstrip("."), error.field or part.name)
            continue
        except OSError as error:
            if alone:
                raise
            account.pass_over("files", f"unreadable ({error.strerror or type(error).__name__})", part.name)
            continue
        account.add(own)
        if records:
            account.take("files")
            yield from records
        else:
            account.pass_over("files", SCANNED if "pages" in own.units else NO_WORDS, part.name)


def _read(part: Part, path: str, account: Account, pdfs: PdfReader) -> Iterator[Record]:
    maker = RecordMaker(part.name, account)
    data = _bytes_of(part)
    if is_pdf(part.name, data):
        document = _of_pdf(data, path, maker, pdfs)
    elif len(data) > MOST_TEXT:
        raise _fault(part.name, f"too large (more than {MOST_TEXT // 1_000_000} MB of text)", "Divide it.")
    elif part.name.lower().endswith(".pdf"):
        raise _fault(part.name, "no PDF", "Save it again.")
    else:
        text = _decoded(data, part.name)
        document = (_of_markdown if MARKDOWN.search(part.name) else _of_text)(text, path, maker)
    yield from _records(document, path, maker)


def _bytes_of(part: Part) -> bytes:
    with part.open() as file:
        data: bytes = file.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _fault(part.name, f"too large (more than {MOST_BYTES // 1_000_000} MB)", "Divide it.")
    return data


def _decoded(data: bytes, name: str) -> str:
    """A text: UTF-8, or what the mark of the byte order at its beginning says."""
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    kind, remedy = "no text in UTF-8, or in UTF-16 with a mark", "Save it as UTF-8."
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = f", line {data.count(10, 0, error.start) + 1}" if encoding in ("utf-8", "utf-8-sig") else ""
        raise _fault(f"{name}{line}, byte {error.start + 1}", kind, remedy) from None
    if (nul := text.find("\0")) >= 0:
        # No text has any; UTF-16 without a mark has many.
        line = f", line {text.count(chr(10), 0, nul) + 1}"
        raise _fault(f"{name}{line}", kind, remedy)
    return text.removeprefix("\ufeff")


def _of_markdown(text: str, path: str, maker: RecordMaker) -> _Document:
    head, body = split_front_matter(text, maker.source)
    lines = lines_of(body)
    first = len(lines_of(text[: len(text) - len(body)]))
    divided = sections_of_markdown(lines, first + 1)
    maker.account.pass_over("lines", HEAD, maker.place(1), first)
    silent = [*divided.silent]
    speaking = []
    for at, section in enumerate(divided.sections, start=1):
        if words_and_links(section.text)[0]:
            speaking.append(section)
        else:
            # With the heading above it, unless that stands above the next one as well.
            begins, count = section.first, len(section.headings)
            if count and not any(one.headings[:count] == section.headings for one in divided.sections[at : at + 1]):
                begins -= 1
                while begins > first + 1 and not lines[begins - first - 1].strip():
                    begins -= 1
            silent += [number for number in range(begins, section.last + 1) if lines[number - first - 1].strip()]
    for number in silent:
        maker.account.pass_over("lines", SILENT, maker.place(number))
    _count(lines, first + 1, maker, len(silent))
    note = note_of(head, lines, _without_ending(path), maker)
    return _Document(note, Divided(tuple(speaking)), words_and_links)


def _of_text(text: str, path: str, maker: RecordMaker) -> _Document:
    lines = lines_of(text)
    _count(lines, 1, maker)
    return _Document(note_of({}, [], _without_ending(path), maker), sections_of_text(lines), _as_it_is)


def _count(lines: Sequence[str], first: int, maker: RecordMaker, apart: int = 0) -> None:
    """Count the lines of a text; ``apart`` of them are counted already."""
    for number, line in enumerate(lines, start=first):
        if not line.strip():
            maker.account.pass_over("lines", BLANK, maker.place(number))
    maker.account.take("lines", sum(bool(line.strip()) for line in lines) - apart)


def _of_pdf(data: bytes, path: str, maker: RecordMaker, pdfs: PdfReader) -> _Document:
    try:
        pdf = pdfs.read(data)
    except PdfError as error:
        remedy = "Save it without a password." if str(error) == "encrypted" else "Save it again, or divide it."
        raise _fault(maker.source, str(error), remedy) from None
    for number, text in enumerate(pdf.pages, start=1):
        if text and text.strip():
            maker.account.take("pages")
        else:
            reason = DAMAGED_PAGE if text is None else NO_PAGE_WORDS
            maker.account.pass_over("pages", reason, maker.place(f"page {number}"))
    title = name_of(pdf.title or "")
    says = any(map(str.isalnum, title)) and not _FILE_NAME.search(title)
    note = note_of({"title": title if says else None}, [], _without_ending(path), maker)
    note.at = pdf.created
    headings = [(page, depth, name_of(words)) for page, depth, words in pdf.headings if name_of(words)]
    return _Document(note, sections_of_pages(pdf.pages, headings), _as_it_is, is_paged=True)


def _as_it_is(text: str) -> tuple[str, list[str], list[str]]:
    return text, [], []


def _records(document: _Document, path: str, maker: RecordMaker) -> Iterator[Record]:
    note, seen = document.note, Counter[str]()
    for ordinal, section in enumerate(document.divided.sections, start=1):
        words, links, tags = document.words(acceptable(section.text))
        headings = [document.words(acceptable(heading))[0] for heading in section.headings]
        content = _BETWEEN.join(headings) + "\n\n" * bool(headings) + words
        seen[content] += 1
        foreign = Foreign(
            program="documents",
            # What a document says twice is two memories; where it says it is no part of an id.
            key=digest(path, seen[content]),
            content=content,
            at=note.at,
            importance=note.importance,
            conversation_id=path,
            metadata={
                **note.metadata,
                "source": path,
                "headings": [name_of(heading) for heading in headings],
                "position": {"ordinal": ordinal, **_place(section, is_paged=document.is_paged)},
                "links": links,
            },
            said=note.said,
            tags=[*note.tags, *tags],
        )
        place = f"page {section.first}" if document.is_paged else section.first
        own = RecordMaker(maker.source)  # Records are no unit of documents.
        for record in records_of_foreign(foreign, place, own):
            yield replace(record, document=path)


def _place(section: Section, *, is_paged: bool) -> dict[str, Any]:
    return {"page": section.first} if is_paged else {"line": section.first, "last_line": section.last}


def path_of(name: str) -> str:
    """A path in its folder as metadata and conversations have it."""
    return name_of(str(PurePosixPath(name))) or "document"


def _without_ending(path: str) -> str:
    return str(PurePosixPath(path).with_suffix(""))


def _fault(place: str, what: str, remedy: str) -> ValidationError:
    return ValidationError(f"is {what}.", field=place, remedy=remedy)
