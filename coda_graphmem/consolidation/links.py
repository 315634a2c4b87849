"""Links between memories that are alike and stay apart, from the older to the newer."""

from collections.abc import Iterable, Mapping

from coda_graphmem.models import LinkKind, Memory, MemoryLink, PairVerdict


def age(memory: Memory) -> tuple[float, float, str]:
    """Sorts memories from the oldest on: by when they happened, then by when they were stored, then by id."""
    return memory.timestamp, memory.created_at or 0.0, memory.memory_id


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
        times: Timestamps of all memories concerned. A merged memory is as new as its newest original, so it may
            not be the older one of the two any more: then nothing is outdated.
        run_id: The run that makes them.
        at: When (seconds since the Unix epoch, UTC).
    """
    links: dict[tuple[str, str, LinkKind], MemoryLink] = {}
    for verdict in refused:
        source, target = _now(verdict.first_id, merged_into), _now(verdict.second_id, merged_into)
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


def carried(
    links: Iterable[MemoryLink], merged_into: Mapping[str, str], times: Mapping[str, float], *, run_id: str, at: float
) -> list[MemoryLink]:
    """The links of originals, for the memories they were merged into; the originals keep their own.

    Args:
        links: Links from or to originals.
        merged_into: What each original was merged into.
        times: Timestamps of live memories, as for `from_verdicts`; links to others are left out.
        run_id: The run that merged them.
        at: When (seconds since the Unix epoch, UTC).
    """
    found: dict[tuple[str, str, LinkKind], MemoryLink] = {}
    for link in links:
        source, target = _now(link.source_id, merged_into), _now(link.target_id, merged_into)
        if (source, target) == (link.source_id, link.target_id) or not {source, target} <= times.keys():
            continue
        if source != target and (link.kind is LinkKind.SIMILAR_TO or times[source] < times[target]):
            found.setdefault(
                (source, target, link.kind),
                link.model_copy(update={"source_id": source, "target_id": target, "run_id": run_id, "created_at": at}),
            )
    return list(found.values())


def _now(memory_id: str, merged_into: Mapping[str, str]) -> str:
    """What a memory is by now, over as many merges as there were."""
    while memory_id in merged_into:
        memory_id = merged_into[memory_id]
    return memory_id
