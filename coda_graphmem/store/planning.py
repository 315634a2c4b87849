"""Decides what becomes of new memories, given those that are there; pure functions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.store.neo4j.rows import same_metadata
from coda_graphmem.store.protocol import NewMemory, Outcome, Stored


@dataclass(slots=True)
class Planned:
    """A memory as it will be, new or reinforced."""

    memory_id: str
    content: str
    importance_score: float
    metadata: dict[str, Any]
    reinforcement_count: int = 0
    updated_at: float | None = None
    dedup_key: str | None = None
    row: NewMemory | None = None
    """None for one that is in the store already."""

    def reinforce(self, row: NewMemory, reinforcement: float) -> None:
        """Let the same content, stored again, make the memory stronger."""
        larger = max(self.importance_score, row.importance_score)
        self.importance_score = larger + reinforcement * (1.0 - larger)
        self.metadata = {**row.metadata, **self.metadata}
        self.updated_at = row.created_at
        self.reinforcement_count += 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call writes and answers."""

    created: Sequence[Planned]
    reinforced: Sequence[Planned]
    answers: Sequence[Stored]


def plan_insert(
    rows: Sequence[NewMemory],
    by_id: Mapping[str, Mapping[str, Any]],
    by_key: Mapping[str, Mapping[str, Any]],
    reinforcement: float,
) -> Plan:
    """Decide for each row whether it is new, reinforces another, or was there before.

    Args:
        rows: In the order given.
        by_id: Properties of the memories that have the id of a row.
        by_key: Properties of the live long-term memories that have the deduplication key of a row.
        reinforcement: Share of the way to 1 by which a repetition lifts the importance.

    Raises:
        ValidationError: An id exists with other content.
    """
    known: dict[str, NewMemory | Mapping[str, Any]] = dict(by_id)
    holders = {key: _kept(node) for key, node in by_key.items()}
    created: list[Planned] = []
    reinforced: dict[str, Planned] = {}
    answers: list[Stored] = []
    for row in rows:
        if row.memory_id in known:
            _check_retry(row, known[row.memory_id])
            answers.append(Stored(row.memory_id, Outcome.UNCHANGED))
            continue
        key = row.dedup_key if row.expires_at is None else None
        holder = holders.get(key) if key is not None else None
        if holder is not None and "memory_id" not in row.explicit:
            holder.reinforce(row, reinforcement)
            if holder.row is None:
                reinforced[holder.memory_id] = holder
            answers.append(Stored(holder.memory_id, Outcome.REINFORCED))
            continue
        planned = Planned(
            memory_id=row.memory_id,
            content=row.content,
            importance_score=row.importance_score,
            metadata=dict(row.metadata),
            dedup_key=row.dedup_key if holder is None else None,
            row=row,
        )
        if key is not None and holder is None:
            holders[key] = planned
        created.append(planned)
        known[row.memory_id] = row
        answers.append(Stored(row.memory_id, Outcome.CREATED))
    return Plan(created, list(reinforced.values()), answers)


def _kept(node: Mapping[str, Any]) -> Planned:
    return Planned(
        memory_id=node["memory_id"],
        content=node["content"],
        importance_score=node["importance_score"],
        metadata=json.loads(node["metadata"]),
        reinforcement_count=node["reinforcement_count"],
        updated_at=node["updated_at"],
        dedup_key=node["dedup_key"],
    )


def _check_retry(row: NewMemory, known: NewMemory | Mapping[str, Any]) -> None:
    """Accept a row whose id exists if everything the caller gave is equal."""
    if isinstance(known, NewMemory):
        known = {
            "content": known.content,
            "memory_type": known.memory_type.value,
            "metadata": json.dumps(dict(known.metadata)),
            "conversation_id": known.conversation_id,
            "epoch": known.timestamp,
            "importance_score": known.importance_score,
        }
    same = (
        known["content"] == row.content
        and known["memory_type"] == row.memory_type.value
        and known["conversation_id"] == row.conversation_id
        and same_metadata(known["metadata"], row.metadata)
        and ("timestamp" not in row.explicit or known["epoch"] == row.timestamp)
        and ("importance_score" not in row.explicit or known["importance_score"] == row.importance_score)
    )
    if not same:
        raise ValidationError(
            f"a memory with the id {row.memory_id!r} exists and is not the same.",
            field="memory_id",
            remedy="Use another id, leave it out, or change the memory with update_memory().",
        )
