"""Tells open pages what changes, whichever process changes it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.inspector.graph import SHOWN
from coda_graphmem.inspector.picture import draw_part
from coda_graphmem.inspector.requests import memory_of
from coda_graphmem.inspector.responses import LiveUpdate, encoded
from coda_graphmem.inspector.security import PROTOCOL
from coda_graphmem.manager import MemoryManager
from coda_graphmem.memories.access import FLUSH_INTERVAL

logger = logging.getLogger(__name__)

#: Code of a closed connection: the other end may come again (RFC 6455's registry, "try again later").
_TRY_AGAIN = 1013

#: Code of a connection that is refused, so that it is not even made (RFC 6455, "policy violation").
_REFUSED = 1008

#: Seconds between two looks.
INTERVAL = 0.3

#: Seconds by which the clocks of processes that share a store may differ.
_SKEW = 5.0

#: Updates that may wait for a page; with more it loads the graph again.
_WAITING = 100

#: Changed memories that are sent at a time; after more, the page loads the graph again.
_SENT = 200


class Watch:
    """What became of a namespace since the last look."""

    def __init__(self, memory: MemoryManager) -> None:
        self._memory = memory
        self._revision = 0
        self._looked_at = 0.0
        self._recalls = 0
        self._recalls_at = 0.0
        self._known: dict[str, float | None] = {}
        """The newest live memories and those that were sent, each with when it was changed."""
        self._recalled: dict[str, float | None] = {}
        """Memories that were recalled lately, each with when."""

    async def begin(self) -> None:
        """Take down how things are now."""
        self._looked_at = self._recalls_at = time.time()
        self._revision = await self._memory.get_revision()
        self._recalls = (await self._memory.get_retrieval_stats()).total_retrievals
        self._recalled = await self._recalls_since(self._recalls_at)
        self._known = {m.memory_id: m.updated_at for m in await self._memory.list_memories(limit=SHOWN)}
        # A server plans a statement when it is first asked, for seconds where it is busy: not when something happens.
        await self._memory.list_touched(self._looked_at)
        await self._memory.count()
        if self._known:
            await self._with_graph(LiveUpdate(changed=[next(iter(self._known))]))

    async def look(self) -> LiveUpdate | None:
        """What is new; None for nothing."""
        update = LiveUpdate()
        recalls = (await self._memory.get_retrieval_stats()).total_retrievals
        if recalls > self._recalls:
            update |= LiveUpdate(recalls=recalls - self._recalls, recalled=await self._new_recalls())
        self._recalls = recalls
        revision = await self._memory.get_revision()
        if revision != self._revision:
            self._revision = revision
            update |= await self._changes()
        return await self._with_graph(update) if update else None

    async def _with_graph(self, update: LiveUpdate) -> LiveUpdate:
        ids = [*update.get("changed", ()), *update.get("recalled", ())]
        # One that was archived since is part of no graph.
        found = await self._memory.get_memories(ids) if ids else []
        live = [m.memory_id for m in found if m.archived_at is None and m.lifetime == "long_term"]
        if live:
            part = await self._memory.get_graph(memory_ids=live, max_depth=0, max_memories=len(live))
            update["graph"] = draw_part(self._memory, part)
        return update

    async def _recalls_since(self, at: float) -> dict[str, float | None]:
        # Recalls are counted a while after they happened.
        found = await self._memory.list_recalled(at - FLUSH_INTERVAL - _SKEW)
        return {m.memory_id: m.last_accessed for m in found}

    async def _new_recalls(self) -> list[str]:
        since, self._recalls_at = self._recalls_at, time.time()
        found = await self._recalls_since(since)
        new = [memory_id for memory_id, at in found.items() if self._recalled.get(memory_id) != at]
        self._recalled = found
        return new[:_SENT]

    async def _changes(self) -> LiveUpdate:
        since, self._looked_at = self._looked_at - _SKEW, time.time()
        touched = await self._memory.list_touched(since)
        changed = [m for m in touched if m.memory_id not in self._known or self._known[m.memory_id] != m.updated_at]
        # Older ones are not known where there are many.
        strange = [m for m in changed if m.memory_id not in self._known]
        new = [m.memory_id for m in strange if (m.created_at or 0.0) >= since]
        before = len(self._known)
        self._known |= {m.memory_id: m.updated_at for m in changed}
        gone: list[str] = []
        if await self._memory.count() != before + len(new) or before >= SHOWN:
            gone = await self._gone()
        if len(changed) > _SENT:
            return LiveUpdate(reload=True, gone=gone)
        ids = [m.memory_id for m in changed if m.memory_id in self._known]
        return LiveUpdate(changed=ids, new=[i for i in new if i in self._known], gone=gone)

    async def _gone(self) -> list[str]:
        """Which of the known memories are live no more; they are forgotten here, too."""
        known = list(self._known)
        live: set[str] = set()
        for start in range(0, len(known), SHOWN):
            found = await self._memory.get_memories(known[start : start + SHOWN])
            live |= {m.memory_id for m in found if m.archived_at is None}
        gone = [memory_id for memory_id in known if memory_id not in live]
        for memory_id in gone:
            del self._known[memory_id]
        return gone


class Feed:
    """What happens in a namespace, told to all pages that show it: one look at the store serves them all."""

    def __init__(self, memory: MemoryManager) -> None:
        self._memory = memory
        self._begun = False
        self.pages: set[Page] = set()

    async def run(self) -> None:
        """Look as long as it is not cancelled; ends early where the store cannot be looked at to begin with."""
        try:
            await self._look()
        except GraphMemoryError as error:
            # The pages say so, and come again.
            self._tell(LiveUpdate(error=str(error)))
        except Exception as error:
            logger.error("The inspector cannot tell what happens (%s).", type(error).__name__, exc_info=error)
        self._tell(None)

    async def _look(self) -> None:
        watch = Watch(self._memory)
        await watch.begin()
        self._begun = True
        self._tell(LiveUpdate(ready=True))
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                update = await watch.look()
            except GraphMemoryError as error:
                # A store may be away for a while; the pages say so and go on.
                update = LiveUpdate(error=str(error))
            if update:
                self._tell(update)

    def add(self, page: Page) -> None:
        """Tell one more page, from now on."""
        self.pages.add(page)
        if self._begun:
            page.put(encoded(LiveUpdate(ready=True)))

    def _tell(self, update: LiveUpdate | None) -> None:
        text = None if update is None else encoded(update)
        for page in self.pages:
            page.put(text)


class Page:
    """What one page is still to be told."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue()

    def put(self, text: str | None) -> None:
        """Add an update; None says that there are no more."""
        if self._waiting.qsize() >= _WAITING:
            # It does not listen. What it missed it gets by loading the graph.
            while not self._waiting.empty():
                self._waiting.get_nowait()
            self._waiting.put_nowait(encoded(LiveUpdate(reload=True)))
        self._waiting.put_nowait(text)

    async def get(self) -> str | None:
        """The next update, once there is one."""
        return await self._waiting.get()


