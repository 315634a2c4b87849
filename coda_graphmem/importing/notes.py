"""Reads notes, mail and other prose, in which nobody speaks: a memory a paragraph.

Paragraphs are set apart by blank lines; a heading of Markdown belongs to what follows it, and a block of code is not
broken. The first heading of the first level is the title. This is never guessed: a caller says that a text is one.
"""

from collections.abc import Callable, Iterator
from typing import TextIO

from coda_graphmem.importing.account import BLANK, Account
from coda_graphmem.importing.chats import acceptable
from coda_graphmem.importing.record import Record, RecordMaker
from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH

_FENCES = ("```", "~~~")


def read_notes(
    opened: Callable[[], TextIO], source: str, conversation_id: str, account: Account | None = None
) -> Iterator[Record]:
    """The paragraphs of a text as memories of one conversation, in their order.

    Args:
        opened: Opens the file.
        source: Its name, for messages.
        conversation_id: What becomes the conversation's id.
        account: Where lines are counted.

    Raises:
        ValidationError: It is not UTF-8, or a line is too long; the field names file and line.
    """
    maker = RecordMaker(source, account or Account())
    title: str | None = None
    with opened() as file:
        for number, lines in _paragraphs(maker, file):
            if title is None and lines[0].startswith("# "):
                title = lines[0][2:].strip().rstrip("#").strip()
            content = acceptable("\n".join(lines)).strip()
            for start in range(0, len(content), MAX_CONTENT_LENGTH):
                if part := content[start : start + MAX_CONTENT_LENGTH].strip():
                    metadata = {"conversation_title": title} if title else {}
                    memory = {"content": part, "metadata": metadata, "conversation_id": conversation_id}
                    yield maker.make(number, memory)


def _paragraphs(maker: RecordMaker, file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Each paragraph with the number of its first line. Lines are counted."""
    lines: list[str] = []
    first, length, fenced = 0, 0, False
    for number, line in enumerate(maker.decoded(file), start=1):
        text = line.rstrip("\r\n")
        blank = not text.strip()
        fenced ^= text.lstrip().startswith(_FENCES)
        ends = blank and lines and not fenced and not lines[-1].startswith("#")
        if ends or length + len(text) > MAX_CONTENT_LENGTH:
            if lines:
                yield first, lines
            lines, length = [], 0
        if blank:
            maker.account.pass_over("lines", BLANK, maker.place(number))
        else:
            maker.account.take("lines")
        if lines or not blank:
            first = first if lines else number
            lines.append(text)
            length += len(text) + 1
    if lines:
        yield first, lines
