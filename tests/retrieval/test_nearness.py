"""Where a text mentions something, and what the edge to it is worth for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.graph import Seeds, bridges, build_graph, walk
from coda_graphmem.retrieval.nearness import nearness_of_mentions, shares_of_sentences
from coda_graphmem.retrieval.terms import Wording, query_stems, query_terms
from tests.retrieval.build import candidate, neighbourhood, pool

FILM = "The Lego Batman Movie was directed by Chris McKay. Will Arnett voices Batman in this movie.\nZoë Bell stunts."


def asked(question: str, idf: Sequence[float] | None = None) -> Wording:
    stems = query_stems(query_terms(question))
    return Wording(stems, np.ones(len(stems)) if idf is None else np.array(idf), 10.0)


def test_the_sentence_that_names_something_counts() -> None:
    shares = shares_of_sentences(
        FILM, ["chris mckay", "will arnett", "zoe bell", "nobody"], asked("Who voices Batman?")
    )
    assert shares == {"chris mckay": 0.5, "will arnett": 1.0, "zoe bell": 0.0}


def test_rare_words_count_more_and_the_own_name_not_at_all() -> None:
    question = asked("What did Arnett voice in the Batman movie?", [9.0, 3.0, 1.0, 1.0])
    assert shares_of_sentences("Arnett is the Batman.", ["arnett"], question) == {"arnett": pytest.approx(1 / 5)}
    assert shares_of_sentences("Arnett has voiced it.", ["arnett"], question) == {"arnett": pytest.approx(3 / 5)}
    assert shares_of_sentences(FILM, ["will arnett"], asked("Will Arnett")) == {"will arnett": 1.0}


@pytest.mark.parametrize("end", ["! ", "? ", "\n", "\u3002"])
def test_sentences_end_in_several_ways(end: str) -> None:
    shares = shares_of_sentences(f"Ada sings{end}Ben drums.", ["ada", "ben"], asked("who drums"))
    assert shares == {"ada": 0.0, "ben": 1.0}


def test_the_best_of_several_sentences_counts() -> None:
    shares = shares_of_sentences("Ada sings. Ada drums. Ada rests.", ["ada"], asked("drums"))
    assert shares == {"ada": 1.0}


def test_the_walk_goes_on_to_what_is_mentioned_beside_the_words_of_the_query() -> None:
    around = neighbourhood(
        {"film": ["chris mckay", "will arnett"], "mckay": ["chris mckay"], "arnett": ["will arnett"]}
    )
    seeds = Seeds(("film",), (1.0,))
    texts = pool(candidate("film", excerpt=FILM), candidate("mckay"), candidate("arnett"))
    near = nearness_of_mentions(texts, seeds, around.mentions, asked("Who voices Batman?"), constants=RANKING)
    assert near == {("film", "chris mckay"): pytest.approx(0.6**0.5), ("film", "will arnett"): pytest.approx(1.1**0.5)}
    followed = bridges(around.entities, (), 10)
    plain = walk(build_graph(around, followed, RANKING), seeds, {}, RANKING)
    led = walk(build_graph(around, followed, RANKING, near), seeds, {}, RANKING)
    assert plain["arnett"] == pytest.approx(plain["mckay"])
    assert led["arnett"] > 1.2 * led["mckay"]


def test_only_the_seeds_that_hold_most_of_the_start_are_looked_through() -> None:
    texts = pool(*(candidate(name, excerpt=f"Ada {name}.") for name in "abc"))
    seeds = Seeds(("a", "b", "c"), (0.06, 0.7, 0.24))
    mentions = [(name, "ada") for name in ("a", "b", "c", "elsewhere")]
    question = asked("anything")
    assert nearness_of_mentions(texts, seeds, mentions, question, constants=RANKING).keys() == {
        ("b", "ada"), ("c", "ada"),
    }  # fmt: skip
    all_of_them = replace(RANKING, nearness_share=1.0)
    assert len(nearness_of_mentions(texts, seeds, mentions, question, constants=all_of_them)) == 3


def test_the_constants_say_how_much_is_looked_through_and_what_it_is_worth() -> None:
    texts, seeds = pool(candidate("a", excerpt="Ada drums. Ben drums.")), Seeds(("a",), (1.0,))
    mentions, question = [("a", "ada"), ("a", "ben")], asked("sings")

    def near(**changed: Any) -> dict[tuple[str, str], float]:
        constants = replace(RANKING, **changed)
        return nearness_of_mentions(texts, seeds, mentions, question, constants=constants)

    assert near(nearness_characters=10).keys() == {("a", "ada")}
    assert near(nearness_floor=0.25)["a", "ada"] == 0.5
    assert near(nearness_floor=0.25, nearness_exponent=1.0)["a", "ada"] == 0.25


def test_the_edge_back_and_edges_without_a_nearness_weigh_what_they_did() -> None:
    around = neighbourhood({"a": ["ada"], "b": ["ada"]})
    followed = bridges(around.entities, (), 10)
    plain, led = (build_graph(around, followed, RANKING, near) for near in (None, {("a", "ada"): 0.5, ("x", "y"): 9.0}))
    assert (led.weights / plain.weights).tolist() == [0.5, 1.0, 1.0, 1.0]
