"""Runs of maintenance jobs, as the store remembers them, and what is to come."""

from typing import Any, Literal

from pydantic import BaseModel, Field

#: ``running`` runs whose holder died are told apart by their lease, see `coda_graphmem.runs`.
RunStatus = Literal["running", "done", "failed", "undone"]


class JobRun(BaseModel, frozen=True, defer_build=True):
    """One run of a job. It never holds the content of a memory. Times are seconds since the Unix epoch, UTC."""

    run_id: str
    job: str
    """``decay``, ``consolidate``, ``link``, ``optimize``; ``scheduled decay`` and so on for a round of the schedule."""
    namespace: str | None
    """None for a run over all namespaces."""
    holder: str
    """Which process ran it: host name, process id and a random part."""
    started_at: float
    finished_at: float | None = None
    status: RunStatus = "running"
    changed: int = 0
    """Memories it changed, made, archived or removed."""
    summary: dict[str, Any] = Field(default_factory=dict)
    """Counts by kind, ids at most; JSON."""
    error: str | None = None
    """Kind and message of the error of a failed run, or of what a run could not do that is done otherwise."""

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return None if self.finished_at is None else self.finished_at - self.started_at


class JobStatus(BaseModel, frozen=True, defer_build=True):
    """A job of the schedule: what it does, when it ran last and when it is due."""

    name: str
    about: str
    """What it does, in a sentence."""
    interval_hours: float | None
    """How often it is due; None for a job that the settings switch off."""
    last_run: JobRun | None
    """Its last round over all namespaces, by any process; None where it never ran."""
    next_due: float | None
    """When it is due (seconds since the Unix epoch, UTC), in the past where it is overdue; None where the settings
    switch it off or the store is empty."""
