"""Reads the table of rules (``rules.toml``) and checks that every entry means something."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, get_args

from coda_graphmem.facts.contractions import Spelling
from coda_graphmem.models import InformationType, MemoryType

Path = tuple[str, ...]
Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class TypeEntry:
    """How statements of one type of information are kept."""

    memory_type: MemoryType
    importance: float


@dataclass(frozen=True, slots=True)
class SubjectTest:
    """Whose clause a rule looks at."""

    owner: str
    nouns: Words | None = None
    """Which of the user's things, for ``own``; None for all."""


@dataclass(frozen=True, slots=True)
class WordTest:
    """Words by lists and by their endings."""

    words: Words
    endings: tuple[str, ...] = ()

    def holds(self, forms: frozenset[str]) -> bool:
        """Whether one of the forms of a word is meant."""
        return not self.words.isdisjoint(forms) or any(
            form.endswith(self.endings) and (len(form) > 4 or form.isdigit()) for form in forms if self.endings
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table; the head of ``rules.toml`` says what each part means."""

    subject: tuple[SubjectTest, ...]
    verb: Words | None
    confidence: float
    type: InformationType | None = None
    attribute: str | None = None
    value: tuple[Path, ...] = ()
    among: WordTest | None = None
    not_among: WordTest | None = None
    where: Mapping[Path, WordTest | None] = field(default_factory=dict)
    where_not: Mapping[Path, WordTest | None] = field(default_factory=dict)
    quality: Words | None = None
    adverb: Words | None = None
    time: Words = frozenset({"present", "perfect"})
    modal: Words = frozenset({"none"})
    negated: str = "no"
    progressive: bool | None = None
    shape: str = "any"
    extent: str = "phrase"
    content: str | None = None
    says: str = "{value}"
    ends: bool = False
    starts: bool = False
    over: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """All rules, word lists, patterns and spellings."""

    types: Mapping[InformationType, TypeEntry]
    words: Mapping[str, Words]
    patterns: Mapping[str, re.Pattern[str]]
    spellings: tuple[Spelling, ...]
    rules: tuple[Rule, ...]
    stating: Mapping[str | None, tuple[tuple[int, Rule], ...]] = field(default_factory=dict)
    """The rules with an attribute by their verbs, None for those of any verb, each with its place in the table."""

    def stating_with(self, verbs: Iterable[str]) -> list[Rule]:
        """The rules that state something with one of these forms of a verb, in the order of the table."""
        found = {place: rule for verb in (None, *verbs) for place, rule in self.stating.get(verb, ())}
        return [found[place] for place in sorted(found)]


@lru_cache(maxsize=1)
def load_table() -> Table:
    """The table that comes with the package."""
    return read_table(files("coda_graphmem.facts").joinpath("rules.toml").read_text(encoding="utf-8"))


def read_table(text: str) -> Table:
    """Read a table from TOML.

    Raises:
        ValueError: A rule has an unknown key, list, type or value.
    """
    raw = tomllib.loads(text)
    words = {name: frozenset(written.split()) for name, written in raw["words"].items()}
    rules = tuple(_rule(entry, words) for entry in raw["rule"])
    return Table(
        types={
            name: TypeEntry(MemoryType(entry["memory"]), float(entry["importance"]))
            for name, entry in raw["types"].items()
        },
        words=words,
        patterns={name: re.compile(pattern) for name, pattern in raw["patterns"].items()},
        spellings=tuple(Spelling(re.compile(entry["find"]), entry["write"]) for entry in raw.get("spelling", ())),
        rules=rules,
        stating=_by_verb(rules),
    )


def _by_verb(rules: Sequence[Rule]) -> Mapping[str | None, tuple[tuple[int, Rule], ...]]:
    found: defaultdict[str | None, list[tuple[int, Rule]]] = defaultdict(list)
    for place, rule in enumerate(rules):
        for verb in (None,) if rule.verb is None else rule.verb:
            if rule.attribute is not None:
                found[verb].append((place, rule))
    return {verb: tuple(placed) for verb, placed in found.items()}


_TESTS = ("among", "not_among")
_CHOICES = {
    "time": {"present", "perfect", "past", "future"},
    "negated": {"no", "yes", "any", "never"},
    "shape": set(
        """any plural called named
        proper common thing doing person place date company age status count planned single somebody tool liked
        work figure money mail town described branded brand sort sum""".split()
    ),
    "extent": {"rest", "name", "place", "phrase", "called"},
}


def _rule(entry: Mapping[str, Any], words: Mapping[str, Words]) -> Rule:
    parts: dict[str, Any] = {}
    for key, given in entry.items():
        if key in _TESTS:
            parts[key] = _test(given, words)
        elif key in ("where", "where_not"):
            parts[key] = {_path(path): None if test is True else _test(test, words) for path, test in given.items()}
        elif key == "subject":
            parts[key] = tuple(_subject(one, words) for one in _listed(given))
        elif key == "value":
            parts[key] = tuple(_path(one) for one in _listed(given))
        elif key == "verb":
            parts[key] = None if given == "*" else _words(given, words)
        elif key in ("modal", "quality", "adverb"):
            parts[key] = _words(given, words)
        elif key in _CHOICES and not set(_listed(given)) <= _CHOICES[key]:
            raise ValueError(f"{key} of a rule for {entry.get('type')}: {given!r} is not of {sorted(_CHOICES[key])}.")
        else:
            parts[key] = frozenset(_listed(given)) if key == "time" else given
    if parts.get("type") not in (*get_args(InformationType), None):
        raise ValueError(f"{parts['type']!r} is no type of information.")
    if not parts.keys() & {"type", "attribute"}:
        raise ValueError(f"A rule finds a type of information or an attribute: {dict(entry)}.")
    return Rule(**parts)


def _subject(written: str, words: Mapping[str, Words]) -> SubjectTest:
    if written.startswith("my "):
        noun = written[3:]
        return SubjectTest("own", None if noun == "*" else _words(noun, words))
    if written not in ("self", "user", "me", "none", "any", "other"):
        raise ValueError(f"{written!r} is no subject.")
    return SubjectTest(written)


def _test(given: Any, words: Mapping[str, Words]) -> WordTest:
    endings = [name[1:] for name in _listed(given) if name.startswith("*")]
    plain = [name for name in _listed(given) if not name.startswith("*")]
    return WordTest(_words(plain, words), tuple(e for name in endings for e in sorted(words[f"{name}_endings"])))


def _words(given: Any, words: Mapping[str, Words]) -> Words:
    found: set[str] = set()
    for name in _listed(given):
        if name.startswith("@"):
            if name[1:] not in words:
                raise ValueError(f"{name} is no list of words.")
            found |= words[name[1:]]
        else:
            found.add(name)
    return frozenset(found)


def _listed(given: Any) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _path(written: str) -> Path:
    return tuple(written.split("."))
