"""Puts the parts of a memory together: settings, store, models and the services above them."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from coda_graphmem.boundary import Home, is_asleep
from coda_graphmem.cache import Cache
from coda_graphmem.config import MemoryConfig
from coda_graphmem.consolidation.review import ReviewService
from coda_graphmem.consolidation.service import ConsolidationService
from coda_graphmem.context.service import ContextService
from coda_graphmem.conversation.link import ConversationLinks
from coda_graphmem.embedding.embedder import Embedder, shared_embedder
from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import EmbeddingMismatchError, GraphMemoryError, StoreUnavailableError
from coda_graphmem.events.broadcast import Broadcasts
from coda_graphmem.events.bus import EventBus
from coda_graphmem.extraction import ExtractionService, Extractor, SpacyExtractor
from coda_graphmem.facts.reader import FactReader
from coda_graphmem.forks import Lock, leave_alone
from coda_graphmem.items.service import ItemService
from coda_graphmem.learning.service import LearningService
from coda_graphmem.loops import LoopThread, brought
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
from coda_graphmem.runs import Runs, error_text
from coda_graphmem.store.factory import make_store
from coda_graphmem.threads import in_thread

if TYPE_CHECKING:
    from coda_graphmem.graphs.service import GraphService
    from coda_graphmem.transfer.export import ExportService

T = TypeVar("T")

logger = logging.getLogger(__name__)

CLOSING = 8.5
"""Seconds that `Services.close` takes at most, whatever store, models and receivers do."""
#: Seconds of them for messages that wait to be kept, for learning from what was said, for counting recalls, and for
#: the models.
_MESSAGES, _LEARNING, _COUNTING, _MODELS = 1.5, 1.5, 1.5, 1.0
#: Seconds of them for reading what was stored; what is left, the next process reads.
_READING = 0.5
#: Seconds of them for calls that go on: what they have written they shall also tell.
_CALLS = 1.5
#: Seconds that a move waits for the calls that go on where the memory lives; longer ones go on there.
_MOVING = 2.0


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
    _parts: tuple[Any, ...]
    """What they were made of."""
    home: Home = field(default_factory=Home)
    is_open: bool = False
    was_open: bool = False
    """Whether it was open in the process that this one was forked from."""
    _opening: tuple[asyncio.AbstractEventLoop | None, asyncio.Lock] = field(
        default_factory=lambda: (None, asyncio.Lock())
    )
    """Held while it is opened, in the event loop that it belongs to."""
    _warm_up: asyncio.Task[None] | None = None
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
        clock: Callable[[], float],
    ) -> "Services":
        """Make the parts; nothing is opened or loaded yet."""
        parts = (config, embedder, extractor, reranker, clock)
        home = Home()
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
            return await _at(home, store.records.get(namespace, memory_ids))

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
            _parts=parts,
            home=home,
        )

    async def open(self, *, check_model: bool = True) -> None:
        """Open the store and compare its embedding model with the configured one.

        Args:
            check_model: False for the re-embedding that changes the model.

        Raises:
            VectorStoreError: The store cannot be opened.
            EmbeddingMismatchError: Its vectors are of another model.
        """
        self.home.claim()
        loop = asyncio.get_running_loop()
        if self._opening[0] is not loop:
            self._opening = (loop, asyncio.Lock())
        async with self._opening[1]:
            try:
                if not self.is_open:
                    self.resources.embedding.open()
                    self.resources.extraction.open()
                    self.resources.reranking.open()
                    await self.resources.store.open()
                if check_model:
                    await self._check_model()
            except BaseException:
                await self._close(time.monotonic() + CLOSING)
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
        """Load in the background the models that answers need.

        What reads entities is left to the first memory that is stored: it takes a hundred megabytes, and would take the
        processor from the first answer, which needs none of it.
        """
        if self._warm_up is not None:
            return
        self._warm_up = asyncio.create_task(self._warm_up_answers(), name="coda-graphmem-warm-up")
        self._warm_up.add_done_callback(_report)

    def start_maintenance(self) -> None:
        """Let due jobs run in the background, a while from now, unless the settings say otherwise."""
        settings = self.resources.config.maintenance
        if settings.enabled:
            self.maintenance.scheduler.start(after=settings.start_after_seconds)

    async def warm_up(self) -> None:
        """Load all models now."""
        await self._warm_up_answers()
        await self.resources.extraction.warm_up()

    async def _warm_up_answers(self) -> None:
        await self.resources.embedding.warm_up()
        await self.resources.reranking.warm_up()

    async def close(self) -> None:
        """Finish and free everything within `CLOSING` seconds; what fails or does not end keeps no other part open."""
        until = time.monotonic() + CLOSING
        loop = self.home.loop
        if self.home.is_foreign:
            # Everything is the parent's; what this process has of it was never used.
            self._begin_anew()
        elif loop is asyncio.get_running_loop():
            await self._finish(until)
        elif loop is not None and loop.is_running():
            with suppress(StoreUnavailableError, TimeoutError):
                async with asyncio.timeout(CLOSING / 2):
                    await brought(self._finish(time.monotonic() + CLOSING / 2), loop)
        if self.home.loop is not None:
            self._leave_behind()
            await self._close(until)

    async def _finish(self, until: float) -> None:
        """Let calls that go on come to their end, but not for long, take no others, and close."""
        self.is_open = self.was_open = False
        await _quiet(self.home, _CALLS)
        await self._close(until)

    async def _close(self, until: float) -> None:
        within = partial(_within, until)
        await within(2.0, self.maintenance.scheduler.stop(), "The schedule is still at a job.")
        # All still need the store: messages that wait are kept and learned from, and what that causes is told.
        await within(_MESSAGES + 1.0, self.links.close(_MESSAGES), "Messages of conversations were not kept.")
        await within(_LEARNING + 1.0, self.learning.auto.background.close(_LEARNING), "Turns were not learned from.")
        await within(_READING + 0.5, self.facts.reading.close(_READING), "What memories say is read next time.")
        await within(2.0, self.resources.events.close(), "Events were not delivered.")
        self.broadcasts.clear()
        self.resources.cache.clear()
        self.is_open = self.was_open = False
        if self._warm_up is not None:
            self._warm_up.cancel()
            self._warm_up = None
        await within(
            _COUNTING, self.access.close(), "The last recalls could not be counted: the store does not answer."
        )
        models = {
            "The embedding model": self.resources.embedding.close,
            "What finds entities": self.resources.extraction.close,
            "The reranker": self.resources.reranking.close,
        }
        ended = await asyncio.gather(*(in_thread(partial(close, _MODELS)) for close in models.values()))
        for what in (name for name, has_ended in zip(models, ended, strict=True) if not has_ended):
            logger.warning("%s does not answer and is left alone.", what)
        await within(CLOSING, self.resources.store.close(), "The store is still at work, and closes when that is done.")
        thread, self.home.thread, self.home.loop = self.home.thread, None, None
        if thread is not None:
            # Whoever waits for this call is in another thread.
            threading.Thread(target=thread.stop, name="coda-graphmem-end", daemon=True).start()

    # ------------------------------------------------------------------ calls from elsewhere

    async def visit(self, work: Coroutine[Any, Any, T]) -> T:
        """Do a call that came from another event loop, thread or process than this memory lives in.

        Where the process was forked, the memory is opened anew in it, by whichever call comes first; the others wait.
        Else it moves into a loop of its own, once the calls that go on where it lives are over.

        Raises:
            StoreUnavailableError: The loop in which the call was done has ended.
        """
        try:
            await self._find_home()
        except BaseException:
            work.close()
            raise
        return await _at(self.home, work)

    async def _find_home(self) -> None:
        """Settle where calls are done: in this loop, or in one that others run."""
        if self.home.is_foreign:
            self._begin_anew()
        home = self.home
        while is_asleep(self):
            home.claim()
            if home.loop is asyncio.get_running_loop():
                await self.open()
                return
            if home.is_alive:
                await asyncio.sleep(0.002)
            else:
                home.abandon()
        while True:
            with home.guard:
                mine = not home.is_moving and home.thread is None and home.loop is not None
                home.is_moving = home.is_moving or mine
            if mine:
                break
            if not home.is_moving:
                return
            await asyncio.sleep(0.002)
        try:
            if await _quiet(home, _MOVING):
                await asyncio.shield(asyncio.ensure_future(self._move()))
        finally:
            home.is_moving = False

    async def _move(self) -> None:
        """Go on in a loop of its own."""
        home, scheduler = self.home, self.maintenance.scheduler
        was_started = scheduler.is_started
        left = False
        if home.is_alive and home.loop is not None:
            with suppress(GraphMemoryError):
                await brought(self._leave(), home.loop)
                left = True
        if not left:
            self._leave_behind()
        home.calls = 0
        home.thread = LoopThread()
        home.loop = home.thread.loop
        await brought(self._arrive(schedule=was_started), home.loop)

    async def _leave(self) -> None:
        """End what goes on in this loop, so that it can go on in another one."""
        until = time.monotonic() + CLOSING
        await _within(until, 2.0, self.maintenance.scheduler.stop(), "The schedule is still at a job.")
        await _within(until, _LEARNING, self.learning.auto.background.settle(), "Turns wait to be learned from.")
        await _within(until, _COUNTING, self.access.close(), "Recalls wait to be counted.")
        await _within(until, _READING, self.facts.reading.leave(), "What memories say is read in the next loop.")
        if self.resources.store.belongs_to_loop:
            await _within(until, 2.0, self.resources.store.close(), "Connections to the store were left behind.")
        self._leave_behind()

    def _leave_behind(self) -> None:
        """Forget what belongs to a loop that will not go on with it."""
        self.maintenance.scheduler.forget()
        self.learning.auto.background.forget()
        self.links.forget()
        self.facts.reading.forget()
        self.access.forget()
        self._warm_up = None

    async def _arrive(self, *, schedule: bool) -> None:
        if self.is_open and self.resources.store.belongs_to_loop:
            await _within(time.monotonic() + 2.0, 2.0, self.resources.store.close(), "Connections were left behind.")
            await self.resources.store.open()
        self.access.resume()
        self.facts.reading.resume()
        self.links.resume()
        if schedule:
            self.start_maintenance()

    def _begin_anew(self) -> None:
        """Make all parts anew, in a process that was forked. A call opens them, if they were open in the parent."""
        with _FORKED:
            if self.home.is_foreign:
                # To close or free them would end what the parent goes on with.
                leave_alone([getattr(self, part.name) for part in fields(self)])
                fresh = Services.assemble(*self._parts)
                fresh.was_open = self.is_open or self.was_open
                for part in fields(self):
                    setattr(self, part.name, getattr(fresh, part.name))


#: Held while the parts are made anew in a forked process.
_FORKED = Lock()


async def _at(home: Home, work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives that is done where a memory lives; in this loop where it is closed."""
    if home.loop is None:
        return await work

    async def guest() -> T:
        with home.guard:
            home.calls += 1
        try:
            return await work
        finally:
            home.leave()

    return await brought(guest(), home.loop)


