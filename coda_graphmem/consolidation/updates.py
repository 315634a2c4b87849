"""Tells a newer statement about the same thing from a repetition: "I live in Paris", "I moved to Rome"."""

from coda_graphmem.consolidation.comparison import Comparison
from coda_graphmem.consolidation.guards import GUARDS
from coda_graphmem.consolidation.readings import Reading
from coda_graphmem.language.lexicon import ATTRIBUTES, CHANGES, ENDINGS, LIKING, STATES
from coda_graphmem.language.words import letter_words, verb_stem

#: Guards that tell one value of a thing from another.
_VALUE_GUARDS = ("numbers", "dates", "money", "identifiers", "names", "kinds", "opposites", "variants")
_ROLES = ("agent", "object")
_NO_OBJECTS = ("agent", "owner", "kind", "quality", "is")
#: With more words of its own than this a text speaks of other things as well.
_MANY = 4
#: Words of any sort that two texts have each of its own at most, where they differ in no more than `_MANY` that count.
_UNSHARED = 10


def update_reason(pair: Comparison) -> str | None:
    """Why the second text may outdate the first, or None.

    Four ways are known, each only between statements:

    - One subject has another value of something it has one of (`lexicon.ATTRIBUTES`).
    - One thing ("my phone number", "the meeting") stands otherwise: another number, time, name or kind.
    - Present statements of one subject contradict each other by a negation or an opposite.
    - The newer one says that what the older one told of has ended (`lexicon.ENDINGS`).

    Events are not outdated by other events: having eaten pizza stays true after having eaten sushi.

    Args:
        pair: The older text as ``a``, the newer one as ``b``.
    """
    older, newer = pair.a, pair.b
    if older.is_question or newer.is_question or "planned" in older.modalities or "wished" in newer.modalities:
        return None
    return _other_attribute(pair) or _other_state(pair) or _changed_mind(pair) or _ended(pair)


def may_update(older: str, newer: str) -> bool:
    """Whether `update_reason` may find something, told from the words as they are written, without parsing them.

    Either the texts share nearly all of their words, or both have a verb of one attribute, or the newer one says
    that something has ended. Most pairs that are merely related are none of these.

    Args:
        older: The older text.
        newer: The newer one.
    """
    if older.rstrip().endswith("?") or newer.rstrip().endswith("?"):
        return False
    a, b = _written(older), _written(newer)
    if len(a - b) <= _UNSHARED and len(b - a) <= _UNSHARED:
        return True
    return not b.isdisjoint(_ENDING_FORMS) or any(
        not a.isdisjoint(forms) and not b.isdisjoint(forms) for forms in _ATTRIBUTE_FORMS
    )


def _written(text: str) -> frozenset[str]:
    return frozenset(map(verb_stem, letter_words(text)))


def _other_attribute(pair: Comparison) -> str | None:
    for name, attribute in ATTRIBUTES.items():
        with_object = {verb for verb, role in (*pair.a.slots, *pair.b.slots) if role == "object"}
        verbs = attribute.verbs - with_object if attribute.without_object else attribute.verbs
        shared = _subjects(pair.a, verbs) & _subjects(pair.b, verbs)
        if not shared or pair.a.negations or pair.b.negations:
            continue
        value, other = _values(pair.a, verbs, attribute.places), _values(pair.b, verbs, attribute.places)
        if not value or not other or value & other:
            continue
        same_sort = bool(value & pair.a.names.keys()) == bool(other & pair.b.names.keys())
        changes = _changes(pair.b)
        if same_sort and (changes or not (pair.b.is_past or attribute.shared)):
            return f"{name}: {'/'.join(sorted(value))}, then {'/'.join(sorted(other))}"
    return None


def _other_state(pair: Comparison) -> str | None:
    if pair.a.negations != pair.b.negations or (pair.b.is_past and not _changes(pair.b)):
        return None
    if len(pair.only_a) > _MANY or len(pair.only_b - CHANGES) > _MANY:
        return None
    for thing in sorted(_things(pair.a) & _things(pair.b)):
        if _attributes(pair.a, thing) != _attributes(pair.b, thing):
            continue
        for guard in _VALUE_GUARDS:
            reason = GUARDS[guard](pair)
            if reason is not None:
                return f"{thing}: {reason}"
    return None


def _changed_mind(pair: Comparison) -> str | None:
    """Only where the texts are alike but for what changed: long texts share subjects and differ in much."""
    a, b = pair.a, pair.b
    # Whether one loves or likes it is no other fact.
    removed, added = pair.only_a - LIKING, pair.only_b - CHANGES - LIKING
    if a.is_past or (b.is_past and not _changes(b)) or len(removed) > 1 or len(added) > 1:
        return None
    subjects = _all_subjects(a) & _all_subjects(b)
    about = (a.words.keys() & b.words.keys()) - subjects
    if not subjects:
        return None
    guards = ["opposites"] if removed else ["negation", "opposites"]
    if _changes(b) and (about or ("be", "is") in a.slots.keys() & b.slots.keys()):
        guards += ["kinds", "names"]
    for name in guards:
        reason = GUARDS[name](pair)
        if reason is not None:
            return f"{'/'.join(sorted(about or subjects))}: {reason}"
    return None


def _ended(pair: Comparison) -> str | None:
    a, b = pair.a, pair.b
    subjects = _all_subjects(a) & _all_subjects(b)
    if a.is_past or b.negations or not subjects or not ENDINGS.isdisjoint(a.words):
        return None
    for (verb, relation), fillers in b.slots.items():
        ended = fillers & a.words.keys()
        if verb in ENDINGS and relation not in _NO_OBJECTS and ended:
            return f"{verb} {'/'.join(sorted(ended))}"
    return None


def _subjects(reading: Reading, verbs: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for verb in verbs & reading.words.keys():
        found |= reading.slots.get((verb, "agent"), frozenset())
        if (verb, "agent") not in reading.slots and reading.is_elliptic:
            found.add("i")
    return found


def _all_subjects(reading: Reading) -> set[str]:
    return set(reading.subjects) | ({"i"} if reading.is_elliptic and "he" not in reading.persons else set())


def _values(reading: Reading, verbs: frozenset[str], relations: frozenset[str]) -> frozenset[str]:
    return frozenset().union(
        *(fillers for (verb, rel), fillers in reading.slots.items() if verb in verbs and rel in relations)
    )


def _things(reading: Reading) -> set[str]:
    """Subjects of statements about how something stands, people excepted."""
    return {
        filler
        for (verb, role), fillers in reading.slots.items()
        if verb in STATES and role in _ROLES
        for filler in fillers
        if filler in reading.words and reading.names.get(filler) != "person"
    }


def _attributes(reading: Reading, thing: str) -> frozenset[str]:
    """What says which one it is: whose, and which kind. What only says that it changed is left out."""
    found: frozenset[str] = frozenset()
    for relation in ("owner", "kind", "quality", "with", "of", "for", "to"):
        found |= reading.slots.get((thing, relation), frozenset())
    return found - CHANGES


def _changes(reading: Reading) -> bool:
    return not CHANGES.isdisjoint(reading.words) or not CHANGES.isdisjoint(reading.forms)


_ENDING_FORMS = frozenset(map(verb_stem, ENDINGS))
_ATTRIBUTE_FORMS = [frozenset(map(verb_stem, attribute.verbs)) for attribute in ATTRIBUTES.values()]
