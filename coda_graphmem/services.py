"""Puts the parts of a memory together: settings, store, models and the services above them."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from coda_graphmem.cache import Cache
from coda_graphmem.config import MemoryConfig
from coda_graphmem.consolidation.review import ReviewService
from coda_graphmem.consolidation.service import ConsolidationService
from coda_graphmem.conversation.link import ConversationLinks
from coda_graphmem.embedding.embedder import Embedder, shared_embedder
from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import EmbeddingMismatchError, GraphMemoryError
from coda_graphmem.events.broadcast import Broadcasts
from coda_graphmem.events.bus import EventBus
from coda_graphmem.extraction import ExtractionService, Extractor, SpacyExtractor
from coda_graphmem.graphs.service import GraphService
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
from coda_graphmem.memories.preload import PreloadedMemories
from coda_graphmem.memories.reader import MemoryReader
from coda_graphmem.memories.writer import MemoryWriter
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.service import RetrievalService
from coda_graphmem.runs import Runs
from coda_graphmem.store.factory import make_store
from coda_graphmem.transfer.export import ExportService

logger = logging.getLogger(__name__)


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
    def assemble(cls, resources: Resources, access: AccessRecorder) -> "Maintenance":
        """Make the parts; nothing runs yet."""
        lease = resources.config.maintenance.lease_seconds
        runs = Runs(resources.store.jobs, resources.clock, lease_seconds=lease)
        decay = DecayService(resources, access.flush)
        consolidation = ConsolidationService(resources, runs, access.flush)
        links = LinkService(resources, runs)
        cleanup = CleanupService(resources, access.flush)
        jobs = JobService(Tools(resources, decay, consolidation, links, cleanup), runs)
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
    learning: LearningService
    graphs: GraphService
    transfer: ExportService
    maintenance: Maintenance
    broadcasts: Broadcasts
    links: ConversationLinks
    is_open: bool = False
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _warm_up: asyncio.Task[None] | None = None

    @classmethod
    def assemble(
        cls, config: MemoryConfig, embedder: Embedder | None, extractor: Extractor | None, clock: Callable[[], float]
    ) -> "Services":
        """Make the parts; nothing is opened or loaded yet."""
        if not config.enable_semantic_search:
            embedder = None
        elif embedder is None:
            embedder = shared_embedder(config.embedding_model)
        cache = Cache(config.cache_size, clock)
        store = make_store(config)
        resources = Resources(
            config=config,
            store=store,
            embedding=EmbeddingService(embedder, batch_size=config.batch_size, cache=cache),
            extraction=ExtractionService(extractor or _shared_extractor(), batch_size=config.batch_size),
            cache=cache,
            events=EventBus(store.records.get, clock),
            clock=clock,
        )
        preloaded = PreloadedMemories(resources)
        access = AccessRecorder(resources.store, clock, preloaded.count_recalls)
        recalls = RecentRecalls(clock)
        retrieval = RetrievalService(resources, access, recalls)
        # What is learned is written by a writer that nobody learns from.
        learning = LearningService(resources, MemoryWriter(resources), recalls)

        async def before_forgetting(namespace: str, conversation_id: str | None) -> None:
            await learning.auto.let_go(namespace, conversation_id)
            # Counted afterwards, retrievals would leave the name of a namespace that is forgotten.
            with contextlib.suppress(GraphMemoryError):
                await access.flush()

        writer = MemoryWriter(resources, learning.auto.notice, before_forgetting)
        graphs = GraphService(resources, retrieval, access.flush)
        return cls(
            resources=resources,
            access=access,
            writer=writer,
            retrieval=retrieval,
            reader=MemoryReader(resources, access, preloaded),
            preloaded=preloaded,
            archive=MemoryArchive(resources, access),
            conversations=ConversationService(resources, access, writer, learning.observe),
            learning=learning,
            graphs=graphs,
            transfer=ExportService(resources, graphs, access.flush),
            maintenance=Maintenance.assemble(resources, access),
            broadcasts=Broadcasts(resources.events),
            links=ConversationLinks(clock),
        )

    async def open(self, *, check_model: bool = True) -> None:
        """Open the store and compare its embedding model with the configured one.

        Args:
            check_model: False for the re-embedding that changes the model.

        Raises:
            VectorStoreError: The store cannot be opened.
            EmbeddingMismatchError: Its vectors are of another model.
        """
        async with self._opening:
            try:
                if not self.is_open:
                    await self.resources.store.open()
                if check_model:
                    await self._check_model()
            except BaseException:
                await self.close()
                raise
            self.is_open = True

    async def _check_model(self) -> None:
        info = await self.resources.store.info()
        embedding = self.resources.embedding
        if embedding.enabled and info.embedding_model not in (None, embedding.model):
            raise EmbeddingMismatchError(
                f"the store holds vectors of {info.embedding_model} ({info.dimension} dimensions), "
                f"not of {embedding.model}.",
                field="embedding_model",
                remedy=f"Set embedding_model={info.embedding_model!r}, or re-embed: coda-graphmem reembed, "
                "or MemoryManager(config).reembed().",
            )

    def start_warm_up(self) -> None:
        """Load the models in the background."""
        if self._warm_up is not None:
            return
        self._warm_up = asyncio.create_task(self.warm_up(), name="coda-graphmem-warm-up")
        self._warm_up.add_done_callback(_report)

    def start_maintenance(self) -> None:
        """Let due jobs run in the background, a while from now, unless the settings say otherwise."""
        settings = self.resources.config.maintenance
        if settings.enabled:
            self.maintenance.scheduler.start(after=settings.start_after_seconds)

    async def warm_up(self) -> None:
        """Load the models now."""
        await self.resources.embedding.warm_up()
        await self.resources.extraction.warm_up()

    async def close(self) -> None:
        """Finish and free everything; errors of one part do not keep the others open."""
        await self.maintenance.scheduler.stop()
        # All still need the store: messages that wait are kept and learned from, and what that causes is told.
        await self.links.close()
        await self.learning.auto.background.close()
        await self.resources.events.close()
        self.broadcasts.clear()
        self.resources.cache.clear()
        self.is_open = False
        if self._warm_up is not None:
            self._warm_up.cancel()
            await asyncio.gather(self._warm_up, return_exceptions=True)
            self._warm_up = None
        try:
            await self.access.close()
            self.resources.embedding.close()
            self.resources.extraction.close()
        finally:
            await self.resources.store.close()


@lru_cache(maxsize=1)
def _shared_extractor() -> Extractor:
    return SpacyExtractor()


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and isinstance(task.exception(), GraphMemoryError):
        # The first call that needs the model raises the same error to its caller.
        logger.warning("Models could not be loaded ahead: %s", task.exception())
