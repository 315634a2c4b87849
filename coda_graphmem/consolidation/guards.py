"""Why two similar texts must not become one memory: a small function for each reason."""

import calendar
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from coda_graphmem.consolidation.comparison import Comparison, is_initialism
from coda_graphmem.consolidation.readings import Reading, Slot
from coda_graphmem.language.lexicon import COMPOUND_PREFIXES, IN_LAW, NEGATIVE_PREFIXES, kinds_of, sides_of
from coda_graphmem.language.pronouns import VAGUE
from coda_graphmem.language.quantities import QuantityKind
from coda_graphmem.language.words import related

#: Says in a few words what differs, or None where nothing speaks against merging.
Guard = Callable[[Comparison], str | None]

#: Kind, value and unit of a `Quantity`.
Value = tuple[QuantityKind, float | str, str]


class Refusal(NamedTuple):
    """Why a pair is not merged."""

    guard: str
    """Name of the guard."""
    reason: str
    """What differs; holds words of the texts."""


def numbers_differ(pair: Comparison) -> str | None:
    """The texts name different numbers, or only one names them ("two dogs", "dogs")."""
    return _values_differ(pair, "number", "percent") or _both_differ(pair, "ordinal")


def dates_differ(pair: Comparison) -> str | None:
    """The texts name different months, times of day or weekdays.

    A weekday may be missing in one of them, as it may be said of the same day by its date.
    """
    return _values_differ(pair, "month", "time") or _both_differ(pair, "weekday")


def money_differs(pair: Comparison) -> str | None:
    """The texts name different amounts of money, or only one names one."""
    return _values_differ(pair, "money")


def identifiers_differ(pair: Comparison) -> str | None:
    """The texts name different codes, versions, addresses, telephone or account numbers."""
    return _values_differ(pair, "id")


def negation_differs(pair: Comparison) -> str | None:
    """One text denies more often than the other."""
    a, b = pair.a.negations, pair.b.negations
    return None if a == b else f"{a} negations against {b}"


def opposites(pair: Comparison) -> str | None:
    """A word of one text is the opposite of a word of the other: near and far, on and off, fold and unfold.

    Or something is before it in one, and after or with it in the other.
    """
    words_a = pair.only_a | pair.particles_a | _written(pair.a, pair.only_a)
    words_b = pair.only_b | pair.particles_b | _written(pair.b, pair.only_b)
    for word in sorted(words_a):
        for line, side in sides_of(word):
            for other in sorted(words_b):
                if (line, not side) in sides_of(other):
                    return f"{word} against {other}"
    placed = _placed_otherwise(pair)
    if placed is not None:
        return placed
    for x, y in ((words_a, words_b), (words_b, words_a)):
        for word in sorted(x):
            for prefix in NEGATIVE_PREFIXES:
                stem = word.removeprefix(prefix).lstrip("-")
                if (
                    len(stem) > 2
                    and stem != word
                    and any(stem == other or (len(stem) > 3 and related(stem, other)) for other in y)
                ):
                    return f"{word} against {stem}"
            if word.endswith("less") and any(other.startswith(word[:-4]) and other.endswith("ful") for other in y):
                return f"{word} against {word[:-4]}ful"
    return None


def kinds_differ(pair: Comparison) -> str | None:
    """The texts name different members of one kind: colors, sizes, animals, meals, instruments, a mother-in-law."""
    found = (
        _other_member(pair.only_a, pair.only_b)
        or _compound_and_plain(pair.only_a, pair.a, pair.b)
        or _compound_and_plain(pair.only_b, pair.b, pair.a)
    )
    if found:
        return found
    for slot, fillers in pair.a.slots.items():
        others = pair.b.slots.get(slot, frozenset())
        if others and not fillers & others:
            found = _other_member(fillers, others)
            if found:
                return found
    return None


def variants_differ(pair: Comparison) -> str | None:
    """One noun has different nouns before it, which say what kind of thing it is: "soccer ball", "tennis ball"."""
    for (head, relation), fillers in pair.a.slots.items():
        if relation == "kind":
            others = pair.b.slots.get((head, relation), frozenset())
            own, other = fillers & pair.only_a, others & pair.only_b
            same = any(is_initialism(x, pair.b.words) for x in own) or any(
                is_initialism(x, pair.a.words) for x in other
            )
            if own and other and not same:
                return f"{'/'.join(sorted(fillers))} {head} against {'/'.join(sorted(others))} {head}"
    return None


