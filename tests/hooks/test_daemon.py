"""The daemon answers clients, keeps what is noted, and ends by itself."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem._version import __version__
from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.hooks import daemon
from coda_graphmem.hooks.daemon import Daemon
from coda_graphmem.hooks.queue import Note, add_note
from coda_graphmem.hooks.state import StateFolder, environment
from tests.fakes import NameExtractor, WordEmbedder
from tests.hooks.lines import append, said


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NEO4J_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StateFolder:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    made = StateFolder(())
    made.make()
    return made


def maker(config: MemoryConfig) -> MemoryManager:
    return MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())


@asynccontextmanager
async def serving(place: StateFolder, make: Any) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(Daemon(place, make).serve())
    await until(lambda: place.address() is not None)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    while not holds():  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)


async def ask(place: StateFolder, *, takes: bool = True, **question: Any) -> dict[str, Any] | None:
    address = place.address()
    assert address is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
    said = {
        "token": address.token,
        "version": __version__,
        "namespace": "shop",
        "session_id": "s1",
        "source": "",
        **question,
    }
    writer.write(json.dumps(said).encode() + b"\n")
    answer = await reader.readline()
    if takes and answer:
        writer.write(b"\n")
        await writer.drain()
    writer.close()
    await asyncio.sleep(0.05)
    return json.loads(answer) if answer else None


async def test_it_answers_and_keeps_what_is_noted(place: StateFolder, config: MemoryConfig, tmp_path: Path) -> None:
    # What was noted while none ran is kept as well.
    add_note(place.notes, Note("shop", "s0", str(append(tmp_path / "t.jsonl", said(1, "I live in Rome.")))))
    (place.notes / "1-broken.json").write_text("{")
    add_note(place.notes, Note("shop", "s0", str(tmp_path / "gone.jsonl")))
    async with serving(place, lambda: maker(config)):
        await until(lambda: not any(place.notes.iterdir()))
        # An answer that did not arrive is owed, and comes with the first prompt.
        lost = await ask(place, takes=False, event="SessionStart")
        assert lost is not None
        assert "Rome" in lost["context"]
        first = await ask(place, event="UserPromptSubmit", prompt="zzz")
        assert first is not None
        assert "Lives in Rome" in first["context"]
        assert await ask(place, event="UserPromptSubmit", prompt="zzz") == {"context": ""}
        # So does what a start was never asked for.
        unheard = await ask(place, session_id="s9", event="UserPromptSubmit", prompt="zzz")
        assert unheard is not None
        assert "Lives in Rome" in unheard["context"]
        assert await ask(place, namespace="other", event="SessionStart") == {"context": ""}
        append(tmp_path / "t.jsonl", said(2, "Plums ripen in August."))
        add_note(place.notes, Note("shop", "s0", str(tmp_path / "t.jsonl")))
        await ask(place, event="noted")
        await until(lambda: not any(place.notes.iterdir()))
        found = await ask(place, event="UserPromptSubmit", prompt="When do plums ripen?")
        assert found is not None
        assert "August" in found["context"]
        assert await ask(place, event="UserPromptSubmit", prompt="When do plums ripen?") == {"context": ""}
        # What goes on holds what it was told.
        assert await ask(place, event="SessionStart", source="resume") == {"context": ""}
        # After the conversation was shortened, all of it is news again.
        shortened = await ask(place, event="SessionStart", source="compact")
        assert shortened is not None
        assert "Rome" in shortened["context"]
        again = await ask(place, event="UserPromptSubmit", prompt="When do plums ripen?")
        assert again is not None
        assert "August" in again["context"]


async def test_strangers_get_no_answer(place: StateFolder, config: MemoryConfig) -> None:
    async with serving(place, lambda: maker(config)):
        for question in ({"token": "x"}, {"token": None}):
            assert await ask(place, event="SessionStart", **question) is None
        address = place.address()
        assert address is not None
        for sent in (b"[]\n", b"no json\n", b"\n", b""):
            reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
            writer.write(sent)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
        assert await ask(place, event="SessionStart") == {"context": ""}


async def test_an_error_is_answered_and_notes_stay_until_they_are_kept(
    place: StateFolder, config: MemoryConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon, "_AGAIN", 0.05)
    fails = [True]

    def make() -> MemoryManager:
        if fails[0]:
            raise MemoryStorageError("the disk is full.", remedy="Make room.")
        return maker(config)

    add_note(place.notes, Note("shop", "s0", str(append(tmp_path / "t.jsonl", said(1, "I live in Rome.")))))
    async with serving(place, make):
        answer = await ask(place, event="SessionStart")
        assert answer is not None
        assert answer["error"].startswith("the disk is full")
        assert any(place.notes.iterdir())
        fails[0] = False
        await until(lambda: not any(place.notes.iterdir()))


async def test_what_nobody_expected_is_told_by_its_kind_and_tried_again(
    place: StateFolder, config: MemoryConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(daemon, "_AGAIN", 0.05)
    learn = MemoryManager.learn_from_interaction
    failures = iter([RuntimeError("secret")])

    async def failing(self: MemoryManager, *given: Any, **more: Any) -> Any:
        for error in failures:
            raise error
        return await learn(self, *given, **more)

    monkeypatch.setattr(MemoryManager, "learn_from_interaction", failing)
    add_note(place.notes, Note("shop", "s0", str(append(tmp_path / "t.jsonl", said(1, "I live in Rome.")))))
    async with serving(place, lambda: maker(config)):
        await until(lambda: not any(place.notes.iterdir()))
        found = await ask(place, event="SessionStart")
        assert found is not None
        assert "Rome" in found["context"]
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


async def test_it_ends_when_nobody_asks_and_when_it_is_outdated(
    place: StateFolder, config: MemoryConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(place, lambda: maker(config)) as task:
        assert await ask(place, version="0", event="SessionStart") is None
        async with asyncio.timeout(10):
            await task
    monkeypatch.setattr(daemon, "STAYS", 0.1)
    async with asyncio.timeout(10):
        await Daemon(place, lambda: maker(config)).serve()


def test_there_is_one_at_a_time_and_one_for_each_memory(
    place: StateFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with place.held():
        with pytest.raises(OSError, match=r"."), place.held():
            pass
        daemon.run(place, lambda: pytest.fail("There is one."))
    with place.held():
        pass
    assert StateFolder(("--dir", "/elsewhere")).folder != place.folder
    folders = set()
    for project in ("a", "b"):
        (tmp_path / project).mkdir()
        monkeypatch.chdir(tmp_path / project)
        monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__PERSIST_DIRECTORY", "memory")
        folders.add(StateFolder(()).folder)
        assert environment() == {
            "CODA_GRAPHMEM_MAINTENANCE__ENABLED": "false",
            "CODA_GRAPHMEM_VECTOR_STORE__PERSIST_DIRECTORY": str(tmp_path / project / "memory"),
        }
    assert len(folders | {place.folder}) == 3
    monkeypatch.delenv("CODA_GRAPHMEM_VECTOR_STORE__PERSIST_DIRECTORY")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE_TYPE", "neo4j")
    assert StateFolder(()).folder != place.folder
