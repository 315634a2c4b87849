"""Why two similar texts must not become one memory: a small function for each reason."""

import calendar
import re
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import NamedTuple

from coda_graphmem.consolidation.comparison import Comparison, is_initialism
from coda_graphmem.consolidation.parts import heads_differ, persons_exchanged, prepositions_differ, rates_differ
from coda_graphmem.consolidation.readings import Reading, Slot
from coda_graphmem.language.lexicon import (
    CLAIMS,
    COMPOUND_PREFIXES,
    IN_LAW,
    NEGATIVE_PREFIXES,
    SOURCES,
    kinds_of,
    mean_alike,
    sides_of,
)
from coda_graphmem.language.negation import NOT_REACHED
from coda_graphmem.language.pronouns import PRONOUNS, VAGUE
from coda_graphmem.language.quantities import QuantityKind
from coda_graphmem.language.segments import apart, changed_company
from coda_graphmem.language.words import related

#: Says in a few words what differs, or None where nothing speaks against merging.
Guard = Callable[[Comparison], str | None]

#: Kind and value of a `Quantity`.
Value = tuple[QuantityKind, float | str]


class Refusal(NamedTuple):
    """Why a pair is not merged."""

    guard: str
    """Name of the guard."""
    reason: str
    """What differs; holds words of the texts."""


def numbers_differ(pair: Comparison) -> str | None:
    """The texts name different numbers, or only one names them ("two dogs", "dogs")."""
    a, b = set(_values(pair.a, ("number",))), set(_values(pair.b, ("number",)))
    # "Both of my two brothers" are both, and "Division Three" is the third.
    if all(_said_otherwise(value, pair.b) for _, value in a - b) and all(
        _said_otherwise(value, pair.a) for _, value in b - a
    ):
        return (
            _units_differ(pair, ("number",))
            or _counted_otherwise(pair)
            or _values_differ(pair, "percent")
            or _both_differ(pair, "ordinal")
        )
    return _values_differ(pair, "number", "percent") or _both_differ(pair, "ordinal")


def dates_differ(pair: Comparison) -> str | None:
    """The texts name different months, times of day or weekdays.

    A weekday may be missing in one of them, as it may be said of the same day by its date.
    """
    if not _said_as_name_of_month(pair.a, pair.b) and not _said_as_name_of_month(pair.b, pair.a):
        return _values_differ(pair, "month", "time") or _both_differ(pair, "weekday")
    return _values_differ(pair, "time") or _both_differ(pair, "weekday")


def money_differs(pair: Comparison) -> str | None:
    """The texts name different amounts of money, or only one names one."""
    return _values_differ(pair, "money")


def identifiers_differ(pair: Comparison) -> str | None:
    """The texts name different codes, versions, addresses, telephone or account numbers."""
    a, b = pair.a.literals, pair.b.literals
    if a.codes != b.codes:
        return _against(a.codes - b.codes, b.codes - a.codes)
    if a.orders and b.orders and a.orders.isdisjoint(b.orders):
        return _against(a.orders, b.orders)
    return _values_differ(pair, "id")


def negation_differs(pair: Comparison) -> str | None:
    """One text denies more often than the other."""
    a, b = pair.a.negations, pair.b.negations
    own = (pair.a.denied - pair.b.denied) & _said(pair.b)
    other = (pair.b.denied - pair.a.denied) & _said(pair.a)
    # One may deny once more, of what the other does not speak of.
    both_deny = pair.a.denied and pair.b.denied and not (own - pair.a.subjects or other - pair.b.subjects)
    if a != b and not both_deny:
        return f"{a} negations against {b}"
    if own and other:
        return f"{_against(own, other)}, denied"
    for denied in sorted(pair.a.denied ^ pair.b.denied):
        total = denied.removeprefix(NOT_REACHED)
        if total != denied and total in pair.a.forms & pair.b.forms:
            return f"{denied} in one"
    return None