def names_differ(pair: Comparison) -> str | None:
    """Each text names somebody or something of one sort, or in one place of the sentence, that the other does not."""
    names_a, names_b = _own_names(pair.a, pair.only_a, pair.b), _own_names(pair.b, pair.only_b, pair.a)
    for name in sorted(names_a):
        for other in sorted(names_b):
            if pair.a.names[name] == pair.b.names[other] != "unknown":
                return f"{name} against {other}"
    if names_a and names_b:
        places_a, places_b = _places(pair.a, names_a), _places(pair.b, names_b)
        for place in sorted(places_a.keys() & places_b.keys(), key=str):
            return f"{'/'.join(sorted(places_a[place]))} against {'/'.join(sorted(places_b[place]))}"
    return None


def roles_swapped(pair: Comparison) -> str | None:
    """Two have changed places: "Tom called Anna", "Anna called Tom"; "black dog, white cat", "white dog, black cat"."""
    changed = [
        (slot, fillers, pair.b.slots[slot])
        for slot, fillers in pair.a.slots.items()
        if slot[0] not in _SYMMETRIC and slot in pair.b.slots and not fillers & pair.b.slots[slot]
    ]
    for position, (slot, x, y) in enumerate(changed):
        exchanged = any(
            x & other_y and y & other_x and {slot, other} != _IDENTITY and not _stand_in(slot, other, x, y)
            for other, other_x, other_y in changed[position + 1 :]
        )
        # A parser may miss the second place in one of the texts.
        if not exchanged and slot[1] == "agent" and slot[0] != "be":
            exchanged = bool(
                (y & _present(pair.a) and x & _governed(pair.b, slot))
                or (x & _present(pair.b) and y & _governed(pair.a, slot))
            )
        if exchanged:
            return f"{'/'.join(sorted(x))} against {'/'.join(sorted(y))} as {slot[1]} of {slot[0]}"
    return None


def persons_differ(pair: Comparison) -> str | None:
    """One text is about the speaker, the listener, him or her, and the other about another of these."""
    a, b = pair.a.persons, pair.b.persons
    return f"{'/'.join(sorted(a))} against {'/'.join(sorted(b))}" if a and b and not (a <= b or b <= a) else None


def modality_differs(pair: Comparison) -> str | None:
    """One text states what the other plans, wishes, requires or holds possible."""
    a, b = pair.a.modalities, pair.b.modalities
    return None if a == b else f"{'/'.join(sorted(a ^ b))} in one"


def question_and_statement(pair: Comparison) -> str | None:
    """One text asks, the other states."""
    return None if pair.a.is_question == pair.b.is_question else "a question against a statement"


GUARDS: dict[str, Guard] = {
    "numbers": numbers_differ,
    "dates": dates_differ,
    "money": money_differs,
    "identifiers": identifiers_differ,
    "negation": negation_differs,
    "question": question_and_statement,
    "opposites": opposites,
    "names": names_differ,
    "roles": roles_swapped,
    "persons": persons_differ,
    "kinds": kinds_differ,
    "variants": variants_differ,
    "modality": modality_differs,
}


def first_refusal(pair: Comparison) -> Refusal | None:
    """The first guard that speaks against merging, in the order of `GUARDS`."""
    for name, guard in GUARDS.items():
        reason = guard(pair)
        if reason is not None:
            return Refusal(name, reason)
    return None


def _values(reading: Reading, kinds: tuple[QuantityKind, ...]) -> Counter[Value]:
    return Counter((q.kind, q.value, q.unit) for q in reading.quantities if q.kind in kinds)


def _values_differ(pair: Comparison, *kinds: QuantityKind) -> str | None:
    a, b = _values(pair.a, kinds), _values(pair.b, kinds)
    return None if a == b else f"{_shown(a - b)} against {_shown(b - a)}"


