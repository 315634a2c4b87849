"""Makes facts anew in a writing transaction, where what memories say has changed.

Only what differs from what is there is written: the facts of a subject, the order in which they followed one another,
and of each memory that says one whether it is over.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from coda_graphmem.facts.attributes import attribute
from coda_graphmem.facts.outdated import Judged, Told, by_facts, by_hand
from coda_graphmem.facts.timeline import Settled, StatedMemory, sayings, settle
from coda_graphmem.models import Fact, Outdated, Statement
from coda_graphmem.store.neo4j.connection import Row, Transaction

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Slot(NamedTuple):
    """Statements and facts that are to be looked at together."""

    subject_key: str
    attribute: str
    value_key: str | None = None
    """None for all values: those of an attribute that has one at a time end one another."""


def slot_of(subject_key: str, name: str, value_key: str) -> Slot:
    """Where a statement belongs. One without a value speaks of all values of its attribute."""
    alone = value_key and not attribute(name).is_exclusive
    return Slot(subject_key, name, value_key if alone else None)


async def slots_of(transaction: Transaction, memory_ids: Sequence[str]) -> list[Slot]:
    """What memories speak of, and the originals that were merged into them."""
    rows = await transaction.run("slots_of_memories", memory_ids=memory_ids) if memory_ids else []
    return [slot_of(row["subject_key"], row["attribute"], row["value_key"]) for row in rows]


async def save_statements(transaction: Transaction, said: Mapping[str, Sequence[Statement]]) -> None:
    """Keep what memories say, by memory id; nothing is kept of them before."""
    rows = [
        {
            "memory_id": memory_id,
            "subject": one.subject,
            "subject_key": one.subject_key,
            "properties": {**one.model_dump(), "namespace": transaction.namespace, "position": position},
        }
        for memory_id, statements in said.items()
        for position, one in enumerate(statements)
    ]
    if rows:
        await transaction.run("save_statements", rows=sorted(rows, key=lambda row: str(row["subject_key"])))


async def settle_facts(transaction: Transaction, slots: Iterable[Slot], memory_ids: Iterable[str] = ()) -> list[str]:
    """Make facts anew.

    Args:
        transaction: In the namespace.
        slots: What they are about.
        memory_ids: Memories of which something was said by hand.

    Returns:
        Ids of memories of which something does not hold any more and did before, by arrival.
    """
    touched = dict.fromkeys(memory_ids)
    wanted, said = await _statements(transaction, slots)
    if wanted:
        kept = await transaction.run("facts_of_slots", slots=[slot._asdict() for slot in wanted])
        before = {row["fact"]["fact_id"]: row for row in kept}
        changed = await _write(transaction, _nodes(settle(sayings(said))), before)
        touched |= dict.fromkeys(changed)
        await transaction.run("settle_subjects", keys=sorted({slot.subject_key for slot in wanted}))
    return await _judge(transaction, list(touched))


async def _statements(transaction: Transaction, slots: Iterable[Slot]) -> tuple[list[Slot], list[StatedMemory]]:
    """What is said, and of what: of an attribute of which anything is said as a whole, all values are looked at."""
    wanted = _without_parts(slots)
    while wanted:
        rows = await transaction.run("statements_of_slots", slots=[slot._asdict() for slot in wanted])
        said = [read_stated(row) for row in rows]
        whole = {
            Slot(one.subject_key, one.attribute) for memory in said for one in memory.statements if not one.value_key
        }
        if whole <= set(wanted):
            return wanted, said
        wanted = _without_parts([*wanted, *whole])
    return [], []


def _without_parts(slots: Iterable[Slot]) -> list[Slot]:
    """The slots once each, without those that others hold, in order."""
    found = set(slots)
    return sorted(
        (slot for slot in found if slot.value_key is None or slot._replace(value_key=None) not in found),
        key=lambda slot: (slot.subject_key, slot.attribute, slot.value_key or ""),
    )


async def _write(transaction: Transaction, wanted: Mapping[str, "_Node"], before: Mapping[str, Row]) -> list[str]:
    """Put the facts that shall be in the place of those that are; ids of memories whose facts changed."""
    present = {fact_id: Settled(read_fact(row), row["over_since"]) for fact_id, row in before.items()}
    changed = dict.fromkeys(fact_id for fact_id, node in wanted.items() if present.get(fact_id) != node.settled)
    gone = [fact_id for fact_id in before if fact_id not in wanted]
    replaced = [*gone, *(fact_id for fact_id in changed if fact_id in before)]
    if replaced:
        await transaction.run("delete_facts", fact_ids=replaced)
    if changed:
        await transaction.run("save_facts", rows=[wanted[fact_id].row(transaction.namespace) for fact_id in changed])
    chained = [
        {"fact_id": fact_id, "next_id": node.next_id}
        for fact_id, node in wanted.items()
        if fact_id in changed or node.next_id in changed or node.next_id != before[fact_id]["next_id"]
    ]
    if chained:
        await transaction.run("chain_facts", rows=chained)
    touched = dict.fromkeys(one for fact_id in changed for one in wanted[fact_id].settled.fact.memory_ids)
    touched |= dict.fromkeys(one for fact_id in replaced for one in before[fact_id]["memory_ids"])
    return list(touched)


async def _judge(transaction: Transaction, memory_ids: Sequence[str]) -> list[str]:
    """Keep with memories whether they are over; those of which more is over than was before, by arrival."""
    rows = await transaction.run("judge_memories", memory_ids=memory_ids) if memory_ids else []
    changes = []
    found: list[tuple[int, str]] = []
    for row in rows:
        verdict = _verdict(row)
        kept = _kept(verdict)
        if all(row[name] == value for name, value in kept.items()):
            continue
        changes.append({"memory_id": row["memory_id"], "properties": kept})
        if verdict is not None and verdict.share > (row["over_share"] or 0.0):
            found.append((row["arrival"], row["memory_id"]))
    if changes:
        await transaction.run("set_properties", rows=changes)
    return [memory_id for _, memory_id in sorted(found)]


def _verdict(row: Row) -> Outdated | None:
    memory_id = row["memory_id"]
    judged = Judged(**{name: row[name] for name in Judged._fields})
    return by_hand(memory_id, judged) or by_facts(memory_id, [Told(**fact) for fact in row["facts"]])


def _kept(verdict: Outdated | None) -> dict[str, Any]:
    """The properties of a memory that tell whether it is over."""
    names = {"share": "share", "since": "since", "by": "superseded_by", "known_from": "known_from", "reason": "reason"}
    return {f"over_{short}": None if verdict is None else getattr(verdict, name) for short, name in names.items()}


class _Node(NamedTuple):
    """A fact as it shall be."""

    settled: Settled
    next_id: str | None

    def row(self, namespace: str) -> dict[str, Any]:
        """The row of ``store/save_facts``."""
        fact = self.settled.fact
        properties = {
            **fact.model_dump(exclude={"memory_ids", "ended_by"}),
            "namespace": namespace,
            "over_since": self.settled.over_since,
            "since": _shown(fact.valid_from),
            "until": _shown(fact.valid_until),
        }
        return {
            "properties": properties,
            "label": "Present" if fact.valid_until is None else "Past",
            "memory_ids": fact.memory_ids,
            "ended_by": fact.ended_by,
        }


def _nodes(settled: Sequence[Settled]) -> dict[str, _Node]:
    """Facts by id, in order, each with the one that followed it: a value of its own where there are many at a time."""
    slots: dict[Slot, list[Settled]] = {}
    for one in settled:
        slots.setdefault(Slot(one.fact.subject_key, one.fact.attribute), []).append(one)
    nodes: dict[str, _Node] = {}
    for slot, some in slots.items():
        exclusive = attribute(slot.attribute).is_exclusive
        lines: dict[str, list[str]] = {}
        for one in some:
            lines.setdefault("" if exclusive else one.fact.value_key, []).append(one.fact.fact_id)
        following = dict(pair for line in lines.values() for pair in pairwise(line))
        nodes |= {one.fact.fact_id: _Node(one, following.get(one.fact.fact_id)) for one in some}
    return nodes


def _shown(seconds: float | None) -> datetime | None:
    """A time as Browser shows it; nothing computes with it."""
    try:
        return None if seconds is None else _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def read_fact(row: Row) -> Fact:
    """A fact from a row with the columns of ``parts/fact``."""
    return Fact.model_construct(**row["fact"], memory_ids=list(row["memory_ids"]), ended_by=row["ended_by"])


def read_stated(row: Row) -> StatedMemory:
    """A memory with what it says from a row of ``parts/stated``."""
    return StatedMemory(
        memory_id=row["memory_id"],
        timestamp=row["timestamp"],
        last_said_at=row["last_said_at"],
        standing=row["standing"],
        standing_at=row["standing_at"],
        superseded_by=row["superseded_by"],
        statements=tuple(Statement.model_construct(**one) for one in row["statements"]),
    )
