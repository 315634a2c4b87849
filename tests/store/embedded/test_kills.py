"""A short run of the drill that `benchmarks/kills.py` does on a large store."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.kills import drill, ground_of
from coda_graphmem.store.embedded.proximity_build import build
from coda_graphmem.store.protocol import Vector
from tests.store.embedded.conftest import MakeStore, check_consistency
from tests.store.factory import DIMENSION, new, unit

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")]

COUNT, KILLS = 2_500, 12


def _here(seed: int) -> Vector:
    """A vector on one side of the space, so that what the drill writes lies on the other."""
    vector = unit(seed) + np.eye(DIMENSION, dtype=np.float32)[0]
    return vector / np.linalg.norm(vector)


async def test_what_was_acknowledged_is_found_whoever_is_killed(
    opened: MakeStore, folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.store.embedded.proximity._DELAY", 0.0)
    multiprocessing.get_context("forkserver").set_forkserver_preload(["benchmarks.kills"])
    settings = {"persist_directory": folder, "exact_up_to": 1_000}
    async with opened(vector_store=settings) as store:
        rows = [new(f"m{i}", embedding=_here(i)) for i in range(COUNT)]
        await store.records.insert("ns", rows, reinforcement=0.1)
    assert build(file, 1) == COUNT
    questions = [_here(seed) for seed in range(9_000, 9_020)]
    outcome = await drill(await ground_of(settings, "ns", questions, COUNT), kills=KILLS, longest=0.3)
    assert outcome.faults == []
    assert outcome.kills.total() == KILLS
    assert outcome.acknowledged > 0
    assert outcome.files > 0
    assert outcome.found >= 0.98 * outcome.asked > 0
    check_consistency(file)
