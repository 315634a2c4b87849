"""``search``: every option shows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.cli.conftest import Run

TENT = "What would be a good thank-you for the person who lent us the tent?"


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [item["memory_id"] for item in found]


def search(run: Run, *arguments: str) -> list[str]:
    return ids(run("search", *arguments, "--json").json)


def test_search_prints_the_best_first(filled: Run) -> None:
    lines = filled("search", "What is wrong with the boiler?").out.splitlines()
    assert "house" in lines[0]
    assert "boiler" in lines[1]


def test_json_is_all_of_the_memory_without_its_vector(filled: Run) -> None:
    best = filled("search", "pressure of the boiler", "--json").json[0]
    assert best["memory_id"] == "m5"
    assert 0.5 <= best["relevance_score"] <= 1.0
    assert best["namespace"] == "default"
    assert "embedding" not in best


def test_the_query_may_come_from_standard_input(filled: Run) -> None:
    found = filled("search", "-", "--json", stdin="pressure of the boiler\n").json
    assert ids(found)[0] == "m5"


def test_limit(filled: Run) -> None:
    assert len(search(filled, "boiler", "--min-relevance", "0", "--limit", "2")) == 2
    assert len(search(filled, "boiler", "--min-relevance", "0")) > 2


def test_min_relevance(filled: Run) -> None:
    scores = [item["relevance_score"] for item in filled("search", "boiler", "-r", "0", "--json").json]
    # Between two scores, as time goes on between two searches.
    gap, place = max((before - after, i) for i, (before, after) in enumerate(pairwise(scores), start=1))
    bar = scores[place] + gap / 2
    assert len(search(filled, "boiler", "--min-relevance", str(bar))) == place < len(scores)


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        (["--type", "preference"], {"m3"}),
        (["--type", "preference", "--type", "procedural"], {"m3", "m4"}),
        (["--since", "2026-03-10"], {"m5", "m6"}),
        (["--until", "2026-03-02"], {"m0"}),
        (["--conversation", "baking"], {"m3", "m4"}),
        (["--min-importance", "0.6"], {"m6"}),
    ],
)
def test_filters(filled: Run, options: list[str], allowed: set[str]) -> None:
    assert set(search(filled, "anything", "--min-relevance", "0", *options)) == allowed


def test_mode(filled: Run) -> None:
    def explained(mode: str) -> list[dict[str, Any]]:
        found = filled("search", "the boiler", "--mode", mode, "--explain", "--json", "-r", "0").json
        return [item["explanation"] for item in found]

    assert all(item["text_score"] > 0 for item in explained("text"))
    for mode in ("vector", "hybrid"):
        assert any(item["text_score"] == 0 for item in explained(mode))
        assert not any(item["paths"] for item in explained(mode))
    assert not any("text" in item["parts"] for item in explained("vector"))
    assert any(item["paths"] for item in explained("graph"))


def test_depth_decides_whether_the_graph_is_walked(filled: Run) -> None:
    def over_margit(*options: str) -> bool:
        found = filled("search", TENT, "--explain", "--json", "-r", "0", *options).json
        paths = [path for item in found if item["memory_id"] == "m3" for path in item["explanation"]["paths"]]
        return any(path["entity_key"] == "margit" for path in paths)

    assert over_margit()
    assert not over_margit("--depth", "0")


def test_explain_says_why(filled: Run) -> None:
    told = filled("search", TENT, "--explain", "-r", "0").out
    assert "why: vector (cosine" in told
    assert "graph: over Margit, also in “Our tent went mouldy." in told
    assert "score: " in told
    assert "why:" not in filled("search", TENT, "-r", "0").out


def test_nothing_found_is_no_error(filled: Run) -> None:
    assert "Nothing relevant was found" in filled("search", "xylophone", "-r", "0.99").out
    assert filled("search", "xylophone", "-r", "0.99", "--json").json == []


def test_an_empty_namespace_is_named(run: Run) -> None:
    told = run("search", "anything", "-n", "nobody").out
    assert "Namespace nobody" in told
    assert "is empty" in told


def test_a_namespace_sees_only_its_own(filled: Run) -> None:
    filled("add", "The boiler of the neighbours.", "-n", "bob", "--id", "b1")
    assert search(filled, "boiler", "-n", "bob", "-r", "0") == ["b1"]
    assert ids(filled("-n", "bob", "search", "boiler", "-r", "0", "--json").json) == ["b1"]
    assert "b1" not in search(filled, "boiler", "-r", "0")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([""], 1, "query: is empty"),
        (["x", "--min-relevance", "2"], 2, "--min-relevance"),
        (["x", "--since", "soon"], 2, "'soon' is not a time"),
        (["x", "--since", "2026-03-02", "--until", "2026-03-01"], 2, "is not before --until"),
        (["x", "--limit", "0"], 2, "--limit"),
        (["x", "--type", "rumour"], 2, "--type"),
        (["x", "--mode", "magic"], 2, "--mode"),
        (["x", "--depth", "9"], 2, "--depth"),
        (["x", "--store", "tape"], 2, "--store"),
        ([], 2, "query"),
    ],
)
def test_wrong_usage(run: Run, arguments: list[str], code: int, message: str) -> None:
    failed = run("search", *arguments, code=code)
    assert message in failed.err
    assert failed.out == ""


def test_since_takes_a_span(filled: Run) -> None:
    filled("add", "The boiler was serviced.", "--id", "now")
    for span in ("2h", "2h ago", "yesterday", "last monday", "3 days"):
        assert search(filled, "boiler", "-r", "0", "--since", span) == ["now"]
