"""Whoever waits is told what for, on standard error only."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from coda_graphmem.cli import progress
from coda_graphmem.cli.progress import bar, waiting


def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal that remembers what is drawn on it."""
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=100)
    monkeypatch.setattr(progress, "stderr", lambda: console)
    return drawn


async def test_a_wait_is_named_only_when_it_lasts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with waiting("Quick"):
        pass
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    async with waiting("Slow"):
        await asyncio.sleep(0.05)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Slow …\n")


async def test_a_wait_on_a_terminal_is_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = terminal(monkeypatch)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    async with waiting("Slow"):
        await asyncio.sleep(0.05)
    assert "Slow …" in drawn.getvalue()
    assert drawn.getvalue().endswith("\x1b[2K")


async def test_an_error_passes_through_a_wait() -> None:
    with pytest.raises(ZeroDivisionError):
        async with waiting("Slow"):
            raise ZeroDivisionError


def test_without_a_terminal_progress_is_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with bar("Importing") as step:
        step(1, 2000)
        monkeypatch.setattr(progress, "INTERVAL", 0.0)
        step(1200, 2000)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Importing …\nImporting: 1,200 of 2,000\n")


def test_on_a_terminal_progress_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = terminal(monkeypatch)
    with bar("Importing") as step:
        step(1200, 2000)
    assert "Importing" in drawn.getvalue()
    assert "1200/2000" in drawn.getvalue()