class Feeds:
    """The feeds of all namespaces that some page shows."""

    def __init__(self) -> None:
        self._feeds: dict[str, tuple[Feed, asyncio.Task[None]]] = {}

    @contextlib.asynccontextmanager
    async def joined(self, memory: MemoryManager) -> AsyncIterator[Page]:
        """What a page is told of a namespace while the block runs; its feed runs as long as there is a page."""
        name, page = memory.namespace, Page()
        if name not in self._feeds or self._feeds[name][1].done():
            feed = Feed(memory)
            self._feeds[name] = feed, asyncio.create_task(feed.run(), name=f"coda-graphmem-inspector-{name}")
        feed, task = self._feeds[name]
        feed.add(page)
        try:
            yield page
        finally:
            feed.pages.discard(page)
            if not feed.pages:
                task.cancel()
                if self._feeds.get(name) == (feed, task):
                    del self._feeds[name]
                with contextlib.suppress(asyncio.CancelledError):
                    await task


async def live(socket: WebSocket) -> None:
    """Send what changes until the page closes."""
    try:
        memory = memory_of(socket)
    except GraphMemoryError as error:
        await socket.close(_REFUSED, error.message)
        return
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the page went away while something was sent
        await socket.accept(PROTOCOL)
        async with socket.app.state.feeds.joined(memory) as page:
            closed = asyncio.create_task(_closed(socket), name="coda-graphmem-inspector-page")
            sent = asyncio.create_task(_send(socket, page), name="coda-graphmem-inspector-updates")
            try:
                await asyncio.wait([closed, sent], return_when=asyncio.FIRST_COMPLETED)
            finally:
                closed.cancel()
                sent.cancel()
                await asyncio.gather(closed, sent, return_exceptions=True)


async def _send(socket: WebSocket, page: Page) -> None:
    while (text := await page.get()) is not None:
        await socket.send_text(text)
    await socket.close(_TRY_AGAIN)


async def _closed(socket: WebSocket) -> None:
    """Wait until the page is gone; it has nothing to say."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


ROUTES = [WebSocketRoute("/api/live", live)]
