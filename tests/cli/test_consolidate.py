"""``consolidate``, ``merge``, ``refuse-merge``, ``allow-merge`` and ``undo``."""

from __future__ import annotations

import time

from tests.cli.conftest import Run


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
