"""Commands that look after a memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Run, write_jsonl
from tests.cli.test_process import COMMAND

SAME = [
    {"text": "I prefer meetings in the morning.", "type": "preference", "memory_id": "a"},
    {"text": "I like to have my meetings in the morning.", "type": "preference", "memory_id": "b"},
    {"text": "The rent is 1200 euros a month.", "type": "semantic", "memory_id": "c"},
    {"text": "The rent is 1300 euros a month.", "type": "semantic", "memory_id": "d"},
]


@pytest.fixture
def alike(run: Run, tmp_path: Path) -> Run:
    run("import", str(write_jsonl(tmp_path / "alike.jsonl", SAME)))
    return run


def test_consolidate_and_undo(alike: Run) -> None:
    planned = alike("consolidate", "--dry-run")
    assert "2 would become 1" in planned.out
    assert "Kept apart: 1 pairs" in planned.out
    assert "undo" not in planned.out
    assert len(alike("list", "--json").json) == 4
    assert alike("consolidate", "--dry-run", "--threshold", "0.999", "--json").json["consolidated_count"] == 0
    time.sleep(0.1)
    assert alike("consolidate", "--dry-run", "--hours", "0.00001", "--json").json["memories_considered"] == 0
    done = alike("consolidate", "--json").json
    assert (done["consolidated_count"], done["dry_run"]) == (2, False)
    assert alike("show", "a", "--json").json["consolidated_into"] == done["proposals"][0]["merged_id"]
    assert "merged into" in alike("show", "a").out
    back = alike("undo", done["run_id"])
    assert "2 memories are back, 1 merged ones are gone." in back.out
    assert sorted(item["memory_id"] for item in alike("list", "--json").json) == ["a", "b", "c", "d"]
    assert alike("undo", done["run_id"], "--json").json["restored_ids"] == []
    assert "run_id" in alike("undo", "nothing", code=1).err
    shown = alike("consolidate").out
    assert "“I" in shown
    assert "coda-graphmem undo" in shown


def test_one_proposal_is_merged_refused_and_allowed(alike: Run) -> None:
    planned = alike("consolidate", "--dry-run").out
    assert planned.startswith("1. “I")
    assert "coda-graphmem merge a b" in planned
    assert "1 pair." in alike("refuse-merge", "b", "a").out
    assert alike("refuse-merge", "a", "b", "--json").json == {"pairs": 0}
    refused = alike("consolidate", "--dry-run", "--json").json
    assert (refused["proposals"], refused["refused_by_guard"]["refused"]) == ([], 1)
    assert "refused" in alike("merge", "a", "b", code=1).err
    assert alike("allow-merge", "a", "b", "--json").json == {"pairs": 1}
    assert "0 pairs." in alike("allow-merge", "a", "b").out
    assert "cosine" in alike("merge", "a", "b", "--threshold", "0.999", code=1).err
    done = alike("merge", "a", "b", "--json").json
    assert alike("show", "a", "--json").json["consolidated_into"] == done["proposal"]["merged_id"]
    stays = alike("unarchive", "a", code=1)
    assert f"coda-graphmem undo {done['run_id']}" in stays.err
    alike("undo", done["run_id"])
    assert "--despite-guards" in alike("merge", "c", "d", code=1).err
    assert "2 memories became" in alike("merge", "c", "d", "--despite-guards").out


def test_what_was_archived_comes_back(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_MAX_MEMORIES", "6")
    filled("add", "Eels are in season.")
    archived = [item["memory_id"] for item in filled("list", "--archived", "--json").json]
    assert sorted(archived) == ["m0", "m1"]
    back = filled("unarchive", archived[0], "m6")
    assert back.out == "Brought back 1 memory.\nNot archived: m6.\n"
    assert filled("unarchive", archived[1], "--json").json["restored_ids"] == [archived[1]]
    assert filled("list", "--archived", "--json").json == []
    assert "no memory nothing" in filled("unarchive", "nothing", code=1).err


def test_decay(filled: Run) -> None:
    said = filled("decay", "--dry-run", "--at", "2027-03-01")
    assert said.out.startswith("7 memories have")
    kept = filled("decay", "--at", "2027-03-01", "--json").json
    assert (kept["memories"], kept["saved"]) == (7, 7)
    assert 0 < kept["lowest"] < kept["mean"] < 1
    assert "Kept in" in filled("decay").out
    assert "strength" in filled("show", "m0").out


def test_health(run: Run, filled: Run) -> None:
    assert "All is well." in run("health", "--namespace", "empty").out
    found = filled("health", "--json").json
    assert 0 < found["overall_score"] <= 1
    assert all(issue["remedy"] for issue in found["issues"])
    assert f"{found['overall_score']:.2f}" in filled("health").out


def test_optimize(alike: Run) -> None:
    small = alike("optimize", "--no-consolidate", "--json").json
    assert (small["consolidated_count"], small["bytes_after"] > 0) == (0, True)
    merged = alike("optimize")
    assert "2 memories were merged" in merged.out
    assert "MB are left" in merged.out
    run_id = merged.out.split("undo ")[1].split()[0]
    assert len(alike("undo", run_id, "--json").json["restored_ids"]) == 2


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
        "expire": False, "decay": True, "limit": False, "consolidate": True, "link": False, "cleanup": False,
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


def test_stats_tell_of_searches(filled: Run) -> None:
    assert "searched" not in filled("stats").out
    filled("search", "boiler")
    assert "1 times, 0 without a result" in filled("stats").out
    assert filled("stats", "--json").json["retrievals"]["total_retrievals"] == 1


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
