"""What people said of pairs: two memories that they refused to merge stay apart, whatever the guards say."""

from collections.abc import Iterable, Sequence

from coda_graphmem.models import LinkKind, MemoryLink, PairVerdict
from coda_graphmem.store.protocol import Links

REFUSED = "refused"
"""Where the ``guard`` of a ``SIMILAR_TO`` link says so, somebody refused to merge the two."""

#: Memories whose links are read in one call.
_READ = 500


def pair_of(first_id: str, second_id: str) -> frozenset[str]:
    """Two memories, whichever comes first."""
    return frozenset((first_id, second_id))


async def refused_links(links: Links, namespace: str, memory_ids: Sequence[str]) -> dict[frozenset[str], MemoryLink]:
    """The links of pairs that somebody refused, by pair, of which at least one memory is among those given."""
    found = {}
    for start in range(0, len(memory_ids), _READ):
        for link in await links.find_links(namespace, memory_ids[start : start + _READ], [LinkKind.SIMILAR_TO]):
            if link.guard == REFUSED:
                found[pair_of(link.source_id, link.target_id)] = link
    return found


async def respecting(links: Links, namespace: str, verdicts: Sequence[PairVerdict]) -> list[PairVerdict]:
    """Verdicts in the order given, without ``merge`` for pairs that somebody refused."""
    merges = [verdict for verdict in verdicts if verdict.verdict == "merge"]
    ids = sorted({memory_id for verdict in merges for memory_id in (verdict.first_id, verdict.second_id)})
    refused = await refused_links(links, namespace, ids)
    return [
        verdict.model_copy(update={"verdict": "similar", "guard": REFUSED})
        if verdict.verdict == "merge" and pair_of(verdict.first_id, verdict.second_id) in refused
        else verdict
        for verdict in verdicts
    ]


def refusals_first(links: Iterable[MemoryLink]) -> list[MemoryLink]:
    """Links in the order given, but those of refused pairs before all others, as the first of a pair is kept."""
    return sorted(links, key=lambda link: link.guard != REFUSED)
