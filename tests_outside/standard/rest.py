"""Schemathesis's checks of an API against its OpenAPI document, with ours: requests that fit it, and others."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.python import asgi
from schemathesis.specs.openapi import checks

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.mcp.late import LateMemory
from coda_graphmem.server.api import running
from coda_graphmem.server.keys import RIGHTS, KeyFile
from coda_graphmem.server.limits import Limits
from coda_graphmem.server.options import ServerOptions
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.types import Moment
from tests_outside.memories import NameExtractor, WordEmbedder

#: Cases of each operation that are made up, beside those that its parameters suggest; of all of them at least these.
EXAMPLES, LEAST = 30, 4_000
#: Requests of an operation that do not fit: beyond so many, one of some is sent, as most differ in one condition.
MANY, ONE_OF = 250, 4

CHECKS = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.positive_data_acceptance,
    checks.ignored_auth,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.use_after_free,
    checks.ensure_resource_availability,
)

#: Operations of which the document cannot say what is acceptable.
UNSAID = {
    "import_memories": "a body is lines of an export, which is a text to JSON Schema",
    "open_inspector": "the page is there where it was built",
}

#: By operation.
cases: Counter[str] = Counter()
misfits: Counter[str] = Counter()


@schemathesis.serializer("application/jsonl")
def lines(_: Any, value: Any) -> bytes:
    """What is sent as lines of JSON: whatever was made up for a text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def related(case: Any) -> None:
    """Bring values that fit their fields into the relations that JSON Schema has no words for."""
    in_order(case.query)
    if not isinstance(case.body, dict):
        return
    case.body = body = dict(case.body)
    in_order(body)
    for one in (body, *body.get("memories", ())):
        if one.get("expires_at", "never") not in ("never", None):
            # What ends has to end later than now.
            one["expires_at"] = "9000-01-01"
    if body.get("weights") and "queries" in body:
        # One weight a question.
        body["weights"] = [max(body["weights"])] * len(body["queries"])


def in_order(fields: Any) -> None:
    """Let a span end after it begins."""
    ends = fields.get("since"), fields.get("until")
    if None in ends:
        return
    since, until = (check(Moment, end, "time") for end in ends)
    if since > until:
        fields["since"], fields["until"] = reversed(ends)
    elif since == until:
        del fields["since"]


class Home:
    """The server, in a loop that lasts, which requests of other loops are brought to."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        keys = KeyFile(folder / "keys.json")
        _, self.key = keys.create("test", RIGHTS, prefixes=[""])
        # Neither pages nor other clients come here.
        options = ServerOptions(keys=keys.path, names=(asgi.HOST, "localhost"), limits=Limits(rate=0), heartbeat=0.1)
        config = MemoryConfig(vector_store={"persist_directory": folder / "memory"}, maintenance={"enabled": False})
        late = LateMemory(lambda: MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()))
        self._app, _ = self._call(self._stack.enter_async_context(running(late, options, 8779)))

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def close(self) -> None:
        """End it."""
        self._call(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """See the ASGI specification: the whole request is brought there, and the whole answer back."""
        if scope["type"] != "http":
            raise NotImplementedError
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)

        async def answered() -> list[Any]:
            given = [{"type": "http.request", "body": body, "more_body": False}]
            answer: list[Any] = []

            async def take() -> Any:
                return given.pop() if given else await asyncio.Event().wait()

            async def keep(message: Any) -> None:
                answer.append(message)

            await self._app({**scope, "state": {}, "app": None}, take, keep)
            return answer

        done: Future[list[Any]] = asyncio.run_coroutine_threadsafe(answered(), self._loop)
        for message in await asyncio.wrap_future(done):
            await send(message)


HOME = Home(Path(tempfile.mkdtemp(prefix="outside-")))
# Of what happens there is no end.
schema = schemathesis.openapi.from_asgi("/openapi.json", HOME, timeout=120).exclude(operation_id="events")


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    HOME.close()


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_operation(case: Any) -> None:
    """Whatever is sent is answered as the document says."""
    name = case.operation.definition.raw["operationId"]
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        related(case)
    else:
        misfits[name] += 1
        if misfits[name] > MANY and misfits[name] % ONE_OF:
            return
    cases[name] += 1
    checked = [one for one in CHECKS if name not in UNSAID or one is not checks.positive_data_acceptance]
    case.call_and_validate(headers={"X-API-Key": HOME.key}, checks=checked)


def test_cases_were_many() -> None:
    """Enough was tried for nothing found to say something."""
    print(f"{sum(cases.values())} cases of {len(cases)} operations")
    assert sum(cases.values()) >= LEAST
