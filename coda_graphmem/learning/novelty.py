"""Compares a new statement with what is stored: said already, speaks against it or is spoken against, or new."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from coda_graphmem.consolidation.links import last_said
from coda_graphmem.models import Memory, MemoryFilter, PairVerdict
from coda_graphmem.resources import Resources

#: Stored memories a statement is compared with: the nearest.
CANDIDATES = 8
#: Of two that were said at the same time the one that arrives is newer by this, in seconds.
_LATER = 1e-3


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored about what a statement says."""

    same_id: str | None
    """The nearest memory that says the same."""
    outdated: list[PairVerdict]
    """Memories said before it that the statement speaks against; ``first_id`` is theirs."""
    nearest_id: str | None
    """The nearest memory of those it may correct, if it is near enough to speak of the same thing."""
    nearest_similarity: float = 0.0
    """Its cosine."""
    outdated_by: tuple[PairVerdict, ...] = ()
    """Memories said after it that speak against the statement; ``second_id`` is theirs."""


class Novelty:
    """Finds what a store knows already of new statements."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def compare(
        self, namespace: str, statement: Memory, *, besides: Collection[str] = (), correctable: Sequence[str] = ()
    ) -> Known:
        """Compare a statement with the nearest stored memories.

        Args:
            statement: The new statement, not stored yet, with the time at which it was said.
            besides: Memories that do not count: those the statement was taken from.
            correctable: Memories the statement may correct; looked at however far they are.
        """
        embedding, store = self._resources.embedding, self._resources.store
        if not embedding.enabled:
            return Known(None, [], None)
        [vector] = await embedding.embed_documents([statement.content])
        if vector is None or (await store.info()).embedding_model is None:
            return Known(None, [], None)
        # Of nobody in particular are nearly all memories, where some are: those are told apart below.
        owner = statement.scope
        where = MemoryFilter(where=owner.condition if owner else None)
        found = await store.search.search_vector(
            namespace, vector, CANDIDATES + len(besides), where, now=self._resources.clock()
        )
        similarity = {c.memory_id: c.similarity for c in found if c.similarity is not None}
        wanted = [i for i in (*similarity, *correctable) if i not in besides]
        memories = await store.records.get(namespace, list(dict.fromkeys(wanted)), with_embedding=True)
        for memory in memories:
            if memory.memory_id not in similarity and memory.embedding is not None:
                similarity[memory.memory_id] = float(np.dot(np.asarray(memory.embedding, np.float32), vector))
        # What compares is a third of the modules here, and a program that only asks learns nothing.
        from coda_graphmem.consolidation.plan import RELATED_SIMILARITY

        memories = [
            m
            for m in memories
            if m.archived_at is None and similarity.get(m.memory_id, 0.0) >= RELATED_SIMILARITY and m.scope == owner
        ]
        memories.sort(key=lambda m: -similarity[m.memory_id])
        if not memories:
            return Known(None, [], None)
        verdicts = await self._judged(statement, memories, similarity)
        same = next(
            (m.memory_id for v, m in zip(verdicts, memories, strict=True)
             if v.verdict == "merge" and m.memory_type is statement.memory_type),
            None,
        )  # fmt: skip
        nearest = next((m.memory_id for m in memories if m.memory_id in set(correctable)), None)
        return Known(
            same,
            [v for v in verdicts if v.verdict == "outdated" and v.second_id == statement.memory_id],
            nearest,
            0.0 if nearest is None else similarity[nearest],
            tuple(v for v in verdicts if v.verdict == "outdated" and v.first_id == statement.memory_id),
        )

    async def _judged(
        self, statement: Memory, memories: Sequence[Memory], similarity: dict[str, float]
    ) -> list[PairVerdict]:
        from coda_graphmem.consolidation.plan import judge
        from coda_graphmem.consolidation.readings import shared_reader

        readings = await asyncio.to_thread(
            shared_reader().read,
            [m.content for m in (*memories, statement)],
            [m.speaker for m in (*memories, statement)],
        )
        verdicts = []
        for memory, reading in zip(memories, readings, strict=False):
            # A turn may be kept as an event and say the same as a fact; when it was said last counts.
            said = last_said(memory)
            alike = memory.model_copy(update={"memory_type": statement.memory_type, "timestamp": said})
            own = (
                statement.model_copy(update={"timestamp": said + _LATER}) if said == statement.timestamp else statement
            )
            verdicts.append(
                judge(
                    alike, own, reading, readings[-1], min(similarity[memory.memory_id], 1.0),
                    threshold=self._resources.config.similarity_threshold,
                )
            )  # fmt: skip
        return verdicts
