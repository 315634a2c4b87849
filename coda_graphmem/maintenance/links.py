"""Links memories that are much alike."""

import time
from collections.abc import Sequence

from coda_graphmem.consolidation.links import similar_link
from coda_graphmem.models import LinkResult
from coda_graphmem.resources import Resources
from coda_graphmem.runs import Recorded, Runs

JOB = "link"

#: Memories whose neighbours are looked up and linked at a time.
_PAGE = 500


class LinkService:
    """Makes ``SIMILAR_TO`` links between touched memories and their nearest neighbours."""

    def __init__(self, resources: Resources, runs: Runs) -> None:
        self._resources = resources
        self._runs = runs

    async def link(
        self, namespace: str, *, since: float, min_similarity: float, limit: int, keep_empty: bool = True
    ) -> LinkResult:
        """Link what was stored or changed since a time.

        Args:
            since: Memories touched at or after this (seconds, UTC) are linked to others of any age.
            min_similarity: Cosine from which two memories are linked, in (0, 1].
            limit: Links from one memory at most; others may link to it as well.
            keep_empty: Whether a run that linked nothing is recorded.

        Returns:
            What was done. Links that exist already stay as they are and are not counted.
        """
        started = time.perf_counter()
        touched = await self._resources.store.changes.find_touched(namespace, since)
        async with self._runs.alone(JOB, namespace), self._runs.recorded(JOB, namespace) as run:
            if keep_empty:
                await run.keep()
            await self._link(namespace, touched, min_similarity, limit, run)
        return LinkResult(
            run_id=run.run_id, considered=len(touched), links=run.changed, seconds=time.perf_counter() - started
        )

    async def _link(
        self, namespace: str, touched: Sequence[str], min_similarity: float, limit: int, run: Recorded
    ) -> None:
        store = self._resources.store
        for start in range(0, len(touched), _PAGE):
            neighbours = await store.search.nearest(
                namespace, touched[start : start + _PAGE], limit=limit, min_similarity=min_similarity
            )
            pairs = {
                (min(memory_id, other), max(memory_id, other)): similarity
                for memory_id, found in neighbours.items()
                for other, similarity in found
            }
            if not pairs:
                continue
            at = self._resources.clock()
            found = await store.records.get(namespace, sorted(set().union(*pairs)))
            memories = {memory.memory_id: memory for memory in found if not memory.has_ended(at)}
            links = [
                similar_link(memories[first], memories[second], similarity, at=at, run_id=run.run_id)
                for (first, second), similarity in pairs.items()
                # What different owners say has nothing to do with each other.
                if first in memories and second in memories and memories[first].scope == memories[second].scope
            ]
            links.sort(key=lambda link: (link.source_id, link.target_id))
            await run.keep()
            run.changed += await store.links.save_links(namespace, links)
            run.summary = {"considered": len(touched), "links": run.changed}
