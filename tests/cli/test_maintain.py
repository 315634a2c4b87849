"""``maintain`` and ``jobs``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import Run
from tests.cli.test_process import COMMAND


def test_maintain_once_and_jobs(alike: Run) -> None:
    assert alike("maintain").out == "Nothing is due.\n"
    assert alike("maintain", "--once", "--json").json == []
    before = alike("jobs")
    assert "Nothing ran so far." in before.out
    assert "next in" in before.out
    [decay, consolidate] = alike("maintain", "--job", "decay", "--job", "consolidate", "--json").json
    assert (decay["job"], decay["changed"], decay["status"]) == ("scheduled decay", 4, "done")
    assert consolidate["changed"] == 2
    after = alike("jobs", "--json").json
    assert {job["name"]: job["last_run"] is not None for job in after["jobs"]} == {
        "expire": False, "facts": False, "passages": False, "decay": True, "index": False, "limit": False,
        "consolidate": True, "link": False, "cleanup": False,
    }  # fmt: skip
    runs = {run["job"]: run for run in after["runs"]}
    assert set(runs) == {"scheduled decay", "scheduled consolidate", "consolidate"}
    assert len(alike("undo", runs["consolidate"]["run_id"], "--json").json["restored_ids"]) == 2
    people = alike("jobs", "--limit", "1").out
    assert people.split("newest first")[1].count(", changed ") == 1
    assert "cleanup      off" in people


def test_wrong_use_of_maintain(run: Run) -> None:
    assert "no job" in run("maintain", "--job", "nothing", code=1).err
    assert run("maintain", "--once", "--watch", code=2).out == ""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is a POSIX signal here")
def test_a_worker_does_what_is_due_until_it_is_asked_to_end(filled: Run) -> None:
    environment = {**os.environ, "CODA_GRAPHMEM_MAINTENANCE__DECAY_INTERVAL_HOURS": "0.00001"}
    worker = subprocess.Popen(
        [COMMAND, "maintain", "--watch", "--job", "decay", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert worker.stdout is not None
    done = json.loads(worker.stdout.readline())
    assert (done["job"], done["changed"]) == ("scheduled decay", 7)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    _, err = worker.communicate(timeout=20)
    assert (worker.returncode, "Traceback" in err) == (0, False), err
    assert time.monotonic() - began < 5
