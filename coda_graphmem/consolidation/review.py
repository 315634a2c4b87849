"""Does what people decide about memories that sound alike: merge these, never merge those."""

import time
from collections.abc import Awaitable, Callable, Sequence

from coda_graphmem.consolidation.links import similar_link
from coda_graphmem.consolidation.service import CHOSEN, JOB
from coda_graphmem.errors import MemoryConsolidationError, ValidationError
from coda_graphmem.models import Memory, MergeResult, PairVerdict
from coda_graphmem.resources import Resources
from coda_graphmem.runs import Runs

FIELD = "memory_ids"


class ReviewService:
    """Merges a group that somebody chose, and keeps apart what somebody refused to merge."""

    def __init__(self, resources: Resources, runs: Runs, flush_recalls: Callable[[], Awaitable[None]]) -> None:
        self._resources = resources
        self._store = resources.store
        self._runs = runs
        self._flush_recalls = flush_recalls

    async def merge(
        self, namespace: str, memory_ids: Sequence[str], *, threshold: float | None, despite_guards: bool
    ) -> MergeResult:
        """Merge memories into one, as a run of its own.

        Args:
            memory_ids: At least two live memories of one type.
            threshold: Cosine from which two memories may be merged; None for `MemoryConfig.similarity_threshold`.
            despite_guards: Whether to merge them even if a guard or a person keeps two of them apart.

        Raises:
            MemoryConsolidationError: Two of them are kept apart, one was changed meanwhile, or another run is working
                in the namespace. Nothing was changed.
            ValidationError: One of them is not live, they cannot be compared, or they belong to different owners.
        """
        from coda_graphmem.consolidation.engine import Engine
        from coda_graphmem.consolidation.readings import shared_reader
        from coda_graphmem.consolidation.texts import Texts

        started = time.perf_counter()
        threshold = self._resources.config.similarity_threshold if threshold is None else threshold
        await self._flush_recalls()
        async with Texts(shared_reader()) as texts, self._runs.alone(JOB, namespace):
            memories = await self._live(namespace, memory_ids)
            _check_types(memories)
            _check_owners(memories)
            judge = Engine(self._resources, texts, namespace, threshold=threshold, run=None)
            group = await judge.judge_group(memories)
            if not despite_guards:
                _check_verdicts(group.verdicts)
            async with self._runs.recorded(JOB, namespace) as run:
                run.summary[CHOSEN] = len(memories)
                engine = Engine(self._resources, texts, namespace, threshold=threshold, run=run)
                await engine.merge_group(group)
        if not engine.tally.proposals:
            raise MemoryConsolidationError(
                "one of the memories was changed or removed meanwhile; nothing was merged.",
                field=FIELD,
                remedy="Look at them again.",
            )
        [proposal] = engine.tally.proposals
        return MergeResult(
            run_id=run.run_id, proposal=proposal, links=engine.tally.links, seconds=time.perf_counter() - started
        )

    async def refuse(self, namespace: str, memory_ids: Sequence[str]) -> int:
        """Keep every two of some live memories apart from now on; how many pairs were not refused before.

        Raises:
            MemoryConsolidationError: Another run is working in the namespace. Nothing was changed.
            ValidationError: One of them is not live, or they cannot be compared.
        """
        from coda_graphmem.consolidation.plan import all_similar
        from coda_graphmem.consolidation.refusals import REFUSED, pair_of, refused_links

        async with self._runs.alone(JOB, namespace):
            memories = {memory.memory_id: memory for memory in await self._live(namespace, memory_ids)}
            known = await refused_links(self._store.links, namespace, memory_ids)
            at = self._resources.clock()
            links = [
                similar_link(memories[pair.first_id], memories[pair.second_id], pair.similarity, at=at, guard=REFUSED)
                for pair in all_similar(list(memories.values()))
                if pair_of(pair.first_id, pair.second_id) not in known
            ]
            return await self._store.links.save_links(namespace, links, replace=True) if links else 0

    async def allow(self, namespace: str, memory_ids: Sequence[str]) -> int:
        """Take back what was refused between any two of some memories; how many pairs are refused no more.

        Raises:
            MemoryConsolidationError: Another run is working in the namespace. Nothing was changed.
            ValidationError: One of them does not exist.
        """
        from coda_graphmem.consolidation.refusals import refused_links

        async with self._runs.alone(JOB, namespace):
            found = {memory.memory_id for memory in await self._store.records.get(namespace, memory_ids)}
            _check_found(namespace, memory_ids, found)
            refused = await refused_links(self._store.links, namespace, memory_ids)
            wanted = frozenset(memory_ids)
            links = [link.model_copy(update={"guard": None}) for pair, link in refused.items() if pair <= wanted]
            return await self._store.links.save_links(namespace, links, replace=True) if links else 0

    async def _live(self, namespace: str, memory_ids: Sequence[str]) -> list[Memory]:
        """Live memories with their vectors.

        Raises:
            ValidationError: One is not live, is too long or has no vector.
        """
        from coda_graphmem.consolidation.candidates import LONGEST

        found = await self._store.records.get(namespace, memory_ids, with_embedding=True)
        now = self._resources.clock()
        live = [
            memory
            for memory in found
            if memory.archived_at is None and memory.lifetime == "long_term" and not memory.has_ended(now)
        ]
        _check_found(namespace, memory_ids, {memory.memory_id for memory in live})
        for memory in live:
            if len(memory.content) > LONGEST:
                raise ValidationError(
                    f"{memory.memory_id} has more than {LONGEST:,} characters, too many to be compared.",
                    field=FIELD,
                    remedy="Leave it out, or shorten it with update_memory.",
                )
            if memory.embedding is None:
                raise ValidationError(
                    f"{memory.memory_id} has no vector to be compared by.",
                    field=FIELD,
                    remedy="Make vectors with reembed.",
                )
        return live


def _check_found(namespace: str, memory_ids: Sequence[str], found: set[str]) -> None:
    missing = [memory_id for memory_id in memory_ids if memory_id not in found]
    if missing:
        raise ValidationError(
            f"there is no live memory {missing[0]} in namespace {namespace}.",
            field=FIELD,
            remedy="Look at the proposals again: consolidate_memories(dry_run=True).",
        )


def _check_types(memories: Sequence[Memory]) -> None:
    types = sorted({memory.memory_type.value for memory in memories})
    if len(types) > 1:
        raise ValidationError(
            f"are of several types ({', '.join(types)}), and a merged memory has one.",
            field=FIELD,
            remedy="Choose memories of one type.",
        )


def _check_owners(memories: Sequence[Memory]) -> None:
    if len({memory.scope for memory in memories}) > 1:
        raise ValidationError(
            "belong to different users, assistants or sessions, and a merged memory has one owner.",
            field=FIELD,
            remedy="Choose memories of the same user_id, agent_id and session_id.",
        )


def _check_verdicts(verdicts: Sequence[PairVerdict]) -> None:
    for verdict in verdicts:
        if verdict.verdict != "merge":
            # Only the guard: its reason holds words of the memories.
            why = f"guard {verdict.guard}" if verdict.guard else f"a cosine of only {verdict.similarity:.2f}"
            raise MemoryConsolidationError(
                f"{verdict.first_id} and {verdict.second_id} are kept apart by {why}; nothing was merged.",
                field=FIELD,
                remedy="Pass despite_guards=True (--despite-guards) to merge them all the same.",
            )
