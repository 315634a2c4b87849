"""Bad input: a typed error that names field and remedy, and nothing changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from itertools import count
from pathlib import PurePosixPath
from uuid import UUID

import numpy as np
import pytest

from coda_graphmem import MemoryConfig, MemoryManager, PutItem, ValidationError


def nested(levels: int) -> dict[str, object]:
    """Dictionaries in one another."""
    value: dict[str, object] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


class Sender:
    def send_json(self, message: object) -> None: ...


class OneArgument:
    def broadcast_event(self, event: object) -> None: ...


class Fixed:
    __slots__ = ()

    def add_message(self, conversation_id: str, message: object) -> None: ...


BAD_CALLS = [
    ("put_item", {"path": (), "key": "k", "value": {}}, "path"),
    ("put_item", {"path": "users", "key": "k", "value": {}}, "path"),
    ("put_item", {"path": ("a", ""), "key": "k", "value": {}}, "path[1]"),
    ("put_item", {"path": ("a", 1), "key": "k", "value": {}}, "path[1]"),
    ("put_item", {"path": ("a\x00",), "key": "k", "value": {}}, "path[0]"),
    ("put_item", {"path": ("a",) * 51, "key": "k", "value": {}}, "path"),
    ("put_item", {"path": ("a" * 1_001,), "key": "k", "value": {}}, "path"),
    ("put_item", {"path": ("a",), "key": 1, "value": {}}, "key"),
    ("put_item", {"path": ("a",), "key": "k" * 1_001, "value": {}}, "key"),
    ("put_item", {"path": ("a",), "key": "\ud800", "value": {}}, "key"),
    ("put_item", {"path": ("a",), "key": "k", "value": [1]}, "value"),
    ("put_item", {"path": ("a",), "key": "k", "value": {"n": math.nan}}, "value"),
    ("put_item", {"path": ("a",), "key": "k", "value": {1: 2}}, "value"),
    ("put_item", {"path": ("a",), "key": "k", "value": {}, "fields": "text"}, "fields"),
    ("put_item", {"path": ("a",), "key": "k", "value": {}, "fields": [""]}, "fields[0]"),
    ("put_item", {"path": ("a",), "key": "k", "value": {}, "ttl": 0}, "ttl"),
    ("get_item", {"path": ("a",), "key": None}, "key"),
    ("get_item", {"path": ("a",), "key": "k", "refresh": 1}, "refresh"),
    ("delete_item", {"path": [], "key": "k"}, "path"),
    ("search_items", {"prefix": ("",)}, "prefix[0]"),
    ("search_items", {"query": " "}, "query"),
    ("search_items", {"where": {"a": {"$like": 1}}}, "where"),
    ("search_items", {"limit": -1}, "limit"),
    ("search_items", {"offset": -1}, "offset"),
    ("list_item_paths", {"suffix": "a"}, "suffix"),
    ("list_item_paths", {"max_depth": 0}, "max_depth"),
    ("batch_items", {"operations": "get"}, "operations"),
    ("batch_items", {"operations": [("get", "k")]}, "operations[0]"),
    ("batch_items", {"operations": [PutItem(path=("a",), key="k", value={}, ttl=-1)]}, "operations[0].ttl"),
    ("batch_items", {"operations": [], "embedder": "words"}, "embedder"),
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
    ("update_memory", {"memory_id": "m", "memory_type": "dream"}, "memory_type"),
    ("delete_memory", {"memory_id": ""}, "memory_id"),
    ("forget", {"max_importance": 2}, "max_importance"),
    ("archive_memories", {"memory_ids": "m"}, "memory_ids"),
    ("archive_memories", {"memory_ids": ["m", ""]}, "memory_ids[1]"),
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
    ("learn_from_interaction", {"user_input": "x", "assistant_response": 5}, "assistant_response"),
    ("learn_from_interaction", {"user_input": "x", "subject": ""}, "subject"),
    ("learn_from_interaction", {"user_input": "x", "subject": None}, "subject"),
    (
        "learn_from_interaction",
        {"user_input": "x", "assistant_response": "x", "user_feedback": {"rating": 10**400}},
        "user_feedback.rating",
    ),
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
    ("update_memory", {"memory_id": "m", "content": "x", "expected_version": 0}, "expected_version"),
    ("update_memory", {"memory_id": "m", "content": "x", "actor": ""}, "actor"),
    ("learn_from_interaction", {"user_input": "x", "assistant_response": "", "timestamp": "soon"}, "timestamp"),
    ("get_facts", {"subject": ""}, "subject"),
    ("get_facts", {"as_of": "soon"}, "as_of"),
    ("get_facts", {"include_past": 1}, "include_past"),
    ("get_fact_history", {"attribute": 3}, "attribute"),
    ("get_profile", {"max_tokens": 0}, "max_tokens"),
    ("build_context", {"query": ""}, "query"),
    ("build_context", {"conversation_id": ""}, "conversation_id"),
    ("build_context", {"max_tokens": -1}, "max_tokens"),
    ("build_context", {"max_tokens": 2.5}, "max_tokens"),
    ("build_context", {"subject": None}, "subject"),
    ("build_context", {"query": "x", "limit": 0}, "limit"),
    ("build_context", {"max_turns": 0}, "max_turns"),
    ("build_context", {"query": "x", "min_relevance": 1.5}, "min_relevance"),
    ("build_context", {"query": "x", "since": 5, "until": 5}, "since"),
    ("build_context", {"query": "x", "validity": "now"}, "validity"),
    ("build_context", {"as_of": "soon"}, "as_of"),
    ("build_context", {"sections": []}, "sections"),
    ("build_context", {"sections": "turns"}, "sections"),
    ("build_context", {"sections": ["turn"]}, "sections"),
    ("build_context", {"sections": ["turns", "turns"]}, "sections"),
    ("build_context", {"profile_share": 1.5}, "profile_share"),
    ("build_context", {"turns_share": -0.1}, "turns_share"),
    ("build_context", {"profile_always": 1}, "profile_always"),
    ("build_context", {"count_recall": None}, "count_recall"),
    ("build_context", {"tokenizer": "gpt"}, "tokenizer"),
    ("get_profile", {"subject": None}, "subject"),
    ("get_history", {"memory_id": ""}, "memory_id"),
    ("supersede_memory", {"old_id": ""}, "old_id"),
    ("supersede_memory", {"old_id": "m", "content": ""}, "content"),
    ("supersede_memory", {"old_id": "m", "content": "x", "at": math.inf}, "at"),
    ("retract_memory", {"memory_id": None}, "memory_id"),
    ("retract_memory", {"memory_id": "m", "at": "soon"}, "at"),
    ("reinstate_memory", {"memory_id": None}, "memory_id"),
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
    ("get_memories", {"memory_ids": {"m": 1}}, "memory_ids"),
    ("get_memories", {"memory_ids": b"m"}, "memory_ids"),
    ("get_memories", {"memory_ids": map(str, count())}, "memory_ids"),
    ("retrieve_memories", {"query": b"x"}, "query"),
    ("retrieve_memories", {"query": "x", "limit": 10**400}, "limit"),
    ("retrieve_memories", {"query": "x", "min_relevance": 10**400}, "min_relevance"),
    ("retrieve_memories", {"query": "x", "metadata": {"n": 10**400}}, "metadata"),
    ("retrieve_memories", {"query": "x", "metadata": {"n": -(2**63) - 1}}, "metadata"),
    ("list_memories", {"metadata": {"n": 2**63}}, "metadata"),
    ("retrieve_memories", {"query": "x", "since": "some day"}, "since"),
    ("retrieve_memories", {"query": "x", "since": 1.75e12}, "since"),
    ("retrieve_memories", {"query": "x", "since": b"2020"}, "since"),
    ("retrieve_memories", {"query": "x", "since": "2021-01-01", "until": date(2020, 1, 1)}, "since"),
    ("retrieve_memories", {"query": "x", "until": True}, "until"),
    ("retrieve_memories_multi_query", {"queries": ["x"] * 10_001}, "queries"),
    ("store_memory", {"content": "x", "metadata": nested(300)}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {"a": [nested(120)]}}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {"a": b"x"}}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {"a": {1, 2}}}, "metadata"),
    ("store_memory", {"content": "x", "metadata": {"a": np.float32("nan")}}, "metadata"),
    ("store_memory", {"content": "x", "timestamp": np.datetime64("NaT")}, "timestamp"),
    ("store_memories_batch", {"memories": [{"content": "x", "metadata": nested(300)}]}, "memories[0].metadata"),
    ("store_memories_batch", {"memories": [{"content": "x", "timestamp": "now"}]}, "memories[0].timestamp"),
    ("store_short_term_memory", {"content": "x", "conversation_id": "c", "ttl_minutes": 1e300}, "ttl_minutes"),
    ("store_short_term_memory", {"content": "x", "conversation_id": "c", "ttl_minutes": 10**400}, "ttl_minutes"),
    ("subscribe", {"callback": print, "events": 5}, "events"),
    ("subscribe", {"callback": print, "events": b"stored"}, "events"),
    ("subscribe", {"callback": print, "events": [{}]}, "events"),
    ("subscribe", {"callback": print, "queue_size": "many"}, "queue_size"),
    ("subscribe", {"callback": print, "queue_size": 10**400}, "queue_size"),
    ("subscribe", {"callback": print, "timeout_seconds": 10**400}, "timeout_seconds"),
    ("events", {"queue_size": None}, "queue_size"),
    ("run_job", {"name": []}, "name"),
    ("run_due_jobs", {"jobs": [[]]}, "jobs"),
    ("export_memories", {"target": "a\x00.jsonl"}, "target"),
    ("export_memories", {"target": "\ud800.jsonl"}, "target"),
    ("import_memories", {"source": ""}, "source"),
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
        "disable_websocket_integration", "expire_items", "for_namespace", "get_memory_stats", "get_retrieval_stats",
        "get_revision", "initialize", "list_jobs", "list_namespaces", "namespace", "reembed", "scoped", "services",
        "stop_maintenance", "warm_up",
    }  # fmt: skip
    assert calls - no_arguments == {method for method, _, _ in BAD_CALLS}


async def test_text_of_any_script_is_kept_as_it_is(memory: MemoryManager) -> None:
    text = "  Ünïcode 記憶 🧠 — “quotes” \t\n  "
    memory_id = await memory.store_memory(text, metadata={"ключ": "значение 🧠", "u": "\\u0000"})
    found = await memory.get_memory(memory_id)
    assert found is not None
    assert found.content == text
    assert found.metadata == {"ключ": "значение 🧠", "u": "\\u0000"}


class Text(str, Enum):
    TEA = "tea"


@pytest.mark.parametrize(
    "arguments",
    [
        {"query": np.str_("tea")},
        {"query": Text.TEA},
        {"query": "tea", "limit": np.int64(5), "min_relevance": np.float32(0.1), "explain": np.bool_(True)},
        {"query": "tea", "min_importance": Decimal("0.1"), "mode": np.str_("vector")},
        {"query": "tea", "memory_types": {"episodic"}},
        {"query": "tea", "memory_types": (name for name in ("episodic",))},
        {"query": "tea", "metadata": {np.str_("n"): np.int32(3), "big": 2**62, "half": np.float64(0.5)}},
        {"query": "tea", "since": "2025-01-01", "until": "2025-01-03T00:00:00+01:00"},
        {"query": "tea", "since": date(2025, 1, 1), "until": datetime(2025, 1, 3, tzinfo=UTC)},
        {"query": "tea", "since": np.datetime64("2025-01-01"), "until": np.datetime64("2025-01-03T00:00:00.000000001")},
        {"query": "tea", "since": "1735689600", "until": np.int64(1_735_862_400)},
    ],
)
async def test_values_are_taken_as_people_have_them(memory: MemoryManager, arguments: dict[str, object]) -> None:
    metadata = {"n": 3, "big": 2**62, "half": 0.5}
    await memory.store_memory("tea", metadata=metadata, timestamp="2025-01-02T03:04:05Z", importance_score=0.5)
    [found] = await memory.retrieve_memories(**arguments)  # type: ignore[arg-type]
    assert found.timestamp == 1_735_787_045.0


async def test_lists_are_whatever_holds_several(memory: MemoryManager) -> None:
    def drafts() -> Iterator[dict[str, object]]:
        yield {"content": "one", "memory_id": np.str_("a"), "timestamp": datetime(2025, 1, 1, tzinfo=UTC)}
        yield {"content": np.str_("two"), "memory_id": "b", "conversation_id": Text.TEA}

    assert await memory.store_memories_batch(drafts()) == ["a", "b"]  # type: ignore[arg-type]
    ids = {"a": 1, "b": 2}
    for given in (("a", "b"), ids.keys(), np.array(["a", "b"]), iter(ids), (name for name in ids)):
        assert [found.memory_id for found in await memory.get_memories(given)] == ["a", "b"]  # type: ignore[arg-type]
    assert {found.memory_id for found in await memory.get_memories({"a", "b"})} == {"a", "b"}  # type: ignore[arg-type]
    found = await memory.get_memory("b")
    assert found is not None
    assert {type(value) for value in (found.content, found.memory_id, found.conversation_id)} == {str}
    assert found.conversation_id == "tea"


async def test_metadata_takes_what_json_has_a_form_for(memory: MemoryManager) -> None:
    given = {
        "number": np.int64(3), "flag": np.bool_(True), "share": np.float32(0.25), "row": np.arange(3),
        "text": np.str_("x"), "choice": Text.TEA, "path": PurePosixPath("/a"), "day": date(2025, 1, 2),
        "id": UUID(int=1), "pair": (1, 2), "deep": nested(99),
    }  # fmt: skip
    memory_id = await memory.store_memory("x", metadata=given)
    found = await memory.get_memory(memory_id)
    assert found is not None
    assert found.metadata == {
        "number": 3, "flag": True, "share": 0.25, "row": [0, 1, 2], "text": "x", "choice": "tea", "path": "/a",
        "day": "2025-01-02", "id": "00000000-0000-0000-0000-000000000001", "pair": [1, 2], "deep": nested(99),
    }  # fmt: skip
    assert found.model_dump_json()


async def test_an_answer_may_be_empty(memory: MemoryManager) -> None:
    assert (await memory.learn_from_interaction("I live in Rome.", "", {"rating": np.int64(4)})).stored


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"config": 5}, "config"),
        ({"config": {"namespace": "x"}}, "config"),
        ({"embedder": "all-MiniLM"}, "embedder"),
        ({"extractor": 5}, "extractor"),
        ({"reranker": "a-cross-encoder"}, "reranker"),
        ({"clock": 5.0}, "clock"),
    ],
)
def test_what_a_manager_is_made_of_is_checked(arguments: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        MemoryManager(**arguments)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert caught.value.remedy


def test_no_error_speaks_of_the_limit_of_something_else(memory: MemoryManager) -> None:
    for name in ("", "n" * 201):
        with pytest.raises(ValidationError) as caught:
            memory.for_namespace(name)
        assert "512" not in str(caught.value)
