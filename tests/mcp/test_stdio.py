"""The server as clients start it: a program that speaks over its standard input and output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryConfig
from tests.conftest import open_memory
from tests.mcp.clients import initialize, line

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "tests.mcp.served", "mcp", "--dir", "memory"]


class Served:
    """A server, and what it says."""

    def __init__(self, *options: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )

    def send(self, *lines: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"".join(lines))
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The next message; every line of the output is one."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said, self.process.stderr and self.process.stderr.read()
        message = json.loads(said)
        assert message["jsonrpc"] == "2.0"
        return dict(message)

    def begin(self) -> None:
        self.send(initialize(), line(method="notifications/initialized"))
        assert self.hear()["id"] == 1

    def finish(self) -> tuple[int, list[dict[str, Any]], str]:
        """Exit code, what was said last, and standard error, once the client has said its last."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, [json.loads(said) for said in out.splitlines()], err.decode()


def call(number: int, tool: str, **arguments: Any) -> bytes:
    return line(id=number, method="tools/call", params={"name": tool, "arguments": arguments})


def texts(answers: list[dict[str, Any]]) -> dict[int, str]:
    return {answer["id"]: answer["result"]["content"][0]["text"] for answer in answers}


@contextmanager
def serving(*options: str, **environment: str) -> Iterator[Served]:
    served = Served(*options, **environment)
    try:
        yield served
    finally:
        served.process.kill()
        served.process.communicate()


def test_the_handshake_and_the_tools_wait_for_nothing_that_is_not_needed() -> None:
    with serving(GATED="mcp.server,coda_graphmem.manager") as served:
        served.send(initialize(), line(method="notifications/initialized"), line(id=2, method="tools/list"))
        # Neither the protocol's library nor the memory is imported yet.
        assert served.hear()["result"]["serverInfo"]["name"] == "coda-graphmem"
        Path("mcp.server").touch()
        assert len(served.hear()["result"]["tools"]) == 8
        served.send(call(3, "memory_remember", content="Plums."), line(id=4, method="ping"))
        # The call waits for the memory, and nobody else for the call.
        assert served.hear()["id"] == 4
        Path("coda_graphmem.manager").touch()
        assert served.hear()["id"] == 3


def test_only_the_protocol_is_on_the_output() -> None:
    with serving(NOISE="1") as served:
        served.begin()
        for number in range(2, 12):
            served.send(call(number, "memory_remember", content=f"Plums, {number}."))
            assert served.hear()["id"] == number
        code, rest, err = served.finish()
    assert (code, rest) == (0, [])
    for noise in ("a library prints", "so does what is written in C", "and a program"):
        assert noise in err


async def test_what_two_servers_write_at_once_is_all_kept() -> None:
    with serving() as one, serving() as other:
        for name, served in (("a", one), ("b", other)):
            served.begin()
            served.send(*(call(i, "memory_remember", content=f"Plum {name}{i}.") for i in range(2, 22)))
        for served in (one, other):
            answers = [served.hear() for _ in range(20)]
            assert sorted(answer["id"] for answer in answers) == list(range(2, 22))
            assert not any(answer["result"]["isError"] for answer in answers)
            assert served.finish()[0] == 0
    async with open_memory(MemoryConfig(vector_store={"persist_directory": Path("memory")})) as memory:
        kept = {found.content for found in await memory.list_memories()}
    assert kept == {f"Plum {name}{i}." for name in "ab" for i in range(2, 22)}


async def test_what_was_answered_is_there_after_a_crash() -> None:
    with serving() as served:
        served.begin()
        served.send(call(2, "memory_remember", content="Plums."))
        memory_id = served.hear()["result"]["structuredContent"]["memory_id"]
        served.process.kill()
        served.process.wait()
    async with open_memory(MemoryConfig(vector_store={"persist_directory": Path("memory")})) as memory:
        assert [found.memory_id for found in await memory.list_memories()] == [memory_id]


