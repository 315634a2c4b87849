"""What the embedded store's tests demand of the protocol, demanded of Neo4j."""

from __future__ import annotations

from tests.store.embedded import test_graph, test_namespaces, test_reading, test_removing, test_writing
from tests.store.factory import new
from tests.store.neo4j.tenancy import Tenancy

#: These look at bytes on disk or at matrices in memory, which only the embedded store has.
_ABOUT_A_FILE = {
    "test_a_namespace_forgotten_as_a_whole_leaves_no_name",
    "test_a_reader_elsewhere_delays_the_log_and_it_is_said",
    "test_a_reader_that_missed_more_than_is_remembered_starts_over",
    "test_matrices_used_least_recently_are_dropped",
    "test_no_byte_of_what_was_forgotten_is_left",
    "test_what_was_deleted_before_is_gone_after_forgetting_too",
    "test_stats_of_a_namespace",
}

# Tests and their fixtures are collected again here, where `store` and `file` are other fixtures.
for _module in (test_graph, test_namespaces, test_reading, test_removing, test_writing):
    for _name, _value in vars(_module).items():
        _is_fixture = type(_value).__name__ == "FixtureFunctionDefinition"
        if (_name.startswith("test_") or _is_fixture) and _name not in _ABOUT_A_FILE:
            globals()[_name] = _value


async def test_stats_of_a_namespace_without_a_size(store: Tenancy) -> None:
    await store.insert("ns", [new("m1", entities=["a"], conversation_id="c"), new("m2")], reinforcement=0.1)
    await store.record_access("ns", {"m2": 2}, 5.0)
    stats = await store.stats("ns", now=0.0)
    assert (stats.total_memories, stats.total_entities, stats.total_conversations, stats.total_mentions) == (2, 1, 1, 1)
    assert (stats.oldest_timestamp, stats.newest_timestamp) == (1001.0, 1002.0)
    assert (stats.most_accessed_memory_id, stats.avg_importance_score) == ("m2", 0.5)
    assert stats.storage_bytes is None
    assert (await store.stats("nothing", now=0.0)).avg_importance_score == 0.0
