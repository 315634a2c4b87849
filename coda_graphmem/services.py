"""Puts the parts of a memory together: settings, store, models and the services above them."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from coda_graphmem.cache import Cache
from coda_graphmem.config import MemoryConfig
from coda_graphmem.consolidation.review import ReviewService
from coda_graphmem.consolidation.service import ConsolidationService
from coda_graphmem.context.service import ContextService
from coda_graphmem.conversation.link import ConversationLinks
from coda_graphmem.embedding.embedder import Embedder, shared_embedder
from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.events.broadcast import Broadcasts
from coda_graphmem.events.bus import EventBus
from coda_graphmem.extraction import ExtractionService, Extractor, SpacyExtractor
from coda_graphmem.facts.reader import FactReader
from coda_graphmem.home import Home
from coda_graphmem.items.service import ItemService
from coda_graphmem.learning.service import LearningService
from coda_graphmem.maintenance.cleanup import CleanupService
from coda_graphmem.maintenance.decay import DecayService
from coda_graphmem.maintenance.health import HealthService
from coda_graphmem.maintenance.jobs import JobService, Tools
from coda_graphmem.maintenance.links import LinkService
from coda_graphmem.maintenance.optimization import OptimizationService
from coda_graphmem.maintenance.scheduler import Scheduler
from coda_graphmem.memories.access import AccessRecorder, RecentRecalls
from coda_graphmem.memories.archive import MemoryArchive
from coda_graphmem.memories.conversations import ConversationService
from coda_graphmem.memories.facts import FactService
from coda_graphmem.memories.preload import PreloadedMemories
from coda_graphmem.memories.reader import MemoryReader
from coda_graphmem.memories.statements import StatementReading
from coda_graphmem.memories.supersession import SupersessionService
from coda_graphmem.memories.writer import MemoryWriter
from coda_graphmem.models import Memory
from coda_graphmem.reranking import Reranker, RerankingService, shared_reranker
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.service import RetrievalService
from coda_graphmem.runs import Runs
from coda_graphmem.store.factory import make_store

if TYPE_CHECKING:
    from coda_graphmem.graphs.service import GraphService
    from coda_graphmem.transfer.export import ExportService


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What looks after memories."""

    decay: DecayService
    consolidation: ConsolidationService
    review: ReviewService
    links: LinkService
    cleanup: CleanupService
    health: HealthService
    optimization: OptimizationService
    jobs: JobService
    scheduler: Scheduler

    @classmethod
    def assemble(cls, resources: Resources, access: AccessRecorder, reading: StatementReading) -> "Maintenance":
        """Make the parts; nothing runs yet."""
        lease = resources.config.maintenance.lease_seconds
        runs = Runs(resources.store.jobs, resources.clock, lease_seconds=lease)
        decay = DecayService(resources, access.flush)
        consolidation = ConsolidationService(resources, runs, access.flush)
        links = LinkService(resources, runs)
        cleanup = CleanupService(resources, access.flush)
        jobs = JobService(Tools(resources, decay, consolidation, links, cleanup, reading), runs)
        return cls(
            decay=decay,
            consolidation=consolidation,
            review=ReviewService(resources, runs, access.flush),
            links=links,
            cleanup=cleanup,
            health=HealthService(resources, jobs.status, consolidation.last),
            optimization=OptimizationService(resources, runs, consolidation, access.flush),
            jobs=jobs,
            scheduler=Scheduler(jobs, resources.clock, recheck=lease),
        )


