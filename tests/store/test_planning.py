"""What becomes of new and merged memories, without a store."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import Memory, MemoryType
from coda_graphmem.store.planning import REINFORCED, InsertPlan, Original, plan_merge, with_free_keys
from coda_graphmem.store.protocol import NewMemory, Outcome, Stored, StoredMemory
from coda_graphmem.store.sayings import dump_sayings, load_sayings
from tests.store.factory import mention, new
from tests.store.parts.build import merge


def planned(
    rows: Sequence[NewMemory], by_id: dict[str, Memory], by_key: dict[str, Memory], reinforcement: float
) -> tuple[InsertPlan, list[Stored]]:
    """The plan of one insert, and its answers."""
    plan = InsertPlan(by_id, by_key)
    return plan, plan.add(rows, reinforcement)


def kept(memory_id: str, **values: object) -> Memory:
    """A memory as `new` makes it, once it is kept."""
    plan, _ = planned([new(memory_id, **values)], {}, {}, 0.1)
    return plan.created[0].memory


def test_a_new_memory_has_everything_that_was_given() -> None:
    row = new("m1", entities=["anna"], conversation_id="c", metadata={"a": 1}, expires_at=9.0, dedup_key="k",
              user_id="u", agent_id="a", session_id="s", tags=("work",), refresh_seconds=60.0)  # fmt: skip
    plan, answers = planned([row], {}, {}, 0.1)
    [stored] = plan.created
    assert stored.memory == Memory(
        memory_id="m1",
        content="content of m1",
        memory_type=MemoryType.EPISODIC,
        timestamp=1001.0,
        importance_score=0.5,
        created_at=2000.0,
        metadata={"a": 1},
        conversation_id="c",
        entities=[mention("anna")],
        expires_at=9.0,
        lifetime="short_term",
        user_id="u",
        agent_id="a",
        session_id="s",
        tags=["work"],
        refresh_seconds=60.0,
    )
    assert stored.embedding is row.embedding
    assert (stored.dedup_key, plan.reinforced, answers) == ("k", [], [Stored("m1", Outcome.CREATED)])


def test_a_repetition_changes_what_is_there_and_nothing_else() -> None:
    holder = kept("m1", metadata={"a": 1}, importance_score=0.25)
    before = holder.model_copy()
    row = new("m2", dedup_key="k", importance_score=0.5, metadata={"a": 2, "b": 3}, created_at=3000.0)
    plan, answers = planned([row, row], {}, {"k": holder}, 0.5)
    assert answers == [Stored("m1", Outcome.REINFORCED)] * 2
    assert (plan.created, plan.reinforced) == ([], [holder])
    assert (holder.importance_score, holder.metadata, holder.updated_at) == (0.875, {"a": 1, "b": 3}, 3000.0)
    assert holder.reinforcement_count == 2
    assert holder.model_dump(exclude=set(REINFORCED)) == before.model_dump(exclude=set(REINFORCED))


def test_each_conversation_has_its_own_saying() -> None:
    rows = [
        new(
            f"m{i}",
            "same",
            conversation_id=talk,
            dedup_key="k",
            importance_score=0.5,
            metadata={"by": i},
        )
        for i, talk in enumerate(["c1", "c1", "c2", None, "c2"])
    ]
    plan, answers = planned(rows, {}, {}, 0.5)
    assert [answer.memory_id for answer in answers] == ["m0"] * 5
    said = plan.created[0].sayings
    assert [(one.conversation_id, one.metadata, one.repeated) for one in said] == [
        ("c1", {"by": 0}, 1), ("c2", {"by": 2}, 1), (None, {"by": 3}, 0),
    ]  # fmt: skip
    assert [one.importance_score for one in said] == [0.75, 0.75, 0.5]
    assert load_sayings(dump_sayings(said)) == said


def test_rows_of_one_call_repeat_one_another() -> None:
    first, again = new("m1", dedup_key="k"), new("m2", dedup_key="k", explicit=frozenset({"timestamp"}))
    own = new("m3", dedup_key="k", explicit=frozenset({"memory_id"}))
    short = new("m4", dedup_key="k", expires_at=9.0)
    plan, answers = planned([first, again, own, short, first], {}, {}, 0.5)
    assert [answer.outcome for answer in answers] == [
        Outcome.CREATED, Outcome.REINFORCED, Outcome.CREATED, Outcome.CREATED, Outcome.UNCHANGED,
    ]  # fmt: skip
    assert [(row.memory.memory_id, row.dedup_key) for row in plan.created] == [("m1", "k"), ("m3", None), ("m4", "k")]
    assert plan.created[0].memory.reinforcement_count == 1
    assert plan.reinforced == []


@pytest.mark.parametrize(
    "other",
    [
        {"content": "another"},
        {"metadata": {"a": 1.0}},
        {"metadata": {"a": True}},
        {"conversation_id": "c"},
        {"memory_type": MemoryType.SEMANTIC},
        {"timestamp": 1.0, "explicit": frozenset({"timestamp"})},
        {"importance_score": 0.75, "explicit": frozenset({"importance_score"})},
    ],
)
def test_an_id_with_something_else_is_refused(other: dict[str, object]) -> None:
    known = {"m1": kept("m1", metadata={"a": 1})}
    assert planned([new("m1", metadata={"a": 1})], known, {}, 0.1)[1] == [Stored("m1", Outcome.UNCHANGED)]
    with pytest.raises(ValidationError, match="m1"):
        planned([new("m1", **{"metadata": {"a": 1}, **other})], known, {}, 0.1)


def test_inserts_are_planned_one_after_the_other() -> None:
    plan = InsertPlan({"m0": kept("m0")}, {})
    assert plan.add([new("m1", dedup_key="k")], 0.5) == [Stored("m1", Outcome.CREATED)]
    before = plan.created[0].memory.model_copy()
    # Its second row cannot be kept, so the first one is neither made, nor does the third reinforce anything.
    with pytest.raises(ValidationError, match="m0"):
        plan.add([new("m2"), new("m0", "something else"), new("m3", dedup_key="k")], 0.5)
    assert [row.memory for row in plan.created] == [before]
    assert plan.add([new("m2"), new("m1"), new("m4", dedup_key="k")], 0.5) == [
        Stored("m2", Outcome.CREATED), Stored("m1", Outcome.UNCHANGED), Stored("m1", Outcome.REINFORCED),
    ]  # fmt: skip
    assert [row.memory.reinforcement_count for row in plan.created] == [1, 0]
    assert plan.reinforced == []


def test_a_merge_counts_the_recalls_of_its_originals_afresh() -> None:
    wanted = merge("m9", ["m1", "m2"], dedup_key="k", versions={"m1": None, "m2": 7.0}, last_accessed=1.0)
    merged = plan_merge(wanted, {"m1": Original(None, 2, 50.0), "m2": Original(7.0, 3, None)}, at=4000.0)
    assert merged is not None
    assert (merged.memory.access_count, merged.memory.last_accessed, merged.memory.created_at) == (5, 50.0, 4000.0)
    assert (merged.memory.memory_id, merged.memory.content) == ("m9", "merged text of m9")
    assert merged.memory.reinforcement_count == wanted.merged.reinforcement_count
    assert (merged.embedding, merged.dedup_key) == (None, "k")


@pytest.mark.parametrize(
    "originals",
    [
        {"m1": Original(None, 0, None)},
        {"m1": Original(None, 0, None), "m2": Original(8.0, 0, None)},
        {},
    ],
)
def test_what_is_gone_or_changed_is_not_merged(originals: dict[str, Original]) -> None:
    wanted = merge("m9", ["m1", "m2"], versions={"m1": None, "m2": 7.0})
    assert plan_merge(wanted, originals, at=4000.0) is None


def test_a_key_has_one_live_holder() -> None:
    def row(memory_id: str, key: str | None, **values: object) -> StoredMemory:
        memory = kept(memory_id).model_copy(update=values)
        return StoredMemory(memory, None, dedup_key=key, position=0)

    rows = [
        row("m1", "held"), row("m2", "free"), row("m3", "free"), row("m4", None),
        row("m5", "held", archived_at=1.0), row("m6", "free", expires_at=1.0, lifetime="short_term"),
    ]  # fmt: skip
    kept_rows = with_free_keys(rows, {"held"})
    assert [one.dedup_key for one in kept_rows] == [None, "free", None, None, "held", "free"]
    assert [one.memory for one in kept_rows] == [one.memory for one in rows]
