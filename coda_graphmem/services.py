"""Puts the parts of a memory together: settings, store, models and the services above them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from coda_graphmem.catalog.service import CatalogService
from coda_graphmem.config import MemoryConfig
from coda_graphmem.conversation.service import ConversationService
from coda_graphmem.embedding.loading import load_embedder
from coda_graphmem.embedding.protocol import Embedder
from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import EmbeddingMismatchError, GraphMemoryError
from coda_graphmem.exporting.service import ExportService
from coda_graphmem.extraction.entities import SpacyExtractor
from coda_graphmem.extraction.protocol import Extractor
from coda_graphmem.extraction.service import ExtractionService
from coda_graphmem.learning.access import AccessRecorder
from coda_graphmem.maintenance.clearing import ClearingService
from coda_graphmem.recording.service import RecordingService
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.service import RetrievalService
from coda_graphmem.store.factory import make_store

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Services:
    """Everything the views of one manager share."""

    resources: Resources
    access: AccessRecorder
    recording: RecordingService
    retrieval: RetrievalService
    catalog: CatalogService
    conversation: ConversationService
    clearing: ClearingService
    exporting: ExportService
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
        resources = Resources(
            config=config,
            store=make_store(config),
            embedding=EmbeddingService(embedder, batch_size=config.batch_size, cache_size=config.cache_size),
            extraction=ExtractionService(extractor or _shared_extractor(), batch_size=config.batch_size),
            clock=clock,
        )
        access = AccessRecorder(resources.store, clock)
        recording = RecordingService(resources)
        retrieval = RetrievalService(resources)
        return cls(
            resources=resources,
            access=access,
            recording=recording,
            retrieval=retrieval,
            catalog=CatalogService(resources, access),
            conversation=ConversationService(resources, recording, access),
            clearing=ClearingService(resources, access.flush),
            exporting=ExportService(resources, retrieval, access.flush),
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

    async def warm_up(self) -> None:
        """Load the models now."""
        await self.resources.embedding.warm_up()
        await self.resources.extraction.warm_up()

    async def close(self) -> None:
        """Finish and free everything; errors of one part do not keep the others open."""
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
