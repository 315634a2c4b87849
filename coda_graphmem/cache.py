"""Keeps what took time to compute, within a number of entries and of bytes, the least recently used going first."""

import sys
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel

from coda_graphmem.models import CachePartStatistics, CacheStatistics, Memory

#: Vectors of queries, results of searches, and memories by id.
CachePart = Literal["queries", "results", "memories"]

ENTRY_BYTES = 32 * 1024
"""Bytes there are for an entry on average. The vector of a query takes 2 kB with its text, a memory that mentions eight
entities 8 kB, a result of ten such memories 75 kB: where results are large, fewer fit than their number allows."""

_PARTS: tuple[CachePart, ...] = ("queries", "results", "memories")


class Cache:
    """One bounded store of values for everybody; callable from any thread.

    Args:
        entries: How many values at most; `ENTRY_BYTES` times as many bytes at most. 0 keeps nothing.
        clock: Seconds since the Unix epoch, UTC.
    """

    def __init__(self, entries: int, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._values: OrderedDict[tuple[CachePart, Hashable], tuple[Any, int, float]] = OrderedDict()
        """Value, bytes and time of making by part and key, the least recently used first."""
        self._bytes = 0
        self._entries = entries
        self._ttl: float | None = None
        self._hits: Counter[tuple[CachePart, str]] = Counter()
        self._misses: Counter[tuple[CachePart, str]] = Counter()

    @property
    def max_bytes(self) -> int:
        """What values and keys may take together, by `size_of`."""
        return self._entries * ENTRY_BYTES

    def resize(self, entries: int, ttl: float | None) -> None:
        """Set new bounds; what is beyond them goes.

        Args:
            entries: As for the constructor.
            ttl: Seconds after which a value is not used any more; None for no end.
        """
        with self._lock:
            self._entries, self._ttl = entries, ttl
            self._shrink()

    def get(self, part: CachePart, key: Hashable, namespace: str = "") -> Any:
        """The value of a key, None where there is none.

        Args:
            part: What kind of value.
            key: Whatever it was put under.
            namespace: On whose account the look-up is counted.
        """
        with self._lock:
            found = self._values.get((part, key))
            if found is not None and self._ttl is not None and not 0.0 <= self._clock() - found[2] < self._ttl:
                self._remove((part, key))
                found = None
            (self._misses if found is None else self._hits)[part, namespace] += 1
            if found is None:
                return None
            self._values.move_to_end((part, key))
            return found[0]

    def missed(self, part: CachePart, namespace: str) -> None:
        """Count a value that was found and turned out to be outdated as a miss."""
        with self._lock:
            self._hits[part, namespace] -= 1
            self._misses[part, namespace] += 1

    def peek(self, part: CachePart, key: Hashable) -> Any:
        """The value of a key or None, without counting or using it."""
        with self._lock:
            found = self._values.get((part, key))
            return None if found is None else found[0]

    def values(self, part: CachePart) -> list[tuple[Hashable, Any]]:
        """All keys of a part with their values, without counting or using them."""
        with self._lock:
            return [(key, value) for (found, key), (value, _, _) in self._values.items() if found == part]

    def put(self, part: CachePart, key: Hashable, value: Any) -> None:
        """Keep a value in place of what the key had. One that is larger than all there is room for is not kept."""
        size = size_of(key) + size_of(value)
        with self._lock:
            self._remove((part, key))
            if size <= self.max_bytes:
                self._values[part, key] = (value, size, self._clock())
                self._bytes += size
                self._shrink()

    def clear(self, parts: Iterable[CachePart] = _PARTS) -> None:
        """Drop all values of some parts."""
        with self._lock:
            gone = set(parts)
            for key in [key for key in self._values if key[0] in gone]:
                self._remove(key)

    def drop(self, part: CachePart, fits: Callable[[Any], bool]) -> None:
        """Drop the values of one part whose keys fit."""
        with self._lock:
            for key in [key for key in self._values if key[0] == part and fits(key[1])]:
                self._remove(key)

    def statistics(self, namespace: str) -> CacheStatistics:
        """How full the cache is, and how often look-ups of a namespace found something; for queries those of all."""
        with self._lock:
            held = Counter(part for part, _ in self._values)

            def part(name: CachePart, owner: str) -> CachePartStatistics:
                return CachePartStatistics(
                    hits=self._hits[name, owner], misses=self._misses[name, owner], entries=held[name]
                )

            return CacheStatistics(
                queries=part("queries", ""),
                results=part("results", namespace),
                memories=part("memories", namespace),
                entries=len(self._values),
                max_entries=self._entries,
                bytes=self._bytes,
                max_bytes=self.max_bytes,
                ttl_minutes=None if self._ttl is None else self._ttl / 60.0,
            )

    def _remove(self, key: tuple[CachePart, Hashable]) -> None:
        found = self._values.pop(key, None)
        if found is not None:
            self._bytes -= found[1]

    def _shrink(self) -> None:
        while len(self._values) > self._entries or self._bytes > self.max_bytes:
            _, (_, size, _) = self._values.popitem(last=False)
            self._bytes -= size


def size_of(value: Any) -> int:
    """About how many bytes of memory a value takes: itself and what it holds, shared parts counted each time."""
    if value is None or isinstance(value, bool | Enum):
        return 0
    if isinstance(value, np.ndarray):
        return max(value.nbytes, sys.getsizeof(value))
    size = sys.getsizeof(value)
    if isinstance(value, BaseModel):
        # Names of fields are those of the class.
        size += sys.getsizeof(vars(value)) + sys.getsizeof(value.model_fields_set)
        size += sum(size_of(item) for item in vars(value).values())
    elif is_dataclass(value):
        size += sum(size_of(getattr(value, item.name)) for item in fields(value))
    elif isinstance(value, Mapping):
        size += sum(size_of(key) + size_of(item) for key, item in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        size += sum(size_of(item) for item in value)
    return size


def copy_of(memory: Memory) -> Memory:
    """A memory that shares nothing changeable with another; much faster than a deep copy."""
    return memory.model_copy(
        update={
            "metadata": _copied(memory.metadata),
            "tags": list(memory.tags),
            "entities": list(memory.entities),
            "passages": list(memory.passages),
            "possibly_outdated_by": list(memory.possibly_outdated_by),
            "embedding": None if memory.embedding is None else list(memory.embedding),
            "explanation": None if memory.explanation is None else memory.explanation.model_copy(deep=True),
        }
    )


def count_recalls(memory: Memory, count: int, at: float) -> None:
    """Let a memory that is kept follow recalls as its store does; see `Records.record_access`."""
    memory.access_count += count
    memory.last_accessed = at
    if memory.refresh_seconds is not None and memory.expires_at is not None and not memory.has_ended(at):
        memory.expires_at = max(memory.expires_at, at + memory.refresh_seconds)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value
