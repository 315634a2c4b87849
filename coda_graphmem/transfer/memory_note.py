"""A memory as a note of Markdown, pleasant to read in Obsidian, from which it comes back without loss.

::

    ---
    memory_id: m1
    memory_type: semantic
    timestamp: 2026-03-02T19:12:00.25Z
    importance_score: 0.5
    metadata: {"speaker": "Nora"}
    tags: ["travel"]
    namespace: default
    arrival: 1
    ---
    Nora moved to Rome.

    %% coda-graphmem: what follows is made from the memory %%
    Mentions [[Nora]], [[Rome]]

    %% {"entities": [{"key": "nora", "name": "Nora", "label": "PERSON"}]} %%

The head holds what the line of a memory (`coda_graphmem.transfer.lines`) says in plain values, and its tags; the body
is its content, character by character; the last comment, which Obsidian does not show, holds the rest. Times are
written in full, so that they read back bit by bit. What stands between the body and that comment is for readers, and is
made anew with each export. Where a program has changed the ends of all lines, those of the content are changed back.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryLink
from coda_graphmem.store.codec import FIELDS
from coda_graphmem.store.protocol import EntityNode, StoredMemory
from coda_graphmem.times import utc_datetime
from coda_graphmem.transfer.front_matter import split_front_matter, write_front_matter
from coda_graphmem.transfer.line_values import TIMES
from coda_graphmem.transfer.lines import earlier_values, memory_values

#: Characters of the longest note: the longest memory with the longest line of what hangs on it.
LONGEST = 18_000_000

#: Keys of the head that are not the line's own.
_NAMESPACE, _ARRIVAL, _TAGS = "namespace", "arrival", "tags"

#: The key of the earlier versions of a memory, which stand on lines of their own in ``jsonl``.
_EARLIER = "earlier"

#: Keys of the line that go into the head though they are no plain values.
_READABLE = frozenset({"metadata", "tags"})

_FOOT = "%% coda-graphmem: what follows is made from the memory %%"
_FOOT_BEGINS = "\n%% coda-graphmem:"
_REST = re.compile(r"^%% (\{.*\}) %%[ \t]*$", re.MULTILINE)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z\Z", re.ASCII)

#: What links and names of files may not hold; line ends and other controls are among it.
_UNLINKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\[\]|#^%]+")


@dataclass(frozen=True, slots=True)
class MemoryNote:
    """What a note says."""

    namespace: str
    arrival: int
    """Its place in the order of arrival."""
    lines: list[dict[str, Any]]
    """What the lines of the memory hold: its earlier versions, and itself last."""


def write_note(
    stored: StoredMemory,
    entities: Mapping[str, EntityNode],
    links: Sequence[MemoryLink],
    *,
    namespace: str,
    arrival: int,
    related: Sequence[tuple[str, str]] = (),
) -> str:
    """The note of a memory.

    Args:
        stored: The memory.
        entities: The entities it mentions, by key.
        links: Links of which it is the source.
        namespace: Its own.
        arrival: Its place in the order of arrival.
        related: Notes of other memories that it leads to, each after what it is to this one.
    """
    values = memory_values(stored, entities, links)
    content = values.pop("content")
    metadata = dict(values.get("metadata", {}))
    if _TAGS not in FIELDS and _is_list_of_words(metadata.get(_TAGS)):
        values[_TAGS] = metadata.pop(_TAGS)
        values["metadata"] = metadata
    head = {key: value for key, value in values.items() if not isinstance(value, list | dict) or key in _READABLE}
    rest = {key: value for key, value in values.items() if key not in head and key != "embedding"}
    if embedding := head.pop("embedding", None):
        rest["embedding"] = embedding
    if earlier := earlier_values(stored):
        rest[_EARLIER] = earlier
    for name in TIMES.intersection(head):
        head[name] = write_time(head[name])
    if not head.get("metadata", True):
        del head["metadata"]
    head |= {_NAMESPACE: namespace, _ARRIVAL: arrival}
    mentions = ", ".join(dict.fromkeys(f"[[{name}]]" for one in stored.memory.entities if (name := linkable(one.name))))
    shown = [f"Mentions {mentions}"] if mentions else []
    shown += [f"{what} [[{name}]]" for what, name in related]
    # Two signs of per cent would end the comment.
    kept = json.dumps(rest, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("%%", "%\\u0025")
    foot = "\n\n".join(filter(None, ["  \n".join(shown), f"%% {kept} %%"]))
    return f"{write_front_matter(head)}{content}\n\n{_FOOT}\n{foot}\n"


def read_note(text: str, place: str) -> MemoryNote | None:
    """What a note says; None where it is the note of no memory.

    Args:
        text: The note, with its ends of lines as they are.
        place: Its name, for messages.

    Raises:
        ValidationError: It cannot be read; the field names note and key.
    """
    text = text.removeprefix("\ufeff")
    if text.startswith("---\r\n"):
        # Heads are written with \n alone: a program has changed all of the note.
        text = text.replace("\r\n", "\n")
    head, body = split_front_matter(text, place)
    if "memory_id" not in head or _NAMESPACE not in head:
        return None
    namespace, arrival = head.pop(_NAMESPACE), head.pop(_ARRIVAL, None)
    if not isinstance(namespace, str) or isinstance(arrival, bool) or not isinstance(arrival, int | None):
        raise _fault(place, "namespace or arrival", "is not what an export writes there.")
    foot = body.rfind(_FOOT_BEGINS)
    rest: dict[str, Any] = {}
    if foot >= 0:
        rest = _rest(body[foot:], place)
        body = body[:foot]
    # One line end follows the content, and the one before the foot is cut off already.
    content = body.removesuffix("\n") if foot >= 0 else body.rstrip("\r\n")
    earlier = rest.pop(_EARLIER, [])
    if not isinstance(earlier, list) or not all(isinstance(one, dict) for one in earlier):
        raise _fault(place, _EARLIER, "is not a list of objects.")
    for name in TIMES.intersection(head):
        head[name] = read_time(head[name])
    if _TAGS not in FIELDS and (tags := head.pop(_TAGS, None)) is not None:
        metadata = head.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise _fault(place, "metadata", "is not an object.")
        head["metadata"] = metadata | {_TAGS: [tags] if isinstance(tags, str) else tags}
    if hidden := sorted(rest.keys() & {*head, *_READABLE, "content"}):
        # What is read must be what is seen.
        raise _fault(place, hidden[0], "is said again in the comment at the end.")
    return MemoryNote(namespace, arrival or 0, [*earlier, {**head, "content": content, **rest}])


def _rest(foot: str, place: str) -> dict[str, Any]:
    found = _REST.findall(foot)
    try:
        values = json.loads(found[-1]) if found else {}
    except (ValueError, RecursionError):
        raise _fault(place, "the comment at its end", "is not JSON.") from None
    if not isinstance(values, dict):
        raise _fault(place, "the comment at its end", "is not an object.")
    return values


def _fault(place: str, what: str, message: str) -> ValidationError:
    return ValidationError(message, field=f"{place}, {what}", remedy="Undo the change of this note, or export again.")


def _is_list_of_words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def linkable(name: str) -> str:
    """A name as a link of Obsidian takes it; it may be empty."""
    return " ".join(_UNLINKABLE.sub(" ", name).split())[:200].strip()


def write_time(seconds: float) -> str | float:
    """A time in full as ISO 8601, UTC; as it is where that would not read back as the same number."""
    try:
        exact = Decimal(repr(seconds))
        whole = exact.to_integral_value(rounding="ROUND_FLOOR")
        fraction = f"{exact - whole:f}".lstrip("0").rstrip("0").rstrip(".")
        text = f"{utc_datetime(int(whole)).replace(tzinfo=None).isoformat(timespec='seconds')}{fraction}Z"
    except (ArithmeticError, ValueError):
        return seconds
    return text if len(fraction) < 20 and repr(read_time(text)) == repr(seconds) else seconds


def read_time(value: object) -> object:
    """Such a time as seconds since the Unix epoch; anything else as it is."""
    found = _TIME.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    try:
        whole = int(datetime.fromisoformat(f"{found[1]}+00:00").timestamp())
    except ValueError:
        return value
    return float(whole + Decimal(f"0{found[2] or ''}"))
