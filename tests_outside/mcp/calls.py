"""One call of every tool, in an order in which all of them do what they are asked for; clients make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from coda_graphmem.mcp.identity import Profile

Answered = Mapping[str, Mapping[str, Any]]
"""Structured content of what was answered so far, by tool."""


def _remembered(answers: Answered) -> str:
    return str(answers["memory_remember"]["memory_id"])


_EXTENDED: tuple[tuple[str, Callable[[Answered], dict[str, Any]]], ...] = (
    ("memory_remember", lambda _: {"content": "The user lives in Rome.", "metadata": {"a": 1}}),
    ("memory_search", lambda _: {"query": "Where does the user live?", "limit": 3}),
    ("memory_context", lambda _: {"about": "Rome"}),
    ("memory_update", lambda a: {"memory_id": _remembered(a), "expected_version": 1, "importance": 0.9}),
    ("memory_get", lambda a: {"memory_ids": [_remembered(a)], "response_format": "detailed"}),
    ("memory_entities", lambda _: {}),
    ("memory_related", lambda a: {"memory_id": _remembered(a)}),
    ("memory_stats", lambda _: {}),
    ("memory_consolidate", lambda _: {}),
    ("memory_supersede", lambda a: {"old_id": _remembered(a), "content": "The user lives in Paris."}),
    ("memory_forget", lambda a: {"memory_ids": [a["memory_supersede"]["new_id"]]}),
    ("memory_undo", lambda a: {"undo_id": a["memory_forget"]["undo_id"]}),
    ("memory_export", lambda _: {}),
)
_REFERENCE: tuple[tuple[str, Callable[[Answered], dict[str, Any]]], ...] = (
    ("create_entities", lambda _: {"entities": [{"name": "Tom", "entityType": "person", "observations": ["rows"]},
                                                {"name": "Rex", "entityType": "dog", "observations": []}]}),
    ("create_relations", lambda _: {"relations": [{"from": "Tom", "to": "Rex", "relationType": "keeps"}]}),
    ("add_observations", lambda _: {"observations": [{"entityName": "Rex", "contents": ["barks", "runs"]}]}),
    ("read_graph", lambda _: {}),
    ("search_nodes", lambda _: {"query": "barks"}),
    ("open_nodes", lambda _: {"names": ["Tom"]}),
    ("delete_observations", lambda _: {"deletions": [{"entityName": "Rex", "observations": ["runs"]}]}),
    ("delete_relations", lambda _: {"relations": [{"from": "Tom", "to": "Rex", "relationType": "keeps"}]}),
    ("delete_entities", lambda _: {"entityNames": ["Rex"]}),
)  # fmt: skip
#: On a memory that the calls of ``extended`` have filled.
_CHATGPT: tuple[tuple[str, Callable[[Answered], dict[str, Any]]], ...] = (
    ("search", lambda _: {"query": "Where does the user live?"}),
    ("fetch", lambda a: {"id": a["search"]["results"][0]["id"]}),
)
CALLS: Mapping[Profile, tuple[tuple[str, Callable[[Answered], dict[str, Any]]], ...]] = {
    "extended": _EXTENDED,
    "chatgpt": _CHATGPT,
    "reference": _REFERENCE,
}
GROUPS: tuple[tuple[Profile, ...], ...] = (("extended", "chatgpt"), ("reference",))
"""Profiles that are called on one memory, one after another."""


def calls_of(profile: Profile, answers: Answered) -> Iterator[tuple[str, dict[str, Any]]]:
    """The calls of a profile, each made of what was answered to those before it.

    Args:
        profile: Which tools; the default profile's are among those of ``extended``.
        answers: Where whoever calls keeps structured content, by tool.
    """
    for tool, make in CALLS[profile]:
        yield tool, make(answers)
