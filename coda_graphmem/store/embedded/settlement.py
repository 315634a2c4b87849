"""Makes facts anew in a write transaction, where what memories say has changed, and keeps how memories were before."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coda_graphmem.facts.flaws import Flaws, find_flaws
from coda_graphmem.facts.outdated import Judged, Told, by_facts, by_hand
from coda_graphmem.facts.timeline import Settled, StatedMemory, sayings, settle
from coda_graphmem.models import Fact, Operation, Outdated, Statement
from coda_graphmem.store.embedded.catalog import Namespace
from coda_graphmem.store.embedded.rows import as_json

#: Subject and attribute.
Slot = tuple[str, str]

STATEMENT = tuple(Statement.model_fields)
_INSERT_STATEMENT = (
    f"INSERT INTO statements (memory, position, namespace_id, {', '.join(STATEMENT)}) "
    f"VALUES ({', '.join('?' * (3 + len(STATEMENT)))})"
)

_FACT = tuple(name for name in Fact.model_fields if name != "memory_ids")
#: What is read of a fact, its memories and since when it is over at the end.
FACT_COLUMNS = ", ".join(f"f.{name}" for name in (*_FACT, "memory_ids", "over_since"))
_INSERT_FACT = (
    f"INSERT INTO facts (namespace_id, position, {', '.join(_FACT)}, memory_ids, over_since) "
    f"VALUES ({', '.join('?' * (4 + len(_FACT)))})"
)
_SOURCE = "INSERT INTO fact_sources (namespace_id, memory_id, subject_key, attribute, position) VALUES (?, ?, ?, ?, ?)"
_OF_SLOT = "namespace_id = ? AND subject_key = ? AND attribute = ?"

# What memories speak of, and the originals that were merged into them.
_SLOTS = """
    WITH RECURSIVE tellers (id, memory_id) AS (
        SELECT id, memory_id FROM memories WHERE id IN (SELECT value FROM json_each(:rows))
        UNION
        SELECT o.id, o.memory_id FROM tellers AS t
        JOIN memories AS o ON o.namespace_id = :namespace AND o.consolidated_into = t.memory_id
    )
    SELECT DISTINCT s.subject_key, s.attribute FROM tellers AS t JOIN statements AS s ON s.memory = t.id
"""

# One row for each statement, those of a memory together. A merged memory says what its originals say until its content
# is changed; what was done by hand with either of the two counts. Follow conditions on ``statements AS s``.
STATED = f"""
    WITH RECURSIVE said (memory) AS (SELECT DISTINCT s.memory FROM statements AS s WHERE {{}}),
    tellers (memory, id, into_id) AS (
        SELECT m.id, m.id, m.consolidated_into FROM said JOIN memories AS m ON m.id = said.memory
        UNION
        SELECT t.memory, u.id, u.consolidated_into FROM tellers AS t
        JOIN memories AS u ON u.namespace_id = :namespace AND u.memory_id = t.into_id
    )
    SELECT m.id, t.memory_id, m.timestamp,
        CASE WHEN t.last_said_at > coalesce(m.last_said_at, m.timestamp) THEN t.last_said_at ELSE m.last_said_at END,
        CASE WHEN t.standing IS NULL THEN m.standing ELSE t.standing END,
        CASE WHEN t.standing IS NULL THEN m.standing_at ELSE t.standing_at END,
        CASE WHEN t.standing IS NULL THEN m.replaced_by ELSE t.replaced_by END,
        {", ".join(f"s.{name}" for name in STATEMENT)}
    FROM tellers JOIN memories AS m ON m.id = tellers.memory JOIN memories AS t ON t.id = tellers.id
    JOIN statements AS s ON s.memory = m.id
    WHERE {{}} AND (t.id = m.id OR t.own_words IS NULL)
        AND NOT EXISTS (
            SELECT 1 FROM memories AS u WHERE u.namespace_id = :namespace AND u.memory_id = t.consolidated_into
        )
    ORDER BY m.id, s.position
"""

_TELLER = ("memory_id", "timestamp", "last_said_at", "standing", "standing_at", "superseded_by")

_OVER = ("over_share", "over_since", "over_by", "over_known_from", "over_reason")
_JUDGED = f"""
    SELECT id, memory_id, standing, standing_at, replaced_by, last_said_at, {", ".join(_OVER)} FROM memories
    WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?)) ORDER BY id
"""
_TOLD = """
    SELECT x.memory_id, f.attribute, f.over_since, f.known_from, f.known_until, f.ended_by
    FROM json_each(?) AS wanted JOIN fact_sources AS x ON x.namespace_id = ? AND x.memory_id = wanted.value
    JOIN facts AS f ON f.namespace_id = x.namespace_id AND f.subject_key = x.subject_key
        AND f.attribute = x.attribute AND f.position = x.position
    ORDER BY f.subject_key, f.attribute, f.position
