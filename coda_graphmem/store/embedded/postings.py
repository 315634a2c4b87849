"""Finds by text in a large namespace without reading what its common words are in.

The index has for each word the list of memories that hold it. To read such a list is cheap, to let the index score each
match costs ten times as much, and for its own score it also reads all lists to their ends once more, that of the
namespace included. So the lists of the rarest words are read and joined here, as many as a bounded number of entries
allows: a text that holds none of them but common words is hardly ever among the best (Turtle and Flood, "Query
Evaluation: Strategies and Optimizations", 1995). Of common words only those memories are asked that rare ones found.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.store.embedded.catalog import Namespace
from coda_graphmem.store.embedded.rows import as_json, column
from coda_graphmem.store.embedded.selections import among
from coda_graphmem.store.embedded.vector_index import RowIds

#: From so many live memories on a namespace is searched like this; below, the index scores every match.
LARGE = 30_000

#: Entries of a list that are read whatever word it is of.
PROBED = 8_000

#: Entries of all lists of a query, beyond which lists are left unread once enough is found.
MOST_READ = 50_000

#: Entries of the lists whose memories are asked for the common words.
MOST_ASKED = 20_000

#: So many memories of the file that are not searched are left out of lists one by one; of a file with more of them
#: the index leaves them out, which has it go through the list of the namespace for each word.
MOST_OTHERS = 4_000

#: For each memory that is wanted so many of the best are looked at for their length.
_LOOKED_AT = 20

#: How often a common word is there is counted in so many stretches of the namespace, of so many memories together.
_STRETCHES, _SAMPLED = 8, 4_000

#: How BM25 weighs the length of a text; here as in `retrieval/constants.py` the values that most programs have.
_K1, _B = 1.2, 0.75

Query = Callable[[str, Sequence[str], Sequence[str]], str]
"""Makes a query of the index for texts that hold one of some words, and one of others where there are any: those of the
scope that is given, or all where it is empty."""

#: Live memories of other namespaces, archived ones, and short-term ones: each off the index that holds no others.
_OTHERS = """
    SELECT id FROM (SELECT id FROM memories INDEXED BY memories_by_arrival WHERE scope < :scope LIMIT :most)
    UNION SELECT id FROM (SELECT id FROM memories INDEXED BY memories_by_arrival WHERE scope > :scope LIMIT :most)
    UNION SELECT id FROM
        (SELECT id FROM memories INDEXED BY memories_by_archiving WHERE archived_at IS NOT NULL LIMIT :most)
    UNION SELECT id FROM
        (SELECT id FROM memories INDEXED BY memories_by_expiry WHERE expires_at IS NOT NULL LIMIT :most)
    ORDER BY id LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What the lists say."""

    rows: RowIds
    """Row ids of the memories that match best, in no order; at least as many as were wanted where there are so many."""
    scores: NDArray[np.float64]
    """Of each, above 0: what BM25 would give where each word stood there once."""
    frequencies: dict[str, int]
    """How many memories hold each word; an estimate where its list was not read to its end."""


@dataclass(slots=True)
class _Words:
    """Some of the words of a query, with what is known of their lists."""

    rows: dict[str, RowIds]
    frequencies: dict[str, int]


class Postings:
    """The lists of one namespace as a read transaction sees them.

    Args:
        connection: In a transaction.
        namespace: The namespace, which holds memories.
        query: See `Query`.
    """

    def __init__(self, connection: sqlite3.Connection, namespace: Namespace, query: Query) -> None:
        self._connection = connection
        self._namespace = namespace
        self._query = query
        scope = "SELECT id FROM memories INDEXED BY memories_by_arrival WHERE scope = ? ORDER BY id"
        ends = [connection.execute(f"{scope} {way} LIMIT 1", (namespace.scope,)).fetchone() for way in ("", "DESC")]
        self._first, self._last = (0 if row is None else int(row[0]) for row in ends)
        others = column(connection, _OTHERS, {"scope": namespace.scope, "most": MOST_OTHERS + 1})
        self._others = np.array(others, dtype=np.int64) if len(others) <= MOST_OTHERS else None

    def search(self, words: Sequence[str], limit: int, allowed: Callable[[RowIds], NDArray[np.bool_]] | None) -> Found:
        """The memories that match best.

        Args:
            words: As `Query` takes them, each once.
            limit: How many are wanted.
            allowed: Which of some row ids may be found; None for all.
        """
        read, common = self._read(words, limit, allowed)
        frequencies = read.frequencies | {word: self._estimated(word, at_least) for word, at_least in common.items()}
        weights = dict(zip(words, inverse_frequencies(frequencies, words, self._namespace.live_count), strict=True))
        lists = [(read.rows[word], weights[word]) for word in read.rows]
        lists += [(rows, weights[word]) for word, rows in self._asked(list(common), read).items()]
        rows, scores = joined(lists)
        if allowed is not None:
            kept = allowed(rows)
            rows, scores = rows[kept], scores[kept]
        rows, scores = strongest(rows, scores, _LOOKED_AT * limit)
        rows, scores = strongest(rows, scores * short_ones_more(self._lengths(rows)), limit)
        return Found(rows, scores, frequencies)

    def _read(
        self, words: Sequence[str], limit: int, allowed: Callable[[RowIds], NDArray[np.bool_]] | None
    ) -> tuple[_Words, dict[str, int]]:
        """The words whose lists were read, and the others, with the least number of memories that hold each."""
        read, longer = _Words({}, {}), {}
        for word in words:
            rows = self._rows([word], [], PROBED)
            if len(rows) < PROBED:
                read.rows[word], read.frequencies[word] = rows, len(rows)
            else:
                # If it is there as often everywhere as among the last that hold it.
                share = (self._last - int(rows.min()) + 1) / (self._last - self._first + 1)
                longer[word] = round(PROBED / share)
        entries = sum(read.frequencies.values())
        common = {}
        for word in sorted(longer, key=lambda word: longer[word]):
            if entries + longer[word] > MOST_READ and _count(read, allowed) >= limit:
                common[word] = PROBED
                continue
            # Where all may be found, the last ones of a word so common are as good as any.
            most = None if allowed is not None else max(MOST_READ, limit)
            rows = self._rows([word], [], most)
            entries += len(rows)
            read.rows[word] = rows
            is_whole = most is None or len(rows) < most
            read.frequencies[word] = len(rows) if is_whole else self._estimated(word, len(rows))
        return read, common

    def _asked(self, words: Sequence[str], read: _Words) -> dict[str, RowIds]:
        """For each of some words which of the memories hold it that the rarest words found."""
        rare: list[str] = []
        entries = 0
        for word in sorted(read.rows, key=lambda word: len(read.rows[word])):
            entries += len(read.rows[word])
            if rare and entries > MOST_ASKED:
                break
            rare.append(word)
        return {word: self._rows(rare, [word], None) for word in words if rare}

    def _rows(self, words: Sequence[str], also: Sequence[str], most: int | None) -> RowIds:
        """Row ids of memories that hold what a `Query` asks for, the last ones where there are more than ``most``."""
        others = self._others
        query = self._query(self._namespace.scope if others is None else "", words, also)
        read = -1 if most is None else most + (0 if others is None else len(others))
        # As one text: SQLite's driver takes much longer over rows.
        [listed] = self._connection.execute(
            "SELECT group_concat(rowid) FROM "
            "(SELECT rowid FROM memory_text WHERE memory_text MATCH ? ORDER BY rowid DESC LIMIT ?)",
            (query, read),
        ).fetchone()
        found = np.fromstring(listed or "", dtype=np.int64, sep=",")
        return found if others is None else found[~among(found, others)][:most]

    def _estimated(self, word: str, at_least: int) -> int:
        """How many memories hold a word, by some of them from everywhere."""
        span = self._last - self._first + 1
        width = max(1, round(span * min(1.0, _SAMPLED / self._namespace.live_count) / _STRETCHES))
        held = there = 0
        for number in range(_STRETCHES):
            start = self._first + span * number // _STRETCHES
            stretch = (start, start + width - 1)
            held += self._connection.execute(
                "SELECT count(*) FROM memory_text WHERE memory_text MATCH ? AND rowid BETWEEN ? AND ?",
                (self._query(self._namespace.scope, [word], []), *stretch),
            ).fetchone()[0]
            there += self._connection.execute(
                "SELECT count(*) FROM memories INDEXED BY memories_by_arrival WHERE scope = ? AND id BETWEEN ? AND ?",
                (self._namespace.scope, *stretch),
            ).fetchone()[0]
        return max(at_least, round(self._namespace.live_count * held / there)) if there else at_least

    def _lengths(self, rows: RowIds) -> NDArray[np.float64]:
        """Words of the texts of memories, as the index counts them."""
        sizes = dict(
            self._connection.execute(
                "SELECT id, sz FROM memory_text_docsize WHERE id IN (SELECT value FROM json_each(?))",
                (as_json(rows.tolist()),),
            ).fetchall()
        )
        # Nearly all texts have less than 128 words, for which there is no need of a call.
        found = (sizes[row] for row in rows.tolist())
        return np.array([size[0] if size[0] < 0x80 else first_number(size) for size in found], dtype=np.float64)


def _count(read: _Words, allowed: Callable[[RowIds], NDArray[np.bool_]] | None) -> int:
    """How many memories the lists that were read hold."""
    if not read.rows:
        return 0
    rows = np.unique(np.concatenate(list(read.rows.values())))
    return len(rows) if allowed is None else int(allowed(rows).sum())


def first_number(sizes: bytes) -> int:
    """The first of SQLite's numbers of varying length: seven bits a byte, the highest first, the last one below 128."""
    number = 0
    for byte in sizes:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return number


