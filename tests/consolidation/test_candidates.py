"""Which pairs are compared, and which links are made, without any store."""

from __future__ import annotations

from coda_graphmem.consolidation.candidates import LONGEST, candidate_pairs, worth_comparing
from coda_graphmem.consolidation.comparison import Comparison
from coda_graphmem.consolidation.links import carried, from_verdicts
from coda_graphmem.consolidation.plan import SimilarPair
from coda_graphmem.consolidation.readings import Reader
from coda_graphmem.consolidation.updates import may_update, update_reason
from coda_graphmem.models import LinkKind, Memory, MemoryLink, MemoryType, PairVerdict
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


TIMES = {"a": 1.0, "b": 2.0, "c": 3.0, "m": 4.0}


def refused(first: str, second: str, *, outdated: bool = False) -> PairVerdict:
    return PairVerdict(
        first_id=first,
        second_id=second,
        similarity=0.9,
        verdict="outdated" if outdated else "similar",
        guard="update" if outdated else "numbers",
        reason="why",
    )


def ends(links: list[MemoryLink]) -> list[tuple[str, str, LinkKind]]:
    return [(link.source_id, link.target_id, link.kind) for link in links]


def test_links_of_verdicts() -> None:
    links = from_verdicts([refused("a", "b"), refused("b", "c", outdated=True)], {}, TIMES, run_id="r", at=9.0)
    assert ends(links) == [("a", "b", SIMILAR), ("b", "c", OUTDATED)]
    assert (links[0].score, links[0].guard, links[0].reason, links[0].run_id, links[0].created_at) == (
        0.9, "numbers", "why", "r", 9.0,
    )  # fmt: skip


def test_links_go_to_what_an_original_became() -> None:
    merged = {"a": "m"}
    assert ends(from_verdicts([refused("a", "b")], merged, TIMES, run_id="r", at=9.0)) == [("b", "m", SIMILAR)]
    # What was said again after the newer statement is not outdated by it.
    assert from_verdicts([refused("a", "b", outdated=True)], merged, TIMES, run_id="r", at=9.0) == []
    twice = {"a": "x", "x": "m", "b": "m"}
    assert from_verdicts([refused("a", "b")], twice, TIMES, run_id="r", at=9.0) == []
    both = from_verdicts([refused("a", "c"), refused("b", "c")], {"a": "m", "b": "m"}, TIMES, run_id="r", at=9.0)
    assert ends(both) == [("c", "m", SIMILAR)]


def link(source: str, target: str, kind: LinkKind) -> MemoryLink:
    return MemoryLink(source_id=source, target_id=target, kind=kind, score=0.5, created_at=1.0, run_id="before")


def test_links_of_originals_are_carried_over() -> None:
    links = [
        link("a", "b", OUTDATED),
        link("a", "c", SIMILAR),
        link("a", "archived", SIMILAR),
        link("b", "c", SIMILAR),
        link("c", "a", OUTDATED),
    ]
    found = carried(links, {"a": "m"}, TIMES, run_id="r", at=9.0)
    assert ends(found) == [("m", "c", SIMILAR), ("c", "m", OUTDATED)]
    assert {one.run_id for one in found} == {"r"}


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
