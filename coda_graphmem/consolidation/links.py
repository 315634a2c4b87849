"""Links between memories that are alike and stay apart, from the older to the newer."""

from collections.abc import Iterable, Mapping

from coda_graphmem.models import LinkKind, Memory, MemoryLink, PairVerdict
from coda_graphmem.store.union import age, carried, last_said, now, recency

__all__ = ["age", "carried", "from_verdicts", "last_said", "recency", "similar_link"]


def similar_link(
    first: Memory, second: Memory, similarity: float, *, at: float, run_id: str | None = None, guard: str | None = None
) -> MemoryLink:
    """A ``SIMILAR_TO`` link between two memories, whichever is given first.

    Args:
        similarity: Cosine of their vectors in [-1, 1].
        at: When the link is made (seconds since the Unix epoch, UTC).
        run_id: The run that makes it.
        guard: What keeps them apart.
    """
    older, newer = sorted((first, second), key=age)
    return MemoryLink(
        source_id=older.memory_id,
        target_id=newer.memory_id,
        kind=LinkKind.SIMILAR_TO,
        score=similarity,
        guard=guard,
        created_at=at,
        run_id=run_id,
    )


def from_verdicts(
    refused: Iterable[PairVerdict],
    merged_into: Mapping[str, str],
    times: Mapping[str, float],
    *,
    run_id: str,
    at: float,
) -> list[MemoryLink]:
    """Links for pairs that a guard kept apart or of which one may outdate the other, from the older to the newer.

    Args:
        refused: Verdicts ``similar`` and ``outdated``.
        merged_into: For originals that were merged in the meantime the memory they became: it says the same,
            and has the link in their place.
        times: When all memories concerned were said last. A merged memory is as new as its newest original, so it may
            not be the older one of the two any more: then nothing is outdated.
        run_id: The run that makes them.
        at: When (seconds since the Unix epoch, UTC).
    """
    links: dict[tuple[str, str, LinkKind], MemoryLink] = {}
    for verdict in refused:
        source, target = now(verdict.first_id, merged_into), now(verdict.second_id, merged_into)
        kind = LinkKind.POSSIBLY_OUTDATED_BY if verdict.verdict == "outdated" else LinkKind.SIMILAR_TO
        if source == target or (kind is LinkKind.POSSIBLY_OUTDATED_BY and times[source] >= times[target]):
            continue
        if times[source] > times[target]:
            source, target = target, source
        links.setdefault(
            (source, target, kind),
            MemoryLink(
                source_id=source,
                target_id=target,
                kind=kind,
                score=verdict.similarity,
                guard=verdict.guard,
                reason=verdict.reason,
                created_at=at,
                run_id=run_id,
            ),
        )
    return list(links.values())
