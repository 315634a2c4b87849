"""Which texts of a value its fields name."""

from __future__ import annotations

import pytest

from coda_graphmem.items.fields import texts_of

VALUE = {
    "text": "tea",
    "empty": " ",
    "none": None,
    "flag": True,
    "size": 3,
    "author": {"name": "Nora", "tags": ["a", "b"]},
    "parts": [{"text": "one"}, {"text": "two"}, {"other": 1}],
    "words": ["x", "y"],
}


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        ("text", ["tea"]),
        ("empty", []),
        ("none", []),
        ("missing", []),
        ("text.deeper", []),
        ("flag", ["True"]),
        ("size", ["3"]),
        ("author.name", ["Nora"]),
        ("author.tags", ['["a", "b"]']),
        ("author.*", ["Nora", '["a", "b"]']),
        ("author.tags[0]", ["a"]),
        ("author.tags[-1]", ["b"]),
        ("author.tags[-2]", ["a"]),
        ("author.tags[2]", []),
        ("author.tags[-3]", []),
        ("author.tags[x]", []),
        ("author[0]", []),
        ("parts[*].text", ["one", "two"]),
        ("parts.*.text", ["one", "two"]),
        ("words[*]", ["x", "y"]),
        ("words.*", ["x", "y"]),
        ("{text,author.name,missing}", ["tea", "Nora"]),
        ("author.{name,tags}", ["Nora", '["a", "b"]']),
        ("words.{x}", []),
    ],
)
def test_a_field_leads_to_texts(field: str, texts: list[str]) -> None:
    assert texts_of(VALUE, [field]) == texts


def test_the_whole_value_is_json_in_the_order_of_its_keys() -> None:
    assert texts_of({"b": "é", "a": 1}, ["$"]) == ['{"a": 1, "b": "é"}']


def test_texts_of_several_fields_come_in_their_order() -> None:
    assert texts_of(VALUE, ["author.name", "missing", "text"]) == ["Nora", "tea"]


def test_what_no_model_takes_is_replaced() -> None:
    assert texts_of({"text": "tea \ud800 é"}, ["text"]) == ["tea \ufffd é"]