"""

# The version that is present gets what it says, before that is changed; of one that was never changed there is none.
_END_VERSION = """
    INSERT INTO versions (memory, version, operation, at, actor, content, memory_type, metadata, importance_score)
    SELECT id, version, 'created', created_at, 'caller', content, memory_type, metadata, importance_score
    FROM memories WHERE id = :row
    ON CONFLICT (memory, version) DO UPDATE SET content = excluded.content, memory_type = excluded.memory_type,
        metadata = excluded.metadata, importance_score = excluded.importance_score
"""
_BEGIN_VERSION = """
    INSERT INTO versions (memory, version, operation, at, actor)
    SELECT id, version + 1, :operation, :at, :actor FROM memories WHERE id = :row
"""


def keep_versions(
    connection: sqlite3.Connection, rows: Iterable[int], operation: Operation, *, at: float, actor: str
) -> None:
    """Keep how memories are before something changes them, by row id, and count the change."""
    values = [{"row": row, "operation": operation, "at": at, "actor": actor} for row in rows]
    connection.executemany(_END_VERSION, values)
    connection.executemany(_BEGIN_VERSION, values)
    connection.executemany("UPDATE memories SET version = version + 1 WHERE id = :row", values)


def slots_of(connection: sqlite3.Connection, namespace: Namespace, rows: Sequence[int]) -> set[Slot]:
    """What memories speak of, and the originals that were merged into them, by row id."""
    if not rows:
        return set()
    found = connection.execute(_SLOTS, {"rows": as_json(rows), "namespace": namespace.id})
    return {(subject_key, attribute) for subject_key, attribute in found}


def clear_statements(connection: sqlite3.Connection, rows: Sequence[int]) -> None:
    """Forget what memories say, by row id."""
    connection.execute("DELETE FROM statements WHERE memory IN (SELECT value FROM json_each(?))", (as_json(rows),))


def save_statements(
    connection: sqlite3.Connection, namespace: Namespace, said: Mapping[int, Sequence[Statement]]
) -> None:
    """Keep what memories say, by row id; nothing is kept of them before."""
    connection.executemany(
        _INSERT_STATEMENT,
        [
            (row, position, namespace.id, *(getattr(one, name) for name in STATEMENT))
            for row, statements in said.items()
            for position, one in enumerate(statements)
        ],
    )


def free_replaced(connection: sqlite3.Connection, namespace: Namespace, rows: str) -> dict[int, str]:
    """Take back that memories were replaced by hand by those that are about to go; their ids by row id.

    Args:
        connection: In a write transaction.
        namespace: Theirs.
        rows: Row ids of those that go, as a JSON list.
    """
    found = connection.execute(
        "UPDATE memories SET standing = NULL, standing_at = NULL, replaced_by = NULL "
        "WHERE namespace_id = :namespace AND replaced_by IN "
        "(SELECT memory_id FROM memories WHERE id IN (SELECT value FROM json_each(:rows))) RETURNING id, memory_id",
        {"namespace": namespace.id, "rows": rows},
    )
    return dict(found.fetchall())


def settle_facts(
    connection: sqlite3.Connection, namespace: Namespace, slots: Iterable[Slot], memory_ids: Iterable[str] = ()
) -> list[str]:
    """Make facts anew.

    Args:
        connection: In a write transaction.
        namespace: Theirs.
        slots: What they are about.
        memory_ids: Memories of which something was said by hand.

    Returns:
        Ids of memories of which something does not hold any more and did before, by arrival.
    """
    touched = dict.fromkeys(memory_ids)
    for slot in sorted(set(slots)):
        touched |= dict.fromkeys(_settle_slot(connection, namespace, slot))
    return _judge(connection, namespace, list(touched)) if touched else []


def flaws_of(connection: sqlite3.Connection, namespace: Namespace) -> Flaws:
    """What is wrong with facts, by reading all of them and all statements."""
    kept = connection.execute(f"SELECT {FACT_COLUMNS} FROM facts AS f WHERE f.namespace_id = ?", (namespace.id,))
    made = settle(sayings(load_stated(connection, {"namespace": namespace.id})))
    return find_flaws(map(load_fact, kept), made)


def _settle_slot(connection: sqlite3.Connection, namespace: Namespace, slot: Slot) -> list[str]:
    """Put the facts of a subject's attribute in the place of those that are; the memories that told any that differ."""
    values = {"namespace": namespace.id, "subject_key": slot[0], "attribute": slot[1]}
    wanted = settle(sayings(load_stated(connection, values)))
    found = connection.execute(
        f"SELECT {FACT_COLUMNS} FROM facts AS f WHERE {_OF_SLOT} ORDER BY f.position", (namespace.id, *slot)
    )
    present = [load_fact(row) for row in found]
    if wanted == present:
        return []
    connection.execute(f"DELETE FROM fact_sources WHERE {_OF_SLOT}", (namespace.id, *slot))
    connection.execute(f"DELETE FROM facts WHERE {_OF_SLOT}", (namespace.id, *slot))
    connection.executemany(
        _INSERT_FACT,
        [
            (
                namespace.id,
                i,
                *(getattr(one.fact, name) for name in _FACT),
                as_json(one.fact.memory_ids),
                one.over_since,
            )
            for i, one in enumerate(wanted)
        ],
    )
    connection.executemany(
        _SOURCE,
        [(namespace.id, memory_id, *slot, i) for i, one in enumerate(wanted) for memory_id in one.fact.memory_ids],
    )
    differ = [one for one in (*wanted, *present) if one not in present or one not in wanted]
    return [memory_id for one in differ for memory_id in one.fact.memory_ids]


