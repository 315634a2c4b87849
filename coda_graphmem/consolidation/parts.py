"""Guards by who or what takes which part in a sentence: its head, what is said of it, and who does what to whom."""

from collections.abc import Iterator

from coda_graphmem.consolidation.comparison import Comparison
from coda_graphmem.consolidation.readings import Reading, Slot
from coda_graphmem.language.lexicon import (
    BROAD_HEADS,
    MEASURES,
    PREPOSITIONS,
    QUANTIFIERS,
    STATES_OF_PLACE,
    kinds_of,
)
from coda_graphmem.language.pronouns import PRONOUNS, VAGUE

#: Relations by which one thing is said to be somebody's or something's.
_BELONGING = ("owner", "of", "kind")
#: Places of a verb.
_PLACES = ("agent", "object", "to", "is")
#: "Close to" is near.
_NEAR = frozenset(("close", "near", "next", "adjacent"))
_RELATIVE = frozenset(("who", "that", "which"))
_QUANTIFYING = frozenset(("none",)).union(*QUANTIFIERS.values())
_NOBODY: frozenset[str] = frozenset()
#: Where who does something does not stand: "paid by Ann", "paid for Ann".
_OTHER_PLACES = ("object", "to", "for", "from", "about", "against")
#: Who speaks and who is spoken to: no name stands for them.
_SPEAKING = frozenset(PRONOUNS.values()) - VAGUE


def heads_differ(pair: Comparison) -> str | None:
    """One text says of somebody or something what the other says of what is theirs.

    "Tim", "Tim's son"; "the school", "the school bus"; "the book", "a page of the book".
    """
    for own, other, unmatched in ((pair.a, pair.b, pair.only_a), (pair.b, pair.a, pair.only_b)):
        for slot, plain, head, relation in _belonging_instead(own, other):
            # What a parser takes for a verb may be the head: "set for democracy march".
            if not (_means_the_same(head, relation) or (relation == "kind" and unmatched)):
                return f"{plain} against {head} of {plain} as {slot[1]} of {slot[0]}"
        for (head, relation), owners in own.slots.items():
            doubled = relation == "owner" and head in owners and head not in other.slots.get((head, relation), ())
            if doubled and head in other.words:
                return f"{head} of a {head} in one"
    return None


def persons_exchanged(pair: Comparison) -> str | None:
    """Another person does it, suffers it or owns it: "Sue lent me her tent", "Sue lent Mark her tent".

    Or they suffer in one text what they do in the other: "Noor praised it", "Noor was praised".
    """
    for slot in sorted(pair.a.slots.keys() & pair.b.slots.keys()):
        a, b = pair.a.slots[slot], pair.b.slots[slot]
        own, other = a - b, b - a
        if not own or not other or slot[1] not in (*_PLACES, "owner"):
            continue
        absent = not own & pair.b.present and not other & pair.a.present
        named = all(_is_named(word, text) for words, text in ((own, pair.a), (other, pair.b)) for word in words)
        if (slot[1] == "owner" and named) or (absent and named and (own | other) & _SPEAKING):
            return f"{'/'.join(sorted(own))} against {'/'.join(sorted(other))} as {slot[1]} of {slot[0]}"
    for side, opposite in ((pair.a, pair.b), (pair.b, pair.a)):
        for (verb, relation), doers in sorted(side.slots.items()):
            if relation != "agent" or (verb, "agent") in opposite.slots:
                continue
            for place in _OTHER_PLACES:
                moved = (doers & opposite.slots.get((verb, place), _NOBODY)) - side.slots.get((verb, place), _NOBODY)
                if any(_is_named(word, side) for word in moved):
                    return f"{'/'.join(sorted(moved))} as agent and as {place} of {verb}"
    return None


def prepositions_differ(pair: Comparison) -> str | None:
    """The same is joined to the same by words of another meaning: "paid by Ann", "paid for Ann"; "with", "near"."""
    own, other = _joined(pair.a), _joined(pair.b)
    for filler in sorted(own.keys() & other.keys()):
        a, b = own[filler], other[filler]
        if a.isdisjoint(b) and _meanings(a, pair.a).isdisjoint(_meanings(b, pair.b)):
            return f"{'/'.join(sorted(a))} {filler} against {'/'.join(sorted(b))} {filler}"
    return None


def rates_differ(pair: Comparison) -> str | None:
    """Both say of how much it is so much: "5 mg per day", "5 mg per kilogram"."""
    a, b = (
        frozenset().union(*(fillers for slot, fillers in side.slots.items() if slot[1] == "per"))
        for side in (pair.a, pair.b)
    )
    return f"per {'/'.join(sorted(a))} against per {'/'.join(sorted(b))}" if a and b and a.isdisjoint(b) else None


def _belonging_instead(own: Reading, other: Reading) -> Iterator[tuple[Slot, str, str, str]]:
    """Where one text has something, and the other what belongs to it.

    Yields:
        The slot, the thing, the other head and how it belongs to that.
    """
    for slot, fillers in own.slots.items():
        if slot[1] in ("kind", "quality"):
            continue
        others = other.slots.get(slot, frozenset())
        for head in sorted(others - fillers):
            # "Her daughter Lila", "Lila, her daughter"; but "Greta's teacher is kind", "Greta is a kind teacher".
            for relation in ("owner",) if head in own.words else _BELONGING:
                for plain in sorted(other.slots.get((head, relation), frozenset()) & fillers - others):
                    if head in own.words and plain in PRONOUNS.values():
                        continue  # "Our house's roof", "the roof of our house"
                    yield slot, plain, head, relation


def _means_the_same(head: str, relation: str) -> bool:
    """Whether who speaks of the head speaks of what it is made of: "a herd of cows", "the town of Bari"."""
    if relation == "of":
        return head in MEASURES or head in _QUANTIFYING
    return relation == "kind" and head in BROAD_HEADS


def _is_named(word: str, reading: Reading) -> bool:
    """Whether a word means one person and stands for nobody else.

    Names of firms count, too: taggers take many names of people for them.
    """
    return word in _SPEAKING or reading.names.get(word, "place") != "place" or "family" in kinds_of(word)


def _joined(reading: Reading) -> dict[str, frozenset[str]]:
    """By what each word is joined to the rest; parsers differ on what it is joined to."""
    found: dict[str, set[str]] = {}
    for (governor, relation), fillers in reading.slots.items():
        if relation in PREPOSITIONS and governor not in MEASURES:
            for filler in fillers - _RELATIVE:
                found.setdefault(filler, set()).add("near" if governor in _NEAR else relation)
    return {filler: frozenset(words) for filler, words in found.items()}


def _meanings(words: frozenset[str], reading: Reading) -> frozenset[str]:
    """Meanings of some prepositions. That something happens near a place or in it is mostly told of one event."""
    found = frozenset().union(*(PREPOSITIONS[word] for word in words))
    verbs = {governor for governor, _ in reading.slots}
    return found | {"place"} if "near" in found and STATES_OF_PLACE.isdisjoint(verbs) else found
