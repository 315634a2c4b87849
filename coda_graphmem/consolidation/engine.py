"""One consolidation of one namespace: looks up neighbours, judges pairs, merges groups and links what stays apart."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from coda_graphmem.boundary import to_its_end
from coda_graphmem.consolidation.candidates import NEIGHBOURS, candidate_pairs, worth_comparing
from coda_graphmem.consolidation.links import carried, from_verdicts, last_said
from coda_graphmem.consolidation.merge import METADATA_KEY, merge
from coda_graphmem.consolidation.plan import (
    RELATED_SIMILARITY,
    SimilarPair,
    all_similar,
    judge_all,
    propose,
    uncompared,
)
from coda_graphmem.consolidation.readings import Reading
from coda_graphmem.consolidation.refusals import REFUSED, refusals_first, respecting
from coda_graphmem.consolidation.service import BUILDS_ON
from coda_graphmem.consolidation.texts import Texts
from coda_graphmem.memories.draft import dedup_key, new_id
from coda_graphmem.models import ConsolidationProposal, Memory, PairVerdict
from coda_graphmem.resources import Resources
from coda_graphmem.runs import Recorded
from coda_graphmem.store.protocol import Merge

ALL_MERGES = 10_000_000
"""A limit above what any namespace has."""

#: Touched memories that are worked on together: what is held in memory, and what an interruption costs.
_PAGE = 250
#: Memories that are read from the store, or merges that are written, in one call. A call that is cancelled waits for
#: the merges that are being written, so that all that were done are known.
_READ, _WRITE = 500, 10
#: Rounds in which pairs are judged that only lack their own comparison.
_ROUNDS = 2
#: Pairs that are judged without a pause.
_JUDGED = 500


#: By memory, its nearest ones with their cosines, best first.
Neighbours = Mapping[str, Sequence[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Group:
    """Memories that somebody chose, with a verdict for every two of them."""

    memories: dict[str, Memory]
    """By id."""
    readings: Mapping[str, Reading]
    """By id, what their contents say."""
    verdicts: Sequence[PairVerdict]


@dataclass(slots=True)
class Tally:
    """What a consolidation did so far."""

    considered: int = 0
    compared: int = 0
    proposals: list[ConsolidationProposal] = field(default_factory=list)
    refused: list[PairVerdict] = field(default_factory=list)
    links: int = 0
    changed_meanwhile: int = 0

    @property
    def consolidated(self) -> int:
        """Originals that were merged into others."""
        return sum(len(proposal.merged.source_ids) for proposal in self.proposals)

    def counts(self) -> dict[str, int]:
        """Numbers for the record of the run."""
        return {
            "considered": self.considered,
            "compared": self.compared,
            "merged": len(self.proposals),
            "consolidated": self.consolidated,
            "refused": len(self.refused),
            "links": self.links,
            "changed_meanwhile": self.changed_meanwhile,
        }


class Engine:
    """Works through touched memories page by page; what a page decides is done before the next one begins.

    Args:
        threshold: Cosine from which two memories may be merged, in (0, 1].
        run: The run that records what is done; None for a dry run, which changes nothing.
    """

    def __init__(
        self, resources: Resources, texts: Texts, namespace: str, *, threshold: float, run: Recorded | None
    ) -> None:
        self._resources = resources
        self._store = resources.store
        self._texts = texts
        self._namespace = namespace
        self._threshold = threshold
        self._run = run
        self._judged: set[tuple[str, str]] = set()
        self._gone: set[str] = set()
        self._merged_into: dict[str, str] = {}
        self._times: dict[str, float] = {}
        self._made_by: dict[str, str] | None = None
        self.tally = Tally()

    async def work(self, touched: Sequence[str], progress: Callable[[int, int], None] | None) -> None:
        """Consolidate the neighbourhoods of touched memories.

        Args:
            progress: Called with (memories looked at, all touched memories).
        """
        pages = [touched[start : start + _PAGE] for start in range(0, len(touched), _PAGE)]
        ahead = asyncio.create_task(self._neighbours(pages[0])) if pages else None
        try:
            for number, page in enumerate(pages, start=1):
                assert ahead is not None
                neighbours = await ahead
                # One core looks for the neighbours of the next page while the other reads this one.
                ahead = asyncio.create_task(self._neighbours(pages[number])) if number < len(pages) else None
                await self._consolidate(neighbours)
                self.tally.considered += len(page)
                self._count()
                if progress:
                    progress(self.tally.considered, len(touched))
        finally:
            self._finish()
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def judge_group(self, memories: Sequence[Memory]) -> Group:
        """Judge every two of some live memories, which come with their vectors."""
        readings = await self._texts.read(memories)
        known = {m.memory_id: m.model_copy(update={"embedding": None}) for m in memories}
        verdicts = await asyncio.to_thread(judge_all, all_similar(memories), known, readings, threshold=self._threshold)
        return Group(known, readings, await respecting(self._store.links, self._namespace, verdicts))

    async def merge_group(self, group: Group) -> None:
        """Make one memory of a group, whatever the verdicts are; `tally` says whether it was done."""
        self.tally.considered, self.tally.compared = len(group.memories), len(group.verdicts)
        merged = await asyncio.to_thread(
            merge,
            list(group.memories.values()),
            [group.readings[memory_id] for memory_id in group.memories],
            reinforcement=self._resources.config.learning_rate,
        )
        lowest = min(verdict.similarity for verdict in group.verdicts)
        try:
            await self._merge([ConsolidationProposal(merged=merged, lowest_similarity=lowest)], group.memories)
            await self._link([], group.memories)
        finally:
            self._finish()

    def _count(self) -> None:
        if self._run is not None:
            self._run.changed = self.tally.consolidated
            self._run.summary |= self.tally.counts()

    def _finish(self) -> None:
        """Tell others what the run has merged; one that is stopped leaves whole merges."""
        self._count()
        merged = [proposal.merged_id for proposal in self.tally.proposals if proposal.merged_id is not None]
        if self._run is not None and merged:
            details = {"run_id": self._run.run_id, "originals": self.tally.consolidated}
            self._resources.events.emit("consolidated", self._namespace, merged, details=details)

    async def _neighbours(self, page: Sequence[str]) -> Neighbours:
        return await self._store.search.nearest(
            self._namespace, page, limit=NEIGHBOURS, min_similarity=min(RELATED_SIMILARITY, self._threshold)
        )

    async def _consolidate(self, neighbours: Neighbours) -> None:
        pairs = self._new(candidate_pairs(neighbours, threshold=self._threshold))
        memories: dict[str, Memory] = {}
        readings: dict[str, Reading] = {}
        verdicts = await self._judge(pairs, memories, readings)
        for _ in range(_ROUNDS):
            missing = await self._similarities(uncompared(verdicts))
            if not missing:
                break
            verdicts += await self._judge(self._new(missing), memories, readings)
        self.tally.compared += len(verdicts)
        refused = [verdict for verdict in verdicts if verdict.verdict in ("similar", "outdated")]
        self.tally.refused += refused
        proposals = await asyncio.to_thread(
            propose, verdicts, memories, readings, reinforcement=self._resources.config.learning_rate
        )
        await self._merge(proposals, memories)
        if self._run is not None:
            await self._link(refused, memories)

    def _new(self, pairs: Iterable[SimilarPair]) -> list[SimilarPair]:
        """Pairs that were not judged yet, of memories that are still there."""
        new = []
        for pair in pairs:
            key = (pair.first_id, pair.second_id)
            if key not in self._judged and self._gone.isdisjoint(key):
                self._judged.add(key)
                new.append(pair)
        return new

    async def _judge(
        self, pairs: Sequence[SimilarPair], memories: dict[str, Memory], readings: dict[str, Reading]
    ) -> list[PairVerdict]:
        """Verdicts; ``memories`` and ``readings`` are filled with what was needed for them."""
        unread = {memory_id for pair in pairs for memory_id in (pair.first_id, pair.second_id)} - memories.keys()
        for memory in await self._get(sorted(unread)):
            memories[memory.memory_id] = memory
            self._times[memory.memory_id] = last_said(memory)
        pairs = await asyncio.to_thread(worth_comparing, pairs, memories, threshold=self._threshold)
        unread = {memory_id for pair in pairs for memory_id in (pair.first_id, pair.second_id)} - readings.keys()
        readings.update(await self._texts.read([memories[memory_id] for memory_id in sorted(unread)]))
        verdicts: list[PairVerdict] = []
        for start in range(0, len(pairs), _JUDGED):
            verdicts += await asyncio.to_thread(
                judge_all, pairs[start : start + _JUDGED], memories, readings, threshold=self._threshold
            )
        return await respecting(self._store.links, self._namespace, verdicts)

    async def _get(self, ids: Sequence[str], *, with_embedding: bool = False) -> list[Memory]:
        found: list[Memory] = []
        for start in range(0, len(ids), _READ):
            found += await self._store.records.get(
                self._namespace, ids[start : start + _READ], with_embedding=with_embedding
            )
        now = self._resources.clock()
        return [memory for memory in found if memory.archived_at is None and not memory.has_ended(now)]

    async def _similarities(self, pairs: Sequence[tuple[str, str]]) -> list[SimilarPair]:
        """Cosines of pairs that no search brought together."""
        ids = sorted({memory_id for pair in pairs for memory_id in pair})
        vectors = {
            memory.memory_id: np.asarray(memory.embedding, dtype=np.float32)
            for memory in await self._get(ids, with_embedding=True)
            if memory.embedding is not None
        }
        return [
            SimilarPair(first, second, float(vectors[first] @ vectors[second]))
            for first, second in pairs
            if first in vectors and second in vectors
        ]

    async def _merge(self, proposals: Sequence[ConsolidationProposal], memories: dict[str, Memory]) -> None:
        if self._run is None:
            for proposal in proposals:
                self._gone.update(proposal.merged.source_ids)
            self.tally.proposals += proposals
            return
        for start in range(0, len(proposals), _WRITE):
            some = proposals[start : start + _WRITE]
            merges = [self._prepared(proposal, memories) for proposal in some]
            await self._name_runs_built_upon([memories[i] for proposal in some for i in proposal.merged.source_ids])
            await self._run.keep()
            done, stopped = await to_its_end(
                self._store.merges.merge(self._namespace, merges, run_id=self._run.run_id, at=self._resources.clock())
            )
            for proposal, new, was_done in zip(some, merges, done, strict=True):
                if was_done:
                    self.tally.proposals.append(proposal.model_copy(update={"merged_id": new.memory_id}))
                    self._gone.update(proposal.merged.source_ids)
                    self._merged_into.update(dict.fromkeys(proposal.merged.source_ids, new.memory_id))
                    self._times[new.memory_id] = proposal.merged.timestamp
                else:
                    self.tally.changed_meanwhile += 1
            if stopped is not None:
                raise stopped

    async def _name_runs_built_upon(self, originals: Sequence[Memory]) -> None:
        """Put on record beforehand which earlier runs made what is merged again: they are undone after this one."""
        assert self._run is not None
        merged_before = {memory.memory_id for memory in originals if METADATA_KEY in memory.metadata}
        if not merged_before:
            return
        if self._made_by is None:
            records = await self._store.merges.find_merges(self._namespace, limit=ALL_MERGES)
            self._made_by = {record.merged_id: record.run_id for record in records}
        known = set(self._run.summary.get(BUILDS_ON, ()))
        runs = (known | {self._made_by[i] for i in merged_before & self._made_by.keys()}) - {self._run.run_id}
        if runs != known:
            self._run.summary[BUILDS_ON] = sorted(runs)
            await self._run.keep(again=True)

    def _prepared(self, proposal: ConsolidationProposal, memories: dict[str, Memory]) -> Merge:
        merged = proposal.merged
        kept = memories[merged.kept_id]
        speaker = kept.speaker.strip() if kept.speaker else None
        key = dedup_key(merged.content, merged.memory_type, speaker, kept.scope)
        return Merge(
            memory_id=new_id(),
            merged=merged,
            dedup_key=key if self._resources.config.deduplicate else None,
            versions={memory_id: memories[memory_id].updated_at for memory_id in merged.source_ids},
        )

    async def _link(self, refused: Sequence[PairVerdict], memories: dict[str, Memory]) -> None:
        """Link what stays apart, and give merged memories the links of their originals."""
        assert self._run is not None
        at = self._resources.clock()
        # Of two verdicts on one pair by now, what somebody refused counts.
        refused = sorted(refused, key=lambda verdict: verdict.guard != REFUSED)
        links = from_verdicts(refused, self._merged_into, self._times, run_id=self._run.run_id, at=at)
        originals = sorted(memories.keys() & self._merged_into.keys())
        if originals:
            before = await self._store.links.find_links(self._namespace, originals)
            await self._learn_times({end for link in before for end in (link.source_id, link.target_id)})
            links += carried(refusals_first(before), self._merged_into, self._times, run_id=self._run.run_id, at=at)
        if links:
            await self._run.keep()
            self.tally.links += await self._store.links.save_links(self._namespace, refusals_first(links))

    async def _learn_times(self, ids: set[str]) -> None:
        """Read when memories were said that were not compared; archived ones are left out."""
        for memory in await self._get(sorted(ids - self._times.keys())):
            self._times[memory.memory_id] = last_said(memory)