def _both_differ(pair: Comparison, kind: QuantityKind) -> str | None:
    a, b = set(_values(pair.a, (kind,))), set(_values(pair.b, (kind,)))
    return f"{_shown(a - b)} against {_shown(b - a)}" if a and b and a != b else None


def _shown(values: Iterable[Value]) -> str:
    return ", ".join(sorted(_as_said(kind, value) for kind, value, _ in values)) or "none"


def _as_said(kind: QuantityKind, value: float | str) -> str:
    """A value as people write it."""
    if isinstance(value, str):
        return value
    if kind == "month":
        return calendar.month_name[int(value)]
    if kind == "weekday":
        return calendar.day_name[int(value) - 1]
    return f"{int(value) // 60:02}:{int(value) % 60:02}" if kind == "time" else f"{value:g}"


def _own_names(x: Reading, unmatched: frozenset[str], y: Reading) -> set[str]:
    return {name for name in x.names.keys() & unmatched if not is_initialism(name, y.words) and name not in y.particles}


def _places(reading: Reading, names: set[str]) -> dict[Slot | str, set[str]]:
    """Where names stand: their slots, and their prepositions alone, as parsers differ on what these belong to."""
    places: dict[Slot | str, set[str]] = {}
    for (governor, relation), fillers in reading.slots.items():
        if fillers & names:
            places.setdefault((governor, relation), set()).update(fillers & names)
            if relation in reading.particles:
                places.setdefault(relation, set()).update(fillers & names)
    return places


def _governed(reading: Reading, slot: Slot) -> frozenset[str]:
    """What fills the other places of the word that governs a slot."""
    return frozenset().union(*(f for other, f in reading.slots.items() if other[0] == slot[0] and other != slot))


def _stand_in(slot: Slot, other: Slot, x: frozenset[str], y: frozenset[str]) -> bool:
    """Whether a pronoun stands for what another verb names: "after Tom called he left", "after he called Tom left"."""
    return slot[0] != other[0] and (x <= VAGUE or y <= VAGUE)


def _placed_otherwise(pair: Comparison) -> str | None:
    sides_a, sides_b = _sides(pair.a), _sides(pair.b)
    for filler in sorted(sides_a.keys() & sides_b.keys()):
        a, b = sides_a[filler], sides_b[filler]
        if a.isdisjoint(b) and (a | b) & {"before", "after"}:
            return f"{'/'.join(sorted(a))} {filler} against {'/'.join(sorted(b))} {filler}"
    return None


def _sides(reading: Reading) -> dict[str, set[str]]:
    """For everything that something is before, after or with: which of these."""
    sides: dict[str, set[str]] = {}
    for (_, relation), fillers in reading.slots.items():
        if relation in _SIDES:
            for filler in fillers:
                sides.setdefault(filler, set()).add(_SIDES[relation])
    return sides


def _compound_and_plain(words: Iterable[str], own: Reading, other: Reading) -> str | None:
    for word in sorted(words):
        # "Stepbrother" is written as one word, "half-brother" is not.
        plain = [word.removesuffix(IN_LAW), *(word.removeprefix(start).lstrip("-") for start in COMPOUND_PREFIXES)]
        for noun in plain:
            if noun != word and noun in other.words and noun not in own.words:
                return f"{word} against {noun}"
    return None


def _written(reading: Reading, words: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(reading.surfaces[word] for word in words))


def _present(reading: Reading) -> frozenset[str]:
    return frozenset().union(reading.words, *reading.slots.values())


def _other_member(words: Iterable[str], others: Iterable[str]) -> str | None:
    for word in sorted(words):
        kinds = kinds_of(word)
        if not kinds:
            continue
        for other in sorted(others):
            for kind, members in kinds_of(other).items():
                if kind in kinds and not members & kinds[kind]:
                    return f"{word} against {other} ({kind})"
    return None


#: "The password is X" and "X is the password" are one.
_IDENTITY = {("be", "agent"), ("be", "is")}
_SIDES = {"before": "before", "after": "after", "with": "with", "during": "with", "without": "without"}
#: What holds in both directions: who meets whom does not matter.
_SYMMETRIC = frozenset("meet marry resemble equal match date with and or near beside between same different".split())
