"""How well facts are found in sentences: precision and recall by type.

    python -m benchmarks.extraction SENTENCES.jsonl [--half first] [--show]

A line is an object with ``text``, ``expected`` (a list of [type, value]), ``trap`` (nothing of the user's own, but what
is expected) and ``half`` (``first``: rules were developed on it; ``second``: held out).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from coda_graphmem.facts.reader import FactReader
from coda_graphmem.models import InformationType

#: Words a found value may have beyond the expected ones.
SLACK = 4

Fact = tuple[str, str]


@dataclass(frozen=True)
class Sentence:
    text: str
    expected: list[Fact]
    trap: bool
    half: str


@dataclass
class Score:
    """Counts of facts."""

    right: int = 0
    wrong: list[tuple[str, Fact]] = field(default_factory=list)
    missed: list[tuple[str, Fact]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 where nothing was found."""
        return self.right / (self.right + len(self.wrong)) if self.right or self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 1 where nothing is there."""
        return self.right / (self.right + len(self.missed)) if self.right or self.missed else 1.0

    def __add__(self, other: Score) -> Score:
        """Both together."""
        return Score(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


def read_sentences(path: Path) -> list[Sentence]:
    """Read sentences with what is in them."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Sentence(r["text"], [tuple(e) for e in r["expected"]], r["trap"], r["half"]) for r in rows]


def score(sentences: list[Sentence], reader: FactReader) -> dict[str, Score]:
    """Scores by type."""
    scores: defaultdict[str, Score] = defaultdict(Score)
    for sentence in sentences:
        left = list(sentence.expected)
        for info in reader.read(sentence.text):
            fact = info.info_type, info.value
            hit = next((e for e in left if is_same(e, fact)), None)
            if hit is None:
                scores[fact[0]].wrong.append((sentence.text, fact))
            else:
                left.remove(hit)
                scores[fact[0]].right += 1
        for fact in left:
            scores[fact[0]].missed.append((sentence.text, fact))
    return scores


def is_same(expected: Fact, found: Fact) -> bool:
    """Whether a found fact has the expected type and words, and few others."""
    words, others = _words(expected[1]), _words(found[1])
    return expected[0] == found[0] and set(words) <= set(others) and len(others) <= len(words) + SLACK


def total(scores: dict[str, Score]) -> Score:
    """All types together."""
    return sum(scores.values(), start=Score())


def table(title: str, scores: dict[str, Score]) -> Table:
    shown = Table("type", "there", "found", "right", "precision", "recall", title=title)
    rows = [(name, scores.get(name, Score())) for name in get_args(InformationType)]
    for name, s in [*rows, ("all", total(scores))]:
        there, found = s.right + len(s.missed), s.right + len(s.wrong)
        shown.add_row(name, str(there), str(found), str(s.right), f"{s.precision:.2f}", f"{s.recall:.2f}")
    return shown


def main(
    sentences_file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines.")],
    half: Annotated[str | None, typer.Option(help="Only one half: first or second.")] = None,
    show: Annotated[bool, typer.Option(help="Print what is wrong and what was missed.")] = False,
) -> None:
    sentences = read_sentences(sentences_file)
    reader, console = FactReader(), Console()
    for name in ("first", "second"):
        chosen = [s for s in sentences if s.half == name and half in (None, name)]
        if not chosen:
            continue
        scores = score(chosen, reader)
        traps = sum(s.trap for s in chosen)
        console.print(table(f"{name} half: {len(chosen)} sentences, {traps} of them traps", scores))
        if show:
            for text, fact in total(scores).wrong:
                console.print(f"wrong  {fact[0]}={fact[1]!r}  in  {text}", markup=False)
            for text, fact in total(scores).missed:
                console.print(f"missed {fact[0]}={fact[1]!r}  in  {text}", markup=False)


def _words(text: str) -> list[str]:
    return re.findall(r"[\w@.+'’-]+", text.lower())


if __name__ == "__main__":
    typer.run(main)