def opposites(pair: Comparison) -> str | None:
    """A word of one text is the opposite of a word of the other: near and far, on and off, fold and unfold.

    Or something is before it in one, and after or with it in the other.
    """
    words_a = pair.only_a | pair.particles_a | _written(pair.a, pair.only_a)
    words_b = pair.only_b | pair.particles_b | _written(pair.b, pair.only_b)
    if _is_converse(pair):
        return None
    placed = _opposed(words_a, words_b) or _placed_otherwise(pair)
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
        # Both are in both texts: then they have changed places, or nothing has.
        if others and not fillers & others and not (fillers <= pair.b.words.keys() and others <= pair.a.words.keys()):
            found = _other_member(fillers, others)
            if found:
                return found
    return None


def variants_differ(pair: Comparison) -> str | None:
    """One noun has different nouns before it, which say what kind of thing it is: "soccer ball", "tennis ball"."""
    for (head, relation), fillers in pair.a.slots.items():
        # Before a name stands who somebody is, "author Doris Lessing", not what kind of her.
        if relation == "kind" and not (head in pair.a.names and head in pair.b.names):
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
    if _is_converse(pair):
        return None
    for a, b in zip(pair.a.segments, pair.b.segments, strict=True):
        company = changed_company(a, b)
        if company is not None:
            return f"{company[0]} with {company[1]} in one"
    crossed = _crossed(pair)
    if crossed is not None:
        return crossed
    changed = [
        (slot, fillers, pair.b.slots[slot])
        for slot, fillers in pair.a.slots.items()
        if slot[1] not in _SYMMETRIC and slot in pair.b.slots and not fillers & pair.b.slots[slot]
    ]
    for position, (slot, x, y) in enumerate(changed):
        exchanged = any(
            x & other_y
            and y & other_x
            and {slot, other} != _IDENTITY
            and not _stand_in(slot, other, x, y)
            and not (slot[0] == other[0] and slot[0] in _MUTUAL)
            and not _in_clauses(pair, x, y)
            for other, other_x, other_y in changed[position + 1 :]
        )
        # A parser may miss the second place in one of the texts.
        if not exchanged and slot[1] == "agent" and slot[0] != "be" and not _in_clauses(pair, x, y):
            exchanged = bool(
                (y & pair.a.present and x & _governed(pair.b, slot))
                or (x & pair.b.present and y & _governed(pair.a, slot))
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
    a, b = pair.a.modalities - {"ordered"}, pair.b.modalities - {"ordered"}
    if "ordered" in pair.a.modalities ^ pair.b.modalities:
        a, b = a - {"required"}, b - {"required"}  # "Wear a helmet", "you must wear a helmet"
    if a ^ b == {"hypothetical", "planned"} and pair.a.claims.keys() & pair.b.claims.keys():
        return None  # "He said he would come", "he said he will come"
    if a ^ b == {"formerly"} and pair.a.is_past and pair.b.is_past:
        return None  # "I used to live in Bari", "I lived in Bari"
    if a ^ b == {"possible"} and {"can", "could"} <= pair.a.forms | pair.b.forms and not _of_persons(pair):
        return None  # What vendors can do they could do, but what I could do I may not be able to do now.
    return None if a == b else f"{'/'.join(sorted(a ^ b))} in one"


def tenses_differ(pair: Comparison) -> str | None:
    """One verb tells of now in one text and of the past in the other."""
    for verb in sorted(pair.a.tenses.keys() & pair.b.tenses.keys()):
        a, b = pair.a.tenses[verb], pair.b.tenses[verb]
        if a.isdisjoint(b) and len(a) == len(b) == 1 and frozenset(a | b) in _OTHER_TIMES:
            return f"{verb}: {_against(a, b)}"
    return None


def quantities_differ(pair: Comparison) -> str | None:
    """One text says of all, most or at least so many what the other says of some or at most so many."""
    a, b = pair.a.quantifiers, pair.b.quantifiers
    if a and b and a.isdisjoint(b):
        return _against(a, b)
    return None if _sided(pair.a.bounds) == _sided(pair.b.bounds) else _against(pair.a.bounds, pair.b.bounds)


def verbs_differ(pair: Comparison) -> str | None:
    """Somebody known does one thing in one text and another in the other, and no more differs: "wrote", "reviewed"."""
    own, other = pair.only_a & pair.a.predicates, pair.only_b & pair.b.predicates
    if len(pair.only_a) == len(pair.only_b) == len(own) == len(other) == 1:
        (verb,), (instead,) = own, other
        if not mean_alike(verb, instead):
            return f"{verb} against {instead}"
    return None


def complements_differ(pair: Comparison) -> str | None:
    """One verb means something else by what follows it: "stopped smoking", "stopped to smoke"."""
    for verb in sorted(pair.a.complements.keys() & pair.b.complements.keys()):
        a, b = pair.a.complements[verb], pair.b.complements[verb]
        if a.isdisjoint(b):
            return f"{verb}: {_against(a, b)}"
    return None


def claims_differ(pair: Comparison) -> str | None:
    """Somebody says or doubts what another text states, or says, knows, doubts otherwise."""
    for source in sorted(pair.a.claims.keys() & pair.b.claims.keys()):
        a, b = pair.a.claims[source], pair.b.claims[source]
        if a.isdisjoint(b) and a | b in _OTHER_CLAIMS:
            return f"{source}: {_against(a, b)}"
    for own, other in ((pair.a, pair.b), (pair.b, pair.a)):
        for source, kinds in sorted(own.claims.items()):
            # Parsers miss whose word it is where "said Kim" stands last.
            told = source in other.forms and not _CLAIMING.isdisjoint(other.words)
            if not other.claims and not told and kinds <= _HEARSAY and _is_somebody(source, own):
                return f"{source} {'/'.join(sorted(kinds))} it in one"
    return None


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
    "parts": persons_exchanged,
    "heads": heads_differ,
    "prepositions": prepositions_differ,
    "rates": rates_differ,
    "kinds": kinds_differ,
    "variants": variants_differ,
    "quantity": quantities_differ,
    "tense": tenses_differ,
    "verbs": verbs_differ,
    "complements": complements_differ,
    "claims": claims_differ,
    "modality": modality_differs,
}


