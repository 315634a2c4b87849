"""``serve``: the server as a process, which ends as it is asked to; nothing that was answered is lost."""

from __future__ import annotations

import inspect
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from coda_graphmem import MemoryConfig
from coda_graphmem.cli.commands.serve import serve
from coda_graphmem.server.options import ServerOptions
from tests.cli.conftest import Run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
    pytest.mark.usefixtures("ctrl_c"),
]

ROOT = Path(__file__).parents[2]
MEMORY = {"content": "Maria likes plums."}


@contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.program", "serve", "--dir", folder, "--port", "0", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = ""
        while not (found := re.search(r"http://[\d.]+:\d+(?=/openapi)", said)):
            line = process.stdout.readline()
            assert line, process.communicate()
            said += line
        assert httpx.get(f"{found[0]}/health", timeout=60).is_success
        while not httpx.get(f"{found[0]}/health/ready", timeout=60).is_success:
            time.sleep(0.1)
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, address):
        kept = [
            httpx.post(f"{address}/memories", json={"content": f"Plum {i}."}, timeout=60).json()["memory_id"]
            for i in range(5)
        ]
        process.kill()
        process.wait()
    with serving(tmp_path) as (_, address):
        listed = httpx.get(f"{address}/memories", timeout=60).json()["results"]
    assert sorted(one["memory_id"] for one in listed) == sorted(kept)


def test_it_finishes_what_it_is_at_and_ends_streams(tmp_path: Path) -> None:
    with serving(tmp_path, SLOW="1") as (process, address):
        assert httpx.get(f"{address}/count", timeout=60).json() == {"count": 0}
        events: list[str] = []
        answers: list[httpx.Response] = []

        def listen() -> None:
            with httpx.stream("GET", f"{address}/events", timeout=60) as stream:
                events.extend(stream.iter_lines())

        def store() -> None:
            answers.append(httpx.post(f"{address}/memories", json=MEMORY, timeout=60))

        threads = [threading.Thread(target=work) for work in (listen, store)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(60)
        assert process.wait(60) == 0
    assert [answer.status_code for answer in answers] == [201]
    assert events[0] == ": from now on"
    with serving(tmp_path) as (_, address):
        assert httpx.get(f"{address}/count", timeout=60).json() == {"count": 1}


def test_a_second_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, SLOW="20") as (process, address):
        assert httpx.get(f"{address}/count", timeout=60).json() == {"count": 0}

        def store() -> None:
            with pytest.raises(httpx.HTTPError):
                httpx.post(f"{address}/memories", json=MEMORY, timeout=60)

        thread = threading.Thread(target=store)
        thread.start()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert time.monotonic() - began < 5
        thread.join(10)


def test_options_reach_the_server(tmp_path: Path, run: Run) -> None:
    keys = tmp_path / "elsewhere.json"
    key = run("keys", "create", "--name", "test", "--for", "garden", "--keys", str(keys)).out.strip()
    limits = ("--rate", "0.01", "--max-burst", "6", "--max-batch", "2", "--max-body", "1", "--max-upload", "1")
    more = ("--max-requests", "9", "--max-streams", "1", "--heartbeat", "0.2", "--profile", "chatgpt")
    options = ("--keys", str(keys), "--host-name", "memory.example", "--namespace", "home", "--no-maintenance")
    with (
        serving(tmp_path, *limits, *more, *options) as (_, address),
        httpx.Client(base_url=address, headers={"X-API-Key": key, "Host": "memory.example"}, timeout=60) as client,
    ):
        assert client.get("/count").json() == {"count": 0}
        assert client.get("/count", headers={"Host": "other.example"}).status_code == 421
        assert client.get("/count", params={"namespace": "home"}).status_code == 403
        batch = {"memories": [MEMORY] * 3}
        assert client.post("/memories/batch", json=batch).status_code == 413
        assert client.post("/memories", json={"content": "x" * 1_100_000}).status_code == 413
        assert client.post("/import", content=b"x" * 1_100_000).status_code == 413
        with client.stream("GET", "/events") as stream:
            lines = stream.iter_lines()
            assert [next(lines) for _ in range(3)][2] == ": still here"
        assert client.get("/count").status_code == 429


def test_keys_are_needed_to_listen_for_others(run: Run, tmp_path: Path) -> None:
    refused = run("serve", "--host", "0.0.0.0", "--dir", str(tmp_path), "--port", "0", code=1)
    assert "no key is set" in refused.err
    assert "coda-graphmem keys create" in refused.err
    assert "means nothing to this command" in run("serve", "--user", "anna", code=1).err


def test_a_missing_package_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coda_graphmem.cli.commands.serve.find_spec", lambda name: None)
    assert "pip install 'coda-graphmem[server]'" in run("serve", code=1).err


@pytest.mark.parametrize(("options", "enabled"), [((), True), (("--no-maintenance",), False)])
def test_jobs_are_left_to_others_where_that_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], enabled: bool
) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_MAINTENANCE__ENABLED", "true")
    monkeypatch.setenv("CODA_GRAPHMEM_MAINTENANCE__LINK_LIMIT", "7")
    seen = []

    def maker(config: MemoryConfig) -> None:
        seen.append((config.maintenance.enabled, config.maintenance.link_limit))

    async def served(*_: object) -> None:
        """Nothing is served."""

    monkeypatch.setattr("coda_graphmem.cli.commands.serve._maker", maker)
    monkeypatch.setattr("coda_graphmem.server.process.serve", served)
    run("serve", *options)
    assert seen == [(enabled, 7)]


#: Options, what each is given here, and what it is to the server then.
GIVEN: dict[str, tuple[str, str, object]] = {
    "host": ("--host", "127.0.0.2", "127.0.0.2"),
    "port": ("--port", "4711", 4711),
    "host_names": ("--host-name", "memory.example", ("memory.example",)),
    "keys": ("--keys", "keys.json", Path("keys.json")),
    "profile": ("--profile", "chatgpt", "chatgpt"),
    "rate": ("--rate", "0.5", 0.5),
    "burst": ("--max-burst", "6", 6),
    "requests": ("--max-requests", "9", 9),
    "streams": ("--max-streams", "3", 3),
    "body": ("--max-body", "2", 2 * 1024 * 1024),
    "upload": ("--max-upload", "3", 3 * 1024 * 1024),
    "batch": ("--max-batch", "4", 4),
    "heartbeat": ("--heartbeat", "0.25", 0.25),
}
#: Those whose effect the test above shows.
SHOWN = {"settings", "no_maintenance"}


def test_each_option_is_what_the_server_is_run_by(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ServerOptions] = []

    async def served(_: object, options: ServerOptions, *rest: object) -> None:
        seen.append(options)

    monkeypatch.setattr("coda_graphmem.server.process.serve", served)
    run("serve")
    run("serve", *(word for option, given, _ in GIVEN.values() for word in (option, given)))
    assert inspect.signature(serve).parameters.keys() == GIVEN.keys() | SHOWN
    for name, (_, _, meant) in GIVEN.items():
        without, with_it = (
            getattr(one.limits, name) if hasattr(one.limits, name) else getattr(one, NAMES.get(name, name))
            for one in seen
        )
        assert with_it == meant, name
        assert without != meant, name


#: What an option is called in `ServerOptions`, where that differs.
NAMES = {"host_names": "names"}
