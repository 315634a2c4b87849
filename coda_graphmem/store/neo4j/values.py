"""What nodes keep of the values of a memory, so that conditions are part of every match.

``value_keys`` holds one key for each value of metadata, tags, entities and of a few fields: 41 decimal digits, which
no analyser of a full-text index splits or stems. They say where the value is (19 digits of a hash), whether it is an
item of a list (one), its kind (one), and what it is (20): of numbers their order, of all else a hash. So equal values
have equal keys, and the values of one place and kind, and its numbers in their order, are a span of keys.

``value_texts`` holds the texts themselves, each behind its place, for what compares them otherwise than by equality.
The server compares units of UTF-16, by which what is beyond the first 65,536 characters comes before the last of
those, so these are written in a way that both orders agree (`in_order`).
"""

import hashlib
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from coda_graphmem.conditions import Held, metadata_values
from coda_graphmem.models.conditions import Value, ValueKind

#: Digits by which kinds are told apart.
_KINDS: Mapping[ValueKind, int] = {"null": 0, "boolean": 1, "number": 2, "text": 3, "json": 4}

#: The fields of which keys are kept.
KEYED = ("memory_type", "conversation_id", "user_id", "agent_id", "session_id")

#: Those characters that have to come before all that UTF-16 writes as two units, and the one before them, which tells.
_LATE = re.compile("[\ud7ff\ue000-\uffff]")
_LARGEST = "9" * 20
_SIGN = 1 << 63


def field_path(name: str) -> str:
    """Where the values of a field are; no path in metadata begins so."""
    return f"\\{name}"


_TYPE = field_path("memory_type")


def value_properties(
    metadata: Mapping[str, Any], tags: Iterable[str], entities: Iterable[str], fields: Mapping[str, Any]
) -> dict[str, list[str] | None]:
    """The properties of a node by which conditions are met.

    Args:
        metadata: Of the memory.
        tags: Of the memory.
        entities: Keys of what it mentions.
        fields: Its values of `KEYED`, None for none; other names are passed over.
    """
    held = [
        *metadata_values(metadata),
        *(Held(field_path("tags"), Value("text", tag), is_item=True) for tag in tags),
        *(Held(field_path("entities"), Value("text", key), is_item=True) for key in entities),
    ]
    held += [
        Held(field_path(name), Value("text", str.__str__(fields[name])), is_item=False)
        for name in KEYED
        if fields.get(name) is not None
    ]
    texts = {
        text_prefix(one.path, is_item=one.is_item) + in_order(str(one.value.value))
        for one in held
        if one.value.kind == "text" and one.path != _TYPE
    }
    return {
        "value_keys": sorted({value_key(one.path, one.value, is_item=one.is_item) for one in held}),
        "value_texts": sorted(texts) or None,
    }


def value_key(path: str, value: Value, *, is_item: bool) -> str:
    """The key of a value in a place."""
    return f"{_place(path)}{is_item:d}{_KINDS[value.kind]}{_digits(value)}"


def keys_of(path: str, values: Iterable[Value]) -> Iterator[str]:
    """The keys of values in a place, as the value there and as items of a list there."""
    for value in values:
        for is_item in (False, True):
            yield value_key(path, value, is_item=is_item)


def place_span(path: str) -> tuple[str, str]:
    """The first and the last key that a value in a place can have."""
    place = _place(path)
    return f"{place}00{'0' * 20}", f"{place}19{_LARGEST}"


def text_span(path: str, *, is_item: bool) -> tuple[str, str]:
    """The first and the last key that a text in a place can have."""
    start = f"{_place(path)}{is_item:d}{_KINDS['text']}"
    return f"{start}{'0' * 20}", f"{start}{_LARGEST}"


def number_spans(path: str, operator: str, number: float) -> Sequence[tuple[str, str]]:
    """The first and the last keys of numbers in a place that are greater or less than another one."""
    order = _order(number)
    first, last = {
        "gt": (order + 1, _order(float("inf"))),
        "gte": (order, _order(float("inf"))),
        "lt": (_order(float("-inf")), order - 1),
        "lte": (_order(float("-inf")), order),
    }[operator]
    starts = [f"{_place(path)}{is_item}{_KINDS['number']}" for is_item in (0, 1)]
    return [(f"{start}{first:020d}", f"{start}{last:020d}") for start in starts]


def text_prefix(path: str, *, is_item: bool) -> str:
    """What stands before a text in a place; in a path a backslash is before a dot or another backslash only."""
    return f"{in_order(path)}\\{'-' if is_item else '='}"


def in_order(text: str) -> str:
    """A text as the server compares it like Python; whatever is a part of it is a part of this as well."""
    return text if text.isascii() else _LATE.sub("\ud7ff\\g<0>", text)


def _place(path: str) -> str:
    return f"{_hash(path) >> 1:019d}"


def _digits(value: Value) -> str:
    number = _hash(value.value) if isinstance(value.value, str) else _order(value.value)
    return f"{number:020d}"


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _order(number: float) -> int:
    """A whole number of 64 bits that is as much greater or less than others as the number is."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", number))
    return int(~bits & 0xFFFF_FFFF_FFFF_FFFF if bits & _SIGN else bits | _SIGN)
