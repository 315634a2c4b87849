"""Reads the items of a large JSON list one after another, holding one of them at a time."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from coda_graphmem.errors import ValidationError

#: Characters read at a time, at least.
CHUNK = 1 << 20

#: Characters of the longest item.
LONGEST = 1 << 28

#: An error within so many characters of the end of what was read may be one of a literal that is cut off.
_MARGIN = 16

_DECODER = json.JSONDecoder()


def read_items(file: TextIO, source: str) -> Iterator[dict[str, Any]]:
    """The objects of a JSON list in their order, or the one object that a file holds instead of a list.

    Memory is bounded by the longest item, not by the file: the decoder is given what has been read, and more is read
    where it ran out of text. Each time that is at least as much again, so that no text is decoded more than twice or
    so.

    Args:
        file: Open for reading.
        source: Its name, for messages.

    Raises:
        ValidationError: It is no such list; the field names file and item.
    """
    text = _Text(file, source)
    if text.next_character() == "{":
        yield text.decode(1)
        return
    if text.next_character() != "[":
        raise text.fault(1, "is not the beginning of a JSON list.")
    text.at += 1
    number = 0
    if text.next_character() == "]":
        return
    while True:
        number += 1
        yield text.decode(number)
        separator = text.next_character()
        if separator == "]":
            return
        if separator != ",":
            raise text.fault(number, "is followed by neither a comma nor the end of the list." if separator else _CUT)
        text.at += 1


_CUT = "is the last that is whole: the file ends in the middle of the list."


class _Text:
    """The part of the file that is not decoded yet."""

    def __init__(self, file: TextIO, source: str) -> None:
        self._file = file
        self._source = source
        self._read = ""
        self._ended = False
        self.at = 0

    def next_character(self) -> str:
        """The next character that is no white space, without taking it; empty at the end."""
        while True:
            while self.at < len(self._read) and self._read[self.at] in " \t\r\n\ufeff":
                self.at += 1
            if self.at < len(self._read) or not self._read_on():
                return self._read[self.at : self.at + 1]

    def decode(self, number: int) -> dict[str, Any]:
        """Take one object."""
        self.next_character()
        while True:
            try:
                value, self.at = _DECODER.raw_decode(self._read, self.at)
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self._read) - _MARGIN or error.msg.startswith("Unterminated string")
                if cut and len(self._read) - self.at < LONGEST and self._read_on():
                    continue
                raise self.fault(number, f"is not JSON ({error.msg}).") from None
            except (ValueError, RecursionError):
                raise self.fault(number, "is nested too deeply, or holds a number that is too long.") from None
            if not isinstance(value, dict):
                raise self.fault(number, f"is a {type(value).__name__}, not an object.")
            return value

    def fault(self, number: int, message: str) -> ValidationError:
        return ValidationError(
            message, field=f"{self._source}, conversation {number}", remedy="Export or download it again."
        )

    def _read_on(self) -> bool:
        """Read more; False where there is no more."""
        if self._ended:
            return False
        rest = self._read[self.at :]
        try:
            more = self._file.read(max(CHUNK, len(rest)))
        except UnicodeDecodeError:
            raise ValidationError("is not UTF-8.", field=self._source, remedy="Save the file as UTF-8.") from None
        self._ended = not more
        self._read, self.at = rest + more, 0
        return not self._ended
