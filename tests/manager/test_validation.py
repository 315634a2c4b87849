"""Bad input: a typed error that names field and remedy, and nothing changed."""

from __future__ import annotations

import math

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, ValidationError


class Sender:
    def send_json(self, message: object) -> None: ...


class OneArgument:
    def broadcast_event(self, event: object) -> None: ...


class Fixed:
    __slots__ = ()

    def add_message(self, conversation_id: str, message: object) -> None: ...


BAD_CALLS = [
    ("store_memory", {"content": ""}, "content"),
    ("store_memory", {"content": "   \n"}, "content"),
    ("store_memory", {"content": "x" * 1_000_001}, "content"),
    ("store_memory", {"content": "a\x00b"}, "content"),
    ("store_memory", {"content": "a\ud800b"}, "content"),
    ("store_memory", {"content": 7}, "content"),
    ("store_memory", {"content": "x", "importance_score": math.nan}, "importance_score"),
    ("store_memory", {"content": "x", "importance_score": 1.01}, "importance_score"),
    ("store_memory", {"content": "x", "importance_score": "high"}, "importance_score"),
    ("store_memory", {"content": "x", "importance_score": True}, "importance_score"),
    ("store_memory", {"content": "x", "memory_type": "dream"}, "memory_type"),
    ("store_memory", {"content": "x", "metadata": {"o": object()}}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {"n": math.inf}}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {1: "a"}}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {"a": [{2: 3}]}}, "metadata"),
    ("store_memory", {"content": "x", "metadata": ["a"]}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {"a": "\x00"}}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {"a": ["\udfff"]}}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {"a": "y" * 100_001}}, "metadata"),
    ("store_memory", {"content": "x", "timestamp": math.inf}, "timestamp"),
    ("store_memory", {"content": "x", "timestamp": 1e15}, "timestamp"),
    ("store_memory", {"content": "x", "timestamp": 10**400}, "timestamp"),
    ("store_memory", {"content": "x", "memory_id": ""}, "memory_id"),
    ("store_memory", {"content": "x", "memory_id": "a\nb"}, "memory_id"),
    ("store_memory", {"content": "x", "memory_id": "i" * 513}, "memory_id"),
    ("store_memory", {"content": "x", "conversation_id": 3}, "conversation_id"),
    ("store_memories_batch", {"memories": "x"}, "memories"),
    ("cleanup_old_memories", {"max_age_days": 0}, "max_age_days"),
    ("cleanup_old_memories", {"min_importance": 1.5}, "min_importance"),
    ("cleanup_old_memories", {"max_access_count": -1}, "max_access_count"),
    ("cleanup_old_memories", {"dry_run": "yes"}, "dry_run"),
    ("store_short_term_memory", {"content": "x", "conversation_id": "c", "ttl_minutes": 0}, "ttl_minutes"),
    ("store_short_term_memory", {"content": "x", "conversation_id": "c", "ttl_minutes": math.nan}, "ttl_minutes"),
    ("store_short_term_memory", {"content": "x", "conversation_id": ""}, "conversation_id"),
    ("retrieve_memories", {"query": ""}, "query"),
    ("retrieve_memories", {"query": "q" * 10_001}, "query"),
    ("retrieve_memories", {"query": "x", "limit": -1}, "limit"),
    ("retrieve_memories", {"query": "x", "limit": 0}, "limit"),
    ("retrieve_memories", {"query": "x", "limit": 2.5}, "limit"),
    ("retrieve_memories", {"query": "x", "limit": 10_001}, "limit"),
    ("retrieve_memories", {"query": "x", "min_relevance": 1.5}, "min_relevance"),
    ("retrieve_memories", {"query": "x", "min_importance": -0.1}, "min_importance"),
    ("retrieve_memories", {"query": "x", "memory_types": []}, "memory_types"),
    ("retrieve_memories", {"query": "x", "memory_types": "semantic"}, "memory_types"),
    ("retrieve_memories", {"query": "x", "memory_types": ["dream"]}, "memory_types"),
    ("retrieve_memories", {"query": "x", "since": 5, "until": 5}, "since"),
    ("retrieve_memories", {"query": "x", "metadata": {"a": [1]}}, "metadata"),
    ("retrieve_memories", {"query": "x", "mode": "magic"}, "mode"),
    ("retrieve_memories", {"query": "x", "max_depth": 5}, "max_depth"),
    ("retrieve_memories", {"query": "x", "as_of": math.nan}, "as_of"),
    ("retrieve_memories", {"query": "x", "explain": 1}, "explain"),
    ("retrieve_memories", {"query": "x", "diverse": None}, "diverse"),
    ("retrieve_memories", {"query": "x", "count_recall": None}, "count_recall"),
    ("retrieve_memories_multi_query", {"queries": []}, "queries"),
    ("retrieve_memories_multi_query", {"queries": "one"}, "queries"),
    ("retrieve_memories_multi_query", {"queries": ["a", ""]}, "queries[1]"),
    ("retrieve_memories_multi_query", {"queries": ["a"], "aggregation_method": "sum"}, "aggregation_method"),
    ("retrieve_memories_multi_query", {"queries": ["a"], "weights": [1, 2]}, "weights"),
    ("retrieve_memories_multi_query", {"queries": ["a", "b"], "weights": [0, 0]}, "weights"),
    ("retrieve_memories_multi_query", {"queries": ["a", "b"], "weights": [1, -1]}, "weights"),
    ("retrieve_contextual_memories", {"conversation_id": ""}, "conversation_id"),
    ("retrieve_contextual_memories", {"conversation_id": "c", "max_depth": -1}, "max_depth"),
    ("retrieve_contextual_memories", {"conversation_id": "c", "include_related": "no"}, "include_related"),
    ("retrieve_recent_memories", {"hours": 0}, "hours"),
    ("retrieve_recent_memories", {"hours": "day"}, "hours"),
    ("get_conversation_context", {"conversation_id": "c", "max_memories": 0}, "max_memories"),
    ("get_memory", {"memory_id": None}, "memory_id"),
    ("list_memories", {"limit": 0}, "limit"),
    ("list_memories", {"offset": -1}, "offset"),
    ("list_memories", {"order": "random"}, "order"),
    ("count", {"archived": "yes"}, "archived"),
    ("list_entities", {"limit": 0}, "limit"),
    ("list_touched", {"since": math.nan}, "since"),
    ("list_recalled", {"since": math.nan}, "since"),
    ("update_memory", {"memory_id": "m", "content": ""}, "content"),
    ("update_memory", {"memory_id": "", "content": "x"}, "memory_id"),
    ("delete_memory", {"memory_id": ""}, "memory_id"),
    ("forget", {"max_importance": 2}, "max_importance"),
    ("unarchive_memories", {"memory_ids": "m"}, "memory_ids"),
    ("unarchive_memories", {"memory_ids": ["m", ""]}, "memory_ids[1]"),
    ("merge_memories", {"memory_ids": ["m", "m"]}, "memory_ids"),
    ("merge_memories", {"memory_ids": [f"m{i}" for i in range(51)]}, "memory_ids"),
    ("merge_memories", {"memory_ids": ["a", "b"], "similarity_threshold": 0}, "similarity_threshold"),
    ("merge_memories", {"memory_ids": ["a", "b"], "despite_guards": "yes"}, "despite_guards"),
    ("merge_memories", {"memory_ids": ["a", "b"]}, "memory_ids"),
    ("refuse_merge", {"memory_ids": ["m"]}, "memory_ids"),
    ("refuse_merge", {"memory_ids": ["a", "b"]}, "memory_ids"),
    ("allow_merge", {"memory_ids": []}, "memory_ids"),
    ("allow_merge", {"memory_ids": ["a", "b"]}, "memory_ids"),
    ("list_links", {"memory_ids": "m"}, "memory_ids"),
    ("list_links", {"memory_ids": ["m"], "kinds": ["NEXT"]}, "kinds"),
    ("list_merges", {"memory_ids": 3}, "memory_ids"),
    ("get_graph", {"entity_keys": "maria"}, "entity_keys"),
    ("get_graph", {"entity_keys": ["nobody"]}, "entity_keys"),
    ("get_graph", {"entity_keys": ["maria"], "max_depth": 0}, "max_depth"),
    ("extract_key_information", {"text": ""}, "text"),
    ("extract_key_information", {"text": "x", "extract_types": ["shoe"]}, "extract_types"),
    ("extract_key_information", {"text": "x", "extract_types": []}, "extract_types"),
    ("extract_key_information", {"text": "x", "extract_types": "job"}, "extract_types"),
    ("extract_key_information", {"text": "x", "extract_types": [["job"]]}, "extract_types"),
    ("extract_key_information", {"text": "x", "subject": " "}, "subject"),
    ("register_information_matcher", {"name": "job", "matcher": list}, "name"),
    ("register_information_matcher", {"name": "A b", "matcher": list}, "name"),
    ("register_information_matcher", {"name": "order", "matcher": 3}, "matcher"),
    ("explain_importance", {"text": " "}, "text"),
    ("explain_importance", {"text": "x", "memory_type": "dream"}, "memory_type"),
    ("learn_from_interaction", {"user_input": "", "assistant_response": "x"}, "user_input"),
    ("learn_from_interaction", {"user_input": "x", "assistant_response": ""}, "assistant_response"),
    (
        "learn_from_interaction",
        {"user_input": "x", "assistant_response": "x", "user_feedback": {"useful": True}},
        "user_feedback.useful",
    ),
    (
        "learn_from_interaction",
        {"user_input": "x", "assistant_response": "x", "conversation_id": ""},
        "conversation_id",
    ),
    ("enable_auto_learning", {"conversation_id": ""}, "conversation_id"),
    ("enable_auto_learning", {"conversation_id": "c", "learning_rate": 0}, "learning_rate"),
    ("enable_auto_learning", {"conversation_id": "c", "learning_rate": 1.1}, "learning_rate"),
    ("enable_auto_learning", {"conversation_id": "c", "importance_threshold": -1}, "importance_threshold"),
    ("disable_auto_learning", {"conversation_id": 3}, "conversation_id"),
    ("get_memory", {"memory_id": "m", "as_of": math.nan}, "as_of"),
    ("list_memories", {"as_of": "today"}, "as_of"),
    ("apply_decay", {"as_of": math.inf}, "as_of"),
    ("apply_decay", {"dry_run": 1}, "dry_run"),
    ("consolidate_memories", {"time_window_hours": 0}, "time_window_hours"),
    ("consolidate_memories", {"time_window_hours": "day"}, "time_window_hours"),
    ("consolidate_memories", {"similarity_threshold": 0}, "similarity_threshold"),
    ("consolidate_memories", {"similarity_threshold": 1.1}, "similarity_threshold"),
    ("consolidate_memories", {"dry_run": "no"}, "dry_run"),
    ("undo_consolidation", {"run_id": ""}, "run_id"),
    ("list_consolidations", {"limit": 0}, "limit"),
    ("link_similar", {"time_window_hours": -1}, "time_window_hours"),
    ("link_similar", {"min_similarity": 0.0}, "min_similarity"),
    ("link_similar", {"limit": 101}, "limit"),
    ("optimize_storage", {"consolidate": 0}, "consolidate"),
    ("list_runs", {"job": ""}, "job"),
    ("list_runs", {"limit": 0}, "limit"),
    ("run_job", {"name": "nothing"}, "name"),
    ("run_due_jobs", {"jobs": ["nothing"]}, "jobs"),
    ("run_due_jobs", {"jobs": "decay"}, "jobs"),
    ("start_maintenance", {"jobs": []}, "jobs"),
    ("promote_memory", {"memory_id": ""}, "memory_id"),
    ("enable_caching", {"cache_size": 0}, "cache_size"),
    ("enable_caching", {"cache_size": 1.5}, "cache_size"),
    ("enable_caching", {"ttl_minutes": 0}, "ttl_minutes"),
    ("preload_important_memories", {"min_importance": 1.5}, "min_importance"),
    ("preload_important_memories", {"max_count": 0}, "max_count"),
    ("subscribe", {"callback": "print"}, "callback"),
    ("subscribe", {"callback": print, "events": []}, "events"),
    ("subscribe", {"callback": print, "events": "stored"}, "events"),
    ("subscribe", {"callback": print, "events": ["born"]}, "events"),
    ("subscribe", {"callback": print, "events": [["stored"]]}, "events"),
    ("subscribe", {"callback": print, "include_content": 1}, "include_content"),
    ("subscribe", {"callback": print, "in_thread": 0}, "in_thread"),
    ("subscribe", {"callback": print, "queue_size": 0}, "queue_size"),
    ("subscribe", {"callback": print, "timeout_seconds": 0}, "timeout_seconds"),
    ("events", {"events": ["born"]}, "events"),
    ("events", {"include_content": "no"}, "include_content"),
    ("events", {"queue_size": 1.5}, "queue_size"),
    ("enable_websocket_integration", {"websocket_manager": object()}, "websocket_manager"),
    ("enable_websocket_integration", {"websocket_manager": OneArgument()}, "websocket_manager"),
    ("enable_websocket_integration", {"websocket_manager": Sender(), "broadcast_updates": 1}, "broadcast_updates"),
    ("enable_websocket_integration", {"websocket_manager": Sender(), "events": ["born"]}, "events"),
    (
        "enable_websocket_integration",
        {"websocket_manager": Sender(), "events": ["stored"], "broadcast_updates": False},
        "events",
    ),
    ("enable_websocket_integration", {"websocket_manager": Sender(), "include_content": 1}, "include_content"),
    ("enable_websocket_integration", {"websocket_manager": Sender(), "in_thread": None}, "in_thread"),
    ("enable_websocket_integration", {"websocket_manager": Sender(), "queue_size": -1}, "queue_size"),
    ("enable_websocket_integration", {"websocket_manager": Sender(), "timeout_seconds": -1}, "timeout_seconds"),
    ("enable_conversation_integration", {"conversation_manager": object()}, "conversation_manager"),
    ("enable_conversation_integration", {"conversation_manager": Fixed()}, "conversation_manager"),
    ("enable_conversation_integration", {"conversation_manager": Fixed(), "queue_size": 0}, "queue_size"),
    (
        "enable_conversation_integration",
        {"conversation_manager": Fixed(), "auto_store_messages": "yes"},
        "auto_store_messages",
    ),
    (
        "enable_conversation_integration",
        {"conversation_manager": Fixed(), "auto_extract_entities": None},
        "auto_extract_entities",
    ),
    (
        "enable_conversation_integration",
        {"conversation_manager": Fixed(), "auto_store_messages": False, "auto_extract_entities": False},
        "auto_store_messages",
    ),
    ("get_memories", {"memory_ids": "m"}, "memory_ids"),
    ("get_memories", {"memory_ids": [""]}, "memory_ids[0]"),
    ("get_memories", {"memory_ids": {"m"}}, "memory_ids"),
    ("get_memories", {"memory_ids": [str(i) for i in range(10_001)]}, "memory_ids"),
    ("retrieve_memories_multi_query", {"queries": {"a": 1}}, "queries"),
    ("export_memories", {"target": "m.jsonl", "query": "x"}, "format"),
    ("export_memories", {"target": "m.doc"}, "format"),
    ("export_memories", {"target": "m.svg", "max_memories": 0}, "max_memories"),
    ("export_memories", {"target": "m.svg", "include_archived": 1}, "include_archived"),
    ("import_memories", {"source": "there-is-none.jsonl"}, "there-is-none.jsonl"),
    ("import_memories", {"source": "m.jsonl", "every_namespace": "all"}, "every_namespace"),
    ("get_graph", {"query": ""}, "query"),
    ("get_graph", {"max_depth": 5}, "max_depth"),
    ("get_graph", {"skip": -1}, "skip"),
    ("get_graph", {"query": "x", "skip": 1}, "skip"),
    ("get_graph", {"memory_ids": ["nobody"]}, "memory_ids"),
    ("to_networkx", {"max_memories": 10**6}, "max_memories"),
    ("to_networkx", {"query": "x", "include_archived": True}, "include_archived"),
    ("copy_to", {"target": "bolt://somewhere"}, "target"),
    ("copy_to", {"target": MemoryConfig(), "namespaces": "one"}, "namespaces"),
    ("copy_to", {"target": MemoryConfig(), "namespaces": []}, "namespaces"),
    ("copy_to", {"target": MemoryConfig(), "namespaces": ["one", ""]}, "namespaces[1]"),
]


