"""Matrix products on one core."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from coda_graphmem.blas import one_core


def threads() -> set[int]:
    """Threads of NumPy's BLAS; SciPy brings one of its own, which this is not about."""
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {pool["num_threads"] for pool in pools if "scipy.libs" not in pool["filepath"]}


def test_overlapping_blocks_leave_the_threads_as_they_were() -> None:
    assert np.ones(2) @ np.ones(2) == 2
    with threadpool_limits(2, user_api="blas"):
        first, second = one_core(), one_core()
        first.__enter__()
        second.__enter__()
        assert threads() == {1}
        first.__exit__(None, None, None)
        assert threads() == {1}
        second.__exit__(None, None, None)
        assert threads() == {2}
        with one_core():
            assert threads() == {1}
        assert threads() == {2}
