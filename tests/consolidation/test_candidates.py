"""Which pairs are compared, without any store."""

from __future__ import annotations

import pytest

from coda_graphmem.consolidation.candidates import LONGEST, candidate_pairs, worth_comparing
from coda_graphmem.consolidation.comparison import Comparison
from coda_graphmem.consolidation.plan import SimilarPair
from coda_graphmem.consolidation.readings import Reader
from coda_graphmem.consolidation.updates import may_update, update_reason
from coda_graphmem.models import LinkKind, Memory, MemoryType
from tests.consolidation.pairs import NO_UPDATES, SAME, UPDATES

OUTDATED, SIMILAR = LinkKind.POSSIBLY_OUTDATED_BY, LinkKind.SIMILAR_TO


def test_each_pair_once_and_few_below_the_threshold() -> None:
    found = candidate_pairs(
        {"b": [("a", 0.95), ("c", 0.9), ("d", 0.8), ("e", 0.7), ("f", 0.6)], "a": [("b", 0.95), ("f", 0.5)]},
        threshold=0.85,
        related=2,
    )
    assert found == [
        SimilarPair("a", "b", 0.95),
        SimilarPair("a", "f", 0.5),
        SimilarPair("b", "c", 0.9),
        SimilarPair("b", "d", 0.8),
        SimilarPair("b", "e", 0.7),
    ]


def memory(memory_id: str, *, at: float = 0.0, kind: MemoryType = MemoryType.SEMANTIC, length: int = 10) -> Memory:
    return Memory(memory_id=memory_id, content="x" * length, memory_type=kind, timestamp=at, importance_score=0.5)


def test_what_cannot_be_an_update_is_not_read() -> None:
    memories = {
        m.memory_id: m
        for m in [
            memory("a"),
            memory("same time"),
            memory("later", at=1.0),
            memory("other type", at=1.0, kind=MemoryType.PREFERENCE),
            memory("long", at=1.0, length=LONGEST + 1),
        ]
    }
    below = [SimilarPair("a", other, 0.7) for other in memories if other != "a"]
    above = [SimilarPair("a", other, 0.9) for other in memories if other != "a"]
    gone = [SimilarPair("a", "gone", 0.9)]
    kept = worth_comparing([*below, *gone], memories, threshold=0.85)
    assert [pair.second_id for pair in kept] == ["later"]
    kept = worth_comparing([*above, *gone], memories, threshold=0.85)
    assert [pair.second_id for pair in kept] == ["same time", "later", "other type"]


@pytest.mark.parametrize("name", ["user_id", "agent_id", "session_id"])
@pytest.mark.parametrize("other", ["b", None])
def test_what_different_owners_say_is_not_compared(name: str, other: str | None) -> None:
    kind, text = MemoryType.SEMANTIC, "I like plums."
    memories = {
        memory_id: Memory(
            memory_id=memory_id, content=text, memory_type=kind, timestamp=1.0, importance_score=0.5, **{name: owner}
        )
        for memory_id, owner in (("m1", "a"), ("m2", "a"), ("m3", other))
    }
    pairs = [SimilarPair("m1", "m2", 0.99), SimilarPair("m1", "m3", 0.99), SimilarPair("m2", "m3", 0.99)]
    assert worth_comparing(pairs, memories, threshold=0.85) == pairs[:1]


def test_words_as_written_rule_out_no_update_that_parsing_finds(reader: Reader) -> None:
    pairs = [
        [text.strip() for text in line.split("|")]
        for block in (SAME, UPDATES, NO_UPDATES)
        for line in block.strip().splitlines()
    ]
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    readings = dict(zip(texts, reader.read(texts), strict=True))
    found = 0
    for a, b in [(pair[-2], pair[-1]) for pair in pairs] + [(pair[-1], pair[-2]) for pair in pairs]:
        if update_reason(Comparison.of(readings[a], readings[b])) is not None:
            found += 1
            assert may_update(a, b), (a, b)
    assert found > 20


def test_most_related_texts_are_not_read() -> None:
    about = "The choir sang two old songs yesterday evening, and everybody in the hall was moved to tears by the altos."
    other = "Our choir needs a new room for its rehearsals, because the school closes its music hall for three months."
    assert not may_update(about, other)
    assert may_update(f"We live in Paris. {about}", f"We moved to Rome. {other}")
    assert may_update(about, f"{other} Margit quit.")
    assert not may_update(about, f"{other} Did Margit quit?")
