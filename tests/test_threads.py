"""Matrix products on one core; worker threads: one thing after the other, closed within a time, opened again."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from coda_graphmem import threads
from coda_graphmem.threads import SHORT, Gathering, Worker, WorkerClosedError, aside, close_all, in_thread, one_core


@pytest.fixture
def worker() -> Worker:
    return Worker("test-worker")


def test_work_is_done_in_its_order_by_one_thread(worker: Worker) -> None:
    done: list[tuple[int, str]] = []
    futures = [worker.submit(lambda i=i: done.append((i, threading.current_thread().name))) for i in range(5)]  # type: ignore[misc]
    for future in futures:
        future.result(5)
    assert done == [(i, "test-worker") for i in range(5)]
    assert worker.close(5)


def test_errors_go_to_whoever_asked(worker: Worker) -> None:
    failing = worker.submit(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        failing.result(5)
    assert worker.submit(lambda: 3).result(5) == 3
    assert worker.close(5)


def test_what_waits_is_done_before_it_ends(worker: Worker) -> None:
    futures = [worker.submit(lambda i=i: i) for i in range(20)]  # type: ignore[misc]
    assert worker.close(5)
    assert [future.result(0) for future in futures] == list(range(20))
    with pytest.raises(WorkerClosedError):
        worker.submit(int)
    worker.open()
    assert worker.submit(lambda: 4).result(5) == 4
    assert worker.close(5)
    assert worker.close(5)


def test_work_that_does_not_end_is_given_up(worker: Worker) -> None:
    gate = threading.Event()
    running, waiting = worker.submit(lambda: gate.wait(30)), worker.submit(int)
    started = time.monotonic()
    assert not close_all([worker, Worker("idle")], 0.1)
    assert time.monotonic() - started < 5
    for future in (running, waiting):
        with pytest.raises(WorkerClosedError):
            future.result(0)
    worker.open()
    assert worker.submit(lambda: 5).result(5) == 5
    gate.set()
    assert worker.close(5)


async def test_a_thread_of_its_own() -> None:
    assert await in_thread(lambda: threading.current_thread().daemon)
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 / 0)


def blas_threads() -> set[int]:
    """Threads of NumPy's BLAS; SciPy brings one of its own, which this is not about."""
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {pool["num_threads"] for pool in pools if "scipy.libs" not in pool["filepath"]}


def test_overlapping_blocks_leave_the_threads_as_they_were() -> None:
    assert np.ones(2) @ np.ones(2) == 2
    with threadpool_limits(2, user_api="blas"):
        first, second = one_core(), one_core()
        first.__enter__()
        second.__enter__()
        assert blas_threads() == {1}
        first.__exit__(None, None, None)
        assert blas_threads() == {1}
        second.__exit__(None, None, None)
        assert blas_threads() == {2}
        with one_core():
            assert blas_threads() == {1}
        assert blas_threads() == {2}


async def test_only_much_work_goes_to_a_thread() -> None:
    here = threading.get_ident()
    assert await aside(SHORT, threading.get_ident) == here
    assert await aside(SHORT + 1, threading.get_ident) != here
    assert await aside(SHORT + 1, sorted, [1, 2], reverse=True) == [2, 1]


class Model:
    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[str]:
        self.asked.append(list(texts))
        if "bad" in texts:
            raise KeyError("bad")
        return [text.upper() for text in texts if text != "lost"]


def test_what_waits_goes_together_as_far_as_there_is_room() -> None:
    model = Model()
    together = Gathering(model, 4)
    calls = [together.call(texts) for texts in (["a"], ["b", "c"], ["d", "e"], ["f"], ["g"] * 9, ["h"])]
    answers = [call() for call in calls]
    assert answers == [["A"], ["B", "C"], ["D", "E"], ["F"], ["G"] * 9, ["H"]]
    assert model.asked == [["a", "b", "c"], ["d", "e", "f"], ["g"] * 9, ["h"]]


def test_long_texts_go_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_MOST_CHARACTERS", 10)
    model = Model()
    together = Gathering(model, 9)
    calls = [together.call([text]) for text in ("x" * 50, "abc", "def", "y" * 9)]
    assert [call() for call in calls] == [["X" * 50], ["ABC"], ["DEF"], ["Y" * 9]]
    assert model.asked == [["x" * 50], ["abc", "def"], ["y" * 9]]


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_a_text_that_fails_fails_its_caller_alone(bad: int) -> None:
    together = Gathering(Model(), 9)
    calls = [together.call([text]) for text in ["bad" if i == bad else f"t{i}" for i in range(3)]]
    for i, call in enumerate(calls):
        if i == bad:
            with pytest.raises(KeyError):
                call()
        else:
            assert call() == [f"T{i}"]


def test_a_result_that_is_missing_is_nobody_elses() -> None:
    together = Gathering(Model(), 9)
    calls = [together.call([text]) for text in ("a", "lost", "b")]
    assert [call() for call in calls] == [["A"], [], ["B"]]


def test_what_its_caller_gave_up_is_passed_over() -> None:
    model = Model()
    together = Gathering(model, 2)
    _, second, third = [together.call([text]) for text in "abc"]
    assert (second(), third()) == (["B"], ["C"])
    assert model.asked == [["b", "c"]]
