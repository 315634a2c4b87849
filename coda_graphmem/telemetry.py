"""Spans and durations of calls, as OpenTelemetry's conventions for memories (``gen_ai.memory.*``) have them.

OpenTelemetry is never imported for its own sake. A program whose calls anybody watches has loaded it before, and where
none has, or the setting is off, a call costs one look more. The conventions are in development: what they call things
stands here and nowhere else.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast
from urllib.parse import urlsplit

from coda_graphmem._version import __version__
from coda_graphmem.config import MemoryConfig
from coda_graphmem.models import (
    CleanupResult,
    DeletionReceipt,
    ImportReport,
    LearningResult,
    Memory,
    UnarchiveResult,
)

if TYPE_CHECKING:
    from opentelemetry.metrics import Histogram
    from opentelemetry.trace import Span, Tracer

logger = logging.getLogger(__name__)

SCOPE = "coda_graphmem"
"""The instrumentation's name, and what the names of operations begin with that the conventions do not know."""
DURATION = "gen_ai.client.operation.duration"
#: Bounds of its buckets, in seconds, as the conventions recommend.
_BOUNDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)

_READS = """
    get_conversation_context get_memories get_memory list_memories list_recalled list_touched
    retrieve_contextual_memories retrieve_memories retrieve_memories_multi_query retrieve_recent_memories
"""
_CHANGES = "promote_memory reinstate_memory retract_memory supersede_memory unarchive_memories update_memory"
#: What may strengthen a memory that is there instead of making one, unless `MemoryConfig.deduplicate` is off.
_STORES = frozenset({"store_memory", "store_memories_batch"})
OPERATIONS = {
    **dict.fromkeys(_READS.split(), "search_memory"),
    **dict.fromkeys(_CHANGES.split(), "update_memory"),
    **dict.fromkeys(_STORES, "upsert_memory"),
    "learn_from_interaction": "upsert_memory",
    "store_short_term_memory": "create_memory",
    "import_memories": "create_memory",
    "delete_memory": "delete_memory",
    "forget": "delete_memory",
    "cleanup_old_memories": "delete_memory",
}
"""The operation of the conventions that a method is."""

#: What every program loads that makes spans or measures anything.
_LOADED = "opentelemetry.context"

_BOLT = 7687
"""The port of Neo4j where an address names none."""


def is_watched(config: MemoryConfig) -> bool:
    """Whether anybody could see a call: the program has loaded OpenTelemetry, and the setting is on."""
    return _LOADED in sys.modules and config.telemetry.enabled and _instruments() is not None


class WatchedCall:
    """A call of the façade while it is done: the current span, ended with the block, and its duration afterwards.

    Args:
        method: Name of the method.
        config: Settings of the memory, which `is_watched`.
        namespace: The tenant that the call works in.
        arguments: The arguments by name, unchecked: of them only ``dry_run`` is heeded until `accept` is called.
    """

    def __init__(self, method: str, config: MemoryConfig, namespace: str, arguments: Mapping[str, Any]) -> None:
        self._instruments = cast("_Instruments", _instruments())
        self._captures = config.telemetry.capture_content
        self._arguments: Mapping[str, Any] = {}
        self._record_id: str | None = None
        operation = OPERATIONS.get(method)
        if operation == "upsert_memory" and method in _STORES and not config.deduplicate:
            operation = "create_memory"
        if arguments.get("dry_run"):
            operation = None
        self._is_known = operation is not None
        self._operation = operation or f"{SCOPE}.{method}"
        self._server = _server_of(config)
        self._attributes = {
            "gen_ai.operation.name": self._operation,
            "gen_ai.memory.store.id": namespace,
            "code.function.name": f"{SCOPE}.MemoryManager.{method}",
            **self._server,
        }

    def __enter__(self) -> Self:
        from opentelemetry import context, trace

        # In the same process it is no client of anything.
        kind = trace.SpanKind.CLIENT if self._server else trace.SpanKind.INTERNAL
        self._begun = time.perf_counter()
        self._span: Span = self._instruments.tracer.start_span(self._operation, kind=kind, attributes=self._attributes)
        self._token = context.attach(trace.set_span_in_context(self._span))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace_back: TracebackType | None
    ) -> None:
        from opentelemetry import context
        from opentelemetry.trace import Status, StatusCode

        measured = {"gen_ai.operation.name": self._operation, **self._server}
        if kind is not None:
            # Only the kind: a message of somebody else's may hold content.
            measured["error.type"] = kind.__qualname__
            self._span.set_attribute("error.type", kind.__qualname__)
            self._span.set_status(Status(StatusCode.ERROR))
        self._instruments.duration.record(time.perf_counter() - self._begun, measured)
        context.detach(self._token)
        self._span.end()

    def accept(self, arguments: Mapping[str, Any]) -> None:
        """Note the arguments, now that they are checked: what was passed by mistake may be anything."""
        if not self._span.is_recording():
            return
        self._arguments = arguments
        self._record_id = arguments.get("memory_id") or arguments.get("old_id")
        self._set("gen_ai.memory.record.id", self._record_id)
        self._set("gen_ai.conversation.id", arguments.get("conversation_id"))
        if self._captures:
            queries = [arguments["query"]] if arguments.get("query") else arguments.get("queries") or ()
            self._set("gen_ai.memory.query.text", "\n".join(queries))

    def tell(self, result: object) -> None:
        """Note what came of it."""
        if not self._span.is_recording() or not self._is_known:
            return
        if isinstance(result, str) and self._record_id is None:
            self._set("gen_ai.memory.record.id", result)
        if (count := _COUNTS.get(type(result))) is not None:
            self._span.set_attribute("gen_ai.memory.record.count", count(result))
        if self._captures:
            records = _records(self._arguments, result)
            self._set("gen_ai.memory.records", json.dumps(records, ensure_ascii=False) if records else None)

    def _set(self, name: str, value: str | None) -> None:
        if value:
            self._span.set_attribute(name, value)


