"""Where OpenTelemetry's spans and measurements go in these tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class Watch:
    """What was seen of calls."""

    def __init__(self, exporter: InMemorySpanExporter, reader: InMemoryMetricReader) -> None:
        self._exporter = exporter
        self._reader = reader

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """Spans that ended, in that order."""
        return self._exporter.get_finished_spans()

    @property
    def last(self) -> ReadableSpan:
        return self.spans[-1]

    def forget(self) -> None:
        self._exporter.clear()

    def measured(self) -> list[Any]:
        """The points of all metrics, by (name, point), since the process began."""
        data = self._reader.get_metrics_data()
        resources = data.resource_metrics if data is not None else ()
        scopes = [scope for resource in resources for scope in resource.scope_metrics]
        return [(metric, point) for scope in scopes for metric in scope.metrics for point in metric.data.data_points]


@cache
def _watch() -> Watch:
    """A process has one provider of each, for good; another test may have made it."""
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    metrics.set_meter_provider(MeterProvider([reader]))
    return Watch(exporter, reader)


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = _watch()
    watch.forget()
    yield watch
    watch.forget()