@pytest.mark.parametrize(("method", "arguments", "field"), BAD_CALLS)
async def test_bad_input_names_field_and_remedy(
    memory: MemoryManager, method: str, arguments: dict[str, object], field: str
) -> None:
    await memory.store_memory("kept", memory_id="m")
    before = await memory.get_memory_stats()
    with pytest.raises(ValidationError) as caught:
        await getattr(memory, method)(**arguments)
    assert caught.value.field == field
    assert caught.value.remedy
    assert field in str(caught.value)
    after = await memory.get_memory_stats()
    assert after.model_copy(update={"storage_bytes": before.storage_bytes}) == before
    kept = await memory.get_memory("m")
    assert kept is not None
    assert kept.content == "kept"


@pytest.mark.parametrize("name", ["", "  ", "n" * 201, "a\nb", None])
def test_bad_namespaces(memory: MemoryManager, name: object) -> None:
    with pytest.raises(ValidationError) as caught:
        memory.for_namespace(name)  # type: ignore[arg-type]
    assert caught.value.field == "namespace"


async def test_every_public_call_has_bad_input_above() -> None:
    """So that a new call is not forgotten here."""
    calls = {name for name in dir(MemoryManager) if not name.startswith("_")}
    no_arguments = {
        "check_memory_health", "cleanup", "config", "disable_caching", "disable_conversation_integration",
        "disable_websocket_integration", "for_namespace", "get_memory_stats", "get_retrieval_stats", "get_revision",
        "initialize", "list_jobs", "list_namespaces", "namespace", "reembed", "stop_maintenance", "warm_up",
    }  # fmt: skip
    assert calls - no_arguments == {method for method, _, _ in BAD_CALLS}


async def test_text_of_any_script_is_kept_as_it_is(memory: MemoryManager) -> None:
    text = "  Ünïcode 記憶 🧠 — “quotes” \t\n  "
    memory_id = await memory.store_memory(text, metadata={"ключ": "значение 🧠", "u": "\\u0000"})
    found = await memory.get_memory(memory_id)
    assert found is not None
    assert found.content == text
    assert found.metadata == {"ключ": "значение 🧠", "u": "\\u0000"}
