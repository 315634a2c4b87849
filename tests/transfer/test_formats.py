"""Each format has its endings, and refuses what does not go with it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, get_args

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.graphs.selection import MOST_DRAWN, Selection
from coda_graphmem.models import ExportFormat
from coda_graphmem.transfer.formats import FORMATS, check_fit, format_of


def test_every_format_is_in_the_table_with_endings_of_its_own() -> None:
    assert set(FORMATS) == set(get_args(ExportFormat))
    endings = [ending for form in FORMATS.values() for ending in form.endings]
    assert len(endings) == len(set(endings))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.jsonl", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.GraphML", "graphml"),
        ("a.cql", "cypher"),
        ("x.y.htm", "html"),
        ("a.zip", "markdown"),
    ],
)
def test_the_ending_says_the_format(name: str, form: str) -> None:
    assert format_of(PurePath(name)) == form


def test_other_endings_say_none() -> None:
    with pytest.raises(ValidationError, match=r"'\.txt' stands for no format"):
        format_of(PurePath("a.txt"))


@pytest.mark.parametrize(
    ("name", "selection", "flags"),
    [
        ("jsonl", Selection(), {"every_namespace": True, "with_embeddings": False}),
        ("jsonl", Selection(max_depth=3), {}),
        ("cypher", Selection(), {"every_namespace": True}),
        ("markdown", Selection(), {"every_namespace": True, "with_embeddings": False}),
        ("knowledge-graph", Selection(), {}),
        ("graphml", Selection(query="x", max_memories=MOST_DRAWN + 1), {}),
        ("svg", Selection(memory_ids=("a",), max_memories=MOST_DRAWN), {}),
    ],
)
def test_what_fits_a_format(name: ExportFormat, selection: Selection, flags: dict[str, Any]) -> None:
    check_fit(name, selection, **{"every_namespace": False, "with_embeddings": True, **flags})


@pytest.mark.parametrize(
    ("name", "selection", "flags", "message"),
    [
        ("jsonl", Selection(query="x"), {}, "format: jsonl does not go with query, memory_ids, max_memories"),
        ("cypher", Selection(include_archived=True), {}, "format: cypher does not go with query"),
        ("cypher", Selection(), {"with_embeddings": False}, "format: cypher does not go with with_embeddings"),
        ("markdown", Selection(query="x"), {}, "format: markdown does not go with query"),
        ("knowledge-graph", Selection(), {"every_namespace": True}, "knowledge-graph does not go with every_namespace"),
        (
            "knowledge-graph",
            Selection(),
            {"with_embeddings": False},
            "does not go with with_embeddings",
        ),
        ("gexf", Selection(), {"every_namespace": True}, "format: gexf does not go with every_namespace"),
        ("html", Selection(), {"with_embeddings": False}, "format: html does not go with with_embeddings"),
        ("png", Selection(max_memories=MOST_DRAWN + 1), {}, r"max_memories: is more than can be drawn \(2,000\)"),
    ],
)
def test_what_does_not_fit_a_format(
    name: ExportFormat, selection: Selection, flags: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        check_fit(name, selection, **{"every_namespace": False, "with_embeddings": True, **flags})