async def _quiet(home: Home, seconds: float) -> bool:
    """Wait until no call goes on where a memory lives, but not long; whether none does."""
    until = time.monotonic() + seconds
    while home.calls and home.is_alive:
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.002)
    return True


async def _within(until: float, seconds: float, work: Coroutine[Any, Any, Any], otherwise: str) -> None:
    """Wait for a step of the end, but not long; what fails or takes too long is logged and left behind.

    Args:
        until: When the whole has to be over, by the monotonic clock.
        seconds: How long this step may take.
        work: The step.
        otherwise: What it means if it does not end.
    """
    task = asyncio.ensure_future(work)
    await asyncio.wait({task}, timeout=max(min(seconds, until - time.monotonic()), 0.05))
    if not task.done():
        # Not waited for any longer: what it does may not heed that it is cancelled.
        task.cancel()
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        logger.warning("%s", otherwise)
    elif not task.cancelled() and task.exception() is not None:
        # Only the kind where it is no error of ours, as its text may hold content.
        logger.warning("%s (%s)", otherwise, error_text(task.exception()))


@lru_cache(maxsize=4)
def _shared_extractor(model: str | None) -> Extractor:
    return SpacyExtractor(model)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and isinstance(task.exception(), GraphMemoryError):
        # The first call that needs the model raises the same error to its caller.
        logger.warning("Models could not be loaded ahead: %s", task.exception())
