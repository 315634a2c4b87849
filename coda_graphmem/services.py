"""Puts the parts of a memory together: settings, store, models and the services above them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from coda_graphmem.cache import Cache
from coda_graphmem.config import MemoryConfig
from coda_graphmem.consolidation.review import ChoosingService
from coda_graphmem.consolidation.service import ConsolidatingService
from coda_graphmem.conversation.link import ConversationLinks
from coda_graphmem.embedding.factory import load_embedder
from coda_graphmem.embedding.protocol import Embedder
from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import EmbeddingMismatchError, GraphMemoryError
from coda_graphmem.events.broadcast import Broadcasts
from coda_graphmem.events.bus import EventBus
from coda_graphmem.extraction.entities import SpacyExtractor
from coda_graphmem.extraction.protocol import Extractor
from coda_graphmem.extraction.service import ExtractionService
from coda_graphmem.learning.recalls import RecentRecalls
from coda_graphmem.learning.service import LearningService
from coda_graphmem.maintenance.cleanup import ClearingService
from coda_graphmem.maintenance.decay import DecayingService
from coda_graphmem.maintenance.health import HealthService
from coda_graphmem.maintenance.jobs import JobService, make_jobs
from coda_graphmem.maintenance.links import LinkingService
from coda_graphmem.maintenance.optimization import OptimizingService
from coda_graphmem.maintenance.scheduler import Scheduler
from coda_graphmem.memories.access import AccessRecorder
from coda_graphmem.memories.conversations import ConversationService
from coda_graphmem.memories.preload import Records
from coda_graphmem.memories.reader import CatalogService
from coda_graphmem.memories.writer import RecordingService
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.cache import CachedRetrieval
from coda_graphmem.retrieval.service import RetrievalService
from coda_graphmem.runs import Runs
from coda_graphmem.store.factory import make_store
from coda_graphmem.transfer.export import ExportService

logger = logging.getLogger(__name__)


class Observe(Protocol):
    """Learns from a message."""

    async def __call__(
        self, namespace: str, conversation_id: str, speaker: str | None, text: str, *, besides: Collection[str] = ()
    ) -> object:
        """Learn from it; ``besides`` are ids of memories that hold this very message."""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What looks after memories."""

    decaying: DecayingService
    consolidating: ConsolidatingService
    choosing: ChoosingService
    linking: LinkingService
    health: HealthService
    optimizing: OptimizingService
    jobs: JobService
    scheduler: Scheduler

    @classmethod
    def assemble(cls, resources: Resources, access: AccessRecorder, clearing: ClearingService) -> Maintenance:
        """Make the parts; nothing runs yet."""
        lease = resources.config.maintenance.lease_seconds
        runs = Runs(resources.store, resources.clock, lease_seconds=lease)
        decaying = DecayingService(resources, access.flush)
        consolidating = ConsolidatingService(resources, runs, access.flush)
        linking = LinkingService(resources, runs)
        jobs = JobService(
            resources,
            runs,
            make_jobs(resources, decaying=decaying, consolidating=consolidating, linking=linking, clearing=clearing),
        )
        return cls(
            decaying=decaying,
            consolidating=consolidating,
            choosing=ChoosingService(resources, runs, access.flush),
            linking=linking,
            health=HealthService(resources, jobs.status, consolidating.last),
            optimizing=OptimizingService(resources, runs, consolidating, access.flush),
            jobs=jobs,
            scheduler=Scheduler(jobs, resources.clock, recheck=lease),
        )


@dataclass(slots=True)
class Services:
    """Everything the views of one manager share."""

    resources: Resources
    access: AccessRecorder
    recalls: RecentRecalls
    recording: RecordingService
    retrieval: CachedRetrieval
    catalog: CatalogService
    records: Records
    conversation: ConversationService
    clearing: ClearingService
    learning: LearningService
    exporting: ExportService
    maintenance: Maintenance
    broadcasts: Broadcasts
    links: ConversationLinks = field(default_factory=ConversationLinks)
    observe: Observe | None = None
    """What learns from the messages of linked conversations; None where nothing does."""
    is_open: bool = False
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _warm_up: asyncio.Task[None] | None = None

    @classmethod
    def assemble(
        cls,
        config: MemoryConfig,
        embedder: Embedder | None,
        extractor: Extractor | None,
        clock: Callable[[], float],
    ) -> Services:
        """Make the parts; nothing is opened or loaded yet."""
        if not config.enable_semantic_search:
            embedder = None
        elif embedder is None:
            embedder = _shared_embedder(config)
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
        records = Records(resources)
        access = AccessRecorder(resources.store, clock, records.count_recalls)
        clearing = ClearingService(resources, access.flush)
        retrieval = RetrievalService(resources)
        recalls = RecentRecalls(clock)
        recording = RecordingService(resources)
        learning = LearningService(resources, recording, recalls)
        return cls(
            resources=resources,
            access=access,
            recalls=recalls,
            recording=recording,
            retrieval=CachedRetrieval(retrieval, resources),
            catalog=CatalogService(resources, access, records),
            records=records,
            conversation=ConversationService(resources, access),
            clearing=clearing,
            learning=learning,
            exporting=ExportService(resources, retrieval, access.flush),
            maintenance=Maintenance.assemble(resources, access, clearing),
            broadcasts=Broadcasts(resources.events),
            observe=learning.observe,
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
        await self.learning.close()
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


_embedders: dict[str, Embedder] = {}


def _shared_embedder(config: MemoryConfig) -> Embedder:
    """One embedder a model and process: managers share what takes seconds to load."""
    return _embedders.setdefault(config.embedding_model, load_embedder(config))


@lru_cache(maxsize=1)
def _shared_extractor() -> Extractor:
    return SpacyExtractor()


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and isinstance(task.exception(), GraphMemoryError):
        # The first call that needs the model raises the same error to its caller.
        logger.warning("Models could not be loaded ahead: %s", task.exception())
