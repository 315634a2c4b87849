"""Reads large JSON files item by item, holding one of them at a time."""

import json
from collections.abc import Collection, Iterator
from typing import Any, TextIO

from coda_graphmem.errors import ValidationError

#: Characters read at a time, at least.
CHUNK = 1 << 20

#: Characters of the longest item.
LONGEST = 1 << 25

#: An error within so many characters of the end of what was read may be one of a literal that is cut off.
_MARGIN = 16

#: Objects in objects that are gone into.
_DEEPEST = 8

_DECODER = json.JSONDecoder()


def read_items(file: TextIO, source: str, item: str = "conversation") -> Iterator[dict[str, Any]]:
    """The objects that a file holds in their order: of JSON lists, alone, or several of both one after another.

    Memory is bounded by the longest item, not by the file: the decoder is given what has been read, and more is read
    where it ran out of text. Each time that is at least as much again, so that no text is decoded more than twice or
    so.

    Args:
        file: Open for reading.
        source: Its name, for messages.
        item: What an object is, for messages.

    Raises:
        ValidationError: It holds anything else; the field names file and item.
    """
    text = _Text(file, source, item)
    while first := text.next_character():
        if first == "{":
            yield text.decode_object()
        elif first == "[":
            for _ in text.elements():
                yield text.decode_object()
        elif text.number == 1:
            raise text.fault("is not the beginning of a JSON list.")
        else:
            text.number -= 1
            raise text.fault("is followed by something that is no JSON.")