def first_refusal(pair: Comparison) -> Refusal | None:
    """The first guard that speaks against merging, in the order of `GUARDS`."""
    for name, guard in GUARDS.items():
        reason = guard(pair)
        if reason is not None:
            return Refusal(name, reason)
    return None


def _of_persons(pair: Comparison) -> bool:
    return any(side.persons or "person" in side.names.values() for side in (pair.a, pair.b))


def _is_somebody(source: str, reading: Reading) -> bool:
    """Whether it is one person whose word it is, not the speaker's own, nor that of officials and reports."""
    if source in SOURCES:
        return False
    if source == "i" or "hears" in reading.claims[source]:
        return "hears" in reading.claims[source]
    # Taggers do not know every name that stands first.
    named = reading.names.get(source) in ("person", "unknown") or reading.text.startswith(f"{source.title()} ")
    return named or source in ("he", "she", "you") or "family" in kinds_of(source)


def _sided(bounds: frozenset[str]) -> set[str]:
    """Bounds without how sharp they are: "at least 100" and "over 100" are told of one number."""
    return {"lower" if bound in _LOWER else "exact" if bound == "exactly" else "upper" for bound in bounds}


def _against(a: Iterable[str], b: Iterable[str]) -> str:
    return f"{'/'.join(sorted(a)) or 'none'} against {'/'.join(sorted(b)) or 'none'}"


def _said(reading: Reading) -> frozenset[str]:
    return frozenset(reading.words) | reading.forms


def _values(reading: Reading, kinds: tuple[QuantityKind, ...]) -> Counter[Value]:
    return Counter((q.kind, q.value) for q in reading.quantities if q.kind in kinds)


