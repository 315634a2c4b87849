"""The forgetting curve."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.decay import TYPE_FACTORS, decay_factors, decay_factors_of
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import Memory, MemoryType
from coda_graphmem.models import memory as memory_fields
from coda_graphmem.times import SECONDS_PER_DAY

TIMES = st.floats(min_value=-1e10, max_value=1e11)
DAYS = st.floats(min_value=0.0, max_value=1e5)
SHARES = st.floats(min_value=0.0, max_value=1.0)
COUNTS = st.integers(min_value=0, max_value=10**6)
TYPES = st.sampled_from(MemoryType)


def decay_factor(item: Memory, *, now: float, rate: float) -> float:
    return float(decay_factors_of([item], now=now, rate=rate)[0])


def memory(kind: MemoryType = MemoryType.EPISODIC, importance: float = 0.5, **fields: float) -> Memory:
    return Memory.model_validate(
        {"memory_id": "m", "content": "x", "memory_type": kind, "timestamp": 0.0, "importance_score": importance}
        | fields
    )


def after(days: float, item: Memory, rate: float = 0.01) -> float:
    return decay_factor(item, now=item.timestamp + days * SECONDS_PER_DAY, rate=rate)


@given(TIMES, TIMES, st.none() | TIMES, COUNTS, COUNTS, SHARES, TYPES, SHARES)
def test_it_lies_above_0_and_at_most_at_1(
    made: float,
    now: float,
    last: float | None,
    recalls: int,
    repeats: int,
    importance: float,
    kind: MemoryType,
    rate: float,
) -> None:
    item = Memory(
        memory_id="m",
        content="x",
        memory_type=kind,
        timestamp=made,
        importance_score=importance,
        access_count=recalls,
        reinforcement_count=repeats,
        last_accessed=last,
    )
    assert 0.0 < decay_factor(item, now=now, rate=rate) <= 1.0


@given(DAYS, DAYS, SHARES, TYPES, SHARES)
def test_it_never_grows_with_time(first: float, more: float, importance: float, kind: MemoryType, rate: float) -> None:
    item = memory(kind, importance)
    assert after(first + more, item, rate) <= after(first, item, rate)


@given(DAYS, SHARES, SHARES, TYPES)
def test_importance_slows_it(days: float, x: float, y: float, kind: MemoryType) -> None:
    assert after(days, memory(kind, min(x, y))) <= after(days, memory(kind, max(x, y)))


@given(DAYS, COUNTS, COUNTS)
def test_recalls_and_repetitions_count_alike_and_strengthen(days: float, recalls: int, more: int) -> None:
    item = memory(access_count=recalls)
    assert after(days, item) <= after(days, memory(access_count=recalls + more))
    assert after(days, memory(access_count=recalls, reinforcement_count=more)) == after(
        days, memory(access_count=recalls + more)
    )


def test_uses_are_counts_of_a_memory() -> None:
    assert {Memory.model_fields[name].annotation for name in memory_fields.USES} == {int}


def test_each_recall_strengthens_less_than_the_one_before() -> None:
    curve = [after(100, memory(access_count=n)) for n in range(30)]
    gains = np.diff(curve)
    assert (gains > 0).all()
    assert (np.diff(gains) < 0).all()


def test_a_recall_starts_the_curve_anew() -> None:
    day = SECONDS_PER_DAY
    forgotten, recalled = memory(), memory(access_count=1, last_accessed=50 * day)
    assert decay_factor(recalled, now=50 * day, rate=0.01) == 1.0
    assert decay_factor(recalled, now=80 * day, rate=0.01) > decay_factor(forgotten, now=30 * day, rate=0.01)


@given(DAYS, SHARES, TYPES)
def test_rate_0_never_decays(days: float, importance: float, kind: MemoryType) -> None:
    assert after(days, memory(kind, importance), rate=0.0) == 1.0


def test_the_rate_is_what_a_plain_memory_loses_in_its_first_day() -> None:
    assert after(1, memory(importance=0.0), rate=0.01) == pytest.approx(0.99, abs=2e-4)


def test_types_last_differently() -> None:
    at_100_days = {kind: after(100, memory(kind)) for kind in MemoryType}
    assert set(TYPE_FACTORS) == set(MemoryType)
    assert min(at_100_days, key=at_100_days.__getitem__) is MemoryType.CONTEXTUAL
    lasting = {MemoryType.PREFERENCE, MemoryType.PROCEDURAL}
    assert min(at_100_days[kind] for kind in lasting) > max(v for kind, v in at_100_days.items() if kind not in lasting)


def test_it_is_the_documented_formula() -> None:
    item = memory(MemoryType.SEMANTIC, 0.5, access_count=3, reinforcement_count=1)
    loss = 0.02 * 0.5 * (1 - 0.8 * 0.5) / (1 + math.log(5))
    assert after(40, item, rate=0.02) == pytest.approx((1 + loss * 40 / 0.5) ** -0.5, rel=1e-12)


def test_before_it_was_made_nothing_has_faded() -> None:
    assert after(-5, memory()) == 1.0


@given(st.lists(st.tuples(DAYS, SHARES, COUNTS, st.none() | DAYS, TYPES), min_size=1, max_size=20), DAYS)
def test_arrays_give_what_single_memories_give(
    rows: list[tuple[float, float, int, float | None, MemoryType]], now: float
) -> None:
    items = [
        Memory(
            memory_id=str(i),
            content="x",
            memory_type=kind,
            timestamp=made,
            importance_score=importance,
            access_count=count,
            last_accessed=last,
        )
        for i, (made, importance, count, last, kind) in enumerate(rows)
    ]
    together = decay_factors_of(items, now=now, rate=0.01)
    assert together.shape == (len(items),)
    assert together.tolist() == pytest.approx([decay_factor(item, now=now, rate=0.01) for item in items], rel=1e-12)


def test_no_memories_give_no_values() -> None:
    assert decay_factors_of([], now=0.0, rate=0.01).shape == (0,)


def test_single_values_and_arrays_mix() -> None:
    values = decay_factors(
        timestamp=0.0,
        last_accessed=np.nan,
        uses=0,
        importance=np.array([0.0, 1.0]),
        type_factor=1.0,
        now=SECONDS_PER_DAY * np.array([[1.0], [10.0]]),
        rate=0.01,
    )
    assert values.shape == (2, 2)


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_a_rate_that_is_no_share_is_refused(rate: float) -> None:
    with pytest.raises(ValidationError, match="rate"):
        decay_factor(memory(), now=0.0, rate=rate)