class _Instruments(NamedTuple):
    tracer: "Tracer"
    duration: "Histogram"


@cache
def _instruments() -> _Instruments | None:
    """The same for the whole process; they find the program's providers, also those that it sets later.

    None, with a warning, where OpenTelemetry is too old: that must not keep anybody from their memories.
    """
    try:
        from opentelemetry import metrics, trace

        return _Instruments(
            trace.get_tracer(SCOPE, __version__),
            metrics.get_meter(SCOPE, __version__).create_histogram(
                DURATION,
                unit="s",
                description="How long calls of the memory take.",
                explicit_bucket_boundaries_advisory=_BOUNDS,
            ),
        )
    except (ImportError, TypeError) as error:
        logger.warning(
            "Calls are not traced, as the OpenTelemetry that is installed does not fit (%s). "
            "Install coda-graphmem[otel], or set telemetry.enabled to False.",
            type(error).__name__,
        )
        return None


def _server_of(config: MemoryConfig) -> dict[str, Any]:
    """Where the store is, unless it is in this process."""
    if config.vector_store_type == "neo4j":
        address = urlsplit(config.neo4j.uri)
        return {"server.address": address.hostname or "", "server.port": address.port or _BOLT}
    if config.vector_store.chroma_host is not None:
        return {"server.address": config.vector_store.chroma_host, "server.port": config.vector_store.chroma_port}
    return {}


#: How many memories a call found or changed, by the type of its result.
_COUNTS: dict[type, Callable[[Any], int]] = {
    bool: int,
    type(None): lambda _: 0,
    str: lambda _: 1,
    Memory: lambda _: 1,
    list: len,
    DeletionReceipt: lambda receipt: receipt.memories,
    CleanupResult: lambda result: result.removed.memories,
    UnarchiveResult: lambda result: len(result.restored_ids),
    ImportReport: lambda report: report.new,
    LearningResult: lambda r: len({*r.stored, *r.strengthened, *r.weakened, *r.outdated}),
}


def _records(arguments: Mapping[str, Any], result: object) -> list[dict[str, Any]]:
    """The memories of a call in the conventions' form: those that were found, else those that were given."""
    found = [result] if isinstance(result, Memory) else result
    if isinstance(found, list) and found and isinstance(found[0], Memory):
        return [_record(memory.content, memory.memory_id, memory.relevance_score) for memory in found]
    given = arguments.get("memories")
    if isinstance(given, Sequence) and isinstance(found, list):
        return [_record(entry["content"], memory_id) for entry, memory_id in zip(given, found, strict=True)]
    if result is not False and (content := arguments.get("content")):
        return [_record(content, result if isinstance(result, str) else arguments.get("memory_id"))]
    return []


def _record(content: str, memory_id: str | None, score: float | None = None) -> dict[str, Any]:
    record = {"id": memory_id, "content": content, "score": score}
    return {name: value for name, value in record.items() if value is not None}