def test_all_that_was_asked_is_answered_when_the_client_says_no_more() -> None:
    with serving() as served:
        served.send(
            initialize(),
            line(method="notifications/initialized"),
            call(2, "memory_remember", content="Plums."),
            call(3, "memory_search", query="plums"),
            line(id=4, method="ping")[:-1],
        )
        code, answers, err = served.finish()
    assert (code, err) == (0, "")
    assert [answers[0]["id"], *sorted(answer["id"] for answer in answers[1:])] == [1, 2, 3, 4]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("ctrl_c")
def test_a_signal_ends_it_without_a_word(number: signal.Signals) -> None:
    with serving() as served:
        served.begin()
        served.send(line(id=2, method="ping"))
        served.hear()
        served.process.send_signal(number)
        assert served.process.wait(timeout=60) == 0
        assert served.finish()[1:] == ([], "")


def test_what_is_no_message_is_passed_over() -> None:
    with serving() as served:
        served.send(b"\n", b"nonsense\n", initialize(number="first"), b"{}\n", b"\xff\xfe\n")
        assert served.hear()["id"] == "first"
        served.send(line(method="notifications/initialized"), line(id="second", method="ping"))
        assert served.hear()["id"] == "second"
        assert served.finish()[2].count("no message") == 3


def test_a_client_that_reads_no_more_ends_it() -> None:
    with serving() as served:
        served.begin()
        assert served.process.stdout is not None
        served.process.stdout.close()
        served.send(line(id=2, method="ping"))
        assert served.process.wait(timeout=60) == 0


def test_a_message_beyond_all_bounds_is_passed_over() -> None:
    with serving() as served:
        served.begin()
        served.send(call(2, "memory_search", query="x" * 17_000_000), line(id=3, method="ping"))
        assert served.hear()["id"] == 3


def test_a_scope_is_bound_at_the_start(tmp_path: Path) -> None:
    for user, text in (("anna", "Anna likes tea"), ("bob", "Bob likes beer")):
        with serving("--dir", str(tmp_path), "--user", user) as served:
            served.begin()
            served.send(call(2, "memory_remember", content=text))
            served.hear()
            served.send(call(3, "memory_search", query="likes"))
            answers = texts([served.hear()])
            assert text in answers[3]
            assert ("Anna" in answers[3]) == (user == "anna")


def test_the_namespace_is_bound_at_the_start() -> None:
    with serving("--namespace", "work") as served:
        served.send(initialize(), line(method="notifications/initialized"))
        assert "Namespace 'work'" in served.hear()["result"]["instructions"]
        served.send(call(2, "memory_remember", content="Plums."))
        assert served.hear()["result"]["structuredContent"]["namespace"] == "work"
    with serving() as served:
        served.begin()
        served.send(call(2, "memory_search", query="plums"))
        assert served.hear()["result"]["structuredContent"]["found"] == 0


def test_a_memory_that_cannot_be_opened_is_told_by_every_call_and_tried_again() -> None:
    Path("blocked").write_text("in the way")
    with serving("--dir", "blocked/memory") as served:
        served.begin()
        served.send(line(id=2, method="tools/list"), call(3, "memory_search", query="plums"))
        answers = {answer["id"]: answer["result"] for answer in (served.hear(), served.hear())}
        assert len(answers[2]["tools"]) == 8
        assert answers[3]["isError"]
        Path("blocked").unlink()
        served.send(call(4, "memory_search", query="plums"))
        assert not served.hear()["result"]["isError"]


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_in_a_terminal_it_says_what_it_waits_for() -> None:
    leader, follower = os.openpty()
    process = subprocess.Popen(
        PROGRAM,
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(follower)
    os.write(leader, b"\x04")
    out, err = process.communicate(timeout=120)
    os.close(leader)
    assert (process.returncode, out) == (0, b"")
    assert b"Waiting for a client" in err


def test_without_the_package_it_says_what_to_install() -> None:
    with serving(MISSING="1") as served:
        code, said, err = served.finish()
    assert (code, said) == (1, [])
    assert "pip install 'coda-graphmem[mcp]'" in err