def inverse_frequencies(frequencies: dict[str, int], words: Sequence[str], live: int) -> NDArray[np.float64]:
    """``ln(1 + (N - n + 0.5) / (n + 0.5))`` of each word, above 0: N memories, n that hold it. Shape (words,)."""
    holding = np.array([frequencies[word] for word in words], dtype=np.float64)
    weights: NDArray[np.float64] = np.log1p((np.maximum(live, holding) - holding + 0.5) / (holding + 0.5))
    return weights


def joined(lists: Sequence[tuple[RowIds, float]]) -> tuple[RowIds, NDArray[np.float64]]:
    """Each row of some lists once, in order, with the sum of the weights of the lists it is in.

    Args:
        lists: Rows, each once, and the weight of the list, above 0.
    """
    if not lists:
        return np.empty(0, dtype=np.int64), np.empty(0)
    rows, places = np.unique(np.concatenate([rows for rows, _ in lists]), return_inverse=True)
    weights = np.repeat([weight for _, weight in lists], [len(rows) for rows, _ in lists])
    scores: NDArray[np.float64] = np.bincount(places, weights, minlength=len(rows)).astype(np.float64, copy=False)
    return rows, scores


def strongest(rows: RowIds, scores: NDArray[np.float64], limit: int) -> tuple[RowIds, NDArray[np.float64]]:
    """The ``limit`` rows with the highest scores; of those that tie the last ones."""
    best = np.lexsort((-rows, -scores))[:limit]
    return rows[best], scores[best]


def short_ones_more(lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """What BM25 makes of a word that stands once in each of some texts, of these lengths in words; in (0, 1.7)."""
    mean = max(1.0, float(lengths.mean())) if len(lengths) else 1.0
    factors: NDArray[np.float64] = (_K1 + 1.0) / (1.0 + _K1 * (1.0 - _B + _B * lengths / mean))
    return factors
