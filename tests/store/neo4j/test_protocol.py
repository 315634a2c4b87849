"""What the embedded store's tests demand of the protocol, demanded of Neo4j."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from tests.store.embedded import test_graph, test_namespaces, test_reads, test_removal, test_writes
from tests.store.factory import new
from tests.store.neo4j.tenancy import Tenancy

#: What tests name that look at bytes on disk, at matrices in memory or at what only the embedded store does.
_OF_A_FILE = {"holds", "raw", "parent", "_database", "storage_bytes", "opened", "MatrixIndex", "_index", "traces"}
_OF_A_FILE |= {"EmbeddedRecords"}


def _is_about_a_file(test: Callable[..., object]) -> bool:
    code = inspect.unwrap(test).__code__
    inner = {name for const in code.co_consts if hasattr(const, "co_names") for name in const.co_names}
    return bool(_OF_A_FILE & {*code.co_names, *code.co_varnames, *inner})


# Tests and their fixtures are collected again here, where `store` and `file` are other fixtures.
for _module in (test_graph, test_namespaces, test_reads, test_removal, test_writes):
    for _name, _value in vars(_module).items():
        _is_fixture = type(_value).__name__ == "FixtureFunctionDefinition"
        if _is_fixture or (_name.startswith("test_") and not _is_about_a_file(_value)):
            globals()[_name] = _value


async def test_stats_of_a_namespace_without_a_size(store: Tenancy) -> None:
    await store.records.insert("ns", [new("m1", entities=["a"], conversation_id="c"), new("m2")], reinforcement=0.1)
    await store.records.record_access("ns", {"m2": 2}, 5.0)
    stats = await store.records.stats("ns", now=0.0)
    assert (stats.total_memories, stats.total_entities, stats.total_conversations, stats.total_mentions) == (2, 1, 1, 1)
    assert (stats.oldest_timestamp, stats.newest_timestamp) == (1001.0, 1002.0)
    assert (stats.most_accessed_memory_id, stats.avg_importance_score) == ("m2", 0.5)
    assert stats.storage_bytes is None
    assert (await store.records.stats("nothing", now=0.0)).avg_importance_score == 0.0