def read_nested(
    file: TextIO, source: str, item: str, inside: Collection[str], lists: Collection[str]
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """The items of lists that stand inside the objects of a file, each with what its object says before the list.

    Args:
        file: Open for reading.
        source: Its name, for messages.
        item: What an item is, for messages.
        inside: Keys of objects and of lists of objects that are gone into.
        lists: Keys of the lists whose items are wanted.

    Yields:
        An object's members before its list, and an item of the list; at the end of each such list, no item.

    Raises:
        ValidationError: It is no such file; the field names file and item.
    """
    text = _Text(file, source, item)
    while text.next_character():
        yield from _nested(text, inside, lists, _DEEPEST)


def _nested(
    text: "_Text", inside: Collection[str], lists: Collection[str], depth: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    if text.next_character() != "{" or not depth:
        raise text.fault("stands where an object with lists of its own should be.")
    said: dict[str, Any] = {}
    for key in text.members():
        first = text.next_character()
        if key in lists and first == "[":
            for _ in text.elements():
                yield said, text.decode_object()
            yield said, None
        elif key in inside and first == "[":
            for _ in text.elements():
                yield from _nested(text, inside, lists, depth - 1)
        elif key in inside and first == "{":
            yield from _nested(text, inside, lists, depth - 1)
        else:
            said[key] = text.decode()


def read_listed(file: TextIO, source: str, item: str, lists: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a file that are listed under some keys, listed without any, or stand alone.

    Args:
        file: Open for reading.
        source: Its name, for messages.
        item: What an object is, for messages.
        lists: Keys of lists whose objects are wanted; what else stands beside them is passed over.

    Yields:
        The key of the list and an object of it. The key is empty where there is no such list: for each object of a
        JSON list, and for one that holds none of these lists itself.

    Raises:
        ValidationError: It is no such file; the field names file and item.
    """
    text = _Text(file, source, item)
    while first := text.next_character():
        if first == "[":
            for _ in text.elements():
                yield "", text.decode_object()
        elif first == "{":
            yield from _listed(text, lists)
        else:
            text.number = max(1, text.number - 1)
            raise text.fault("stands beside something that is neither a JSON object nor a list.")


def _listed(text: "_Text", lists: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    said: dict[str, Any] = {}
    found = False
    for key in text.members():
        if key in lists and text.next_character() == "[":
            found = True
            for _ in text.elements():
                yield key, text.decode_object()
        elif found:
            text.decode()
        else:
            said[key] = text.decode()
    if not found:
        text.number += 1
        yield "", said


def first_keys(file: TextIO, source: str) -> Iterator[tuple[str, str]]:
    """The keys of the first object of a file, each with the character its value begins with.

    A value is read only when the next key is asked for.

    Raises:
        ValidationError: It is damaged.
    """
    text = _Text(file, source, "conversation")
    if text.next_character() == "[":
        text.at += 1
    if text.next_character() == "{":
        for key in text.members():
            yield key, text.next_character()
            text.decode()


_CUT = "is the last that is whole: the file ends in the middle of the list."


class _Text:
    """The part of the file that is not decoded yet."""

    def __init__(self, file: TextIO, source: str, item: str) -> None:
        self._file = file
        self._source = source
        self._item = item
        self._read = ""
        self._ended = False
        self.at = 0
        self.number = 1
        """Of the item that comes next."""

    def next_character(self) -> str:
        """The next character that is no white space, without taking it; empty at the end."""
        while True:
            while self.at < len(self._read) and self._read[self.at] in " \t\r\n\ufeff":
                self.at += 1
            if self.at < len(self._read) or not self._read_on():
                return self._read[self.at : self.at + 1]

    def elements(self) -> Iterator[None]:
        """Go through a list; whoever asks takes each element before the next."""
        self.at += 1
        if self.next_character() == "]":
            self.at += 1
            return
        while True:
            yield
            separator = self.next_character()
            if separator not in (",", "]"):
                self.number = max(1, self.number - 1)
                raise self.fault("is followed by neither a comma nor the end of the list." if separator else _CUT)
            self.at += 1
            if separator == "]":
                return

    def members(self) -> Iterator[str]:
        """Go through an object; whoever asks takes the value of each key before the next."""
        self.at += 1
        if self.next_character() == "}":
            self.at += 1
            return
        while True:
            key = self.decode()
            if not isinstance(key, str) or self.next_character() != ":":
                raise self.fault("stands in an object that is damaged.")
            self.at += 1
            yield key
            separator = self.next_character()
            if separator not in (",", "}"):
                raise self.fault("stands in an object that is damaged or was cut off.")
            self.at += 1
            if separator == "}":
                return

    def decode_object(self) -> dict[str, Any]:
        """Take one item."""
        value = self.decode()
        if not isinstance(value, dict):
            raise self.fault(f"is a {type(value).__name__}, not an object.")
        self.number += 1
        return value

    def decode(self) -> Any:
        """Take one value."""
        self.next_character()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._read, self.at)
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self._read) - _MARGIN or error.msg.startswith("Unterminated string")
                if cut and self._longer():
                    continue
                raise self.fault(f"is not JSON ({error.msg}).") from None
            except (ValueError, RecursionError):
                raise self.fault("is nested too deeply, or holds a number that is too long.") from None
            # A number may go on behind what has been read.
            if end < len(self._read) or not self._longer():
                self.at = end
                return value

    def fault(self, message: str) -> ValidationError:
        return ValidationError(
            message, field=f"{self._source}, {self._item} {self.number}", remedy="Export or download it again."
        )

    def _longer(self) -> bool:
        """Read more of an item; False where there is no more.

        Raises:
            ValidationError: The item is too long.
        """
        if len(self._read) - self.at >= LONGEST:
            raise self.fault(f"has more than {LONGEST:,} characters.")
        return self._read_on()

    def _read_on(self) -> bool:
        """Read more; False where there is no more."""
        if self._ended:
            return False
        rest = self._read[self.at :]
        try:
            more = self._file.read(max(CHUNK, len(rest)))
        except UnicodeDecodeError:
            raise ValidationError(
                "or one soon after it is not UTF-8.",
                field=f"{self._source}, {self._item} {self.number}",
                remedy="Save the file as UTF-8.",
            ) from None
        self._ended = not more
        self._read, self.at = rest + more, 0
        return not self._ended
