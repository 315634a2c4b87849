"""The daemon behind hooks: keeps a memory open for a while, says what is relevant, and keeps what is noted.

It is started by `coda_graphmem.hooks.client`, is the only one of its folder, and ends by itself when nothing was asked
for long. What it has to say goes into the file ``log`` there.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from coda_graphmem._version import __version__
from coda_graphmem.hooks.queue import Note, read_notes
from coda_graphmem.hooks.state import Address, StateFolder

if TYPE_CHECKING:
    from coda_graphmem.hooks.recall import Recalled
    from coda_graphmem.hooks.recorder import Recorder
    from coda_graphmem.manager import MemoryManager

logger = logging.getLogger(__name__)

#: Seconds without a question after which it ends.
STAYS = 1_800.0
#: Seconds after which what could not be kept is tried again.
_AGAIN = 60.0
#: Seconds that a client gets to say what it wants.
_SAYING = 5.0
#: Bytes of a question: a prompt of the longest input of a hook, escaped again.
_LONGEST = 64 * 1024 * 1024


class Daemon:
    """Answers clients.

    Args:
        place: Its folder.
        make: Makes the memory, in a thread of its own, as it imports much.
    """

    def __init__(self, place: StateFolder, make: Callable[[], MemoryManager]) -> None:
        self._place = place
        self._make = make
        self._token = secrets.token_urlsafe(24)
        self._memory: asyncio.Task[MemoryManager] | None = None
        self._noted = asyncio.Event()
        self._over = asyncio.Event()
        self._told: dict[tuple[str, str], frozenset[str]] = {}
        """By conversation, the memories it was told of. What came too late was not told, and comes with the next."""
        self._asked_at = 0.0
        self._busy = 0

    async def serve(self) -> None:
        """Answer until nobody has asked for long.

        Raises:
            OSError: No port can be opened, or its address not be written.
        """
        loop = asyncio.get_running_loop()
        self._asked_at = loop.time()
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0, limit=_LONGEST)
        self._place.announce(Address(server.sockets[0].getsockname()[1], self._token))
        self._open()
        keeping = asyncio.create_task(self._keep_notes())
        try:
            while not self._over.is_set():
                left = self._asked_at + STAYS - loop.time()
                if left <= 0 and not self._busy:
                    break
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(left, 1.0)):
                        await self._over.wait()
        finally:
            server.close()
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping
            await self._close()

    # ------------------------------------------------------------------ answers

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._busy += 1
        try:
            async with asyncio.timeout(_SAYING):
                question = json.loads(await reader.readline())
            if not isinstance(question, dict) or not hmac.compare_digest(
                str(question.get("token")).encode(), self._token.encode()
            ):
                return
            if question.get("version") != __version__:
                # The package was replaced: the next client starts one of the new.
                self._over.set()
                return
            self._asked_at = asyncio.get_running_loop().time()
            if question.get("event") == "noted":
                self._noted.set()
                return
            said = await self._said(question)
            answer = {"error": said} if isinstance(said, str) else {"context": said.text}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
            async with asyncio.timeout(_SAYING):
                has_arrived = bool(await reader.readline())
            if has_arrived and not isinstance(said, str):
                self._note_told(question, said)
        except (OSError, ValueError, TimeoutError) as error:
            logger.info("A client is gone: %s", type(error).__name__)
        finally:
            self._busy -= 1
            writer.close()

    async def _said(self, question: dict[str, Any]) -> Recalled | str:
        """What belongs into the conversation, or what is wrong."""
        from coda_graphmem.errors import GraphMemoryError

        try:
            return await self._recalled(question)
        except GraphMemoryError as error:
            logger.warning("A question could not be answered: %s", error)
            return str(error)
        except Exception as error:
            # Only the kind: the text of a foreign error may hold content.
            logger.error("A question failed unexpectedly (%s).", type(error).__name__)
            return f"The memory failed unexpectedly ({type(error).__name__})."

    async def _recalled(self, question: dict[str, Any]) -> Recalled:
        whole = await self._opened()
        from coda_graphmem.hooks.recall import Recalled, known_at_start, relevant_to

        memory = whole.for_namespace(question["namespace"])
        session = question["session_id"]
        told = self._told.get((memory.namespace, session))
        if question["event"] == "SessionStart":
            known = await known_at_start(memory, session, question["source"])
            is_held = question["source"] == "resume" and known.memory_ids <= (told or frozenset())
            return Recalled() if is_held else known
        progress = self._recorder().progress(memory.namespace, session)
        return await relevant_to(memory, session, question["prompt"], progress, told)

    def _note_told(self, question: dict[str, Any], said: Recalled) -> None:
        key = (question["namespace"], question["session_id"])
        # What begins anew, or goes on after it was shortened, does not hold what was told before.
        is_new = question["event"] == "SessionStart" and question["source"] != "resume"
        self._told[key] = said.memory_ids | (frozenset() if is_new else self._told.get(key, frozenset()))

    # ------------------------------------------------------------------ notes

    async def _keep_notes(self) -> None:
        """Keep what is noted, whenever there is something, for as long as it serves."""
        while True:
            self._noted.clear()
            self._busy += 1
            try:
                done = await self._keep_all()
            finally:
                self._busy -= 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if done else _AGAIN):
                    await self._noted.wait()

    async def _keep_all(self) -> bool:
        """Keep what is noted; False where something is left for later."""
        from coda_graphmem.errors import GraphMemoryError

        failed = False
        for path, note in await asyncio.to_thread(read_notes, self._place.notes):
            try:
                await self._keep_one(note)
            except FileNotFoundError:
                logger.warning("A conversation that was to be kept is gone.")
            except Exception as error:
                # Of foreign errors only the kind: their texts may hold content.
                text = error if isinstance(error, GraphMemoryError) else type(error).__name__
                logger.warning("A conversation could not be kept, and is tried again: %s", text)
                failed = True
                continue
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return not failed

    async def _keep_one(self, note: Note | None) -> None:
        if note is None:
            logger.warning("A note cannot be read and is dropped.")
            return
        memory = (await self._opened()).for_namespace(note.namespace)
        await self._recorder().record(memory, note)

    # ------------------------------------------------------------------ the memory

    def _recorder(self) -> Recorder:
        from coda_graphmem.hooks.recorder import Recorder

        return Recorder(self._place.progress)

    async def _opened(self) -> MemoryManager:
        return await asyncio.shield(self._open())

    async def _close(self) -> None:
        if self._memory is not None:
            try:
                await (await self._memory).cleanup()
            except Exception as error:
                logger.warning("The memory could not be closed (%s).", type(error).__name__)

    def _open(self) -> asyncio.Task[MemoryManager]:
        if self._memory is None or (self._memory.done() and self._memory.exception() is not None):
            self._memory = asyncio.create_task(_open_memory(self._make))
        return self._memory


async def _open_memory(make: Callable[[], MemoryManager]) -> MemoryManager:
    """A memory, open, with what a search needs loaded."""
    memory = await asyncio.to_thread(make)
    try:
        await memory.initialize(warm_up=False, maintain=False)
        # What is loaded by the first question is loaded before it.
        await memory.retrieve_memories("hello", limit=1, count_recall=False)
    except BaseException:
        await memory.cleanup()
        raise
    return memory


def run(place: StateFolder, make: Callable[[], MemoryManager]) -> None:
    """Serve, unless another daemon does, until nobody has asked for long.

    Args:
        place: Its folder.
        make: Makes the memory.

    Raises:
        OSError: The folder cannot be used.
    """
    place.make()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(place.held())
        except (BlockingIOError, PermissionError):
            # How systems say that another one holds it.
            return
        place.shorten_log()
        asyncio.run(Daemon(place, make).serve())
