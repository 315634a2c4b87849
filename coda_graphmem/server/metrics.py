"""Counts of what the server does, in the form that Prometheus reads. They name no tenant, no key and no memory."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4

#: Seconds; a search takes a few hundredths of one.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What is counted.

    Args:
        requests: Says how many requests are being answered.
        streams: Says how many streams are open.
        is_ready: Says whether the memory is open.
    """

    def __init__(
        self, requests: Callable[[], float], streams: Callable[[], float], is_ready: Callable[[], float]
    ) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._answered = Counter(
            "coda_graphmem_requests",
            "Requests that were answered, by operation and status.",
            ("operation", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "coda_graphmem_request_seconds",
            "Time until a request was answered; streams are not counted.",
            ("operation",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        for name, about, count in (
            ("coda_graphmem_requests_in_progress", "Requests that are being answered.", requests),
            ("coda_graphmem_streams", "Streams that are open.", streams),
            ("coda_graphmem_ready", "1 once the memory is open.", is_ready),
        ):
            Gauge(name, about, registry=self._registry).set_function(count)

    def answered(self, operation: str, status: int, seconds: float | None) -> None:
        """Count a request.

        Args:
            operation: What it asked for: one of a few names.
            status: What it was answered with.
            seconds: How long that took; None for a stream.
        """
        self._answered.labels(operation, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(operation).observe(seconds)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)