def _counted_otherwise(pair: Comparison) -> str | None:
    """Whether a number counts something else that both name: "two sons and a daughter", "two daughters and a son"."""
    named_a, named_b = (frozenset().union(*side.slots.values()) for side in (pair.a, pair.b))
    a = (pair.a.counted - pair.b.counted) & named_a & named_b
    b = (pair.b.counted - pair.a.counted) & named_a & named_b
    return f"{_against(a, b)}, counted" if a and b else None


def _said_otherwise(value: float | str, other: Reading) -> bool:
    return (value == 2.0 and "both" in other.forms) or any(
        q.kind == "ordinal" and q.value == value for q in other.quantities
    )


def _said_as_name_of_month(reading: Reading, other: Reading) -> bool:
    """Whether one text tells of May alone, and the other writes it where it may pass for a verb: "May sales fell"."""
    return (
        set(_values(reading, ("month",))) == {("month", 5.0)}
        and not _values(other, ("month",))
        and "May" in _WORD.findall(other.text)
    )


def _units(reading: Reading, kinds: tuple[QuantityKind, ...]) -> dict[Value, set[str]]:
    units: dict[Value, set[str]] = {}
    for quantity in reading.quantities:
        if quantity.kind in kinds and quantity.unit:
            units.setdefault((quantity.kind, quantity.value), set()).add(quantity.unit)
    return units


def _values_differ(pair: Comparison, *kinds: QuantityKind) -> str | None:
    a, b = _values(pair.a, kinds), _values(pair.b, kinds)
    if a != b:
        return f"{_shown(a - b)} against {_shown(b - a)}"
    return _units_differ(pair, kinds)


def _units_differ(pair: Comparison, kinds: tuple[QuantityKind, ...]) -> str | None:
    units, others = _units(pair.a, kinds), _units(pair.b, kinds)
    for value in sorted(units.keys() & others.keys(), key=str):
        if units[value].isdisjoint(others[value]):
            return f"{'/'.join(sorted(units[value]))} against {'/'.join(sorted(others[value]))}"
    return None


def _both_differ(pair: Comparison, kind: QuantityKind) -> str | None:
    a, b = set(_values(pair.a, (kind,))), set(_values(pair.b, (kind,)))
    return f"{_shown(a - b)} against {_shown(b - a)}" if a and b and a != b else None


def _shown(values: Iterable[Value]) -> str:
    return ", ".join(sorted(_as_said(kind, value) for kind, value in values)) or "none"


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
        # What stands before a noun says which one it is; names of one sort were compared already.
        if fillers & names and relation not in ("kind", "quality"):
            places.setdefault((governor, relation), set()).update(fillers & names)
            if relation in reading.particles:
                places.setdefault(relation, set()).update(fillers & names)
    return places


def _crossed(pair: Comparison) -> str | None:
    """Two people of whom one stands before a verb and one after it, and in the other text the other way round.

    Parsers miss who does what where a name that they do not know stands first: "Tim sent Ann the keys".
    """
    if pair.only_a or pair.only_b or not _HOLDING_BOTH_WAYS.isdisjoint(pair.a.forms | pair.b.forms):
        return None
    order, other = _order(pair.a), _order(pair.b)
    people = sorted((pair.a.names.keys() | _PRONOUNS) & order.keys() & other.keys())
    verbs = {head for head, _ in pair.a.slots.keys() & pair.b.slots.keys()} - _MUTUAL - {"be"}
    for verb in sorted(verbs & order.keys() & other.keys()):
        for one, two in combinations(people, 2):
            before, before_in_other = order[one] < order[verb], other[one] < other[verb]
            apart_in_both = before != (order[two] < order[verb]) and before_in_other != (other[two] < other[verb])
            in_clauses = any(apart(one, two, side.segments.clauses) for side in (pair.a, pair.b))
            if apart_in_both and before != before_in_other and not in_clauses:
                return f"{one} and {two} around {verb}"
    return None


