"""Reads what memories say, off the caller's path: of what was stored, and of what an earlier process left unread."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.facts.reader import FactReader, Words
from coda_graphmem.facts.values import USER, owned_key
from coda_graphmem.language.roles import is_user
from coda_graphmem.memories.speakers import is_program, voice_of
from coda_graphmem.models import Memory, Statement
from coda_graphmem.resources import Resources
from coda_graphmem.runs import error_text
from coda_graphmem.store.protocol import ReadMemory
from coda_graphmem.threads import in_thread

logger = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that a search waits for what was stored before to be read; what is not read by then counts from later on."""
SHORT_PATIENCE = 2.0
"""Seconds that it waits where another search has waited in vain, or the store does not take what was read."""
BATCH = 32
"""Memories that are read at a time."""
QUIET = 2.0
"""Seconds without a write after which reading begins, so that it takes no time from those who store; a search does not
wait for them."""
MOST_QUIET = 60.0
"""Seconds after which it begins however much is stored meanwhile."""
FRESH = 2.0
"""Seconds for which it holds that nothing of a namespace is unread; what another process stored is seen after them."""

#: Namespaces of which it is remembered.
_MOST_LOOKED_AT = 1_000


class StatementReading:
    """Reads memories for their statements, one batch after the other.

    The store knows what is still to be read, so a killed process loses nothing: whoever searches next reads it, or the
    job ``facts``.

    Args:
        resources: Store, events and clock.
        reader: Finds statements in texts.
    """

    def __init__(self, resources: Resources, reader: FactReader) -> None:
        self._resources = resources
        self._reader = reader
        self._unread: set[str] = set()
        """Namespaces in which something is to be read that this process knows of."""
        self._looked: OrderedDict[str, float] = OrderedDict()
        self._failed: set[str] = set()
        """Namespaces of which reading has failed, which is said once."""
        self.forget()

    def notice(self, namespace: str) -> None:
        """Read soon what was just stored. Never waits and never fails."""
        self._unread.add(namespace)
        self._written = asyncio.get_running_loop().time()
        self._begin(namespace)

    async def settled(
        self, namespace: str, *, patience: float = PATIENCE, look: bool = True, remembered: bool = True
    ) -> None:
        """Wait until all that is stored in a namespace is read, but not for long.

        Never raises an error of ours: what cannot be read keeps nobody from searching.

        Args:
            patience: Seconds to wait at most.
            look: Whether what other processes have left counts as well.
            remembered: Whether that none was there moments ago (`FRESH`) is enough. It is for a search; who asks for
                facts gets what was stored before.
        """
        if look and namespace not in self._tasks and await self._finds_more(namespace, remembered=remembered):
            self._unread.add(namespace)
            self._begin(namespace)
        task = self._tasks.get(namespace)
        if task is not None:
            self._hurried.add(namespace)
            self._hurry.set()
            if namespace in self._slow:
                patience = min(patience, SHORT_PATIENCE)
            if not await self._ends(task, patience):
                self._slow.add(namespace)

    async def read_all(self, namespace: str) -> int:
        """Read everything that is unread in a namespace; how many memories.

        Raises:
            GraphMemoryError: The store or the reading failed; what was read before is kept.
        """
        count = 0
        seen: dict[str, str] = {}
        while True:
            async with self._turn:
                batch = await self._resources.store.facts.unread(namespace, limit=BATCH)
                # What was read and is not taken is left: rather that than for ever.
                fresh = [memory for memory in batch if seen.get(memory.memory_id) != memory.content]
                if not fresh:
                    return count
                await self._read(namespace, fresh)
            seen |= {memory.memory_id: memory.content for memory in fresh}
            count += len(fresh)

    def forget(self) -> None:
        """Keep what is to be read, and nothing that belongs to the event loop it was noticed in."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._hurry = asyncio.Event()
        self._begun: set[str] = set()
        self._hurried: set[str] = set()
        self._slow: set[str] = set()
        self._saving_since: float | None = None
        self._written = float("-inf")
        self._looked.clear()

    def resume(self) -> None:
        """Go on in this event loop."""
        for namespace in self._unread:
            self._begin(namespace)

    async def leave(self) -> None:
        """End what goes on in this event loop; `resume` goes on with it in another."""
        self._unread |= self._tasks.keys()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self, seconds: float) -> None:
        """Let what is being read come to its end, but not for long. What is not is for the next who opens the store.

        To begin with it now would make a short program load a model at its end.
        """
        begun = [self._tasks[namespace] for namespace in self._begun if namespace in self._tasks]
        if begun:
            await asyncio.wait(begun, timeout=seconds)
        await self.leave()
        self._unread.clear()
        self.forget()

    # ------------------------------------------------------------------ in the background

    def _begin(self, namespace: str) -> None:
        if namespace not in self._tasks:
            self._tasks[namespace] = asyncio.create_task(self._run(namespace), name="coda-graphmem-facts")

    async def _run(self, namespace: str) -> None:
        try:
            while namespace in self._unread:
                await self._quiet(namespace)
                self._begun.add(namespace)
                self._unread.discard(namespace)
                await self.read_all(namespace)
            self._failed.discard(namespace)
        except Exception as error:
            # What is unread stays so, and is tried again. Only the kind of what is no error of ours.
            level = logging.DEBUG if namespace in self._failed else logging.WARNING
            logger.log(level, "What memories say could not be read: %s", error_text(error))
            self._failed.add(namespace)
        finally:
            if self._tasks.get(namespace) is asyncio.current_task():
                del self._tasks[namespace]
            self._begun.discard(namespace)
            self._hurried.discard(namespace)
            self._slow.discard(namespace)

    async def _ends(self, task: asyncio.Task[None], patience: float) -> bool:
        """Whether reading ends within so many seconds. A store that takes no writes is waited for no longer."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        while not task.done():
            end = until if self._saving_since is None else min(until, self._saving_since + SHORT_PATIENCE)
            if (left := end - loop.time()) <= 0:
                return False
            await asyncio.wait({task}, timeout=min(left, SHORT_PATIENCE / 2))
        return True

    async def _quiet(self, namespace: str) -> None:
        """Wait until nothing is stored for a moment, or somebody wants to know."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while namespace not in self._hurried:
            now = loop.time()
            until = min(self._written + QUIET, begun + MOST_QUIET)
            if now >= until:
                return
            self._hurry.clear()
            try:
                async with asyncio.timeout(until - now):
                    await self._hurry.wait()
            except TimeoutError:
                continue

    async def _finds_more(self, namespace: str, *, remembered: bool) -> bool:
        now = asyncio.get_running_loop().time()
        if remembered and now < self._looked.get(namespace, float("-inf")) + FRESH:
            return False
        try:
            found = await self._resources.store.facts.unread(namespace, limit=1)
        except GraphMemoryError:
            return False  # The search itself says so.
        self._looked[namespace] = now
        self._looked.move_to_end(namespace)
        while len(self._looked) > _MOST_LOOKED_AT:
            self._looked.popitem(last=False)
        return bool(found)

    async def _read(self, namespace: str, memories: Sequence[Memory]) -> None:
        silent = [await self._is_silent(namespace, memory) for memory in memories]
        read = await in_thread(partial(self._read_texts, memories, silent))
        self._saving_since = asyncio.get_running_loop().time()
        try:
            outdated = await self._resources.store.facts.save_statements(namespace, read)
        finally:
            self._saving_since = None
        if outdated:
            self._resources.events.emit("outdated", namespace, outdated)

    async def _is_silent(self, namespace: str, memory: Memory) -> bool:
        """Whether nobody said it of whom it could tell anything."""
        voice = voice_of(memory.metadata)
        return voice is not None and await is_program(self._resources.store, namespace, voice)

    def _read_texts(self, memories: Sequence[Memory], silent: Sequence[bool]) -> list[ReadMemory]:
        spoken = [memory for memory, is_silent in zip(memories, silent, strict=True) if not is_silent]
        try:
            said = self._reader.statements_of([words_of(memory) for memory in spoken])
        except GraphMemoryError:
            raise
        except Exception:
            said = [self._statements(memory) for memory in spoken]
        found = {
            memory.memory_id: _owned(statements, memory.user_id)
            for memory, statements in zip(spoken, said, strict=True)
        }
        return [
            ReadMemory(memory.memory_id, memory.content, tuple(found.get(memory.memory_id, ()))) for memory in memories
        ]

    def _statements(self, memory: Memory) -> list[Statement]:
        """What one of several memories says of which the rules stumble over one: it keeps no other from being read."""
        try:
            return self._reader.statements_of([words_of(memory)])[0]
        except GraphMemoryError:
            raise
        except Exception as error:
            # Only the kind, as its text may hold content.
            logger.warning("A memory could not be read for facts (%s).", type(error).__name__)
            return []


def _owned(statements: list[Statement], user_id: str | None) -> list[Statement]:
    """Statements of somebody in particular."""
    if user_id is None:
        return statements
    return [one.model_copy(update={"subject_key": owned_key(one.subject_key, user_id)}) for one in statements]


def words_of(memory: Memory) -> Words:
    """A memory as somebody's words."""
    voice = voice_of(memory.metadata)
    return Words(memory.content, USER if voice is None or is_user(voice) else voice, memory.timestamp)