#: Conditions on statements, by the name of the value that they compare with.
_WHICH = {
    "subject_key": "s.subject_key = :subject_key",
    "attribute": "s.attribute = :attribute",
    # What begins with a text: the largest character is none of a key.
    "beginning": "s.subject_key >= :beginning AND s.subject_key < :beginning || char(1114111)",
    "rows": "s.memory IN (SELECT value FROM json_each(:rows))",
    "slots": "(s.subject_key, s.attribute) IN "
    "(SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:slots))",
}


def conditions_of(values: Mapping[str, Any]) -> str:
    """Conditions on ``statements AS s`` of a namespace, by the values that are given; see `load_stated`."""
    chosen = [condition for name, condition in _WHICH.items() if values.get(name) is not None]
    # Rows are found by themselves: the unary plus keeps SQLite from going through the namespace for them.
    own = "+s.namespace_id = :namespace" if values.get("rows") is not None else "s.namespace_id = :namespace"
    return " AND ".join([own, *chosen])


def load_stated(connection: sqlite3.Connection, values: Mapping[str, Any]) -> list[StatedMemory]:
    """Memories with what they say, by arrival.

    Args:
        connection: In a transaction.
        values: ``namespace``, and what else statements are chosen by: ``subject_key``, the ``beginning`` of it,
            ``attribute``, ``rows`` of memories or ``slots``, as JSON. None for what nothing is chosen by.
    """
    which = conditions_of(values)
    tellers: dict[int, dict[str, Any]] = {}
    said: dict[int, list[Statement]] = {}
    for row, *rest in connection.execute(STATED.format(which, which), dict(values)):
        tellers[row] = dict(zip(_TELLER, rest, strict=False))
        said.setdefault(row, []).append(_statement(rest[len(_TELLER) :]))
    return [StatedMemory(**teller, statements=tuple(said[row])) for row, teller in tellers.items()]


def _statement(row: Sequence[Any]) -> Statement:
    values = dict(zip(STATEMENT, row, strict=True))
    return Statement.model_construct(**values | {"polarity": bool(values["polarity"])})


def statements_of(connection: sqlite3.Connection, rows: Sequence[int]) -> dict[int, tuple[Statement, ...]]:
    """What was read in each memory, by row id."""
    found: dict[int, list[Statement]] = {}
    for row, *statement in connection.execute(
        f"SELECT memory, {', '.join(STATEMENT)} FROM statements WHERE memory IN (SELECT value FROM json_each(?)) "
        "ORDER BY memory, position",
        (as_json(rows),),
    ):
        found.setdefault(row, []).append(_statement(statement))
    return {row: tuple(statements) for row, statements in found.items()}


def load_fact(row: Sequence[Any]) -> Settled:
    """A fact from a row of `FACT_COLUMNS`."""
    *values, memory_ids, over_since = row
    named = dict(zip(_FACT, values, strict=True))
    fact = Fact.model_construct(**named | {"polarity": bool(named["polarity"]), "memory_ids": json.loads(memory_ids)})
    return Settled(fact, over_since)


def _judge(connection: sqlite3.Connection, namespace: Namespace, memory_ids: Sequence[str]) -> list[str]:
    """Keep with memories whether they are over; those of which more is over than was before, by arrival."""
    told: dict[str, list[Told]] = {}
    for memory_id, *rest in connection.execute(_TOLD, (as_json(memory_ids), namespace.id)):
        told.setdefault(memory_id, []).append(Told(*rest))
    found = []
    changes = []
    for row, memory_id, *rest in connection.execute(_JUDGED, (namespace.id, as_json(memory_ids))).fetchall():
        verdict = by_hand(memory_id, Judged(*rest[:4])) or by_facts(memory_id, told.get(memory_id, []))
        kept = _kept(verdict)
        if kept == tuple(rest[4:]):
            continue
        changes.append((*kept, row))
        if verdict is not None and verdict.share > (rest[4] or 0.0):
            found.append(memory_id)
    connection.executemany(f"UPDATE memories SET {', '.join(f'{name} = ?' for name in _OVER)} WHERE id = ?", changes)
    return found


def _kept(verdict: Outdated | None) -> tuple[Any, ...]:
    """The columns of a memory that tell whether it is over."""
    if verdict is None:
        return (None,) * len(_OVER)
    return (verdict.share, verdict.since, verdict.superseded_by, verdict.known_from, verdict.reason)
