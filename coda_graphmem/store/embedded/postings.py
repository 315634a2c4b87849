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
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.store.embedded.catalog import Namespace
from coda_graphmem.store.embedded.rows import as_json, column
from coda_graphmem.store.embedded.selections import among
from coda_graphmem.store.embedded.vector_index import RowIds

#: From so many live memories on a namespace is searched like this; below, the index scores every match.
LARGE = 30_000

#: Entries of a list that are read whatever word it is of, unless the first of them let expect many times more.
PROBED = 8_000

#: Entries that let expect it, and how many times more.
_FIRST, _MANY = 1_000, 4

#: Entries of all lists of a query, beyond which lists are left unread once enough is found.
MOST_READ = 50_000

#: Entries of the lists whose memories are asked for the common words.
MOST_ASKED = 20_000

#: To ask one memory for a word takes as long as so many entries of its list.
_ASKING = 250

#: So many memories of the file that are not searched are left out of lists one by one; of a file with more of them
#: the index leaves them out, which has it go through the list of the namespace for each word.
MOST_OTHERS = 4_000

#: For each memory that is wanted so many of the best are looked at for their length.
_LOOKED_AT = 20

#: How often a common word is there is counted in so many stretches of the namespace, of so many memories together.
_STRETCHES, _SAMPLED = 8, 4_000

#: How BM25 weighs the length of a text; here as in `retrieval/constants.py` the values that most programs have.
_K1, _B = 1.2, 0.75

#: Above all row ids.
_LAST_ROW = 2**63 - 1

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