@dataclass(slots=True)
class Services:
    """Everything the views of one manager share."""

    resources: Resources
    access: AccessRecorder
    writer: MemoryWriter
    retrieval: RetrievalService
    reader: MemoryReader
    preloaded: PreloadedMemories
    archive: MemoryArchive
    conversations: ConversationService
    facts: FactService
    contexts: ContextService
    supersession: SupersessionService
    learning: LearningService
    items: ItemService
    maintenance: Maintenance
    broadcasts: Broadcasts
    links: ConversationLinks
    _graphs: "GraphService | None" = None
    _transfer: "ExportService | None" = None

    @property
    def graphs(self) -> "GraphService":
        """What makes graphs of memories: of modules that few programs need."""
        if self._graphs is None:
            from coda_graphmem.graphs.service import GraphService

            self._graphs = GraphService(self.resources, self.retrieval, self.access.flush)
        return self._graphs

    @property
    def transfer(self) -> "ExportService":
        """What writes memories into files and reads them from there: of modules that few programs need."""
        if self._transfer is None:
            from coda_graphmem.transfer.export import ExportService

            self._transfer = ExportService(self.resources, self.graphs, self.access.flush, self.facts.reading.notice)
        return self._transfer

    @classmethod
    def assemble(
        cls,
        config: MemoryConfig,
        embedder: Embedder | None,
        extractor: Extractor | None,
        reranker: Reranker | None,
        *,
        clock: Callable[[], float],
        home: Home,
    ) -> "Services":
        """Make the parts; nothing is opened or loaded yet.

        Args:
            config: Settings.
            embedder: Instead of the configured model.
            extractor: Instead of spaCy.
            reranker: Instead of the configured model.
            clock: Seconds since the Unix epoch, UTC.
            home: Where the memory lives that they are parts of.
        """
        if not config.enable_semantic_search:
            embedder = None
        elif embedder is None:
            embedder = shared_embedder(config.embedding_model)
        if reranker is None and config.reranker is not None:
            reranker = shared_reranker(config.reranker)
        cache = Cache(config.cache_size, clock)
        store = make_store(config)

        async def read(namespace: str, memory_ids: Sequence[str]) -> list[Memory]:
            # An event may be delivered in another loop than the one its memory lives in.
            return await home.done(store.records.get(namespace, memory_ids))

        resources = Resources(
            config=config,
            store=store,
            embedding=EmbeddingService(embedder, batch_size=config.batch_size, cache=cache),
            extraction=ExtractionService(
                extractor or _shared_extractor(config.spacy_model), batch_size=config.batch_size
            ),
            reranking=RerankingService(reranker),
            cache=cache,
            events=EventBus(read, clock),
            clock=clock,
        )
        preloaded = PreloadedMemories(resources)

        def counted(namespace: str, counts: Mapping[str, int], at: float) -> None:
            preloaded.count_recalls(namespace, counts, at)
            retrieval.cache.count_recalls(namespace, counts, at)

        access = AccessRecorder(resources.store, clock, counted)
        recalls = RecentRecalls(clock)
        fact_reader = FactReader()
        reading = StatementReading(resources, fact_reader)
        retrieval = RetrievalService(resources, access, recalls, settled=reading.settled)
        # What is learned is written by a writer that nobody learns from.
        learning = LearningService(
            resources, MemoryWriter(resources, to_read=reading.notice), recalls, reading, fact_reader
        )

        async def before_forgetting(namespace: str, conversation_id: str | None) -> None:
            await learning.auto.let_go(namespace, conversation_id)
            # Counted afterwards, retrievals would leave the name of a namespace that is forgotten.
            with contextlib.suppress(GraphMemoryError):
                await access.flush()

        writer = MemoryWriter(resources, learning.auto.notice, before_forgetting, to_read=reading.notice)
        conversations = ConversationService(resources, access, writer, learning.observe, reading)
        facts = FactService(resources, reading)
        return cls(
            resources=resources,
            access=access,
            writer=writer,
            retrieval=retrieval,
            reader=MemoryReader(resources, access, preloaded, reading),
            preloaded=preloaded,
            archive=MemoryArchive(resources, access),
            conversations=conversations,
            facts=facts,
            contexts=ContextService(resources, retrieval, conversations, facts),
            supersession=SupersessionService(resources, writer, reading),
            learning=learning,
            items=ItemService(resources),
            maintenance=Maintenance.assemble(resources, access, reading),
            broadcasts=Broadcasts(resources.events),
            links=ConversationLinks(clock),
        )


@lru_cache(maxsize=4)
def _shared_extractor(model: str | None) -> Extractor:
    return SpacyExtractor(model)
