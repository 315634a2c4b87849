"""Texts of many callers go through a model together, and nobody fails by what another asks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from coda_graphmem import gathering
from coda_graphmem.gathering import Gathering


class Model:
    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[str]:
        self.asked.append(list(texts))
        if "bad" in texts:
            raise KeyError("bad")
        return [text.upper() for text in texts if text != "lost"]


def test_what_waits_goes_together_as_far_as_there_is_room() -> None:
    model = Model()
    together = Gathering(model, 4)
    calls = [together.call(texts) for texts in (["a"], ["b", "c"], ["d", "e"], ["f"], ["g"] * 9, ["h"])]
    answers = [call() for call in calls]
    assert answers == [["A"], ["B", "C"], ["D", "E"], ["F"], ["G"] * 9, ["H"]]
    assert model.asked == [["a", "b", "c"], ["d", "e", "f"], ["g"] * 9, ["h"]]


def test_long_texts_go_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_MOST_CHARACTERS", 10)
    model = Model()
    together = Gathering(model, 9)
    calls = [together.call([text]) for text in ("x" * 50, "abc", "def", "y" * 9)]
    assert [call() for call in calls] == [["X" * 50], ["ABC"], ["DEF"], ["Y" * 9]]
    assert model.asked == [["x" * 50], ["abc", "def"], ["y" * 9]]


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_a_text_that_fails_fails_its_caller_alone(bad: int) -> None:
    together = Gathering(Model(), 9)
    calls = [together.call([text]) for text in ["bad" if i == bad else f"t{i}" for i in range(3)]]
    for i, call in enumerate(calls):
        if i == bad:
            with pytest.raises(KeyError):
                call()
        else:
            assert call() == [f"T{i}"]


def test_a_result_that_is_missing_is_nobody_elses() -> None:
    together = Gathering(Model(), 9)
    calls = [together.call([text]) for text in ("a", "lost", "b")]
    assert [call() for call in calls] == [["A"], [], ["B"]]


def test_what_its_caller_gave_up_is_passed_over() -> None:
    model = Model()
    together = Gathering(model, 2)
    _, second, third = [together.call([text]) for text in "abc"]
    assert (second(), third()) == (["B"], ["C"])
    assert model.asked == [["b", "c"]]