def _order(reading: Reading) -> dict[str, int]:
    """Where in the text each word stands that stands there once, by its basic form."""
    places = [word if word in _OWNERS else PRONOUNS.get(word, word) for word in _WORD.findall(reading.text.lower())]
    basic = {written: word for word in reading.words for written in reading.surfaces[word]}
    found = [basic.get(word, word) for word in places]
    return {word: number for number, word in enumerate(found) if found.count(word) == 1}


def _governed(reading: Reading, slot: Slot) -> frozenset[str]:
    """What fills the other places of the word that governs a slot."""
    return frozenset().union(
        *(
            f
            for other, f in reading.slots.items()
            if other[0] == slot[0] and other != slot and other[1] not in _SYMMETRIC and slot[0] not in _MUTUAL
        )
    )


def _in_clauses(pair: Comparison, x: frozenset[str], y: frozenset[str]) -> bool:
    """Whether two stand in clauses of their own in both texts: then their company tells whether they changed."""
    return all(apart(one, other, side.segments.clauses) for side in (pair.a, pair.b) for one in x for other in y)


def _is_converse(pair: Comparison) -> bool:
    """Whether one text compares the other way round: "Tea is cheaper than coffee", "coffee is dearer than tea"."""
    (than_a, agents_a), (than_b, agents_b) = _compared(pair.a), _compared(pair.b)
    return bool(than_a & agents_b and than_b & agents_a) and _opposed(pair.only_a, pair.only_b) is not None


def _compared(reading: Reading) -> tuple[frozenset[str], frozenset[str]]:
    """What something is compared with, and all agents."""
    than = [fillers for (_, relation), fillers in reading.slots.items() if relation == "than"]
    agents = [fillers for (_, relation), fillers in reading.slots.items() if relation == "agent"]
    return frozenset().union(*than), frozenset().union(*agents)


def _opposed(words: Iterable[str], others: Iterable[str]) -> str | None:
    for word in sorted(words):
        for line, side in sides_of(word):
            for other in sorted(others):
                if (line, not side) in sides_of(other):
                    return f"{word} against {other}"
    return None


def _stand_in(slot: Slot, other: Slot, x: frozenset[str], y: frozenset[str]) -> bool:
    """Whether a pronoun stands for what another verb names: "after Tom called he left", "after he called Tom left"."""
    return slot[0] != other[0] and (x <= VAGUE or y <= VAGUE) and not (x | y <= _PRONOUNS)


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


_PRONOUNS = frozenset(PRONOUNS.values())
_OWNERS = frozenset("my your his her its our their mine yours hers ours theirs".split())
_WORD = re.compile(r"[^\W_]+")
#: Beside these the order of two tells nothing: "Tim plays with Ann", "the keys that were sent by Tim".
_HOLDING_BOTH_WAYS = frozenset("with and but or as like near beside by than between same".split())
#: "The password is X" and "X is the password" are one.
_IDENTITY = {("be", "agent"), ("be", "is")}
#: Tenses of which one does not hold when the other does.
_OTHER_TIMES = {frozenset(two) for two in (("now", "past"), ("doing", "past"), ("doing", "done"), ("lasting", "past"))}
#: What somebody does not both say and hold, doubt or know.
_OTHER_CLAIMS = {frozenset(two) for two in combinations(("says", "holds", "knows", "doubts", "hears"), 2)} - {
    frozenset(("says", "knows"))
}
#: What makes no fact of what somebody says.
_HEARSAY = frozenset(("says", "holds", "doubts", "hears"))
_CLAIMING = frozenset().union(*CLAIMS.values())
#: Bounds on one side of a number.
_LOWER = frozenset(("at least", "more than"))
_SIDES = {"before": "before", "after": "after", "with": "with", "during": "with", "without": "without"}
#: What holds in both directions: who meets whom does not matter, nor what is beside what.
_MUTUAL = frozenset("meet marry resemble equal match date".split())
_SYMMETRIC = frozenset("with and or as like near beside alongside opposite between same different".split())
