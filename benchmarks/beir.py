"""Reads evaluation sets in BEIR form: ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv``."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the memories that answer it."""

    text: str
    wanted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """One conversation or one pooled corpus, which is searched by itself."""

    name: str
    memories: list[dict[str, Any]]
    """As `MemoryManager.store_memories_batch` takes them."""
    queries: list[Query]


def read_groups(folder: Path, count: int | None = None) -> list[Group]:
    """The groups of a set, in the order of the corpus.

    Args:
        folder: Where the three files are.
        count: Only so many groups.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, _ = line.split("\t")
        wanted[query].add(document)
    groups: dict[str, Group] = {}
    for row in _rows(folder / "corpus.jsonl"):
        name = row["metadata"]["group"]
        groups.setdefault(name, Group(name, [], [])).memories.append(_memory(row))
    for row in _rows(folder / "queries.jsonl"):
        group = groups[row["metadata"]["group"]]
        ids = frozenset(f"{group.name}|{document}" for document in wanted[row["_id"]])
        group.queries.append(Query(row["text"], ids))
    return list(groups.values())[:count]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def _memory(row: dict[str, Any]) -> dict[str, Any]:
    about, title = row["metadata"], row.get("title") or ""
    memory: dict[str, Any] = {
        "content": f"{title}. {row['text']}" if title else row["text"],
        "memory_id": f"{about['group']}|{row['_id']}",
        "type": "episodic" if "position" in about else "semantic",
        "metadata": {key: value for key, value in (("title", title), ("speaker", about.get("speaker"))) if value},
    }
    if about.get("timestamp") is not None:
        memory["timestamp"] = about["timestamp"] + about.get("position", 0) * 1e-3
    if "session" in about:
        memory["conversation_id"] = f"{about['group']}-{about['session']}"
    return memory
