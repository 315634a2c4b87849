"""How well statements are read in sentences at first look: precision and recall, and what is wrong and missed.

    python -m benchmarks.statements [--half held_out] [--show]

``data/fact_sentences.jsonl`` has a sentence a line with the ``statements`` that a careful reader keeps: subject,
attribute, value, and whether it is said or denied, which what is over is as well. Other words for a subject, an
attribute or a value are parted by ``|``, and ``optional`` is what may be read and need not. Rules were developed on
those of ``develop``, of which 150 were only counted for long, and read in the end. Those of ``held_out`` were written
with what is to be read in them before the rules were looked at, though by the same hand that made more rules then; they
are only counted. The 168 of ``s`` were first when the rules of their time were done (precision .93, recall .53), the
122 of ``f`` before more were made (.86, .44).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.extraction import SLACK, Score
from coda_graphmem.facts.attributes import attribute_name, attributes
from coda_graphmem.facts.reader import FactReader
from coda_graphmem.language.words import singular
from coda_graphmem.models import Statement

SENTENCES = Path(__file__).parent / "data" / "fact_sentences.jsonl"
#: When the sentences were said, a Wednesday noon (seconds since the Unix epoch, UTC).
SAID_AT = 1_717_588_800.0

_NUMBERS = {word: str(n) for n, word in enumerate("zero one two three four five six seven eight nine ten".split())}
_BESIDE = frozenset("a an the my our of for in at on to user user's amount value date number price type other".split())


@dataclass(frozen=True)
class Wanted:
    """What a careful reader keeps of a sentence."""

    subjects: tuple[str, ...]
    attributes: tuple[str, ...]
    value: str
    polarity: bool
    optional: bool


def read_sentences(half: str | None = None) -> list[tuple[str, list[Wanted]]]:
    """Sentences with what is to be read in them."""
    rows = [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    return [
        (row["text"], [_wanted(one) for one in row["statements"]])
        for row in rows
        if half is None or row["half"] == half
    ]


def _wanted(row: dict[str, Any]) -> Wanted:
    return Wanted(
        tuple(row["subject"].split("|")),
        tuple(row["attribute"].split("|")),
        row["value"],
        row["polarity"],
        row.get("optional", False),
    )


def score(sentences: list[tuple[str, list[Wanted]]], reader: FactReader) -> Score:
    """Counts over all sentences. A denial without a value beside what came instead says nothing of its own."""
    counted = Score()
    for text, wanted in sentences:
        found = reader.statements(text, said_at=SAID_AT)
        slots = {(one.subject_key, one.attribute) for one in found if one.value}
        hit: set[int] = set()
        for one in found:
            matching = [n for n, want in enumerate(wanted) if is_same(want, one)]
            if matching:
                hit.update(matching[:1] if one.value else matching)
            elif one.value or (one.subject_key, one.attribute) not in slots:
                counted.wrong.append((text, (f"{one.subject} / {one.attribute}", _signed(one.value, one.polarity))))
        for n, want in enumerate(wanted):
            if n in hit:
                counted.right += not want.optional
            elif not want.optional:
                name = f"{'|'.join(want.subjects)} / {'|'.join(want.attributes)}"
                counted.missed.append((text, (name, _signed(want.value, want.polarity))))
    return counted


def is_same(want: Wanted, found: Statement) -> bool:
    """Whether a statement says what is wanted, in its words and few others."""
    holds = found.polarity and (found.valid_until is None or found.valid_until > SAID_AT)
    if not holds and not found.value and _words(want.value) <= _words(found.attribute):
        return not want.polarity  # "engagement party" is off, and so is the plan of it
    return holds == want.polarity and _is_slot(want, found) and _is_value(want.value, found)


def _is_slot(want: Wanted, found: Statement) -> bool:
    subjects = [_words(name) for name in want.subjects]
    asked = {attribute_name(name) for name in want.attributes}
    is_subject = any(_words(found.subject) == words or (words and words <= _words(found.subject)) for words in subjects)
    if is_subject and attribute_name(found.attribute) in asked:
        return True
    if found.attribute in attributes() and found.attribute not in ("amount", "version"):
        return False
    names = _words(f"{found.subject} {found.attribute}") - _BESIDE
    return any(names & (_words(f"{s} {a}") - _BESIDE) for s in want.subjects for a in want.attributes)


def _is_value(value: str, found: Statement) -> bool:
    if not found.value:
        return not found.polarity or found.attribute == "smokes"
    if value == "-":
        return True
    others = _words(found.value)
    return any(
        all(any(other.startswith(word) for other in others) for word in words) and len(others) <= len(words) + SLACK
        for words in map(_words, value.split("|"))
    )


def _words(text: str) -> set[str]:
    words = re.findall(r"[\w@.:+-]*\w", text.lower().replace("’", "'").replace("'s", ""))
    return {_NUMBERS.get(word, singular(word) if len(word) > 3 else word) for word in words} - {
        "a",
        "an",
        "the",
        "my",
        "mr",
        "mrs",
        "dr",
    }


def _signed(value: str, polarity: bool) -> str:
    return value if polarity else f"not {value}"


def main(
    half: Annotated[str | None, typer.Option(help="Only one half: develop or held_out.")] = None,
    show: Annotated[bool, typer.Option(help="Print what is wrong and what was missed.")] = False,
) -> None:
    console, reader = Console(soft_wrap=True), FactReader()
    table = Table("half", "sentences", "there", "found", "right", "precision", "recall")
    for name in ("develop", "held_out"):
        if half not in (None, name):
            continue
        sentences = read_sentences(name)
        counted = score(sentences, reader)
        there, found = counted.right + len(counted.missed), counted.right + len(counted.wrong)
        table.add_row(
            name,
            *(str(number) for number in (len(sentences), there, found, counted.right)),
            f"{counted.precision:.2f}",
            f"{counted.recall:.2f}",
        )
        for kind, facts in (("wrong ", counted.wrong), ("missed", counted.missed)) if show else ():
            for text, (slot, value) in facts:
                console.print(f"{kind} {slot} = {value}   in  {text}", markup=False, highlight=False)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