def others(connection: sqlite3.Connection, namespace: Namespace, most: int) -> RowIds | None:
    """The memories of the file that a search of a namespace leaves out, in order; None where they are more.

    Without them the index need not go through the list of the namespace for each word.

    Args:
        connection: In a transaction.
        namespace: The namespace.
        most: How many may be left out one by one.
    """
    found = column(connection, _OTHERS, {"scope": namespace.scope, "most": most + 1})
    return np.array(found, dtype=np.int64) if len(found) <= most else None


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
        self._others = others(connection, namespace, MOST_OTHERS)

    def search(
        self,
        words: Sequence[str],
        limit: int,
        allowed: Callable[[RowIds], NDArray[np.bool_]] | None,
        chosen: RowIds | None = None,
    ) -> Found:
        """The memories that match best.

        Args:
            words: As `Query` takes them, each once.
            limit: How many are wanted.
            allowed: Which of some row ids may be found; None for all.
            chosen: All that may be found and perhaps others, where a filter names them: of few each is asked for the
                common words.
        """
        read, common = self._read(words, limit, allowed, chosen)
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
        self,
        words: Sequence[str],
        limit: int,
        allowed: Callable[[RowIds], NDArray[np.bool_]] | None,
        chosen: RowIds | None,
    ) -> tuple[_Words, dict[str, int]]:
        """The words whose lists were read, and the others, with the least number of memories that hold each."""
        read, begun, longer = _Words({}, {}), {}, {}
        for word in words:
            rows, is_whole = self._begin(word)
            if is_whole:
                read.rows[word], read.frequencies[word] = rows, len(rows)
            else:
                begun[word], longer[word] = rows, self._expected(rows)
        entries = sum(read.frequencies.values())
        common = {}
        for word in sorted(longer, key=lambda word: longer[word]):
            if chosen is not None and _ASKING * len(chosen) < longer[word]:
                read.rows[word] = self._held(word, chosen)
                read.frequencies[word] = self._estimated(word, PROBED)
                continue
            if entries + longer[word] > MOST_READ and _are_there(read, limit, allowed):
                common[word] = PROBED
                continue
            # Where all may be found, the last ones of a word so common are as good as any.
            most = None if allowed is not None else max(MOST_READ, limit)
            rows = self._more(word, begun[word], most)
            entries += len(rows)
            read.rows[word] = rows
            is_whole = most is None or len(rows) < most
            read.frequencies[word] = len(rows) if is_whole else self._estimated(word, len(rows))
        return read, common

    def _begin(self, word: str) -> tuple[RowIds, bool]:
        """The last memories that hold a word, `PROBED` of them at most, and whether these are all."""
        first = min(_FIRST, PROBED)
        rows = self._rows([word], [], first)
        if len(rows) < first:
            return rows, True
        # Of a very common word the first entries tell enough.
        if first < PROBED and self._expected(rows) <= _MANY * PROBED:
            rows = self._more(word, rows, PROBED)
            return rows, len(rows) < PROBED
        return rows, False

    def _expected(self, rows: RowIds) -> int:
        """How many memories hold a word, if it is there as often everywhere as among the last that hold it."""
        share = (self._last - int(rows.min()) + 1) / (self._last - self._first + 1)
        return round(len(rows) / share)

    def _more(self, word: str, rows: RowIds, most: int | None) -> RowIds:
        """The last memories that hold a word, up to ``most``, of which some were read."""
        if most is not None and len(rows) >= most:
            return rows[:most]
        rest = self._rows([word], [], None if most is None else most - len(rows), before=int(rows.min()))
        return np.concatenate([rows, rest])

    def _held(self, word: str, rows: RowIds) -> RowIds:
        """Which of some memories hold a word, in order."""
        query = self._query(self._namespace.scope, [word], [])
        held = column(
            self._connection,
            "SELECT t.rowid FROM json_each(:rows) AS one CROSS JOIN memory_text AS t "
            "ON t.rowid = one.value WHERE memory_text MATCH :query",
            {"rows": as_json(rows.tolist()), "query": query},
        )
        return np.array(held, dtype=np.int64)

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

    def _rows(self, words: Sequence[str], also: Sequence[str], most: int | None, before: int = _LAST_ROW) -> RowIds:
        """Row ids of memories that hold what a `Query` asks for, the last ones first.

        Args:
            words: See `Query`.
            also: See `Query`.
            most: How many, the last ones where there are more; None for all.
            before: Those below this row id.
        """
        left_out = self._others
        query = self._query(self._namespace.scope if left_out is None else "", words, also)
        read = -1 if most is None else most + (0 if left_out is None else len(left_out))
        # As one text: SQLite's driver takes much longer over rows.
        [listed] = self._connection.execute(
            "SELECT group_concat(rowid) FROM "
            "(SELECT rowid FROM memory_text WHERE memory_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?)",
            (query, before, read),
        ).fetchone()
        found = np.fromstring(listed or "", dtype=np.int64, sep=",")
        return found if left_out is None else found[~among(found, left_out)][:most]

    def _estimated(self, word: str, at_least: int) -> int:
        """How many memories hold a word, by some of them from everywhere."""
        stretches, there = self._samples
        query = self._query(self._namespace.scope, [word], [])
        held = 0
        for stretch in stretches:
            held += self._connection.execute(
                "SELECT count(*) FROM memory_text WHERE memory_text MATCH ? AND rowid BETWEEN ? AND ?",
                (query, *stretch),
            ).fetchone()[0]
        return max(at_least, round(self._namespace.live_count * held / there)) if there else at_least

    @cached_property
    def _samples(self) -> tuple[list[tuple[int, int]], int]:
        """Stretches of row ids from everywhere in the namespace, and how many of its memories they hold."""
        span = self._last - self._first + 1
        width = max(1, round(span * min(1.0, _SAMPLED / self._namespace.live_count) / _STRETCHES))
        starts = [self._first + span * number // _STRETCHES for number in range(_STRETCHES)]
        stretches = [(start, start + width - 1) for start in starts]
        sql = "SELECT count(*) FROM memories INDEXED BY memories_by_arrival WHERE scope = ? AND id BETWEEN ? AND ?"
        scope = self._namespace.scope
        return stretches, sum(self._connection.execute(sql, (scope, *one)).fetchone()[0] for one in stretches)

    def _lengths(self, rows: RowIds) -> NDArray[np.float64]:
        """Words of the texts of memories, as the index counts them."""
        # As one text: SQLite's driver takes much longer over rows. A number has up to four bytes.
        [listed] = self._connection.execute(
            "SELECT group_concat(substr(hex(d.sz) || '00000000', 1, 8), '') "
            "FROM json_each(?) AS wanted LEFT JOIN memory_text_docsize AS d ON d.id = wanted.value",
            (as_json(rows.tolist()),),
        ).fetchone()
        return first_numbers(np.frombuffer(bytes.fromhex(listed or ""), dtype=np.uint8).reshape(-1, 4))


def _are_there(read: _Words, limit: int, allowed: Callable[[RowIds], NDArray[np.bool_]] | None) -> bool:
    """Whether the lists that were read hold so many memories."""
    if not read.rows:
        return limit <= 0
    # Mostly the longest alone has as many.
    longest = max(read.rows.values(), key=len)
    if _count(longest, allowed) >= limit:
        return True
    return _count(np.unique(np.concatenate(list(read.rows.values()))), allowed) >= limit


def _count(rows: RowIds, allowed: Callable[[RowIds], NDArray[np.bool_]] | None) -> int:
    return len(rows) if allowed is None else int(allowed(rows).sum())


def first_numbers(sizes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The first of SQLite's numbers of varying length in each row.

    Such a number has seven bits a byte, the highest first; the last byte is below 128.

    Args:
        sizes: Shape (n, bytes).
    """
    numbers = np.zeros(len(sizes), dtype=np.int64)
    goes_on = np.ones(len(sizes), dtype=bool)
    for byte in sizes.T:
        numbers[goes_on] = numbers[goes_on] << 7 | byte[goes_on] & 0x7F
        goes_on &= byte >= 0x80
    return numbers.astype(np.float64)


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
    every = np.concatenate([rows for rows, _ in lists])
    weights = np.repeat([weight for _, weight in lists], [len(rows) for rows, _ in lists])
    # The lists are in order each, which a stable sort only has to merge.
    order = np.argsort(every, kind="stable")
    every = every[order]
    firsts = np.flatnonzero(np.diff(every, prepend=-1))
    return every[firsts], np.add.reduceat(weights[order], firsts) if len(firsts) else np.empty(0)


def strongest(rows: RowIds, scores: NDArray[np.float64], limit: int) -> tuple[RowIds, NDArray[np.float64]]:
    """The ``limit`` rows with the highest scores; of those that tie the last ones."""
    if 0 < limit < len(rows):
        # To sort all of them takes longer than to find the last that counts.
        kept = scores >= np.partition(scores, len(scores) - limit)[len(scores) - limit]
        rows, scores = rows[kept], scores[kept]
    best = np.lexsort((-rows, -scores))[:limit]
    return rows[best], scores[best]


def short_ones_more(lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """What BM25 makes of a word that stands once in each of some texts, of these lengths in words; in (0, 1.7)."""
    mean = max(1.0, float(lengths.mean())) if len(lengths) else 1.0
    factors: NDArray[np.float64] = (_K1 + 1.0) / (1.0 + _K1 * (1.0 - _B + _B * lengths / mean))
    return factors
