"""Which links are made between memories that stay apart, without any store."""

from __future__ import annotations

from coda_graphmem.consolidation.links import age, carried, from_verdicts, similar_link
from coda_graphmem.models import LinkKind, Memory, MemoryLink, MemoryType, PairVerdict

OUTDATED, SIMILAR = LinkKind.POSSIBLY_OUTDATED_BY, LinkKind.SIMILAR_TO
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


def memory(memory_id: str, at: float, stored: float | None = None) -> Memory:
    return Memory(
        memory_id=memory_id, content="x", memory_type=MemoryType.SEMANTIC, timestamp=at, created_at=stored,
        importance_score=0.5,
    )  # fmt: skip


def test_age_is_by_time_then_by_when_it_was_stored_then_by_id() -> None:
    memories = [memory("d", 2.0), memory("c", 1.0, 5.0), memory("b", 1.0, 4.0), memory("a", 1.0, 5.0)]
    assert [m.memory_id for m in sorted(memories, key=age)] == ["b", "a", "c", "d"]


def test_a_link_of_two_that_are_alike_goes_from_the_older_to_the_newer() -> None:
    older, newer = memory("z", 1.0), memory("a", 2.0)
    made = similar_link(newer, older, 0.9, at=9.0, run_id="r", guard="numbers")
    assert made == similar_link(older, newer, 0.9, at=9.0, run_id="r", guard="numbers")
    assert ends([made]) == [("z", "a", SIMILAR)]
    assert (made.score, made.created_at, made.run_id, made.guard) == (0.9, 9.0, "r", "numbers")
