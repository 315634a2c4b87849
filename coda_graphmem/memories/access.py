"""Counts retrievals and what they recall, off the caller's path, and remembers what was recalled for a turn."""

import asyncio
import logging
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.models import Memory
from coda_graphmem.store.protocol import MemoryStore, RetrievalTotals
from coda_graphmem.times import SECONDS_PER_DAY

logger = logging.getLogger(__name__)

FLUSH_INTERVAL = 1.0
"""Seconds for which retrievals are gathered before they are written."""
PATIENCE = 1.0
"""Seconds that a read waits for what was recalled before to be counted."""
RECALL_WINDOW = 900.0
"""Seconds after which a recall is no longer one for the present turn."""
MOST_RECALLED = 50
"""Memories a turn can have recalled; beyond it the oldest are left out."""
REPEAT_WINDOW = SECONDS_PER_DAY
"""Seconds during which feedback on one memory counts as repeated."""

#: Seconds more that closing waits.
_LAST_SECONDS = 0.25

#: Turns, and memories with feedback, that are remembered at most.
_MOST_TURNS, _MOST_JUDGED = 1_000, 20_000
#: (namespace, conversation); None for recalls that belong to no conversation.
_Turn = tuple[str, str | None]


class AccessRecorder:
    """Gathers recalls and writes them together, so that a search waits for no write.

    What was gathered and not yet written is lost with a killed process, as a recall is never
    acknowledged. Reads through the façade and `close` write first.

    Args:
        store: Where recalls are counted.
        clock: Seconds since the Unix epoch, UTC.
        counted: Told of what was written: namespace, recalls by memory, time of the last one.
    """

    def __init__(
        self,
        store: MemoryStore,
        clock: Callable[[], float],
        counted: Callable[[str, Mapping[str, int], float], None] = lambda *_: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._counted = counted
        self._pending: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._totals: defaultdict[str, RetrievalTotals] = defaultdict(RetrievalTotals)
        self._last = 0.0
        self._write: asyncio.Task[None] | None = None
        self._since = 0.0
        """When that write began, by the clock of the event loop."""
        self._under_way: tuple[str, Counter[str]] | None = None
        """The namespace and counts that the store is being given."""
        self._failing = False
        self._timer: asyncio.Task[None] | None = None

    def note(self, namespace: str, memory_ids: Iterable[str]) -> None:
        """Count one recall of each memory."""
        ids = list(memory_ids)
        if ids:
            self._pending[namespace].update(ids)
            self._last = self._clock()
            self._write_soon()

    def note_retrieval(self, namespace: str, found: Sequence[Memory], seconds: float) -> None:
        """Count a retrieval, and one recall of each memory it returned.

        Args:
            namespace: Where it searched.
            found: What it returned.
            seconds: How long it took.
        """
        relevance = [memory.relevance_score for memory in found if memory.relevance_score is not None]
        self._totals[namespace] += RetrievalTotals(
            retrievals=1,
            empty=not found,
            results=len(found),
            relevance=sum(relevance),
            scored=len(relevance),
            seconds=seconds,
            last_at=self._clock(),
        )
        self.note(namespace, (memory.memory_id for memory in found))
        self._write_soon()

    def pending(self, namespace: str, memory_id: str) -> int:
        """Recalls of a memory that the store does not know of yet."""
        waiting = self._pending[namespace][memory_id] if namespace in self._pending else 0
        if self._under_way is not None and self._under_way[0] == namespace:
            waiting += self._under_way[1][memory_id]
        return waiting

    async def flush(self) -> None:
        """Write what was gathered, so that a read sees it.

        A store that is full, locked by another program or away keeps nobody from reading: where it does not take the
        counts within `PATIENCE`, they stay gathered, and whoever reads goes on without them.
        """
        writes = self._write is not None and not self._write.done()
        if not (self._pending or self._totals or writes):
            return
        now = asyncio.get_running_loop().time()
        if not writes:
            self._write, self._since = asyncio.create_task(self._write_all(), name="coda-graphmem-counts"), now
        assert self._write is not None
        if (left := self._since + PATIENCE - now) > 0:
            await asyncio.wait({self._write}, timeout=left)

    def forget(self) -> None:
        """Keep what is gathered, and nothing that belongs to the event loop it was gathered in."""
        self._timer = self._write = None

    def resume(self) -> None:
        """Write what is gathered soon, in this event loop."""
        if self._pending or self._totals:
            self._write_soon()

    async def close(self) -> None:
        """Write what is left and stop; what cannot be written by then is lost, and said."""
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.gather(self._timer, return_exceptions=True)
            self._timer = None
        await self.flush()
        if self._write is not None and not self._write.done():
            await asyncio.wait({self._write}, timeout=_LAST_SECONDS)
        lost = sum(counts.total() for counts in self._pending.values())
        if self._under_way is not None:
            lost += self._under_way[1].total()
        if lost:
            logger.warning("The last %d recalls could not be counted: the store did not take them.", lost)
            self._failing = True

    async def _write_all(self) -> None:
        """Write until nothing is left. What fails stays gathered; it is tried again, and said once."""
        try:
            while self._pending:
                namespace, counts = self._pending.popitem()
                self._under_way = namespace, counts
                try:
                    await self._store.records.record_access(namespace, counts, self._last)
                except BaseException:
                    self._pending[namespace].update(counts)
                    raise
                finally:
                    self._under_way = None
                self._counted(namespace, counts, self._last)
            while self._totals:
                namespace, totals = self._totals.popitem()
                try:
                    await self._store.jobs.record_retrievals(namespace, totals)
                except BaseException:
                    self._totals[namespace] += totals
                    raise
        except GraphMemoryError as error:
            if not self._failing:
                logger.warning("Recalls could not be counted yet: %s", error)
            self._failing = True
        else:
            self._failing = False

    def _write_soon(self) -> None:
        if self._timer is None or self._timer.done():
            self._timer = asyncio.create_task(self._later(), name="coda-graphmem-access")

    async def _later(self) -> None:
        while self._pending or self._totals:
            await asyncio.sleep(FLUSH_INTERVAL)
            await self.flush()


class RecentRecalls:
    """What was recalled lately, by namespace and conversation, in this process.

    Args:
        clock: Seconds since the Unix epoch, UTC.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._turns: OrderedDict[_Turn, deque[tuple[float, str]]] = OrderedDict()
        self._feedback: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def note(self, namespace: str, memory_ids: Iterable[str], conversation_id: str | None) -> None:
        """Keep what a retrieval returned."""
        now = self._clock()
        turn = self._turns.setdefault((namespace, conversation_id), deque(maxlen=MOST_RECALLED))
        self._turns.move_to_end((namespace, conversation_id))
        turn.extend((now, memory_id) for memory_id in memory_ids)
        while len(self._turns) > _MOST_TURNS:
            self._turns.popitem(last=False)

    def take(self, namespace: str, conversation_id: str | None) -> list[str]:
        """What was recalled for this turn, and forget it: the turn ends with its feedback.

        Args:
            conversation_id: Recalls of this conversation count and, where there are none, those of no conversation.

        Returns:
            Ids, each once, the earliest first.
        """
        since = self._clock() - RECALL_WINDOW
        for key in dict.fromkeys(((namespace, conversation_id), (namespace, None))):
            recalled = [memory_id for at, memory_id in self._turns.pop(key, ()) if at >= since]
            if recalled:
                return list(dict.fromkeys(recalled))
        return []

    def judged(self, namespace: str, memory_id: str) -> int:
        """Note feedback on a memory; how often there was some in the last day before this time."""
        now = self._clock()
        known = self._feedback.setdefault((namespace, memory_id), [])
        self._feedback.move_to_end((namespace, memory_id))
        known[:] = [at for at in known if at > now - REPEAT_WINDOW]
        known.append(now)
        while len(self._feedback) > _MOST_JUDGED:
            self._feedback.popitem(last=False)
        return len(known) - 1
